"""explain: every recurrent layer of any network, from one real forward pass."""

import random
import signal
import subprocess
import sys
import warnings
from collections import OrderedDict, UserDict, deque
from types import SimpleNamespace
from typing import NamedTuple
from xml.etree import ElementTree as ET

import keras
import numpy as np
import pytest
import torch
import zoo
from keras import layers
from torch import nn
from torch.nn.utils.rnn import pack_sequence

from lstm_lessons.drawing import _shade
from lstm_lessons.explaining import _keras
from lstm_lessons.explaining import calls as calls_
from lstm_lessons.explaining import keeping as network_
from lstm_lessons.explaining import page as explained_
from lstm_lessons.explaining.explanation import explain
from lstm_lessons.shapes import holds

ZOO = zoo.TORCH | zoo.KERAS
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def explained():
    """Each network of the zoo with its inputs and its explanation, made when first asked for."""
    made = {}

    def of(name):
        if name not in made:
            make, inputs = ZOO[name]
            network, given = make(), inputs()
            made[name] = (network, given, explain(network, *given))
        return made[name]

    return of


def nested(value):
    """Return the shapes of a return value, nested as it is, without what is not a tensor."""
    if hasattr(value, "shape"):
        return tuple(value.shape)
    return tuple(nested(one) for one in value if one is not None)


def torch_shapes(network, inputs):
    """Return what each call of a recurrent layer returned, by hooks of the test's own."""
    seen, handles = [], []
    for module in network.modules():
        if isinstance(module, (torch.nn.RNNBase, torch.nn.RNNCellBase)):
            handles.append(
                module.register_forward_hook(lambda _m, _x, value: seen.append(nested(value)))
            )
    with torch.no_grad():
        network(*(tensors(one) for one in inputs))
    for handle in handles:
        handle.remove()
    return seen


def tensors(value):
    if isinstance(value, dict):
        return {name: tensors(one) for name, one in value.items()}
    return torch.as_tensor(value)


def test_the_zoo_is_large():
    assert len(ZOO) >= 30


@pytest.mark.parametrize("name", zoo.TORCH)
def test_shapes_are_those_that_hooks_see(name, explained):
    network, inputs, found = explained(name)
    assert [call.returned.shapes for call in found.layers] == torch_shapes(network, inputs)


@pytest.mark.parametrize("name", zoo.KERAS)
def test_shapes_are_those_of_the_layers_own_call(name, explained):
    _, _, found = explained(name)
    assert found.layers
    for call in found.layers:
        value = call.layer(keras.ops.convert_to_tensor(call.input.values))
        assert call.returned.shapes == nested(value), call.path


@pytest.mark.parametrize("name", ZOO)
def test_every_axis_is_named_and_every_equality_holds(name, explained):
    *_, found = explained(name)
    for call in found.layers:
        for tensor in call.returned.tensors:
            assert len(tensor.axes) == len(tensor.shape) == tensor.values.ndim
            assert name == "k_own_cell" or "?" not in tensor.axes
            assert not tensor.equals or holds(tensor.equals, call.returned)


@pytest.mark.parametrize("name", ZOO)
def test_parameters_are_counted_and_the_arithmetic_gives_them(name, explained):
    for call in explained(name)[2].layers:
        if name in zoo.TORCH:
            count = sum(one.numel() for one in call.layer.parameters())
        else:
            count = sum(int(np.prod(one.shape)) for one in call.layer.weights)
        assert call.parameters == count
        if call.kind not in ("ConvLSTM2D", "RNN") or name == "k_cells":
            total, sum_ = call.arithmetic.split(" = ")
            assert eval(sum_.replace("·", "*")) == int(total) == count


def test_the_arithmetic_is_the_usual_one(explained):
    keras_, torch_ = explained("k_bare_lstm")[2], explained("bare_lstm")[2]
    assert keras_.layers[0].arithmetic == "392 = 4 · (6 + 7 + 1) · 7"
    assert torch_.layers[0].arithmetic == "420 = 4 · (6 + 7 + 2) · 7"


def test_an_axis_is_not_named_where_its_size_is_not_the_rules():
    class Narrow(nn.GRU):
        def forward(self, x, hx=None):
            output, h = super().forward(x, hx)
            return output[..., :4], h

    (call,) = explain(Narrow(6, 7, batch_first=True), zoo.floats(3, 5, 6)).layers
    assert call.returned["output"].axes == ("batch", "timesteps", "?")
    assert call.returned.tensors[1].axes == ("layers", "batch", "units")
    assert "What is marked ? is not the plain layer's, and not known here." in call.notes


def test_axes_of_an_input_that_nobody_knows_are_not_named():
    class Flat(layers.Layer):
        units = state_size = 7

        def build(self, shape):
            self.kernel = self.add_weight(shape=(shape[-1] * shape[-2], 7))

        def call(self, x, states):
            h = keras.ops.reshape(x, (-1, self.kernel.shape[0])) @ self.kernel + states[0]
            return h, [h]

    (call,) = explain(layers.RNN(Flat()), zoo.floats(3, 5, 6, 2)).layers
    assert call.input.axes == ("?",) * 4


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("every", [False, True])
def test_masked_outputs_are_zero_only_in_two_directions_with_every_timestep(both, every):
    x = zoo.floats(3, 5, 6)
    x[:, 3:] = 0
    layer = layers.LSTM(7, return_sequences=every)
    layer = layers.Bidirectional(layer) if both else layer
    found = explain(keras.Sequential([layers.Masking(), layer]), x)
    assert ("the output there is zero" in found.text) is (both and every)
    values = found.layers[0].returned["output"].values
    assert (not values[:, -1].any()) is (both and every)
    assert "6 of 15 steps are skipped" in found.text


def test_a_layer_without_weights_yet_has_no_parameters():
    dense = keras.layers.Dense(3)
    assert _keras.parameters(dense) == 0
    dense.build((None, 6))
    assert _keras.parameters(dense) == 6 * 3 + 3


def test_a_simple_rnn_has_one_gate_that_is_not_written_down():
    (call,) = explain(keras.layers.SimpleRNN(7), zoo.floats(3, 5, 6)).layers
    assert call.arithmetic == "98 = (6 + 7 + 1) · 7"


def test_an_axis_of_one_does_not_hide_whose_memory_it_is():
    network = torch_head(lambda y, h: y.as_strided((1, 7), (1, 1), 28), 7)
    ((use,),) = [call.uses[:1] for call in explain(network, zoo.floats(1, 5, 6)).layers]
    assert (use.expression, use.numbers) == ("output[:, -1]", False)


# It leaves the network as it was.


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


def keras_state(network):
    """Return what explain must not change in a layer, in a form that can be compared."""
    layers = network._flatten_layers()
    states = [getattr(layer, "states", None) for layer in layers]
    variables = [
        *network.variables,
        *(one for one in keras.tree.flatten(states) if one is not None),
    ]
    return [
        {name: id(value) for name, value in vars(layer).items()} for layer in layers
    ] + [keras.ops.convert_to_numpy(keras.ops.copy(one)).tolist() for one in variables]  # fmt: skip


def chance():
    """Return the state of Python's and NumPy's random numbers."""
    return random.getstate(), [str(one) for one in np.random.get_state()]


@pytest.mark.parametrize("name", zoo.TORCH)
def test_a_torch_network_is_left_as_it_was(name, explained):
    network, inputs, _ = explained(name)
    network.train()
    next(network.modules()).training = name > "m"
    before = torch_state(network), chance()
    explain(network, *inputs)
    assert (torch_state(network), chance()) == before


@pytest.mark.parametrize("name", zoo.KERAS)
def test_a_keras_network_is_left_as_it_was(name, explained):
    network, inputs, _ = explained(name)
    before = keras_state(network), chance()
    explain(network, *inputs)
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
            self.gru, self.kept = keras.layers.GRU(7), Kept()
            self.dense = keras.layers.Dense(2)

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
    layer = keras.layers.LSTM(7, stateful=True)
    explain(layer, zoo.floats(3, 5, 6))
    assert not any(np.any(keras.ops.convert_to_numpy(one)) for one in layer.states)


def test_what_is_too_much_to_be_put_back_is_said(monkeypatch):
    network = torch.nn.LSTM(6, 7)
    assert "put back" not in explain(network, zoo.floats(3, 5, 6)).text
    monkeypatch.setattr(network_, "MOST_NUMBERS", 300)
    found = explain(network, zoo.floats(3, 5, 6))
    assert "Of its arrays, no more than 300 numbers were put back." in found.notes
    monkeypatch.setattr(network_, "MOST_THINGS", 9)
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
    class Interrupts(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.last, self.calls = Interrupting(), []  # the first to be looked at
            self.gru = torch.nn.GRU(6, 7)

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
    class Interrupted(torch.nn.Module):
        def forward(self, x):
            signal.raise_signal(signal.SIGINT)
            raise AssertionError

    with pytest.raises(KeyboardInterrupt):
        explain(Interrupted(), zoo.floats(3, 5, 6))


def test_stateful_states_are_put_back_and_random_numbers_go_on():
    network = zoo.k_stateful()
    x = zoo.floats(3, 5, 6)
    network(x)
    states = [keras.ops.convert_to_numpy(keras.ops.copy(one)) for one in network.layers[0].states]
    assert np.any(states[0])
    keras.utils.set_random_seed(3)
    keras.random.normal((2,))
    explain(network, x)
    after = keras.random.normal((2,))
    keras.utils.set_random_seed(3)
    keras.random.normal((2,))
    assert np.array_equal(after, keras.random.normal((2,)))
    for one, before in zip(network.layers[0].states, states, strict=True):
        assert np.array_equal(keras.ops.convert_to_numpy(keras.ops.copy(one)), before)


def test_a_network_that_fails_is_left_as_it_was_too():
    network = torch.nn.Sequential(torch.nn.LSTM(6, 7), torch.nn.Linear(7, 2)).train()
    before = torch_state(network)
    with pytest.raises(TypeError):
        explain(network, zoo.floats(3, 5, 6))
    assert torch_state(network) == before
    wrong = keras.Sequential([keras.Input((None, 6)), keras.layers.LSTM(7)])
    before = keras_state(wrong)
    with pytest.raises(ValueError, match="incompatible shape"):
        explain(wrong, zoo.floats(3, 6))
    assert keras_state(wrong) == before


def failing():
    """Return pairs of a network that fails on (3, 5, 6), and what is to be noted of it."""

    class Torch(nn.Module):
        def __init__(self, head, take):
            super().__init__()
            self.lstm, self.head, self.take = nn.LSTM(6, 7, batch_first=True), head, take

        def forward(self, x):
            return self.head(self.take(self.lstm(x)))

    class Subclassed(keras.Model):
        def __init__(self, head):
            super().__init__()
            self.lstm, self.head = layers.LSTM(7, return_state=True, name="lstm"), head

        def call(self, x):
            return self.head(self.lstm(x))

    class Refuses(layers.Layer):
        def call(self, x):
            raise ValueError("no")

    i = keras.Input((5, 6))
    graph = keras.Model(i, layers.Dense(2, name="fc")(layers.GRU(7, name="gru")(i)))
    graph.layers[-1].call = lambda x: x.nothing
    both = "Before this error lstm (LSTM) returned ((3, 5, 7), ((1, 3, 7), (1, 3, 7))). "
    three = "Before this error lstm (LSTM) returned ((3, 7), (3, 7), (3, 7)). "
    return {
        "linear": (
            Torch(nn.Linear(9, 2), lambda y: y[0]),
            f"{both}It came from head (Linear), which was given (3, 5, 7).",
        ),
        "lazy": (
            Torch(nn.Sequential(nn.LazyLinear(4), nn.Linear(9, 2)), lambda y: y[0][:, -1]),
            f"{both[:-2]} and head.0 (Linear) returned (3, 4). "
            "It came from head.1 (Linear), which was given (3, 4).",
        ),
        "unpacked": (
            Torch(nn.Linear(7, 2), lambda y: y[2]),
            f"{both}It came from network (Torch) itself.",
        ),
        "alone": (
            nn.GRU(5, 7),
            "Before this error no layer had run. "
            "It came from network (GRU), which was given (3, 5, 6).",
        ),
        "many": (
            nn.Sequential(*(nn.Linear(6, 6) for _ in range(9)), nn.Linear(7, 2)),
            "Before this error 3 layers ran, "
            + ", ".join(f"{at} (Linear) returned (3, 5, 6)" for at in range(3, 8))
            + " and 8 (Linear) returned (3, 5, 6). "
            "It came from 9 (Linear), which was given (3, 5, 6).",
        ),
        "graph": (
            graph,
            "Before this error gru (GRU) returned (3, 7). "
            "It came from fc (Dense), which was given (3, 7).",
        ),
        "refused": (
            Subclassed(layers.Dense(2)),
            f"{three}It came from subclassed (Subclassed) itself, or from a layer in it that "
            "refused what it was given.",
        ),
        "raises": (
            Subclassed(Refuses(name="no")),
            f"{three}It came from no (Refuses), which was given ((3, 7), (3, 7), (3, 7)).",
        ),
    }


@pytest.mark.parametrize(
    "which", ["linear", "lazy", "unpacked", "alone", "many", "graph", "refused", "raises"]
)
def test_an_error_is_the_frameworks_own_with_a_note_of_what_ran(which):
    keras.backend.clear_session()
    network, note = failing()[which]
    with pytest.raises(Exception) as caught:  # noqa: PT011
        explain(network, zoo.floats(3, 5, 6))
    assert caught.value.__notes__ == [note]
    assert "Before this error" not in str(caught.value)
    assert not any("call" in vars(one) for one in getattr(network, "layers", [])[:-1])


@pytest.mark.parametrize("name", ["lazy_head", "k_bidirectional_masked", "k_subclassed"])
def test_a_network_without_weights_is_built_and_the_text_says_so(name):
    make, inputs = ZOO[name]
    network = make()
    said = "The network had no weights yet; this pass built it."
    assert said in explain(network, *inputs()).text
    assert said not in explain(network, *inputs()).text


# What becomes of what came back.


def uses(found, place=0):
    return [(use.by.split("`")[1], use.expression, use.role) for use in found.layers[place].uses]


@pytest.mark.parametrize(
    ("name", "place", "expected"),
    [
        ("sentiment_classifier", 0, [("dropout", "h_n[-1]", "input"), ("fc", "h_n[-1]", "input")]),
        ("forecaster", 0, [("linear", "output[:, -1]", "input")]),
        ("bidirectional_last_step", 0, [("out", "output[:, -1]", "input")]),
        ("bidirectional_classifier", 0, [("out", "concat([h_n[-2], h_n[-1]], -1)", "input")]),
        ("tagger", 0, [("tags", "output", "input")]),
        ("encoder_decoder", 0, [("decoder.rnn", "h_n", "state"), ("decoder.rnn", "c_n", "state")]),
        ("greedy_decoder", 1, [("out", "output", "input"), ("decoder", "h_n", "state")]),
        ("attention_on_top", 0, [("attention.score", "output", "input")]),
        ("multihead_on_top", 0, [("attention", "output", "input")]),
        (
            "language_model_time_major",
            0,
            [("drop", "output", "input"), ("decoder", "output.reshape(-1, 7)", "input")],
        ),
        ("autoencoder", 0, []),
        ("residual_stack", 0, []),
    ],
)
def test_what_becomes_of_it_in_pytorch(name, place, expected, explained):
    found = explained(name)[2]
    assert uses(found, place) == expected
    rest = {one.expression for one in found.layers[place].returned.tensors} - {
        use.tensor for use in found.layers[place].uses
    }
    assert ("not visible" in found.text) or not rest
    assert "dropped" not in found.text


def test_what_a_layer_hands_on_unchanged_is_received_through_it():
    x = keras.Input((5, 6))
    first = layers.LSTM(7, return_sequences=True, name="a")(x)
    dropped = layers.Dropout(0.5, name="drop")(first)
    heads = [layers.LSTM(8, name="b")(dropped), layers.Dense(2, name="fc")(first)]
    found = explain(keras.Model(x, heads), (3, 5, 6))
    assert "b (LSTM) receives output (3, 5, 7) through drop." in found.text
    assert "fc (Dense) receives output (3, 5, 7)." in found.text

    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.GRU(6, 7, batch_first=True), nn.GRU(7, 8, batch_first=True)
            self.drop, self.fc, self.end = nn.Dropout(), nn.Linear(7, 2), nn.Linear(7, 2)

        def forward(self, x):
            y, _ = self.a(x)
            z = self.drop(y)
            return self.b(z), self.fc(y), self.end(z[:, -1])

    text = explain(Two(), zoo.floats(3, 5, 6)).text
    assert "b (GRU) receives output (3, 5, 7) through drop." in text
    assert "fc (Linear) receives output (3, 5, 7)." in text
    assert "end (Linear) receives output[:, -1] (3, 7) directly or through drop." in text


def test_what_becomes_of_it_in_a_graph_of_keras(explained):
    found = explained("k_encoder_decoder")[2]
    encoder = found.layers[0]
    assert [use.role for use in encoder.uses] == ["state", "state"]
    assert [use.expression for use in encoder.uses] == ["h", "c"]
    assert encoder.complete
    assert "output: dropped." in found.text
    assert "h and c: dropped." in found.text
    assert uses(explained("k_last_step_by_hand")[2])[0][1] == "output[:, -1]"
    assert not explained("k_subclassed")[2].layers[0].complete
    assert "What becomes of output and h is not visible." in explained("k_subclassed")[2].text


def test_at_one_timestep_the_names_come_from_the_configuration():
    class First(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru, self.fc = nn.GRU(6, 7, batch_first=True), nn.Linear(7, 2)

        def forward(self, x):
            y, h = self.gru(x)
            return self.fc(h[-1]), self.fc(y[:, 0]), self.fc(torch.clone(y[:, 0]))

    found = explain(First(), zoo.floats(3, 1, 6))
    seen = [use.expression for use in found.layers[0].uses if "fc" in use.by]
    assert seen[0] == "h_n[-1]"
    assert len(seen) == 2  # the copy could be any of them: not visible
    assert all(not use.numbers for use in found.layers[0].uses)


def test_layers_never_reached_and_layers_called_twice(explained):
    found = explained("k_subclassed")[2]
    assert any("was not called" in note for note in found.notes)
    assert [call.path for call in explained("siamese")[2].layers] == ["lstm", "lstm"]
    assert len({call.path for call in explained("k_shared")[2].layers}) == 1
    assert "Called 4 times" in explained("greedy_decoder")[2].text


# Kinds and flags.


def keras_layer(kind, **flags):
    return getattr(layers, kind)(7, **flags)


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "SimpleRNN"])
@pytest.mark.parametrize("every", [False, True])
@pytest.mark.parametrize("merge", ["concat", "sum", "mul", "ave", None, "alone"])
def test_every_kind_and_merge_mode_of_keras(kind, every, merge):
    layer = keras_layer(kind, return_sequences=every, return_state=True)
    if merge != "alone":
        layer = keras.layers.Bidirectional(layer, merge_mode=merge)
    x = zoo.floats(3, 5, 6)
    (call,) = explain(layer, x).layers
    assert call.returned.shapes == nested(layer(x))
    assert [one.name for one in call.returned.tensors].count("?") == 0
    assert len(call.parts) == (0 if merge == "alone" else 2)
    assert any(one.equals for one in call.returned.tensors) or (
        every and merge in ("sum", "mul", "ave")
    )


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("batch_first", [False, True])
def test_every_kind_and_layout_of_pytorch(kind, layers, both, batch_first):
    layer = getattr(torch.nn, kind)(6, 7, layers, bidirectional=both, batch_first=batch_first)
    x = zoo.floats(3, 5, 6) if batch_first else zoo.floats(5, 3, 6)
    for given in (x, x[0]):
        (call,) = explain(layer, given).layers
        assert call.returned.shapes == nested(layer(torch.tensor(given)))
        assert {"?"}.isdisjoint(axis for one in call.returned.tensors for axis in one.axes)
        assert call.returned["output"].equals
    assert ("first axis is taken for timesteps" in explain(layer, x).text) is not batch_first


def test_packed_input_is_named(explained):
    (call,) = explained("packed_classifier")[2].layers
    assert call.returned["output.data"].axes == ("steps", "directions·units")
    assert call.returned["output.data"].shape == (10, 14)
    assert [one.place for one in call.returned.tensors][:2] == ["[0][0]", "[0][1]"]
    assert call.skips
    assert "10 steps of 3 sequences" in explained("packed_classifier")[2].text


def test_a_mask_is_said_and_an_equality_that_it_breaks_is_dropped():
    x = zoo.floats(3, 5, 6)
    x[1, 3:] = 0
    inputs = keras.Input((5, 6))
    masked = keras.layers.Masking()(inputs)
    inner = keras.layers.LSTM(7, return_sequences=True, return_state=True)
    outputs = keras.layers.Bidirectional(inner)(masked)
    (call,) = explain(keras.Model(inputs, outputs), x).layers
    assert call.skips
    assert any("2 of 15 steps are skipped" in note for note in call.notes)
    assert any("Does not hold here: `output[:, -1, :7] == forward_h`" in n for n in call.notes)
    assert call.returned["output"].equals == ""
    assert call.picture is None
    assert call.returned["backward_h"].equals == "output[:, 0, 7:] == backward_h"


def test_backwards_stateful_and_time_distributed_are_said(explained):
    assert "go_backwards=True: it reads from the last" in explained("k_nested")[2].text
    assert "stateful=True: it starts from" in explained("k_stateful")[2].text
    call = explained("k_document")[2].layers[0]
    assert call.returned["output"].axes == ("batch", "outer timesteps", "units")
    assert call.input.axes == ("batch", "outer timesteps", "timesteps", "features")
    assert len(call.parts) == 4


def test_what_it_does_not_know_it_says(explained):
    assert "is not known here" in explained("k_own_cell")[2].text

    class OnlyOutput(torch.nn.LSTM):
        def forward(self, x):
            return super().forward(x)[0].sum(-1)

    found = explain(OnlyOutput(6, 7, batch_first=True), zoo.floats(3, 5, 6))
    assert found.layers[0].returned.tensors[0].name == "?"
    assert "not known here" in found.text


# What may be given.


@pytest.mark.parametrize("kind", ["float64", "int64", "tensor", "tuple"])
def test_inputs_of_many_kinds(kind):
    gru = torch.nn.GRU(6, 7, batch_first=True)
    x = zoo.floats(3, 5, 6)
    given = {
        "float64": (x.astype("float64"),),
        "int64": (x,),
        "tensor": (torch.tensor(x),),
        "tuple": (x, np.zeros((1, 3, 7))),
    }[kind]
    assert explain(gru, *given).layers[0].returned.shapes == ((3, 5, 7), (1, 3, 7))


def test_a_packed_sequence_can_be_given():
    packed = pack_sequence([torch.rand(5, 6), torch.rand(3, 6)])
    (call,) = explain(torch.nn.GRU(6, 7), packed).layers
    assert call.returned.shapes == (((8, 7), (5,)), (1, 2, 7))


def test_a_shape_is_enough_for_keras():
    found = explain(zoo.k_tagger(), (None, 5))
    assert found.layers[0].input.shape == (3, 5, 6)
    assert "Only a shape was given, (None, 5): a batch of (3, 5) was made up." in found.notes
    assert explain(zoo.k_encoder_decoder(), (None, 5, 6), (None, None, 6)).layers[1].spec.batch == 3


@pytest.mark.parametrize(
    ("network", "inputs", "message"),
    [
        (
            ...,
            (),
            "network must be a Keras or PyTorch network, got nothing; try explain(network, x)",
        ),
        ("keras", ("abc",), "inputs must be arrays, got 'abc'; try np.array(x, dtype='float32')"),
        ("keras", ([1, 2],), "inputs must be arrays, got [1, 2]; try np.array(x, dtype='float32')"),
        (3, (1,), "network must be a Keras or PyTorch network, got 3; try explain(model, x)"),
        ("torch", (), "inputs must be at least a batch, got none; try explain(network, x)"),
        (
            "torch",
            ((None, 5, 6),),
            "inputs must be a batch for PyTorch, got the shape (None, 5, 6); "
            "try torch.randn(3, 5, 6)",
        ),
        (
            "torch",
            ((10**9, 5, 6),),
            "inputs must be a batch for PyTorch, got the shape (1000000000, 5, 6); "
            "try torch.randn(3, 5, 6)",
        ),
        (
            "torch",
            ((0, 5, 6),),
            "inputs must be a batch for PyTorch, got the shape (0, 5, 6); try torch.randn(3, 5, 6)",
        ),
        (
            "torch",
            (np.array(["a"]),),
            "inputs must be arrays of numbers, got dtype <U1; try np.array(x, dtype='float32')",
        ),
        (
            "keras",
            ((3, 5, None),),
            "inputs must be a shape with its last sizes known, got (3, 5, None); try (None, 10, 3)",
        ),
    ],
)
def test_bad_input_is_refused_in_one_line(network, inputs, message, explained):
    network = {"torch": "bare_lstm", "keras": "k_bare_lstm"}.get(network, network)
    network = explained(network)[0] if isinstance(network, str) else network
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        explain(network, *inputs)
    assert str(caught.value) == message


def test_a_class_is_not_a_network():
    network = type(zoo.forecaster())
    with pytest.raises(ValueError, match=r"got the class (\w+); try explain\(\1\(\), x\)$"):
        explain(network, 1)


# Warnings.


def kinds(found):
    return [one.kind for one in found.warnings]


@pytest.mark.parametrize("name", ZOO)
def test_the_zoo_is_warned_of_only_where_it_must_be(name, explained):
    expected = (
        ["last_of_both"] if name in ("bidirectional_last_step", "k_last_step_by_hand") else []
    )
    assert kinds(explained(name)[2]) == expected


def torch_head(pick, features=14, **settings):
    """Return a network of a recurrent layer and a Linear on what pick takes of what came back."""

    class Head(nn.Module):
        def __init__(self):
            super().__init__()
            settings.setdefault("batch_first", True)
            self.rnn = nn.LSTM(6, 7, **settings)
            self.fc = nn.Linear(features, 2)

        def forward(self, x):
            output, (h_n, _) = self.rnn(x)
            return self.fc(pick(output, h_n))

    return Head()


@pytest.mark.parametrize(
    ("pick", "features", "speaks"),
    [
        (lambda y, h: y[:, -1], 14, True),
        (lambda y, h: y[:, -1, :], 14, True),
        (lambda y, h: y[:, 4], 14, True),
        (lambda y, h: y[:, -1].contiguous(), 14, True),
        (lambda y, h: y[:, -1, :7], 7, False),
        (lambda y, h: y[:, 0], 14, False),
        (lambda y, h: h[-1], 7, False),
        (lambda y, h: y, 14, False),
        (lambda y, h: y.mean(1), 14, False),
    ],
)
def test_warns_of_the_last_output_of_both_directions(pick, features, speaks):
    found = explain(torch_head(pick, features, bidirectional=True), zoo.floats(3, 5, 6))
    assert kinds(found) == ["last_of_both"] * speaks
    if speaks:
        assert found.warnings[0].instead == "torch.cat([h_n[-2], h_n[-1]], -1)"
        assert "`output[:, 0]`" in found.warnings[0].why


def test_does_not_warn_of_one_direction_or_of_one_timestep():
    assert not kinds(explain(torch_head(lambda y, h: y[:, -1], 7), zoo.floats(3, 5, 6)))
    both = torch_head(lambda y, h: y[:, -1], bidirectional=True)
    assert not kinds(explain(both, zoo.floats(3, 1, 6)))
    last = torch_head(lambda y, h: y[-1], bidirectional=True, batch_first=False)
    assert kinds(explain(last, zoo.floats(5, 3, 6))) == ["last_of_both"]


@pytest.mark.parametrize("every", [True, False])
def test_warns_of_it_in_keras_however_it_is_taken(every):
    class Subclassed(keras.Model):
        def __init__(self):
            super().__init__()
            self.rnn = layers.Bidirectional(layers.LSTM(7, return_sequences=True))
            self.fc = layers.Dense(2)

        def call(self, x):
            y = self.rnn(x)
            return self.fc(y[:, -1] if every else y)

    assert kinds(explain(Subclassed(), zoo.floats(3, 5, 6))) == ["last_of_both"] * every


@pytest.mark.parametrize(
    ("pick", "speaks"),
    [
        (lambda y, h: h.view(-1, 14), True),
        (lambda y, h: h.reshape(3, 14), True),
        (lambda y, h: h.transpose(0, 1).reshape(3, 14), False),
        (lambda y, h: h.permute(1, 0, 2).flatten(1), False),
    ],
)
def test_warns_of_states_reshaped_across_the_batch(pick, speaks):
    found = explain(torch_head(pick, num_layers=2), zoo.floats(3, 5, 6))
    assert kinds(found) == ["mixed"] * speaks
    if speaks:
        assert found.warnings[0].instead == "h_n.transpose(0, 1).reshape(-1, 14)"


@pytest.mark.parametrize(
    ("pick", "settings", "instead"),
    [
        (lambda y, h: h[:, -1], {}, "h_n[-1]"),
        (lambda y, h: h[:, -1, :], dict(num_layers=2), "h_n[-1]"),
        (lambda y, h: h[:, -1].clone(), dict(num_layers=2), "h_n[-1]"),
        (lambda y, h: h[:, 0], dict(num_layers=2), "h_n[-1]"),
        (lambda y, h: y[-1], {}, "output[:, -1]"),
        (lambda y, h: y[0], {}, "output[:, -1]"),
        (
            lambda y, h: y[:, -1],
            dict(batch_first=False),
            "output[-1]  # but if the batch comes first, rnn = nn.LSTM(…, batch_first=True)",
        ),
        (lambda y, h: y[-1], dict(bidirectional=True), "torch.cat([h_n[-2], h_n[-1]], -1)"),
        (lambda y, h: h[:, -1], dict(bidirectional=True), "torch.cat([h_n[-2], h_n[-1]], -1)"),
        (lambda y, h: h[-1], dict(num_layers=2), None),
        (lambda y, h: h[0], dict(num_layers=2), None),
        (lambda y, h: y[:, -1], {}, None),
        (lambda y, h: y[-1], dict(batch_first=False), None),
        (lambda y, h: y[0], dict(batch_first=False), None),
        (lambda y, h: y.mean(1), {}, None),
    ],
)
def test_warns_of_one_sequence_taken_for_a_layer_or_a_timestep(pick, settings, instead):
    features = 14 if settings.get("bidirectional") and pick(["y"], np.zeros((1, 1))) == "y" else 7
    network = torch_head(pick, features, **settings)
    found = explain(network, zoo.floats(3, 5, 6))
    assert kinds(found) == ["one_sequence"] * (instead is not None)
    if instead:
        assert found.warnings[0].instead == instead
        which = 1 if "0]" in found.warnings[0].seen else found.layers[0].spec.batch
        assert f"number {which} of {found.layers[0].spec.batch}." in found.warnings[0].why


def test_one_sequence_is_no_trap_in_a_loop_without_a_batch_or_in_a_batch_of_one():
    loop = torch_head(lambda y, h: y, 7)
    head, loop.fc = loop.fc, torch.nn.Identity()
    loop.forward = lambda x: torch.stack([head(one) for one in loop.rnn(x)[0]])
    loop.add_module("head", head)
    found = explain(loop, zoo.floats(3, 5, 6))
    assert [use.expression for use in found.layers[0].uses] == ["output[0]", "output[-1]"]
    assert not kinds(found)
    for x in (zoo.floats(5, 6), zoo.floats(1, 5, 6)):
        assert not kinds(explain(torch_head(lambda y, h: y[-1], 7), x))


@pytest.mark.parametrize("graph", [True, False])
@pytest.mark.parametrize(
    ("flags", "pick", "instead"),
    [
        (dict(return_sequences=True), lambda y: y[-1], "output[:, -1]"),
        (dict(return_sequences=True), lambda y: y[-1, :, :], "output[:, -1]"),
        (dict(return_state=True), lambda y: y[1][:, -1:], None),
        (dict(return_sequences=True), lambda y: y[:, -1], None),
        (dict(return_sequences=True), lambda y: y[:, :, -1], None),
    ],
)
def test_warns_of_one_sequence_in_keras(flags, pick, instead, graph):
    rnn, fc = layers.GRU(7, name="rnn", **flags), layers.Dense(2)

    class Subclassed(keras.Model):
        def __init__(self):
            super().__init__()
            self.rnn, self.fc = rnn, fc

        def call(self, x):
            return self.fc(pick(self.rnn(x)))

    x = keras.Input((5, 6))
    network = keras.Model(x, fc(pick(rnn(x)))) if graph else Subclassed()
    found = explain(network, zoo.floats(3, 5, 6))
    assert kinds(found) == ["one_sequence"] * (instead is not None)
    if instead:
        assert found.warnings[0].instead == instead


def two_layers(first, second, turn=lambda y: y):
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.a = nn.LSTM(6, 7, batch_first=first)
            self.b = nn.LSTM(7, 8, batch_first=second)

        def forward(self, x):
            return self.b(turn(self.a(x)[0]))[0]

    return Two()


@pytest.mark.parametrize(
    ("first", "second", "turn", "size", "speaks"),
    [
        (True, False, lambda y: y, (3, 5, 6), True),
        (False, True, lambda y: y, (3, 5, 6), True),
        (True, False, lambda y: y.relu(), (3, 5, 6), True),
        (True, False, lambda y: y, (5, 5, 6), True),
        (True, False, lambda y: y.transpose(0, 1), (3, 5, 6), False),
        (True, False, lambda y: y.transpose(0, 1), (5, 5, 6), False),
        (True, True, lambda y: y, (3, 5, 6), False),
        (False, False, lambda y: y, (3, 5, 6), False),
    ],
)
def test_warns_of_layers_that_disagree_on_batch_first(first, second, turn, size, speaks):
    found = explain(two_layers(first, second, turn), zoo.floats(*size))
    assert kinds(found) == ["batch_first"] * speaks
    if speaks:
        wrong = "b = nn.LSTM(7, 8" if first else "a = nn.LSTM(6, 7"
        assert found.warnings[0].instead.startswith(wrong)


def padded(*lengths, size=(3, 5, 6)):
    x = zoo.floats(*size)
    for sequence, length in zip(x, lengths, strict=True):
        sequence[length:] = 0
    return x


@pytest.mark.parametrize(
    ("pick", "x", "speaks"),
    [
        (lambda y, h: y[:, -1], padded(5, 3, 2), True),
        (lambda y, h: h[-1], padded(5, 3, 2), True),
        (lambda y, h: y, padded(5, 3, 2), False),
        (lambda y, h: y[:, -1], padded(5, 5, 5), False),
        (lambda y, h: y[:, -1], padded(3, 3, 3), False),
        (lambda y, h: y[:, -1], padded(5, 5, 0), False),
        (lambda y, h: y[:, -1], np.zeros((3, 5, 6), "float32"), False),
        (lambda y, h: y[:, -1], zoo.floats(3, 5, 6), False),
    ],
)
def test_warns_of_padding_that_is_read(pick, x, speaks):
    found = explain(torch_head(pick, 7), x)
    assert kinds(found) == ["padded"] * speaks
    if speaks:
        assert found.warnings[0].instead.startswith("pack_padded_sequence(")
        assert "2 of 3 sequences" in found.warnings[0].seen


def text(*lengths):
    ids = zoo.words(3, 5)
    for sequence, length in zip(ids, lengths, strict=True):
        sequence[length:] = 0
    return ids


@pytest.mark.parametrize("mask", [False, True])
@pytest.mark.parametrize("every", [False, True])
def test_warns_of_padded_text_in_keras_without_a_mask(mask, every):
    network = keras.Sequential(
        [
            layers.Embedding(20, 6, mask_zero=mask),
            layers.LSTM(8, return_sequences=True),
            layers.LSTM(7, return_sequences=every),
        ]
    )
    found = explain(network, text(5, 3, 2))
    assert kinds(found) == ["padded"] * (not mask and not every)
    assert not kinds(explain(network, text(5, 5, 5)))


def test_padding_of_text_is_seen_in_pytorch_and_packing_silences(explained):
    network = explained("sentiment_classifier")[0]
    assert kinds(explain(network, text(5, 3, 2))) == ["padded"]
    assert not explained("packed_classifier")[2].warnings


def refused(side, result, target):
    """Return whether the framework's own mse refuses the two shapes."""
    try:
        if side == "keras":
            keras.losses.mean_squared_error(np.zeros(target), np.zeros(result))
        else:
            torch.nn.functional.mse_loss(torch.zeros(result), torch.zeros(target))
    except Exception:
        return True
    return False


@pytest.mark.parametrize(
    ("side", "target", "speaks"),
    [
        ("torch", (3, 1), False),
        ("torch", (3,), True),
        ("torch", (1, 1), True),
        ("torch", (5, 3, 1), True),
        ("torch", (3, 5, 1), False),
        ("torch", (4, 1), False),
        ("keras", (3, 1), False),
        ("keras", (3,), False),  # Keras' losses add the axis
        ("keras", (1, 1), True),
        ("keras", (1, 1, 1), True),
    ],
)
@pytest.mark.filterwarnings("ignore:Using a target size")
def test_warns_of_a_target_that_broadcasts(side, target, speaks, explained):
    network, inputs, _ = explained({"torch": "forecaster", "keras": "k_forecaster"}[side])
    found = explain(network, *inputs, target=np.zeros(target))
    no = refused(side, (3, 1), target)
    assert kinds(found) == ["broadcast"] * speaks + ["refused"] * no
    assert no is (target in ((4, 1), (3, 5, 1)))
    assert (f"The target fits: {target}." in found.notes) is not (speaks or no)


def test_a_target_for_each_timestep_against_one_for_each_sequence(explained):
    network, inputs, _ = explained("k_autoencoder")
    assert not kinds(explain(network, *inputs, target=inputs[0]))
    assert kinds(explain(network, *inputs, target=inputs[0][:1])) == ["broadcast"]
    network, inputs, _ = explained("sentiment_classifier")
    assert not kinds(explain(network, *inputs, target=np.array([0, 1, 1])))  # labels


@pytest.mark.parametrize(
    ("skipped", "says"),
    [
        (np.s_[:, 3:], "All that is zero: the last timestep of each sequence is masked."),
        (np.s_[:1, 3:], "That is zero for 1 of 3 sequences, whose last timestep is masked. For"),
        (np.s_[:, 1:3], "There, of what it reads, the backward direction has read the last time"),
        (np.s_[:, :2], "it ends at the first timestep of each sequence."),
    ],
)
@pytest.mark.parametrize("merge_mode", ["concat", "sum"])
def test_what_stands_at_the_last_timestep_of_two_masked_directions(skipped, says, merge_mode):
    x, i = zoo.floats(3, 5, 6), keras.Input((5, 6))
    x[skipped] = 0
    rnn = layers.Bidirectional(layers.GRU(7, return_sequences=True), merge_mode)
    every = rnn(layers.Masking()(i))
    network = keras.Model(i, [layers.Dense(3)(every[:, -1]), every])
    found = explain(network, x)
    (warned,) = found.warnings
    assert says in warned.why
    end = keras.ops.convert_to_numpy(network(x)[1])[:, -1]
    zeros = int((end == 0).all(-1).sum())
    assert ("All that is zero" in warned.why) is (zeros == 3)
    assert (f"zero for {zeros} of 3" in warned.why) is (0 < zeros < 3)
    assert ("read the last timestep alone" in warned.why) is (zeros < 3)
    assert ("`output[:, 0]`" in warned.why) is (skipped != np.s_[:, :2])


def returns(*shape, side="torch"):
    """Return a network that returns a shape, with no recurrent layer in it, and an input."""
    x = zoo.floats(*shape)
    return (torch.nn.Identity() if side == "torch" else keras.layers.Identity()), x


@pytest.mark.parametrize(
    ("side", "result", "target", "kind", "says"),
    [
        (
            "keras",
            (12, 4, 9),
            (4, 14),
            "refused",
            "refuses them, and as labels they do not fit.",
        ),
        ("keras", (4, 14, 9), (4, 14), None, "The target fits as labels, (4, 14): the last axis"),
        ("keras", (4, 9), (4, 1), None, "The target fits as labels, (4, 1): the last axis"),
        ("torch", (4, 5, 5), (4, 5), "class_axis", "does not refuse timesteps there"),
        ("torch", (4, 5, 9), (4, 5), None, "`cross_entropy` takes the second one for them."),
        ("torch", (4, 9, 5), (4, 5), None, "The target fits as labels, (4, 5): the second axis"),
        ("torch", (4, 9), (4,), None, "The target fits as labels, (4,): the last axis"),
        ("torch", (4, 1), (4,), "broadcast", "it compares (4, 4)"),
        ("torch", (4, 1), (4, 1), None, "The target fits: (4, 1)."),
    ],
)
def test_whole_numbers_as_a_target_may_be_labels(side, result, target, kind, says):
    network, x = returns(*result, side=side)
    found = explain(network, x, target=np.ones(target, "int64"))
    assert kinds(found) == ([kind] if kind else [])
    said = found.warnings[0].words if kind else " ".join(found.notes)
    assert says in said
    if kind == "refused":
        assert found.warnings[0].instead == ""
        assert "Write instead" not in found.text


@pytest.mark.parametrize(
    ("result", "target", "instead"),
    [
        ((3, 1), (3,), "target.reshape(3, 1)"),
        ((4, 5, 1), (4, 5), "target.reshape(4, 5, 1)"),
        ((5, 3, 2), (3, 5, 2), ""),  # as many numbers, of other sequences
        ((3, 5), (3, 4), ""),
        ((3, 5, 2), (3, 2), ""),  # without a recurrent layer nobody knows which axis is time
    ],
)
def test_what_is_not_known_to_be_right_is_not_advised(result, target, instead):
    network, x = returns(*result)
    assert explain(network, x, target=np.zeros(target)).warnings[0].instead == instead


@pytest.mark.parametrize("pick", [lambda y, h: h[-1], lambda y, h: y[-1], lambda y, h: y])
def test_a_batch_taken_for_timesteps_is_told_from_the_target(pick):
    network, x = torch_head(pick, 7, batch_first=False), zoo.floats(32, 15, 6)
    (warned,) = explain(network, x, target=np.ones((32, 2))).warnings
    assert warned.instead == "rnn = nn.LSTM(…, batch_first=True)"
    assert warned.why.endswith(" `rnn` takes the first axis, 32, for timesteps.")
    assert "batch_first" not in explain(network, x, target=np.ones((7, 2))).warnings[0].instead


@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_last_timestep_is_not_advised_of_two_directions(bidirectional):
    layer = layers.GRU(7, return_sequences=True)
    layer = layers.Bidirectional(layer, merge_mode="sum") if bidirectional else layer
    (warned,) = explain(layer, zoo.floats(3, 5, 6), target=np.zeros((3, 7))).warnings
    assert warned.instead.startswith("prediction[:, -1]") is not bidirectional


def test_a_target_that_is_compared_with_nothing_is_said():
    found = explain(*returns_two(), target=[np.zeros(3), np.zeros(4)])
    assert "The target is compared with nothing" in " ".join(found.notes)


def returns_two():
    return torch.nn.GRU(6, 7), zoo.floats(5, 3, 6)


# What it is given.


@pytest.mark.parametrize(
    ("target", "got"),
    [([[1], [2, 3]], "[[1], [2, 3]]"), (["a", "b"], "dtype <U1"), ({"y": 1}, "dtype object")],
)
def test_a_target_that_is_no_array_is_refused_in_one_line(target, got):
    network, x = returns(3, 5)
    with pytest.raises(
        ValueError, match=r"^target must be an array of numbers, got .*; try "
    ) as error:
        explain(network, x, target=target)
    assert got in str(error.value)
    assert "\n" not in str(error.value)


def test_an_empty_batch_is_refused_in_one_line(framework):
    network = torch.nn.GRU(6, 7, batch_first=True) if framework == "torch" else keras.layers.GRU(7)
    with pytest.raises(ValueError, match="got an empty batch, \\(0, 5, 6\\), at "):
        explain(network, np.zeros((0, 5, 6), "float32"))


class Batch(NamedTuple):
    series: object
    facts: object


@pytest.mark.parametrize("kind", [Batch, lambda *both: dict(zip(Batch._fields, both, strict=True))])
def test_what_is_named_is_given_and_returned_with_its_names(framework, kind):
    def both(given):
        return [given[name] for name in Batch._fields] if isinstance(given, dict) else given

    class Head(torch.nn.Module if framework == "torch" else keras.layers.Layer):
        def forward(self, given):
            return type(given)(*given) if isinstance(given, Batch) else dict(given)

        def call(self, given):
            return type(given)(*given) if isinstance(given, Batch) else dict(given)

        if framework == "torch":
            del call
        else:
            del forward

    class Torch(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.head, self.gru = Head(), torch.nn.GRU(6, 7, batch_first=True)

        def forward(self, given):
            series, facts = both(self.head(given))
            assert isinstance(given, dict) or given.series is given[0]
            return {"y": self.gru(series)[0], "facts": facts}

    class Keras(keras.Model):
        def __init__(self):
            super().__init__()
            self.head, self.gru = Head(), keras.layers.GRU(7)

        def call(self, given):
            series, facts = both(self.head(given))
            return {"y": self.gru(series), "facts": facts}

    network = Torch() if framework == "torch" else Keras()
    found = explain(network, kind(zoo.floats(3, 5, 6), zoo.floats(3, 2)))
    for said in (str(found), found.html):
        assert "head" in said
        assert "(3, 5, 6)" in said
    assert len(found.layers) == 1


def test_tensors_of_the_other_framework_are_taken(framework):
    x = zoo.floats(3, 5, 6)
    if framework == "torch":
        found = explain(torch.nn.GRU(6, 7, batch_first=True), keras.ops.convert_to_tensor(x))
    else:
        found = explain(keras.layers.GRU(7), torch.tensor(x, requires_grad=True))
    assert found.layers[0].input.values.tolist() == x.tolist()


def test_a_compiled_network_is_refused_and_one_inside_is_said_not_to_be_seen():
    class Outer(torch.nn.Module):
        def __init__(self, inner):
            super().__init__()
            self.inner, self.fc = inner, torch.nn.Linear(7, 2)

        def forward(self, x):
            return self.fc(self.inner(x)[0])

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scripted = torch.jit.script(torch.nn.Sequential(torch.nn.GRU(6, 7)))
        traced = torch.jit.trace(torch.nn.GRU(6, 7), torch.zeros(5, 3, 6))
    for one in (scripted, traced):
        with pytest.raises(ValueError, match=r"^network must be one of Python code, got a "):
            explain(one, zoo.floats(5, 3, 6))
        found = explain(Outer(one), zoo.floats(5, 3, 6))
        assert not found.layers
        assert f"What happens in inner ({type(one).__name__}) is not seen" in found.text
        assert "No recurrent layer" not in found.text


def test_a_layer_that_is_called_by_its_forward_is_seen():
    class Direct(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.gru, self.never = torch.nn.GRU(6, 7), torch.nn.GRU(6, 7)

        def forward(self, x):
            return self.gru.forward(x)[0]

    network = Direct()
    found = explain(network, zoo.floats(5, 3, 6))
    assert [call.path for call in found.layers] == ["gru"]
    assert "gru was not called" not in found.text.replace("never was not called", "")
    assert "forward" not in vars(network.gru)


def test_without_a_recurrent_layer_the_text_says_so():
    assert "No recurrent layer that this knows and the network has registered was called." in (
        explain(*returns(3, 5)).text
    )


# Batches that are made up.


def test_the_batch_of_a_shape_is_the_one_that_the_network_declares():
    stateful = [keras.Input(batch_shape=(32, 10, 4)), layers.LSTM(7, stateful=True)]
    for shape in ((None, 10, 4), (None, None, 4), (32, 10, 4)):
        found = explain(keras.Sequential(stateful), shape)
        assert found.layers[0].input.shape == (32, 10, 4)
    alone = layers.LSTM(7, stateful=True)
    alone(zoo.floats(4, 5, 6))
    assert explain(alone, (None, 9, 6)).layers[0].input.shape == (4, 9, 6)
    assert explain(layers.LSTM(7), (None, None, 6)).layers[0].input.shape == (3, 5, 6)


@pytest.mark.parametrize(
    ("shape", "units", "says"),
    [
        ((10**4, 10**5, 6), 2, "10000 · 100000 · 6 = 6,000,000,000 numbers, 24.0 GB"),
        ((10**9, 6), 2, "1000000000 · 6 = 6,000,000,000 numbers"),
        ((1000, 2000, 1), 60, "(a layer is 60 wide): 1000 · 2000 · 60 = 120,000,000 numbers"),
    ],
)
def test_a_shape_that_would_exhaust_memory_is_refused_before_it_is_made(shape, units, says):
    with pytest.raises(ValueError, match=r"^inputs must be a shape of no more than") as error:
        explain(layers.LSTM(units), shape)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


# Words.


@pytest.mark.parametrize("name", ZOO)
def test_text_and_html_say_the_same(name, explained):
    found = explained(name)[2]
    assert found._repr_mimebundle_() == {"text/html": found.html, "text/plain": str(found)}
    assert str(found) == repr(found)
    assert str(found).split() == found.text.split()
    page = "".join(ET.fromstring(found.html).itertext())
    for call in found.layers:
        assert str(call.returned.shapes) in found.text
        assert str(call.returned.shapes) in page
        for tensor in call.returned.tensors:
            for fact in (tensor.expression, tensor.meaning, tensor.equals, tensor.place):
                assert fact in found.text
                assert fact in page
    squeezed = "".join(page.split())
    for line in found.text.splitlines():
        if "; equals: " not in line:
            assert "".join(line.split()) in squeezed, line


@pytest.mark.parametrize("name", ["greedy_decoder", "k_bidirectional_masked"])
def test_html_has_inline_styles_only_and_headed_tables(name, explained):
    tree = ET.fromstring(explained(name)[2].html)
    tags = {one.tag.removeprefix(SVG) for one in tree.iter()}
    assert tags.isdisjoint({"style", "script", "h1", "h2"})
    assert all("class" not in one.attrib for one in tree.iter())
    assert all(one.attrib.get("scope") == "col" for one in tree.iter("th"))
    assert len(list(tree.iter("caption"))) == len(list(tree.iter("table"))) > 0


@pytest.mark.parametrize("name", ZOO)
def test_what_is_printed_fits_a_terminal_of_80_columns(name, explained):
    found = explained(name)[2]
    long = [line for line in str(found).splitlines() if len(line) >= 80]
    assert all(len(line.split()) < 4 for line in long), long
    assert not any(line.endswith((" ==", "[:,")) for line in str(found).splitlines())


# Pictures.


def shades(picture):
    """Return the colours of a picture's numbers, in the order of drawing."""
    squares = ET.fromstring(picture.html).iter(f"{SVG}rect")
    return [one.get("fill") for one in squares if one.get("fill")]


def test_a_picture_shows_the_numbers_of_this_pass():
    lstm, x = torch.nn.LSTM(6, 5, 2, bidirectional=True), torch.randn(4, 3, 6)
    y, (h, c) = lstm(x)
    outputs = [half for step in range(4) for half in (y[step, 0, :5], y[step, 0, 5:])]
    states = [one[row, 0] for row in (2, 3, 0, 1) for one in (h, c)]  # the top layer first
    wanted = [number.item() for one in (*x[:, 0], *outputs, *states) for number in one]
    assert shades(explain(lstm, x).layers[0].picture) == [_shade(one) for one in wanted]


@pytest.mark.parametrize(
    ("every", "states", "known", "empty"),
    [(False, False, 1, 4 + 1), (True, False, 5, 1), (False, True, 1, 4), (True, True, 5, 0)],
)
def test_numbers_that_did_not_come_back_are_left_empty_and_pale(every, states, known, empty):
    layer = layers.LSTM(4, return_sequences=every, return_state=states)
    picture = explain(layer, zoo.floats(3, 5, 6)).layers[0].picture
    # h at each timestep, its last once more beside the layer, and c
    assert len(shades(picture)) == 5 * 6 + 4 * (known + 1 + states)
    pale = [one for one in ET.fromstring(picture.html).iter() if one.get("opacity")]
    blank = [one for one in pale if one.find(f"{SVG}rect") is not None]
    blank = [one for one in blank if not any(part.get("fill") for part in one)]
    assert len(blank) == empty
    assert ("what is empty is not known" in picture.text) is (empty > 0)


def test_a_picture_is_an_image_with_its_words_and_stands_in_the_html_alone(explained):
    found = explained("bidirectional_classifier")[2]
    picture = found.layers[0].picture
    image = ET.fromstring(picture.html)
    assert (image.get("role"), image.get("aria-label")) == ("img", picture.text)
    for tensor in found.layers[0].returned.tensors:
        assert f"{tensor.place} {tensor.expression} (" in picture.text
        assert tensor.meaning in picture.text
    assert picture.html in found.html
    assert picture.text not in found.text


@pytest.mark.parametrize(
    ("make", "fits"),
    [
        (lambda nn, layers: nn.LSTM(6, 7, 4), True),
        (lambda nn, layers: nn.LSTM(6, 7, 5), False),
        (lambda nn, layers: nn.GRU(6, 7, 2, bidirectional=True), True),
        (lambda nn, layers: nn.GRU(6, 7, 3, bidirectional=True), False),
        (lambda nn, layers: nn.LSTM(6, 7, proj_size=2), True),
        (lambda nn, layers: layers.GRU(7), True),
        (lambda nn, layers: layers.GRU(7, go_backwards=True), False),
        (lambda nn, layers: layers.Bidirectional(layers.GRU(7)), True),
        (lambda nn, layers: layers.Bidirectional(layers.GRU(7), merge_mode=None), True),
        (lambda nn, layers: layers.Bidirectional(layers.GRU(7), merge_mode="sum"), False),
        (lambda nn, layers: layers.RNN([layers.GRUCell(7), layers.GRUCell(8)]), False),
        (lambda nn, layers: nn.LSTMCell(6, 7), False),
    ],
)
@pytest.mark.filterwarnings("ignore:LSTM with projections")
def test_what_fits_in_a_picture(make, fits):
    network = make(nn, layers)
    x = zoo.floats(3, 6) if isinstance(network, nn.LSTMCell) else zoo.floats(3, 5, 6)
    found = explain(network, x)
    assert (found.layers[0].picture is not None) is fits
    assert ("<svg" in found.html) is fits


def test_no_picture_where_the_layer_does_otherwise_than_the_rule(explained):
    assert explained("packed_classifier")[2].layers[0].picture is None
    network, x = explained("bare_lstm")[0], zoo.floats(3, 5, 6)
    x[0, 2, 3] = np.nan
    assert explain(network, x).layers[0].picture is None  # h == output is not true of NaN


def test_what_is_no_number_and_what_is_large_is_drawn_too():
    x = zoo.floats(3, 5, 6)
    x[0, 0, :3] = np.nan, np.inf, -1e30
    picture = explain(layers.GRU(4), x).layers[0].picture
    assert shades(picture)[:3] == ["#000", _shade(1), _shade(-1)]
    assert "Black is no number (NaN)." in picture.text


def torch_chain(depth, **settings):
    """Return a network of layers that follow one another."""

    class Chain(nn.Module):
        def __init__(self):
            super().__init__()
            self.all = nn.ModuleList(nn.LSTM(6, 6, **settings) for _ in range(depth))

        def forward(self, x):
            for layer in self.all:
                x = layer(x)[0]
            return x

    return Chain()


def test_pictures_end_where_a_page_would_get_too_large():
    found = explain(torch_chain(8), zoo.floats(5, 3, 6))
    drawn = found.html.count("<svg")
    assert 2 <= drawn < 8
    assert found.html.count(f"{explained_.NO_ROOM}; <code") == 1
    assert f".layers[{drawn}].picture</code> is this layer" in found.html
    assert found.layers[drawn].picture.html.startswith("<svg")
    assert explained_.NO_ROOM not in found.text
    assert explained_.NO_ROOM not in explain(torch_chain(2), zoo.floats(5, 3, 6)).html
    large = explain(torch_chain(3, num_layers=4), zoo.floats(500, 64, 6)).html
    assert large.count("<svg") == 2
    assert len(large) < 100_000


def test_nothing_is_drawn_before_html_is_asked_for(monkeypatch):
    found = explain(torch_chain(2), zoo.floats(5, 3, 6))

    def no(*_):
        raise AssertionError

    monkeypatch.setattr(calls_, "of_pass", no)
    assert str(explain(torch_chain(2), zoo.floats(5, 3, 6)))
    with pytest.raises(AssertionError):
        found._repr_mimebundle_()


# By itself.

ALONE = """
import sys
for name in {absent}:
    sys.modules[name] = None
import {package}
from lstm_lessons.explaining.explanation import explain
print(explain({network}).layers[0].returned.shapes)
print(sorted(set({absent}) & {{name for name, module in sys.modules.items() if module}}))
"""
EXTRAS = ["ipywidgets", "matplotlib", "IPython"]


@pytest.mark.parametrize(
    ("package", "absent", "network", "shapes"),
    [
        (
            "torch",
            ["keras", "tensorflow", *EXTRAS],
            "torch.nn.LSTM(6, 7), torch.rand(5, 3, 6)",
            "((5, 3, 7), ((1, 3, 7), (1, 3, 7)))",
        ),
        (
            "keras",
            ["torch", *EXTRAS][keras.backend.backend() == "torch" :],
            "keras.layers.LSTM(7), (None, 5, 6)",
            "(3, 7)",
        ),
    ],
)
def test_it_needs_one_framework_and_none_of_the_extras(package, absent, network, shapes):
    script = ALONE.format(absent=absent, package=package, network=network)
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert answer.stdout.splitlines() == [shapes, "[]"], answer.stderr


def test_a_recurrent_cell_of_ones_own_is_not_denied():
    class OwnCell(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.step = torch.nn.Linear(6 + 7, 7)

        def forward(self, x):
            h = torch.zeros(len(x), 7)
            for one in x.unbind(1):
                h = torch.tanh(self.step(torch.cat([one, h], dim=-1)))
            return h

    text = " ".join(str(explain(OwnCell(), zoo.floats(3, 5, 6))).split())
    assert "No recurrent layer that this knows and the network has registered was called." in text
