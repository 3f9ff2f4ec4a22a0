"""What can be picked of a layer's tensors: which there are, indexes to press, equal numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .frameworks import run
from .indexes import NoIndex, take
from .late import np
from .nests import close, listed, shape_of
from .rule import expected, input_axes, sizes
from .shapes import Tensor
from .spec import Spec, one_of
from .taken import Taken
from .weights import affordable, inputs


def named(spec: Spec, framework: str) -> tuple[Tensor, ...]:
    """Return what the layer returns, by the rule, without values; and x.

    Raises ValueError, in one line, for sizes that are too much to run.
    """
    return (*expected(spec, framework).tensors, _x(affordable(spec)))


def there(spec: Spec, framework: str, given: Mapping[str, Any] | None = None) -> tuple[Tensor, ...]:
    """Return what the real layer returns, with values; and x.

    given: arrays, or nested lists, in place of these, by name, of the axes that the layer's tensor
        of that name has; nothing runs then.

    Raises ValueError, in one line, for a name that is not known and for another number of axes.
    """
    if not given:
        return (*run(spec, framework).tensors, replace(_x(spec), values=inputs(spec)))
    flags = replace(spec, return_sequences=True, return_state=True)
    known = [{one.expression: one for one in named(of, framework)} for of in (spec, flags)]
    return tuple(_valued(name, _numbers(array), known) for name, array in given.items())


def _x(spec):
    axes, known = input_axes(spec), sizes(spec)
    return Tensor("x", "x", (), axes, tuple(known[one] for one in axes), "what the layer reads")


def _numbers(given):
    """Return numbers as an array; those in nested lists as they are."""
    return given if isinstance(given, list) else np.asarray(given)


def _valued(name, values, known):
    """Return the tensor of a name with values. known: tensors by name, twice."""
    if not any(name in tensors for tensors in known):
        raise ValueError(f"name must be {one_of(known[-1])}, got {name!r}; try x=x")
    alike, shape = [tensors[name] for tensors in known if name in tensors], shape_of(values)
    for tensor in alike:
        if len(shape) == len(tensor.axes):
            return replace(tensor, shape=shape, values=values)
    axes = ", ".join(alike[0].axes)
    raise ValueError(f"{name} must have the axes {axes}, got shape {shape}; try a Spec")


def presses(tensors: Sequence[Tensor]) -> tuple[str, ...]:
    """Return the indexes to begin with, of those tensors that there are."""
    parts = _one_by_one if len(tensors) == 1 and tensors[0].name == "x" else _parts
    return tuple(one for tensor in tensors for one in (tensor.expression, *parts(tensor)))


def _one_by_one(tensor):
    """Return an index of one place, of two, and so on: of "x" x[0], x[0, 2], x[0, 2, 3]."""
    places = ["0", *(str(size // 2) for size in tensor.shape[1:])]
    return [f"{tensor.expression}[{', '.join(places[: end + 1])}]" for end in range(len(places))]


def _parts(tensor):
    """Yield the parts of a tensor that are often taken, and the one that is often taken for it."""
    name, first = tensor.expression, tensor.axes[0]
    if "timesteps" in tensor.axes and name != "x":
        before = ":, " * tensor.axes.index("timesteps")
        yield from (f"{name}[{before}{step}]" for step in (-1, 0))
        yield f"{name}[{'' if before else ':, '}-1]"
    elif name == "x":
        yield f"{name}[0]"
    elif first.startswith("layers"):
        yield from (f"{name}[{row}]" for row in (-1, -2)[: tensor.shape[0]])
        if first == "layers·directions" and name == "h_n":
            yield f"torch.cat([{name}[-2], {name}[-1]], dim=-1)"


def candidates(tensors: Sequence[Tensor]) -> tuple[Taken, ...]:
    """Return what may hold the numbers of something else: what is pressed, what the rule names."""
    sides = [side for tensor in tensors for side in tensor.equals.split(" == ")]
    found: dict[tuple, Taken] = {}
    for written in (*presses(tensors), *sides):
        try:
            found.setdefault((one := take(written, tensors)).gist, one)
        except NoIndex:  # a sum, or a tensor that is not offered
            continue
    return tuple(found.values())


def equal(taken: Taken, tensors: Sequence[Tensor]) -> Iterator[Taken]:
    """Yield what the rule says is equal to what an index takes, also of a single sequence."""
    for equality in {one.equals for one in tensors if one.equals}:
        try:
            sides = [take(side, tensors) for side in equality.split(" == ")]
        except NoIndex:  # a sum
            continue
        of_one = _of_one_sequence(taken, sides, tensors)
        for pair in (sides, of_one):
            for side, back in zip(pair, pair[::-1], strict=True):
                if side.gist == taken.gist:
                    yield back


def same_numbers(
    taken: Taken, others: Sequence[Taken], tensors: Sequence[Tensor]
) -> tuple[Taken, ...]:
    """Return those others that hold the same numbers, to 1e-6.

    Of a single sequence also the same sequence of each.
    """
    if not taken.size:
        return ()
    values, found = listed(taken.values), []
    for other in (*others, *_of_one_sequence(taken, others, tensors)):
        alike = other.shape == taken.shape and other.gist != taken.gist
        if alike and close(values, listed(other.values), 1e-6):
            found.append(other)
    return tuple(found)


def _of_one_sequence(taken, others, tensors):
    """Return of each other the sequence that is taken; () if it is not one that was picked."""
    [first, *_] = taken.pieces
    picked = [
        axis.places[0][0]
        for axis in first.axes
        if not axis.stays and axis.of and first.tensor.axes[axis.of[0]] == "batch"
    ]
    return [
        take(f"{other.written}[{':, ' * other.names.index('batch')}{picked[0]}]", tensors)
        for other in (others if picked else ())
        if other.joined is None and "batch" in other.names
    ]
