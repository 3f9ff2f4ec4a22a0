"""Slips that any question about shapes can meet: each rule knows one wrong shape of a tensor by it.

They are asked where none of the question's own wrong answers explains what was typed. It has more
than 300 lines: each slip is a rule of its own.
"""

from collections.abc import Callable
from itertools import combinations

from ..rule import size_of, sizes
from ..shapes import Tensor
from ..spec import SIZES, Spec, many
from .verdict import ORDINALS

Known = dict[str, int | None]
Slip = tuple[str, ...]  # a misconception's id, what of the answer is mistaken, or also a hint
USUAL = sizes(Spec())
NAMES = {"batch": "sequences"}  # what is counted on an axis, where that is not its name


def slipped(given: tuple, truth: tuple[Tensor, ...], known: Known) -> Slip | None:
    """Return the slip that leads to every wrong shape of an answer, None if there is none.

    given: the shapes that were answered, as sizes. known: the size of each axis of the question.
    """
    if len(given) != len(truth):
        return _miscounted(given, truth)
    wrong = [
        (shape, tensor) for shape, tensor in zip(given, truth, strict=True) if shape != tensor.shape
    ]
    for name, rule in RULES:
        found = [rule(shape, tensor, known) for shape, tensor in wrong]
        if found and all(found):
            return (name, *found[0])
    return None


def _miscounted(given, truth):
    """Return the slip of who gives more tensors than are asked for, or fewer."""
    return "tensors_miscounted", many(len(given), "tensor")


def _open_batch(shape, tensor, known):
    if None not in tensor.shape or len(shape) != len(tensor.shape):
        return None
    pairs = zip(shape, tensor.shape, strict=True)
    if all(one == other or (other is None and one) for one, other in pairs):
        return (f"{many(shape[tensor.shape.index(None)], 'sequence')} in every batch",)
    return None


def _no_batch(shape, tensor, known):
    batch = known.get("batch", 0)
    if len(tensor.shape) > 1 and tensor.shape[0] == batch and shape == tensor.shape[1:]:
        return ("no batch axis",)
    return None


def _of_one(shape, tensor, known):
    more, fewer = shape.count(1), tensor.shape.count(1)
    if more == fewer or _larger(shape) != _larger(tensor.shape):
        return None
    if more < fewer:
        hint = "Is there anything here of which there is just one, and has it an axis all the same?"
        return "no axis for what there is one of", hint
    return "an axis of 1", "Which part of the code makes the axis of 1?"


def _larger(shape):
    return [size for size in shape if size != 1]


def _laid_in_a_row(shape, tensor, known):
    for axes, full in _with_timesteps(tensor, known):
        for gone, wide in combinations(range(len(full)), 2):
            if shape == _merged(full, gone, wide) and 1 not in (full[gone], full[wide]):
                both = {axes[gone], axes[wide]}
                names = f"{axes[gone]} and {axes[wide]}" if len(both - {""}) == 2 else "axes"
                return (f"{names} to be laid in one row of {max(1, shape[wide - 1])}",)
    return None


def _merged(full, gone, wide):
    """Return a shape of which one axis is multiplied into a later one."""
    merged = list(full)
    merged[wide] = (full[wide] or 0) * (full[gone] or 0)
    return (*merged[:gone], *merged[gone + 1 :])


def _with_timesteps(tensor, known):
    """Yield the axes and sizes of a tensor; also with every timestep, where it has none."""
    names = tuple(axis or _name(size, known) for axis, size in _pairs(tensor))
    yield names, tensor.shape
    if "timesteps" in known and "timesteps" not in names and names[:1] == ("batch",):
        more = (tensor.shape[0], known["timesteps"], *tensor.shape[1:])
        yield ("batch", "timesteps", *names[1:]), more


def _name(size, known):
    found = [name for name, one in known.items() if one == size and name in SIZES]
    return found[0] if len(found) == 1 else ""


def _pairs(tensor):
    return zip(tensor.axes, tensor.shape, strict=True)


def _parts_side_by_side(shape, tensor, known):
    *before, last = tensor.shape or (None,)
    directions = known.get("directions") or 1
    if not last or last != size_of("directions·units", {"directions": 1} | known):
        return None
    parts = {2: "h and c", 4: "three gates and a candidate"} if directions == 1 else {2: "h and c"}
    for number, named in parts.items():
        if shape == (*before, number * last):
            of = "" if directions == 1 else " of both directions"
            return (f"{named}{of} side by side",)
    return None


def _running_example(shape, tensor, known):
    named = [axis for axis in USUAL if any(axis in one.split("·") for one in tensor.axes)]
    other = [axis for axis in named if axis in SIZES and known.get(axis) != USUAL[axis]]
    for number in range(1, len(other) + 1):
        for some in combinations(other, number):
            if number == 1 and USUAL[some[0]] in known.values():
                continue  # it may be the size of another axis
            changed = known | {axis: USUAL[axis] for axis in some}
            if shape == tuple(size_of(axis, changed) for axis in tensor.axes):
                what = ", ".join(f"{USUAL[axis]} {NAMES.get(axis, axis)}" for axis in some)
                asked = NAMES.get(some[0], some[0])
                hint = f"How many {asked} are there in this question?"
                return f"{what}, as in the running example", hint
    return None


def _usual_output(shape, tensor, known):
    first = tuple(USUAL[axis] for axis in ("batch", "timesteps", "units"))
    if shape != first or "layers" not in "·".join(tensor.axes) or known.get("units") == first[-1]:
        return None
    return (
        "`output` of the running example",
        "Which tensor is asked for, and of which sizes is the layer in this question?",
    )


def _input(shape, tensor, known):
    if shape == tuple(known.get(axis, 0) for axis in ("batch", "timesteps", "features")):
        return (
            "the shape of what goes in",
            "What does the layer make of the features that it reads?",
        )
    return None


def _batch_of_one(shape, tensor, known):
    batch = known.get("batch")
    places = [place for place, size in enumerate(tensor.shape) if size == batch]
    for place in places if batch not in (None, 1) and "units" in known else ():
        if shape == (*tensor.shape[:place], 1, *tensor.shape[place + 1 :]):
            return "a batch of one", "How many sequences are read at once?"
    return None


def _exchanged(shape, tensor, known):
    if shape != tensor.shape and sorted(map(str, shape)) == sorted(map(str, tensor.shape)):
        return ("the same axes in another order",)
    return None


def _no_vector(shape, tensor, known):
    if len(tensor.shape) > 1 and shape in (tensor.shape[:-1], (*tensor.shape[:-1], 1)):
        return "a single number in place of a vector", "How many numbers are there at each place?"
    return None


def _wide(shape, tensor, known):
    """Return who takes the last axis for the input's, or for one of timesteps."""
    if not shape or shape[:-1] != tensor.shape[:-1]:
        return None
    hint = "Which number in the code says how long the last axis is?"
    for axis, because in {
        "features": "the last axis as wide as the input",
        "timesteps": "one number for each timestep",
        "units": "the last axis as long as the units",
    }.items():
        if shape[-1] == known.get(axis) and _name(shape[-1], known):
            return because, hint
    return None


def _one_a_sequence(shape, tensor, known):
    batch, axes = known.get("batch", 0), "·".join(tensor.axes)
    counts_layers = "layers" in axes or "directions·" in axes.removesuffix("directions·units")
    two = len(shape) == 2 and shape == (batch, tensor.shape[-1]) and len(tensor.shape) > 1
    if two and not counts_layers:
        return "one vector for each sequence", "Does anything here pick one timestep of each?"
    return None


def _vector(shape, tensor, known):
    if "batch" in known and len(tensor.shape) > 1 and shape == tensor.shape[-1:]:
        return ("one vector, and no axis for the sequences",)
    return None


def _replaced(shape, full, known):
    """Return words for the axes whose size is that of another axis, "" if it is not so."""
    if len(shape) != len(full) or shape == full:
        return ""
    places = [place for place, size in enumerate(shape) if size != full[place]]
    names = [shape[place] and _name(shape[place], known) for place in places]
    said = [
        f"the {name} as the {ORDINALS[at]} axis" for name, at in zip(names, places, strict=True)
    ]
    return " and ".join(said) if all(names) and len({*names}) == len(names) else ""


def _elsewhere(shape, tensor, known):
    """Return who puts the size of one axis where another one belongs."""
    said = _replaced(shape, tensor.shape, known)
    return (said,) if said else None


def _one_timestep(shape, tensor, known):
    """Return who leaves an axis of one where there are several of a kind."""
    for place, (axis, size) in enumerate(_pairs(tensor)):
        is_time = (axis or _name(size, known)) == "timesteps" and size != 1
        if is_time and shape == (*tensor.shape[:place], 1, *tensor.shape[place + 1 :]):
            return "an axis of one timestep", "What would leave one timestep of several?"
    return None


def _only_one(shape, tensor, known):
    """Return who counts one where there are several, whatever they are."""
    for place, size in enumerate(tensor.shape):
        if size != 1 and shape == (*tensor.shape[:place], 1, *tensor.shape[place + 1 :]):
            return (
                f"1 on the {ORDINALS[place]} axis",
                "How many are counted there?",
            )
    return None


def _more(*names):
    """Return the rule for an axis too many, whose size is that of one of these."""

    def rule(shape, tensor, known):
        for place, size in enumerate(shape):
            name = _counted(size, known)
            others = (*shape[:place], *shape[place + 1 :])
            if name in names and others == tensor.shape:
                return f"an axis more, for the {name}", f"What makes an axis of the {name} here?"
        return None

    return rule


def _counted(size, known):
    """Return the name of an axis by its size; also of layers and directions."""
    found = [name for name, one in known.items() if one == size and one != 1]
    return found[0] if len(found) == 1 else ""


def _fewer(*names):
    """Return the rule for an axis too few, of one of these names; another may be elsewhere, too."""

    def rule(shape, tensor, known):
        for place, (axis, size) in enumerate(_pairs(tensor)):
            name = axis or _name(size, known)
            others = (*tensor.shape[:place], *tensor.shape[place + 1 :])
            if name in names and len(shape) == len(others):
                more = _replaced(shape, others, known)
                if more or shape == others:
                    said = f"no axis for the {name.split('·')[0]}"
                    hint = f"What would take the {name.split('·')[0]} away?"
                    return f"{said}, and {more}" if more else said, hint
        return None

    return rule


def _multiplied(shape, tensor, known):
    """Return who multiplies the last axis by the size of another one."""
    *before, last = tensor.shape or (None,)
    for name in SIZES[1:]:
        size = known.get(name)
        if last and size and size > 1 and shape == (*before, last * size):
            return f"the last axis to be multiplied by the {name}", "What would multiply it?"
    return None


def _added(shape, tensor, known):
    """Return who adds the size of another axis to the last one."""
    *before, last = tensor.shape or (None,)
    for name in SIZES[1:]:
        if last and known.get(name) and shape == (*before, last + known[name]):
            hint = "What would lay both side by side?"
            return f"the {name} to be added to the last axis", hint
    return None


# Pairs of a misconception and the rule for a slip that is one of it.
RULES: tuple[tuple[str, Callable], ...] = (
    ("batch_open", _open_batch),
    ("running_example", _running_example),
    ("output_for_state", _usual_output),
    ("batch_in_shape", _no_batch),
    ("batch_in_shape", _batch_of_one),
    ("axes_exchanged", _exchanged),
    ("axis_of_one", _of_one),
    ("laid_in_a_row", _laid_in_a_row),
    ("parts_side_by_side", _parts_side_by_side),
    ("units_as_steps", _no_vector),
    ("units_as_steps", _input),
    ("units_as_steps", _wide),
    ("sequence_by_default", _one_a_sequence),
    ("sequence_by_default", _one_timestep),
    ("batch_in_shape", _vector),
    ("axes_exchanged", _elsewhere),
    ("sequence_by_default", _more("timesteps")),
    ("units_as_steps", _more("features", "units")),
    ("layer_axis_misplaced", _more("layers")),
    ("directions_misplaced", _more("directions")),
    ("sequence_by_default", _fewer("timesteps")),
    ("layers_forgotten", _fewer("layers", "layers·directions")),
    ("batch_in_shape", _fewer("batch")),
    ("parts_side_by_side", _added),
    ("laid_in_a_row", _multiplied),
    ("axis_of_one", _only_one),
)
