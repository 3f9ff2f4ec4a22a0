"""Each assignment for several students: solutions earn everything, a typical mistake its part."""

import contextlib
import importlib
import io
import json
import os
import re
import sys
from dataclasses import replace

import mistakes_final
import mistakes_layers_and_padding
import numpy as np
import pytest
import variant

from lstm_lessons.frameworks import load
from lstm_lessons.spec import Spec
from notebooks import forget_settings

pytestmark = pytest.mark.more

MISTAKES = {
    "final": mistakes_final,
    "layers_and_padding": mistakes_layers_and_padding,
    "scenarios": None,
}
MARKS = re.compile(r"^\s*### (BEGIN|END) (SOLUTION|HIDDEN TESTS)\n?", re.M)
STUDENTS = ["ada", "ben.k", "cy_3"]
MOST = {"final": 3, "layers_and_padding": 3, "scenarios": 4}  # wishes of a variant about one thing
PRIVATE = [
    (name, salt, number)
    for name, most in MOST.items()
    for salt, number in (("one", None), ("two", None), *(("any", place) for place in range(most)))
]
FORCED = """

def wish(paper, about):
    every = WISHES[about][1]
    return every[{} % len(every)]
"""


def test_every_assignment_is_here(root):
    assert {path.name for path in (root / "assignments/source").iterdir()} == set(MISTAKES)


class Played:
    """The source notebook of an assignment, run for a student as the grader runs it."""

    def __init__(self, root, name, student, errors=(), solutions=()):
        path = root / f"assignments/source/{name}/{name}.ipynb"
        self.cells, self.names, self.points, self.seen = {}, {}, {}, {}
        for cell in json.loads(path.read_text())["cells"]:
            about = cell["metadata"].get("nbgrader", {})
            code = MARKS.sub("", "".join(cell["source"])).replace('"..."', repr(student))
            if cell["cell_type"] != "code":
                continue
            name_of_cell = about.get("grade_id", "student")
            if name_of_cell in solutions:
                code = solutions[name_of_cell]
            self.cells[name_of_cell] = code
            said = ""
            with contextlib.suppress(*errors):
                said = self.run(code)
            if about.get("grade"):
                self.points[name_of_cell] = float(about["points"])
                self.seen[name_of_cell] = (self.names.get("points"), said)
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


@pytest.fixture
def forgotten():
    """Have what a notebook imported and set be forgotten afterwards."""
    yield
    forget()


@pytest.mark.parametrize("name", MISTAKES)
def test_no_other_salt_draws_a_published_wish(root, monkeypatch, forgotten, name):
    monkeypatch.syspath_prepend(str(root / "assignments/source" / name))
    tasks = importlib.import_module("tasks")
    drawn = {about: set() for about in tasks.WISHES}
    papers = [tasks.paper(student) for student in STUDENTS]
    for about, (published, others) in tasks.WISHES.items():
        assert {tasks.wish(paper, about) for paper in papers} <= set(published)
        for number in range(200):
            salted = [replace(paper, salt=f"salt {number}") for paper in papers]
            drawn[about] |= {tasks.wish(paper, about) for paper in salted}
        assert drawn[about] == set(others)
        assert drawn[about].isdisjoint(published)
    assert max(map(len, drawn.values())) == MOST[name]


@pytest.mark.parametrize(("name", "salt", "number"), PRIVATE)
def test_the_published_solution_earns_less_than_a_quarter_of_a_private_variant(
    root, tmp_path, monkeypatch, forgotten, name, salt, number
):
    text = variant.private((root / f"assignments/source/{name}/tasks.py").read_text(), salt)
    text += "" if number is None else FORCED.format(number)
    (tmp_path / "tasks.py").write_text(text)
    for path in (root / "assignments", tmp_path):
        monkeypatch.syspath_prepend(str(path))
    student = "ben" if salt == "two" else "ada"
    played = Played(root, name, student, errors=[Exception])
    played.names.setdefault("flags", [])
    earned = {test: played.judged(test)[0] for test in played.points}
    assert {test for test in earned if earned[test] and "predict" not in test} == set()
    assert sum(earned.values()) < sum(played.points.values()) / 4
    solved = Played(root, name, student, solutions=variant.SOLUTIONS[name])
    for test, points in solved.points.items():
        assert solved.judged(test) == (points, ""), test
        assert solved.seen[test] in ((1.0, ""), (0.0, "Readable."), (points, "")), test


def test_what_is_right_behind_a_mask_is_what_keras_returns(root, monkeypatch, forgotten):
    for path in (root / "assignments", root / "assignments/source/layers_and_padding"):
        monkeypatch.syspath_prepend(str(path))
    answers = importlib.import_module("answers.layers_and_padding")
    monkeypatch.setattr(answers, "worked", lambda made, task, *_: task)
    paper = answers.tasks.paper("ada")
    for about, both in ((answers.frozen, False), (answers.last_of_both, True)):
        task = about(paper, None, 4)
        for layer, x, which in task.inputs:
            spec = Spec(features=layer.input_size, units=layer.hidden_size)
            spec = replace(spec, bidirectional=both, return_sequences=not both)
            valid = np.arange(x.shape[1]) >= x.shape[1] - which[:, None] if both else which
            keras = load("keras").layer(spec)(x, mask=valid).numpy()
            torch = load("torch").call(task.right, layer, x, which)
            assert np.allclose(torch, keras, atol=1e-5)
