"""Checks of what a learner makes: it is run for real, on more than one batch."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace

from ..frameworks import NotRun, load
from ..remembered import recording
from ..spec import Spec
from .comparing import matched
from .fitting import fitted
from .results import words
from .trial import Refuted
from .verdict import Verdict


@dataclass(frozen=True)
class Task:
    """A function to be made, whose right results are known.

    right: returns the right result: arrays or plain values, nested in tuples.
    inputs: what both are called on: tuples of arguments, one at least. NumPy arrays reach them as
        tensors of the framework.
    wrong: pairs of a function that makes a usual mistake and words that go on from "It looks as
        if"; tried in order. Where the function raises, whoever raises the same makes the mistake.
    gradient: whether, in PyTorch, a gradient must flow through the result, as through a loss.
    axes: the names of the axes of an argument, by its name; under "returned" those of each array
        that is right.
    hints: what leads nearer to what is right, for those who do not find it at once.
    how: of a function whose results are right, returns what is wrong with how it came to them, in a
        sentence, or "".

    Raises ValueError, in one line, without inputs.
    """

    right: Callable[..., object]
    inputs: tuple[tuple | list, ...]
    wrong: tuple[tuple[Callable[..., object], str], ...] = ()
    gradient: bool = False
    axes: Mapping[str, tuple] = field(default_factory=dict, hash=False)
    hints: tuple[str, ...] = ()
    how: Callable[[Callable[..., object]], str] | None = None

    def __post_init__(self):
        if not self.inputs or not all(isinstance(given, (tuple, list)) for given in self.inputs):
            raise ValueError(
                "inputs must be tuples of arguments, one at least, got "
                f"{words(self.inputs)}; try ((x,),)"
            )


@recording
def check(
    made: object, wanted: Spec | Task, framework: str = "keras", like: Callable | None = None
) -> Verdict:
    """Return the Verdict on a network or function.

    For a Spec, it should return what the spec's flags ask for. It is run on three batches: the
    second has more sequences and more timesteps, the third is one of its sequences alone. The
    shapes that come back are diagnosed. Every tensor must depend on the first and the last
    timestep and on the order of those between, a sequence must get the same numbers alone, and the
    states must not be one another's. In one direction, an output knows no later timestep. Whether
    an LSTM made the numbers, only `like` can tell. For a Task, the results are compared with the
    right ones. In both, the numbers must be real and finite, and the same in two runs.

    made: a model, layer or function that takes (batch, timesteps, features), or what the Task
        says; `...` or None if it is still to be made.
    wanted: a Task; or a Spec, the sizes of the input, and units and flags of the output that is
        wanted, in either framework: with neither flag, (batch, units).
    framework: what made is made of, "keras" or "torch".
    like: with a Spec, a recurrent layer whose numbers must come back; None if any will do.

    Raises ValueError, in one line, if wanted or like is something else.
    """
    if not isinstance(wanted, (Spec, Task)):
        raise ValueError(f"wanted must be a Spec or a Task, got {words(wanted)}; try Spec(units=7)")
    if like is not None and not callable(like):
        raise ValueError(f"like must be a recurrent layer, got {words(like)}; try like=layer")
    if made is None or made is ...:
        return Verdict("not attempted", "Put your code in place of the `...` and run the cell.")
    if not callable(made) or inspect.isclass(made):
        return Verdict("wrong", _no_function(made, wanted))
    try:
        if isinstance(wanted, Task):
            return matched(made, wanted, _door(framework))
        return fitted(made, wanted, load(framework), like)
    except Refuted as wrong:
        return wrong.verdict


def _door(framework):
    """Return what calls a function; where Keras is not, nothing is of it, and arrays will do."""
    try:
        return load(framework)
    except NotRun:
        if framework != "keras":
            raise
        return SimpleNamespace(call=lambda function, *arguments: function(*arguments))


def _no_function(made, wanted):
    """Return the words for what can't be called, and for a class, which makes a layer."""
    if inspect.isclass(made):
        name = made.__name__
        return f"It must be a model, layer or function, got the class {name}; try `{name}(…)`."
    hint = "a function" if isinstance(wanted, Task) else "a `Sequential`"
    if isinstance(made, (bool, float, str)) or hasattr(made, "shape"):
        hint = "the function itself, not its name or what it returned"
    return f"It must be a model, layer or function, got {words(made)}; try {hint}."
