"""What PyTorch packs: valid timesteps in one row, whosever they are. Facts, no SVG, no NumPy."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..shapes import Tensor

ROW = "packed_output"  # the name of a tensor that is such a row


def row_of(lengths: Sequence[int]) -> list[tuple[int, int]]:
    """Return whose timesteps lie in a packed row, each as (timestep, sequence).

    First all that are read at timestep 0, the longest sequence before the others.

    lengths: how many timesteps of each sequence are valid.
    """
    longest = sorted(range(len(lengths)), key=lambda sequence: -lengths[sequence])
    return [(step, one) for step in range(max(lengths)) for one in longest if lengths[one] > step]


def in_a_row(tensors: Iterable[Tensor]) -> tuple[Tensor, ...]:
    """Return tensors of which one with two axes is such a row, if its names do not deny it."""
    return tuple(
        replace(one, name=ROW, axes=("timesteps", one.axes[1])) if _may_be_row(one) else one
        for one in tensors
    )


def _may_be_row(tensor):
    return len(tensor.axes) == 2 and tensor.axes[0] in ("", "timesteps", "batch·timesteps")
