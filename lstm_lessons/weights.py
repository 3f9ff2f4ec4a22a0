"""One input and one set of weights for every scenario and both frameworks. NumPy only.

They extend: a further sample, timestep or unit leaves the earlier numbers as they were, the
layer's outputs included. Three things make that so. Each number is a hash of its own indexes, not
the next of a stream. Unit j listens only to units up to j (the recurrent kernel is triangular).
And the standard deviation of unit j's weights is 1/√units of the running example, or 1/√(j+1) for
later units, so that it does not depend on how many units there are.
"""

import numpy as np

from .spec import Spec

GATES = 4  # input, forget, cell candidate, output: i, f, g, o, in that order in both frameworks
_SEED = 45  # with it no number of the running example lies at an edge of rounding to two places


def inputs(spec):
    """Return the batch that the layer reads, (batch, timesteps, features), float32."""
    return _numbers(0, spec.batch, spec.timesteps, spec.features).astype("float32")


def for_keras(spec):
    """Return the weights as a Keras LSTM's set_weights takes them, float32.

    kernel (features, 4·units), recurrent kernel (units, 4·units), bias (4·units,); the gates lie
    side by side along the last axis, in the order i, f, c, o.
    """
    listens = np.tri(spec.units).T[:, None]  # (from unit, 1, to unit): from up to to
    later = np.maximum(np.arange(spec.units) + 1, Spec().units)
    kernel, recurrent, bias = (
        block / np.sqrt(later)
        for block in (
            _numbers(1, spec.features, GATES, spec.units),
            _numbers(2, spec.units, GATES, spec.units) * listens,
            _numbers(3, 1, GATES, spec.units),
        )
    )
    return [
        kernel.reshape(spec.features, -1).astype("float32"),
        recurrent.reshape(spec.units, -1).astype("float32"),
        bias.reshape(-1).astype("float32"),
    ]


def for_torch(spec):
    """Return the same weights under the names of a PyTorch LSTM's state_dict, float32.

    weight_ih_l0 (4·units, features), weight_hh_l0 (4·units, units), and two biases (4·units,),
    of which the second is zero: PyTorch adds them.
    """
    kernel, recurrent, bias = for_keras(spec)
    return {
        "weight_ih_l0": kernel.T.copy(),
        "weight_hh_l0": recurrent.T.copy(),
        "bias_ih_l0": bias,
        "bias_hh_l0": np.zeros_like(bias),
    }


def _numbers(block, *shape):
    """Return fixed numbers between -√3 and √3, standard deviation 1; each depends on its indexes.

    The hash is the finaliser of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom
    number generators", 2014), applied once for each index.
    """
    state = np.full((1,) * len(shape), 1000 * _SEED + block, np.uint64)
    for axis, size in enumerate(shape):
        along = [size if other == axis else 1 for other in range(len(shape))]
        state = _mix(state + np.arange(1, size + 1, dtype=np.uint64).reshape(along))
    return np.sqrt(12) * ((state >> np.uint64(11)) / 2.0**53 - 0.5)


def _mix(state):
    """Return 64-bit numbers scrambled so that near ones land far apart."""
    with np.errstate(over="ignore"):
        state = state * np.uint64(0x9E3779B97F4A7C15)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))
