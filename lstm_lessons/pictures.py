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
INK = "var(--jp-ui-font-color1, currentColor)"
SOFT = "var(--jp-ui-font-color2, currentColor)"
PAPER = "var(--jp-cell-editor-background, oklch(from currentColor calc(9 - 15*l) 0 0))"
LINE = "var(--jp-border-color2, #bbb)"
MONO = "font-family: var(--jp-code-font-family, monospace)"
CODE = f"{MONO}; white-space: nowrap"
BREAKS = 24  # characters of code, from which on its lines break: a telephone has no more room
CELL = f"text-align: left; padding: 4px 12px 4px 0; border-bottom: 1px solid {LINE}"
AXIS = f"(?:{'|'.join(COLOURS)})"
SHAPE = re.compile(r"(\((?:\d+|None)(?:, (?:\d+|None))*,?\))")
MARKED = re.compile(rf"`([^`]+)`|\b({AXIS}(?:·{AXIS})*) (\d+)\b(?! to \d)")


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


def inline(text: str, whole: bool = False) -> Markup:
    """Return text as HTML: `code` as code, "batch 3" as a chip. Nothing else is interpreted.

    "timesteps 0 to 3" are places, and no size.
    whole: whether shapes stay in one line, also where the page lets code break.
    """
    kept = unbroken if whole else str
    parts, end = [], 0
    for found in MARKED.finditer(text):
        code, axis, size = found.groups()
        shown = _as_code(code, kept) if code else chip(axis, size)
        parts += [kept(text[end : found.start()]), shown]
        end = found.end()
    return joined([*parts, kept(text[end:])])


def _as_code(code, kept):
    """Return code as HTML; that of a line's length or more breaks, though not within a shape."""
    if len(code) <= BREAKS:
        return element("code", kept(code), style=CODE)
    return element("code", unbroken(code), style=MONO)


def unbroken(text: str) -> Markup:
    """Return text as HTML in which shapes such as (10, 20) stay in one line."""
    style = "white-space: nowrap"
    parts = enumerate(SHAPE.split(text))  # every other one is a shape
    return joined([element("span", part, style=style) if at % 2 else part for at, part in parts])


def plain(text: str) -> str:
    """Return text without the marks of inline."""
    return text.replace("`", "")


def paragraph(text: str, lead: str = "", whole: bool = False) -> Markup:
    """Return text as an HTML paragraph, marked up as by inline. lead: what stands before it."""
    style = f"color: {INK}; line-height: 1.6; max-width: 52em"
    return element("div", lead, inline(text, whole), style=style)


def sentences(text: str, lead: str = "") -> Markup:
    """Return text as a paragraph in which no shape breaks: what a control or a check says."""
    return paragraph(text, lead, whole=True)


def listing(code: str, label: str = "") -> Markup:
    """Return lines of code as HTML that can be selected and copied.

    label: what they are called, where they can be moved sideways from the keyboard, too.
    """
    style = (
        f"{MONO}; color: {INK}; background: {PAPER}; line-height: 1.4; "
        "padding: 8px 12px; margin: 8px 0; overflow-x: auto; white-space: pre"
    )
    named = {"tabindex": "0", "role": "group", "aria_label": label} if label else {}
    return element("pre", code, style=style, **named)


def table(tensors: Sequence[Tensor], title: str, since: Sequence[Tensor] | None = None) -> Picture:
    """Return the table of tensors: place, name, named shape, what each is, what it equals.

    since: the tensors of before; what is new since then, or of another size, is marked. None for
        no marks.
    """
    head = ("place", "name", "shape", "what it is", "what it equals")
    before = {tensor.name: tensor for tensor in since or ()}
    rows, lines = [], [title]
    for tensor in tensors:
        place, name = _code(tensor.place) or "the whole", _code(tensor.expression)
        equals = _code(tensor.equals) or "nothing else here"
        was = tensor if since is None else before.get(tensor.name)
        new, sizes = "" if was else "new", _sizes(tensor, was)
        rows.append((place, _marked(name, new), _row(sizes), tensor.meaning, equals))
        sized_ = f"({', '.join(_with(*one) for one in sizes)})"
        means = f", {tensor.meaning}" if tensor.meaning else ""
        lines.append(f"{place}: {_with(name, new)} {sized_}{means}; equals: {equals}")
    return Picture(_grid(title, head, rows), plain("\n".join(lines)))


def _sizes(tensor, was):
    """Return each axis with its size, and its mark: "was 5", "new", or ""; then those now gone."""
    if was is tensor:
        return [
            (f"{axis} {size}", "") for axis, size in zip(tensor.axes, tensor.shape, strict=True)
        ]
    before = dict(zip(was.axes, was.shape, strict=True)) if was else {}
    found = []
    for axis, size in zip(tensor.axes, tensor.shape, strict=True):
        old = before.get(axis, "") if was else size
        found.append((f"{axis} {size}", "" if old == size else f"was {old}" if old else "new"))
    factors = {factor for axis in tensor.axes for factor in axis.split("·")}
    return [
        *found,
        *(("", f"no {axis}") for axis in before if axis not in factors | {*tensor.axes}),
    ]


def _with(words, mark):
    return f"{words} ({mark})" if words and mark else words or mark


def _row(sizes):
    parts = [_marked(*one) for one in sizes]
    return joined([piece for part in parts for piece in (", ", part)][1:])


def _marked(words, mark):
    """Return words as HTML, with the mark of what is another than it was."""
    style = "border-bottom: 3px double currentColor"
    said = joined([inline(words), f" ({mark})" if words else mark])
    return element("b", said, style=style) if mark else inline(words)


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
    lines = [[element("td", _cell(cell), style=CELL) for cell in row] for row in rows]
    caption = f"text-align: left; font-weight: bold; padding: 4px 0; color: {INK}"
    style = f"border-collapse: collapse; color: {INK}; background: none; margin: 6px 0; "
    return element(
        "table",
        element("caption", inline(title), style=caption),
        element("thead", element("tr", *heads)),
        element("tbody", *(element("tr", *line) for line in lines)),
        style=f"{style}line-height: 1.4",
    )


def _cell(content):
    return content if isinstance(content, Markup) else inline(content, whole=True)
