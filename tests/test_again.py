"""A line to write is tried on the very call that failed: told is what ran; nothing is changed."""

import random

import clinic_attention  # noqa: F401
import clinic_given  # noqa: F401 (more cases)
import clinic_kept  # noqa: F401
import clinic_lists  # noqa: F401
import clinic_losses  # noqa: F401
import clinic_making  # noqa: F401
import clinic_states  # noqa: F401
import clinic_tensors  # noqa: F401
import clinic_timesteps  # noqa: F401
import clinic_training  # noqa: F401
import keras
import numpy as np
import pytest
import torch
from clinic import C0, CASES, H0, STATES, T, X, error_of, here
from keras import layers
from torch import nn

from lstm_lessons.explaining import again
from lstm_lessons.explaining._keras_layers import seeds
from lstm_lessons.explaining.errors import explain_error

SHAPED = [one for one in CASES if one.line and one.gives is not None]


def told(broken):
    """Return what is said of the lines that were tried, by line."""
    return {one.line: one.gives for one in explain_error(error_of(broken)).tried}


@pytest.mark.parametrize("one", here(SHAPED))
def test_what_is_told_is_what_the_call_gives(one):
    """The cases run the lines on their own; a line that does not run is not told."""
    for line, gives in told(one.broken).items():
        if line.startswith(one.line.partition("  #")[0]):
            assert str(eval(gives)[0] if gives.startswith("((") else eval(gives)) == str(one.gives)


def test_the_text_says_so_of_one_line_and_of_several():
    text = explain_error(error_of(lambda: nn.LSTM(6, 7)(T.double()))).text
    gives = "With it: LSTM runs, gives ((3, 5, 7), ((1, 5, 7), (1, 5, 7)))."
    assert f"    x.to(torch.float32)\n\n{gives}\nRead on: " in text
    text = explain_error(error_of(lambda: layers.LSTM(7)(X[0]))).text
    assert "With x[None]: LSTM runs, gives (1, 7).\n" in text
    assert "With x[..., None]: LSTM runs, gives (5, 7).\nRead on: " in text


def test_it_is_said_of_the_layer_that_runs_and_not_of_the_one_that_failed():
    text = explain_error(error_of(lambda: nn.LSTMCell(6, 7)(T))).text
    assert ": LSTM runs, gives ((3, 5, 7), ((1, 3, 7), (1, 3, 7)))." in text
    assert "LSTMCell runs" not in text


@pytest.mark.parametrize(
    ("broken", "gives"),
    [
        (lambda: nn.Sequential(nn.LSTM(6, 7), nn.LSTM(7, 8))(T), ["((3, 5, 8)"]),
        (lambda: nn.GRU(6, 7, batch_first=True)(T, hx=H0[0]), ["((3, 5, 7), (1, 3, 7))"]),
        (lambda: keras.Sequential([layers.Input((5, 6)), layers.LSTM(7)])(X[0]), ["(1, 7)"]),
        (lambda: layers.LSTMCell(7)(X[:, 0]), ["((3, 7), [(3, 7), (3, 7)])"]),
        (lambda: nn.LSTM(6, 7, batch_first=True)(T, (H0.double(), C0.double())), ["((3, 5, 7)"]),
        (lambda: nn.CrossEntropyLoss()(torch.zeros(3, 5, 4), torch.zeros(3, 5).long()), ["()"]),
        (lambda: nn.utils.rnn.pack_padded_sequence(T, [2, 5, 4], True), ["a PackedSequence"]),
    ],
)
def test_a_call_is_made_again(broken, gives):
    assert [one[: len(gives[0])] for one in told(broken).values()] == gives


class Mine(nn.LSTM):
    """A layer of the learner's, that counts its calls."""

    calls = 0

    def forward(self, x, hx=None):
        Mine.calls += 1
        return super().forward(x, hx)


class MineInKeras(layers.LSTM):
    calls = 0

    def call(self, *args, **kwargs):
        MineInKeras.calls += 1
        return super().call(*args, **kwargs)


def noted(x):
    noted.calls = getattr(noted, "calls", 0) + 1
    return x


@pytest.mark.parametrize(
    "broken",
    [
        lambda: Mine(6, 7)(T.double()),
        lambda: MineInKeras(7)(X, mask=np.ones((3, 5, 6), bool)),
        lambda: keras.Sequential([layers.Input((5, 6)), layers.Lambda(noted)])(X[0]),
        lambda: layers.LSTM(7, activation=noted)(X[0]),
        lambda: nn.LSTM(6, 7)(T.double().to("meta")),
        lambda: nn.LSTM(6, 7)(torch.ones(200, 1000, 6).double()),
    ],
)
def test_nothing_of_the_learners_is_run_nor_what_is_large(broken):
    error = error_of(broken)
    counts = Mine.calls, MineInKeras.calls, getattr(noted, "calls", 0)
    assert explain_error(error).tried == ()
    assert (Mine.calls, MineInKeras.calls, getattr(noted, "calls", 0)) == counts


def test_hooks_are_not_run():
    layer, calls = nn.LSTM(6, 7), []
    layer.register_forward_hook(lambda *_: calls.append(1))
    assert told(lambda: layer(T.double()))
    assert calls == []


def test_nothing_is_left_changed():
    built = layers.Dense(7)
    built(X)
    errors = [
        error_of(run)
        for run in (
            lambda: built(X[..., :4]),
            lambda: layers.LSTM(7)(layers.Input((6,))),
            lambda: nn.Linear(6, 7)(torch.ones(3, 5)),
        )
    ]
    before = layers.Dense(1).name, [one.numpy().sum() for one in built.weights]
    keras.random.normal(()), random.seed(1), torch.manual_seed(1), np.random.seed(1)
    wanted = random.random(), torch.rand(1).item(), np.random.rand()
    random.seed(1), torch.manual_seed(1), np.random.seed(1)
    seeded = [one.numpy().tolist() for one in seeds()]
    assert all(explain_error(error).tried for error in errors)
    assert (random.random(), torch.rand(1).item(), np.random.rand()) == wanted
    assert [one.numpy().tolist() for one in seeds()] == seeded
    number = int(before[0].rpartition("_")[2])
    assert layers.Dense(1).name == f"dense_{number + 1}"
    assert [one.numpy().sum() for one in built.weights] == before[1]


def test_gradients_and_graphs_are_left_alone():
    x = torch.ones(3, 5, 6, dtype=torch.float64, requires_grad=True)
    assert told(lambda: nn.LSTM(6, 7)(x))
    assert x.grad is None
    given = layers.Input((6,))
    consumers = len(given._keras_history.operation._outbound_nodes)
    assert told(lambda: layers.LSTM(7)(given))
    assert len(given._keras_history.operation._outbound_nodes) == consumers


def test_a_call_that_does_not_fail_again_is_not_the_same_call(monkeypatch):
    error = error_of(lambda: nn.LSTM(6, 7)(T.double()))
    monkeypatch.setattr(nn.LSTM, "forward", lambda self, x: x)
    assert explain_error(error).tried == ()
    monkeypatch.setattr(again, "_fails", lambda call, error: True)
    assert explain_error(error).tried


def test_an_axis_of_another_size_is_not_dropped():
    """x[0] would run and throw sequences away."""
    found = explain_error(error_of(lambda: nn.LSTM(6, 7)(T[:, :, None])))
    assert not any(line.startswith("x[0]") for line in found.instead.splitlines())
    assert told(lambda: layers.LSTM(7)(X[None]))["x[0]"] == "(3, 7)"


def test_another_layer_stands_in_front():
    flat = "keras.layers.TimeDistributed(keras.layers.Flatten())"
    assert told(lambda: layers.LSTM(7)(X[:, :, None]))[flat] == "(3, 7)"


def test_the_layer_that_failed_is_named_in_a_network_of_several():
    """What the network gives is not known: the others behind it are not run."""
    text = explain_error(
        error_of(lambda: nn.Sequential(nn.Embedding(9, 6), nn.LSTM(6, 7))(torch.ones(3, 5)))
    ).text
    assert "With x = x.long(): Embedding runs, gives (3, 5, 6).\nRead on: " in text


def test_a_layer_below_is_tried_in_its_place():
    def stacked():
        return keras.Sequential([layers.Input((5, 6)), layers.LSTM(7), layers.GRU(8)])

    assert list(told(stacked).values()) == ["(None, 8)"]
    assert "With it: GRU runs, gives (None, 8)." in explain_error(error_of(stacked)).text


def test_what_another_layer_returned_whole_is_taken_apart():
    assert told(lambda: layers.Dense(9)(STATES(X))) == {"output, *states = layer(x)": "(3, 9)"}


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
@pytest.mark.parametrize("features", [1, 6])
def test_a_line_for_other_features_makes_a_layer_of_the_same_kind(kind, features):
    line = f"torch.nn.{kind.__name__}(8, hidden_size)"
    layer, mine = (one(features, 7) for one in (kind, type("Mine", (kind,), {})))
    assert line in told(lambda: layer(torch.zeros(3, 5, 8)))
    assert line in explain_error(error_of(lambda: mine(torch.zeros(3, 5, 8)))).instead
