"""What a network is called with: by keyword, as words, as one batch of a loader or a dataset."""

import sys

import keras
import numpy as np
import pytest
import torch
import zoo
from keras import layers
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence
from torch.utils.data import DataLoader, TensorDataset

from lstm_lessons import explain


class ByKeyword(nn.Module):
    """A network whose lengths can be given by keyword alone, and must be."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(6, 7, batch_first=True)

    def forward(self, x, *, lengths):
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        return self.gru(packed)[1][-1]


@pytest.mark.parametrize("by_name", [False, True])
def test_arguments_of_a_torch_network_go_in_by_keyword(by_name):
    x, lengths = zoo.floats(3, 5, 6), torch.tensor([5, 2, 4])
    given = ((), {"x": x}) if by_name else ((x,), {})
    (call,) = explain(ByKeyword(), *given[0], lengths=lengths, **given[1]).layers
    assert call.returned.shapes[1] == (1, 3, 7)
    assert call.input.shape == (11, 6)


def test_arguments_of_a_keras_network_go_in_by_keyword():
    (call,) = explain(
        layers.LSTM(7), zoo.floats(3, 5, 6), mask=np.array([[1, 1, 0, 0, 0]] * 3, bool)
    ).layers
    assert "9 of 15 steps are skipped" in "".join(call.notes)
    found = explain(layers.LSTM(7), zoo.floats(3, 5, 6), initial_state=[np.ones((3, 7))] * 2)
    assert found.layers[0].returned.shapes == (3, 7)


def test_a_layer_that_is_called_by_keyword_reads_its_input_in_any_order():
    class States(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm, self.cell = nn.LSTM(6, 7, batch_first=True), nn.GRUCell(7, 7)

        def forward(self, x):
            state = (torch.zeros(1, len(x), 7), torch.ones(1, len(x), 7))
            output, (h, _) = self.lstm(hx=state, input=x)
            return self.cell(hx=h[0], input=output[:, -1])

    lstm, cell = explain(States(), zoo.floats(3, 5, 6)).layers
    assert (lstm.input.shape, cell.input.shape) == ((3, 5, 6), (3, 7))
    assert lstm.returned.shapes == ((3, 5, 7), ((1, 3, 7), (1, 3, 7)))
    assert {(use.expression, use.role) for use in lstm.uses if use.who == "cell"} == {
        ("output[:, -1]", "input"),
        ("h_n[0]", "state"),
    }


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="Keras refuses words there")
def test_words_go_into_a_keras_network_that_reads_words():
    words = layers.TextVectorization(max_tokens=20)
    words.adapt(["the film was good", "no"])
    network = keras.Sequential(
        [
            keras.Input((), dtype="string"),
            words,
            layers.Embedding(20, 6, mask_zero=True),
            layers.GRU(7),
        ]
    )
    (call,) = explain(network, np.array(["the film was good", "no"])).layers
    assert (call.input.shape, call.returned.shapes) == ((2, 4, 6), (2, 7))


X, Y = torch.arange(60.0).reshape(5, 2, 6), torch.zeros(5, 1)
HEAD = "Of {} the first batch was taken"


def test_a_model_that_is_not_built_may_raise_where_it_is_asked_for_its_inputs():
    """Keras 3.5 does, in other words than AttributeError."""

    class Older(keras.Sequential):
        @property
        def inputs(self):
            raise ValueError("has no defined inputs yet")

    network = Older([layers.LSTM(7)])
    assert explain(network, (None, 5, 6)).layers[0].returned.shapes == (3, 7)


@pytest.mark.parametrize(
    ("loader", "says"),
    [
        (DataLoader(TensorDataset(X, Y), batch_size=3), f"{HEAD}, and of its 2 parts the first."),
        (DataLoader(TensorDataset(X), batch_size=3), f"{HEAD}."),
        (DataLoader(list(X), batch_size=3), f"{HEAD}."),
    ],
)
def test_the_first_batch_of_a_loader_is_taken(loader, says):
    found = explain(nn.GRU(6, 7, batch_first=True), loader)
    assert found.layers[0].input.values.tolist() == X[:3].tolist()
    assert says.format("the `DataLoader`") in found.notes


def test_a_loader_gives_what_it_would_have_given_without():
    network = nn.GRU(6, 7, batch_first=True)
    loader = DataLoader(TensorDataset(X, Y), batch_size=3, shuffle=True)
    before = torch.get_rng_state()
    explain(network, loader)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_loader_whose_parts_the_network_takes_gives_them_all():
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru = nn.GRU(6, 7, batch_first=True)

        def forward(self, x, y):
            return self.gru(x)[0][:, -1] + y

    found = explain(Two(), DataLoader(TensorDataset(X, Y), batch_size=3))
    assert f"{HEAD}.".format("the `DataLoader`") in found.notes


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="a dataset of TensorFlow's")
def test_the_first_batch_of_a_dataset_of_tensorflow_is_taken():
    import tensorflow as tf

    dataset = tf.data.Dataset.from_tensor_slices((X.numpy(), Y.numpy())).batch(3)
    found = explain(layers.GRU(7), dataset)
    assert found.layers[0].input.values.tolist() == X[:3].tolist()
    assert any("the first batch was taken, and of its 2 parts the first." in n for n in found.notes)


def test_what_can_be_read_once_is_left_alone():
    once = iter([X])
    with pytest.raises(ValueError, match=r"inputs must be a batch, got a list_iterator, which can"):
        explain(nn.GRU(6, 7, batch_first=True), once)
    assert next(once) is X


def test_a_network_of_keras_2_is_told_from_one_of_keras_3(monkeypatch):
    kind = type("Sequential", (), {"__module__": "tf_keras.src.engine.sequential"})
    with pytest.raises(
        ValueError, match=r"^network must be .* got one of Keras 2 \(tf_keras\); try"
    ):
        explain(kind(), zoo.floats(3, 5, 6))
    monkeypatch.setitem(sys.modules, "keras", type(sys)("keras"))
    old = type("Sequential", (), {"__module__": "keras.src.engine.sequential"})
    with pytest.raises(ValueError, match=r"^network must be .* got one of Keras 2 \(keras\); try"):
        explain(old(), zoo.floats(3, 5, 6))


class InOrder(nn.Module):
    """A network that sorts by lengths of NumPy, as InferSent's encoder does."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(6, 7)

    def forward(self, pair):
        x, lengths = pair
        order = np.argsort(-lengths)
        longest = np.sort(lengths)[::-1].copy()
        packed = pack_padded_sequence(x.index_select(1, torch.from_numpy(order)), longest)
        return self.lstm(packed)[1][0][0, torch.from_numpy(np.argsort(order))]


def test_lengths_of_numpy_beside_tensors_stay_what_they_are():
    found = explain(InOrder(), (torch.rand(5, 3, 6), np.array([3, 5, 4])))
    assert found.layers[0].returned.shapes[1] == ((1, 3, 7), (1, 3, 7))
    assert not found.warnings
    assert "changing sequence 0 ([:, 0] of the input) changes result 0 alone" in found.text
    assert "padding changes nothing (packing)" in found.text


def test_words_of_numpy_beside_nothing_become_a_tensor():
    network = nn.Sequential(nn.Embedding(9, 6), nn.LSTM(6, 7))
    assert explain(network, np.array([3, 1, 4])).layers[-1].returned.shapes[0] == (3, 7)
