"""What the traceback of an error shows beside its message, with no framework imported for that.

Its frames, the innermost first; what a framework's code was given; the learner's failing line, and
what the names on it stand for.
"""

import ast
import linecache
import os
from collections.abc import Iterator
from textwrap import dedent
from traceback import walk_tb
from types import FrameType
from typing import Any

HOMES = ("keras", "tensorflow", "torch", "jax", "jaxlib")  # of a pass' code and its tensors
LINES = 12  # so many lines a statement may have


def ran(error: BaseException) -> bool:
    """Return whether a framework's code is in the traceback, also in that of what led to it."""
    return any(framework for one in _chain(error) for _, _, framework in frames(one))


def _chain(error):
    """Return an exception, those that led to it and those in a group, as Python prints them."""
    chain, left = [], [error]
    while left and len(chain) < 99:  # it may lead back to itself
        error = left.pop()
        chain.append(error)
        led = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        grouped = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
        left += [*grouped, *([led] if led else [])]
    return chain


def frames(error: BaseException) -> list[tuple[FrameType, int, bool]]:
    """Return (frame, line, whether the frame is the framework's) triples, the innermost first."""
    pairs = list(walk_tb(error.__traceback__))[::-1]
    return [(one, line, home(one.f_globals.get("__name__")) in HOMES) for one, line in pairs]


def learners(error: BaseException) -> tuple[FrameType | None, int]:
    """Return the innermost frame that is not the framework's, and its line; (None, 0) if none."""
    return next(((one, line) for one, line, framework in frames(error) if not framework), (None, 0))


def given(error: BaseException, name: str) -> object:
    """Return what the framework's innermost code that has this name calls by it, or None."""
    for frame, _, framework in frames(error):
        if framework and name in frame.f_locals:
            return frame.f_locals[name]
    return None


def in_layer(error: BaseException, *names: str) -> bool:
    """Return whether a PyTorch layer of one of these classes ran."""
    return any(of_torch(given(error, "self"), name) for name in names)


def of_torch(thing: object, name: str) -> bool:
    """Return whether a value is of PyTorch's class of this name, or of one made from it."""
    return any(home(one) == "torch" and one.__name__ == name for one in type(thing).__mro__)


def home(kind: object) -> str:
    """Return the package of a class, or of a module given by its name."""
    return str(getattr(kind, "__module__", kind)).split(".")[0]


def several(value: object) -> bool:
    """Return whether a value is a tuple of a framework's tensors, or of tuples of them."""
    if not isinstance(value, tuple):
        return False
    tensors = [home(type(one)) in HOMES and hasattr(one, "shape") for one in value]
    return bool(value) and all(tensors[i] or several(one) for i, one in enumerate(value))


# The learner's failing line.


def written(error: BaseException, kind: type[ast.AST]) -> list[tuple[Any, FrameType]]:
    """Return the nodes of a kind on the learner's failing line, each with its frame.

    Of its file the statement alone is read: it begins on that line or a little above.
    """
    frame, line = learners(error)
    if not frame:
        return []
    for statement, at in _statements(_source(frame), line):
        nodes: list[Any] = [one for one in statement if isinstance(one, kind)]
        here = [(one, frame) for one in nodes if one.lineno <= at <= one.end_lineno]
        if here:
            return here
    return []


def _statements(lines, line) -> Iterator[tuple[list[Any], int]]:
    """Yield the nodes of what may be the statement on a line, and that line's number within it."""
    for start in range(line, max(line - LINES, 0), -1):
        stops = range(line, min(line + LINES, len(lines) + 1))
        parsed = (_parsed("".join(lines[start - 1 : stop])) for stop in stops)
        yield next(filter(None, parsed), []), line - start + 1


def _source(frame):
    """Return the lines of the file that a frame runs; [] for one that is not worth its reading."""
    name = frame.f_code.co_filename
    if name not in linecache.cache and os.path.exists(name) and os.path.getsize(name) > 10**6:
        return []
    return linecache.getlines(name, frame.f_globals)


def _parsed(text):
    """Return the nodes of a piece of source; [] if it is not whole, or too long for a statement."""
    try:
        return list(ast.walk(ast.parse(dedent(text)))) if len(text) < 100 * LINES else []
    except (SyntaxError, ValueError):
        return []


def value(node: ast.AST, frame: FrameType) -> object:
    """Return what a dotted name in the source stands for, such as self.lstm, or None."""
    if isinstance(node, ast.Name):
        return frame.f_locals.get(node.id, frame.f_globals.get(node.id))
    if isinstance(node, ast.Attribute):
        return getattr(value(node.value, frame), node.attr, None)
    return None
