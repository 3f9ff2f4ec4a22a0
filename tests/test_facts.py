"""What is true of the layers, a test for each thing that is commonly said otherwise.

Each docstring gives what is said and then the fact; the test runs the real layer. The sources are
the documents and the docstrings of Keras and PyTorch, and the article that the course started from.
At the end, what surprises even those who know the documents: most of it is silent, of a shape that
looks right, from what was not meant. A test that fails with newer versions is news.
"""

import inspect
import warnings

import keras
import numpy as np
import pytest
import torch
from clinic import older
from keras import layers
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from lstm_lessons import Spec
from lstm_lessons.weights import for_keras, inputs

BACKEND = keras.backend.backend()
COUNTED = "expected: {0}, got: {1}|had {0} atoms, but flat_sequence had {1}"  # or Keras 3.5
of_tensorflow = pytest.mark.skipif(
    BACKEND != "tensorflow", reason="a fact of Keras on TensorFlow: others refuse more, or less"
)


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


def words(text):
    """Return a text with its line breaks and indents made single spaces."""
    return " ".join(text.split())


def for_torch(kernel, recurrent, bias, *, suffix=""):
    """Return the weights of a Keras LSTM under the names that PyTorch gives them."""
    named = {
        "weight_ih_l0": kernel.T,
        "weight_hh_l0": recurrent.T,
        "bias_ih_l0": bias,
        "bias_hh_l0": np.zeros_like(bias),
    }
    return {name + suffix: torch.tensor(weight) for name, weight in named.items()}


# Errors of the article that the course started from


def test_lstm_with_return_state_alone_returns_three_tensors(x):
    """Said: "return_sequences=False, return_state=True returns two tensors".

    It returns three, output, h and c, and output equals h.
    """
    returned = layers.LSTM(7, return_state=True)(x)
    assert shapes(returned) == [(3, 7), (3, 7), (3, 7)]
    output, h, c = returned
    assert same(output, h)
    assert not same(output, c)


def test_the_second_of_the_three_is_h_and_the_third_is_c(x):
    """Said: "output[1] is the last cell state".

    output[1] is h, equal to output[0]; output[2] is c.
    """
    output = layers.LSTM(7, return_state=True)(x)
    assert same(output[1], output[0])
    lstm = layers.LSTM(7, return_state=True)
    first, second = x[:, :2], x[:, 2:]
    _, h, c = lstm(first)
    assert same(lstm(second, initial_state=[h, c])[0], lstm(x)[0])
    assert not same(lstm(second, initial_state=[c, h])[0], lstm(x)[0])


def test_the_first_tensor_is_always_the_output(x):
    """Said: "the shape of the last hidden state might be confusing".

    The first tensor is the output. Without return_sequences the output is h; with it, the output's
    last timestep is h.
    """
    output, h, _ = layers.LSTM(7, return_state=True)(x)
    assert output.shape == h.shape == (3, 7)
    assert same(output, h)
    output, h, _ = layers.LSTM(7, return_sequences=True, return_state=True)(x)
    assert (output.shape, h.shape) == ((3, 5, 7), (3, 7))
    assert same(output[:, -1], h)


def test_pytorch_has_neither_flag_and_returns_everything(x_torch):
    """Said: "return_sequences is common in Keras and TensorFlow/PyTorch LSTMs".

    PyTorch has neither flag: nn.LSTM always returns output, (h_n, c_n), and you choose afterwards.
    """
    for flag in ("return_sequences", "return_state"):
        with pytest.raises(TypeError, match=f"unexpected keyword argument '{flag}'"):
            nn.LSTM(6, 7, **{flag: True})
    output, (h_n, c_n) = nn.LSTM(6, 7, batch_first=True)(x_torch)
    assert shapes([output, h_n, c_n]) == [(3, 5, 7), (1, 3, 7), (1, 3, 7)]


def test_units_are_components_of_one_vector_and_never_timesteps(x):
    """Said: "each unit produces a single output value", read as: a unit for each timestep.

    At each timestep all units together give one vector, as long as there are units; more timesteps
    lengthen another axis.
    """
    longer = np.concatenate([x, x[:, :4]], axis=1)
    lstm = layers.LSTM(7, return_sequences=True)
    assert (lstm(x).shape, lstm(longer).shape) == ((3, 5, 7), (3, 9, 7))
    assert layers.LSTM(11, return_sequences=True)(x).shape == (3, 5, 11)
    assert same(lstm(longer)[:, :5], lstm(x))


def test_input_shape_on_the_layer_works_with_a_warning(x):
    """Said: "LSTM(units=64, input_shape=(10, 3)) is how a model starts".

    It works and warns; Keras 3 wants keras.Input first.
    """
    with pytest.warns(UserWarning, match="Do not pass an `input_shape`"):
        model = keras.Sequential([layers.LSTM(7, input_shape=(5, 6))])
    assert model(x).shape == (3, 7)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = keras.Sequential([keras.Input((5, 6)), layers.LSTM(7)])
    assert model(x).shape == (3, 7)


def test_after_return_state_a_sequential_needs_a_layer_that_takes_all_three(x):
    """Said: "an LSTM with return_state=True goes anywhere in a Sequential".

    It can be the last layer, and what follows it otherwise must take all three tensors: a Dense or
    a further LSTM raises, an Add or a Concatenate does not.
    """

    def model(*after):
        lstm = layers.LSTM(7, return_sequences=bool(after), return_state=True)
        return keras.Sequential([keras.Input((5, 6)), lstm, *after])

    assert shapes(model()(x)) == [(3, 7), (3, 7), (3, 7)]
    for after in (layers.Dense(8), layers.LSTM(8)):
        with pytest.raises(ValueError, match=r"expects 1 input\(s\), but it received 3"):
            model(after)
    three = [keras.Input((5, 6)), layers.LSTM(7, return_state=True), layers.Concatenate()]
    assert keras.Sequential(three)(x).shape == (3, 21)


# Keras


def test_gru_and_simple_rnn_return_two_tensors_with_return_state(x):
    """Said: "return_state=True returns (h, c)".

    An LSTM returns three tensors, output, h and c; a GRU and a SimpleRNN two, output and h.
    """
    for layer, count in ((layers.LSTM, 3), (layers.GRU, 2), (layers.SimpleRNN, 2)):
        returned = layer(7, return_state=True)(x)
        assert shapes(returned) == [(3, 7)] * count
        assert same(returned[0], returned[1])


def test_rnn_of_an_lstm_cell_returns_three_though_its_docstring_unpacks_two(x):
    """Said: "whole_sequence_output, final_state = rnn(inputs)", in the docstring of LSTMCell.

    Around an LSTM cell there are three values, so that this unpacking raises.
    """
    assert "whole_sequence_output, final_state = rnn(inputs)" in layers.LSTMCell.__doc__
    rnn = layers.RNN(layers.LSTMCell(7), return_sequences=True, return_state=True)
    with pytest.raises(ValueError, match="too many values to unpack"):
        _output, _state = rnn(x)
    assert shapes(rnn(x)) == [(3, 5, 7), (3, 7), (3, 7)]


def test_keras_calls_h_the_memory_state_and_c_the_carry_state(x):
    """Said: "the memory state is c".

    Keras' source calls h the memory state and c the carry state.
    """
    source = inspect.getsource(layers.LSTMCell.call)
    assert "h_tm1 = states[0]  # previous memory state" in source
    assert "c_tm1 = states[1]  # previous carry state" in source
    lstm = layers.LSTM(7, return_sequences=True, return_state=True)
    whole_seq_output, final_memory_state, final_carry_state = lstm(x)  # as in its docstring
    assert same(final_memory_state, whole_seq_output[:, -1])
    assert not same(final_carry_state, whole_seq_output[:, -1])


def test_return_sequences_returns_every_h_and_a_loop_of_your_own_every_c(x):
    """Said: "return_sequences=True also returns every c".

    It returns every h only. c comes for the last timestep; every c needs your own loop over the
    cell.
    """
    lstm = layers.LSTM(7, return_sequences=True, return_state=True)
    output, _, c = lstm(x)
    assert (output.shape, c.shape) == ((3, 5, 7), (3, 7))
    states, every_h, every_c = [np.zeros((3, 7), "float32")] * 2, [], []
    for step in range(5):
        _, states = lstm.cell(x[:, step], states)
        every_h.append(states[0])
        every_c.append(states[1])
    assert same(np.stack(every_h, axis=1), output)
    assert same(every_c[-1], c)
    assert not same(every_c[-2], c)


def test_bidirectional_keeps_the_states_of_both_directions_apart(x):
    """Said: "Bidirectional with return_state returns three tensors".

    LSTM: five (output, forward h and c, backward h and c); GRU: three. With merge_mode=None six and
    four. Outputs are merged, states never.
    """
    for layer, merge_mode, outputs, states in (
        (layers.LSTM, "concat", [(3, 14)], 4),
        (layers.LSTM, "sum", [(3, 7)], 4),
        (layers.LSTM, None, [(3, 7), (3, 7)], 4),
        (layers.GRU, "concat", [(3, 14)], 2),
        (layers.GRU, None, [(3, 7), (3, 7)], 2),
    ):
        both = layers.Bidirectional(layer(7, return_state=True), merge_mode=merge_mode)
        assert shapes(both(x)) == outputs + [(3, 7)] * states
    output, forward_h, _, backward_h, _ = layers.Bidirectional(layers.LSTM(7, return_state=True))(x)
    assert same(output, np.concatenate([forward_h, backward_h], axis=-1))


def test_bidirectional_clones_the_layer_that_it_is_given(x):
    """Said: "Bidirectional reuses the layer that you pass".

    It makes two new ones from the layer's configuration, with fresh weights.
    """
    lstm = layers.LSTM(7)
    lstm(x)
    both = layers.Bidirectional(lstm)
    both(x)
    assert both.forward_layer is not lstm
    assert not same(both.forward_layer.get_weights()[0], lstm.get_weights()[0])
    assert not same(both(x)[:, :7], lstm(x))
    # Only what is passed as backward_layer is taken as it is.
    backward = layers.LSTM(7, go_backwards=True)
    assert layers.Bidirectional(lstm, backward_layer=backward).backward_layer is backward


def test_go_backwards_returns_the_sequence_reversed(x):
    """Said: "go_backwards=True keeps the order of the input".

    What it returns is in the order in which it read; only Bidirectional turns it back.
    """
    both = layers.Bidirectional(layers.LSTM(7, return_sequences=True))
    in_order = np.asarray(both(x))[..., 7:]
    backwards = both.backward_layer(x)
    assert both.backward_layer.go_backwards
    assert same(backwards, in_order[:, ::-1])
    assert not same(backwards, in_order)
    forwards = layers.LSTM(7, return_sequences=True)
    forwards.build(x.shape)
    forwards.set_weights(both.backward_layer.get_weights())
    assert same(backwards, forwards(x[:, ::-1]))


def test_masked_timesteps_repeat_the_output_before_them(x):
    """Said: "at masked timesteps the output is zero".

    Padding at the end repeats the last output; padding at the start gives 0, as there is nothing to
    repeat; inside Bidirectional padded timesteps are 0.
    """
    lstm = layers.LSTM(7, return_sequences=True)
    both = layers.Bidirectional(layers.LSTM(7, return_sequences=True))
    at_end, at_start = x.copy(), x.copy()
    at_end[:, 3:] = at_start[:, :2] = 0
    ended = layers.Masking()(at_end)
    output = lstm(ended)
    assert same(output[:, 3], output[:, 2])
    assert same(output[:, 4], output[:, 2])
    assert not np.any(np.isclose(output[:, 4], 0).all(axis=-1))
    begun, masked = (np.asarray(one) for one in (lstm(layers.Masking()(at_start)), both(ended)))
    assert not np.any(begun[:, :2])
    assert not np.any(masked[:, 3:])
    assert np.all(masked[:, :3])


def test_stateful_takes_its_batch_from_the_input_and_resets_layer_by_layer(x):
    """Said: "stateful needs batch_input_shape; reset with model.reset_states()".

    Keras 3 rejects batch_input_shape and models have no such method. The batch is given on
    Input(batch_shape=...), and each layer has reset_state().
    """
    with pytest.raises(ValueError, match="Unrecognized keyword arguments passed to LSTM"):
        layers.LSTM(7, stateful=True, batch_input_shape=(3, 5, 6))
    with pytest.raises(ValueError, match="the batch size must be static"):
        layers.LSTM(7, stateful=True)(keras.Input((5, 6)))
    lstm = layers.LSTM(7, stateful=True)
    model = keras.Sequential([keras.Input(batch_shape=(3, 5, 6)), lstm])
    # The docstring of RNN offers reset_state() "on your entire model" too; models do not have it.
    assert not hasattr(model, "reset_states")
    assert not hasattr(model, "reset_state")
    first, second = model(x), model(x)
    lstm.reset_state()
    assert same(model(x), first)
    assert not same(second, first)


def test_state_flows_over_timesteps_whatever_stateful_says(x):
    """Said: "stateful=False means that no state is kept within a sequence".

    State always flows over the timesteps; stateful is about the next batch.
    """
    changed = x.copy()
    changed[:, 0] += 1
    for stateful in (False, True):
        lstm = layers.LSTM(7, stateful=stateful)
        first, second = lstm(x), lstm(x)
        assert same(first, second) is not stateful
        if stateful:
            lstm.reset_state()
        assert not same(lstm(changed), first)


def test_stacking_needs_return_sequences_on_every_layer_but_the_last(x):
    """Said: "stacking LSTMs needs return_state".

    The next LSTM reads a sequence: return_sequences=True on every LSTM but the last.
    """
    with pytest.raises(ValueError, match="expected ndim=3, found ndim=2"):
        layers.LSTM(8)(layers.LSTM(7)(x))
    first = layers.LSTM(7, return_state=True)
    with pytest.raises(ValueError, match=r"expects 1 input\(s\), but it received 3"):
        keras.Sequential([keras.Input((5, 6)), first, layers.LSTM(8)])
    assert layers.LSTM(8)(layers.LSTM(7, return_sequences=True)(x)).shape == (3, 8)


@of_tensorflow
def test_a_decoder_starts_from_h_and_c_in_that_order(x):
    """Said: "the decoder's initial_state is the encoder's outputs".

    It is [h, c], each (batch, units of the decoder). All three raise; the four states of a
    bidirectional encoder raise too, and have to be merged first.
    """
    encoder, decoder = layers.LSTM(7, return_state=True), layers.LSTM(7)
    with pytest.raises(ValueError, match=COUNTED.format(3, 2)):
        decoder(x, initial_state=encoder(x))
    _, h, c = encoder(x)
    assert shapes([h, c]) == [(3, 7), (3, 7)]
    started = decoder(x, initial_state=[h, c])
    assert not same(started, decoder(x))
    assert not same(started, decoder(x, initial_state=[c, h]))
    assert same(encoder(x[:, 3:], initial_state=encoder(x[:, :3])[1:])[0], encoder(x)[0])
    _, *four = layers.Bidirectional(layers.LSTM(7, return_state=True))(x)
    with pytest.raises(ValueError, match=COUNTED.format(4, 2)):
        decoder(x, initial_state=four)
    merged = [np.concatenate(pair, axis=-1) for pair in (four[::2], four[1::2])]
    assert shapes(merged) == [(3, 14), (3, 14)]
    assert layers.LSTM(14)(x, initial_state=merged).shape == (3, 14)


def test_weights_depend_on_features_and_units_and_not_on_timesteps(x):
    """Said: "units are the timesteps, or a row of chained cells".

    units is the length of h and of c. The weights are (features, 4·units), (units, 4·units) and
    (4·units,), and the same layer reads sequences of any length.
    """
    for timesteps in (5, 9):
        lstm = layers.LSTM(7, return_state=True)
        lstm.build((3, timesteps, 6))
        assert shapes(lstm.get_weights()) == [(6, 28), (7, 28), (28,)]
    for length in (3, 5):
        assert shapes(lstm(x[:, :length])) == [(3, 7), (3, 7), (3, 7)]


def test_several_tensors_come_back_as_a_tuple(x):
    """Said: "if return_state: a list of tensors", in the docstring of RNN.

    Keras 3 returns a tuple, of values and of symbolic tensors alike.
    """
    assert "If `return_state`: a list of tensors." in layers.RNN.__doc__
    assert type(layers.LSTM(7, return_state=True)(x)) is tuple
    assert type(layers.LSTM(7, return_state=True)(keras.Input((5, 6)))) is tuple


# PyTorch


def test_pytorch_reads_timesteps_first_unless_told(x_torch):
    """Said: "the input is (batch, seq, feature)".

    The default is (timesteps, batch, features). A batch-first input raises nothing and its output
    looks right; h_n, with as many rows as there are timesteps, gives it away.
    """
    lstm = nn.LSTM(6, 7)
    output, (h_n, _) = lstm(x_torch)
    assert shapes([output, h_n]) == [(3, 5, 7), (1, 5, 7)]
    told = nn.LSTM(6, 7, batch_first=True)
    told.load_state_dict(lstm.state_dict())
    right, (h_n, _) = told(x_torch)
    assert shapes([right, h_n]) == [(3, 5, 7), (1, 3, 7)]
    assert not same(output, right)
    assert same(lstm(x_torch.transpose(0, 1))[0].transpose(0, 1), right)


def test_batch_first_never_moves_the_batch_of_h_n(x_torch):
    """Said: "batch_first=True puts the batch of h_n first".

    h_n is (directions·layers, batch, units) either way.
    """
    first = nn.LSTM(6, 7, num_layers=2, batch_first=True)
    second = nn.LSTM(6, 7, num_layers=2)
    second.load_state_dict(first.state_dict())
    (output, states), (other, others) = first(x_torch), second(x_torch.transpose(0, 1))
    assert shapes([output, other]) == [(3, 5, 7), (5, 3, 7)]
    assert shapes(states) == shapes(others) == [(2, 3, 7), (2, 3, 7)]
    assert same(states[0], others[0])


def test_the_second_item_that_pytorch_returns_is_the_pair_of_states(x_torch):
    """Said: "output[1] is c".

    It is the tuple (h_n, c_n).
    """
    returned = nn.LSTM(6, 7, batch_first=True)(x_torch)
    assert len(returned) == 2
    assert type(returned[1]) is tuple
    assert shapes(returned[1]) == [(1, 3, 7), (1, 3, 7)]
    h_n, c_n = returned[1]
    assert same(returned[0][:, -1], h_n[-1])
    assert not same(returned[0][:, -1], c_n[-1])


def test_h_n_of_a_bidirectional_lstm_has_a_row_for_each_direction(x_torch):
    """Said: "h_n of a bidirectional LSTM is (1, batch, 2·units)".

    It is (2·layers, batch, units), in each layer forward, then reverse; the last layer's are
    h_n[-2] and h_n[-1]. Only output is concatenated.
    """
    lstm = nn.LSTM(6, 7, num_layers=2, bidirectional=True, batch_first=True)
    output, (h_n, _) = lstm(x_torch)
    assert shapes([output, h_n]) == [(3, 5, 14), (4, 3, 7)]
    assert same(output[:, -1, :7], h_n[-2])
    assert same(output[:, 0, 7:], h_n[-1])


def test_the_last_output_of_a_bidirectional_lstm_is_not_its_final_state(x, x_torch):
    """Said: "output[:, -1] of a bidirectional LSTM is the final state".

    Its reverse half has read one timestep; the final reverse state is output[:, 0, units:]. Keras'
    Bidirectional(LSTM) equals cat(h_n[-2], h_n[-1]).
    """
    both = layers.Bidirectional(layers.LSTM(7))
    wanted = both(x)
    forward, backward = both.forward_layer.get_weights(), both.backward_layer.get_weights()
    lstm = nn.LSTM(6, 7, bidirectional=True, batch_first=True)
    lstm.load_state_dict(for_torch(*forward) | for_torch(*backward, suffix="_reverse"))
    output, (h_n, _) = lstm(x_torch)
    assert same(torch.cat([h_n[-2], h_n[-1]], dim=-1), wanted)
    assert same(torch.cat([output[:, -1, :7], output[:, 0, 7:]], dim=-1), wanted)
    assert not same(output[:, -1], wanted)
    assert same(output[:, -1, 7:], lstm(x_torch[:, -1:])[0][:, 0, 7:])


def test_h_n_holds_all_layers_and_output_the_last_one_only(x_torch):
    """Said: "h_n is the last layer's state".

    h_n holds all layers', h_n.view(layers, directions, batch, units); output is the last layer's.
    """
    lstm = nn.LSTM(6, 7, num_layers=3, bidirectional=True, batch_first=True)
    output, (h_n, _) = lstm(x_torch)
    assert h_n.shape == (6, 3, 7)
    by_layer = h_n.view(3, 2, 3, 7)
    assert same(by_layer[-1, 0], output[:, -1, :7])
    assert same(by_layer[-1, 1], output[:, 0, 7:])
    assert not same(by_layer[0, 0], output[:, -1, :7])
    below = nn.LSTM(6, 7, bidirectional=True, batch_first=True)
    below.load_state_dict({name: lstm.state_dict()[name] for name in below.state_dict()})
    assert same(below(x_torch)[1][0], by_layer[0])


@pytest.mark.filterwarnings("ignore:LSTM with projections")
def test_h_n_and_c_n_differ_in_shape_with_a_projection(x_torch):
    """Said: "h_n and c_n have the same shape".

    Not with proj_size: it shortens h and output; c keeps its length.
    """
    output, (h_n, c_n) = nn.LSTM(6, 7, proj_size=4, batch_first=True)(x_torch)
    assert shapes([output, h_n, c_n]) == [(3, 5, 4), (1, 3, 4), (1, 3, 7)]


def test_a_two_dimensional_input_is_one_sequence_without_a_batch(x_torch):
    """Said: "an LSTM needs a 3-D input".

    nn.LSTM takes 2-D for one sequence without a batch, silently, and all it returns loses the axis.
    """
    lstm = nn.LSTM(6, 7, batch_first=True)
    output, (h_n, c_n) = lstm(x_torch[0])
    assert shapes([output, h_n, c_n]) == [(5, 7), (1, 7), (1, 7)]
    assert same(output, lstm(x_torch)[0][0])
    with pytest.raises(ValueError, match="Expected input to be 2D or 3D, got 4D"):
        lstm(x_torch[None])


def test_h_n_has_an_entry_for_each_element_of_the_batch(x_torch):
    """Said: "final hidden state for each element in the sequence", in the docstring of nn.LSTM.

    For each element in the batch, as the docstring of nn.RNN says.
    """
    assert "final hidden state for each element in the sequence" in words(nn.LSTM.__doc__)
    assert "final hidden state for each element in the batch" in words(nn.RNN.__doc__)
    lstm = nn.LSTM(6, 7, batch_first=True)
    _, (h_n, _) = lstm(x_torch)
    assert h_n.shape == (1, 3, 7)
    for sample in range(3):
        assert same(h_n[:, sample], lstm(x_torch[sample])[1][0])


def test_pad_packed_sequence_pads_to_the_longest_row(x_torch):
    """Said: "pad_packed_sequence restores the padded length".

    It pads to the longest row of the batch unless it is given total_length, and has a batch_first
    of its own, False unless told.
    """
    packed = pack_padded_sequence(x_torch, [4, 3, 2], batch_first=True)
    output, (h_n, _) = nn.LSTM(6, 7, batch_first=True)(packed)
    assert pad_packed_sequence(output)[0].shape == (4, 3, 7)
    padded, lengths = pad_packed_sequence(output, batch_first=True)
    assert padded.shape == (3, 4, 7)
    assert same(padded[torch.arange(3), lengths - 1], h_n[-1])
    whole, _ = pad_packed_sequence(output, batch_first=True, total_length=5)
    assert whole.shape == (3, 5, 7)
    assert not whole[:, 4].any()


def test_batches_of_any_order_can_be_packed_with_lengths_on_the_cpu(x_torch):
    """Said: "batches must be sorted by length".

    enforce_sorted=False takes them as they are. The lengths have to be on the CPU.
    """
    with pytest.raises(RuntimeError, match="must be sorted in decreasing order"):
        pack_padded_sequence(x_torch, [2, 4, 3], batch_first=True)
    packed = pack_padded_sequence(x_torch, [2, 4, 3], batch_first=True, enforce_sorted=False)
    lstm = nn.LSTM(6, 7, batch_first=True)
    _, (h_n, _) = lstm(packed)
    for sample, length in enumerate([2, 4, 3]):
        assert same(h_n[:, sample], lstm(x_torch[sample, :length])[1][0])
    elsewhere = torch.tensor([4, 3, 2], device="meta")  # stands for a GPU
    with pytest.raises(RuntimeError, match="should be a 1D CPU int64 tensor"):
        pack_padded_sequence(x_torch, elsewhere, batch_first=True)


# Across the two


def test_pytorch_has_four_times_units_more_parameters_in_each_layer_and_direction(x):
    """Said: "the same size has the same number of parameters".

    PyTorch has two bias vectors where Keras has one: 4·units more in each layer and direction.
    """

    def count(network):
        return sum(weight.numel() for weight in network.parameters())

    lstm = layers.LSTM(7)
    lstm.build(x.shape)
    assert (lstm.count_params(), count(nn.LSTM(6, 7))) == (392, 420)
    assert count(nn.LSTM(6, 7)) - lstm.count_params() == 4 * 7
    twice = [layers.Bidirectional(layers.LSTM(7, return_sequences=True)) for _ in range(2)]
    stack = keras.Sequential([keras.Input((5, 6)), *twice])
    four = count(nn.LSTM(6, 7, num_layers=2, bidirectional=True)) - stack.count_params()
    assert four == 2 * 2 * 4 * 7


def test_weights_of_an_lstm_move_from_keras_to_pytorch_as_they_are(x, x_torch):
    """Said: "the order of the gates differs, so weights can't be moved".

    Both have i, f, g (Keras calls it c), o. The matrices are transposed, and the second bias is 0.
    """
    kernel, recurrent, bias = for_keras(Spec())
    lstm = layers.LSTM(7, return_sequences=True)
    lstm.build(x.shape)
    lstm.set_weights([kernel, recurrent, bias])
    other = nn.LSTM(6, 7, batch_first=True)
    other.load_state_dict(for_torch(kernel, recurrent, bias))
    assert same(other(x_torch)[0], lstm(x))
    for order in ([0, 1, 3, 2], [1, 0, 2, 3], [0, 2, 1, 3]):
        moved = [
            np.concatenate([np.split(weight, 4, axis=-1)[gate] for gate in order], axis=-1)
            for weight in (kernel, recurrent, bias)
        ]
        other.load_state_dict(for_torch(*moved))
        assert not same(other(x_torch)[0], lstm(x))


def test_weights_of_a_gru_move_once_their_gates_are_put_in_order(x, x_torch):
    """Said: "the gates are in the same order in both frameworks", of the GRU too.

    Keras has z, r, n; PyTorch r, z, n. With Keras' default, reset_after=True, both compute the same
    and have two biases. With reset_after=False, which is how the GRU was published, Keras resets h
    before the product and has one bias: PyTorch has no such form.
    """
    gru = layers.GRU(7, return_sequences=True, bias_initializer="random_normal")
    gru.build(x.shape)
    other = nn.GRU(6, 7, batch_first=True)
    for order, moves in (([1, 0, 2], True), ([0, 1, 2], False)):
        kernel, recurrent, biases = (
            np.concatenate([np.split(weight, 3, axis=-1)[gate] for gate in order], axis=-1)
            for weight in gru.get_weights()
        )
        weights = [kernel.T, recurrent.T, *biases]  # in the order of nn.GRU's state_dict
        other.load_state_dict(
            dict(zip(other.state_dict(), map(torch.tensor, weights), strict=True))
        )
        assert same(other(x_torch)[0], gru(x)) is moves
    before = layers.GRU(7, return_sequences=True, reset_after=False)
    before.build(x.shape)
    assert shapes(gru.get_weights()) == [(6, 21), (7, 21), (2, 21)]
    assert shapes(before.get_weights()) == [(6, 21), (7, 21), (21,)]
    gru.set_weights([*gru.get_weights()[:2], np.zeros((2, 21))])
    before.set_weights([*gru.get_weights()[:2], np.zeros(21)])
    assert not same(before(x), gru(x))


def test_the_frameworks_agree_but_not_to_the_last_digit(x, x_torch):
    """Said: "with the same weights they are equal to the last digit".

    The last bits of float32 differ. Compare with allclose, on the CPU, and print rounded.
    """
    lstm = layers.LSTM(7, return_sequences=True)
    lstm.build(x.shape)
    lstm.set_weights(for_keras(Spec()))
    other = nn.LSTM(6, 7, batch_first=True)
    other.load_state_dict(for_torch(*for_keras(Spec())))
    a, b = np.asarray(lstm(x)), other(x_torch)[0].numpy()
    assert (a.dtype, b.dtype) == ("float32", "float32")
    assert not np.array_equal(a, b)
    assert np.allclose(a, b, rtol=0, atol=1e-6)
    assert np.array_equal(a.round(2), b.round(2))


def test_a_summary_lists_every_tensor_and_in_a_chain_not_which_one_goes_on(x, monkeypatch):
    """Said: "a summary shows what a layer returns".

    Keras lists the shapes of all tensors without their names. In a chain it does not say which of
    them the next layer reads: models that go on with h and with c have the same summary. Only where
    a model branches there is a column that gives its index, "lstm[0][2]".
    """
    monkeypatch.setenv("COLUMNS", "80")

    def summary(inputs, outputs):
        lines = []
        keras.Model(inputs, outputs, name="model").summary(print_fn=lines.append)
        return "\n".join(lines)

    sequence, other = keras.Input((5, 6), name="x"), keras.Input((8,), name="other")
    _, h, c = layers.LSTM(7, return_state=True, name="lstm")(sequence)
    with_h, with_c = (summary(sequence, layers.Dense(9, name="next")(one)) for one in (h, c))
    assert with_h.count("(None, 7)") == 3
    assert with_h == with_c
    branching = summary([sequence, other], layers.Concatenate()([c, other]))
    assert "lstm[0][2]" in branching
    assert "lstm[0][1]" not in branching


# Surprises in Keras


@of_tensorflow
def test_a_stateful_model_answers_one_sample_with_a_row_for_each_of_its_batch(x):
    """Said: "predict returns a row for each sample".

    A stateful model that has predicted its batch of 3 answers one sample with three rows, and four
    samples with six: one sample is broadcast against the three states. So is a last batch of one in
    fit. A last batch of two raises, and so does calling the model on one sample.

    So it is in Keras 3.15. In 3.5 the model can be called on one sample, too. In 3.13 any other
    batch than its own raises, and says that a tensor cannot be a bool.
    """

    def model():
        made = keras.Sequential([keras.Input(batch_shape=(3, 5, 6)), layers.LSTM(7, stateful=True)])
        made.compile(loss="mse")
        return made

    stateful, four = model(), np.concatenate([x, x[:1]])
    assert stateful.predict(x, batch_size=3, verbose=0).shape == (3, 7)
    if older("keras 3.13"):
        assert stateful(x[:1]).shape == (3, 7)
    else:
        with pytest.raises(ValueError, match="Expected batch size: 3\n- Received batch size: 1"):
            stateful(x[:1])
    if older("keras 3.15") and not older("keras 3.13"):
        for other in (x[:1], x[:2], four):
            with pytest.raises(TypeError, match=r"symbolic `tf.Tensor` as a Python `bool`"):
                stateful.predict(other, batch_size=3, verbose=0)
        return
    assert stateful.predict(x[:1], verbose=0).shape == (3, 7)
    assert stateful.predict(four, batch_size=3, verbose=0).shape == (6, 7)
    with pytest.raises(Exception, match="Graph execution error"):
        stateful.predict(x[:2], verbose=0)
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
        output = keras.ops.convert_to_numpy(model(x))
        with torch.enable_grad():  # for Keras on PyTorch
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
    words = r"must have rank \(ndim\) `target.ndim - 1`" if BACKEND == "tensorflow" else "shape"
    with pytest.raises(ValueError, match=words):
        fit(*every(8, "softmax"), target=np.zeros(3), loss=sparse)
    assert fit(*every(8, "softmax"), target=np.zeros((3, 5)), loss=sparse)[1] > 0
    with pytest.raises(ValueError, match=r"must have the same (rank|shape)"):
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


@pytest.mark.skipif(BACKEND == "jax", reason="JAX checks an initial state")
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


# Surprises in PyTorch


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
