"""Run lessons in fresh kernels and store their outputs: python tools/notebooks.py [lesson ...].

What varies from run to run is left out, so that a second run writes the same bytes: execution
times, the state of widgets, and the views that need it (their text form stays).
"""

import os
import pathlib
import sys

import nbformat
import places
from nbclient import NotebookClient

LESSONS = pathlib.Path(__file__).resolve().parent.parent / "notebooks"
VIEW = "application/vnd.jupyter.widget-view+json"

OTHERS = ("PYTEST", "LSTM_LESSONS")  # what the kernel of a lesson does not get to see


def executed(path):
    """Return the notebook at a path, run in a fresh kernel and cleaned.

    Raises nbclient's CellExecutionError if a cell fails.
    """
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        coalesce_streams=True,
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute(env={k: v for k, v in os.environ.items() if not k.startswith(OTHERS)})
    return clean(notebook)


def clean(notebook):
    """Return the notebook without what varies from run to run."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata = {"tags": cell.metadata["tags"]} if "tags" in cell.metadata else {}
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(VIEW, None)
    return notebook


def forget_settings():
    """Take back what lessons set for their kernels, where several run in one process."""
    import keras
    import torch

    torch.set_grad_enabled(True)
    torch.set_num_threads(os.cpu_count())
    keras.config.set_floatx("float32")


def main(names):
    """Store the outputs of the lessons of these names, or of all."""
    for path in [LESSONS / name for name in names] or sorted(LESSONS.glob("*.ipynb")):
        print(path.name, flush=True)
        nbformat.write(executed(path), path)
    places.write()


if __name__ == "__main__":
    main(sys.argv[1:])
