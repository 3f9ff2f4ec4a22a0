"""The lessons' own questions and tasks: the code gives the answer, the mistakes are recognised.

Each rows_*.py here holds, for one module of lstm_lessons.asked, QUESTIONS: (function, right answer
typed by hand), and TASKS: (function, framework, right solution, {name of a
mistake: (wrong solution, words of the reply)}).
"""

import importlib
import inspect
import json
import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest
import rows_scenarios
from attacks import attacks, settled

from lstm_lessons import check, diagnose
from lstm_lessons.asked import forecasting
from lstm_lessons.asking.misconceptions import MISCONCEPTIONS, Misconception
from lstm_lessons.asking.slips import RULES
from lstm_lessons.asking.truth import is_expected, say, truth_of

SLIPS = ("tensors_miscounted", *(name for name, _ in RULES))
ROWS = [
    importlib.import_module(path.stem)
    for path in sorted(pathlib.Path(__file__).parent.glob("rows_*.py"))
]
QUESTIONS = [row for module in ROWS for row in module.QUESTIONS]
TASKS = [row for module in ROWS for row in getattr(module, "TASKS", ())]


@pytest.mark.parametrize(("question", "right"), QUESTIONS)
def test_each_question(question, right):
    asked = settled(question())
    assert asked.clause or asked.form == "index", "what is right says why"
    assert asked.wrong, "a question that can't be answered wrongly teaches nothing"
    assert diagnose(asked, right).status == "correct"
    forms = secrets(asked, right)

    def of(wrong):  # of one belief's answers that are alike the first is explained
        return [one for one in asked.wrong if one.belief == wrong.belief]

    for wrong in asked.wrong:
        verdict = diagnose(asked, wrong.answer)
        assert verdict.status == "wrong", wrong
        assert wrong.belief in verdict.misconceptions, wrong
        assert any(f"You expect {one.because}." in verdict.message for one in of(wrong)), wrong
        assert not [form for form in forms if form in verdict.message], verdict.message


def secrets(question, right):
    """Return the forms in which a reply could give the right shapes away."""
    truth = truth_of(question)
    if not isinstance(truth, tuple):
        return set()
    shapes = [one.shape for one in truth]
    forms = {right, say(truth), str(tuple(shapes)), ", ".join(map(str, shapes))}
    each = {form for one in truth if len(one.shape) > 1 for form in (str(one.shape), say((one,)))}
    return forms | {form for form in each if form not in question.text}


def test_a_length_that_does_not_fit_the_others_is_no_window_either():
    verdict = diagnose(forecasting.cut(), "(241, 10, 3), (236, 5)")
    assert "table_as_batch" in verdict.misconceptions


@pytest.mark.parametrize(("question", "right"), QUESTIONS)
def test_no_plausible_wrong_answer_to_a_question_is_right(question, right):
    asked = settled(question())
    tried = attacks(truth_of(asked))
    assert len(tried) >= 10
    for answer in tried:
        assert diagnose(asked, answer).status != "correct", answer


INDEXES = {row[0].__name__ for row in importlib.import_module("rows_indexed").QUESTIONS}
WITHOUT = """
import importlib, json, sys
for name in ("keras", "tensorflow", "torch", "jax"):
    sys.modules[name] = None
from lstm_lessons import diagnose
from lstm_lessons.asking.slips import RULES
from lstm_lessons.asking.truth import truth_of
said = []
for module, name, right in json.load(sys.stdin):
    question = getattr(importlib.import_module(module), name)()
    verdicts = [diagnose(question, answer) for answer in (right, "error", "(98, 99)", "True", "")]
    known = module.endswith("forecasting") or name == "one_sequence" or question.rule is not None
    said.append([name, known, [(one.status, one.message) for one in verdicts]])
print(json.dumps(said))
"""


def test_no_question_is_judged_whose_framework_is_missing():
    known = [
        (question.__module__, question.__name__, right)
        for question, right in QUESTIONS
        if question.__module__.startswith("lstm_lessons.") and not question.__name__.startswith("<")
    ]
    came = subprocess.run(
        [sys.executable, "-c", WITHOUT],
        input=json.dumps(known),
        capture_output=True,
        text=True,
        check=True,
    )
    said = json.loads(came.stdout)
    assert len(said) == len(known)
    for name, known_without, verdicts in said:
        if known_without and name != "five_days":
            second = "wrong" if name not in INDEXES else "not readable"
            assert [status for status, _ in verdicts[:2]] == ["correct", second], name
            continue
        for status, message in verdicts:
            assert status == "could not run", (name, status, message)
            assert re.fullmatch(
                r"(Keras|PyTorch) must be importable, got .*; try pip install .*\.", message
            )


@pytest.mark.parametrize(("question", "right"), QUESTIONS)
def test_running_it_gives_the_right_answer(question, right):
    asked_now = question()
    try:
        came = asked_now.run()
    except Exception as error:
        assert is_expected(error, asked_now), error
        came = "error"
    else:
        assert not asked_now.raises
    came = getattr(came, "shapes", getattr(came, "truth", getattr(came, "written", came)))
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


@pytest.mark.more
def test_more_mistakes_with_two_parts():
    task = rows_scenarios.in_two_parts()
    for name, (mistake, words) in rows_scenarios.IN_TWO_PARTS.items():
        assert words in check(mistake, task).message, name
    assert check(rows_scenarios.resumed(result=1), task).status == "correct"


WITHOUT_A_BATCH = {"windowing", "scaling", "naive", "leaks"}


@pytest.mark.parametrize("task", {row[0].__name__: row[0] for row in TASKS}.values())
def test_a_batch_of_one_is_among_the_inputs(task):
    sizes = {np.shape(one)[:1] for given in task().inputs for one in given if np.ndim(one) > 1}
    assert ((1,) in sizes) == (task.__name__ not in WITHOUT_A_BATCH)


def test_every_misconception_has_a_rule_or_a_question():
    asked = {wrong.belief for question, _ in QUESTIONS for wrong in settled(question()).wrong}
    assert asked <= set(MISCONCEPTIONS)
    unasked = [MISCONCEPTIONS[name] for name in MISCONCEPTIONS.keys() - asked - {*SLIPS}]
    assert all(one.answers is not Misconception.answers for one in unasked)


REVIEWED = {"bugs", "calls", "choices", "equal"}  # what a review draws: see test_practice.py


def test_every_question_and_task_is_tested():
    tested = {
        (module.__name__.removeprefix("rows_"), row[0].__name__)
        for module in ROWS
        for row in [*module.QUESTIONS, *getattr(module, "TASKS", ())]
    }
    for path in pathlib.Path(
        inspect.getfile(importlib.import_module("lstm_lessons.asked"))
    ).parent.glob("[a-z]*.py"):
        names = re.findall(r"^def ([a-z]\w+)\((?!chance)", path.read_text(), re.M)
        made_here = {(path.stem, name) for name in names}
        taking_a_spec = {("scenarios", "kept")}  # see test_diagnose.py
        if path.stem not in REVIEWED:
            assert made_here - taking_a_spec <= tested, path.name
