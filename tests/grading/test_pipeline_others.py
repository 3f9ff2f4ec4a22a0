"""The real pipeline: the other assignments, solved, blank, mistaken; a private variant of each."""

import csv

import mistakes_final
import mistakes_layers_and_padding
import pytest
import variant

from conftest import cell, with_id

pytestmark = pytest.mark.more

MISTAKES = {"final": mistakes_final, "layers_and_padding": mistakes_layers_and_padding}


def points_of(room):
    """Return the points that the grader has to give, {grade_id: points}."""
    cells = [one["metadata"].get("nbgrader", {}) for one in room.read("source")["cells"]]
    graded = [one for one in cells if one.get("grade") and one["grade_id"] != "explanation"]
    return {one["grade_id"]: one["points"] for one in graded}


def scores_of(room):
    """Return what each student has earned, {student: points}."""
    with open(room.folder / "grades.csv", newline="") as file:
        return {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}


@pytest.mark.parametrize("name", MISTAKES)
def test_solved_blank_and_mistaken_get_their_points(classroom, name):
    room = classroom(name)
    source, points = room.read("source"), points_of(room)
    by_grader = sum(points.values())
    room.submit("solved", with_id(source, "solved"))
    room.submit("blank", with_id(room.read("release"), "blank"))
    mistaken, lost = with_id(source, "mistaken"), 0
    for grade_id, mistakes in MISTAKES[name].VARIANTS.items():
        code, earned = next(iter(mistakes.values()))
        cell(mistaken, grade_id)["source"] = code
        lost += points[f"test-{grade_id}"] - earned
    room.submit("mistaken", mistaken)
    answer = room.grade()
    scores = scores_of(room)
    assert scores == {"solved": by_grader, "blank": 0, "mistaken": by_grader - lost}
    assert lost > 5
    assert answer.returncode == 0
    unread = "2 explanations are unread: until you read them, marks are not whole"
    assert answer.stdout == f"3 of 3 graded: grades.csv, feedback/\n  {unread}\n"


@pytest.mark.parametrize("name", variant.SOLUTIONS)
def test_a_private_variant_tells_its_solution_from_the_published_one(classroom, name):
    room = classroom(name)
    tasks = room.folder / f"source/{name}/tasks.py"
    tasks.write_text(variant.private(tasks.read_text(), "one"))
    room.nbgrader("generate_assignment", name, "--force")
    room.submit("published", with_id(room.read("source"), "published"))
    solved = with_id(room.read("source"), "solved")
    for grade_id, code in variant.SOLUTIONS[name].items():
        cell(solved, grade_id)["source"] = code
    room.submit("solved", solved)
    answer = room.grade()
    assert answer.returncode == 0
    by_grader = sum(points_of(room).values())
    scores = scores_of(room)
    assert scores["solved"] == by_grader
    assert 0 < scores["published"] < by_grader / 4
