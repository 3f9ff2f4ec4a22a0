"""Who is in the class, and what an LMS calls them: `class.txt`, and the names of what it gives.

A line of `class.txt` is a student: the id that stands in the notebooks, then, after commas, what
else the LMS knows this student by (e-mail, name, number, account), as far as it is needed:

    ruth, ruth.meyer@uni.edu, Ruth Meyer
"""

import json
import os
import pathlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from lstm_lessons.grading import STUDENT

HERE = pathlib.Path(__file__).resolve().parent
MOODLE = re.compile(r"(?P<name>[^_]*)_(?P<number>\d+)_assignsubmission_file(_.*)?")
CANVAS = re.compile(r"((?P<name>.+?)_)?(LATE_)?(?P<number>\d+|anon_[A-Za-z0-9]+)_(?P<mark>\d+)_.+")
GOOGLE = re.compile(r".+ - (?P<name>.+?)( ?\(\d+\))?\.ipynb", re.I)


@dataclass(frozen=True)
class Sender:
    """Who handed a file in, as far as its path tells: a number or a folder of the LMS, a name.

    mark: what the LMS counts files with; a later one has a larger.
    """

    person: str = ""
    name: str = ""
    mark: int = 0


def students(path) -> dict[str, tuple[str, ...]]:
    """Return {id: other names} of a class list.

    Raises ValueError, in one line, if there is none, or if a line is none of a student.
    """
    if not os.path.isfile(path):
        raise ValueError(f"{path} must be there, a line for each student: the id; got none")
    found, seen = {}, set()
    try:
        lines = pathlib.Path(path).read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise ValueError(f"{path} must be text in UTF-8; save it so") from None
    for number, line in enumerate(lines, start=1):
        student, *names = (part.strip() for part in re.split(r"[,;\t]", line))
        if not line.strip() or student.startswith("#"):
            continue
        if not STUDENT.fullmatch(student):
            what = "an id, of the letters a to z, digits and _ . @ -"
            raise ValueError(f"line {number} of {path} must begin with {what}, got {student!r}")
        if student.casefold() in seen:
            raise ValueError(
                f"line {number} of {path} must be another student, got {student!r} again"
            )
        seen.add(student.casefold())
        found[student] = tuple(filter(None, names))
    if not found:
        raise ValueError(f"{path} must have a line for each student: the id; it is empty")
    return found


def owners(known: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return {name in small letters: id}; a name that two have is nobody's, and ids come first."""
    count = Counter(name.casefold() for names in known.values() for name in {*names})
    names = {name.casefold(): student for student in known for name in known[student]}
    own = {name: student for name, student in names.items() if count[name] == 1}
    return own | {student.casefold(): student for student in known}


def sender(top: str, folder: bool = False, assignment: str = "") -> Sender:
    """Return the Sender of what an LMS gave, told from its outermost name.

    folder: whether that is a folder or a ZIP, and so one student's.
    assignment: its name, with which such a folder may begin.

    Moodle: a folder (or the beginning of a name) NAME_NUMBER_assignsubmission_file, before version
    4.1 with a further _: mod/assign/classes/downloader.php and feedback/file/importziplib.php of
    https://github.com/moodle/moodle. Canvas: NAME[_LATE]_USER_FILE_what-the-student-called-it:
    lib/content_zipper.rb of https://github.com/instructure/canvas-lms. GitHub Classroom: a folder
    for each repository: cmd/gh-classroom/clone of https://github.com/github/gh-classroom. Google
    Classroom keeps files in a folder of Drive, often with a name: "scenarios - Ruth Meyer.ipynb".
    """
    if found := MOODLE.fullmatch(top):
        return Sender(found["number"], found["name"])
    if found := CANVAS.fullmatch(top):
        return Sender(found["number"], found["name"] or "", int(found["mark"][:18]))
    if folder:
        return Sender(top, re.sub(f"^{spelled(assignment)}-", "", top, flags=re.I))
    name = found["name"] if (found := GOOGLE.fullmatch(top)) else ""
    return Sender(name, name)


def spelled(assignment: str) -> str:
    """Return a pattern of an assignment's name: systems write "_" otherwise, or leave it out."""
    return "[-_ ]?".join(map(re.escape, assignment.split("_")))


def tops(paths: list[str]) -> list[tuple[str, bool]]:
    """Return of each path the outermost name below what all share, and whether it is a folder."""
    parts = [path.split("/") for path in paths]
    while len(parts) > 1 and len({one[0] for one in parts}) == 1 and all(one[1:] for one in parts):
        if sender(parts[0][0]).person:
            break
        parts = [one[1:] for one in parts]
    return [(one[0], len(one) > 1) for one in parts]


def collected(assignment: str, submitted: pathlib.Path = HERE / "submitted") -> dict[str, str]:
    """Return {student: outermost name that the LMS gave}, as `collect` keeps it."""
    path = submitted / f"{assignment}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def told(words, most: int = 300) -> str:
    """Return words on one line, not too long; what a submission says can't steer a terminal."""
    line = " ".join(str(words).split())
    line = line if len(line) <= most else line[: most - 1] + "…"
    return "".join(one if one.isprintable() else "?" for one in line)
