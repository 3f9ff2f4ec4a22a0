"""The settings of nbgrader for this course, read where it is started in this folder."""

import os
import pathlib
import sys

from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearOutput,
    DeduplicateIds,
    NbGraderPreprocessor,
    OverwriteCells,
    OverwriteKernelspec,
)

HERE = pathlib.Path(__file__).resolve().parent

c = get_config()  # noqa: F821 (nbgrader defines it)

c.CourseDirectory.course_id = "lstm-lessons"
c.CourseDirectory.root = str(HERE)
c.ClearSolutions.code_stub = {"python": "# your code here"}
c.ClearSolutions.text_stub = "*your answer here*"


class ForgetCopies(NbGraderPreprocessor):
    """Make a plain cell of a copy of a graded cell: nbgrader would stop at the mark it leaves."""

    def preprocess_cell(self, cell, resources, index):
        if cell.metadata.get("nbgrader") == {}:
            del cell.metadata["nbgrader"]
        return cell, resources


c.Autograde.sanitize_preprocessors = [
    ClearOutput,
    DeduplicateIds,
    ForgetCopies,
    OverwriteKernelspec,
    OverwriteCells,
    CheckCellMetadata,
]
c.OverwriteCells.add_missing_cells = True  # a test cell that was deleted comes back
c.Execute.timeout = 60  # seconds a cell; then it is interrupted and the next one runs
c.IgnorePattern.enabled = True  # what is written to stderr is no failure; an error is
c.IgnorePattern.pattern = "(?s).*"
c.LimitOutput.max_lines = 200
c.LimitOutput.max_traceback = 20


def first_on(variable, folder):
    """Put a folder in front of a variable of the environment that lists folders."""
    before = os.environ.get(variable)
    os.environ[variable] = os.pathsep.join(filter(None, [str(folder), before]))


first_on("PYTHONPATH", HERE)  # the kernels that grade find `answers`
first_on("JUPYTER_PATH", HERE)  # and are those of kernels/, with limits
first_on("PATH", pathlib.Path(sys.executable).parent)  # nbgrader finds its database's tool
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
