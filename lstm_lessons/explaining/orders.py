"""Traps in the order of the axes, and of the timesteps: two layers that read it differently."""

from collections.abc import Iterable

from .calls import Call
from .warned import Warned


def batch_first(calls: Iterable[Call]) -> Warned | None:
    """Return the Warned of two layers that take different axes for the batch, or None."""
    read = [call for call in calls if "batch_first" in call.flags and call.input.axes[0] != "steps"]
    pairs = [(call, call.spec) for call in read if call.spec and not call.spec.unbatched]
    others = [(call, spec) for call, spec in pairs if not spec.batch_first]
    for call, first in ((call, spec) for call, spec in pairs if spec.batch_first):
        for other, second in others:
            if _same_axes(call, other):
                width, units = other.input.shape[-1], second.units
                return Warned(
                    "batch_first",
                    _tell_batch_first,
                    (call.path, other.path),
                    facts={"read": call.input.shape[:2], "as": (first, second)},
                    instead=f"{other.path} = nn.{other.kind}({width}, {units}, batch_first=True)",
                )
    return None


def _tell_batch_first(warned):
    (first, second), (one, other) = warned.layers, warned.facts["as"]
    sizes = ", ".join(map(str, warned.facts["read"]))
    return (
        f"`{first}` and `{second}` both read ({sizes}, …), the first as "
        f"{one.batch} sequences of {one.timesteps} timesteps, the second as "
        f"{other.batch} sequences of {other.timesteps}.",
        "One has batch_first=True, the other has not: one of them reads across the "
        "batch as if it were time, and no error says so.",
    )


def _same_axes(one, other):
    """Return whether two layers read the same axes: one what the other returned, or alike ones."""
    for first, second in ((one, other), (other, one)):
        if any((use.who, use.expression) == (second.path, "output") for use in first.uses):
            return True
    unequal = one.spec.batch != one.spec.timesteps
    return unequal and one.input.shape[:2] == other.input.shape[:2]
