"""What a learner got wrong in this kernel, and fresh questions that lean towards it."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from .asked import decoding, forecasting, meaning, memory
from .spec import Spec

SCENARIOS = {
    (False, False): "01 The last output",
    (True, False): "02 Every output",
    (False, True): "03 The last output and the states",
    (True, True): "04 Every output and the states",
}
BEYOND = "05 Layers and directions"
_mistakes = Counter()  # by lesson and framework, since the kernel started
_solved = set()  # (what was asked, framework) pairs answered rightly


@dataclass(frozen=True)
class Kind:
    """A kind of question: the lesson that teaches it, its framework, and how one is made.

    make: takes a random.Random and returns a Spec or a Question.
    """

    lesson: str
    framework: str
    make: Callable


def _sized(chance, **fields):
    """Return a Spec of these fields; no size is 1, 2 or 4, and none appears twice."""
    return Spec("lstm", *chance.sample([3, *range(5, 33)], 4), **fields)


def _scenario(every, states, chance):
    return _sized(chance, return_sequences=every, return_state=states)


def _stack(chance):
    return _sized(chance, layers=chance.choice([2, 3]), bidirectional=chance.random() < 0.5)


def _directions(chance):
    merge_mode = chance.choice(["concat", "concat", "sum", None])
    states = merge_mode == "concat"
    return _sized(chance, bidirectional=True, return_state=states, merge_mode=merge_mode)


def _gru(chance):
    return replace(_sized(chance, return_state=True), cell="gru")


def _one_of(*questions):
    return lambda chance: chance.choice(questions)()


def _unpacked(chance):
    lengths = tuple(chance.sample([5, 7, 8, 9, 10], 3))
    return memory.unpacked(lengths, timesteps=13, units=chance.choice([11, 12, 14]))


KINDS = (
    *(Kind(name, "keras", partial(_scenario, *flags)) for flags, name in SCENARIOS.items()),
    Kind(SCENARIOS[True, True], "torch", partial(_scenario, True, True)),
    Kind(BEYOND, "torch", _stack),
    Kind(BEYOND, "keras", _directions),
    Kind(BEYOND, "keras", _gru),
    Kind(
        "06 Right shape, wrong meaning",
        "keras",
        _one_of(meaning.series, meaning.two_names, meaning.difference),
    ),
    Kind("06 Right shape, wrong meaning", "torch", _one_of(meaning.table, meaning.reshaped_states)),
    Kind("07 Padding and memory", "torch", _unpacked),
    Kind("07 Padding and memory", "torch", _one_of(memory.handed_over)),
    Kind("08 Encoder and decoder", "keras", _one_of(decoding.repeated, decoding.merged)),
    Kind("08 Encoder and decoder", "torch", _one_of(decoding.class_axis, decoding.torch_state)),
    Kind("09 Forecast oil prices", "keras", _one_of(forecasting.cut, forecasting.five_days)),
)


def lesson_of(question, framework="keras"):
    """Return the name of the lesson that teaches a question, "" for one that no review asks.

    What PyTorch returns does not depend on the flags: of one layer, it is lesson 04's.
    """
    if not isinstance(question, Spec):
        return question.lesson
    if question != Spec(
        **{name: getattr(question, name) for name in ("batch", "timesteps", "features", "units")},
        return_sequences=question.return_sequences,
        return_state=question.return_state,
    ):
        return BEYOND
    if framework == "torch":
        return SCENARIOS[True, True]
    return SCENARIOS[question.return_sequences, question.return_state]


def remember(question, framework, right):
    """Keep in mind how a question was answered; a wrong answer counts for its lesson."""
    if right:
        _solved.add((_key(question), framework))
    elif lesson_of(question, framework):
        _mistakes[lesson_of(question, framework), framework] += 1


def solved(question, framework="keras"):
    """Return whether this question was answered rightly in this kernel."""
    return (_key(question), framework) in _solved


def _key(question):
    """Return what makes a question the same as another: a Spec itself, or a Question's text."""
    return question if isinstance(question, Spec) else question.text


def mistakes():
    """Return how many wrong answers were given, by (lesson, framework), as a Counter."""
    return Counter(_mistakes)


def fresh(number, seed, wrong=(), through=4):
    """Return fresh questions, as (Spec or Question, framework) pairs; a seed has its own.

    A kind comes up more often the more often it went wrong, and less often the more it has come
    up.

    number: how many.
    wrong: how often each (lesson, framework) went wrong.
    through: the number of the last lesson to ask about.
    """
    chance = random.Random(seed)
    kinds = [kind for kind in KINDS if int(kind.lesson[:2]) <= through]
    weights = [1 + 4 * dict(wrong).get((kind.lesson, kind.framework), 0) for kind in kinds]
    return [
        (_of_lesson(kind.make(chance), kind.lesson), kind.framework)
        for kind in _draw(chance, kinds, weights, number)
    ]


def _of_lesson(question, lesson):
    return question if isinstance(question, Spec) else replace(question, lesson=lesson)


def _draw(chance, kinds, weights, number):
    """Return weighted draws; one that has come up is a quarter as likely afterwards."""
    weights, drawn = list(weights), []
    for _ in range(number):
        [index] = chance.choices(range(len(kinds)), weights)
        weights[index] /= 4
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
