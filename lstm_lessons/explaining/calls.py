"""The calls of a network's layers in one forward pass, as data: what each read and returned.

It has more than 300 lines: two records, and how each is read off a layer.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, NamedTuple

from ..drawing import of_pass
from ..nests import nests
from ..pictures import Picture
from ..rule import input_axes
from ..shapes import Returned, Tensor, attach, holds
from ..spec import Spec
from .tracebacks import home
from .uses import Use, is_part, tensors_in
from .watching import READERS, Rule, first_given, is_there, reader_of

NOT_KNOWN = "What is marked ? is not the plain layer's, and not known here."


class Term(NamedTuple):
    """The parameters of a layer, or of one of several; heard: the numbers of h that it reads.

    blocks: of its weights, one for each gate and one for the candidate.
    """

    directions: int
    blocks: int
    inputs: int
    heard: int
    biases: int
    units: int
    projection: int

    @property
    def total(self) -> int:
        """Return how many they are."""
        each = self.blocks * (self.inputs + self.heard + self.biases) * self.units
        return self.directions * (each + self.units * self.projection)

    def words(self, times: int) -> str:
        """Return them as a product, for so many layers alike: "2 · 4 · (3 + 7 + 1) · 7"."""
        summed = " + ".join(str(one) for one in self[2:5] if one)
        product = f"({summed}) · {self.units}"
        if self.blocks > 1:
            product = f"{self.blocks} · {product}"
        if self.projection:
            product = f"({product} + {self.units} · {self.projection})"
        return " · ".join([*(str(one) for one in (times, self.directions) if one > 1), product])


@dataclass(frozen=True)
class Call:
    """One call of a recurrent layer.

    name: the last part of its path.
    path: where the layer is in the network.
    kind: its class.
    flags: its settings that decide what comes back, by name.
    input: what it read.
    returned: what it returned, with values; `.returned.shapes` nests as the framework does.
    uses: what becomes of it, as far as it is seen.
    complete: whether every use is seen, so that what has none is dropped; None for the network
        itself, which returns it all.
    read: the tensors that something was made of outside of any layer, whatever became of it.
    parameters: how many; terms: what they are the sum of, () where that is not known.
    skips: whether it skips padding: by a mask, or because its input is packed.
    parts: the calls inside a wrapper such as Bidirectional.
    notes: sentences on what this layer does otherwise than the plain one.
    twice: pairs of returned tensors that are one and the same object.
    begins: as what it takes the states that it begins with, where no Spec says it.
    order: its place among all calls of the pass.
    framework: whose layer it is.
    layer: the framework's own object. spec: what it is and reads, or None if no Spec says it.
    """

    name: str
    path: str
    kind: str
    flags: dict[str, object]
    input: Tensor
    returned: Returned
    uses: tuple[Use, ...] = ()
    complete: bool | None = False
    read: tuple[Tensor, ...] = ()
    parameters: int = 0
    terms: tuple[Term, ...] = ()
    skips: bool = False
    parts: tuple["Call", ...] = ()
    notes: tuple[str, ...] = ()
    twice: tuple[tuple[Tensor, Tensor], ...] = ()
    begins: tuple[str, ...] = ()
    order: int = 0
    framework: str = ""
    layer: object = field(repr=False, compare=False, default=None)
    spec: Spec | None = field(repr=False, compare=False, default=None)

    @property
    def title(self) -> str:
        """Return its path and kind with its settings, as one would write them."""
        settings = ", ".join(f"{name}={value!r}" for name, value in self.flags.items())
        return f"`{self.path}`: `{self.kind}({settings})`"

    @property
    def arithmetic(self) -> str:
        """Return how the parameters come about, "308 = 4 · (3 + 7 + 1) · 7"; "" if not known."""
        alike = [(term, len(list(group))) for term, group in groupby(self.terms)]
        said = " + ".join(term.words(times) for term, times in alike)
        return said and f"{self.parameters} = {said}"

    @property
    def signature(self) -> tuple:
        """Return what alike calls have in common."""
        return self.path, self.kind, self.input.shape, self.returned.shapes

    @property
    def picture(self) -> Picture | None:
        """Return the Picture of the layer at work in this pass; None if it does not fit in one."""
        if self.spec is None:
            return None
        return of_pass(self.spec, self.input, self.returned, self.framework)


@dataclass(frozen=True)
class Other:
    """One call of a layer that is not recurrent: what went in and came out, as shapes.

    masks: the names of the masks that it was given.
    """

    path: str
    kind: str
    read: tuple | dict
    returned: tuple | dict
    parameters: int
    order: int
    masks: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Return it in one line."""
        count = f", {self.parameters} parameters" if self.parameters else ""
        masks = f", with {listed(self.masks)}" if self.masks else ""
        return f"`{self.path}`: `{self.kind}`, {self.read} → {self.returned}{count}{masks}"

    @property
    def signature(self) -> tuple:
        """Return what alike calls have in common; shapes may be in dicts, which are no keys."""
        return self.path, self.kind, str(self.read), str(self.returned), self.masks


def framework_of(kind: type) -> str:
    """Return the name of the framework whose layers a class is one of; "" if it is none's."""
    homes = {*map(home, kind.__mro__)}
    there = [name for name in READERS if name in homes and is_there(name)]
    return next((name for name in there if issubclass(kind, reader_of(name).Layer)), "")


def is_recurrent(event, reader) -> bool:
    """Return whether an event is a call of a recurrent layer, and not of a part of one."""
    return reader.recurrent(event.layer) and not is_part(event, reader)


def is_plain(event, reader) -> bool:
    """Return whether an event is a call of a layer with no others in it, and not recurrent."""
    if reader.recurrent(event.layer) or is_part(event, reader) or not reader.is_layer(event.layer):
        return False
    return event.within is not None and not event.inner


def call_of(event, seen) -> Call:
    """Return the Call of an event, without its uses."""
    layer, read = event.layer, first_given(event)
    framework = framework_of(type(layer))
    reader = reader_of(framework)
    spec, rule, notes = reader.rule(event)
    came = attach(replace(rule, kept=()), _arrays(event.value, reader))
    returned, broken = _confirmed(came, rule)
    unlike = any("?" in (tensor.name, *tensor.axes) for tensor in returned.tensors)
    notes = _of_subclass(
        layer, framework, notes, unlike and (returned.shapes, spec and rule.shapes)
    )
    if broken and not unlike:
        notes = [*notes, f"Does not hold here: {listed([f'`{one}`' for one in broken])}."]
    if unlike:
        notes = [*notes, NOT_KNOWN]
    count, terms = reader.parameters(layer), tuple(Term(*term) for term in reader.terms(layer))
    outer = [seen.reader.graph(one.layer) for one in event.inside()]
    return Call(
        name=event.path.split(".")[-1].split("/")[-1],
        path=event.path,
        kind=type(layer).__name__,
        flags=reader.flags(layer),
        input=_input(spec, rule, reader.array(tensors_in(read, reader)[0])),
        returned=returned,
        complete=seen.complete or all(outer) if outer else None,
        parameters=count,
        terms=terms if sum(term.total for term in terms) == count else (),
        parts=tuple(call_of(one, seen) for one in event.inner if seen.reader.recurrent(one.layer)),
        skips=event.kwargs.get("mask") is not None or hasattr(read, "batch_sizes"),
        notes=tuple(notes),
        twice=_twice(returned.tensors, tensors_in(event.value, reader)),
        begins=getattr(rule, "begins", ()),
        order=event.order,
        framework=framework,
        layer=layer,
        spec=spec,
    )


def _twice(tensors, reals):
    """Return pairs of tensors that are one object of the framework, returned twice."""
    first, found = {}, []
    for tensor, real in zip(tensors, reals, strict=True):
        if first.setdefault(id(real), tensor) is not tensor:
            found.append((first[id(real)], tensor))
    return tuple(found)


def _of_subclass(layer, framework, notes, unlike):
    """Return the notes of a call with what is to be said of a subclass with code of its own.

    unlike: the shapes that it returned and those of the plain layer, if known; False if alike.
    """
    kind = type(layer)
    plain = next(one for one in kind.__mro__ if home(one) == framework)
    names = [name for name in ("call", "forward") if hasattr(plain, name)]
    own = [name for name in names if getattr(kind, name) is not getattr(plain, name)]
    if not own:
        return notes
    who, of = f"`{kind.__name__}`", f"`{plain.__name__}`"
    of = f"an {of}" if plain.__name__[0] in "LR" else f"a {of}"
    if not unlike:
        told = f"{who} has a `{own[0]}` of its own: what the numbers mean is said of {of}."
        return [told, *notes]
    came, usual = unlike
    where = f", where {of} returns {usual}" if usual else ""
    return [f"{who} is a subclass that returns other things: {came}{where}."]


def with_axes(call: Call, names: list[tuple[str, ...]]) -> Call:
    """Return a Call with names for axes that the rule left open; "" for one that stays so.

    names: of what it reads, then of each tensor that it returns.
    """
    tensors = [
        replace(
            one, axes=tuple(n or a if a == "?" else a for a, n in zip(one.axes, new, strict=True))
        )
        for one, new in zip((call.input, *call.returned.tensors), names, strict=True)
    ]
    read, *returned = tensors
    unknown = any("?" in (one.name, *one.axes) for one in returned)
    notes = tuple(one for one in call.notes if unknown or one != NOT_KNOWN)
    made, own = Returned(tuple(returned), kept=tuple(returned)), {one: one for one in returned}
    twice = tuple((own[one], own[other]) for one, other in call.twice)
    return replace(call, input=read, returned=made, notes=notes, twice=twice)


def _input(spec, rule, values):
    axes = rule.reads if isinstance(rule, Rule) else ()
    if not axes and spec is not None:
        axes = input_axes(spec)
    if len(axes) != values.ndim:
        axes = ("?",) * values.ndim
    return Tensor("input", "input", (), axes, values.shape, "what it reads", "", values)


def _confirmed(returned, rule):
    """Return the Returned with only what is confirmed on its values, and what is not."""
    ruled = {tensor.path: tensor.shape for tensor in rule.tensors}
    said = dict.fromkeys(tensor.equals for tensor in returned.tensors if tensor.equals)
    broken = [equality for equality in said if not _true(equality, returned)]
    tensors = tuple(
        replace(
            tensor,
            axes=_sure(tensor, ruled.get(tensor.path, ())),
            equals="" if tensor.equals in broken else tensor.equals,
        )
        for tensor in returned.tensors
    )
    return Returned(tensors, kept=tensors), broken


def _sure(tensor, ruled):
    """Return the names of a tensor's axes, "?" for one with another size than the rule's."""
    if len(ruled) != len(tensor.shape):
        return tensor.axes
    axes = zip(tensor.axes, ruled, tensor.shape, strict=True)
    return tuple(axis if size in (0, real) else "?" for axis, size, real in axes)


def _true(equality, returned):
    """Return whether an equality holds of what came back; what it names may be missing."""
    try:
        return holds(equality, returned)
    except (NameError, IndexError, ValueError, TypeError):
        return False


def other_of(event, seen) -> Other:
    """Return the Other of an event."""
    masks = {name: one for name, one in event.kwargs.items() if name.endswith("mask")}
    without_mask = [one for name, one in event.kwargs.items() if name not in masks]
    return Other(
        path=event.path,
        kind=type(event.layer).__name__,
        read=shapes_of((*event.args, *without_mask), seen.reader),
        returned=shapes_of(event.value, seen.reader),
        parameters=seen.reader.parameters(event.layer),
        order=event.order,
        masks=tuple(name for name, one in masks.items() if tensors_in(one, seen.reader)),
    )


def shapes_of(value, reader, shape=lambda tensor: tuple(tensor.shape)) -> Any:
    """Return the shapes of the tensors in a value, nested as it is; of a tuple of one, that one.

    shape: what there is to be of a tensor.
    """
    if isinstance(value, dict):
        named = {name: part for name, part in value.items() if tensors_in(part, reader)}
        return {name: shapes_of(part, reader, shape) for name, part in named.items()}
    if nests(value):
        shapes = [shapes_of(part, reader, shape) for part in value if tensors_in(part, reader)]
        return shapes[0] if len(shapes) == 1 else tuple(shapes)
    return shape(value) if reader.is_tensor(value) else ()


class Sized(str):
    """A tensor's axes with their sizes, in words that stand in a tuple as they are."""

    __slots__ = ()
    __repr__ = str.__str__


def _arrays(value, reader):
    """Return a return value as NumPy arrays in nested tuples; of what has no tensor in it, None."""
    if not nests(value):
        return reader.array(value) if reader.is_tensor(value) else None
    parts = value.values() if isinstance(value, dict) else value
    arrays = [_arrays(part, reader) for part in parts]
    return tuple(array for array in arrays if array is not None) or None


def listed(words: Iterable[str]) -> str:
    """Return words as a list in a sentence: "a, b and c"."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
