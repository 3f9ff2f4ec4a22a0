"""What is said to an answer: read back first, then one question; the answer at the third try."""

import re
from functools import partial

import pytest
from attacks import settled

from lstm_lessons import Question, Spec, diagnose, kinds, places, replies
from lstm_lessons.asked import explaining, forecasting, layers, meaning, memory, scenarios
from lstm_lessons.asking.echo import echo, named
from lstm_lessons.asking.reading import read
from lstm_lessons.asking.verdict import Belief

SIZES = (("batch", 3), ("timesteps", 5), ("features", 6), ("units", 7), ("layers", 2))
OTHER = "(98, 99), (98, 99), (98, 99)"  # which no belief leads to


def said(question, answer, attempt=1, right="", framework="keras"):
    return replies.verdict(diagnose(question, answer, framework), answer, attempt, right)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("(3, 5)", "`(3, 5)`: for each of 3 sequences, 5 numbers, as many as timesteps"),
        ("(3, 5, 7)", "`(3, 5, 7)`: for each of 3 sequences, for each of 5 timesteps, 7 numbers"),
        ("(7,)", "`(7,)`: 7 numbers, as many as units"),
        ("(3, 35)", "`(3, 35)`: for each of 3 sequences, 35 numbers, timesteps times units"),
        ("(3, 14)", "`(3, 14)`: for each of 3 sequences, 14 numbers, layers times units"),
        ("(3, 28)", "`(3, 28)`: for each of 3 sequences, 28 numbers, 4 times units"),
        ("(None, 4)", "`(None, 4)`: for each sequence, 4 numbers"),
        ("(3, None, 4)", "`(3, None, 4)`: for each of 3 sequences, for each timestep, 4 numbers"),
        (
            "(15, 7)",
            "`(15, 7)`: for each of 15 (batch times timesteps), 7 numbers, as many as units",
        ),
        ("(8, 1, 9)", "`(8, 1, 9)`: 8 × 1 rows of 9 numbers"),
        ("(3, 1, 7)", "`(3, 1, 7)`: for each of 3 sequences, 1 row of 7 numbers, as many as units"),
        ("(1, 3, 7)", "`(1, 3, 7)`: once, for each of 3 sequences, 7 numbers, as many as units"),
        ("()", "`()`: a single number"),
        (
            "(batch, units)",
            "`(batch, units)`: for each of 3 sequences, 7 numbers, as many as units",
        ),
        ("(3, 7), (3, 7)", "`(3, 7)`, twice: for each of 3 sequences, 7 numbers, as many as units"),
        ("(3,), (7,)", "`(3,)`: 3 numbers, as many as sequences; `(7,)`: 7 numbers"),
    ],
)
def test_an_answer_is_read_back(answer, words):
    question = Question("What?", run=lambda: (9, 9), sizes=SIZES)
    assert echo(named(read(answer), question)).startswith(words)


def test_sizes_that_two_axes_have_are_not_named():
    question = Question("What?", run=lambda: (9, 9), sizes=(("batch", 3), ("layers", 3)))
    assert echo(named(read("(3, 3)"), question)) == "`(3, 3)`: 3 rows of 3 numbers"


def test_a_product_has_one_name_in_whichever_order_the_sizes_are_known():
    """As layers call it: of "directions·units" a tray draws two halves."""
    sizes = (("batch", 3), ("units", 7), ("directions", 2), ("layers", 5))
    question = Question("What?", run=lambda: (3, 14), sizes=sizes)
    axes = [one.axes for one in named(read("(3, 14), (10, 3, 7)"), question)]
    assert axes == [("batch", "directions·units"), ("layers·directions", "batch", "units")]


def test_where_the_batch_is_asked_no_axis_is_named():
    question = Question("What?", run=lambda: (60, 4), sizes=(("batch", 60),), batch_asked=True)
    assert echo(named(read("(1, 60, 4)"), question)) == "`(1, 60, 4)`: 1 × 60 rows of 4 numbers"


def test_a_reply_begins_with_the_answer_and_folds_why():
    shown = said(Spec(), "(3, 5)")
    assert shown.startswith('<div role="status"')
    assert shown.count("role=") == 1
    text = re.sub("<[^>]+>", "", shown.split("<details>")[0])
    assert text.startswith("✗ Not yet. (3, 5): for each of 3 sequences, 5 numbers, as many as time")
    assert text.count("?") == 1
    assert "64 boxes" in shown.split("<details>")[1]


@pytest.mark.parametrize(
    ("layer", "wide", "long"),
    [
        (Spec(), "(3, 6)", "(3, 5)"),
        (Spec(return_sequences=True), "(3, 5, 6)", "(3, 7, 5)"),
        (Spec(return_state=True), "(3, 7), (3, 6), (3, 6)", "(3, 7), (3, 5), (3, 5)"),
    ],
)
def test_features_for_units_is_not_told_what_timesteps_for_units_is(layer, wide, long):
    asked = [diagnose(layer, one) for one in (wide, long)]
    assert {one.misconceptions for one in asked} == {("units_as_steps",)}
    features, steps = (one.reply() for one in asked)
    assert "Features are what goes in." in features
    assert "64 boxes" not in asked[0].why
    assert "Features" not in steps
    assert "64 boxes" in asked[1].why


def test_the_second_reply_is_another_and_the_third_has_the_answer():
    first, second, third = (said(Spec(), "(3, 5)", n, "X" * (n == 3)) for n in (1, 2, 3))
    assert "The answer: X." in third
    assert "The answer" not in first + second
    assert "The second axis is units." in second
    assert "<details>" not in second
    assert "64 boxes" in third


def test_beliefs_of_which_one_is_meant_are_choices():
    found = diagnose(Spec(return_state=True), "(3, 7), (3, 7)")
    assert [one.label for one in found.choices] == [
        f"I expected {b.because}" for b in found.beliefs
    ]
    assert len(found.choices) == 2
    shown = replies.verdict(found, "(3, 7), (3, 7)")
    assert "Which of these did you have in mind?" in shown
    assert "You expect" not in shown
    then = replies.chosen(found.choices[0], "(3, 7), (3, 7)")
    assert f"You expect {found.choices[0].because}." in then
    assert then.startswith('<div role="status"')


def test_one_belief_and_beliefs_that_are_mixed_are_no_choices():
    assert diagnose(Spec(), "(3, 5)").choices == ()
    mixed = diagnose(Spec(bidirectional=True), "(3, 5, 7), (1, 3, 14), (1, 3, 14)", "torch")
    assert mixed.choices == ()


@pytest.mark.parametrize(
    ("question", "answer", "words"),
    [
        (Spec(return_sequences=True), "(3, 7, 5)", "The second axis is timesteps."),
        (Spec(return_sequences=True), "(7, 5, 3)", "The first axis is batch."),
        (Spec(), "(3, 7), (3, 7), (3, 7)", "There is one tensor."),
        (Spec(return_state=True), "(3, 7)", "There are three tensors."),
    ],
)
def test_a_second_reply_names_what_is_not_right_yet(question, answer, words):
    assert said(question, answer, 2).count(words) == 1


def test_a_belief_that_was_chosen_has_the_bar_of_the_verdict():
    found = diagnose(Spec(return_state=True), "(3, 7), (3, 7)")
    bar = re.compile("border-left: 4px solid #9a4a00")
    assert bar.search(replies.verdict(found))
    assert bar.search(replies.chosen(found.choices[0]))


def test_a_hint_of_its_own_has_no_why():
    assert Belief("states_only", "it", "A hint.").why == ""
    assert "<details>" not in replies.chosen(Belief("states_only", "it", "A hint."), "(3, 7)")


def test_why_one_thinks_so_leads_to_what_to_read_on():
    html = said(Spec(), "(3, 5)")
    folded = html.partition("<details>")[2]
    assert ">What does units mean</a>" in folded
    assert 'href="90_questions_people_ask.ipynb#What-does-units-mean"' in folded
    assert "Read on: " in folded
    belief = Belief("directions_misplaced", "an output of one direction only")
    assert ">Where does the backward direction end</a>" in replies.chosen(belief)


def test_a_right_answer_leads_nowhere():
    assert "Read on" not in said(Spec(), "(3, 7)")


@pytest.mark.parametrize("lesson", kinds.LESSONS)
def test_each_question_has_an_entry_and_a_lesson_to_read_on(lesson):
    entry = places.place(kinds.ENTRIES[lesson])
    for make in kinds.ASKED[lesson]:
        read = kinds.reads(make())
        assert read[0] == entry
        assert read[-1].notebook[:2] == lesson[:2]
        assert read[-1] == places.lesson(read[-1].notebook)


def test_a_wrong_answer_that_no_belief_explains_leads_on():
    about = kinds.reads(Spec(return_state=True))
    found = diagnose(Spec(return_state=True), OTHER)
    assert found.status == "wrong"
    assert not found.beliefs
    html = replies.verdict(found, OTHER, about=about)
    assert "#What-comes-back-with-return_state" in html
    assert "3. The last output and the states" in html
    believed = diagnose(Spec(), "(5, 7)")
    assert "Read on" in replies.verdict(believed, "(5, 7)", about=about)
    assert "return_state" not in replies.verdict(believed, "(5, 7)", about=about)
    assert "Read on" not in replies.verdict(diagnose(Spec(), "(3, 7)"), "(3, 7)", about=about)
    assert "Read on" not in replies.verdict(diagnose(Spec(), "seven"), "seven", about=about)


def test_reads_of_what_no_lesson_asks_is_nothing():
    assert kinds.reads(Question("Another?", run=lambda: True)) == ()


def both():
    return Spec(bidirectional=True)


def added_up():
    return Spec(batch=8, units=9, bidirectional=True, merge_mode="sum", return_sequences=True)


NAMED = [  # what had a wrong reply, or none: words that it gets, and words that it does not
    (scenarios.decoder, "keras", "(3, 9, 4)", "which number in `decoder = LSTM(…)`", "LSTM(64)"),
    (scenarios.decoder, "keras", "error", "In what must the two layers agree", "an error"),
    (scenarios.tag_words, "keras", "(16, 25, 50)", "Features are what goes in", "one tag of one"),
    (scenarios.tag_words, "keras", "(25, 32)", "for every sequence of the batch", "one tag of one"),
    (scenarios.tag_words, "keras", "(16, 25, 1)", "You expect the tags", "one tag of one"),
    (
        scenarios.grade_essays,
        "keras",
        "(20, 300, 32)",
        "How many vectors does an essay",
        "LSTM(64)",
    ),
    (scenarios.grade_essays, "keras", "(20, 300)", "one number for each timestep", "essay"),
    (both, "keras", "(3, 7)", "as wide as that of one direction", "merge_mode"),
    (both, "keras", "(2, 3, 7)", "an axis for the directions", "merge_mode"),
    (both, "keras", "(3, 14), (3, 14)", "one state beside the output", "merge_mode"),
    (both, "keras", "(3, 5, 14), (2, 3, 7), (2, 3, 7)", "all that PyTorch returns", "merge_mode"),
    (Spec, "keras", "(3, 5, 7), (3, 7), (3, 7)", "every h and the last states", "PyTorch returns"),
    (added_up, "keras", "(2, 8, 5, 9)", "how one output is made of the two", "laid side by side"),
    (layers.states_of_a_stack, "torch", "(3, 9, 5)", "states as wide as the input", "step"),
    (layers.states_of_a_tower, "torch", "(3, 2, 9, 12)", "one for the directions", "not 4"),
    (layers.state_of_a_gru, "torch", "(2, 8, 16)", "a row for h and one for c", "first axis is"),
    (layers.weights_of_a_gru, "torch", "(5, 12)", "a row for each feature", "size of features"),
    (meaning.difference, "torch", "9", "all pairs of a prediction and a target", "batch and batch"),
    (memory.masked, "keras", "(3, None, 7)", "A tensor is a rectangle", "second axis"),
    (memory.packed, "torch", "(1, 3, 7)", "the shape of `h_n`", "axes is not"),
    (memory.two_of_the_batch, "keras", "(2, 5, 7)", "You expect it to run", "step by step"),
    (explaining.last_of_a_stack, "torch", "(2, 10, 16), (16,)", "one vector", "for the layers."),
    (explaining.should_have_read, "keras", "(11, 14, 6)", "what `lower` hands on", "not right"),
    (
        explaining.handed_on,
        "keras",
        "(9, 32), (9, 20)",
        "one number for each timestep",
        "row of 20",
    ),
    (forecasting.naive_looks, "keras", "False", "only repeats today's price", "drawn anew"),
    (forecasting.scaled_before_split, "keras", "True", "by its own days alone", "each day"),
    (partial(forecasting.beats_mean, 2.0, 1.0), "keras", "True", "a network to come nearer", "no"),
    (partial(forecasting.beats_mean, 1.0, 2.0), "keras", "False", "for every day to come", "way"),
]


@pytest.mark.parametrize(("question", "framework_", "answer", "words", "never"), NAMED)
def test_a_reply_is_about_what_was_answered(question, framework_, answer, words, never):
    made = question()
    asked = made if isinstance(made, Spec) else settled(made)
    reply = diagnose(asked, answer, framework_).reply()
    assert words.lower() in reply.lower()
    assert never not in reply
