"""The call that failed, made again with a line to write: whether it runs, and what it gives.

Called are layers and functions of a framework's own, on what the traceback holds, and nothing of
the learner's. The line is the one that is shown, and ours. No gradients are taken; random numbers
and the numbers in names of layers are put back. Told is only what ran, and only where the call
fails without the line as it did: then it is the same call.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..nests import leaves, mapped
from .calls import Sized
from .tracebacks import call_of_keras
from .watching import is_there, reader_of

MOST = 10**6  # so many numbers may go into it, and so many weights may it have
WORDS = {"len": len, "min": min, "max": max, "int": int, "tuple": tuple}  # of Python in a line
LAYER = "the layer"  # stands among the names, and no line can name it
Names = dict[str, Any]


@dataclass(frozen=True)
class Tried:
    """A line that was tried: what the failing call gives with it.

    line: the code, without its comment. call: the layer or the function that runs with it.
    gives: the shapes, nested as they are returned.
    """

    line: str
    call: str
    gives: str


@dataclass(frozen=True)
class Call:
    """A call that failed.

    what: the layer or the function. names: what a line may name, and the layer itself.
    run: makes the call, of these names.
    changed: the name of what a line that assigns nothing stands for.
    """

    what: str
    names: Names
    run: Callable[[Names], Any]
    changed: str = "x"


Again = Callable[[BaseException], Call | None]


def tried(again: Again, error: BaseException, instead: str) -> tuple[Tried, ...]:
    """Return a Tried for each line that the failing call runs with.

    again: finds the call in the traceback.
    """
    framework = "keras" if call_of_keras(error) else "torch"
    if not is_there(framework):
        return ()
    reader = reader_of(framework)
    lines = [line.partition("  #")[0] for line in instead.splitlines() if line[:1].strip()]
    with reader.aside():
        call = again(error)
        if call is None or not _fails(call, error):
            return ()
        calls = ((line, again(error)) for line in dict.fromkeys(lines))  # each with its own layer
        results = [(line, _result(one, line, reader)) for line, one in calls if one]
        ran = [(line, result[0]) for line, result in results if result]
        return tuple(Tried(line, _runs(line) or call.what, _shapes(result)) for line, result in ran)


def _fails(call, error):
    """Return whether the call fails as it did."""
    try:
        call.run(call.names)
    except Exception as same:
        return type(same) is type(error)
    return False


def _result(call, line, reader):
    """Return what the call gives with a line, in a tuple; None if it does not run."""
    library = {**reader.library(), "__builtins__": WORDS}
    try:
        names, value = _run(line, library | call.names)
        if value is None:
            names = _alike(line, library | call.names, names, call)
        elif _is_call_anew(line):
            return (value,)
        elif reader.is_layer(value):
            names |= {LAYER: value}
        else:
            names |= {call.changed: value}
            names = _alike(line, library | call.names, names, call)
        return (call.run(names),)
    except Exception:  # then it is no help
        return None


def _run(line, scope):
    """Return the names after a line, and its value; None if it assigns."""
    scope = dict(scope)
    if isinstance(ast.parse(line).body[0], ast.Expr):
        return scope, eval(line, scope)
    exec(line, scope)
    return scope, None


def _is_call_anew(line):
    """Return whether a line is the call itself: loss(scores, target), nn.LSTM(6, 7)(x)."""
    node = getattr(ast.parse(line).body[0], "value", None)
    return isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Call))


def _runs(line):
    """Return the class of the layer that a line makes and calls, nn.LSTM(6, 7)(x); "" if none."""
    node = getattr(ast.parse(line).body[0], "value", None)
    anew = isinstance(node, ast.Call) and isinstance(node.func, ast.Call)
    return ast.unparse(node.func.func).split(".")[-1] if anew else ""


def _alike(line, before, names, call):
    """Return the names with c_0 made by a line about h_0, as its comment says."""
    if "h_0" not in line or "c_0" in line or before.get("c_0") is None:
        return names
    after, value = _run(line, before | {"h_0": before["c_0"]})
    return names | {"c_0": after["h_0"] if value is None else value}


def _shapes(result):
    return str(mapped(_shape, result, _is_packed))


def _shape(one):
    return Sized("a PackedSequence") if _is_packed(one) else tuple(one.shape)


def _is_packed(one):
    return hasattr(one, "batch_sizes")


def is_small(*values):
    """Return whether values hold numbers, and not too many."""
    sizes = [getattr(one, "numel", getattr(one, "size", 0)) for one in leaves(values)]
    return sum(size() if callable(size) else size for size in sizes) <= MOST
