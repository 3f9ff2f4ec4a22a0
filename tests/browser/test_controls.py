"""What the hands and the eyes meet at a control: keys, widths, what stays in view."""

import pytest
from playwright.sync_api import expect
from test_lessons import ANSWER, CONTROL, accessible

WIDTHS = (360, 800, 1200, 1600)
HERE = ["from lstm_lessons import Spec, ask, explore, review"]
IDLE = ".jp-Notebook-ExecutionIndicator[data-status=idle]"
PANE = ".jp-WindowedPanel-outer"
ACTIVE = """() => [...document.querySelectorAll('.jp-Cell')]
    .findIndex(cell => cell.classList.contains('jp-mod-active'))"""
RUN = "() => [...document.querySelectorAll('.jp-InputPrompt')].map(one => one.textContent)"


def run(page, *numbers):
    """Run cells as a learner does, and wait until their controls are there."""
    for number in numbers:
        page.locator(".jp-CodeCell .jp-Editor").nth(number).click()
        page.keyboard.press("Shift+Enter")
        page.locator(IDLE).wait_for(state="attached")
    page.wait_for_timeout(1500)


@pytest.fixture
def made(put):
    """Have these cells in a notebook, the first of which is run."""

    def make(*sources, **size):
        page = put(*HERE, *sources, **size)
        run(page, 0)
        return page

    return make


def at_widths(page, height=1400):
    """Yield each width of a page, once the page has it."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(700)
        yield width


@pytest.mark.parametrize(
    ("app", "answer"), [("lab", "(3, 5)"), ("lab", "(3, 7)"), ("notebook", "(3, 7)")]
)
def test_shift_enter_and_escape_leave_the_field_and_nothing_is_wiped(lab, opened, app, answer):
    lab.write("controls.ipynb", [*HERE, "ask(Spec())", "1 + 1", "2 + 2"])
    page = opened("controls.ipynb", app=app)
    run(page, 0, 1)
    control, before = page.locator(CONTROL), page.evaluate(RUN)
    field = control.locator(ANSWER)
    field.click()
    page.keyboard.type(answer)
    page.keyboard.press("Escape")
    control.get_by_text("Correct." if answer == "(3, 7)" else "Not yet.").wait_for()
    assert page.evaluate(ACTIVE) == 1
    page.keyboard.press("ArrowDown")  # so it is in command mode
    assert page.evaluate(ACTIVE) == 2
    for at in (field, control.get_by_role("button", name="Check")):
        at.focus()
        page.keyboard.press("Shift+Enter")
        page.wait_for_timeout(500)
        assert (page.evaluate(ACTIVE), page.evaluate(RUN)) == (2, before)
        assert field.input_value() == answer
    page.keyboard.press("Shift+Enter")
    page.get_by_text("[3]:").first.wait_for(timeout=60_000)
    assert page.evaluate(ACTIVE) == 3


def test_a_number_of_explore_is_left_in_the_same_way(made):
    page = made("explore(Spec())", "1 + 1")
    run(page, 1)
    page.get_by_label("units", exact=True).fill("9")
    page.keyboard.press("Shift+Enter")
    page.wait_for_function(f"({ACTIVE})() === 2", timeout=10_000)
    page.locator('[role=img][aria-label*="units 9"]').first.wait_for()


def test_true_and_false_are_pressed_by_keyboard(made):
    page = made("from lstm_lessons.asked import scenarios\nask(scenarios.longer())", "1 + 1")
    run(page, 1)
    assert not page.locator(ANSWER).is_visible()
    page.get_by_role("button", name="True", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_text("Not yet.").wait_for(timeout=30_000)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.get_by_text("Correct.").wait_for(timeout=30_000)
    assert page.evaluate("document.activeElement.textContent") == "False"
    page.keyboard.press("Shift+Enter")
    page.wait_for_timeout(500)
    assert page.evaluate(ACTIVE) == 2
    accessible(page)


WATCH = """() => {
    const control = document.querySelector('.lstm-lessons'), heights = window.heights = [];
    const look = () => { heights.push(control.offsetHeight); requestAnimationFrame(look); };
    look();
}"""


def test_nothing_collapses_while_a_layer_runs(made):
    page = made("ask(Spec(return_state=True))", "1 + 1", width=1200)
    run(page, 1)
    page.evaluate(WATCH)
    for _ in range(2):
        page.get_by_role("button", name="Run it and show me").click()
        page.get_by_text("What Keras returned").wait_for(timeout=60_000)
        page.wait_for_timeout(1500)
        heights = page.evaluate("window.heights")
        lowest = [max(heights[:at]) - height for at, height in enumerate(heights) if at and height]
        assert max(lowest) < 5, (max(lowest), heights[0], heights[-1])


TOO_WIDE = """() => [
    document.documentElement, ...document.querySelectorAll(
        '.jp-WindowedPanel-outer, .jp-OutputArea-output, .lstm-lessons, .widget-html')
].map(one => [one.className, one.scrollWidth - one.clientWidth]).filter(one => one[1] > 1)"""

CUT = """() => [...document.querySelectorAll(
    '.lstm-lessons :is(.widget-label, .widget-label-basic span, button)')]
    .filter(one => one.scrollWidth > one.clientWidth + 1 && one.clientWidth)
    .map(one => one.textContent)"""


def test_a_control_is_no_wider_than_its_page(made):
    cells = ["ask(Spec(return_state=True))", "explore(Spec(), beyond=True)", "review(2)"]
    page = made(*cells)
    run(page, 1, 2, 3)
    page.locator(ANSWER).first.fill("(3, 7), (3, 7), (3, 7)")
    page.locator(ANSWER).first.press("Enter")
    page.get_by_text("What Keras returned").nth(1).wait_for(timeout=60_000)
    for width in at_widths(page):
        assert page.evaluate(TOO_WIDE) == [], width
        assert page.evaluate(CUT) == [], width


SHAPES = r"\((?:\d+|None)(?:, (?:\d+|None))*,?\)"
BROKEN = """pattern => {
    const walk = document.createTreeWalker(document.querySelector('.jp-Notebook'), 4), broken = [];
    while (walk.nextNode()) {
        const node = walk.currentNode, home = node.parentElement;
        if (!home.closest('.lstm-lessons, [role=status]')) continue;
        for (const found of node.data.matchAll(new RegExp(pattern, 'g'))) {
            const range = document.createRange();
            range.setStart(node, found.index);
            range.setEnd(node, found.index + found[0].length);
            const lines = new Set([...range.getClientRects()].map(one => Math.round(one.top)));
            if (lines.size > 1) broken.push([found[0], home.textContent.slice(0, 80)]);
        }
    }
    return broken;
}"""


def test_no_shape_is_broken_over_two_lines(made):
    """Texts of growing length push the shapes over every place of a line."""
    page = made(
        "from lstm_lessons import Question, check\n"
        "from lstm_lessons.asked.calls import which_call\n"
        "from lstm_lessons.asking.questions import Wrong",
        "def long(n):\n"
        "    text = 'x' * n + ' What is its shape, such as (10, 20, 30) or `(10, 20, 30)`?'\n"
        "    return Question(text, lambda: ((3, 7),))\n",
        *(f"ask(long({n}))" for n in range(1, 24, 2)),
        "check(lambda x: x[:, :, :2], Spec(batch=10, timesteps=20, features=30))",
        width=360,
        height=900,
    )
    run(page, *range(1, 16))
    for field in page.locator(ANSWER).all():
        field.fill("(10, 20, 30), (10, 20, 30, 40), (10, 20, 30)")
        field.press("Enter")
    page.get_by_text("Not yet.").nth(11).wait_for()
    assert page.evaluate(BROKEN, SHAPES) == []


def test_what_the_doctor_says_is_no_wider_than_its_page(made):
    page = made("from lstm_lessons.widgets import doctor\ndoctor()", width=360)
    run(page, 1)
    page.get_by_text("Everything works. Go on.").wait_for(timeout=90_000)
    page.get_by_text("What was looked at").click()
    page.get_by_text("A browser answers").wait_for()
    assert page.evaluate(TOO_WIDE) == []


WHERE = f"""() => {{
    const box = document.querySelector('.lstm-lessons').getBoundingClientRect();
    const pane = document.querySelector('{PANE}').getBoundingClientRect();
    return [box.top, box.bottom, pane.top, pane.bottom];
}}"""


@pytest.mark.parametrize("control", ["ask(Spec())", "explore(Spec())"])
def test_a_control_is_in_view_once_it_was_run(made, control):
    tall = "print('\\n' * 40)"
    page = made(tall, control, tall, tall)
    for width in at_widths(page, height=900):
        run(page, 1, 3, 4, 2)
        page.locator(".lstm-lessons").wait_for(timeout=60_000)
        page.wait_for_timeout(2000)
        top, bottom, above, below = page.evaluate(WHERE)
        assert top > above - 2, width
        assert bottom < below + 2 or top < above + 2, width


def test_where_a_review_ends_its_end_is_in_view(made):
    page = made("review(2, seed=4)", "print('\\n' * 60)", width=1200, height=600)
    run(page, 1, 2)
    for _ in range(2):
        field = page.locator(ANSWER)
        expect(field).to_have_value("", timeout=30_000)  # the question before it is gone
        field.fill("(98, 99)")
        field.press("Enter")
        page.get_by_text("Not yet.").wait_for(timeout=30_000)
        page.get_by_role("button", name="Next question").or_(
            page.get_by_role("button", name="To the end")
        ).click()
    # Places are in parts of a pixel, and scrolling is not.
    page.wait_for_function("""() => {
        const said = [...document.querySelectorAll('[role=status]')]
            .find(one => one.textContent.includes('That was all.'))?.getBoundingClientRect();
        const pane = document.querySelector('.jp-WindowedPanel-outer').getBoundingClientRect();
        return said && said.top >= pane.top && said.bottom <= pane.bottom + 1;
    }""")


def test_the_next_question_of_a_review_takes_the_focus(made):
    page = made("review(2)", "1 + 1", height=600)
    run(page, 1)
    page.get_by_role("button", name="Next question").click()
    page.get_by_text("Question 2 of 2").wait_for()
    page.wait_for_function("""() => ["type it and press Enter", "True"].includes(
        document.activeElement.placeholder || document.activeElement.textContent)""")


def test_a_verdict_is_announced_once(made):
    page = made("ask(Spec())", "1 + 1")
    run(page, 1)
    page.locator(ANSWER).fill("(3, 5)")
    page.locator(ANSWER).press("Enter")
    page.get_by_text("Not yet.").wait_for()
    said = page.locator("[role=status]:has-text('Not yet.')")
    assert said.count() == 1


def predicted(page, *answers):
    """Type wrong answers; return the control and its slider over time."""
    control = page.locator(CONTROL).first
    for answer in answers:
        control.locator(ANSWER).fill(answer)
        control.locator(ANSWER).press("Enter")
        control.get_by_text("Not yet.").wait_for()
    slider = control.get_by_role("slider", name="timestep")
    slider.wait_for(timeout=30_000)
    return control, slider


def test_time_runs_once_it_is_asked_to_and_what_was_typed_stays(made):
    page = made("ask(Spec())")
    run(page, 1)
    control, slider = predicted(page, "(3, 5, 7)")
    assert "5 places for a vector of 7" in control.inner_html()
    page.wait_for_timeout(2500)
    assert float(slider.get_attribute("aria-valuenow")) == 0  # nothing moves by itself
    accessible(page)
    control.get_by_role("button", name="Play", exact=True).click()
    control.get_by_text("4 places stay empty").first.wait_for(timeout=30_000)
    assert float(slider.get_attribute("aria-valuenow")) == 5
    assert control.locator(ANSWER).input_value() == "(3, 5, 7)"
    accessible(page)


def test_where_reduced_motion_is_wanted_time_moves_by_hand_alone(made):
    page = made("ask(Spec())")
    page.emulate_media(reduced_motion="reduce")
    run(page, 1)
    control, slider = predicted(page, "(3, 5, 7)")
    assert not control.get_by_role("button", name="Play", exact=True).is_visible()
    slider.focus()
    page.keyboard.press("ArrowRight")
    control.get_by_text("At timestep 0 x goes in").first.wait_for(timeout=30_000)
    page.keyboard.press("ArrowRight")
    control.get_by_text("At timestep 1 x goes in").first.wait_for()


FOCUS = """() => { const one = document.activeElement, {outlineStyle, outlineWidth} =
    getComputedStyle(one); return [!!one.closest('.lstm-lessons'), outlineStyle, outlineWidth] }"""


def test_one_sees_what_has_the_focus_at_each_press_of_tab(made):
    page = made("ask(Spec())")
    run(page, 1)
    control, slider = predicted(page, "(3, 5, 7)")
    control.locator(ANSWER).focus()
    reached = []
    page.keyboard.press("Tab")  # a line to type in has a border and a cursor
    while page.evaluate(FOCUS)[0]:
        assert page.evaluate(FOCUS)[1:] == ["solid", "2px"]
        reached.append(slider.evaluate("one => one === document.activeElement"))
        page.keyboard.press("Tab")
        page.wait_for_timeout(100)
    assert sum(reached) == 1
    assert len(reached) >= 5  # two buttons, two that play, the slider


def test_a_size_that_can_not_be_stays_in_its_field(made):
    page = made("explore()")
    run(page, 1)
    units = page.locator(".lstm-lessons input[type=number]").nth(3)
    units.fill("0")
    units.press("Tab")
    page.get_by_text("units must be a whole number from 1, got 0").wait_for(timeout=30_000)
    assert units.input_value() == "0"


def test_long_code_in_a_text_breaks_where_the_page_ends(made):
    page = made("ask(Spec())", f"`keras.layers.{'Bidirectional' * 4}`", width=360)
    run(page, 1)
    page.locator(".jp-CodeCell .jp-Editor").nth(2).click()
    page.keyboard.press("Escape")
    page.keyboard.press("m")  # a cell of text
    page.keyboard.press("Shift+Enter")
    code = page.locator(".jp-MarkdownOutput code")
    code.wait_for()
    assert code.evaluate("one => one.getBoundingClientRect().right") < 360
