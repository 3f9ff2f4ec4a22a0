"""A state that was handed on is not thrown away."""

import pytest
import torch
from clinic import T, error_of
from torch import nn

from lstm_lessons.explaining.errors import explain_error


def lstm(units=7, layers=1, two=False, **options):
    return nn.LSTM(6, units, layers, bidirectional=two, batch_first=True, **options)


def handed(encoder, decoder, x=T, change=torch.clone):
    _, (h, c) = encoder(T)
    h, c = change(h), change(c)
    decoder(x, (h, c))


def handed_unseen(states, decoder):
    decoder(T, states)


class Translator(nn.Module):
    def __init__(self):
        super().__init__()
        self.reader = nn.Sequential(nn.Dropout(0.5), nn.GRU(6, 7, bidirectional=True))
        self.decoder = nn.GRU(6, 7)

    def forward(self, x):
        _, state = self.reader(x)
        return self.decoder(x, hx=state)


def transposed(state):
    return state.transpose(0, 1)


def both(change):
    """Return the line that changes h and c."""
    return f"h, c = {change.replace('{}', 'h')}, {change.replace('{}', 'c')}"


def another(units, layers=""):
    return f"torch.nn.LSTM(features, {units}{layers}, batch_first=True)"


def case(encoder, decoder, *lines, kept, x=T, change=torch.clone):
    """Return an encoder's states handed to a decoder: the lines, and the h that they may give."""
    return encoder, decoder, lines, kept, x, change


ADDED = both("{}.sum(0, keepdim=True)")
BY_SIDE = both("torch.cat([{}[-2], {}[-1]], -1)[None]")
TWO = ", num_layers=2"


@pytest.mark.parametrize(
    ("encoder", "decoder", "lines", "kept", "x", "change"),
    [
        case(
            lstm(two=True),
            lstm(),
            ADDED,
            BY_SIDE,
            another(14),
            kept=lambda h: [h.sum(0)[None], torch.cat([h[0], h[1]], -1)[None]],
        ),
        case(lstm(two=True), lstm(14), BY_SIDE, kept=lambda h: [torch.cat([*h], -1)[None]]),
        case(
            lstm(14, 2, two=True),
            lstm(28, 2),
            both("{}.view(2, 2, 3, 14).transpose(1, 2).flatten(2)"),
            kept=lambda h: [
                torch.stack([torch.cat([h[0], h[1]], -1), torch.cat([h[2], h[3]], -1)])
            ],
        ),
        case(
            lstm(layers=2, two=True),
            lstm(layers=2),
            both("{}.view(2, 2, 3, 7).sum(1)"),
            both("{}.view(2, 2, 3, 7).transpose(1, 2).flatten(2)"),
            another(14, TWO),
            kept=lambda h: [torch.stack([h[0] + h[1], h[2] + h[3]])],
        ),
        case(lstm(layers=2), lstm(), both("{}[-1:]"), kept=lambda h: [h[1:]]),
        case(lstm(layers=5), lstm(layers=3), both("{}[-3:]"), kept=lambda h: [h[2:]]),
        case(
            lstm(layers=3, two=True),
            lstm(),
            both("{}[-2:].sum(0, keepdim=True)"),
            kept=lambda h: [(h[4] + h[5])[None]],
        ),
        case(
            lstm(),
            lstm(layers=2),
            both("{}.repeat(2, 1, 1)"),
            another(7),
            kept=lambda h: [torch.cat([h, h]), h],
        ),
        case(lstm(layers=2), lstm(layers=3), another(7, TWO), kept=lambda h: [h]),
        case(
            lstm(8),
            lstm(),
            another(8),
            "bridge = torch.nn.Linear(8, 7)",
            "h, c = bridge(h), bridge(c)",
            kept=lambda h: [h],
        ),
        case(lstm(8, 2), lstm(), another(8, TWO), kept=lambda h: [h]),
        case(
            lstm(),
            lstm(),
            both("{}.transpose(0, 1).contiguous()"),
            kept=lambda h: [transposed(h)],
            change=transposed,
        ),
        case(lstm(), lstm(), both("{}[:, :1]"), kept=lambda h: [h[:, :1]], x=T[:1]),
        case(
            lstm(),
            lstm(),
            both("{}.repeat(1, 3, 1)"),
            kept=lambda h: [torch.cat([h] * 3, 1)],
            change=lambda state: state[:, :1],
        ),
    ],
)
def test_a_state_is_made_to_fit_and_kept(encoder, decoder, lines, kept, x, change):
    found = explain_error(error_of(lambda: handed(encoder, decoder, x, change)))
    assert tuple(line.partition("  #")[0] for line in found.instead.splitlines()) == lines
    assert "zeros" not in found.text
    _, state = encoder(T)
    first = {"h": change(state[0]), "c": change(state[1]), "torch": torch, "features": 6}
    names, came = dict(first), []
    for line in found.instead.splitlines():
        if not line.startswith("torch.nn"):
            names = first | {"bridge": names.get("bridge")}
            exec(line, names)
        elif "that decoder" not in line:
            names = first
        own = eval(line, names) if line.startswith("torch.nn") else decoder
        if not line.startswith("bridge") and "or side by side" not in line:
            assert own(x, (names["h"], names["c"]))[0].shape[0] == len(x)
        came.append(names["h"])
    for wanted in kept(first["h"]):
        assert any(one.shape == wanted.shape and torch.allclose(one, wanted) for one in came)


def test_where_the_encoder_is_not_seen_each_case_has_its_line():
    _, states = lstm(two=True)(T)
    seen = explain_error(error_of(lambda: handed_unseen(states, lstm()))).instead
    told = explain_error(RuntimeError("Expected hidden[0] size (1, 3, 7), got [2, 3, 7]")).instead
    lines = seen.splitlines()
    assert lines[0] == (
        "states = tuple(one.sum(0, keepdim=True) for one in states)  # two directions added"
    )
    assert lines[3] == "states = tuple(one[-1:] for one in states)  # of the layers the top ones'"
    assert "zeros" not in seen
    assert told.replace("features, 14", "features, 14, batch_first=True") == (
        f"{seen}\nh_0 = torch.zeros(1, 3, 7)  # if nothing is handed on; c_0 alike"
    )


def test_a_gru_in_a_network_is_seen_and_keeps_its_name():
    found = explain_error(error_of(lambda: Translator()(T)))
    assert [line.partition("  #")[0] for line in found.instead.splitlines()] == [
        "state = state.sum(0, keepdim=True)",
        "state = torch.cat([state[-2], state[-1]], -1)[None]",
        "torch.nn.GRU(features, 14)",
    ]


def test_zeros_are_advised_only_where_there_is_nothing_to_keep():
    unseen = explain_error(RuntimeError("Expected hidden size (1, 3, 7), got [1, 5, 7]"))
    assert unseen.instead.endswith("h_0 = torch.zeros(1, 3, 7)  # if nothing is handed on")
    begins = nn.Parameter(torch.zeros(1, 1, 7))
    kept = explain_error(error_of(lambda: nn.GRU(6, 7, batch_first=True)(T, begins)))
    assert kept.instead == "begins = begins.repeat(1, 3, 1)  # if all begin from the one state"
    nothing = explain_error(error_of(lambda: nn.GRU(6, 7, batch_first=True)(T, begins.detach())))
    assert nothing.instead == "h_0 = torch.zeros(1, 3, 7)  # if nothing is handed on"


def test_where_a_wrong_batch_comes_from_is_said():
    for encoder, decoder, x, line in (
        (lstm(), nn.LSTM(6, 7), T, "torch.nn.LSTM(features, 7, batch_first=True)"),
        (lstm(), lstm(), T.transpose(0, 1), "x = x.transpose(0, 1)"),
        (lstm(), lstm(), T[:2], "output, states = encoder(x)"),
    ):
        found = explain_error(error_of(lambda a=encoder, b=decoder, x=x: handed(a, b, x)))
        assert found.name == "States of another batch"
        assert found.instead.startswith(line)
        assert "zeros" not in found.text
    assert found.instead.splitlines()[-1].startswith("loader = DataLoader(data, 3, drop_last=True)")


def test_with_a_projection_h_and_c_have_a_length_each():
    """No line is offered that would make both of one length; the one that is, runs."""
    small, zeros = lstm(7, proj_size=4), torch.zeros(1, 3, 7)
    decoder, begin = "torch.nn.LSTM(features, 7", "h_0, c_0 = torch.zeros(1, 3, 4), torch.zeros"
    for broken, line in (
        (lambda: handed_unseen((zeros, zeros), small), f"{begin}(1, 3, 7)"),
        (lambda: handed(lstm(7), small), f"{decoder}, batch_first=True)"),
        (lambda: handed(small, lstm(7)), f"{decoder}, proj_size=4, batch_first=True)"),
        (lambda: handed(small, lstm(7, 1, True)), ""),
    ):
        found = explain_error(error_of(broken))
        assert "bridge" not in found.instead
        assert not line or [one.line for one in found.tried] == [line]
        assert not line or "h is as long as the projection, c as the units" in found.text


def test_a_decoder_with_the_units_of_its_encoder_keeps_its_layers_and_directions():
    for many in ({"layers": 2}, {"two": True}, {"layers": 2, "two": True}):
        found = explain_error(error_of(lambda many=many: handed(lstm(5, **many), lstm(7, **many))))
        first = found.instead.splitlines()[0].partition("  #")[0]
        assert first.startswith("torch.nn.LSTM(features, 5, ")
        assert [one.line for one in found.tried] == [first]


def test_a_state_of_a_beam_is_repeated_for_each_sequence():
    for x, begins in ((T.repeat(2, 1, 1), "h, c = h.repeat_interleave(2, 1)"), (T[:2], "output")):
        found = explain_error(error_of(lambda x=x: handed(lstm(), lstm(), x)))
        assert found.instead.startswith(begins)
        assert len(found.tried) == (begins != "output")
