"""What the traceback of an error shows beside its message, with no framework imported for that.

Its frames, the innermost first; what a framework's code was given; the learner's failing line, and
what the names on it stand for.
"""

import ast
import linecache
import os
from collections.abc import Iterator
from dataclasses import replace
from textwrap import dedent
from traceback import walk_tb
from types import FrameType
from typing import Any

from ..rule import DIALECTS, expected
from ..spec import Spec
from .watching import HOMES, is_there, reader_of

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


def operands(error: BaseException) -> dict[str, str]:
    """Return what is known of the frameworks' tensors on the learner's failing line, by name."""
    known = {}
    for node, frame in written(error, ast.Name):
        tensor: Any = value(node, frame)
        if home(type(tensor)) in HOMES and hasattr(tensor, "shape"):
            dtype = str(getattr(tensor.dtype, "name", tensor.dtype)).removeprefix("torch.")
            known[node.id] = f"{tuple(tensor.shape)}, {dtype}"
    return known


def value(node: ast.AST, frame: FrameType) -> object:
    """Return what a dotted name in the source stands for, such as self.lstm, or None."""
    if isinstance(node, ast.Name):
        return frame.f_locals.get(node.id, frame.f_globals.get(node.id))
    if isinstance(node, ast.Attribute):
        return getattr(value(node.value, frame), node.attr, None)
    return None


# A layer on it, or in what was given, as a Spec: what it returns, the rule says.


def called(node: ast.AST, frame: FrameType) -> tuple[Spec, str] | None:
    """Return the Spec and the framework of the layer that a call in the source calls, or None.

    A layer made on the spot, LSTM(7)(x), has the settings that are written there.
    """
    if not isinstance(node, ast.Call):
        return made(value(node, frame))
    words = {word.arg: word.value for word in node.keywords}
    settings = {name: word.value for name, word in words.items() if isinstance(word, ast.Constant)}
    inner = called(node.args[0], frame) if node.args else None
    return _written(value(node.func, frame), settings, inner)


def made(layer: object) -> tuple[Spec, str] | None:
    """Return the Spec and the framework of a layer of a framework's own; None for any other."""
    framework = home(type(layer))
    if framework not in DIALECTS or not is_there(framework):
        return None
    spec = reader_of(framework).spec_of(layer)
    return (spec, framework) if spec else None


def _written(kind, settings, inner):
    """Return the Spec and the framework of a class and its settings; what is not set is usual."""
    framework, name = home(kind), getattr(kind, "__name__", "")
    if framework not in DIALECTS:
        return None
    words, cells = DIALECTS[framework].settings, DIALECTS[framework].cells
    fields = {words[word]: value for word, value in settings.items() if word in words}
    if inner and (framework, name) == ("keras", "Bidirectional"):
        return replace(inner[0], bidirectional=True, **fields), framework
    if framework == "torch":
        fields.setdefault("batch_first", False)
    try:
        spec = Spec({title: cell for cell, title in cells.items()}[name], **fields)
        expected(spec, framework)
    except (KeyError, ValueError):  # another layer, or settings that no Spec has
        return None
    return spec, framework
