"""A list to choose from, with drawn sizes: how a review asks beside shapes. Code decides."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..asking.questions import Question, Wrong

NUMBER = "Type its number."


@dataclass(frozen=True)
class Option:
    """One of a list to choose from.

    text: as it stands in the list; code stands in backticks.
    belief, because: as of a Wrong; "" of the right one.
    """

    text: str
    belief: str = ""
    because: str = ""


def drawn_sizes(chance, number):
    """Return so many sizes; none is 1, 2 or 4, and none appears twice."""
    return chance.sample([3, *range(5, 33)], number)


def listed(text, options, run, rule=None, hint=""):
    """Return the Question which of some options it is. run, rule: return the place of the right."""
    lines = [f"{number}: {option.text}" for number, option in enumerate(options, 1)]
    wrong = tuple(
        Wrong(option.belief, ((number,),), option.because, hint)
        for number, option in enumerate(options, 1)
        if option.belief
    )
    asked = Question("\n".join([text, *lines, NUMBER]), lambda: ((run() + 1,),), wrong)
    ruled = rule and (lambda: ((rule() + 1,),))
    return replace(asked, rule=ruled, form="number")


def only(holds: Sequence[bool]) -> int:
    """Return the place of the one True; -1 if there is no one."""
    return list(holds).index(True) if sum(map(bool, holds)) == 1 else -1


def places(those: Sequence) -> tuple[tuple[str, str], ...]:
    """Return for which lessons and frameworks there is one of those."""
    return tuple(dict.fromkeys((one.lesson, one.framework) for one in those))


def one_of(make: Callable, those: Sequence, lesson: str, framework: str) -> Callable:
    """Return what makes a question, by chance, of one of those for a lesson and a framework."""
    known = [one for one in those if (one.lesson, one.framework) == (lesson, framework)]
    return lambda chance: make(chance, chance.choice(known))
