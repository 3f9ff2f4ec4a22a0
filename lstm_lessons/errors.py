"""What an error of a recurrent network says: what happened, why, and the line to write instead.

An error is known by its type and by its message; the numbers in it get the names of their axes.
The traceback may tell more: which layer ran, on what, and how the failing line reads. No framework
is imported for that.
"""

import ast
import linecache
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from textwrap import fill, indent, shorten
from traceback import walk_tb

from .pictures import listing, paragraph
from .shapes import expected
from .snippets import KERAS, TORCH, call, code
from .spec import Spec

UNKNOWN = "Not known here"
BEFORE = "Before this error"  # so begins the note that explain adds to an error
HOMES = ("keras", "tensorflow", "torch")
INPUT = ("batch", "timesteps", "features")
STATES = ("layers·directions", "batch", "units")


@dataclass(frozen=True)
class Diagnosis:
    """What an error says.

    name: the kind of error, or UNKNOWN.
    message: the type of the exception and the first telling line of its message.
    what, why: what happened and why, with code in backticks; of an error that is not known, what
        explain noted of the pass, and "".
    instead: the code to write, a line for each case; where to look, if that is not known; "" if
        no framework had a part in it, or explain has looked.
    """

    name: str
    message: str
    what: str
    why: str
    instead: str

    @property
    def text(self):
        """Return all of it as plain text."""
        prose = "\n".join(self._prose()).replace("`", "")
        return f"{self.message}\n\n{prose}\n\n{indent(self.instead, '    ')}".rstrip()

    def __str__(self):
        return self.text

    def _prose(self):
        if self.name == UNKNOWN and self.what:
            return [f"{UNKNOWN}. {self.what}"]
        if self.name == UNKNOWN and not self.instead:
            return [f"{UNKNOWN}. Neither Keras nor PyTorch is in the traceback."]
        if self.name == UNKNOWN:
            return [f"{UNKNOWN}. What each layer was given and what it returned:"]
        return [f"{self.name}. {self.what}", f"Why: {self.why}", "Write instead:"]

    def _repr_mimebundle_(self, **_):
        prose = "".join(map(paragraph, self._prose()))
        html = f"{listing(fill(self.message, 96))}{prose}{self.instead and listing(self.instead)}"
        return {"text/html": html, "text/plain": self.text}


@dataclass(frozen=True)
class Known:
    """A kind of error.

    name: what it is called.
    kinds: the names of its classes of exception.
    pattern: a regular expression to be found in the message.
    explain: (match, error) → what happened, why, and what to write instead; None if the traceback
        shows that it is of another kind.
    """

    name: str
    kinds: tuple
    pattern: str
    explain: Callable


def explain_error(error=None):
    """Return the Diagnosis of an exception: what happened, why, and the line to write instead.

    error: the exception; None for the last one that a cell raised.

    Raises ValueError, in one line, for what is no exception, and if no cell has raised one.
    """
    if error is None:
        error = getattr(sys, "last_value", None) or getattr(sys, "last_exc", None)
    if not isinstance(error, BaseException):
        raise ValueError(
            f"error must be an exception, got {shorten(repr(error), 60)}; "
            "try explain_error() in the cell after the one that failed, "
            "or explain_error(error) in an except block"
        )
    message, kinds = _plain(error), {kind.__name__ for kind in type(error).__mro__}
    for known in KNOWN:
        match = kinds.intersection(known.kinds) and re.search(known.pattern, message, re.S | re.M)
        if words := match and known.explain(match, error):
            return Diagnosis(known.name, _telling(error), *words)
    notes = [one for one in getattr(error, "__notes__", ()) if one.startswith(BEFORE)]
    frameworks = any(framework for _, _, framework in _frames(error))
    look = "explain(network, x)" if frameworks and not notes else ""
    return Diagnosis(UNKNOWN, _telling(error), " ".join(notes), "", look)


def _plain(error):
    """Return an exception's message without the escapes that colour a terminal."""
    return re.sub(r"\x1b(\[[0-9;]*[A-Za-z])?", "", str(error))


def _telling(error):
    """Return the type of an exception and the first line of its message that tells something."""
    passed = r"\s*(Exception encountered|Graph execution error|Detected at node|File \"|$)"
    message = re.sub(r"\[\[[-+\d\s.,e\[\]]+\]\]", "…", _plain(error))  # numbers of an array
    lines = [line for line in message.splitlines() if not re.match(passed, line)]
    line = re.sub(r"\{\{function\S* \S+ | for '\{\{.*| \[Op:.*", "", lines[0]) if lines else ""
    return shorten(f"{type(error).__name__}: {line}".rstrip(": "), 240, placeholder=" …")


# What the traceback shows beside the message.


def _home(kind):
    """Return the package of a class, or of a module given by its name."""
    return str(getattr(kind, "__module__", kind)).split(".")[0]


def _frames(error):
    """Return (frame, line, whether the frame is the framework's) triples, the innermost first."""
    pairs = list(walk_tb(error.__traceback__))[::-1]
    return [(one, line, _home(one.f_globals.get("__name__")) in HOMES) for one, line in pairs]


def _given(error, name):
    """Return what the framework's innermost code that has this name calls by it, or None."""
    for frame, _, framework in _frames(error):
        if framework and name in frame.f_locals:
            return frame.f_locals[name]
    return None


def _within(*names):
    """Return a test of (match, error): whether a PyTorch layer of one of these classes ran."""

    def test(match, error):
        kinds = type(_given(error, "self")).__mro__
        return any(_home(kind) == "torch" and kind.__name__ in names for kind in kinds)

    return test


def _written(error, kind):
    """Return the nodes of a kind on the learner's failing line, each with its frame."""
    frame, line = next((pair[:2] for pair in _frames(error) if not pair[2]), (None, 0))
    if not frame:
        return []
    try:
        lines = linecache.getlines(frame.f_code.co_filename, frame.f_globals)
        nodes = [node for node in ast.walk(ast.parse("".join(lines))) if isinstance(node, kind)]
    except SyntaxError:
        return []
    return [(node, frame) for node in nodes if node.lineno <= line <= node.end_lineno]


def _value(node, frame):
    """Return what a dotted name in the source stands for, such as self.lstm, or None."""
    if isinstance(node, ast.Name):
        return frame.f_locals.get(node.id, frame.f_globals.get(node.id))
    if isinstance(node, ast.Attribute):
        return getattr(_value(node.value, frame), node.attr, None)
    return None


# Layers as Specs: what they return, the rule says.

SETTINGS = {
    **{name: name for name in ("units", "return_sequences", "return_state", "merge_mode")},
    **{name: name for name in ("bidirectional", "batch_first", "proj_size")},
    "hidden_size": "units",
    "num_layers": "layers",
}


def _called(node, frame):
    """Return the Spec and the framework of the layer that a call in the source calls, or None.

    A layer made on the spot, LSTM(7)(x), has the settings that are written there.
    """
    if not isinstance(node, ast.Call):
        return _made(_value(node, frame))
    words = [word for word in node.keywords if isinstance(word.value, ast.Constant)]
    inner = _called(node.args[0], frame) if node.args else None
    return _spec(_value(node.func, frame), {one.arg: one.value.value for one in words}, inner)


def _made(layer):
    """Return the Spec and the framework of a layer, None if no Spec describes it."""
    if _home(type(layer)) not in HOMES:
        return None
    found = {name: getattr(layer, name) for name in SETTINGS if hasattr(layer, name)}
    return _spec(type(layer), found, _made(getattr(layer, "forward_layer", None)))


def _spec(kind, settings, inner):
    """Return the Spec and the framework of a class and its settings; what is not set is Spec's."""
    framework, name = _home(kind), getattr(kind, "__name__", "")
    fields = {SETTINGS[word]: value for word, value in settings.items() if word in SETTINGS}
    if inner and (framework, name) == ("keras", "Bidirectional"):
        merge_mode = fields.get("merge_mode", "concat")
        return replace(inner[0], bidirectional=True, merge_mode=merge_mode), framework
    names = {"keras": KERAS, "torch": TORCH}.get(framework, {})
    cells = {title: cell for cell, title in names.items()}
    if framework == "torch":
        fields.setdefault("batch_first", False)
    try:
        spec = Spec(cells[name], **fields)
        expected(spec, framework)
    except (KeyError, ValueError):  # another layer, or settings that no Spec has
        return None
    return spec, framework


# Words.


def _says(what, why, *lines, when=None, **axes):
    """Return an explain whose words have, in braces, the groups of the match.

    when: a test of (match, error). axes: by the names of the groups that are shapes, their axes.
    """

    def explain(match, error):
        if when and not when(match, error):
            return None
        groups = match.groupdict()
        shapes = {name: _named(_sizes(groups[name]), names) for name, names in axes.items()}
        kept = [one for one in lines if not one.startswith(SWAP) or _swap_fits(groups, error)]
        return tuple(words.format(**groups | shapes) for words in (what, why, "\n".join(kept)))

    return explain


def _swap_fits(groups, error):
    """Return whether x with its last axes swapped fits what is wanted; True if it is not seen."""
    shape = _sizes(groups.get("full") or groups["got"])
    if groups["got"].isdigit() and not groups.get("full"):
        shape = tuple(getattr(_given(error, "input"), "shape", ()))
    return not shape or (len(shape) == 3 and shape[1] == _sizes(groups["wanted"])[-1])


def _sizes(text):
    """Return the sizes in a written shape, None for one that is open."""
    return tuple(None if one == "None" else int(one) for one in re.findall(r"\d+|None", text))


def _named(shape, axes):
    """Return a shape with the names of its axes: "(batch, timesteps 5, features 6)"."""
    if len(axes) != len(shape):
        return f"`{shape}`"
    pairs = zip(axes, shape, strict=True)
    return f"({', '.join(axis if size is None else f'{axis} {size}' for axis, size in pairs)})"


def _below(error):
    """Return the layer of Keras whose symbolic output was refused, or None."""
    return getattr(getattr(_given(error, "x"), "_keras_history", None), "operation", None)


def _stack(match, error):
    """A layer below that has no return_sequences, where it is seen."""
    below = _below(error)
    layer = _made(below)
    if not layer or layer[0].return_sequences:
        return None
    shape = _named(_sizes(match["shape"]), expected(layer[0]).tensors[0].axes)
    return (
        f"`{match['layer']}` reads (batch, timesteps, features). It got {shape}.",
        f"The layer below, `{below.name}`, has no `return_sequences`. It hands on its last output "
        "alone, without timesteps.",
        f"{call(replace(layer[0], return_sequences=True))}  # the layer below",
    )


def _unpacked(match, error):
    """What a layer returns, unpacked into other names, where the failing line shows the layer."""
    layer, names = None, 0
    for node, frame in _written(error, ast.Assign):
        if isinstance(node.targets[0], (ast.Tuple, ast.List)) and isinstance(node.value, ast.Call):
            layer, names = _called(node.value.func, frame), len(node.targets[0].elts)
    if not layer:
        return None
    returned, line = expected(*layer), _call_line(*layer)
    tensors = ", ".join(f"`{one.expression}` ({', '.join(one.axes)})" for one in returned.tensors)
    if returned.tensors[0].path == ():
        why = (
            "Without `return_state` the layer returns one tensor. Python unpacks it along its "
            f"first axis, and raises nothing if that happens to be batch {names}."
        )
        line += f"\n{_call_line(replace(layer[0], return_state=True))}  # with return_state=True"
    elif names == len(returned.shapes):
        why = "The inner names unpack one tensor, along its first axis."
    elif layer[1] == "torch":
        why = "PyTorch returns two things, the output and the state. An LSTM's state is a tuple."
    else:
        why = "With `return_state` the states follow the output, one by one."
    return f"The line has {names} names. The layer returns {tensors}.", why, line


def _call_line(spec, framework="keras"):
    """Return the line that calls the layer and names what comes back."""
    return next(one for one in code(spec, framework).splitlines() if one.endswith("(x)"))


def _of_tensors(match, error):
    """Return whether it was a tuple of tensors that was taken for a tensor."""
    if isinstance(error, AttributeError):
        return _several(error.obj)
    for node, frame in _written(error, ast.Subscript):
        if isinstance(node.slice, ast.Tuple) and isinstance(node.value, ast.Call):
            layer = _called(node.value.func, frame)
            return layer and expected(*layer).tensors[0].path
        if isinstance(node.slice, ast.Tuple):
            return _several(_value(node.value, frame))
    return False


def _several(value):
    """Return whether a value is a tuple of a framework's tensors, or of tuples of them."""
    if not isinstance(value, tuple):
        return False
    tensors = [_home(type(one)) in HOMES and hasattr(one, "shape") for one in value]
    return bool(value) and all(tensors[i] or _several(one) for i, one in enumerate(value))


def _not_two(match, error):
    """Return whether an LSTM of PyTorch was given one tensor as its states, or not two in a row."""
    states = _given(error, "hx")
    pair = isinstance(states, (tuple, list)) and len(states) == 2
    return states is not None and not pair and _within("LSTM")(match, error)


def _of_state(match, error):
    """Return whether it was the state that did not fit a cell of Keras, and not the input."""
    got, wanted, columns, x, h = (int(match[one]) for one in ("got", "wanted", "columns", "x", "h"))
    recurrent = columns == wanted * {"LSTM": 4, "GRU": 3, "SimpleRNN": 1}[match["cell"]]
    return h == got and (x != got or recurrent)


# Keywords that are gone or belong to the other framework: why, and the line to write.
KEYWORDS = {
    "batch_input_shape": ("Keras 3 has it on `Input`.", "keras.Input(batch_shape={value})"),
    "input_length": ("Keras 3 has it on `Input`.", "keras.Input(({value}, features))"),
    "batch_first": ("In Keras, batch is the first axis always.", "keras.layers.LSTM(units)"),
    "return_sequences": ("PyTorch always returns every output.", "output, (h_n, c_n) = lstm(x)"),
    "return_state": ("PyTorch always returns the states.", "output, (h_n, c_n) = lstm(x)"),
    "units": ("PyTorch calls it `hidden_size`.", "torch.nn.LSTM(features, hidden_size=units)"),
    "initial_state": ("PyTorch takes the states after the input.", "lstm(x, (h_0, c_0))"),
}
OF_KERAS = ("return_sequences", "return_state", "go_backwards", "stateful", "dropout", "unroll")
OF_TORCH = ("input_size", "hidden_size", "num_layers", "batch_first", "bidirectional", "dropout")


def _keyword(match, error):
    """A keyword that a layer does not have. PyTorch's message has no value for it."""
    word, layer, value = match["word"], match["layer"], match.groupdict().get("value")
    own, home = OF_KERAS, "keras.layers"
    if value is None:
        if not _within("RNNBase")(match, error):
            return None
        own, home, layer = OF_TORCH, "torch.nn", type(_given(error, "self")).__name__
    why, line = "It has nothing of that name or a like one.", f"help({home}.{layer})"
    if word in KEYWORDS and word not in own:
        why, line = KEYWORDS[word]
    elif word in own:
        why, line = "A recurrent layer has it.", f"{home}.LSTM(units, {word}={value})"
    elif near := get_close_matches(word, own, n=1):
        why, line = f"It has `{near[0]}`.", f"help({home}.{layer})  # {near[0]}"
    return f"`{layer}` does not know `{word}`.", why, line.format(value=value)


def _known(name, kinds, pattern, *words, explain=None, **options):
    """Return a Known, with its explain or with the words for one."""
    return Known(name, tuple(kinds.split()), pattern, explain or _says(*words, **options))


# What several kinds have in common.

NDIM = r"layer '(?P<layer>(?:(?!1d)[^'])*)' is incompatible with the layer: expected ndim="
SHAPE = r"\. Full shape received: "
CELL = (
    r"calling (?P<cell>LSTM|GRU|SimpleRNN)Cell\.call.*(?:In\[0\]|shapes): \[[^,]*,(?P<got>\d+)\], "
    r"(?:In\[1\]: )?\[(?P<wanted>\d+),(?P<columns>\d+)\].*"
    r"(?:inputs|sequence)=\D*\w+, (?P<x>\d+)\).*states=\D*\w+, (?P<h>\d+)\)"
)
UNPACKING = r"^(?:too many|not enough) values to unpack \(expected (?P<names>\d+)"
READS = "`{layer}` reads three axes: batch, timesteps, features. It got {got}."
TOO_MANY = (
    READS,
    "One axis was added, or two of them are together one of the three.",
    "x[0]  # if the first axis was added and has size 1",
    "x.reshape(*x.shape[:2], -1)  # if all that follows the timesteps is features",
)
SWAP = "x.swapaxes(1, 2)"
WIDTH = "Other features than the weights are for"
FEATURES = (
    "The weights are for features {wanted}. What the layer got has {got} on its last axis.",
    "The last axis must be the features, as many as the layer was made for. A bidirectional layer "
    "returns twice its units.",
    SWAP + "  # if x is (batch, features {wanted}, timesteps)",
)
TUPLE = "output, *states = layer(x)  # and go on with output"
TWO_STATES = "An LSTM has two states, h and c, of one shape."
STATEFUL = "A `stateful` layer keeps its states from call to call, one for each sequence."
LAYER_BELOW = "keras.layers.LSTM({}, return_sequences=True)  # if a recurrent layer stands below"
IF_LAST = "keras.layers.LSTM(units)  # without return_sequences, if each sequence has one target"

# The kinds. The first that fits is taken.

KNOWN = (
    # Axes.
    _known(
        "A layer below without return_sequences",
        "ValueError",
        NDIM + "3, found ndim=2" + SHAPE + r"(?P<shape>\(.*?\))",
        explain=_stack,
    ),
    _known(
        "An axis is missing",
        "ValueError",
        NDIM + "3, found ndim=2" + SHAPE + r"(?P<got>\(None, (?P<last>\d+)\))",
        READS,
        "`Input` adds the batch; its own shape needs timesteps and features. And a layer without "
        "`return_sequences` leaves the timesteps out.",
        "keras.Input((None, {last}))  # if {last} are the features, for any timesteps",
        "keras.Input(({last}, 1))  # if {last} are the timesteps, one number at each",
        LAYER_BELOW.format("{last}"),
    ),
    _known(
        "An axis is missing",
        "ValueError",
        NDIM + "3, found ndim=[12]" + SHAPE + r"(?P<got>\(.*?(?P<last>\d+),?\))",
        READS,
        "An axis of size 1 stays: one sequence is batch 1, one number at each timestep is features "
        "1. And a layer without `return_sequences` leaves the timesteps out.",
        "x[None]  # if x is one sequence, (timesteps, features)",
        "x[..., None]  # if x is (batch, timesteps)",
        LAYER_BELOW.format("{last}"),
    ),
    _known(
        "An axis too many",
        "ValueError",
        NDIM + "3, found ndim=4" + SHAPE + r"(?P<got>\(None, (?P<size>\w+), (?P<own>\w+, \w+)\))",
        READS,
        "`Input` adds the batch, as `None`. Its own shape is (timesteps, features).",
        "keras.Input(({own}))  # if {size} is the batch",
        when=lambda match, error: type(_below(error)).__name__ == "InputLayer",
    ),
    _known(
        "An axis too many",
        "ValueError",
        NDIM + "3, found ndim=[4-9]" + SHAPE + r"(?P<got>\(.*?\))",
        *TOO_MANY,
        "keras.layers.TimeDistributed(keras.layers.Flatten())  # the same as a layer",
    ),
    _known(
        "An axis too many",
        "ValueError",
        r"^(?P<layer>LSTM|GRU|RNN): Expected input to be 2D or 3D, got (?P<got>[4-9]D)",
        *TOO_MANY,
    ),
    _known(
        "A sequence where one vector belongs",
        "ValueError",
        r"layer '(?P<layer>repeat_vector\w*)' .* expected ndim=2, found .*: (?P<shape>\(.*?\))",
        "`{layer}` repeats one vector for each sequence, (batch, units). It got {shape}.",
        "A layer with `return_sequences` hands on every output. One is to be repeated.",
        "keras.layers.LSTM(units)  # the layer below, without return_sequences",
        shape=("batch", "timesteps", "units"),
    ),
    _known(
        "The batch axis is missing",
        "ValueError",
        r"[Ee]xpected shape.\((?P<wanted>None, (?P<one>[^)]*))\),[^(]*shape.\((?P=one)\)",
        "The model reads {wanted}. It got `({one})`, the same without the batch.",
        "A model always reads a batch. One sequence is batch 1.",
        "x[None]",
        wanted=INPUT,
    ),
    _known(
        "Another shape than the model's Input",
        "ValueError",
        r"[Ee]xpected shape.\((?P<wanted>None[^)]*)\),[^(]*shape.\((?P<got>[^)]*?(?P<last>\d+))\)",
        "The model was made for {wanted}. It got {got}.",
        "`Input` fixes each size that it names. Only `None` is open.",
        SWAP + "  # if timesteps and features have changed places",
        "x[..., None]  # if x is (batch, timesteps)",
        "keras.Input((None, {last}))  # in a new model, for any number of timesteps",
        wanted=INPUT,
        got=INPUT,
    ),
    # Features.
    _known(
        WIDTH,
        "RuntimeError",
        r"^input\.size\(-1\) must be equal to input_size\. Expected (?P<wanted>\d+), "
        r"got (?P<got>\d+)",
        *FEATURES,
        "torch.nn.LSTM({got}, hidden_size)  # if features {got} is right",
    ),
    _known(
        WIDTH,
        "RuntimeError",
        r"^mat1 and mat2 shapes cannot be multiplied \(\d+x(?P<got>\d+) and (?P<wanted>\d+)x",
        *FEATURES,
        "torch.nn.Linear({got}, out_features)  # if features {got} is right",
        when=_within("Linear"),
    ),
    _known(
        WIDTH,
        "ValueError",
        r"expected axis -1 of input shape to have value (?P<wanted>\d+), but .*"
        r"(?P<full>\(.*, (?P<got>\d+)\))",
        *FEATURES,
        "keras.layers.Dense(units)  # a new layer, if features {got} is right",
    ),
    _known(
        "States of other units",
        "InvalidArgumentError ValueError",
        CELL,
        "The states have units {h}. The layer has units {wanted}.",
        "A state that a layer starts from is as long as its own, (batch, units).",
        "keras.layers.{cell}({h})  # a decoder with the units of its encoder",
        when=_of_state,
    ),
    _known(
        WIDTH,
        "InvalidArgumentError ValueError",
        CELL,
        *FEATURES,
        "keras.layers.{cell}(units)  # a new layer, if features {got} is right",
    ),
    # A tuple for a tensor.
    _known(
        "Several tensors where one belongs",
        "ValueError",
        r'^Layer "(?P<layer>[^"]+)" expects 1 input\(s\), but it received (?P<got>\d+) input '
        r"tensors(?:(?!shape=).)*shape=(?P<output>\([^)]*\))"
        r"(?:(?!shape=).)*shape=(?P<state>\(\w+, (?P<units>\d+)\))",
        "`{layer}` reads one tensor. It got {got}: `{output}`, then states {state}.",
        "A layer with `return_state` returns its output and its states, in one tuple.",
        TUPLE,
        "keras.layers.LSTM({units})  # inside a Sequential: without return_state",
        "lstm(x, initial_state=states)  # if the first is the input, the others its states",
        state=("batch", "units"),
    ),
    _known(
        "A tuple where a tensor belongs",
        "TypeError",
        r"^(?P<layer>\w+)\(\): argument 'input' \(position 1\) must be Tensor, not tuple",
        "`{layer}` reads one tensor. It got a tuple.",
        "A recurrent layer of PyTorch returns its output and its states in a tuple, and "
        "`nn.Sequential` hands on all of it.",
        TUPLE,
    ),
    _known(
        "A PackedSequence where a tensor belongs",
        "TypeError AttributeError",
        r"must be Tensor, not PackedSequence|^'PackedSequence' object has no attribute",
        "A recurrent layer that reads a PackedSequence returns one.",
        "In it the timesteps of all sequences lie in one row, without padding.",
        "output, lengths = torch.nn.utils.rnn.pad_packed_sequence(packed, batch_first=True)",
    ),
    _known(
        "A tuple where a state belongs",
        "AttributeError",
        r"^'tuple' object has no attribute 'dim'",
        "Where one state belongs, the layer was given a tuple.",
        "A layer starts from what it returns after its output: the pair (h_n, c_n) of an LSTM, "
        "h_n alone of a GRU.",
        "output, states = layer(x)",
        "layer(x, states)",
        when=lambda match, error: _within("RNNBase")(match, error) and _given(error, "hx"),
    ),
    _known(
        "A tuple where a tensor belongs",
        "AttributeError TypeError",
        r"^'tuple' object has no attribute|^tuple indices must be integers or slices, not tuple",
        "What was used as a tensor is a tuple of tensors.",
        "A recurrent layer returns its output and its states in a tuple, in Keras with "
        "`return_state`, in PyTorch always.",
        TUPLE,
        when=_of_tensors,
    ),
    # Unpacking.
    _known(
        "Unpacking what a layer returns",
        "ValueError NotImplementedError",
        UNPACKING + "|^Iterating over a symbolic KerasTensor",
        explain=_unpacked,
    ),
    _known(
        "Unpacking",
        "ValueError",
        UNPACKING,
        "On the left stand {names} names, on the right another number of values.",
        "The failing line shows no recurrent layer, so more is not known here.",
        "value = ...  # one name for all of the right side, then look at type(value)",
    ),
    # States.
    _known(
        "One state where two belong",
        "IndexError",
        r"calling LSTM\.call.*list index out of range.*initial_state=(?!None)",
        "An LSTM got one state.",
        TWO_STATES + " A Bidirectional has two for each direction, and shares out what it gets.",
        "lstm(x, initial_state=[h, c])  # LSTM",
        "both(x, initial_state=[forward_h, forward_c, backward_h, backward_c])  # Bidirectional",
    ),
    _known(
        "One state where two belong",
        "IndexError RuntimeError",
        r"index out of range|index 1 is out of bounds|hx and cx should|expects two hidden states",
        "An LSTM did not get two states in a tuple.",
        TWO_STATES + " One tensor in their place is cut along its first axis.",
        "lstm(x, (h_0, c_0))",
        when=_not_two,
    ),
    _known(
        "More states than the layer has",
        "ValueError",
        r"calling (?P<layer>\w+)\.call.*Too few leaves.* expected: (?P<got>\d), got: (?P<own>\d)",
        "`{layer}` has {own} states. It was given {got}.",
        "What a layer returns begins with its output, the states follow. A Bidirectional encoder "
        "has two for each direction; side by side they are those of a decoder of 2·units.",
        "output, *states = encoder(x)",
        "h = keras.layers.concatenate([forward_h, backward_h])  # c alike",
    ),
    _known(
        "A state with an axis too few or too many",
        "RuntimeError",
        r"^For (?P<how>unbatched|batched) .*should also be (?P<wanted>\d)-D but got \(?(?P<got>\d)",
        "With {how} input a state has {wanted} axes. It has {got}.",
        "A state is (layers·directions, batch, units), of one sequence without batch "
        "(layers·directions, units). The first axis stays, also with one layer.",
        "h_0[None]  # an axis more: from (batch, units), for one layer; c_0 alike",
        "h_0[:, 0]  # an axis less: for one sequence; c_0 alike",
    ),
    _known(
        "A state with an axis too many",
        "InvalidArgumentError ValueError",
        r"calling (?:LSTM|GRU|SimpleRNN)Cell\.call.*states=\D*(?P<state>\(\w+, \w+, \w+\))",
        "A state of Keras is (batch, units). It got `{state}`.",
        "Keras keeps each layer's states apart. An axis for the layers is PyTorch's.",
        "lstm(x, initial_state=[h[0], c[0]])  # of (layers, batch, units), the first layer's",
    ),
    _known(
        "States of another batch",
        "RuntimeError",
        r"^Expected hidden.* \((?P<wanted>(?P<one>\d+), (?P<batch>\d+), (?P<units>\d+))\), "
        r"got \[(?P<got>(?P=one), \d+, (?P=units))\]",
        "The layer read batch {batch} from x. The state is {got}.",
        "A layer reads the batch from axis 1 of x, with `batch_first=True` from axis 0. In a state "
        "it is axis 1 always.",
        "torch.nn.LSTM(features, {units}, batch_first=True)  # if axis 0 of x is the batch",
        "h_0 = torch.zeros({wanted})  # if x is right; c_0 alike",
        got=STATES,
    ),
    _known(
        "A state of another size",
        "RuntimeError",
        r"^Expected hidden.* \((?P<wanted>(?P<sizes>\d+, \d+, \d+))\), got \[(?P<got>.*?)\]",
        "A state must be {wanted}. It is {got}.",
        "It has a place for each layer and direction, each sequence and each unit.",
        "h_0 = torch.zeros({sizes})  # c_0 alike",
        wanted=STATES,
        got=STATES,
    ),
    _known(
        "States of another batch",
        "InvalidArgumentError",
        r"Incompatible shapes: \[(?P<x>\d+),\d+\] vs\. \[(?P<h>\d+),\d+\]"
        r"(?=.*(?:\{node \S*(?:lstm|gru|simple_rnn)_cell|(?:LSTM|GRU|SimpleRNN)Cell\.call))",
        "x has batch {x}, the states have batch {h}.",
        STATEFUL + " States that are handed over have the batch of x.",
        "x = x[: len(x) // {h} * {h}]  # if stateful: whole batches of {h}",
        "lstm(x, initial_state=[h, c])  # if handed over: h and c of batch {x}",
    ),
    # What a layer keeps.
    _known(
        "Another batch than a stateful layer's",
        "ValueError",
        r"If an RNN is stateful.*Expected batch size: (?P<wanted>\d+).*batch size: (?P<got>\d+)",
        "The layer keeps states for batch {wanted}. It got batch {got}.",
        STATEFUL,
        "x = x[: len(x) // {wanted} * {wanted}]  # whole batches of {wanted}",
        "keras.Input(batch_shape=({got}, None, features))  # if the batch is always {got}",
    ),
    _known(
        "A stateful layer without a batch size",
        "ValueError",
        r"batch size must be static\. Found dynamic batch size: .*\(None, (?P<rest>.*?)\)",
        "The layer is `stateful`, and `Input` leaves the batch open.",
        STATEFUL + " It must know the batch when it is built.",
        "keras.Input(batch_shape=(batch, {rest}))",
    ),
    _known(
        "reset_states is gone",
        "AttributeError",
        r"^'(?P<model>\w+)' object has no attribute '(?P<method>reset_states?)'",
        "`{model}` has no `{method}`.",
        "In Keras 3 each layer resets its own states.",
        "for layer in model.layers:",
        "    if getattr(layer, 'stateful', False):",
        "        layer.reset_state()",
        when=lambda match, error: "keras" in map(_home, type(getattr(error, "obj", 0)).__mro__),
    ),
    # Settings.
    _known(
        "Unknown keyword",
        "ValueError",
        r"^Unrecognized keyword arguments passed to (?P<layer>\w+): "
        r"\{'(?P<word>\w+)': (?P<value>\(.*?\)|[^,}]*)",
        explain=_keyword,
    ),
    _known(
        "Unknown keyword",
        "TypeError",
        r"^(?P<layer>\w+)\.\w+\(\) got an unexpected keyword argument '(?P<word>\w+)'",
        explain=_keyword,
    ),
    _known(
        "Another type of numbers",
        "ValueError",
        r"^RNN input dtype \((?P<got>.*?)\) does not match weight dtype \((?P<wanted>.*?)\)",
        "x is `{got}`, the weights are `{wanted}`.",
        "NumPy makes float64 and whole numbers int64, PyTorch's layers are float32.",
        "x.to({wanted})",
    ),
    # Packing.
    _known(
        "Not one length for each sequence",
        "RuntimeError",
        r"^Expected `len\(lengths\)` to be .* but got (?P<got>\d+) \(batch_size=(?P<wanted>\d+)\)",
        "There are {got} lengths for batch {wanted}.",
        "Packing reads the batch from axis 1 of x, with `batch_first=True` from axis 0.",
        "pack_padded_sequence(x, lengths, batch_first=True)  # if axis 0 of x is the batch",
        "len(lengths) == {wanted}  # if axis 1 of x is the batch",
    ),
    _known(
        "Lengths that are not sorted",
        "RuntimeError",
        r"^`lengths` array must be sorted in decreasing order",
        "The lengths do not go from the longest to the shortest.",
        "Packing wants them sorted, or sorts them itself if it is allowed to.",
        "pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)",
    ),
    _known(
        "A length beyond the timesteps",
        "RuntimeError",
        r"^start \(\d+\) \+ length \(\d+\) exceeds dimension size",
        "A length is greater than the timesteps of x.",
        "`pack_padded_sequence` does not compare them. The layer is the first to fail.",
        "lengths = [min(length, x.shape[1]) for length in lengths]  # if x has batch first",
        when=lambda match, error: (
            _within("RNNBase")(match, error) and _given(error, "batch_sizes") is not None
        ),
    ),
    # Targets.
    _known(
        "A target with an axis too many",
        "RuntimeError",
        r"^0D or 1D target tensor expected, multi-target not supported",
        "The scores are (batch, classes). The target has more axes than (batch).",
        "Cross-entropy compares one row of scores with the number of one class.",
        "target.squeeze(1)  # if the target is (batch, 1)",
        "scores = linear(output).transpose(1, 2)  # if each timestep has a class",
    ),
    _known(
        "Classes on the wrong axis",
        "RuntimeError",
        r"^Expected target size \[(?P<wanted>\d+, \d+)\], got \[(?P<got>\d+, \d+)\]",
        "With these scores the target must be `({wanted})`. It is `({got})`.",
        "Cross-entropy reads the classes from axis 1: (batch, classes, timesteps).",
        "loss(scores.transpose(1, 2), target)  # if the scores are (batch, timesteps, classes)",
    ),
    _known(
        "A target with an axis too few",
        "RuntimeError",
        r"^Expected target size \[(?P<wanted>\d+, \d+)\], got \[(?P<got>\d+)\]",
        "With these scores the target must be `({wanted})`. It is `({got},)`.",
        "With scores for each timestep goes a class for each timestep, with one class for each "
        "sequence one row of scores.",
        "loss(scores[:, -1], target)  # if the scores are (batch, timesteps, classes)",
    ),
    _known(
        "Not one target for each row of scores",
        "ValueError",
        r"^Expected input batch_size \((?P<got>\d+)\) to match target batch_size "
        r"\((?P<wanted>\d+)\)",
        "There are {got} rows of scores and {wanted} targets.",
        "One row of scores is compared with one class. Where timesteps became rows, the targets "
        "must too.",
        "loss(scores, target.flatten())  # if the target is (batch, timesteps)",
        "linear(output[:, -1])  # if each sequence has one class",
    ),
    _known(
        "A target that does not fit the output",
        "ValueError",
        r"^Arguments? .*`output` must have .*target\.shape=(?P<target>\(.*?\)), "
        r"output\.shape=(?P<output>\(.*?\))",
        "The target is `{target}`, the output is `{output}`.",
        "`categorical_crossentropy` compares a row with a row, the `sparse_` one a row with the "
        "number of a class. With `return_sequences` there is a row for each timestep.",
        "loss = 'sparse_categorical_crossentropy'  # if the target holds numbers of classes",
        "loss = 'categorical_crossentropy'  # if the target is one-hot",
        IF_LAST,
        "keras.layers.LSTM(units, return_sequences=True)  # if each timestep has one",
    ),
    _known(
        "A target that does not fit the output",
        "InvalidArgumentError",
        r"Incompatible shapes: \[(?P<one>.*?)\] vs\. \[(?P<other>.*?)\].*node \S*compile_loss",
        "In the loss, `({one})` met `({other})`.",
        "The target must have the shape of the output. " + STATEFUL,
        IF_LAST,
        "x, y = x[: len(x) // batch * batch], y[: len(x) // batch * batch]  # if stateful",
    ),
)
