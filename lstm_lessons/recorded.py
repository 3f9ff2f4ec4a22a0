"""Numbers that real layers returned on the course's input, kept for where no framework is.

A record is bytes. Once one is in use, weights.inputs, reference.traces and frameworks.load answer
from it, with nested lists in place of arrays. recording.py makes them.

The weights extend (weights.py), so a smaller stack is cut out of a larger one. Not so where a
layer also reads backwards: it begins at the last timestep, so each number of timesteps has numbers
of its own. Each number of features has, too.
"""

from __future__ import annotations

import json
import zlib
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from math import prod
from typing import Any

from .rule import dialect_of, input_axes
from .spec import Spec, short

MOST = {"batch": 4, "timesteps": 8, "features": 7, "units": 10, "layers": 3}  # of the course's own
# A number is kept as the millionth that it lies in, and read as its middle: so it is rounded
# to fewer decimals as the one that was recorded.
SCALE = 1_000_000
WIDE = 4  # bytes of a number; those of the same weight lie together, which takes half the room
_used: dict[bytes, Record] = {}


class NotRun(RuntimeError):
    """What was to be run could not be, and so says nothing; the message says why, in one line."""


@dataclass(frozen=True)
class Block:
    """Recorded numbers of a shape, which begin somewhere in a row of numbers."""

    numbers: memoryview
    start: int
    shape: tuple[int, ...]

    def cut(self, *sizes: int) -> Any:
        """Return so many of the first of each axis, as nested lists."""
        if not sizes:
            return (self.numbers[self.start] + 0.5) / SCALE
        wide, *rest = prod(self.shape[1:]), *self.shape[1:]
        parts = (Block(self.numbers, self.start + wide * i, tuple(rest)) for i in range(sizes[0]))
        return [part.cut(*sizes[1:]) for part in parts]


Pair = tuple[Any, Any]  # h and c of a layer in one direction; c is None where there is none


@dataclass(frozen=True)
class Record:
    """What was recorded.

    versions: of each framework, by its title.
    x: the input, (batch, timesteps, features).
    stacks: of each spec every h and c, (batch, timesteps, units), by layer and direction.
    size: of the numbers, in bytes.
    """

    versions: Mapping[str, str]
    x: Block
    stacks: Mapping[Spec, Sequence[Sequence[Pair]]]
    size: int


def use(data: bytes) -> Record:
    """Return what a record holds; from now on it is answered from, as from those used before."""
    if data not in _used:
        _used[data] = read(data)
    return _used[data]


def forget() -> None:
    """Answer from no record any more."""
    _used.clear()


def in_use() -> bool:
    """Return whether any record is answered from."""
    return bool(_used)


def packed(
    versions: Mapping[str, str], x: Any, stacks: Mapping[Spec, Sequence[Sequence[Pair]]]
) -> bytes:
    """Return a record as bytes: a line of JSON, then all numbers. x and those of stacks: arrays."""
    pairs = (pair for layers in stacks.values() for layer in layers for pair in layer)
    blocks = [x, *(block for pair in pairs for block in pair if block is not None)]
    numbers = array("i", (int(one * SCALE // 1) for block in blocks for one in block.ravel()))
    raw = numbers.tobytes()
    heading = {"versions": versions, "x": x.shape, "stacks": [asdict(spec) for spec in stacks]}
    parts = (raw[start::WIDE] for start in range(WIDE))
    return zlib.compress(b"\n".join([json.dumps(heading).encode(), b"".join(parts)]), 9)


def read(data: bytes) -> Record:
    """Return what a record holds."""
    line, _, parts = zlib.decompress(data).partition(b"\n")
    raw, many = bytearray(len(parts)), len(parts) // WIDE
    for start in range(WIDE):
        raw[start::WIDE] = parts[start * many : (start + 1) * many]
    numbers, start = memoryview(raw).cast("i"), 0

    def block(*shape):
        nonlocal start
        start += prod(shape)
        return Block(numbers, start - prod(shape), shape)

    def pair(spec):
        sizes = spec.batch, spec.timesteps
        h = block(*sizes, spec.proj_size or spec.units)
        return h, block(*sizes, spec.units) if spec.cell == "lstm" else None

    heading = json.loads(line)
    x = block(*heading["x"])
    specs = [Spec(**fields) for fields in heading["stacks"]]
    stacks = {
        spec: [[pair(spec) for _ in range(spec.directions)] for _ in range(spec.layers)]
        for spec in specs
    }
    return Record(heading["versions"], x, stacks, len(raw))


def inputs(spec: Spec) -> list:
    """Return the batch that the layer reads, as weights.inputs does, as nested lists."""
    sizes = 1 if spec.unbatched else spec.batch, spec.timesteps, spec.features
    for record in _used.values():
        if all(size <= most for size, most in zip(sizes, record.x.shape, strict=True)):
            return _arranged(record.x.cut(*sizes), spec)
    raise _not_here(spec)


def traces(spec: Spec) -> list[list[Pair]]:
    """Return every h and c by layer and direction, (batch, timesteps, units), as nested lists."""
    for record in _used.values():
        for largest, layers in record.stacks.items():
            if _holds(largest, spec):
                return [[_cut(pair, spec) for pair in layer] for layer in layers[: spec.layers]]
    raise _not_here(spec)


def _holds(largest, spec):
    """Return whether a spec's numbers can be cut out of those of another."""
    same = ["cell", "features", "bidirectional", "proj_size"]
    smaller = ["batch", "timesteps", "units", "layers"]
    if spec.bidirectional:
        same.append(smaller.pop(1))
        same += ["merge_mode"] * (spec.layers > 1)  # what the layer above reads
    return all(getattr(spec, name) == getattr(largest, name) for name in same) and all(
        getattr(spec, name) <= getattr(largest, name) for name in smaller
    )


def _cut(pair, spec):
    h, c = pair
    sizes = spec.batch, spec.timesteps
    return h.cut(*sizes, spec.proj_size or spec.units), c and c.cut(*sizes, spec.units)


def _not_here(spec):
    """Return the error that says, in one line, what of a spec is in no record."""
    size = next((name for name, most in MOST.items() if getattr(spec, name) > most), None)
    if size:
        said = f"{size} must be at most {MOST[size]} here, got {getattr(spec, size):,}"
    elif spec.proj_size:
        said = f"proj_size must be 0 here, got {spec.proj_size}"
    elif spec.layers > 1 and spec.merge_mode != "concat":
        said = f"merge_mode must be 'concat' here below another layer, got {spec.merge_mode!r}"
    else:
        said = f"spec must be one that was recorded here, got {spec}"
    return NotRun(f"{said}; in JupyterLab every size and setting runs")


@dataclass(frozen=True)
class Door:
    """What stands in place of a framework's own door: its layers, answered from the records."""

    framework: str

    def layer(self, spec: Spec) -> Callable[[Any], Any]:
        """Return what returns, for the course's input of a spec, what the real layer did."""
        layers = traces(replace(spec, batch=1) if spec.unbatched else spec)
        return partial(_only_for, inputs(spec), returned(spec, self.framework, layers))

    def call(self, network: Callable, *given: Any) -> Any:
        """Return what a network returns, nested lists in tuples."""
        return network(*given)


def _only_for(known, came, x):
    """Return what came of an input that is known; another would have needed the real layer."""
    if x != known:
        raise NotRun(f"x must be the course's own input here, got {short(x)}; try it in JupyterLab")
    return came


def returned(spec: Spec, framework: str, layers: Sequence[Sequence[Pair]]) -> Any:
    """Return what a framework returns of every h and c, nested lists in tuples."""
    return (_of_torch if dialect_of(framework).one_tensor else _of_keras)(spec, layers)


def _of_keras(spec, layers):
    """Return what Keras returns: what the flags choose of the top layer, direction by direction."""
    top = layers[-1]
    states = [[end for end in _ends(pair, back) if end] for back, pair in enumerate(top)]
    every = [h for h, _ in top] if spec.return_sequences else [h for h, *_ in states]
    came = _merged(every, spec.merge_mode)
    if spec.return_state:
        came += [state for direction in states for state in direction]
    return tuple(came) if len(came) > 1 else came[0]


def _of_torch(spec, layers):
    """Return what PyTorch returns: every h of the top layer, and the last states of all layers."""
    [every] = _merged([h for h, _ in layers[-1]], "concat")
    ends = [_ends(pair, back) for layer in layers for back, pair in enumerate(layer)]
    h_n, c_n = (
        [one and one[0] if spec.unbatched else one for one in each]
        for each in zip(*ends, strict=True)
    )
    return _arranged(every, spec), (h_n, c_n) if spec.cell == "lstm" else h_n


def _ends(pair, back):
    """Return the last h and c that a direction made, (batch, units); it ends at timestep 0."""
    return [numbers and [each[0 if back else -1] for each in numbers] for numbers in pair]


def _merged(both, merge_mode):
    """Return what becomes of one or two directions' h, (…, units), as a list of one or two."""
    if len(both) == 1 or merge_mode is None:
        return both
    return [_by_row(_ROWS[merge_mode], *both)]


def _by_row(function, one, other):
    """Return what a function makes of each two rows, of lists that are nested alike."""
    if not isinstance(one[0], list):
        return function(one, other)
    return [_by_row(function, *pair) for pair in zip(one, other, strict=True)]


_ROWS = {
    "concat": lambda one, other: one + other,
    "sum": lambda one, other: [a + b for a, b in zip(one, other, strict=True)],
    "mul": lambda one, other: [a * b for a, b in zip(one, other, strict=True)],
    "ave": lambda one, other: [(a + b) / 2 for a, b in zip(one, other, strict=True)],
}


def _arranged(numbers, spec):
    """Return numbers, (batch, timesteps, …), in the order of axes that a spec's layer has."""
    if spec.unbatched:
        return numbers[0]
    first, *_ = input_axes(spec)
    return numbers if first == "batch" else [list(step) for step in zip(*numbers, strict=True)]
