"""How heavy the site is, and how fast a question of it answers: writes PAGES.md.

    .venv/bin/python benchmarks/pages.py    # after make book

Times vary with the machine. Each visit is a fresh browser without a cache; the server is Python's,
on the same machine, so the network costs nothing.
"""

import functools
import http.server
import pathlib
import platform
import statistics
import threading
import time

import browser

HERE = pathlib.Path(__file__).parent
BOOK = HERE.parent / "dist/book"
VISITS, PRESSES = 5, 40
ANSWERS = ("(3, 5, 7)", "(3, 6)", "(3, 7)", "(7, 3)")

# Types an answer and returns after how many milliseconds another reply stood in the page.
TYPED = """async ([form, answer]) => {
    const field = form.querySelector("input[name=answer]");
    const reply = form.querySelector("[data-part=reply]");
    field.value = answer;
    const began = performance.now();
    const came = new Promise(done => new MutationObserver((_, seen) => {
        seen.disconnect();
        done(performance.now());
    }).observe(reply, {childList: true}));
    form.requestSubmit();
    return await came - began;
}"""


class Host(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *said):
        """Say nothing."""


def visit(chrome, address):
    """Return the bytes and milliseconds of one visit to the first page, and its key presses."""
    context = chrome.new_context(viewport={"width": 360, "height": 800})
    page, loaded = context.new_page(), []
    page.on("response", lambda response: loaded.append(len(response.body())))
    page.goto(address, wait_until="networkidle")
    before = sum(loaded)
    painted = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    paint, form = page.evaluate(painted), page.query_selector("form[data-live]")
    began = time.perf_counter()
    page.evaluate(TYPED, [form, ANSWERS[0]])
    first = 1000 * (time.perf_counter() - began)
    presses = [
        page.evaluate(TYPED, [form, ANSWERS[number % len(ANSWERS)]])
        for number in range(1, PRESSES + 1)
    ]
    context.close()
    return before, paint, first, presses


def main():
    """Visit the site and write what was measured."""
    handler = functools.partial(Host, directory=BOOK)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with browser.chrome() as chrome:
        address = f"http://127.0.0.1:{server.server_port}/index.html"
        visits = [visit(chrome, address) for _ in range(VISITS)]
    weights, paints, firsts, presses = zip(*visits, strict=True)
    presses = [one for some in presses for one in some]
    whole = sum(path.stat().st_size for path in BOOK.rglob("*") if path.is_file())
    lines = [
        "# The site, measured",
        "",
        "Written by `benchmarks/pages.py`. Times vary with the machine: "
        f"{platform.system()} on {platform.machine()},",
        f"headless Chromium, 360 pixels wide, {VISITS} fresh visits to the first page, the host on",
        f"the same machine; {PRESSES} answers a visit once Python runs.",
        "",
        "| what | median | highest |",
        "| --- | --- | --- |",
        f"| the whole site, MB | {whole / 1e6:.1f} | |",
        f"| the first page before a touch, kB | {statistics.median(weights) / 1e3:.0f} "
        f"| {max(weights) / 1e3:.0f} |",
        f"| first paint, ms | {statistics.median(paints):.0f} | {max(paints):.0f} |",
        f"| first touch to first verdict, s | {statistics.median(firsts) / 1e3:.1f} "
        f"| {max(firsts) / 1e3:.1f} |",
        f"| Enter to verdict, ms | {statistics.median(presses):.0f} | {max(presses):.0f} |",
    ]
    (HERE / "PAGES.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
