"""Records of what the real layers return on the course's input, for where no framework is.

None may be in use while one is made.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import product

from . import frameworks
from .frameworks import load
from .late import np
from .nests import leaves
from .recorded import MOST, Pair, packed, returned
from .reference import traces
from .rule import DIALECTS
from .spec import CELLS, Spec
from .weights import inputs

KEPT = ("cell", *MOST, "bidirectional", "proj_size")  # the fields that other numbers come of
CLOSE = 5e-6  # to the witness: so two frameworks agree to 1e-5


def record() -> bytes:
    """Return the record of all stacks up to the sizes MOST; it takes some twenty seconds.

    Raises RuntimeError, in one line, where a framework does not agree with the witness.
    """
    steps = range(1, MOST["timesteps"] + 1)
    ways = [(False, MOST["timesteps"]), *((True, number) for number in steps)]
    each = product(CELLS, range(1, MOST["features"] + 1), ways)
    batch, units, layers = (MOST[name] for name in ("batch", "units", "layers"))
    return _recorded(
        Spec(cell, batch, timesteps, features, units, layers=layers, bidirectional=both)
        for cell, features, (both, timesteps) in each
    )


def record_of(*specs: Spec) -> bytes:
    """Return the record of some specs, of whatever sizes.

    Raises ValueError, in one line, for a layer that reads two directions merged otherwise than side
    by side; and what record raises.
    """
    for spec in specs:
        if spec.bidirectional and spec.layers > 1 and spec.merge_mode != "concat":
            raise ValueError(
                "merge_mode must be 'concat' where stacked layers are recorded, "
                f"got {spec.merge_mode!r}; try layers=1"
            )
    return _recorded(Spec(**{name: getattr(spec, name) for name in KEPT}) for spec in specs)


def _recorded(specs: Iterable[Spec]) -> bytes:
    """Return the record of some specs, and of an input as large as the largest of each size."""
    stacks = {spec: _stack(spec) for spec in specs}
    largest = {name: max(getattr(spec, name) for spec in stacks) for name in MOST}
    versions = {one.title: getattr(frameworks, name).__version__ for name, one in DIALECTS.items()}
    return packed(versions, inputs(Spec(**largest)), stacks)


def _stack(spec: Spec) -> list[list[Pair]]:
    """Return every h, as PyTorch returned it, and every c, of the witness, by layer and direction.

    Keras and the witness agree on what came, states included.
    """
    seen = traces(spec)
    *_, outputs = [
        [_agreed(stack, came, name, seen) for stack, came in _ran(spec, name)]
        for name, dialect in DIALECTS.items()
        if not spec.proj_size or "proj_size" in dialect.own
    ]
    halves = (np.split(output, spec.directions, axis=-1) for output in outputs)
    return [
        [(h, trace.c) for h, trace in zip(both, layer, strict=True)]
        for both, layer in zip(halves, seen, strict=True)
    ]


def _ran(spec, framework):
    """Return the stack's lowest layer, its lowest two, and so on, each with what it returned.

    Keras, which takes its time, runs once for all.
    """
    real, x = load(framework), inputs(spec)
    stacks = [replace(spec, layers=number + 1) for number in range(spec.layers)]
    if not DIALECTS[framework].flags:
        return [(one, real.call(real.layer(one), x)) for one in stacks]
    stacks = [replace(one, return_sequences=True) for one in stacks]
    stacks[-1] = replace(stacks[-1], return_state=True)
    whole = real.layer(stacks[-1])
    layers = whole.layers if spec.layers > 1 else [whole]
    each = real.call(lambda x: [x := layer(x) for layer in layers], x)
    return zip(stacks, each, strict=True)


def _agreed(spec, came, framework, seen):
    """Return the output of what a real layer returned; RuntimeError unless the witness saw it."""
    pairs = [
        [(one.h.tolist(), None if one.c is None else one.c.tolist()) for one in layer]
        for layer in seen[: spec.layers]
    ]
    numbers = np.concatenate([one.ravel() for one in leaves(came)])
    apart = np.abs(numbers - leaves(returned(spec, framework, pairs))).max()
    if not apart <= CLOSE:
        raise RuntimeError(
            f"{DIALECTS[framework].title} must agree with NumPy to {CLOSE:g}, got {apart:.2g} "
            f"apart of {spec}; try the versions that the course was tested with"
        )
    return leaves(came)[0]
