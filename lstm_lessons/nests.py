"""What frameworks nest: lists, tuples, named ones, dicts; a PackedSequence is a named tuple."""

from copy import copy


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
