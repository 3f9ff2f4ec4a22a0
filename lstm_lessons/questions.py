"""What can be asked, and how the answers that people type are read."""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass

ERROR = "error"  # the answer "this raises"
EXAMPLE = "(10, 20) or (10, 20), (10, 40)"

# What people call an axis, and the course's word for it.
AXES = {
    "batch": ("batch", "batch_size", "batches", "samples", "sample", "n", "b"),
    "timesteps": ("timesteps", "timestep", "time", "steps", "seq", "seq_len", "sequence", "t", "l"),
    "features": ("features", "feature", "input_size", "f"),
    "units": ("units", "unit", "hidden", "hidden_size", "h", "u"),
    "layers": ("layers", "layer", "num_layers"),
    "directions": ("directions", "direction", "num_directions", "d"),
    "projection": ("projection", "proj_size"),
}
LABELS = r"output|h_n|c_n|h|c|state|states|shape|torch\.size|tensorshape|tf\.tensorshape"
_WORDS = {word: axis for axis, words in AXES.items() for word in words}
_FACTORS = "|".join(AXES["layers"] + AXES["directions"])
_WIDTHS = "|".join(AXES["units"] + AXES["projection"])


@dataclass(frozen=True)
class Question:
    """A question whose answer real code gives.

    text: what is asked; code stands in backticks.
    run: executes the code and returns a Returned, shapes (nested tuples of whole numbers), or a
        truth value. If it raises, "error" is the right answer.
    wrong: pairs of a misconception's id and a rule, most likely first. The rule takes no argument
        and yields, for each wrong answer that the misconception leads to, the answer (a tuple of
        shapes, whose sizes are whole numbers or names of axes; a truth value; or "error"), what of
        it is mistaken, in words that go on from "You expect", and, if the misconception's own
        explanation does not fit this question, another one.
    sizes: pairs of an axis' name and its size here, for answers given in names.
    rule: returns what run returns, without running anything; None where only running can tell.
    lesson: the lesson that teaches it, for a review; "" if none asks it.
    """

    text: str
    run: Callable
    wrong: tuple = ()
    sizes: tuple = ()
    rule: Callable | None = None
    lesson: str = ""


def is_blank(answer):
    """Return whether nothing was answered: an empty text, "...", "I don't know"."""
    if isinstance(answer, str):
        words = answer.strip(" .!").lower()
        return not words or bool(
            re.fullmatch(r"\?+|idk|dunno|no idea|i (don.?t|do not) know", words)
        )
    return answer is None or answer is ...


def read(answer):
    """Return an answer as a tuple of shapes, a truth value or "error".

    A size is a whole number, None (the batch axis, as Keras prints it) or the name of an axis.
    Nested shapes are flattened: how a framework nests its tensors may be written or left out.

    answer: what a learner typed, such as "(3, 7)", "3x7", "(None, 7)", "batch, units" or
        "error"; or the thing itself: a tuple of sizes, nested tuples of them, a truth value.
    Raises ValueError, in one line with an example, for what can't be read.
    """
    if isinstance(answer, bool):
        return answer
    if not isinstance(answer, str):
        return _shapes(answer, answer)
    words = answer.strip().lower().rstrip(".")
    if words in ("true", "yes", "false", "no"):
        return words in ("true", "yes")
    if re.search(r"error|exception|raises|fails", words) and not re.search(r"\d", words):
        return ERROR
    try:
        value = ast.literal_eval(_as_python(words))
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        raise _unreadable(answer) from None
    return _shapes(value, answer)


def _as_python(words):
    """Return the words that a learner typed as a Python literal of tuples."""
    if len(words) > 300:
        raise SyntaxError
    # A product is one size: "2*units", "layers*directions".
    words = re.sub(rf"\b(\d+|{_FACTORS})\s*[*·]\s*({_FACTORS}|{_WIDTHS})\b", r"\1·\2", words)
    words = words.replace("×", "x").replace("*", "x").replace("?", "None")
    if re.fullmatch(r"[\d\s]+", words):  # "3 7"
        return ", ".join(words.split()) + ","
    # Several alike: "3 x (3, 7)", "(3, 7) x 3".
    words = re.sub(r"\b(\d) ?x ?(\([^()]*\))", lambda m: ", ".join([m[2]] * int(m[1])), words)
    words = re.sub(r"(\([^()]*\)) ?x ?(\d)\b", lambda m: ", ".join([m[1]] * int(m[2])), words)
    # A name before a bracket is a label: "torch.size([3, 7])", "h: (3, 7)".
    words = re.sub(rf"\b(?:{LABELS})\s*[:=]?\s*(?=[(\[])", "", words)
    words = re.sub(r"\)\s*\(", "), (", words.replace(" by ", " x "))
    # A size may be labelled too: "batch 3", "units=7".
    labels = "|".join(sorted(_WORDS, key=len, reverse=True))
    words = re.sub(rf"\b(?:{labels})\s*[=: ]\s*(?=-?\d|None)", "", words)
    size = r"(?:-?\d+|None|(?:\d+·)?[a-wyz_·]+)"
    words = re.sub(
        rf"(?<!\w){size}(?:\s*x\s*{size})+(?!\w)",
        lambda run: "(" + re.sub(r"\s*x\s*", ", ", run[0]) + ")",
        words,
    )
    words = re.sub(rf"\(\s*({size})\s*\)", r"(\1,)", words)  # one axis, without Python's comma
    parts = re.split(r";|\band\b", words)
    if len(parts) > 1:
        parts = [part if re.search(r"[(\[]", part) else f"({part})" for part in parts]
    return re.sub(r"(?:\d+·)?[A-Za-z_]+(?:·[a-z_]+)*", _literal, ", ".join(parts))


def _literal(word):
    """Return the Python literal of one word: None, or the quoted name of an axis."""
    if word[0].lower() == "none":
        return "None"
    factors = [one if one.isdigit() else _WORDS.get(one) for one in word[0].split("·")]
    if None in factors:
        raise SyntaxError
    return repr("·".join(factors))


def _shapes(value, answer):
    """Return the shapes in nested sequences of sizes, flattened to a tuple of tuples."""
    if not isinstance(value, (tuple, list)):
        value = (value,)
    nested = [isinstance(item, (tuple, list)) for item in value]
    if any(nested):
        if not all(nested):
            raise _unreadable(answer)
        return tuple(shape for item in value for shape in _shapes(item, answer))
    return (tuple(_size(item, answer) for item in value),)


def _size(item, answer):
    """Return a size: a whole number, None for -1 or None, or an axis' name."""
    if item is None or (type(item) is int and item == -1):
        return None
    if isinstance(item, str) and all(one in AXES or one.isdigit() for one in item.split("·")):
        return item
    if type(item) is int and item >= 0:
        return item
    raise _unreadable(answer)


def _unreadable(answer):
    shown = answer if isinstance(answer, str) else repr(answer)
    return ValueError(f"An answer must be shapes, got {shown[:60]!r}; try {EXAMPLE}")
