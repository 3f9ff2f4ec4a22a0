"""What an answer or a result is worth, as data; the words for it are made last."""

from dataclasses import dataclass
from typing import Literal

from ..shapes import Tensor
from .echo import echo
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
    "squares": "Other squares are lit.",
    "squares in order": "The lit squares are right, their order is not.",
    "left": "The squares are right, and the shape that is left is not {given}.",
}
NEARER = {  # the same, once a first reply did not help
    "tensors": "There {are} {right} {tensors}.",
    "axes": "The shape{of} has {right} {axes}.",
    "order": "The {axis} axis{of} is {right}.",
    "size": "The {axis} axis{of} is {right}.",
    "squares": "Lit are {right}.",
    "left": "What is left must be {right}.",
}
COUNTS: dict[str | int, str] = {0: "no", 1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}


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

    @property
    def label(self) -> str:
        """Return it as somebody would say it who believes it, for a button."""
        return f"I expected {self.because}"

    @property
    def why(self) -> str:
        """Return why people think so, "" where the hint is one of its own."""
        return "" if self.hint else MISCONCEPTIONS[self.misconception].why

    def question(self, attempt: int = 1) -> str:
        """Return the hint for which attempt it is, "" for those that get none."""
        known = MISCONCEPTIONS[self.misconception]
        first, second = (self.hint, "") if self.hint else (known.hint, known.nearer)
        return (first, second, "")[min(attempt, 3) - 1]

    def words(self, opening: str, attempt: int = 1, why: bool = False) -> str:
        """Return it as sentences.

        attempt: which wrong answer it is, as question takes it. why: whether they say it, too.
        """
        said = f"{opening} {self.because}."
        return _paragraph(said, why and self.why, self.question(attempt))


@dataclass(frozen=True)
class Difference:
    """In what an answer differs from the right one.

    what: one of DIFFERENCES.
    given: what was answered: a label, how many tensors or axes, or a size.
    tensor: the place of the tensor, None where only one is asked for.
    axis: the place of the axis.
    whose: the name of the axis whose size was given, "" if there is none or more than one.
    right: how many tensors or axes there are, or which axis has this place, "" if it has no name;
        or which squares are lit, or what an index must leave, in words.
    """

    what: str
    given: str | int | None = None
    tensor: int | None = None
    axis: int = 0
    whose: str = ""
    right: str | int = ""

    @property
    def words(self) -> str:
        """Return it as a sentence in which nothing stands of what is right."""
        return DIFFERENCES[self.what].format(
            given=self.given,
            s="" if self.given == 1 else "s",
            of=self._of,
            axis=ORDINALS[self.axis],
            whose=f"; {self.given} is the size of {self.whose}" if self.whose else "",
        )

    @property
    def nearer(self) -> str:
        """Return it as a sentence that leads nearer to what is right; words where none does."""
        if self.what not in NEARER or self.right == "":
            return self.words
        return NEARER[self.what].format(
            right=COUNTS.get(self.right, self.right),
            are="is" if self.right == 1 else "are",
            axes="axis" if self.right == 1 else "axes",
            tensors="tensor" if self.right == 1 else "tensors",
            of=self._of,
            axis=ORDINALS[self.axis],
        )

    @property
    def _of(self):
        return "" if self.tensor is None else f" of the {ORDINALS[self.tensor]} tensor"


@dataclass(frozen=True)
class Case:
    """What was made, tried on one input; all of it in words: shapes, or small numbers.

    given, returned, right: the input, what came back, and what should have.
    fine: whether that is right.
    """

    given: str
    returned: str
    right: str
    fine: bool


@dataclass(frozen=True)
class Verdict:
    """What an answer, or what a learner made, is worth.

    status: "correct", "wrong", "not attempted", "not readable", or "could not run" where nobody
        can judge, since the question's own code failed; the last three count neither way.
    said: what else there is to say, a paragraph; code stands in backticks.
    came: of what was run: on what, and what it returned.
    beliefs: those that lead to the answer, most likely first.
    together: whether each belief leads to a part of the answer; otherwise each leads to all of it.
    differences: what is not right; said where no belief leads to the answer.
    mistake: the usual mistake of a task that gives what was made, in words that go on from "It
        looks as if"; "" if there is none.
    right_shapes: whether the shapes of a wrong result are right, and only its values are not.
    given: the shapes that were answered, their axes named as far as their sizes tell.
    took: what an index that was answered takes, in a sentence.
    cases: what was made, tried on each input.
    error: what was made raised this.
    """

    status: Literal["correct", "wrong", "not attempted", "not readable", "could not run"]
    said: str = ""
    came: str = ""
    beliefs: tuple[Belief, ...] = ()
    together: bool = False
    differences: tuple[Difference, ...] = ()
    mistake: str = ""
    right_shapes: bool = False
    given: tuple[Tensor, ...] = ()
    took: str = ""
    cases: tuple[Case, ...] = ()
    error: Exception | None = None

    @property
    def misconceptions(self) -> tuple[str, ...]:
        """Return the ids of the misconceptions that lead to the answer, most likely first."""
        return tuple(belief.misconception for belief in self.beliefs)

    @property
    def choices(self) -> tuple[Belief, ...]:
        """Return the beliefs of which each leads to the whole answer, if there are several."""
        return self.beliefs if len(self.beliefs) > 1 and not self.together else ()

    @property
    def message(self) -> str:
        """Return one paragraph that says all of it at once; code stands in backticks."""
        opening = "That looks like" if self.came else "You expect"
        alone = len(self.beliefs) == 1
        return _paragraph(
            self.came and f"{self.came}.",
            self.took,
            self._several(),
            *self._numbered(lambda one: one.words(opening, why=alone)),
            *(one.words for one in self.differences if not self.beliefs),
            self.mistake and f"It looks as if {self.mistake}",
            self.said,
        )

    @property
    def why(self) -> str:
        """Return why people think so, of each belief."""
        return " ".join(belief.why for belief in self.beliefs if belief.why)

    def reply(self, attempt: int = 1) -> str:
        """Return what is said to an answer: what it says, and a hint; code stands in backticks.

        attempt: which different wrong answer it is. The first gets a hint, the second another
            one, nearer; a later one none.
        """
        told = () if self.choices else self._numbered(lambda one: one.words("You expect", attempt))
        if attempt == 2:
            told = (*told, *(one.nearer for one in self.differences[:1]))
        elif attempt == 1 and not self.beliefs:
            told = (one.words for one in self.differences)
        read_back = self.took or (self.given and f"{echo(self.given)}.")
        return _paragraph(read_back, self._several(), *told, self.said)

    def _several(self):
        """Return how several beliefs act, and what is asked of them then."""
        if self.choices:
            return "Which of these did you have in mind?"
        return "Several things are mixed here." if len(self.beliefs) > 1 else ""

    def _numbered(self, words):
        """Yield the words of each belief, with a number where there are several."""
        for number, belief in enumerate(self.beliefs, 1):
            counted = f"({number}) " if len(self.beliefs) > 1 else ""
            yield counted + words(belief)

    def __str__(self):
        return f"{TITLES[self.status]}: {self.message.replace('`', '')}"

    __repr__ = __str__


def _paragraph(*parts):
    return " ".join(part for part in parts if part)
