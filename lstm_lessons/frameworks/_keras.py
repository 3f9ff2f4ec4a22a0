"""The real Keras layers."""

import logging
from dataclasses import replace
from functools import lru_cache

import keras

from ..nests import mapped
from ..rule import DIALECTS
from ..weights import for_keras

# Of a layer that an error ended TensorFlow logs, cells later, that its arrays were never used.
logging.getLogger("tensorflow").addFilter(
    lambda record: "Object was never used" not in record.getMessage()
)


def layer(spec):
    """Return the layer of a spec, with the course's weights. Neither depends on the batch's size
    or on the number of timesteps, so a layer that was made is used again.
    """
    return _made(replace(spec, batch=1, timesteps=1))


@lru_cache(maxsize=64)
def _made(spec):
    layers = [_one(spec, top=number == spec.layers - 1) for number in range(spec.layers)]
    made = layers[0]
    if len(layers) > 1:
        made = keras.Sequential([keras.Input((None, spec.features)), *layers])
    else:
        made.build((None, None, spec.features))
    made.set_weights(for_keras(spec))
    return made


forget = _made.cache_clear  # for whoever has changed a layer that was made


def _one(spec, top):
    """Return one layer; below the top one it hands on every h and nothing else."""
    layer = getattr(keras.layers, DIALECTS["keras"].cells[spec.cell])(
        spec.units,
        return_sequences=spec.return_sequences or not top,
        return_state=spec.return_state and top,
    )
    if spec.bidirectional:
        return keras.layers.Bidirectional(layer, merge_mode=spec.merge_mode)
    return layer


def call(network, *inputs):
    """Return what a network returns for its inputs: an array, or nested tuples of arrays."""
    return mapped(_array, network(*inputs))


def _array(value):
    return keras.ops.convert_to_numpy(value) if keras.ops.is_tensor(value) else value
