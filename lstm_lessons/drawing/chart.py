"""A chart: boxes in a column, arrows between them, and what goes along each arrow as chips.

It is as wide as a telephone and is not made smaller, so that its words can be read everywhere:
what is long stands in lines, and what passes by many boxes has no lane, but is said.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import wrap

from ..markup import Markup, element, joined
from ..pictures import Picture
from .blocks import SANS
from .strokes import INK, SOFT, WORDS, box, chip, chip_width, text

WIDTH = 236  # of a chart
LANE, NEAR, LANES = 11, 5, 60  # from a lane to the next, at most and at least; of all of them
INDENT = 28  # from the edge of the boxes to what goes along the arrows between them
LINE, CHIPS = 15, 19  # the heights of a line of words, and of one of chips
LETTER = 6.7  # how wide a letter of code is, at most
MARK = "#9a4a00"  # what is marked has a sign in words, too
UNSEEN = "what is not seen"


@dataclass(frozen=True)
class Box:
    """A box of a chart: its title and kind, notes below them, and a mark, or "".

    strong: whether it is one of those that the chart is about. bare: whether it has no frame.
    """

    title: str
    kind: str = ""
    notes: tuple[str, ...] = ()
    mark: str = ""
    strong: bool = False
    bare: bool = False


@dataclass(frozen=True)
class Arrow:
    """What goes from one box to another, by their numbers; None for what is not seen.

    words: what it is. axes, shape: of it; an axis without a name is "". taken: the names of the
    axes as the end takes them, if it takes them otherwise. mark: a sign, or "".
    """

    start: int | None
    end: int | None
    words: str
    axes: tuple[str, ...]
    shape: tuple[int, ...]
    taken: tuple[str, ...] = ()
    mark: str = ""


def chart(boxes: Sequence[Box], arrows: Iterable[Arrow], words: str) -> Picture:
    """Return the Picture of boxes, from above, and of the arrows between them.

    words: what the picture says.
    """
    drawn = _Layout(boxes, list(arrows))
    height = drawn.y + 6
    svg = element(
        "svg",
        *drawn.parts,
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        aria_label=words,
        viewBox=f"0 0 {drawn.width:g} {height:g}",
        width=drawn.width,
        height=height,
        style=f"{WORDS}; font-family: {SANS}; max-width: none",
    )
    return Picture(svg, words)


class _Layout:
    """Where everything stands. parts: its SVG. y: how far down it has come."""

    def __init__(self, boxes, arrows):
        self.boxes, self.arrows = boxes, arrows
        found = lanes({(one.start, one.end) for one in self.arrows})
        self.lanes = {pair: lane for pair, lane in found.items() if lane < LANES / NEAR}
        number = 1 + max(self.lanes.values(), default=-1)
        self.lane = min(LANE, LANES / max(number, 1))
        self.left = 4 + self.lane * number
        self.width, self.y, self.parts = WIDTH, 2, []
        self.middles, self.marked = {}, set()
        for number, one in enumerate(boxes):
            self._into(number)
            self._box(number, one)
            self._out_of(number)
        self.parts = [self._lane(*pair) for pair in self.lanes] + self.parts

    def words(self, words, ink=INK):
        """Write words, in lines that fit."""
        x = self.left + INDENT
        for line in _lines(words, self.width - x, 6.2):
            self.y += LINE
            self.parts.append(text(x, self.y - 3, line, 11, ink))

    def _pairs(self, end):
        """Return what goes into a box by where it comes from, from the one above it first."""
        pairs = {}
        for one in self.arrows:
            if one.end == end and one.start != end:
                pairs.setdefault(one.start, []).append(one)
        return sorted(pairs.items(), key=lambda pair: pair[0] != end - 1)

    def _into(self, end):
        """Draw what goes into a box, above it."""
        top, downs, pairs = self.y, [], self._pairs(end)
        self.y += 3 if pairs or not end else 12
        for start, arrows in pairs:
            high = top if start == end - 1 else self.y + 2
            if start != end - 1:
                self.words(f"from {UNSEEN if start is None else self.boxes[start].title}", SOFT)
            marked = self._labels(arrows)
            if (start, end) in self.lanes:
                self.marked |= {(start, end)} if marked else set()
            elif start in (None, end - 1):
                downs.append((high, start is None, marked))
        self.y += 4 if pairs else 0
        for place, (high, unseen, marked) in enumerate(downs):
            self.parts.append(_down(self.left + 14 + 7 * place, high, self.y, unseen, marked))

    def _out_of(self, start):
        """Draw what goes from a box to what is not seen."""
        arrows = [one for one in self.arrows if (one.start, one.end) == (start, None)]
        if arrows:
            high = self.y
            self.y += 3
            self.words(f"to {UNSEEN}", SOFT)
            marked = self._labels(arrows)
            self.parts.append(_down(self.left + 14, high, self.y, True, marked))
            self.y += 4

    def _labels(self, arrows):
        """Write what goes along arrows; return whether one is marked."""
        for one in arrows:
            self._label(one)
        return any(one.mark for one in arrows)

    def _label(self, arrow):
        """Write what goes along an arrow, on one line if it fits."""
        left = x = self.left + INDENT
        if arrow.mark:
            self.parts.append(_badge(x, self.y + 15, arrow.mark))
            x += _badge_width(arrow.mark) + 5
        lines = _lines(arrow.words, self.width - x)
        chips = sum(chip_width(*one) + 4 for one in zip(arrow.axes, arrow.shape, strict=True))
        for line in lines:
            self.parts.append(_code(x, self.y + 15, line))
            end = x + LETTER * len(line) + 6
            self.y, x = self.y + LINE, left
        if len(lines) == 1 and end + chips <= self.width:
            self.y, x = self.y - LINE, end
        elif lines:
            self.y += 2
        self._chips(x, arrow.axes, arrow.shape)
        if arrow.taken:
            self.words("is taken for")
            self._chips(left, arrow.taken, arrow.shape)

    def _chips(self, x, axes, shape):
        """Draw axes with their sizes, in lines that fit."""
        left = self.left + INDENT
        self.y += CHIPS
        for axis, size in zip(axes, shape, strict=True):
            width = chip_width(axis, size)
            if x > left and x + width > self.width:
                x, self.y = left, self.y + CHIPS
            self.parts.append(chip(min(x, self.width - width), self.y - 4, axis, size))
            x += width + 4

    def _box(self, number, one):
        """Draw a box, its kind beside its title if there is room."""
        inner, letter = self.left + (6 if one.bare else 10), LETTER + 0.7 * one.strong
        badge = _badge_width(one.mark) + 8 if one.mark else 0
        room = self.width - inner - 6
        title = _lines(one.title, room - badge, letter) or [""]
        beside = inner + letter * len(title[-1]) + 8
        below = len(title) > 1 or beside + 6.2 * len(one.kind) + badge > self.width
        kind = _lines(one.kind, room, 6.2) if below else []
        notes = [line for note in one.notes for line in _lines(note, room)]
        height = (18 if one.bare else 24) + LINE * (len([*title, *kind, *notes]) - 1)
        if not one.bare:
            line, thick = (INK, 1.8) if one.strong else (SOFT, 1)
            size = self.width - self.left - 2, height
            self.parts.append(box(self.left, self.y, *size, line=line, thick=thick, round_=5))
        y = self.y + (14 if one.bare else 16)
        written = [_code(inner, y + LINE * at, line, one.strong) for at, line in enumerate(title)]
        for at, line in enumerate([*kind, *notes], len(title)):
            is_kind = at < len(title) + len(kind)
            where = inner, y + LINE * at, line
            written.append(text(*where, 11, SOFT) if is_kind else _code(*where))
        if one.kind and not below:
            written.append(text(beside, y, one.kind, 11, SOFT))
        self.parts += written
        if one.mark:
            self.parts.append(_badge(self.width - badge, y, one.mark))
        self.middles[number], self.y = self.y + height / 2, self.y + height

    def _lane(self, start, end):
        """Draw what passes by other boxes, on the left."""
        x = self.left - self.lane * (self.lanes[start, end] + 1) + 3
        high, low = self.middles[start] + 4, self.middles[end] - 4
        points = [(self.left, high), (x, high), (x, low), (self.left - 1, low)]
        head = [(self.left - 6, low - 3), (self.left - 1, low), (self.left - 6, low + 3)]
        marked = (start, end) in self.marked
        return joined([_line(points, marked), _line(head, marked)])


def _lines(words: str, room: float, letter: float = LETTER) -> list[str]:
    """Return words in lines that fit; those of a path break after its dots."""
    found = wrap(words.replace(".", ". "), int(room / letter))
    return [line.replace(". ", ".") for line in found]


def lanes(pairs: Iterable[tuple[int | None, int | None]]) -> dict[tuple[int, int], int]:
    """Return the lane of each pair of boxes that are not above one another, from 0, the nearest.

    Two that pass by the same box have different ones.
    """
    found: dict[tuple[int, int], int] = {}
    apart = [(a, b) for a, b in pairs if a is not None and b is not None and a != b != a + 1]
    for pair in sorted(apart, key=lambda pair: (abs(pair[1] - pair[0]), pair)):
        taken = {
            lane
            for other, lane in found.items()
            if min(pair) <= max(other) and min(other) <= max(pair)
        }
        found[pair] = next(lane for lane in range(len(taken) + 1) if lane not in taken)
    return found


def _line(points, marked, dashed=False):
    style = (
        f"fill: none; stroke: {MARK if marked else SOFT}; stroke-width: {2.5 if marked else 1.2}"
    )
    if dashed:
        style += "; stroke-dasharray: 3 3"
    return element("polyline", points=" ".join(f"{x:g},{y:g}" for x, y in points), style=style)


def _down(x, high, low, dashed, marked):
    """Return an arrow downwards; dashed if it begins or ends where nothing is seen."""
    head = [(x - 3, low - 6), (x, low - 1), (x + 3, low - 6)]
    return joined([_line([(x, high), (x, low - 1)], marked, dashed), _line(head, marked)])


def _code(x, y, words, bold=False):
    return text(x, y, words, 11, bold=bold, mono=True)


def _badge(x, y, words) -> Markup:
    """Return a mark, white on its colour."""
    width = _badge_width(words)
    inside = text(x + width / 2, y, words, 11, "#fff", "middle", bold=True)
    return joined([box(x, y - 12, width, 16, fill=MARK, line="none", round_=3), inside])


def _badge_width(words):
    return 7 * len(words) + 10
