"""The real Keras layers."""

from dataclasses import replace
from functools import lru_cache

import keras

from ..weights import for_keras


def layer(spec):
    """Return the layer of a spec, with the course's weights. Neither depends on the batch's size
    or on the number of timesteps, so a layer that was made is used again.
    """
    return _made(replace(spec, batch=1, timesteps=1))


@lru_cache(maxsize=64)
def _made(spec):
    lstm = keras.layers.LSTM(
        spec.units,
        return_sequences=spec.return_sequences,
        return_state=spec.return_state,
    )
    lstm.build((spec.batch, spec.timesteps, spec.features))
    lstm.set_weights(for_keras(spec))
    return lstm


def call(network, *inputs):
    """Return what a network returns for its inputs: an array, or nested tuples of arrays."""
    value = network(*inputs)
    return value if value is None else keras.tree.map_structure(_array, value)


def _array(value):
    return keras.ops.convert_to_numpy(value) if keras.ops.is_tensor(value) else value
