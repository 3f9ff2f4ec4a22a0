"""What a lesson of the book shows where nothing is run; the notebooks stay as they are.

A call that answers a learner's work leaves one line. What gives the answer to a prediction away is
folded, as in the learner's own copy of the lessons.
"""

import ast
import json
from itertools import groupby

# What a call is for, by the name that a cell ends with: here it would answer nobody.
THERE = {
    "check": "says whether the exercise is solved, and helps where it is not",
    "finished": "ticks what you have done",
    "progress": "shows how the lessons go for you",
    "review": "asks you fresh questions, and at the end says which lessons to see again",
    "doctor": "says whether everything that the lessons need is there and works",
}
IN_WORDS = {"which_h", "moves", "typed"}  # controls whose words stand in their place
FOLD = '<details class="after">\n<summary>What follows gives the answer away</summary>'


def setup(app):
    """Let Sphinx hand over each notebook before it is read."""
    app.connect("source-read", _read)
    return {"parallel_read_safe": True}


def _read(app, page, source):
    if app.env.doc2path(page).suffix == ".ipynb":
        notebook = json.loads(source[0])
        notebook["cells"] = list(_folded(map(quiet, notebook["cells"])))
        source[0] = json.dumps(notebook)


def quiet(cell):
    """Return a cell, with a line in place of what its last call says to a learner's work.

    Above the words of a control that is not in the book the line says that they are its words.
    """
    name = last_call("".join(cell["source"])) if cell["cell_type"] == "code" else None
    if name in IN_WORDS:
        line = _line(name, "gives you controls. In words:")
        return cell | {"outputs": [*cell["outputs"][:-1], line, cell["outputs"][-1]]}
    if name not in THERE:
        return cell
    printed = [one for one in cell["outputs"] if one["output_type"] == "stream"]
    return cell | {"outputs": [*printed, _line(name, f"{THERE[name]}.")]}


def _line(name, said):
    shown = {"text/html": f'<p class="there">In JupyterLab <code>{name}</code> {said}</p>'}
    return {"output_type": "display_data", "metadata": {}, "data": shown}


def last_call(code):
    """Return the name of the function that the last line of a cell calls, or None."""
    try:
        last = ast.parse(code).body[-1:]
    except SyntaxError:  # IPython's own marks: %, ! and ?
        return None
    found = [node.value.func for node in last if isinstance(getattr(node, "value", None), ast.Call)]
    return next((one.id for one in found if isinstance(one, ast.Name)), None)


def _folded(cells):
    """Yield the cells, each run of those that are tagged "after" between the ends of a fold."""
    for after, run in groupby(cells, lambda cell: "after" in cell["metadata"].get("tags", ())):
        run = list(run)
        yield from [_prose(f"fold-{run[0]['id']}", FOLD)] * after
        yield from run
        yield from [_prose(f"end-{run[0]['id']}", "</details>")] * after


def _prose(name, text):
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text}
