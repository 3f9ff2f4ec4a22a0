"""The controls, used without a browser: values are set, buttons pressed, the page's HTML read."""

import pathlib

import ipywidgets
import pytest

from lstm_lessons import Question, Spec, ask, widgets


def parts(control):
    """The text field, the two buttons, and the two pieces of HTML that change."""
    _, typed, buttons, verdict, shown = control.children
    return typed, *buttons.children, verdict, shown


def test_its_text_form_is_the_whole_question_and_not_the_answer(framework):
    bundle = ask(Spec(), framework)._repr_mimebundle_()
    assert "reads a batch of shape (batch 3, timesteps 5, features 6)" in bundle["text/plain"]
    assert "Type the shape of each tensor" in bundle["text/plain"]
    assert "3, 7" not in bundle["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_a_wrong_answer_is_diagnosed_and_stays():
    typed, _, _, verdict, shown = parts(ask(Spec()))
    typed.value = "(3, 5)"
    assert "Not yet." in verdict.value
    assert "one number for each timestep" in verdict.value
    assert typed.value == "(3, 5)"
    assert shown.value == ""


def test_the_answer_is_given_after_a_second_wrong_one_only():
    typed, submit, _, verdict, _ = parts(ask(Spec()))
    typed.value = "(3, 5)"
    submit.click()
    assert "The answer:" not in verdict.value
    typed.value = "(3, 5, 7)"
    assert "The answer:" in verdict.value
    assert "units 7" in verdict.value


def test_what_is_not_readable_or_not_attempted_is_not_counted():
    typed, submit, _, verdict, _ = parts(ask(Spec()))
    submit.click()
    assert "Not attempted." in verdict.value
    typed.value = "seven"
    assert "Not readable." in verdict.value
    typed.value = "(3, 5)"
    assert "The answer:" not in verdict.value


def test_a_right_answer_runs_the_layer(framework):
    typed, _, _, verdict, shown = parts(ask(Spec(), framework))
    typed.value = "(3, 7)" if framework == "keras" else "(3, 5, 7), (1, 3, 7), (1, 3, 7)"
    assert "Correct." in verdict.value
    assert "returned</caption>" in shown.value
    assert "LSTM(" in shown.value


def test_it_runs_on_request():
    _, _, reveal, _, shown = parts(ask(Spec()))
    reveal.click()
    assert "What Keras returned" in shown.value


def test_what_is_typed_is_shown_as_text():
    typed, _, _, verdict, _ = parts(ask(Spec()))
    typed.value = "<img src=x onerror=alert(1)>"
    assert "<img" not in verdict.value
    assert "&lt;img" in verdict.value


def test_an_error_is_shown_and_not_lost():
    def run():
        raise ValueError("expected ndim=3\nand more")

    typed, _, reveal, verdict, shown = parts(ask(Question("Does it run?", run=run)))
    reveal.click()
    assert "ValueError" in shown.value
    assert "expected ndim=3" in shown.value
    assert "and more" not in shown.value
    typed.value = "error"
    assert "Correct." in verdict.value


def test_a_truth_value_is_shown():
    _, _, reveal, _, shown = parts(ask(Question("True or False?", run=lambda: False)))
    reveal.click()
    assert "It ran: False." in shown.value


def test_shapes_of_other_code_are_shown():
    _, _, reveal, _, shown = parts(ask(Question("Which shape?", run=lambda: (None, 4))))
    reveal.click()
    assert "None" in shown.value


def test_a_missing_framework_says_so_in_its_place(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "lstm_lessons.frameworks._torch", None)
    _, _, reveal, _, shown = parts(ask(Spec(), "torch"))
    reveal.click()
    assert "PyTorch must be importable" in shown.value
    assert "pip install" in shown.value


def test_it_says_that_it_runs_before_it_runs(monkeypatch):
    _, _, reveal, _, shown = parts(ask(Spec()))
    seen = []
    monkeypatch.setattr(widgets, "_result", lambda *_: seen.append(shown.value) or "done")
    reveal.click()
    assert "Keras takes some seconds to load" in seen[0]
    assert shown.value == "done"


def test_every_control_has_a_visible_label():
    typed, submit, reveal, _, _ = parts(ask(Spec()))
    assert all(part.description for part in (typed, submit, reveal))


def test_results_are_announced():
    typed, _, _, verdict, _ = parts(ask(Spec()))
    typed.value = "(3, 5)"
    assert 'role="status"' in verdict.value


def test_no_control_hides_exceptions():
    source = pathlib.Path(widgets.__file__).read_text()
    for banned in ("interact", "Output(", "clear_output"):
        assert banned not in source
    assert ipywidgets.Output  # the name that is banned exists


def test_a_wrong_question_gets_one_line():
    with pytest.raises(ValueError, match="question must be a Spec or a Question"):
        ask("(3, 7)")
