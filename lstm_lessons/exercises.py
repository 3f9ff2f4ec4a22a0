"""Checks of what a learner makes: it is run for real, on more than one batch."""

from dataclasses import replace
from textwrap import shorten

import numpy as np

from .diagnose import Verdict, diagnose
from .frameworks import load
from .weights import inputs


def check(made, spec, framework="keras"):
    """Return the Verdict on a network that should return what the spec's flags ask for.

    The network is run on two batches of the spec's input, of different sizes. The shapes that come
    back are diagnosed, and the first timestep must count.

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
    for one in (spec, replace(spec, batch=spec.batch + 2)):
        x = inputs(one)
        try:
            value = real.call(made, x)
            changed = real.call(made, _with_another_start(x))
        except Exception as error:
            return Verdict("wrong", (), _raised(error, x))
        verdict = diagnose(one, _shapes(value))
        if verdict.status != "correct":
            came = f"For a batch of shape {x.shape} it returned {_shapes(value)}."
            return replace(verdict, status="wrong", message=f"{came} {verdict.message}")
        if np.array_equal(_last(value), _last(changed)):
            why = "The shapes are right, but the first timestep makes no difference to the result."
            return Verdict("wrong", (), f"{why} Does a recurrent layer read the whole sequence?")
    return Verdict("correct", (), f"For a batch of shape {x.shape} it returned {_shapes(value)}.")


def _with_another_start(x):
    """Return the batch with its first timestep changed."""
    x = x.copy()
    x[:, 0] += 1
    return x


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
