"""A hub that runs a clone of the course, with two learners: make test-hub."""

import subprocess
from shutil import copytree, ignore_patterns

import classroom
import pytest


def pytest_ignore_collect(config):
    """Look at what is here only where it is asked for: it needs root and starts servers."""
    return None if config.option.markexpr == "hub" else True


def pytest_collection_modifyitems(items):
    for item in items:
        if "hub" in item.path.parts:
            item.add_marker(pytest.mark.hub)


def git(folder, *arguments):
    """Return what git prints about a repository."""
    who = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    command = ["git", "-C", str(folder), *who, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="session")
def upstream(root):
    """The course as a repository of its own, for others to clone and pull."""
    if line := classroom.missing():
        pytest.exit(line, returncode=1)
    with classroom.open_folder() as folder:
        copy = folder / "upstream"
        copytree(root, copy, ignore=ignore_patterns(".*", "my-lessons", "__pycache__"))
        git(copy, "init", "--quiet")
        git(copy, "add", "--all")
        git(copy, "commit", "--quiet", "--message", "The course")
        yield copy


@pytest.fixture(scope="session")
def clone(upstream):
    """The clone that the hub serves."""
    git(upstream.parent, "clone", "--quiet", "upstream", "clone")
    return upstream.parent / "clone"


@pytest.fixture(scope="session")
def users():
    """Two Unix users, {name: password}."""
    with classroom.unix_users(2) as users:
        yield users


@pytest.fixture(scope="session")
def hub(clone, users):
    """The address of the hub."""
    try:
        with classroom.hub(clone) as url:
            yield url
    except classroom.NoHub as error:
        pytest.exit(str(error), returncode=1)


@pytest.fixture(scope="session")
def pair(hub, users):
    """Two learners who are logged in."""
    pair = [classroom.Learner(hub, *user) for user in users.items()]
    for learner in pair:
        learner.log_in()
    return pair


@pytest.fixture
def learners(pair):
    """Two learners, each with a server of their own that runs, and no kernel yet."""
    stopped = [learner for learner in pair if not learner.running()]
    classroom.together(stopped, classroom.Learner.start)
    yield pair
    classroom.together(pair, classroom.Learner.close)
