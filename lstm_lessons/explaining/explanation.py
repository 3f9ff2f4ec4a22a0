"""What the recurrent layers of any network return, from one real forward pass.

No framework is imported here: the one that made the network is there already.
"""

from dataclasses import dataclass, field
from functools import cached_property
from threading import RLock

from ..rule import DIALECTS
from ..shapes import sized
from ..spec import many, short
from .calls import (
    Call,
    Other,
    Sized,
    call_of,
    framework_of,
    is_plain,
    is_recurrent,
    listed,
    other_of,
    shapes_of,
)
from .errors import BEFORE
from .findings import tried as tried_on
from .flow import Flow
from .graph import flow_of
from .loops import loops_of
from .page import Block, folded, html_of, text_of
from .targets import as_target, target_notes, target_warning
from .telling import blocks_of
from .tracebacks import home
from .traps import Warned, warnings_of
from .tries import Tried, joined
from .uses import tensors_in, with_uses
from .watching import Recorder, first_given, is_there, reader_of

TURN = RLock()  # while a pass goes on, the network is not as it was; one may explain another
TOLD = 6  # so many layers that ran before an error are named, at most


@dataclass(frozen=True)
class Explanation:
    """What one forward pass of a network showed.

    layers: a Call for each call of a recurrent layer, in order of execution.
    others: an Other for each call of another layer.
    warnings: a Warned for each right shape with a wrong meaning.
    notes: sentences about the network as a whole.
    flow: who hands what to whom.
    tried: what was changed to see what moves, and what moved.
    """

    title: str
    layers: tuple[Call, ...]
    others: tuple[Other, ...] = ()
    warnings: tuple[Warned, ...] = ()
    notes: tuple[str, ...] = ()
    flow: Flow = field(default_factory=Flow)
    tried: Tried = field(default_factory=Tried)

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Return everything as the blocks of a page."""
        return tuple(blocks_of(self))

    @property
    def text(self) -> str:
        """Return everything as plain text."""
        return text_of(self.blocks)

    @property
    def html(self) -> str:
        """Return the same as HTML, with inline styles only, and pictures of the first layers."""
        return html_of(self.blocks)

    def __str__(self):
        return folded(self.text)

    __repr__ = __str__

    def _repr_mimebundle_(self, **_):
        return {"text/html": self.html, "text/plain": str(self)}


def explain(
    network: object = ...,
    *inputs: object,
    target: object = None,
    tried: bool = True,
    **named: object,
) -> Explanation:
    """Return the Explanation of a network: what each of its recurrent layers returned, and why.

    One real forward pass in evaluation mode, without gradients, that leaves the network as it was:
    its weights and states, and what else its attributes reach (`watching.kept` says what exactly),
    but not files, iterators and the names of a module.

    network: any Keras model or layer, or any torch.nn.Module.
    inputs: what one would call it with: NumPy arrays, tensors, tuples, dicts, a PackedSequence.
        For Keras also shapes, such as (None, 10, 3). For PyTorch arrays become tensors, but for
        whole numbers on one axis, such as lengths, beside a tensor.
        A DataLoader, a tf.data.Dataset or a PyDataset gives its first batch.
    tried: whether it is also tried what the network means: at most five further passes, in which a
        sequence, a timestep or the padding is another, or there are more of them. If the pass took
        over five seconds, nothing is tried.
    target: what the result is to be compared with in a loss; whether mse would broadcast is said.
    named: what the network is called with by keyword, such as lengths=….

    Raises ValueError, in one line, for what is not a network and for no inputs; what the framework
    raises if the network does not run, with a note of what ran before.
    """
    with TURN:
        return _explained(network, inputs, named, target, tried)


def _explained(network, inputs, named, target, tried):
    framework = _framework_of(network)
    if not inputs and not named:
        raise ValueError("inputs must be at least a batch, got none; try explain(network, x)")
    reader = reader_of(framework)
    recorder = Recorder()
    try:
        seen = reader.run(network, inputs, named, recorder)
    except Exception as error:
        if recorder.at or recorder.open:
            error.add_note(_so_far(recorder, reader))
        raise
    top = [one for one in seen.events if is_recurrent(one, seen.reader)]
    _not_empty(top, seen)
    found = tried_on(
        network, [call_of(event, seen) for event in top], seen, recorder.seconds if tried else None
    )
    calls = with_uses(found.calls, seen)
    others = [other_of(one, seen) for one in seen.events if is_plain(one, seen.reader)]
    notes = [*seen.notes, *(f"`{path}` was not called in this pass." for path in seen.missed)]
    notes += [f"The network returns {_result(seen, found.axes)}.", *_unseen(calls, seen)]
    notes += [loop.words for loop in loops_of(seen)]
    compared, about = _compared(target, calls, seen)
    title = (
        f"`{type(network).__name__}` ({DIALECTS[framework].title}): one forward pass in "
        "evaluation mode."
    )
    warnings = (*joined(warnings_of(calls, seen), found.warned), *compared)
    flow = flow_of(calls, others, seen)
    return Explanation(title, tuple(calls), tuple(others), warnings, (*notes, *about), flow, found)


def _result(seen, axes):
    """Return in words what a network returned: shapes, and what else there is."""
    result, reader = seen.result, seen.reader
    if not tensors_in(result, reader):
        kind = type(result).__name__
        return "None" if result is None else f"a `{kind}`, in which no tensor is seen"
    parts = result if isinstance(result, (tuple, list)) else ()
    plain = [one for one in parts if one is not None and not tensors_in(one, reader)]
    others = [f"a `{type(one).__name__}` of no tensors" for one in plain]
    sized_ = {id(one): names for one, names in zip(tensors_in(result, reader), axes, strict=True)}

    def words(tensor):
        names = sized_[id(tensor)]
        return Sized(sized(names, tensor.shape)) if any(names) else tuple(tensor.shape)

    return ", and ".join([str(shapes_of(result, reader, words)), *others])


def _compared(target, calls, seen):
    """Return the Warned of a target, and sentences about it; nothing of none."""
    if target is None:
        return [], []
    if not seen.reader.is_tensor(seen.result):
        return [], ["The target is compared with nothing: the network does not return one tensor."]
    target = as_target(target)
    warned = target_warning(calls, seen, target)
    return [warned] if warned else [], target_notes(seen, target)


def _not_empty(events, seen):
    """Refuse, in one line, a pass in which a recurrent layer read no numbers."""
    for event in events:
        for real in tensors_in(first_given(event), seen.reader)[:1]:
            if 0 in real.shape:
                raise ValueError(
                    f"inputs must hold at least one sequence of one timestep, got an empty batch, "
                    f"{tuple(real.shape)}, at {event.path}; try a batch of one"
                )


def _unseen(calls, seen):
    """Return what is to be said where not all recurrent layers may be seen, or none was called."""
    if seen.hidden:
        dark = listed([f"`{path}` (`{kind}`)" for path, kind in seen.hidden])
        return [f"What happens in {dark} is not seen: a recurrent layer in it is not shown."]
    none = "No recurrent layer that this knows and the network has registered was called."
    return [] if calls else [none]


def _framework_of(network):
    """Return the name of the framework that a network belongs to; ValueError if none."""
    is_class = isinstance(network, type)
    kind = network if is_class else type(network)
    _not_of_keras_2(kind)
    said = f"{short(network)}; try explain(model, x)"
    if framework := framework_of(kind):
        if not is_class:
            return framework
        said = f"the class {kind.__name__}; try explain({kind.__name__}(), x)"
    if network is ...:
        said = "nothing; try explain(network, x)"
    raise ValueError(f"network must be a Keras or PyTorch network, got {said}")


def _not_of_keras_2(kind):
    """Refuse, in one line, a network of a Keras that is not read here."""
    homes = {*map(home, kind.__mro__)}
    old = ["tf_keras", *(() if is_there("keras") else ("keras",))]
    if found := [name for name in old if name in homes]:
        raise ValueError(
            f"network must be one of PyTorch or of Keras 3, got one of Keras 2 ({found[0]}); "
            "try the same network, made with Keras 3"
        )


def _so_far(recorder, reader):
    """Return what ran in a pass that failed, and where it failed, as sentences."""
    at = recorder.at or recorder.open[-1]
    whole = (at, *at.inside())[-1]
    ran = [
        f"{one.path} ({type(one.layer).__name__}) returned {shapes_of(one.value, reader)}"
        for one in recorder.events
        if one.value is not None and whole in one.inside()
        if is_plain(one, reader) or is_recurrent(one, reader)
    ]
    layer = f"{at.path} ({type(at.layer).__name__})"
    given = shapes_of((*at.args, *at.kwargs.values()), reader)
    where = f"It came from {layer}, which was given {given}."
    if at.inner or reader.container(at.layer):
        refused = ", or from a layer in it that refused what it was given"
        where = f"It came from {layer} itself{refused if reader.framework == 'keras' else ''}."
    if len(ran) > TOLD:
        ran = [f"{many(len(ran) - TOLD, 'layer')} ran", *ran[-TOLD:]]
    return f"{BEFORE} {listed(ran) if ran else 'no layer had run'}. {where}"
