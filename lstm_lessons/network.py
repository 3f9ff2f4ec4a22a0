"""One forward pass of someone's network: what happened in it, and how it is left as it was."""

import random
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from .shapes import Returned, Tensor, expected

rule_of = lru_cache(expected)  # in a deep network many layers are alike
BUILT = "The network had no weights yet; this pass built it."
ONE_STEP = "A cell reads one timestep; the loop over timesteps is yours."
NEVER_C = "c after the earlier timesteps is never returned: a loop over the cell gives it."


@dataclass(eq=False)
class Event:
    """One call of a layer in the pass: what it was given and what it returned."""

    layer: object
    path: str
    args: tuple
    kwargs: dict
    within: "Event | None"
    order: int
    value: object = None
    handed: object = None  # the tensor that it was given, if it returned that very one
    inner: list = field(default_factory=list)

    def inside(self):
        """Return the events that this one happens in, from the innermost."""
        return [] if self.within is None else [self.within, *self.within.inside()]


@dataclass
class Pass:
    """One forward pass: what happened, and how the framework that ran it is read.

    given: the inputs as arrays, those that are. events: in the order in which they began.
    result: what the network returned. notes: sentences about the pass.
    missed: the paths of recurrent layers that were not called.
    reads: the functions that read the framework's layers and tensors; also found on the Pass.
    """

    given: list
    events: list
    result: object
    notes: list
    missed: list
    reads: "Reads"

    def __getattr__(self, name):
        return getattr(self.reads, name)


@dataclass(frozen=True)
class Reads:
    """How a framework's layers and tensors are read.

    framework: its name.
    is_tensor, array: of a value; array gives NumPy, where it can without copying.
    recurrent: whether a layer is a recurrent one or a wrapper of one; container: whether it only
        hands on to others; graph: whether all that happens in it is seen.
    rule: (event) → the Spec or None, the Returned without values, and notes.
    flags: (layer) → its settings by name. parameters: (layer) → their number.
    terms: (layer) → what the number of parameters is the sum of.
    is_layer: whether something called is a layer, and not an operation of a graph.
    aligned: (shape of the result, of the target) → both, as mse first makes them alike.
    states: the framework's word for h. unpadded: the line that keeps padding from being read.
    index: (event) → the index that it takes of a tensor, such as "[:, -1]"; "" for a layer.
    """

    framework: str
    is_tensor: Callable
    array: Callable
    recurrent: Callable
    container: Callable
    graph: Callable
    rule: Callable
    flags: Callable
    parameters: Callable
    terms: Callable
    index: Callable
    is_layer: Callable
    aligned: Callable
    states: str
    unpadded: str


@dataclass(frozen=True)
class Rule(Returned):
    """What a layer returns where no Spec says it, with the axes of what it reads."""

    reads: tuple = ()


def named(name, axes, meaning, *, path=(), equals=""):
    """Return a Tensor whose sizes are not known yet."""
    return Tensor(name, name, path, tuple(axes), (0,) * len(axes), meaning, equals)


def first_given(event):
    """Return the first thing that a layer was given."""
    return event.args[0] if event.args else next(iter(event.kwargs.values()))


class Recorder:
    """The events of a pass that is going on; at: the one that ended in an error last."""

    def __init__(self):
        self.events = []
        self.open = []
        self.at = None

    def begin(self, layer, path, args, kwargs):
        """Note down that a layer is called."""
        within = self.open[-1] if self.open else None
        event = Event(layer, path, args, kwargs, within, len(self.events))
        self.at = None
        self.open.append(event)
        self.events.append(event)
        if within:
            within.inner.append(event)

    def end(self, layer, value, again):
        """Note down and return what it returned; calls inside it that ended in an error are closed.

        again: gives a tensor anew, so that one handed on, as by Dropout, is told from its source.
        """
        event = self._closed(layer)
        if not event.inner and any(value is one for one in event.args):
            event.handed, value = value, again(value)
        event.value = value
        return value

    def fail(self, layer):
        """Note down that it ended in an error, if none inside it has."""
        event = self._closed(layer)
        self.at = self.at or event

    def _closed(self, layer):
        while (event := self.open.pop()).layer is not layer:
            pass
        return event


@contextmanager
def kept(parts):
    """Put back the attributes of objects, and the lists and dicts in them, and what is random."""
    attributes = [(vars(one), dict(vars(one))) for one in parts]
    held = [
        (value, value.copy())
        for _, before in attributes
        for value in before.values()
        if isinstance(value, (list, dict, set))
    ]
    state, numbers = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(state)
        np.random.set_state(numbers)
        for now, before in attributes:
            now.clear()
            now.update(before)
        for value, before in held:
            if not _unchanged(value, before):
                value.clear()
                (value.extend if isinstance(value, list) else value.update)(before)


def _unchanged(value, before):
    """Return whether a list, dict or set holds the very things that it held before."""
    pair = [
        [*map(id, one), *map(id, one.values() if isinstance(one, dict) else ())]
        for one in (value, before)
    ]
    return pair[0] == pair[1]


def short(value):
    """Return what a value is, in one short line."""
    line = " ".join(repr(value).split())
    return line if len(line) < 60 else f"{line[:57]}..."


def is_shape(value):
    """Return whether a value is a shape and not a batch: a tuple of whole numbers and None."""
    return isinstance(value, tuple) and all(one is None or type(one) is int for one in value)


def numeric(value):
    """Return an array of numbers; ValueError, in one line, for one of anything else."""
    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        raise ValueError(
            f"inputs must be arrays of numbers, got dtype {array.dtype}; "
            "try np.array(x, dtype='float32')"
        )
    return array
