"""One input and one set of weights for every scenario and both frameworks. NumPy only.

They extend: a further sample, timestep, unit, layer or direction leaves the earlier numbers as
they were, the layer's outputs included. Three things make that so. Each number is a hash of its
own indexes, not the next of a stream. Unit j listens only to units up to j, of its own layer (the
recurrent kernel is triangular) and of the layer below. And the standard deviation of unit j's
weights is 1/√units of the running example, or 1/√(j+1) for later units, so that it does not depend
on how many units there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import prod

from . import recorded
from .late import np
from .rule import input_axes
from .spec import SIZES, Spec, a_spec, bounded, default, whole

# The blocks of weights, one for each gate and one for the candidate, in the course's order, which
# is Keras', and where PyTorch has them. LSTM: input gate, forget gate, candidate, output gate.
# GRU: update gate, reset gate, candidate.
BLOCKS = {"lstm": "ifgo", "gru": "zrn", "rnn": "n"}
TORCH_BLOCKS = {"lstm": "ifgo", "gru": "rzn", "rnn": "n"}
MOST_LAYERS, MOST_STEPS = 200, 10_000  # of a run: Keras takes some milliseconds for each
KEPT = 10_000  # numbers, of a block that is kept
_SEED = 45  # with it no number of the running example lies at an edge of rounding to two places


@dataclass(frozen=True)
class Weights:
    """The weights of one layer in one direction, float64.

    kernel: (inputs, blocks, units).
    recurrent: (units, blocks, units); from h, which may be a projection.
    bias: (blocks, units). A second bias, where there is one, is zero.
    projection: (units, projection), or None.
    """

    kernel: np.ndarray
    recurrent: np.ndarray
    bias: np.ndarray
    projection: np.ndarray | None = None


def draw_anew(seed):
    """Make all inputs and weights of this process others, those of a seed from 0 to 2**40.

    For marks: nobody can know beforehand what a layer returns then. Real layers that were made
    before keep their weights.
    """
    global _SEED
    _SEED = seed


def inputs(spec):
    """Return the batch that the layer reads, (batch, timesteps, features), float32.

    Without batch_first the first two axes are swapped; unbatched, it is the first sequence alone.
    Where a record is in use (recorded.py), nested lists come back.

    Raises ValueError, in one line, for more numbers than are computed at once.
    """
    shape = _of_inputs(a_spec(spec))
    bounded(shape, advice=_advice(spec))
    if recorded.in_use():
        return recorded.inputs(spec)
    x = _numbers(0, *shape.values()).astype("float32")
    first, *_ = input_axes(spec)
    if spec.unbatched:
        return x[0]
    return x if first == "batch" else x.swapaxes(0, 1).copy()


def weights(spec):
    """Return the Weights of each layer, from the lowest, in each direction, forward first.

    Raises ValueError, in one line, for more layers or numbers than are computed at once.
    """
    whole("layers", a_spec(spec).layers, highest=MOST_LAYERS, advice=1)
    bounded(_of_weights(spec), advice=_advice(spec))
    return tuple(
        tuple(_weights(spec, layer, direction) for direction in range(spec.directions))
        for layer in range(spec.layers)
    )


def affordable(spec):
    """Return a spec that can be run: it takes no more memory and time than a lesson has.

    Raises ValueError, in one line with the arithmetic, for another; nothing is allocated for that.
    """
    whole("layers", a_spec(spec).layers, highest=MOST_LAYERS, advice=1)
    steps = spec.layers * spec.directions * spec.timesteps
    if steps > MOST_STEPS:
        sizes = f"{spec.layers:,} · {spec.directions} · {spec.timesteps:,} = {steps:,}"
        raise ValueError(
            f"layers · directions · timesteps must be at most {MOST_STEPS:,} steps, got {sizes}; "
            f"try {_advice(spec, 'timesteps', 'layers')}"
        )
    outputs = {name: getattr(spec, name) for name in ("layers", "directions", *SIZES)}
    del outputs["features"]
    for numbers in (_of_inputs(spec), _of_weights(spec), outputs):
        bounded(numbers, advice=_advice(spec))
    return spec


def _of_inputs(spec):
    """Return the sizes of the input before its axes are swapped."""
    batch = 1 if spec.unbatched else spec.batch
    return {"batch": batch, "timesteps": spec.timesteps, "features": spec.features}


def _of_weights(spec):
    """Return the sizes that make the weights: an upper bound, as if all layers read as much."""
    heard = spec.proj_size or spec.units
    below = heard * (spec.directions if spec.merge_mode == "concat" else 1)
    inputs = max(spec.features, below) if spec.layers > 1 else spec.features
    return {
        **{"layers": spec.layers, "directions": spec.directions, "blocks": len(BLOCKS[spec.cell])},
        **{"units": spec.units, "(inputs + units)": inputs + heard},
    }


def _advice(spec, *names):
    """Return the size that is the farthest above its default, set to that: "batch=3"."""
    names = names or (*SIZES, "layers")
    name = max(names, key=lambda name: getattr(spec, name) / default(name))
    return f"{name}={default(name)}"


def _weights(spec, layer, direction):
    blocks, units, heard = len(BLOCKS[spec.cell]), spec.units, spec.proj_size or spec.units
    number = 3 * (2 * layer + direction)
    scale = 1 / np.sqrt(np.maximum(np.arange(units) + 1, Spec().units))
    if layer:
        sides = spec.directions if spec.merge_mode == "concat" else 1
        below = _numbers(number + 1, sides, heard, blocks, units) * _listens(heard, units)
        kernel = below.reshape(-1, blocks, units)
    else:
        kernel = _numbers(number + 1, spec.features, blocks, units)
    projection = None
    if spec.proj_size:
        projection = _numbers(500 + number, units, heard) * np.tri(heard, units).T * scale[:heard]
    return Weights(
        kernel * scale,
        _numbers(number + 2, heard, blocks, units) * _listens(heard, units) * scale,
        (_numbers(number + 3, 1, blocks, units) * scale)[0],
        projection,
    )


def _listens(heard, units):
    """Return 1 where a unit listens, (heard, 1, units): to what comes from units up to itself."""
    return np.tri(units, heard).T[:, None]


def for_keras(spec):
    """Return the weights as set_weights of Keras' layer or stack of layers takes them, float32.

    For each layer and direction: kernel (inputs, blocks·units), recurrent kernel (units,
    blocks·units), bias (blocks·units,), the blocks side by side along the last axis: of an LSTM
    i, f, c, o, of a GRU z, r, h. A GRU has two biases, (2, blocks·units), of which the second is
    zero: the form that PyTorch has too, reset_after=True.
    """
    flat = []
    for part in _each(spec):
        bias = part.bias.reshape(-1)
        if spec.cell == "gru":
            bias = np.stack([bias, np.zeros_like(bias)])
        flat += [_flat(part.kernel), _flat(part.recurrent), bias]
    return [array.astype("float32") for array in flat]


def for_torch(spec):
    """Return the same weights under the names of PyTorch's state_dict, float32.

    For each layer k and direction weight_ih_lk (blocks·units, inputs), weight_hh_lk (blocks·units,
    units), and two biases (blocks·units,), of which the second is zero: PyTorch adds them. The
    blocks of an LSTM are i, f, g, o, those of a GRU r, z, n. With proj_size also weight_hr_lk
    (projection, units).
    """
    order = [BLOCKS[spec.cell].index(block) for block in TORCH_BLOCKS[a_spec(spec).cell]]
    named = {}
    for number, part in enumerate(_each(spec)):
        layer, backward = divmod(number, spec.directions)
        suffix = f"l{layer}{'_reverse' if backward else ''}"
        bias = part.bias[order].reshape(-1)
        named |= {
            f"weight_ih_{suffix}": _flat(part.kernel[:, order]).T,
            f"weight_hh_{suffix}": _flat(part.recurrent[:, order]).T,
            f"bias_ih_{suffix}": bias,
            f"bias_hh_{suffix}": np.zeros_like(bias),
        }
        if part.projection is not None:
            named[f"weight_hr_{suffix}"] = part.projection.T
    return {name: np.ascontiguousarray(array, "float32") for name, array in named.items()}


def _flat(block):
    """Return a block (inputs, blocks, units) as (inputs, blocks·units)."""
    return block.reshape(len(block), -1)


def _each(spec):
    """Return the Weights of all layers and directions in one row."""
    return [part for layer in weights(spec) for part in layer]


def _numbers(block, *shape):
    """Return fixed numbers between -√3 and √3, standard deviation 1; each depends on its indexes.

    Few are kept, so that a layer and its trace, and the next ones of a control, do not make them
    anew.
    """
    return (_kept if prod(shape) <= KEPT else _hashed)(_SEED, block, *shape)


def _hashed(seed, block, *shape):
    """Return the numbers of a block, read-only.

    The hash is the finaliser of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom
    number generators", 2014), applied once for each index.
    """
    state = np.full((1,) * len(shape), 1000 * seed + block, np.uint64)
    for axis, size in enumerate(shape):
        along = [size if other == axis else 1 for other in range(len(shape))]
        state = _mix(state + np.arange(1, size + 1, dtype=np.uint64).reshape(along))
    made = np.sqrt(12) * ((state >> np.uint64(11)) / 2.0**53 - 0.5)
    made.flags.writeable = False
    return made


_kept = lru_cache(maxsize=64)(_hashed)


def _mix(state):
    """Return 64-bit numbers scrambled so that near ones land far apart."""
    with np.errstate(over="ignore"):
        state = state * np.uint64(0x9E3779B97F4A7C15)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))
