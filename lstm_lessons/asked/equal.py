"""Which two are equal, and true or false and why: questions with drawn sizes, for a review."""

from dataclasses import dataclass, replace

from ..frameworks import run
from ..late import np
from ..rule import batch_of, expected
from ..snippets import call
from ..spec import Spec
from .choices import Option, drawn_sizes, listed, only

SAME = "Which two hold the same numbers?"
SAME_HINT = "Of which layer, direction and timestep is each of the two, and is it h or c?"
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
        called, *states = self.names(spec)
        given = ", ".join(states)
        given = f"({given})" if self.framework == "torch" else given
        names = ", ".join(filter(None, [called, given]))
        return f"`{names} = {call(spec, self.framework)}(x)`, where `x` is {batch_of(spec)}."

    def names(self, spec):
        """Return the names of what the layer returns, as they stand in the questions."""
        return [one.expression for one in expected(spec, self.framework).tensors]


def tensors_of(scene: Scene, spec: Spec) -> dict:
    """Return what a layer returns, by name, and what else the code of a scene uses."""
    known = dict(zip(scene.names(spec), _values(spec, scene.framework), strict=True))
    if scene.framework == "keras" and not spec.return_state:
        known["last"] = _values(replace(spec, return_sequences=False), "keras")[0]
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
        names = tensors_of(scene, spec)
        return only([eval(f"same({one}, {two})", {}, names) for one, two, *_ in pairs])

    return listed(f"{scene.opening(spec)} {SAME}", options, place, hint=SAME_HINT)


def true_because(chance, scene):
    """Return the question whether something holds, and why."""
    spec, reasons = scene.spec(chance), list(scene.reasons)
    right = reasons[0]
    chance.shuffle(reasons)
    options = [Option(f"{truth}: {why}.", *belief) for truth, why, *belief in reasons]

    def place():
        held = str(bool(eval(scene.claim, {}, tensors_of(scene, spec))))
        return reasons.index(right) if held == right[0] else -1

    return listed(f"{scene.opening(spec)} True or false, and why? {scene.said}", options, place)


STACK = dict(layers=2)
BOTH_WAYS = dict(bidirectional=True)
SCENES = (
    Scene(
        "03 The last output and the states",
        "keras",
        dict(return_state=True),
        pairs=(
            ("output", "h"),
            ("output", "c", "states_packaging", "c to be what the layer puts out"),
            ("h", "c", "states_packaging", "one state, handed back twice"),
            ("output[:, -1]", "h", "sequence_by_default", "timesteps in `output`"),
            ("output[-1]", "h", "batch_always_first", "the timesteps on the first axis"),
        ),
    ),
    Scene(
        "05 Layers and directions",
        "keras",
        ONE | BOTH_WAYS,
        pairs=(
            ("backward_h", "output[:, 0, units:]"),
            (
                "backward_h",
                "output[:, -1, units:]",
                "directions_misplaced",
                "both to end at the right",
            ),
            (
                "forward_h",
                "output[:, 0, :units]",
                "directions_misplaced",
                "both to end at the left",
            ),
            ("forward_h", "backward_h", "states_merged", "one state for both directions"),
            ("forward_c", "output[:, -1, :units]", "states_packaging", "c to be what is put out"),
        ),
    ),
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
PAIRED = [one for one in SCENES if one.pairs]
REASONED = [one for one in SCENES if one.reasons]
