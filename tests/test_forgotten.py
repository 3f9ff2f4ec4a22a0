"""A recurrent layer that is called timestep by timestep, without the state that it returned."""

import keras
import numpy as np
import pytest
import torch
import zoo
from keras import layers, ops
from torch import nn
from zoo import floats, kinds, module, words
from zoo import untried as explain

X, FIRST = floats(3, 5, 6), floats(5, 3, 6)  # FIRST: the timesteps first


def lstm(**settings):
    return nn.LSTM(6, 7, **{"batch_first": True} | settings)


def stepwise(step, cut=lambda x: x.unbind(1), **parts):
    """Return a network that makes something of each timestep of a batch, in a loop, and joins it.

    step: of the network and a timestep. cut: of the batch, its timesteps.
    """
    parts = parts or {"cell": nn.LSTMCell(6, 7)}
    return module(lambda self, x: torch.stack([step(self, one) for one in cut(x)], 1), **parts)


def sliced(x):
    return [x[:, t : t + 1] for t in range(x.shape[1])]


def with_zeros(self, step):
    return self.cell(step, torch.zeros(len(step), 7))


def second_forgets(self, x):
    h = torch.zeros(3, 7)
    return torch.stack([self.second(h := self.first(step, h)) for step in x.unbind(1)], 1)


def both_ways(self, x):
    there = [self.cell(step) for step in x.unbind(1)]
    back = [self.cell(x[:, t]) for t in reversed(range(5))]
    return torch.cat([there[-1], back[-1]], -1)


def two_sequences(self, x, y):
    return [self.cell(one[:, t]) for t in range(4) for one in (x, y)]


def learned(self, x):
    h = self.start.expand(len(x), -1)
    return [self.cell(step, h) for step in x.unbind(1)][-1]


def begins_well(self, x):
    output, state = self.rnn(x[:, :1])
    output, state = self.rnn(x[:, 1:2], state)
    return [output, *(self.rnn(x[:, t : t + 1])[0] for t in range(2, 5))]


class Steps(keras.Model):
    """A loop over timesteps in Keras; step: of the network and a timestep."""

    def __init__(self, step, kept=False, **parts):
        super().__init__()
        self.step, self.kept = step, kept
        for name, part in parts.items():
            setattr(self, name, part)

    def call(self, x):
        steps = [x[:, t : t + 1] if self.kept else x[:, t] for t in range(x.shape[1])]
        return ops.stack([self.step(self, one) for one in steps], 1)


def initial(self, step):
    return self.cell(step, self.cell.get_initial_state(batch_size=len(step)))[0]


def k_graph(**settings):
    x, layer = keras.Input((5, 6)), layers.GRU(7, name="gru", **settings)
    return keras.Model(x, [layer(x[:, t : t + 1]) for t in range(5)])


CELL, GRU = {"cell": nn.LSTMCell(6, 7)}, {"cell": nn.GRUCell(6, 7)}
EMBEDDED = {"embed": nn.Embedding(20, 6), **CELL}
OUT = ", states = rnn(x[:, t:t+1], states)  # before the loop: states = None; or all timesteps"

# By name: a network that forgets, its inputs, and how the line to write begins.
WRONG = {
    "cell": (lambda: stepwise(lambda s, x: s.cell(x)[0]), (X,), "h, c = cell(x[:, t], (h, c))  #"),
    "cell of a GRU": (
        lambda: stepwise(lambda s, x: s.cell(x), **GRU),
        (X,),
        "h = cell(x[:, t], h)",
    ),
    "cell of an RNN": (
        lambda: stepwise(lambda s, x: s.cell(x), cell=nn.RNNCell(6, 7)),
        (X,),
        "h = cell(x[:, t], h)  # before the loop: h = torch.zeros(3, 7)",
    ),
    "layer": (
        lambda: stepwise(lambda s, x: s.rnn(x)[0], sliced, rnn=lstm()),
        (X,),
        f"output{OUT} at once: rnn(x)",
    ),
    "layer, split": (
        lambda: stepwise(lambda s, x: s.rnn(x)[0], lambda x: x.split(1, 1), rnn=lstm()),
        (X,),
        f"output{OUT} at once: rnn(x)",
    ),
    "layer, unsqueezed": (
        lambda: stepwise(lambda s, x: s.rnn(x.unsqueeze(1))[0], rnn=nn.GRU(6, 7, batch_first=True)),
        (X,),
        f"output{OUT} at once: rnn(x)",
    ),
    "layer, time first": (
        lambda: stepwise(lambda s, x: s.rnn(x)[0], lambda x: x.split(1), rnn=nn.RNN(6, 7)),
        (FIRST,),
        "output, states = rnn(x[t:t+1], states)",
    ),
    "layer, one sequence, time first": (
        lambda: stepwise(lambda s, x: s.rnn(x)[0], lambda x: x.split(1), rnn=nn.RNN(6, 7)),
        (FIRST[:, :1],),
        "output, states = rnn(x[t:t+1], states)",
    ),
    "layer, both directions": (
        lambda: stepwise(lambda s, x: s.rnn(x)[0], sliced, rnn=lstm(bidirectional=True)),
        (X,),
        "output, states = rnn(x)  # all timesteps at once",
    ),
    "cell, time first": (
        lambda: stepwise(lambda s, x: s.cell(x)[0], lambda x: x),
        (FIRST,),
        "h, c = cell(x[t], (h, c))",
    ),
    "cell, turned": (
        lambda: stepwise(lambda s, x: s.cell(x)[0], lambda x: x.transpose(0, 1)),
        (X,),
        "h, c = cell(x[:, t], (h, c))",
    ),
    "cell, one sequence": (
        lambda: stepwise(lambda s, x: s.cell(x)[0]),
        (X[:1],),
        "h, c = cell(x[:, t], (h, c))  # before the loop: h = c = torch.zeros(1, 7)",
    ),
    "cell, all ones": (
        lambda: stepwise(lambda s, x: s.cell(x)[0]),
        (np.ones((3, 5, 6), "float32"),),
        "h, c = cell(x[:, t], (h, c))",
    ),
    "cell, in reverse": (
        lambda: stepwise(lambda s, x: s.cell(x)[0], lambda x: x.unbind(1)[::-1]),
        (X,),
        "h, c = cell(x[:, t], (h, c))",
    ),
    "cell, given zeros": (lambda: stepwise(with_zeros, **GRU), (X,), "h = cell(x[:, t], h)"),
    "cell, what is learned": (
        lambda: module(learned, start=nn.Parameter(torch.ones(7)), **GRU),
        (X,),
        "h = cell(x[:, t], h)",
    ),
    "cell, embedded": (
        lambda: stepwise(lambda s, x: s.cell(s.embed(x))[0], **EMBEDDED),
        (words(3, 5),),
        "h, c = cell(embed(x[:, t]), (h, c))",
    ),
    "cell, of what no layer made": (
        lambda: stepwise(lambda s, x: s.cell(x)[0], lambda x: (2 * x).relu().unbind(1)),
        (X,),
        "h, c = cell(x[:, t], (h, c))",
    ),
    "layer, embedded and unsqueezed": (
        lambda: stepwise(
            lambda s, x: s.rnn(s.embed(x)[:, None])[0], rnn=lstm(), embed=nn.Embedding(20, 6)
        ),
        (words(3, 5),),
        "output, states = rnn(step, states)  # before the loop: states = None",
    ),
    "cell, one number": (
        lambda: stepwise(
            lambda s, x: s.cell(x)[0], lambda x: x.split(1, 1), cell=nn.LSTMCell(1, 7)
        ),
        (floats(3, 5),),
        "h, c = cell(x[:, t:t+1], (h, c))",
    ),
    "cell, the second alone": (
        lambda: module(second_forgets, first=nn.GRUCell(6, 7), second=nn.GRUCell(7, 7)),
        (X,),
        "h = second(step, h)",
    ),
    "cell, both ways": (lambda: module(both_ways, **GRU), (X,), "h = cell(x[:, t], h)"),
    "cell, two sequences": (
        lambda: module(two_sequences, **GRU),
        (X, floats(3, 4, 6)),
        "h = cell(x[:, t], h)",
    ),
    "layer, later": (lambda: module(begins_well, rnn=lstm()), (X,), f"output{OUT} at once"),
    "k_cell": (
        lambda: Steps(initial, cell=layers.LSTMCell(7, name="cell")),
        (X,),
        "h, states = cell(x[:, t], states)  # before the loop: states = cell.get_initial_state(",
    ),
    "k_cell, embedded": (
        lambda: Steps(
            lambda s, x: s.cell(s.embed(x), [ops.zeros((3, 7))])[0],
            embed=layers.Embedding(20, 6, name="embed"),
            cell=layers.GRUCell(7, name="cell"),
        ),
        (words(3, 5),),
        "h, states = cell(embed(x[:, t]), states)",
    ),
    "k_layer": (
        lambda: Steps(lambda s, x: s.rnn(x), True, rnn=layers.LSTM(7, name="rnn")),
        (X,),
        "output = rnn(x)  # all timesteps at once; return_sequences=True",
    ),
    "k_layer of a graph": (k_graph, (X,), "output = gru(x)  # all timesteps at once"),
}


def handed_on(self, x):
    state, outputs = None, []
    for t in range(x.shape[1]):
        output, state = self.rnn(x[:, t : t + 1], state)
        outputs.append(output)
    return torch.cat(outputs, 1)


def in_chunks(self, x):
    """Hand states on for two timesteps; then begin anew."""
    h, outputs = None, []
    for t, step in enumerate(x.unbind(1)):
        outputs.append(h := self.cell(step, None if t % 2 == 0 else h))
    return torch.stack(outputs, 1)


def reset(self, x, goes_on):
    """Hand on what is left of a state where its sequence goes on."""
    h, outputs = torch.zeros(3, 7), []
    for step, on in zip(x.unbind(1), goes_on.unbind(1), strict=True):
        outputs.append(h := self.cell(step, h * on[:, None]))
    return torch.stack(outputs, 1)


def each_its_own(self, x, states):
    """Have each of five players read what it sees and begin with a state of its own."""
    return torch.stack([self.cell(x[:, at], states[:, at]) for at in range(5)], 1)


def each_learned(self, x):
    return [self.cell(x[:, at], self.start[at].expand(3, -1)) for at in range(5)]


def reset_by_what_it_reads(self, x):
    h, outputs = torch.zeros(3, 7), []
    for step in x.unbind(1):
        outputs.append(h := self.cell(step, h.masked_fill(step[:, :1] < 9, 0)))
    return torch.stack(outputs, 1)


class Players(keras.Model):
    """Each of five players begins with a state of its own."""

    def __init__(self):
        super().__init__()
        self.cell = layers.GRUCell(7)

    def call(self, x, states):
        return ops.stack([self.cell(x[:, at], states[:, at])[0] for at in range(5)], 1)


def fed_back(self, x):
    y, outputs = torch.zeros(3, 7), []
    for step in x.unbind(1):
        outputs.append(y := self.cell(torch.cat([step, y], -1)))
    return torch.stack(outputs, 1)


def told(self, x):
    """Begin each step with what the encoder knows of its sequence: candidates may be judged so."""
    h = self.encoder(x)[1][0]
    return torch.stack([self.cell(step, h) for step in x.unbind(1)], 1)


def told_of_alike(self, x):
    h = self.fc(self.encoder(x)[1][0])
    return torch.stack([self.cell(step, h) for step in x.unbind(1)], 1)


def attention(self, x):
    every, (h, c) = self.rnn(x)
    h, c, outputs = h[0], c[0], []
    for _ in range(4):
        weights = (every @ h[:, :, None]).softmax(1)
        h, c = self.cell((weights * every).sum(1), (h, c))
        outputs.append(h)
    return torch.stack(outputs, 1)


def own_output(self, x):
    outputs = [self.cell(x[:, 0])]
    for _ in range(4):
        outputs.append(self.cell(outputs[-1]))
    return torch.stack(outputs, 1)


def three(self, *xs):
    return torch.cat([self.rnn(x)[0][:, -1] for x in xs], -1)


class Remembers(nn.GRUCell):
    """A cell of one's own that keeps its state."""

    def forward(self, x):
        self.kept = super().forward(x, self.kept)
        return self.kept


def remembered(self, x):
    self.cell.kept = None
    return torch.stack([self.cell(step) for step in x.unbind(1)], 1)


class HandsOn(keras.Model):
    """A loop in Keras that hands states on."""

    def __init__(self):
        super().__init__()
        self.cell = layers.LSTMCell(7)

    def call(self, x):
        states = self.cell.get_initial_state(batch_size=3)
        for t in range(x.shape[1]):
            h, states = self.cell(x[:, t], states)
        return h


def stateful():
    x, layer = keras.Input(batch_shape=(3, 5, 6)), layers.GRU(7, stateful=True)
    return keras.Model(x, [layer(x[:, t : t + 1]) for t in range(5)])


def towers():
    inputs, layer = [keras.Input((1, 6)) for _ in range(3)], layers.LSTM(7)
    return keras.Model(inputs, [layer(x) for x in inputs])


ONE = [floats(3, 1, 6) + number for number in range(4)]

# By name: a network that forgets nothing, or of which it is not sure, and its inputs.
RIGHT = {
    "handed on": (lambda: module(handed_on, rnn=lstm()), (X,)),
    "handed on, all zeros": (
        lambda: module(handed_on, rnn=nn.RNN(6, 7, batch_first=True, bias=False)),
        (np.zeros((3, 5, 6), "float32"),),
    ),
    "in chunks": (lambda: module(in_chunks, **GRU), (X,)),
    "reset each time": (lambda: module(reset, **GRU), (X, np.zeros((3, 5), "float32"))),
    "each its own state": (
        lambda: module(each_its_own, **GRU),
        (X, np.zeros((3, 5, 7), "float32")),
    ),
    "each its own state, learned": (
        lambda: module(each_learned, start=nn.Parameter(torch.zeros(5, 7)), **GRU),
        (X,),
    ),
    "reset each time by what it reads": (lambda: module(reset_by_what_it_reads, **GRU), (X,)),
    "each of many series": (
        lambda: module(lambda s, x: [s.rnn(x[:, at])[0] for at in range(4)], rnn=lstm()),
        (floats(3, 4, 5, 6),),
    ),
    "fed back": (lambda: module(fed_back, cell=nn.GRUCell(13, 7)), (X,)),
    "its own output": (lambda: module(own_output, cell=nn.GRUCell(6, 6)), (X,)),
    "the encoder's state": (
        lambda: module(told, encoder=nn.GRU(6, 7, batch_first=True), **GRU),
        (X,),
    ),
    "the encoder's state, of alike sequences": (
        lambda: module(
            told_of_alike, encoder=nn.GRU(6, 7, batch_first=True), fc=nn.Linear(7, 7), **GRU
        ),
        (X[:1].repeat(3, 0),),
    ),
    "attention": (lambda: module(attention, rnn=lstm(), cell=nn.LSTMCell(7, 7)), (X,)),
    "a cell that remembers": (lambda: module(remembered, cell=Remembers(6, 7)), (X,)),
    "towers of one timestep": (lambda: module(three, rnn=lstm()), ONE),
    "unrelated vectors": (
        lambda: module(lambda s, *xs: [s.cell(x) for x in xs], **GRU),
        [one[:, 0] for one in ONE],
    ),
    "rows of a table": (lambda: module(lambda s, x: [s.cell(row) for row in x], **GRU), (X[0],)),
    "rows of a table, by a layer": (
        lambda: module(lambda s, x: [s.rnn(row[None, None])[0] for row in x], rnn=nn.GRU(6, 7)),
        (X[0],),
    ),
    "one by one of the batch": (
        lambda: stepwise(lambda s, x: s.rnn(x)[0], lambda x: x.split(1), rnn=lstm()),
        (X,),
    ),
    "one by one, of one timestep": (
        lambda: stepwise(lambda s, x: s.rnn(x)[0], lambda x: x.split(1), rnn=lstm()),
        (FIRST[:, :1],),
    ),
    "pieces of two timesteps": (
        lambda: module(lambda s, x: [s.rnn(one)[0] for one in x.split(2, 1)], rnn=lstm()),
        (floats(3, 6, 6),),
    ),
    "each feature alone": (
        lambda: stepwise(
            lambda s, x: s.rnn(x)[0], lambda x: x.split(1, 2), rnn=nn.GRU(1, 7, batch_first=True)
        ),
        (X,),
    ),
    "each feature alone, by a cell": (
        lambda: stepwise(lambda s, x: s.cell(x), lambda x: x.unbind(2), cell=nn.GRUCell(5, 7)),
        (X,),
    ),
    "the same step again": (
        lambda: stepwise(lambda s, x: s.cell(x)[0], lambda x: [x[:, 0]] * 4),
        (X,),
    ),
    "an ensemble": (
        lambda: module(
            lambda s, x: [cell(x[:, t]) for t, cell in enumerate(s.cells)],
            cells=nn.ModuleList(nn.GRUCell(6, 7) for _ in range(5)),
        ),
        (X,),
    ),
    "two timesteps": (lambda: stepwise(lambda s, x: s.cell(x)[0]), (X[:, :2],)),
    "k_stateful": (stateful, (X,)),
    "k_each its own state": (Players, (X, np.zeros((3, 5, 7), "float32"))),
    "k_handed_on": (HandsOn, (X,)),
    "k_towers": (towers, ONE[:3]),
    "k_spread": (lambda: zoo.stack(layers.TimeDistributed(layers.LSTM(7))), (floats(3, 5, 1, 6),)),
}


@pytest.mark.parametrize("name", WRONG)
def test_warns_of_a_layer_that_begins_each_timestep_anew(name):
    make, inputs, instead = WRONG[name]
    found = explain(make(), *inputs)
    assert kinds(found) == ["forgotten_state"]
    assert found.warnings[0].instead.startswith(instead)


@pytest.mark.parametrize("name", RIGHT)
def test_what_forgets_nothing_for_sure_is_left_alone(name):
    make, inputs = RIGHT[name]
    assert kinds(explain(make(), *inputs)) == []


def test_it_says_what_was_seen_why_it_matters_and_what_to_write():
    make, inputs, _ = WRONG["cell"]
    (warned,) = explain(make(), *inputs).warnings
    assert warned.words == (
        "Warning: `cell` (`LSTMCell`) is called 5 times, for one timestep after another, each time "
        "without a state. So each call begins anew, from zeros, and remembers nothing of the "
        "timesteps before it. Write instead: `h, c = cell(x[:, t], (h, c))  # before the loop: "
        "h = c = torch.zeros(3, 7)`"
    )


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("cell, given zeros", "each time with zeros. So each call begins anew, and remembers"),
        (
            "cell, what is learned",
            "each time with the same state. So each call begins anew, and remembers",
        ),
        ("layer, both directions", "anew, from zeros, and remembers nothing of the others."),
    ],
)
def test_it_says_with_what_each_timestep_begins(name, says):
    make, inputs, _ = WRONG[name]
    assert says in explain(make(), *inputs).warnings[0].words


class Mended(nn.Module):
    """A loop with a line that is to be written, and the line before it."""

    def __init__(self, line, before, parts):
        super().__init__()
        self.parts, self.line, self.before = nn.ModuleDict(parts), line, before

    def forward(self, x):
        names = {**self.parts, "x": x, "torch": torch}
        exec(self.before, names)
        for t in range(5):
            exec(self.line, names | {"t": t}, names)
        return names.get("h", names.get("output"))


NO_LOOP = (  # in the line to write, or what it calls step is one's own
    *("layer, both directions", "layer, embedded and unsqueezed", "cell, the second alone"),
)


@pytest.mark.parametrize("name", [one for one in WRONG if one[:2] != "k_" and one not in NO_LOOP])
def test_the_line_to_write_hands_the_state_on(name):
    make, inputs, _ = WRONG[name]
    network = make()
    line, _, before = explain(network, *inputs).warnings[0].instead.partition("  # ")
    before = before.removeprefix("before the loop: ").partition(";")[0]
    found = explain(Mended(line, before, dict(network.named_children())), *inputs[:1])
    assert kinds(found) == []
    assert len(found.layers) == 5
