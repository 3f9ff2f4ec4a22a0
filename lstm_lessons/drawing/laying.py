"""Trays as panels: empty, while they fill, and with what does not fit, framed and said in words.

It has more than 300 lines, since one class places all that a tray shows.
"""

from collections.abc import Sequence
from functools import partial
from textwrap import wrap

from ..pictures import colour
from ..shapes import Tensor
from ..spec import plural
from .blocks import (
    PAD,
    Panel,
    behind,
    counted_frame,
    dimension,
    down,
    ends,
    name_width,
    named,
    panel,
    spread,
    title,
)
from .moments import Moment, whole
from .squares import (
    AMISS,
    DEEP,
    HIGH,
    NEUTRAL,
    SHEETS,
    WIDE,
    Grid,
    hatched,
    layered,
    marked,
    ruled,
    said,
    sheet,
    shown,
)
from .strokes import INK, SOFT, box, shade, text, ticks
from .tray import WAYS, Tray, carried, reading, trays

MOST = (5, 8)  # so many places and so many numbers of each are drawn at most
OUT = (3, 6)  # the same of what sticks out
FRAMES = 6  # so many frames
ROOM = 236  # so wide is a panel at most that is not made smaller on a telephone
LETTER = 6.2  # how wide a letter is, at most


def panels(laid: Sequence[Tray], moment: Moment | None = None, sized: bool = True) -> list[Panel]:
    """Return the panel of each tray, and at the end of each tensor that finds none.

    moment: what has landed; None for empty trays, which say nothing of what comes.
    sized: whether the shapes of what comes are said.
    """
    many = sum(tray.given is not None for tray in laid) > 1
    found = []
    for number, tray in enumerate(laid):
        if tray.given is not None:
            name = f"Your tray {number}" if many else "Your tray"
            found.append(_Laid(tray, number, name, moment, sized).panel(_said(tray, moment)))
        elif tray.came is not None and moment and moment.ended:
            found.append(_homeless(tray.came, sized))
    return found


def _said(tray, moment):
    """Return the lines below a tray: how it reads, and at the end what does not fit."""
    if moment is None or not moment.ended:
        return [reading(tray.given)]
    if tray.came is None:
        return ["✗ stays empty"]
    faint = ["Faint: padding, which brings nothing new."] if moment.lengths else []
    return ([f"✗ {one.words}" for one in tray.mismatches] or ["✓ fits"]) + faint


def chained(steps: Sequence[Tensor]) -> list[Panel]:
    """Return a panel for each step of a chain of layers: what it makes; () if it raises an error.

    steps: Tensors whose expression is how the step is written.
    """
    found = []
    for number, step in enumerate(steps):
        name = f"→ {step.expression} " if number else step.expression
        if step.shape:
            laid = trays([step], [step])
            found.append(_Laid(laid[0], 0, name, whole(laid)).panel([]))
        else:
            parts = [title(14, name, None), text(4, 36, "✗ raises an error", 12)]
            found.append(Panel(parts, 200, 44))
    return found


def awaited() -> Panel:
    """Return the panel that stands where the trays will."""
    frame = {"fill": "none", "line": SOFT, "round_": 6, "stroke_dasharray": "5 4"}
    lines = ["Your prediction orders", "a tray. It comes here."]
    words = [text(14, 60 + 17 * place, one, 12, SOFT) for place, one in enumerate(lines)]
    return Panel(
        [text(4, 14, "Your tray", 13, bold=True), box(4, 26, 160, 84, **frame), *words], 172, 114
    )


def _homeless(tensor, sized):
    """Return the panel of a tensor that finds no tray."""
    words = "✗ finds no tray"
    if tensor.values is None or not sized:
        name = tensor.expression or "one more"
        parts = [title(14, name, tensor.shape if sized else None), text(4, 32, words, 12)]
        return Panel(parts, 200, 40)
    drawn = panel(tensor, more=words)
    frame = box(
        1, 1, drawn.width - 2, drawn.height + 2, "none", AMISS, 1.5, 4, stroke_dasharray="6 4"
    )
    return Panel([*drawn.parts, frame], drawn.width, drawn.height + 4)


class _Laid:
    """A tray as it is drawn, with what lies in it; panel returns its Panel."""

    def __init__(self, tray, number, name, moment, sized=True):
        self.tray, self.room, self.load, self.sized = tray, tray.room, tray.load, sized
        self.moment, self.ended = moment, moment is not None and moment.ended
        self.landed = moment.landed[number] if moment else {}
        self.come = moment.come[number] if moment else ()
        self.values = _values(tray.came) if moment and tray.came else None
        own, comes = ("frames" in one.ways for one in (self.room, self.load or self.room))
        self.bare = moment is not None and comes and not own  # what comes has a frame, this none
        self.pad = PAD if own or self.bare else 0
        deep = self.room.deep or (self.load.deep if self.load else 1) or 1
        sized = zip(tray.given.axes, tray.given.shape, strict=True)
        self.axes = dict(zip(self.room.ways, sized, strict=True))
        wide = (name_width(*one) + 14 + self.pad for one in self.axes.values())
        self.gutter = round(max([24, *wide]))
        numbers = shown(self.room.long, self._most())
        self.grid = Grid(range(min(deep, SHEETS)), self._places(), numbers)
        self.foot = self._foot()
        self.parts = [title(14, name, tray.given.shape)]
        self.low = self.right = 0.0
        self.least = 13 * len(f"{name}{tray.given.shape}") * 0.6 + 16
        self._frames()

    def _places(self):
        """Return which places are drawn: fewer where names leave less room."""
        left = ROOM - self.gutter - 2 - self.pad - DEEP * (SHEETS - 1)
        return shown(self.room.places, min(MOST[0], max(4, int(left / WIDE))))

    def _most(self):
        two = "directions·" in self.tray.given.axes[-1] if self.tray.given.axes else False
        return MOST[1] * (2 if two else 1)

    def _more(self):
        """Return which numbers of those that come stick out below the places, as drawn."""
        long, more = self.room.long, self.load.long - self.room.long if self.come else 0
        return [n if n is None else n + long for n in shown(more, OUT[1])] if more > 0 else []

    def _foot(self):
        """Return how high a frame is below its squares: what sticks out, and the places' names."""
        more = self._more()
        out = 3 + HIGH * len(more) if more else 0
        return out + 34 * ("places" in self.room.ways) if self.pad else 0

    def _frames(self):
        """Draw each frame, two of them side by side, and the first that sticks out."""
        grid, pad = self.grid, self.pad
        inside = [frame for frame in shown(self.room.frames, FRAMES) if frame is not None]
        out = range(self.room.frames, self.load.frames) if self.load and self.ended else ()
        for place, frame in enumerate([*inside, *out[:1]]):
            x = self.gutter + (place % 2) * (grid.width + grid.depth + 2 * pad + 10)
            y = 30 + max(grid.depth, 10 * ("deep" in self.room.ways)) + 2 * pad
            y += (place // 2) * (grid.height + grid.depth + 2 * pad + 36 + self.foot)
            self.right = max(self.right, x + grid.width + grid.depth + pad)
            self.low = max(self.low, y + grid.height + self.foot + pad)
            if frame in out or (pad and (self.ended or not self.bare)):
                self._framed(frame, x, y, frame in out or self.bare)
            if frame in out:
                steps = range(min(len(self.come), len(grid.steps)))
                beyond = Grid(grid.sequences, steps, shown(self.load.long, len(grid.numbers)))
                self._sheets(beyond, x, y, frame, self._there)
                continue
            self._sheets(grid, x, y, frame, self._lying)
            self.parts += self._empty(frame, x, y)
            if place == 0:
                low = self._below(x, y + grid.height)
                self._axes(x, y, low)
                self._beside(self.right, y)

    def _framed(self, frame, x, y, out):
        """Draw the frame of a layer or direction, with its number."""
        grid, pad = self.grid, self.pad or PAD
        high = grid.height + self.foot
        size = (grid.width + grid.depth + 2 * pad, high + grid.depth + 2 * pad)
        look = {"fill": "none", "line": AMISS if out else colour("layers"), "thick": 1.5}
        at = (x - pad, y - grid.depth - pad)
        self.parts.append(box(*at, *size, **look, round_=6, stroke_dasharray="5 3"))
        middle, low = x + grid.width / 2, y + high + pad + 14
        if frame < self.room.frames:
            self.parts += counted_frame(middle, low, frame, self.room.frames)
        else:
            self.parts.append(text(middle, low, str(frame), 11, SOFT, "middle"))
        self.low = max(self.low, low + 17)

    def _sheets(self, grid, x, y, frame, find):
        """Draw squares. find: what is seen at a frame, sequence, timestep and number."""
        sheets = []
        for sequence, left, top, behind_ in layered(grid, x, y):
            column = partial(_column, partial(find, frame, sequence), behind_)
            sheets.append(sheet(grid, left, top, column, behind_))
        self.parts.append(ruled(sheets))

    def _lying(self, frame, sequence, place, number):
        """Return what is seen at a place of the tray; None for nothing."""
        start, stop = self.landed.get(place, (0, 0))
        if not start <= number < stop:
            return None
        return self._there(frame, sequence, self.tray.landed.index(place), number)

    def _there(self, frame, sequence, step, number):
        """Return what is seen of what came; None for nothing."""
        load, came = self.load, self.tray.came
        start, stop = self.come[step]
        there = frame < load.frames and (load.deep is None or sequence < load.deep)
        if not there or not start <= number < stop:
            return None
        if self.values is None:
            over = self.moment.is_padding(sequence, step)
            return NEUTRAL, "padding" * over, over
        places = dict(zip(WAYS, map(str, (frame, sequence, step, number)), strict=True))
        name = f"{came.expression}[{', '.join(places[way] for way in load.ways)}]"
        value = self.values[frame][sequence][step][number]
        return shade(value), said(name if self.sized else carried(came), value), False

    def _empty(self, frame, x, y):
        """Hatch what stays empty, at the end."""
        if not self.ended:
            return
        grid, comes = self.grid, frame < (self.load.frames if self.load else 0)
        drawn = [number for number in grid.numbers if number is not None]
        for across, place in enumerate(grid.steps):
            start, stop = self.landed.get(place, (0, 0)) if comes else (0, 0)
            held = sum(start <= number < stop for number in drawn)
            if place is not None and held < len(drawn):
                top = y + HIGH * held
                yield hatched(x + WIDE * across, top, WIDE, y + grid.height - top)

    def _below(self, x, y):
        """Draw the numbers that stick out below the places, and return where they end."""
        numbers = self._more()
        if not numbers:
            return y
        for across, place in enumerate(self.grid.steps):
            if place is None or self._lying(0, 0, place, 0) is None:
                continue
            left, step = x + WIDE * across, self.tray.landed.index(place)
            one = Grid(range(1), [step], numbers)
            self._sheets(one, left, y + 3, 0, self._there)
            self.parts.append(marked(left, y + 3, WIDE, one.height))
        low = y + 3 + HIGH * len(numbers)
        self.low = max(self.low, low)
        return low

    def _beside(self, x, y):
        """Draw the timesteps and the sequences that find no place."""
        room, load = self.room, self.load
        if not self.come:
            return
        numbers, deep = shown(load.long, len(self.grid.numbers)), load.deep or 1
        over = [n for n in range(room.places, load.places) if self.come[n] != (0, 0)]
        if over:
            steps = [n if n is None else over[n] for n in shown(len(over), OUT[0])]
            self._aside(Grid(range(deep), steps, numbers), x, y, _listed("timestep", over))
        if self.ended and room.deep is not None and deep > room.deep:
            more = range(room.deep, deep)
            grid = Grid(more, shown(len(self.come), OUT[0]), numbers)
            self._aside(grid, self.right, y, _listed("sequence", more))

    def _aside(self, grid, x, y, words):
        """Draw what finds no place, in a frame, with its words; below, if there is no room."""
        left, width = x + 12, grid.width + grid.depth + 6
        y += max(0, grid.depth - self.grid.depth)  # its name stands above the tray
        if left + max(width, LETTER * len(words)) > ROOM and self.room.frames == 1:
            left, y = self.gutter, self.low + grid.depth + 14
        high, low = y - grid.depth - 3, y + grid.height
        self._sheets(grid, left, y, 0, self._there)
        self.parts.append(marked(left - 3, high, width, low + 3 - high))
        self.parts.append(text(left - 3, low + 17, words, 11, SOFT))
        self.right = max(self.right, left + width, left + LETTER * len(words))
        self.low = max(self.low, low + 20)

    def _axes(self, x, y, low):
        """Draw the axes of the tray."""
        for way, (axis, size) in self.axes.items():
            if way == "long":
                self.parts += down(x, y, self.grid.height, axis, size, self.pad)
                self.parts += ends(self.grid.numbers, x - self.pad, y)
            elif way == "deep":
                self.parts += behind(x, y, len(self.grid.sheets), axis, size, self.pad)
            elif way == "places":
                self.low = max(self.low, low + 34)
                self.parts += dimension([(x, low + 5), (x + self.grid.width, low + 5)], axis)
                self.parts.append(named(x - self.pad - 8, low + 19, axis, size))
                middles = [x + WIDE * (place + 0.5) for place in range(len(self.grid.steps))]
                steps = zip(middles, self.grid.steps, strict=True)
                self.parts.append(ticks(steps, low + 19))
            elif way == "frames":
                below = y + self.grid.height + self.foot + self.pad
                self.low = max(self.low, below + 22)
                self.parts.append(named(x - self.pad - 6, below + 15, axis, size))

    def panel(self, lines: Sequence[str]) -> Panel:
        """Return the Panel, with lines below the drawing."""
        width, y = max(self.right + 2, self.least, 190), self.low + 14
        amiss = self.tray.mismatches if self.ended and not self.bare else ()
        if amiss and all(map(_unseen, amiss)):
            look = {"fill": "none", "line": AMISS, "thick": 1.5, "round_": 4}
            size = (width - 2, self.low - 14)
            self.parts.append(box(1, 20, *size, **look, stroke_dasharray="6 4"))
        for words in (part for line in lines for part in wrap(line, int((width - 8) / LETTER))):
            self.parts.append(text(4, y + 6, words, 12, INK))
            y += 16
        return Panel(self.parts, width, y + 2)


def _column(find, behind_, step, numbers):
    """Return what is seen of numbers of a timestep; those behind do not say their values again."""
    seen = [None if number is None else find(step, number) for number in numbers]
    if not behind_:
        return seen
    return [one and (one[0], one[1] if one[2] else "", one[2]) for one in seen]


def _unseen(mismatch):
    """Return whether nothing of a mismatch sticks out or stays empty in front."""
    if mismatch.kind in ("deep", "frames"):
        return mismatch.given > mismatch.came
    return mismatch.kind in ("axes", "order", "names", "open")


def _listed(thing, numbers):
    """Return which sequences or timesteps: "timesteps 1, 2, 3, …"."""
    first = [str(number) for number in numbers[:SHEETS]]
    more = ["…"] if len(numbers) > SHEETS else []
    return f"{thing if len(numbers) == 1 else plural(thing)} {', '.join([*first, *more])}"


def _values(tensor):
    """Return the numbers of a tensor as they are drawn; None if they are not known."""
    return None if tensor.values is None else spread(tensor.axes, tensor.values)
