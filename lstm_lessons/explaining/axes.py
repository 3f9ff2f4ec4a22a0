"""The names of axes and states in a pass: recurrent layers give them, others hand them on."""

from collections import defaultdict

from ..rule import DIALECTS
from .calls import Call
from .tracebacks import home
from .uses import Use, tensors_in
from .watching import first_given

# How many of the first axes of what it is given a framework's own layer hands on as they are, by
# its class: the end of a slice. What comes after them is another axis.
_ALL = (
    "Activation BatchNorm1d BatchNormalization Dropout Dropout1d ELU Embedding GELU "
    "GaussianDropout GaussianNoise Identity LayerNorm LayerNormalization LeakyReLU Masking ReLU "
    "Sigmoid SiLU Softmax SpatialDropout1D Tanh"
)
_BUT_THE_LAST = (
    "Add AdditiveAttention Attention Average Concatenate Dense LazyLinear Linear Maximum Minimum "
    "MultiHeadAttention MultiheadAttention Multiply Subtract"
)
_ONE = "GlobalAveragePooling1D GlobalMaxPooling1D RepeatVector"
KEPT: dict[str, int | None] = {
    **dict.fromkeys(_ALL.split()),
    **dict.fromkeys(_BUT_THE_LAST.split(), -1),
    **dict.fromkeys(_ONE.split(), 1),
    "TimeDistributed": 2,
}


def axes_of(use: Use) -> tuple[str, ...]:
    """Return the names of the axes of what is received; "" for those that are not known."""
    if not use.part.keeps:
        return ("",) * len(use.shape)
    axes = list(use.tensor.axes)
    for step in use.part.parts[0].steps:
        if not axes:  # not known any more
            break
        if step.kind == "index" and all(isinstance(entry, (int, tuple)) for entry in step.key):
            gone = {place for place, entry in enumerate(step.key) if isinstance(entry, int)}
            axes = [axis for place, axis in enumerate(axes) if place not in gone]
        elif step.kind == "transpose":
            one, other = step.key
            axes[one], axes[other] = axes[other], axes[one]
        elif step.kind == "permute":
            axes = [axes[place] for place in step.key]
        elif step.kind == "ends":
            axes = [*axes[1:-1], ""]
        else:
            axes = []
    return tuple(axes) if len(axes) == len(use.shape) else ("",) * len(use.shape)


def swapped(one: str, other: str) -> bool:
    """Return whether an axis is batch by one name and timesteps by another."""
    return {one, other} == {"batch", "timesteps"}


def slot_names(call: Call | None, many: int) -> tuple[str, ...]:
    """Return as what a recurrent layer begins with so many states: "h_0", "c_0"."""
    if call and len(call.begins) == many:
        return call.begins
    cell = call.spec.cell if call and call.spec else ""
    letters = {"lstm": ("h_0", "c_0"), "gru": ("h_0",), "rnn": ("h_0",)}.get(cell, ())
    ways = tuple(f"{way}_{slot}" for way in ("forward", "backward") for slot in letters)
    known = next((names for names in (letters, ways) if len(names) == many), ())
    return known or tuple(f"state {place}" for place in range(many))


class Names:
    """The names of the axes of tensors, by identity."""

    def __init__(self, calls, events, seen):
        """Take in a pass' Calls with their uses, its events outside of recurrent layers, and it."""
        self.reader, self.known = seen.reader, {}
        given = defaultdict(list)
        for event in events:
            for real in tensors_in((event.args, event.kwargs), self.reader):
                given[event.path, tuple(real.shape)].append(real)
        for call in calls:
            event = seen.events[call.order]
            reals = tensors_in(first_given(event), self.reader)[:1]
            reals += tensors_in(event.value, self.reader)
            for real, tensor in zip(reals, (call.input, *call.returned.tensors), strict=True):
                self._learn(real, tensor.axes)
        self._of_uses([use for call in calls for use in call.uses], given)
        for _ in range(2):
            for event in events:
                self._carry(event)
            for event in reversed(events):
                self._carry(event, back=True)

    def of(self, real) -> tuple[str, ...]:
        """Return the names of a tensor's axes; "" for those that are not known."""
        return self.known.get(id(real), ("",) * len(real.shape))

    def _of_uses(self, uses, given):
        """Take in what uses say of tensors, where a layer is given no others of that shape."""
        alike = defaultdict(list)
        for use in uses:
            alike[use.who, use.shape].append(axes_of(use))
        for where, axes in alike.items():
            if len(axes) == len(given[where]) and len({*axes}) == 1:
                for real in given[where]:
                    self._learn(real, axes[0])

    def _learn(self, real, axes):
        """Take in the names of a tensor's first axes; those that it has already stay.

        But what is batch to one layer and timesteps to another is "?".
        """
        known = self.of(real)
        axes = (*axes, *("",) * len(known))[: len(known)]
        pairs = zip(known, axes, strict=True)
        self.known[id(real)] = tuple(
            "?" if swapped(*pair) else pair[0] or pair[1] for pair in pairs
        )

    def _carry(self, event, back=False):
        """Take in the names of the axes that a layer hands on as it was given them."""
        kind = type(event.layer)
        given = tensors_in((event.args, event.kwargs), self.reader)[:1]
        value = tensors_in(event.value, self.reader)[:1]
        if kind.__name__ in KEPT and home(kind) in DIALECTS and given and value:
            many = len(range(len(given[0].shape))[: KEPT[kind.__name__]])
            one, other = (value[0], given[0]) if back else (given[0], value[0])
            self._learn(other, self.of(one)[:many])
