"""Errors of what layers are made of and given, in the form of clinic.py."""

# ruff: noqa: B008 (defaults are what is wrong)

from functools import partial

import keras
import numpy as np
import torch
from clinic import C0, GRU, H0, LSTM, Bidirectional, C, Dense, H, T, X, case, typed
from keras import Input, layers
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

ON_TENSORFLOW = dict.fromkeys(("torch", "jax"), "its words are others")
PACKED = pack_padded_sequence(T, [5, 4, 2], batch_first=True)
OUTPUT = torch.ones(3, 5, 7)
OPEN = Input((5, 6))

# Cells.

for cell, kind in ((nn.LSTMCell(6, 7), "LSTMCell"), (nn.GRUCell(6, 7), "GRUCell")):
    case(
        "Other features than the weights are for",
        lambda cell=cell: cell(torch.ones(3, 5)),
        "for features 6. What the layer got has 5",
        line=f"torch.nn.{kind}(5, units)",
        then="value(x)[0].shape[-1] == 7",
        x=torch.ones(3, 5),
    )
case(
    "States of another batch",
    lambda h_0=torch.zeros(2, 7): nn.GRUCell(6, 7)(T[:, 0], h_0),
    "x has batch 3, the state has batch 2",
    line="h_0 = torch.zeros(3, units)",
    then="h_0.shape == (3, 7)",
)
for cut, line in (
    (lambda: nn.GRUCell(6, 7)(T[0], torch.zeros(3, 7)), "T[:, 0]"),
    (lambda x=T.swapaxes(0, 1), t=2: nn.GRUCell(6, 7)(x[:, t], torch.zeros(3, 7)), "x[t]"),
):
    case(
        "States of another batch",
        cut,
        "x has batch 5, the state has batch 3",
        "if axis 0 of T is the batch" if line[0] == "T" else "if axis 1 of x is the batch",
        line=line,
        then="value.shape == (3, 6)",
    )
case(
    "States of other units",
    lambda: nn.LSTMCell(6, 7)(T[:, 0], (torch.zeros(3, 8), torch.zeros(3, 8))),
    "The state has units 8. The cell has units 7",
    line="torch.nn.LSTMCell(features, 8)",
    then="value(T[:, 0], (torch.zeros(3, 8),) * 2)[0].shape == (3, 8)",
)
one_state = partial(case, "One state where two belong")
one_state(
    lambda: nn.LSTMCell(6, 7)(T[:, 0], H0[0]),
    "An LSTM cell did not get two states",
    line="cell(x, (h_0, c_0))",
    then="value[0].shape == (3, 7)",
    cell=nn.LSTMCell(6, 7),
    x=T[:, 0],
    h_0=H0[0],
    c_0=C0[0],
)
one_state(lambda: nn.LSTMCell(6, 7)(T[:, 0], (H0[0],) * 3), "did not get two states")
one_state(
    lambda: layers.LSTMCell(7)(X[:, 0], [H]),
    "An LSTM cell got one state",
    line="cell(x, [h, c])",
    then="value[0].shape == (3, 7)",
    cell=layers.LSTMCell(7),
    x=X[:, 0],
    h=H,
    c=C,
    otherwise=dict.fromkeys(("torch", "jax"), "it may say so otherwise"),
)
case(
    "A state with an axis too many",
    lambda h_0=H0: nn.GRUCell(6, 7)(T[:, 0], h_0),
    "A state of GRUCell is (batch, units). It got 3D",
    line="h_0[0]",
    gives=(3, 7),
)
case(
    "A state with an axis too many",
    lambda h_0=H0: nn.LSTMCell(6, 7)(T[:, 0], (h_0, h_0)),
    "A state of LSTMCell is (batch, units). It got 3D",
    "the first layer's; c_0 alike",
    line="h_0[0]",
    then="value.shape == (3, 7)",
)
case(
    "A sequence given to a cell",
    lambda: layers.LSTMCell(7)(X, [H, C]),
    "LSTMCell reads one timestep, (batch, features). It got (3, 5, 6)",
    line="keras.layers.LSTM(units)(x)",
    then="value.shape == (3, 7)",
)

# A packed batch's states.

case(
    "States of another batch",
    lambda: nn.LSTM(6, 7)(PACKED, (torch.zeros(1, 5, 7), torch.zeros(1, 5, 7))),
    "The packed x has batch 3, the states have batch 5",
    line="h_0 = torch.zeros(1, 3, 7)",
    then="h_0.shape == (1, 3, 7)",
)
case(
    "A state with an axis too few or too many",
    lambda h_0=H0[0]: nn.GRU(6, 7)(PACKED, h_0)[1],
    "A state must be (1, 3, 7). It is (3, 7)",
    line="h_0[None]",
    then="value.shape == (1, 3, 7)",
    h_0=H0[0],
)

# Sizes and settings.

no_whole = partial(case, "A size that is no whole number")
for size, made in (
    ("hidden_size", lambda: nn.LSTM(6, 14 / 2)),
    ("input_size", lambda: nn.GRU(6.0, 7)),
):
    no_whole(
        made,
        f"{size} was not given a whole number",
        line=f"{size} = int({size})",
        then=f"isinstance({size}, int)",
        **{size: 7.0},
    )
no_whole(lambda: nn.Linear(14 / 2, 2), "A size of Linear", line="size = int(size)", size=7.0)
no_whole(
    lambda: LSTM(15 / 2)(X),
    "A size, such as units",
    line="units = int(units)",
    then="LSTM(units)(X).shape == (3, 7)",
    units=7.0,
)
projection = partial(case, "A projection that does not fit", hidden_size=8)
projection(
    lambda: nn.LSTM(6, 7, proj_size=7),
    "smaller than hidden_size",
    line="torch.nn.LSTM(features, hidden_size, proj_size=",
    then="value(T)[0].shape == (3, 5, 4)",
)
projection(
    lambda: nn.GRU(6, 7, proj_size=3),
    "Only an LSTM",
    line="bridge = torch.nn.Linear(units, proj_size)",
    then="bridge(OUTPUT).shape == (3, 5, 4)",
    proj_size=4,
    OUTPUT=OUTPUT,
)
case(
    "The units are missing",
    lambda: LSTM(output_dim=7),
    "LSTM was made without units",
    line="keras.layers.LSTM(units)",
    then="value(X).shape == (3, 7)",
)
case(
    "A layer where a cell belongs",
    lambda: layers.RNN(7),
    line="keras.layers.RNN(keras.layers.LSTMCell(units))",
    then="value(X).shape == (3, 7)",
)
for broken in (
    lambda: layers.RNN(LSTM(7, name="inner"))(X),
    lambda: keras.Sequential([keras.Input((5, 6)), layers.RNN(GRU(7), name="rnn")]),
):
    case(
        "A layer where a cell belongs",
        broken,
        "and that is a layer. Why: RNN hands its cell one timestep, (batch, features).",
        line="keras.layers.RNN(keras.layers.LSTMCell(units))",
        then="value(X).shape == (3, 7)",
    )
case(
    "cuDNN where it cannot be",
    lambda layer=GRU(7, use_cudnn=True, activation="relu"): layer(X),
    "`reset_after`".strip("`"),
    line="keras.layers.GRU(units)",
    gives=(3, 7),
    otherwise=dict.fromkeys(("torch", "jax"), "it has no cuDNN of this kind, and says so"),
)

# Arrays, lists, tensors without numbers.

an_array = partial(case, "An array or a list where a tensor belongs")
for layer in (nn.LSTM(6, 7), nn.Linear(6, 7)):
    an_array(
        lambda layer=layer: layer(X),
        "A layer of PyTorch got numpy.ndarray",
        line="x = torch.as_tensor(x, dtype=torch.float32)",
        then="x.shape == (3, 5, 6)",
        x=X,
    )
an_array(
    lambda: nn.Embedding(9, 6)([1, 2]),
    "got list",
    line="x = torch.as_tensor(x).long()",
    then="x.dtype == torch.int64",
    x=[1, 2],
)


def in_tensorflow():
    import tensorflow as tf

    return tf.reduce_sum(LSTM(7)(Input((5, 6))), axis=1)


symbolic = partial(case, "A tensor without numbers", output=LSTM(7)(OPEN), inputs=OPEN)
symbolic(
    in_tensorflow,
    "A function of TensorFlow",
    line="keras.ops.sum(output, axis=1)",
    then="value.shape == (None,)",
    otherwise=ON_TENSORFLOW,
)
symbolic(
    lambda: np.mean(LSTM(7)(Input((5, 6)))),
    "NumPy was given",
    line="model = keras.Model(inputs, output)",
    then="model.predict(X, verbose=0).shape == (3, 7)",
    otherwise=ON_TENSORFLOW,
)
symbolic(
    lambda: 1 if LSTM(7)(Input((5, 6))) else 2,
    "A condition was made",
    line="output = output if output is not None else x",
)

# What wraps and what holds layers.

wrapped = partial(case, "A tensor where a layer belongs")
wrapped(
    lambda: Bidirectional(LSTM(7)(Input((5, 6)))),
    "Bidirectional wraps a layer",
    line="keras.layers.Bidirectional(keras.layers.LSTM(units))(x)",
    then="value.shape == (3, 14)",
)
wrapped(
    lambda: layers.TimeDistributed(Dense(3)(Input((5, 6)))),
    "TimeDistributed wraps a layer",
    line="keras.layers.TimeDistributed(keras.layers.Dense(units))(x)",
    then="value.shape == (3, 5, 7)",
)
case(
    "Layers that are not in a list",
    lambda: keras.Sequential(LSTM(7)),
    line="keras.Sequential([layer])",
    then="value(X).shape == (3, 7)",
    layer=LSTM(7),
)
case(
    "Layers in a list",
    lambda: nn.Sequential([nn.GRU(6, 7)]),
    line="torch.nn.Sequential(*layers)",
    then="len(value) == 1",
    layers=[nn.GRU(6, 7)],
)


class NotBegun(nn.Module):
    def __init__(self):
        self.lstm = nn.LSTM(6, 7)


case("A network that is not begun", NotBegun, "must be made first")
never_called = partial(case, "A layer that was never called", timesteps=5, layer=LSTM(7))
never_called(
    lambda: LSTM(7, name="rnn").output,
    "rnn has no output yet",
    line="output = layer(keras.Input(",
    then="layer.output is output",
    otherwise={"torch": "an attribute that is missing is PyTorch's to tell"},
)

# TorchScript.


class Untyped(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(6, 7)

    def forward(self, x, state=None):
        return self.lstm(x, state)[0]


class Typed(Untyped):
    def forward(self, x, state: tuple[torch.Tensor, torch.Tensor] | None = None):
        return self.lstm(x, state)[0]


case(
    "A pair of states in TorchScript",
    lambda: torch.jit.script(Untyped()),
    "RuntimeError: Expected a value of type",
    line="state: tuple[torch.Tensor, torch.Tensor] | None = None",
    then="torch.jit.script(Typed())(T).shape == (3, 5, 7)",
    Typed=Typed,
)
case(
    "A scripted layer called alone",
    lambda: torch.jit.script(nn.LSTM(6, 7))(T),
    line="torch.jit.script(torch.nn.Sequential(lstm))(x)",
    then="value[0].shape == (3, 5, 7)",
    lstm=nn.LSTM(6, 7),
    x=T,
)

# Packing, and tuples.

not_packed = partial(case, "What is not packed", layer=nn.LSTM(6, 7), packed=PACKED)
not_packed(
    lambda: pad_packed_sequence(nn.LSTM(6, 7)(PACKED)),
    "It got a tuple",
    line="output, states = layer(packed)",
    then="pad_packed_sequence(output)[0].shape == (5, 3, 7)",
    pad_packed_sequence=pad_packed_sequence,
)
not_packed(lambda: pad_packed_sequence(T), "It got a Tensor")
case(
    "A pair of states where a tensor belongs",
    lambda: nn.LSTM(6, 7)(T)[1].detach(),
    "detach is a tensor's",
    line="states = tuple(one.detach() for one in states)",
    then="len(states) == 2",
    states=(H0, C0),
)
case(
    "A tuple where a tensor belongs",
    lambda: torch.stack(nn.LSTM(6, 7)(T)),
    "Among the tensors",
    line="output, *states = layer(x)",
    then="output.shape == (3, 5, 7)",
    layer=nn.LSTM(6, 7),
    x=T,
)
case(
    "Tensors that are not in a list",
    lambda: torch.cat(H0, C0),
    "torch.cat reads a list",
    line="torch.cat([h_n[-2], h_n[-1]], -1)",
    then="value.shape == (3, 14)",
    h_n=torch.zeros(2, 3, 7),
)

# Axes.

two_missing = partial(case, "Two axes are missing")
two_missing(
    lambda x=T[0, :, 0]: nn.LSTM(1, 7)(x),
    "LSTM reads (timesteps, features)",
    line="x[:, None]",
    gives=(5, 7),
)
two_missing(lambda x=X[0, :, 0]: LSTM(7)(x), "It got (5,)", line="x[None, :, None]", gives=(1, 7))


def squeezed():
    last = OUTPUT[:1, -1].squeeze()
    return torch.cat([last, torch.ones(1, 7)], 1)


def squeezed_and_read():
    output = OUTPUT[:1].squeeze()
    return output[:, -1, :]


for run in (squeezed, squeezed_and_read):
    case(
        "A batch of 1 squeezed away",
        run,
        "squeeze() stands before",
        line="x.squeeze(-1)",
        then="value.shape == (1, 7)",
        x=torch.ones(1, 7, 1),
    )
no_axis = partial(case, "An index for an axis that is not there")
no_axis(
    lambda: H0[-1][:, :, 0],
    "than the tensor has, 2",
    line="output[:, -1]",
    then="value.shape == (3, 7)",
    output=OUTPUT,
)
no_axis(
    lambda: LSTM(7)(X)[:, -1, :],
    "than the tensor has, 2",
    line="keras.layers.LSTM(units, return_sequences=True)(x)[:, -1]",
    then="value.shape == (3, 7)",
    otherwise=ON_TENSORFLOW,
)
mask = partial(case, "A mask of another shape")
mask(
    lambda mask=np.ones((3, 5, 6), bool): LSTM(7)(X, mask=mask),
    "A mask is (batch, timesteps). It is (3, 5, 6), x is (3, 5, 6)",
    line="mask = mask[..., 0]",
    then="LSTM(7)(x, mask=mask).shape == (3, 7)",
    otherwise={"jax": "a mask of three axes is taken without a word"},
)
mask(
    lambda mask=np.ones((5, 3), bool): LSTM(7)(X, mask=mask),
    "It is (5, 3)",
    line="mask = mask.T",
    then="LSTM(7)(x, mask=mask).shape == (3, 7)",
)
for shape in ((3, 4), (3,)):
    mask(
        lambda mask=np.ones(shape, bool): LSTM(7)(X, mask=mask),
        line="mask = (x != 0).any(-1)",
        then="mask.shape == (3, 5)",
    )
unequal = partial(
    case,
    "Unequal numbers of axes in a Concatenate",
    lambda: layers.concatenate([Input((5, 7)), Input((7,))]),
    "It got (None, 5, 7) and (None, 7)",
    output=Input((5, 7)),
    state=Input((7,)),
)
unequal(line="keras.layers.concatenate([output, keras", then="value.shape == (None, 5, 14)")
unequal(line="keras.layers.concatenate([output[:, -1]", then="value.shape == (None, 14)")

# Layers beside a recurrent one.

channels = partial(case, "Timesteps where channels belong", x=OUTPUT)
channels(
    lambda: nn.Conv1d(7, 8, 3)(OUTPUT),
    "Conv1d was made for 7 channels. What it got has 5 on axis 1",
    line="conv(x.transpose(1, 2)).transpose(1, 2)",
    then="value.shape == (3, 3, 8)",
    conv=nn.Conv1d(7, 8, 3),
)
channels(
    lambda: nn.BatchNorm1d(7)(OUTPUT),
    "BatchNorm1d was made for 7 channels",
    line="norm(x.transpose(1, 2)).transpose(1, 2)",
    then="value.shape == (3, 5, 7)",
    norm=nn.BatchNorm1d(7),
)
other_features = partial(case, "Other features than the weights are for")
other_features(
    lambda layer=nn.LayerNorm(6): layer(OUTPUT),
    "for features 6. What the layer got has 7",
    line="torch.nn.LayerNorm(7)",
    gives=(3, 5, 7),
)
other_features(
    lambda layer=nn.MultiheadAttention(8, 2): layer(OUTPUT, OUTPUT, OUTPUT),
    "for features 8. What the layer got has 7",
    line="torch.nn.MultiheadAttention(7, 1)",
    gives=(3, 5, 7),
)
WORDS = np.full((3, 5), 9)
case(
    "A number beyond an Embedding's rows",
    lambda layer=layers.Embedding(9, 6): layer(WORDS),
    "has 9 rows, 0 to 9 - 1. It got the number 9",
    line="keras.layers.Embedding(int(x.max()) + 1, features)",
    gives=(3, 5, 6),
    x=WORDS,
    otherwise=dict.fromkeys(("torch", "jax"), "it says so otherwise, or not at all"),
)
case(
    "Sequences that are not in a list",
    lambda: keras.utils.pad_sequences(np.ones(3)),
    line="keras.utils.pad_sequences([sequence])",
    then="value.shape == (1, 3)",
    sequence=np.ones(3),
)


# Pairs of a data set.

PAIRS = [(T[0], 0), (T[1, :3], 1)]


def stacked_pairs(batch=PAIRS):
    return torch.stack(batch)


for joined in (lambda: nn.utils.rnn.pad_sequence(PAIRS, batch_first=True), stacked_pairs):
    case(
        "A tuple where a tensor belongs",
        joined,
        "A data set gives tuples, such as (x, y)",
        line="sequences, targets = zip(*batch)",
        then="len(sequences) == 2 and targets == (0, 1)",
        batch=PAIRS,
    )

case(
    "A pair of states where a tensor belongs",
    lambda: nn.Linear(7, 9)(nn.LSTM(6, 7)(T)[1]),
    "It got two of one shape, in a tuple",
    line="output = states[0][-1]",
    then="output.shape == (3, 7)",
    states=(H0, C0),
)
case(
    "A pair of states where a tensor belongs",
    lambda: nn.Linear(14, 9)(nn.LSTM(6, 7, bidirectional=True)(T)[1]),
    line="output = torch.cat([states[0][-2], states[0][-1]], -1)",
    then="output.shape == (3, 14)",
    states=(torch.zeros(2, 3, 7), torch.zeros(2, 3, 7)),
)
UNSORTED = nn.utils.rnn.pack_padded_sequence(T, [5, 2, 4], batch_first=True, enforce_sorted=False)
for packed in (UNSORTED, nn.utils.rnn.pack_padded_sequence(T, [5, 4, 2], batch_first=True)):
    case(
        "A PackedSequence where a tensor belongs",
        typed("packed[:, -1, :]", packed=packed),
        "What was indexed as a tensor is a PackedSequence",
        line="output, lengths = torch.nn.utils.rnn.pad_packed_sequence(packed, batch_first=True)",
        then="output.shape == (3, 5, 6)",
        packed=packed,
    )
uncalled = partial(
    case,
    "A layer that is not called",
    line="output, *states = layer(x)",
    then="output.shape == (3, 5, 7)",
    layer=nn.LSTM(6, 7),
    x=T,
)
uncalled(typed("output, states = lstm", lstm=nn.LSTM(6, 7)), "LSTM itself was to be unpacked")
uncalled(typed("list(lstm)", lstm=nn.LSTM(6, 7)), "LSTM itself was to be unpacked")
