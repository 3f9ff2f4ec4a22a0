"""Set the course up and open it, with nothing but Python: `python course.py lab`.

    lab [options]  set up, make my-lessons/ and open it in JupyterLab (options go to JupyterLab)
    test           set up and run the tests and every lesson
    test-all       set up and run the tests that need more: a browser, a builder
    notebooks      set up and run every lesson again, to store its outputs
    pictures       set up and draw the pictures of the README
    bench          set up and measure how fast the course answers
    assignments    set up nbgrader and make the students' versions of assignments/
    grade NAME     set up nbgrader and grade what lies in assignments/submitted/
    book           set up Sphinx and make a reading copy of the lessons, dist/book/
    release        pack what is given to learners, without the assignments' answers
    test-hub       set up JupyterHub and test a class on it (Linux, as root)
    setup          only set up
    lessons        only make my-lessons/, with the Python that runs this (Binder, conda)

`make lab` and the like call this file. It needs no package, so that it can install them all.
"""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
SUPPORTED = ((3, 11), (3, 14))  # from the first, up to but not including the second
EXTRAS = {"course", "test"}
TORCH_CPU = "https://download.pytorch.org/whl/cpu"  # PyTorch's own index of builds without CUDA


def main(command="help", *options):
    """Carry out one command; exit with its status."""
    if not SUPPORTED[0] <= sys.version_info[:2] < SUPPORTED[1]:
        sys.exit(wrong_python(sys.version_info))
    commands = {
        "lab": lab,
        "test": test,
        "test-all": test_all,
        "notebooks": notebooks,
        "pictures": pictures,
        "bench": bench,
        "assignments": assignments,
        "grade": grade,
        "book": book,
        "release": release,
        "test-hub": test_hub,
        "setup": setup,
        "lessons": lessons,
    }
    if command not in commands:
        sys.exit(__doc__)
    try:
        commands[command](*options)
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
    except KeyboardInterrupt:
        sys.exit(130)


def wrong_python(version):
    """Return the line that says which Python is needed."""
    came = ".".join(str(part) for part in version[:3])
    return "Python must be 3.11, 3.12 or 3.13, got %s; try make lab PYTHON=python3.12" % came


def setup(*extras):
    """Make .venv if it is missing or stale, and install the course with these extras into it."""
    stamp = VENV / "stamp"
    made_from, _, has = stamp.read_text().partition("\n") if stamp.exists() else ("", "", "")
    wanted = EXTRAS | {*extras}
    if made_from == state() and wanted <= {*has.split()} and works(PYTHON):
        return
    if made_from == state():
        wanted |= {*has.split()}
    if not works(PYTHON):
        print("Making .venv ...", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    print(f"Installing {', '.join(sorted(wanted))} (a few minutes, once) ...", flush=True)
    install = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    install += ["--constraint", str(HERE / "constraints.txt")]
    if sys.platform == "linux":
        # PyPI's build for Linux brings gigabytes of CUDA: try the small one, briefly.
        attempt = ["--no-deps", "--retries", "0", "--timeout", "5", "--index-url", TORCH_CPU]
        subprocess.run([*install, *attempt, "torch"], stderr=subprocess.DEVNULL)
    what = f"{HERE}[{','.join(sorted(wanted))}]"
    subprocess.run([*install, "--editable", what], check=True)
    settings = VENV / "share/jupyter/lab/settings"
    settings.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "tools/overrides.json", settings)
    stamp.write_text(f"{state()}\n{' '.join(sorted(wanted))}")


def state():
    """Return what .venv was made from: where it is, by which Python, from which requirements."""
    files = ("pyproject.toml", "constraints.txt", "tools/overrides.json", "course.py")
    digest = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in files)).hexdigest()
    return f"{HERE} {sys.version_info[:2]} {digest}"


def works(python):
    """Return whether there is a Python at this path that starts and is of our version."""
    ask = "import sys; print(sys.version_info[:2])"
    try:
        answer = subprocess.run([str(python), "-c", ask], capture_output=True, text=True)
    except OSError:
        return False
    return answer.stdout.strip() == str(sys.version_info[:2])


def lessons(folder=None):
    """Return the names of the lessons just put into my-lessons/; those there are left alone.

    folder: another place for my-lessons/ than beside this file.
    """
    mine = pathlib.Path(folder or HERE / "my-lessons")
    mine.mkdir(exist_ok=True)
    mend(mine)
    fresh = [
        p for p in sorted((HERE / "notebooks").glob("*.ipynb")) if not (mine / p.name).exists()
    ]
    for path in fresh:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell.update(outputs=[], execution_count=None)
        text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
        (mine / path.name).write_text(text, encoding="utf-8")
    return [path.name for path in fresh]


def mend(folder):
    """Put back each notebook whose saving was cut short: Jupyter keeps its last whole form."""
    for whole in folder.glob(".~*.ipynb"):
        notebook = folder / whole.name[2:]
        try:
            json.loads(notebook.read_text(encoding="utf-8"))
        except (ValueError, FileNotFoundError):
            whole.replace(notebook)
        else:
            whole.unlink()


def lab(*options):
    """Set up and open JupyterLab on my-lessons/: at the first new lesson, or where it was left."""
    setup()
    new = lessons()
    command = [str(PYTHON), "-m", "jupyterlab", "--ServerApp.ip=127.0.0.1"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    displays = ("DISPLAY", "WAYLAND_DISPLAY")
    if sys.platform == "linux" and not any(os.environ.get(name) for name in displays):
        command.append("--no-browser")
    if new:
        command.append(f"--LabApp.default_url=/lab/tree/{new[0]}")
    command += [*options, str(HERE / "my-lessons")]
    if os.name == "posix":
        os.execv(command[0], command)  # JupyterLab takes over: it gets Control-C itself
    subprocess.run(command)


def test(*options):
    """Set up and run the unit tests and, strictly, every lesson."""
    setup()
    pytest("--dist", "loadfile", "-m", "not more", "--nbval", "notebooks", "tests", *options)


def test_all(*options):
    """Set up everything and run the tests that need more."""
    setup("teach", "book")
    pytest("--dist", "loadgroup", "-m", "more", "tests", *options)


def test_hub(*options):
    """Set up JupyterHub, with its proxy from npm, and test a class on it."""
    setup("hub")
    if not (VENV / "hub/node_modules").exists():
        if not shutil.which("npm"):
            sys.exit("npm must be installed, got none; try apt-get install npm")
        npm = ["npm", "install", "--silent", "--prefix", str(VENV / "hub")]
        subprocess.run([*npm, "configurable-http-proxy@5"], check=True)
    pytest("-n", "0", "-m", "hub", "tests/hub", *options)


def pytest(*options):
    """Run pytest in .venv, in two processes."""
    subprocess.run([str(PYTHON), "-m", "pytest", "-n", "2", *options], cwd=HERE, check=True)


def notebooks(*options):
    """Set up, run every lesson in a fresh kernel and store its outputs."""
    script("tools/notebooks.py", *options)


def pictures(*options):
    """Set up and draw the pictures of the README."""
    script("tools/pictures.py", *options)


def bench(*options):
    """Set up and measure how fast the course answers, and how fast it grades."""
    setup("teach")
    script("benchmarks/bench.py", *options)


def assignments(*options):
    """Set up nbgrader and make the students' versions: assignments/release/."""
    setup("teach")
    for source in sorted((HERE / "assignments/source").iterdir()):
        command = [str(PYTHON), "-m", "nbgrader", "generate_assignment", source.name, "--force"]
        subprocess.run([*command, *options], cwd=HERE / "assignments", check=True)


def grade(*options):
    """Set up nbgrader and grade an assignment: feedback/, grades.csv, and what to look at."""
    setup("teach")
    subprocess.run([str(PYTHON), "grade.py", *options], cwd=HERE / "assignments", check=True)


def book(*options):
    """Set up Sphinx and make a static, searchable reading copy of the lessons."""
    setup("book")
    where = ["-c", str(HERE / "docs"), str(HERE), str(HERE / "dist/book")]
    subprocess.run([str(PYTHON), "-m", "sphinx", "-W", "-q", *options, *where], check=True)
    print(f"Open {HERE / 'dist/book/index.html'}")


def release():
    """Pack the last commit, less what .gitattributes keeps back."""
    packed = HERE / "dist/lstm-lessons.tar.gz"
    packed.parent.mkdir(exist_ok=True)
    command = ["git", "archive", "--prefix=lstm-lessons/", f"--output={packed}", "HEAD"]
    subprocess.run(command, cwd=HERE, check=True)
    print(f"Packed {packed}")


def script(name, *options):
    """Run a script of the repository in .venv."""
    setup()
    paths = os.pathsep.join([str(HERE), str(HERE / "tools")])
    subprocess.run(
        [str(PYTHON), name, *options], cwd=HERE, check=True, env={**os.environ, "PYTHONPATH": paths}
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
