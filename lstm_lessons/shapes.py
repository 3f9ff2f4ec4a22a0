"""The rule: what a layer returns, worked out from its spec without running it."""

import re
from dataclasses import dataclass, field, replace
from itertools import groupby

import numpy as np

from .spec import Spec, one_of


@dataclass(frozen=True)
class Tensor:
    """One tensor of a return value. Two are equal if they have the same place and sizes.

    name: the course's word for it: "output", "h" or "c".
    expression: how the framework's users write it: "h_n", "output[:, -1]".
    path: where it lies in the return value, as indexes: (1, 0); () if it is the whole of it.
    axes: the name of each axis.
    shape: the size of each axis.
    meaning: what it is, in words.
    equals: an expression that holds between it and another tensor, or "".
    values: after a run, its numbers, a NumPy array of this shape.
    """

    name: str = field(compare=False)
    expression: str = field(compare=False)
    path: tuple
    axes: tuple = field(compare=False)
    shape: tuple
    meaning: str = field(compare=False, default="")
    equals: str = field(compare=False, default="")
    values: np.ndarray | None = field(compare=False, repr=False, default=None)

    @property
    def place(self):
        """Return its index in the return value as one writes it: "[1][0]"; "" for the whole."""
        return "".join(f"[{index}]" for index in self.path)


@dataclass(frozen=True)
class Returned:
    """What a layer hands back. Two are equal if they nest alike and have the same sizes.

    tensors: in the order of the return value.
    kept: what this scenario goes on with. In Keras the flags have already chosen, so it is all of
        them; PyTorch returns everything and you choose afterwards.
    """

    tensors: tuple
    kept: tuple = field(compare=False, default=())

    @property
    def shapes(self):
        """Return the shapes, nested exactly as the framework nests its tensors."""
        return _nest([(tensor.path, tensor.shape) for tensor in self.tensors])

    def __getitem__(self, name):
        """Return the tensor of this name; KeyError, in one line, if it did not come back."""
        for tensor in self.tensors:
            if tensor.name == name:
                return tensor
        names = one_of([tensor.name for tensor in self.tensors])
        raise KeyError(f"name must be {names}, got {name!r}: it was not returned")


def _nest(items):
    """Return the values of (path, value) pairs, nested in tuples as their paths say."""
    if items[0][0] == ():
        return items[0][1]
    groups = groupby(items, key=lambda item: item[0][0])
    return tuple(_nest([(path[1:], value) for path, value in group]) for _, group in groups)


@dataclass(frozen=True)
class Dialect:
    """What differs between the frameworks, as data.

    title: the framework's name.
    flags: whether the layer has return_sequences and return_state. Without them all is returned.
    states: its users' words for h and c.
    state_axes: the axes of h and c.
    state_paths: where h and c lie in the return value.
    last: how to get (batch, units) of the top layer out of a state, as an index.
    """

    title: str
    flags: bool
    states: tuple
    state_axes: tuple
    state_paths: tuple
    last: str


DIALECTS = {
    "keras": Dialect(
        title="Keras",
        flags=True,
        states=("h", "c"),
        state_axes=("batch", "units"),
        state_paths=((1,), (2,)),
        last="",
    ),
    "torch": Dialect(
        title="PyTorch",
        flags=False,
        states=("h_n", "c_n"),
        state_axes=("layers", "batch", "units"),
        state_paths=((1, 0), (1, 1)),
        last="[-1]",
    ),
}


def dialect_of(framework):
    """Return the dialect of a framework; ValueError, in one line, if it is not known."""
    if framework not in DIALECTS:
        raise ValueError(
            f"framework must be {one_of(DIALECTS)}, got {framework!r}; try framework='keras'"
        )
    return DIALECTS[framework]


def sizes(spec):
    """Return the size of each axis by its name. One layer is the only number of layers here."""
    return {
        "batch": spec.batch,
        "timesteps": spec.timesteps,
        "features": spec.features,
        "units": spec.units,
        "layers": 1,
    }


def expected(spec, framework="keras"):
    """Return what the layer returns, as a Returned without values, from the rule alone.

    In Keras: output is (batch, units), or (batch, timesteps, units) with return_sequences;
    return_state adds h and c, (batch, units) each. In PyTorch, with batch_first=True: output is
    (batch, timesteps, units), h_n and c_n are (layers, batch, units).

    Sources: keras.io/api/layers/recurrent_layers/lstm, and
    docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html, "Outputs".
    Raises ValueError for a framework that is not known.
    """
    if not isinstance(spec, Spec):
        raise ValueError(f"spec must be a Spec, got {spec!r}; try Spec(units=7)")
    dialect = dialect_of(framework)
    every = spec.return_sequences or not dialect.flags
    states = spec.return_state or not dialect.flags

    def tensor(name, expression, path, axes, meaning, equals=""):
        shape = tuple(sizes(spec)[axis] for axis in axes)
        return Tensor(name, expression, path, axes, shape, meaning, equals)

    h, c = dialect.states
    last = "output[:, -1]" if every else "output"
    same = f"{last} == {h}{dialect.last}" if states else ""
    output = tensor(
        "output",
        "output",
        (0,) if states else (),
        ("batch", "timesteps", "units") if every else ("batch", "units"),
        "h after every timestep" if every else "h after the last timestep",
        same,
    )
    pair = (
        tensor("h", h, dialect.state_paths[0], dialect.state_axes, "the last h", same),
        tensor("c", c, dialect.state_paths[1], dialect.state_axes, "the last c"),
    )
    tensors = (output, *pair) if states else (output,)
    final = tensor("output", last, (), ("batch", "units"), "h after the last timestep")
    if dialect.flags:
        return Returned(tensors, kept=tensors)
    kept = (output if spec.return_sequences else final, *(pair if spec.return_state else ()))
    return Returned(tensors, kept)


def attach(rule, value):
    """Return the Returned of a real return value, nested tuples of arrays, named as in the rule.

    A tensor at a place where the rule has none, or with another number of axes, is called "?".
    """
    known = {tensor.path: tensor for tensor in rule.tensors}

    def walk(part, path=()):
        if isinstance(part, tuple):
            return [one for i, item in enumerate(part) for one in walk(item, (*path, i))]
        named = known.get(path)
        if named is None or len(named.axes) != part.ndim:
            named = Tensor("?", "?", path, ("?",) * part.ndim, part.shape)
        return [replace(named, shape=part.shape, values=part)]

    tensors = tuple(walk(value))
    values = {tensor.expression: tensor.values for tensor in tensors}
    if "output" in values:
        values["output[:, -1]"] = values["output"][:, -1]
    kept = [(tensor, values.get(tensor.expression)) for tensor in rule.kept]
    return Returned(
        tensors,
        tuple(replace(one, shape=v.shape, values=v) for one, v in kept if v is not None),
    )


def holds(equality, returned):
    """Return whether an expression such as "output[:, -1] == h" is true of the run's values."""
    sides = [_value(side, returned) for side in equality.split(" == ")]
    return sides[0].shape == sides[1].shape and bool(np.allclose(*sides, rtol=0, atol=1e-6))


def _value(expression, returned):
    """Return the array that "output[:, -1]" or "h_n[-1]" stands for: the last of one axis."""
    name, index = re.fullmatch(r"(\w+)(.*)", expression).groups()
    values = {tensor.expression: tensor.values for tensor in returned.tensors}[name]
    return {"": values, "[-1]": values[-1], "[:, -1]": values[:, -1]}[index]
