"""What is asked about what the next layers receive of what a call returned."""

from collections.abc import Iterator

from ..asking.questions import Wrong
from ..explaining.calls import Call, listed
from ..explaining.parts import WHOLE
from ..explaining.uses import Use
from ..shapes import Tensor
from .asked import SHAPES, Asked, on_shapes, ruled

SHAPE = "Type its shape, such as `(10, 20)`."
MOST = 3  # tensors that one question asks about
TIME = "How many timesteps reach it is decided before: by a flag in Keras, by an index in PyTorch."
PICKED = "An index takes one of an axis, and that axis is gone. What is it that it counts along?"
BOTH = "It reads in two directions. Of which of them is this, of one or of both?"


def on_received(call: Call) -> Iterator[tuple[str, Asked]]:
    """Give the questions what each layer receives of a call, each with what is alike in others."""
    by: dict[tuple, list[Use]] = {}
    for use in call.uses:
        if use.who and use.who != call.path and len(use.shape):
            by.setdefault((use.who, use.role), []).append(use)
    for (_, role), uses in by.items():
        if len(uses) <= MOST:
            yield f"{role} {[(use.expression, use.shape) for use in uses]}", _ask(call, uses)


def _ask(call, uses):
    """Return the question which shapes a layer receives."""
    one, *others = uses
    text = f"{_words(one, call)} {SHAPES if others else SHAPE}"
    tensors = [_tensor(use) for use in uses]
    names = [use.tensor.name for use in uses]
    known = {*names} <= {tensor.name for tensor in ruled(call)}
    whole = [tensor.axes for tensor in tensors] == [use.tensor.axes for use in uses]
    pick = (lambda came: [came[name] for name in names]) if known and whole else None
    wrong = () if others or call.spec is None else tuple(_wrongs(one, tensors[0], call.spec))
    told = f"{one.by} receives {listed(use.words for use in uses)}."
    return Asked("received", on_shapes(text, call, tensors, pick, wrong), call, (told,))


def _words(use, call):
    """Return in words what is asked; what was made of a tensor may be made of others, too."""
    if not hasattr(use.part, "steps"):
        return f"{use.by} receives something made with what `{call.path}` returned. What shape?"
    does = "begin with" if use.role == "state" else "receive"
    return f"What does {use.by} {does} of what `{call.path}` returned?"


def _tensor(use):
    """Return what is received as a Tensor; an axis whose name is not known has "" for it."""
    axes = use.tensor.axes
    if use.expression != use.tensor.expression or use.shape != use.tensor.shape:
        axes = _left(use) or ("",) * len(use.shape)
    return Tensor(use.tensor.name, "", (), axes, use.shape)


def _left(use):
    """Return the axes that one plain index leaves of a tensor; () for anything else."""
    steps = getattr(use.part, "steps", ())  # there are none of what is made of several tensors
    if len(steps) != 1 or steps[0].kind != "index":
        return ()
    axes, key = use.tensor.axes, steps[0].key
    if not all(isinstance(entry, (int, tuple)) for entry in key):
        return ()
    entries = (*key, *[WHOLE] * (len(axes) - len(key)))
    pairs = zip(axes, entries, strict=True)
    left = tuple(
        axis if entry == WHOLE else "" for axis, entry in pairs if isinstance(entry, tuple)
    )
    return left if len(left) == len(use.shape) else ()


def _wrongs(use, received, spec):
    """Give the wrong answers that misconceptions lead to, of one tensor that is received."""
    whole, who = use.tensor.axes, f"`{use.who}`"
    shape = tuple(axis or size for axis, size in zip(received.axes, received.shape, strict=True))
    *before, width = shape
    if len(whole) > len(shape) and "timesteps" in whole:
        one = (*before, 1, width)
        yield Wrong("time_axis_in_head", (whole,), f"every timestep to reach {who}", TIME)
        yield Wrong("time_axis_in_head", (one,), "an axis of one timestep to be left", PICKED)
    elif len(whole) > len(shape):
        yield Wrong("state_without_axes", (whole,), f"{who} to receive the whole state", PICKED)
        yield Wrong("state_without_axes", ((1, *shape),), "an axis of one to be left", PICKED)
    if "batch" in shape:
        gone = tuple(axis for axis in shape if axis != "batch")
        yield Wrong("batch_in_shape", (gone,), "no batch axis")
    if "batch" in shape and "timesteps" not in shape:
        steps = tuple("timesteps" if axis == "batch" else axis for axis in shape)
        yield Wrong("batch_in_shape", (steps,), "the timesteps where the batch belongs")
    if spec.bidirectional and received.shape[-1] == 2 * spec.units:
        yield Wrong("directions_misplaced", ((*before, "units"),), "one direction only", BOTH)
    if spec.bidirectional and received.shape[-1] == spec.units:
        wide = (*before, "directions·units")
        yield Wrong("directions_misplaced", (wide,), "both directions side by side", BOTH)
    yield Wrong("units_as_steps", ((*before, "timesteps"),), "one number for each timestep")
    yield Wrong("units_as_steps", ((*before, "features"),), "a result as wide as the input")
