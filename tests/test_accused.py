"""What is right by a hair, wrong by a hair, or accuses one belief and not another."""

import pytest

from lstm_lessons import Question, Spec, diagnose
from lstm_lessons.asking.misconceptions import MISCONCEPTIONS

BI = dict(bidirectional=True)


def asked(*shapes, **sizes):
    """Return a question whose right answer is some shapes without names of axes."""
    return Question("What?", run=lambda: shapes, sizes=tuple(sizes.items()))


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("(None, 14)", "correct"),
        ("(3, None)", "wrong"),
        ("(batch, 2·units)", "correct"),
        ("(batch, units)", "wrong"),
        ("(batch, 3·units)", "wrong"),
        ("(batch, units·units)", "wrong"),
    ],
)
def test_an_axis_without_a_name_has_the_size_of_a_name_that_was_typed(answer, status):
    assert diagnose(asked((3, 14), batch=3, units=7), answer).status == status


def test_none_is_the_batch_and_no_axis_that_is_as_long_or_shorter():
    assert diagnose(asked((3, 2), batch=3, units=2), "(None, None)").status == "wrong"
    assert diagnose(asked((3, 2), batch=3, units=2), "(None, 2)").status == "correct"
    even = Spec(batch=5, return_sequences=True)
    assert diagnose(even, "(None, 5, 7)").status == "correct"
    assert diagnose(even, "(5, None, 7)").status == "wrong"
    assert diagnose(Spec(batch=9, return_sequences=True), "(9, None, 7)").status == "wrong"


@pytest.mark.parametrize(
    ("fields", "framework_", "answer", "accused"),
    [
        (dict(batch_first=False), "torch", "(3, 5, 9), (1, 3, 7), (1, 3, 7)", ()),
        (BI | dict(return_sequences=True), "keras", "(3, 5, 7)", ("states_merged",)),
        (BI | dict(merge_mode="sum"), "keras", "(3, 14)", ("states_merged",)),
        (
            BI | dict(merge_mode="sum", return_sequences=True),
            "keras",
            "(3, 5, 14)",
            ("states_merged",),
        ),
        (BI | dict(merge_mode="sum"), "keras", "(3, 7), (3, 7)", ("states_merged",)),
        (BI, "torch", "(3, 5, 7), (2, 3, 7), (2, 3, 7)", ("directions_misplaced",)),
        (BI, "torch", "(3, 10, 7), (2, 3, 7), (2, 3, 7)", ("directions_misplaced",)),
        (BI, "torch", "(3, 5, 14), (1, 3, 14), (1, 3, 14)", ("directions_misplaced",)),
        (dict(layers=2), "torch", "(3, 5, 14), (2, 3, 7), (2, 3, 7)", ("layer_axis_misplaced",)),
        (
            dict(layers=2, return_state=True),
            "keras",
            "(3, 7), (3, 7), (3, 7), (3, 7), (3, 7)",
            ("layer_axis_misplaced",),
        ),
        (dict(layers=2), "keras", "(3, 14)", ("layer_axis_misplaced",)),
        (dict(layers=2), "keras", "(2, 3, 7)", ("layer_axis_misplaced",)),
        (dict(unbatched=True), "torch", "(5, 1, 7), (1, 7), (1, 7)", ("table_as_batch",)),
        (dict(unbatched=True), "torch", "(1, 5, 7), (1, 7), (1, 7)", ("table_as_batch",)),
    ],
)
def test_exactly_these_beliefs_are_accused(fields, framework_, answer, accused):
    found = diagnose(Spec(**fields), answer, framework_)
    assert found.status == "wrong"
    assert set(accused) <= set(found.misconceptions)
    assert bool(accused) or not found.misconceptions
    assert set(found.misconceptions) <= set(MISCONCEPTIONS)


@pytest.mark.parametrize(("layers", "accused"), [(48, True), (49, False)])
def test_states_of_every_layer_are_looked_for_as_long_as_an_answer_can_hold_them(layers, accused):
    answer = ((3, 7),) * (1 + 2 * layers)
    verdict = diagnose(Spec(layers=layers, return_state=True), answer)
    assert verdict.status == "wrong"
    assert ("layer_axis_misplaced" in verdict.misconceptions) is accused


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("(3, 11)", "11 is not right on the second axis."),
        ("(3, 8)", "8 is not right on the second axis."),
        ("(3, 7, 9, 9)", "The number of axes is not 4."),
        (
            "(6, 8)",
            "6 is not right on the first axis; 6 is the size of features. "
            "8 is not right on the second axis.",
        ),
    ],
)
def test_what_no_belief_explains_is_compared_with_the_right_answer(answer, message):
    verdict = diagnose(Spec(), answer)
    assert (verdict.message, verdict.misconceptions) == (message, ())


@pytest.mark.parametrize(
    ("fields", "framework_", "answer"),
    [
        (dict(layers=2), "torch", "(3, 5, 7), (2, 3, 7), (2, 3, 7), (2, 3, 7), (2, 3, 7)"),
        ({}, "keras", "(1, 3, 7)"),
        (dict(return_state=True), "keras", "(3, 7), (1, 3, 7), (1, 3, 7)"),
    ],
)
def test_layers_are_no_belief_where_nothing_of_them_was_said(fields, framework_, answer):
    verdict = diagnose(Spec(**fields), answer, framework_)
    assert verdict.status == "wrong"
    assert "layer_axis_misplaced" not in verdict.misconceptions


def test_five_shapes_are_no_error_and_an_error_is_no_five_shapes():
    refused = Spec(layers=2, merge_mode=None, **BI)
    verdict = diagnose(refused, "(3, 7), (3, 7), (3, 7), (3, 7), (3, 7)")
    assert verdict.status == "wrong"
    assert "does each part take what it is given?" in verdict.message
    five = Spec(return_state=True, **BI)
    verdict = diagnose(five, "error")
    assert (verdict.status, verdict.misconceptions) == ("wrong", ("taken_or_refused",))
    assert "It runs." in verdict.message
