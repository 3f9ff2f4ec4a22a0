"""How a PyTorch network is run and read: what `watching.Reader` asks of a framework.

It has more than 300 lines since a pass is watched in several ways, each undone afterwards.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from math import prod
from threading import get_ident
from typing import Any

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from ..late import np
from ..nests import leaves, mapped
from ..spec import MOST
from ._torch_compiled import called, is_compiled, observed, unseen
from ._torch_layers import *  # noqa: F403, the rest of the Reader
from ._torch_layers import (
    container,
    has_no_shape,
    holds_recurrent,
    is_tensor,
    of_keras,
    recurrent,
    unwrapped,
)
from ._torch_operations import Reads as reads  # noqa: F401, the Reader's
from ._torch_operations import eager, noted
from .calls import listed
from .inputs import taken
from .keeping import generators, held_back, kept, states_of
from .uses import tensors_in
from .watching import BUILT, Pass, Recorder, is_shape, numeric, reader_of

framework, states = "torch", "h_n"
unpadded = "pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)"
without_gradients = torch.no_grad
CHANCE = (torch.Generator, *generators())
CLASSES = (nn.RNN, nn.LSTM, nn.GRU, nn.RNNCell, nn.LSTMCell, nn.GRUCell)
STRAY = "unregistered"  # the path of a layer that no attribute holds
OPERATIONS = (
    "Of the compiled {} PyTorch's own recurrent operations are seen, and nothing else: a loop over "
    "a cell of one's own is not."
)


def run(
    network: Any,
    inputs: tuple,
    named: dict[str, Any],
    recorder: Recorder,
    then: tuple[tuple, dict[str, Any]] | None = None,
) -> Pass:
    network = unwrapped(network)
    with torch.random.fork_rng():
        inputs, named, notes = taken(inputs, named, called(network))

    beside = any(map(is_tensor, leaves((inputs, named))))

    def made(value):
        return mapped(lambda one: _input(one, network, beside), value, is_leaf=_is_batch)

    given = [made(value) for value in inputs]
    by_name = {name: made(value) for name, value in named.items()}
    loose = _loose(network)
    notes += [_unregistered([*loose])] if loose else []
    tops = {"network": network, **loose}
    names = {id(part): name for top in tops.items() for name, part in _named(*top)}
    if any(map(has_no_shape, network.parameters())) or any(map(_is_unbuilt, network.modules())):
        notes.append(BUILT)
        _passed(tops, given, by_name, names, recorder)
        recorder.clear()
    result, left, keeps, after, drew = _passed(tops, given, by_name, names, recorder, then)
    notes += left + _strays(recorder)
    watched = _open(*tops.values())
    reached = {id(one.layer) for one in recorder.events}
    ours = [one for one in watched if recurrent(one)]
    within = {id(part) for one in ours for part in [*one.modules()][1:]}
    missed = [names[id(one)] for one in ours if id(one) not in reached | within]
    hidden, dark = _not_seen(watched, names, recorder.events)
    notes += dark
    return Pass(
        recorder.events,
        result,
        notes,
        missed,
        hidden,
        reader_of(framework),
        recorder.operations,
        keeps,
        recorder.read,
        complete=_is_seen_whole(watched, hidden, result),
        given=(tuple(given), by_name),
        then=after,
        drew=drew,
    )


def _loose(network):
    """Return by its path each module that stands in a plain list, tuple or dict of a network."""
    registered, found = {id(module) for module in network.modules()}, {}
    for path, module in network.named_modules():
        for name, value in vars(module).items():
            if name.startswith("_") or not isinstance(value, (list, tuple, dict)):
                continue
            for place, part in value.items() if isinstance(value, dict) else enumerate(value):
                if isinstance(part, nn.Module) and id(part) not in registered:
                    found[f"{path}.{name}[{place!r}]".strip(".")] = part
    return found


def _unregistered(paths):
    """Return what is to be said of modules that a network has not registered."""
    who = f"{listed([f'`{path}`' for path in paths])} stand{'s' * (len(paths) == 1)}"
    return (
        f"{who} in a plain list or dict, so the network "
        "does not know them: `parameters()`, `to()` and `state_dict()` leave them out. Write "
        "`nn.ModuleList` or `nn.ModuleDict`."
    )


def _strays(recorder):
    """Return what is to be said of layers that ran and that no attribute of the network holds."""
    paths = dict.fromkeys(event.path for event in recorder.events if STRAY in event.path)
    return [
        f"`{path}` ran, and no attribute of the network holds it: `parameters()`, `to()` and "
        "`state_dict()` leave it out."
        for path in paths
    ]


def _not_seen(modules, names, events):
    """Return pairs of path and kind of what a pass did not look into, and what is to be said."""
    code = [one for one in modules if is_compiled(one)]
    hidden = [dark for one in code for dark in unseen(one, names[id(one)], events)]
    around = {id(outer.layer) for one in events for outer in one.inside()}
    which = [f"`{names[id(one)]}`" for one in code if id(one) in around]
    return hidden, [OPERATIONS.format(listed(which))] if which else []


def _named(name, top):
    """Return pairs of a path and a module, for a module of a name and all in it."""
    inside = "" if name == "network" else f"{name}."
    return [(inside + path if path else name, part) for path, part in top.named_modules()]


def _passed(tops, given, by_name, names, recorder, then=None):
    modules = [part for top in tops.values() for part in top.modules()]
    network, after = tops["network"], None
    values = [value for module in modules for value in vars(module).values()]
    chance = [torch.default_generator, *(one for one in values if isinstance(one, CHANCE))]
    with (
        held_back() as interruptible,
        kept(modules) as notes,
        _quiet(modules),
        _watching(_open(*tops.values()), names, recorder),
        interruptible(),
    ):
        before = states_of(chance)
        with eager(modules), noted(recorder), recorder.timed():
            result = network(*given, **by_name)
        drew = states_of(chance) != before
        keeps = [*_kept_by(modules, names, recorder)]
        if then:
            events, (given, by_name) = recorder.events[:], then  # of the first call alone
            with eager(modules):
                after = network(*given, **by_name)
            recorder.events = events
    return result, notes, keeps, after, drew


def _kept_by(modules, names, recorder):
    """Give pairs of an attribute, by its path, and a tensor of a recurrent layer that it holds."""
    usual = vars(nn.Module())
    for module in modules:
        own = [pair for pair in vars(module).items() if pair[0] not in usual]
        for name, value in [*own, *module.named_buffers(recurse=False)]:
            for tensor in tensors_in(value, reader_of(framework)):
                if id(tensor) in recorder.known:
                    yield f"{names[id(module)]}.{name}".removeprefix("network."), tensor


def _is_seen_whole(modules, hidden, result):
    """Return whether each operation between layers was seen, and all that came back."""
    objects = [one for one in leaves(result) if not is_tensor(one) and hasattr(one, "__dict__")]
    return not (hidden or objects or any(map(is_compiled, modules)))


@contextmanager
def _watching(modules, names, recorder):
    """Have the calls of modules noted down."""

    def before(module, args, kwargs):
        recorder.begin(module, names[id(module)], args, kwargs)

    def after(module, _args, _kwargs, value):
        value = recorder.end(module, value, _anew)
        if recurrent(module):
            recorder.know(tensors_in(value, reader_of(framework)))
        return value

    with ExitStack() as stack:
        for module in modules:
            if reader := of_keras(module):
                stack.enter_context(reader.watching([module], recorder))
                continue
            if is_compiled(module):
                stack.callback(_replaced(module, observed(module, names[id(module)], recorder)))
                continue
            stack.callback(module.register_forward_pre_hook(before, with_kwargs=True).remove)
            stack.callback(module.register_forward_hook(after, with_kwargs=True).remove)
            if recurrent(module):
                stack.callback(_watch_forward(module, before, after, recorder))
        for kind in CLASSES:
            stack.callback(_watch_class(kind, before, after, names, recorder))
        yield


def _watch_class(kind, before, after, names, recorder):
    """Have the calls of layers noted down that the network does not hold; return the undoing."""
    forward, thread = kind.forward, get_ident()

    def watched(module, *args, **kwargs):
        at_work = [event.layer for event in recorder.open]
        if module in at_work or id(module) in names or get_ident() != thread:
            return forward(module, *args, **kwargs)
        names[id(module)] = f"{STRAY} {1 + sum(STRAY in name for name in names.values())}"
        before(module, args, kwargs)
        return after(module, args, kwargs, forward(module, *args, **kwargs))

    kind.forward = watched
    return partial(setattr, kind, "forward", forward)


def _watch_forward(module, before, after, recorder):
    """Have a call of a module's forward noted down that passes by its hooks; return the undoing."""
    forward = module.forward

    def watched(*args, **kwargs):
        if recorder.open and recorder.open[-1].layer is module:
            return forward(*args, **kwargs)
        before(module, args, kwargs)
        return after(module, args, kwargs, forward(*args, **kwargs))

    return _replaced(module, watched)


def _replaced(module, forward):
    """Give a module another forward; return the undoing."""
    attributes = vars(module)
    before = {"forward": attributes["forward"]} if "forward" in attributes else {}
    attributes["forward"] = forward
    return partial(attributes.update, before) if before else partial(attributes.pop, "forward")


def _is_unbuilt(module):
    return bool(of_keras(module)) and not module.built


def _open(*tops):
    """Return the modules to watch: a layer of PyTorch's own with no recurrent one in it is one."""
    found = []
    for top in tops:
        own = type(top).__module__.startswith("torch.") and not container(top)
        closed = is_compiled(top) or (own and not holds_recurrent(top))
        reader = of_keras(top)
        parts = [] if closed or reader else _open(*top.children())
        found += reader.opened(top) if reader else [top, *parts]
    return list({id(module): module for module in found}.values())


@contextmanager
def _quiet(modules):
    """Run in evaluation mode and without gradients; put back modes and random numbers."""
    modes = [(one, one.training) for one in modules if hasattr(one, "training")]  # a frozen has not
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


def _is_counted(value):
    """Return whether a value is whole numbers of NumPy on one axis, or one of them."""
    known = isinstance(value, np.ndarray | np.generic)
    return known and value.ndim < 2 and value.dtype.kind in "iu"


def _is_sizes(value):
    return is_shape(value) and len(value) > 1


def _input(value, network, beside):
    """Return an input as PyTorch takes it; a shape is refused, in one line.

    beside: whether a tensor is given, too: whole numbers of NumPy, lengths or an order, then stay.
    """
    if _is_sizes(value):
        sizes = [3 if one is None else one for one in value]
        size = ", ".join(map(str, sizes if min(sizes) > 0 and prod(sizes) <= MOST else (3, 5, 6)))
        raise ValueError(
            f"inputs must be a batch for PyTorch, got the shape {value}; try torch.randn({size})"
        )
    if is_tensor(value) or not hasattr(value, "__array__"):  # as of a PackedSequence
        return value
    if beside and _is_counted(value):
        return value
    numbers = numeric(value)
    tensor = torch.as_tensor(numbers if numbers.flags.writeable else numbers.copy())
    kept = [*network.parameters(), *network.buffers()]  # of a quantized one, or a frozen, nothing
    weight = next((one for one in kept if one.is_floating_point()), torch.empty(0))
    return tensor.to(weight.device, weight.dtype if tensor.is_floating_point() else tensor.dtype)


def _anew(value):
    """Return a tensor as another one of the same memory; anything else as it is."""
    plain = is_tensor(value) and value.layout == torch.strided
    return value.view_as(value) if plain else value


# What is tried again.


def library() -> dict[str, Any]:
    return {"torch": torch, "pack_padded_sequence": torch.nn.utils.rnn.pack_padded_sequence}


@contextmanager
def aside() -> Iterator[None]:
    with without_gradients(), torch.random.fork_rng(), kept([]):
        yield


def is_usable(value: Any) -> bool:
    return not is_tensor(value) or value.device.type != "meta"


def alike(value: Any) -> Any:
    return value


def twin(layer: Any) -> Any:
    """Return the layer itself, of PyTorch's recurrent ones, Linear and Embedding.

    They keep nothing of a call. None for one whose weights are computed, or that changes them.
    """
    kinds = (torch.nn.RNNBase, torch.nn.RNNCellBase, torch.nn.Linear, torch.nn.Embedding)
    own = type(layer).__module__.startswith("torch.nn.modules.") and "forward" not in vars(layer)
    changes = getattr(layer, "max_norm", None) is not None
    return layer if isinstance(layer, kinds) and own and not changes else None
