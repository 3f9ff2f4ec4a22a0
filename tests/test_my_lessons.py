"""The learner's own copies: what a changed course does to them, and what it leaves alone."""

import ast
import json
import os
import shutil
import subprocess
import sys
import tomllib

import nbformat
import pytest

import course as commands
from lstm_lessons.giving import my_lessons

FIRST, SECOND = "01_last_output.ipynb", "05_layers_and_directions.ipynb"
BESIDE = "05_layers_and_directions (new).ipynb"


@pytest.fixture
def course(tmp_path, root):
    """The notebooks of a course of two lessons, and the learner's copies of them."""
    (tmp_path / "notebooks").mkdir()
    for name in (FIRST, SECOND):
        shutil.copy(root / "notebooks" / name, tmp_path / "notebooks")
    assert brought(tmp_path) == [FIRST, SECOND]
    return tmp_path


def brought(course, framework=None):
    """Return what a start puts into my-lessons/ where nothing was."""
    mine = course / "my-lessons"
    return my_lessons.brought(course / "notebooks", mine, framework=framework)


def change(course, words, name=SECOND):
    """Put other words at the top of the course's lesson."""
    path = course / "notebooks" / name
    notebook = json.loads(path.read_text("utf-8"))
    notebook["cells"][0]["source"] = [f"# {words}"]
    path.write_text(json.dumps(notebook), "utf-8")


def save(course, name=SECOND, source=None, **outputs):
    """Save a copy as JupyterLab does, through nbformat, with this source in its first exercise."""
    path = course / "my-lessons" / name
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.language_info = {"name": "python", "version": "3.11.9"}
    exercise = next(one for one in notebook.cells if "exercise" in one.metadata.get("tags", ()))
    exercise.source = source or exercise.source
    exercise.update(outputs)
    path.write_text(nbformat.writes(notebook).replace("\n ", "\n   "), "utf-8")
    return path.read_bytes()


def title(course, name=SECOND):
    """Return the first line of a copy."""
    cells = nbformat.read(course / "my-lessons" / name, as_version=4).cells
    return cells[0].source.splitlines()[0]


def files(course):
    """Return what is in my-lessons/: name, bytes, and when it was last written."""
    there = (course / "my-lessons").iterdir()
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in there}


def test_a_copy_knows_its_version_and_what_was_given(course, root):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    kept = nbformat.read(course / "my-lessons" / SECOND, as_version=4).metadata.lstm_lessons
    assert kept.version == project["version"]
    assert len(kept.given) == 64


RAN = {"outputs": [nbformat.v4.new_output("stream", text="ran")], "execution_count": 7}


@pytest.mark.parametrize("learner", [None, {}, RAN], ids=["never opened", "saved", "run"])
def test_an_untouched_copy_is_replaced_once(learner, course, capsys):
    if learner is not None:
        save(course, **learner)
    change(course, "Better words")
    assert brought(course) == []
    assert title(course) == "# Better words"
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{SECOND} was as it was given, and is now the course's newer one (")
    after = files(course)
    assert set(after) == {FIRST, SECOND}
    assert brought(course) == []
    assert files(course) == after
    assert capsys.readouterr().out == ""
    change(course, "Best words")
    brought(course)
    assert title(course) == "# Best words"


def test_the_empty_cell_that_jupyterlab_adds_below_the_last_is_no_work(course):
    path = course / "my-lessons" / SECOND
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell())
    nbformat.write(notebook, path)
    change(course, "Better words")
    brought(course)
    assert title(course) == "# Better words"


def edited(cells):
    cells[3].source += "  # mine"


def added(cells):
    cells.append(nbformat.v4.new_markdown_cell("What I noticed"))


def deleted(cells):
    del cells[-1]


def moved(cells):
    cells.insert(3, cells.pop(5))


def of_another_kind(cells):
    cells[0].cell_type = "raw"


@pytest.mark.parametrize("work", [edited, added, deleted, moved, of_another_kind])
def test_a_touched_copy_stays_and_the_new_one_is_put_beside_it_once(work, course, capsys):
    path = course / "my-lessons" / SECOND
    notebook = nbformat.read(path, as_version=4)
    work(notebook.cells)
    nbformat.write(notebook, path)
    mine = path.read_bytes()
    assert brought(course) == []
    assert capsys.readouterr().out == ""
    change(course, "Better words")
    assert brought(course) == []
    assert path.read_bytes() == mine
    assert title(course, BESIDE) == "# Better words"
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{SECOND} has changes of yours and stays; the course's newer one (")
    assert line.endswith(f") is beside it: {BESIDE}")
    after = files(course)
    assert brought(course) == []
    assert files(course) == after
    assert capsys.readouterr().out == ""


def test_a_new_one_beside_it_is_replaced_until_it_has_work_in_it(course, capsys):
    mine = save(course, source="final = 1")
    change(course, "Better words")
    brought(course)
    change(course, "Best words")
    capsys.readouterr()
    brought(course)
    assert title(course, BESIDE) == "# Best words"
    assert capsys.readouterr().out.count("\n") == 1
    too = save(course, BESIDE, source="final = 2")
    brought(course)
    assert capsys.readouterr().out == ""
    change(course, "Last words")
    brought(course)
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{BESIDE} has changes of yours and stays; the course has a newer one (")
    assert line.endswith("; to get it, give yours another name and start again")
    kept = [(course / "my-lessons" / name).read_bytes() for name in (SECOND, BESIDE)]
    assert kept == [mine, too]
    (course / "my-lessons" / BESIDE).rename(course / "my-lessons/mine.ipynb")
    brought(course)
    assert title(course, BESIDE) == "# Last words"


def test_a_new_one_that_was_deleted_comes_with_the_next_change_only(course):
    save(course, source="final = 1")
    change(course, "Better words")
    brought(course)
    (course / "my-lessons" / BESIDE).unlink()
    brought(course)
    assert not (course / "my-lessons" / BESIDE).exists()
    change(course, "Best words")
    brought(course)
    assert title(course, BESIDE) == "# Best words"


def test_who_takes_the_new_one_has_the_newest_again(course, capsys):
    save(course, source="final = 1")
    change(course, "Better words")
    brought(course)
    (course / "my-lessons" / BESIDE).replace(course / "my-lessons" / SECOND)
    capsys.readouterr()
    brought(course)
    assert capsys.readouterr().out == ""
    change(course, "Best words")
    brought(course)
    assert title(course) == "# Best words"
    assert not (course / "my-lessons" / BESIDE).exists()


def without_what_was_given(course, name=SECOND):
    """Make of a copy what the course gave before it kept what was given."""
    path = course / "my-lessons" / name
    notebook = nbformat.read(path, as_version=4)
    del notebook.metadata["lstm_lessons"]
    nbformat.write(notebook, path)


def test_a_copy_that_the_learner_made_like_the_present_lesson_is_marked_anew(course):
    change(course, "Better words")
    notebook = nbformat.read(course / "my-lessons" / SECOND, as_version=4)
    notebook.cells[0].source = "# Better words"
    nbformat.write(notebook, course / "my-lessons" / SECOND)
    brought(course)
    change(course, "Best words")
    brought(course)
    assert title(course) == "# Best words"


def test_an_older_copy_like_the_present_lesson_counts_as_untouched_from_then_on(course):
    save(course, **RAN)
    without_what_was_given(course)
    brought(course)
    kept = nbformat.read(course / "my-lessons" / SECOND, as_version=4)
    assert any(cell.get("outputs") for cell in kept.cells)
    change(course, "Better words")
    brought(course)
    assert title(course) == "# Better words"


def test_any_other_older_copy_counts_as_touched(course):
    without_what_was_given(course)
    change(course, "Better words")
    brought(course)
    assert title(course) != "# Better words"
    assert title(course, BESIDE) == "# Better words"


@pytest.mark.parametrize(
    "strange",
    [
        {"cells": 7, "nbformat": 4},
        {"cells": [7, {}, {"source": [7]}], "nbformat": 4, "metadata": {}},
        {"cells": [], "nbformat": 4, "metadata": {"lstm_lessons": "mine"}},
        {"cells": [], "nbformat": 4, "metadata": {"lstm_lessons": {"given": 7}}},
        {"cells": [], "nbformat": 4, "metadata": [7]},
        {"cells": [{"cell_type": "raw", "source": "\ud800"}], "nbformat": 4},
    ],
)
def test_a_notebook_of_any_other_form_counts_as_touched(strange, course):
    path = course / "my-lessons" / SECOND
    path.write_text(json.dumps(strange))
    brought(course)
    assert json.loads(path.read_text()) == strange
    assert title(course, BESIDE) == "# 5. Layers and directions"


@pytest.mark.parametrize("kept", ["", "{", "[7]", '{"05_layers_and_directions.ipynb": 7}'])
def test_what_was_put_beside_is_found_out_again_if_its_list_is_broken(kept, course, capsys):
    save(course, source="final = 1")
    change(course, "Better words")
    brought(course)
    (course / "my-lessons" / my_lessons.SEEN).write_text(kept)
    capsys.readouterr()
    brought(course)
    assert capsys.readouterr().out == ""
    assert json.loads((course / "my-lessons" / my_lessons.SEEN).read_text()).keys() == {SECOND}


def test_a_new_one_that_is_no_notebook_is_put_aside(course):
    save(course, source="final = 1")
    change(course, "Better words")
    brought(course)
    (course / "my-lessons" / BESIDE).write_text("{ half")
    change(course, "Best words")
    brought(course)
    assert title(course, BESIDE) == "# Best words"
    assert (course / "my-lessons" / f"{BESIDE}.broken-1").read_text() == "{ half"


def test_a_copy_that_may_not_be_written_stays(course, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: path.name != SECOND)
    for name in (FIRST, SECOND):
        change(course, "Better words", name)
    brought(course)
    assert title(course, FIRST) == "# Better words"
    assert title(course) != "# Better words"
    assert title(course, BESIDE) == "# Better words"


def test_the_memory_of_answers_and_the_files_of_a_learner_are_apart(course):
    for name in (".answers.jsonl", "notes.ipynb", "data.csv"):
        (course / "my-lessons" / name).write_text("mine")
    before = files(course)
    change(course, "Better words")
    brought(course)
    after = files(course)
    assert after.pop(SECOND) != before.pop(SECOND)
    assert after == before


@pytest.mark.parametrize("name", ["my_lessons", "opening"])
def test_any_python_3_can_read_the_file_and_nothing_but_python_is_needed(name, root):
    """course.py imports it, and has to give its one line."""
    path = root / f"lstm_lessons/giving/{name}.py"
    ast.parse(path.read_text(), feature_version=(3, 6))
    script = f"import sys; before = set(sys.modules); import {name}\n"
    script += "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    bare = [sys.executable, "-ISc", f"import sys; sys.path.append({str(path.parent)!r})\n{script}"]
    loaded = subprocess.run(bare, capture_output=True, text=True, check=True).stdout.split()
    assert set(loaded) - {name} <= sys.stdlib_module_names


def test_the_command_is_the_same_where_no_package_is(course, root):
    """A bare Python, another folder: as conda, Binder and the hub call it."""
    mine = course / "elsewhere"
    command = [sys.executable, "-IS", str(root / "course.py"), "lessons", str(mine)]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    given = {path.name for path in (root / "notebooks").glob("*.ipynb")}
    assert {path.name for path in mine.iterdir()} == given


ALL = [["keras"], ["keras", "torch"], ["torch"], []]
KERAS, TORCH = [["keras"], []], [["torch"], []]


@pytest.fixture
def tagged(course):
    """The same, with a cell of either framework and one of both at the end of the second lesson."""
    path = course / "notebooks" / SECOND
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_markdown_cell("## The end"))
    for tags in ALL:
        metadata = {"tags": tags}
        notebook.cells.append(nbformat.v4.new_code_cell(f"of = {tags}", metadata=metadata))
    nbformat.write(notebook, path)
    brought(course)
    return course


def last(course, name=SECOND):
    """Return the tags of the cells at the end of a copy that `tagged` put there."""
    cells = nbformat.read(course / "my-lessons" / name, as_version=4).cells
    return [cell.metadata.tags for cell in cells if cell.source.startswith("of = ")]


@pytest.mark.parametrize(
    ("of", "name", "left"), [("keras", "Keras", KERAS), ("torch", "PyTorch", TORCH)]
)
def test_the_cells_of_another_framework_are_left_out_until_both_are_asked_for(
    of, name, left, tagged, capsys
):
    assert last(tagged) == ALL
    capsys.readouterr()
    assert brought(tagged, of) == []
    assert last(tagged) == left
    assert f"is now the course's new one for {name} alone (" in capsys.readouterr().out
    after = files(tagged)
    for again in (None, of):
        assert brought(tagged, again) == []
        assert files(tagged) == after
    assert capsys.readouterr().out == ""
    change(tagged, "Better words")
    brought(tagged)
    assert last(tagged) == left
    assert title(tagged) == "# Better words"
    assert "is now the course's newer one (" in capsys.readouterr().out
    (tagged / "my-lessons" / SECOND).unlink()
    assert brought(tagged) == [SECOND]
    assert last(tagged) == left
    brought(tagged, "both")
    assert last(tagged) == ALL
    assert "is now the course's new one for both frameworks (" in capsys.readouterr().out
    brought(tagged)
    assert last(tagged) == ALL


def test_a_lesson_in_which_somebody_worked_stays_when_another_framework_is_chosen(tagged, capsys):
    mine = save(tagged, source="final = 1")
    capsys.readouterr()
    for _ in range(2):
        brought(tagged, "torch")
        assert (tagged / "my-lessons" / SECOND).read_bytes() == mine
        assert last(tagged, BESIDE) == TORCH
    said = capsys.readouterr().out
    told = f"{SECOND} has changes of yours and stays; the course's new one for PyTorch alone ("
    assert said.count(told) == 1
    brought(tagged, "keras")
    assert last(tagged, BESIDE) == KERAS
    too = save(tagged, BESIDE, source="final = 2")
    capsys.readouterr()
    brought(tagged, "torch")
    assert (tagged / "my-lessons" / BESIDE).read_bytes() == too
    assert "the course has a new one for PyTorch alone (" in capsys.readouterr().out
    brought(tagged, "both")
    assert (tagged / "my-lessons" / SECOND).read_bytes() == mine


@pytest.mark.parametrize("kept", ["", "{", "[7]", "7", '"jax"', '"both"'])
def test_what_was_chosen_is_both_if_it_cannot_be_read(kept, tagged):
    brought(tagged, "torch")
    (tagged / "my-lessons" / my_lessons.CHOSEN).write_text(kept)
    brought(tagged)
    assert last(tagged) == ALL


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ((), (None, [])),
        (("there",), (None, ["there"])),
        (("--framework", "torch", "there"), ("torch", ["there"])),
        (
            ("--no-browser", "--framework=keras", "--port=1"),
            ("keras", ["--no-browser", "--port=1"]),
        ),
        (("--frame", "x y", "--framework", "both"), ("both", ["--frame", "x y"])),
    ],
)
def test_the_framework_is_told_from_other_options(options, asked):
    assert my_lessons.asked(options) == asked


@pytest.mark.parametrize("command", ["lessons", "lab", "publish"])
@pytest.mark.parametrize(("wrong", "came"), [(["pytorch"], "pytorch"), ([""], ""), ([], "nothing")])
def test_a_framework_that_is_none_gets_one_line_before_anything_is_done(
    command, wrong, came, monkeypatch
):
    monkeypatch.setattr(commands, "setup", None)
    line = f"^--framework must be torch, keras or both, got {came}; try --framework torch$"
    with pytest.raises(SystemExit, match=line):
        commands.main(command, "--framework", *wrong)


def test_the_command_leaves_out_what_it_is_told(tagged, monkeypatch):
    monkeypatch.setattr(commands, "HERE", tagged)
    monkeypatch.setattr(my_lessons, "version", lambda: "1.0")
    commands.main("lessons", "--framework", "torch")
    assert last(tagged) == TORCH
    commands.main("lessons")
    assert last(tagged) == TORCH
    commands.main("lessons", str(tagged / "elsewhere"), "--framework", "keras")
    assert (tagged / "elsewhere" / my_lessons.CHOSEN).exists()
    assert last(tagged) == TORCH


def of_one(framework, *cells):
    """Return kinds, sources and tags of what is left of cells, given so, for one framework."""
    made = [
        {"cell_type": kind, "source": source.splitlines(keepends=True), "metadata": {"tags": tags}}
        for kind, source, tags in cells
    ]
    for tag in ("keras", "torch"):  # the last two, so that it is a lesson for one framework
        made.append({"cell_type": "raw", "source": [], "metadata": {"tags": [tag]}})
    *left, _ = my_lessons.of_one(made, framework)
    return [(one["cell_type"], "".join(one["source"]), one["metadata"]["tags"]) for one in left]


@pytest.mark.parametrize(
    ("kind", "source", "of_keras", "of_torch"),
    [
        ("code", "a = 1  # keras\nb = 2  # torch\nc = 3", "a = 1\nc = 3", "b = 2\nc = 3"),
        ("code", "a = 1\nb = 2  # keras, torch", "a = 1", "a = 1"),
        ("code", "a = 1  # of keras and torch", "a = 1  # of keras and torch", "same"),
        ("markdown", "- a <!--keras-->\n- b <!--torch-->", "- a", "- b"),
        ("markdown", "A.\nB. <!--keras, torch-->\n\nC.", "A.\n\nC.", "same"),
        ("markdown", "# torch", "# torch", "same"),
        (
            "markdown",
            "T\n\n| a | Keras says | PyTorch, after `x` |\n| - | - | - |\n| 1 | 2 | 3 |\n\n| a |",
            "T\n\n| a | Keras says |\n| - | - |\n| 1 | 2 |\n\n| a |",
            "T\n\n| a | PyTorch, after `x` |\n| - | - |\n| 1 | 3 |\n\n| a |",
        ),
        ("code", "|Keras|\n|1|", "|Keras|\n|1|", "same"),
    ],
)
def test_a_line_and_a_column_may_be_of_one_framework(kind, source, of_keras, of_torch):
    assert of_one("keras", (kind, source, [])) == [(kind, of_keras, [])]
    right = of_keras if of_torch == "same" else of_torch
    assert of_one("torch", (kind, source, [])) == [(kind, right, [])]


def test_what_comes_after_a_prediction_that_is_left_out_is_not_folded():
    heading, more = ("markdown", "### Title", []), ("code", "shown", ["after"])
    keras, torch = ("code", "ask(1)", ["keras"]), ("code", "ask(2)", ["torch"])
    cells = keras, heading, more, more, torch, more, heading, more
    plain = ("code", "shown", [])
    left = of_one("keras", *cells)
    assert left == [keras, heading, more, more, more, heading, plain]
    left = of_one("torch", *cells)
    assert left == [heading, plain, plain, torch, more, heading, plain]


def test_a_lesson_without_a_cell_of_the_other_alone_stays_whole(course):
    """Such as one that is about both: what is left of it would speak of what is not there."""
    table = nbformat.v4.new_markdown_cell("| a | Keras |\n| - | - |\n| 1 | 2 |\n\nB. <!--keras-->")
    both = nbformat.v4.new_code_cell("same", metadata={"tags": ["keras", "torch"]})
    keras = nbformat.v4.new_code_cell("of keras", metadata={"tags": ["keras"]})
    mine = course / "my-lessons" / FIRST
    for cells, of, left in (
        ([table, both], "torch", 2),
        ([table, both, keras], "torch", 1),
        ([table, both, keras], "keras", 3),
    ):
        notebook = nbformat.v4.new_notebook(cells=cells)
        nbformat.write(notebook, course / "notebooks" / FIRST)
        brought(course, of)
        given = nbformat.read(mine, as_version=4).cells
        assert len(given) == left
        assert ("Keras" in given[0].source) is (left > 1)
