"""What explain found as a page: blocks, made once, of which text and HTML are two renderings."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from textwrap import fill

from ..markup import element
from ..pictures import INK, paragraph, table
from ..shapes import Tensor
from .calls import Call, listed

ROOM = 50_000  # no further picture is begun once those before it have so many characters
NO_ROOM = "The pictures end here, for the size of the page"
WIDTH = 79  # of what is printed: that of a narrow terminal
ALERT = "; border-left: 4px solid #9a4a00; padding-left: 8px"


@dataclass(frozen=True)
class Paragraph:
    """Sentences, with `code` in them."""

    words: str
    indent: int = 0


@dataclass(frozen=True)
class Heading(Paragraph):
    """The line that a layer begins with."""


@dataclass(frozen=True)
class Alert(Paragraph):
    """The sentences of a warning."""


@dataclass(frozen=True)
class Table:
    """A table of tensors."""

    tensors: tuple[Tensor, ...]
    title: str
    indent: int = 0


@dataclass(frozen=True)
class Drawing:
    """The place of a Call's picture, in HTML alone. number: which of the layers it is."""

    call: Call
    number: int
    indent: int = 0


Block = Paragraph | Table | Drawing


def blocks_of(found) -> Iterator[Block]:
    """Give the blocks of an Explanation, in order."""
    yield from map(Paragraph, (found.title, *found.notes))
    yield from (Alert(warned.words) for warned in found.warnings)
    places = {call.order: place for place, call in enumerate(found.layers)}
    for number, alike in enumerate(_grouped((*found.layers, *found.others)), 1):
        entry = alike[0]
        times = f" Called {len(alike)} times alike." if len(alike) > 1 else ""
        yield Heading(f"{number}. {entry.title}.{times}")
        if isinstance(entry, Call):
            yield from _described(entry, places[entry.order])


def text_of(blocks: Iterable[Block]) -> str:
    """Return blocks as plain text."""
    lines = []
    for block in blocks:
        lines += [""] * isinstance(block, Heading)
        lines += ["   " * block.indent + line for line in _plain(block).splitlines()]
    return "\n".join(lines)


def _plain(block):
    if isinstance(block, Table):
        return table(block.tensors, block.title).text
    return "" if isinstance(block, Drawing) else block.words.replace("`", "")


def html_of(blocks: Iterable[Block]) -> str:
    """Return blocks as HTML, with inline styles only, and pictures of the first layers."""
    inner = []
    for block, content in _marked_up(blocks):
        style = f"margin: 2px 0 2px {1.5 * block.indent}em{ALERT * isinstance(block, Alert)}"
        inner.append(element("div", content, style=style))
    return element("div", *inner, style=f"color: {INK}")


def _marked_up(blocks):
    """Give each block with its HTML; pictures as long as there is room, then that there is none."""
    room, ended = ROOM, False
    for block in blocks:
        if not isinstance(block, Drawing):
            yield block, _marked(block)
        elif not ended and (picture := block.call.picture):
            ended = room <= 0
            yield block, _no_room(block.number) if ended else picture.html
            room -= len(picture.html)


def _marked(block):
    if isinstance(block, Table):
        return table(block.tensors, block.title).html
    return paragraph(block.words)


def _no_room(number):
    return paragraph(f"{NO_ROOM}; `explain(…).layers[{number}].picture` is this layer's.")


def folded(text: str) -> str:
    """Return text in lines that fit a terminal; indexes and equalities stay whole."""
    return "\n".join(map(_folded, text.splitlines()))


def _folded(line):
    indent = " " * (len(line) - len(line.lstrip()) + 3)
    whole = re.sub(r"\[[^]]*\]|\([\d, ]+\)| == ", lambda found: found[0].replace(" ", "\xa0"), line)
    lines = fill(whole, WIDTH, subsequent_indent=indent, break_long_words=False)
    return lines.replace("\xa0", " ")


def _grouped(entries):
    """Return the entries in order of execution, those that are alike put with the first."""
    groups = {}
    for entry in sorted(entries, key=lambda entry: entry.order):
        groups.setdefault(entry.signature, []).append(entry)
    return groups.values()


def _described(call, number):
    yield Paragraph(f"It reads {call.input.sized}. {_units(call)}".strip(), 1)
    yield Drawing(call, number, 1)
    yield Table(call.returned.tensors, f"It returns `{call.returned.shapes}`", 1)
    for words in (*_becomes(call), *call.notes, *_parts(call), _counted(call)):
        yield Paragraph(words, 1)


def _counted(call):
    if not call.terms:
        return f"Parameters: {call.parameters}."
    product = "(features + h + biases) · units"
    if call.spec is None or call.spec.cell != "rnn":
        product = f"gates · {product}"
    if call.spec and call.spec.proj_size:
        product = f"({product} + units · projection)"
    unlike = len(set(call.terms)) > 1 or call.terms[0].projection
    each = " for each layer and direction" if unlike else ""
    return (
        f"Parameters: {call.arithmetic}, that is {product}{each}; batch and timesteps do not count."
    )


def _units(call):
    """Return what units and timesteps have to do with each other, if both are known."""
    unlike = any("units+units" in tensor.axes for tensor in call.returned.tensors)
    if call.spec is None or unlike:
        return ""
    units, projected, steps = call.spec.units, call.spec.proj_size, call.spec.timesteps
    vectors = f"h is a vector of {units} numbers"
    if call.spec.cell == "lstm":
        vectors = f"h and c are vectors of {units} numbers"
    if projected:
        vectors = f"c is a vector of {units} numbers, h, projected, one of {projected}"
    when = f"each of the {steps} timesteps" if steps > 1 else "the one timestep"
    return f"{vectors}, made anew at {when} with the same weights."


def _becomes(call):
    """Return what becomes of each tensor: who receives it, and what is not seen to be used."""
    by = {}
    for use in call.uses:
        by.setdefault((use.who, use.role == "kept"), []).append(use)
    said = [f"{_receiver(uses[0])} {_received(uses)}." for uses in by.values()]
    used = {tensor for use in call.uses for tensor in use.tensors}
    rest = [
        one for one in call.returned.tensors if one not in used and one.values.dtype.kind == "f"
    ]
    if call.complete is None:
        rest = []
    read = [one for one in rest if one in call.read]
    if unseen := read if call.complete else rest:
        said.append(f"What becomes of {_names(unseen)} is not {'seen' if read else 'visible'}.")
    if dropped := [one for one in rest if call.complete and one not in read]:
        said.append(f"{_names(dropped)}: dropped.")
    return [" ".join(said)] if said else []


def _receiver(use):
    verb = {"result": "returns", "kept": "keeps"}.get(use.role, "receives")
    return f"{use.by[0].upper()}{use.by[1:]} {verb}"


def _received(uses):
    """Return what is received, and where: of several in one place, that once."""
    lines = [use.line for use in uses if use.line]
    if len(lines) == len(uses) and len(set(lines)) == 1:
        return f"{listed([use.words for use in uses])} in {lines[0]}"
    return listed([f"{use.words} in {use.line}" if use.line else use.words for use in uses])


def _names(tensors):
    return listed([f"`{tensor.expression}`" for tensor in tensors])


def _parts(call):
    """Return a line for each part of a wrapper, alike ones once."""
    groups = _grouped(replace(part, order=place) for place, part in enumerate(call.parts))
    return [
        f"Inside, `{part.path}`: `{part.kind}`, {part.input.sized} → `{part.returned.shapes}`"
        + (f", called {len(others) + 1} times." if others else ".")
        for part, *others in groups
    ]
