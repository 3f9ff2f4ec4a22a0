"""From a pass to its Flow.

What becomes of what a recurrent layer returned, its Uses say. Of other layers it is seen where the
very tensor that one returned is given to another, or a view of all of it, or what is packed of it.
What else lies between two layers is not seen. It has more than 300 lines: one class leads from a
pass to its flow.
"""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import replace
from functools import cached_property

from ..late import np
from ..nests import leaves
from .axes import Names, axes_of, slot_names, swapped
from .calls import Call, Other, other_of
from .flow import INPUT, LAYER, RESULT, Flow, Link, Node
from .uses import given_to, is_part, tensors_in
from .watching import first_given


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
        self.made = []  # pairs of an event and a tensor that it made
        self.views = {}  # by the memory of such a tensor: the event
        reads = [first_given(event) for event in self.events if event.args or event.kwargs]
        self.packed = {id(one.data): one for one in reads if hasattr(one, "batch_sizes")}
        for event in sorted(self.events, key=lambda event: event.order not in self.entries):
            self._note_made(event)
        uses = [use for call in calls for use in call.uses]
        self.used = {(use.who, use.shape, use.role) for use in uses}
        self.through = {(use.who, use.through) for use in uses}
        self.reads, self.paths = defaultdict(set), defaultdict(list)
        for call in calls:
            self.reads[call.path, call.kind].add((call.input.shape, call.input.axes))
        for event in self.events:
            self.paths[event.path].append(event)

    def _inputs(self):
        """Return pairs of a name and a tensor, for what the network itself is given."""
        top = self.seen.events[0] if self.seen.events else None
        given = leaves((top.args, top.kwargs)) if top else []
        reals = [one for one in given if hasattr(one, "shape") and hasattr(one, "dtype")]
        numbered = [(f"input {number}", real) for number, real in enumerate(reals)]
        return numbered if len(reals) > 1 else [("input", real) for real in reals]

    def _note_made(self, event):
        """Note down who returned a tensor: of those that returned the very one, the first layer."""
        top = event.within is None and event.order not in self.entries
        for real in [] if top else tensors_in(event.value, self.reader):
            if self.reader.index(event):
                self.maker[id(real)] = next(map(self._maker, self._given(event)), None)
            else:
                self.maker.setdefault(id(real), event)
                self.made.append((event, real))
                self.views.setdefault(_memory(real, self.reader), event)

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
        with its key. A layer with others in it is one if what it makes of theirs is read, in any
        of its calls.
        """
        read = [real for event in self.events for real in self._given(event)]
        read += tensors_in(self.seen.result, self.reader)
        makers = [one for one in map(self._maker, read) if one and not isinstance(one, str)]
        self.boxed = {_key(one) for one in makers if one.inner and one.order not in self.entries}
        for call in self.calls:
            self.boxed -= {_key(one) for one in self.seen.events[call.order].inside()}
        outer = {one.order for one in self.events if one.inner and _key(one) in self.boxed}
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
        return event.order in self.entries or leaf or _key(event) in self.boxed

    # Links.

    def _links(self):
        """Return the links, their ends by key."""
        found = [link for call in self.calls for link in self._of_uses(call)]
        said = {(link.target, link.slot) for link in found}
        for event in filter(self._is_node, self.events):
            states = event.order in self.entries and isinstance(self.entries[event.order], Call)
            for real in self._read(event) if states else self._given(event):
                found += self._of_tensor(real, _key(event), event)
            begun = self._begun(event) if states else ()
            found += [one for one in begun if one.source or (one.target, one.slot) not in said]
        for real in tensors_in(self.seen.result, self.reader):
            found += self._of_tensor(real, RESULT)
        found = self._once(found)
        found += self._unread(found)
        return [replace(link, taken=self._taken(link)) for link in found]

    def _once(self, found):
        """Return links without those from what is not seen to where a Use says what it is."""
        nodes = {_key(event) for event in self.events if self._is_node(event)}
        told = {(link.target, link.shape) for link in found if link.use and not link.slot}
        return [
            link
            for link in found
            if link.use
            or link.slot
            or (link.target, link.shape) not in told
            or link.source in nodes
            or isinstance(link.source, str)
        ]

    def _taken(self, link):
        """Return the names of a link's axes as its target takes them, if that swaps two."""
        if link.slot or link.source == link.target:
            return ()
        for shape, axes in self.reads[link.target]:
            names = zip(link.axes, axes, strict=False)
            if shape == link.shape and any(swapped(*pair) for pair in names):
                return axes
        return ()

    def _of_uses(self, call):
        """Give the links that a call's uses say."""
        source = _key(self.seen.events[call.order])
        for use in (use for use in call.uses if use.role != "kept"):
            who = (one for one in self.paths[use.who] if type(one.layer).__name__ == use.kind)
            target = self._node(next(who)) if use.who else RESULT
            start = source
            if use.through and not use.directly and self.paths[use.through]:
                start = self._node(self.paths[use.through][0])
            slot = self._slot(call, use) if use.role == "state" else ""
            yield Link(start, target, use.shape, axes_of(use), slot, use, whose=call.path)

    def _slot(self, call, use):
        """Return as what a recurrent layer begins with a state: "h_0", "c_0", "state 2"."""
        those = self.paths[use.who]
        for event in those[bisect_right(those, call.order, key=lambda event: event.order) :][:1]:
            names = slot_names(self.entries.get(event.order), len(self._states(event)))
            return names[use.slot] if use.slot < len(names) else "a state"
        return "a state"

    def _states(self, event):
        """Return the tensors that a recurrent layer is given beside what it reads."""
        return [real for real, slot in given_to(event, self.reader) if slot is not None]

    def _read(self, event):
        """Return what a recurrent layer reads, of several the first, and what is no state."""
        read = [real for real, slot in given_to(event, self.reader) if slot is None]
        first = tensors_in(first_given(event), self.reader)
        return [*read[:1], *read[len(first) :]]

    def _begun(self, event):
        """Give the links of what a recurrent layer begins with."""
        call, given = self.entries[event.order], self._states(event)
        axes = {f"{one.name}_0": one for one in call.returned.tensors if one.name in ("h", "c")}
        for slot, real in zip(slot_names(call, len(given)), given, strict=True):
            like = axes.get(slot)
            for link in self._of_tensor(real, _key(event), event, "state"):
                known = like.axes if like and like.shape == link.shape else link.axes
                yield replace(link, slot=slot, axes=known)

    def _of_tensor(self, real, target, event=None, role="input"):
        """Give the link of a tensor that a layer reads or the network returns, but of a use.

        event: that layer's; None for the network.
        """
        maker = _earlier(self._maker(real), event)
        is_event = maker is not None and not isinstance(maker, str)
        if is_event and isinstance(self.entries.get(maker.order), Call):
            return
        path = event.path if event else ""
        through = is_event and (path, maker.path) in self.through
        use = path, tuple(real.shape), role if event else "result"
        if use in self.used and (through or not (is_event or role == "state")):
            return
        source, how = self._node(maker) if is_event else maker, ""
        if maker is None:
            source, how = self._of_input(real)
        if source is None:
            packed = id(real) in self.packed
            source, how = self._of_packed(real) if packed else self._of_view(real, event)
        yield Link(source, target, tuple(real.shape), self.names.of(real), how=how)

    def _of_view(self, real, event):
        """Return of what plain layer's result a tensor is a view, and "a view".

        event: the one that reads it, or None.
        """
        maker = _earlier(self.views.get(_memory(real, self.reader) or ()), event)
        if maker is None or isinstance(self.entries.get(maker.order), Call):
            return None, ""
        return self._node(maker), "a view"

    def _of_packed(self, real):
        """Return of which input or what layer's result a tensor is packed, and "packed"."""
        for source, one in (*self.inputs, *self.made):
            is_call = not isinstance(source, str) and isinstance(
                self.entries.get(source.order), Call
            )
            if not is_call and _packs(self._array(one), self.packed[id(real)], self.reader):
                return source if isinstance(source, str) else self._node(source), "packed"
        return None, ""

    def _array(self, given):
        return self.reader.array(given) if self.reader.is_tensor(given) else np.asarray(given)

    def _of_input(self, real):
        """Return of which input a tensor is a copy or a view, or None, and "a view" of a view.

        Of inputs with the same numbers: "input 0 or input 1".
        """
        array = self.reader.array(real)
        pairs = [(name, self._array(given)) for name, given in self.inputs]
        views = [name for name, given in pairs if np.may_share_memory(array, given)]
        half = "bfloat16" in str(real.dtype)
        copies = [name for name, given in pairs if _same(array, given, half)]
        found = copies or views
        return " or ".join(found) or None, "a view" if found and not copies else ""

    def _unread(self, found):
        """Give the links to nobody: of layers of which nobody is seen to read anything."""
        sources = {link.source for link in found}
        through = {path for _, path in self.through}
        for event in filter(self._is_node, self.events):
            entry, key = self.entries.get(event.order), _key(event)
            if key in sources or event.path in through or getattr(entry, "complete", 0) is None:
                continue
            sources.add(key)
            made = [
                one for one in tensors_in(event.value, self.reader) if self._maker(one) is event
            ]
            for real in made[:1]:
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
        for name in dict.fromkeys(link.source for link in found):
            if isinstance(name, str):
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
        tops = [event for event in self.events[:1] if event.within is None]
        weights = sum(self.reader.parameters(event.layer) for event in tops)
        return Flow(tuple(node for *_, node in nodes), tuple(dict.fromkeys(links)), weights)

    def _layer(self, events, inner):
        """Return the Node of all calls of a layer; inner: those of the layers in it."""
        entries = [self.entries.get(one.order) or other_of(one, self.seen) for one in events]
        parts = defaultdict(list)
        for event in inner:
            if event.order in self.entries:
                parts[_key(event)].append(event)
        within = tuple(self._layer(own, ()) for own in parts.values())
        return Node(
            LAYER,
            *_key(events[0]),
            *map(_unlike, zip(*map(_shapes, entries), strict=True)),
            entries[0].parameters - sum(node.weights for node in within),
            len(events),
            any(isinstance(one, Call) for one in entries),
            within,
        )


def _shapes(entry):
    """Return the shapes that a layer read and returned."""
    if isinstance(entry, Call):
        return entry.input.shape, entry.returned.shapes
    return entry.read, entry.returned


def _earlier(maker, event):
    """Return who made a tensor that an event reads; None for one that only handed it on, later."""
    if event is None or maker is None or isinstance(maker, str):
        return maker
    return maker if maker.order < event.order and maker not in event.inside() else None


def _key(event):
    return event.path, type(event.layer).__name__


def _unlike(shapes):
    """Return shapes in order, equal ones once; they may be in dicts, which are no keys."""
    return tuple({str(shape): shape for shape in shapes}.values())


def _packs(array, packed, reader):
    """Return whether a PackedSequence is packed of an array, with batch or timesteps first."""
    data, sizes = reader.array(packed.data), reader.array(packed.batch_sizes)
    order = packed.sorted_indices
    order = np.arange(sizes[0]) if order is None else reader.array(order)
    if array.shape[2:] != data.shape[1:] or array.ndim < 2:
        return False
    for turned in (array, array.swapaxes(0, 1)):
        if len(turned) >= len(sizes) and turned.shape[1] == sizes[0]:
            steps = [turned[step, order[:size]] for step, size in enumerate(sizes)]
            if _same(data, np.concatenate(steps)):
                return True
    return False


def _memory(real, reader):
    """Return where a tensor lies and how much it holds: what all its views share; None
    where NumPy is given a copy, and for one that holds nothing.
    """
    array, again = reader.array(real), reader.array(real)
    where = array.__array_interface__["data"][0]
    shared = array.size and where == again.__array_interface__["data"][0]
    return (where, array.size, array.dtype.char) if shared else None


def _same(array, other, half=False):
    """Return whether an array holds the numbers of another, maybe cast, and not one alone.

    half: whether it was cast to bfloat16, which NumPy does not know.
    """
    if array.shape != other.shape or other.dtype.kind not in "biufc":
        return False
    cast, coarse = other.astype(array.dtype), 2.0**-8
    same = np.allclose(array, cast, coarse, 0) if half else np.array_equal(array, cast)
    return same and bool((array != array.flat[0]).any())
