"""The picture of what an index takes: the index, its axes, a sentence, the squares in a frame."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import Any

from ..markup import Markup, element, joined
from ..nests import listed, number_at, shaped
from ..pictures import INK, MONO, SOFT, Picture, chip, colour, plain, sentences
from ..shapes import Tensor
from ..taken import GONE, NEW, Taken
from .blocks import Panel, panel, side_by_side

ARROWS = "→←"  # forward, backward
GONE_STYLE = "text-decoration: line-through; text-decoration-thickness: 2px"


def picked(taken: Taken, same: Sequence[Taken] | None = None) -> Picture:
    """Return the picture of what an index takes of tensors with values.

    same: what else holds the same numbers; the first is drawn, too. None if nothing can.
    """
    said = f"{taken.words[:1].upper()}{taken.words[1:]}{_number(taken)}."
    also = _also(taken, same)
    head = element("div", _typed(taken), _change(taken), style=ROW)
    read = element("div", head, sentences(f"{said} {also}"), role="status")
    html = joined([read, side_by_side(_panels(taken, same), plain(said))])
    return Picture(html, plain(f"{taken.written}: {taken.change}\n{said} {also}".strip()))


def _panels(taken, same):
    """Return a panel of each tensor of which something is taken, and of what is the same."""
    tensors = {piece.tensor.expression: piece.tensor for piece in taken.pieces}
    panels = [_panel(tensor, taken) for tensor in tensors.values()]
    for other in (same or ())[:1]:
        [piece, *_] = other.pieces
        if piece.tensor.expression not in tensors:
            panels.append(_panel(piece.tensor, other, f"{other.written}: the same numbers"))
    return panels


ROW = (
    f"display: flex; flex-wrap: wrap; align-items: flex-start; gap: 8px 28px; color: {INK}; "
    "margin: 8px 0"
)


def lit(taken: Taken, tensors: Sequence[Tensor]) -> Picture:
    """Return tensors side by side, with a frame around what an index takes and the rest faint."""
    panels = [_panel(one, taken) for one in tensors]
    words = f"{', '.join(_called(one) for one in tensors)}. In a frame: {taken.words}"
    of = {piece.tensor.expression for piece in taken.pieces}
    return Picture(side_by_side(panels, f"{words}; of {' and '.join(sorted(of))}."), f"{words}.")


def _called(tensor):
    return f"{tensor.expression} {tensor.sized}"


def _panel(tensor: Tensor, taken: Taken, more: str = "") -> Panel:
    """Return the panel of a tensor; a sequence of which something is taken stands in front."""
    mask = lit_mask(tensor, taken)
    front = 0
    if "batch" in tensor.axes:
        at = tensor.axes.index("batch")
        front = min((place[at] for place in _places(tensor, taken)), default=0)
    said = ", ".join(filter(None, [more, f"sequence {front} in front" if front else ""]))
    return panel(tensor, lit=mask, front=front, frames=_frames(tensor), more=said)


def lit_mask(tensor: Tensor, taken: Taken) -> Any:
    """Return which numbers of a tensor are taken, truth values in nested lists of its shape."""
    mask = shaped(repeat(False), tensor.shape)
    for *rows, last in _places(tensor, taken):
        number_at(mask, rows)[last] = True
    return mask


def _places(tensor, taken):
    """Yield the place of each number of a tensor that is taken."""
    for piece in taken.pieces:
        if piece.tensor.expression == tensor.expression:
            yield from piece.squares()


def _frames(tensor):
    """Return the names of the rows of an axis of layers."""
    first, rows = tensor.axes[0], tensor.shape[0]
    if first == "layers·directions":
        return [f"layer {row // 2} {ARROWS[row % 2]}" for row in range(rows)]
    return [f"layer {row}" for row in range(rows)] if first == "layers" else ()


def _typed(taken):
    """Return the index as it was typed, each part in the colour of its axis, with its name."""
    parts = sorted((part for piece in taken.pieces for part in piece.parts), key=lambda p: p.start)
    shown, end = [], 0
    for part in parts:
        shown += [_plain(taken.written[end : part.start]), _part(part, taken)]
        end = part.end
    style = (
        "display: flex; flex-wrap: wrap; align-items: flex-start; line-height: 1.3; "
        f"font-size: 15px; {MONO}"
    )
    return element("div", *shown, _plain(taken.written[end:]), style=style)


def _plain(text):
    return element("span", text, style="white-space: pre; padding: 1px 0")


def _part(part, taken):
    """Return a part of an index above the name of its axis."""
    name = part.axes[0] if len(part.axes) == 1 else NEW if part.does == NEW else "the rest"
    paper = colour(name)
    above = f"background: {paper}; color: #fff; border-radius: 4px; padding: 1px 6px"
    below = f"font: 11px var(--jp-ui-font-family, system-ui, sans-serif); color: {SOFT}"
    style = "display: inline-flex; flex-direction: column; align-items: center; margin: 0 1px"
    written = taken.written[part.start : part.end]
    return element(
        "span",
        element("span", written, style=above),
        element("span", name, style=below),
        style=style,
    )


def _change(taken):
    """Return the axes before and after, struck out those that are gone."""
    before = [
        _axes([_axis(name, size, does == GONE) for name, size, does in piece.before])
        for piece in taken.pieces
    ]
    after = _axes([_axis(*pair) for pair in zip(taken.names, taken.shape, strict=True)])
    parts = [part for one in before for part in (_plain(" and "), one)][1:]
    style = "display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 0; line-height: 1.7"
    return element("div", *parts, _plain(" → "), after, style=style, aria_label=taken.change)


def _axes(chips):
    between = [part for one in chips for part in (Markup(", "), one)][1:]
    return element("span", "(", *between, ",)" if len(chips) == 1 else ")")


def _axis(name, size, gone=False):
    shown = chip(name, size)
    return element("s", shown, style=GONE_STYLE) if gone else shown


def _number(taken):
    """Return the value of a single number, in words; "" of more."""
    return f": {listed(taken.values):.2f}" if taken.shape == () else ""


def _also(taken, same):
    """Return what else holds the same numbers, in a sentence."""
    if same:
        return f"The same numbers as {' and '.join(f'`{one.written}`' for one in same)}."
    return (
        ""
        if same is None or not taken.shape
        else "Nothing else that can be pressed here holds these numbers."
    )
