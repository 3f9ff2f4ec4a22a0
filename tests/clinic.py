"""Errors as people meet them, each raised in the live frameworks, and what must be said of them."""

# ruff: noqa: B008, RUF059 (defaults are what is wrong; unpacking has names that nothing reads)

import linecache
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from inspect import signature

import keras
import numpy as np
import pytest
import torch
from keras import Input, layers
from keras.layers import GRU, LSTM, Bidirectional, Dense
from packaging.version import Version
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

X = np.ones((3, 5, 6), "float32")  # (batch, timesteps, features), in NumPy and in PyTorch
T = torch.ones(3, 5, 6)
BACKEND = keras.backend.backend()
OPEN = "None" if BACKEND == "tensorflow" else 3  # TensorFlow's fit leaves the batch open
H, C = np.zeros((3, 7), "float32"), np.ones((3, 7), "float32")
H0, C0 = torch.zeros(1, 3, 7), torch.ones(1, 3, 7)
SCORES, CLASSES = torch.zeros(3, 5, 4), torch.zeros(3, 5).long()
LOSS = nn.CrossEntropyLoss()
STATES = LSTM(7, return_state=True)
BOTH = Bidirectional(LSTM(7, return_state=True))
GRU_OF_THREE = nn.GRU(6, 7, num_layers=3, bidirectional=True)
TORCH = {"x": T, "lstm": nn.LSTM(6, 7), "layer": nn.LSTM(6, 7)}
TORCH_FIRST = {"x": T, "lstm": nn.LSTM(6, 7, batch_first=True)}
PLACEHOLDERS = dict(batch=3, features=6, units=7, hidden_size=7, out_features=9)


@dataclass(frozen=True)
class Case:
    """An error, and what must be said of it.

    name: its kind. broken: raises it, with what is wrong as the default of its arguments. says:
    what the explanation contains. line: how the line to write begins; "" if none is run. then: must
    be true after it; `value` is what the line is worth. gives: the shape that comes of the same
    call with this value in place of what was wrong; None if it is not made again. names: what the
    line is run with, beside the names of this file and the arguments.
    otherwise: the backends of Keras where this is not what happens, and what happens there.
    since: the oldest release tried where this is what happens, as "keras 3.13"; before: the kind
        that it is in older ones, "" if nothing is raised there.
    """

    name: str
    broken: Callable
    says: tuple
    line: str
    then: str
    gives: tuple | None
    names: dict
    otherwise: dict
    since: str = ""
    before: str = ""

    __hash__ = object.__hash__

    @property
    def id(self):
        return re.sub(r"\W+", "-", f"{CASES.index(self)} {self.name}")

    def works(self, instead):
        """Return whether its line does what it should, run as a learner would run it."""
        lines = instead.splitlines()
        first = next(i for i, line in enumerate(lines) if line.startswith(self.line))
        block = [lines[first], *(line for line in lines[first + 1 :] if line.startswith(" "))]
        names = {**globals(), "x": X, "h": H, "c": C, "h_0": H0, "c_0": C0}
        names |= {"loss": LOSS, "scores": SCORES, **PLACEHOLDERS}
        wrong = {word: one.default for word, one in signature(self.broken).parameters.items()}
        names |= wrong | self.names
        try:
            names["value"] = eval("\n".join(block), names)
        except SyntaxError:  # not an expression
            exec("\n".join(block), names)
        if self.gives is None:
            return eval(self.then, names)
        return shape_of(self.broken(names.get("value", names[next(iter(wrong))]))) == self.gives


CASES = []


def case(name, broken, *says, line="", then="True", gives=None, otherwise=None, **names):
    """Add a case to the list."""
    releases = [names.pop(one, "") for one in ("since", "before")]
    CASES.append(Case(name, broken, says, line, then, gives, names, otherwise or {}, *releases))


def older(since):
    """Return whether the installed release is older than one, as in older("keras 3.13")."""
    package, first = since.split()
    return Version(import_module(package).__version__) < Version(first)


def of_today(cases):
    """Return the cases that happen with the installed releases."""
    return [one for one in cases if not (one.since and older(one.since))]


def here(cases):
    """Return the cases as parameters; what does not happen on this backend is left out."""
    reasons = {one: one.otherwise.get(BACKEND) for one in cases}
    skips = {
        one: [pytest.mark.skip(reason=f"Keras on {BACKEND}: {reason}")] * bool(reason)
        for one, reason in reasons.items()
    }
    return [pytest.param(one, id=one.id, marks=marks) for one, marks in skips.items()]


def shape_of(made):
    """Return the shape of a tensor, of the first that a layer returned, or of a model's output."""
    made = made[0] if isinstance(made, tuple) else made
    return tuple(getattr(made, "output_shape", None) or made.shape)


@cache
def error_of(broken):
    """Return the exception that a function raises, with its traceback."""
    with pytest.raises(Exception) as raised:  # noqa: PT011
        broken()
    return raised.value


def inside(frames, error):
    """Return an error that code of these modules raised, each with its variables, outermost first.

    frames: (module, variables) pairs.
    """
    run, last = None, "raise error"
    for module, names in reversed(frames):
        lines = "".join(f"    {name} = names[{name!r}]\n" for name in names)
        scope = {"__name__": module, "names": names, "error": error, "run": run}
        exec(f"def made():\n{lines}    {last}", scope)
        run, last = scope["made"], "run()"
    return error_of(run)


class Fails(nn.Module):
    def forward(self, x):
        return {}["a"]


def raises(kind, *message):
    raise kind(*message)


def typed(source, **names):
    """Return a function that runs source as a cell would: its lines can be read."""
    file = f"<typed {len(linecache.cache)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    made = compile(source, file, "exec")
    return lambda: exec(made, {**globals(), **names})


def stack(*others, shape=(5, 6), **options):
    return keras.Sequential([Input(shape, **options), *others])


def functional(layer):
    inputs = Input((5, 6))
    return keras.Model(inputs, layer(inputs))


def called_twice(layer, first, second):
    layer(first)
    layer(second)


@cache
def stateful():
    model = stack(LSTM(7, stateful=True), shape=None, batch_shape=(3, 5, 6))
    model.compile(loss="mse")
    model.predict(X, verbose=0)
    return model


def fit(loss, target, *layers):
    model = stack(*layers, Dense(4, activation="softmax"))
    model.compile(loss=loss)
    model.fit(X, target, verbose=0)


def loss_of(loss, target, layer):
    scores = stack(layer, Dense(4, activation="softmax"))(X)
    return keras.ops.mean(keras.losses.get(loss)(keras.ops.convert_to_tensor(target), scores))


# Axes.

stacked = partial(case, "A layer below without return_sequences")
stacked(
    lambda layer=LSTM(7, name="first"): stack(layer, LSTM(8)),
    "It got (batch, units 7)",
    "The layer below, first, has no return_sequences",
    line="keras.layers.LSTM(7, return_sequences=True)",
    gives=(None, 8),
)
stacked(
    lambda layer=Bidirectional(LSTM(7)): stack(layer, GRU(8)),
    "It got (batch, directions·units 14)",
    line="keras.layers.Bidirectional(keras.layers.LSTM(7, return_sequences=True))",
    gives=(None, 8),
)
stacked(lambda: GRU(8)(LSTM(7)(Input(batch_shape=(3, 5, 6)))), "It got (batch 3, units 7)")
stacked(lambda: stack(layers.RNN(layers.GRUCell(7)), LSTM(8)), "It got (batch, units 7)")
missing = partial(case, "An axis is missing")
missing(
    lambda x=Input((6,)): LSTM(7)(x),
    "batch, timesteps, features. It got (None, 6)",
    line="keras.Input((None, 6))",
    gives=(None, 7),
)
missing(
    lambda x=X[0]: LSTM(7)(x), "(5, 6)", "one sequence is batch 1", line="x[None]", gives=(1, 7)
)
missing(lambda x=X[..., 0]: LSTM(7)(x), "(3, 5)", "features 1", line="x[..., None]", gives=(3, 7))
missing(
    lambda layer=LSTM(7): GRU(8)(layer(X)),
    "It got (3, 7)",
    line="keras.layers.LSTM(7, return_sequences=True)",
    gives=(3, 8),
)
too_many = partial(case, "An axis too many")
too_many(lambda x=X[None]: LSTM(7)(x), "It got (1, 3, 5, 6)", line="x[0]", gives=(3, 7))
too_many(
    lambda x=Input((3, 5, 6)): LSTM(7)(x),
    "It got (None, 3, 5, 6)",
    line="keras.Input((5, 6))  # if 3 is the batch",
    gives=(None, 7),
)
too_many(
    lambda layer=layers.Identity(): stack(layers.Embedding(9, 8), layer, LSTM(7)),
    "It got (None, 5, 6, 8)",
    line="keras.layers.TimeDistributed(keras.layers.Flatten())",
    gives=(None, 7),
)
too_many(
    lambda x=T.reshape(3, 5, 2, 3): nn.LSTM(6, 7)(x),
    "LSTM reads three axes",
    "It got 4D",
    line="x.reshape(",
    gives=(3, 5, 7),
)
case(
    "A sequence where one vector belongs",
    lambda layer=LSTM(7, return_sequences=True): stack(layer, layers.RepeatVector(8)),
    "It got (batch, timesteps 5, units 7)",
    line="keras.layers.LSTM(units)",
    gives=(None, 8, 7),
)
for run in (lambda x=X[0]: stack(LSTM(7))(x), lambda x=X[0]: functional(LSTM(7))(x)):
    case(
        "The batch axis is missing",
        run,
        "reads (batch, timesteps 5, features 6). It got (5, 6)",
        line="x[None]",
        gives=(1, 7),
    )
case(
    "Another shape than the model's Input",
    lambda x=X.swapaxes(1, 2): functional(LSTM(7))(x),
    "made for (batch, timesteps 5, features 6). It got (batch 3, timesteps 6, features 5)",
    line="x.swapaxes(1, 2)",
    gives=(3, 7),
)
case(
    "Another shape than the model's Input",
    lambda x=np.ones((12, 6), "float32"): functional(LSTM(7))(x),
    "made for (batch, timesteps 5, features 6). It got (12, 6)",
    "How do I make sequences of a table",
    line="x[: len(x) // 5 * 5].reshape(-1, 5, x.shape[-1])",
    gives=(2, 7),
)
case(
    "An axis too many",
    lambda: LSTM(7)(layers.Embedding(6, 4)(Input((5, 6)))),
    "It got (None, 5, 6, 4)",
    "Do my vectors need an Embedding",
    line="x = x.argmax(-1)",
    then="LSTM(7)(layers.Embedding(6, 4)(x)).shape == (3, 7)",
)
case(
    "An axis too many",
    lambda: LSTM(7)(np.ones((1, 2, 1000, 100), "float32")),
    "Do my vectors need an Embedding",
    line="keras.layers.Dense(100)",
    then="LSTM(7)(value(X)).shape == (3, 7)",
)

# Features.

other_features = partial(case, "Other features than the weights are for")
other_features(
    lambda lstm=nn.LSTM(6, 7): lstm(T.swapaxes(1, 2)),
    "for features 6. What the layer got has 5 on its last axis",
    line="torch.nn.LSTM(5, hidden_size)",
    gives=(3, 6, 7),
)
other_features(
    lambda x=T[:, :, 0], lstm=nn.LSTM(1, 7, batch_first=True): lstm(x),
    "for features 1. What the layer got has 5 on its last axis",
    "How do I add the axis of features",
    line="x[..., None]",
    gives=(3, 5, 7),
)
other_features(
    lambda linear=nn.Linear(3, 9): linear(T),
    "if a bidirectional layer of 3 units stands below",
    line="torch.nn.Linear(2 * 3, out_features)",
    then="value(T).shape == (3, 5, 9)",
)
other_features(
    lambda linear=nn.Linear(7, 9): linear(nn.LSTM(6, 7, bidirectional=True)(T)[0]),
    "for features 7. What the layer got has 14",
    "twice its units",
    line="torch.nn.Linear(14, out_features)",
    gives=(3, 5, 9),
)
for layer, line, gives in (
    (Dense(7), "keras.layers.Dense(units)", (3, 5, 7)),
    (LSTM(7), "keras.layers.LSTM(units)", (3, 7)),
):
    layer(X)
    other_features(
        lambda layer=layer: layer(X[..., :4]),
        "for features 6. What the layer got has 4",
        line=line,
        gives=gives,
    )
other_features(
    lambda x=X.swapaxes(1, 2): stack(layers.SimpleRNN(7)).predict(x, verbose=0),
    "for features 6. What the layer got has 5",
    line="x.swapaxes(1, 2)",
    gives=(3, 7),
)

# A tuple for a tensor.

several = partial(case, "Several tensors where one belongs")
several(
    lambda: Dense(9)(STATES(X)),
    "It got 3: (3, 7), then states (batch 3, units 7)",
    line="output, *states = layer(x)",
    then="Dense(9)(output).shape == (3, 9) and len(states) == 2",
    layer=STATES,
)
several(
    lambda layer=LSTM(7, return_state=True): stack(Bidirectional(layer), Dense(9)),
    "It got 5: (None, 14), then states (batch, units 7)",
    line="keras.layers.LSTM(7)  # inside a Sequential",
    gives=(None, 9),
)
APART = Bidirectional(LSTM(7), merge_mode=None)
several(
    lambda: Dense(9)(APART(X)),
    "It got two of one shape, (3, 7)",
    "two directions of a Bidirectional with merge_mode=None",
    line="keras.layers.concatenate([one, other])",
    then="value.shape == (3, 14)",
    one=APART(X)[0],
    other=APART(X)[1],
)
several(
    lambda x=Input((5, 6)), layer=GRU(7, return_state=True): Dense(9)(layer(x)),
    "It got 2: (None, 7), then states (batch, units 7)",
)
a_tuple = partial(case, "A tuple where a tensor belongs")
a_tuple(
    lambda: nn.Sequential(nn.LSTM(6, 7), nn.Linear(7, 9))(T),
    "linear reads one tensor. It got a tuple",
    line="output, *states = layer(x)",
    then="nn.Linear(7, 9)(output).shape == (3, 5, 9)",
    **TORCH,
)
OUTPUT = nn.GRU(6, 7)(T)
a_tuple(lambda: nn.Sequential(nn.LSTM(6, 7), nn.LSTM(7, 8))(T), "in PyTorch always")
a_tuple(lambda: nn.LSTM(6, 7)(T)[:, -1], "in PyTorch always")
a_tuple(lambda: OUTPUT[:, -1], "in PyTorch always")
a_tuple(lambda: STATES(X)[:, -1], "in Keras with return_state")
a_tuple(lambda: STATES(X).shape, "in Keras with return_state")
packed = partial(case, "A PackedSequence where a tensor belongs")
packed(
    lambda: nn.Linear(7, 9)(PACKED),
    "without padding",
    line="output, lengths = torch.nn.utils.rnn.pad_packed_sequence(packed, batch_first=True)",
    then="output.shape == (3, 5, 7) and lengths.tolist() == [5, 4, 2]",
    packed=(PACKED := nn.LSTM(6, 7)(pack_padded_sequence(T, [5, 4, 2], batch_first=True))[0]),
)
packed(lambda: PACKED.shape, "without padding")
state_tuple = partial(case, "A tuple where a state belongs")
state_tuple(
    lambda: nn.GRU(6, 7, batch_first=True)(T, (H0, C0)),
    "h_n alone of a GRU",
    line="output, states = layer(x)",
    then="layer(x, states)[0].shape == (3, 5, 7)",
    **TORCH | {"layer": nn.GRU(6, 7)},
)
state_tuple(lambda: nn.LSTM(6, 7)(T, nn.LSTM(6, 7)(T)), "(h_n, c_n)")

# Unpacking. The failing line is read, so each has lines of its own.

LSTM_RETURNS = "output (batch, units), h (batch, units), c (batch, units)"
one_state_for_two = typed("output, state = LSTM(7, return_state=True)(X)")
no_layer = typed("first, second = 'abc'")


def four_names():
    lstm = LSTM(7, return_sequences=True, return_state=True)
    output, h, c, more = lstm(X)


class InAModel(keras.Model):
    def __init__(self):
        super().__init__()
        self.lstm = LSTM(7)

    def call(self, x):
        output, h = self.lstm(x)
        return output


unpacked = partial(case, "Unpacking what a layer returns")
unpacked(
    one_state_for_two,
    f"has 2 names. The layer returns {LSTM_RETURNS}.",
    line="output, h, c = layer(x)",
    then="keras.ops.all(output == h) and not keras.ops.all(h == c)",
    layer=STATES,
)
unpacked(four_names, "has 4 names. The layer returns output (batch, timesteps, units), h")
unpacked(
    typed("output, h, c = GRU(7, return_state=True)(X)"),
    "has 3 names. The layer returns output (batch, units), h (batch, units).",
    line="output, h = layer(x)",
    layer=GRU(7, return_state=True),
)
for line in (
    "output, h, c = Bidirectional(LSTM(7, return_state=True))(X)",
    "(\n    output,\n    h,\n    c,\n) = BOTH(X)",
):
    unpacked(
        typed(line),
        "has 3 names. The layer returns output (batch, directions·units), forward_h (batch, units)",
        line="output, forward_h, forward_c, backward_h, backward_c = layer(x)",
        then="output.shape == (3, 14)",
        layer=BOTH,
    )
for run in (
    typed("output, h = LSTM(7)(X)"),
    typed("output, h = LSTM(7)(Input((5, 6)))"),
    lambda: InAModel()(X),
):
    unpacked(
        run,
        "has 2 names. The layer returns output (batch, units).",
        "raises nothing if that happens to be batch 2",
        line="output = layer(x)",
        then="output.shape == (3, 7)",
        layer=LSTM(7),
    )
unpacked(
    typed("output, h, c = nn.LSTM(6, 7)(T)"),
    "has 3 names. The layer returns output (timesteps, batch, units), h_n (layers, batch, units)",
    line="output, (h_n, c_n) = lstm(x)",
    then="h_n.shape == (1, 5, 7)",
    **TORCH,
)
unpacked(
    typed("output, (h, c) = GRU_OF_THREE(T)"),
    "h_n (layers·directions, batch, units)",
    "The inner names unpack one tensor",
    line="output, h_n = gru(x)",
    then="h_n.shape == (6, 5, 7)",
    **TORCH,
    gru=GRU_OF_THREE,
)
unpacking = partial(case, "Unpacking")
unpacking(no_layer, "2 names", "shows no recurrent layer")
unpacking(typed("for name, size in {'abc': 3}: pass"), "2 names", "shows no recurrent layer")
unpacking(
    typed("output, state = lstm(X)", lstm=lambda x: (x, x, x)),
    "2 names",
    "shows no recurrent layer",
)

for line in (
    "first, second = layers.RNN(layers.StackedRNNCells([layers.LSTMCell(7)]))(X)",
    "first, second = rnn(X)",
    "output, (h, c) = nn.LSTMCell(6, 7)(T[:, 0])",
):
    unpacking(
        typed(line, rnn=layers.RNN(layers.StackedRNNCells([layers.LSTMCell(7)]))),
        "What comes back depends on the layer and its settings",
    )
unpacked(
    typed("one, two, three, four = Bidirectional(layers.RNN(layers.LSTMCell(7)))(X)"),
    "has 4 names. The layer returns output (batch, directions·units).",
)
unpacked(
    typed("output, h = layers.RNN(layers.GRUCell(7))(X)"),
    "has 2 names. The layer returns output (batch, units).",
    line="output = layer(x)",
    then="output.shape == (3, 7)",
    layer=GRU(7),
)
unpacked(
    typed("output, h = layers.RNN(layers.LSTMCell(7), return_state=True)(X)"),
    f"has 2 names. The layer returns {LSTM_RETURNS}.",
    line="output, h, c = layer(x)",
    layer=STATES,
)

# States.

one_state = partial(case, "One state where two belong")
one_state(
    lambda lstm=LSTM(7): lstm(X, initial_state=H),
    "two states, h and c",
    line="lstm(x, initial_state=[h, c])",
    then="value.shape == (3, 7)",
)
one_state(
    lambda both=Bidirectional(LSTM(7)): both(X, initial_state=[H, C]),
    "two for each direction",
    line="both(x, initial_state=[forward_h, forward_c, backward_h, backward_c])",
    then="value.shape == (3, 14)",
    **dict.fromkeys(("forward_h", "forward_c", "backward_h", "backward_c"), H),
)
for count, states in ((1, H0), (1, (H0,)), (2, torch.zeros(2, 3, 7)), (1, (H0, C0, C0))):
    one_state(
        lambda count=count, states=states: nn.LSTM(6, 7, count, batch_first=True)(T, states),
        "two states, h and c",
        line="lstm(x, (h_0, c_0))",
        then="value[0].shape == (3, 5, 7)",
        **TORCH_FIRST,
    )
SILENT = {"torch": "what is too many is passed over without a word"}
more_states = partial(case, "More states than the layer has")
more_states(
    lambda: LSTM(7)(X, initial_state=STATES(X)),
    "LSTM has 2 states. It was given 3",
    line="output, *states = encoder(x)",
    then="LSTM(7)(x, initial_state=states).shape == (3, 7)",
    encoder=STATES,
    otherwise=SILENT,
)
more_states(
    lambda: LSTM(7)(X, initial_state=BOTH(X)[1:]),
    "LSTM has 2 states. It was given 4",
    line="h = keras.layers.concatenate([forward_h, backward_h])",
    then="LSTM(14)(x, initial_state=[h, h]).shape == (3, 14)",
    forward_h=H,
    backward_h=C,
    otherwise=SILENT,
)
state_axes = partial(case, "A state with an axis too few or too many")
state_axes(
    lambda h_0=H0[0]: nn.GRU(6, 7, batch_first=True)(T, h_0),
    "With batched input a state has 3 axes. It has 2",
    line="h_0[None]",
    gives=(3, 5, 7),
)
state_axes(
    lambda h_0=H0[:, :1]: nn.GRU(6, 7)(T[0], h_0),
    "With unbatched input a state has 2 axes. It has 3",
    line="h_0[:, 0]",
    gives=(5, 7),
)
state_axes(
    lambda x=T[:, 0]: nn.LSTM(6, 7)(x, (H0, C0)),
    "With unbatched input a state has 2 axes. It has 3",
    line="x = x[None]  # if x is one timestep of each sequence",
    then="x.shape == (1, 3, 6)",
)
case(
    "A state with an axis too many",
    lambda lstm=LSTM(7), h=H[None], c=C[None]: lstm(X, initial_state=[h, c]),
    "(batch, units). It got (1, 3, 7)",
    line="lstm(x, initial_state=[h[0], c[0]])",
    then="value.shape == (3, 7)",
)
other_batch = partial(case, "States of another batch")
other_batch(
    lambda lstm=nn.LSTM(6, 7): lstm(T, (H0, C0)),
    "read batch 5 from x. The state is (layers·directions 1, batch 3, units 7)",
    line="torch.nn.LSTM(features, 7, batch_first=True)",
    gives=(3, 5, 7),
)
other_batch(
    lambda lstm=LSTM(7): lstm(X, initial_state=[H[:2], C[:2]]),
    "x has batch 3, the states have batch 2",
    line="lstm(x, initial_state=[h, c])  # if handed over: h and c of batch 3",
)
no_sizes = not older("keras 3.12") and older("keras 3.14")  # they say none
other_batch(
    lambda x=np.ones((8, 5, 6)): stateful().predict(x, batch_size=3, verbose=0),
    *["x has batch 2, the states have batch 3"] * (not no_sizes),
    "stateful layer keeps",
    line=f"x = x[: len(x) // {'batch * batch' if no_sizes else '3 * 3'}]",
    then="stateful().predict(x, batch_size=3, verbose=0).shape == (6, 7)",
    otherwise=dict.fromkeys(("torch", "jax"), "the layer itself refuses a batch of another size"),
)
other_size = partial(case, "A state of another size")
other_size(
    lambda: nn.LSTM(6, 7, 2, bidirectional=True, batch_first=True)(T, (torch.zeros(2, 3, 7),) * 2),
    "must be (layers·directions 4, batch 3, units 7). It is (layers·directions 2, batch 3, units",
    line="h_0 = torch.zeros(4, 3, 7)",
    then="nn.GRU(6, 7, 2, bidirectional=True, batch_first=True)(T, h_0)[0].shape == (3, 5, 14)",
)
other_size(
    lambda h_0=torch.zeros(1, 3, 8): nn.GRU(6, 7, batch_first=True)(T, h_0),
    "batch 3, units 7). It is (layers·directions 1, batch 3, units 8)",
    line="h_0 = torch.zeros(1, 3, 7)",
    gives=(3, 5, 7),
)
WIDE = np.zeros((3, 8), "float32")
case(
    "States of other units",
    lambda lstm=LSTM(7): lstm(X, initial_state=[WIDE, WIDE]),
    "The states have units 8. The layer has units 7",
    line="keras.layers.LSTM(8)",
    gives=(3, 8),
)

# What a layer keeps.

case(
    "Another batch than a stateful layer's",
    lambda: stateful()(X[:2]),
    "keeps states for batch 3. It got batch 2",
    line="keras.Input(batch_shape=(2, None, features))",
    then="LSTM(7, stateful=True)(value).shape == (2, 7)",
    since="keras 3.13",
    before="States of another batch",
)
case(
    "A stateful layer without a batch size",
    lambda x=Input((5, 6)): LSTM(7, stateful=True)(x),
    "leaves the batch open",
    line="keras.Input(batch_shape=(batch, 5, 6))",
    gives=(3, 7),
)
case(
    "reset_states is gone",
    lambda model=stateful(): model.reset_states(),
    "Sequential has no reset_states",
    line="for layer in model.layers:",
    then="not np.any(model.layers[0].states[0])",
)

# Settings.

keyword = partial(case, "Unknown keyword")
keyword(
    lambda: LSTM(7, batch_input_shape=(3, 5, 6)),
    "LSTM does not know batch_input_shape",
    line="keras.Input(batch_shape=(3, 5, 6))",
    then="value.shape == (3, 5, 6)",
)
keyword(
    lambda: LSTM(7, input_length=5),
    "LSTM does not know input_length",
    line="keras.Input((5, features))",
    then="value.shape == (None, 5, 6)",
)
keyword(lambda: LSTM(7, return_sequence=True), "It has return_sequences")
keyword(lambda: LSTM(7, colour="red"), "nothing of that name")
keyword(lambda: LSTM(7, batch_first=True), "batch is the first axis always")
keyword(
    lambda: Dense(7, return_sequences=True),
    "Dense does not know return_sequences",
    line="keras.layers.LSTM(units, return_sequences=True)",
    then="value(X).shape == (3, 5, 7)",
)
keyword(lambda: Dense(3, dropout={"a": 1}), "Dense does not know dropout", "layer has it.")
keyword(
    lambda: LSTM(7, batch_input_shape=X),
    "LSTM does not know batch_input_shape",
    line="keras.Input(batch_shape=value)",
    value=(3, 5, 6),
)
keyword(
    lambda: nn.LSTM(6, 7, return_sequences=True),
    "LSTM does not know return_sequences. Why: PyTorch always returns every output",
    line="output, (h_n, c_n) = lstm(x)",
    then="output.shape == (3, 5, 7)",
    **TORCH,
)
keyword(
    lambda: nn.LSTM(6, 7)(T, initial_state=(H0, C0)),
    "LSTM does not know initial_state",
    line="lstm(x, (h_0, c_0))",
    **TORCH_FIRST,
)
case(
    "Another type of numbers",
    lambda x=T.double(): nn.LSTM(6, 7)(x),
    "x is torch.float64, the weights are torch.float32",
    line="x.to(torch.float32)",
    gives=(3, 5, 7),
)

case(
    "Another type of numbers",
    lambda x=T.double(): nn.Linear(6, 7)(x),
    "x is torch.float64, the weights are torch.float32",
    line="x.to(torch.float32)",
    gives=(3, 5, 7),
)
a_tuple(lambda: nn.Sequential(nn.LSTM(6, 7), nn.Conv1d(7, 8, 3))(T), "conv1d reads one tensor")
state_tuple(lambda: nn.GRUCell(6, 7)(T[:, 0], (H0[0], C0[0])), "h_n alone of a GRU")

# Packing.

case(
    "Not one length for each sequence",
    lambda x=T, lengths=(5, 4, 2): pack_padded_sequence(x, lengths),
    "There are 3 lengths for batch 5",
    line="pack_padded_sequence(x, lengths, batch_first=True)",
    then="value.batch_sizes.tolist() == [3, 3, 2, 2, 1]",
)
case(
    "Lengths that are not sorted",
    lambda x=T, lengths=(2, 5, 4): pack_padded_sequence(x, lengths, batch_first=True),
    "from the longest to the shortest",
    line="pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)",
    then="value.batch_sizes.tolist() == [3, 3, 2, 2, 1]",
)
case(
    "A length beyond the timesteps",
    lambda x=T, lengths=(6, 4, 2): nn.LSTM(6, 7)(pack_padded_sequence(x, lengths, True)),
    "greater than the timesteps",
    line="lengths = [min(length, x.shape[1]) for length in lengths]",
    then="lengths == [5, 4, 2]",
)

# Targets, of 3 sequences, 5 timesteps and 4 classes.

case(
    "A target with an axis too many",
    lambda target=CLASSES[:, :1]: LOSS(SCORES[:, -1], target),
    "The scores are (batch, classes)",
    line="target.squeeze(1)",
    gives=(),
)
case(
    "Classes on the wrong axis",
    lambda target=CLASSES: LOSS(SCORES, target),
    "must be (3, 4). It is (3, 5)",
    line="loss(scores.transpose(1, 2), target)",
    then="value > 0",
)
case(
    "A target with an axis too few",
    lambda target=CLASSES[:, 0]: LOSS(SCORES, target),
    "must be (3, 4). It is (3,)",
    line="loss(scores[:, -1], target)",
    then="value > 0",
)
case(
    "Not one target for each row of scores",
    lambda scores=SCORES.flatten(0, 1): LOSS(scores, CLASSES[:, 0]),
    "15 rows of scores and 3 targets",
    line="linear(output[:, -1])",
    gives=(),
    linear=nn.Linear(7, 4),
    output=torch.ones(3, 5, 7),
)
target = partial(case, "A target that does not fit the output")
target(
    lambda: fit("categorical_crossentropy", np.zeros(3), LSTM(7)),
    f"target is ({OPEN},), the output is ({OPEN}, 4)",
    line="loss = 'sparse_categorical_crossentropy'",
    then="loss_of(loss, np.zeros(3), LSTM(7)) > 0",
)
target(
    lambda: fit("sparse_categorical_crossentropy", np.zeros((3, 5)), LSTM(7)),
    f"target is ({OPEN}, 5), the output is ({OPEN}, 4)",
    line="keras.layers.LSTM(units, return_sequences=True)",
    then="loss_of('sparse_categorical_crossentropy', np.zeros((3, 5)), value) > 0",
)
IN_LOSS = {
    "tensorflow": ("In the loss, (", "(2,4)"),
    "torch": ("In the loss or a metric, size 3 met size 2 on axis 0.",),
    "jax": ("In the loss or a metric, (3, 4) met (2, 4).",),
}
target(
    # With a stateful layer it is by chance whether the layer or the loss complains first.
    lambda: fit("mse", np.zeros((3, 4)), LSTM(7), keras.layers.Lambda(lambda h: h[:2])),
    *IN_LOSS[BACKEND],
    line="x, y = x[: len(x) // batch * batch], y[: len(x) // batch * batch]",
    then="len(x) == len(y) == 3",
    x=np.ones((5, 5, 6)),
    y=np.ones((5, 7)),
)
