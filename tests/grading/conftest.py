"""A course directory of nbgrader, and submissions that learners might hand in."""

import copy
import json
import os
import shutil
import subprocess
import sys

import pytest


class Classroom:
    """A copy of assignments/ with the students' versions of one assignment."""

    def __init__(self, root, folder, name):
        self.folder, self.name = folder, name
        shutil.copytree(root / "assignments", folder, ignore=shutil.ignore_patterns(*MADE))
        config = folder / "nbgrader_config.py"
        settings = config.read_text()
        assert "c.Judge.timeout = 60" in settings
        less = "c.Judge.timeout = 10\nc.Judge.call_timeout = 8\nc.Judge.memory = 2"
        config.write_text(settings.replace("c.Judge.timeout = 60", less))
        self.nbgrader("generate_assignment", name)

    def nbgrader(self, *words):
        """Run nbgrader in the course's folder."""
        command = [sys.executable, "-m", "nbgrader", *words]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)

    def read(self, kind):
        """Return the assignment's notebook, of "source" or "release", as data."""
        path = self.folder / kind / self.name / f"{self.name}.ipynb"
        return json.loads(path.read_text(encoding="utf-8"))

    def submit(self, student, notebook, **modules):
        """Put a notebook, or any text, where a student's submission lies, and modules beside it."""
        place = self.folder / "submitted" / student / self.name
        place.mkdir(parents=True)
        for name, code in modules.items():
            (place / name).mkdir()
            (place / name / "__init__.py").write_text(code)
        text = notebook if isinstance(notebook, str) else json.dumps(notebook)
        (place / f"{self.name}.ipynb").write_text(text, encoding="utf-8")

    def grade(self):
        """Grade all submissions as an instructor does; return what is printed."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
        command = [sys.executable, "grade.py", self.name, "--at-once", "2"]
        return subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, env=environment
        )


MADE = ("release", "submitted", "autograded", "feedback", "gradebook.db", "grades.csv")


def cell(notebook, grade_id):
    """Return the cell of this grade_id."""
    return next(
        cell
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id
    )


def with_id(notebook, student):
    """Return a copy of a notebook that says whose it is."""
    notebook = copy.deepcopy(notebook)
    for one in notebook["cells"]:
        if "".join(one["source"]) == 'student = "..."':
            one["source"] = f'student = "{student}"'
    return notebook


def each(students, fewer):
    """Return the rows of students: those not among the fewer are run before a release alone."""
    later = pytest.mark.release
    return [one if one in fewer else pytest.param(one, marks=later) for one in students]


@pytest.fixture(scope="module")
def asked_for(request):
    """The students of whom a row is run."""
    rows = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    return {row.get("student") for row in rows}


@pytest.fixture(scope="session")
def classroom(root, tmp_path_factory):
    """Return a function that makes the Classroom of an assignment."""
    return lambda name: Classroom(root, tmp_path_factory.mktemp("nbgrader") / "course", name)
