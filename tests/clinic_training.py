"""Errors of training and of what goes in, in the form of clinic.py."""

# ruff: noqa: B008 (defaults are what is wrong)

from functools import partial
from types import SimpleNamespace

import keras
import numpy as np
import torch
from clinic import C0, H0, H, T, X, case, stack, typed
from keras import Input, layers
from keras.layers import GRU, LSTM, Dense, LSTMCell
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

LENGTHS = torch.tensor([5, 4, 2])
RAGGED = [[1.0, 2.0, 3.0], [4.0, 5.0]]
OBJECTS = np.array([*RAGGED, None], object)[:2]
ON_TENSORFLOW = dict.fromkeys(("torch", "jax"), "its words are others")

# The graph of backward.


def kept(layer):
    """Train on two batches, with the state of the first for the second."""
    state = None
    for _ in range(2):
        output, state = layer(T, state)
        output.sum().backward()


def written():
    """Write the states of a loop into one tensor."""
    cell, states = nn.GRUCell(6, 7), torch.zeros(6, 3, 7)
    for t in range(5):
        states[t + 1] = cell(T[:, t], states[t])
    states.sum().backward()


second = partial(case, "A second backward through one graph")
second(
    lambda: kept(nn.LSTM(6, 7)),
    "kept from batch to batch",
    line="state = tuple(one.detach() for one in state)",
    then="not any(one.requires_grad for one in state)",
    state=(H0.clone().requires_grad_(), C0.clone().requires_grad_()),
)
second(
    lambda: kept(nn.GRU(6, 7)),
    line="state = state.detach()",
    then="not state.requires_grad",
    state=H0.clone().requires_grad_(),
)
in_place = partial(case, "A tensor changed in place")
in_place(
    written,
    "states[t] = h",
    line="states.append(h)",
    then="torch.stack(states).shape == (1, 1, 3, 7)",
    states=[],
    h=H0,
)


def added():
    h = nn.GRU(6, 7)(T)[1].tanh()
    h += 1
    h.sum().backward()


in_place(added, "h += 1", line="h = h + 1", then="h[0, 0, 0] == 1", h=H0)

# Types and devices.

state_type = partial(case, "A state of another type of numbers")
state_type(
    lambda h_0=H0.double(): nn.GRU(6, 7, batch_first=True)(T, h_0),
    "x has dtype torch.float32, a state has dtype torch.float64",
    line="h_0 = h_0.to(x.dtype)",
    then="h_0.dtype == torch.float32",
    x=T,
)
state_type(lambda: nn.LSTM(6, 7, batch_first=True).double()(T.double(), (H0, C0)), "torch.float64")
for kind in (torch.float64, torch.float16):  # each in words of its own
    state_type(
        lambda kind=kind: nn.LSTM(6, 7, batch_first=True)(T, (H0.to(kind), C0.to(kind))),
        "x has dtype torch.float32, a state has dtype torch.float",
    )
state_type(lambda: nn.LSTMCell(6, 7)(T[:, 0], (H0[0].double(), C0[0].double())), "torch.float64")
case(
    "Another type of numbers",
    lambda: nn.LSTMCell(6, 7)(T[:, 0].double(), (H0[0], C0[0])),
    "x is torch.float64, the weights are torch.float32",
    line="x.to(torch.float32)",
    then="value.dtype == torch.float32",
    x=T[:, 0].double(),
)
case(
    "A state on another device",
    lambda: nn.LSTM(6, 7, batch_first=True)(T, (H0.to("meta"), C0.to("meta"))),
    "x is on cpu, a state is on meta",
    line="h_0 = h_0.to(x.device)",
    then="h_0.device == x.device",
    x=T,
)
case(
    "x on another device than the weights",
    lambda: nn.LSTM(6, 7)(T.to("meta")),
    "x is on meta, the weights are on cpu",
    line="layer.to('meta')",
    then="layer(x)[0].device == x.device",
    layer=nn.LSTM(6, 7),
    x=T.to("meta"),
)
case(
    "Tensors on two devices",
    lambda: nn.functional.cross_entropy(T[0], torch.zeros(5, device="meta").long()),
    line="x = x.to(next(network.parameters()).device)",
    then="x.device.type == 'cpu'",
    network=nn.LSTM(6, 7),
    x=T,
)
case(
    "A GPU that is not there",
    lambda: nn.LSTM(6, 7).to(f"cuda:{torch.cuda.device_count()}"),
    line="device = 'cuda' if",
    then="device in ('cuda', 'cpu')",
)
lengths_type = partial(case, "Lengths of another type or device")
lengths_type(
    lambda: pack_padded_sequence(T, LENGTHS.to("meta"), batch_first=True),
    "It got 1D meta Long",
    line="lengths = lengths.cpu()",
    lengths=LENGTHS,
)
lengths_type(
    lambda: pack_padded_sequence(T, LENGTHS[:, None], batch_first=True),
    "It got 2D cpu Long",
    line="lengths = lengths.flatten()",
    then="lengths.shape == (3,)",
    lengths=LENGTHS[:, None],
)
EMPTY = torch.tensor([5, 4, 0])
no_length = partial(
    case, "A length of 0", lambda: pack_padded_sequence(T, EMPTY, batch_first=True), x=T
)
no_length(line="x, lengths = x[", then="x.shape == (2, 5, 6)", lengths=EMPTY)
no_length(line="lengths = lengths.clamp", then="lengths.tolist() == [5, 4, 1]", lengths=EMPTY)

# Cells.

for cell, kind in (
    (nn.LSTMCell(6, 7), "LSTM"),
    (nn.GRUCell(6, 7), "GRU"),
    (nn.RNNCell(6, 7), "RNN"),
):
    case(
        "A sequence given to a cell",
        lambda cell=cell: cell(T),
        f"{kind}Cell reads one timestep, (batch, features). It got 3D",
        line="torch.nn.",
        then="value[0].shape == (3, 5, 7)",
        x=T,
        features=6,
        units=7,
    )
no_states = partial(case, "A cell without states")
no_states(
    lambda: LSTMCell(7)(X[:, 0]),
    "as a list [h, c]",
    line="output, states = cell(x, cell.get_initial_state",
    then="output.shape == (3, 7) and len(states) == 2",
    cell=LSTMCell(7),
    x=X[:, 0],
)
no_states(lambda: layers.GRUCell(7)(X[:, 0]), "as a list [h]")

# Embeddings.

case(
    "Other numbers than an Embedding reads",
    lambda x=torch.ones(3, 5): nn.Embedding(9, 6)(x),
    "It got torch.FloatTensor",
    line="x = x.long()",
    then="nn.Embedding(9, 6)(x).shape == (3, 5, 6)",
)
case(
    "A number beyond an Embedding's rows",
    lambda layer=nn.Embedding(9, 6): layer(torch.tensor([[2, 9]])),
    "has 9 rows, 0 to 9 - 1. It got numbers from 2 to 9",
    line="torch.nn.Embedding(int(x.max()) + 1, features)",
    gives=(1, 2, 6),
    x=torch.tensor([[2, 9]]),
)

# Sequences of unequal lengths.

ragged = partial(
    case,
    "Sequences of unequal lengths",
    line="x = keras.utils.pad_sequences(",
    then="x.tolist() == [[1, 2, 3], [4, 5, 0]]",
    sequences=RAGGED,
)
ragged(lambda: np.array(RAGGED))


def fit_objects():
    model = stack(Dense(1), shape=(6,))
    model.compile(loss="mse")
    model.fit(OBJECTS, np.zeros(2), verbose=0)


def convert_objects():
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.constant(OBJECTS)


objects = partial(case, "An array of objects")
objects(fit_objects, "Sequences of unequal lengths", line="x = keras.utils", sequences=RAGGED)
objects(convert_objects, otherwise=ON_TENSORFLOW)
objects(lambda: torch.tensor(OBJECTS))
PADDED = "x = torch.nn.utils.rnn.pad_sequence("
case(
    "Sequences of unequal lengths",
    lambda: torch.tensor(RAGGED),
    "of unequal lengths, 3 and 2,",
    line=PADDED,
    then="x.shape == (2, 3)",
    sequences=RAGGED,
)
FILMS = [T[0], T[1, :3]]
case(
    "Tensors of unequal sizes in a stack",
    lambda: next(iter(torch.utils.data.DataLoader(FILMS, batch_size=2))),
    "(5, 6) and (3, 6)",
    "collate_fn",
    line=PADDED,
    then="x.shape == (2, 5, 6)",
    sequences=FILMS,
)

# Axes.

joined = partial(
    case,
    "Unequal numbers of axes in a cat",
    lambda: torch.cat([torch.ones(3, 5, 7), H0[-1]], 2),
    "It got 3 and 2",
    output=torch.ones(3, 5, 7),
    h_n=H0,
)
joined(line="torch.cat([output, ", then="value.shape == (3, 5, 14)")
joined(line="torch.cat([output[:, -1]", then="value.shape == (3, 14)")
viewed = partial(
    case,
    "A view of numbers that lie otherwise",
    lambda: nn.LSTM(6, 7)(T)[0].transpose(0, 1).view(5, -1),
    "and so may be what a layer with batch_first=True returns",
    x=nn.LSTM(6, 7)(T)[0].detach().transpose(0, 1),
)
viewed(line="x.reshape(x.shape[0], -1)", then="value.shape == (5, 21)")
viewed(line="x.transpose(0, 1)", then="value.shape == (3, 35)")
second(
    lambda: [loss.backward() for loss in 2 * [nn.Linear(6, 1)(T).exp().sum()]],
    "or one loss goes backward twice",
)
case(
    "An axis of size 1 too many",
    lambda x=T[:, None]: nn.LSTM(6, 7, batch_first=True)(x),
    "It got 4D, and axis 1 has size 1",
    line="x.squeeze(1)",
    gives=(3, 5, 7),
)
case(
    "TimeDistributed without timesteps",
    lambda layer=LSTM(7): stack(layer, layers.TimeDistributed(Dense(9))),
    "It got (None, 7), which has none",
    line="keras.layers.LSTM(units, return_sequences=True)",
    gives=(None, 5, 9),
)
films = partial(case, "Other axes than a ConvLSTM reads")
films(
    lambda x=Input((8, 9, 1)): layers.ConvLSTM2D(7, 3)(x),
    "reads 5 axes: batch, timesteps, rows, columns, channels. It got (None, 8, 9, 1)",
    line="x[:, None]",
    gives=(None, 6, 7, 7),
    x=Input((8, 9, 1)),
)
films(
    lambda x=np.zeros((1, 3, 5, 8, 9, 1)): layers.ConvLSTM2D(7, 3)(x),
    "It got (1, 3, 5, 8, 9, 1)",
    line="x[0]",
    then="layers.ConvLSTM2D(7, 3)(value).shape == (3, 6, 7, 7)",
    x=np.zeros((1, 3, 5, 8, 9, 1)),
    layers=layers,
)
films(lambda: layers.ConvLSTM1D(7, 3)(X), "reads 4 axes: batch, timesteps, columns, channels")

# What Keras has no more.

gone = partial(case, "CuDNN layers are gone")
gone(
    lambda: layers.CuDNNLSTM(7),
    "no CuDNNLSTM",
    line="keras.layers.LSTM(units)",
    then="value(X).shape == (3, 7)",
)


def import_gone():
    from keras.layers import CuDNNGRU  # noqa: F401


gone(import_gone, "no CuDNNGRU", line="keras.layers.GRU(units)")
keyword = partial(case, "Unknown keyword")
keyword(
    lambda: LSTM(7, batch_size=3),
    "LSTM does not know batch_size",
    line="keras.Input(batch_shape=(3, timesteps, features))",
    then="value.shape == (3, 5, 6)",
    timesteps=5,
)
keyword(
    lambda: GRU(7, time_major=False),
    "Keras 3 removed it: batch is the first axis always",
    line="keras.layers.GRU(units)",
    then="value(X).shape == (3, 7)",
)

# A batch of one.

NORM = nn.BatchNorm1d(7)
case(
    "A batch of one sequence is normalised",
    lambda: NORM(H0[:, 0]),
    "got (1, 7)",
    "often one sequence",
    line="torch.utils.data.DataLoader(data, batch_size, drop_last=True)",
    then="len(value) == 2",
    data=[0.0] * 7,
    batch_size=3,
)

# What a data set or fit is given.


def collated(item):
    return next(iter(torch.utils.data.DataLoader([item] * 3, batch_size=3)))


uncollated = partial(case, "What does not go into a batch")
uncollated(
    lambda: collated((X[0], None)),
    "An item of the data set holds NoneType",
    line="torch.utils.data.DataLoader(data, batch_size, collate_fn=list)",
    then="len(next(iter(value))) == 3",
    data=[(X[0], None)] * 3,
    batch_size=3,
)
uncollated(
    lambda: collated(np.array([1, 2], dtype=object)),
    "An item of the data set holds an array of object",
    line="x = torch.as_tensor(np.asarray(x, dtype='float32'))",
    then="x.dtype == torch.float32",
    x=np.array([1, 2], dtype=object),
)


def compiled():
    model = stack(LSTM(7), Dense(1))
    model.compile("adam", "mse")
    return model


case(
    "Other features than the weights are for",
    lambda: compiled().fit(X[..., :5], H[:, :1], verbose=0),
    "The weights are for features 6. What the layer got has 5 on its last axis",
    line="keras.layers.LSTM(units)",
    then="value(X[..., :5]).shape == (3, 7)",
    otherwise=ON_TENSORFLOW,
)
case(
    "Lists where arrays belong",
    lambda: compiled().fit(X.tolist(), [1, 2, 3], verbose=0),
    "of numbers, or of lists of them",
    line="x, y = np.array(x, dtype='float32'), np.array(y)",
    then="x.shape == (3, 5, 6) and y.shape == (3,)",
    x=X.tolist(),
    y=[1, 2, 3],
)
case(
    "A part for validation of what cannot be cut",
    lambda: compiled().fit(
        torch.utils.data.DataLoader(list(zip(X, H, strict=True))), validation_split=0.1, verbose=0
    ),
    "takes the last part of an array",
    line="validation_data = dataset.take(10)",
    then="validation_data == 10",
    dataset=SimpleNamespace(take=int),
)
case(
    "No gradient reaches a weight",
    lambda: keras.optimizers.Adam().apply_gradients([(None, keras.Variable(1.0))]),
    "no gradient for any weight",
    line="",
)

# What Keras has no more.

past = partial(case, "Gone from Keras")
past(
    lambda: compiled().predict_classes(X),
    "no predict_classes",
    line="model.predict(x).argmax(-1)",
    then="value.shape == (3,)",
    model=compiled(),
)
past(
    lambda: compiled().layers[0].output_shape,
    "no output_shape",
    line="layer.output.shape",
    then="value == (None, 7)",
    layer=compiled().layers[0],
)
past(
    lambda: keras.backend.square(X),
    "no keras.backend.square",
    line="keras.ops.square(x)",
    then="value.shape == (3, 5, 6)",
)
past(
    lambda: keras.preprocessing.sequence.TimeseriesGenerator(X, H, length=3),
    "no keras.preprocessing.sequence.TimeseriesGenerator",
    line="keras.utils.timeseries_dataset_from_array(x[:-length], y[length:], length)",
    then="[tuple(one.shape) for one in next(iter(value))] == [(6, 3), (6,)]",
    x=np.arange(11.0),
    y=np.arange(11.0),
    length=3,
)
past(
    typed("from keras.layers.recurrent import LSTM"),
    "no keras.layers.recurrent",
    line="from keras.layers import LSTM, Dense",
)
past(
    typed("from keras.utils import np_utils"),
    "no keras.utils.np_utils",
    line="keras.utils.to_categorical(y)",
    then="value.shape == (3, 3)",
    y=[0, 1, 2],
)
past(
    typed("from keras.preprocessing.text import Tokenizer"),
    "no keras.preprocessing.text",
    line="keras.layers.TextVectorization(output_sequence_length=timesteps)",
    timesteps=5,
)
