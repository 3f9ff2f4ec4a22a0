"""What a public repository of the course needs: its own address, and two branches beside its own.

`binder` has what Binder builds, the environment alone: Binder builds anew when that changes, and
when nothing else does. `learner` has the lessons as learners get them, with the package beside
them, so that the two are of one version: nbgitpuller brings it, and Colab opens it. Neither has an
answer in it. This needs nothing but Python and git.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from urllib.parse import quote, urlencode

NOBODY = "github.com/OWNER/"
ROW = re.compile(r"^(\| \[.+\]\(notebooks/(\w+\.ipynb)\) \| .+) (\| \d* ?\|)$", re.M)
BADGE = "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({})"


def colab(repository, lesson):
    """Return where Colab opens a lesson. repository: such as "https://github.com/OWNER/NAME"."""
    owned = repository.removeprefix("https://github.com/")
    return f"https://colab.research.google.com/github/{owned}/blob/learner/{lesson}"


def binder(repository):
    """Return where Binder starts the environment, and pulls the lessons into my-lessons/."""
    options = dict(repo=repository, branch="learner", depth=1, targetPath="my-lessons")
    pull = f"git-pull?{urlencode(options | {'urlpath': 'lab/tree/my-lessons'})}"
    owned = repository.removeprefix("https://github.com/")
    return f"https://mybinder.org/v2/gh/{owned}/binder?urlpath={quote(pull, safe='')}"


def own(course, account):
    """Put an account in place of OWNER, and a badge for Colab into each row of README's table."""
    if not re.fullmatch(r"[A-Za-z\d]+(-[A-Za-z\d]+)*", account):
        sys.exit(f"an account must be letters, digits and hyphens, got {account!r}; try OWNER's")
    project = (course / "pyproject.toml").read_text(encoding="utf-8")
    if NOBODY not in project:
        sys.exit("pyproject.toml must have OWNER in its address, got another; change it by hand")
    ours = NOBODY.replace("OWNER", account)
    names = ["CITATION.cff", "pyproject.toml", *course.glob("notebooks/*.ipynb")]
    for path in [course / name for name in names]:
        write(path, path.read_text(encoding="utf-8").replace(NOBODY, ours))
    repository = re.search('^Repository = "(.+)"', project, re.M)[1].replace(NOBODY, ours)
    readme = course / "README.md"
    text = readme.read_text(encoding="utf-8")
    badge = BADGE.format(colab(repository, r"\2"))
    write(readme, ROW.sub(rf"\1 {badge} \3", text))
    print(f"Learners open {binder(repository)}")


def write(path, text):
    """Write a file as it is kept in git."""
    path.write_text(text, encoding="utf-8", newline="\n")


def publish(course, lessons):
    """Commit both branches, where they have changed. lessons: puts the lessons into a folder."""

    def environment(folder):
        shutil.copytree(course / "binder", folder, dirs_exist_ok=True)
        shutil.copy(course / "tools/overrides.json", folder)

    def given(folder):
        lessons(folder)
        package, none = course / "lstm_lessons", shutil.ignore_patterns("__pycache__")
        shutil.copytree(package, folder / package.name, ignore=none)
        shutil.copy(course / "LICENSE", folder)

    for name, fill in (("binder", environment), ("learner", given)):
        new = committed(course, name, fill)
        print(f"{name} has {'changed' if new else 'not changed'}")
    print("To bring them to others: git push origin binder learner")


def committed(course, name, fill):
    """Return whether what fills a folder is new on a branch of this name, and now committed."""
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place, name)
        folder.mkdir()
        fill(folder)
        there = {"GIT_DIR": git(course, "rev-parse", "--absolute-git-dir")}
        there |= {"GIT_INDEX_FILE": f"{place}/index", "GIT_WORK_TREE": str(folder)}
        git(folder, "add", "--all", "--force", ".", **there)
        tree = git(folder, "write-tree", **there)
    refs = (f"refs/heads/{name}", f"refs/remotes/origin/{name}")
    found = git(course, "for-each-ref", "--format=%(objectname) %(tree)", *refs).split()
    if tree in found[1:2]:
        return False
    parents = ["-p", *found[:1]] * bool(found)
    words = "What Binder builds" if name == "binder" else "The lessons, and their package"
    made = git(course, "commit-tree", tree, *parents, "-m", words)
    git(course, "update-ref", f"refs/heads/{name}", made)
    return True


def git(folder, *command, **more):
    """Return what git prints, without the end of its line. more: variables of its environment."""
    done = subprocess.run(
        ["git", *command],
        cwd=folder,
        env={**os.environ, **more},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout.strip()
