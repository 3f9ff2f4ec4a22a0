"""What was answered to one question so far: how often wrong, and what is said and drawn of it."""

from collections.abc import Iterable
from typing import Literal

from . import replies
from .asking import squares
from .asking.diagnosis import as_question
from .asking.questions import Question
from .asking.reading import read
from .asking.truth import say, tensors_of, truth_of
from .asking.verdict import Verdict
from .markup import Markup
from .predicted import given_in
from .shapes import Tensor
from .spec import Spec

Next = Literal["result", "nothing", "what comes", "trays"]


class Attempts:
    """The answers to one question. asked: the question. given: the shapes of the last answer."""

    def __init__(self, question: Spec | Question, framework: str):
        self.question, self.framework = question, framework
        self.asked = as_question(question, framework)
        self.given: tuple[Tensor, ...] = ()
        self._wrong: set = set()

    @property
    def wrong(self) -> int:
        """Return how many different wrong answers there were."""
        return len(self._wrong)

    def recall(self, answers: Iterable[str]) -> None:
        """Take answers that were wrong before."""
        self._wrong = {self._said(answer) for answer in answers}

    def count(self, answer: str, found: Verdict) -> int:
        """Take an answer and its verdict; return which attempt it was."""
        if found.status == "wrong":
            self._wrong.add(self._said(answer))
        return self.wrong + (found.status == "correct")

    def reply(self, answer: str, found: Verdict, known: bool = True) -> Markup:
        """Return what is said to an answer; the third wrong one is told the right one.

        known: whether the right one is known without running anything, or was found just now.
        """
        from .kinds import reads  # whose questions look at what Keras runs on

        due = known and found.status == "wrong" and self.wrong > 2
        right = say(truth_of(self.asked)) if due else ""
        return replies.verdict(found, answer, max(self.wrong, 1), right, reads(self.question))

    def drawn(self, answer: str, status: str) -> Next:
        """Return what is drawn of an answer, and keep its shapes.

        After a right one the result. After a wrong one its trays, empty at first; once an earlier
        one was wrong, what comes.
        """
        self.given = given_in(answer, self.asked) if status in ("correct", "wrong") else ()
        if status == "correct":
            return "result"
        if not self.given:
            return "nothing"
        return "what comes" if self.wrong > 1 else "trays"

    def _said(self, answer):
        """Return what an answer says, however it is written: sizes, a truth value or "error"."""
        if self.asked.form == "index":
            return squares.said(answer, self.asked)
        try:
            said = tensors_of(read(answer), self.asked)
        except ValueError:  # one that is remembered may be spoilt
            return answer
        if isinstance(said, (bool, str)):
            return said
        shapes = [zip(tensor.shape, tensor.axes, strict=True) for tensor in said]
        return tuple(tuple(axis if size is None else size for size, axis in one) for one in shapes)
