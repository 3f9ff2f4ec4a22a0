"""Errors of timesteps, of which there are other ones than are read, in the form of clinic.py."""

# ruff: noqa: B008 (defaults are what is wrong)

from functools import partial

import keras
import numpy as np
import torch
from clinic import LOSS, LSTM, SCORES, Dense, Input, X, case, fit, layers, stack, typed
from torch import nn

# Scores and targets.

unequal = partial(case, "Scores and targets of unequal timesteps")
LONGER, SHORTER = torch.zeros(3, 6).long(), torch.zeros(3, 2).long()
unequal(
    lambda: LOSS(SCORES.transpose(1, 2), LONGER),
    "The target has 6 timesteps. The scores (3, 4, 5) have 5, or 4 if they are",
    line="loss(scores, target[:, :5])",
    then="value > 0",
    scores=SCORES.transpose(1, 2),
    target=LONGER,
)
unequal(
    lambda: LOSS(SCORES, SHORTER),
    "The target has 2 timesteps. The scores (3, 5, 4) have 4, or 5 if they are",
    line="loss(scores[:, :2].transpose(1, 2), target)",
    then="value > 0",
    scores=SCORES,
    target=SHORTER,
)
unequal(
    typed("LOSS(SCORES.reshape(-1, 4), LONGER.reshape(-1))", LONGER=LONGER),
    "The scores have 5 timesteps, the target has 6",
    line="LONGER = LONGER[:, :5]",
    then="LOSS(SCORES.reshape(-1, 4), LONGER.reshape(-1)) > 0",
    LONGER=LONGER,
)
unequal(
    typed("LOSS(SCORES.flatten(0, 1), SHORTER.flatten())", SHORTER=SHORTER),
    "The scores have 5 timesteps, the target has 2",
    line="SCORES = SCORES[:, :2]",
    then="LOSS(SCORES.flatten(0, 1), SHORTER.flatten()) > 0",
    SHORTER=SHORTER,
)
EVERY = LSTM(7, return_sequences=True)
for loss, ends in (("sparse_categorical_crossentropy", ()), ("categorical_crossentropy", (4,))):
    unequal(
        lambda loss=loss, ends=ends: fit(loss, np.zeros((3, 6, *ends)), EVERY),
        "The output has 5 timesteps, the target has 6",
        line="y = y[:, :5]",
        then="fit(loss, y, LSTM(7, return_sequences=True)) is None",
        y=np.zeros((3, 6, *ends)),
        loss=loss,
    )
    unequal(
        lambda loss=loss, ends=ends: fit(loss, np.zeros((3, 3, *ends)), EVERY),
        "The output has 5 timesteps, the target has 3",
        line="keras.layers.Cropping1D((0, 2))",
        then="stack(LSTM(7, return_sequences=True), Dense(4), value).output_shape == (None, 3, 4)",
    )

# Neither of these is about timesteps.

case(
    "Classes on the wrong axis",
    lambda: LOSS(SCORES, torch.zeros(3, 5).long()),
    line="loss(scores.transpose(1, 2), target)",
    then="value > 0",
    scores=SCORES,
    target=torch.zeros(3, 5).long(),
)
case(
    "Not one target for each row of scores",
    typed("LOSS(SCORES.flatten(0, 1), ONE)", ONE=torch.zeros(3).long()),
    "15 rows of scores and 3 targets",
    line="linear(output[:, -1])",
    linear=nn.Linear(7, 4),
    output=torch.ones(3, 5, 7),
)
case(
    "A target that does not fit the output",
    lambda: fit("sparse_categorical_crossentropy", np.zeros((3, 5)), LSTM(7)),
    line="keras.layers.LSTM(units, return_sequences=True)",
    then="value(X).shape == (3, 5, 7)",
)

# A recurrent layer in TimeDistributed.

wrapped = partial(case, "TimeDistributed around a recurrent layer")
OTHER_WORDS = dict.fromkeys(("torch", "jax"), "its words are others")


class Eager(keras.Model):
    def __init__(self):
        super().__init__()
        self.each = layers.TimeDistributed(LSTM(7))

    def call(self, x):
        return self.each(x)


for run in (
    lambda layer=LSTM(7): layers.TimeDistributed(layer)(X),
    lambda layer=LSTM(7): layers.TimeDistributed(layer)(X[:2]),
    lambda layer=LSTM(7): layers.TimeDistributed(layer)(Input((5, 6))),
    lambda layer=LSTM(7): stack(layers.TimeDistributed(layer)),
    lambda layer=layers.RNN(layers.LSTMCell(7)): layers.TimeDistributed(layer)(X),
    lambda: Eager()(X),
):
    wrapped(
        run,
        "TimeDistributed runs",
        "four axes: batch, parts, timesteps, features",
        line="keras.layers.LSTM(7)",
        then="value(X).shape == (3, 7)",
        otherwise=OTHER_WORDS,
    )
    wrapped(
        run,
        line="keras.layers.LSTM(7, return_sequences=True)",
        then="value(X).shape == (3, 5, 7)",
        otherwise=OTHER_WORDS,
    )
wrapped(
    lambda layer=layers.Bidirectional(LSTM(7)): layers.TimeDistributed(layer)(X),
    line="keras.layers.Bidirectional(keras.layers.LSTM(7, return_sequences=True))",
    then="value(X).shape == (3, 5, 14)",
    otherwise=OTHER_WORDS,
)
HOLDS = layers.TimeDistributed(keras.Sequential([LSTM(7), Dense(2)]))
wrapped(
    lambda: HOLDS(X),
    "TimeDistributed runs Sequential",
    line="keras.layers.LSTM(units)",
    then="value(X).shape == (3, 7)",
    otherwise=OTHER_WORDS,
)

# A convolutional layer below.

FRAMES = (5, 8, 8, 1)
below = partial(case, "A layer below without return_sequences")
FILMS = layers.ConvLSTM2D(4, 3, padding="same", name="films")
below(
    lambda films=FILMS: stack(films, LSTM(7), shape=FRAMES),
    "The layer below, films, has no return_sequences. It hands on no timesteps.",
    line="keras.layers.ConvLSTM2D(4, kernel_size=(3, 3), padding='same', return_sequences=True)",
    then="stack(value, layers.TimeDistributed(layers.Flatten()), LSTM(7), shape=(5, 8, 8, 1))"
    ".output_shape == (None, 7)",
)
below(
    lambda: stack(layers.ConvLSTM2D(4, 3), layers.MaxPooling2D(), LSTM(7), shape=FRAMES),
    "what stands between in TimeDistributed, too",
    line="keras.layers.TimeDistributed(keras.layers.Flatten())",
    then="stack(layers.ConvLSTM2D(4, 3, return_sequences=True), "
    "layers.TimeDistributed(layers.MaxPooling2D()), value, LSTM(7), shape=(5, 8, 8, 1))"
    ".output_shape == (None, 7)",
)
below(
    lambda: stack(layers.ConvLSTM2D(4, 3), layers.Flatten(), LSTM(7), shape=FRAMES),
    line="keras.layers.ConvLSTM2D(4, kernel_size=(3, 3), return_sequences=True)",
    then="stack(value, layers.TimeDistributed(layers.Flatten()), LSTM(7), shape=(5, 8, 8, 1))"
    ".output_shape == (None, 7)",
)
below(
    lambda: stack(layers.ConvLSTM2D(4, 3), layers.ConvLSTM2D(2, 3), shape=FRAMES),
    line="keras.layers.ConvLSTM2D(4, kernel_size=(3, 3), return_sequences=True)",
    then="stack(value, layers.ConvLSTM2D(2, 3), shape=(5, 8, 8, 1)).output_shape[1:] == (4, 4, 2)",
)
case(
    "An axis too many",
    lambda: stack(layers.ConvLSTM2D(4, 3, return_sequences=True), LSTM(7), shape=FRAMES),
    line="keras.layers.TimeDistributed(keras.layers.Flatten())",
    then="stack(layers.ConvLSTM2D(4, 3, return_sequences=True), value, LSTM(7), "
    "shape=(5, 8, 8, 1)).output_shape == (None, 7)",
)
case(
    "Other axes than a ConvLSTM reads",
    lambda: stack(layers.ConvLSTM2D(4, 3), shape=(8, 8, 1)),
    "if timesteps is missing",
)
