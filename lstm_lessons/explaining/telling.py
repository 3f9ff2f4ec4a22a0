"""What explain says of a network, as the blocks of a page: each sentence once."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from ..pictures import table
from ..spec import many
from .calls import listed
from .glance import SIGN, glance_of, numbered
from .page import Alert, Block, Drawing, Paragraph, Section, Table

UNLIKE = 3  # in so many ways several calls of a layer are told of


def blocks_of(found) -> Iterator[Block]:
    """Give the blocks of an Explanation, in order."""
    yield from (Paragraph((words,)) for words in _of_network(found))
    for number, warned in enumerate(found.warnings, 1):
        yield Alert((f"{SIGN} {number}.", warned.words))
    yield glance_of(found)
    yield from _sections(found)


def _of_network(found):
    """Return the sentences about a network as a whole."""
    tried = found.tried.words
    return (found.title, *found.notes, *([tried] if tried else []))


def _grouped(entries):
    """Return the entries in order of execution, those that are alike put with the first."""
    groups = {}
    for entry in sorted(entries, key=lambda entry: entry.order):
        groups.setdefault(entry.signature, []).append(entry)
    return list(groups.values())


def _sections(found):
    """Give what is said of several recurrent layers, and then, layer by layer, the rest."""
    places = {call.order: place for place, call in enumerate(found.layers)}
    groups = _grouped(found.layers)
    bodies = [[*_described(calls, places[calls[0].order], found.flow)] for calls in groups]
    owners = defaultdict(list)
    for place, body in enumerate(bodies):
        for unit in dict.fromkeys(unit for block in body for unit in _units_of(block)):
            owners[unit].append(place)
    names = _names([calls[0] for calls in groups])
    for those, blocks in _shared(bodies, owners).items():
        who = "all recurrent layers" if len(those) == len(names) > 3 else None
        yield Section(f"Alike in {who or listed(names[place] for place in those)}", tuple(blocks))
    for place, (calls, body) in enumerate(zip(groups, bodies, strict=True)):
        own = [block for block in (_without(one, owners) for one in body) if block]
        yield Section(_heading(calls, found.flow, names[place]), tuple(own), len(groups) == 1)


def _units_of(block):
    """Return what is said once: each sentence, and a table."""
    if isinstance(block, Table):
        return [table(block.tensors, block.title).text]
    return block.sentences if isinstance(block, Paragraph) else ()


def _without(block, owners):
    """Return a block without what is said of several layers; None if nothing is left of it."""
    if isinstance(block, Paragraph):
        block = replace(block, sentences=tuple(s for s in block.sentences if len(owners[s]) == 1))
        return block if block.sentences else None
    return block if all(len(owners[unit]) == 1 for unit in _units_of(block)) else None


def _shared(bodies, owners):
    """Return by their numbers the layers that something is said of, and what, as blocks."""
    found, told = defaultdict(list), set()
    for block in (block for body in bodies for block in body):
        for unit in _units_of(block):
            if len(owners[unit]) > 1 and unit not in told:
                told.add(unit)
                part = replace(block, sentences=(unit,)) if isinstance(block, Paragraph) else block
                found[tuple(owners[unit])].append(part)
    return found


def _names(calls):
    """Return what layers are called, those that are called in several ways by what they read."""
    paths = [call.path for call in calls]
    return [
        f"`{call.path}` on {call.input.shape}" if paths.count(call.path) > 1 else f"`{call.path}`"
        for call in calls
    ]


def _heading(calls, flow, name):
    call, *others = calls
    number = numbered(flow)[call.path, call.kind]
    settings = call.title.removeprefix(f"`{call.path}`")
    times = f", called {many(len(calls), 'time')} alike" if others else ""
    return f"{number}. {name}{settings}{times}"


def _described(calls, number, flow):
    """Give the blocks of a recurrent layer, of its calls that are alike."""
    call = calls[0]
    node = [(one.path, one.kind) for one in flow.nodes].index((call.path, call.kind))
    yield Paragraph((f"It reads {call.input.sized}.", *_units(call), *_begins(flow, node)), 1)
    yield Drawing(call, number, 1)
    yield Table(call.returned.tensors, f"It returns `{call.returned.shapes}`", 1)
    roles = {link.use: link.role for link in flow.out_of(node) if link.use}
    becomes = _of_calls([_becomes(one, roles) for one in calls])
    notes = _of_calls([[*_twice(one), *one.notes] for one in calls])
    for sentences in (becomes, notes, _parts(call), _counted(call)):
        if sentences:
            yield Paragraph(tuple(sentences), 1)


def _of_calls(told):
    """Return what is told of several calls: of which it is true, where that is not all of them.

    Of calls that are told of in many ways, only what is true of the first or of the last one.
    """
    where = defaultdict(list)
    for place, sentences in enumerate(told):
        for sentence in sentences:
            where[sentence].append(place)
    if len({*map(tuple, where.values())}) > UNLIKE:
        ends = {0, len(told) - 1}
        where = {sentence: places for sentence, places in where.items() if ends & {*places}}
    return [_which(places, len(told)) + sentence for sentence, places in where.items()]


def _which(places, count):
    """Return of which of so many calls a sentence is, to stand before it; "" for all of them."""
    first, last = places[0], places[-1]
    if len(places) == count:
        return ""
    if len(places) < last - first + 1:
        return (
            f"{len(places)} of {count} calls: "
            if len(places) > UNLIKE
            else (f"Calls {listed(map(str, places))}: ")
        )
    ends = {(0, count - 2): "All calls but the last", (1, count - 1): "All calls but the first"}
    ends |= {(0, 0): "The first call", (count - 1,) * 2: "The last call"}
    some = f"Calls {first} to {last}" if last > first else f"Call {first}"
    return f"{ends.get((first, last), some)}: "


def _twice(call):
    """Return the sentences on tensors that are returned twice."""
    return [
        f"{_told(pair)} are one and the same tensor, returned in two places." for pair in call.twice
    ]


def _begins(flow, place):
    """Return which states a layer begins with, and whose they are."""
    slots = defaultdict(list)
    for link in flow.to(place):
        if link.slot:
            slots[link.slot].append(link)
    by = defaultdict(list)
    for slot, links in slots.items():
        at_once = [link for link in links if link.use and link.use.beside]
        others = [link for link in links if link not in at_once]
        whose = [*filter(None, [" and ".join(_origins(at_once, flow))]), *_origins(others, flow)]
        by[" or ".join(whose)].append(f"`{slot}`")
    said = [f"{listed(names)}: {whose}" for whose, names in by.items()]
    return [f"It begins with {'; '.join(said)}."] if said else []


def _origins(links, flow):
    """Return whose states links hand on, each once, those of the layer itself last."""
    whose = [_whose(link, flow) for link in links if link.source != link.target]
    return [*dict.fromkeys([*whose, *_own([one for one in links if one.source == one.target])])]


def _own(links):
    """Return which of its own states a layer begins with, one for all of its calls."""
    parts = [*dict.fromkeys(link.expression for link in links)]
    if not parts:
        return []
    own = " or ".join(f"its own {part}" if at == 0 else part for at, part in enumerate(parts))
    if len(parts) > UNLIKE or not all(part.startswith("`") for part in parts):
        names = [f"`{one.expression}`" for link in links if link.use for one in link.use.tensors]
        own = f"what is made of its own {listed(dict.fromkeys(names))}"
    return [f"{own}, of the call before, from the second call on"]


def _whose(link, flow):
    if link.source is None:
        return "made where it is not seen"
    node, later = flow.nodes[link.source], link.source > link.target
    words = f"{link.expression or 'what comes'} of `{node.path}`".replace("comes of", "comes from")
    return words + ", from the second call on" * later


def _counted(call):
    if not call.terms:
        return [f"Parameters: {call.parameters}."]
    product = "(features + h + biases) · units"
    if call.spec is None or call.spec.cell != "rnn":
        product = f"(gates + candidate) · {product}"
    if call.spec and call.spec.proj_size:
        product = f"({product} + units · projection)"
    several = len(call.terms) > 1 or call.terms[0].projection
    each = " for each layer and direction" if several else ""
    return [
        f"Parameters: {call.arithmetic}.",
        f"Parameters are {product}{each}; batch and timesteps do not count.",
    ]


def _units(call):
    """Return what units and timesteps have to do with each other, if both are known."""
    unlike = any("units+units" in tensor.axes for tensor in call.returned.tensors)
    if call.spec is None or unlike:
        return []
    units, projected, steps = call.spec.units, call.spec.proj_size, call.spec.timesteps
    numbers = many(units, "number")
    vectors = f"h is a vector of {numbers}"
    if call.spec.cell == "lstm":
        vectors = f"h and c are vectors of {numbers}"
    if projected:
        vectors = f"c is a vector of {numbers}, h, projected, one of {projected}"
    when = f"each of the {many(steps, 'timestep')}" if steps > 1 else "the one timestep"
    return [f"{vectors}, made anew at {when} with the same weights."]


def _becomes(call, roles):
    """Return what becomes of each tensor: who receives it, and what is not seen to be used."""
    by = {}
    for use in call.uses:
        by.setdefault((use.who, use.role == "kept"), []).append(use)
    said = [f"{_receiver(uses[0])} {_received(uses, roles)}." for uses in by.values()]
    used = {tensor for use in call.uses for tensor in use.tensors}
    same = {*(pair for pair in call.twice if used & {*pair})}
    used |= {tensor for pair in same for tensor in pair}
    rest = [
        one for one in call.returned.tensors if one not in used and one.values.dtype.kind == "f"
    ]
    if call.complete is None:
        rest = []
    read = [one for one in rest if one in call.read]
    if unseen := read if call.complete else rest:
        said.append(f"What becomes of {_told(unseen)} is not {'seen' if read else 'visible'}.")
    if dropped := [one for one in rest if call.complete and one not in read]:
        said.append(f"{_told(dropped)}: dropped.")
    return said


def _receiver(use):
    verb = {"result": "returns", "kept": "keeps"}.get(use.role, "receives")
    return f"{use.by[0].upper()}{use.by[1:]} {verb}"


def _received(uses, roles):
    """Return what is received, as what, and where: of several in one place, that once."""
    said = [_taken(use, roles) for use in uses]
    lines = [use.line for use in uses if use.line]
    if len(lines) == len(uses) and len(set(lines)) == 1:
        return f"{listed(said)} in {lines[0]}"
    where = [f" in {use.line}" if use.line else "" for use in uses]
    return listed([words + place for words, place in zip(said, where, strict=True)])


def _taken(use, roles):
    """Return what is received, and of a state what it is taken for."""
    if use.role != "state":
        return use.words
    return f"{replace(use, role='input').words} {roles.get(use, 'as a state')}"


def _told(tensors):
    return listed([f"`{tensor.expression}`" for tensor in tensors])


def _parts(call):
    """Return a sentence for each part of a wrapper, alike ones once."""
    groups = _grouped(replace(part, order=place) for place, part in enumerate(call.parts))
    return [
        f"Inside, `{part.path}`: `{part.kind}`, {part.input.sized} → `{part.returned.shapes}`"
        + (f", called {many(len(others) + 1, 'time')}." if others else ".")
        for part, *others in groups
    ]
