"""A kernel that dies in a cell of a lesson is noticed within a second or two.

nbval waits for its answer for as long as a cell may take: --nbval-cell-timeout in pyproject.toml.
"""

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
