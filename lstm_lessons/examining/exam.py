"""An exam on a network: its questions, in the order of the pass, and how a terminal asks them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ..asking.diagnosis import diagnose
from ..asking.truth import say, truth_of
from ..explaining.explanation import Explanation, explain
from ..explaining.page import folded
from ..pictures import plain
from ..spec import short
from .asked import Asked
from .received import on_received
from .returned import on_returned

MOST = 8  # questions in an exam
SHOW = "show"  # what is typed where no answer is known


@dataclass(frozen=True)
class Exam:
    """Questions about a network, in the order of its pass, and what they were made of."""

    asked: tuple[Asked, ...]
    explanation: Explanation

    @property
    def framework(self) -> str:
        """Return the name of the network's framework."""
        return self.asked[0].call.framework


def exam_on(network: object, *inputs: object, **named: Any) -> Exam:
    """Return the Exam on a network, of one forward pass of it.

    network, inputs, named: as explain takes them.

    Raises ValueError, in one line, for what is not a network, for no inputs, and where no recurrent
    layer was seen; what the framework raises if the network does not run.
    """
    if not inputs and not named:
        raise ValueError(
            "question must be a Spec, a Question or a network with a batch, got "
            f"{short(network)}; try ask(Spec(units=7)) or ask(network, x)"
        )
    found = explain(network, *inputs, **named)
    asked = _few(_all_on(found))
    if not asked:
        raise ValueError(
            "network must call a recurrent layer that is seen, got a "
            f"{type(network).__name__}, in which none is; try print(explain(network, x))"
        )
    last = {one.call.order: place for place, one in enumerate(asked)}
    marked = (replace(one, last=last[one.call.order] == at) for at, one in enumerate(asked))
    return Exam(tuple(marked), found)


def _all_on(found) -> Iterator[Asked]:
    """Give all that can be asked about the calls of a pass, what is alike once."""
    before: set[str] = set()
    for call in found.layers:
        sizes = f"{call.kind} {call.flags} {call.input.shape} {call.returned.shapes}"
        asked = [*((one.kind, one) for one in on_returned(call)), *on_received(call)]
        for what, one in asked:
            alike = {f"{what} of {call.path}", f"{what} of {sizes}"}
            if alike.isdisjoint(before):
                yield one
            before |= alike


def _few(asked):
    """Return at most MOST questions, in their order: of each kind the first ones."""
    counts, ranked = Counter(), []
    for one in asked:
        ranked.append((counts[one.kind], len(ranked), one))
        counts[one.kind] += 1
    chosen = sorted(ranked, key=lambda rank: rank[:2])[:MOST]
    return [one for *_, one in sorted(chosen, key=lambda rank: rank[1])]


def in_words(exam: Exam) -> bool:
    """Ask in a terminal, line by line, and print the Explanation at the end.

    Return whether somebody was there: False if not even the first answer could be read.
    """
    for number, asked in enumerate(exam.asked, 1):
        print(f"\nQuestion {number} of {len(exam.asked)}")
        print(folded(plain(asked.question.text)))
        try:
            _answered(asked.question)
        except (EOFError, OSError):
            return number > 1
        print(asked.text)
    print(f"\nThat was all.\n\n{exam.explanation}")
    return True


def _answered(question):
    """Read answers until one is right, two were wrong, or the answer is asked for."""
    wrong = set()
    while len(wrong) < 2:
        answer = input(f"Your answer, or {SHOW}: ").strip()
        if answer.lower() == SHOW:
            break
        verdict = diagnose(question, answer)
        print(folded(str(verdict)))
        if verdict.status == "correct":
            return
        wrong |= {answer} if verdict.status == "wrong" else set()
    print(f"The answer: {plain(say(truth_of(question)))}.")
