"""A network at a glance: its flow, arrow by arrow, and a table with a line a layer."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from textwrap import wrap

from ..drawing.chart import Arrow, Box, chart
from ..markup import Markup, element, movable
from ..pictures import CELL, INK, Picture, inline, plain
from .flow import LAYER, Flow, Link, Node, brief

WIDTH = 100  # of what is printed
NOT_SEEN = "not seen"
HEAD = ("layer", "reads", "hands on", "to", "parameters")
SIGN = "\N{WARNING SIGN}"


@dataclass(frozen=True)
class Glance:
    """A Flow, and where the warnings of a network bite, by their numbers from 1.

    brief: the flow as it is drawn. at: pairs of what is marked, a Link of it or a Node, and the
    number.
    """

    flow: Flow
    brief: Flow
    at: tuple[tuple[Link | Node, int], ...] = ()

    def mark(self, what: Link | Node) -> str:
        """Return the sign of the warnings at a link or a node: "⚠ 1"; "" if there are none."""
        numbers = [str(number) for marked, number in self.at if marked == what]
        return f"{SIGN} {', '.join(numbers)}" if numbers else ""


def glance_of(found) -> Glance:
    """Return the Glance of an Explanation. A warning is at its uses, its layers, or the result."""
    flow, at = brief(found.flow), []
    for number, warned in enumerate(found.warnings, 1):
        links = [
            link for link in flow.links if link.use in warned.uses and link.whose in warned.layers
        ]
        layers = [
            node for node in found.flow.nodes if node.role == LAYER and node.path in warned.layers
        ]
        at += [(one, number) for one in links or layers or flow.to(len(flow.nodes) - 1)]
    return Glance(found.flow, flow, tuple(at))


def numbered(flow: Flow) -> dict[tuple[str, str], int]:
    """Return the number of each layer in the table, from 1, by its path and class."""
    layers = [node for node in flow.nodes if node.role == LAYER]
    return {(node.path, node.kind): number for number, node in enumerate(layers, 1)}


def arrows(glance: Glance) -> list[str]:
    """Return a line for each arrow: who hands what to whom."""
    nodes = glance.brief.nodes
    pairs: dict[tuple, list[str]] = {}
    for link in glance.brief.links:
        said = f"{link.words} {glance.mark(link)}".strip()
        pairs.setdefault((link.source, link.target), []).append(said)
    return [
        f"{_name(nodes, source)} → {_name(nodes, target)}: {'; '.join(dict.fromkeys(said))}"
        for (source, target), said in pairs.items()
    ]


def _name(nodes, number):
    if number is None:
        return NOT_SEEN
    return f"`{nodes[number].path}`" if nodes[number].role == LAYER else nodes[number].path


def rows(glance: Glance) -> list[list[tuple[str, ...]]]:
    """Return the table's rows of each layer: one for each receiver. Then those of the total."""
    flow, total = glance.flow, 0
    found: list[list[tuple[str, ...]]] = []
    for place, node in enumerate(flow.nodes):
        if node.role != LAYER:
            continue
        number = len(found) + 1
        for part in (node, *node.inner):
            total += part.weights
        found.append(_rows(glance, place, node, f"{number}. "))
        found[-1] += [_row(part, "   in it, ", _shapes(part.returned), "") for part in node.inner]
    if rest := flow.weights - total:
        found.append([("the rest, less what is shared or not registered", "", "", "", str(rest))])
    return [*found, [("in all", "", "", "", str(flow.weights))]]


def _rows(glance, place, node, number):
    """Return the rows of a layer, one for each receiver."""
    by = {}
    for link in glance.flow.out_of(place):
        by.setdefault(link.target, []).append(link)
    hands = [(_handed(node, links), _to(glance, target, place)) for target, links in by.items()]
    if not hands:
        hands = [(_shapes(node.returned), NOT_SEEN)]
    (what, to), *more = hands
    mark = glance.mark(node)
    first = _row(node, number, what, to)
    return [(f"{first[0]} {mark}".strip(), *first[1:]), *(("", "", *one, "") for one in more)]


def _row(node, number, what, to):
    times = f" ×{node.times}" if node.times > 1 else ""
    name = f"{number}`{node.path}` {node.kind}{times}"
    return name, _shapes(node.reads), what, to, str(node.weights)


def _handed(node, links):
    """Return what is handed to one receiver, as shapes; all that came back, if nobody is seen."""
    if links[0].target is None:
        return _shapes(node.returned)
    said = [f"{link.expression} {link.shape}".strip() for link in links]
    return ", ".join(dict.fromkeys(said))


def _to(glance, target, place):
    return "itself" if target == place else _name(glance.flow.nodes, target)


def _shapes(shapes):
    return ", ".join(map(str, shapes))


def text_of(glance: Glance) -> str:
    """Return the flow and the table as text."""
    lines = [f"   {plain(line)}" for line in arrows(glance)]
    cells = [tuple(map(plain, row)) for group in rows(glance) for row in group]
    return "\n".join(["The flow:", *lines, *columns([HEAD, *cells])])


def columns(lines: Sequence[Sequence[str]]) -> list[str]:
    """Return lines of cells in columns, the last to the right; long cells go on below."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    while sum(widths) + 2 * (len(widths) - 1) > WIDTH:
        widths[widths.index(max(widths))] -= 1
    return [line for cells in lines for line in _in_columns(cells, widths)]


def _in_columns(cells, widths):
    """Return the lines that a line of cells takes."""
    folded = [_fitted(cell, width) for cell, width in zip(cells, widths, strict=True)]
    for parts in zip_longest(*folded, fillvalue=""):
        *most, last = parts
        left = [part.ljust(width) for part, width in zip(most, widths, strict=False)]
        yield "  ".join([*left, last.rjust(widths[-1])]).rstrip()


def _fitted(cell, width):
    """Return a cell in lines so wide; what follows the first is moved in a little."""
    lines = wrap(whole(cell), width, subsequent_indent="   " if width > 12 else "")
    return [line.replace("\xa0", " ") for line in lines] or [""]


def whole(line: str) -> str:
    """Return a line in which indexes, shapes and equalities do not break."""
    return re.sub(r"\[[^][]*\]|\([\d, ]+\)| == ", lambda found: found[0].replace(" ", "\xa0"), line)


def html_of(glance: Glance) -> Markup:
    """Return the flow and the table as HTML, side by side where there is room."""
    flow = movable(picture_of(glance).html, "The flow of the network", "max-width: 100%")
    parts = flow, _table(rows(glance))
    style = f"display: flex; flex-wrap: wrap; gap: 8px 28px; margin: 10px 0; color: {INK}"
    return element("div", *parts, style=style)


def picture_of(glance: Glance) -> Picture:
    """Return the Picture of the flow."""
    flow = glance.brief
    boxes = [_box(glance, place, node) for place, node in enumerate(flow.nodes)]
    drawn = [
        Arrow(
            link.source,
            link.target,
            plain(f"{link.expression} {link.role}".strip()) or "()" * (link.shape == ()),
            link.axes,
            link.shape,
            link.taken,
            glance.mark(link),
        )
        for link in flow.links
    ]
    said = [plain(line) for line in arrows(glance)]
    return chart(boxes, drawn, f"The flow: {'. '.join(said)}.")


def _box(glance, place, node):
    """Return a node as a box; what a layer hands to itself is a note in it."""
    if node.role != LAYER:
        return Box(node.path, bare=True)
    own = [link for link in glance.brief.to(place) if link.source == place]
    said = [f"{link.expression} {link.role}".strip() or link.sized for link in own]
    notes = [plain(f"↻ {words}") for words in said]
    times = f" ×{node.times}" if node.times > 1 else ""
    mark = glance.mark(node)
    return Box(node.path, f"{node.kind}{times}", tuple(notes), mark, node.recurrent)


def _table(groups: Iterable) -> Markup:
    """Return the table as HTML; it can be moved sideways where it is too wide."""
    heads = [element("th", name, scope="col", style=CELL) for name in HEAD]
    body = [row for group in groups for row in _group(group)]
    grid = element(
        "table",
        element("caption", "Its layers, in order", style="text-align: left; font-weight: bold"),
        element("thead", element("tr", *heads)),
        element("tbody", *body),
        style=f"border-collapse: collapse; color: {INK}; background: none; margin: 6px 0",
    )
    return movable(grid, "Its layers, in order", "flex: 1 1 400px; min-width: 0")


def _group(group):
    """Return the rows of a layer as HTML."""
    for number, row in enumerate(group, 1):
        style = CELL if number == len(group) else CELL.replace("1px solid", "0 solid")
        style += "; vertical-align: top"
        *most, last = [inline(cell.strip(), whole=True) for cell in row]
        cells = [element("td", cell, style=style) for cell in most]
        right = element("td", last, style=style.replace("left", "right", 1))
        yield element("tr", *cells, right, style="background: none")
