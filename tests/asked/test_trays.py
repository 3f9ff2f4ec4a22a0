"""What is predicted of the lessons' own questions orders trays, too."""

import pytest
from test_asked import QUESTIONS

from lstm_lessons import predicted
from lstm_lessons.asking.echo import named
from lstm_lessons.asking.reading import read
from lstm_lessons.drawing.tray import sentences, trays

SHAPES = [(make, right) for make, right in QUESTIONS if make().form != "index"]


@pytest.mark.parametrize(("make", "right"), SHAPES)
def test_the_lessons_own_questions_have_trays_too(make, right):
    """Those about masks, packing and chains of layers: their truth, as it is typed, fills."""
    question = make()
    truth = read(right)
    came = named(truth, question)
    assert sentences(trays(came, came)) == []
    for wrong in question.wrong:
        if isinstance(wrong.answer, tuple):
            assert sentences(trays(named(wrong.answer, question), came)), wrong.answer


CHAINS = [(make, right) for make, right in QUESTIONS if make().chain]


@pytest.mark.parametrize(("make", "right"), CHAINS)
def test_a_chain_of_layers_shows_each_step_and_ends_in_the_answer(make, right):
    question = make()
    steps = question.chain()
    assert len(steps) == 3
    for written, _ in steps:
        assert written[:-1] in question.text
    _, last = steps[-1]
    assert last == (() if right == "error" else read(right)[0])
    pages, said = predicted.result(question, question, "keras", ())
    [page] = pages
    for written, shape in steps:
        assert written in page
        assert f"({', '.join(map(str, shape))})" in page if shape else "raises an error" in page
    assert "It ran" in said or "It raised" in said


def test_there_are_chains():
    assert len(CHAINS) >= 4
