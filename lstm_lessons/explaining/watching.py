"""One forward pass of someone's network: what happened in it, and how it is left as it was."""

import random
import signal
import sys
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from copy import copy, deepcopy
from dataclasses import dataclass, field
from functools import lru_cache, partial
from math import prod
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType

import numpy as np

from ..rule import expected
from ..shapes import Returned, Tensor
from ..spec import short

rule_of = lru_cache(expected)  # in a deep network many layers are alike
BUILT = "The network had no weights yet; this pass built it."
ONE_STEP = "A cell reads one timestep; the loop over timesteps is yours."
MOST_THINGS, MOST_NUMBERS = 100_000, 10**8  # of what a network keeps, that are put back
PLAIN = (int, float, complex, str, bytes, type(None), type(...))
CONTAINERS = (list, OrderedDict, dict, set, deque, bytearray)
COPIES = {deque: list}  # without its longest length
NO_OBJECTS = (type, ModuleType, FunctionType, BuiltinFunctionType, MethodType)
FOREIGN = {"keras", "tensorflow", "torch", "jax", "jaxlib", "numpy", *sys.stdlib_module_names}
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
    hidden: pairs of path and layer, of those that cannot be looked into.
    reader: the functions that read the framework's layers and tensors.
    """

    given: list
    events: list
    result: object
    notes: list
    missed: list
    hidden: list
    reader: "Reads"


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
    """Put back what the parts of a network keep, and what is random; give notes on what is not.

    Held is what their attributes reach: tensors, arrays, containers, generators of random numbers,
    and objects of anybody's own classes. Not held are iterators, files and the names of a module.

    parts: the layers, and variables that are not theirs.
    """
    notes = []
    held = list(_held(parts, notes))
    state, numbers = random.getstate(), np.random.get_state()
    try:
        yield notes
    finally:
        random.setstate(state)
        np.random.set_state(numbers)
        for put_back in held:
            put_back()


def _held(parts, notes):
    """Give a function for each thing that is kept, which puts it back."""
    known, numbers = {}, 0  # what is known stays alive: addresses are used again
    waiting = [*reversed(parts)]
    while waiting:
        one = waiting.pop()
        if isinstance(one, PLAIN) or id(one) in known:
            continue
        known[id(one)] = one
        if len(known) > MOST_THINGS:
            notes.append(f"What it keeps was put back in part: it is over {MOST_THINGS:,} things.")
            return
        if found := _hold(one):
            held, size = found
            if numbers + size > MOST_NUMBERS:
                notes[:] = [f"Of its arrays, no more than {MOST_NUMBERS:,} numbers were put back."]
                continue
            numbers += size
            yield held()
        if isinstance(one, (*CONTAINERS, tuple, frozenset)):
            waiting += [*reversed([*(one.values() if isinstance(one, dict) else one)])]
        elif not found and _is_own(one):
            yield partial(_put_attributes, one, _attributes(one))
            waiting += reversed(_attributes(one).values())


def _hold(value):
    """Return a function that copies what a value holds and returns one that puts it back, and how
    many numbers it copies; None for what holds nothing that a pass may change in place.
    """
    if kind := next((one for one in CONTAINERS if isinstance(value, one)), None):
        return lambda: partial(_put_content, kind, value, COPIES.get(kind, kind)(value)), 0
    if _home(value) in ("keras", "tensorflow") and hasattr(value, "assign"):
        return lambda: partial(_put_variable, value, _numbers_of(value)), prod(value.shape)
    if isinstance(value, np.ndarray) and value.flags.writeable:
        return lambda: partial(np.copyto, value, value.copy()), value.size
    if isinstance(value, np.random.Generator):
        value = value.bit_generator
        return lambda: partial(setattr, value, "state", deepcopy(value.state)), 0
    if isinstance(value, random.Random):
        return lambda: partial(value.setstate, value.getstate()), 0
    if isinstance(value, np.random.RandomState):
        return lambda: partial(value.set_state, value.get_state()), 0
    return _hold_of_torch(value, torch) if (torch := sys.modules.get("torch")) else None


def _hold_of_torch(value, torch):
    """Return what _hold does, of a tensor or generator of PyTorch."""
    if isinstance(value, torch.Generator):
        return lambda: partial(value.set_state, value.get_state()), 0
    if not isinstance(value, torch.Tensor) or torch.nn.parameter.is_lazy(value):
        return None
    if value.layout != torch.strided or value.is_meta or value.is_quantized:
        return None
    return lambda: partial(_put_tensor, value, value.detach().clone()), value.numel()


def _put_tensor(tensor, before):
    """Put the numbers of a tensor back, if they changed."""
    torch = sys.modules["torch"]
    with torch.no_grad():
        if tensor.shape != before.shape:
            tensor.data = before
        elif not torch.equal(tensor, before):
            tensor.copy_(before)


def _put_variable(variable, before):
    """Put the numbers of a variable back, if they changed."""
    if not np.array_equal(_numbers_of(variable), before):
        variable.assign(before)


def _numbers_of(variable):
    """Return a variable's numbers as an array of its own."""
    ops = sys.modules["keras"].ops
    return np.array(ops.convert_to_numpy(ops.copy(variable)))


def _is_own(value):
    """Return whether a value is a layer, or an object of somebody's own class; not a lazy layer,
    which the pass builds.
    """
    kind = type(value)
    if isinstance(value, NO_OBJECTS) or hasattr(kind, "cls_to_become"):
        return False
    if hasattr(kind, "named_modules") or hasattr(kind, "_flatten_layers"):
        return True
    return _home(value) in ("types", "collections") or _home(value) not in FOREIGN


def _home(value):
    """Return the name of the package that a value's class is of."""
    return type(value).__module__.split(".")[0]


def _attributes(one):
    """Return the attributes of an object by name, also those in slots."""
    slots = [getattr(kind, "__slots__", ()) for kind in type(one).__mro__]
    names = [name for row in slots for name in ([row] if isinstance(row, str) else row)]
    found = {name: getattr(one, name) for name in names if _is_slot(one, name)}
    return found | getattr(one, "__dict__", {})


def _is_slot(one, name):
    return not name.startswith("__") and hasattr(one, name)


def _put_attributes(one, before):
    """Put the attributes of an object back, those that changed."""
    now = _attributes(one)
    inside = getattr(one, "__dict__", {})
    for name in now.keys() - before.keys():
        inside.pop(name, None)
    for name, value in before.items():
        if name not in now or now[name] is not value:
            if name in inside or not hasattr(type(one), name):
                inside[name] = value
            else:
                setattr(one, name, value)


def _put_content(kind, value, before):
    """Put the content of a container back, if it changed; as its kind does: others may refuse."""
    if not _unchanged(value, before):
        kind.clear(value)
        (kind.extend if hasattr(kind, "extend") else kind.update)(value, before)


def _unchanged(value, before):
    """Return whether a container holds the very things that it held before, in that order."""
    if isinstance(value, bytearray):
        return value == before
    pair = [
        [*map(id, one), *map(id, one.values() if isinstance(one, dict) else ())]
        for one in (value, before)
    ]
    return pair[0] == pair[1]


@contextmanager
def held_back():
    """Hold an interrupt (Ctrl+C) back until the end, but for what runs in what this gives.

    So a pass can be interrupted, and what it changed is put back to the end.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield nullcontext  # no interrupt comes here
        return
    came, is_open = [], False

    def handler(*interrupt):
        nonlocal is_open
        if is_open:
            is_open = False  # one is enough: what follows is the putting back
            before(*interrupt)
        else:
            came[:] = [interrupt]

    @contextmanager
    def interruptible():
        nonlocal is_open
        is_open = not came
        if came:
            before(*came.pop())
        try:
            yield
        finally:
            is_open = False

    signal.signal(signal.SIGINT, handler)
    try:
        yield interruptible
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            before(*came.pop())


def remade(value, function):
    """Return a dict, list or tuple of the same kind, of what a function makes of its parts."""
    if isinstance(value, dict):
        made = copy(value)
        made.update({name: function(one) for name, one in value.items()})
        return made
    parts = [function(one) for one in value]
    return value._make(parts) if hasattr(value, "_make") else type(value)(parts)


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
