"""Grade an assignment: python grade.py NAME, or make grade ARGS=NAME.

Takes the one notebook of each folder submitted/<student>/NAME/, lets nbgrader and the judge grade
what has not been graded, several at a time, and writes feedback/ and grades.csv. Says first what
could not be graded, and then what a person should look at.
"""

import argparse
import concurrent.futures
import contextlib
import csv
import functools
import hashlib
import json
import multiprocessing
import os
import pathlib
import re
import subprocess
import sys
import tempfile
from concurrent.futures.process import BrokenProcessPool

import box
from handed import LARGEST
from shown import guarded

from lstm_lessons.grading import STUDENT

HERE = pathlib.Path(__file__).resolve().parent
ADDED = "# This cell (id:"  # how nbgrader begins a cell that it put back


def main():
    """Grade what the command line names; exit with 1 if a submission could not be graded."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", help="the assignment")
    parser.add_argument("--force", action="store_true", help="also those that are graded already")
    parser.add_argument("--at-once", type=int, default=os.cpu_count(), help="how many at a time")
    parser.add_argument(
        "--trusted", action="store_true", help="without a box: students' code may do what you may"
    )
    options = parser.parse_args()
    os.environ["LSTM_LESSONS_BOX"] = kind_of_box(options.trusted)
    paths = [os.path.dirname(sys.executable), os.environ.get("PATH", "")]
    os.environ["PATH"] = os.pathsep.join(paths)  # nbgrader finds its database's tool
    folders = handed_in(options.name)
    if not folders:
        sys.exit(f"submitted/<student>/{options.name}/ must hold submissions, got none")
    notebooks, failed = {}, {}
    for student, folder in folders.items():
        try:
            notebooks[student] = notebook_of(student, folder, options.name)
        except (OSError, ValueError) as why:
            failed[student] = str(why)
    before = {student: last(student, options.name) for student in folders}
    new = {s: b for s, b in notebooks.items() if options.force or digest(b) != before[s]}
    enrol(folders)
    failed |= each(graded, [(options.name, *one) for one in new.items()], options.at_once)
    done = [student for student in notebooks if student not in failed]
    failed |= each(told, [(options.name, student) for student in done], options.at_once)
    for student, why in sorted(failed.items()):
        kept = "; the marks are those of what came before" if before[student] else ""
        say(student, f"not graded: {why}{kept}")
    done = [student for student in done if student not in failed]
    print(f"{len(done)} of {len(folders)} graded{': grades.csv, feedback/' if done else ''}")
    if done:
        unread = table(options.name)
    for student in done:
        anew = ["graded anew"] if before[student] and student in new and not options.force else []
        for remark in [*anew, *remarks(options.name, student)]:
            say(student, remark)
    if done and unread:
        print(f"  {unread} explanations are unread: until you read them, marks are not whole")
    sys.exit(bool(failed))


def say(student, remark):
    """Print a remark on a student on one line; what a submission says can't steer a terminal."""
    line = f"{student}: {remark}".replace("\n", " ")[:300]
    print("  " + "".join(one if one.isprintable() else "?" for one in line), flush=True)


def kind_of_box(trusted):
    """Return the name of the box to grade in; exit in one line where there is none."""
    if trusted and box.root():
        sys.exit("--trusted must not be used as root, got root; try it as another user")
    try:
        return "trusted" if trusted else box.found()
    except RuntimeError as why:
        sys.exit(str(why))


def handed_in(name):
    """Return the folder of each student who has handed something in, {student: folder}."""
    found = {}
    for place in sorted((HERE / "submitted").glob("*")):
        if place.name.startswith(".") or place.name == "__MACOSX" or not place.is_dir():
            continue
        if (place / name).is_dir():
            found[place.name] = place / name
        elif any(place.glob(f"{name}*.ipynb")):
            found[place.name] = place
    return found


def notebook_of(student, folder, name):
    """Return the bytes of the one notebook in a folder, whatever it is called, however deep it is.

    Raises ValueError, with the reason, if there is none or several, or it is no file of its own.
    """
    if not STUDENT.fullmatch(student):
        raise ValueError(f"the folder must be called by an id, got {student!r}")
    if folder.is_symlink() or folder.parent.is_symlink():
        raise ValueError("the folder is a link to another one")
    found = [
        path
        for path in sorted(folder.rglob("*.ipynb"))
        if not any(part[0] == "." or part == "__MACOSX" for part in path.relative_to(folder).parts)
    ]
    named = [path for path in found if path.name == f"{name}.ipynb"]
    like = [path for path in found if path.name.startswith(name)]
    chosen = next((some for some in (named, like, found) if len(some) == 1), [])
    if not chosen:
        there = sorted(path.name for path in (found or folder.iterdir()))
        what = "there are several notebooks" if found else "there is no notebook (.ipynb)"
        raise ValueError(f"{what}: {', '.join(there[:5]) or 'the folder is empty'}")
    if chosen[0].is_symlink() or not chosen[0].is_file():
        raise ValueError(f"{chosen[0].name} is a link, and no notebook of its own")
    if chosen[0].stat().st_size > LARGEST:
        raise ValueError(f"the notebook must have at most {LARGEST // 10**6} MB; clear its outputs")
    content = chosen[0].read_bytes()
    try:
        if "cells" in json.loads(content) or "worksheets" in json.loads(content):
            return content
    except (ValueError, TypeError, RecursionError):
        pass
    raise ValueError(f"{chosen[0].name} is no notebook")


def digest(content):
    """Return what tells one submission from another."""
    return hashlib.sha256(content).hexdigest()


def mark_of(student, name):
    """Return the path of the file that says what was graded last."""
    return HERE / "autograded" / student / f".{name}.sha256"


def last(student, name):
    """Return the digest of the submission that was graded last, "" if none was."""
    path = mark_of(student, name)
    there = path.exists() and (path.parent / name / f"{name}.ipynb").exists()
    return path.read_text() if there else ""


def enrol(students):
    """See that each student is in the gradebook, and so in the table, whatever was handed in."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{HERE}/gradebook.db", "lstm-lessons") as book:
        for student in filter(STUDENT.fullmatch, students):
            book.update_or_create_student(student)


def each(work, tasks, at_once):
    """Return {student: reason} of what failed, where work(*task) returns a student and a reason.

    A worker that dies takes nobody's marks along: what was under way is tried again, alone.
    """
    failed, left = once(work, tasks, at_once)
    for task in left:
        more, lost = once(work, [task], 1)
        failed |= more | {
            student: "the process that graded it has ended" for _, student, *_ in lost
        }
    return failed


def once(work, tasks, at_once):
    """Return {student: reason} of what failed, and the tasks that a dying worker left undone."""
    failed, left = {}, list(tasks)
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(at_once, context, quiet) as pool:
        futures = {pool.submit(work, *task): task for task in tasks}
        for future in concurrent.futures.as_completed(futures):
            with contextlib.suppress(BrokenProcessPool):
                student, why = future.result()
                left.remove(futures[future])
                failed |= {student: why} if why else {}
    return failed, left


def quiet():
    """Have no log of nbgrader on the screen: what counts of it is returned."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


@functools.cache
def course():
    """Return nbgrader's API for this course, and the folder it takes submissions from."""
    from nbgrader.apps import NbGrader, NbGraderAPI

    os.chdir(HERE)
    app = NbGrader()
    app.load_config_file()
    taken = tempfile.TemporaryDirectory()
    app.config.CourseDirectory.submitted_directory = taken.name
    return NbGraderAPI(config=app.config), taken


def graded(name, student, content):
    """Return a student, and why the submission could not be graded, "" if it was."""
    api, taken = course()
    place = pathlib.Path(taken.name, student, name)
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{name}.ipynb").write_bytes(content)
    answer = api.autograde(name, student)
    if answer["success"]:
        mark_of(student, name).write_text(digest(content))
        return student, ""
    said = answer.get("log", "") + answer["error"]
    errors = re.findall(r"^ *(?:[\w.]*\.)?(\w*(?:Error|Exception|Ended)\b.*)", said, re.M)
    return student, next((one for one in errors if "NbGraderException" not in one), said[-200:])


def told(name, student):
    """Return a student, and why there is no feedback, "" if there is."""
    api, _ = course()
    answer = api.generate_feedback(name, student, force=True)
    for page in (HERE / "feedback" / student / name).glob("*.html"):
        page.write_text(guarded(page.read_text(encoding="utf-8")), encoding="utf-8")
    return student, "" if answer["success"] else f"no feedback: {answer['error'][-200:]}"


def table(name):
    """Write grades.csv, with how many answers are to be read; return how many in all."""
    from nbgrader.api import Gradebook

    command = [sys.executable, "-m", "nbgrader", "export", "--to=grades.csv"]
    ran = subprocess.run(command, cwd=HERE, capture_output=True, text=True)
    if ran.returncode:
        sys.exit(f"nbgrader export failed:\n{ran.stderr}")
    with Gradebook(f"sqlite:///{HERE}/gradebook.db", "lstm-lessons") as book:
        unread = {
            (one.name, submission.student.id): sum(
                grade.needs_manual_grade for page in submission.notebooks for grade in page.grades
            )
            for one in book.assignments
            for submission in one.submissions
            if last(submission.student.id, one.name)
        }
    with open(HERE / "grades.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with open(HERE / "grades.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*rows[0], "unread"])
        writer.writeheader()
        for row in rows:
            count = unread.get((row["assignment"], row["student_id"]), "")
            writer.writerow(row | {"unread": count})
    return sum(count for (assignment, _), count in unread.items() if assignment == name)


def remarks(name, student):
    """Yield what is unusual about a graded submission."""
    path = HERE / "autograded" / student / name / f"{name}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    yield from notebook["metadata"].get("remarks", [])
    for cell in notebook["cells"]:
        if "".join(cell["source"]).startswith(ADDED):
            yield f"{cell['metadata']['nbgrader']['grade_id']} was missing and was put back"


if __name__ == "__main__":
    main()
