"""What a drawing is made of: texts, boxes, lines, and the squares that stand for numbers, as SVG.

Lengths are in the drawing's own units, which are pixels at full size.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import ceil

from ..markup import Markup, element, joined
from ..pictures import INK as PAGES_INK
from ..pictures import PAPER as PAGES_PAPER
from ..pictures import SOFT as PAGES_SOFT
from ..pictures import colour

LETTER = 6.1  # how wide a letter of an axis is, at most
EDGE = 6  # what its paper is wider than its letters
# Of numbers, from zero on: short to write, since a picture has hundreds; of such, those nearest to
# the way from MIDDLE to BELOW or ABOVE.
BLUES = ("#fff", "#def", "#cde", "#bcd", "#9bd", "#8ac", "#69c", "#58b", "#37b", "#26a")
BROWNS = ("#fff", "#fed", "#edc", "#dba", "#db9", "#c97", "#b85", "#b74", "#a62", "#a51")
GHOST = 0.4  # the opacity of what was not returned
INK, SOFT, PAPER, MONO = "var(--ink)", "var(--soft)", "var(--paper)", "var(--mono)"
# Said once, of a whole picture.
COLOURS = f"--ink: {PAGES_INK}; --soft: {PAGES_SOFT}; --paper: {PAGES_PAPER}; "
COLOURS += "--mono: var(--jp-code-font-family, monospace); fill: var(--ink)"
WORDS = f"{COLOURS}; font-size: 11px"


@lru_cache(maxsize=2048)  # axes, their names and their places are the same in most pictures
def text(x, y, words: str, size=12, ink=INK, anchor="start", bold=False, mono=False) -> Markup:
    """Return words at a place; anchor: which end of them stands there; mono: as code is set.

    They say no more than how they differ from WORDS, since a picture has a hundred.
    """
    looks = {
        "text_anchor": (anchor, "start"),
        "fill": (ink, INK),
        "font_size": (size, 11),
        "font_weight": ("bold" if bold else "", ""),
        "font_family": (MONO if mono else "", ""),
    }
    differ = {name: look for name, (look, usual) in looks.items() if look != usual}
    return element("text", words, x=x, y=y, **differ)


def ticks(places: Iterable[tuple[float, int | None]], y: float) -> Markup:
    """Return the numbers below places, … for None: each (the middle, a number); the last is −1."""
    places = list(places)
    parts = [element("text", "…" if at is None else str(at), x=x, y=y) for x, at in places]
    last = element("text", "−1", x=places[-1][0], y=y + 13, fill=SOFT)
    return element("g", *parts, last, text_anchor="middle")


def from_end(x, y, number=1) -> Markup:
    """Return, below the number of a place, that which it has when counted from the end."""
    return text(x, y + 13, f"−{number}", 11, SOFT, "middle")


@lru_cache(maxsize=1024)
def box(x, y, width, height, fill=PAPER, line=SOFT, thick=1, round_=0, **more) -> Markup:
    """Return a rectangle; more: attributes of its own."""
    where = {"x": x, "y": y, "width": width, "height": height, **({"rx": round_} if round_ else {})}
    return element("rect", **where, **more, fill=fill, **stroked(line, thick))


def line(*lines: Sequence[tuple[float, float]], ink=SOFT, thick=1, **more) -> Markup:
    """Return lines, each through points; more: attributes of their own."""
    path = "".join(map(_through, lines))
    fill = {} if all(len(points) == 2 for points in lines) else {"fill": "none"}
    return element("path", d=path, **fill, **stroked(ink, thick), **more)


def stroked(ink: str, thick: float = 1) -> dict[str, str | float]:
    """Return the attributes of a line; one of its width only where it is not the usual one."""
    return {"stroke": ink} | ({} if thick == 1 or ink == "none" else {"stroke_width": thick})


def _through(points):
    """Return the path through points, from each to the next, closed if it ends where it began."""
    (x, y), *more = points
    path = f"M{x:g} {y:g}"
    for x1, y1 in more[: -1 if more[-1] == points[0] else None]:
        dx, dy = x1 - x, y1 - y
        path += f"v{dy:g}" if not dx else f"h{dx:g}" if not dy else f"l{dx:g} {dy:g}"
        x, y = x1, y1
    return path + "z" * (more[-1] == points[0])


def arrow(*arrows: tuple[float, float, float, float], ink: str = SOFT) -> Markup:
    """Return lines with a head, upright or level: each (x0, y0, x1, y1)."""
    return line(*[part for one in arrows for part in _arrow(*one)], ink=ink)


def _arrow(x0, y0, x1, y1):
    back = 5 if (x1, y1) < (x0, y0) else -5
    head = [(-3, back), (0, 0), (3, back)] if x0 == x1 else [(back, -3), (0, 0), (back, 3)]
    return [(x0, y0), (x1, y1)], [(x1 + dx, y1 + dy) for dx, dy in head]


def shade(value: float) -> str:
    """Return a colour: blue below zero, brown above, stronger the farther from zero (to 1).

    As "#rgb", of the value to two places, so that the last bits of a framework's sums do not show.
    What is no number (NaN) is black.
    """
    if value != value:
        return "#000"
    value = round(float(value), 2)
    depth = min(abs(value), 1) ** 0.7
    return (BLUES if value < 0 else BROWNS)[round(depth * (len(BLUES) - 1))]


def ghost(parts: Markup, strong: bool) -> Markup:
    """Return parts, faint unless they are strong."""
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
    return ceil(LETTER * len(f"{axis} {size}".strip())) + EDGE
