"""A layer that a traceback shows, read into a Spec: what it returns, the rule says."""

import ast
from dataclasses import replace
from types import FrameType

from ..rule import DIALECTS, expected
from ..spec import Spec
from .tracebacks import home, value
from .watching import is_there, reader_of


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
