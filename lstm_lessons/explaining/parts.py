"""The parts of a returned tensor that one goes on with, as data: they take and say themselves."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..shapes import Tensor

WHOLE = (None, None)  # an axis that is not indexed
ENDS = (-1, 0)  # of an axis that one goes on with


@dataclass(frozen=True)
class Step:
    """One thing that is done to a tensor.

    kind: "index"; "reshape" and "transpose", the methods; "ends", the last two rows side by side.
    key: what it is done with. Of an index an entry for each axis: a number, or a range's ends.
    """

    kind: str
    key: tuple = ()

    def words(self, expression: str) -> str:
        """Return it, done to an expression, as one writes it: "output[:, -1]"."""
        if self.kind == "index":
            return f"{expression}[{', '.join(map(_entry_words, self.key))}]"
        if self.kind == "ends":
            return f"concat([{expression}[-2], {expression}[-1]], -1)"
        return f"{expression}.{self.kind}({', '.join(map(str, self.key))})"

    def of(self, array: np.ndarray) -> np.ndarray:
        """Return it, done to an array: a view, where there is one."""
        if self.kind == "index":
            return array[tuple(slice(*e) if isinstance(e, tuple) else e for e in self.key)]
        if self.kind == "ends":
            return np.concatenate([array[-2], array[-1]], -1)
        return array.swapaxes(*self.key) if self.kind == "transpose" else array.reshape(self.key)


def _entry_words(entry):
    if isinstance(entry, tuple):
        return ":".join("" if end is None else str(end) for end in entry)
    return "..." if entry is Ellipsis else str(entry)


@dataclass(frozen=True)
class Part:
    """A returned tensor, or what was made of it step by step."""

    tensor: Tensor
    steps: tuple[Step, ...] = ()

    @property
    def expression(self) -> str:
        """Return it as its users write it: "output[:, -1]"."""
        expression = self.tensor.expression
        for step in self.steps:
            expression = step.words(expression)
        return expression

    @property
    def values(self) -> np.ndarray:
        """Return its numbers; they lie in the tensor's own memory where that is possible."""
        values: Any = self.tensor.values
        for step in self.steps:
            values = step.of(values)
        return values

    def then(self, kind: str, *key) -> "Part":
        """Return the part that one more step makes of this one."""
        return replace(self, steps=(*self.steps, Step(kind, key)))

    def at(self, axis: str) -> int | tuple | None:
        """Return at which number or range a named axis is taken, those before it whole; or None."""
        if self.steps and self.steps[0].kind == "index" and axis in self.tensor.axes:
            *before, entry = self.steps[0].key[: self.tensor.axes.index(axis) + 1]
            if len(before) == self.tensor.axes.index(axis) and {*before} <= {WHOLE}:
                return entry if isinstance(entry, (int, tuple)) and entry != WHOLE else None
        return None


def taken(tensor: Tensor, axis: str, entry: int) -> Part:
    """Return the part of a tensor at one place of a named axis."""
    return Part(tensor).then("index", *[WHOLE] * tensor.axes.index(axis), entry)


def entries_of(key: tuple) -> list:
    """Return what an operation indexes with as the entries of a Step; the last is not idle."""
    entries = [_entry(one) for one in key]
    while len(entries) > 1 and entries[-1] in (WHOLE, Ellipsis):
        entries.pop()
    return entries


def _entry(one):
    if isinstance(one, slice):
        return (one.start, one.stop) if one.step is None else (one.start, one.stop, one.step)
    if isinstance(one, (int, np.integer)):
        return int(one)
    return one if one is Ellipsis else str(one)


def made_of(axis: str, factor: str) -> bool:
    """Return whether an axis is, or is a product of, another: "directions·units"."""
    return factor in axis.split("·")


def views_of(tensor) -> Iterator[Part]:
    """Give the parts of a tensor that one goes on with and that lie in its memory."""
    whole, shape = Part(tensor), tensor.shape
    yield whole
    if "timesteps" in tensor.axes:
        for step in ENDS:
            yield from _timestep(tensor, step)
    if any(made_of(axis, "layers") for axis in tensor.axes[:1]):
        rows = [row for row in (-1, -2, *range(shape[0])) if -row <= shape[0]]
        yield from (whole.then("index", row) for row in rows)
        yield whole.then("index", (-2, None))
    if "batch" in tensor.axes and shape[tensor.axes.index("batch")] > 1:
        yield from (taken(tensor, "batch", sequence) for sequence in ENDS)
    if len(shape) > 2:
        yield whole.then("transpose", 0, 1)
        if tensor.values.flags.c_contiguous:
            yield from _reshaped(tensor)


def _timestep(tensor, step):
    """Give a timestep of a tensor, and each of the two directions in it."""
    part = taken(tensor, "timesteps", step)
    yield part
    if made_of(tensor.axes[-1], "directions"):
        (index,), half = part.steps, tensor.shape[-1] // 2
        before = (*index.key, *[WHOLE] * (len(tensor.axes) - len(index.key) - 1))
        for units in ((None, half), (half, None)):
            yield Part(tensor).then("index", *before, units)


def _reshaped(tensor):
    """Give a tensor's vectors all in one row; of states of many layers, those side by side."""
    many, *_, width = tensor.shape
    yield Part(tensor).then("reshape", -1, width)
    if made_of(tensor.axes[0], "layers") and many > 1:
        yield Part(tensor).then("reshape", -1, many * width)


def parts_of(call) -> Iterator[Part]:
    """Give all parts that a call's numbers are recognised by."""
    for tensor in call.returned.tensors:
        yield from views_of(tensor)
    for tensor in call.returned.tensors:
        if len(tensor.shape) > 2:
            yield next(_reshaped(tensor))
    h = next((one for one in call.returned.tensors if one.expression == "h_n"), None)
    if h is not None and call.spec.bidirectional:
        yield Part(h).then("ends")
