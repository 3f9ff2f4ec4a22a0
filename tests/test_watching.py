"""The modules that read a framework's layers: one interface, and the private names they live on."""

import ast
import inspect
import subprocess
import sys
from importlib import import_module

import numpy as np
import pytest

from lstm_lessons import Spec, explain
from lstm_lessons.explaining.watching import is_there, reader_of, readers

PARTS = {
    "keras": ["_keras", "_keras_layers", "_keras_rule"],
    "torch": ["_torch", "_torch_layers", "_torch_compiled"],
}
NAMED = {"_make", "_fields"}  # of named tuples: Python promises them


def reader(framework):
    """Return the framework's reader, and the framework itself."""
    framework = import_module(framework)
    return reader_of(framework.__name__), framework


def test_a_reader_is_there_only_once_its_framework_is(monkeypatch, framework):
    reader(framework)
    monkeypatch.delitem(sys.modules, framework)
    assert not is_there(framework)
    assert framework not in {one.framework for one in readers()}


OLD_KERAS = """
import sys, types
sys.modules["keras"] = types.ModuleType("keras")
import torch, lstm_lessons as l
print(l.explain(torch.nn.GRU(6, 7), torch.zeros(3, 5, 6)).layers[0].returned.shapes)
"""


def test_beside_an_older_keras_which_has_no_ops_pytorch_is_explained():
    answer = subprocess.run([sys.executable, "-c", OLD_KERAS], capture_output=True, text=True)
    assert (answer.stdout, answer.stderr) == ("((3, 5, 7), (1, 5, 7))\n", "")


# Private names of the frameworks.


def private_names(source):
    """Return the private names of others that a source touches, also by hasattr and getattr."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("getattr", "hasattr"):
            found |= {one.value for one in node.args[1:2] if isinstance(one, ast.Constant)}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found |= {*node.module.split("."), *(one.name for one in node.names)}
    private = {name for name in found if name.startswith("_") and not name.endswith("_")}
    return (private | ({"src"} & found)) - NAMED


def owners(framework):
    """Return, by each private name that is lived on, what has it."""
    module = import_module(framework)
    if framework == "torch":
        return {
            "_orig_mod": module.compile(module.nn.Linear(1, 1)),
            "is_lazy": module.nn.parameter,
            "LazyModuleMixin": module.nn.modules.lazy,
            "RNNCellBase": module.nn,
            "_base": module.zeros(1),
            "_python_dispatch": module.utils,
        }
    given = module.Input((5, 6))
    return {
        "_flatten_layers": module.layers.Dense(1),
        "_layers": module.layers.Dense(1),
        "_functional": module.Sequential([module.layers.Dense(1)]),
        "_run_through_graph": module.Model(given, module.layers.Dense(1)(given)),
        "_keras_history": given,
        "_keras_mask": module.layers.Masking()(np.zeros((3, 5, 6))),
        "src": module,
        "op_callbacks": import_module("tensorflow.python.framework"),
    }


def test_private_names_stand_in_one_list_and_are_there(framework, root):
    parts = [import_module(f"lstm_lessons.explaining.{name}") for name in PARTS[framework]]
    sources = {part: inspect.getsource(part) for part in parts}
    (home,) = [part for part, source in sources.items() if "\nPRIVATE = {" in source]
    listed = home.PRIVATE
    touched = {part: private_names(source) for part, source in sources.items()}
    assert touched.pop(home) <= {*listed}
    assert not any(touched.values())
    for name, owner in owners(framework).items():
        version = import_module(framework).__version__
        assert hasattr(owner, name), f"{framework} {version} has no {name}, {listed[name]}"
    assert {*owners(framework)} == {*listed}


def test_no_other_module_touches_a_private_name_of_a_framework(root):
    readers = {f"{name}.py" for names in PARTS.values() for name in names}
    paths = [one for one in (root / "lstm_lessons").rglob("*.py") if one.name not in readers]
    listed = {name for part in PARTS for name in owners(part) if name.startswith("_")}
    touched = {str(one): private_names(one.read_text()) & listed for one in paths}
    assert {name: names for name, names in touched.items() if names} == {}


def test_the_test_of_private_names_can_fail():
    assert private_names("a._b\nhasattr(a, '_c')\ngetattr(a, '_d', None)") == {"_b", "_c", "_d"}
    assert private_names("from keras.src import x\nfrom torch import _e") == {"src", "_e"}
    assert private_names("keras.src.y") == {"src"}
    assert private_names("from ._keras import x\na.__name__\na._make\n_f(x)") == set()


def test_the_seed_of_keras_is_found_once_it_is_used():
    _, keras = reader("keras")
    layers = import_module("lstm_lessons.explaining._keras_layers")
    keras.random.normal((1,))
    assert [type(one).__name__ for one in layers.seeds()] == ["Variable"]


# A layer as a Spec.


def layers_of(keras):
    lstm = keras.layers.LSTM(11, return_state=True)
    return [
        (lstm, dict(cell="lstm", units=11, return_state=True)),
        (
            keras.layers.SimpleRNN(9, return_sequences=True),
            dict(cell="rnn", units=9, return_sequences=True),
        ),
        (keras.layers.RNN(keras.layers.GRUCell(5)), dict(cell="gru", units=5)),
        (
            keras.layers.Bidirectional(keras.layers.GRU(5), merge_mode="sum"),
            dict(cell="gru", units=5, bidirectional=True, merge_mode="sum"),
        ),
        (lstm.cell, None),
        (keras.layers.Dense(3), None),
        (keras.layers.TimeDistributed(lstm), None),
        (keras.layers.RNN([lstm.cell, lstm.cell]), None),
        (7, None),
    ]


def modules_of(nn):
    return [
        (
            nn.LSTM(6, 11, num_layers=3, proj_size=4, bidirectional=True),
            dict(
                cell="lstm", units=11, layers=3, proj_size=4, bidirectional=True, batch_first=False
            ),
        ),
        (nn.GRU(6, 9, batch_first=True), dict(cell="gru", units=9)),
        (nn.RNN(6, 5), dict(cell="rnn", units=5, batch_first=False)),
        (nn.LSTMCell(6, 7), None),
        (nn.Linear(6, 7), None),
        (7, None),
    ]


@pytest.mark.parametrize("sizes", [{}, dict(batch=8, timesteps=13, features=6)], ids=["", "sized"])
def test_a_layer_is_read_into_a_spec(framework, sizes):
    module, itself = reader(framework)
    for layer, fields in layers_of(itself) if framework == "keras" else modules_of(itself.nn):
        wanted = None if fields is None else Spec(**fields, **sizes)
        assert module.spec_of(layer, **sizes) == wanted, layer


# Nested inputs.


def test_padding_in_a_nested_input_is_seen():
    _, torch = reader("torch")

    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = torch.nn.Embedding(9, 6)
            self.gru = torch.nn.GRU(6, 7, batch_first=True)

        def forward(self, given):
            return self.gru(self.embedding(given["words"]))[0][:, -1]

    words = np.array([[1, 2, 3, 4, 5], [6, 7, 0, 0, 0], [8, 1, 2, 0, 0]])
    (warned,) = explain(Network(), {"words": words}).warnings
    assert "2 of 3 sequences that `gru` reads end in zeros" in warned.words
