"""The command of the installed package: `lstm-lessons`, or `python -m lstm_lessons`.

lessons        put the lessons into my-lessons/ here, or renew those that nobody has changed
lab [options]  the same, and open them in JupyterLab (options go to JupyterLab)
doctor         say whether everything that the lessons need is there and works

--framework torch, or keras, leaves the other's cells out of them, until both is asked for
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
    command, *given = sys.argv[1:] or ["help"]
    framework, options = my_lessons.asked(given)
    if command == "lab":
        lab(options, framework)
    elif command == "lessons" and not options:
        lessons(framework)
    elif command == "doctor" and not given:
        doctor()
    else:
        sys.exit(__doc__)


def lessons(framework: str | None) -> list[str]:
    """Return the names of the lessons just put into my-lessons/, and say where they are.

    framework: "keras", "torch" or "both"; what was chosen last if None.
    """
    mine = Path.cwd() / FOLDER
    new = my_lessons.brought(my_lessons.notebooks(), mine, framework=framework)
    print(f"The lessons are in {mine}")
    return new


def lab(options: list[str], framework: str | None) -> None:
    """Open JupyterLab on the lessons. framework: as of lessons."""
    if not find_spec("jupyterlab"):
        sys.exit("jupyterlab must be importable, got none; try pip install jupyterlab")
    opening.opened(sys.executable, Path.cwd() / FOLDER, lessons(framework), options)


def doctor() -> None:
    """Print what is there, and run a layer of each framework; exit with 1 if something is amiss."""
    rows = [*examine(), *map(layer_runs, DIALECTS)]
    print(findings(rows).text)
    sys.exit(not all(row.fine for row in rows))


if __name__ == "__main__":
    main()
