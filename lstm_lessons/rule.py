"""The rule: what a layer returns, worked out from its spec without running it.

It has more than 300 lines since no part of the rule can be read without the others.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from math import prod

from .shapes import Returned, Tensor, sized
from .spec import Spec, a_spec, default, one_of, short


@dataclass(frozen=True)
class Dialect:
    """What differs between the frameworks, as data.

    title: the framework's name.
    cells: its classes' names, by the Spec's word for the kind of cell.
    settings: the fields of Spec, by what its layers call them.
    flags: whether the layer has return_sequences and return_state. Without them all is returned.
    own: the fields of Spec that only this framework has.
    refuses: what it does not run: pairs of a test of a spec and the reason, in which fields of
        the spec may stand in braces.
    states: its users' words for h and c.
    one_tensor: whether the states of all layers and directions lie in one tensor, and all states
        in a tuple of their own. Otherwise those of the last layer follow the output, direction
        by direction.
    """

    title: str
    cells: dict[str, str]
    settings: dict[str, str]
    flags: bool
    own: tuple[str, ...]
    refuses: tuple[tuple[Callable[[Spec], object], str], ...]
    states: tuple[str, str]
    one_tensor: bool


def _alike(*names):
    return {name: name for name in names}


DIALECTS = {
    "keras": Dialect(
        title="Keras",
        cells={"lstm": "LSTM", "gru": "GRU", "rnn": "SimpleRNN"},
        settings=_alike("units", "return_sequences", "return_state", "merge_mode"),
        flags=True,
        own=("merge_mode",),
        refuses=(
            (
                lambda spec: spec.layers > 1 and spec.bidirectional and spec.merge_mode is None,
                "merge_mode must make one sequence of two where a layer follows, got None; "
                "try merge_mode='concat'",
            ),
        ),
        states=("h", "c"),
        one_tensor=False,
    ),
    "torch": Dialect(
        title="PyTorch",
        cells={"lstm": "LSTM", "gru": "GRU", "rnn": "RNN"},
        settings={"hidden_size": "units", "num_layers": "layers"}
        | _alike("bidirectional", "batch_first", "proj_size"),
        flags=False,
        own=("batch_first", "proj_size", "unbatched"),
        refuses=(
            (
                lambda spec: spec.proj_size and spec.cell != "lstm",
                "proj_size must be 0 but for an LSTM, got {proj_size}; try cell='lstm'",
            ),
            (
                lambda spec: spec.proj_size >= spec.units,
                "proj_size must be smaller than units {units}, got {proj_size}; try proj_size=0",
            ),
        ),
        states=("h_n", "c_n"),
        one_tensor=True,
    ),
}


class Refused(ValueError):
    """The framework itself does not run this spec; the message says why, in one line."""


def dialect_of(framework):
    """Return the dialect of a framework; ValueError, in one line, if it is not known."""
    if not isinstance(framework, str) or framework not in DIALECTS:
        raise ValueError(
            f"framework must be {one_of(DIALECTS)}, got {short(framework)}; try framework='keras'"
        )
    return DIALECTS[framework]


def sizes(spec):
    """Return the size of each axis by its name; size_of has the products of several."""
    return {
        "batch": spec.batch,
        "timesteps": spec.timesteps,
        "features": spec.features,
        "units": spec.units,
        "layers": spec.layers,
        "directions": spec.directions,
        "projection": spec.proj_size,
    }


def size_of(axis, known):
    """Return the size of an axis or of a product such as "directions·units" or "2·units".

    known: the sizes by name. None, for a size that is open, and for a name that is not known.
    """
    factors = [int(one) if one.isdecimal() else known.get(one) for one in axis.split("·")]
    return None if None in factors else prod(factors)


def input_axes(spec):
    """Return the names of the input's axes, in their order."""
    if spec.unbatched:
        return ("timesteps", "features")
    return (
        *(("batch", "timesteps") if spec.batch_first else ("timesteps", "batch")),
        "features",
    )


def batch_of(spec):
    """Return in words which batch a spec's layer reads."""
    axes, known = input_axes(spec), sizes(spec)
    kind = "one sequence" if spec.unbatched else "a batch"
    return f"{kind} of shape {sized(axes, [known[axis] for axis in axes])}"


def state_axes(spec, dialect, width="units"):
    """Return the names of a state's axes, in their order; width: that of the last."""
    batch = () if spec.unbatched else ("batch",)
    if not dialect.one_tensor:
        return (*batch, width)
    return ("layers·directions" if spec.bidirectional else "layers", *batch, width)


def expected(spec: Spec, framework: str = "keras") -> Returned:
    """Return what the layer returns, as a Returned without values, from the rule alone.

    In Keras: output is (batch, units), or (batch, timesteps, units) with return_sequences;
    return_state adds the last layer's h and c, (batch, units) each. A GRU and a simple RNN have
    no c. Two directions: their outputs are merged, by default side by side, directions·units; the
    states are not. In PyTorch: output is the top layer's, (batch, timesteps, directions·units),
    h_n and c_n are those of all layers, (layers·directions, batch, units).

    Sources: keras.io/api/layers/recurrent_layers/lstm, /gru, /bidirectional, and
    docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html, "Outputs".
    Raises ValueError for a framework that is not known and for a field that it does not have;
    Refused for what it has but does not run.
    """
    dialect_of(framework)  # asked before the memory, which cannot take what has no hash
    return _expected(a_spec(spec), framework)


@lru_cache(maxsize=256)
def _expected(spec, framework):
    dialect = dialect_of(framework)
    _take(spec, dialect)
    outputs, states = _outputs(spec, dialect), []
    if spec.return_state or not dialect.flags:
        states = _states(spec, dialect)
        outputs = [replace(one, equals=_equals(one, spec, dialect)) for one in outputs]
        states = [replace(one, equals=_equals(one, spec, dialect)) for one in states]
    tensors = _placed(outputs, states, dialect)
    if dialect.flags:
        return Returned(tensors, kept=tensors)
    output, *pair = tensors
    final = output if spec.return_sequences else _last(output, spec, dialect)
    return Returned(tensors, kept=(final, *(pair if spec.return_state else ())))


def _take(spec, dialect):
    """Refuse a spec with another framework's field, and one that this framework does not run."""
    for other in DIALECTS.values():
        for name in other.own:
            value = getattr(spec, name)
            if other is not dialect and value != default(name):
                raise ValueError(
                    f"{name} must be {default(name)!r} in {dialect.title}, which has no such "
                    f"setting, got {value!r}; try {other.title}"
                )
    for refuses, reason in dialect.refuses:
        if refuses(spec):
            raise Refused(reason.format(**vars(spec)))


def _tensor(name, expression, axes, spec, meaning):
    """Return a Tensor whose place is not known yet."""
    shape = tuple(size_of(axis, sizes(spec)) for axis in axes)
    return Tensor(name, expression, (), axes, shape, meaning)


def _width(spec):
    """Return the name of h's axis: projected or not."""
    return "projection" if spec.proj_size else "units"


def _outputs(spec, dialect):
    """Return the output, or, of two directions that are not merged, both."""
    every = spec.return_sequences or not dialect.flags
    axes = [axis for axis in input_axes(spec)[:-1] if every or axis != "timesteps"]
    when = "after every timestep" if every else "after the last timestep"
    top = " of the top layer" if spec.layers > 1 else ""
    if not spec.bidirectional:
        return [_tensor("output", "output", (*axes, _width(spec)), spec, f"h{top} {when}")]
    if not every:
        when = "after the last timestep that each reads"
    if spec.merge_mode is None:
        return [
            _tensor(name, name, (*axes, _width(spec)), spec, f"{which} h {when}")
            for name, which in (("forward_output", "forward"), ("backward_output", "backward"))
        ]
    if spec.merge_mode == "concat":
        axes, how = (*axes, f"directions·{_width(spec)}"), "side by side"
    else:
        axes, how = (
            (*axes, _width(spec)),
            {"sum": "added", "mul": "multiplied", "ave": "averaged"}[spec.merge_mode],
        )
    return [_tensor("output", "output", axes, spec, f"h{top} in both directions, {how}, {when}")]


def _states(spec, dialect):
    """Return the states: of a GRU and a simple RNN h alone."""
    names = dialect.states if spec.cell == "lstm" else dialect.states[:1]
    states = []
    if dialect.one_tensor:
        of = " of each layer" if spec.layers > 1 else ""
        of = " of each layer and direction" if spec.bidirectional else of
        for name, width in zip(names, (_width(spec), "units"), strict=False):
            axes = state_axes(spec, dialect, width)
            states.append(_tensor(name[0], name, axes, spec, f"the last {name[0]}{of}"))
        return states
    axes = state_axes(spec, dialect)
    for which in ("forward", "backward") if spec.bidirectional else ("",):
        for name in names:
            full = f"{which}_{name}" if which else name
            meaning = f"the last {which} {name}" if which else f"the last {name}"
            states.append(_tensor(full, full, axes, spec, meaning))
    return states


def _index(axes, step, part=""):
    """Return the index that picks a timestep, and a part of the last axis: "[:, -1, :7]"."""
    pieces = [{"batch": ":", "timesteps": str(step)}.get(axis, part) for axis in axes]
    while pieces and pieces[-1] in ("", ":"):
        pieces.pop()
    return f"[{', '.join(pieces)}]" if pieces else ""


def _equals(tensor, spec, dialect):
    """Return what holds between this tensor and another one of the same return value, or ""."""
    output, *_ = _outputs(spec, dialect)
    h = dialect.states[0]
    if tensor.name.endswith("c"):
        return ""
    if not spec.bidirectional:
        return f"output{_index(output.axes, -1)} == {h}{'[-1]' if dialect.one_tensor else ''}"
    forward, backward = (
        (f"{h}[-2]", f"{h}[-1]") if dialect.one_tensor else (f"forward_{h}", f"backward_{h}")
    )
    of_backward = tensor.name.startswith("backward") or tensor.name == "h"
    if spec.merge_mode is None:
        if of_backward:
            return f"backward_output{_index(output.axes, 0)} == {backward}"
        return f"forward_output{_index(output.axes, -1)} == {forward}"
    if spec.merge_mode == "concat":
        n = size_of(_width(spec), sizes(spec))
        if tensor.name == "output" and "timesteps" not in output.axes:
            return f"output == concat([{forward}, {backward}], -1)"
        if of_backward:
            return f"output{_index(output.axes, 0, f'{n}:')} == {backward}"
        return f"output{_index(output.axes, -1, f':{n}')} == {forward}"
    if "timesteps" in output.axes:
        return ""
    merged = {"sum": "{} + {}", "mul": "{} * {}", "ave": "({} + {}) / 2"}[spec.merge_mode]
    return f"output == {merged.format(forward, backward)}"


def _placed(outputs, states, dialect):
    """Return the tensors with their places in the return value."""
    paths = [(place,) for place in range(len(outputs) + len(states))]
    if dialect.one_tensor and len(states) > 1:
        paths = [(0,), *((1, place) for place in range(len(states)))]
    if len(paths) == 1:
        paths = [()]
    both = zip([*outputs, *states], paths, strict=True)
    return tuple(replace(one, path=path) for one, path in both)


def _last(output, spec, dialect):
    """Return what one goes on with where only the end counts, as a Tensor with no place."""
    h = dialect.states[0]
    expression = f"output{_index(output.axes, -1)}"
    meaning = "h after the last timestep"
    if spec.bidirectional:
        expression = f"concat([{h}[-2], {h}[-1]], -1)"
        meaning = "h after the last timestep that each direction reads"
    axes = tuple(axis for axis in output.axes if axis != "timesteps")
    return _tensor("output", expression, axes, spec, meaning)
