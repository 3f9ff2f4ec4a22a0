"""Makes the lessons live in the book: each is played, what its questions ask and what the real
layers answer is recorded, and a form takes the place of a control's stored output.

`lstm_lessons.paged` writes the forms, and answers them in the reader's browser; here is what brings
the two there: the course's own Python as a zip, what was recorded, and Pyodide's core.
"""

import gzip
import hashlib
import json
import os
import re
import shutil
import sys
import zipfile
from contextlib import ExitStack
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from unittest import mock

import nbformat
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

import lstm_lessons
from lstm_lessons import Question, Spec, abreast, live, paged
from lstm_lessons.examining.exam import exam_on
from lstm_lessons.picks import presses, there
from lstm_lessons.practice import of_lesson
from lstm_lessons.recording import record, record_of
from notebooks import forget_settings

HERE = Path(__file__).parent
ROOT = HERE.parent
PYODIDE = Path(sys.prefix, "book/node_modules/pyodide")
CORE = ("pyodide.mjs", "pyodide.asm.mjs", "package.json")
WASM, LOCK, LIBRARY = "pyodide.asm.wasm", "pyodide-lock.json", "python_stdlib.zip"
# What no page needs of Python's library: servers, mail, debuggers, compilers, other processes,
# consoles, other formats, and how other texts than UTF-8 are written.
UNUSED = re.compile(
    "(_pyio|xml|cProfile|profile|pstats|trace|webbrowser|getopt|cmd|bdb|code|wave|venv|ensurepip|"
    "_pyrepl|unittest|multiprocessing|xmlrpc|wsgiref|pydoc_data|pydoc|pdb|doctest|imaplib|mailbox"
    "|ftplib|smtplib|poplib|optparse|turtle|tkinter|idlelib|pickletools|tarfile|sqlite3|curses"
    "|configparser|uuid|compileall|filecmp|plistlib|tabnanny|zipapp|symtable|sched|shelve|netrc|fileinput|timeit|modulefinder"
    "|socketserver|py_compile|graphlib|tomllib|colorsys)[/.]"
    "|http/(server|cookie)|encodings/(cp(?!437)|iso|mac_|koi|big5|euc|gb|hz|johab|kz|ptcp|shift|tis|palm|hp_|quopri|uu_)"
)
# What no page can import, as it needs a framework or ipywidgets, and what hands lessons out.
FRAMEWORKS = re.compile(
    "_keras|_torch|widgets|plots|live|answering|controls|settings|recording|__main__|doctor"
    "|my_lessons|opening"
)
SOLUTION = re.compile(r"<summary>One solution</summary>.*?```python\n(.*?)```", re.S)
MARKED = re.compile(r"<!-- live: (\w+) -->")
VERSIONS = {name: version(name) for name in ("keras", "torch")}
HERE_LIVE = """*You read this in a browser: predictions, indexes and settings are answered in the
page. Cells show what they showed when they ran. To run them, and to have exercises checked, open
the course in JupyterLab. What real layers returned was recorded from Keras {keras} and PyTorch
{torch}.*"""
SOUGHT = {
    "find": paged.Sought("Words, a question, or a message:", 2),
    "error": paged.Sought("The message, or the whole traceback:", 8, error=True),
    "begin": paged.Asked(Spec(), "keras"),
}


def setup(app):
    """Play the lessons, write their forms, and bring along what answers."""
    app.add_js_file("live.js", defer="defer")
    app.add_css_file("live.css")
    # Before others add cells: what can be live is known by its cell's number.
    app.connect("source-read", write, priority=100)
    app.connect("build-finished", lambda app, error: error or bring(Path(app.outdir)), priority=800)
    app.connect("build-finished", lambda app, error: error or keep(Path(app.outdir)), priority=999)
    return {"parallel_read_safe": False}


def write(app, page, source):
    """Put forms into the source of a page."""
    if not page.startswith("notebooks/"):
        source[0] = marked(source[0])
        return
    notebook = nbformat.reads(source[0], as_version=4)
    found = offered(ROOT / f"{page}.ipynb")
    for number, lives in found.items():
        html = {"text/html": "".join(block(key, one) for key, one in lives.items())}
        notebook.cells[number].outputs = [nbformat.v4.new_output("display_data", html)]
    if found:
        said = nbformat.v4.new_markdown_cell(HERE_LIVE.format(**VERSIONS), id="here")
        notebook.cells.insert(1, said)
    source[0] = nbformat.writes(notebook)


def marked(text):
    """Return a text with forms in place of its marks."""
    return MARKED.sub(lambda at: block(at[1], SOUGHT[at[1]]), text)


def offered(path):
    """Return what the cells of a lesson offer, by their numbers: what is live, by its key."""
    stem, found = path.stem[:2], played(path)
    return {
        number: {f"{stem}-{number}" + f"-{at}" * bool(at): one for at, one in enumerate(lives)}
        for number, lives in found.items()
    }


def block(key, one):
    """Return what stands in a page for something live, or for what is drawn and no more."""
    return one if isinstance(one, str) else paged.block(key, one)


def played(path):
    """Return what the cells of a lesson offer that can be live, by their numbers: lists of it."""
    return kept_once(path.stem, path.read_bytes(), lambda: play(path))


def kept_once(name, source, make):
    """Return what is made, or was made before of the same source by the same package and versions.

    Lessons take minutes, and a change to the prose beside them none.
    """
    package = (one.read_bytes() for one in sorted((ROOT / "lstm_lessons").rglob("*.py")))
    of = b"".join([source, *package, str(VERSIONS).encode()])
    place = ROOT / f"dist/played/{name}-{hashlib.sha256(of).hexdigest()[:16]}.bin"
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_suffix(f".{os.getpid()}")
        part.write_bytes(paged.packed(make()))
        part.replace(place)
    return paged.unpacked(place.read_bytes())


def play(path):
    """Play a lesson, its exercises solved, and return what played does."""
    notebook, found, now = nbformat.read(path, as_version=4), {}, 0
    if not CALLED.search("\n".join(cell.source for cell in notebook.cells)):
        return found

    def recorder(make):
        return lambda *given, **named: found.setdefault(now, []).extend(make(*given, **named))

    shell = InteractiveShell()
    with ExitStack() as patched:
        for module, make in MAKERS:
            name, instead = make.__name__, recorder(make)
            patched.enter_context(mock.patch.object(module, name, instead, create=True))
        for now, cell in enumerate(notebook.cells):
            if cell.cell_type == "code":
                with capture_output():
                    ended = shell.run_cell(solved(notebook.cells[now:]))
                ended.raise_error()
    forget_settings()
    return found


def solved(cells):
    """Return the code of the first cell, of an exercise that of the first solution below it."""
    if "exercise" not in cells[0].metadata.get("tags", ()):
        return cells[0].source
    return next(filter(None, (SOLUTION.search(cell.source) for cell in cells)))[1]


def ask(question, *given, **named):
    """Return the predictions of an `ask`; of a network, one for each of its questions."""
    if isinstance(question, Spec):
        return [paged.Asked(question, *given, **{"framework": "keras", **named})]
    if isinstance(question, Question):
        return [paged.Asked(paged.recorded(question), **{"framework": "keras", **named})]
    exam = exam_on(question, *given, **named)
    whole = [(of_lesson(one.question, one.call.spec), one.html) for one in exam.asked]
    return [paged.Asked(paged.recorded(one), exam.framework, html) for one, html in whole]


def pick(spec=None, framework="keras", index="", **arrays):
    """Return what a `pick` takes indexes of, with the real layer's numbers."""
    tensors = there(spec or Spec(), framework, arrays)
    first = index or next(one for one in presses(tensors) if "[" in one)
    return [paged.Picked(tensors, first, bool(arrays) or framework != "torch")]


def explore(spec=None, framework="keras", beyond=False):
    """Return the settings of an `explore`."""
    return [paged.Explored(spec or Spec(), framework, beyond)]


def all_four(spec=None, framework="keras"):
    """Return the four scenarios as they stand at first."""
    return [abreast.scenarios(spec or Spec(), framework)]


MAKERS = [(lstm_lessons, ask), (lstm_lessons, pick), (lstm_lessons, explore), (live, all_four)]
CALLED = re.compile(rf"\b({'|'.join(make.__name__ for _, make in MAKERS)})\(")


def bring(site):
    """Bring along what answers: Python, the course, and what was recorded."""
    front, home = site / "index.html", site / "live"
    front.write_text(marked(front.read_text(encoding="utf-8")), encoding="utf-8")
    home.mkdir(exist_ok=True)
    shutil.copy(HERE / "live/worker.js", home)
    course(home / "course.zip")
    (home / "recorded.bin").write_bytes(paged.packed(recorded()))
    core(home / "pyodide")


def recorded():
    """Return what is brought to the browser: all that is live, and the numbers of its pictures."""
    every = [offered(path) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
    lives = {key: one for cells in every for cell in cells.values() for key, one in cell.items()}
    lives = {key: one for key, one in (SOUGHT | lives).items() if not isinstance(one, str)}
    specs = sorted(larger(lives.values()), key=repr)
    source = repr(specs).encode()
    numbers = kept_once("numbers", source, lambda: (record(), record_of(*specs)))
    return paged.Kept(numbers, {key: replace(one) for key, one in lives.items()})


def keep(site):
    """List the files of the finished site, for readers without a network, under its version."""
    files = sorted(str(one.relative_to(site)) for one in site.rglob("*") if one.is_file())
    files = [one for one in files if one[0] != "." and one not in ("files.json", "keep.js")]
    (site / "files.json").write_text(json.dumps(files))
    digest = hashlib.sha256(b"".join((site / one).read_bytes() for one in files)).hexdigest()[:12]
    keeper = (HERE / "live/keep.js").read_text(encoding="utf-8")
    (site / "keep.js").write_text(keeper.replace("VERSION", digest), encoding="utf-8")


def larger(lives):
    """Return the Specs that predictions draw: their sizes may be beyond those of the record."""
    return {spec for one in lives if isinstance(one, paged.Asked) for spec in one.drawn()}


def course(path):
    """Write the course's own package as a zip, the same bytes each time."""
    package = ROOT / "lstm_lessons"
    with zipfile.ZipFile(path, "w") as packed:
        for one in sorted([*package.rglob("*.py"), package / "places.json"]):
            if FRAMEWORKS.match(one.name):
                continue
            entry = zipfile.ZipInfo(str(one.relative_to(ROOT)))
            packed.writestr(entry, one.read_bytes(), zipfile.ZIP_DEFLATED, 9)


def core(home):
    """Copy Pyodide's core: no packages, and its largest file compressed."""
    home.mkdir(exist_ok=True)
    for name in CORE:
        shutil.copy(PYODIDE / name, home)
    with zipfile.ZipFile(PYODIDE / LIBRARY) as whole, zipfile.ZipFile(home / LIBRARY, "w") as part:
        for one in whole.infolist():
            if not UNUSED.match(one.filename):
                part.writestr(one, whole.read(one), zipfile.ZIP_DEFLATED, 9)
    packed = gzip.compress((PYODIDE / WASM).read_bytes(), mtime=0)
    (home / f"{WASM}.packed").write_bytes(packed)
    lock = json.loads((PYODIDE / LOCK).read_text(encoding="utf-8"))
    (home / LOCK).write_text(json.dumps(lock | {"packages": {}}), encoding="utf-8")
