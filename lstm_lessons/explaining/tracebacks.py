"""What the traceback of an error shows beside its message, with no framework imported for that.

Its frames, the innermost first; what a framework's code was given; the learner's failing line, and
what the names on it stand for. It has more than 300 lines since the names of recurrent classes,
by which they are known unimported, stand here, too.
"""

import ast
import inspect
import linecache
import os
import sysconfig
from collections.abc import Iterator
from dataclasses import replace
from traceback import walk_tb
from types import FrameType
from typing import Any

from ..rule import DIALECTS, expected
from ..spec import Spec
from .pasted import Pasted
from .watching import HOMES, is_there, reader_of

OURS = __name__.split(".")[0]  # explain calls the learner's network
INSTALLED = ("site-packages", "dist-packages", "<frozen ", "__autograph_generated_file")
CALLS = ("_call_impl", "_wrapped_call_impl", "__call__", "call", "forward")  # of a layer
PASSES = ("fit", "evaluate", "predict", *CALLS)
POSITIONS = {"keras": ("units",), "torch": ("input_size", "hidden_size")}  # in making a layer
RECURRENT = {  # the classes that all recurrent layers and cells are made from
    "keras": (
        *("RNN", "Bidirectional", "LSTMCell", "GRUCell", "SimpleRNNCell", "StackedRNNCells"),
        *("ConvLSTM", "ConvLSTMCell"),
    ),
    "torch": ("RNNBase", "RNNCellBase"),
}
LINES = 12  # so many lines a statement may have


def ran(error: BaseException) -> bool:
    """Return whether a framework's code is in the traceback, also in that of what led to it."""
    chain = _chain(error)
    raised = any(home(type(one)) in HOMES for one in chain)
    return raised or any(framework for one in chain for _, _, framework in frames(one))


def passed(error: BaseException) -> bool:
    """Return whether a network or a layer was called where it was raised: it can be again."""
    return any(_is_pass(*one) for led in _chain(error) for one in frames(led))


def _is_pass(frame, _line, _framework):
    """Return whether a frame is that of a call of a layer, Keras' or PyTorch's."""
    function = getattr(frame.f_locals.get("fn"), "__name__", "")  # as Keras wraps it
    if _is_of_keras(frame) and function in PASSES:
        return True
    layer = frame.f_locals.get("self")
    called = frame.f_code.co_name in CALLS and of_torch(layer, "Module")
    return called and not type(layer).__module__.endswith(".loss")


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


def _is_of_keras(frame):
    """Return whether a frame is what Keras wraps its own functions in; TensorFlow has one, too."""
    return frame.f_code.co_name == "error_handler" and home(_module(frame)) == "keras"


def frames(error: BaseException) -> list[tuple[FrameType, int, bool]]:
    """Return (frame, line, whether the frame is the framework's) triples, the innermost first."""
    if isinstance(error, Pasted):
        pairs = error.stood_in
    else:
        pairs = list(walk_tb(error.__traceback__))[::-1]
    return [(one, line, home(_module(one)) in HOMES) for one, line in pairs]


def in_framework(error: BaseException) -> bool | None:
    """Return whether a framework's own line failed, the learner's otherwise; None if none shows."""
    return next((theirs for *_, theirs in frames(error)), None)


def learners(error: BaseException) -> tuple[FrameType | None, int]:
    """Return the innermost frame of the learner's own code, and its line; (None, 0) if none.

    What is installed is not the learner's, unless there is nothing else.
    """
    others = [one for one in frames(error) if not one[2] and home(_module(one[0])) != OURS]
    own = [one for one in others if not _installed(one[0].f_code.co_filename)]
    return next(((frame, line) for frame, line, _ in [*own, *others]), (None, 0))


def _installed(file):
    in_python = file.startswith(sysconfig.get_path("stdlib"))
    return in_python or any(part in file for part in INSTALLED)


def _module(frame):
    return frame.f_globals.get("__name__")


def direct(error: BaseException) -> bool:
    """Return whether nobody else's code ran between the learner's line and the framework's."""
    frame, _ = learners(error)
    between = [one for one, _, framework in frames(error) if not framework]
    return bool(between) and between[0] is frame


def given(error: BaseException, name: str) -> object:
    """Return what the framework's innermost code that has this name calls by it, or None."""
    for frame, _, framework in frames(error):
        if framework and name in frame.f_locals:
            return frame.f_locals[name]
    return None


def call_of_torch(error: BaseException) -> tuple[Any, tuple, dict[str, Any]] | None:
    """Return (layer, args, kwargs) of the innermost call of a layer of PyTorch; None if none."""
    for frame, _, framework in frames(error):
        named = framework and frame.f_code.co_name == "_call_impl"
        if named and "kwargs" in frame.f_locals:  # what was pasted has none
            return tuple(frame.f_locals[name] for name in ("self", "args", "kwargs"))
    return None


def call_of_keras(error: BaseException) -> tuple[Any, tuple, dict[str, Any]] | None:
    """Return (layer, args, kwargs) of the innermost call of a layer of Keras; None if none."""
    for frame, _, _ in frames(error):
        function = getattr(frame.f_locals.get("fn"), "__name__", "")
        if _is_of_keras(frame) and function == "__call__":
            layer, *args = frame.f_locals["args"]
            return layer, tuple(args), frame.f_locals["kwargs"]
    return None


def over_timesteps(error: BaseException) -> tuple[Any, tuple]:
    """Return the innermost TimeDistributed of Keras that was called, and the shape of what it got;
    (None, ()) if none was.
    """
    learned = written(error, ast.Call)  # in a model of one's own Keras leaves its frames out
    keras = [one for one, _, _ in frames(error) if _is_of_keras(one)]
    calls = [tuple(one.f_locals.get("args", ())) for one in keras]
    calls += [tuple(value(one, at) for one in [node.func, *node.args]) for node, at in learned]
    for layer, *args in filter(None, calls):
        if type(layer).__name__ == "TimeDistributed" and args:
            return layer, tuple(getattr(args[0], "shape", ()))
    return None, ()


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
    for tree in statements(frame, line):
        nodes: list[Any] = [one for one in ast.walk(tree) if isinstance(one, kind)]
        here = [(one, frame) for one in nodes if one.lineno <= line <= one.end_lineno]
        if here:
            return here
    return []


def statements(frame: FrameType, line: int) -> Iterator[ast.Module]:
    """Yield what may be the statement on a line of a frame, parsed; the nodes have its numbers."""
    lines = source(frame)
    for start in range(line, max(line - LINES, 0), -1):
        stops = range(line, min(line + LINES, len(lines) + 1))
        parsed = (parsed_at(lines[start - 1 : stop], start, 100 * LINES) for stop in stops)
        yield next(filter(None, parsed), ast.Module([], []))


def function(frame: FrameType) -> ast.Module | None:
    """Return what a frame runs, a function or a cell, parsed; None if it cannot be or is long."""
    first, lines = frame.f_code.co_firstlineno, source(frame)
    try:
        whole = frame.f_code.co_name == "<module>"
        block = lines if whole else inspect.getblock(lines[first - 1 :])
        return parsed_at(block, 1 if whole else first, 10**5)
    except Exception:  # inspect says no more
        return None


def source(frame: FrameType) -> list[str]:
    """Return the lines of the file that a frame runs; [] for one that is not worth its reading."""
    name = frame.f_code.co_filename
    if name not in linecache.cache and os.path.exists(name) and os.path.getsize(name) > 10**6:
        return []
    return linecache.getlines(name, frame.f_globals)


def parsed_at(lines: list[str], start: int, longest: int) -> ast.Module | None:
    """Return lines that begin at a number, parsed; None if they are not whole, or too long.

    What is indented stays so, for the columns to be those of the file.
    """
    text = "".join(lines)
    above = "if True:" if text[:1].isspace() else "0"
    try:
        tree = ast.parse(f"{above}\n{text}") if len(text) < longest else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return tree and ast.increment_lineno(tree, start - 2)


def value(node: ast.AST, frame: FrameType) -> object:
    """Return what a dotted name in the source stands for, such as self.lstm, or None."""
    if isinstance(node, ast.Name):
        return frame.f_locals.get(node.id, frame.f_globals.get(node.id))
    if isinstance(node, ast.Attribute):
        return _stored(value(node.value, frame), node.attr)
    return None


def _stored(owner, name):
    """Return an attribute that is stored, where PyTorch's modules store them too, or None.

    What is computed is not asked for: that would run code of anybody's.
    """
    stores = [own := getattr(owner, "__dict__", {})]
    if of_torch(owner, "Module"):
        stores += [own.get(f"_{kind}", {}) for kind in ("modules", "parameters", "buffers")]
    return next((store[name] for store in stores if name in store), None)


# A layer on it, or in what was given, as a Spec: what it returns, the rule says.


def called(node: ast.AST, frame: FrameType) -> tuple[Spec, str] | None:
    """Return the Spec and the framework of the layer that a call in the source calls, or None.

    A layer made on the spot, LSTM(7)(x), has the settings that are written there, as constants.
    """
    if not isinstance(node, ast.Call):
        return made(value(node, frame))
    if len(node.args) > 2 or not all(_plain(word) for word in node.keywords):
        return None
    kind = value(node.func, frame)
    placed = list(zip(POSITIONS.get(home(kind), ()), node.args, strict=False))
    words = dict([*placed, *((word.arg, word.value) for word in node.keywords)])
    settings = {name: word.value for name, word in words.items() if isinstance(word, ast.Constant)}
    inner = called(node.args[0], frame) if node.args else None
    if home(kind) == "keras" and getattr(kind, "__name__", "") == "RNN":
        inner = _of_cell(node.args[0], frame) if node.args else None
    return _written(kind, settings, inner)


def _of_cell(node, frame):
    """Return the Spec and the framework of a layer that runs a cell of Keras, made on the spot."""
    kind = value(node.func, frame) if isinstance(node, ast.Call) else None
    name = getattr(kind, "__name__", "")
    cell = name.endswith("Cell") and home(kind) == "keras"
    return _written(kind, {}, None, name.removesuffix("Cell")) if cell else None


def is_recurrent(thing: object) -> bool:
    """Return whether a value is a recurrent layer, a cell, a wrapper, or a class of these."""
    kinds = thing.__mro__ if isinstance(thing, type) else type(thing).__mro__
    return any(one.__name__ in RECURRENT.get(home(one), ()) for one in kinds)


def shows_recurrent(error: BaseException) -> bool:
    """Return whether a recurrent layer is called or made on the learner's failing line."""
    return any(is_recurrent(value(node.func, frame)) for node, frame in written(error, ast.Call))


def _plain(word):
    """Return whether a keyword is no setting that decides what comes back, or has a constant."""
    deciding = any(word.arg in dialect.settings for dialect in DIALECTS.values())
    return isinstance(word.value, ast.Constant) or not (word.arg is None or deciding)


def made(layer: object) -> tuple[Spec, str] | None:
    """Return the Spec and the framework of a layer of a framework's own; None for any other."""
    framework = home(type(layer))
    if framework not in DIALECTS or not is_there(framework):
        return None
    spec = reader_of(framework).spec_of(layer)
    return (spec, framework) if spec else None


def _written(kind, settings, inner, name=""):
    """Return the Spec and the framework of a class and its settings; what is not set is usual.

    name: that of the layer, if it is not the name of the class.
    """
    framework, name = home(kind), name or getattr(kind, "__name__", "")
    if framework not in DIALECTS:
        return None
    words, cells = DIALECTS[framework].settings, DIALECTS[framework].cells
    fields = {words[word]: value for word, value in settings.items() if word in words}
    if inner and (framework, name) == ("keras", "Bidirectional"):
        return replace(inner[0], bidirectional=True, **fields), framework
    if inner and (framework, name) == ("keras", "RNN"):
        return replace(inner[0], **fields), framework
    if framework == "torch":
        fields.setdefault("batch_first", False)
    try:
        spec = Spec({title: cell for cell, title in cells.items()}[name], **fields)
        expected(spec, framework)
    except (KeyError, ValueError):  # another layer, or settings that no Spec has
        return None
    return spec, framework
