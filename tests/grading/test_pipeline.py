"""What a class hands in, graded by the real pipeline: nbgrader in its own processes."""

import copy
import csv
import json
import re
import shutil
import sys

import pytest

from conftest import Classroom, cell, each, with_id

pytestmark = pytest.mark.more

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


# What is graded as others are: handed in before a release.
AGAIN = {
    *("keeps_layers", "first_output", "timesteps", "zeros", "doubles_a_test", "changes_points"),
    *("calls_out", "kills_its_process", "brings_answers", "shows_a_number", "second_download"),
    "too_deep",
}
# Student: (points given by the grader, of 22; what the instructor is told; what feedback says).
EXPECTED = {
    "correct": (22, "", ""),
    "blank": (0, "", "Is a return missing?"),
    "half_right": (6, "", ""),
    "exchanges_states": (20, "", "h and c were exchanged"),
    "keeps_layers": (18, "", "the states keep their axis of layers"),
    "first_output": (20, "", "made of the first output"),
    "timesteps": (19, "", "You expect"),
    "hard_coded": (6, "", "The shapes are right, the values are not"),
    "always_equal": (18, "collect uses __array_function__, __eq__", "the values are not"),
    "zeros": (0, "", "The shapes are right, the values are not"),
    "edits_a_test": (18, "", ""),
    "deletes_a_test": (18, "test-collect was missing and was put back", ""),
    "doubles_a_test": (18, "", ""),
    "changes_points": (18, "", ""),
    "takes_metadata": (18, "", ""),
    "marks_a_test_as_solution": (18, "", ""),
    "loops": (18, "collect was ended: not done after 8 seconds", "not done after 8 seconds"),
    "loops_in_a_cell": (22, "", "CellTimeoutError"),
    "takes_all_memory": (18, "", "MemoryError"),
    "calls_out": (18, "collect uses socket", "Connection refused"),
    "kills_its_process": (18, "collect ended its own process", "the code ended its own process"),
    "no_notebook": (0, "not graded: scenarios.ipynb is no notebook", None),
    "anothers_paper": (0, "the id in the notebook is 'correct'", "it earns nothing"),
    "patches_the_checks": (18, "collect puts something in the place of lstm_lessons.grading", ""),
    "brings_answers": (18, "", "Another shape is wanted"),
    "shows_a_number": (18, "collect uses displayhook", ""),
    # Honest, but awkward.
    "of_a_browser (1)": (0, "not graded: the folder must be called by an id", None),
    "second_download": (22, "", ""),
    "too_deep": (22, "", ""),
    "from_a_mac": (22, "", ""),
    "without_a_folder": (22, "", ""),
    "empty": (0, "not graded: there is no notebook (.ipynb): the folder is empty", None),
    "two": (0, "not graded: there are several notebooks: a.ipynb, b.ipynb", None),
    "a_link": (0, "not graded: scenarios.ipynb is a link", None),
    "forgot_the_id": (0, "the id in the notebook is '...'", "it earns nothing"),
    "Capital": (0, "the id in the notebook is 'capital'", "it earns nothing"),
    "of_colab": (22, "", ""),
    "asks_and_plots": (22, "", ""),
    "syntax_error": (18, "", "SyntaxError"),
    "huge": (0, "not graded: the notebook must have at most 20 MB", None),
}
FEW = EXPECTED.keys() - AGAIN
ZEROS = {
    "predict_keras": "predictions = ['', '', '']",
    "flags": "flags = [(None, None)] * 4",
    "predict_torch": "prediction = ''",
    "collect": """
def collect(lstm, x):
    sizes = {"output": (*x.shape[:2], lstm.units)}
    return tuple(keras.ops.zeros(sizes.get(name, (len(x), lstm.units))) for name in names)
""",
    "collect_torch": """
def collect_torch(lstm, x):
    sizes = {"output": (*x.shape[:2], lstm.hidden_size)}
    return tuple(torch.zeros(sizes.get(name, (len(x), lstm.hidden_size))) for name in names)
""",
    "two_heads": """
def two_heads(lstm, tag, score, x):
    return torch.zeros(*x.shape[:2], 5), torch.zeros(len(x), 1)
""",
    "forgetful": """
def forgetful(lstm, x, kept):
    return keras.ops.zeros((len(x), lstm.units))
""",
}
PLOTS = """
import matplotlib.pyplot as plt
%matplotlib inline
plt.plot([1, 2])
plt.show()
!echo done
input("Your name? ")
"""


@pytest.fixture(scope="module")
def graded(classroom, asked_for):
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
        "zeros": ZEROS,
        "takes_all_memory": {"collect": HOG},
        "calls_out": {"collect": NETWORK},
        "kills_its_process": {"collect": DEATH},
        "syntax_error": {"collect": "def collect(lstm, x:"},
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

    awkward(room, handed)
    for student in EXPECTED.keys() - asked_for:
        shutil.rmtree(room.folder / "submitted" / student)
    answer = room.grade()
    print(answer.stdout, answer.stderr)
    with open(room.folder / "grades.csv", newline="") as file:
        grades = {row["student_id"]: row for row in csv.DictReader(file)}
    return room.folder, answer, grades


def awkward(room, handed):
    """Hand in what honest people hand in."""
    for student, path in {
        "of_a_browser (1)": "scenarios/scenarios.ipynb",
        "second_download": "scenarios/scenarios (1).ipynb",
        "too_deep": "scenarios/scenarios/scenarios/scenarios.ipynb",
        "from_a_mac": "scenarios/Unbenannt.ipynb",
        "without_a_folder": "scenarios.ipynb",
    }.items():
        place = room.folder / "submitted" / student / path
        place.parent.mkdir(parents=True)
        place.write_text(json.dumps(handed.correct(student)))
    for extra in ("from_a_mac/scenarios/__MACOSX/._x.ipynb", "__MACOSX/scenarios/x.ipynb"):
        place = room.folder / "submitted" / extra
        place.parent.mkdir(parents=True)
        place.write_text("")
    room.submit("forgot_the_id", handed.source)
    room.submit("Capital", handed.correct("capital"))
    colab = handed.correct("of_colab")
    colab["metadata"] = {"colab": {"provenance": []}, "kernelspec": {"name": "other"}}
    for number, one in enumerate(colab["cells"]):
        one["metadata"] |= {"id": f"Xy{number}", "outputId": "a"}
    room.submit("of_colab", colab)
    for student, code in (("asks_and_plots", PLOTS), ("loops_in_a_cell", "while True:\n    pass")):
        notebook = handed.correct(student)
        more = dict(cell_type="code", source=code, metadata={}, outputs=[], execution_count=None)
        notebook["cells"].insert(3, more)
        room.submit(student, notebook)
    for student, names in (("empty", ()), ("two", ("a.ipynb", "b.ipynb")), ("huge", ("h.ipynb",))):
        (room.folder / "submitted" / student / "scenarios").mkdir(parents=True)
        for name in names:
            content = " " * (20_000_001 if student == "huge" else 1)
            (room.folder / "submitted" / student / "scenarios" / name).write_text(content)
    link = room.folder / "submitted/a_link/scenarios/scenarios.ipynb"
    link.parent.mkdir(parents=True)
    link.symlink_to(room.folder / "source/scenarios/scenarios.ipynb")


def test_everyone_is_in_the_table(graded, asked_for):
    _, answer, grades = graded
    handed = {one: row for one, row in EXPECTED.items() if one in asked_for}
    assert set(grades) == {one for one in handed if "(" not in one}
    assert {row["max_score"] for row in grades.values()} == {"27.0"}
    failed = [one for one, (_, told, _) in handed.items() if told.startswith("not graded")]
    assert answer.returncode == 1
    assert f"{len(handed) - len(failed)} of {len(handed)} graded" in answer.stdout


@pytest.mark.parametrize("student", each(EXPECTED, FEW))
def test_a_submission_gets_its_points(graded, student):
    _, _, grades = graded
    if student in grades:
        assert float(grades[student]["score"]) == EXPECTED[student][0]


@pytest.mark.parametrize("student", each(EXPECTED, FEW))
def test_the_instructor_is_told_what_is_unusual_and_nothing_else(graded, student):
    _, answer, _ = graded
    told = re.findall(rf"^  {re.escape(student)}: (.*)$", answer.stdout, re.M)
    if EXPECTED[student][1]:
        assert any(one.startswith(EXPECTED[student][1]) for one in told), told
    else:
        assert told == []


@pytest.mark.parametrize(
    "student", each([one for one in EXPECTED if EXPECTED[one][2] is not None], FEW)
)
def test_feedback_says_what_is_wrong_and_not_how_it_is_done(graded, student):
    folder, *_ = graded
    feedback = (folder / "feedback" / student / "scenarios/scenarios.html").read_text()
    assert EXPECTED[student][2] in " ".join(feedback.split())
    for word in (str(folder), sys.prefix, "Traceback (most", "canary"):
        assert word not in feedback
    assert 'http-equiv="Content-Security-Policy"' in feedback
    answers = (folder / "answers/scenarios.py").read_text()
    for line in answers.splitlines():
        if len(line.strip()) > 30 and line.startswith("    ") and "Return the points" not in line:
            assert line.strip() not in feedback


def test_unread_explanations_are_counted(graded):
    _, answer, grades = graded
    unread = [student for student, row in grades.items() if row["unread"] == "1"]
    assert "correct" in unread
    assert "blank" not in unread
    assert f"  {len(unread)} explanations are unread" in answer.stdout


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


def test_what_is_handed_in_again_is_graded_again_and_manual_points_stay(graded):
    from nbgrader.api import Gradebook

    folder, *_ = graded
    room = object.__new__(Classroom)
    room.folder, room.name = folder, "scenarios"
    for path in (folder / "submitted").iterdir():
        if path.name not in ("blank", "correct"):
            shutil.rmtree(path)
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as book:
        for student in ("blank", "correct"):
            book.find_grade("explanation", "scenarios", "scenarios", student).manual_score = 4
        book.db.commit()
    source = with_id(room.read("source"), "blank")
    path = folder / "submitted/blank/scenarios/scenarios.ipynb"
    path.write_text(json.dumps(source))
    answer = room.grade()
    told = answer.stdout.splitlines()
    assert told[0] == "2 of 2 graded: grades.csv, feedback/"
    assert "  blank: graded anew" in told
    assert "correct" not in answer.stdout
    with open(folder / "grades.csv", newline="") as file:
        grades = {row["student_id"]: row for row in csv.DictReader(file)}
    assert float(grades["blank"]["score"]) == 26
    assert float(grades["correct"]["score"]) == 26
    assert "<span" in (folder / "feedback/blank/scenarios/scenarios.html").read_text()
    path.write_text("no notebook")
    answer = room.grade()
    assert answer.stdout.startswith("  blank: not graded: scenarios.ipynb is no notebook")
    assert "; the marks are those of what came before\n1 of 2 graded" in answer.stdout
    shutil.rmtree(folder / "submitted/correct")
    answer = room.grade()
    assert answer.stdout.splitlines()[1:] == ["0 of 1 graded"]
