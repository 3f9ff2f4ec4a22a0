"""Kernels that share the memory of the frameworks: forked from one process that has them loaded.

    python preloaded.py         as root, for the hub: load, then fork each kernel that is asked for
    python preloaded.py -f FILE as a learner, for their server: ask for one, and stand in for it

LESSONS_KERNELS is the path of the socket between the two. A kernel takes its user from the socket,
by the operating system's word, and drops all that is root's before it reads what it was sent.
Signals to the stand-in reach the kernel; the kernel, the stand-in and the server that asked end
together. Where nobody answers, the stand-in becomes an ordinary kernel.
"""

import compileall
import contextlib
import ctypes
import fcntl
import gc
import json
import os
import pathlib
import pwd
import runpy
import select
import signal
import socket
import struct
import sys
import threading

LOADED = (
    "ipykernel.kernelapp",
    "ipywidgets",
    "jedi",
    "torch._dynamo",
    "tensorflow.python.autograph",
)
ENDS = (signal.SIGINT, signal.SIGTERM)
DUMPABLE = 4  # of prctl: without it, a process that was root may not look at itself


def main(*options):
    """Serve, or stand in for a kernel with these options of ipykernel."""
    place = os.environ.get("LESSONS_KERNELS", "")
    if options:
        ask(place, options)
    else:
        load()
        become(fork_for_each(place))


def load():
    """Import what lessons import. What could not be forked, a thread, must not be there."""
    compile_course()
    os.environ["JPY_PARENT_PID"] = "1"  # ipykernel shall not watch its parent
    from lstm_lessons.frameworks import keras, torch  # noqa: F401

    for name in LOADED:
        __import__(name)
    for name in [name for name in sys.modules if name.partition(".")[0] == "lstm_lessons"]:
        del sys.modules[name]  # an update of the course must reach kernels
    if (threads := len(os.listdir("/proc/self/task"))) > 1:
        sys.exit(f"one thread must run before a fork, got {threads}; set OMP_NUM_THREADS=1")
    gc.collect()
    gc.freeze()  # or collecting would write to pages that are shared


def compile_course():
    """Compile it for all: a learner may not write there, and each kernel would do it again."""
    import lstm_lessons

    (course,) = lstm_lessons.__path__
    before = os.umask(0o022)  # with the hub's, root alone could read what is written
    compileall.compile_dir(course, force=True, quiet=2)
    os.umask(before)
    for folder in pathlib.Path(course).rglob("__pycache__"):
        folder.chmod(0o755)


def fork_for_each(place):
    """Return, in a new process for each who asks, the connection to them."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(place)  # left by one that was killed
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
        door.bind(place)
        os.chmod(place, 0o666)
        door.listen(128)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who ends is forgotten
        for number in ENDS:
            signal.signal(number, lambda *_: (os.unlink(place), os._exit(0)))
        while True:
            asked, _ = door.accept()
            with contextlib.suppress(OSError):  # no room for one more: only this one goes without
                if not os.fork():
                    return asked
            asked.close()


def become(asked):
    """Run the kernel that is asked for, as the user who asks and at their place."""
    for number in (signal.SIGCHLD, *ENDS):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    credentials = asked.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, uid, _ = struct.unpack("3i", credentials)
    drop_root(pwd.getpwuid(uid))
    sent, files, *_ = socket.recv_fds(asked, 2**20, 3)
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    end_with(asked)
    asked.send(str(os.getpid()).encode())
    wanted = json.loads(sent)
    os.environ.clear()
    os.environ.update(wanted["environment"])
    os.chdir(wanted["folder"])
    sys.modules["numpy"].random.seed()  # or all would draw the same numbers
    sys.modules["jedi.settings"].cache_directory = os.path.expanduser("~/.cache/jedi")  # not root's
    sys.argv[1:] = wanted["options"]
    runpy.run_module("ipykernel_launcher", run_name="__main__")


def drop_root(user):
    """Make this process the user's, with no file, folder or privilege of root's left in it."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nothing, number)
    os.close(nothing)
    os.chdir("/")
    os.setsid()
    os.initgroups(user.pw_name, user.pw_gid)
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    ctypes.CDLL(None).prctl(DUMPABLE, 1)
    threading.Thread(target=int).start()  # beyond the limit of processes this fails; root may fork


def end_with(asked):
    """Have Linux end this process, and those it started, at once when the other side is gone.

    No thread could: it would wait for what is computed.
    """
    fcntl.fcntl(asked, fcntl.F_SETOWN, -os.getpid())  # the group
    fcntl.fcntl(asked, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(asked, fcntl.F_SETFL, os.O_ASYNC)


def ask(place, options):
    """Ask for a kernel, hand signals on to it, and return when it or the server has ended."""
    server = os.pidfd_open(os.getppid())
    sent = {"environment": dict(os.environ), "folder": os.getcwd(), "options": options}
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
        try:
            door.connect(place)
        except OSError:
            os.execv(sys.executable, [sys.executable, "-m", "ipykernel_launcher", *options])
        try:
            socket.send_fds(door, [json.dumps(sent).encode()], [0, 1, 2])
            pid = int(door.recv(20))
            kernel = os.pidfd_open(pid)
        except (OSError, ValueError):
            sys.exit("a kernel must start, got none; close another one")
        for number in ENDS:
            signal.signal(number, lambda number, _: os.killpg(pid, number))
        select.select([kernel, server], [], [])  # the door stays open: the kernel ends with it


if __name__ == "__main__":
    main(*sys.argv[1:])
