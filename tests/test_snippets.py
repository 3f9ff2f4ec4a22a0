"""The code of a spec, line by line."""

import pytest

from lstm_lessons import Spec, code
from lstm_lessons.snippets import call

STACK = dict(layers=3, bidirectional=True)


@pytest.mark.parametrize(
    ("fields", "framework_", "line"),
    [
        ({}, "keras", "keras.layers.LSTM(7)"),
        (dict(cell="gru", return_state=True), "keras", "keras.layers.GRU(7, return_state=True)"),
        (dict(cell="rnn"), "keras", "keras.layers.SimpleRNN(7)"),
        (
            dict(return_sequences=True, return_state=True),
            "keras",
            "keras.layers.LSTM(7, return_sequences=True, return_state=True)",
        ),
        (
            dict(bidirectional=True, merge_mode="sum"),
            "keras",
            "keras.layers.Bidirectional(keras.layers.LSTM(7), merge_mode='sum')",
        ),
        (
            STACK | dict(return_state=True),
            "keras",
            "keras.Sequential(["
            "keras.layers.Bidirectional(keras.layers.LSTM(7, return_sequences=True)), "
            "keras.layers.Bidirectional(keras.layers.LSTM(7, return_sequences=True)), "
            "keras.layers.Bidirectional(keras.layers.LSTM(7, return_state=True))])",
        ),
        ({}, "torch", "torch.nn.LSTM(6, 7, batch_first=True)"),
        (dict(batch_first=False), "torch", "torch.nn.LSTM(6, 7)"),
        (dict(unbatched=True, cell="rnn"), "torch", "torch.nn.RNN(6, 7)"),
        (
            STACK | dict(proj_size=3),
            "torch",
            "torch.nn.LSTM(6, 7, num_layers=3, bidirectional=True, batch_first=True, proj_size=3)",
        ),
    ],
)
def test_a_layer_is_written_with_what_is_not_usual(fields, framework_, line):
    assert call(Spec(**fields), framework_) == line


def test_keras_is_called_unless_another_is_named():
    assert call(Spec()) == "keras.layers.LSTM(7)"
    assert code(Spec()) == code(Spec(), "keras")


KERAS = """\
import keras
import numpy as np

x = np.random.rand(3, 5, 6).astype("float32")  # (batch, timesteps, features)
"""
TORCH = """\
import torch

"""


@pytest.mark.parametrize(
    ("fields", "framework_", "lines"),
    [
        ({}, "keras", KERAS + "layer = keras.layers.LSTM(7)\noutput = layer(x)"),
        (
            dict(layers=3, return_state=True),
            "keras",
            KERAS + "stack = keras.Sequential([\n"
            "    keras.layers.LSTM(7, return_sequences=True),\n"
            "    keras.layers.LSTM(7, return_sequences=True),\n"
            "    keras.layers.LSTM(7, return_state=True),\n"
            "])\n"
            "output, h, c = stack(x)",
        ),
        (
            {},
            "torch",
            TORCH + "x = torch.rand(3, 5, 6)  # (batch, timesteps, features)\n"
            "lstm = torch.nn.LSTM(6, 7, batch_first=True)\n"
            "output, (h_n, c_n) = lstm(x)\n"
            "last = output[:, -1]  # (batch, units)",
        ),
        (
            dict(cell="gru", batch_first=False, return_sequences=True),
            "torch",
            TORCH + "x = torch.rand(5, 3, 6)  # (timesteps, batch, features)\n"
            "gru = torch.nn.GRU(6, 7)\n"
            "output, h_n = gru(x)",
        ),
        (
            dict(bidirectional=True, return_state=True),
            "torch",
            TORCH + "x = torch.rand(3, 5, 6)  # (batch, timesteps, features)\n"
            "lstm = torch.nn.LSTM(6, 7, bidirectional=True, batch_first=True)\n"
            "output, (h_n, c_n) = lstm(x)\n"
            "last = torch.cat([h_n[-2], h_n[-1]], -1)  # (batch, directions·units)",
        ),
    ],
)
def test_the_lines_are_these(fields, framework_, lines):
    assert code(Spec(**fields), framework_) == lines


def test_a_merge_named_at_run_time_is_the_same_merge():
    spec = Spec(bidirectional=True, merge_mode="".join("concat"))
    assert call(spec) == "keras.layers.Bidirectional(keras.layers.LSTM(7))"
