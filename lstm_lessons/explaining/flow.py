"""The flow of a network: who hands what to whom, as a graph of records.

Of recurrent layers the Uses say it. Of the others it is seen where the very tensor that one layer
returned is given to another. What lies between two layers is not seen.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ..nests import leaves
from ..shapes import sized
from .axes import Names, axes_of, swapped
from .calls import Call, Other
from .uses import Use, is_part, tensors_in
from .watching import first_given

INPUT, LAYER, RESULT = "input", "layer", "result"  # the roles of nodes


@dataclass(frozen=True)
class Node:
    """A layer in the flow, called once or several times; or an input, or the result.

    role: "input", "layer" or "result".
    path, kind: of a layer; an input's or the result's name is its path.
    reads, returned: the shapes of each of its calls that is unlike those before.
    weights: how many. times: how often it is called. recurrent: whether it is.
    inner: the layers in it, of one that makes something of what they return.
    """

    role: str
    path: str
    kind: str = ""
    reads: tuple = ()
    returned: tuple = ()
    weights: int = 0
    times: int = 1
    recurrent: bool = False
    inner: tuple["Node", ...] = ()


@dataclass(frozen=True)
class Link:
    """What one node hands to another.

    source, target: the numbers of the nodes; None where it is not seen.
    shape, axes: of what is handed on; an axis whose name is not known is "".
    slot: what a recurrent layer begins with it as, "h_0" or "c_0"; "" for what is read.
    use: the Use that says it, of what a recurrent layer returned.
    view: whether it is a view of what the source hands on, and not the very tensor.
    taken: the names of the axes as the target takes them, if it takes batch for timesteps.
    """

    source: int | None
    target: int | None
    shape: tuple[int, ...] = ()
    axes: tuple[str, ...] = ()
    slot: str = ""
    use: Use | None = None
    view: bool = False
    taken: tuple[str, ...] = ()

    @property
    def expression(self) -> str:
        """Return how what is handed on is written; "" if it is the very tensor."""
        if self.use:
            return f"{'the numbers of ' * self.use.numbers}`{self.use.expression}`"
        return "a view" * self.view

    @property
    def role(self) -> str:
        """Return what the target takes it for, in words: "as `h_0`"; "" for what it reads."""
        return f"as `{self.slot}`" if self.slot.endswith("_0") else self.slot and f"as {self.slot}"

    @property
    def sized(self) -> str:
        """Return its axes with their sizes; an axis that is not known has its size alone."""
        return sized(self.axes, self.shape) if any(self.axes) else str(self.shape)

    @property
    def words(self) -> str:
        """Return what is handed on: "`h_n` (layers 1, batch 3, units 7) as `h_0`"."""
        swapped = f"taken for {sized(self.taken, self.shape)}" if self.taken else ""
        return " ".join(filter(None, [self.expression, self.sized, self.role, swapped]))


@dataclass(frozen=True)
class Flow:
    """A network as a graph.

    nodes: in order of execution, the result last. links: in the order of their targets.
    """

    nodes: tuple[Node, ...] = ()
    links: tuple[Link, ...] = ()

    def to(self, number: int | None) -> list[Link]:
        """Return the links that end at a node."""
        return [link for link in self.links if link.target == number]

    def out_of(self, number: int | None) -> list[Link]:
        """Return the links that begin at a node."""
        return [link for link in self.links if link.source == number]


def flow_of(calls: list[Call], others: list[Other], seen) -> Flow:
    """Return the Flow of a pass, of its Calls with their Uses and its Others."""
    return _Graph(calls, others, seen).flow()


class _Graph:
    """The links of a pass, between keys: a layer's path and class, an input's name, RESULT, None.

    maker: by a tensor's identity, the event that returned it, or the name of an input.
    """

    def __init__(self, calls, others, seen):
        self.calls, self.seen, self.reader = calls, seen, seen.reader
        self.entries = {one.order: one for one in (*calls, *others)}
        self.events = [one for one in seen.events if not is_part(one, seen.reader)]
        self.names = Names(calls, self.events, seen)
        self.inputs = self._inputs()
        self.maker = {id(real): name for name, real in self.inputs}
        for event in sorted(self.events, key=lambda event: event.order not in self.entries):
            self._note_made(event)
        self.uses = [use for call in calls for use in call.uses]
        self.used = {(use.who, use.shape) for use in self.uses}
        self.reads, self.paths = defaultdict(list), defaultdict(list)
        for call in calls:
            self.reads[call.path, call.kind].append(call.input)
        for event in self.events:
            self.paths[event.path].append(event)

    def _inputs(self):
        """Return pairs of a name and a tensor, for what the network itself is given."""
        top = self.seen.events[0] if self.seen.events else None
        given = leaves((top.args, top.kwargs)) if top else []
        reals = [one for one in given if hasattr(one, "shape") and hasattr(one, "dtype")]
        numbered = [(f"input {number}", real) for number, real in enumerate(reals, 1)]
        return numbered if len(reals) > 1 else [("input", real) for real in reals]

    def _note_made(self, event):
        """Note down who returned a tensor: of those that returned the very one, the first layer."""
        top = event.within is None and event.order not in self.entries
        for real in [] if top else tensors_in(event.value, self.reader):
            if self.reader.index(event):
                self.maker[id(real)] = next(map(self._maker, self._given(event)), None)
            else:
                self.maker.setdefault(id(real), event)

    def _given(self, event):
        """Return the tensors that a layer is given, without a mask."""
        named = [one for name, one in event.kwargs.items() if name != "mask"]
        return tensors_in((event.args, named), self.reader)

    def _maker(self, real):
        return self.maker.get(id(real))

    # Nodes.

    @cached_property
    def boxes(self):
        """Return by their order the events that are no nodes: those inside a layer which is one,
        with its key. A layer with others in it is one if what it makes of theirs is read.
        """
        read = [real for event in self.events for real in self._given(event)]
        read += tensors_in(self.seen.result, self.reader)
        makers = [one for one in map(self._maker, read) if one and not isinstance(one, str)]
        outer = {one.order for one in makers if one.inner and one.order not in self.entries}
        outer -= _around(self.calls, self.seen)
        return {
            event.order: _key(around)
            for event in self.events
            for around in event.inside()
            if around.order in outer
        }

    def _node(self, event):
        """Return the key of the node that an event belongs to."""
        return self.boxes.get(event.order, _key(event))

    def _is_node(self, event):
        """Return whether an event is a layer's call or an operation's, or one of its makers."""
        if event.order in self.boxes or self.reader.index(event):
            return False
        leaf = not event.inner and event.within is not None
        return event.order in self.entries or leaf or _key(event) in self.boxes.values()

    # Links.

    def _links(self):
        """Return the links, their ends by key."""
        found = [link for call in self.calls for link in self._of_uses(call)]
        for event in filter(self._is_node, self.events):
            states = event.order in self.entries and isinstance(self.entries[event.order], Call)
            reads = tensors_in(first_given(event), self.reader)[:1] if states else None
            for real in reads or self._given(event):
                found += self._of_tensor(real, _key(event), event.path)
            found += self._of_states(event, found) if states else []
        for real in tensors_in(self.seen.result, self.reader):
            found += self._of_tensor(real, RESULT, "")
        found += self._unread(found)
        return [replace(link, taken=self._taken(link)) for link in found]

    def _taken(self, link):
        """Return the names of a link's axes as its target takes them, if that swaps two."""
        if link.slot or link.source == link.target:
            return ()
        for read in self.reads[link.target]:
            names = zip(link.axes, read.axes, strict=False)
            if read.shape == link.shape and any(swapped(*pair) for pair in names):
                return read.axes
        return ()

    def _of_uses(self, call):
        """Give the links that a call's uses say."""
        source = _key(self.seen.events[call.order])
        for use in call.uses:
            who = [one for one in self.paths[use.who] if type(one.layer).__name__ == use.kind]
            target = self._node(who[0]) if use.who and who else RESULT
            start = source
            if use.through and not use.directly and self.paths[use.through]:
                start = self._node(self.paths[use.through][0])
            for slot in self._slots(call, use) if use.role == "state" else [""]:
                yield Link(start, target, use.shape, axes_of(use), slot, use)

    def _slots(self, call, use):
        """Return as what a recurrent layer begins with a state: "h_0", "c_0", or "a state"."""
        after = [one for one in self.paths[use.who] if one.order > call.order]
        if not after:
            return ["a state"]
        given = self._states(after[0])
        names = _slot_names(self.entries.get(after[0].order), len(given))
        own = tensors_in(self.seen.events[call.order].value, self.reader)
        expressions = {
            id(real): tensor.expression
            for real, tensor in zip(own, call.returned.tensors, strict=True)
        }
        pairs = zip(names, given, strict=True)
        same = [name for name, real in pairs if expressions.get(id(real)) == use.expression]
        alike = [one for one in call.uses if (one.who, one.role) == (use.who, "state")]
        if not same and len(alike) == len(given):
            return [names[alike.index(use)]]
        return same or ["a state"]

    def _states(self, event):
        """Return the tensors that a recurrent layer is given beside what it reads."""
        read = {id(real) for real in tensors_in(first_given(event), self.reader)[:1]}
        return [real for real in self._given(event) if id(real) not in read]

    def _of_states(self, event, found):
        """Return the links of what a recurrent layer begins with, but those that are found."""
        said = {link.slot for link in found if link.target == _key(event) and link.use}
        return [link for link in self._begun(event) if link.slot not in said]

    def _begun(self, event):
        """Give the links of what a recurrent layer begins with."""
        call, given = self.entries[event.order], self._states(event)
        axes = {f"{one.name}_0": one for one in call.returned.tensors if one.name in ("h", "c")}
        for slot, real in zip(_slot_names(call, len(given)), given, strict=True):
            like = axes.get(slot)
            for link in self._of_tensor(real, _key(event), None):
                known = like.axes if like and like.shape == link.shape else link.axes
                yield replace(link, slot=slot, axes=known)

    def _of_tensor(self, real, target, path):
        """Give the link of a tensor that a layer reads or the network returns, but of a use."""
        maker = self._maker(real)
        is_event = maker is not None and not isinstance(maker, str)
        if is_event and isinstance(self.entries.get(maker.order), Call):
            return
        if (path, tuple(real.shape)) in self.used and (not is_event or self._through(maker, path)):
            return
        source, view = self._node(maker) if is_event else maker, False
        if maker is None:
            source, view = self._of_input(real)
        if source != target:
            shape, axes = tuple(real.shape), self.names.of(real)
            yield Link(source, target, shape, axes, view=view)

    def _array(self, given):
        return self.reader.array(given) if self.reader.is_tensor(given) else np.asarray(given)

    def _through(self, maker, path):
        """Return whether a use says that a layer handed on what it was given, to another."""
        return any((use.who, use.through) == (path, maker.path) for use in self.uses)

    def _of_input(self, real):
        """Return of which input a tensor is a copy or a view, or None, and whether a view."""
        array = self.reader.array(real)
        pairs = [(name, self._array(given)) for name, given in self.inputs]
        views = [name for name, given in pairs if np.may_share_memory(array, given)]
        copies = [name for name, given in pairs if _same(array, given)]
        if len(copies) == 1:
            return copies[0], False
        return (views[0], True) if len(views) == 1 else (None, False)

    def _unread(self, found):
        """Give the links to nobody: of layers of which nobody is seen to read anything."""
        sources = {link.source for link in found}
        through = {use.through for use in self.uses}
        for event in filter(self._is_node, self.events):
            entry, key = self.entries.get(event.order), _key(event)
            if key in sources or event.path in through or getattr(entry, "complete", 0) is None:
                continue
            sources.add(key)
            for real in tensors_in(event.value, self.reader)[:1]:
                if self._maker(real) is not event:
                    continue
                yield Link(key, None, tuple(real.shape), self.names.of(real))

    # The graph.

    def flow(self):
        """Return the Flow."""
        found = self._links()
        made, inner = defaultdict(list), defaultdict(list)
        for event in self.events:
            if event.order in self.boxes:
                inner[self.boxes[event.order]].append(event)
            elif self._is_node(event):
                made[_key(event)].append(event)
        nodes = [
            (events[0].order, key, self._layer(events, inner[key])) for key, events in made.items()
        ]
        readers = {link.source: made.get(link.target) for link in reversed(found)}
        for name, _ in self.inputs:
            if name in readers:
                order = readers[name][0].order - 0.5 if readers[name] else -1
                nodes.append((order, name, Node(INPUT, name)))
        nodes.sort(key=lambda node: node[0])
        nodes.append((0, RESULT, Node(RESULT, RESULT)))
        number = {key: place for place, (_, key, _) in enumerate(nodes)}
        links = [
            replace(link, source=number.get(link.source), target=number.get(link.target))
            for link in found
        ]
        links.sort(key=lambda link: (link.target is None, link.target))
        return Flow(tuple(node for *_, node in nodes), tuple(dict.fromkeys(links)))

    def _layer(self, events, inner):
        """Return the Node of all calls of a layer; inner: those of the layers in it."""
        entries = [self.entries[one.order] for one in events if one.order in self.entries]
        calls = [one for one in entries if isinstance(one, Call)]
        parts = defaultdict(list)
        for event in inner:
            if event.order in self.entries:
                parts[_key(event)].append(event)
        return Node(
            LAYER,
            *_key(events[0]),
            reads=_unlike(one.input.shape if one in calls else one.read for one in entries),
            returned=_unlike(
                one.returned.shapes if one in calls else one.returned for one in entries
            ),
            weights=entries[0].parameters if entries else 0,
            times=len(events),
            recurrent=bool(calls),
            inner=tuple(self._layer(own, ()) for own in parts.values()),
        )


def _key(event):
    return event.path, type(event.layer).__name__


def _around(calls, seen):
    """Return the orders of the events that a recurrent layer is called in."""
    return {outer.order for call in calls for outer in seen.events[call.order].inside()}


def _unlike(shapes):
    """Return shapes in order, equal ones once; they may be in dicts, which are no keys."""
    return tuple({str(shape): shape for shape in shapes}.values())


def _same(array, other):
    """Return whether two arrays hold the same numbers, more than one."""
    return array.size > 1 and np.array_equal(array, other)


def _slot_names(call, many):
    """Return as what a recurrent layer begins with so many states."""
    cells = {"LSTMCell": "lstm", "GRUCell": "gru", "RNNCell": "rnn"}
    cell = cells.get(call.kind) if call else None
    if call and call.spec:
        cell = call.spec.cell
    letters = {"lstm": ("h_0", "c_0"), "gru": ("h_0",), "rnn": ("h_0",)}.get(cell, ())
    ways = tuple(f"{way}_{slot}" for way in ("forward", "backward") for slot in letters)
    known = next((names for names in (letters, ways) if len(names) == many), ())
    return known or ("a state",) * many
