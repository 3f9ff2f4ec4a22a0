"""What an LMS hands over: the notebooks in a folder or a ZIP, read one by one and never unpacked.

No name in a ZIP becomes a path on this machine, and no link is followed. What is too large, or no
file of its own, is refused with a reason, and the others go on.
"""

import datetime
import io
import os
import pathlib
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

LARGEST = 20_000_000  # bytes of a notebook, or of a ZIP that a student handed in
NESTED = 100_000_000  # bytes that a student's ZIP may unpack to
MOST = 4_000_000_000  # bytes that the whole may unpack to
ENTRIES = 20_000, 100  # notebooks in the ZIP of the LMS, and in one of a student
DEEPEST = 2  # ZIPs in the ZIP of the LMS
PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)
LONG_AGO = datetime.datetime(1980, 1, 1)  # what a ZIP says that knows no time


@dataclass(frozen=True)
class File:
    """A notebook that was handed in: its content, or why there is none.

    path: as the LMS gave it, the parts joined by "/".
    """

    path: str
    content: bytes = b""
    when: datetime.datetime = LONG_AGO
    why: str = ""


def notebooks(source: str | os.PathLike) -> Iterator[File]:
    """Yield a File for each notebook (.ipynb) in a folder or a ZIP, and in the ZIPs within.

    Raises ValueError, in one line, if the source is neither.
    """
    source = pathlib.Path(source)
    if source.is_dir():
        yield from _in_folder(source)
    elif zipfile.is_zipfile(source):
        with open(source, "rb") as file:
            yield from _in_zip(file, "", [MOST], 0)
    else:
        there = "something else" if source.exists() else "nothing"
        raise ValueError(
            f"{source} must be a folder or a ZIP, as the LMS gave it; {there} is there"
        )


def _in_folder(folder):
    for place, folders, files in os.walk(folder):
        links = [one for one in folders if os.path.islink(os.path.join(place, one))]
        folders[:] = sorted(one for one in folders if not _hidden([one]))
        for name in sorted([*links, *files]):
            path = pathlib.Path(place, name)
            within = path.relative_to(folder).as_posix()
            if _hidden([name]) or not (name in links or _wanted(name)):
                continue
            status = path.lstat()
            if not stat.S_ISREG(status.st_mode):
                yield File(within, why="a link, or no file of its own")
            elif status.st_size > LARGEST:
                yield File(within, why=_too_large())
            else:
                when = datetime.datetime.fromtimestamp(status.st_mtime)
                try:
                    content = path.read_bytes()
                except OSError as why:
                    yield File(within, why=why.strerror or "not to be read")
                else:
                    yield from _opened(within, content, when, [NESTED], 1)


def _in_zip(file, prefix, left, depth):
    """Yield the Files of a ZIP; left: a list of one, the bytes that it may still unpack to."""
    try:
        archive = zipfile.ZipFile(file)
    except (*BROKEN, NotImplementedError):
        yield File(prefix.rstrip("/"), why="no ZIP that can be read")
        return
    entries = [one for one in archive.infolist() if _wanted(one.filename) and not one.is_dir()]
    most = ENTRIES[depth > 0]
    if len(entries) > most:
        yield File(prefix.rstrip("/"), why=f"must have at most {most} notebooks")
        return
    for entry in entries:
        path, why = prefix + entry.filename, _refused(entry)
        if not why and _hidden(entry.filename.split("/")):
            continue
        content = b""
        if not why:
            content, why = _unpacked(archive, entry, left)
        if left[0] < 0:
            yield File(
                path, why="what it lies in unpacks to too much; the rest of that is not read"
            )
            return
        if why:
            yield File(path, why=why)
        else:
            own = left if depth else [NESTED]
            yield from _opened(path, content, _time(entry), own, depth + 1)


def _opened(path, content, when, left, depth):
    """Yield a notebook as a File, or those in a ZIP."""
    if not path.lower().endswith(".zip"):
        yield File(path, content, when)
    elif depth > DEEPEST:
        yield File(path, why=f"a ZIP within {DEEPEST} others")
    else:
        yield from _in_zip(io.BytesIO(content), path + "/", left, depth)


def _refused(entry):
    """Return why an entry of a ZIP is not even unpacked, "" if it is."""
    parts = re.split(r"[/\\]", entry.filename)
    if ".." in parts or not parts[0] or re.match(r"[A-Za-z]:", parts[0]):
        return "its name leads out of the ZIP"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "a link, or no file of its own"
    if entry.flag_bits & 1:
        return "it needs a password"
    if entry.compress_type not in PLAIN:
        return "compressed in an unusual way"
    return _too_large() if entry.file_size > LARGEST else ""


def _unpacked(archive, entry, left):
    """Return the content of an entry and "", or nothing and the reason; count what is left."""
    try:
        with archive.open(entry) as file:
            content = file.read(min(LARGEST, left[0]) + 1)
    except (*BROKEN, NotImplementedError):
        return b"", "damaged"
    left[0] -= len(content)
    return (b"", _too_large()) if len(content) > LARGEST else (content, "")


def _time(entry):
    try:
        return datetime.datetime(*entry.date_time)
    except ValueError:
        return LONG_AGO


def _wanted(name):
    return name.lower().endswith((".ipynb", ".zip"))


def _hidden(parts):
    return any(part.startswith(".") or part == "__MACOSX" for part in parts)


def _too_large():
    return f"must have at most {LARGEST // 10**6} MB; clear its outputs"
