"""Checks of what a learner makes: it is run for real, on more than one batch."""

from dataclasses import replace
from textwrap import shorten

import numpy as np

from .diagnose import ORDINALS, Verdict, diagnose
from .frameworks import load
from .shapes import expected
from .weights import inputs


def check(made, spec, framework="keras", like=None):
    """Return the Verdict on a network that should return what the spec's flags ask for.

    The network is run on two batches, of which the second has more sequences and more timesteps.
    The shapes that come back are diagnosed, the first and the last timestep must count, and the
    states must not be one another's. Whether an LSTM made the numbers, only `like` can tell.

    made: a model, layer or function that takes (batch, timesteps, features); `...` or None if it
        is still to be made.
    spec: the sizes of the input, and units and flags of the output that is wanted, in either
        framework: with neither flag, (batch, units).
    framework: what made is made of, "keras" or "torch".
    like: a recurrent layer whose numbers must come back; None if any numbers will do.
    """
    if made is None or made is ...:
        return Verdict("not attempted", (), "Put your code in place of the `...` and run the cell.")
    if not callable(made):
        return Verdict(
            "wrong", (), f"It must be a model, layer or function, got {made!r}; try a `Sequential`."
        )
    real = load(framework)
    for one in (spec, replace(spec, batch=spec.batch + 2, timesteps=spec.timesteps + 3)):
        x = inputs(one)
        try:
            value = real.call(made, x)
            if value is None:
                return Verdict("wrong", (), "It returned None. Is a `return` missing?")
            moved = [_moves(value, real.call(made, other)) for other in _with_other_ends(x)]
        except Exception as error:
            return Verdict("wrong", (), _raised(error, x))
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
    return one.shape == other.shape and np.allclose(one, other, rtol=0, atol=1e-5)


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
    return tuple(np.shape(value))


def _raised(error, x):
    """Return what an exception says, in one paragraph."""
    said = shorten(str(error), 200, placeholder=" …")
    return f"For a batch of shape {x.shape} it raised `{type(error).__name__}`: {said}"
