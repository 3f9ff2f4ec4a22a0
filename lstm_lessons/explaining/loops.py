"""Layers in a loop: one that is recurrent by what it does, called again with what it returned; and
a recurrent one that reads timestep by timestep and is not given the state that it returned.

It has more than 300 lines: what is read must be shown to be timesteps, however they were cut.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import prod
from typing import NamedTuple

from ..late import np
from ..rule import DIALECTS
from ..spec import many
from .calls import Call, shapes_of
from .uses import given_to, is_part, tensors_in
from .warned import Warned
from .watching import ONE_STEP, Pass, first_given

LEAST = 3  # calls: two may be a network that is applied twice
DEEP = 4  # so many layers between a timestep and the recurrent one


@dataclass(frozen=True)
class Loop:
    """A layer of one's own that a network calls in a loop, each time with what it returned.

    path: where it is. kind: its class. times: how often it was called.
    returned: the shapes of what it returned first.
    """

    path: str
    kind: str
    times: int
    returned: tuple | dict

    @property
    def words(self) -> str:
        """Return what was seen of it, as sentences."""
        return (
            f"`{self.path}` (`{self.kind}`) was called {many(self.times, 'time')}, each time "
            f"but the first with what it had returned before, {self.returned}: it is recurrent "
            "by what it does. What its numbers mean is not known here."
        )


def loops_of(seen) -> list[Loop]:
    """Return the Loops of a pass, of layers that are not recurrent by their kind."""
    by_layer: dict[int, list] = {}
    for event in seen.events:
        by_layer.setdefault(id(event.layer), []).append(event)
    looped = [events for events in by_layer.values() if _is_loop(events, seen.reader)]
    around = {id(outer.layer) for events in looped for outer in events[0].inside()}
    return [
        Loop(
            events[0].path,
            type(events[0].layer).__name__,
            len(events),
            shapes_of(events[0].value, seen.reader),
        )
        for events in looped
        if id(events[0].layer) not in around  # the innermost one is the cell
    ]


def _is_loop(events, reader):
    first = events[0]
    if len(events) < LEAST or is_part(first, reader) or reader.container(first.layer):
        return False
    if not reader.is_layer(first.layer) or reader.holds_recurrent(first.layer):
        return False
    return all(_is_fed(event, before, reader) for before, event in pairwise(events))


def _is_fed(event, before, reader):
    """Return whether a call was given a tensor that the call before it made."""
    made = {id(one) for one in tensors_in(before.value, reader)} if before.handed is None else ()
    return any(id(one) in made for one in tensors_in((event.args, event.kwargs), reader))


# A recurrent one that forgets.


class _Steps(NamedTuple):
    """The timesteps of one tensor that a layer reads one after another.

    times: how many. written: how one writes the one that a call reads. plain: whether it is a part
    of the tensor as it stands, which the layer can read whole.
    """

    times: int
    written: str
    plain: bool


def forgotten_states(calls: Sequence[Call], seen: Pass) -> Iterator[Warned]:
    """Give a Warned for each layer that reads the timesteps of a tensor, a call for each, and that
    begins each call alike.
    """
    fed = {use.who for call in calls for use in call.uses if use.role == "state"}
    by_layer: dict[int, list] = {}
    for call in calls:
        by_layer.setdefault(id(call.layer), []).append((call, seen.events[call.order]))
    for rows in by_layer.values():
        alike = groupby(rows if len(rows) >= LEAST else (), lambda row: _begun(row, fed, seen))
        runs = [(states, [*run]) for states, run in alike if states is not None]
        found = ((states, _steps(run, seen)) for states, run in runs)
        for states, steps in [pair for pair in found if pair[1]][:1]:
            call = rows[0][0]
            facts = {"by": f"`{call.path}` (`{call.kind}`)", "times": steps.times}
            same = any(any(one) for one in states if isinstance(one, bytes))
            facts["state"] = states and ("the same state" if same else "zeros")
            facts["both"] = bool(call.spec and call.spec.bidirectional)
            instead = _handed_on(call, steps, seen)
            yield Warned("forgotten_state", _tell_forgotten, (call.path,), (), facts, instead)


def _tell_forgotten(warned):
    facts = warned.facts
    given, begins = facts["state"], "" if facts["state"] else ", from zeros"
    others = "the others" if facts["both"] else "the timesteps before it"
    return (
        f"{facts['by']} is called {many(facts['times'], 'time')}, for one timestep after another, "
        f"each time {f'with {given}' if given else 'without a state'}.",
        f"So each call begins anew{begins}, and remembers nothing of {others}.",
    )


def _begun(row, fed, seen):
    """Return the states that a call of one timestep begins with, if they hold nothing of any
    sequence, as bytes, and where each is: () for none given. None for any other call.

    row: the Call and its Event. fed: the paths of the layers that are given states of recurrent
        ones, or what is made of these.
    """
    call, event = row
    if not _reads_one_step(call) or call.flags.get("stateful"):
        return None
    given = [one for one, slot in given_to(event, seen.reader) if slot is not None]
    states = [seen.reader.array(one) for one in given]
    if states and (call.path in fed or _has_zeros(seen)):  # zeros may be somebody's, too
        return None
    if not all(_is_of_nobody(one, call) for one in states):
        return None
    parts = [seen.reader.whole(one) is not None for one in given]  # each time of the same place
    places = (_address(one) * part for one, part in zip(states, parts, strict=True))
    return (*(one.tobytes() for one in states), *places)


def _has_zeros(seen):
    """Return whether a network was given zeros alone, which may be states."""
    whole = seen.events[0]
    arrays = map(seen.reader.array, tensors_in([whole.args, whole.kwargs], seen.reader))
    return any(one.dtype.kind == "f" and not one.any() for one in arrays)


def _reads_one_step(call):
    """Return whether a call is one of a framework's own layer or cell, on one timestep."""
    if type(call.layer).__module__.split(".")[0] not in DIALECTS:
        return False
    if call.spec:
        return call.spec.timesteps == 1 and call.input.axes[0] != "steps"
    return ONE_STEP in call.notes and bool(call.begins)


def _is_of_nobody(state, call):
    """Return whether a state is zeros, or one and the same for unlike sequences."""
    if not state.any():
        return True
    x, axes = call.input.values, call.input.axes
    unlike = "batch" in axes and bool(np.ptp(x, axes.index("batch")).any())
    return unlike and state.ndim > 1 and not np.ptp(state, -2).any()


def _steps(run, seen):
    """Return the _Steps that the calls of a run read; None where it is not sure that they are such.

    run: pairs of a Call and its Event. What a layer made of a timestep, a call for each, is one.
    """
    (call, first), *_ = run
    known = _tensors_before(first, seen)
    read = [(event, _read_by(event, seen.reader), "{}") for _, event in run]
    for _ in range(DEEP):
        if len(read) < LEAST or len({id(event.layer) for event, *_ in read}) > 1:
            return None
        reals = [real for _, real, _ in read]
        wholes = [one for one in map(seen.reader.whole, reals) if one is not None]
        if found := _successive(reals, [*known, *wholes], call, seen.reader):
            times, step = found
            written = read[0][-1].format(step) if step else ""
            return _Steps(times, written or "step", written == step and ":" in step)
        read = [one for row in read if (one := _made_of(*row, seen))]
    return None


def _read_by(event, reader):
    return next(iter(tensors_in(first_given(event), reader)), None)


def _tensors_before(event, seen):
    """Return what was given to layers, and what they had returned, when an event began."""
    around = event.inside()
    before = seen.events[: event.order]
    given = [(one.args, one.kwargs) for one in before]
    returned = [one.value for one in before if one not in around]
    return tensors_in([given, returned], seen.reader)


def _made_of(event, real, written, seen):
    """Return of which layer's event a tensor comes, that ran since the last one of this layer, what
    that read, and how one writes the tensor; None if it is of none.
    """
    around = event.inside()
    for one in reversed(seen.events[: event.order]):
        if one.layer is event.layer:
            return None
        if one in around or not seen.reader.is_layer(one.layer) or is_part(one, seen.reader):
            continue
        for made in tensors_in(one.value, seen.reader):
            if made is real or _bytes(made, seen.reader) == _bytes(real, seen.reader):
                plain = made.shape == real.shape and not seen.reader.recurrent(one.layer)
                inside = written.format(f"{one.path}({{}})") if plain else "step"
                read = _read_by(one, seen.reader)
                return None if read is None else (one, read, inside)
    return None


def _bytes(tensor, reader):
    return reader.array(tensor).tobytes()


def _successive(reals, sources, call, reader):
    """Return how many tensors are successive timesteps of one of the sources, and how one writes
    them, as parts of x, or "" where that is not known; None if they are no such ones.
    """
    shape = tuple(reals[0].shape)
    arrays = [reader.array(one) for one in reals]
    for source in {id(one): one for one in sources}.values():
        for axis in (0, 1):
            if _is_over_time(whole := tuple(source.shape), axis, prod(shape), call):
                pieces = np.moveaxis(reader.array(source), axis, 0)
                if (times := _longest(_places(arrays, pieces))) >= LEAST:
                    one = (*whole[:axis], 1, *whole[axis + 1 :])
                    ways = {one: "t:t+1", (*whole[:axis], *whole[axis + 1 :]): "t"}
                    return times, f"x[{':, ' * axis}{ways[shape]}]" if shape in ways else ""
    return None


def _is_over_time(whole, axis, size, call):
    """Return whether parts of a size along an axis of a shape are timesteps of what a call reads.

    The other axis is its batch, and for a batch of one the axis is where its layer has timesteps.
    """
    if len(whole) < 2 or whole[axis] < LEAST or prod(whole) != whole[axis] * size:
        return False
    axes = call.input.axes
    batch = call.input.shape[axes.index("batch")] if "batch" in axes else 1
    usual = 0 if call.flags.get("batch_first") is False else 1
    return whole[1 - axis] == batch and (batch > 1 or axis == usual)


def _places(arrays, pieces):
    """Return at which place of the pieces each array stands that lies there in memory, or that
    holds the numbers of that piece.
    """
    addresses = {_address(piece): place for place, piece in enumerate(pieces)}
    numbers = {piece.tobytes(): place for place, piece in enumerate(pieces)}
    found = (addresses.get(_address(one), numbers.get(one.tobytes())) for one in arrays)
    return [place for place in found if place is not None]


def _address(array):
    return array.__array_interface__["data"][0]


def _longest(places):
    """Return how many places follow one another at most, forwards or backwards."""
    most = 0
    for way in (1, -1):
        count = 1
        for before, place in pairwise(places):
            count = count + 1 if place - before == way else 1
            most = max(most, count)
    return most


def _handed_on(call, steps, seen):
    """Return the line that hands the state on, or that reads all timesteps at once."""
    path, step, keras = call.path, steps.written, seen.reader.states == "h"
    if call.spec:
        at_once = "all timesteps at once"
        if call.spec.bidirectional:
            return f"output, states = {path}(x)  # {at_once}"
        if keras:
            return f"output = {path}(x)  # {at_once}; return_sequences=True returns each output"
        more = f"; or {at_once}: {path}(x)" * steps.plain
        return f"output, states = {path}({step}, states)  # before the loop: states = None{more}"
    batch = call.input.shape[0] if "batch" in call.input.axes else 0
    if keras:
        zeros = f"states = {path}.get_initial_state(batch_size={batch})"
        return f"h, states = {path}({step}, states)  # before the loop: {zeros}"
    units = call.returned.tensors[0].shape[-1]
    zeros = f"torch.zeros({f'{batch}, ' * bool(batch)}{units})"
    if len(call.begins) > 1:
        return f"h, c = {path}({step}, (h, c))  # before the loop: h = c = {zeros}"
    return f"h = {path}({step}, h)  # before the loop: h = {zeros}"
