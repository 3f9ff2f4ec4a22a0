"""A real JupyterLab in a real browser, for tests, measurements and screenshots."""

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass

import nbformat
from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync", "--disable-quic"]


def chromium():
    """Return the path of a Chromium on this machine, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@dataclass
class Lab:
    """A running JupyterLab: its address, its folder, and the browser that opens it."""

    url: str
    token: str
    browser: object
    complaints: list
    folder: object = None

    def open(self, name, app="lab", width=1100, height=1400):
        """Return a page with a notebook open, its errors and console errors gathered."""
        page = self.browser.new_page(viewport={"width": width, "height": height})
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        where = "doc/tree" if app == "lab" else "notebooks"
        page.goto(f"{self.url}/{where}/{name}?token={self.token}")
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=90_000)
        self.wait_for_kernel(name)
        page.wait_for_timeout(1000)
        return page

    def write(self, name, sources):
        """Have JupyterLab write a notebook with these cells of code."""
        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in sources])
        made.metadata["kernelspec"] = {"display_name": "Python 3", "name": "python3"}
        request = urllib.request.Request(
            f"{self.url}/api/contents/{name}?token={self.token}",
            json.dumps({"type": "notebook", "content": made}).encode(),
            {"Content-Type": "application/json"},
            method="PUT",
        )
        urllib.request.urlopen(request).close()

    def _hear(self, message):
        """Keep a console error, but not JupyterLab's own requests: our outputs load nothing."""
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.complaints.append(message.text)

    def sessions(self):
        """Return the open sessions, as JupyterLab's REST API tells of them."""
        with urllib.request.urlopen(f"{self.url}/api/sessions?token={self.token}") as answer:
            return json.load(answer)

    def end_kernels(self, kept=None):
        """End every kernel, as closing the lessons would; the next page gets a fresh one.

        kept: the notebook whose kernel stays.
        """
        for one in (each for each in self.sessions() if each["path"] != kept):
            request = urllib.request.Request(
                f"{self.url}/api/sessions/{one['id']}?token={self.token}", method="DELETE"
            )
            urllib.request.urlopen(request).close()

    def wait_for_kernel(self, name):
        """Return when the notebook of this name has a kernel that is idle."""
        for _ in range(600):
            sessions = {one["path"]: one["kernel"] for one in self.sessions()}
            if name in sessions and sessions[name]["execution_state"] == "idle":
                return
            time.sleep(0.1)
        raise TimeoutError(f"{name} got no kernel")


def run_all(page, restart=False, timeout=180):
    """Run every cell of an open notebook and wait until the kernel is idle again."""
    command = "runmenu:restart-and-run-all" if restart else "runmenu:run-all"
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.locator(f'.lm-Menu-item[data-command="{command}"]').click()
    if restart:
        page.get_by_role("button", name="Confirm Kernel Restart").click()
    page.wait_for_timeout(1000)
    prompts = ".jp-CodeCell .jp-InputArea-prompt"
    every_cell_has_run = f"""() => [...document.querySelectorAll('{prompts}')]
        .every(prompt => /\\[\\d+\\]/.test(prompt.textContent))"""
    page.wait_for_function(every_cell_has_run, timeout=timeout * 1000)
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(timeout=60_000)
    page.wait_for_timeout(500)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def chrome():
    """Yield a headless Chromium."""
    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield running
        running.close()


@contextlib.contextmanager
def lab(browser, folder, settings, theme="light"):
    """Yield a Lab on a folder, on this machine only, which ends afterwards.

    settings: an empty folder for JupyterLab's settings.
    """
    port, token = free_port(), secrets.token_hex(16)
    chosen = {
        "apputils-extension/themes": {"theme": f"JupyterLab {theme.capitalize()}"},
        "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
        "notebook-extension/tracker": {"windowingMode": "none"},
    }
    for name, values in chosen.items():
        path = settings / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1"]
    command += [f"--ServerApp.port={port}", f"--IdentityProvider.token={token}"]
    command += [f"--ServerApp.root_dir={folder}", f"--LabApp.user_settings_dir={settings}"]
    command.append("--LabApp.expose_app_in_browser=True")  # as jupyterapp, in the page
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(command, **quiet)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{url}/api/status?token={token}")
        yield Lab(url, token, browser, [], folder)
    finally:
        server.terminate()
        server.wait(30)


def wait_for(url, seconds=60):
    """Return when a server answers; raise TimeoutError if it does not."""
    for _ in range(10 * seconds):
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            return urllib.request.urlopen(url, timeout=5).close()
        time.sleep(0.1)
    raise TimeoutError(f"{url} does not answer")
