"""What a learner got wrong in this kernel, and fresh questions that lean towards it."""

import random
from collections import Counter

from .spec import Spec

LESSONS = {
    (False, False): "01 The last output",
    (True, False): "02 Every output",
    (False, True): "03 The last output and the states",
    (True, True): "04 Every output and the states",
}
_mistakes = Counter()  # by lesson and framework, since the kernel started
_solved = set()  # (spec, framework) pairs answered rightly


def lesson_of(spec, framework="keras"):
    """Return the name of the lesson that teaches this spec's scenario. PyTorch's is always both."""
    if framework == "torch":
        return LESSONS[True, True]
    return LESSONS[spec.return_sequences, spec.return_state]


def remember(question, framework, right):
    """Keep in mind how a question was answered. Only Specs belong to a scenario, and count."""
    if not isinstance(question, Spec):
        return
    if right:
        _solved.add((question, framework))
    else:
        _mistakes[lesson_of(question, framework), framework] += 1


def solved(question, framework="keras"):
    """Return whether this Spec's question was answered rightly in this kernel."""
    return (question, framework) in _solved


def mistakes():
    """Return how many wrong answers were given, by (lesson, framework), as a Counter."""
    return Counter(_mistakes)


def fresh(number, seed, wrong=()):
    """Return fresh questions, as (Spec, framework) pairs; the same for the same arguments.

    No size is 1, 2 or 4, and none appears twice in a question. A scenario in a framework comes up
    more often the more often it went wrong, and less often the more it has come up.

    number: how many.
    wrong: how often each (lesson, framework) went wrong.
    """
    chance = random.Random(seed)
    kinds = [*((flags, "keras") for flags in LESSONS), ((True, True), "torch")]
    weights = [
        1 + 4 * dict(wrong).get((LESSONS[flags], framework), 0) for flags, framework in kinds
    ]
    questions = []
    for (every, states), framework in _draw(chance, kinds, weights, number):
        sizes = chance.sample([3, *range(5, 33)], 4)
        questions.append((Spec("lstm", *sizes, every, states), framework))
    return questions


def _draw(chance, kinds, weights, number):
    """Return weighted draws; one that has come up is half as likely afterwards."""
    weights, drawn = list(weights), []
    for _ in range(number):
        [index] = chance.choices(range(len(kinds)), weights)
        weights[index] /= 2
        drawn.append(kinds[index])
    return drawn


def advice(wrong):
    """Return which lessons to see again, those with the most mistakes first, in a sentence.

    wrong: how often each (lesson, framework) went wrong.
    """
    by_lesson = Counter()
    for (lesson, _), count in dict(wrong).items():
        by_lesson[lesson] += count
    worth = [lesson for lesson, count in by_lesson.most_common() if count]
    if not worth:
        return "No lesson needs a second look."
    return f"See again: {'; '.join(worth)}."
