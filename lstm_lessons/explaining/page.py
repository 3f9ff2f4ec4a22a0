"""What explain found, as data, as text and as HTML. Nothing here runs a network."""

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from textwrap import fill

from ..drawing import of_pass
from ..pictures import INK, Picture, paragraph, table
from ..shapes import Returned, Tensor

ROOM = 50_000  # no further picture is begun once those before it have so many characters
NO_ROOM = "The pictures end here, for the size of the page"
WIDTH = 79  # of what is printed: that of a narrow terminal


@dataclass(frozen=True)
class Use:
    """What becomes of a tensor, or of a part of it.

    by: the layer that receives it, or "the network".
    tensor: the name of the returned tensor.
    expression: what of it is received, as its users write it: "output[:, -1]".
    shape: of what is received.
    role: "input", "state", "other", or "result" where the network itself returns it.
    numbers: whether it was recognised by its numbers alone, as a copy, and not as the tensor.
    through: "through `dropout`" where a layer that returns what it is given handed it on.
    """

    by: str
    tensor: str
    expression: str
    shape: tuple
    role: str = "input"
    numbers: bool = False
    through: str = ""

    @property
    def words(self):
        """Return what is received: "the numbers of `output[:, -1]`, (3, 7)"."""
        copy = "the numbers of " if self.numbers else ""
        handed = f" {self.through}" if self.through else ""
        first = "" if "Cell" in self.by.split("(")[-1] else "first "  # a cell is called in a loop
        as_state = f" as a {first}state" if self.role == "state" else ""
        return f"{copy}`{self.expression}` {self.shape}{handed}{as_state}"


@dataclass(frozen=True)
class Call:
    """One call of a recurrent layer.

    name: the last part of its path.
    path: where the layer is in the network.
    kind: its class.
    flags: its settings that decide what comes back, by name.
    input: what it read.
    returned: what it returned, with values; `.returned.shapes` nests as the framework does.
    uses: what becomes of it, as far as it is seen.
    complete: whether every use is seen, so that what has none is dropped; None for the network
        itself, which returns it all.
    parameters: how many; arithmetic: how they come about, "308 = 4 · (3 + 7 + 1) · 7".
    skips: whether it skips padding: by a mask, or because its input is packed.
    parts: the calls inside a wrapper such as Bidirectional.
    notes: sentences on what this layer does otherwise than the plain one.
    order: its place among all calls of the pass.
    framework: whose layer it is.
    layer: the framework's own object. spec: what it is and reads, or None if no Spec says it.
    """

    name: str
    path: str
    kind: str
    flags: dict
    input: Tensor
    returned: Returned
    uses: tuple = ()
    complete: bool | None = False
    parameters: int = 0
    arithmetic: str = ""
    skips: bool = False
    parts: tuple = ()
    notes: tuple = ()
    order: int = 0
    framework: str = ""
    layer: object = field(repr=False, compare=False, default=None)
    spec: object = field(repr=False, compare=False, default=None)

    @property
    def title(self):
        """Return its path and kind with its settings, as one would write them."""
        settings = ", ".join(f"{name}={value!r}" for name, value in self.flags.items())
        return f"`{self.path}`: `{self.kind}({settings})`"

    @property
    def signature(self):
        """Return what alike calls have in common."""
        return self.path, self.kind, self.input.shape, self.returned.shapes

    @property
    def picture(self):
        """Return the Picture of the layer at work in this pass; None if it does not fit in one."""
        return self.spec and of_pass(self.spec, self.input, self.returned, self.framework)


@dataclass(frozen=True)
class Other:
    """One call of a layer that is not recurrent: what went in and came out, as shapes."""

    path: str
    kind: str
    read: tuple
    returned: tuple
    parameters: int
    order: int

    @property
    def title(self):
        """Return it in one line."""
        count = f", {self.parameters} parameters" if self.parameters else ""
        return f"`{self.path}`: `{self.kind}`, {self.read} → {self.returned}{count}"

    @property
    def signature(self):
        """Return what alike calls have in common; shapes may be in dicts, which are no keys."""
        return self.path, self.kind, str(self.read), str(self.returned)


@dataclass(frozen=True)
class Warned:
    """A right shape with a wrong meaning: what was seen, why it matters, the line to write, or ""
    where none is known to be right.
    """

    kind: str
    seen: str
    why: str
    instead: str

    @property
    def words(self):
        """Return it as sentences."""
        instead = f" Write instead: `{self.instead}`" if self.instead else ""
        return f"Warning: {self.seen} {self.why}{instead}"


@dataclass(frozen=True)
class Explanation:
    """What one forward pass of a network showed.

    layers: a Call for each call of a recurrent layer, in order of execution.
    others: an Other for each call of another layer.
    warnings: a Warned for each right shape with a wrong meaning.
    notes: sentences about the network as a whole.
    """

    title: str
    layers: tuple
    others: tuple = ()
    warnings: tuple = ()
    notes: tuple = ()

    @property
    def text(self):
        """Return everything as plain text."""
        lines = []
        for indent, one in self._blocks:
            if isinstance(one, Call):
                continue
            text = one.text if isinstance(one, Picture) else one.replace("`", "")
            lines += [""] if not indent and text[0].isdigit() else []
            lines += ["   " * indent + line for line in text.splitlines()]
        return "\n".join(lines)

    @property
    def html(self):
        """Return the same as HTML, with inline styles only, and pictures of the first layers."""
        blocks = []
        for indent, one in _drawn(self._blocks, self.layers):
            style = f"margin: 2px 0 2px {1.5 * indent}em"
            if isinstance(one, str) and one.startswith("Warning: "):
                style = f"{style}; border-left: 4px solid #9a4a00; padding-left: 8px"
            inner = one.html if isinstance(one, Picture) else paragraph(one)
            blocks.append(f'<div style="{style}">{inner}</div>')
        return f'<div style="color: {INK}">{"".join(blocks)}</div>'

    def __str__(self):
        return "\n".join(map(_folded, self.text.splitlines()))

    def __repr__(self):
        return str(self)

    def _repr_mimebundle_(self, **_):
        return {"text/html": self.html, "text/plain": str(self)}

    @cached_property
    def _blocks(self):
        """Return pairs of an indentation and a sentence, a table, or a Call, to be drawn."""
        found = [(0, self.title), *((0, note) for note in self.notes)]
        found += [(0, warned.words) for warned in self.warnings]
        for number, alike in enumerate(_grouped((*self.layers, *self.others)), 1):
            one = alike[0]
            times = f" Called {len(alike)} times alike." if len(alike) > 1 else ""
            found.append((0, f"{number}. {one.title}.{times}"))
            if isinstance(one, Call):
                found += [(1, block) for block in _described(one)]
        return found


def _grouped(entries):
    """Return the entries in order of execution, those that are alike put with the first."""
    groups = {}
    for one in sorted(entries, key=lambda one: one.order):
        groups.setdefault(one.signature, []).append(one)
    return groups.values()


def _drawn(blocks, calls):
    """Return the blocks with a picture in place of each Call, as long as there is room."""
    room, said = ROOM, False
    for indent, one in blocks:
        if not isinstance(one, Call):
            yield indent, one
        elif not said and (picture := one.picture):
            if room > 0:
                yield indent, picture
            else:
                number = next(i for i, call in enumerate(calls) if call is one)
                yield indent, f"{NO_ROOM}; `explain(…).layers[{number}].picture` is this layer's."
            room, said = room - len(picture.html), room <= 0


def _folded(line):
    """Return a line of text in lines that fit a terminal; indexes and equalities stay whole."""
    indent = " " * (len(line) - len(line.lstrip()) + 3)
    whole = re.sub(r"\[[^]]*\]|\([\d, ]+\)| == ", lambda found: found[0].replace(" ", "\xa0"), line)
    lines = fill(whole, WIDTH, subsequent_indent=indent, break_long_words=False)
    return lines.replace("\xa0", " ")


def _described(call):
    """Return the sentences, the picture's place and the table of one call."""
    return [
        f"It reads {call.input.sized}. {_units(call)}".strip(),
        call,
        table(call.returned.tensors, f"It returns `{call.returned.shapes}`"),
        *_becomes(call),
        *call.notes,
        *_parts(call),
        _counted(call),
    ]


def _counted(call):
    """Return the number of parameters, and how it comes about."""
    if not call.arithmetic:
        return f"Parameters: {call.parameters}."
    product = "(features + h + biases) · units"
    if call.spec is None or call.spec.cell != "rnn":
        product = f"gates · {product}"
    if call.spec and call.spec.proj_size:
        product = f"({product} + units · projection)"
    each = " for each layer and direction" if call.arithmetic.count("(") > 1 else ""
    return (
        f"Parameters: {call.arithmetic}, that is {product}{each}; batch and timesteps do not count."
    )


def _units(call):
    """Return what units and timesteps have to do with each other, if both are known."""
    unlike = any("units+units" in one.axes for one in call.returned.tensors)
    if call.spec is None or unlike:
        return ""
    units, projected, steps = call.spec.units, call.spec.proj_size, call.spec.timesteps
    kept = f"h is a vector of {units} numbers"
    if call.spec.cell == "lstm":
        kept = f"h and c are vectors of {units} numbers"
    if projected:
        kept = f"c is a vector of {units} numbers, h, projected, one of {projected}"
    when = f"each of the {steps} timesteps" if steps > 1 else "the one timestep"
    return f"{kept}, made anew at {when} with the same weights."


def _becomes(call):
    """Return what becomes of each tensor: who receives it, and what is not seen to be used."""
    by = {}
    for use in call.uses:
        by.setdefault(use.by, []).append(use)
    said = [
        f"{who[0].upper()}{who[1:]} {'returns' if uses[0].role == 'result' else 'receives'} "
        f"{listed([use.words for use in uses])}."
        for who, uses in by.items()
    ]
    used = {use.tensor for use in call.uses}
    rest = [
        f"`{one.expression}`"
        for one in call.returned.tensors
        if one.expression not in used and one.values.dtype.kind == "f"
    ]
    if rest and call.complete:
        said.append(f"{listed(rest)}: dropped.")
    elif rest and call.complete is not None:
        said.append(f"What becomes of {listed(rest)} is not visible.")
    return [" ".join(said)] if said else []


def listed(words):
    """Return words as a list in a sentence: "a, b and c"."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def _parts(call):
    """Return a line for each part of a wrapper, alike ones once."""
    groups = _grouped(replace(part, order=i) for i, part in enumerate(call.parts))
    return [
        f"Inside, `{alike[0].path}`: `{alike[0].kind}`, "
        f"{alike[0].input.sized} → `{alike[0].returned.shapes}`"
        + (f", called {len(alike)} times." if len(alike) > 1 else ".")
        for alike in groups
    ]
