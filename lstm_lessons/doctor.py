"""Does the environment work? By versions, without importing what may be broken; then by running."""

import re
import sys
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata

from .frameworks import TritonApart, run
from .rule import dialect_of, expected
from .spec import Spec

PACKAGES = ("jupyterlab", "ipywidgets", "matplotlib", "keras", "tensorflow", "torch")
PYTHONS = ((3, 11), (3, 14))  # from the first, up to but not including the second
TRYING = "trying …"
# The newest release of each that the tests were run on: benchmarks/VERSIONS.md. The oldest is its
# bound in pyproject.toml.
TRIED = {
    "numpy": "2.5",
    "ipywidgets": "8.1",
    "matplotlib": "3.11",
    "keras": "3.15",
    "tensorflow": "2.21",
    "torch": "2.14",
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: what, what was found, and what to do if something is amiss."""

    what: str
    found: str
    advice: str = ""

    @property
    def fine(self) -> bool:
        return not self.advice


def examine(
    packages: tuple[str, ...] = PACKAGES, python: tuple = sys.version_info
) -> list[Finding]:
    """Return the Findings on Python and on each package, by their versions alone."""
    bounds = _bounds()
    found = [_python(python[:3]), *(_package(name, bounds.get(name)) for name in packages)]
    return found + _triton()


def untried(packages: tuple[str, ...] = tuple(TRIED)) -> str:
    """Return the line that names what is newer than all that was tried; "" if nothing is."""
    found = {name: _installed(name)[1] for name in packages}
    newer = [
        f"{name} {version} (up to {TRIED[name]} was)"
        for name, version in found.items()
        if version and _numbers(version)[:2] > _numbers(TRIED[name])
    ]
    return f"Never tried with this course: {', '.join(newer)}." if newer else ""


def layer_runs(framework: str) -> Finding:
    """Return whether a framework's layer returns what the rule says. It is imported for that."""
    what = f"{dialect_of(framework).title} runs a layer"
    try:
        found = "yes" if run(Spec(), framework) == expected(Spec(), framework) else "no"
    except Exception as error:
        found = f"{type(error).__name__}: {error}".splitlines()[0]
    advice = "" if found == "yes" else "Install the course anew: make lab, or see the README."
    return Finding(what, found, advice)


def layer_tried(framework: str) -> Finding:
    """Return what is said of a layer before it has run."""
    return Finding(f"{dialect_of(framework).title} runs a layer", TRYING)


def browser_answers(answered: bool, busy: bool) -> Finding:
    """Return whether a browser has answered; busy: whether it could not, beside a framework."""
    what = "A browser answers"
    if answered:
        return Finding(what, "yes")
    if busy:
        return Finding(what, TRYING)
    return Finding(what, "not yet", "Run this in JupyterLab; reload the page.")


def _python(version):
    found = ".".join(map(str, version))
    if PYTHONS[0] <= version[:2] < PYTHONS[1]:
        return Finding("Python", found)
    return Finding("Python", found, "Use Python 3.11, 3.12 or 3.13.")


def _package(name, lowest):
    installed, version = _installed(name)
    if not version and name == "jupyterlab":
        return Finding(name, "not installed here; it is needed only to open lessons")
    if not version:
        return Finding(name, "not installed", f"pip install {name}")
    if lowest and _numbers(version) < _numbers(lowest):
        install = f"pip install '{installed}>={lowest}'"
        return Finding(name, version, f"The course needs {lowest} or later: {install}")
    return Finding(name, version)


def _installed(name):
    """Return the name under which a package is installed, and its version; "" if it is not."""
    for installed in (name, f"{name}-cpu"):  # TensorFlow without a GPU has its own name
        with suppress(metadata.PackageNotFoundError):
            return installed, metadata.version(installed)
    return name, ""


def _triton():
    """Return a Finding on triton where it can end a process that TensorFlow is in, or none."""
    try:
        found = metadata.version("triton")
    except metadata.PackageNotFoundError:
        return []
    if _numbers(found) < [3, 7] or not _package("tensorflow", None).fine:
        return []
    if TritonApart in sys.meta_path:
        return [Finding("triton", f"{found}, kept apart from TensorFlow by import lstm_lessons")]
    return [Finding("triton", found, "Import triton before TensorFlow, or Python may end.")]


def _bounds():
    """Return the lowest version of each package that the course asks for; none if not installed."""
    try:
        lines = metadata.requires("lstm-lessons") or []
    except metadata.PackageNotFoundError:  # it lies beside the lessons, as on Binder
        return {}
    found = (re.match(r"([\w-]+)>=([\d.]+)", line) for line in lines)
    return {match[1]: match[2] for match in found if match}


def _numbers(version):
    return [int(part) for part in re.findall(r"\d+", version.split("+")[0])]
