"""What becomes of each returned tensor: who goes on with which part of it, as what.

A tensor is recognised as the same one or a view of it; failing that, by its numbers. It has more
than 300 lines: where a tensor came from is sought by one class, in several ways.
"""

from collections import deque
from dataclasses import dataclass, field, replace

from ..late import np
from ..nests import leaves
from ..shapes import Tensor
from .parts import Made, Part, Step, entries_of, made, parts_of, views_of
from .watching import Operation, first_given

LOOP = 3  # so many numbers in the same place of an index are a loop
LETTERS = {"timesteps": "t", "batch": "b"}


@dataclass(frozen=True)
class Use:
    """What becomes of a tensor, or of a part of it.

    who: the path of the layer that receives it, or of the attribute that keeps it; "" for the
        network itself, which returns it.
    kind: that layer's class.
    part: what of which tensor is received.
    shape: of what is received.
    role: "input", "state"; "result" where the network itself returns it; "kept" by an attribute.
    numbers: whether it was recognised by its numbers alone, as a copy, and not as the tensor.
    through: the path of the layer that it came through, as it was or made into this; or "".
    directly: whether it may as well have come without that layer.
    line: where in its user's code it is received, as words; "" where that is not known.
    loop: the numbers that the letter in its index takes, one after another; () for no loop.
    slot: which of the states of the layer it begins, from 0; None for what is no state.
    beside: whether the tensor is made of what another call returned as well.
    """

    who: str
    kind: str
    part: Part | Made
    shape: tuple[int, ...]
    role: str = "input"
    numbers: bool = False
    through: str = ""
    directly: bool = False
    line: str = ""
    loop: tuple[int, ...] = ()
    slot: int | None = None
    beside: bool = False

    @property
    def tensor(self) -> Tensor:
        """Return the returned tensor that it is a part of; of several, the first."""
        return self.part.tensor

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """Return the returned tensors that it is made of."""
        return tuple(dict.fromkeys(part.tensor for part in self.part.parts))

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
        if self.role == "kept":
            return f"the attribute `{self.who}`"
        return f"`{self.who}` (`{self.kind}`)" if self.who else "the network"

    @property
    def named(self) -> str:
        """Return what of the tensors is received: "the numbers of `output[:, -1]`"."""
        if not self.expression:
            return f"what is made of {' and '.join(f'`{one.expression}`' for one in self.tensors)}"
        return f"{'the numbers of ' * self.numbers}`{self.expression}`"

    @property
    def words(self) -> str:
        """Return what is received: "the numbers of `output[:, -1]`, (3, 7)"."""
        first = "" if "Cell" in self.kind else "first "  # a cell is called in a loop
        as_state = f" as a {first}state" if self.role == "state" else ""
        handed = f" through `{self.through}`" if self.through else ""
        handed = f" directly or{handed}" if self.directly else handed
        letter = (
            f" for {_last_entry(self.part)} = {self.loop[0]} … {self.loop[-1]}" if self.loop else ""
        )
        return f"{self.named} {self.shape}{letter}{handed}{as_state}"


def tensors_in(value, reader) -> list:
    """Return the framework's tensors in a nested value, in a row."""
    return [leaf for leaf in leaves(value) if reader.is_tensor(leaf)]


def is_part(event, reader) -> bool:
    """Return whether an event happens inside the call of a recurrent layer."""
    return any(reader.recurrent(outer.layer) for outer in event.inside())


def with_uses(calls, seen) -> list:
    """Return the calls with their uses, found in what any layer was given after them, and with what
    was read of them besides.
    """
    sources = _Sources(seen, {call.order: [] for call in calls})
    by_order = {call.order: call for call in calls}
    operations = deque(seen.operations)
    for event in seen.events:
        sources.make(operations, event.order)
        if is_part(event, seen.reader):
            continue
        if not seen.reader.container(event.layer):
            for real, slot in given_to(event, seen.reader):
                sources.note_use(event, real, slot)
        if event.order in by_order:
            sources.add(by_order[event.order], tensors_in(event.value, seen.reader))
    sources.make(operations, len(seen.events))
    results = [("", "result", real) for real in tensors_in(seen.result, seen.reader)]
    for who, role, real in [*results, *((who, "kept", real) for who, real in seen.keeps)]:
        for origin in sources.find(real):
            sources.found[origin.call.order].append((None, origin.used(who, "", real, role)))
    return [
        replace(
            call,
            uses=tuple(_looped(dict.fromkeys(use for _, use in sources.found[call.order]))),
            read=tuple(one for one in call.returned.tensors if (call.order, one) in sources.read),
        )
        for call in calls
    ]


def _looped(uses):
    """Give uses, and of those of a loop over a tensor one alone, with a letter in its index."""
    groups = {}
    for use in uses:
        groups.setdefault(replace(use, part=_lettered(use.part)), []).append(use)
    many = {}
    for letter, group in groups.items():
        if len(group) >= LOOP:
            yield replace(letter, loop=tuple(_last_entry(use.part) for use in group))
            continue
        for use in group:
            alike = replace(use, part=Made("", ())) if isinstance(use.part, Made) else use
            many.setdefault(alike, []).append(use)
    for alike, group in many.items():
        parts = dict.fromkeys(part for use in group for part in use.part.parts)
        yield from [replace(alike, part=Made("", (*parts,)))] if len(group) > LOOP else group


def _lettered(part):
    """Return a part with a letter for the last number of its index, if it is but an index."""
    (step,) = part.steps if isinstance(part, Part) and len(part.steps) == 1 else (Step(""),)
    if step.kind != "index" or not isinstance(step.key[-1], int):
        return part
    axis = part.tensor.axes[len(step.key) - 1] if len(step.key) <= len(part.tensor.axes) else ""
    return Part(part.tensor).then("index", *step.key[:-1], LETTERS.get(axis, "i"))


def _last_entry(part):
    """Return the last entry of a part's index."""
    return part.steps[0].key[-1]


def given_to(event, reader) -> list[tuple]:
    """Return pairs: a tensor that a layer was given, and which of its states it is, or None.

    Whole numbers beside what it reads, such as lengths, are no states.
    """
    if not reader.recurrent(event.layer):
        return [(real, None) for real in tensors_in((event.args, event.kwargs), reader)]
    read = first_given(event)
    named = [one for name, one in event.kwargs.items() if name != "mask"]
    rest = [*event.args[1:], *named] if event.args else [one for one in named if one is not read]
    beside = tensors_in(rest, reader)
    states = [one for one in beside if "float" in str(one.dtype)]
    others = [one for one in beside if all(one is not state for state in states)]
    return [
        *((real, None) for real in (*tensors_in(read, reader), *others)),
        *((real, slot) for slot, real in enumerate(states)),
    ]


@dataclass(frozen=True)
class _Origin:
    """Where a tensor of the pass comes from: a part of what a Call returned, as in a Use."""

    call: object
    part: Part | Made
    numbers: bool = False
    through: str = ""
    directly: bool = False

    def as_state(self):
        """Return it of the state, where that is the very tensor of the output."""
        other = dict(self.call.twice).get(self.part.tensor) if isinstance(self.part, Part) else None
        whole = other is not None and not self.part.steps
        return replace(self, part=Part(other)) if whole else self

    def used(self, who, kind, real, role, slot=None, line=""):
        """Return the Use of a tensor that comes from here."""
        how = dict(numbers=self.numbers, through=self.through, directly=self.directly)
        return Use(who, kind, self.part, tuple(real.shape), role, **how, line=line, slot=slot)


def _stepped(origins, step):
    """Return the _Origins of what a step makes of a tensor, without those it leaves nothing of."""
    parts = [origin.part.done(step) for origin in origins]
    pairs = zip(origins, parts, strict=True)
    return tuple(replace(origin, part=part) for origin, part in pairs if part)


@dataclass
class _Sources:
    """The tensors that recurrent layers returned in a pass, and what was made of them."""

    seen: object
    found: dict  # by the order of a call: pairs of an event and a Use
    same: dict = field(default_factory=dict)  # by identity or address: _Origins, of unlike calls
    handed: dict = field(default_factory=dict)  # by call and Part: who handed it on unchanged
    copies: dict = field(default_factory=dict)  # by shape and first row: _Origins
    uncopied: list = field(default_factory=list)  # calls not yet looked for by their numbers
    read: set = field(default_factory=set)  # pairs of the order of a call and a tensor
    makers: dict = field(default_factory=dict)  # by identity: the path of the layer that made it

    def __post_init__(self):
        """Look for what layers of somebody's own made, that have no recurrent one in them."""
        around = {id(one) for event in self.seen.events for one in self._around(event)}
        for event in self.seen.events:
            own = event.within and event.handed is None and id(event) not in around
            if own and self.seen.reader.is_layer(event.layer):
                for real in tensors_in(event.value, self.seen.reader):
                    self.makers.setdefault(id(real), event.path)

    def _around(self, event):
        """Return a recurrent layer's event, and those that it is in."""
        return [event, *event.inside()] if self.seen.reader.recurrent(event.layer) else []

    def add(self, call, reals):
        """Take in what a call returned: the tensors of the framework, in order."""
        for tensor, real in zip(call.returned.tensors, reals, strict=True):
            if id(real) in self.seen.read:
                self.read.add((call.order, tensor))
            if tensor not in dict(call.twice).values():
                self.same[id(real)] = (_Origin(call, Part(tensor)),)
            for part in views_of(tensor):
                self.same.setdefault(_address(part.values), (_Origin(call, part),))
        if call.spec and call.spec.timesteps > 1:  # at one timestep all numbers are alike
            self.uncopied.append(call)

    def make(self, operations: "deque[Operation]", order: int):
        """Take in what the operations made that ran before the event of this order."""
        while operations and operations[0].order <= order:
            operation = operations.popleft()
            known = {id(one): self._known(one) for one in operation.given}
            if any(not isinstance(how, Step) for _, how in operation.made) or not operation.made:
                self._read(known)
            for real, how in operation.made:
                self.same[id(real)] = self._made(how, known, operation.given)

    def _read(self, known):
        """Take in that the numbers of tensors were read, whatever became of them."""
        for origins in known.values():
            for origin in origins:
                self.read |= {(origin.call.order, part.tensor) for part in origin.part.parts}

    def _made(self, how, known, given):
        """Return the _Origins of what was made as a Step or a Written says."""
        if isinstance(how, Step):
            first = known[id(given[0])]
            return _stepped(first, how)
        calls = {one.call.order: one.call for origins in known.values() for one in origins}
        return tuple(
            _Origin(
                call,
                made(
                    how,
                    {
                        key: one.part
                        for key, row in known.items()
                        for one in row
                        if one.call is call
                    },
                ),
            )
            for call in calls.values()
        )

    def note_use(self, event, real, slot):
        """Note down what an event does with a tensor, if it is a known one."""
        origins = self.find(real)
        for origin in origins:
            self._note_use(event, real, slot, origin, beside=len(origins) > 1)

    def _note_use(self, event, real, slot, origin, *, beside):
        reader = self.seen.reader
        if key := reader.index(event):
            step = Step("index", tuple(entries_of(key, len(real.shape))))
            for out in tensors_in(event.value, reader):
                self.same[id(out)] = _stepped((origin,), step)
            return
        if event.handed is real:
            self.hand_on(event, origin)
        role = "input" if slot is None else "state"
        origin = origin.as_state() if slot is not None else origin
        use = origin.used(event.path, type(event.layer).__name__, real, role, slot, event.line)
        use = replace(use, beside=beside)
        uses, around = self.found[origin.call.order], event.inside()
        uses[:] = [
            (other, one) for other, one in uses if other not in around or one.part != origin.part
        ]
        uses.append((event, use))

    def find(self, real):
        """Return the _Origins of a tensor, of unlike calls; () if it has none."""
        return self._known(real) or tuple(map(self._handed, self._alike(real)))

    def _known(self, real):
        """Return the _Origins of a tensor that is known as such, with the layer that made it."""
        origins = self.same.get(id(real), ())
        path = self.makers.get(id(real))
        return tuple(replace(one, through=path) for one in origins) if path else origins

    def _handed(self, origin):
        """Return an _Origin with the layer that it came through, if one handed it on."""
        parts = origin.part, Part(origin.part.tensor)
        paths = [self.handed.get((origin.call.order, part)) for part in parts]
        path = next(filter(None, paths), "")
        return replace(origin, through=path, directly=True) if path else origin

    def hand_on(self, event, origin):
        """Take in that a layer returned what it was given."""
        self.handed[origin.call.order, origin.part] = event.path
        self.same[id(event.value)] = (replace(origin, through=event.path, directly=False),)

    def _alike(self, real):
        """Return the _Origins of a tensor at a known address, or with known numbers."""
        array = self.seen.reader.array(real)
        if _address(array) in self.same:
            return self.same[_address(array)]
        for call in self.uncopied:
            for part in parts_of(call):
                origin = _Origin(call, part, numbers=True)
                self.copies.setdefault(_print(part.values), []).append(origin)
        self.uncopied = []
        if array.dtype.kind != "f":  # whole numbers may be equal and others
            return ()
        alike, path = self.copies.get(_print(array), ()), self.makers.get(id(real), "")
        alike = [one for one in alike if _same_numbers(array, one.part.values)]
        return tuple(replace(one, through=path) for one in alike if self._may_make(path, one))[:1]

    def _may_make(self, path, origin):
        """Return whether a layer may have made what has the numbers of an _Origin: of what the call
        returned it was given nothing, as far as is seen, or that.
        """
        uses = [use for _, use in self.found[origin.call.order] if use.who == path]
        return not uses or any(origin.part.tensor in use.tensors for use in uses)


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
