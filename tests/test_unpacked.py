"""A packed output that is unpacked again, and then read as what it is not."""

import pytest
import torch
import zoo
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from zoo import kinds
from zoo import untried as explain

END, ALONE = ["unpacked_end"], ["unpacked_last"]


def reader(pick, lengths=(2, 5, 3), features=7, head=None, **settings):
    """Return a network that packs, and a head on what pick takes of the packed output and h_n."""

    def forward(self, x):
        settings = dict(batch_first=self.rnn.batch_first, enforce_sorted=False)
        x = x if self.rnn.batch_first else x.transpose(0, 1)
        output, (h_n, _) = self.rnn(pack_padded_sequence(x, torch.tensor(lengths), **settings))
        return self.fc(pick(output, h_n))

    rnn = nn.LSTM(6, 7, **{"batch_first": True} | settings)
    return zoo.module(forward, rnn=rnn, fc=head or nn.Linear(features, 2))


def first(output):
    """Return an output unpacked with the batch first."""
    return pad_packed_sequence(output, batch_first=True)[0]


def time(output):
    """Return an output unpacked with the timesteps first."""
    return pad_packed_sequence(output)[0]


@pytest.mark.parametrize(
    ("pick", "found"),
    [
        (lambda y, h: first(y)[:, -1], END),
        (lambda y, h: first(y)[:, 4, :].contiguous(), END),
        (lambda y, h: time(y)[-1], END),
        (lambda y, h: time(y)[:, -1], ALONE),
        (lambda y, h: first(y)[-1], ALONE),
        (lambda y, h: time(y)[:, 0], ["unpacked_first"]),
        (lambda y, h: time(y), ["unpacked_order"]),
        (lambda y, h: first(y), []),
        (lambda y, h: time(y).transpose(0, 1), []),
        (lambda y, h: first(y)[torch.arange(3), torch.tensor([1, 4, 2])], []),
        (lambda y, h: first(y).mean(1), []),
        (lambda y, h: first(y)[:, 0], []),
        (lambda y, h: h[-1], []),
    ],
)
@pytest.mark.parametrize("lengths", [(2, 5, 3), (5, 3, 2)])
def test_warns_of_an_unpacked_output_that_is_misread(pick, found, lengths):
    x = zoo.floats(3, 5, 6)
    explained = explain(reader(pick, lengths), x)
    assert kinds(explained) == found
    for warned in explained.warnings:
        assert warned.seen.startswith("`fc` (`Linear`) reads the unpacked output of `rnn`")
        names = dict(pad_packed_sequence=pad_packed_sequence, torch=torch)

        def mended(output, h_n, line=warned.instead, names=names):
            value = eval(line, names | dict(output=output, h_n=h_n))
            return value[0] if isinstance(value, tuple) else value

        assert not kinds(explain(reader(mended, lengths), x))


def test_what_a_warning_of_an_unpacked_output_says():
    x = zoo.floats(3, 5, 6)
    (end,) = explain(reader(lambda y, h: first(y)[:, -1]), x).warnings
    assert (end.facts["lengths"], end.instead) == ((2, 5, 3), "h_n[-1]")
    assert end.why.startswith("2 of 3 sequences end before it")
    (alone,) = explain(reader(lambda y, h: time(y)[:, -1]), x, tried=False).warnings
    assert alone.seen.endswith("of sequence 2 alone, of 3.")
    (order,) = explain(reader(lambda y, h: time(y)), x).warnings
    assert order.seen.endswith("with the timesteps first: (5, 3, …).")
    assert "`pad_packed_sequence` has its own" in order.why


def test_two_directions_are_both_advised():
    network = reader(lambda y, h: first(y)[:, -1], features=14, bidirectional=True)
    (warned,) = explain(network, zoo.floats(3, 5, 6)).warnings
    assert (warned.kind, warned.instead) == ("unpacked_end", "torch.cat([h_n[-2], h_n[-1]], -1)")


class CTC(nn.Linear):
    """What a network ends in that is trained with CTCLoss."""

    def forward(self, x):
        return super().forward(x).log_softmax(-1)


@pytest.mark.parametrize(
    "network",
    [
        reader(lambda y, h: first(y)[:, -1], lengths=(5, 5, 5)),
        reader(lambda y, h: time(y), batch_first=False),
        reader(lambda y, h: time(y), head=CTC(7, 4)),
        reader(lambda y, h: time(y), head=nn.GRU(7, 2)),
    ],
    ids=["equal lengths", "all time first", "ctc", "a layer that reads time first"],
)
def test_what_is_right_after_unpacking_is_left_alone(network):
    assert not [kind for kind in kinds(explain(network, zoo.floats(3, 5, 6))) if "un" in kind]


def test_a_layer_that_reads_the_batch_first_is_warned_of():
    network = reader(lambda y, h: time(y), head=nn.GRU(7, 2, batch_first=True))
    assert "unpacked_order" in kinds(explain(network, zoo.floats(3, 5, 6)))


def test_a_loop_over_unpacked_sequences_is_no_trap():
    network = reader(lambda y, h: y)
    network.fc, head = nn.Identity(), network.fc
    network.head, rnn = head, network.rnn
    lengths = torch.tensor([5, 3, 5])

    def forward(x):
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        output = first(rnn(packed)[0])
        return [head(one[:length]) for one, length in zip(output, lengths, strict=True)]

    network.forward = forward
    assert not kinds(explain(network, zoo.floats(3, 5, 6)))
