"""A tensor as a block of squares: timesteps across, numbers down, sequences in depth.

A panel is an SVG of one size, at most as wide as a telephone leaves room for; panels stand side
by side, or below each other where there is no room, and are not made smaller.

It has more than 300 lines, since every picture of a tensor is made here, in one orientation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import escape
from itertools import groupby
from math import ceil
from textwrap import wrap
from typing import Any

from ..markup import Markup, element, joined
from ..nests import deeper, listed, turned
from ..pictures import colour
from ..shapes import Tensor
from .squares import DEEP, HIGH, WIDE, Grid, layered, ruled, runs, said, sheet, sheets_of, shown
from .strokes import (
    COLOURS,
    EDGE,
    INK,
    LETTER,
    SOFT,
    chip,
    from_end,
    line,
    paper,
    shade,
    stroked,
    text,
    ticks,
)

GUTTER = 88  # the room on the left for the names of axes
SANS = "var(--jp-ui-font-family, system-ui, sans-serif)"
MOST = (5, 8)  # so many places for timesteps and for numbers are drawn at most
PAD = 9  # from a row of the axis of layers to its frame
ROOMY = 5  # so many squares below each other leave room for numbers above and below a name
ABREAST = 2  # so many of these rows stand side by side
COUNTED = {"batch": "sequence", "timesteps": "timestep", "features": "feature", "units": "unit"}

Numbers = list[list[list[float | None]]]  # (sequences, timesteps, numbers)
Flags = list[list[list[bool]]]


@dataclass(frozen=True)
class Block:
    """The numbers of a tensor as they are drawn.

    values: (sequences, timesteps, numbers), nested lists, with None where a number is not known.
    name: what each number is, as index returns it. first: the index of the first of a vector.
    strong: of the same shape, which numbers are not faint; None for all. weak: what those are that
        are, or "" if that is no other.
    lit: of the same shape, which have a frame around them; None for none. dashed: whether that
        frame says no more than that something else has the same numbers.
    front: the sequence in front.
    most: so many places across and down are drawn at most.
    high: the height of a square.
    """

    values: Numbers
    name: str
    strong: Flags | None = None
    weak: str = ""
    lit: Flags | None = None
    dashed: bool = False
    front: int = 0
    most: tuple[int, int] = MOST
    high: float = HIGH
    first: int = 0

    @cached_property
    def grid(self) -> Grid:
        """Return which of them are drawn: None stands for those left out."""
        across, down_ = self.most
        which, [steps, *_] = sheets_of(len(self.values), self.front), self.values
        return Grid(which, shown(len(steps), across), shown(len(steps[0]), down_), self.high)

    @property
    def steps(self) -> Sequence[int | None]:
        """Return which timesteps are drawn; None stands for those left out."""
        return self.grid.steps

    @property
    def numbers(self) -> Sequence[int | None]:
        """Return which numbers of a vector are drawn; None stands for those left out."""
        return self.grid.numbers

    @property
    def sheets(self) -> Sequence[int]:
        """Return which sequences are drawn, the one in front first."""
        return self.grid.sheets

    @property
    def depth(self) -> float:
        """Return how far the last sheet stands behind the first."""
        return self.grid.depth

    @property
    def width(self) -> float:
        """Return the width of the front."""
        return self.grid.width

    @property
    def height(self) -> float:
        """Return the height of the front."""
        return self.grid.height


def block(of: Block, x: float, y: float) -> Markup:
    """Return a block whose front has its upper left corner at a place."""
    parts, frames = [], []
    for sequence, right, up, behind_ in layered(of.grid, x, y):
        parts.append(sheet(of.grid, right, up, _column(of, sequence), behind_))
        if of.lit is not None:
            frames += _outline(of, of.lit[sequence], right, up, behind_)
    if frames:
        dashes = {"stroke_dasharray": "3 2"} if of.dashed else {}
        parts += [line(*frames, ink="#fff", thick=3)]  # seen on any paper
        parts += [line(*frames, ink="#111", thick=1.5, **dashes)]
    return ruled(parts)


def _column(of, sequence):
    """Return what tells of a timestep what is seen of its numbers, of one sequence of a block."""
    values = of.values[sequence]
    strong = None if of.strong is None else of.strong[sequence]

    def seen(step, number):
        value = None if number is None else values[step][number]
        if value is None:
            return None
        weak = strong is not None and not strong[step][number]
        what = ((weak and of.weak) or of.name).format(sequence, step, number + of.first)
        return shade(value), said(what, value), weak

    def column(step, numbers):
        if values[step].count(None) == len(values[step]):
            return None
        return [seen(step, number) for number in numbers]

    return column


def _outline(of, lit, x, y, behind_):
    """Yield frames around the lit squares of a sequence, one for those that adjoin.

    Each as the points that a line goes through; of a sequence behind another, what is seen of it.
    """
    columns = [
        runs([None not in (step, number) and lit[step][number] for number in of.numbers])
        for step in of.steps
    ]
    across = 0
    for found, alike in groupby(columns):
        left, across = across, across + len(list(alike))
        for start, length in found:
            ends_ = of.high * start, of.high * (start + length)
            frame = _framed(WIDE * left, WIDE * across, *ends_, of.width if behind_ else None)
            if frame:
                yield [(x + right, y + low) for right, low in frame]


def _framed(left, right, top, bottom, edge):
    """Return the corners of a frame in a sheet; of one behind another, those that are seen of it.

    edge: the right edge of a sheet of which DEEP is seen there and above; None of one in front.
    """
    if edge is None:
        return [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    if top and right < edge:
        return []
    start = [(edge - DEEP, top)] if top else [(left, DEEP), (left, 0)]
    end = [(right, DEEP)] if right < edge else [(right, bottom), (right - DEEP, bottom)]
    return [*start, (right, top), *end]


def along(of: Block, x: float, y: float, axis: str, size: int, name: bool = True) -> list[Markup]:
    """Return the ticks below a block, and, by name, its dimension line and the axis with its size.

    Without name it is no axis of what is drawn.
    """
    low, steps = y + of.height + 5, of.steps
    parts = [ticks([(x + WIDE * (at + 0.5), step) for at, step in enumerate(steps)], low + 14)]
    if not name:
        return parts
    line_ = dimension([(x, low), (x + of.width, low)], axis)
    return [*parts, *line_, named(x - 3, low + 14, axis, size)]


def down(x: float, y: float, height: float, axis: str, size: int, pad: float = 0) -> list[Markup]:
    """Return the dimension line on the left of a block, and the axis with its size.

    pad: how much farther away the name stands.
    """
    parts = dimension([(x - 5, y), (x - 5, y + height)], axis)
    return [*parts, named(x - 9 - pad, y + height / 2 + 4, axis, size)]


def ends(numbers: Sequence[int | None], x: float, y: float, first: int = 0) -> list[Markup]:
    """Return the numbers of the first and of the last square of a vector, on the left of a block.

    Above and below the name of the axis; none where that leaves no room.

    numbers: those that are drawn, of a vector that begins at first.
    """
    if len(numbers) < ROOMY:
        return []
    both = [
        element("text", str((numbers[place - 1] or 0) + first), x=x - 9, y=y + HIGH * place - 2)
        for place in (1, len(numbers))
    ]
    return [element("g", *both, fill=SOFT, text_anchor="end")]


def behind(x: float, y: float, number: int, axis: str, size: int, pad: float = 0) -> list[Markup]:
    """Return the dimension line of the sequences of a block, and the axis with its size."""
    far = DEEP * max(number - 1, 0.75)
    parts = dimension([(x - 5, y - 4), (x - 5 + far, y - 4 - far)], axis)
    return [*parts, named(x - 9 - pad, y - 6, axis, size)]


def dimension(points: Sequence[tuple[float, float]], axis: str) -> list[Markup]:
    """Return a line between two points in the colour of an axis, with its ends marked."""
    return [_measured(*points, colour(axis))]


@lru_cache(maxsize=512)
def _measured(start, end, ink):
    (x0, y0), (x1, y1) = start, end
    dx, dy = (0, 3) if y0 == y1 else (3, 0) if x0 == x1 else (2.5, 2.5)
    marks = [[(x - dx, y - dy), (x + dx, y + dy)] for x, y in (start, end)]
    return line((start, end), *marks, ink=ink, thick=1.5)


@lru_cache(maxsize=512)
def named(right: float, y: float, axis: str, size: int) -> Markup:
    """Return an axis with its size, ending at a place; a product of two in two lines."""
    width = name_width(axis, size)
    if "·" not in axis:
        return chip(right - width, y, axis, size)
    lines = [
        text(right - width / 2, y + dy, words, 11, "#fff", "middle")
        for dy, words in zip((-7, 7), _halves(axis, size), strict=True)
    ]
    return element("g", paper(right - width, y - 18, width, 29, axis), *lines)


def name_width(axis: str, size: int) -> float:
    """Return how wide an axis with its size is, a product of two in two lines."""
    return ceil(LETTER * max(map(len, _halves(axis, size)))) + EDGE


def _halves(axis, size):
    """Return an axis with its size, in one line or, of a product, in two."""
    before, dot, last = f"{axis} {size}".rpartition("·")
    return [before + dot, last] if dot else [last]


@dataclass(frozen=True)
class Panel:
    """A part of a picture that stands by itself: what is drawn, and its size."""

    parts: list[Markup]
    width: float
    height: float

    @property
    def svg(self) -> Markup:
        """Return it as SVG of its own size, smaller only where not even one has room."""
        width, height = round(self.width), round(self.height)
        style = f"width: {width}px; max-width: 100%; height: auto; font-size: 11px"
        size = f"0 0 {width} {height}"
        xmlns = "http://www.w3.org/2000/svg"
        return element("svg", *self.parts, xmlns=xmlns, viewBox=size, style=style)


def side_by_side(panels: Sequence[Panel], words: str, *below: str) -> Markup:
    """Return panels as one picture that says its words. below: lines below it."""
    # Where a page takes SVG away and leaves its texts, as an untrusted notebook does, none is seen.
    row = "display: flex; flex-wrap: wrap; align-items: flex-start; gap: 10px 20px; font-size: 0; "
    row += f"font-family: {SANS}"
    style = f"font: 12px {SANS}; color: {SOFT}; max-width: 62em; line-height: 1.4"
    drawn = element("div", *[panel.svg for panel in panels], aria_hidden="true", style=row)
    said_ = [element("div", *[element("div", one) for one in below], style=style)] * bool(below)
    return element("div", drawn, *said_, style=COLOURS, role="img", aria_label=words)


def title(y: float, words: str, shape: Sequence[int] | None, more: Sequence[str] = ()) -> Markup:
    """Return a name with a shape, at the top of a panel. more: lines below it."""
    parts = [text(4, y, words, 13, bold=True)]
    if shape is not None:
        said = f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"
        parts.append(text(12 + 7.8 * len(words), y, said, 11, SOFT, mono=True))
    parts += [text(4, y + 16 + 14 * place, one, 11, SOFT) for place, one in enumerate(more)]
    return joined(parts)


def title_width(words: str, shape: Sequence[int]) -> float:
    """Return how wide a name with a shape is."""
    return 20 + 7.8 * len(words) + 6.7 * len(str(tuple(shape)))


def spread(axes: Sequence[str], values: Any) -> list[Any]:
    """Return numbers of these axes as they are drawn: (frames, sequences, timesteps, numbers).

    In nested lists. Frames stand for the axis of layers; an axis that is not there has the size 1.

    values: an array, or nested lists. Raises ValueError, in one line, for axes that have no place
    in a picture.
    """
    wanted = [_role(axis) for axis in axes]
    if len(set(wanted)) < len(wanted):
        raise ValueError(f"axes must have a place of their own each, got {tuple(axes)}")
    drawn = turned(listed(values), sorted(range(len(axes)), key=wanted.__getitem__))
    for role in range(4):
        drawn = drawn if role in wanted else deeper(drawn, role)
    return drawn


def _role(axis):
    """Return where an axis is drawn: frames, sequences, timesteps or numbers."""
    factor = axis.split("·")[0]
    return {"layers": 0, "batch": 1, "timesteps": 2}.get(factor, 3)


def index(axes: Sequence[str], expression: str, frame: int = 0, worded: bool = True) -> str:
    """Return what the numbers of a tensor with these axes are called, as HTML: "output[0, 3, 2]".

    {0} stands for the sequence, {1} for the timestep, {2} for the number's place.

    frame: the place on an axis of layers. worded: whether it is said in words, too.
    """
    places = [(str(frame), "{0}", "{1}", "{2}")[_role(axis)] for axis in axes]
    what = escape(expression).replace("{", "{{").replace("}", "}}")
    return f"{what}[{', '.join(places)}]{f': {counted(axes, places)}' * worded}"


def counted(axes: Sequence[str], places: Sequence[str] = ("{0}", "{1}", "{2}")) -> str:
    """Return in words where a number is on these axes: "sequence 0, timestep 3, unit 2"."""
    return ", ".join([f"{_counted(axis)} {at}" for axis, at in zip(axes, places, strict=True)])


def _counted(axis):
    """Return what one of an axis is called: "timestep"."""
    factor = axis.split("·")[-1] if axis.split("·")[0] == "directions" else axis.split("·")[0]
    return {"layers": "row" if "·" in axis else "layer", **COUNTED}.get(factor, factor)


def panel(
    tensor: Tensor,
    lit: Any = None,
    front: int = 0,
    frames: Sequence[str] = (),
    more: str = "",
    most: tuple[int, int] = MOST,
    worded: bool = True,
) -> Panel:
    """Return the panel of a tensor: each of its squares, its axes, the rows of its layers.

    lit: of the tensor's shape, which numbers are framed, as its values; the others are faint then.
    front: the sequence in front.
    frames: what the rows of an axis of layers are: "layer 0 →".
    more: a line below its name. worded: as of index.
    """
    known = dict(zip(tensor.axes, tensor.shape, strict=True))
    values = spread(tensor.axes, tensor.values)
    marked = None if lit is None else spread(tensor.axes, lit)
    layers = next((axis for axis in known if axis.startswith("layers")), "")
    pad = 0 if "timesteps" in known else PAD  # a frame or the room for it, so that all stand alike
    named_ = [*known.items(), *([] if "timesteps" in known else [("layers", 1)])]
    gutter = max(name_width(*pair) + 15 + pad for pair in named_)
    width, low = 0.0, 0.0
    lines = wrap(more, 25)
    top = 30 + 14 * len(lines) + DEEP * (len(sheets_of(len(values[0]), front)) - 1) + 2 * pad
    parts = [title(14, label(tensor), tensor.shape, lines)]
    if "directions·" in tensor.axes[-1]:
        most = (most[0], 2 * most[1])
    named_wide = [0, *(6.2 * len(name) + 6 for name in frames)]
    for row in range(len(values)):
        mark = None if marked is None else marked[row]
        name = index(tensor.axes, tensor.expression, row, worded)
        one = Block(values[row], name, mark, lit=mark, front=front, most=most)
        beside, below = row % ABREAST, row // ABREAST
        x = gutter + beside * max(one.width + one.depth + 2 * pad + 10, *named_wide)
        y = top + below * (one.height + one.depth + 2 * pad + 47)
        parts += [block(one, x, y), *_halved(tensor, one, x, y)]
        if layers:
            parts += _frame(one, x, y, row, len(values), frames)
        low, width = y + one.height + pad, max(width, x + one.width + one.depth + pad)
        if beside == 0:
            parts += _axes(one, x, y, known, pad, first=row == 0)
    if layers:
        parts.append(named(gutter - pad - 6, low + 15, layers, known[layers]))
    low += 34 if "timesteps" in known else 32 if layers else 4
    head = title_width(label(tensor), tensor.shape)
    width = max(width, *(x - pad + wide for wide in named_wide))
    return Panel(parts, max(width + 6, head, *(6.2 * len(one) + 6 for one in lines)), low)


def _axes(one, x, y, known, pad, first):
    """Draw the axes of a block on its left and below it; first: whether the batch, too."""
    for axis, size in known.items():
        role = _role(axis)
        if role == 3:
            yield from down(x, y, one.height, axis, size, pad)
            yield from ends(one.numbers, x - pad, y)
        elif role == 2:
            yield from along(one, x, y, axis, size)
        elif role == 1 and first:
            yield from behind(x, y, len(one.sheets), axis, size, pad)


def _halved(tensor, one, x, y):
    """Draw where the numbers of the backward direction begin."""
    if "directions·" in tensor.axes[-1] and None not in one.numbers:
        middle = y + one.height / 2
        yield line([(x, middle), (x + one.width, middle)], ink=INK, thick=1.5)


def _frame(one, x, y, row, rows, names):
    """Return the frame around a row of an axis of layers, its name and its index."""
    ink, pad = colour("layers"), PAD
    high = y - one.depth - pad
    yield element(
        "rect",
        x=x - pad,
        y=high,
        width=one.width + one.depth + 2 * pad,
        height=one.height + one.depth + 2 * pad,
        rx=6,
        fill="none",
        stroke_dasharray="5 3",
        **stroked(ink, 1.5),
    )
    yield from counted_frame(x + one.width / 2, y + one.height + pad + 14, row, rows)
    if names:
        yield text(x - pad, high - 6, names[row], 11, SOFT)


def counted_frame(x: float, y: float, row: int, rows: int) -> Iterator[Markup]:
    """Yield the index of a row of an axis of layers, below its frame, and that from the end."""
    yield text(x, y, str(row), 11, INK, "middle", bold=True)
    yield from_end(x, y, rows - row)


def label(tensor: Tensor) -> str:
    """Return where a tensor lies in the return value, and how it is written."""
    return f"{tensor.place} {tensor.expression}".strip()
