"""The lessons' own questions and tasks: the code gives the answer, the mistakes are recognised.

Each rows_*.py here holds, for one module of lstm_lessons.asked, QUESTIONS: (function, right answer,
{wrong answer: misconception}), and TASKS: (function, framework, right solution, {name of a
mistake: (wrong solution, words of the reply)}).
"""

import importlib
import inspect
import pathlib
import re

import pytest

from lstm_lessons import check, diagnose
from lstm_lessons.diagnose import truth_of

ROWS = [
    importlib.import_module(path.stem)
    for path in sorted(pathlib.Path(__file__).parent.glob("rows_*.py"))
]
QUESTIONS = [row for module in ROWS for row in module.QUESTIONS]
TASKS = [row for module in ROWS for row in getattr(module, "TASKS", ())]


@pytest.mark.parametrize(("question", "right", "wrong"), QUESTIONS)
def test_each_question(question, right, wrong):
    assert wrong, "a question that can't be answered wrongly teaches nothing"
    assert diagnose(question(), right).status == "correct"
    for answer, misconception in wrong.items():
        verdict = diagnose(question(), answer)
        assert misconception in verdict.misconceptions, answer
        if isinstance(truth_of(question()), tuple):
            assert right not in verdict.message


@pytest.mark.parametrize(("question", "right", "wrong"), QUESTIONS)
def test_running_it_gives_the_right_answer(question, right, wrong):
    asked_now = question()
    try:
        came = asked_now.run()
    except Exception:
        came = "error"
    came = getattr(came, "shapes", came)
    if isinstance(came, tuple):
        came = tuple(getattr(one, "shape", one) for one in came)
    assert diagnose(asked_now, came).status == "correct"


@pytest.mark.parametrize(("task", "framework_", "solution", "mistakes"), TASKS)
def test_each_task(task, framework_, solution, mistakes):
    assert mistakes
    assert check(..., task(), framework_).status == "not attempted"
    assert check(solution, task(), framework_).status == "correct"
    for name, (mistake, words) in mistakes.items():
        verdict = check(mistake, task(), framework_)
        assert verdict.status == "wrong", name
        assert words in verdict.message, (name, verdict.message)


def test_every_question_and_task_is_tested():
    tested = {row[0].__name__ for row in [*QUESTIONS, *TASKS]}
    for path in pathlib.Path(
        inspect.getfile(importlib.import_module("lstm_lessons.asked"))
    ).parent.glob("*.py"):
        made_here = set(re.findall(r"^def ([a-z]\w+)", path.read_text(), re.M))
        assert made_here - {"kept"} <= tested, path.name  # kept takes a Spec: see test_diagnose.py
