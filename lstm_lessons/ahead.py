"""What is likely to be asked for next, made while nobody waits.

Who changes a size by one is likely to do so once more, or to go back. So what was shown last is
kept, and what one more such step shows is made as soon as nothing was asked for a moment: the page
has it as fast as it can show it. Real layers run for it as ever, a press earlier.

Cells may change what layers do, so what was made before the last cell ran does not count.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Generic, TypeVar

from IPython import get_ipython

from . import loop
from .settings import MOST
from .spec import Spec

QUIET = 0.1  # seconds without a change after which the next one is made
QUICK = 0.2  # seconds that making may take: nobody shall wait for what nobody asked for
KEPT = 4  # so many are kept

Made = TypeVar("Made")


class Ahead(Generic[Made]):
    """What is made of a spec, a framework and the sequence in front, and of the next step."""

    def __init__(self, make: Callable[[Spec, str, int], Made]):
        self._make = make
        self._made: dict[tuple, Made] = {}
        self._asked = 0  # how often
        self._last: Spec | None = None
        self._quick = False

    def __call__(self, spec: Spec, framework: str, front: int) -> Made:
        """Return what is made of these, and have the next step made later."""
        self._asked += 1
        made = self._of(spec, framework, front)
        further, self._last = onward(self._last, spec), spec
        if further:
            loop.later(QUIET, partial(self._ready, self._asked, further, framework, front))
        return made

    def _of(self, *asked):
        key = (_cells_run(), *asked)
        if key not in self._made:
            start = time.monotonic()
            self._made[key] = self._make(*asked)
            self._quick = time.monotonic() - start < QUICK
        self._made[key] = self._made.pop(key)  # the newest is the last
        for old in list(self._made)[:-KEPT]:
            del self._made[old]
        return self._made[key]

    def _ready(self, number, *asked):
        if number == self._asked and self._quick:
            self._of(*asked)


def onward(before: Spec | None, now: Spec) -> Spec | None:
    """Return what one more such step makes, where one size was changed by one; None elsewhere."""
    if before is None:
        return None
    for name, most in MOST.items():
        size, was = getattr(now, name), getattr(before, name)
        further = 2 * size - was
        if abs(size - was) == 1 and 0 < further <= most and replace(before, **{name: size}) == now:
            return replace(now, **{name: further})
    return None


def _cells_run():
    """Return how many cells have run, where there is a kernel."""
    shell = get_ipython()
    return shell.execution_count if shell else 0
