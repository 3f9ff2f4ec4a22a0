"""LSTM Lessons: what a recurrent layer returns, in Keras and in PyTorch, predicted and run.

Importing this does two things: it asks TensorFlow for repeatable numbers and for silence, unless
you have asked it for something else. No framework is imported before it is needed.
"""

import os

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from .diagnose import diagnose
from .errors import explain_error
from .exercises import check
from .explain import explain
from .frameworks import run
from .questions import Question
from .shapes import expected
from .snippets import code
from .spec import Spec

__all__ = [
    "Question",
    "Spec",
    "ask",
    "check",
    "code",
    "diagnose",
    "expected",
    "explain",
    "explain_error",
    "explore",
    "review",
    "run",
]


def __getattr__(name):
    """Return a control; ipywidgets is imported when the first is asked for."""
    if name in __all__:
        from . import widgets

        return getattr(widgets, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
