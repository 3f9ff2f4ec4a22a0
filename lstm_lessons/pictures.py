"""Pictures and tables of what comes back, each with a text that says the same. No display."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .markup import Markup, element, joined
from .shapes import Tensor

# One colour for each axis: dark enough for white text, and apart for colour-blind readers
# (darkened from Okabe and Ito, "Color universal design", 2008). A name always stands beside it.
COLOURS = {
    "batch": "#5f6368",
    "timesteps": "#00629b",
    "features": "#9a4a00",
    "units": "#00704f",
    "layers": "#8e3a7d",
    "directions": "#7a4b00",
    "projection": "#4b5a00",
}
BELOW, MIDDLE, ABOVE = "#2166ac", "#fafafa", "#a65614"  # of numbers, about zero
INK = "var(--jp-ui-font-color1, #222)"
PAPER = "var(--jp-cell-editor-background, #f5f5f5)"
LINE = "var(--jp-border-color2, #bbb)"
MONO = "font-family: var(--jp-code-font-family, monospace)"
CODE = f"{MONO}; white-space: nowrap"
CELL = f"text-align: left; padding: 4px 12px 4px 0; border-bottom: 1px solid {LINE}"
AXIS = f"(?:{'|'.join(COLOURS)})"
MARKED = re.compile(rf"`([^`]+)`|\b({AXIS}(?:·{AXIS})*) (\d+)\b")


@dataclass(frozen=True)
class Picture:
    """Something to look at, and a text that states the same facts.

    drawn: its SVG, or a table.
    folded: whether its HTML has the text, too, folded: for readers that an SVG does not reach.
    """

    drawn: Markup
    text: str
    folded: bool = False

    @property
    def html(self) -> Markup:
        """Return what is shown in a page."""
        return joined([self.drawn, _in_words(self.text)]) if self.folded else self.drawn

    def _repr_mimebundle_(self, **_):
        return {"text/html": self.html, "text/plain": self.text}


def _in_words(text):
    summary = element("summary", "The picture in words")
    return element("details", summary, text, style=f"color: {INK}; font-size: 90%")


def colour(axis: str) -> str:
    """Return the colour of an axis: of a product such as "directions·units", that of the other."""
    factors = [factor for factor in axis.split("·") if factor in COLOURS]
    others = [factor for factor in factors if factor != "directions"]
    return COLOURS[(others or factors)[0]] if factors else "#444444"


def chip(axis: str, size: int | str) -> Markup:
    """Return an axis with its size as HTML, in the axis' colour."""
    style = (
        f"background: {colour(axis)}; color: #fff; border-radius: 4px; "
        "padding: 1px 7px; white-space: nowrap"
    )
    return element("span", f"{axis} {size}", style=style)


def inline(text: str) -> Markup:
    """Return text as HTML: `code` as code, "batch 3" as a chip. Nothing else is interpreted."""
    parts, end = [], 0
    for found in MARKED.finditer(text):
        code, axis, size = found.groups()
        shown = element("code", code, style=CODE) if code else chip(axis, size)
        parts += [text[end : found.start()], shown]
        end = found.end()
    return joined([*parts, text[end:]])


def plain(text: str) -> str:
    """Return text without the marks of inline."""
    return text.replace("`", "")


def paragraph(text: str, lead: str = "") -> Markup:
    """Return text as an HTML paragraph, marked up as by inline. lead: what stands before it."""
    style = f"color: {INK}; line-height: 1.6; max-width: 52em"
    return element("div", lead, inline(text), style=style)


def listing(code: str) -> Markup:
    """Return lines of code as HTML that can be selected and copied."""
    style = (
        f"{MONO}; color: {INK}; background: {PAPER}; line-height: 1.4; "
        "padding: 8px 12px; margin: 8px 0; overflow-x: auto; white-space: pre"
    )
    return element("pre", code, style=style)


def table(tensors: Sequence[Tensor], title: str) -> Picture:
    """Return the table of tensors: place, name, named shape, what each is, what it equals."""
    head = ("place", "name", "shape", "what it is", "what it equals")
    rows = [
        (
            _code(tensor.place) or "the whole",
            _code(tensor.expression),
            ", ".join(f"{axis} {n}" for axis, n in zip(tensor.axes, tensor.shape, strict=True)),
            tensor.meaning,
            _code(tensor.equals) or "nothing else here",
        )
        for tensor in tensors
    ]
    lines = [
        f"{place}: {name} {tensor.sized}, {meaning}; equals: {equals}"
        for tensor, (place, name, _, meaning, equals) in zip(tensors, rows, strict=True)
    ]
    return Picture(_grid(title, head, rows), plain("\n".join([title, *lines])))


def _code(text):
    return f"`{text}`" if text else ""


def findings(rows: Iterable) -> Picture:
    """Return the table of a doctor's findings: what, what was found, what to do."""
    head = ("fine", "what", "found", "what to do")
    cells = [("✓" if row.fine else "✗", row.what, row.found, row.advice) for row in rows]
    lines = [f"{mark} {what}: {found}. {todo}".strip() for mark, what, found, todo in cells]
    return Picture(_grid("The environment", head, cells), plain("\n".join(lines)))


def standing(rows: Iterable) -> Picture:
    """Return the table of how each lesson goes."""
    head = ("lesson", "answered rightly", "at the first try", "exercises made")
    cells = [(row.lesson, *(_of(*pair) for pair in zip(*row.numbers, strict=True))) for row in rows]
    lines = [
        ": ".join([name, ", ".join(map(" ".join, zip(numbers, head[1:], strict=True)))])
        for name, *numbers in cells
    ]
    return Picture(_grid("What you have tried", head, cells), "\n".join(lines))


def _of(some, every):
    return f"{some} of {every}" if every else "–"


def _grid(title, head, rows):
    """Return a table as HTML; its title and its cells are marked up as by inline."""
    heads = [element("th", name, scope="col", style=CELL) for name in head]
    lines = [[element("td", inline(cell), style=CELL) for cell in row] for row in rows]
    caption = f"text-align: left; font-weight: bold; padding: 4px 0; color: {INK}"
    style = f"border-collapse: collapse; color: {INK}; background: none; margin: 6px 0; "
    return element(
        "table",
        element("caption", inline(title), style=caption),
        element("thead", element("tr", *heads)),
        element("tbody", *(element("tr", *line) for line in lines)),
        style=f"{style}line-height: 1.4",
    )
