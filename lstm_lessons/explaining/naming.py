"""The names of a tensor's axes, where the source says which recurrent layer made it.

The name on the failing line got its value from that layer's call, in the same function, and nothing
can have given it another one since. Whatever is less sure has no names.
"""

import ast
from dataclasses import replace
from types import FrameType
from typing import Any, NamedTuple

from ..rule import expected
from .tracebacks import called

COUNTED = ("units", "layers", "directions")  # what a layer decides alone
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Here(NamedTuple):
    """Where an error comes from: the frame, the statement, and the tree that it stands in."""

    frame: FrameType
    statement: Any
    tree: ast.Module


def made_by(node, here):
    """Return, by place, the Tensors of the recurrent layer that a name got its value from."""
    statement = _assigned(node.id, here) if isinstance(node, ast.Name) else None
    if not statement:
        return {}
    call, within = _unindexed(statement.value)
    at = _place(statement.targets[0], node.id)
    layer = isinstance(call, ast.Call) and called(call.func, here.frame)
    return {} if at is None or not layer else _returned(*layer, begins=(*within, *at))


def _returned(spec, framework, begins):
    """Return the Tensors that a layer returns in one place, by the rest of their way."""
    specs = [spec, *([replace(spec, unbatched=True)] if framework == "torch" else [])]
    made = {}
    for one in (one for spec in specs for one in expected(spec, framework).tensors):
        if one.path[: len(begins)] == begins:
            made.setdefault(one.path[len(begins) :], []).append(one)
    return made


def fitting(made, shape):
    """Return the names of the axes of that one of some Tensors which a shape is of; () if none."""
    return next((one.axes for one in made if _fits(one, shape)), ())


def _fits(tensor, shape):
    """Return whether a shape has the axes of a Tensor, and what its layer decides alone."""
    if len(shape) != len(tensor.axes):
        return False
    sizes = zip(tensor.axes, tensor.shape, shape, strict=True)
    return all(one == size for axis, one, size in sizes if any(word in axis for word in COUNTED))


def _unindexed(node):
    """Return what is before constant indexes, and these: of lstm(x)[0], lstm(x) and (0,)."""
    within = ()
    while isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        node, within = node.value, (node.slice.value, *within)
    return node, within


def _place(target, name):
    """Return where a name stands in what is assigned to, as indexes; None if it does not."""
    if isinstance(target, ast.Name):
        return () if target.id == name else None
    parts = getattr(target, "elts", [])
    before = next((i for i, one in enumerate(parts) if isinstance(one, ast.Starred)), len(parts))
    places = ((i, _place(one, name)) for i, one in enumerate(parts[:before]))
    return next(((i, *within) for i, within in places if within is not None), None)


def _assigned(name, here):
    """Return the assignment that surely gave a name the value it has on the failing line, or None.

    It stands before that line in a block that the line is in, and nothing between them, nor what
    holds the line, may give the name another value.
    """
    for block, at in reversed(_blocks(here)):
        if hasattr(block[at], "body") and _sets(block[at], name):
            return None
        before = next((one for one in reversed(block[:at]) if _sets(one, name)), None)
        if before is not None:
            plain = isinstance(before, ast.Assign) and len(before.targets) == 1
            return before if plain else None
    return None


def _blocks(here):
    """Return the blocks that hold the statement, (block, index) pairs, within its own function."""
    found, block = [], here.tree.body
    while block:
        at = next((i for i, one in enumerate(block) if _holds(one, here.statement)), None)
        if at is None:
            break
        found = [] if isinstance(block[at], FUNCTIONS) else [*found, (block, at)]
        block = next((one for one in _bodies(block[at]) if _any_holds(one, here.statement)), [])
    return found


def _holds(outer, inner):
    return outer is inner or any(_any_holds(one, inner) for one in _bodies(outer))


def _any_holds(block, inner):
    return any(_holds(one, inner) for one in block)


def _bodies(statement):
    """Return the blocks in a statement."""
    handlers = [*getattr(statement, "handlers", []), *getattr(statement, "cases", [])]
    own = [getattr(statement, one, []) for one in ("body", "orelse", "finalbody")]
    return [*own, *(one.body for one in handlers)]


def _sets(statement, name):
    """Return whether a name may get a value somewhere in a statement."""
    return any(name in _names_set(one) for one in ast.walk(statement))


def _names_set(node):
    """Return the names that a node gives a value."""
    if isinstance(node, ast.Name):
        return [] if isinstance(node.ctx, ast.Load) else [node.id]
    if isinstance(node, (ast.Global, ast.Nonlocal)):
        return node.names
    return [getattr(node, "name", None), getattr(node, "asname", None), getattr(node, "rest", None)]
