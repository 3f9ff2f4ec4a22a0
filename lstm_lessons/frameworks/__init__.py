"""The only door to real models. A framework is imported the first time that it is needed.

Each module here offers layer(spec), the real layer with the course's weights, and
call(network, *inputs), which gives a network NumPy batches and returns its return value: NumPy
arrays, nested in tuples as the framework nested its tensors.
"""

from importlib import import_module

from ..shapes import Refused, Returned, attach, dialect_of, expected
from ..weights import inputs


def run(spec, framework="keras"):
    """Return what the real layer returns, as a Returned with values.

    Raises ValueError for a framework that is not known or has no such setting, RuntimeError, in one
    line, for one that can't be imported, and what the framework raises if it refuses the spec.
    """
    try:
        rule = expected(spec, framework)
    except Refused:
        rule = Returned(())
    real = load(framework)
    return attach(rule, real.call(real.layer(spec), inputs(spec)))


def load(framework):
    """Return this package's module for a framework, importing the framework itself."""
    title = dialect_of(framework).title
    try:
        return import_module(f"._{framework}", __name__)
    except Exception as error:
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        raise RuntimeError(
            f"{title} must be importable, got {what}; try pip install 'lstm-lessons[course]'"
        ) from error
