"""Right shape, wrong meaning: what is warned of, and what is not."""

import keras
import numpy as np
import pytest
import torch
import zoo
from keras import layers
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from zoo import explained, kinds, torch_head
from zoo import untried as explain

from lstm_lessons.explaining import _torch


@pytest.mark.parametrize("name", zoo.ALL)
def test_the_zoo_is_warned_of_only_where_it_must_be(name):
    warned = name in ("bidirectional_last_step", "k_last_step_by_hand")
    assert kinds(explained(name)[2]) == ["last_of_both"] * warned


@pytest.mark.parametrize(
    ("pick", "features", "speaks"),
    [
        (lambda y, h: y[:, -1], 14, True),
        (lambda y, h: y[:, -1, :], 14, True),
        (lambda y, h: y[:, 4], 14, True),
        (lambda y, h: y[:, -1].contiguous(), 14, True),
        (lambda y, h: y[:, -1, :7], 7, False),
        (lambda y, h: y[:, 0], 14, False),
        (lambda y, h: torch.cat([h[-2], h[-1]], -1), 14, False),
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


def test_warns_of_two_directions_at_the_last_of_several_timesteps():
    assert not kinds(explain(torch_head(lambda y, h: y[:, -1], 7), zoo.floats(3, 5, 6)))
    both = torch_head(lambda y, h: y[:, -1], bidirectional=True)
    assert not kinds(explain(both, zoo.floats(3, 1, 6)))
    last = torch_head(lambda y, h: y[-1], bidirectional=True, batch_first=False)
    assert kinds(explain(last, zoo.floats(5, 3, 6))) == ["last_of_both"]
    x, rnn = keras.Input((5, 6)), layers.Bidirectional(layers.GRU(7, return_sequences=True))
    end = keras.Model(x, layers.Dense(2)(rnn(x)[:, 4]))
    assert kinds(explain(end, zoo.floats(3, 5, 6))) == ["last_of_both"]


@pytest.mark.parametrize("every", [True, False])
def test_warns_of_it_in_keras_however_it_is_taken(every):
    rnn = layers.Bidirectional(layers.LSTM(7, return_sequences=True))
    network = zoo.model(
        lambda self, x: self.fc(self.rnn(x)[:, -1] if every else self.rnn(x)),
        rnn=rnn,
        fc=layers.Dense(2),
    )
    assert kinds(explain(network, zoo.floats(3, 5, 6))) == ["last_of_both"] * every


@pytest.mark.parametrize(
    ("pick", "features", "alone"),
    [
        (lambda y, h: h[-1], 7, "backward"),
        (lambda y, h: h[1], 7, "backward"),
        (lambda y, h: h[-1:], 7, "backward"),
        (lambda y, h: h[0], 7, "forward"),
        (lambda y, h: h[-2], 7, "forward"),
        (lambda y, h: torch.cat([h[-2], h[-1]], -1), 14, None),
        (lambda y, h: h[-2] + h[-1], 7, None),
        (lambda y, h: h, 7, None),
        (lambda y, h: y[:, 0], 14, None),
    ],
)
def test_warns_of_the_last_h_of_one_direction(pick, features, alone):
    found = explain(torch_head(pick, features, bidirectional=True), zoo.floats(3, 5, 6))
    assert kinds(found) == ["one_direction"] * bool(alone)
    if alone:
        (warned,) = found.warnings
        side, other = ("start", "h_n[-1]") if alone == "forward" else ("end", "h_n[-2]")
        assert warned.seen.endswith(f"of `rnn`, the {alone} direction alone.")
        assert f"from its {side}. " in warned.why
        assert warned.why.endswith(f"ends in `{other}`.")
        line, width = warned.instead.split("  # ")
        assert width == "14 numbers for each sequence"
        mended = torch_head(lambda y, h_n: eval(line), 14, bidirectional=True)
        assert not kinds(explain(mended, zoo.floats(3, 5, 6)))


def test_the_directions_of_a_lower_layer_and_two_heads_are_no_trap():
    x = zoo.floats(3, 5, 6)
    for row in (0, 1):
        lower = torch_head(lambda y, h, row=row: h[row], 7, num_layers=2, bidirectional=True)
        assert not kinds(explain(lower, x))
    network = torch_head(lambda y, h: h, 7, bidirectional=True)
    network.forward = lambda x: network.fc((h := network.rnn(x)[1][0])[-1]) + network.fc(h[-2])
    assert not kinds(explain(network, x))
    network.forward = lambda x: [network.fc(network.rnn(x)[1][0][-1]), network.rnn(x)[0]]
    assert kinds(explain(network, x)) == ["one_direction"]  # of the first call
    assert not kinds(explain(nn.LSTM(6, 7, bidirectional=True), x))


@pytest.mark.parametrize("decoder", [layers.GRU, layers.LSTM])
@pytest.mark.parametrize("rows", [(0,), (1,), (0, 1), "added", "both"])
def test_warns_in_keras_of_a_decoder_that_begins_with_one_direction(decoder, rows):
    x, y = keras.Input((5, 6)), keras.Input((4, 8))
    encoder = layers.Bidirectional(decoder(7, return_state=True), name="encoder")
    _, *states = encoder(x)
    half = len(states) // 2
    ways = dict(forward=states[:half], backward=states[half:])
    names = {
        f"{way}_{one}": state for way in ways for one, state in zip("hc", ways[way], strict=False)
    }
    begun = [states[half * row :][:half] for row in rows if row in (0, 1)]
    if rows == "added":
        begun = [[one + other for one, other in zip(*ways.values(), strict=True)]]
    if rows == "both":
        begun = [[layers.Concatenate()([*pair]) for pair in zip(*ways.values(), strict=True)]]
    units = 14 if rows == "both" else 7
    ends = [decoder(units)(y, initial_state=one) for one in begun]
    found = explain(keras.Model([x, y], ends), zoo.floats(3, 5, 6), zoo.floats(3, 4, 8))
    assert kinds(found) == ["one_direction"] * (rows not in ("added", "both"))
    for warned in found.warnings:
        right = eval(f"dict({warned.instead})['initial_state']", names)
        mended = keras.Model([x, y], decoder(7)(y, initial_state=right))
        assert not kinds(explain(mended, zoo.floats(3, 5, 6), zoo.floats(3, 4, 8)))


@pytest.mark.parametrize("graph", [True, False])
def test_warns_in_keras_of_a_head_on_one_direction(graph):
    def call(self, x, joined=False):
        _, forward_h, _, backward_h, _ = self.rnn(x)
        line = found.warnings[0].instead if joined else "backward_h"
        return self.fc(eval(line, dict(keras=keras, forward_h=forward_h, backward_h=backward_h)))

    x, parts = zoo.floats(3, 5, 6), {}
    for joined in (False, True):
        rnn = layers.Bidirectional(layers.LSTM(7, return_state=True), name="rnn")
        parts = dict(rnn=rnn, fc=layers.Dense(2, name="fc"))
        network = zoo.model(lambda self, x, joined=joined: call(self, x, joined), **parts)
        if graph:
            i = keras.Input((5, 6))
            network = keras.Model(i, call(network, i, joined))
        found = explain(network, x)
        assert kinds(found) == ["one_direction"] * (not joined)
        if not joined:
            said = "`fc` (`Dense`) uses `backward_h` of `rnn`, the backward direction alone."
            assert found.warnings[0].seen == said


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


def test_a_row_of_timesteps_across_the_batch_is_told_as_one_of_timesteps():
    pick = torch_head(lambda y, h: y.reshape(3, -1), 35, batch_first=False)
    found = explain(pick, zoo.floats(5, 3, 6))
    assert kinds(found) == ["mixed"]
    assert "The first axis is that of the timesteps" in found.warnings[0].words
    assert "layers" not in found.warnings[0].words


def rows(pick, features=7, **settings):
    """Return what explain finds in a network with a head on what pick takes of h_n."""
    return explain(zoo.torch_head(lambda y, h: pick(h), features, **settings), zoo.floats(3, 5, 6))


@pytest.mark.parametrize(
    ("settings", "features", "line"),
    [
        ({"num_layers": 2}, 7, "h_n[-1]"),
        ({"bidirectional": True}, 14, "torch.cat([h_n[-2], h_n[-1]], -1)"),
    ],
)
def test_warns_of_layers_or_directions_that_became_rows_of_the_result(settings, features, line):
    found = rows(lambda h: h.view(-1, 7), **settings)
    assert kinds(found) == ["layers_as_rows"]
    assert "the network returns 6 results for 3 sequences" in found.warnings[0].words
    assert found.warnings[0].instead == line
    better = rows(lambda h: eval(line, {"h_n": h, "torch": torch}), features, **settings)
    assert not kinds(better)


def test_rows_of_timesteps_are_no_rows_of_layers():
    network = torch_head(lambda y, h: y.reshape(-1, 7), 7, batch_first=False)
    assert not kinds(explain(network, zoo.floats(5, 3, 6)))


def test_one_layer_has_one_row_for_each_sequence():
    assert not kinds(rows(lambda h: h.view(-1, 7)))


def test_rows_that_become_layers_again_are_no_results():
    def forward(self, x, y):
        _, h = self.encoder(x)
        return self.decoder(y, self.bridge(h.view(-1, 7)).view(2, -1, 8))[0]

    parts = {
        "encoder": nn.GRU(6, 7, num_layers=2, batch_first=True),
        "bridge": nn.Linear(7, 8),
        "decoder": nn.GRU(4, 8, num_layers=2, batch_first=True),
    }
    network = zoo.module(forward, **parts)
    assert not kinds(explain(network, zoo.floats(3, 5, 6), zoo.floats(3, 4, 4)))


def test_warns_of_states_reshaped_for_a_decoder():
    def forward(self, x, y, line="h_n.view(1, 3, -1)"):
        _, (h_n, c_n) = self.encoder(x)
        states = [eval(line, {"h_n": state}) for state in (h_n, c_n)]
        return self.decoder(y, tuple(states))[0]

    encoder = nn.LSTM(6, 7, bidirectional=True, batch_first=True)
    network = zoo.module(forward, encoder=encoder, decoder=nn.LSTM(4, 14, batch_first=True))
    given = zoo.floats(3, 5, 6), zoo.floats(3, 4, 4)
    found = explain(network, *given)
    assert kinds(found) == ["mixed"]
    assert found.warnings[0].instead == "h_n.transpose(0, 1).reshape(1, 3, 14)"
    assert not kinds(explain(network, *given, line=found.warnings[0].instead))


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
        batch = found.layers[0].spec.batch
        which = 0 if "0]" in found.warnings[0].seen else batch - 1
        assert f"that is sequence {which} alone, of {batch}." in found.warnings[0].why


def test_one_sequence_is_no_trap_in_a_loop_without_a_batch_or_in_a_batch_of_one():
    loop = torch_head(lambda y, h: y, 7)
    head, loop.fc = loop.fc, nn.Identity()
    loop.forward = lambda x: torch.stack([head(one) for one in loop.rnn(x)[0]])
    loop.add_module("head", head)
    found = explain(loop, zoo.floats(3, 5, 6))
    assert [use.words for use in found.layers[0].uses] == ["`output[b]` (5, 7) for b = 0 … 2"]
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
        (dict(return_sequences=True), lambda y: y[0:2, :], None),
        (dict(return_sequences=True), lambda y: y[:, -1], None),
        (dict(return_sequences=True), lambda y: y[:, :, 0], None),
    ],
)
def test_warns_of_one_sequence_in_keras(flags, pick, instead, graph):
    rnn, fc = layers.GRU(7, name="rnn", **flags), layers.Dense(2)
    x = keras.Input((5, 6))
    network = zoo.model(lambda self, x: self.fc(pick(self.rnn(x))), rnn=rnn, fc=fc)
    network = keras.Model(x, fc(pick(rnn(x)))) if graph else network
    found = explain(network, zoo.floats(3, 5, 6))
    assert kinds(found) == ["one_sequence"] * (instead is not None)
    if instead:
        assert found.warnings[0].instead == instead


@pytest.mark.parametrize("side", ["torch", "keras", "graph"])
@pytest.mark.parametrize(
    ("pick", "units", "speaks"),
    [
        (lambda y: y[:, :, -1], 7, True),
        (lambda y: y[:, -1], 7, False),
        (lambda y: y[:, -1, -1:], 7, False),
        (lambda y: y[:, :, -1], 1, False),
        (lambda y: y, 7, False),
    ],
)
def test_warns_of_the_last_unit_taken_for_the_last_timestep(pick, units, speaks, side):
    x = zoo.floats(3, 5, 6)
    if side == "torch":
        rnn, head = nn.LSTM(6, units, batch_first=True), nn.LazyLinear(2)
        network = zoo.module(lambda self, x: self.fc(pick(self.rnn(x)[0])), rnn=rnn, fc=head)
    else:
        rnn, head = layers.LSTM(units, return_sequences=True, name="rnn"), layers.Dense(2)
        network = zoo.model(lambda self, x: self.fc(pick(self.rnn(x))), rnn=rnn, fc=head)
    if side == "graph":
        network = keras.Model(i := keras.Input((5, 6)), head(pick(rnn(i))))
    found = explain(network, x)
    assert kinds(found) == ["one_unit"] * speaks
    if speaks:
        (warned,) = found.warnings
        assert warned.instead == "output[:, -1]"
        assert "`output[:, :, -1]` of `rnn`." in warned.seen
        assert "that is the last unit alone" in warned.why


def test_the_last_unit_of_time_first_is_not_the_last_timestep_either():
    network = torch_head(lambda y, h: y[:, :, -1], 3, batch_first=False)
    (warned,) = explain(network, zoo.floats(5, 3, 6)).warnings
    assert (warned.kind, warned.instead) == ("one_unit", "output[-1]")


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
    a, b = nn.LSTM(6, 7, batch_first=first), nn.LSTM(7, 8, batch_first=second)
    network = zoo.module(lambda self, x: self.b(turn(self.a(x)[0]))[0], a=a, b=b)
    found = explain(network, zoo.floats(*size))
    assert kinds(found) == ["batch_first"] * speaks
    if speaks:
        wrong = "b = nn.LSTM(7, 8" if first else "a = nn.LSTM(6, 7"
        assert found.warnings[0].instead.startswith(wrong)


def padded(*lengths, batch=None):
    batch = zoo.floats(3, 5, 6) if batch is None else batch
    for sequence, length in zip(batch, lengths, strict=True):
        sequence[length:] = 0
    return batch


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
    return padded(*lengths, batch=zoo.words(3, 5))


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


@pytest.mark.parametrize(
    ("pick", "speaks"),
    [
        (lambda y: y[:, 4], True),
        (lambda y: y[:, -1:, :], True),
        (lambda y: y[:, 4:, :], True),
        (lambda y: y[:, 3], False),
        (lambda y: y[:, 1:4, :], False),
    ],
)
def test_the_last_timestep_of_a_padded_batch_however_it_is_written(pick, speaks):
    x, rnn = keras.Input((5, 6)), layers.GRU(7, return_sequences=True)
    network = keras.Model(x, layers.Dense(2)(pick(rnn(x))))
    assert kinds(explain(network, padded(5, 3, 2))) == ["padded"] * speaks


def test_padding_of_text_is_seen_in_pytorch_and_packing_silences():
    network = explained("sentiment_classifier")[0]
    assert kinds(explain(network, text(5, 3, 2))) == ["padded"]
    assert not explained("packed_classifier")[2].warnings


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


def by_try(found):
    """Return by how much a result moved in the one try that does not hold."""
    (failed,) = [one for one in found.tried.tries if one.holds is False]
    return failed.facts["most"]


def test_a_warning_holds_what_its_words_are_made_of():
    found = explain(torch_head(lambda y, h: y[-1], 7), zoo.floats(3, 5, 6), tried=True)
    (warned,) = found.warnings
    assert (warned.layers, warned.uses) == (("rnn",), found.layers[0].uses)
    assert (warned.uses[0].who, warned.uses[0].sequence) == ("fc", -1)
    assert warned.facts == {"number": 2, "of": 3}
    assert warned.words == (
        "Warning: `fc` (`Linear`) uses `output[-1]` of `rnn`. `output` is (batch 3, timesteps 5, "
        "units 7): that is sequence 2 alone, of 3. Tried: changing sequence 0 changes "
        "nothing of the result; changing sequence 2 changes it by up to "
        f"{by_try(found):.2g}. Write instead: `output[:, -1]`"
    )
    (warned,) = explain(torch_head(lambda y, h: y[:, -1], 7), padded(5, 3, 2)).warnings
    assert warned.facts == {"zeros": (0, 2, 3)}


class Reads(nn.Module):
    """A network that embeds words and goes on with the last output."""

    def __init__(self, gru=None):
        super().__init__()
        self.embedding, self.gru = nn.Embedding(21, 6), gru or nn.GRU(6, 7, batch_first=True)

    def forward(self, words, labels=None):
        return self.gru(self.embedding(words))[0][:, -1]


class Packs(nn.GRU):
    """A layer that packs what it is given by lengths of its own."""

    def forward(self, x):
        packed = pack_padded_sequence(x, [5, 3, 2], batch_first=True)
        output, h_n = super().forward(packed)
        return pad_packed_sequence(output, batch_first=True)[0], h_n


@pytest.mark.parametrize("lengths", [(5, 5, 5), (5, 3, 2)])
def test_zeros_that_relu_makes_are_padding_only_where_the_batch_has_them(lengths):
    x = padded(*lengths)
    x[1, -1] = -abs(x[1, -1])
    network = zoo.module(
        lambda self, x: self.fc(self.rnn(torch.relu(x))[1][0][-1]),
        rnn=nn.LSTM(6, 7, batch_first=True),
        fc=nn.Linear(7, 2),
    )
    assert kinds(explain(network, x)) == ["padded"] * (min(lengths) < 5)


@pytest.mark.parametrize(
    ("network", "inputs"),
    [
        (Reads(), [[[3, 1, 0, 4, 1], [5, 8, 2, 6, 0], [5, 3, 5, 0, 0]]]),  # 0 is a word here
        (Reads(), [[[3, 1, 1, 4, 1], [5, 2, 2, 6, 0], [5, 3, 5, 8, 7]]]),  # and may be one here
        (Reads(), [zoo.words(3, 5), [[1, 0, 1, 1, 1], [1, 1, 1, 0, 0], [1, 0, 0, 0, 0]]]),
        (Reads(Packs(6, 7, batch_first=True)), [text(5, 3, 2)]),
    ],
    ids=["a word", "one zero", "labels", "packs inside"],
)
def test_what_only_looks_padded_is_no_padding(network, inputs):
    assert kinds(explain(network, *map(np.array, inputs))) == []


def test_what_a_network_was_given_is_looked_at_once_however_many_layers_it_has(monkeypatch):
    array, calls = _torch.array, []
    monkeypatch.setattr(_torch, "array", lambda one: calls.append(1) or array(one))

    def forward(self, x):
        return sum(self.head(gru(x)[0][:, -1]) for gru in self.grus)

    def converted(number):
        grus = nn.ModuleList(nn.GRU(6, 7, batch_first=True) for _ in range(number))
        calls.clear()
        explain(zoo.module(forward, grus=grus, head=nn.Linear(7, 2)), zoo.floats(3, 5, 6))
        return len(calls)

    assert converted(20) < 3 * converted(10)
