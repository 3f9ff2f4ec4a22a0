"""Fresh questions, and the advice after them."""

import random
from collections import Counter
from dataclasses import replace

import pytest

from lstm_lessons import diagnose, practice
from lstm_lessons.asked import memory
from lstm_lessons.diagnose import as_question, truth_of
from lstm_lessons.practice import KINDS, advice, fresh, lesson_of, remember

STATES = ("03 The last output and the states", "keras")


def test_the_same_seed_gives_the_same_questions():
    assert fresh(8, seed=3) == fresh(8, seed=3)
    assert fresh(8, seed=3) != fresh(8, seed=4)


def test_sizes_are_unequal_and_none_is_1_2_or_4():
    for spec, _ in fresh(200, seed=1):
        sizes = {spec.batch, spec.timesteps, spec.features, spec.units}
        assert len(sizes - {1, 2, 4}) == 4


@pytest.mark.parametrize("through", [4, 5, 9])
def test_every_kind_up_to_a_lesson_comes_up_and_no_other(through):
    drawn = [fresh(6, seed, through=through) for seed in range(60)]
    kinds = {(lesson_of(*question), question[1]) for six in drawn for question in six}
    assert kinds == {
        (kind.lesson, kind.framework) for kind in KINDS if int(kind.lesson[:2]) <= through
    }


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.lesson[:2]}-{kind.framework}")
def test_each_kind_makes_questions_with_an_answer(kind):
    for seed in range(4):
        question = as_question(kind.make(random.Random(seed)), kind.framework)
        assert truth_of(question) not in ((), None)
        assert diagnose(question, "(98, 99)").status in ("wrong", "not readable")


def test_a_question_counts_for_its_lesson(monkeypatch):
    monkeypatch.setattr(practice, "_mistakes", Counter())
    monkeypatch.setattr(practice, "_solved", set())
    question = replace(memory.handed_over(), lesson="07 Padding and memory")
    remember(question, "torch", right=False)
    remember(memory.handed_over(), "torch", right=False)  # one that a lesson asks
    assert practice.mistakes() == {("07 Padding and memory", "torch"): 1}
    assert not practice.solved(memory.handed_over(), "torch")
    remember(question, "torch", right=True)
    assert practice.solved(memory.handed_over(), "torch")
    assert not practice.solved(memory.handed_over(), "keras")


def test_they_lean_towards_what_went_wrong():
    def share(wrong):
        drawn = [fresh(6, seed, wrong) for seed in range(200)]
        kinds = Counter((lesson_of(spec), name) for six in drawn for spec, name in six)
        return kinds[STATES] / sum(kinds.values())

    assert share({STATES: 2}) > 1.5 * share({})


def test_the_advice_names_the_worst_first():
    wrong = Counter({("01 The last output", "keras"): 1, STATES: 2, (STATES[0], "torch"): 1})
    assert advice(wrong) == "See again: 03 The last output and the states; 01 The last output."
    assert advice(Counter()) == "No lesson needs a second look."
    assert advice(Counter({STATES: 0})) == "No lesson needs a second look."
