"""The lessons' own questions: the code gives the answer, and the beliefs are recognised."""

import pytest

from lstm_lessons import asked, diagnose


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        (asked.longer, "False", {"True": "units_as_steps"}),
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
    ],
)
def test_each_question(question, right, wrong):
    assert diagnose(question(), right).status == "correct"
    for answer, misconception in wrong.items():
        verdict = diagnose(question(), answer)
        assert misconception in verdict.misconceptions, answer
        assert right not in verdict.message
