"""Traps in what is read off a returned tensor: the wrong end, direction, sequence or layer."""

from ..late import np
from ..nests import leaves
from ..spec import many
from .calls import Call
from .parts import Part, made_of, taken
from .warned import Warned, time_first, used, with_batch_first
from .watching import Pass

WAYS = ("forward", "backward")
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
            f"That is zero for {masked} of {many(sequences, 'sequence')}, whose last timestep is "
            f"masked. For the others, {alone}. It ends {ends}."
        )
    return used(warned, ", which is bidirectional"), why


def mixed(call: Call, _seen: Pass) -> Warned | None:
    """Return the Warned of states reshaped across layers and batch, or None."""
    for use in call.uses:
        state = use.tensor
        if "batch" in state.axes[1:2] and min(state.shape[:2]) > 1:
            width = state.shape[0] * state.shape[-1]
            if _is_in_rows(use.part, state, width):
                shape = (-1, width) if len(use.shape) == 2 else use.shape
                whole = Part(state).then("transpose", 0, 1).then("reshape", *shape)
                instead = whole.expression
                return Warned("mixed", _tell_mixed, (call.path,), (use,), instead=instead)
    return None


def _is_in_rows(part, state, width):
    """Return whether a part is a state reshaped, its rows as wide as all states of a sequence."""
    if not isinstance(part, Part) or [step.kind for step in part.steps] != ["reshape"]:
        return False
    return part.values.shape[-1] == width and part.values.size == state.values.size


def _tell_mixed(warned):
    axis = warned.uses[0].tensor.axes[0]
    first = "the layers and directions" if made_of(axis, "layers") else f"the {axis}"
    return used(warned), (
        f"The first axis is that of {first}, so a row of it holds numbers of neighbouring "
        "sequences, not of one."
    )


def layers_as_rows(call: Call, seen: Pass) -> Warned | None:
    """Return the Warned of states of which each layer's are rows of the result, or None."""
    results = [tuple(getattr(one, "shape", ())) for one in leaves(seen.result)]
    for use in call.uses:
        state = use.tensor
        if not made_of(state.axes[0], "layers") or min(state.shape[:2]) == 1:
            continue  # a sequence without batch has one row
        rows, units = state.shape[0] * state.shape[1], state.shape[-1]
        in_rows = use.shape == (rows, units) and _is_in_rows(use.part, state, units)
        if in_rows and results and all(shape[:1] == (rows,) for shape in results):
            both = call.spec and call.spec.bidirectional
            instead = _both_ends(call, seen) if both else f"{state.expression}[-1]"
            found = (call.path,), (use,), {"rows": rows}, instead
            return Warned("layers_as_rows", _tell_layers_as_rows, *found)
    return None


def _tell_layers_as_rows(warned):
    state, rows = warned.uses[0].tensor, warned.facts["rows"]
    return used(warned), (
        f"`{state.expression}` is {state.sized}: that has a row for each sequence in each layer "
        f"and direction, {rows} in all, and the network returns {many(rows, 'result')} for "
        f"{many(state.shape[1], 'sequence')}."
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
            facts = {"number": numbers.pop() % tensor.shape[axis], "of": tensor.shape[axis]}
            instead = _whole_batch(tensor, call, seen)
            return Warned("one_sequence", _tell_one_sequence, (call.path,), uses, facts, instead)
    return None


def _tell_one_sequence(warned):
    tensor = warned.uses[0].tensor
    return used(warned), (
        f"`{tensor.expression}` is {tensor.sized}: that is sequence "
        f"{warned.facts['number']} alone, of {warned.facts['of']}."
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


def one_direction(call: Call, seen: Pass) -> Warned | None:
    """Return the Warned of the last h of one direction that goes on alone, or None."""
    if not (call.spec and call.spec.bidirectional):
        return None
    for way, other in (WAYS, WAYS[::-1]):
        uses = tuple(
            use
            for use in call.uses
            if _is_last_h(use.tensor) and _directions(use) == {way}
            if not any(other in _directions(one) and _goes_along(one, use) for one in call.uses)
        )
        if uses:
            facts = {"direction": way, "other": _of_way(other, call)}
            instead = _both_directions(call, uses[0], seen)
            return Warned("one_direction", _tell_direction, (call.path,), uses, facts, instead)
    return None


def _is_last_h(tensor):
    return tensor.name.endswith("h") or "timesteps" not in tensor.axes


def _directions(use):
    """Return of which directions a Use has numbers; of lower layers alone, of none."""
    parts = getattr(use.part, "parts", (use.part,))
    return {way for part in parts for way in _ways_of(part)}


def _ways_of(part):
    named = [way for way in WAYS if part.tensor.name.startswith(way)]
    entry = part.at(rows := part.tensor.axes[0])
    if named or not made_of(rows, "directions") or entry is None:
        return named or WAYS
    many = range(part.tensor.shape[0])
    taken_ = many[slice(*entry)] if isinstance(entry, tuple) else [many[entry]]
    return [way for way, row in zip(WAYS, many[-2:], strict=True) if row in taken_]


def _goes_along(one, use):
    """Return whether two Uses may meet: not in the states of two layers."""
    return one.slot is None or one.who == use.who


def _of_way(way, call):
    """Return how one writes the last h of a direction."""
    names = [tensor.name for tensor in call.returned.tensors]
    return f"{way}_h" if f"{way}_h" in names else f"h_n[{WAYS.index(way) - 2}]"


def _both_directions(call, use, seen):
    """Return the line that goes on with both directions where a Use has one."""
    keras = seen.reader.states == "h"
    if use.slot is None:
        ends = ", ".join(_of_way(way, call) for way in WAYS)
        join = "keras.ops.concatenate" if keras else "torch.cat"
        width = call.returned.tensors[0].shape[-1]
        return f"{join}([{ends}], -1)  # {many(width, 'number')} for each sequence"
    if keras:
        states = "hc" if call.spec.cell == "lstm" else "h"
        added = [" + ".join(f"{way}_{name}" for way in WAYS) for name in states]
        return f"initial_state=[{', '.join(added)}]"
    return "h_n[-2:].sum(0, keepdim=True)" + "  # c_n alike" * (call.spec.cell == "lstm")


def _tell_direction(warned):
    facts = warned.facts
    side = {"forward": "start", "backward": "end"}[facts["direction"]]
    return used(warned, f", the {facts['direction']} direction alone"), (
        f"It has read each sequence from its {side}. What the other direction has read ends in "
        f"`{facts['other']}`."
    )


def one_unit(call: Call, _seen: Pass) -> Warned | None:
    """Return the Warned of one unit taken out of all timesteps, as if of a timestep, or None."""
    for use in call.uses:
        axes = use.tensor.axes
        if "timesteps" in axes and use.tensor.shape[-1] > 1 and "units" in axes[-1].split("·"):
            unit = use.part.at(axes[-1])
            if isinstance(unit, int) and unit % use.tensor.shape[-1] == use.tensor.shape[-1] - 1:
                instead = taken(use.tensor, "timesteps", -1).expression
                return Warned("one_unit", _tell_one_unit, (call.path,), (use,), instead=instead)
    return None


def _tell_one_unit(warned):
    tensor = warned.uses[0].tensor
    return used(warned), (
        f"`{tensor.expression}` is {tensor.sized}: that is the last unit alone, at each timestep, "
        "and not the last timestep."
    )


def _both_ends(call, seen):
    """Return the line that takes the last h of both directions."""
    if seen.reader.states == "h_n":
        return "torch.cat([h_n[-2], h_n[-1]], -1)"
    return f"Bidirectional({type(call.layer.forward_layer).__name__}({call.spec.units}))"
