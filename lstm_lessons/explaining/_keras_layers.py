"""Keras' layers and tensors: what they are, and what one reads off them.

What `watching.Reader` says of a function is not said again.
"""

import sys
from functools import partial
from math import prod
from typing import Any

import keras
from keras import Layer, layers, ops

from ..late import np
from ..rule import DIALECTS
from ..spec import Spec
from ..weights import BLOCKS
from .tracebacks import home
from .watching import Event, Held

# What Keras promises nobody, and what it is for: the list to go through at an upgrade. Nothing else
# here touches such a name; tests/test_watching.py says which of them is gone.
PRIVATE = {
    "_flatten_layers": "of any layer: the layers in it, at any depth",
    "_layers": "of any layer: those right in it",
    "_functional": "of a Sequential model: it runs a graph",
    "_run_through_graph": "of a functional model: it is a graph",
    "_keras_history": "of a tensor without numbers: which layer it is of",
    "_keras_mask": "of a tensor: which of its steps are no padding",
    "src": "of Keras: where the seed of its random numbers stands, backend.common.global_state",
    "op_callbacks": "of TensorFlow, in python.framework: has each of its operations told",
}


def inner(layer: Any) -> list[Any]:
    """Return all layers inside a Keras layer, without itself."""
    return layer._flatten_layers(include_self=False) if is_layer(layer) else []


def children(layer: Any) -> list:
    """Return the layers right inside a Keras layer, and the operations of a graph."""
    return [*layer._layers, *getattr(layer, "operations", ())] if is_layer(layer) else []


def graph(layer: Any) -> bool:
    """Return whether a layer is a functional or Sequential model: all that happens is seen."""
    return hasattr(layer, "_run_through_graph") or hasattr(layer, "_functional")


container = graph


def mask_of(tensor: Any) -> Any:
    """Return the mask that hangs on a tensor, (batch, timesteps), or None."""
    return getattr(tensor, "_keras_mask", None)


def seeds() -> list[keras.Variable]:
    """Return the variable that all of Keras' random numbers begin from, once there is one."""
    everyone = keras.src.backend.common.global_state
    seed = everyone.get_global_attribute("global_seed_generator")
    return [seed.state] if seed else []


def numbering() -> dict[str, int]:
    """Return how many layers of each name there are: the next one's name goes on from there."""
    everyone = keras.src.backend.common.global_state
    return everyone.get_global_attribute("object_name_uids", set_to_default=True) or {}


def tensorflow(part: str = "") -> Any:
    """Return TensorFlow, or a module of it, where Keras runs on it; or None."""
    runs = keras.backend.backend() == "tensorflow"
    return sys.modules.get(f"tensorflow{part}") if runs else None


def op_callbacks() -> Any:
    """Return what has each operation of TensorFlow told; None where Keras does not run on it."""
    found = tensorflow(".python.framework.op_callbacks")
    return found if hasattr(found, "remove_op_callback") else None


# Tensors.


is_tensor, array = ops.is_tensor, ops.convert_to_numpy  # sharing memory where that is possible


def source(tensor: Any) -> Any:
    return getattr(getattr(tensor, "_keras_history", None), "operation", None)


def whole(tensor: Any) -> Any:
    """Return None: it is PyTorch's tensors that know."""
    return None


def hold(value: Any) -> Held | None:
    if home(type(value)) not in ("keras", "tensorflow"):
        return None
    if not (hasattr(value, "assign") and hasattr(value, "shape")):  # an optimizer has no shape
        return None
    return lambda: partial(_put_back, value, _numbers_of(value)), prod(value.shape)


def _put_back(variable, before):
    if not np.array_equal(_numbers_of(variable), before):
        variable.assign(before)


def _numbers_of(variable):
    return np.array(array(ops.copy(variable)))


def aligned(result: tuple, target: tuple) -> tuple[tuple, tuple]:
    """Return two shapes as Keras' losses make them alike, if one has one axis more, of size 1."""
    short, long = sorted((result, target), key=len)
    if len(long) == len(short) + 1 and long[-1] == 1:
        short, long = ((*short, 1), long) if len(short) == 1 else (short, long[:-1])
    return short, long


# Layers.

CELLS = {word: getattr(layers, f"{title}Cell") for word, title in DIALECTS["keras"].cells.items()}


def is_layer(value: Any) -> bool:
    return isinstance(value, Layer)


def is_lazy(value: Any) -> bool:
    """Return whether a value is a layer in a network of PyTorch that the first pass builds."""
    return is_layer(value) and not value.built and keras.backend.backend() == "torch"


def recurrent(layer: Any) -> bool:
    """Return whether a Keras layer is recurrent, a cell, or a wrapper of one."""
    if isinstance(layer, layers.TimeDistributed):
        return recurrent(layer.layer)
    cells = (*CELLS.values(), layers.StackedRNNCells)
    return isinstance(layer, (layers.RNN, layers.Bidirectional, *cells))


def holds_recurrent(layer: Any) -> bool:
    return any(map(recurrent, (layer, *inner(layer))))


def parts_of(layer: Any) -> tuple[bool, Any, Any]:
    """Return whether a layer reads in both directions, its layer that reads forward, and the cell
    of that one; a layer that has none is its own.
    """
    both = isinstance(layer, layers.Bidirectional)
    one = layer.forward_layer if both else layer
    return both, one, getattr(one, "cell", one)


def cell_of(cell: Any) -> str | None:
    """Return the Spec's word for a Keras cell's kind; None for one that no Spec describes."""
    return next((word for word, kind in CELLS.items() if isinstance(cell, kind)), None)


def spec_of(layer: Any, **sizes: Any) -> Spec | None:
    both, one, cell = parts_of(layer)
    kind = cell_of(cell)
    if one is cell or kind is None:
        return None
    return Spec(
        **sizes,
        cell=kind,
        units=cell.units,
        return_sequences=one.return_sequences,
        return_state=one.return_state,
        bidirectional=both,
        merge_mode=layer.merge_mode if both else "concat",
    )


def space_of(cell: Any) -> tuple[str, ...]:
    """Return the names of the axes that a convolutional cell keeps; () for another one."""
    if not hasattr(cell, "filters"):
        return ()
    return {1: ("columns",), 2: ("rows", "columns"), 3: ("planes", "rows", "columns")}[cell.rank]


def own_cells(layer: Any) -> list[Any]:
    """Return the cells that a recurrent layer runs over its timesteps; [] for another layer."""
    if not isinstance(layer, layers.RNN):
        return []
    return [layer.cell, *getattr(layer.cell, "cells", ())]


def in_space(cell: Any, channels: str) -> tuple[str, ...]:
    """Return the axes of an image that a convolutional cell reads or returns, in their order."""
    first = cell.data_format == "channels_first"
    return (channels, *space_of(cell)) if first else (*space_of(cell), channels)


def flags(layer: Any) -> dict[str, object]:
    if isinstance(layer, layers.TimeDistributed):
        return {"layer": layer.layer.name}
    both, one, cell = parts_of(layer)
    cells = getattr(cell, "cells", [cell])
    sizes = [getattr(one, "filters", getattr(one, "units", None)) for one in cells]
    found = {"filters" if space_of(cell) else "units": sizes if len(sizes) > 1 else sizes[0]}
    for name in ("return_sequences", "return_state"):
        if hasattr(one, name):
            found[name] = getattr(one, name)
    found |= {name: True for name in ("go_backwards", "stateful") if getattr(one, name, False)}
    return found | ({"merge_mode": layer.merge_mode} if both else {})


def parameters(layer: Any) -> int:
    return layer.count_params() if getattr(layer, "built", False) else 0


def terms(layer: Any) -> list[tuple]:
    if isinstance(layer, layers.TimeDistributed):
        return terms(layer.layer)
    if isinstance(layer, layers.Bidirectional):
        return terms(layer.forward_layer) + terms(layer.backward_layer)
    cell = getattr(layer, "cell", layer)
    found = []
    for one in getattr(cell, "cells", [cell]):
        word = cell_of(one)
        if word is None or not one.built:
            return []
        biases = int(one.use_bias) * (2 if getattr(one, "reset_after", False) else 1)
        found.append((1, len(BLOCKS[word]), one.kernel.shape[0], one.units, biases, one.units, 0))
    return found


# Calls.


def index(event: Event) -> tuple:
    if type(event.layer).__name__ != "GetItem":
        return ()
    key = event.args[1] if len(event.args) > 1 else event.kwargs["key"]
    return tuple(key) if isinstance(key, (tuple, list)) else (key,)


def declared(network: Any) -> list[keras.KerasTensor]:
    """Return the inputs that a network declares; a Sequential model declares none before it is
    built, of which older releases raise ValueError.
    """
    try:
        return list(getattr(network, "inputs", None) or ())
    except ValueError:
        return []


def takes_words(network: Any) -> bool:
    """Return whether a network reads text: it declares so, or has a layer that looks words up."""
    readers = (layers.TextVectorization, layers.StringLookup, layers.Hashing)
    looks_up = any(isinstance(one, readers) for one in inner(network))
    return looks_up or "string" in [one.dtype for one in declared(network)]
