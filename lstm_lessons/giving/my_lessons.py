"""The learner's own copies of the lessons, my-lessons/: given once, and renewed until touched.

A copy keeps in its metadata which version of the course gave it, and a digest of its cells as they
were given. If they are still so, nobody has worked in it: when the course's lesson has changed, it
is replaced. If not, it stays, and the new lesson is put beside it. Outputs are no work: what was
typed into a control is in .answers.jsonl, and comes back.

A class of one framework can have the lessons without the other: a cell tagged "keras" or "torch"
is of this one alone, and one with both tags compares the two. So is a line that ends in such a
comment, and a column of a table that is headed by a framework. A lesson without a cell of the other
alone stays whole. What was chosen is kept beside the copies.

course.py imports this before anything is installed: it needs nothing but Python. And since it is
imported by its file, it has more than 300 lines.
"""

import argparse
import contextlib
import hashlib
import itertools
import json
import os
import pathlib
import re
import sys

PACKED = pathlib.Path(__file__).resolve().parents[1] / "_notebooks"  # of the wheel, in pyproject
HERE = PACKED.parents[1]  # of the course, where it is not packed
AFTER, PREDICT = "###### After your prediction", "###### Predict\n\n"  # headings of my-lessons/
OURS = "lstm_lessons"  # where a notebook's metadata says what it was given as
OF = {"code": "# {}$", "markdown": "<!--{}-->$"}  # the comment of a line
LAST = re.compile(r"^(- .*);$(?!\n- )", re.M)  # of a list whose end was of the other framework
TITLES = {"keras": "Keras", "torch": "PyTorch"}
FOR = {"keras": "Keras alone", "torch": "PyTorch alone", "both": "both frameworks"}
CHOSEN = ".framework.json"  # which of them the lessons were last asked for; not there: both
SEEN = ".beside.json"  # for each touched lesson, the digest of what was put beside it last


def asked(options):
    """Return what --framework asks for, None if it is not there, and the other options."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--framework", nargs="?", const="nothing")
    known, others = parser.parse_known_args(options)
    if known.framework not in (None, *FOR):
        must = "--framework must be torch, keras or both"
        sys.exit(f"{must}, got {known.framework}; try --framework torch")
    return known.framework, others


def brought(notebooks, mine, colab=False, framework=None):
    """Return the names of the lessons that were missing in my-lessons/ and are there now.

    notebooks: the folder of the course's lessons. mine: the learner's folder, made if need be.
    colab: whether Colab opens what is there, too; its cell stays in the lessons then.
    framework: "keras" or "torch", so that the lessons are without the other, or "both"; what was
        chosen last if None.
    """
    try:
        mine.mkdir(exist_ok=True)
        for copy in mine.glob(".~*.ipynb"):
            put_back(copy)
        if framework not in (None, chosen(mine)):
            put(framework, mine / CHOSEN)
        every = sorted(notebooks.glob("*.ipynb"))
        lessons = {path.name: given(path, colab, chosen(mine)) for path in every}
        return [name for name, lesson in lessons.items() if bring(lesson, mine / name)]
    except OSError as error:
        sys.exit(
            f"{mine} must be a folder that can be written to, got {trouble(mine, error)}; "
            "mend that and start again"
        )


def chosen(folder):
    """Return which frameworks the lessons of a folder are for, one of FOR."""
    with contextlib.suppress(OSError, ValueError, RecursionError, TypeError):
        kept = json.loads((folder / CHOSEN).read_text(encoding="utf-8"))
        return kept if kept in FOR else "both"
    return "both"


def trouble(folder, error):
    """Return what is wrong with a folder that an error came from."""
    if folder.is_dir():
        return error.strerror or error
    return f"a link to {os.readlink(folder)}" if folder.is_symlink() else "a file"


def bring(lesson, mine):
    """Put a lesson where it is missing, or renew what is there; return whether it was missing."""
    copy = found(mine)
    if copy is None:
        put(lesson, mine)
        return True
    if copy:
        renew(copy, lesson, mine)
    return False


def renew(copy, lesson, mine):
    """Replace the copy of a lesson that has changed, or put the new one beside it."""
    standing = compared(copy, lesson, mine)
    if standing == "untouched":
        put(lesson, mine)
        say(f"{mine.name} was as it was given, and is now the course's {called(lesson, copy)}")
    elif standing == "touched":
        beside(lesson, mine, called(lesson, copy))
    elif standing == "unmarked" and os.access(mine, os.W_OK):
        kept = copy["metadata"] if isinstance(copy.get("metadata"), dict) else {}
        put({**copy, "metadata": {**kept, OURS: lesson["metadata"][OURS]}}, mine)


def compared(copy, lesson, path):
    """Return how a copy stands to the course's lesson.

    "current": the lesson has not changed since it was given. "unmarked": nor has it, but the copy
    does not say so, as it is older than these marks. "untouched": it has, and nobody has worked in
    the copy. "touched": somebody has, or nobody may write there.
    """
    now, was, wanted = digest(copy["cells"]), marked(copy), marked(lesson)
    if wanted in (now, was):
        return "current" if was == wanted else "unmarked"
    return "untouched" if now == was and os.access(path, os.W_OK) else "touched"


def marked(notebook):
    """Return the digest that a notebook was given with; None if it has none."""
    return marks(notebook).get("given")


def marks(notebook):
    """Return what a notebook was given as: version, digest, framework; {} if it does not say."""
    with contextlib.suppress(KeyError, TypeError):
        kept = notebook["metadata"][OURS]
        return kept if isinstance(kept, dict) else {}
    return {}


def digest(cells):
    """Return a digest of the kinds and sources of cells; "" if they are none.

    Empty cells do not count: JupyterLab adds one when the last cell is run.
    """
    with contextlib.suppress(AttributeError, KeyError, TypeError):
        every = [(cell["cell_type"], "".join(cell["source"])) for cell in cells]
        written = json.dumps([one for one in every if one[1].strip()])
        return hashlib.sha256(written.encode()).hexdigest()
    return ""


def called(lesson, copy):
    """Return what to call a lesson that is another than a copy: newer, or of other frameworks."""
    was, now = (marks(one).get("framework", "both") for one in (copy, lesson))
    kind = "newer one" if was == now else f"new one for {FOR[now]}"
    return f"{kind} ({marks(lesson)['version']})"


def beside(lesson, mine, name):
    """Put a changed lesson beside the copy that somebody has worked in, once for each change.

    name: what to call it.
    """
    new, seen = mine.with_name(f"{mine.stem} (new).ipynb"), offered(mine.parent)
    if seen.get(mine.name) == marked(lesson):
        return
    copy = found(new)
    if copy == {}:
        return
    standing = compared(copy, lesson, new) if copy else "missing"
    if standing == "touched":
        told = f"{new.name} has changes of yours and stays; the course has a {name}"
        say(f"{told}; to get it, give yours another name and start again")
        return
    if standing in ("missing", "untouched"):
        put(lesson, new)
        told = f"{mine.name} has changes of yours and stays; the course's {name}"
        say(f"{told} is beside it: {new.name}")
    put({**seen, mine.name: marked(lesson)}, mine.with_name(SEEN))


def offered(folder):
    """Return what was put beside touched lessons: their names, and each one's digest."""
    with contextlib.suppress(OSError, ValueError, RecursionError):
        kept = json.loads((folder / SEEN).read_text(encoding="utf-8"))
        return kept if isinstance(kept, dict) else {}
    return {}


def read(path):
    """Return what is in a notebook; None if a file is none, or half of one."""
    try:
        there = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return None
    return there if isinstance(there, dict) and {"cells", "nbformat"} <= there.keys() else None


def found(notebook):
    """Return what is in a learner's notebook; None if it is not there, {} if it can't be read.

    What is no notebook is put aside, as if it were not there.
    """
    try:
        there = read(notebook)
    except OSError as error:
        if not os.path.lexists(notebook):
            return None
        say(f"{notebook} is left alone, as it can't be read: {error.strerror}")
        return {}
    if there is None:
        aside(notebook)
    return there


def put_back(copy):
    """Put back a notebook whose saving was cut short: Jupyter keeps its last whole form."""
    notebook = copy.with_name(copy.name[2:])
    with contextlib.suppress(OSError):  # what can't be read is told of when its lesson is looked at
        there = os.path.lexists(notebook)
        if there and read(notebook):
            copy.unlink()
        elif not read(copy):
            aside(copy)
        else:
            if there:
                aside(notebook)
            copy.replace(notebook)


def aside(path):
    """Put what is in the place of something of ours under another name, and say so."""
    name = path.name.lstrip(".~")
    places = (path.with_name(f"{name}.broken-{number}") for number in itertools.count(1))
    away = next(place for place in places if not os.path.lexists(place))
    path.rename(away)
    say(f"{path} was broken; what was there is now {away.name}")


def say(line):
    """Print a line at once."""
    print(line, flush=True)


def put(what, path):
    """Write a notebook or a list as JSON, whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_text(json.dumps(what, indent=1) + "\n", encoding="utf-8")
        part.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()


def given(path, colab=False, framework="both"):
    """Return a lesson as learners get it: no outputs, folds, and a mark of what it was.

    colab: whether it keeps the cell that is for Colab alone. framework: one of FOR; where it is not
    "both", what comes after no prediction is not folded.
    """
    lesson = read(path)
    if lesson is None:
        sys.exit(f"{path} must be a notebook, got half of one; fetch the course again")
    cells = [cell for cell in lesson["cells"] if colab or "colab" not in tags(cell)]
    if framework != "both":
        cells = list(of_one(cells, framework))
    for cell in cells:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    lesson["cells"] = folded(cells)
    kept = {"version": version(), "given": digest(lesson["cells"])}
    lesson["metadata"][OURS] = kept | ({"framework": framework} if framework != "both" else {})
    return lesson


def of_one(cells, framework):
    """Yield what is of this framework, or of any, in the cells of a lesson; all if none is not."""
    [(other, title)] = [item for item in TITLES.items() if item[0] != framework]
    if not any(TITLES.keys() & tags(cell) == {other} for cell in cells):
        yield from cells
        return
    asked = before = False
    for cell in (cell for cell in cells if other not in tags(cell)):
        comment = OF.get(cell["cell_type"], "$").format("(keras|torch|keras, torch)")
        lines = [re.split(f" *{comment}", line) for line in "".join(cell["source"]).splitlines()]
        kept = [first for first, *of in lines if other not in "".join(of)]
        if cell["cell_type"] == "markdown":
            kept = without_column(kept, title)
        cell["source"] = [LAST.sub(r"\1.", "\n".join(kept).strip("\n"))]
        after = "after" in tags(cell)
        asked = (asked and (after or not before)) or cell["source"][0].startswith("ask(")
        if after and not asked:
            cell["metadata"]["tags"] = [tag for tag in tags(cell) if tag != "after"]
        before = after
        yield cell


def without_column(lines, title):
    """Return lines of Markdown, less what stands below a title that begins a column of a table."""
    shown, out = [], None
    for line in lines:
        row = re.split(r"(?<!\\)\|", line) if line.startswith("|") else []
        if not row:
            out = None
        elif out is None:
            out = [at for at, one in enumerate(row) if one.strip().startswith(title)]
        shown.append("|".join(one for at, one in enumerate(row) if at not in out) if out else line)
    return shown


def notebooks():
    """Return the folder of the course's lessons: an installed package has them inside."""
    return PACKED if PACKED.is_dir() else HERE / "notebooks"


def version():
    """Return the version of the course."""
    if PACKED.is_dir():
        from importlib import metadata  # not there before Python 3.8

        return metadata.version("lstm-lessons")
    project = (HERE / "pyproject.toml").read_text(encoding="utf-8")
    return re.search('^version = "(.+)"', project, re.M).group(1)


def tags(cell):
    """Return what a cell is tagged with."""
    return cell["metadata"].get("tags", ())


def folded(cells):
    """Return a lesson's cells, what is tagged "after" folded until the learner opens it.

    JupyterLab and Notebook fold what is below a heading, up to the next one. So each run of such
    cells gets a heading above it, and so does what comes next, unless it begins with one.
    """
    shown, before = [], False
    for cell in cells:
        after = "after" in tags(cell)
        if after and not before:
            fold = {"cell_type": "markdown", "id": f"above-{cell['id']}", "source": [AFTER]}
            shown.append(fold | {"metadata": {"jp-MarkdownHeadingCollapsed": True}})
        if before and not after and not "".join(cell["source"]).startswith("#"):
            cell["source"] = [PREDICT, *cell["source"]]
        shown.append(cell)
        before = after
    return shown
