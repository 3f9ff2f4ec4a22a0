"""Traps in a batch of sequences that are not equally long: the end is not everybody's end."""

from collections.abc import Callable

import numpy as np

from ..rule import DIALECTS
from .calls import Call
from .uses import tensors_in
from .warned import Warned
from .watching import Pass, first_given


def padded(call: Call, seen: Pass, given: Callable) -> Warned | None:
    """Return the Warned of a padded batch read at its last timestep, or None."""
    if call.spec is None or call.skips or call.spec.timesteps == 1 or _is_own(call.layer):
        return None
    uses = tuple(use for use in call.uses if _reads_the_end(use, call.spec.timesteps))
    whole = seen.reader.states == "h" and not call.spec.return_sequences
    if not (uses or whole):
        return None
    batches = [call.input.values, *given()]
    runs = next((runs for one in batches if (runs := _padding(one, call)) is not None), None)
    if runs is None:
        return None
    instead = seen.reader.unpadded
    return Warned("padded", _tell_padded, (call.path,), uses, {"zeros": tuple(runs)}, instead)


def _is_own(layer):
    """Return whether a layer is of a class of somebody's own, which may pack what it is given."""
    return type(layer).__module__.split(".")[0] not in DIALECTS


def given_to(seen: Pass) -> list[np.ndarray]:
    """Return what may show the padding of a batch, as arrays: what a network reads, the numbers
    beside it, and the words that a layer reads; whole numbers that none reads are labels.
    """
    reads = [first_given(event) for event in seen.events]
    found = [one for one in reads[:1] if seen.reader.is_tensor(one)]
    beside = tensors_in([(event.args, event.kwargs) for event in seen.events[:1]], seen.reader)
    found += [one for one in beside if "int" not in str(one.dtype)]
    found += [one for one in tensors_in(reads[1:], seen.reader) if "int" in str(one.dtype)]
    return [seen.reader.array(one) for one in found]


def _tell_padded(warned):
    zeros = warned.facts["zeros"]
    return (
        f"{np.count_nonzero(zeros)} of {len(zeros)} sequences that `{warned.layers[0]}` reads end "
        f"in zeros, up to {max(zeros)} timesteps, as padded ones do, and its last timestep is "
        "used.",
        "There it has read the padding too, so what you use depends on how long the longest "
        "sequence of the batch is.",
    )


def _reads_the_end(use, timesteps):
    """Return whether a use is one of the last timestep: of the output, or of a state."""
    if "timesteps" not in use.tensor.axes:
        return True
    begins = use.timestep[0] if isinstance(use.timestep, tuple) else use.timestep
    return begins in (-1, timesteps - 1)


def _padding(batch, call):
    """Return how many zeros each sequence of a batch ends in; None if it does not look padded.

    One zero at the end may be a measurement or a word, and a zero before others is a word.
    """
    axes = [axis for axis in call.input.axes if axis != "features"]
    words = batch.dtype.kind in "iu" and batch.ndim == len(axes)
    if not words and batch.ndim != len(axes) + 1:
        return None
    if batch.shape[: len(axes)] != call.input.shape[: len(axes)]:
        return None
    zeros = (batch == 0) if words else (batch == 0).all(-1)
    zeros = zeros.T if axes == ["timesteps", "batch"] else zeros.reshape(-1, call.spec.timesteps)
    runs = np.cumprod(zeros[:, ::-1], axis=1).sum(1)
    if words and zeros.sum() > runs.sum():
        return None
    runs = np.where(runs == call.spec.timesteps, 0, runs)
    few = words or batch.shape[-1] == 1
    if runs.max() <= few or (len(runs) > 1 and len(set(runs)) == 1):
        return None
    return [int(run) for run in runs]
