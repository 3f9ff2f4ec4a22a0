"""Meaning, by experiment: what is changed, what moves, and what is found without any rule."""

import os

import keras
import numpy as np
import pytest
import torch
import zoo
from keras import layers, ops
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence, pad_packed_sequence
from zoo import floats, kinds, module, stack, torch_head, words

from lstm_lessons.explaining import explanation, findings
from lstm_lessons.explaining.explanation import explain
from lstm_lessons.explaining.tries import KINDS

X = floats(3, 5, 6)


def padded(batch, *lengths):
    """Return a batch whose sequences end in zeros after their lengths."""
    for sequence, length in zip(batch := batch.copy(), lengths, strict=True):
        sequence[length:] = 0
    return batch


SHUFFLED = padded(X, 2, 5, 3)
SHORT, TEXT = padded(X, 5, 3, 2), padded(words(3, 5), 5, 3, 2)


def lstm(**settings):
    return nn.LSTM(6, 7, **{"batch_first": True} | settings)


def head(then, **parts):
    """Return an LSTM of batches and what comes then, of the network and the LSTM's output."""
    parts = {"rnn": lstm(), "fc": nn.Linear(7, 2)} | parts
    return module(lambda self, x: then(self, self.rnn(x)[0]), **parts)


def embedded(then=lambda self, x: self.fc(self.rnn(self.embed(x))[0][:, -1]), **parts):
    """Return a network that reads words."""
    parts = {"embed": nn.Embedding(20, 6), "rnn": lstm(), "fc": nn.Linear(7, 2)} | parts
    return module(then, **parts)


def graph(make, shape=(5, 6)):
    """Return a functional model of Keras of what is made of its input."""
    x = keras.Input(shape)
    return keras.Model(x, make(x))


def in_order(then):
    """Return an LSTM that reads sequences sorted by their lengths, and what comes then, of its
    output, of its h_n and of the order.
    """

    def forward(self, x):
        lengths, order = (x != 0).any(-1).sum(1).sort(descending=True)
        y, (h, _) = self.rnn(pack_padded_sequence(x[order], lengths, batch_first=True))
        return then(pad_packed_sequence(y, True, total_length=x.shape[1])[0], h, order)

    return module(forward, rnn=lstm())


def softmax_of_padding():
    """Return an LSTM that reads packed sequences, and attention that also weighs their padding."""

    def forward(self, x):
        lengths = (x != 0).any(-1).sum(1)
        packed_ = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        y = pad_packed_sequence(self.rnn(packed_)[0], True, total_length=x.shape[1])[0]
        return (torch.softmax(self.score(y), 1) * y).sum(1)

    return module(forward, rnn=lstm(), score=nn.Linear(7, 1))


class OverBatch(nn.Module):
    """Normalises over the batch, as nobody means to."""

    def forward(self, x):
        return (x - x.mean(0)) / (x.std(0) + 0.1)


class Remembers(nn.Module):
    """Goes on from the states of the batch before."""

    def __init__(self):
        super().__init__()
        self.rnn, self.fc, self.states = lstm(), nn.Linear(7, 2), None

    def forward(self, x):
        output, self.states = self.rnn(x, self.states)
        return self.fc(output[:, -1])


FOUND = {
    "no batch_first, last": ("unreached", lambda: torch_head(LAST, 7, batch_first=False), X),
    "no batch_first, one batch": (
        "unreached",
        lambda: torch_head(LAST, 7, batch_first=False),
        X[:1],
    ),
    "no batch_first, square": (
        "unreached",
        lambda: torch_head(LAST, 7, batch_first=False),
        floats(5, 5, 6),
    ),
    "no batch_first, words": ("unreached", lambda: embedded(rnn=nn.LSTM(6, 7)), words(3, 5)),
    "no batch_first, mean": (
        "leaks",
        lambda: torch_head(lambda y, h: y.mean(1), 7, batch_first=False),
        X,
    ),
    "no batch_first, in a row": (
        "leaks",
        lambda: torch_head(lambda y, h: y.reshape(len(y), -1), 35, batch_first=False),
        X,
    ),
    "h_n.reshape": (
        "leaks",
        lambda: torch_head(lambda y, h: h.reshape(3, -1), 14, num_layers=2),
        X,
    ),
    "h_n.view": ("leaks", lambda: torch_head(lambda y, h: h.view(-1, 14), bidirectional=True), X),
    "h_n.view, then -1": (
        "leaks",
        lambda: torch_head(lambda y, h: h.view(3, 2, 7)[:, -1], 7, num_layers=2),
        X,
    ),
    "h_n.permute": (
        "unreached",
        lambda: torch_head(lambda y, h: h.permute(1, 0, 2)[-1], 7, num_layers=2),
        X,
    ),
    "x.view": (
        "leaks",
        lambda: module(
            lambda self, x: self.fc(self.rnn(x.view(5, 3, 6))[1][0][-1]),
            rnn=nn.LSTM(6, 7),
            fc=nn.Linear(7, 2),
        ),
        X,
    ),
    "output.view": ("unreached", lambda: head(lambda self, y: self.fc(y.reshape(5, 3, 7)[-1])), X),
    "output[-1]": ("unreached", lambda: torch_head(lambda y, h: y[-1], 7), X),
    "output[0]": ("unreached", lambda: torch_head(lambda y, h: y[0], 7), X),
    "output[-1], square": ("unreached", lambda: torch_head(lambda y, h: y[-1], 7), floats(5, 5, 6)),
    "output.mean(0)": ("leaks", lambda: torch_head(lambda y, h: y.mean(0), 7), X),
    "both": ("half_blind", lambda: torch_head(LAST, bidirectional=True), X),
    "both, relu": (
        "half_blind",
        lambda: torch_head(lambda y, h: y[:, -1].relu(), bidirectional=True),
        X,
    ),
    "both, long": ("half_blind", lambda: torch_head(LAST, bidirectional=True), floats(3, 60, 6)),
    "both, returned": (
        "half_blind",
        lambda: head(lambda self, y: y[:, -1], rnn=lstm(bidirectional=True)),
        X,
    ),
    "padding": ("reads_padding", lambda: torch_head(LAST, 7), SHORT),
    "padding of words": ("reads_padding", lambda: embedded(), TEXT),
    "padding, backwards": (
        "reads_padding",
        lambda: torch_head(lambda y, h: y, bidirectional=True),
        SHORT,
    ),
    "padding, mean": ("reads_padding", lambda: torch_head(lambda y, h: y.mean(1), 7), SHORT),
    "packed, softmax": ("reads_padding", lambda: softmax_of_padding(), SHORT),
    "norm": ("leaks", lambda: head(lambda self, y: self.fc(self.n(y[:, -1])), n=OverBatch()), X),
    "norm before": (
        "leaks",
        lambda: embedded(lambda self, x: self.fc(self.rnn(self.n(x))[0][:, -1]), n=OverBatch()),
        X,
    ),
    "norm of PyTorch's": (
        "leaks",
        lambda: head(
            lambda self, y: self.fc(self.n(y[:, -1])),
            n=nn.BatchNorm1d(7, track_running_stats=False),
        ),
        X,
    ),
    "softmax": ("leaks", lambda: head(lambda self, y: self.fc(y[:, -1]).softmax(0)), X),
    "attention": (
        "leaks",
        lambda: head(
            lambda self, y: self.a(y, y, y)[0][:, -1],
            rnn=nn.LSTM(6, 8, batch_first=True),
            a=nn.MultiheadAttention(8, 2),
        ),
        X,
    ),
    "left sorted": ("unsorted", lambda: in_order(lambda y, h, order: h[-1]), SHUFFLED),
    "state left sorted": (
        "unsorted",
        lambda: in_order(lambda y, h, order: (y[order.argsort()], h)),
        SHUFFLED,
    ),
    "left sorted, then mixed": (
        "leaks",
        lambda: in_order(lambda y, h, order: h[-1][order.argsort()].softmax(0)),
        SHUFFLED,
    ),
    "states": ("remembers", Remembers, X),
    "k_norm": (
        "leaks",
        lambda: graph(lambda x: (y := layers.LSTM(7)(x)) - ops.mean(y, 0, keepdims=True)),
        X,
    ),
    "k_last": (
        "unreached",
        lambda: graph(lambda x: layers.LSTM(7, return_sequences=True)(x)[-1]),
        X,
    ),
    "k_both": (
        "half_blind",
        lambda: graph(lambda x: k_both()(x)[:, -1]),
        X,
    ),
    "k_turned": (
        "leaks",
        lambda: zoo.model(
            lambda self, x: self.rnn(ops.transpose(x, (1, 0, 2))), rnn=layers.LSTM(7)
        ),
        X,
    ),
    "k_padding": ("reads_padding", lambda: graph(lambda x: layers.LSTM(7)(x), (None, 6)), SHORT),
    "k_padding, fixed": ("reads_padding", lambda: graph(lambda x: layers.LSTM(7)(x)), SHORT),
    "k_padding, dropout": (
        "reads_padding",
        lambda: graph(lambda x: layers.LSTM(7, dropout=0.5, recurrent_dropout=0.5)(x), (None, 6)),
        SHORT,
    ),
    "k_mask, mean": (
        "reads_padding",
        lambda: graph(
            lambda x: keras.ops.mean(
                layers.LSTM(7, return_sequences=True)(layers.Masking()(x)), axis=1
            ),
            (None, 6),
        ),
        SHORT,
    ),
    "k_padding of words": (
        "reads_padding",
        lambda: stack(layers.Embedding(20, 6), layers.LSTM(7)),
        TEXT,
    ),
}


def LAST(y, h):
    return y[:, -1]


def k_both():
    return layers.Bidirectional(layers.LSTM(7, return_sequences=True))


@pytest.fixture
def no_rules(monkeypatch):
    """No rule warns of anything."""
    monkeypatch.setattr(explanation, "warnings_of", lambda *_: [])


def each(table, fast=("k_both", "k_mask")):
    """Return the names in a table; those of Keras take long, and most are run with `more` alone."""
    slow = [name.startswith("k_") and name not in fast for name in table]
    return [
        pytest.param(name, marks=[pytest.mark.more] * late)
        for name, late in zip(table, slow, strict=True)
    ]


@pytest.mark.usefixtures("no_rules")
@pytest.mark.parametrize("name", each(FOUND))
def test_a_wrong_meaning_is_found_unaided_by_any_rule(name):
    kind, make, x = FOUND[name]
    torch.manual_seed(0)
    found = explain(make(), x)
    assert kinds(found) == [kind]
    (failed,) = [one for one in found.tried.tries if one.holds is False]
    assert failed.warned == found.warnings[0]
    assert failed.facts["most"] > 0
    assert "by up to " in found.warnings[0].seen
    assert found.tried.words.endswith((" 4 further passes.", " 5 further passes."))


def gathered(self, x, lengths):
    """Return what is made of each sequence's own last output."""
    return self.fc(self.rnn(x)[0][torch.arange(len(x)), lengths - 1])


def packed(self, x):
    """Return what is made of words, packed by where they end."""
    lengths = (x != 0).sum(1)
    x = pack_padded_sequence(self.embed(x), lengths, batch_first=True, enforce_sorted=False)
    return self.fc(self.rnn(x)[1][0][-1])


def sorted_first(self, x, padding):
    """Return what is made of sequences that are sorted by hand, by a mask of their padding."""
    lengths, order = (~padding).sum(1).sort(descending=True)
    x = pack_padded_sequence(x[order], lengths, batch_first=True)
    y, _ = pad_packed_sequence(self.rnn(x)[0], batch_first=True, total_length=padding.shape[1])
    return self.fc(y[order.argsort()]).squeeze(-1).masked_fill(padding, -1e9).softmax(1)


def in_steps(self, x):
    """Return what a cell makes of three sequences whose timesteps stand in one row."""
    h = x.new_zeros(3, 7)
    return torch.cat([h := self.rnn(step, h) for step in x.view(5, 3, 6)])


def drawn(self, x):
    y = self.fc(self.rnn(x)[0][:, -1])
    return y.softmax(-1).multinomial(1), y + torch.randn_like(y) + float(np.random.rand())


class OwnChance(nn.Module):
    """Draws from generators of its own."""

    def __init__(self):
        super().__init__()
        self.rnn, self.chance = lstm(), torch.Generator().manual_seed(1)
        self.other = np.random.default_rng(1)

    def forward(self, x):
        return self.rnn(x)[0] + torch.rand(1, generator=self.chance) + self.other.random()


class OwnCell(nn.Module):
    """A loop over timesteps with a cell of its own."""

    def __init__(self):
        super().__init__()
        self.inside = nn.Linear(13, 7)

    def forward(self, x):
        h = torch.zeros(len(x), 7)
        for step in x.transpose(0, 1):
            h = self.inside(torch.cat([step, h], 1)).tanh()
        return h


def sampler():
    class Sampler(keras.Model):
        def __init__(self):
            super().__init__()
            self.rnn, self.chance = layers.LSTM(7), keras.random.SeedGenerator(3)
            self.supports_masking = True

        def call(self, x):
            y = self.rnn(x)
            return y + keras.random.normal(ops.shape(y), seed=self.chance)

    return Sampler()


def text_reader():
    x = keras.Input((), dtype="string")
    vector = layers.TextVectorization(vocabulary=["a", "b", "c", "d", "e"])(x)
    return keras.Model(x, layers.LSTM(7)(layers.Embedding(9, 6)(vector)))


ALONE = "changing sequence 0 changes result 0 alone"
EARLY = "changing timestep 0 changes it"
OWN, WHOLE = "changing sequence 0 changes its own results alone", f"{EARLY[:-2]}the result"
SAME = "after another call it returns the same"
DRAWN = "after another call it returns something else, by random numbers, or what it keeps"
NO_PADDING = "adding 4 timesteps of padding changes nothing"
TURNED = (
    "changing sequence 0 (`[:, 0]` of the input) changes result 0 alone; "
    "changing timestep 0 (`[0]` of the input) changes all {} results"
)

LITTLE = torch.tensor([0.0001, 1, 1], dtype=torch.bfloat16)  # of sequence 0 half precision hides it
ALMOST = X.copy()  # sequences 0 and 1 are almost the same
ALMOST[1] = ALMOST[0] + 2**-12
ALMOST[:2, 1] = ALMOST[:2, 0] + 2**-12

SILENT = {
    "time first": (
        lambda: torch_head(lambda y, h: y[-1], 7, batch_first=False),
        (floats(5, 3, 6),),
        (TURNED.format(3), SAME),
    ),
    "time first, perhaps not meant": (
        lambda: torch_head(lambda y, h: h[-1], 7, batch_first=False),
        (X,),
        (TURNED.format(5), SAME),
    ),
    "time first inside": (
        lambda: embedded(
            lambda self, x: self.fc(self.rnn(x.transpose(0, 1))[0][-1]), rnn=nn.LSTM(6, 7)
        ),
        (X,),
        (ALONE, EARLY, SAME),
    ),
    "time first inside, square": (
        lambda: embedded(
            lambda self, x: self.fc(self.rnn(x.transpose(0, 1))[0][-1]), rnn=nn.LSTM(6, 7)
        ),
        (floats(5, 5, 6),),
        (ALONE, EARLY, SAME),
    ),
    "weights beside": (  # of what is no padding there, no more can be added
        lambda: module(lambda self, x, w: (self.rnn(x)[0] * w[..., None]).sum(1), rnn=lstm()),
        (SHORT, floats(3, 5)),
        (ALONE, EARLY, SAME),
    ),
    "all in a row": (
        lambda: head(lambda self, y: self.fc(y.reshape(-1, 7))),
        (X,),
        ("changing sequence 0 changes its own 5 rows alone", EARLY, SAME),
    ),
    "gathered": (
        lambda: module(gathered, rnn=lstm(), fc=nn.Linear(7, 2)),
        (SHORT, np.array([5, 3, 2])),
        (ALONE, EARLY, f"{NO_PADDING} (zeros)", SAME),
    ),
    "packed by its zeros": (
        lambda: embedded(packed),
        (TEXT,),
        (ALONE, EARLY, f"{NO_PADDING} (packing)", SAME),
    ),
    "sorted by hand": (
        lambda: module(sorted_first, rnn=lstm(), fc=nn.Linear(7, 1)),
        (X, np.arange(5) >= np.array([[3], [5], [1]])),
        (ALONE, EARLY, f"{NO_PADDING} (packing)", SAME),
    ),
    "left sorted, with the order": (
        lambda: in_order(lambda y, h, order: (h[-1], order)),
        (SHUFFLED,),
        (
            "changing sequence 0 changes result 2 alone, in the order of tensor 1 of the result",
            WHOLE,
            SAME,
        ),
    ),
    "every step, forward": (
        lambda: torch_head(lambda y, h: y, 7),
        (SHORT,),
        (ALONE, EARLY, f"{NO_PADDING} (zeros)", SAME),
    ),
    "both states": (
        lambda: torch_head(lambda y, h: torch.cat([h[-2], h[-1]], 1), bidirectional=True),
        (X,),
        (ALONE, EARLY, SAME),
    ),
    "drawn": (lambda: module(drawn, rnn=lstm(), fc=nn.Linear(7, 2)), (X,), (OWN, WHOLE, DRAWN)),
    "own chance": (OwnChance, (X,), (ALONE, EARLY, DRAWN)),
    "own cell": (OwnCell, (X,), (ALONE, EARLY, SAME)),
    "pairs": (
        lambda: head(lambda self, y: y[:, -1] @ y[:, -1].T),
        (X,),
        (ALONE, EARLY, SAME),
    ),
    "a loss beside": (
        lambda: head(lambda self, y: (self.fc(y), y.mean())),
        (X,),
        (f"{OWN}, and what has no axis of the sequences", WHOLE, SAME),
    ),
    "a part of the batch": (lambda: head(lambda self, y: y[:2, -1]), (X,), (ALONE, EARLY, SAME)),
    "whole numbers": (lambda: head(lambda self, y: y.argmax(-1)), (X,), (ALONE, EARLY, SAME)),
    "half precision": (
        lambda: torch_head(lambda y, h: y, 7).bfloat16(),
        (X,),
        (ALONE, EARLY, SAME),
    ),
    "half precision, too little": (
        lambda: head(lambda self, y: y[:, -1] / 10_000 + 1).bfloat16(),
        (X,),
        (
            "changing sequence 0 changes nothing of the result, nor does changing sequence 2, or "
            "too little for bfloat16 to show",
            "changing timestep 0 changes nothing of the result, or too little for bfloat16 to show",
            SAME,
        ),
    ),
    "half precision, one loss": (
        lambda: head(lambda self, y: 1 + (y[:, 0].sum(1) * LITTLE).sum()).bfloat16(),
        (X,),
        (EARLY, SAME),
    ),
    "half precision, one result": (
        lambda: torch_head(
            lambda y, h: 1 + y[0] * LITTLE[:, None], 7, batch_first=False
        ).bfloat16(),
        (floats(5, 3, 6),),
        ("changing timestep 0 (`[0]` of the input) changes it", SAME),
    ),
    "half precision, others by rounding": (
        lambda: torch_head(lambda y, h: y[-1] + 1, 7, batch_first=False).bfloat16(),
        (ALMOST.swapaxes(0, 1),),
        (TURNED.format(3), SAME),
    ),
    "one sequence": (
        lambda: torch_head(LAST, 7),
        (X[:1],),
        ("a second sequence in the batch does not change the result of the first", EARLY, SAME),
    ),
    "one timestep": (lambda: torch_head(LAST, 7), (X[:, :1],), (ALONE, SAME)),
    "no batch": (
        lambda: nn.LSTM(6, 7),
        (X[0],),
        ("changing timestep 0 (`[0]` of the input) changes the result", SAME),
    ),
    "zeros": (lambda: torch_head(LAST, 7), (np.zeros((3, 5, 6), "float32"),), (ALONE, EARLY, SAME)),
    "one word": (lambda: embedded(), (np.full((3, 5), 19),), (SAME,)),
    "the same word elsewhere": (
        lambda: embedded(
            lambda self, x: self.fc(self.rnn(self.embed(x))[0][-1]), rnn=nn.LSTM(6, 7)
        ),
        (np.array([[1, 7, 4], [2, 7, 5], [3, 7, 6], [8, 7, 9]]),),
        (
            "changing sequence 0 (`[:, 0]` of the input) changes result 0 alone; changing timestep "
            "0 (`[0]` of the input) changes every result whose input it changes (2 of 3)",
            SAME,
        ),
    ),
    "masked": (
        lambda: head(lambda self, y: self.fc(y).masked_fill(~torch.ones(5, 2).tril().bool(), -1e9)),
        (X,),
        (ALONE, EARLY, SAME),
    ),
    "steps in a row": (
        lambda: module(
            lambda self, x: self.rnn(x.view(5, 3, 6))[0].flatten(0, 1), rnn=nn.GRU(6, 7)
        ),
        (floats(15, 6),),
        (SAME,),
    ),
    "steps in a row, by a cell": (
        lambda: module(in_steps, rnn=nn.GRUCell(6, 7)),
        (floats(15, 6),),
        (SAME,),
    ),
    "a loop over the batch": (
        lambda: module(
            lambda self, x: torch.cat([self.rnn(one[:, None])[0][-1] for one in x]),
            rnn=nn.GRU(6, 7),
        ),
        (X,),
        (ALONE, EARLY, SAME),
    ),
    "one loss": (
        lambda: head(lambda self, y: y.mean()),
        (X,),
        (
            "changing sequence 0 changes the result, as sequence 2 does: no axis of it is the "
            "sequences'",
            EARLY,
            SAME,
        ),
    ),
    "nothing moves": (
        lambda: head(lambda self, y: (y[:, -1] - 9).relu()),
        (X,),
        (
            "changing sequence 0 changes nothing of the result, nor does changing sequence 2",
            "changing timestep 0 changes nothing of the result",
            SAME,
        ),
    ),
    "one batch size": (
        lambda: embedded(
            lambda self, x: self.fc(self.rnn(x, (torch.zeros(1, 3, 7),) * 2)[0][:, -1])
        ),
        (X,),
        (ALONE, EARLY, SAME),
    ),
    "k_mask": (
        lambda: stack(layers.Embedding(20, 6, mask_zero=True), layers.LSTM(7)),
        (TEXT,),
        (ALONE, EARLY, f"{NO_PADDING} (a mask)", SAME),
    ),
    "k_stateful": (
        zoo.k_stateful,
        (X,),
        (ALONE, EARLY, "after another call it returns something else, by stateful=True of `lstm`"),
    ),
    "k_drawn": (sampler, (X,), (ALONE, EARLY, DRAWN)),
    "k_dropout": (lambda: stack(layers.LSTM(7, dropout=0.5)), (X,), (ALONE, EARLY, SAME)),
    "k_norm": (
        lambda: stack(layers.LSTM(7), layers.BatchNormalization()),
        (X,),
        (ALONE, EARLY, SAME),
    ),
    "k_text": (
        text_reader,
        (np.array(["a b", "c d", "e"]),),
        (ALONE, SAME),
    ),
}


def in_half_precision():
    """Return whether PyTorch runs an LSTM in bfloat16 here; 2.4 does not on every processor."""
    try:
        nn.LSTM(6, 7).bfloat16()(torch.zeros(5, 3, 6, dtype=torch.bfloat16))
    except RuntimeError as error:
        return "primitive" not in str(error)
    return True


@pytest.mark.usefixtures("no_rules")
@pytest.mark.parametrize("name", each(SILENT))
def test_nothing_is_said_to_be_wrong_where_it_is_not(name):
    make, inputs, words_ = SILENT[name]
    if "half precision" in name and not in_half_precision():
        pytest.skip("PyTorch runs no LSTM in bfloat16 on this processor")
    torch.manual_seed(0)
    if name.startswith("k_"):
        keras.backend.clear_session()
        keras.utils.set_random_seed(0)
    found = explain(make(), *inputs)
    assert not found.warnings
    assert [one.words for one in found.tried.tries] == "; ".join(words_).split("; ")


@pytest.mark.parametrize(
    "make",
    [
        lambda: stack(layers.Masking(), sampler()),
        OwnChance,
        lambda: head(lambda self, y: self.fc(nn.functional.dropout(y))),
        lambda: head(lambda self, y: y + torch.tensor(np.random.rand(*y.shape))),
    ],
)
def test_of_a_network_that_draws_numbers_it_is_not_said_that_it_reads_padding(make):
    """Of another size other numbers are drawn, so that what moves is not told from that."""
    found = explain(make(), SHORT)
    assert not found.warnings
    assert (
        {"sequence", "timestep"}
        <= {one.kind for one in found.tried.tries}
        <= {*KINDS} - {"padding"}
    )


@pytest.mark.parametrize("name", ["packed, softmax", "k_mask, mean"])
def test_what_is_packed_or_masked_already_is_not_to_be_so_again(name):
    _, make, x = FOUND[name]
    (warned,) = explain(make(), x).warnings
    assert "Something counts the padding all the same" in warned.why
    assert warned.instead == ""


def test_where_sequences_meet_is_no_layer_that_reads_them_in_another_order():
    """The LSTM reads them sorted, each on its own; what takes them apart wrongly comes after it."""

    def then(y, h, order):
        return network.fc(h.reshape(-1, 14))

    network = in_order(then)
    network.rnn, network.fc = lstm(bidirectional=True), nn.Linear(14, 2)
    (warned,) = explain(network, SHUFFLED).warnings
    assert "What `fc` (`Linear`) reads is mixed already." in warned.words
    (warned,) = explain(in_order(lambda y, h, order: (y[order.argsort()], h)), SHUFFLED).warnings
    assert warned.seen.startswith("Changing sequence 0 changes result 2 by up to ")
    assert warned.seen.endswith(" in tensor 1 of the result, and not result 0.")


def test_what_was_tried_stands_on_the_page_with_what_it_cost():
    found = explain(torch_head(LAST, 7), X)
    said = f"Tried: {ALONE}; {EARLY}; {SAME}. It took 4 further passes."
    assert found.tried.words == said
    assert said in found.text
    assert found.notes[0] == "The network returns (batch 3, 2)."


def test_nothing_is_tried_where_it_is_not_to_be():
    found = explain(torch_head(lambda y, h: y[-1], 7), X, tried=False)
    assert (found.tried.tries, kinds(found)) == ((), ["one_sequence"])
    assert "Tried" not in found.text
    assert found.notes == ("The network returns (5, 2).",)


# What the rules know of these, without a try; of the others they know nothing.
BY_RULE = {
    "no batch_first, last": "one_sequence",
    "no batch_first, one batch": "one_sequence",
    "no batch_first, square": "one_sequence",
    "no batch_first, words": "one_sequence",
    "h_n.permute": "one_sequence",
    "output[-1]": "one_sequence",
    "output[0]": "one_sequence",
    "output[-1], square": "one_sequence",
    "k_last": "one_sequence",
    "h_n.reshape": "mixed",
    "h_n.view": "mixed",
    "both": "last_of_both",
    "both, long": "last_of_both",
    "both, returned": "last_of_both",
    "k_both": "last_of_both",
    "padding": "padded",
    "padding of words": "padded",
    "k_padding": "padded",
    "k_padding, fixed": "padded",
    "k_padding, dropout": "padded",
    "k_padding of words": "padded",
}


# Of Keras' those alone that a rule knows: what a try finds unaided is above.
@pytest.mark.parametrize("name", [one for one in FOUND if one in BY_RULE or one[:2] != "k_"])
def test_what_a_rule_knows_and_a_try_finds_is_told_once_with_the_numbers(name):
    kind, make, x = FOUND[name]
    by_rule = [BY_RULE[name]] if name in BY_RULE else []
    network = make()
    plain, found = explain(network, x, tried=False), explain(network, x)
    assert kinds(plain) == by_rule
    assert kinds(found) == (by_rule or [kind])
    (failed,) = [one.warned for one in found.tried.tries if one.holds is False]
    if by_rule:
        (said,), (warned,) = plain.warnings, found.warnings
        assert (warned.seen, warned.instead) == (said.seen, said.instead)
        assert warned.why == f"{said.why} Tried: {failed.seen[0].lower()}{failed.seen[1:]}"


@pytest.mark.parametrize(
    ("spoils", "says"),
    [
        ("slow", "Nothing was tried: the pass took over 5 seconds."),
        ("nan", "Nothing was tried: no number is returned, or none that is finite."),
        ("packed", "Nothing was tried: no batch is seen that can be changed."),
        ("list", "Nothing was tried: no number is returned, or none that is finite."),
    ],
)
def test_where_nothing_is_tried_it_says_why(monkeypatch, spoils, says):
    network, x = torch_head(LAST, 7), X
    if spoils == "slow":
        monkeypatch.setattr(findings, "LONGEST", 0.0)
        says = says.replace("5", "0")
    elif spoils == "nan":
        x = X * np.nan
    elif spoils == "packed":
        network, x = nn.GRU(6, 7), pack_sequence([torch.tensor(X[0]), torch.tensor(X[1, :3])])
    else:
        network = head(lambda self, y: y.tolist())
    found = explain(network, x)
    assert (found.tried.tries, found.tried.words) == ((), says)


def test_a_network_that_changes_by_itself_tells_nothing():
    network = head(lambda self, y: y + int.from_bytes(os.urandom(3), "big"))
    found = explain(network, X)
    assert [(one.kind, one.holds) for one in found.tried.tries] == [("nothing", None)]
    assert "run again on the same batch, with all put back, the network returns some" in found.text
    assert "what a change moves cannot be told. It took 3 further passes." in found.tried.words


def watched(seen, then, refuses=lambda x: False):
    """Return an LSTM whose calls are noted down in seen, which nothing puts back."""

    def forward(self, x):
        note(tuple(x.shape))
        if len(seen) > 1 and refuses(x):
            raise RuntimeError("no")
        return then(self.rnn(x)[0])

    note = seen.append
    return module(forward, rnn=lstm())


@pytest.mark.parametrize(
    ("then", "refuses", "shapes"),
    [
        (lambda y: y[:, -1], lambda x: False, [X.shape] * 4 + [(4, 9, 6)]),
        (lambda y: y[-1], lambda x: False, [X.shape] * 4 + [(4, 9, 6), X.shape]),
        (lambda y: y[:, -1], lambda x: x.shape[1] > 5, [X.shape] * 4 + [(4, 9, 6), (4, 5, 6)]),
        (lambda y: y[:, -1], lambda x: len(x) > 3, [X.shape] * 4 + [(4, 9, 6), (4, 5, 6)]),
        (lambda y: y[:, -1], lambda x: True, [X.shape] * 3 + [(4, 5, 6)]),
    ],
)
def test_there_are_five_further_passes_at_most_and_an_error_in_one_breaks_nothing(
    then, refuses, shapes
):
    seen = []
    network = watched(seen, then, refuses)
    found = explain(network, X)
    assert seen == shapes
    assert found.layers
    assert f"It took {len(seen) - 1} further passes." in found.text or len(seen) < 5


def test_a_tensor_for_each_sequence_is_no_blindness():
    def forward(self, x):
        output, _ = self.rnn(x)
        return [self.fc(one) for one in output]

    network = module(forward, rnn=nn.GRU(6, 7, batch_first=True), fc=nn.Linear(7, 2))
    found = explain(network, floats(3, 5, 6))
    assert "sequence 2 does: no axis of it is the sequences'" in found.tried.words
    assert not [one for one in found.tried.tries if one.holds is False]


def test_of_several_tensors_it_is_said_which_a_sequence_has_no_part_in():
    def forward(self, x):
        output, h_n = self.rnn(x)
        return self.fc(h_n[-1]), self.fc(output.flip(0)[0])

    network = module(forward, rnn=nn.GRU(6, 7, batch_first=True), fc=nn.Linear(7, 2))
    (warned,) = explain(network, floats(3, 5, 6)).warnings
    assert warned.seen.startswith("Changing sequence 0 changes nothing of tensor 1 of the result;")


@pytest.mark.parametrize(
    ("returned", "says"),
    [
        (lambda y: y[:, -1], "changes result 0 alone; changing timestep 0 changes it;"),
        (lambda y: (y, y[:, -1]), "changes its own results alone; changing timestep 0 changes the"),
        (lambda y: (y, y.mean()), "its own results alone, and what has no axis of the sequences;"),
    ],
)
def test_of_several_results_it_is_not_said_that_the_first_one_alone_changes(returned, says):
    network = torch_head(lambda y, h: y[:, -1], 7)
    network.forward = lambda x: returned(network.rnn(x)[0])
    assert says in explain(network, X).tried.words
