"""Squares in sheets, whatever they stand for: timesteps across, numbers down, sequences in depth.

The only place where a number becomes a square. Facts come in plain, without NumPy.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from ..markup import Markup, element, joined, titled
from .strokes import GHOST, PAPER, box, shade, text

WIDE, HIGH = 26, 12  # of a number's square
DEEP = 8  # how far a sequence stands behind the one before it, to the right and upwards
SHEETS = 3  # so many sequences
AMISS = "#d0433a"  # the colour of what does not fit, seen on light and on dark; words say it, too
NEUTRAL = "#9aa0a6"  # of numbers that are not known
STEP = 7  # from one line of a hatching to the next

# What is seen of a number: its colour, what it says, "" for nothing, and whether it is faint; None
# for an empty place.
Seen = tuple[str, str, bool] | None
# Of a timestep and some numbers: what is seen of each of these; None where none is known.
Column = Callable[[int, Sequence[int | None]], Sequence[Seen] | None]


@dataclass(frozen=True)
class Grid:
    """Squares that are drawn: which sequences, the one in front first, timesteps and numbers.

    high: the height of a square.
    """

    sequences: Sequence[int]
    steps: Sequence[int | None]
    numbers: Sequence[int | None]
    high: float = HIGH

    @property
    def sheets(self) -> Sequence[int]:
        """Return the sequences that are seen."""
        return self.sequences[:SHEETS]

    @property
    def depth(self) -> float:
        """Return how far the last sheet stands behind the first."""
        return DEEP * (len(self.sheets) - 1)

    @property
    def width(self) -> float:
        """Return the width of the front."""
        return WIDE * len(self.steps)

    @property
    def height(self) -> float:
        """Return the height of the front."""
        return self.high * len(self.numbers)


def shown(size: int, most: int) -> list[int | None]:
    """Return which indexes of an axis are drawn; None stands for those left out."""
    if size <= most:
        return list(range(size))
    return [*range(most - 3), None, size - 2, size - 1]


def sheets_of(size: int, front: int) -> list[int]:
    """Return which sequences of a batch are drawn, the one in front first."""
    others = [number for number in range(size) if number != front]
    return [front, *others[: SHEETS - 1]]


def layered(grid: Grid, x: float, y: float) -> Iterator[tuple[int, float, float, bool]]:
    """Yield each sequence from the one behind, where its sheet stands, and whether behind another.

    x, y: the upper left corner of the front.
    """
    for place, sequence in reversed(list(enumerate(grid.sheets))):
        yield sequence, x + DEEP * place, y - DEEP * place, place > 0


def sheet(grid: Grid, x: float, y: float, column: Column, behind: bool = False) -> Markup:
    """Return the squares of a sequence; of one behind another, those at its visible edges.

    They have no lines yet: see ruled.
    """
    bright: list[Markup] = []
    faint: list[Markup] = []
    empty: list[str] = []
    for across, step in enumerate(grid.steps):
        hidden = behind and across < len(grid.steps) - 1
        left, numbers = x + WIDE * across, grid.numbers[:1] if hidden else grid.numbers
        if step is None:
            bright += [] if behind else [_dots(left, y + grid.height / 2 + 4, "…")]
        elif (found := column(step, numbers)) is None:
            empty += [] if behind else [_path(left, y, WIDE, grid.height)]
        else:
            places = [
                one is None and number is not None
                for number, one in zip(numbers, found, strict=True)
            ]
            empty += [_void(left, y, grid.high, *run) for run in runs(places)]
            for low, (number, one) in enumerate(zip(numbers, found, strict=True)):
                top = y + grid.high * low
                if number is None:
                    bright += [] if behind else [_dots(left, top + grid.high - 1, "⋮")]
                elif one is not None:
                    ink, said_, weak = one
                    path = _path(left, top, WIDE, grid.high)
                    drawn = titled(path, ink, said_) if said_ else element("path", d=path, fill=ink)
                    (faint if weak else bright).append(drawn)
    parts = []
    if faint or empty or None in (*grid.steps, *grid.numbers):  # else nothing is seen through it
        parts.append(box(x, y, grid.width, grid.height, PAPER, "none"))
    if empty:
        parts.append(element("path", d="".join(empty), fill="none", stroke_dasharray="2 2"))
    if faint:
        parts.append(element("g", *faint, opacity=GHOST))
    return joined([*parts, *bright])


def ruled(sheets: Iterable[Markup]) -> Markup:
    """Return sheets whose squares have their lines."""
    return element("g", *sheets, stroke="#888", stroke_width=0.5)


def _void(left, y, high, start, length):
    """Return the path of so many empty squares below each other, from a place."""
    lines = [f"m{-WIDE if at else 0} {high:g}h{WIDE}" for at in range(length - 1)]
    return _path(left, y + high * start, WIDE, high * length) + "".join(lines)


def runs(flags):
    """Return where each run of what is true starts, and how long it is."""
    found, at = [], 0
    for flag, alike in groupby(flags, bool):
        length = len(list(alike))
        found += [(at, length)] * flag
        at += length
    return found


def _path(x, y, width, height):
    return f"M{x:g} {y:g}h{width:g}v{height:g}h-{width:g}z"


def _dots(left, y, dots):
    """Return what stands for timesteps or numbers that are left out."""
    return text(left + WIDE / 2, y, dots, 12 if dots == "…" else 11, anchor="middle")


def said(what: str, value: float) -> str:
    """Return what a square says: what it is, as HTML, and its value."""
    return f"{what} = {value + 0.0:.2f}"


def square(x, y, width, height, value: float | None, what: str, largest: float = 1) -> Markup:
    """Return the square of a number by itself; of None, one that is not known.

    what: what it is, as HTML. largest: the number whose colour is the strongest.
    """
    path = _path(x, y, width, height)
    if value is None:
        return element("path", d=path, fill="none", stroke_dasharray="2 2")
    return titled(path, shade(value / largest), said(what, value))


def hatched(x, y, width, height):
    """Return a hatching with a frame around it."""
    path, here = _path(x, y, width, height), (0, 0)
    for at in range(STEP, int(width + height), STEP):
        ends = (max(0, at - height), min(at, height)), (min(at, width), max(0, at - width))
        (x0, y0), (x1, y1) = sorted(ends, reverse=at // STEP % 2)  # there and back: a short path
        path += f"m{x0 - here[0]:g} {y0 - here[1]:g}l{x1 - x0:g} {y1 - y0:g}"
        here = x1, y1
    return element("path", d=path, fill="none", stroke=AMISS)


def marked(x, y, width, height):
    """Return the frame around what sticks out."""
    return box(x, y, width, height, "none", AMISS, 2)
