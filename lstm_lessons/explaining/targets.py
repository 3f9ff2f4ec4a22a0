"""A target beside what the network returns: would a loss compare what is meant?"""

import numpy as np

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
            "the classes. `cross_entropy` takes the second one for them."
        ]
    if axes:
        return [f"The target fits as labels, {given}: the {axes[0]} axis holds the classes."]
    return [f"The target fits: {given}."] if _fits(result, given, seen) else []


def _fits(result, given, seen):
    """Return whether mse compares two shapes number by number."""
    one, other = seen.reader.aligned(result, given)
    return one == other


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
        return None
    compared = _broadcast(*seen.reader.aligned(result, given))
    facts |= {"compared": compared, "whole": _is_whole(target)}
    kind = "broadcast" if compared else "refused"
    if across := _taken_for_time(calls, result, given):
        facts["timesteps"], instead = across.spec.timesteps, with_batch_first(across)
        return Warned(kind, _tell_unfit, (across.path,), facts=facts, instead=instead)
    return Warned(kind, _tell_unfit, facts=facts, instead=_alike(calls, result, given))


def _broadcast(one, other):
    """Return the shape that two shapes broadcast to; None if they do not."""
    try:
        return np.broadcast_shapes(one, other)
    except ValueError:
        return None


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


def _alike(calls, result, given):
    """Return the line that makes a target and a result alike, where one is known; else ""."""
    if [one for one in result if one != 1] == [one for one in given if one != 1]:
        return f"target.reshape{result}"
    both = any(call.spec and call.spec.bidirectional for call in calls)
    known = calls and all(call.spec for call in calls) and not any(map(time_first, calls))
    if known and not both and len(result) == 3 and (result[0], result[2]) == given:
        return f"prediction[:, -1]  # {given}, one for each sequence, as the target"
    return ""
