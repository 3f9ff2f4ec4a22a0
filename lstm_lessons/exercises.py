"""What a check shows of what a learner made, hints in steps, and what ends a lesson."""

from collections.abc import Callable
from dataclasses import dataclass
from textwrap import indent
from typing import Any

from .asking import checking
from .asking.checking import Task
from .asking.questions import Question
from .asking.verdict import TITLES, Case, Verdict
from .explaining.errors import HTML, UNKNOWN, Diagnosis, explain_error
from .explaining.tracebacks import given
from .late import np
from .markup import Markup, element, joined, movable
from .pictures import CELL, INK, inline, paragraph, plain, sentences
from .places import Place, in_links, in_words
from .replies import MARKS, announced, read_of
from .rule import expected
from .spec import Spec, many

WRAPS = "overflow-wrap: break-word; word-break: normal; white-space: normal; min-width: 0"
SOLUTION = "The solution is folded below."
ALL = (
    "all that the layer returned was taken for one tensor; its output and its states are in a "
    "tuple. Which part is wanted?"
)
PAIR = (
    "the pair of the states, (h_n, c_n), was taken for one tensor: part `[1]` of what the layer "
    "returned. Is one of the two wanted, or the output, part `[0]`?"
)
ONE_NUMBER = (
    "`.item()`, `float()` or `int()` was to make one number of Python of many. Where a tensor is "
    "wanted, leave it away."
)
SETS = {  # of both flags: what Keras is told
    (False, False): "leave both of them away",
    (True, False): "set `return_sequences=True`",
    (False, True): "set `return_state=True`",
    (True, True): "set `return_sequences=True` and `return_state=True`",
}


@dataclass
class _Attempts:
    """The wrong tries at one exercise in this kernel: how many, and what was checked last."""

    wrong: int = 0
    made: Any = None
    status: str = ""


_attempts: dict[tuple, _Attempts] = {}


@dataclass(frozen=True, repr=False)
class Checked(Verdict):
    """A Verdict on what a learner made, as a notebook shows it.

    hints: what leads nearer to what is right, more of it with each wrong try.
    read: what an error says that was raised, with the line that failed.
    about: where to read on of what was set.
    """

    hints: tuple[str, ...] = ()
    read: Diagnosis | None = None
    about: tuple[Place, ...] = ()

    def __str__(self) -> str:
        """Return all of it as plain text, a line for each case and for each line of code."""
        lines = [f"{TITLES[self.status]}: {self.message}".rstrip(": ")]
        for kind, words in self._failed():
            lines.append(words if kind == "prose" else indent(words, "    "))
        lines += [*self.hints, *map(_line_of, self.cases), in_words(self._read_on)]
        return plain("\n".join(lines)).rstrip()

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": self.html}

    @property
    def html(self) -> Markup:
        """Return all of it as HTML."""
        mark, bar = MARKS[self.status]
        lead = joined([element("b", f"{mark} {TITLES[self.status]}."), " "])
        parts = [sentences(self.message, lead)]
        parts += [HTML[kind](words) for kind, words in self._failed()]
        parts += map(sentences, self.hints)
        if self.cases:
            parts.append(_table(self.cases))
        parts += [paragraph("", in_links(self._read_on))] * bool(self._read_on)
        style = f"border-left: 4px solid {bar}; padding: 2px 0 2px 10px; margin: 6px 0; {WRAPS}"
        return announced(*parts, style=style)

    def _failed(self):
        """Yield where an error was raised, and what it says if a usual mistake does not."""
        if self.read and self.read.line:
            yield "prose", f"It failed in {self.read.line.where}:"
            yield "code", self.read.line.text
        if self.read and self.read.name != UNKNOWN and not self.mistake:
            yield "prose", f"{self.read.name}. {self.read.what} Why: {self.read.why}"
            yield from [("prose", "Write instead:"), ("code", self.read.instead)]

    @property
    def _read_on(self):
        """Return where to read on: of the error, or of the beliefs."""
        if self.read and not self.mistake:
            return self.read.read
        return read_of(self) or (self.about if self.status == "wrong" else ())


def check(
    made: object, wanted: Spec | Task, framework: str = "keras", like: Callable | None = None
) -> Checked:
    """Return the Verdict on a network or function, with hints, as a notebook shows it.

    It is judged by `asking.checking.check`, which says how, and what the arguments are. Each wrong
    try at the same Spec or Task brings another hint, and the last one names the solution. What is
    checked again unchanged is no new try. Tries count as long as the kernel lives.

    Raises ValueError, in one line, if wanted or like is something else.
    """
    verdict = checking.check(made, wanted, framework, like)
    number = _tried(made, verdict.status, _name(wanted, framework))
    hints = _hints(wanted, framework)[: number - 1] if verdict.status == "wrong" else ()
    read = explain_error(verdict.error) if verdict.error else None
    mistake = verdict.mistake or (_usual(read.name, verdict.error) if read else "")
    data = vars(verdict) | {"mistake": mistake}
    data |= {"error": None}  # whose frames would be kept with what is shown
    from .kinds import reads  # whose questions look at what Keras runs on

    about = reads(wanted if isinstance(wanted, Spec) else ".".join(_name(wanted, framework)[1:]))
    return Checked(**data, hints=hints, read=read, about=about)


def _usual(kind, error):
    """Return the usual mistake of an exercise that raises such a kind of error, or ""."""
    if kind in ("A tuple where a tensor belongs", "A pair of states where a tensor belongs"):
        return PAIR if _is_pair(getattr(error, "obj", None) or given(error, "input")) else ALL
    return ONE_NUMBER if kind == "Several numbers where one belongs" else ""


def _is_pair(value):
    """Return whether a value is h_n and c_n; two tensors of other shapes are what a GRU returns."""
    shapes = [getattr(one, "shape", None) for one in value] if isinstance(value, tuple) else []
    return len(shapes) == 2 and shapes[0] == shapes[1] is not None and len(shapes[0]) == 3


def _tried(made, status, name):
    """Return how many different things were wrong at an exercise, with this one."""
    seen = _attempts.setdefault(name, _Attempts())
    if status == "wrong" and made is not seen.made:
        seen.wrong += 1
    seen.made, seen.status = made, status
    return seen.wrong


def _name(wanted, framework):
    """Return what stands for an exercise, however often its Task is made."""
    if isinstance(wanted, Spec):
        return framework, wanted
    return framework, wanted.right.__module__, wanted.right.__qualname__


def _hints(wanted, framework):
    """Return the hints of an exercise, the nearest last, and then where its solution is."""
    own = wanted.hints if isinstance(wanted, Task) else _of_spec(wanted, framework)
    return (*(f"Hint {number}. {one}" for number, one in enumerate(own, 1)), SOLUTION)


def _of_spec(spec, framework):
    """Return the hints for a layer: what is wanted, axis by axis, and how it is had."""
    kept = expected(spec).kept  # also of PyTorch, whose axis of layers is to go
    wanted = ", ".join(f"`{one.name}` ({', '.join(one.axes)})" for one in kept)
    if framework == "keras":
        flags = SETS[spec.return_sequences, spec.return_state]
        return (
            f"Wanted: {wanted}.",
            f"In Keras the flags choose. Of the last recurrent layer, {flags}.",
        )
    first = "output" if spec.return_sequences else "output[:, -1]"
    taken = ", ".join(f"`{one}`" for one in (first, "h_n[-1]", "c_n[-1]")[: len(kept)])
    return f"Wanted: {wanted}.", f"Of what PyTorch's layer returns, that is {taken}."


def _line_of(case):
    """Return a case as a line of plain text."""
    right = "" if case.fine else f"; right is {case.right}"
    mark = "✓ right" if case.fine else "✗ wrong"
    return f"{mark}, given {case.given}: {case.returned}{right}"


def _table(cases):
    """Return the cases as a table that moves sideways where it is too wide."""
    count = f"{sum(case.fine for case in cases)} of {len(cases)} cases are right"
    head = ("", "given", "returned", "right")
    rows = [element("tr", *(element("th", one, scope="col", style=CELL) for one in head))]
    rows += [element("tr", *_row(case)) for case in cases]
    caption = element("caption", count, style=f"text-align: left; padding: 4px 0; color: {INK}")
    style = f"border-collapse: collapse; color: {INK}; background: none; margin: 6px 0"
    return movable(element("table", caption, element("tbody", *rows), style=style), count)


def _row(case: Case):
    """Yield the cells of a case: a mark with its word first, since a colour alone says nothing."""
    mark, colour = MARKS["correct" if case.fine else "wrong"]
    word = element("b", f"{mark} {'right' if case.fine else 'wrong'}", style="white-space: nowrap")
    yield element("td", word, style=f"{CELL}; border-left: 4px solid {colour}; padding-left: 8px")
    for said in (case.given, case.returned, case.right):
        yield element("td", inline(said, whole=True), style=f"{CELL}; line-height: 1.9")


@dataclass(frozen=True)
class Finished:
    """The end of a lesson: what a learner can do now, and how many answers were right at once.

    done: (what, whether) pairs. first: (right at the first try, answered), None if not known.
    """

    done: tuple[tuple[str, bool], ...]
    first: tuple[int, int] | None = None

    @property
    def _rate(self):
        if not self.first or not self.first[1]:
            return ""
        right, of = self.first
        return f"{right} of {many(of, 'question')} answered rightly at the first try"

    @property
    def _count(self):
        return f"{sum(fine for _, fine in self.done)} of {len(self.done)} done"

    def __str__(self):
        lines = [f"{'✓' if fine else '–'} {what}" for what, fine in self.done]
        return plain("\n".join([*lines, *filter(None, [self._rate])]))

    __repr__ = __str__

    def _repr_mimebundle_(self, **_):
        return {"text/plain": str(self), "text/html": self.html}

    @property
    def html(self) -> Markup:
        """Return it as HTML: a list with a mark and a word for each, and how many are done."""
        items = [element("li", *_item(*one), style="padding: 2px 0") for one in self.done]
        style = f"list-style: none; margin: 4px 0; padding: 0; color: {INK}; line-height: 1.6"
        _, bar = MARKS["correct" if all(fine for _, fine in self.done) else "not attempted"]
        last = " · ".join(filter(None, [self._count, self._rate]))
        frame = f"border-left: 4px solid {bar}; padding: 2px 0 2px 10px; margin: 6px 0; {WRAPS}"
        return announced(element("ul", *items, style=style), paragraph(last), style=frame)


def _item(what, fine):
    """Return the mark of what is done or still open, and what it is."""
    mark = element("b", "✓ done" if fine else "– open", style="white-space: nowrap")
    return mark, " · ", inline(what)


def finished(*done: tuple, lesson: str = "") -> Finished:
    """Return the end of a lesson, as a notebook shows it: what is done, ticked.

    done: tuples of what a learner can do now, and what shows it, each of which must hold: a truth
        value; a Verdict, which must be correct; a Spec, which must be answered rightly for Keras,
        or a Question; or what was made for an exercise, which `check` must have found correct.
    lesson: its number, such as "01": how many of its questions were answered rightly at the first
        try is said, once one was answered.

    Raises ValueError, in one line, for what is no such tuple.
    """
    for one in done:
        if not isinstance(one, tuple) or len(one) < 2 or not isinstance(one[0], str):
            raise ValueError(
                "done must be tuples of words and what shows it, got "
                f'{one!r:.80}; try ("built an encoder", encoder)'
            )
    return Finished(tuple((what, all(map(_holds, shown))) for what, *shown in done), _first(lesson))


def _first(lesson):
    """Return how many questions of a lesson were right at the first try, and how many answered."""
    from .practice import standing  # which makes all questions

    rows = [row for row in standing() if lesson and row.lesson.startswith(lesson)]
    return (rows[0].at_once, rows[0].tried) if rows else None


def _holds(shown):
    """Return whether what shows that something can be done holds."""
    if isinstance(shown, (bool, np.bool_)):
        return bool(shown)
    if isinstance(shown, Verdict):
        return shown.status == "correct"
    if isinstance(shown, (Spec, Question)):
        from .practice import solved  # which makes all questions

        return solved(shown) or (isinstance(shown, Question) and solved(shown, "torch"))
    return any(one.made is shown and one.status == "correct" for one in _attempts.values())
