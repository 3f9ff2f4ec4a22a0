"""What a learner got wrong in this kernel, and fresh questions that lean towards it."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from .asked import decoding, forecasting, meaning, memory
from .asking.diagnosis import as_question
from .spec import Spec

SCENARIOS = {
    (False, False): "01 The last output",
    (True, False): "02 Every output",
    (False, True): "03 The last output and the states",
    (True, True): "04 Every output and the states",
}
BEYOND = "05 Layers and directions"
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
_mistakes: Counter = Counter()  # by lesson and framework, since the kernel started
_solved: set = set()  # (what was asked, framework) pairs answered rightly


@dataclass(frozen=True)
class Kind:
    """A kind of question: the lesson that teaches it, its framework, and how one is made.

    make: takes a random.Random and returns a Spec or a Question.
    """

    lesson: str
    framework: str
    make: Callable


def _sizes(chance, number):
    """Return so many sizes; none is 1, 2 or 4, and none appears twice."""
    return chance.sample([3, *range(5, 33)], number)


def _sized(chance, **fields):
    return Spec("lstm", *_sizes(chance, 4), **fields)


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


def _one_of(*questions, sized=()):
    """Return what makes one of these questions; sized: those that draw their sizes."""
    makes = (*sized, *(lambda chance, one=one: one() for one in questions))
    return lambda chance: chance.choice(makes)(chance)


def _unpacked(chance):
    lengths = tuple(chance.sample([5, 7, 8, 9, 10], 3))
    return memory.unpacked(lengths, timesteps=13, units=chance.choice([11, 12, 14]))


def _arrows(chance):
    return decoding.arrows(
        *chance.sample(range(3, 33, 2), 5)
    )  # odd: characters + 1 is none of them


def _cut(chance):
    return forecasting.cut(chance.randrange(100, 1000), *_sizes(chance, 3))


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
    Kind(
        "08 An encoder and a decoder",
        "keras",
        _one_of(decoding.repeated, decoding.merged, sized=[_arrows]),
    ),
    Kind(
        "08 An encoder and a decoder", "torch", _one_of(decoding.class_axis, decoding.torch_state)
    ),
    Kind("09 Forecast oil prices", "keras", _one_of(forecasting.five_days, sized=[_cut])),
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


def of_lesson(question, spec, framework):
    """Return a Question about the layer of a Spec, as one of the lesson that teaches such layers.

    spec: None where no Spec says what the layer is.
    """
    return replace(question, lesson=lesson_of(spec, framework) if spec else BEYOND)


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
    up. No two questions read the same; where there are not enough different ones, fewer come.

    number: how many.
    wrong: how often each (lesson, framework) went wrong.
    through: the number of the last lesson to ask about.

    Raises ValueError, in one line, for a number or a lesson that there is not.
    """
    if type(number) is not int or not 1 <= number <= MOST:
        raise ValueError(f"number must be a whole number from 1 to {MOST}, got {number!r}; try 6")
    if type(through) is not int or through < 1:
        raise ValueError(f"through must be the number of a lesson from 1, got {through!r}; try 4")
    chance, drawn = random.Random(seed), {}
    kinds = [kind for kind in KINDS if int(kind.lesson[:2]) <= through]
    weights = [1 + 4 * dict(wrong).get((kind.lesson, kind.framework), 0) for kind in kinds]
    while len(drawn) < number and any(weights):
        [index] = chance.choices(range(len(kinds)), weights)
        new = _another(kinds[index], chance, drawn)
        weights[index] *= 1 / 4 if new else 0
        drawn |= new
    return list(drawn.values())


def _another(kind, chance, drawn):
    """Return {text: (question, framework)} of a question of a kind, {} if all are drawn already."""
    for _ in range(TRIES):
        question = _of_lesson(kind.make(chance), kind.lesson)
        text = as_question(question, kind.framework).text
        if text not in drawn:
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
        (lesson_of(*question), question[1])
        for question, end in zip(questions, ends, strict=True)
        if end != AT_ONCE
    )
    first = f"{ends.count(AT_ONCE)} of {len(ends)} questions answered rightly {AT_ONCE}"
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
