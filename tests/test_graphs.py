"""States that are kept from batch to batch are cut off in the learner's own names."""

import pytest
import torch
from clinic import T, error_of
from torch import nn

from lstm_lessons.explaining.errors import explain_error

HEAD = nn.Linear(7, 1)


class Keeps(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.memory = nn.LSTM(6, 7, batch_first=True), None

    def forward(self, x):
        output, self.memory = self.lstm(x, self.memory)
        return output


def steps(layer, loss, **options):
    optimizer = torch.optim.SGD(layer.parameters(), 0.1)
    optimizer.zero_grad()
    loss.backward(**options)
    optimizer.step()


def of_lstm(cut=None, **options):
    lstm, state = nn.LSTM(6, 7, batch_first=True), None
    for chunk in (T, T):
        output, state = lstm(chunk, state)
        output = torch.relu(output)
        steps(lstm, HEAD(output).mean(), **options)
        state = cut(state) if cut else state


def of_pair(cut=None, **options):
    lstm, h, c = nn.LSTM(6, 7, batch_first=True), torch.zeros(1, 3, 7), torch.zeros(1, 3, 7)
    for chunk in (T, T):
        output, (h, c) = lstm(chunk, (h, c))
        steps(lstm, output.mean(), **options)
        h, c = cut((h, c)) if cut else (h, c)


def of_gru(cut=None, **options):
    gru, hidden = nn.GRU(6, 7, batch_first=True), None
    for chunk in (T, T):
        output, hidden = gru(chunk, hidden)
        steps(gru, output.mean(), **options)
        hidden = cut(hidden) if cut else hidden


def of_network(cut=None, **options):
    network = Keeps()
    for chunk in (T, T):
        output = network(chunk)
        steps(network, output.mean(), **options)
        network.memory = cut(network.memory) if cut else network.memory


LINES = {
    of_lstm: "state = tuple(one.detach() for one in state)",
    of_pair: "h, c = h.detach(), c.detach()",
    of_gru: "hidden = hidden.detach()",
    of_network: "layer.memory = tuple(one.detach() for one in layer.memory)",
}


def cut_by(line):
    """Return a function of a state that does what a line says."""
    target, _, made = line.partition(" = ")

    def cut(state):
        names = [one.strip() for one in target.split(",")]
        scope = dict(zip(names, state, strict=True)) if len(names) > 1 else {"given": state}
        return eval(made if len(names) > 1 else made.replace(target, "given"), scope)

    return cut


@pytest.mark.parametrize("run", LINES)
def test_a_state_that_is_kept_is_cut_off_by_its_own_name(run):
    instead = explain_error(error_of(run)).instead
    first, *others = instead.splitlines()
    assert first.partition("  #")[0] == LINES[run]
    assert "detach" not in " ".join(others)
    run(cut_by(LINES[run]))


def test_where_no_state_is_seen_both_usual_lines_stand():
    def twice():
        loss = HEAD(torch.ones(3, 7)).pow(2).mean()
        loss.backward()
        loss.backward()

    assert explain_error(error_of(twice)).instead.startswith("h, c = h.detach(), c.detach()  # if")


def retaining():
    lstm, state = nn.LSTM(6, 7, batch_first=True), None
    optimizer = torch.optim.SGD(lstm.parameters(), 0.1)
    for chunk in (T, T):
        output, state = lstm(chunk, state)
        output.mean().backward(retain_graph=True)
        optimizer.step()


def test_a_graph_that_is_kept_through_a_step_is_cut_and_not_kept():
    found = explain_error(error_of(retaining))
    assert found.name == "A tensor changed in place"
    assert found.instead.startswith("state = tuple(one.detach() for one in state)  # if kept")


def test_of_a_change_in_place_without_retain_graph_nothing_is_said_of_it():
    def changed():
        h = torch.sigmoid(HEAD(torch.ones(3, 7)))
        h += 1
        h.mean().backward()

    found = explain_error(error_of(changed))
    assert found.name == "A tensor changed in place"
    assert "detach" not in found.text
