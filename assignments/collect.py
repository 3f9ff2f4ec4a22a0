"""Collect what an LMS was given: python collect.py NAME ZIP, or make collect ARGS="NAME ZIP".

Takes the ZIP or folder of Canvas, Moodle, Google Classroom or GitHub Classroom, reads the id out of
each notebook, checks it against class.txt, and puts the notebook where `grade.py` looks for it:
submitted/<id>/NAME/NAME.ipynb. Says who is unknown, double or missing, and what can't be read.
"""

import argparse
import ast
import difflib
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from classlist import HERE, Sender, collected, owners, sender, spelled, students, told, tops
from handed import File, notebooks

CELL = 10_000  # characters of a cell in which an id is looked for
KINDS = ("unreadable", "unknown", "double", "missing")


@dataclass(frozen=True)
class Handed:
    """A notebook that was handed in: by whom, under which name, where it is kept, whose id."""

    file: File
    sender: Sender
    top: str
    kept: pathlib.Path
    student: str

    def age(self):
        """Return what puts notebooks in order, the newest last."""
        return self.sender.mark, self.file.when, self.file.path


@dataclass
class Collected:
    """What was found: the notebook of each student, and remarks, {kind: [words]}."""

    taken: dict[str, Handed] = field(default_factory=dict)
    remarks: dict[str, list[str]] = field(default_factory=lambda: {kind: [] for kind in KINDS})


def main():
    """Collect what the command line names; exit with 1 if something could not be taken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", help="the assignment")
    parser.add_argument("source", help="the ZIP or folder that the LMS gave")
    parser.add_argument("--class", dest="list", default=HERE / "class.txt", help="the class list")
    options = parser.parse_args()
    if not (HERE / "source" / options.name / f"{options.name}.ipynb").is_file():
        sys.exit(f"NAME must be an assignment, a folder in {HERE / 'source'}, got {options.name!r}")
    try:
        known = students(options.list)
        with tempfile.TemporaryDirectory() as folder:
            found = collect(options.name, options.source, known, pathlib.Path(folder))
            changes = Counter(put(found.taken, options.name, HERE / "submitted"))
    except (OSError, ValueError) as why:
        sys.exit(told(why))
    print("\n".join(summary(found, changes)))
    sys.exit(bool(found.remarks["unreadable"] or found.remarks["unknown"]))


def collect(
    name: str, source, known: dict[str, tuple[str, ...]], folder: pathlib.Path
) -> Collected:
    """Return the Collected of what an LMS gave.

    name: the assignment; source: a ZIP or a folder; known: the class list, {id: other names}.
    folder: an empty one, in which notebooks are kept meanwhile.
    """
    found, by_student = Collected(), {}
    handed = of_assignment(name, kept(name, notebooks(source), folder))
    for one in one_id_each(list(valid(handed, known, found.remarks)), found.remarks):
        by_student.setdefault(one.student, []).append(one)
    for student, several in by_student.items():
        newest, remark = chosen(student, several, known[student])
        found.remarks["double"] += [f"{student}: {remark}"] if remark else []
        found.taken |= {student: newest} if newest else {}
    found.remarks["missing"] += [student for student in known if student not in by_student]
    return found


def valid(handed: list[Handed], known: dict[str, tuple[str, ...]], remarks: dict[str, list[str]]):
    """Yield what can be read and has an id of the class, as far as is known its sender's own."""
    own = owners(known)
    for one in handed:
        owner = own.get(one.sender.name.casefold(), one.student)
        if one.file.why:
            remarks["unreadable"].append(f"{one.file.path}: {one.file.why}")
        elif one.student not in known:
            near = difflib.get_close_matches(one.student.lower(), known, 1)
            hint = f"; {near[0]} is in the list" if near else ""
            remarks["unknown"].append(f"{one.student}: {one.file.path}{hint}")
        elif owner != one.student:
            remarks["unknown"].append(f"{one.student}: {one.file.path} is of {owner}")
        else:
            yield one


def one_id_each(handed: list[Handed], remarks: dict[str, list[str]]):
    """Yield all but what a person handed in with an id that is not that of the newest."""
    newest = {one.sender.person: one for one in sorted(handed, key=Handed.age)}
    for one in handed:
        last = newest[one.sender.person]
        if one.sender.person and one.student != last.student:
            what = f"{one.file.path} is of who handed in {last.file.path}, as {last.student}"
            remarks["double"].append(f"{one.student}: {what}")
        else:
            yield one


def kept(name: str, files: Iterable[File], folder: pathlib.Path) -> list[Handed]:
    """Return each File as Handed, its content written to a file of its own in the folder."""
    found = []
    for number, file in enumerate(files):
        student, why, place = "", file.why, folder / f"{number}.ipynb"
        if not why:
            try:
                student = id_in(file.content)
                place.write_bytes(file.content)
            except ValueError as reason:
                why = str(reason)
        found.append((replace(file, content=b"", why=why), student, place))
    outermost = tops([file.path for file, *_ in found])
    return [
        Handed(file, sender(*top, name), top[0], place, student)
        for (file, student, place), top in zip(found, outermost, strict=True)
    ]


def of_assignment(name: str, handed: list[Handed]) -> list[Handed]:
    """Return all but the other notebooks of a person of whom one has the assignment's name."""
    written = re.compile(spelled(name), re.I)

    def named(one):
        return bool(written.search(one.file.path.rpartition("/")[2]))

    right = {one.sender.person for one in handed if named(one)} - {""}
    return [one for one in handed if named(one) or one.sender.person not in right]


def chosen(student: str, several: list[Handed], names: tuple[str, ...]):
    """Return which of the notebooks with one id is taken, None if none is, and a remark.

    Of one person the newest is; an id that several people hand in is that of the one whom the class
    list knows by it.
    """
    people = {one.sender.person: one.sender.name for one in several if one.sender.person}
    known = {name.casefold() for name in (student, *names)}
    if len(people) > 1:
        own = [one for one in people if {one.casefold(), people[one].casefold()} & known]
        paths = ", ".join(one.file.path for one in several)
        if len(own) != 1:
            return None, f"{len(people)} people hand in this id, none is taken: {paths}"
        several = [one for one in several if one.sender.person == own[0]]
        newest = max(several, key=Handed.age)
        return newest, f"{len(people)} people hand in this id, {newest.file.path} is taken"
    newest = max(several, key=Handed.age)
    taken = f"{len(several)} notebooks, the newest is taken: {newest.file.path}"
    return newest, taken if len(several) > 1 else ""


def id_in(content: bytes) -> str:
    """Return the id that is typed in a notebook; no line of it is run.

    Raises ValueError, with the reason, if it is no notebook, or if there is none.
    """
    try:
        cells = json.loads(content)["cells"]
        sources = ["".join(one["source"]) for one in cells if one["cell_type"] == "code"]
    except (ValueError, TypeError, KeyError, RecursionError, MemoryError):
        raise ValueError("no notebook") from None
    typed = [value for source in sources for value in _assigned(source, "student")]
    if not typed:
        raise ValueError('there is no cell with student = "..." and an id for the dots')
    if typed[-1] in ("...", ""):
        raise ValueError("the id is not filled in")
    return typed[-1]


def _assigned(source, name):
    """Yield the texts that a cell gives to a name, in its outermost lines."""
    if len(source) > CELL or name not in source:
        return
    lines = [line for line in source.splitlines() if line.lstrip()[:1] not in ("%", "!")]
    try:
        body = ast.parse("\n".join(lines)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for one in body:
        if isinstance(one, (ast.Assign, ast.AnnAssign)) and isinstance(one.value, ast.Constant):
            targets = one.targets if isinstance(one, ast.Assign) else [one.target]
            named = any(isinstance(target, ast.Name) and target.id == name for target in targets)
            if named and isinstance(one.value.value, str):
                yield one.value.value


def put(taken: dict[str, Handed], name: str, submitted: pathlib.Path):
    """Put notebooks where they are graded, and keep what the LMS called them; yield what is new."""
    for student, one in taken.items():
        place = submitted / student / name / f"{name}.ipynb"
        before = place.read_bytes() if place.is_file() else None
        if before == one.kept.read_bytes():
            yield "as before"
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(one.kept, place.with_suffix(".new"))
        os.replace(place.with_suffix(".new"), place)
        yield "new" if before is None else "changed"
    submitted.mkdir(exist_ok=True)
    names = collected(name, submitted) | {student: one.top for student, one in taken.items()}
    (submitted / f"{name}.json").write_text(json.dumps(names, indent=1), encoding="utf-8")


def summary(found: Collected, changes: dict[str, int]):
    """Yield the lines that are printed: a remark each, those missing in one, and the numbers."""
    for kind in ("unreadable", "unknown", "double"):
        yield from (f"  {told(f'{kind}: {words}')}" for words in found.remarks[kind])
    if found.remarks["missing"]:
        yield "  missing: " + " ".join(found.remarks["missing"])
    several = ", ".join(f"{count} {kind}" for kind, count in changes.items())
    numbers = ", ".join(f"{len(found.remarks[kind])} {kind}" for kind in KINDS)
    yield f"{len(found.taken)} taken{f' ({several})' if several else ''}, {numbers}"


if __name__ == "__main__":
    main()
