"""Run the tests with the oldest, Colab's and the newest releases: make test-matrix.

    python tools/matrix.py [SET or PYTHON ...]   as in: lowest 3.11; all of both where none is named

Each set of each Python gets an environment in the folder for temporary files (TMPDIR), made by pip
as course.py makes .venv, and a row in benchmarks/VERSIONS.md.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from xml.etree import ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))
import course  # noqa: E402

TABLE = ROOT / "benchmarks/VERSIONS.md"
PLACE = pathlib.Path(tempfile.gettempdir(), "lstm-lessons-matrix")
PYTHONS = ("3.11", "3.12", "3.13")
# What counts of pip-freeze.txt in github.com/googlecolab/backend-info, of 19 August 2026 (commit
# a724079). Colab's own Python is 3.13; it runs no JupyterLab.
COLAB = {
    "numpy": "2.1.3",
    "ipywidgets": "7.7.1",
    "matplotlib": "3.10.0",
    "keras": "3.13.2",
    "tensorflow": "2.20.0",
    "torch": "2.11.0",
    "ipython": "7.34.0",
    "ipykernel": "6.17.1",
    "jupyter_client": "7.4.9",
    "traitlets": "5.7.1",
    "nbclient": "0.10.4",
}
# The first releases for a Python, where the oldest that the course takes have none; and the Keras
# that the first TensorFlow asks for.
FIRST = {
    "3.13": {
        "numpy": "2.1.0",
        "matplotlib": "3.9.2",
        "keras": "3.10.0",
        "tensorflow": "2.20.0",
        "torch": "2.5.0",
    }
}
SHOWN = ("numpy", "keras", "tensorflow", "torch", "ipywidgets", "matplotlib")
TESTERS = ("pytest", "pytest-xdist", "nbval", "nbclient", "nbformat", "hypothesis", "pyyaml")
# What is of the repository, whatever the versions: set-up, documents, site, classroom, types.
ELSEWHERE = (
    *("browser", "grading", "hub", "test_bank.py", "test_book.py", "test_course.py"),
    *("test_deploy.py", "test_docs.py", "test_environment.py", "test_live_book.py"),
    *("test_matrix.py", "test_my_lessons.py", "test_site.py", "test_teaching.py", "test_types.py"),
)
NOT_TRIED = "not tried"
HEAD = f"""# What the tests were run with

Written by `make test-matrix` (`tools/matrix.py`) on Linux, a row at a time. *lowest*: the bounds in
`pyproject.toml`; for Python 3.13 the first releases that it has. *colab*: what Colab lists
(googlecolab/backend-info, 19 August 2026; with IPython 7.34, and Python 3.13 of its own). *newest*:
what pip chose that day. The tests are those of `make test` that look at frameworks and packages,
with all their rows; one that failed was run once more, by itself. Of the lessons, run whole, a cell
passes that raises nothing: numbers and messages may differ.

| set | Python | {" | ".join(SHOWN)} | tests | cells of lessons | failed |
| --- | --- |{" --- |" * (len(SHOWN) + 3)}
"""


def needed():
    """Return what the course needs, by name: the oldest release, and the marker behind it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = project["dependencies"] + project["optional-dependencies"]["course"]
    found = (re.fullmatch(r"([\w-]+)>=([\d.]+)(;.*)?", line) for line in lines)
    return {one[1]: (one[2], one[3] or "") for one in found}


def sets(version=PYTHONS[0]):
    """Return what pip is asked for with a Python, by the name of the set."""
    first = FIRST.get(version, {})
    lowest = [
        f"{name}=={first.get(name.removesuffix('-cpu'), oldest)}{marker}"
        for name, (oldest, marker) in needed().items()
    ]
    newest = [f"{name}{marker}" for name, (_, marker) in needed().items()]
    pins = {name: COLAB.get(name.removesuffix("-cpu")) for name in needed()}
    ours = [f"{name}=={pin}{needed()[name][1]}" for name, pin in pins.items() if pin]
    others = [f"{name}=={pin}" for name, pin in COLAB.items() if name not in needed()]
    return {"lowest": lowest, "colab": ours + others, "newest": newest}


def python(version):
    """Return the path of a Python, of the PATH or of pyenv; None if there is none that answers."""
    homes = pathlib.Path.home().glob(f".pyenv/versions/{version}.*/bin/python")
    for one in (shutil.which(f"python{version}"), *sorted(homes)):
        if one and not subprocess.run([one, "-V"], capture_output=True).returncode:
            return str(one)
    return None


def made(name, version, wanted):
    """Return the Python of an environment with what is wanted, or in a line why there is none."""
    start, home = python(version), PLACE / f"{name}-{version}"
    if not start:
        return None, f"no Python {version} on this machine"
    run = home / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not run.exists():
        subprocess.run([start, "-m", "venv", "--clear", str(home)], check=True)
    torch = [one for one in wanted if one.startswith("torch")]
    small = ["--no-deps", "--retries", "0", "--timeout", "5", "--index-url", course.TORCH_CPU]
    pip(run, "install", *small, *torch)
    done = pip(run, "install", "--upgrade", "--only-binary", ":all:", *wanted, *TESTERS)
    if done.returncode:
        return None, ["pip failed", *re.findall(r"ERROR: (.*)", done.stderr)][-1]
    pip(run, "uninstall", "--yes", "triton")  # as course.py does: see part_with_triton there
    pip(run, "install", "--no-deps", "--editable", str(ROOT))
    return run, ""


def pip(run, *options):
    """Run a Python's pip and return how it ended."""
    command = [str(run), "-m", "pip", "--disable-pip-version-check", *options]
    return subprocess.run(command, capture_output=True, text=True)


def tested(run, *options):
    """Run the tests and the lessons with a Python; return the paths of pytest's reports.

    The second is of the tests that failed: run once more, by themselves.
    """
    home = run.parent.parent
    first, again = home / "report.xml", home / "again.xml"
    for report in (first, again):
        report.unlink(missing_ok=True)
    apart = [f"--ignore=tests/{name}" for name in ELSEWHERE]
    common = [
        str(run),
        "-m",
        "pytest",
        "-q",
        "-m",
        "rows or not more",
        *apart,
        "-o",
        f"cache_dir={home}/cache",
    ]
    all_ = ["-n", "2", "--dist", "loadfile", "--nbval-lax", "notebooks", "tests"]
    subprocess.run([*common, *all_, f"--junitxml={first}", *options], cwd=ROOT)
    few = ["-n", "0", "--last-failed", "--last-failed-no-failures", "none", "tests"]
    subprocess.run([*common, *few, f"--junitxml={again}", *options], cwd=ROOT)
    return first, again


def cases(report):
    """Yield the tests and cells of a report that were not skipped, and whether each went wrong."""
    for case in ElementTree.parse(report).iter("testcase") if report.exists() else ():
        if case.find("skipped") is None:
            yield case, case.find("failure") is not None or case.find("error") is not None


def counted(first, again):
    """Return (tests, cells, failed): both as "9 passed, 1 failed", and the names that failed.

    A test of the first report that passed again, in the second, has passed.
    """
    tests, cells, failed = [0, 0], [0, 0], []
    passed = {(one.get("classname"), one.get("name")) for one, wrong in cases(again) if not wrong}
    for case, wrong in cases(first):
        wrong &= (case.get("classname"), case.get("name")) not in passed
        (cells if "ipynb" in case.get("name") + case.get("classname") else tests)[wrong] += 1
        failed += [case.get("name")] if wrong else []
    said = (f"{one[0]} passed" + f", {one[1]} failed" * bool(one[1]) for one in (tests, cells))
    return (*said, failed)


def versions(run):
    """Return the versions of what is shown, in an environment."""
    listed = json.loads(pip(run, "list", "--format", "json").stdout)
    there = {re.sub("[-_]cpu$", "", one["name"].lower()): one["version"] for one in listed}
    return [there.get(name, "–") for name in SHOWN]


def row(name, version):
    """Return the cells of a set of a Python: make its environment, run, count."""
    run, why = made(name, version, sets(version)[name])
    if not run:
        return untried(name, version, why)
    tests, cells, failed = counted(*tested(run))
    more = f" and {len(failed) - 5} more" if len(failed) > 5 else ""
    failing = ", ".join(f"`{one.replace('|', '/')}`" for one in failed[:5]) + more
    return [name, version, *versions(run), tests, cells, failing or "–"]


def untried(name, version, why=""):
    """Return the cells of what was not tried."""
    said = f"{NOT_TRIED}: {why}" if why else NOT_TRIED
    return [name, version, *["–"] * len(SHOWN), said, "–", "–"]


def rows(text):
    """Return the rows of a written table, by set and Python; those not in it were not tried."""
    found = {(name, version): untried(name, version) for name in sets() for version in PYTHONS}
    for line in text.splitlines():
        cells = [one.strip() for one in line.split("|")[1:-1]]
        found |= {tuple(cells[:2]): cells} if tuple(cells[:2]) in found else {}
    return found


def write(new):
    """Put rows, by set and Python, into the table."""
    there = rows(TABLE.read_text(encoding="utf-8") if TABLE.exists() else "") | new
    lines = ["| " + " | ".join(cells) + " |\n" for cells in there.values()]
    TABLE.write_text(HEAD + "".join(lines), encoding="utf-8")


def main(*named):
    """Try each set with each Python that is named, and write what came of it."""
    if unknown := set(named) - {*sets(), *PYTHONS}:
        choice = ", ".join([*sets(), *PYTHONS])
        sys.exit(f"a set or a Python must be one of {choice}, got {', '.join(sorted(unknown))}")
    for name in [one for one in sets() if one in named] or sets():
        for version in [one for one in PYTHONS if one in named] or PYTHONS:
            new = row(name, version)
            write({(name, version): new})
            print(*new, sep=" | ", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
