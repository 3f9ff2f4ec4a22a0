"""One batch read in several calls: with what each call begins, and every h that it makes."""

from collections.abc import Sequence
from typing import Any

from ..markup import Markup, element
from ..nests import shape_of
from ..pictures import Picture
from .blocks import Panel, dimension, side_by_side
from .rows import STILL, table
from .squares import square
from .strokes import SOFT, arrow, chip, text

WIDE, HIGH = 14, 12  # of a number's square
IN, TOP = 22, 40  # the room for the arrow that comes in, and for the names
APART = 16  # from what a call begins with to what it makes


def calls(begun: Sequence[Any], outputs: Sequence[Any], front: int = 0) -> Picture:
    """Return the Picture of calls one after the other, of one sequence of their batch.

    begun: of each call the h and c that it began with, (batch, units) each, or with an axis for
        one layer in front; None for zeros.
    outputs: what each call returned of every h, (batch, timesteps, units).
    front: the sequence that is drawn.
    Raises ValueError, in one line, for no call, and for what is no table of numbers.
    """
    if not outputs or len(begun) != len(outputs):
        raise ValueError(
            f"begun and outputs must be of the same calls, got {len(begun)} and {len(outputs)}; "
            "try None for a call that began with zeros"
        )
    panels, said, start, before = [], [], 0, None
    for number, (states, output) in enumerate(zip(begun, outputs, strict=True)):
        every = table("outputs", output[front])
        first = [
            _of_one(name, state, front) for name, state in zip("hc", states or (), strict=False)
        ]
        from_ = _from(first, before, number)
        steps = range(start, start + len(every))
        panels.append(_panel(number, steps, first or [[0.0] * len(every[0])] * 2, every, from_))
        said.append(
            f"Call {number} begins with {from_} and reads timesteps {start} to {steps[-1]}."
        )
        start, before = start + len(every), every[-1]
    who = f"{len(outputs)} calls read" if len(outputs) > 1 else "One call reads"
    what = f"{who} one batch, here sequence {front} of it."
    words = f"{what} {' '.join(said)}"
    return Picture(side_by_side(panels, words), words, folded=True)


def _of_one(name: str, state: Any, front: int) -> list[float]:
    """Return a state of a sequence, (units,); state: (batch, units), or with an axis in front."""
    return table(name, state[0] if len(shape_of(state)) == 3 else state)[front]


def _from(first: list[list[float]], before: list[float] | None, number: int) -> str:
    """Return in words where what a call begins with comes from."""
    if not any(map(any, first)):
        return "zeros"
    known = before is not None and all(
        abs(one - other) < STILL for one, other in zip(first[0], before, strict=True)
    )
    return f"h and c of call {number - 1}" if known else "an h and c of elsewhere"


def _panel(number: int, steps: range, first: list, every: list, from_: str) -> Panel:
    """Return the panel of a call: h and c before it, and h after each of its timesteps."""
    units, timesteps = len(every[0]), len(every)
    low, middle = TOP + HIGH * units, TOP + HIGH * units / 2
    x = IN + 2 * WIDE + APART
    end = x + WIDE * timesteps
    parts = [text(4, 14, f"call {number}", 13, bold=True), text(x, TOP - 5, "every h", 11)]
    for at, (name, column) in enumerate(zip("hc", first, strict=True)):
        parts.append(_column(IN + WIDE * at, column, f"{name} before call {number}"))
        parts.append(text(IN + WIDE * (at + 0.5), TOP - 5, name, 11, anchor="middle"))
    for at, (step, column) in enumerate(zip(steps, every, strict=True)):
        parts.append(_column(x + WIDE * at, column, f"h after timestep {step}"))
    parts.append(arrow(*_arrows(x, end, middle, from_ != "zeros")))
    parts += dimension([(IN - 4, TOP), (IN - 4, low)], "units")
    parts += dimension([(x, low + 5), (end, low + 5)], "timesteps")
    parts += [
        text(x, low + 19, str(steps[0]), 11),
        text(end, low + 19, str(steps[-1]), 11, anchor="end"),
    ]
    parts += [chip(8, low + 37, "units", units), chip(x - 1, low + 37, "timesteps", timesteps)]
    words = ["begins with", from_]
    parts += [text(4, low + 57 + 14 * at, one, 11, SOFT) for at, one in enumerate(words)]
    return Panel(parts, max(end + IN, x + 78, 6.2 * len(from_) + 4), low + 76)


def _arrows(x: float, end: float, y: float, handed: bool) -> list[tuple]:
    """Return where what is handed over comes in, if it does, and where it goes on."""
    return [(0, y, IN - 8, y)] * handed + [(x - APART + 2, y, x - 2, y)]


def _column(x: float, column: list[float], said: str) -> Markup:
    """Return the squares of a vector, one below the other."""
    squares = [
        square(x, TOP + HIGH * unit, WIDE, HIGH, value, f"{said}, unit {unit}")
        for unit, value in enumerate(column)
    ]
    return element("g", *squares, stroke="#888", stroke_width=0.5)
