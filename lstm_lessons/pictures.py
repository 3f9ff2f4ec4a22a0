"""Pictures and tables of what comes back, each with a text that says the same. No display."""

import re
from dataclasses import dataclass
from html import escape

# One colour for each axis: dark enough for white text, and apart for colour-blind readers
# (darkened from Okabe and Ito, "Color universal design", 2008). A name always stands beside it.
COLOURS = {
    "batch": "#5f6368",
    "timesteps": "#00629b",
    "features": "#9a4a00",
    "units": "#00704f",
    "layers": "#8e3a7d",
}
INK = "var(--jp-ui-font-color1, #222)"
PAPER = "var(--jp-cell-editor-background, #f5f5f5)"
LINE = "var(--jp-border-color2, #bbb)"
MONO = "font-family: var(--jp-code-font-family, monospace)"
CELL = f"text-align: left; padding: 5px 12px 5px 0; border-bottom: 1px solid {LINE}"


@dataclass(frozen=True)
class Picture:
    """Something to look at, and a text that states the same facts."""

    html: str
    text: str

    def _repr_mimebundle_(self, **_):
        return {"text/html": self.html, "text/plain": self.text}


def chip(axis, size):
    """Return an axis with its size as HTML, in the axis' colour."""
    style = (
        f"background: {COLOURS.get(axis, '#444')}; color: #fff; border-radius: 4px; "
        "padding: 1px 7px; white-space: nowrap"
    )
    return f'<span style="{style}">{escape(axis)} {size}</span>'


def inline(text):
    """Return text as HTML: `code` as code, "batch 3" as a chip. Nothing else is interpreted."""
    sizes = rf"\b({'|'.join(COLOURS)}) (\d+)\b"
    pieces = re.split(r"`([^`]+)`", text)
    pieces[::2] = [
        re.sub(sizes, lambda found: chip(*found.groups()), escape(piece)) for piece in pieces[::2]
    ]
    pieces[1::2] = [f'<code style="{MONO}">{escape(piece)}</code>' for piece in pieces[1::2]]
    return "".join(pieces)


def paragraph(text):
    """Return text as an HTML paragraph, marked up as by inline."""
    return f'<div style="color: {INK}; line-height: 1.6; max-width: 52em">{inline(text)}</div>'


def listing(code):
    """Return lines of code as HTML that can be selected and copied."""
    style = (
        f"{MONO}; color: {INK}; background: {PAPER}; line-height: 1.4; "
        "padding: 8px 12px; margin: 8px 0; overflow-x: auto; white-space: pre"
    )
    return f'<pre style="{style}">{escape(code)}</pre>'


def shape(tensor):
    """Return a tensor's shape as HTML: a chip for each axis."""
    return " ".join(map(chip, tensor.axes, tensor.shape))


def table(tensors, title):
    """Return the table of tensors: place, name, named shape, what each is, what it equals."""
    head = ("place", "name", "shape", "what it is", "what it equals")
    rows, lines = [], [title]
    for tensor in tensors:
        place = tensor.place or "the whole"
        equals = tensor.equals or "nothing else here"
        cells = (
            f"<code>{place}</code>" if tensor.place else place,
            f"<code>{escape(tensor.expression)}</code>",
            shape(tensor),
            escape(tensor.meaning),
            f"<code>{escape(equals)}</code>" if tensor.equals else equals,
        )
        rows.append("".join(f'<td style="{CELL}">{cell}</td>' for cell in cells))
        named = ", ".join(map("{} {}".format, tensor.axes, tensor.shape))
        lines.append(f"{place}: {tensor.expression} ({named}), {tensor.meaning}; equals: {equals}")
    heads = "".join(f'<th scope="col" style="{CELL}">{name}</th>' for name in head)
    html = (
        f'<table style="border-collapse: collapse; color: {INK}; background: none; margin: 6px 0">'
        f'<caption style="text-align: left; font-weight: bold; padding: 4px 0; color: {INK}">'
        f"{inline(title)}</caption>"
        f"<thead><tr>{heads}</tr></thead>"
        f"<tbody>{''.join(f'<tr>{row}</tr>' for row in rows)}</tbody></table>"
    )
    return Picture(html, "\n".join(lines).replace("`", ""))
