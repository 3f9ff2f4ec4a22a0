"""Fresh questions, and the advice after them."""

from collections import Counter

from lstm_lessons.practice import LESSONS, advice, fresh, lesson_of

STATES = ("03 The last output and the states", "keras")


def test_the_same_seed_gives_the_same_questions():
    assert fresh(8, seed=3) == fresh(8, seed=3)
    assert fresh(8, seed=3) != fresh(8, seed=4)


def test_sizes_are_unequal_and_none_is_1_2_or_4():
    for spec, _ in fresh(200, seed=1):
        sizes = {spec.batch, spec.timesteps, spec.features, spec.units}
        assert len(sizes - {1, 2, 4}) == 4


def test_all_scenarios_come_up_and_pytorch_too():
    kinds = {(lesson_of(*question), question[1]) for question in fresh(60, seed=1)}
    assert kinds == {
        *((name, "keras") for name in LESSONS.values()),
        (LESSONS[True, True], "torch"),
    }


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
