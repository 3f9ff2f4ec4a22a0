"""Setting up and opening the course."""

import contextlib
import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request

import nbformat
import pytest

import course


@pytest.fixture
def copy(tmp_path, monkeypatch, root):
    """A course in an empty folder with the real lessons."""
    monkeypatch.setattr(course, "HERE", tmp_path)
    (tmp_path / "notebooks").mkdir()
    for path in (root / "notebooks").glob("*.ipynb"):
        (tmp_path / "notebooks" / path.name).write_bytes(path.read_bytes())
    return tmp_path


def test_my_lessons_are_the_lessons_without_their_outputs(copy):
    names = course.lessons()
    assert names == sorted(path.name for path in (copy / "notebooks").glob("*.ipynb"))
    for name in names:
        stored = nbformat.read(copy / "notebooks" / name, as_version=4)
        mine = nbformat.read(copy / "my-lessons" / name, as_version=4)
        nbformat.validate(mine)
        assert [cell.source for cell in mine.cells] == [cell.source for cell in stored.cells]
        for cell in mine.cells:
            assert not cell.get("outputs")
            assert cell.get("execution_count") is None
        assert any(cell.get("outputs") for cell in stored.cells)


def test_a_lesson_that_is_there_is_left_alone_and_a_deleted_one_comes_back(copy):
    first, *_ = course.lessons()
    mine = copy / "my-lessons" / first
    mine.write_text("what I wrote")
    assert course.lessons() == []
    assert mine.read_text() == "what I wrote"
    mine.unlink()
    assert course.lessons() == [first]
    assert nbformat.read(mine, as_version=4).cells


def test_a_notebook_whose_saving_was_cut_short_is_put_back(copy):
    cut, saved, *_ = (copy / "my-lessons" / name for name in course.lessons())
    whole = cut.read_text().replace("cells", "cells ")
    for notebook in (cut, saved):
        (notebook.parent / f".~{notebook.name}").write_text(whole)
    cut.write_text(whole[:1000])
    before = saved.read_text()
    assert course.lessons() == []
    assert cut.read_text() == whole
    assert saved.read_text() == before
    assert list(cut.parent.glob(".~*")) == []


def test_lessons_go_where_they_are_asked_to(copy, tmp_path):
    names = course.lessons(str(tmp_path / "elsewhere"))
    assert sorted(path.name for path in (tmp_path / "elsewhere").iterdir()) == names
    assert not (copy / "my-lessons").exists()


def test_another_python_gets_one_line():
    assert course.wrong_python((3, 14, 0)) == (
        "Python must be 3.11, 3.12 or 3.13, got 3.14.0; try make lab PYTHON=python3.12"
    )
    script = "import sys; sys.version_info = (3, 10, 2); import course; course.main('lab')"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert answer.returncode == 1
    assert answer.stderr.strip() == course.wrong_python((3, 10, 2))


def test_supported_pythons_are_those_of_pyproject(root):
    (low, high) = (".".join(map(str, version)) for version in course.SUPPORTED)
    assert f'requires-python = ">={low},<{high}"' in (root / "pyproject.toml").read_text()


def test_a_venv_is_stale_when_what_it_was_made_from_changes(tmp_path, monkeypatch, root):
    for name in ("pyproject.toml", "constraints.txt", "course.py", "tools/overrides.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((root / name).read_bytes())
    monkeypatch.setattr(course, "HERE", tmp_path)
    before = course.state()
    assert course.state() == before
    (tmp_path / "constraints.txt").write_text("numpy==2.0\n")
    assert course.state() != before


def test_a_set_up_venv_is_used_without_installing(tmp_path, monkeypatch):
    monkeypatch.setattr(course, "VENV", tmp_path)
    monkeypatch.setattr(course, "PYTHON", sys.executable)
    (tmp_path / "stamp").write_text(f"{course.state()}\ncourse teach test")
    monkeypatch.setattr(subprocess, "run", refuse_to_install(subprocess.run))
    course.setup()
    course.setup("teach")
    with pytest.raises(AssertionError, match="pip"):
        course.setup("book")
    (tmp_path / "stamp").write_text("stale\ncourse teach test")
    with pytest.raises(AssertionError, match="pip"):
        course.setup()


def refuse_to_install(run):
    def checked(command, **options):
        assert "pip" not in command, "pip was called"
        return run(command, **options)

    return checked


def test_a_python_that_does_not_start_is_no_python(tmp_path):
    assert course.works(sys.executable)
    assert not course.works(tmp_path / "python")


def wait_for(url):
    for _ in range(100):
        with contextlib.suppress(urllib.error.URLError):
            return urllib.request.urlopen(url)
        time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


def test_lab_opens_my_lessons_on_this_machine_only_and_with_a_token(copy):
    script = (
        "import course, pathlib, sys\n"
        f"course.HERE, course.PYTHON = pathlib.Path({str(copy)!r}), sys.executable\n"
        "course.setup = lambda: None\n"
        "course.lab('--no-browser', '--ServerApp.port=18888')"
    )
    server = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE, text=True)
    try:
        url = re.compile(r"(http://\S+?)/lab\S*token=(\w+)")
        address = next(found for line in server.stderr if (found := url.search(line)))
        base, token = address.groups()
        wait_for(f"{base}/api")
        assert base.startswith(("http://127.0.0.1:", "http://localhost:"))
        settings = "@jupyterlab/notebook-extension:tracker"
        answer = urllib.request.urlopen(f"{base}/lab/api/settings/{settings}?token={token}")
        schema = json.load(answer)["schema"]
        assert schema["properties"]["kernelShutdown"]["default"] is True
        here = json.load(urllib.request.urlopen(f"{base}/api/contents?token={token}"))
        first = sorted(path.name for path in (copy / "notebooks").glob("*.ipynb"))[0]
        assert first in [entry["name"] for entry in here["content"]]
        assert first in address.string
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{base}/api/contents")
    finally:
        server.terminate()
        server.wait(20)
