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
    "directions": "#7a4b00",
    "projection": "#4b5a00",
}
BELOW, MIDDLE, ABOVE = "#2166ac", "#fafafa", "#a65614"  # of numbers, about zero
INK = "var(--jp-ui-font-color1, #222)"
PAPER = "var(--jp-cell-editor-background, #f5f5f5)"
LINE = "var(--jp-border-color2, #bbb)"
MONO = "font-family: var(--jp-code-font-family, monospace)"
CELL = f"text-align: left; padding: 4px 12px 4px 0; border-bottom: 1px solid {LINE}"


@dataclass(frozen=True)
class Picture:
    """Something to look at, and a text that states the same facts."""

    html: str
    text: str

    def _repr_mimebundle_(self, **_):
        return {"text/html": self.html, "text/plain": self.text}


def colour(axis):
    """Return the colour of an axis: of a product such as "directions·units", that of the other."""
    factors = [factor for factor in axis.split("·") if factor in COLOURS]
    others = [factor for factor in factors if factor != "directions"]
    return COLOURS[(others or factors)[0]] if factors else "#444444"


def chip(axis, size):
    """Return an axis with its size as HTML, in the axis' colour."""
    style = (
        f"background: {colour(axis)}; color: #fff; border-radius: 4px; "
        "padding: 1px 7px; white-space: nowrap"
    )
    return f'<span style="{style}">{escape(axis)} {size}</span>'


def inline(text):
    """Return text as HTML: `code` as code, "batch 3" as a chip. Nothing else is interpreted."""
    axis = f"(?:{'|'.join(COLOURS)})"
    sizes = rf"\b({axis}(?:·{axis})*) (\d+)\b"
    pieces = re.split(r"`([^`]+)`", text)
    pieces[::2] = [
        re.sub(sizes, lambda found: chip(*found.groups()), escape(piece)) for piece in pieces[::2]
    ]
    pieces[1::2] = [
        f'<code style="{MONO}; white-space: nowrap">{escape(piece)}</code>'
        for piece in pieces[1::2]
    ]
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


def table(tensors, title):
    """Return the table of tensors: place, name, named shape, what each is, what it equals."""
    head = ("place", "name", "shape", "what it is", "what it equals")
    rows = [
        (
            f"`{tensor.place}`" if tensor.place else "the whole",
            f"`{tensor.expression}`" if tensor.expression else "",
            ", ".join(
                f"{axis} {size}".strip()
                for axis, size in zip(tensor.axes, tensor.shape, strict=True)
            ),
            tensor.meaning,
            f"`{tensor.equals}`" if tensor.equals else "nothing else here",
        )
        for tensor in tensors
    ]
    lines = [
        f"{place}: {name} ({shape}), {meaning}; equals: {equals}"
        for place, name, shape, meaning, equals in rows
    ]
    return Picture(_grid(title, head, rows), _plain("\n".join([title, *lines])))


def findings(rows):
    """Return the table of a doctor's findings: what, what was found, what to do."""
    head = ("fine", "what", "found", "what to do")
    cells = [("✓" if row.fine else "✗", row.what, row.found, row.advice) for row in rows]
    lines = [f"{mark} {what}: {found}. {todo}".strip() for mark, what, found, todo in cells]
    return Picture(_grid("The environment", head, cells), _plain("\n".join(lines)))


def _grid(title, head, rows):
    """Return a table as HTML; its title and its cells are marked up as by inline."""
    heads = "".join(f'<th scope="col" style="{CELL}">{name}</th>' for name in head)
    lines = [[f'<td style="{CELL}">{inline(cell)}</td>' for cell in row] for row in rows]
    body = "".join(f"<tr>{''.join(line)}</tr>" for line in lines)
    return (
        f'<table style="border-collapse: collapse; color: {INK}; background: none; margin: 6px 0; '
        'line-height: 1.4">'
        f'<caption style="text-align: left; font-weight: bold; padding: 4px 0; color: {INK}">'
        f"{inline(title)}</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    )


def _plain(text):
    return text.replace("`", "")
