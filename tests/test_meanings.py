"""What a rule says of each tensor: its place, its sizes, its meaning and what holds of it."""

import pytest

from lstm_lessons import Spec, expected
from lstm_lessons.shapes import sized

# (fields, framework, what is kept, what is said of each tensor).
SAID = [
    (
        dict(),
        "keras",
        ["output"],
        """\
output (batch 3, units 7)
    h after the last timestep
""",
    ),
    (
        dict(return_sequences=True, return_state=True),
        "keras",
        ["output", "h", "c"],
        """\
output [0](batch 3, timesteps 5, units 7)
    h after every timestep
    output[:, -1] == h
h [1](batch 3, units 7)
    the last h
    output[:, -1] == h
c [2](batch 3, units 7)
    the last c
""",
    ),
    (
        dict(layers=3, bidirectional=True, return_sequences=True, return_state=True),
        "keras",
        ["output", "forward_h", "forward_c", "backward_h", "backward_c"],
        """\
output [0](batch 3, timesteps 5, directions·units 14)
    h of the top layer in both directions, side by side, after every timestep
    output[:, -1, :7] == forward_h
forward_h [1](batch 3, units 7)
    the last forward h
    output[:, -1, :7] == forward_h
forward_c [2](batch 3, units 7)
    the last forward c
backward_h [3](batch 3, units 7)
    the last backward h
    output[:, 0, 7:] == backward_h
backward_c [4](batch 3, units 7)
    the last backward c
""",
    ),
    (
        dict(bidirectional=True, return_state=True),
        "keras",
        ["output", "forward_h", "forward_c", "backward_h", "backward_c"],
        """\
output [0](batch 3, directions·units 14)
    h in both directions, side by side, after the last timestep that each reads
    output == concat([forward_h, backward_h], -1)
forward_h [1](batch 3, units 7)
    the last forward h
    output[:, :7] == forward_h
forward_c [2](batch 3, units 7)
    the last forward c
backward_h [3](batch 3, units 7)
    the last backward h
    output[:, 7:] == backward_h
backward_c [4](batch 3, units 7)
    the last backward c
""",
    ),
    (
        dict(bidirectional=True, merge_mode=None, return_sequences=True, return_state=True),
        "keras",
        ["forward_output", "backward_output", "forward_h", "forward_c", "backward_h", "backward_c"],
        """\
forward_output [0](batch 3, timesteps 5, units 7)
    forward h after every timestep
    forward_output[:, -1] == forward_h
backward_output [1](batch 3, timesteps 5, units 7)
    backward h after every timestep
    backward_output[:, 0] == backward_h
forward_h [2](batch 3, units 7)
    the last forward h
    forward_output[:, -1] == forward_h
forward_c [3](batch 3, units 7)
    the last forward c
backward_h [4](batch 3, units 7)
    the last backward h
    backward_output[:, 0] == backward_h
backward_c [5](batch 3, units 7)
    the last backward c
""",
    ),
    (
        dict(bidirectional=True, merge_mode="sum"),
        "keras",
        ["output"],
        """\
output (batch 3, units 7)
    h in both directions, added, after the last timestep that each reads
""",
    ),
    (
        dict(bidirectional=True, merge_mode="ave", return_state=True),
        "keras",
        ["output", "forward_h", "forward_c", "backward_h", "backward_c"],
        """\
output [0](batch 3, units 7)
    h in both directions, averaged, after the last timestep that each reads
    output == (forward_h + backward_h) / 2
forward_h [1](batch 3, units 7)
    the last forward h
    output == (forward_h + backward_h) / 2
forward_c [2](batch 3, units 7)
    the last forward c
backward_h [3](batch 3, units 7)
    the last backward h
    output == (forward_h + backward_h) / 2
backward_c [4](batch 3, units 7)
    the last backward c
""",
    ),
    (
        dict(bidirectional=True, merge_mode="mul", return_state=True, cell="rnn"),
        "keras",
        ["output", "forward_h", "backward_h"],
        """\
output [0](batch 3, units 7)
    h in both directions, multiplied, after the last timestep that each reads
    output == forward_h * backward_h
forward_h [1](batch 3, units 7)
    the last forward h
    output == forward_h * backward_h
backward_h [2](batch 3, units 7)
    the last backward h
    output == forward_h * backward_h
""",
    ),
    (
        dict(
            bidirectional=True,
            merge_mode="mul",
            return_sequences=True,
            return_state=True,
            cell="gru",
        ),
        "keras",
        ["output", "forward_h", "backward_h"],
        """\
output [0](batch 3, timesteps 5, units 7)
    h in both directions, multiplied, after every timestep
forward_h [1](batch 3, units 7)
    the last forward h
backward_h [2](batch 3, units 7)
    the last backward h
""",
    ),
    (
        dict(),
        "torch",
        ["output[:, -1]"],
        """\
output [0](batch 3, timesteps 5, units 7)
    h after every timestep
    output[:, -1] == h_n[-1]
h_n [1][0](layers 1, batch 3, units 7)
    the last h
    output[:, -1] == h_n[-1]
c_n [1][1](layers 1, batch 3, units 7)
    the last c
""",
    ),
    (
        dict(return_sequences=True),
        "torch",
        ["output"],
        """\
output [0](batch 3, timesteps 5, units 7)
    h after every timestep
    output[:, -1] == h_n[-1]
h_n [1][0](layers 1, batch 3, units 7)
    the last h
    output[:, -1] == h_n[-1]
c_n [1][1](layers 1, batch 3, units 7)
    the last c
""",
    ),
    (
        dict(layers=3, bidirectional=True, batch_first=False, proj_size=3, return_state=True),
        "torch",
        ["concat([h_n[-2], h_n[-1]], -1)", "h_n", "c_n"],
        """\
output [0](timesteps 5, batch 3, directions·projection 6)
    h of the top layer in both directions, side by side, after every timestep
    output[-1, :, :3] == h_n[-2]
h_n [1][0](layers·directions 6, batch 3, projection 3)
    the last h of each layer and direction
    output[0, :, 3:] == h_n[-1]
c_n [1][1](layers·directions 6, batch 3, units 7)
    the last c of each layer and direction
""",
    ),
    (
        dict(unbatched=True, cell="gru", layers=2),
        "torch",
        ["output[-1]"],
        """\
output [0](timesteps 5, units 7)
    h of the top layer after every timestep
    output[-1] == h_n[-1]
h_n [1](layers 2, units 7)
    the last h of each layer
    output[-1] == h_n[-1]
""",
    ),
    (
        dict(bidirectional=True, unbatched=True),
        "torch",
        ["concat([h_n[-2], h_n[-1]], -1)"],
        """\
output [0](timesteps 5, directions·units 14)
    h in both directions, side by side, after every timestep
    output[-1, :7] == h_n[-2]
h_n [1][0](layers·directions 2, units 7)
    the last h of each layer and direction
    output[0, 7:] == h_n[-1]
c_n [1][1](layers·directions 2, units 7)
    the last c of each layer and direction
""",
    ),
]


def said(tensor):
    """Return the lines of a tensor."""
    first = f"{tensor.expression} {tensor.place}{tensor.sized}"
    return "\n    ".join(line for line in (first, tensor.meaning, tensor.equals) if line) + "\n"


@pytest.mark.parametrize(("fields", "framework_", "kept", "lines"), SAID)
def test_each_tensor_is_said_in_words(fields, framework_, kept, lines):
    returned = expected(Spec(**fields), framework_)
    assert "".join(map(said, returned.tensors)) == lines
    assert [one.expression for one in returned.kept] == kept


@pytest.mark.parametrize(
    ("fields", "sized"),
    [
        ({}, "(batch 3, units 7)"),
        (dict(bidirectional=True), "(batch 3, directions·units 14)"),
        (dict(bidirectional=True, proj_size=3), "(batch 3, directions·projection 6)"),
        (dict(unbatched=True), "(units 7)"),
        (dict(batch_first=False), "(batch 3, units 7)"),
    ],
)
def test_what_pytorchs_users_go_on_with_has_no_timesteps(fields, sized):
    last, *more = expected(Spec(**fields), "torch").kept
    assert (last.sized, last.path, more) == (sized, (), [])


def test_an_axis_without_a_name_or_a_size_has_the_other_alone():
    assert sized(("batch", "units"), (3, 7)) == "(batch 3, units 7)"
    assert sized(("batch", "units"), (None, 7)) == "(batch, units 7)"
    assert sized(("", ""), (3, 7)) == "(3, 7)"
    assert sized(("",), (None,)) == "(None)"
    assert sized((), ()) == "()"


def test_a_cell_named_at_run_time_is_the_same_cell():
    made = Spec(cell="".join("lstm"), merge_mode="".join("concat"), bidirectional=True)
    for framework in ("keras", "torch"):
        ours, theirs = (expected(one, framework) for one in (made, Spec(bidirectional=True)))
        assert list(map(said, ours.tensors)) == list(map(said, theirs.tensors))
