"""Kinds of errors, as data, of a state of PyTorch in which something is no tensor."""

from dataclasses import replace

from .known import Known, lines
from .known_lists import shape_of
from .repeated import torch_states
from .states import again, of_no_tensor
from .tracebacks import given, home, in_layer, of_torch
from .watching import HOMES

PAIRS = ("LSTM", "LSTMCell")  # begin with two states
OF_LAYER = lines("output, states = layer(x)  # states as a layer returns them", "layer(x, states)")
OF_CELL = lines("states = cell(x)  # states as a cell returns them", "cell(x, states)")

# What was given, and what to write.


def _of_arrays(found, error):
    """Return the words for a state in which something is no tensor."""
    states, pair = given(error, "hx"), in_layer(error, *PAIRS)
    if not of_no_tensor(found, error) or home(type(states)) in HOMES:
        return None
    return {"got": _kind(states), "line": _line(states, pair, error)}


def _kind(states):
    """Return the class of what is no tensor in a state, the first of them."""
    parts = states if isinstance(states, (list, tuple)) else [states]
    kind = next((type(one) for one in parts if home(type(one)) not in HOMES), type(states))
    return "numpy." * (home(kind) == "numpy") + kind.__name__


def _line(states, pair, error):
    """Return the line that makes tensors of a state. pair: whether its layer begins with two."""
    if states is None or (isinstance(states, (list, tuple)) and all(one is None for one in states)):
        return "layer(x)  # without a state a layer or a cell begins with zeros"
    places, axes = _place(error)
    two = pair and _are_two(states, places, axes)
    changes = {_changed(one, places, axes, error) for one in (states if two else [states])}
    change = changes.pop() if len(changes) == 1 else _made(error) if None not in changes else None
    if change is None:
        return OF_CELL if places is None else OF_LAYER
    line = again({"which": two}, error, change)
    if not pair or two:
        return line
    h_0 = line.partition(" = ")[0]
    return lines(
        line, f"layer(x, ({h_0}, torch.zeros_like({h_0})))  # an LSTM begins with two, h and c"
    )


def _place(error):
    """Return how many layers and directions a state has a place for, None for a cell that has no
    such axis, and how many axes it has.
    """
    layer, x = given(error, "self"), given(error, "input")
    if not of_torch(layer, "RNNBase"):
        return None, len(x.shape)
    packed = given(error, "batch_sizes") is not None
    return layer.num_layers * (1 + layer.bidirectional), 3 if packed else len(x.shape)


def _are_two(states, places, axes):
    """Return whether an LSTM was given two states, and not one that would be cut in two."""
    if not hasattr(states, "__len__") or len(states) != 2:
        return False
    inner = {len(shape_of(one) or ()) for one in states}
    return places != 2 or inner != {axes - 1}


def _changed(state, places, axes, error):
    """Return the expression that makes a tensor of one state, with {} for it; None if it is not
    known.
    """
    shape = shape_of(state)
    if not shape or None in shape:
        return None
    joined = _tensors(state)
    if joined and len(shape) == axes + 1:
        return "{}[0]" if len(state) == 1 else None
    if len(shape) not in (axes, axes - 1) or (joined and len(shape) != axes):
        return None
    made = "torch.stack({})" if joined else _made(error)
    fewer = places == 1 and len(shape) == axes - 1
    return made + "[None]" * fewer if fewer or len(shape) == axes else None


def _tensors(state):
    return isinstance(state, (list, tuple)) and all(home(type(one)) in HOMES for one in state)


def _made(error):
    """Return the expression that makes a tensor like x of an array or a list of numbers."""
    return f"torch.as_tensor({{}}, dtype={given(error, 'input').dtype})"


NO_TENSOR = Known(
    name="An array or a list where a state belongs",
    read="Which shape must the first states have",
    rule=_of_arrays,
    what="x is a tensor. Where a state belongs, the layer got `{got}`.",
    why="A state is made of tensors: of an LSTM it is two in a tuple, (h_0, c_0), of another layer "
    "h_0 alone.",
    instead="{line}",
    again=torch_states,
)

KINDS = (
    replace(
        NO_TENSOR,
        raised="AttributeError",
        message=r"^'(?:numpy\.ndarray|list|NoneType|int|float)' object has no attribute "
        "'(?:dim|size)'",
    ),
    replace(
        NO_TENSOR,
        raised="TypeError",
        message=r"^expected Tensor as element \d{1,9} in argument 2, but got|^'int' object is not "
        "(?:callable|subscriptable)",
    ),
)
