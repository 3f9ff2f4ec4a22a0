"""A test that is skipped where nothing may be skipped fails the run."""

import os
import subprocess
import sys

JAX = "needs jax, which pip could not install"
SKIPPED = "import pytest\n\n\ndef test_it():\n    pytest.skip({reason!r})\n"


def run(root, folder, reason, **environment):
    """Return the status and the output of a run of one test that is skipped for a reason."""
    (folder / "test_it.py").write_text(SKIPPED.format(reason=reason))
    (folder / "conftest.py").write_text((root / "conftest.py").read_text())
    plain = {name: value for name, value in os.environ.items() if name != "CI"}
    answer = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", str(folder)],
        cwd=folder,
        env=plain | environment,
        capture_output=True,
        text=True,
    )
    return answer.returncode, answer.stdout


def test_a_skip_that_nobody_expects_fails_where_ci_is_set(root, tmp_path):
    status, said = run(root, tmp_path, "the sun shines", CI="true")
    assert status == 1
    assert "Nothing may be skipped here, got ['the sun shines']" in said


def test_a_skip_elsewhere_or_an_expected_one_does_not(root, tmp_path):
    assert run(root, tmp_path, "the sun shines")[0] == 0
    assert run(root, tmp_path, JAX, CI="true")[0] == 0
