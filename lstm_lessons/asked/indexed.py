"""Which index takes the lit squares: the lessons' questions, and with drawn sizes a review's."""

from ..asking.squares import lit
from ..spec import Spec
from .choices import drawn_sizes

ALL = ("output[:, {t}]", "output[{s}]", "output[{s}, {t}]", "output[:, :, {u}]")
ENDS = (0, 1, -2, -1)  # places that are drawn of any axis, however long


def last_timestep():
    """Return the question which index takes the last timestep of PyTorch's output."""
    return lit("output[:, -1]", Spec(), "torch")


def last_rows():
    """Return the question which index takes the last three timesteps of Keras' output."""
    return lit("output[:, -3:]", Spec(return_sequences=True))


def last_h_of_one():
    """Return the question which index takes the last h of one sequence of PyTorch's output."""
    return lit("output[0, -1]", Spec(), "torch")


def row_of_states():
    """Return the question which index takes a row of the states of two layers, both ways."""
    return lit("h_n[1]", Spec(layers=2, bidirectional=True), "torch")


def of_last(chance, framework):
    """Return the question of a layer by default. chance: a random.Random."""
    last = ("output[{s}]", "output[:, {u}]")
    return _drawn(chance, framework, last if framework == "keras" else ALL)


def of_every(chance, framework):
    """Return the question of a layer that returns every h."""
    return _drawn(chance, framework, ALL, return_sequences=True)


def of_states(chance, framework):
    """Return the question of a layer that returns its states, too."""
    states = ("h[{s}]", "c[:, {u}]") if framework == "keras" else ("h_n[0, {s}]", "c_n[0, :, {u}]")
    return _drawn(chance, framework, ALL + states, return_sequences=True, return_state=True)


def of_directions(chance, framework):
    """Return the question of two directions, in PyTorch of two layers, too."""
    ends = ("output[:, 0, {units}:]", "output[:, -1, :{units}]")
    if framework == "keras":
        own, fields = ("forward_h[{s}]", "backward_h[{s}]"), {"return_state": True}
    else:
        own, fields = ("h_n[{row}]", "h_n[{row}]", "c_n[{row}]"), {"layers": 2}
    fields |= {"bidirectional": True, "return_sequences": framework == "keras"}
    return _drawn(chance, framework, ends + own, **fields)


def _drawn(chance, framework, indexes, **fields):
    """Return the question of one of some indexes, with drawn sizes and places."""
    spec = Spec("lstm", *drawn_sizes(chance, 4), **fields)
    at = {"s": chance.randrange(spec.batch), "row": chance.randrange(4), "units": spec.units}
    at |= {name: chance.choice(ENDS) for name in "tu"}
    return lit(chance.choice(indexes).format(**at), spec, framework)
