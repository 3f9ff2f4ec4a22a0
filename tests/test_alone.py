"""explain beside someone's own framework: environments that really have only one, and no extras."""

import importlib.metadata
import importlib.util
import json
import os
import signal
import subprocess
import sys
import venv
import zipfile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

pytestmark = pytest.mark.more

OWN = {"keras": ["keras", "tensorflow-cpu"], "torch": ["torch", "numpy"]}
EXTRAS = ["ipywidgets", "matplotlib", "IPython", "pytest"]
SCRIPT = """
import importlib.util, json, sys
found = [name for name in {absent} if importlib.util.find_spec(name)]
{made}
from lstm_lessons import explain, explain_error
explained = explain(network, x)
try:
    fails()
except Exception as error:
    asked = explain_error(error)
(layer,) = explained.layers
print(json.dumps(dict(
    found=found,
    place=sys.modules["lstm_lessons"].__file__,
    shapes=layer.returned.shapes,
    uses=[use.words for use in layer.uses],
    html=explained._repr_mimebundle_()["text/html"],
    text=str(explained),
    asked=asked.text,
)))
"""
MADE = {
    "torch": """
import torch
from torch import nn
class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.fc = nn.LSTM(6, 7, 2, batch_first=True), nn.Linear(7, 4)
    def forward(self, x):
        output, _ = self.rnn(x)
        return self.fc(output[:, -1])
network, x = Network(), torch.rand(3, 5, 6)
def fails():
    network.rnn(x[..., :4])
""",
    "keras": """
import keras, numpy
from keras import layers
rnn = layers.LSTM(7, return_state=True, name="rnn")
x = keras.Input((5, 6))
network = keras.Model(x, layers.Dense(4, name="fc")(rnn(x)[0]))
x = numpy.random.rand(3, 5, 6)
def fails():
    layers.LSTM(7)(x[:, 0])
""",
}


def needed(names):
    """Return the distributions that some need, themselves included, by their names."""
    found, open_ = {}, list(names)
    while open_:
        name = canonicalize_name(open_.pop())
        if name not in found:
            found[name] = importlib.metadata.distribution(name)
            for text in found[name].requires or ():
                requirement = Requirement(text)
                if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                    open_.append(requirement.name)
    return found


@pytest.fixture(scope="module")
def wheel(root, tmp_path_factory):
    """The package as a wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, root], check=True
    )
    return next(folder.glob("*.whl"))


@pytest.fixture
def python(framework, wheel, tmp_path):
    """The interpreter of a fresh environment: one framework, what it needs, and the wheel."""
    return made(tmp_path / "alone", OWN[framework], wheel)


def made(home, names, wheel):
    """Return the interpreter of a new environment: these, what they need, and the wheel."""
    venv.create(home, symlinks=True)
    site = next(home.glob("lib/python*/site-packages"))
    for one in needed(names).values():
        for top in {path.parts[0] for path in one.files} - {"..", "__pycache__"}:
            if not (site / top).exists():
                (site / top).symlink_to(one.locate_file(top))
    python = home / "bin" / "python"
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", wheel],
        check=True,
    )
    return python


@pytest.mark.skipif(sys.platform == "win32", reason="links files, which Windows may refuse")
def test_it_works_beside_one_framework_alone(framework, python, root, tmp_path):
    other = {"torch": ["keras", "tensorflow"], "keras": ["torch"]}[framework]
    script = SCRIPT.format(absent=[*other, *EXTRAS], made=MADE[framework])
    answer = subprocess.run(
        [python, "-I", "-c", script], cwd=tmp_path, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr
    said = json.loads(answer.stdout.splitlines()[-1])
    assert said["found"] == []
    assert said["place"].startswith(str(tmp_path))
    states = [[2, 3, 7], [2, 3, 7]]
    shapes = {"torch": [[3, 5, 7], states], "keras": [[3, 7], [3, 7], [3, 7]]}[framework]
    assert said["shapes"] == shapes
    taken = {"torch": "output[:, -1]", "keras": "output"}[framework]
    assert said["uses"] == [f"`{taken}` (3, 7)"]
    assert said["html"].count("<svg") == 2  # the flow, and the layer at work
    assert said["html"].count("<table") == 2  # of the layers, and of what the one returns
    assert said["text"].startswith(
        {"torch": "Network (PyTorch)", "keras": "Functional (Keras)"}[framework]
    )
    meant = {"torch": "features 4", "keras": "An axis is missing"}[framework]
    assert meant in said["asked"], said["asked"]


BARE = """
from lstm_lessons import *
print(expected(Spec()).shapes, diagnose(Spec(), "(3, 5)").status, len(code(Spec())) > 0)
for control in (ask, explore, review):
    try:
        control()
    except RuntimeError as error:
        print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="links files, which Windows may refuse")
def test_everything_can_be_imported_beside_numpy_alone(wheel, tmp_path):
    python = made(tmp_path / "bare", ["numpy"], wheel)
    answer = subprocess.run([python, "-I", "-c", BARE], capture_output=True, text=True)
    assert answer.stdout.splitlines() == [
        "(3, 7) wrong True",
        *3
        * [
            "ipywidgets must be importable, got ModuleNotFoundError: No module named 'ipywidgets'; "
            "try pip install ipywidgets"
        ],
    ], answer.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="links files, which Windows may refuse")
def test_the_command_of_the_wheel_brings_the_lessons_and_no_answers(wheel, root, tmp_path):
    python = made(tmp_path / "bare", ["numpy"], wheel)

    def command(*given):
        line = [python.with_name("lstm-lessons"), *given]
        return subprocess.run(line, cwd=tmp_path, capture_output=True, text=True)

    assert command("lessons").returncode == 0
    lessons = {path.name for path in (root / "notebooks").glob("*.ipynb")}
    mine = list((tmp_path / "my-lessons").glob("*.ipynb"))
    assert {path.name for path in mine} == lessons
    kept = {
        json.loads(one.read_text("utf-8"))["metadata"]["lstm_lessons"]["version"] for one in mine
    }
    assert kept == {importlib.metadata.version("lstm-lessons")}
    tops = {path.split("/")[0].split("-")[0] for path in zipfile.ZipFile(wheel).namelist()}
    assert tops == {"lstm_lessons"}  # and its metadata: nothing of assignments/, nothing of tests/
    assert command("lab").stderr.startswith("jupyterlab must be importable")
    told = command("doctor")
    assert told.returncode == 1
    assert "✗ torch: not installed. pip install torch" in told.stdout.splitlines()


BOTH = """
{first}
import {one}, {two}
{last}
import torch
torch.optim.Adam([torch.zeros(1, requires_grad=True)])
import tensorflow, triton
print(triton.__version__, tensorflow.ones(3).shape)
"""
OURS = "import lstm_lessons"


@pytest.fixture(scope="module")
def triton(tmp_path_factory):
    """A folder with the triton that the newest PyTorch of PyPI brings."""
    folder = tmp_path_factory.mktemp("triton")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", folder]
    subprocess.run([*pip, "triton==3.7.1"], check=True)
    return folder


@pytest.mark.skipif(sys.platform != "linux", reason="PyTorch brings triton on Linux alone")
@pytest.mark.parametrize(("one", "two"), [("tensorflow", "torch"), ("torch", "keras")])
@pytest.mark.parametrize(("first", "last"), [(OURS, ""), ("", OURS), ("", "")])
def test_triton_beside_tensorflow_ends_no_process_that_has_imported_the_course(
    first, last, one, two, triton, root
):
    paths = {"PYTHONPATH": f"{root}{os.pathsep}{triton}", "KERAS_BACKEND": "tensorflow"}
    script = BOTH.format(first=first, one=one, two=two, last=last)
    answer = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, **paths}, capture_output=True, text=True
    )
    if first or last:
        assert answer.stdout == "3.7.1 (3,)\n", answer.stderr
    else:  # or the course could do without its hook
        assert answer.returncode == -signal.SIGSEGV


def test_what_is_not_found_there_is_found_here():
    assert all(map(importlib.util.find_spec, ["keras", "tensorflow", "torch", *EXTRAS]))
