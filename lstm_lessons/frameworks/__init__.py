"""The only door to real models. A framework is imported the first time that it is needed.

Each module here offers layer(spec), the real layer with the course's weights, and
call(network, *inputs), which gives a network NumPy batches and returns its return value: NumPy
arrays, nested in tuples as the framework nested its tensors.
"""

import ctypes
import os
import sys
from importlib import import_module
from importlib.machinery import PathFinder

from .. import recorded
from ..recorded import NotRun
from ..rule import DIALECTS, Refused, dialect_of, expected
from ..shapes import Returned, attach
from ..spec import Spec
from ..weights import affordable, inputs

PACKAGES = {"Keras": "keras tensorflow", "PyTorch": "torch"}  # what pip calls them


def run(spec: Spec, framework: str = "keras") -> Returned:
    """Return what the real layer returns, as a Returned with values.

    Raises ValueError for a framework that is not known or has no such setting, and for sizes that
    are too much to run; NotRun, in one line, for a framework that can't be imported; and what the
    framework raises if it refuses the spec.
    """
    try:
        rule = expected(spec, framework)
    except Refused:
        rule = Returned(())
    real = load(framework)
    return attach(rule, real.call(real.layer(affordable(spec)), inputs(spec)))


def load(framework):
    """Return this package's module for a framework, importing the framework itself.

    Where a record is in use, its door comes back, and nothing is imported.
    """
    title = dialect_of(framework).title
    if recorded.in_use():
        return recorded.Door(framework)
    return needing(title, f".frameworks._{framework}")


def __getattr__(name):
    """Return the framework itself for frameworks.keras and frameworks.torch, imported only now."""
    if name in DIALECTS:
        return getattr(needing(DIALECTS[name].title, f".frameworks._{name}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def needing(title, module):
    """Return a module of this package, by its dotted name, that imports what has this title.

    Raises RuntimeError, in one line, where that can't be imported.
    """
    try:
        return import_module(module, __name__.rpartition(".")[0])
    except Exception as error:
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        install = f"pip install {PACKAGES.get(title, title)}"
        raise NotRun(f"{title} must be importable, got {what}; try {install}") from error


class TritonApart:
    """An import hook that keeps triton and TensorFlow apart, where both are used on Linux.

    PyTorch's optimizers import triton. Its library and TensorFlow's each bring an LLVM, and
    TensorFlow shows its own to all that is loaded later: triton 3.7 calls the wrong one and the
    process ends (tensorflow/tensorflow#124205). Loaded with RTLD_DEEPBIND it calls its own.
    """

    @staticmethod
    def find_spec(name, path=None, target=None):
        """Return None: the import goes on as ever, and meets a library that is loaded already."""
        asked = name == "triton._C.libtriton" and "tensorflow" in sys.modules
        if asked and (found := PathFinder.find_spec(name, path)):
            ctypes.CDLL(found.origin, mode=os.RTLD_NOW | os.RTLD_DEEPBIND)
