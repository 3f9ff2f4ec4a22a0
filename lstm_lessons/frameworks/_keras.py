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


def call(network, x):
    """Return what a network returns for the batch x: an array, or nested tuples of arrays."""
    value = network(x)
    return value if value is None else keras.tree.map_structure(keras.ops.convert_to_numpy, value)
