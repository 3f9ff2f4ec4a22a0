"""Checks of what a learner makes: it is run for real, on more than one batch."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ..frameworks import load
from ..nests import leaves
from ..remembered import recording
from ..rule import expected
from ..spec import Spec
from ..weights import inputs
from .diagnosis import diagnose
from .recurrence import amiss, changed, unlike
from .results import agree, alike, arrays, copied, no_tensor, said, shapes, strange, tupled, words
from .trial import (
    Refuted,
    a_tensor,
    learns,
    must_be_like,
    must_be_numbers,
    must_be_steady,
    ran,
    tried,
)
from .verdict import Verdict


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


@recording
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
    except Refuted as wrong:
        return wrong.verdict


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
        moved = [ran(made, (other,), real, _on(x), runs=1)[0] for other in changed(x)]
        if not all(alike(value, other) for other in moved):
            raise Refuted(f"{_on(x)} it returned other shapes when only numbers had changed.")
        other = theirs is not None and unlike(value, theirs, wanted)
        if seen := amiss(value, moved, wanted) or other:
            raise Refuted(f"The shapes are right, but {seen}")
    if not agree(values[2], tupled(lambda array: array[1:2], values[1])):
        raise Refuted(
            "The shapes are right, but alone the second sequence gets other numbers than in its "
            "batch. Do sequences see each other?"
        )
    return Verdict("correct", came=f"{_on(batches[1])} it returned {shapes(values[1])}")


def _fitting(made, x, spec, real):
    """Return what comes back for a batch, if it is what a spec asks for but for the numbers."""
    value, again = ran(made, (x,), real, _on(x))
    if other := strange(value) or no_tensor(value):
        raise Refuted(f"{_on(x)} it returned {other}; {a_tensor(real)} is wanted.")
    came = f"{_on(x)} it returned {shapes(value)}"
    verdict = diagnose(spec, shapes(value))
    if verdict.status != "correct":
        raise Refuted(
            verdict.said,
            came,
            beliefs=verdict.beliefs,
            together=verdict.together,
            differences=verdict.differences,
        )
    if shapes(value) != expected(spec).shapes:
        raise Refuted(
            "The shapes are right. Put them into one tuple, without another inside it.", came
        )
    for array in arrays(value):
        must_be_numbers(array, "f", came)
    must_be_steady(value, again)
    return value


def _compared(made, task, real):
    """Return the Verdict on a function whose right results are known."""
    for arguments in task.inputs:
        on = f"For {said(arguments)}"
        right = real.call(task.right, *copied(arguments))  # before what was made can spoil it
        value, again = ran(made, arguments, real, on)
        if other := strange(value):
            raise Refuted(f"{on} it returned {other}. Another value is wanted.")
        came = f"{on} it returned {said(value)}"
        same = alike(value, right) and not _plain(right)
        if alike(value, right):
            must_be_like(value, right, came, real, same)
            must_be_steady(value, again, came if same else "", same)
        if not agree(value, right):
            mistake = _mistake(made, value, right, arguments, task, real)
            raise Refuted(
                "" if mistake else _otherwise(value, right, real),
                came,
                mistake=mistake,
                right_shapes=same,
            )
    if task.gradient and hasattr(real, "torch") and not learns(made, task.inputs[0], real):
        raise Refuted(
            "The numbers are right, but no gradient flows through the result, so nothing could "
            "learn from it. `.item()`, `.detach()` and `torch.no_grad()` cut it off.",
            right_shapes=same,
        )
    return Verdict("correct", came=came)


def _mistake(made, value, right, arguments, task, real):
    """Return the words for the usual mistake that gives what was made gives, or ""."""
    for mistake, why in task.wrong:
        seen = agree(value, tried(mistake, arguments, real))
        if seen and (not _plain(right) or _everywhere(made, mistake, task, real)):
            return why
    return ""


def _otherwise(value, right, real):
    """Return in what a result differs from the right one, where no usual mistake gives it."""
    if alike(value, right):
        plain = _plain(right)
        return "Another value is wanted." if plain else "The shapes are right, the values are not."
    if all(isinstance(leaf, np.ndarray) for leaf in leaves(right)) and (other := no_tensor(value)):
        return f"That is {other}; {a_tensor(real)} is wanted."
    if shapes(arrays(value)) == shapes(arrays(right)):
        return "The shapes are right, their nesting is not."
    return "Another shape is wanted."


def _plain(right):
    """Return whether a right result has no axes; then another one may agree by chance."""
    return not any(array.ndim for array in arrays(right))


def _everywhere(made, mistake, task, real):
    """Return whether a mistake gives what was made gives, on every input for which it has a say."""
    for arguments in task.inputs:
        theirs = tried(mistake, arguments, real)
        if theirs is not None and not agree(tried(made, arguments, real), theirs):
            return False
    return True


def _on(x):
    return f"For a batch of shape {x.shape}"
