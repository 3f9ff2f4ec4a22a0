"""The twenty hardest questions that people asked about their networks, answered by explain alone.

Each test has the question and where it was asked, builds a network like the asker's, and finds
the answer in what explain says of it.
"""

import re

import keras
import numpy as np
import pytest
import torch
from keras import layers
from torch import nn

from lstm_lessons import explain


class Classifier(nn.Module):
    """A Linear layer on what `summary` makes of the LSTM's output and h_n."""

    def __init__(self, lstm, width, summary):
        super().__init__()
        self.lstm, self.fc, self.summary = lstm, nn.Linear(width, 3), summary

    def forward(self, x):
        output, (h_n, _) = self.lstm(x)
        return self.fc(self.summary(output, h_n))


# Which end of a bidirectional output.


def test_the_last_timestep_of_a_bidirectional_lstm_in_a_torch_classifier():
    """A classifier reads out[:, -1, :]; has its backward part not seen the last input alone?

    yunjey/pytorch-tutorial#149
    """
    lstm = nn.LSTM(8, 16, batch_first=True, bidirectional=True)
    network = Classifier(lstm, 32, lambda output, h_n: output[:, -1, :])
    text = explain(network, torch.randn(3, 5, 8)).text
    assert "Warning: fc (Linear) uses output[:, -1] of lstm, which is bidirectional." in text
    assert "of what it reads, the backward direction has read the last timestep alone" in text
    assert "Write instead: torch.cat([h_n[-2], h_n[-1]], -1)" in text


def test_the_last_timestep_of_a_bidirectional_lstm_in_a_keras_classifier():
    """Is outputs[-1] of a bidirectional network not wrong, as the backward part starts there?

    aymericdamien/TensorFlow-Examples#201
    """
    x = keras.Input((5, 8))
    output = layers.Bidirectional(layers.LSTM(7, return_sequences=True))(x)
    text = explain(keras.Model(x, layers.Dense(3)(output[:, -1])), (4, 5, 8)).text
    assert "(Dense) uses output[:, -1] of bidirectional" in text
    assert "of what it reads, the backward direction has read the last timestep alone" in text
    assert "Write instead: Bidirectional(LSTM(7))" in text


def test_where_in_output_the_two_last_states_are():
    """Why is the last output not the two entries of h_n side by side? Only its first half is.

    discuss.pytorch.org/t/bilstm-output-hidden-state-mismatch/49825
    """
    lstm = nn.LSTM(5, 7, batch_first=True, bidirectional=True)
    text = explain(lstm, torch.randn(3, 6, 5)).text
    assert "equals: output[:, -1, :7] == h_n[-2]" in text
    assert "equals: output[:, 0, 7:] == h_n[-1]" in text


def test_where_in_output_the_two_last_states_are_with_timesteps_first():
    """With output (17, 1, 200) and h_n (2, 1, 100), where in output is the backward half of h_n?

    a question-and-answer thread
    """
    explained = explain(nn.LSTM(8, 100, bidirectional=True), torch.randn(17, 1, 8))
    assert explained.layers[0].returned.shapes == ((17, 1, 200), ((2, 1, 100), (2, 1, 100)))
    assert "equals: output[-1, :, :100] == h_n[-2]" in explained.text
    assert "equals: output[0, :, 100:] == h_n[-1]" in explained.text


# What h_n holds, and where its batch is.


def test_the_order_of_layers_and_directions_in_h_n():
    """Does h_n go layer by layer, each forward and backward, or all the forward ones first?

    OpenNMT/OpenNMT-py#61
    """
    lstm = nn.LSTM(8, 16, num_layers=3, bidirectional=True)
    explained = explain(lstm, torch.randn(5, 4, 8))
    assert explained.layers[0].returned.shapes[1][0] == (6, 4, 16)
    assert (
        "The first axis of h_n, in order: layer 0 forward, layer 0 backward, layer 1 forward, "
        "layer 1 backward, layer 2 forward, layer 2 backward." in explained.text
    )


def test_what_h_n_has_that_output_has_not():
    """Does h_n only repeat the last timestep, which is in output already?

    a question-and-answer thread
    """
    lstm = nn.LSTM(8, 16, num_layers=3, batch_first=True)
    text = explain(lstm, torch.randn(4, 5, 8)).text
    assert (
        "output (batch 4, timesteps 5, units 16), h of the top layer after every timestep" in text
    )
    assert "h_n (layers 3, batch 4, units 16), the last h of each layer; equals: " in text
    assert "equals: output[:, -1] == h_n[-1]" in text


def test_batch_first_and_the_states():
    """Does batch_first not move the batch axis of the states too?

    pytorch/pytorch#4145
    """
    explained = explain(nn.GRU(8, 16, 3, batch_first=True), torch.randn(4, 5, 8))
    assert explained.layers[0].returned.shapes == ((4, 5, 16), (3, 4, 16))
    assert (
        "batch_first says nothing of the states: h_n is (layers, batch, units) with it and without."
        in explained.text
    )


def test_a_batch_taken_for_timesteps():
    """The network learns, though batch_first was forgotten: what is it computing?

    AndersonJo/dqn-pytorch#1
    """
    network = nn.Sequential(nn.Conv1d(9, 64, 1), nn.LSTM(16, 7))
    explained = explain(network, torch.randn(32, 9, 16))
    assert explained.layers[0].returned.shapes == ((32, 64, 7), ((1, 64, 7), (1, 64, 7)))
    assert "batch_first=False: the first axis is taken for timesteps" in explained.text
    assert "32 timesteps of 64 sequences. If your batch comes first" in explained.text


def test_h_n_reshaped_to_one_row_for_each_sequence():
    """Does view(-1, layers * units) of h_n not mix the sequences of the batch?

    OpenNMT/OpenNMT-py#1521
    """
    lstm = nn.LSTM(8, 3, num_layers=2)
    network = Classifier(lstm, 6, lambda output, h_n: h_n.view(-1, 6))
    text = explain(network, torch.randn(7, 5, 8)).text
    assert "Warning: fc (Linear) uses h_n.view(-1, 6) of lstm." in text
    assert "a row of it holds numbers of neighbouring sequences, not of one" in text
    assert "Write instead: h_n.transpose(0, 1).reshape(-1, 6)" in text


def test_an_input_of_two_axes():
    """May the input be (timesteps, features), without a batch, and what comes back then?

    LaurentMazare/tch-rs#719
    """
    lstm = nn.LSTM(8, 16, num_layers=2, batch_first=True, bidirectional=True)
    explained = explain(lstm, torch.randn(5, 8))
    assert "The input has two axes: one sequence, without a batch." in explained.text
    assert "It reads (timesteps 5, features 8)." in explained.text
    assert explained.layers[0].returned.shapes == ((5, 32), ((4, 16), (4, 16)))


# How many weights.


@pytest.mark.filterwarnings("ignore:LSTM with projections")
def test_the_weights_of_a_second_layer_that_reads_a_projection():
    """Do the weights of the layers above read directions * proj_size numbers, not hidden_size?

    pytorch/pytorch#65053
    """
    lstm = nn.LSTM(6, 16, num_layers=2, proj_size=5, bidirectional=True)
    text = explain(lstm, torch.randn(7, 3, 6)).text
    first, second = "4 · (6 + 5 + 2) · 16 + 16 · 5", "4 · (10 + 5 + 2) · 16 + 16 · 5"
    assert (
        f" = 2 · ({first}) + 2 · ({second}). Parameters are ((gates + candidate) · (features + h"
        in text
    )


def test_the_two_biases_of_torch():
    """Has nn.LSTM two vectors of biases in each layer, where one would do?

    pytorch/pytorch#36905
    """
    text = explain(nn.LSTM(8, 16), torch.randn(5, 3, 8)).text
    assert (
        "1664 = 4 · (8 + 16 + 2) · 16. "
        "Parameters are (gates + candidate) · (features + h + biases) · units" in text
    )


def test_the_weights_do_not_depend_on_the_timesteps():
    """How does LSTM(256) on 16 timesteps of 4096 features come to 4457472 parameters?

    a question-and-answer thread
    """
    text = explain(layers.LSTM(256), (None, 16, 4096)).text
    assert (
        "4457472 = 4 · (4096 + 256 + 1) · 256. Parameters are (gates + candidate) · (features + h"
        in text
    )
    assert "batch and timesteps do not count" in text


# What Keras' flags and wrappers do.


def test_the_width_of_two_directions_with_units_of_their_own():
    """How wide is the output if backward_layer has other units than the forward one?

    keras-team/keras#23688
    """
    backward = layers.LSTM(24, return_sequences=True, go_backwards=True)
    forward = layers.LSTM(47, return_sequences=True)
    explained = explain(layers.Bidirectional(forward, backward_layer=backward), (2, 5, 4))
    assert explained.layers[0].returned.shapes == (2, 5, 71)
    assert "output (batch 2, timesteps 5, units+units 71), h in both directions" in explained.text


def test_the_order_in_which_go_backwards_returns():
    """Does go_backwards flip its output too, before one concatenates the two directions by hand?

    keras-team/keras#3163
    """
    x = keras.Input((5, 8))
    forward = layers.LSTM(3, return_sequences=True)(x)
    backward = layers.LSTM(3, return_sequences=True, go_backwards=True)(x)
    network = keras.Model(x, layers.Concatenate()([forward, backward]))
    text = explain(network, (4, 5, 8)).text
    assert "h after every timestep, read from the end: the last is timestep 0;" in text
    assert "go_backwards=True: it reads from the last timestep to the first" in text
    assert "returns its output in the order of reading." in text


def test_the_states_of_an_rnn_of_two_cells():
    """What does RNN of two LSTM cells return with return_state=True?

    keras-team/keras#19482
    """
    rnn = layers.RNN([layers.LSTMCell(10), layers.LSTMCell(12)], return_state=True)
    explained = explain(keras.Sequential([rnn]), (4, 5, 8))
    states = ((4, 10), (4, 10)), ((4, 12), (4, 12))
    assert explained.layers[0].returned.shapes == ((4, 12), *states)
    assert "[1][0]: h_0 (batch 4, units 10), the last h of cell 0;" in explained.text
    assert "[2][1]: c_1 (batch 4, units 12), the last c of cell 1;" in explained.text


def test_the_output_of_masked_timesteps_in_two_directions():
    """What does Bidirectional return at the masked timesteps?

    tensorflow/tensorflow#49739
    """
    x = np.ones((4, 5, 8), "float32")
    x[:, 3:] = 0
    lstm = layers.LSTM(3, return_sequences=True)
    text = explain(keras.Sequential([layers.Masking(), layers.Bidirectional(lstm)]), x).text
    assert "A mask is given: 8 of 20 steps are skipped, and h stays as it was over them;" in text
    assert "the output there is zero." in text


def test_a_target_without_the_axis_of_timesteps():
    """All layers return sequences, the target is one number for each: do they fit together?

    keras-team/keras#6318
    """
    lstms = [layers.LSTM(units, return_sequences=True) for units in (5, 7)]
    network = keras.Sequential([*lstms, layers.TimeDistributed(layers.Dense(1))])
    text = explain(network, (4, 6, 24), target=np.zeros((4, 1))).text
    assert "Warning: The network returns (4, 6, 1), the target is (4, 1)." in text
    assert "mse does not refuse them: it compares (4, 6), each timestep with" in text
    assert "Write instead: prediction[:, -1]" in text


def test_c_after_every_timestep():
    """How does one get c after every timestep, as return_sequences gives h?

    tensorflow/tensorflow#26215
    """
    lstm = layers.LSTM(16, return_sequences=True, return_state=True)
    explained = explain(lstm, (4, 5, 8))
    assert explained.layers[0].returned.shapes == ((4, 5, 16), (4, 16), (4, 16))
    assert (
        "c after the earlier timesteps is never returned: a loop over the cell gives it."
        in explained.text
    )


def test_the_states_of_a_bidirectional_encoder():
    """Which states does a bidirectional encoder return, and how wide is the decoder they start?

    keras-team/keras#15456
    """
    x, y = keras.Input((5, 8)), keras.Input((3, 6))
    encoder = layers.LSTM(16, return_sequences=True, return_state=True)
    output, *states = layers.Bidirectional(encoder)(x)
    h, c = (layers.Concatenate()(states[which::2]) for which in (0, 1))
    decoded = layers.LSTM(32, return_sequences=True)(y, initial_state=[h, c])
    network = keras.Model([x, y], layers.Attention()([decoded, output]))
    text = explain(network, (4, 5, 8), (4, 3, 6)).text
    for place, name in enumerate(["forward_h", "forward_c", "backward_h", "backward_c"], 1):
        assert f"[{place}]: {name} (batch 4, units 16), the last " in text
    assert "receives forward_h (4, 16) and backward_h (4, 16)." in text
    assert re.search(r"\(\(4, 16\), \(4, 16\)\) +\(4, 32\) +lstm", text)
