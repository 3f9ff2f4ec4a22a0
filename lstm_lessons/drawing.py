"""The picture of a layer at work: the network unrolled over time, and what of it comes back.

Pure functions from facts to SVG. Lengths are in the picture's own units, which are pixels at full
size. Long axes are abridged, and the picture says so.
"""

from dataclasses import dataclass, field, replace
from html import escape

import numpy as np

from .pictures import ABOVE, BELOW, INK, MIDDLE, PAPER, Picture, colour
from .reference import Trace, merged, traces
from .rule import batch_of, dialect_of, expected
from .shapes import Returned
from .snippets import call
from .spec import a_spec, short
from .weights import inputs

SQUARE = 10  # the side of a number's square
PITCH = 66  # from one timestep to the next
ROW = 76  # from one layer or direction to the next
CELL = 30  # the height of a cell
LEFT, TOP = 118, 44  # where the first timestep begins, and the highest h
STRIP = 120  # the room for a state beside its row
SHEET = 4  # how far a sample stands behind the one before it
GHOST = 0.28  # the opacity of what was not returned
SOFT = "var(--jp-ui-font-color2, #555)"
NAMES = {"lstm": "LSTM", "gru": "GRU", "rnn": "RNN"}
ROWS = 4  # so many layers and directions of someone's network are drawn, and no more


def picture(spec, returned, run_traces, framework="keras"):
    """Return the Picture of a spec's layer, or stack of layers.

    What the layer returned is drawn strong, with its values and its place in the return value; the
    rest is a ghost whose values come from the traces.

    returned: the Returned of a run, or None for a picture that keeps the answer to itself.
    run_traces: the Traces of the spec's first sample, for each layer and direction.
    Raises ValueError, in one line, if returned is not of this spec or has no values, and if the
    traces are not or end in other values than the layer returned.
    """
    _same(a_spec(spec), returned, run_traces, framework)
    x = inputs(replace(spec, batch=1, batch_first=True, unbatched=False))[0]
    scene = _Scene(spec, run_traces, returned.tensors if returned else (), framework, x)
    words = _words(scene)
    return Picture(f"{_svg(scene, words)}{in_words(words)}", words)


def of_pass(spec, x, returned, framework):
    """Return the Picture of a layer of someone's network, of what it read and returned in a pass.

    Smaller than the course's own: without the blocks of what comes back, for a table beside it.
    Numbers that did not come back are not known, and left empty. None if the layer does otherwise
    than the rule says, merges two directions into one number, or has too many layers.

    x: what it read, with its values, a Tensor. returned: the Returned with values.
    """
    facts = [
        [(one.name, one.axes, one.meaning, one.equals) for one in every.tensors]
        for every in (returned, expected(spec, framework))
    ]
    merges = spec.bidirectional and spec.merge_mode not in ("concat", None)
    if facts[0] != facts[1] or merges or spec.layers * spec.directions > ROWS:
        return None
    known = _known(spec, returned.tensors)
    values = _first(x)
    scene = _Scene(spec, known, returned.tensors, framework, values, most=(5, 6), blocks=False)
    words = _words(scene)
    return Picture(_svg(scene, words), words)


def _known(spec, tensors):
    """Return the Traces of the first sequence, masked where the layer did not return them.

    Of the top layer's h every timestep; of the rest the end alone, which is all that is drawn.
    """
    rows, heard = [], spec.proj_size or spec.units
    outputs = [_first(one) for one in tensors if one.name.endswith("output")]
    states = {one.name: _first(one) for one in tensors if not one.name.endswith("output")}
    if spec.bidirectional and spec.merge_mode == "concat":
        outputs = [outputs[0][:, :heard], outputs[0][:, heard:]]
    for number in range(spec.layers * spec.directions):
        layer, backward = divmod(number, spec.directions)
        top = layer == spec.layers - 1
        h = np.ma.masked_all((1, spec.timesteps if top else 1, heard))
        c = np.ma.masked_all((1, 1, spec.units)) if spec.cell == "lstm" else None
        end = 0 if backward else -1
        which = ("backward_" if backward else "forward_") if spec.bidirectional else ""
        for letter, every in (("h", h), ("c", c)):
            if letter in states:
                every[0, end] = states[letter][number]
            elif which + letter in states:
                every[0, end] = states[which + letter][0]
        if top:
            output = outputs[backward]
            h[0, slice(None) if len(output) == spec.timesteps else end] = output
        rows.append(Trace(h, c))
    return [rows[at : at + spec.directions] for at in range(0, len(rows), spec.directions)]


def _svg(scene, words):
    """Return a scene as SVG; words: what it says as a text."""
    parts = [*_inputs(scene), *_outputs(scene)]
    for row in scene.rows:
        parts += [*_cells(scene, row), *_state(scene, row)]
    if scene.blocks:
        parts += _comes_back(scene) if scene.tensors else _unknown(scene)
    caption = _caption(scene)
    height = max(scene.bottom, scene.lowest) + 16 * len(caption) + 10
    for line, text in enumerate(caption):
        parts.append(_text(4, height - 16 * (len(caption) - line) + 8, text, size=11, ink=SOFT))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(words)}" '
        f'viewBox="0 0 {scene.width} {height}" style="width: 100%; max-width: {scene.width}px; '
        'height: auto; font-family: var(--jp-ui-font-family, system-ui, sans-serif)">'
        f"{''.join(parts)}</svg>"
    )


def draw(spec, returned, framework="keras"):
    """Return the picture of a spec with the traces that belong to it.

    The samples of a batch do not see each other, so the first is traced alone.
    Raises ValueError, in one line, as picture does, and for sizes that are too much to trace.
    """
    return picture(spec, returned, traces(replace(a_spec(spec), batch=1)), framework)


def in_words(words):
    """Return a picture's text, folded, as HTML: for readers that the picture does not reach."""
    return (
        f'<details style="color: {INK}; font-size: 90%"><summary>The picture in words</summary>'
        f"{escape(words)}</details>"
    )


@dataclass
class _Row:
    """One layer in one direction: its first sample's h and c over time, and where it is drawn."""

    layer: int
    backward: bool
    h: np.ndarray
    c: np.ndarray | None
    y: float

    @property
    def end(self):
        """Return the timestep that it reads last, as an index."""
        return 0 if self.backward else -1


@dataclass
class _Scene:
    """What is drawn, and where.

    read: the first sample, (timesteps, features). most: so many timesteps and so many numbers
    are drawn at most. blocks: whether what comes back is drawn once more, as blocks.
    """

    spec: object
    traces: tuple
    tensors: tuple
    framework: str
    read: np.ndarray
    most: tuple = (6, 8)
    blocks: bool = True
    lowest: float = field(default=0)

    def __post_init__(self):
        spec = self.spec
        self.steps = _shown(spec.timesteps, self.most[0])
        self.features = self.numbers(spec.features)
        self.sheets = 0 if spec.unbatched else min(spec.batch - 1, 2)
        left = LEFT + (STRIP if spec.bidirectional else 0)
        self.x = {step: left + PITCH * place for place, step in enumerate(self.steps)}
        self.first, self.last = left, left + PITCH * (len(self.steps) - 1)
        self.block = SQUARE * len(self.numbers(self.traces[-1][0].h.shape[-1])) + 14
        self.h_low = TOP + self.block * spec.directions - 14
        self.rows = self._rows()
        self.x_top = self.rows[-1].y + CELL + 22
        self.bottom = self.x_top + max(SQUARE * len(self.features) + 20, 66)
        self.right = self.last + PITCH + STRIP
        self.width = self.right + (250 if self.blocks else 0)

    def numbers(self, size):
        """Return which numbers of a vector are drawn; None stands for those left out."""
        return _shown(size, self.most[1])

    def _rows(self):
        """Return the rows from the top: the highest layer first, and in it the forward one."""
        y, rows = self.h_low + 22, []
        for layer in reversed(range(self.spec.layers)):
            for backward, trace in enumerate(self.traces[layer]):
                c = None if trace.c is None else trace.c[0]
                rows.append(_Row(layer, bool(backward), trace.h[0], c, y))
                y += ROW
        return rows

    @property
    def outputs(self):
        return [tensor for tensor in self.tensors if tensor.name.endswith("output")]

    @property
    def every(self):
        """Return whether h came back after every timestep."""
        return any("timesteps" in tensor.axes for tensor in self.outputs)

    def state(self, row, letter):
        """Return how the returned h or c of a row is written, or "" if it did not come back."""
        which = ("backward_" if row.backward else "forward_") if self.spec.bidirectional else ""
        for tensor in self.tensors:
            if tensor.name == letter and tensor.axes[0].startswith("layers"):
                number = self.spec.directions * row.layer + row.backward
                many = tensor.shape[0] > 1
                return f"{tensor.expression}[{number}]" if many else _label(tensor)
            if tensor.name == which + letter and row.layer == self.spec.layers - 1:
                return _label(tensor)
        return ""


def _shown(size, most):
    """Return which indexes of an axis are drawn; None stands for those left out."""
    if size <= most:
        return list(range(size))
    return [*range(most - 3), None, size - 2, size - 1]


def _shade(value):
    """Return a colour: blue below zero, brown above, stronger the farther from zero (to 1).

    Of the value to two places, so that the last bits of a framework's sums do not show. What is no
    number (NaN) is black.
    """
    if np.isnan(value):
        return "#000"
    value = round(max(-1.0, min(float(value), 1.0)), 2)
    middle, strong = bytes.fromhex(MIDDLE[1:]), bytes.fromhex((BELOW if value < 0 else ABOVE)[1:])
    depth = abs(value) ** 0.7
    mixed = (round(a + (b - a) * depth) for a, b in zip(middle, strong, strict=True))
    return "#" + bytes(mixed).hex()


def _text(x, y, text, size=12, ink=INK, anchor="start", bold=False):
    weight = "; font-weight: bold" if bold else ""
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" '
        f'style="fill: {ink}; font-size: {size}px{weight}">{escape(text)}</text>'
    )


def _box(x, y, width, height, fill=PAPER, line=SOFT, thick=1, round_=0):
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{round_}" '
        f'style="fill: {fill}; stroke: {line}; stroke-width: {thick}"/>'
    )


def _line(points, ink=SOFT, thick=1):
    path = " ".join(f"{x:g},{y:g}" for x, y in points)
    return f'<polyline points="{path}" style="fill: none; stroke: {ink}; stroke-width: {thick}"/>'


def _arrow(x0, y0, x1, y1):
    """Return a line with a head, upwards, to the right or to the left."""
    side = 1 if x1 < x0 else -1
    head = [(-3, 5), (0, 0), (3, 5)] if x0 == x1 else [(5 * side, -3), (0, 0), (5 * side, 3)]
    return _line([(x0, y0), (x1, y1)]) + _line([(x1 + dx, y1 + dy) for dx, dy in head])


def _squares(x, y, values, shown, across=False):
    """Return a number's square for each shown index, downwards or across; empty if not known."""
    if np.ma.getmaskarray(values).all():
        length = SQUARE * len(shown)
        return _box(x, y, *((length, SQUARE) if across else (SQUARE, length)), thick=0.7)
    parts = []
    for place, index in enumerate(shown):
        left, top = (x + place * SQUARE, y) if across else (x, y + place * SQUARE)
        if index is None:
            dots = "…" if across else "⋮"
            parts.append(_text(left + SQUARE / 2, top + 9, dots, size=11, anchor="middle"))
        else:
            parts.append(
                f'<rect x="{left:g}" y="{top:g}" width="{SQUARE}" height="{SQUARE}" '
                f'fill="{_shade(values[index])}" stroke="#888" stroke-width="0.5"/>'
            )
    return "".join(parts)


def _behind(x, y, width, height, sheets):
    """Return the other samples: sheets behind a block, the farthest first."""
    return "".join(
        _box(x + SHEET * depth, y - SHEET * depth, width, height, thick=0.7)
        for depth in range(sheets, 0, -1)
    )


def _column(scene, step, top, values):
    """Return one vector of the first sample at a timestep, the other samples behind it."""
    x, shown = scene.x[step] - SQUARE / 2, scene.numbers(len(values))
    behind = _behind(x, top, SQUARE, SQUARE * len(shown), scene.sheets)
    return behind + _squares(x, top, values, shown)


def _ghost(parts, strong):
    return parts if strong else f'<g opacity="{GHOST}">{parts}</g>'


def _chip(x, y, axis, size):
    """Return an axis with its size in its colour, and the chip's width."""
    label = f"{axis} {size}"
    width = 6.1 * len(label) + 10
    return (
        _box(x, y - 11, width, 15, fill=colour(axis), line="none", round_=4)
        + _text(x + width / 2, y, label, size=11, ink="#fff", anchor="middle")
    ), width


def _inputs(scene):
    spec = scene.spec
    axes = {"features": spec.features, "batch": spec.batch, "timesteps": spec.timesteps}
    if spec.unbatched:
        del axes["batch"]
    yield _text(4, scene.x_top + 10, "x", bold=True)
    for line, (axis, size) in enumerate(axes.items()):
        yield _chip(4, scene.x_top + 28 + 18 * line, axis, size)[0]
    for step in scene.steps:
        if step is None:
            continue
        yield _column(scene, step, scene.x_top, scene.read[step])
        start = scene.x_top - 4 - SHEET * scene.sheets
        yield _arrow(scene.x[step], start, scene.x[step], scene.rows[-1].y + CELL + 4)
        under = scene.x_top + SQUARE * len(scene.features) + 14
        yield _text(scene.x[step], under, str(step + 1), size=11, anchor="middle")


def _cells(scene, row):
    """Draw a layer in one direction: its cells, and what goes from one to the next."""
    spec, middle = scene.spec, row.y + CELL / 2
    carried = "h, c" if spec.cell == "lstm" else "h"
    name = "the layer" if spec.layers == 1 else f"layer {row.layer + 1}"
    yield _text(4, middle + 4, name if not row.backward else "", bold=True)
    if spec.bidirectional:
        which = "backward ←" if row.backward else "forward →"
        yield _text(4, middle + 20, which, size=11, ink=SOFT)
    yield from _links(scene, row)
    start, stop = (scene.first, scene.last + PITCH - 20)
    if row.backward:
        start, stop = scene.last, scene.first - PITCH + 20
    yield _line([(start, middle), (stop, middle)], thick=1.5)
    for step, x in scene.x.items():
        if step is None:
            yield _box(x - 14, row.y + 4, 28, 22, line="none")
            yield _text(x, middle + 4, "…", size=14, anchor="middle")
            continue
        yield _box(x - 19, row.y, 38, CELL, line=INK, round_=5)
        yield _text(x, middle + 4, NAMES[spec.cell], size=11, anchor="middle")
        if x != scene.last:
            yield _text(x + PITCH / 2, middle - 5, carried, size=10, ink=SOFT, anchor="middle")
            ends = (x + PITCH - 30, x + 20) if row.backward else (x + 30, x + PITCH - 20)
            yield _arrow(ends[0], middle, ends[1], middle)


def _links(scene, row):
    """Draw what a layer hands to the next, and the frame around its two directions."""
    top_of_layer = not row.backward
    if scene.spec.bidirectional and top_of_layer:
        frame = _box(
            scene.first - 28,
            row.y - 10,
            scene.last - scene.first + 56,
            ROW + CELL + 20,
            fill="none",
            round_=8,
        )
        yield frame.replace('rx="8"', 'rx="8" stroke-dasharray="4 3"')
    if top_of_layer and row.layer < scene.spec.layers - 1:
        edge = 10 if scene.spec.bidirectional else 0
        above = row.y - ROW + CELL + edge
        for step, x in scene.x.items():
            if step is not None:
                yield _arrow(x, row.y - edge, x, above + 2)


def _outputs(scene):
    """Draw the top layer's h over time, a block for each direction, and what of it came back."""
    top = scene.traces[-1]
    yield _text(
        4, TOP + 10, "h" if scene.spec.layers == 1 else f"h, layer {scene.spec.layers}", bold=True
    )
    width = "projection" if scene.spec.proj_size else "units"
    yield _chip(4, TOP + 28, width, top[0].h.shape[-1])[0]
    if scene.spec.bidirectional:
        yield _text(4, TOP + 50, "forward →", size=11, ink=SOFT)
        yield _text(4, TOP + scene.block + 10, "backward ←", size=11, ink=SOFT)
    for step in scene.steps:
        if step is None:
            continue
        end = scene.spec.timesteps - 1 if step == scene.spec.timesteps - 1 else None
        strong = [
            scene.every or (bool(scene.outputs) and step == (0 if backward else end))
            for backward in range(len(top))
        ]
        start = scene.rows[0].y - (12 if scene.spec.bidirectional else 2)
        column = _arrow(scene.x[step], start, scene.x[step], scene.h_low + 4)
        yield _ghost(column, any(strong))
        for backward, one in enumerate(top):
            block = _column(scene, step, TOP + scene.block * backward, one.h[0, step])
            yield _ghost(block, strong[backward])
    if None in scene.steps:
        yield _ghost(_text(scene.x[None], TOP + 24, "…", size=14, anchor="middle"), scene.every)
    if scene.every:
        yield from _bracket(scene)
    elif scene.outputs:
        yield from _ends(scene)


def _bracket(scene):
    first, end, high = scene.first - 12, scene.last + 14, TOP - 10 - SHEET * scene.sheets
    yield _line([(first, high + 5), (first, high), (end, high), (end, high + 5)], INK, 1.5)
    label = " and ".join(map(_label, scene.outputs))
    if scene.spec.bidirectional and scene.spec.merge_mode not in ("concat", None):
        label += f": {scene.spec.merge_mode} of both"
    yield _text((first + end) / 2, high - 6, label, anchor="middle", bold=True)


def _ends(scene):
    """Draw a frame around the last h that each direction reads."""
    edge, units = SHEET * scene.sheets, scene.traces[-1][0].h.shape[-1]
    outputs = [_label(one) for one in scene.outputs]
    labels = outputs * 2 if len(outputs) == 1 else outputs
    if scene.spec.bidirectional and scene.spec.merge_mode == "concat":
        labels = [f"{outputs[0]}[:, :{units}]", f"{outputs[0]}[:, {units}:]"]
    for backward in range(scene.spec.directions):
        x = scene.first if backward else scene.last
        top = TOP + scene.block * backward
        yield _box(x - 9, top - 4 - edge, 18 + edge, scene.block - 6 + edge, "none", INK, 1.5, 4)
        if backward:
            yield _text(x - 14, top + 8, labels[1], anchor="end", bold=True)
        else:
            yield _text(x + 14 + edge, top + 8, labels[0], bold=True)


def _state(scene, row):
    """Draw the last h and c of a row where its reading ends: on the right, or, backward, left."""
    x = scene.first - STRIP - 20 if row.backward else scene.last + PITCH - 16
    states = [("h", row.h), ("c", row.c)] if row.c is not None else [("h", row.h)]
    y = row.y + CELL / 2 - 15 * len(states) + 14 + SHEET * scene.sheets / 2
    for letter, values in states:
        label = scene.state(row, letter)
        shown = scene.numbers(values.shape[-1])
        strip = _behind(x, y, SQUARE * len(shown), SQUARE, scene.sheets)
        strip += _squares(x, y, values[row.end], shown, across=True)
        yield _ghost(strip, bool(label))
        at = y - 4 - SHEET * scene.sheets
        yield _text(
            x,
            at,
            label or letter,
            size=12 if label else 11,
            ink=INK if label else SOFT,
            bold=bool(label),
        )
        y += 32 + SHEET * scene.sheets / 2


def _label(tensor):
    return f"{tensor.place} {tensor.expression}".strip()


def _unknown(scene):
    yield _text(scene.right, 16, "What comes back", bold=True)
    yield _box(scene.right, 30, 150, 110, line=INK, round_=6)
    yield _text(scene.right + 75, 108, "?", size=64, anchor="middle", bold=True)
    scene.lowest = 150


def _comes_back(scene):
    """Draw each returned tensor as a block, equal ones joined."""
    yield _text(scene.right, 16, "What comes back", bold=True)
    y, rows, ends = 40, {}, {}
    for tensor in scene.tensors:
        yield _text(scene.right, y, _label(tensor), bold=True)
        x = scene.right
        for axis, size in zip(tensor.axes, tensor.shape, strict=True):
            if x > scene.right and x + 6.1 * len(f"{axis} {size}") + 10 > scene.width:
                x, y = scene.right, y + 19
            chip, width = _chip(x, y + 19, axis, size)
            yield chip
            x += width + 5
        top = y + 32 + SHEET * scene.sheets
        values = _first(tensor)
        shown = scene.steps if "timesteps" in tensor.axes else list(range(len(values)))
        units = _shown(tensor.shape[-1], 16 if "directions·" in tensor.axes[-1] else 8)
        across, down = SQUARE * len(units), SQUARE * len(shown)
        left = scene.right
        yield _behind(left, top, across, down, scene.sheets)
        for row, step in enumerate(shown):
            if step is None:
                yield _text(left + across / 2, top + row * SQUARE + 9, "⋮", 11, anchor="middle")
                continue
            yield _squares(left, top + row * SQUARE, values[step], units, across=True)
            if len(shown) > 1 and "timesteps" not in tensor.axes:
                at = left + across + SHEET * scene.sheets + 6
                yield _text(at, top + row * SQUARE + 9, _whose(scene, row), size=9, ink=SOFT)
        rows[tensor.name], ends[tensor.name] = top + down - SQUARE / 2, x
        y = top + down + 24
    if "h" in rows and not scene.spec.bidirectional:
        edge = SHEET * scene.sheets + (44 if scene.spec.layers > 1 else 4)
        x = scene.right + SQUARE * len(units) + edge
        high, low, out = rows["output"], rows["h"], max(ends["h"] + 10, x + 10)
        yield _line([(x, high), (out, high), (out, low), (x, low)], INK, 1.5)
        yield _text(out + 5, (high + low) / 2 + 5, "=", size=16, bold=True)
    scene.lowest = y - 8


def _first(tensor):
    """Return the first sequence's values of a tensor, (rows, the last axis)."""
    values = tensor.values
    if "batch" in tensor.axes:
        values = values.take(0, axis=tensor.axes.index("batch"))
    return values.reshape(-1, tensor.shape[-1])


def _whose(scene, row):
    """Return whose state a row of h_n or c_n is: "layer 2 ←"."""
    layer, backward = divmod(row, scene.spec.directions)
    arrow = (" ←" if backward else " →") if scene.spec.bidirectional else ""
    return f"layer {layer + 1}{arrow}"


def _caption(scene):
    spec = scene.spec
    cut = [
        f"{sum(index is not None for index in _shown(size, most))} of {size} {name}"
        for size, most, name in (
            (spec.timesteps, scene.most[0], "timesteps"),
            (spec.features, scene.most[1], "features"),
            (spec.units, scene.most[1], "units"),
        )
        if size > most
    ]
    drawn = "The one sequence" if spec.unbatched else "Sequence 1"
    if scene.sheets:
        drawn += f" of {spec.batch} is in front, {scene.sheets} behind it"
    drawn = f"{drawn}{', '.join(['', *cut])}."
    shades = "Blue is below zero, brown above."
    if any(np.isnan(one).any() for one in (scene.read, *(one.values for one in scene.tensors))):
        shades += " Black is no number (NaN)."
    lines = [f"{drawn} {shades}"] if scene.blocks else [drawn, shades]
    states = sum(bool(scene.state(row, "h")) for row in scene.rows)
    every_h = scene.every or (scene.outputs and spec.timesteps == 1)
    if scene.tensors and not (every_h and states == len(scene.rows)):
        pale = "What is pale was computed, and was not returned"
        lines.append(f"{pale}." if scene.blocks else f"{pale}; what is empty is not known here.")
    return lines


def _words(scene):
    """Return what the picture says, as a text."""
    spec = scene.spec
    state = "h and c" if spec.cell == "lstm" else "h"
    new = "a new h and a new c" if spec.cell == "lstm" else "a new h"
    reads = batch_of(spec).removeprefix("a batch of shape ")
    words = [
        f"{dialect_of(scene.framework).title}: {call(spec, scene.framework)} reads {reads}.",
        f"At each of {spec.timesteps} timesteps the layer takes x and the {state} so far, "
        f"and makes {new} of {spec.units} units.",
    ]
    if spec.layers > 1:
        words.append(f"Of {spec.layers} layers, each reads the h of the one below it.")
    if spec.bidirectional:
        words.append(
            "Each layer reads in two directions: forward, which ends at the last timestep, and "
            "backward, which ends at the first."
        )
    if not scene.tensors:
        return " ".join([*words, "What comes back is not shown yet.", *_caption(scene)])
    for tensor in scene.tensors:
        axes = ", ".join(f"{a} {n}" for a, n in zip(tensor.axes, tensor.shape, strict=True))
        equal = f"; {tensor.equals}" if tensor.equals else ""
        words.append(f"Returned: {_label(tensor)} ({axes}), {tensor.meaning}{equal}.")
        if len(_first(tensor)) > 1 and "timesteps" not in tensor.axes:
            rows = [_whose(scene, row) for row in range(tensor.shape[0])]
            said = ", ".join(rows).replace(" →", " forward").replace(" ←", " backward")
            words.append(f"Its rows, in order: {said}.")
    return " ".join([*words, *_caption(scene)])


def _same(spec, returned, run_traces, framework):
    """Refuse what is not of this spec: what was returned, or its traces."""
    rule = expected(spec, framework)
    if returned is not None:
        if not isinstance(returned, Returned) or returned != rule:
            raise ValueError(
                f"returned must be what a run of spec returns, or None, got {short(returned)}; "
                "try run(spec)"
            )
        if any(one.values is None for one in returned.tensors):
            raise ValueError("returned must have values, got none; try run(spec)")
    try:
        found = [[isinstance(one, Trace) for one in layer] for layer in run_traces]
    except TypeError:
        found = None
    if found != [[True] * spec.directions] * spec.layers:
        raise ValueError(
            f"run_traces must be those of spec, got {short(run_traces)}; try traces(spec)"
        )
    if returned is not None:
        _same_end(spec, returned, run_traces)


def _same_end(spec, returned, run_traces):
    """Refuse traces that do not end where the layer did."""
    output = returned.tensors[0]
    every = "timesteps" in output.axes
    ends = [
        one.h[0, 0 if backward and not every else -1] for backward, one in enumerate(run_traces[-1])
    ]
    wanted = merged(ends, spec.merge_mode)
    wanted = wanted[0] if isinstance(wanted, tuple) else wanted
    if not np.allclose(_first(output)[-1], wanted, rtol=0, atol=1e-5):
        raise ValueError(
            f"run_traces must end in the values of {output.expression}, got others; "
            "try traces(spec) of the same spec"
        )
