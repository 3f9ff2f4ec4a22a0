"""What holds for every run of the tests.

A kernel that dies in a cell of a lesson is noticed within a second or two: nbval waits for its
answer for as long as a cell may take, --nbval-cell-timeout in pyproject.toml. Where CI is set, a
test is skipped for an expected reason or not at all.
"""

import os
import time
from queue import Empty

from nbval.kernel import RunningKernel


def watching(await_reply):
    """Return nbval's way to wait for a kernel's answer, made to look whether the kernel lives."""

    def watched(kernel, msg_id, timeout):
        until = time.monotonic() + timeout
        while True:
            try:
                return await_reply(kernel, msg_id, timeout=1)
            except Empty:
                if not kernel.is_alive():
                    raise RuntimeError("The kernel died in this cell.") from None
                if time.monotonic() > until:
                    raise

    return watched


RunningKernel.await_reply = watching(RunningKernel.await_reply)
os.environ.pop("LSTM_LESSONS_ANSWERS", None)  # no test reads or writes the answers of who runs it

EXPECTED_SKIPS = {
    "needs jax, which pip could not install",  # JAX has no build for every Python and machine
}


def pytest_sessionfinish(session):
    """Fail a run of .ci/run in which a test was skipped that should not be."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter:
        skipped = {report.longrepr[2] for report in reporter.stats.get("skipped", ())}
        reasons = {reason.removeprefix("Skipped: ") for reason in skipped} - EXPECTED_SKIPS
        if reasons:
            print(f"\nNothing may be skipped here, got {sorted(reasons)}; see EXPECTED_SKIPS")
            session.exitstatus = session.exitstatus or 1
