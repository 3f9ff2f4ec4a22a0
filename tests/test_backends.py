"""Keras on PyTorch and on JAX: the rule, the run, explain and explain_error hold there too."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from tempfile import TemporaryDirectory

import pytest

from lstm_lessons.explaining.watching import BUILT

BACKENDS = ["torch", "jax"]
TESTS = [
    "tests/test_hard_questions.py",
    "tests/test_facts.py",
    "tests/test_rule.py::test_rule_run_and_witness_agree_over_the_whole_grid[keras-lstm]",
    *(f"tests/test_{name}.py" for name in ("explain", "watching", "uses", "traps", "page")),
    "tests/test_errors.py",
    "tests/test_known.py",
]
SOME = (
    "facts or hard or keras-lstm or left_as_it_was or put_back or masked or k_bidirectional "
    "or live_error or line_to_write or another_backend"
)
JAX = ["jax==0.10.2", "jaxlib==0.10.2", "scipy==1.17.1"]  # what else it needs is TensorFlow's too

EXPLAINS = """
import keras, torch
from lstm_lessons import Spec, diagnose, expected, explain, run
assert keras.backend.backend() == "torch"
layer = keras.layers.LSTM(7, return_sequences=True, name="rnn")
network = keras.Sequential([keras.Input((5, 6)), layer, keras.layers.Dense(2)])
found = explain(network, (3, 5, 6), tried=False)
print(found.title, [call.returned.shapes for call in found.layers])
spec = Spec(bidirectional=True, return_state=True)
print(run(spec) == expected(spec), diagnose(spec, "(3, 14), (3, 7), (3, 7), (3, 7), (3, 7)").status)

class Mixed(torch.nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner, self.fc = inner, torch.nn.Linear(7, 2)

    def forward(self, x):
        return self.fc(self.inner(x))

class Last(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = torch.nn.GRU(6, 7, batch_first=True)

    def forward(self, x):
        return self.gru(x)[0]

x = torch.rand(3, 5, 6)
new = keras.layers.Bidirectional(keras.layers.GRU(7), merge_mode="sum", name="new")
for inner in (layer, new, keras.Sequential([keras.layers.SimpleRNN(7, name="deep")], name="model")):
    network = Mixed(inner)
    found = explain(network, x)
    (call,) = found.layers
    print(call.title, call.returned.shapes, call.framework, len(call.parts), call.arithmetic)
    print(*found.notes, [one.by for one in call.uses])
    network(x).sum().backward()  # what the pass built is still there
    print({one.grad is None for one in network.parameters() if one.requires_grad})
wrapped = keras.Sequential([keras.layers.TorchModuleWrapper(Last(), name="wrapped")])
print(explain(wrapped, x, tried=False).notes[-1])
"""


def on(backend, *command, folder="", timeout=300):
    """Return what Python says of a command with Keras on a backend, and whether it went well.

    folder: where Python looks for packages, too.
    """
    paths = f"{os.environ.get('PYTHONPATH', '')}{os.pathsep}{folder}".strip(os.pathsep)
    environment = os.environ | {"KERAS_BACKEND": backend, "PYTHONPATH": paths}
    environment.pop("CI", None)  # some facts are of one backend alone, and are skipped on others
    command = [sys.executable, *command]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=timeout)


def test_keras_on_pytorch_is_keras():
    """A Keras layer is a torch.nn.Module there, and each may hold the other."""
    answer = on("torch", "-W", "ignore", "-c", EXPLAINS)
    assert answer.stdout.splitlines() == [
        "`Sequential` (Keras): one forward pass in evaluation mode. [(3, 5, 7)]",
        "True correct",
        "`rnn`: `LSTM(units=7, return_sequences=True, return_state=False)` (3, 5, 7) keras 0 392 = "
        "4 · (6 + 7 + 1) · 7",
        "The network returns (batch 3, timesteps 5, 2). ['`fc` (`Linear`)']",
        "{False}",
        "`new`: `Bidirectional(units=7, return_sequences=False, return_state=False, "
        "merge_mode='sum')` (3, 7) keras 2 630 = 2 · 3 · (6 + 7 + 2) · 7",
        f"{BUILT} The network returns (batch 3, 2). ['`fc` (`Linear`)']",
        "{False}",
        "`model/deep`: `SimpleRNN(units=7, return_sequences=False, return_state=False)` (3, 7) "
        "keras 0 98 = (6 + 7 + 1) · 7",
        f"{BUILT} The network returns (batch 3, 2). ['`fc` (`Linear`)']",
        "{False}",
        "What happens in `wrapped` (`TorchModuleWrapper`) is not seen: a recurrent layer in it is "
        "not shown.",
    ], answer.stderr


@pytest.mark.parametrize(
    ("chosen", "configured", "says"),
    [("torch", None, "torch"), ("tensorflow", "jax", ""), ("", "jax", "jax"), ("", None, "")],
)
def test_lessons_say_in_one_line_that_they_need_tensorflow(chosen, configured, says, tmp_path):
    """Where they import their questions, which is before Keras."""
    if configured:
        (tmp_path / "keras.json").write_text(json.dumps({"backend": configured}))
    environment = os.environ | {"KERAS_BACKEND": chosen, "KERAS_HOME": str(tmp_path)}
    command = [sys.executable, "-c", "from lstm_lessons.asked import scenarios"]
    said = subprocess.run(command, env=environment, capture_output=True, text=True).stderr
    line = (
        f"The cells of the lessons need Keras on TensorFlow, and it is on '{says}' here; set "
        "KERAS_BACKEND=tensorflow and restart the kernel.\n"
    )
    assert said == (line if says else "")


@pytest.fixture
def folder(backend):
    """A folder with the backend, half a gigabyte; empty where the backend is installed already."""
    with TemporaryDirectory() as made:
        if not find_spec(backend):
            pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", made]
            done = subprocess.run([*pip, *JAX], capture_output=True, text=True)
            if done.returncode and not os.environ.get("CI"):
                pytest.skip(f"needs {backend}, which pip could not install")
            assert done.returncode == 0, done.stderr
        yield made


@pytest.mark.more
@pytest.mark.parametrize("backend", BACKENDS)
def test_rule_run_facts_and_explain_hold_on(backend, folder):
    command = ["-m", "pytest", "-q", "-n", "0", "-W", "ignore", "-k", SOME, *TESTS]
    answer = on(backend, *command, folder=folder, timeout=1800)
    assert answer.returncode == 0, answer.stdout[-3000:]
