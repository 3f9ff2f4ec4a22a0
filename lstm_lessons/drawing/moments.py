"""How trays fill while a layer reads: after each timestep what has landed, and a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..rule import dialect_of
from ..spec import Spec
from .packed import ROW, row_of
from .tray import Tray, listed, sentences

Span = tuple[int, int]  # of the numbers in a place, which have landed: from one, before another


@dataclass(frozen=True)
class Moment:
    """What has landed when so many timesteps are read.

    t: how many. ended: whether these are all.
    landed: of each tray, by the places that something lies in, which numbers.
    come: of each tray, for each timestep that comes, the numbers that are there, in a place or not.
    words: what happens at the last of these timesteps.
    lengths: how many timesteps of each sequence are valid; () for all of them, and for what is
        packed.
    """

    t: int
    ended: bool
    landed: tuple[dict[int, Span], ...]
    come: tuple[tuple[Span, ...], ...]
    words: str
    lengths: Sequence[int] = ()

    def is_padding(self, sequence: int, step: int) -> bool:
        """Return whether a timestep of a sequence brings nothing new."""
        return sequence < len(self.lengths) and step >= self.lengths[sequence]


def at(
    t: int, laid: Sequence[Tray], spec: Spec, framework: str, lengths: Sequence[int] = ()
) -> Moment:
    """Return the Moment after t timesteps of a spec's layer; of a stack, of its top layer.

    laid: the trays. lengths: how many timesteps of each sequence are valid, () for all of them;
    PyTorch's are packed.
    """
    packed = bool(lengths) and not dialect_of(framework).flags
    nothing = "packing has left it out" if packed else "it brings nothing new"
    said = ["; ".join(_clauses(t, laid, spec, framework, lengths))]
    said += [f"This timestep is padding of {one}: {nothing}" for one in _padded(t - 1, lengths)]
    end = t == spec.timesteps
    if end and any(tray.given for tray in laid):
        said += sentences(laid) or ["Everything fits"]
    words = " ".join(f"{one.removesuffix('.')}." for one in said)
    come = tuple(_come(t, tray, spec, lengths) for tray in laid)
    row = any(tray.came and tray.came.name == ROW for tray in laid)
    return Moment(t, end, tuple(map(_landed, laid, come)), come, words, () if row else lengths)


def whole(laid: Sequence[Tray]) -> Moment:
    """Return the Moment at which all has landed, where nothing is known of when."""
    come = tuple(((0, tray.load.long),) * tray.load.places if tray.load else () for tray in laid)
    said = " ".join(sentences(laid)) or "Everything fits."
    return Moment(0, True, tuple(map(_landed, laid, come)), come, said)


def _landed(tray, come):
    """Return by the places of a tray that something lies in which numbers do."""
    spans = {}
    for place, span in zip(tray.landed, come, strict=False):
        start, stop = (min(one, tray.room.long) for one in span)
        if start < stop:
            spans[place] = (start, stop)
    return spans


def _come(t, tray, spec, lengths):
    """Return for each timestep that comes which numbers of it are there."""
    if tray.load is None:
        return ()
    if tray.came.name == ROW:
        long = tray.load.long
        return tuple((0, long if t > step else 0) for step, _ in row_of(lengths))
    if "places" not in tray.load.ways:
        return (_there(t, None, tray.came, spec),)
    return tuple(_there(t, step, tray.came, spec) for step in range(tray.load.places))


def _there(t, step, tensor, spec):
    """Return which numbers of a tensor are there at a timestep; None: of what comes at the end."""
    end, size = t == spec.timesteps, tensor.shape[-1]
    if step is None:
        return (0, size if end else 0)
    forward, backward = t > step, spec.timesteps - t <= step
    if tensor.name.startswith("backward_"):
        return (0, size if backward else 0)
    if not spec.bidirectional or tensor.name != "output":
        return (0, size if forward else 0)
    if tensor.axes[-1].startswith("directions·"):
        return (0 if forward else size // 2, size if backward else size // 2)
    return (0, size if forward and backward else 0)


def _clauses(t, laid, spec, framework, lengths):
    """Yield what happens at the last timestep that is read, and what becomes of what was made."""
    both = spec.cell == "lstm"
    new = "a new h and a new c" if both else "a new h"
    if t == 0:
        yield f"Before the first timestep {'h and c are' if both else 'h is'} zero"
        return
    packed = lengths and not dialect_of(framework).flags
    if packed and t > max(lengths):
        yield f"Timestep {t - 1} is padding of every sequence: packing has left it out"
        return
    if lengths and t > max(lengths):
        yield f"Timestep {t - 1} is padding of every sequence"
        yield f"{'h and c stay' if both else 'h stays'} as {'they are' if both else 'it is'}"
    elif spec.bidirectional:
        back = spec.timesteps - t
        yield f"The forward direction reads timestep {t - 1}, the backward one timestep {back}"
        yield f"each makes {new}"
    else:
        yield f"At timestep {t - 1} x goes in"
        if spec.layers > 1:
            yield f"each layer makes {new}, from the lowest up"
        else:
            yield f"{new} appear{'' if both else 's'}"
    if laid[0].came and laid[0].came.name == ROW:
        yield _in_row(t - 1, laid[0], lengths)
        return
    yield _fate(t, laid, spec, framework)
    states = [tray.came.expression for tray in laid if tray.came and _is_state(tray.came)]
    if states and t == spec.timesteps:
        comes = "comes" if len(states) == 1 else "come"
        yield f"and at the end {listed(states)} {comes} back"


def _in_row(step, tray, lengths):
    """Return on which places of a packed row each h of a timestep lands."""
    places = [(place, one) for place, (at, one) in enumerate(row_of(lengths)) if at == step]
    lands = [f"place {place} for sequence {one}" for place, one in places if place in tray.landed]
    lost = [f"sequence {one}" for place, one in places if place not in tray.landed]
    said = [f"h lands on {listed(lands)}"] if lands else []
    return ", and ".join([*said, *([f"h finds no place for {listed(lost)}"] if lost else [])])


def _is_state(tensor):
    return tensor.name.rpartition("_")[2] in ("h", "c")


def _fate(t, laid, spec, framework):
    """Return what becomes of the new h, or of both directions'."""
    two, top = spec.bidirectional, " of the top layer" if spec.layers > 1 else ""
    h = f"{'each h' if two else 'h'}{top}"
    if not spec.return_sequences and dialect_of(framework).flags:
        if t == spec.timesteps:
            return f"{h} is the last, and comes back"
        return f"{h} is dropped, since return_sequences is False"
    first, *_ = laid
    if first.given is None or two:
        return f"{h} is kept for its timestep"
    if t - 1 in first.landed:
        return f"{h} lands on place {t - 1}"
    return f"{h} finds no place"


def _padded(step, lengths):
    """Yield which sequences are padding at a timestep, if not all are."""
    over = [str(number) for number, length in enumerate(lengths) if length <= step]
    if 0 < len(over) < len(lengths) and step >= 0:
        yield f"{'sequence' if len(over) == 1 else 'sequences'} {listed(over)}"
