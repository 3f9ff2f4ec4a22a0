"""LSTM Lessons: what a recurrent layer returns, in Keras and in PyTorch, predicted and run.

Importing this does three things: it asks TensorFlow for repeatable numbers and for silence, unless
you have asked it for something else, and keeps it apart from triton. No framework is imported
before it is needed.
"""

import os
import sys
from functools import partial

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from .asking.diagnosis import diagnose
from .asking.questions import Question
from .examining.exam import exam_on, in_words
from .exercises import check, finished
from .explaining.errors import explain_error
from .explaining.explanation import explain
from .finding import find as found
from .frameworks import TritonApart, needing, run
from .rule import expected
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
    "find",
    "finished",
    "pick",
    "review",
    "run",
]

if hasattr(os, "RTLD_DEEPBIND"):
    sys.meta_path.insert(0, TritonApart)


def __getattr__(name):
    """Return a control; ipywidgets is imported when the first is asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return _control(name)
    except RuntimeError:
        return partial(_later, name)


def _control(name):
    """Return a control by its name; RuntimeError, in one line, says what it needs."""
    return getattr(needing("ipywidgets", ".widgets"), name)


def _later(name, *given, **options):
    """Return what a control's name makes; without ipywidgets what needs no page works all the same.

    A terminal asks about a network, and finds what is looked for.
    """
    try:
        control = _control(name)
    except RuntimeError:
        about = given and not isinstance(given[0], (Spec, Question))
        if name == "ask" and about and in_words(exam_on(*given, **options)):
            return None
        if name == "find" and given:
            return found(*given)
        raise
    return control(*given, **options)
