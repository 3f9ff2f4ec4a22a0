"""The lessons' questions and pictures as forms of a page, and what they answer in a browser.

A form's fields come in as text, the HTML of its parts goes out: `block` writes a form and what it
unfolds to where nothing runs, when the book is built; `answer` runs in the reader's browser, in
Pyodide, where there is neither NumPy nor a framework. What only they can tell was recorded when the
book was built, in `Live` things that pickle. It has more than 300 lines: each form stands here with
what it answers.
"""

from __future__ import annotations

import gzip
import io
import json
import pickle
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, ClassVar

from . import explored, predicted, replies
from .asking.diagnosis import diagnose
from .asking.questions import Question
from .asking.truth import say, truth_of
from .attempts import Attempts
from .explaining.errors import explain_error
from .finding import find
from .markup import Markup, element, joined
from .picks import candidates, presses
from .pictures import sentences
from .recorded import use
from .shapes import Tensor
from .spec import Spec

Parts = dict[str, Markup]
Fields = dict[str, str]
LINK = re.compile(r'(href=")([\w.-]+)\.ipynb(?=["#])')  # to a lesson
NOTHING = Markup("")
STILL = "Served to a browser with JavaScript, this page answers what you type."
LOOKS = {"class": "live"}
OFF = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}  # as code is typed


@dataclass(frozen=True)
class Recorded:
    """What a question's code gave when the book was built; called, it gives it once more.

    gave: what came back. kind: the name of the exception that came in its place, "" if none did.
    words: what that said.
    """

    gave: Any = None
    kind: str = ""
    words: str = ""

    @classmethod
    def of(cls, run):
        """Return what running it gives."""
        try:
            gave = run()
        except Exception as error:
            return cls(None, type(error).__name__, str(error))
        return cls(gave)

    def __call__(self):
        if self.kind:
            raise type(self.kind, (Exception,), {})(self.words)
        return self.gave


def recorded(question: Question) -> Question:
    """Return a question whose code has run: it answers without any framework, and pickles."""
    ran = Recorded.of(question.run)
    return replace(
        question,
        run=ran,
        rule=Recorded.of(question.rule) if question.rule else ran,
        there=Recorded(question.there()),
        chain=question.chain and Recorded(question.chain()),
    )


@dataclass
class Asked:
    """A prediction.

    question: a Spec, or a Question that was recorded.
    shows: what is shown in place of what came, if anything is.
    """

    question: Spec | Question
    framework: str
    shows: Markup = NOTHING
    parts: ClassVar = ("reply", "chosen", "time", "film")
    still: ClassVar = f"{STILL} The answer is folded below."
    now: ClassVar = False

    @cached_property
    def attempts(self):
        return Attempts(self.question, self.framework)

    @property
    def text(self) -> str:
        """Return what is asked."""
        return self.attempts.asked.text

    def drawn(self) -> list[Spec]:
        """Return the layers that its pictures show at work."""
        if isinstance(self.question, Spec):
            return [self.question]
        return [self.question.padded.spec] if self.question.padded else []

    def fields(self, key: str) -> Markup:
        """Return what is typed or pressed."""
        if self.attempts.asked.is_truth:
            return _row(*(_button(way, "answer", way) for way in ("True", "False")))
        return _row(_line("Your answer:", "answer", key), _button("Check"))

    def begins(self, part: str) -> Markup:
        """Return a part before anything is answered: a picture that keeps the answer to itself."""
        if part != "film":
            return NOTHING
        if self.attempts.asked.form == "index":
            return replies.squares(self.attempts.asked)
        return predicted.before(self.question, self.framework)

    def folded(self) -> Markup:
        """Return the answer, the picture and what came, folded."""
        asked = self.attempts.asked
        truth = truth_of(asked)
        given = truth if isinstance(truth, tuple) else ()
        pages, below = self._result(given)
        why = f" {asked.clause}" if asked.clause else ""
        said = sentences(f"{say(truth)}.{why}", element("b", "The answer: "))
        summary = element("summary", "Run it and show me")
        return element("details", summary, said, *pages[-1:], below)

    def answer(self, fields: Fields) -> Iterator[Parts]:
        """Yield what is said of an answer, and then what is drawn of it."""
        by = fields["by"]
        if by == "step":
            at = int(fields["step"])
            yield {"film": self._page(at), "at": Markup(_moment(at))}
        elif by == "belief":
            belief = self._beliefs[int(fields["belief"])]
            yield {"chosen": replies.chosen(belief, self._typed)}
        else:
            yield self._judged(fields["answer"].strip())
            yield self._drawn()

    def _judged(self, answer):
        attempts = self.attempts
        found = diagnose(attempts.asked, answer)
        attempts.count(answer, found)
        self._typed, self._beliefs, self._status = answer, found.choices, found.status
        choices = [_button(one.label, "belief", str(n)) for n, one in enumerate(found.choices)]
        return {"reply": attempts.reply(answer, found), "chosen": _row(*choices)}

    def _drawn(self):
        attempts, (of, named) = self.attempts, (self.question, self.framework)
        what, below = attempts.drawn(self._typed, self._status), NOTHING
        result = partial(self._result, attempts.given)
        sized = attempts.wrong > 2
        comes = partial(predicted.pages, of, attempts.asked, named, attempts.given, sized)
        self._coming = None
        if what == "result":
            self._pages, below = result()
        elif what == "what comes":
            self._pages, below = comes()
        elif what == "trays":
            self._pages = [predicted.ordered(of, named, attempts.given)]
            self._coming = result if attempts.wrong < 2 else comes
        else:
            self._pages = [self.begins("film")]
        self._below, last = below, max(len(self._pages) - 1, 0)
        return {"time": self._time(last), "film": self._page(last)}

    def _result(self, given):
        if self.shows:
            return [self.shows], NOTHING
        return predicted.result(self.question, self.attempts.asked, self.framework, given)

    def _time(self, at):
        """Return the slider over time, where there is time."""
        names = predicted.times(self.question)
        if len(names) < 2 or not (self._coming or len(self._pages) > 1):
            return NOTHING
        slider = element(
            "input", type="range", name="step", min=0, max=len(names) - 1, value=at, step=1
        )
        plays = element("button", "▶ Play or stop", type="button", **{"data-plays": "step"})
        label = element("label", "timestep ", slider)
        return _row(plays, label, element("span", _moment(at), data_part="at"))

    def _page(self, at):
        if self._coming and at:
            self._pages, self._below = self._coming()
            self._coming = None
        return joined([*self._pages[: at + 1][-1:], self._below])


@dataclass
class Picked:
    """An index into tensors. first: the one to begin with. backwards: as of take."""

    tensors: Sequence[Tensor]
    first: str
    backwards: bool
    parts: ClassVar = ("seen",)
    still: ClassVar = STILL
    now: ClassVar = False
    text: ClassVar = "Type an index, or press one."

    @cached_property
    def others(self):
        return candidates(self.tensors)

    def fields(self, key: str) -> Markup:
        """Return the indexes to press, and the line to type one in."""
        typed = _row(_line("Index:", "index", key, self.first), _button("Show"))
        pressed = [_button(one, value=one, data_types="index") for one in presses(self.tensors)]
        return joined([typed, _row(*pressed)])

    def begins(self, part: str) -> Markup:
        """Return what the first index takes."""
        return self._taken(self.first)

    def folded(self) -> Markup:
        """Return nothing: all is in sight."""
        return NOTHING

    def answer(self, fields: Fields) -> Iterator[Parts]:
        """Yield what an index takes."""
        yield {"seen": self._taken(fields["index"])}

    def _taken(self, index):
        return replies.taken(index, self.tensors, self.others, self.backwards)


@dataclass
class Explored:
    """Settings to change. beyond: as of explore."""

    spec: Spec
    framework: str
    beyond: bool
    parts: ClassVar = explored.PARTS
    still: ClassVar = STILL
    now: ClassVar = True
    text: ClassVar = "Change what you like; each time the picture shows what a real layer returned."

    def __post_init__(self):
        self._was = explored.typed(self.spec, self.framework)

    def fields(self, key: str) -> Markup:
        """Return the settings."""
        return explored.fields(self.spec, self.framework, self.beyond, _id(key))

    def begins(self, part: str) -> Markup:
        """Return a part of what the layer returns to begin with."""
        return explored.explored(self._was)[part]

    def folded(self) -> Markup:
        """Return nothing: all is in sight."""
        return NOTHING

    def answer(self, fields: Fields) -> Iterator[Parts]:
        """Yield what the layer returns; what is another since the last time is marked."""
        yield explored.explored(fields, self._was)
        if explored.explored(fields)["seen"]:  # of what is refused, what was there stays
            self._was = fields


@dataclass
class Sought:
    """The search, or the clinic. what: what is to be typed, the label of the field. rows: of it.

    error: whether what is typed is a message, also one that nothing tells as such.
    """

    what: str
    rows: int
    error: bool = False
    parts: ClassVar = ("seen",)
    still: ClassVar = STILL
    now: ClassVar = True
    text: ClassVar = ""

    def fields(self, key: str) -> Markup:
        """Return the field in which words are typed, or a message is pasted."""
        area = element("textarea", name="words", rows=self.rows, id=_id(key))
        return joined([element("label", self.what, **{"for": _id(key)}), area])

    def begins(self, part: str) -> Markup:
        """Return nothing: nothing is looked for yet."""
        return NOTHING

    def folded(self) -> Markup:
        """Return nothing."""
        return NOTHING

    def answer(self, fields: Fields) -> Iterator[Parts]:
        """Yield what is found, and what is known of a message."""
        words = fields["words"]
        if not words.strip():
            yield {"seen": NOTHING}
            return
        found = find(words)
        unsure = self.error and not found.diagnosis
        told = [explain_error(words).html] if unsure else []
        yield {"seen": replies.announced(*told, found.html)}


Live = Asked | Picked | Explored | Sought
LIVE: dict[str, Live] = {}  # by their keys, as the page's forms have them


@dataclass(frozen=True)
class Kept:
    """What is brought to the browser: records of numbers, and what answers, by the forms' keys."""

    records: tuple[bytes, ...]
    lives: dict[str, Live]


def packed(thing: Any) -> bytes:
    """Return anything as bytes that need no NumPy to be read: arrays are nested lists in them."""
    written = io.BytesIO()
    _Lists(written).dump(thing)
    return gzip.compress(written.getvalue(), mtime=0)


def unpacked(data: bytes) -> Any:
    """Return what was packed."""
    return pickle.loads(gzip.decompress(data))


class _Lists(pickle.Pickler):
    def reducer_override(self, thing):
        """Return how arrays and their numbers are read back; nothing special of other things."""
        if not hasattr(thing, "tolist"):
            return NotImplemented
        plain = thing.tolist()
        return type(plain), (plain,)


def answer(key: str, fields: Fields) -> Iterator[Parts]:
    """Yield the HTML of the parts of a form that change, as soon as each is made.

    key: of the form. fields: what it holds, by name; "by" is the name of what was pressed.
    """
    for parts in LIVE[key].answer(fields):
        yield {name: in_book(html, fields.get("to", "")) for name, html in parts.items()}


def begun(path: str) -> Callable[[str, str], Iterator[str]]:
    """Take what was recorded, and return `answer` with JSON in place of dictionaries."""
    kept = unpacked(Path(path).read_bytes())
    for record in kept.records:
        use(record)
    LIVE.update(kept.lives)
    return lambda key, fields: map(json.dumps, answer(key, json.loads(fields)))


def in_book(html: str, to: str = "") -> Markup:
    """Return HTML whose links to lessons lead to pages of the book. to: the way to their folder."""
    return Markup(LINK.sub(rf"\1{to}\2.html", html))


def block(key: str, live: Live) -> Markup:
    """Return a form, its entry hidden until something answers, and what unfolds where nothing does.

    key: what the form is known by; to be unique in the book.
    """
    typed = element("div", live.fields(key), hidden="", data_entry="")
    parts = [_part(name, live.begins(name)) for name in live.parts]
    now = {"data_now": ""} if live.now else {}
    form = element("form", typed, _part("waiting", live.still), *parts, data_live=key, **now)
    return element("section", *map(sentences, live.text.split("\n")), form, live.folded(), **LOOKS)


def _moment(at):
    """Return what the slider stands at: before all timesteps, or which was read last."""
    return str(at - 1) if at else "start"


def _id(key):
    return f"of-{key.replace('/', '-')}"


def _part(name, content):
    spoken = {"role": "status"} if name == "waiting" else {}
    return element("div", content, data_part=name, tabindex="-1", **spoken)


def _row(*content):
    return element("div", *content, **{"class": "live-row"}) if content else NOTHING


def _button(label, name="", value="", **more):
    named = {"name": name} if name else {}
    return element("button", label, type="submit", value=value, **named, **more)


def _line(label, name, key, value=""):
    typed = element("input", name=name, value=value, id=_id(key), **OFF)
    return joined([element("label", label, **{"for": _id(key)}), typed])
