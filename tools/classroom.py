"""A real hub, and learners who are temporary Unix users: for tests and measurements.

Needs Linux, root, JupyterHub and configurable-http-proxy; `make test-hub` installs the last two. It
has more than 300 lines: the hub, its users and what a learner does, for both.
"""

import concurrent.futures
import contextlib
import json
import os
import pathlib
import secrets
import subprocess
import sys
import tempfile
import time
from importlib import metadata

import browser
import nbformat
import psutil
import requests
import websocket
from jupyter_client.session import Session, json_packer


class NoHub(Exception):
    """The hub did not start; what it said last."""


class Lost(Exception):
    """The kernel, or the server with it, is gone."""


class NotRun(Exception):
    """The kernel refused to run a cell; what it answered."""


def missing():
    """Return what a hub needs and this machine lacks, in one line; None if it lacks nothing."""
    if not sys.platform.startswith("linux") or os.geteuid():
        return "a hub must be started by root on Linux, got another user or system; try sudo"
    for name in ("jupyterhub", "jupyterhub-idle-culler"):
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            return f"{name} must be installed, got nothing; try make test-hub"


@contextlib.contextmanager
def open_folder():
    """Yield an empty folder that every user can enter, unlike the folders that pytest makes."""
    with tempfile.TemporaryDirectory(prefix="classroom-") as name:
        os.chmod(name, 0o755)
        yield pathlib.Path(name)


@contextlib.contextmanager
def unix_users(number, group="learners"):
    """Yield {name: password} of temporary Unix users; they and what they run go afterwards.

    The group is made if it is not there. Their homes are open to all, as on careless machines.
    """
    quiet = {"check": True, "capture_output": True, "text": True}
    new_group = not subprocess.run(["groupadd", group], capture_output=True).returncode
    stem = f"learner-{secrets.token_hex(2)}"
    users = {f"{stem}-{n}": secrets.token_urlsafe() for n in range(1, number + 1)}
    with open_folder() as homes:
        try:
            for name, password in users.items():
                home = ["--create-home", "--home-dir", str(homes / name), "--key", "HOME_MODE=0755"]
                subprocess.run(["useradd", *home, "--groups", group, name], **quiet)
                subprocess.run(["chpasswd"], input=f"{name}:{password}", **quiet)
            yield users
        finally:
            for name in users:
                running = processes(name)
                for process in running:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        process.kill()
                psutil.wait_procs(running, 20)  # a user who runs something cannot be deleted
                subprocess.run(["userdel", name], capture_output=True)
            if new_group:
                subprocess.run(["groupdel", group], **quiet)


def processes(name):
    """Return the processes of a Unix user."""
    found = psutil.process_iter(["username"])
    return [process for process in found if process.info["username"] == name]


@contextlib.contextmanager
def hub(course, more="", shared=True):
    """Yield the address of a hub that runs a course's own configuration, and ends afterwards.

    course: the folder of the course. more: lines of configuration to add. shared: whether kernels
    share what is loaded, or each loads its own. Raises NoHub if it does not start.
    """
    if not shared:
        more += "\nc.JupyterHub.services.pop()"
    ports = [browser.free_port() for _ in range(3)]
    url = f"http://127.0.0.1:{ports[0]}"
    with tempfile.TemporaryDirectory() as state:
        config = pathlib.Path(state, "config.py")
        config.write_text(
            f"load_subconfig({str(course / 'deploy/jupyterhub_config.py')!r})\n"
            f"c.JupyterHub.db_url = 'sqlite:///{state}/hub.sqlite'\n"
            f"c.JupyterHub.cookie_secret_file = '{state}/cookie_secret'\n"
            f"c.JupyterHub.bind_url = {url!r}\n"
            f"c.JupyterHub.hub_port = {ports[1]}\n"
            f"c.ConfigurableHTTPProxy.api_url = 'http://127.0.0.1:{ports[2]}'\n{more}\n"
        )
        log = pathlib.Path(state, "log")
        with log.open("w") as written:
            process = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub", "-f", str(config)],
                cwd=state,
                stdout=written,
                stderr=subprocess.STDOUT,
            )
        try:
            until(lambda: process.poll() is not None or answers(f"{url}/hub/health"), 60)
            if process.poll() is not None:
                raise NoHub(log.read_text().strip()[-2000:])
            kernels = pathlib.Path(f"/run/lstm-lessons-{process.pid}.sock")
            until(lambda: kernels.exists() or not shared)
            yield url
        finally:
            process.terminate()
            process.wait(60)


def answers(url):
    """Return whether a server answers at this address."""
    try:
        return requests.get(url, timeout=5).ok
    except requests.ConnectionError:
        return False


def until(true, seconds=120):
    """Return when a function returns something true; raise TimeoutError if it does not."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds} seconds")
        time.sleep(0.1)


class Learner:
    """One learner at a hub: logs in, starts a server, opens lessons and runs them."""

    def __init__(self, hub, name, password):
        self.hub, self.name, self.password = hub, name, password
        self.home = pathlib.Path(f"~{name}").expanduser()
        self.browser = requests.Session()  # keeps the cookies
        self.token = None
        self.session = Session()  # that of their browser's tab, the same whenever it connects
        self.done = 0  # cells run in this lesson

    def log_in(self):
        """Log in as a person does, with name and password, and get a token; return the page."""
        self.browser.get(f"{self.hub}/hub/login")
        form = {"username": self.name, "password": self.password, "_xsrf": self._xsrf()}
        page = self.browser.post(f"{self.hub}/hub/login?next=/hub/home", data=form)
        if page.ok:
            address = f"{self.hub}/hub/api/users/{self.name}/tokens"
            answer = self.browser.post(address, headers={"X-XSRFToken": self._xsrf()})
            self.token = answer.json()["token"]
        return page

    def _xsrf(self):
        return self.browser.cookies.get("_xsrf", path="/hub/")

    @property
    def key(self):
        """The header that carries the token."""
        return {"Authorization": f"token {self.token}"}

    def ask_hub(self, method, path):
        """Return the hub's answer to a request about this learner; raise for a refusal."""
        url = f"{self.hub}/hub/api/users/{self.name}{path}"
        answer = requests.request(method, url, headers=self.key, timeout=60)
        answer.raise_for_status()
        return answer

    def running(self):
        """Return whether the hub knows this learner's server as ready."""
        return any(one["ready"] for one in self.ask_hub("GET", "").json()["servers"].values())

    def start(self):
        """Start this learner's server, and return when it is ready."""
        until(self._accepted)
        until(self.running, 200)

    def _accepted(self):
        """Ask for a server; return whether the hub is done with one that has ended."""
        try:
            return self.ask_hub("POST", "/server").ok
        except requests.HTTPError as refusal:
            if "pending stop" in refusal.response.text:
                return False
            raise

    def stop(self):
        """Stop this learner's server, and return when it has ended."""
        self.ask_hub("DELETE", "/server")
        until(lambda: not self.ask_hub("GET", "").json()["servers"])

    def ask(self, method, path, body=None):
        """Return what this learner's server answers to a request; raise for a refusal."""
        url = f"{self.hub}/user/{self.name}/api/{path}"
        answer = requests.request(method, url, headers=self.key, json=body, timeout=120)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def open(self, path):
        """Return the id of the kernel of a notebook at this path, started if there is none."""
        session = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        return self.ask("POST", "sessions", session)["kernel"]["id"]

    def close(self):
        """End every kernel of this learner."""
        for session in self.ask("GET", "sessions"):
            self.ask("DELETE", f"sessions/{session['id']}")

    def read(self, path):
        """Return a notebook of this learner, as the server hands it out."""
        return nbformat.from_dict(self.ask("GET", f"contents/{path}")["content"])

    def save(self, path, notebook):
        """Save a notebook, as JupyterLab does."""
        body = {"type": "notebook", "format": "json", "content": notebook}
        self.ask("PUT", f"contents/{path}", body)

    def run(self, path):
        """Clear a notebook, run all of it, save it after each cell, and return it.

        Raises Lost if its kernel or its server goes away.
        """
        notebook, self.done = self.read(path), 0
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        for cell in code:
            cell.update(outputs=[], execution_count=None)
        with self.kernel(self.open(path)) as execute:
            for cell in code:
                cell.outputs, cell.execution_count = execute(cell.source)
                self.save(path, notebook)
                self.done += 1
        return notebook

    @contextlib.contextmanager
    def kernel(self, name):
        """Yield a function from code to (outputs, count), which runs it in a kernel.

        It goes about it as JupyterLab does: in the session that it had before, and after a first
        answer. For what was asked of a kernel that had died is run by the next one; and if that
        fails, what waits behind it is not run.
        """
        url = f"{self.hub}/user/{self.name}/api/kernels/{name}/channels"
        url = url.replace("http", "ws", 1) + f"?session_id={self.session.session}"

        def ask(kind, content):
            asked = self.session.msg(kind, content)
            socket.send(json_packer({**asked, "channel": "shell", "buffers": []}).decode())
            return messages(socket, asked["msg_id"])

        def execute(code):
            return replies(ask("execute_request", {"code": code, "allow_stdin": False}))

        try:
            with contextlib.closing(
                websocket.create_connection(url, header=self.key, timeout=300)
            ) as socket:
                asked = ask("kernel_info_request", {})
                next(one for one in asked if one["header"]["msg_type"] == "kernel_info_reply")
                yield execute
        except (websocket.WebSocketException, requests.RequestException, ConnectionError) as error:
            raise Lost(str(error)) from error


def messages(socket, asked):
    """Yield what a kernel answers to a request; raise Lost if the kernel or the server goes."""
    while text := socket.recv():
        message = json.loads(text)
        content = message["content"]
        if content.get("execution_state") in ("restarting", "dead"):
            raise Lost("the kernel died")
        if message["parent_header"].get("msg_id") == asked:
            yield message
    raise Lost("the server closed the connection")


def replies(answers):
    """Return the outputs and the count of a run, once it is answered and the kernel idle."""
    outputs, count, idle = [], None, False
    while count is None or not idle:
        message = next(answers)
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "execute_reply":
            if content["status"] == "aborted":
                raise NotRun(f"a cell must run, got {content}")
            count = content["execution_count"]
        elif kind == "status":
            idle = content["execution_state"] == "idle"
        elif kind in ("execute_result", "display_data", "stream", "error"):
            outputs.append(nbformat.v4.output_from_msg(message))
    return outputs, count


def errors(notebook):
    """Return the errors in the outputs of a notebook."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [out for cell in cells for out in cell.outputs if out.output_type == "error"]


def together(learners, do):
    """Return what a function gives for each learner, all at once; raise what it raises."""
    with concurrent.futures.ThreadPoolExecutor(len(learners) or 1) as pool:
        return list(pool.map(do, learners))
