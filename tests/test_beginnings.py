"""What a layer begins with: states that fit by their shapes, and are not what belongs there."""

import keras
import numpy as np
import pytest
import torch
import zoo
from keras import layers
from torch import nn
from zoo import kinds
from zoo import untried as explain

X, Y = zoo.floats(3, 5, 6), zoo.floats(3, 4, 8)


def torch_pair(pick, encoder=None, decoder=None):
    """Return an encoder and a decoder that begins with what pick takes of output, h_n and c_n."""

    def forward(self, x, y):
        output, states = self.encoder(x)
        h_n, c_n = states if isinstance(states, tuple) else (states, None)
        return self.decoder(y, pick(output, h_n, c_n))[0]

    encoder = encoder or nn.LSTM(6, 7, batch_first=True)
    return zoo.module(forward, encoder=encoder, decoder=decoder or nn.LSTM(8, 7, batch_first=True))


def keras_pair(pick, encoder=None, decoder=None, graph=True):
    """Return the same of Keras: pick takes of all that the encoder returned, in a list."""
    encoder = encoder or layers.LSTM(7, return_state=True, name="encoder")
    decoder = decoder or layers.LSTM(7, return_sequences=True, name="decoder")

    def call(self, x, y):
        returned = self.encoder(x)
        returned = [*returned] if isinstance(returned, (list, tuple)) else [returned]
        return self.decoder(y, initial_state=pick(*returned))

    if not graph:
        return zoo.model(call, encoder=encoder, decoder=decoder)
    x, y = keras.Input((5, 6)), keras.Input((4, 8))
    returned = encoder(x)
    returned = [*returned] if isinstance(returned, (list, tuple)) else [returned]
    return keras.Model([x, y], decoder(y, initial_state=pick(*returned)))


def advised(line):
    """Return a pick that does what a warning advises, by the names of what came back."""
    return lambda output, h_n, c_n: eval(line, dict(torch=torch, output=output, h_n=h_n, c_n=c_n))


@pytest.mark.parametrize(
    ("pick", "slots"),
    [
        (lambda o, h, c: (c, h), "`c_n` of `encoder` for h and `h_n` of `encoder` for c."),
        (lambda o, h, c: (h, h), "`h_n` of `encoder` for c."),
        (lambda o, h, c: (c, c), "`c_n` of `encoder` for h."),
        (lambda o, h, c: (h, c), None),
        (lambda o, h, c: (h, torch.zeros_like(c)), None),
        (lambda o, h, c: (h, h * 2), None),
        (lambda o, h, c: (h.contiguous(), c.contiguous()), None),
    ],
)
def test_warns_of_h_and_c_in_each_others_places(pick, slots):
    found = explain(torch_pair(pick), X, Y)
    assert kinds(found) == ["wrong_state"] * (slots is not None)
    if slots:
        (warned,) = found.warnings
        assert warned.seen == f"`decoder` (`LSTM`) is given {slots}"
        assert warned.layers == ("encoder", "decoder")
        assert warned.instead == "(h_n, c_n)"
        assert not kinds(explain(torch_pair(advised(warned.instead)), X, Y))


def test_a_gru_that_begins_with_a_c_and_an_lstm_that_has_but_the_h_of_a_gru():
    gru = nn.GRU(8, 7, batch_first=True)
    (warned,) = explain(torch_pair(lambda o, h, c: c, decoder=gru), X, Y).warnings
    assert (warned.kind, warned.instead) == ("wrong_state", "h_n")
    assert not kinds(explain(torch_pair(advised(warned.instead), decoder=gru), X, Y))
    of_gru = torch_pair(lambda o, h, c: (h, h), encoder=nn.GRU(6, 7, batch_first=True))
    assert not kinds(explain(of_gru, X, Y))


@pytest.mark.parametrize("graph", [True, False])
@pytest.mark.parametrize(
    ("pick", "slots"),
    [
        (lambda o, h, c: [c, h], "`c` of `encoder` for h and `h` of `encoder` for c."),
        (lambda o, h, c: [h, h], "`h` of `encoder` for c."),
        (lambda o, h, c: [o, o], "`output` of `encoder` for c."),
        (lambda o, h, c: [o, c], None),
        (lambda o, h, c: [h, c], None),
        (lambda o, h, c: [h, h * 0], None),
    ],
)
def test_warns_of_it_in_keras(pick, slots, graph):
    found = explain(keras_pair(pick, graph=graph), X, Y)
    assert kinds(found) == ["wrong_state"] * (slots is not None)
    if slots:
        (warned,) = found.warnings
        assert warned.seen == f"`decoder` (`LSTM`) is given {slots}"
        assert warned.instead == "initial_state=[h, c]"
        right = eval(f"lambda output, h, c: dict({warned.instead})['initial_state']")
        assert not kinds(explain(keras_pair(right, graph=graph), X, Y))


@pytest.mark.parametrize(
    ("pick", "speaks"),
    [(lambda o, a, b, c, d: [a, c, b, d], True), (lambda o, a, b, c, d: [a, b, c, d], False)],
)
def test_warns_of_states_of_two_directions_out_of_their_order(pick, speaks):
    both = [
        layers.Bidirectional(layers.LSTM(7, **{f"return_{what}": True}), name=name)
        for name, what in (("encoder", "state"), ("decoder", "sequences"))
    ]
    found = explain(keras_pair(pick, *both), X, Y)
    assert kinds(found) == ["wrong_state"] * speaks
    if speaks:
        assert found.warnings[0].facts["slots"] == ("c", "h")
        names = "forward_h, forward_c, backward_h, backward_c"
        assert found.warnings[0].instead == f"initial_state=[{names}]"


def test_an_encoder_that_returns_no_c_is_told_to():
    encoder = layers.LSTM(7, name="encoder")
    (warned,) = explain(keras_pair(lambda o: [o, o], encoder), X, Y).warnings
    assert "with return_state=True" in warned.instead
    line, states = warned.instead.replace("  # with return_state=True; then ", ";").split(";")
    names = {"encoder": layers.LSTM(7, return_state=True, name="encoder"), "x": keras.Input((5, 6))}
    exec(line, names)
    y = keras.Input((4, 8))
    names |= {"decoder": layers.LSTM(7, return_sequences=True, name="decoder"), "y": y}
    network = keras.Model([names["x"], y], eval(f"decoder(y, {states})", names))
    assert not kinds(explain(network, X, Y))
    gru = keras_pair(lambda o: [o, o], layers.GRU(7, name="encoder"))
    assert not kinds(explain(gru, X, Y))


@pytest.mark.parametrize("swapped", [True, False])
def test_warns_of_the_states_of_a_cell_in_a_loop(swapped):
    def forward(self, x):
        h = c = torch.zeros(3, 7)
        for step in x.unbind(1):
            h, c = self.cell(step, (c, h) if swapped else (h, c))
        return h

    found = explain(zoo.module(forward, cell=nn.LSTMCell(6, 7)), X)
    assert kinds(found) == ["wrong_state"] * swapped
    if swapped:
        assert found.warnings[0].instead == "(h, c)"
        assert (
            "`cell` (`LSTMCell`) is given `c` of `cell` for h and `h` of" in found.warnings[0].words
        )


def test_a_state_is_read_as_one_even_where_it_is_the_input_too():
    def forward(self, x):
        h_n = self.encoder(x)[1]
        return self.decoder(h_n, h_n)[0]

    network = zoo.module(forward, encoder=nn.GRU(6, 7), decoder=nn.GRU(7, 7))
    uses = explain(network, np.swapaxes(X, 0, 1)).layers[0].uses
    assert [(use.role, use.slot) for use in uses] == [("input", None), ("state", 0)]


def lstm(features, *, layers=1, **settings):
    return nn.LSTM(features, 7, layers, batch_first=True, **settings)


@pytest.mark.parametrize(
    ("encoder", "decoder", "begins"),
    [
        (dict(bidirectional=True), dict(layers=2), "Its layer 0 begins with the forward dir"),
        (dict(layers=2, bidirectional=True), dict(layers=4), "the backward one, and so on."),
        (dict(layers=2), dict(bidirectional=True), "Its forward direction begins with layer 0"),
        (dict(layers=4), dict(layers=2, bidirectional=True), "with layer 1, and so on."),
        (dict(layers=2), dict(layers=2), None),
        (dict(bidirectional=True), dict(bidirectional=True), None),
        (dict(layers=2, bidirectional=True), dict(layers=2, bidirectional=True), None),
    ],
)
def test_warns_of_directions_handed_to_layers(encoder, decoder, begins):
    pair = lstm(6, **encoder), lstm(8, **decoder)
    found = explain(torch_pair(lambda o, h, c: (h, c), *pair), X, Y)
    assert kinds(found) == ["wrong_places"] * (begins is not None)
    if begins:
        (warned,) = found.warnings
        assert begins in warned.why
        assert warned.seen.startswith("`decoder` (`LSTM`) is given `h_n` and `c_n` of `encoder`, w")
        h, c = (warned.instead.split("  #")[0].replace("h_n", name) for name in ("h_n", "c_n"))
        assert not kinds(explain(torch_pair(advised(f"({h}, {c})"), *pair), X, Y))


def test_directions_that_are_joined_on_purpose_are_no_trap():
    def joined(o, h, c):
        return tuple(torch.cat([one[-2], one[-1]], -1)[None] for one in (h, c))

    wide = nn.LSTM(8, 14, batch_first=True)
    assert not kinds(explain(torch_pair(joined, lstm(6, bidirectional=True), wide), X, Y))
    added = torch_pair(
        lambda o, h, c: (h.sum(0, keepdim=True), c.sum(0, keepdim=True)),
        lstm(6, bidirectional=True),
    )
    assert not kinds(explain(added, X, Y))


@pytest.mark.parametrize(
    ("pick", "timesteps", "speaks"),
    [
        (lambda o, h, c: o, 2, True),
        (lambda o, h, c: o[-1:].repeat(2, 1, 1), 5, False),
        (lambda o, h, c: h.repeat(2, 1, 1), 2, False),
    ],
)
def test_warns_of_a_sequence_for_a_state(pick, timesteps, speaks):
    pair = nn.GRU(6, 7), nn.GRU(8, 7, num_layers=2)
    x, y = zoo.floats(timesteps, 3, 6), zoo.floats(4, 3, 8)
    found = explain(torch_pair(pick, *pair), x, y)
    assert kinds(found) == ["sequence_as_state"] * speaks
    if speaks:
        (warned,) = found.warnings
        assert "for a state: (timesteps 2, batch 3, units 7)." in warned.seen
        assert warned.instead == "h_n[-1:].repeat(2, 1, 1)"
        assert not kinds(explain(torch_pair(advised(warned.instead), *pair), x, y))


def test_the_output_of_one_timestep_is_a_state():
    pair = nn.GRU(6, 7), nn.GRU(8, 7)
    assert not kinds(explain(torch_pair(lambda o, h, c: o, *pair), zoo.floats(1, 3, 6), Y[:, :3]))


class Carries(nn.Module):
    """A network that keeps its states from batch to batch; how, a function of them says."""

    def __init__(self, keep, kind=nn.LSTM):
        super().__init__()
        self.rnn, self.fc = kind(6, 7, batch_first=True), nn.Linear(7, 2)
        self.keep, self.states = keep, None

    def forward(self, x):
        output, states = self.rnn(x, self.states)
        self.states = self.keep(states)
        return self.fc(output)


def trained(network, times):
    """Train a network for some batches, and return it."""
    for _ in range(times):
        network(torch.tensor(X)).sum().backward()
    return network


def as_advised(line):
    """Return a function of states that runs an advised line and returns what it assigns."""

    def keep(states):
        names = {"h": states, "states": states}
        exec(line, names)
        return names[line.split(" =")[0]]

    return keep


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
def test_warns_of_states_that_are_carried_on_with_their_graph(kind):
    network = trained(Carries(lambda states: states, kind), 1)
    fresh = Carries(lambda states: states, kind)
    assert not kinds(explain(fresh, X))  # nothing kept yet
    (warned,) = explain(network, X).warnings
    assert warned.kind == "kept_graph"
    assert warned.seen.startswith(f"`rnn` (`{kind.__name__}`) begins with a state of an earlier")
    with pytest.raises(RuntimeError, match="backward through the graph a second time"):
        trained(network, 1)
    mended = trained(Carries(as_advised(warned.instead), kind), 3)
    assert kinds(explain(mended, X, tried=True)) == ["remembers"]  # as its author wants, or not
    assert not kinds(explain(mended, X))


def test_states_that_are_learned_or_somebody_else_s_carry_no_old_graph():
    network = trained(Carries(lambda states: None), 2)
    network.states = tuple(nn.Parameter(torch.zeros(1, 3, 7)) for _ in "hc")
    assert not kinds(explain(network, X))
    h_n = nn.GRU(6, 7, batch_first=True)(torch.tensor(X))[1]
    assert h_n.requires_grad
    assert not kinds(explain(nn.GRU(8, 7, batch_first=True), Y, h_n))


@pytest.mark.parametrize("side", ["torch", "keras"])
@pytest.mark.parametrize(
    ("change", "slots"),
    [
        (lambda h, c: (c, h), "for h and the numbers of "),
        (lambda h, c: (h, h), "for c, of `encoder`."),
        (lambda h, c: (c, c), "for h, of `encoder`."),
        (lambda h, c: (h, c), None),
        (lambda h, c: (h * 2, h / 2), None),
        (lambda h, c: (h, h * 0), None),
    ],
)
def test_warns_of_h_and_c_that_were_joined_before_they_change_places(side, change, slots):
    def torch_pick(o, h, c):
        return change(*(torch.cat([one[-2], one[-1]], -1)[None] for one in (h, c)))

    def keras_pick(o, a, b, c, d):
        ends = keras.ops.concatenate([a, c], -1), keras.ops.concatenate([b, d], -1)
        return [*change(*ends)]

    if side == "torch":
        encoder = lstm(6, bidirectional=True)
        network = torch_pair(torch_pick, encoder, nn.LSTM(8, 14, batch_first=True))
        names = "output, (h_n, c_n)"
    else:
        encoder = layers.Bidirectional(layers.LSTM(7, return_state=True), name="encoder")
        network = keras_pair(keras_pick, encoder, layers.LSTM(14, name="decoder"))
        names = "output, forward_h, forward_c, backward_h, backward_c"
    found = explain(network, X, Y)
    assert kinds(found) == ["wrong_state"] * bool(slots)
    if slots:
        (warned,) = found.warnings
        assert warned.seen.startswith("`decoder` (`LSTM`) is given the numbers of `")
        assert slots in warned.seen
        assert warned.instead == f"{names} = encoder(x)  # in this order"
        exec(warned.instead, {"encoder": encoder, "x": torch.tensor(X) if side == "torch" else X})


def test_names_in_their_order_are_what_is_joined_in_the_right_places():
    encoder = lstm(6, bidirectional=True)

    def forward(self, x, y, line="output, (c_n, h_n) = encoder(x)"):
        names = {"encoder": self.encoder, "x": x}
        exec(line, names)
        joined = (torch.cat([names[n][-2], names[n][-1]], -1)[None] for n in ("h_n", "c_n"))
        return self.decoder(y, tuple(joined))[0]

    decoder = nn.LSTM(8, 14, batch_first=True)
    network = zoo.module(forward, encoder=encoder, decoder=decoder)
    (warned,) = explain(network, X, Y).warnings
    assert warned.kind == "wrong_state"
    assert not kinds(explain(network, X, Y, line=warned.instead))


def test_one_layer_s_state_for_each_of_two_may_be_the_wrong_one_too():
    pair = lstm(6), lstm(8, layers=2)
    pick = lambda o, h, c: (c.repeat(2, 1, 1), h.repeat(2, 1, 1))  # noqa: E731
    assert kinds(explain(torch_pair(pick, *pair), X, Y)) == ["wrong_state"]
    right = lambda o, h, c: (h.repeat(2, 1, 1), c.repeat(2, 1, 1))  # noqa: E731
    assert not kinds(explain(torch_pair(right, *pair), X, Y))


class OwnCell(layers.Layer):
    """A cell of somebody's own that begins with h and c of an LSTM, in the order it likes."""

    def __init__(self, units):
        super().__init__()
        self.state_size, self.output_size = [units, units], units

    def build(self, shape):
        self.built = True

    def call(self, x, states):
        h, c = states
        return h, [h + c, c]


FILMS = zoo.floats(2, 5, 4, 6, 1), zoo.floats(2, 3, 4, 6, 1)


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("returns", [False, True])
def test_a_decoder_over_films_begins_with_h_and_c(swapped, returns):
    x, y = (keras.Input(one.shape[1:]) for one in FILMS)
    states = layers.ConvLSTM2D(3, 3, padding="same", return_state=True, name="encoder")(x)[1:]
    decoder = layers.ConvLSTM2D(3, 3, padding="same", return_state=returns, name="decoder")
    end = decoder(y, initial_state=states[:: -1 if swapped else 1])
    found = explain(keras.Model([x, y], end), *FILMS)
    assert kinds(found) == ["wrong_state"] * swapped
    assert f"It begins with h_0: {'hc'[swapped]} of encoder; c_0: " in found.text
    if swapped:
        assert found.warnings[0].instead == "initial_state=[h, c]"


def test_what_a_cell_of_ones_own_begins_with_is_not_known_and_not_wrong():
    found = explain(keras_pair(lambda o, h, c: [h, c], decoder=layers.RNN(OwnCell(7))), X, Y)
    assert not kinds(found)
    assert "It begins with state 0: h of encoder; state 1: c of encoder." in found.text


def test_several_cells_begin_each_with_its_own_states():
    def rnn(name):
        cells = [layers.LSTMCell(7), layers.GRUCell(8)]
        return layers.RNN(cells, return_state=True, name=name)

    network = keras_pair(lambda o, *states: states, rnn("encoder"), rnn("decoder"))
    found = explain(network, X, Y)
    assert (
        "It begins with h of cell 0: h_0 of encoder; c of cell 0: c_0 of encoder; "
        "h of cell 1: h_1 of encoder."
    ) in found.text
    assert not kinds(found)


@pytest.mark.parametrize(
    ("pick", "layers_", "is_"),
    [
        (
            lambda h: h[:2],
            2,
            "layer 0 forward for its layer 0 and layer 0 backward for its layer 1.",
        ),
        (
            lambda h: h[-2:],
            2,
            "layer 1 forward for its layer 0 and layer 1 backward for its layer 1.",
        ),
        (
            lambda h: h[1:4],
            3,
            "layer 0 backward for its layer 0 and layer 1 forward for its layer 1",
        ),
        (lambda h: h.unflatten(0, (2, 2)).sum(1), 2, None),
    ],
)
def test_warns_of_a_part_of_the_directions_handed_to_layers(pick, layers_, is_):
    pair = lstm(6, layers=2, bidirectional=True), lstm(8, layers=layers_)
    found = explain(torch_pair(lambda o, h, c: (pick(h), pick(c)), *pair), X, Y)
    assert kinds(found) == ["wrong_places"] * bool(is_)
    if is_:
        (warned,) = found.warnings
        assert is_ in warned.why
        assert warned.why.endswith(", and so on.") == (layers_ > 2)
        assert bool(warned.instead) == (layers_ == 2)
    if is_ and warned.instead:
        h, c = (warned.instead.split("  #")[0].replace("h_n", name) for name in ("h_n", "c_n"))
        assert not kinds(explain(torch_pair(advised(f"({h}, {c})"), *pair), X, Y))
