"""How packing lays the valid timesteps of a batch in one row."""

from collections.abc import Iterator, Sequence
from typing import Any

from ..pictures import Picture
from ..spec import short
from .blocks import Panel, side_by_side
from .rows import Square, square
from .strokes import PAPER, SOFT, arrow, text

WIDE, HIGH = 29, 24  # of the square of a timestep
APART = 7  # from the vectors of one timestep to those of the next
LEFT, TOP = 4, 26
TINTS = ("#fff", "#ddd", "#bbb")  # of sequences: they say their number, too


def packed_row(packed: Any) -> Picture:
    """Return the Picture of a packed sequence: which vector lies where in its one row.

    packed: PyTorch's PackedSequence.
    Raises ValueError, in one line, for something else.
    """
    try:
        sizes = [int(size) for size in packed.batch_sizes.tolist()]
        given = packed.sorted_indices
        order = list(range(sizes[0])) if given is None else [int(one) for one in given.tolist()]
    except (AttributeError, IndexError):
        raise ValueError(
            f"packed must be a PackedSequence, got {short(packed)}; try pack_padded_sequence(…)"
        ) from None
    words = (
        f".data has {sum(sizes)} vectors in one row. {' '.join(_said(sizes, order))} "
        "Padding is left out."
    )
    below = "In each square: the sequence, the timestep. Dashed: padding, left out."
    drawn = side_by_side([_panel(sizes, order)], words, below)
    return Picture(drawn, words, folded=True)


def _said(sizes: Sequence[int], order: Sequence[int]) -> Iterator[str]:
    for step, size in enumerate(sizes):
        who = ", ".join(map(str, order[:size]))
        yield f"Timestep {step} of sequence{'s' * (size > 1)} {who}."


def _panel(sizes: Sequence[int], order: Sequence[int]) -> Panel:
    """Return the panel: each timestep of the batch as a column, and below it laid flat."""
    parts = [text(LEFT, 14, "the batch, longest first", 13, bold=True)]
    low = TOP + HIGH * len(order)
    row = low + 36
    parts.append(text(LEFT + WIDE, row - 8, ".data", 13, bold=True))
    x, place = LEFT, 0
    for step, size in enumerate(sizes):
        for at, sequence in enumerate(order):
            y = TOP + HIGH * at
            if at >= size:
                said = f"sequence {sequence}, timestep {step}: padding, left out"
                parts.append(square(x, y, WIDE, HIGH, Square("", said, PAPER, faint=True)))
                continue
            said = f"sequence {sequence}, timestep {step}: .data[{place + at}]"
            one = Square(f"{sequence}, {step}", said, TINTS[at % len(TINTS)])
            parts.append(square(x, y, WIDE, HIGH, one))
            parts.append(square(x + WIDE * at, row, WIDE, HIGH, one))
        parts.append(arrow((x + WIDE / 2, low + 2, x + WIDE / 2, row - 2)))
        parts.append(text(x + WIDE * size / 2, row + HIGH + 15, str(size), 12, anchor="middle"))
        x, place = x + WIDE * size + APART, place + size
    parts.append(text(LEFT, row + HIGH + 31, ".batch_sizes, of each timestep", 11, SOFT))
    return Panel(parts, max(x - APART + 4, 210), row + HIGH + 36)
