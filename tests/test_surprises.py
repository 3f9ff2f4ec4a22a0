"""What the layers do that even those who know the documents do not expect, a test for each.

Most of it is silent: something is computed, of a shape that looks right, from what was not meant.
These are facts of the versions in constraints.txt; a test that fails with newer ones is news.
"""

import keras
import numpy as np
import pytest
import torch
from keras import layers
from torch import nn

from lstm_lessons import Spec
from lstm_lessons.weights import inputs


@pytest.fixture(autouse=True)
def _same_weights_every_time():
    keras.utils.set_random_seed(7)
    torch.manual_seed(7)
    with torch.no_grad():
        yield


@pytest.fixture
def x():
    """The batch for Keras: (batch 3, timesteps 5, features 6)."""
    return inputs(Spec())


@pytest.fixture
def x_torch(x):
    """The same batch for PyTorch, batch first."""
    return torch.from_numpy(x)


def shapes(tensors):
    return [tuple(one.shape) for one in tensors]


def same(a, b):
    a, b = np.asarray(a), np.asarray(b)
    return a.shape == b.shape and np.allclose(a, b, rtol=0, atol=1e-6)


# Keras


def test_a_stateful_model_answers_one_sample_with_a_row_for_each_of_its_batch(x):
    """Said: "predict returns a row for each sample".

    A stateful model that has predicted its batch of 3 answers one sample with three rows, and four
    samples with six: one sample is broadcast against the three states. So is a last batch of one in
    fit. A last batch of two raises, and so does calling the model on one sample.
    """

    def model():
        made = keras.Sequential([keras.Input(batch_shape=(3, 5, 6)), layers.LSTM(7, stateful=True)])
        made.compile(loss="mse")
        return made

    stateful, four = model(), np.concatenate([x, x[:1]])
    assert stateful.predict(x, batch_size=3, verbose=0).shape == (3, 7)
    assert stateful.predict(x[:1], verbose=0).shape == (3, 7)
    assert stateful.predict(four, batch_size=3, verbose=0).shape == (6, 7)
    with pytest.raises(Exception, match="Graph execution error"):
        stateful.predict(x[:2], verbose=0)
    with pytest.raises(ValueError, match="Expected batch size: 3\n- Received batch size: 1"):
        stateful(x[:1])
    losses = model().fit(four, np.zeros((4, 7)), batch_size=3, verbose=0).history["loss"]
    assert losses[0] > 0


def test_models_make_inputs_of_another_rank_fit(x):
    """Said: "a model that declares Input((5, 6)) accepts (batch, 5, 6) only".

    With one feature it also takes (batch, timesteps), and (anything, 1) as sequences of one
    timestep; it drops a further last axis of 1; and it does not hold to the number of timesteps. A
    layer by itself raises.
    """
    one = keras.Sequential([keras.Input((5, 1)), layers.LSTM(7)])
    wide, tall = x[0, :, :1].T, x[0, :, :1]
    assert (wide.shape, tall.shape) == ((1, 5), (5, 1))
    assert same(one(wide), one(wide[..., None]))
    assert same(one(tall), one(tall[..., None]))
    assert (one(wide).shape, one(tall).shape) == ((1, 7), (5, 7))
    six = keras.Sequential([keras.Input((5, 6)), layers.LSTM(7)])
    assert same(six(x[..., None]), six(x))
    assert six(np.concatenate([x, x[:, :4]], axis=1)).shape == (3, 7)
    for given in (tall, x[..., None]):
        with pytest.raises(ValueError, match=f"expected ndim=3, found ndim={given.ndim}"):
            layers.LSTM(7)(given)


def test_mse_trains_on_targets_of_the_wrong_shape(x):
    """Said: "a loss raises if the target's shape is not the output's".

    mse broadcasts one against the other and trains, if need be on the targets of other samples.
    Cross-entropies raise; the sparse one says that the output's rank must be target.ndim - 1 where
    it means + 1.
    """

    def fit(*network, target, loss="mse"):
        model = keras.Sequential([keras.Input((5, 6)), *network])
        model.compile(loss=loss, run_eagerly=True)
        output = np.asarray(model(x))
        return output, model.fit(x, target, verbose=0).history["loss"][0]

    def every(width, activation=None):
        return layers.LSTM(7, return_sequences=True), layers.Dense(width, activation=activation)

    target = np.array([5.0, 0.0, -9.0])
    output, loss = fit(*every(1), target=target[:, None])  # one number serves every timestep
    assert loss == pytest.approx(np.mean((output[..., 0] - target[:, None]) ** 2), rel=1e-4)
    output, loss = fit(*every(1), target=target)  # each output is held against every sample's
    assert loss == pytest.approx(np.mean((output - target) ** 2), rel=1e-4)
    output, loss = fit(*every(8), target=np.ones((3, 5, 1)))  # one number serves eight
    assert loss == pytest.approx(np.mean((output - 1) ** 2), rel=1e-4)
    output, loss = fit(layers.LSTM(7), layers.Dense(11), target=target[:, None, None])
    assert output.shape == (3, 11)  # one number serves eleven
    assert loss == pytest.approx(np.mean((output - target[:, None]) ** 2), rel=1e-4)
    sparse, binary = "sparse_categorical_crossentropy", "binary_crossentropy"
    with pytest.raises(ValueError, match=r"must have rank \(ndim\) `target.ndim - 1`"):
        fit(*every(8, "softmax"), target=np.zeros(3), loss=sparse)
    assert fit(*every(8, "softmax"), target=np.zeros((3, 5)), loss=sparse)[1] > 0
    with pytest.raises(ValueError, match=r"must have the same rank \(ndim\)"):
        fit(*every(1, "sigmoid"), target=np.zeros(3), loss=binary)


def test_unpacking_one_tensor_cuts_up_a_batch_of_two(x):
    """Said: "output, h = lstm(x) raises if the layer returns one tensor".

    Unpacking goes over the batch: with two samples it gives the two, silently. It raises for
    another batch, and for a symbolic tensor.
    """
    lstm = layers.LSTM(7, return_sequences=True)
    output, h = lstm(x[:2])
    assert shapes([output, h]) == [(5, 7), (5, 7)]
    assert same(output, lstm(x)[0])
    assert same(h, lstm(x)[1])
    with pytest.raises(ValueError, match="too many values to unpack"):
        output, h = lstm(x)
    with pytest.raises(NotImplementedError, match="Iterating over a symbolic KerasTensor"):
        output, h = lstm(keras.Input((5, 6)))


def test_states_of_stacked_cells_come_nested_by_cell(x):
    """Said: "an RNN layer returns a flat list of tensors".

    It returns a tuple, Bidirectional too, whose docstring says list. For several cells the states
    are nested: the output, then for each cell its [h, c].
    """
    both = layers.Bidirectional(layers.LSTM(7, return_state=True), merge_mode=None)
    assert "they will be returned as a list" in layers.Bidirectional.__doc__
    assert type(both(x)) is tuple
    returned = layers.RNN([layers.LSTMCell(7), layers.LSTMCell(8)], return_state=True)(x)
    assert type(returned) is tuple
    output, first, second = returned
    assert shapes([output, *first, *second]) == [(3, 8), (3, 7), (3, 7), (3, 8), (3, 8)]
    assert same(output, second[0])


def test_an_initial_state_is_hardly_checked(x):
    """Said: "a wrong initial_state raises an error that says so".

    A GRU ignores a second state, an LSTM spreads states of batch 1 over the batch, and one state
    alone fails with "list index out of range".
    """
    state, other = x[:, 0, :1] + np.ones(7), np.full((3, 7), 9.0)
    gru, lstm = layers.GRU(7), layers.LSTM(7)
    assert same(gru(x, initial_state=[state, other]), gru(x, initial_state=state))
    assert not same(gru(x, initial_state=state), gru(x))
    spread = lstm(x, initial_state=[state[:1], state[:1]])
    assert spread.shape == (3, 7)
    assert same(spread, lstm(x, initial_state=[np.repeat(state[:1], 3, axis=0)] * 2))
    with pytest.raises(IndexError, match="list index out of range"):
        lstm(x, initial_state=state)


def test_a_bidirectional_layer_of_unequal_halves_declares_a_wrong_width(x):
    """Said: "the symbolic shape is the shape that comes".

    With a backward_layer of another size Bidirectional declares twice the forward units. What comes
    is the sum, so that a Dense after it is built for the wrong width and raises.
    """
    backward = layers.LSTM(8, return_sequences=True, go_backwards=True)
    both = layers.Bidirectional(layers.LSTM(7, return_sequences=True), backward_layer=backward)
    assert both(keras.Input((5, 6))).shape == (None, 5, 14)
    assert both(x).shape == (3, 5, 15)
    model = keras.Sequential([keras.Input((5, 6)), both, layers.Dense(9)])
    with pytest.raises(ValueError, match="to have value 14, but received input with shape"):
        model(x)


@pytest.mark.filterwarnings("ignore:Do not pass an `input_shape`")
def test_of_the_old_keywords_some_raise_and_one_misleads(x):
    """Said: "the keywords of older tutorials still work".

    input_shape does, with a warning. batch_input_shape and input_length raise. input_dim=6 is taken
    for the shape (6,), so that the error speaks of ndim=2. A Sequential has no reset_states.
    """
    assert keras.Sequential([layers.LSTM(7, input_shape=(5, 6))]).output_shape == (None, 7)
    for old, complaint in (
        (dict(batch_input_shape=(3, 5, 6)), "Unrecognized keyword arguments"),
        (dict(input_dim=6, input_length=5), "Unrecognized keyword arguments"),
        (dict(input_dim=6), r"expected ndim=3, found ndim=2. Full shape received: \(None, 6\)"),
    ):
        with pytest.raises(ValueError, match=complaint):
            keras.Sequential([layers.LSTM(7, **old)])
    with pytest.raises(AttributeError, match="reset_states"):
        keras.Sequential([keras.Input(batch_shape=(3, 5, 6))]).reset_states()


def test_the_same_lstm_pads_otherwise_inside_bidirectional(x):
    """Said: "masking gives the same output wherever the layer stands".

    With the same weights an LSTM repeats its last output at padded timesteps, and 0 is there inside
    Bidirectional. At the start padding gives 0 in both; the valid timesteps agree.
    """
    both = layers.Bidirectional(layers.LSTM(7, return_sequences=True))
    both.build(x.shape)
    lstm = layers.LSTM(7, return_sequences=True)
    lstm.build(x.shape)
    lstm.set_weights(both.forward_layer.get_weights())
    for padded, repeats in ((slice(3, None), True), (slice(0, 2), False)):
        given = x.copy()
        given[:, padded] = 0
        masked = layers.Masking()(given)
        alone, inside = np.array(lstm(masked)), np.array(both(masked)[..., :7])
        assert np.all(alone[:, padded]) == repeats
        assert np.any(alone[:, padded]) == repeats
        assert not np.any(inside[:, padded])
        alone[:, padded] = 0
        assert same(alone, inside)


def test_predict_of_a_sequential_that_ends_with_return_state_gives_three_arrays(x):
    """Said: "a Sequential has one output, so return_state=True raises".

    As its last layer it is allowed: predict returns three arrays. Before a layer that reads one
    tensor it raises, and says how many came.
    """
    lstm = layers.LSTM(7, return_state=True)
    model = keras.Sequential([keras.Input((5, 6)), lstm])
    output, h, c = model.predict(x, verbose=0)
    assert shapes([output, h, c]) == [(3, 7), (3, 7), (3, 7)]
    assert same(output, h)
    with pytest.raises(ValueError, match=r"expects 1 input\(s\), but it received 3 input tensors"):
        keras.Sequential([keras.Input((5, 6)), lstm, layers.Dense(9)])


# PyTorch


def test_one_tensor_given_as_the_states_is_cut_up_along_its_first_axis(x_torch):
    """Said: "an LSTM that is given one state tensor raises an error that says so".

    The tensor is indexed as if it were the pair. For a batch the errors speak of something else;
    for one sequence a (2, 1, units) tensor is silently taken for (h, c).
    """
    lstm = nn.LSTM(6, 7, batch_first=True)
    with pytest.raises(RuntimeError, match=r"should also be 3-D but got \(2-D, 2-D\) tensors"):
        lstm(x_torch, torch.zeros(2, 3, 7))
    with pytest.raises(IndexError, match="index 1 is out of bounds for dimension 0 with size 1"):
        lstm(x_torch, torch.zeros(1, 3, 7))
    states = torch.randn(2, 1, 7)
    output, _ = lstm(x_torch[0], states)
    assert output.shape == (5, 7)
    assert same(output, lstm(x_torch[0], (states[0], states[1]))[0])
    assert not same(output, lstm(x_torch[0])[0])


def test_a_table_of_samples_runs_as_one_sequence(x_torch):
    """Said: "a (batch, features) table raises, or is read as sequences of one timestep".

    Its rows are read as the timesteps of one sequence, and batch_first changes nothing: what one
    sample gives depends on the samples above it.
    """
    table = x_torch[:, 0]
    lstm, first = nn.LSTM(6, 7), nn.LSTM(6, 7, batch_first=True)
    first.load_state_dict(lstm.state_dict())
    for layer in (lstm, first):
        output, (h_n, c_n) = layer(table)
        assert shapes([output, h_n, c_n]) == [(3, 7), (1, 7), (1, 7)]
        assert same(output, first(table[None])[0][0])
        assert same(output[0], layer(table[:1])[0][0])
        assert not same(output[2], layer(table[2:])[0][0])


def test_cross_entropy_takes_timesteps_for_classes_if_there_are_as_many(x_torch):
    """Said: "CrossEntropyLoss raises for scores of (batch, timesteps, classes)".

    It wants (batch, classes, timesteps) and raises only if the two differ. With five of both it
    computes another loss.
    """
    loss, labels = nn.CrossEntropyLoss(), torch.randint(0, 5, (3, 5))
    output, _ = nn.LSTM(6, 7, batch_first=True)(x_torch)
    with pytest.raises(RuntimeError, match=r"Expected target size \[3, 7\], got \[3, 5\]"):
        loss(output, labels)
    scores = output[..., :5]
    right = loss(scores.flatten(0, 1), labels.flatten())
    assert same(loss(scores.transpose(1, 2), labels), right)
    assert not same(loss(scores, labels), right)
