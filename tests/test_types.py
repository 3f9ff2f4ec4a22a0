"""The types that are written down hold, and they are written down where they carry."""

import inspect
import subprocess
import sys

import pytest

import lstm_lessons


def mypy(*options, cwd):
    """Return the status and the words of mypy."""
    command = [sys.executable, "-m", "mypy", "--no-error-summary", *options]
    answer = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    return answer.returncode, answer.stdout + answer.stderr


def test_the_types_hold(root):
    assert mypy(cwd=root) == (0, "")


def test_the_test_of_types_can_fail(root, tmp_path):
    (tmp_path / "wrong.py").write_text(
        "from lstm_lessons import Spec, expected\nexpected(Spec()).shapes + expected(7)\n"
    )
    status, said = mypy("--config-file", str(root / "pyproject.toml"), "wrong.py", cwd=tmp_path)
    assert status == 1
    assert 'Argument 1 to "expected" has incompatible type "int"; expected "Spec"' in said


@pytest.mark.parametrize("name", sorted(lstm_lessons.__all__))
def test_each_public_function_says_what_it_takes_and_returns(name):
    function = getattr(lstm_lessons, name)
    signature = inspect.signature(function)
    if not inspect.isclass(function):
        assert signature.return_annotation is not inspect.Signature.empty
    for parameter in signature.parameters.values():
        assert parameter.annotation is not inspect.Parameter.empty, parameter


def test_the_types_are_in_the_package(root):
    assert (root / "lstm_lessons/py.typed").exists()
