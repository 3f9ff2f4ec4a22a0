"""The memory of all lessons: one file, whole or not at all, and never in the way."""

import errno
import io
import json
import os
import stat
import subprocess
import sys
import threading

import pytest

from lstm_lessons import Question, Spec, appended
from lstm_lessons.asked import meaning
from lstm_lessons.remembered import answers, brought, place, recalled, record, taken, trouble

ASKED = Question("Is it so?", run=lambda: True)


@pytest.fixture
def file(tmp_path, monkeypatch):
    """The file of a learner whose kernels run in my-lessons/."""
    folder = tmp_path / "my-lessons"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder / ".answers.jsonl"


def test_an_answer_is_a_line_and_comes_back(file):
    assert recalled(Spec(), "keras") is None
    record(Spec(), "keras", "(3, 5)", "wrong", ("units_timesteps",))
    record(Spec(), "keras", "(3, 7)", "correct", attempt=2)
    record(ASKED, "torch", "Falsé \ud800", "wrong")
    first, second, third = map(json.loads, file.read_text().splitlines())
    assert first.pop("when") <= second.pop("when")
    assert first == {
        "question": {},
        "framework": "keras",
        "status": "wrong",
        "typed": "(3, 5)",
        "beliefs": ["units_timesteps"],
        "attempt": 1,
        "lesson": "",
        "made": False,
        "code": "",
    }
    assert (second["status"], second["attempt"], third["question"]) == ("correct", 2, "Is it so?")
    was = recalled(Spec(), "keras")
    assert (was.typed, was.status, was.wrong, was.solved) == (
        "(3, 7)",
        "correct",
        ("(3, 5)",),
        True,
    )
    assert recalled(ASKED, "torch").typed == "Falsé \ud800"
    assert recalled(Spec(), "torch") is recalled(Spec(units=9), "keras") is None
    assert recalled(Spec(), "keras", made=True) is None
    assert trouble() == ""


def test_another_kernel_reads_it(file):
    record(Spec(units=9), "keras", "(3, 9)", "correct")
    script = (
        "from lstm_lessons import Spec, remembered as r; print(r.recalled(Spec(units=9), 'keras'))"
    )
    seen = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "typed='(3, 9)', status='correct'" in seen.stdout


def test_what_counts_neither_way_is_not_kept_nor_the_same_twice(file):
    for status in ("not readable", "not attempted", "could not run"):
        record(Spec(), "keras", "seven", status)
    assert not file.exists()
    for typed in ("(3, 5)", "(3, 5)", "(3, 6)"):
        record(Spec(), "keras", typed, "wrong")
    record(Spec(), "keras", "", "shown")
    assert [one.typed for one in answers()] == ["(3, 5)", "(3, 6)", ""]
    assert recalled(Spec(), "keras").wrong == ("(3, 5)", "(3, 6)")
    assert recalled(Spec(), "keras").typed == "(3, 6)"


def test_nobody_else_can_read_it(file):
    before = os.umask(0)
    try:
        record(Spec(), "keras", "(3, 5)", "wrong")
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert os.listdir(file.parent) == [file.name]


def test_only_in_my_lessons_or_where_one_says_a_file_is_kept(tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    record(Spec(), "keras", "(3, 5)", "wrong")
    assert place() is None
    assert not any(tmp_path.rglob("*answers*"))
    assert recalled(Spec(), "keras").typed == "(3, 5)"  # as long as the kernel lives
    monkeypatch.setenv("LSTM_LESSONS_ANSWERS", str(tmp_path / "mine.jsonl"))
    record(Spec(), "keras", "(3, 6)", "wrong")
    assert len((tmp_path / "mine.jsonl").read_text().splitlines()) == 2


WRITES = """
import sys
from lstm_lessons import Spec
from lstm_lessons.remembered import record, trouble
for number in range(40):
    record(Spec(units=number + 1), sys.argv[1], "7" * 900, "wrong")
print(trouble())
"""


def test_two_lessons_write_at_once(file):
    command = [sys.executable, "-c", WRITES]
    both = [
        subprocess.Popen([*command, name], stdout=subprocess.PIPE, text=True)
        for name in ("keras", "torch")
    ]
    assert [one.communicate(timeout=60)[0].strip() for one in both] == ["", ""]
    assert len(file.read_text().splitlines()) == len(answers()) == 80
    assert {one.asked for one in answers()} == {
        (Spec(units=number + 1), name, False, "")
        for number in range(40)
        for name in ("keras", "torch")
    }


def test_a_line_that_is_being_written_is_waited_for(file):
    record(Spec(), "keras", "(3, 5)", "wrong")
    line = file.read_bytes()
    file.write_bytes(line[:40])
    rest = threading.Timer(0.02, file.write_bytes, [line])
    rest.start()
    assert [one.typed for one in answers()] == ["(3, 5)"]
    assert not trouble()
    rest.join()


def test_a_lesson_that_hangs_while_it_writes_is_not_waited_for(file, monkeypatch):
    fcntl = pytest.importorskip("fcntl")
    monkeypatch.setattr(appended, "PATIENCE", 0.05)
    with open(file, "ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        record(Spec(), "keras", "(3, 5)", "wrong")
    assert "got another lesson that does not let go of it; mend that." in trouble()
    assert recalled(Spec(), "keras").typed == "(3, 5)"


def full(monkeypatch, room):
    """Let a disk take so many bytes of a line, as a full one does."""

    class Full(io.FileIO):
        def write(self, lines):
            if not room:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return super().write(lines[:room])

    def opened(path, mode, buffering=0, opener=None):
        return Full(path, mode.replace("b", ""), opener=opener)

    monkeypatch.setattr(appended, "open", opened, raising=False)


@pytest.mark.parametrize("room", [0, 20])
def test_on_a_full_disk_nothing_is_written_and_one_line_says_so(file, monkeypatch, room):
    record(Spec(), "keras", "(3, 5)", "wrong")
    before = file.read_bytes()
    with monkeypatch.context() as patched:
        full(patched, room)
        record(Spec(), "keras", "(3, 6)", "wrong")
        record(Spec(), "keras", "(3, 7)", "correct")
        assert file.read_bytes() == before
    assert trouble() == (
        "Your answers must be kept in .answers.jsonl, got No space left on device; mend that. "
        "Until then they last as long as this kernel."
    )
    assert trouble() == ""
    assert recalled(Spec(), "keras").solved  # in this kernel
    record(Spec(), "torch", "(3, 5)", "wrong")  # there is room again
    assert len(file.read_bytes().splitlines()) == len(answers()) == 4


def test_a_folder_that_cannot_be_written_to_costs_a_line(file, monkeypatch):
    record(Spec(), "keras", "(3, 5)", "wrong")

    def refused(*given, **named):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(appended, "open", refused, raising=False)
    assert recalled(Spec(), "keras") is None
    record(Spec(), "keras", "(3, 7)", "correct")
    assert recalled(Spec(), "keras").solved
    assert trouble().count("got Permission denied; mend that.") == 1  # to read and to write


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
@pytest.mark.parametrize("make", [os.mkdir, getattr(os, "mkfifo", None)])
def test_what_is_no_file_is_not_waited_for(file, make):
    make(file)
    record(Spec(), "keras", "(3, 7)", "correct")
    assert recalled(Spec(), "keras").solved
    said = trouble()
    assert said.count("got something that is no file") == said.count("mend that") == 1
    assert (answers()[0].typed, trouble()) == ("(3, 7)", "")


BAD = [
    b"{",
    b"\xff\xfe\x00",
    b"[]",
    b"7",
    b'{"question": "?"}',
    b"[" * 100_000,
    b'{"question": {"units": -1}, "framework": "keras", "status": "wrong", '
    b'"when": "2026-11-26T09:00:00+00:00", "typed": "", "beliefs": [], "attempt": 1, '
    b'"lesson": "", "made": false, "code": ""}',
]
GOOD = (
    b'{"question": {}, "framework": "keras", "status": "wrong", '
    b'"when": "2026-11-26T09:00:00+00:00", "typed": "(3, 5)", "beliefs": [], "attempt": 1, '
    b'"lesson": "", "made": false, "code": "", "of a later version": 7}'
)
SPOILT = {  # one field of the good line, and what it may not be
    "when": ["yesterday", "2026-11-26T09:00:00", 7, None],
    "status": ["not readable", 7],
    "typed": [7, None],
    "beliefs": [7, [7]],
    "attempt": ["1", True],
    "made": [1],
    "framework": [None],
    "question": [7, None, {"colour": 3}, []],
}


def test_lines_that_cannot_be_read_are_skipped_and_told_of_once(file):
    spoilt = [
        json.dumps(json.loads(GOOD) | {name: value}).encode()
        for name, values in SPOILT.items()
        for value in values
    ]
    file.write_bytes(b"\n".join([*BAD, *spoilt, b"", GOOD, GOOD[:70]]))
    assert recalled(Spec(), "keras").typed == "(3, 5)"
    assert trouble() == (
        f"Each line of .answers.jsonl must be an answer, got {len(BAD + spoilt) + 1} that can't be "
        "read; skipped."
    )
    record(Spec(), "keras", "(3, 7)", "correct")  # begins a line of its own
    assert recalled(Spec(), "keras").solved
    assert trouble() == ""


def test_what_is_deleted_is_gone_and_the_work_goes_on(file):
    record(Spec(), "keras", "(3, 7)", "correct")
    file.unlink()
    assert recalled(Spec(), "keras") is None
    record(Spec(), "torch", "(3, 7)", "wrong")
    assert [one.framework for one in answers()] == ["torch"]


def test_of_a_folder_that_is_gone_a_line_is_said(file):
    file.parent.rmdir()
    record(Spec(), "keras", "(3, 7)", "correct")
    assert recalled(Spec(), "keras").solved


def test_a_task_has_a_name(file):
    record(meaning.sequence_loss(), "torch", "", "correct", made=True)
    assert recalled(meaning.sequence_loss(), "torch", made=True).solved
    assert recalled(meaning.leaks(), "torch", made=True) is None


def test_two_questions_of_ones_own_that_read_the_same_are_two(file):
    record(ASKED, "keras", "True", "correct")
    assert recalled(Question("Is it so?", run=lambda: True), "keras").solved
    assert recalled(Question("Is it so?", run=lambda: False), "keras") is None
    assert recalled(meaning.table(), "torch") is None
    record(meaning.table(), "torch", "(9, 7), (1, 7)", "correct")
    assert answers()[-1].code == ""


def test_it_can_be_taken_elsewhere_and_brought_back(file):
    record(Spec(), "keras", "(3, 5)", "wrong")
    record(ASKED, "torch", "True", "correct")
    lines = taken()
    file.unlink()
    record(Spec(), "torch", "(3, 5)", "wrong")
    assert brought(lines) == 2
    assert brought(lines.encode()) == 0
    assert len(answers()) == 3
    for other in ("", "hello\n", GOOD.decode() + "\nhello", b"\xff"):
        with pytest.raises(ValueError, match=r"lines must be answers, got (1 that is )?none; try"):
            brought(other)
    assert len(answers()) == 3
