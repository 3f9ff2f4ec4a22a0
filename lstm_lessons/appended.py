"""A file that grows by whole lines, written to by several processes at once."""

import errno
import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import IO

PATIENCE = 2.0  # seconds that another process may take to write
FAR = 2**30  # where no line will ever be


def append(path: Path, lines: bytes) -> None:
    """Write lines at the end of a file, or nothing; raise OSError for the latter."""
    _must_be_a_file(path)
    with open(path, "a+b", buffering=0, opener=partial(os.open, mode=0o600)) as file:
        _locked(file)
        end = file.seek(0, os.SEEK_END)
        try:
            if _is_cut(file, end):
                lines = b"\n" + lines
            if file.write(lines) != len(lines):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(file.fileno())
        except OSError:
            file.truncate(end)
            raise


def _must_be_a_file(path):
    """Raise OSError for what is there and no file: a pipe would be waited for."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "something that is no file")


def _is_cut(file, end):
    """Return whether a file ends within a line, as when its writer was killed."""
    file.seek(max(0, end - 1))
    return file.read(1) not in (b"", b"\n")


def _locked(file: IO[bytes]) -> None:
    """Wait until no other lesson writes; the file is free again once it is closed."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return _lock(file)
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
                return None  # this disk knows no locks; to append a line is whole even so
            if time.monotonic() > until:
                raise OSError(errno.EBUSY, "another lesson that does not let go of it") from error
        time.sleep(0.01)


if sys.platform == "win32":
    import msvcrt

    def _lock(file):
        file.seek(FAR)  # on Windows nobody else may read what is locked
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def last_of(path: Path, most: int) -> bytes:
    """Return the last bytes of a file, b"" if there is none; OSError if it can't be read.

    Where it ends within a line, that may be one that is being written: it is looked at again.
    """
    _must_be_a_file(path)
    for wait in (0, 0.01, 0.03, 0.1):
        time.sleep(wait)
        try:
            with open(path, "rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - most))
                found = file.read(most)
        except FileNotFoundError:
            return b""
        if found.endswith(b"\n") or not found:
            break
    return found
