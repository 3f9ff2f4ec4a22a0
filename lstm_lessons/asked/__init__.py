"""The lessons' own questions and tasks, those that no Spec can put: a module for some lessons.

The questions hold wherever Keras runs; the lessons' own cells need TensorFlow. Where Keras runs on
something else, importing this says so: in one line, before a cell fails.
"""

import json
import os
import sys


def backend():
    """Return what Keras runs on, or will when it is imported, as its documents say."""
    if keras := sys.modules.get("keras"):
        return keras.backend.backend()
    home = os.environ.get("KERAS_HOME") or os.path.join(os.path.expanduser("~"), ".keras")
    try:
        with open(os.path.join(home, "keras.json")) as file:
            chosen = json.load(file)["backend"]
    except (OSError, ValueError, LookupError, TypeError):
        chosen = "tensorflow"
    return os.environ.get("KERAS_BACKEND") or chosen


if backend() != "tensorflow":
    print(
        f"The cells of the lessons need Keras on TensorFlow, and it is on {backend()!r} here; set "
        "KERAS_BACKEND=tensorflow and restart the kernel.",
        file=sys.stderr,
    )
