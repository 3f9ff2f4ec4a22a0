"""Traps in what is read off a returned tensor: the wrong end, direction, sequence or layer."""

import numpy as np

from .calls import Call
from .parts import Part, made_of, taken
from .warned import Warned, time_first, used, with_batch_first
from .watching import Pass

BOTH = "The forward direction ends at a sequence's last timestep that is not, the backward one"


def last_of_both(call: Call, seen: Pass) -> Warned | None:
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
    return used(warned, ", which is bidirectional"), why


def mixed(call: Call, _seen: Pass) -> Warned | None:
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
    return used(warned), (
        "The first axis is that of the layers and directions, so a row of it holds "
        "numbers of neighbouring sequences, not of one."
    )


def one_sequence(call: Call, seen: Pass) -> Warned | None:
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
    return used(warned), (
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


def _both_ends(call, seen):
    """Return the line that takes the last h of both directions."""
    if seen.reader.states == "h_n":
        return "torch.cat([h_n[-2], h_n[-1]], -1)"
    return f"Bidirectional({type(call.layer.forward_layer).__name__}({call.spec.units}))"
