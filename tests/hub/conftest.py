"""A hub that runs a clone of the course, with two learners: make test-hub."""

import shutil
import subprocess

import browser
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
        ignore = shutil.ignore_patterns(".*", "my-lessons", "__pycache__")
        shutil.copytree(root, copy, ignore=ignore)
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
def instructor():
    """The name and the password of a Unix user in the group of instructors."""
    with classroom.unix_users(1, group="instructors") as users:
        yield next(iter(users.items()))


@pytest.fixture(scope="session")
def hub(clone, users, instructor):
    """The address of the hub."""
    try:
        with classroom.hub(clone) as url:
            yield url
    except classroom.NoHub as error:
        pytest.exit(str(error), returncode=1)


NGINX = "events {{}}\npid {folder}/pid;\nhttp {{ access_log off; {sites} }}"


@pytest.fixture
def tls(hub, root, tmp_path, monkeypatch):
    """Where deploy/nginx.conf serves the hub, with a certificate of its own: (https, http)."""
    if not shutil.which("nginx"):
        pytest.fail("nginx must be installed, got none; try apt-get install nginx-light")
    name = ["-subj", "/CN=hub", "-addext", "subjectAltName=IP:127.0.0.1"]
    key, certificate = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *name]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*make, *files], check=True, capture_output=True)
    for variable in ("REQUESTS_CA_BUNDLE", "WEBSOCKET_CLIENT_CA_BUNDLE"):
        monkeypatch.setenv(variable, str(certificate))
    secure, plain = browser.free_port(), browser.free_port()
    sites = (root / "deploy/nginx.conf").read_text()
    for there, here in {
        "/etc/ssl/hub": str(tmp_path),
        "http://127.0.0.1:8000": hub,
        "listen 443": f"listen 127.0.0.1:{secure}",
        "listen 80": f"listen 127.0.0.1:{plain}",
    }.items():
        assert there in sites
        sites = sites.replace(there, here)
    written = tmp_path / "nginx.conf"
    written.write_text(NGINX.format(folder=tmp_path, sites=sites))
    command = ["nginx", "-e", "stderr", "-g", "daemon off;", "-c", str(written)]
    with subprocess.Popen(command) as nginx:
        try:
            classroom.until(lambda: classroom.answers(f"https://127.0.0.1:{secure}/hub/health"), 20)
            yield f"https://127.0.0.1:{secure}", f"http://127.0.0.1:{plain}"
        finally:
            nginx.terminate()


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
