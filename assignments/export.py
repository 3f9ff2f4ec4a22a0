"""Export marks: python export.py LMS NAME [FILE], or make export ARGS="LMS NAME FILE".

Takes the marks from grades.csv, as `grade.py` wrote it, and fills the gradebook file that Canvas or
Moodle gave; for Google Classroom and GitHub Classroom, which import none, it writes a table. What
nobody has graded, or read to the end, stays as it is. Feedback is packed as Canvas or Moodle wants
it. All goes to exported/, and the file that was given stays as it was.
"""

import argparse
import csv
import io
import pathlib
import re
import sys
import zipfile
from collections.abc import Iterable, Mapping

from classlist import HERE, MOODLE, collected, sender, students, told
from gradebooks import SYSTEMS, Class, Filled, Marks, Row, participant

from lstm_lessons.grading import STUDENT


def main():
    """Export what the command line names; exit with one line if that can't be done."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lms", choices=SYSTEMS, help="where the marks go")
    parser.add_argument("name", help="the assignment")
    parser.add_argument("file", nargs="?", help="what the LMS gave: gradebook, worksheet, roster")
    parser.add_argument("--column", help="Canvas: how its column begins, if not like NAME")
    parser.add_argument("--unread", action="store_true", help="also marks that are not whole yet")
    parser.add_argument("--class", dest="list", default=HERE / "class.txt", help="the class list")
    options = parser.parse_args()
    try:
        marks = marks_in(HERE / "grades.csv", options.name, options.unread)
        group = Class(students(options.list), collected(options.name))
        given = "" if options.lms == "google" else read(options.file)
        filled = SYSTEMS[options.lms](given, options.column or options.name, marks, group)
        written = write(options.lms, options.name, filled, group)
    except (OSError, ValueError) as why:
        sys.exit(told(why))
    for remark in [*marks.remarks, *filled.remarks]:
        print(f"  {told(remark, most=20_000)}")  # all who are meant
    print(f"{len(filled.rows)} of {len(group.names)} have a mark in {', '.join(written)}")


def read(path: str | None) -> str:
    """Return the text of a file that an LMS gave, ends of lines as they are."""
    if path is None or not pathlib.Path(path).is_file():
        raise ValueError(f"FILE must be what the LMS gave, {path or 'nothing'} is none")
    try:
        return pathlib.Path(path).read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"{path} must be in UTF-8, as the LMS gave it; get it again") from None


def marks_in(path: pathlib.Path, name: str, unread: bool = False) -> Marks:
    """Return the Marks of an assignment in grades.csv."""
    if not path.exists():
        raise ValueError(f"{path} must be there, got none; try make grade ARGS={name}")
    with open(path, newline="", encoding="utf-8") as file:
        marks = marks_of(csv.DictReader(file), name, unread)
    book = path.with_name("gradebook.db")
    if book.exists() and book.stat().st_mtime > path.stat().st_mtime + 1:
        marks.remarks.insert(0, f"points were given since; make grade ARGS={name} counts them")
    return marks


def marks_of(rows: Iterable[Mapping[str, str]], name: str, unread: bool = False) -> Marks:
    """Return the Marks in rows as `grade.py` writes them.

    rows: with assignment, student_id, score, max_score, and unread: how many answers are to be
    read, "" where nothing was graded. unread: whether a mark counts that is not whole yet.
    """
    rows = [row for row in rows if row["assignment"] == name]
    if not rows:
        raise ValueError(f"grades.csv must have marks of {name}, got none; try make grade")
    marks, waiting = Marks(), []
    for row in rows:
        student, count, score = row["student_id"], row.get("unread") or "", row["score"]
        if not count:
            continue
        if not STUDENT.fullmatch(student) or not re.fullmatch(r"\d+(\.\d+)?", score):
            marks.remarks.append(f"{student}: no id, or no mark, got {score!r}")
        elif count == "0" or unread:
            marks.of[student] = f"{float(score):.2f}".rstrip("0").rstrip(".")
            marks.most = max(marks.most, float(row["max_score"]))
        else:
            waiting.append(student)
    if waiting:
        what = f"{len(waiting)} marks are not whole, an explanation is unread"
        marks.remarks.append(f"{what}: {'; '.join(sorted(waiting))}")
    return marks


def write(lms: str, name: str, filled: Filled, group: Class) -> list[str]:
    """Write the table, and the feedback of those who have a mark in it; return what was written."""
    folder = HERE / "exported"
    folder.mkdir(exist_ok=True)
    table, archive = folder / f"{name}-{lms}.csv", folder / f"{name}-{lms}-feedback.zip"
    table.write_bytes(filled.text.encode("utf-8"))
    archive.unlink(missing_ok=True)
    pages = {}
    for student, row in filled.rows.items():
        called = feedback_name(lms, name, group.came.get(student, ""), row)
        page = HERE / "feedback" / student / name / f"{name}.html"
        if called and page.is_file():
            pages[called] = page.read_bytes()
    if pages:
        archive.write_bytes(packed(pages))
    return [f"exported/{one.name}" for one in (table, archive) if one.exists()]


def feedback_name(lms: str, name: str, top: str, row: Row) -> str:
    """Return what a page of feedback is called in the ZIP for an LMS, "" where there can be none.

    top: the outermost name under which the LMS gave the work, "" if that is not known.

    Moodle ("Upload multiple feedback files in a zip") wants the folder that it gave, and reads its
    second to fourth parts: mod/assign/feedback/file/importziplib.php of
    https://github.com/moodle/moodle. Canvas ("Upload Submissions") wants the name of the file that
    it gave: generate_comments_from_files in app/models/assignment.rb of
    https://github.com/instructure/canvas-lms.
    """
    number = participant(row)
    if lms == "moodle" and number:
        found = MOODLE.fullmatch(top)
        if found and found["number"] == number and (found[3] or "_") == "_":
            return f"{top}/{name}.html"
        whole = re.sub(r"[^\w .'-]|_", " ", row.get("Full name", "")).strip(" .")
        return f"{whole}_{number}_assignsubmission_file/{name}.html"
    if lms == "canvas" and sender(top).mark:
        return f"{pathlib.PurePath(top).stem}.html"
    return ""


def packed(pages: Mapping[str, bytes]) -> bytes:
    """Return a ZIP of files, {name: content}."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in pages.items():
            archive.writestr(name, content)
    return made.getvalue()


if __name__ == "__main__":
    main()
