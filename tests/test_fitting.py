"""The lines to write, as the failing call has its names and its numbers."""

import pytest
import torch
from clinic import T, error_of
from clinic_training import LENGTHS
from keras import Input, layers
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from lstm_lessons.explaining.errors import explain_error

OUT, LAST = torch.ones(3, 5, 7), torch.ones(1, 3, 7)


def lines(broken):
    """Return the code of the lines to write of what broken raises."""
    return [
        line.partition("  #")[0] for line in explain_error(error_of(broken)).instead.split("\n")
    ]


@pytest.mark.parametrize(
    ("lengths", "line"),
    [
        (LENGTHS.to("meta"), "lengths = lengths.cpu()"),
        (LENGTHS[:, None], "lengths = lengths.flatten()"),
    ],
)
def test_of_lengths_the_fault_alone_is_mended(lengths, line):
    assert lines(lambda: pack_padded_sequence(T, lengths, batch_first=True)) == [line]


def test_of_a_conv_lstm_an_axis_is_added_where_one_is_missing_and_else_taken():
    conv = layers.ConvLSTM2D(7, 3)
    assert lines(lambda: conv(Input((8, 9, 1)))) == ["x[:, None]", "x[None]", "x[..., None]"]
    more = lines(lambda: layers.ConvLSTM2D(7, 3)(Input((1, 3, 8, 9, 1))))
    assert more == ["x[0]", "keras.Input(x.shape[1:])"]


def test_what_is_joined_is_called_as_the_learner_does():
    def joins(out, h):
        return torch.cat([out, h[-1]], dim=2)

    each, last = lines(lambda: joins(OUT, LAST))
    assert each == "torch.cat([out, h[-1].unsqueeze(1).expand(-1, out.shape[1], -1)], -1)"
    assert last == "torch.cat([out[:, -1], h[-1]], -1)"
    assert eval(each, {"torch": torch, "out": OUT, "h": LAST}).shape == (3, 5, 14)


def test_a_keyword_of_the_other_framework_is_answered_for_the_layer_that_has_it_not():
    assert lines(lambda: layers.GRU(7, time_major=True)) == ["keras.layers.GRU(units)"]
    assert lines(lambda: nn.GRU(6, 7, return_state=True)) == ["output, h_n = gru(x)"]
    assert lines(lambda: nn.LSTM(6, units=7)) == ["torch.nn.LSTM(features, hidden_size=units)"]
