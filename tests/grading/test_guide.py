"""What the instructors' page says of the assignments, against what is in them."""

import json
import re

import pytest

WORDS = {"8": "Eight", "9": "Nine", "10": "Ten"}
HOURS = {"1.5": "an hour and a half", "2.5": "two and a half hours", "3": "three hours"}


@pytest.fixture
def guide(root):
    return (root / "docs/teaching.md").read_text("utf-8")


def test_the_table_of_assignments_is_what_they_say_and_hold(root, guide):
    rows = re.findall(
        r"^\| `(\w+)` \| (.+) \| (\d+) \| (\d+) \| (\d+) \| ([\d.]+) \|$", guide, re.M
    )
    there = {path.name for path in (root / "assignments/source").iterdir()}
    assert {name for name, *_ in rows} == there
    for name, lessons, tasks, points, by_hand, hours in rows:
        path = root / f"assignments/source/{name}/{name}.ipynb"
        cells = json.loads(path.read_text("utf-8"))["cells"]
        first = " ".join("".join(cells[0]["source"]).split())
        assert f"For lessons {lessons}. {WORDS[tasks]} tasks, {points} points," in first
        assert f"about {HOURS[hours]}." in first
        headings = re.findall(r"^## \d+\. ", "".join(map(text_of, cells)), re.M)
        assert len(headings) == int(tasks)
        worth = {kind: points_of(cells, kind) for kind in ("code", "markdown")}
        assert (sum(worth.values()), worth["markdown"]) == (int(points), int(by_hand))


def text_of(cell):
    return "".join(cell["source"]) + "\n"


def points_of(cells, kind):
    """Return the points of an assignment's cells: those of code, or those that a person gives."""
    found = [one["metadata"].get("nbgrader", {}) for one in cells if one["cell_type"] == kind]
    return sum(one["points"] for one in found if one.get("grade"))


def test_the_line_that_makes_a_private_variant_makes_one(root, guide):
    said = re.search(r"`(SALT = [^`]+)` becomes `([^`]+)`", " ".join(guide.split()))
    before, after = said.groups()
    text = (root / "assignments/source/scenarios/tasks.py").read_text("utf-8")
    assert before in text
    names = {}
    exec(text.replace(before, after), names)
    assert names["collection"](names["paper"]("ada")) in names["WISHES"]["collection"][1]
