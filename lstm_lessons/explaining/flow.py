"""The flow of a network as records: its layers, and who hands what to whom."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby

from ..shapes import sized
from ..spec import many
from .uses import Use

INPUT, LAYER, RESULT = "input", "layer", "result"  # the roles of nodes
MANY, MOST = 12, 24  # nodes: with more, layers that are not recurrent are put together, or any


@dataclass(frozen=True)
class Node:
    """A layer in the flow, called once or several times; or an input, or the result.

    role: "input", "layer" or "result".
    path, kind: of a layer; an input's or the result's name is its path.
    reads, returned: the shapes of each of its calls that is unlike those before.
    weights: how many, without those in it. times: how often it is called. recurrent: whether it is.
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
    use: the Use that says it, of what a recurrent layer returned; whose: that layer's path.
    how: "a view" or "packed", of what the source hands on; "" for the very tensor.
    taken: the names of the axes as the target takes them, if it takes batch for timesteps.
    """

    source: int | None
    target: int | None
    shape: tuple[int, ...] = ()
    axes: tuple[str, ...] = ()
    slot: str = ""
    use: Use | None = None
    how: str = ""
    taken: tuple[str, ...] = ()
    whose: str = ""

    @property
    def expression(self) -> str:
        """Return how what is handed on is written; "" if it is the very tensor."""
        if self.use:
            return self.use.named
        return self.how

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
    weights: how many the network has in all.
    """

    nodes: tuple[Node, ...] = ()
    links: tuple[Link, ...] = ()
    weights: int = 0

    def to(self, number: int | None) -> list[Link]:
        """Return the links that end at a node."""
        return [link for link in self.links if link.target == number]

    def out_of(self, number: int | None) -> list[Link]:
        """Return the links that begin at a node."""
        return [link for link in self.links if link.source == number]


def brief(flow: Flow) -> Flow:
    """Return a Flow that can be taken in: of a long one, runs of layers are put together."""
    if len(flow.nodes) > MANY:
        plain = [node.role == LAYER and not node.recurrent for node in flow.nodes]
        runs = [[*run] for _, run in groupby(range(len(plain)), key=lambda place: plain[place])]
        flow = _together(flow, [run for run in runs if plain[run[0]] and len(run) > 3])
    if len(flow.nodes) > MOST:
        flow = _together(flow, [range(MOST // 2, len(flow.nodes) - MOST // 3)])
    return flow


def _together(flow, runs: Iterable) -> Flow:
    """Return a Flow with each run of nodes as one, and without what goes from one to another."""
    first = {place: run[0] for run in runs for place in run}
    last = {run[0]: run[-1] for run in runs}
    kept = [place for place in range(len(flow.nodes)) if first.get(place, place) == place]
    nodes = [
        _run(flow.nodes[place : last[place] + 1]) if place in last else flow.nodes[place]
        for place in kept
    ]
    number = {place: kept.index(first.get(place, place)) for place in range(len(flow.nodes))}
    links = [
        replace(link, source=number.get(link.source), target=number.get(link.target))
        for link in flow.links
        if not _is_inside(link, first, last)
    ]
    return replace(flow, nodes=tuple(nodes), links=tuple(dict.fromkeys(links)))


def _is_inside(link, first, last):
    """Return whether a link is one between the nodes of a run, or of one to what is not seen."""
    ends = {first.get(end) for end in (link.source, link.target)}
    if None in (link.source, link.target):
        (run,) = (ends - {None}) or {None}
        return run is not None and link.target != run and link.source != last[run]
    return None not in ends and len(ends) == 1


def _run(nodes):
    """Return nodes as one."""
    weights = sum(part.weights for node in nodes for part in (node, *node.inner))
    recurrent = any(node.recurrent for node in nodes)
    path = f"{nodes[0].path} … {nodes[-1].path}"
    return Node(LAYER, path, many(len(nodes), "layer"), weights=weights, recurrent=recurrent)
