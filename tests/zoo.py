"""Networks in the styles that people write, each with a batch: what explain is tried on.

A zoo is a dict: name → (function that makes a network, function that makes its inputs). Sizes
differ from each other: batch 3, timesteps 5, features 6, units 7, unless a network needs others.
"""

from functools import cache, partial

import keras
import numpy as np
import torch
from keras import layers
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from lstm_lessons.explaining.explanation import explain

TORCH, KERAS = {}, {}
untried = partial(explain, tried=False)  # what test_tries.py tries costs passes


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
    return network, given, explain(network, *given, tried=False)


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


@animal(TORCH, lambda: (words(3, 5), words(3, 4)))
def seq2seq_additive_attention():
    def attended(self, h, keys):
        scores = self.score(torch.tanh(self.query(h).unsqueeze(1) + self.key(keys)))
        return (torch.softmax(scores, 1) * keys).sum(1)

    def forward(self, source, target):
        keys, h = self.encoder(self.embedding(source))
        h, said = torch.tanh(self.bridge(torch.cat([h[-2], h[-1]], 1))), []
        for t in range(target.size(1)):
            looked = attended(self, h, keys)
            h = self.decoder(torch.cat([self.embedding(target[:, t]), looked], 1), h)
            said.append(self.out(torch.cat([h, looked], 1)))
        return torch.stack(said, 1)

    return module(
        forward,
        embedding=nn.Embedding(20, 6),
        encoder=nn.GRU(6, 7, bidirectional=True, batch_first=True),
        bridge=nn.Linear(14, 8),
        query=nn.Linear(8, 9),
        key=nn.Linear(14, 9),
        score=nn.Linear(9, 1),
        decoder=nn.GRUCell(6 + 14, 8),
        out=nn.Linear(8 + 14, 20),
    )


@animal(TORCH, lambda: (words(3, 5), words(3, 4)))
def seq2seq_dot_attention():
    def forward(self, source, target):
        keys, states = self.encoder(self.embedding(source))
        queries, _ = self.decoder(self.embedding(target), states)
        weights = torch.softmax(torch.bmm(queries, keys.transpose(1, 2)), -1)
        context = torch.bmm(weights, keys)
        return self.out(torch.tanh(self.join(torch.cat([queries, context], -1))))

    return module(
        forward,
        embedding=nn.Embedding(20, 6),
        encoder=nn.LSTM(6, 7, num_layers=2, batch_first=True),
        decoder=nn.LSTM(6, 7, num_layers=2, batch_first=True),
        join=nn.Linear(14, 7),
        out=nn.Linear(7, 20),
    )


@animal(TORCH, lambda: (words(3, 4),))
def pointer_network():
    def forward(self, cities):
        keys, (h, c) = self.encoder(self.embedding(cities))
        h, c, step, chosen = h[-1], c[-1], self.start.expand(len(keys), -1), []
        for _ in range(cities.size(1)):
            h, c = self.decoder(step, (h, c))
            scores = self.v(torch.tanh(self.key(keys) + self.query(h)[:, None])).squeeze(-1)
            chosen.append(torch.log_softmax(scores, 1))
            step = self.embedding(cities.gather(1, scores.argmax(1, keepdim=True)).squeeze(1))
        return torch.stack(chosen, 1)

    return module(
        forward,
        embedding=nn.Embedding(20, 6),
        encoder=nn.LSTM(6, 7, batch_first=True),
        decoder=nn.LSTMCell(6, 7),
        start=nn.Parameter(torch.zeros(6)),
        key=nn.Linear(7, 8),
        query=nn.Linear(7, 8),
        v=nn.Linear(8, 1),
    )


@animal(TORCH, lambda: (words(3, 1),))
def char_rnn_generates():
    def forward(self, start):
        token, hidden, text = start, None, [start]
        for _ in range(6):
            letters = nn.functional.one_hot(token, 20).float()
            output, hidden = self.rnn(letters, hidden)
            token = self.head(output[:, -1]).argmax(-1, keepdim=True)
            text.append(token)
        return torch.cat(text, 1)

    return module(forward, rnn=nn.RNN(20, 7, num_layers=2, batch_first=True), head=nn.Linear(7, 20))


@animal(TORCH, TEXT)
def crf_like_tagger():
    def forward(self, x):
        scores = self.emit(self.lstm(self.emb(x))[0])
        best, back = scores[:, 0], []
        for t in range(1, scores.size(1)):
            best, at = (best[:, :, None] + self.moves).max(1)
            best = best + scores[:, t]
            back.append(at)
        tags = [best.argmax(-1)]
        for at in reversed(back):
            tags.insert(0, at.gather(1, tags[0][:, None]).squeeze(1))
        return best.max(-1).values, torch.stack(tags, 1)

    return module(
        forward,
        emb=nn.Embedding(20, 6),
        lstm=nn.LSTM(6, 7, bidirectional=True, batch_first=True),
        emit=nn.Linear(14, 4),
        moves=nn.Parameter(torch.randn(4, 4)),
    )


@animal(TORCH, lambda: (words(5, 3),))
def tied_language_model():
    class Locked(nn.Module):
        def forward(self, x):
            if not self.training:
                return x
            return x * torch.empty_like(x[:1]).bernoulli_(0.5) * 2

    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.lock, self.embedding = Locked(), nn.Embedding(20, 6)
            sizes = [(6, 9), (9, 8), (8, 6)]
            self.rnns = nn.ModuleList([nn.LSTM(read, units) for read, units in sizes])
            self.out = nn.Linear(6, 20)
            self.out.weight = self.embedding.weight

        def forward(self, x):
            x, states = self.lock(self.embedding(x)), []
            for rnn in self.rnns:
                x, state = rnn(x)
                states.append(state)
                x = self.lock(x)
            return self.out(x), states

    return Tied()


@animal(TORCH, batch(3, 4, 12))
def conv_then_lstm():
    def forward(self, signal):
        x = torch.relu(self.conv(signal)).permute(0, 2, 1)
        _, (h, _) = self.lstm(x)
        return self.fc(h[-1])

    return module(
        forward,
        conv=nn.Conv1d(4, 6, 3, stride=2),
        lstm=nn.LSTM(6, 7, batch_first=True),
        fc=nn.Linear(7, 2),
    )


@animal(TORCH, batch(3, 1, 8, 20))
def text_in_pictures():
    class Both(nn.Module):
        def __init__(self, read, units, out):
            super().__init__()
            self.rnn = nn.LSTM(read, units, bidirectional=True)
            self.embedding = nn.Linear(2 * units, out)

        def forward(self, x):
            recurrent, _ = self.rnn(x)
            steps, b, h = recurrent.size()
            return self.embedding(recurrent.view(steps * b, h)).view(steps, b, -1)

    class Reads(nn.Module):
        def __init__(self):
            super().__init__()
            self.cnn = nn.Sequential(nn.Conv2d(1, 6, 3), nn.ReLU(), nn.MaxPool2d((6, 2)))
            self.rnn = nn.Sequential(Both(6, 7, 8), Both(8, 9, 11))

        def forward(self, x):
            return self.rnn(self.cnn(x).squeeze(2).permute(2, 0, 1))

    return Reads()


@animal(TORCH, batch(5, 3, 6))
def summed_directions():
    class Summed(nn.Module):
        def __init__(self, read):
            super().__init__()
            self.norm, self.rnn = nn.BatchNorm1d(read), nn.GRU(read, 7, bidirectional=True)

        def forward(self, x):
            t, n = x.shape[:2]
            x = self.norm(x.reshape(t * n, -1)).view(t, n, -1)
            x, _ = self.rnn(x)
            return x.view(t, n, 2, -1).sum(2)

    return nn.Sequential(Summed(6), Summed(7), nn.Linear(7, 4))


@animal(TORCH, batch(3, 8, 6))
def pyramid():
    def forward(self, x):
        for layer in self.layers:
            x, _ = layer(x)
            b, t, units = x.shape
            x = x.reshape(b, t // 2, 2 * units)
        return self.fc(x)

    sizes = [(6, 7), (28, 9)]
    layers_ = nn.ModuleList(
        nn.LSTM(read, units, bidirectional=True, batch_first=True) for read, units in sizes
    )
    return module(forward, layers=layers_, fc=nn.Linear(36, 3))


@animal(TORCH, X)
def stack_of_cells():
    def forward(self, x):
        states = [(x.new_zeros(len(x), 6), x.new_zeros(len(x), 6)) for _ in self.cells]
        every = []
        for step in x.unbind(1):
            for number, cell in enumerate(self.cells):
                states[number] = cell(step, states[number])
                step = step + states[number][0]
            every.append(step)
        return torch.stack(every, 1)

    return module(forward, cells=nn.ModuleList(nn.LSTMCell(6, 6) for _ in range(3)))


@animal(TORCH, padded_text)
def packed_by_hand():
    def forward(self, text, lengths):
        lengths, order = lengths.sort(descending=True)
        packed = pack_padded_sequence(self.embedding(text[order]), lengths, batch_first=True)
        output, _ = pad_packed_sequence(self.gru(packed)[0], batch_first=True)
        last = (lengths - 1).view(-1, 1, 1).expand(-1, 1, output.size(-1))
        return self.fc(output.gather(1, last).squeeze(1)[order.argsort()])

    return module(
        forward,
        embedding=nn.Embedding(20, 6, padding_idx=0),
        gru=nn.GRU(6, 7, batch_first=True),
        fc=nn.Linear(7, 2),
    )


@animal(TORCH, padded_text)
def packed_and_pooled():
    def forward(self, text, lengths):
        packed = pack_padded_sequence(
            self.embedding(text), lengths, batch_first=True, enforce_sorted=False
        )
        output, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        mean = output.sum(1) / lengths[:, None]
        return self.fc(torch.cat([mean, output.max(1).values], 1))

    return module(
        forward,
        embedding=nn.Embedding(20, 6, padding_idx=0),
        lstm=nn.LSTM(6, 7, batch_first=True),
        fc=nn.Linear(14, 2),
    )


@animal(TORCH, batch(3, 4, 5, 6))
def documents():
    class Attends(nn.Module):
        def __init__(self, read, units):
            super().__init__()
            self.rnn = nn.GRU(read, units, bidirectional=True, batch_first=True)
            self.weigh = nn.Linear(2 * units, 1, bias=False)

        def forward(self, x):
            every, _ = self.rnn(x)
            return (torch.softmax(self.weigh(every), 1) * every).sum(1)

    def forward(self, x):
        b, sentences = x.shape[:2]
        return self.fc(self.upper(self.lower(x.flatten(0, 1)).view(b, sentences, -1)))

    return module(forward, lower=Attends(6, 7), upper=Attends(14, 8), fc=nn.Linear(16, 2))


@animal(TORCH, batch(3, 5, 8))
def transformer_then_lstm():
    def forward(self, x):
        x = self.transformer(x)
        every, (h, _) = self.lstm(x)
        looked, _ = self.attention(h[-1:].transpose(0, 1), every, every)
        return self.fc(looked.squeeze(1))

    return module(
        forward,
        transformer=nn.TransformerEncoder(
            nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 1, enable_nested_tensor=False
        ),
        lstm=nn.LSTM(8, 6, batch_first=True),
        attention=nn.MultiheadAttention(6, 2, batch_first=True),
        fc=nn.Linear(6, 2),
    )


@animal(TORCH, X)
def variational_autoencoder():
    def forward(self, x):
        _, (h, _) = self.encoder(x)
        mean, spread = self.mean(h[-1]), self.spread(h[-1])
        z = mean + torch.randn_like(spread) * torch.exp(spread / 2)
        h = torch.tanh(self.begin(z)).unsqueeze(0)
        every, _ = self.decoder(z.unsqueeze(1).repeat(1, x.size(1), 1), (h, torch.zeros_like(h)))
        return self.out(every), mean, spread

    return module(
        forward,
        encoder=nn.LSTM(6, 7, batch_first=True),
        mean=nn.Linear(7, 4),
        spread=nn.Linear(7, 4),
        begin=nn.Linear(4, 8),
        decoder=nn.LSTM(4, 8, batch_first=True),
        out=nn.Linear(8, 6),
    )


@animal(TORCH, X)
def learned_beginnings():
    class Learned(nn.Module):
        def __init__(self):
            super().__init__()
            self.begin = nn.ParameterList([nn.Parameter(torch.randn(2, 1, 7)) for _ in range(2)])
            self.rnns = nn.ModuleDict(
                {
                    "slow": nn.LSTM(6, 7, num_layers=2, batch_first=True),
                    "fast": nn.LSTM(6, 7, num_layers=2, batch_first=True, proj_size=4),
                }
            )
            self.heads = nn.ModuleDict({"slow": nn.Linear(7, 2), "fast": nn.Linear(4, 2)})

        def forward(self, x):
            states = tuple(one.expand(-1, len(x), -1).contiguous() for one in self.begin)
            slow = self.rnns["slow"](input=x, hx=states)[0]
            fast = self.rnns["fast"](x)[0]
            return {"slow": self.heads["slow"](slow[:, -1]), "fast": self.heads["fast"](fast)}

    return Learned()


@animal(TORCH, lambda: (floats(3, 6), (floats(3, 7), floats(3, 7))))
def agent_with_a_memory():
    def forward(self, seen, states):
        h, c = self.memory(torch.relu(self.look(seen)), states)
        return self.act(h), self.value(h), (h, c)

    return module(
        forward,
        look=nn.Linear(6, 5),
        memory=nn.LSTMCell(5, 7),
        act=nn.Linear(7, 4),
        value=nn.Linear(7, 1),
    )


@animal(TORCH, X)
def both_ways_by_hand():
    def forward(self, x):
        onward, _ = self.onward(x)
        back, _ = self.back(x.flip(1))
        return self.fc(torch.cat([onward, back.flip(1)], -1))

    return module(
        forward,
        onward=nn.LSTM(6, 7, batch_first=True),
        back=nn.LSTM(6, 8, batch_first=True),
        fc=nn.Linear(15, 3),
    )


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


@animal(KERAS, lambda: (words(3, 5), words(3, 4)))
def k_additive_attention():
    source, target = keras.Input((None,)), keras.Input((None,))
    embedding = layers.Embedding(20, 6)
    encoder = layers.Bidirectional(
        layers.LSTM(7, return_sequences=True, return_state=True), name="encoder"
    )
    keys, forward_h, forward_c, backward_h, backward_c = encoder(embedding(source))
    h = layers.Concatenate()([forward_h, backward_h])
    c = layers.Concatenate()([forward_c, backward_c])
    decoder = layers.LSTM(14, return_sequences=True, name="decoder")
    queries = decoder(embedding(target), initial_state=[h, c])
    looked = layers.AdditiveAttention()([queries, keys])
    joined = layers.Concatenate()([queries, looked])
    return keras.Model([source, target], layers.Dense(20, activation="softmax")(joined))


@animal(KERAS, lambda: (floats(3, 9), words(3, 5)))
def k_caption():
    picture, text = keras.Input((9,)), keras.Input((5,))
    begin = layers.Dense(7, activation="relu")(picture)
    read = layers.Embedding(20, 6)(text)
    every = layers.GRU(7, return_sequences=True)(read, initial_state=begin)
    return keras.Model([picture, text], layers.TimeDistributed(layers.Dense(20))(every))


@animal(KERAS, batch(3, 12, 4))
def k_conv_then_lstm():
    return stack(
        keras.Input((12, 4)),
        layers.Conv1D(6, 3, activation="relu"),
        layers.MaxPooling1D(2),
        layers.LSTM(7, return_sequences=True),
        layers.LSTM(8),
        layers.Dense(3, activation="softmax"),
    )


@animal(KERAS, X)
def k_reset_before():
    return stack(
        keras.Input((5, 6)),
        layers.GRU(7, reset_after=False, return_sequences=True),
        layers.GRU(8, reset_after=False, use_bias=False),
    )


@animal(KERAS, batch(3, 5, 8, 9, 1))
def k_next_frames():
    return stack(
        keras.Input((5, 8, 9, 1)),
        layers.ConvLSTM2D(4, 3, padding="same", return_sequences=True),
        layers.BatchNormalization(),
        layers.ConvLSTM2D(3, 3, padding="same", return_sequences=True),
        layers.Conv3D(1, 3, padding="same", activation="sigmoid"),
    )


@animal(KERAS, batch(3, 5, 11, 2))
def k_conv_lstm_1d():
    return stack(
        keras.Input((5, 11, 2)), layers.ConvLSTM1D(4, 3), layers.Flatten(), layers.Dense(2)
    )


@animal(KERAS, X)
def k_masked_numbers():
    return stack(
        keras.Input((None, 6)),
        layers.Masking(-1.0),
        layers.Bidirectional(layers.GRU(7, return_sequences=True), merge_mode="ave"),
        layers.LSTM(8, return_sequences=True),
        layers.TimeDistributed(layers.Dense(3)),
    )


@animal(KERAS, X)
def k_cells_every_step():
    cells = [layers.LSTMCell(7), layers.LSTMCell(9)]
    return stack(
        keras.Input((5, 6)),
        layers.RNN(layers.StackedRNNCells(cells), return_sequences=True),
        layers.Dense(2),
    )


@animal(KERAS, lambda: (floats(3, 5, 6), floats(3, 4, 6)))
def k_siamese():
    encoder = keras.Sequential(
        [keras.Input((None, 6)), layers.Bidirectional(layers.LSTM(7)), layers.Dense(4)], name="code"
    )
    a, b = keras.Input((None, 6)), keras.Input((None, 6))
    return keras.Model([a, b], layers.Dot(-1, normalize=True)([encoder(a), encoder(b)]))


@animal(KERAS, batch(3, 5, 8))
def k_transformer_then_lstm():
    x = keras.Input((5, 8))
    looked = layers.MultiHeadAttention(2, 4)(x, x)
    y = layers.LayerNormalization()(layers.Add()([x, looked]))
    y = layers.Dropout(0.1)(layers.LSTM(7, return_sequences=True)(y))
    return keras.Model(x, layers.Dense(1)(layers.GlobalMaxPooling1D()(y)))


@animal(KERAS, X)
def k_residual_stack():
    x = keras.Input((5, 6))
    y = x
    for _ in range(3):
        y = layers.Add()([y, layers.LSTM(6, return_sequences=True, recurrent_dropout=0.1)(y)])
    return keras.Model(x, [y, layers.Dense(2)(layers.Lambda(lambda one: one[:, -1])(y))])


@animal(KERAS, lambda: ({"series": floats(3, 5, 6), "facts": floats(3, 2), "day": words(3, 1)},))
def k_named_inputs():
    series, facts = keras.Input((5, 6), name="series"), keras.Input((2,), name="facts")
    day = keras.Input((1,), name="day")
    which = layers.Flatten()(layers.Embedding(20, 3)(day))
    both = layers.Concatenate()([layers.GRU(7)(series), facts, which])
    outputs = {"rise": layers.Dense(1, name="rise")(both), "kind": layers.Dense(4)(both)}
    return keras.Model({"series": series, "facts": facts, "day": day}, outputs)


@animal(KERAS, TEXT)
def k_subclassed_with_keywords():
    class Classifier(keras.Model):
        def __init__(self, units=7, **kwargs):
            super().__init__(**kwargs)
            self.embedding = layers.Embedding(20, 6, mask_zero=True)
            self.rnn = layers.Bidirectional(layers.LSTM(units, dropout=0.1))
            self.drop, self.out = layers.Dropout(0.5), layers.Dense(3)

        def build(self, shape):
            self.embedding.build(shape)
            self.rnn.build((*shape, 6))
            self.out.build((shape[0], 14))
            self.built = True

        def call(self, inputs, training=None, mask=None):
            x = self.embedding(inputs)
            x = self.rnn(x, mask=self.embedding.compute_mask(inputs), training=training)
            return self.out(self.drop(x, training=training))

    return Classifier(name="classifier")


@animal(KERAS, X)
def k_both_ways_by_hand():
    x = keras.Input((5, 6))
    onward = layers.LSTM(7, return_sequences=True)(x)
    back = layers.LSTM(8, return_sequences=True, go_backwards=True)(x)
    back = layers.Lambda(lambda one: keras.ops.flip(one, 1))(back)
    return keras.Model(x, layers.Dense(3)(layers.Concatenate()([onward, back])))


@animal(KERAS, lambda: (words(3, 4, 5),))
def k_documents():
    sentence = keras.Input((5,))
    read = layers.GRU(7)(layers.Embedding(20, 6)(sentence))
    reader = keras.Model(sentence, read, name="reader")
    text = keras.Input((4, 5))
    both = layers.Bidirectional(layers.LSTM(8))(layers.TimeDistributed(reader)(text))
    return keras.Model(text, layers.Dense(2)(both))


@animal(KERAS, batch(2, 5, 6))
def k_stateful_stack():
    return stack(
        keras.Input(batch_shape=(2, 5, 6)),
        layers.GRU(7, stateful=True, return_sequences=True),
        layers.LSTM(8, stateful=True),
        layers.Dense(1),
    )


ALL = TORCH | KERAS
