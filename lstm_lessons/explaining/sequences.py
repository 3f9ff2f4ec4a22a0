"""Whether the sequences of a batch reach each other's results: what a change of one moves."""

from collections.abc import Iterator

from ..late import np
from .calls import is_plain, is_recurrent
from .experiment import Change, Experiment
from .moves import alone, along, elsewhere, in_pairs, in_range, most, moved, within
from .tries import (
    Try,
    failed,
    rows_in_words,
    span,
    tell_alone,
    tell_beside,
    tell_elsewhere,
    tell_leaks,
    tell_no_axis,
    tell_pooled,
    tell_unreached,
    tell_unsorted,
)
from .warned import Warned, time_first, with_batch_first
from .watching import first_given


def of_sequences(experiment: Experiment, change: Change) -> Iterator[Try]:
    """Give what a change of sequences moved."""
    if experiment.given.batch is None:
        return
    if experiment.count == 1:
        yield from _beside(experiment)
        return
    if change.run is None:
        return
    masks, after = experiment.moves(change.run.result)
    kinds = [_kind(experiment, place, mask, change) for place, mask in enumerate(masks)]
    if "mixed" in kinds and experiment.rounded:  # by rounding others may move as well
        masks, _ = experiment.moves(change.run.result, experiment.noise)
        felt = [_kind(experiment, place, mask, change) for place, mask in enumerate(masks)]
        kinds = [
            "" if one == "mixed" and kind == "still" else kind
            for one, kind in zip(kinds, felt, strict=True)
        ]
    if "elsewhere" in kinds and _in_order(experiment, change):
        kinds = ["mixed" if kind == "elsewhere" else kind for kind in kinds]
    if "mixed" in kinds:
        yield _leaks(experiment, change, kinds.index("mixed"), masks, after)
        return
    if "elsewhere" in kinds:
        yield _elsewhere(experiment, change, kinds.index("elsewhere"), masks, after)
        return
    numbers = [one.dtype.kind == "f" for one in experiment.before]
    odd = [at for at, kind in enumerate(kinds) if kind in ("still", "whole") and numbers[at]]
    found = [*_reached(experiment, change, kinds, odd)] if odd else []
    yield from found
    if "alone" in kinds and all(one.holds for one in found):
        mask = masks[kinds.index("alone")]
        axis = alone(mask, experiment.count, change.places)
        rows = 1 if axis is None else mask.shape[axis] // experiment.count
        facts = {"what": _sequence(experiment, change), "place": change.places[0], "rows": rows}
        facts |= {"of_all": "whole" in kinds, "several": len(kinds) > 1}
        yield Try("sequence", tell_alone, facts)


def _sequence(experiment, change):
    """Return in words which sequences were changed."""
    one = experiment.given.batch == 1 and len(change.places) == 1
    return span("sequence", change.places, f"[:, {change.places[0]}]" if one else "")


def _kind(experiment, place, mask, change):
    """Return how a tensor of the result moved: "still", "alone" along an axis, "elsewhere" where as
    many others moved instead, "mixed" where it has an axis of the sequences, "whole" where it has
    none; "" where that is not known.
    """
    if mask is None:
        return ""
    if not mask.any():
        return "still"
    known = mask, experiment.count, change.places
    if alone(*known) is not None or in_pairs(*known) or in_range(*known):
        return "alone"
    axis = experiment.of_batch(place)
    if axis is None:
        return "whole"
    other = elsewhere(along(mask, axis), experiment.count, len(change.places))
    return "elsewhere" if other else "mixed"


def _in_order(experiment, change):
    """Return whether the first recurrent layer has the sequences in the order of the batch."""
    first = experiment.first
    event = first and experiment.again(change.run, first)
    values = experiment.arrays(event.value) if event else []
    for tensor, value in zip(first.returned.tensors if event else (), values, strict=False):
        mask = moved(tensor.values, value, experiment.same)
        if "batch" in tensor.axes and mask is not None and mask.any():
            line = along(mask, tensor.axes.index("batch"))
            return within(line, experiment.count, change.places)
    return False


def _elsewhere(experiment, change, place, masks, after):
    """Return the Try of sequences whose result stands at another place: as it may be where the
    order is returned with it, or given.
    """
    line = along(masks[place], experiment.of_batch(place))
    others = elsewhere(line, experiment.count, len(change.places))
    facts = {
        "what": _sequence(experiment, change),
        "rows": rows_in_words(others, experiment.count),
        "own": rows_in_words(change.places, experiment.count),
        "of": f" in tensor {place} of the result" * (len(after) > 1),
        "most": most(experiment.before[place], after[place], masks[place]),
    }
    orders = [(f"of tensor {at} of the result", one) for at, one in enumerate(experiment.before)]
    orders += [("that it is given", one) for one in experiment.given.arrays.values()]
    for order, one in orders:
        if _is_order(one, change.places, others) or _is_order(one, others, change.places):
            return Try("sequence", tell_elsewhere, facts | {"order": order}, None)
    return failed("sequence", Warned("unsorted", tell_unsorted, facts=facts))


def _is_order(array, places, others):
    """Return whether whole numbers say in which order a batch was put: those places are there."""
    if array.dtype.kind not in "iu" or sorted(array.ravel()) != [*range(array.size)]:
        return False
    return {int(array.ravel()[other]) for other in others} == {*places}


def _leaks(experiment, change, place, masks, after):
    """Return the Try of sequences that moved the results of others."""
    axis, mask = experiment.of_batch(place), masks[place]
    others = mask.copy()
    if mask.shape[axis] == experiment.count:
        np.moveaxis(others, axis, 0)[change.places] = False
    facts = {
        "what": _sequence(experiment, change),
        "rows": rows_in_words(np.flatnonzero(along(mask, axis)), mask.shape[axis]),
        "most": most(experiment.before[place], after[place], others),
        "where": _where(experiment, change),
    }
    return failed("sequence", Warned("leaks", tell_leaks, facts=facts))


def _where(experiment, change):
    """Return (path, kind, whether what it reads is mixed) of the layer where numbers of several
    sequences meet first; None where that is in no layer.
    """
    for event in experiment.seen.events:
        now = experiment.again(change.run, event)
        leaf = is_plain(event, experiment.reader) or is_recurrent(event, experiment.reader)
        if now is None or not leaf or hasattr(first_given(event), "batch_sizes"):
            continue
        given = (event.args, event.kwargs), (now.args, now.kwargs)
        for reads, pair in ((True, given), (False, (event.value, now.value))):
            if _mixed(experiment, *pair, change.places):
                return event.path, type(event.layer).__name__, reads
    return None


def _mixed(experiment, value, now, places):
    """Return whether a change of sequences moved more than those in what a layer has, in whatever
    order they are there.
    """
    pairs = zip(experiment.arrays(value), experiment.arrays(now), strict=False)
    masks = [mask for pair in pairs if (mask := moved(*pair, experiment.same)) is not None]
    return any(one.any() and not _apart(one, experiment.count, places) for one in masks)


def _apart(mask, count, places):
    """Return whether no more than so many sequences moved, in the order of the batch or another."""
    lines = [along(mask, axis) for axis in range(mask.ndim)[:2]]
    sorted_ = any(elsewhere(line, count, len(places)) for line in lines)
    return sorted_ or alone(mask, count, places) is not None


def _reached(experiment, change, kinds, odd):
    """Give what a change of the last sequence shows of tensors that one of the first left still, or
    moved as a whole; odd: which those are.
    """
    end = [experiment.count - 1]
    last = Change(end, experiment.run(experiment.given.changed(experiment.given.batch, end)))
    if last.run is None:
        return
    masks, _ = experiment.moves(last.run.result)
    what = {"what": _sequence(experiment, change), "last": _sequence(experiment, last)}
    then = {at: _kind(experiment, at, masks[at], last) for at in odd}
    if _one_each(experiment, [(kinds[at], kind) for at, kind in then.items()]):
        odd = []
    for at in odd:
        kind = then[at]
        if kind in ("alone", ""):
            return
        facts = what | {"first": kinds[at] != "still", "then": kind != "still"}
        facts["most"] = max(experiment.apart(one.run.result, at) for one in (change, last))
        facts |= {"shape": experiment.before[at].shape, "count": experiment.count}
        facts["of"] = f"tensor {at} of the result" if len(kinds) > 1 else "the result"
        if facts["first"] != facts["then"] and experiment.rounded:  # one may be rounded away
            return
        if facts["first"] != facts["then"] and experiment.before[at].ndim:
            yield _of_all(experiment, "unreached", tell_unreached, facts)
            return
        if (
            facts["first"]
            and facts["then"]
            and "alone" not in kinds
            and _only_steps(experiment, at)
        ):
            yield _of_all(experiment, "leaks", tell_pooled, facts)
            return
    if "alone" not in kinds:
        what |= {"moves": "whole" in kinds, "by": experiment.rounded}
        yield Try("sequence", tell_no_axis, what, None)


def _one_each(experiment, moved):
    """Return whether there may be a tensor for each sequence, as of a loop over the batch.

    moved: how each was moved by the first sequence and by the last.
    """
    many = len(moved) >= experiment.count
    return many and all("whole" in kinds for kinds in zip(*moved, strict=True))


def _only_steps(experiment, place):
    """Return whether a tensor of the result has an axis of timesteps, and none of sequences."""
    if experiment.given.time is None or experiment.of_batch(place) is not None:
        return False
    if experiment.steps and experiment.grown is not None:
        return "timesteps" in experiment.axes[place]
    return experiment.given.array.shape[experiment.given.time] in experiment.before[place].shape


def _of_all(experiment, kind, tell, facts):
    """Return the Try of sequences that have no result of their own."""
    first = experiment.first
    instead = with_batch_first(first) if first is not None and time_first(first) else ""
    return failed("sequence", Warned(kind, tell, facts=facts, instead=instead))


def _beside(experiment):
    """Give what a second sequence moves in the result of an only one."""
    if experiment.draws:
        return
    run = experiment.grown
    if run is None or experiment.steps:
        run = experiment.run(experiment.given.grown(0))
    after = experiment.arrays(run.result) if run else []
    far = []
    for place, (one, other) in enumerate(zip(experiment.before, after, strict=False)):
        axis = experiment.of_batch(place)
        if axis is not None and one.ndim == other.ndim and one.shape[axis] == 1:
            first = np.take(other, [0], axis)
            mask = moved(one, first, experiment.noise)
            far += [] if mask is None else [most(one, first, mask)]
    if any(far):
        yield failed("sequence", Warned("leaks", tell_beside, facts={"most": max(far)}))
    elif far:
        yield Try("sequence", tell_alone, {})
