"""The errors that explain_error knows, as rows of a page: so the two cannot disagree.

A message is written as it is seen: what its expression repeats or leaves open stands as "…".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from re import _parser  # type: ignore[attr-defined]
from string import Formatter

from ..places import Place, read_on
from ..spec import plural
from .errors import KNOWN
from .known import Known

OPEN = "…"


@dataclass(frozen=True)
class Row:
    """A row of the table. name: the kind's. messages: as they are seen, what varies as "…".

    cause: what and why, with code in backticks. line: what to write; "" where only the error
    itself tells. read: where to read on.
    """

    name: str
    messages: tuple[str, ...]
    cause: str
    line: str
    read: tuple[Place, ...]


def errors(kinds: Iterable[Known] = KNOWN) -> tuple[Row, ...]:
    """Return a row for each cause that explain_error knows: kinds that say the same share one."""
    messages: dict[tuple, dict[str, None]] = {}
    for kind in kinds:
        cause = " ".join(filter(None, map(_cause, (kind.what, kind.why))))
        said = (kind.name, cause, _line(kind.instead), read_on(kind.read))
        messages.setdefault(said, {}).update(dict.fromkeys(seen(kind)))
    rows = [Row(name, tuple(found), *said) for (name, *said), found in messages.items()]
    return tuple(sorted(rows, key=lambda row: (row.name.lower(), row.messages)))


def markdown(rows: Iterable[Row]) -> str:
    """Return rows of one name as Markdown: what they share is said once."""
    parts, said = [], None
    for row in rows:
        told = [row.cause] if row.cause != said else []
        language = "text" if OPEN in row.line else "python"
        code = [f"```{language}\n{row.line}\n```"] if row.line else []
        parts += ["  \n".join(map(_quoted, row.messages)), *told, *code]
        said = row.cause
    read = dict.fromkeys(f"[{one.named}]({one.address})" for row in rows for one in row.read)
    return "\n\n".join([*parts, f"Read on: {' · '.join(read)}"])


def _quoted(message):
    """Return a message as code of Markdown, which may have backticks of its own."""
    return f"`` {message} ``" if "`" in message else f"`{message}`"


def _cause(words):
    """Return what or why, "" if all of it is made of the error."""
    return "" if re.fullmatch(r"\{\w+\}", words) else _open(words)


def _line(instead):
    """Return lines to write, without those whose code is made of the error alone."""
    told = [(line, line.partition("#")[0]) for line in _open(instead).splitlines()]
    lines = [line for line, code in told if code.strip(f" {OPEN}")]
    return "\n".join(lines)


def _open(words):
    """Return words with "…" in place of what an error puts there."""
    parts = Formatter().parse(words)
    return "".join(text + _opened(name, counts) for text, name, counts, _ in parts)


def _opened(name, counts):
    """Return what stands for a part that an error fills: "…", "… axes" where it counts these."""
    if not counts:
        return OPEN * (name is not None)
    one, _, more = counts.partition("/")
    return more or f"{OPEN} {plural(one)}"


def seen(kind: Known) -> tuple[str, ...]:
    """Return the messages that a kind is known by, as they are seen."""
    pieces = [_ways(_parser.parse(one.pattern, re.M)) for one in kind.pieces]
    ways = [_tidy(f" {OPEN} ".join(one)) for one in _each(pieces)]
    return tuple(dict.fromkeys(filter(None, ways)))


def _each(pieces):
    """Yield the ways of a message: of its pieces the first way, and each of those with several."""
    for at, ways in enumerate(pieces):
        for way in ways[at > 0 :]:
            yield [*(one[0] for one in pieces[:at]), way, *(one[0] for one in pieces[at + 1 :])]


def _ways(parsed) -> list[str]:
    """Return what a parsed expression can be, a text for each of the alternatives it ends in."""
    *first, last = [node for node in parsed if str(node[0]) != "AT"] or [("AT", None)]
    begins = "".join(map(_seen, first))
    if str(last[0]) == "BRANCH" and OPEN not in begins:
        return [begins + way for branch in last[1][1] for way in _ways(branch)]
    return [begins + _seen(last)]


def _seen(node) -> str:
    """Return what one part of a parsed expression looks like."""
    kind, given = str(node[0]), node[1]
    if kind == "LITERAL":
        return chr(given)
    if kind == "IN" and len({_small(*one) for one in given}) == 1:
        return _seen(given[0])  # a letter, large or small
    if kind == "SUBPATTERN":
        number, _, _, inner = given
        return OPEN if number and _varies(inner) else _ways(inner)[0]
    if kind == "BRANCH":
        return _ways(given[1][0])[0]
    if kind in ("MAX_REPEAT", "POSSESSIVE_REPEAT", "MIN_REPEAT"):
        least, _, inner = given
        return _ways(inner)[0] * least if least and not _varies(inner) else OPEN * _varies(inner)
    return "" if kind in ("AT", "ASSERT", "ASSERT_NOT") else OPEN


def _small(kind, given):
    return chr(given).lower() if str(kind) == "LITERAL" else (str(kind), given)


def _varies(parsed):
    """Return whether a parsed expression has something in it that is not written out."""
    return any(OPEN in _seen(node) for node in parsed)


def _tidy(message):
    return re.sub(rf"(?:{OPEN} ?){{2,}}", f"{OPEN} ", " ".join(message.split())).strip(f" {OPEN}")
