"""Which lesson asks what, and the kinds of questions that a review draws.

It has more than 300 lines since the lists stand here: what each lesson asks, sets and reviews.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial

from .asked import (
    bugs,
    calls,
    decoding,
    equal,
    explaining,
    forecasting,
    indexed,
    layers,
    meaning,
    memory,
    scenarios,
)
from .asked.choices import drawn_sizes, one_of, places
from .asking.questions import Question
from .places import Place, place
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
CELLS = "06 Other cells"
MEANING = "07 Right shape, wrong meaning"
PADDING = "08 Padding"
MEMORY = "09 Memory between calls"
CODER = "10 An encoder and a decoder"
OIL = "11 Forecast oil prices"
BOTH = ("keras", "torch")
YOURS = "12 Explain your network"
LESSONS = (START, *SCENARIOS.values(), BEYOND, CELLS, MEANING, PADDING, MEMORY, CODER, OIL, YOURS)
# What each lesson asks that no Spec can put; the numbers in a text do not matter.
ASKED = {
    START: (scenarios.one_sequence, scenarios.batch_second),
    LESSONS[1]: (
        indexed.last_timestep,
        scenarios.longer,
        scenarios.classifier,
        scenarios.shows_c,
        scenarios.flag_of_torch,
    ),
    LESSONS[2]: (
        partial(scenarios.kept, Spec(return_sequences=True)),
        scenarios.tagger,
        scenarios.stack_by_default,
        indexed.last_rows,
        scenarios.every_c_too,
    ),
    LESSONS[3]: (
        partial(scenarios.kept, Spec(return_state=True)),
        scenarios.resumed,
        scenarios.resumed_without_c,
        scenarios.decoder,
        scenarios.unpacked_in_two,
        scenarios.second_is_c,
        scenarios.goes_on,
    ),
    LESSONS[4]: (
        indexed.last_h_of_one,
        scenarios.grade_essays,
        scenarios.tag_words,
        scenarios.start_decoder,
        scenarios.second_of_torch,
    ),
    BEYOND: (
        layers.states_of_a_stack,
        layers.last_of_both,
        layers.rows_of_states,
        indexed.row_of_states,
        layers.initial_states,
        layers.reversed_output,
        layers.states_of_a_tower,
    ),
    CELLS: (
        layers.state_of_a_gru,
        layers.unpacked_as_lstm,
        layers.weights_of_a_gru,
    ),
    MEANING: (
        meaning.row_moves,
        meaning.table,
        meaning.series,
        meaning.last_of_h_n,
        meaning.two_names,
        meaning.difference,
        meaning.reshaped_states,
        meaning.mean_is_dearer,
    ),
    PADDING: (
        memory.masked,
        memory.masked_steps,
        memory.packed,
        memory.unpacked,
        memory.padded_in_front,
        memory.mask_after_arithmetic,
        memory.both_directions,
    ),
    MEMORY: (
        memory.forgets,
        memory.two_of_the_batch,
        memory.ten_in_threes,
        memory.handed_over,
        memory.detached,
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
        partial(forecasting.beats_mean, 1.0, 2.0),
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
    "scenarios.in_two_parts": LESSONS[3],
    "layers": BEYOND,
    "layers.last_h": CELLS,
    "layers.read_by_cell": CELLS,
    "meaning": MEANING,
    "memory": PADDING,
    "memory.read_in_chunks": MEMORY,
    "memory.of_first": MEMORY,
    "decoding": CODER,
    "forecasting": OIL,
    "explaining": YOURS,
}


# The entry of the appendix that each lesson's questions are about, or the lesson's own title.
ENTRIES = {
    START: "Does the shape include the batch",
    LESSONS[1]: "What does return_sequences change",
    LESSONS[2]: "What does return_sequences change",
    LESSONS[3]: "What comes back with return_state",
    LESSONS[4]: "What comes back with return_state",
    BEYOND: "What does h_n hold",
    CELLS: "Does a GRU return the same",
    MEANING: "7. Right shape, wrong meaning",
    PADDING: "What comes out at padded timesteps",
    MEMORY: "How do I carry states from batch to batch",
    CODER: "Which states start which decoder layer",
    OIL: "Which target belongs to a window",
    YOURS: "12. Explain your network",
}


@dataclass(frozen=True)
class Kind:
    """A kind of question: the lesson that teaches it, its framework, and how one is made.

    make: takes a random.Random and returns a Spec or a Question.
    form: what is asked for: "shapes" or the like, "call", "two", "why", "line" or "index".
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


def _gru_tower(chance):
    return replace(_stack(chance), cell="gru")


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
    Kind(CELLS, "keras", _gru),
    Kind(CELLS, "torch", _one_of(layers.unpacked_as_lstm, sized=[_gru_tower])),
    Kind(
        MEANING,
        "keras",
        _one_of(meaning.series, meaning.two_names, meaning.difference),
    ),
    Kind(MEANING, "torch", _one_of(meaning.table, meaning.reshaped_states)),
    Kind(PADDING, "torch", _unpacked),
    Kind(MEMORY, "torch", _one_of(memory.handed_over)),
    Kind(
        CODER,
        "keras",
        _one_of(decoding.repeated, decoding.merged, sized=[_arrows]),
    ),
    Kind(CODER, "torch", _one_of(decoding.class_axis, decoding.torch_state)),
    Kind(OIL, "keras", _one_of(forecasting.five_days, sized=[_cut])),
    *(Kind(LESSONS[4], name, partial(calls.which_call, framework=name), "call") for name in BOTH),
    Kind(BEYOND, "torch", partial(calls.which_call, framework="torch", stacked=True), "call"),
    *(
        Kind(*where, one_of(make, those, *where), form)
        for make, those, form in (
            (equal.which_two, equal.PAIRED, "two"),
            (equal.true_because, equal.REASONED, "why"),
            (bugs.which_line, bugs.BUGS, "line"),
        )
        for where in places(those)
    ),
    *(
        Kind(lesson, name, partial(make, framework=name), "index")
        for lesson, make in (
            (LESSONS[1], indexed.of_last),
            (LESSONS[2], indexed.of_every),
            (LESSONS[4], indexed.of_states),
            (BEYOND, indexed.of_directions),
        )
        for name in BOTH
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


def reads(question: Spec | Question | str) -> tuple[Place, ...]:
    """Return where to read on of what a question asks or a Task sets, () if no lesson does.

    The entry of the lesson that teaches it comes first, then the lesson.
    """
    lesson = lesson_of(question)
    if lesson not in ENTRIES:
        return ()
    number, title = lesson.split(" ", 1)
    own = f"{int(number)}. {title}" if int(number) else title
    return tuple(dict.fromkeys([place(ENTRIES[lesson]), place(own)]))


def _of_a_layer(spec):
    """Return the lesson about such a layer; of one that is plain, its flags decide."""
    plain = {name: getattr(spec, name) for name in ("batch", "timesteps", "features", "units")}
    flags = spec.return_sequences, spec.return_state
    if spec.cell != "lstm":
        return CELLS
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
