"""A box: a process that runs what strangers wrote, and out of which only data comes.

What the system has keeps it in: bubblewrap, or else `unshare` and `setpriv`. In the box is a
system that can only be read, a small folder of its own to write, no network, no other process, a
user without rights, and limits of memory, time and files. `found` tries what there is with a probe,
and believes nothing else.
"""

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
import subprocess
import sys
import tempfile
import threading
import time

import psutil

import lstm_lessons

HERE = pathlib.Path(__file__).resolve().parent
MEMORY = 4 * 2**30  # bytes; both frameworks and an assignment's layers take less than 1 GB
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
    words += ["--remount-ro", "/", "--chdir", OWN]
    capabilities = ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"] if root() else []
    return [*words, *capabilities, *(without_rights(user) if root() else [])]


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


class Box:
    """A process in a box that runs the cells of a submission, and calls what they made."""

    def __init__(self, name):
        self.kind, self.place, self.over = found(), Place(name), ""
        player = self.place.path / "inside/player.py"
        start = f"{LIMITS if sys.platform == 'linux' else ''}\nimport runpy\n"
        start += f"runpy.run_path({str(player)!r}, run_name='__main__')"
        command = [*self.place.words(self.kind), sys.executable, "-c", start]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self.place.environment(self.kind),
            cwd="/" if self.kind == "bubblewrap" else self.place.own,
            start_new_session=True,
        )
        self.replies = queue.Queue(2)
        threading.Thread(target=self._read, daemon=True).start()
        self._reply("ready", START)

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
        """End every process in the box, and take its folder away."""
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
            self.process.stdin.write(line)
            self.process.stdin.flush()

    def _read(self):
        with self.process.stdout as replies:
            while line := replies.readline(REPLY):
                self.replies.put(line)
        self.replies.put(json.dumps(GONE))

    def _look(self):
        """End the box if what runs in it takes too much."""
        try:
            all_ = psutil.Process(self.process.pid).children(recursive=True)
            memory = sum(_memory(one) for one in all_)
        except psutil.Error:
            return
        if memory > 1.25 * MEMORY:
            self.end(f"took more than {1.25 * MEMORY / 2**30:.0f} GB of memory")
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
