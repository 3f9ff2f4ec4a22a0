"""A kind of error as data: by what it is known, what is said of it; and those of both frameworks.

Python itself raises some: where a layer's tuple is taken for a tensor, or is unpacked. It has more
than 300 lines since the record stands with what both frameworks share.
"""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from string import Formatter
from typing import Any

from ..rule import expected
from ..shapes import sized
from ..snippets import code
from ..spec import many
from .again import Again
from .repeated import torch_output
from .tracebacks import called, given, several, shows_recurrent, value, written

LONGEST = 400  # so long may be what is taken from a message
TELLING = 20  # so many characters of a message tell something
INPUT = ("batch", "timesteps", "features")
STATES = ("layers·directions", "batch", "units")

Found = dict[str, str | None]  # the named groups of a message


@dataclass(frozen=True, kw_only=True)
class Known:
    """A kind of error. In its words the groups of its message stand in braces.

    name: what it is called.
    read: the title of what to read on, of an entry of the appendix or of a heading in a lesson.
    raised: the names of its classes of exception, with spaces between them.
    message: regular expressions that are found in the message one after the other, with " … "
        between them for whatever stands there. For a search to take no longer than the message is
        long, each begins with a text or at the beginning of a line, and what it repeats has a
        limit.
    when: a test of (found, error) that it passes as well. found: the groups of the message.
    rule: (found, error) → what its words need beside the groups, by name; None if the traceback
        shows that it is of another kind.
    what, why: what happened and why, with code in backticks.
    axes: by the name of a group that is a shape, the names of its axes.
    swap: the line that swaps the last two axes of x, offered only if x fits then.
    instead: the lines to write, one for each case.
    fitted: (lines, found, error) → those that fit the failing call, with its own names.
    again: finds the failing call, to be made again with each line; None if it cannot be.
    tells: whether the line that tells something is that of the last expression.
    general: whether it is taken only where no other kind fits.
    """

    name: str
    read: str
    raised: str = "ValueError"
    message: str = ""
    when: Callable[[Found, BaseException], object] | None = None
    rule: Callable[[Found, BaseException], dict[str, object] | None] | None = None
    what: str = ""
    why: str = ""
    axes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    swap: str = ""
    instead: str = ""
    fitted: Callable[[str, Found, BaseException], str] | None = None
    again: Again | None = None
    tells: bool = False
    general: bool = False

    @cached_property
    def pieces(self) -> tuple[re.Pattern, ...]:
        """Return the regular expressions of its message."""
        return tuple(re.compile(piece, re.M) for piece in self.message.split(" … "))

    def found(self, message: str) -> Found | None:
        """Return the named groups of a message, or None if it is of another kind.

        Each piece is searched for once, behind the one before it. So the time grows as the message
        does.
        """
        found: Found = {}
        at = 0
        for piece in self.pieces:
            match = piece.search(message, at)
            if not match:
                return None
            found, at = found | match.groupdict(), match.end()
        return None if any(len(group or "") > LONGEST for group in found.values()) else found

    def begun(self, message: str) -> int:
        """Return how many characters of a message fit it from its beginning on, 0 if few do.

        Of a message whose end was left out.
        """
        at = fits = 0
        for piece in self.pieces:
            match = piece.search(message, at)
            if not match:
                break
            fits, at = fits + len(match[0]), match.end()
        return fits if fits >= TELLING else 0

    def telling(self, message: str) -> str:
        """Return the line of a message where the last expression is found."""
        at = 0
        for piece in self.pieces:
            match = piece.search(message, at)
            begins, at = (match.start(), match.end()) if match else (at, at)
        return message[message.rfind("\n", 0, begins) + 1 :].partition("\n")[0].strip()

    def words(self, message: str, error: BaseException) -> tuple[str, str, str] | None:
        """Return what is said of an error: what, why and instead; None if it is of another kind.

        Raises whatever an error, its traceback and what lies there may raise: they are not ours.
        """
        found = self.found(message)
        if found is None or (self.when and not self.when(found, error)):
            return None
        more = self.rule(found, error) if self.rule else {}
        if more is None:
            return None
        values: dict[str, Any] = {**found, **more}
        values |= {group: named(values[group], axes) for group, axes in self.axes.items()}
        swap = [self.swap] if self.swap and _swap_fits(found, error) else []
        instead = lines(*swap, self.instead)
        said = (self.what, self.why, instead)
        what, why, write = (_COUNTING.vformat(one, (), values) for one in said)
        return what, why, self.fitted(write, found, error) if self.fitted else write


class _Counting(Formatter):
    """Formats a number with what it counts: "{got:axis}" as "3 axes", "{got:is/are}" as "are"."""

    def format_field(self, value, format_spec):
        one, _, more = format_spec.partition("/")
        if more:
            return one if str(value) == "1" else more
        return many(value, one) if one.isalpha() else super().format_field(value, format_spec)


_COUNTING = _Counting()


def lines(*each: str) -> str:
    """Return lines as one text."""
    return "\n".join(each)


def sizes(text: str) -> tuple[int | None, ...]:
    """Return the sizes in a written shape, None for one that is open."""
    return tuple(None if one == "None" else int(one) for one in re.findall(r"\d+|None", text))


def named(text: str, axes: tuple[str, ...]) -> str:
    """Return a written shape with the names of its axes: "(batch, timesteps 5, features 6)"."""
    shape = sizes(text)
    return sized(axes, shape) if len(axes) == len(shape) else f"`{shape}`"


def _swap_fits(found, error):
    """Return whether x with its last axes swapped fits what is wanted; True if it is not seen."""
    shape = sizes(found.get("full") or found["got"])
    if found["got"].isdigit() and not found.get("full"):
        shape = tuple(getattr(given(error, "input"), "shape", ()))
    return not shape or (len(shape) == 3 and shape[1] == sizes(found["wanted"])[-1])


# What is said alike in both frameworks. Each has its own messages for it.

OUTPUT_FIRST = "output, *states = layer(x)  # and go on with output"
FEWER_AXES = (
    "`output[:, -1]` and a state of one layer have no axis of timesteps, and a sequence without "
    "batch has none of the batch."
)
UNPACKING = r"(?:too many|not enough) values to unpack \(expected (?P<names>\d{1,9})"

AXIS_TOO_MANY = Known(
    name="An axis too many",
    read="Does the shape include the batch",
    what="`{layer}` reads three axes: batch, timesteps, features. It got {got}.",
    why="One axis was added, or two of them are together one of the three.",
    instead="{first}x.reshape(*x.shape[:2], -1)  # if all that follows the timesteps is features",
)


def added_axis(found, error):
    """Return the line for a first axis that was added, unless its size is seen not to be 1."""
    shape = tuple(getattr(given(error, "input"), "shape", ())) or sizes(found["got"])
    may_be = len(shape) < 2 or shape[0] == 1
    return {"first": "x[0]  # if the first axis was added: it has size 1\n" * may_be}


OTHER_FEATURES = Known(
    name="Other features than the weights are for",
    read="What does units mean",
    raised="RuntimeError",
    what="The weights are for features {wanted}. What the layer got has {got} on its last axis.",
    why="The last axis must be the features, as many as the layer was made for. A bidirectional "
    "layer returns twice its units.",
    swap="x.swapaxes(1, 2)  # if x is (batch, features {wanted}, timesteps)",
)
UNKNOWN_KEYWORD = Known(
    name="Unknown keyword",
    read="What changed from Keras 2 to Keras 3",
    raised="TypeError",
    what="`{layer}` does not know `{word}`.",
    why="{why}",
    instead="{line}",
)


# Keywords that are gone or belong to the other framework: why, and the line to write.

KEYWORDS = {
    "batch_size": (
        "The batch is read from x. Keras has a fixed one on `Input`.",
        "keras.Input(batch_shape=({value}, timesteps, features))",
    ),
    "time_major": (
        "Keras 3 removed it: batch is the first axis always.",
        "{layer}(units)  # without time_major, also in a saved configuration",
    ),
    "batch_input_shape": ("Keras 3 has it on `Input`.", "keras.Input(batch_shape={value})"),
    "input_length": ("Keras 3 has it on `Input`.", "keras.Input(({value}, features))"),
    "batch_first": ("In Keras, batch is the first axis always.", "{layer}(units)"),
    "return_sequences": ("PyTorch always returns every output.", "output, {states} = {name}(x)"),
    "return_state": ("PyTorch always returns the states.", "output, {states} = {name}(x)"),
    "units": ("PyTorch calls it `hidden_size`.", "{layer}(features, hidden_size=units)"),
    "initial_state": ("PyTorch takes the states after the input.", "{name}(x, {first})"),
}


def keyword(word, own, layer, written="value"):
    """Return the words for a keyword that a layer does not have.

    own: those that a recurrent layer of its framework has. layer: "keras.layers.LSTM". written:
    the keyword's value as it was written.
    """
    home = layer.rpartition(".")[0]
    if word in own:
        return {"why": "A recurrent layer has it.", "line": f"{home}.LSTM(units, {word}={written})"}
    if word in KEYWORDS:
        why, line = KEYWORDS[word]
        two = layer.endswith("LSTM")
        states, first = ("(h_n, c_n)", "(h_0, c_0)") if two else ("h_n", "h_0")
        own = {"layer": layer, "name": layer.rpartition(".")[2].lower()}
        return {"why": why, "line": line.format(value=written, states=states, first=first, **own)}
    if near := get_close_matches(word, own, n=1):
        return {"why": f"It has `{near[0]}`.", "line": f"help({layer})  # {near[0]}"}
    return {"why": "It has nothing of that name or a like one.", "line": f"help({layer})"}


# What the traceback shows.


def _unpacked(found, error):
    """Return the words for what a layer returns, where the failing line unpacks it."""
    layer, names = None, 0
    for node, frame in written(error, ast.Assign):
        if isinstance(node.targets[0], (ast.Tuple, ast.List)) and isinstance(node.value, ast.Call):
            layer, names = called(node.value.func, frame), len(node.targets[0].elts)
    if not layer:
        return None
    tensors = expected(*layer).tensors
    returned = ", ".join(f"`{one.expression}` ({', '.join(one.axes)})" for one in tensors)
    lines = [_call_line(*layer)]
    if tensors[0].path == ():
        with_state = _call_line(replace(layer[0], return_state=True))
        lines.append(f"{with_state}  # with return_state=True")
    why = _why_not(names, *layer)
    return {"count": names, "returned": returned, "why": why, "lines": "\n".join(lines)}


def _why_not(names, spec, framework):
    """Return why what a layer returns does not go into so many names."""
    returned = expected(spec, framework)
    if returned.tensors[0].path == ():
        return (
            "Without `return_state` the layer returns one tensor. Python unpacks it along its "
            f"first axis, and raises nothing if that happens to be batch {names}."
        )
    if names == len(returned.shapes):
        return "The inner names unpack one tensor, along its first axis."
    if framework == "torch":
        return "PyTorch returns two things, the output and the state. An LSTM's state is a tuple."
    return "With `return_state` the states follow the output, one by one."


def _call_line(spec, framework="keras"):
    return next(line for line in code(spec, framework).splitlines() if line.endswith("(x)"))


def _shape_of(node, frame):
    """Return the name and the shape of the tensor that x.shape or x.size() is about, or None."""
    if isinstance(node, ast.Call) and not node.args and not node.keywords:
        node = node.func if getattr(node.func, "attr", "") == "size" else None
    elif getattr(node, "attr", "") != "shape":
        node = None
    shape = getattr(value(node.value, frame), "shape", None) if node else None
    return None if shape is None else (ast.unparse(node.value), tuple(shape))


def _of_shape(found, error):
    """Return the words for a shape that is unpacked on the failing line; None if none is."""
    for node, frame in written(error, ast.Assign):
        shaped = _shape_of(node.value, frame)
        if shaped and len(shaped[1]) != int(found["names"]):
            tensor, shape = shaped
            names = ", ".join(f"size_{axis}" for axis in range(len(shape)))
            line = f"{names}{',' * (len(shape) == 1)} = {tensor}.shape  # a name for each axis"
            return {"tensor": tensor, "shape": shape, "axes": len(shape), "line": line}
    return None


def _size_of(found, error):
    """Return the words for a shape of which the failing line takes too late an axis, or None."""
    for node, frame in written(error, ast.Subscript):
        shaped, axis = _shape_of(node.value, frame), getattr(node.slice, "value", None)
        if shaped and isinstance(axis, int) and axis >= len(shaped[1]) > 0:
            tensor, shape = shaped
            return {"tensor": tensor, "shape": shape, "axes": len(shape), "axis": axis}
    return None


def _of_tensors(found, error):
    """Return whether it was a tuple of tensors that was taken for a tensor."""
    if isinstance(error, AttributeError):
        return several(error.obj)
    for node, frame in written(error, ast.Subscript):
        if isinstance(node.slice, ast.Tuple) and isinstance(node.value, ast.Call):
            layer = called(node.value.func, frame)
            return layer and expected(*layer).tensors[0].path
        if isinstance(node.slice, ast.Tuple):
            taken = value(node.value, frame)
            return several(taken) and not hasattr(taken, "batch_sizes")
    return False


KINDS = (
    Known(
        name="A tuple where a tensor belongs",
        read="What comes back with return_state",
        raised="AttributeError TypeError",
        message=r"^'tuple' object has no attribute"
        r"|^tuple indices must be integers or slices, not tuple",
        when=_of_tensors,
        what="What was used as a tensor is a tuple of tensors.",
        why="A recurrent layer returns its output and its states in a tuple, in Keras with "
        "`return_state`, in PyTorch always.",
        instead=OUTPUT_FIRST,
        again=torch_output,
        general=True,
    ),
    Known(
        name="Unpacking what a layer returns",
        read="Into how many names may I unpack",
        raised="ValueError NotImplementedError",
        # What Keras unpacks in its own layers is not what they return.
        message=r"\A(?!Exception encountered when calling (?:LSTM|GRU|SimpleRNN)) … "
        rf"^(?:{UNPACKING}|Iterating over a symbolic KerasTensor)",
        rule=_unpacked,
        what="The line has {count} names. The layer returns {returned}.",
        why="{why}",
        instead="{lines}",
    ),
    Known(
        name="Unpacking a shape",
        read="Into how many names may I unpack",
        message=f"^{UNPACKING}",
        rule=_of_shape,
        what="On the left stand {names} names. The shape of `{tensor}` is `{shape}`, {axes:axis}.",
        why=f"A shape has a size for each axis. {FEWER_AXES}",
        instead="{line}",
    ),
    Known(
        name="An axis that a shape does not have",
        read="Can I leave the batch out",
        raised="IndexError",
        message="^tuple index out of range",
        rule=_size_of,
        what="The shape of `{tensor}` is `{shape}`, {axes:axis}: no axis {axis}.",
        why=f"Axes count from 0. {FEWER_AXES}",
        instead="{tensor}.shape[-1]  # the last axis, whatever their number",
    ),
    Known(
        name="Unpacking",
        read="Into how many names may I unpack",
        message=f"^{UNPACKING}",
        what="On the left stand {names} names, on the right another number of values.",
        when=lambda found, error: not shows_recurrent(error),
        why="The failing line shows no recurrent layer, so more is not known here.",
        instead="value = ...  # one name for all of the right side, then look at type(value)",
        general=True,
    ),
    Known(
        name="Unpacking",
        read="Into how many names may I unpack",
        message=f"^{UNPACKING}",
        what="On the left stand {names} names, on the right another number of values.",
        when=lambda found, error: shows_recurrent(error),
        why="What comes back depends on the layer and its settings.",
        instead="value = ...  # one name for all of the right side, then look at type(value)",
        general=True,
    ),
)
