"""Right shape, wrong meaning: what can be seen of it in the calls of one forward pass."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial

import numpy as np

from ..rule import DIALECTS
from .parts import Part, made_of, taken
from .uses import Use, tensors_in
from .watching import first_given

BOTH = "The forward direction ends at a sequence's last timestep that is not, the backward one"


@dataclass(frozen=True)
class Warned:
    """A right shape with a wrong meaning.

    kind: the word for it.
    tell: makes sentences of it: a function of the Warned to (what was seen, why it matters).
    layers: the paths of the layers that it is about.
    uses: the uses that go wrong.
    facts: what else the sentences are made of, by name.
    instead: the line to write, or "" where none is known to be right.
    """

    kind: str
    tell: Callable[["Warned"], tuple[str, str]] = field(repr=False, compare=False)
    layers: tuple[str, ...] = ()
    uses: tuple[Use, ...] = ()
    facts: Mapping[str, object] = field(hash=False, default_factory=dict)
    instead: str = ""

    @property
    def seen(self) -> str:
        """Return what was seen, in words."""
        return self.tell(self)[0]

    @property
    def why(self) -> str:
        """Return why it matters, in words."""
        return self.tell(self)[1]

    @property
    def words(self) -> str:
        """Return it as sentences."""
        instead = f" Write instead: `{self.instead}`" if self.instead else ""
        return f"Warning: {self.seen} {self.why}{instead}"


def warnings_of(calls, seen) -> list[Warned]:
    """Return the Warned of a pass, each once.

    calls: the Calls. seen: the Pass.
    """
    looks = (_last_of_both, _mixed, _one_sequence)
    given = cache(partial(_given, seen))
    found = [look(call, seen) for look in looks for call in calls]
    found += [_batch_first(calls), *(_padded(call, seen, given) for call in calls)]
    return list({(one.kind, one.words): one for one in found if one}.values())


def _used(warned, more=""):
    """Return who uses what, in words: "`fc` (`Linear`) uses `output[:, -1]` of `gru`."."""
    names = list(dict.fromkeys(use.by for use in warned.uses))
    verb = "use" if len(names) > 1 else "uses"
    return (
        f"{' and '.join(names)} {verb} `{warned.uses[0].expression}` of `{warned.layers[0]}`{more}."
    )


def _last_of_both(call, seen):
    """Return the Warned of a bidirectional output of which the last timestep is used, or None."""
    if not (call.spec and call.spec.bidirectional and call.spec.timesteps > 1):
        return None
    steps = (-1, call.spec.timesteps - 1)
    uses = tuple(
        use
        for use in call.uses
        if use.tensor.name in ("output", "backward_output") and "timesteps" in use.tensor.axes
        if use.part in [taken(use.tensor, "timesteps", step) for step in steps]
    )
    if not uses:
        return None
    facts = _at_the_ends(call, uses[0].tensor.values)
    instead = _both_ends(call, seen)
    return Warned("last_of_both", _tell_last_of_both, (call.path,), uses, facts, instead)


def _at_the_ends(call, values):
    """Return of how many sequences an output is zero at its last and at its first timestep."""
    zero = [~values[:, step].any(-1) if call.skips else np.zeros(1, bool) for step in (-1, 0)]
    last, first = (int(one.sum()) for one in zero)
    return {"sequences": len(zero[0]), "masked_last": last, "masked_first": first}


def _tell_last_of_both(warned):
    """Return what stands at the last timestep of two directions; masked ones are zeros there."""
    alone = "of what it reads, the backward direction has read the last timestep alone"
    sequences, masked = warned.facts["sequences"], warned.facts["masked_last"]
    ends = f"at timestep 0, `{taken(warned.uses[0].tensor, 'timesteps', 0).expression}`"
    if warned.facts["masked_first"]:
        ends = "at the first timestep of each sequence"
    why = f"There, {alone}; it ends {ends}."
    if masked == sequences:
        why = f"All that is zero: the last timestep of each sequence is masked. {BOTH} {ends}."
    elif masked:
        why = (
            f"That is zero for {masked} of {sequences} sequences, whose last timestep is "
            f"masked. For the others, {alone}. It ends {ends}."
        )
    return _used(warned, ", which is bidirectional"), why


def _mixed(call, _seen):
    """Return the Warned of states reshaped across layers and batch, or None."""
    for use in call.uses:
        state = use.tensor
        if "batch" in state.axes[1:2] and min(state.shape[:2]) > 1:
            width = state.shape[0] * state.shape[-1]
            if use.part == Part(state).then("reshape", -1, width):
                whole = Part(state).then("transpose", 0, 1).then("reshape", -1, width)
                instead = whole.expression
                return Warned("mixed", _tell_mixed, (call.path,), (use,), instead=instead)
    return None


def _tell_mixed(warned):
    return _used(warned), (
        "The first axis is that of the layers and directions, so a row of it holds "
        "numbers of neighbouring sequences, not of one."
    )


def _one_sequence(call, seen):
    """Return the Warned of a sequence taken out of the batch, as if of another axis, or None."""
    for tensor in call.returned.tensors:
        if "batch" not in tensor.axes or tensor.shape[axis := tensor.axes.index("batch")] == 1:
            continue
        taken_out = [use for use in call.uses if use.tensor == tensor]
        uses = tuple(use for use in taken_out if isinstance(use.sequence, int))
        numbers = {use.sequence for use in uses}
        if len(numbers) == 1:  # several: a loop over the sequences
            facts = {"number": numbers.pop() % tensor.shape[axis] + 1, "of": tensor.shape[axis]}
            instead = _whole_batch(tensor, call, seen)
            return Warned("one_sequence", _tell_one_sequence, (call.path,), uses, facts, instead)
    return None


def _tell_one_sequence(warned):
    tensor = warned.uses[0].tensor
    return _used(warned), (
        f"`{tensor.expression}` is {tensor.sized}: that is one sequence alone, number "
        f"{warned.facts['number']} of {warned.facts['of']}."
    )


def _whole_batch(tensor, call, seen):
    """Return the line that takes the last h of every sequence, of a tensor."""
    if call.spec and call.spec.bidirectional and tensor.name in ("output", "h"):
        return _both_ends(call, seen)
    if "timesteps" in tensor.axes:
        last = taken(tensor, "timesteps", -1).expression
        if time_first(call):
            return f"{last}  # but if the batch comes first, {with_batch_first(call)}"
        return last
    return f"{tensor.expression}[-1]" if made_of(tensor.axes[0], "layers") else tensor.expression


def time_first(call) -> bool:
    """Return whether a layer takes the first axis for timesteps, for want of batch_first=True."""
    return call.flags.get("batch_first") is False and bool(call.spec) and not call.spec.unbatched


def with_batch_first(call) -> str:
    """Return the line that makes a layer take the first axis for the batch."""
    return f"{call.path} = nn.{call.kind}(…, batch_first=True)"


def _both_ends(call, seen):
    """Return the line that takes the last h of both directions."""
    if seen.reader.states == "h_n":
        return "torch.cat([h_n[-2], h_n[-1]], -1)"
    return f"Bidirectional({type(call.layer.forward_layer).__name__}({call.spec.units}))"


def _batch_first(calls):
    """Return the Warned of two layers that take different axes for the batch, or None."""
    read = [call for call in calls if "batch_first" in call.flags and call.input.axes[0] != "steps"]
    read = [call for call in read if call.spec and not call.spec.unbatched]
    others = [call for call in read if not call.spec.batch_first]
    for call in (call for call in read if call.spec.batch_first):
        for other in others:
            if _same_axes(call, other):
                width, units = other.input.shape[-1], other.spec.units
                return Warned(
                    "batch_first",
                    _tell_batch_first,
                    (call.path, other.path),
                    facts={"read": call.input.shape[:2], "as": (call.spec, other.spec)},
                    instead=f"{other.path} = nn.{other.kind}({width}, {units}, batch_first=True)",
                )
    return None


def _tell_batch_first(warned):
    (first, second), (one, other) = warned.layers, warned.facts["as"]
    sizes = ", ".join(map(str, warned.facts["read"]))
    return (
        f"`{first}` and `{second}` both read ({sizes}, …), the first as "
        f"{one.batch} sequences of {one.timesteps} timesteps, the second as "
        f"{other.batch} sequences of {other.timesteps}.",
        "One has batch_first=True, the other has not: one of them reads across the "
        "batch as if it were time, and no error says so.",
    )


def _same_axes(one, other):
    """Return whether two layers read the same axes: one what the other returned, or alike ones."""
    for first, second in ((one, other), (other, one)):
        if any((use.who, use.expression) == (second.path, "output") for use in first.uses):
            return True
    unequal = one.spec.batch != one.spec.timesteps
    return unequal and one.input.shape[:2] == other.input.shape[:2]


def _padded(call, seen, given):
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


def _given(seen):
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
