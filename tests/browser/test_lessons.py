"""Each lesson as a person uses it: opened, run, answered wrongly and rightly."""

import re

import browser
import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from folds import LESSONS, NAMES, spoiled
from IPython.core.interactiveshell import InteractiveShell
from playwright.sync_api import expect

import lstm_lessons
from lstm_lessons import Question, Spec
from lstm_lessons.asking.diagnosis import as_question, truth_of
from lstm_lessons.examining.exam import exam_on
from notebooks import forget_settings

ANSWER = "input[placeholder='type it and press Enter']"
CONTROL = f".jp-OutputArea-output .widget-vbox:has(> .widget-text {ANSWER})"


def cells(name):
    stored = nbformat.read(LESSONS[NAMES.index(name)], as_version=4)
    return [cell for cell in stored.cells if cell.cell_type == "code"]


def questions(name, monkeypatch):
    """Return the questions of each of a lesson's controls, in order, by running it here."""
    asked = []

    def recorded(question, *given, **named):
        if isinstance(question, (Spec, Question)):
            asked.append([as_question(question, *given, **named)])
        else:
            asked.append([one.question for one in exam_on(question, *given, **named).asked])

    monkeypatch.setattr(lstm_lessons, "ask", recorded, raising=False)
    shell = InteractiveShell()
    for cell in cells(name):
        shell.run_cell(cell.source).raise_error()
    forget_settings()
    return asked


def written(question):
    """Return a right answer as one types it."""
    truth = truth_of(question)
    if isinstance(truth, (bool, str)):
        return str(truth)
    if question.form == "index":
        return truth.written
    if question.form == "name":
        return truth[0].axes[0]
    return ", ".join(str(tensor.shape) for tensor in truth)


# What is seen of a right answer: trays that are full, or, of a network of one's own, what came.
FULL = '[role=img][aria-label*="Everything fits"], [role=img][aria-label*="Returned: "]'


def wrongly(question):
    """Return a wrong answer as one types it."""
    if question.form == "index":
        return question.wrong[0].answer
    if question.form != "shapes":
        (((wrong,),), *_) = [one.answer for one in question.wrong]
        return str(wrong)
    return {"True": "False", "False": "True"}.get(written(question), "(98, 99)")


def errors(page):
    return page.locator(".jp-OutputArea-output[data-mime-type*=error]").count()


def answered(control, question):
    """Answer a question wrongly, and then rightly."""
    field = control.locator(ANSWER)
    expect(field).to_have_value("", timeout=15_000)  # the question before it is gone
    if question.is_truth:
        control.get_by_role("button", name=wrongly(question), exact=True).click()
    else:
        field.fill(wrongly(question))
        field.press("Enter")
    control.get_by_text("Not yet.").wait_for(timeout=15_000)
    assert field.input_value() == wrongly(question)
    if question.is_truth:
        control.get_by_role("button", name=written(question), exact=True).click()
    else:
        field.fill(written(question))
        control.get_by_role("button", name="Check").click()
    control.get_by_text("Correct.").wait_for(timeout=15_000)
    if question.form == "index":
        control.get_by_text("→").first.wait_for(timeout=15_000)  # from all axes to those that stay
    elif control.locator("svg").count() and not question.raises:
        control.locator(FULL).first.wait_for(timeout=15_000)


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_is_run_and_answered(lab, opened, name, monkeypatch):
    page = opened(f"my-lessons/{name}", width=1200, height=900)
    if name < "9":
        assert spoiled(page, name) == [], "an answer is in sight before its prediction"
    browser.run_all(page)
    assert errors(page) == 0
    asked = questions(name, monkeypatch)
    assert page.locator(f".jp-CodeCell:has-text('ask(') {ANSWER}").count() == len(asked)
    for number, row in enumerate(asked):
        for place, question in enumerate(row, 1):
            control = page.locator(f".jp-CodeCell:has-text('ask(') {CONTROL}").nth(number)
            answered(control, question)
            if place < len(row):
                onward = page.get_by_role("button", name="Next question")
                onward.click()
                page.get_by_text(f"Question {place + 1} of {len(row)}").wait_for(timeout=15_000)
    accessible(page)
    assert lab.complaints == []


def test_a_lesson_is_restarted_and_run_again(lab, opened):
    page = opened("my-lessons/00_start_here.ipynb")
    browser.run_all(page)
    browser.run_all(page, restart=True)
    assert errors(page) == 0
    assert page.locator(f".jp-CodeCell:has-text('ask(') {ANSWER}").count() == 2
    assert lab.complaints == []


def accessible(page):
    """Assert that axe-core has nothing to say of our outputs, as they stand."""
    if not page.locator(".jp-OutputArea-output").count():
        return
    found = Axe().run(page, context={"include": [[".jp-OutputArea-output"]]})
    assert found.violations_count == 0, found.generate_report()


# One of each kind of picture: of shapes, of squares, of numbers, of a network; and an appendix.
@pytest.mark.parametrize(
    "name", [name for name in NAMES if name[:2] in ("01", "08", "11", "12", "90")]
)
def test_a_lesson_as_cloned_shows_every_picture_or_its_words(opened, name):
    page = opened(f"notebooks/{name}")
    shown = " ".join(page.locator(".jp-Notebook").inner_text().split())
    for cell in cells(name):
        for output in cell.outputs:
            text = output.get("data", {}).get("text/plain", "")
            words = " ".join(text.split())
            if "one forward pass" in words:  # an explanation: its sentences say what is drawn
                assert words.partition(". ")[0] in shown
            elif "<svg" in output.get("data", {}).get("text/html", ""):
                drawn = [
                    image.get_attribute("aria-label") for image in page.locator("[role=img]").all()
                ]
                folded = [
                    " ".join(one.split()) for one in page.locator("details").all_text_contents()
                ]
                assert words in drawn or any(words in one for one in folded), words[:80]
            elif cell.source.startswith(("ask(", "explore(", "review(")):
                assert " ".join(text.split("\n")[0].split()) in shown


def test_a_prediction_works_by_keyboard_alone(opened):
    page = opened("my-lessons/01_last_output.ipynb")
    browser.run_all(page)
    control = page.locator(CONTROL).first
    control.locator(ANSWER).focus()
    page.keyboard.type("(3, 5)")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Check"
    page.keyboard.press("Enter")
    control.get_by_text("one number for each timestep").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Run it and show me"
    page.keyboard.press("Enter")
    control.get_by_text("What Keras returned").wait_for()


def explorer(page):
    browser.run_all(page)
    return page.locator(".jp-OutputArea-output .widget-vbox:has(.widget-checkbox)").first


def shape(control):
    return control.locator("[role=img]").first.get_attribute("aria-label")


def until(page, control, text):
    """Wait until the picture says something."""
    control.locator(f'[role=img][aria-label*="{text}"]').first.wait_for(timeout=15_000)


def test_every_control_of_explore_works_by_keyboard_and_by_mouse(opened):
    page = opened("my-lessons/04_every_output_and_states.ipynb")
    control = explorer(page)
    for name, larger in {"batch": 4, "timesteps": 6, "features": 7, "units": 8}.items():
        field = control.get_by_label(name, exact=True)
        field.focus()
        page.keyboard.press("ArrowUp")
        until(page, control, f"{name} {larger}")
        field.fill(str(larger + 3))
        field.press("Enter")
        until(page, control, f"{name} {larger + 3}")
    states = control.get_by_label("return_state", exact=True)
    states.focus()
    page.keyboard.press("Space")
    until(page, control, "What is faint was computed")
    states.click()
    until(page, control, "Returned: [2] c")
    control.get_by_label("return_sequences", exact=True).click()
    until(page, control, "Returned: [0] output (batch 7, units 11)")
    torch = control.get_by_text("PyTorch", exact=True).first
    torch.focus()
    page.keyboard.press("Enter")
    until(page, control, "Returned: [1][0] h_n")
    control.get_by_text("Keras", exact=True).first.click()
    until(page, control, "Returned: [1] h")


def test_a_framework_loads_while_the_rule_answers(opened):
    """In a fresh kernel the control is there at once; what the rule expects stands in meanwhile."""
    page = opened("my-lessons/04_every_output_and_states.ipynb")
    page.locator(".jp-CodeCell").filter(has_text="import numpy as np").first.click()
    page.keyboard.press("Shift+Enter")
    cell = page.locator(".jp-CodeCell").filter(has_text="explore(spec)").first
    cell.locator(".jp-Editor").click()
    page.keyboard.press("Shift+Enter")
    control = page.locator(".jp-OutputArea-output .widget-vbox:has(.widget-checkbox)").first
    control.get_by_text("Keras is loading.").wait_for(timeout=5000)
    control.get_by_text("What Keras will return").wait_for(timeout=1000)
    control.get_by_text("What Keras returned").wait_for(timeout=60_000)
    until(page, control, "Returned: [1] h")


BESIDE = """
import threading, time
from lstm_lessons import Spec, ask, explore, frameworks

began, load, imported = [], frameworks.load, frameworks.import_module


def noted(work):
    def at_work(*given):
        began.append((threading.current_thread().name, time.monotonic()))
        return work(*given)

    return at_work


frameworks.load = noted(load)
frameworks.import_module = noted(imported)
explore(framework="torch")
"""


def test_with_a_long_cell_running_a_control_s_framework_waits_for_it(lab, opened):
    """Frameworks are imported and run where cells run, and so never beside a cell."""
    cells = [BESIDE, "ask(Spec())", "time.sleep(4)\nended = time.monotonic()"]
    cells += ["print({name for name, _ in began}, sum(at > ended for _, at in began))"]
    lab.write("beside.ipynb", cells)
    page = opened("beside.ipynb")
    page.locator(".jp-CodeCell .jp-Editor").first.click()
    page.keyboard.press("Shift+Enter")
    page.get_by_text("What PyTorch returned").wait_for(timeout=60_000)
    page.keyboard.press("Shift+Enter")
    page.locator(ANSWER).wait_for()
    page.keyboard.press("Shift+Enter")
    page.get_by_role("button", name="Run it and show me").click()
    page.get_by_text("What Keras returned").wait_for(timeout=60_000)
    said = page.locator(".jp-CodeCell").nth(3)
    said.locator(".jp-Editor").click()
    page.keyboard.press("Shift+Enter")
    said.get_by_text("{'MainThread'} 2", exact=True).wait_for()


def test_in_the_dark_theme(dark_lab):
    page = dark_lab.open("my-lessons/01_last_output.ipynb")
    browser.run_all(page)
    assert errors(page) == 0
    page.locator(ANSWER).first.fill("(3, 7)")
    page.locator(ANSWER).first.press("Enter")
    page.get_by_text("Correct.").first.wait_for(timeout=15_000)
    accessible(page)
    page.close()


def test_in_notebook_7(opened):
    page = opened("my-lessons/04_every_output_and_states.ipynb", app="notebook")
    control = explorer(page)
    field = control.get_by_label("units", exact=True)
    field.fill("9")
    field.press("Enter")
    until(page, control, "units 9")
    assert errors(page) == 0


def test_review_is_gone_through_by_keyboard(opened):
    page = opened("my-lessons/04_every_output_and_states.ipynb")
    browser.run_all(page)
    control = page.locator(".widget-vbox:has(> .widget-button)").last
    for number in range(1, 7):
        control.get_by_text(re.compile(f"Question {number} of 6")).wait_for()
        expect(control.locator(ANSWER)).to_have_value("")  # the next question's, not the last one's
        control.locator(ANSWER).focus()
        page.keyboard.type("(98, 99)")
        page.keyboard.press("Enter")
        control.get_by_text(re.compile("Not yet.|Not readable.")).first.wait_for()
        control.locator(".widget-button").last.focus()
        page.keyboard.press("Enter")
    control.get_by_text("See again:").wait_for()
