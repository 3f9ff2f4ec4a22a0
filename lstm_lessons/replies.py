"""What a control shows, as HTML: verdicts, what came back, what is awaited. No control is here.

It has more than 300 lines, since each kind of question has its own reply, and all look alike.
"""

import base64
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from . import recorded
from .asking.misconceptions import MISCONCEPTIONS
from .asking.questions import Question, Seen
from .asking.truth import Truth, is_expected, missed, say, tensors_of, truth_of
from .asking.verdict import TITLES, Belief, Verdict
from .drawing import draw
from .drawing.picked import lit, picked
from .frameworks import run
from .indexes import NoIndex, take
from .markup import Markup, element, joined, movable
from .picks import candidates, same_numbers
from .pictures import INK, Picture, findings, listing, paragraph, sentences, standing, table
from .places import Place, in_links, read_on
from .rule import DIALECTS, dialect_of, expected
from .shapes import Returned, Tensor
from .snippets import code
from .spec import Spec, gist, many
from .taken import Taken

MARKS = {  # of each verdict, with its colour
    "correct": ("✓", "#00704f"),
    "wrong": ("✗", "#9a4a00"),
    "not attempted": ("…", "#5f6368"),
    "not readable": ("?", "#5f6368"),
    "could not run": ("!", "#5f6368"),
}
TYPE = "application/jsonl"  # of the answers, as a file
Tabled = Callable[[Sequence[Tensor] | None], Markup]  # a table that marks what is another since


def announced(*content: Markup, **attributes: str) -> Markup:
    """Return content that a screen reader announces when it changes."""
    return element("div", *content, role="status", **attributes)


def status(message: str) -> Markup:
    """Return a message, announced."""
    return announced(sentences(message))


def noted(line: str) -> Markup:
    """Return a line that stands below a reply, nothing for ""."""
    return announced(sentences(line)) if line else joined([])


def verdict(
    found: Verdict,
    answer: str = "",
    attempt: int = 1,
    right: str = "",
    about: tuple[Place, ...] = (),
) -> Markup:
    """Return what is said of an answer.

    attempt: how many different wrong answers there were, with this one.
    right: the right answer in words; told where it is given.
    answer: what was typed; read back where the Verdict has no shapes to read back.
    about: where to read on of the question, said of a wrong answer that no belief explains.
    """
    mark, _ = MARKS[found.status]
    lead = joined([element("b", f"{mark} {TITLES[found.status]}."), " "])
    last = f"The answer: {right}." if right else ""
    said = f"{found.reply(attempt)} {last}".strip()
    folded = found.why if attempt != 2 and not found.choices else ""
    why = _folded(folded, read_of(found))
    more = [] if why or found.status != "wrong" else [paragraph("", in_links(about))]
    return announced(sentences(said, lead), why, *more, style=_barred(found.status))


def read_of(found: Verdict) -> tuple[Place, ...]:
    """Return where to read on of what a Verdict's beliefs are about, three places at most."""
    titles = [MISCONCEPTIONS[one.misconception].read for one in found.beliefs]
    return tuple(dict.fromkeys(place for title in titles for place in read_on(title)))[:3]


def chosen(belief: Belief, answer: str = "") -> Markup:
    """Return what is said once somebody has chosen what was believed. answer: what was typed."""
    style = _barred("wrong")
    read = read_on(MISCONCEPTIONS[belief.misconception].read)
    return announced(sentences(belief.words("You expect")), _folded(belief.why, read), style=style)


def _barred(status):
    """Return the style of what is said of an answer: a bar in the colour of its status."""
    _, bar = MARKS[status]
    return f"border-left: 4px solid {bar}; padding: 2px 0 2px 10px; margin: 6px 0"


def _folded(why, read):
    """Return why people think so and where to read on, folded; "" if nothing is known of it."""
    if not why:
        return Markup("")
    summary = element("summary", "Why one thinks so", style="cursor: pointer")
    return element("details", summary, sentences(why), paragraph("", in_links(read)))


def running(framework: str) -> Markup:
    """Return that a framework is at work, and that this takes long the first time."""
    title = dialect_of(framework).title
    first = "" if is_loaded(framework) else f"The first time, {title} takes some seconds to load."
    return status(f"Running. {first}".strip())


def meanwhile(spec: Spec, framework: str, front: int = 0) -> tuple[str, Tabled]:
    """Return the picture that keeps the answer to itself, and what makes the rule's table."""
    title = dialect_of(framework).title
    when = "runs as soon as no cell does" if is_loaded(framework) else "is loading"
    said = status(f"{title} {when}. Meanwhile, by the rule:")

    def will(since):
        own = expected(spec, framework).tensors
        return joined([said, tabled(table(own, f"What {title} will return", since))])

    return draw(spec, None, framework, front).html, will


def is_loaded(framework):
    """Return whether a framework was imported, or is known to fail; or a record stands for it."""
    name = f"{__package__}.frameworks._{framework}"
    known = name in sys.modules and (not sys.modules[name] or hasattr(sys.modules[name], "call"))
    return known or recorded.in_use()


def squares(asked: Question) -> Markup:
    """Return the picture of what a layer returns, the squares in a frame whose index is asked."""
    truth: Any = truth_of(asked)
    try:
        returned = [one for one in asked.there() if one.expression != "x"]
    except Exception as error:
        return status(f"It could not run. {gist(error)}")
    return lit(take(truth.written, returned), returned).html


def taken(
    written: str, tensors: Sequence[Tensor], others: Sequence[Taken], backwards: bool = True
) -> Markup:
    """Return what an index takes, or why it takes nothing.

    others: what may hold the same numbers. backwards: as of take.
    """
    try:
        found = take(written, tensors, backwards)
    except NoIndex as error:
        return status(f"{str(error)[:1].upper()}{str(error)[1:]}.")
    same = same_numbers(found, others, tensors) if len(tensors) > 1 else None
    return joined([picked(found, same).html])


def ran(spec: Spec, framework: str, front: int = 0) -> tuple[str, Tabled]:
    """Return the picture, and what makes the table of what the real layer returned, later.

    front: the sequence in front.
    """
    try:
        came = run(spec, framework)
    except Exception as error:
        failed = status(f"{dialect_of(framework).title} failed. {gist(error)}")
        return "", lambda since: failed
    return draw(spec, came, framework, front).html, partial(told, spec, came, framework)


def told(
    spec: Spec, came: Returned, framework: str, since: Sequence[Tensor] | None = None
) -> Markup:
    """Return the table of what a layer returned, what no longer is since, and what is kept."""
    shown = [tabled(table(came.tensors, f"What {dialect_of(framework).title} returned", since))]
    if came != expected(spec, framework):
        shown.append(status(f"The rule expected {say(expected(spec, framework).tensors)}."))
    names = [tensor.name for tensor in came.tensors]
    gone = [f"`{tensor.expression}`" for tensor in since or () if tensor.name not in names]
    if gone:
        shown.append(sentences(f"No longer returned: {', '.join(gone)}."))
    if came.kept != came.tensors:
        kept = " and ".join(f"`{tensor.expression}`, {say((tensor,))}" for tensor in came.kept)
        shown.append(sentences(f"For this scenario take {kept}."))
    return announced(*shown)


def environment(rows: Iterable, tried: bool = True, untried: str = "") -> Markup:
    """Return a doctor's findings: a table that moves sideways, folded where nothing is amiss.

    tried: whether all is known; until then nothing is said of the whole. untried: what is too new.
    """
    rows = list(rows)
    found = movable(findings(rows).html, "The environment")
    if not tried:
        return announced(found)
    if not all(row.fine for row in rows):
        said = f"Something is amiss: the last column says what to do. {untried}"
        return announced(sentences(said.strip()), found)
    summary = element("summary", "What was looked at", style="cursor: pointer")
    said = f"✓ Everything works. Go on. {untried}"
    return announced(sentences(said.strip()), element("details", summary, found))


def tabled(found: Picture) -> Markup:
    """Return a table that can be moved sideways where it is too wide."""
    return movable(found.html, "What comes back")


def lines(spec: Spec, framework: str) -> Markup:
    """Return the code of a spec, its lines unbroken, which can be moved sideways."""
    return listing(code(spec, framework), "The code")


def side_by_side(spec: Spec, shown: str) -> Markup:
    """Return the code of a spec in each framework, side by side where there is room.

    shown: the framework that is drawn, which its heading says.
    """
    style = "display: flex; flex-wrap: wrap; gap: 0 20px; align-items: flex-start"
    return element("div", *[_coded(spec, name, name == shown) for name in DIALECTS], style=style)


def _coded(spec, framework, shown):
    """Return the code of a spec in a framework under its name, or why it refuses the spec."""
    title = DIALECTS[framework].title
    drawn = " (drawn above)" if shown else ""
    weight = f"color: {INK}; font-weight: {'bold' if shown else 'normal'}"
    try:
        body = listing(code(spec, framework), f"The code for {title}")
    except ValueError as reason:
        body = sentences(f"{title} refuses this: {reason}.")
    name = element("div", f"{title}{drawn}", style=weight)
    return element("div", name, body, style="flex: 1 1 300px; min-width: 0; max-width: 620px")


def outcome(asked: Question) -> tuple[Truth | None, Markup]:
    """Return what a question's code gave, None for nothing, and how that is said."""
    try:
        if asked.form == "index":
            truth: Any = truth_of(asked)
            tensors = asked.there()
            found = take(truth.written, tensors)
            same = same_numbers(found, candidates(tensors), tensors)
            return None, picked(found, same or None).html  # nothing can be pressed here
        gave = asked.run()
        came = tensors_of(gave, asked)
    except Exception as error:
        said = f"`{type(error).__name__}`: {gist(error)}"
        raised = is_expected(error, asked)
        return None, status(f"It raised {said}" if raised else f"It could not run. {said}")
    if asked.raises:
        return came, status(f"It ran, though {missed(asked, came)}.")
    seen = gave.evidence if isinstance(gave, Seen) else say(came)
    return came, status(f"It ran: {seen}.")


def kept(file: Path | None, answers: str) -> Markup:
    """Return where the answers are, with a link to take them along. answers: as lines."""
    where = (
        f"Your answers are in `{file.parent.name}/{file.name}`, and nowhere else; delete it, and "
        "they are gone."
        if file
        else "Your answers are kept in no file here: they are gone when this kernel ends."
    )
    data = base64.b64encode(answers.encode()).decode()
    link = element(
        "a",
        "Take your answers along",
        href=f"data:{TYPE};base64,{data}",
        download="answers.jsonl",
        style="text-decoration: underline",
    )
    why = ". Where files do not last, as on Binder, do so before you leave."
    return joined([sentences(where), sentences(why, link) if answers else ""])


def progress(rows: Iterable, beliefs: dict[str, list[str]], advice: str, kept: Markup) -> Markup:
    """Return how the lessons go: a table, what was believed more than once, what to see again.

    beliefs: for the id of each misconception, the lessons in which it came up.
    kept: where the answers are, as kept says it.
    """
    rows = list(rows)
    if not rows:
        return announced(sentences("No question is answered yet."), kept)
    tried, at_once = sum(row.tried for row in rows), sum(row.at_once for row in rows)
    of = f"{at_once} of {many(tried, 'question')} ({at_once / max(tried, 1):.0%})"
    first = f"{of} answered rightly at the first try. {advice}" if tried else advice
    again = [
        element(
            "li",
            sentences(
                f"{MISCONCEPTIONS[belief].why} {MISCONCEPTIONS[belief].hint} "
                f"(In {', '.join(lessons)}.)"
            ),
        )
        for belief, lessons in beliefs.items()
    ]
    came = [sentences("What you expected more than once:"), element("ul", *again)] if again else []
    table = movable(standing(rows).html, "What you have tried")
    return announced(table, sentences(first), *came, kept)
