"""Traps in the states that a layer begins with: h for c, directions for layers, a sequence."""

from collections.abc import Iterator, Sequence

from .calls import Call, listed
from .parts import Part
from .warned import Warned
from .watching import Pass


def wrong_states(calls: Sequence[Call], seen: Pass) -> Iterator[Warned]:
    """Give a Warned for each layer that begins with the h of an LSTM for c, or with its c for h."""
    for call, begun, uses in _handed_on(calls):
        wrong = tuple(use for use in uses if _state(use) not in _slot(use, begun))
        if wrong and _has_c(call):
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


def _has_c(call):
    """Return whether a layer is an LSTM, or a cell of one."""
    if call.spec:
        return call.spec.cell == "lstm"
    return any(tensor.name == "c" for tensor in call.returned.tensors)


def _state(use):
    """Return which state is handed on, "h" or "c"; "" for what is neither for sure."""
    name = use.tensor.name.removeprefix("forward_").removeprefix("backward_")
    if name == "output" and ("timesteps" not in use.tensor.axes or isinstance(use.timestep, int)):
        return "h"
    return name if name in ("h", "c") else ""


def _slot(use, begun):
    """Return which state a layer begins with in the place of a Use."""
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
