"""What becomes of each returned tensor: who goes on with which part of it."""

import keras
import numpy as np
import pytest
import torch
import zoo
from keras import layers
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from zoo import explained, torch_head

from lstm_lessons.explaining.explanation import explain
from lstm_lessons.explaining.parts import Part, entries_of, taken, views_of
from lstm_lessons.shapes import Tensor


def uses(found, place=0):
    return [(use.who, use.expression, use.role) for use in found.layers[place].uses]


def test_a_part_takes_itself_as_it_says_and_tells_where_it_is_taken():
    values = zoo.floats(3, 5, 8)
    axes = ("batch", "timesteps", "directions·units")
    output = Tensor("output", "output", (0,), axes, values.shape, values=values)
    keys = (np.s_[:, -1], np.s_[:, 1:, :4], np.s_[0], np.s_[..., -1], np.s_[::2, 3])
    parts = [Part(output).then("index", *entries_of(key if isinstance(key, tuple) else (key,), 3))
             for key in keys]  # fmt: skip
    parts += [Part(output).then("reshape", -1, 8), parts[0].then("index", 0)]
    parts += [Part(output).then("transpose", 0, 1).then("reshape", 5, -1)]
    for part in parts:
        assert np.array_equal(eval(part.expression, {"output": torch.tensor(values)}), part.values)
    assert [part.at("timesteps") for part in parts] == [-1, (1, None), *[None] * 4, -1, None]
    assert [part.at("batch") for part in parts] == [
        None,
        None,
        0,
        None,
        (None, None, 2),
        *[None] * 3,
    ]
    assert parts[0] == taken(output, "timesteps", -1)
    h = Tensor("h", "h_n", (1,), axes, values.shape, values=values)
    assert Part(h).then("ends").values.tolist() == np.concatenate([*values[-2:]], -1).tolist()


def test_an_axis_of_one_does_not_hide_whose_memory_it_is():
    def last(y, _):
        here = np.lib.stride_tricks.as_strided(y.numpy()[:, -1], (1, 7), (4, 4))
        return torch.from_numpy(here)

    network = torch_head(last, 7)
    use = explain(network, zoo.floats(1, 5, 6)).layers[0].uses[0]
    assert (use.expression, use.timestep, use.numbers) == ("output[:, -1]", -1, False)


@pytest.mark.parametrize(
    ("name", "place", "expected"),
    [
        ("sentiment_classifier", 0, [("dropout", "h_n[-1]", "input"), ("fc", "h_n[-1]", "input")]),
        ("forecaster", 0, [("linear", "output[:, -1]", "input")]),
        ("bidirectional_last_step", 0, [("out", "output[:, -1]", "input")]),
        ("bidirectional_classifier", 0, [("out", "torch.cat([h_n[-2], h_n[-1]], dim=1)", "input")]),
        ("tagger", 0, [("tags", "output", "input")]),
        ("encoder_decoder", 0, [("decoder.rnn", "h_n", "state"), ("decoder.rnn", "c_n", "state")]),
        ("greedy_decoder", 1, [("out", "output", "input"), ("decoder", "h_n", "state")]),
        (
            "attention_on_top",
            0,
            [("attention.score", "output", "input"), ("fc", "(… * output).sum(1)", "input")],
        ),
        (
            "multihead_on_top",
            0,
            [("attention", "output", "input"), ("norm", "output + …", "input")],
        ),
        (
            "language_model_time_major",
            0,
            [
                ("drop", "output", "input"),
                ("decoder", "output.view(-1, 7)", "input"),
                ("hidden", "h_n", "kept"),
                ("hidden", "c_n", "kept"),
            ],
        ),
        ("autoencoder", 0, [("decode", "h_n[-1].unsqueeze(1).repeat(1, 5, 1)", "input")]),
        (
            "residual_stack",
            1,
            [("layers.2", "… + output", "input"), ("", "(… + output) + …", "result")],
        ),
    ],
)
def test_what_becomes_of_it_in_pytorch(name, place, expected):
    found = explained(name)[2]
    assert uses(found, place) == expected
    call = found.layers[place]
    rest = {*call.returned.tensors} - {use.tensor for use in call.uses} - {*call.read}
    assert ("dropped" in found.text) or not rest
    assert "not visible" not in found.text


def test_what_a_layer_hands_on_unchanged_is_received_through_it():
    x = keras.Input((5, 6))
    first = layers.LSTM(7, return_sequences=True, name="a")(x)
    dropped = layers.Dropout(0.5, name="drop")(first)
    heads = [layers.LSTM(8, name="b")(dropped), layers.Dense(2, name="fc")(first)]
    found = explain(keras.Model(x, heads), (3, 5, 6))
    assert "b (LSTM) receives output (3, 5, 7) through drop." in found.text
    assert "fc (Dense) receives output (3, 5, 7)." in found.text

    def forward(self, x):
        y, _ = self.a(x)
        z = self.drop(y)
        return self.b(z), self.fc(y), self.end(z[:, -1])

    a, b = nn.GRU(6, 7, batch_first=True), nn.GRU(7, 8, batch_first=True)
    heads = {"drop": nn.Dropout(), "fc": nn.Linear(7, 2), "end": nn.Linear(7, 2)}
    text = explain(zoo.module(forward, a=a, b=b, **heads), zoo.floats(3, 5, 6)).text
    assert "b (GRU) receives output (3, 5, 7) through drop in line" in text
    assert "fc (Linear) receives output (3, 5, 7) in line" in text
    assert "end (Linear) receives output[:, -1] (3, 7) through drop in line" in text


def test_what_becomes_of_it_in_a_graph_of_keras():
    found = explained("k_encoder_decoder")[2]
    assert uses(found) == [("decoder", "h", "state"), ("decoder", "c", "state")]
    assert found.layers[0].complete
    assert "output: dropped." in found.text
    assert "h and c: dropped." in found.text
    assert uses(explained("k_last_step_by_hand")[2])[0][1] == "output[:, -1]"
    assert explained("k_subclassed")[2].layers[0].complete
    assert "c (3, 8) in line" in explained("k_subclassed")[2].text
    assert "output and h: dropped." in explained("k_subclassed")[2].text


def test_at_one_timestep_the_names_come_from_the_configuration():
    def forward(self, x):
        y, h = self.gru(x)
        return self.fc(h[-1]), self.fc(y[:, 0]), self.fc(torch.clone(y[:, 0]))

    network = zoo.module(forward, gru=nn.GRU(6, 7, batch_first=True), fc=nn.Linear(7, 2))
    found = explain(network, zoo.floats(3, 1, 6)).layers[0].uses
    seen = [use.expression for use in found if use.who == "fc"]
    assert seen[0] == "h_n[-1]"
    assert len(seen) == 2  # the copy could be any of them: not visible
    assert not any(use.numbers for use in found)


def test_a_returned_number_without_axes_hides_nothing():
    class Norm(nn.GRU):
        def forward(self, x, hx=None):
            output, h = super().forward(x, hx)
            return output, h, output.norm()

    network = zoo.module(
        lambda self, x: self.fc(self.gru(x)[0]), gru=Norm(6, 7), fc=nn.Linear(7, 2)
    )
    found = explain(network, zoo.floats(5, 3, 6))
    assert uses(found) == [("fc", "output", "input")]
    assert found.layers[0].returned.shapes == ((5, 3, 7), (1, 3, 7), ())


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2)])
def test_what_is_looked_for_by_its_address_lies_in_the_tensors_own_memory(order):
    values = zoo.floats(4, 3, 8).transpose(order)
    for axes in (("layers·directions", "batch", "units"), ("batch", "timesteps", "units")):
        tensor = Tensor("x", "x", (), axes, values.shape, values=values)
        parts = [*views_of(tensor)]
        assert all(np.shares_memory(part.values, values) for part in parts)
        assert any(part.steps and part.steps[0].kind == "reshape" for part in parts) is (
            order == (0, 1, 2)
        )


def test_a_layer_with_others_in_it_uses_what_they_do_not():
    head = zoo.module(lambda self, y: self.fc(y[:, -1]) + self.whole(y)[:, 0])
    head.fc, head.whole = nn.Linear(7, 2), nn.Linear(7, 2)
    inner = zoo.module(lambda self, y: self.fc(y[:, -1]), fc=nn.Linear(7, 2))
    gru = nn.GRU(6, 7, batch_first=True)
    network = zoo.module(lambda self, x: self.head(self.gru(x)[0]), gru=gru, head=inner)
    every, last = ("head", "output", "input"), ("head.fc", "output[:, -1]", "input")
    assert uses(explain(network, zoo.floats(3, 5, 6))) == [every, last]
    network.head = head
    whole = ("head.whole", "output", "input")
    assert uses(explain(network, zoo.floats(3, 5, 6))) == [last, whole]


class Attend(nn.Module):
    """A layer that reads numbers, and lengths beside them."""

    def forward(self, x, lengths):
        return x.sum(1) / lengths[:, None]


def test_equal_whole_numbers_are_not_what_a_layer_returned():
    def forward(self, x, lengths):
        packed, _ = self.rnn(pack_padded_sequence(x, lengths, batch_first=True))
        return self.attend(pad_packed_sequence(packed, batch_first=True)[0], lengths)

    network = zoo.module(forward, rnn=nn.GRU(6, 7, batch_first=True), attend=Attend())
    found = explain(network, zoo.floats(3, 3, 6), torch.tensor([3, 2, 1]))
    assert found.layers[0].returned["output.batch_sizes"].values.tolist() == [3, 2, 1]
    assert [use for use in uses(found) if "batch_sizes" in use[1]] == []


def test_a_view_of_the_only_sequence_is_no_index_of_it():
    network = torch_head(lambda y, h: y.view(len(y), -1), 7, batch_first=False)
    found = explain(network, zoo.floats(5, 1, 6))
    assert uses(found) == [("fc", "output.view(5, -1)", "input")]


def test_what_is_cast_before_it_is_read_is_not_dropped():
    half = "mixed_float16"
    network = keras.Sequential(
        [layers.LSTM(7, dtype=half), layers.Dense(2, dtype="float32", name="head")]
    )
    found = explain(network, zoo.floats(3, 5, 6))
    assert [(use.who, use.numbers) for use in found.layers[0].uses] == [("head", True)]
    assert "dropped" not in found.text


def test_a_tensor_that_a_cell_of_keras_returns_twice_is_not_unseen():
    class Loop(keras.Model):
        def __init__(self):
            super().__init__()
            self.cell = layers.LSTMCell(7, name="cell")
            self.head = layers.Dense(2, name="head")

        def call(self, x):
            states = self.cell.get_initial_state(batch_size=len(x))
            for step in range(3):
                y, states = self.cell(x[:, step], states)
            return self.head(y)

    found = explain(Loop(), zoo.floats(3, 5, 6))
    assert uses(found) == [("cell", "h", "state"), ("cell", "c", "state")]
    assert uses(found, 2) == [("head", "output", "input")]
    text = " ".join(found.text.replace("`", "").split())
    assert "output and h are one and the same tensor, returned in two places." in text
    assert "What becomes of" not in text
    assert "The last call: head (Dense) receives output (3, 7)" in text
