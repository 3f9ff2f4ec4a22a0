"""JupyterLab on a folder of lessons. It needs nothing but Python, as course.py imports it."""

import os
import subprocess
import sys


def opened(python, folder, new=(), options=()):
    """Open JupyterLab on a folder, at the first new lesson or where it was left.

    It listens on this machine alone. python: the interpreter that has it. new: the names of the
    lessons that were just put there. options: more for JupyterLab.
    """
    command = [str(python), "-m", "jupyterlab", "--ServerApp.ip=127.0.0.1"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    displays = ("DISPLAY", "WAYLAND_DISPLAY")
    if sys.platform == "linux" and not any(os.environ.get(name) for name in displays):
        command.append("--no-browser")
    if new:
        command.append(f"--LabApp.default_url=/lab/tree/{new[0]}")
    command += [*options, str(folder)]
    if os.name == "posix":
        os.execv(command[0], command)  # JupyterLab takes over: it gets Control-C itself
    subprocess.run(command)
