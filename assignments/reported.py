"""The page on how a class does, of plain rows: what the report has read, it is handed."""

import re
from collections import Counter
from dataclasses import dataclass

from lstm_lessons import practice
from lstm_lessons.asking.diagnosis import as_question
from lstm_lessons.asking.misconceptions import MISCONCEPTIONS
from lstm_lessons.kinds import lesson_of
from lstm_lessons.markup import Markup, element, joined
from lstm_lessons.spec import Spec

FEWEST = 5  # learners whose answers are shown, as those of a class
TOP = 10  # rows of what came most
STYLE = """
:root { color-scheme: light dark; --line: #8886; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: auto; padding: 0 1rem 2rem }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 2rem }
caption { text-align: start; font-weight: 600; padding: .4rem 0 }
th, td { padding: .3rem .5rem; border-bottom: 1px solid var(--line); text-align: start }
th, td { vertical-align: top; overflow-wrap: anywhere }
th { font-weight: 400 }
thead th { font-weight: 600; font-size: .875rem; overflow-wrap: normal }
.number { width: 1%; padding-inline-start: 1rem; text-align: end; overflow-wrap: normal }
.number { font-variant-numeric: tabular-nums }
tbody th { min-width: 5.75rem }
small { display: block; opacity: .8 }
@media (min-width: 30rem) { td.number { white-space: nowrap } }
@media (max-width: 30rem) { th, td { padding: .3rem .2rem; font-size: .875rem } }
@media (max-width: 30rem) { .number { padding-inline-start: .3rem } thead th { font-size: .75rem } }
@media print { body { font-size: 10pt; max-width: none } tr { break-inside: avoid } }
@media print { thead { display: table-header-group } }
"""


@dataclass(frozen=True)
class Mark:
    """Points of a student for a task. unread: whether a person still has to read the answer."""

    assignment: str
    task: str
    student: str
    points: float
    of: float
    unread: bool = False


@dataclass(frozen=True)
class Prediction:
    """A prediction that was handed in: its Verdict's status, and the ids of its beliefs.

    status: "not read" where the notebook has no literal.
    """

    assignment: str
    student: str
    status: str
    beliefs: tuple[str, ...] = ()


def page(marks, predictions=(), learners=None, names=False):
    """Return the page, as text: of Marks, Predictions, and a list of Answers for each learner."""
    parts = [element("h1", "How the class does"), *of_tasks(marks)]
    parts += [*of_predictions(predictions), *of_memories(learners)]
    parts += of_names(marks) if names else []
    head = joined(
        [
            Markup('<meta charset="utf-8">'),
            Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            element("title", "How the class does"),
            element("style", Markup(STYLE)),
        ]
    )
    whole = element("html", element("head", head), element("body", *parts), lang="en")
    return f"<!doctype html>\n{whole}\n"


def of_tasks(marks):
    """Yield a table for each assignment: of each task how many are graded, their mean, zeros."""
    yield element("h2", "Tasks")
    if not marks:
        yield element("p", "Nothing is graded yet.")
    for assignment in sorted({one.assignment for one in marks}):
        own = [one for one in marks if one.assignment == assignment]
        rows = [_of_task(t, [o for o in own if o.task == t]) for t in {o.task: 0 for o in own}]
        yield table(assignment, ("Task", "Graded", "Mean of points", "Zeros", "Unread"), rows)


def _of_task(task, marks):
    read = [one for one in marks if not one.unread]
    mean = "–"
    if read and (of := read[0].of):
        points = sum(one.points for one in read) / len(read)
        mean = f"{points:.1f}\u00a0of\u00a0{of:g} ({points / of:.0%})"
    return task, len(read), mean, sum(one.points == 0 for one in read), len(marks) - len(read)


def of_predictions(predictions):
    """Yield what the wrong predictions are led by, for each belief."""
    yield element("h2", "Beliefs in wrong predictions")
    wrong = [one for one in predictions if one.status == "wrong"]
    unread = sum(one.status == "not read" for one in predictions)
    blind = sum(not one.beliefs for one in wrong)
    yield element(
        "p",
        f"{len(predictions)} predictions handed in: {len(wrong)} wrong, {blind} of them for no "
        f"known reason; {unread} not read, since no literal stands there.",
    )
    count = Counter(belief for one in wrong for belief in dict.fromkeys(one.beliefs))
    whose = Counter(b for b, _ in {(b, one.student) for one in wrong for b in one.beliefs})
    rows = [(belief(one), number, whose[one]) for one, number in count.most_common()]
    if rows:
        yield table("A wrong prediction may have several", ("Belief", "Wrong", "Students"), rows)


def of_memories(learners):
    """Yield how lessons go, from the answers of each learner, if there are enough of them."""
    if learners is None:
        return
    yield element("h2", "Lessons")
    if len(learners) < FEWEST:
        yield element("p", f"Answers are shown from {FEWEST} learners' files on, so none are here.")
        return
    yield element("p", f"From the files of {len(learners)} learners.")
    yield table(
        "First try", ("Lesson", "Learners", "Questions", "At first try"), _lessons(learners)
    )
    seen = Counter(
        one
        for answers in learners
        for one in {b for a in answers if a.status == "wrong" for b in a.beliefs}
        if one in MISCONCEPTIONS
    )
    rows = [(belief(one), number) for one, number in seen.most_common(TOP)]
    yield table("Beliefs that came most", ("Belief", "Learners"), rows)
    yield table(
        "Questions that fail most", ("Question", "Wrong first", "Asked"), _failing(learners)
    )


def _lessons(learners):
    """Return a row for each lesson: its learners, their questions, the share right at once."""
    sums = {}
    for answers in learners:
        of = {}
        for one in sorted(answers, key=lambda one: one.when):
            of.setdefault(lesson_of(one), {}).setdefault(one.asked, (one, []))[1].append(one.status)
        for lesson in filter(None, of):
            row = practice.row_of(lesson, of[lesson].values())
            if row.tried:
                sums.setdefault(lesson, []).append((row.tried, row.at_once))
    rows = []
    for lesson in sorted(sums):
        tried, at_once = map(sum, zip(*sums[lesson], strict=True))
        rows.append((lesson, len(sums[lesson]), tried, f"{at_once / tried:.0%}"))
    return rows


def _failing(learners):
    """Return what most learners answered wrongly at first, and how many were asked."""
    asked, wrong = Counter(), Counter()
    for answers in learners:
        first = {}
        for one in sorted(answers, key=lambda one: one.when):
            first.setdefault(text_of(one), one.status)
        asked.update(first.keys())
        wrong.update(text for text, status in first.items() if status == "wrong")
    return [(code(text), number, asked[text]) for text, number in wrong.most_common(TOP)]


def text_of(answer):
    """Return what an Answer answers, in words."""
    if not isinstance(answer.question, Spec):
        return answer.question
    try:
        return as_question(answer.question, answer.framework).text
    except ValueError:  # a framework that there is not
        return repr(answer.question)


def of_names(marks):
    """Yield who has no points in a third of the tasks that are graded."""
    zeros, graded = Counter(), Counter()
    for one in marks:
        graded[one.student] += not one.unread
        zeros[one.student] += not one.unread and one.points == 0
    many = sorted(s for s in graded if zeros[s] and 3 * zeros[s] >= graded[s])
    yield element("h2", "Who has zeros in a third of the tasks")
    rows = [(student, zeros[student], graded[student]) for student in many]
    yield table("Students", ("Student", "Zeros", "Graded"), rows) if rows else element("p", "None.")


def belief(one):
    """Return a belief in its own words."""
    known = MISCONCEPTIONS[one]
    return joined([known.read.replace("`", ""), element("small", code(known.why))])


def code(text):
    """Return text as Markup, what stands in backticks as code."""
    parts = re.split(r"`([^`]*)`", text)
    return joined(element("code", p) if number % 2 else p for number, p in enumerate(parts))


def table(caption, heads, rows):
    """Return a table: of each row the first cell is its header, the others are numbers."""
    ends = [{}, *[{"class": "number"}] * (len(heads) - 1)]
    top = [element("th", h, scope="col", **e) for h, e in zip(heads, ends, strict=True)]
    body = [
        element(
            "tr",
            element("th", first, scope="row"),
            *[element("td", one if isinstance(one, str) else f"{one}", **ends[1]) for one in rest],
        )
        for first, *rest in rows
    ]
    return element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *top)),
        element("tbody", *body),
    )
