"""How a typed index is read: parsed, never evaluated, and applied to a tensor's axes."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from warnings import catch_warnings

from .shapes import Tensor
from .spec import one_of, short
from .taken import GONE, NEW, STAYS, Axis, Part, Piece, Taken, as_tuple, noun

LONGEST = 200  # characters of an index
JOINS = {"cat", "concat", "concatenate"}
JOINED_AT = {"torch": 0, "np": 0, "numpy": 0, "ops": -1, "keras.ops": -1}  # if nothing is said
SAYS_AXIS = ("dim", "axis")
CLOSED = {"(": ")", "[": "]"}
NEW_AXES = ("None", "np.newaxis", "numpy.newaxis", "newaxis")


class NoIndex(ValueError):
    """What was typed takes nothing. said: why not, in a clause; advice: what to try."""

    def __init__(self, said: str, advice: str):
        super().__init__(f"{said}; try {advice}")
        self.said, self.advice = said, advice


def take(written: str, tensors: Sequence[Tensor], backwards: bool = True) -> Taken:
    """Return what an index such as "output[:, -1]" takes.

    written: a name with brackets, one pair after the other; or a call that joins two or more such,
        "torch.cat([h_n[-2], h_n[-1]], dim=-1)".
    tensors: those that may be named, by their expressions.
    backwards: whether a slice may go backwards; PyTorch refuses it.

    Raises NoIndex, a ValueError of one line, for anything else and for an index that does not fit.
    """
    text = " ".join(str(written).replace("−", "-").strip(" `").split())
    reader = _Reader(text, {one.expression: one for one in tensors}, backwards)
    node = _parsed(text, reader.example)
    if not isinstance(node, ast.Call):
        return Taken(text, (reader.piece(node),))
    pieces, at = reader.joined(node)
    return Taken(text, tuple(pieces), at)


def _parsed(text, example):
    """Return the node of an expression."""
    if not text:
        raise NoIndex("an index must be typed, got nothing", example)
    if len(text) > LONGEST:
        got = f"got {len(text)}"
        raise NoIndex(f"an index must have at most {LONGEST} characters, {got}", example)
    if _unclosed(text):
        closed = text.rstrip("[(, ") + _unclosed(text.rstrip("[(, "))
        raise NoIndex(f"each bracket must be closed, got {short(text)}", closed)
    try:
        with catch_warnings(action="ignore"):  # Python's own, of "3or 2"
            return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        said = f"an index must be as Python writes it, got {short(text)}"
        raise NoIndex(said, example) from None


def _unclosed(text):
    """Return the brackets that are missing at the end; "" if none are, or others are amiss."""
    awaited = []
    for one in text:
        if one in CLOSED:
            awaited.append(CLOSED[one])
        elif one in CLOSED.values() and (not awaited or awaited.pop() != one):
            return ""
    return "".join(awaited[::-1])


@dataclass(frozen=True)
class _Reader:
    """What reads nodes of a text. tensors: by what they are called."""

    text: str
    tensors: dict[str, Any]
    backwards: bool

    @property
    def example(self):
        """Return an index that can be typed here."""
        name, tensor = next(iter(self.tensors.items()))
        return f"{name}[:, -1]" if tensor.axes[1:2] == ("timesteps",) else f"{name}[0]"

    def refused(self, what, got, advice=""):
        """Return the error of one line."""
        return NoIndex(f"{what}, got {short(got)[1:-1]}", advice or self.example)

    def said(self, node):
        """Return the text of a node."""
        return ast.get_source_segment(self.text, node) or ast.unparse(node)

    def joined(self, call):
        """Return the pieces that a call joins, and at which of their axes."""
        where, _, name = ast.unparse(call.func).rpartition(".")
        places = [one.value for one in call.keywords if one.arg in SAYS_AXIS] + call.args[1:]
        known = name in JOINS and (not where or where == "tf" or where in JOINED_AT)
        listed = call.args and isinstance(call.args[0], (ast.List, ast.Tuple))
        odd = len(places) > 1 or len(places) + 1 != len(call.args) + len(call.keywords)
        if not known or not listed or odd:
            what = "a call must be torch.cat, or concatenate, of a list and an axis"
            raise self.refused(what, self.said(call), self._joined_example())
        if len(call.args[0].elts) < 2:
            what = f"{name} must be given two or more"
            raise self.refused(what, self.said(call), self._joined_example())
        pieces = [self.piece(one) for one in call.args[0].elts]
        return pieces, self._place(pieces, places, where, name)

    def _joined_example(self):
        one = "h_n[-1]" if "h_n" in self.tensors else next(iter(self.tensors))
        return f"torch.cat([{one}, {one}], dim=-1)"

    def _place(self, pieces, places, where, name):
        """Return at which axis pieces are joined; NoIndex if they can't be."""
        if not places and where not in JOINED_AT:
            raise NoIndex(f"{name} must be told the axis, got none", "axis=-1")
        at = self.number(places[0]) if places else JOINED_AT[where]
        first, *more = (piece.shape for piece in pieces)
        if not first:
            raise NoIndex("what is joined must have an axis, got one number", "fewer brackets")
        if not -len(first) <= at < len(first):
            ends = f"{-len(first)} to {len(first) - 1}"
            raise NoIndex(f"the axis to join at must be from {ends}, got {at}", "-1")
        at %= len(first)
        rest = [*first[:at], *first[at + 1 :]]
        for other in more:
            if len(other) != len(first) or [*other[:at], *other[at + 1 :]] != rest:
                got = f"got {as_tuple(first)} and {as_tuple(other)}"
                said = f"all sizes but that of axis {at} must agree, {got}"
                raise NoIndex(said, "an axis at which they differ")
        return at

    def piece(self, node):
        """Return the Piece of a name with brackets."""
        brackets = []
        while isinstance(node, ast.Subscript):
            brackets.append(node)
            node = node.value
        tensor = self._tensor(node)
        axes = tuple(
            Axis((at,), tuple((place,) for place in range(size)))
            for at, size in enumerate(tensor.shape)
        )
        piece = Piece(tensor, (), (), axes)
        for bracket in brackets[::-1]:
            piece = self._indexed(piece, bracket)
        return piece

    def _tensor(self, node):
        """Return the tensor that is named."""
        if isinstance(node, ast.Attribute):
            raise self.refused("an index must have no attribute", self.said(node))
        if isinstance(node, ast.Call):
            raise self.refused("nothing may be called within an index", self.said(node))
        if not isinstance(node, ast.Name):
            raise self.refused("an index must begin with a name", self.said(node))
        if node.id not in self.tensors:
            raise self.refused(f"name must be {one_of(self.tensors)}", repr(node.id))
        return self.tensors[node.id]

    def _indexed(self, piece, bracket):
        """Return a piece with one more pair of brackets."""
        several = isinstance(bracket.slice, ast.Tuple)
        nodes = bracket.slice.elts if several else [bracket.slice]
        found = [self._part(node) for node in nodes]
        axes, parts = self._spread(piece, nodes, found)
        return replace(
            piece,
            steps=(*piece.steps, tuple(found)),
            parts=(*piece.parts, *parts),
            axes=(*axes, *(axis for axis in piece.axes if not axis.stays)),
        )

    def _spread(self, piece, nodes, found):
        """Return the axes after one pair of brackets, and its Parts."""
        sized = list(zip(piece.names, piece.shape, strict=True))
        needs = sum(one is not None and one is not ... for one in found)
        if found.count(...) > 1:
            raise self.refused("... must stand once in an index", "..., ...")
        if needs > len(sized):
            self._too_many(piece, sized, needs)
        if ... not in found:
            nodes, found = [*nodes, None], [*found, ...]
        axes, parts, lists, at = [], [], [], 0
        for node, one in zip(nodes, found, strict=True):
            step = len(sized) - needs if one is ... else int(one is not None)
            mine, names = piece.kept[at : at + step], sized[at : at + step]
            at += step
            lists += [len(axes)] if isinstance(one, list) else []
            made = self._one(one, mine, names)
            axes += made
            if node is not None:
                does = NEW if one is None else GONE if isinstance(one, int) else STAYS
                parts.append(Part(*self._span(node), tuple(name for name, _ in names), does))
        return (self._paired(axes, lists, found) if lists else axes), parts

    def _one(self, one, mine, sized):
        """Return the axes that one part of an index makes of those that it belongs to."""
        if one is None:
            return [Axis((), ((),))]
        if one is ...:
            return mine
        [axis], [named] = mine, sized
        if isinstance(one, int):
            return [replace(axis, places=(self._at(named, one, axis),), stays=False)]
        if isinstance(one, list):
            return [replace(axis, places=tuple(self._at(named, at, axis) for at in one))]
        return [replace(axis, places=axis.places[one])]

    def _paired(self, axes, lists, found):
        """Return axes, those with a list of places joined to one that runs over pairs."""
        advanced = [k for k, one in enumerate(found) if isinstance(one, (list, int))]
        if advanced != [*range(advanced[0], advanced[-1] + 1)]:
            what = "lists and whole numbers must stand side by side in one pair of brackets"
            raise self.refused(what, self.text, "two pairs of brackets")
        first, *more = (axes[place] for place in lists)
        for one in more:
            if len(one.places) != len(first.places):
                sizes = f"{len(first.places)} and {len(one.places)}"
                raise NoIndex(f"lists must be equally long, got {sizes}", "as many in each")
            places = tuple(a + b for a, b in zip(first.places, one.places, strict=True))
            first = Axis(first.of + one.of, places)
        axes[lists[0]] = first
        return [one for place, one in enumerate(axes) if place not in lists[1:]]

    def _too_many(self, piece, sized, needs):
        """Raise the error of an index with more parts than there are axes."""
        name, number = piece.tensor.expression, len(sized)
        if not number:
            raise NoIndex(f"a single number has no axes, got {needs} more", "fewer brackets")
        axes = ", ".join(f"{axis} {size}" for axis, size in sized)
        here = name if not piece.steps else f"what is left of {name}"
        most = f"at most {number} {'part' if number == 1 else 'parts'}, one for each of {axes}"
        fewer = f"{name}[{', '.join(['0'] * len(piece.tensor.shape))}]"
        raise NoIndex(f"an index of {here} must have {most}, got {needs}", fewer)

    def _at(self, sized, place, axis):
        """Return the places at one step of an axis; NoIndex if it is not so long."""
        name, size = sized
        if not -size <= place < size:
            one = noun(name)
            if not size:
                raise NoIndex(f"no {one} is left, got {place}", "a longer slice")
            there = f"the one {one}" if size == 1 else f"of {size} {noun(name, 2)}"
            ends = f"from {-size} to {size - 1} ({there})"
            raise NoIndex(f"{one} must be {ends}, got {place}", "-1")
        return axis.places[place]

    def _part(self, node):
        """Return a part of an index as Python has it: a whole number, a slice, a list, None, ..."""
        if isinstance(node, ast.Slice):
            ends = (node.lower, node.upper, node.step)
            return self._stepped(slice(*map(self._end, ends)), node)
        if isinstance(node, ast.List):
            return [self.number(one) for one in node.elts]
        if ast.unparse(node) in NEW_AXES:
            return None
        if isinstance(node, ast.Constant) and node.value is ...:
            return ...
        return self.number(node)

    def _end(self, node):
        return None if node is None or ast.unparse(node) == "None" else self.number(node)

    def _stepped(self, found, node):
        """Return a slice whose step is one that there is."""
        if found.step == 0:
            raise self.refused("the step of a slice must not be 0", self.said(node), "::2")
        if (found.step or 1) < 0 and not self.backwards:
            what = "the step of a slice must be positive in PyTorch"
            raise self.refused(what, self.said(node), "torch.flip")
        return found

    def number(self, node):
        """Return a whole number; NoIndex for anything else."""
        sign = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
        inner = node.operand if sign else node
        if isinstance(inner, ast.Constant) and type(inner.value) is int:
            return -inner.value if sign else inner.value
        if isinstance(node, ast.Call):
            raise self.refused("nothing may be called within an index", self.said(node))
        if isinstance(node, ast.Attribute):
            raise self.refused("an index must have no attribute", self.said(node))
        what = "each part of an index must be a whole number, a slice, a list, None or ..."
        raise self.refused(what, self.said(node))

    def _span(self, node):
        """Return from which character up to which a node stands in the text."""
        line = self.text.encode()
        return tuple(len(line[:end].decode()) for end in (node.col_offset, node.end_col_offset))
