"""A function is judged by a Task: what comes back is compared with what is right."""

import inspect
from dataclasses import replace

from ..late import np
from ..nests import leaves
from ..spec import many
from .results import (
    OTHER,
    agree,
    alike,
    arrays,
    came_back,
    compared,
    copied,
    given_as,
    joined,
    no_tensor,
    said,
    shapes,
    strange,
    unlisted,
)
from .trial import Refuted, a_tensor, learns, must_be_like, must_be_steady, outcome, ran, too_many
from .verdict import Case, Verdict

NO_GRADIENT = (
    "The numbers are right, but no gradient flows through the result, so nothing could learn from "
    "it. `.item()`, `.detach()` and `torch.no_grad()` cut it off."
)


class Another(Refuted):
    """What came is not the right result, and no defect of it alone."""


def matched(made, task, real):
    """Return the Verdict on a function whose right results are known."""
    cases, wrong = [], None
    for arguments in task.inputs:
        right = real.call(task.right, *copied(arguments))  # before what was made can spoil it
        value, case, came, refuted = _tried(
            made, arguments, right, task, real, runs=1 if wrong else 2
        )
        cases.append(case)
        if refuted and not wrong:
            wrong = refuted.verdict
            if wrong.error or isinstance(refuted, Another):
                mistake = _mistake(made, value, wrong.error, arguments, right, task, real)
                wrong = replace(wrong, said="", mistake=mistake) if mistake else wrong
    if not wrong and task.gradient and hasattr(real, "torch"):
        learnt = learns(made, task.inputs[0], real)
        wrong = None if learnt else Verdict("wrong", NO_GRADIENT, right_shapes=not _plain(right))
    if not wrong and task.how and (said := task.how(made)):
        wrong = Verdict("wrong", said)
    return replace(wrong or Verdict("correct", came=came), cases=tuple(cases))


def _tried(made, arguments, right, task, real, runs):
    """Return what came of one input, its Case, what came in words, and the Refuted if wrong."""
    given = given_as(arguments, _names(task, arguments), task.axes)
    on, axes = f"Given {given}, yours", task.axes.get("returned", ())
    came, value, refuted, same = "", None, None, False
    try:
        value, *more = ran(made, arguments, real, on, runs)
        same = alike(value, right) and not _plain(right)
        back = compared(right, right, axes)[0] if same else said(value)
        came = f"{on} returned {back}"
        _must_be_right(value, [value, *more][-1], right, on, came, real)
    except Refuted as wrong:
        refuted = wrong
    back, wanted = compared(value, right, axes)
    if refuted and (refuted.verdict.error or strange(value) or value is None):
        back = refuted.value or came_back(value, refuted.verdict.error)
    if isinstance(refuted, Another) and same and back == wanted:
        wanted = OTHER.format(wanted)
    return value, Case(given, back, wanted, not refuted), came, refuted


def _names(task, arguments):
    """Return the names of the arguments, () where the right function does not tell them."""
    names = list(inspect.signature(task.right).parameters)
    return names if len(names) == len(arguments) else ()


def _must_be_right(value, again, right, on, came, real):
    """Raise Refuted for a result that is not the right one, nor of its kind."""
    if other := strange(value):
        raise Refuted(f"{on} returned {other}. Another value is wanted.")
    same = alike(value, right) and not _plain(right)
    if alike(value, right):
        must_be_like(value, right, came, real, same)
        must_be_steady(value, again, came if same else "", same)
    if not agree(value, right):
        raise Another(_otherwise(value, right, real), came, right_shapes=same)


def _mistake(made, value, error, arguments, right, task, real):
    """Return the words for the usual mistake that gives, or raises, what was made does, or ""."""
    meant = (value, unlisted(value, right), joined(value, right)[0])
    if not error and any(agree(one, right) for one in meant):
        return ""  # it is right, but for the lists
    for mistake, why in task.wrong:
        theirs, raised = outcome(mistake, arguments, real)
        if error or raised:
            if repr(error) == repr(raised):
                return why
        elif any(agree(one, theirs) for one in meant) and (
            not _plain(right) or _everywhere(made, mistake, task, real)
        ):
            return why
    return ""


def _everywhere(made, mistake, task, real):
    """Return whether a mistake gives what was made gives, on every input for which it has a say."""
    for arguments in task.inputs:
        theirs, _ = outcome(mistake, arguments, real)
        if theirs is not None and not agree(outcome(made, arguments, real)[0], theirs):
            return False
    return True


def _otherwise(value, right, real):
    """Return in what a result differs from the right one, where no usual mistake gives it."""
    if alike(value, right):
        plain = _plain(right)
        return "Another value is wanted." if plain else "The shapes are right, the values are not."
    torch = hasattr(real, "torch")
    if agree(unlisted(value, right), right):
        of_tensors = any(isinstance(leaf, np.ndarray) for leaf in leaves(value))
        makes = ("torch.stack" if of_tensors else "torch.tensor") if torch else "np.array"
        return f"The numbers are right, but in a list; `{makes}(…)` makes {a_tensor(real)} of it."
    whole, axis = joined(value, right)
    if agree(whole, right):
        join = f"torch.cat(…, dim={axis})" if torch else f"np.concatenate(…, axis={axis})"
        return f"The numbers are right, but in {many(len(value), 'piece')}; `{join}` joins them."
    if all(isinstance(leaf, np.ndarray) for leaf in leaves(right)) and (other := no_tensor(value)):
        return f"That is {other}; {a_tensor(real)} is wanted.{too_many(value)}"
    if shapes(arrays(value)) == shapes(arrays(right)):
        return "The shapes are right, their nesting is not."
    return "Another shape is wanted."


def _plain(right):
    """Return whether a right result has no axes; then another one may agree by chance."""
    return not any(array.ndim for array in arrays(right))
