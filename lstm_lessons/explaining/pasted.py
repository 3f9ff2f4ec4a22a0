"""An error of which only the words are there: a message, or a traceback, pasted from elsewhere.

What lay in the frames is not to be had; that they were, and the line that failed, is.
"""

import builtins
import re
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

LONGEST = 60_000  # so many characters are read
COLOUR = re.compile(r"\x1b(?:\[[0-9;]{0,20}+[A-Za-z])?+")
HEAD = re.compile(r"^(?:E  )?.{0,99}Traceback \(most recent call last\):?[ \t]*$", re.M)
# The line that a traceback ends in, or begins with if only the message was taken.
ENDS = re.compile(
    r"^(?:E  )?[ \t]{0,9}(?:[a-z_]\w{0,40}\.){0,9}(?P<kind>[A-Z]\w{0,60}(?:Error|Exception))"
    r"(?:: ?|[ \t]*$)",
    re.M,
)
FRAME = re.compile(
    r"^(?:E  )?[ \t]{0,4}File \"?(?P<file>[^\"\n]{1,300}?)(?:\", line |:)(?P<line>\d{1,7})"
    r"(?:, in (?P<function>[\w.<> ]{1,200}))?.*\n(?P<code>.*)"
    r"|^(?:Cell )?In(?:put In)? ?\[(?P<cell>\d{1,6})\],? (?:line (?P<at>\d{1,6})|.*)$",
    re.M,
)
ARROW = re.compile(r"^-+> ?\d{1,6} ?(?P<code>.*)$", re.M)
INSTALLED = re.compile(r"(?:site|dist)-packages[\\/](?P<path>.+?)\.pyx?$")


@dataclass(eq=False)
class Pasted(Exception):
    """An error read from text.

    kind: its class, "" if that was left out. said: its message.
    frames: (module, function, file) triples, the innermost first.
    where, code: of the line that failed; "" if it is not there.
    """

    kind: str
    said: str
    frames: tuple[tuple[str, str, str], ...] = ()
    where: str = ""
    code: str = ""

    def __str__(self):
        return self.said

    @property
    def kinds(self) -> set[str]:
        """Return the names of its class and of those that it is made from, as far as is known."""
        kind = getattr(builtins, self.kind, None)
        return {self.kind, *(one.__name__ for one in getattr(kind, "__mro__", ()))}

    @property
    def stood_in(self) -> list[tuple[Any, int]]:
        """Return (frame, line) pairs, the innermost first, of frames in which nothing lies."""
        return [(_frame(*one), 0) for one in self.frames]


def _frame(module, function, file):
    code = SimpleNamespace(co_name=function, co_filename=f"<{file}>", co_firstlineno=1)
    return SimpleNamespace(f_globals={"__name__": module}, f_locals={}, f_code=code)


def pasted(text: str) -> Pasted:
    """Return the error that a text tells of: the last one, as Python and notebooks print them."""
    text = COLOUR.sub("", text[:LONGEST]).replace("\r\n", "\n")
    heads = list(HEAD.finditer(text))
    begins = heads[-1].end() if heads else 0
    end = ENDS.search(text, begins)
    above, kind, said = "", "", _from_each_colon(text)
    if end:
        above, kind, said = text[begins : end.start()], end["kind"], text[end.end() :]
    frames = [(one, one["file"] or "") for one in FRAME.finditer(above)][::-1]
    named = tuple((_module(file), (one["function"] or "").strip(), file) for one, file in frames)
    own = next((one for one, file in frames if not _module(file)), None)
    return Pasted(kind, said.strip(), named, *(_line(own, above) if own else ()))


def _from_each_colon(text):
    """Return a text and, on further lines, what stands behind its first colons.

    Of a message without its class nobody knows where it begins.
    """
    parts = text.strip().split(": ", 4)
    return "\n".join(": ".join(parts[begin:]) for begin in range(len(parts)))


def is_told(text: str) -> bool:
    """Return whether a text tells of an error: whether it names one, or has a traceback."""
    return bool(HEAD.search(text) or ENDS.search(text))


def _module(file):
    """Return the name of an installed module by its file, "" for one of somebody's own."""
    path = INSTALLED.search(file)
    return re.sub(r"[\\/]", ".", path["path"]) if path else ""


def _line(frame, above):
    """Return where a frame is, and its line."""
    arrow = ARROW.search(above, frame.start())
    code = ((arrow and arrow["code"]) or frame["code"] or "").strip()
    number = frame["line"] or frame["at"]
    file = re.split(r"[\\/]", frame["file"])[-1] if frame["file"] else f"cell {frame['cell']}"
    inside = frame["function"] if frame["file"] else None
    named = f", in {inside}" if inside and not inside.startswith("<") else ""
    return f"line {number} of {file}{named}" if number else file, code
