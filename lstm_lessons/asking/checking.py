"""Checks of what a learner makes: it is run for real, on more than one batch."""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from textwrap import shorten

import numpy as np

from ..frameworks import load
from ..rule import expected
from ..spec import Spec
from ..weights import inputs
from .diagnosis import ORDINALS, Verdict, diagnose

KINDS = dict(f="real numbers", i="whole numbers", u="whole numbers", b="True or False")
KINDS |= dict(c="complex numbers", U="text")
NUMBERS = (bool, int, float, complex)


@dataclass(frozen=True)
class Task:
    """A function to be made, whose right results are known.

    right: returns the right result: arrays or plain values, nested in tuples.
    inputs: what both are called on: tuples of arguments, one at least. NumPy arrays reach them as
        tensors of the framework.
    wrong: pairs of a function that makes a usual mistake and words that go on from "It looks as
        if"; tried in order.
    gradient: whether, in PyTorch, a gradient must flow through the result, as through a loss.

    Raises ValueError, in one line, without inputs.
    """

    right: Callable
    inputs: tuple
    wrong: tuple = ()
    gradient: bool = False

    def __post_init__(self):
        if not self.inputs or not all(isinstance(one, (tuple, list)) for one in self.inputs):
            raise ValueError(
                "inputs must be tuples of arguments, one at least, got "
                f"{_words(self.inputs)}; try ((x,),)"
            )


def check(made, wanted, framework="keras", like=None):
    """Return the Verdict on a network or function.

    For a Spec, it should return what the spec's flags ask for. It is run on three batches: the
    second has more sequences and more timesteps, the third is one of its sequences alone. The
    shapes that come back are diagnosed. Every tensor must depend on the first and the last
    timestep and on the order of those between, a sequence must get the same numbers alone, and the
    states must not be one another's. In one direction, an output knows no later timestep. Whether
    an LSTM made the numbers, only `like` can tell. For a Task, the results are compared with the
    right ones. In both, the numbers must be real and finite, and the same in two runs.

    made: a model, layer or function that takes (batch, timesteps, features), or what the Task
        says; `...` or None if it is still to be made.
    wanted: a Task; or a Spec, the sizes of the input, and units and flags of the output that is
        wanted, in either framework: with neither flag, (batch, units).
    framework: what made is made of, "keras" or "torch".
    like: with a Spec, a recurrent layer whose numbers must come back; None if any will do.

    Raises ValueError, in one line, if wanted or like is something else.
    """
    if not isinstance(wanted, (Spec, Task)):
        raise ValueError(
            f"wanted must be a Spec or a Task, got {_words(wanted)}; try Spec(units=7)"
        )
    if like is not None and not callable(like):
        raise ValueError(f"like must be a recurrent layer, got {_words(like)}; try like=layer")
    if made is None or made is ...:
        return Verdict("not attempted", (), "Put your code in place of the `...` and run the cell.")
    if not callable(made) or inspect.isclass(made):
        return Verdict("wrong", (), _no_function(made, wanted))
    try:
        if isinstance(wanted, Task):
            return _compared(made, wanted, load(framework))
        return _looked_at(made, wanted, load(framework), like)
    except _Wrong as wrong:
        return wrong.verdict


class _Wrong(Exception):
    """What is wrong with a result, as the Verdict on it."""

    def __init__(self, message, right_shapes=False, misconceptions=()):
        super().__init__(message)
        self.verdict = Verdict("wrong", misconceptions, message, right_shapes)


def _no_function(made, wanted):
    """Return the words for what can't be called, and for a class, which makes a layer."""
    if inspect.isclass(made):
        name = made.__name__
        return f"It must be a model, layer or function, got the class {name}; try `{name}(…)`."
    hint = "a function" if isinstance(wanted, Task) else "a `Sequential`"
    if isinstance(made, (bool, float, str)) or hasattr(made, "shape"):
        hint = "the function itself, not its name or what it returned"
    return f"It must be a model, layer or function, got {_words(made)}; try {hint}."


def _looked_at(made, spec, real, like):
    """Return the Verdict on what should return what the flags of a spec ask for."""
    more = replace(spec, batch=spec.batch + 2, timesteps=spec.timesteps + 3)
    specs = (spec, more, replace(more, batch=1))
    batches = [inputs(spec), inputs(more), inputs(more)[1:2]]
    given = [None if like is None else real.call(like, x.copy()) for x in batches]
    values = [_fitting(made, *one, real) for one in zip(batches, specs, strict=True)]
    for value, x, one, theirs in list(zip(values, batches, specs, given, strict=True))[:2]:
        moved = [_results(made, (other,), real, _on(x), runs=1)[0] for other in _others(x)]
        if not all(_alike(value, other) for other in moved):
            raise _Wrong(f"{_on(x)} it returned other shapes when only numbers had changed.")
        amiss = _amiss(value, moved, one) or (theirs is not None and _unlike(value, theirs, one))
        if amiss:
            raise _Wrong(f"The shapes are right, but {amiss}")
    if not _agree(values[2], _second(values[1])):
        raise _Wrong(
            "The shapes are right, but alone the second sequence gets other numbers than in its "
            "batch. Do sequences see each other?"
        )
    return Verdict("correct", (), f"{_on(batches[1])} it returned {_shapes(values[1])}.")


def _fitting(made, x, spec, real):
    """Return what comes back for a batch, if it is what a spec asks for but for the numbers."""
    value, again = _results(made, (x,), real, _on(x))
    if other := _strange(value) or _no_tensor(value):
        raise _Wrong(f"{_on(x)} it returned {other}; {_tensor(real)} is wanted.")
    came = f"{_on(x)} it returned {_shapes(value)}"
    verdict = diagnose(spec, _shapes(value))
    if verdict.status != "correct":
        why = verdict.message.replace("You expect", "That looks like")
        raise _Wrong(f"{came}. {why}", misconceptions=verdict.misconceptions)
    if _shapes(value) != expected(spec).shapes:
        raise _Wrong(
            f"{came}. The shapes are right. Put them into one tuple, without another inside it."
        )
    for array in _tensors(value):
        _must_be_numbers(array, "f", came)
    _must_be_steady(value, again)
    return value


def _compared(made, task, real):
    """Return the Verdict on a function whose right results are known."""
    for arguments in task.inputs:
        on = f"For {_said(arguments)}"
        right = real.call(task.right, *_copied(arguments))  # before what was made can spoil it
        value, again = _results(made, arguments, real, on)
        if other := _strange(value):
            raise _Wrong(f"{on} it returned {other}. Another value is wanted.")
        came = f"{on} it returned {_said(value)}"
        alike = _alike(value, right)
        same = alike and any(array.ndim for array in _tensors(right))
        if alike:
            _must_be_like(value, right, came, real, same)
            came_twice = f"{came}. The shapes are right, the values are not. " if same else ""
            _must_be_steady(value, again, came_twice, same)
        if not _agree(value, right):
            raise _Wrong(f"{came}. {_why(made, value, right, arguments, task, real)}", same)
    if task.gradient and hasattr(real, "torch") and not _learns(made, task.inputs[0], real):
        raise _Wrong(
            "The numbers are right, but no gradient flows through the result, so nothing could "
            "learn from it. `.item()`, `.detach()` and `torch.no_grad()` cut it off.",
            same,
        )
    return Verdict("correct", (), f"{came}.")


def _results(made, arguments, real, on, runs=2):
    """Return what a function returns in so many runs on the same arguments, which are copies."""
    results = []

    def run(*given):
        for _ in range(runs):
            results.append(_copied(real.call(lambda: made(*given))))
            _shapes(results[-1])

    try:
        real.call(run, *_copied(arguments))
    except Exception as error:
        raise _Wrong(_raised(error, on)) from error
    if results[0] is None:
        raise _Wrong("It returned None. Is a `return` missing?")
    return results


def _must_be_like(value, right, came, real, same):
    """Raise _Wrong for a result of the right shapes that is not of the right one's kind."""
    for one, other in zip(_leaves(value), _leaves(right), strict=True):
        if isinstance(other, np.ndarray) and type(one) in NUMBERS:
            raise _Wrong(
                f"{came}, a plain number of Python; {_tensor(real)} is wanted. Is there an "
                "`.item()` too many?"
            )
        wanted = np.asarray(other)
        kinds = {"f": "fiu", "i": "iu", "u": "iu"}.get(wanted.dtype.kind, wanted.dtype.kind)
        _must_be_numbers(np.asarray(one), kinds, came, same, finite=_finite(wanted).all())


def _must_be_numbers(array, kinds, came, same=False, finite=True):
    """Raise _Wrong for an array of another kind than the wanted ones, or with no finite numbers.

    kinds: letters of NumPy's kinds of dtypes; the first one is named.
    """
    if array.dtype.kind not in kinds:
        kind = KINDS.get(array.dtype.kind, f"values of type {array.dtype}")
        raise _Wrong(f"{came}, {kind} in place of {KINDS.get(kinds[0], 'others')}.", same)
    if finite and (bad := array.size - _finite(array).sum()):
        raise _Wrong(
            f"{came}. The shapes are right, but {bad} of {array.size} numbers are NaN or infinite.",
            same,
        )


def _must_be_steady(value, again, came="", same=False):
    """Raise _Wrong if two runs gave different results."""
    if not _agree(value, again):
        raise _Wrong(
            f"{came}It gives other numbers each time, for the same input. Is a layer made anew at "
            "every call, is dropout on, or does it change its input?",
            same,
        )


def _why(made, value, right, arguments, task, real):
    """Return what is wrong with a result: a usual mistake, or in what it differs."""
    plain = not any(array.ndim for array in _tensors(right))  # that may agree by chance
    for mistake, why in task.wrong:
        seen = _agree(value, _tried(mistake, arguments, real))
        if seen and (not plain or _everywhere(made, mistake, task, real)):
            return f"It looks as if {why}"
    if _alike(value, right):
        return "Another value is wanted." if plain else "The shapes are right, the values are not."
    if all(isinstance(one, np.ndarray) for one in _leaves(right)) and (other := _no_tensor(value)):
        return f"That is {other}; {_tensor(real)} is wanted."
    if _shapes(_tensors(value)) == _shapes(_tensors(right)):
        return "The shapes are right, their nesting is not."
    return "Another shape is wanted."


def _everywhere(made, mistake, task, real):
    """Return whether a mistake gives what was made gives, on every input for which it has a say."""
    for arguments in task.inputs:
        theirs = _tried(mistake, arguments, real)
        if theirs is not None and not _agree(_tried(made, arguments, real), theirs):
            return False
    return True


def _tried(mistake, arguments, real):
    """Return what a usual mistake makes of some input, None where it raises."""
    try:
        return real.call(mistake, *_copied(arguments))
    except Exception:
        return None


def _learns(made, arguments, real):
    """Return whether a gradient flows from what a PyTorch function returns to its first input."""
    tensor = real.torch.tensor
    given = [tensor(one) if isinstance(one, np.ndarray) else one for one in arguments]
    try:
        with real.torch.enable_grad():
            value = made(1 * given[0].requires_grad_(), *given[1:])  # no leaf: it may be changed
    except Exception:  # it ran without a gradient
        return False
    return all(getattr(one, "requires_grad", False) for one in _leaves(value))


def _strange(value):
    """Return words for what is neither an array nor a plain value, nor nested ones, or ""."""
    plain = (np.ndarray, np.generic, str, type(None), *NUMBERS)
    kinds = {type(one).__name__ for one in _leaves(value) if not isinstance(one, plain)}
    return f"an object of type {' and '.join(sorted(kinds))}" if kinds else ""


def _no_tensor(value):
    """Return words for plain values where tensors are wanted, or ""."""
    leaves = _leaves(value)
    if not leaves:
        return "nothing, an empty tuple or list"
    if all(type(one) in NUMBERS for one in leaves):
        return "a list of numbers" if isinstance(value, tuple) else "a plain number of Python"
    strange = [one for one in leaves if not isinstance(one, (np.ndarray, np.generic))]
    return f"{_words(strange[0])} among other things" if strange else ""


def _tensor(real):
    """Return what a framework calls its arrays."""
    return "a tensor" if hasattr(real, "torch") else "an array or tensor"


def _agree(value, other):
    """Return whether two results nest alike, have the same shapes and nearly the same numbers."""
    if not _alike(value, other):
        return False
    pairs = zip(_tensors(value), _tensors(other), strict=True)
    return all(_close(*pair) if pair[1].dtype.kind == "f" else _equal(*pair) for pair in pairs)


def _alike(value, other):
    """Return whether two results nest alike, with the same shapes; () is no number."""
    return _shapes(value) == _shapes(other) and len(_leaves(value)) == len(_leaves(other))


def _equal(one, other):
    """Return whether two arrays of plain values are equal; an object may claim that it is."""
    return one.dtype.kind != "O" and bool((one == other).all())


def _said(value):
    """Return arguments or a result in a few words: shapes of arrays, other values as they are."""
    if isinstance(value, (tuple, list)):
        most = 60 if all(type(one) in NUMBERS for one in _leaves(value)) else 200
        return shorten(", ".join(map(_said, value)), most, placeholder=" …") or "()"
    if np.ndim(value):
        return f"shape {np.shape(value)}"
    return f"{value:.4g}" if np.asarray(value).dtype.kind == "f" else _words(value, str)


def _words(value, form=repr, most=80):
    """Return a value in one line that is not long, however it describes itself."""
    try:
        plain = re.sub(r"\x1b\[[\d;]*m", "", form(value))  # colours for terminals
        return shorten(plain, most, placeholder=" …")
    except Exception:
        return f"an object of {type(value).__name__}"


def _on(x):
    return f"For a batch of shape {x.shape}"


def _others(x):
    """Return the batch with its first timestep changed, with its last, and with those between in
    reversed order.
    """
    first, last, order = x.copy(), x.copy(), x.copy()
    first[:, 0] += 1
    last[:, -1] += 1
    order[:, 1:-1] = x[:, -2:0:-1]
    return first, last, order


def _amiss(value, moved, spec):
    """Return what is wrong with numbers of the right shape, "" if nothing is to be seen.

    moved: what came of the batch with another first timestep, another last one, another order.
    """
    output, *states = _tensors(value)
    if spec.return_sequences and spec.timesteps > 1 and _close(output[:, 0], output[:, -1]):
        return "each timestep has the same result. Does the layer return every h?"
    if amiss := _still(value, moved, spec):
        return amiss
    early = _tensors(moved[1])[0][:, :-1]
    if spec.return_sequences and not spec.bidirectional and not _close(output[:, :-1], early):
        return "earlier results move with the last timestep. Does each know those before it alone?"
    if states and not _close(states[0], _last(output)):
        return "the second tensor is not the last h. Which of the states comes first?"
    if states and _close(*states):
        return "the third tensor is h once more. Where is c?"
    return ""


def _still(value, moved, spec):
    """Return which change of the timesteps leaves a tensor as it was, or ""."""
    kinds = ("first timestep", "last timestep", "order of the timesteps between")
    for which, other in zip(kinds[: 2 + (spec.timesteps > 3)], moved, strict=False):
        for place, pair in enumerate(zip(_tensors(value), _tensors(other), strict=True)):
            if np.allclose(*map(_last, pair), rtol=0, atol=1e-6 if "order" in which else 1e-9):
                of = f"{ORDINALS[place]} tensor" if place else "last result"
                return f"the {which} makes no difference to the {of}. Is it read?"
    return ""


def _unlike(value, other, spec):
    """Return in which tensor a value differs from what a recurrent layer returned, or ""."""
    output, *states = _tensors(other)
    output = output if spec.return_sequences else _last(output)
    states = [state[-1] if state.ndim == 3 else state for state in states]
    for place, (ours, theirs) in enumerate(zip(_tensors(value), (output, *states), strict=False)):
        if not _close(ours, theirs):
            return f"the numbers of the {ORDINALS[place]} tensor are not those of the given layer."
    return ""


def _close(one, other):
    return (
        one.dtype.kind in "fiub"
        and one.shape == other.shape
        and np.allclose(one, other, rtol=0, atol=1e-5)
    )


def _finite(array):
    """Return which numbers are finite; what is not a number counts."""
    return np.isfinite(array) if array.dtype.kind in "fc" else np.ones(array.shape, bool)


def _last(output):
    """Return the last timestep of an output, (batch, units)."""
    return output[:, -1] if output.ndim == 3 else output


def _second(value):
    """Return the second sequence's part of a result, as a batch of one."""
    return tuple(map(_second, value)) if isinstance(value, tuple) else value[1:2]


def _copied(value):
    """Return nested arguments or results; arrays are copies, of NumPy's own type."""
    if isinstance(value, (tuple, list)):
        return tuple(map(_copied, value))
    return np.array(value) if isinstance(value, np.ndarray) else value


def _leaves(value):
    """Return what a nested value holds, in order."""
    if isinstance(value, (tuple, list)):
        return [leaf for item in value for leaf in _leaves(item)]
    return [value]


def _tensors(value):
    """Return the arrays of a return value, however it nests them, in order."""
    return [np.asarray(leaf) for leaf in _leaves(value)]


def _shapes(value):
    """Return the shapes of nested arrays, nested alike."""
    if isinstance(value, (tuple, list)):
        return tuple(map(_shapes, value))
    return np.asarray(value).shape


def _raised(error, on):
    """Return what an exception says, in one paragraph. on: what it was called on."""
    said = _words(error, str, 200)
    return f"{on} it raised `{type(error).__name__}`{': ' if said else '.'}{said}"
