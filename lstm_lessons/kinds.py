"""Which lesson asks what, and the kinds of questions that a review draws."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial

from .asked import decoding, drawn, explaining, forecasting, layers, meaning, memory, scenarios
from .asked.drawn import drawn_sizes
from .asking.questions import Question
from .remembered import Answer
from .spec import Spec

START = "00 Start here"
SCENARIOS = {
    (False, False): "01 The last output",
    (True, False): "02 Every output",
    (False, True): "03 The last output and the states",
    (True, True): "04 Every output and the states",
}
BEYOND = "05 Layers and directions"
MEANING = "06 Right shape, wrong meaning"
PADDING = "07 Padding and memory"
CODER = "08 An encoder and a decoder"
OIL = "09 Forecast oil prices"
BOTH = ("keras", "torch")
YOURS = "10 Explain your network"
LESSONS = (START, *SCENARIOS.values(), BEYOND, MEANING, PADDING, CODER, OIL, YOURS)
# What each lesson asks that no Spec can put; the numbers in a text do not matter.
ASKED = {
    START: (scenarios.one_sequence, scenarios.batch_second),
    LESSONS[1]: (partial(scenarios.kept, Spec()), scenarios.longer, scenarios.classifier),
    LESSONS[2]: (
        partial(scenarios.kept, Spec(return_sequences=True)),
        scenarios.tagger,
        scenarios.stack_by_default,
    ),
    LESSONS[3]: (
        partial(scenarios.kept, Spec(return_state=True)),
        scenarios.resumed,
        scenarios.resumed_without_c,
        scenarios.decoder,
    ),
    LESSONS[4]: (scenarios.grade_essays, scenarios.tag_words, scenarios.start_decoder),
    BEYOND: (
        layers.states_of_a_stack,
        layers.last_of_both,
        layers.rows_of_states,
        layers.initial_states,
        layers.state_of_a_gru,
        layers.reversed_output,
        layers.states_of_a_tower,
    ),
    MEANING: (
        meaning.row_moves,
        meaning.table,
        meaning.series,
        meaning.last_of_h_n,
        meaning.two_names,
        meaning.difference,
        meaning.reshaped_states,
    ),
    PADDING: (
        memory.masked,
        memory.masked_steps,
        memory.packed,
        memory.unpacked,
        memory.padded_in_front,
        memory.mask_after_arithmetic,
        memory.both_directions,
        memory.one_of_the_batch,
        memory.handed_over,
    ),
    CODER: (
        decoding.arrows,
        decoding.sees_the_answer,
        decoding.one_step,
        decoding.torch_state,
        decoding.repeated,
        decoding.class_axis,
        decoding.merged,
    ),
    OIL: (
        forecasting.cut,
        forecasting.five_days,
        forecasting.scaled_before_split,
        forecasting.naive_looks,
        partial(forecasting.beats_naive, 1.0, 2.0),
    ),
    YOURS: (
        explaining.handed_on,
        explaining.last_of_a_stack,
        explaining.two_inputs,
        explaining.both_directions,
        explaining.attended,
        explaining.should_have_read,
        explaining.in_the_tuple,
        explaining.as_the_message_says,
    ),
}
# What each lesson sets: by its maker, or by the module, where that has a lesson to itself.
SET = {
    "scenarios.last_output": LESSONS[1],
    "scenarios.every_output": LESSONS[2],
    "layers": BEYOND,
    "meaning": MEANING,
    "memory": PADDING,
    "decoding": CODER,
    "forecasting": OIL,
    "explaining": YOURS,
}


@dataclass(frozen=True)
class Kind:
    """A kind of question: the lesson that teaches it, its framework, and how one is made.

    make: takes a random.Random and returns a Spec or a Question.
    form: what is asked for: "shapes" or the like, "call", "two", "why" or "line".
    """

    lesson: str
    framework: str
    make: Callable
    form: str = "shapes"


def _sized(chance, **fields):
    return Spec("lstm", *drawn_sizes(chance, 4), **fields)


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
    return forecasting.cut(chance.randrange(100, 1000), *drawn_sizes(chance, 3))


KINDS = (
    *(Kind(name, "keras", partial(_scenario, *flags)) for flags, name in SCENARIOS.items()),
    *(Kind(name, "torch", partial(_scenario, *flags)) for flags, name in SCENARIOS.items()),
    Kind(BEYOND, "torch", _stack),
    Kind(BEYOND, "keras", _directions),
    Kind(BEYOND, "keras", _gru),
    Kind(
        MEANING,
        "keras",
        _one_of(meaning.series, meaning.two_names, meaning.difference),
    ),
    Kind(MEANING, "torch", _one_of(meaning.table, meaning.reshaped_states)),
    Kind(PADDING, "torch", _unpacked),
    Kind(PADDING, "torch", _one_of(memory.handed_over)),
    Kind(
        CODER,
        "keras",
        _one_of(decoding.repeated, decoding.merged, sized=[_arrows]),
    ),
    Kind(CODER, "torch", _one_of(decoding.class_axis, decoding.torch_state)),
    Kind(OIL, "keras", _one_of(forecasting.five_days, sized=[_cut])),
    *(Kind(LESSONS[4], name, partial(drawn.which_call, framework=name), "call") for name in BOTH),
    Kind(BEYOND, "torch", partial(drawn.which_call, framework="torch", stacked=True), "call"),
    *(
        Kind(*where, drawn.of(make, *where), form)
        for make, form in (
            (drawn.which_two, "two"),
            (drawn.true_because, "why"),
            (drawn.which_line, "line"),
        )
        for where in drawn.places(make)
    ),
)


def lesson_of(question: Spec | Question | Answer | str) -> str:
    """Return the lesson that teaches what a question asks or a Task sets; "" if none does.

    question: also an Answer, or what stands for a question in one.
    """
    if isinstance(question, Spec):
        return _of_a_layer(question)
    if isinstance(question, str):
        return _by_text().get(_blank(question), "") or _of_a_task(question)
    return question.lesson or lesson_of(
        question.question if isinstance(question, Answer) else question.text
    )


def _of_a_layer(spec):
    """Return the lesson about such a layer; of one that is plain, its flags decide."""
    plain = {name: getattr(spec, name) for name in ("batch", "timesteps", "features", "units")}
    flags = spec.return_sequences, spec.return_state
    if spec != Spec(**plain, return_sequences=flags[0], return_state=flags[1]):
        return BEYOND
    return SCENARIOS[flags]


def _of_a_task(name):
    """Return the lesson that sets a task of this name: package, module and maker."""
    module, maker = [*name.split(".<locals>")[0].split(".")[-2:], ""][:2]
    return SET.get(f"{module}.{maker}", "") or SET.get(module, "")


@cache
def _by_text():
    return {_blank(ask().text): lesson for lesson, asks in ASKED.items() for ask in asks}


def gist_of(text: str) -> str:
    """Return what the first line of a question asks, whatever the numbers."""
    return _blank(text.partition("\n")[0])


def _blank(text):
    """Return a text without its numbers."""
    return re.sub(r"\d[\d., ]*", "#", text)
