"""The lessons' own questions: the code gives the answer, and the beliefs are recognised."""

import inspect
import pathlib
import re

import pytest

from lstm_lessons import asked, diagnose

QUESTIONS = [
    (
        asked.one_sequence,
        "(5, 6)",
        {"(1, 5, 6)": "batch_in_shape", "(3, 6)": "batch_in_shape", "(3, 5)": "batch_in_shape"},
    ),
    (
        asked.batch_second,
        "(3, 5, 7), (1, 5, 7), (1, 5, 7)",
        {
            "(3, 5, 7), (1, 3, 7), (1, 3, 7)": "batch_always_first",
            "(3, 5, 7), (3, 7), (3, 7)": "batch_always_first",
        },
    ),
    (asked.longer, "False", {"True": "sequence_by_default"}),
    (
        asked.classifier,
        "(None, 4)",
        {
            "(5, 4)": "batch_in_shape",
            "(4,)": "batch_in_shape",
            "(None, 5, 4)": "sequence_by_default",
            "(None, 7, 4)": "units_as_steps",
        },
    ),
    (
        asked.tagger,
        "(None, 5, 4)",
        {"(None, 4)": "sequence_by_default", "(None, 20)": "sequence_by_default"},
    ),
    (asked.stack_by_default, "error", {"(None, 8)": "sequence_by_default"}),
    (asked.resumed, "True", {"False": "state_without_axes"}),
    (asked.resumed_without_c, "False", {"True": "state_without_axes"}),
    (
        asked.decoder,
        "(3, 9, 7)",
        {"(3, 5, 7)": "sequence_by_default", "(3, 9, 4)": "units_as_steps"},
    ),
    (asked.grade_essays, "(20, 32)", {"(20, 300, 32)": "sequence_by_default"}),
    (asked.tag_words, "(16, 25, 32)", {"(16, 32)": "sequence_by_default"}),
    (asked.start_decoder, "(10, 48), (10, 48), (10, 48)", {"(10, 48), (10, 48)": "states_only"}),
]


@pytest.mark.parametrize(("question", "right", "wrong"), QUESTIONS)
def test_each_question(question, right, wrong):
    assert diagnose(question(), right).status == "correct"
    for answer, misconception in wrong.items():
        verdict = diagnose(question(), answer)
        assert misconception in verdict.misconceptions, answer
        assert right not in verdict.message


@pytest.mark.parametrize(("question", "right", "wrong"), QUESTIONS)
def test_running_it_gives_the_right_answer(question, right, wrong):
    asked_now = question()
    try:
        came = asked_now.run()
    except ValueError:
        came = "error"
    came = getattr(came, "shapes", came)
    assert diagnose(asked_now, came).status == "correct"


def test_every_question_is_tested():  # kept, in test_diagnose.py
    made_here = re.findall(r"^def ([a-z]\w+)", inspect.getsource(asked), re.M)
    assert set(made_here) == {"kept"} | set(
        re.findall(r"asked\.(\w+),", pathlib.Path(__file__).read_text())
    )
