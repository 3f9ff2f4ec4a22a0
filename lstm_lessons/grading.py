"""Marks for assignments: sizes drawn for each student, part marks, and checks of plain types.

What a test cell of an assignment returns is a number, which the grader takes for its points. No
answer is in this file: `predicted` asks the real layer, `shaped` only looks at shapes, and what
`worked` compares with is handed to it.
"""

import contextlib
import io
import random
import re
import textwrap
from dataclasses import dataclass, replace

from .asking.checking import Task, check
from .asking.diagnosis import as_question, diagnose
from .asking.results import tupled
from .frameworks import load
from .late import np
from .nests import leaves
from .shapes import sized
from .spec import SIZES, Spec

STUDENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]*")
PLAIN = (str, int, bool, float, type(None))


@dataclass(frozen=True)
class Paper:
    """An assignment as one student gets it: what is drawn depends on these three alone.

    assignment: its name.
    student: the student's id, which is also the name of the folder that holds the submission.
    salt: a word that makes all draws anew, for a private variant of the assignment.

    Raises ValueError, in one line, for an id that is no name of a folder.
    """

    assignment: str
    student: str
    salt: str = ""

    def __post_init__(self):
        if not isinstance(self.student, str) or not STUDENT.fullmatch(self.student):
            raise ValueError(
                f"student must be your id, of the letters a to z, digits and _ . @ -, got "
                f"{self.student!r}; try the name that you sign in with"
            )

    def chance(self, *words):
        """Return the random.Random of this paper for these words."""
        return random.Random("/".join((self.salt, self.assignment, self.student, *map(str, words))))

    def spec(self, *words, **fields):
        """Return a Spec of these fields; its sizes are drawn, all different, none 1, 2 or 4."""
        free = [name for name in SIZES if name not in fields]
        pool = [size for size in (3, *range(5, 14)) if size not in fields.values()]
        drawn = self.chance(*words).sample(pool, len(free))
        return Spec(**dict(zip(free, drawn, strict=True)), **fields)


def pose(questions, framework="keras"):
    """Print Specs or Questions as numbered questions."""
    for number, question in enumerate(questions, start=1):
        _say(f"{number}. {as_question(question, framework).text.replace('`', '')}")


def predicted(answers, questions, of, framework="keras"):
    """Return the points for predicted shapes, a part of `of` for each; print what is wrong.

    answers: what was typed, in order; questions: Specs or Questions, of which each is run.
    """
    if not isinstance(answers, (list, tuple)) or len(answers) != len(questions):
        _say(f"There must be {len(questions)} predictions in a list, got {answers!r}.")
        return 0.0
    right = 0
    for number, (answer, question) in enumerate(zip(answers, questions, strict=True), start=1):
        asked = replace(as_question(question, framework), rule=None)
        verdict = diagnose(asked, answer if _is_plain(answer) else object, framework)
        right += verdict.status == "correct"
        if verdict.status != "correct":
            _say(f"Prediction {number}. {verdict}")
    return _points(right / len(answers), of)


def shaped(made, arguments, wanted, of, framework="keras"):
    """Return `of` points if a function returns tensors of the wanted shapes, else 0; say why not.

    made: the function; arguments: what it is called on, arrays or other values.
    wanted: what it must return: axes with their sizes in order, `dict(batch=3, units=7)`, for one
        tensor, or a tuple of such for several.
    """
    each = wanted if isinstance(wanted, tuple) else (wanted,)
    zeros = tuple(np.zeros(tuple(axes.values())) for axes in each)
    right = Task(lambda *_: zeros if each is wanted else zeros[0], (tuple(arguments),))
    verdict = _checked(made, right, framework)
    if verdict.status == "correct" or verdict.right_shapes:
        return _points(1, of)
    said = ", ".join(sized(axes, axes.values()) for axes in each)
    _say(f"{str(verdict).rstrip('.')}. Wanted: {said}.")
    return _points(0, of)


def worked(made, task, of, framework="keras"):
    """Return the points for a function, an equal part of `of` for each of the task's inputs.

    A usual mistake of the task that gives the right shapes earns half of a part; the right shapes
    alone earn nothing. Prints the first thing that is wrong.
    """
    share, wrong = 0, []
    for arguments in task.inputs:
        verdict = _checked(made, replace(task, inputs=(arguments,)), framework)
        recognised = verdict.right_shapes and bool(verdict.mistake)
        share += 1 if verdict.status == "correct" else recognised / 2
        wrong += [verdict] if verdict.status != "correct" else []
    if wrong:
        _say(wrong[0])
    return _points(share / len(task.inputs), of)


def _checked(made, task, framework):
    """Return check's Verdict; what is written to stderr meanwhile is no failure of a test cell."""
    with contextlib.redirect_stderr(io.StringIO()):
        if not callable(made):
            return check(made, task, framework)
        right = load(framework).call(task.right, *task.inputs[0])
        # Known before the function runs: it may spoil a layer that it is handed.
        known = replace(task, right=lambda *_: right)
        return check(_of_plain_types(made, right), known, framework)


def _of_plain_types(made, right):
    """Return a function as it is, but that what is a plain value in right must be of its type."""

    def called(*arguments):
        value = made(*arguments)
        if value is None:
            return None
        for kind, other in zip(leaves(tupled(type, value)), leaves(right), strict=False):
            if type(other) in PLAIN and kind is not type(other):
                raise TypeError(f"must be {type(other).__name__}, got {kind.__name__}")
        return value

    return called


def _is_plain(answer):
    """Return whether an answer is text or whole numbers, nested in tuples, and no look-alike."""
    if type(answer) in (tuple, list):
        return all(map(_is_plain, answer))
    return type(answer) in PLAIN


def _say(words):
    """Print a paragraph; graders show output in pages that do not wrap lines."""
    print(textwrap.fill(str(words), 88))


def _points(share, of):
    return round(float(share * of), 2)
