"""What is said to an answer: read back first, then one question; the answer at the third try."""

import re

import pytest

from lstm_lessons import Question, Spec, diagnose, replies
from lstm_lessons.asking.echo import echo, named
from lstm_lessons.asking.reading import read
from lstm_lessons.asking.verdict import Belief

SIZES = (("batch", 3), ("timesteps", 5), ("features", 6), ("units", 7), ("layers", 2))


def said(question, answer, attempt=1, right="", framework="keras"):
    return replies.verdict(diagnose(question, answer, framework), answer, attempt, right)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("(3, 5)", "`(3, 5)`: for each of 3 sequences, 5 numbers, as many as timesteps"),
        ("(3, 5, 7)", "`(3, 5, 7)`: for each of 3 sequences, for each of 5 timesteps, 7 numbers"),
        ("(7,)", "`(7,)`: 7 numbers, as many as units"),
        ("(3, 35)", "`(3, 35)`: for each of 3 sequences, 35 numbers, timesteps times units"),
        ("(3, 14)", "`(3, 14)`: for each of 3 sequences, 14 numbers, units times layers"),
        ("(3, 28)", "`(3, 28)`: for each of 3 sequences, 28 numbers, 4 times units"),
        ("(None, 4)", "`(None, 4)`: for each sequence, 4 numbers"),
        (
            "(15, 7)",
            "`(15, 7)`: for each of 15 (batch times timesteps), 7 numbers, as many as units",
        ),
        ("(8, 1, 9)", "`(8, 1, 9)`: 8 × 1 rows of 9 numbers"),
        ("(3, 1, 7)", "`(3, 1, 7)`: for each of 3 sequences, 1 row of 7 numbers, as many as units"),
        ("(1, 3, 7)", "`(1, 3, 7)`: once, for each of 3 sequences, 7 numbers, as many as units"),
        ("()", "`()`: a single number"),
        (
            "(batch, units)",
            "`(batch, units)`: for each of 3 sequences, 7 numbers, as many as units",
        ),
        ("(3, 7), (3, 7)", "`(3, 7)`, twice: for each of 3 sequences, 7 numbers, as many as units"),
        ("(3,), (7,)", "`(3,)`: 3 numbers, as many as sequences; `(7,)`: 7 numbers"),
    ],
)
def test_an_answer_is_read_back(answer, words):
    question = Question("What?", run=lambda: (9, 9), sizes=SIZES)
    assert echo(named(read(answer), question)).startswith(words)


def test_sizes_that_two_axes_have_are_not_named():
    question = Question("What?", run=lambda: (9, 9), sizes=(("batch", 3), ("layers", 3)))
    assert echo(named(read("(3, 3)"), question)) == "`(3, 3)`: 3 rows of 3 numbers"


def test_where_the_batch_is_asked_no_axis_is_named():
    question = Question("What?", run=lambda: (60, 4), sizes=(("batch", 60),), batch_asked=True)
    assert echo(named(read("(1, 60, 4)"), question)) == "`(1, 60, 4)`: 1 × 60 rows of 4 numbers"


def test_a_reply_begins_with_the_answer_and_folds_why():
    shown = said(Spec(), "(3, 5)")
    assert shown.startswith('<div role="status"')
    assert shown.count("role=") == 1
    text = re.sub("<[^>]+>", "", shown.split("<details>")[0])
    assert text.startswith("✗ Not yet. (3, 5): for each of 3 sequences, 5 numbers, as many as time")
    assert text.count("?") == 1
    assert "64 boxes" in shown.split("<details>")[1]


def test_the_second_reply_is_another_and_the_third_has_the_answer():
    first, second, third = (said(Spec(), "(3, 5)", n, "X" * (n == 3)) for n in (1, 2, 3))
    assert "The answer: X." in third
    assert "The answer" not in first + second
    assert "The second axis is units." in second
    assert "<details>" not in second
    assert "64 boxes" in third


def test_beliefs_of_which_one_is_meant_are_choices():
    found = diagnose(Spec(return_state=True), "(3, 7), (3, 7)")
    assert [one.label for one in found.choices] == [
        f"I expected {b.because}" for b in found.beliefs
    ]
    assert len(found.choices) == 2
    shown = replies.verdict(found, "(3, 7), (3, 7)")
    assert "Which of these did you have in mind?" in shown
    assert "You expect" not in shown
    then = replies.chosen(found.choices[0], "(3, 7), (3, 7)")
    assert f"You expect {found.choices[0].because}." in then
    assert then.startswith('<div role="status"')


def test_one_belief_and_beliefs_that_are_mixed_are_no_choices():
    assert diagnose(Spec(), "(3, 5)").choices == ()
    mixed = diagnose(Spec(bidirectional=True), "(3, 5, 7), (1, 3, 14), (1, 3, 14)", "torch")
    assert mixed.choices == ()


@pytest.mark.parametrize(
    ("question", "answer", "words"),
    [
        (Spec(return_sequences=True), "(3, 7, 5)", "The second axis is timesteps."),
        (Spec(return_sequences=True), "(7, 5, 3)", "The first axis is batch."),
        (Spec(), "(3, 7), (3, 7), (3, 7)", "There is one tensor."),
        (Spec(return_state=True), "(3, 7)", "There are three tensors."),
    ],
)
def test_a_second_reply_names_what_is_not_right_yet(question, answer, words):
    assert said(question, answer, 2).count(words) == 1


def test_a_belief_that_was_chosen_has_the_bar_of_the_verdict():
    found = diagnose(Spec(return_state=True), "(3, 7), (3, 7)")
    bar = re.compile("border-left: 4px solid #9a4a00")
    assert bar.search(replies.verdict(found))
    assert bar.search(replies.chosen(found.choices[0]))


def test_a_hint_of_its_own_has_no_why():
    assert Belief("states_only", "it", "A hint.").why == ""
    assert "<details>" not in replies.chosen(Belief("states_only", "it", "A hint."), "(3, 7)")
