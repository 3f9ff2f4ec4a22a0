"""The instructor's page: numbers by hand, and nobody's name or markup on it unasked."""

import importlib
import json
import os
import pathlib
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lstm_lessons import Spec
from lstm_lessons.remembered import Answer

HERE = pathlib.Path(__file__).resolve().parents[2] / "assignments"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def report():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(HERE))
        yield importlib.import_module("report")


@pytest.fixture
def marks(report):
    """Ada 2 and 0 of 2, Bob 0 and an answer that is unread."""
    rows = [
        ("one", "Ada", 2, 2),
        ("one", "Bob", 0, 2),
        ("two", "Ada", 0, 2),
        ("two", "Bob", 0, 2, True),
    ]
    return [report.Mark("final", *row) for row in rows]


def answer(status="wrong", question="What is `h`?", minute=0, **fields):
    when = datetime(2026, 11, 1, 12, minute, tzinfo=UTC)
    fields = {"lesson": "01_shapes", "beliefs": ("sequence_by_default",)} | fields
    return Answer(question, "keras", status, when, "typed-by-one", **fields)


def cells(html, head):
    """Return the numbers of the row that begins with head."""
    row = html.split(f'<th scope="row">{head}', 1)[1].split("</tr>")[0]
    return [part.split(">", 1)[1].split("</td>")[0] for part in row.split("<td")[1:]]


def test_numbers_of_tasks_are_those_by_hand(report, marks):
    html = report.page(marks)
    assert cells(html, "one") == ["2", "1.0\u00a0of\u00a02 (50%)", "1", "0"]
    assert cells(html, "two") == ["1", "0.0\u00a0of\u00a02 (0%)", "1", "1"]


def test_no_name_stands_anywhere_unless_it_is_asked_for(report, marks):
    html = report.page(marks, [report.Prediction("final", "Ada", "wrong", ())])
    assert "Ada" not in html
    assert "Bob" not in html
    html = report.page(marks, names=True)
    assert cells(html, "Ada") == ["1", "2"]
    assert cells(html, "Bob") == ["1", "1"]


def test_a_name_below_a_third_is_not_said(report):
    marks = [report.Mark("a", str(n), "Ada", n > 0, 1) for n in range(4)]
    assert "Ada" not in report.page(marks, names=True)
    assert "Ada" in report.page(marks[:3], names=True)


def test_beliefs_are_counted_in_predictions_and_students(report):
    made = [("Ada", "wrong", ("sequence_by_default",))] * 2 + [("Bob", "wrong", ())]
    made += [("Bob", "correct", ()), ("Bob", "not read", ())]
    html = report.page([], [report.Prediction("final", *one) for one in made])
    assert "5 predictions handed in: 3 wrong, 1 of them for no known reason; 1 not read" in html
    assert cells(html, "What does return_sequences change") == ["2", "1"]
    assert "<code>return_sequences=True</code>" in html


def test_four_learners_are_not_shown_and_five_are(report):
    assert "What is" not in report.page([], [], [[answer()]] * 4)
    right = [answer("correct", minute=1), answer("correct", "Other?", 2)]
    html = report.page([], [], [[answer(), *right]] * 4 + [right])
    assert cells(html, "What is <code>h</code>?") == ["4", "5"]
    assert cells(html, "What does return_sequences change") == ["4"]
    assert cells(html, "01_shapes") == ["5", "10", "60%"]
    assert "typed-by-one" not in html


def test_hostile_names_and_answers_stay_text(report):
    hostile = answer(question=HOSTILE + "`<b>`", lesson=HOSTILE, beliefs=(HOSTILE,))
    strange = replace(answer(question=Spec()), framework=HOSTILE)
    marks = [report.Mark(HOSTILE, HOSTILE, HOSTILE, 0, 1)]
    html = report.page(marks, [], [[hostile, strange]] * 5, names=True)
    assert "<script" not in html
    assert "<b>" not in html
    assert html.count("&lt;script&gt;") >= 4


def test_copies_of_a_file_and_files_without_answers_are_no_learners(report, tmp_path):
    for number in range(5):
        (tmp_path / f"{number}.jsonl").write_text(answer().line + "\n")
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "bad.jsonl").write_text("no answer\n")
    assert len(report.memories(tmp_path)) == 1


def notebook(code):
    marked = {"nbgrader": {"grade_id": "predict"}}
    cell = {"cell_type": "code", "source": code, "metadata": marked, "outputs": []}
    cell |= {"execution_count": None, "id": "a"}
    plain = {"cell_type": "markdown", "source": "Predict.", "metadata": {}, "id": "b"}
    made = {"cells": [plain, cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(made).encode()


@pytest.mark.parametrize(
    ("code", "read"),
    [
        ('p = ["(3, 7)", (3, 5)]', ["(3, 7)", (3, 5)]),
        ('p = [""]\np = ["(3, 7)", open("x")]', ["(3, 7)", ...]),
        ("p = [1]", [..., ...]),
        ("p = [{1}, b'a']", [..., ...]),
        ("p = ", [..., ...]),
        ("q = [1, 2]", [..., ...]),
        ("p = " + "(" * 5000, [..., ...]),
        ("a" + ".b" * 900 + " = 1", [..., ...]),
    ],
)
def test_what_stands_as_prediction_is_read_and_never_run(report, code, read):
    pytest.importorskip("nbformat")
    assert report.typed(notebook(code), "predict", "p", 2) == read


def test_what_is_no_notebook_is_not_read(report):
    pytest.importorskip("nbformat")
    assert report.typed(b"\xff", "predict", "p", 1) == [...]


def test_a_wrong_prediction_is_diagnosed_again(report):
    spec = Spec(batch=3, timesteps=5, features=6, units=7)
    found = list(report.judged(["(3, 5, 7)", "(3, 7)", ...], [spec] * 3, "keras"))
    assert found[0][0] == "wrong"
    assert "sequence_by_default" in found[0][1]
    assert found[1:] == [("correct", ()), ("not read", ())]


def test_each_assignment_says_what_is_predicted_in_it(report):
    for source in (HERE / "source").iterdir():
        asked = report.asked_in(json.loads((source / f"{source.name}.ipynb").read_text("utf-8")))
        assert asked
        for cell, name, questions, framework in asked:
            assert name.startswith("prediction")
            assert questions in ("asked", "asked_torch")
            assert (framework == "torch") == ("torch" in questions or source.name == "final"), cell


@pytest.mark.more
def test_marks_come_from_the_gradebook(report, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", os.path.dirname(sys.executable), prepend=os.pathsep)
    from nbgrader.api import Gradebook

    assert report.marks(tmp_path) == []
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db", "lstm-lessons") as book:
        book.add_assignment("final")
        book.add_student("ada")
        book.add_notebook("final", "final")
        book.add_grade_cell("test-cut", "final", "final", max_score=4, cell_type="code")
        book.add_submission("final", "ada")
        grade = book.find_grade("test-cut", "final", "final", "ada")
        grade.auto_score, grade.needs_manual_grade = 3, False
        book.db.commit()
    assert report.marks(tmp_path) == [report.Mark("final", "cut", "ada", 3, 4)]
