"""Imports both frameworks once, and makes of itself a process without rights for each submission.

Started as root in a box. It takes the number of a user and two pipes; what it forks becomes that
user and plays a submission. When it is told to, it ends all that is left of that, and empties what
could be written.
"""

import contextlib
import os
import random
import shutil
import signal
import socket
import sys


def main(own, limits):
    """Fork for each request on the socket that is standard input, until it is closed."""
    asked = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    import player

    player.load_all()
    asked.send(b"ready")
    while True:
        user, pipes, *_ = socket.recv_fds(asked, 100, 2)
        if not user:
            return
        if not os.fork():
            asked.close()
            play(int(user), pipes, own, limits)
        for pipe in pipes:
            os.close(pipe)
        if not asked.recv(100):
            return
        sweep(own)
        asked.send(b"swept")


def play(user, pipes, own, limits):
    """Become a user without rights, and play a submission; never returns."""
    import numpy
    import player

    try:
        exec(limits)
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        for place, pipe in enumerate(pipes):
            os.dup2(pipe, place)
            os.close(pipe)
        home = os.path.join(own, str(user))
        os.mkdir(home, 0o700)
        os.chdir(home)
        os.environ |= {"HOME": home, "TMPDIR": home}
        random.seed()
        numpy.random.seed()
        player.main()
    finally:
        os._exit(0)


def sweep(own):
    """End every other process in the box, and remove every file that one of them has made."""
    with contextlib.suppress(ProcessLookupError):
        while True:
            os.kill(-1, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
    for folder in (own, "/dev/shm"):
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                os.unlink(entry.path)


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    main(*sys.argv[1:])
