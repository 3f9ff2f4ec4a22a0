"""Trays: what somebody predicts orders them, and what comes back lands on them. Facts, no SVG.

A predicted shape such as (3, 5, 7) is a tray with 5 places for a vector of 7, three deep. What
comes fills it, or leaves places empty, or sticks out. Timesteps lie across, numbers down, the batch
in depth; layers and directions stand in frames. Nothing here needs NumPy. It has more than 300
lines since what does not fit is also told here, in words.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import prod

from ..shapes import Tensor
from ..spec import many
from .packed import ROW

WAYS = ("frames", "deep", "places", "long")  # in which numbers lie, from the outermost
THINGS = {
    "batch": "sequence",
    "timesteps": "timestep",
    "layers": "layer",
    "directions": "direction",
}
USUAL = {"frames": "frame", "deep": "row", "places": "timestep"}  # where the axis has no such name
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


@dataclass(frozen=True)
class Room:
    """How much a tray holds, or how much comes.

    frames: how many layers and directions. deep: how many sequences; None for any number. places:
    how many timesteps. long: how many numbers lie in each place.
    ways: what each axis of the shape counts: one of these.
    open: whether it has any number of places; places is 1 then.
    """

    frames: int
    deep: int | None
    places: int
    long: int
    ways: tuple[str, ...]
    open: bool = False


@dataclass(frozen=True)
class Mismatch:
    """In what a tray and what comes differ.

    kind: "frames", "deep", "places" or "long", where the sizes differ; "open", where any number of
        sequences may come, or of timesteps has a place; "axes", another number of axes; "order" and
        "names", where the sizes are the same and the axes stand in another order or count something
        else.
    given, came: the sizes, numbers of axes, or names of axes.
    what: what lands: "h", "c" or "what comes"; or what is counted: "sequence"; or which axes are
        missing, "" if that is not known.
    """

    kind: str
    given: int | str
    came: int | str
    what: str = ""

    @property
    def words(self) -> str:
        """Return it in a clause: "4 places stay empty"."""
        if isinstance(self.given, str) or isinstance(self.came, str):
            if self.kind == "order":
                return f"the axes stand in another order, {self.came} first"
            return f"{self.given} is expected where {self.came} comes"
        if self.kind == "axes":
            more = self.given - self.came
            which = f": {self.what}" if self.what else ""
            return f"{many(abs(more), 'axis')} {'too many' if more > 0 else f'missing{which}'}"
        if self.kind == "open":
            return _of_any(self.given, self.came, self.what)
        wants = _of_numbers if self.kind == "long" else _of_places
        return wants(self.given, self.came, self.what)


def _of_any(given, came, what):
    """Return how places of which the number is open, 0 here, are filled; or those that are not."""
    if not given:
        return f"room for any number of {what}s; {came} {'comes' if came == 1 else 'come'}"
    return f"room for {many(given, what)}, and any number may come"


def _of_numbers(given, came, what):
    """Return how vectors that are too long or too short lie in their places."""
    if given == 1:
        return f"1 place high; {what} is {came} long"
    if given < came:
        gone = came - given
        return "one number does not fit" if gone == 1 else f"{many(gone, 'number')} do not fit"
    return f"each place holds {many(given, 'number')}; {what} is {came} long"


def _of_places(given, came, what):
    """Return how places that are too many or too few are filled."""
    if given < came:
        return f"{many(came, what)}, {many(given, 'place')}"
    if what == "timestep":
        return f"{many(given - came, 'place')} {'stays' if given - came == 1 else 'stay'} empty"
    return f"room for {many(given, what)}; {came} {'comes' if came == 1 else 'come'}"


@dataclass(frozen=True)
class Tray:
    """A predicted tensor, and what lands on it.

    given: what was predicted, None if nothing was. came: what comes, None if nothing does.
    room, load: how much each of them holds.
    """

    given: Tensor | None
    came: Tensor | None
    room: Room | None
    load: Room | None
    mismatches: tuple[Mismatch, ...] = ()

    @property
    def fits(self) -> bool:
        """Return whether what comes fills the tray, and nothing sticks out."""
        return None not in (self.given, self.came) and not self.mismatches

    @property
    def landed(self) -> tuple[int, ...]:
        """Return the place of each timestep that comes and finds one.

        What has no timesteps is the last, and lands on the last place.
        """
        if self.room is None or self.load is None:
            return ()
        if "places" not in self.load.ways:
            return (self.room.places - 1,)
        return tuple(range(min(self.room.places, self.load.places)))

    @property
    def empty(self) -> int:
        """Return how many places stay empty."""
        return self.room.places - len(self.landed) if self.room else 0


def trays(given: Sequence[Tensor], came: Sequence[Tensor]) -> tuple[Tray, ...]:
    """Return a Tray for each predicted tensor, and for each that comes and finds none, in order.

    given: what was predicted; an axis of which nothing is known has the name "". came: what comes
    back; () if an error does.
    """
    number = max(len(given), len(came))
    rows = ([*tensors, *[None] * (number - len(tensors))] for tensors in (given, came))
    return tuple(_tray(*pair) for pair in zip(*rows, strict=True))


def _tray(given, came):
    if given and came:
        given, came = _recognised(given, came), _recognised(came, given, alike=False)
    room, load = (None if one is None else room_of(one) for one in (given, came))
    tray = Tray(given, came, room, load)
    return replace(tray, mismatches=tuple(_mismatches(tray))) if room and load else tray


def _recognised(tensor, other, alike=True):
    """Return a tensor whose axes without a name have that of another's at the same place.

    Two axes of one size have no names before; nor has what comes, where no name is known for it.
    alike: whether the sizes must be the same.
    """
    if len(tensor.axes) != len(other.axes):
        return tensor
    of = zip(tensor.axes, other.axes, tensor.shape, other.shape, strict=True)
    axes = tuple(a or (b if not alike or size == right else "") for a, b, size, right in of)
    return replace(tensor, axes=axes)


def room_of(tensor: Tensor) -> Room:
    """Return how much a tensor holds."""
    ways = _ways(tensor.axes, tensor.shape)
    of = {way: [n for one, n in zip(ways, tensor.shape, strict=True) if one == way] for way in WAYS}
    deep = None if None in of["deep"] else prod(of["deep"])
    frames, places = (prod(size or 1 for size in of[way]) for way in ("frames", "places"))
    long = 1 if ways[-1:] != ("long",) else tensor.shape[-1] or 1
    return Room(frames, deep, places, long, ways, None in of["places"])


def _ways(axes, shape):
    """Return what each axis counts: where its name does not say, its place does."""
    if not axes:
        return ()
    ways = [_way(axis) for axis in axes[:-1]]
    pairs = zip(ways, shape[:-1], strict=True)
    across = axes[-1] == "timesteps" and ways and all(way or size == 1 for way, size in pairs)
    last = "places" if across else "long"
    return (*_guessed(ways, last), last)


def _way(axis):
    """Return what an axis counts by its name, "" where that does not say."""
    factors = {*axis.split("·")}
    if "timesteps" in factors:
        return "places"
    if "batch" in factors:
        return "deep"
    return "frames" if factors & {"layers", "directions"} else ""


def _guessed(ways, last):
    """Return what axes count, those too whose names do not say: one alone the sequences."""
    nameless = [at for at, way in enumerate(ways) if not way and "deep" not in ways[at:]]
    free = [way for way in WAYS[1:3] if way not in (*ways, last)]
    if len(nameless) == 1 and "deep" in free:
        free = ["deep"]
    found = dict(zip(reversed(nameless), reversed(free), strict=False))
    return tuple(way or found.get(at, "frames") for at, way in enumerate(ways))


def _mismatches(tray):
    """Return each Mismatch of a tray and what comes on it."""
    room, load, given, came = tray.room, tray.load, tray.given, tray.came
    if given.name not in ("", came.name, came.expression):
        return [Mismatch("names", given.name, came.expression)]
    if sized := list(_in_sizes(tray)):
        return sized
    if len(room.ways) != len(load.ways):
        missing = [axis for axis in came.axes if axis not in given.axes]
        alone = len(missing) == len(load.ways) - len(room.ways)
        which = " and ".join(missing) if alone else ""
        return [Mismatch("axes", len(room.ways), len(load.ways), which)]
    return list(_in_axes(given, came))[:1]


def _in_sizes(tray):
    """Yield each Mismatch of sizes; where a batch of any number is predicted, every number fits."""
    for kind in WAYS:
        given, came = getattr(tray.room, kind), getattr(tray.load, kind)
        if kind == "long" and given != came:
            yield Mismatch(kind, given, came, carried(tray.came))
        elif kind == "places" and tray.room.open != tray.load.open:
            sizes = (0, came) if tray.room.open else (given, 0)
            yield Mismatch("open", *sizes, _counted(kind, tray))
        elif given is not None and came is None:
            yield Mismatch("open", given, 0, "sequence")
        elif given is not None and given != came:
            yield Mismatch(kind, given, came, _counted(kind, tray))


def _in_axes(given, came):
    """Yield each Mismatch of axes of which there are as many."""
    for one, other, size, right in zip(given.axes, came.axes, given.shape, came.shape, strict=True):
        typed = one and one in given.expression  # the name of a size that was typed is a guess
        if size is not None and size != right:
            yield Mismatch("order", one, other or str(right))
        elif typed and other and {*one.split("·")}.isdisjoint(other.split("·")):
            yield Mismatch("names", one, other)


def _counted(kind, tray):
    """Return in a word what is counted in one of the ways, as what comes has it."""
    if kind == "deep" and tray.came.name == ROW:
        return "row"
    for tensor, room in ((tray.came, tray.load), (tray.given, tray.room)):
        for axis, way in zip(tensor.axes, room.ways, strict=True):
            if way == kind:
                return THINGS.get(axis) or USUAL[kind]
    return USUAL[kind]


def carried(tensor: Tensor) -> str:
    """Return of which vectors a tensor is made: "h" or "c", "what comes" if that is not known."""
    last = tensor.name.rpartition("_")[2]
    return {"output": "h", "h": "h", "c": "c"}.get(last, "what comes")


def reading(given: Tensor) -> str:
    """Return how its tray reads: "5 places for a vector of 7, for each of 3 sequences".

    What lies in depth is called sequences only where the axis is known to be the batch.
    """
    room = room_of(given)
    held = "one number" if room.long == 1 else f"a vector of {room.long}"
    places = "any number of places" if room.open else many(room.places, "place")
    said = [f"{places} for {held}"]
    if (times := room.deep) and "batch" not in given.axes and "deep" in room.ways:
        said.append("once" if times == 1 else many(times, "time"))
    elif room.deep != 1:
        each = "any number of sequences"
        if room.deep is not None:
            each = f"each of {many(room.deep, 'sequence')}"
        said.append(f"for {each}")
    elif "deep" in room.ways:
        said.append("for one sequence")
    if "frames" in room.ways:
        said.append(f"in {many(room.frames, 'frame')}")
    return ", ".join(said)


def sentences(laid: Iterable[Tray]) -> list[str]:
    """Return what does not fit, a sentence for each; [] if everything does."""
    laid = list(laid)
    several = sum(tray.given is not None for tray in laid) > 1
    said = []
    for number, tray in enumerate(laid):
        whose = f"the {ORDINALS[min(number, 7)]} tray: " if several else ""
        said += [f"{whose}{one.words}" for one in tray.mismatches]
    if empty := sum(tray.came is None for tray in laid):
        said.append(f"{many(empty, 'tray')} {'stays' if empty == 1 else 'stay'} empty")
    if names := [tray.came.expression for tray in laid if tray.came and not tray.given]:
        which = listed(names) if all(names) else many(len(names), "more tensor")
        said.append(f"{which} {'finds' if len(names) == 1 else 'find'} no tray")
    return [f"{_begun(one, names)}." for one in said]


def listed(names: Sequence[str]) -> str:
    """Return names as in a sentence: "h, c and x"."""
    *before, last = names
    return f"{', '.join(before)} and {last}" if before else last


def _begun(words, names):
    """Return a clause as a sentence begins; a name of code keeps its letters."""
    return words if words.split()[0].strip(",") in names else f"{words[0].upper()}{words[1:]}"
