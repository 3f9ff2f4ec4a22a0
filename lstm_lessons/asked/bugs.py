"""Which line is wrong: a question with drawn sizes, for a review."""

from dataclasses import dataclass

from .. import frameworks
from ..spec import Spec
from ..weights import inputs
from .choices import Option, drawn_sizes, listed

FIRST_THREE = ("batch", "timesteps", "features")
LINE_HINT = "Write down the shape of what each line makes. Which is the first that can't be wanted?"


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
    return listed(text, options, found, hint=LINE_HINT)


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
        "07 Right shape, wrong meaning",
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
