"""A scene as panels: the layer over time, with every h above it, and each state that came back.

It has more than 300 lines: each row of the picture is made by a function of its own.
"""

from dataclasses import replace
from itertools import repeat

from ..markup import Markup, element, joined
from ..nests import shape_of, shaped
from ..rule import input_axes, sizes
from .blocks import (
    GUTTER,
    Block,
    Panel,
    along,
    behind,
    block,
    counted,
    down,
    ends,
    index,
    label,
    panel,
    side_by_side,
    spread,
    title,
    title_width,
)
from .scene import APART, LOW, Scene
from .squares import WIDE, shown, square
from .strokes import GHOST, INK, PAPER, SOFT, arrow, box, ghost, line, text

NAMES = {"lstm": "LSTM", "gru": "GRU", "rnn": "RNN"}


def html(scene: Scene) -> Markup:
    """Return a scene as HTML, its panels side by side where there is room."""
    return side_by_side(panels(scene), scene.words, *scene.caption)


def panels(scene: Scene) -> list[Panel]:
    """Return the panels of a scene: the layer at work, and what came back that is no row of h."""
    found = [layer(scene)]
    if not scene.panels:
        return found
    if not scene.tensors:
        return [*found, _unknown()]
    return [
        *found,
        *(_state(scene, tensor) for tensor in scene.tensors if not _in_row(scene, tensor)),
    ]


def _unknown():
    """Return the panel in place of what comes back."""
    mark = [
        box(4, 26, 96, 84, line=INK, round_=6),
        text(52, 84, "?", 48, anchor="middle", bold=True),
    ]
    return Panel([text(4, 14, "What comes back", 13, bold=True), *mark], 150, 114)


def _in_row(scene, tensor):
    """Return whether a tensor is drawn in the row of h above the layer."""
    return tensor.name.endswith("output") and not scene.merges


def _state(scene, tensor):
    """Return the panel of a state that came back, or will, with what it equals."""
    frames = []
    if tensor.axes[0].startswith("layers") and tensor.shape[0] > 1:
        frames = [scene.whose(row) for row in range(tensor.shape[0])]
    tensor = replace(tensor, values=_so_far(scene, tensor))
    return panel(tensor, None, scene.front, frames, _equal(tensor), scene.most, scene.worded)


def _so_far(scene, tensor):
    """Return the values of a tensor, None where there are none yet."""
    if scene.ended:
        return tensor.values
    if "timesteps" not in tensor.axes:
        return _blank(tensor.values)
    both = [scene.done(row) for row in scene.rows[: scene.spec.directions]]
    return _come(
        tensor.values, [*map(all, zip(*both, strict=True))], tensor.axes.index("timesteps")
    )


def _equal(tensor):
    """Return what a tensor equals: "= output[:, -1]", or, if nothing, what it is."""
    other, _, own = tensor.equals.rpartition(" == ")
    if not other.startswith(("output", "forward_output", "backward_output")):
        return tensor.meaning
    one_row = "layers" not in tensor.axes[0] or tensor.shape[0] == 1
    return f"= {other}" if one_row else f"{own} = {other}"


def layer(scene: Scene) -> Panel:
    """Return the panel of the layer over time: x below, its cells, every h above."""
    parts = [*_read(scene), *_heard(scene)]
    for row in scene.rows:
        parts += _cells(scene, row)
        if not row.backward:
            parts += _handed(scene, row)
    return Panel(parts, scene.width, scene.height)


def _read(scene):
    """Draw x, a column for each timestep."""
    spec, x, y = scene.spec, GUTTER, scene.x_top
    read = scene.read
    name = index(input_axes(spec), "x", worded=scene.worded)
    both = [scene.done(row) for row in scene.rows[: spec.directions]]
    now = [*map(any, zip(*both, strict=True))]
    one = Block(read, name, _at_steps(now, read), front=scene.front, most=scene.most)
    yield block(one, x, y)
    shape = [sizes(spec)[axis] for axis in input_axes(spec)]
    short = title_width("x", shape) < scene.first + 4  # it ends before the first arrow
    yield title(y - scene.x_title, "x", shape if short else None)
    yield from down(x, y, one.height, "features", spec.features)
    yield from ends(one.numbers, x, y)
    if not spec.unbatched:
        yield from behind(x, y, len(one.sheets), "batch", spec.batch)
    yield from along(one, x, y, "timesteps", spec.timesteps)
    yield _upwards(scene, y - scene.depth - 2, scene.rows[-1].y + scene.box + 3)


def _upwards(scene, start, end):
    """Return an arrow upwards at each timestep that is drawn."""
    return arrow(*[(x, start, x, end) for step, x in scene.x.items() if step is not None])


def _heard(scene):
    """Draw every h of the top layer, the output, with its name and its axes."""
    spec, top, outputs = scene.spec, scene.traces[-1], scene.outputs
    own = not scene.merges
    shapes = [one.shape if scene.sized else None for one in outputs]
    names = [title(14 + 15 * n, label(one), shapes[n]) for n, one in enumerate(outputs) if own]
    yield joined(names) if names else text(4, 14, "h", 13, bold=True)
    for backward in range(spec.directions):
        y = scene.top + backward * (scene.high + APART)
        yield from _every_h(scene, backward, y)
        if spec.bidirectional:
            low = 24 if scene.high >= 60 else 12  # not beside the number of the first unit
            yield text(4, y + low, "backward ←" if backward else "forward →", 11, SOFT)
    both = own and scene.sized and len(outputs) == 1 and spec.bidirectional
    width = scene.h_low - scene.top
    if both:
        yield from down(GUTTER, scene.top, width, outputs[0].axes[-1], outputs[0].shape[-1])
    else:
        for backward in range(spec.directions):
            y = scene.top + backward * (scene.high + APART)
            yield from down(GUTTER, y, scene.high, _vector(scene), scene.heard)
    row = Block(top[0].h, str, most=scene.most)
    if own and outputs and scene.sized and not spec.unbatched:
        yield from behind(GUTTER, scene.top, len(scene.sheets), "batch", spec.batch)
    told, low = scene.every and scene.sized, scene.h_low - row.height
    yield from along(row, GUTTER, low, "timesteps", spec.timesteps, told)
    yield _upwards(scene, scene.rows[0].y - 1, scene.rows[0].y - 12)


def _vector(scene):
    """Return what the numbers of an h are called."""
    return "projection" if scene.spec.proj_size else "units"


def _every_h(scene, backward, y):
    """Draw the top layer's h in one direction, a block, with what of it came back strong."""
    row = scene.rows[backward]
    values, strong, came, inside, begin = _returned(scene, backward)
    kept = scene.ended and bool(scene.state(row, "h"))
    lit = _only(row.end, len(strong), strong[row.end] and (kept or not scene.every))
    strong, lit = (_at_steps(flags, values) for flags in (strong, lit))
    values = _come(values, scene.done(row))
    look = {"front": scene.front, "most": scene.most, "dashed": scene.every, "first": begin}
    one = Block(values, came, strong, inside, lit, **look)
    yield block(one, GUTTER, y)
    yield from ends(one.numbers, GUTTER, y, begin if scene.sized else 0)


def _come(values, done, axis=1):
    """Return numbers with None at each timestep not done. axis: that of the timesteps."""
    if all(done):
        return values
    if axis:
        return [_come(one, done, axis - 1) for one in values]
    return [one if come else _blank(one) for one, come in zip(values, done, strict=True)]


def _blank(values):
    """Return None for each number."""
    return shaped(repeat(None), shape_of(values))


def _at_steps(flags, values):
    """Return for each number whether its timestep is flagged; values: those of a Block."""
    size = len(values[0][0])
    return [[[flag] * size for flag in flags]] * len(values)


def _only(place, size, flag=True):
    """Return a flag at one of so many places, none at the others."""
    flags = [False] * size
    flags[place] = flag
    return flags


def _returned(scene, backward):
    """Return a direction's h, (sequences, timesteps, numbers), and at which timesteps it came back.

    And what those are called that did, what the others are, and where the first stands in it.
    """
    h, outputs = scene.traces[-1][backward].h, scene.outputs
    inside = _inside(scene, _vector(scene), f"{'backward ' * backward}h")
    steps = len(h[0])
    if not outputs or scene.merges or not (scene.every or scene.ended):
        return h, [False] * steps, inside, inside, 0
    tensor = outputs[backward if len(outputs) > 1 else 0]
    begin = scene.heard * backward if len(outputs) == 1 else 0
    came = [
        [row[begin : begin + scene.heard] for row in rows]
        for rows in spread(tensor.axes, tensor.values)[0]
    ]
    outside = index(tensor.axes, tensor.expression, worded=scene.worded) if scene.sized else inside
    if scene.every:
        return came, [True] * steps, outside, inside, begin
    values, end = [[*rows] for rows in h], scene.rows[backward].end
    for rows, [last] in zip(values, came, strict=True):
        rows[end] = last
    return values, _only(end, steps), outside, inside, begin


def _inside(scene, numbers, what):
    """Return what numbers are that no index reaches: "h at sequence 0, timestep 3, unit 2"."""
    axes, places = ("batch", "timesteps", numbers), ("{0}", "{1}", "{2}")
    begin = 1 if scene.spec.unbatched else 0
    where = counted(axes[begin:], places[begin:]) if scene.worded else ", ".join(places[begin:])
    return f"{what} at {where}"


def _cells(scene, row):
    """Draw a layer in one direction: its cells, with c inside, and what goes on to the next."""
    spec, middle = scene.spec, row.y + scene.box / 2
    if not row.backward:
        yield text(4, row.y + 12, NAMES[spec.cell], 13, bold=True)
    for number, words in enumerate(scene.beside(row)):
        yield text(4, row.y + (13 if row.backward else 26) + 13 * number, words, 11, SOFT)
    done, came = scene.done(row), scene.state(row, "c")
    for now in (False, True):
        at = [x for step, x in scene.x.items() if step is not None and done[step] is now]
        yield from [ghost(_boxes(at, row.y, scene.box), now)] * bool(at)
    faint, strong = [], []
    for step, x in scene.x.items():
        if step is None:
            yield text(x, middle + 4, "…", 14, anchor="middle")
        elif row.c is not None and done[step]:
            last = step == (0 if row.backward else spec.timesteps - 1)
            own = came if last and scene.ended else ""
            (strong if own else faint).extend(_memory(scene, row, step, x, own))
    for squares, look in ((faint, {"opacity": GHOST}), (strong, {})):
        if squares:
            yield element("g", *squares, stroke="#888", stroke_width=0.5, **look)
    later = [x for step, x in scene.x.items() if step not in (0, None)]
    if later:
        between = [[(x - WIDE + 11, middle), (x - 11, middle)] for x in later]
        yield line(*between, ink=INK, thick=1.5)
    yield from _onward(scene, row, middle)


def _boxes(middles, y, high):
    """Return the boxes of cells."""
    cells = [element("rect", x=x - 11, y=y, width=22, height=high, rx=4) for x in middles]
    return element("g", *cells, fill=PAPER, stroke=INK)


def _onward(scene, row, middle):
    """Draw the arrow out of the last cell that is read, with what it carries."""
    start, way = (scene.first, -1) if row.backward else (scene.last, 1)
    yield arrow((start + 12 * way, middle, start + 28 * way, middle))
    yield text(start + 19 * way, middle - 5, "h", 11, SOFT, "middle")
    if row.c is not None:
        yield text(start + 19 * way, middle + 13, "c", 11, SOFT, "middle")


def _memory(scene, row, step, x, came):
    """Return c in its cell after a timestep. came: how it is written if it came back, or ""."""
    values = row.c[scene.front][step]
    if values.count(None) == len(values):
        return []
    name = _inside(scene, "units", f"{'backward ' * row.backward}c")
    squares = []
    for place, number in enumerate(shown(len(values), scene.most[1])):
        y = row.y + 5 + LOW * place
        if number is None:
            squares.append(text(x, y + 7, "⋮", 11, anchor="middle"))
            continue
        said = f"{name.format(scene.front, step, number)}{f', in {came}' * bool(came)}"
        squares.append(square(x - 7, y, 14, LOW, values[number], said))
    high = LOW * len(squares)
    if came:
        squares.append(box(x - 7, row.y + 5, 14, high, "none", INK, 2))
    return squares


def _handed(scene, row):
    """Draw the h of a layer that the layer above it reads."""
    if row.layer == scene.spec.layers - 1:
        return
    spec, traces = scene.spec, scene.traces[row.layer]
    y = row.y - scene.lower - 11
    yield text(4, y + 11, "h", 13, bold=True)
    yield text(16, y + 11, f"of layer {row.layer}", 11, SOFT)
    for backward, trace in enumerate(traces):
        mine = next(r for r in scene.rows if (r.layer, r.backward) == (row.layer, bool(backward)))
        came = scene.ended and bool(scene.state(mine, "h"))
        values = _come([trace.h[scene.front]], scene.done(mine))
        strong = _at_steps(_only(mine.end, spec.timesteps, came), values)
        name = _inside(scene, _vector(scene), f"{'backward ' * backward}h of layer {row.layer}")
        name = name.replace("{0}", str(scene.front))  # the one sequence that is drawn
        lit = strong if came else None
        one = Block(values, name, strong, lit=lit, most=scene.most, high=LOW)
        yield block(one, GUTTER, y + backward * (one.height + 2))
    yield _upwards(scene, row.y - 1, row.y - 10)
    yield _upwards(scene, y - 1, y - 9)
