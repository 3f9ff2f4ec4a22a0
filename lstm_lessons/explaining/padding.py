"""Traps in a batch of sequences that are not equally long: the end is not everybody's end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ..late import np
from ..rule import DIALECTS
from ..spec import many
from .calls import Call, listed
from .uses import is_part, tensors_in
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
    read = call.input.values
    batches = [*(() if _rectified(read) else (read,)), *given()]
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
    ending = np.count_nonzero(zeros)
    end = "ends" if ending == 1 else "end"
    return (
        f"{ending} of {many(len(zeros), 'sequence')} that `{warned.layers[0]}` reads {end} "
        f"in zeros, up to {many(max(zeros), 'timestep')}, as padded ones do, and its last "
        "timestep is used.",
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


def _rectified(batch):
    """Return whether numbers look like those of ReLU: none below 0, some at 0 beside others.

    Its zeros are no padding, unless what the network was given has them, too.
    """
    zeros = batch == 0
    beside = zeros & ~zeros.all(-1, keepdims=True)
    return batch.dtype.kind == "f" and bool((batch >= 0).all() and beside.any())


def unpacked(calls: Sequence[Call], seen: Pass) -> Iterator[Warned]:
    """Give a Warned for each packed output that is unpacked and then read as what it is not."""
    for call in (call for call in calls if call.spec and call.input.axes[0] == "steps"):
        output, lengths = _unpacked(call)
        found: dict[str, list] = {}
        for event, array in _received(call, seen):
            for kind in _misread(array, output, lengths, call, event, seen):
                found.setdefault(kind, []).append(event)
        if {"unpacked_first", "unpacked_last"} <= found.keys():  # a loop over the sequences
            del found["unpacked_first"], found["unpacked_last"]
        for kind, events in found.items():
            facts = {"by": _innermost(events), "lengths": tuple(map(int, lengths))}
            facts["shape"] = output.shape
            instead = _of_unpacked(kind, call)
            yield Warned(kind, TELLS[kind], (call.path,), facts=facts, instead=instead)


def _unpacked(call):
    """Return a packed output as (timesteps, batch, units), and the lengths of the sequences."""
    named = {one.expression.partition(".")[2]: one.values for one in call.returned.tensors}
    sizes, data = named["batch_sizes"], named["data"]
    there = np.arange(sizes[0]) < sizes[:, None]
    output = np.zeros((*there.shape, data.shape[-1]), data.dtype)
    output[there] = data
    order = named.get("unsorted_indices", np.arange(sizes[0]))
    return output[:, order], there.sum(0)[order]


def _received(call, seen):
    """Give each numbers that a layer was given after a call, with its Event, and the result."""
    reader = seen.reader
    for event in seen.events[call.order + 1 :]:
        if not (is_part(event, reader) or reader.container(event.layer)):
            for real in tensors_in((event.args, event.kwargs), reader):
                yield event, reader.array(real)
    for real in tensors_in(seen.result, reader):
        yield None, reader.array(real)


def _misread(array, output, lengths, call, event, seen):
    """Give what is wrong with numbers that were taken of an unpacked output, as a kind."""
    if min(output.shape[:2]) == 1:
        return
    if len({*lengths}) > 1 and np.array_equal(array, output[-1]):
        yield "unpacked_end"
    for place, kind in ((0, "unpacked_first"), (-1, "unpacked_last")):
        if np.array_equal(array, output[:, place]):
            yield kind
    first = event and call.layer.batch_first and getattr(event.layer, "batch_first", True)
    if first and np.array_equal(array, output) and not _for_ctc(seen):
        yield "unpacked_order"


def _for_ctc(seen):
    """Return whether a network returns logarithms of probabilities, as CTCLoss takes them, which
    wants the timesteps first.
    """
    for real in tensors_in(seen.result, seen.reader)[:1]:
        array = seen.reader.array(real)
        return array.ndim == 3 and np.allclose(np.exp(array).sum(-1), 1, atol=1e-4)
    return False


def _innermost(events):
    """Return in words which of the events hold no other one of them; None is the network."""
    inmost = [one for one in events if not any(one in other.inside() for other in events if other)]
    names = [
        f"`{one.path}` (`{type(one.layer).__name__}`)" if one else "the network" for one in inmost
    ]
    return listed(dict.fromkeys(names))


def _of_unpacked(kind, call):
    """Return what to write in place of a wrong part of an unpacked output."""
    if kind == "unpacked_order":
        return "pad_packed_sequence(output, batch_first=True)"
    return "torch.cat([h_n[-2], h_n[-1]], -1)" if call.spec.bidirectional else "h_n[-1]"


def _tell_end(warned):
    lengths = warned.facts["lengths"]
    early = sum(length < max(lengths) for length in lengths)
    return f"{_reads(warned)} at the last timestep.", (
        f"{early} of {many(len(lengths), 'sequence')} {'ends' if early == 1 else 'end'} before it: "
        f"of {'it the output' if early == 1 else 'them it'} holds zeros there, not the last h."
    )


def _tell_alone(warned):
    batch = warned.facts["shape"][1]
    number = 0 if warned.kind == "unpacked_first" else batch - 1
    return f"{_reads(warned)}, of sequence {number} alone, of {batch}.", (
        "`pad_packed_sequence` puts the timesteps first unless it has batch_first=True, whatever "
        "the layer has. And behind the end of a sequence it holds zeros."
    )


def _tell_order(warned):
    timesteps, batch, _ = warned.facts["shape"]
    return f"{_reads(warned)} with the timesteps first: ({timesteps}, {batch}, …).", (
        f"`{warned.layers[0]}` has batch_first=True, but `pad_packed_sequence` has its own, which "
        "is False if it is not written."
    )


def _reads(warned):
    by = warned.facts["by"]
    return f"{by} read{'s' * (' and ' not in by)} the unpacked output of `{warned.layers[0]}`"


TELLS = {
    "unpacked_end": _tell_end,
    "unpacked_first": _tell_alone,
    "unpacked_last": _tell_alone,
    "unpacked_order": _tell_order,
}
