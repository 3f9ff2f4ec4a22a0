"""A scene as SVG: what the layer reads, its cells over time, every h, and what of it comes back."""

from ..markup import Markup, element, joined
from ..pictures import INK
from .scene import CELL, PITCH, ROW, STRIP, TOP, Scene, first, label, shown
from .strokes import (
    SHEET,
    SOFT,
    SQUARE,
    arrow,
    behind,
    box,
    chip,
    chip_width,
    ghost,
    line,
    squares,
    text,
)

NAMES = {"lstm": "LSTM", "gru": "GRU", "rnn": "RNN"}
SANS = "var(--jp-ui-font-family, system-ui, sans-serif)"


def svg(scene: Scene) -> Markup:
    """Return a scene as SVG, as wide as the page lets it be, with its words as a label."""
    inside, height = drawn(scene)
    style = f"width: 100%; max-width: {scene.width}px; height: auto; font-family: {SANS}"
    return element(
        "svg",
        *inside,
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        aria_label=scene.words,
        viewBox=f"0 0 {scene.width} {height}",
        style=style,
    )


def drawn(scene: Scene) -> tuple[list[Markup], float]:
    """Return the elements of a scene, and how high it is."""
    parts = [*_inputs(scene), *_outputs(scene)]
    for row in scene.rows:
        parts += [*_cells(scene, row), *_states(scene, row)]
    low = scene.bottom
    if scene.blocks:
        blocks, lowest = _comes_back(scene) if scene.tensors else _unknown(scene)
        parts, low = parts + blocks, max(low, lowest)
    height = low + 16 * len(scene.caption) + 10
    for number, words in enumerate(scene.caption):
        y = height - 16 * (len(scene.caption) - number) + 8
        parts.append(text(4, y, words, size=11, ink=SOFT))
    return parts, height


def _inputs(scene):
    """Draw x, a column for each timestep."""
    spec = scene.spec
    axes = {"features": spec.features, "batch": spec.batch, "timesteps": spec.timesteps}
    if spec.unbatched:
        del axes["batch"]
    yield text(4, scene.x_top + 10, "x", bold=True)
    for number, (axis, size) in enumerate(axes.items()):
        yield chip(4, scene.x_top + 28 + 18 * number, axis, size)
    for step in scene.steps:
        if step is None:
            continue
        yield from _column(scene, step, scene.x_top, scene.read[step])
        start = scene.x_top - 4 - SHEET * scene.sheets
        yield arrow(scene.x[step], start, scene.x[step], scene.rows[-1].y + CELL + 4)
        under = scene.x_top + SQUARE * len(scene.features) + 14
        yield text(scene.x[step], under, str(step + 1), size=11, anchor="middle")


def _column(scene, step, top, values):
    """Return one vector of the first sample at a timestep, the other samples behind it."""
    x, rows = scene.x[step] - SQUARE / 2, scene.numbers(len(values))
    yield behind(x, top, SQUARE, SQUARE * len(rows), scene.sheets)
    yield squares(x, top, values, rows)


def _cells(scene, row):
    """Draw a layer in one direction: its cells, and what goes from one to the next."""
    spec, middle = scene.spec, row.y + CELL / 2
    carried = "h, c" if spec.cell == "lstm" else "h"
    name = "the layer" if spec.layers == 1 else f"layer {row.layer + 1}"
    yield text(4, middle + 4, name if not row.backward else "", bold=True)
    if spec.bidirectional:
        which = "backward ←" if row.backward else "forward →"
        yield text(4, middle + 20, which, size=11, ink=SOFT)
    yield from _links(scene, row)
    start, stop = (scene.first, scene.last + PITCH - 20)
    if row.backward:
        start, stop = scene.last, scene.first - PITCH + 20
    yield line([(start, middle), (stop, middle)], thick=1.5)
    for step, x in scene.x.items():
        if step is None:
            yield box(x - 14, row.y + 4, 28, 22, line="none")
            yield text(x, middle + 4, "…", size=14, anchor="middle")
            continue
        yield box(x - 19, row.y, 38, CELL, line=INK, round_=5)
        yield text(x, middle + 4, NAMES[spec.cell], size=11, anchor="middle")
        if x != scene.last:
            yield text(x + PITCH / 2, middle - 5, carried, size=10, ink=SOFT, anchor="middle")
            ends = (x + PITCH - 30, x + 20) if row.backward else (x + 30, x + PITCH - 20)
            yield arrow(ends[0], middle, ends[1], middle)


def _links(scene, row):
    """Draw what a layer hands to the next, and the frame around its two directions."""
    if row.backward:
        return
    edge = 0
    if scene.spec.bidirectional:
        edge, width = 10, scene.last - scene.first + 56
        frame = {"fill": "none", "round_": 8, "stroke_dasharray": "4 3"}
        yield box(scene.first - 28, row.y - edge, width, ROW + CELL + 2 * edge, **frame)
    if row.layer < scene.spec.layers - 1:
        above = row.y - ROW + CELL + edge
        for step, x in scene.x.items():
            if step is not None:
                yield arrow(x, row.y - edge, x, above + 2)


def _outputs(scene):
    """Draw the top layer's h over time, a block for each direction, and what of it came back."""
    spec, top = scene.spec, scene.traces[-1]
    yield text(4, TOP + 10, "h" if spec.layers == 1 else f"h, layer {spec.layers}", bold=True)
    yield chip(4, TOP + 28, "projection" if spec.proj_size else "units", top[0].h.shape[-1])
    if spec.bidirectional:
        yield text(4, TOP + 50, "forward →", size=11, ink=SOFT)
        yield text(4, TOP + scene.block + 10, "backward ←", size=11, ink=SOFT)
    for step in scene.steps:
        if step is None:
            continue
        end = spec.timesteps - 1 if step == spec.timesteps - 1 else None
        strong = [
            scene.every or (bool(scene.outputs) and step == (0 if backward else end))
            for backward in range(len(top))
        ]
        start = scene.rows[0].y - (12 if spec.bidirectional else 2)
        yield ghost(arrow(scene.x[step], start, scene.x[step], scene.h_low + 4), any(strong))
        for backward, trace in enumerate(top):
            column = _column(scene, step, TOP + scene.block * backward, trace.h[0, step])
            yield ghost(joined(column), strong[backward])
    if None in scene.steps:
        yield ghost(text(scene.x[None], TOP + 24, "…", size=14, anchor="middle"), scene.every)
    if scene.every:
        yield from _bracket(scene)
    elif scene.outputs:
        yield from _ends(scene)


def _bracket(scene):
    """Draw a bracket over every h, with its name."""
    left, right, high = scene.first - 12, scene.last + 14, TOP - 10 - SHEET * scene.sheets
    yield line([(left, high + 5), (left, high), (right, high), (right, high + 5)], INK, 1.5)
    name = " and ".join(map(label, scene.outputs))
    if scene.spec.bidirectional and scene.spec.merge_mode not in ("concat", None):
        name += f": {scene.spec.merge_mode} of both"
    yield text((left + right) / 2, high - 6, name, anchor="middle", bold=True)


def _ends(scene):
    """Draw a frame around the last h that each direction reads."""
    edge, units = SHEET * scene.sheets, scene.traces[-1][0].h.shape[-1]
    names = [label(tensor) for tensor in scene.outputs]
    if scene.spec.bidirectional and scene.spec.merge_mode == "concat":
        names = [f"{names[0]}[:, :{units}]", f"{names[0]}[:, {units}:]"]
    for backward in range(scene.spec.directions):
        x = scene.first if backward else scene.last
        top = TOP + scene.block * backward
        yield box(x - 9, top - 4 - edge, 18 + edge, scene.block - 6 + edge, "none", INK, 1.5, 4)
        if backward:
            yield text(x - 14, top + 8, names[-1], anchor="end", bold=True)
        else:
            yield text(x + 14 + edge, top + 8, names[0], bold=True)


def _states(scene, row):
    """Draw the last h and c of a row where its reading ends: on the right, or, backward, left."""
    x = scene.first - STRIP - 20 if row.backward else scene.last + PITCH - 16
    states = [("h", row.h), ("c", row.c)] if row.c is not None else [("h", row.h)]
    y = row.y + CELL / 2 - 15 * len(states) + 14 + SHEET * scene.sheets / 2
    for letter, values in states:
        name, numbers = scene.state(row, letter), scene.numbers(values.shape[-1])
        strip = [
            behind(x, y, SQUARE * len(numbers), SQUARE, scene.sheets),
            squares(x, y, values[row.end], numbers, across=True),
        ]
        yield ghost(joined(strip), bool(name))
        high = y - 4 - SHEET * scene.sheets
        if name:
            yield text(x, high, name, bold=True)
        else:
            yield text(x, high, letter, size=11, ink=SOFT)
        y += 32 + SHEET * scene.sheets / 2


def _unknown(scene):
    """Return a question mark in place of what comes back, and where it ends."""
    parts = [
        text(scene.right, 16, "What comes back", bold=True),
        box(scene.right, 30, 150, 110, line=INK, round_=6),
        text(scene.right + 75, 108, "?", size=64, anchor="middle", bold=True),
    ]
    return parts, 150


def _comes_back(scene):
    """Return each returned tensor as a block, equal ones joined, and where the last one ends."""
    parts, y, ends, wide = [text(scene.right, 16, "What comes back", bold=True)], 40, {}, 0
    for tensor in scene.tensors:
        rows, numbers = _lines(scene, tensor)
        parts.append(text(scene.right, y, label(tensor), bold=True))
        chips, right, y = _chips(scene, tensor, y + 19)
        top = y + 13 + SHEET * scene.sheets
        bottom = top + SQUARE * len(rows)
        parts += [*chips, *_block(scene, tensor, top)]
        ends[tensor.name], wide = (right, bottom - SQUARE / 2), max(wide, SQUARE * len(numbers))
        y = bottom + 24
    if "h" in ends and not scene.spec.bidirectional:
        parts += _equal(scene, ends["output"][1], ends["h"][1], wide, ends["h"][0])
    return parts, y - 8


def _lines(scene, tensor):
    """Return which rows and which numbers of a tensor are drawn; None stands for those left out."""
    rows = scene.steps if "timesteps" in tensor.axes else list(range(len(first(tensor))))
    return rows, shown(tensor.shape[-1], 16 if "directions·" in tensor.axes[-1] else 8)


def _chips(scene, tensor, y):
    """Return the axes of a tensor in lines that fit, and where they end."""
    parts, x = [], scene.right
    for axis, size in zip(tensor.axes, tensor.shape, strict=True):
        width = chip_width(axis, size)
        if x > scene.right and x + width > scene.width:
            x, y = scene.right, y + 19
        parts.append(chip(x, y, axis, size))
        x += width + 5
    return parts, x, y


def _block(scene, tensor, top):
    """Draw the values of a tensor's first sequence, with whose they are, the others behind."""
    left, values, (rows, numbers) = scene.right, first(tensor), _lines(scene, tensor)
    across = SQUARE * len(numbers)
    yield behind(left, top, across, SQUARE * len(rows), scene.sheets)
    for row, step in enumerate(rows):
        y = top + row * SQUARE
        if step is None:
            yield text(left + across / 2, y + 9, "⋮", 11, anchor="middle")
            continue
        yield squares(left, y, values[step], numbers, across=True)
        if len(rows) > 1 and "timesteps" not in tensor.axes:
            x = left + across + SHEET * scene.sheets + 6
            yield text(x, y + 9, scene.whose(row), size=9, ink=SOFT)


def _equal(scene, high, low, wide, right):
    """Join two rows, beside blocks so wide and chips that end at the right, by a sign."""
    x = scene.right + wide + SHEET * scene.sheets + (44 if scene.spec.layers > 1 else 4)
    out = max(right, x) + 10
    yield line([(x, high), (out, high), (out, low), (x, low)], INK, 1.5)
    yield text(out + 5, (high + low) / 2 + 5, "=", size=16, bold=True)
