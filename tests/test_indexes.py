"""What a typed index takes: as NumPy does it, in words, and one clear line for a wrong one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_lessons import Spec, expected
from lstm_lessons.explaining.tries import rows_in_words
from lstm_lessons.indexes import NoIndex, take
from lstm_lessons.picks import candidates, presses, same_numbers, there
from lstm_lessons.shapes import Tensor
from lstm_lessons.taken import places_in_words

PLAIN = expected(Spec(), "torch").tensors
TWO = expected(Spec(layers=2, bidirectional=True), "torch").tensors
KERAS = expected(Spec(return_sequences=True, return_state=True)).tensors
WHOLE = st.integers(-5, 5)
ENDS = st.none() | st.integers(-7, 7)
SLICES = st.builds(slice, ENDS, ENDS, st.sampled_from([None, 1, 2, 3, -1, -2]))
PARTS = WHOLE | SLICES | st.sampled_from([None, ...]) | st.lists(st.integers(-3, 2), max_size=3)
STEPS = st.lists(st.lists(PARTS, min_size=1, max_size=4), max_size=3)
SHAPES = st.lists(st.integers(1, 5), min_size=1, max_size=4)


def typed(part):
    """Return a part of an index as one types it."""
    if isinstance(part, slice):
        start, stop, step = (
            "" if one is None else one for one in (part.start, part.stop, part.step)
        )
        return f"{start}:{stop}" + f":{step}" * (step != "")
    return "..." if part is ... else repr(part)


def listed(tensor):
    """Return a tensor with its numbers in nested lists."""
    return replace(tensor, values=tensor.values.tolist())


def as_numpy_has_it(shape, steps):
    """Check an index against NumPy: the same numbers, order and shape, or both refuse."""
    numbers = np.arange(np.prod(shape)).reshape(shape)
    axes = tuple(f"axis{at}" for at in range(len(shape)))
    tensor = Tensor("t", "t", (), axes, tuple(shape), values=numbers)
    text = "t" + "".join(
        f"[{', '.join(map(typed, step))}{',' * (len(step) == 1)}]" for step in steps
    )
    try:
        wanted = numbers
        for step in steps:
            wanted = wanted[tuple(step)]
    except IndexError:
        with pytest.raises(NoIndex):
            take(text, [tensor])
        return None
    try:
        found = take(text, [tensor])
    except NoIndex as error:  # what NumPy does, and no course should teach
        assert "lists" in str(error) or not wanted.size, (text, error)
        return None
    assert found.shape == wanted.shape, text
    assert [numbers[at] for _, at in found.squares] == wanted.ravel().tolist(), text
    assert np.array_equal(found.values, wanted)
    assert take(text, [listed(tensor)]).values == wanted.tolist(), text
    assert found.size == wanted.size
    return found


@settings(max_examples=150, deadline=None, derandomize=True)
@given(SHAPES, STEPS)
def test_an_index_takes_what_numpy_takes(shape, steps):
    as_numpy_has_it(shape, steps)


@pytest.mark.more
@settings(max_examples=5000, deadline=None)
@given(SHAPES, STEPS)
def test_many_indexes_take_what_numpy_takes(shape, steps):
    as_numpy_has_it(shape, steps)


def test_lists_in_pairs_and_beside_numbers_take_what_numpy_takes():
    for steps in (
        [[[0, 1, 2], [1, 3, 2]]],
        [[[0, 2], -1]],
        [[-1, [1, 1, 0]]],
        [[[0, 1], [2, 3]], [1]],
    ):
        assert as_numpy_has_it((3, 5, 7), steps) is not None


INDEXES = (
    *("x", "x[0]", "x[[0, 1]]", "x[[1, 0]]", "x[[0, 1], [0, 1]]", "x[[1, 0], [1, 0]]", "x[None]"),
    *("x[[0, 1], [1, 0]]", "x[:, :0]", "x[5:]", "x[0:1]", "x[:, -1]", "x[:, 4:]", "x[:, ::-1]"),
    *("x[0, 1, 2]", "x[-3, 1, 2]", "x[[0, 0]]", "x[[0, 0], [1, 1]]", "x[0, [1, 1]]"),
)


@pytest.mark.parametrize("one", INDEXES)
def test_who_takes_the_same_numbers_is_known_however_they_are_ordered(one):
    x = Tensor("x", "x", (), ("batch", "timesteps", "features"), (3, 5, 6))
    mine = take(one, [x])
    for other in INDEXES:
        theirs = take(other, [x])
        same = {*mine.squares} == {*theirs.squares}
        assert mine.pieces[0].takes_those_of(theirs.pieces[0]) == same, other


@pytest.mark.parametrize(
    ("joined", "axis"),
    [
        ("torch.cat([a[-2], a[-1]], dim=-1)", -1),
        ("torch.cat((a[-2], a[-1]))", 0),
        ("concat([a[-2], a[-1]], 1)", 1),
        ("ops.concatenate([a[-2], a[-1]])", -1),
        ("keras.ops.concatenate([a[-2], a[-1]], axis=0)", 0),
        ("np.concatenate([a[-2], a[-1]])", 0),
        ("tf.concat([a[-2], a[-1]], axis=-1)", -1),
    ],
)
def test_two_are_joined_as_numpy_joins_them(joined, axis):
    numbers = np.arange(84).reshape(4, 3, 7)
    tensor = Tensor(
        "a", "a", (), ("layers·directions", "batch", "units"), (4, 3, 7), values=numbers
    )
    found = take(joined, [tensor])
    wanted = np.concatenate([numbers[-2], numbers[-1]], axis)
    assert found.shape == wanted.shape
    assert np.array_equal(found.values, wanted)
    assert take(joined, [listed(tensor)]).values == wanted.tolist()
    assert found.names[axis] == ("2·batch", "2·units")[axis]


@pytest.mark.parametrize(
    ("index", "change", "words"),
    [
        ("output", "(3, 5, 7) → (3, 5, 7)", "all 3 sequences, all 5 timesteps, all 7 units"),
        ("output[:, -1]", "(3, 5̶, 7) → (3, 7)", "all 3 sequences, the last timestep, all 7 units"),
        ("output[:, 4]", "(3, 5̶, 7) → (3, 7)", "all 3 sequences, the last timestep, all 7 units"),
        ("output[−1]", "(3̶, 5, 7) → (5, 7)", "the last sequence, all 5 timesteps, all 7 units"),
        ("output[0, 3, 2]", "(3̶, 5̶, 7̶) → ()", "the first sequence, timestep 3, unit 2"),
        (
            "output[:, -1:]",
            "(3, 5, 7) → (3, 1, 7)",
            "all 3 sequences, the last timestep (its axis stays, of 1), all 7 units",
        ),
        (
            "output[..., 1:4, None, ::-1]",
            "(3, 5, 7) → (3, 3, 1, 7)",
            "all 3 sequences, timesteps from 1 to 3, all 7 units backwards, a new axis of 1",
        ),
        (
            "output[5:, ::2, :3]",
            "(3, 5, 7) → (0, 3, 3)",
            "no sequence, timesteps at 0, 2 and 4, the first 3 units",
        ),
        (
            "output[[0, 1, 2], [1, 3, 2]]",
            "(3, 5̶, 7) → (3, 7)",
            "timestep 1 of sequence 0, timestep 3 of sequence 1, timestep 2 of sequence 2, all 7 "
            "units",
        ),
        ("h_n[-1]", "(1̶, 3, 7) → (3, 7)", "the one layer, all 3 sequences, all 7 units"),
    ],
)
def test_it_is_said_in_words(index, change, words):
    found = take(index, PLAIN)
    assert (found.change, found.words) == (change, words)


@pytest.mark.parametrize(
    ("index", "words"),
    [
        ("h_n", "all 4 rows, all 3 sequences, all 7 units"),
        ("h_n[:, 1:]", "all 4 rows, the last 2 sequences, all 7 units"),
        ("h_n[-1]", "the last row (layer 1 backward), all 3 sequences, all 7 units"),
        ("h_n[2, 1]", "row 2 (layer 1 forward), sequence 1, all 7 units"),
        (
            "output[:, -1, :7]",
            "all 3 sequences, the last timestep, the 7 units of the forward direction",
        ),
        (
            "output[0, 0, 9]",
            "the first sequence, the first timestep, unit 2 of the backward direction",
        ),
        (
            "torch.cat([h_n[-2], h_n[-1]], dim=-1)",
            "row 2 (layer 1 forward), all 3 sequences, all 7 units; and the last row (layer 1 "
            "backward), all 3 sequences, all 7 units; joined at their units",
        ),
    ],
)
def test_directions_are_said_in_words(index, words):
    assert take(index, TWO).words == words


def test_all_of_two_are_both():
    assert places_in_words("layers", 2, [0, 1]) == "both layers"
    assert places_in_words("directions·units", 2, [0, 1]) == "both units of both directions"
    assert places_in_words("layers", 3, [0, 1, 2]) == "all 3 layers"
    assert rows_in_words([0, 1], 2) == "both results"


def test_each_part_knows_its_axis_and_what_becomes_of_it():
    [piece] = take("output[ :, None ][..., -1, 2:]", PLAIN).pieces
    text = "output[ :, None ][..., -1, 2:]"
    assert [(text[one.start : one.end], one.axes, one.does) for one in piece.parts] == [
        (":", ("batch",), "stays"),
        ("None", (), "new"),
        ("...", ("batch", "new"), "stays"),
        ("-1", ("timesteps",), "taken away"),
        ("2:", ("units",), "stays"),
    ]
    assert piece.names == ("batch", "new", "units")
    assert piece.before == (
        ("batch", 3, "stays"),
        ("timesteps", 5, "taken away"),
        ("units", 7, "stays"),
    )


PART = "each part of an index must be a whole number, a slice, a list, None or ..."
ONLY = "a call must be torch.cat, or concatenate, of a list and an axis"
TRY = "; try output[:, -1]"
JOIN = "; try torch.cat([h_n[-1], h_n[-1]], dim=-1)"


@pytest.mark.parametrize(
    ("index", "line"),
    [
        ("", f"an index must be typed, got nothing{TRY}"),
        ("output[:, 5]", "timestep must be from -5 to 4 (of 5 timesteps), got 5; try -1"),
        ("output[-4]", "sequence must be from -3 to 2 (of 3 sequences), got -4; try -1"),
        ("h_n[1]", "layer must be from -1 to 0 (the one layer), got 1; try -1"),
        ("output[[0, 3]]", "sequence must be from -3 to 2 (of 3 sequences), got 3; try -1"),
        ("output[9:][0]", "no sequence is left, got 0; try a longer slice"),
        (
            "output[0, 0, 0, 0]",
            "an index of output must have at most 3 parts, one for each of batch 3, timesteps 5, "
            "units 7, got 4; try output[0, 0, 0]",
        ),
        (
            "h_n[-1][0, 0, 0]",
            "an index of what is left of h_n must have at most 2 parts, one for each of batch 3, "
            "units 7, got 3; try h_n[0, 0, 0]",
        ),
        ("output[0][0][0][0]", "a single number has no axes, got 1 more; try fewer brackets"),
        ("out[0]", f"name must be 'output', 'h_n' or 'c_n', got 'out'{TRY}"),
        ("output[:, -1", f"each bracket must be closed, got 'output[:, -1'{TRY}"),
        ("output[:, (1", "each bracket must be closed, got 'output[:, (1'; try output[:, (1)]"),
        ("output[:;]", f"an index must be as Python writes it, got 'output[:;]'{TRY}"),
        ("y = output", f"an index must be as Python writes it, got 'y = output'{TRY}"),
        ("output]", f"an index must be as Python writes it, got 'output]'{TRY}"),
        ("print(output)", f"{ONLY}, got print(output){JOIN}"),
        ("__import__('os')", f"{ONLY}, got __import__('os'){JOIN}"),
        ("torch.cat(output, h_n)", f"{ONLY}, got torch.cat(output, h_n){JOIN}"),
        ("torch.cat([h_n, c_n], out=x)", f"{ONLY}, got torch.cat([h_n, c_n], out=x){JOIN}"),
        ("os.cat([h_n, c_n])", f"{ONLY}, got os.cat([h_n, c_n]){JOIN}"),
        ("torch.cat([h_n])", f"cat must be given two or more, got torch.cat([h_n]){JOIN}"),
        ("concat([h_n, c_n])", "concat must be told the axis, got none; try axis=-1"),
        ("torch.cat([h_n, c_n], 3)", "the axis to join at must be from -3 to 2, got 3; try -1"),
        (
            "torch.cat([output, h_n], -1)",
            "all sizes but that of axis 2 must agree, got (3, 5, 7) and (1, 3, 7); try an axis at "
            "which they differ",
        ),
        ("len(output)[0]", f"nothing may be called within an index, got len(output){TRY}"),
        ("output[:, len(x)]", f"nothing may be called within an index, got len(x){TRY}"),
        ("output.T", f"an index must have no attribute, got output.T{TRY}"),
        ("output[:, x.y]", f"an index must have no attribute, got x.y{TRY}"),
        ("output[1.5]", f"{PART}, got 1.5{TRY}"),
        ("output[True]", f"{PART}, got True{TRY}"),
        ("output[:, n]", f"{PART}, got n{TRY}"),
        ("output['h']", f"{PART}, got 'h'{TRY}"),
        ("output[:, 1.0:]", f"{PART}, got 1.0{TRY}"),
        ("3", f"an index must begin with a name, got 3{TRY}"),
        ("output, h_n", f"an index must begin with a name, got output, h_n{TRY}"),
        ("output[..., ...]", f"... must stand once in an index, got ..., ...{TRY}"),
        ("output[::0]", "the step of a slice must not be 0, got ::0; try ::2"),
        (
            "output[[0, 1], [0, 1, 2]]",
            "lists must be equally long, got 2 and 3; try as many in each",
        ),
        (
            "output[0, :, [1, 2]]",
            "lists and whole numbers must stand side by side in one pair of brackets, got "
            "output[0, :, [1, 2]]; try two pairs of brackets",
        ),
        ("o" * 201, f"an index must have at most 200 characters, got 201{TRY}"),
    ],
)
def test_a_wrong_index_gets_one_line(index, line):
    with pytest.raises(NoIndex) as error:
        take(index, PLAIN)
    assert str(error.value) == line


@pytest.mark.parametrize(
    "text", ["(" * 199, "[" * 200, "\0", "output[" + "9" * 190 + "]", "ü[ö]", "-" * 200]
)
def test_whatever_is_typed_gets_a_line(text):
    with pytest.raises(NoIndex) as error:
        take(text, PLAIN)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["output[3or 2]", r"output['\d']", "output[0, 1if 2else 3]"])
def test_python_does_not_warn_of_what_is_typed(text, recwarn):
    with pytest.raises(NoIndex):
        take(text, PLAIN)
    assert not recwarn.list


def test_pytorch_refuses_a_slice_that_goes_backwards():
    with pytest.raises(NoIndex, match=r"must be positive in PyTorch, got ::-1; try torch\.flip"):
        take("output[:, ::-1]", PLAIN, backwards=False)
    assert take("output[:, ::2]", PLAIN, backwards=False).shape == (3, 3, 7)


def test_what_is_taken_is_known_without_values():
    tensor = Tensor("x", "x", (), ("batch", "features"), (3, 2))
    assert take("x[1]", [tensor]).squares == (("x", (1, 0)), ("x", (1, 1)))


def test_only_what_there_is_can_be_pressed():
    assert presses(PLAIN) == (
        *("output", "output[:, -1]", "output[:, 0]", "output[-1]"),
        *("h_n", "h_n[-1]", "c_n", "c_n[-1]"),
    )
    assert presses(expected(Spec()).tensors) == ("output",)
    assert presses(KERAS)[4:] == ("h", "c")
    assert "h_n[-2]" in presses(TWO)
    swapped = presses(expected(Spec(batch_first=False), "torch").tensors)
    assert swapped[:4] == ("output", "output[-1]", "output[0]", "output[:, -1]")
    for spec in (Spec(), Spec(layers=2, bidirectional=True), Spec(unbatched=True)):
        tensors = expected(spec, "torch").tensors
        assert all(take(one, tensors) for one in presses(tensors))


@pytest.mark.parametrize(
    ("layer", "index", "same"),
    [
        (Spec(), "output[:, -1]", ["h_n[-1]"]),
        (Spec(), "h_n[0]", ["output[:, -1]"]),
        (Spec(), "c_n[-1]", []),
        (Spec(), "output[:, 0]", []),
        (Spec(), "output[1, -1]", ["h_n[-1][1]"]),
        (Spec(), "h_n[-1:]", []),
        (Spec(), "output[:, 5:]", []),
        (Spec(layers=2), "output[:, -1]", ["h_n[-1]"]),
        (Spec(bidirectional=True), "output[:, 0, 7:]", ["h_n[-1]"]),
        (Spec(bidirectional=True), "h_n[-2]", ["output[:, -1, :7]"]),
        (Spec(bidirectional=True), "output[:, -1]", []),
        (Spec(timesteps=1), "output[:, -1]", ["h_n[-1]"]),
    ],
)
def test_the_same_numbers_are_found_in_a_run(layer, index, same):
    tensors = there(layer, "torch")
    found = same_numbers(take(index, tensors), candidates(tensors), tensors)
    assert [one.written for one in found] == same


def test_arrays_of_ones_own_can_be_offered():
    values = there(Spec(), "torch", {"x": np.ones((2, 4, 9)), "h_n": np.zeros((1, 2, 7))})
    assert [(one.expression, one.axes, one.shape) for one in values] == [
        ("x", ("batch", "timesteps", "features"), (2, 4, 9)),
        ("h_n", ("layers", "batch", "units"), (1, 2, 7)),
    ]
    for arrays, line in (
        ({"y": np.ones(3)}, "name must be 'output', 'h_n', 'c_n' or 'x', got 'y'; try x=x"),
        ({"h_n": np.ones(3)}, r"h_n must have the axes layers, batch, units, got shape \(3,\)"),
    ):
        with pytest.raises(ValueError, match=line):
            there(Spec(), "torch", arrays)
