"""Each assignment for several students: solutions earn everything, a typical mistake its part."""

import contextlib
import importlib
import io
import json
import os
import re
import sys

import mistakes_final
import mistakes_layers_and_padding
import pytest

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

    def __init__(self, root, name, student):
        path = root / f"assignments/source/{name}/{name}.ipynb"
        self.cells, self.names, self.earned = {}, {}, {}
        for cell in json.loads(path.read_text())["cells"]:
            about = cell["metadata"].get("nbgrader", {})
            code = MARKS.sub("", "".join(cell["source"])).replace('"..."', repr(student))
            if cell["cell_type"] != "code" or about.get("grade_id") == "canary":
                continue
            self.cells[about.get("grade_id", "student")] = code
            self.run(code)
            if about.get("grade"):
                self.earned[about["grade_id"]] = self.names["points"], float(about["points"])

    def run(self, code, names=None):
        """Run code in these names, or the notebook's own; return what it prints."""
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, self.names if names is None else names)
        return " ".join(printed.getvalue().split())

    def with_other(self, grade_id, code):
        """Return the points, and what is said, for other code in a cell."""
        names = dict(self.names)
        said = self.run(f"{code}\n\n{self.cells[f'test-{grade_id}']}", names)
        return names["points"], said


@pytest.fixture(params=[(name, student) for name in MISTAKES for student in STUDENTS], ids=str)
def played(request, root, tmp_path, monkeypatch):
    name, student = request.param
    folder = tmp_path / student / name
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    for path in (root / "assignments", root / "assignments/source" / name):
        monkeypatch.syspath_prepend(str(path))
    yield name, Played(root, name, student)
    for module in [one for one in sys.modules if one.split(".")[0] in ("tasks", "answers")]:
        del sys.modules[module]
    importlib.invalidate_caches()
    forget_settings()
    assert os.path.samefile(os.getcwd(), folder)


def test_solutions_earn_everything_and_mistakes_their_part(played):
    name, notebook = played
    assert notebook.earned
    for test, (earned, points) in notebook.earned.items():
        assert earned == points, test
    if MISTAKES[name]:
        assert MISTAKES[name].VARIANTS.keys() | MISTAKES[name].RIGHT.keys() <= set(notebook.cells)
        for grade_id, code in MISTAKES[name].RIGHT.items():
            earned, said = notebook.with_other(grade_id, code)
            assert earned == notebook.earned[f"test-{grade_id}"][1], (grade_id, said)
        for grade_id, mistakes in MISTAKES[name].VARIANTS.items():
            for label, (code, points) in mistakes.items():
                earned, said = notebook.with_other(grade_id, code)
                assert earned == points, (grade_id, label, said)
                assert said
