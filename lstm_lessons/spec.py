"""Which layer is run on which batch: the fact that everything else is computed from."""

import re
import reprlib
from dataclasses import dataclass
from math import prod
from numbers import Integral

CELLS = ("lstm", "gru", "rnn")
MERGES = ("concat", "sum", "mul", "ave", None)
SIZES = ("batch", "timesteps", "features", "units")
FLAGS = ("return_sequences", "return_state")
MOST = 20_000_000  # numbers that are computed at once; it takes some five times their memory
HIGHEST = 10**15  # of a size: its products can still be written in a line
# So begin the lines that Keras and TensorFlow put around another's error.
FRAMES = ("Exception encountered", "Graph execution error", "Detected at node", 'File "')
_BRIEF = reprlib.Repr()  # of a long value it looks at a part
_BRIEF.maxlevel, _BRIEF.maxstring, _BRIEF.maxlong, _BRIEF.maxother = 4, 120, 120, 120


@dataclass(frozen=True)
class Spec:
    """A recurrent layer, or a stack of them, and the batch that it reads.

    The default sizes differ from each other and from 1, 2 and 4 (layers, directions and pairs have
    those), so that no axis can be mistaken for another.

    cell: "lstm", "gru", or "rnn" (Keras' SimpleRNN).
    batch, timesteps, features: the sizes of the input, (batch, timesteps, features).
    units: the length of h and of c, in each layer and direction.
    return_sequences: whether Keras returns h after every timestep or only after the last.
    return_state: whether Keras also returns the last h and the last c.
    layers: how many are stacked. In Keras the flags are those of the last one.
    bidirectional: whether each layer also reads the sequence backwards.
    merge_mode: what Keras makes of the two directions' outputs: "concat", "sum", "mul", "ave", or
        None to return both. Means nothing without bidirectional.
    batch_first: whether PyTorch's input is (batch, timesteps, features), or the first two swapped.
    proj_size: to how many numbers PyTorch projects h; 0 for no projection.
    unbatched: whether PyTorch is given one sequence, (timesteps, features); batch then counts for
        nothing.

    A whole number of NumPy is taken as a size and kept as an int. Any size can be predicted; what
    can be run is for weights.affordable to say.

    Raises ValueError, in one line, for a size that is not a whole number from 1 (proj_size: from
    0), a flag that is not a truth value, or a cell or a merge_mode that is not known.
    """

    cell: str = "lstm"
    batch: int = 3
    timesteps: int = 5
    features: int = 6
    units: int = 7
    return_sequences: bool = False
    return_state: bool = False
    layers: int = 1
    bidirectional: bool = False
    merge_mode: str | None = "concat"
    batch_first: bool = True
    proj_size: int = 0
    unbatched: bool = False

    def __post_init__(self):
        for name, choices, advice in (("cell", CELLS, "lstm"), ("merge_mode", MERGES, "concat")):
            value = getattr(self, name)
            if not isinstance(value, str | None) or value not in choices:
                raise ValueError(
                    f"{name} must be {one_of(choices)}, got {short(value)}; try {name}={advice!r}"
                )
        for name, lowest in (*((name, 1) for name in (*SIZES, "layers")), ("proj_size", 0)):
            size = whole(name, getattr(self, name), lowest=lowest, advice=default(name))
            object.__setattr__(self, name, size)  # the class is frozen
        for name in (*FLAGS, "bidirectional", "batch_first", "unbatched"):
            flag = getattr(self, name)
            if type(flag) is not bool:
                raise ValueError(
                    f"{name} must be True or False, got {short(flag)}; try {name}=True"
                )

    @property
    def directions(self):
        """Return how many directions each layer reads in."""
        return 2 if self.bidirectional else 1


def default(name):
    """Return the default of a field of Spec."""
    return Spec.__dataclass_fields__[name].default


def whole(name, value, *, advice, lowest=1, highest=HIGHEST):
    """Return a whole number, Python's or NumPy's, as an int.

    name: what it is called in the ValueError, of one line, for anything else. advice: what to try.
    """
    kind = type(value)
    if not issubclass(kind, Integral) or kind is bool or value < lowest:
        raise ValueError(
            f"{name} must be a whole number from {lowest}, got {short(value)}; try {name}={advice}"
        )
    if value > highest:
        raise ValueError(
            f"{name} must be at most {highest:,}, got {short(value)}; try {name}={advice}"
        )
    return int(value)


def bounded(factors, *, advice, most=MOST):
    """Return how many numbers some sizes make, {name: size}, before anything is made of them.

    Raises ValueError, in one line with the arithmetic, for more than most. advice: what to try.
    """
    number = prod(factors.values())
    if number > most:
        sizes = " · ".join(f"{size:,}" for size in factors.values())
        raise ValueError(
            f"{' · '.join(factors)} must be at most {most:,} numbers, got {sizes} = {number:,} "
            f"({number / 125_000_000:,.1f} GB); try {advice}"
        )
    return number


def a_spec(value):
    """Return a Spec; ValueError, in one line, for anything else."""
    if not isinstance(value, Spec):
        raise ValueError(f"spec must be a Spec, got {short(value)}; try Spec(units=7)")
    return value


def one_of(names):
    """Return the names as a reader wants them in an error: 'a', 'b' or 'c'."""
    *most, last = map(repr, names)
    return f"{', '.join(most)} or {last}" if most else last


def many(number, thing):
    """Return so many of a thing: "1 timestep", "5 timesteps", "0 axes".

    number: a whole number, or one as it is written.
    """
    return f"{number} {thing if str(number) == '1' else plural(thing)}"


def plural(thing):
    """Return what more than one of a thing are called: "timesteps", "axes", "classes"."""
    if thing.endswith("axis"):
        return f"{thing.removesuffix('is')}es"
    return f"{thing}{'es' if thing.endswith('s') else 's'}"


def short(value):
    """Return what a value is, in one short line, whatever its repr does."""
    try:
        line = " ".join(_BRIEF.repr(value).split())
    except Exception:  # it may be anybody's
        line = f"<{type(value).__name__} that cannot be shown>"
    return line if len(line) < 60 else f"{line[:57]}..."


def gist(error):
    """Return the first line of an error that says something: Keras puts a frame around others'."""
    try:
        lines = re.sub(r"\x1b\[[\d;]*m", "", str(error)).splitlines()
    except Exception:
        return ""
    said = (line for line in lines if line.strip() and not line.lstrip().startswith(FRAMES))
    return next(said, "")
