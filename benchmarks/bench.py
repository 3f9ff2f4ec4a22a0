"""How fast the course answers, side by side with what it is made of: make bench.

Writes RESULTS.md, BOUNDS.json and growth.svg. Times vary with the machine; the ratios are what to
look at.
"""

import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from importlib import metadata

import browser
import explain
import grading
import matplotlib.pyplot as plt
import nbformat
import ratios

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent
PRESSES = 40
ON, ANOTHER = "explore, one step on or back", "explore, another size each time"

PAGE = """
import ipywidgets
from lstm_lessons import explore, Spec
number = ipywidgets.IntSlider(description="bare", value=5, min=1, max=200)
label = ipywidgets.Label("5", layout={"width": "80px"})
number.observe(lambda change: setattr(label, "value", f"bare {change['new']}"), "value")
display(ipywidgets.HBox([number, label]))
"""

# Press a key and wait until the page has changed: milliseconds, measured inside the browser.
TIMER = """async ([focus, watched, key, before]) => {
    const area = document.querySelector(watched);
    const target = document.querySelector(focus);
    target.focus();
    const changed = new Promise(done => {
        const seen = new MutationObserver(() => { seen.disconnect(); done(performance.now()); });
        seen.observe(area, {subtree: true, childList: true, characterData: true});
    });
    window.__changed = changed;
    window.__pressed = null;
    target.addEventListener("keydown", () => { window.__pressed = performance.now(); },
                            {once: true, capture: true});
}"""


def notebook(folder, sources):
    """Write a notebook with these cells of code, and return its name."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    made = nbformat.v4.new_notebook(cells=cells)
    made.metadata["kernelspec"] = {"display_name": "Python 3", "name": "python3"}
    nbformat.write(made, folder / "bench.ipynb")
    return "bench.ipynb"


def press(page, focus, watched, key):
    """Return the milliseconds from a key press to the changed page.

    The field has the focus for a while by then: that another cell becomes JupyterLab's active one
    is no part of a press.
    """
    page.locator(focus).first.focus()
    page.wait_for_timeout(150)
    page.evaluate(TIMER, [focus, watched, key, None])
    page.keyboard.press(key)
    took = page.evaluate("window.__changed.then(at => at - window.__pressed)")
    page.wait_for_timeout(120)
    return took


def burst(page, focus, watched):
    """Return the milliseconds from the last of twenty fast key presses to the last change."""
    page.evaluate(
        """watched => {
            window.__last = 0;
            const seen = new MutationObserver(() => { window.__last = performance.now(); });
            seen.observe(document.querySelector(watched), {subtree: true, childList: true});
        }""",
        watched,
    )
    page.locator(focus).focus()
    for _ in range(20):
        page.keyboard.press("ArrowUp")
    ended = page.evaluate("performance.now()")
    page.wait_for_timeout(2500)
    return max(0, page.evaluate("window.__last") - ended)


def latency(lab, folder, framework):
    """Return the measurements of explore with one framework behind, and of the bare slider."""
    call = (
        f"from lstm_lessons import run; run(Spec(), {framework!r}); explore(Spec(), {framework!r})"
    )
    page = lab.open(notebook(folder, [PAGE, call]), width=1200)
    browser.run_all(page)
    bare, bare_label = ".jp-CodeCell [role=slider]", ".jp-CodeCell .widget-label:last-child"
    for place, name in ((1, "steps"), (3, "units")):
        field = page.locator(f".jp-OutputArea-output input[type=number] >> nth={place}")
        field.evaluate("(e, name) => e.id = name", name)
    page.locator(".jp-OutputArea-output svg").first.evaluate(
        "e => e.closest('.widget-html').id = 'picture'"
    )
    page.locator(bare_label).first.evaluate("e => e.id = 'label'")
    found = {"bare": [], ON: [], ANOTHER: []}
    for number in range(PRESSES):
        key = ("ArrowRight", "ArrowLeft")[number % 2]
        found["bare"].append(press(page, bare, "#label", key))
        key = ("ArrowUp", "ArrowDown")[number // 5 % 2]  # five steps on, five back
        found[ON].append(press(page, "#steps", "#picture", key))
    for number in range(PRESSES):
        field, key = ("#steps", "#units")[number % 2], ("ArrowUp", "ArrowDown")[number // 10 % 2]
        found[ANOTHER].append(press(page, field, "#picture", key))
    found["burst"] = burst(page, "#steps", "#picture")
    page.close()
    lab.end_kernels()
    return found


def layer_call():
    """Return the milliseconds of one call of the Keras layer in the running example."""
    script = (
        "import time, lstm_lessons as l; from lstm_lessons.frameworks import load\n"
        "from lstm_lessons.weights import inputs\n"
        "k = load('keras'); layer = k.layer(l.Spec()); x = inputs(l.Spec()); k.call(layer, x)\n"
        "t = []\n"
        "for _ in range(30):\n"
        "    s = time.perf_counter(); k.call(layer, x); t.append(time.perf_counter() - s)\n"
        "print(1000 * sorted(t)[15])"
    )
    return float(subprocess.check_output([sys.executable, "-c", script], text=True))


def usable(lab, folder):
    """Return the seconds from Run of the first cell to a usable control, in a fresh kernel."""
    page = lab.open(notebook(folder, ["from lstm_lessons import Spec, ask\nask(Spec())"]))
    page.locator(".jp-CodeCell .jp-Editor").first.click()
    start = time.perf_counter()
    page.keyboard.press("Shift+Enter")
    page.locator("input[placeholder='type it and press Enter']").wait_for()
    took = time.perf_counter() - start
    page.close()
    lab.end_kernels()
    return took


def measured(script):
    """Return the seconds and the peak megabytes of a fresh interpreter that runs a script.

    Its own peak, on Linux: getrusage would tell that of this process, which started it, if larger.
    """
    script += "\nprint(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
    start = time.perf_counter()
    printed = subprocess.check_output([sys.executable, "-c", script], text=True)
    return time.perf_counter() - start, int(printed.split()[-1]) // 1024


def lessons():
    """Return rows: each lesson's seconds and peak memory, next to a bare import's."""
    paths = sorted((ROOT / "notebooks").glob("*.ipynb"))
    return [(path.stem, *measured(ratios.lesson(path)), *measured(ratios.BARE)) for path in paths]


def set_up(folder):
    """Return the seconds, and the gigabytes on disk, of setting up a fresh clone for a learner."""
    subprocess.run(["git", "clone", "-q", ROOT, folder], check=True)
    start = time.perf_counter()
    command = [sys._base_executable, "course.py", "setup", "course"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    took = time.perf_counter() - start
    sizes = (path.lstat().st_size for path in (folder / ".venv").rglob("*"))
    return took, sum(sizes) / 1e9


def drawn(rows):
    """Draw how explain and a plain pass grow with the number of layers: growth.svg."""
    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    for framework, marker in (("torch", "o"), ("keras", "s")):
        small = [row for row in rows if row[:2] == (framework, "small")]
        depths = [row[2] for row in small]
        for place, what, line in ((3, "a plain pass", "--"), (4, "explain", "-")):
            times = [1000 * row[place] for row in small]
            axes.loglog(depths, times, line, marker=marker, label=f"{what}, {framework}")
    axes.set(xlabel="layers", ylabel="milliseconds", title="explain grows as the pass does")
    axes.legend()
    figure.savefig(HERE / "growth.svg", metadata={"Date": None})


def main():
    """Measure everything and write RESULTS.md."""
    with tempfile.TemporaryDirectory() as scratch:
        made = set_up(pathlib.Path(scratch, "clone"))
    with tempfile.TemporaryDirectory() as scratch, browser.chrome() as chrome:
        folder = pathlib.Path(scratch, "course")
        folder.mkdir()
        with browser.lab(chrome, folder, pathlib.Path(scratch, "settings")) as lab:
            first = statistics.median(usable(lab, folder) for _ in range(5))
            keys = {name: latency(lab, folder, name) for name in ("torch", "keras")}
    stacks, quick = explain.rows(), ratios.measured()
    ratios.write(quick)
    drawn(stacks)
    report(made, first, keys, layer_call(), lessons(), stacks, quick)


def report(made, first, keys, call, rows, stacks, quick):
    """Write what was measured."""
    names = ("jupyterlab", "ipywidgets", "keras", "torch", "numpy")
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in names)
    lines = [
        "# Measurements",
        "",
        "Written by `make bench`. Times vary with the machine; the ratios are what to look at.",
        f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, {versions}.",
        "",
        "## Set-up",
        "",
        f"`course.py setup course` on a fresh clone, from the index that this machine has: "
        f"{made[0]:.0f} s, {made[1]:.1f} GB.",
        "",
        "## Ratios with a bound",
        "",
        "`make test-all` fails where one is worse than this by more than half (BOUNDS.json).",
        "",
        ratios.table(quick),
        "",
        "## From key press to changed page",
        "",
        f"In JupyterLab in headless Chromium, {PRESSES} presses each, milliseconds. *Bare* is an",
        "`IntSlider` whose callback sets a `Label`, on the same page. A press comes a quarter of",
        "a second after the one before, or later: by then, one step on or back has been made.",
        "",
        "| control | median | 95th percentile | median over bare |",
        "| --- | --- | --- | --- |",
    ]
    for name, found in keys.items():
        bare = statistics.median(found["bare"])
        for kind in ("bare", ON, ANOTHER):
            median = statistics.median(found[kind])
            high = statistics.quantiles(found[kind], n=20)[-1]
            lines.append(f"| {kind}, {name} | {median:.0f} | {high:.0f} | {median / bare:.2f} |")
    lines += [
        "",
        f"One call of the Keras layer alone takes {call:.0f} ms here. Counted from the last of",
        "twenty fast presses, the page settles in",
        " and ".join(f"{found['burst']:.0f} ms ({name})" for name, found in keys.items()) + ".",
        "",
        "## From Run of the first cell to a usable control",
        "",
        f"In a fresh kernel: {first:.2f} s (median of 5).",
        "",
        "## Each lesson, next to a bare import of the frameworks",
        "",
        "| lesson | seconds | peak MB | import, s | import, MB | seconds, ratio | MB, ratio |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, seconds, memory, bare, bare_memory in rows:
        lines.append(
            f"| {name} | {seconds:.1f} | {memory} | {bare:.1f} | {bare_memory} "
            f"| {seconds / bare:.2f} | {memory / bare_memory:.2f} |"
        )
    lines += [
        "",
        "## explain next to a plain forward pass",
        "",
        "Ten small networks of the tests' zoo, without what is tried, and with it, at",
        "most five further passes. On one thread, the fastest of five runs.",
        "",
        explain.zoo_table(explain.zoo_rows()),
        "",
        "Stacks of LSTMs, small (batch 8, timesteps 20, features 16, units 32), large (batch 64,",
        "timesteps 100, features 128, units 256), without what is tried; the fastest of three.",
        "",
        explain.table(stacks),
        "",
        "![How explain and a plain pass grow with the number of layers](growth.svg)",
        "",
        "## Grading next to running the same notebook",
        "",
        "Twelve submissions that have every solution, graded with `make grade`, feedback and",
        "export included; the last column is for 300 of them, two at a time, as if each twelve of",
        "them began anew.",
        "",
        grading.table(grading.rows()),
        "",
        "## A class on a hub, and the site",
        "",
        "Up to 12 learners on a hub: [deploy/RESULTS.md](../deploy/RESULTS.md), by",
        "`benchmarks/hub.py`. The site: [PAGES.md](PAGES.md), by `benchmarks/pages.py`.",
    ]
    (HERE / "RESULTS.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
