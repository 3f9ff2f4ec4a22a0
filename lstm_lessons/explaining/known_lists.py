"""Kinds of errors, as data: a list of sequences where a layer reads one tensor.

What is to be written depends on the list: whether its sequences are equally long, and what its
layer reads. So it is long.
"""

import ast
from dataclasses import replace
from typing import Any

from .known import Known
from .repeated import keras_layer, torch_layer
from .states import of_no_tensor
from .tracebacks import RECURRENT, call_of_keras, given, home, in_layer, made, of_torch, written
from .watching import HOMES

TOLD = 3  # so many shapes are told
PAD, PACK = "torch.nn.utils.rnn.pad_sequence", "torch.nn.utils.rnn.pack_sequence"
LAYERS = 3  # fewer places than this may be those of layers and directions
SIZES = ("input_size", "in_features")  # as layers call how many features they read
CELLS = ("LSTMCell", "GRUCell", "RNNCell")
EQUAL = "Tensors of one shape become one, along an axis for them: of sequences it is the batch."
UNEQUAL = (
    "Sequences that are not equally long are padded to one length, or packed for a recurrent layer "
    "of PyTorch."
)
A_CELL = "A cell reads one timestep, (batch, features)."
BESIDE = "Those of the same sequences are joined, their features side by side."

# What was given.


def _given(error):
    """Return what a layer or function of PyTorch was given in place of a tensor, and that layer."""
    x = given(error, "input")
    if of_no_tensor({}, error):
        return None, None
    return x, given(error, "self")


def _shapes(x):
    """Return the shapes of what is in a list, of tensors, arrays or lists; () if one has none."""
    if not isinstance(x, (list, tuple)) or not x:
        return ()
    shapes = [shape_of(one) for one in x]
    return () if any(one is None for one in shapes) else tuple(shapes)


def shape_of(one):
    """Return the shape of a tensor, or of a list whose parts are of one shape; None if it has none,
    as of one that is larger than what is looked through.
    """
    if home(type(one)) in (*HOMES, "numpy"):
        return tuple(one.shape)
    if isinstance(one, (list, tuple)):
        inner = {shape_of(part) for part in one[:1000]}
        return (len(one), *inner.pop()) if len(inner) == 1 and None not in inner else None
    return () if isinstance(one, (int, float)) else None


def _are_tensors(x):
    return all(home(type(one)) in HOMES for one in x)


def _is_returned(x, error):
    """Return whether a tuple may be what a recurrent layer or cell of PyTorch returned: two things,
    the second a state. One that stands on the failing line is not.
    """
    if not isinstance(x, tuple) or len(x) != 2:
        return False
    calls = [node for node, _ in written(error, ast.Call)]
    if any(node.args and isinstance(node.args[0], ast.Tuple) for node in calls):
        return False
    first, second = _shapes(x)
    return len(first) != len(second) or len(first) > 2 or first == second or second[0] < LAYERS


def _of_torch(found, error):
    """Return the words for a list where a layer of PyTorch reads a tensor; None where the list can
    be made a tensor as it is, or is not seen.
    """
    x, layer = _given(error)
    shapes = _shapes(x)
    plain = shapes and not _are_tensors(x)
    ranks = {len(one) for one in shapes}
    if not shapes or len(ranks) > 1 or (plain and len({*shapes}) == 1) or _is_returned(x, error):
        return None
    why = {"why": A_CELL} if _is_cell(layer) else {}
    return _words(x, shapes, _lines(x, shapes, layer, found.get("function") or "")) | why


def _is_cell(layer):
    return any(of_torch(layer, name) for name in CELLS)


def _words(x, shapes, instead):
    told = ", ".join(map(str, dict.fromkeys(shapes[:TOLD])))
    more = ", …" * (len({*shapes}) > len({*shapes[:TOLD]}))
    why = EQUAL if len({*shapes}) == 1 else UNEQUAL
    if len({one[-1:] for one in shapes}) > 1 and len(shapes[0]) > 1:
        why = BESIDE
    return {
        "kind": type(x).__name__,
        "count": len(x),
        "shapes": f"`{told}{more}`" if any(shapes) else "single numbers",
        "why": why,
        "lines": "\n".join(instead),
    }


# What to write, in PyTorch.


def _lines(x, shapes, layer, function):
    """Return the lines that make one tensor of a list, as its layer reads it."""
    each = _each(x, layer)
    rows = [one[:-1] for one in shapes]
    wanted = next((getattr(layer, one, None) for one in SIZES if hasattr(layer, one)), None)
    if len(shapes[0]) > 1 and len({*rows}) == 1:
        beside = f"x = torch.cat({each('one')}, -1)  # if they are features of the same sequences"
        if len({*shapes}) > 1 or sum(one[-1] for one in shapes) == wanted:
            return [beside]
    if "pack_padded_sequence" in function:
        return [f"packed = {PACK}({each('one')}, enforce_sorted=False)  # it pads nothing"]
    if of_torch(layer, "RNNBase"):
        return _of_layer(shapes, layer, each)
    if _is_cell(layer):
        return _of_cell(shapes, each)
    if len({*shapes}) == 1:
        return [f"x = torch.stack({each('one')})  # the batch is the first axis"]
    return [f"x = {PAD}({each('one')}, batch_first=True)  # padded by zeros"]


def _each(x, layer):
    """Return a function that writes the list of what is made of each of its parts."""
    words = "long()" if of_torch(layer, "Embedding") else "float()"

    def write(part, of="one in x"):
        if not _are_tensors(x):
            whole = f"torch.as_tensor(one).{words}"
            return f"[{part.replace('one', whole, 1)} for {of}]"
        return "x" if (part, of) == ("one", "one in x") else f"[{part} for {of}]"

    return write


def _of_layer(shapes, layer, each):
    """Return the lines for a recurrent layer: each part a sequence, or a timestep, or a batch."""
    first = layer.batch_first
    batch, equal, axes = 1 - first, len({*shapes}) == 1, len(shapes[0])
    axis = {0: "", 1: ", 1"}
    if axes < 2 and equal and (shapes[0] == (layer.input_size,) or not axes):
        one = f"torch.stack({each('one')}){'[:, None]' * (not axes)}"
        return [f"x = {one}  # one sequence, each a timestep of it"]
    part, of = {1: "one[:, None]"}.get(axes, "one"), "one in x"
    if axes == 3:
        part, of = "row", f"one in x for row in one{'' if first else '.unbind(1)'}"
        if equal:
            return [f"x = torch.cat({each('one')}{axis[batch]})  # if each is a batch"]
    if equal:
        step = f"x = torch.stack({each('one')}{axis[1 - batch]})  # if each is a timestep"
        return [
            f"x = torch.stack({each(part, of)}{axis[batch]})  # if each is a sequence",
            *[f"{step}, (batch, features)"] * (axes == 2),
        ]
    return [
        f"x = {PAD}({each(part, of)}{', batch_first=True' * first})  # padded by zeros",
        f"x = {PACK}({each(part, of)}, enforce_sorted=False)  # packed: the layer reads no padding",
    ]


def _of_cell(shapes, each):
    if len(shapes[0]) < 2 and len({*shapes}) == 1:
        return [f"x = torch.stack({each('one')})  # one timestep of a batch, (batch, features)"]
    return [
        "for step in x: states = cell(step, states)  # from states = None on, a call for each "
        "timestep, (batch, features)"
    ]


# What was given in Keras, and what to write.


def sequences_of(error: BaseException) -> list | tuple | None:
    """Return the list of tensors that a layer of Keras was given in place of one; None of what may
    be an output with its states.
    """
    call = call_of_keras(error)
    if not call or not call[1]:
        return None
    x: Any = call[1][0]
    shapes = _shapes(x)
    if not shapes or len({len(one) for one in shapes}) > 1 or len(shapes[0]) not in (1, 2, 3):
        return None
    same = len({one[:1] for one in shapes}) == 1
    if not made(call[0]) and (same or len(shapes[0]) != 2):  # another layer may mean anything
        return None
    states = isinstance(x, tuple) and same and len(shapes[0]) == 2  # a layer returns a tuple
    return None if states else x


def _of_keras(found, error):
    """Return the words for a list where a layer of Keras reads a tensor; None if it is another."""
    x = sequences_of(error)
    if x is None:
        return None
    shapes = _shapes(x)
    pad = "x = keras.utils.pad_sequences({}, padding='post', dtype='float32')  # padded by zeros"
    masked = f"{pad}; keras.layers.Masking() in front skips them"
    axes, equal = len(shapes[0]), len({*shapes}) == 1
    alone = axes == 3 and {one[0] for one in shapes} == {1}
    instead = [masked.format("[one[0] for one in x]" if alone else "x")]
    if equal:
        instead = ["x = keras.ops.stack(x)  # if each is a sequence, (timesteps, features)"]
    if equal and axes == 3:
        instead = ["x = keras.ops.concatenate(x, axis=0)  # if each is a batch of its own"]
    beside = "x = keras.ops.concatenate(x, axis=-1)  # if they are features of the same sequences"
    if axes > 1 and len({one[:-1] for one in shapes}) == 1 and not alone:
        instead = [*instead * equal, beside]
    return _words(x, shapes, instead)


A_LIST = Known(
    name="A list of tensors where one belongs",
    read="How do I batch sequences of different lengths",
    what="A layer reads one tensor. It got a {kind} of {count}: {shapes}.",
    why="{why}",
    instead="{lines}",
)
FUNCTION = r"^(?P<function>\w{1,40})\(\): argument '(?:input|indices)' \(position \d\) must be "

KINDS = (
    replace(
        A_LIST,
        raised="AttributeError",
        message=r"^'(?:list|tuple)' object has no attribute 'dim'",
        when=lambda found, error: in_layer(error, *RECURRENT["torch"]),
        rule=_of_torch,
        again=torch_layer,
    ),
    replace(
        A_LIST,
        raised="TypeError",
        message=rf"{FUNCTION}Tensor, not list",
        rule=_of_torch,
        again=torch_layer,
    ),
    replace(
        A_LIST,
        message=r"^Layer ['\"][^'\"\n]{1,80}['\"] expect(?:s 1 input\(s\), but it received"
        r"|ed 1 input\(s\)\. Received) \d{1,9} (?:input tensors|instead)",
        rule=_of_keras,
        again=keras_layer,
    ),
)
