"""Checks of what a learner makes: it is run for real, on more than one batch."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from textwrap import shorten

import numpy as np

from .diagnose import ORDINALS, Verdict, diagnose
from .frameworks import load
from .shapes import expected
from .weights import inputs


@dataclass(frozen=True)
class Task:
    """A function to be made, whose right results are known.

    right: returns the right result: arrays or plain values, nested in tuples.
    inputs: what both are called on: tuples of arguments. NumPy arrays reach them as tensors of
        the framework.
    wrong: pairs of a function that makes a usual mistake and words that go on from "It looks as
        if"; tried in order.
    """

    right: Callable
    inputs: tuple
    wrong: tuple = ()


def check(made, wanted, framework="keras", like=None):
    """Return the Verdict on a network or function.

    For a Spec, it should return what the spec's flags ask for. It is run on two batches, of which
    the second has more sequences and more timesteps. The shapes that come back are diagnosed, the
    first and the last timestep must count, and the states must not be one another's. Whether an
    LSTM made the numbers, only `like` can tell. For a Task, the results are compared with the
    right ones.

    made: a model, layer or function that takes (batch, timesteps, features), or what the Task
        says; `...` or None if it is still to be made.
    wanted: a Task; or a Spec, the sizes of the input, and units and flags of the output that is
        wanted, in either framework: with neither flag, (batch, units).
    framework: what made is made of, "keras" or "torch".
    like: with a Spec, a recurrent layer whose numbers must come back; None if any will do.
    """
    if made is None or made is ...:
        return Verdict("not attempted", (), "Put your code in place of the `...` and run the cell.")
    if not callable(made):
        return Verdict(
            "wrong", (), f"It must be a model, layer or function, got {made!r}; try a `Sequential`."
        )
    real = load(framework)
    if isinstance(wanted, Task):
        return _compared(made, wanted, real)
    spec = wanted
    for one in (spec, replace(spec, batch=spec.batch + 2, timesteps=spec.timesteps + 3)):
        x = inputs(one)
        try:
            value = real.call(made, x)
            if value is None:
                return Verdict("wrong", (), "It returned None. Is a `return` missing?")
            moved = [_moves(value, real.call(made, other)) for other in _with_other_ends(x)]
        except Exception as error:
            return Verdict("wrong", (), _raised(error, f"For a batch of shape {x.shape}"))
        came = f"For a batch of shape {x.shape} it returned {_shapes(value)}."
        verdict = diagnose(one, _shapes(value))
        if verdict.status != "correct":
            why = verdict.message.replace("You expect", "That looks like")
            return replace(verdict, status="wrong", message=f"{came} {why}")
        if _shapes(value) != expected(one).shapes:
            why = "The shapes are right. Put them into one tuple, without another inside it."
            return Verdict("wrong", (), f"{came} {why}")
        amiss = _amiss(value, moved, one) or (like and _unlike(value, real.call(like, x), one))
        if amiss:
            return Verdict("wrong", (), f"The shapes are right, but {amiss}")
    return Verdict("correct", (), came)


def _compared(made, task, real):
    """Return the Verdict on a function whose right results are known."""
    for arguments in task.inputs:
        on = f"For {_said(arguments)}"
        try:
            value = real.call(made, *arguments)
            shapes = _shapes(value)
        except Exception as error:
            return Verdict("wrong", (), _raised(error, on))
        if value is None:
            return Verdict("wrong", (), "It returned None. Is a `return` missing?")
        right = real.call(task.right, *arguments)
        if _agree(value, right):
            continue
        came = f"{on} it returned {_said(value)}"
        alike = shapes == _shapes(right)
        same = alike and any(array.ndim for array in _tensors(right))
        for mistake, why in task.wrong:
            if _agree(value, _tried(mistake, arguments, real)):
                return Verdict("wrong", (), f"{came}. It looks as if {why}", same)
        if not alike:
            flat = _shapes(_tensors(value)) == _shapes(_tensors(right))
            how = (
                "The shapes are right, their nesting is not" if flat else "Another shape is wanted"
            )
            return Verdict("wrong", (), f"{came}. {how}.")
        how = "The shapes are right, the values are not" if same else "Another value is wanted"
        return Verdict("wrong", (), f"{came}. {how}.", same)
    return Verdict("correct", (), f"{on} it returned {_said(value)}.")


def _tried(mistake, arguments, real):
    """Return what a usual mistake makes of some input, None where it raises."""
    try:
        return real.call(mistake, *arguments)
    except Exception:
        return None


def _agree(value, other):
    """Return whether two results nest alike, have the same shapes and nearly the same numbers."""
    if _shapes(value) != _shapes(other):
        return False
    pairs = zip(_tensors(value), _tensors(other), strict=True)
    return all(_close(*pair) if pair[1].dtype.kind == "f" else _equal(*pair) for pair in pairs)


def _equal(one, other):
    """Return whether two arrays of plain values are equal; an object may claim that it is."""
    return one.dtype.kind != "O" and bool((one == other).all())


def _said(value):
    """Return arguments or a result in a few words: shapes of arrays, other values as they are."""
    if isinstance(value, (tuple, list)):
        return ", ".join(map(_said, value))
    if np.ndim(value):
        return f"shape {value.shape}"
    return f"{value:.4g}" if np.asarray(value).dtype.kind == "f" else f"{value}"


def _with_other_ends(x):
    """Return the batch with its first timestep changed, and with its last."""
    for step in (0, -1):
        other = x.copy()
        other[:, step] += 1
        yield other


def _amiss(value, moved, spec):
    """Return what is wrong with numbers of the right shape, "" if nothing is to be seen."""
    for which, moves in zip(("first", "last"), moved, strict=True):
        if not moves:
            return f"the {which} timestep makes no difference to the last result. Is it read?"
    output, *states = _tensors(value)
    if spec.return_sequences and _close(output[:, 0], output[:, -1]):
        return "each timestep has the same result. Does the layer return every h?"
    if states and not _close(states[0], _last(output)):
        return "the second tensor is not the last h. Which of the states comes first?"
    if states and _close(*states):
        return "the third tensor is h once more. Where is c?"
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


def _moves(value, other):
    """Return whether the last h in one return value differs from that in another."""
    return not np.allclose(_last(_tensors(value)[0]), _last(_tensors(other)[0]), rtol=0, atol=1e-9)


def _close(one, other):
    return (
        one.dtype.kind in "fiub"
        and one.shape == other.shape
        and np.allclose(one, other, rtol=0, atol=1e-5)
    )


def _last(output):
    """Return the last timestep of an output, (batch, units)."""
    return output[:, -1] if output.ndim == 3 else output


def _tensors(value):
    """Return the arrays of a return value, however it nests them, in order."""
    if isinstance(value, (tuple, list)):
        return [array for item in value for array in _tensors(item)]
    return [np.asarray(value)]


def _shapes(value):
    """Return the shapes of nested arrays, nested alike."""
    if isinstance(value, (tuple, list)):
        return tuple(map(_shapes, value))
    return np.asarray(value).shape


def _raised(error, on):
    """Return what an exception says, in one paragraph. on: what it was called on."""
    said = re.sub(r"\x1b\[[\d;]*m", "", str(error))  # colours for terminals
    said = shorten(said, 200, placeholder=" …")
    return f"{on} it raised `{type(error).__name__}`: {said}"
