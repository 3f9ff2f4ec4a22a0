"""Each assignment for several students: solutions earn everything, a typical mistake its part."""

import contextlib
import importlib
import io
import json
import os
import re
import shutil
import sys

import mistakes_final
import mistakes_layers_and_padding
import pytest
import variant

from notebooks import forget_settings

pytestmark = pytest.mark.more

MISTAKES = {
    "final": mistakes_final,
    "layers_and_padding": mistakes_layers_and_padding,
    "scenarios": None,
}
MARKS = re.compile(r"^\s*### (BEGIN|END) (SOLUTION|HIDDEN TESTS)\n?", re.M)
STUDENTS = ["ada", "ben.k", "cy_3"]


def test_every_assignment_is_here(root):
    assert {path.name for path in (root / "assignments/source").iterdir()} == set(MISTAKES)


class Played:
    """The source notebook of an assignment, run for a student as the grader runs it."""

    def __init__(self, root, name, student, errors=()):
        path = root / f"assignments/source/{name}/{name}.ipynb"
        self.cells, self.names, self.points = {}, {}, {}
        for cell in json.loads(path.read_text())["cells"]:
            about = cell["metadata"].get("nbgrader", {})
            code = MARKS.sub("", "".join(cell["source"])).replace('"..."', repr(student))
            if cell["cell_type"] != "code":
                continue
            self.cells[about.get("grade_id", "student")] = code
            with contextlib.suppress(*errors):
                self.run(code)
            if about.get("grade"):
                self.points[about["grade_id"]] = float(about["points"])
        self.answers = importlib.import_module(f"answers.{name}")
        self.paper, self.tasks = self.names["paper"], self.names["tasks"]

    def run(self, code, names=None):
        """Run code in these names, or the notebook's own; return what it prints."""
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, self.names if names is None else names)
        return " ".join(printed.getvalue().split())

    def judged(self, test, names=None):
        """Return the points that the judge gives for a test, and what is said."""
        name, function = self.answers.TESTS[test]
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            made = (names or self.names)[name]
            earned = function(self.paper, made, of=self.points[test])
        return earned, " ".join(printed.getvalue().split())

    def with_other(self, grade_id, code):
        """Return the points, and what is said, for other code in a cell."""
        names = dict(self.names)
        self.run(code, names)
        return self.judged(f"test-{grade_id}", names)


def forget():
    """Have the next notebook import its own `tasks`, and find the settings as they were."""
    for module in [one for one in sys.modules if one.split(".")[0] in ("tasks", "answers")]:
        del sys.modules[module]
    importlib.invalidate_caches()
    forget_settings()


@pytest.fixture(params=[(name, student) for name in MISTAKES for student in STUDENTS], ids=str)
def played(request, root, tmp_path, monkeypatch):
    name, student = request.param
    folder = tmp_path / student / name
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    for path in (root / "assignments", root / "assignments/source" / name):
        monkeypatch.syspath_prepend(str(path))
    yield name, Played(root, name, student)
    forget()
    assert os.path.samefile(os.getcwd(), folder)


def test_solutions_earn_everything_and_mistakes_their_part(played):
    name, notebook = played
    assert notebook.points.keys() == notebook.answers.TESTS.keys()
    for test, points in notebook.points.items():
        assert notebook.judged(test) == (points, ""), test
    if MISTAKES[name]:
        assert MISTAKES[name].VARIANTS.keys() | MISTAKES[name].RIGHT.keys() <= set(notebook.cells)
        for grade_id, code in MISTAKES[name].RIGHT.items():
            earned, said = notebook.with_other(grade_id, code)
            assert earned == notebook.points[f"test-{grade_id}"], (grade_id, said)
        for grade_id, mistakes in MISTAKES[name].VARIANTS.items():
            for label, (code, points) in mistakes.items():
                earned, said = notebook.with_other(grade_id, code)
                assert earned == points, (grade_id, label, said)
                assert said


@pytest.mark.parametrize("salt", ["one", "two"])
def test_the_published_solution_earns_less_than_a_quarter_of_a_private_variant(
    root, tmp_path, monkeypatch, salt
):
    shutil.copy(root / "assignments/source/scenarios/tasks.py", tmp_path)
    text = (tmp_path / "tasks.py").read_text()
    assert 'SALT = PUBLISHED = "maple"' in text
    new = f'PUBLISHED = "maple"\nSALT = "{salt}"'
    (tmp_path / "tasks.py").write_text(text.replace('SALT = PUBLISHED = "maple"', new))
    for path in (root / "assignments", tmp_path):
        monkeypatch.syspath_prepend(str(path))
    try:
        for student in ("ada", "ben"):
            played = Played(root, "scenarios", student, errors=[KeyError, AssertionError])
            played.names["flags"] = played.names.get("flags", [])
            earned = sum(played.judged(test)[0] for test in played.points)
            assert earned < sum(played.points.values()) / 4
            for grade_id, code in variant.SOLUTION.items():
                assert played.with_other(grade_id, code)[0] == 4.0, grade_id
            flags = [played.answers.FLAGS[job] for job in played.tasks.jobs(played.paper)]
            assert played.with_other("flags", f"flags = {flags}")[0] == 2.0
    finally:
        forget()
