"""A page of blocks, made once, of which text and HTML are two renderings."""

from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import fill

from ..markup import Markup, element, movable
from ..pictures import INK, inline, paragraph, table
from ..shapes import Tensor
from . import glance
from .calls import Call
from .glance import WIDTH, Glance, whole

ROOM = 50_000  # no further picture is begun once those before it have so many characters
NO_ROOM = "The pictures end here, for the size of the page"
ALERT = "; border-left: 4px solid #9a4a00; padding-left: 8px"


@dataclass(frozen=True)
class Paragraph:
    """Sentences, with `code` in them."""

    sentences: tuple[str, ...]
    indent: int = 0

    @property
    def words(self) -> str:
        """Return them in a row."""
        return " ".join(self.sentences)


@dataclass(frozen=True)
class Alert(Paragraph):
    """The sentences of a warning, which has a number."""


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


@dataclass(frozen=True)
class Section:
    """Blocks under a heading, folded unless it is open."""

    heading: str
    blocks: tuple["Block", ...]
    open: bool = False


Block = Paragraph | Table | Drawing | Glance | Section


def text_of(blocks: Iterable[Block]) -> str:
    """Return blocks as plain text."""
    return "\n".join(line for block in blocks for line in _lines(block))


def _lines(block):
    """Give the lines of a block; a section and what is at a glance stand apart."""
    if isinstance(block, Section):
        yield from ("", block.heading.replace("`", ""))
        yield from (line for part in block.blocks for line in _lines(part))
    elif isinstance(block, Glance):
        yield from ("", *glance.text_of(block).splitlines())
    elif isinstance(block, Table):
        text = table(block.tensors, block.title).text
        yield from ("   " * block.indent + line for line in text.splitlines())
    elif isinstance(block, Paragraph):
        yield "   " * block.indent + block.words.replace("`", "")


def html_of(blocks: Iterable[Block]) -> str:
    """Return blocks as HTML, with inline styles only, and pictures of the first layers."""
    return element("div", *map(_Page().html, blocks), style=f"color: {INK}; overflow-x: auto")


class _Page:
    """A page in HTML that is being written: its pictures end where it would get too large."""

    def __init__(self):
        self.room, self.ended = ROOM, False

    def html(self, block: Block) -> Markup:
        """Return a block as HTML."""
        if isinstance(block, Section):
            return self._section(block)
        if isinstance(block, Glance):
            return glance.html_of(block)
        style = f"margin: 2px 0 2px {1.5 * block.indent}em{ALERT * isinstance(block, Alert)}"
        return element("div", *self._content(block), style=style)

    def _section(self, block):
        heading = element("summary", inline(block.heading), style="cursor: pointer")
        opened = {"open": "open"} if block.open else {}
        style = "margin: 2px 0; line-height: 1.6"
        return element("details", heading, *map(self.html, block.blocks), **opened, style=style)

    def _content(self, block):
        if isinstance(block, Table):
            yield movable(table(block.tensors, block.title).html, "What it returns")
        elif isinstance(block, Paragraph):
            yield paragraph(block.words, whole=True)
        elif not self.ended and (picture := block.call.picture):
            self.ended = self.room <= 0
            shown = movable(picture.html, "The layer at work")
            yield _no_room(block.number) if self.ended else shown
            self.room -= len(picture.html)


def _no_room(number):
    return paragraph(f"{NO_ROOM}; `explain(…).layers[{number}].picture` is this layer's.")


def folded(text: str) -> str:
    """Return text in lines that fit a terminal; indexes and equalities stay whole."""
    return "\n".join(map(_folded, text.splitlines()))


def _folded(line):
    if len(line) <= WIDTH:
        return line
    indent = " " * (len(line) - len(line.lstrip()) + 3)
    lines = fill(whole(line), WIDTH, subsequent_indent=indent, break_long_words=False)
    return lines.replace("\xa0", " ")
