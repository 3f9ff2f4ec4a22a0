"""The process that forks kernels, as root: what learners can do to it, and what they hold of it."""

import contextlib
import os
import pathlib
import pwd
import subprocess
import sys

import classroom
import psutil
import pytest

# It forks in the same way when nothing is loaded, and then each test can have one of its own.
SERVE = "import jedi, numpy, preloaded; preloaded.load = lambda: None; preloaded.main()"
FULL = f"""
import os
fork = os.fork
def no_room():
    os.fork = fork
    raise BlockingIOError
os.fork = no_room
{SERVE}
"""
LIMIT = 40  # processes of a learner

# A learner's program: connects so often and says nothing, but for the last time. What it says there
# is no request; once it is answered, the others have been let in.
MUTE = """
import contextlib, socket, sys
doors = [socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(int(sys.argv[2]))]
for door in doors:
    door.connect(sys.argv[1])
with contextlib.suppress(ConnectionError):
    doors[-1].send(b"no request")
    doors[-1].recv(20)
print("said", flush=True)
sys.stdin.read()
"""
ENDLESS = "import os; os.system('sleep 600 &'); open('on', 'w'); sum(range(10**12))"


@pytest.fixture
def learner():
    """The name of a Unix user."""
    with classroom.unix_users(1) as users:
        (name,) = users
        yield name
    with pytest.raises(KeyError):
        pwd.getpwnam(name)


@pytest.fixture
def place():
    """The path at which kernels are asked for; root's alone to write at."""
    path = pathlib.Path(f"/run/lstm-lessons-test-{os.getpid()}.sock")
    yield path
    path.unlink(missing_ok=True)


@pytest.fixture
def server(clone, place, tmp_path):
    """The process that forks kernels, and the file with what it says."""
    with serving(clone, place, tmp_path / "said") as process:
        yield process, tmp_path / "said"


@contextlib.contextmanager
def serving(clone, place, said, source=SERVE):
    """Run the process that forks kernels; yield it once it can be asked."""
    command = ["prlimit", f"--nproc={LIMIT}", sys.executable, "-c", source]
    environment = {"PYTHONPATH": str(clone / "deploy"), "LESSONS_KERNELS": str(place)}
    with said.open("w") as out:
        process = subprocess.Popen(
            command, env=environment, cwd=said.parent, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        classroom.until(lambda: process.poll() is not None or listens(place), 30)
        assert process.poll() is None, said.read_text()
        yield process
    finally:
        process.kill()
        process.wait()


def listens(place):
    """Return whether somebody takes connections at this path."""
    lines = pathlib.Path("/proc/net/unix").read_text().splitlines()
    return any(line.endswith(f" {place}") and line.split()[3] == "00010000" for line in lines)


@contextlib.contextmanager
def program(name, *command, **more):
    """Run a program as a Unix user, with this user's groups and no others, and end it."""
    user = {"user": name, "group": name, "extra_groups": []}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, *command], **user, **pipes, **more) as process:
        try:
            yield process
        finally:
            process.kill()


@contextlib.contextmanager
def mute(name, place, times):
    """Let a learner connect so often; yield what runs as this learner apart from that program."""
    with program(name, "-c", MUTE, str(place), str(times), cwd="/") as process:
        assert process.stdout.readline() == b"said\n"
        yield lambda: [one for one in classroom.processes(name) if one.pid != process.pid]


def test_who_says_nothing_holds_nothing_of_roots(learner, place, server):
    with mute(learner, place, 2) as forked:
        classroom.until(lambda: len(forked()) == 1)
        (child,) = forked()
        folder = pathlib.Path(f"/proc/{child.pid}")
        files = [os.readlink(file) for file in (folder / "fd").iterdir()]
        assert files.count("/dev/null") >= 3
        assert [file for file in files if file != "/dev/null" and "socket:" not in file] == []
        assert os.readlink(folder / "cwd") == "/"


def test_who_says_nothing_is_held_to_the_limit_of_processes(learner, place, server):
    with mute(learner, place, 3 * LIMIT) as forked:
        classroom.until(lambda: len(forked()) <= LIMIT, 10)
        assert forked()


def test_who_hangs_up_leaves_nothing_in_the_log(learner, place, server):
    process, said = server
    with mute(learner, place, 5):
        pass
    classroom.until(lambda: not psutil.Process(process.pid).children(), 10)
    assert said.read_text() == ""


def test_a_kernel_ends_with_its_stand_in_whatever_it_computes(learner, clone, place, server):
    home = pathlib.Path(f"~{learner}").expanduser()
    options = ["-f", str(home / "kernel.json"), f"--IPKernelApp.exec_lines={ENDLESS}"]
    mine = {"HOME": str(home), "LESSONS_KERNELS": str(place)}
    stand_in = program(learner, clone / "deploy/preloaded.py", *options, cwd=home, env=mine)
    with stand_in as process:
        classroom.until((home / "on").exists, 60)
        process.kill()
        process.wait()
        classroom.until(lambda: not classroom.processes(learner), 10)


def test_where_there_is_no_room_for_a_kernel_only_that_one_goes_without(
    learner, clone, place, tmp_path
):
    with serving(clone, place, tmp_path / "said", FULL), mute(learner, place, 3) as forked:
        classroom.until(lambda: len(forked()) == 1, 10)


def test_another_one_takes_the_place_of_one_that_was_killed(learner, clone, place, tmp_path):
    for number in range(2):
        with serving(clone, place, tmp_path / str(number)), mute(learner, place, 2) as forked:
            classroom.until(forked)
        assert place.exists()
