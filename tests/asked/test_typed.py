"""What newcomers type is answered with what they believe: `typed.txt`, answer by answer."""

import pathlib
from dataclasses import replace
from functools import cache

import pytest
from attacks import settled
from rows_memory import REFUSED

from lstm_lessons import Spec, diagnose
from lstm_lessons.asked import decoding, explaining, forecasting, layers, meaning, memory, scenarios
from lstm_lessons.asking.diagnosis import as_question

EVERY, STATES = dict(return_sequences=True), dict(return_state=True)
OF_TORCH = Spec(batch=8, timesteps=20, features=3, units=16)
MADE = {
    "the last output": Spec,
    "all of PyTorch": lambda: as_question(Spec(), "torch"),
    "output[:, -1]": lambda: scenarios.kept(OF_TORCH),
    "every output": lambda: Spec(**EVERY),
    "output": lambda: scenarios.kept(replace(OF_TORCH, **EVERY)),
    "the last output and the states": lambda: Spec(**STATES),
    "every output and the states": lambda: Spec(**EVERY, **STATES),
    "the first sequence": scenarios.one_sequence,
    "without batch_first": scenarios.batch_second,
    "a classifier": scenarios.classifier,
    "a tagger": scenarios.tagger,
    "a stack by default": scenarios.stack_by_default,
    "longer": scenarios.longer,
    "resumed": scenarios.resumed,
    "a decoder": scenarios.decoder,
    "essays": scenarios.grade_essays,
    "words": scenarios.tag_words,
    "a start": scenarios.start_decoder,
    "two names for three": scenarios.unpacked_in_two,
    "a flag of Keras": scenarios.flag_of_torch,
    "h_n of a stack": layers.states_of_a_stack,
    "output of a stack": layers.output_of_a_stack,
    "h_n of a tower": layers.states_of_a_tower,
    "a GRU's state": layers.state_of_a_gru,
    "a GRU unpacked": layers.unpacked_as_lstm,
    "a GRU's weights": layers.weights_of_a_gru,
    "h_0": layers.initial_states,
    "last of both": layers.last_of_both,
    "both directions": lambda: Spec(bidirectional=True),
    "both directions and their states": lambda: Spec(bidirectional=True, **STATES),
    "both directions of PyTorch": lambda: as_question(
        Spec("lstm", 9, 20, 6, 11, bidirectional=True), "torch"
    ),
    "both directions added up": lambda: Spec(
        batch=8, units=9, bidirectional=True, merge_mode="sum", **EVERY
    ),
    "a tower": lambda: as_question(Spec(layers=2, bidirectional=True), "torch"),
    "a table": meaning.table,
    "a series": meaning.series,
    "two names": meaning.two_names,
    "a difference": meaning.difference,
    "masked": memory.masked,
    "packed": memory.packed,
    "unpacked": memory.unpacked,
    "handed over": memory.handed_over,
    "two of the batch": memory.two_of_the_batch,
    "ten in threes": memory.ten_in_threes,
    "arrows": decoding.arrows,
    "sees the answer": decoding.sees_the_answer,
    "Keras' h for PyTorch": decoding.torch_state,
    "repeated": decoding.repeated,
    "merged": decoding.merged,
    "five days": forecasting.five_days,
    "windows": forecasting.cut,
    "handed on": explaining.handed_on,
    "the last of a stack": explaining.last_of_a_stack,
    "two inputs": explaining.two_inputs,
    "the ends": explaining.both_directions,
    "attended": explaining.attended,
    "what it should have read": explaining.should_have_read,
}
LINES = pathlib.Path(__file__).with_name("typed.txt").read_text().splitlines()
ROWS = [line.split(" | ") for line in LINES if not line.startswith("#")]


@cache
def made(name):
    return settled(as_question(MADE[name]()))


def test_there_are_nine_hundred():
    assert len(ROWS) >= 900
    assert {name for name, *_ in ROWS} == set(MADE)
    assert sum(accused == "-" for *_, accused in ROWS) <= 3


IN_THREES = pytest.mark.skipif(
    REFUSED, reason="Keras 3.12 and 3.13 refuse; the answers are of others"
)
OF_HERE = [pytest.param(name, marks=[IN_THREES] * (name == "ten in threes")) for name in MADE]


@pytest.mark.parametrize("name", OF_HERE)
def test_each_answer_accuses_whom_it_should(name):
    for _, answer, accused in (row for row in ROWS if row[0] == name):
        found = diagnose(made(name), answer)
        got = " ".join(found.misconceptions) or (found.status if found.status != "wrong" else "-")
        assert got == accused, (name, answer)


@pytest.mark.parametrize("name", OF_HERE)
def test_each_reply_reads_back_and_asks_and_the_second_is_another(name):
    for question, answer, accused in ROWS:
        if question != name or accused in ("-", "not readable"):
            continue
        found = diagnose(made(name), answer)
        first, second = found.reply(1), found.reply(2)
        assert first.startswith(f"`{answer.split('), ')[0][:2]}") or not found.given, first
        assert "?" in first, (answer, first)
        assert first != second or found.choices, (answer, second)
