"""What a learner's function returned: nested arrays and plain values, compared and named."""

import re
from itertools import zip_longest
from textwrap import shorten

from ..late import np
from ..nests import leaves, nests
from ..shapes import sized
from ..spec import many

FEW = 6  # so many whole numbers of an argument are shown
NUMBERS = (bool, int, float, complex)
OTHER = "{}, with other numbers"  # what a case wants whose shapes are right
KINDS = dict(f="real numbers", i="whole numbers", u="whole numbers", b="True or False")
KINDS |= dict(c="complex numbers", U="text")


def tupled(function, value):
    """Return a result nested in tuples, of what a function makes of each leaf. A dict is a leaf."""
    if isinstance(value, dict) or not nests(value):
        return function(value)
    return tuple(tupled(function, part) for part in value)


def copied(value):
    """Return nested arguments or results; arrays are copies, of NumPy's own type."""
    return tupled(lambda leaf: np.array(leaf) if isinstance(leaf, np.ndarray) else leaf, value)


def shapes(value):
    """Return the shapes of nested arrays, nested alike."""
    return tupled(lambda leaf: np.asarray(leaf).shape, value)


def arrays(value):
    """Return the arrays of a return value, however it nests them, in order."""
    return [np.asarray(leaf) for leaf in leaves(value)]


def agree(value, other):
    """Return whether two results nest alike, have the same shapes and nearly the same numbers."""
    if not alike(value, other):
        return False
    pairs = zip(arrays(value), arrays(other), strict=True)
    return all(close(*pair) if pair[1].dtype.kind == "f" else _equal(*pair) for pair in pairs)


def alike(value, other):
    """Return whether two results nest alike, with the same shapes; () is no number."""
    return shapes(value) == shapes(other) and len(leaves(value)) == len(leaves(other))


def _equal(array, other):
    """Return whether two arrays of plain values are equal; an object may claim that it is."""
    return array.dtype.kind != "O" and bool((array == other).all())


def close(array, other):
    """Return whether two arrays have the same shape and nearly the same numbers."""
    return (
        array.dtype.kind in "fiub"
        and array.shape == other.shape
        and np.allclose(array, other, rtol=0, atol=1e-5)
    )


def finite(array):
    """Return which numbers are finite; what is not a number counts."""
    return np.isfinite(array) if array.dtype.kind in "fc" else np.ones(array.shape, bool)


def strange(value):
    """Return words for what is neither an array nor a plain value, nor nested ones, or ""."""
    plain = (np.ndarray, np.generic, str, type(None), *NUMBERS)
    kinds = {kind.__name__ for kind in leaves(tupled(type, value)) if not issubclass(kind, plain)}
    return f"an object of type {' and '.join(sorted(kinds))}" if kinds else ""


def packed(value):
    """Return whether a result is, or holds, a PackedSequence of PyTorch."""
    return hasattr(value, "batch_sizes") or (nests(value) and any(map(packed, value)))


def no_tensor(value):
    """Return words for plain values where tensors are wanted, or ""."""
    held = leaves(value)
    if not held:
        return "nothing, an empty tuple or list"
    if all(type(leaf) in NUMBERS for leaf in held):
        return "a list of numbers" if isinstance(value, tuple) else "a plain number of Python"
    others = [leaf for leaf in held if not isinstance(leaf, (np.ndarray, np.generic))]
    return f"{words(others[0])} among other things" if others else ""


def said(value):
    """Return arguments or a result in a few words: shapes of arrays, other values as they are."""
    if isinstance(value, (tuple, list)):
        flat = len(value) > 3 and not any(map(nests, value))
        if flat and len({np.shape(leaf) for leaf in value} - {()}) == 1:
            return f"{many(len(value), 'time')} {np.shape(value[0])}"
        most = 60 if all(type(leaf) in NUMBERS for leaf in leaves(value)) else 200
        return shorten(", ".join(map(said, value)), most, placeholder=" …") or "()"
    if np.ndim(value):
        return str(np.shape(value))
    return f"{value:.4g}" if np.asarray(value).dtype.kind == "f" else words(value, str)


def given_as(arguments, names, axes):
    """Return arguments in words, each with its name: "`output` (batch 6, units 8) and `days` 5".

    names: of the arguments, as many as there are; of others the values stand alone.
    axes: the names of the axes of an argument, by its name, where they are known.
    """
    if len(names) != len(arguments):
        return said(arguments)
    each = [_argument(*pair, axes.get(pair[0])) for pair in zip(names, arguments, strict=True)]
    return " and ".join([", ".join(each[:-1]), each[-1]] if each[1:] else each)


def _argument(name, value, axes):
    if not isinstance(value, (np.ndarray, np.generic, *NUMBERS)):
        return words(value, str)
    few = np.ndim(value) == 1 and len(value) <= FEW and np.asarray(value).dtype.kind in "iu"
    return f"`{name}` {value.tolist() if few else _shape(value, axes)}"


def _shape(value, axes):
    """Return the shape of an array, its axes named where they are known; else the value."""
    return sized(axes, np.shape(value)) if axes else said(value)


def compared(value, right, axes=()):
    """Return a result and the right one in words: their shapes, or where they differ first.

    axes: the names of the axes of each right array, where they are known.
    """
    wanted = ", ".join(_shape(*pair) for pair in zip_longest(leaves(right), axes))
    if not alike(value, right):
        return said(value), wanted
    for place, (array, other) in enumerate(zip(arrays(value), arrays(right), strict=True)):
        if array.ndim and _differ(array, other):
            first = tuple(np.argwhere(~np.isclose(array, other, rtol=0, atol=1e-5))[0].tolist())
            at = f"{f'[{place}]' * (len(arrays(right)) > 1)}[{', '.join(map(str, first))}]"
            return tuple(f"{_number(one[first])} at `{at}`" for one in (array, other))
    shown = wanted if wanted.startswith("(") else said(value)
    return shown, wanted


def _differ(array, other):
    """Return whether numbers differ from right ones; what is not finite is right nowhere."""
    known = array.dtype.kind in other.dtype.kind + "fiub" and finite(other).all()
    return known and not agree(array, other)


def came_back(value, error):
    """Return in a few words what came back, or which error did."""
    return f"raised `{type(error).__name__}`" if error else strange(value) or said(value)


def _number(value):
    return f"{value:.4g}" if np.asarray(value).dtype.kind == "f" else str(value)


def unlisted(value, right):
    """Return a result whose lists are made arrays wherever the right one has an array, or None."""
    if isinstance(right, np.ndarray):
        try:
            return np.asarray(value)
        except Exception:  # lists of unequal lengths, or of anything
            return None
    if not nests(right) or not nests(value) or len(value) != len(right):
        return value
    return tuple(unlisted(*pair) for pair in zip(value, right, strict=True))


def joined(value, right):
    """Return the array of the right shape that pieces make along an axis, and that axis.

    None, None if they make none, and of one alone, which is in one piece.
    """
    several = nests(value) and len(value) > 1
    for axis in range(np.ndim(right) if several and isinstance(right, np.ndarray) else 0):
        try:
            whole = np.concatenate(arrays(value), axis)
        except Exception:  # pieces of other shapes, or of anything
            continue
        if whole.shape == right.shape:
            return whole, axis
    return None, None


def words(value, form=repr, most=80):
    """Return a value in one line that is not long, however it describes itself."""
    try:
        plain = re.sub(r"\x1b\[[\d;]*m", "", form(value))  # colours for terminals
        return shorten(plain, most, placeholder=" …")
    except Exception:
        return f"an object of {type(value).__name__}"
