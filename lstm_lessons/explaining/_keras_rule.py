"""What a call of a Keras layer returns: by the rule, or by name where no Spec says it."""

from dataclasses import replace

from keras import layers

from ..nests import placed
from ..rule import input_axes
from ..shapes import Returned
from ..spec import Spec, many
from ._keras_layers import array, cell_of, in_space, mask_of, parts_of, space_of, spec_of
from .watching import NEVER_C, ONE_STEP, Event, Rule, first_given, named, rule_of

BEGINS = {"lstm": "hc", "gru": "h", "rnn": "h"}  # by the kind of a cell: with which states


def rule(event: Event) -> tuple[Spec | None, Returned, list[str]]:
    layer, shape = event.layer, first_given(event).shape
    if isinstance(layer, layers.TimeDistributed):
        return _spread(event)
    both, one, cell = parts_of(layer)
    sizes = zip(("batch", "timesteps", "features"), map(int, shape), strict=False)
    spec = spec_of(layer, **dict(sizes)) if len(shape) == 3 else None
    if spec is None:
        return _unspecified(event, one, cell)
    returned = rule_of(spec, "keras")
    if both and layer.backward_layer.cell.units != cell.units:
        returned = Returned(tuple(map(_unlike, returned.tensors)))
    if one.go_backwards and not both:
        returned = Returned(tuple(map(_backwards, returned.tensors)))
    return spec, returned, _notes(event, one, both)


def _notes(event, layer, both):
    """Return what a Keras layer keeps to itself, and does otherwise than the plain one."""
    several = first_given(event).shape[1] > 1
    lacks = [
        f"{what} ({flag}=True gives {it})"
        for flag, what, it in (
            ("return_sequences", "h after the earlier timesteps", "it"),
            ("return_state", "the last states", "them"),
        )
        if not getattr(layer, flag) and (several or flag == "return_state")
    ]
    notes = [f"Not returned: {' and '.join(lacks)}."] if lacks else []
    if layer.return_state and cell_of(layer.cell) == "lstm" and several:
        notes.append(NEVER_C)
    mask = event.kwargs.get("mask")
    if mask is not None:
        mask = array(mask).astype(bool)
        skipped = int((~mask).sum())
        zeros = "; the output there is zero" if both and layer.return_sequences else ""
        notes.append(
            f"A mask is given: {skipped} of {many(mask.size, 'step')} "
            f"{'is' if skipped == 1 else 'are'} skipped, and h stays as it was over them{zeros}."
            if skipped
            else "A mask is given: nothing is skipped."
        )
    elif lost := _lost_mask(event):
        notes.append(
            f"What it reads has a mask, by which {many(lost, 'step')} would be skipped, and the "
            "layer is not given it: Keras hands a mask on only to a layer that is given no states. "
            "Write `mask=…` beside `initial_state`."
        )
    if layer.go_backwards and not both:
        notes.append(
            "go_backwards=True: it reads from the last timestep to the first, and returns its "
            "output in the order of reading."
        )
    if layer.stateful:
        notes.append(
            "stateful=True: it starts from the last states of the batch before, which must have "
            "the same size. The states were put back."
        )
    return notes


def _lost_mask(event):
    """Return how many steps a mask would skip that a layer, for the states that it is given, is not
    given.
    """
    mask = mask_of(first_given(event))
    states = event.args[1:] or event.kwargs.get("initial_state") is not None
    return int((~array(mask).astype(bool)).sum()) if states and mask is not None else 0


def _backwards(tensor):
    """Return a tensor of a layer that reads from the last timestep to the first."""
    return replace(tensor, meaning=f"{tensor.meaning}, read from the end: the last is timestep 0")


def _unlike(tensor):
    """Return a tensor of two directions with units of their own."""
    *others, last = tensor.axes
    axes = (*others, last.replace("directions·units", "units+units"))
    return replace(tensor, axes=axes, shape=(0,) * len(axes))


def _spread(event):
    """Return (None, Returned, notes) of TimeDistributed: each outer timestep a sequence."""
    if not event.inner:
        return None, Rule(()), []
    spec, inside, notes = rule(event.inner[0])
    tensors = (
        replace(
            one,
            axes=(one.axes[0], "outer timesteps", *one.axes[1:]),
            shape=(0, 0, *one.shape[1:]),
            meaning=f"of each outer timestep: {one.meaning}",
            equals="",
        )
        for one in inside.tensors
    )
    axes = inside.reads if spec is None else input_axes(spec)
    reads = (axes[0], "outer timesteps", *axes[1:]) if axes else ()
    number = many(len(event.inner), "sequence")
    note = f"The layer inside reads {number} one after the other, each afresh."
    return None, Rule(tuple(tensors), reads=reads), [note, *notes]


def _unspecified(event, layer, cell):
    """Return (None, Returned, notes) of what no Spec describes, named as far as it is known.

    A cell on its own, several cells in one layer, a convolutional LSTM, a cell of one's own.
    """
    alone, space = layer is cell, space_of(cell)
    if space and layer is not event.layer and _are_alike(event.layer):
        return _both_in_space(event, layer, cell)
    words = [cell_of(one) or ("lstm" if space else None) for one in getattr(cell, "cells", [cell])]
    known = words[-1] is not None and layer in (event.layer, cell)
    width = (in_space(cell, "filters") if space else ("units",)) if known else ("?",)
    steps = ("timesteps",) if not alone and layer.return_sequences else ()
    when = "every timestep" if steps else "this one timestep" if alone else "the last timestep"
    who = f"h of cell {len(words) - 1}, the top one," if len(words) > 1 else "h"
    what = f"{who if known else 'what the cell returns'} after {when}"
    (path, _), *rest = placed(event.value)
    states = [_state(path, words, width, alone) for path, _ in rest]
    top = [one.name for one in states if one.name in ("h", f"h_{len(words) - 1}")]
    equals = f"output{'[:, -1]' if steps else ''} == {top[0]}" if known and top else ""
    output = named("output", ("batch", *steps, *width), what, path=path, equals=equals)
    states = [replace(one, equals=equals if one.name in top else "") for one in states]
    read = in_space(cell, "channels") if space else ("features",)
    reads = ("batch", *(() if alone else ("timesteps",)), *read)
    begins = _begun(words) if layer in (event.layer, cell) else ()
    notes = [ONE_STEP] if alone else _notes(event, layer, False)
    if not known:
        notes.append(f"What the numbers of `{type(cell).__name__}` mean is not known here.")
    return None, Rule((output, *states), reads=reads, begins=begins), notes


def _begun(words):
    """Return as what cells take the states that they begin with; () where a cell is not known.

    words: the kinds of the cells.
    """
    if None in words:
        return ()
    each = [(letter, at) for at, word in enumerate(words) for letter in BEGINS[word]]
    return tuple(f"{name} of cell {at}" if len(words) > 1 else f"{name}_0" for name, at in each)


def _are_alike(both):
    """Return whether two directions return equally many numbers."""
    return both.forward_layer.cell.filters == getattr(both.backward_layer.cell, "filters", None)


def _both_in_space(event, layer, cell):
    """Return (None, Rule, notes) of two directions over films: as of an LSTM, in space."""
    both, space = event.layer, in_space(cell, "filters")
    sizes = zip(
        ("batch", "timesteps", "features"), map(int, first_given(event).shape), strict=False
    )
    spec = Spec(
        **dict(sizes),
        units=cell.filters,
        return_sequences=layer.return_sequences,
        return_state=layer.return_state,
        bidirectional=True,
        merge_mode=both.merge_mode,
    )
    tensors = []
    for one in rule_of(spec, "keras").tensors:
        *axes, last = one.axes
        axes = (*axes, *space[:-1], last.replace("units", space[-1]))
        tensors.append(replace(one, axes=axes, shape=(0,) * len(axes), equals=""))
    reads = ("batch", "timesteps", *in_space(cell, "channels"))
    begins = tuple(f"{way}_{name}_0" for way in ("forward", "backward") for name in "hc")
    return None, Rule(tuple(tensors), reads=reads, begins=begins), _notes(event, layer, True)


def _state(path, words, width, alone):
    """Return the state at a place in a return value, as a Tensor, by the kinds of its cells."""
    inner = path[1:] if alone else (path[0] - 1, *path[1:])
    number, *inner = inner if len(words) > 1 else (0, *inner)
    name = "hc"[inner[-1] if inner else 0] if words[number] else "?"
    if name == "?":
        return named("?", ("batch", "?"), "a state of the cell", path=path)
    label, of = (f"{name}_{number}", f" of cell {number}") if len(words) > 1 else (name, "")
    return named(label, ("batch", *width), f"the last {name}{of}", path=path)
