"""The picture of a layer at work: the network unrolled over time, and what of it comes back.

Pure functions from facts to SVG. Long axes are abridged, and the picture says so.
"""

from dataclasses import replace

import numpy as np

from ..pictures import Picture
from ..reference import Trace, Traces, merged, traces
from ..rule import expected
from ..shapes import Returned, Tensor
from ..spec import Spec, a_spec, short
from ..weights import inputs
from .scene import Scene, first
from .tracks import svg

ROWS = 4  # so many layers and directions of someone's network are drawn, and no more


def draw(spec: Spec, returned: Returned | None, framework: str = "keras") -> Picture:
    """Return the picture of a spec with the traces that belong to it.

    The samples of a batch do not see each other, so the first is traced alone.
    Raises ValueError, in one line, as picture does, and for sizes that are too much to trace.
    """
    return picture(spec, returned, traces(replace(a_spec(spec), batch=1)), framework)


def picture(
    spec: Spec, returned: Returned | None, run_traces: Traces, framework: str = "keras"
) -> Picture:
    """Return the Picture of a spec's layer, or stack of layers.

    What the layer returned is drawn strong, with its values and its place in the return value; the
    rest is a ghost whose values come from the traces.

    returned: the Returned of a run, or None for a picture that keeps the answer to itself.
    run_traces: the Traces of the spec's first sample, for each layer and direction.
    Raises ValueError, in one line, if returned is not of this spec or has no values, and if the
    traces are not or end in other values than the layer returned.
    """
    scene = scene_of(spec, returned, run_traces, framework)
    return Picture(svg(scene), scene.words, folded=True)


def scene_of(
    spec: Spec, returned: Returned | None, run_traces: Traces, framework: str = "keras"
) -> Scene:
    """Return what the picture shows, as picture does, and where it stands."""
    _same(a_spec(spec), returned, run_traces, framework)
    x = inputs(replace(spec, batch=1, batch_first=True, unbatched=False))[0]
    return Scene(spec, run_traces, returned.tensors if returned else (), framework, x)


def of_pass(spec: Spec, x: Tensor, returned: Returned, framework: str) -> Picture | None:
    """Return the Picture of a layer of someone's network, of what it read and returned in a pass.

    Smaller than the course's own: without the blocks of what comes back, for a table beside it.
    Numbers that did not come back are not known, and left empty. None if the layer does otherwise
    than the rule says, merges two directions into one number, or has too many layers.

    x: what it read, with its values, a Tensor. returned: the Returned with values.
    """
    facts = [
        [(tensor.name, tensor.axes, tensor.meaning, tensor.equals) for tensor in found.tensors]
        for found in (returned, expected(spec, framework))
    ]
    merges = spec.bidirectional and spec.merge_mode not in ("concat", None)
    if facts[0] != facts[1] or merges or spec.layers * spec.directions > ROWS:
        return None
    known, values = _known(spec, returned.tensors), first(x)
    scene = Scene(spec, known, returned.tensors, framework, values, most=(5, 6), blocks=False)
    return Picture(svg(scene), scene.words)


def _known(spec, tensors):
    """Return the Traces of the first sequence, masked where the layer did not return them.

    Of the top layer's h every timestep; of the rest the end alone, which is all that is drawn.
    """
    rows, heard = [], spec.proj_size or spec.units
    values = {tensor.name: first(tensor) for tensor in tensors}
    outputs = [values[name] for name in values if name.endswith("output")]
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
            if letter in values:
                every[0, end] = values[letter][number]
            elif which + letter in values:
                every[0, end] = values[which + letter][0]
        if top:
            output = outputs[backward]
            h[0, slice(None) if len(output) == spec.timesteps else end] = output
        rows.append(Trace(h, c))
    return [rows[at : at + spec.directions] for at in range(0, len(rows), spec.directions)]


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
    if returned is not None:
        _same_end(spec, returned, run_traces)


def _same_end(spec, returned, run_traces):
    """Refuse traces that do not end where the layer did."""
    output = returned.tensors[0]
    every = "timesteps" in output.axes
    ends = [
        trace.h[0, 0 if backward and not every else -1]
        for backward, trace in enumerate(run_traces[-1])
    ]
    wanted = merged(ends, spec.merge_mode)
    wanted = wanted[0] if isinstance(wanted, tuple) else wanted
    if not np.allclose(first(output)[-1], wanted, rtol=0, atol=1e-5):
        raise ValueError(
            f"run_traces must end in the values of {output.expression}, got others; "
            "try traces(spec) of the same spec"
        )
