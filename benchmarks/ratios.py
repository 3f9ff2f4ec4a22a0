"""What `make bench` and a step of `make test-all` both measure: quick ratios, and their bounds.

Each is the time of something the course does over the time of what it is made of, the fastest of
several runs taken in turns, so that both meet the same machine (a whole lesson is run once).
BOUNDS.json holds the ratios that were measured last; more than half as much again is worse.
"""

import json
import subprocess
import sys
from functools import partial
from itertools import count
from pathlib import Path

import explain
import nbformat

HERE = Path(__file__).parent
BOUNDS = HERE / "BOUNDS.json"
SLACK = 1.5
BARE = "import ipywidgets, keras, torch"
LESSON = """
from IPython.core.interactiveshell import InteractiveShell
import json
shell = InteractiveShell()
for cell in json.loads({cells!r}):
    shell.run_cell(cell).raise_error()
"""


def worse(found, bounds):
    """Return a line for each ratio that is worse than its bound by more than half."""
    return [
        f"{name} must be at most {SLACK * bounds[name]:.2f}, got {ratio:.2f}"
        for name, ratio in found.items()
        if not ratio <= SLACK * bounds[name]
    ]


def bounds():
    """Return the committed ratios, by name."""
    return json.loads(BOUNDS.read_text(encoding="utf-8"))


def measured():
    """Return the ratios, by name."""
    return {name: ratio for part in PARTS for name, ratio in part().items()}


def measured_with_patience():
    """Return the ratios, by name; what is late is measured once more, as a machine may be busy."""
    limits, found = bounds(), {}
    for part in PARTS:
        first = part()
        found |= part() if worse(first, limits) else first
    return found


def _explained(names=("tagger", "k_sentiment_classifier")):
    found = {}
    for name, plain, told, tried in explain.zoo_rows(names=names):
        found[f"explain, without tries, over a forward pass: {name}"] = told / plain
        found[f"explain, with tries, over a forward pass: {name}"] = tried / plain
    return found


def _drawn():
    """A layer of other sizes each time, as when a key is pressed in explore."""
    from lstm_lessons import Spec, frameworks
    from lstm_lessons.drawing import draw

    sizes = count(8)

    def run():
        spec = Spec(units=next(sizes))
        return spec, frameworks.run(spec, "torch")

    def drawn():
        spec, came = run()
        return draw(spec, came, "torch").html

    plain, both = explain.fastest((run, drawn), 15)
    return {"a PyTorch layer made, run and drawn, over made and run": both / plain}


def _found():
    from lstm_lessons import Spec, find, frameworks

    words = ("h_n or output", "time steps", "input must have 3 dimensions, got 2")
    run = partial(frameworks.run, Spec(), "keras")
    plain, found = explain.fastest((run, lambda: [find(one).html for one in words]), 9)
    return {"find, over a run of a Keras layer": found / len(words) / plain}


def _imported():
    """In fresh processes."""
    whole = lesson(HERE.parent / "notebooks/01_last_output.ipynb")
    bare, ran = explain.fastest([partial(fresh, code) for code in (BARE, whole)], 1)
    short = "import numpy", "import lstm_lessons"
    numpy, package = explain.fastest([partial(fresh, code) for code in short], 7)
    return {
        "lesson 01 whole, over the import of what it runs on": ran / bare,
        "import lstm_lessons, over import numpy": package / numpy,
    }


PARTS = (_explained, _drawn, _found, _imported)


def lesson(path):
    """Return code that runs every cell of a lesson."""
    cells = [one.source for one in nbformat.read(path, 4).cells if one.cell_type == "code"]
    return LESSON.format(cells=json.dumps(cells))


def fresh(code):
    """Run code in a fresh interpreter, in the course's folder."""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=HERE.parent, capture_output=True)


def table(found):
    """Return ratios and their bounds as a Markdown table."""
    lines = ["| what, over what | ratio |", "| --- | --- |"]
    return "\n".join(lines + [f"| {name} | {ratio:.2f} |" for name, ratio in found.items()])


def write(found):
    """Make ratios the bounds."""
    rounded = {name: round(ratio, 2) for name, ratio in found.items()}
    BOUNDS.write_text(json.dumps(rounded, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(measured())
