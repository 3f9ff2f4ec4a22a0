"""The command of the installed package: `lstm-lessons`, or `python -m lstm_lessons`.

lessons        put the lessons into my-lessons/ here, or renew those that nobody has changed
lab [options]  the same, and open them in JupyterLab (options go to JupyterLab)
doctor         say whether everything that the lessons need is there and works
"""

import sys
from importlib.util import find_spec
from pathlib import Path

from .doctor import examine, layer_runs
from .giving import my_lessons, opening
from .pictures import findings
from .remembered import FOLDER
from .rule import DIALECTS


def main() -> None:
    """Carry out one command; exit with its status, or with one line that says what is wrong."""
    command, *options = sys.argv[1:] or ["help"]
    if command == "lab":
        lab(options)
    elif command in ("lessons", "doctor") and not options:
        {"lessons": lessons, "doctor": doctor}[command]()
    else:
        sys.exit(__doc__)


def lessons() -> list[str]:
    """Return the names of the lessons just put into my-lessons/, and say where they are."""
    mine = Path.cwd() / FOLDER
    new = my_lessons.brought(my_lessons.notebooks(), mine)
    print(f"The lessons are in {mine}")
    return new


def lab(options: list[str]) -> None:
    """Open JupyterLab on the lessons."""
    if not find_spec("jupyterlab"):
        sys.exit("jupyterlab must be importable, got none; try pip install jupyterlab")
    opening.opened(sys.executable, Path.cwd() / FOLDER, lessons(), options)


def doctor() -> None:
    """Print what is there, and run a layer of each framework; exit with 1 if something is amiss."""
    rows = [*examine(), *map(layer_runs, DIALECTS)]
    print(findings(rows).text)
    sys.exit(not all(row.fine for row in rows))


if __name__ == "__main__":
    main()
