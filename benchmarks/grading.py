"""How long grading takes, next to running the same notebook in a bare kernel.

Prints a table: python benchmarks/grading.py. Times vary with the machine; the ratio is what to look
at. The submissions are the source notebooks themselves, so that everything in them runs.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import nbformat
from nbclient import NotebookClient

SOURCES = pathlib.Path(__file__).resolve().parent.parent / "assignments"
MADE = shutil.ignore_patterns("submitted", "autograded", "feedback", "gradebook.db", "grades.csv")


def seconds(work, *arguments):
    """Return how long a function takes."""
    start = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - start


def submitted(course, name, student):
    """Return the path of a submission that has every solution in it."""
    text = (course / f"source/{name}/{name}.ipynb").read_text(encoding="utf-8")
    place = course / f"submitted/{student}/{name}"
    place.mkdir(parents=True)
    shutil.copy(course / f"source/{name}/tasks.py", place)
    path = place / f"{name}.ipynb"
    path.write_text(text.replace(r"student = \"...\"", rf"student = \"{student}\""))
    return path


def bare(path):
    """Run a submission in a kernel of its own, without a box and without a judge."""
    notebook = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(notebook, timeout=60, allow_errors=True, resources=resources)
    client.execute()


def graded(course, name, at_once):
    """Grade what is submitted to a course."""
    command = [sys.executable, "grade.py", name, "--force", "--at-once", str(at_once)]
    subprocess.run(command, cwd=course, check=True, stdout=subprocess.DEVNULL)


def rows(students=12):
    """Yield for each assignment: its name, seconds bare, and seconds a submission when graded, one
    at a time and two at a time.
    """
    for name in sorted(path.name for path in (SOURCES / "source").iterdir()):
        with tempfile.TemporaryDirectory() as folder:
            course = pathlib.Path(folder) / "course"
            shutil.copytree(SOURCES, course, ignore=MADE)
            command = [sys.executable, "-m", "nbgrader", "generate_assignment", name, "--force"]
            subprocess.run(command, cwd=course, check=True, capture_output=True)
            paths = [submitted(course, name, f"student{number}") for number in range(students)]
            alone = min(seconds(bare, path) for path in paths[:2])
            one, two = (seconds(graded, course, name, n) / students for n in (1, 2))
            yield name, alone, one, two


def table(measured):
    """Return the measurements as Markdown."""
    lines = [
        "| assignment | bare, s | graded, s a submission | ratio | two at a time "
        "| 300, minutes, at most |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, alone, one, two in measured:
        lines.append(
            f"| {name} | {alone:.1f} | {one:.1f} | {one / alone:.2f} | {two:.1f} | "
            f"{300 * two / 60:.0f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(rows()))
