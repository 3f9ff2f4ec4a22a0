"""The box that students' code runs in: what is tried of it, and what comes out of it."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.more


@pytest.fixture(scope="module")
def box(root):
    sys.path.insert(0, str(root / "assignments"))
    import box

    yield box
    sys.path.remove(str(root / "assignments"))


@pytest.fixture(scope="module")
def plain(root, box):
    from inside import plain

    return plain


@pytest.fixture
def course(box, root, monkeypatch):
    """A copy of assignments/ that others can't read, where the box looks for it."""
    folder = root.__class__("/var/tmp") / f"course-{os.getpid()}"
    shutil.copytree(root / "assignments", folder)
    folder.chmod(0o700)
    monkeypatch.setattr(box, "HERE", folder)
    box.found.cache_clear()
    yield folder
    box.found.cache_clear()
    shutil.rmtree(folder)


def kinds(box):
    return ["bubblewrap", "namespaces"] if box.root() else ["bubblewrap"]


def test_a_box_holds_and_the_probe_can_fail(box, course):
    for kind in kinds(box):
        assert box.probed(kind) == [], kind
    within = box.probed("trusted")
    assert f"can read {course / 'answers'}" in within
    assert f"can write {course / 'source'}" in within
    assert "can signal the grader" in within
    assert ("is root" in within) is box.root()


ENTERED = """
set -e
if [ "$1" ]; then  # where Python lies in a folder that others can't enter, let them, here alone
  mkdir "$3/python"
  mount --bind "$2" "$3/python"
  mount -t tmpfs -o mode=755 none "$1"
  mkdir -p "$2"
  mount --bind "$3/python" "$2"
fi
shift 3
exec setpriv --reuid=61000 --regid=61000 --clear-groups --no-new-privs --inh-caps=-all "$@"
"""
WITHOUT_ROOT = """
import box, json, os
room = box.Box("scenarios")
try:
    shown = room.ask(60, do="play", source="import os; print(os.getuid())")
finally:
    room.close()
said = shown["outputs"][0]["text"]
print(json.dumps([os.getuid(), box.probed("bubblewrap"), box.probed("trusted"), said]))
"""


def test_bubblewrap_holds_without_root(box, root, course):
    if not box.root():
        pytest.skip("needs root to become another user; what is above has tried it without")
    for path in (course, *course.rglob("*")):
        os.chown(path, 61000, 61000)
    parents = [*root.__class__(sys.base_prefix).parents][::-1]
    closed = [str(one) for one in parents if not one.stat().st_mode & 0o001][:1]
    words = ["unshare", "--mount", "sh", "-c", ENTERED, "sh", *(closed or [""])]
    words += [sys.base_prefix, str(course), sys.executable, "-c", WITHOUT_ROOT]
    about = {"HOME": str(course), "TMPDIR": "/tmp", "LSTM_LESSONS_BOX": "bubblewrap"}
    about["PYTHONPATH"] = str(root)
    ran = subprocess.run(
        words, cwd=course, env={**os.environ, **about}, capture_output=True, text=True, timeout=200
    )
    assert ran.returncode == 0, ran.stderr
    user, within, without, said = json.loads(ran.stdout)
    assert (user, within, said) == (61000, [], "65534\n")
    assert f"can read {course / 'answers'}" in without
    assert "can signal the grader" in without


def test_without_bubblewrap_it_must_not_be_open_to_others(box, course, monkeypatch):
    if not box.root():
        pytest.skip("needs root")
    monkeypatch.delenv("LSTM_LESSONS_BOX", raising=False)
    monkeypatch.setitem(box.BOXES, "bubblewrap", lambda folder, user: ["no-such-program"])
    assert box.found() == "namespaces"
    box.found.cache_clear()
    course.chmod(0o755)
    with pytest.raises(
        RuntimeError, match=r"got none that holds \(bubblewrap: can't be start"
    ) as e:
        box.found()
    assert f"namespaces: can read {course / 'answers'}" in str(e.value)
    assert "try apt-get install bubblewrap" in str(e.value)
    assert "\n" not in str(e.value)


def test_the_command_says_in_one_line_that_there_is_no_box(root, tmp_path):
    folder = tmp_path / "course"
    shutil.copytree(root / "assignments", folder)
    (folder / "submitted/ada/scenarios").mkdir(parents=True)
    script = "import box, grade\nbox.BOXES = dict.fromkeys(box.BOXES, lambda *_: ['no-such'])\n"
    command = [sys.executable, "-c", f"{script}grade.main()", "scenarios"]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert ran.returncode == 1
    assert ran.stderr.startswith("the code of students must be kept in a box, got none that holds")
    assert ran.stderr.count("\n") == 1
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        ran = subprocess.run([*command, "--trusted"], cwd=folder, capture_output=True, text=True)
        assert ran.stderr == (
            "--trusted must not be used as root, got root; try it as another user\n"
        )


CODE = """
import os
live = 7
def made(lstm, x):
    return lstm(x)[0], live, None
os.getuid()
"""


@pytest.mark.parametrize("kind", ["bubblewrap", "namespaces", "trusted"])
def test_what_a_cell_made_is_called_with_layers_and_comes_back(
    box, plain, course, monkeypatch, kind
):
    import torch

    if kind == "namespaces" and not box.root():
        pytest.skip("needs root")
    monkeypatch.setenv("LSTM_LESSONS_BOX", kind)
    room = box.Box("scenarios")
    try:
        shown = room.ask(60, do="play", source=CODE)["outputs"]
        assert (json.dumps(shown).count(f"Out[1]: {os.getuid()}") == 1) is (kind == "trusted")
        lstm, x = torch.nn.LSTM(5, 6, batch_first=True), torch.rand(3, 4, 5)
        arguments = [plain.packed(lstm), plain.packed(x)]
        about = dict(do="call", name="made", framework="torch", arguments=arguments)
        output, live, none = plain.unpacked(room.ask(60, **about)["value"])
        np.testing.assert_allclose(output, lstm(x)[0].detach().numpy(), rtol=0, atol=1e-6)
        assert (live, none) == (7, None)
        assert room.ask(60, do="value", name="gone") == {"missing": True}
        with pytest.raises(box.Ended, match="ended its own process"):
            room.ask(60, do="play", source="os._exit(0)")
        with pytest.raises(box.Ended, match="ended"):
            room.ask(60, do="value", name="live")
    finally:
        room.close()
    if kind != "bubblewrap" or not box.root():
        assert not room.place.path.exists()
        assert not psutil.pid_exists(room.process.pid)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4).map(tuple),
)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(VALUES)
def test_plain_values_pass_as_they_are(plain, value):
    came = plain.unpacked(json.loads(json.dumps(plain.packed(value))))
    assert came == value
    assert repr(came) == repr(value)  # True stays True, and 1.0 no 1


@pytest.mark.parametrize("dtype", ["bool", "int64", "float32", "float64"])
def test_arrays_pass_as_they_are(plain, dtype):
    for array in (
        np.arange(30).reshape(2, 3, 5).astype(dtype),
        np.array(1, dtype),
        np.zeros((0, 3)),
    ):
        came = plain.unpacked(json.loads(json.dumps(plain.packed(array))))
        assert came.dtype == array.dtype
        np.testing.assert_array_equal(came, array)


@pytest.mark.parametrize(
    "value", [object(), {"a": 1}, {1}, b"a", np.array(["a"]), np.array([None])]
)
def test_other_values_do_not_pass(plain, value):
    assert isinstance(plain.unpacked(plain.packed(value)), plain.Other)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"pickle": "x"},
        {"is": [1]},
        {"torch": "LSTM", "settings": {}, "weights": {}},
        {"keras": {"class_name": "Lambda"}, "weights": []},
        {"array": "AAAA", "dtype": "float64", "shape": [10**12, 5]},
        {"array": "AAAA", "dtype": "object", "shape": [1]},
        {"array": "AAAA", "dtype": "int8", "shape": [-3]},
        {"array": "AAAA", "dtype": "int8", "shape": [True, 3]},
        {"array": "AAAA", "dtype": "int8", "shape": [1] * 9},
        {"array": "AA", "dtype": ["int8"], "shape": [1]},
        {"array": 5, "dtype": "int8", "shape": [1]},
        {"row": 5},
        {"row": [{"row": [{"nothing": 1}]}]},
    ],
)
def test_data_of_another_kind_is_refused(plain, data):
    with pytest.raises((ValueError, KeyError, TypeError)):
        plain.unpacked(data)


def test_what_one_submission_leaves_is_gone_for_the_next(box, course, monkeypatch):
    """As root one process forks for each; else each has a box of its own."""
    monkeypatch.setenv("LSTM_LESSONS_BOX", "bubblewrap")
    leaves = """
import os, keras, lstm_lessons.frameworks, time
keras.left = 1
open(os.path.expanduser("~/left"), "w").close()
open("/dev/shm/left", "w").close()
os.mkdir("/tmp/own/left")
os.chmod("/tmp/own/left", 0)
if not os.fork():
    os.setsid()
    while True:
        time.sleep(1)
"""
    looks = """
import os, keras
print(hasattr(keras, "left"), os.listdir("/tmp/own") == [os.environ["HOME"][9:]], end=" ")
print([one for one in os.listdir(".") if one[0] != "."], os.listdir("/dev/shm"), end=" ")
status = open("/proc/self/status").read().split()
print(int(status[status.index("CapEff:") + 1], 16), int(status[status.index("CapPrm:") + 1], 16))
for number in filter(str.isdigit, os.listdir("/proc")):
    try:
        os.kill(int(number), 0)
        print("mine" if int(number) == os.getpid() else "another's", end=" ")
    except OSError:
        pass
    try:
        open(f"/proc/{number}/environ").read()
        open(f"/proc/{number}/mem", "rb")
        print("read" if int(number) != os.getpid() else "", end="")
    except OSError:
        pass
"""
    for code in (leaves, looks):
        room = box.Box("scenarios")
        try:
            shown = room.ask(60, do="play", source=code)["outputs"]
        finally:
            room.close()
    wanted = "False True [] [] 0 0\nmine " if box.root() else "False False [] [] 0 0\nmine "
    assert shown[0]["text"] == wanted
    if box.root():
        box.mother("scenarios").end()
        box.mother.cache_clear()
