"""Which call returned some shapes: a question with drawn sizes, for a review."""

from dataclasses import replace
from functools import partial

from ..frameworks import run
from ..rule import batch_of, expected
from ..snippets import call
from ..spec import Spec
from .choices import Option, drawn_sizes, listed, only


def which_call(chance, framework, stacked=False):
    """Return the question which layer returned some shapes.

    chance: a random.Random. stacked: whether there are layers and directions, as in lesson 05.
    """
    b, t, f, u = drawn_sizes(chance, 4)
    spec = Spec("lstm", b, t, f, u)
    if framework == "keras":
        spec, others = _flags(spec, chance)
    else:
        spec, others = _of_torch(spec, chance, stacked)
    returned = ", ".join(str(one.shape) for one in expected(spec, framework).tensors)
    specs = [(spec, Option(f"`{call(spec, framework)}`"))]
    specs += [
        (other, Option(f"`{call(other, framework)}`", belief, f"{because} from that call"))
        for other, belief, because in others
    ]
    chance.shuffle(specs)

    def place(answer):
        wanted = expected(spec, framework).shapes
        return only([answer(one, framework).shapes == wanted for one, _ in specs])

    return listed(
        f"`x` is {batch_of(spec)}. A layer reads it, and this comes back: `{returned}`. Which "
        "layer was it?",
        [option for _, option in specs],
        partial(place, run),
        partial(place, expected),
        "Count the tensors that came back, then the axes of the first one, and look at its sizes. "
        "What asks for each?",
    )


def _flags(spec, chance):
    """Return a layer of Keras with flags, and others as (Spec, belief, because)."""
    spec = replace(spec, return_sequences=chance.random() < 0.5, return_state=chance.random() < 0.6)
    every, states = spec.return_sequences, spec.return_state
    return spec, [
        (
            replace(spec, return_sequences=not every),
            "sequence_by_default",
            "another number of h's",
        ),
        (replace(spec, return_state=not states), "states_packaging", "other states"),
        (
            replace(spec, return_sequences=not every, return_state=not states),
            "sequence_by_default",
            "another number of h's",
        ),
        (replace(spec, units=spec.timesteps), "units_as_steps", "a unit for each timestep"),
    ]


def _of_torch(spec, chance, stacked):
    """Return a layer of PyTorch, and others as (Spec, belief, because)."""
    if stacked:
        spec = replace(spec, layers=chance.choice([2, 3]), bidirectional=chance.random() < 0.5)
    swapped = replace(
        spec, batch=spec.timesteps, timesteps=spec.batch, batch_first=False
    )  # so it takes what comes batch first
    others = [
        (swapped, "batch_always_first", "the batch to be found on the first axis"),
        (replace(spec, units=spec.timesteps), "units_as_steps", "a unit for each timestep"),
        (replace(spec, units=spec.features), "units_as_steps", "as many units as features"),
    ]
    if stacked:
        fewer = replace(spec, layers=5 - spec.layers)
        one_way = replace(spec, bidirectional=not spec.bidirectional)
        others[2:] = [
            (fewer, "layer_axis_misplaced", "such states"),
            (one_way, "directions_misplaced", "such directions"),
        ]
    return spec, others
