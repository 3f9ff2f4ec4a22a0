"""Sequences as rows, timesteps as columns, a number in each square: what moved, what is padded."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..markup import Markup, element, joined
from ..pictures import Picture
from ..spec import short
from .blocks import Panel, dimension, name_width, named, side_by_side, title
from .strokes import GHOST, INK, PAPER, arrow, box, line, shade, text, ticks

WIDE, HIGH = 40, 26  # of a square with its number
TOP = 30  # the room for the name of a table
STILL = 1e-6  # what moves by less has not moved
LEAST = 0.005  # what moves by less would be written as 0.00


@dataclass(frozen=True)
class Square:
    """A square: what is written in it, what it says, its colour; whether it is padding."""

    words: str
    said: str
    fill: str = PAPER
    faint: bool = False


def moved(found: Mapping[str, Any], sequence: int, step: int | None = None) -> Picture:
    """Return the Picture of how far each result moves where one sequence of a batch is changed.

    found: {name: how far}, (batch, timesteps) or, of one result for each sequence, (batch,).
    sequence: the one that was changed; its row is framed. step: at which timestep, None for none.
    Raises ValueError, in one line, for what is no table of numbers.
    """
    tables = {name: table(name, values) for name, values in found.items()}
    panels = [
        _panel(name, [[*_moved(*one)] for one in enumerate(rows)], framed=sequence)
        for name, rows in tables.items()
    ]
    said = [f"{name}: {_moves(rows)}." for name, rows in tables.items()]
    at = "" if step is None else f" at timestep {step}"
    what = f"How far each result moves if sequence {sequence} changes{at}."
    steps = max(len(rows[0]) for rows in tables.values())
    over = f"Columns: timestep 0 to {steps - 1}." if steps > 1 else ""
    words = " ".join([what, over, *said] if over else [what, *said])
    return Picture(side_by_side(panels, words, what), words, folded=True)


def padded(found: Mapping[str, Any], valid: Any) -> Picture:
    """Return the Picture of a number for each timestep of a padded batch.

    A line leads from a number to the padded timesteps behind that repeat it.

    found: {name: numbers}, (batch, timesteps).
    valid: which timesteps are no padding, (batch, timesteps).
    Raises ValueError, in one line, for what is no table of numbers.
    """
    tables = {name: table(name, values) for name, values in found.items()}
    kept = [[bool(one) for one in row] for row in table("valid", valid)]
    panels, said = [], []
    for name, rows in tables.items():
        there = [_there(*pair) for pair in zip(rows, kept, strict=True)]
        pairs = [*zip(rows, there, strict=True)]
        squares = [[*_padded(number, *pair)] for number, pair in enumerate(pairs)]
        panels.append(_panel(name, squares, [[*_carried(one)] for one in there]))
        each = [", ".join(map(_listed, *pair)) for pair in pairs]
        said.append(f"{name}: {'; '.join(map(_of_sequence, enumerate(each)))}.")
    repeated = " A line: the number before it, repeated."
    what = "Dashed: padding." + repeated * any("repeated" in one for one in said)
    words = f"A number for each timestep of a padded batch. {' '.join(said)}"
    return Picture(side_by_side(panels, words, what), words, folded=True)


def table(name: str, values: Any) -> list[list[float]]:
    """Return numbers as rows, a number alone as a row of one.

    values: (rows, columns) or (rows,), an array of any framework, or lists.
    Raises ValueError, in one line, for others.
    """
    listed = values.numpy() if hasattr(values, "numpy") else values
    listed = listed.tolist() if hasattr(listed, "tolist") else listed
    try:
        rows = [[float(one) for one in (row if isinstance(row, list) else [row])] for row in listed]
        if not rows or not rows[0] or len({len(row) for row in rows}) > 1:
            raise ValueError
    except (TypeError, ValueError):
        got = f"shape {tuple(values.shape)}" if hasattr(values, "shape") else short(values)
        raise ValueError(
            f"{name} must be numbers, (batch, timesteps) or (batch,), got {got}; "
            "try those of one unit, output[:, :, 3]"
        ) from None
    return rows


def _panel(
    name: str,
    rows: list[list[Square]],
    lines: Iterable[Iterable[tuple[int, int]]] = (),
    framed: int | None = None,
) -> Panel:
    """Return the panel of a table.

    lines: of each row, from which square to which there is a line. framed: the row with a frame.
    """
    steps, number = len(rows[0]), len(rows)
    left = name_width("batch", number) + 32
    width, height = WIDE * steps, HIGH * number
    parts: list[Markup] = [title(14, name, None)]
    for at, row in enumerate(rows):
        y = TOP + HIGH * at
        parts.append(text(left - 7, y + 17, str(at), 12, anchor="end", bold=at == framed))
        parts += [square(left + WIDE * step, y, WIDE, HIGH, one) for step, one in enumerate(row)]
    for at, ends in enumerate(lines):
        y = TOP + HIGH * at + HIGH - 5
        parts += [_carries(left, y, a, b, _ink(rows[at][a])) for a, b in ends]
    if framed is not None:
        parts.append(box(left - 1, TOP + HIGH * framed - 1, width + 2, HIGH + 2, "none", INK, 2, 3))
    parts += dimension([(left - 21, TOP), (left - 21, TOP + height)], "batch")
    parts.append(named(left - 25, TOP + height / 2 + 4, "batch", number))
    low = TOP + height + 4
    if steps > 1:
        parts += _below(left, low, steps)
        low += 36
    return Panel(parts, max(left + width + 4, 12 + 7.8 * len(name)), low)


def _carries(left: float, y: float, start: int, end: int, ink: str) -> Markup:
    """Draw a line from a square to a later one; ink: what is read on the first."""
    edge = left + WIDE * (start + 1)
    first = line([(edge - WIDE / 2, y), (edge, y)], ink=ink)
    return joined([first, arrow((edge, y, left + WIDE * (end + 0.75), y), ink=INK)])


def _below(x: float, y: float, steps: int) -> Iterator[Markup]:
    """Draw the axis of timesteps below a table."""
    yield from dimension([(x, y + 2), (x + WIDE * steps, y + 2)], "timesteps")
    yield ticks([(x + WIDE * (at + 0.5), at) for at in range(steps)], y + 17)
    yield named(x - 4, y + 17, "timesteps", steps)


def square(x: float, y: float, width: float, height: float, one: Square) -> Markup:
    """Return a square with its words, which says its title; one of padding is faint and dashed."""
    look = {"opacity": GHOST} if one.faint else {}
    dashes = {"stroke_dasharray": "3 3"} if one.faint else {}
    paper = element("g", box(x, y, width, height, one.fill, "none"), **look)
    rim = box(x, y, width, height, "none", "#888", 0.7, **dashes)
    words = text(x + width / 2, y + 16, one.words, 12, _ink(one), "middle")
    return element("g", element("title", one.said), paper, rim, words)


def _ink(one: Square) -> str:
    """Return the colour that is read on a square, on a light page and on a dark one."""
    if one.faint or one.fill == PAPER:
        return INK
    return "#fff" if _is_dark(one.fill) else "#111"


def _is_dark(fill: str) -> bool:
    """Return whether white is read better on a colour, "#rgb", than black is."""
    red, green, blue = (int(digit, 16) for digit in fill[1:])
    return 0.3 * red + 0.6 * green + 0.1 * blue < 6.5


def _moved(number: int, row: list[float]) -> Iterator[Square]:
    """Return the squares of how far a row has moved."""
    for step, value in enumerate(row):
        where = f"sequence {number}" + f", timestep {step}" * (len(row) > 1)
        if value < STILL:
            yield Square("0", f"{where}: not moved")
        else:
            yield Square(_far(value), f"{where}: moved by {_far(value)}", shade(value))


def _far(value: float) -> str:
    return f"{value:.2f}" if value >= LEAST else "<.01"


def _moves(rows: list[list[float]]) -> str:
    """Return in words what has moved in a table."""
    found = []
    for number, row in enumerate(rows):
        there = [
            _far(value) + f" at timestep {step}" * (len(row) > 1)
            for step, value in enumerate(row)
            if value >= STILL
        ]
        found += [f"sequence {number} moves by {', '.join(there)}"] * bool(there)
    if len(found) < len(rows):
        found.append("nothing else moves" if found else "nothing moves")
    return "; ".join(found)


def _there(row: list[float], known: list[bool]) -> list[str]:
    """Return what stands at each timestep: "" for what is valid, else what the padding holds."""
    found = []
    for step, valid in enumerate(known):
        repeats = step > 0 and row[step] and abs(row[step] - row[step - 1]) < STILL
        other = "zero" if row[step] == 0 else "another number"
        found.append("" if valid else "repeated" if repeats else other)
    return found


def _of_sequence(one: tuple[int, str]) -> str:
    return f"sequence {one[0]}: {one[1]}"


def _padded(number: int, row: list[float], there: list[str]) -> Iterator[Square]:
    """Return the squares of a row of numbers."""
    for step, (value, how) in enumerate(zip(row, there, strict=True)):
        said = f"sequence {number}, timestep {step}: {_listed(value, how)}"
        yield Square(f"{value + 0.0:.2f}", said, shade(value) if value else PAPER, bool(how))


def _listed(value: float, there: str) -> str:
    return f"{value + 0.0:.2f}" + f" (padding: {there})" * bool(there)


def _carried(there: list[str]) -> Iterator[tuple[int, int]]:
    """Return from which timestep to which a number is repeated."""
    start = None
    for step, one in enumerate([*there, ""]):
        if one == "repeated" and start is None:
            start = step - 1
        elif one != "repeated" and start is not None:
            yield start, step - 1
            start = None
