"""Kinds of errors that Keras and PyTorch have in common, and what is said alike of a kind in both.

Python itself raises some: where a layer's tuple is taken for a tensor, or is unpacked.
"""

import ast
from dataclasses import replace
from difflib import get_close_matches

from ..rule import expected
from ..snippets import code
from .known import Known
from .tracebacks import called, several, value, written

OUTPUT_FIRST = "output, *states = layer(x)  # and go on with output"
UNPACKING = r"(?:too many|not enough) values to unpack \(expected (?P<names>\d{1,9})"


# What is said alike in both. Each framework has its own messages for it.

AXIS_TOO_MANY = Known(
    name="An axis too many",
    what="`{layer}` reads three axes: batch, timesteps, features. It got {got}.",
    why="One axis was added, or two of them are together one of the three.",
    instead=(
        "x[0]  # if the first axis was added and has size 1",
        "x.reshape(*x.shape[:2], -1)  # if all that follows the timesteps is features",
    ),
)
OTHER_FEATURES = Known(
    name="Other features than the weights are for",
    raised="RuntimeError",
    what="The weights are for features {wanted}. What the layer got has {got} on its last axis.",
    why="The last axis must be the features, as many as the layer was made for. A bidirectional "
    "layer returns twice its units.",
    swap="x.swapaxes(1, 2)  # if x is (batch, features {wanted}, timesteps)",
)
UNKNOWN_KEYWORD = Known(
    name="Unknown keyword",
    raised="TypeError",
    what="`{layer}` does not know `{word}`.",
    why="{why}",
    instead=("{line}",),
)


# Keywords that are gone or belong to the other framework: why, and the line to write.

KEYWORDS = {
    "batch_input_shape": ("Keras 3 has it on `Input`.", "keras.Input(batch_shape={value})"),
    "input_length": ("Keras 3 has it on `Input`.", "keras.Input(({value}, features))"),
    "batch_first": ("In Keras, batch is the first axis always.", "keras.layers.LSTM(units)"),
    "return_sequences": ("PyTorch always returns every output.", "output, (h_n, c_n) = lstm(x)"),
    "return_state": ("PyTorch always returns the states.", "output, (h_n, c_n) = lstm(x)"),
    "units": ("PyTorch calls it `hidden_size`.", "torch.nn.LSTM(features, hidden_size=units)"),
    "initial_state": ("PyTorch takes the states after the input.", "lstm(x, (h_0, c_0))"),
}


def keyword(word, own, layer, written="value"):
    """Return the words for a keyword that a layer does not have.

    own: those that a recurrent layer of its framework has. layer: "keras.layers.LSTM". written:
    the keyword's value as it was written.
    """
    home = layer.rpartition(".")[0]
    if word in own:
        return {"why": "A recurrent layer has it.", "line": f"{home}.LSTM(units, {word}={written})"}
    if word in KEYWORDS:
        why, line = KEYWORDS[word]
        return {"why": why, "line": line.format(value=written)}
    if near := get_close_matches(word, own, n=1):
        return {"why": f"It has `{near[0]}`.", "line": f"help({layer})  # {near[0]}"}
    return {"why": "It has nothing of that name or a like one.", "line": f"help({layer})"}


# What the traceback shows.


def _unpacked(found, error):
    """Return the words for what a layer returns, where the failing line unpacks it."""
    layer, names = None, 0
    for node, frame in written(error, ast.Assign):
        if isinstance(node.targets[0], (ast.Tuple, ast.List)) and isinstance(node.value, ast.Call):
            layer, names = called(node.value.func, frame), len(node.targets[0].elts)
    if not layer:
        return None
    tensors = expected(*layer).tensors
    returned = ", ".join(f"`{one.expression}` ({', '.join(one.axes)})" for one in tensors)
    lines = [_call_line(*layer)]
    if tensors[0].path == ():
        with_state = _call_line(replace(layer[0], return_state=True))
        lines.append(f"{with_state}  # with return_state=True")
    why = _why_not(names, *layer)
    return {"count": names, "returned": returned, "why": why, "lines": "\n".join(lines)}


def _why_not(names, spec, framework):
    """Return why what a layer returns does not go into so many names."""
    returned = expected(spec, framework)
    if returned.tensors[0].path == ():
        return (
            "Without `return_state` the layer returns one tensor. Python unpacks it along its "
            f"first axis, and raises nothing if that happens to be batch {names}."
        )
    if names == len(returned.shapes):
        return "The inner names unpack one tensor, along its first axis."
    if framework == "torch":
        return "PyTorch returns two things, the output and the state. An LSTM's state is a tuple."
    return "With `return_state` the states follow the output, one by one."


def _call_line(spec, framework="keras"):
    return next(line for line in code(spec, framework).splitlines() if line.endswith("(x)"))


def _of_tensors(found, error):
    """Return whether it was a tuple of tensors that was taken for a tensor."""
    if isinstance(error, AttributeError):
        return several(error.obj)
    for node, frame in written(error, ast.Subscript):
        if isinstance(node.slice, ast.Tuple) and isinstance(node.value, ast.Call):
            layer = called(node.value.func, frame)
            return layer and expected(*layer).tensors[0].path
        if isinstance(node.slice, ast.Tuple):
            return several(value(node.value, frame))
    return False


KINDS = (
    Known(
        name="A tuple where a tensor belongs",
        raised="AttributeError TypeError",
        message=r"^'tuple' object has no attribute"
        r"|^tuple indices must be integers or slices, not tuple",
        when=_of_tensors,
        what="What was used as a tensor is a tuple of tensors.",
        why="A recurrent layer returns its output and its states in a tuple, in Keras with "
        "`return_state`, in PyTorch always.",
        instead=(OUTPUT_FIRST,),
        general=True,
    ),
    Known(
        name="Unpacking what a layer returns",
        raised="ValueError NotImplementedError",
        # What Keras unpacks in its own layers is not what they return.
        message=r"\A(?!Exception encountered when calling (?:LSTM|GRU|SimpleRNN)) … "
        rf"^(?:{UNPACKING}|Iterating over a symbolic KerasTensor)",
        rule=_unpacked,
        what="The line has {count} names. The layer returns {returned}.",
        why="{why}",
        instead=("{lines}",),
    ),
    Known(
        name="Unpacking",
        message=f"^{UNPACKING}",
        what="On the left stand {names} names, on the right another number of values.",
        why="The failing line shows no recurrent layer, so more is not known here.",
        instead=("value = ...  # one name for all of the right side, then look at type(value)",),
        general=True,
    ),
)
