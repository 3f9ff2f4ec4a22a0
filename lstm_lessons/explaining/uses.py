"""What becomes of each returned tensor: who goes on with which part of it, as what.

A tensor is recognised as the same one or a view of it; failing that, by its numbers.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from ..nests import leaves
from ..shapes import Tensor
from .parts import Part, entries_of, parts_of, views_of
from .watching import first_given


@dataclass(frozen=True)
class Use:
    """What becomes of a tensor, or of a part of it.

    who: the path of the layer that receives it, or "" for the network itself, which returns it.
    kind: that layer's class.
    part: what of which tensor is received.
    shape: of what is received.
    role: "input", "state", or "result" where the network itself returns it.
    numbers: whether it was recognised by its numbers alone, as a copy, and not as the tensor.
    through: the path of a layer that returns what it is given and handed it on, or "".
    directly: whether it may as well have come without that layer.
    """

    who: str
    kind: str
    part: Part
    shape: tuple[int, ...]
    role: str = "input"
    numbers: bool = False
    through: str = ""
    directly: bool = False

    @property
    def tensor(self) -> Tensor:
        """Return the returned tensor that it is a part of."""
        return self.part.tensor

    @property
    def expression(self) -> str:
        """Return what of it is received, as its users write it: "output[:, -1]"."""
        return self.part.expression

    @property
    def timestep(self) -> int | tuple | None:
        """Return which timestep is taken, or which range of them; None for no single ones."""
        return self.part.at("timesteps")

    @property
    def sequence(self) -> int | tuple | None:
        """Return which sequence is taken out of the batch, or which range; None for no single."""
        return self.part.at("batch")

    @property
    def by(self) -> str:
        """Return who receives it, in words: "`fc` (`Linear`)"."""
        return f"`{self.who}` (`{self.kind}`)" if self.who else "the network"

    @property
    def words(self) -> str:
        """Return what is received: "the numbers of `output[:, -1]`, (3, 7)"."""
        copy = "the numbers of " if self.numbers else ""
        handed = f" through `{self.through}`" if self.through else ""
        handed = f" directly or{handed}" if self.directly else handed
        first = "" if "Cell" in self.kind else "first "  # a cell is called in a loop
        as_state = f" as a {first}state" if self.role == "state" else ""
        return f"{copy}`{self.expression}` {self.shape}{handed}{as_state}"


def tensors_in(value, reader) -> list:
    """Return the framework's tensors in a nested value, in a row."""
    return [leaf for leaf in leaves(value) if reader.is_tensor(leaf)]


def is_part(event, reader) -> bool:
    """Return whether an event happens inside the call of a recurrent layer."""
    return any(reader.recurrent(outer.layer) for outer in event.inside())


def with_uses(calls, seen) -> list:
    """Return the calls with their uses, found in what any layer was given after them."""
    sources = _Sources(seen)
    found: dict[int, list] = {call.order: [] for call in calls}
    by_order = {call.order: call for call in calls}
    for event in seen.events:
        if is_part(event, seen.reader):
            continue
        if not seen.reader.container(event.layer):
            for real in tensors_in((event.args, event.kwargs), seen.reader):
                _note_use(found, sources, event, real)
        if event.order in by_order:
            sources.add(by_order[event.order], tensors_in(event.value, seen.reader))
    for real in tensors_in(seen.result, seen.reader):
        if origin := sources.find(real):
            found[origin.call.order].append((None, origin.used("", "", real, "result")))
    return [
        replace(call, uses=tuple(dict.fromkeys(use for _, use in found[call.order])))
        for call in calls
    ]


def _note_use(found, sources, event, real):
    """Note down what an event does with a tensor, if it is a known one."""
    if not (origin := sources.find(real)):
        return
    reader = sources.seen.reader
    if key := reader.index(event):
        part = origin.part.then("index", *entries_of(key))
        for out in tensors_in(event.value, reader):
            sources.same[id(out)] = replace(origin, part=part)
        return
    if event.handed is real:
        sources.hand_on(event, origin)
    read = [id(tensor) for tensor in tensors_in(first_given(event), reader)]
    role = "input" if id(real) in read or not reader.recurrent(event.layer) else "state"
    use = origin.used(event.path, type(event.layer).__name__, real, role)
    uses, around = found[origin.call.order], event.inside()
    uses[:] = [
        (other, one) for other, one in uses if other not in around or one.part != origin.part
    ]
    uses.append((event, use))


@dataclass(frozen=True)
class _Origin:
    """Where a tensor of the pass comes from: a part of what a Call returned, as in a Use."""

    call: object
    part: Part
    numbers: bool = False
    through: str = ""
    directly: bool = False

    def used(self, who, kind, real, role):
        """Return the Use of a tensor that comes from here."""
        how = self.numbers, self.through, self.directly
        return Use(who, kind, self.part, tuple(real.shape), role, *how)


@dataclass
class _Sources:
    """The tensors that recurrent layers returned in a pass, and their parts."""

    seen: object
    same: dict = field(default_factory=dict)  # by identity or address: an _Origin
    handed: dict = field(default_factory=dict)  # by call and Part: who handed it on unchanged
    copies: dict = field(default_factory=dict)  # by shape and first row: _Origins
    uncopied: list = field(default_factory=list)  # calls not yet looked for by their numbers

    def add(self, call, reals):
        """Take in what a call returned: the tensors of the framework, in order."""
        for tensor, real in zip(call.returned.tensors, reals, strict=True):
            self.same[id(real)] = _Origin(call, Part(tensor))
            for part in views_of(tensor):
                self.same.setdefault(_address(part.values), _Origin(call, part))
        if call.spec and call.spec.timesteps > 1:  # at one timestep all numbers are alike
            self.uncopied.append(call)

    def find(self, real):
        """Return the _Origin of a tensor, or None."""
        if id(real) in self.same:
            return self.same[id(real)]
        if not (origin := self._alike(real)):
            return None
        parts = origin.part, Part(origin.part.tensor)
        paths = [self.handed.get((origin.call.order, part)) for part in parts]
        path = next(filter(None, paths), "")
        return replace(origin, through=path, directly=bool(path))

    def hand_on(self, event, origin):
        """Take in that a layer returned what it was given."""
        self.handed[origin.call.order, origin.part] = event.path
        self.same[id(event.value)] = replace(origin, through=event.path, directly=False)

    def _alike(self, real):
        """Return the _Origin of a tensor at a known address, or with known numbers, or None."""
        array = self.seen.reader.array(real)
        if _address(array) in self.same:
            return self.same[_address(array)]
        for call in self.uncopied:
            for part in parts_of(call):
                origin = _Origin(call, part, numbers=True)
                self.copies.setdefault(_print(part.values), []).append(origin)
        self.uncopied = []
        if array.dtype.kind != "f":  # whole numbers may be equal and others
            return None
        alike = self.copies.get(_print(array), ())
        return next((one for one in alike if _same_numbers(array, one.part.values)), None)


def _same_numbers(array, other):
    """Return whether two arrays hold the same numbers, and not one number alone."""
    return np.array_equal(array, other) and array.size and np.ptp(array) != 0


def _address(array):
    """Return where an array lies in memory and how; two views with the same one are the same."""
    steps = [s for s, size in zip(array.strides, array.shape, strict=True) if size != 1]
    return array.__array_interface__["data"][0], array.shape, tuple(steps), array.dtype.char


def _print(array):
    """Return what arrays with the same numbers have in common, whatever their precision: the shape
    and the first row.
    """
    first = array[(0,) * (array.ndim - 1)] if array.size and array.ndim else array
    return array.shape, first.astype("float64").tobytes()
