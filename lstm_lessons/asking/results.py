"""What a learner's function returned: nested arrays and plain values, compared and named."""

import re
from textwrap import shorten

import numpy as np

from ..nests import leaves, nests

NUMBERS = (bool, int, float, complex)
PLAIN = (np.ndarray, np.generic, str, type(None), *NUMBERS)
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
    kinds = {kind.__name__ for kind in leaves(tupled(type, value)) if not issubclass(kind, PLAIN)}
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
        most = 60 if all(type(leaf) in NUMBERS for leaf in leaves(value)) else 200
        return shorten(", ".join(map(said, value)), most, placeholder=" …") or "()"
    if np.ndim(value):
        return f"shape {np.shape(value)}"
    return f"{value:.4g}" if np.asarray(value).dtype.kind == "f" else words(value, str)


def words(value, form=repr, most=80):
    """Return a value in one line that is not long, however it describes itself."""
    try:
        plain = re.sub(r"\x1b\[[\d;]*m", "", form(value))  # colours for terminals
        return shorten(plain, most, placeholder=" …")
    except Exception:
        return f"an object of {type(value).__name__}"
