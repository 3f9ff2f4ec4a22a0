"""The words of a verdict: what is believed, in what an answer differs, what came."""

import pytest

from lstm_lessons.asking.misconceptions import MISCONCEPTIONS
from lstm_lessons.asking.verdict import Belief, Difference, Verdict


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        (Difference("tensors", 1), "You gave 1 tensor; another number is right."),
        (Difference("tensors", 2), "You gave 2 tensors; another number is right."),
        (Difference("axes", 3), "The number of axes is not 3."),
        (Difference("axes", 3, 0), "The number of axes of the first tensor is not 3."),
        (Difference("order", tensor=2), "The sizes of the third tensor are right, their order is"),
        (Difference("size", 7, None, 1), "7 is not right on the second axis."),
        (
            Difference("size", 7, 1, 0, "units"),
            "7 is not right on the first axis of the second tensor; 7 is the size of units.",
        ),
        (Difference("place", "h_n"), "`h_n` comes back at another place."),
        (Difference("size", 7), "7 is not right on the first axis."),
    ],
)
def test_a_difference_is_a_sentence(difference, words):
    assert difference.words.startswith(words)


def test_one_belief_says_why_people_think_so():
    known = MISCONCEPTIONS["states_only"]
    verdict = Verdict("wrong", beliefs=(Belief("states_only", "the states alone"),))
    assert verdict.message == f"You expect the states alone. {known.why} {known.hint}"
    own = Verdict("wrong", beliefs=(Belief("states_only", "the states alone", "Look again."),))
    assert own.message == "You expect the states alone. Look again."
    assert own.misconceptions == ("states_only",)


@pytest.mark.parametrize(
    ("together", "opening"),
    [(True, "Several things are mixed here."), (False, "Which of these did you have in mind?")],
)
def test_several_beliefs_are_counted_from_one(together, opening):
    ids = ("states_only", "batch_in_shape")
    verdict = Verdict("wrong", beliefs=tuple(Belief(i, "it") for i in ids), together=together)
    first, second = (MISCONCEPTIONS[i].hint for i in ids)
    assert verdict.message == f"{opening} (1) You expect it. {first} (2) You expect it. {second}"


def test_what_came_stands_before_and_what_is_said_last():
    verdict = Verdict(
        "wrong",
        "Look again.",
        "For `x` it returned 3",
        differences=(Difference("error"), Difference("truth")),
        mistake="it was squared.",
    )
    assert str(verdict) == repr(verdict)
    assert str(verdict) == (
        "Not yet: For x it returned 3. It runs without an error. "
        "It is the other way round. It looks as if it was squared. Look again."
    )


def test_what_is_not_said_leaves_no_gap():
    assert str(Verdict("correct", "True.")) == "Correct: True."
    assert Verdict("not attempted").message == ""
    assert Verdict("wrong").right_shapes is False
    assert Verdict("wrong").together is False
