"""The types that are written down hold, and they are written down where they carry."""

import inspect
import subprocess
import sys

import pytest

import lstm_lessons


def mypy(root, *what):
    """Return the status and the words of mypy on the package, or on a piece of source."""
    command = [sys.executable, "-m", "mypy", "--no-error-summary", *what]
    answer = subprocess.run(command, cwd=root, capture_output=True, text=True)
    return answer.returncode, answer.stdout + answer.stderr


def test_the_types_hold(root):
    assert mypy(root, "-p", "lstm_lessons") == (0, "")


def test_the_test_of_types_can_fail(root):
    status, said = mypy(root, "-c", "from lstm_lessons import Spec, expected; expected(7)")
    assert status == 1
    assert 'Argument 1 to "expected" has incompatible type "int"; expected "Spec"' in said


READER = """
from lstm_lessons.explaining.watching import Reader
from lstm_lessons{module} as module
reader: Reader = module
"""


@pytest.mark.parametrize("module", [".explaining import _keras", ".explaining import _torch"])
def test_what_reads_a_framework_is_a_reader(module, root):
    assert mypy(root, "-c", READER.format(module=module)) == (0, "")


def test_another_module_is_no_reader(root):
    _, said = mypy(root, "-c", READER.format(module=" import spec"))
    assert "Incompatible types in assignment (expression has type Module, variable" in said


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
