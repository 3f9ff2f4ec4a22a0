"""The settings of nbgrader for this course, read where it is started in this folder."""

import os
import pathlib
import sys

from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    DeduplicateIds,
    LimitOutput,
    NbGraderPreprocessor,
    OverwriteCells,
    SaveAutoGrades,
)

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from judge import Judge  # noqa: E402
from shown import Shown, Taken  # noqa: E402

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
    Taken,
    DeduplicateIds,
    ForgetCopies,
    OverwriteCells,
    CheckCellMetadata,
    Shown,
]
c.Autograde.autograde_preprocessors = [
    Judge,
    Shown,
    LimitOutput,
    SaveAutoGrades,
    AssignLatePenalties,
    CheckCellMetadata,
]
c.OverwriteCells.add_missing_cells = True  # a test cell that was deleted comes back
c.Judge.timeout = 60  # seconds a cell; then it is interrupted and the next one runs
c.LimitOutput.max_lines = 200
c.LimitOutput.max_traceback = 20


paths = [str(pathlib.Path(sys.executable).parent), os.environ.get("PATH", "")]
os.environ["PATH"] = os.pathsep.join(paths)  # nbgrader finds its database's tool
