"""What a drawing is made of: texts, boxes, lines, and the squares that stand for numbers, as SVG.

Lengths are in the drawing's own units, which are pixels at full size.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from ..markup import Markup, element, joined
from ..pictures import ABOVE, BELOW, INK, MIDDLE, colour
from ..pictures import PAPER as PAGES_PAPER
from ..pictures import SOFT as PAGES_SOFT

LETTER = 6.1  # how wide a letter of an axis is, at most
EDGE = 6  # what its paper is wider than its letters
GHOST = 0.4  # the opacity of what was not returned
SOFT = "var(--soft)"
PAPER = "var(--paper)"
# Said once, of a whole picture.
COLOURS = f"--paper: {PAGES_PAPER}; --soft: {PAGES_SOFT}; fill: {INK}"
WORDS = f"{COLOURS}; font-size: 11px"


@lru_cache(maxsize=2048)  # axes, their names and their places are the same in most pictures
def text(x, y, words: str, size=12, ink=INK, anchor="start", bold=False) -> Markup:
    """Return words at a place; anchor: which end of them stands there.

    They say no more than how they differ from WORDS, since a picture has a hundred.
    """
    looks = {"fill": (ink, INK), "font-size": (f"{size}px", "11px")}
    style = [f"{name}: {look}" for name, (look, usual) in looks.items() if look != usual]
    style += ["font-weight: bold"] * bold
    where = {} if anchor == "start" else {"text_anchor": anchor}
    return element(
        "text", words, x=x, y=y, **where, **({"style": "; ".join(style)} if style else {})
    )


def ticks(places: Iterable[tuple[float, int | None]], y: float) -> Markup:
    """Return the numbers below places, … for None: each (the middle, a number); the last is −1."""
    places = list(places)
    parts = [element("text", "…" if at is None else str(at), x=x, y=y) for x, at in places]
    row = element("g", *parts, text_anchor="middle")
    return joined([row, from_end(places[-1][0], y)])


def from_end(x, y, number=1) -> Markup:
    """Return, below the number of a place, that which it has when counted from the end."""
    return text(x, y + 13, f"−{number}", 11, SOFT, "middle")


@lru_cache(maxsize=1024)
def box(x, y, width, height, fill=PAPER, line=SOFT, thick=1, round_=0, **more) -> Markup:
    """Return a rectangle; more: attributes of its own."""
    style = f"fill: {fill}; stroke: {line}{f'; stroke-width: {thick}' * (line != 'none')}"
    corner = {"rx": round_} if round_ else {}
    return element("rect", x=x, y=y, width=width, height=height, **corner, **more, style=style)


def line(*lines: Sequence[tuple[float, float]], ink=SOFT, thick=1) -> Markup:
    """Return lines, each through points."""
    path = "".join(map(_through, lines))
    return element("path", d=path, style=f"fill: none; stroke: {ink}; stroke-width: {thick}")


def _through(points):
    """Return the path through points, from each to the next."""
    (x, y), *more = points
    path = f"M{x:g} {y:g}"
    for x1, y1 in more:
        dx, dy = x1 - x, y1 - y
        path += f"v{dy:g}" if not dx else f"h{dx:g}" if not dy else f"l{dx:g} {dy:g}"
        x, y = x1, y1
    return path


def arrow(*arrows: tuple[float, float, float, float]) -> Markup:
    """Return lines with a head, upwards, to the right or to the left: each (x0, y0, x1, y1)."""
    return line(*[part for one in arrows for part in _arrow(*one)])


def _arrow(x0, y0, x1, y1):
    side = 1 if x1 < x0 else -1
    head = [(-3, 5), (0, 0), (3, 5)] if x0 == x1 else [(5 * side, -3), (0, 0), (5 * side, 3)]
    return [(x0, y0), (x1, y1)], [(x1 + dx, y1 + dy) for dx, dy in head]


def shade(value: float) -> str:
    """Return a colour: blue below zero, brown above, stronger the farther from zero (to 1).

    Of the value to two places, so that the last bits of a framework's sums do not show. What is no
    number (NaN) is black.
    """
    if value != value:
        return "#000"
    return _mixed(round(float(1 if value > 1 else -1 if value < -1 else value), 2))


@lru_cache(maxsize=201)  # as many as there are
def _mixed(value):
    middle, strong = bytes.fromhex(MIDDLE[1:]), bytes.fromhex((BELOW if value < 0 else ABOVE)[1:])
    depth = abs(value) ** 0.7
    mixed = (round(a + (b - a) * depth) for a, b in zip(middle, strong, strict=True))
    return "#" + bytes(mixed).hex()


def ghost(parts: Markup, strong: bool) -> Markup:
    """Return parts, pale unless they are strong."""
    return parts if strong else element("g", parts, opacity=GHOST)


def chip(x, y, axis: str, size: int) -> Markup:
    """Return an axis with its size in its colour; of an axis without a name, "", the size."""
    width = chip_width(axis, size)
    return joined(
        [
            paper(x, y - 11, width, 15, axis),
            text(x + width / 2, y, f"{axis} {size}".strip(), size=11, ink="#fff", anchor="middle"),
        ]
    )


def paper(x, y, width, height, axis: str) -> Markup:
    """Return the paper of an axis with its size, in its colour."""
    return element("rect", x=x, y=y, width=width, height=height, rx=4, fill=colour(axis))


def chip_width(axis: str, size: int) -> float:
    """Return how wide an axis with its size is."""
    return LETTER * len(f"{axis} {size}".strip()) + EDGE
