"""One forward pass of someone's network: what is noted down of it, and who reads it.

A framework's layers are read by a module of its own, which imports it. That module is loaded by
name, and only where the framework is there already: a network of Keras needs no PyTorch. It has
more than 300 lines since all that a reader must offer is listed here, with what it means.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from pathlib import PurePath
from time import perf_counter, process_time
from types import FrameType
from typing import Any, Protocol, cast

from ..late import np
from ..rule import expected
from ..shapes import Returned, Tensor
from ..spec import Spec, short
from .parts import Step, Written

rule_of = lru_cache(expected)  # in a deep network many layers are alike
INPUTS = ("input", "inputs", "sequences", "sequence")  # as the frameworks' layers call it
READERS = {"keras": "._keras", "torch": "._torch"}  # Keras first: on PyTorch its layers are both
BUILT = "The network had no weights yet; this pass built it."
ONE_STEP = "A cell reads one timestep; the loop over timesteps is yours."
NEVER_C = "c after the earlier timesteps is never returned: a loop over the cell gives it."
HOMES = ("keras", "tensorflow", "torch", "jax", "jaxlib")  # of a pass' code and its tensors
_HERE = __name__.split(".")[0]
Held = tuple[Callable[[], Callable[[], Any]], int]


@dataclass(eq=False)
class Event:
    """One call of a layer in the pass: what it was given and what it returned."""

    layer: Any
    path: str
    args: tuple
    kwargs: dict
    within: Event | None
    order: int
    value: Any = None
    handed: Any = None  # the tensor that it was given, if it returned that very one
    inner: list = field(default_factory=list)
    line: str = ""  # of the file in which it is called, if that is no framework's

    def inside(self):
        """Return the events that this one happens in, from the innermost."""
        return [] if self.within is None else [self.within, *self.within.inside()]


@dataclass(eq=False)
class Operation:
    """Something done to tensors of recurrent layers, outside of the layers that are watched.

    order: of the event that begins after it.
    given: the tensors, also others.
    made: pairs of a tensor and what it is: a Step that was done to the one given, or a Written.
    """

    order: int
    given: tuple
    made: tuple[tuple[Any, Step | Written], ...] = ()


@dataclass
class Pass:
    """One forward pass: what happened, and how the framework that ran it is read.

    events: in the order in which they began. operations: what happened between them.
    result: what the network returned. notes: sentences about the pass.
    missed: the paths of recurrent layers that were not called.
    hidden: pairs of path and kind, of layers that cannot be looked into.
    reader: the module that reads the framework's layers and tensors.
    keeps: pairs of an attribute, by its path, and a tensor of a recurrent layer that it holds now.
    read: the identities of tensors of recurrent layers that were read below Python.
    complete: whether each operation between the layers is among the operations.
    given: what the network was called with, and by keyword.
    then: what a second call returned, where one was asked for.
    drew: whether the network drew random numbers.
    """

    events: list[Event]
    result: Any
    notes: list[str]
    missed: list[str]
    hidden: list[tuple[str, str]]
    reader: Reader
    operations: list[Operation] = field(default_factory=list)
    keeps: list[tuple[str, Any]] = field(default_factory=list)
    read: set[int] = field(default_factory=set)
    complete: bool = False
    given: tuple[tuple, dict[str, Any]] = ((), {})
    then: Any = None
    drew: bool = False


class Reader(Protocol):
    """How a framework's network is run, and its layers and tensors are read: a module does it.

    framework: its name. Layer: the class of its layers.
    states: the framework's word for h. unpadded: the line that keeps padding from being read.
    """

    framework: str
    Layer: Any
    states: str
    unpadded: str

    def run(
        self,
        network: Any,
        inputs: tuple,
        named: dict[str, Any],
        recorder: Recorder,
        then: tuple[tuple, dict[str, Any]] | None = None,
    ) -> Pass:
        """Return the Pass of a network; what happens in it is noted down by the Recorder.

        named: what it is called with by keyword. then: what it is called with once more, as in
            Pass.given, while it is as the first call left it.
        """

    def without_gradients(self) -> AbstractContextManager:
        """Return a context in which no gradients are taken."""

    def reads(self, recorder: Recorder) -> AbstractContextManager:
        """Return a context in which the Recorder notes down which known tensors anything reads."""

    # What is tried again.

    def library(self) -> dict[str, Any]:
        """Return what a line to write may name: the framework, and what is imported by name."""

    def aside(self) -> AbstractContextManager:
        """Return a context without gradients, behind which random numbers go on as before."""

    def is_usable(self, value: Any) -> bool:
        """Return whether a call may be made again on a value: it is no tensor, or has numbers."""

    def alike(self, value: Any) -> Any:
        """Return a value to call a layer on; a tensor of a graph becomes one of none."""

    def twin(self, layer: Any) -> Any:
        """Return a layer that does what this one does and may be called; None if none may be."""

    # Tensors.

    def is_tensor(self, value: Any) -> bool:
        """Return whether a value is a tensor of the framework's."""

    def source(self, tensor: Any) -> Any:
        """Return the layer that a tensor without numbers is of; None where that is not known."""

    def whole(self, tensor: Any) -> Any:
        """Return the tensor that one is a part of in memory; None where that is not known."""

    def array(self, tensor: Any) -> np.ndarray:
        """Return a tensor as NumPy, sharing its memory where that is possible."""

    def hold(self, value: Any) -> Held | None:
        """Return a function that copies a tensor's numbers and returns one that puts them back, and
        how many there are; None for what is not the framework's or cannot be changed in place.
        """

    def aligned(self, result: tuple, target: tuple) -> tuple[tuple, tuple]:
        """Return two shapes, of a result and of a target, as mse first makes them alike."""

    # Layers.

    def is_layer(self, value: Any) -> bool:
        """Return whether a value is a layer, and not an operation of a graph."""

    def is_lazy(self, value: Any) -> bool:
        """Return whether a value is a layer that the first pass makes another one of, or builds."""

    def recurrent(self, layer: Any) -> bool:
        """Return whether a layer is recurrent, a cell, or a wrapper of one."""

    def holds_recurrent(self, layer: Any) -> bool:
        """Return whether a layer is recurrent or one at any depth in it is."""

    def container(self, layer: Any) -> bool:
        """Return whether a layer only hands on to others."""

    def graph(self, layer: Any) -> bool:
        """Return whether all that happens in a layer is seen."""

    def spec_of(self, layer: Any, **sizes: Any) -> Spec | None:
        """Return the Spec of a layer; None for what none describes.

        sizes: what else is known of the batch, by the fields of Spec.
        """

    def flags(self, layer: Any) -> dict[str, object]:
        """Return the settings of a layer that decide what comes back, by name."""

    def parameters(self, layer: Any) -> int:
        """Return the number of a layer's parameters."""

    def terms(self, layer: Any) -> list[tuple]:
        """Return what the number of parameters is the sum of, a term a cell or layer: (directions,
        blocks, inputs, heard, biases, units, projection); [] where that is not known.
        """

    # Calls.

    def rule(self, event: Event) -> tuple[Spec | None, Returned, list[str]]:
        """Return the Spec, if one says it, the Returned without values, and notes of a call."""

    def index(self, event: Event) -> tuple:
        """Return what a call indexes a tensor with, as a tuple; () for a layer."""


def reader_of(framework: str) -> Reader:
    """Return the module that reads the layers of a framework, which must be there."""
    return cast(Reader, import_module(READERS[framework], __package__))


def is_there(framework: str) -> bool:
    """Return whether somebody imported a framework; Keras 2, which has no `ops`, is another one."""
    return hasattr(sys.modules.get(framework), {"keras": "ops", "torch": "nn"}[framework])


def readers() -> list[Reader]:
    """Return the modules that read the frameworks that are there."""
    return [reader_of(framework) for framework in READERS if is_there(framework)]


@dataclass(frozen=True)
class Rule(Returned):
    """What a layer returns where no Spec says it, with the axes of what it reads.

    begins: as what it takes the states that it begins with, in their order; () if not known.
    """

    reads: tuple[str, ...] = ()
    begins: tuple[str, ...] = ()


def named(name, axes, meaning, *, path=(), equals=""):
    """Return a Tensor whose sizes are not known yet."""
    return Tensor(name, name, path, tuple(axes), (0,) * len(axes), meaning, equals)


def first_given(event):
    """Return what a layer was given to read: the first thing, or by keyword what is called so; None
    of one that was given nothing.
    """
    if event.args:
        return event.args[0]
    named = [event.kwargs[name] for name in INPUTS if name in event.kwargs]
    return next(iter([*named, *event.kwargs.values()]), None)


class Recorder:
    """The events of a pass that is going on; at: the one that ended in an error last.

    operations: what is done between them. returned: the tensors of recurrent layers; known: by
    their identity, these and those that the operations made of them. read: the identities of those
    that something read, whatever became of it. between: whether that is wanted, or events alone.
    seconds: how long the network took.
    """

    def __init__(self, between=True):
        self.between = between
        self.events = []
        self.open = []
        self.at = None
        self.operations = []
        self.returned = []
        self.known = {}
        self.read = set()
        self.seconds = 0.0

    @contextmanager
    def timed(self):
        """Take the time: the least by the clock and by the processor, for others run too."""
        clocks = perf_counter, process_time
        start = [clock() for clock in clocks]
        yield
        self.seconds = min(clock() - begun for clock, begun in zip(clocks, start, strict=True))

    def begin(self, layer, path, args, kwargs):
        """Note down that a layer is called."""
        within = self.open[-1] if self.open else None
        event = Event(layer, path, args, kwargs, within, len(self.events), line=line())
        self.at = None
        self.open.append(event)
        self.events.append(event)
        if within:
            within.inner.append(event)

    def clear(self):
        """Forget what happened so far."""
        self.__init__(self.between)

    def know(self, tensors):
        """Take in the tensors that a recurrent layer returned."""
        self.returned += tensors
        self.known |= {id(one): one for one in tensors}

    def done(self, given, made):
        """Note down what was done to tensors, if one of them is known; what it made is, too."""
        if any(id(one) in self.known for one in given):
            self.operations.append(Operation(len(self.events), given, made))
            self.known |= {id(one): one for one, _ in made}

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


def line() -> str:
    """Return the line that runs now of code that is no framework's: "line 12 of net.py", or "".

    A cell of a notebook has no file with a name that tells anything: "line 12".
    """
    frame: FrameType | None = sys._getframe(1)
    while _home(frame) == _HERE:
        frame = frame and frame.f_back
    while _home(frame) in HOMES:
        frame = frame and frame.f_back
    if frame is None or _home(frame) == _HERE:
        return ""
    path = PurePath(frame.f_code.co_filename)
    cell = path.name.startswith("<") or path.parent.name.startswith("ipykernel")
    return f"line {frame.f_lineno}{'' if cell else f' of {path.name}'}"


def is_ours(frame: FrameType) -> bool:
    """Return whether this package's own code runs in a frame."""
    return _home(frame) == _HERE


def is_users(frame: FrameType) -> bool:
    """Return whether code runs in a frame that is neither a framework's nor this package's."""
    return _home(frame) not in (*HOMES, _HERE)


def _home(frame):
    return frame and frame.f_globals.get("__name__", "").split(".")[0]


def is_shape(value):
    """Return whether a value is a shape and not a batch: a tuple of whole numbers and None."""
    return isinstance(value, tuple) and all(one is None or type(one) is int for one in value)


def numeric(value, name="inputs must be arrays", tried="try np.array(x, dtype='float32')"):
    """Return an array of numbers; ValueError, in one line, for what is none, or ragged."""
    if hasattr(value, "detach"):  # of PyTorch
        value = value.detach().cpu()
    try:
        array = np.asarray(value)
        got = f"dtype {array.dtype}"
    except (ValueError, TypeError, RuntimeError):
        array, got = None, short(value)
    if array is None or array.dtype.kind not in "biufc":
        raise ValueError(f"{name} of numbers, got {got}; {tried}")
    return array
