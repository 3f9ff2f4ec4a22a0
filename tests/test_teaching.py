"""The instructors' page: its minutes add up, its table is what the rules say, its commands run."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv

import nbformat
import pytest
import test_notebooks

from lstm_lessons import Spec, diagnose
from lstm_lessons.asked import decoding, forecasting, meaning, memory, scenarios
from lstm_lessons.asking.diagnosis import about, truth_of
from lstm_lessons.asking.misconceptions import MISCONCEPTIONS
from lstm_lessons.asking.reading import read
from lstm_lessons.snippets import call

ROOT = pathlib.Path(__file__).parents[1]
TEACHING = (ROOT / "docs/teaching.md").read_text(encoding="utf-8")
LESSON = re.compile(r"\[(\d\d)\]\(\.\./notebooks/(\w+\.ipynb)\)")
SEQUENCE = "The lessons, with their minutes"


def section(title):
    """Return the text below a heading, up to the next heading."""
    return re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", TEACHING, re.M | re.S)[1]


def rows(title):
    """Return the rows of the table below a heading, each a list of cells."""
    lines = re.findall(r"^\| (.*) \|$", section(title), re.M)
    return [[cell.strip() for cell in line.split("|")] for line in lines[2:]]


def minutes(cell):
    return int(cell or 0)


def stated():
    """Return {lesson: (minutes, of these Make)} as the page says."""
    return {row[0][1:3]: (minutes(row[2]), minutes(row[3])) for row in rows(SEQUENCE)}


SET = [LESSON.search(row[0]).groups() for row in rows(SEQUENCE)]
PLANS = {"A class of 50 minutes": 50, "A lab of two hours": 120, "A unit of two weeks": 440}


def test_the_minutes_are_those_of_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for number, name in SET:
        assert re.search(rf"notebooks/{name}\).*\| {stated()[number][0]} \|", readme), name
    lessons = sorted((ROOT / "notebooks").glob("[01]*.ipynb"))
    assert [name for _, name in SET] == [path.name for path in lessons]


@pytest.mark.parametrize(("number", "name"), SET)
def test_the_minutes_of_make_are_those_of_the_formula(number, name):
    part, make = "", []
    for cell in nbformat.read(ROOT / "notebooks" / name, as_version=4).cells:
        heading = re.match(r"## (.+)", cell.source)
        part = heading[1] if heading else part
        make += [cell] if part == "Make" else []
    assert stated()[number][1] == test_notebooks.minutes(nbformat.v4.new_notebook(cells=make))


def until_run(name):
    """Return the minutes of a lesson to the end of its *Run*, by the formula."""
    cells = nbformat.read(ROOT / "notebooks" / name, as_version=4).cells
    end = next(at for at, cell in enumerate(cells) if cell.source.startswith("## Investigate"))
    return test_notebooks.minutes(nbformat.v4.new_notebook(cells=cells[:end]))


def worth(what):
    """Return the lesson that a step of a plan sets, whole or in part, and its minutes, or None."""
    lesson = LESSON.search(what)
    if not lesson:
        return None
    whole, make = stated()[lesson[1]]
    if what.startswith("the Make of "):
        return lesson[1], make
    assert what.startswith("["), what
    if "to the end of *Run*" in what:
        return lesson[1], until_run(lesson[2])
    if "from *Investigate* on" in what:
        return lesson[1], whole - until_run(lesson[2])
    return lesson[1], whole - make if "without Make" in what else whole


@pytest.mark.parametrize("plan", PLANS)
def test_the_minutes_of_a_plan_add_up(plan):
    *steps, together = rows(plan)
    for _, what, *given in steps:
        if worth(what):
            assert worth(what)[1] == sum(map(minutes, given)), what
    sums = [sum(minutes(step[place]) for step in steps) for place in (2, 3)]
    assert [minutes(cell) for cell in together[2:]] == sums
    assert sums[0] == PLANS[plan]


def test_the_unit_sets_every_lesson_in_sittings_that_fit():
    *steps, _ = rows("A unit of two weeks")
    set_, sittings, sitting = dict.fromkeys(stated(), 0), {}, ""
    for when, what, *given in steps:
        sitting = when or sitting
        sittings[sitting] = sittings.get(sitting, 0) + minutes(given[0])
        if worth(what):
            lesson, taken = worth(what)
            set_[lesson] += taken
    assert set_ == {lesson: whole for lesson, (whole, _) in stated().items()}
    for sitting, taken in sittings.items():
        assert taken == (120 if "lab" in sitting else 50 if "class" in sitting else 0), sitting


MISTAKES = "What learners get wrong, and what to ask them"
BI = dict(bidirectional=True)
ASKED = {  # of which layer the page says what a misconception makes of it
    "sequence_by_default": Spec(),
    "units_as_steps": Spec(),
    "states_only": Spec(return_state=True),
    "states_packaging": Spec(return_sequences=True, return_state=True),
    "batch_always_first": Spec(),
    "state_without_axes": Spec(),
    "batch_in_shape": Spec(),
    "table_as_batch": Spec(unbatched=True),
    "states_merged": Spec(return_state=True, **BI),
    "layer_axis_misplaced": Spec(layers=2),
    "directions_misplaced": Spec(**BI),
    "padding_changes_length": memory.masked(),
    "time_axis_in_head": decoding.repeated(),
    "layers_forgotten": Spec(),
    "output_for_state": Spec(),
    "index_and_axis": scenarios.one_sequence(),
    "running_example": Spec(units=16),
    "batch_open": scenarios.classifier(),
    "axis_of_one": Spec(return_sequences=True),
    "laid_in_a_row": Spec(),
    "parts_side_by_side": Spec(),
    "axes_exchanged": Spec(return_sequences=True),
    "taken_or_refused": Spec(),
    "tensors_miscounted": meaning.table(),
}


def asked(name, where):
    """Return the Question of a row, after a look whether the row names its layer."""
    one, framework = ASKED[name], "torch" if "PyTorch" in where else "keras"
    if not isinstance(one, Spec):
        for layer in re.findall(r"`([^`]+)`", where):
            assert f"`{layer}`" in one.text
        return one
    short = re.sub(r"(keras\.layers|torch\.nn)\.", "", call(one, framework))
    assert f"`{short}`" in where
    states = where.startswith("`h_n` of")
    return about("", one, framework, lambda all_: all_.tensors[1:2] if states else all_.tensors)


def test_every_misconception_has_a_row_and_a_question():
    names = [re.search(r"`(\w+)`$", believed)[1] for believed, *_ in rows(MISTAKES)]
    assert names == list(MISCONCEPTIONS)
    assert all("?" in question for *_, question in rows(MISTAKES))


@pytest.mark.parametrize("row", rows(MISTAKES), ids=lambda row: row[0].split("`")[-2])
def test_a_misconception_gives_the_wrong_shape_of_its_row(row):
    believed, said, _ = row
    name = believed.split("`")[-2]
    where, wrong, right = re.fullmatch(r"(.+): `(.+)` for `(.+)`", said).groups()
    made = {
        "naive_is_weak": forecasting.naive_looks,
        "test_days_leak": forecasting.scaled_before_split,
    }
    question = made[name]() if name in made else asked(name, where)
    truth = truth_of(question)
    assert read(right) == (truth if name in made else tuple(one.shape for one in truth))
    assert name in diagnose(question, wrong).misconceptions


@pytest.fixture
def copy(tmp_path):
    """A fresh copy of the repository, set up with a .venv of its own.

    The .venv borrows this one's packages to read, and pip finds no index: nothing that a command
    does can reach the environment that runs the tests.
    """
    course = tmp_path / "lstm-lessons"
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(lambda name: (ROOT / name).is_file(), names.splitlines()):
        (course / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, course / name)
    venv.create(course / ".venv", with_pip=False, symlinks=os.name != "nt")
    [packages] = (course / ".venv").glob("lib/python*/site-packages")
    (packages / "borrowed.pth").write_text(f"{course}\n{sysconfig.get_path('purelib')}\n")
    scripts = pathlib.Path(sysconfig.get_path("scripts"))
    (course / ".venv/bin/alembic").symlink_to(scripts / "alembic")  # which nbgrader calls by name
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    state = [sys.executable, "-c", "import course; print(course.state())"]
    stamp = subprocess.run(state, cwd=course, capture_output=True, text=True, check=True).stdout
    (course / ".venv/stamp").write_text(stamp + " ".join(extras["optional-dependencies"]))
    return course


COMMANDS = re.findall(r"^```sh\n(.*?)^```\n(?:\n^```text\n(.*?)^```)?", TEACHING, re.M | re.S)


@pytest.mark.more
@pytest.mark.parametrize(
    ("block", "shown"), COMMANDS, ids=[block.splitlines()[0] for block, _ in COMMANDS]
)
def test_the_commands_run_in_a_fresh_copy(copy, block, shown, request):
    here = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "PYTHONPATH"))}
    here["PIP_NO_INDEX"] = "1"
    here["JUPYTER_PATH"] = os.path.join(sysconfig.get_path("data"), "share/jupyter")
    here["PATH"] = os.pathsep.join([str(copy / ".venv/bin"), os.environ["PATH"]])
    if "make book" in block:  # what the lessons offer was recorded for the tests' own book
        request.getfixturevalue("book")
        shutil.copytree(ROOT / "dist/played", copy / "dist/played")
    ran = subprocess.run(
        ["bash", "-e", "-c", block], cwd=copy, env=here, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert " ".join(shown.split()) in " ".join(ran.stdout.split())
    if "make book" in block:
        assert (copy / "dist/book/index.html").exists()
        assert (copy / "dist/book/notebooks/01_last_output.html").exists()


def test_what_is_not_run_says_why():
    for block in re.findall(r"^```console\n(.*?)^```", TEACHING, re.M | re.S):
        assert block.startswith("# needs "), block
    assert set(re.findall(r"^```(\w+)", TEACHING, re.M)) <= {"sh", "text", "console", "python"}
