"""What is predicted orders trays: a wrong answer leaves a mismatch, the truth fills them."""

import re
import xml.etree.ElementTree as ET
from itertools import combinations, product

import pytest
import torch
from attacks import attacks
from hypothesis import given as given_
from hypothesis import settings
from hypothesis.strategies import integers, lists
from test_drawing import crowded

from lstm_lessons import Spec, diagnose, expected, predicted, run
from lstm_lessons.asked import memory, scenarios
from lstm_lessons.asking.diagnosis import as_question
from lstm_lessons.asking.echo import named
from lstm_lessons.asking.reading import read
from lstm_lessons.drawing import stages
from lstm_lessons.drawing.laying import ROOM
from lstm_lessons.drawing.moments import at
from lstm_lessons.drawing.packed import row_of
from lstm_lessons.drawing.squares import AMISS, NEUTRAL
from lstm_lessons.drawing.tray import reading, sentences, trays
from lstm_lessons.rule import DIALECTS, size_of, sizes

SHAPES = dict(batch=4, timesteps=5, features=8, units=16)
FLAGS = [dict(return_sequences=s, return_state=t) for s, t in product([False, True], repeat=2)]
FIELDS = [
    *(flags | more for flags in FLAGS for more in ({}, dict(cell="gru"), dict(layers=3))),
    *(flags | dict(bidirectional=True) for flags in FLAGS),
    *(dict(bidirectional=True, merge_mode=mode, return_state=True) for mode in ("sum", None)),
    dict(bidirectional=True, layers=3),
    dict(batch_first=False),
    dict(batch_first=False, bidirectional=True, layers=3),
    dict(unbatched=True),
    dict(unbatched=True, layers=3),
    dict(proj_size=6),
    dict(proj_size=6, layers=3, bidirectional=True),
    dict(cell="rnn", batch_first=False),
]


def those():
    """Yield each spec, in each framework that runs it, with what comes back."""
    for fields, sizes_, framework in product(FIELDS, ({}, SHAPES), DIALECTS):
        spec = Spec(**sizes_ | fields)
        try:
            yield spec, framework, expected(spec, framework).tensors
        except ValueError:
            continue


THOSE = list(those())


def filled(answer, spec):
    """Return an answer with every axis as its size."""
    known = sizes(spec)
    return tuple(
        tuple(size_of(one, known) if isinstance(one, str) else one for one in shape)
        for shape in answer
    )


def test_each_wrong_answer_to_a_layer_leaves_a_mismatch():
    seen = 0
    for spec, framework, came in THOSE:
        question = as_question(spec, framework)
        for wrong in question.wrong:
            answer = filled(wrong.answer, spec)
            if answer == tuple(one.shape for one in came):
                continue  # it says the same where sizes are 1
            for given in (named(read(answer), question), named(wrong.answer, question)):
                laid = trays(given, came)
                assert not all(one.fits for one in laid), (spec, framework, answer)
                assert sentences(laid), (spec, framework, answer)
                seen += 1
    assert seen > 1000


def test_the_truth_fills_each_tray():
    for spec, framework, came in THOSE:
        question = as_question(spec, framework)
        numbers = tuple(one.shape for one in came)
        names = tuple(one.axes for one in came)
        for answer in (numbers, names):
            laid = trays(named(read(answer), question), came)
            assert sentences(laid) == [], (spec, framework, answer)
            assert all(one.fits and not one.empty for one in laid)


def plausible(rows):
    """Yield what remains of plausible wrong answers that are read and judged wrong."""
    for spec, framework, came in rows:
        question = as_question(spec, framework)
        for answer in attacks(came):
            if given := diagnose(question, answer).given:
                yield (spec, framework, answer), trays(given, came)


def test_a_plausible_wrong_answer_leaves_a_mismatch():
    for about, laid in plausible(THOSE[::20]):
        assert sentences(laid), about


@pytest.mark.more
def test_any_plausible_wrong_answer_leaves_a_mismatch():
    for about, laid in plausible(THOSE):
        assert sentences(laid), about


def test_an_open_batch_is_filled_by_any_number_and_leaves_a_mismatch_if_it_is_closed():
    question = scenarios.classifier()
    opened, closed = (named(read(text), question) for text in ("(None, 4)", "(3, 4)"))
    assert sentences(trays(opened, opened)) == []
    assert sentences(trays(opened, closed)) == []
    assert sentences(trays(closed, opened)) == ["Room for 3 sequences, and any number may come."]
    assert reading(*opened) == "1 place for a vector of 4, for any number of sequences"


def test_a_tray_with_a_place_for_each_timestep_of_any_number_is_not_filled_by_some():
    question = memory.masked()
    opened, closed = (named(read(text), question) for text in ("(3, None, 7)", "(3, 5, 7)"))
    assert opened[0].axes == ("batch", "timesteps", "units")
    assert sentences(trays(opened, opened)) == []
    assert sentences(trays(opened, closed)) == ["Room for any number of timesteps; 5 come."]
    assert sentences(trays(closed, opened)) == ["Room for 5 timesteps, and any number may come."]
    said = "any number of places for a vector of 7, for each of 3 sequences"
    assert reading(*opened) == said


SAID = [  # fields, framework, what is typed, how the tray reads, what does not fit
    (
        {},
        "keras",
        "(3, 5, 7)",
        "5 places for a vector of 7, for each of 3 sequences",
        ["4 places stay empty."],
    ),
    (
        {},
        "keras",
        "(3, 5)",
        "5 places for one number, for each of 3 sequences",
        ["4 places stay empty.", "1 place high; h is 7 long."],
    ),
    ({}, "keras", "(7,)", "1 place for a vector of 7", ["3 sequences, 1 place."]),
    (
        {},
        "keras",
        "(3, 6)",
        "1 place for a vector of 6, for each of 3 sequences",
        ["One number does not fit."],
    ),
    (
        {},
        "keras",
        "(3, 14)",
        "1 place for a vector of 14, for each of 3 sequences",
        ["Each place holds 14 numbers; h is 7 long."],
    ),
    ({}, "keras", "(3, 7), (3, 7), (3, 7)", None, ["2 trays stay empty."]),
    ({}, "keras", "(9, 7)", None, ["Room for 9 sequences; 3 come."]),
    ({}, "keras", "(3, 1, 7)", None, ["1 axis too many."]),
    (
        {},
        "keras",
        "(units, batch)",
        None,
        ["Room for 7 sequences; 3 come.", "4 numbers do not fit."],
    ),
    (
        dict(return_state=True),
        "keras",
        "(3, 7), (3, 5), (3, 7)",
        None,
        ["The second tray: 4 places stay empty.", "The second tray: 1 place high; h is 7 long."],
    ),
    (dict(return_sequences=True), "keras", "(3, 7)", None, ["5 timesteps, 1 place."]),
    (
        dict(return_sequences=True),
        "keras",
        "(3, 7, 5)",
        "7 places for a vector of 5, for each of 3 sequences",
        ["2 places stay empty.", "2 numbers do not fit."],
    ),
    ({}, "torch", "(3, 5, 7)", None, ["h_n and c_n find no tray."]),
    (
        {},
        "torch",
        "(3, 5, 7), (3, 7), (3, 7)",
        None,
        ["The second tray: 1 axis missing: layers.", "The third tray: 1 axis missing: layers."],
    ),
    (
        {},
        "torch",
        "output (1, 3, 7), h_n (3, 5, 7)",
        None,
        [
            "The first tray: 5 timesteps, 1 place.",
            "The second tray: 4 places stay empty.",
            "c_n finds no tray.",
        ],
    ),
    (
        dict(batch_first=False),
        "torch",
        "(3, 5, 7), (1, 3, 7), (1, 3, 7)",
        None,
        ["The first tray: the axes stand in another order, timesteps first."],
    ),
    (
        dict(layers=3, bidirectional=True),
        "torch",
        "(3, 5, 14), (2, 3, 7), (1, 3, 14)",
        None,
        [
            "The second tray: 6 frames, 2 places.",
            "The third tray: 6 frames, 1 place.",
            "The third tray: each place holds 14 numbers; c is 7 long.",
        ],
    ),
]


@pytest.mark.parametrize(("fields", "framework_", "typed", "words", "said"), SAID)
def test_what_does_not_fit_is_said_a_sentence_for_each(fields, framework_, typed, words, said):
    spec = Spec(**fields)
    given = named(read(typed), as_question(spec, framework_))
    laid = trays(given, expected(spec, framework_).tensors)
    assert sentences(laid) == said
    assert words in (None, reading(given[0]))


def test_what_lies_in_depth_is_called_sequences_only_where_it_is_the_batch():
    """Of h_n, (layers, batch, units), a batch that is asked for has no name."""
    for typed, said in (("(1, 3, 7)", "once"), ("(3, 5, 7)", "3 times")):
        given = named(read(typed), scenarios.batch_second())
        assert reading(*given).endswith(f"a vector of 7, {said}")


def test_where_an_error_comes_nothing_lands():
    laid = trays(named(read("(3, 7), (3, 7)"), as_question(Spec())), ())
    assert sentences(laid) == ["2 trays stay empty."]
    assert [one.empty for one in laid] == [1, 1]


def moments(typed, framework="keras", lengths=(), **fields):
    spec = Spec(**fields)
    given = named(read(typed), as_question(spec, framework)) if typed else ()
    laid = trays(given, expected(spec, framework).tensors)
    return [at(t, laid, spec, framework, lengths) for t in range(spec.timesteps + 1)]


def lying(moment, tray=0, places=5):
    """Which numbers lie in each of the first places of a tray."""
    return tuple(moment.landed[tray].get(place, (0, 0)) for place in range(places))


def test_without_sequences_each_h_is_dropped_and_the_last_lands():
    *before, last = moments("(3, 5, 7)")
    assert all(set(lying(one)) == {(0, 0)} for one in before)
    assert lying(last) == ((0, 0),) * 4 + ((0, 7),)
    assert before[0].words == "Before the first timestep h and c are zero."
    assert before[3].words == (
        "At timestep 2 x goes in; a new h and a new c appear; h is dropped, since "
        "return_sequences is False."
    )
    assert last.words == (
        "At timestep 4 x goes in; a new h and a new c appear; h is the last, and comes back. "
        "4 places stay empty."
    )


def test_with_sequences_one_place_more_is_filled_at_each_timestep_and_states_land_at_the_end(
    framework,
):
    states = "(1, 3, 7), (1, 3, 7)" if framework == "torch" else "(3, 7), (3, 7)"
    flags = dict(return_sequences=True, return_state=True)
    every = moments(f"(3, 5, 7), {states}", framework, **flags)
    for t, one in enumerate(every):
        output, h, c = lying(one), lying(one, 1, 1), lying(one, 2, 1)
        assert output == ((0, 7),) * t + ((0, 0),) * (5 - t)
        assert h == c == (((0, 7),) if t == 5 else ((0, 0),))
    assert "h lands on place 2." in every[3].words
    names = "h_n and c_n" if framework == "torch" else "h and c"
    assert every[5].words.endswith(
        f"h lands on place 4; and at the end {names} come back. Everything fits."
    )


def test_two_directions_fill_their_halves_from_both_ends():
    every = moments("(3, 5, 14), (2, 3, 7), (2, 3, 7)", "torch", bidirectional=True)
    ahead, none, back, both = (0, 7), (0, 0), (7, 14), (0, 14)
    assert [lying(one) for one in every] == [
        (none,) * 5,
        (ahead, none, none, none, back),
        (ahead, ahead, none, back, back),
        (ahead, ahead, both, back, back),
        (ahead, both, both, both, back),
        (both,) * 5,
    ]
    assert every[2].words.startswith(
        "The forward direction reads timestep 1, the backward one timestep 3; each makes a new h"
    )
    fields = dict(bidirectional=True, return_sequences=True)
    summed = moments("(3, 5, 7)", merge_mode="sum", **fields)
    assert lying(summed[3]) == (none, none, ahead, none, none)  # both are there in the middle
    apart = moments("(3, 5, 7), (3, 5, 7)", merge_mode=None, **fields)
    assert lying(apart[1]) == (ahead,) + (none,) * 4
    assert lying(apart[1], 1) == (none,) * 4 + (ahead,)


def test_a_padded_timestep_brings_nothing_new():
    every = moments("(3, 5, 7)", lengths=(2, 5, 3), return_sequences=True)
    assert "padding" not in every[2].words
    assert every[3].words.endswith("This timestep is padding of sequence 0: it brings nothing new.")
    assert "padding of sequences 0 and 2" in every[4].words
    *_, last = moments("(3, 5, 7)", lengths=(2, 4, 3), return_sequences=True)
    assert last.words == (
        "Timestep 4 is padding of every sequence; h and c stay as they are; h lands on place 4. "
        "Everything fits."
    )
    of = [[last.is_padding(sequence, step) for step in range(5)] for sequence in range(4)]
    assert [row.index(True) for row in of[:3]] == [2, 4, 3]
    assert True not in of[3]


def over_padding(question, typed):
    """Return the words of each moment of a padded question, and the SVG of each."""
    given = named(read(typed), question)
    pages, _ = predicted.result(question, question, "torch", given)
    assert len(pages) == len(predicted.times(question)) > 1
    return pages


def test_time_runs_over_what_is_packed():
    """The row lies as PyTorch's batch_sizes say: of lengths 2, 4 and 3 the sequences 1, 2, 0."""
    every = over_padding(memory.packed(), "(9, 7)")
    assert "h lands on place 0 for sequence 1, place 1 for sequence 2 and place 2 for" in every[1]
    assert "padding" not in every[2]
    assert "h lands on place 6 for sequence 1 and place 7 for sequence 2. This timestep" in every[3]
    assert "is padding of sequence 0: packing has left it out." in every[3]
    assert "Timestep 4 is padding of every sequence: packing has left it out. E" in every[5]
    places = [page.count(f'fill="{NEUTRAL}"') for page in every]
    assert places == sorted(places)
    assert places[4] == places[5] > places[3]  # the last timestep brings nothing
    wrong = over_padding(memory.packed(), "(15, 7)")
    assert "6 places stay empty." in wrong[-1]
    short = over_padding(memory.packed(), "(3, 5, 7)")
    assert "h finds no place for sequence 1" in short[4]
    assert "Room for 3 rows; 1 comes." in short[-1]


@given_(lists(integers(1, 9), min_size=1, max_size=5, unique=True))
@settings(max_examples=10, derandomize=True, deadline=None)
def test_a_packed_row_lies_as_pytorch_lays_it(lengths):
    """Each number says its own sequence and timestep."""
    x = torch.tensor([[(float(s), float(t)) for t in range(9)] for s in range(len(lengths))])
    packed = torch.nn.utils.rnn.pack_padded_sequence(
        x, lengths, batch_first=True, enforce_sorted=False
    )
    assert packed.data.tolist() == [[float(s), float(t)] for t, s in row_of(lengths)]


def test_time_runs_over_what_is_unpacked():
    every = over_padding(memory.unpacked(), "(3, 5, 7)")
    assert "h lands on place 3. This timestep is padding of sequences 0 and 2: packing" in every[4]
    assert every[5].count("packing has left it out. 1 place stays empty.") >= 1
    right = over_padding(memory.unpacked((5, 9, 7), 13, 11), "(3, 9, 11)")
    assert "Everything fits." in right[-1]


def test_a_stack_and_other_cells_are_said_as_they_are():
    assert moments("", layers=3)[2].words == (
        "At timestep 1 x goes in; each layer makes a new h and a new c, from the lowest up; "
        "h of the top layer is dropped, since return_sequences is False."
    )
    assert "a new h appears; h is kept" in moments("", "torch", cell="gru")[1].words
    assert moments("(3, 7)", "torch")[2].words.endswith("; h finds no place.")


@pytest.mark.parametrize(("fields", "framework_", "typed", "words", "said"), SAID)
def test_what_does_not_fit_is_drawn_with_its_words(fields, framework_, typed, words, said):
    spec = Spec(**fields)
    given = named(read(typed), as_question(spec, framework_))
    before, *_, last = stages.over_time(given, spec, run(spec, framework_), framework_)
    drawn = last.picture.drawn
    shown = " ".join(re.findall(r"<text[^>]*>([^<]*)<", drawn))
    for line in said:
        clause = line.split(": ", 1)[-1].removesuffix(".")
        if "tray" not in clause:  # of these each says so
            assert clause.lower() in shown.lower()
    assert shown.count("✗") >= len({line.split(":")[0] for line in said})
    assert AMISS in drawn
    empty = stages.ordered(given, spec, framework_).picture.drawn
    for other in (before.picture.drawn, empty):
        assert not {"✗", "✓", AMISS} & {*re.findall(f"✗|✓|{AMISS}", other)}
    for panel in (*last.beside, *before.beside):
        assert panel.width <= ROOM
        sizes_ = re.findall(r"font-size(?:: |=\")(\d+)", panel.svg)
        assert min(map(int, sizes_)) >= 11
        ET.fromstring(panel.svg)


@pytest.mark.parametrize("typed", ["(3, 5, 7)", "(5, 7)", "(3, 5)"])
def test_a_tray_of_the_courses_own_sizes_shows_each_of_its_places(typed):
    given = named(read(typed), as_question(Spec()))
    (panel,) = stages.ordered(given, Spec()).beside
    shown = re.findall(r">([^<]+)<", panel.svg)
    assert "timesteps 5" in shown
    assert "…" not in shown
    assert panel.width <= ROOM


FRAMED = ["(2, 3, 5, 7)", "(2, 3, 5)", "(3, 5, 2, 7)", "(3, 5, 7)", "(6, 3, 7)"]


@pytest.mark.parametrize("typed", FRAMED)
def test_no_words_of_a_tray_with_frames_stand_on_others(typed):
    """Those of its timesteps and those of its frames; what sticks out has room, too."""
    spec = Spec(bidirectional=True)
    given = named(read(f"(3, 5, 14), {typed}"), as_question(spec, "torch"))
    *_, last = stages.over_time(given, spec, run(spec, "torch"), "torch")
    for tray in (stages.ordered(given).beside[1], last.beside[1]):
        for one, other in combinations(written(tray.svg), 2):
            assert not overlap(one, other), (one, other)


def written(svg):
    """Yield each word of a picture: where it begins and ends, its line, and what it says."""
    for group in ET.fromstring(svg).iter():
        for one in group.findall("{*}text"):
            anchor = one.get("text-anchor") or group.get("text-anchor")
            long = 6 * len(one.text)
            left = float(one.get("x")) - {"middle": long / 2, "end": long}.get(anchor, 0)
            yield left, left + long, float(one.get("y")), one.text


def overlap(one, other):
    return one[0] < other[1] and other[0] < one[1] and abs(one[2] - other[2]) < 10


@pytest.mark.parametrize(
    "typed", ["(13,)", "(22,)", "()", "(22,), (13,)", "(13, 22), (22,), (13,)"]
)
def test_what_finds_no_place_stands_on_no_name(typed):
    spec = Spec(batch=13, units=22, return_sequences=True, return_state=True)
    given = named(read(typed), as_question(spec))
    *_, last = stages.over_time(given, spec, run(spec), "keras")
    assert [said for said in crowded(last.picture) if " on an edge" in said] == []


def test_the_empty_tray_depends_on_what_was_predicted_alone():
    drawn = {
        stages.ordered(named(read("(3, 5, 7)"), as_question(spec)), Spec()).picture.html
        for spec in (Spec(), Spec(return_sequences=True), Spec(return_state=True))
    }
    assert len(drawn) == 1


@pytest.mark.parametrize("typed", ["(3, 999999999, 7)", "(999999999,)", "(999999999, 3, 5, 7)"])
def test_a_tray_of_any_size_is_drawn_in_part(typed):
    given = named(read(typed), as_question(Spec()))
    pictures = [
        stage.picture.html for stage in stages.over_time(given, Spec(), run(Spec()), "keras")
    ]
    assert max(map(len, pictures)) < 60_000


@pytest.mark.parametrize("typed", ["(3, 7)", "(3, 5, 7)", "(5, 5, 7), (1, 5, 7), (1, 5, 7)"])
def test_finished_trays_weigh_less_than_40_kb(typed, framework):
    """The last is the heaviest of the usual wrong answers to a layer of the course's sizes."""
    spec = Spec()
    given = named(read(typed), as_question(spec, framework))
    *_, last = stages.over_time(given, spec, run(spec, framework), framework)
    assert len(last.picture.html) < 40_000


@pytest.mark.more
def test_no_usual_answer_makes_heavier_trays(framework):
    for spec in (Spec(**flags) for flags in FLAGS):
        question, came = as_question(spec, framework), run(spec, framework)
        for wrong in question.wrong:
            given = named(filled(wrong.answer, spec), question)
            for stage in stages.over_time(given, spec, came, framework):
                assert len(stage.picture.html) < 40_000, wrong.answer


def test_trays_need_no_numpy(root):
    for name in ("tray", "moments", "packed"):
        assert "numpy" not in (root / f"lstm_lessons/drawing/{name}.py").read_text()
