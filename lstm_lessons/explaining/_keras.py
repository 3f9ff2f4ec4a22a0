"""How a Keras network is run and read. Keras is not imported: its owner has."""

import sys
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import wraps
from inspect import signature
from math import prod

import numpy as np

from ..rule import input_axes
from ..shapes import Returned
from ..spec import Spec, short
from ..weights import GATES
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

OTHERS = ("TorchModuleWrapper", "TFSMLayer", "JaxLayer", "FlaxLayer")  # what is not Keras' own
MOST = 10**8  # numbers that are made up for a shape, or come back from it


def run_keras(network, inputs, recorder):
    """Return the Pass of a Keras layer or model; what happens is noted down by the Recorder."""
    keras = sys.modules["keras"]
    given, notes = _inputs(network, inputs)
    if not network.built:
        before = len(network.variables)
        _passed(network, given, [], recorder)
        recorder.events.clear()
        for layer in (network, *_inner(network)):
            if getattr(layer, "stateful", False):
                layer.reset_state()
        if len(network.variables) > before:
            notes.append(BUILT)
    layers = _open(network)
    parts = {id(one): one for one in (*layers, *_inner(network))}
    result, left = _passed(network, given, parts.values(), recorder)
    notes += left
    reached = {id(one.layer) for one in recorder.events}
    parts = {id(one) for layer in layers if KERAS.recurrent(layer) for one in _inner(layer)}
    missed = [
        layer.name
        for layer in layers
        if KERAS.recurrent(layer) and id(layer) not in reached | parts
    ]
    arrays = [KERAS.array(one) for one in keras.tree.flatten(given) if hasattr(one, "shape")]
    hidden = [(one.name, one) for one in layers if isinstance(one, _kinds(*OTHERS))]
    return Pass(arrays, recorder.events, result, notes, missed, hidden, KERAS)


def _passed(network, given, parts, recorder):
    """Return what the network returned, and notes; what the parts of it keep is put back."""
    mode = {"training": False} if "training" in signature(network.call).parameters else {}
    with (
        held_back() as interruptible,
        kept([*parts, *_variables(network)]) as notes,
        _without_gradients(),
        _watching(_open(network), recorder),
        interruptible(),
    ):
        return network(*given, **mode), notes


def _inner(layer):
    """Return all layers inside a Keras layer, without itself."""
    return layer._flatten_layers(include_self=False) if hasattr(layer, "_flatten_layers") else []


def _open(layer):
    """Return the layers to watch, and the operations of graphs: not those inside a layer of
    Keras' own, unless they are recurrent; a recurrent layer's own cells neither.
    """
    inner = [*layer._layers, *getattr(layer, "operations", ())] if _is_layer(layer) else []
    own = type(layer).__module__.startswith("keras.") and not _is_graph(layer)
    if isinstance(layer, _kinds("RNN")) or (own and not any(map(_recurrent, _inner(layer)))):
        inner = []
    found = [layer, *(one for part in inner for one in _open(part))]
    return list({id(one): one for one in found}.values())


@contextmanager
def _watching(layers, recorder):
    """Have the calls of layers noted down."""
    own = [(vars(layer), vars(layer).get("call")) for layer in layers]
    for layer in layers:
        vars(layer)["call"] = _watched(layer, recorder)
    try:
        yield
    finally:
        for attributes, call in own:
            del attributes["call"]
            if call is not None:
                attributes["call"] = call


def _watched(layer, recorder):
    """Return the call of a layer, noted down."""
    call = layer.call

    @wraps(call)
    def watched(*args, **kwargs):
        around = [one.layer.name for one in recorder.open[1:]]
        recorder.begin(layer, "/".join([*around, layer.name]), args, kwargs)
        try:
            value = call(*args, **kwargs)
        except Exception:
            recorder.fail(layer)
            raise
        return recorder.end(layer, value, _anew)

    return watched


def _anew(value):
    """Return a tensor as another one of the same numbers; anything else as it is."""
    return sys.modules["keras"].ops.copy(value) if KERAS.is_tensor(value) else value


def _variables(network):
    """Return the variables that a pass may change, and that may be nobody's attribute."""
    everyone = sys.modules["keras.src.backend.common.global_state"]
    seed = everyone.get_global_attribute("global_seed_generator")
    states = [getattr(layer, "states", None) for layer in (network, *_inner(network))]
    states = [one for one in sys.modules["keras"].tree.flatten(states) if hasattr(one, "assign")]
    return [*network.variables, *states, *([seed.state] if seed else [])]


def _without_gradients():
    """Return a context in which PyTorch, where Keras runs on it, takes no gradients."""
    on_torch = sys.modules["keras"].backend.backend() == "torch"
    return sys.modules["torch"].no_grad() if on_torch else nullcontext()


def _inputs(network, inputs):
    """Return what to call a network with, and notes: of shapes, batches are made."""
    shapes = []
    given = [_input(one, network, shapes) for one in inputs]
    notes = [
        f"Only a shape was given, {asked}: a batch of {made} was made up." for asked, made in shapes
    ]
    if len(given) > 1 and len(getattr(network, "inputs", None) or ()) > 1:
        given = [given]
    return given, notes


def _input(value, network, shapes):
    """Return an input as Keras takes it, a made-up batch for a shape."""
    if is_shape(value):
        if None in value[2:] or len(value) < 2:
            raise ValueError(
                f"inputs must be a shape with its last sizes known, got {value}; try (None, 10, 3)"
            )
        usual = _usual(value, network)
        made = tuple(u if one is None else one for one, u in zip(value, usual, strict=True))
        _fits_in_memory(made, network)
        shapes.append((value, made))
        return _made_up(made, network)
    if isinstance(value, dict):
        return remade(value, lambda one: _input(one, network, shapes))
    plain = value if isinstance(value, (list, tuple)) else [value]
    if any(type(one) in (str, int, float) for one in plain):
        raise ValueError(
            f"inputs must be arrays, got {short(value)}; try np.array(x, dtype='float32')"
        )
    if isinstance(value, (list, tuple)):
        return remade(value, lambda one: _input(one, network, shapes))
    if KERAS.is_tensor(value) or not hasattr(value, "__array__"):
        return value
    return numeric(value)


def _usual(shape, network):
    """Return a size for each axis of a shape, for those that are open: the network's own, or 3
    sequences of 5 timesteps.
    """
    declared = [tuple(one.shape) for one in getattr(network, "inputs", None) or ()]
    alike = [one for one in declared if len(one) == len(shape) and _agree(one, shape)]
    states = [getattr(layer, "states", None) for layer in (network, *_inner(network))]
    states = [one for one in sys.modules["keras"].tree.flatten(states) if hasattr(one, "shape")]
    batch = next((one.shape[0] for one in states if len(one.shape) > 1), 3)
    known = alike[0] if alike else (None,) * len(shape)
    return [
        size if one is None else one
        for one, size in zip(known, (batch, 5, *shape[2:]), strict=True)
    ]


def _agree(shape, other):
    """Return whether two shapes are the same where both are known."""
    return all(None in pair or pair[0] == pair[1] for pair in zip(shape, other, strict=True))


def _fits_in_memory(shape, network):
    """Refuse, in one line, a shape of which the batch or what comes back would be too large."""
    layers = (network, *_inner(network))
    widths = [getattr(one, "units", None) or getattr(one, "output_dim", None) for one in layers]
    widest = max((one for one in widths if isinstance(one, int)), default=0)
    sizes = (*shape[:2], max(shape[2], widest)) if len(shape) == 3 else shape
    if (numbers := prod(sizes)) > MOST:
        said = " · ".join(map(str, sizes))
        small = (3, 5, *shape[2:])
        wide = f" (a layer is {widest} wide)" if sizes != shape else ""
        raise ValueError(
            f"inputs must be a shape of no more than {MOST:,} numbers, got {shape}{wide}: {said} = "
            f"{numbers:,} numbers, {numbers * 4 / 1e9:.1f} GB; try a smaller one, such as {small}"
        )


def _made_up(shape, network):
    """Return a batch of a shape: numbers, or, for a network that embeds, whole numbers."""
    rng = np.random.default_rng(0)
    words = [
        layer.input_dim
        for layer in (network, *_inner(network))
        if isinstance(layer, _kinds("Embedding"))
    ]
    if words and len(shape) == 2:
        return rng.integers(1, max(2, min(words)), shape)
    return rng.standard_normal(shape).astype("float32")


def _kinds(*names):
    """Return Keras' classes of these names, those that this version has."""
    layers = sys.modules["keras"].layers
    return tuple(getattr(layers, name) for name in names if hasattr(layers, name))


def _recurrent(layer):
    """Return whether a Keras layer is recurrent, a cell, or a wrapper of one."""
    if isinstance(layer, _kinds("TimeDistributed")):
        return _recurrent(layer.layer)
    cells = _kinds("LSTMCell", "GRUCell", "SimpleRNNCell", "StackedRNNCells")
    return isinstance(layer, (*_kinds("RNN", "Bidirectional"), *cells))


def _rule(event):
    """Return (Spec or None, Returned, notes) of a call of a Keras layer."""
    layer, x = event.layer, first_given(event)
    if isinstance(layer, _kinds("TimeDistributed")):
        return _spread(event)
    both = isinstance(layer, _kinds("Bidirectional"))
    one = layer.forward_layer if both else layer
    cell = getattr(one, "cell", one)
    if one is cell or _cell_of(cell) is None or len(x.shape) != 3:
        return _unspecified(event, one, cell)
    spec = Spec(
        cell=_cell_of(cell),
        **dict(zip(("batch", "timesteps", "features"), map(int, x.shape), strict=True)),
        units=cell.units,
        return_sequences=one.return_sequences,
        return_state=one.return_state,
        bidirectional=both,
        merge_mode=layer.merge_mode if both else "concat",
    )
    rule = rule_of(spec, "keras")
    if both and layer.backward_layer.cell.units != cell.units:
        rule = _unlike(rule)
    if one.go_backwards and not both:
        rule = _backwards(rule)
    return spec, rule, _notes(event, one, both)


def _cell_of(cell):
    """Return the Spec's word for a Keras cell's kind; None for one that no Spec describes."""
    kinds = zip(_kinds("LSTMCell", "GRUCell", "SimpleRNNCell"), GATES, strict=True)
    return next((name for kind, name in kinds if isinstance(cell, kind)), None)


def _notes(event, layer, both):
    """Return what a Keras layer keeps to itself, and does otherwise than the plain one."""
    lacks = [
        f"{what} ({flag}=True gives {it})"
        for flag, what, it in (
            ("return_sequences", "h after the earlier timesteps", "it"),
            ("return_state", "the last states", "them"),
        )
        if not getattr(layer, flag)
    ]
    notes = [f"Not returned: {' and '.join(lacks)}."] if lacks else []
    if layer.return_state and _cell_of(layer.cell) == "lstm":
        notes.append(NEVER_C)
    mask = event.kwargs.get("mask")
    if mask is not None:
        mask = KERAS.array(mask)
        zeros = "; the output there is zero" if both and layer.return_sequences else ""
        notes.append(
            f"A mask is given: {int((~mask).sum())} of {mask.size} steps are skipped, and h stays "
            f"as it was over them{zeros}."
            if not mask.all()
            else "A mask is given: nothing is skipped."
        )
    if layer.go_backwards and not both:
        notes.append(
            "go_backwards=True: it reads from the last timestep to the first, and returns its "
            "output in the order of reading."
        )
    if layer.stateful:
        notes.append(
            "stateful=True: it starts from the last states of the batch before, which must have "
            "the same size. The states were put back."
        )
    return notes


def _backwards(rule):
    """Return the Returned of a layer that reads from the last timestep to the first."""
    tensors = (
        replace(one, meaning=f"{one.meaning}, read from the end: the last is timestep 0")
        for one in rule.tensors
    )
    return Returned(tuple(tensors))


def _unlike(rule):
    """Return the Returned of two directions with units of their own."""
    tensors = (
        replace(
            one,
            axes=(*one.axes[:-1], one.axes[-1].replace("directions·units", "units+units")),
            shape=(0,) * len(one.shape),
        )
        for one in rule.tensors
    )
    return Returned(tuple(tensors))


def _spread(event):
    """Return (None, Returned, notes) of TimeDistributed: each outer timestep a sequence."""
    if not event.inner:
        return None, Rule(()), []
    spec, rule, notes = _rule(event.inner[0])
    tensors = (
        replace(
            one,
            axes=(one.axes[0], "outer timesteps", *one.axes[1:]),
            shape=(0, 0, *one.shape[1:]),
            meaning=f"of each outer timestep: {one.meaning}",
            equals="",
        )
        for one in rule.tensors
    )
    axes = rule.reads if spec is None else input_axes(spec)
    reads = (axes[0], "outer timesteps", *axes[1:]) if axes else ()
    note = f"The layer inside reads {len(event.inner)} sequences one after the other, each afresh."
    return None, Rule(tuple(tensors), reads=reads), [note, *notes]


def _unspecified(event, layer, cell):
    """Return (None, Returned, notes) of what no Spec describes, named as far as it is known.

    A cell on its own, several cells in one layer, a convolutional LSTM, a cell of one's own.
    """
    alone, space = layer is cell, _space(cell)
    words = [_cell_of(one) or ("lstm" if space else None) for one in getattr(cell, "cells", [cell])]
    known = words[-1] is not None and layer in (event.layer, cell)
    width = (*space, "filters" if space else "units") if known else ("?",)
    steps = ("timesteps",) if not alone and layer.return_sequences else ()
    when = "every timestep" if steps else "this one timestep" if alone else "the last timestep"
    who = f"h of cell {len(words) - 1}, the top one," if len(words) > 1 else "h"
    what = f"{who if known else 'what the cell returns'} after {when}"
    (path, _), *rest = _leaves(event.value)
    states = [_state(path, words, width, alone) for path, _ in rest]
    top = [one.name for one in states if one.name in ("h", f"h_{len(words) - 1}")]
    equals = f"output{'[:, -1]' if steps else ''} == {top[0]}" if known and top else ""
    output = named("output", ("batch", *steps, *width), what, path=path, equals=equals)
    states = [replace(one, equals=equals if one.name in top else "") for one in states]
    read = (*space, "channels") if space else ("features",)
    reads = ("batch", *(() if alone else ("timesteps",)), *read)
    notes = [ONE_STEP] if alone else _notes(event, layer, False)
    if not known:
        notes.append(f"What the numbers of `{type(cell).__name__}` mean is not known here.")
    return None, Rule((output, *states), reads=reads), notes


def _leaves(value, path=()):
    """Return pairs of a place and what is there, for all that is no tuple or list in a value."""
    if not isinstance(value, (tuple, list)):
        return [(path, value)]
    return [leaf for i, one in enumerate(value) for leaf in _leaves(one, (*path, i))]


def _state(path, words, width, alone):
    """Return the state at a place in a return value, as a Tensor, by the kinds of its cells."""
    inner = path[1:] if alone else (path[0] - 1, *path[1:])
    number, *inner = inner if len(words) > 1 else (0, *inner)
    name = "hc"[inner[-1] if inner else 0] if words[number] else "?"
    if name == "?":
        return named("?", ("batch", "?"), "a state of the cell", path=path)
    label, of = (f"{name}_{number}", f" of cell {number}") if len(words) > 1 else (name, "")
    return named(label, ("batch", *width), f"the last {name}{of}", path=path)


def _space(cell):
    """Return the names of the axes that a convolutional cell keeps; () for another one."""
    if not hasattr(cell, "filters"):
        return ()
    return {1: ("columns",), 2: ("rows", "columns"), 3: ("planes", "rows", "columns")}[cell.rank]


def _flags(layer):
    """Return the settings of a Keras layer that decide what comes back."""
    if isinstance(layer, _kinds("TimeDistributed")):
        return {"layer": layer.layer.name}
    both = isinstance(layer, _kinds("Bidirectional"))
    one = layer.forward_layer if both else layer
    cell = getattr(one, "cell", one)
    cells = getattr(cell, "cells", [cell])
    sizes = [getattr(one, "filters", getattr(one, "units", None)) for one in cells]
    flags = {"filters" if _space(cell) else "units": sizes if len(sizes) > 1 else sizes[0]}
    for name in ("return_sequences", "return_state"):
        if hasattr(one, name):
            flags[name] = getattr(one, name)
    flags |= {name: True for name in ("go_backwards", "stateful") if getattr(one, name, False)}
    return flags | ({"merge_mode": layer.merge_mode} if both else {})


def _terms(layer):
    """Return what the parameters of a Keras layer are the sum of, a term a cell."""
    if isinstance(layer, _kinds("TimeDistributed")):
        return _terms(layer.layer)
    if isinstance(layer, _kinds("Bidirectional")):
        return _terms(layer.forward_layer) + _terms(layer.backward_layer)
    cell = getattr(layer, "cell", layer)
    terms = []
    for one in getattr(cell, "cells", [cell]):
        word = _cell_of(one)
        if word is None or not one.built:
            return []
        biases = int(one.use_bias) * (2 if getattr(one, "reset_after", False) else 1)
        terms.append((1, len(GATES[word]), one.kernel.shape[0], one.units, biases, one.units, 0))
    return terms


def _index(event):
    """Return the index that an operation takes of a tensor, "[:, -1]"; "" for any other."""
    if type(event.layer).__name__ != "GetItem":
        return ""
    key = event.args[1] if len(event.args) > 1 else event.kwargs["key"]
    parts = [_one_index(one) for one in (key if isinstance(key, (tuple, list)) else [key])]
    while len(parts) > 1 and parts[-1] in (":", "..."):
        parts.pop()
    return f"[{', '.join(parts)}]"


def _one_index(key):
    """Return one part of an index as one writes it."""
    if isinstance(key, slice):
        ends = ["" if one is None else str(one) for one in (key.start, key.stop)]
        return ":".join(ends if key.step is None else [*ends, str(key.step)])
    return "..." if key is Ellipsis else str(key)


def _is_layer(layer):
    """Return whether something called is a layer, and not an operation of a graph."""
    return isinstance(layer, sys.modules["keras"].Layer)


def _is_graph(layer):
    """Return whether a layer is a functional or Sequential model: all that happens is seen."""
    return hasattr(layer, "_run_through_graph") or hasattr(layer, "_functional")


def _aligned(result, target):
    """Return two shapes as Keras' losses make them alike, if one has one axis more, of size 1."""
    short, long = sorted((result, target), key=len)
    if len(long) == len(short) + 1 and long[-1] == 1:
        short, long = ((*short, 1), long) if len(short) == 1 else (short, long[:-1])
    return short, long


KERAS = Reads(
    framework="keras",
    is_tensor=lambda value: sys.modules["keras"].ops.is_tensor(value),
    array=lambda tensor: sys.modules["keras"].ops.convert_to_numpy(tensor),
    recurrent=_recurrent,
    container=_is_graph,
    graph=_is_graph,
    rule=_rule,
    flags=_flags,
    parameters=lambda layer: layer.count_params() if getattr(layer, "built", False) else 0,
    terms=_terms,
    index=_index,
    is_layer=_is_layer,
    aligned=_aligned,
    states="h",
    unpadded="Masking(mask_value=0.0), or of words Embedding(…, mask_zero=True), in front",
)
