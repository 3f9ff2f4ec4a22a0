"""An encoder and a decoder as a drawing: boxes, arrows, and a chip for each axis at each arrow.

It is as wide as a telephone. Time is not drawn here: it is what the chips count.
"""

from collections.abc import Sequence

from ..markup import Markup, joined
from ..pictures import Picture
from ..spec import bounded, whole
from .blocks import Panel, side_by_side
from .strokes import INK, SOFT, arrow, box, chip, text

LEFT, RIGHT, ACROSS = 4, 214, 118  # where the encoder and the decoder stand; the width of a box
ROOM, HIGH = 66, 40  # the heights of an arrow with its chips, and of a box
CHIP = 19  # from one chip to the next

Axes = Sequence[tuple[str, int]]


def coders(
    batch: int = 3,
    reads: int = 18,
    writes: int = 10,
    units: int = 64,
    characters: int = 11,
    asked: bool = False,
) -> Picture:
    """Return the Picture of an encoder that hands h and c to a decoder, and of a dense layer on it.

    reads, writes: how many timesteps the encoder and the decoder read. characters: how many there
    are to choose from; the decoder reads a start mark, too.
    asked: whether the shapes of what comes out of a layer are left open.
    Raises ValueError, in one line, for what is no size.
    """
    given = dict(batch=batch, reads=reads, writes=writes, units=units, characters=characters)
    sizes = {name: whole(name, size, advice=3) for name, size in given.items()}
    bounded(sizes, advice="smaller sizes")
    mine, own = ("batch", batch), ("timesteps", writes)
    x = "x", (mine, ("timesteps", reads), ("features", 41))
    previous = "previous", (mine, own, ("features", characters + 1))
    states = "h, c", (mine, ("units", units))
    every = "every h", (mine, own, ("units", units))
    out = "distributions", (mine, own, ("characters", characters))
    layers = f"LSTM({units})", f"Dense({characters})"
    parts = _drawn(x, previous, states, every, out, layers, asked)
    words = _words(x, previous, states, every, out, layers, asked)
    return Picture(
        side_by_side([Panel(parts, 338, 22 + 3 * (ROOM + HIGH) - 20)], words), words, folded=True
    )


def _drawn(x, previous, states, every, out, layers, asked):
    """Return the parts of the drawing, from above."""
    top, low = 22, 22 + 2 * ROOM + HIGH  # of the arrow on top; of the encoder and the decoder
    middle = low + HIGH / 2
    forwards = arrow((LEFT + ACROSS + 3, middle, RIGHT - 3, middle))
    across = [forwards, *_across(states, middle, asked)]
    return [
        _name(RIGHT, top - 6, out[0]),
        *_up(RIGHT, top, out[1], asked),
        _layer(RIGHT, top + ROOM, "head", layers[1]),
        *_up(RIGHT, top + ROOM + HIGH, every[1], asked),
        *_layers(low, layers[0]),
        *across,
        *(part for at, read in ((LEFT, x), (RIGHT, previous)) for part in _read(at, low, *read)),
    ]


def _layers(y, code):
    return [_layer(LEFT, y, "encoder", code), _layer(RIGHT, y, "decoder", code)]


def _layer(x, y, name, code) -> Markup:
    """Return the box of a layer: its name, and how it is written."""
    middle = x + ACROSS / 2
    return joined(
        [
            box(x, y, ACROSS, HIGH, line=INK, thick=1.5, round_=5),
            text(middle, y + 17, name, 12, anchor="middle", bold=True),
            _code(middle, y + 32, code),
        ]
    )


def _code(x, y, words) -> Markup:
    return text(x, y, words, 11, anchor="middle", mono=True)


def _name(x, y, words) -> Markup:
    return text(x + 12, y, words, 12, bold=True)


def _read(x, y, name, axes):
    """Return what a layer reads: the arrow to it from below, with its chips, and the name."""
    return [*_up(x, y + HIGH, axes, False), _name(x, y + HIGH + ROOM + 12, name)]


def _up(x: float, y: float, axes: Axes, asked: bool):
    """Return an arrow upwards that ends at a place, with what goes along it."""
    return [arrow((x + 18, y + ROOM - 2, x + 18, y + 3)), *_chips(x + 28, y + 17, axes, asked)]


def _across(states, y, asked):
    """Return what stands at the arrow from the encoder to the decoder: its name, its chips."""
    left = LEFT + ACROSS + 16
    name = text(LEFT + ACROSS + 48, y - 8, states[0], 12, anchor="middle", bold=True)
    return [name, *_chips(left, y + 20, states[1], asked)]


def _chips(x, y, axes, asked):
    """Return a chip for each axis, below each other; "?" where it is asked for."""
    if asked:
        dashed = box(x, y - 11, 30, 17, "none", SOFT, round_=4, stroke_dasharray="3 2")
        return [dashed, text(x + 15, y + 2, "?", 12, anchor="middle", bold=True)]
    return [chip(x, y + CHIP * place, *one) for place, one in enumerate(axes)]


def _words(x, previous, states, every, out, layers, asked):
    """Return what the drawing says."""

    def shaped(axes: Axes, asked=asked):
        return "?" if asked else f"({', '.join(f'{axis} {size}' for axis, size in axes)})"

    lstm, dense = layers
    return (
        f"encoder, {lstm}, reads {x[0]} {shaped(x[1], False)} and hands {states[0]}, each "
        f"{shaped(states[1])}, to decoder, {lstm}. decoder reads {previous[0]} "
        f"{shaped(previous[1], False)} and hands {every[0]} {shaped(every[1])} to head, {dense}. "
        f"head returns {out[0]} {shaped(out[1])}."
    )
