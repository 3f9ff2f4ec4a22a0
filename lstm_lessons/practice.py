"""What a learner got right and wrong in all lessons, and fresh questions that lean towards it."""

import random
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date

from .asking.checking import Task
from .asking.diagnosis import as_question
from .asking.misconceptions import MISCONCEPTIONS
from .kinds import BEYOND, KINDS, gist_of, lesson_of
from .remembered import answers, named, recalled
from .spec import Spec, many

AT_ONCE = "at the first try"
ENDS = (  # of a question in a review
    AT_ONCE,
    "after a mistake",
    "after the answer was shown",
    "not answered rightly",
    "not answered",
)
MOST = 1000  # questions in a review
TRIES = 50  # to make a question of a kind that is not among those drawn


def of_lesson(question, spec):
    """Return a Question about the layer of a Spec, as one of the lesson that teaches such layers.

    spec: None where no Spec says what the layer is.
    """
    return replace(question, lesson=lesson_of(spec) if spec else BEYOND)


def solved(question, framework="keras", made=False):
    """Return whether this was answered rightly, in any lesson, or was made rightly.

    question: a Spec, a Question or a Task.
    made: of a Spec, whether it is what `check` wanted.
    """
    was = recalled(question, framework, made or isinstance(question, Task))
    return was is not None and was.solved


def mistakes():
    """Return what is not yet sure, by (lesson, framework): a Counter of wrong answers.

    Each different wrong answer counts, and each question that was answered rightly at the first try
    on a later day takes one away: the same day proves little.
    """
    unsure = {}
    for one, before in _with_those_before():
        if not (kind := (lesson_of(one), one.framework))[0]:
            continue
        count, last = unsure.get(kind, (0, None))
        if one.status == "wrong" and one.attempt not in {other.attempt for other in before}:
            unsure[kind] = count + 1, day_of(one)
        elif one.status == "correct" and not before and last and day_of(one) > last:
            unsure[kind] = max(0, count - 1), last
    return Counter({kind: count for kind, (count, _) in unsure.items() if count})


def overdue(today=None):
    """Return the kinds, (lesson, framework) pairs, that went wrong before today and are not sure.

    What went wrong longest ago comes first. today: a date, this day if None.
    """
    today, unsure, last = today or date.today(), mistakes(), {}
    for one in answers():
        kind = lesson_of(one), one.framework
        if one.status == "wrong" and kind in unsure:
            last[kind] = day_of(one)
    return sorted((kind for kind in last if last[kind] < today), key=last.get)


def day_of(answer):
    """Return the day of an Answer, where the learner is."""
    return answer.when.astimezone().date()


def _with_those_before():
    """Yield each answer with the list of those to the same question before it."""
    before = {}
    for one in answers():
        yield one, tuple(before.setdefault(one.asked, []))
        before[one.asked].append(one)


@dataclass(frozen=True)
class Row:
    """How a lesson goes: how many questions were tried, answered rightly, and that at once.

    made, tasks: how many of the tasks tried were made rightly, and how many were tried.
    """

    lesson: str
    tried: int
    right: int
    at_once: int
    made: int
    tasks: int

    @property
    def numbers(self):
        """Return what went well, and of how many."""
        return (self.right, self.at_once, self.made), (self.tried, self.tried, self.tasks)


def standing():
    """Return a Row for each lesson that has answers, in order."""
    events = {}
    for one in answers():
        of = events.setdefault(lesson_of(one), {})
        of.setdefault(one.asked, (one, []))[1].append(one.status)
    return tuple(row_of(lesson, events[lesson].values()) for lesson in sorted(events) if lesson)


def row_of(lesson, asked):
    ends = {made: [_end(all_) for one, all_ in asked if one.made == made] for made in (False, True)}
    right = {made: [end for end in ends[made] if end in ENDS[:3]] for made in ends}
    at_once = right[False].count(AT_ONCE)
    sizes = len(ends[False]), len(right[False]), at_once, len(right[True]), len(ends[True])
    return Row(lesson, *sizes)


def came_back():
    """Return what was believed in more than one question: {a misconception's id: its lessons}.

    What came up most often stands first.
    """
    seen = {}
    for one in answers():
        for belief in one.beliefs if one.status == "wrong" else ():
            if belief in MISCONCEPTIONS and lesson_of(one):
                seen.setdefault(belief, {})[one.asked] = lesson_of(one)
    often = sorted(
        (belief for belief in seen if len(seen[belief]) > 1), key=lambda b: -len(seen[b])
    )
    return {belief: sorted({*seen[belief].values()}) for belief in often}


def known():
    """Return what was answered rightly, as (what stands for the question, framework) pairs."""
    return {(one.question, one.framework) for one in answers() if one.status == "correct"}


def fresh(number, seed, wrong=(), through=4, first=(), known=frozenset()):
    """Return fresh questions, as (Spec or Question, framework) pairs; a seed has its own.

    A kind comes up more often the more often it went wrong, and less often the more it, or its
    form, has come up. No two questions read the same, nor the same with other numbers as long as
    there are others; where there are not enough different ones, fewer come.

    number: how many.
    wrong: how often each (lesson, framework) went wrong.
    through: the number of the last lesson to ask about.
    first: the (lesson, framework) pairs to begin with, in order.
    known: what is not to be asked again, as known gives it.

    Raises ValueError, in one line, for a number or a lesson that there is not.
    """
    if type(number) is not int or not 1 <= number <= MOST:
        raise ValueError(f"number must be a whole number from 1 to {MOST}, got {number!r}; try 6")
    if type(through) is not int or through < 1:
        raise ValueError(f"through must be the number of a lesson from 1, got {through!r}; try 4")
    chance, drawn = random.Random(seed), {}
    kinds = [kind for kind in KINDS if int(kind.lesson[:2]) <= through]
    wrong, first = dict(wrong), [*first]
    for repeats in (False, True):
        weights = [1 + 4 * wrong.get((kind.lesson, kind.framework), 0) for kind in kinds]
        while len(drawn) < number and any(weights):
            due = first.pop(0) if first else None
            among = [
                weight if due in (None, (kind.lesson, kind.framework)) else 0
                for kind, weight in zip(kinds, weights, strict=True)
            ]
            if any(among):
                [index] = chance.choices(range(len(kinds)), among)
                new = _another(kinds[index], chance, drawn, known, repeats)
                weights[index] *= 1 / 4 if new else 0
                drawn |= new
                same = [kind.form == kinds[index].form for kind in kinds]
                weights = [w * 2 / 3 if one else w for w, one in zip(weights, same, strict=True)]
    return list(drawn.values())


def _another(kind, chance, drawn, known, alike):
    """Return {text: (question, framework)} of a question of a kind, {} if all are drawn already.

    alike: whether it may be one that is drawn already, with other numbers, as that of a Spec may.
    """
    asked = {gist_of(text) for text in drawn}
    for _ in range(TRIES):
        question = _of_lesson(kind.make(chance), kind.lesson)
        text = as_question(question, kind.framework).text
        other = alike or isinstance(question, Spec) or gist_of(text) not in asked
        if other and text not in drawn and (named(question), kind.framework) not in known:
            return {text: (question, kind.framework)}
    return {}


def _of_lesson(question, lesson):
    return question if isinstance(question, Spec) else replace(question, lesson=lesson)


def summary(questions, happened):
    """Return how a review went: how many questions ended in which way, and what to see again.

    questions: (Spec or Question, framework) pairs.
    happened: for each, in order, the statuses of what was answered, and "shown" where the answer
        was asked for.
    """
    ends = [_end(events) for events in happened]
    said = [f"{ends.count(end)} {end}" for end in ENDS[1:] if end in ends]
    again = Counter(
        (lesson_of(question[0]), question[1])
        for question, end in zip(questions, ends, strict=True)
        if end != AT_ONCE
    )
    first = f"{ends.count(AT_ONCE)} of {many(len(ends), 'question')} answered rightly {AT_ONCE}"
    return f"{', '.join([first, *said])}. {advice(again)}"


def _end(events):
    """Return how a question ended: one of ENDS."""
    if "correct" not in events:
        return ENDS[3] if "wrong" in events else ENDS[4]
    before = events[: events.index("correct")]
    return ENDS[1] if "wrong" in before else ENDS[2] if "shown" in before else AT_ONCE


def advice(wrong):
    """Return which lessons to see again, those that went wrong most often first, in a sentence.

    wrong: how often each (lesson, framework) went wrong.
    """
    by_lesson = Counter()
    for (lesson, _), count in dict(wrong).items():
        by_lesson[lesson] += count
    worth = [lesson for lesson, count in by_lesson.most_common() if count]
    if not worth:
        return "No lesson needs a second look."
    return f"See again: {'; '.join(worth)}."
