"""How a Keras network is run and read: what `watching.Reader` asks of a framework.

It has more than 300 lines since inputs are also made up here, of the shapes that a model has.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import wraps
from inspect import signature
from math import prod
from typing import Any

import keras
from keras import KerasTensor, layers, ops

from ..late import np
from ..nests import leaves, mapped
from ..spec import short
from ._keras_layers import *  # noqa: F403, the rest of the Reader
from ._keras_layers import (
    children,
    declared,
    graph,
    inner,
    is_tensor,
    numbering,
    own_cells,
    recurrent,
    seeds,
    takes_words,
)
from ._keras_operations import kept_by, noted, reads, sees_reads  # noqa: F401, reads is the Reader's
from ._keras_rule import rule  # noqa: F401, the Reader's
from .calls import listed
from .inputs import taken
from .keeping import generators, held_back, kept, states_of
from .tracebacks import home
from .watching import BUILT, Pass, Recorder, is_shape, numeric, reader_of

framework, states = "keras", "h"
unpadded = "Masking(mask_value=0.0), or of words Embedding(…, mask_zero=True), in front"
OTHERS = tuple(  # what is not Keras' own; an older one lacks some
    getattr(layers, name)
    for name in ("TorchModuleWrapper", "TFSMLayer", "JaxLayer", "FlaxLayer")
    if hasattr(layers, name)
)
TENSOR = "__keras_tensor__"  # in a configuration
RUNS_CODE = ("Lambda", *(one.__name__ for one in OTHERS))
MOST_WEIGHTS = 10**6  # of a layer that is called again
MOST = 10**8  # numbers that are made up for a shape, or come back from it


def run(
    network: Any,
    inputs: tuple,
    named: dict[str, Any],
    recorder: Recorder,
    then: tuple[tuple, dict[str, Any]] | None = None,
) -> Pass:
    inputs, named, notes = taken(inputs, named, network.call)
    given, by_name, made = _inputs(network, inputs, named)
    notes += made
    if not network.built:
        before = len(network.variables)
        _passed(network, given, by_name, [], recorder)
        recorder.clear()
        for layer in (network, *inner(network)):
            if getattr(layer, "stateful", False):
                layer.reset_state()
        if len(network.variables) > before:
            notes.append(BUILT)
    elif any(layer.built and not _is_whole(layer) for layer in inner(network)):
        ready = [layer for layer in inner(network) if _is_whole(layer)]
        known = {id(layer): len(layer.weights) for layer in inner(network)}
        _passed(network, given, by_name, ready, recorder)
        recorder.clear()
        new = [layer for layer in inner(network) if len(layer.weights) > known[id(layer)]]
        who = [f"`{one.name}`" for one in new if not inner(one)]
        notes += [f"{listed(who)} had no weights yet; this pass built them."] if who else []
    watched = opened(network)
    parts = {id(one): one for one in (*watched, *inner(network))}
    result, left, keeps, after, drew = _passed(
        network, given, by_name, parts.values(), recorder, then
    )
    notes += left
    reached = {id(one.layer) for one in recorder.events}
    ours = [layer for layer in watched if recurrent(layer)]
    within = {id(part) for layer in ours for part in inner(layer)}
    missed = [layer.name for layer in ours if id(layer) not in reached | within]
    hidden = [(layer.name, type(layer).__name__) for layer in watched if isinstance(layer, OTHERS)]
    reader = reader_of(framework)
    return Pass(
        recorder.events,
        result,
        notes,
        missed,
        hidden,
        reader,
        recorder.operations,
        keeps,
        recorder.read,
        complete=_is_seen_whole(hidden, result),
        given=(tuple(given), by_name),
        then=after,
        drew=drew,
    )


def _is_whole(layer):
    """Return whether a layer is built, and all in it: a cell without a `build` builds none."""
    return all(one.built for one in (layer, *inner(layer)))


def _is_seen_whole(hidden, result):
    """Return whether each operation between layers was seen, and all that came back."""
    objects = [one for one in leaves(result) if not is_tensor(one) and hasattr(one, "__dict__")]
    return sees_reads() and not (hidden or objects)


def _passed(network, given, by_name, parts, recorder, then=None):
    own = [one for one in _states(network) if hasattr(one, "assign")]
    variables = [*network.variables, *own, *seeds()]  # that may be nobody's attribute
    mode = {"training": False} if "training" in signature(network.call).parameters else {}
    with (
        held_back() as interruptible,
        kept([*parts, *variables]) as notes,
        without_gradients(),
        watching(opened(network), recorder),
        interruptible(),
    ):
        before = _chance(network)
        with noted(recorder), recorder.timed():
            result, after = network(*given, **by_name | mode), None
        drew = _chance(network) != before
        keeps = [*kept_by([network, *inner(network)], recorder)]
        if then:
            events, (given, by_name) = recorder.events[:], then  # of the first call alone
            after = network(*given, **by_name | mode)
            recorder.events = events
    return result, notes, keeps, after, drew


def _chance(network):
    """Return the state of all random numbers, to be compared."""
    owned = [value for layer in (network, *inner(network)) for value in vars(layer).values()]
    mine = [one.state for one in owned if isinstance(one, keras.random.SeedGenerator)]
    numbers = [ops.convert_to_numpy(ops.copy(one)).tolist() for one in (*seeds(), *mine)]
    return states_of([*numbers, *(one for one in owned if isinstance(one, generators()))])


def opened(layer):
    """Return the layers to watch, and the operations of graphs: not those inside a layer of
    Keras' own, unless they are recurrent; a recurrent layer's own cells neither.
    """
    own = type(layer).__module__.startswith("keras.") and not graph(layer)
    closed = isinstance(layer, layers.RNN) or (own and not any(map(recurrent, inner(layer))))
    parts = [] if closed else children(layer)
    found = [layer, *(one for part in parts for one in opened(part))]
    return list({id(one): one for one in found}.values())


@contextmanager
def watching(watched, recorder):
    """Have the calls of layers noted down."""
    own = [(vars(layer), vars(layer).get("call")) for layer in watched]
    for layer in watched:
        vars(layer)["call"] = _watched(layer, recorder)
    try:
        yield
    finally:
        for attributes, call in own:
            del attributes["call"]
            if call is not None:
                attributes["call"] = call


def _watched(layer, recorder):
    call = layer.call

    @wraps(call)
    def watched(*args, **kwargs):
        if recorder.open and layer in own_cells(recorder.open[-1].layer):
            return call(*args, **kwargs)
        around = [one.path for one in recorder.open[1:]][-1:]
        recorder.begin(layer, "/".join([*around, layer.name]), args, kwargs)
        try:
            value = call(*args, **kwargs)
        except Exception:
            recorder.fail(layer)
            raise
        value = recorder.end(layer, value, lambda one: ops.copy(one) if is_tensor(one) else one)
        if recurrent(layer):
            recorder.know([one for one in leaves(value) if is_tensor(one)])
        return value

    return watched


def _states(network):
    """Return what a network's layers keep from batch to batch, in a row."""
    return leaves([getattr(layer, "states", None) for layer in (network, *inner(network))])


def without_gradients() -> AbstractContextManager:
    """Return a context in which PyTorch, where Keras runs on it, takes no gradients."""
    on_torch = keras.backend.backend() == "torch"
    return reader_of("torch").without_gradients() if on_torch else nullcontext()


def _inputs(network, inputs, named):
    """Return what goes in, what does by keyword, and notes: of shapes, batches are made."""
    shapes = []

    def made(value):
        return mapped(lambda one: _input(one, network, shapes), value, _is_leaf)

    given = [made(value) for value in inputs]
    by_name = {name: made(value) for name, value in named.items()}
    notes = [
        f"Only a shape was given, {asked}: a batch of {made} was made up." for asked, made in shapes
    ]
    if len(given) > 1 and len(declared(network)) > 1:
        given = [given]
    return given, by_name, notes


def _input(value, network, shapes):
    """Return an input as Keras takes it, a made-up batch for a shape."""
    if is_shape(value):
        return _of_shape(value, network, shapes)
    if _has_plain(value):
        raise ValueError(
            f"inputs must be arrays, got {short(value)}; try np.array(x, dtype='float32')"
        )
    if is_tensor(value) or not hasattr(value, "__array__"):
        return value
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    words = kind in ("U", "S", "T", "O") and takes_words(network)
    return ops.convert_to_tensor(value, dtype="string") if words else numeric(value)


def _is_leaf(value):
    return is_shape(value) or _has_plain(value)


def _has_plain(value):
    """Return whether a value is a number or word of Python, or a list or tuple with one in it."""
    plain = value if isinstance(value, (list, tuple)) else [value]
    return any(type(one) in (str, int, float) for one in plain)


def _of_shape(shape, network, shapes):
    """Return a made-up batch of a shape, and note down both."""
    if None in shape[2:] or len(shape) < 2:
        raise ValueError(
            f"inputs must be a shape with its last sizes known, got {shape}; try (None, 10, 3)"
        )
    usual = _usual(shape, network)
    made = tuple(u if one is None else one for one, u in zip(shape, usual, strict=True))
    _fits_in_memory(made, network)
    shapes.append((shape, made))
    return _made_up(made, network)


def _usual(shape, network):
    """Return a size for each axis of a shape, for those that are open: the network's own, or 3
    sequences of 5 timesteps.
    """
    shapes = [tuple(one.shape) for one in declared(network)]
    alike = [one for one in shapes if len(one) == len(shape) and _agree(one, shape)]
    kept = [one.shape for one in _states(network) if hasattr(one, "shape")]
    batch = next((shape[0] for shape in kept if len(shape) > 1), 3)
    known = alike[0] if alike else (None,) * len(shape)
    return [
        size if one is None else one
        for one, size in zip(known, (batch, 5, *shape[2:]), strict=True)
    ]


def _agree(shape, other):
    return all(None in pair or pair[0] == pair[1] for pair in zip(shape, other, strict=True))


def _fits_in_memory(shape, network):
    """Refuse, in one line, a shape of which the batch or what comes back would be too large."""
    parts = (network, *inner(network))
    widths = [getattr(one, "units", None) or getattr(one, "output_dim", None) for one in parts]
    widest = max((one for one in widths if isinstance(one, int)), default=0)
    sizes = (*shape[:2], max(shape[2], widest)) if len(shape) == 3 else shape
    if (numbers := prod(sizes)) > MOST:
        said = " · ".join(map(str, sizes))
        small = (3, 5, *shape[2:])
        wide = f" (a layer is {widest} wide)" if sizes != shape else ""
        raise ValueError(
            f"inputs must be a shape of no more than {MOST:,} numbers, got {shape}{wide}: {said} = "
            f"{numbers:,} numbers, {numbers * 4 / 1e9:.1f} GB; try a smaller one, such as {small}"
        )


def _made_up(shape, network):
    """Return a batch of a shape: numbers, or, for a network that embeds, whole numbers."""
    rng = np.random.default_rng(0)
    words = [
        layer.input_dim
        for layer in (network, *inner(network))
        if isinstance(layer, layers.Embedding)
    ]
    if words and len(shape) == 2:
        return rng.integers(1, max(2, min(words)), shape)
    return rng.standard_normal(shape).astype("float32")


# What is tried again.


def library() -> dict[str, Any]:
    return {"keras": keras}


@contextmanager
def aside() -> Iterator[None]:
    """Return the context; the numbers in layers' names go on as before, too."""
    names = numbering()
    before = dict(names)
    with kept(seeds()), without_gradients():
        try:
            yield
        finally:
            names.clear()
            names.update(before)


def is_usable(value: Any) -> bool:
    if not is_tensor(value):
        return value is None or isinstance(value, (bool, int, float, np.ndarray, KerasTensor))
    return hasattr(value, "numpy") or home(type(value)) == "jaxlib"


def alike(value: Any) -> Any:
    is_open = isinstance(value, KerasTensor)
    return KerasTensor(value.shape, value.dtype) if is_open else value


def twin(layer: Any) -> Any:
    """Return a copy with weights of its own, of a layer of Keras' own that holds nobody else's."""
    config = layer.get_config() if type(layer).__module__.startswith("keras.src.") else None
    if config is None or not _is_own(layer, config):
        return None
    copy = type(layer).from_config(config)
    if layer.built and not copy.built:
        copy.build_from_config(layer.get_build_config())
    return copy


def _is_own(layer, config):
    """Return whether a layer is not large and its settings name nothing but Keras' own."""
    named = [one for one in _dicts(config) if one.get("class_name", TENSOR) != TENSOR]
    own = all(
        str(one.get("module")).startswith("keras") and not one.get("registered_name")
        for one in named
    )
    code = any(one["class_name"] in RUNS_CODE for one in named) or type(layer).__name__ in RUNS_CODE
    return own and not code and not (layer.built and layer.count_params() > MOST_WEIGHTS)


def _dicts(value):
    """Yield the dicts in a configuration, at any depth."""
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value:
        if isinstance(part, (dict, list, tuple)):
            yield from _dicts(part)
