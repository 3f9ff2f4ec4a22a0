"""Probabilities where a loss expects logits, and the reverse: what is seen of it."""

import keras
import numpy as np
import pytest
import torch
import zoo
from keras import layers
from torch import nn
from torch.nn import functional as F
from zoo import kinds
from zoo import untried as explain

X = zoo.floats(3, 5, 6) * 4


def compiled(loss, activation=None, units=4, every=False):
    """Return a Keras model that ends in an activation, compiled with a loss."""
    rnn = layers.LSTM(7, return_sequences=every)
    head = layers.Dense(units, activation=activation, kernel_initializer="orthogonal")
    head = layers.TimeDistributed(head) if every else head
    network = keras.Sequential([keras.Input((5, 6)), rnn, head])
    network.compile(loss=loss)
    return network


SPARSE, BINARY = keras.losses.SparseCategoricalCrossentropy, keras.losses.BinaryCrossentropy


@pytest.mark.parametrize(
    ("loss", "activation", "kind", "instead"),
    [
        (SPARSE(from_logits=True), "softmax", "probabilities", SPARSE()),
        (BINARY(from_logits=True), "sigmoid", "probabilities", BINARY()),
        (SPARSE(), None, "logits", SPARSE(from_logits=True)),
        ("sparse_categorical_crossentropy", None, "logits", SPARSE(from_logits=True)),
        ("bce", None, "logits", BINARY(from_logits=True)),
        (keras.losses.categorical_crossentropy, "tanh", "logits", ...),
        (SPARSE(), "softmax", None, None),
        (SPARSE(from_logits=True), None, None, None),
        ("binary_crossentropy", "sigmoid", None, None),
        ("mse", None, None, None),
        ("mse", "softmax", None, None),
        (lambda y, p: keras.ops.mean(p), "softmax", None, None),
        (["mse"], None, None, None),
        (None, "softmax", None, None),
    ],
)
@pytest.mark.parametrize("every", [False, True])
def test_what_a_keras_model_is_compiled_with_is_seen(loss, activation, kind, instead, every):
    found = explain(compiled(loss, activation, every=every), X)
    assert kinds(found) == [kind] * bool(kind)
    if kind:
        (warned,) = found.warnings
        assert ("softmax or sigmoid" in warned.seen) is (kind == "logits")
        right = eval(warned.instead, {"keras": keras})
        if instead is not ...:
            assert right.get_config() == instead.get_config()
        assert not kinds(explain(compiled(right, activation, every=every), X))


def test_numbers_that_are_probabilities_without_a_function_that_is_seen_are_left_alone():
    network = zoo.model(lambda self, x: keras.ops.softmax(self.rnn(x)), rnn=layers.LSTM(7))
    network.compile(loss=SPARSE())
    assert not kinds(explain(network, X))
    network.compile(loss=SPARSE(from_logits=True))
    assert kinds(explain(network, X)) == ["probabilities"]


def head(end, features=4):
    """Return a network of PyTorch that ends in something."""
    return zoo.module(
        lambda self, x: self.end(self.fc(self.rnn(x)[0][:, -1])),
        rnn=nn.LSTM(6, 7, batch_first=True),
        fc=nn.Linear(7, features),
        end=end,
    )


class Function(nn.Module):
    """A function as a module, in which none is seen."""

    def __init__(self, function):
        super().__init__()
        self.forward = function


LABELS = np.array([0, 3, 1])


@pytest.mark.parametrize(
    ("end", "speaks"),
    [
        (nn.Softmax(-1), True),
        (Function(lambda x: F.softmax(x, -1)), True),
        (Function(lambda x: x.exp() / x.exp().sum(1, keepdim=True)), True),
        (nn.LogSoftmax(-1), False),
        (nn.Identity(), False),
        (nn.ReLU(), False),
        (nn.Sigmoid(), False),
    ],
)
def test_warns_of_a_softmax_beside_labels(end, speaks):
    network = head(end)
    found = explain(network, X, target=LABELS)
    assert kinds(found) == ["probabilities"] * speaks
    assert not kinds(explain(network, X))
    assert not kinds(explain(network, X, target=np.zeros((3, 4), "float32")))
    if speaks:
        names = dict(prediction=network(torch.tensor(X)), target=torch.tensor(LABELS), torch=torch)
        loss = eval(found.warnings[0].instead, names | dict(nll_loss=F.nll_loss))
        scores = network.fc(network.rnn(torch.tensor(X))[0][:, -1])
        assert torch.isclose(loss, F.cross_entropy(scores, torch.tensor(LABELS)))
        mended = head(Function(lambda x: torch.log(end(x))))
        assert not kinds(explain(mended, X, target=LABELS))


def test_a_softmax_twice_cannot_come_near_zero():
    sure = torch.eye(4)
    assert F.cross_entropy(sure, torch.arange(4)) > 0.7


def test_which_loss_takes_the_result_of_a_sigmoid_is_a_note():
    target = np.ones((3, 1), "float32")
    found = explain(head(nn.Sigmoid(), 1), X, target=target)
    assert not kinds(found)
    assert "`binary_cross_entropy` takes its result" in found.notes[-1]
    assert "sigmoid" not in explain(head(nn.Identity(), 1), X, target=target).text
