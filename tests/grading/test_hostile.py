"""Hostile submissions in the real pipeline: none gains, none harms, and the instructor is told."""

import copy
import csv
import re

import psutil
import pytest
from hostile import ATTACKS

from conftest import cell, each, with_id

pytestmark = pytest.mark.more

# Of each kind one; the others are handed in before a release.
FEW = {
    *("reads_the_solutions", "lists_what_is_there", "patches_in_a_thread", "layers_of_zeros"),
    *("unpickles_itself", "replies_itself", "overwrites_answers", "outlives_its_time"),
    *("takes_the_network_back", "leaves"),
}

RUNS = "<img src=x onerror=window.ran=1>"
EXPECTED = {  # by hand, for what is no code of a cell: (points, told)
    "ada": (22, ""),
    "zoe": (22, ""),
    "expected": (4, ""),
    "marks_up": (0, "explanation has mark-up that would run or fetch something"),
    "copies_ada": (0, "the id in the notebook is 'ada'"),
    "hands_in_values_of_ada": (0, "uses chdir"),
    "brings_files": (0, ""),
    "brings_a_kernel": (22, ""),
    "brings_a_graded_cell": (0, ""),
    "has_many_cells": (0, ""),
    "links_in_a_loop": (0, ""),
}
EACH = pytest.mark.parametrize("student", [*each(ATTACKS, FEW), *EXPECTED])
BESIDE = (
    *(
        "nbgrader_config.py",
        "sitecustomize.py",
        "usercustomize.py",
        "numpy.py",
        "tasks.py",
        "box.py",
    ),
    *(
        "lstm_lessons.py",
        "answers.py",
        "jupyter_config.py",
        "ipython_config.py",
        "a.pth",
        "judge.py",
    ),
)


@pytest.fixture(scope="module")
def attacks(asked_for):
    """What is handed in, as in ATTACKS: that of which a row is run."""
    return {one: ATTACKS[one] for one in ATTACKS if one in asked_for}


@pytest.fixture(scope="module")
def graded(classroom, attacks):
    """The folder after grading, its files from before, what was printed, and the table."""
    room = classroom("scenarios")
    source, blank = room.read("source"), room.read("release")
    for student in ("ada", "zoe"):
        room.submit(student, with_id(source, student))
    for student, (code, _) in attacks.items():
        room.submit(
            student, with_cell(with_id(blank, student), code.replace("COURSE", str(room.folder)))
        )
    by_hand(room, source, blank)
    before = files(room.folder)
    answer = room.grade()
    print(answer.stdout, answer.stderr)
    with open(room.folder / "grades.csv", newline="") as file:
        grades = {row["student_id"]: row for row in csv.DictReader(file)}
    return room.folder, before, answer, grades


def with_cell(notebook, code):
    """Return a notebook with code in a cell behind the last task."""
    more = dict(cell_type="code", source=code, metadata={}, outputs=[], execution_count=None)
    notebook["cells"].append(more | {"id": "attack"})
    return notebook


def by_hand(room, source, blank):
    """Hand in what is more than the code of one cell."""
    known = with_id(blank, "expected")
    for name in ("predict-keras", "predict-torch"):
        cell(known, name)["source"] = cell(source, name)["source"]
    room.submit("expected", known)
    marked = with_id(blank, "marks_up")
    cell(marked, "explanation")["source"] = f"<script>window.ran = 1</script>{RUNS}"
    marked["metadata"]["title"] = RUNS
    room.submit("marks_up", marked)
    room.submit("copies_ada", with_id(source, "ada"))
    values = with_id(blank, "hands_in_values_of_ada")
    code = (
        "import os\nos.chdir('/')\nmade = tasks.paper('ada')\nfrom lstm_lessons import expected\n"
    )
    code += "predictions = [expected(one).shapes for one in tasks.asked(made)]\npaper = made"
    room.submit("hands_in_values_of_ada", with_cell(values, code))
    room.submit("brings_files", with_id(blank, "brings_files"))
    place = room.folder / "submitted/brings_files/scenarios"
    for name in BESIDE:
        (place / name).write_text(f"open({str(room.folder / 'ran')!r}, 'w').close()\n")
    (place / "answers.txt").symlink_to(room.folder / "answers/scenarios.py")
    (place / "passwd").symlink_to("/etc/passwd")
    kernel = with_id(source, "brings_a_kernel")
    kernel["metadata"]["kernelspec"] = dict(name="mine", display_name="x", language="x")
    room.submit("brings_a_kernel", kernel)
    own = with_id(blank, "brings_a_graded_cell")
    about = copy.deepcopy(cell(own, "test-collect"))
    about["metadata"]["nbgrader"] |= dict(grade_id="mine", points=400)
    own["cells"].append(about | {"source": "400.0", "id": "mine"})
    room.submit("brings_a_graded_cell", own)
    many = with_id(blank, "has_many_cells")
    for number in range(2000):
        with_cell(many, "1")["cells"][-1]["id"] = f"many-{number}"
    room.submit("has_many_cells", many)
    room.submit("links_in_a_loop", with_id(blank, "links_in_a_loop"))
    loop = room.folder / "submitted/links_in_a_loop/scenarios/again"
    loop.symlink_to(loop.parent)


def files(folder):
    """Return the content of every file that no submission may change; of a link, where to."""
    places = ("answers", "inside", "source", "release", "submitted")
    paths = [path for place in places for path in (folder / place).rglob("*") if path.is_file()]
    paths = [path for path in [*paths, *folder.glob("*.py")] if "__pycache__" not in path.parts]
    return {path: path.readlink() if path.is_symlink() else path.read_bytes() for path in paths}


def told(answer, student):
    return re.findall(rf"^  {student}: (.*)$", answer.stdout, re.M)


@EACH
def test_nobody_gains(graded, student):
    *_, grades = graded
    assert float(grades[student]["score"]) == EXPECTED.get(student, (0,))[0]


@EACH
def test_the_instructor_is_told(graded, student):
    _, _, answer, _ = graded
    wanted = EXPECTED[student][1] if student in EXPECTED else ATTACKS[student][1]
    said = told(answer, student)
    if wanted:
        assert any(wanted in one for one in said), said
    else:
        assert not [one for one in said if "not graded" in one]


def test_nothing_was_changed_and_nothing_lives_on(graded, attacks):
    folder, before, answer, grades = graded
    assert files(folder) == before
    assert not (folder / "ran").exists()
    assert not (folder / "outlived").exists()
    assert len(grades) == len(attacks) + len(EXPECTED) > 20
    assert f"{len(grades)} of {len(grades)} graded" in answer.stdout
    for one in psutil.process_iter(["uids"]):  # a box that is open is another test's
        if 61184 <= one.info["uids"].real < 65535:
            assert "bwrap" in [parent.name() for parent in one.parents()]


def test_what_is_printed_can_not_write_to_a_terminal(graded):
    _, _, answer, _ = graded
    assert "\x1b" not in answer.stdout


@EACH
def test_feedback_gives_nothing_away_and_runs_nothing(graded, student):
    folder, *_ = graded
    path = folder / "feedback" / student / "scenarios/scenarios.html"
    feedback = path.read_text()
    assert len(feedback) < 1_500_000
    assert "<img src=x" not in feedback
    assert "<script>window" not in feedback
    for secret in (
        "def exchanged",
        "SQLite format",
        "Without `return_sequences`, the layer returns",
    ):
        assert secret not in feedback or student in ("ada", "zoe", "copies_ada", "brings_a_kernel")
    assert {one.name for one in path.parent.iterdir()} == {"scenarios.html", "tasks.py"}
    kept = {one.name for one in (folder / "autograded" / student / "scenarios").iterdir()}
    assert kept == {"scenarios.ipynb", "tasks.py"}


def test_no_network_and_no_process_is_seen(graded):
    folder, *_ = graded
    path = folder / "feedback/takes_the_network_back/scenarios/scenarios.html"
    assert len(re.findall(r"so: .{0,40}(refused|unreachable)", path.read_text())) == 2
    path = folder / "feedback/lists_what_is_there/scenarios/scenarios.html"
    assert "nbgrader_config" not in path.read_text()
