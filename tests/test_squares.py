"""Type the index of the lit squares: every right spelling is right, a wrong one is diagnosed."""

import pytest

from lstm_lessons import Spec, diagnose
from lstm_lessons.asking.misconceptions import MISCONCEPTIONS
from lstm_lessons.asking.squares import lit, said
from lstm_lessons.asking.truth import say, truth_of
from lstm_lessons.replies import outcome

BOTH = Spec(return_sequences=True, return_state=True)
TOWER = Spec(layers=2, bidirectional=True)
LAST = lit("output[:, -1]", Spec(), "torch")
ROW = lit("h_n[-2]", TOWER, "torch")
STATE = lit("h_n[-1]", Spec(), "torch")
FIRST = lit("output[:, 0]", BOTH, "keras")
ONE = lit("output[0, -1]", BOTH, "keras")
THREE = lit("output[:, :3]", BOTH, "keras")
JOINED = lit("torch.cat([h_n[-2], h_n[-1]], dim=-1)", TOWER, "torch")


@pytest.mark.parametrize(
    ("question", "spellings"),
    [
        (
            LAST,
            [
                *("output[:, -1]", "output[:,-1,:]", "output[:, 4]", "output[..., -1, :]"),
                *("output[[0, 1, 2], -1]", "output[:, -1:][:, 0]", "output[0:3, 4, 0:7]"),
                *("`output[:, -1]`", " output [ : , −1 ] "),
            ],
        ),
        (ROW, ["h_n[-2]", "h_n[2]", "h_n[2, :, :]", "h_n[-2:][0]"]),
        (STATE, ["h_n[-1]", "h_n[0]"]),
        (FIRST, ["output[:, 0]", "output[:, -5]"]),
        (THREE, ["output[:, :3]", "output[:, 0:3]", "output[:, :-2]", "output[:, [0, 1, 2]]"]),
        (
            JOINED,
            [
                "concat([h_n[2], h_n[3]], -1)",
                "torch.cat((h_n[-2], h_n[-1]), dim=1)",
                "ops.concatenate([h_n[-2], h_n[-1]])",
            ],
        ),
    ],
)
def test_every_right_spelling_is_right(question, spellings):
    for index in spellings:
        assert diagnose(question, index).status == "correct", index
    assert len({said(index, question) for index in spellings}) == 1


def test_a_right_answer_says_what_it_takes_and_what_else_is_equal():
    assert str(diagnose(LAST, "output[:, 4]")) == (
        "Correct: output[:, 4] takes all 3 sequences, the last timestep, all 7 units: (batch 3, "
        "units 7), the same numbers as h_n[-1]."
    )
    assert str(diagnose(FIRST, "output[:, 0]")).endswith(
        "the first timestep, all 7 units: (batch 3, units 7)."
    )


SLICED = "[10, 20, 30][-1] is a number, [10, 20, 30][-1:] a list. Which has an axis less?"
PLACE = "Each place in the brackets of {} belongs to one axis, in order. At which place are the {}?"
ZERO = "Python counts from 0. Which number has the first timestep, and which the one that is lit?"


@pytest.mark.parametrize(
    ("question", "index", "belief", "words"),
    [
        (
            LAST,
            "output[-1]",
            "index_and_axis",
            "output[-1] takes the last sequence, all 5 timesteps, all 7 units: (5, 7). You expect "
            "a timestep to be picked where the sequences are counted. "
            + PLACE.format("output", "timesteps"),
        ),
        (
            LAST,
            "output[:, -1:]",
            "index_and_axis",
            "output[:, -1:] takes all 3 sequences, the last timestep (its axis stays, of 1), all 7 "
            "units: (3, 1, 7). You expect the timesteps axis to go where a slice stands. " + SLICED,
        ),
        (
            LAST,
            "output[:, 0]",
            "index_and_axis",
            f"You expect the first timestep to be lit. {ZERO}",
        ),
        (LAST, "output[:, 3]", "index_and_axis", f"You expect timestep 3 to be lit. {ZERO}"),
        (
            LAST,
            "output[..., -1]",
            "units_as_steps",
            "You expect a timestep to be picked where the units are counted. ",
        ),
        (
            LAST,
            "h_n[-1]",
            "output_for_state",
            "You expect h_n, which holds the same numbers, to be lit. Under which name are the lit "
            "squares?",
        ),
        (ONE, "h[0]", "output_for_state", "You expect h, which holds the same numbers, to be lit."),
        (LAST, "c_n[-1]", "states_packaging", "You expect c_n to be lit."),
        (LAST, "output", "index_and_axis", "You expect all 5 timesteps to be lit."),
        (LAST, "output[0, -1]", "index_and_axis", "You expect the first sequence to be lit."),
        (
            LAST,
            "output[:, -1][:, None]",
            "axis_of_one",
            "You expect an axis of 1 that was not there before. What makes it?",
        ),
        (
            STATE,
            "h_n",
            "layers_forgotten",
            "You expect the axis of the layers to go by itself. h_n has an axis for them. What "
            "takes an axis away?",
        ),
        (
            STATE,
            "h_n[-1:]",
            "index_and_axis",
            f"You expect the layers axis to go where a slice stands. {SLICED}",
        ),
        (
            STATE,
            "h_n[:, -1]",
            "layer_axis_misplaced",
            "You expect a layer to be picked where the sequences are counted.",
        ),
        (
            ROW,
            "h_n[-1]",
            "directions_misplaced",
            "You expect the last row (layer 1 backward) to be lit. The rows go layer by layer from "
            "the lowest, and of each layer forward comes before backward. Which row is lit?",
        ),
        (ROW, "h_n[0]", "directions_misplaced", "You expect the first row (layer 0 forward) to be"),
        (
            ROW,
            "output[:, -1, :7]",
            "output_for_state",
            "output, which holds the same numbers, to be",
        ),
        (
            THREE,
            "output[:, :2]",
            "index_and_axis",
            "You expect the first 2 timesteps to be lit. [10, 20, 30][0:2] has two numbers. Where "
            "does a slice stop?",
        ),
    ],
)
def test_a_wrong_index_is_diagnosed(question, index, belief, words):
    verdict = diagnose(question, index)
    assert (verdict.status, *verdict.misconceptions) == ("wrong", belief)
    assert words in verdict.message.replace("`", "")


def test_what_no_belief_leads_to_is_wrong_too():
    assert str(diagnose(LAST, "output[::-1, -1]")).endswith(
        "The lit squares are right, their order is not."
    )
    assert str(diagnose(JOINED, "torch.cat([h_n[-1], h_n[-2]], dim=-1)")).endswith(
        "The lit squares are right, their order is not."
    )
    assert str(diagnose(JOINED, "torch.cat([h_n[0], h_n[1]], dim=-1)")).endswith(
        "Other squares are lit."
    )
    assert str(diagnose(JOINED, "torch.cat([h_n[2], h_n[3]])")).endswith(
        "The squares are right, and the shape that is left is not (6, 7)."
    )


def test_two_hints_and_then_the_answer():
    wrong = diagnose(LAST, "output[-1]")
    assert wrong.reply(2).endswith("Lit are all 3 sequences, the last timestep, all 7 units.")
    assert (
        diagnose(LAST, "output[:, -1:]")
        .reply(2)
        .endswith("What is left must be (batch 3, units 7).")
    )
    for attempt in (1, 2, 3):
        assert "output[:, -1]" not in wrong.reply(attempt)
    assert say(truth_of(LAST)) == "`output[:, -1]` (batch 3, units 7)"


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        ("output[:, 5]", "Timestep must be from -5 to 4 (of 5 timesteps), got 5."),
        ("out[:, -1]", "Name must be 'output', 'h_n', 'c_n' or 'x', got 'out'."),
        ("output[:, -1", "Each bracket must be closed, got 'output[:, -1'."),
        ((3, 7), "This asks for a name with an index, such as `x[0, 2]`."),
    ],
)
def test_what_is_no_index_gets_its_line_without_the_answer(answer, line):
    verdict = diagnose(LAST, answer)
    assert (verdict.status, verdict.said) == ("not readable", line)


def test_nothing_counts_neither_way():
    assert diagnose(LAST, " ").status == "not attempted"


def test_it_says_what_was_called_and_what_must_be_left():
    assert LAST.text == (
        "`output, (h_n, c_n) = torch.nn.LSTM(6, 7, batch_first=True)(x)`, where `x` is a batch of "
        "shape (batch 3, timesteps 5, features 6). Which index takes the lit squares and leaves "
        "(batch 3, units 7)? Type it with its name, such as `x[0, 2]`."
    )
    assert FIRST.text.startswith("`output, h, c = keras.layers.LSTM(7, return_sequences=True, ")
    assert lit("output[0]", Spec(), "keras").text.startswith("`output = keras.layers.LSTM(7)(x)`")


@pytest.mark.parametrize("question", [LAST, ROW, STATE, FIRST, THREE])
def test_what_is_usually_pressed_in_its_place_is_known(question):
    assert len(question.wrong) >= 6
    for wrong in question.wrong:
        verdict = diagnose(question, wrong.answer)
        assert wrong.belief in MISCONCEPTIONS
        assert (verdict.status, wrong.belief in verdict.misconceptions) == ("wrong", True)
        assert f"You expect {wrong.because}." in verdict.message


@pytest.mark.parametrize("question", [THREE, LAST])
def test_what_holds_the_same_numbers_is_said_where_something_does(question):
    """Nothing can be pressed there, so nothing is said of what can be."""
    _, said = outcome(question)
    assert "pressed" not in said
    assert ("The same numbers as" in said) == (question is LAST)


def test_the_real_layer_leaves_what_the_rule_says():
    for question in (LAST, STATE):
        assert question.run() == question.rule()
        assert question.run().values.shape == question.rule().shape
