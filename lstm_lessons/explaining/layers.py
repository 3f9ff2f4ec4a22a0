"""A layer that a traceback shows, read into a Spec: what it returns, the rule says."""

import ast
from dataclasses import replace
from types import FrameType

from ..rule import expected
from ..snippets import KERAS, TORCH
from ..spec import Spec
from .tracebacks import HOMES, home, value

SETTINGS = {
    **{name: name for name in ("units", "return_sequences", "return_state", "merge_mode")},
    **{name: name for name in ("bidirectional", "batch_first", "proj_size")},
    "hidden_size": "units",
    "num_layers": "layers",
}


def called(node: ast.AST, frame: FrameType) -> tuple[Spec, str] | None:
    """Return the Spec and the framework of the layer that a call in the source calls, or None.

    A layer made on the spot, LSTM(7)(x), has the settings that are written there.
    """
    if not isinstance(node, ast.Call):
        return made(value(node, frame))
    words = {word.arg: word.value for word in node.keywords}
    settings = {name: word.value for name, word in words.items() if isinstance(word, ast.Constant)}
    inner = called(node.args[0], frame) if node.args else None
    return _spec(value(node.func, frame), settings, inner)


def made(layer: object) -> tuple[Spec, str] | None:
    """Return the Spec and the framework of a layer, None if no Spec describes it."""
    if home(type(layer)) not in HOMES:
        return None
    found = {name: getattr(layer, name) for name in SETTINGS if hasattr(layer, name)}
    return _spec(type(layer), found, made(getattr(layer, "forward_layer", None)))


def _spec(kind, settings, inner):
    """Return the Spec and the framework of a class and its settings; what is not set is Spec's."""
    framework, name = home(kind), getattr(kind, "__name__", "")
    fields = {SETTINGS[word]: value for word, value in settings.items() if word in SETTINGS}
    if inner and (framework, name) == ("keras", "Bidirectional"):
        merge_mode = fields.get("merge_mode", "concat")
        return replace(inner[0], bidirectional=True, merge_mode=merge_mode), framework
    names = {"keras": KERAS, "torch": TORCH}.get(framework, {})
    cells = {title: cell for cell, title in names.items()}
    if framework == "torch":
        fields.setdefault("batch_first", False)
    try:
        spec = Spec(cells[name], **fields)
        expected(spec, framework)
    except (KeyError, ValueError):  # another layer, or settings that no Spec has
        return None
    return spec, framework
