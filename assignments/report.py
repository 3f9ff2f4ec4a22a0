"""Write a page on how the class does: python report.py, or make report.

Reads the gradebook, the predictions in submitted/ (as text: nothing of a student's is run) and,
with --memories FOLDER, files of answers that learners handed over. Writes report.html.
"""

import argparse
import ast
import importlib.util
import json
import pathlib

from reported import Mark, Prediction, page

from lstm_lessons import remembered
from lstm_lessons.appended import last_of
from lstm_lessons.asking.diagnosis import diagnose
from lstm_lessons.grading import PLAIN

HERE = pathlib.Path(__file__).resolve().parent
LONGEST = 100_000  # characters of a cell that is read


def main():
    """Write what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--memories", type=pathlib.Path, help="a folder of learners' .jsonl files")
    parser.add_argument("--names", action="store_true", help="say who has many zeros")
    options = parser.parse_args()
    if options.memories and not options.memories.is_dir():
        parser.error(f"--memories must be a folder, got {str(options.memories)!r}")
    learners = memories(options.memories) if options.memories else None
    text = page(marks(), predictions(), learners, options.names)
    (HERE / "report.html").write_text(text, encoding="utf-8")
    print("report.html is written")


def marks(folder=HERE):
    """Return the Marks in the gradebook of a folder, none if there is no gradebook."""
    from nbgrader.api import Gradebook

    if not (folder / "gradebook.db").exists():
        return []
    with Gradebook(f"sqlite:///{folder}/gradebook.db", "lstm-lessons") as book:
        return [
            Mark(
                one.name,
                grade.name.removeprefix("test-"),
                submission.student.id,
                grade.score,
                grade.max_score,
                bool(grade.needs_manual_grade),
            )
            for one in book.assignments
            for submission in one.submissions
            for notebook in submission.notebooks
            for grade in notebook.grades
        ]


def predictions():
    """Return a Prediction for each one in the notebooks that lie in submitted/."""
    import grade  # needs nbgrader

    found = []
    for source in sorted(path for path in (HERE / "source").iterdir() if path.is_dir()):
        asked = asked_in(json.loads((source / f"{source.name}.ipynb").read_text("utf-8")))
        tasks = module(source / "tasks.py")
        for student, folder in grade.handed_in(source.name).items():
            try:
                content = grade.notebook_of(student, folder, source.name)
            except (OSError, ValueError):
                continue  # grade.py says so
            for cell, name, questions, framework in asked:
                wanted = getattr(tasks, questions)(tasks.paper(student))
                for verdict in judged(typed(content, cell, name, len(wanted)), wanted, framework):
                    found.append(Prediction(source.name, student, *verdict))
    return found


def module(path):
    """Return the course's own module at a path."""
    spec = importlib.util.spec_from_file_location(f"tasks_{path.parent.name}", path)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def asked_in(source):
    """Return what the instructor's notebook has predicted: cell, name, questions, framework."""
    asked = []
    for cell in source["cells"]:
        code, marked = "".join(cell["source"]), cell["metadata"].get("nbgrader", {})
        if not marked.get("grade") or "predicted(" not in code:
            continue
        for call in ast.walk(ast.parse(code)):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "predicted":
                answers, questions = (ast.unparse(one).strip("[]") for one in call.args[:2])
                named = {one.arg: ast.literal_eval(one.value) for one in call.keywords}
                cell_id = marked["grade_id"].removeprefix("test-")
                asked.append((cell_id, answers, questions, named.get("framework", "keras")))
    return asked


def typed(content, cell_id, name, count):
    """Return the literals that a cell of a notebook assigns to a name; `...` for what is none.

    content: the bytes of the notebook. count: how many there must be.
    """
    import nbformat

    none = [...] * count
    try:
        cells = nbformat.reads(content.decode(), as_version=4).cells
        marks = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells]
        code = cells[marks.index(cell_id)].source
        body = ast.parse(code[:LONGEST]).body
    except Exception:  # whatever is amiss with what was handed in, it is not read
        return none
    for line in reversed(body):
        if isinstance(line, ast.Assign) and [getattr(one, "id", "") for one in line.targets] == [
            name
        ]:
            several = isinstance(line.value, (ast.List, ast.Tuple)) and count > 1
            each = line.value.elts if several else [line.value]
            return [literal(one) for one in each] if len(each) == count else none
    return none


def literal(node):
    """Return the value of a node that is a plain literal, else `...`."""
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return ...
    return value if plain(value) else ...


def plain(value):
    """Return whether a value is text or numbers, nested in tuples or lists."""
    return all(map(plain, value)) if isinstance(value, (tuple, list)) else type(value) in PLAIN


def judged(answers, questions, framework):
    """Yield the status and beliefs of each answer."""
    for answer, question in zip(answers, questions, strict=True):
        if answer is ...:
            yield "not read", ()
        else:
            verdict = diagnose(question, answer, framework)
            yield verdict.status, verdict.misconceptions


def memories(folder):
    """Return the answers of each learner, a list for each file that has some; copies count once."""
    texts = {
        last_of(path, remembered.MOST)
        for path in sorted(folder.rglob("*.jsonl"))
        if path.is_file() and not path.is_symlink()
    }
    return [came for came, _ in map(remembered.parsed, sorted(texts)) if came]


if __name__ == "__main__":
    main()
