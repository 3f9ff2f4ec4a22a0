"""Errors of networks that are being made, in the form of clinic.py."""

# ruff: noqa: B008 (defaults are what is wrong)

from functools import partial

import keras
import torch
from clinic import LSTM, Bidirectional, Dense, T, X, case, stack
from keras import Input, layers
from torch import nn

OPEN = Input((5, 6))

# Settings.

not_positive = partial(case, "A size that is not positive")
not_positive(
    lambda: nn.GRU(6, 3 // 4),
    "hidden_size is 0 or less",
    line="hidden_size = max(1, hidden_size)",
    then="hidden_size == 1",
    hidden_size=0,
)
not_positive(lambda: nn.LSTM(6, 7, num_layers=0), "num_layers is 0 or less")
not_positive(lambda: LSTM(0), "units is 0 or less")
case(
    "A size that is no whole number",
    lambda: layers.RepeatVector(5.0),
    "n of RepeatVector",
    line="n = int(n)",
    then="layers.RepeatVector(n)(X[:, 0]).shape == (3, 5, 6)",
    n=5.0,
)
share = partial(case, "A dropout that is no share", dropout=20)
for made in (
    lambda: nn.LSTM(6, 7, 2, dropout=20),
    lambda: nn.Dropout(20),
    lambda: layers.Dropout(20),
):
    share(made, "from 0 to 1", line="dropout = dropout / 100", then="dropout == 0.2")
case(
    "A nonlinearity that is none",
    lambda: nn.RNN(6, 7, nonlinearity="sigmoid"),
    "It was given 'sigmoid'",
    line="torch.nn.RNN(features, hidden_size, nonlinearity='tanh')",
    then="value(T)[0].shape == (3, 5, 7)",
)
size_missing = partial(case, "The hidden_size is missing")
size_missing(
    lambda: nn.GRU(7),
    "GRU was made without hidden_size",
    line="torch.nn.GRU(features, hidden_size)",
    then="value(T)[0].shape == (3, 5, 7)",
)
size_missing(lambda: nn.LSTM(bidirectional=True), "LSTM was made without hidden_size")
case(
    "A padding_idx without a row",
    lambda: nn.Embedding(9, 6, padding_idx=9),
    line="torch.nn.Embedding(rows + 1, features, padding_idx=rows)",
    then="value(torch.tensor([9])).sum() == 0",
    rows=9,
)
case(
    "Heads that do not divide the features",
    lambda: nn.MultiheadAttention(7, 2),
    line="torch.nn.MultiheadAttention(features, 1)",
)
unknown = partial(case, "A name that Keras does not know")
unknown(
    lambda: LSTM(7, activation="tan"),
    "Keras cannot read tan as activation function",
    line="dir(keras.activations)",
    then="'tanh' in value",
)
unknown(
    lambda: LSTM(7, kernel_initializer="glorot"),
    line="dir(keras.initializers)",
    then="'GlorotUniform' in value",
)
unknown(
    lambda: stack(LSTM(7)).compile(optimizer="adm"),
    line="dir(keras.optimizers)",
    then="'Adam' in value",
)
case(
    "An unknown merge_mode",
    lambda: Bidirectional(LSTM(7), merge_mode="add"),
    "no merge_mode add",
    line="keras.layers.Bidirectional(keras.layers.LSTM(units), merge_mode='sum')",
    then="value(X).shape == (3, 7)",
)
directions = partial(case, "Two directions that do not match")
directions(
    lambda: Bidirectional(
        LSTM(7), backward_layer=LSTM(7, return_sequences=True, go_backwards=True)
    ),
    "differ in return_sequences",
    line="keras.layers.Bidirectional(keras.layers.LSTM(units))",
    then="value(X).shape == (3, 14)",
)
directions(
    lambda: Bidirectional(LSTM(7), backward_layer=LSTM(7)),
    "run the same way",
    line="keras.layers.LSTM(units, go_backwards=True)",
    then="Bidirectional(LSTM(7), backward_layer=value)(X).shape == (3, 14)",
)

# Input.

no_tuple = partial(case, "A shape that is no tuple", lambda: Input(6), "It was the number 6")
no_tuple(line="keras.Input((None, 6))", then="value.shape == (None, None, 6)")
no_tuple(line="keras.Input((6, 1))", then="value.shape == (None, 6, 1)")
open_size = partial(case, "An open size where weights need one")
open_size(
    lambda x=Input((5, None)): LSTM(7)(x),
    "with an open size, (None, 28)",
    line="keras.Input((None, features))",
    gives=(None, 7),
)
open_size(
    lambda layer=layers.Flatten(): stack(
        LSTM(7, return_sequences=True), layer, Dense(9), shape=(None, 6)
    ),
    line="keras.layers.GlobalAveragePooling1D()",
    gives=(None, 9),
)
ANOTHER = Input((4, 6))
unlisted = partial(case, "An Input that the model does not list", since="keras 3.15")
unlisted(
    lambda inputs=OPEN: keras.Model(inputs, layers.concatenate([OPEN, ANOTHER], axis=1)),
    "does not come of the inputs that it lists",
    line="keras.Model([encoder_input, decoder_input], output)",
    then="len(value.inputs) == 2",
    encoder_input=OPEN,
    decoder_input=ANOTHER,
    output=layers.concatenate([OPEN, ANOTHER], axis=1),
)
no_tensors = partial(
    case,
    "A model of something else than tensors",
    line="keras.Model(inputs, layer(inputs))",
    then="value.output_shape == (None, 7)",
    inputs=OPEN,
    layer=LSTM(7),
)
no_tensors(lambda: keras.Model(X, LSTM(7)(OPEN)), "Among the inputs")
no_tensors(lambda: keras.Model(OPEN, LSTM(7)), "Among the outputs")

# What holds layers.

case(
    "A class where a layer belongs",
    lambda: keras.Sequential([Input((5, 6)), LSTM]),
    "the class LSTM",
    line="keras.layers.LSTM(units)",
    then="stack(value).output_shape == (None, 7)",
)
case(
    "A tensor where a layer belongs",
    lambda: keras.Sequential().add(LSTM(7)(OPEN)),
    "Sequential holds layers",
    line="keras.Sequential([keras.Input((timesteps, features)), keras.layers.LSTM(units)])",
    then="value.output_shape == (None, 7)",
    timesteps=5,
)
case(
    "A layer of the other framework",
    lambda: keras.Sequential([nn.LSTM(6, 7)]),
    "Keras' Sequential was given PyTorch's LSTM",
    line="keras.layers.LSTM(units)",
    then="value(X).shape == (3, 7)",
    otherwise={"torch": "a layer of PyTorch is wrapped and taken"},
)
case(
    "A layer of the other framework",
    lambda: nn.Sequential(LSTM(7)),
    "PyTorch's Sequential was given Keras' LSTM",
    line="torch.nn.LSTM(features, hidden_size)",
    then="value(T)[0].shape == (3, 5, 7)",
    otherwise={"torch": "a layer of Keras is one of PyTorch there"},
)


class Misspelled(nn.Module):
    def foward(self, x):
        return x


class WithForward(keras.Model):
    def forward(self, x):
        return x


no_forward = partial(case, "A module without a forward")
no_forward(
    lambda: nn.ModuleList([nn.Linear(6, 7), nn.Linear(7, 8)])(T),
    "ModuleList holds layers and is none",
    line="for layer in layers:",
    then="x.shape == (3, 5, 8)",
    layers=[nn.Linear(6, 7), nn.Linear(7, 8)],
    x=T,
)
no_forward(lambda: Misspelled()(T), "Misspelled was called", line="def forward(self, x): ...")
case(
    "A model without a call",
    lambda: WithForward()(X),
    "WithForward was called",
    line="def call(self, x): ...",
    otherwise={"torch": "forward is what Keras itself calls there"},
)

# Losses and optimizers.

SCORES, LABELS = torch.zeros(3, 4), torch.zeros(3).long()
for loss, target in ((nn.CrossEntropyLoss, LABELS), (nn.MSELoss, SCORES)):
    case(
        "A loss made of scores",
        lambda loss=loss, target=target: loss(SCORES, target),
        f"{loss.__name__} was given tensors",
        line=f"torch.nn.{loss.__name__}()(scores, target)",
        then="value >= 0",
        scores=SCORES,
        target=target,
    )


class Own(nn.MSELoss):
    pass


case(
    "A loss made of scores",
    lambda: Own(SCORES, SCORES),
    line="Own()",
    Own=Own,
    scores=SCORES,
    target=SCORES,
)


class InAList(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.LSTM(6, 7), nn.LSTM(7, 8)]


nothing = partial(case, "Nothing for the optimizer")
nothing(
    lambda: torch.optim.Adam(InAList().parameters()),
    "Those in a plain list",
    line="layers = torch.nn.ModuleList(layers)",
    then="len(list(layers.parameters())) == 8",
    layers=InAList().layers,
)
nothing(
    lambda: torch.optim.Adam(nn.LSTM(6, 7).parameters),
    "the method parameters itself",
    line="torch.optim.Adam(network.parameters())",
    network=nn.LSTM(6, 7),
)
case(
    "A keyword of optimizers that is gone",
    lambda: keras.optimizers.Adam(lr=0.1),
    "does not know lr",
    line="keras.optimizers.Adam(learning_rate=0.001)",
)
case(
    "A model that is not compiled",
    lambda: stack(LSTM(7)).fit(X, X[:, 0], verbose=0),
    line="model.compile(optimizer='adam', loss='mse')",
    model=stack(LSTM(7)),
)

# Weights by their names.

other_name = partial(case, "A weight of another name")
other_name(
    lambda: nn.LSTM(6, 7).weight_ih,
    "LSTM has no weight_ih",
    line="lstm.weight_ih_l0",
    then="value.shape == (28, 6)",
    lstm=nn.LSTM(6, 7),
)
other_name(lambda: nn.GRU(6, 7).weight_hh_l1, "GRU has no weight_hh_l1")
BUILT = LSTM(7)
BUILT(X)
other_name(
    lambda: BUILT.recurrent_kernel,
    "LSTM has no recurrent_kernel",
    line="layer.cell.recurrent_kernel",
    then="value.shape == (7, 28)",
    layer=BUILT,
    otherwise={"torch": "an attribute that is missing is PyTorch's to tell"},
)


def set_tensor():
    layer = nn.LSTM(6, 7)
    layer.weight_ih_l0 = torch.ones(28, 6)


case(
    "A tensor where a parameter belongs",
    set_tensor,
    "weight_ih_l0 is a parameter",
    line="layer.weight_ih_l0 = torch.nn.Parameter(values)",
    then="layer.weight_ih_l0[0, 0] == 1",
    layer=nn.LSTM(6, 7),
    values=torch.ones(28, 6),
)
for begin in (nn.init.orthogonal_, nn.init.xavier_uniform_, nn.init.kaiming_normal_):
    case(
        "A bias among the weights to begin with",
        lambda begin=begin: [begin(one) for one in nn.LSTM(6, 7).parameters()],
        "A bias has one",
        line="for name, one in layer.named_parameters():",
        layer=nn.LSTM(6, 7),
    )
for write in (
    lambda: nn.LSTM(6, 7).bias_ih_l0.fill_(1),
    lambda: nn.LSTM(6, 7).bias_ih_l0[7:14].fill_(1),
):
    case(
        "A weight written in place",
        write,
        "changed in place",
        line="with torch.no_grad():",
        then="layer.bias_ih_l0[0] == 1",
        layer=nn.LSTM(6, 7),
    )


class WithState(nn.Module):
    def forward(self, x, hidden):
        return x


case(
    "An argument of forward is missing",
    lambda: nn.Sequential(WithState())(T),
    "called without hidden",
    line="network(x, hidden)",
    then="value.shape == (3, 5, 6)",
    network=WithState(),
    hidden=None,
    x=T,
)
