"""How a PyTorch network is run and read: what `watching.Reader` asks of a framework."""

from contextlib import ExitStack, contextmanager
from functools import partial
from math import prod
from typing import Any

import torch
from torch.nn.utils.rnn import PackedSequence

from ..nests import leaves, mapped
from ..spec import MOST
from ._torch_layers import *  # noqa: F403, the rest of the Reader
from ._torch_layers import (
    array,
    container,
    has_no_shape,
    holds_recurrent,
    is_tensor,
    recurrent,
    unwrapped,
)
from .keeping import held_back, kept
from .watching import BUILT, Pass, Recorder, is_shape, is_there, numeric, reader_of

framework, states = "torch", "h_n"
unpadded = "pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)"
without_gradients = torch.no_grad
HIDDEN = ("LSTM", "GRU", "RNN")  # in the names of recurrent layers that are quantized


def run(network: Any, inputs: tuple, recorder: Recorder) -> Pass:
    network = unwrapped(network)
    given = [mapped(lambda one: _input(one, network), value, is_leaf=_is_batch) for value in inputs]
    names = {id(module): path or "network" for path, module in network.named_modules()}
    notes = []
    if any(map(has_no_shape, network.parameters())):
        notes.append(BUILT)
        _passed(network, given, names, recorder)
        recorder.events.clear()
    result, left = _passed(network, given, names, recorder)
    notes += left
    reached = {id(one.layer) for one in recorder.events}
    missed = [
        names[id(one)] for one in network.modules() if recurrent(one) and id(one) not in reached
    ]
    hidden = [(names[id(one)], one) for one in _open(network) if _is_hidden(one)]
    arrays = [array(one) for one in leaves(given) if is_tensor(one)]
    return Pass(arrays, recorder.events, result, notes, missed, hidden, reader_of(framework))


def _passed(network, given, names, recorder):
    with (
        held_back() as interruptible,
        kept([*network.modules()]) as notes,
        _quiet(network),
        _watching(network, names, recorder),
        interruptible(),
    ):
        return network(*given), notes


@contextmanager
def _watching(network, names, recorder):

    def before(module, args, kwargs):
        recorder.begin(module, names[id(module)], args, kwargs)

    def after(module, _args, _kwargs, value):
        return recorder.end(module, value, _anew)

    with ExitStack() as stack:
        for module in _open(network):
            if _is_compiled(module):
                continue
            stack.callback(module.register_forward_pre_hook(before, with_kwargs=True).remove)
            stack.callback(module.register_forward_hook(after, with_kwargs=True).remove)
            if recurrent(module):
                stack.callback(_watch_forward(module, names, recorder))
        yield


def _watch_forward(module, names, recorder):
    """Have a call of a module's forward noted down that passes by its hooks; return the undoing."""
    attributes, forward = vars(module), module.forward
    own = "forward" in attributes

    def watched(*args, **kwargs):
        if recorder.open and recorder.open[-1].layer is module:
            return forward(*args, **kwargs)
        recorder.begin(module, names[id(module)], args, kwargs)
        return recorder.end(module, forward(*args, **kwargs), _anew)

    attributes["forward"] = watched
    return (
        partial(attributes.update, forward=forward) if own else partial(attributes.pop, "forward")
    )


def _is_compiled(module):
    return isinstance(module, torch.jit.ScriptModule)


def _is_hidden(module):
    """Return whether what happens in a module is not seen: compiled, quantized, or Keras'."""
    kind = type(module)
    if kind.__module__.startswith("torch.ao.") and any(w in kind.__name__ for w in HIDDEN):
        return True
    keras = reader_of("keras") if is_there("keras") else None
    of_keras = keras and keras.is_layer(module) and keras.holds_recurrent(module)
    return _is_compiled(module) or bool(of_keras)


def _open(network):
    """Return the modules to watch: a layer of PyTorch's own with no recurrent one in it is one."""
    children = list(network.children())
    own = type(network).__module__.startswith("torch.") and not container(network)
    if (own and not holds_recurrent(network)) or _is_hidden(network):
        children = []
    found = [network, *(one for child in children for one in _open(child))]
    return list({id(one): one for one in found}.values())


@contextmanager
def _quiet(network):
    """Run in evaluation mode and without gradients; put back modes and random numbers."""
    modes = [(module, module.training) for module in network.modules()]
    with without_gradients(), torch.random.fork_rng():
        try:
            for module, _ in modes:
                module.training = False
            yield
        finally:
            for module, mode in modes:
                module.training = mode


def _is_batch(value):
    """Return whether an input is taken as a whole: a packed one, and a shape, which is refused."""
    return isinstance(value, PackedSequence) or _is_sizes(value)


def _is_sizes(value):
    return is_shape(value) and len(value) > 1


def _input(value, network):
    """Return an input as PyTorch takes it; a shape is refused, in one line."""
    if _is_sizes(value):
        sizes = [3 if one is None else one for one in value]
        size = ", ".join(map(str, sizes if min(sizes) > 0 and prod(sizes) <= MOST else (3, 5, 6)))
        raise ValueError(
            f"inputs must be a batch for PyTorch, got the shape {value}; try torch.randn({size})"
        )
    if is_tensor(value) or not hasattr(value, "__array__"):  # as of a PackedSequence
        return value
    numbers = numeric(value)
    weights = [one for one in network.parameters() if one.is_floating_point()]
    tensor = torch.as_tensor(numbers if numbers.flags.writeable else numbers.copy())
    if not weights:
        return tensor
    kind = weights[0].dtype if tensor.is_floating_point() else tensor.dtype
    return tensor.to(weights[0].device, kind)


def _anew(value):
    """Return a tensor as another one of the same memory; anything else as it is."""
    plain = is_tensor(value) and value.layout == torch.strided
    return value.view_as(value) if plain else value
