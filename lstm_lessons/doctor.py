"""Does the environment work? Found out without importing what may be broken."""

import re
import sys
from dataclasses import dataclass
from importlib import metadata

from .frameworks import TritonApart

PACKAGES = ("jupyterlab", "ipywidgets", "matplotlib", "keras", "tensorflow", "torch")
PYTHONS = ((3, 11), (3, 14))  # from the first, up to but not including the second
INSTALL = "pip install 'lstm-lessons[course]'"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: what, what was found, and what to do if something is amiss."""

    what: str
    found: str
    advice: str = ""

    @property
    def fine(self):
        return not self.advice


def examine(packages=PACKAGES, python=sys.version_info):
    """Return the Findings on Python and on each package, by their versions alone."""
    bounds = _bounds()
    found = [_python(python[:3]), *(_package(name, bounds.get(name)) for name in packages)]
    return found + _triton()


def _python(version):
    found = ".".join(map(str, version))
    if PYTHONS[0] <= version[:2] < PYTHONS[1]:
        return Finding("Python", found)
    return Finding("Python", found, "Use Python 3.11, 3.12 or 3.13.")


def _package(name, lowest):
    for installed in (name, f"{name}-cpu"):  # TensorFlow without a GPU has its own name
        try:
            version = metadata.version(installed)
        except metadata.PackageNotFoundError:
            continue
        if lowest and _numbers(version) < _numbers(lowest):
            return Finding(name, version, f"The course needs {lowest} or later: {INSTALL}")
        return Finding(name, version)
    return Finding(name, "not installed", INSTALL)


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
    """Return the lowest version of each package that the course asks for."""
    lines = metadata.requires("lstm-lessons") or []
    found = (re.match(r"([\w-]+)>=([\d.]+)", line) for line in lines)
    return {match[1]: match[2] for match in found if match}


def _numbers(version):
    return [int(part) for part in re.findall(r"\d+", version.split("+")[0])]
