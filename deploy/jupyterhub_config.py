"""A hub for one class on one Linux machine, for JupyterHub 6.1.

Learners are the Unix users of the group `learners`; they log in with their passwords. Each has
my-lessons/ in a home that nobody else can enter. Who is in the group `instructors` has the hub's
admin page. Started as root; listens on this machine only: nginx.conf is the proxy in front.
"""

import grp
import os
import pathlib
import stat
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent.parent
STATE = pathlib.Path(sys.prefix, "hub")  # the hub's own database, secret and proxy
PROXY = STATE / "node_modules/.bin/configurable-http-proxy"
KERNELS = f"/run/lstm-lessons-{os.getpid()}.sock"  # where kernels are asked for
IDLE = 3600  # seconds without activity after which a kernel, then a server, is ended

# The operating system's own limits, for a server and for each kernel. Processes are counted for
# the learner, threads among them; the others hold for each process.
LIMITS = (
    "prlimit",
    f"--data={2 * 2**30}",  # bytes of its own: an array beyond is a MemoryError
    "--nproc=500",
    f"--cpu={2 * 3600}",  # processor seconds, then it is ended: a lesson takes one minute
    f"--fsize={2**30}",  # bytes of one file; a quota of the file system limits a home
    "--core=0",
)

for place in (HERE, pathlib.Path(sys.base_prefix)):
    for folder in (place, *place.parents):
        if not folder.stat().st_mode & stat.S_IXOTH:
            sys.exit(
                f"learners must be able to enter {folder}, got a folder closed to them; "
                "try a fresh clone in /opt, and PYTHON=/usr/bin/python3"
            )
if not PROXY.exists():
    sys.exit(
        f"configurable-http-proxy must be at {PROXY}, got nothing; "
        f"try npm install --prefix {STATE} configurable-http-proxy@5"
    )
for name in ("assignments", "tests/grading", ".git"):  # where answers stand
    if (HERE / name).exists():
        (HERE / name).chmod(0o700)

c = get_config()  # noqa: F821

c.JupyterHub.bind_url = "http://127.0.0.1:8000"
c.JupyterHub.db_url = f"sqlite:///{STATE}/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = f"{STATE}/cookie_secret"
# The proxy in front says that the browser's way was https: this one must not add its own.
c.ConfigurableHTTPProxy.command = [str(PROXY), "--no-x-forward"]
instructors = {group.gr_name for group in grp.getgrall()} & {"instructors"}
c.PAMAuthenticator.admin_groups = instructors
c.PAMAuthenticator.allowed_groups = {"learners", *instructors}
os.umask(0o077)  # what the hub and its learners write is theirs alone

# A learner's server starts as that learner, and its log is in their home. The path of a socket has
# 107 characters at most: hence .run. Nice: whatever learners compute, the hub answers. One thread:
# TensorFlow would start as many as there are cores in each kernel, to take them from each other.
START = f"""
chmod go= "$HOME"
touch "$HOME/.server.log" && exec > "$HOME/.server.log" 2>&1
export JUPYTER_RUNTIME_DIR="$HOME/.run" JUPYTER_PATH="{HERE}/deploy" LESSONS_KERNELS="{KERNELS}"
export TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1
"{sys.executable}" "{HERE}/course.py" lessons "$HOME/my-lessons"
exec nice -n 5 {" ".join(LIMITS)} "{sys.prefix}/bin/jupyterhub-singleuser" "$@"
"""
c.Spawner.mem_limit = "2G"  # what JupyterLab shows; LIMITS holds it
c.Spawner.cmd = ["sh", "-c", START, "sh"]
# Or each of them would hold what the hub was started with: a terminal of root's, to be read.
c.LocalProcessSpawner.popen_kwargs = dict.fromkeys(
    ("stdin", "stdout", "stderr"), subprocess.DEVNULL
)
c.Spawner.args = [
    f"--MappingKernelManager.cull_idle_timeout={IDLE}",
    "--MappingKernelManager.cull_connected=True",  # a forgotten tab keeps no kernel
    "--KernelManager.transport=ipc",  # others could listen in on ports
    "--ServerApp.trust_xheaders=True",  # of https, so that its cookies stay there
]
c.Spawner.default_url = "/lab/tree/my-lessons"
c.Spawner.start_timeout = c.Spawner.http_timeout = 180  # a class logs in all at once

c.JupyterHub.services = [
    {
        "name": "idle-culler",
        "command": [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={IDLE}"],
    },
    # Kernels are its children: what it has, they have. So it has no token, and starts no thread.
    {
        "name": "kernels",
        "command": [
            *("nice", "-n", "5", *LIMITS, "env", "-i", f"PATH={os.defpath}", f"HOME={STATE}"),
            *("OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", f"LESSONS_KERNELS={KERNELS}"),
            *(sys.executable, f"{HERE}/deploy/preloaded.py"),
        ],
    },
]
c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle-culler"],
    }
]
