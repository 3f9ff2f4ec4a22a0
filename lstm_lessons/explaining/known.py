"""A kind of error as data: by what it is known, and what is said of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..shapes import sized
from .tracebacks import given

LONGEST = 400  # so long may be what is taken from a message
INPUT = ("batch", "timesteps", "features")
STATES = ("layers·directions", "batch", "units")

Found = dict[str, str | None]  # the named groups of a message


@dataclass(frozen=True, kw_only=True)
class Known:
    """A kind of error. In its words the groups of its message stand in braces.

    name: what it is called.
    raised: the names of its classes of exception, with spaces between them.
    message: regular expressions that are found in the message one after the other, with " … "
        between them for whatever stands there. For a search to take no longer than the message is
        long, each begins with a text or at the beginning of a line, and what it repeats has a
        limit.
    when: a test of (found, error) that it passes as well. found: the groups of the message.
    rule: (found, error) → what its words need beside the groups, by name; None if the traceback
        shows that it is of another kind.
    what, why: what happened and why, with code in backticks.
    axes: by the name of a group that is a shape, the names of its axes.
    swap: the line that swaps the last two axes of x, offered only if x fits then.
    instead: the lines to write, one for each case.
    general: whether it is taken only where no other kind fits.
    """

    name: str
    raised: str = "ValueError"
    message: str = ""
    when: Callable[[Found, BaseException], object] | None = None
    rule: Callable[[Found, BaseException], dict[str, object] | None] | None = None
    what: str = ""
    why: str = ""
    axes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    swap: str = ""
    instead: tuple[str, ...] = ()
    general: bool = False

    @cached_property
    def pieces(self) -> tuple[re.Pattern, ...]:
        """Return the regular expressions of its message."""
        return tuple(re.compile(piece, re.M) for piece in self.message.split(" … "))

    def found(self, message: str) -> Found | None:
        """Return the named groups of a message, or None if it is of another kind.

        Each piece is searched for once, behind the one before it. So the time grows as the message
        does.
        """
        found: Found = {}
        at = 0
        for piece in self.pieces:
            match = piece.search(message, at)
            if not match:
                return None
            found, at = found | match.groupdict(), match.end()
        return None if any(len(group or "") > LONGEST for group in found.values()) else found

    def words(self, message: str, error: BaseException) -> tuple[str, str, str] | None:
        """Return what is said of an error: what, why and instead; None if it is of another kind.

        Raises whatever an error, its traceback and what lies there may raise: they are not ours.
        """
        found = self.found(message)
        if found is None or (self.when and not self.when(found, error)):
            return None
        more = self.rule(found, error) if self.rule else {}
        if more is None:
            return None
        values: dict[str, Any] = {**found, **more}
        values |= {group: named(values[group], axes) for group, axes in self.axes.items()}
        swap = [self.swap] if self.swap and _swap_fits(found, error) else []
        lines = "\n".join([*swap, *self.instead])
        return self.what.format(**values), self.why.format(**values), lines.format(**values)


def sizes(text: str) -> tuple[int | None, ...]:
    """Return the sizes in a written shape, None for one that is open."""
    return tuple(None if one == "None" else int(one) for one in re.findall(r"\d+|None", text))


def named(text: str, axes: tuple[str, ...]) -> str:
    """Return a written shape with the names of its axes: "(batch, timesteps 5, features 6)"."""
    shape = sizes(text)
    return sized(axes, shape) if len(axes) == len(shape) else f"`{shape}`"


def _swap_fits(found, error):
    """Return whether x with its last axes swapped fits what is wanted; True if it is not seen."""
    shape = sizes(found.get("full") or found["got"])
    if found["got"].isdigit() and not found.get("full"):
        shape = tuple(getattr(given(error, "input"), "shape", ()))
    return not shape or (len(shape) == 3 and shape[1] == sizes(found["wanted"])[-1])
