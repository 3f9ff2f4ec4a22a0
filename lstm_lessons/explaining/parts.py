"""The parts of a returned tensor that one goes on with, as data: they take and say themselves.

It has more than 300 lines: what a step makes of a part, and of what was made of parts, is one rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ..late import np
from ..shapes import Tensor

WHOLE = (None, None)  # an axis that is not indexed
ENDS = (-1, 0)  # of an axis that one goes on with
LONG = 60  # characters: a longer expression is not told


@dataclass(frozen=True)
class Step:
    """One thing that is done to a tensor.

    kind: "index"; "reshape", "transpose" and "permute", the methods; "ends", the last two rows side
        by side; "same", nothing.
    key: what it is done with. Of an index an entry for each axis: a number, or a range's ends.
    written: how its user wrote it, with {} for what it is done to; "" if as it is told here.
    """

    kind: str
    key: tuple = ()
    written: str = field(default="", compare=False)

    def words(self, expression: str) -> str:
        """Return it, done to an expression, as one writes it: "output[:, -1]"."""
        if self.kind == "same":
            return expression
        if self.written:
            return self.written.replace("{}", expression)
        if self.kind == "index":
            return f"{expression}[{', '.join(map(entry_words, self.key))}]"
        if self.kind == "ends":
            return f"concat([{expression}[-2], {expression}[-1]], -1)"
        return f"{expression}.{self.kind}({', '.join(map(str, self.key))})"

    def of(self, array: np.ndarray) -> np.ndarray:
        """Return it, done to an array: a view, where there is one."""
        if self.kind == "index":
            return array[tuple(slice(*e) if isinstance(e, tuple) else e for e in self.key)]
        if self.kind == "ends":
            return np.concatenate([array[-2], array[-1]], -1)
        if self.kind == "permute":
            return array.transpose(self.key)
        return array.swapaxes(*self.key) if self.kind == "transpose" else array.reshape(self.key)


def entry_words(entry: Any) -> str:
    """Return an entry of an index as one writes it."""
    if isinstance(entry, slice):
        entry = _entry(entry)
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

    @property
    def parts(self) -> tuple[Part, ...]:
        """Return the parts that it is made of: itself."""
        return (self,)

    @property
    def keeps(self) -> bool:
        """Return that each of its numbers is the one at its place in its part."""
        return True

    def then(self, kind: str, *key) -> Part:
        """Return the part that one more step makes of this one."""
        return self.done(Step(kind, key))

    def done(self, step: Step) -> Part:
        """Return the part that one more step makes of this one."""
        if step.kind == "same":
            return self
        return replace(self, steps=(*self.steps, step))

    def at(self, axis: str) -> int | tuple | None:
        """Return at which number or range a named axis is taken, those before it whole; or None."""
        axes = [*self.tensor.axes]
        for step in self.steps:
            if step.kind in ("transpose", "permute"):
                order = step.of(np.empty([*range(len(axes))])).shape  # each size is its axis' place
                axes = [axes[place] for place in order]
                continue
            place = axes.index(axis) if axis in axes and step.kind == "index" else len(step.key)
            if place < len(step.key) and {*step.key[:place]} <= {WHOLE}:
                entry = step.key[place]
                return entry if isinstance(entry, (int, tuple)) and entry != WHOLE else None
            return None
        return None


@dataclass(frozen=True)
class Made:
    """What an operation made of parts of the tensors that a call returned.

    expression: how one writes it, with … for what is not of that call; "" if it is too long.
    parts: what it is made of.
    keeps: whether each of its numbers comes from the one at its place in its only part.
    rows: of a stack, a part for each place of its first axis; None for what is not of that call.
    """

    expression: str
    parts: tuple[Part, ...]
    keeps: bool = False
    rows: tuple[Part | Made | None, ...] = ()

    @property
    def tensor(self) -> Tensor:
        """Return the first tensor that it is made of."""
        return self.parts[0].tensor

    def done(self, step: Step) -> Part | Made | None:
        """Return what a step makes of it; None if nothing is left of it."""
        if step.kind == "same":
            return self
        row = step.key[0] if self.rows and step.kind == "index" else None
        if isinstance(row, int):
            part = self.rows[row]
            return part.done(Step("index", step.key[1:])) if part and step.key[1:] else part
        if self.keeps:
            return replace(self, expression=self._then(step), parts=(self.parts[0].done(step),))
        return replace(self, expression=self._then(step), rows=())

    def _then(self, step):
        return short_enough(step.words(closed(self.expression))) if self.expression else ""

    def at(self, axis: str) -> int | tuple | None:
        """Return at which number or range a named axis is taken, if that is known."""
        return self.parts[0].at(axis) if self.keeps else None


@dataclass(frozen=True)
class Written:
    """How one writes an operation on tensors.

    pieces: texts, and the tensors between them; tensors alone where nothing writes it in short.
    keeps: whether each number of the result comes from the one at its place in the first tensor.
    rows: of a stack along the first axis, its tensors.
    """

    pieces: tuple = ()
    keeps: bool = False
    rows: tuple = ()


def made(written: Written, parts: dict[int, Part | Made]) -> Made:
    """Return what an operation made of parts, by the identity of the tensor that each one is."""
    known = [parts[id(one)] for one in written.pieces if id(one) in parts]
    whole = any(isinstance(one, str) for one in written.pieces) and all(
        part.expression for part in known
    )
    expression = _joined(written.pieces, parts) if whole else ""
    read = tuple(dict.fromkeys(part for one in known for part in one.parts))
    keeps = written.keeps and len(known) == 1 and known[0].keeps and len(read) == 1
    rows = tuple(parts.get(id(one)) for one in written.rows)
    return Made(short_enough(expression), read, keeps, rows)


def _joined(pieces, parts):
    """Return pieces as one text, with the expressions of the tensors; of others in a row, one …."""
    texts = []
    for place, piece in enumerate(pieces):
        if isinstance(piece, str):
            texts.append(piece)
        elif id(piece) in parts:
            texts.append(_operand(parts[id(piece)].expression, "".join(texts), pieces[place + 1 :]))
        elif texts[-2:] == ["…", ", "]:
            texts.pop()
        else:
            texts.append("…")
    return "".join(texts)


def _operand(expression, before, after):
    """Return an expression as it stands between texts."""
    if before == "pad_packed_sequence(":  # which takes the whole, not what is in it
        return expression.removesuffix(".data")
    alone = before.rstrip().endswith(("(", "[", ",")) and after[0][0] in ")],"
    return expression if alone else closed(expression)


def closed(expression: str) -> str:
    """Return an expression as an operand: in brackets, if a sign in it is in none."""
    inside = expression
    while inside != (inside := re.sub(r"\([^()]*\)|\[[^][]*\]", "", inside)):
        pass
    return f"({expression})" if " " in inside or inside[:1] == "-" else expression


def short_enough(expression: str) -> str:
    """Return an expression, or "" for one that is too long to be told."""
    return expression if len(expression) <= LONG else ""


def taken(tensor: Tensor, axis: str, entry: int) -> Part:
    """Return the part of a tensor at one place of a named axis."""
    return Part(tensor).then("index", *[WHOLE] * tensor.axes.index(axis), entry)


def entries_of(key: tuple, axes: int) -> list:
    """Return what an operation indexes a tensor of so many axes with as the entries of a Step: an
    axis each, if none is new; the last is not idle.
    """
    entries = [_entry(one) for one in key]
    if Ellipsis in entries and not any(isinstance(one, str) for one in entries):
        place = entries.index(Ellipsis)
        entries[place : place + 1] = [WHOLE] * (axes - len(entries) + 1)
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
        if tensor.shape[-1] > 1:
            yield taken(tensor, tensor.axes[-1], -1)
    if any(made_of(axis, "layers") for axis in tensor.axes[:1]):
        rows = [row for row in (-1, -2, *range(shape[0])) if -row <= shape[0]]
        yield from (whole.then("index", row) for row in rows)
        yield from (whole.then("index", (row, None)) for row in (-2, -1))
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
