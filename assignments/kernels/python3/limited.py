"""A Python kernel for code that strangers wrote: with limits, and without a network.

Memory and processor time are limited where the system keeps such limits. On Linux the kernel also
leaves the network as soon as nbgrader's sockets are open: what runs in it then reaches no
address, not even this machine's. It still can read and write what the user can who grades.
"""

import contextlib
import ctypes
import os
import pathlib
import sys

from ipykernel.kernelapp import IPKernelApp

MEMORY = 4 * 2**30  # bytes of data; both frameworks and an assignment's layers take less than 1 GB
SECONDS = 600  # of processor time, for a whole notebook
NEW_USER, NEW_NET = 0x10000000, 0x40000000  # flags of unshare(2)


def leave(flag):
    """Leave a namespace of Linux; the sockets that are open stay."""
    if sys.platform == "linux":
        ctypes.CDLL(None).unshare(flag)


with contextlib.suppress(ImportError):
    import resource

    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
if hasattr(os, "geteuid") and os.geteuid() != 0:
    leave(NEW_USER)  # only in a namespace of its own may it do what root may
app = IPKernelApp.instance()
app.initialize()
leave(NEW_NET)
# Nothing that lies beside the notebook can be imported: `tasks` comes from the source.
here = pathlib.Path.cwd()
source = pathlib.Path(__file__).resolve().parents[2] / "source" / here.name
sys.path[:] = [str(source), *(one for one in sys.path if one not in ("", str(here)))]
app.start()
