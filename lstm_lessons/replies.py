"""What a control shows, as HTML: verdicts, what came back, what is awaited. No control is here."""

import base64
import sys
import threading
from collections.abc import Iterable
from pathlib import Path

from .asking.misconceptions import MISCONCEPTIONS
from .asking.questions import Question, Seen
from .asking.truth import is_expected, missed, say, tensors_of
from .asking.verdict import TITLES, Belief, Verdict
from .drawing import draw
from .frameworks import run
from .markup import Markup, element, joined, movable
from .pictures import Picture, listing, paragraph, standing, table
from .rule import dialect_of, expected
from .snippets import code
from .spec import Spec, gist

MARKS = {  # of each verdict, with its colour
    "correct": ("✓", "#00704f"),
    "wrong": ("✗", "#9a4a00"),
    "not attempted": ("…", "#5f6368"),
    "not readable": ("?", "#5f6368"),
    "could not run": ("!", "#5f6368"),
}

TYPE = "application/jsonl"  # of the answers, as a file


def announced(*content: Markup, **attributes: str) -> Markup:
    """Return content that a screen reader announces when it changes."""
    return element("div", *content, role="status", **attributes)


def status(message: str) -> Markup:
    """Return a message, announced."""
    return announced(paragraph(message))


def noted(line: str) -> Markup:
    """Return a line that stands below a reply, nothing for ""."""
    return announced(paragraph(line)) if line else joined([])


def verdict(found: Verdict, answer: str = "", attempt: int = 1, right: str = "") -> Markup:
    """Return what is said of an answer.

    attempt: how many different wrong answers there were, with this one.
    right: the right answer in words; told where it is given.
    answer: what was typed; read back where the Verdict has no shapes to read back.
    """
    mark, _ = MARKS[found.status]
    lead = joined([element("b", f"{mark} {TITLES[found.status]}."), " "])
    last = f"The answer: {right}." if right else ""
    said = f"{found.reply(attempt)} {last}".strip()
    folded = found.why if attempt != 2 and not found.choices else ""
    return announced(paragraph(said, lead), _folded(folded), style=_barred(found.status))


def chosen(belief: Belief, answer: str = "") -> Markup:
    """Return what is said once somebody has chosen what was believed. answer: what was typed."""
    style = _barred("wrong")
    return announced(paragraph(belief.words("You expect")), _folded(belief.why), style=style)


def _barred(status):
    """Return the style of what is said of an answer: a bar in the colour of its status."""
    _, bar = MARKS[status]
    return f"border-left: 4px solid {bar}; padding: 2px 0 2px 10px; margin: 6px 0"


def _folded(why):
    """Return why people think so, folded; "" if nothing is known of it."""
    if not why:
        return Markup("")
    summary = element("summary", "Why one thinks so", style="cursor: pointer")
    return element("details", summary, paragraph(why))


def running(framework: str) -> Markup:
    """Return that a framework is at work, and that this takes long the first time."""
    title = dialect_of(framework).title
    first = "" if _is_loaded(framework) else f"The first time, {title} takes some seconds to load."
    return status(f"Running. {first}".strip())


def why_wait(framework: str) -> str:
    """Return why a framework does not answer at once, "" if it does."""
    title = dialect_of(framework).title
    if not _is_loaded(framework):
        return f"{title} is loading. Meanwhile, by the rule:"
    if threading.current_thread() is not threading.main_thread():  # it may be busy with a cell
        return f"{title} runs as soon as no cell does. Meanwhile, by the rule:"
    return ""


def _is_loaded(framework):
    """Return whether a framework has been imported, or is known to fail; not while it loads."""
    name = f"{__package__}.frameworks._{framework}"
    return name in sys.modules and (sys.modules[name] is None or hasattr(sys.modules[name], "call"))


def before(question: Spec | Question, framework: str) -> str:
    """Return the picture that keeps the answer to itself; "" for other questions."""
    return draw(question, None, framework).html if isinstance(question, Spec) else ""


def ran(spec: Spec, framework: str) -> tuple[str, Markup]:
    """Return the picture, and what the real layer returned and what is kept of it."""
    title = dialect_of(framework).title
    try:
        came = run(spec, framework)
    except Exception as error:
        return "", status(f"{title} failed. {gist(error)}")
    shown = [tabled(table(came.tensors, f"What {title} returned"))]
    if came != expected(spec, framework):
        shown.append(status(f"The rule expected {say(expected(spec, framework).tensors)}."))
    if came.kept != came.tensors:
        kept = " and ".join(f"`{tensor.expression}`, {say((tensor,))}" for tensor in came.kept)
        shown.append(paragraph(f"For this scenario take {kept}."))
    return draw(spec, came, framework).html, announced(*shown)


def tabled(found: Picture) -> Markup:
    """Return a table that can be moved sideways where it is too wide."""
    return movable(found.html, "What comes back")


def lines(spec: Spec, framework: str) -> Markup:
    """Return the code of a spec, its lines unbroken, which can be moved sideways."""
    return movable(listing(code(spec, framework)), "The code")


def result(question: Spec | Question, asked: Question, framework: str) -> Markup:
    """Return what really came back, or why nothing did."""
    if isinstance(question, Spec):
        return joined([*ran(question, framework), lines(question, framework)])
    try:
        gave = asked.run()
        came = tensors_of(gave, asked)
    except Exception as error:
        said = f"`{type(error).__name__}`: {gist(error)}"
        raised = is_expected(error, asked)
        return status(f"It raised {said}" if raised else f"It could not run. {said}")
    if asked.raises:
        return status(f"It ran, though {missed(asked, came)}.")
    return status(f"It ran: {gave.evidence if isinstance(gave, Seen) else say(came)}.")


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
    return joined([paragraph(where), paragraph(why, link) if answers else ""])


def progress(rows: Iterable, beliefs: dict[str, list[str]], advice: str, kept: Markup) -> Markup:
    """Return how the lessons go: a table, what was believed more than once, what to see again.

    beliefs: for the id of each misconception, the lessons in which it came up.
    kept: where the answers are, as kept says it.
    """
    rows = list(rows)
    if not rows:
        return announced(paragraph("No question is answered yet."), kept)
    tried, at_once = sum(row.tried for row in rows), sum(row.at_once for row in rows)
    rate = f" ({at_once / tried:.0%})" if tried else ""
    first = f"{at_once} of {tried} questions{rate} answered rightly at the first try. {advice}"
    again = [
        element(
            "li",
            paragraph(
                f"{MISCONCEPTIONS[belief].why} {MISCONCEPTIONS[belief].hint} "
                f"(In {', '.join(lessons)}.)"
            ),
        )
        for belief, lessons in beliefs.items()
    ]
    came = [paragraph("What you expected more than once:"), element("ul", *again)] if again else []
    table = movable(standing(rows).html, "What you have tried")
    return announced(table, paragraph(first), *came, kept)
