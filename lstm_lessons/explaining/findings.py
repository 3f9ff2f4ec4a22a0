"""What a network means, by experiment: each thing that is changed, and what is found of it.

Shapes can all be right and the network wrong: if another sequence's result moves, the batch leaks.
"""

from collections.abc import Iterator, Sequence

from ..late import np
from .calls import Call, is_plain
from .changes import MORE, given_of
from .experiment import Change, Experiment
from .moves import along, most, moved
from .parts import made_of
from .sequences import of_sequences
from .tries import (
    KINDS,
    Tried,
    Try,
    failed,
    rows_in_words,
    span,
    tell_call,
    tell_half_blind,
    tell_padding,
    tell_random,
    tell_reads_padding,
    tell_remembers,
    tell_timestep,
)
from .uses import tensors_in
from .warned import Warned
from .watching import Pass

LONGEST = 5.0  # seconds: where the first pass took longer, nothing is tried
ELEMENTWISE = (  # what keeps a number in its place
    lambda x: x,
    lambda x: np.tanh(x),
    lambda x: np.maximum(x, 0),
)


def tried(network: object, calls: Sequence[Call], seen: Pass, seconds: float | None) -> Tried:
    """Return the Tried of a network, in at most experiment.MOST further passes.

    calls: its Calls. seen: its first Pass. seconds: how long that took; None to try nothing.
    """
    first = next((one for one in calls if _tells_axes(one)), None)
    given = None if seconds is None else given_of(seen, first)
    why_not = "" if seconds is None else _why_not(given, seen, seconds)
    if given is None or why_not:
        axes = tuple(("",) * len(one.shape) for one in tensors_in(seen.result, seen.reader))
        return Tried(tuple(calls), axes, why_not=why_not)
    experiment = Experiment(network, seen, tuple(calls), first, given)
    tries = sorted(_tries(experiment), key=lambda one: KINDS.index(one.kind))
    return Tried(experiment.calls, experiment.axes, tuple(tries), experiment.passes)


def _tells_axes(call):
    """Return whether a call says which of its axes is the batch, or that there is none."""
    unbatched = call.spec is not None and call.spec.unbatched
    return unbatched or any("batch" in one.axes for one in call.returned.tensors)


def _why_not(given, seen, seconds):
    """Return why nothing is tried, as a sentence; "" if something is."""
    if seconds > LONGEST:
        return f"Nothing was tried: the pass took over {LONGEST:.0f} seconds."
    if given is None:
        return "Nothing was tried: no batch is seen that can be changed."
    values = [seen.reader.array(one) for one in tensors_in(seen.result, seen.reader)]
    if not any(one.dtype.kind not in "f" or np.isfinite(one).any() for one in values):
        return "Nothing was tried: no number is returned, or none that is finite."
    return ""


def _tries(experiment):
    """Give the Tries of an experiment. Sequence 0 is changed, and then the network is called with
    the first batch again; then the first timesteps are; then there are more of both.
    """
    given = experiment.given
    other = given.changed(given.batch or 0, [0])
    run = experiment.run(other or given.value, then=given.value)
    if run is not None:
        one, told = _call(experiment, run.then)
        yield one
        if not told:
            return
    early = experiment.early
    after = experiment.run(given.changed(given.time, early)) if early else None
    sequence = Change([0], run if other and given.batch is not None else None)
    sequence, timestep = experiment.turn(sequence, Change(early, after))
    timed = experiment.is_time(timestep)
    experiment.grow(MORE if timed else 0)
    found = [*of_sequences(experiment, sequence)]
    yield from found
    if timed:
        yield from _timesteps(experiment, timestep)
    if found and all(one.holds for one in found):
        yield from _padding(experiment)


# What was called before.


def _call(experiment, then):
    """Return the Try of a second call, and whether anything can be told of others."""
    far = experiment.apart(then)
    if not far:
        return Try("call", tell_call), True
    again = experiment.run(experiment.given.value)
    if again is None or experiment.apart(again.result):
        return Try("nothing", tell_random, {"most": far}, None), False
    keeps = [one.path for one in experiment.calls if one.flags.get("stateful")]
    if keeps or experiment.seen.drew:
        experiment.draws = not keeps
        return Try("call", tell_call, {"stateful": list(dict.fromkeys(keeps))}, None), True
    return failed("call", Warned("remembers", tell_remembers, facts={"most": far})), True


# Timesteps.


def _timesteps(experiment, change):
    """Give what a change of timesteps moved, and the half of two directions that it did not."""
    masks, _ = experiment.moves(change.run.result)
    places = [at for at, mask in enumerate(masks) if mask is not None and mask.any()]
    if all(mask is None for mask in masks):
        return
    first = experiment.given.time == 0
    rows = ("the result" if len(masks) > 1 else "it") if places else ""
    if places and first and (axis := experiment.of_batch(places[0])) is not None:
        mask = masks[places[0]]
        moving = along(mask, axis)
        if moving.all() or not experiment.rounded:  # else others may move by less than is seen
            rows = rows_in_words(np.flatnonzero(moving), len(moving))
        rows = _where_it_differs(experiment, change, moving) or rows
    at = f"[{change.places[0]}]" if first and len(change.places) == 1 else ""
    facts = {"what": span("timestep", change.places, at), "rows": rows, "by": experiment.rounded}
    yield Try("timestep", tell_timestep, facts, True if rows else None)
    if (blind := _half_blind(experiment, change)) is not None:
        yield failed("timestep", blind)


def _where_it_differs(experiment, change, moving):
    """Return which results moved, where some sequences had no other input: what stood elsewhere in
    them was the same word. "" where no sequence is so, or not just the others moved.
    """
    given = experiment.given
    touched = given.touched(given.time, change.places)
    if given.batch is None or touched.all() or not np.array_equal(touched, moving):
        return ""
    return f"every result whose input it changes ({touched.sum()} of {len(touched)})"


def _half_blind(experiment, change):
    """Return the Warned of a direction that has read the last timestep alone, where that is used;
    or None.
    """
    for call in experiment.calls:
        end = _end_of_both(call)
        for who, value, after in _readings(experiment, change.run, call) if end is not None else ():
            if still := _blind(value, after, end):
                facts = {"of": value.shape[-1], "still": still, "by": who}
                facts |= {"what": span("timestep", change.places), "one": len(change.places) == 1}
                facts["most"] = most(value, after, np.ones(value.shape, bool))
                return Warned("half_blind", tell_half_blind, (call.path,), facts=facts)
    return None


def _end_of_both(call):
    """Return what both directions of a call return at the last timestep; None of another call."""
    if call.spec is None or not call.spec.bidirectional or call.skips:
        return None
    for tensor in call.returned.tensors:
        if "timesteps" in tensor.axes and made_of(tensor.axes[-1], "directions"):
            return np.take(tensor.values, -1, tensor.axes.index("timesteps"))
    return None


def _readings(experiment, run, call) -> Iterator[tuple]:
    """Give what is read after a call and what is returned: by whom, the numbers, and a run's."""
    for event in experiment.seen.events[call.order + 1 :]:
        now = experiment.again(run, event)
        if now is not None and is_plain(event, experiment.reader):
            pairs = zip(experiment.arrays(event.args), experiment.arrays(now.args), strict=False)
            who = f"`{event.path}` (`{type(event.layer).__name__}`) reads"
            yield from ((who, *pair) for pair in pairs)
    after = experiment.arrays(run.result)
    yield from (
        ("the network returns", *pair) for pair in zip(experiment.before, after, strict=False)
    )


def _blind(value, after, end):
    """Return how many columns of a value are the backward direction's at the last timestep, if they
    did not move and the forward one's alone did; else 0.

    end: what both directions return there.
    """
    width, mask = end.shape[-1], moved(value, after)
    if mask is None or value.ndim != end.ndim or value.shape[:-1] != end.shape[:-1]:
        return 0
    for start in range(value.shape[-1] - width + 1):
        columns = value[..., start : start + width]
        if any(np.allclose(columns, kept(end)) for kept in ELEMENTWISE):
            moving, half = {*np.flatnonzero(along(mask, mask.ndim - 1))}, width // 2
            return half if moving and moving <= {*range(start, start + half)} else 0
    return 0


# Padding.


def _padding(experiment):
    """Give whether what lies behind a sequence's length reaches what is returned for it."""
    given = experiment.given
    if experiment.grown is None and experiment.steps:  # it may take no more timesteps
        experiment.grow(0, behind=given.by == "zeros")
    if given.real is None or experiment.grown is None or not given.is_even:
        return
    if experiment.draws:  # of other sizes other random numbers are drawn
        return
    if not (experiment.steps or given.by == "zeros"):
        return
    facts = {"steps": experiment.steps, "by": given.by}
    after, known = experiment.arrays(experiment.grown.result), False
    for place, (one, other) in enumerate(zip(experiment.before, after, strict=False)):
        axis = experiment.of_batch(place)
        if axis is None or one.ndim != other.ndim or one.shape[axis] != experiment.count:
            continue
        if not experiment.steps and one.ndim > 2:  # which of its axes are timesteps is not known
            continue
        same = other[tuple(map(slice, one.shape))]
        mask = moved(one, same, experiment.noise)
        if mask is None:
            continue
        known = True
        _without_padding(mask, axis, given.real)
        if mask.any():
            rows = rows_in_words(np.flatnonzero(along(mask, axis)), one.shape[axis])
            facts |= {"rows": rows, "most": most(one, same, mask)}
            instead = experiment.reader.unpadded if given.by == "zeros" else ""  # it is done
            warned = Warned("reads_padding", tell_reads_padding, facts=facts, instead=instead)
            yield failed("padding", warned)
            return
    if known:
        yield Try("padding", tell_padding, facts)


def _without_padding(mask, axis, real):
    """Say of what lies at padding that it did not move: nobody is to read it."""
    times = [at for at, size in enumerate(mask.shape) if size == real.shape[1] and at != axis]
    if times:
        np.moveaxis(mask, (axis, times[0]), (0, 1))[~real] = False
