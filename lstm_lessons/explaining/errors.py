"""What an error of a recurrent network says: what happened, why, and the line to write instead.

An error is known by its type and by its message; the numbers in it get the names of their axes. The
traceback may tell more: which layer ran, on what, and how the failing line reads. No framework is
imported for that. It has more than 300 lines since what is said where no kind is sure stands here,
too.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import fill, indent, shorten

from ..markup import Markup, joined
from ..pictures import listing, paragraph, sentences
from ..places import Place, in_links, in_words, read_on
from ..spec import gist, short
from . import (
    known,
    known_attention,
    known_given,
    known_kept,
    known_keras,
    known_lists,
    known_losses,
    known_making,
    known_states,
    known_tensors,
    known_timesteps,
    known_torch,
    known_training,
)
from .again import Tried, tried
from .failing import Line, failing_line, has_framework
from .pasted import Pasted, is_told, pasted
from .tracebacks import passed, ran

UNKNOWN = "Not known here"
NEITHER = "Neither Keras nor PyTorch is in the traceback."
TOLD = "Where it was raised more can be read: try explain_error() in the cell after it."
MAY_BE = "It may be this: {}. Only the traceback tells, where it was raised."
BEGUN = "It begins as this does: {}. The whole message tells more."
OR = "Or it is this, which only the traceback tells: {}."
BEFORE = "Before this error"  # so begins the note that explain adds to an error
TRACED = '  File "'  # so begin the lines of a traceback
RAISED = re.compile(r"^[ \t]{0,9}\w{0,40}(?:Error|Exception): ", re.M)  # and so it ends
MOST = 20_000  # so many characters of a message are read

# What is general comes last. Of the others one fits at most, so their order means nothing.
KNOWN = sorted(
    (
        *known.KINDS,
        *known_attention.KINDS,
        *known_given.KINDS,
        *known_keras.KINDS,
        *known_kept.KINDS,
        *known_lists.KINDS,
        *known_losses.KINDS,
        *known_making.KINDS,
        *known_states.KINDS,
        *known_tensors.KINDS,
        *known_timesteps.KINDS,
        *known_torch.KINDS,
        *known_training.KINDS,
    ),
    key=lambda kind: kind.general,
)

# How a block of a Diagnosis is written, and how it is shown.
TEXT = {
    "message": "{}\n\n".format,
    "prose": lambda words: words.replace("`", "") + "\n",
    "code": lambda lines: "\n" + indent(lines, "    ") + "\n\n",
}
HTML = {
    "message": lambda words: listing(fill(words, 96)),
    "prose": sentences,
    "code": listing,
}


@dataclass(frozen=True)
class Diagnosis:
    """What an error says.

    name: the kind of error, or UNKNOWN.
    message: the type of the exception and the first telling line of its message.
    what, why: what happened and why, with code in backticks; of an error that is not known, what
        explain noted of the pass, or that no framework had a part in it, and "".
    instead: the code to write, a line for each case; of an error that is not known, where to look,
        "" if no network was called, or explain has looked.
    line: the learner's line that failed, with the tensors on it; None if it cannot be read.
    tried: of the lines to write those that the failing call, made again, runs with.
    read: where to read on: an entry of the appendix and the lesson that teaches it, or a lesson.
    """

    name: str
    message: str
    what: str
    why: str
    instead: str
    line: Line | None = None
    tried: tuple[Tried, ...] = ()
    read: tuple[Place, ...] = ()

    @property
    def text(self) -> str:
        """Return all of it as plain text."""
        said = "".join(TEXT[kind](words) for kind, words in self._blocks())
        return (said + in_words(self.read)).rstrip()

    @property
    def html(self) -> Markup:
        """Return all of it as HTML."""
        said = [HTML[kind](words) for kind, words in self._blocks()]
        return joined([*said, paragraph("", in_links(self.read)) if self.read else ""])

    def __str__(self):
        return self.text

    def _blocks(self) -> Iterator[tuple[str, str]]:
        """Yield what is said, from top to bottom, in (kind of block, words) pairs."""
        yield "message", self.message
        if self.line:
            yield "prose", f"It failed in {self.line.where}:"
            yield "code", self.line.text
        yield from (("prose", words) for words in self._prose())
        if self.instead:
            yield "code", self.instead
        for one in self.tried:
            alone = len(self.instead.splitlines()) == 1
            told = "it" if alone else f"`{one.line}`"
            yield "prose", f"With {told}: `{one.call}` runs, gives {one.gives}."

    def _prose(self):
        if self.name != UNKNOWN:
            return [f"{self.name}. {self.what}", f"Why: {self.why}", "Write instead:"]
        look = "What each layer was given and what it returned:" if self.instead else ""
        return [f"{UNKNOWN}. {self.what or look}".rstrip()]

    def _repr_mimebundle_(self, **_):
        return {"text/html": self.html, "text/plain": self.text}


def explain_error(error: BaseException | str | None = None) -> Diagnosis:
    """Return the Diagnosis of an exception: what happened, why, and the line to write instead.

    error: the exception; or its message or whole traceback as text, pasted from elsewhere; None for
        the last one that a cell raised.

    Raises ValueError, in one line, for what is no exception and no text, and if no cell has raised
    one.
    """
    if error is None:
        error = getattr(sys, "last_value", None) or getattr(sys, "last_exc", None)
    if isinstance(error, str) and error.strip():
        error = pasted(error)
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


def is_message(text: str) -> bool:
    """Return whether a text is the message of an error: it says so, or its kind is known."""
    return is_told(text) or (bool(text.strip()) and explain_error(text).name != UNKNOWN)


def _diagnosis(error):
    plain, is_pasted = _plain(error), isinstance(error, Pasted)
    name = error.kind if is_pasted else type(error).__name__[:99]
    message, told = _readable(plain), _telling(name, plain)
    line = _pasted_line(error) if is_pasted else _safe(failing_line, error, None)
    kinds = [one for one in KNOWN if _may_be_raised(error, one)]
    perhaps = [one for one in kinds if is_pasted and one.found(message) is not None]
    for one in kinds:
        words = _words(one, message, error)
        if words:
            others = [other for other in perhaps if one.general and other.name != one.name]
            told = _named(name, one.telling(message)) if one.tells else told
            told = shorten(told[:2000], 240, placeholder=" …")
            what, why, instead = words
            what += f" {OR.format(_or(others))}" if others else ""
            tries, read = _tried(one, error, instead), _read([one, *others])
            return Diagnosis(one.name, told, what, why, instead, line, tries, read)
    if is_pasted:
        begun = [] if perhaps else _begun(kinds, message)
        return _perhaps(told, perhaps or begun, line, BEGUN if begun else MAY_BE)
    noted = " ".join(_notes(error)) or _safe(_neither, error, "")
    look = "explain(network, x)" if passed(error) and not noted else ""
    return Diagnosis(UNKNOWN, told, noted, "", look, line)


def _may_be_raised(error, kind):
    """Return whether an error is of a class that a kind is raised as, as far as is known."""
    if isinstance(error, Pasted):
        return not error.kind or error.kinds.intersection(kind.raised.split())
    return {one.__name__ for one in type(error).__mro__}.intersection(kind.raised.split())


def _begun(kinds, message):
    """Return the kinds whose messages begin with a message, as one does whose end was left out."""
    fits = [one.begun(message) for one in kinds]
    most = max(fits, default=0)
    return [one for one, fit in zip(kinds, fits, strict=True) if most and fit == most]


def _perhaps(message, kinds, line, may_be):
    """Return the Diagnosis of a pasted error whose words fit kinds that need more than words."""
    alone = len({one.name for one in kinds}) == 1
    said = [kinds[0].why, kinds[0].instead] if alone else ["", "\n".join(_of_all(kinds))]
    why, instead = ("" if "{" in one else one for one in said)
    what = may_be.format(_or(kinds)) if kinds else TOLD
    what = " ".join(filter(None, (what, why, instead and "Write then:")))
    return Diagnosis(UNKNOWN, message, what, "", instead, line, (), _read(kinds))


def _of_all(kinds):
    """Return the lines to write of several kinds, of those whose lines need no error."""
    return dict.fromkeys(one.instead for one in kinds if "{" not in one.instead)


def _or(kinds):
    return "; or ".join(dict.fromkeys(one.name for one in kinds))


def _read(kinds):
    """Return where to read on of these kinds, three places at most: their own, then lessons."""
    read = [read_on(one.read) for one in kinds]
    own, lessons = [one[0] for one in read], [place for one in read for place in one[1:]]
    return tuple(dict.fromkeys([*own, *lessons]))[:3]


def _pasted_line(error):
    return Line(error.where, error.code, (), 0) if error.code else None


def _tried(kind, error, instead):
    return _safe(lambda error: tried(kind.again, error, instead), error, ()) if kind.again else ()


def _neither(error):
    return "" if ran(error) or has_framework(error) else NEITHER


def _safe(read, error, otherwise):
    """Return what is read of an error; what lies in its traceback is anybody's, and may raise."""
    try:
        return read(error)
    except Exception:
        return otherwise


def _words(kind, message, error):
    """Return what a kind says of an error; None if it is not of this kind, or cannot be read."""
    try:
        return kind.words(message, error)
    except Exception:  # an error, its traceback and what lies there are not ours: all may happen
        return None


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
    run = match[0]
    array = run.startswith("[[") and "]]" in run
    return "…" + run.rpartition("]]")[2] if array else run


def _readable(plain):
    """Return a message with its shapes written in one way, whatever Keras runs on.

    An error that another traceback led to begins its line as one raised at once.
    """
    size = r"torch\.Size\(\[([^\]\n]{0,99})\]\)"
    plain = re.sub(size, lambda one: f"({one[1]}{',' * one[1].isdigit()})", plain)
    return re.sub(RAISED, "", plain) if TRACED in plain else plain


def _telling(kind, plain):
    """Return the type of an exception and the first line of its message that tells something."""
    line = _behind_traceback(plain) or gist(plain)
    line = re.sub(r"\{\{function\S{0,200} \S{0,300} |( for '\{\{| \[Op:).*", "", line[:2000])
    return shorten(_named(kind, line)[:2000], 240, placeholder=" …")


def _named(kind, line):
    return f"{kind}: {line}".removeprefix(": ").rstrip(": ")


def _behind_traceback(plain):
    """Return what a message says behind a traceback in it; "" if it has none."""
    if TRACED not in plain:
        return ""
    lines = plain.rpartition(TRACED)[2].splitlines()[1:]
    said = [one for one in lines if re.match(RAISED, one)]
    flat = [one for one in lines if one.strip() and not one[:1].isspace()]
    return re.sub(RAISED, "", [*said, *flat, ""][0])


def _notes(error):
    """Return what explain noted of the pass that ended in an error."""
    notes = getattr(error, "__notes__", None)
    notes = notes if isinstance(notes, (list, tuple)) else ()
    return [one[:MOST] for one in notes if isinstance(one, str) and one.startswith(BEFORE)]
