"""The picture of a layer at work: the network unrolled over time, and what of it comes back.

Pure functions from facts to SVG. Lengths are in the picture's own units, which are pixels at full
size. Long axes are abridged, and the picture says so.
"""

from dataclasses import dataclass, field, replace
from html import escape

import numpy as np

from .pictures import ABOVE, BELOW, COLOURS, INK, MIDDLE, PAPER, Picture
from .reference import trace
from .shapes import dialect_of
from .snippets import call
from .weights import inputs

SQUARE = 10  # the side of a number's square
PITCH = 66  # from one timestep to the next
LEFT, TOP = 118, 44  # where the first timestep begins, and the highest h
SHEET = 4  # how far a sample stands behind the one before it
GHOST = 0.28  # the opacity of what was not returned
SOFT = "var(--jp-ui-font-color2, #555)"


def picture(spec, returned, run_trace, framework="keras"):
    """Return the Picture of a spec's layer.

    What the layer returned is drawn strong, with its values and its place in the return value; the
    rest is a ghost whose values come from the trace.

    returned: the Returned of a run, or None for a picture that keeps the answer to itself.
    run_trace: the Trace of the spec's first sample, h and c each (1 or more, timesteps, units).
    Raises ValueError if the trace ends in other values than the layer returned.
    """
    if returned is not None:
        _same_end(returned, run_trace)
    scene = _Scene(spec, run_trace, returned.tensors if returned else (), framework)
    parts = [*_inputs(scene), *_cells(scene), *_outputs(scene), *_state(scene)]
    parts += _comes_back(scene) if returned else _unknown(scene)
    words = _words(scene, returned is not None)
    caption = _caption(scene, returned is not None)
    height = max(scene.bottom, scene.lowest) + 16 * len(caption) + 10
    for line, text in enumerate(caption):
        parts.append(_text(4, height - 16 * (len(caption) - line) + 8, text, size=11, ink=SOFT))
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(words)}" '
        f'viewBox="0 0 {scene.width} {height}" style="width: 100%; max-width: {scene.width}px; '
        'height: auto; font-family: var(--jp-ui-font-family, system-ui, sans-serif)">'
        f"{''.join(parts)}</svg>"
    )
    return Picture(f"{svg}{in_words(words)}", words)


def draw(spec, returned, framework="keras"):
    """Return the picture of a spec with the trace that belongs to it.

    The samples of a batch do not see each other, so the first is traced alone.
    """
    return picture(spec, returned, trace(replace(spec, batch=1)), framework)


def in_words(words):
    """Return a picture's text, folded, as HTML: for readers that the picture does not reach."""
    return (
        f'<details style="color: {INK}; font-size: 90%"><summary>The picture in words</summary>'
        f"{escape(words)}</details>"
    )


@dataclass
class _Scene:
    """What is drawn, and where."""

    spec: object
    trace: object
    tensors: tuple
    framework: str
    lowest: float = field(default=0)

    def __post_init__(self):
        spec = self.spec
        self.steps = _shown(spec.timesteps, 6)
        self.units = _shown(spec.units, 8)
        self.features = _shown(spec.features, 8)
        self.sheets = min(spec.batch - 1, 2)
        self.x = {step: LEFT + PITCH * place for place, step in enumerate(self.steps)}
        self.h_low = TOP + SQUARE * len(self.units)
        self.cell = self.h_low + 22
        self.x_top = self.cell + 30 + 22
        self.bottom = self.x_top + max(SQUARE * len(self.features) + 20, 66)
        self.right = LEFT + PITCH * len(self.steps) + 92
        self.width = self.right + 240
        self.all_h = self._find("output", timesteps=True)
        self.last_h = [
            one for one in self.tensors if one.name in ("output", "h") and one != self.all_h
        ]
        self.last_c = self._find("c")

    def _find(self, name, timesteps=False):
        for tensor in self.tensors:
            if tensor.name == name and ("timesteps" in tensor.axes or not timesteps):
                return tensor
        return None


def _shown(size, most):
    """Return which indexes of an axis are drawn; None stands for those left out."""
    if size <= most:
        return list(range(size))
    return [*range(most - 3), None, size - 2, size - 1]


def _shade(value):
    """Return a colour: blue below zero, brown above, stronger the farther from zero (to 1).

    Of the value to two places, so that the last bits of a framework's sums do not show.
    """
    value = round(float(value), 2)
    middle, strong = bytes.fromhex(MIDDLE[1:]), bytes.fromhex((BELOW if value < 0 else ABOVE)[1:])
    depth = min(abs(value), 1) ** 0.7
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
    """Return a line with a head, upwards or to the right."""
    head = [(-3, 5), (0, 0), (3, 5)] if x0 == x1 else [(-5, -3), (0, 0), (-5, 3)]
    return _line([(x0, y0), (x1, y1)]) + _line([(x1 + dx, y1 + dy) for dx, dy in head])


def _squares(x, y, values, shown, across=False):
    """Return a number's square for each shown index, downwards or across."""
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


def _column(scene, step, top, values, shown):
    """Return one vector of the first sample at a timestep, the other samples behind it."""
    x, height = scene.x[step] - SQUARE / 2, SQUARE * len(shown)
    return _behind(x, top, SQUARE, height, scene.sheets) + _squares(x, top, values, shown)


def _ghost(parts, strong):
    return parts if strong else f'<g opacity="{GHOST}">{parts}</g>'


def _chip(x, y, axis, size):
    """Return an axis with its size in its colour, and the chip's width."""
    label = f"{axis} {size}"
    width = 6.1 * len(label) + 10
    return (
        _box(x, y - 11, width, 15, fill=COLOURS[axis], line="none", round_=4)
        + _text(x + width / 2, y, label, size=11, ink="#fff", anchor="middle")
    ), width


def _inputs(scene):
    x = inputs(replace(scene.spec, batch=1))[0]
    spec = scene.spec
    yield _text(4, scene.x_top + 10, "x", bold=True)
    yield _chip(4, scene.x_top + 28, "features", spec.features)[0]
    yield _chip(4, scene.x_top + 46, "batch", spec.batch)[0]
    for step in scene.steps:
        if step is None:
            continue
        yield _column(scene, step, scene.x_top, x[step], scene.features)
        yield _arrow(
            scene.x[step], scene.x_top - 4 - SHEET * scene.sheets, scene.x[step], scene.cell + 34
        )
        under = scene.x_top + SQUARE * len(scene.features) + 14
        yield _text(scene.x[step], under, str(step + 1), size=11, anchor="middle")
    yield _chip(4, scene.x_top + 64, "timesteps", spec.timesteps)[0]


def _cells(scene):
    middle = scene.cell + 15
    places = list(scene.x.values())
    yield _text(4, scene.cell + 19, "the layer", bold=True)
    yield _line([(places[0], middle), (places[-1] + PITCH - 20, middle)], thick=1.5)
    for step, x in scene.x.items():
        if step is None:
            yield _box(x - 14, scene.cell + 4, 28, 22, line="none")
            yield _text(x, middle + 4, "…", size=14, anchor="middle")
            continue
        yield _box(x - 19, scene.cell, 38, 30, line=INK, round_=5)
        yield _text(x, middle + 4, "LSTM", size=11, anchor="middle")
        if x != places[-1]:
            yield _text(x + PITCH / 2, middle - 5, "h, c", size=10, ink=SOFT, anchor="middle")
            yield _arrow(x + 30, middle, x + PITCH - 20, middle)


def _outputs(scene):
    yield _text(4, TOP + 10, "h", bold=True)
    yield _chip(4, TOP + 28, "units", scene.spec.units)[0]
    last = scene.spec.timesteps - 1
    for step in scene.steps:
        if step is None:
            continue
        returned = scene.all_h is not None or (step == last and bool(scene.last_h))
        column = _arrow(scene.x[step], scene.cell - 2, scene.x[step], scene.h_low + 4)
        column += _column(scene, step, TOP, scene.trace.h[0, step], scene.units)
        yield _ghost(column, returned)
    if None in scene.steps:
        gap = scene.x[None]
        yield _ghost(_text(gap, TOP + 24, "…", size=14, anchor="middle"), scene.all_h is not None)
    if scene.all_h:
        first, end = scene.x[0] - 12, scene.x[last] + 14
        high = TOP - 10 - SHEET * scene.sheets
        yield _line([(first, high + 5), (first, high), (end, high), (end, high + 5)], INK, 1.5)
        yield _text((first + end) / 2, high - 6, _label(scene.all_h), anchor="middle", bold=True)
    if scene.last_h:
        x, edge = scene.x[last], SHEET * scene.sheets
        yield _box(
            x - 9, TOP - 4 - edge, 18 + edge, scene.h_low - TOP + 8 + edge, "none", INK, 1.5, 4
        )
        for line, tensor in enumerate(scene.last_h):
            equal = "= " if line else ""
            yield _text(x + 14 + edge, TOP + 8 + 15 * line, equal + _label(tensor), bold=True)


def _state(scene):
    x = scene.x[scene.spec.timesteps - 1] + PITCH - 8
    top = scene.cell + 15 - SQUARE * len(scene.units) / 2
    edge = SHEET * scene.sheets
    height = SQUARE * len(scene.units)
    column = _behind(x - SQUARE / 2, top, SQUARE, height, scene.sheets)
    column += _squares(x - SQUARE / 2, top, scene.trace.c[0, -1], scene.units)
    yield _ghost(column, scene.last_c is not None)
    if scene.last_c:
        yield _box(x - 9, top - 4 - edge, 18 + edge, height + 8 + edge, "none", INK, 1.5, 4)
        yield _text(x + 14 + edge, scene.cell + 19, _label(scene.last_c), bold=True)
    else:
        yield _text(x + 12 + edge, scene.cell + 19, "c", ink=SOFT)


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
            chip, width = _chip(x, y + 19, axis, size)
            yield chip
            x += width + 5
        top = y + 32 + SHEET * scene.sheets
        values = tensor.values.reshape(-1, tensor.shape[-1])[: scene.spec.timesteps]
        shown = scene.steps if "timesteps" in tensor.axes else [0]
        across, down = SQUARE * len(scene.units), SQUARE * len(shown)
        left = scene.right
        yield _behind(left, top, across, down, scene.sheets)
        for row, step in enumerate(shown):
            if step is None:
                yield _text(left + across / 2, top + row * SQUARE + 9, "⋮", 11, anchor="middle")
            else:
                yield _squares(left, top + row * SQUARE, values[step], scene.units, across=True)
        rows[tensor.name], ends[tensor.name] = top + down - SQUARE / 2, x
        y = top + down + 24
    if "h" in rows:
        x = scene.right + SQUARE * len(scene.units) + SHEET * scene.sheets + 4
        high, low, out = rows["output"], rows["h"], ends["h"] + 10
        yield _line([(x, high), (out, high), (out, low), (x, low)], INK, 1.5)
        yield _text(out + 5, (high + low) / 2 + 5, "=", size=16, bold=True)
    scene.lowest = y - 8


def _caption(scene, answered):
    spec = scene.spec
    cut = [
        f"{sum(index is not None for index in shown)} of {size} {name}"
        for shown, size, name in (
            (scene.steps, spec.timesteps, "timesteps"),
            (scene.features, spec.features, "features"),
            (scene.units, spec.units, "units"),
        )
        if None in shown
    ]
    drawn = "Sequence 1"
    if spec.batch > 1:
        drawn += f" of {spec.batch} is in front, {scene.sheets} behind it"
    lines = [f"{drawn}{', '.join(['', *cut])}. Blue is below zero, brown above."]
    whole_h = scene.all_h or (scene.last_h and spec.timesteps == 1)
    if answered and not (whole_h and scene.last_c):
        lines.append("What is pale was computed, and was not returned.")
    return lines


def _words(scene, answered):
    """Return what the picture says, as a text."""
    spec = scene.spec
    words = [
        f"{dialect_of(scene.framework).title}: {call(spec, scene.framework)} reads (batch "
        f"{spec.batch}, timesteps {spec.timesteps}, features {spec.features}).",
        f"At each of {spec.timesteps} timesteps the layer takes x and the h and c so far, "
        f"and makes a new h and a new c of {spec.units} units.",
    ]
    if not answered:
        return " ".join([*words, "What comes back is not shown yet.", *_caption(scene, answered)])
    for tensor in scene.tensors:
        axes = ", ".join(f"{a} {n}" for a, n in zip(tensor.axes, tensor.shape, strict=True))
        equal = f"; {tensor.equals}" if tensor.equals else ""
        words.append(f"Returned: {_label(tensor)} ({axes}), {tensor.meaning}{equal}.")
    return " ".join([*words, *_caption(scene, answered)])


def _same_end(returned, run_trace):
    """Refuse a trace that does not end where the layer did."""
    for tensor in returned.tensors:
        ours = run_trace.c if tensor.name == "c" else run_trace.h
        every = "timesteps" in tensor.axes
        end = tensor.values[0, -1] if every else tensor.values.reshape(-1, tensor.shape[-1])[0]
        if not np.allclose(end, ours[0, -1], rtol=0, atol=1e-5):
            raise ValueError(
                f"run_trace must end in the values of {tensor.expression}, got others; "
                "try trace(spec) of the same spec"
            )
