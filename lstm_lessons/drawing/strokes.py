"""What a drawing is made of: texts, boxes, lines, and the squares that stand for numbers, as SVG.

Lengths are in the drawing's own units, which are pixels at full size.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import isnan

import numpy as np

from ..markup import Markup, element, joined
from ..pictures import ABOVE, BELOW, INK, MIDDLE, PAPER, colour

SQUARE = 10  # the side of a number's square
SHEET = 4  # how far a sample stands behind the one before it
GHOST = 0.28  # the opacity of what was not returned
SOFT = "var(--jp-ui-font-color2, #555)"


def text(x, y, words: str, size=12, ink=INK, anchor="start", bold=False) -> Markup:
    """Return words at a place; anchor: which end of them stands there."""
    weight = "; font-weight: bold" if bold else ""
    style = f"fill: {ink}; font-size: {size}px{weight}"
    return element("text", words, x=x, y=y, text_anchor=anchor, style=style)


def box(x, y, width, height, fill=PAPER, line=SOFT, thick=1, round_=0, **more) -> Markup:
    """Return a rectangle; more: attributes of its own."""
    style = f"fill: {fill}; stroke: {line}; stroke-width: {thick}"
    return element("rect", x=x, y=y, width=width, height=height, rx=round_, **more, style=style)


def line(points: Iterable, ink=SOFT, thick=1) -> Markup:
    """Return a line through points."""
    path = " ".join([f"{x:g},{y:g}" for x, y in points])
    style = f"fill: none; stroke: {ink}; stroke-width: {thick}"
    return element("polyline", points=path, style=style)


def arrow(x0, y0, x1, y1) -> Markup:
    """Return a line with a head, upwards, to the right or to the left."""
    side = 1 if x1 < x0 else -1
    head = [(-3, 5), (0, 0), (3, 5)] if x0 == x1 else [(5 * side, -3), (0, 0), (5 * side, 3)]
    return joined([line([(x0, y0), (x1, y1)]), line([(x1 + dx, y1 + dy) for dx, dy in head])])


def squares(x, y, values: np.ndarray, shown: Sequence, across=False) -> Markup:
    """Return a number's square for each shown index, downwards or across; empty if not known."""
    if np.ma.is_masked(values):
        length = SQUARE * len(shown)
        return box(x, y, *((length, SQUARE) if across else (SQUARE, length)), thick=0.7)
    parts, numbers = [], values.tolist()
    for place, index in enumerate(shown):
        left, top = (x + place * SQUARE, y) if across else (x, y + place * SQUARE)
        if index is None:
            dots = "…" if across else "⋮"
            parts.append(text(left + SQUARE / 2, top + 9, dots, size=11, anchor="middle"))
        else:
            parts.append(_square(left, top, shade(numbers[index])))
    return joined(parts)


def _square(x, y, fill):
    return element(
        "rect", x=x, y=y, width=SQUARE, height=SQUARE, fill=fill, stroke="#888", stroke_width=0.5
    )


def shade(value: float) -> str:
    """Return a colour: blue below zero, brown above, stronger the farther from zero (to 1).

    Of the value to two places, so that the last bits of a framework's sums do not show. What is no
    number (NaN) is black.
    """
    if isnan(value):
        return "#000"
    return _mixed(round(max(-1.0, min(float(value), 1.0)), 2))


@lru_cache(maxsize=201)  # as many as there are
def _mixed(value):
    middle, strong = bytes.fromhex(MIDDLE[1:]), bytes.fromhex((BELOW if value < 0 else ABOVE)[1:])
    depth = abs(value) ** 0.7
    mixed = (round(a + (b - a) * depth) for a, b in zip(middle, strong, strict=True))
    return "#" + bytes(mixed).hex()


def behind(x, y, width, height, sheets: int) -> Markup:
    """Return the other samples: sheets behind a block, the farthest first."""
    return joined(
        box(x + SHEET * depth, y - SHEET * depth, width, height, thick=0.7)
        for depth in range(sheets, 0, -1)
    )


def ghost(parts: Markup, strong: bool) -> Markup:
    """Return parts, pale unless they are strong."""
    return parts if strong else element("g", parts, opacity=GHOST)


def chip(x, y, axis: str, size: int) -> Markup:
    """Return an axis with its size in its colour; of an axis without a name, "", the size."""
    width = chip_width(axis, size)
    return joined(
        [
            box(x, y - 11, width, 15, fill=colour(axis), line="none", round_=4),
            text(x + width / 2, y, f"{axis} {size}".strip(), size=11, ink="#fff", anchor="middle"),
        ]
    )


def chip_width(axis: str, size: int) -> float:
    """Return how wide an axis with its size is."""
    return 6.1 * len(f"{axis} {size}".strip()) + 10
