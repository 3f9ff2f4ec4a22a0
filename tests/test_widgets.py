"""The controls, used without a browser: values are set, buttons pressed, the page's HTML read."""

import asyncio
import base64
import contextlib
import json
import math
import pathlib
import re
import subprocess
import sys
import threading
import time
from dataclasses import replace
from html import escape

import ipywidgets
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from jupyter_client.manager import start_new_kernel

from lstm_lessons import (
    Question,
    Spec,
    answering,
    ask,
    code,
    diagnose,
    explore,
    kinds,
    practice,
    predicted,
    remembered,
    replies,
    review,
    run,
    widgets,
)
from lstm_lessons.asked import decoding, memory
from lstm_lessons.asking.diagnosis import as_question
from lstm_lessons.asking.questions import wrongs
from lstm_lessons.asking.truth import truth_of
from lstm_lessons.doctor import Finding
from lstm_lessons.drawing import draw, stages
from lstm_lessons.markup import Markup
from lstm_lessons.spec import gist


def parts(control):
    """The text field, the two buttons, and the two pieces of HTML that change."""
    _, typed, *_, buttons, verdict, _, _, shown = control.children
    submit, reveal, _ = buttons.children
    return typed, submit, reveal, verdict, shown


def waiting(control):
    """What is said beside the buttons while something runs."""
    return control.children[-5].children[-1]


class Loop:
    """Stands for the loop of a kernel that is busy with a cell: what it is handed waits."""

    def __init__(self):
        self.handed = []

    def call_soon_threadsafe(self, do):
        self.handed.append(do)

    def end_of_cell(self):
        while self.handed:
            self.handed.pop(0)()


@pytest.fixture
def loop(monkeypatch):
    loop = Loop()
    monkeypatch.setattr(widgets.loop, "home", lambda: loop)
    return loop


def test_its_text_form_is_the_whole_question_and_not_the_answer(framework):
    bundle = ask(Spec(), framework)._repr_mimebundle_()
    assert "reads a batch of shape (batch 3, timesteps 5, features 6)" in bundle["text/plain"]
    assert "Type the shape of each tensor" in bundle["text/plain"]
    assert "3, 7" not in bundle["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_beside_ipywidgets_7_a_control_keeps_its_text_form(monkeypatch):
    """There a widget shows itself by _ipython_display_, and makes no bundle (Colab has 7.7.1)."""
    shown = []
    monkeypatch.delattr(ipywidgets.Widget, "_repr_mimebundle_", raising=False)
    monkeypatch.setattr(
        ipywidgets.DOMWidget, "_ipython_display_", lambda *_: shown.append(1), raising=False
    )
    control = ask(Spec())
    bundle, _ = DisplayFormatter().format(control)
    assert not shown
    assert "Type the shape of each tensor" in bundle["text/plain"]
    view = bundle["application/vnd.jupyter.widget-view+json"]
    assert view == {"version_major": 2, "version_minor": 0, "model_id": control.model_id}


def test_files_come_by_name_from_ipywidgets_7():
    one = {"content": b"{}"}
    assert widgets._first({"answers.jsonl": one}) == widgets._first((one,)) == one


def test_a_wrong_answer_is_diagnosed_and_stays_and_a_third_one_brings_the_answer():
    typed, submit, _, verdict, shown = parts(ask(Spec()))
    typed.value = "(3, 5)"
    assert verdict.value.startswith('<div role="status" style="border-left: 4px solid #9a4a00;')
    assert "<b>✗ Not yet.</b> " in verdict.value
    assert "one number for each timestep" in verdict.value
    assert typed.value == "(3, 5)"
    assert "What comes back is not shown yet." in shown.value
    assert "returned</caption>" not in shown.value
    submit.click()
    assert "The answer:" not in verdict.value
    typed.value = "(3, 5, 7)"
    assert "The answer:" not in verdict.value
    assert "The shape has two axes." in verdict.value
    typed.value = "(3, 7, 5)"
    assert "The answer:" in verdict.value
    assert "units 7" in verdict.value


def test_what_is_not_readable_or_not_attempted_is_not_counted_and_is_shown_as_text():
    typed, submit, _, verdict, _ = parts(ask(Spec()))
    submit.click()
    assert "Not attempted." in verdict.value
    typed.value = "<img src=x onerror=alert(1)>"
    assert "Not readable." in verdict.value
    assert "<img" not in verdict.value
    assert "&lt;img" in verdict.value
    typed.value = "(3, 5)"
    assert "The answer:" not in verdict.value


@pytest.mark.parametrize("asked_for", [False, True])
def test_a_right_answer_or_a_button_runs_the_layer(framework, asked_for):
    typed, _, reveal, verdict, shown = parts(ask(Spec(), framework))
    if asked_for:
        reveal.click()
    else:
        typed.value = "(3, 7)" if framework == "keras" else "(3, 5, 7), (1, 3, 7), (1, 3, 7)"
    assert ("Correct." in verdict.value) != asked_for
    assert "returned</caption>" in shown.value
    assert "LSTM(" in shown.value


def test_one_wrong_answer_written_in_two_ways_is_one_wrong_answer():
    question = Question("True or False?", run=lambda: True, sizes=(("batch", 3), ("units", 7)))
    for asked, *ways in (
        (question, "False", "no", "false."),
        (replace(question, run=lambda: False), "yes", "True", "TRUE"),
        (Spec(), "(3, 5)", "3x5", "[3, 5]", "(batch, timesteps)"),
        (Spec(), "error", "it raises an exception"),
    ):
        remembered._unwritten.clear()
        typed, submit, _, verdict, _ = parts(ask(asked))
        for way in ways:
            typed.value = way
            submit.click()
            assert "Not yet." in verdict.value
            assert "The answer:" not in verdict.value, way
        typed.value = "(9, 9, 9)" if asked == Spec() else "error"
        typed.value = "(9, 9, 8)"
        assert ("The answer:" in verdict.value) == (asked == Spec())


def test_two_wrong_answers_in_names_of_no_known_size_are_two():
    question = Question("Which shape?", run=lambda: (3, 7), sizes=(("batch", 3), ("units", 7)))
    typed, _, _, verdict, _ = parts(ask(question))
    typed.value = "(batch, layers)"
    assert "The answer:" not in verdict.value
    typed.value = "(batch, directions)"
    typed.value = "(batch, projection)"
    assert "The answer:" in verdict.value


@pytest.mark.parametrize("after", ["(3, 5)", "seven", "yes", ""])
@pytest.mark.parametrize("question", [Spec(), Question("Which shape?", run=lambda: (3, 7))])
def test_what_came_back_does_not_belie_the_verdict_above_it(question, after):
    typed, submit, _, verdict, shown = parts(ask(question))
    before = shown.value
    typed.value = "(3, 7)"
    assert shown.value != before
    typed.value = after
    submit.click()
    assert "Correct." not in verdict.value
    assert "It ran" not in shown.value
    assert "returned</caption>" not in shown.value
    assert "Your tray" in shown.value or shown.value == before


def test_what_runs_is_not_shown_below_a_wrong_answer_that_came_meanwhile(loop):
    typed, _, _, verdict, shown = parts(ask(Spec()))
    typed.value = "(3, 7)"
    typed.value = "(3, 5)"
    empty = shown.value
    loop.end_of_cell()
    assert "Not yet." in verdict.value
    assert shown.value == empty


def test_what_ran_is_not_shown_below_a_wrong_answer_that_came_while_it_ran(loop, monkeypatch):
    typed, _, reveal, verdict, shown = parts(ask(Spec()))
    done = [], Markup("done")
    monkeypatch.setattr(predicted, "result", lambda *_: setattr(typed, "value", "(3, 5)") or done)
    reveal.click()
    loop.end_of_cell()
    assert "Not yet." in verdict.value
    assert "Your tray" in shown.value
    assert "done" not in shown.value


def test_events_that_come_at_once_are_handled_one_after_the_other(monkeypatch):
    """As in JupyterLab, where each control's events come in a thread of its own."""
    at_work, most = [], []

    def slow(*question):
        at_work.append(1)
        most.append(len(at_work))
        time.sleep(0.05)
        at_work.pop()
        return diagnose(*question)

    monkeypatch.setattr(answering, "diagnose", slow)
    typed, submit, _, verdict, _ = parts(ask(Spec()))
    typed.value = "(3, 5)"
    events = [threading.Thread(target=submit.click) for _ in range(3)]
    events.append(threading.Thread(target=setattr, args=(typed, "value", "(3, 7)")))
    for event in events:
        event.start()
    for event in events:
        event.join()
    assert max(most) == 1
    assert "The answer:" not in verdict.value


def test_a_rule_answers_at_once_and_the_layer_runs_after_the_cell(loop):
    control = ask(Spec())
    typed, _, _, verdict, shown = parts(control)
    before = shown.value
    typed.value = "(3, 7)"
    assert "Correct." in verdict.value
    assert shown.value == before  # nothing collapses, nothing moves
    assert "Running." in waiting(control).value
    loop.end_of_cell()
    assert "What Keras returned" in shown.value
    assert waiting(control).value == ""


def test_what_came_stays_until_it_comes_again(loop):
    control = ask(Spec())
    _, _, reveal, _, shown = parts(control)
    reveal.click()
    loop.end_of_cell()
    came = shown.value
    reveal.click()
    assert "Running." in waiting(control).value
    assert shown.value == came
    loop.end_of_cell()
    assert shown.value == came


def test_nothing_is_said_to_run_once_a_wrong_answer_has_come(loop):
    control = ask(Spec())
    typed, _, reveal, *_ = parts(control)
    reveal.click()
    typed.value = "(3, 5)"
    assert waiting(control).value == ""


TRUTH = Question("True or False?", run=lambda: False, wrong=wrongs(units_as_steps=[(True, "so")]))


@pytest.mark.parametrize("question", [TRUTH, replace(TRUTH, rule=lambda: False)])
def test_true_and_false_are_two_buttons(question):
    typed, submit, _, verdict, _ = parts(control := ask(question))
    ways = control.children[2]
    assert (ways.options, ways.value, ways.description) == (("True", "False"), None, "Your answer:")
    assert typed.layout.display == submit.layout.display == "none"
    ways.value = "True"
    assert "Not yet." in verdict.value
    assert typed.value == "True"
    typed.value = "no"
    assert "Correct." in verdict.value
    assert (ways.value, typed.value) == (None, "no")
    typed.value = "False"
    assert ways.value == "False"


def test_which_did_you_have_in_mind_is_buttons():
    two = wrongs(units_as_steps=[((3, 28), "four blocks")], states_only=[((3, 28), "four states")])
    question = Question("Which shape?", run=lambda: (3, 7), wrong=two)
    typed, _, _, verdict, _ = parts(control := ask(question))
    choices = control.children[-3]
    assert choices.children == ()
    typed.value = "(3, 28)"
    assert "Which of these did you have in mind?" in verdict.value
    *buttons, said = choices.children
    assert [one.description for one in buttons] == [
        "I expected four blocks",
        "I expected four states",
    ]
    assert said.value == ""
    for button, because in zip(buttons, ("four blocks", "four states"), strict=True):
        button.click()
        assert because in said.value
        assert said.value.count('role="status"') == 1
    typed.value = "(3, 7)"
    assert choices.children == ()


def test_other_questions_have_a_field():
    control = ask(Spec())
    assert not any(isinstance(part, ipywidgets.ToggleButtons) for part in control.children)
    assert parts(control)[0].layout.display is None


def test_what_only_running_can_tell_is_judged_after_the_cell(loop):
    control = ask(Question("True or False?", run=lambda: False))
    typed, submit, _, verdict, shown = parts(control)
    typed.value = "True"
    submit.click()
    assert "Running." in waiting(control).value
    loop.end_of_cell()
    assert waiting(control).value == ""
    assert "Not yet." in verdict.value
    assert "The answer:" not in verdict.value  # one answer, checked twice
    typed.value = "False"
    loop.end_of_cell()
    assert "Correct." in verdict.value
    assert "It ran: False." in shown.value


def test_what_is_asked_for_twice_runs_once(loop, monkeypatch):
    ran = []
    done = [], Markup("done")
    monkeypatch.setattr(predicted, "result", lambda *_: ran.append(1) or done)
    _, _, reveal, _, shown = parts(ask(Spec()))
    reveal.click()
    reveal.click()
    loop.end_of_cell()
    assert (ran, shown.value) == ([1], "done")
    reveal.click()
    loop.end_of_cell()
    assert ran == [1, 1]


def test_of_many_changes_explore_runs_the_last(loop, monkeypatch):
    monkeypatch.setattr(widgets.loop, "MOMENT", math.inf)  # however slow this is, they come fast
    ran = []
    monkeypatch.setattr(replies, "run", lambda *spec: ran.append(spec) or run(*spec))
    parts, returned, lines = settings(explore())
    loop.end_of_cell()
    for units in (8, 9, 11):
        parts["units"].value = units
    for place, old, new in ((returned, "units 7", "units 11"), (lines, "LSTM(7)", "LSTM(11)")):
        assert old in place.value  # picture, table and code change together
        assert new not in place.value
    loop.end_of_cell()
    assert "units 11" in returned.value
    assert "LSTM(11)" in lines.value
    assert ran == [(Spec(), "keras"), (Spec(units=11), "keras")]


def beside(event, *given):
    """Have an event come as from a front end that gives controls a thread of their own."""
    thread = threading.Thread(target=event, args=given)
    thread.start()
    thread.join()


def until(true):
    """Wait until something is so; at most two seconds."""
    for _ in range(200):
        if true():
            return True
        time.sleep(0.01)
    return False


def test_beside_a_cell_explore_shows_what_the_rule_expects(loop):
    parts, returned, lines = settings(explore())
    loop.end_of_cell()
    beside(setattr, parts["units"], "value", 9)
    assert until(lambda: "Keras runs as soon as no cell does." in returned.value)
    assert "What Keras will return" in returned.value
    assert "units 9" in returned.value
    assert until(lambda: "LSTM(9)" in lines.value)
    loop.end_of_cell()
    assert "What Keras returned" in returned.value


def test_beside_no_cell_explore_draws_once_and_the_picture_first(loop, monkeypatch):
    monkeypatch.setattr(widgets.loop, "MOMENT", 0.02)
    control = explore()
    loop.end_of_cell()
    parts, *_ = settings(control)
    changed = []
    for place in control.children[0].children[1].children[1:]:
        place.observe(lambda change: changed.append(change["new"]), "value")
    beside(setattr, parts["units"], "value", 9)
    loop.end_of_cell()
    time.sleep(0.1)
    assert ["<svg" in html for html in changed] == [True, False, False]
    assert "What Keras returned" in changed[1]
    assert "LSTM(9)" in changed[2]


def test_the_first_of_fast_changes_is_shown_at_once_and_of_the_others_the_last(loop, monkeypatch):
    control = explore(framework="torch")
    parts, *_ = settings(control)
    loop.end_of_cell()
    ran, run = [], widgets.replies.run
    monkeypatch.setattr(widgets.replies, "run", lambda *of: ran.append(of[0].units) or run(*of))
    monkeypatch.setattr(widgets.loop, "_done", -math.inf)  # nothing was done for long
    monkeypatch.setattr(widgets.loop, "MOMENT", 3600)  # what comes now comes fast
    for units in (8, 9, 10):
        parts["units"].value = units
    assert ran == [8]
    loop.end_of_cell()
    assert ran == [8, 10]


def test_explore_shows_the_picture_before_it_makes_what_stands_below(monkeypatch):
    control = explore(framework="torch")
    parts, *_ = settings(control)
    picture = control.children[0].children[1].children[1]
    told, there = widgets.replies.told, []

    def late(*given):
        there.append("timesteps 6" in picture.value)
        return told(*given)

    monkeypatch.setattr(widgets.replies, "told", late)
    parts["timesteps"].value = 6
    assert there == [True]


def test_a_thread_that_has_a_loop_needs_no_other_to_say_that_it_waits(loop, monkeypatch):
    monkeypatch.setattr(widgets.loop, "MOMENT", 0.02)
    monkeypatch.setattr(widgets.loop.threading, "Timer", None)
    said = []

    async def event():
        widgets.where_cells_run(said.append, said.append, late=lambda: said.append("late"))
        await asyncio.sleep(0.1)

    beside(asyncio.run, event())
    assert said == ["late"]


def test_what_waits_beside_a_cell_and_is_not_wanted_any_more_says_nothing(loop, monkeypatch):
    monkeypatch.setattr(widgets.loop, "MOMENT", 0.02)
    parts, returned, _ = settings(explore(Spec(layers=2, bidirectional=True), beyond=True))
    loop.end_of_cell()
    beside(
        lambda: [setattr(parts["units"], "value", 9), setattr(parts["merge_mode"], "value", None)]
    )
    time.sleep(0.1)
    assert "Keras refuses this" in returned.value


def test_what_is_refused_meanwhile_is_not_run(loop):
    parts, returned, _ = settings(explore(Spec(layers=2, bidirectional=True), beyond=True))
    loop.end_of_cell()
    parts["units"].value = 9
    parts["merge_mode"].value = None
    loop.end_of_cell()
    assert "Keras refuses this" in returned.value
    assert "What Keras returned" not in returned.value


def test_the_doctor_tries_after_the_cell_and_says_so(loop):
    page, *_ = widgets.doctor().children
    assert page.value.count("trying …") == 3  # both frameworks, and the browser
    assert not re.search("Everything works|is amiss|<details", page.value)
    assert "reload the page" not in page.value
    loop.end_of_cell()
    assert page.value.count(">yes<") == 2
    assert "not yet" in page.value


def test_a_review_ends_after_its_last_verdict(loop, monkeypatch):
    asked = Question("True or False?", run=lambda: False, lesson="07 Right shape, wrong meaning")
    monkeypatch.setattr(widgets, "fresh", lambda *_: [(asked, "keras")])
    _, place, onward = review(number=1).children
    place.children[0].children[1].value = "False"
    onward.click()
    loop.end_of_cell()
    assert (
        "1 of 1 question answered rightly at the first try. No lesson" in place.children[-1].value
    )


BESIDE = """
import threading
from lstm_lessons import Question, Spec, frameworks
from lstm_lessons.widgets import ask, doctor, explore

at = []


def noted(*name):
    at.append(threading.current_thread().name)
    raise ImportError("nothing is imported here")


def beside(event, *given):
    thread = threading.Thread(target=event, args=given)
    thread.start()
    thread.join()


frameworks.import_module = noted
"""


@contextlib.contextmanager
def kernel():
    """Yield a function that runs a cell in a real kernel and returns what it printed."""
    manager, client = start_new_kernel()

    def cell(source, seconds=60):
        printed = []

        def hear(message):
            printed.append(message["content"].get("text", ""))

        reply = client.execute_interactive(source, timeout=seconds, output_hook=hear)["content"]
        assert reply["status"] == "ok", "\n".join(reply["traceback"])
        return "".join(printed).strip()

    try:
        yield cell
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def cell():
    with kernel() as one:
        yield one


@pytest.mark.parametrize(
    ("control", "events"),
    [
        ("ask(Spec())", "beside(setattr, parts[1], 'value', '(3, 7)')"),
        ("ask(Spec())", "beside(parts[2].children[1].click)"),
        ("ask(Question('?', run=noted))", "beside(setattr, parts[1], 'value', '(3, 7)')"),
        ("explore()", "beside(setattr, parts[0].children[0].children[4], 'value', 9)"),
        ("explore(framework='torch')", ""),
        ("doctor()", ""),
    ],
)
def test_in_a_kernel_a_framework_is_at_work_only_where_cells_run(cell, control, events):
    """Whatever thread the front end hands an event to: with two in TensorFlow, kernels died."""
    cell(BESIDE)
    assert cell(f"parts = {control}.children\n{events}\nprint(at)") == "[]"
    at = cell("print(set(at))")
    assert at == "{'MainThread'}"


@pytest.mark.more
def test_a_kernel_survives_200_cells_with_a_control_pressed_beside_each():
    with kernel() as cell:
        cell(
            "import sys, threading\nimport keras\nfrom lstm_lessons import Spec, ask, frameworks\n"
            "at, load = set(), frameworks.load\n"
            "frameworks.load = lambda name: at.add(threading.current_thread().name) or load(name)\n"
            "sys.setswitchinterval(1e-5)\n"
            "both = ask(Spec(bidirectional=True, return_state=True)).children\n"
        )
        for number in range(200):
            cell(
                "press = threading.Thread(target=both[2].children[1].click); press.start()\n"
                f"keras.layers.LSTM({5 + number % 7}).build((None, None, 6)); press.join()"
            )
        assert cell("print('What Keras returned' in both[-1].value, at)") == "True {'MainThread'}"


def test_jupyterlab_is_asked_to_keep_events_where_cells_run(root):
    """So that the learner's own controls are safe, too."""
    pytest.importorskip("jupyterlab", minversion="4.4")  # it had no such setting before
    chosen = json.loads((root / "tools/overrides.json").read_text())
    name, setting = "@jupyterlab/apputils-extension", "commsOverSubshells"
    schema = pathlib.Path(sys.prefix, "share/jupyter/lab/schemas", name, "kernels-settings.json")
    known = json.loads(schema.read_text())["properties"][setting]["oneOf"]
    assert chosen[f"{name}:kernels-settings"][setting] == "disabled"
    assert "disabled" in [one["const"] for one in known]


def test_an_error_is_shown_and_not_lost():
    def run():
        raise ValueError("expected ndim=3\nand more")

    question = Question("Does it run?", run=run, raises=("ValueError",))
    typed, _, reveal, verdict, shown = parts(ask(question))
    reveal.click()
    assert "ValueError" in shown.value
    assert "expected ndim=3" in shown.value
    assert "and more" not in shown.value
    typed.value = "error"
    assert "Correct." in verdict.value


def test_what_could_not_run_is_said_and_not_remembered(monkeypatch):
    def run():
        raise ImportError("no such module\nand more")

    question = Question("Can it run?", run=run, raises=("ValueError",), lesson="07 Padding")
    typed, _, reveal, verdict, shown = parts(ask(question))
    for answer in ("error", "(9, 7)", "(9, 8)"):
        typed.value = answer
        assert "Could not run." in verdict.value
        assert "ImportError: no such module" in verdict.value
        assert "The answer:" not in verdict.value
    assert not practice.mistakes()
    assert not practice.solved(question)
    reveal.click()
    assert "It could not run." in shown.value
    assert "and more" not in shown.value


@pytest.mark.parametrize(
    ("run", "raises", "said"),
    [
        (lambda: False, (), "It ran: False."),
        (lambda: (None, 4), (), "It ran: (None, 4)."),
        (
            lambda: (9, 7),
            ("ValueError",),
            "It ran, though ValueError must come, got (9, 7); try the versions",
        ),
    ],
)
def test_what_came_of_other_code_is_shown(run, raises, said):
    _, _, reveal, _, shown = parts(ask(Question("What comes?", run=run, raises=raises)))
    reveal.click()
    assert said in re.sub("<[^>]+>", "", shown.value)


def test_a_framework_that_fails_says_so_in_its_place(monkeypatch):
    monkeypatch.setitem(sys.modules, "lstm_lessons.frameworks._torch", None)
    _, _, reveal, _, shown = parts(ask(Spec(), "torch"))
    reveal.click()
    settings_, returned, _ = settings(explore())
    settings_["framework"].value = "torch"
    for place in (shown, returned):
        assert "PyTorch failed. PyTorch must be importable" in place.value
        assert "pip install" in place.value
    settings_["framework"].value = "keras"
    assert "What Keras returned" in returned.value


def test_it_says_that_it_runs_before_it_runs(monkeypatch):
    monkeypatch.delitem(sys.modules, "lstm_lessons.frameworks._keras", raising=False)
    control = ask(Spec())
    _, _, reveal, _, shown = parts(control)
    seen, done = [], ([], Markup("done"))
    monkeypatch.setattr(predicted, "result", lambda *_: seen.append(waiting(control).value) or done)
    reveal.click()
    assert "Keras takes some seconds to load" in seen[0]
    assert shown.value == "done"


def over_time(control):
    """The button and the slider that lead through time, whether they are seen, and the page."""
    row, page = control.children[-2:]
    play, slider, _ = row.children
    return play, slider, row.layout.display is None, page


def test_a_first_wrong_answer_shows_its_empty_tray_and_nothing_runs(monkeypatch, framework):
    monkeypatch.setattr(predicted, "run", lambda *_: pytest.fail("a layer ran"))
    control = ask(Spec(), framework)
    *_, page = over_time(control)
    assert "Your prediction orders" in page.value
    parts(control)[0].value = "(3, 5, 7), (3, 7)"
    _, slider, seen, page = over_time(control)
    for words in ("5 places for a vector of 7, for each of", "1 place for a vector of 7"):
        assert words in page.value
    for words in ("stay empty", "returned", "dropped", "✗", "✓", "output"):
        assert words not in page.value
    assert (slider.index, seen) == (0, True)


def test_who_moves_on_sees_what_comes_and_that_counts_as_shown(mine):
    control = ask(Spec())
    parts(control)[0].value = "(3, 5, 7)"
    _, slider, _, page = over_time(control)
    slider.index = 3
    assert "h is dropped, since return_sequences is False." in page.value
    assert "returned</caption>" in page.value
    slider.index = 0
    assert "Before the first timestep h and c are zero." in page.value
    slider.index = 5
    assert "✗ 4 places stay empty" in page.value
    rows = [json.loads(line) for line in mine.read_text().splitlines()]
    assert [row["status"] for row in rows] == ["wrong", "shown"]


def playing(play):
    """Return whether time runs: ipywidgets 7 has it under another name."""
    return play.playing if play.has_trait("playing") else play._playing


def test_a_second_wrong_answer_shows_what_comes_and_one_run_makes_every_picture(monkeypatch):
    ran = []
    monkeypatch.setattr(predicted, "run", lambda *spec: ran.append(spec) or run(*spec))
    control = ask(Spec())
    for answer in ("(3, 5)", "(3, 5, 7)"):
        parts(control)[0].value = answer
    play, slider, seen, page = over_time(control)
    assert (slider.label, play.value, seen, playing(play)) == ("4", 5, True, False)
    assert "4 places stay empty" in page.value
    for slider.index in range(5):
        assert "4 places stay empty" not in page.value
    assert ran == [(Spec(), "keras")]
    assert parts(control)[0].value == "(3, 5, 7)"
    parts(control)[0].value = "(3, 7)"
    assert "Everything fits." in page.value
    assert "returned</caption>" in page.value
    parts(control)[0].value = "seven"
    assert not over_time(control)[2]
    assert "Your prediction orders" in page.value


SECOND = [
    (Spec(), "keras", ("(3, 5)", "(3, 5, 7)"), ["(3, 7)", "batch 3, units 7", "output["]),
    (
        Spec(return_sequences=True, return_state=True),
        "keras",
        ("(3, 5)", "(3, 7)"),
        ["(3, 5, 7)", "(3, 7), (3, 7)", "timesteps 5, units 7", "output[", "h["],
    ),
    (Spec(), "torch", ("(3, 5)", "(3, 6)"), ["(3, 5, 7)", "(1, 3, 7)", "h_n[", "layers 1"]),
    (
        Spec(bidirectional=True, return_sequences=True),
        "keras",
        ("(3, 5)", "(3, 5, 7)"),
        ["(3, 5, 14)", "directions·</text>", "units 14"],
    ),
    (memory.masked(), "keras", ("(3, 4, 7)", "(9, 7)"), ["(3, 5, 7)"]),
    (memory.packed(), "torch", ("(3, 4, 7)", "(3, 5, 7), (9, 7, 1)"), ["(9, 7)"]),
    (decoding.repeated(), "keras", ("(3, 9)", "(3, 9, 9), (3, 9)"), ["(3, 9, 8)"]),
    (memory.unpacked(), "torch", ("(3, 2)", "(3, 2, 7)"), ["(3, 4, 7)"]),
]


@pytest.mark.parametrize(
    ("question", "of", "wrong", "right"),
    [*SECOND[:1], SECOND[2], SECOND[5]]
    + [pytest.param(*SECOND[n], marks=pytest.mark.more) for n in (1, 3, 4, 6, 7)],
)
def test_a_second_wrong_answer_shows_what_comes_and_not_its_shape(question, of, wrong, right):
    control = ask(question, of)
    typed, _, _, _, shown = parts(control)
    for typed.value in wrong:
        pass
    assert "✗" in shown.value
    assert "The shape is not written here: read it off the squares." in shown.value
    own = shown.value.replace(wrong[-1].split("), (")[0] + ")", "")
    assert [one for one in right if one in own.replace("<b>", "")] == []
    typed.value = "(2, 2, 2, 2)"
    third = "".join(one.value for one in parts(control)[3:] if hasattr(one, "value"))
    assert right[0] in third
    assert "The shape is not written here" not in third


def test_explore_has_the_code_of_both_frameworks_side_by_side(framework):
    """They stand in one order; which is drawn, its heading says."""
    spec = Spec(return_sequences=True)
    known, _, lines = settings(explore(spec, framework, beyond=True))
    titles = {"keras": "Keras", "torch": "PyTorch"}
    before = lines.value
    for name, title in titles.items():
        assert escape(code(spec, name)) in before
        assert (f"{title} (drawn above)" in before) == (name == framework)
    assert before.index("keras.layers.LSTM") < before.index("torch.nn.LSTM")
    other = next(name for name in titles if name != framework)
    known["framework"].value = other
    assert f"{titles[other]} (drawn above)" in lines.value
    plain = {
        one.replace(" (drawn above)", "").replace("bold", "normal") for one in (before, lines.value)
    }
    assert len(plain) == 1  # nothing else is another


def test_what_one_framework_refuses_is_said_in_its_place():
    shown = replies.side_by_side(Spec(bidirectional=True, merge_mode="sum"), "keras")
    assert "PyTorch refuses this: merge_mode" in shown
    assert "merge_mode=&#x27;sum&#x27;" in shown


def test_of_many_timesteps_the_slider_stops_at_those_that_are_drawn():
    control = ask(Spec(timesteps=200))
    parts(control)[2].click()
    _, slider, _, page = over_time(control)
    assert [name for name, _ in slider.options] == ["start", "0", "1", "198", "199"]
    assert "At timestep 199" in page.value
    assert "Your tray" not in page.value  # nothing was predicted
    slider.index = 3
    assert "At timestep 198" in page.value


def test_a_question_of_shapes_has_trays_without_time():
    control = ask(decoding.repeated())
    typed, _, _, _, shown = parts(control)
    typed.value = "(3, 9)"
    assert "Your tray" in shown.value
    assert "✗" not in shown.value
    assert not over_time(control)[2]
    typed.value = "(3, 9, 9)"
    assert "✗" in shown.value


def test_a_masked_layer_is_followed_through_its_padding():
    control = ask(memory.masked())
    parts(control)[0].value = "(3, 4, 7)"
    _, slider, seen, page = over_time(control)
    assert ("✗" in page.value, seen) == (False, True)
    slider.index = 3
    assert "This timestep is padding of sequence 0: it brings nothing new." in page.value
    assert page.value.count("<title>padding</title>") == 7  # of the sequence in front, one step
    slider.index = 5
    assert "✗ 5 timesteps, 4 places" in page.value
    assert "Faint: padding" in page.value


def test_what_cannot_run_is_said_below_the_empty_tray(monkeypatch):
    def fails(*_):
        raise RuntimeError("no such thing")

    monkeypatch.setattr(predicted, "run", fails)
    typed, _, _, _, shown = parts(ask(Spec()))
    for typed.value in ("(3, 5)", "(3, 5, 7)"):
        pass
    assert "Keras failed. no such thing" in shown.value
    assert "5 places for a vector of 7" in shown.value


def test_every_control_has_a_visible_label():
    typed, submit, reveal, _, _ = parts(ask(Spec()))
    assert all(part.description for part in (typed, submit, reveal))


def settings(control):
    """The controls of explore by their labels, and the pieces of HTML for tensors and for code."""
    left, right = control.children[0].children
    *_, returned, lines = right.children
    return {part.description.split(" (")[0]: part for part in left.children}, returned, lines


def test_the_picture_of_explore_follows():
    control = explore()
    parts, *_ = settings(control)
    picture = control.children[0].children[1].children[1]
    assert "reads (batch 3, timesteps 5, features 6)" in picture.value
    parts["timesteps"].value = 9
    assert "reads (batch 3, timesteps 9, features 6)" in picture.value
    parts["return_state"].value = True
    assert "Returned: [2] c (batch 3, units 7)" in picture.value


def test_ask_shows_the_same_picture_before_and_after():
    _, _, reveal, _, shown = parts(ask(Spec()))
    assert shown.value == stages.before(Spec(), "keras").picture.html
    reveal.click()
    layer = re.search("<svg.*?</svg>", draw(Spec(), run(Spec())).html)[0]
    assert layer in shown.value


def test_every_change_runs_the_layer_and_shows_the_code(framework, monkeypatch):
    ran = []
    monkeypatch.setattr(replies, "run", lambda *spec: ran.append(spec) or run(*spec))
    parts, returned, lines = settings(explore(Spec(), framework))
    flags = {"return_sequences", "return_state"}
    sizes = {"batch", "timesteps", "features", "units"}
    assert set(parts) == {"framework", "in front: sequence", "Reset"} | sizes | flags
    assert "returned</caption>" in returned.value
    assert code(Spec(), framework).splitlines()[-1] in lines.value
    parts["units"].value = 11
    assert "units 11" in returned.value
    assert "11" in lines.value
    parts["return_sequences"].value = True
    parts["return_state"].value = True
    parts["batch"].value = 9
    assert "batch 9" in returned.value
    now = Spec(batch=9, units=11, return_sequences=True, return_state=True)
    assert returned.value.count("<tr>") - 1 == len(run(now, framework).tensors)
    assert [spec for spec, _ in ran][:2] + ran[-1:] == [Spec(), Spec(units=11), (now, framework)]
    assert len(ran) == 5
    parts["framework"].value = {"keras": "torch", "torch": "keras"}[framework]
    assert ("h_n" in returned.value) == (framework == "keras")


def test_what_pytorch_does_not_have_is_grey_and_goes_on_to_say_what_is_kept():
    parts, returned, _ = settings(explore(Spec(return_state=True)))
    flags = [parts[name] for name in ("return_sequences", "return_state")]
    assert [flag.disabled for flag in flags] == [False, False]
    parts["framework"].value = "torch"
    assert [flag.disabled for flag in flags] == [True, True]
    assert flags[0].description == "return_sequences (Keras only)"
    assert "For this scenario take" in returned.value
    parts["framework"].value = "keras"
    assert [flag.disabled for flag in flags] == [False, False]
    assert flags[0].description == "return_sequences"
    assert [flag.value for flag in flags] == [False, True]


def test_explore_goes_beyond_the_four_scenarios_and_leaves_what_a_framework_lacks():
    parts, returned, lines = settings(explore(beyond=True))
    parts["return_state"].value = True
    assert parts["merge_mode"].description == "merge_mode (bidirectional only)"
    parts["bidirectional"].value = True
    assert parts["merge_mode"].description == "merge_mode"
    assert "backward_c" in returned.value
    parts["merge_mode"].value = "sum"
    assert "merge_mode=&#x27;sum&#x27;" in lines.value
    assert parts["batch_first"].description == "batch_first (PyTorch only)"
    assert parts["batch_first"].disabled
    parts["framework"].value = "torch"
    assert "layers·directions 2" in returned.value
    assert parts["merge_mode"].disabled
    parts["layers"].value = 3
    parts["cell"].value = "gru"
    assert "torch.nn.GRU(6, 7, num_layers=3, bidirectional=True, batch_first=True)" in lines.value
    assert "the last c" not in returned.value
    assert "No longer returned: <code" in returned.value


def test_of_an_error_the_line_that_says_something_is_shown():
    import keras

    layer = keras.layers.LSTM(7)
    with pytest.raises(Exception, match="Exception encountered") as inside:
        layer(np.zeros((3, 5, 6)), initial_state=[np.zeros((3, 8))] * 2)
    said = gist(inside.value)
    assert said
    assert not said.startswith("Exception encountered")
    assert "\x1b" not in said
    assert gist(ValueError("one\ntwo")) == "one"
    assert gist(ValueError()) == ""


def test_explore_says_why_a_framework_refuses():
    parts, returned, _ = settings(explore(Spec(layers=2, bidirectional=True), beyond=True))
    parts["merge_mode"].value = None
    assert "Keras refuses this: merge_mode must make one sequence of two" in returned.value
    parts["merge_mode"].value = "concat"
    assert "directions·units 14" in returned.value


def test_explore_marks_what_is_another_than_before():
    parts, returned, _ = settings(explore(Spec()))

    def said():
        return re.sub(r"<[^>]*>", "", returned.value)

    assert not re.search(r"was|new|no ", said().replace("nothing", ""))
    parts["timesteps"].value = 9
    assert not re.search(r"was|new", said())  # timesteps is in no shape
    parts["return_sequences"].value = True
    assert "batch 3, timesteps 9 (new), units 7" in said()
    parts["units"].value = 11
    assert "batch 3, timesteps 9, units 11 (was 7)" in said()
    assert "<b style" in returned.value  # in words, and not by colour
    assert "color: #" not in re.search(r"<b style[^>]*>", returned.value)[0]
    parts["return_state"].value = True
    assert "h (new)" in said()
    assert "units 11 (was" not in said()
    parts["return_state"].value = parts["return_sequences"].value = False
    assert "batch 3, units 11, no timesteps" in said()
    parts["return_state"].value = True
    parts["return_state"].value = False
    assert "No longer returned: h, c." in said()
    parts["framework"].value = "torch"
    assert "layers 1" not in said().split("[1]")[0]
    assert "timesteps 9 (new)" in said()


def test_what_was_refused_does_not_count_as_before():
    parts, returned, _ = settings(explore(Spec(layers=2, bidirectional=True), beyond=True))
    parts["merge_mode"].value = None
    parts["units"].value = 9
    parts["merge_mode"].value = "concat"
    assert "directions·units 18</span> (was 14)" in returned.value


def test_reset_brings_everything_back_and_of_all_its_changes_shows_one(loop, monkeypatch):
    monkeypatch.setattr(widgets.loop, "MOMENT", math.inf)  # however slow this is, they come fast
    ran = []
    monkeypatch.setattr(replies, "run", lambda *spec: ran.append(spec) or run(*spec))
    parts, returned, lines = settings(explore(Spec(units=8)))
    loop.end_of_cell()
    for name, value in {"units": 11, "batch": 1, "return_state": True}.items():
        parts[name].value = value
    parts["framework"].value = "torch"
    loop.end_of_cell()
    parts["Reset"].click()
    loop.end_of_cell()
    first, second = ran
    assert first == (Spec(units=8), "keras")
    assert second[1] == "torch"
    assert (parts["framework"].value, parts["in front: sequence"].tooltip) == ("keras", "0 to 2")
    assert "units 8" in returned.value
    assert "LSTM(8)" in lines.value


def test_any_sequence_that_there_is_comes_to_the_front():
    control = explore(Spec(batch=4))
    parts, *_ = settings(control)
    front, picture = parts["in front: sequence"], control.children[0].children[1].children[1]
    assert "Sequence 0 of 4 is in front" in picture.value
    front.value = 3
    assert "Sequence 3 of 4 is in front" in picture.value
    parts["batch"].value = 2
    assert (front.tooltip, front.value) == ("0 to 1", 3)
    assert "Sequence 1 of 2 is in front" in picture.value
    assert limit_of(control) == "Sequence 1 is in front; there is no sequence 3."
    parts["batch"].value = 64
    front.value = 63
    assert "Sequence 63 of 64 is in front" in picture.value
    unbatched, *_ = settings(explore(Spec(unbatched=True), "torch"))
    assert unbatched["in front: sequence"].tooltip == "0 to 0"


def limit_of(control):
    """What explore says of sizes that can't be, or can't be larger."""
    return control.children[0].children[1].children[0].value


def test_where_a_size_can_be_no_larger_it_says_so():
    control = explore(Spec(units=300))
    parts, *_ = settings(control)
    assert limit_of(control) == "No more than 300 units here."
    parts["timesteps"].value = 200
    assert limit_of(control) == "No more than 200 timesteps, 300 units here."
    parts["timesteps"].value = parts["units"].value = 9
    assert limit_of(control) == ""


@pytest.mark.parametrize(
    ("name", "typed", "says"),
    [
        ("units", 0, "units must be a whole number from 1, got 0; try units=7."),
        ("batch", -3, "batch must be a whole number from 1, got -3; try batch=3."),
        ("layers", 0, "layers must be a whole number from 1, got 0; try layers=1."),
        ("timesteps", 2000, "timesteps must be at most 200, got 2000; try timesteps=5."),
        (
            "in front: sequence",
            -1,
            "sequence must be a whole number from 0, got -1; try sequence=0.",
        ),
    ],
)
def test_a_size_that_can_not_be_stays_and_one_line_says_so(name, typed, says):
    control = explore(beyond=True)
    parts, returned, lines = settings(control)
    before = returned.value, lines.value
    parts[name].value = typed
    assert f"{says} Below is what was there before." in limit_of(control)
    assert (parts[name].value, returned.value, lines.value) == (typed, *before)
    parts["features"].value = 9
    assert says in limit_of(control)
    parts["Reset"].click()
    assert limit_of(control) == ""
    assert parts[name].value != typed


def test_explore_says_what_is_kept_of_pytorch():
    parts, returned, _ = settings(explore(Spec(), "torch"))
    assert "For this scenario take <code" in returned.value
    assert "output[:, -1]" in returned.value
    parts["return_sequences"].value = True
    assert "For this scenario take" in returned.value
    parts["return_state"].value = True
    assert "For this scenario take" not in returned.value


def test_while_a_framework_loads_the_rule_answers(monkeypatch):
    real = sys.modules.get("lstm_lessons.frameworks._torch")
    monkeypatch.delitem(sys.modules, "lstm_lessons.frameworks._torch", raising=False)
    import lstm_lessons.frameworks

    monkeypatch.delattr(lstm_lessons.frameworks, "_torch", raising=False)

    async def learner():
        parts, returned, _ = settings(explore(Spec(), "torch"))
        assert "PyTorch is loading" in returned.value
        assert "What PyTorch will return" in returned.value
        parts["units"].value = 9
        assert "units 9" in returned.value
        for _ in range(600):
            await asyncio.sleep(0.05)
            if "What PyTorch returned" in returned.value:
                return returned.value
        raise AssertionError("PyTorch did not come")

    assert "units 9" in asyncio.run(learner())
    assert real is None or real.torch


def test_explore_has_a_text_form():
    text = explore(Spec(return_state=True))._repr_mimebundle_()["text/plain"]
    assert "[2]: c (batch 3, units 7), the last c" in text


def answers(place):
    """The text field and the button that runs it, of the question that a review asks."""
    _, typed, buttons, *_ = place.children[0].children
    return typed, buttons.children[1]


def right(question, framework):
    """A right answer as one types it."""
    truth = truth_of(as_question(question, framework))
    if hasattr(truth, "written"):  # an index
        return truth.written
    return ", ".join(str(one.shape) for one in truth) if isinstance(truth, tuple) else str(truth)


def test_review_asks_one_question_after_the_other_and_sums_up():
    control = review(number=3, seed=5)
    heading, place, onward = control.children
    for number, question in enumerate(practice.fresh(3, 5), 1):
        assert f"Question {number} of 3" in heading.value
        answers(place)[0].value = right(*question)
        onward.click()
    assert "3 of 3 questions answered rightly at the first try." in place.children[-1].value
    assert "No lesson needs a second look." in place.children[-1].value
    assert onward.disabled
    assert "(" not in control._repr_mimebundle_()["text/plain"]


WRONG, RIGHT, SHOWN = "(98, 99)", "right", "shown"
REVIEWED = {
    "skipped": ([], "0 of 1 question answered rightly at the first try, 1 not answered."),
    "unreadable": (["seven"], "first try, 1 not answered."),
    "blank": ([" ", "?"], "first try, 1 not answered."),
    "shown": ([SHOWN], "first try, 1 not answered."),
    "wrong": ([WRONG, "(98, 97)"], "first try, 1 not answered rightly."),
    "wrong, shown": ([WRONG, SHOWN], "first try, 1 not answered rightly."),
    "wrong, right": ([WRONG, RIGHT], "first try, 1 after a mistake."),
    "shown, right": ([SHOWN, RIGHT], "first try, 1 after the answer was shown."),
    "unreadable, right": (
        ["seven", RIGHT],
        "1 of 1 question answered rightly at the first try. N",
    ),
    "right, wrong": ([RIGHT, WRONG], "1 of 1 question answered rightly at the first try. N"),
}


@pytest.mark.parametrize(("done", "said"), REVIEWED.values(), ids=REVIEWED)
def test_a_review_counts_right_answers_and_not_the_absence_of_mistakes(done, said, monkeypatch):
    of_shapes = [kind for kind in kinds.KINDS if kind.form == "shapes"]
    monkeypatch.setattr(practice, "KINDS", of_shapes)
    _, place, onward = review(number=1, seed=5).children
    [question] = practice.fresh(1, 5)
    typed, reveal = answers(place)
    for one in done:
        if one == SHOWN:
            reveal.click()
        else:
            typed.value = right(*question) if one == RIGHT else one
    onward.click()
    assert said in place.children[-1].value
    clean = "1 of 1" in said
    assert ("No lesson needs a second look." in place.children[-1].value) == clean
    assert (f"See again: {practice.lesson_of(question[0])}." in place.children[-1].value) != clean


def test_a_review_asks_no_more_than_there_is_and_says_so(monkeypatch):
    only = kinds.Kind("08 Encoder and decoder", "keras", lambda chance: decoding.repeated())
    monkeypatch.setattr(practice, "KINDS", (only,))
    control = review(number=10, through=11)
    assert control.text.startswith("A review: 1 fresh question,")
    assert "Question 1 of 1" in control.children[0].value


def test_answers_in_lessons_are_remembered():
    spec = Spec(return_state=True)
    typed, *_ = parts(ask(spec))
    typed.value = "(3, 5)"
    assert not practice.solved(spec)
    assert practice.mistakes() == {("03 The last output and the states", "keras"): 1}
    typed.value = "(3, 7), (3, 7), (3, 7)"
    assert practice.solved(spec)
    assert not practice.solved(spec, "torch")
    parts(ask(Spec(), "torch"))[0].value = "(3, 7)"
    both = {("03 The last output and the states", "keras"): 1}
    assert practice.mistakes() == both | {("01 The last output", "torch"): 1}
    parts(ask(Question("?", run=lambda: True)))[0].value = "False"
    assert sum(practice.mistakes().values()) == 2


def test_the_doctor_runs_both_frameworks_and_sees_a_browser_answer():
    page, pulse, _ = widgets.doctor().children
    assert page.value.count(">yes<") == 2
    assert "not yet" in page.value
    pulse.value = 1
    assert page.value.count(">yes<") == 3
    assert "not yet" not in page.value
    assert page.value.index("✓ Everything works. Go on.") < page.value.index("<details><summary")


def test_the_doctor_gives_advice(monkeypatch):
    amiss = Finding("keras", "2.4.0", "The course needs 3.15 or later")
    monkeypatch.setattr(widgets, "examine", lambda: [amiss])
    monkeypatch.setitem(sys.modules, "lstm_lessons.frameworks._torch", None)
    page, *_ = widgets.doctor().children
    assert "The course needs 3.15 or later" in page.value
    assert "PyTorch must be importable" in page.value
    assert "Something is amiss: the last column says what to do." in page.value
    assert "<details" not in page.value


def test_the_doctor_says_in_a_line_what_was_never_tried(monkeypatch):
    line = "Never tried with this course: keras 4.0.0 (up to 3.15 was)."
    monkeypatch.setattr(widgets, "untried", lambda: line)
    page, pulse, _ = widgets.doctor().children
    pulse.value = 1
    html = page.value
    assert html.index("Everything works") < html.index(line) < html.index("<details><summary")
    monkeypatch.setattr(widgets, "untried", str)
    page, *_ = widgets.doctor().children
    assert "Never tried" not in page.value


@pytest.mark.parametrize("name", ["answering", "controls", "live", "settings", "widgets"])
def test_no_control_hides_exceptions(root, name):
    source = (root / "lstm_lessons" / f"{name}.py").read_text()
    assert "import ipywidgets" in source
    for banned in ("interact", "Output(", "clear_output"):
        assert banned not in source
    assert ipywidgets.Output  # the name that is banned exists


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """The file of a learner whose kernels run in my-lessons/."""
    (tmp_path / "my-lessons").mkdir()
    monkeypatch.chdir(tmp_path / "my-lessons")
    return tmp_path / "my-lessons" / ".answers.jsonl"


def test_a_prediction_that_is_run_again_shows_the_answered_state(mine):
    typed, _, _, verdict, shown = parts(ask(Spec()))
    typed.value = "(3, 5)"
    typed.value = "(3, 6)"
    again, _, _, said, there = parts(ask(Spec()))
    assert (again.value, said.value, there.value) == (typed.value, verdict.value, shown.value)
    assert len(mine.read_text().splitlines()) == 2  # to show it is no answer
    again.value = "(3, 7)"
    assert parts(ask(Spec()))[4].value == there.value
    assert "What Keras returned" in there.value
    last = remembered.answers()[-1]
    assert (last.status, last.attempt) == ("correct", 3)


def test_attempts_are_counted_over_kernels(mine):
    parts(ask(Spec()))[0].value = "(3, 5)"
    again, _, _, said, _ = parts(ask(Spec()))
    assert "The answer:" not in said.value
    again.value = "3x5"  # the same in other words
    assert "The answer:" not in said.value
    again, _, _, said, _ = parts(ask(Spec()))
    again.value = "(3, 6)"
    assert "The answer:" not in said.value
    again, _, _, said, _ = parts(ask(Spec()))
    again.value = "(5, 7)"
    assert "The answer: (" in said.value  # the third


def test_what_only_running_can_tell_is_shown_without_running(mine):
    runs = []
    question = Question("What is so?", run=lambda: runs.append(1) or ((3, 7),))
    parts(ask(question))[0].value = "(3, 5)"
    before = len(runs)
    typed, _, _, verdict, shown = parts(ask(question))
    assert (typed.value, len(runs)) == ("(3, 5)", before)
    assert "stay empty" not in shown.value  # the tray alone
    assert re.search(r"Not yet.*You answered this on \d+ \w+ \d{4}\. Press Check", verdict.value)


def test_of_a_truth_a_button_that_is_there_tells_more(mine):
    remembered.record(TRUTH, "keras", "True", "wrong")
    _, submit, reveal, verdict, _ = parts(ask(TRUTH))
    assert submit.layout.display == "none"
    assert re.search(r"Not yet.*You answered this on \d+ \w+ \d{4}\. Press", verdict.value)
    assert f"Press {reveal.description} to see" in verdict.value.replace("“", "").replace("”", "")


def test_what_is_in_the_file_is_no_markup_and_need_not_be_readable(mine):
    remembered.record(Spec(), "keras", "<b>(3, 5)", "wrong")
    typed, _, _, verdict, _ = parts(ask(Spec()))
    assert typed.value == "<b>(3, 5)"
    assert "<b>(3" not in verdict.value
    for typed.value in ("(3, 6)", "(5, 7)"):
        said = verdict.value
    assert "The answer:" in said  # the third


def test_a_file_that_cannot_be_written_to_costs_a_line_and_no_work(mine):
    mine.mkdir()
    typed, _, _, verdict, shown = parts(ask(Spec()))
    typed.value = "(3, 7)"
    assert "Correct" in verdict.value
    assert "got something that is no file; mend that." in verdict.value
    assert "What Keras returned" in shown.value
    typed.value = "(3, 5)"
    assert "mend that" not in verdict.value  # once


def test_a_question_in_a_review_and_an_exam_begin_empty(mine):
    for question, framework in practice.fresh(1, 5):
        remembered.record(question, framework, "(3, 5)", "wrong")
    typed, _ = answers(review(number=1, seed=5).children[1])
    assert typed.value == ""


def test_progress_says_how_the_lessons_go_and_what_to_see_again(mine):
    page, _, said = widgets.progress().children
    assert "No question is answered yet." in page.value
    assert "my-lessons/.answers.jsonl" in page.value
    assert "download" not in page.value
    for spec, framework in ((Spec(), "keras"), (Spec(return_sequences=True, units=9), "torch")):
        remembered.record(spec, framework, "(3, 5)", "wrong", ["units_as_steps"])
    remembered.record(Spec(units=9), "keras", "(3, 9)", "correct")
    page, _, said = widgets.progress().children
    assert ">1 of 2<" in page.value
    assert "1 of 3 questions (33%) answered rightly at the first try. See again: 01" in page.value
    assert "An LSTM is drawn as a row of boxes" in page.value
    assert "What you expected more than once:" in page.value
    assert "(In 01 The last output, 02 Every output.)" in page.value
    for narrow in (
        'overflow-x: auto"[^>]*><table',
        r"html-content \{ min-width: 0; max-width: 100%",
    ):
        assert re.search(narrow, page.value)  # on a page of 360 pixels nothing is cut off
    assert said.value == ""


def test_where_only_something_was_made_progress_counts_no_questions(mine):
    remembered.record(Spec(), "keras", "", "wrong", made=True)
    page = widgets.progress().children[0].value
    assert ">0 of 1<" in page
    assert "0 of 0" not in page
    assert "See again: 01" in page


def upload(bring, came):
    """Have a file come, in the form of the ipywidgets that is there."""
    of_7 = isinstance(bring.value, dict)
    bring.set_trait("value", {came["name"]: came} if of_7 else (came,))


def test_answers_can_be_taken_along_and_brought_back(mine):
    remembered.record(Spec(), "keras", "(3, 7)", "correct")
    page = widgets.progress().children[0].value
    data = re.search(r'href="data:[^,]*,([^"]*)" download="answers.jsonl"', page)[1]
    assert re.search(r"text-decoration: underline[^>]*>Take your answers along</a>\.", page)
    mine.unlink()
    page, bring, said = widgets.progress().children
    lines = base64.b64decode(data)
    came = {"name": "a", "type": "", "size": 1, "content": memoryview(lines), "last_modified": 0}
    upload(bring, {**came, "last_modified": remembered.now()})
    assert "1 answer came that were not here." not in said.value
    assert "1 answer came that was not here." in said.value
    assert "1 of 1 question (100%)" in page.value
    assert mine.read_bytes() == lines
    upload(bring, {**came, "last_modified": remembered.now(), "content": b"?"})
    assert "None came: lines must be answers, got 1 that is none; try" in said.value


def test_where_no_file_is_kept_progress_says_so():
    remembered.record(Spec(), "keras", "(3, 7)", "correct")
    page = widgets.progress().children[0].value
    assert "kept in no file here: they are gone when this kernel ends." in page
    assert 'download="answers.jsonl"' in page


AGAIN = """
from lstm_lessons import Spec, ask
_, typed, _, verdict, *_ = ask(Spec()).children
print(typed.value, "Not yet" in verdict.value)
"""


@pytest.mark.more
def test_a_new_kernel_shows_the_answered_state(mine):
    parts(ask(Spec()))[0].value = "(3, 5)"
    came = subprocess.run([sys.executable, "-c", AGAIN], capture_output=True, text=True)
    assert came.stdout == "(3, 5) True\n"


def test_after_a_right_answer_the_attempts_begin_anew(mine):
    for said in ("(3, 5)", "(3, 6)", "(3, 7)"):
        parts(ask(Spec()))[0].value = said
    again, _, _, said, _ = parts(ask(Spec()))
    again.value = "(5, 7)"
    assert "Not yet" in said.value
    assert "The answer:" not in said.value
