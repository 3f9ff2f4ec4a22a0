"""A wrong answer is answered with the misconception that produces it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_lessons import Question, Spec, diagnose, expected
from lstm_lessons.asked import scenarios
from lstm_lessons.diagnose import MISCONCEPTIONS, about, as_question, say, truth_of

SIZES = [
    dict(batch=3, timesteps=5, features=6, units=7),
    dict(batch=4, timesteps=5, features=8, units=16),
    dict(batch=9, timesteps=30, features=2, units=64),
]
SEQ, STATE = dict(return_sequences=True), dict(return_state=True)
BOTH = SEQ | STATE

# (misconception, framework, flags, the answer that it leads to, in the sizes' first letters)
BELIEFS = [
    ("units_as_steps", "keras", {}, "(b, t)"),
    ("units_as_steps", "keras", {}, "(b, 1)"),
    ("units_as_steps", "keras", {}, "(b, f)"),
    ("units_as_steps", "keras", SEQ, "(b, u, 1)"),
    ("units_as_steps", "keras", SEQ, "(b, u, f)"),
    ("units_as_steps", "keras", SEQ, "(b, u, t)"),
    ("units_as_steps", "keras", STATE, "(b, t), (b, t), (b, t)"),
    ("units_as_steps", "torch", {}, "(b, u, f), (1, b, u), (1, b, u)"),
    ("sequence_by_default", "keras", {}, "(b, t, u)"),
    ("sequence_by_default", "keras", {}, "(b, 1, u)"),
    ("sequence_by_default", "keras", SEQ, "(b, u)"),
    ("sequence_by_default", "keras", STATE, "(b, t, u), (b, u), (b, u)"),
    ("sequence_by_default", "torch", {}, "(b, u)"),
    ("sequence_by_default", "torch", {}, "(b, u), (1, b, u), (1, b, u)"),
    ("states_packaging", "keras", BOTH, "(b, t, u), (b, u)"),
    ("states_packaging", "keras", BOTH, "(b, t, u), (b, t, u), (b, t, u)"),
    ("states_packaging", "keras", BOTH, "(b, u), (b, u), (b, u)"),
    ("states_packaging", "keras", BOTH, "(b, t, u), (1, b, u), (1, b, u)"),
    ("states_packaging", "keras", {}, "(b, u), (b, u), (b, u)"),
    ("states_packaging", "keras", STATE, "(b, u)"),
    ("states_packaging", "torch", {}, "(b, t, u)"),
    ("states_packaging", "keras", {}, "(b, t, u), (b, u), (b, u)"),
    ("states_packaging", "keras", SEQ, "(b, t, u), (b, t, u)"),
    ("units_as_steps", "keras", STATE, "(b, u), (b, f), (b, f)"),
    ("states_only", "torch", {}, "(b, u), (b, u)"),
    ("states_only", "torch", {}, "(1, b, u)"),
    ("states_packaging", "torch", {}, "(b, t, u), (1, b, u)"),
    ("states_only", "keras", STATE, "(b, u), (b, u)"),
    ("states_only", "keras", BOTH, "(b, u), (b, u)"),
    ("states_only", "torch", {}, "(1, b, u), (1, b, u)"),
    ("batch_in_shape", "keras", {}, "(u,)"),
    ("batch_in_shape", "keras", {}, "(t, u)"),
    ("batch_in_shape", "keras", BOTH, "(t, u), (u,), (u,)"),
    ("batch_always_first", "torch", {}, "(b, t, u), (b, 1, u), (b, 1, u)"),
    ("batch_always_first", "torch", {}, "(b, t, u), (b, u), (b, u)"),
    ("batch_always_first", "torch", {}, "(b, t, u), (1, t, u), (1, t, u)"),
]


def filled(answer, sizes):
    return re.sub(
        r"[btfu]", lambda letter: str({k[0]: v for k, v in sizes.items()}[letter[0]]), answer
    )


@pytest.mark.parametrize("sizes", SIZES, ids=lambda sizes: str(tuple(sizes.values())))
@pytest.mark.parametrize(("name", "framework_", "flags", "answer"), BELIEFS)
def test_each_misconception_is_recognised(name, framework_, flags, answer, sizes):
    spec = Spec(**sizes, **flags)
    verdict = diagnose(spec, filled(answer, sizes), framework_)
    assert verdict.status == "wrong"
    assert name in verdict.misconceptions
    assert MISCONCEPTIONS[name].hint in verdict.message


# Of stacks, directions and other cells: (misconception, framework, fields of a Spec of batch 4,
# timesteps 5, features 8, units 16, which tensor is asked for, the answers that it leads to).
BI, DEEP = dict(bidirectional=True), dict(layers=3)
GRU = dict(cell="gru")
BELIEFS_BEYOND = [
    ("states_packaging", "keras", GRU | STATE, "", ["(4, 16), (4, 16), (4, 16)", "(4, 16)"]),
    ("sequence_by_default", "keras", GRU | STATE, "", ["(4, 5, 16), (4, 16)"]),
    ("states_packaging", "torch", GRU, "", ["(4, 5, 16), (1, 4, 16), (1, 4, 16)", "(4, 5, 16)"]),
    ("batch_always_first", "torch", GRU, "h", ["(4, 16)", "(4, 1, 16)"]),
    (
        "states_merged",
        "keras",
        BI | STATE,
        "",
        [
            "(4, 32), (4, 32), (4, 32)",
            "(4, 32), (4, 16), (4, 16)",
            "(4, 16), (4, 16), (4, 16), (4, 16), (4, 16)",
        ],
    ),
    ("states_merged", "keras", BI | dict(merge_mode="sum"), "", ["(4, 32)"]),
    ("states_merged", "keras", BI | dict(merge_mode=None), "", ["(4, 32)", "(4, 16)"]),
    ("states_merged", "keras", BI | STATE, "", ["(4, 16), (4, 16)" + ", (4, 16)" * 4]),
    ("sequence_by_default", "keras", BI, "", ["(4, 5, 32)", "(4, 1, 32)"]),
    ("sequence_by_default", "keras", BI | SEQ, "", ["(4, 32)"]),
    ("batch_always_first", "torch", {}, "h", ["(4, 1, 16)", "(4, 16)", "(1, 5, 16)"]),
    ("batch_always_first", "torch", dict(batch_first=False), "output", ["(4, 5, 16)"]),
    ("batch_always_first", "torch", dict(batch_first=False), "h", ["(1, 5, 16)", "(4, 1, 16)"]),
    ("state_without_axes", "torch", DEEP, "h", ["(3, 16)", "(16,)"]),
    ("layer_axis_misplaced", "torch", DEEP, "h", ["(1, 4, 16)", "(4, 16)", "(3, 4, 5, 16)"]),
    ("batch_always_first", "torch", DEEP, "h", ["(4, 3, 16)"]),
    ("layer_axis_misplaced", "torch", DEEP, "output", ["(4, 5, 48)", "(3, 4, 5, 16)"]),
    ("layer_axis_misplaced", "torch", DEEP | BI, "h", ["(2, 4, 16)"]),
    ("directions_misplaced", "torch", DEEP | BI, "h", ["(3, 4, 32)", "(3, 4, 16)"]),
    ("directions_misplaced", "torch", BI, "h", ["(1, 4, 32)", "(2, 4, 32)", "(1, 4, 16)"]),
    ("states_packaging", "torch", BI, "", ["(4, 5, 32)" + ", (4, 16)" * 4]),
    ("directions_misplaced", "torch", BI, "output", ["(4, 5, 16)", "(2, 4, 5, 16)", "(4, 10, 16)"]),
    (
        "layer_axis_misplaced",
        "keras",
        DEEP | STATE,
        "",
        [
            "(4, 16), (4, 16), (4, 16), (4, 16), (4, 16), (4, 16), (4, 16)",
            "(4, 48), (4, 16), (4, 16)",
        ],
    ),
    ("table_as_batch", "torch", dict(unbatched=True), "h", ["(1, 5, 16)", "(5, 16)"]),
    ("table_as_batch", "torch", dict(unbatched=True), "output", ["(5, 1, 16)", "(1, 5, 16)"]),
]


@pytest.mark.parametrize(("name", "framework_", "fields", "which", "answers"), BELIEFS_BEYOND)
def test_each_misconception_beyond_the_four_scenarios(name, framework_, fields, which, answers):
    spec = Spec(batch=4, timesteps=5, features=8, units=16, **fields)

    def pick(returned):
        return (returned[which],) if which else returned.tensors

    question = about("What is it?", spec, framework_, pick)
    secret = say(truth_of(question))
    for answer in answers:
        verdict = diagnose(question, answer)
        assert name in verdict.misconceptions, (answer, verdict)
        assert "You expect" in verdict.message
        assert secret not in verdict.message


def test_what_a_framework_refuses_is_an_error_and_that_is_the_right_answer():
    spec = Spec(layers=3, bidirectional=True, merge_mode=None)
    assert diagnose(spec, "error").status == "correct"
    assert diagnose(spec, "(3, 14)").status == "wrong"


def test_each_misconception_is_tested_on_two_answers():
    for name, one in MISCONCEPTIONS.items():
        if one.answers.__name__ == "_nothing":
            continue  # only the lessons' own questions lead to it: see asked/
        tested = [answer for known, *_, answer in BELIEFS if known == name]
        tested += [one for known, *_, answers in BELIEFS_BEYOND if known == name for one in answers]
        assert len(set(tested)) >= 2, name


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
    for _, rule in as_question(spec, framework).wrong:
        for answer, *_ in rule():
            known = {
                "batch": spec.batch,
                "timesteps": spec.timesteps,
                "features": spec.features,
                "units": spec.units,
                "layers": 1,
            }
            shapes = tuple(tuple(known.get(size, size) for size in shape) for shape in answer)
            verdict = diagnose(spec, shapes, framework)
            if verdict.status == "wrong":
                assert not any(secret in verdict.message for secret in secrets), verdict.message
                assert verdict.message.count("You expect") == len(verdict.misconceptions)


def test_two_beliefs_with_one_answer_are_both_named_and_it_asks_which():
    verdict = diagnose(Spec(return_state=True), "(3, 7), (3, 7)")
    assert verdict.misconceptions == ("states_only", "states_packaging")
    assert "Which of these did you have in mind?" in verdict.message
    assert "the states alone" in verdict.message
    assert "one state beside the output" in verdict.message


def test_two_mistakes_in_one_answer_are_told_apart():
    verdict = diagnose(Spec(), "(3, 7), (3, 7), (3, 7)", "torch")
    assert verdict.misconceptions == ("sequence_by_default", "batch_always_first")
    assert "Several things are mixed here." in verdict.message


def test_two_mistakes_of_one_kind_are_both_said():
    verdict = diagnose(Spec(bidirectional=True), "(3, 5, 7), (1, 3, 14), (1, 3, 14)", "torch")
    assert verdict.misconceptions == ("directions_misplaced",)
    assert verdict.message.startswith(
        "You expect an output of one direction only, and the directions side by side in the states."
    )


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("(3, 9)", "9 is not right on the second axis."),
        ("(5, 5)", "5 is not right on the first axis; 5 is the size of timesteps."),
        ("(3, 7, 5)", "The number of axes is not 3."),
        ("(9, 9), (9, 9), (9, 9)", "You gave 3 tensors; another number is right."),
        ("error", "It runs without an error."),
        ("(7, 3)", "The sizes are right, their order is not."),
    ],
)
def test_an_answer_without_a_misconception_is_compared_axis_by_axis(answer, message):
    verdict = diagnose(Spec(), answer)
    assert verdict.misconceptions == ()
    assert message in verdict.message


def test_axes_are_compared_in_each_tensor():
    verdict = diagnose(Spec(return_state=True), "(3, 7), (3, 9), (9,)")
    assert verdict.message == (
        "9 is not right on the second axis of the second tensor. "
        "The number of axes of the third tensor is not 1."
    )


@pytest.mark.parametrize("answer", ["", "  ", "...", None, ...])
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
    belief = ("units_as_steps", lambda: [(diagnosed(wrong), "something else")])
    question = Question("What?", run=run, wrong=(belief,))
    assert diagnose(question, right).status == "correct"
    verdict = diagnose(question, wrong)
    assert verdict.misconceptions == ("units_as_steps",)
    assert "You expect something else." in verdict.message
    assert diagnose(Question("What?", run=run), wrong).message


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


def test_what_is_no_question_gets_one_line():
    with pytest.raises(
        ValueError, match=r"^question must be a Spec or a Question, got 7; try Spec"
    ):
        diagnose(7, "(3, 7)")
    with pytest.raises(ValueError, match=r"^framework must be 'keras' or 'torch', got 'tf'; try"):
        diagnose(Spec(), "(3, 7)", "tf")


def test_a_verdict_reads_well():
    assert str(diagnose(Spec(), "(3, 7)")) == "Correct: (batch 3, units 7)."
    assert str(diagnose(Spec(), "(3, 9)")) == "Not yet: 9 is not right on the second axis."
