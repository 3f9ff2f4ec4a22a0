"""What a layer returns, as data: tensors with a place, named axes and sizes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from .late import np
from .nests import joined_at, part_of, shape_of
from .spec import one_of, short


@dataclass(frozen=True)
class Tensor:
    """One tensor of a return value. Two are equal if they have the same place and sizes.

    name: the course's word for it: "output", "h" or "c"; Keras' two directions have their own,
        "forward_h", "backward_output".
    expression: how the framework's users write it: "h_n", "output[:, -1]".
    path: where it lies in the return value, as indexes: (1, 0); () if it is the whole of it.
    axes: the name of each axis.
    shape: the size of each axis.
    meaning: what it is, in words.
    equals: an expression that holds between it and another tensor, or "".
    values: after a run, its numbers, of this shape: a NumPy array, or nested lists.
    """

    name: str = field(compare=False)
    expression: str = field(compare=False)
    path: tuple
    axes: tuple = field(compare=False)
    shape: tuple
    meaning: str = field(compare=False, default="")
    equals: str = field(compare=False, default="")
    values: Any = field(compare=False, repr=False, default=None)

    @property
    def place(self):
        """Return its index in the return value as one writes it: "[1][0]"; "" for the whole."""
        return "".join(f"[{index}]" for index in self.path)

    @property
    def sized(self):
        """Return its axes with their sizes: "(batch 3, units 7)"."""
        return sized(self.axes, self.shape)


def sized(axes, shape):
    """Return axes with their sizes, as one writes them: "(batch 3, units 7)".

    An axis whose name is "" has its size alone; one whose size is None, its name alone.
    """
    pairs = zip(axes, shape, strict=True)
    return f"({', '.join(a if a and n is None else f'{a} {n}'.strip() for a, n in pairs)})"


@dataclass(frozen=True)
class Returned:
    """What a layer hands back. Two are equal if they nest alike and have the same sizes.

    tensors: in the order of the return value.
    kept: what this scenario goes on with. In Keras the flags have already chosen, so it is all of
        them; PyTorch returns everything and you choose afterwards.
    """

    tensors: tuple
    kept: tuple = field(compare=False, default=())

    @property
    def shapes(self):
        """Return the shapes, nested exactly as the framework nests its tensors."""
        return _nest([(tensor.path, tensor.shape) for tensor in self.tensors])

    def __getitem__(self, name):
        """Return the tensor of this name; KeyError, in one line, if it did not come back."""
        for tensor in self.tensors:
            if tensor.name == name:
                return tensor
        names = one_of([tensor.name for tensor in self.tensors])
        raise KeyError(f"name must be {names}, got {short(name)}: it was not returned")


def _nest(items):
    """Return the values of (path, value) pairs, nested in tuples as their paths say."""
    if items[0][0] == ():
        return items[0][1]
    groups = groupby(items, key=lambda item: item[0][0])
    return tuple(_nest([(path[1:], value) for path, value in group]) for _, group in groups)


def attach(rule, value):
    """Return the Returned of a real return value, named as in the rule.

    value: nested tuples of arrays, or of numbers in nested lists.


    A tensor at a place where the rule has none, or with another number of axes, is called "?".
    """
    known = {tensor.path: tensor for tensor in rule.tensors}

    def walk(part, path=()):
        if isinstance(part, tuple):
            return [one for i, item in enumerate(part) for one in walk(item, (*path, i))]
        shape, named = shape_of(part), known.get(path)
        if named is None or len(named.axes) != len(shape):
            named = Tensor("?", "?", path, ("?",) * len(shape), shape)
        return [replace(named, shape=shape, values=part)]

    tensors = tuple(walk(value))
    came = Returned(tensors)
    if [one.name for one in tensors] != [one.name for one in rule.tensors]:
        return came
    kept = [(one, _value(one.expression, came)) for one in rule.kept]
    return replace(came, kept=tuple(replace(one, shape=shape_of(v), values=v) for one, v in kept))


def holds(equality, returned):
    """Return whether an expression such as "output[:, -1] == h" is true of the run's values."""
    sides = [np.asarray(_value(side, returned)) for side in equality.split(" == ")]
    return sides[0].shape == sides[1].shape and bool(np.allclose(*sides, rtol=0, atol=1e-6))


def _value(expression, returned):
    """Return the numbers that an expression of the rule, such as "h_n[-1]", stands for."""
    values = {tensor.expression: _indexable(tensor.values) for tensor in returned.tensors}
    return eval(expression, {"__builtins__": {}, "concat": concat}, values)


class _Lists(list):
    """Nested lists that take an index of several parts, as an array does."""

    def __getitem__(self, index):
        return part_of([*self], index if isinstance(index, tuple) else (index,))


def _indexable(values):
    return _Lists(values) if isinstance(values, list) else values


def concat(parts: Sequence[Any], axis: int) -> Any:
    """Return arrays, or nested lists, joined at an axis."""
    return (joined_at if isinstance(parts[0], list) else np.concat)(parts, axis)
