"""Errors of a list where a layer reads one tensor, in the form of clinic.py."""

# ruff: noqa: B008 (defaults are what is wrong)

from functools import partial

import numpy as np
import torch
from clinic import case
from keras import layers, ops
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

FIRST, USUAL = nn.LSTM(6, 7, batch_first=True), nn.GRU(6, 7)
NUMBERS = nn.RNN(1, 7, batch_first=True)


def zeros(*shapes):
    return [torch.zeros(shape) for shape in shapes]


a_list = partial(case, "A list of tensors where one belongs")
pad = "x = torch.nn.utils.rnn.pad_sequence("
pack = "x = torch.nn.utils.rnn.pack_sequence("

# Not equally long.

a_list(
    lambda x=zeros((4, 6), (3, 6)): FIRST(x)[0],
    "It got a list of 2: (4, 6), (3, 6)",
    "padded to one length, or packed",
    line=f"{pad}x, batch_first=True)",
    gives=(2, 4, 7),
)
a_list(
    lambda x=zeros((4, 6), (3, 6), (2, 6)): USUAL(x)[0],
    "It got a list of 3",
    line=f"{pad}x)",
    gives=(4, 3, 7),
)
a_list(
    lambda x=zeros((3, 6), (4, 6)): USUAL(x)[1],
    "GRU runs, gives (a PackedSequence, (1, 2, 7))",
    line=f"{pack}x, enforce_sorted=False)",
    then="USUAL(x)[1].shape == (1, 2, 7)",
    USUAL=USUAL,
)
a_list(
    lambda x=tuple(zeros((4, 6), (3, 6))): FIRST(x)[0],
    "It got a tuple of 2",
    line=f"{pad}x, batch_first=True)",
    gives=(2, 4, 7),
)
a_list(
    lambda x=tuple(zeros((4, 6), (3, 6))): USUAL(x, torch.zeros(1, 2, 7))[0],
    "It got a tuple of 2",
    line=f"{pad}x)",
    gives=(4, 2, 7),
)
a_list(
    lambda x=zeros((1, 4, 6), (1, 3, 6)): FIRST(x)[0],
    "(1, 4, 6), (1, 3, 6)",
    line=f"{pad}[row for one in x for row in one], batch_first=True)",
    gives=(2, 4, 7),
)
a_list(
    lambda x=zeros((4, 1, 6), (3, 1, 6)): USUAL(x)[0],
    "(4, 1, 6), (3, 1, 6)",
    line=f"{pad}[row for one in x for row in one.unbind(1)])",
    gives=(4, 2, 7),
)
a_list(
    lambda x=zeros(4, 3): NUMBERS(x)[0],
    "(4,), (3,)",
    line=f"{pad}[one[:, None] for one in x], batch_first=True)",
    gives=(2, 4, 7),
)
a_list(
    lambda x=[[1.0, 2], [3]]: NUMBERS(x)[0],
    "(2,), (1,)",
    line=f"{pad}[torch.as_tensor(one).float()[:, None] for one in x], batch_first=True)",
    gives=(2, 2, 7),
)
a_list(
    lambda x=[np.zeros((4, 6)), np.zeros((3, 6))]: FIRST(x)[0],
    "(4, 6), (3, 6)",
    line=f"{pad}[torch.as_tensor(one).float() for one in x], batch_first=True)",
    gives=(2, 4, 7),
)
a_list(
    lambda x=zeros((4, 6), (3, 6)): nn.Linear(6, 8)(x),
    "(4, 6), (3, 6)",
    line=f"{pad}x, batch_first=True)",
    gives=(2, 4, 8),
)
a_list(
    lambda x=[one.long() for one in zeros(4, 3)]: nn.Embedding(9, 6)(x),
    "(4,), (3,)",
    line=f"{pad}x, batch_first=True)",
    gives=(2, 4, 6),
)
a_list(
    lambda x=zeros((4, 6), (3, 6)): pack_padded_sequence(x, [4, 3]),
    "(4, 6), (3, 6)",
    line="packed = torch.nn.utils.rnn.pack_sequence(x, enforce_sorted=False)",
    then="packed.data.shape == (7, 6)",
)

# Of one shape.

a_list(
    lambda x=zeros((4, 6), (4, 6)): FIRST(x)[0],
    "It got a list of 2: (4, 6). Why: Tensors of one shape become one",
    line="x = torch.stack(x)  # if each is a sequence",
    gives=(2, 4, 7),
)
a_list(
    lambda x=zeros((4, 6), (4, 6)): USUAL(x)[0],
    "(4, 6)",
    line="x = torch.stack(x, 1)  # if each is a sequence",
    gives=(4, 2, 7),
)
a_list(
    lambda x=zeros((4, 6), (4, 6), (4, 6)): USUAL(x)[0],
    "(4, 6)",
    line="x = torch.stack(x)  # if each is a timestep",
    gives=(3, 4, 7),
)
a_list(
    lambda x=tuple(zeros((4, 6), (4, 6), (4, 6))): FIRST(x)[0],
    "It got a tuple of 3",
    line="x = torch.stack(x)",
    gives=(3, 4, 7),
)
a_list(
    lambda: FIRST((torch.zeros(4, 6), torch.zeros(4, 6))),  # what stands there nobody returned
    "It got a tuple of 2",
    line="x = torch.stack(x)",
    then="x.shape == (2, 4, 6)",
    x=zeros((4, 6), (4, 6)),
)
a_list(
    lambda x=zeros(6, 6, 6): FIRST(x)[0],
    "(6,)",
    line="x = torch.stack(x)  # one sequence",
    gives=(3, 7),
)
a_list(
    lambda x=zeros((), ()): NUMBERS(x)[0],
    "a list of 2: single numbers",
    line="x = torch.stack(x)[:, None]",
    gives=(2, 7),
)
a_list(
    lambda x=zeros((2, 4, 6), (2, 4, 6)): USUAL(x)[0],
    "(2, 4, 6)",
    line="x = torch.cat(x, 1)  # if each is a batch",
    gives=(2, 8, 7),
)
a_list(
    lambda x=zeros((3, 4, 5), (3, 4, 1)): FIRST(x)[0],
    "(3, 4, 5), (3, 4, 1)",
    "features side by side",
    line="x = torch.cat(x, -1)",
    gives=(3, 4, 7),
)
a_list(
    lambda x=zeros(6, 6, 6): nn.GRUCell(6, 7)(x),
    "A cell reads one timestep",
    line="x = torch.stack(x)",
    gives=(3, 7),
)
a_list(
    lambda x=zeros((3, 6), (3, 6)): nn.LSTMCell(6, 7)(x),
    "A cell reads one timestep",
    line="for step in x: states = cell(step, states)",
    then="states[0].shape == (3, 7)",
    states=None,
    cell=nn.LSTMCell(6, 7),
)

# Keras.

K = [ops.ones((4, 6)), ops.ones((3, 6))]
a_list(
    lambda x=K: layers.LSTM(7)(x),
    "It got a list of 2: (4, 6), (3, 6)",
    line="x = keras.utils.pad_sequences(x, padding='post', dtype='float32')",
    gives=(2, 7),
)
a_list(
    lambda x=tuple(K): layers.GRU(7)(x),
    "It got a tuple of 2",
    line="x = keras.utils.pad_sequences(x, padding='post', dtype='float32')",
    gives=(2, 7),
)
a_list(
    lambda x=[one[None] for one in K]: layers.GRU(7)(x),
    "(1, 4, 6), (1, 3, 6)",
    line="x = keras.utils.pad_sequences([one[0] for one in x], padding='post', dtype='float32')",
    gives=(2, 7),
)
a_list(
    lambda x=K[:1] * 2: layers.LSTM(7)(x),
    "It got a list of 2: (4, 6)",
    line="x = keras.ops.stack(x)  # if each is a sequence",
    gives=(2, 7),
)
a_list(
    lambda x=[ops.ones((3, 5, 6))] * 2: layers.LSTM(7)(x),
    "It got a list of 2: (3, 5, 6)",
    line="x = keras.ops.concatenate(x, axis=0)",
    gives=(6, 7),
)
a_list(
    lambda x=[ops.ones((3, 5, 6)), ops.ones((3, 5, 2))]: layers.LSTM(7)(x),
    "features side by side",
    line="x = keras.ops.concatenate(x, axis=-1)",
    gives=(3, 7),
)
