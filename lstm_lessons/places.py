"""Where the course says something, as data: a place for each heading that one can be sent to.

`places.json` holds them, made of the notebooks by tools/places.py: where the package is installed,
the notebooks may be anywhere, or nowhere.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

from .markup import Markup, element, joined

FILE = Path(__file__).with_name("places.json")
QUESTIONS, GLOSSARY = "90_questions_people_ask.ipynb", "91_glossary.ipynb"
ERRORS = "92_error_messages.ipynb"  # made of the kinds of errors, which know its places
SAFE = "!$&'()*+,;=:@/?"  # in the last part of an address


@dataclass(frozen=True)
class Place:
    """A heading of a notebook, and what stands under it.

    notebook: the name of its file.
    title: the heading, without marks.
    asked: the question of an entry, as people put it; of a term its words in both frameworks; "".
    text: the prose, with code in backticks.
    shown: the messages of errors that its cells show.
    taught: of an entry or a term the files of the lessons that teach it.
    """

    notebook: str
    title: str
    asked: str = ""
    text: str = ""
    shown: str = ""
    taught: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """Return what it is: "entry", "term" or "lesson"."""
        return {QUESTIONS: "entry", GLOSSARY: "term"}.get(self.notebook, "lesson")

    @property
    def named(self) -> str:
        """Return what it is called elsewhere: of a part of a lesson the number too."""
        within = self.kind == "lesson" and self != lesson(self.notebook)
        return f"{self.title} ({self.notebook[:2]})" if within else self.title

    @property
    def address(self) -> str:
        """Return where it is, as a link in any of the notebooks says it."""
        return f"{self.notebook}#{quote(self.title.replace(' ', '-'), SAFE)}"

    @property
    def link(self) -> Markup:
        """Return a link to it."""
        return self.link_of(self.title)

    def link_of(self, words: str) -> Markup:
        """Return words as a link to it."""
        return element("a", words, href=self.address, style="text-decoration: underline")


@cache
def places() -> tuple[Place, ...]:
    """Return all places, in the order of the notebooks."""
    found = json.loads(FILE.read_text(encoding="utf-8"))
    return tuple(Place(**one | {"taught": tuple(one["taught"])}) for one in found)


@cache
def place(title: str) -> Place:
    """Return the place of a title: that of an entry or of a term, where there is one.

    Raises ValueError, in one line, for a title that no heading has.
    """
    order = {"entry": 0, "term": 1, "lesson": 2}
    found = sorted((one for one in places() if one.title == title), key=lambda p: order[p.kind])
    if not found:
        raise ValueError(f"title must be a heading of the course, got {title!r}; see {FILE.name}")
    return found[0]


@cache
def lesson(notebook: str) -> Place:
    """Return the place of a lesson's own title."""
    return next(one for one in places() if one.notebook == notebook)


def read_on(title: str) -> tuple[Place, ...]:
    """Return where to read on: the place of a title, and the lessons that teach what is there."""
    one = place(title)
    return (one, *map(lesson, one.taught))


def in_words(found: tuple[Place, ...]) -> str:
    """Return places as a line of plain text, "" for none."""
    said = "; ".join(f"{one.title} ({one.notebook})" for one in found)
    return said and f"Read on: {said}."


def in_links(found: tuple[Place, ...]) -> Markup:
    """Return places as a line of links, "" for none."""
    parts = [part for one in found for part in ("; ", one.link_of(one.named))][1:]
    return joined(["Read on: ", *parts, "."]) if found else Markup("")
