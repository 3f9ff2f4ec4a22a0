"""The ways into the course: what is advised, the command, Colab and Binder."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from urllib.parse import parse_qs, urlsplit

import nbformat
import public
import pytest
import test_docs
from IPython.core.interactiveshell import InteractiveShell

import course
from lstm_lessons import __main__ as command
from lstm_lessons import frameworks
from lstm_lessons.doctor import Finding
from lstm_lessons.remembered import FOLDER

# The course is on no index: pip finds nothing of this name, but what it is told the address of.
INDEXED = re.compile(r"lstm-lessons\[course\](?! @ git)")


def test_nothing_advises_what_is_on_no_index(root):
    texts = [*root.glob("*.md"), *root.glob("docs/*.md"), *root.glob("notebooks/*.ipynb")]
    texts += [*root.glob("*.py"), *root.rglob("lstm_lessons/**/*.py"), *root.glob("binder/*")]
    assert len(texts) > 100
    assert [path.name for path in texts if INDEXED.search(path.read_text("utf-8"))] == []


def test_each_framework_is_installed_by_its_own_names():
    assert frameworks.PACKAGES.keys() == {one.title for one in frameworks.DIALECTS.values()}


def called(monkeypatch, *given):
    """Call the command as a console does; return its status or its line, None if it ends well."""
    monkeypatch.setattr(sys, "argv", ["lstm-lessons", *given])
    try:
        command.main()
    except SystemExit as ended:
        return ended.code


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder that commands are given in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(folder):
    return sorted(path.name for path in folder.glob("*.ipynb"))


def test_the_command_puts_the_lessons_where_it_is_given(here, monkeypatch, capsys, root):
    assert called(monkeypatch, "lessons") is None
    assert capsys.readouterr().out == f"The lessons are in {here / 'my-lessons'}\n"
    assert names(here / "my-lessons") == names(root / "notebooks")


def test_the_command_opens_what_it_has_put_there(here, monkeypatch):
    opened = []
    monkeypatch.setattr(command.opening, "opened", lambda *given: opened.append(given))
    assert called(monkeypatch, "lab", "--no-browser") is None
    mine = here / "my-lessons"
    assert opened == [(sys.executable, mine, names(mine), ["--no-browser"])]
    (mine / "05_layers_and_directions.ipynb").unlink()
    assert called(monkeypatch, "lab") is None
    assert opened[1:] == [(sys.executable, mine, ["05_layers_and_directions.ipynb"], [])]


def test_the_command_leaves_a_framework_out_until_both_are_asked_for(here, monkeypatch):
    monkeypatch.setattr(command.opening, "opened", lambda *given: None)
    for given, kept in (
        (["lessons", "--framework", "torch"], "torch"),
        (["lab"], "torch"),
        (["lab", "--framework=keras"], "keras"),
        (["lessons", "--framework", "both"], "both"),
    ):
        assert called(monkeypatch, *given) is None
        assert command.my_lessons.chosen(here / "my-lessons") == kept
    said = "--framework must be torch, keras or both, got jax; try --framework torch"
    assert called(monkeypatch, "lessons", "--framework", "jax") == said
    assert called(monkeypatch, "doctor", "--framework", "torch") == command.__doc__


def test_without_jupyterlab_the_command_says_what_is_missing(here, monkeypatch):
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    said = "jupyterlab must be importable, got none; try pip install jupyterlab"
    assert called(monkeypatch, "lab") == said
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(("runs", "advice", "status"), [("yes", "", 0), ("no", "Do this.", 1)])
def test_the_command_is_a_doctor_in_a_terminal(runs, advice, status, monkeypatch, capsys):
    finding = Finding("Keras runs a layer", runs, advice)
    monkeypatch.setattr(command, "examine", lambda: [Finding("Python", "3.12.1")])
    monkeypatch.setattr(command, "layer_runs", lambda name: finding)
    assert called(monkeypatch, "doctor") == status
    line = {0: "✓ Keras runs a layer: yes.", 1: "✗ Keras runs a layer: no. Do this."}[status]
    assert capsys.readouterr().out.splitlines() == ["✓ Python: 3.12.1.", line, line]


@pytest.mark.parametrize("given", [(), ("help",), ("lesson",), ("lessons", "there"), ("main",)])
def test_what_is_no_command_gets_the_list(given, monkeypatch):
    assert called(monkeypatch, *given) == command.__doc__


def test_the_package_can_be_run_by_its_name(root):
    done = subprocess.run([sys.executable, "-m", "lstm_lessons"], cwd=root, capture_output=True)
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"lessons        put the lessons into my-lessons/" in done.stderr


def first_code(path):
    """Return the first cell of code of a lesson, None where there is none."""
    cells = nbformat.read(path, as_version=4).cells
    return next((cell for cell in cells if cell.cell_type == "code"), None)


def test_each_lesson_with_code_begins_with_the_same_cell_for_colab(root):
    urls = tomllib.loads((root / "pyproject.toml").read_text())["project"]["urls"]
    cells = {path.name: first_code(path) for path in (root / "notebooks").glob("*.ipynb")}
    assert [name for name, cell in cells.items() if not cell] == ["92_error_messages.ipynb"]
    cells = list(filter(None, cells.values()))
    assert {cell.source for cell in cells} == {cells[0].source}
    assert re.findall(r"git\+(\S+)", cells[0].source) == [urls["Repository"]]
    assert len(cells[0].source.splitlines()) == 2
    for cell in cells:
        assert (cell.metadata.tags, cell.outputs) == (["colab", "remove-cell"], [])


class Colab(InteractiveShell):
    """A shell as Colab's calls itself, whose pip does nothing."""

    def run_line_magic(self, name, line, **more):
        self.user_ns.setdefault("ran", []).append((name, line))


Colab.__module__ = "google.colab._shell"


@pytest.mark.parametrize(("shell", "installs"), [(Colab, True), (InteractiveShell, False)])
def test_in_colab_the_cell_installs_this_package_alone_and_elsewhere_nothing(
    shell, installs, root, monkeypatch
):
    started = []
    monkeypatch.setattr(subprocess, "Popen", lambda *given, **more: started.append(given))
    monkeypatch.setattr(InteractiveShell, "system", lambda self, line: started.append(line))
    running = shell()
    running.run_cell(first_code(root / "notebooks/01_last_output.ipynb").source).raise_error()
    address = tomllib.loads((root / "pyproject.toml").read_text())["project"]["urls"]["Repository"]
    pip = ("pip", f"install -q --no-deps git+{address}")
    ran = running.user_ns.get("ran", [])  # an older IPython sets its colours, too
    assert [one for one in ran if one[0] != "colors"] == [pip] * installs
    assert started == []


@pytest.mark.more
def test_the_book_has_no_cell_for_colab(book):
    for page in book.glob("notebooks/*.html"):
        assert "google.colab" not in page.read_text("utf-8"), page.name


REPOSITORY = "https://github.com/a-b/lstm-lessons"


def test_binder_starts_the_environment_and_pulls_the_lessons_to_where_answers_are_kept():
    link = urlsplit(public.binder(REPOSITORY))
    assert link.path == "/v2/gh/a-b/lstm-lessons/binder"
    pull = urlsplit(parse_qs(link.query)["urlpath"][0])
    assert pull.path == "git-pull"
    assert parse_qs(pull.query) == {
        "repo": [REPOSITORY],
        "branch": ["learner"],
        "depth": ["1"],  # or nbgitpuller clones the other branches, too
        "targetPath": [FOLDER],
        "urlpath": [f"lab/tree/{FOLDER}"],
    }


def test_the_guide_shows_binders_link(root):
    shown = public.binder("https://github.com/your-account/lstm-lessons")
    assert f"\n{shown}\n" in (root / "docs/teaching.md").read_text("utf-8")


@pytest.fixture
def copy(tmp_path, root, monkeypatch):
    """A copy of what is made public, in a repository of its own; the course is there."""
    place = tmp_path / "course"
    for name in ("lstm_lessons", "notebooks", "binder"):
        shutil.copytree(root / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("README.md", "CITATION.cff", "pyproject.toml", "LICENSE", "tools/overrides.json"):
        (place / name).parent.mkdir(exist_ok=True)
        shutil.copy(root / name, place / name)
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "A")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "a@b.c")
    public.git(place, "init", "-q")
    monkeypatch.setattr(course, "HERE", place)
    return place


def test_an_account_stands_in_each_address_and_each_lesson_has_a_badge(copy, capsys):
    course.own("a-b")
    assert capsys.readouterr().out == f"Learners open {public.binder(REPOSITORY)}\n"
    for path in (copy / "pyproject.toml", copy / "CITATION.cff", *copy.glob("notebooks/*.ipynb")):
        assert "github.com/OWNER" not in path.read_text("utf-8"), path.name
    test_docs.test_links_to_the_repository_are_to_its_one_address(copy)
    test_docs.test_the_readme_lists_every_lesson_with_its_minutes(copy)
    test_each_lesson_with_code_begins_with_the_same_cell_for_colab(copy)
    badges = re.findall(r"Open in Colab.*\]\((\S+)\)", (copy / "README.md").read_text("utf-8"))
    assert badges == [public.colab(REPOSITORY, name) for name in names(copy / "notebooks")]
    assert public.colab(REPOSITORY, "x.ipynb").endswith(
        "/github/a-b/lstm-lessons/blob/learner/x.ipynb"
    )
    with pytest.raises(SystemExit, match="must have OWNER"):
        course.own("a-b")


@pytest.mark.parametrize("account", ["", "a b", "a/b", "-a", r"\1"])
def test_what_is_no_account_gets_one_line(copy, account):
    with pytest.raises(SystemExit, match="an account must be letters, digits and hyphens, got"):
        course.own(account)


def pulled(copy):
    """Return the learner's branch of a course, pulled into my-lessons/ as by nbgitpuller."""
    mine = copy.with_name(FOLDER)
    public.git(copy, "clone", "-q", "--depth=1", "--branch=learner", copy.as_uri(), str(mine))
    return mine


def test_the_branches_have_what_is_needed_no_answers_and_no_commit_without_a_change(copy, capsys):
    course.publish()
    assert re.findall(r"(\w+) has changed", capsys.readouterr().out) == ["binder", "learner"]
    shown = public.git(copy, "ls-tree", "binder").split()
    assert shown[3::4] == ["environment.yml", "overrides.json", "postBuild"]
    assert shown[8] == "100755"
    mine = pulled(copy)
    assert names(mine) == names(copy / "notebooks")
    others = {path.name for path in mine.iterdir()} - set(names(mine))
    assert others == {".git", "LICENSE", "lstm_lessons"}
    cells = [cell for name in names(mine) for cell in nbformat.read(mine / name, 4).cells]
    assert not any(cell.get("outputs") for cell in cells)
    assert sum("google.colab" in cell.source for cell in cells) == len(names(mine)) - 1
    first = nbformat.read(copy / "notebooks/01_last_output.ipynb", as_version=4)
    first.cells[0].source += "!"
    nbformat.write(first, copy / "notebooks/01_last_output.ipynb")
    course.publish()
    assert re.findall(r"(\w+) has changed", capsys.readouterr().out) == ["learner"]
    assert public.git(copy, "rev-list", "--count", "learner") == "2"
    public.git(mine, "pull", "-q", "--ff-only")
    assert nbformat.read(mine / "01_last_output.ipynb", 4).cells[0].source.endswith("!")


def test_the_lessons_of_one_framework_can_be_published(copy):
    name = "02_every_output.ipynb"
    for asked, has in ((["--framework", "torch"], False), ([], True)):
        course.publish(*asked)
        cells = json.loads(public.git(copy, "show", f"learner:{name}"))["cells"]
        assert any("import keras" in "".join(cell["source"]) for cell in cells) is has
    with pytest.raises(SystemExit, match="Set the course up and open it"):
        course.publish("torch")


def test_beside_the_lessons_the_package_is_the_one_that_is_imported(copy):
    """As in a kernel, whose first place to look is where it runs."""
    course.publish()
    mine = pulled(copy)
    line = [sys.executable, "-c", "import lstm_lessons; print(lstm_lessons.__file__)"]
    here = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(line, cwd=mine, env=here, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(mine / "lstm_lessons/__init__.py")
