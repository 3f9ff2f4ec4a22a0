"""What is asked about a call alone: the last axis of its output, all shapes, what is equal."""

from collections.abc import Iterator
from dataclasses import replace

from ..asking.questions import Wrong
from ..explaining.calls import Call, listed
from ..rule import DIALECTS
from ..shapes import holds
from .asked import SHAPES, Asked, on_list, on_name, on_shapes, ruled

READ = "Batch and timesteps say how much is read. What is the layer itself made with?"
BOTH = "It reads in two directions. What is made of the two outputs?"
TWO = "An LSTM remembers two vectors, h and c. Which one does it hand out at each timestep?"
WHEN = "A state that comes back is the last one. After which timestep is that?"
ALONG = "Which axis of `output` counts the timesteps?"
ENDS = "In which order does the backward direction read, and where does it end?"
TOP = "Which layer of a stack hands out `output`, and in which order are the states?"


def on_returned(call: Call) -> Iterator[Asked]:
    """Give the questions about what one call returned."""
    known = ruled(call)
    output = call.returned.tensors[0]
    if output in known and output.axes[-1] in ("units", "directions·units"):
        yield _last_axis(call, output)
    if seen := known or [one for one in call.returned.tensors if one.values.dtype.kind == "f"]:
        yield _shapes(call, seen)
    if output in known and call.spec and call.spec.timesteps > 1:
        yield from _equal(call)


def _last_axis(call, output):
    """Return the question what the last axis of the output counts."""
    axis, size = output.axes[-1], output.shape[-1]
    text = (
        f"{call.title} runs. What is the last axis of its `{output.expression}`? Type its name, "
        "such as `batch`."
    )
    question = on_name(text, call, replace(output, axes=(axis,), shape=(size,)), _axes(call, axis))
    told = f"The last axis of `{output.expression}` is {axis} {size}: {_width(call.spec)}."
    return Asked("axis", question, call, (told,))


def _width(spec):
    """Return in words what the last axis of the output holds."""
    if spec.bidirectional and spec.merge_mode == "concat":
        return "the two directions' h, side by side"
    return "h is a vector of so many numbers, however much is read"


def _axes(call, axis):
    """Give the axes that misconceptions take for the last one."""
    yield Wrong("units_as_steps", (("timesteps",),), "one number for each timestep")
    yield Wrong("units_as_steps", (("features",),), "an output as wide as the input")
    yield Wrong("batch_in_shape", (("batch",),), "the batch as the last axis", READ)
    yield Wrong("layer_axis_misplaced", (("layers",),), "an axis for the layers in the output")
    yield Wrong("directions_misplaced", (("directions",),), "an axis for the directions alone")
    if axis == "directions·units":
        yield Wrong("directions_misplaced", (("units",),), "an output of one direction only", BOTH)
    elif call.spec.bidirectional:
        because = "the outputs always side by side"
        yield Wrong("states_merged", (("directions·units",),), because, BOTH)


def _shapes(call, tensors):
    """Return the question which shapes came back."""
    what, names = "What comes back?", {one.name for one in tensors}
    if len(tensors) < len(call.returned.tensors):
        said = listed([f"`{one.expression}`" for one in tensors])
        what = f"Among what comes back {'are' if len(tensors) > 1 else 'is'} {said}. What shape?"
    text = f"{call.title} reads {call.input.sized}. {what} {SHAPES}"
    question = on_shapes(
        text, call, tensors, lambda came: [one for one in came.tensors if one.name in names]
    )
    told = tuple(f"`{one.expression}` {one.sized}: {one.meaning}." for one in tensors)
    return Asked("returned", question, call, told)


def _equal(call):
    """Give the question which two of what came back hold the same numbers, if some do."""
    true = next((one.equals for one in call.returned.tensors if one.equals), "")
    false = [one for one in _taken_for_equal(call) if _differs(one[0], call.returned)][:3]
    if true and len(false) > 1:
        question = on_list(
            f"Of what `{call.path}` returned, which hold the same numbers?",
            _sides(true),
            [(_sides(one), *why) for one, *why in false],
            place=call.order + call.spec.units,
        )
        yield Asked("equal", question, call, (f"On the numbers of this pass `{true}` holds.",))


def _sides(equality):
    return " and ".join(f"`{side}`" for side in equality.split(" == "))


def _taken_for_equal(call):
    """Give equalities that misconceptions take for true: each with belief, what, and a hint."""
    spec, dialect = call.spec, DIALECTS[call.framework]
    output, *states = call.returned.tensors
    name, axes, lstm = output.expression, output.axes, spec.cell == "lstm"
    first = "forward_" * (spec.bidirectional and not dialect.one_tensor)
    h, c = (f"{first}{state}" for state in dialect.states)
    top = f"{h}[-1]" if dialect.one_tensor else h
    if not states:
        return
    if "timesteps" not in axes:
        if lstm:
            yield f"{name} == {c}", "states_packaging", "c to be handed out", TWO
            yield f"{h} == {c}", "states_packaging", "one state, returned twice", TWO
        return
    last = _at(output, "timesteps", -1)
    if axes[-1] == "directions·units":
        backward, because = top, "the backward direction to end at the last timestep"
        if not dialect.one_tensor:
            backward = f"backward_{dialect.states[0]}"
        half = _at(output, "timesteps", -1, f"{output.shape[-1] // 2}:")
        yield f"{half} == {backward}", "directions_misplaced", because, ENDS
    if spec.layers > 1:
        yield f"{last} == {h}[0]", "layer_axis_misplaced", "the first layer's h in `output`", TOP
    if lstm:
        yield f"{h} == {c}", "states_packaging", "one state, returned twice", TWO
    if "batch" in axes:
        other = _at(output, "batch", -1)
        yield f"{other} == {top}", "batch_in_shape", f"`{other}` to be the last timestep", ALONG
    early = _at(output, "timesteps", 0)
    yield f"{early} == {top}", "states_packaging", "a state of the first timestep", WHEN


def _at(tensor, axis, entry, part=""):
    """Return the expression of a tensor at one place of an axis, and of a part of its last one."""
    pieces = [":"] * tensor.axes.index(axis) + [str(entry)]
    if part:
        pieces += [":"] * (len(tensor.axes) - 1 - len(pieces)) + [part]
    return f"{tensor.expression}[{', '.join(pieces)}]"


def _differs(equality, returned):
    """Return whether an equality can be looked at, and does not hold."""
    try:
        return not holds(equality, returned)
    except (NameError, IndexError, ValueError, TypeError):
        return False
