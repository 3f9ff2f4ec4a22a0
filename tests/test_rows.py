"""Small pictures of lessons 07 to 09: what moved, what is padded, what is packed, and calls."""

import itertools
import re
import xml.etree.ElementTree as ET
from html import escape

import numpy as np
import pytest
import torch
from pages import through
from torch.nn.utils.rnn import pack_padded_sequence

from lstm_lessons import Spec
from lstm_lessons.drawing.calls import calls
from lstm_lessons.drawing.packing import packed_row
from lstm_lessons.drawing.rows import moved, padded
from lstm_lessons.weights import inputs

FAR = np.array([[0, 0, 0, 0], [0, 0.5, 0.25, 0.001], [0, 0, 1e-9, 0]])
VALID = np.arange(4) < np.array([2, 4, 1])[:, None]
KEPT = np.array([[0.5, -0.25, -0.25, -0.25], [1, 2, 3, 4], [0.75, 0, 0.125, 0.125]])
TELEPHONE = 330  # pixels, of 360


def roots(picture):
    """Return the SVGs of a picture."""
    return [ET.fromstring(one) for one in re.findall(r"<svg.*?</svg>", picture.drawn, re.S)]


def titles(picture):
    return [one.text for root in roots(picture) for one in root.iter() if one.tag.endswith("title")]


def packed_of(lengths, timesteps=5, sort=False):
    """Return a packed batch whose numbers are sequence and timestep, (…, 2)."""
    batch = len(lengths)
    where = np.stack(np.meshgrid(range(batch), range(timesteps), indexing="ij"), axis=-1)
    return pack_padded_sequence(torch.tensor(where), lengths, batch_first=True, enforce_sorted=sort)


def two_calls(states):
    outputs = [inputs(Spec(features=7))[:, start : start + 2] for start in (0, 2)]
    return calls([None, states], outputs)


HANDED = inputs(Spec(features=7))[:, 1], inputs(Spec(features=7))[:, 4]
PICTURES = [
    moved({"Keras": FAR, "PyTorch": FAR.T[:3]}, 1, 1),
    padded({"Keras": KEPT, "PyTorch": KEPT * VALID}, VALID),
    packed_row(packed_of([2, 4, 3])),
    two_calls(HANDED),
]


@pytest.mark.parametrize("picture", PICTURES)
def test_a_picture_is_an_image_with_words_in_colours_of_the_theme(picture):
    assert escape(picture.text) in picture.html
    assert 'role="img"' in picture.drawn
    assert "var(--jp-ui-font-color1, currentColor)" in picture.drawn
    assert "class=" not in picture.html
    for root in roots(picture):
        width, height = map(float, root.get("viewBox").split()[2:])
        assert width <= TELEPHONE
        for one in root.iter():
            assert float(one.get("x", 0)) + float(one.get("width", 0)) <= width
            assert float(one.get("y", 0)) + float(one.get("height", 0)) <= height


def test_what_moved_is_said_and_each_square_says_it():
    picture = moved({"Keras": FAR}, 1, 1)
    assert picture.text == (
        "How far each result moves if sequence 1 changes at timestep 1. Columns: timestep 0 to 3. "
        "Keras: sequence 1 moves by 0.50 at timestep 1, 0.25 at timestep 2, <.01 at timestep 3; "
        "nothing else moves."
    )
    assert len(titles(picture)) == 12
    assert titles(picture)[4:8] == [
        "sequence 1, timestep 0: not moved",
        "sequence 1, timestep 1: moved by 0.50",
        "sequence 1, timestep 2: moved by 0.25",
        "sequence 1, timestep 3: moved by <.01",
    ]
    assert titles(picture)[10] == "sequence 2, timestep 2: not moved"


def test_one_result_for_each_sequence_is_a_column():
    picture = moved({"h": torch.tensor([0.0, 0.5, 0.0])}, 1)
    assert picture.text == (
        "How far each result moves if sequence 1 changes. "
        "h: sequence 1 moves by 0.50; nothing else moves."
    )
    assert titles(picture)[1] == "sequence 1: moved by 0.50"
    assert "timesteps" not in picture.drawn
    assert "nothing moves." in moved({"h": np.zeros(3)}, 1).text


def test_of_padding_it_is_said_what_stands_there():
    said = padded({"h": KEPT}, VALID).text
    assert "sequence 0: 0.50, -0.25, -0.25 (padding: repeated), -0.25 (padding: repeated);" in said
    assert "sequence 1: 1.00, 2.00, 3.00, 4.00;" in said
    assert (
        "sequence 2: 0.75, 0.00 (padding: zero), 0.12 (padding: another number), "
        "0.12 (padding: repeated)." in said
    )
    assert titles(padded({"h": KEPT}, VALID))[2] == (
        "sequence 0, timestep 2: -0.25 (padding: repeated)"
    )


def arrows(picture):
    """Return from where to where arrows lead: those lines that a head follows."""
    found = []
    for root in roots(picture):
        paths = [one.get("d", "") for one in root.iter() if one.tag.endswith("path")]
        ends = [line for path in paths for line in through(path)]
        heads = itertools.pairwise(ends)
        found += [line for line, head in heads if len(line) == 2 and len(head) == 3]
    return found


def test_a_line_leads_over_what_is_repeated_and_over_nothing_else():
    (first, second) = arrows(padded({"h": KEPT}, VALID))
    assert [x1 - x0 for (x0, _), (x1, _) in (first, second)] == [40 * 1.75, 40 * 0.75]
    assert second[0][0] - first[0][0] == 40  # from timestep 2, and from timestep 1
    assert arrows(padded({"h": KEPT * VALID}, VALID)) == []


@pytest.mark.parametrize(("number", "ink"), [(-0.04, "#111"), (0.1, "#111"), (-0.99, "#fff")])
def test_the_line_from_a_number_is_read_on_its_square_as_the_number_is(number, ink):
    """Its colour is that of the square, not of the page, which may be dark."""
    (root,) = roots(padded({"h": [[number, number]]}, [[True, False]]))
    (begun,) = [
        one for one in root.iter() if one.get("d", "").endswith("h20") and one.get("stroke")
    ]
    words = next(one for one in root.iter() if one.text == f"{number:.2f}")
    assert (begun.get("stroke"), words.get("fill")) == (ink, ink)


@pytest.mark.parametrize("lengths", [[2, 4, 3], [5], [1, 1], [3, 1, 4, 1, 5]])
def test_each_vector_of_a_packed_row_is_said_to_be_what_it_is(lengths):
    packed = packed_of(lengths)
    found = {}
    for said in titles(packed_row(packed)):
        if where := re.fullmatch(r"sequence (\d+), timestep (\d+): \.data\[(\d+)\]", said):
            sequence, step, place = map(int, where.groups())
            assert packed.data[place].tolist() == [sequence, step]
            found[place] = found.get(place, 0) + 1
    assert found == dict.fromkeys(range(sum(lengths)), 2)  # in the batch, and in the row
    left = [said for said in titles(packed_row(packed)) if said.endswith("padding, left out")]
    assert len(left) == len(lengths) * max(lengths) - sum(lengths)


def test_a_row_that_was_sorted_before_it_was_packed_is_in_that_order():
    picture = packed_row(packed_of([4, 3, 1], sort=True))
    assert picture.text == (
        ".data has 8 vectors in one row. Timestep 0 of sequences 0, 1, 2. Timestep 1 of sequences "
        "0, 1. Timestep 2 of sequences 0, 1. Timestep 3 of sequence 0. Padding is left out."
    )


@pytest.mark.parametrize(
    ("states", "said"),
    [
        (HANDED, "h and c of call 0"),
        (tuple(one[None] for one in HANDED), "h and c of call 0"),  # as PyTorch has them
        (None, "zeros"),
        ((HANDED[1], HANDED[0]), "an h and c of elsewhere"),
    ],
)
def test_it_is_seen_with_what_a_call_begins(states, said):
    picture, handed = two_calls(states), said.startswith("h and")
    assert "Call 0 begins with zeros and reads timesteps 0 to 1." in picture.text
    assert f"Call 1 begins with {said} and reads timesteps 2 to 3." in picture.text
    assert f">{said}</text>" in picture.drawn
    if handed or states is None:
        first = HANDED[0][0, 3] if handed else 0
        assert f"h before call 1, unit 3 = {first:.2f}" in titles(picture)
    assert "h after timestep 3, unit 6" in " ".join(titles(picture))


def test_any_sequence_of_the_calls_can_be_drawn():
    output = inputs(Spec(features=7))
    picture = calls([None], [output], front=2)
    assert picture.text.startswith("One call reads one batch, here sequence 2 of it. Call 0 begins")
    assert titles(picture)[-1] == f"h after timestep 4, unit 6 = {output[2, 4, 6]:.2f}"
    states = torch.tensor(output[None, :, 0]), torch.tensor(output[None, :, 1])
    said = titles(calls([states], [output], front=1))
    assert f"c before call 0, unit 5 = {output[1, 1, 5]:.2f}" in said


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (
            lambda: moved({"Keras": inputs(Spec())}, 1),
            "Keras must be numbers, (batch, timesteps) or (batch,), got shape (3, 5, 6); try those "
            "of one unit, output[:, :, 3]",
        ),
        (
            lambda: packed_row(5),
            "packed must be a PackedSequence, got 5; try pack_padded_sequence(…)",
        ),
        (
            lambda: calls([None], []),
            "begun and outputs must be of the same calls, got 1 and 0; try None for a call that "
            "began with zeros",
        ),
    ],
)
def test_what_is_no_such_thing_is_refused_in_a_line(make, says):
    with pytest.raises(ValueError, match=rf"^{re.escape(says)}$"):
        make()


def test_they_import_no_numpy(root):
    for name in ("rows", "packing", "calls"):
        assert "import numpy" not in (root / f"lstm_lessons/drawing/{name}.py").read_text()
