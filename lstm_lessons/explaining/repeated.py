"""The call that failed, found in a traceback: what it was given, and how it is made again.

Each function returns the Call that a kind's lines are tried on; None where it may not be made
again, as it is the learner's own, or large, or has no numbers to be made on.
"""

import ast

from ..nests import leaves, mapped
from .again import LAYER, Call, is_small
from .tracebacks import call_of_keras, call_of_torch, frames, home, written
from .watching import reader_of

LOSSES = {  # functions of PyTorch, and what they are given beside scores, target and reduction
    "cross_entropy": ("weight", "ignore_index", "label_smoothing"),
    "binary_cross_entropy": ("weight",),
    "binary_cross_entropy_with_logits": ("weight", "pos_weight"),
}

# PyTorch.


def torch_layer(error: BaseException) -> Call | None:
    """Return the call of a layer of PyTorch's own, for another x or another layer."""
    found = _of_torch(error)
    if not found:
        return None
    layer, (x, *rest), kwargs = found
    names = {LAYER: layer, "x": x, **_sizes(layer)}
    return Call(
        type(layer).__name__, names, lambda names: _forward(names)(names["x"], *rest, **kwargs)
    )


def torch_output(error: BaseException) -> Call | None:
    """Return the call of a layer of PyTorch's own that was given what another returned whole."""
    found = _of_torch(error)
    if not found:
        return None
    layer, (x, *rest), kwargs = found
    names = {LAYER: layer, "x": x, "packed": x, "output": x, "layer": lambda x: x, "states": x}
    return Call(
        type(layer).__name__, names, lambda names: _forward(names)(names["output"], *rest, **kwargs)
    )


def torch_states(error: BaseException) -> Call | None:
    """Return the call of a recurrent layer of PyTorch's, for other states, x or layer."""
    found = _of_torch(error)
    given = [*found[1], *found[2].values()] if found else []
    if len(given) != 2 or given[1] is None:
        return None
    layer, (x, states) = found[0], given
    pair = isinstance(states, (tuple, list)) and len(states) == 2
    own = _called(error, pair)
    each = dict(zip(own, states, strict=True)) if len(own) == 2 else dict.fromkeys(own, states)
    usual = dict(zip(("h_0", "c_0"), states if pair else [states], strict=False))
    names = {LAYER: layer, "x": x, **_sizes(layer), **usual, **each}

    def run(names):
        whole = [names[name] for name in own]
        if all(names[name] is one for name, one in each.items()):
            whole = [names[name] for name in usual]
            whole = whole if pair and len(whole) == 2 else whole[:1]
        return _forward(names)(names["x"], whole[0] if len(whole) == 1 else tuple(whole))

    return Call(type(layer).__name__, names, run, "h_0")


def torch_packing(error: BaseException) -> Call | None:
    """Return the call of pack_padded_sequence, for other lengths or another x."""
    frame = _frame(error, "pack_padded_sequence")
    if frame is None or not is_small(frame["input"]):
        return None
    pack = reader_of("torch").library()["pack_padded_sequence"]
    options = {name: frame[name] for name in ("batch_first", "enforce_sorted")}
    names = {"x": frame["input"], "lengths": frame["lengths"]}
    return Call(
        "pack_padded_sequence",
        names,
        lambda names: pack(names["x"], names["lengths"], **options),
        "lengths",
    )


def torch_loss(error: BaseException) -> Call | None:
    """Return the call of a loss's function, for other scores or another target."""
    name = next((one for one in LOSSES if _frame(error, one)), "")
    frame = _frame(error, name)
    if frame is None or not is_small(frame["input"], frame["target"]):
        return None
    function = getattr(reader_of("torch").library()["torch"].nn.functional, name)
    options = {one: frame[one] for one in LOSSES[name]}

    def loss(scores, target):
        return function(scores, target, reduction=frame["reduction"], **options)

    names = {"scores": frame["input"], "target": frame["target"], "loss": loss}
    return Call(name, names, lambda names: loss(names["scores"], names["target"]), "target")


def _of_torch(error):
    """Return (layer, args, kwargs) of a call that may be made again; None of another."""
    found = call_of_torch(error)
    reader = reader_of("torch")
    if not found or not found[1] or reader.twin(found[0]) is None:
        return None
    values = leaves(found[1:])
    small = is_small(values, [*found[0].parameters()])
    return found if small and all(map(reader.is_usable, values)) else None


def _forward(names):
    layer = names[LAYER]
    return type(layer).forward.__get__(layer)


def _sizes(layer):
    """Return the sizes of a layer of PyTorch, by the words of our lines."""
    words = {"units": "hidden_size", "hidden_size": "hidden_size", "out_features": "out_features"}
    sizes = {word: getattr(layer, name, None) for word, name in words.items()}
    reads = getattr(layer, "embedding_dim", getattr(layer, "input_size", None))
    return {word: size for word, size in {**sizes, "features": reads}.items() if size is not None}


def _called(error, pair):
    """Return what the states are called on the failing line: two names, or one."""
    calls = [node for node, _ in written(error, ast.Call)]
    nodes = [word.value for one in calls for word in one.keywords if word.arg == "hx"]
    nodes += [one.args[1] for one in calls if len(one.args) == 2]
    parts = getattr(nodes[0], "elts", nodes[:1]) if nodes else []
    names = [one.id for one in parts if isinstance(one, ast.Name)]
    return names if names and len(names) == len(parts) in (1, 1 + pair) else ["states"]


def _frame(error, function):
    """Return the variables of PyTorch's function of this name, where it is the innermost."""
    found = [one for one, _, framework in frames(error) if framework][:1]
    named = [one for one in found if one.f_code.co_name == function]
    return named[0].f_locals if named and home(named[0].f_globals["__name__"]) == "torch" else None


# Keras.


def keras_layer(error: BaseException) -> Call | None:
    """Return the call of a layer of Keras' own, for another x, mask, states or layer."""
    found = _of_keras(error)
    if not found:
        return None
    copy, x, kwargs = found
    states = leaves(kwargs.get("initial_state") or [])
    named = {**dict(zip("hc", states, strict=False)), "mask": kwargs.get("mask")}

    def lstm(x, **changed):
        return copy(x, **kwargs | changed)

    def run(names):
        mask = {} if names["mask"] is None else {"mask": names["mask"]}
        other = names[LAYER]
        x = names["x"] if type(other) is type(copy) else other(names["x"])  # it stands in front
        return (other if x is names["x"] else copy)(x, **kwargs | mask)

    names = {LAYER: copy, "x": x, "lstm": lstm, "units": getattr(copy, "units", None), **named}
    return Call(type(copy).__name__, names, run)


def keras_output(error: BaseException) -> Call | None:
    """Return the call of a layer of Keras' own that was given what another returned whole."""
    found = _of_keras(error)
    if not found:
        return None
    copy, x, kwargs = found
    names = {LAYER: copy, "x": x, "output": x, "layer": lambda x: x}
    return Call(type(copy).__name__, names, lambda names: names[LAYER](names["output"], **kwargs))


def keras_cell(error: BaseException) -> Call | None:
    """Return the call of a cell of Keras', for a line that calls it with states."""
    found = _of_keras(error)
    if not found:
        return None
    cell, x, kwargs = found

    def run(names):
        returned = "output" in names  # by the line, which calls the cell itself
        return (names["output"], names["states"]) if returned else cell(x, **kwargs)

    return Call(type(cell).__name__, {LAYER: cell, "cell": cell, "x": x}, run)


def keras_below(error: BaseException) -> Call | None:
    """Return the call of a layer of Keras' own, on what another layer below it returns."""
    found, reader = _of_keras(error), reader_of("keras")
    x = found and (call_of_keras(error) or ((), ()))[1][0]
    below = reader.source(x)
    spec = reader.spec_of(below) if below else None
    if not found or not spec or x is not below.output:
        return None
    copy, x, kwargs = found
    names = {LAYER: None, "units": spec.units}

    def run(names):
        below = names[LAYER]
        if below is not None and not reader.recurrent(below):
            raise ValueError("below must be a recurrent layer")  # the line is about another
        return copy(x if below is None else below(read), **kwargs)

    read = reader.alike(below.input)
    return Call(type(copy).__name__, names, run)


def _of_keras(error):
    """Return (a copy of the layer, x, kwargs) of a call that may be made again; None of another."""
    found = call_of_keras(error)
    if not found or len(found[1]) != 1:
        return None
    reader, (layer, (x,), kwargs) = reader_of("keras"), found
    given = leaves([x, kwargs])
    if not all(map(reader.is_usable, given)) or not is_small(given):
        return None
    copy = reader.twin(layer)
    return copy and (copy, mapped(reader.alike, x), mapped(reader.alike, kwargs))
