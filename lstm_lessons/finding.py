"""What was looked for: the three places that fit best, of entries, terms, lessons and beliefs.

A message, or a whole traceback, goes to the clinic first. Words are ranked by BM25 (Robertson and
Zaragoza, "The Probabilistic Relevance Framework", 2009), after both frameworks' words for a thing
have become the course's own. What is asked in nearly the words of a heading, or in which people
ask for it, counts more. Nothing is asked of a network.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from textwrap import shorten

from .asking.misconceptions import MISCONCEPTIONS, Misconception
from .explaining.errors import Diagnosis, explain_error, is_message
from .explaining.messages import Row, errors
from .markup import Markup, element, joined
from .pictures import INK, inline, plain, sentences
from .places import ERRORS, Place, lesson, place, places
from .spec import short
from .words import asked_as, names, tokens

MOST = 3  # so many places are shown
LINE = 160  # so long is a line of one
LONGEST = 60_000  # so many characters are read
KINDS = {
    "entry": "asked by people",
    "term": "glossary",
    "belief": "often thought",
    "error": "an error that reads like it",
}
WEIGHTS = {"title": 4, "asked": 2, "text": 1, "shown": 1}
# An entry answers a question, with code that runs; of the others one reads on.
PRIOR = {"entry": 2.5, "term": 1.0, "lesson": 1.0, "belief": 0.8, "error": 0.6}
# What is of one language, version or way to build is seldom meant, unless its name is there.
NAMED = {
    "How do I do this in R": "r",
    "What changed from Keras 2 to Keras 3": "version old upgrade unrecognized legacy h5 cudnnlstm",
    "Does mixed precision change a shape": "mixed precision float16 half autocast",
    "Why can nothing follow an LSTM in Sequential": "sequential tuple",
    "How do I move weights between the frameworks": "weights move convert copy port load",
    "How do I export it for any batch": "export onnx tflite torchscript",
    "What does proj_size change": "proj_size projection",
    "In which order come the states of a tower": "tower order",
}
SELDOM = 0.4
# What stands in every second question, and is of all entries.
FAINT = "lstm rnn keras pytorch torch tensorflow difference"
FAINTLY = 0.5
UNKNOWN = 3.0  # what a word says that stands nowhere
NEARLY = 1.0  # what a wording that is just what is asked is worth
SATURATED, BY_LENGTH = 3.0, 0.4  # BM25's k1 and b


@dataclass(frozen=True)
class Hit:
    """Where something was found.

    kind: one of PRIOR. title, line: what is there, with code in backticks. place: where to go.
    """

    kind: str
    title: str
    line: str
    place: Place

    @property
    def link(self) -> Markup:
        """Return its title as a link to its place."""
        return self.place.link_of(plain(self.title))

    @property
    def where(self) -> str:
        """Return what kind of place it is: "glossary", or which lesson."""
        if self.kind != "lesson":
            return KINDS[self.kind]
        title = lesson(self.place.notebook).title
        return f"lesson {self.place.notebook[:2]}, {title.partition('. ')[2] or title}"


@dataclass(frozen=True)
class Found:
    """What was found.

    looked_for: what was typed. hits: the places, best first. diagnosis: what the clinic says, None
    of words.
    """

    looked_for: str
    hits: tuple[Hit, ...]
    diagnosis: Diagnosis | None = None

    @property
    def text(self) -> str:
        """Return it as plain text, two lines for each place."""
        said = [self.diagnosis.text, ""] if self.diagnosis else []
        for number, hit in enumerate(self.hits, 1):
            said.append(f"{number}. {plain(hit.title)} ({hit.where}; {hit.place.address})")
            said.append(f"   {plain(hit.line)}")
        return "\n".join([*said, *self._nothing()])

    def __str__(self):
        return self.text

    __repr__ = __str__

    @property
    def html(self) -> Markup:
        """Return it as HTML, with a link to each place."""
        told = Markup(self.diagnosis.html if self.diagnosis else "")
        rows = [
            element("li", hit.link, f" ({hit.where})", element("div", inline(hit.line)))
            for hit in self.hits
        ]
        style = f"color: {INK}; margin: 4px 0; line-height: 1.5; max-width: 52em"
        listed = element("ol", *rows, style=style) if rows else ""
        return joined([told, listed, *map(sentences, self._nothing())])

    def _repr_mimebundle_(self, **_):
        return {"text/plain": self.text, "text/html": self.html}

    def _nothing(self):
        if self.hits or not self.looked_for:
            return []
        return ["Nothing here has these words. Try others, or fewer, or paste a whole message."]


def find(looked_for: str) -> Found:
    """Return what fits best, of what people ask, of terms, lessons and beliefs: three places.

    looked_for: a few words, a question, or the message of an error, also a whole traceback.

    Raises ValueError, in one line, for what is no text.
    """
    if not isinstance(looked_for, str):
        raise ValueError(
            f"what is looked for must be words, got {short(looked_for)}; try find('time steps')"
        )
    looked_for = looked_for[:LONGEST].strip()
    said = explain_error(looked_for) if is_message(looked_for) else None
    asked = Counter(tokens(looked_for))
    scores = {one: one.score(asked) for one in _all()}
    fitting = sorted((one for one in scores if scores[one]), key=lambda one: -scores[one])
    read = said.read[:1] if said else ()  # the others are named in what it says
    first = [one for to in read for one in scores if one.source.is_at(to)]
    first += [one for one in scores if one.source.is_term_of(asked)]
    best: dict[Place, Counted] = {}
    for one in [*first, *fitting]:
        best.setdefault(one.source.place, one)  # no place is shown twice
    return Found(looked_for, tuple(one.hit(asked) for one in [*best.values()][:MOST]), said)


@dataclass(frozen=True, eq=False)
class Source:
    """What can be found, and the words by which it is.

    kind: one of PRIOR. place: where it leads. title, text: what is shown of it. parts: in which
    words are counted, by the names in WEIGHTS. worded: in which words it is asked for, too.
    """

    kind: str
    place: Place
    title: str
    text: str
    parts: dict[str, str]
    worded: tuple[str, ...] = ()

    @cached_property
    def wordings(self) -> tuple[frozenset[str], ...]:
        """Return the words of its title, and of each way to ask for it."""
        return tuple(frozenset(tokens(one)) for one in (self.title, *self.worded))

    def is_meant(self, asked: Counter[str]) -> float:
        """Return 1, or SELDOM if it is of something special that is not named."""
        named = set(tokens(NAMED.get(self.title, "")))
        return SELDOM if named and named.isdisjoint(asked) else 1

    def is_at(self, place: Place) -> bool:
        """Return whether it is this place itself, and not what leads there."""
        return (self.kind, self.place) == (place.kind, place)

    def is_term_of(self, asked: Counter[str]) -> bool:
        """Return whether it is a term, and nothing else was asked for, but for its own names."""
        if self.kind != "term":
            return False
        words = set(tokens(self.title))
        return words <= asked.keys() <= words.union(names(self.parts["asked"]))

    def counts(self) -> Counter[str]:
        """Return how often each word stands in it, weighted by where."""
        counted: Counter[str] = Counter()
        for name, text in self.parts.items():
            for word in tokens(text):
                counted[word] += WEIGHTS[name]
        return counted

    def line(self, asked: Iterable[str], rare: dict[str, float]) -> str:
        """Return its text from the sentence on in which most of the words asked for stand."""
        sentences = re.split(r"(?<=[.?!”]) (?=[A-Z“`])", self.text)
        words = [set(tokens(one)) for one in sentences]
        said = [sum(rare.get(word, 0) for word in asked if word in one) for one in words]
        return shorten(" ".join(sentences[said.index(max(said)) :]), LINE, placeholder=" …")


@dataclass(frozen=True, eq=False)
class Counted:
    """A source whose words are counted.

    rare: how much each word says, which is the less the more sources have it. long: its length,
    where an average one has 1.
    """

    source: Source
    counts: Counter[str]
    rare: dict[str, float]
    long: float

    def score(self, asked: Counter[str]) -> float:
        """Return how well it fits words, of which each was said so often; 0 if it has none."""
        full = SATURATED * (1 - BY_LENGTH + BY_LENGTH * self.long)
        words = sum(
            math.sqrt(often) * self.rare[word] * self.counts[word] / (self.counts[word] + full)
            for word, often in asked.items()
            if word in self.counts
        )
        meant = self.source.is_meant(asked) * PRIOR[self.source.kind]
        return meant * (words + NEARLY * self.near(asked))

    @cached_property
    def wordings(self) -> list[tuple[frozenset[str], float]]:
        """Return the words of each wording, and how much they say."""
        return [(one, self.says(one)) for one in self.source.wordings]

    def near(self, asked: Counter[str]) -> float:
        """Return how much of the words asked for stands in one wording, and little else."""
        words, said = set(asked), self.says(asked)
        near = [pair for pair in self.wordings if not words.isdisjoint(pair[0])]
        shared = [(self.says(one & words), all_) for one, all_ in near]
        return max((2 * both**2 / (said + all_) for both, all_ in shared), default=0.0)

    def says(self, words: Iterable[str]) -> float:
        """Return how much words say."""
        return sum(self.rare.get(word, UNKNOWN) for word in words)

    def hit(self, asked: Counter[str]) -> Hit:
        """Return it as what is shown."""
        line = self.source.line(asked, self.rare)
        return Hit(self.source.kind, self.source.title, line, self.source.place)


@cache
def _all() -> tuple[Counted, ...]:
    """Return all that can be found."""
    sources = [*map(_of_place, places()), *map(_of_belief, MISCONCEPTIONS.values())]
    sources += map(_of_row, errors())
    counts = [one.counts() for one in sources]
    among = Counter(word for one in counts for word in one)
    faint = dict.fromkeys(tokens(FAINT), FAINTLY)
    rare = {
        word: faint.get(word, 1) * math.log((len(sources) + 1) / (n + 0.5))
        for word, n in among.items()
    }
    average = sum(one.total() for one in counts) / len(counts)
    return tuple(
        Counted(source, one, rare, one.total() / average)
        for source, one in zip(sources, counts, strict=True)
    )


def _of_place(one: Place) -> Source:
    worded = asked_as().get(one.title, ()) if one.kind != "lesson" else ()
    parts = {name: getattr(one, name) for name in WEIGHTS}
    return Source(one.kind, one, one.title, one.text or one.asked, parts, worded)


def _of_belief(one: Misconception) -> Source:
    return Source("belief", place(one.read), one.why, one.hint, {"text": f"{one.why} {one.hint}"})


def _of_row(one: Row) -> Source:
    parts = {"title": " ".join(one.messages), "text": f"{one.name}. {one.cause}"}
    return Source("error", Place(ERRORS, one.name), one.messages[0], one.cause, parts)
