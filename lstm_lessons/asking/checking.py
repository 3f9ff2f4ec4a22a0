"""Checks of what a learner makes: it is run for real, on more than one batch."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ..frameworks import load
from ..nests import leaves
from ..rule import expected
from ..spec import Spec
from ..weights import inputs
from .diagnosis import diagnose
from .recurrence import amiss, changed, unlike
from .results import (
    KINDS,
    NUMBERS,
    agree,
    alike,
    arrays,
    copied,
    finite,
    no_tensor,
    said,
    shapes,
    strange,
    tupled,
    words,
)
from .verdict import Verdict

STEADY = (
    "It gives other numbers each time, for the same input. Is a layer made anew at every call, is "
    "dropout on, or does it change its input?"
)


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

    right: Callable[..., object]
    inputs: tuple[tuple | list, ...]
    wrong: tuple[tuple[Callable[..., object], str], ...] = ()
    gradient: bool = False

    def __post_init__(self):
        if not self.inputs or not all(isinstance(given, (tuple, list)) for given in self.inputs):
            raise ValueError(
                "inputs must be tuples of arguments, one at least, got "
                f"{words(self.inputs)}; try ((x,),)"
            )


def check(
    made: object, wanted: Spec | Task, framework: str = "keras", like: Callable | None = None
) -> Verdict:
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
        raise ValueError(f"wanted must be a Spec or a Task, got {words(wanted)}; try Spec(units=7)")
    if like is not None and not callable(like):
        raise ValueError(f"like must be a recurrent layer, got {words(like)}; try like=layer")
    if made is None or made is ...:
        return Verdict("not attempted", "Put your code in place of the `...` and run the cell.")
    if not callable(made) or inspect.isclass(made):
        return Verdict("wrong", _no_function(made, wanted))
    try:
        if isinstance(wanted, Task):
            return _compared(made, wanted, load(framework))
        return _looked_at(made, wanted, load(framework), like)
    except _Wrong as wrong:
        return wrong.verdict


class _Wrong(Exception):
    """What is wrong with a result, as the Verdict on it."""

    def __init__(self, said="", came="", **data):
        super().__init__(said)
        self.verdict = Verdict("wrong", said, came, **data)


def _no_function(made, wanted):
    """Return the words for what can't be called, and for a class, which makes a layer."""
    if inspect.isclass(made):
        name = made.__name__
        return f"It must be a model, layer or function, got the class {name}; try `{name}(…)`."
    hint = "a function" if isinstance(wanted, Task) else "a `Sequential`"
    if isinstance(made, (bool, float, str)) or hasattr(made, "shape"):
        hint = "the function itself, not its name or what it returned"
    return f"It must be a model, layer or function, got {words(made)}; try {hint}."


def _looked_at(made, spec, real, like):
    """Return the Verdict on what should return what the flags of a spec ask for."""
    more = replace(spec, batch=spec.batch + 2, timesteps=spec.timesteps + 3)
    specs = (spec, more, replace(more, batch=1))
    batches = [inputs(spec), inputs(more), inputs(more)[1:2]]
    given = [None if like is None else real.call(like, x.copy()) for x in batches[:2]]
    values = [_fitting(made, *pair, real) for pair in zip(batches, specs, strict=True)]
    for value, x, wanted, theirs in zip(values, batches, specs, given, strict=False):
        moved = [_results(made, (other,), real, _on(x), runs=1)[0] for other in changed(x)]
        if not all(alike(value, other) for other in moved):
            raise _Wrong(f"{_on(x)} it returned other shapes when only numbers had changed.")
        other = theirs is not None and unlike(value, theirs, wanted)
        if seen := amiss(value, moved, wanted) or other:
            raise _Wrong(f"The shapes are right, but {seen}")
    if not agree(values[2], tupled(lambda array: array[1:2], values[1])):
        raise _Wrong(
            "The shapes are right, but alone the second sequence gets other numbers than in its "
            "batch. Do sequences see each other?"
        )
    return Verdict("correct", came=f"{_on(batches[1])} it returned {shapes(values[1])}")


def _fitting(made, x, spec, real):
    """Return what comes back for a batch, if it is what a spec asks for but for the numbers."""
    value, again = _results(made, (x,), real, _on(x))
    if other := strange(value) or no_tensor(value):
        raise _Wrong(f"{_on(x)} it returned {other}; {_tensor(real)} is wanted.")
    came = f"{_on(x)} it returned {shapes(value)}"
    verdict = diagnose(spec, shapes(value))
    if verdict.status != "correct":
        raise _Wrong(
            verdict.said,
            came,
            beliefs=verdict.beliefs,
            together=verdict.together,
            differences=verdict.differences,
        )
    if shapes(value) != expected(spec).shapes:
        raise _Wrong(
            "The shapes are right. Put them into one tuple, without another inside it.", came
        )
    for array in arrays(value):
        _must_be_numbers(array, "f", came)
    _must_be_steady(value, again)
    return value


def _compared(made, task, real):
    """Return the Verdict on a function whose right results are known."""
    for arguments in task.inputs:
        on = f"For {said(arguments)}"
        right = real.call(task.right, *copied(arguments))  # before what was made can spoil it
        value, again = _results(made, arguments, real, on)
        if other := strange(value):
            raise _Wrong(f"{on} it returned {other}. Another value is wanted.")
        came = f"{on} it returned {said(value)}"
        same = alike(value, right) and not _plain(right)
        if alike(value, right):
            _must_be_like(value, right, came, real, same)
            _must_be_steady(value, again, came if same else "", same)
        if not agree(value, right):
            mistake = _mistake(made, value, right, arguments, task, real)
            raise _Wrong(
                "" if mistake else _otherwise(value, right, real),
                came,
                mistake=mistake,
                right_shapes=same,
            )
    if task.gradient and hasattr(real, "torch") and not _learns(made, task.inputs[0], real):
        raise _Wrong(
            "The numbers are right, but no gradient flows through the result, so nothing could "
            "learn from it. `.item()`, `.detach()` and `torch.no_grad()` cut it off.",
            right_shapes=same,
        )
    return Verdict("correct", came=came)


def _results(made, arguments, real, on, runs=2):
    """Return what a function returns in so many runs on the same arguments, which are copies."""
    results = []

    def run(*given):
        for _ in range(runs):
            results.append(copied(real.call(lambda: made(*given))))
            shapes(results[-1])

    try:
        real.call(run, *copied(arguments))
    except Exception as error:
        raise _Wrong(_raised(error, on)) from error
    if results[0] is None:
        raise _Wrong("It returned None. Is a `return` missing?")
    return results


def _must_be_like(value, right, came, real, same):
    """Raise _Wrong for a result of the right shapes that is not of the right one's kind."""
    for leaf, other in zip(leaves(value), leaves(right), strict=True):
        if isinstance(other, np.ndarray) and type(leaf) in NUMBERS:
            raise _Wrong(
                f"{came}, a plain number of Python; {_tensor(real)} is wanted. Is there an "
                "`.item()` too many?"
            )
        wanted = np.asarray(other)
        kinds = {"f": "fiu", "i": "iu", "u": "iu"}.get(wanted.dtype.kind, wanted.dtype.kind)
        _must_be_numbers(np.asarray(leaf), kinds, came, same, bounded=finite(wanted).all())


def _must_be_numbers(array, kinds, came, same=False, bounded=True):
    """Raise _Wrong for an array of another kind than the wanted ones, or with no finite numbers.

    kinds: letters of NumPy's kinds of dtypes; the first one is named.
    """
    if array.dtype.kind not in kinds:
        kind = KINDS.get(array.dtype.kind, f"values of type {array.dtype}")
        wanted = KINDS.get(kinds[0], "others")
        raise _Wrong(f"{came}, {kind} in place of {wanted}.", right_shapes=same)
    if bounded and (bad := array.size - finite(array).sum()):
        raise _Wrong(
            f"The shapes are right, but {bad} of {array.size} numbers are NaN or infinite.",
            came,
            right_shapes=same,
        )


def _must_be_steady(value, again, came="", same=False):
    """Raise _Wrong if two runs gave different results."""
    if not agree(value, again):
        before = "The shapes are right, the values are not. " if same else ""
        raise _Wrong(f"{before}{STEADY}", came, right_shapes=same)


def _mistake(made, value, right, arguments, task, real):
    """Return the words for the usual mistake that gives what was made gives, or ""."""
    for mistake, why in task.wrong:
        seen = agree(value, _tried(mistake, arguments, real))
        if seen and (not _plain(right) or _everywhere(made, mistake, task, real)):
            return why
    return ""


def _otherwise(value, right, real):
    """Return in what a result differs from the right one, where no usual mistake gives it."""
    if alike(value, right):
        plain = _plain(right)
        return "Another value is wanted." if plain else "The shapes are right, the values are not."
    if all(isinstance(leaf, np.ndarray) for leaf in leaves(right)) and (other := no_tensor(value)):
        return f"That is {other}; {_tensor(real)} is wanted."
    if shapes(arrays(value)) == shapes(arrays(right)):
        return "The shapes are right, their nesting is not."
    return "Another shape is wanted."


def _plain(right):
    """Return whether a right result has no axes; then another one may agree by chance."""
    return not any(array.ndim for array in arrays(right))


def _everywhere(made, mistake, task, real):
    """Return whether a mistake gives what was made gives, on every input for which it has a say."""
    for arguments in task.inputs:
        theirs = _tried(mistake, arguments, real)
        if theirs is not None and not agree(_tried(made, arguments, real), theirs):
            return False
    return True


def _tried(mistake, arguments, real):
    """Return what a usual mistake makes of some input, None where it raises."""
    try:
        return real.call(mistake, *copied(arguments))
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
    return all(getattr(leaf, "requires_grad", False) for leaf in leaves(value))


def _tensor(real):
    """Return what a framework calls its arrays."""
    return "a tensor" if hasattr(real, "torch") else "an array or tensor"


def _on(x):
    return f"For a batch of shape {x.shape}"


def _raised(error, on):
    """Return what an exception says, in one paragraph. on: what it was called on."""
    what = words(error, str, 200)
    return f"{on} it raised `{type(error).__name__}`{': ' if what else '.'}{what}"
