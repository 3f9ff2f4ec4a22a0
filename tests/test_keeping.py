"""A pass leaves a network as it was: weights, states, random numbers, and what else it keeps."""

import random
import signal
from collections import OrderedDict, UserDict, deque
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import torch
import zoo
from keras import layers
from torch import nn
from zoo import explained

from lstm_lessons.explaining import keeping
from lstm_lessons.explaining._keras_layers import seeds
from lstm_lessons.explaining.explanation import explain


def torch_state(network):
    """Return what explain must not change in a module, in a form that can be compared."""
    return [
        (
            {name: id(value) for name, value in vars(module).items() if name != "training"},
            module.training,
            len(module._forward_hooks) + len(module._forward_pre_hooks),
            [(id(one), one.tolist(), None if one.grad is None else one.grad.tolist())
             for one in (*module.parameters(False), *module.buffers(False))],
        )
        for module in network.modules()
    ] + [torch.get_rng_state().tolist()]  # fmt: skip


def keras_seeds():
    """Return where Keras' random numbers go on, in a form that can be compared."""
    return [keras.ops.convert_to_numpy(one).tolist() for one in seeds()]


def keras_state(network):
    """Return what explain must not change in a layer, in a form that can be compared."""
    inner = network._flatten_layers()
    states = keras.tree.flatten([getattr(layer, "states", None) for layer in inner])
    variables = [*network.variables, *(one for one in states if one is not None)]
    return [
        {name: id(value) for name, value in vars(layer).items()} for layer in inner
    ] + [keras.ops.convert_to_numpy(keras.ops.copy(one)).tolist() for one in variables]  # fmt: skip


def chance():
    """Return the state of Python's and NumPy's random numbers."""
    return random.getstate(), [str(one) for one in np.random.get_state()]


@pytest.mark.parametrize("name", zoo.TORCH)
def test_a_torch_network_is_left_as_it_was(name):
    network, inputs, _ = explained(name)
    network.train()
    next(network.modules()).training = name > "m"
    before = torch_state(network), chance()
    explain(network, *inputs)
    assert (torch_state(network), chance()) == before


TRIED = [pytest.param(name, True, marks=pytest.mark.more) for name in list(zoo.KERAS)[::2]]


@pytest.mark.parametrize(("name", "tried"), [*((name, False) for name in zoo.KERAS), *TRIED])
def test_a_keras_network_is_left_as_it_was(name, tried):
    network, inputs, _ = explained(name)
    before = keras_state(network), chance()
    explain(network, *inputs, tried=tried)
    assert (keras_state(network), chance()) == before


def test_gradients_and_weights_of_a_trained_network_stay():
    network = zoo.forecaster()
    x = torch.tensor(zoo.floats(3, 8, 1))
    network(x).sum().backward()
    before = torch_state(network)
    found = explain(network, x)
    assert torch_state(network) == before
    assert network.linear.weight.grad is not None
    assert found.layers


def test_hidden_states_and_buffers_that_a_network_keeps_are_put_back():
    class Remembers(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru = nn.GRU(6, 7, batch_first=True)
            self.register_buffer("calls", torch.zeros(()))
            self.hidden, self.seen = None, []

        def forward(self, x):
            self.calls += 1
            self.seen.append(torch.rand(1))
            y, self.hidden = self.gru(x, self.hidden)
            self.register_buffer("new", self.hidden)
            return y

    network = Remembers()
    before = torch_state(network)
    explain(network, zoo.floats(3, 5, 6))
    assert torch_state(network) == before
    assert (network.hidden, network.seen, network.calls.item()) == (None, [], 0)
    assert not hasattr(network, "new")


class Slotted:
    """An object without a __dict__."""

    __slots__ = ("count",)

    def __init__(self):
        self.count = 0


class Kept:
    """What a network may keep and change in place, and its content in a form to be compared."""

    def __init__(self):
        self.array, self.queue = np.zeros(4), deque([1, 2], maxlen=3)
        self.nested = {"list": [1], "tuple": ([2], {3})}
        self.slotted, self.space = Slotted(), SimpleNamespace(count=0)
        self.data, self.order = UserDict(a=[1]), OrderedDict(a=1, b=2)
        self.numbers = [np.random.default_rng(0), np.random.RandomState(0), random.Random(0)]

    def use(self):
        self.array += 1
        self.queue.extend([3, 4])
        self.nested["list"].append(2)
        self.nested["tuple"][0].append(3)
        self.nested["tuple"][1].clear()
        self.slotted.count += 1
        self.space.count += 1
        self.data["a"].append(2)
        self.data["b"] = 1
        self.order.move_to_end("a")
        [one.random() for one in self.numbers]
        self.new = 1

    def content(self):
        said = [self.array, self.queue, self.nested, self.slotted.count, self.space, self.data]
        said += [self.order, self.numbers[0].bit_generator.state, self.numbers[2].getstate()]
        return [str(one) for one in (*said, self.numbers[1].get_state()[1:], sorted(vars(self)))]


def test_what_a_torch_network_changes_in_place_is_put_back():
    class Changes(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru, self.kept, self.hidden = nn.GRU(6, 7), Kept(), torch.zeros(1, 5, 7)
            self.beside = {"unregistered": [nn.Linear(2, 2)], "chance": torch.Generator()}

        def forward(self, x):
            y, h = self.gru(x, self.hidden)
            self.hidden.copy_(h)
            self.kept.use()
            self.gru.weight_ih_l0.data.mul_(2)
            self.beside["unregistered"][0].weight.add_(1)
            torch.rand(1, generator=self.beside["chance"])
            return y

        def content(self):
            tensors = [self.hidden, *self.parameters(), self.beside["chance"].get_state()]
            tensors += self.beside["unregistered"][0].parameters()
            return [self.kept.content(), [one.tolist() for one in tensors]]

    network = Changes()
    before = network.content()
    explain(network, zoo.floats(3, 5, 6))
    assert network.content() == before


def test_what_a_keras_network_changes_in_place_is_put_back():
    class Changes(keras.Model):
        def __init__(self):
            super().__init__()
            self.gru, self.kept = layers.GRU(7), Kept()
            self.dense = layers.Dense(2)

        def call(self, x):
            self.kept.use()
            self.dense.bias.assign(self.dense.bias + 1) if self.dense.built else None
            return self.dense(self.gru(x))

        def content(self):
            return [self.kept.content(), [one.tolist() for one in self.get_weights()]]

    network = Changes()
    network(zoo.floats(3, 5, 6))
    before = network.content()
    explain(network, zoo.floats(3, 5, 6))
    assert network.content() == before


def test_a_stateful_network_that_the_pass_builds_begins_at_zero():
    layer = layers.LSTM(7, stateful=True)
    explain(layer, zoo.floats(3, 5, 6))
    assert not any(np.any(keras.ops.convert_to_numpy(one)) for one in layer.states)


def test_what_is_too_much_to_be_put_back_is_said(monkeypatch):
    network = nn.LSTM(6, 7)
    assert "put back" not in explain(network, zoo.floats(3, 5, 6)).text
    monkeypatch.setattr(keeping, "MOST_NUMBERS", 300)
    found = explain(network, zoo.floats(3, 5, 6))
    assert "Of its arrays, no more than 300 numbers were put back." in found.notes
    monkeypatch.setattr(keeping, "MOST_THINGS", 9)
    found = explain(network, zoo.floats(3, 5, 6))
    assert "What it keeps was put back in part: it is over 9 things." in found.notes


@pytest.fixture
def interruptible():
    """Python answers an interrupt as at a keyboard, also where whoever started it ignores one."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("times", [1, 2])
def test_an_interrupt_while_all_is_put_back_waits_until_it_is_done(times):
    class Interrupts(nn.Module):
        def __init__(self):
            super().__init__()
            self.last, self.calls = Interrupting(), []  # the first to be looked at
            self.gru = nn.GRU(6, 7)

        def forward(self, x):
            self.calls.append(1)
            self.last.times = times
            return self.gru(x)

    class Interrupting(list):
        """What ends in an interrupt as it is looked at after the pass."""

        times = 0

        def __iter__(self):
            for _ in range(self.times):
                signal.raise_signal(signal.SIGINT)
            return super().__iter__()

    network = Interrupts().train()
    network.more = [1]
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        explain(network, zoo.floats(3, 5, 6))
    assert (network.calls, network.training, network.gru.training) == ([], True, True)
    assert not network._forward_hooks
    assert not network.gru._forward_hooks
    assert signal.getsignal(signal.SIGINT) is handler


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_in_the_pass_ends_it():
    def forward(self, x):
        signal.raise_signal(signal.SIGINT)
        raise AssertionError

    with pytest.raises(KeyboardInterrupt):
        explain(zoo.module(forward), zoo.floats(3, 5, 6))


def test_stateful_states_are_put_back_and_random_numbers_go_on():
    network = zoo.k_stateful()
    x = zoo.floats(3, 5, 6)
    network(x)
    before = keras_state(network)
    assert np.any(keras.ops.convert_to_numpy(network.layers[0].states[0]))
    keras.random.normal((2,))
    seeded = keras_seeds()
    explain(network, x)
    assert keras_state(network) == before
    assert keras_seeds() == seeded
    keras.random.normal((2,))
    assert keras_seeds() != seeded


def test_a_network_that_fails_is_left_as_it_was_too():
    network = nn.Sequential(nn.LSTM(6, 7), nn.Linear(7, 2)).train()
    before = torch_state(network)
    with pytest.raises(TypeError):
        explain(network, zoo.floats(3, 5, 6))
    assert torch_state(network) == before
    wrong = keras.Sequential([keras.Input((None, 6)), layers.LSTM(7)])
    before = keras_state(wrong)
    with pytest.raises(ValueError, match="incompatible shape"):
        explain(wrong, zoo.floats(3, 6))
    assert keras_state(wrong) == before


def test_a_compiled_keras_model_is_explained_and_its_optimizer_left_as_it_was():
    network = keras.Sequential([keras.Input((5, 6)), layers.LSTM(7), layers.Dense(1)])
    network.compile("adam", "mse")
    network.fit(zoo.floats(3, 5, 6), zoo.floats(3, 1), verbose=0)
    optimizer = network.optimizer
    before = [variable.numpy().tolist() for variable in optimizer.variables]
    assert len(explain(network, zoo.floats(3, 5, 6)).layers) == 1
    assert network.optimizer is optimizer
    assert [variable.numpy().tolist() for variable in optimizer.variables] == before


class OwnCell(layers.Layer):
    """A cell that is built with its layer, and whose own layers are not, for want of a `build`."""

    def __init__(self, units):
        super().__init__()
        self.state_size, self.output_size = units, units
        self.reads, self.hears = layers.Dense(units), layers.Dense(units, use_bias=False)

    def call(self, x, states):
        h = keras.ops.tanh(self.reads(x) + self.hears(states[0]))
        return h, [h]


@pytest.mark.filterwarnings("ignore:.*does not have a `build")
def test_layers_in_a_built_network_that_the_pass_builds_stay_built():
    x = keras.Input((5, 6))
    network = keras.Model(x, layers.RNN(OwnCell(7), name="rnn")(x))
    assert network.count_params() == 0
    found = explain(network, zoo.floats(3, 5, 6))
    cell = network.get_layer("rnn").cell
    assert f"{cell.hears.name} and {cell.reads.name} had no weights yet; this" in found.text
    assert found.layers[0].parameters == network.count_params() == (6 + 7 + 1) * 7
    assert "changing sequence 0 changes result 0 alone" in found.text
    again = explain(network, zoo.floats(3, 5, 6))
    assert "had no weights" not in again.text
    assert np.array_equal(*(one.layers[0].returned["output"].values for one in (found, again)))


@pytest.mark.filterwarnings("ignore:.*does not have a `build")
def test_for_a_layer_that_is_never_called_nothing_is_built_and_all_is_put_back():
    def call(self, x):
        self.calls += 1
        return self.rnn(x)

    network = zoo.model(call, rnn=layers.LSTM(7), never=layers.Dense(2), calls=0)
    network(zoo.floats(3, 5, 6))
    before = network.calls
    explain(network, zoo.floats(3, 5, 6))
    assert (network.calls, network.never.built) == (before, False)
