"""The environments that are not made by course.py: conda's and Binder's."""

import importlib.metadata
import os
import re
import subprocess
import sys

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


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


def test_the_constraints_are_what_is_installed(root):
    lines = (root / "constraints.txt").read_text().splitlines()
    pinned = dict(line.split("==") for line in lines if not line.startswith("#"))
    pinned = {canonicalize_name(name): version for name, version in pinned.items()}
    installed = {
        canonicalize_name(one.name): one.version.split("+")[0]
        for one in importlib.metadata.distributions()
    }
    own = {"lstm-lessons", "pip", "setuptools", "wheel"}
    assert {name: pinned.get(name) for name in installed.keys() - own} == {
        name: version for name, version in installed.items() if name not in own
    }


def test_binder_has_the_same_environment(root):
    copy = (root / "binder/environment.yml").read_bytes()
    assert copy == (root / "environment.yml").read_bytes()
    assert not (root / "binder/environment.yml").is_symlink()


def test_post_build_can_run(root):
    path = root / "binder/postBuild"
    text = path.read_text()
    assert text.startswith("#!/bin/bash\n")
    assert "\nset -e\n" in text
    assert os.access(path, os.X_OK)
    subprocess.run(["bash", "-n", path], check=True)


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
