"""Checks of what a learner makes: it is run for real, on more than one batch."""

from dataclasses import replace
from textwrap import shorten

import numpy as np

from .diagnose import Verdict, diagnose
from .frameworks import load
from .weights import inputs


def check(made, spec, framework="keras"):
    """Return the Verdict on a network that should return what the spec's flags ask for.

    The network is run on two batches, of which the second has more sequences and more timesteps.
    The shapes that come back are diagnosed, and the first and the last timestep must count.

    made: a model, layer or function that takes (batch, timesteps, features); `...` or None if it
        is still to be made.
    spec: the sizes of the input, and units and flags of the output that is wanted, in either
        framework: with neither flag, (batch, units).
    framework: what made is made of, "keras" or "torch".
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
            moved = [_moved(value, real.call(made, other)) for other in _with_other_ends(x)]
        except Exception as error:
            return Verdict("wrong", (), _raised(error, x))
        came = f"For a batch of shape {x.shape} it returned {_shapes(value)}."
        verdict = diagnose(one, _shapes(value))
        if verdict.status != "correct":
            why = verdict.message.replace("You expect", "That looks like")
            return replace(verdict, status="wrong", message=f"{came} {why}")
        for which, moves in zip(("first", "last"), moved, strict=True):
            if not moves:
                why = f"The shapes are right, but the {which} timestep makes no difference to it."
                return Verdict("wrong", (), f"{why} Is this h after the last timestep?")
    return Verdict("correct", (), came)


def _with_other_ends(x):
    """Return the batch with its first timestep changed, and with its last."""
    for step in (0, -1):
        other = x.copy()
        other[:, step] += 1
        yield other


def _moved(value, other):
    """Return whether the last h in one return value differs from that in another."""
    return not np.allclose(_last(value), _last(other), rtol=0, atol=1e-9)


def _shapes(value):
    """Return the shapes of nested arrays, nested alike."""
    if isinstance(value, (tuple, list)):
        return tuple(map(_shapes, value))
    return tuple(np.shape(value))


def _last(value):
    """Return the array of a return value that holds h after the last timestep."""
    while isinstance(value, (tuple, list)):
        value = value[0]
    return value[:, -1] if value.ndim == 3 else value


def _raised(error, x):
    """Return what an exception says, in one paragraph."""
    said = shorten(str(error), 200, placeholder=" …")
    return f"For a batch of shape {x.shape} it raised `{type(error).__name__}`: {said}"
