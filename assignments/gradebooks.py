"""The gradebook files of four systems: what Canvas or Moodle gave is filled, or a table is made.

A mark that nobody has yet leaves its cell as it is: 0 would be a mark, and Canvas takes an empty
cell for one that is taken away.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import tables
from classlist import owners, sender

TOTALS = re.compile(r"(.* )?(Current|Final|Override) (Score|Grade|Points|Status)( \(.*\))?")
NUMBERED = re.compile(r" \(\d+\)$")
STAY = ("EX", "N/A")  # of Canvas: excused, not assigned
BY_HAND = "imports no marks: type them in, or hand them to its interface with a script"

Row = Mapping[str, str]  # {heading: value}


@dataclass
class Marks:
    """The marks of an assignment: {student: what is written}, the most, and what is told."""

    of: dict[str, str] = field(default_factory=dict)
    most: float = 0.0
    remarks: list[str] = field(default_factory=list)


@dataclass
class Class:
    """The class: {id: other names}, and {id: outermost name under which the LMS gave the work}."""

    names: Mapping[str, tuple[str, ...]]
    came: Mapping[str, str] = field(default_factory=dict)

    def numbers(self) -> dict[str, str]:
        """Return {number that the LMS has for a student: id}."""
        people = {sender(top).person: student for student, top in self.came.items()}
        return {person: student for person, student in people.items() if person}


@dataclass
class Filled:
    """A file with marks: its text, the row of each student with a mark in it, and what is told."""

    text: str
    rows: dict[str, Row]
    remarks: list[str]


def canvas(text: str, title: str, marks: Marks, group: Class) -> Filled:
    """Return Canvas' own export, the column of one assignment filled.

    title: how the heading of the column begins.

    Its first row has Student, ID, SIS User ID, SIS Login ID, Section and "title (number)" for each
    assignment; a row with Manual Posting may follow, and one with Points Possible does. Canvas
    finds a student by ID, else by SIS User ID or SIS Login ID.
    lib/gradebook_exporter.rb and lib/gradebook_importer.rb of
    https://github.com/instructure/canvas-lms;
    https://teaching.resources.osu.edu/toolsets/carmencanvas/guides/calculating-final-grades/import-csv-file-carmen-grades
    """
    table = tables.read(text)
    _demand(table, "a gradebook of Canvas", ("ID", "Section"))
    column, numbers = canvas_column(table.headings, title), group.numbers()
    rows, points = {}, ""
    for number, values in enumerate(table.values[1:], start=1):
        if "Points Possible" in values[0] and len(values) > column:
            points = values[column]
        elif values[0].strip() and len(values) > column:
            rows[number] = table.row(number)
    sure = {number: numbers.get(row["ID"], "") for number, row in rows.items()}
    placed, remarks = place(rows, sure, ("SIS Login ID", "SIS User ID"), marks, group)
    if marks.of and _number(points) != marks.most:
        remarks.insert(0, f"Canvas counts {points or 'no'} points, here are {marks.most:g}")
    kept = {one for one, number in placed.items() if table.values[number][column].strip() in STAY}
    remarks += _told(kept & {*marks.of}, f"have {' or '.join(STAY)} there, which stays")
    return _filled(
        table, column, {s: n for s, n in placed.items() if s not in kept}, marks, remarks
    )


def canvas_column(headings: list[str], title: str) -> int:
    """Return which column is an assignment's: its heading is "title (number)", or begins so."""

    def bare(words):
        return " ".join(words.replace("_", " ").casefold().split())

    own = {
        number: NUMBERED.sub("", heading)
        for number, heading in enumerate(headings)
        if NUMBERED.search(heading) and not TOTALS.fullmatch(heading)
    }
    like = [number for number, one in own.items() if bare(one).startswith(bare(title))]
    same = [number for number in like if bare(own[number]) == bare(title)]
    for found in (same, like):
        if len(found) == 1:
            return found[0]
    what = f"one column must begin with {title!r}, {len(like)} do"
    raise ValueError(f"{what}; try --column with one of: {_some([*own.values()])}")


def moodle(text: str, title: str, marks: Marks, group: Class) -> Filled:
    """Return Moodle's grading worksheet, its column Grade filled.

    Identifier is "Participant NUMBER", the number that is in the names of the folders, too; which
    other columns there are depends on the site. Moodle takes no mark above Maximum Grade and says
    nothing. It calls the columns by their names in your language: here it must be English.
    mod/assign/feedback/offline/importgradeslib.php and locallib.php of
    https://github.com/moodle/moodle; https://docs.moodle.org/en/Using_Assignment
    """
    table = tables.read(text)
    _demand(table, "a grading worksheet", ("Identifier", "Grade"), "set Moodle to English first")
    rows, numbers = _rows(table), group.numbers()
    sure = {number: numbers.get(participant(row), "") for number, row in rows.items()}
    columns = ("Username", "ID number", "Email address", "Full name")
    placed, remarks = place(rows, sure, columns, marks, group)
    for student in sorted(placed.keys() & marks.of.keys()):
        row = {heading.lower(): value for heading, value in rows[placed[student]].items()}
        most = _number(row.get("maximum grade", ""))
        if most is not None and float(marks.of[student]) > most:
            remarks.append(f"{student}: Moodle refuses {marks.of[student]} of at most {most:g}")
    return _filled(table, table.headings.index("Grade"), placed, marks, remarks)


def participant(row: Row) -> str:
    """Return the number of a participant of Moodle, "" if there is none."""
    found = re.search(r"\d+$", row.get("Identifier", ""))
    return found.group() if found else ""


def github(text: str, title: str, marks: Marks, group: Class) -> Filled:
    """Return a table of marks for the roster of GitHub Classroom.

    The roster has identifier, github_username, github_id and name; a repository is called by the
    assignment and the account. Classroom itself knows the marks of its own tests alone.
    https://docs.github.com/en/education/manage-coursework-with-github-classroom/teach-with-github-classroom/manage-classrooms
    https://abc-classroom.readthedocs.io/en/latest/get-started/classroom-roster.html
    """
    table = tables.read(text)
    _demand(table, "a roster of GitHub Classroom", ("identifier", "github_username"))
    rows = _rows(table)
    logins = [row["github_username"].casefold() for row in rows.values()]
    owner = {login_of(top, logins): student for student, top in group.came.items()} | {"": ""}
    sure = {n: owner.get(row["github_username"].casefold(), "") for n, row in rows.items()}
    placed, remarks = place(rows, sure, ("identifier", "github_username", "name"), marks, group)
    filled = {student: rows[n] for student, n in placed.items() if student in marks.of}
    mark = {n: marks.of.get(student, "") for student, n in placed.items()}
    out = [(one["identifier"], one["github_username"], mark.get(n, "")) for n, one in rows.items()]
    made = tables.made(("identifier", "github_username", "grade"), out)
    return Filled(made, filled, [*remarks, f"GitHub Classroom {BY_HAND}"])


def login_of(top: str, logins: Iterable[str]) -> str:
    """Return the account at the end of a repository's name, the longest that fits, "" if none."""
    fit = [one for one in logins if one and f"-{top.casefold()}".endswith(f"-{one}")]
    return max(fit, key=len, default="")


def google(text: str, title: str, marks: Marks, group: Class) -> Filled:
    """Return a table of marks for a class of Google Classroom, with what the class list says.

    Marks are given in the app or through its interface; no file is imported:
    https://developers.google.com/workspace/classroom/guides/key-concepts/grades
    """
    out = []
    for student, names in group.names.items():
        mail = next((one for one in (*names, student) if "@" in one), "")
        named = next((one for one in names if "@" not in one), "")
        named = named or sender(group.came.get(student, "")).name
        out.append((mail, named, student, marks.of.get(student, "")))
    remarks = _told(
        marks.of.keys() - group.names.keys(), "have a mark and are not in the class list"
    )
    remarks += _told(group.names.keys() - marks.of.keys(), "have no mark yet")
    rows: dict[str, Row] = {student: {} for student in group.names if student in marks.of}
    made = tables.made(("email", "name", "student", "grade"), out)
    return Filled(made, rows, [*remarks, f"Google Classroom {BY_HAND}"])


SYSTEMS: dict[str, Callable[[str, str, Marks, Class], Filled]] = {
    "canvas": canvas,
    "moodle": moodle,
    "google": google,
    "github": github,
}


def place(rows: Mapping[int, Row], sure: Mapping[int, str], columns, marks: Marks, group: Class):
    """Return which row is a student's, {student: number}, and what is told.

    sure: {number: student}, as it is known from what was handed in, "" where it is not.
    columns: where else an id, or a name of the class list, may stand.
    """
    names = {one.casefold(): one for one in marks.of} | owners(group.names)
    fits = {}
    for number, row in rows.items():
        cells = [row.get(column, "").strip().casefold() for column in columns]
        fits[number] = {sure[number]} - {""} or {names[one] for one in cells if one in names}
    found: dict[str, list[int]] = {}
    for number, fit in fits.items():
        for student in fit:
            found.setdefault(student, []).append(number)
    placed = {s: n[0] for s, n in found.items() if len(n) == 1 and len(fits[n[0]]) == 1}
    marked = {number for student, number in placed.items() if student in marks.of}
    remarks = _told(found.keys() - placed.keys(), "stand in several rows, or share one, left alone")
    remarks += _told(marks.of.keys() - found.keys(), "have a mark and no row")
    return placed, remarks + _told(map(_called, _others(rows, marked)), "rows have no mark yet")


def _others(rows, marked):
    return [row for number, row in rows.items() if number not in marked]


def _called(row):
    """Return what a row calls its student: its first value, or Moodle's full name."""
    return row.get("Full name") or next((value for value in row.values() if value), "?")


def _filled(table, column, placed, marks, remarks):
    """Return the Filled of a table: in a column the marks of those who are placed and have one."""
    placed = {student: number for student, number in placed.items() if student in marks.of}
    text = table.changed({(number, column): marks.of[s] for s, number in placed.items()})
    return Filled(text, {student: table.row(number) for student, number in placed.items()}, remarks)


def _rows(table):
    return {n: table.row(n) for n, one in enumerate(table.values) if n and len(one) > 1}


def _demand(table, what, headings, hint="take the file as it was given"):
    if not {*headings} <= {*table.headings}:
        wanted, got = " and ".join(headings), _some(table.headings)
        raise ValueError(f"{what} must have the columns {wanted}, got {got}; {hint}")


def _number(words):
    """Return the number in a cell, None if there is none."""
    return float(words.replace(",", ".")) if re.fullmatch(r"\d+([.,]\d+)?", words) else None


def _told(students, what):
    several = sorted(students)
    return [f"{len(several)} {what}: {'; '.join(several)}"] if several else []


def _some(words):
    return ", ".join(words[:12]) or "nothing"
