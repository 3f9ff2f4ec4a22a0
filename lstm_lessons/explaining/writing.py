"""How one writes an operation on tensors: texts, and the tensors between them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any

from .parts import WHOLE, Step, Written, entries_of, entry_words

SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "matmul": "@", "pow": "**"}
Pieces = tuple[Any, ...]
IsTensor = Callable[[Any], bool]


def called(name: str, args: Iterable, kwargs: Mapping, is_tensor: IsTensor) -> Pieces:
    """Return the pieces of a call of a function."""
    return (f"{name}(", *_row([*given(args, kwargs, is_tensor)]), ")")


def method(name: str, args: Sequence, kwargs: Mapping, is_tensor: IsTensor) -> Pieces:
    """Return the pieces of a call of a method of the first thing that is given."""
    return (args[0], f".{name}(", *_row([*given(args[1:], kwargs, is_tensor)]), ")")


def indexed(first: Any, key: Any, is_tensor: IsTensor) -> Pieces:
    """Return the pieces of an index."""
    entries = key if isinstance(key, tuple) else (key,)
    return (first, "[", *_row(_entry(one, is_tensor) for one in entries), "]")


def index_of(tensor: Any, key: Any, is_tensor: IsTensor) -> Step | None:
    """Return the Step of an index of numbers and slices; None of another one."""
    entries = key if isinstance(key, tuple) else (key,)
    if not all(isinstance(one, (int, slice, type(...))) for one in entries):
        return None
    words = written(indexed(tensor, key, is_tensor)) if Ellipsis in entries else ""
    return Step("index", tuple(entries_of(entries, len(tensor.shape))), words)


def signed(one: Any, sign: str, other: Any, is_tensor: IsTensor) -> Pieces:
    """Return the pieces of an operation that has a sign."""
    return (*_value(one, is_tensor), f" {sign} ", *_value(other, is_tensor))


def given(args: Iterable, kwargs: Mapping, is_tensor: IsTensor) -> Iterator[Pieces]:
    """Give the pieces of each thing that a function is given."""
    yield from (_value(one, is_tensor) for one in args)
    for name, one in kwargs.items():
        if not name.startswith("_") and one is not None and one is not False:
            yield (f"{name}=", *_value(one, is_tensor))


def written(pieces: Pieces) -> str:
    """Return a call as one writes it, with {} for its first tensor and … for others."""
    texts = [one if isinstance(one, str) else "…" for one in pieces]
    first = next(place for place, one in enumerate(pieces) if not isinstance(one, str))
    return "".join(texts[:first]) + "{}" + "".join(texts[first + 1 :])


def turned(order: Sequence[int], words: str) -> Step:
    """Return the Step of a change of axes to an order."""
    moved = tuple(axis for axis, source in enumerate(order) if axis != source)
    if len(moved) == 2:
        return Step("transpose", moved, words)
    return Step("permute", tuple(order), words)


def cut(axis: int, sizes: Iterable[int], words: str) -> Iterator[Step]:
    """Give the Step of each of the tensors that one was cut into, along an axis."""
    ends = [0, *accumulate(sizes)]
    for place, ends_of_piece in enumerate(pairwise(ends)):
        yield Step("index", (*[WHOLE] * axis, ends_of_piece), f"{words}[{place}]")


def unbound(axis: int, many: int) -> Iterator[Step]:
    """Give the Step of each of the tensors along an axis."""
    return (Step("index", (*[WHOLE] * axis, place)) for place in range(many))


def of_call(results: Sequence, pieces: Pieces, keeps: bool) -> list[tuple[Any, Written]]:
    """Return pairs of each tensor that a call made and how one writes it."""
    which = [f"[{place}]" for place in range(len(results))] if len(results) > 1 else [""]
    return [
        (one, Written((*pieces, place), keeps)) for one, place in zip(results, which, strict=True)
    ]


def _row(groups: Iterable[Pieces]) -> list:
    """Return groups of pieces with commas between them."""
    row: list = []
    for group in groups:
        row += [", ", *group] if row else group
    return row


def _value(value: Any, is_tensor: IsTensor) -> Pieces:
    """Return the pieces of a value in a call."""
    if is_tensor(value):
        return (value,)
    if isinstance(value, (list, tuple)):
        begin, end = "[]" if isinstance(value, list) else "()"
        end = ",)" if isinstance(value, tuple) and len(value) == 1 else end
        return (begin, *_row(_value(one, is_tensor) for one in value), end)
    plain = isinstance(value, (int, float, str, type(None)))
    return (repr(value),) if plain or type(value).__name__.lower() == "dtype" else ("…",)


def _entry(one: Any, is_tensor: IsTensor) -> Pieces:
    """Return the pieces of an entry of an index."""
    plain = isinstance(one, (slice, type(...)))
    return (entry_words(one),) if plain else _value(one, is_tensor)
