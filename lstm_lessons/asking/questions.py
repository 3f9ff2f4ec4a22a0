"""What can be asked: a text, code that gives the answer, and wrong answers with their beliefs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..late import np
from ..shapes import Tensor
from ..spec import Spec


@dataclass(frozen=True)
class Wrong:
    """A wrong answer that a misconception leads to.

    belief: the misconception's id.
    answer: a tuple of shapes, whose sizes are whole numbers or names of axes; a truth value;
        "error"; or an index, as it is typed.
    because: what of it is mistaken, in words that go on from "You expect".
    hint: what is said then in place of the misconception's own explanation; "" if that fits.
    """

    belief: str
    answer: tuple | bool | str
    because: str
    hint: str = ""


@dataclass(frozen=True)
class Seen:
    """A truth value, and what was seen when the code ran, in words that go on from "It ran:"."""

    truth: bool
    evidence: str


def seen_alike(what: str, one: np.ndarray, other: np.ndarray) -> Seen:
    """Return whether two arrays hold the same numbers, to 1e-6; what: both of them, in words."""
    gap = float(np.abs(np.asarray(one) - np.asarray(other)).max())
    if gap < 1e-6:
        return Seen(True, f"{what} hold the same numbers")
    return Seen(False, f"{what} differ, by {gap:.2g} at most")


@dataclass(frozen=True)
class Padded:
    """A layer that reads a padded batch, for a picture.

    spec: the layer. lengths: how many timesteps of each sequence are valid.
    framework: "keras", whose layer is masked, or "torch", whose batch is packed.
    row: whether what it returns stays packed, the valid timesteps in one row.
    """

    spec: Spec
    lengths: tuple[int, ...]
    framework: str = "keras"
    row: bool = False


@dataclass(frozen=True)
class Question:
    """A question whose answer real code gives.

    text: what is asked; code stands in backticks.
    run: executes the code and returns a Returned, shapes (nested tuples of whole numbers), a
        truth value or a Seen, or a Taken; or it raises what `raises` names, and "error" is the
        right answer.
    wrong: the wrong answers that misconceptions lead to, most likely first.
    sizes: pairs of an axis' name and its size here, for answers given in names.
    rule: returns what run returns, without running anything; None where only running can tell. Its
        sizes may be names of axes.
    lesson: the lesson that teaches it, for a review; "" if none asks it.
    raises: the names of the exceptions that the code must raise, or of classes above them; () if
        it must run. Names, since the frameworks that define them are imported late.
    batch_asked: whether the size of the batch is what is asked, so that None says nothing.
    form: "shapes" for any answer; "name" where an axis is to be named, so that a size says nothing;
        "number" where one is to be chosen of a list in the text, which has the wrong ones, too;
        "index" where that of lit squares is asked for, which `squares.py` judges.
    clause: why the right answer is right, in a clause; "" where none is known.
    among: the tensors that an index may name. there: returns them with values, after a run.
    chain: of code that hands a tensor through layers, returns each step, for a picture: how it is
        written, and the shape that it makes, () for one that raises. None for other code.
    padded: of code in which a layer reads a padded batch. None for other code.
    hint: where to look, said of a wrong answer that no belief explains; "" where nothing is known.
    """

    text: str
    run: Callable
    wrong: tuple[Wrong, ...] = ()
    sizes: tuple = ()
    rule: Callable | None = None
    lesson: str = ""
    raises: tuple = ()
    batch_asked: bool = False
    form: str = "shapes"
    clause: str = ""
    among: tuple[Tensor, ...] = ()
    there: Callable[[], tuple[Tensor, ...]] = tuple
    chain: Callable[[], list[tuple[str, tuple]]] | None = None
    padded: Padded | None = None
    hint: str = ""

    @property
    def is_truth(self) -> bool:
        """Return whether the answer is True or False, as one of its wrong answers is."""
        return any(isinstance(one.answer, bool) for one in self.wrong)


def wrongs(hint="", **beliefs):
    """Return the Wrongs of a question, grouped by belief.

    hint: the hint of every answer that has none of its own.
    beliefs: for each misconception's id, most likely first, its wrong answers, each as (answer,
        because) or (answer, because, hint).
    """
    return tuple(
        Wrong(belief, *wrong) if len(wrong) == 3 else Wrong(belief, *wrong, hint)
        for belief, answers in beliefs.items()
        for wrong in answers
    )


def question(
    text,
    run,
    hint="",
    sizes=(),
    rule=None,
    raises=(),
    batch_asked=False,
    clause="",
    chain=None,
    padded=None,
    **beliefs,
):
    """Return a Question whose wrong answers stand beside it, as wrongs takes them."""
    wrong = wrongs(hint, **beliefs)
    more = {"raises": raises, "batch_asked": batch_asked, "clause": clause}
    return Question(text, run, wrong, sizes, rule, **more, chain=chain, padded=padded, hint=hint)
