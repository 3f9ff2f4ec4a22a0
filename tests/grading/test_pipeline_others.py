"""The other assignments through the real pipeline: solved, blank, and a mistake in each task."""

import csv

import mistakes_final
import mistakes_layers_and_padding
import pytest

from conftest import cell, with_id

pytestmark = pytest.mark.more

MISTAKES = {"final": mistakes_final, "layers_and_padding": mistakes_layers_and_padding}


@pytest.mark.parametrize("name", MISTAKES)
def test_solved_blank_and_mistaken_get_their_points(classroom, name):
    room = classroom(name)
    source = room.read("source")
    points = {
        about["grade_id"]: about["points"]
        for one in source["cells"]
        if (about := one["metadata"].get("nbgrader", {})).get("grade")
    }
    by_grader = sum(points.values()) - points["explanation"]
    room.submit("solved", with_id(source, "solved"))
    room.submit("blank", with_id(room.read("release"), "blank"))
    mistaken, lost = with_id(source, "mistaken"), 0
    for grade_id, mistakes in MISTAKES[name].VARIANTS.items():
        code, earned = next(iter(mistakes.values()))
        cell(mistaken, grade_id)["source"] = code
        lost += points[f"test-{grade_id}"] - earned
    room.submit("mistaken", mistaken)
    answer = room.grade()
    with open(room.folder / "grades.csv", newline="") as file:
        scores = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert scores == {"solved": by_grader, "blank": 0, "mistaken": by_grader - lost}
    assert lost > 5
    assert answer.returncode == 0
    unread = "2 explanations are unread: until you read them, marks are not whole"
    assert answer.stdout == f"3 of 3 graded: grades.csv, feedback/\n  {unread}\n"
