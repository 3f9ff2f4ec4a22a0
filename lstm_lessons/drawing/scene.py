"""What a picture shows of a layer, where it stands, and what the picture says in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from ..nests import has_nan, listed, part_of
from ..reference import Trace, Traces
from ..rule import dialect_of, input_axes, sizes
from ..shapes import Tensor, sized
from ..snippets import call
from ..spec import Spec, many
from .blocks import GUTTER, MOST, Numbers, label, title_width
from .squares import DEEP, HIGH, WIDE, sheets_of, shown

LOW = 7  # the height of a number inside of a cell, and of an h that no other than a layer reads
APART = 28  # between the h of one direction and of the other: room for sheets, or for a name


@dataclass
class Row:
    """One layer in one direction: every h and c, (sequences, timesteps, numbers), and its place.

    y: the top of its cells.
    """

    layer: int
    backward: bool
    h: Numbers
    c: Numbers | None
    y: float

    @property
    def end(self) -> int:
        """Return the timestep that it reads last, as an index."""
        return 0 if self.backward else -1


@dataclass
class Scene:
    """What is drawn, and where.

    read: the batch, (sequences, timesteps, features), as many sequences as the traces have.
    traces, tensors, read: given with arrays or nested lists, kept with nested lists of the
        sequences that are drawn; in place of a number that is not known stands None.
    front: the sequence in front. until: after so many timesteps; None for all.
    most: so many timesteps and so many numbers are drawn at most.
    panels: whether returned states are drawn once more, beside.
    alone: whether nothing stands beside it that says the same.
    sized: whether it says the shapes of what came back.
    """

    spec: Spec
    traces: Traces
    tensors: tuple[Tensor, ...]
    framework: str
    read: Numbers
    front: int = 0
    until: int | None = None
    most: tuple[int, int] = MOST
    panels: bool = True
    alone: bool = True
    sized: bool = True

    def __post_init__(self):
        spec = self.spec
        self.traces = [[Trace(listed(one.h), listed(one.c)) for one in row] for row in self.traces]
        self.tensors = tuple(_drawn(tensor, len(self.read)) for tensor in self.tensors)
        self.read = listed(self.read)
        self.steps = shown(spec.timesteps, self.most[0])
        self.sheets = sheets_of(len(self.read), self.front)
        self.depth = DEEP * (len(self.sheets) - 1)
        self.x = {step: GUTTER + WIDE * (place + 0.5) for place, step in enumerate(self.steps)}
        self.first, self.last = GUTTER + WIDE / 2, GUTTER + WIDE * (len(self.steps) - 0.5)
        self.top = 34 + self.depth + 14 * (len(self.outputs) > 1)
        self.heard = len(self.traces[-1][0].h[0][0])
        self.high = HIGH * self.count(self.heard)  # of the top layer's h in one direction
        self.h_low = self.top + spec.directions * (self.high + APART) - APART
        self.box = 10 + (LOW * self.count(spec.units) if spec.cell == "lstm" else 24)
        self.rows = self._rows()
        self.x_title = 6 + max(self.depth, 2 * DEEP)  # above the front, and the batch's name
        self.x_top = self.rows[-1].y + self._tall(self.rows[-1]) + 16 + self.x_title
        self.x_low = self.x_top + HIGH * self.count(spec.features)
        self.width = max(GUTTER + WIDE * len(self.steps) + 18, *self._titles())
        self.height = self.x_low + 38

    def count(self, size: int) -> int:
        """Return how many places a vector of this size takes."""
        return len(shown(size, self.most[1]))

    def _rows(self):
        """Return the rows from the top: the highest layer first, and in it the forward one."""
        y, rows = self.h_low + 50, []
        for layer in reversed(range(self.spec.layers)):
            if rows:
                y += self.lower + 22
            for backward, trace in enumerate(self.traces[layer]):
                rows.append(Row(layer, bool(backward), trace.h, trace.c, y))
                y += self._tall(rows[-1]) + 10
        return rows

    def beside(self, row: Row) -> list[str]:
        """Return the lines on the left of a row, below the name of a forward one."""
        spec, lines = self.spec, []
        if spec.layers > 1 and not row.backward:
            lines.append(f"layer {row.layer}")
        if spec.bidirectional:
            lines.append("backward ←" if row.backward else "forward →")
        return [*lines, "c inside"] if spec.cell == "lstm" else lines

    def _tall(self, row):
        """Return the height of a row, of its cells or of its lines."""
        return max(self.box, 13 * (len(self.beside(row)) + (not row.backward)) + 4)

    def _titles(self):
        """Return how wide the names with their shapes are."""
        read = [("x", [sizes(self.spec)[axis] for axis in input_axes(self.spec)])]
        for name, shape in read + [(label(one), one.shape) for one in self.outputs]:
            yield title_width(name, shape)

    @property
    def lower(self) -> float:
        """Return the height of the h of a layer that another reads."""
        return self.spec.directions * (LOW * self.count(self.heard) + 2) - 2

    @property
    def outputs(self) -> list[Tensor]:
        return [tensor for tensor in self.tensors if tensor.name.endswith("output")]

    @property
    def every(self) -> bool:
        """Return whether h came back after every timestep."""
        return any("timesteps" in tensor.axes for tensor in self.outputs)

    @property
    def worded(self) -> bool:
        """Return whether each number says in words where it is; a large picture has its index."""
        return self.panels and self.alone and len(self.rows) == 1

    @property
    def merges(self) -> bool:
        """Return whether each number that came back was made of two, one of each direction."""
        return self.spec.bidirectional and self.spec.merge_mode not in ("concat", None)

    def done(self, row: Row) -> list[bool]:
        """Return for each timestep whether a row has read it by now."""
        number = self.spec.timesteps
        until = number if self.until is None else self.until
        order = range(number)
        return [(number - 1 - step if row.backward else step) < until for step in order]

    @property
    def ended(self) -> bool:
        """Return whether every timestep is read."""
        return self.until is None or self.until >= self.spec.timesteps

    def state(self, row: Row, letter: str) -> str:
        """Return how the returned h or c of a row is written, or "" if it did not come back."""
        which = ("backward_" if row.backward else "forward_") if self.spec.bidirectional else ""
        for tensor in self.tensors:
            if tensor.name == letter and tensor.axes[0].startswith("layers"):
                number = self.spec.directions * row.layer + row.backward
                many = tensor.shape[0] > 1
                return f"{tensor.expression}[{number}]" if many else label(tensor)
            if tensor.name in (letter, which + letter) and row.layer == self.spec.layers - 1:
                return label(tensor)
        return ""

    def whose(self, row: int, ways: tuple[str, str] = ("→", "←")) -> str:
        """Return whose state a row of h_n or c_n is: "layer 1 ←". ways: forward, backward."""
        layer, backward = divmod(row, self.spec.directions)
        return f"layer {layer} {ways[backward] if self.spec.bidirectional else ''}".strip()

    @cached_property
    def caption(self) -> list[str]:
        """Return the lines below the picture: what is left out, and what its shades mean."""
        spec, (steps, numbers) = self.spec, self.most
        cut = [
            f"{sum(index is not None for index in shown(size, most))} of {size} {name}"
            for size, most, name in (
                (spec.timesteps, steps, "timesteps"),
                (spec.features, numbers, "features"),
                (spec.units, numbers, "units"),
            )
            if size > most
        ]
        drawn = "The one sequence" if spec.unbatched else f"Sequence {self.front}"
        if not spec.unbatched and spec.batch > 1:
            others = " and ".join(map(str, self.sheets[1:]))
            drawn += f" of {spec.batch} is in front" + (f", {others} behind it" if others else "")
        drawn = f"{', '.join([drawn, *cut])}."
        shades = "Blue is below zero, brown above."
        if has_nan([self.read]) or any(has_nan(tensor.values) for tensor in self.tensors):
            shades += " Black is no number (NaN)."
        lines = [f"{drawn} {shades}"]
        if self.every and self.ended and not self.merges and self.panels:
            again = [t.expression for t in self.tensors if t.name.endswith("h")]
            if again:
                lines[0] += f" A dashed frame: the same numbers as in {' and '.join(again)}."
        every_h = self.every or (self.outputs and spec.timesteps == 1)
        every_c = spec.timesteps == 1 and all(self.state(row, "c") for row in self.rows)
        inside = spec.layers > 1 or not (spec.cell != "lstm" or every_c)
        if self.tensors and self.ended and (inside or not every_h):
            faint = "What is faint was computed, and was not returned"
            lines.append(
                f"{faint}." if self.panels else f"{faint}; what is empty is not known here."
            )
        return lines

    @cached_property
    def words(self) -> str:
        """Return what the picture says, as a text."""
        spec = self.spec
        state, new = ("h and c", "a new h and a new c") if spec.cell == "lstm" else ("h", "a new h")
        axes, known = input_axes(spec), sizes(spec)
        steps = many(spec.timesteps, "timestep")
        when = f"At each of {steps}" if spec.timesteps > 1 else "At the one timestep"
        reads = "reads one sequence of shape" if spec.unbatched else "reads"
        said = [
            f"{dialect_of(self.framework).title}: {call(spec, self.framework)} {reads} "
            f"{sized(axes, [known[axis] for axis in axes])}.",
            f"{when} the layer takes x and the {state} so far, "
            f"and makes {new} of {many(spec.units, 'unit')}.",
        ]
        if spec.layers > 1:
            said.append(f"Of {many(spec.layers, 'layer')}, each reads the h of the one below it.")
        if spec.bidirectional:
            said.append(
                "Each layer reads in two directions: forward, which ends at the last timestep, and "
                "backward, which ends at the first."
            )
        if not self.ended:
            said.append(f"So far {self.until} of {many(spec.timesteps, 'timestep')} are read.")
        if not self.tensors:
            said.append("What comes back is not shown yet.")
        for tensor in self.tensors:
            equal = f"; {tensor.equals}" if tensor.equals else ""
            if not self.sized:
                said.append(f"Returned: {label(tensor)}, {tensor.meaning}.")
                continue
            said.append(f"Returned: {label(tensor)} {tensor.sized}, {tensor.meaning}{equal}.")
            if tensor.axes[0].startswith("layers") and tensor.shape[0] > 1:
                rows = [self.whose(n, ("forward", "backward")) for n in range(tensor.shape[0])]
                said.append(f"Its rows, in order: {', '.join(rows)}.")
        return " ".join([*said, *self.caption])


def _drawn(tensor, number):
    """Return a tensor with the numbers of so many sequences, in nested lists."""
    index = [slice(None)] * len(tensor.axes)
    if "batch" in tensor.axes:
        index[tensor.axes.index("batch")] = slice(number)
    return replace(tensor, values=listed(part_of(tensor.values, index)))
