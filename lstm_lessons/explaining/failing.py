"""The learner's line that failed, as data: where it stands, and the tensors on it.

An axis has a name where the source says that a recurrent layer made the tensor, and only there.
"""

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from types import ModuleType

from ..nests import placed
from ..shapes import sized
from .naming import Here, fitting, made_by
from .tracebacks import HOMES, function, home, learners, source, statements, value

MOST = 6  # so many tensors of a line are named
SOURCE_LINES = 6  # and so many of its lines shown
CELLS = ("ipykernel_", "<ipython-input")  # in the name that a notebook gives a cell


Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Operand:
    """A tensor on the line that failed.

    name: as it is written there, "output[:, -1]". shape, dtype, device: its own; of an array the
    device is "NumPy", "" if there is none. axes: their names, () where they are not known.
    """

    name: str
    shape: Shape
    dtype: str
    device: str
    axes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return what is known of it: "(batch 3, units 7), float32, cpu"."""
        shape = sized(self.axes, self.shape) if self.axes else str(self.shape)
        return ", ".join(one for one in (shape, self.dtype, self.device) if one)


@dataclass(frozen=True)
class Line:
    """The line that failed.

    where: "line 12 of net.py, in forward". code: the statement. operands: the tensors on it.
    more: how many of them are left out.
    """

    where: str
    code: str
    operands: tuple[Operand, ...]
    more: int

    @property
    def text(self) -> str:
        """Return its code, with a comment for each tensor."""
        said = [f"# {one.name}: {one.text}" for one in self.operands]
        more = [f"# and {self.more} more"] * bool(self.more)
        return "\n".join((self.code, *said, *more))


def failing_line(error: BaseException) -> Line | None:
    """Return the line of the learner's that an error comes from; None if it cannot be read."""
    frame, number = learners(error)
    here = _here(frame, number) if frame else None
    if not frame or not here:
        return None
    operands = _of_nodes(_spanned(here.statement, _span(error, frame)), here)
    if not operands and frame.f_code.co_name != "<lambda>":  # of which others may be beside it
        operands = _of_nodes(_own(here.statement), here)
    where, code = _where(frame, number), _code(here, number)
    return Line(where, code, tuple(operands[:MOST]), len(operands[MOST:]))


def has_framework(error: BaseException) -> bool:
    """Return whether a framework, or a tensor of one, is on the learner's line that failed.

    What PyTorch does in C leaves no frame in the traceback. Where the line cannot be read, all that
    its frame holds counts.
    """
    frame, number = learners(error)
    if not frame:
        return False
    here = _here(frame, number)
    nodes = [one for part in _own(here.statement) for one in ast.walk(part)] if here else []
    read = [value(one, frame) for one in nodes]
    read = read if here else [*frame.f_locals.values(), *map(frame.f_globals.get, _names(frame))]
    return any(_of_framework(one) for one in read)


def _names(frame):
    return frame.f_code.co_names


def _of_framework(thing):
    """Return whether a value is a framework's: a module, a class, a function, or holds a tensor."""
    if isinstance(thing, ModuleType):
        return home(thing.__name__) in HOMES
    own = home(thing) if callable(thing) else home(type(thing))
    return own in HOMES or any(one.device != "NumPy" for one in _held(thing, ""))


# The statement.


def _here(frame, number):
    """Return the innermost statement on a line of a frame, or None."""
    for tree in filter(None, (function(frame), *islice(statements(frame, number), 1))):
        within = [one for one in ast.walk(tree) if isinstance(one, ast.stmt)]
        on_it = [one for one in within if one.lineno <= number <= (one.end_lineno or 0)]
        if on_it:
            least = max(on_it, key=lambda one: (_begins(one), -(one.end_lineno or 0)))
            return Here(frame, least, tree)
    return None


def _own(statement):
    """Return the nodes in a statement that are not of the statements in it."""
    inner = (ast.stmt, ast.ExceptHandler, ast.match_case)
    return [one for one in ast.iter_child_nodes(statement) if not isinstance(one, inner)]


def _span(error, frame):
    """Return from where to where the failing expression goes, as pairs; None if it is not known."""
    at, traced = None, error.__traceback__
    while traced:
        at, traced = traced.tb_lasti if traced.tb_frame is frame else at, traced.tb_next
    if at is None:
        return None
    span = next(islice(frame.f_code.co_positions(), at // 2, None), (None,))
    return None if None in span else ((span[0], span[2]), (span[1], span[3]))


def _spanned(statement, span):
    """Return the expression of a statement that the span holds, in a list; [] if it holds none."""
    nodes = [one for part in _own(statement) for one in ast.walk(part) if hasattr(one, "lineno")]
    within = [one for one in nodes if span and span[0] <= _begins(one) and _ends(one) <= span[1]]
    return within[:1]


def _begins(node):
    return node.lineno, node.col_offset


def _ends(node):
    return node.end_lineno, node.end_col_offset


def _code(here, number):
    """Return the lines of a statement; the one line of one that holds others, or is long."""
    first, last = here.statement.lineno, here.statement.end_lineno
    if hasattr(here.statement, "body") or last - first >= SOURCE_LINES:
        first = last = number
    block = [line.rstrip("\n") for line in source(here.frame)[first - 1 : last]]
    margin = min((len(one) - len(one.lstrip()) for one in block if one.strip()), default=0)
    return "\n".join(one[margin:][:200] for one in block)


def _where(frame, number):
    file, name = frame.f_code.co_filename, frame.f_code.co_name
    at = "a cell" if any(word in file for word in CELLS) else os.path.basename(file)
    return f"line {number} of {at}" + ("" if name.startswith("<") else f", in `{name}`")


# The tensors on it.


def _of_nodes(nodes, here):
    """Return the Operands in expressions, each once."""
    return list({one.name: one for node in nodes for one in _operands(node, here)}.values())


def _operands(node, here) -> Iterator[Operand]:
    """Yield the tensors that an expression reads, the whole before its parts."""
    if isinstance(node, ast.Lambda) and here.frame.f_code.co_name != "<lambda>":
        return
    read = _read(node, here)
    parts = [] if read else ast.iter_child_nodes(node)
    yield from read
    for part in parts:
        yield from _operands(part, here)


def _read(node, here):
    """Return the Operands that an expression stands for, without running it; [] if none."""
    if not isinstance(getattr(node, "ctx", None), ast.Load):
        return []
    if isinstance(node, ast.Subscript):
        return _part(node, _read(node.value, here), value(node.value, here.frame), here)
    if not isinstance(node, (ast.Name, ast.Attribute)):
        return []
    return _held(value(node, here.frame), ast.unparse(node), made_by(node, here))


def _held(thing, name, made=None):
    """Return the Operands in a value: a tensor, or those in lists and tuples.

    made: by place in it, what Tensors a layer may have made.
    """
    several = isinstance(thing, (list, tuple))
    pairs = placed(thing) if several and len(thing) < 99 else [((), thing)]
    names = [name + "".join(f"[{i}]" for i in path) for path, _ in pairs]
    found = [
        _operand(one, name, (made or {}).get(path, ()))
        for name, (path, one) in zip(names, pairs, strict=True)
    ]
    return [one for one in found if one]


def _operand(tensor, name, made):
    """Return a tensor of a framework's, or an array of NumPy's, as an Operand; None of another."""
    package = home(type(tensor))
    if package not in (*HOMES, "numpy") or not hasattr(tensor, "dtype"):
        return None
    try:
        shape = tuple(tensor.shape)
    except (ValueError, TypeError, AttributeError):  # of an open rank, or no array
        return None
    dtype = str(getattr(tensor.dtype, "name", tensor.dtype)).removeprefix("torch.")
    device = "NumPy" if package == "numpy" else _device(tensor)
    return Operand(name, shape, dtype, device, fitting(made, shape))


def _device(tensor):
    device = getattr(tensor, "device", "")
    return str("" if callable(device) else device).rpartition("device:")[2][:40]


def _part(node, whole, held, here):
    """Return what an index with numbers makes of what is before it; [] if that is not known."""
    written = ast.unparse(node)
    try:
        if isinstance(held, dict):
            return _held(held.get(_number(node.slice, here)), written)
        if isinstance(held, (list, tuple)):
            place = f"{ast.unparse(node.value)}[{_number(node.slice, here) % len(held)}]"
            inside = [one for one in whole if one.name.startswith(place)]
            return [replace(one, name=written + one.name.removeprefix(place)) for one in inside]
        left = _indexed(node.slice, whole[0].shape, here) if len(whole) == 1 else None
    except (ValueError, TypeError, ZeroDivisionError):  # no number
        return []
    if left is None:
        return []
    shape = tuple(size for _, size in left)
    axes = tuple(whole[0].axes[at] for at, _ in left) if whole[0].axes else ()
    return [replace(whole[0], name=written, shape=shape, axes=axes)]


def _indexed(index, shape, here):
    """Return (axis that it was, size) for each axis that an index leaves; None if not known."""
    parts = _whole(index.elts if isinstance(index, ast.Tuple) else [index], len(shape))
    if len(parts) > len(shape):
        return None
    slices = [(at, one) for at, one in enumerate(parts) if isinstance(one, ast.Slice)]
    numbers = [(at, one) for at, one in enumerate(parts) if not isinstance(one, ast.Slice)]
    if not all(_inside(_number(one, here), shape[at]) for at, one in numbers):
        return None
    return [(at, _sliced(one, shape[at], here)) for at, one in slices]


def _whole(parts, axes):
    """Return the parts of an index with a slice for each axis that ... stands for."""
    dots = [one for one in parts if isinstance(one, ast.Constant) and one.value is ...]
    at = parts.index(dots[0]) if dots else len(parts)
    return [*parts[:at], *[ast.Slice()] * (axes - len(parts) + len(dots)), *parts[at + 1 :]]


def _number(node, here):
    """Return what stands in an index: a constant, or the number or text that a name has."""
    named = value(node, here.frame) if isinstance(node, (ast.Name, ast.Attribute)) else None
    return named if type(named) in (int, str) else ast.literal_eval(node)


def _inside(at, size):
    """Return whether an index is a number that an axis of a size has."""
    return type(at) is int and size is not None and -size <= at < size


def _sliced(part, size, here):
    """Return how long a slice of an axis is; None if that is not known."""
    ends = [getattr(part, one, None) for one in ("lower", "upper", "step")]
    ends = [one and _number(one, here) for one in ends]
    return size if size is None else len(range(*slice(*ends).indices(size)))
