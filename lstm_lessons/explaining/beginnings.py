"""Traps in the states that a layer begins with: h for c, directions for layers, a sequence.

It is long because each trap has its rule, its sentences and the line to write instead.
"""

from collections.abc import Iterator, Sequence

from ..late import np
from ..spec import many
from .calls import Call, listed
from .parts import Part
from .uses import given_to, is_part
from .warned import Warned
from .watching import Pass


def wrong_states(calls: Sequence[Call], seen: Pass) -> list[Warned]:
    """Return a Warned for each layer that begins with the h of an LSTM for c, or a c for h."""
    found = [*_as_they_are(calls, seen), *_joined(calls, seen)]
    return [*{warned.layers: warned for warned in found}.values()]


def _as_they_are(calls, seen):
    """Give a Warned for each layer that is given an h for c, or a c for h, as it was returned."""
    for call, begun, uses in _handed_on(calls):
        wrong = tuple(use for use in uses if _state(use) not in _slot(use, begun))
        if wrong and _has_c(call) and _is_known(begun):
            facts = {"slots": tuple(_slot(use, begun) for use in wrong), "by": wrong[0].by}
            instead = _right_states(call, begun, uses, seen)
            yield Warned("wrong_state", _tell_wrong, (call.path, begun.path), wrong, facts, instead)


def _handed_on(calls):
    """Give whose states begin which layer, as two Calls, and the Uses in the order of the slots."""
    by_path = {call.path: call for call in reversed(calls)}
    for call in calls:
        by = {}
        for use in call.uses:
            if use.slot is not None and isinstance(use.part, Part) and use.who in by_path:
                by.setdefault(use.who, []).append(use)
        for path, uses in by.items():
            yield call, by_path[path], sorted(uses, key=lambda use: use.slot)


def _is_known(call):
    """Return whether it is known what a layer begins with: a cell of one's own takes anything."""
    return bool(call.spec or call.begins)


def _has_c(call):
    """Return whether a layer is an LSTM, or a cell of one."""
    if call.spec:
        return call.spec.cell == "lstm"
    if call.begins:
        return any(name.startswith("c") for name in call.begins)
    return any(tensor.name == "c" for tensor in call.returned.tensors)


def _state(use):
    """Return which state is handed on, "h" or "c"; "" for what is neither for sure."""
    name = use.tensor.name.removeprefix("forward_").removeprefix("backward_")
    if name == "output" and ("timesteps" not in use.tensor.axes or isinstance(use.timestep, int)):
        return "h"
    return name if name in ("h", "c") else ""


def _slot(use, begun):
    """Return which state a layer begins with in the place of a Use."""
    if use.slot < len(begun.begins):
        return begun.begins[use.slot][0]
    return "hc"[use.slot % 2] if _has_c(begun) else "h"


def _right_states(call, begun, uses, seen):
    """Return what hands on each state as what it is, or how to have them all returned."""
    named = {tensor.name: tensor for tensor in call.returned.tensors}
    ways = {use.tensor.name.rpartition("_")[0]: use for use in uses}
    names = [f"{way}_{one}".strip("_") for way in ways for one in ("hc" if _has_c(begun) else "h")]
    if not named.keys() >= {*names}:
        line = f"output, h, c = {call.path}(x)  # with return_state=True; then initial_state=[h, c]"
        return "" if call.spec and call.spec.bidirectional else line
    steps = next((use.part.steps for use in uses if use.tensor.name != "output"), ())
    right = ", ".join(Part(named[name], steps).expression for name in names)
    if seen.reader.states == "h":
        return f"initial_state=[{right}]"
    return f"({right})" if len(names) > 1 else right


def _tell_wrong(warned):
    slots = warned.facts["slots"]
    given = [
        f"`{use.expression}` of `{warned.layers[0]}` for {slot}"
        for use, slot in zip(warned.uses, slots, strict=True)
    ]
    return f"{warned.facts['by']} is given {listed(given)}.", (
        "The shapes are alike, so nothing refuses it. c is what the layer remembers, h what it "
        "lets out of that, between -1 and 1."
    )


def _joined(calls, seen):
    """Give a Warned for each layer that is given the numbers of a c for h, or the other way round,
    that were put together before: those of two directions side by side, say.
    """
    for begun, arrays in _first_begun(filter(_is_known, calls), seen):
        for call in (call for call in calls if _has_c(call) and call.order < begun.order):
            uses = [use for use in call.uses if use.who == begun.path]
            plain = [use for use in uses if isinstance(use.part, Part) and not use.numbers]
            known = {use.slot for use in plain}
            pairs = [(_numbers_of(one, call), slot) for slot, one in enumerate(arrays)]
            wanted = "hc" if _has_c(begun) else "hh"
            slots = [(of, wanted[slot % 2], slot) for of, slot in pairs if of]
            slots = [one for one in slots if one[0] != one[1]]
            if any(slot not in known for *_, slot in slots):
                wrong = tuple((of, place) for of, place, _ in slots)
                names = {of: listed([f"`{one}`" for one in _states_of(call, of)]) for of in "hc"}
                facts = {"by": f"`{begun.path}` (`{begun.kind}`)", "slots": wrong, "names": names}
                layers, instead = (call.path, begun.path), _in_order(call)
                yield Warned("wrong_state", _tell_joined, layers, (), facts, instead)


def _first_begun(calls, seen):
    """Give each layer that was given states, as the first of its Calls, and these as arrays."""
    by_order, done = {call.order: call for call in calls}, set()
    for event in seen.events:
        call = by_order.get(event.order)
        if call and call.path not in done:
            done.add(call.path)
            states = [real for real, slot in given_to(event, seen.reader) if slot is not None]
            yield call, [seen.reader.array(state) for state in states]


def _numbers_of(array, call):
    """Return of which state of a call all numbers of an array are, "h" or "c"; or ""."""
    if not array.size or np.ptp(array) == 0:
        return ""
    named = {tensor.expression: tensor.values for tensor in call.returned.tensors}
    for of in "hc":
        values = [named[name].ravel() for name in _states_of(call, of)]
        if values and np.isin(array, np.concatenate(values)).all():
            return of
    return ""


def _states_of(call, of):
    """Return how one writes those returned states of a call that are h, or c."""
    return [one.expression for one in call.returned.tensors if one.name.split("_")[-1] == of]


def _in_order(call):
    """Return the line that takes what an LSTM returns by names in their order."""
    names = [tensor.expression for tensor in call.returned.tensors]
    if names[-1] == "c_n":
        return f"output, (h_n, c_n) = {call.path}(x)  # in this order"
    return f"{', '.join(names)} = {call.path}(x)  # in this order"


def _tell_joined(warned):
    slots, names = warned.facts["slots"], warned.facts["names"]
    given = [f"the numbers of {names[of]} for {place}" for of, place in slots]
    return f"{warned.facts['by']} is given {listed(given)}, of `{warned.layers[0]}`.", (
        "However they were put together: c is what the layer remembers, h what it lets out of that."
    )


def wrong_places(calls: Sequence[Call], seen: Pass) -> Iterator[Warned]:
    """Give a Warned for each layer whose layers begin with the directions of another, or the other
    way round.
    """
    for call, begun, uses in _handed_on(calls):
        whole = tuple(use for use in uses if use.part == Part(use.tensor) and "h_n" in _names(call))
        both = call.spec and begun.spec and (call.spec.bidirectional, begun.spec.bidirectional)
        if whole and both and both[0] != both[1]:
            facts = {"layers": (call.spec.layers, begun.spec.layers), "by": whole[0].by}
            facts["of_directions"] = call.spec.bidirectional
            instead = _right_places(whole, facts)
            layers = call.path, begun.path
            yield Warned("wrong_places", _tell_places, layers, whole, facts, instead)
        elif both == (True, False) and (rows := _rows(uses[0])):
            facts = {"rows": rows, "by": uses[0].by}
            instead = _right_rows(uses, call.spec.layers, len(rows))
            layers = call.path, begun.path
            yield Warned("wrong_places", _tell_rows, layers, tuple(uses), facts, instead)


def _rows(use):
    """Return which rows of `h_n`, of some of its layers and directions, a Use takes for layers, as
    pairs of a layer and a direction; [] if not several.
    """
    steps, (axis, *_) = use.part.steps, use.tensor.axes
    ends = use.part.at(axis) if len(steps) == 1 and axis == "layers·directions" else None
    rows = range(use.tensor.shape[0])[slice(*ends)] if isinstance(ends, tuple) else []
    consecutive = len(rows) > 1 and rows[1] - rows[0] == 1
    return [(row // 2, ("forward", "backward")[row % 2]) for row in rows if consecutive]


def _right_rows(uses, came, wanted):
    """Return the line that begins so many layers with both directions of the top ones, if any."""
    if wanted > came:
        return ""
    name, *others = [use.tensor.expression for use in uses]
    change = f".unflatten(0, ({came}, 2)).sum(1){f'[-{wanted}:]' * (wanted < came)}"
    return f"{name}{change}  # both directions added{f'; {others[0]} alike' if others else ''}"


def _tell_rows(warned):
    names = listed([f"`{use.expression}`" for use in warned.uses])
    of, rows = warned.layers[0], warned.facts["rows"]
    begins = [f"layer {row} {way} for its layer {at}" for at, (row, way) in enumerate(rows[:2])]
    return f"{warned.facts['by']} is given {names} of `{of}`, which is bidirectional.", (
        "The sizes are alike, so nothing refuses it. The directions alternate in the first axis: "
        f"that is {listed(begins)}{', and so on' * (len(rows) > 2)}."
    )


def _names(call):
    return [tensor.expression for tensor in call.returned.tensors]


def _right_places(uses, facts):
    """Return the line that begins each layer with both directions, or each direction with a layer;
    it keeps the top layers.
    """
    came, wanted = facts["layers"]
    change = f".unflatten(0, ({came}, 2)).sum(1).repeat_interleave(2, 0)"
    words = "both directions added, for two layers each"
    if not facts["of_directions"]:
        change = f"[-{wanted}:].repeat_interleave(2, 0)"
        words = "the top of the layers, for both directions"
    name, *others = [use.expression for use in uses]
    alike = f"; {others[0]} alike" if others else ""
    return f"{name}{change}  # {words}{alike}"


def _tell_places(warned):
    facts, of = warned.facts, warned.layers[0]
    names = listed([f"`{use.expression}`" for use in warned.uses])
    begins = "Its forward direction begins with layer 0, its backward one with layer 1"
    has = f"has {many(facts['layers'][0], 'layer')} and one direction"
    if facts["of_directions"]:
        begins = "Its layer 0 begins with the forward direction, its layer 1 with the backward one"
        has = "is bidirectional"
    more = ", and so on" if max(facts["layers"]) > 2 else ""
    return f"{facts['by']} is given {names} of `{of}`, which {has}.", (
        f"The sizes are alike, so nothing refuses it. {begins}{more}."
    )


def whole_sequences(calls: Sequence[Call], seen: Pass) -> Iterator[Warned]:
    """Give a Warned for each layer that begins with what another returned for every timestep."""
    for call, begun, uses in _handed_on(calls):
        every = tuple(use for use in uses if _is_sequence(use))
        if every:
            instead = _last_states(call, begun, seen)
            layers, facts = (call.path, begun.path), {"by": every[0].by}
            yield Warned("sequence_as_state", _tell_sequence, layers, every, facts, instead)


def _is_sequence(use):
    axes = use.tensor.axes
    return (
        "timesteps" in axes
        and use.part == Part(use.tensor)
        and use.shape[axes.index("timesteps")] > 1
    )


def _last_states(call, begun, seen):
    """Return the states to hand on in place of the output, once for each layer that begins."""
    states = call.returned.tensors[1 : 3 if _has_c(begun) else 2]
    names = [tensor.expression for tensor in states]
    if seen.reader.states == "h":
        return f"initial_state=[{', '.join(names)}]"
    if call.spec != begun.spec and begun.spec.layers > 1:
        names = [f"{name}[-1:].repeat({begun.spec.layers}, 1, 1)" for name in names]
    return f"({', '.join(names)})" if len(names) > 1 else names[0]


def _tell_sequence(warned):
    use = warned.uses[0]
    return (
        f"{warned.facts['by']} is given `{use.expression}` of `{warned.layers[0]}` for a state: "
        f"{use.tensor.sized}.",
        "That is one for each timestep, where the last of each layer is meant.",
    )


def kept_graphs(_calls: Sequence[Call], seen: Pass) -> Iterator[Warned]:
    """Give a Warned for each layer that begins with a state of an earlier pass and with its graph.

    This pass takes no gradients, and what it was given is its caller's.
    """
    given = [id(one) for event in seen.events[:1] for one, _ in given_to(event, seen.reader)]
    for event in seen.events:
        if seen.reader.recurrent(event.layer) and not is_part(event, seen.reader):
            states = [one for one, slot in given_to(event, seen.reader) if slot is not None]
            old = [one for one in states if getattr(one, "grad_fn", None) and id(one) not in given]
            if old:
                facts = {"by": f"`{event.path}` (`{type(event.layer).__name__}`)"}
                several = "states = tuple(state.detach() for state in states)"
                instead = several if len(states) > 1 else "h = h.detach()"
                yield Warned("kept_graph", _tell_graph, (event.path,), (), facts, instead)


def _tell_graph(warned):
    return (
        f"{warned.facts['by']} begins with a state of an earlier pass, and with all that it was "
        "computed from.",
        "In training, backward goes through that pass a second time, which PyTorch refuses.",
    )
