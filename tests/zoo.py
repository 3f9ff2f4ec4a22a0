"""Networks in the styles that people write, each with a batch: what explain is tried on.

A zoo is a dict: name → (function that makes a network, function that makes its inputs). Sizes
differ from each other: batch 3, timesteps 5, features 6, units 7, unless a network needs others.
"""

from functools import cache

import keras
import numpy as np
import torch
from keras import layers
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from lstm_lessons.explaining.explanation import explain

TORCH, KERAS = {}, {}


def floats(*shape):
    """Return numbers of a shape, always the same."""
    return np.random.default_rng(1).standard_normal(shape).astype("float32")


def words(*shape, vocabulary=20):
    """Return whole numbers from 1 of a shape, always the same."""
    return np.random.default_rng(2).integers(1, vocabulary, shape)


def batch(*shape):
    """Return a function that makes the inputs: one batch of numbers."""
    return lambda: (floats(*shape),)


def animal(zoo, inputs):
    """Return a decorator that puts a function which makes a network into a zoo."""

    def put(make):
        zoo[make.__name__] = (make, inputs)
        return make

    return put


def module(forward, name="Network", **parts):
    """Return a torch Module of these parts with this forward(self, …)."""
    return _with(type(name, (nn.Module,), {"forward": forward})(), parts)


def model(call, name="Network", kind=keras.Model, **parts):
    """Return a Keras model of these parts with this call(self, …)."""
    return _with(type(name, (kind,), {"call": call})(), parts)


def _with(network, parts):
    for name, part in parts.items():
        setattr(network, name, part)
    return network


def stack(*layers):
    """Return a Sequential of Keras."""
    return keras.Sequential([*layers])


def torch_head(pick, features=14, **settings):
    """Return an LSTM and a Linear on what pick takes of its output and its h_n."""

    def forward(self, x):
        output, (h_n, _) = self.rnn(x)
        return self.fc(pick(output, h_n))

    settings = {"batch_first": True} | settings
    return module(forward, rnn=nn.LSTM(6, 7, **settings), fc=nn.Linear(features, 2))


@cache
def explained(name):
    """Return a network of the zoo with its inputs and its Explanation, always the same ones."""
    make, inputs = ALL[name]
    network, given = make(), inputs()
    return network, given, explain(network, *given)


def kinds(found):
    """Return the kinds of the warnings in an Explanation."""
    return [warned.kind for warned in found.warnings]


X = batch(3, 5, 6)


def TEXT():
    return (words(3, 5),)


# PyTorch


@animal(TORCH, X)
def bare_lstm():
    return nn.LSTM(6, 7, batch_first=True)


@animal(TORCH, batch(5, 3, 6))
def bare_gru_time_major():
    return nn.GRU(6, 7, num_layers=2)


@animal(TORCH, TEXT)
def sentiment_classifier():
    def forward(self, text):
        _, (hidden, _) = self.lstm(self.embedding(text))
        return self.fc(self.dropout(hidden[-1]))

    return module(
        forward,
        embedding=nn.Embedding(20, 6),
        lstm=nn.LSTM(6, 7, batch_first=True),
        dropout=nn.Dropout(0.5),
        fc=nn.Linear(7, 2),
    )


@animal(TORCH, TEXT)
def bidirectional_classifier():
    def forward(self, x):
        _, (h, _) = self.rnn(self.emb(x))
        return self.out(torch.cat([h[-2], h[-1]], dim=1))

    return module(
        forward,
        emb=nn.Embedding(20, 6, padding_idx=0),
        rnn=nn.LSTM(6, 7, num_layers=2, bidirectional=True, batch_first=True),
        out=nn.Linear(14, 4),
    )


@animal(TORCH, TEXT)
def bidirectional_last_step():
    def forward(self, x):
        y, _ = self.rnn(self.emb(x))
        return self.out(y[:, -1, :])

    return module(
        forward,
        emb=nn.Embedding(20, 6),
        rnn=nn.GRU(6, 7, bidirectional=True, batch_first=True),
        out=nn.Linear(14, 4),
    )


@animal(TORCH, TEXT)
def tagger():
    return module(
        lambda self, x: self.tags(self.lstm(self.emb(x))[0]),
        emb=nn.Embedding(20, 6),
        lstm=nn.LSTM(6, 7, bidirectional=True, batch_first=True),
        tags=nn.Linear(14, 4),
    )


@animal(TORCH, lambda: (words(5, 3),))
def language_model_time_major():
    class LanguageModel(nn.Module):
        def __init__(self):
            super().__init__()
            self.drop = nn.Dropout(0.2)
            self.encoder = nn.Embedding(20, 7)
            self.rnn = nn.LSTM(7, 7, 2, dropout=0.2)
            self.decoder = nn.Linear(7, 20)
            self.decoder.weight = self.encoder.weight
            self.hidden = None

        def forward(self, x):
            output, self.hidden = self.rnn(self.drop(self.encoder(x)), self.hidden)
            return self.decoder(self.drop(output).view(-1, 7))

    return LanguageModel()


@animal(TORCH, lambda: (floats(3, 8, 1),))
def forecaster():
    def forward(self, x):
        h0, c0 = torch.zeros(2, x.size(0), 7), torch.zeros(2, x.size(0), 7)
        out, _ = self.lstm(x, (h0, c0))
        return self.linear(out[:, -1])

    return module(forward, lstm=nn.LSTM(1, 7, 2, batch_first=True), linear=nn.Linear(7, 1))


@animal(TORCH, lambda: (words(3, 5), words(3, 4)))
def encoder_decoder():
    class Encoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(20, 6)
            self.rnn = nn.LSTM(6, 7, batch_first=True)

        def forward(self, x):
            return self.rnn(self.embedding(x))[1]

    class Decoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(20, 8)
            self.rnn = nn.LSTM(8, 7, batch_first=True)
            self.out = nn.Linear(7, 20)

        def forward(self, y, state):
            output, state = self.rnn(self.embedding(y), state)
            return self.out(output), state

    class Seq2Seq(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder, self.decoder = Encoder(), Decoder()

        def forward(self, x, y):
            return self.decoder(y, self.encoder(x))[0]

    return Seq2Seq()


@animal(TORCH, TEXT)
def greedy_decoder():
    def forward(self, x):
        _, h = self.encoder(self.embedding(x))
        token, said = x[:, :1], []
        for _ in range(4):
            y, h = self.decoder(self.embedding(token), h)
            said.append(self.out(y))
            token = said[-1].argmax(-1)
        return torch.cat(said, 1)

    return module(
        forward,
        embedding=nn.Embedding(20, 6),
        encoder=nn.GRU(6, 7, batch_first=True),
        decoder=nn.GRU(6, 7, batch_first=True),
        out=nn.Linear(7, 20),
    )


@animal(TORCH, X)
def autoencoder():
    def forward(self, x):
        _, (h, _) = self.encode(x)
        return self.decode(h[-1].unsqueeze(1).repeat(1, x.size(1), 1))[0]

    return module(
        forward, encode=nn.LSTM(6, 7, batch_first=True), decode=nn.LSTM(7, 6, batch_first=True)
    )


@animal(TORCH, TEXT)
def attention_on_top():
    class Attention(nn.Module):
        def __init__(self):
            super().__init__()
            self.score = nn.Linear(14, 1)

        def forward(self, output):
            weights = torch.softmax(self.score(output), dim=1)
            return (weights * output).sum(1)

    class Attended(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(20, 6)
            self.lstm = nn.LSTM(6, 7, bidirectional=True, batch_first=True)
            self.attention = Attention()
            self.fc = nn.Linear(14, 3)

        def forward(self, x):
            return self.fc(self.attention(self.lstm(self.embedding(x))[0]))

    return Attended()


@animal(TORCH, batch(3, 5, 8))
def multihead_on_top():
    def forward(self, x):
        y, _ = self.gru(x)
        return self.norm(y + self.attention(y, y, y)[0])

    return module(
        forward,
        gru=nn.GRU(8, 6, batch_first=True),
        attention=nn.MultiheadAttention(6, 2, batch_first=True),
        norm=nn.LayerNorm(6),
    )


@animal(TORCH, batch(3, 5, 1, 8, 8))
def cnn_lstm():
    def forward(self, video):
        b, t = video.shape[:2]
        frames = self.cnn(video.flatten(0, 1)).view(b, t, -1)
        return self.fc(self.rnn(frames)[0][:, -1])

    return module(
        forward,
        cnn=nn.Sequential(
            nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(1)
        ),
        rnn=nn.LSTM(4, 7, batch_first=True),
        fc=nn.Linear(7, 2),
    )


@animal(TORCH, lambda: (floats(3, 5, 6), floats(3, 2)))
def two_inputs():
    def forward(self, series, facts):
        _, h = self.gru(series)
        return self.fc(torch.cat([h.squeeze(0), facts], 1))

    return module(forward, gru=nn.GRU(6, 7, batch_first=True), fc=nn.Linear(9, 1))


@animal(TORCH, lambda: ({"series": floats(3, 5, 6), "facts": floats(3, 2)},))
def dict_input():
    return module(
        lambda self, batch: {"y": self.rnn(batch["series"])[1][-1] + self.fc(batch["facts"])},
        rnn=nn.RNN(6, 7, nonlinearity="relu", batch_first=True),
        fc=nn.Linear(2, 7),
    )


def padded_text():
    text = torch.tensor(words(3, 5))
    text[1, 3:] = 0
    text[2, 2:] = 0
    return text, torch.tensor([5, 3, 2])


@animal(TORCH, padded_text)
def packed_classifier():
    def forward(self, text, lengths):
        packed = pack_padded_sequence(
            self.embedding(text), lengths, batch_first=True, enforce_sorted=False
        )
        output, (h, _) = self.lstm(packed)
        pad_packed_sequence(output, batch_first=True)
        return self.fc(torch.cat([h[-2], h[-1]], 1))

    return module(
        forward,
        embedding=nn.Embedding(20, 6, padding_idx=0),
        lstm=nn.LSTM(6, 7, bidirectional=True, batch_first=True),
        fc=nn.Linear(14, 2),
    )


@animal(TORCH, X)
def projected():
    return nn.LSTM(6, 9, num_layers=2, proj_size=4, bidirectional=True, batch_first=True)


@animal(TORCH, batch(5, 6))
def unbatched():
    return nn.LSTM(6, 7)


@animal(TORCH, X)
def cell_loop():
    def forward(self, x):
        h, c, g = torch.zeros(len(x), 7), torch.zeros(len(x), 7), None
        for t in range(x.size(1)):
            h, c = self.cell(x[:, t], (h, c))
            g = self.gru(h, g)
        return g

    return module(forward, cell=nn.LSTMCell(6, 7), gru=nn.GRUCell(7, 8))


@animal(TORCH, lambda: (words(3, 5), words(3, 4)))
def siamese():
    class Siamese(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(20, 6)
            self.lstm = nn.LSTM(6, 7, batch_first=True)

        def encode(self, x):
            return self.lstm(self.embedding(x))[1][0][-1]

        def forward(self, a, b):
            return (self.encode(a) - self.encode(b)).abs().sum(-1)

    return Siamese()


@animal(TORCH, X)
def residual_stack():
    def forward(self, x):
        for layer in self.layers:
            x = x + layer(x)[0]
        return x

    return module(forward, layers=nn.ModuleList(nn.GRU(6, 6, batch_first=True) for _ in range(3)))


@animal(TORCH, X)
def lazy_head():
    class Select(nn.Module):
        def forward(self, returned):
            return returned[0]

    return nn.Sequential(nn.LSTM(6, 7, batch_first=True), Select(), nn.LazyLinear(4))


# Keras


@animal(KERAS, X)
def k_bare_lstm():
    return layers.LSTM(7, return_sequences=True, return_state=True)


@animal(KERAS, TEXT)
def k_sentiment_classifier():
    return stack(
        keras.Input((None,), dtype="int32"),
        layers.Embedding(20, 6),
        layers.LSTM(7, dropout=0.2, recurrent_dropout=0.2),
        layers.Dense(1, activation="sigmoid"),
    )


@animal(KERAS, TEXT)
def k_bidirectional_masked():
    return stack(
        layers.Embedding(20, 6, mask_zero=True),
        layers.Bidirectional(layers.LSTM(7, return_sequences=True)),
        layers.Bidirectional(layers.GRU(8)),
        layers.Dense(4, activation="softmax"),
    )


@animal(KERAS, TEXT)
def k_tagger():
    return stack(
        keras.Input((5,)),
        layers.Embedding(20, 6),
        layers.Bidirectional(layers.LSTM(7, return_sequences=True), merge_mode="sum"),
        layers.TimeDistributed(layers.Dense(4, activation="softmax")),
    )


@animal(KERAS, lambda: (floats(3, 5, 6), floats(3, 4, 6)))
def k_encoder_decoder():
    source, target = keras.Input((None, 6)), keras.Input((None, 6))
    _, h, c = layers.LSTM(7, return_state=True, name="encoder")(source)
    decoder = layers.LSTM(7, return_sequences=True, return_state=True, name="decoder")
    output, _, _ = decoder(target, initial_state=[h, c])
    return keras.Model([source, target], layers.Dense(6)(output))


@animal(KERAS, TEXT)
def k_language_model():
    class LanguageModel(keras.Model):
        def __init__(self):
            super().__init__()
            self.embedding = layers.Embedding(20, 6)
            self.gru = layers.GRU(7, return_sequences=True, return_state=True)
            self.dense = layers.Dense(20)

        def build(self, shape):
            self.embedding.build(shape)
            self.gru.build((*shape, 6))
            self.dense.build((*shape, 7))
            self.built = True

        def call(self, x, states=None, training=False):
            x, states = self.gru(self.embedding(x), initial_state=states, training=training)
            return self.dense(x)

    return LanguageModel()


@animal(KERAS, batch(3, 8, 1))
def k_forecaster():
    return stack(
        keras.Input((8, 1)),
        layers.LSTM(9, return_sequences=True),
        layers.Dropout(0.2),
        layers.LSTM(7),
        layers.Dense(1),
    )


@animal(KERAS, X)
def k_autoencoder():
    return stack(
        keras.Input((5, 6)),
        layers.LSTM(7),
        layers.RepeatVector(5),
        layers.LSTM(8, return_sequences=True),
        layers.TimeDistributed(layers.Dense(6)),
    )


@animal(KERAS, lambda: (floats(3, 5, 6), floats(3, 4, 6)))
def k_attention_on_top():
    source, target = keras.Input((None, 6)), keras.Input((None, 6))
    keys, h, c = layers.LSTM(7, return_sequences=True, return_state=True)(source)
    queries = layers.LSTM(7, return_sequences=True)(target, initial_state=[h, c])
    context = layers.Attention()([queries, keys])
    return keras.Model([source, target], layers.Concatenate()([queries, context]))


@animal(KERAS, X)
def k_multihead_on_top():
    x = keras.Input((5, 6))
    y = layers.GRU(7, return_sequences=True)(x)
    y = layers.Add()([y, layers.MultiHeadAttention(2, 4)(y, y)])
    return keras.Model(x, layers.GlobalAveragePooling1D()(layers.LayerNormalization()(y)))


@animal(KERAS, batch(3, 5, 8, 8, 1))
def k_cnn_lstm():
    return stack(
        keras.Input((5, 8, 8, 1)),
        layers.TimeDistributed(layers.Conv2D(4, 3)),
        layers.TimeDistributed(layers.GlobalMaxPooling2D()),
        layers.LSTM(7),
        layers.BatchNormalization(),
        layers.Dense(2),
    )


@animal(KERAS, lambda: (floats(3, 5, 6), floats(3, 2)))
def k_two_inputs():
    series, facts = keras.Input((5, 6)), keras.Input((2,))
    both = layers.Concatenate()([layers.SimpleRNN(7)(series), facts])
    return keras.Model([series, facts], layers.Dense(1)(both))


@animal(KERAS, X)
def k_last_step_by_hand():
    x = keras.Input((5, 6))
    y = layers.Bidirectional(layers.LSTM(7, return_sequences=True))(x)
    return keras.Model(x, layers.Dense(3)(y[:, -1, :]))


@animal(KERAS, lambda: (floats(3, 5, 6), floats(3, 4, 6)))
def k_shared():
    a, b = keras.Input((None, 6)), keras.Input((None, 6))
    lstm = layers.LSTM(7)
    return keras.Model([a, b], layers.Subtract()([lstm(a), lstm(b)]))


@animal(KERAS, X)
def k_nested():
    inner = keras.Sequential([keras.Input((5, 6)), layers.GRU(7, return_sequences=True)], name="in")
    x = keras.Input((5, 6))
    return keras.Model(x, layers.LSTM(8, go_backwards=True)(inner(x)))


@animal(KERAS, batch(3, 4, 5, 6))
def k_document():
    return stack(
        keras.Input((4, 5, 6)),
        layers.TimeDistributed(layers.LSTM(7)),
        layers.LSTM(8),
        layers.Dense(2),
    )


@animal(KERAS, X)
def k_stateful():
    return stack(keras.Input(batch_shape=(3, 5, 6)), layers.LSTM(7, stateful=True), layers.Dense(1))


@animal(KERAS, X)
def k_cells():
    x = keras.Input((5, 6))
    y, *states = layers.RNN([layers.LSTMCell(7), layers.GRUCell(8)], return_state=True)(x)
    return keras.Model(x, [y, states[1]])


@animal(KERAS, batch(3, 5, 8, 9, 1))
def k_conv_lstm():
    return stack(
        keras.Input((5, 8, 9, 1)), layers.ConvLSTM2D(4, 3), layers.Flatten(), layers.Dense(2)
    )


@animal(KERAS, X)
def k_subclassed():
    class Subclassed(keras.Model):
        def __init__(self):
            super().__init__()
            self.first = layers.Bidirectional(layers.GRU(7, return_sequences=True), merge_mode=None)
            self.second = layers.LSTM(8, return_state=True)
            self.never = layers.LSTM(9)
            self.dense = layers.Dense(3)

        def build(self, shape):
            self.built = True

        def call(self, x):
            forward, backward = self.first(x)
            _, _, c = self.second(forward + backward)
            return self.dense(c)

    return Subclassed()


@animal(KERAS, X)
def k_own_cell():
    class Minimal(keras.Layer):
        def __init__(self, units):
            super().__init__()
            self.units = self.state_size = units

        def build(self, shape):
            self.kernel = self.add_weight(shape=(shape[-1], self.units))

        def call(self, x, states):
            h = keras.ops.tanh(x @ self.kernel + states[0])
            return h, [h]

    return keras.Sequential([keras.Input((5, 6)), layers.RNN(Minimal(7), return_sequences=True)])


@animal(KERAS, X)
def k_unlike_directions():
    return layers.Bidirectional(
        layers.LSTM(7, return_sequences=True, return_state=True),
        backward_layer=layers.LSTM(4, return_sequences=True, return_state=True, go_backwards=True),
    )


ALL = TORCH | KERAS
