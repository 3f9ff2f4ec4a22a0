"""Kernels that share the memory of the frameworks: forked from one process that has them loaded.

    python preloaded.py         as root, for the hub: load, then fork each kernel that is asked for
    python preloaded.py -f FILE as a learner, for their server: ask for one, and stand in for it

LESSONS_KERNELS is the path of the socket between the two. A kernel takes its user from the socket,
by the operating system's word, and drops root before it reads what it was sent. Signals to the
stand-in reach the kernel; the kernel, the stand-in and the server that asked end together. Where
nobody answers, the stand-in becomes an ordinary kernel.
"""

import ctypes
import gc
import json
import os
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


def fork_for_each(place):
    """Return, in a new process for each who asks, the connection to them."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
        door.bind(place)
        os.chmod(place, 0o666)
        door.listen(128)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who ends is forgotten
        for number in ENDS:
            signal.signal(number, lambda *_: (os.unlink(place), os._exit(0)))
        while True:
            asked, _ = door.accept()
            if not os.fork():
                return asked
            asked.close()


def become(asked):
    """Run the kernel that is asked for, as the user who asks and at their place."""
    for number in (signal.SIGCHLD, *ENDS):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    credentials = asked.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    pid, uid, _ = struct.unpack("3i", credentials)
    other, user = os.pidfd_open(pid), pwd.getpwuid(uid)
    os.setsid()
    os.initgroups(user.pw_name, user.pw_gid)
    os.setgid(user.pw_gid)
    os.setuid(uid)
    ctypes.CDLL(None).prctl(DUMPABLE, 1)
    with asked:
        sent, files, *_ = socket.recv_fds(asked, 2**20, 3)
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        threading.Thread(target=end_with, args=(other,), daemon=True).start()
        asked.send(str(os.getpid()).encode())
    wanted = json.loads(sent)
    os.environ.clear()
    os.environ.update(wanted["environment"])
    os.chdir(wanted["folder"])
    sys.modules["numpy"].random.seed()  # or all would draw the same numbers
    sys.argv[1:] = wanted["options"]
    runpy.run_module("ipykernel_launcher", run_name="__main__")


def end_with(other):
    """End this process and those it started once the other one has ended."""
    select.select([other], [], [])
    os.killpg(0, signal.SIGKILL)


def ask(place, options):
    """Ask for a kernel, hand signals on to it, and return when it or the server has ended."""
    server = os.pidfd_open(os.getppid())
    sent = {"environment": dict(os.environ), "folder": os.getcwd(), "options": options}
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
        try:
            door.connect(place)
        except OSError:
            os.execv(sys.executable, [sys.executable, "-m", "ipykernel_launcher", *options])
        socket.send_fds(door, [json.dumps(sent).encode()], [0, 1, 2])
        pid = int(door.recv(20) or sys.exit("a kernel must start, got none; close another one"))
    try:
        kernel = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    for number in ENDS:
        signal.signal(number, lambda number, _: os.killpg(pid, number))
    select.select([kernel, server], [], [])


if __name__ == "__main__":
    main(*sys.argv[1:])
