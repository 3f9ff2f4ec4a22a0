"""The book, made for tests."""

import subprocess
import sys

import course


def made(out, *options):
    """Return the folder of the book, made as `make book` makes it: a warning is an error."""
    command = [sys.executable, *course.sphinx(out, "--keep-going", "-E", *options)]
    built = subprocess.run(command, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return out
