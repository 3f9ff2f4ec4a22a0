"""What deploy/ says, without a hub; tests/hub/ runs it."""

import grp
import json
import os
import re
import runpy
import stat
import subprocess
import sys
from importlib import metadata

import jsonschema
import pytest
import yaml
from traitlets.config import Config


@pytest.fixture
def values(root):
    return yaml.safe_load((root / "deploy/kubernetes.yaml").read_text())


@pytest.fixture
def config_file(root, tmp_path):
    """The configuration in a course of its own, as far as a test needs one."""
    copy = tmp_path / "course/deploy/jupyterhub_config.py"
    copy.parent.mkdir(parents=True)
    copy.write_bytes((root / "deploy/jupyterhub_config.py").read_bytes())
    return copy


@pytest.fixture
def configured(config_file, monkeypatch):
    """What the hub reads, as if every folder were open to learners and the proxy were there."""
    proxy = config_file.parent / "hub/node_modules/.bin/configurable-http-proxy"
    proxy.parent.mkdir(parents=True)
    proxy.touch()
    (config_file.parent.parent / "assignments").mkdir(mode=0o755)
    monkeypatch.setattr(sys, "prefix", str(config_file.parent))
    monkeypatch.setattr(stat, "S_IXOTH", stat.S_IXUSR)
    return read(config_file, monkeypatch)


def read(path, monkeypatch):
    """Return the configuration that a file makes, and the umasks that it sets."""
    config, masks = Config(), []
    monkeypatch.setattr(os, "umask", masks.append)
    runpy.run_path(str(path), init_globals={"get_config": lambda: config})
    return config, masks


def test_the_hub_listens_here_only_and_keeps_private_what_is(configured, tmp_path):
    config, masks = configured
    assert config.JupyterHub.bind_url == "http://127.0.0.1:8000"
    assert masks == [0o077]
    assert (tmp_path / "course/assignments").stat().st_mode & 0o777 == 0o700


def test_the_hub_says_in_one_line_what_is_missing(config_file, monkeypatch, tmp_path):
    tmp_path.chmod(0o700)
    with pytest.raises(SystemExit) as stopped:
        read(config_file, monkeypatch)
    assert str(stopped.value) == (
        f"learners must be able to enter {tmp_path}, got a folder closed to them; "
        "try a fresh clone in /opt, and PYTHON=/usr/bin/python3"
    )
    monkeypatch.setattr(stat, "S_IXOTH", stat.S_IXUSR)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    with pytest.raises(SystemExit) as stopped:
        read(config_file, monkeypatch)
    assert str(stopped.value) == (
        f"configurable-http-proxy must be at {tmp_path}/hub/node_modules/.bin/"
        "configurable-http-proxy, got nothing; "
        f"try npm install --prefix {tmp_path}/hub configurable-http-proxy@5"
    )


def test_the_limits_hold_what_is_shown_and_reach_servers_and_kernels(configured):
    config, _ = configured
    kernels = config.JupyterHub.services[-1]["command"]
    limits = [part for part in kernels if part.startswith("--")]
    assert f"--data={2 * 2**30}" in limits
    assert config.Spawner.mem_limit == "2G"
    assert " ".join(limits) in config.Spawner.cmd[2]
    assert kernels.index("env") < kernels.index("-i") < kernels.index(sys.executable)


def test_a_hub_without_instructors_lets_learners_in(configured):
    config, _ = configured
    here = {group.gr_name for group in grp.getgrall()} & {"instructors"}
    assert config.PAMAuthenticator.admin_groups == here
    assert config.PAMAuthenticator.allowed_groups == {"learners", *here}


def test_a_kernel_loads_for_itself_where_nobody_answers(root):
    """The stand-in becomes ipykernel, with the options that it was given."""
    spec = json.loads((root / "deploy/kernels/python3/kernel.json").read_text())
    path = spec["argv"][1].replace("{resource_dir}", str(root / "deploy/kernels/python3"))
    here = {**os.environ, "LESSONS_KERNELS": str(root / "nobody")}
    command = [sys.executable, path, "--version"]
    answer = subprocess.run(command, env=here, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == metadata.version("ipython")


def test_service_and_proxy_name_what_is_there(root, configured):
    config, _ = configured
    service = (root / "deploy/jupyterhub.service").read_text()
    (command,) = re.findall(r"^ExecStart=(.*)$", service, re.M)
    assert command == (
        "/opt/lstm-lessons/.venv/bin/jupyterhub -f /opt/lstm-lessons/deploy/jupyterhub_config.py"
    )
    proxy = (root / "deploy/nginx.conf").read_text()
    assert f"proxy_pass {config.JupyterHub.bind_url};" in proxy


def test_the_guide_says_of_each_command_what_it_needs_or_that_we_did_not_run_it(root):
    guide = (root / "docs/hub.md").read_text()
    for block in re.findall(r"^```console\n(.*?)^```", guide, re.M | re.S):
        assert block.startswith(("# needs ", "# not run by us: needs ")), block
    assert "deploy/jupyterhub.service" in guide
    assert "deploy/nginx.conf" in guide


@pytest.mark.parametrize(
    ("uses", "written"),
    [("chpasswd", "passwords.txt"), ('> "submitted', "submitted/ada/scenarios/scenarios.ipynb")],
)
def test_what_the_guide_writes_as_root_is_for_root_alone(root, tmp_path, uses, written):
    """Learners are users of the same machine, and the folder of the course is open to them."""
    guide = (root / "docs/hub.md").read_text()
    blocks = re.findall(r"^```console\n(.*?)^```", guide, re.M | re.S)
    (block,) = [one for one in blocks if uses in one]
    (tmp_path / "class.txt").write_text("ada\n")
    done = "groupadd", "useradd", "passwd", "chpasswd", "openssl", "runuser"
    instead = "".join(f"{one}() {{ echo {one}; }}\n" for one in done)
    script = f"umask 022\n{instead}{block.replace('.venv/bin/jupyterhub', 'true')}"
    subprocess.run(["bash", "-ec", script], cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / written).read_text()
    assert (tmp_path / written).stat().st_mode & 0o077 == 0


def test_the_lessons_become_a_repository_of_their_own(root, tmp_path):
    (block,) = re.findall(r"^```sh\n(.*?)^```", (root / "docs/hub.md").read_text(), re.M | re.S)
    script = block.replace("course.py", str(root / "course.py"))
    script = script.replace("python3 ", f"{sys.executable} ")
    subprocess.run(["bash", "-ec", script], cwd=tmp_path, check=True, capture_output=True)
    listed = ["git", "-C", str(tmp_path / "dist/lessons"), "ls-files", "*.ipynb"]
    names = subprocess.run(listed, check=True, capture_output=True, text=True).stdout.split()
    assert names == sorted(path.name for path in (root / "notebooks").glob("*.ipynb"))
    cells = json.loads((tmp_path / "dist/lessons" / names[1]).read_text())["cells"]
    assert not any(cell.get("outputs") for cell in cells)


def test_the_values_fit_the_schema_of_the_chart(root, values):
    schema = json.loads((root / "deploy/zero-to-jupyterhub.schema.json").read_text())
    check = jsonschema.validators.validator_for(schema)(schema)
    check.validate(values)
    values["singleuser"]["memory"]["garantee"] = "1G"
    with pytest.raises(jsonschema.ValidationError, match="garantee"):
        check.validate(values)


def test_the_values_are_short_and_say_that_they_were_not_run(root):
    text = (root / "deploy/kubernetes.yaml").read_text()
    assert len(text.splitlines()) <= 30
    assert "We have not run them" in text


def test_the_values_are_those_of_the_hub_that_was_run(values, configured):
    config, _ = configured
    one, hub = values["singleuser"], config.JupyterHub
    assert one["memory"]["limit"] == config.Spawner.mem_limit
    assert one["defaultUrl"] == config.Spawner.default_url
    culling = {option for option in config.Spawner.args if "cull" in option}
    assert len(culling) == 2
    assert culling <= set(" ".join(one["cmd"]).split())
    assert f"--timeout={values['cull']['timeout']}" in hub.services[0]["command"]


def test_the_values_cover_what_was_measured(root, values):
    """A row: learners, lesson, whole, seconds, processor seconds, MB each, MB of all."""
    text = (root / "deploy/RESULTS.md").read_text()
    rows = re.findall(r"^\| \d+ \| \d\d_\w+ \| .* \| (\S+) \| (\d+) \| \d+ \|$", text, re.M)
    seconds, megabytes = (max(map(float, column)) for column in zip(*rows, strict=True))
    one = values["singleuser"]
    assert float(one["memory"]["guarantee"].removesuffix("G")) * 1024 >= megabytes
    wait = int(re.search(r"a run at one moment: .* / (\d+) seconds", text)[1])
    assert one["cpu"]["guarantee"] >= seconds / wait


def test_the_command_of_the_values_makes_my_lessons_and_starts_the_server(root, values, tmp_path):
    server = tmp_path / "bin/jupyterhub-singleuser"
    server.parent.mkdir()
    server.write_text('#!/bin/sh\necho server "$@"\n')
    server.chmod(0o755)
    python = server.with_name("python")
    python.symlink_to(sys.executable)
    command = [part.replace("/srv/course", str(root)) for part in values["singleuser"]["cmd"]]
    path = f"{server.parent}:{os.environ['PATH']}"
    answer = subprocess.run(
        [*command, "--port=1"],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.startswith("server --port=1 --MappingKernelManager.cull_idle_timeout=")
    assert answer.stderr == ""
    made = sorted(path.name for path in (tmp_path / "my-lessons").iterdir())
    assert made == sorted(path.name for path in (root / "notebooks").glob("*.ipynb"))
