"""Wrong models of the subject, as rules: each computes its wrong answer for any sizes.

An answer accuses a misconception exactly if its rule would have given it. It has more than 300
lines since the list that every reply looks up stands with its rules.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import permutations

from ..rule import Dialect, state_axes
from ..spec import Spec
from .grammar import MOST


@dataclass(frozen=True)
class Misconception:
    """A wrong model of the subject.

    read: the title of what to read on, of an entry of the appendix or of a heading in a lesson.
    why: why people think so.
    hint: where to look instead, as one question; it does not give the answer.
    nearer: another one, for whom the hint did not help.
    answers: (right, spec, dialect) -> wrong answers, each with what of it is mistaken and, where
        the hint does not fit, another one; right are the axes of the tensors that really come
        back. An answer is a tuple of shapes, whose sizes are names of axes, also products such as
        "directions·units", or numbers. Without it, only a lesson's own question leads here.
    about_states: whether only who is asked for a state can believe it.
    """

    read: str
    why: str
    hint: str
    nearer: str
    answers: Callable[[tuple, Spec, Dialect], Iterable[tuple]] = lambda *_: ()
    about_states: bool = False


ONE_LAYER = (
    "In Keras each layer of a stack is a layer of its own and returns its own. Which of them is "
    "the last one?"
)
ITS_OWN = (
    "A layer of Keras is one layer, one of PyTorch may be a stack of them. "
    "What would that axis count?"
)
MERGED = (
    "`merge_mode` says how one output is made of the two directions', or that none is made. Which "
    "does it say here?"
)
EVERY, LAST = ("batch", "timesteps", "units"), ("batch", "units")


def _without(axes, name):
    return tuple(axis for axis in axes if axis != name)


def _with(axes, old, *new):
    """Return axes with one or several others in place of one."""
    return tuple(part for axis in axes for part in (new if axis == old else (axis,)))


def _split(right, spec):
    """Return the outputs and the states apart. Of two directions there may be two outputs."""
    outputs = 2 if spec.bidirectional and spec.merge_mode is None else 1
    return right[:outputs], right[outputs:]


HINTS: dict[str | int, tuple[str, ...]] = {  # of what is taken for the units, in place of its own
    "features": (
        "Features are what goes in. Which number in the code says how long what comes out is?",
    )
}


def _units_as_steps(right, spec, dialect):
    output, *states = right
    mistaken = {
        EVERY: {
            "timesteps": "one step for each unit, with the timesteps inside",
            1: "one step for each unit, with one number in it",
            "features": "one step for each unit, as wide as the input",
        },
        LAST: {
            "timesteps": "one number for each timestep",
            1: "a single number as the last output",
            "features": "an output as wide as the input",
        },
    }
    if output == LAST:
        rows = "a row for each unit, with the timesteps inside"
        yield (("batch", "units", "timesteps"), *states), rows
    for other, because in {
        "timesteps": "states of one number for each timestep",
        1: "states of a single number",
        "features": "states as wide as the input",
    }.items():
        if states:  # first, so that a state which is asked for alone is called one
            wrong = (output, *(_with(state, "units", other) for state in states))
            yield wrong, because, *HINTS.get(other, ())
    if output == EVERY:
        inputs, hint = ("batch", "timesteps", "features"), HINTS["features"]
        yield (inputs, *states), "an output as wide as the input", *hint
        if states:
            narrow = (_with(state, "units", "features") for state in states)
            yield (inputs, *narrow), "an output and states as wide as the input", *hint
    for other, because in mistaken.get(output, {}).items():
        wrong = ("batch", "units", other) if output == EVERY else ("batch", other)
        hint = HINTS.get(other, ())
        yield (wrong, *states), because, *hint
        if states:
            yield (wrong, *(_with(state, "units", other) for state in states)), because, *hint
    if output[-1] == "directions·units":
        for other, because in {
            "timesteps": "one number for each timestep, in each direction",
            "features": "an output as wide as the input, in each direction",
        }.items():
            yield ((*output[:-1], f"directions·{other}"), *states), because, *HINTS.get(other, ())
        yield ((*output[:-1], "directions"), *states), "a single number for each direction"


def _sequence_by_default(right, spec, dialect):
    outputs, states = _split(right, spec)
    if "timesteps" in outputs[0]:
        last = [_without(axes, "timesteps") for axes in outputs]
        yield (*last, *states), "only the last h"
        if not dialect.flags:
            yield tuple(last), "only the last h, and nothing beside it"
        return
    every, one = ([_with(axes, "batch", "batch", n) for axes in outputs] for n in ("timesteps", 1))
    yield (*every, *states), "h after every timestep"
    yield (*one, *states), "an axis of one timestep to be left"


def _states_only(right, spec, dialect):
    _, states = _split(right, spec)
    if states:
        yield states, "the states alone, without the output"
        yield (LAST,) * len(states), "the states alone, without the output"
        yield states[:1], "the last h alone"
    if states and dialect.flags:
        layered = ((1, *LAST),) * len(states)
        yield layered, "the states alone, with an axis for the layers, as in PyTorch"
        yield (("units",),) * len(states), "the states alone, each of them one vector"
        yield (("timesteps", "units"),) * len(states), "states of every timestep, and no output"


def _states_packaging(right, spec, dialect):
    outputs, states = _split(right, spec)
    usual = state_axes(spec, dialect)
    asked = "" if states else ", though none was asked for"
    yield (*outputs, usual), f"one state beside the output{asked}"
    yield (*outputs, usual, usual), f"two states beside the output{asked}"
    yield (*outputs, EVERY, EVERY), "states of every timestep"
    yield (*outputs, EVERY), "a state of every timestep"
    if not dialect.one_tensor:
        if not states:
            yield from _unasked(outputs, usual, spec)
        layered = [(1, *LAST)] * (len(states) or 2)
        yield (*outputs, *layered), "an axis for the layers in the states", ITS_OWN
    elif spec.bidirectional:
        yield (*outputs, LAST, LAST, LAST, LAST), "the states one by one, as Keras returns them"
    if states:
        yield outputs, "the output alone"
        yield from _in_one_tensor(outputs, states, spec, dialect)
    if states and dialect.flags:
        last = [_without(output, "timesteps") for output in outputs]
        yield (*last, *states), "an output without timesteps beside the states"
        if "timesteps" not in outputs[0]:
            every = [_with(output, "batch", "batch", "timesteps") for output in outputs]
            yield tuple(every), "every h, and no states"
            yield (*every, usual), "every h, and one state"


def _unasked(outputs, usual, spec):
    """Yield what comes back with states that no flag asks for."""
    every = "timesteps" in outputs[0]
    others = [
        _without(axes, "timesteps") if every else _with(axes, "batch", "batch", "timesteps")
        for axes in outputs
    ]
    which, states = "the last h" if every else "every h", 1 + (spec.cell == "lstm")
    yield (*others, *[usual] * states), f"{which} and the last states, which no flag asks for"
    yield (*others, usual), f"{which} and one state, which no flag asks for"
    width = "directions·units" if spec.bidirectional else "units"
    layered = (("layers·directions" if spec.bidirectional else "layers"), "batch", "units")
    if spec.layers == 1:
        theirs = ("batch", "timesteps", width), *[layered] * states
        yield theirs, "all that PyTorch returns"
    if spec.bidirectional:
        own = [usual] * (2 * states)
        yield (*outputs, *own), "the states of each direction, though none was asked for"


def _in_one_tensor(outputs, states, spec, dialect):
    """Yield what comes back if the states are put into one tensor."""
    number, first = len(states), states[0]
    if dialect.one_tensor:
        counted = first[0] if spec.layers > 1 else first[0].removeprefix("layers").strip("·")
        twice = (f"2·{counted}" if counted else 2, *first[1:])  # a layer that is alone counts none
        if number > 1:
            yield (*outputs, twice), "h and c in one tensor"
        one = [twice] * number
        yield (*outputs, *one), "a row for h and one for c in each state"
        if spec.layers != 2 and not spec.bidirectional:
            rows = [(2, *first[1:])] * number
            yield (*outputs, *rows), "a row for h and one for c in each state"
        return
    beside, rows = (*first[:-1], f"{number}·{first[-1]}"), (number, *first)
    if outputs == (first,):
        every = number + 1
        side = (*first[:-1], f"{every}·{first[-1]}")
        yield (side,), "the output and the states side by side in one tensor"
        yield ((every, *first),), "one tensor with an axis for the output and the states"
    if number > 1:
        yield (*outputs, beside), "the states side by side in one tensor"
        yield (*outputs, rows), "the states in one tensor, with an axis for them"
        yield (beside,), "the states alone, side by side in one tensor"
        yield (rows,), "the states alone, in one tensor with an axis for them"


def _batch_always_first(right, spec, dialect):
    if "batch_first" not in dialect.own or spec.unbatched:
        return
    outputs, states = _split(right, spec)
    first = [("batch", *_without(axes, "batch")) for axes in right]
    hint = "Which axis does a layer without `batch_first` take for the timesteps?"
    yield (*first[: len(outputs)], *states), "the batch as the first axis of the output", hint
    if states:
        yield (*outputs, *first[len(outputs) :]), "the batch as the first axis of the states"
        steps = [_with(axes, "batch", "timesteps") for axes in states]
        yield (*outputs, *steps), "the timesteps where the states have the batch"
        steps = [("timesteps", *axes[1:]) for axes in states]
        yield (*outputs, *steps), "the timesteps as the first axis of the states"


def _layers_forgotten(right, spec, dialect):
    outputs, states = _split(right, spec)
    if dialect.one_tensor and states and (spec.layers > 1 or not spec.bidirectional):
        without = [axes[1:] for axes in states]
        yield (*outputs, *without), "a state without an axis for the layers"


def _state_without_axes(right, spec, dialect):
    outputs, states = _split(right, spec)
    if dialect.one_tensor and states:
        yield (*outputs, *(axes[-1:] for axes in states)), "a state to be one vector"
        ends = [(axes[0], axes[-1]) for axes in states]
        yield (*outputs, *ends), "states without a batch axis"


def _batch_in_shape(right, spec, dialect):
    yield tuple(_without(axes, "batch") for axes in right), "no batch axis"
    swapped = tuple(_with(axes, "batch", "timesteps") for axes in right)
    yield swapped, "the timesteps where the batch belongs"


def _table_as_batch(right, spec, dialect):
    if not spec.unbatched:
        return
    outputs, states = _split(right, spec)
    samples = "the rows to be samples, not the timesteps of one sequence"
    added = "a batch axis to be added"
    yield (*(_with(axes, "timesteps", "timesteps", 1) for axes in outputs), *states), samples
    yield (*((1, *axes) for axes in outputs), *states), added
    if states:
        yield (*outputs, *((axes[0], "timesteps", *axes[1:]) for axes in states)), samples
        yield (*outputs, *(("timesteps", *axes[1:]) for axes in states)), samples
        yield (*outputs, *((axes[0], 1, *axes[1:]) for axes in states)), added


def _states_merged(right, spec, dialect):
    if "merge_mode" not in dialect.own or not spec.bidirectional:
        return
    outputs, states = _split(right, spec)
    wide, narrow = ((*outputs[0][:-1], width) for width in ("directions·units", "units"))
    merged_state = ("batch", "directions·units")
    if states:
        one_direction = states[: len(states) // 2]
        merged = [_with(state, "units", "directions·units") for state in one_direction]
        rows = [("directions", *state) for state in one_direction]
        yield (*outputs, *merged), "the states to be merged like the outputs"
        yield (*outputs, *one_direction), "the states of one direction only"
        yield (narrow, *one_direction), "the output and the states of one direction only"
        yield (*outputs, *merged, *merged), "each state as wide as both directions"
        yield (*outputs, *rows), "an axis for the directions in the states, as in PyTorch"
        yield (*outputs, *merged[:1]), "one state, merged like the outputs"
    else:
        asked, flag = "though none was asked for", "Which flag would ask for states?"
        yield (*outputs, merged_state), f"one state beside the output, {asked}", flag
        yield (*outputs, *[merged_state] * 2), f"two states beside the output, {asked}", flag
    told = spec.merge_mode != "concat"  # what is set by default stands in no line of code
    hint = MERGED if told else "Each direction has an h. What does the layer make of the two?"
    other = "every h" if "timesteps" not in outputs[0] else "the last h alone"
    yield (wide, *states), "the outputs always side by side", hint
    yield (narrow, *states), "an output as wide as that of one direction", hint
    yield (wide, wide, *states), "an output of each direction, each as wide as both", hint
    if not told:
        hint = "Is one output handed back, or one of each direction, if nothing is said of it?"
    yield (narrow, narrow, *states), "an output of each direction, not merged", hint
    for width in (wide, narrow):
        turned = _turned(width)
        of = "the directions side by side" if width == wide else "as wide as one direction's"
        if len(outputs) == 1 and width != outputs[0]:
            yield (turned, *states), f"{other}, {of}", hint
        if len(outputs) == 1:
            yield (turned, turned, *states), f"{other} of each direction", hint


def _turned(axes):
    """Return the axes of an output without its timesteps, or with them if it has none."""
    if "timesteps" in axes:
        return _without(axes, "timesteps")
    return _with(axes, "batch", "batch", "timesteps")


def _layer_axis_misplaced(right, spec, dialect):
    for answer in _layers_elsewhere(right, spec, dialect):
        yield answer if dialect.one_tensor else (*answer, ONE_LAYER)


def _layers_elsewhere(right, spec, dialect):
    outputs, states = _split(right, spec)
    if spec.layers == 1:
        return
    if not dialect.one_tensor and 0 < len(states) * spec.layers < MOST - 2:
        yield (*outputs, *states * spec.layers), "the states of every layer"
    wide = [(*axes[:-1], f"layers·{axes[-1]}") for axes in outputs]
    yield (*wide, *states), "the layers side by side in the output"
    yield (*(("layers", *axes) for axes in outputs), *states), "an output of each layer"
    if states:
        yield (*outputs, *(("layers", *axes) for axes in states)), "the states of every layer"
        one = [(spec.directions, *axes[1:]) for axes in states]
        yield (*outputs, *one), "the states of one layer only"
        every = [(axes[0], "batch", "timesteps", axes[-1]) for axes in states]
        yield (*outputs, *every), "every timestep in the states of each layer"
        beside = [(*axes[1:-1], f"layers·{axes[-1]}") for axes in states]
        yield (*outputs, *beside), "the layers side by side in the states"
        yield (*outputs, *((1, *axes) for axes in beside)), "the layers side by side in the states"
        twice = [(axes[0], *axes[1:-1], f"layers·{axes[-1]}") for axes in states]
        yield (*outputs, *twice), "the layers counted twice in the states"
    for place in (1, 2):
        apart = [(*axes[:place], "layers", *axes[place:]) for axes in outputs]
        yield (*apart, *states), "an output of each layer"
    for axis in ("batch", "timesteps"):
        longer = [_with(axes, axis, f"layers·{axis}") for axes in outputs]
        yield (*longer, *states), f"the layers one behind the other, along the {axis}"


def _directions_misplaced(right, spec, dialect):
    if not spec.bidirectional:
        return
    outputs, states = _split(right, spec)
    told = "merge_mode" in dialect.own and spec.merge_mode != "concat"
    for answer in _with_an_axis_of_directions(outputs, states):
        yield (*answer, MERGED) if told else answer
    if not dialect.one_tensor:
        return
    narrow = [(*axes[:-1], axes[-1].removeprefix("directions·")) for axes in outputs]
    yield (*narrow, *states), "an output of one direction only"
    yield (*(("directions", *axes) for axes in narrow), *states), "an axis for the directions"
    onward = [_with(axes, "timesteps", "directions·timesteps") for axes in narrow]
    because = "the second direction to go on from the last timestep of the first"
    yield (*onward, *states), because
    if states:
        wide = [(*axes[:-1], f"directions·{axes[-1]}") for axes in states]
        beside = [("layers", *axes[1:]) for axes in wide]
        yield (*outputs, *beside), "the directions side by side in the states"
        yield (*outputs, *wide), "the states doubled twice"
        one = [("layers", *axes[1:]) for axes in states]
        yield (*outputs, *one), "the states of one direction only"
        below = [(1, *axes[1:]) for axes in wide]
        yield (*outputs, *below), "the directions side by side in the states, of one layer only"
        yield (*outputs, *(axes[1:] for axes in wide)), "the directions side by side in the states"
        twice = [("directions", *axes[1:]) for axes in wide]
        yield (*outputs, *twice), "the states of one layer, doubled twice"
        if spec.layers == 1:
            bare = [axes[1:] for axes in states]
            yield (*outputs, *bare), "a state without an axis for the directions"
        yield from _two_axes_of_states(outputs, states)


def _with_an_axis_of_directions(outputs, states):
    """Yield the answers whose output has an axis of its own for the directions."""
    narrow = (*outputs[0][:-1], outputs[0][-1].removeprefix("directions·"))
    for axes in (narrow, _turned(narrow)):
        for place in range(len(axes) + 1):
            apart = (*axes[:place], "directions", *axes[place:])
            yield (apart, *states), "an axis for the directions"
    below = _with(narrow, "batch", "directions·batch")
    yield (below, *states), "the directions one below the other, along the batch"
    longer = _with(EVERY, "timesteps", "directions·timesteps")
    yield (longer, *states), "the second direction to go on from the last timestep of the first"
    if states:
        yield (narrow, narrow, *states), "an output of each direction"


def _two_axes_of_states(outputs, states):
    """Yield the answers whose states count layers and directions on an axis each."""
    because = "an axis for the layers and one for the directions"
    for place in permutations(("layers", "directions", "batch", "units")):
        yield (*outputs, *[place] * len(states)), because
    doubled = [("layers", "directions·batch", "units")] * len(states)
    yield (*outputs, *doubled), "the directions one below the other, along the batch"


def _parts_side_by_side(right, spec, dialect):
    blocks = {"lstm": (4, "three gates and a candidate"), "gru": (3, "two gates and a candidate")}
    if spec.cell not in blocks or spec.bidirectional:
        return
    number, parts = blocks[spec.cell]
    outputs, states = _split(right, spec)
    if states:
        beside = [(*axes[:-1], f"{number}·{axes[-1]}") for axes in states]
        yield (*outputs, *beside), f"{parts} side by side in a state"
        if dialect.one_tensor:
            rows = [(number, *axes[1:]) for axes in states]
            yield (*outputs, *rows), f"a row for each part of the cell: {parts}"
    beside = [(*axes[:-1], f"{number}·{axes[-1]}") for axes in outputs]
    yield (*beside, *states), f"{parts} side by side"


MISCONCEPTIONS = {
    "sequence_by_default": Misconception(
        read="What does return_sequences change",
        why="PyTorch always returns every h, Keras only the last one unless it is told "
        "`return_sequences=True`, and what is said of one is easily taken for the other.",
        hint="Is there a flag in Keras' line, or an index in PyTorch's, that says how many of the "
        "h are kept?",
        nearer="Keras hands on the last h, or every h with `return_sequences=True`; PyTorch hands "
        "on every h. Which of these is asked for?",
        answers=_sequence_by_default,
    ),
    "units_as_steps": Misconception(
        read="What does units mean",
        why="An LSTM is drawn as a row of boxes, one for each timestep, so `LSTM(64)` sounds like "
        "64 boxes. The boxes are one layer, drawn again at each timestep.",
        hint="One layer makes a new h at each timestep. Which number in the code says how long h "
        "is?",
        nearer="`LSTM(64)` has an h of 64 numbers after one timestep and after a thousand. How "
        "long is h here?",
        answers=_units_as_steps,
    ),
    "states_only": Misconception(
        read="What comes back with return_state",
        why="One speaks of “the hidden state and the cell state”, and Keras' flag is called "
        "`return_state`, so what comes before them is easily forgotten.",
        hint="States are added to something that comes back anyway. What is it?",
        nearer="What comes back first is the output. Which shape would it have without any states?",
        answers=_states_only,
        about_states=True,
    ),
    "states_packaging": Misconception(
        read="What comes back with return_state",
        why="Other recurrent layers have one state, an LSTM has two: h and c. Keras lists them one "
        "after the other, and only if it is asked; PyTorch puts them in a tuple of their own, with "
        "an axis for the layers of a stack.",
        hint="How many states come back here, and of which timestep are they?",
        nearer="An LSTM has h and c, other cells have h alone. Keras returns them with "
        "`return_state=True`, PyTorch always. What does that make here?",
        answers=_states_packaging,
        about_states=True,
    ),
    "layers_forgotten": Misconception(
        read="What does h_n hold",
        why="Keras' states have no axis for the layers, and where there is one layer, there seems "
        "to be nothing to count.",
        hint="PyTorch can stack layers in one `nn.LSTM` or `nn.GRU`, and keeps the state of each. "
        "Where in your shape would that of a further layer stand?",
        nearer="A state of PyTorch begins with an axis for the layers, even for one. How long is "
        "it here?",
        answers=_layers_forgotten,
        about_states=True,
    ),
    "batch_always_first": Misconception(
        read="Why does batch_first not move the states",
        why="`batch_first=True` sounds as if it moved the batch in every tensor.",
        hint="`batch_first` moves the batch in the input and in `output`, and nowhere else. Which "
        "axis comes first in a state?",
        nearer="A state begins with an axis that counts the layers. Which axis comes next?",
        answers=_batch_always_first,
    ),
    "state_without_axes": Misconception(
        read="Which shape must the first states have",
        why="A state is spoken of as one vector, and often only h is.",
        hint="What is remembered is remembered for each layer and each sequence of the batch. "
        "Which axis of the state counts the sequences?",
        nearer="Two sequences of a batch end in two different h. Where does each of them stand in "
        "your shape?",
        answers=_state_without_axes,
        about_states=True,
    ),
    "batch_in_shape": Misconception(
        read="Does the shape include the batch",
        why="Declared shapes leave the batch out, as in `keras.Input((timesteps, features))`, so "
        "one gets used to thinking without it.",
        hint="A layer answers for every sequence of the batch. Where do they stand in your shape?",
        nearer="Which axis of what the layer reads counts the sequences, and has any step taken it "
        "away?",
        answers=_batch_in_shape,
    ),
    "table_as_batch": Misconception(
        read="How do I make sequences of a table",
        why="A dense layer takes a table of (samples, features), and an LSTM is expected to find "
        "the time in it by itself.",
        hint="Name each axis of what goes in. Which one is time?",
        nearer="An LSTM reads the rows of a table one after the other. What is a row to it?",
        answers=_table_as_batch,
    ),
    "states_merged": Misconception(
        read="Which states go into a bidirectional layer",
        why="The outputs of the two directions are merged, so one expects it of the states too.",
        hint="`merge_mode` says what becomes of the two outputs. What does it say of the states?",
        nearer="A state belongs to one direction. How many are there, and how long is each?",
        answers=_states_merged,
    ),
    "layer_axis_misplaced": Misconception(
        read="What does h_n hold",
        why="`output` and `h_n` are both called hidden states, so one is taken for a part of the "
        "other.",
        hint="`output` is the top layer at all timesteps; the states are all layers at the last "
        "timestep. Which of the two has an axis for the layers?",
        nearer="Each layer keeps a state in each direction. How many is that in all, and on which "
        "axis are they counted?",
        answers=_layer_axis_misplaced,
    ),
    "directions_misplaced": Misconception(
        read="Where does the backward direction end",
        why="Two directions double something, and it is easy to double the wrong axis.",
        hint="Each direction has states of its own; only the outputs are laid side by side. Which "
        "axis grows in each case?",
        nearer="In `output` the two h of a timestep make one longer row; in `h_n` each direction "
        "has rows of its own. Which of the two have you described?",
        answers=_directions_misplaced,
    ),
    "padding_changes_length": Misconception(
        read="What comes out at padded timesteps",
        why="Padding is to be ignored, so one expects it to disappear, or to become zero.",
        hint="A mask says which timesteps count and removes none. Packing leaves the padding out, "
        "and unpacking puts back as much as the longest sequence needs. Which is done here?",
        nearer="Is what is asked for still padded, packed in one row, or unpacked again?",
    ),
    "time_axis_in_head": Misconception(
        read="Does Dense need TimeDistributed",
        why="A dense layer is pictured as the end of a network, where one vector goes in and one "
        "comes out.",
        hint="A dense layer works on the last axis. How many timesteps reach it?",
        nearer="Write the shape that the dense layer reads. Which of its axes does it change?",
    ),
    "output_for_state": Misconception(
        read="What does h_n hold",
        why="`output` and `h_n` are both called hidden states, so one is taken for the other.",
        hint="`output` goes over the timesteps, `h_n` and `c_n` go over the layers. Which is asked "
        "for?",
        nearer="Is it the h of every timestep, or what each layer holds in the end?",
    ),
    "index_and_axis": Misconception(
        read="Trap 3: an index into h_n",
        why="An index takes its axis away and a slice keeps it, and `-1` and `-1:` look alike.",
        hint="Each place in the brackets belongs to one axis. Which axis does the index take away?",
        nearer="Write the shape without the index, and strike out the axis at its place. What is "
        "left?",
    ),
    "running_example": Misconception(
        read="The axes",
        why="The course's running example has 3 sequences, 5 timesteps, 6 features and 7 units, "
        "and one gets used to them.",
        hint="Which sizes stand in this question?",
        nearer="Go through the sizes in the text once more. Which of yours is not among them?",
    ),
    "batch_open": Misconception(
        read="Does the shape include the batch",
        why="An array always has some number of sequences.",
        hint="`keras.Input` is told the timesteps and the features, and not how many sequences "
        "come. What does Keras write for a size that is not fixed?",
        nearer="Which word does Python have for what is not there?",
    ),
    "axis_of_one": Misconception(
        read="Can I leave the batch out",
        why="An axis of 1 holds no more numbers than none, so it is easily overlooked, and as "
        "easily added.",
        hint="Which axis of 1 is there?",
        nearer="Count the axes step by step. Which step adds one or takes one away?",
    ),
    "laid_in_a_row": Misconception(
        read="What does return_sequences change",
        why="A `Flatten` or a `reshape` lays axes in one row, often in front of a dense layer.",
        hint="Which part of the code would lay these axes in one row?",
        nearer="A recurrent layer keeps each axis for itself. Which of the axes that you have "
        "joined come back at all?",
    ),
    "parts_side_by_side": Misconception(
        read="What the layer does",
        why="An LSTM's weights are four times as wide as its units, and it carries two vectors.",
        hint="What comes out at a timestep is one h. How long is it?",
        nearer="The gates are used up in making c and h, and c is not written into the output. "
        "What is left of them?",
        answers=_parts_side_by_side,
    ),
    "axes_exchanged": Misconception(
        read="Which axis is the batch in PyTorch",
        why="The sizes are known and the places are not: a shape says by its order which is which.",
        hint="What does each place of your shape count?",
        nearer="Say it as one reads it: for each of these, for each of those, so many numbers. "
        "Which comes first?",
    ),
    "naive_is_weak": Misconception(
        read="The naive forecast",
        why="A forecast that has learnt nothing seems easy to beat, and so does one that says the "
        "same number for every day.",
        hint="What does such a forecast get right by itself, and how much is left to be learnt?",
        nearer="How far off is it on most days, and how far off would another one have to be?",
    ),
    "test_days_leak": Misconception(
        read="Scale without a leak",
        why="A mean is a single number, which does not show whose days went into it.",
        hint="Which days does the mean of the whole series contain?",
        nearer="Double the last day. Which of the numbers that are used for scaling stay the same?",
    ),
    "taken_or_refused": Misconception(
        read="The error clinic",
        why="A message only tells of what a part of the code cannot take, and each part has its "
        "own mind about axes and sizes.",
        hint="It runs. Which part did you expect to refuse what it is given, and what does that "
        "part ask for?",
        nearer="Go through the code part by part: which shape does each get, and which does it "
        "hand on?",
    ),
    "tensors_miscounted": Misconception(
        read="What comes back with return_state",
        why="One call may hand back several tensors, and a question may be about one of them.",
        hint="Which tensors does the question ask for?",
        nearer="Count what the question names, or what the layer returns. How many shapes is that?",
    ),
}
