"""What is done between the layers is told as the expression that was computed, and as a line."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
import zoo
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from zoo import untried as explain

from lstm_lessons.explaining.parts import LONG, Part


def explained(forward, **parts):
    """Return the Explanation of a network of these parts with this forward, on (3, 5, 6)."""
    parts = {"rnn": nn.LSTM(6, 8, 2, batch_first=True, bidirectional=True)} | parts
    return explain(zoo.module(forward, **parts), zoo.floats(3, 5, 6))


def made_by(make):
    """Return the Call of a layer, made of whose (output, h_n, c_n) the network returns."""

    def forward(self, x):
        output, (h, c) = self.rnn(x)
        return make(output, h, c)

    return explained(forward).layers[0]


INDEXES = {
    "output[:, -1]": lambda o, h, c: o[:, -1],
    "output[1:, ::2, 3]": lambda o, h, c: o[1:, ::2, 3],
    "output[..., 0]": lambda o, h, c: o[..., 0],
    "h_n[-1]": lambda o, h, c: h[-1],
    "h_n[1]": lambda o, h, c: h.unbind()[1],
    "h_n[2]": lambda o, h, c: [*h][2],
    "output.select(1, -1)": lambda o, h, c: o.select(1, -1),
    "output.select(index=-1, dim=1)": lambda o, h, c: o.select(index=-1, dim=1),
    "output.chunk(2, -1)[1]": lambda o, h, c: o.chunk(2, -1)[1],
    "output.split([2, 3], dim=1)[1]": lambda o, h, c: o.split([2, 3], dim=1)[1],
    "h_n.chunk(dim=0, chunks=2)[1]": lambda o, h, c: h.chunk(dim=0, chunks=2)[1],
    "output.chunk(2, -1)[1][:, 0]": lambda o, h, c: o.chunk(2, -1)[1][:, 0],
    "h_n.view(3, -1)": lambda o, h, c: h.view(3, -1),
    "h_n.view(2, 2, 3, 8)[-1]": lambda o, h, c: h.view(2, 2, 3, 8)[-1],
    "h_n.permute(1, 0, 2).reshape(3, -1)": lambda o, h, c: h.permute(1, 0, 2).reshape(3, -1),
    "h_n.transpose(0, 1)": lambda o, h, c: h.transpose(0, 1),
    "output.permute(2, 0, 1)": lambda o, h, c: o.permute(2, 0, 1),
    "output.mT": lambda o, h, c: o.mT,
    "output.flatten(1)": lambda o, h, c: o.flatten(1),
    "torch.flatten(output, 1)": lambda o, h, c: torch.flatten(o, 1),
    "output[:, -1].unsqueeze(1)": lambda o, h, c: o[:, -1].unsqueeze(1),
    "c_n": lambda o, h, c: c.detach().clone().contiguous().float(),
}
OTHERS = {
    "torch.cat([h_n[-2], h_n[-1]], -1)": lambda o, h, c: torch.cat([h[-2], h[-1]], -1),
    "torch.cat([h_n[-2], h_n[-1]], -1) * 2": lambda o, h, c: torch.cat([h[-2], h[-1]], -1) * 2,
    "torch.cat((h_n[0], c_n[0]), dim=1)": lambda o, h, c: torch.cat((h[0], c[0]), dim=1),
    "torch.stack([h_n[-1] * 2, h_n[-2]])": lambda o, h, c: torch.stack([h[-1] * 2, h[-2]]),
    "(h_n + c_n) * 2": lambda o, h, c: (h + c) * 2,
    "1 - torch.tanh(output)": lambda o, h, c: 1 - torch.tanh(o),
    "(-output).sum(1)": lambda o, h, c: (-o).sum(1),
    "output.mean(dim=1)": lambda o, h, c: o.mean(dim=1),
    "output.max(dim=1)[0]": lambda o, h, c: o.max(dim=1)[0],
    "output[:, [0, 2]]": lambda o, h, c: o[:, [0, 2]],
    "output[:, -1, None]": lambda o, h, c: o[:, -1, None],
    "F.softmax(output, dim=-1)": lambda o, h, c: F.softmax(o, dim=-1),
    "F.relu(output)[:, -1]": lambda o, h, c: F.relu(o)[:, -1],
    "torch.bmm(output, output.transpose(1, 2))": lambda o, h, c: torch.bmm(o, o.transpose(1, 2)),
    "torch.einsum('btu->bt', output)": lambda o, h, c: torch.einsum("btu->bt", o),
    "output @ output.mT": lambda o, h, c: o @ o.mT,
    "output.expand(2, 3, 5, 16)": lambda o, h, c: o.expand(2, 3, 5, 16),
    "output.flip(1)": lambda o, h, c: o.flip(1),
}


@pytest.mark.parametrize("expression", [*INDEXES, *OTHERS])
def test_a_use_is_told_as_the_expression_that_was_computed(expression):
    make = (INDEXES | OTHERS)[expression]
    call = made_by(make)
    (use,) = call.uses
    assert use.expression == expression
    names = {one.expression: torch.tensor(one.values) for one in call.returned.tensors}
    told = eval(use.expression, {"torch": torch, "F": F, **names})  # what this file wrote
    assert torch.equal(told, make(*names.values()))
    assert {one.expression for one in use.tensors} == {one for one in names if one in expression}
    assert isinstance(use.part, Part) == (expression in INDEXES)
    if isinstance(use.part, Part):
        assert np.array_equal(use.part.values, told.numpy())


def test_what_is_made_number_by_number_keeps_its_place_in_time():
    timesteps = {
        lambda o, h, c: o[:, -1]: -1,
        lambda o, h, c: torch.relu(o[:, -1]) * 2: -1,
        lambda o, h, c: F.relu(o)[:, 2]: 2,
        lambda o, h, c: o.select(1, 0): 0,
        lambda o, h, c: o.flip(1)[:, -1]: None,
        lambda o, h, c: o[:, -1] + o[:, 0]: None,
        lambda o, h, c: o.mean(1): None,
    }
    assert [made_by(make).uses[0].timestep for make in timesteps] == [*timesteps.values()]


def test_of_others_and_of_what_is_too_long_only_the_tensors_are_told():
    def forward(self, x):
        output, (_h, c) = self.rnn(x)
        later, _ = self.second(output * self.weight)
        total = output
        for _ in range(30):
            total = total + output * 2
        filled = torch.zeros(3, 9, 16)
        filled[:, :5] = output
        return torch.cat([output, later, x], -1), total, filled, c.sum()

    second = nn.GRU(16, 4, batch_first=True)
    found = explained(forward, second=second, weight=nn.Parameter(torch.ones(16)))
    first, later = found.layers
    told = [use.words for use in first.uses if use.who == ""]
    assert told == [
        "`torch.cat([output, …], -1)` (3, 5, 26)",
        "what is made of `output` (3, 5, 16)",
        "what is made of `output` (3, 9, 16)",
        "`c_n.sum()` ()",
    ]
    assert all(len(use.expression) <= LONG for use in first.uses)
    assert [use.expression for use in first.uses if use.who == "second"] == ["output * …"]
    assert [use.expression for use in later.uses] == ["torch.cat([…, output, …], -1)"]


def test_others_in_a_row_are_one_and_an_operand_keeps_its_own():
    def forward(self, x):
        output, _ = self.rnn(x)
        other = x.mean(-1, keepdim=True)
        return torch.cat([other, other * 2, output + other, other, other], -1)

    (use,) = explained(forward).layers[0].uses
    assert use.expression == "torch.cat([…, output + …, …], -1)"


def set_first(output, value):
    output[:, 0] = value


@pytest.mark.parametrize(
    "change",
    [
        lambda output: set_first(output, 0.0),
        lambda output: set_first(output, torch.ones(3, 16)),
        lambda output: set_first(output.transpose(0, 2), 0.0),
        lambda output: output[:, 0].zero_(),
        lambda output: torch.relu_(output[0]),
    ],
)
def test_a_tensor_that_is_changed_in_place_is_not_what_the_layer_returned(change):
    def forward(self, x):
        output, _ = self.rnn(x)
        change(output)
        return self.fc(output), self.fc(output[:, -1])

    (use, last) = explained(forward, fc=nn.Linear(16, 2)).layers[0].uses
    assert (use.named, last.named) == ("what is made of `output`",) * 2


def test_dropped_is_said_only_of_what_nothing_read_and_nothing_holds():
    def said(make):
        found = explained(lambda self, x: make(self, *self.rnn(x)), fc=nn.Linear(16, 2))
        return next(line for line in found.text.splitlines() if "receives" in line)

    unread = said(lambda self, o, hc: self.fc(o))
    assert unread.endswith("h_n and c_n: dropped.")
    for read in (lambda c: c.sum().item(), lambda c: c.numpy(), lambda c: c.tolist(), torch.tanh):
        seen = said(lambda self, o, hc, read=read: (read(hc[1]), self.fc(o))[1])
        assert seen.endswith("What becomes of c_n is not seen. h_n: dropped.")
    for shape in (lambda c: c.shape, len, torch.zeros_like, lambda c: c.new_zeros(3, 2)):
        seen = said(lambda self, o, hc, shape=shape: (shape(hc[1]), self.fc(o))[1])
        assert seen.endswith("h_n and c_n: dropped.")

    def keep(self, o, hc):
        self.state = {"h": [hc[0].detach()]}
        return self.fc(o)

    assert said(keep).endswith("The attribute state keeps h_n (4, 3, 8). c_n: dropped.")

    class Result:
        def __init__(self, value):
            self.value = value

    hidden = said(lambda self, o, hc: (self.fc(o), Result(hc[0])))
    assert hidden.endswith("What becomes of h_n and c_n is not visible.")


@torch.jit.script
def last_doubled(x):
    return x[:, -1] * 2


def test_what_is_read_below_python_is_not_seen_and_not_dropped():
    unseen = "What becomes of output is not seen. h_n and c_n: dropped."
    for read in (last_doubled, torch.vmap(lambda one: one[-1] * 2)):
        found = explained(
            lambda self, x, read=read: self.fc(read(self.rnn(x)[0])), fc=nn.Linear(16, 2)
        )
        assert f"   {unseen}" in found.text.splitlines()
    compiled = torch.compile(nn.Linear(16, 2), backend="eager")
    found = explained(lambda self, x: self.fc(self.rnn(x)[0][:, -1]), fc=compiled)
    assert [use.expression for use in found.layers[0].uses] == ["output[:, -1]"]


def test_a_loop_over_a_tensor_is_told_once():
    def forward(self, x):
        output, _ = self.rnn(x)
        state = None
        for t in reversed(range(4)):
            state = self.cell(output[:, t], state)
        for row in output[0]:
            self.fc(row)
        return state

    call = explained(forward, cell=nn.LSTMCell(16, 7), fc=nn.Linear(16, 2)).layers[0]
    told = {use.who: use.words for use in call.uses}
    assert told["cell"] == "`output[:, t]` (3, 16) for t = 3 … 0"
    assert [use.timestep for use in call.uses if use.who == "cell"] == [None]


def test_a_use_says_the_line_of_its_users_code():
    def forward(self, x):
        output, _ = self.rnn(x)
        return self.fc(output[:, -1]), self.many(output)  # the line

    many = nn.Sequential(nn.Linear(16, 3), nn.ReLU())
    call = explained(forward, fc=nn.Linear(16, 2), many=many).layers[0]
    with open(__file__) as file:
        number = next(n for n, line in enumerate(file, 1) if line.endswith("# the line\n"))
    told = {use.who: use.line for use in call.uses if use.who}
    assert told == dict.fromkeys(("fc", "many.0"), f"line {number} of test_operations.py")


def test_packed_output_that_is_padded_again_is_followed():
    def forward(self, x):
        lengths = torch.tensor([2, 5, 3])
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        output, _ = self.rnn(packed)
        output, _ = pad_packed_sequence(output, batch_first=True)
        return self.fc(output[:, -1])

    (use,) = explained(forward, fc=nn.Linear(16, 2)).layers[0].uses
    assert (use.expression, use.shape) == ("pad_packed_sequence(output)[:, -1]", (3, 16))


STRAY = nn.LSTM(6, 7, batch_first=True)
FORWARDS = {kind: kind.forward for kind in (nn.LSTM, nn.GRU, nn.RNN, nn.LSTMCell, nn.GRUCell)}


class Doubled(nn.GRU):
    def forward(self, x, hx=None):
        return super().forward(x * 2, hx)


def test_a_layer_that_no_attribute_holds_is_seen_and_said_to_be_unregistered():
    doubled = Doubled(7, 8, batch_first=True)

    def forward(self, x):
        output, _ = STRAY(x)
        return self.fc(doubled.forward(output)[0][:, -1])

    found = explained(forward, fc=nn.Linear(8, 2))
    kinds = [(call.path, call.kind, call.returned.shapes[0]) for call in found.layers]
    assert kinds == [
        ("unregistered 1", "LSTM", (3, 5, 7)),
        ("unregistered 2", "Doubled", (3, 5, 8)),
    ]
    assert "`unregistered 1` ran, and no attribute of the network holds it" in " ".join(found.notes)
    assert [use.who for call in found.layers for use in call.uses] == ["unregistered 2", "fc"]
    assert {kind: kind.forward for kind in FORWARDS} == FORWARDS  # nothing is left behind
