"""The environments that are not made by course.py: conda's and Binder's."""

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import course


def pip_list(path):
    packages = yaml.safe_load(path.read_text())["dependencies"]
    return next(entry["pip"] for entry in packages if isinstance(entry, dict))


def requirements(root):
    lines = pip_list(root / "environment.yml")
    return [Requirement(line) for line in lines if not line.startswith("-")]


def test_the_listed_versions_are_those_under_test(root):
    for requirement in requirements(root):
        if requirement.marker is None or requirement.marker.evaluate():
            version = importlib.metadata.version(requirement.name)
            assert requirement.specifier.contains(version.split("+")[0]), requirement


def test_the_list_has_what_the_course_needs_and_the_same_markers(root):
    needed = [Requirement(text) for text in importlib.metadata.requires("lstm-lessons")]
    wanted = {
        need.name: str(need.marker).replace('extra == "course"', "").strip(" and()")
        for need in needed
        if "extra" not in str(need.marker) or 'extra == "course"' in str(need.marker)
    }
    listed = {one.name: str(one.marker or "").strip("()") for one in requirements(root)}
    assert set(listed) == set(wanted)
    for name, marker in listed.items():
        assert marker.replace("(", "").replace(")", "") in wanted[name].replace("(", "").replace(
            ")", ""
        ) or wanted[name] in ("None", ""), name


def linux_alone(name, requires):
    """Return what a package requires on Linux alone, and what that requires: PyTorch's CUDA."""
    here, there = {"extra": ""}, {"extra": "", "platform_system": "Windows"}
    open_ = [
        one
        for one in map(Requirement, requires(name))
        if one.marker and one.marker.evaluate(here) and not one.marker.evaluate(there)
    ]
    found = set()
    while open_:
        one = open_.pop()
        if canonicalize_name(one.name) not in found:
            found.add(canonicalize_name(one.name))
            wanted = [{"extra": extra} for extra in ("", *one.extras)]
            open_ += [
                need
                for need in map(Requirement, requires(one.name))
                if need.marker is None or any(map(need.marker.evaluate, wanted))
            ]
    return found


def requires(name):
    """Return what an installed package requires; nothing of one that was taken out."""
    try:
        return importlib.metadata.requires(name) or ()
    except importlib.metadata.PackageNotFoundError:
        return ()


@pytest.mark.skipif(sys.platform != "linux", reason="it is what Linux brings")
def test_what_pytorch_brings_is_read_from_what_it_requires():
    asked = {
        "torch": [
            "sympy>=1.13",
            "cuda-toolkit[cublas]==13.0; platform_system == 'Linux'",
            "Triton==3.7.1; platform_system == 'Linux' and python_version < '3.15'",
            "colorama; platform_system == 'Windows'",
            "optree; extra == 'optree'",
        ],
        "cuda-toolkit": ["nvidia_cublas; extra == 'cublas'", "nvidia-cufft; extra == 'cufft'"],
        "nvidia_cublas": ["nvidia-cuda-nvrtc"],
        "nvidia-cuda-nvrtc": ["nvidia-cublas"],
    }
    found = linux_alone("torch", lambda name: asked.get(name, ()))
    assert found == {"cuda-toolkit", "triton", "nvidia-cublas", "nvidia-cuda-nvrtc"}


def test_the_constraints_are_what_is_installed(root):
    lines = (root / "constraints.txt").read_text().splitlines()
    pinned = dict(line.split("==") for line in lines if not line.startswith("#"))
    pinned = {canonicalize_name(name): version for name, version in pinned.items()}
    installed = {
        canonicalize_name(one.name): one.version.split("+")[0]
        for one in importlib.metadata.distributions()
    }
    own = {"lstm-lessons", "pip", "setuptools", "wheel"}
    own |= linux_alone("torch", requires) - pinned.keys()
    assert {name: pinned.get(name) for name in installed.keys() - own} == {
        name: version for name, version in installed.items() if name not in own
    }


def test_binder_has_the_same_environment_and_what_brings_the_lessons(root):
    copy = (root / "binder/environment.yml").read_text().splitlines()
    listed = (root / "environment.yml").read_text().splitlines()
    assert copy[:-1] == listed
    assert Requirement(copy[-1].split("#")[0].strip(" -")).name == "nbgitpuller"
    assert not (root / "binder/environment.yml").is_symlink()


def test_the_container_has_a_python_of_ours_and_commands_that_there_are(root):
    made = json.loads((root / ".devcontainer/devcontainer.json").read_text())
    version = tuple(map(int, re.search(r":(\d+)\.(\d+)$", made["image"]).groups()))
    assert course.SUPPORTED[0] <= version < course.SUPPORTED[1]
    given = [command.split() for command in made["postCreateCommand"].split(" && ")]
    assert [one[:2] for one in given] == [["python", "course.py"]] * 2
    for *_, name in given:
        assert re.search(rf"^    {name} ", course.__doc__, re.MULTILINE), name


def test_post_build_can_run(root):
    path = root / "binder/postBuild"
    text = path.read_text()
    assert text.startswith("#!/bin/bash\n")
    assert "\nset -e\n" in text
    assert os.access(path, os.X_OK)
    subprocess.run(["bash", "-n", path], check=True)


@pytest.mark.skipif(sys.platform == "win32", reason="a script of bash")
@pytest.mark.parametrize("whole", [False, True], ids=["the branch binder", "the course"])
def test_post_build_leaves_settings_and_no_answers(whole, root, tmp_path):
    home, prefix = tmp_path / "home", tmp_path / "prefix"
    shutil.copytree(root / "binder", home)
    for name in ("tools", "assignments", ".git") if whole else (".git",):
        (home / name).mkdir()
    place = home / ("tools" if whole else "")
    shutil.copy(root / "tools/overrides.json", place)
    (home / "course.py").touch() if whole else None
    called = tmp_path / "bin"
    called.mkdir()
    for name in ("pip", "python"):
        (called / name).write_text(f"#!/bin/sh\necho {name} $@\n")
        (called / name).chmod(0o755)
    there = {"PATH": f"{called}:{os.environ['PATH']}", "NB_PYTHON_PREFIX": str(prefix)}
    done = subprocess.run(
        [home / "postBuild"], cwd=home, env=there, capture_output=True, text=True, check=True
    )
    ran = ["pip install --no-deps .", "python course.py lessons"]
    assert done.stdout.splitlines() == ran * whole
    kept = prefix / "share/jupyter/lab/settings/overrides.json"
    assert kept.read_bytes() == (root / "tools/overrides.json").read_bytes()
    assert not {".git", "assignments"} & {path.name for path in home.iterdir()}


@pytest.mark.more
def test_binder_would_build_it(root):
    builder = os.path.join(os.path.dirname(sys.executable), "jupyter-repo2docker")
    answer = subprocess.run(
        [builder, "--no-build", "--debug", str(root)], capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr[-2000:]
    recipe = answer.stdout + answer.stderr
    assert re.search(
        r'env update -p \$\{NB_PYTHON_PREFIX\} --file "binder/environment.yml"', recipe
    )
    assert "RUN ./binder/postBuild" in recipe
    assert "conda/environment.py-3.11" in recipe.replace("-2d", "-").replace("-2e", ".").replace(
        "-2f", "/"
    )
