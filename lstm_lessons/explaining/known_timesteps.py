"""Kinds of errors, as data, of timesteps: of scores and targets, wrapped once more, or dropped
by a convolutional layer below.
"""

import ast
from dataclasses import replace

from ..snippets import call
from ..spec import many
from .known import Known, lines, sizes
from .known_keras import NDIM, OF_LAYER, TARGET, TARGET_SHAPE
from .repeated import torch_loss
from .tracebacks import given, made, over_timesteps, value, written
from .watching import is_there, reader_of

FAR = 9  # so many layers may stand between two
BETWEEN = (  # whose result has timesteps only if what they read has
    *("Activation", "BatchNormalization", "Dropout", "Flatten", "LayerNormalization", "ReLU"),
    *("AveragePooling2D", "MaxPooling2D", "AveragePooling3D", "MaxPooling3D"),
)

# Scores and targets.


def _of_scores(found, error):
    """Return the words for scores and targets of unequal timesteps, as cross-entropy reads them.

    None where only the classes may be on the wrong axis, or a batch is another.
    """
    (batch, timesteps), got = sizes(found["wanted"]), sizes(found["got"])
    shape = tuple(getattr(given(error, "input"), "shape", ()))
    if len(shape) != 3 or got[0] != batch or got[1] in shape[1:]:
        return None
    said = [_cut("scores", "2", got[1], timesteps), _cut("scores", "1", got[1], shape[1])]
    return {
        "got": got[1],
        "scores": str(shape),
        "timesteps": timesteps,
        "other": shape[1],
        "lines": lines(said[0], f"{said[1]}; then they are (batch, timesteps, classes)"),
    }


def _cut(scores, axis, target, timesteps):
    """Return the line that compares as many timesteps as both have. axis: that of the scores."""
    swapped = ".transpose(1, 2)" if axis == "1" else ""
    if target > timesteps:
        why = f"if the target's timesteps behind the first {timesteps} are padding"
        return f"loss({scores}{swapped}, target[:, :{timesteps}])  # {why}"
    why = f"if the target belongs to the first {target} of {many(timesteps, 'timestep')}"
    index = f"[:, :{target}].transpose(1, 2)" if swapped else f"[:, :, :{target}]"
    return f"loss({scores}{index}, target)  # {why}"


def _of_rows(found, error):
    """Return the words for timesteps that became rows, where the failing line shows how many there
    were; None if it does not.
    """
    shapes = {
        node.id: tuple(getattr(value(node, frame), "shape", ()))
        for node, frame in written(error, ast.Name)
    }
    scores = _rows(shapes, 3, int(found["got"]))
    target = _rows(shapes, 2, int(found["wanted"]))
    if len(scores) != 1 or len(target) != 1:
        return None
    ((one, of), (other, those)) = scores[0], target[0]
    if of[0] != those[0] or of[1] == those[1]:
        return None
    least = min(of[1], those[1])
    longer = other if those[1] > of[1] else one
    why = f"if what is behind the first {least} has nothing to compare with, as padding has not"
    line = f"{longer} = {longer}[:, :{least}]  # {why}"
    return {"one": of[1], "other": those[1], "line": line}


def _rows(shapes, axes, rows):
    """Return the (name, shape) pairs of so many axes, the first two of which make so many rows."""
    found = [(name, one) for name, one in shapes.items() if len(one) == axes]
    return [(name, one) for name, one in found if one[0] * one[1] == rows]


def _of_keras(found, error):
    """Return the words for an output and a target of unequal timesteps; None of another target."""
    output, target = sizes(found["output"]), sizes(found["target"])
    if len(output) != 3 or len(target) not in (2, 3) or None in (output[1], *target[1:2]):
        return None
    if output[1] == target[1] or target[1] == 1 or target[2:] not in ((), output[2:], (1,)):
        return None
    of, those = output[1], target[1]
    line = f"y = y[:, :{of}]  # if the timesteps of y behind the first {of} are padding"
    if those < of:
        cropped = f"keras.layers.Cropping1D((0, {of - those}))"
        first = many(those, "timestep")
        line = f"{cropped}  # as the last layer, if y belongs to the first {first}"
    return {"of": of, "those": those, "line": line}


# A recurrent layer in TimeDistributed.


def _in_wrapper(found, error):
    """Return the words for a recurrent layer that TimeDistributed runs on single timesteps."""
    wrapper, shape = over_timesteps(error)
    if len(shape) != 3 or not is_there("keras"):
        return None
    if not reader_of("keras").holds_recurrent(wrapper.layer):
        return None
    layer = made(wrapper.layer)
    if not layer:
        said = "keras.layers.LSTM(units)  # say: made anew, and without TimeDistributed"
        return {"layer": type(wrapper.layer).__name__, "got": str(shape), "lines": said}
    every = call(replace(layer[0], return_sequences=True))
    last = call(replace(layer[0], return_sequences=False))
    return {
        "layer": type(wrapper.layer).__name__,
        "got": str(shape),
        "lines": lines(
            f"{last}  # in place of TimeDistributed, if each sequence has one result",
            f"{every}  # in place of it, if each timestep has one",
        ),
    }


# A convolutional layer below that drops the timesteps.


def _of_films(found, error):
    """Return the words for a ConvLSTM below, seen through the layers between, that hands on its
    last output alone; None if there is none.
    """
    below = _films_below(given(error, "x"))
    if below is None:
        return None
    one = getattr(below, "forward_layer", below)
    settings = {"kernel_size": one.kernel_size, "strides": one.strides, "padding": one.padding}
    usual = {"strides": (1,) * len(one.strides), "padding": "valid"}
    words = [f"{word}={it!r}" for word, it in settings.items() if it != usual.get(word)]
    kind = type(one).__name__
    line = f"keras.layers.{kind}({', '.join([str(one.filters), *words])}, return_sequences=True)"
    line = line if one is below else f"keras.layers.Bidirectional({line})"
    return {"below": below.name, "kind": kind, "line": line}


def _films_below(tensor):
    """Return the ConvLSTM without return_sequences that a tensor of a graph comes from, or None."""
    for _ in range(FAR):
        below = reader_of("keras").source(tensor) if is_there("keras") else None
        one = getattr(below, "forward_layer", below)
        if type(one).__name__.startswith("ConvLSTM"):
            return None if one.return_sequences else below
        tensor = getattr(below, "input", None) if type(below).__name__ in BETWEEN else None
        if tensor is None:
            return None
    return None


IN_TIME = Known(
    name="TimeDistributed around a recurrent layer",
    read="Why must the lower layer return sequences",
    rule=_in_wrapper,
    what="`TimeDistributed` runs `{layer}` at each timestep of `{got}`, where it finds features "
    "alone.",
    why="A recurrent layer runs over the timesteps itself. `TimeDistributed` around it wants four "
    "axes: batch, parts, timesteps, features, as of sentences in parts of a text.",
    instead="{lines}",
)
FILMS = Known(
    name="A layer below without return_sequences",
    read="What goes into ConvLSTM2D",
    rule=_of_films,
    what="The layer below, `{below}`, has no `return_sequences`. It hands on no timesteps.",
    why="A `{kind}` keeps its timesteps with `return_sequences` alone. Rows and columns of an "
    "image are none.",
    instead="{line}  # the layer below\n"
    "keras.layers.TimeDistributed(keras.layers.Flatten())  # behind it, in front of a layer that "
    "reads features; what stands between in TimeDistributed, too",
)
UNEQUAL = Known(
    name="Scores and targets of unequal timesteps",
    read="Which shape must the target have",
    raised="RuntimeError ValueError",
    instead="{line}",
)

KINDS = (
    replace(
        UNEQUAL,
        message=r"^Expected target size \[(?P<wanted>\d+, \d+)\], got \[(?P<got>\d+, \d+)\]",
        rule=_of_scores,
        what="The target has {got:timestep}. The scores `{scores}` have {timesteps}, or {other} if "
        "they are (batch, timesteps, classes).",
        why="Cross-entropy reads the classes from axis 1, (batch, classes, timesteps), and "
        "compares timestep with timestep.",
        instead="{lines}",
        again=torch_loss,
    ),
    replace(
        UNEQUAL,
        message=r"^Expected input batch_size \((?P<got>\d+)\) to match target batch_size "
        r"\((?P<wanted>\d+)\)",
        rule=_of_rows,
        what="The scores have {one:timestep}, the target has {other}.",
        why="Where timesteps become rows, each sequence must have as many of them in both.",
    ),
    replace(
        TARGET,
        name=UNEQUAL.name,
        message=TARGET_SHAPE,
        rule=_of_keras,
        what="The output has {of:timestep}, the target has {those}.",
        why="With `return_sequences` there is an answer for each timestep, and each is compared "
        "with a target of its own.",
        instead="{line}",
    ),
    replace(
        IN_TIME,
        raised="InvalidArgumentError ValueError IndexError RuntimeError TypeError",
        message=f"Index out of range using input dim|{NDIM}3, found ndim=2"
        "|^Shapes used to initialize variables must be fully-defined|index out of range",
    ),
    replace(FILMS, message=f"{NDIM}3, found ndim=[245]"),
    replace(FILMS, message=OF_LAYER(r"conv_lstm\w{1,80}") + r"[456], found ndim=[345]"),
)
