"""What learners are given holds no answer: the packed tree, the released notebooks, the wheel."""

import io
import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile

import pytest

REGION = re.compile(r"### BEGIN (SOLUTION|HIDDEN TESTS)\n(.*?)\s*### END \1", re.S)


def names(root):
    return sorted(path.name for path in (root / "assignments/source").iterdir())


def secrets(root):
    """Return every text that is no learner's to see: solutions, hidden tests, and the answers."""
    found = set()
    for name in names(root):
        source = json.loads((root / f"assignments/source/{name}/{name}.ipynb").read_text())
        for cell in source["cells"]:
            text = "".join(cell["source"])
            found |= {region[1] for region in REGION.findall(text)}
            if cell["metadata"].get("nbgrader", {}).get("points") and cell["cell_type"] != "code":
                found.add(text)  # the sample of an explanation
    for path in (root / "assignments/answers").glob("[a-z]*.py"):
        functions = re.split(r"\n\n\n", path.read_text())
        found |= {body.partition('"""\n')[2] for body in functions if body.startswith("def ")}
    return {squeezed(text) for text in found if len(squeezed(text)) > 40}


def squeezed(text):
    """Return a text with its space and the marks of JSON taken out."""
    return re.sub(r'(\\n|\\"|[\s",])+', "", text)


def shown(root, files):
    """Return which secrets are in any of these files, {name: text}."""
    everything = {name: squeezed(text) for name, text in files.items()}
    return {
        (name, secret[:60])
        for secret in secrets(root)
        for name, text in everything.items()
        if secret in text
    }


def packed(root):
    """Return the text files of what `make release` packs, but from the files as they are now."""
    stash = subprocess.run(
        ["git", "stash", "create"], cwd=root, capture_output=True, text=True, check=True
    )
    archive = subprocess.run(
        ["git", "archive", stash.stdout.strip() or "HEAD"],
        cwd=root,
        capture_output=True,
        check=True,
    )
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tree:
        return {
            one.name: tree.extractfile(one).read().decode(errors="replace")
            for one in tree.getmembers()
            if one.isfile()
        }


def test_there_are_secrets_and_they_are_found(root):
    assert len(secrets(root)) > 20
    for name in names(root):
        path = root / f"assignments/source/{name}/{name}.ipynb"
        assert len(shown(root, {"source": path.read_text()})) > 5
    answers = (root / "assignments/answers/scenarios.py").read_text()
    assert len(shown(root, {"answers": answers})) > 5


def test_the_packed_tree_has_the_course_and_no_answer(root):
    files = packed(root)
    assert {"course.py", "notebooks/04_every_output_and_states.ipynb"} <= set(files)
    assert not [name for name in files if name.startswith(("assignments", "tests/grading"))]
    assert shown(root, files) == set()


def test_binder_takes_the_answers_away_before_anything_else(root):
    lines = [
        line
        for line in (root / "binder/postBuild").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert lines[:2][1].startswith("rm -rf .git assignments tests/grading")


def test_the_wheel_has_no_answer(root, tmp_path):
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", tmp_path, root]
    subprocess.run(command, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    assert "lstm_lessons/grading.py" in files
    assert not [name for name in files if "assignments" in name or "answers" in name]
    assert shown(root, files) == set()


def test_the_sdist_keeps_back_what_the_packed_tree_keeps_back(root):
    build = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    lines = (root / ".gitattributes").read_text().splitlines()
    kept_back = {line.split()[0] for line in lines if line.endswith("export-ignore")}
    assert set(build["targets"]["sdist"]["exclude"]) == kept_back


@pytest.mark.more
def test_the_sdist_has_no_answer_and_the_package_can_be_made_of_it(root, tmp_path):
    pip = [sys.executable, "-m", "pip"]
    hatch = tmp_path / "hatch"
    subprocess.run([*pip, "install", "-q", "--target", hatch, "hatchling"], check=True)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", tmp_path],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(hatch)},
        check=True,
    )
    [sdist] = tmp_path.glob("*.tar.gz")
    with tarfile.open(sdist) as tree:
        files = {
            one.name.partition("/")[2]: tree.extractfile(one).read().decode(errors="replace")
            for one in tree.getmembers()
            if one.isfile()
        }
    assert {"course.py", "lstm_lessons/wti.csv", "tests/test_course.py"} <= set(files)
    assert not [name for name in files if name.startswith(("assignments", "tests/grading"))]
    assert shown(root, files) == set()
    subprocess.run([*pip, "wheel", "-q", "--no-deps", "-w", tmp_path, sdist], check=True)
    assert len(list(tmp_path.glob("*.whl"))) == 1


def test_the_released_notebooks_have_no_answer_in_them_or_in_their_metadata(root, classroom):
    for name in names(root):
        room = classroom(name)
        files = {
            str(path): path.read_text()
            for path in (room.folder / "release").rglob("*")
            if path.is_file()
        }
        assert {path.split("/")[-1] for path in files} == {f"{name}.ipynb", "tasks.py"}
        assert shown(root, files) == set()
        released = room.read("release")
        for cell in released["cells"]:
            assert not cell.get("outputs")
            assert "SOLUTION" not in "".join(cell["source"])
            assert "HIDDEN" not in "".join(cell["source"])
            assert "answers" not in "".join(cell["source"])


pytestmark = pytest.mark.more
