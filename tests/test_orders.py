"""Two layers that read the timesteps in another order, and what is made of both."""

import keras
import pytest
import torch
import zoo
from keras import layers, ops
from torch import nn
from zoo import kinds
from zoo import untried as explain

X = zoo.floats(3, 5, 6)


def keras_pair(join, graph, units=8, go_backwards=True):
    """Return two layers that read both ways, and a Dense on what join makes of their outputs."""
    one = layers.LSTM(7, return_sequences=True, name="one")
    other = layers.GRU(units, return_sequences=True, go_backwards=go_backwards, name="other")
    head = layers.Dense(2, name="head")
    if graph:
        x = keras.Input((5, 6))
        return keras.Model(x, head(join(one(x), other(x))))

    def call(self, x):
        return self.head(join(self.one(x), self.other(x)))

    return zoo.model(call, one=one, other=other, head=head)


def side_by_side(one, other):
    """Return two outputs side by side."""
    return ops.concatenate([one, other], -1)


@pytest.mark.parametrize("graph", [True, pytest.param(False, marks=pytest.mark.more)])
@pytest.mark.parametrize(
    ("join", "units", "speaks"),
    [
        (side_by_side, 8, True),
        (lambda one, other: layers.Concatenate()([other, one]), 8, True),
        (lambda one, other: layers.Add()([one, other]), 7, True),
        (lambda one, other: layers.Average()([one, other]), 7, True),
        (lambda one, other: one * other, 7, True),
        (lambda one, other: layers.Dropout(0.2)(side_by_side(one, other)), 8, True),
        (lambda one, other: side_by_side(one, ops.flip(other, axis=1)), 8, False),
        (lambda one, other: side_by_side(one, other[:, ::-1]), 8, False),
        (lambda one, other: side_by_side(one, other)[:, -1], 8, False),  # the ends of both
        (lambda one, other: layers.GlobalMaxPooling1D()(side_by_side(one, other)), 8, False),
        (lambda one, other: one, 8, False),
        (lambda one, other: other, 8, False),
    ],
)
def test_warns_of_go_backwards_that_is_joined_in_its_own_order(join, units, speaks, graph):
    found = explain(keras_pair(join, graph, units), X)
    assert kinds(found) == ["backwards"] * speaks
    if speaks:
        (warned,) = found.warnings
        assert warned.layers == ("one", "other")
        assert warned.seen == "`head` (`Dense`) reads the outputs of `one` and `other`, joined."
        assert "`other` has go_backwards=True, and returns" in warned.why
        line = warned.instead.split("  #")[0]

        def mended(one, other):
            return join(one, eval(line, {"keras": keras, "output": other}))

        assert not kinds(explain(keras_pair(mended, graph, units), X))


def test_two_layers_that_both_read_forward_or_both_backward_are_left_alone():
    assert not kinds(explain(keras_pair(side_by_side, True, go_backwards=False), X))
    x = keras.Input((5, 6))
    both = [layers.GRU(7, return_sequences=True, go_backwards=True)(x) for _ in range(2)]
    assert not kinds(explain(keras.Model(x, layers.Dense(2)(layers.Add()(both))), X))
    around = layers.Bidirectional(layers.GRU(7, return_sequences=True))
    assert not kinds(explain(keras.Sequential([keras.Input((5, 6)), around, layers.Dense(2)]), X))


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize(
    ("back", "speaks"), [(lambda y, axis: y, True), (lambda y, axis: y.flip(axis), False)]
)
@pytest.mark.parametrize("head", [True, False])
def test_warns_of_flipped_timesteps_in_pytorch(back, speaks, batch_first, head):
    axis = 1 if batch_first else 0

    def forward(self, x):
        one, other = self.one(x)[0], self.other(x.flip(axis))[0]
        return self.head(torch.cat([one, back(other, axis)], -1))

    network = zoo.module(
        forward,
        one=nn.LSTM(6, 7, batch_first=batch_first),
        other=nn.LSTM(6, 8, batch_first=batch_first),
        head=nn.Linear(15, 2) if head else nn.Identity(),
    )
    found = explain(network, X)
    assert kinds(found) == ["backwards"] * speaks
    if speaks:
        (warned,) = found.warnings
        assert "`other` was given the timesteps in reverse, and returns" in warned.why
        assert warned.instead.startswith(f"output.flip({axis})")
        assert warned.seen.startswith("`head` (`Linear`) reads" if head else "The network returns")
