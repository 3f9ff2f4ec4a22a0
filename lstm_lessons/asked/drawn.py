"""What a review asks beside shapes, with drawn sizes: which call, which two are equal, true or
false and why, which line is wrong. Each is a list to choose from, and code decides.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from .. import frameworks
from ..asking.questions import Question, Wrong
from ..frameworks import run
from ..rule import batch_of, expected
from ..snippets import call
from ..spec import Spec
from ..weights import inputs

NUMBER = "Type its number."
FIRST_THREE = ("batch", "timesteps", "features")


@dataclass(frozen=True)
class Option:
    """One of a list to choose from.

    text: as it stands in the list; code stands in backticks.
    belief, because: as of a Wrong; "" of the right one.
    """

    text: str
    belief: str = ""
    because: str = ""


def drawn_sizes(chance, number):
    """Return so many sizes; none is 1, 2 or 4, and none appears twice."""
    return chance.sample([3, *range(5, 33)], number)


def _listed(text, options, run, rule=None, hint=""):
    """Return the Question which of some options it is. run, rule: return the place of the right."""
    lines = [f"{number}: {option.text}" for number, option in enumerate(options, 1)]
    wrong = tuple(
        Wrong(option.belief, ((number,),), option.because, hint)
        for number, option in enumerate(options, 1)
        if option.belief
    )
    asked = Question("\n".join([text, *lines, NUMBER]), lambda: ((run() + 1,),), wrong)
    ruled = rule and (lambda: ((rule() + 1,),))
    return replace(asked, rule=ruled, form="number")


def _only(holds: Sequence[bool]) -> int:
    """Return the place of the one True; -1 if there is no one."""
    return list(holds).index(True) if sum(map(bool, holds)) == 1 else -1


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
        return _only([answer(one, framework).shapes == wanted for one, _ in specs])

    return _listed(
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


SAME = "Which two hold the same numbers?"
SAME_HINT = "Of which layer, direction and timestep is each of the two, and is it h or c?"
LINE_HINT = "Write down the shape of what each line makes. Which is the first that can't be wanted?"
ONE = dict(return_sequences=True, return_state=True)


@dataclass(frozen=True)
class Scene:
    """A layer whose tensors have names, for what is asked about their numbers.

    pairs: the two that are equal, as code, then others, each with a belief and a because.
    claim: a sentence about them, as code that is true or false.
    said: the same in words.
    reasons: the right one, then others: "True" or "False", why, a belief, a because.
    """

    lesson: str
    framework: str
    fields: dict
    pairs: tuple = ()
    said: str = ""
    claim: str = ""
    reasons: tuple = ()

    def spec(self, chance):
        """Return the layer, with drawn sizes."""
        return Spec("lstm", *drawn_sizes(chance, 4), **self.fields)

    def opening(self, spec):
        """Return the call in words."""
        states = "h, c" if self.framework == "keras" else "(h_n, c_n)"
        only = self.framework == "keras" and not spec.return_state
        names = "output" if only else f"output, {states}"
        return f"`{names} = {call(spec, self.framework)}(x)`, where `x` is {batch_of(spec)}."


def _named(spec, framework):
    """Return what a layer returns, by the names that stand in the questions."""
    names = ("output", "h", "c") if framework == "keras" else ("output", "h_n", "c_n")
    known = dict(zip(names, _values(spec, framework), strict=False))
    if framework == "keras" and not spec.return_state:
        known["last"] = _values(replace(spec, return_sequences=False), framework)[0]
    return {**known, "same": _same, "units": spec.units}


def _values(spec, framework):
    return [one.values for one in run(spec, framework).tensors]


def _same(one, other):
    return one.shape == other.shape and bool(np.allclose(one, other, rtol=0, atol=1e-6))


def which_two(chance, scene):
    """Return the question which two of what a layer returns are equal."""
    spec, pairs = scene.spec(chance), list(scene.pairs)
    chance.shuffle(pairs)
    options = [Option(f"`{one}` and `{two}`", *why) for one, two, *why in pairs]

    def place():
        names = _named(spec, scene.framework)
        return _only([eval(f"same({one}, {two})", {}, names) for one, two, *_ in pairs])

    return _listed(f"{scene.opening(spec)} {SAME}", options, place, hint=SAME_HINT)


def true_because(chance, scene):
    """Return the question whether something holds, and why."""
    spec, reasons = scene.spec(chance), list(scene.reasons)
    right = reasons[0]
    chance.shuffle(reasons)
    options = [Option(f"{truth}: {why}.", *belief) for truth, why, *belief in reasons]

    def place():
        held = str(bool(eval(scene.claim, {}, _named(spec, scene.framework))))
        return reasons.index(right) if held == right[0] else -1

    return _listed(f"{scene.opening(spec)} True or false, and why? {scene.said}", options, place)


STACK = dict(layers=2)
BOTH_WAYS = dict(bidirectional=True)
SCENES = (
    Scene(
        "03 The last output and the states",
        "keras",
        ONE,
        pairs=(
            ("h", "output[:, -1]"),
            ("c", "output[:, -1]", "states_packaging", "c to be what the layer puts out"),
            ("h", "output[-1]", "batch_always_first", "the timesteps on the first axis"),
            ("h", "c", "states_packaging", "one state, handed back twice"),
            ("h", "output[:, 0]", "states_packaging", "the states of the first timestep"),
        ),
        said="`output[:, -1]` and `c` hold the same numbers.",
        claim="same(output[:, -1], c)",
        reasons=(
            ("False", "the output is h, and c stays inside"),
            ("False", "`-1` picks the last sequence", "batch_always_first", "a batch at axis 1"),
            ("True", "c is what the layer puts out", "states_packaging", "c to be the output"),
            ("True", "h and c are one state", "states_packaging", "h and c to be the same"),
        ),
    ),
    Scene(
        "03 The last output and the states",
        "torch",
        {},
        pairs=(
            ("h_n[0]", "output[:, -1]"),
            ("c_n[0]", "output[:, -1]", "states_packaging", "c to be what the layer puts out"),
            ("h_n[0]", "output[-1]", "batch_always_first", "the timesteps on the first axis"),
            ("h_n[:, -1]", "output[:, -1]", "layer_axis_misplaced", "timesteps in `h_n`"),
            ("h_n[0]", "output[:, 0]", "layer_axis_misplaced", "the timesteps to be in `h_n`"),
        ),
        said="`h_n[-1]` and `output[:, -1]` hold the same numbers.",
        claim="same(output[:, -1], h_n[-1])",
        reasons=(
            ("True", "there is one layer, and its last h is its last output"),
            ("True", "`-1` is the last timestep in both", "layer_axis_misplaced", "time in `h_n`"),
            ("False", "`h_n[-1]` is the last sequence", "batch_always_first", "a batch there"),
            ("False", "the output is made of c", "states_packaging", "c to be the output"),
        ),
    ),
    Scene(
        "05 Layers and directions",
        "torch",
        STACK,
        pairs=(
            ("h_n[1]", "output[:, -1]"),
            ("h_n[0]", "output[:, -1]", "layer_axis_misplaced", "the lower layer in `output`"),
            ("c_n[1]", "output[:, -1]", "states_packaging", "c to be what the layer puts out"),
            ("h_n[:, -1]", "output[:, -1]", "batch_always_first", "timesteps in `h_n`"),
            ("h_n[0]", "output[:, 0]", "layer_axis_misplaced", "the first timestep in `h_n[0]`"),
        ),
        said="`h_n[0]` and `output[:, -1]` hold the same numbers.",
        claim="same(output[:, -1], h_n[0])",
        reasons=(
            ("False", "`output` is the top layer's, `h_n[0]` the lowest one's"),
            ("False", "`h_n[0]` is the first timestep", "layer_axis_misplaced", "time in `h_n`"),
            ("True", "`h_n` begins with the top layer", "layer_axis_misplaced", "another order"),
            ("True", "`output` has all layers", "layer_axis_misplaced", "layers in `output`"),
        ),
    ),
    Scene(
        "05 Layers and directions",
        "torch",
        BOTH_WAYS,
        pairs=(
            ("h_n[1]", "output[:, 0, units:]"),
            ("h_n[1]", "output[:, -1, units:]", "directions_misplaced", "both to end at the right"),
            ("h_n[0]", "output[:, 0, :units]", "directions_misplaced", "both to end at the left"),
            ("h_n[0]", "h_n[1]", "states_merged", "one state for both directions"),
            ("h_n[1]", "output[:, -1]", "directions_misplaced", "one direction in `output`"),
        ),
        said="`output[:, -1, units:]`, the second half, and `h_n[1]` hold the same numbers.",
        claim="same(output[:, -1, units:], h_n[1])",
        reasons=(
            ("False", "the second direction has read but one timestep there"),
            ("False", "`h_n` has one state for both", "states_merged", "the states to be merged"),
            (
                "True",
                "both directions end at the last timestep",
                "directions_misplaced",
                "one end for both",
            ),
            ("True", "`output` ends with the states", "directions_misplaced", "states in it"),
        ),
    ),
    Scene(
        "05 Layers and directions",
        "keras",
        dict(bidirectional=True, return_sequences=True),
        said="`output[:, -1]` is what the same layer returns without `return_sequences`.",
        claim="same(output[:, -1], last)",
        reasons=(
            ("False", "there the second direction has read but one timestep"),
            ("False", "then it returns one direction", "directions_misplaced", "one direction"),
            ("True", "the flag keeps the last timestep", "directions_misplaced", "one end of time"),
            ("True", "the halves are merged", "states_merged", "the halves to be merged"),
        ),
    ),
)


@dataclass(frozen=True)
class Bug:
    """Lines of code, one of them wrong, with its mended form.

    wanted: what is to come, in words. holds: the same as code about what the lines make.
    lines: pairs of a line and, of those that are right, (belief, because); of the wrong one, the
        line as it should be. Sizes stand in braces.
    """

    lesson: str
    framework: str
    wanted: str
    holds: str
    lines: tuple[tuple[str, tuple[str, str] | str], ...]


def which_line(chance, bug):
    """Return the question which line of some code is wrong."""
    sizes = dict(zip("btfuk", drawn_sizes(chance, 5), strict=True))
    lines = [line.format(**sizes) for line, _ in bug.lines]
    place = next(at for at, (_, right) in enumerate(bug.lines) if isinstance(right, str))
    mended = [*lines[:place], bug.lines[place][1].format(**sizes), *lines[place + 1 :]]
    options = [
        Option(f"`{line}`", *(() if at == place else bug.lines[at][1]))
        for at, line in enumerate(lines)
    ]

    def found():
        fails = not _does(lines, bug, sizes)
        return place if fails and _does(mended, bug, sizes) else -1

    x = ", ".join(f"{name} {sizes[name[0]]}" for name in FIRST_THREE)
    text = f"`x` has the shape ({x}). Wanted: {bug.wanted.format(**sizes)}. Which line is the bug?"
    return _listed(text, options, found, hint=LINE_HINT)


def _does(lines, bug, sizes):
    """Return whether lines of code make what is wanted."""
    x = inputs(Spec("lstm", *(sizes[letter] for letter in "btfu")))
    names = {"x": x, **sizes}
    if bug.framework == "keras":
        names |= {"keras": frameworks.keras, "layers": frameworks.keras.layers}
    else:
        torch = frameworks.torch
        names |= {"torch": torch, "nn": torch.nn, "x": torch.tensor(x)}
    try:
        exec("\n".join(lines), names)
    except (ValueError, TypeError, RuntimeError):
        return False
    return bool(eval(bug.holds, names))


EACH = ("sequence_by_default", "each h to be there already")
DENSE = ("time_axis_in_head", "a dense layer not to take what it is given")
DECLARED = ("batch_in_shape", "the batch to be declared, too")
FIRST = ("batch_always_first", "the batch to be somewhere else")
PACKED = ("states_packaging", "another order of what comes back")
BUGS = (
    Bug(
        "02 Every output",
        "keras",
        "{k} scores at every timestep of each sequence",
        "scores.shape == (b, t, k)",
        (
            ("inputs = keras.Input(({t}, {f}))", DECLARED),
            (
                "hidden = layers.LSTM({u})(inputs)",
                "hidden = layers.LSTM({u}, return_sequences=True)(inputs)",
            ),
            ("outputs = layers.Dense({k})(hidden)", DENSE),
            ("scores = keras.Model(inputs, outputs)(x)", EACH),
        ),
    ),
    Bug(
        "01 The last output",
        "keras",
        "{k} scores for each sequence",
        "scores.shape == (b, k)",
        (
            ("inputs = keras.Input(({b}, {t}, {f}))", "inputs = keras.Input(({t}, {f}))"),
            ("hidden = layers.LSTM({u})(inputs)", EACH),
            ("outputs = layers.Dense({k})(hidden)", DENSE),
            ("scores = keras.Model(inputs, outputs)(x)", DECLARED),
        ),
    ),
    Bug(
        "04 Every output and the states",
        "keras",
        "{k} scores for each sequence, of its last h",
        "scores.shape == (b, k)",
        (
            ("lstm = layers.LSTM({u}, return_sequences=True, return_state=True)", EACH),
            ("every, h, c = lstm(x)", PACKED),
            ("scores = layers.Dense({k})(every[-1])", "scores = layers.Dense({k})(every[:, -1])"),
        ),
    ),
    Bug(
        "01 The last output",
        "torch",
        "{k} scores for each sequence, of its last h",
        "scores.shape == (b, k)",
        (
            ("lstm = nn.LSTM({f}, {u}, batch_first=True)", FIRST),
            ("output, (h_n, c_n) = lstm(x)", PACKED),
            ("last = output[-1]", "last = output[:, -1]"),
            ("scores = nn.Linear({u}, {k})(last)", DENSE),
        ),
    ),
    Bug(
        "04 Every output and the states",
        "torch",
        "every h of each sequence in `output`, the last ones in `h`",
        "output.shape == (b, t, u) and h.shape == (1, b, u)",
        (
            ("lstm = nn.LSTM({f}, {u}, batch_first=True)", FIRST),
            ("output, h, c = lstm(x)", "output, (h, c) = lstm(x)"),
            ("last = h[-1]", ("layer_axis_misplaced", "no axis for the layers in a state")),
        ),
    ),
    Bug(
        "05 Layers and directions",
        "torch",
        "{k} scores at every timestep of each sequence, of both directions",
        "scores.shape == (b, t, k)",
        (
            ("lstm = nn.LSTM({f}, {u}, batch_first=True, bidirectional=True)", FIRST),
            ("output, (h_n, c_n) = lstm(x)", PACKED),
            ("head = nn.Linear({u}, {k})", "head = nn.Linear(2 * {u}, {k})"),
            ("scores = head(output)", ("directions_misplaced", "an axis for the directions")),
        ),
    ),
    Bug(
        "06 Right shape, wrong meaning",
        "torch",
        "the last h of each sequence in `last`",
        "last.shape == h_n[-1].shape == (b, u) and torch.allclose(last, h_n[-1])",
        (
            ("lstm = nn.LSTM({f}, {u})", "lstm = nn.LSTM({f}, {u}, batch_first=True)"),
            ("output, (h_n, c_n) = lstm(x)", PACKED),
            ("last = output[:, -1]", FIRST),
        ),
    ),
)


def _of(make):
    """Return what a function here makes questions of."""
    if make is which_line:
        return BUGS
    return [scene for scene in SCENES if scene.pairs or make is not which_two]


def places(make: Callable) -> tuple[tuple[str, str], ...]:
    """Return for which lessons and frameworks a function here makes questions."""
    return tuple(dict.fromkeys((one.lesson, one.framework) for one in _of(make)))


def of(make: Callable, lesson: str, framework: str) -> Callable:
    """Return what makes such a question for a lesson and a framework, by chance."""
    known = [one for one in _of(make) if (one.lesson, one.framework) == (lesson, framework)]
    return lambda chance: make(chance, chance.choice(known))
