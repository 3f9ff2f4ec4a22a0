"""What a learner has answered, in all lessons: a line of JSON for each answer, in one file.

Nothing in it says who the learner is. Whatever is amiss with it costs a line (`trouble`), and the
answers last as long as the kernel does. It has more than 300 lines: a record, how it is written and
how it is read belong together.
"""

import dataclasses
import json
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from hashlib import sha256
from inspect import signature
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from .appended import append, last_of
from .spec import Spec, default

P = ParamSpec("P")
V = TypeVar("V")
FILE = ".answers.jsonl"
FOLDER = "my-lessons"  # the learner's own copy of the lessons, where their kernels run
ELSEWHERE = "LSTM_LESSONS_ANSWERS"  # names another file
STATUSES = ("correct", "wrong", "shown")  # what counts: of the rest nothing is to be remembered
LONGEST = 1000  # characters of an answer
MOST = 16_000_000  # bytes that are read, the last ones
_unwritten: list["Answer"] = []  # what no file has
_trouble: dict[str, str] = {}  # by what is amiss with the file: a line, "" once it was shown


@dataclass(frozen=True)
class Answer:
    """One answer.

    question: what was asked: a Spec, the text of a Question, or the name of a Task.
    framework: "keras" or "torch".
    status: "correct" or "wrong"; "shown" if the answer was asked for.
    when: in UTC, to the second.
    typed: what was typed; "" of what was made, whose code is in the lesson.
    beliefs: the ids of the misconceptions that lead to it, most likely first.
    attempt: the how manieth different wrong answer it is, or how many came before and one.
    lesson: the lesson that a Question says it is of, "" if it says none.
    made: whether something was to be made, for `check`, and not to be said.
    code: of a question that is not the course's own, what tells its code from another's.
    """

    question: Spec | str
    framework: str
    status: str
    when: datetime
    typed: str = ""
    beliefs: tuple[str, ...] = ()
    attempt: int = 1
    lesson: str = ""
    made: bool = False
    code: str = ""

    @property
    def asked(self) -> tuple:
        """Return what makes it an answer to the same question as another."""
        return self.question, self.framework, self.made, self.code

    @property
    def line(self) -> str:
        """Return it as a line of the file."""
        question = self.question if isinstance(self.question, str) else _settings(self.question)
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return json.dumps(fields | {"question": question, "when": self.when.isoformat()})


@dataclass(frozen=True)
class Remembered:
    """What is remembered of a question: how it was answered last, and what came before.

    typed, status, when: of the last answer, a right or a wrong one.
    wrong: what was typed and wrong, each once, in order.
    solved: whether it was answered rightly, then or before.
    """

    typed: str
    status: str
    when: datetime
    wrong: tuple[str, ...]
    solved: bool

    @property
    def day(self) -> str:
        """Return the day of the last answer where the learner is: "26 November 2026"."""
        here = self.when.astimezone()
        return f"{here.day} {here:%B %Y}"


def place() -> Path | None:
    """Return the file for the answers, there or not yet; None where none is kept.

    It is the one that LSTM_LESSONS_ANSWERS names, or in my-lessons/, if the kernel runs there.
    """
    if chosen := os.environ.get(ELSEWHERE):
        return Path(chosen).expanduser().absolute()
    try:
        here = Path.cwd()
    except OSError:  # it was deleted
        return None
    return here / FILE if here.name == FOLDER else None


def record(
    question: Any,
    framework: str,
    typed: str,
    status: str,
    beliefs: Iterable[str] = (),
    attempt: int = 1,
    made: bool = False,
) -> None:
    """Keep an answer: in the file, whole or not at all; failing that, as long as the kernel lives.

    question: a Spec, a Question or a Task.
    The rest are as the fields of Answer. What is neither right nor wrong nor shown is not kept, nor
    what only says again how the question was answered last.
    """
    if status not in STATUSES:
        return
    new = Answer(
        question=named(question),
        framework=framework,
        status=status,
        when=now(),
        typed=typed[:LONGEST],
        beliefs=tuple(beliefs),
        attempt=attempt,
        lesson=getattr(question, "lesson", ""),
        made=made,
        code=_code(question),
    )
    before = [one for one in answers() if one.asked == new.asked]
    if not before or (before[-1].status, before[-1].typed) != (new.status, new.typed):
        _keep([new])


def now() -> datetime:
    """Return this moment, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def recalled(question: Any, framework: str, made: bool = False) -> Remembered | None:
    """Return what is remembered of a question, None if it was answered neither way."""
    asked = named(question), framework, made, _code(question)
    judged = [one for one in answers() if one.asked == asked and one.status != "shown"]
    if not judged:
        return None
    last = judged[-1]
    wrong = dict.fromkeys(one.typed for one in judged if one.status == "wrong")
    solved = any(one.status == "correct" for one in judged)
    return Remembered(last.typed, last.status, last.when, tuple(wrong), solved)


def recording(check: Callable[P, V]) -> Callable[P, V]:
    """Return `check`, whose verdicts are kept."""

    @wraps(check)
    def checked(*given: P.args, **named: P.kwargs) -> V:
        verdict: Any = check(*given, **named)
        call = signature(check).bind(*given, **named)
        call.apply_defaults()
        wanted, framework = call.arguments["wanted"], call.arguments["framework"]
        record(wanted, framework, "", verdict.status, verdict.misconceptions, made=True)
        if line := trouble():
            print(line, file=sys.stderr)
        return verdict

    return checked


def answers() -> list[Answer]:
    """Return all answers, oldest first: those of the file, and those that no file has."""
    path = place()
    there = _there(path) if path else []
    return sorted([*there, *_unwritten], key=lambda one: one.when)


def trouble() -> str:
    """Return what is amiss with the file, in a line or more that were not shown yet, or ""."""
    new = " ".join(filter(None, _trouble.values()))
    _trouble.update(dict.fromkeys(_trouble, ""))
    return new


def taken() -> str:
    """Return all answers as lines, to be taken elsewhere."""
    return "".join(f"{one.line}\n" for one in answers())


def brought(lines: str | bytes) -> int:
    """Return how many answers came from elsewhere that were not here, and keep them.

    lines: as taken gives them. Raises ValueError, in one line, and keeps none, if one is no answer.
    """
    came, bad = parsed(lines.encode() if isinstance(lines, str) else bytes(lines))
    if bad or not came:
        what = f"{bad} that {'is' if bad == 1 else 'are'} none" if bad else "none"
        raise ValueError(f"lines must be answers, got {what}; try the file that progress() gives")
    here = {one.line for one in answers()}
    new = list({one.line: one for one in came if one.line not in here}.values())
    if new:
        _keep(new)
    return len(new)


def _keep(new):
    """Add answers to the file, and with them those that it could not take before."""
    path, waiting = place(), [*_unwritten, *new]
    try:
        if path:
            append(path, "".join(f"{one.line}\n" for one in waiting).encode())
            waiting = []
    except OSError as error:
        _told(f"kept in {path.name}", error)
    _unwritten[:] = waiting


def _told(what, error):
    """Keep a line to be shown, once for each reason. what: what can't be done."""
    got = error.strerror or type(error).__name__
    line = f"Your answers must be {what}, got {got}; mend that."
    _trouble.setdefault(got, f"{line} Until then they last as long as this kernel.")


def _there(path):
    """Return the answers in a file; what can't be read is skipped, and told of."""
    try:
        came, bad = parsed(last_of(path, MOST))
    except OSError as error:
        _told(f"read from {path.name}", error)
        return []
    if bad:
        line = f"Each line of {path.name} must be an answer, got {bad} that can't be read; skipped."
        _trouble.setdefault(line, line)
    return came


def parsed(text):
    """Return the answers in some bytes, and how many lines are none."""
    came, bad = [], 0
    for line in filter(bytes.strip, text.split(b"\n")):
        try:
            came.append(_answer(json.loads(line)))
        except (ValueError, TypeError, LookupError, RecursionError):
            bad += 1
    return came, bad


def _answer(fields):
    """Return the Answer that a line of the file holds; raise for anything else.

    Fields that are not known, as of a later version of the course, are left out.
    """
    known = {field.name: fields[field.name] for field in dataclasses.fields(Answer)}
    if not isinstance(known["question"], str):
        known["question"] = Spec(**known["question"])
    known |= {"when": datetime.fromisoformat(known["when"]), "beliefs": tuple(known["beliefs"])}
    answer = Answer(**known)
    texts = answer.framework, answer.typed, answer.lesson, answer.code, *answer.beliefs
    if (
        answer.status not in STATUSES
        or answer.when.tzinfo is None
        or not all(isinstance(text, str) for text in texts)
        or (type(answer.attempt), type(answer.made)) != (int, bool)
    ):
        raise ValueError("no answer")
    return answer


def named(question):
    """Return what stands for a question wherever it is asked again, whatever its place."""
    if isinstance(question, Spec):
        return question
    if text := getattr(question, "text", ""):
        return text
    right = question.right
    return f"{right.__module__}.{getattr(right, '__qualname__', type(right).__name__)}"


def _code(question):
    """Return what tells the code of a question or task from that of another with its text.

    The course's own are told apart by their texts, and may be mended.
    """
    function = getattr(question, "run", None) or getattr(question, "right", None)
    code = getattr(function, "__code__", None)
    if code is None or function.__module__.startswith(f"{__package__}."):
        return ""
    constants = [one for one in code.co_consts if not hasattr(one, "co_code")]
    return sha256(repr((code.co_code, code.co_names, constants)).encode()).hexdigest()[:8]


def _settings(spec):
    """Return what of a Spec is not its default, so that it stays the same when Spec grows."""
    fields = {field.name: getattr(spec, field.name) for field in dataclasses.fields(spec)}
    return {name: value for name, value in fields.items() if value != default(name)}
