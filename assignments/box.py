"""A box: a process that runs what strangers wrote, and out of which only data comes.

What the system has keeps it in: bubblewrap, or else `unshare` and `setpriv`. In the box is a system
that can only be read, a small folder of its own to write, no network, no other process, a user
without rights, and limits of memory, time and files. `found` tries what there is with a probe, and
believes nothing else. It has more than 300 lines: two kinds of boxes, and a process that forks in
one of them.
"""

import atexit
import contextlib
import functools
import json
import os
import pathlib
import queue
import secrets
import shutil
import signal
import site
import socket
import subprocess
import sys
import tempfile
import threading
import time

import psutil

import lstm_lessons

HERE = pathlib.Path(__file__).resolve().parent
MEMORY = 4 * 2**30  # bytes a process; frameworks and an assignment's layers take less than 1 GB
FILES = 64 * 2**20  # bytes of a file, and of the folder to write
SECONDS = 600  # of processor time
PROCESSES = 40
START = 120  # seconds to import both frameworks on a busy machine
OWN = "/tmp/own"  # the folder to write in a box of bubblewrap
REPLY = 5_000_000  # bytes
LIMITS = f"""
import resource as r
for which, most in (("DATA", {MEMORY}), ("CPU", {SECONDS}), ("FSIZE", {FILES}), ("CORE", 0),
                    ("NOFILE", 512), ("NPROC", 1024)):
    r.setrlimit(getattr(r, "RLIMIT_" + which), (most, most))
open("/proc/self/oom_score_adj", "w").write("1000")
"""
PROBE = """
import json, os, signal, socket, sys
within = []
for path in json.loads(sys.argv[1]):
    try:
        os.listdir(path) if os.path.isdir(path) else open(path).close()
        within.append("can read " + path)
    except OSError:
        pass
    if os.access(path, os.W_OK):
        within.append("can write " + path)
try:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("192.0.2.1", 9))
    within.append("has a network")
except OSError:
    pass
try:
    os.kill(int(sys.argv[2]), 0)
    within.append("can signal the grader")
except (OSError, ValueError):
    pass
if hasattr(os, "geteuid") and os.geteuid() == 0:
    within.append("is root")
import numpy, IPython
print(json.dumps(within))
"""


GONE = "gone"


class Ended(Exception):
    """The code in the box is at its end: what it did, in words that follow on its name."""


def root():
    """Return whether this process may do everything."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def bubblewrap(folder, user):
    """Return the words in front of a command that put it into a box of bubblewrap."""
    rights = ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", *without_rights(user)]
    return [*wrapped(folder), *(rights if root() else [])]


def wrapped(folder):
    """Return the words for bubblewrap: what can be seen in the box, and what can be written."""
    words = ["bwrap", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    words += ["--unshare-cgroup-try", "--new-session", "--die-with-parent"]
    if not root():
        words += ["--unshare-user", "--disable-userns", "--uid", "65534", "--gid", "65534"]
    for place in ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/sbin"):
        link = os.path.islink(place)
        words += (
            ["--symlink", os.readlink(place), place] if link else ["--ro-bind-try", *2 * [place]]
        )
    shown = ["/etc/ld.so.cache", "/etc/alternatives", "/sys/devices/system/cpu", *python()]
    for place in [*shown, str(folder)]:
        for parent in [*pathlib.PurePath(place).parents][-2::-1]:
            words += ["--perms", "0111", "--dir", str(parent)]
        words += ["--ro-bind-try", place, place]
    words += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    for place in (OWN, "/dev/shm"):
        words += ["--perms", "1777", "--size", str(FILES), "--tmpfs", place]
    return [*words, "--remount-ro", "/", "--chdir", OWN]


def namespaces(folder, user):
    """Return the words that do it with util-linux, as root: all can be read that others may."""
    words = ["unshare", "--net", "--ipc", "--uts", "--pid", "--fork", "--kill-child"]
    return [*words, "--mount-proc", *without_rights(user)]


def without_rights(user):
    """Return the words that make a process this user, of no group, who gets no rights back."""
    words = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    return [*words, "--no-new-privs", "--inh-caps=-all"]


def unboxed(folder, user):
    """Return no words: the code is trusted with all that the user can do who grades."""
    return []


BOXES = {"bubblewrap": bubblewrap, "namespaces": namespaces, "trusted": unboxed}


def python():
    """Return the folders that hold this Python and its packages, none of them in another."""
    places = [sys.prefix, sys.base_prefix, *site.getsitepackages()]
    places += [one for one in sys.path if one.endswith(("site-packages", "dist-packages"))]
    kept = [pathlib.Path("/usr")]
    for place in map(pathlib.Path, places):
        if place.is_dir() and not any(place.is_relative_to(one) for one in kept):
            kept.append(place)
    return list(map(str, kept[1:]))


@functools.cache
def found():
    """Return the name of a box that holds here.

    Raises RuntimeError, in one line, if there is none: it says of each what is amiss.
    """
    told = os.environ.get("LSTM_LESSONS_BOX")
    if told in BOXES:
        return told
    amiss = []
    for name in ("bubblewrap", "namespaces"):
        within = probed(name)
        if within == []:
            return name
        amiss.append(f"{name}: {', '.join(within)}")
    raise RuntimeError(
        f"the code of students must be kept in a box, got none that holds ({'; '.join(amiss)}); "
        "try apt-get install bubblewrap, as root also chmod 700 assignments, or --trusted if you "
        "trust them with all that you may do"
    )


def probed(name):
    """Return what code in a box of this kind can do and should not, [] if it holds."""
    private = [HERE / one for one in ("answers", "source", "submitted", "gradebook.db", ".")]
    paths = json.dumps([str(one) for one in (*private, pathlib.Path.home()) if one.exists()])
    with Place() as place:
        command = [*place.words(name), sys.executable, "-c", PROBE, paths, str(os.getpid())]
        try:
            ran = subprocess.run(
                command,
                capture_output=True,
                text=True,
                timeout=60,
                env=place.environment(name),
                cwd="/",
            )
            return json.loads(ran.stdout)
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            said = ran.stderr.strip().splitlines()[-1:] if isinstance(error, ValueError) else []
            return [f"can't be started ({(said or [type(error).__name__])[0]})"]


class Place:
    """The folder that a box reads: our part of it, the package, and an assignment's `tasks`."""

    def __init__(self, name=None):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="box-"))
        self.user = 61184 + secrets.randbelow(4000)  # numbers that no account has
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(HERE / "inside", self.path / "inside", ignore=ignored)
        package = pathlib.Path(lstm_lessons.__file__).parent
        shutil.copytree(package, self.path / "lstm_lessons", ignore=ignored)
        if name:
            shutil.copy(HERE / "source" / name / "tasks.py", self.path)
        self.path.chmod(0o755)
        self.own = self.path / "own"
        self.own.mkdir()

    def words(self, kind):
        """Return the words in front of a command that is to run in this kind of box."""
        if kind == "namespaces" and root():
            os.chown(self.own, self.user, self.user)
        return BOXES[kind](self.path, self.user)

    def environment(self, kind):
        """Return the variables of a process in the box: none of the grader's."""
        own = OWN if kind == "bubblewrap" else str(self.own)
        one = dict.fromkeys(
            ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1"
        )
        return one | {
            "PATH": os.pathsep.join([os.path.dirname(sys.executable), "/usr/bin", "/bin"]),
            "HOME": own,
            "TMPDIR": own,
            "USER": "student",
            "LANG": "C.UTF-8",
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "PYTHONPATH": str(self.path),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONNOUSERSITE": "1",
            "NBGRADER_EXECUTION": "autograde",
        }

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


class Mother:
    """As root, a process in a box that has imported what submissions need, and forks for each.

    What she forks is a user without rights, with a folder to write, and can't reach her. When it
    is done she ends every other process in the box, and empties what can be written.
    """

    def __init__(self, name):
        self.place, self.begun = Place(name), False
        self.socket, theirs = socket.socketpair()
        self.socket.settimeout(START)
        rights = ("SETUID", "SETGID", "KILL", "DAC_OVERRIDE", "FOWNER")
        rights = [word for one in rights for word in ("--cap-add", f"CAP_{one}")]
        script = str(self.place.path / "inside/mother.py")
        with theirs:
            self.process = subprocess.Popen(
                [*wrapped(self.place.path), *rights, sys.executable, script, OWN, LIMITS],
                stdin=theirs,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=self.place.environment("bubblewrap"),
                start_new_session=True,
            )
        self.user = self.place.user
        atexit.register(self.end)
        self._heard(b"ready")

    def child(self):
        """Return the two ends of a fresh process: for requests to it, and for its replies."""
        self.sweep()
        reads, requests = os.pipe()
        replies, writes = os.pipe()
        self.user, self.begun = self.user + 1, True
        socket.send_fds(self.socket, [str(self.user).encode()], [reads, writes])
        os.close(reads)
        os.close(writes)
        return os.fdopen(requests, "wb"), os.fdopen(replies, "rb")

    def sweep(self):
        """End what she forked, and all that came of it."""
        if self.begun:
            self.begun = False
            self.socket.send(b"end")
            self._heard(b"swept")

    def end(self):
        """End her, and all in her box."""
        self.process.kill()
        self.process.wait()
        self.place.__exit__()

    def _heard(self, word):
        try:
            if self.socket.recv(100) == word:
                return
        except OSError:
            pass
        self.end()
        mother.cache_clear()
        raise Ended("has ended the box itself")


@functools.cache
def mother(name):
    """Return the Mother of an assignment, one for all submissions that this process grades."""
    return Mother(name)


class Box:
    """A process in a box that runs the cells of a submission, and calls what they made.

    memory: the GB that it may take, with all processes that it begins.
    """

    def __init__(self, name, memory=5):
        self.memory = memory
        self.kind, self.over, self.mother, self.place = found(), "", None, None
        if self.kind == "bubblewrap" and root():
            self.mother = mother(name)
            self.process = self.mother.process
            self.requests, replies = self.mother.child()
        else:
            self.place = Place(name)
            self.process = self._started()
            self.requests, replies = self.process.stdin, self.process.stdout
        self.replies = queue.Queue(2)
        threading.Thread(target=self._read, args=[replies, self.replies], daemon=True).start()
        self._reply("ready", START)

    def _started(self):
        """Return a process in a box of its own."""
        player = self.place.path / "inside/player.py"
        start = f"{LIMITS if sys.platform == 'linux' else ''}\nimport runpy\n"
        start += f"runpy.run_path({str(player)!r}, run_name='__main__')"
        return subprocess.Popen(
            [*self.place.words(self.kind), sys.executable, "-c", start],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self.place.environment(self.kind),
            cwd="/" if self.kind == "bubblewrap" else self.place.own,
            start_new_session=True,
        )

    def ask(self, seconds, **request):
        """Return the reply to a request, data made of JSON.

        Raises Ended if there is none: the code was not done in time, took too much, or is gone.
        """
        if self.over:
            raise Ended(self.over)
        token = secrets.token_hex(8)
        line = json.dumps({"to": token, "seconds": seconds, **request}) + "\n"
        threading.Thread(target=self._send, args=[line.encode()], daemon=True).start()
        return self._reply(token, seconds)

    def _reply(self, token, seconds):
        """Return the reply of this token, and watch the box until it comes."""
        until = time.monotonic() + seconds + 5
        while True:
            try:
                reply = json.loads(self.replies.get(timeout=0.25))
            except queue.Empty:
                if time.monotonic() > until:
                    self.end(f"did not stop after {seconds} seconds")
                self._look()
                continue
            except (ValueError, RecursionError):
                self.end("wrote what is no reply")
            if reply == GONE:
                self.end("ended its own process")
            if not isinstance(reply, dict) or reply.pop("to", None) != token:
                self.end("wrote a reply of its own")
            return reply

    def end(self, why):
        """End the box, and raise Ended, now and from now on."""
        self.over = self.over or why
        self.close()
        raise Ended(self.over)

    def close(self):
        """End every process in the box, and take away what it wrote."""
        self.over = self.over or "was ended"
        if self.mother:
            self.mother.sweep()
            return
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        if self.kind == "namespaces":
            for one in psutil.process_iter(["uids"]):
                if one.info["uids"] and one.info["uids"].real == self.place.user:
                    one.kill()
        self.place.__exit__()

    def _send(self, line):
        with contextlib.suppress(OSError, ValueError):  # the reply that does not come says it
            self.requests.write(line)
            self.requests.flush()

    @staticmethod
    def _read(replies, lines):
        with replies:
            while line := replies.readline(REPLY):
                lines.put(line)
        lines.put(json.dumps(GONE))

    def _look(self):
        """End the box if what runs in it takes too much."""
        try:
            all_ = psutil.Process(self.process.pid).children(recursive=True)
            memory = sum(_memory(one) for one in all_)
        except psutil.Error:
            return
        if memory > self.memory * 2**30:
            self.end(f"took more than {self.memory} GB of memory")
        if len(all_) > PROCESSES:
            self.end(f"had more than {PROCESSES} processes")


def _memory(process):
    """Return the bytes that a process takes, those that it shares counted in parts."""
    try:
        return process.memory_full_info().pss
    except (psutil.Error, AttributeError):
        try:
            return process.memory_info().rss
        except psutil.Error:
            return 0
