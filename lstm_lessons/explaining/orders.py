"""Traps in the order of the axes, and of the timesteps: two layers that read it differently."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import permutations

from ..late import np
from ..spec import many
from .calls import Call
from .uses import is_part, tensors_in
from .warned import Warned
from .watching import Pass, first_given

EACH = ("Dense", "Linear", "TimeDistributed", "LayerNorm", "LayerNormalization")


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
        f"{many(one.batch, 'sequence')} of {many(one.timesteps, 'timestep')}, the second as "
        f"{many(other.batch, 'sequence')} of {other.timesteps}.",
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


def backwards(calls: Sequence[Call], seen: Pass) -> Iterator[Warned]:
    """Give a Warned for each layer that reads timesteps from the end, and whose output is joined
    with that of one that reads from the start, in its own order.
    """
    for first, second in permutations(filter(_has_sequence, calls), 2):
        if _is_reverse(second, first) and (by := _joined_by(first, second, seen)):
            facts = {"by": by, "flag": bool(second.flags.get("go_backwards"))}
            axis = second.input.axes.index("timesteps")
            turned = f"output.flip({axis})"
            if seen.reader.states == "h":
                turned = f"keras.ops.flip(output, axis={axis})"
            instead = f"{turned}  # of {second.path}, before it is joined"
            layers = first.path, second.path
            yield Warned("backwards", _tell_backwards, layers, (), facts, instead)


def _joined_by(first, second, seen):
    """Return who reads, timestep by timestep, the outputs of two layers joined as is; or ""."""
    one, other = (call.returned.tensors[0].values for call in (first, second))
    wholes = [np.concatenate(pair, -1) for pair in ((one, other), (other, one))]
    if one.shape == other.shape:
        wholes += [one + other, (one + other) / 2, one * other]
    for who, array in _by_timestep(max(first.order, second.order), seen):
        if any(_are_close(array, whole) for whole in wholes):
            return who
    return ""


def _has_sequence(call):
    return call.spec and "timesteps" in call.returned.tensors[0].axes and call.spec.timesteps > 1


def _is_reverse(call, other):
    """Return whether a layer reads from the last timestep to the first what another reads forward.

    It is told so, as in Keras, or is given the timesteps in reverse, of two layers the later one.
    """
    one, two = call.input, other.input
    if one.shape != two.shape or one.axes != two.axes or other.flags.get("go_backwards"):
        return False
    turned = np.flip(two.values, axis := two.axes.index("timesteps"))
    told = bool(call.flags.get("go_backwards"))
    wanted = two.values if told else turned
    if not (told or call.order > other.order) or not _are_equal(one.values, wanted, axis):
        return False
    return not np.array_equal(two.values, turned)


def _are_equal(one, other, axis):
    """Return whether two arrays are equal; most differ in the first timestep already."""
    starts = np.array_equal(one.take(0, axis), other.take(0, axis))
    return starts and np.array_equal(one, other)


def _by_timestep(order, seen):
    """Give what each layer after a call was given that treats every timestep as it stands, and what
    the network returns: who it is, and the numbers.
    """
    reader = seen.reader
    for event in seen.events[order + 1 :]:
        kind = type(event.layer).__name__
        if not is_part(event, reader) and (kind in EACH or reader.recurrent(event.layer)):
            for real in tensors_in(first_given(event), reader)[:1]:
                yield f"`{event.path}` (`{kind}`)", reader.array(real)
    for real in tensors_in(seen.result, reader):
        yield "the network", reader.array(real)


def _are_close(one, other):
    return one.shape == other.shape and np.allclose(one, other, rtol=1e-6, atol=1e-7)


def _tell_backwards(warned):
    first, second = warned.layers
    by = warned.facts["by"]
    verb = "returns" if by == "the network" else "reads"
    how = "has go_backwards=True" if warned.facts["flag"] else "was given the timesteps in reverse"
    return f"{by[0].upper()}{by[1:]} {verb} the outputs of `{first}` and `{second}`, joined.", (
        f"`{second}` {how}, and returns its output in the order of reading: at the first timestep "
        f"stands what it has read of the last one, beside what `{first}` has read of the first."
    )
