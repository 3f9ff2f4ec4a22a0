"""Papers and part marks."""

import sys
from dataclasses import astuple

import numpy as np
import pytest

from lstm_lessons import Spec, expected
from lstm_lessons.asking.checking import Task
from lstm_lessons.frameworks import NotRun, load
from lstm_lessons.grading import Paper, pose, predicted, shaped, worked
from lstm_lessons.spec import SIZES
from lstm_lessons.weights import inputs

X = np.arange(15.0).reshape(3, 5)


def sizes(spec):
    return [getattr(spec, name) for name in SIZES]


def test_a_paper_is_the_same_each_time_and_another_for_another_student():
    papers = [Paper("scenarios", student) for student in ("ada", "ada", "grace")]
    first, again, other = (paper.spec("one", return_state=True) for paper in papers)
    assert first == again != other
    assert Paper("scenarios", "ada", "salt").spec("one") != Paper("scenarios", "ada").spec("one")
    assert Paper("final", "ada").spec("one") != Paper("scenarios", "ada").spec("one")
    assert papers[0].spec("two") != papers[0].spec("one")


def test_drawn_sizes_can_not_be_mistaken_for_one_another():
    for number in range(300):
        drawn = Paper("scenarios", "ada").spec(number, features=7)
        assert drawn.features == 7
        assert len({*sizes(drawn)}) == 4
        assert not {*sizes(drawn)} & {1, 2, 4}


@pytest.mark.parametrize("student", ["", "...", "../grace", "ada lovelace", "=1+1", None, 7, "a/b"])
def test_an_id_that_names_no_folder_is_refused(student):
    with pytest.raises(ValueError, match=r"^student must be your id, of the letters a to z, "):
        Paper("scenarios", student)


def test_each_prediction_earns_its_part_and_a_wrong_one_its_misconception(framework, capsys):
    spec = Spec(return_state=True)
    right = "(3, 7), (3, 7), (3, 7)" if framework == "keras" else "(3, 5, 7), (1, 3, 7), (1, 3, 7)"
    assert predicted([right, right], [spec, spec], 3, framework) == 3.0
    assert capsys.readouterr().out == ""
    assert predicted([right, "(3, 5)", ""], [spec] * 3, 3, framework) == 1.0
    said = " ".join(capsys.readouterr().out.split())
    assert "Prediction 2. Not yet: " in said
    assert "Prediction 3. Not attempted: " in said
    assert "(3, 7)" not in said
    assert "(1, 3, 7)" not in said


def test_questions_are_numbered_and_wrapped(capsys):
    pose([Spec(), Spec(units=8)])
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= 88
    assert said.startswith("1. keras.layers.LSTM(7) reads a batch of shape (batch 3, timesteps 5,")
    assert "\n2. keras.layers.LSTM(8) reads" in said


def test_the_truth_of_a_prediction_is_that_of_the_real_layer(monkeypatch):
    def run(spec, framework):
        return expected(Spec(units=8))

    monkeypatch.setattr(sys.modules["lstm_lessons.asking.diagnosis"], "run", run)
    assert predicted(["(3, 8)"], [Spec()], of=1) == 1.0


def test_what_could_not_run_earns_nothing_and_is_said(monkeypatch, capsys):
    def run(spec, framework):
        raise NotRun("PyTorch must be importable")

    monkeypatch.setattr(sys.modules["lstm_lessons.asking.diagnosis"], "run", run)
    assert predicted(["error", "(3, 7)"], [Spec(), Spec()], of=1) == 0.0
    assert capsys.readouterr().out == (
        "Prediction 1. Could not run: PyTorch must be importable.\n"
        "Prediction 2. Could not run: PyTorch must be importable.\n"
    )


class Yes(int):
    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


class Text(str):
    def __eq__(self, other):
        return True

    __hash__ = str.__hash__


@pytest.mark.parametrize("answer", [Yes(3), (Yes(3), Yes(7)), Text("(3, 7)"), [np.int64(3), 7]])
def test_an_answer_of_a_type_of_its_own_is_not_readable(answer, capsys):
    assert predicted([answer], [Spec()], of=1) == 0.0
    assert "Not readable" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("made", "wanted", "points"),
    [
        (lambda x: x, dict(batch=3, units=5), 1.0),
        (lambda x: x.T, dict(batch=3, units=5), 0.0),
        (lambda x: (x, x.T), (dict(batch=3, units=5), dict(units=5, batch=3)), 1.0),
        (lambda x: (x.T, x), (dict(batch=3, units=5), dict(units=5, batch=3)), 0.0),
        (lambda x: x, (dict(batch=3, units=5),), 0.0),
        (lambda x: None, dict(batch=3, units=5), 0.0),
        (lambda x: 1 / 0, dict(batch=3, units=5), 0.0),
        (..., dict(batch=3, units=5), 0.0),
    ],
)
def test_shapes_are_compared_and_named(made, wanted, points, capsys):
    assert shaped(made, [X], wanted, of=1) == points
    said = " ".join(capsys.readouterr().out.split())
    assert ("Wanted: (batch 3, units 5)" in said) is (points == 0)


def test_a_function_earns_a_part_for_each_try_and_half_of_it_for_a_usual_mistake(framework, capsys):
    task = Task(lambda x: 2 * x, ((X,), (X[:2],)), ((lambda x: 3 * x, "it was tripled."),))
    assert worked(lambda x: x + x, task, 4, framework) == 4.0
    assert capsys.readouterr().out == ""
    assert worked(lambda x: 2 * x if len(x) == 3 else x[0], task, 4, framework) == 2.0
    assert worked(lambda x: 2 * x if len(x) == 3 else 3 * x, task, 4, framework) == 3.0
    assert worked(lambda x: 2 * x if len(x) == 3 else x, task, 4, framework) == 2.0
    assert worked(lambda x: 0 * x, task, 4, framework) == 0.0  # the right shapes alone
    assert worked(lambda x: 3 * x, task, 4, framework) == 2.0
    assert "It looks as if it was tripled." in " ".join(capsys.readouterr().out.split())
    assert worked(None, task, 4, framework) == 0.0


def test_words_in_a_result_earn_nothing():
    task = Task(lambda: (X, "right"), ((),))
    assert worked(lambda: (X + 1, "It looks as if"), task, of=1) == 0.0


@pytest.mark.parametrize(
    ("value", "points"),
    [(3, 1.0), (True, 0.0), (3.0, 0.0), (np.int64(3), 0.0), (Yes(4), 0.0), (4, 0.0)],
)
def test_a_plain_value_must_be_of_its_plain_type(value, points):
    assert worked(lambda: value, Task(lambda: 3, ((),)), of=1) == points


def test_a_function_that_spoils_its_layer_earns_nothing_by_it():
    spec = Spec(units=8)

    def zeros(layer, x):
        layer.set_weights([0 * one for one in layer.get_weights()])
        return layer(x)

    keras = load("keras")
    batches = [(keras.layer(spec), inputs(spec)), (keras.layer(spec), inputs(spec))]
    assert worked(zeros, Task(lambda layer, x: layer(x), (batches[0],)), of=1) == 0.0
    keras.forget()
    assert keras.layer(spec) is not batches[0][0]
    assert keras.layer(spec).get_weights()[0].any()


def test_predictions_must_be_as_many_as_questions(capsys):
    assert predicted(["(3, 7)"], [Spec(), Spec()], of=2) == 0.0
    assert "There must be 2 predictions" in capsys.readouterr().out
    assert predicted("(3, 7)", [Spec()], of=2) == 0.0


def test_a_flag_in_a_tuple_has_no_shape_to_earn_half_for():
    task = Task(lambda: ((True, False), 3), ((),))
    assert worked(lambda: ((True, True), 3), task, of=1) == 0.0
    assert worked(lambda: ((True, False), 3), task, of=1) == 1.0


def test_a_mistake_that_raises_and_a_result_that_is_no_array_spoil_nothing(capsys):
    import torch

    task = Task(lambda x: 2 * x, ((X,),), ((lambda x: 1 / 0, "no."), (lambda x: x, "it is x.")))
    assert worked(lambda x: x, task, of=1) == 0.5
    assert "it is x." in capsys.readouterr().out
    assert worked(lambda x: torch.ones(3, 5, requires_grad=True), task, of=1) == 0.0
    assert worked(lambda x: None, Task(lambda x: 3, ((X,),)), of=1) == 0.0
    assert "Is a return missing?" in capsys.readouterr().out


class Array(np.ndarray):
    def __eq__(self, other):
        return True

    def __array_function__(self, *more):
        return True


@pytest.mark.parametrize(
    "value", [X.view(Array), np.full(X.shape, Yes(0), dtype=object)], ids=["view", "object"]
)
def test_an_array_that_says_that_it_is_equal_earns_nothing(value):
    assert worked(lambda: value, Task(lambda: X + 1, ((),)), of=1) == 0.0
    whole = Task(lambda: X.astype(int) + 1, ((),))
    assert worked(lambda: value, whole, of=1) == 0.0


def test_what_a_function_writes_to_stderr_does_not_reach_the_cell(capsys):
    def noisy(x):
        print("careful", file=sys.stderr)
        return x

    assert worked(noisy, Task(lambda x: x, ((X,),)), of=1) == 1.0
    assert capsys.readouterr().err == ""


def test_a_spec_of_a_paper_has_the_fields_that_were_asked_for():
    drawn = Paper("final", "ada").spec("one", layers=2, bidirectional=True, units=8)
    assert (drawn.layers, drawn.bidirectional, drawn.units) == (2, True, 8)
    assert astuple(drawn) == astuple(Paper("final", "ada").spec("one", **vars_of(drawn)))


def vars_of(spec):
    return dict(layers=spec.layers, bidirectional=spec.bidirectional, units=spec.units)
