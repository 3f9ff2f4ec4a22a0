"""What an index takes of a tensor, as data: which numbers, which axes stay; and the words for it.

All of it is plain Python: a tensor's values are looked at by `values` alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product
from math import prod
from operator import getitem
from typing import Any

from .nests import number_at, shaped
from .shapes import Tensor, concat
from .spec import plural

STAYS, GONE, NEW = "stays", "taken away", "new"


@dataclass(frozen=True)
class Axis:
    """What one axis of the result runs over, or what an index took an axis away at.

    of: the number of the tensor's axis; none if it is new, several where lists were given in pairs.
    places: at each step, the place on each of those axes.
    stays: whether it is an axis of the result.
    """

    of: tuple[int, ...]
    places: tuple[tuple[int, ...], ...]
    stays: bool = True


@dataclass(frozen=True)
class Part:
    """A part of an index, as it was typed: from which character up to which.

    axes: the names of the axes that it belongs to; none of a new one.
    does: whether its axis "stays", is "taken away" or is "new".
    """

    start: int
    end: int
    axes: tuple[str, ...]
    does: str


@dataclass(frozen=True)
class Piece:
    """What an index takes of one tensor. steps: the index, as Python has it, bracket by bracket."""

    tensor: Tensor
    steps: tuple[tuple, ...]
    parts: tuple[Part, ...]
    axes: tuple[Axis, ...]

    @property
    def kept(self) -> tuple[Axis, ...]:
        """Return the axes of the result, in order."""
        return tuple(axis for axis in self.axes if axis.stays)

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape of the result."""
        return tuple(len(axis.places) for axis in self.kept)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the name of each axis of the result, "new" of one that the index made."""
        return tuple(self.tensor.axes[axis.of[0]] if axis.of else NEW for axis in self.kept)

    @property
    def before(self) -> tuple[tuple[str, int, str], ...]:
        """Return of each axis of the tensor its name, its size and whether it stays."""
        stay = {axis.of[0] for axis in self.kept if axis.of}
        sizes = zip(self.tensor.axes, self.tensor.shape, strict=True)
        return tuple((*one, STAYS if at in stay else GONE) for at, one in enumerate(sizes))

    def squares(self) -> Iterator[tuple[int, ...]]:
        """Yield the place of each number that is taken, in the order of the result."""
        for combined in product(*(axis.places for axis in self.axes)):
            place = [0] * len(self.tensor.shape)
            for axis, at in zip(self.axes, combined, strict=True):
                for number, one in zip(axis.of, at, strict=True):
                    place[number] = one
            yield tuple(place)

    def along(self, axis: int) -> tuple[int, ...]:
        """Return the places that are taken on one axis of the tensor, by its number."""
        [one] = [one for one in self.axes if axis in one.of]
        return tuple(at[one.of.index(axis)] for one in [one] for at in one.places)

    def takes_those_of(self, other: Piece) -> bool:
        """Return whether it takes the numbers of another piece of its tensor, in any order."""
        if nothing := [0 in one.shape for one in (self, other) if 0 in one.shape]:
            return len(nothing) == 2
        axes = range(len(self.tensor.shape))
        if any({*self.along(axis)} != {*other.along(axis)} for axis in axes):
            return False
        each_alone = all(len(axis.of) < 2 for axis in (*self.axes, *other.axes))
        return each_alone or {*self.squares()} == {*other.squares()}

    @property
    def gist(self) -> tuple:
        """Return what it has in common with an index that takes the same numbers in this order."""
        fixed = [pair for axis in self.axes if len(axis.places) == 1 for pair in _pairs(axis)]
        running = [(axis.of, axis.places) for axis in self.axes if len(axis.places) > 1]
        nothing = 0 in self.shape
        return self.tensor.expression, not nothing and (frozenset(fixed), tuple(running))

    def of(self, values: Any) -> Any:
        """Return what the index takes of an array, or of nested lists, of the tensor's shape.

        Of an array an array or a number, else nested lists.
        """
        if isinstance(values, list):
            return shaped((number_at(values, at) for at in self.squares()), self.shape)
        return reduce(getitem, self.steps, values)


@dataclass(frozen=True)
class Taken:
    """What an index takes.

    written: the index as it was typed.
    pieces: one, or those that are joined.
    joined: at which axis of theirs, None if there is one piece.
    """

    written: str
    pieces: tuple[Piece, ...]
    joined: int | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape of the result."""
        first, *more = (piece.shape for piece in self.pieces)
        at = self.joined
        if at is None:
            return first
        return (*first[:at], first[at] + sum(one[at] for one in more), *first[at + 1 :])

    @property
    def names(self) -> tuple[str, ...]:
        """Return the name of each axis of the result: "2·units" of two that are joined."""
        names, at = self.pieces[0].names, self.joined
        if at is None or len({piece.shape[at] for piece in self.pieces}) > 1:
            return names
        return (*names[:at], f"{len(self.pieces)}·{names[at]}", *names[at + 1 :])

    @property
    def size(self) -> int:
        """Return how many numbers are taken."""
        return prod(self.shape)

    @property
    def squares(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Return each number that is taken, as (the tensor's expression, its place), in order."""
        return tuple((one.tensor.expression, at) for one in self.pieces for at in one.squares())

    @property
    def values(self) -> Any:
        """Return the numbers that are taken, an array or nested lists, as the tensors have them."""
        parts = [piece.of(piece.tensor.values) for piece in self.pieces]
        return parts[0] if self.joined is None else concat(parts, self.joined)

    @property
    def gist(self) -> tuple:
        """Return what it has in common with whatever takes the same numbers in the same shape."""
        return self.shape, tuple(piece.gist for piece in self.pieces)

    @property
    def change(self) -> str:
        """Return the shape before and after, struck out what is gone: "(3, 5̶, 7) → (3, 7)"."""
        before = " and ".join(
            as_tuple([_struck(size) if does == GONE else size for _, size, does in piece.before])
            for piece in self.pieces
        )
        return f"{before} → {as_tuple(self.shape)}"

    @property
    def words(self) -> str:
        """Return what is taken: "all 3 sequences, the last timestep, all 7 units"."""
        said = "; and ".join(map(_words, self.pieces))
        return said if self.joined is None else f"{said}; joined at their {self._where}"

    @property
    def _where(self):
        name = self.pieces[0].names[self.joined]
        return name if name != NEW else "new axis"


def _pairs(axis):
    return zip(axis.of, axis.places[0], strict=True)


def as_tuple(sizes: Iterable[object]) -> str:
    """Return sizes as one writes a shape: "(3, 7)"."""
    written = [*map(str, sizes)]
    return f"({', '.join(written)}{',' * (len(written) == 1)})"


def _struck(size):
    return "".join(f"{digit}\u0336" for digit in str(size))


# What is counted on an axis, where its name does not say so.
COUNTED = {"batch": "sequence", "layers·directions": "row", "projection": "number", NEW: "new axis"}


def _words(piece):
    """Return what is taken of one tensor, axis by axis."""
    said = []
    for axis in sorted(piece.axes, key=lambda one: one.of):
        names = [(piece.tensor.axes[at], piece.tensor.shape[at]) for at in axis.of]
        if len(names) > 1:
            pairs = [map(_one, *zip(*names, strict=True), both) for both in axis.places]
            said += [" of ".join([*pair][::-1]) for pair in pairs]
        elif names:
            said.append(places_in_words(*names[0], [at for (at,) in axis.places], axis.stays))
    new = sum(not axis.of and axis.stays for axis in piece.axes)
    said += ["a new axis of 1" if new == 1 else f"{new} new axes of 1"] if new else []
    return ", ".join(said) or "the number itself"


def noun(axis: str, number: int = 1) -> str:
    """Return what is counted on an axis: "sequences", "timestep"."""
    of = axis.rpartition("·")[2] if axis not in COUNTED else axis
    one = COUNTED.get(of, of.removesuffix("s") or "place").replace("?", "place")
    return one if number == 1 else plural(one)


def _one(axis, size, at):
    """Return one place on an axis: "timestep 3", "row 2 (layer 1 forward)"."""
    if axis == "layers·directions":
        return f"row {at} (layer {at // 2} {('forward', 'backward')[at % 2]})"
    if axis.startswith("directions·"):
        way = ("forward", "backward")[at >= size // 2]
        return f"{noun(axis)} {at % (size // 2)} of the {way} direction"
    return f"{noun(axis)} {at}"


def _ended(axis, size, at):
    """Return one place, in words if it is the first or the last."""
    if size == 1:
        return f"the one {noun(axis)}"
    ends = {0: "the first", size - 1: "the last"}
    if at not in ends or axis.startswith("directions·"):
        return _one(axis, size, at)
    return _one(axis, size, at).replace(f"{noun(axis)} {at}", f"{ends[at]} {noun(axis)}", 1)


def places_in_words(axis: str, size: int, places: Sequence[int], stays: bool = True) -> str:
    """Return which places are taken on an axis, in words."""
    number, many, places = len(places), noun(axis, 2), [*places]
    if number == 1:
        kept = " (its axis stays, of 1)" if stays and size > 1 else ""
        return f"{_ended(axis, size, places[0])}{kept}"
    if not number:
        return f"no {noun(axis)}"
    for way, found in (("", places), (" backwards", places[::-1])):
        if found == [*range(found[0], found[0] + number)]:
            return f"{_range(axis, size, found[0], number)}{way}"
    listed = places if number < 6 else [*places[:2], "…", places[-1]]
    return f"{many} at {', '.join(map(str, listed[:-1]))} and {listed[-1]}"


def _every(size, many):
    return f"both {many}" if size == 2 else f"all {size} {many}"


def _range(axis, size, start, number):
    """Return neighbouring places in words."""
    many, end = noun(axis, 2), start + number
    if axis.startswith("directions·"):
        if number == size:
            return f"{_every(size, many)} of both directions"
        if number == size // 2 and start in (0, number):
            return f"the {number} {many} of the {'backward' if start else 'forward'} direction"
    elif number == size:
        return _every(size, many)
    if start == 0 or end == size:
        return f"the {'last' if start else 'first'} {number} {many}"
    return f"{many} from {start} to {end - 1}"
