"""A target beside what the network returns: would a loss compare what is meant?"""

from math import prod

from ..late import np
from .losses import ending, labels_warning
from .warned import Warned, time_first, with_batch_first
from .watching import numeric

LAST_CLASSES = "prediction.transpose(1, 2)  # for cross_entropy, if the last axis holds the classes"


def as_target(target: object):
    """Return a target with a shape and a dtype; ValueError, in one line, for what is no array."""
    if hasattr(target, "shape") and hasattr(target, "dtype"):
        return target
    return numeric(target, "target must be an array", "try np.array(y, dtype='float32')")


def target_notes(seen, target) -> list[str]:
    """Return what is to be said of a target that fits, as far as it is seen, in sentences."""
    result, given = tuple(seen.result.shape), tuple(target.shape)
    axes = _class_axes(result, target, seen)
    if len(axes) > 1:
        return []
    if axes and seen.reader.framework == "torch" and axes != ["second"] and len(result) > 2:
        return [
            f"The target is {given}, whole numbers: labels, if the last axis of the result holds "
            "the classes. `cross_entropy` takes the second one for them. Write "
            "`cross_entropy(prediction.transpose(1, 2), target)`."
        ]
    if axes:
        return [f"The target fits as labels, {given}: the {axes[0]} axis holds the classes."]
    if not _fits(result, given, seen):
        return []
    notes = [f"The target fits: {given}."]
    if seen.reader.framework == "torch" and ending(seen) == "sigmoid":
        notes.append(
            "The network ends in a sigmoid: `binary_cross_entropy` takes its result, "
            "`binary_cross_entropy_with_logits` what goes into it."
        )
    if seen.reader.framework == "torch" and len(result) > 2 and _is_shares(target):
        notes.append(
            "Along the last axis the target sums to 1. If that is the axis of the classes: "
            "`cross_entropy` takes the second one for them. Write "
            "`cross_entropy(prediction.transpose(1, 2), target.transpose(1, 2))`."
        )
    return notes


def _fits(result, given, seen):
    """Return whether mse compares two shapes number by number."""
    compared = _broadcast(*seen.reader.aligned(result, given))
    return compared is not None and prod(compared) == prod(result) == prod(given)


def _is_shares(target):
    """Return whether a target holds how much each class has, along its last axis."""
    numbers = numeric(target)
    sums = numbers.sum(-1)
    return numbers.shape[-1] > 1 and numbers.min() >= 0 and bool(np.allclose(sums, 1, atol=1e-4))


def _is_whole(target):
    return "int" in str(target.dtype)


def _class_axes(result, target, seen):
    """Return which axes of a result may hold the classes, if a target is one of labels."""
    given = tuple(target.shape)
    if not _is_whole(target) or len(result) < 2:
        return []
    without = {"last": [result[:-1]] * (result[-1] > 1)}
    if seen.reader.framework == "torch" and len(result) > 2:
        without["second"] = [result[:1] + result[2:]] * (result[1] > 1)
    elif seen.reader.framework == "keras":
        without["last"] += [(*one, 1) for one in without["last"]]
    return [axis for axis, shapes in without.items() if given in shapes]


def target_warning(calls, seen, target) -> Warned | None:
    """Return the Warned of a target that mse would broadcast or refuse, or None."""
    result, given = tuple(seen.result.shape), tuple(target.shape)
    facts = {"result": result, "target": given}
    axes = _class_axes(result, target, seen)
    if len(axes) > 1:
        return Warned("class_axis", _tell_classes, facts=facts, instead=LAST_CLASSES)
    if axes or _fits(result, given, seen):
        return labels_warning(seen) if axes else None
    compared = _broadcast(*seen.reader.aligned(result, given))
    facts |= {"compared": compared, "whole": _is_whole(target)}
    facts["every"] = _is_one_for_all(calls, result, seen.reader.aligned(result, given))
    kind = "broadcast" if compared else "refused"
    if across := _taken_for_time(calls, result, given):
        facts["timesteps"], instead = across.spec.timesteps, with_batch_first(across)
        return Warned(kind, _tell_unfit, (across.path,), facts=facts, instead=instead)
    instead = _alike(calls, result, given, facts["whole"])
    return Warned(kind, _tell_unfit, facts=facts, instead=instead)


def _broadcast(one, other):
    """Return the shape that two shapes broadcast to; None if they do not."""
    try:
        return np.broadcast_shapes(one, other)
    except ValueError:
        return None


def _is_one_for_all(calls, result, sides):
    """Return whether the one number of a sequence is compared with each of its timesteps.

    sides: the shapes of result and target, as mse makes them alike.
    """
    steps = [call.spec.timesteps for call in calls if call.spec and not time_first(call)]
    if len(result) != 3 or result[1] not in steps or result[1] == 1:
        return False
    return any(
        one[:2] == result[:2] and other == (result[0], *[1] * (len(one) - 1))
        for one, other in (sides, sides[::-1])
    )


def _returned(facts):
    return f"The network returns {facts['result']}, the target is {facts['target']}"


def _tell_unfit(warned):
    facts = warned.facts
    why = f"mse refuses them{', and as labels they do not fit' * facts['whole']}."
    if facts["compared"]:
        why = (
            f"mse does not refuse them: it compares {facts['compared']}, each number with others "
            "than its own."
        )
    if facts["every"]:
        why = (
            f"mse does not refuse them: it compares {facts['compared']}, each timestep with the "
            "one number of its sequence."
        )
    for path in warned.layers:
        why = f"{why} `{path}` takes the first axis, {facts['timesteps']}, for timesteps."
    return f"{_returned(facts)}.", why


def _tell_classes(warned):
    return f"{_returned(warned.facts)}, whole numbers.", (
        "If they are labels, `cross_entropy` takes the second axis for the classes, and both axes "
        f"have {warned.facts['result'][1]}: it does not refuse timesteps there."
    )


def _taken_for_time(calls, result, given):
    """Return the Call that took for timesteps what the target has for its batch, or None."""
    for call in filter(time_first, calls):
        steps, batch = call.spec.timesteps, call.spec.batch
        if steps != batch and given[:1] == (steps,) and result[:1] in ((steps,), (batch,)):
            return call
    return None


def _alike(calls, result, given, whole):
    """Return the line that makes a target and a result alike, where one is known; else ""."""
    if [one for one in result if one != 1] == [one for one in given if one != 1]:
        return f"target.reshape{result}"
    both = any(call.spec and call.spec.bidirectional for call in calls)
    known = calls and all(call.spec for call in calls) and not any(map(time_first, calls))
    ours = known and result[:2] == (calls[-1].spec.batch, calls[-1].spec.timesteps)
    if ours and not both and len(result) == 3 and _fits_last(result, given, whole):
        flag = "; or without return_sequences=True" * ("return_sequences" in calls[-1].flags)
        return f"prediction[:, -1]  # {given}, one for each sequence, as the target{flag}"
    fitting = (result[1:], result[1:-1]) if whole else (result[1:],)
    return "prediction[0]" if result[:1] == (1,) and given in fitting else ""


def _fits_last(result, given, whole):
    """Return whether a target fits the last timestep of a result, by number or as labels."""
    labels = whole and result[2] > 1 and given in (result[:1], (result[0], 1))
    return labels or (result[0], result[2]) == given
