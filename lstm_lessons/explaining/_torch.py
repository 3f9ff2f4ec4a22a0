"""How a PyTorch network is run and read. PyTorch is not imported: its owner has."""

import sys
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import lru_cache, partial
from math import prod

from ..rule import DIALECTS, state_axes
from ..spec import MOST, Spec
from ..weights import GATES
from ._keras import KERAS
from .watching import (
    BUILT,
    NEVER_C,
    ONE_STEP,
    Pass,
    Reads,
    Rule,
    first_given,
    held_back,
    is_shape,
    kept,
    named,
    numeric,
    remade,
    rule_of,
)

HIDDEN = ("LSTM", "GRU", "RNN")  # in the names of recurrent layers that are quantized


def run_torch(network, inputs, recorder):
    """Return the Pass of a torch.nn.Module; what happens is noted down by the Recorder."""
    torch = sys.modules["torch"]
    network = getattr(network, "_orig_mod", network)  # what torch.compile wraps
    given = [_input(one, network) for one in inputs]
    names = {id(module): path or "network" for path, module in network.named_modules()}
    notes, reads = [], TORCH
    if any(torch.nn.parameter.is_lazy(one) for one in network.parameters()):
        notes.append(BUILT)
        _passed(network, given, names, recorder)
        recorder.events.clear()
    result, left = _passed(network, given, names, recorder)
    notes += left
    reached = {id(one.layer) for one in recorder.events}
    missed = [
        names[id(one)]
        for one in network.modules()
        if reads.recurrent(one) and id(one) not in reached
    ]
    hidden = [(names[id(one)], one) for one in _open(network) if _is_hidden(one)]
    arrays = [_array(one) for one in given if isinstance(one, torch.Tensor)]
    return Pass(arrays, recorder.events, result, notes, missed, hidden, reads)


def _passed(network, given, names, recorder):
    """Return what the network returned, and notes; what it keeps is put back."""
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
    """Have the calls of a network's modules noted down."""

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
            if TORCH.recurrent(module):
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
    """Return whether a module is one of TorchScript, which takes no hooks."""
    return isinstance(module, sys.modules["torch"].jit.ScriptModule)


def _is_hidden(module):
    """Return whether what happens in a module is not seen: compiled, quantized, or Keras'."""
    kind = type(module)
    if kind.__module__.startswith("torch.ao.") and any(w in kind.__name__ for w in HIDDEN):
        return True
    inner = module._flatten_layers() if hasattr(module, "_flatten_layers") else ()
    return _is_compiled(module) or any(map(KERAS.recurrent, inner))


def _open(network):
    """Return the modules to watch: a layer of PyTorch's own with no recurrent one in it is one."""
    children = list(network.children())
    own = type(network).__module__.startswith("torch.") and not TORCH.container(network)
    if own and not any(TORCH.recurrent(one) for one in network.modules()):
        children = []
    if _is_hidden(network):
        children = []
    found = [network, *(one for child in children for one in _open(child))]
    return list({id(one): one for one in found}.values())


@contextmanager
def _quiet(network):
    """Run in evaluation mode and without gradients; put back modes and random numbers."""
    torch = sys.modules["torch"]
    modes = [(module, module.training) for module in network.modules()]
    with torch.no_grad(), torch.random.fork_rng():
        try:
            for module, _ in modes:
                module.training = False
            yield
        finally:
            for module, mode in modes:
                module.training = mode


def _input(value, network):
    """Return an input as PyTorch takes it; a shape is refused, in one line."""
    torch = sys.modules["torch"]
    if is_shape(value) and len(value) > 1:
        sizes = [3 if one is None else one for one in value]
        size = ", ".join(map(str, sizes if min(sizes) > 0 and prod(sizes) <= MOST else (3, 5, 6)))
        raise ValueError(
            f"inputs must be a batch for PyTorch, got the shape {value}; try torch.randn({size})"
        )
    if isinstance(value, (torch.Tensor, torch.nn.utils.rnn.PackedSequence)):
        return value
    if isinstance(value, (dict, list, tuple)):
        return remade(value, lambda one: _input(one, network))
    if not hasattr(value, "__array__"):
        return value
    array = numeric(value)
    weights = [one for one in network.parameters() if one.is_floating_point()]
    tensor = torch.as_tensor(array if array.flags.writeable else array.copy())
    if not weights:
        return tensor
    kind = weights[0].dtype if tensor.is_floating_point() else tensor.dtype
    return tensor.to(weights[0].device, kind)


def _array(tensor):
    """Return a tensor as NumPy, sharing its memory where that is possible."""
    tensor = tensor.detach().cpu()
    return (tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor).numpy()


def _anew(value):
    """Return a tensor as another one of the same memory; anything else as it is."""
    plain = TORCH.is_tensor(value) and value.layout == sys.modules["torch"].strided
    return value.view_as(value) if plain else value


def _rule(event):
    """Return (Spec or None, Returned, notes) of a call of a PyTorch layer."""
    layer, x = event.layer, first_given(event)
    nn = sys.modules["torch"].nn
    if isinstance(layer, nn.RNNCellBase):
        return _cell(layer, x)
    packed = isinstance(x, nn.utils.rnn.PackedSequence)
    sizes = (len(x.batch_sizes), int(x.batch_sizes[0])) if packed else x.shape[:-1]
    unbatched = not packed and x.ndim == 2
    if layer.batch_first and not packed:
        sizes = sizes[::-1]
    spec = Spec(
        cell=_cell_of(layer),
        batch=1 if unbatched else sizes[1],
        timesteps=x.shape[0] if unbatched else sizes[0],
        features=(x.data if packed else x).shape[-1],
        units=layer.hidden_size,
        layers=layer.num_layers,
        bidirectional=layer.bidirectional,
        batch_first=layer.batch_first,
        proj_size=layer.proj_size,
        unbatched=unbatched,
    )
    rule = rule_of(spec, "torch")
    if packed:
        rule = _packed(rule)
    return spec, rule, _notes(spec, len(x.data) if packed else 0)


def _notes(spec, steps):
    """Return what is easily mistaken in what a layer returns; steps: of packed input, or 0."""
    axes = ", ".join(state_axes(spec, DIALECTS["torch"]))
    states = f"h_n and c_n are ({axes})" if spec.cell == "lstm" else f"h_n is ({axes})"
    notes = [NEVER_C] if spec.cell == "lstm" else []
    if spec.layers * spec.directions > 1:
        names = [f"layer {layer + 1}" for layer in range(spec.layers)]
        if spec.bidirectional:
            names = [f"{one} {which}" for one in names for which in ("forward", "backward")]
        notes.append(f"The first axis of h_n, in order: {', '.join(names)}.")
    if steps:
        notes.append(
            f"The input is packed: {steps} steps of {spec.batch} sequences, the longest of "
            f"{spec.timesteps}; `h_n` holds h after each sequence's own last step. "
            "`pad_packed_sequence` makes the output a batch again."
        )
    elif spec.unbatched:
        notes.append("The input has two axes: one sequence, without a batch.")
    elif spec.batch_first:
        notes.append(f"batch_first says nothing of the states: {states} with it and without.")
    else:
        notes.append(
            f"batch_first=False: the first axis is taken for timesteps, {spec.timesteps} timesteps "
            f"of {spec.batch} sequences. If your batch comes first, write `batch_first=True`."
        )
    return notes


def _packed(rule):
    """Return the Returned of packed input: the output is packed too."""
    output, *states = rule.tensors
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
    rest = [
        named(
            f"output.{name}", ("timesteps",), "how many sequences have this timestep", path=(0, 1)
        )
        if name == "batch_sizes"
        else named(f"output.{name}", ("batch",), "the order of the sequences", path=(0, place))
        for place, name in enumerate(("batch_sizes", "sorted_indices", "unsorted_indices"), 1)
    ]
    states = [replace(one, equals="") for one in states]
    return Rule((data, *rest, *states), reads=("steps", "features"))


def _cell(layer, x):
    """Return (None, Returned, notes) of a cell, which reads one timestep."""
    batch = ("batch",) if x.ndim == 2 else ()
    names = ("h", "c") if _cell_of(layer) == "lstm" else ("h",)
    tensors = [
        named(
            name,
            (*batch, "units"),
            f"{name} after this one timestep",
            path=(place,) if len(names) > 1 else (),
        )
        for place, name in enumerate(names)
    ]
    rule = Rule(tuple(tensors), reads=(*batch, "features"))
    return None, rule, [ONE_STEP]


def _cell_of(layer):
    """Return the Spec's word for a PyTorch layer's or cell's kind."""
    nn = sys.modules["torch"].nn
    if isinstance(layer, (nn.LSTM, nn.LSTMCell)):
        return "lstm"
    return "gru" if isinstance(layer, (nn.GRU, nn.GRUCell)) else "rnn"


def _flags(layer):
    """Return the settings of a PyTorch layer that decide what comes back."""
    plain = {"num_layers": 1, "bidirectional": False, "proj_size": 0, "bias": True, "dropout": 0}
    flags = {"hidden_size": layer.hidden_size}
    if hasattr(layer, "batch_first"):
        flags["batch_first"] = layer.batch_first
    return flags | {
        name: getattr(layer, name)
        for name, usual in plain.items()
        if getattr(layer, name, usual) != usual
    }


def _terms(layer):
    """Return what the parameters of a PyTorch layer are the sum of, a term a layer."""
    gates, units = len(GATES[_cell_of(layer)]), layer.hidden_size
    biases = 2 if layer.bias else 0
    if not hasattr(layer, "num_layers"):
        return [(1, gates, layer.input_size, units, biases, units, 0)]
    directions, heard = 1 + layer.bidirectional, layer.proj_size or units
    return [
        (
            directions,
            gates,
            directions * heard if number else layer.input_size,
            heard,
            biases,
            units,
            layer.proj_size,
        )
        for number in range(layer.num_layers)
    ]


def _is(*names):
    """Return a function: whether a layer is one of torch.nn's classes of these names."""

    @lru_cache
    def known(kind):
        return issubclass(kind, tuple(getattr(sys.modules["torch"].nn, name) for name in names))

    return lambda layer: known(type(layer))


TORCH = Reads(
    framework="torch",
    is_tensor=lambda value: isinstance(value, sys.modules["torch"].Tensor),
    array=_array,
    recurrent=_is("RNNBase", "RNNCellBase"),
    container=_is("Sequential", "ModuleList", "ModuleDict"),
    graph=_is("Sequential"),
    rule=_rule,
    flags=_flags,
    parameters=lambda layer: sum(one.numel() for one in layer.parameters()),
    terms=_terms,
    index=lambda _event: "",
    is_layer=lambda _layer: True,
    aligned=lambda result, target: (result, target),
    states="h_n",
    unpadded="pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)",
)
