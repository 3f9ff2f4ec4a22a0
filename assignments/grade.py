"""Grade an assignment: python grade.py NAME, or make grade ARGS=NAME.

Grades each submission that lies in submitted/<student>/NAME/ in a process of its own, several at a
time, so that one that hangs, dies or can't be read holds up nobody. Then writes feedback/ and
grades.csv, and lists what a person should look at.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
LIMIT = 900  # seconds for one submission
ADDED = "# This cell (id:"  # how nbgrader begins a cell that it put back


def main():
    """Grade what the command line names; exit with 1 if a submission could not be graded."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", help="the assignment")
    parser.add_argument("--force", action="store_true", help="also those that are graded already")
    parser.add_argument("--at-once", type=int, default=os.cpu_count(), help="how many at a time")
    options = parser.parse_args()
    found = sorted(path.parent.name for path in HERE.glob(f"submitted/*/{options.name}"))
    if not found:
        sys.exit(f"submitted/<student>/{options.name}/ must hold submissions, got none")
    force = ["--force"] if options.force else []
    with concurrent.futures.ThreadPoolExecutor(options.at_once) as pool:
        failed = dict(pool.map(lambda student: graded(options.name, student, force), found))
    for words in (["generate_feedback", options.name, "--force"], ["export", "--to=grades.csv"]):
        answer = nbgrader(*words)
        if answer.returncode:
            sys.exit(f"nbgrader {words[0]} failed:\n{answer.stderr}")
    failed = {student: why for student, why in failed.items() if why}
    print(f"{len(found) - len(failed)} of {len(found)} graded: grades.csv, feedback/")
    for student in found:
        for remark in [failed[student]] if student in failed else remarks(options.name, student):
            print(f"  {student}: {remark}")
    sys.exit(bool(failed))


def graded(name, student, options):
    """Return a student, and why the submission could not be graded, "" if it was."""
    try:
        answer = nbgrader("autograde", name, f"--student={student}", *options)
    except subprocess.TimeoutExpired:
        return student, f"not graded: not done after {LIMIT} seconds"
    if answer.returncode == 0:
        return student, ""
    errors = re.findall(r"^ *([\w.]*(?:Error|Exception)\b.*)", answer.stderr, re.M)
    return student, f"not graded: {errors[-1] if errors else answer.stderr[-200:]}"


def nbgrader(*words):
    """Return what nbgrader answered, run in this folder."""
    command = [sys.executable, "-m", "nbgrader", *words]
    return subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=LIMIT)


def remarks(name, student):
    """Yield what is unusual about a graded submission."""
    notebook = HERE / "autograded" / student / name / f"{name}.ipynb"
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        about = cell["metadata"].get("nbgrader", {})
        outputs = cell.get("outputs", [])
        errors = [f"{one['ename']}: {one['evalue']}" for one in outputs if "ename" in one]
        results = [one for one in outputs if one["output_type"] == "execute_result"]
        where = about.get("grade_id", "a cell")
        if about.get("grade_id") == "canary":
            if not any("fails on purpose" in error for error in errors):
                yield "wrong answers earned points: the checks were tampered with"
            continue
        if "".join(cell["source"]).startswith(ADDED):
            yield f"{where} was missing and was put back"
        if any("CellTimeout" in error for error in errors):
            yield f"{where} was ended at the limit of time"
        if about.get("grade_id") == "setup" and errors:
            yield errors[0]
        if about.get("grade") and not about.get("solution") and len(results) + len(errors) != 1:
            yield f"{where} shows {len(results)} results instead of one: look at what it calls"


if __name__ == "__main__":
    main()
