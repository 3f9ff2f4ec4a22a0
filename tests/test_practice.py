"""Fresh questions, and the advice after them."""

import inspect
import json
import random
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lstm_lessons import (
    Question,
    Spec,
    check,
    diagnose,
    frameworks,
    kinds,
    practice,
    remembered,
    replies,
)
from lstm_lessons.asked import decoding, forecasting, meaning, memory
from lstm_lessons.asked.equal import SCENES, tensors_of
from lstm_lessons.asking.diagnosis import as_question
from lstm_lessons.asking.misconceptions import MISCONCEPTIONS
from lstm_lessons.asking.truth import truth_of
from lstm_lessons.practice import (
    KINDS,
    advice,
    came_back,
    fresh,
    known,
    lesson_of,
    mistakes,
    overdue,
    solved,
    standing,
    summary,
)
from lstm_lessons.remembered import answers, record

MODULES = (
    "scenarios",
    "indexed",
    "layers",
    "meaning",
    "memory",
    "decoding",
    "forecasting",
    "explaining",
)
STATES = ("03 The last output and the states", "keras")
OTHERS = [(Spec(layers=2), "torch"), (Spec(bidirectional=True), "keras")]


def test_the_same_seed_gives_the_same_questions():
    three, again, four = ([as_question(*one).text for one in fresh(8, seed)] for seed in (3, 3, 4))
    assert three == again != four


@pytest.mark.parametrize("through", [4, 6, 9])
def test_no_two_questions_of_a_review_read_the_same(through):
    for seed in range(30):
        drawn = fresh(20, seed, through=through)
        assert len({as_question(*question).text for question in drawn}) == len(drawn) == 20


def test_what_takes_sizes_has_them_drawn():
    """Of what a lesson asks with sizes that can be set, a review draws others."""
    texts = {as_question(*one).text for seed in range(150) for one in fresh(6, seed, through=11)}
    for question in (decoding.arrows(), forecasting.cut(), memory.unpacked()):
        like = re.compile(re.sub(r"\d+", r"\\d+", re.escape(question.text)))
        assert len([text for text in texts if like.fullmatch(text)]) > 3
        assert question.text not in texts


def test_where_there_are_not_enough_questions_fewer_come(monkeypatch):
    of_one = [kind for kind in KINDS if kind.lesson[:2] == "07" and kind.form == "shapes"]
    monkeypatch.setattr(practice, "KINDS", of_one)
    drawn = [as_question(*question).text for question in fresh(10, 1, through=11)]
    assert len(drawn) == len(set(drawn)) == 5


@pytest.mark.parametrize("number", [0, -3, True, 2.0, "six", None, 10**9])
def test_a_number_of_questions_that_there_is_not_gets_one_line(number):
    with pytest.raises(ValueError, match=r"number must be a whole number from 1 to 1000, got .*6$"):
        fresh(number, seed=1)


@pytest.mark.parametrize("through", [0, -1, False, 4.0, "09", None])
def test_a_lesson_that_there_is_not_gets_one_line(through):
    with pytest.raises(
        ValueError, match=r"through must be the number of a lesson .*, got .*try 4$"
    ):
        fresh(6, seed=1, through=through)


def test_sizes_are_unequal_and_none_is_1_2_or_4():
    specs = [one for one, _ in fresh(200, seed=1) if isinstance(one, Spec)]
    assert len(specs) > 50
    for spec in specs:
        sizes = {spec.batch, spec.timesteps, spec.features, spec.units}
        assert len(sizes - {1, 2, 4}) == 4


@pytest.mark.parametrize("through", [4, 5, 9])
def test_every_kind_up_to_a_lesson_comes_up_and_no_other(through):
    drawn = [fresh(6, seed, through=through) for seed in range(60)]
    lessons = {(lesson_of(question[0]), question[1]) for six in drawn for question in six}
    assert lessons == {
        (kind.lesson, kind.framework) for kind in KINDS if int(kind.lesson[:2]) <= through
    }


@pytest.mark.parametrize(
    "kind",
    [kind for kind in KINDS if kind.form == "shapes"],
    ids=lambda kind: f"{kind.lesson[:2]}-{kind.framework}",
)
def test_each_kind_makes_questions_with_an_answer(kind):
    for seed in range(4):
        question = as_question(kind.make(random.Random(seed)), kind.framework)
        assert truth_of(question) not in ((), None)
        assert diagnose(question, "(98, 99)").status in ("wrong", "not readable")


def test_a_question_counts_for_its_lesson():
    record(memory.handed_over(), "torch", "(3, 5)", "wrong")
    record(memory.handed_over(), "torch", "(3, 6)", "wrong", attempt=2)
    record(memory.handed_over(), "torch", "(3, 5)", "wrong", attempt=2)  # as before
    record(Question("Mine?", run=lambda: True), "torch", "False", "wrong")
    record(Question("Theirs?", run=lambda: True, lesson=STATES[0]), "keras", "False", "wrong")
    assert mistakes() == {("09 Memory between calls", "torch"): 2, STATES: 1}
    assert not solved(memory.handed_over(), "torch")
    record(memory.handed_over(), "torch", "(3, 7)", "correct", attempt=3)
    assert solved(memory.handed_over(), "torch")
    assert not solved(memory.handed_over(), "keras")


@pytest.fixture
def answered(monkeypatch):
    """What keeps an answer so many days ago."""

    def keep(days, question, framework, status, attempt=1, beliefs=(), made=False):
        when = datetime.now(UTC) - timedelta(days)
        monkeypatch.setattr(remembered, "now", lambda: when)
        record(question, framework, f"({days}, {attempt})", status, beliefs, attempt, made)

    return keep


def test_only_a_later_day_proves_that_something_is_sure(answered):
    first, second = Spec(return_state=True), Spec(return_state=True, units=9)
    answered(3, first, "keras", "wrong")
    answered(3, first, "keras", "correct", 2)
    answered(3, second, "keras", "correct")
    assert mistakes() == {STATES: 1}
    assert overdue() == [STATES]
    answered(2, first, "keras", "correct", 2)  # not at the first try
    assert mistakes() == {STATES: 1}
    answered(1, Spec(return_state=True, units=11), "keras", "correct")
    assert mistakes() == {}
    assert overdue() == []


def test_what_went_wrong_longest_ago_is_overdue_first(answered):
    answered(3, Spec(), "keras", "wrong")
    answered(2, Spec(), "torch", "wrong")
    answered(1, Spec(), "keras", "wrong", 2)
    answered(0, Spec(return_state=True), "keras", "wrong")
    names = [(lesson[:2], framework) for lesson, framework in overdue()]
    assert names == [("01", "torch"), ("01", "keras")]
    tomorrow = (datetime.now(UTC) + timedelta(1)).date()
    assert overdue(tomorrow)[-1] == STATES


def test_how_the_lessons_go(answered):
    answered(2, Spec(), "keras", "correct")
    answered(2, Spec(), "torch", "wrong", beliefs=("batch_in_shape",))
    answered(2, Spec(), "torch", "correct", 2)
    answered(2, Spec(units=9), "torch", "shown")
    answered(1, Spec(units=9), "torch", "correct")
    answered(1, Spec(), "keras", "wrong", made=True)
    answered(1, Spec(), "keras", "correct", made=True)
    answered(1, meaning.leaks(), "keras", "wrong", made=True)
    answered(0, meaning.table(), "torch", "wrong", beliefs=("batch_in_shape", "gone"))
    answered(0, Question("Mine?", run=lambda: True), "torch", "wrong", beliefs=("states_only",))
    assert standing() == (
        practice.Row("01 The last output", tried=3, right=3, at_once=1, made=1, tasks=1),
        practice.Row("07 Right shape, wrong meaning", tried=1, right=0, at_once=0, made=0, tasks=1),
    )
    assert came_back() == {
        "batch_in_shape": ["01 The last output", "07 Right shape, wrong meaning"]
    }


def test_what_check_says_is_remembered(monkeypatch, tmp_path):
    monkeypatch.setenv("LSTM_LESSONS_ANSWERS", str(tmp_path / "answers"))
    wanted = Spec(batch=5, timesteps=8, features=2, units=3)
    check(lambda x: x, wanted)
    assert not solved(wanted, made=True)
    check(..., wanted)
    check(made=frameworks.keras.layers.LSTM(3), wanted=wanted)
    assert solved(wanted, made=True)
    assert not solved(wanted)
    check(lambda x: x, meaning.sequence_loss(), "torch")
    assert [(one.typed, one.status, lesson_of(one)) for one in answers()] == [
        ("", "wrong", "01 The last output"),
        ("", "correct", "01 The last output"),
        ("", "wrong", "07 Right shape, wrong meaning"),
    ]
    assert inspect.signature(check).parameters["like"].default is None


def test_what_check_says_is_given_back_whatever_the_file_is(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("LSTM_LESSONS_ANSWERS", str(tmp_path))
    assert check(lambda x: x, Spec()).status == "wrong"
    assert capsys.readouterr().err.endswith("Until then they last as long as this kernel.\n")


def test_each_question_and_task_of_the_lessons_is_known_to_be_one(root):
    for path in sorted((root / "notebooks").glob("[01]*.ipynb")):
        code = "".join(
            "".join(cell["source"]) + "\n"
            for cell in json.loads(path.read_text())["cells"]
            if cell["cell_type"] == "code"
        )
        lesson = kinds.LESSONS[int(path.name[:2])]
        called = re.findall(rf"\bask\(({'|'.join(MODULES)})\.(\w+)\(", code)
        known = [getattr(ask, "func", ask) for ask in kinds.ASKED[lesson]]
        assert {(one.__module__.split(".")[-1], one.__name__) for one in known} == set(called)
        for module, maker in re.findall(rf"check\(.*?\b({'|'.join(MODULES)})\.(\w+)\(", code):
            name = f"lstm_lessons.asked.{module}.{maker}.<locals>.<lambda>"
            assert lesson_of(name) == lesson
        for ask in kinds.ASKED[lesson]:
            assert lesson_of(ask()) == lesson_of(ask().text) == lesson


def test_another_cell_is_of_its_own_lesson_whatever_else_the_layer_is():
    cells = [Spec(cell="gru"), Spec(cell="rnn", return_state=True), Spec(cell="gru", layers=2)]
    assert {lesson_of(spec) for spec in cells} == {"06 Other cells"}
    assert lesson_of(Spec(layers=2)) == "05 Layers and directions"


def test_other_numbers_are_the_same_lesson():
    assert lesson_of(memory.unpacked((7, 11, 3, 8, 9), 15, 10)) == "08 Padding"
    assert lesson_of(decoding.arrows(8, 25, 6, 48, 13)) == "10 An encoder and a decoder"
    assert lesson_of(forecasting.beats_naive(0.123, 3.5)) == "11 Forecast oil prices"
    assert lesson_of("Another?") == lesson_of(Question("Another?", run=lambda: True)) == ""


@pytest.mark.parametrize("through", [4, 9])
def test_a_review_asks_in_every_form_in_both_frameworks(through):
    drawn = [one for seed in range(20) for one in fresh(8, seed, through=through)]
    openings = {
        "call": "Which layer was it?",
        "two": "Which two hold the same numbers?",
        "why": "True or false, and why?",
        "line": "Which line is the bug?",
        "shapes": "What does it return?",
    }
    for form, opening in openings.items():
        of = {name for one, name in drawn if opening in as_question(one, name).text}
        assert of == {"keras", "torch"}, form


DRAWN = [kind for kind in KINDS if kind.form not in ("shapes", "index")]
INDEXED = [kind for kind in KINDS if kind.form == "index"]


def test_a_review_asks_for_indexes_of_both_frameworks_with_drawn_sizes():
    assert {kind.framework for kind in INDEXED} == {"keras", "torch"}
    asked = [
        question.among
        for seed in range(12)
        for question, _ in fresh(6, seed)
        if getattr(question, "form", "") == "index"
    ]
    assert len(asked) > 4
    assert len({among[0].shape for among in asked}) == len(asked)


@pytest.mark.parametrize("kind", INDEXED, ids=lambda kind: f"{kind.lesson[:2]}-{kind.framework}")
def test_the_index_that_is_asked_for_is_lit_and_others_are_wrong(kind):
    written = set()
    for seed in range(8):
        asked = kind.make(random.Random(seed))
        right = asked.rule()
        written.add(right.written)
        sizes = [*asked.among[0].shape, *asked.among[-1].shape]
        assert {1, 2, 4}.isdisjoint(sizes)
        assert diagnose(asked, right.written).status == "correct"
        assert diagnose(asked, "x[0]").status == "wrong"
        wrong = diagnose(asked, asked.wrong[0].answer)
        assert (wrong.status, bool(wrong.misconceptions)) == ("wrong", True)
        if seed == 0:  # it runs
            assert asked.run().gist == right.gist
            assert 'stroke="#111"' in replies.squares(asked)  # some of what is lit is drawn
    assert len(written) >= 5


@pytest.mark.parametrize(
    "kind", DRAWN, ids=lambda kind: f"{kind.lesson[:2]}-{kind.framework}-{kind.form}"
)
def test_what_is_to_be_chosen_is_there_and_alone(kind):
    """Running it finds one right place, and each other place is a mistake with its belief."""
    asked = kind.make(random.Random(1))
    came = asked.run()
    asked = replace(asked, run=lambda: came)  # which takes long
    [(right,)] = came
    lines = asked.text.splitlines()[1:-1]
    assert [line.split(":")[0] for line in lines] == [str(n + 1) for n in range(len(lines))]
    wrong = sorted(one.answer[0][0] for one in asked.wrong)
    assert sorted([right, *wrong]) == list(range(1, len(lines) + 1))
    assert len({line.partition(": ")[2] for line in lines}) == len(lines)
    assert {one.belief for one in asked.wrong} <= {*MISCONCEPTIONS}
    assert diagnose(asked, f"{right}").status == "correct"
    assert diagnose(asked, f"{wrong[0]}").status == "wrong"
    assert diagnose(asked, "99").status == "not readable"


@pytest.mark.parametrize(
    "scene", [one for one in SCENES if one.pairs], ids=lambda one: f"{one.lesson[:2]} {one.fields}"
)
def test_of_each_scene_the_first_two_are_equal_and_no_others(scene):
    for seed in (1, 2):
        names = tensors_of(scene, scene.spec(random.Random(seed)))
        same = [eval(f"same({one}, {two})", {}, names) for one, two, *_ in scene.pairs]
        assert same == [True, *[False] * (len(same) - 1)]


def test_two_that_are_equal_are_asked_of_more_than_one_layer_in_each_framework():
    for name in ("keras", "torch"):
        of = [one.fields for one in SCENES if one.pairs and one.framework == name]
        assert len(of) >= 3
        assert {"bidirectional"} <= {field for fields in of for field in fields}


def test_the_place_of_the_right_one_is_drawn():
    for kind in DRAWN:
        if kind.form == "call":
            places = {kind.make(random.Random(seed)).rule() for seed in range(20)}
            assert len(places) >= 3


def test_what_went_wrong_on_an_earlier_day_comes_first_and_nothing_twice(answered):
    answered(2, memory.handed_over(), "torch", "wrong")
    answered(1, Spec(layers=2), "torch", "wrong")
    answered(0, Spec(), "keras", "wrong")
    for seed in range(5):
        (first, of), (second, _), *_ = fresh(6, seed, mistakes(), 9, overdue())
        assert (lesson_of(first), of) == ("09 Memory between calls", "torch")
        assert lesson_of(second) == "05 Layers and directions"
    for question, framework in fresh(6, 1, through=11):
        answered(0, question, framework, "correct")
    before = {as_question(*one).text for one in fresh(6, 1, through=11)}
    after = {as_question(*one).text for one in fresh(6, 1, through=11, known=known())}
    assert not before & after


def test_they_lean_towards_what_went_wrong():
    def share(wrong):
        drawn = [fresh(6, seed, wrong) for seed in range(200)]
        drawn_kinds = Counter((lesson_of(spec), name) for six in drawn for spec, name in six)
        return drawn_kinds[STATES] / sum(drawn_kinds.values())

    assert share({STATES: 2}) > 1.5 * share({})


def test_a_question_is_right_only_if_it_was_answered_rightly():
    said = summary(
        [(Spec(), "keras"), (Spec(return_state=True), "keras"), (Spec(), "torch"), *OTHERS],
        [
            ["not readable", "correct", "shown"],
            ["wrong", "shown", "correct"],
            ["shown", "correct", "wrong"],
            ["not attempted"],
            ["wrong", "not readable"],
        ],
    )
    assert said == (
        "1 of 5 questions answered rightly at the first try, 1 after a mistake, 1 after the answer "
        "was shown, 1 not answered rightly, 1 not answered. See again: 05 Layers and directions; "
        "03 The last output and the states; 01 The last output."
    )
    assert summary([(Spec(), "keras")] * 2, [["correct"]] * 2) == (
        "2 of 2 questions answered rightly at the first try. No lesson needs a second look."
    )


def test_the_advice_names_the_worst_first():
    wrong = Counter({("01 The last output", "keras"): 1, STATES: 2, (STATES[0], "torch"): 1})
    assert advice(wrong) == "See again: 03 The last output and the states; 01 The last output."
    assert advice(Counter()) == "No lesson needs a second look."
    assert advice(Counter({STATES: 0})) == "No lesson needs a second look."


WRONG = {("01 The last output", "torch"): 5, ("04 Every output and the states", "torch"): 5}


@pytest.mark.parametrize("seed", range(1, 9))
def test_no_question_comes_again_with_other_numbers_while_there_are_others(seed):
    asked = [(one, of) for one, of in practice.fresh(8, seed, WRONG) if not isinstance(one, Spec)]
    gists = [kinds.gist_of(one.text) for one, _ in asked]
    assert len(gists) == len({*gists})
