"""What somebody answered, read back in words, without a word of what is right."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations, groupby
from math import prod

from ..rule import size_of
from ..shapes import Tensor
from ..spec import many
from .grammar import MULTIPLIED
from .questions import Question

COUNTED = {"batch": "sequence"}
NUMBERED = {"batch": "sequences", "projection": "the projection"}
MULTIPLIERS = (2, 3, 4)  # of the units: two directions, three or four blocks of weights
TIMES = ("", "", ", twice", ", three times", ", four times")


def named(answer: object, question: Question) -> tuple[Tensor, ...]:
    """Return the shapes of an answer that was read, their axes named as far as sizes tell.

    The expression of each is the shape as it was written, its name what was written before it, or
    "". A truth value or "error" has none.
    """
    if not isinstance(answer, tuple):
        return ()
    known = {} if question.batch_asked else dict(question.sizes)
    return tuple(
        Tensor(
            name=getattr(shape, "label", ""),
            expression=_written(shape),
            path=(),
            axes=_axes(shape, known),
            shape=tuple(size_of(one, known) if isinstance(one, str) else one for one in shape),
        )
        for shape in answer
    )


def with_names(tensors: Iterable[Tensor], question: Question) -> tuple[Tensor, ...]:
    """Return tensors; of those whose axes have no names, with names as far as sizes tell."""
    return tuple(
        replace(one, axes=named((one.shape,), question)[0].axes) if "" in one.axes else one
        for one in tensors
    )


def _written(shape):
    """Return a shape as one types it."""
    return f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"


def _axes(shape, known):
    """Return the names of a shape's axes; of two that would be called alike neither has one."""
    last = len(shape) - 1
    names = []
    for place, size in enumerate(shape):
        names.append(_open(names) if size is None else _axis(size, known, place == last))
    return tuple(
        "" if names.count(name) > 1 and isinstance(size, int) else name
        for name, size in zip(names, shape, strict=True)
    )


def _open(before):
    """Return the name of an axis of any size, by the names before it: after the batch, the time."""
    return "timesteps" if "batch" in before else "batch"


def _axis(size, known, last):
    """Return the name of an axis of this size, also a product of two; "" if that is not plain."""
    if isinstance(size, str):
        return size
    named = [name for name, number in known.items() if number == size]
    if named or size < 2:
        return _only(named)
    return _only(_products(size, known)) or (_only(_multiples(size, known)) if last else "")


def _only(names):
    """Return the one name that there is, "" for none and for several."""
    first, *more = {*names} or {""}
    return "" if more else first


def _products(size, known):
    """Yield the products of two axes that have a size, each as layers call it."""
    sized = {name: number for name, number in known.items() if number and number > 1}
    for one, other in combinations(sorted(sized, key=_place), 2):
        if sized[one] * sized[other] == size:
            yield f"{one}·{other}"


def _place(axis):
    """Return where an axis stands in a product: before the units layers, then directions."""
    return MULTIPLIED.index(axis) if axis in MULTIPLIED else -1


def _multiples(size, known):
    """Yield the multiples of the units that have a size."""
    yield from (f"{one}·units" for one in MULTIPLIERS if size == one * (known.get("units") or 0))


def echo(tensors: Iterable[Tensor]) -> str:
    """Return in words what each shape says: "`(3, 5)`: for each of 3 sequences, 5 numbers, …"."""
    said = []
    for written, alike in groupby(tensors, key=lambda tensor: tensor.expression):
        first, *more = alike
        times = TIMES[len(more) + 1] if len(more) < 4 else f", {many(len(more) + 1, 'time')}"
        said.append(f"`{written}`{times}: {_in_words(first)}")
    return "; ".join(said)


def _in_words(tensor):
    """Return what one shape says."""
    if not tensor.shape:
        return "a single number"
    *before, last = zip(tensor.axes, tensor.shape, strict=True)
    rows = []
    while before and _is_bare(*before[-1]):
        rows.insert(0, before.pop()[1])
    counted = (
        f"{' × '.join(map(str, rows))} {'row' if prod(rows) == 1 else 'rows'} of " if rows else ""
    )
    return "".join(f"{_each(*one)}, " for one in before) + counted + _numbers(*last)


def _is_bare(axis, size):
    """Return whether nothing is known of an axis but its size."""
    return not axis or axis == "features" or (size == 1 and axis != "batch")


def _each(axis, size):
    """Return over what an axis goes, as an adverbial."""
    one = COUNTED.get(axis, axis.removesuffix("s"))
    if _is_bare(axis, size):
        return "once" if size == 1 else many(size, "time")
    if size is None:
        return f"for each {one}"
    if "·" in axis:
        return f"for each of {size} ({axis.replace('·', ' times ')})"
    return "for the one sequence" if size == 1 else f"for each of {size} {one}s"


def _numbers(axis, size):
    """Return how many numbers lie on the last axis."""
    if size is None:
        return f"as many numbers as {axis}" if axis != "batch" else "a number for each sequence"
    numbers = "one number" if size == 1 else many(size, "number")
    if not axis or size == 1:
        return numbers
    if "·" in axis:
        return f"{numbers}, {axis.replace('·', ' times ')}"
    return f"{numbers}, as many as {NUMBERED.get(axis, axis)}"
