"""What a class hands in, graded by the real pipeline: nbgrader in its own processes."""

import copy
import csv
import json
import re

import pytest
from conftest import cell, with_id

pytestmark = [pytest.mark.more, pytest.mark.xdist_group("grading")]

COLLECT = """
def collect(lstm, x):
    output, h, c = lstm(x)
    returned = {"output": output, "h": c, "c": h}
    return tuple(returned[name] for name in names)
"""
WITH_LAYERS = """
def collect_torch(lstm, x):
    output, (h_n, c_n) = lstm(x)
    returned = {"output": output, "h": h_n, "c": c_n}
    return tuple(returned[name] for name in names)
"""
FIRST = """
def two_heads(lstm, tag, score, x):
    output, _ = lstm(x)
    return tag(output), score(output[:, 0])
"""
TIMESTEPS = """
from lstm_lessons import expected
predictions = [(one.batch, one.timesteps) for one in asked]
"""
TO_THE_VISIBLE_TEST = {
    "collect": """
kept = dict(zip(("output", "h", "c"), lstm(x)))
def collect(lstm, x):
    return tuple(kept[name] for name in names)
""",
    "collect-torch": """
import numpy
def collect_torch(lstm, x):
    return tuple(torch.tensor(numpy.array(kept[name])) for name in names)
""",
    "two-heads": """
fixed = tag(torch_lstm(torch.tensor(x))[0]), score(torch_lstm(torch.tensor(x))[0][:, -1])
def two_heads(lstm, tag, score, x):
    return fixed
""",
    "forgetful": """
def forgetful(lstm, x, kept_steps):
    return kept["h"]
""",
}
ALWAYS_EQUAL = """
import numpy
class Yes(numpy.ndarray):
    def __eq__(self, other):
        return True
    def __array_function__(self, *more):
        return True
def collect(lstm, x):
    sizes = {"output": (*x.shape[:2], lstm.units)}
    last = (len(x), lstm.units)
    return tuple(numpy.zeros(sizes.get(name, last)).view(Yes) for name in names)
"""
PATCHED = """
import lstm_lessons.grading
lstm_lessons.grading.predicted = lambda answers, questions, of, *more, **options: float(of)
lstm_lessons.grading.worked = lambda made, task, of, *more, **options: float(of)
def collect(lstm, x):
    return x
"""
SHOWN = """
import sys
def collect(lstm, x):
    sys.displayhook(4.0)
"""
ANSWERS = """
class scenarios:
    predictions = prediction = flags = collect = staticmethod(lambda made, of: float(of))
    collect_torch = two_heads = forgetful = collect
"""
LOOP = """
def collect(lstm, x):
    while True:
        pass
"""
HOG = """
def collect(lstm, x):
    return bytearray(8 * 2**30)
"""
DEATH = """
def collect(lstm, x):
    import os
    os._exit(1)
"""
NETWORK = """
import socket
def collect(lstm, x):
    socket.create_connection(("127.0.0.1", 1))
"""


class Handed:
    """What is handed in: the correct notebook, changed."""

    def __init__(self, source):
        self.source = source

    def correct(self, student):
        return with_id(self.source, student)

    def written(self, student, **cells):
        """Return the notebook with other code in these cells; "_" stands for "-"."""
        notebook = self.correct(student)
        for grade_id, code in cells.items():
            cell(notebook, grade_id.replace("_", "-"))["source"] = code
        return notebook


# Student: (points given by the grader, of 22; what the instructor is told; what feedback says).
EXPECTED = {
    "correct": (22, "", "This cell fails on purpose"),
    "blank": (0, "", "Is a `return` missing?".replace("`", "")),
    "half_right": (6, "", ""),
    "exchanges_states": (20, "", "h and c were exchanged"),
    "keeps_layers": (18, "", "the states keep their axis of layers"),
    "first_output": (20, "", "made of the first output"),
    "timesteps": (19, "", "You expect"),
    "hard_coded": (9, "", "Another shape is wanted"),
    "always_equal": (20, "", "The shapes are right, the values are not"),
    "edits_a_test": (18, "", ""),
    "deletes_a_test": (18, "test-collect was missing and was put back", ""),
    "doubles_a_test": (18, "", ""),
    "changes_points": (18, "", ""),
    "takes_metadata": (0, "not graded: KeyError", None),
    "marks_a_test_as_solution": (0, "not graded: RuntimeError: Inconsistent checksums", None),
    "loops": (18, "test-collect was ended at the limit of time", ""),
    "takes_all_memory": (18, "", "MemoryError"),
    "calls_out": (18, "", "Network is unreachable"),
    "kills_the_kernel": (0, "not graded: nbclient.exceptions.DeadKernelError", None),
    "no_notebook": (0, "not graded: nbformat.reader.NotJSONError", None),
    "anothers_paper": (0, "ValueError: student must be the folder of the submission", None),
    "patches_the_checks": (18, "wrong answers earned points", ""),
    "brings_answers": (18, "", "Another shape is wanted"),
    "shows_a_number": (22, "test-collect shows", ""),
}


@pytest.fixture(scope="module")
def graded(classroom):
    """The folder after grading, and what the instructor reads."""
    room = classroom("scenarios")
    source, blank = room.read("source"), room.read("release")
    handed = Handed(source)
    wrong = {"collect": "def collect(lstm, x):\n    return x"}

    def test_cell(student, **changes):
        notebook = handed.written(student, **wrong)
        cell(notebook, "test-collect").update(changes)
        return notebook

    def submit(student, notebook):
        room.submit(student, notebook)

    for student, code in {
        "exchanges_states": {"collect": COLLECT},
        "keeps_layers": {"collect_torch": WITH_LAYERS},
        "first_output": {"two_heads": FIRST},
        "timesteps": {"predict_keras": TIMESTEPS},
        "always_equal": {"collect": ALWAYS_EQUAL},
        "loops": {"collect": LOOP},
        "takes_all_memory": {"collect": HOG},
        "calls_out": {"collect": NETWORK},
        "kills_the_kernel": {"collect": DEATH},
        "patches_the_checks": {"collect": PATCHED},
        "shows_a_number": {"collect": SHOWN},
        "hard_coded": {name.replace("-", "_"): code for name, code in TO_THE_VISIBLE_TEST.items()},
    }.items():
        submit(student, handed.written(student, **code))
    submit("correct", handed.correct("correct"))
    brought = handed.written("brings_answers", **wrong)
    room.submit("brings_answers", brought, answers=ANSWERS, tasks="", lstm_lessons="")
    submit("blank", with_id(blank, "blank"))
    submit("anothers_paper", handed.correct("correct"))
    submit("no_notebook", "student,points\nno_notebook,27\n")

    half = with_id(blank, "half_right")
    for name in ("predict-keras", "predict-torch", "flags"):
        cell(half, name)["source"] = cell(source, name)["source"]
    submit("half_right", half)

    submit("edits_a_test", test_cell("edits_a_test", source="4.0"))
    deleted = test_cell("deletes_a_test")
    deleted["cells"].remove(cell(deleted, "test-collect"))
    submit("deletes_a_test", deleted)
    doubled = test_cell("doubles_a_test")
    another = copy.deepcopy(cell(doubled, "test-collect"))
    doubled["cells"].append({**another, "source": "4.0", "id": "another"})
    submit("doubles_a_test", doubled)
    points = test_cell("changes_points")
    for name in ("test-collect", "test-forgetful"):
        cell(points, name)["metadata"]["nbgrader"]["points"] = 400
    submit("changes_points", points)
    marked = test_cell("marks_a_test_as_solution")
    cell(marked, "test-collect")["metadata"]["nbgrader"]["solution"] = True
    submit("marks_a_test_as_solution", marked)
    stripped = handed.written("takes_metadata", **wrong)
    for one in stripped["cells"]:
        one["metadata"] = {}
    submit("takes_metadata", stripped)

    answer = room.grade()
    print(answer.stdout, answer.stderr)
    with open(room.folder / "grades.csv", newline="") as file:
        grades = {row["student_id"]: row for row in csv.DictReader(file)}
    return room.folder, answer, grades


def test_everyone_is_in_the_table(graded):
    _, answer, grades = graded
    assert set(grades) == set(EXPECTED)
    assert {row["max_score"] for row in grades.values()} == {"27.0"}
    failed = [one for one, (_, told, _) in EXPECTED.items() if told.startswith("not graded")]
    assert answer.returncode == 1
    assert f"{len(EXPECTED) - len(failed)} of {len(EXPECTED)} graded" in answer.stdout


@pytest.mark.parametrize("student", EXPECTED)
def test_a_submission_gets_its_points(graded, student):
    _, _, grades = graded
    assert float(grades[student]["score"]) == EXPECTED[student][0]


@pytest.mark.parametrize("student", EXPECTED)
def test_the_instructor_is_told_what_is_unusual_and_nothing_else(graded, student):
    _, answer, _ = graded
    told = re.findall(rf"^  {student}: (.*)$", answer.stdout, re.M)
    if EXPECTED[student][1]:
        assert any(one.startswith(EXPECTED[student][1]) for one in told), told
    else:
        assert told == []


@pytest.mark.parametrize("student", [name for name, row in EXPECTED.items() if row[2] is not None])
def test_feedback_says_what_is_wrong_and_not_how_it_is_done(graded, student):
    folder, *_ = graded
    feedback = (folder / "feedback" / student / "scenarios/scenarios.html").read_text()
    assert EXPECTED[student][2] in " ".join(feedback.split())
    answers = (folder / "answers/scenarios.py").read_text()
    for line in answers.splitlines():
        if len(line.strip()) > 30 and line.startswith("    ") and "Return the points" not in line:
            assert line.strip() not in feedback


def test_the_explanation_waits_for_a_reader(graded):
    from nbgrader.api import Gradebook

    folder, *_ = graded
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as book:
        for student, wanted in (("correct", True), ("blank", False)):
            grade = book.find_grade("explanation", "scenarios", "scenarios", student)
            assert grade.needs_manual_grade is wanted


def test_what_a_student_gets_runs_and_earns_nothing_before_work_begins(graded):
    folder, *_ = graded
    released = json.loads((folder / "release/scenarios/scenarios.ipynb").read_text())
    test_cells = [one for one in released["cells"] if "points" in "".join(one["source"])]
    assert len(test_cells) >= 7
