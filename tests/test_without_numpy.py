"""Questions, answers, verdicts, replies, pictures and searches: without NumPy as with it.

Where numbers are drawn, they are those of real layers, handed over as nested lists.
"""

import json
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from random import Random
from unittest.mock import patch

import pytest

from lstm_lessons import (
    Spec,
    abreast,
    diagnose,
    expected,
    frameworks,
    predicted,
    reference,
    weights,
)
from lstm_lessons.asked import scenarios
from lstm_lessons.asking.diagnosis import as_question
from lstm_lessons.asking.misconceptions import MISCONCEPTIONS
from lstm_lessons.asking.verdict import TITLES
from lstm_lessons.drawing import draw, takes
from lstm_lessons.drawing.calls import calls
from lstm_lessons.drawing.coders import coders
from lstm_lessons.drawing.picked import lit, picked
from lstm_lessons.drawing.rows import moved, padded
from lstm_lessons.drawing.sliding import sliding
from lstm_lessons.explaining.errors import explain_error
from lstm_lessons.explaining.messages import errors
from lstm_lessons.finding import find
from lstm_lessons.indexes import NoIndex, take
from lstm_lessons.kinds import ASKED, KINDS
from lstm_lessons.late import np
from lstm_lessons.nests import listed, shaped
from lstm_lessons.picks import candidates, presses, same_numbers, there
from lstm_lessons.reference import Trace
from lstm_lessons.replies import squares, verdict
from lstm_lessons.shapes import _nest, attach
from lstm_lessons.spec import MERGES

ABSENT = ("numpy", "torch", "keras", "tensorflow", "ipywidgets", "matplotlib", "IPython")
REAL = dict(run=frameworks.run, traces=reference.traces, inputs=weights.inputs)
EVERY, STATES = dict(return_sequences=True), dict(return_state=True)


def known(question, truth=((3, 7),)):
    """Return a question whose truth is known: its own, or as if running had told this one; of one
    that is true or false, what it does not call wrong.
    """
    told = True not in [one.answer for one in question.wrong] if question.is_truth else truth
    return replace(question, rule=question.rule or (lambda: told))


def typed():
    """Return questions, and answers to each: right, wrong, in names, nested, unreadable."""
    return {
        as_question(Spec()): "(3, 7)|(３，７)|(batch, units)|None, 7|(3, 5)|(3, 5, 7)|(7,)|(7, 3)"
        "|(3, 8)|(3, 35)|(3, 7), (3, 7)|error|True||?|(3, 7|((3, 7))|𝟛×𝟟|3 by 7|(3, −7)|(3, 1, 1)"
        "|<b>(3, 7)</b>|" + "(" * 200,
        as_question(Spec(**EVERY, **STATES)): "(3, 5, 7), (3, 7), (3, 7)|(3, 7), (3, 5, 7), (3, 7)"
        "|(3, 5, 7), ((3, 7), (3, 7))|c (3, 7), h (3, 7)|(3, 5, 7), (5, 7), (5, 7)",
        as_question(Spec(**EVERY)): "(1, 3, 5, 7)|(15, 7)|h (3, 5, 7)|(batch, 5, units)",
        as_question(Spec(), "torch"): "(3, 5, 7), ((1, 3, 7), (1, 3, 7))|(3, 7)|h_n (1, 3, 7)"
        "|(5, 3, 7), (1, 3, 7), (1, 3, 7)|output (batch, timesteps, units)",
        as_question(Spec(layers=2, bidirectional=True), "torch"): "(3, 5, 14), (2, 3, 7), (2, 3, 7)"
        "|(3, 5, 2·7), (2·2, 3, 7), (4, 3, 7)|(3, 5, 2 * 7)",
        as_question(Spec("gru", bidirectional=True, merge_mode=None)): "(3, 14)|(3, 7), (3, 7)",
        scenarios.kept(Spec(units=16)): "(3, 7)|(3, 16)",
        known(scenarios.classifier(), ((None, 4),)): "(None, 4)|(3, 4)|(None, 7, 4)",
        known(scenarios.batch_second(), ((1, 5, 7),)): "(3, 5, 7)",
    }


@cache
def told():
    """Return all that is said of the typed answers, of those that the lessons know as wrong, and of
    one to each kind of question that a review draws.
    """
    given = [(asked, one) for asked, answers in typed().items() for one in answers.split("|")]
    lessons = [known(make()) for makes in ASKED.values() for make in makes]
    review = [known(as_question(kind.make(Random(3)), kind.framework)) for kind in KINDS]
    given += [(asked, wrong.answer) for asked in lessons for wrong in asked.wrong]
    given += [(asked, asked.wrong[0].answer) for asked in review]
    found = [said_of(diagnose(asked, answer), answer) for asked, answer in given]
    return json.loads(json.dumps(found))


def said_of(found, answer):
    """Return a verdict as data, in words and as HTML."""
    shown = [verdict(found, answer, attempt) for attempt in (1, 2, 3)]
    return [asdict(found), found.message, found.why, *shown]


def without_numpy(script):
    """Return how a script ends in a Python that has none of ABSENT, and what it prints."""
    absent = f"import sys; sys.modules |= dict.fromkeys({ABSENT})\n"
    command, here = [sys.executable, "-c", absent + script], Path(__file__).parent
    answer = subprocess.run(command, cwd=here, capture_output=True, text=True)
    return answer.returncode, answer.stdout, answer.stderr


@cache
def words_without_numpy():
    """Return what told and found return without NumPy."""
    script = "import json, test_without_numpy as t; print(json.dumps([t.told(), t.found()]))"
    status, out, err = without_numpy(script)
    assert (status, err) == (0, "")
    return json.loads(out)


def test_without_numpy_the_same_is_said_of_every_answer():
    assert words_without_numpy()[0] == told()


def test_the_answers_meet_every_kind_of_verdict_and_every_misconception():
    verdicts = [found for found, *_ in told()]
    believed = {belief["misconception"] for found in verdicts for belief in found["beliefs"]}
    assert {found["status"] for found in verdicts} == set(TITLES)
    assert believed == set(MISCONCEPTIONS)


PASTED = """Traceback (most recent call last):
  File "/home/me/train.py", line 31, in <module>
    prediction = model(x)
  File "/home/me/model.py", line 14, in forward
    output, h, c = self.lstm(x)
ValueError: not enough values to unpack (expected 3, got 2)"""
LOOKED_FOR = (
    *("return_sequences", "time steps", "h_n", "which is the last layer?", "zzzqqq", "<b>c</b>"),
    "mat1 and mat2 shapes cannot be multiplied (15x7 and 8x1)",
    'ValueError: Input 0 of layer "lstm" is incompatible with the layer: expected ndim=3, found '
    "ndim=2. Full shape received: (3, 6)",
    "RuntimeError: input.size(-1) must be equal to input_size. Expected 6, got 5",
    "RuntimeError: Expected hidden[0] size (1, 3, 7), got [1, 5, 7]",
    "AttributeError: 'tuple' object has no attribute 'dim'",
    "TypeError: linear(): argument 'input' (position 1) must be Tensor, not tuple",
    "numpy.core._exceptions._ArrayMemoryError: Unable to allocate 8.2 GiB",
    "ValueError: something that nobody knows, (3, 5)",
    PASTED,
    PASTED.replace("ValueError: not", "ValueError: too many values to unpack; not"),
)


def found():
    """Return what is said of what people look for, and of errors whose text alone is there."""
    messages = [one for row in errors()[::12] for one in row.messages[:1]]
    told = [explain_error(text) for text in (*LOOKED_FOR, *messages)]
    return [find(text).html for text in LOOKED_FOR] + [part for one in told for part in said(one)]


def said(told):
    return [told.text, told.html]


def test_without_numpy_the_same_is_found_and_told_of_errors():
    assert words_without_numpy()[1] == found()


def test_the_test_can_fail():
    for name in ABSENT:
        status, _, err = without_numpy(f"import {name}")
        assert status == 1
        assert f"ModuleNotFoundError: import of {name} halted" in err


def test_where_only_running_can_tell_it_says_what_is_missing():
    script = (
        "from lstm_lessons import Question, Spec, diagnose, run\n"
        "from lstm_lessons.asked.scenarios import one_sequence\n"
        "for asked in (one_sequence(), Question('Which shape?', lambda: run(Spec()))):\n"
        "    print(diagnose(asked, '(3, 7)'))"
    )
    halted = "import of {0} halted; None in sys.modules"
    assert without_numpy(script)[1].splitlines() == [
        f"Could not run: ModuleNotFoundError: {halted.format('numpy')}.",
        f"Could not run: Keras must be importable, got ModuleNotFoundError: "
        f"{halted.format('keras')}; try pip install keras tensorflow.",
    ]


# Layers whose pictures are compared, each with a framework. The first few in `make test`.
BOTH_WAYS = dict(bidirectional=True)
MERGED = [Spec(**EVERY, **STATES, **BOTH_WAYS, merge_mode=mode) for mode in MERGES]
LONG = dict(batch=5, timesteps=12, features=11, units=20)
LAYERS = [
    (Spec(**EVERY, **STATES), "keras"),
    (Spec("gru", layers=2, **BOTH_WAYS), "torch"),
    (MERGED[1], "keras"),
    (MERGED[-1], "keras"),
    (Spec(batch_first=False, **LONG), "torch"),
    (Spec(unbatched=True, proj_size=4), "torch"),
    (Spec(batch=1), "keras"),
    *((spec, "keras") for spec in (Spec(), Spec(**EVERY), Spec(**STATES))),
    *((spec, "keras") for spec in MERGED),
    *((replace(spec, return_sequences=False), "keras") for spec in MERGED),
    (Spec(**BOTH_WAYS), "keras"),
    (Spec("rnn", **EVERY, **STATES), "keras"),
    (Spec("gru", layers=3, **STATES), "keras"),
    (Spec(**LONG, **EVERY), "keras"),
    (Spec(layers=2, **BOTH_WAYS, **LONG), "torch"),
    (Spec("rnn", unbatched=True, timesteps=9), "torch"),
    (Spec(batch_first=False, batch=1, **EVERY), "torch"),
]
FEW = 7
FOUR = Spec(**EVERY, **STATES), Spec(batch=1), Spec(**BOTH_WAYS), Spec(batch_first=False, **LONG)
PREDICTED = ("(3, 5, 7), (3, 7)", "(2, 4)")
INDEXES = ("x[0, 2]", "x[1, ::2, 3]", "x[None]", "x[[0, 1], [1, 0]]", "x[:0]", "x[0, 0, 0]")


def recorded(kept):
    """Return what gives real numbers, and keeps them in a dict, as lists."""

    def run(spec, framework="keras"):
        came = REAL["run"](spec, framework)
        kept[f"run {spec} {framework}"] = [tensor.values.tolist() for tensor in came.tensors]
        return came

    def traces(spec):
        made = REAL["traces"](spec)
        kept[f"traces {spec}"] = [[(listed(one.h), listed(one.c)) for one in row] for row in made]
        return made

    def inputs(spec):
        x = REAL["inputs"](spec)
        kept[f"inputs {spec}"] = x.tolist()
        return x

    return dict(run=run, traces=traces, inputs=inputs)


def looked_up(kept):
    """Return what gives the numbers that were kept, in nested lists."""

    def run(spec, framework="keras"):
        rule = expected(spec, framework)
        paths = [tensor.path for tensor in rule.tensors]
        return attach(rule, _nest([*zip(paths, kept[f"run {spec} {framework}"], strict=True)]))

    def traces(spec):
        return [[Trace(*both) for both in row] for row in kept[f"traces {spec}"]]

    return dict(run=run, traces=traces, inputs=lambda spec: kept[f"inputs {spec}"])


@contextmanager
def numbers_from(given):
    """Have the whole package take its numbers from other functions, by the names of these."""
    package = [one for name, one in sys.modules.items() if name.startswith("lstm_lessons")]
    with ExitStack() as stack:
        for module in package:
            for name in {*REAL} & {*vars(module)}:
                if vars(module)[name] is REAL[name]:
                    stack.enter_context(patch.object(module, name, given[name]))
        yield


def drawn(layers):
    """Return the HTML of pictures of layers, and of what is drawn without one, by what they are."""
    pages = {}
    for spec, framework in layers:
        for name, page in of_layer(spec, framework):
            pages[f"{framework}, {spec}: {name}"] = str(page)
    return pages | {name: str(page) for name, page in of_no_layer()}


def of_layer(spec, framework):
    came, front = frameworks.run(spec, framework), 0 if spec.unbatched else spec.batch - 1
    yield "drawn", draw(spec, came, framework).html
    yield "with another in front", draw(spec, came, framework, front=front).html
    yield "on its way", draw(spec, came, framework, until=2).html
    yield "before", predicted.before(spec, framework)
    asked = as_question(spec, framework)
    for answer in PREDICTED:
        given = predicted.given_in(answer, asked)
        yield f"ordered, {answer}", predicted.ordered(spec, framework, given)
        yield f"pages, {answer}", predicted.pages(spec, asked, framework, given)
    yield "result", predicted.result(spec, asked, framework, ())
    tensors = there(spec, framework)
    others = candidates(tensors)
    for index in (*presses(tensors), *INDEXES):
        yield index, of_index(index, tensors, others)
    if spec in FOUR:
        yield "four", abreast.scenarios(spec, framework, front)


def of_index(index, tensors, others):
    """Return the pictures of what an index takes, or why it takes nothing."""
    try:
        taken = take(index, tensors)
    except NoIndex as error:
        return error
    same = same_numbers(taken, others, tensors)
    return [picked(taken, same).html, picked(taken).html, lit(taken, tensors).html]


def of_no_layer():
    x, rows = (numbers(*shape) for shape in ((4, 9, 3), (3, 5)))
    yield "takes", [takes(index, x=x).html for index in ("x", "x[2]", "x[:, -1]", "x[3, 8, 2]")]
    yield "moved", moved({"output": rows, "h": [row[0] for row in rows]}, 1, 2).html
    yield "padded", padded({"output": rows}, [[True] * n + [False] * (5 - n) for n in (3, 5, 1)])
    state = numbers(3, 7)
    begun = [None, (state, state), (numbers(1, 3, 7), numbers(1, 3, 7))]
    outputs = [*numbers(3, 3, 4, 7)]
    yield "calls", calls(begun, outputs, 1).html
    yield "sliding", [sliding(numbers(8, 3), 3, 2).html, sliding(numbers(6, 1), 4, 1).html]
    yield "coders", [coders().html, coders(asked=True).html]
    for makes in ASKED.values():
        for asked in (with_chain(known(make())) for make in makes):
            given = predicted.given_in(asked.wrong[0].answer, asked)
            if asked.padded or asked.chain or asked.form == "index":
                yield f"ordered, {asked.text}", predicted.ordered(asked, "keras", given)
                yield f"pages, {asked.text}", predicted.pages(asked, asked, "keras", given)
            if asked.form == "index":
                yield f"squares, {asked.text}", squares(asked)


def with_chain(asked):
    """Return a question with a chain that is known, where it has one that runs."""
    steps = ("LSTM(7)", (None, 5, 7)), ("Flatten()", (None, 35)), ("Dense(4)", (None, 4))
    return replace(asked, chain=asked.chain and (lambda: steps))


def numbers(*shape):
    """Return drawn numbers, an array where there is NumPy, else nested lists."""
    chance = Random(shape[0])
    nested = shaped((chance.gauss() for _ in iter(int, 1)), shape)
    return np.array(nested) if sys.modules["numpy"] else nested


@pytest.mark.parametrize(
    "layers", [LAYERS[:FEW], pytest.param(LAYERS[FEW:], marks=pytest.mark.more)]
)
def test_without_numpy_every_picture_is_the_same_to_the_letter(layers, tmp_path):
    kept, file = {}, tmp_path / "numbers.json"
    with numbers_from(recorded(kept)):
        wanted = drawn(layers)
    file.write_text(json.dumps(kept))
    first = LAYERS.index(layers[0])
    script = (
        "import json, test_without_numpy as t\n"
        f"with t.numbers_from(t.looked_up(json.load(open({str(file)!r})))):\n"
        f"    print(json.dumps(t.drawn(t.LAYERS[{first}:{first + len(layers)}])))"
    )
    status, out, err = without_numpy(script)
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert [name for name in wanted if found[name] != wanted[name]] == []
    assert found.keys() == wanted.keys()
