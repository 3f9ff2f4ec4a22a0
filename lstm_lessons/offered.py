"""What can be set of a Spec: which fields there are, and which of them mean nothing just now."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from .rule import DIALECTS
from .spec import CELLS, FLAGS, MERGES, SIZES, Spec, default

FIRST = (*SIZES, *FLAGS)
BEYOND = ("cell", "layers", "bidirectional", "merge_mode", "batch_first")
FRONT = "in front: sequence"
CHOICES = {
    "cell": [*zip(DIALECTS["keras"].cells.values(), CELLS, strict=True)],
    "merge_mode": [(str(mode), mode) for mode in MERGES],
}


def chosen(spec: Spec, framework: str, values: Mapping[str, Any]) -> Spec:
    """Return a spec with the values of some fields.

    Of what the framework does not have, the defaults; its flags are kept for what one takes.
    """
    foreign = {
        field: default(field)
        for name, dialect in DIALECTS.items()
        for field in dialect.own
        if name != framework
    }
    meant = {n: v for n, v in values.items() if n in FLAGS or not _where(n, framework, values)}
    return replace(spec, **foreign | meant)


def only(name: str, framework: str, values: Mapping[str, Any]) -> str:
    """Return where alone a field means something, "(Keras only)", if it means nothing now."""
    where = _where(name, framework, values)
    return f"({where} only)" if where else ""


def _where(name, framework, values):
    """Return where a field that means nothing now would mean something, "" for others."""
    mine = DIALECTS[framework]
    if name in FLAGS and not mine.flags:
        return next(dialect.title for dialect in DIALECTS.values() if dialect.flags)
    for dialect in DIALECTS.values():
        if dialect is not mine and name in dialect.own:
            return dialect.title
    one_way = not values.get("bidirectional", True)
    return "bidirectional" if name == "merge_mode" and one_way else ""


def in_front(spec: Spec) -> int:
    """Return the last sequence that can stand in front."""
    return 0 if spec.unbatched else spec.batch - 1


def not_there(front: int, last: int) -> str:
    """Return what is said of a sequence that there is not, "" for one that there is."""
    return f"Sequence {last} is in front; there is no sequence {front}." if front > last else ""


def no_more(full: Iterable[tuple[str, int]]) -> str:
    """Return what is said of sizes that can't be larger, "" for none. full: each with its most."""
    sizes = ", ".join(f"{most} {name}" for name, most in full)
    return f"No more than {sizes} here." if sizes else ""
