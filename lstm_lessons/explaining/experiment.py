"""Further passes of a network, each with one thing changed, and which axis of what is whose.

Nothing here knows the operations: what moves is seen, whatever they were.
"""

from __future__ import annotations

import warnings
from collections import Counter
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from functools import cached_property
from io import StringIO
from typing import Any, NamedTuple

from ..late import np
from .calls import Call, with_axes
from .changes import Given
from .moves import (
    COARSE,
    FINE,
    NOISE,
    SAME,
    alone,
    along,
    most,
    moved,
    names_of,
    rounding_of,
    within,
)
from .parts import made_of
from .uses import tensors_in
from .watching import Event, Pass, Recorder, first_given

MOST = 5  # further passes
FELT = (
    10  # timesteps after which the first one is felt still; of more, all but the last are changed
)
TIMES = ("timesteps", "steps", "outer timesteps")  # as the axes of what is read are called


class Change(NamedTuple):
    """What was changed, as the places of an axis of the input, and the Pass; None without one."""

    places: list[int]
    run: Pass | None


@dataclass
class Experiment:
    """A network, its first Pass, and what further ones showed of its axes.

    calls: its Calls. first: the first of them that says which axis is the batch, or None.
    given: what is changed, and which of its axes are batch and timesteps, as far as it is known.
    passes: how many there were. steps: how many timesteps the grown Pass had more.
    draws: whether what it returns depends on random numbers.
    axes: the names of the result's axes, for each tensor; "" where none is known.
    """

    network: Any
    seen: Pass
    calls: tuple[Call, ...]
    first: Call | None
    given: Given
    passes: int = 0
    grown: Pass | None = None
    steps: int = 0
    draws: bool = False
    axes: tuple[tuple[str, ...], ...] = field(init=False)

    def __post_init__(self):
        self.reader = self.seen.reader
        self.before = [np.array(one) for one in self.arrays(self.seen.result)]
        self.axes = tuple(("",) * one.ndim for one in self.before)

    def run(self, value: Any, then: Any = None) -> Pass | None:
        """Return the Pass of a changed input, with a second call if one is asked for; None where
        there is no input or no pass left, and where the network does not take it.
        """
        cost = 1 if then is None else 2
        if value is None or self.passes + cost > MOST:
            return None
        self.passes += cost
        try:
            with warnings.catch_warnings(), redirect_stdout(StringIO()):
                warnings.simplefilter("ignore")
                return self.reader.run(self.network, *value, Recorder(between=False), then)
        except Exception:
            return None

    # What moved.

    def arrays(self, value: Any) -> list[np.ndarray]:
        """Return the tensors in a value as NumPy, in a row."""
        return [self.reader.array(one) for one in tensors_in(value, self.reader)]

    @cached_property
    def quantized(self) -> bool:
        """Return whether numbers are rounded by what the whole batch holds."""
        layers = [one.layer for one in self.seen.events]
        return any("quantized" in type(layer).__module__ for layer in layers)

    @property
    def same(self) -> float:
        """Return by what part two passes of one shape may differ."""
        return COARSE if self.quantized else SAME

    @cached_property
    def rounded(self) -> str:
        """Return what small differences are rounded away by: "bfloat16"; "" in full precision."""
        values = [one.value for one in self.seen.events]
        half = rounding_of(tensors_in(values, self.reader))
        return "quantized numbers" if self.quantized else half

    @property
    def noise(self) -> float:
        """Return by what part two passes of unlike shapes may differ."""
        return COARSE if self.quantized else NOISE.get(self.rounded, FINE)

    def moves(self, result: Any, noise: float = 0) -> tuple[list, list[np.ndarray]]:
        """Return where each tensor of a result is another than at first, and those tensors.

        noise: by what part they may differ, if more than two passes of one shape.
        """
        after = self.arrays(result)
        if len(after) != len(self.before):
            return [None] * len(self.before), self.before
        pairs = zip(self.before, after, strict=True)
        return [moved(one, other, noise or self.same) for one, other in pairs], after

    def apart(self, result: Any, place: int | None = None) -> float:
        """Return by how much a result, or one of its tensors, differs from the first; 0 if not."""
        masks, after = self.moves(result)
        if any(mask is None for mask in masks):
            return float("nan")
        pairs = [*zip(self.before, after, masks, strict=True)]
        pairs = pairs if place is None else [pairs[place]]
        return max((most(*one) for one in pairs if one[2].any()), default=0)

    def again(self, run: Pass, one: Any) -> Event | None:
        """Return the Event of a further Pass that is a Call's or an Event's of the first."""
        there = one.order < len(run.events) and run.events[one.order].path == one.path
        return run.events[one.order] if there else None

    # Which axis of the input is whose.

    @property
    def count(self) -> int:
        """Return how many sequences there are."""
        return 1 if self.given.batch is None else self.given.array.shape[self.given.batch]

    @property
    def early(self) -> list[int]:
        """Return the timesteps to change: the first, or, if it may be forgotten, all but the last;
        [] where there is one alone.
        """
        steps = 1 if self.given.time is None else self.given.array.shape[self.given.time]
        return [0][: steps - 1] if steps <= FELT else [*range(steps - 1)]

    def turn(self, one: Change, two: Change) -> tuple[Change, Change]:
        """Return which pass changed sequences and which timesteps: as they are, or the other way
        round, if that is how the first recurrent layer has it, or else the result.
        """
        given = self.given
        fixed = self.reader.framework == "keras"  # the batch is its first axis, for `fit` too
        if fixed or given.batch is None or (one.run and self._stands(one, given.batch)):
            return one, two
        if two.run and self._stands(two, given.time):
            self.given = replace(given, batch=given.time, time=given.batch, real=None, by="")
            return two, one
        if self.first is None:  # nothing says which axis is whose
            self.given = replace(given, batch=None, time=None, real=None, by="")
            return one._replace(run=None), two._replace(run=None)
        return one, two

    def _stands(self, change, axis):
        """Return whether a change along an axis moved what is of those sequences alone."""
        count = self.given.array.shape[axis]
        if self.first is None:
            masks, _ = self.moves(change.run.result)
            return any(
                alone(one, count, change.places) is not None for one in masks if one is not None
            )
        event = self.again(change.run, self.first)
        values = self.arrays(event.value) if event else []
        for tensor, value in zip(self.first.returned.tensors, values, strict=False):
            mask = moved(tensor.values, value, self.same)
            if "batch" in tensor.axes and mask is not None:
                return within(along(mask, tensor.axes.index("batch")), count, change.places)
        return False

    def is_time(self, change: Change) -> bool:
        """Return whether a change moved what the first recurrent layer reads at some timesteps; or,
        where no such layer is known, whether a layer is called as often as there are timesteps.
        """
        if change.run is None:
            return False
        if self.first is None:
            steps = self.given.array.shape[self.given.time or 0]
            return steps in Counter(event.path for event in self.seen.events).values()
        same = [one for one in self.calls if one.path == self.first.path]
        axes = self.first.input.axes
        if not {*axes} & {*TIMES}:  # a cell: of its calls the last reads what was not changed
            return not self._read(change.run, same[-1]).any()
        mask = self._read(change.run, self.first)
        places = [at for at, axis in enumerate(axes) if axis in TIMES]
        return bool(mask.any()) and not all(along(mask, place).all() for place in places)

    def _read(self, run, call):
        """Return where what a call reads is another than before."""
        event, before = self.again(run, call), call.input.values
        after = self.arrays(first_given(event))[:1] if event else []
        mask = moved(before, *after, self.same) if after else None
        return np.ones(before.shape, bool) if mask is None else mask

    # Other sizes.

    def grow(self, steps: int, behind: bool = False) -> None:
        """Run with one sequence and some timesteps more, and name the axes that follow; behind:
        with other numbers as padding.
        """
        if self.given.batch is None and not steps:
            return
        self.grown, self.steps = self.run(self.given.grown(steps, behind)), steps
        if self.grown is None:
            return
        after = tensors_in(self.grown.result, self.reader)
        if len(after) == len(self.before):
            pairs = zip(self.before, after, strict=True)
            self.axes = tuple(self._names(one.shape, other) for one, other in pairs)
        self.calls = tuple(map(self._named, self.calls))

    def _names(self, shape, after):
        """Return the names of axes by how their sizes followed."""
        axes = {self.given.batch: ("batch", 1), self.given.time: ("timesteps", self.steps)}
        grown = [
            (axes[axis][0], size, axes[axis][1])
            for axis, size in enumerate(self.given.array.shape)
            if axis in axes and axes[axis][1]
        ]
        return names_of(shape, tuple(after.shape), grown)

    def _named(self, call):
        """Return a Call with names for the axes that the rule left open, as far as they follow."""
        tensors, event = (call.input, *call.returned.tensors), self.again(self.grown, call)
        if event is None or not any("?" in one.axes for one in tensors):
            return call
        read = tensors_in(first_given(event), self.reader)[:1]
        after = [*read, *tensors_in(event.value, self.reader)]
        if len(after) != len(tensors):
            return call
        pairs = zip(tensors, after, strict=True)
        return with_axes(call, [self._names(one.shape, other) for one, other in pairs])

    def of_batch(self, place: int) -> int | None:
        """Return the axis of a tensor of the result that is the sequences', or None."""
        axes, shape = self.axes[place], self.before[place].shape
        if self.given.batch is None:
            return None
        if self.grown is not None:
            return next((at for at, axis in enumerate(axes) if made_of(axis, "batch")), None)
        return shape.index(self.count) if self.count in shape else None
