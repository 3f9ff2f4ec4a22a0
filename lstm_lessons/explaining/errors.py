"""What an error of a recurrent network says: what happened, why, and the line to write instead.

An error is known by its type and by its message; the numbers in it get the names of their axes.
The traceback may tell more: which layer ran, on what, and how the failing line reads. No framework
is imported for that.
"""

import ast
import linecache
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from textwrap import dedent, fill, indent, shorten
from traceback import walk_tb

from ..pictures import listing, paragraph
from ..rule import expected
from ..snippets import KERAS, TORCH, call, code
from ..spec import Spec, short

UNKNOWN = "Not known here"
BEFORE = "Before this error"  # so begins the note that explain adds to an error
HOMES = ("keras", "tensorflow", "torch")
ARRAYS = (*HOMES, "jax", "jaxlib")  # whose code and tensors lie in a pass of a network
MOST = 20_000  # so many characters of a message are read
LONGEST = 400  # so long may be what is taken from it
LINES = 12  # so many lines a statement may have
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
    pieces: regular expressions that are found in the message one after the other.
    explain: (found, error) → what happened, why, and what to write instead; None if the traceback
        shows that it is of another kind. found: the named groups of the pieces.
    """

    name: str
    kinds: tuple
    pieces: tuple
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
            f"error must be an exception, got {short(error)}; "
            "try explain_error() in the cell after the one that failed, "
            "or explain_error(error) in an except block"
        )
    try:
        return _diagnosis(error)
    except Exception:  # an exception of somebody's own may do anything when it is read
        return Diagnosis(UNKNOWN, type(error).__name__[:99], "It cannot be read.", "", "")


def _diagnosis(error):
    """Return the Diagnosis of an exception that can be read."""
    plain, kinds = _plain(error), {kind.__name__ for kind in type(error).__mro__}
    told, message = _telling(type(error).__name__[:99], plain), _readable(plain)
    for known in KNOWN:
        words = kinds.intersection(known.kinds) and _words(known, message, error)
        if words:
            return Diagnosis(known.name, told, *words)
    noted = " ".join(_notes(error))
    look = "" if noted or not _ran(error) else "explain(network, x)"
    return Diagnosis(UNKNOWN, told, noted, "", look)


def _words(known, message, error):
    """Return what a known kind says of an error; None if it is not of this kind."""
    try:
        found = _found(known.pieces, message)
        return None if found is None else known.explain(found, error)
    except Exception:  # an error, its traceback and what lies there are not ours: all may happen
        return None


def _found(pieces, message):
    """Return the named groups of patterns that follow one another in a message, or None.

    Each is searched for once, behind the one before it. So the time grows as the message does.
    """
    found, at = {}, 0
    for piece in pieces:
        match = piece.search(message, at)
        if not match:
            return None
        found, at = found | match.groupdict(), match.end()
    return None if any(len(one or "") > LONGEST for one in found.values()) else found


def _plain(error):
    """Return an exception's message without the escapes of a terminal and the numbers of arrays.

    It is cut behind MOST characters; "" if it has none that can be read.
    """
    try:
        message = str(error)[: 3 * MOST]
    except Exception:  # __str__ may be anybody's
        return ""
    message = re.sub(r"\x1b(?:\[[0-9;]{0,20}+[A-Za-z])?+", "", message)
    return re.sub(r"\[[-+\d\s.,e\[\]]++", _without_numbers, message)[:MOST]


def _without_numbers(match):
    """Return what stands in a message for the numbers of an array: "…"."""
    run = match[0]
    array = run.startswith("[[") and "]]" in run
    return "…" + run.rpartition("]]")[2] if array else run


def _readable(plain):
    """Return a message with its shapes written in one way, whatever Keras runs on."""
    size = r"torch\.Size\(\[([^\]\n]{0,99})\]\)"
    return re.sub(size, lambda one: f"({one[1]}{',' * one[1].isdigit()})", plain)


def _telling(kind, plain):
    """Return the type of an exception and the first line of its message that tells something."""
    passed = r"\s*(Exception encountered|Graph execution error|Detected at node|File \"|$)"
    lines = (line[:2000] for line in plain.splitlines() if not re.match(passed, line[:99]))
    line = re.sub(r"\{\{function\S{0,200} \S{0,300} |( for '\{\{| \[Op:).*", "", next(lines, ""))
    return shorten(f"{kind}: {line}".rstrip(": ")[:2000], 240, placeholder=" …")


def _notes(error):
    """Return what explain noted of the pass that ended in an error."""
    notes = getattr(error, "__notes__", None)
    notes = notes if isinstance(notes, (list, tuple)) else ()
    return [one[:MOST] for one in notes if isinstance(one, str) and one.startswith(BEFORE)]


def _ran(error):
    """Return whether a framework's code is in the traceback, also in that of what led to it."""
    return any(framework for one in _chain(error) for _, _, framework in _frames(one))


def _chain(error):
    """Return an exception, those that led to it and those in a group, as Python prints them."""
    chain, left = [], [error]
    while left and len(chain) < 99:  # it may lead back to itself
        error = left.pop()
        chain.append(error)
        led = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        grouped = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
        left += [*grouped, *([led] if led else [])]
    return chain


# What the traceback shows beside the message.


def _home(kind):
    """Return the package of a class, or of a module given by its name."""
    return str(getattr(kind, "__module__", kind)).split(".")[0]


def _frames(error):
    """Return (frame, line, whether the frame is the framework's) triples, the innermost first."""
    pairs = list(walk_tb(error.__traceback__))[::-1]
    return [(one, line, _home(one.f_globals.get("__name__")) in ARRAYS) for one, line in pairs]


def _given(error, name):
    """Return what the framework's innermost code that has this name calls by it, or None."""
    for frame, _, framework in _frames(error):
        if framework and name in frame.f_locals:
            return frame.f_locals[name]
    return None


def _within(*names):
    """Return a test of (found, error): whether a PyTorch layer of one of these classes ran."""
    return lambda found, error: any(_is(_given(error, "self"), name) for name in names)


def _written(error, kind):
    """Return the nodes of a kind on the learner's failing line, each with its frame.

    Of its file the statement alone is read: it begins on that line or a little above.
    """
    frame, line = next((pair[:2] for pair in _frames(error) if not pair[2]), (None, 0))
    lines = _source(frame) if frame else []
    for start in range(line, max(line - LINES, 0), -1):
        for stop in range(line, min(line + LINES, len(lines) + 1)):
            parsed = _parsed("".join(lines[start - 1 : stop]))
            at = line - start + 1
            nodes = [one for one in parsed if isinstance(one, kind)]
            nodes = [(one, frame) for one in nodes if one.lineno <= at <= one.end_lineno]
            if nodes:
                return nodes
            if parsed:
                break
    return []


def _source(frame):
    """Return the lines of the file that a frame runs; [] for one that is not worth its reading."""
    name = frame.f_code.co_filename
    if name not in linecache.cache and os.path.exists(name) and os.path.getsize(name) > 10**6:
        return []
    return linecache.getlines(name, frame.f_globals)


def _parsed(text):
    """Return the nodes of a piece of source; [] if it is not whole, or too long for a statement."""
    try:
        return list(ast.walk(ast.parse(dedent(text)))) if len(text) < 100 * LINES else []
    except (SyntaxError, ValueError):
        return []


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
    """Return an explain whose words have, in braces, the groups that were found.

    when: a test of (found, error). axes: by the names of the groups that are shapes, their axes.
    """

    def explain(found, error):
        if when and not when(found, error):
            return None
        shapes = {name: _named(_sizes(found[name]), names) for name, names in axes.items()}
        kept = [one for one in lines if not one.startswith(SWAP) or _swap_fits(found, error)]
        return tuple(words.format(**found | shapes) for words in (what, why, "\n".join(kept)))

    return explain


def _swap_fits(found, error):
    """Return whether x with its last axes swapped fits what is wanted; True if it is not seen."""
    shape = _sizes(found.get("full") or found["got"])
    if found["got"].isdigit() and not found.get("full"):
        shape = tuple(getattr(_given(error, "input"), "shape", ()))
    return not shape or (len(shape) == 3 and shape[1] == _sizes(found["wanted"])[-1])


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


def _stack(found, error):
    """A layer below that has no return_sequences, where it is seen."""
    below = _below(error)
    layer = _made(below)
    if not layer or layer[0].return_sequences:
        return None
    shape = _named(_sizes(found["shape"]), expected(layer[0]).tensors[0].axes)
    return (
        f"`{found['layer']}` reads (batch, timesteps, features). It got {shape}.",
        f"The layer below, `{below.name}`, has no `return_sequences`. It hands on its last output "
        "alone, without timesteps.",
        f"{call(replace(layer[0], return_sequences=True))}  # the layer below",
    )


def _unpacked(found, error):
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


def _of_tensors(found, error):
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
    tensors = [_home(type(one)) in ARRAYS and hasattr(one, "shape") for one in value]
    return bool(value) and all(tensors[i] or _several(one) for i, one in enumerate(value))


def _several_seen(found, error):
    """Several tensors where one belongs, if the message has no shapes but the traceback has."""
    shapes = [tuple(getattr(one, "shape", ())) for one in _given(error, "inputs") or ()]
    if len(shapes) < 2 or len(shapes[1]) != 2:
        return None
    output, state = map(str, shapes[:2])
    return SEVERAL(found | {"output": output, "state": state, "units": shapes[1][1]}, error)


def _not_two(found, error):
    """Return whether an LSTM of PyTorch was given one tensor as its states, or not two in a row."""
    states = _given(error, "hx")
    pair = isinstance(states, (tuple, list)) and len(states) == 2
    return states is not None and not pair and _within("LSTM")(found, error)


def _in_training(found, error):
    """Return whether Keras trained or tested a model, and neither a layer nor the learner's code.

    What a layer raises, Keras says in other words.
    """
    for frame, _, framework in _frames(error):
        if not framework:
            return False
        if getattr(frame.f_locals.get("fn"), "__name__", "") in TRAINING:
            return True
    return False


def _of_state(found, error):
    """Return whether it was the state that did not fit a cell of Keras, and not the input."""
    if not found["h"]:
        return False
    got, wanted, columns, x, h = (
        int(found[one] or 0) for one in ("got", "wanted", "columns", "x", "h")
    )
    recurrent = columns == wanted * {"LSTM": 4, "GRU": 3, "SimpleRNN": 1}[found["cell"]]
    return h == got and (x != got or recurrent)


# States of PyTorch that were handed on, and what makes them fit.


def _of_another_batch(found, error):
    """A state that fits but for its batch: where the batch comes from."""
    (places, batch, units), got = _sizes(found["wanted"]), _sizes(found["got"])
    if got != (places, got[1], units):
        return None
    layer, shape = _given(error, "self"), tuple(getattr(_given(error, "input"), "shape", ()))
    lines = []
    if got[1] in shape[:2] or not shape:
        own = f"torch.nn.{_kind(found, error)}(features, {units}, batch_first=True)"
        lines = [f"{own}  # if axis 0 of x is the batch"]
        if getattr(layer, "batch_first", False):
            lines = ["x = x.transpose(0, 1)  # if axis 1 of x is the batch"]
    if _only_zeros(error):
        return (*_batches(found), "\n".join([*lines, _zeros(found)]))
    if batch == 1:
        lines += [f"{_again(found, error, '{}[:, :1]')}  # of the first of the {got[1]} sequences"]
    elif got[1] == 1:
        fits = _again(found, error, f"{{}}.repeat(1, {batch}, 1)")
        lines += [f"{fits}  # if all begin from the one state"]
    else:
        lines += ["output, states = encoder(x)  # states of the very sequences that follow"]
        lines += [f"loader = DataLoader(data, {got[1]}, drop_last=True)  # if kept: equal batches"]
    return (*_batches(found), "\n".join(lines if shape else [*lines, _zeros(found)]))


def _batches(found):
    """Return what is said of two batches that differ."""
    return (
        f"The layer read batch {_sizes(found['wanted'])[1]} from x. "
        f"The state is {_named(_sizes(found['got']), STATES)}.",
        "A layer reads the batch from axis 1 of x, with `batch_first=True` from axis 0. In a state "
        "it is axis 1 always: that of the x which the state was made from.",
    )


def _of_another_size(found, error):
    """A state that does not fit: what makes it fit and keeps what it holds."""
    wanted, got = _sizes(found["wanted"]), _sizes(found["got"])
    what = f"A state must be {_named(wanted, STATES)}. It is {_named(got, STATES)}."
    why, *lines = _fitted(wanted, got, _two_directions(error, got), found["which"] == "[1]")
    first = ", batch_first=True" * getattr(_given(error, "self"), "batch_first", False)
    settings = {"kind": _kind(found, error), "first": first}
    lines = [line.format(_again(found, error, change), **settings) for line, change in lines]
    if _only_zeros(error):
        why, lines = "It has a place for each layer and direction, each sequence and each unit.", []
    if not lines or _given(error, "hx") is None:
        lines.append(_zeros(found))
    return what, why, "\n".join(lines)


PLACES = "In a state each layer and each direction has a place of its own."
SAME = "A layer starts from the states of one that is as it is, on the same sequences."
BATCHES = "`batch_first` is about x and the output. The batch of a state is axis 1 always."
LENGTHS = "A state is as long as its layer's own, and here the units differ."


def _fitted(wanted, got, two, of_c):
    """Return why a state does not fit, and (line, change) pairs.

    In the empty braces of a line stands the assignment that makes the change.

    two: whether it came from a layer of two directions, None if that is not seen. of_c: whether
    it is c.
    """
    (places, batch, units), (came, read, length) = wanted, got
    if (read, came, length) == wanted:
        return BATCHES, ("{}  # it has the batch first", "{}.transpose(0, 1).contiguous()")
    if read == batch and came == 2 * places and units in (length, 2 * length):
        return PLACES, *_of_two(wanted, two, by_side_fits=units == 2 * length)
    if read == batch and length == units:
        return PLACES, *(_more(places, two) if came > places else _fewer(came, places, units))
    if read == batch and came == places:
        also = " With `proj_size` h is projected, c is not." if of_c else ""
        return LENGTHS + also, *_bridged(length, units)
    return SAME, (_layer(length, came, "a decoder as its encoder, if that has one direction"), "")


def _layer(units, layers, words):
    """Return the line that makes another decoder."""
    many = f", num_layers={layers}" if layers > 1 else ""
    return f"torch.nn.{{kind}}(features, {units}{many}{{first}})  # {words}"


def _of_two(wanted, two, by_side_fits):
    """Return what makes one state of two, be they of two directions or of twice the layers."""
    places, batch, units = wanted
    paired = f"{{}}.view({places}, 2, {batch}, {units // 2 if by_side_fits else units})"
    added = f"{paired}.sum(1)" if places > 1 else "{}.sum(0, keepdim=True)"
    by_side = "torch.cat([{0}[-2], {0}[-1]], -1)[None]"
    if places > 1:
        by_side = f"{paired}.transpose(1, 2).flatten(2)"
    if by_side_fits:
        return [("{}  # two directions side by side", by_side)]
    directions = [
        ("{}  # two directions added", added),
        ("{}  # or side by side, for a decoder of 2·units", by_side),
        (_layer(2 * units, places, "that decoder"), ""),
    ]
    layers = [("{}  # of the layers the top ones'", f"{{}}[-{places}:]")]
    return {True: directions, False: layers, None: [*directions, *layers]}[two]


def _more(places, two):
    """Return what keeps the top layers' states of an encoder that has more."""
    if two and places == 1:
        return [("{}  # the top layer's two directions added", "{}[-2:].sum(0, keepdim=True)")]
    return [("{}  # of the layers the top ones'", f"{{}}[-{places}:]")]


def _fewer(came, places, units):
    """Return what makes the states of an encoder begin a decoder that has more places."""
    again = [("{}  # each begins from it", f"{{}}.repeat({places // came}, 1, 1)")]
    own = _layer(units, came, "a decoder as its encoder, if that has one direction")
    return [*(again if places % came == 0 else []), (own, "")]


def _bridged(length, units):
    """Return what makes a state of some units one of others."""
    made = f"bridge = torch.nn.Linear({length}, {units})  # or a projection, made in __init__"
    return [
        (_layer(length, 1, "a decoder with the units of its encoder"), ""),
        (made, ""),
        ("{}", "bridge({})"),
    ]


def _kind(found, error):
    """Return the class of the layer whose state did not fit; LSTM has two, and numbers them."""
    layer = _given(error, "self")
    return type(layer).__name__ if _is(layer, "RNNBase") else ("LSTM" if found["which"] else "GRU")


def _zeros(found):
    """Return the line for a state that holds nothing."""
    also = "; c_0 alike" if found["which"] else ""
    return f"h_0 = torch.zeros({found['wanted']})  # if nothing is handed on{also}"


def _only_zeros(error):
    """Return whether the states that a layer was given are zeros, so that nothing is lost."""
    states = _given(error, "hx")
    states = states if isinstance(states, (tuple, list)) else (states,)
    return all(hasattr(one, "any") and not (one.requires_grad or one.any()) for one in states)


def _again(found, error, change):
    """Return the line that changes a state, in the learner's names where the failing line has them.

    change: an expression with {} for a state.
    """
    node, *_ = [*_state_of(error), None]
    if isinstance(node, ast.Tuple) and len(node.elts) == 2:
        names = [*map(ast.unparse, node.elts)] if all(map(_is_name, node.elts)) else ["h_0", "c_0"]
        return f"{', '.join(names)} = {', '.join(map(change.format, names))}"
    name = ast.unparse(node) if node and _is_name(node) else "states"
    changed = change.format("one" if found["which"] else name)
    return (
        f"{name} = tuple({changed} for one in {name})" if found["which"] else f"{name} = {changed}"
    )


def _state_of(error):
    """Return the nodes that stand for the states in the learner's call of the layer."""
    calls = [node for node, _ in _written(error, ast.Call)]
    named = [word.value for one in calls for word in one.keywords if word.arg == "hx"]
    return named or [one.args[1] for one in calls if len(one.args) == 2]


def _is_name(node):
    """Return whether a node is what one can assign to: a name, or an attribute of one."""
    return isinstance(node, ast.Name) or (isinstance(node, ast.Attribute) and _is_name(node.value))


def _two_directions(error, shape):
    """Return whether the layer that a state of this shape is of has two directions, or None.

    It is looked for among the learner's variables, and in the networks there.
    """
    frame = next((one for one, _, framework in _frames(error) if not framework), None)
    near = [one for one in (frame.f_locals if frame else {}).values() if _is(one, "Module")]
    layers = [one for network in near for one in network.modules() if _is(one, "RNNBase")]
    layers = [one for one in layers if one is not _given(error, "self")]
    sizes = [
        (one.num_layers * (1 + one.bidirectional), one.proj_size or one.hidden_size)
        for one in layers
    ]
    two = {one.bidirectional for one, size in zip(layers, sizes, strict=True) if size == shape[::2]}
    return two.pop() if len(two) == 1 else None


def _is(value, name):
    """Return whether a value is of PyTorch's class of this name, or of one made from it."""
    return any(_home(one) == "torch" and one.__name__ == name for one in type(value).__mro__)


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


def _keyword(found, error):
    """A keyword that a layer does not have. PyTorch's message has no value for it."""
    word, layer, value = found["word"], found["layer"], "value"
    own, home = OF_KERAS, "keras.layers"
    if "given" in found:
        value = _literal(found["given"], word)
    elif _within("RNNBase")(found, error):
        own, home, layer = OF_TORCH, "torch.nn", type(_given(error, "self")).__name__
    else:
        return None
    why, line = "It has nothing of that name or a like one.", f"help({home}.{layer})"
    if word in KEYWORDS and word not in own:
        why, line = KEYWORDS[word]
        line = line.format(value=value)
    elif word in own:
        why, line = "A recurrent layer has it.", f"{home}.LSTM(units, {word}={value})"
    elif near := get_close_matches(word, own, n=1):
        why, line = f"It has `{near[0]}`.", f"help({home}.{layer})  # {near[0]}"
    return f"`{layer}` does not know `{word}`.", why, line


def _literal(given, word):
    """Return a value in a written dict as it is written, "value" if that is no literal."""
    try:
        return repr(ast.literal_eval(given)[word])
    except (ValueError, SyntaxError):
        return "value"


def _known(name, kinds, pattern, *words, explain=None, **options):
    """Return a Known, with its explain or with the words for one.

    pattern: its pieces, with " … " between them for whatever stands there. For a search to take no
    longer than the message is long, a piece begins with a text or at the beginning of a line, and
    what it repeats has a limit.
    """
    pieces = tuple(re.compile(piece, re.M) for piece in pattern.split(" … "))
    return Known(name, tuple(kinds.split()), pieces, explain or _says(*words, **options))


# What several kinds have in common.

TUPLED = r"(?P<{}>\([^()\n]{{0,99}}\))".format  # a written shape
OF_LAYER = r"layer ['\"](?P<layer>{})['\"] is incompatible with the layer: expected ndim=".format
NDIM = OF_LAYER(r"(?:(?!1d)[^'\"\n]){1,80}")
SHAPE = r"\. Full shape received: "
GIVEN = r"(?:sequences|sequence|inputs)=[^\d\n]{0,60}\((?:\w{1,9}, ){1,2}(?P<x>\d{1,9})\)"
STATE = r"(?:initial_state|states)=[^\d\n]{0,60}"
CELL = (
    r"calling (?P<cell>LSTM|GRU|SimpleRNN)(?:Cell)?\.call … "
    r"(?:In\[0\]: \[|shapes: \[|multiplied \(|the same shape, got \()(?:\d{1,9}[,x] ?)?"
    r"(?P<got>\d{1,9})[\]),]{0,2}(?:,| and) (?:In\[1\]: )?[\[(]?(?P<wanted>\d{1,9})"
    r"(?:[,x](?P<columns>\d{1,9}))? … "
    + GIVEN
    + " … "
    + "(?:initial_state=None|"
    + STATE
    + r"\(\w{1,9}, (?P<h>\d{1,9})\))"
)
UNPACKING = r"^(?:too many|not enough) values to unpack \(expected (?P<names>\d{1,9})"
RECEIVED = (
    r"^Layer ['\"](?P<layer>[^'\"\n]{1,80})['\"] expects 1 input\(s\), "
    r"but it received (?P<got>\d{1,9}) input tensors"
)
HIDDEN = (
    r"^Expected hidden(?P<which>\[\d\])? size \((?P<wanted>\d{1,9}, \d{1,9}, \d{1,9})\), "
    r"got \[(?P<got>\d{1,9}, \d{1,9}, \d{1,9})\]"
)
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
STATEFUL = "A `stateful` layer keeps its states from call to call, one for each sequence."
TUPLE = "output, *states = layer(x)  # and go on with output"
SEVERAL = _says(
    "`{layer}` reads one tensor. It got {got}: `{output}`, then states {state}.",
    "A layer with `return_state` returns its output and its states, in one tuple.",
    TUPLE,
    "keras.layers.LSTM({units})  # inside a Sequential: without return_state",
    "lstm(x, initial_state=states)  # if the first is the input, the others its states",
    state=("batch", "units"),
)
TWO_STATES = "An LSTM has two states, h and c, of one shape."
OTHER_BATCH = (
    "x has batch {x}, the states have batch {h}.",
    STATEFUL + " States that are handed over have the batch of x.",
    "x = x[: len(x) // {h} * {h}]  # if stateful: whole batches of {h}",
    "lstm(x, initial_state=[h, c])  # if handed over: h and c of batch {x}",
)
LAYER_BELOW = "keras.layers.LSTM({}, return_sequences=True)  # if a recurrent layer stands below"
IF_LAST = "keras.layers.LSTM(units)  # without return_sequences, if each sequence has one target"
TRAINING = ("fit", "evaluate", "train_on_batch", "test_on_batch")
IN_LOSS = (
    "The target must have the shape of the output. " + STATEFUL,
    IF_LAST,
    "x, y = x[: len(x) // batch * batch], y[: len(x) // batch * batch]  # if stateful",
)

# The kinds. The first that fits is taken.

KNOWN = (
    # Axes.
    _known(
        "A layer below without return_sequences",
        "ValueError",
        NDIM + "3, found ndim=2" + SHAPE + TUPLED("shape"),
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
        NDIM + "3, found ndim=[12]" + SHAPE + r"(?P<got>\([^()\n]{0,99}?(?P<last>\d{1,9}),?\))",
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
        when=lambda found, error: type(_below(error)).__name__ == "InputLayer",
    ),
    _known(
        "An axis too many",
        "ValueError",
        NDIM + "3, found ndim=[4-9]" + SHAPE + TUPLED("got"),
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
        OF_LAYER(r"repeat_vector\w{0,40}") + "2, found ndim=3" + SHAPE + TUPLED("shape"),
        "`{layer}` repeats one vector for each sequence, (batch, units). It got {shape}.",
        "A layer with `return_sequences` hands on every output. One is to be repeated.",
        "keras.layers.LSTM(units)  # the layer below, without return_sequences",
        shape=("batch", "timesteps", "units"),
    ),
    _known(
        "The batch axis is missing",
        "ValueError",
        r"[Ee]xpected shape.\((?P<wanted>None, (?P<one>[^()\n]{0,99}))\),[^()\n]{0,99}"
        r"shape.\((?P=one)\)",
        "The model reads {wanted}. It got `({one})`, the same without the batch.",
        "A model always reads a batch. One sequence is batch 1.",
        "x[None]",
        wanted=INPUT,
    ),
    _known(
        "Another shape than the model's Input",
        "ValueError",
        r"[Ee]xpected shape.\((?P<wanted>None[^()\n]{0,99})\),[^()\n]{0,99}"
        r"shape.\((?P<got>[^()\n]{0,99}?(?P<last>\d{1,9}))\)",
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
        r"expected axis -1 of input shape to have value (?P<wanted>\d+), but[^()\n]{0,99}"
        r"(?P<full>\((?:\w{1,9}, ){1,9}(?P<got>\d{1,9})\))",
        *FEATURES,
        "keras.layers.Dense(units)  # a new layer, if features {got} is right",
    ),
    _known(
        "States of other units",
        "InvalidArgumentError ValueError RuntimeError TypeError",
        CELL,
        "The states have units {h}. The layer has units {wanted}.",
        "A state that a layer starts from is as long as its own, (batch, units).",
        "keras.layers.{cell}({h})  # a decoder with the units of its encoder",
        when=_of_state,
    ),
    _known(
        WIDTH,
        "InvalidArgumentError ValueError RuntimeError TypeError",
        CELL,
        *FEATURES,
        "keras.layers.{cell}(units)  # a new layer, if features {got} is right",
    ),
    # A tuple for a tensor.
    _known(
        "Several tensors where one belongs",
        "ValueError",
        RECEIVED
        + " … shape="
        + TUPLED("output")
        + r" … shape=(?P<state>\(\w{1,9}, (?P<units>\d+)\))",
        explain=SEVERAL,
    ),
    _known("Several tensors where one belongs", "ValueError", RECEIVED, explain=_several_seen),
    _known(
        "A tuple where a tensor belongs",
        "TypeError",
        r"^(?P<layer>\w{1,40})\(\): argument 'input' \(position 1\) must be Tensor, not tuple",
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
        when=lambda found, error: _within("RNNBase")(found, error) and _given(error, "hx"),
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
    # States of three axes: on PyTorch Keras says no more than that it could not unpack them.
    _known(
        "A state with an axis too many",
        "InvalidArgumentError ValueError RuntimeError",
        r"calling (?:LSTM|GRU|SimpleRNN)(?:Cell)?\.call … "
        + STATE
        + r"(?P<state>\(\w{1,9}, \w{1,9}, \w{1,9}\))",
        "A state of Keras is (batch, units). It got `{state}`.",
        "Keras keeps each layer's states apart. An axis for the layers is PyTorch's.",
        "lstm(x, initial_state=[h[0], c[0]])  # of (layers, batch, units), the first layer's",
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
        r"calling LSTM\.call … list index out of range … initial_state=(?!None)",
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
        "ValueError TypeError",
        r"calling (?P<layer>\w{1,40})\.call … "
        r"(?:Too few leaves|input carry) … (?:expected: |length )(?P<got>\d) … "
        r"(?:got: |length )(?P<own>\d)",
        "`{layer}` has {own} states. It was given {got}.",
        "What a layer returns begins with its output, the states follow. A Bidirectional encoder "
        "has two for each direction; side by side they are those of a decoder of 2·units.",
        "output, *states = encoder(x)",
        "h = keras.layers.concatenate([forward_h, backward_h])  # c alike",
    ),
    _known(
        "A state with an axis too few or too many",
        "RuntimeError",
        r"^For (?P<how>unbatched|batched) … should also be (?P<wanted>\d)-D but got \(?(?P<got>\d)",
        "With {how} input a state has {wanted} axes. It has {got}.",
        "A state is (layers·directions, batch, units), of one sequence without batch "
        "(layers·directions, units). The first axis stays, also with one layer.",
        "h_0[None]  # an axis more: from (batch, units), for one layer; c_0 alike",
        "h_0[:, 0]  # an axis less: for one sequence; c_0 alike",
    ),
    _known(
        "States of another batch",
        "RuntimeError",
        HIDDEN,
        explain=_of_another_batch,
    ),
    _known("A state of another size", "RuntimeError", HIDDEN, explain=_of_another_size),
    _known(
        "States of another batch",
        "RuntimeError TypeError",
        r"calling (?:LSTM|GRU|SimpleRNN)(?:Cell)?\.call … "
        r"(?:size of tensor a|incompatible shapes for broadcasting) … "
        r"(?:sequences|sequence|inputs)=[^\d\n]{0,60}\((?P<x>\d{1,9}), … "
        + STATE
        + r"\((?P<h>\d{1,9}), \d{1,9}\)",
        *OTHER_BATCH,
        when=lambda found, error: found["x"] != found["h"],
    ),
    _known(
        "States of another batch",
        "InvalidArgumentError",
        r"Incompatible shapes: \[(?P<x>\d{1,9}),\d{1,9}\] vs\. \[(?P<h>\d{1,9}),\d{1,9}\] … "
        r"(?:\{node \S{0,200}(?:lstm|gru|simple_rnn)_cell|(?:LSTM|GRU|SimpleRNN)Cell\.call)",
        *OTHER_BATCH,
    ),
    # What a layer keeps.
    _known(
        "Another batch than a stateful layer's",
        "ValueError",
        r"If an RNN is stateful … Expected batch size: (?P<wanted>\d+) … batch size: (?P<got>\d+)",
        "The layer keeps states for batch {wanted}. It got batch {got}.",
        STATEFUL,
        "x = x[: len(x) // {wanted} * {wanted}]  # whole batches of {wanted}",
        "keras.Input(batch_shape=({got}, None, features))  # if the batch is always {got}",
    ),
    _known(
        "A stateful layer without a batch size",
        "ValueError",
        r"batch size must be static\. Found dynamic batch size: … "
        r"\(None, (?P<rest>[^()\n]{0,99})\)",
        "The layer is `stateful`, and `Input` leaves the batch open.",
        STATEFUL + " It must know the batch when it is built.",
        "keras.Input(batch_shape=(batch, {rest}))",
    ),
    _known(
        "reset_states is gone",
        "AttributeError",
        r"^'(?P<model>\w{1,80})' object has no attribute '(?P<method>reset_states?)'",
        "`{model}` has no `{method}`.",
        "In Keras 3 each layer resets its own states.",
        "for layer in model.layers:",
        "    if getattr(layer, 'stateful', False):",
        "        layer.reset_state()",
        when=lambda found, error: "keras" in map(_home, type(getattr(error, "obj", 0)).__mro__),
    ),
    # Settings.
    _known(
        "Unknown keyword",
        "ValueError",
        r"^Unrecognized keyword arguments passed to (?P<layer>\w{1,80}): "
        r"(?P<given>\{'(?P<word>\w{1,80})': [^\n]{0,300})",
        explain=_keyword,
    ),
    _known(
        "Unknown keyword",
        "TypeError",
        r"^(?P<layer>\w{1,80})\.\w{1,80}\(\) got an unexpected keyword argument "
        r"'(?P<word>\w{1,80})'",
        explain=_keyword,
    ),
    _known(
        "Another type of numbers",
        "ValueError",
        r"^RNN input dtype \((?P<got>[\w.]{1,40})\) does not match weight dtype "
        r"\((?P<wanted>[\w.]{1,40})\)",
        "x is `{got}`, the weights are `{wanted}`.",
        "NumPy makes float64 and whole numbers int64, PyTorch's layers are float32.",
        "x.to({wanted})",
    ),
    # Packing.
    _known(
        "Not one length for each sequence",
        "RuntimeError",
        r"^Expected `len\(lengths\)` to be … but got (?P<got>\d+) \(batch_size=(?P<wanted>\d+)\)",
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
        when=lambda found, error: (
            _within("RNNBase")(found, error) and _given(error, "batch_sizes") is not None
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
        r"^Arguments? … `output` must have … target\.shape="
        + TUPLED("target")
        + r", output\.shape="
        + TUPLED("output"),
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
        r"Incompatible shapes: \[(?P<one>[^\]\n]{0,99})\] vs\. \[(?P<other>[^\]\n]{0,99})\] … "
        r"node \S{0,200}compile_loss",
        "In the loss, `({one})` met `({other})`.",
        *IN_LOSS,
    ),
    _known(
        "A target that does not fit the output",
        "TypeError ValueError",
        r"\A(?:\w{1,40} got i|I)ncompatible shapes for broadcasting: "
        r"(?:shapes=\[)?\((?P<one>[^()\n]{0,99})\), "
        r"\((?P<other>[^()\n]{0,99})\)",
        "In the loss or a metric, `({one})` met `({other})`.",
        *IN_LOSS,
        when=_in_training,
    ),
    _known(
        "A target that does not fit the output",
        "RuntimeError",
        r"\AThe size of tensor a \((?P<one>\d{1,9})\) must match the size of tensor b "
        r"\((?P<other>\d{1,9})\) at non-singleton dimension (?P<axis>\d)",
        "In the loss or a metric, size {one} met size {other} on axis {axis}.",
        *IN_LOSS,
        when=_in_training,
    ),
)
