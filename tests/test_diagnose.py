"""A wrong answer is answered with the misconception that produces it."""

import re
import time
from dataclasses import replace

import pytest
from attacks import attacks, settled
from hypothesis import given, settings
from hypothesis import strategies as st
from writing import several

from lstm_lessons import Question, Spec, diagnose, expected
from lstm_lessons.asked import forecasting, meaning, scenarios
from lstm_lessons.asking.diagnosis import IN_A_ROW, about, as_question
from lstm_lessons.asking.misconceptions import HINTS, ITS_OWN, MISCONCEPTIONS, Misconception
from lstm_lessons.asking.questions import Wrong
from lstm_lessons.asking.truth import say, truth_of
from lstm_lessons.frameworks import NotRun
from lstm_lessons.rule import size_of, sizes
from lstm_lessons.weights import MOST_LAYERS

SIZES = [
    dict(batch=3, timesteps=5, features=6, units=7),
    dict(batch=4, timesteps=5, features=8, units=16),
    dict(batch=9, timesteps=30, features=2, units=64),
]
SEQ, STATE = dict(return_sequences=True), dict(return_state=True)
BOTH = SEQ | STATE

# (misconception, framework, flags, the answers that it leads to, in the sizes' first letters)
BELIEFS = [
    ("units_as_steps", "keras", {}, "(b, t) | (b, 1) | (b, f)"),
    ("units_as_steps", "keras", SEQ, "(b, u, 1) | (b, u, f) | (b, u, t) | (b, t, f)"),
    ("units_as_steps", "keras", STATE, "(b, t), (b, t), (b, t) | (b, u), (b, f), (b, f)"),
    ("units_as_steps", "keras", STATE, "(b, t), (b, u), (b, u)"),
    ("units_as_steps", "torch", {}, "(b, u, f), (1, b, u), (1, b, u)"),
    ("units_as_steps", "torch", {}, "(b, t, f), (1, b, u), (1, b, u)"),
    ("units_as_steps", "torch", {}, "(b, t, u), (1, b, t), (1, b, t)"),
    ("sequence_by_default", "keras", {}, "(b, t, u) | (b, 1, u)"),
    ("sequence_by_default", "keras", SEQ, "(b, u)"),
    ("sequence_by_default", "keras", STATE, "(b, t, u), (b, u), (b, u)"),
    ("sequence_by_default", "torch", {}, "(b, u) | (b, u), (1, b, u), (1, b, u)"),
    ("states_packaging", "keras", BOTH, "(b, t, u), (b, u) | (b, t, u), (b, t, u), (b, t, u)"),
    ("states_packaging", "keras", BOTH, "(b, u), (b, u), (b, u) | (b, t, u), (1, b, u), (1, b, u)"),
    ("states_packaging", "keras", {}, "(b, u), (b, u), (b, u) | (b, t, u), (b, u), (b, u)"),
    ("states_packaging", "keras", STATE, "(b, u)"),
    ("states_packaging", "torch", {}, "(b, t, u) | (b, t, u), (1, b, u)"),
    ("states_packaging", "keras", SEQ, "(b, t, u), (b, t, u)"),
    ("units_as_steps", "keras", BOTH, "(b, u, t), (b, t), (b, t) | (b, t, f), (b, u), (b, u)"),
    ("states_only", "torch", {}, "(b, u), (b, u) | (1, b, u) | (1, b, u), (1, b, u)"),
    ("states_only", "keras", STATE, "(b, u), (b, u)"),
    ("states_only", "keras", BOTH, "(b, u), (b, u)"),
    ("batch_in_shape", "keras", {}, "(u,) | (t, u)"),
    ("batch_in_shape", "keras", BOTH, "(t, u), (u,), (u,)"),
    ("batch_always_first", "torch", {}, "(b, t, u), (b, 1, u), (b, 1, u)"),
    ("layers_forgotten", "torch", {}, "(b, t, u), (b, u), (b, u)"),
    ("batch_always_first", "torch", {}, "(b, t, u), (1, t, u), (1, t, u)"),
]


def filled(answer, sizes):
    return re.sub(
        r"[btfu]", lambda letter: str({k[0]: v for k, v in sizes.items()}[letter[0]]), answer
    )


@pytest.mark.parametrize("sizes", SIZES, ids=lambda sizes: str(tuple(sizes.values())))
@pytest.mark.parametrize(("name", "framework_", "flags", "answers"), BELIEFS)
def test_each_misconception_is_recognised(name, framework_, flags, answers, sizes):
    for answer in answers.split(" | "):
        verdict = diagnose(Spec(**sizes, **flags), filled(answer, sizes), framework_)
        assert verdict.status == "wrong", answer
        assert name in verdict.misconceptions, (answer, verdict)
        belief = next(one for one in verdict.beliefs if one.misconception == name)
        assert belief.hint in ("", ITS_OWN, *HINTS["features"])
        assert (belief.hint or MISCONCEPTIONS[name].hint) in verdict.message


# Of stacks, directions and other cells: (misconception, framework, fields of a Spec of batch 4,
# timesteps 5, features 8, units 16, which tensor is asked for, the answers that it leads to).
BI, DEEP = dict(bidirectional=True), dict(layers=3)
GRU = dict(cell="gru")
BELIEFS_BEYOND = [
    ("states_packaging", "keras", GRU | STATE, "", "(4, 16), (4, 16), (4, 16) | (4, 16)"),
    ("sequence_by_default", "keras", GRU | STATE, "", "(4, 5, 16), (4, 16)"),
    ("states_packaging", "torch", GRU, "", "(4, 5, 16), (1, 4, 16), (1, 4, 16) | (4, 5, 16)"),
    ("layers_forgotten", "torch", GRU, "h", "(4, 16)"),
    ("batch_always_first", "torch", GRU, "h", "(4, 1, 16)"),
    ("states_merged", "keras", BI | STATE, "", "(4, 32), (4, 32), (4, 32)"),
    ("states_merged", "keras", BI | STATE, "", "(4, 32), (4, 16), (4, 16)"),
    ("states_merged", "keras", BI | STATE, "", "(4, 16), (4, 16), (4, 16), (4, 16), (4, 16)"),
    (
        "states_merged",
        "keras",
        BI | STATE,
        "",
        "(4, 16), (4, 16), (4, 16), (4, 16), (4, 16), (4, 16)",
    ),
    ("states_merged", "keras", BI | dict(merge_mode="sum"), "", "(4, 32)"),
    ("states_merged", "keras", BI | dict(merge_mode=None), "", "(4, 32) | (4, 16)"),
    ("sequence_by_default", "keras", BI, "", "(4, 5, 32) | (4, 1, 32)"),
    ("sequence_by_default", "keras", BI | SEQ, "", "(4, 32)"),
    ("batch_always_first", "torch", {}, "h", "(4, 1, 16) | (1, 5, 16)"),
    ("layers_forgotten", "torch", {}, "h", "(4, 16)"),
    ("layers_forgotten", "torch", DEEP, "h", "(4, 16)"),
    ("batch_always_first", "torch", dict(batch_first=False), "output", "(4, 5, 16)"),
    ("batch_always_first", "torch", dict(batch_first=False), "h", "(1, 5, 16) | (4, 1, 16)"),
    ("state_without_axes", "torch", DEEP, "h", "(3, 16) | (16,)"),
    ("layer_axis_misplaced", "torch", DEEP, "h", "(1, 4, 16) | (3, 4, 5, 16)"),
    ("batch_always_first", "torch", DEEP, "h", "(4, 3, 16)"),
    ("layer_axis_misplaced", "torch", DEEP, "output", "(4, 5, 48) | (3, 4, 5, 16)"),
    ("layer_axis_misplaced", "torch", DEEP | BI, "h", "(2, 4, 16)"),
    ("directions_misplaced", "torch", DEEP | BI, "h", "(3, 4, 32) | (3, 4, 16)"),
    ("directions_misplaced", "torch", BI, "h", "(1, 4, 32) | (2, 4, 32) | (1, 4, 16)"),
    ("states_packaging", "torch", BI, "", "(4, 5, 32), (4, 16), (4, 16), (4, 16), (4, 16)"),
    ("directions_misplaced", "torch", BI, "output", "(4, 5, 16) | (2, 4, 5, 16) | (4, 10, 16)"),
    (
        "layer_axis_misplaced",
        "keras",
        DEEP | STATE,
        "",
        "(4, 16), (4, 16), (4, 16), (4, 16), (4, 16), (4, 16), (4, 16)",
    ),
    ("layer_axis_misplaced", "keras", DEEP | STATE, "", "(4, 48), (4, 16), (4, 16)"),
    ("table_as_batch", "torch", dict(unbatched=True), "h", "(1, 5, 16) | (5, 16)"),
    ("table_as_batch", "torch", dict(unbatched=True), "output", "(5, 1, 16) | (1, 5, 16)"),
    ("parts_side_by_side", "keras", GRU, "", "(4, 48)"),
    ("parts_side_by_side", "torch", GRU, "h", "(1, 4, 48) | (3, 4, 16)"),
    ("parts_side_by_side", "torch", {}, "h", "(1, 4, 64) | (4, 4, 16)"),
    ("states_packaging", "torch", GRU, "h", "(2, 4, 16)"),
    ("states_packaging", "torch", DEEP, "h", "(6, 4, 16) | (2, 4, 16)"),
    (
        "states_packaging",
        "keras",
        STATE,
        "",
        "(4, 48) | (3, 4, 16) | (4, 16), (4, 32) | (4, 5, 16)",
    ),
    ("states_packaging", "keras", SEQ, "", "(4, 16), (4, 16), (4, 16) | (4, 16), (4, 16)"),
    ("states_only", "keras", STATE, "", "(1, 4, 16), (1, 4, 16) | (16,), (16,)"),
    ("layer_axis_misplaced", "torch", DEEP, "h", "(4, 48) | (1, 4, 48) | (3, 4, 48)"),
    ("layer_axis_misplaced", "torch", DEEP, "output", "(4, 3, 5, 16) | (4, 15, 16) | (12, 5, 16)"),
    ("directions_misplaced", "keras", BI, "", "(2, 4, 16) | (4, 2, 16) | (4, 16, 2) | (8, 16)"),
    ("directions_misplaced", "torch", DEEP | BI, "h", "(3, 2, 4, 16) | (2, 3, 4, 16) | (4, 32)"),
    ("directions_misplaced", "torch", BI, "h", "(4, 16) | (4, 32) | (1, 2, 4, 16)"),
    ("states_merged", "keras", BI, "", "(4, 16) | (4, 5, 16) | (4, 32), (4, 32), (4, 32)"),
    ("states_packaging", "keras", BI, "", "(4, 5, 32), (2, 4, 16), (2, 4, 16)"),
    ("units_as_steps", "keras", BI, "", "(4, 10) | (4, 2)"),
]


@pytest.mark.parametrize(("name", "framework_", "fields", "which", "answers"), BELIEFS_BEYOND)
def test_each_misconception_beyond_the_four_scenarios(name, framework_, fields, which, answers):
    spec = Spec(batch=4, timesteps=5, features=8, units=16, **fields)

    def pick(returned):
        return (returned[which],) if which else returned.tensors

    question = about("What is it?", spec, framework_, pick)
    secret = say(truth_of(question))
    for answer in answers.split(" | "):
        verdict = diagnose(question, answer)
        assert name in verdict.misconceptions, (answer, verdict)
        assert "You expect" in verdict.message
        assert secret not in verdict.message


def test_a_wrong_answer_is_a_tuple_or_an_error(spec, framework):
    for wrong in as_question(spec, framework).wrong:
        assert wrong.answer == "error" or isinstance(wrong.answer, tuple), wrong.because


def test_what_a_framework_refuses_is_an_error_and_that_is_the_right_answer():
    spec = Spec(layers=3, bidirectional=True, merge_mode=None)
    assert diagnose(spec, "error").status == "correct"
    assert diagnose(spec, "(3, 14)").status == "wrong"


def test_each_misconception_is_tested_on_two_answers():
    for name, known in MISCONCEPTIONS.items():
        if known.answers is Misconception.answers:
            continue  # only the lessons' own questions lead to it: see asked/
        rows = [row for row in (*BELIEFS, *BELIEFS_BEYOND) if row[0] == name]
        assert len({one for *_, answers in rows for one in answers.split(" | ")}) >= 2, name


def test_the_right_answer_is_never_accused(spec, framework):
    truth = expected(spec, framework).tensors
    names = ", ".join(f"({', '.join(one.axes)})" for one in truth)
    without = ", ".join(
        str(tuple(None if a == "batch" else n for a, n in zip(one.axes, one.shape, strict=True)))
        for one in truth
    )
    for answer in (
        expected(spec, framework).shapes,
        str(expected(spec, framework).shapes),
        names,
        without,
    ):
        verdict = diagnose(spec, answer, framework)
        assert (verdict.status, verdict.misconceptions) == ("correct", ()), answer


def test_a_message_on_a_wrong_answer_never_contains_the_right_one(spec, framework):
    truth = expected(spec, framework).tensors
    secrets = {say(truth), *(str(one.shape) for one in truth if len(one.shape) > 1)}
    known = {
        "batch": spec.batch,
        "timesteps": spec.timesteps,
        "features": spec.features,
        "units": spec.units,
        "layers": 1,
    }
    for wrong in as_question(spec, framework).wrong:
        shapes = tuple(tuple(known.get(size, size) for size in shape) for shape in wrong.answer)
        verdict = diagnose(spec, shapes, framework)
        if verdict.status == "wrong":
            assert not any(secret in verdict.message for secret in secrets), verdict.message
            assert verdict.message.count("You expect") == len(verdict.misconceptions)


SEVERAL = [
    (STATE, "keras", "(3, 7), (3, 7)", "states_only states_packaging", "Which of these did you"),
    ({}, "torch", "(3, 7), (3, 7), (3, 7)", "sequence_by_default layers_forgotten", "Several"),
    (
        *(dict(bidirectional=True), "torch", "(3, 5, 7), (1, 3, 14), (1, 3, 14)"),
        "directions_misplaced",
        "You expect an output of one direction only, and the directions side by side in",
    ),
]


@pytest.mark.parametrize(("fields", "framework_", "answer", "names", "begins"), SEVERAL)
def test_several_beliefs_are_all_said(fields, framework_, answer, names, begins):
    verdict = diagnose(Spec(**fields), answer, framework_)
    assert verdict.misconceptions == tuple(names.split())
    assert verdict.message.startswith(begins)
    for number, belief in enumerate(verdict.beliefs if len(verdict.beliefs) > 1 else (), 1):
        hint = MISCONCEPTIONS[belief.misconception].hint
        assert f"({number}) You expect {belief.because}. {hint}" in verdict.message


def test_a_hint_of_its_own_takes_the_place_of_the_misconceptions():
    verdict = diagnose(Spec(bidirectional=True, merge_mode="sum"), "(3, 14)")
    [belief] = verdict.beliefs
    assert belief.hint.startswith("`merge_mode` says how one output is made")
    assert verdict.message == f"You expect {belief.because}. {belief.hint}"


@pytest.mark.parametrize("fields", [STATE, STATE | SEQ, dict(cell="gru", **STATE)])
def test_who_sees_an_axis_of_layers_in_keras_is_asked_what_it_counts(fields):
    spec = Spec(**fields)
    output, *states = expected(spec).tensors
    typed = ", ".join(str(shape) for shape in [output.shape, *[(1, 3, 7)] * len(states)])
    [belief] = diagnose(spec, typed).beliefs
    assert belief.because == "an axis for the layers in the states"
    assert belief.hint.endswith("What would that axis count?")


@pytest.mark.parametrize(
    ("fields", "answer", "message"),
    [
        ({}, "(3, 9)", "9 is not right on the second axis."),
        ({}, "(5, 5)", "5 is not right on the first axis; 5 is the size of timesteps. 5 is"),
        (dict(features=5), "(5, 5)", "5 is not right on the first axis. 5 is"),
        ({}, "(9, 9, 9)", "The number of axes is not 3."),
        (
            STATE,
            "(3, 7), (3, 9), (9,)",
            "9 is not right on the second axis of the second tensor. "
            "The number of axes of the third tensor is not 1.",
        ),
    ],
)
def test_an_answer_without_a_misconception_is_compared_axis_by_axis(fields, answer, message):
    verdict = diagnose(Spec(**fields), answer)
    assert verdict.misconceptions == ()
    assert verdict.message.startswith(message)
    assert verdict.message == " ".join(one.words for one in verdict.differences)


@pytest.mark.parametrize(
    ("fields", "answer", "name", "because"),
    [
        ({}, "(9, 9), (9, 9), (9, 9)", "tensors_miscounted", "3 tensors"),
        (STATE, "(98, 99)", "tensors_miscounted", "1 tensor"),
        ({}, "error", "taken_or_refused", "a part of the code to refuse what it is given"),
        ({}, "(6, 7)", "axes_exchanged", "the features as the first axis"),
        (SEQ, "(3, 6, 7)", "axes_exchanged", "the features as the second axis"),
        (SEQ, "(3, 1, 7)", "sequence_by_default", "an axis of one timestep"),
        (SEQ, "(7,)", "batch_in_shape", "one vector, and no axis for the sequences"),
        (SEQ, "(3, 6)", "sequence_by_default", "no axis for the timesteps, and the features"),
        ({}, "(3, 42)", "laid_in_a_row", "the last axis to be multiplied by the features"),
        ({}, "(3, 13)", "parts_side_by_side", "the features to be added to the last axis"),
        ({}, "(3, 7, 6)", "units_as_steps", "an axis more, for the features"),
        (dict(layers=2, **STATE), "error", "taken_or_refused", "a part of the code to refuse"),
    ],
)
def test_a_slip_says_whose_size_stands_where(fields, answer, name, because):
    [belief] = diagnose(Spec(**fields), answer).beliefs
    assert belief.misconception == name
    assert belief.because.startswith(because)


@pytest.mark.parametrize("answer", ["", "  ", "...", "…", "I don’t know.", None, ...])
def test_nothing_is_not_an_attempt(answer):
    assert diagnose(Spec(), answer).status == "not attempted"


def test_what_cannot_be_read_is_no_wrong_answer():
    verdict = diagnose(Spec(), "seven")
    assert verdict.status == "not readable"
    assert (
        verdict.message
        == "An answer must be shapes, got 'seven'; try (10, 20) or (10, 20), (10, 40)."
    )
    assert (
        diagnose(Spec(), "True").message
        == "This asks for shapes, such as (10, 20) or (10, 20), (10, 40)."
    )


@given(st.text(max_size=30))
def test_any_text_gets_a_verdict(text):
    verdict = diagnose(Spec(), text)
    assert verdict.status in ("correct", "wrong", "not attempted", "not readable")
    assert verdict.message


def test_names_are_compared_as_names_where_sizes_are_equal():
    spec = Spec(batch=7, timesteps=7, features=7, units=7)
    assert diagnose(spec, "batch, units").status == "correct"
    assert diagnose(spec, "batch, timesteps").misconceptions == ("units_as_steps",)
    assert diagnose(spec, "units, batch").status == "wrong"


def test_none_stands_for_the_batch_only():
    assert diagnose(Spec(), "(None, 7)").status == "correct"
    assert diagnose(Spec(), "(3, None)").status == "wrong"


def fails():
    raise ValueError("expected ndim=3, found ndim=2")


@pytest.mark.parametrize(
    ("run", "right", "wrong"),
    [
        (lambda: (4, 16), "(4, 16)", "(4, 5)"),
        (lambda: (None, 16), "(?, 16)", "(5, 16)"),
        (lambda: ((4, 2), ((1, 2), (1, 2))), "(4, 2), (1, 2), (1, 2)", "(4, 2)"),
        (lambda: False, "false", "True"),
        (fails, "error", "(4, 16)"),
    ],
)
def test_a_question_may_have_shapes_a_truth_value_or_an_error_as_its_answer(run, right, wrong):
    belief = Wrong("units_as_steps", diagnosed(wrong), "something else")
    raises = ("ValueError",) if right == "error" else ()
    question = Question("What?", run=run, wrong=(belief,), raises=raises)
    assert diagnose(question, right).status == "correct"
    verdict = diagnose(question, wrong)
    assert verdict.misconceptions == ("units_as_steps",)
    assert "You expect something else." in verdict.message
    assert diagnose(Question("What?", run=run, raises=raises), wrong).message


def diagnosed(wrong):
    return True if wrong == "True" else eval(f"[{wrong}]")


def test_a_truth_value_is_asked_for_where_one_is_wanted():
    verdict = diagnose(Question("Is it?", run=lambda: True), "(3, 7)")
    assert (verdict.status, verdict.message) == ("not readable", "This asks for True or False.")


def test_what_is_kept_of_pytorch_can_be_asked():
    question = scenarios.kept(Spec())
    assert diagnose(question, "(3, 7)").status == "correct"
    assert diagnose(question, "(3, 5, 7)").misconceptions == ("sequence_by_default",)
    assert diagnose(question, "(3, 5)").misconceptions == ("units_as_steps",)
    assert [one.shape for one in truth_of(question)] == [one.shape for one in question.run()]


BOTH_WAYS = Spec(layers=2, bidirectional=True)


@pytest.mark.parametrize(
    ("one", "framework_", "answer", "status"),
    [
        (BOTH_WAYS, "torch", "(b, t, directions*units), {d}, {d}", "correct"),
        (BOTH_WAYS, "torch", "(b, t, units*directions), {d}, {d}", "correct"),
        (BOTH_WAYS, "torch", "(b, t, 2*units), {d}, {d}", "correct"),
        (BOTH_WAYS, "torch", "(b, t, directions*7), {d}, {d}", "correct"),
        (BOTH_WAYS, "torch", "(b, t, 2*7), (4, b, units), (2*layers, b, units)", "correct"),
        (BOTH_WAYS, "torch", "(b, t, layers*units), {d}, {d}", "wrong"),
        (BOTH_WAYS, "torch", "(b, t, directions*units), (layers*layers, b, units), {d}", "wrong"),
        (BOTH_WAYS, "torch", "(b, t, directions*units), (directions*2, b, units), {d}", "correct"),
        (BOTH_WAYS, "torch", "(b, t, directions*units), (units, b, units), {d}", "wrong"),
        (Spec(bidirectional=True), "torch", "(b, t, 14), (directions, b, 7), {d}", "correct"),
        (Spec(bidirectional=True), "torch", "(b, t, 14), (layers, b, 7), {d}", "wrong"),
        (Spec(layers=2), "torch", "(b, t, layers*units), (2, b, 7), (2, b, 7)", "wrong"),
        (Spec(), "keras", "(b, directions*units)", "not readable"),
        (Spec(), "keras", "(b, layers*units)", "not readable"),
        (Spec(), "torch", "(b, t, units), (layers*directions, b, units), {d}", "not readable"),
        (Spec(), "keras", "(b, 1*units)", "correct"),
        (Spec(proj_size=3), "torch", "(b, t, projection), (1, b, 3), (1, b, 7)", "correct"),
        (
            Spec(proj_size=3, layers=2),
            "torch",
            "(b, t, layers*projection), (2, b, 3), (2, b, 7)",
            "wrong",
        ),
        (
            Spec(layers=6, features=6),
            "torch",
            "(b, t, units), (features, b, 7), (6, b, 7)",
            "wrong",
        ),
    ],
)
def test_names_are_compared_as_factors(one, framework_, answer, status):
    answer = answer.format(d="(layers*directions, b, units)")
    verdict = diagnose(one, answer, framework_)
    assert verdict.status == status, verdict


def test_an_axis_of_one_in_a_product_is_asked_to_be_left_out():
    verdict = diagnose(Spec(), "(batch, directions*units)")
    assert verdict.message == "Of directions there is 1 here: leave it out of products."


def test_where_the_batch_is_asked_none_says_nothing():
    question = settled(meaning.series())
    verdict = diagnose(question, "(None, 4)")
    assert verdict.status == "not readable"
    assert verdict.message == "This asks for the batch: write a number for it."
    assert diagnose(question, "(60, 4)").status == "correct"
    assert diagnose(settled(meaning.difference()), "(None, None)").status == "not readable"


@pytest.mark.parametrize(
    "name", ["projection", "directions", "2*batch", "layers*directions", "b*b"]
)
def test_a_name_without_a_size_is_no_open_batch(name):
    for question in (settled(forecasting.five_days()), settled(scenarios.classifier())):
        last = truth_of(question)[0].shape[-1]
        assert diagnose(question, f"(batch, {last})").status == "correct"
        assert diagnose(question, f"({name}, {last})").status != "correct"


def no_memory():
    raise MemoryError


def not_there():
    raise NotRun("PyTorch must be importable, got nothing; try pip install torch")


class Silent(Exception):
    def __str__(self):
        raise ValueError


def silent():
    raise Silent


@pytest.mark.parametrize(
    ("run", "raises", "message"),
    [
        (fails, (), "ValueError: expected ndim=3, found ndim=2."),
        (fails, ("RuntimeError", "KeyError"), "ValueError: expected ndim=3, found ndim=2."),
        (no_memory, ("ValueError",), "MemoryError."),
        (silent, (), "Silent."),
        (
            not_there,
            ("RuntimeError",),
            "PyTorch must be importable, got nothing; try pip install torch.",
        ),
        (
            lambda: (4, 16),
            ("ValueError", "RuntimeError"),
            "ValueError or RuntimeError must come, got (4, 16); "
            "try the versions that the course was tested with.",
        ),
        (
            lambda: None,
            (),
            "ValueError: An answer must be shapes, got 'None'; try (10, 20) or (10, 20), (10, 40).",
        ),
    ],
)
def test_code_that_fails_in_another_way_than_it_must_is_judged_by_nobody(run, raises, message):
    question = Question("What?", run=run, raises=raises)
    for answer in ("error", "(4, 16)", "True", "nonsense", ""):
        verdict = diagnose(question, answer)
        assert (verdict.status, verdict.misconceptions) == ("could not run", ())
        assert verdict.message == message
    assert str(verdict) == f"Could not run: {message}"


def test_an_error_may_be_named_by_a_class_above_it():
    question = Question("What?", run=lambda: {}["?"], raises=("LookupError",))
    assert diagnose(question, "error").status == "correct"
    assert diagnose(question, "(4, 16)").status == "wrong"
    assert diagnose(question, "no").message.startswith("This asks for shapes")


@pytest.mark.parametrize("framework_", ["keras", "torch"])
def test_a_setting_that_the_framework_does_not_have_is_no_error_to_predict(framework_):
    field = dict(proj_size=3) if framework_ == "keras" else dict(merge_mode="sum")
    with pytest.raises(ValueError, match=r"must be .* which has no such setting, got"):
        diagnose(Spec(**field), "error", framework_)


@pytest.mark.parametrize(
    ("one", "framework_"),
    [
        (Spec(layers=3, bidirectional=True, merge_mode=None), "keras"),
        (Spec(proj_size=9), "torch"),
        (Spec(proj_size=3, cell="gru"), "torch"),
    ],
)
def test_what_the_rule_refuses_the_framework_refuses_too(one, framework_):
    question = as_question(one, framework_)
    for asked in (question, replace(question, rule=None)):
        assert diagnose(asked, "error").status == "correct"
        assert diagnose(asked, "no error").status == "not readable"


def test_no_plausible_wrong_answer_to_a_scenario_is_right(spec, framework):
    if spec.batch == 1:
        spec = replace(spec, batch=8, timesteps=9, units=6)
    question = as_question(spec, framework)
    for answer in attacks(truth_of(question)):
        assert diagnose(question, answer, framework).status != "correct", answer


@pytest.mark.parametrize("fields", [BI, DEEP, DEEP | BI, dict(merge_mode=None) | BI | STATE, GRU])
def test_no_plausible_wrong_answer_beyond_the_four_scenarios_is_right(fields):
    for framework_ in ("keras",) if "merge_mode" in fields else ("keras", "torch"):
        question = as_question(Spec(**fields), framework_)
        for answer in attacks(truth_of(question)):
            assert diagnose(question, answer, framework_).status != "correct", answer


@st.composite
def asked(draw):
    """Return a Spec and a framework that runs it."""
    framework = draw(st.sampled_from(["keras", "torch"]))
    own = dict(return_sequences=draw(st.booleans()), return_state=draw(st.booleans()))
    if framework == "torch":
        own = dict(batch_first=draw(st.booleans()), proj_size=draw(st.sampled_from([0, 0, 1])))
    size = st.integers(2, 9)
    return framework, Spec(
        *("lstm", draw(size), draw(size), draw(size), draw(size)),
        layers=draw(st.integers(1, 3)),
        bidirectional=draw(st.booleans()),
        **own,
    )


@st.composite
def said(draw, axis, known):
    """Return one of the ways to say what an axis is: its size, its name, or None."""
    name, size = axis, size_of(axis, known)
    parts = draw(st.permutations(axis.split("·")))
    ways = [size, "·".join(parts)]
    if len(parts) > 1:
        ways.append(f"{known[parts[0]]}·{parts[1]}".removeprefix("1·"))
    return draw(st.sampled_from([*ways, None] if name == "batch" else ways))


def changed(draw, answer, known):
    """Return an answer that says something else: another size, name, axis or tensor."""
    place = draw(st.integers(0, len(answer) - 1))
    shape = list(answer[place])
    axis = draw(st.integers(0, len(shape) - 1))
    number = size_of(shape[axis], known)
    other = draw(st.sampled_from(["batch", "timesteps", "features", "units", "layers·layers"]))
    shapes = {
        "another size": [*shape[:axis], number + draw(st.integers(1, 9)), *shape[axis + 1 :]],
        "another name": [*shape[:axis], other, *shape[axis + 1 :]],
        "a factor more": [*shape[:axis], f"{shape[axis]}·features", *shape[axis + 1 :]],
        "an axis less": shape[:axis] + shape[axis + 1 :],
        "an axis more": [*shape[:axis], 1, *shape[axis:]],
        "open": [*shape[:axis], None, *shape[axis + 1 :]],
    }
    possible = [kind for kind in shapes if shapes[kind]]
    possible.remove("another name") if other == shape[axis] else None
    possible.remove("open") if shape[axis] == "batch" else None
    change = draw(st.sampled_from([*possible, "a tensor more", "a tensor less"]))
    if change == "a tensor more":
        return [*answer[:place], answer[place], *answer[place:]]
    if change == "a tensor less" and len(answer) > 1:
        return [*answer[:place], *answer[place + 1 :]]
    return [*answer[:place], shapes.get(change, [*shape, 1]), *answer[place + 1 :]]


def seconds(function, *given):
    """Return how long a call takes; a moment of a busy machine may spoil one of them."""
    began = time.process_time()
    function(*given)
    return time.process_time() - began


MANY = pytest.mark.parametrize("number", [80, pytest.param(3000, marks=pytest.mark.more)])


@MANY
def test_a_right_answer_is_right_however_it_is_written_and_a_changed_one_never(number):
    @given(st.data())
    @settings(max_examples=number, deadline=None)
    def holds(data):
        framework_, spec = data.draw(asked())
        known = sizes(spec)
        right = [one.axes for one in expected(spec, framework_).tensors]
        written = [[data.draw(said(axis, known)) for axis in axes] for axes in right]
        typed = data.draw(several(written))
        assert diagnose(spec, typed, framework_).status == "correct", (spec, typed)
        assert any(seconds(diagnose, spec, typed, framework_) < 0.5 for _ in range(3))
        typed = data.draw(several(changed(data.draw, right, known)))
        assert diagnose(spec, typed, framework_).status != "correct", (spec, typed)

    holds()


@MANY
def test_no_text_is_right_by_chance(number):
    texts = st.text("37x,() #units-batcherofasNy*·;", max_size=24)

    @given(texts, st.sampled_from([Spec(), Spec(proj_size=9)]))
    @settings(max_examples=number, deadline=None)
    def holds(typed, spec):
        verdict = diagnose(spec, typed, "torch" if spec.proj_size else "keras")
        assert verdict.message
        if verdict.status == "correct" and not spec.proj_size:
            assert re.search(r"3|b|n|-1", typed.lower())
            assert re.search(r"7|u|h", typed.lower())

    holds()


@pytest.mark.parametrize("framework_", ["keras", "torch"])
def test_the_highest_stack_is_judged_fast(framework_):
    spec = Spec(layers=MOST_LAYERS, return_state=True)
    began = time.process_time()
    right = str(expected(spec, framework_).shapes)
    assert diagnose(spec, right, framework_).status == "correct"
    assert diagnose(spec, "(3, 7)", framework_).status == "wrong"
    assert diagnose(spec, "(3, 9), (3, 7), (3, 7)", framework_).status == "wrong"
    assert time.process_time() - began < 1
    with pytest.raises(ValueError, match="layers must be at most 200, got 10000; try layers=1"):
        diagnose(Spec(layers=10_000), right, framework_)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("output (3, 5, 7), h_n (1, 3, 7), c_n (1, 3, 7)", "correct"),
        ("output (3, 5, 7), h (1, 3, 7), c (1, 3, 7)", "correct"),
        ("(3, 5, 7), state (1, 3, 7), (1, 3, 7)", "correct"),
        ("output (3, 5, 7), c_n (1, 3, 7), h_n (1, 3, 7)", "wrong"),
        ("h_n (3, 5, 7), (1, 3, 7), (1, 3, 7)", "wrong"),
    ],
)
def test_a_label_stands_before_the_shape_of_its_tensor(answer, status):
    verdict = diagnose(Spec(), answer, "torch")
    assert verdict.status == status
    assert ("comes back at another place." in verdict.message) is (status == "wrong")


NONE = [None, object(), [[]] * 10**6, 10**5000, "\n" * 99, {}, Spec, 7]


@pytest.mark.parametrize("question", NONE, ids=lambda one: type(one).__name__)
def test_no_object_is_a_question_by_chance(question):
    got = "7" if question == 7 else ""
    with pytest.raises(
        ValueError, match=f"^question must be a Spec or a Question, got {got}.*; try Spec"
    ) as error:
        diagnose(question, "(3, 7)")
    assert "\n" not in str(error.value)


def test_no_other_framework_is_asked():
    with pytest.raises(ValueError, match=r"^framework must be 'keras' or 'torch', got 'tf'; try"):
        diagnose(Spec(), "(3, 7)", "tf")


def test_a_verdict_reads_well():
    assert str(diagnose(Spec(), "(3, 7)")) == (
        "Correct: (batch 3, units 7): no flag: one h for each sequence, the timesteps gone."
    )
    assert str(diagnose(Spec(), "(3, 9)")) == "Not yet: 9 is not right on the second axis."


@pytest.mark.parametrize(
    ("typed", "of", "told"),
    [
        ("(3,7),((3,7),(3,7))", "keras", True),
        ("[(3, 7), [(3, 7), (3, 7)]]", "keras", True),
        ("(3,7),(3,7),(3,7)", "keras", False),
        ("[(3, 7), (3, 7), (3, 7)]", "keras", False),
        ("3x7 3x7 3x7", "keras", False),
        ("(3,5,7),((1,3,7),(1,3,7))", "torch", False),  # so PyTorch returns them
        ("(3,5,7),(1,3,7),(1,3,7)", "torch", False),
    ],
)
def test_where_tensors_stand_in_a_row_brackets_of_their_own_are_told(typed, of, told):
    found = diagnose(Spec(return_state=True), typed, of)
    assert found.status == "correct"
    assert (IN_A_ROW in found.message) is told
