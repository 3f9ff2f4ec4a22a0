"""The picture of a layer at work: the network unrolled over time, and what of it comes back.

Pure functions from facts to SVG. Long axes are abridged, and the picture says so.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import repeat
from typing import Any

from ..indexes import take
from ..nests import close, shaped
from ..picks import there
from ..pictures import Picture
from ..reference import Trace, Traces, merged, traces
from ..rule import expected
from ..shapes import Returned, Tensor
from ..spec import Spec, a_spec, short, whole
from ..weights import inputs
from .blocks import spread
from .picked import picked
from .scene import Scene
from .squares import SHEETS
from .tracks import html

ROWS = 4  # so many layers and directions of someone's network are drawn, and no more


def draw(
    spec: Spec,
    returned: Returned | None,
    framework: str = "keras",
    front: int = 0,
    until: int | None = None,
) -> Picture:
    """Return the Picture of a spec's layer, or stack of layers.

    What the layer returned is drawn strong, with its values and its place in the return value; the
    rest is a ghost whose values are computed in NumPy.

    returned: the Returned of a run, or None for a picture that keeps the answer to itself.
    front: the sequence in front. until: after so many timesteps; None for all of them.
    Raises ValueError, in one line, if returned is not of this spec or has no values or other ones
    than are computed, for a sequence or a number of timesteps that there is not, and for sizes
    that are too much to compute.
    """
    scene = scene_of(spec, returned, seen(spec, front), framework, front, until)
    return Picture(html(scene), scene.words, folded=True)


def takes(index: str, **arrays: Any) -> Picture:
    """Return the Picture of what an index takes of arrays, as `pick` shows it, without a control.

    index: as it is typed, such as "x[0, 2]". arrays: by their names, as `x=x`; or nested lists.
    Raises ValueError, in one line, for an index, a name or a number of axes that is not known.
    """
    return replace(picked(take(index, there(Spec(), "keras", arrays))), folded=True)


def seen(spec: Spec, front: int = 0) -> Traces:
    """Return the Traces of the sequences that are drawn, of each layer and direction.

    The sequences of a batch do not see each other, so those that are drawn are traced alone.
    front: the sequence in front. Raises ValueError, in one line, for one that there is not.
    """
    number = 1 if a_spec(spec).unbatched else spec.batch
    whole("front", front, lowest=0, highest=number - 1, advice=0)
    return traces(replace(spec, batch=min(number, max(SHEETS, front + 1)), unbatched=False))


def scene_of(
    spec: Spec,
    returned: Returned | None,
    run_traces: Traces,
    framework: str = "keras",
    front: int = 0,
    until: int | None = None,
) -> Scene:
    """Return what the picture shows, as draw does, and where it stands.

    run_traces: as seen returns them. All numbers may be in arrays or in nested lists. Raises
    ValueError, in one line, as draw does, and for traces that are not of this spec.
    """
    _same(a_spec(spec), returned, run_traces, framework)
    if until is not None:
        whole("until", until, lowest=0, highest=spec.timesteps, advice=None)
    drawn = len(run_traces[-1][0].h)
    x = inputs(replace(spec, batch=drawn, batch_first=True, unbatched=False))
    tensors = returned.tensors if returned else ()
    scene = Scene(spec, run_traces, tensors, framework, x, front, until)
    _same_end(scene)
    return scene


def of_pass(spec: Spec, x: Tensor, returned: Returned, framework: str) -> Picture | None:
    """Return the Picture of a layer of someone's network, of what it read and returned in a pass.

    The layer alone, without the states once more, for a table beside it. Numbers that did not come
    back are not known, and left empty. None if the layer does otherwise than the rule says, merges
    two directions into one number, or has too many layers.

    x: what it read, with its values, a Tensor. returned: the Returned with values.
    """
    facts = [
        [(tensor.name, tensor.axes, tensor.meaning, tensor.equals) for tensor in found.tensors]
        for found in (returned, expected(spec, framework))
    ]
    merges = spec.bidirectional and spec.merge_mode not in ("concat", None)
    if facts[0] != facts[1] or merges or spec.layers * spec.directions > ROWS:
        return None
    read = spread(x.axes, x.values)[0][:SHEETS]
    known = _known(spec, returned.tensors, len(read))
    scene = Scene(spec, known, returned.tensors, framework, read, most=(5, 6), panels=False)
    return Picture(html(scene), scene.words)


def _known(spec, tensors, number):
    """Return the Traces of so many sequences, None where the layer did not return a number.

    Of the top layer's h every timestep; of the rest the end alone.
    """
    rows, heard = [], spec.proj_size or spec.units
    values = {tensor.name: spread(tensor.axes, tensor.values) for tensor in tensors}
    outputs = [values[name][0] for name in values if name.endswith("output")]
    if spec.bidirectional and spec.merge_mode == "concat":
        halves = slice(heard), slice(heard, None)
        outputs = [[[row[half] for row in rows] for rows in outputs[0]] for half in halves]
    for row in range(spec.layers * spec.directions):
        layer, backward = divmod(row, spec.directions)
        h, c = (shaped(repeat(None), (number, spec.timesteps, n)) for n in (heard, spec.units))
        end = 0 if backward else -1
        which = ("backward_" if backward else "forward_") if spec.bidirectional else ""
        for letter, every in (("h", h), ("c", c)):
            if letter in values and len(values[letter]) > row:
                _put(values[letter][row], every, end)
            elif which + letter in values and layer == spec.layers - 1:
                _put(values[which + letter][0], every, end)
        if layer == spec.layers - 1:
            _put(outputs[backward], h, end)
        rows.append(Trace(h, c if spec.cell == "lstm" else None))
    return [rows[at : at + spec.directions] for at in range(0, len(rows), spec.directions)]


def _put(came, every, end):
    """Put what came of each sequence at each of its timesteps or, if that is one, at the end."""
    for rows, new in zip(every, came, strict=False):
        rows[slice(None) if len(new) == len(rows) else slice(end, end + 1 or None)] = new


def _same(spec, returned, run_traces, framework):
    """Refuse what is not of this spec: what was returned, or its traces."""
    rule = expected(spec, framework)
    if returned is not None:
        if not isinstance(returned, Returned) or returned != rule:
            raise ValueError(
                f"returned must be what a run of spec returns, or None, got {short(returned)}; "
                "try run(spec)"
            )
        if any(tensor.values is None for tensor in returned.tensors):
            raise ValueError("returned must have values, got none; try run(spec)")
    try:
        found = [[isinstance(trace, Trace) for trace in layer] for layer in run_traces]
    except TypeError:
        found = None
    if found != [[True] * spec.directions] * spec.layers:
        raise ValueError(
            f"run_traces must be those of spec, got {short(run_traces)}; try traces(spec)"
        )


def _same_end(scene):
    """Refuse traces that do not end where the layer did."""
    if not scene.tensors:
        return
    output, mode = scene.tensors[0], scene.spec.merge_mode
    ends = [
        trace.h[0][0 if backward and not scene.every else -1]
        for backward, trace in enumerate(scene.traces[-1])
    ]
    wanted = ends[0]
    if scene.spec.bidirectional and mode == "concat":
        wanted = [*ends[0], *ends[1]]
    elif scene.merges:
        wanted = [merged(pair, mode) for pair in zip(*ends, strict=True)]
    came = spread(output.axes, output.values)[0][0][-1]
    if len(came) != len(wanted) or not close(came, wanted, 1e-5):
        raise ValueError(
            f"run_traces must end in the values of {output.expression}, got others; "
            "try traces(spec) of the same spec"
        )
