"""Recurrent by what it does: a layer that is called again with what it returned before."""

from dataclasses import dataclass
from itertools import pairwise

from ..spec import many
from .calls import shapes_of
from .uses import is_part, tensors_in

LEAST = 3  # calls: two may be a network that is applied twice


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
