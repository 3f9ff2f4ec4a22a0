"""What a network is given, changed in one place: what a further pass is made of.

No number is made up where others are there: what is changed becomes what stands elsewhere in the
batch, so each word is one of its vocabulary. What is zero stays zero: it may be padding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..late import np
from ..nests import leaves, mapped
from .watching import first_given

MORE = 4  # timesteps that are added
TURNS = 10  # so many others are looked at, at most


@dataclass(frozen=True)
class Given:
    """What a network was called with, and the part of it that holds the sequences.

    value: inputs, and those by name. arrays: its leaves as NumPy, by their place in it.
    place: which of them holds the sequences.
    batch, time: which axes of that hold the sequences and the timesteps; None where none does.
    real: which timesteps of which sequence are no padding, (batch, timesteps); None if all are.
    by: what says so: "a mask", "packing" or "zeros"; "" if nothing does.
    """

    value: Any
    arrays: dict[int, np.ndarray]
    place: int
    batch: int | None
    time: int | None
    real: np.ndarray | None = None
    by: str = ""

    @property
    def array(self) -> np.ndarray:
        """Return the numbers that hold the sequences."""
        return self.arrays[self.place]

    def changed(self, axis: int, places: list[int]) -> Any:
        """Return the value with other numbers at some places of an axis; None if none are there."""
        array = _others(self.array, axis, places)
        return None if array is None else self._with({self.place: array})

    def touched(self, axis: int, places: list[int]) -> np.ndarray:
        """Return which sequences other numbers at some places of an axis are another input for."""
        array = _others(self.array, axis, places)
        other = self.array != (self.array if array is None else array)
        beside = tuple(at for at in range(other.ndim) if at != (self.batch or 0))
        return other.any(beside)

    def grown(self, steps: int, behind: bool = False) -> Any:
        """Return the value with one sequence more, and with so many timesteps of padding, if there
        is any, or else of what the first ones hold. behind: with other numbers as padding.
        """
        found = {}
        arrays = self.arrays | ({self.place: self.behind()} if behind else {})
        for place, array in arrays.items():
            alike = self._alike(array)
            if steps and alike and self.time is not None:
                found[place] = array = _longer(array, self.time, steps, self.fill(array))
            axis = self._batch_of(array, alike) if array.ndim else None
            if axis is not None or behind:
                found[place] = array if axis is None else _wider(array, axis)
        return self._with(found)

    def behind(self) -> np.ndarray:
        """Return the numbers that hold the sequences, with others where they are padded."""
        array, padding = self.array.copy(), self._padding()
        array[padding] = array[~padding][0]
        return array

    def fill(self, array: np.ndarray) -> Any:
        """Return what padding holds in an array of the same sequences; None if there is none."""
        if self.real is None:
            return None
        padding = self._padding()
        return array[padding][0] if padding.any() else np.zeros_like(array[0, 0])

    @property
    def is_even(self) -> bool:
        """Return whether masks hold one thing at padding, of which more can be added."""
        beside = [one for at, one in self.arrays.items() if at != self.place and self._alike(one)]
        there = [one[self._padding()] for one in beside]
        return all((one == one[:1]).all() for one in there)

    def _alike(self, array):
        """Return whether an array has the same two first axes."""
        return array.ndim > 1 and array.shape[:2] == self.array.shape[:2]

    def _padding(self):
        return ~self.real if self.batch == 0 else ~self.real.T

    def _batch_of(self, array, alike):
        """Return the axis of a further array that holds the sequences, or None."""
        if self.batch is None:
            return None
        size = self.array.shape[self.batch]
        if alike or array.ndim > self.batch > 0:
            return self.batch if array.shape[self.batch] == size else None
        return 0 if array.shape[0] == size else None

    def _with(self, arrays):
        numbered = iter(enumerate(leaves(self.value)))

        def leaf(_):
            place, value = next(numbered)
            array = arrays.get(place, value)
            was_torch = hasattr(value, "new_tensor")  # what was no tensor is none again
            return value.new_tensor(array) if was_torch and array is not value else array

        return mapped(leaf, self.value)


def given_of(seen, call) -> Given | None:
    """Return what the network of a Pass was given; None if no sequences are found in it.

    call: the first Call of a recurrent layer, or None.
    """
    arrays = {
        place: np.array(seen.reader.array(leaf) if seen.reader.is_tensor(leaf) else leaf)
        for place, leaf in enumerate(leaves(seen.given))
        if seen.reader.is_tensor(leaf) or isinstance(leaf, np.ndarray)
    }
    fit = [place for place, one in arrays.items() if one.ndim > 1 and one.dtype.kind != "b"]
    fit += [place for place, one in arrays.items() if one.dtype.kind in "OSUT" and one.ndim == 1]
    if not fit or any(hasattr(one, "batch_sizes") for one in seen.given[0]):
        return None
    sizes = sorted(sizes_of(call)) if call else []
    place = next((one for one in fit if sorted(arrays[one].shape[:2]) == sizes), fit[0])
    batch, time = (0, 1) if seen.reader.framework == "keras" else _axes(arrays[place], call)
    time = time if time is not None and arrays[place].ndim > time else None
    if batch is not None and _holds_steps(arrays[place], batch, call, seen):
        batch = time = None
    real, by = _real(arrays, place, batch, time, seen)
    return Given(seen.given, arrays, place, batch, time, real, by)


def sizes_of(call) -> tuple[int, ...]:
    """Return the batch and the timesteps that a recurrent layer read; of a cell the batch alone."""
    if call.spec is not None:
        return call.spec.batch, call.spec.timesteps
    axes = dict(zip(call.input.axes, call.input.shape, strict=True))
    return tuple(axes[name] for name in ("batch", "timesteps") if name in axes)


def _axes(array, call):
    """Return which axes of an array are batch and timesteps, as the first recurrent layer reads."""
    if call is None:
        return 0, 1
    if call.spec is not None and call.spec.unbatched:
        return None, 0
    batch, *steps = sizes_of(call) or (array.shape[0],)
    first = call.input.axes[0] if call.input.shape[:2] == array.shape[:2] else ""
    turned = array.shape[:2] == (*steps, batch) != (batch, *steps)
    return (1, 0) if first == "timesteps" or turned else (0, 1)


def _holds_steps(array, batch, call, seen):
    """Return whether an axis may hold sequences times timesteps: there are as many as several
    sequences that a recurrent layer reads, and no axis holds its timesteps.
    """
    read, *steps = (call and sizes_of(call)) or (0,)
    count = array.shape[batch]
    if not 0 < read < count or count % read or {*steps} & {*array.shape[1:]}:
        return False
    calls = sum(event.path == call.path for event in seen.events)
    return read > 1 or (bool(steps) and calls != count)  # else a loop over the batch


def _real(arrays, place, batch, time, seen):
    """Return which timesteps are no padding, and what says so; (None, "") where nothing does."""
    array = arrays[place]
    if batch is None or time is None:
        return None, ""
    shape = array.shape[batch], array.shape[time]
    for event in seen.events:
        mask = event.kwargs.get("mask")
        if seen.reader.is_tensor(mask) and tuple(mask.shape) == shape:
            real = seen.reader.array(mask).astype(bool)
            return (None, "") if real.all() else (real, "a mask")
        read = first_given(event) if event.args or event.kwargs else None
        if hasattr(read, "batch_sizes") and int(read.batch_sizes[0]) == shape[0]:
            real = _packed(read, arrays, place, batch, seen.reader)
            return real, "" if real is None else "packing"
    real = _not_zero_at_the_end(array, batch)
    return (None, "") if real is None else (real, "zeros")


def _packed(read, arrays, place, batch, reader):
    """Return which timesteps a packed input holds of each sequence; None where it is not known in
    which order the sequences were packed.
    """
    array = arrays[place]
    count, steps = array.shape[batch], array.shape[1 - batch]
    lengths = (reader.array(read.batch_sizes)[:, None] > np.arange(count)).sum(0)
    if read.unsorted_indices is not None:
        lengths = lengths[reader.array(read.unsorted_indices)]
    real = np.arange(steps) < lengths[:, None]
    if read.unsorted_indices is not None or len({*lengths}) == 1:
        return real
    for one in arrays.values():
        if one.shape == (count,) and one.dtype.kind in "iu":
            said = np.arange(steps) < one[:, None]
        elif one.shape == real.shape and one.dtype.kind == "b":
            said = one if one.sum() == real.sum() else ~one
        else:
            continue
        if sorted(said.sum(1)) == sorted(lengths):
            return said
    holds = _holds(np.moveaxis(array, batch, 0))
    return None if holds[~real].any() else real


def _not_zero_at_the_end(array, batch):
    """Return where each sequence has not ended in zeros; None if they do not look padded.

    One zero may be a measurement or a word, and a zero before others is a word.
    """
    array = np.moveaxis(array, batch, 0)
    words = array.dtype.kind in "iu" and array.ndim == 2
    if array.dtype.kind not in "iuf" or (array.ndim == 2 and not words):
        return None
    zero = ~_holds(array)
    ends = np.cumprod(zero[:, ::-1], axis=1)[:, ::-1].astype(bool)
    ends[ends.all(1)] = False
    runs = ends.sum(1)
    few = words or array.shape[-1] == 1
    if runs.max() <= few or len({*runs}) == 1 or (words and zero.sum() > ends.sum()):
        return None
    return ~ends


def _holds(array):
    """Return where along its first two axes an array is not zero."""
    if array.dtype.kind not in "iufcb":
        return np.ones(array.shape[:2], bool)
    return (array != 0).reshape(*array.shape[:2], -1).any(-1)


def _others(array, axis, places):
    """Return an array with what stands elsewhere at some places of an axis; None if all is alike.

    They get what stands so many places further, as many as changes most; what is zero everywhere is
    made up.
    """
    turned, found, most = np.moveaxis(array, axis, 0), None, 0
    holds, before = _holds(turned), turned[places]
    for by in range(1, min(len(turned), TURNS)):
        there = [(place + by) % len(turned) for place in places]
        both = holds[places] & holds[there]
        taken = np.where(both.reshape(*both.shape, *[1] * (before.ndim - 2)), turned[there], before)
        count = np.count_nonzero(taken != before)
        if count > most:
            most, found = count, taken
        if most == before.size:
            break
    if found is None and turned.dtype.kind == "f":
        found = before + np.random.default_rng(0).standard_normal(before.shape)
    if found is None:
        return None
    made = turned.copy()
    made[places] = found
    return np.ascontiguousarray(np.moveaxis(made, 0, axis))


def _longer(array, axis, steps, fill):
    """Return an array with more timesteps: what fills it, or else its first ones once more."""
    more = np.take(array, np.arange(steps) % array.shape[axis], axis)
    if fill is not None:
        more[...] = fill
    return np.concatenate([array, more], axis)


def _wider(array, axis):
    """Return an array with one sequence more, as the first; of one alone it is another one."""
    more = np.take(array, [0], axis)
    if array.shape[axis] == 1 and array.ndim > 1:
        more = np.flip(more, 1 - axis)
    return np.concatenate([array, more], axis)
