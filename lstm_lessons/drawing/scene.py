"""What a picture shows of a layer, where it stands, and what the picture says in words."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..reference import Traces
from ..rule import dialect_of, input_axes, sizes
from ..shapes import Tensor, sized
from ..snippets import call
from ..spec import Spec
from .strokes import SQUARE

PITCH = 66  # from one timestep to the next
ROW = 76  # from one layer or direction to the next
CELL = 30  # the height of a cell
LEFT, TOP = 118, 44  # where the first timestep begins, and the highest h
STRIP = 120  # the room for a state beside its row
BLOCKS = 250  # the room for what comes back


@dataclass
class Row:
    """One layer in one direction: its first sample's h and c over time, and where it is drawn."""

    layer: int
    backward: bool
    h: np.ndarray
    c: np.ndarray | None
    y: float

    @property
    def end(self) -> int:
        """Return the timestep that it reads last, as an index."""
        return 0 if self.backward else -1


@dataclass
class Scene:
    """What is drawn, and where.

    read: the first sample, (timesteps, features). most: so many timesteps and so many numbers
    are drawn at most. blocks: whether what comes back is drawn once more, as blocks.
    """

    spec: Spec
    traces: Traces
    tensors: tuple[Tensor, ...]
    framework: str
    read: np.ndarray
    most: tuple[int, int] = (6, 8)
    blocks: bool = True

    def __post_init__(self):
        spec = self.spec
        self.steps = shown(spec.timesteps, self.most[0])
        self.features = self.numbers(spec.features)
        self.sheets = 0 if spec.unbatched else min(spec.batch - 1, 2)
        left = LEFT + (STRIP if spec.bidirectional else 0)
        self.x = {step: left + PITCH * place for place, step in enumerate(self.steps)}
        self.first, self.last = left, left + PITCH * (len(self.steps) - 1)
        self.block = SQUARE * len(self.numbers(self.traces[-1][0].h.shape[-1])) + 14
        self.h_low = TOP + self.block * spec.directions - 14
        self.rows = self._rows()
        self.x_top = self.rows[-1].y + CELL + 22
        self.bottom = self.x_top + max(SQUARE * len(self.features) + 20, 66)
        self.right = self.last + PITCH + STRIP
        self.width = self.right + (BLOCKS if self.blocks else 0)

    def numbers(self, size: int) -> list[int | None]:
        """Return which numbers of a vector are drawn; None stands for those left out."""
        return shown(size, self.most[1])

    def _rows(self):
        """Return the rows from the top: the highest layer first, and in it the forward one."""
        y, rows = self.h_low + 22, []
        for layer in reversed(range(self.spec.layers)):
            for backward, trace in enumerate(self.traces[layer]):
                c = None if trace.c is None else trace.c[0]
                rows.append(Row(layer, bool(backward), trace.h[0], c, y))
                y += ROW
        return rows

    @property
    def outputs(self) -> list[Tensor]:
        return [tensor for tensor in self.tensors if tensor.name.endswith("output")]

    @property
    def every(self) -> bool:
        """Return whether h came back after every timestep."""
        return any("timesteps" in tensor.axes for tensor in self.outputs)

    def state(self, row: Row, letter: str) -> str:
        """Return how the returned h or c of a row is written, or "" if it did not come back."""
        which = ("backward_" if row.backward else "forward_") if self.spec.bidirectional else ""
        for tensor in self.tensors:
            if tensor.name == letter and tensor.axes[0].startswith("layers"):
                number = self.spec.directions * row.layer + row.backward
                many = tensor.shape[0] > 1
                return f"{tensor.expression}[{number}]" if many else label(tensor)
            if tensor.name == which + letter and row.layer == self.spec.layers - 1:
                return label(tensor)
        return ""

    def whose(self, row: int, ways: tuple[str, str] = ("→", "←")) -> str:
        """Return whose state a row of h_n or c_n is: "layer 2 ←". ways: forward, backward."""
        layer, backward = divmod(row, self.spec.directions)
        return f"layer {layer + 1} {ways[backward] if self.spec.bidirectional else ''}".strip()

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
        drawn = "The one sequence" if spec.unbatched else "Sequence 1"
        if self.sheets:
            drawn += f" of {spec.batch} is in front, {self.sheets} behind it"
        drawn = f"{', '.join([drawn, *cut])}."
        shades = "Blue is below zero, brown above."
        values: list[Any] = [self.read, *(tensor.values for tensor in self.tensors)]
        if any(np.isnan(numbers).any() for numbers in values):
            shades += " Black is no number (NaN)."
        lines = [f"{drawn} {shades}"] if self.blocks else [drawn, shades]
        states = sum(bool(self.state(row, "h")) for row in self.rows)
        every_h = self.every or (self.outputs and spec.timesteps == 1)
        if self.tensors and not (every_h and states == len(self.rows)):
            pale = "What is pale was computed, and was not returned"
            lines.append(f"{pale}." if self.blocks else f"{pale}; what is empty is not known here.")
        return lines

    @cached_property
    def words(self) -> str:
        """Return what the picture says, as a text."""
        spec = self.spec
        state, new = ("h and c", "a new h and a new c") if spec.cell == "lstm" else ("h", "a new h")
        axes, known = input_axes(spec), sizes(spec)
        reads = "reads one sequence of shape" if spec.unbatched else "reads"
        said = [
            f"{dialect_of(self.framework).title}: {call(spec, self.framework)} {reads} "
            f"{sized(axes, [known[axis] for axis in axes])}.",
            f"At each of {spec.timesteps} timesteps the layer takes x and the {state} so far, "
            f"and makes {new} of {spec.units} units.",
        ]
        if spec.layers > 1:
            said.append(f"Of {spec.layers} layers, each reads the h of the one below it.")
        if spec.bidirectional:
            said.append(
                "Each layer reads in two directions: forward, which ends at the last timestep, and "
                "backward, which ends at the first."
            )
        if not self.tensors:
            said.append("What comes back is not shown yet.")
        for tensor in self.tensors:
            equal = f"; {tensor.equals}" if tensor.equals else ""
            said.append(f"Returned: {label(tensor)} {tensor.sized}, {tensor.meaning}{equal}.")
            if len(first(tensor)) > 1 and "timesteps" not in tensor.axes:
                rows = [self.whose(n, ("forward", "backward")) for n in range(tensor.shape[0])]
                said.append(f"Its rows, in order: {', '.join(rows)}.")
        return " ".join([*said, *self.caption])


def shown(size: int, most: int) -> list[int | None]:
    """Return which indexes of an axis are drawn; None stands for those left out."""
    if size <= most:
        return list(range(size))
    return [*range(most - 3), None, size - 2, size - 1]


def first(tensor: Tensor) -> np.ndarray:
    """Return the first sequence's values of a tensor, (rows, the last axis)."""
    values: Any = tensor.values
    if "batch" in tensor.axes:
        values = values.take(0, axis=tensor.axes.index("batch"))
    return values.reshape(-1, tensor.shape[-1])


def label(tensor: Tensor) -> str:
    """Return where a tensor lies in the return value, and how it is written."""
    return f"{tensor.place} {tensor.expression}".strip()
