"""A state of PyTorch that was handed on and does not fit: what makes it fit and keeps its numbers.

Both rules say what the words of a kind need. found holds the shape that is wanted, the one that
came, and which of an LSTM's two states it is.
"""

import ast

from ..nests import leaves
from ..spec import many
from .known import sizes
from .tracebacks import (
    RECURRENT,
    call_of_torch,
    given,
    in_layer,
    learners,
    of_torch,
    value,
    written,
)

PLACES = "In a state each layer and each direction has a place of its own."
SAME = "A layer starts from the states of one that is as it is, on the same sequences."
BATCHES = "`batch_first` is about x and the output. The batch of a state is axis 1 always."
LENGTHS = "A state is as long as its layer's own, and here the units differ."
PROJECTED = "With `proj_size` h is as long as the projection, c as the units."


def of_no_tensor(found, error):
    """Return whether what is no tensor was a state of a layer or a cell, and not x."""
    if given(error, "hx") is None or not in_layer(error, *RECURRENT["torch"]):
        return False
    return not isinstance(error, AttributeError) or error.obj is not given(error, "input")


def of_another_batch(found, error):
    """Return the words for a state that fits but for its batch: where the batch comes from."""
    (places, batch, units), got = sizes(found["wanted"]), sizes(found["got"])
    if got != (places, got[1], units):
        return None
    shape = tuple(getattr(given(error, "input"), "shape", ()))
    zeros = _only_zeros(error)
    lines = _axes(found, error) if got[1] in shape[:2] or not shape else []
    lines += [] if zeros else _batches(found, error)
    lines += [_zeros(found, error)] if zeros or not shape else []
    return {"batch": batch, "lines": "\n".join(lines)}


def _axes(found, error):
    """Return the line for an x whose first two axes are taken for each other."""
    if getattr(given(error, "self"), "batch_first", False):
        return ["x = x.transpose(0, 1)  # if axis 1 of x is the batch"]
    units = sizes(found["wanted"])[2]
    layer = f"torch.nn.{_kind(found, error)}(features, {units}, batch_first=True)"
    return [f"{layer}  # if axis 0 of x is the batch"]


def _batches(found, error):
    """Return the lines that make a state of one batch begin another."""
    wanted, got = sizes(found["wanted"])[1], sizes(found["got"])[1]
    if wanted == 1:
        return [
            f"{again(found, error, '{}[:, :1]')}  # of the first of the {many(got, 'sequence')}"
        ]
    if got == 1:
        fits = again(found, error, f"{{}}.repeat(1, {wanted}, 1)")
        return [f"{fits}  # if all begin from the one state"]
    times, rest = divmod(wanted, got)
    repeated = again(found, error, f"{{}}.repeat_interleave({times}, 1)")
    beam = f"{repeated}  # if each of the {got} stands {many(times, 'time')} in a row, as in a beam"
    return [
        *[beam] * (rest == 0),
        "output, states = encoder(x)  # states of the very sequences that follow",
        f"loader = DataLoader(data, {got}, drop_last=True)  # if kept: equal batches",
    ]


def of_one_timestep(found, error):
    """Return the lines for a cell's x that was cut along the axis of the batch, as in x[t] where x
    is (batch, timesteps, features); None if that is not seen.
    """
    for taken, frame in written(error, ast.Subscript):
        shape = tuple(getattr(value(taken.value, frame), "shape", ()))
        index = getattr(taken.slice, "elts", [taken.slice])
        axis = next((i for i, one in enumerate(index) if not isinstance(one, ast.Slice)), 2)
        if len(shape) == 3 and axis < 2 and shape[axis] == int(found["h"]):
            x, t = ast.unparse(taken.value), ast.unparse(index[axis])
            other = f"{x}[{t}]" if axis else f"{x}[:, {t}]"
            cut = f"in place of {ast.unparse(taken)}, if axis {axis} of {x} is the batch"
            zeros = f"h_0 = torch.zeros({found['x']}, units)"
            also = f"if axis {1 - axis} is it, and nothing is handed on; c_0 alike"
            return {"lines": f"{other}  # {cut}\n{zeros}  # {also}"}
    return None


def of_other_axes(found, error):
    """Return the lines for a state with an axis too few or too many, or for an x with one."""
    layer, args, kwargs = call_of_torch(error) or (None, (), {})
    tensors = [one for one in leaves([*args, *kwargs.values()]) if hasattr(one, "shape")]
    x, state = [tuple(one.shape) for one in tensors[:2]] if len(tensors) > 1 else ((), ())
    axis = "x[:, None]" if getattr(layer, "batch_first", False) else "x[None]"
    step = f"x = {axis}  # if x is one timestep of each sequence"
    fewer = "h_0[:, 0]  # an axis less: for one sequence; c_0 alike"
    more = "h_0[None]  # an axis more: from (batch, units), for one layer; c_0 alike"
    if found["how"] == "batched":
        return {"lines": more}
    of_batch = len(state) == 3 and len(x) == 2 and state[1] != 1
    return {"lines": step if of_batch else fewer}


def of_another_size(found, error):
    """Return the words for a state that does not fit: what makes it fit and keeps what it holds."""
    wanted, got, layer = sizes(found["wanted"]), sizes(found["got"]), given(error, "self")
    why, *lines = _fitted(wanted, got, _two_directions(error, got), _lengths(error))
    first = ", batch_first=True" * getattr(layer, "batch_first", False)
    same = ", bidirectional=True" * getattr(layer, "bidirectional", False) + first
    if getattr(layer, "num_layers", 1) > 1:
        same = f", num_layers={layer.num_layers}{same}"
    settings = {"kind": _kind(found, error), "first": first, "same": same}
    lines = [line.format(again(found, error, change), **settings) for line, change in lines]
    if _only_zeros(error):
        places = "It has a place for each layer and direction, each sequence and each unit."
        why, lines = why if why == PROJECTED else places, []
    if not lines or given(error, "hx") is None:
        lines.append(_zeros(found, error))
    return {"why": why, "lines": "\n".join(lines)}


def _lengths(error):
    """Return how long the h and the c are that a layer with a projection was given, or that came
    from one; () of others.
    """
    layer, args, kwargs = call_of_torch(error) or (None, (), {})
    states = kwargs.get("hx", args[-1] if args else ())
    each = [one.shape[-1] for one in states] if isinstance(states, tuple) else []
    projected = getattr(layer, "proj_size", 0) or len({*each}) > 1
    return tuple(each) if projected and len(each) == 2 else ()


def _fitted(wanted, got, two, lengths):
    """Return why a state does not fit, and (line, change) pairs.

    In the empty braces of a line stands the assignment that makes the change.

    two: whether it came from a layer of two directions, None if that is not seen. lengths: of h
    and c, where a layer has a projection.
    """
    (places, batch, units), (came, read, length) = wanted, got
    if (read, came, length) == wanted:
        return BATCHES, ("{}  # it has the batch first", "{}.transpose(0, 1).contiguous()")
    if read == batch and came == 2 * places and units in (length, 2 * length):
        return PLACES, *_of_two(wanted, two, by_side_fits=units == 2 * length)
    if read == batch and length == units:
        return PLACES, *(_more(places, two) if came > places else _fewer(came, places, units))
    if read == batch and came == places:
        if lengths:
            return PROJECTED, *_projected(*lengths)
        return LENGTHS, *_bridged(length, units)
    return SAME, (_layer(length, came, "a decoder as its encoder, if that has one direction"), "")


def _layer(units, layers, words):
    many = f", num_layers={layers}" if layers > 1 else ""
    return f"torch.nn.{{kind}}(features, {units}{many}{{first}})  # {words}"


def _of_two(wanted, two, by_side_fits):
    """Return what makes one state of two, be they of two directions or of twice the layers."""
    places, batch, units = wanted
    paired = f"{{}}.view({places}, 2, {batch}, {units // 2 if by_side_fits else units})"
    added = f"{paired}.sum(1)" if places > 1 else "{}.sum(0, keepdim=True)"
    by_side = "torch.cat([{0}[-2], {0}[-1]], -1)[None]"
    if places > 1:
        by_side = f"{paired}.transpose(1, 2).flatten(2)"
    if by_side_fits:
        return [("{}  # two directions side by side", by_side)]
    directions = [
        ("{}  # two directions added", added),
        ("{}  # or side by side, for a decoder of 2·units", by_side),
        (_layer(2 * units, places, "that decoder"), ""),
    ]
    layers = [("{}  # of the layers the top ones'", f"{{}}[-{places}:]")]
    return {True: directions, False: layers, None: [*directions, *layers]}[two]


def _more(places, two):
    """Return what keeps the top layers' states of an encoder that has more."""
    if two and places == 1:
        return [("{}  # the top layer's two directions added", "{}[-2:].sum(0, keepdim=True)")]
    return [("{}  # of the layers the top ones'", f"{{}}[-{places}:]")]


def _fewer(came, places, units):
    """Return what makes the states of an encoder begin a decoder that has more places."""
    repeated = [("{}  # each begins from it", f"{{}}.repeat({places // came}, 1, 1)")]
    own = _layer(units, came, "a decoder as its encoder, if that has one direction")
    return [*(repeated if places % came == 0 else []), (own, "")]


def _bridged(length, units):
    """Return what makes a state of some units one of others."""
    made = f"bridge = torch.nn.Linear({length}, {units})  # or a projection, made in __init__"
    decoder = f"torch.nn.{{kind}}(features, {length}{{same}})"
    return [
        (f"{decoder}  # a decoder with the units of its encoder", ""),
        (made, ""),
        ("{}", "bridge({})"),
    ]


def _projected(h, c):
    """Return what begins with an h and a c of these lengths: a decoder as its encoder."""
    if h > c:
        return []
    projection = f", proj_size={h}" if h < c else ""
    return [(f"torch.nn.LSTM(features, {c}{projection}{{same}})  # a decoder as its encoder", "")]


def _kind(found, error):
    """Return the class of the layer whose state did not fit; LSTM has two, and numbers them."""
    layer = given(error, "self")
    if of_torch(layer, "RNNBase"):
        return type(layer).__name__
    return "LSTM" if found["which"] else "GRU"


def _zeros(found, error):
    layer, (*places, _) = given(error, "self"), sizes(found["wanted"])
    if getattr(layer, "proj_size", 0):
        h, c = [(*places, length) for length in (layer.proj_size, layer.hidden_size)]
        return f"h_0, c_0 = torch.zeros{h}, torch.zeros{c}  # if nothing is handed on"
    also = "; c_0 alike" if found["which"] else ""
    return f"h_0 = torch.zeros({found['wanted']})  # if nothing is handed on{also}"


def _only_zeros(error):
    """Return whether the states that a layer was given are zeros, so that nothing is lost."""
    states = given(error, "hx")
    states = states if isinstance(states, (tuple, list)) else (states,)
    return all(hasattr(one, "any") and not (one.requires_grad or one.any()) for one in states)


def again(found, error, change):
    """Return the line that changes a state, in the learner's names where the failing line has them.

    change: an expression with {} for a state.
    """
    node = next(iter(_state_of(error)), None)
    if isinstance(node, (ast.Tuple, ast.List)) and len(node.elts) == 2 and found["which"]:
        names = [*map(ast.unparse, node.elts)] if all(map(_is_name, node.elts)) else ["h_0", "c_0"]
        return f"{', '.join(names)} = {', '.join(map(change.format, names))}"
    name = ast.unparse(node) if node and _is_name(node) else "states"
    changed = change.format("one" if found["which"] else name)
    made = f"tuple({changed} for one in {name})" if found["which"] else changed
    return f"{name} = {made}"


def _state_of(error):
    calls = [node for node, _ in written(error, ast.Call)]
    named = [word.value for one in calls for word in one.keywords if word.arg == "hx"]
    return named or [one.args[1] for one in calls if len(one.args) == 2]


def _is_name(node):
    """Return whether a node is what one can assign to: a name, or an attribute of one."""
    return isinstance(node, ast.Name) or (isinstance(node, ast.Attribute) and _is_name(node.value))


def _two_directions(error, shape):
    """Return whether the layer that a state of this shape is of has two directions, or None.

    It is looked for among the learner's variables, and in the networks there.
    """
    frame, _ = learners(error)
    near = [one for one in (frame.f_locals if frame else {}).values() if of_torch(one, "Module")]
    layers = [one for network in near for one in network.modules() if of_torch(one, "RNNBase")]
    kinds = {
        (one.bidirectional, one.num_layers, one.proj_size or one.hidden_size) for one in layers
    }
    two = {both for both, many, length in kinds if (many * (1 + both), length) == shape[::2]}
    return two.pop() if len(two) == 1 else None
