"""What nests: lists, tuples, named ones, dicts, as frameworks have them; numbers in nested lists.

A PackedSequence is a named tuple. A picture is drawn of numbers in lists, which need no NumPy.
"""

from collections.abc import Iterable, Sequence
from copy import copy
from functools import reduce
from operator import add, getitem, ne
from typing import Any


def leaves(value):
    """Return what a nested value holds, depth first, as a list; of a value not nested, itself."""
    return [leaf for _, leaf in placed(value)]


def placed(value, path=()):
    """Return the leaves of a value, each with its place: the indexes on the way to it."""
    if not nests(value):
        return [(path, value)]
    return [one for i, part in enumerate(_parts(value)) for one in placed(part, (*path, i))]


def mapped(function, value, is_leaf=lambda _value: False):
    """Return a nested value of the same kinds, of what a function makes of each leaf.

    is_leaf: whether a value is to be taken as one, though it nests others.
    """
    if is_leaf(value) or not nests(value):
        return function(value)
    return remade(value, [mapped(function, part, is_leaf) for part in _parts(value)])


def nests(value):
    """Return whether a value is one that frameworks nest tensors in."""
    return isinstance(value, (dict, list, tuple))


def remade(value, parts):
    """Return a value of the same kind with other parts, in the order of its own."""
    if isinstance(value, dict):
        made = copy(value)
        made.update(zip(value, parts, strict=True))
        return made
    return value._make(parts) if hasattr(value, "_make") else type(value)(parts)


def _parts(value):
    return value.values() if isinstance(value, dict) else value


def listed(values: Any) -> Any:
    """Return an array as nested lists; what is no array, as it is."""
    return values.tolist() if hasattr(values, "tolist") else values


def shape_of(values: Any) -> tuple[int, ...]:
    """Return the size of each axis, of an array or of nested lists.

    Raises ValueError, in one line, for lists of different lengths.
    """
    if hasattr(values, "shape"):
        return tuple(values.shape)
    if not isinstance(values, list):
        return ()
    if len(inner := {shape_of(one) for one in values}) > 1:
        raise ValueError("lists must be equally long, got others; try an array")
    return (len(values), *(inner.pop() if inner else ()))


def number_at(values: Any, place: Sequence[int]) -> Any:
    """Return what stands at a place in nested lists: a number, or what is nested there."""
    return reduce(getitem, place, values)


def part_of(values: Any, index: Sequence[Any]) -> Any:
    """Return what an index of whole numbers and slices takes of nested lists, or of an array."""
    if not index:
        return values
    if not isinstance(values, list):
        return values[tuple(index)]
    first, *rest = index
    if isinstance(first, slice):
        return [part_of(one, rest) for one in values[first]]
    return part_of(values[first], rest)


def joined_at(parts: Sequence[Any], axis: int) -> list:
    """Return nested lists of the same depth joined at an axis, which may count from the end."""
    if axis < 0:
        axis += len(shape_of(parts[0]))
    if axis:
        return [joined_at(rows, axis - 1) for rows in zip(*parts, strict=True)]
    return reduce(add, parts)


def turned(values: Any, order: Sequence[int]) -> Any:
    """Return nested lists with their axes in another order, each given by its number."""
    if list(order) == sorted(order):
        return values
    first, *rest = order
    left = [axis - (axis > first) for axis in rest]
    every = [slice(None)] * first
    sizes = shape_of(values)
    return [turned(part_of(values, [*every, at]), left) for at in range(sizes[first])]


def deeper(values: Any, axis: int) -> list:
    """Return nested lists with one more axis, of 1, at a place among the others."""
    return [deeper(one, axis - 1) for one in values] if axis else [values]


def shaped(numbers: Iterable[Any], shape: Sequence[int]) -> Any:
    """Return numbers, in order, as nested lists of a shape; of (), the first alone."""
    left = iter(numbers)

    def nested(sizes):
        return [nested(sizes[1:]) for _ in range(sizes[0])] if sizes else next(left)

    return nested(tuple(shape))


def close(one: Any, other: Any, within: float) -> bool:
    """Return whether numbers in nested lists of one shape differ by no more than so much."""
    if isinstance(one, list):
        return all(close(*pair, within) for pair in zip(one, other, strict=True))
    return one == other or abs(one - other) <= within


def has_nan(values: Any) -> bool:
    """Return whether any of the numbers in nested lists is none (NaN); of one number, itself."""
    if not isinstance(values, list):
        return values != values
    if values and isinstance(values[0], list):
        return any(map(has_nan, values))
    return any(map(ne, values, values))
