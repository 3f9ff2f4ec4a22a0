"""explain: every recurrent layer of any network, from one real forward pass."""

import re
import subprocess
import sys
import warnings
from typing import NamedTuple

import keras
import numpy as np
import pytest
import torch
import zoo
from keras import layers
from torch import nn
from torch.nn.utils.rnn import pack_sequence
from zoo import explained
from zoo import untried as explain

from lstm_lessons.explaining import _keras
from lstm_lessons.explaining._keras_layers import in_space
from lstm_lessons.shapes import holds


def nested(value):
    """Return the shapes of a return value, nested as it is, without what is not a tensor."""
    if hasattr(value, "shape"):
        return tuple(value.shape)
    return tuple(nested(one) for one in value if one is not None)


def torch_shapes(network, inputs):
    """Return what each call of a recurrent layer returned, by hooks of the test's own."""
    seen, handles = [], []
    for module in network.modules():
        if isinstance(module, (nn.RNNBase, nn.RNNCellBase)):
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
    if isinstance(value, tuple):
        return tuple(map(tensors, value))
    return torch.as_tensor(value)


def test_the_zoo_is_large():
    assert len(zoo.ALL) >= 80


@pytest.mark.parametrize("name", zoo.TORCH)
def test_shapes_are_those_that_hooks_see(name):
    network, inputs, found = explained(name)
    assert [call.returned.shapes for call in found.layers] == torch_shapes(network, inputs)


@pytest.mark.parametrize("name", zoo.KERAS)
def test_shapes_are_those_of_the_layers_own_call(name):
    _, _, found = explained(name)
    assert found.layers
    for call in found.layers:
        value = call.layer(keras.ops.convert_to_tensor(call.input.values))
        assert call.returned.shapes == nested(value), call.path


@pytest.mark.parametrize("name", zoo.ALL)
def test_every_axis_is_named_and_every_equality_holds(name):
    *_, found = explained(name)
    for call in found.layers:
        for tensor in call.returned.tensors:
            assert len(tensor.axes) == len(tensor.shape) == tensor.values.ndim
            assert name == "k_own_cell" or "?" not in tensor.axes
            assert not tensor.equals or holds(tensor.equals, call.returned)


@pytest.mark.parametrize("name", zoo.ALL)
def test_parameters_are_counted_and_the_arithmetic_gives_them(name):
    for call in explained(name)[2].layers:
        if name in zoo.TORCH:
            count = sum(one.numel() for one in call.layer.parameters())
        else:
            count = sum(int(np.prod(one.shape)) for one in call.layer.weights)
        assert call.parameters == count
        if not call.kind.startswith(("ConvLSTM", "RNN")) or name.startswith("k_cells"):
            total, sum_ = call.arithmetic.split(" = ")
            assert eval(sum_.replace("·", "*")) == int(total) == count


def test_the_arithmetic_is_the_usual_one():
    keras_, torch_ = explained("k_bare_lstm")[2], explained("bare_lstm")[2]
    assert keras_.layers[0].arithmetic == "392 = 4 · (6 + 7 + 1) · 7"
    assert torch_.layers[0].arithmetic == "420 = 4 · (6 + 7 + 2) · 7"
    (call,) = explain(layers.SimpleRNN(7), zoo.floats(3, 5, 6)).layers
    assert call.arithmetic == "98 = (6 + 7 + 1) · 7"  # one gate is not written down


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

    (call,) = explain(layers.RNN(Flat()), zoo.floats(3, 5, 6, 2), tried=True).layers
    assert call.input.axes == ("batch", "?", "?", "?")  # as its size follows


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
    dense = layers.Dense(3)
    assert _keras.parameters(dense) == 0
    dense.build((None, 6))
    assert _keras.parameters(dense) == 6 * 3 + 3


def test_layers_that_are_given_nothing_are_no_obstacle():
    """Such as hold what is learned alone; PyTorch's parametrizations make weights by them."""

    class Positions(nn.Module):
        def __init__(self):
            super().__init__()
            self.learned = nn.Parameter(torch.ones(5, 6))

        def forward(self):
            return self.learned

    rnn = nn.LSTM(6, 7, batch_first=True)
    nn.utils.parametrizations.weight_norm(rnn, "weight_hh_l0")
    network = zoo.module(lambda self, x: self.rnn(x + self.at()), at=Positions(), rnn=rnn)
    (call,) = explain(network, zoo.floats(3, 5, 6)).layers
    assert call.returned.shapes == ((3, 5, 7), ((1, 3, 7), (1, 3, 7)))


def failing():
    """Return pairs of a network that fails on (3, 5, 6), and what is to be noted of it."""

    def module(head, take):
        lstm = nn.LSTM(6, 7, batch_first=True)
        return zoo.module(lambda self, x: self.head(take(self.lstm(x))), lstm=lstm, head=head)

    def model(head):
        lstm = layers.LSTM(7, return_state=True, name="lstm")
        return zoo.model(lambda self, x: self.head(self.lstm(x)), lstm=lstm, head=head)

    def refuses(self, x):
        raise ValueError("no")

    i = keras.Input((5, 6))
    graph = keras.Model(i, layers.Dense(2, name="fc")(layers.GRU(7, name="gru")(i)))
    graph.layers[-1].call = lambda x: x.nothing
    both = "Before this error lstm (LSTM) returned ((3, 5, 7), ((1, 3, 7), (1, 3, 7))). "
    three = "Before this error lstm (LSTM) returned ((3, 7), (3, 7), (3, 7)). "
    return {
        "linear": (
            module(nn.Linear(9, 2), lambda y: y[0]),
            f"{both}It came from head (Linear), which was given (3, 5, 7).",
        ),
        "lazy": (
            module(nn.Sequential(nn.LazyLinear(4), nn.Linear(9, 2)), lambda y: y[0][:, -1]),
            f"{both[:-2]} and head.0 (Linear) returned (3, 4). "
            "It came from head.1 (Linear), which was given (3, 4).",
        ),
        "unpacked": (
            module(nn.Linear(7, 2), lambda y: y[2]),
            f"{both}It came from network (Network) itself.",
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
            model(layers.Dense(2)),
            f"{three}It came from network (Network) itself, or from a layer in it that "
            "refused what it was given.",
        ),
        "raises": (
            model(zoo.model(refuses, "Refuses", layers.Layer)),
            f"{three}It came from refuses (Refuses), which was given ((3, 7), (3, 7), (3, 7)).",
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
    make, inputs = zoo.ALL[name]
    network = make()
    said = "The network had no weights yet; this pass built it."
    assert said in explain(network, *inputs()).text
    assert said not in explain(network, *inputs()).text


def test_layers_never_reached_and_layers_called_twice():
    found = explained("k_subclassed")[2]
    assert any("was not called" in note for note in found.notes)
    assert [call.path for call in explained("siamese")[2].layers] == ["lstm", "lstm"]
    assert len({call.path for call in explained("k_shared")[2].layers}) == 1
    assert "called 4 times" in explained("greedy_decoder")[2].text


@pytest.mark.parametrize(
    "kind", ["LSTM", *(pytest.param(one, marks=pytest.mark.more) for one in ("GRU", "SimpleRNN"))]
)
@pytest.mark.parametrize("every", [False, True])
@pytest.mark.parametrize("merge", ["concat", "sum", "mul", "ave", None, "alone"])
def test_every_kind_and_merge_mode_of_keras(kind, every, merge):
    layer = getattr(layers, kind)(7, return_sequences=every, return_state=True)
    if merge != "alone":
        layer = layers.Bidirectional(layer, merge_mode=merge)
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


def test_what_is_said_of_a_layer_has_its_conditions():
    one, stack = nn.LSTM(6, 7, batch_first=True), nn.LSTM(6, 6, 2, batch_first=True)
    both = nn.LSTM(6, 7, batch_first=True, bidirectional=True)
    said = {
        "never": ("c after the earlier timesteps is never returned", one, torch.rand(3, 5, 6)),
        "each": ("units for each layer and direction", stack, torch.rand(3, 5, 6)),
        "back": ("own last step, backward after its first", both, packed(torch.rand(3, 5, 6))),
    }
    for words, network, x in said.values():
        assert words in explain(network, x).text
    words, network, _ = said["never"]
    assert words not in explain(network, torch.rand(3, 1, 6)).text
    assert said["each"][0] not in explain(network, torch.rand(3, 5, 6)).text
    assert "backward after" not in explain(network, packed(torch.rand(3, 5, 6))).text
    layer = keras.layers.LSTM(7, return_state=True)
    assert words in explain(layer, np.random.rand(3, 5, 6)).text
    assert words not in explain(layer, np.random.rand(3, 1, 6)).text


def packed(x):
    return nn.utils.rnn.pack_padded_sequence(x, [5, 3, 2], batch_first=True)


def test_packed_input_is_named():
    (call,) = explained("packed_classifier")[2].layers
    assert call.returned["output.data"].axes == ("steps", "directions·units")
    assert call.returned["output.data"].shape == (10, 14)
    assert [one.place for one in call.returned.tensors][:2] == ["[0][0]", "[0][1]"]
    assert call.skips
    assert "10 steps of 3 sequences" in explained("packed_classifier")[2].text


def test_a_mask_is_said_and_an_equality_that_it_breaks_is_dropped():
    x = zoo.floats(3, 5, 6)
    x[1, 3:] = 0
    inner = layers.LSTM(7, return_sequences=True, return_state=True)
    inputs = keras.Input((5, 6))
    outputs = layers.Bidirectional(inner)(layers.Masking()(inputs))
    (call,) = explain(keras.Model(inputs, outputs), x).layers
    assert call.skips
    assert any("2 of 15 steps are skipped" in note for note in call.notes)
    assert any("Does not hold here: `output[:, -1, :7] == forward_h`" in n for n in call.notes)
    assert call.returned["output"].equals == ""
    assert call.picture is None
    assert call.returned["backward_h"].equals == "output[:, 0, 7:] == backward_h"


def test_backwards_stateful_and_time_distributed_are_said():
    assert "go_backwards=True: it reads from the last" in explained("k_nested")[2].text
    assert "stateful=True: it starts from" in explained("k_stateful")[2].text
    call = explained("k_document")[2].layers[0]
    assert call.returned["output"].axes == ("batch", "outer timesteps", "units")
    assert call.input.axes == ("batch", "outer timesteps", "timesteps", "features")
    assert len(call.parts) == 4


class WithMean(nn.LSTM):
    def forward(self, x):
        output, states = super().forward(x)
        return output, output.mean(1), states


class WithMeanToo(layers.LSTM):
    def call(self, sequences, initial_state=None, mask=None, training=False):
        output = super().call(sequences, initial_state, mask=mask, training=training)
        return output, keras.ops.mean(output, 1)


class Halved(nn.LSTM):
    def forward(self, x, hx=None):
        output, states = super().forward(x, hx)
        return output / 2, states


class Plain(nn.LSTM):
    """Changes nothing."""


def test_a_subclass_that_returns_other_things_is_said_to(framework):
    if framework == "torch":
        (call,) = explain(WithMean(6, 7, batch_first=True), zoo.floats(3, 5, 6)).layers
        shapes = [
            "((3, 5, 7), (3, 7), ((1, 3, 7), (1, 3, 7)))",
            "((3, 5, 7), ((1, 3, 7), (1, 3, 7)))",
        ]
    else:
        found = explain(WithMeanToo(7, return_sequences=True), zoo.floats(3, 5, 6))
        (call,), shapes = found.layers, ["((3, 5, 7), (3, 7))", "(3, 5, 7)"]
        assert "? 7); equals: nothing else here" in found.text
    assert call.notes == (
        f"`{call.kind}` is a subclass that returns other things: {shapes[0]}, where an `LSTM` "
        f"returns {shapes[1]}.",
        "What is marked ? is not the plain layer's, and not known here.",
    )
    assert call.parameters == int(call.arithmetic.split(" = ")[0])


def test_of_a_subclass_with_code_of_its_own_it_is_said_whose_meaning_is_told():
    said = "`Halved` has a `forward` of its own: what the numbers mean is said of an `LSTM`."
    (call,) = explain(Halved(6, 7, batch_first=True), zoo.floats(3, 5, 6)).layers
    assert call.notes[0] == said
    assert "Does not hold here: `output[:, -1] == h_n[-1]`." in call.notes
    (call,) = explain(Plain(6, 7, batch_first=True), zoo.floats(3, 5, 6)).layers
    assert not any("of its own" in note or "other things" in note for note in call.notes)


def test_what_it_does_not_know_it_says():
    assert "is not known here" in explained("k_own_cell")[2].text

    class OnlyOutput(nn.LSTM):
        def forward(self, x):
            return super().forward(x)[0].sum(-1)

    found = explain(OnlyOutput(6, 7, batch_first=True), zoo.floats(3, 5, 6))
    assert found.layers[0].returned.tensors[0].name == "?"
    assert "not known here" in found.text


@pytest.mark.parametrize(
    ("given", "shapes"),
    [
        ((zoo.floats(3, 5, 6).astype("float64"),), ((3, 5, 7), (1, 3, 7))),
        ((zoo.words(3, 5, 6).astype("float32"),), ((3, 5, 7), (1, 3, 7))),
        ((torch.tensor(zoo.floats(3, 5, 6)),), ((3, 5, 7), (1, 3, 7))),
        ((zoo.floats(3, 5, 6), np.zeros((1, 3, 7))), ((3, 5, 7), (1, 3, 7))),
        ((pack_sequence([torch.rand(5, 6), torch.rand(3, 6)]),), (((8, 7), (5,)), (1, 2, 7))),
    ],
)
def test_inputs_of_many_kinds(given, shapes):
    (call,) = explain(nn.GRU(6, 7, batch_first=True), *given).layers
    assert call.returned.shapes == shapes


def test_a_shape_is_enough_for_keras():
    found = explain(zoo.k_tagger(), (None, 5))
    assert found.layers[0].input.shape == (3, 5, 6)
    assert "Only a shape was given, (None, 5): a batch of (3, 5) was made up." in found.notes
    assert explain(zoo.k_encoder_decoder(), (None, 5, 6), (None, None, 6)).layers[1].spec.batch == 3


A_BATCH = "inputs must be a batch for PyTorch, got the shape {}; try torch.randn(3, 5, 6)".format
ARRAYS = "inputs must be arrays{}; try np.array(x, dtype='float32')".format


@pytest.mark.parametrize(
    ("network", "inputs", "message"),
    [
        (
            ...,
            (),
            "network must be a Keras or PyTorch network, got nothing; try explain(network, x)",
        ),
        ("keras", ("abc",), ARRAYS(", got 'abc'")),
        ("keras", ([1, 2],), ARRAYS(", got [1, 2]")),
        (3, (1,), "network must be a Keras or PyTorch network, got 3; try explain(model, x)"),
        ("torch", (), "inputs must be at least a batch, got none; try explain(network, x)"),
        ("torch", ((None, 5, 6),), A_BATCH("(None, 5, 6)")),
        ("torch", ((10**9, 5, 6),), A_BATCH("(1000000000, 5, 6)")),
        ("torch", ((0, 5, 6),), A_BATCH("(0, 5, 6)")),
        ("torch", (np.array(["a"]),), ARRAYS(" of numbers, got dtype <U1")),
        (
            "keras",
            ((3, 5, None),),
            "inputs must be a shape with its last sizes known, got (3, 5, None); try (None, 10, 3)",
        ),
    ],
)
def test_bad_input_is_refused_in_one_line(network, inputs, message):
    network = {"torch": "bare_lstm", "keras": "k_bare_lstm"}.get(network, network)
    network = explained(network)[0] if isinstance(network, str) else network
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        explain(network, *inputs)
    assert str(caught.value) == message


def test_a_class_is_not_a_network():
    network = type(zoo.forecaster())
    with pytest.raises(ValueError, match=r"got the class (\w+); try explain\(\1\(\), x\)$"):
        explain(network, 1)


def test_an_empty_batch_is_refused_in_one_line(framework):
    network = nn.GRU(6, 7, batch_first=True) if framework == "torch" else layers.GRU(7)
    with pytest.raises(ValueError, match="got an empty batch, \\(0, 5, 6\\), at "):
        explain(network, np.zeros((0, 5, 6), "float32"))


class Batch(NamedTuple):
    series: object
    facts: object


@pytest.mark.parametrize("kind", [Batch, lambda *both: dict(zip(Batch._fields, both, strict=True))])
def test_what_is_named_is_given_and_returned_with_its_names(framework, kind):
    def both(given):
        return [given[name] for name in Batch._fields] if isinstance(given, dict) else given

    def again(self, given):
        return type(given)(*given) if isinstance(given, Batch) else dict(given)

    def run(self, given):
        series, facts = both(self.head(given))
        assert isinstance(given, dict) or given.series is given[0]
        return {"y": self.gru(series), "facts": facts}

    if framework == "torch":
        network = zoo.module(run, head=zoo.module(again), gru=nn.GRU(6, 7))
    else:
        network = zoo.model(run, head=zoo.model(again, "Head", layers.Layer), gru=layers.GRU(7))
    found = explain(network, kind(zoo.floats(3, 5, 6), zoo.floats(3, 2)))
    for said in (str(found), found.html):
        assert "head" in said
        assert "(3, 5, 6)" in said
    assert len(found.layers) == 1


def test_tensors_of_the_other_framework_are_taken(framework):
    x = zoo.floats(3, 5, 6)
    if framework == "torch":
        found = explain(nn.GRU(6, 7, batch_first=True), keras.ops.convert_to_tensor(x))
    else:
        found = explain(layers.GRU(7), torch.tensor(x, requires_grad=True))
    assert found.layers[0].input.values.tolist() == x.tolist()


def test_a_layer_that_is_called_by_its_forward_is_seen():
    parts = {"gru": nn.GRU(6, 7), "never": nn.GRU(6, 7)}
    network = zoo.module(lambda self, x: self.gru.forward(x)[0], **parts)
    found = explain(network, zoo.floats(5, 3, 6))
    assert [call.path for call in found.layers] == ["gru"]
    assert "gru was not called" not in found.text.replace("never was not called", "")
    assert "forward" not in vars(network.gru)


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
    def forward(self, x):
        h = torch.zeros(len(x), 7)
        for step in x.unbind(1):
            h = torch.tanh(self.step(torch.cat([step, h], dim=-1)))
        return h

    said = "No recurrent layer that this knows and the network has registered was called."
    for network in (zoo.module(forward, step=nn.Linear(6 + 7, 7)), nn.Identity()):
        assert said in explain(network, zoo.floats(3, 5, 6)).notes


class Loose(nn.Module):
    """A network whose layers stand in a plain list and a dict, which do not register them."""

    def __init__(self):
        super().__init__()
        self.lstms = [nn.LSTM(6, 7, batch_first=True), nn.LSTM(7, 4, batch_first=True)]
        self.heads = {"last": nn.Sequential(nn.Dropout(0.5), nn.Linear(4, 2))}

    def forward(self, x):
        for lstm in self.lstms:
            x, _ = lstm(x)
        return self.heads["last"](x[:, -1])


def test_layers_in_a_plain_list_are_seen_and_said_to_be_unregistered():
    network = Loose()
    found = explain(network, zoo.floats(3, 5, 6))
    assert [call.path for call in found.layers] == ["lstms[0]", "lstms[1]"]
    assert [call.returned.shapes[0] for call in found.layers] == [(3, 5, 7), (3, 5, 4)]
    assert [one.path for one in found.others] == ["heads['last'].0", "heads['last'].1"]
    assert (
        "`lstms[0]`, `lstms[1]` and `heads['last']` stand in a plain list or dict, so the network "
        "does not know them: `parameters()`, `to()` and `state_dict()` leave them out. Write "
        "`nn.ModuleList` or `nn.ModuleDict`."
    ) in found.notes
    assert network.heads["last"].training
    assert not any(module._forward_hooks for module in network.lstms)
    assert list(network.parameters()) == []


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (lambda y: torch.distributions.Normal(y, 1.0), "a `Normal`, in which no tensor is seen."),
        (lambda y: None, "None."),
        (lambda y: (y.sum((1, 2)), [[1, 0], [2, 2, 1]]), "(batch 3), and a `list` of no tensors."),
        (lambda y: (y, None), "(batch 3, timesteps 5, 7)."),
        (lambda y: [y, y], "((batch 3, timesteps 5, 7), (batch 3, timesteps 5, 7))."),
    ],
)
def test_what_a_network_returns_beside_tensors_is_said(head, says):
    network = zoo.module(lambda self, x: head(self.rnn(x)[0]), rnn=nn.LSTM(6, 7, batch_first=True))
    assert f"The network returns {says}" in explain(network, zoo.floats(3, 5, 6), tried=True).notes


def test_masks_are_not_among_what_a_layer_reads(framework):
    x = np.array([[1, 2, 3, 4, 5], [6, 7, 8, 0, 0], [1, 0, 0, 0, 0]])
    if framework == "torch":
        parts = {"rnn": nn.LSTM(6, 8, batch_first=True), "look": nn.MultiheadAttention(8, 2)}

        def forward(self, x, padding):
            y = self.rnn(x)[0].transpose(0, 1)
            return self.look(y, y, y, key_padding_mask=padding)[0]

        found = explain(zoo.module(forward, **parts), zoo.floats(3, 5, 6), x == 0)
        read, told = ((5, 3, 8),) * 3, "with key_padding_mask"
    else:
        words = keras.Input((5,))
        embedded = layers.Embedding(9, 6, mask_zero=True)(words)
        y = layers.LSTM(8, return_sequences=True)(embedded)
        look = layers.MultiHeadAttention(2, 4, name="look")(y, y)
        pooled = layers.GlobalAveragePooling1D(name="pool")(y)
        found = explain(keras.Model(words, [look, pooled]), x)
        read, told = ((3, 5, 8),) * 2, "with query_mask and value_mask"
        (pool,) = [one for one in found.others if one.path == "pool"]
        assert pool.title == "`pool`: `GlobalAveragePooling1D`, (3, 5, 8) → (3, 8), with mask"
    (look,) = [one for one in found.others if one.path == "look"]
    assert look.read == read
    assert look.title.endswith(f"288 parameters, {told}")


def test_channels_that_come_first_are_named_first():
    """Not by a pass: TensorFlow on a CPU does not run every such layer."""
    first = layers.ConvLSTM2D(4, 3, data_format="channels_first")
    assert in_space(first.cell, "filters") == ("filters", "rows", "columns")
    assert in_space(layers.ConvLSTM1D(4, 3).cell, "channels") == ("columns", "channels")


def test_a_cell_that_is_used_on_its_own_too_is_not_counted_inside_its_layer():
    def call(self, x):
        output, *state = self.rnn(x)
        return self.cell(output, state)[0]

    cell = layers.LSTMCell(6)
    network = zoo.model(call, cell=cell, rnn=layers.RNN(cell, return_state=True))
    found = explain(network, zoo.floats(3, 5, 6))
    assert [one.kind for one in found.layers] == ["RNN", "LSTMCell"]
    assert found.layers[0].parts == ()


# Quantized layers of PyTorch, which are none of torch.nn's.


def quantized(network):
    """Return a network of which the layers and cells hold whole numbers of eight bits."""
    kinds = {nn.LSTM, nn.GRU, nn.LSTMCell, nn.GRUCell, nn.RNNCell, nn.Linear}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.ao.quantization.quantize_dynamic(network.eval(), kinds)


def explained_quantized(network, x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return explain(quantized(network), x.astype("float64"))


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_a_quantized_layer_is_explained_as_what_it_was_made_from(kind):
    plain = getattr(nn, kind)(6, 7, 2, bidirectional=True, batch_first=True)
    network = zoo.module(lambda self, x: self.fc(self.rnn(x)[0]), rnn=plain, fc=nn.Linear(14, 2))
    (wanted,), fc = explain(network, zoo.floats(3, 5, 6)).layers, nn.Linear(14, 2)
    found = explained_quantized(network, zoo.floats(3, 5, 6))
    (call,) = found.layers
    assert call.returned.shapes == wanted.returned.shapes
    assert [one.axes for one in call.returned.tensors] == [o.axes for o in wanted.returned.tensors]
    assert call.arithmetic == wanted.arithmetic
    assert call.parameters == sum(one.numel() for one in plain.parameters())
    assert call.title == (
        f"`rnn`: `{kind}(hidden_size=7, batch_first=True, num_layers=2, bidirectional=True, "
        "dtype=torch.qint8)`"
    )
    assert [one.parameters for one in found.others] == [sum(p.numel() for p in fc.parameters())]
    assert "is not seen" not in found.text


@pytest.mark.parametrize("kind", ["LSTMCell", "GRUCell", "RNNCell"])
def test_a_quantized_cell_is_explained(kind):
    cell = getattr(nn, kind)(6, 7)
    count = sum(one.numel() for one in cell.parameters())
    network = zoo.module(lambda self, x: self.cell(x), cell=cell)
    (call,) = explained_quantized(network, zoo.floats(3, 6)).layers
    assert call.returned.shapes == (((3, 7), (3, 7)) if kind == "LSTMCell" else (3, 7))
    assert [one.name for one in call.returned.tensors] == ["h", "c"][: 1 + (kind == "LSTMCell")]
    assert call.parameters == count
    assert call.arithmetic


def test_a_layer_made_to_be_quantized_and_its_quantized_form_are_explained():
    """It is of another kind than the others: it is put together from modules of its own."""
    stubs = {"q": torch.ao.quantization.QuantStub(), "d": torch.ao.quantization.DeQuantStub()}
    lstm = nn.LSTM(6, 7, 2, batch_first=True)
    count = sum(one.numel() for one in lstm.parameters())
    network = zoo.module(lambda self, x: self.d(self.rnn(self.q(x))[0]), rnn=lstm, **stubs).eval()
    network.qconfig = torch.ao.quantization.get_default_qconfig(torch.backends.quantized.engine)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ready = torch.ao.quantization.prepare(network)
        ready(torch.rand(3, 5, 6))
        networks = ready, torch.ao.quantization.convert(ready)
        calls = [explain(one, zoo.floats(3, 5, 6)).layers for one in networks]
    for (call,), network in zip(calls, networks, strict=True):
        assert type(network.rnn).__module__.startswith("torch.ao.nn.quant")
        assert call.returned.shapes == ((3, 5, 7), ((2, 3, 7), (2, 3, 7)))
        assert "?" not in {axis for one in call.returned.tensors for axis in one.axes}
        assert call.parameters == count
        assert call.arithmetic


# Compiled networks of PyTorch, which have no layers.


def compiled(how, network, *given):
    """Return a network as code; a kind of compiling that is deprecated may warn."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if how == "exported":
            code = torch.export.export(network, given).module()
            if not re.search(r"aten\.(lstm|gru)", code.code):
                pytest.skip("what this PyTorch exports has its layers taken apart")
            return code
        return (
            torch.jit.trace(network, given, check_trace=False)
            if how == "traced"
            else torch.jit.script(network)
        )


EXPORTED = pytest.param("exported", marks=pytest.mark.more)


class Voice(nn.Module):
    """An encoder and a decoder of unlike sizes."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.LSTM(6, 7, 2, batch_first=True, bidirectional=True, dropout=0.5)
        self.decoder = nn.GRU(14, 4, bias=False)
        self.top = nn.RNN(4, 3, nonlinearity="relu")

    def forward(self, x):
        output, _ = self.encoder(x)
        output, _ = self.decoder(output)
        return self.top(output)[1]


class Cells(nn.Module):
    """Two cells, on one timestep."""

    def __init__(self):
        super().__init__()
        self.cell, self.last = nn.LSTMCell(6, 8), nn.RNNCell(8, 2)

    def forward(self, x):
        h, c = self.cell(x)
        return self.last(h) + c[:, :2]


@pytest.mark.parametrize("how", ["scripted", "traced", "frozen", EXPORTED])
@pytest.mark.parametrize("make", [Voice, Cells])
def test_recurrent_operations_of_compiled_code_are_explained_as_layers(make, how):
    network, x = make().eval(), zoo.floats(3, 5, 6) if make is Voice else zoo.floats(3, 6)
    wanted = explain(network, x).layers
    code = compiled(how, network, torch.tensor(x))
    code = torch.jit.freeze(code) if how == "frozen" else code
    found = explain(code, x, tried=False)
    if (how, make) == ("traced", Cells):  # tracing takes cells apart
        dark = "What happens in `cell` (`LSTMCell`) and `last` (`RNNCell`) is not seen: "
        assert found.notes[-1].startswith(dark)
        return
    assert len(wanted) == {Voice: 3, Cells: 2}[make]
    for call, plain in zip(found.layers, wanted, strict=True):
        assert call.path == plain.path or how == "frozen"
        assert (call.kind, call.flags, call.parameters) == (
            plain.kind,
            plain.flags,
            plain.parameters,
        )
        assert (call.returned.shapes, call.input.sized) == (
            plain.returned.shapes,
            plain.input.sized,
        )
        for one, other in zip(call.returned.tensors, plain.returned.tensors, strict=True):
            assert (one.name, one.axes) == (other.name, other.axes)
            assert np.allclose(one.values, other.values, atol=1e-6)
    if how == "frozen":
        paths = {Voice: ["lstm 0", "gru 1", "rnn 2"], Cells: ["lstm 0", "rnn 1"]}[make]
        assert [call.path for call in found.layers] == [f"network: {path}" for path in paths]
    assert (
        "Of the compiled `network` PyTorch's own recurrent operations are seen, and nothing else: "
        "a loop over a cell of one's own is not."
    ) in found.notes
    assert "is not visible" in found.text
    assert not any("No recurrent" in note or "is not seen" in note for note in found.notes)


@pytest.mark.parametrize("how", ["scripted", "traced", EXPORTED])
def test_compiled_code_in_a_network_is_looked_into(how):
    inner = compiled(how, nn.Sequential(nn.GRU(6, 7)).eval(), torch.zeros(5, 3, 6))
    parts = {"inner": inner, "fc": nn.Linear(7, 2)}
    network = zoo.module(lambda self, x: self.fc(self.inner(x)[0].add_(1)), **parts)
    found = explain(network, zoo.floats(5, 3, 6))
    assert [call.path for call in found.layers] == ["inner.0"]
    assert [one.path for one in found.others] == ["fc"]


def test_packed_and_quantized_operations_of_compiled_code_are_explained():
    class Packed(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru = nn.GRU(6, 7, batch_first=True)

        def forward(self, x):
            lengths = torch.tensor([5, 3, 2])
            packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True)
            return self.gru(packed)[1]

    (call,) = explain(compiled("scripted", Packed()), zoo.floats(3, 5, 6)).layers
    assert call.returned.shapes == (((10, 7), (5,)), (1, 3, 7))
    assert call.flags == {"hidden_size": 7, "batch_first": True}
    (call,) = explain(
        compiled("scripted", quantized(nn.Sequential(nn.LSTM(6, 7)))), zoo.floats(5, 3, 6)
    ).layers
    assert call.returned.shapes == ((5, 3, 7), ((1, 3, 7), (1, 3, 7)))
    assert call.path == "network: lstm 0"


class Keeping(nn.Module):
    """A network that keeps its state from call to call, and draws random numbers."""

    def __init__(self):
        super().__init__()
        self.gru, self.h = nn.GRU(6, 7, dropout=0.0), torch.zeros(1, 3, 7)

    def forward(self, x):
        output, self.h = self.gru(x, self.h)
        return torch.nn.functional.dropout(output, 0.5, self.training)


def test_compiled_code_is_left_as_it_was():
    code = compiled("scripted", Keeping()).train()
    code(torch.rand(5, 3, 6))
    before, modes = code.h.clone(), [one.training for one in code.modules()]
    found = explain(code, zoo.floats(5, 3, 6))
    assert len(found.layers) == 1
    assert found.layers[0].returned["output"].values.any()
    assert torch.equal(code.h, before)
    assert [one.training for one in code.modules()] == modes == [True, True]


class OwnLoop(nn.Module):
    """A recurrent network of one's own making, which looks like no layer once it is compiled."""

    def __init__(self):
        super().__init__()
        self.step = nn.Linear(6 + 7, 7)

    def forward(self, x):
        h = torch.zeros(x.size(0), 7)
        for t in range(x.size(1)):
            h = torch.tanh(self.step(torch.cat([x[:, t], h], -1)))
        return h


@pytest.mark.parametrize("how", ["scripted", "traced"])
def test_where_compiled_code_shows_nothing_recurrent_nothing_is_denied(how):
    found = explain(
        compiled(how, OwnLoop(), torch.zeros(3, 5, 6)), zoo.floats(3, 5, 6), tried=False
    )
    kind = {"scripted": "RecursiveScriptModule", "traced": "TopLevelTracedModule"}[how]
    assert not found.layers
    assert found.notes[-1] == (
        f"What happens in `network` (`{kind}`) is not seen: a recurrent layer in it is not shown."
    )
    assert "No recurrent layer" not in found.text


@pytest.mark.parametrize("how", ["scripted", "traced"])
def test_a_loader_gives_compiled_code_its_first_batch(how):
    data = torch.utils.data.TensorDataset(torch.rand(4, 5, 6), torch.zeros(4))
    network = nn.Sequential(nn.GRU(6, 7, batch_first=True))
    found = explain(
        compiled(how, network, torch.zeros(3, 5, 6)),
        torch.utils.data.DataLoader(data, batch_size=3),
    )
    assert [call.returned.shapes for call in found.layers] == [((3, 5, 7), (1, 3, 7))]


# Recurrent by what it does.


class Cell(nn.Module):
    """A cell of one's own, with a state of two tensors."""

    def __init__(self):
        super().__init__()
        self.mixed = nn.Linear(6 + 7, 2 * 7)

    def forward(self, x, states: tuple[torch.Tensor, torch.Tensor]):
        h, c = states
        new, gate = self.mixed(torch.cat([x, h], -1)).chunk(2, -1)
        c = torch.sigmoid(gate) * c + torch.tanh(new)
        return torch.tanh(c), c


def over_time(self, x, step=lambda cell, x, states: cell(x, states)):
    states = torch.zeros(3, 7), torch.zeros(3, 7)
    for one in x.unbind(1):
        states = step(self.cell, one, states)
    return states[0]


NONE_KNOWN = "No recurrent layer that this knows and the network has registered was called."
LOOP = (
    "`{}` (`{}`) was called 5 times, each time but the first with what it had returned before, {}: "
    "it is recurrent by what it does. What its numbers mean is not known here."
)


def test_a_cell_of_ones_own_is_found_by_what_it_does():
    found = explain(zoo.module(over_time, cell=Cell()), zoo.floats(3, 5, 6), tried=False)
    assert found.notes[-2:] == (NONE_KNOWN, LOOP.format("cell", "Cell", "((3, 7), (3, 7))"))
    outer = zoo.module(lambda self, x, states: self.inner(x, states), inner=Cell())
    found = explain(zoo.module(over_time, cell=outer), zoo.floats(3, 5, 6), tried=False)
    assert found.notes[-1] == LOOP.format("cell.inner", "Cell", "((3, 7), (3, 7))")
    code = compiled("scripted", Cell())
    found = explain(zoo.module(over_time, cell=code), zoo.floats(3, 5, 6), tried=False)
    assert found.notes[-1].startswith("`cell` (`RecursiveScriptModule`) was called 5 times, each")


def test_a_cell_of_ones_own_in_keras_is_found_by_what_it_does():
    def cell(self, x, h):
        return keras.ops.tanh(self.dense(x) + h)

    def call(self, x):
        h = keras.ops.zeros((3, 7))
        for step in range(5):
            h = self.cell(x[:, step], h)
        return h

    own = zoo.model(cell, "Cell", layers.Layer, dense=layers.Dense(7))
    found = explain(zoo.model(call, cell=own), zoo.floats(3, 5, 6), tried=False)
    assert found.notes[-2:] == (NONE_KNOWN, LOOP.format("cell", "Cell", "(3, 7)"))


@pytest.mark.parametrize(
    ("cell", "step"),
    [
        (nn.LSTMCell(6, 7), lambda cell, x, states: cell(x, states)),  # it is shown as what it is
        (Cell(), lambda cell, x, states: cell(x, [torch.zeros(3, 7)] * 2)),  # the state is left out
        (nn.Dropout(0.5), lambda cell, x, states: [cell(states[0])]),  # it returns what it is given
        (nn.Linear(7, 7), lambda cell, x, states: [cell(states[0] + 0)]),  # a loop that is not seen
    ],
)
def test_what_is_not_seen_to_be_recurrent_is_not_said_to_be(cell, step):
    network = zoo.module(lambda self, x: over_time(self, x, step), cell=cell)
    found = explain(network, zoo.floats(3, 5, 6))
    assert "by what it does" not in found.text
    two = zoo.module(lambda self, x: self.cell(self.cell(x)), cell=nn.Linear(6, 6))
    assert "by what it does" not in explain(two, zoo.floats(3, 5, 6)).text


@pytest.mark.parametrize(
    ("mode", "axis", "how"),
    [("concat", "directions·filters", "side by side"), ("sum", "filters", "added")],
)
def test_two_directions_over_films_are_named_as_those_over_numbers(mode, axis, how):
    one = layers.ConvLSTM2D(4, 3, return_sequences=True, return_state=True)
    (call,) = explain(layers.Bidirectional(one, merge_mode=mode), zoo.floats(2, 3, 6, 7, 1)).layers
    output, *states = call.returned.tensors
    assert output.axes == ("batch", "timesteps", "rows", "columns", axis)
    assert output.meaning == f"h in both directions, {how}, after every timestep"
    assert [one.name for one in states] == ["forward_h", "forward_c", "backward_h", "backward_c"]
    assert {one.axes for one in states} == {("batch", "rows", "columns", "filters")}
    assert call.input.axes == ("batch", "timesteps", "rows", "columns", "channels")
    assert not any("?" in note or "not known" in note for note in call.notes)


@pytest.mark.parametrize("states", [False, True])
@pytest.mark.parametrize("mask", [False, True])
def test_a_mask_that_keras_does_not_hand_on_beside_states_is_told(states, mask):
    words = zoo.words(3, 5)
    words[0, 3:] = words[2, 4:] = 0

    def call(self, x):
        given = {"mask": self.embed.compute_mask(x)} if mask else {}
        given |= {"initial_state": [keras.ops.ones((3, 7))] * 2} if states else {}
        return self.rnn(self.embed(x), **given)

    embed = layers.Embedding(20, 6, mask_zero=True)
    found = explain(zoo.model(call, embed=embed, rnn=layers.LSTM(7)), words)
    lost = (
        "What it reads has a mask, by which 3 steps would be skipped, and the layer is not given it"
    )
    assert (lost in found.text) == (states and not mask)
    assert ("A mask is given: 3 of 15 steps are skipped" in found.text) == (mask or not states)


def test_of_one_timestep_it_is_not_said_that_earlier_ones_are_not_returned():
    for steps, says in ((1, False), (5, True)):
        layer = layers.GRU(7, return_state=True)
        text = explain(layer, zoo.floats(3, steps, 6)).text
        assert ("h after the earlier timesteps" in text) is says
