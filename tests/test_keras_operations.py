"""What is done to tensors between Keras' layers, where no graph says it, as its author wrote it."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import zoo
from keras import layers, ops
from zoo import floats

from lstm_lessons.explaining.explanation import explain
from lstm_lessons.explaining.watching import Recorder, reader_of

X = floats(3, 5, 6)
WRITTEN = {
    "output[:, -1]": lambda output, h, c: output[:, -1],
    "output[..., 3, :]": lambda output, h, c: output[..., 3, :],
    "output[:, 1:3]": lambda output, h, c: output[:, 1:3],
    "ops.mean(output, axis=1)": lambda output, h, c: ops.mean(output, axis=1),
    "ops.concatenate([output[:, 0], h], axis=-1)": lambda output, h, c: ops.concatenate(
        [output[:, 0], h], axis=-1
    ),
    "ops.tanh(c) * 2": lambda output, h, c: ops.tanh(c) * 2,
    "1 - h": lambda output, h, c: 1 - h,
    "(-h) + (c / 3)": lambda output, h, c: -h + c / 3,
    "h ** 2": lambda output, h, c: h**2,
    "ops.transpose(output, (1, 0, 2))[-1]": lambda output, h, c: ops.transpose(output, (1, 0, 2))[
        -1
    ],
    "ops.swapaxes(output, 0, 1)": lambda output, h, c: ops.swapaxes(output, 0, 1),
    "ops.reshape(output, (3, 35))": lambda output, h, c: ops.reshape(output, (3, 35)),
    "ops.expand_dims(h, 1)": lambda output, h, c: ops.expand_dims(h, 1),
    "ops.split(output, [2], axis=1)[1]": lambda output, h, c: ops.split(output, [2], axis=1)[1],
    "output[:, 4]": lambda output, h, c: ops.unstack(output, axis=1)[4],
    "ops.softmax(h, -1)": lambda output, h, c: ops.softmax(h, -1),
    "tf.concat([h, c], 1)": lambda output, h, c: tf.concat([h, c], 1),
    "tf.nn.relu(h)": lambda output, h, c: tf.nn.relu(h),
    "tf.math.exp(h)": lambda output, h, c: tf.math.exp(h),
}


def net(read, **flags):
    """Return a network that reads what a function makes of output, h and c."""
    flags = {"return_sequences": True, "return_state": True} | flags

    def call(self, x):
        return self.fc(read(*self.rnn(x)))

    return zoo.model(call, rnn=layers.LSTM(7, **flags, name="rnn"), fc=layers.Dense(2, name="fc"))


@pytest.mark.parametrize("words", WRITTEN)
def test_a_use_is_the_expression_that_was_computed(words):
    seen = {}

    def read(output, h, c):
        seen["made"] = WRITTEN[words](output, h, c)
        return seen["made"]

    (call,) = explain(net(read), X, tried=False).layers
    (use,) = call.uses
    assert (use.who, use.expression, use.numbers) == ("fc", words, False)
    names = {one.name: ops.convert_to_tensor(one.values) for one in call.returned.tensors}
    again = eval(words, {"ops": ops, "tf": tf} | names)
    np.testing.assert_allclose(again, seen["made"], rtol=1e-6)


def test_what_nothing_reads_is_dropped_and_what_something_reads_is_not():
    def silent(output, h, c):
        return output

    def by_numpy(output, h, c):
        return output + float(np.mean(c.numpy()))

    def by_code(output, h, c):
        return output + tf.linalg.norm(c)

    said = {read: explain(net(read), X, tried=False).text for read in (silent, by_numpy, by_code)}
    assert "h and c: dropped." in said[silent]
    for read in (by_numpy, by_code):
        assert "What becomes of c is not seen. h: dropped." in said[read]


def test_an_attribute_that_keeps_a_state_is_named():
    def call(self, x):
        _, h, self.last = self.rnn(x)
        return self.fc(h)

    network = zoo.model(
        call,
        rnn=layers.LSTM(7, return_sequences=True, return_state=True, name="rnn"),
        fc=layers.Dense(2, name="fc"),
    )
    text = explain(network, X, tried=False).text
    assert f"The attribute {network.name}.last keeps c (3, 7). output: dropped." in text


def test_all_functions_are_their_own_again():
    before = ops.concatenate, tf.concat, tf.Tensor.__getitem__, type(ops.zeros(1)).__add__
    explain(net(lambda output, h, c: h), X, tried=False)
    with pytest.raises(tf.errors.InvalidArgumentError, match="Ranks of all input tensors"):
        explain(net(lambda output, h, c: ops.concatenate([output, h], axis=-1)), X)
    after = ops.concatenate, tf.concat, tf.Tensor.__getitem__, type(ops.zeros(1)).__add__
    assert after == before
    assert "__getitem__" not in vars(type(ops.zeros(1)))


def test_further_passes_note_nothing_down():
    recorder = Recorder(between=False)
    reader_of("keras").run(net(lambda output, h, c: h + c), (X,), {}, recorder)
    assert recorder.events
    assert [recorder.operations, recorder.read] == [[], set()]


@keras.saving.register_keras_serializable("lstm_lessons_tests")
class Peephole(layers.Layer):
    """A cell of one's own, whose operations happen inside the layer that runs it."""

    state_size = output_size = 7

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], 7))

    def call(self, x, states):
        h = ops.tanh(ops.matmul(x, self.kernel) + states[0])
        return h, [h]


def test_what_happens_inside_a_recurrent_layer_is_its_own_matter():
    def call(self, x):
        return self.fc(self.rnn(x))

    network = zoo.model(call, rnn=layers.RNN(Peephole(), name="rnn"), fc=layers.Dense(2, name="fc"))
    found = explain(network, X, tried=False).layers[0]
    assert [(use.who, use.expression) for use in found.uses] == [("fc", "output")]
