"""What moved between two passes: where numbers differ, and whether along one axis alone."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from ..late import np

SAME = 2.0**-19  # of the largest number: what no two passes of one shape differ by
NOISE = {"bfloat16": 2.0**-5, "float16": 2.0**-8}  # the same, of two shapes, by what is computed in
FILLER = 1000.0  # what masks put in is as large and stays; what moves beside it is smaller by far
FINE, COARSE = 2.0**-17, 2.0**-4  # of two shapes in any other type; of what is quantized


def rounding_of(tensors: Sequence) -> str:
    """Return the coarsest type of half precision among the tensors' own; "" if there is none."""
    kinds = [str(one.dtype) for one in tensors]
    found = [name for name in NOISE if any(name in kind for kind in kinds)]
    return max(found, key=lambda name: NOISE[name], default="")


def moved(before: np.ndarray, after: np.ndarray, noise: float = SAME) -> np.ndarray | None:
    """Return where numbers differ; None for two shapes."""
    if before.shape != after.shape:
        return None
    if before.dtype.kind not in "fiub":
        return np.asarray(before != after)
    one, other = before.astype("float64"), after.astype("float64")
    size = _size(one[~((one == other) & (abs(one) >= FILLER))])
    same = np.isclose(one, other, rtol=0, atol=noise * size, equal_nan=True)
    return np.asarray(~same)


def most(before: np.ndarray, after: np.ndarray, where: np.ndarray) -> float:
    """Return the largest difference of what is finite, where a mask says so."""
    if before.dtype.kind not in "fiub" or before.shape != after.shape:
        return float("nan")
    with np.errstate(invalid="ignore"):
        apart = np.abs(after.astype("float64") - before.astype("float64"))[where]
    return float(np.max(apart[np.isfinite(apart)], initial=0))


def alone(where: np.ndarray, count: int, places: Sequence[int]) -> int | None:
    """Return the axis of a tensor along which only these of so many places moved, or None.

    where: what moved. An axis may be a product, of which one factor has so many places.
    """
    axes = [axis for axis, size in enumerate(where.shape) if size % count == 0]
    axes.sort(key=lambda axis: where.shape[axis] != count)
    return next((axis for axis in axes if within(along(where, axis), count, places)), None)


def along(where: np.ndarray, axis: int) -> np.ndarray:
    """Return at which places of an axis anything moved."""
    return np.asarray(where.any(axis=tuple(at for at in range(where.ndim) if at != axis)))


def within(line: np.ndarray, count: int, places: Sequence[int]) -> bool:
    """Return whether a row that moved somewhere did so at these of its so many places alone."""
    if len(line) % count or not line.any():
        return False
    found = line.reshape(count, -1).any(1), line.reshape(-1, count).any(0)
    return any({*np.flatnonzero(one)} <= {*places} for one in found)


def elsewhere(line: np.ndarray, count: int, many: int) -> list[int]:
    """Return which of so many places a row moved at, if at no more than were changed, as where a
    batch was sorted; [] if at more, or at none.
    """
    if len(line) % count:
        return []
    found = line.reshape(count, -1).any(1), line.reshape(-1, count).any(0)
    places = [[int(at) for at in np.flatnonzero(one)] for one in found]
    return next((one for one in places if len(one) <= many), [])


def in_range(where: np.ndarray, count: int, places: Sequence[int]) -> bool:
    """Return whether an axis that holds only some of so many places moved at these alone, and none
    holds them all.
    """
    shorter = [axis for axis, size in enumerate(where.shape) if 1 < size < count]
    if not where.any() or any(size % count == 0 for size in where.shape):
        return False
    return any({*np.flatnonzero(along(where, axis))} <= {*places} for axis in shorter)


def in_pairs(where: np.ndarray, count: int, places: Sequence[int]) -> bool:
    """Return whether only pairs with these places moved, in a table of each with each."""
    if where.shape[:2] != (count, count) or not where.any():
        return False
    rest = np.delete(np.delete(where, places, 0), places, 1)
    return not rest.any()


def names_of(before: Sequence[int], after: Sequence[int], sizes: Sequence) -> tuple[str, ...]:
    """Return the names of a tensor's axes, by how their sizes follow those that were changed.

    sizes: of each axis of the input that grew its name, its size, and by how much, in their order.
    "" for an axis that follows none.
    """
    if len(before) != len(after):
        return ("",) * len(before)
    known = {(size, size + more): name for name, size, more in sizes}
    product = tuple(prod(pair) for pair in zip(*known, strict=True))
    known.setdefault(product, "·".join(known.values()))
    pairs = zip(before, after, strict=True)
    return tuple(known.get(pair, "") if pair[0] != pair[1] else "" for pair in pairs)


def _size(array):
    return float(np.max(np.abs(array[np.isfinite(array)]), initial=0)) or 1.0
