"""Right shape, wrong meaning: what can be seen of it in the calls of one forward pass."""

import re

import numpy as np

from .page import Warned
from .watching import numeric

BOTH = "The forward direction ends at a sequence's last timestep that is not, the backward one"


def warnings_of(calls, seen, target):
    """Return the Warned of a pass, a tuple.

    calls: the Calls. seen: the Pass. target: what the result is compared with, if it is one tensor.
    """
    found = [_last_of_both(call, seen) for call in calls]
    found += [_mixed(call) for call in calls]
    found += [_one_sequence(call, seen) for call in calls]
    found += [_batch_first(calls), *(_padded(call, seen) for call in calls)]
    found.append(_unfit(calls, seen, target))
    return tuple(dict.fromkeys(one for one in found if one))


def _ends(call):
    """Return the expressions that stand for the last timestep of the output, by tensor."""
    found = {}
    for one in call.returned.tensors:
        if "timesteps" in one.axes and one.name.endswith("output"):
            axis = one.axes.index("timesteps")
            steps = (-1, one.shape[axis] - 1)
            found[one.expression] = [f"{one.expression}[{':, ' * axis}{step}]" for step in steps]
    return found


def _who(uses):
    """Return who uses something, and the verb's ending: "`fc` (`Linear`) receives"."""
    names = list(dict.fromkeys(use.by for use in uses))
    return f"{' and '.join(names)} use{'' if len(names) > 1 else 's'}"


def _last_of_both(call, seen):
    """Return the Warned of a bidirectional output of which the last timestep is used, or None."""
    if not (call.spec and call.spec.bidirectional and call.spec.timesteps > 1):
        return None
    ends = _ends(call)
    ends.pop("forward_output", None)
    uses = [use for use in call.uses if use.expression in ends.get(use.tensor, ())]
    if not uses:
        return None
    return Warned(
        "last_of_both",
        f"{_who(uses)} `{uses[0].expression}` of `{call.path}`, which is bidirectional.",
        _at_the_end(uses[0], call),
        _both_ends(call, seen),
    )


def _at_the_end(use, call):
    """Return what stands at the last timestep of two directions; masked ones are zeros there."""
    first = use.expression[: max(map(use.expression.rfind, " [")) + 1] + "0]"
    alone = "of what it reads, the backward direction has read the last timestep alone"
    values = call.returned[use.tensor].values
    zero = [~values[:, step].any(-1) if call.skips else np.zeros(1, bool) for step in (-1, 0)]
    ends = (
        "at the first timestep of each sequence" if zero[1].any() else f"at timestep 0, `{first}`"
    )
    if not zero[0].any():
        return f"There, {alone}; it ends {ends}."
    if zero[0].all():
        return f"All that is zero: the last timestep of each sequence is masked. {BOTH} {ends}."
    return (
        f"That is zero for {zero[0].sum()} of {len(values)} sequences, whose last timestep is "
        f"masked. For the others, {alone}. It ends {ends}."
    )


def _mixed(call):
    """Return the Warned of states reshaped across layers and batch, or None."""
    for use in call.uses:
        state = next(one for one in call.returned.tensors if one.expression == use.tensor)
        if "batch" in state.axes[1:2] and state.shape[1] > 1 and state.shape[0] > 1:
            width = state.shape[0] * state.shape[-1]
            if use.expression == f"{use.tensor}.reshape(-1, {width})":
                return Warned(
                    "mixed",
                    f"{_who([use])} `{use.expression}` of `{call.path}`.",
                    "The first axis is that of the layers and directions, so a row of it holds "
                    "numbers of neighbouring sequences, not of one.",
                    f"{use.tensor}.transpose(0, 1).reshape(-1, {width})",
                )
    return None


def _one_sequence(call, seen):
    """Return the Warned of a sequence taken out of the batch, as if of another axis, or None."""
    for one in call.returned.tensors:
        if "batch" not in one.axes or one.shape[axis := one.axes.index("batch")] == 1:
            continue
        index = re.compile(rf"{re.escape(one.expression)}\[{':, ' * axis}(-?\d+)\b")
        uses = [use for use in call.uses if index.match(use.expression)]
        numbers = {index.match(use.expression)[1] for use in uses}
        if len(numbers) != 1:  # several: a loop over the sequences
            continue
        return Warned(
            "one_sequence",
            f"{_who(uses)} `{uses[0].expression}` of `{call.path}`.",
            f"`{one.expression}` is {one.sized}: that is one sequence alone, number "
            f"{int(*numbers) % one.shape[axis] + 1} of {one.shape[axis]}.",
            _whole_batch(one, call, seen),
        )
    return None


def _whole_batch(one, call, seen):
    """Return the line that takes the last h of every sequence, of a tensor."""
    if call.spec and call.spec.bidirectional and one.name in ("output", "h"):
        return _both_ends(call, seen)
    if "timesteps" in one.axes:
        last = f"{one.expression}[{':, ' * one.axes.index('timesteps')}-1]"
        if _time_first(call):
            return f"{last}  # but if the batch comes first, {_with_batch_first(call)}"
        return last
    return f"{one.expression}[-1]" if one.axes[0].startswith("layers") else one.expression


def _time_first(call):
    """Return whether a layer takes the first axis for timesteps, for want of batch_first=True."""
    return call.flags.get("batch_first") is False and bool(call.spec) and not call.spec.unbatched


def _with_batch_first(call):
    """Return the line that makes a layer take the first axis for the batch."""
    return f"{call.path} = nn.{call.kind}(…, batch_first=True)"


def _both_ends(call, seen):
    """Return the line that takes the last h of both directions."""
    if seen.reader.states == "h_n":
        return "torch.cat([h_n[-2], h_n[-1]], -1)"
    return f"Bidirectional({type(call.layer.forward_layer).__name__}({call.spec.units}))"


def _batch_first(calls):
    """Return the Warned of two layers that take different axes for the batch, or None."""
    read = [one for one in calls if "batch_first" in one.flags and one.input.axes[0] != "steps"]
    read = [one for one in read if one.spec and not one.spec.unbatched]
    others = [one for one in read if not one.spec.batch_first]
    for one in (one for one in read if one.spec.batch_first):
        for other in others:
            if _same_axes(one, other):
                return Warned(
                    "batch_first",
                    f"`{one.path}` and `{other.path}` both read "
                    f"({one.input.shape[0]}, {one.input.shape[1]}, …), the first as "
                    f"{one.spec.batch} sequences of {one.spec.timesteps} timesteps, the second as "
                    f"{other.spec.batch} sequences of {other.spec.timesteps}.",
                    "One has batch_first=True, the other has not: one of them reads across the "
                    "batch as if it were time, and no error says so.",
                    f"{other.path} = nn.{other.kind}({other.input.shape[-1]}, {other.spec.units}, "
                    "batch_first=True)",
                )
    return None


def _same_axes(one, other):
    """Return whether two layers read the same axes: one what the other returned, or alike ones."""
    for first, second in ((one, other), (other, one)):
        label = f"`{second.path}` ("
        if any(use.by.startswith(label) and use.expression == "output" for use in first.uses):
            return True
    unequal = one.spec.batch != one.spec.timesteps
    return unequal and one.input.shape[:2] == other.input.shape[:2]


def _padded(call, seen):
    """Return the Warned of a padded batch read at its last timestep, or None."""
    if call.spec is None or call.skips or call.spec.timesteps == 1:
        return None
    uses = [use for use in call.uses if _reads_the_end(use, call)]
    whole = seen.reader.states == "h" and not call.spec.return_sequences
    if not (uses or whole):
        return None
    batches = [call.input.values, *seen.given]
    runs = next((runs for one in batches if (runs := _padding(one, call)) is not None), None)
    if runs is None:
        return None
    return Warned(
        "padded",
        f"{np.count_nonzero(runs)} of {len(runs)} sequences that `{call.path}` reads end in zeros, "
        f"up to {max(runs)} timesteps, as padded ones do, and its last timestep is used.",
        "There it has read the padding too, so what you use depends on how long the longest "
        "sequence of the batch is.",
        seen.reader.unpadded,
    )


def _reads_the_end(use, call):
    """Return whether a use is one of the last timestep: of the output, or of a state."""
    if "timesteps" not in next(
        one.axes for one in call.returned.tensors if one.expression == use.tensor
    ):
        return True
    return any(use.expression.startswith(end[:-1]) for ends in _ends(call).values() for end in ends)


def _padding(batch, call):
    """Return how many zeros each sequence of a batch ends in; None if it does not look padded."""
    axes = [axis for axis in call.input.axes if axis != "features"]
    words = batch.dtype.kind in "iu" and batch.ndim == len(axes)
    if not words and batch.ndim != len(axes) + 1:
        return None
    if batch.shape[: len(axes)] != call.input.shape[: len(axes)]:
        return None
    zeros = (batch == 0) if words else (batch == 0).all(-1)
    zeros = zeros.T if axes == ["timesteps", "batch"] else zeros.reshape(-1, call.spec.timesteps)
    runs = np.cumprod(zeros[:, ::-1], axis=1).sum(1)
    runs = np.where(runs == call.spec.timesteps, 0, runs)
    few = not words and batch.shape[-1] == 1  # one zero may be a measurement
    if runs.max() <= few or (len(runs) > 1 and len(set(runs)) == 1):
        return None
    return [int(run) for run in runs]


def as_target(target):
    """Return a target with a shape and a dtype; ValueError, in one line, for what is no array."""
    if hasattr(target, "shape") and hasattr(target, "dtype"):
        return target
    return numeric(target, "target must be an array", "try np.array(y, dtype='float32')")


def target_notes(seen, target):
    """Return what is to be said of a target that fits, as far as it is seen, in sentences."""
    result, given = tuple(seen.result.shape), tuple(target.shape)
    axes = _class_axes(result, target, seen)
    if len(axes) > 1:
        return []
    if axes and seen.reader.framework == "torch" and axes != ["second"] and len(result) > 2:
        return [
            f"The target is {given}, whole numbers: labels, if the last axis of the result holds "
            "the classes. `cross_entropy` takes the second one for them."
        ]
    if axes:
        return [f"The target fits as labels, {given}: the {axes[0]} axis holds the classes."]
    return [f"The target fits: {given}."] if _fits(result, given, seen) else []


def _fits(result, given, seen):
    """Return whether mse compares two shapes number by number."""
    one, other = seen.reader.aligned(result, given)
    return one == other


def _class_axes(result, target, seen):
    """Return which axes of a result may hold the classes, if a target is one of labels."""
    given = tuple(target.shape)
    if "int" not in str(target.dtype) or len(result) < 2:
        return []
    without = {"last": [result[:-1]] * (result[-1] > 1)}
    if seen.reader.framework == "torch" and len(result) > 2:
        without["second"] = [result[:1] + result[2:]] * (result[1] > 1)
    elif seen.reader.framework == "keras":
        without["last"] += [(*one, 1) for one in without["last"]]
    return [axis for axis, shapes in without.items() if given in shapes]


def _unfit(calls, seen, target):
    """Return the Warned of a target that mse would broadcast or refuse, or None."""
    if target is None:
        return None
    result, given = tuple(seen.result.shape), tuple(target.shape)
    said = f"The network returns {result}, the target is {given}"
    if axes := _class_axes(result, target, seen):
        return _classes(said, result) if len(axes) > 1 else None
    if _fits(result, given, seen):
        return None
    labels = "int" in str(target.dtype)
    kind, why = "refused", f"mse refuses them{', and as labels they do not fit' * labels}."
    try:
        compared = np.broadcast_shapes(*seen.reader.aligned(result, given))
    except ValueError:
        pass
    else:
        kind = "broadcast"
        why = f"mse does not refuse them: it compares {compared}, each number with others than its"
        why = f"{why} own."
    if across := _taken_for_time(calls, result, given):
        why = f"{why} `{across.path}` takes the first axis, {across.spec.timesteps}, for timesteps."
        return Warned(kind, f"{said}.", why, _with_batch_first(across))
    return Warned(kind, f"{said}.", why, _alike(calls, result, given))


def _classes(said, result):
    """Return the Warned of labels that fit whichever of two axes holds the classes."""
    return Warned(
        "class_axis",
        f"{said}, whole numbers.",
        f"If they are labels, `cross_entropy` takes the second axis for the classes, and both axes "
        f"have {result[1]}: it does not refuse timesteps there.",
        "prediction.transpose(1, 2)  # for cross_entropy, if the last axis holds the classes",
    )


def _taken_for_time(calls, result, given):
    """Return the Call that took for timesteps what the target has for its batch, or None."""
    for call in filter(_time_first, calls):
        steps, batch = call.spec.timesteps, call.spec.batch
        if steps != batch and given[:1] == (steps,) and result[:1] in ((steps,), (batch,)):
            return call
    return None


def _alike(calls, result, given):
    """Return the line that makes a target and a result alike, where one is known; else ""."""
    if [one for one in result if one != 1] == [one for one in given if one != 1]:
        return f"target.reshape{result}"
    both = any(call.spec and call.spec.bidirectional for call in calls)
    known = calls and all(call.spec for call in calls) and not any(map(_time_first, calls))
    if known and not both and len(result) == 3 and (result[0], result[2]) == given:
        return f"prediction[:, -1]  # {given}, one for each sequence, as the target"
    return ""
