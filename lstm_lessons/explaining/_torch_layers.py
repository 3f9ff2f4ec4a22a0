"""PyTorch's layers and tensors: what they are, what one reads off them, and what a call returns.

What `watching.Reader` says of a function is not said again.
"""

from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.utils import _python_dispatch

from ..late import np
from ..rule import DIALECTS, state_axes
from ..shapes import Returned
from ..spec import Spec, many
from ..weights import BLOCKS
from .watching import (
    NEVER_C,
    ONE_STEP,
    Event,
    Held,
    Rule,
    first_given,
    is_there,
    named,
    reader_of,
    rule_of,
)

Layer = nn.Module

# What PyTorch promises nobody, or writes nowhere, and what it is for: the list to go through at an
# upgrade. Nothing else here touches such a name; tests/test_watching.py says which of them is gone.
PRIVATE = {
    "_orig_mod": "of what torch.compile returns: the network that it wraps",
    "is_lazy": "of torch.nn.parameter: whether a parameter has no shape yet",
    "LazyModuleMixin": "of torch.nn.modules.lazy: the class of layers that leave it once built",
    "RNNCellBase": "of torch.nn: the class of the three cells",
    "_base": "of a tensor: the one that it is a part of in memory",
    "_python_dispatch": "of torch.utils: TorchDispatchMode, which sees what runs below Python",
}
DispatchMode: Any = _python_dispatch.TorchDispatchMode

QUANTIZED = ("LSTM", "GRU", "LSTMCell", "GRUCell", "RNNCell")  # of torch.ao, none of torch.nn's

has_no_shape = nn.parameter.is_lazy  # of a parameter: the first pass builds it


def unwrapped(network: Any) -> Any:
    return getattr(network, "_orig_mod", network)


def is_lazy(value: Any) -> bool:
    return isinstance(value, nn.modules.lazy.LazyModuleMixin)


def of_keras(layer: Any) -> Any:
    """Return Keras' reader for a layer of Keras, which on PyTorch is a module; else None."""
    reader: Any = reader_of("keras") if is_there("keras") else None
    return reader if reader and reader.is_layer(layer) else None


def recurrent(layer: Any) -> bool:
    if reader := of_keras(layer):
        return reader.recurrent(layer)
    quantized = type(layer).__module__.startswith("torch.ao.nn.")
    return isinstance(layer, (nn.RNNBase, nn.RNNCellBase)) or (
        quantized and hasattr(layer, "hidden_size") and _kinds(layer)[0] in QUANTIZED
    )


def _kinds(layer):
    """Return the names of a layer's classes that are PyTorch's own, from the nearest."""
    return [one.__name__ for one in type(layer).__mro__ if one.__module__.startswith("torch.")]


def _is_cell(layer):
    return any(name.endswith(("Cell", "CellBase")) for name in _kinds(layer))


# Tensors.


is_tensor = torch.is_tensor


def source(tensor: Any) -> None:
    """Return None: each tensor of PyTorch's has numbers."""


def whole(tensor: torch.Tensor) -> torch.Tensor | None:
    return tensor._base


def array(tensor: torch.Tensor) -> np.ndarray:
    tensor = tensor.detach().cpu()
    tensor = tensor.dequantize() if tensor.is_quantized else tensor
    return (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy()


def hold(value: Any) -> Held | None:
    """Return a function that copies a tensor's numbers, or the state of a generator of random ones,
    and returns one that puts them back, and how many there are; None for anything else.
    """
    if isinstance(value, torch.Generator):
        return lambda: partial(value.set_state, value.get_state()), 0
    if not is_tensor(value) or has_no_shape(value):
        return None
    if value.layout != torch.strided or value.is_meta or value.is_quantized:
        return None
    return lambda: partial(_put_back, value, value.detach().clone()), value.numel()


def _put_back(tensor, before):
    with torch.no_grad():
        if tensor.shape != before.shape:
            tensor.data = before
        elif not torch.equal(tensor, before):
            tensor.copy_(before)


def aligned(result: tuple, target: tuple) -> tuple[tuple, tuple]:
    """Return two shapes as they are: mse of PyTorch makes nothing alike but by broadcasting."""
    return result, target


# Layers.


def is_layer(value: Any) -> bool:
    return isinstance(value, Layer)


def holds_recurrent(layer: Any) -> bool:
    return any(map(recurrent, layer.modules()))


def container(layer: Any) -> bool:
    if reader := of_keras(layer):
        return reader.container(layer)
    return isinstance(layer, (nn.Sequential, nn.ModuleList, nn.ModuleDict))


def graph(layer: Any) -> bool:
    """Return whether all that happens in a PyTorch layer is seen: in a Sequential it is."""
    if reader := of_keras(layer):
        return reader.graph(layer)
    return isinstance(layer, nn.Sequential)


def cell_of(layer: Any) -> str:
    """Return the Spec's word for a PyTorch layer's or cell's kind."""
    kinds = [kind.lower() for kind in _kinds(layer)]
    return next(word for kind in kinds for word in BLOCKS if kind.startswith(word))


def spec_of(layer: Any, **sizes: Any) -> Spec | None:
    if not recurrent(layer) or _is_cell(layer):
        return None
    named = DIALECTS["torch"].settings.items()
    there = {name: field for name, field in named if hasattr(layer, name)}
    settings: dict[str, Any] = {field: getattr(layer, name) for name, field in there.items()}
    return Spec(**settings | sizes, cell=cell_of(layer))


def flags(layer: Any) -> dict[str, object]:
    plain = {"num_layers": 1, "bidirectional": False, "proj_size": 0, "bias": True, "dropout": 0}
    always = [
        one for one in ("hidden_size", "batch_first") if getattr(layer, one, None) is not None
    ]
    others = [name for name, usual in plain.items() if getattr(layer, name, usual) != usual]
    kept = [name for name in ("dtype", "weight_dtype") if hasattr(layer, name)]  # quantized
    return {name: getattr(layer, name) for name in (*always, *others, *kept)}


def parameters(layer: Any) -> int:
    packed = [one for part in layer.modules() for one in _packed_weights(part)]
    return sum(one.numel() for one in (*layer.parameters(), *packed))


def _packed_weights(layer):
    """Return the weights of a quantized layer, which are none of its parameters."""
    if not type(layer).__module__.startswith("torch.ao.nn.quantized."):
        return []
    if hasattr(layer, "get_weight"):
        return [*layer.get_weight().values(), *layer.get_bias().values()]
    found = [getattr(layer, name, None) for name in ("weight", "bias")]
    return [one for read in found if callable(read) and (one := read()) is not None]


def terms(layer: Any) -> list[tuple]:
    blocks, units, biases = len(BLOCKS[cell_of(layer)]), layer.hidden_size, 2 if layer.bias else 0
    directions = 1 + getattr(layer, "bidirectional", False)
    projected = getattr(layer, "proj_size", 0)
    heard = projected or units
    inputs = [layer.input_size] + [directions * heard] * (getattr(layer, "num_layers", 1) - 1)
    return [(directions, blocks, read, heard, biases, units, projected) for read in inputs]


# Calls.


def index(event: Event) -> tuple:
    """Return (): what takes an index of a tensor is no layer of PyTorch."""
    return ()


def rule(event: Event) -> tuple[Spec | None, Returned, list[str]]:
    layer, x = event.layer, first_given(event)
    if _is_cell(layer):
        return _cell(layer, x)
    packed = isinstance(x, nn.utils.rnn.PackedSequence)
    sizes = (len(x.batch_sizes), int(x.batch_sizes[0])) if packed else x.shape[:-1]
    unbatched = not packed and x.ndim == 2
    if not packed and layer.batch_first:
        sizes = sizes[::-1]
    spec = spec_of(
        layer,
        batch=1 if unbatched else sizes[1],
        timesteps=x.shape[0] if unbatched else sizes[0],
        features=(x.data if packed else x).shape[-1],
        unbatched=unbatched,
    )
    returned = rule_of(spec, "torch")
    if packed:
        returned = _packed(returned)
    return spec, returned, _notes(spec, len(x.data) if packed else 0)


def _notes(spec, steps):
    """Return what is easily mistaken in what a layer returns; steps: of packed input, or 0."""
    axes = ", ".join(state_axes(spec, DIALECTS["torch"]))
    states = f"h_n and c_n are ({axes})" if spec.cell == "lstm" else f"h_n is ({axes})"
    sequences = many(spec.batch, "sequence")
    notes = [NEVER_C] if spec.cell == "lstm" and spec.timesteps > 1 else []
    if spec.layers * spec.directions > 1:
        names = [f"layer {layer}" for layer in range(spec.layers)]
        if spec.bidirectional:
            names = [f"{one} {which}" for one in names for which in ("forward", "backward")]
        notes.append(f"The first axis of h_n, in order: {', '.join(names)}.")
    if steps:
        back = ", backward after its first" if spec.bidirectional else ""
        notes.append(
            f"The input is packed: {many(steps, 'step')} of {sequences}, the longest of "
            f"{spec.timesteps}; `h_n` holds h after each sequence's own last step{back}. "
            "`pad_packed_sequence` makes the output a batch again."
        )
    elif spec.unbatched:
        notes.append("The input has two axes: one sequence, without a batch.")
    elif spec.batch_first:
        notes.append(f"batch_first says nothing of the states: {states} with it and without.")
    else:
        notes.append(
            "batch_first=False: the first axis is taken for timesteps, "
            f"{many(spec.timesteps, 'timestep')} of {sequences}. If your batch comes first, write "
            "`batch_first=True`."
        )
    return notes


def _packed(returned):
    """Return the Returned of packed input: the output is packed too."""
    output, *states = returned.tensors
    data = replace(
        output,
        name="output.data",
        expression="output.data",
        path=(0, 0),
        axes=("steps", output.axes[-1]),
        shape=(0, output.shape[-1]),
        meaning=f"{output.meaning}: all sequences' first ones, then all second ones, and so on",
        equals="",
    )
    order = ("batch", "the order of the sequences")
    parts = {"batch_sizes": ("timesteps", "how many sequences have this timestep")}
    parts |= {"sorted_indices": order, "unsorted_indices": order}
    rest = [
        named(f"output.{name}", (axis,), meaning, path=(0, place))
        for place, (name, (axis, meaning)) in enumerate(parts.items(), 1)
    ]
    states = [replace(one, equals="") for one in states]
    return Rule((data, *rest, *states), reads=("steps", "features"))


def _cell(layer, x):
    """Return (None, Returned, notes) of a cell, which reads one timestep."""
    batch = ("batch",) if x.ndim == 2 else ()
    paths = {"h": (0,), "c": (1,)} if cell_of(layer) == "lstm" else {"h": ()}
    tensors = [
        named(name, (*batch, "units"), f"{name} after this one timestep", path=path)
        for name, path in paths.items()
    ]
    begins = tuple(f"{name}_0" for name in paths)
    return None, Rule(tuple(tensors), reads=(*batch, "features"), begins=begins), [ONE_STEP]
