"""A compiled network of PyTorch's: the recurrent operations that happen in it.

It has no layers that could be watched, but PyTorch shows each operation of its code. Without
autograd it shows a recurrent one whole: what it read, its settings, and what it returned.
"""

import re
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from inspect import Parameter, Signature
from typing import Any

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from ..nests import mapped
from ._torch_layers import DispatchMode, holds_recurrent, is_tensor
from .watching import Event, Recorder

KINDS = {"lstm": (nn.LSTM, nn.LSTMCell), "gru": (nn.GRU, nn.GRUCell), "rnn": (nn.RNN, nn.RNNCell)}
OPERATION = re.compile(  # such as aten.lstm.input and quantized.quantized_gru_cell_dynamic.default
    r"\w+\.(?:quantized_)?(lstm|gru|rnn)(?:_tanh|_relu)?(_cell)?(?:_dynamic)?\.(\w+)"
)
NUMBERED = ": "  # in the path of an operation of which one does not know whose it is


def is_compiled(module: Any) -> bool:
    """Return whether a module is code without layers: scripted, traced or exported."""
    if isinstance(module, torch.jit.ScriptModule):
        return True
    exported = isinstance(module, torch.fx.GraphModule) and not holds_recurrent(module)
    return exported and any(str(one.target).startswith("aten.") for one in module.graph.nodes)


def called(module: Any) -> Callable:
    """Return what a module is called by, with its parameters."""
    if not isinstance(module, torch.jit.ScriptModule):
        return module.forward

    arguments = module.forward.schema.arguments[1:]  # without self

    def parameter(one):
        default = one.default_value if one.has_default_value() else Parameter.empty
        return Parameter(one.name, Parameter.POSITIONAL_OR_KEYWORD, default=default)

    forward: Any = partial(module)
    forward.__signature__ = Signature([parameter(one) for one in arguments])
    return forward


def unseen(module: Any, path: str, events: list[Event]) -> list[tuple[str, str]]:
    """Return pairs of path and kind of what a compiled module has that is recurrent by its name and
    was not seen, though it may have run; of itself, if nothing recurrent was seen.
    """
    seen = [one.path for one in events if module in (outer.layer for outer in one.inside())]
    if any(NUMBERED in one for one in seen):
        return []
    kinds = [(inner, getattr(part, "original_name", "")) for inner, part in _named(path, module)]
    dark = [
        (inner, kind)
        for inner, kind in kinds
        if re.search("LSTM|GRU|RNN", kind)
        and not any(f"{one}.".startswith(f"{inner}.") for one in seen)
    ]
    return dark if dark or seen else [(path, type(module).__name__)]


def _named(path, module):
    """Return pairs of a path and a module, for a compiled module and all in it."""
    around = "" if path == "network" else f"{path}."
    return [(around + name if name else path, part) for name, part in module.named_modules()]


def observed(module: Any, path: str, recorder: Recorder) -> Callable:
    """Return a forward of a compiled module that has its recurrent operations noted down.

    It is that of a copy, for a ScriptModule: what one keeps could not be put back.
    """
    run = deepcopy(module).eval() if isinstance(module, torch.jit.ScriptModule) else module
    forward = run.forward

    def observed_forward(*args, **kwargs):
        recorder.begin(module, path, args, kwargs)
        with torch.inference_mode(), _Operations(run, path, recorder):
            value = forward(*args, **kwargs)
        return recorder.end(module, mapped(_plain, value), lambda one: one)

    return observed_forward


def _plain(value):
    """Return a tensor as one that a gradient may be taken of; anything else as it is."""
    return value.clone() if is_tensor(value) and value.is_inference() else value


class _Operations(DispatchMode):
    """While it is on, the recurrent operations of a module are noted down as calls of layers."""

    def __init__(self, module, path, recorder):
        super().__init__()
        self.path, self.recorder, self.layers = path, recorder, {}
        self.owners = {}  # by the address of a weight: the path of its layer, and that layer
        for inner, part in _named(path, module):
            self.owners |= {one.data_ptr(): (inner, part) for one in part.parameters(recurse=False)}

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        value = operation(*args, **(kwargs or {}))
        if found := OPERATION.fullmatch(str(operation)):
            self.note(*found.groups(), args, value)
        return value

    def note(self, kind, cell, variant, args, value):
        if variant == "data":
            args = PackedSequence(*args[:2]), *args[2:]
            value = PackedSequence(value[0], args[0].batch_sizes), *value[1:]
        if kind == "lstm" and not cell:
            value = value[0], tuple(value[1:])
        path, part = self.owner(kind, args[2])
        if path not in self.layers:
            self.layers[path] = _cell(kind, *args) if cell else _layer(kind, part, *args)
        self.recorder.begin(self.layers[path], path, args[:2], {})
        self.recorder.end(self.layers[path], value, lambda one: one)

    def owner(self, kind, weights):
        """Return the path of the layer that weights are of, and that layer; if none, a number."""
        weight = weights[0] if isinstance(weights, (list, tuple)) else weights
        address = weight.data_ptr() if is_tensor(weight) else object()
        unknown = f"{self.path}{NUMBERED}{kind} {len(self.layers)}", None  # frozen, quantized
        return self.owners.setdefault(address, unknown)


def _cell(kind, x, hx, _w_ih, _w_hh, bias=None, *_):
    h = hx[0] if kind == "lstm" else hx
    return KINDS[kind][1](x.shape[-1], h.shape[-1], bias=bias is not None, device="meta")


def _layer(kind, part, x, hx, _weights, bias, layers, dropout, _training, both, *first):
    """Return a layer with the settings of an operation, as a picture of it, without weights."""
    h, c = hx if kind == "lstm" else (hx, hx)
    packed = isinstance(x, PackedSequence)
    settings = dict(num_layers=layers, bias=bias, bidirectional=both)
    settings |= {"proj_size": h.shape[-1]} if h.shape[-1] != c.shape[-1] else {}
    settings |= {"dropout": dropout} if layers > 1 else {}
    features = (x.data if packed else x).shape[-1]
    layer = KINDS[kind][0](features, c.shape[-1], **settings, device="meta")
    layer.batch_first = getattr(part, "batch_first", None) if packed else first[0]
    return layer
