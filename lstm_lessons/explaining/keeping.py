"""A network left as it was: what it keeps is put back, and an interrupt waits for that."""

import pickle
import random
import signal
import sys
import threading
from collections import OrderedDict, deque
from collections.abc import Iterable
from contextlib import contextmanager, nullcontext
from copy import deepcopy
from functools import partial
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType

from ..late import np
from .tracebacks import home
from .watching import readers

MOST_THINGS, MOST_NUMBERS = 100_000, 10**8  # of what a network keeps, that are put back
PLAIN = (int, float, complex, str, bytes, type(None), type(...))
CONTAINERS = (list, OrderedDict, dict, set, deque, bytearray)
COPIES = {deque: list}  # without its longest length
NO_OBJECTS = (type, ModuleType, FunctionType, BuiltinFunctionType, MethodType)
FOREIGN = {"keras", "tensorflow", "torch", "jax", "jaxlib", "numpy", *sys.stdlib_module_names}


def generators():
    """Return the classes of what draws by chance, Python's and NumPy's."""
    return random.Random, np.random.Generator, np.random.RandomState


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


def states_of(generators: Iterable) -> bytes:
    """Return the state of all random numbers, generators' of one's own too, to be compared."""
    others = [one.get_state().tolist() if hasattr(one, "device") else one for one in generators]
    return pickle.dumps((random.getstate(), np.random.get_state(), others))


def _held(parts, notes):
    """Give a function for each thing that is kept, which puts it back."""
    known, numbers = {}, 0  # what is known stays alive: addresses are used again
    frameworks = readers()
    waiting = [*reversed(parts)]
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, PLAIN) or id(thing) in known:
            continue
        known[id(thing)] = thing
        if len(known) > MOST_THINGS:
            notes.append(f"What it keeps was put back in part: it is over {MOST_THINGS:,} things.")
            return
        if found := _hold(thing, frameworks):
            held, size = found
            if numbers + size > MOST_NUMBERS:
                notes[:] = [f"Of its arrays, no more than {MOST_NUMBERS:,} numbers were put back."]
                continue
            numbers += size
            yield held()
        if isinstance(thing, (*CONTAINERS, tuple, frozenset)):
            waiting += [*reversed([*(thing.values() if isinstance(thing, dict) else thing)])]
        elif not found and _is_own(thing, frameworks):
            yield partial(_put_attributes, thing, _attributes(thing))
            waiting += reversed(_attributes(thing).values())


def _hold(value, frameworks):
    """Return a function that copies what a value holds and returns one that puts it back, and how
    many numbers it copies; None for what holds nothing that a pass may change in place.
    """
    if kind := next((one for one in CONTAINERS if isinstance(value, one)), None):
        return lambda: partial(_put_content, kind, value, COPIES.get(kind, kind)(value)), 0
    if found := next((held for one in frameworks if (held := one.hold(value))), None):
        return found
    if isinstance(value, np.ndarray) and value.flags.writeable:
        return lambda: partial(np.copyto, value, value.copy()), value.size
    if isinstance(value, np.random.Generator):
        value = value.bit_generator
        return lambda: partial(setattr, value, "state", deepcopy(value.state)), 0
    if isinstance(value, random.Random):
        return lambda: partial(value.setstate, value.getstate()), 0
    if isinstance(value, np.random.RandomState):
        return lambda: partial(value.set_state, value.get_state()), 0
    return None


def _is_own(value, frameworks):
    """Return whether a value is a layer, or an object of somebody's own class; not a lazy layer,
    which the pass builds.
    """
    if isinstance(value, NO_OBJECTS) or any(one.is_lazy(value) for one in frameworks):
        return False
    if any(one.is_layer(value) for one in frameworks):
        return True
    return home(type(value)) in {"types", "collections"} or home(type(value)) not in FOREIGN


def _attributes(one):
    """Return the attributes of an object by name, also those in slots."""
    rows = [getattr(kind, "__slots__", ()) for kind in type(one).__mro__]
    names = [name for row in rows for name in ([row] if isinstance(row, str) else row)]
    slots = [name for name in names if not name.startswith("__") and hasattr(one, name)]
    return {name: getattr(one, name) for name in slots} | getattr(one, "__dict__", {})


def _put_attributes(one, before):
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
