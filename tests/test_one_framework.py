"""The lessons for a class of one framework: whole without the other's cells, lines and columns."""

import ast
import itertools
import json
import re
import subprocess
import sys

import nbformat
import pytest
from test_notebooks import HEADING, LESSONS, LINK, TO_WORK_THROUGH, solution, without_code

from lstm_lessons.giving import my_lessons

KNOWN = {"after", "exercise", "colab", "remove-cell", "nbval-ignore-output", "keras", "torch"}
OTHERS = {"keras": ("torch",), "torch": ("keras", "tensorflow")}  # what a variant is without
NAMES = {"keras": r"\b(PyTorch|torch)\b", "torch": r"\b(Keras|keras|TensorFlow|tensorflow)\b"}
COMMENT = re.compile(r"<!--(keras|torch|keras, torch)-->$")


def tags(path):
    """Return the tags of each cell of a lesson."""
    return [set(cell.metadata.get("tags", ())) for cell in nbformat.read(path, 4).cells]


def without(path, of):
    """Return whether a lesson can be had for one framework: it has cells of the other alone."""
    return any(one & OTHERS.keys() == OTHERS.keys() - {of} for one in tags(path))


ROWS = [(path, of) for path in TO_WORK_THROUGH for of in OTHERS if without(path, of)]
IDS = [f"{path.stem}-{of}" for path, of in ROWS]
rows = pytest.mark.parametrize(("path", "of"), ROWS, ids=IDS)


def variant(path, of):
    """Return a lesson as learners of one framework get it."""
    return nbformat.reads(json.dumps(my_lessons.given(path, framework=of)), 4)


def code(lesson):
    return [cell.source for cell in lesson.cells if cell.cell_type == "code"]


def prose(lesson):
    """Return the Markdown of a lesson, "code" where a cell of code stands, and no code in it."""
    sources = [one.source if one.cell_type == "markdown" else "code" for one in lesson.cells]
    return without_code("\n\n".join(sources))


def test_there_are_lessons_for_one_framework():
    assert {"01_last_output-keras", "01_last_output-torch"} <= set(IDS)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_tag_or_a_comment_is_a_known_word(path):
    """Also in the appendices, which are for all."""
    known = KNOWN if path in TO_WORK_THROUGH else KNOWN - OTHERS.keys()
    assert set.union(*tags(path)) <= known
    lines = [line for cell in nbformat.read(path, 4).cells for line in cell.source.splitlines()]
    assert [line for line in lines if "<!--" in line and not COMMENT.search(line)] == []


@pytest.mark.parametrize("path", TO_WORK_THROUGH, ids=lambda path: path.stem)
def test_the_first_thing_that_one_can_do_is_of_either(path):
    """It stands on the first page of the site, and in what other sites say of the lesson's."""
    title = nbformat.read(path, 4).cells[0].source
    assert re.search(r"^- .+[;.]$", title, re.M)[0] == re.search("^- .+", title, re.M)[0]


@rows
def test_no_code_is_of_the_other(path, of):
    assert [one for one in code(variant(path, of)) if re.search(NAMES[of], one)] == []


@rows
def test_no_line_is_of_the_other_alone(path, of):
    """One that names both, as in a table, may say what is common to them."""
    [other] = OTHERS.keys() - {of}
    lines = prose(variant(path, of)).splitlines()
    named = [line for line in lines if re.search(NAMES[of], line)]
    assert [line for line in named if not re.search(NAMES[other], line)] == []


@rows
def test_a_list_ends_with_a_full_stop(path, of):
    """Also where its last item is of the other framework."""
    lists = re.findall(r"(?:^- .+\n)+", prose(variant(path, of)) + "\n", re.M)
    assert lists
    assert [one for one in lists if not one.endswith(".\n")] == []


@rows
def test_a_line_is_ticked_by_what_one_made_only_where_one_made_something(path, of):
    told = re.search(r"^## What you did\n+(.+)", prose(variant(path, of)), re.M)[1]
    cells = variant(path, of).cells
    made = [one.source.split()[0] for one in cells if "exercise" in one.metadata.get("tags", ())]
    [ticks] = [one for one in code(variant(path, of)) if "finished(\n" in one]
    assert any(f" {name})," in ticks for name in made) or not re.search(r"\bmade|function", told)


@rows
def test_every_cell_of_code_can_be_parsed_and_none_stands_in_a_fold_by_mistake(path, of):
    for one in code(variant(path, of)):
        ast.parse(one)
        assert not one.startswith(my_lessons.PREDICT)


@rows
def test_there_is_something_under_each_heading(path, of):
    empty = headings_of_nothing(prose(variant(path, of)))
    assert empty == []


def headings_of_nothing(text):
    """Return the headings under which nothing stands, no text, code or lower heading."""
    lines = [line for line in text.splitlines() if line.strip()]
    found = [HEADING.match(line) for line in lines]
    levels = [len(one[1]) if one else 9 for one in found]
    return [
        line
        for line, level, below in itertools.zip_longest(lines, levels, levels[1:], fillvalue=0)
        if level < 9 and below <= level
    ]


def test_a_heading_of_nothing_is_found():
    assert headings_of_nothing("# A\n\n## B\n\n### C\n\n## D\n\ncode\n\n## E") == ["### C", "## E"]


@rows
def test_links_lead_to_headings_that_are_there(path, of):
    for link in LINK.findall(prose(variant(path, of))):
        name, _, anchor = link.partition("#")
        if "://" not in link and anchor:
            titles = HEADING.findall(prose(variant(path.parent / (name or path.name), of)))
            there = {title.strip().replace(" ", "-").replace("`", "") for _, title in titles}
            assert anchor in there, link


@rows
def test_each_exercise_has_its_solution_and_its_check(path, of):
    cells = variant(path, of).cells
    for number, cell in enumerate(cells):
        if "exercise" in cell.metadata.get("tags", ()):
            name = cell.source.split()[0]
            assert name in solution(cells[number:])
            below = [one.source for one in cells[number:] if one.source.startswith("check(")]
            assert below or any("\ncheck(" in one.source for one in cells[number:])


RUN = """
import json, sys
for name in {others!r}:
    sys.modules[name] = None
from IPython.core.interactiveshell import InteractiveShell
from lstm_lessons.asking.verdict import Verdict
shell = InteractiveShell()
for cell in json.loads({cells!r}):
    done = shell.run_cell(cell)
    done.raise_error()
    if isinstance(done.result, Verdict):
        assert done.result.status == "correct", done.result
"""


@pytest.mark.more
@rows
def test_a_lesson_runs_without_the_other(path, of, tmp_path):
    """With its exercises solved, as the lesson solves them."""
    lesson, cells = variant(path, of).cells, []
    for number, cell in enumerate(lesson):
        if cell.cell_type == "code":
            to_do = "exercise" in cell.metadata.get("tags", ())
            cells.append(solution(lesson[number:]) if to_do else cell.source)
    script = RUN.format(others=OTHERS[of], cells=json.dumps(cells))
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
