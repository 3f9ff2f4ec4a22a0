"""What an answer or a result is worth, as data; the words for it are made last."""

from dataclasses import dataclass
from typing import Literal

from .misconceptions import MISCONCEPTIONS

TITLES = {
    "correct": "Correct",
    "wrong": "Not yet",
    "not attempted": "Not attempted",
    "not readable": "Not readable",
    "could not run": "Could not run",
}
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
DIFFERENCES = {
    "error": "It runs without an error.",
    "no error": "Go through it step by step: does each part take what it is given?",
    "truth": "It is the other way round.",
    "place": "`{given}` comes back at another place.",
    "tensors": "You gave {given} tensor{s}; another number is right. Count the outputs first, then "
    "the states, if any come.",
    "axes": "The number of axes{of} is not {given}.",
    "order": "The sizes{of} are right, their order is not.",
    "size": "{given} is not right on the {axis} axis{of}{whose}.",
}


@dataclass(frozen=True)
class Belief:
    """What an answer shows that somebody believes.

    misconception: the id of one of MISCONCEPTIONS.
    because: what of the answer is mistaken, in words that go on from "You expect".
    hint: an explanation in place of the misconception's own, "" where that one fits.
    """

    misconception: str
    because: str
    hint: str = ""

    def words(self, opening: str, whole: bool) -> str:
        """Return it as sentences. whole: whether they also say why people think so."""
        known = MISCONCEPTIONS[self.misconception]
        own = f"{known.why} {known.hint}" if whole else known.hint
        return f"{opening} {self.because}. {self.hint or own}"


@dataclass(frozen=True)
class Difference:
    """In what an answer differs from the right one; what is right stands nowhere in it.

    what: one of DIFFERENCES.
    given: what was answered: a label, how many tensors or axes, or a size.
    tensor: the place of the tensor, None where only one is asked for.
    axis: the place of the axis.
    whose: the name of the axis whose size was given, "" if there is none or more than one.
    """

    what: str
    given: str | int | None = None
    tensor: int | None = None
    axis: int = 0
    whose: str = ""

    @property
    def words(self) -> str:
        """Return it as a sentence."""
        return DIFFERENCES[self.what].format(
            given=self.given,
            s="" if self.given == 1 else "s",
            of="" if self.tensor is None else f" of the {ORDINALS[self.tensor]} tensor",
            axis=ORDINALS[self.axis] if self.what == "size" else "",
            whose=f"; {self.given} is the size of {self.whose}" if self.whose else "",
        )


@dataclass(frozen=True)
class Verdict:
    """What an answer, or what a learner made, is worth.

    status: "correct", "wrong", "not attempted", "not readable", or "could not run" where nobody
        can judge, since the question's own code failed; the last three count neither way.
    said: what else there is to say, a paragraph; code stands in backticks.
    came: of what was run: on what, and what it returned.
    beliefs: those that lead to the answer, most likely first.
    together: whether each belief leads to a part of the answer; otherwise each leads to all of it.
    differences: what is not right, where no belief leads to it.
    mistake: the usual mistake of a task that gives what was made, in words that go on from "It
        looks as if"; "" if there is none.
    right_shapes: whether the shapes of a wrong result are right, and only its values are not.
    """

    status: Literal["correct", "wrong", "not attempted", "not readable", "could not run"]
    said: str = ""
    came: str = ""
    beliefs: tuple[Belief, ...] = ()
    together: bool = False
    differences: tuple[Difference, ...] = ()
    mistake: str = ""
    right_shapes: bool = False

    @property
    def misconceptions(self) -> tuple[str, ...]:
        """Return the ids of the misconceptions that lead to the answer, most likely first."""
        return tuple(belief.misconception for belief in self.beliefs)

    @property
    def message(self) -> str:
        """Return one paragraph for the learner; code stands in backticks."""
        parts = [
            self.came and f"{self.came}.",
            *self._believed(),
            *(difference.words for difference in self.differences),
            self.mistake and f"It looks as if {self.mistake}",
            self.said,
        ]
        return " ".join(part for part in parts if part)

    def _believed(self):
        """Yield what is mistaken; where there are several beliefs, also what is asked of them."""
        opening = "That looks like" if self.came else "You expect"
        if len(self.beliefs) == 1:
            yield self.beliefs[0].words(opening, whole=True)
        elif self.beliefs:
            mixed = "Several things are mixed here."
            yield mixed if self.together else "Which of these did you have in mind?"
            for number, belief in enumerate(self.beliefs, 1):
                yield f"({number}) {belief.words(opening, whole=False)}"

    def __str__(self):
        return f"{TITLES[self.status]}: {self.message.replace('`', '')}"

    __repr__ = __str__
