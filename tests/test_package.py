"""How the package is put together: a light import, and arrows that point one way."""

import ast
import os
import re
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter

import pytest

import lstm_lessons
from lstm_lessons import frameworks

# Floors of rooms: a module imports from floors below its own, and in its own room from any module
# that does not come back to it. So explaining knows nothing of asking, nor does a picture.
FLOORS = [
    {"spec", "nests", "late", "markup", "loop", "appended"},
    {"shapes", "remembered", "keys", "places", "words", "giving"},
    {"rule", "data", "dates", "taken"},
    {"recorded", "offered"},
    {"weights", "indexes"},
    {"snippets", "reference", "frameworks"},
    {"pictures", "picks", "recording"},
    {"drawing", "asking"},
    {"plots", "asked", "explaining"},
    {"kinds", "finding"},
    {"grading", "practice", "doctor", "replies", "examining"},
    {"predicted", "abreast", "controls", "explored"},
    {"settings", "attempts"},
    {"answering", "ahead"},
    {"widgets", "exercises", "paged", "__main__"},
    {"live"},
]
NEVER = {("explaining", "asking"), ("explaining", "frameworks"), ("asking", "pictures")}
HEAVY = {"numpy", "keras", "tensorflow", "torch", "matplotlib", "ipywidgets", "IPython"}
DOORS = {
    "numpy": {"late.py"},
    "keras": {f"explaining/_keras{part}.py" for part in ("", "_layers", "_operations", "_rule")}
    | {"frameworks/_keras.py"},
    "tensorflow": set(),
    "torch": {
        "explaining/_torch.py",
        "explaining/_torch_compiled.py",
        "explaining/_torch_layers.py",
        "explaining/_torch_operations.py",
        "frameworks/_torch.py",
    },
    "matplotlib": {"plots.py"},
    "ipywidgets": {"answering.py", "controls.py", "live.py", "settings.py", "widgets.py"},
}
# Who loads modules by name, and who asks what is there already, and for what.
IMPORTS = {"import_module", "__import__"}
LOADS_BY_NAME = {"explaining/watching.py", "frameworks/__init__.py"}
ASKS_WHAT_IS_THERE = {
    "asked/__init__.py",  # what Keras runs on
    "explaining/_keras_layers.py",  # TensorFlow, where Keras runs on it
    "explaining/watching.py",  # whether a framework is there
    "frameworks/__init__.py",  # whether TensorFlow is, where triton is loaded
    "replies.py",  # whether a framework answers at once
}


def loaded_by(statement):
    """Return which of the heavy packages a fresh interpreter has after a statement."""
    return set(output_of(f"{statement}\nimport sys\nprint(*({HEAVY} & set(sys.modules)))").split())


@pytest.mark.parametrize(
    "statement",
    [
        "import lstm_lessons",
        "from lstm_lessons import Spec, diagnose",
        "import lstm_lessons as l; l.diagnose(l.Spec(), '(3, 5)'); l.code(l.Spec())",
    ],
)
def test_nothing_heavy_is_imported_before_it_is_needed(statement):
    assert loaded_by(statement) == set()


def test_the_test_of_imports_can_fail():
    assert loaded_by("import ipywidgets") >= {"ipywidgets"}


@pytest.mark.parametrize(
    ("statement", "loaded"),
    [
        ("l.run(l.Spec(), 'torch')", {"torch"}),
        ("import torch; l.explain(torch.nn.GRU(6, 7), torch.zeros(3, 5, 6))", {"torch"}),
        ("import keras; l.explain(keras.layers.GRU(7), (3, 5, 6))", {"keras", "tensorflow"}),
    ],
)
def test_a_framework_is_loaded_alone(statement, loaded):
    there = loaded_by(f"import lstm_lessons as l; {statement}")
    assert there & {"keras", "tensorflow", "torch"} == loaded  # Keras imports more, as matplotlib


def output_of(script):
    """Return what a fresh interpreter prints; whatever reaches stderr fails."""
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (answer.returncode, answer.stderr) == (0, "")
    return answer.stdout


def test_keras_says_nothing():
    assert output_of("import lstm_lessons as l; l.run(l.Spec())") == ""


ENDED = """
import gc, keras, lstm_lessons as l
reader, wanted = keras.layers.LSTM(7, return_state=True), l.Spec(batch=4)
def wrong(x):
    return reader(x, initial_state=reader(x))[0]
assert l.check(wrong, wanted, like=reader).status == "wrong"
del wrong
gc.collect()
"""


def test_a_layer_that_an_error_ended_says_nothing_more():
    assert output_of(ENDED) == ""


def test_choices_already_made_are_respected():
    script = (
        "import os; os.environ['TF_ENABLE_ONEDNN_OPTS'] = '1'; import lstm_lessons\n"
        "print(os.environ['TF_ENABLE_ONEDNN_OPTS'], os.environ['TF_CPP_MIN_LOG_LEVEL'])"
    )
    assert output_of(script) == "1 2\n"


def test_the_backend_that_was_chosen_is_respected():
    script = (
        "import os; os.environ['KERAS_BACKEND'] = 'torch'; import lstm_lessons as l, sys\n"
        "assert l.run(l.Spec()) == l.expected(l.Spec()); print('tensorflow' in sys.modules)"
    )
    assert output_of(script) == "False\n"


BARE = """
import sys
for name in {absent}:
    sys.modules[name] = None
from lstm_lessons import *
assert expected(Spec()).shapes == (3, 7)
for control in (ask, explore, pick, review):
    try:
        control()
    except RuntimeError as error:
        print(error)
"""


def test_python_alone_is_enough_and_a_control_says_what_it_needs():
    said = output_of(BARE.format(absent=sorted(HEAVY))).splitlines()
    assert said == 4 * [
        "ipywidgets must be importable, got ModuleNotFoundError: import of ipywidgets halted; "
        "None in sys.modules; try pip install ipywidgets"
    ]


def test_a_control_that_can_be_imported_is_the_control_itself():
    from lstm_lessons import ask, widgets

    assert ask is widgets.ask


LATER = """
import sys
sys.modules["ipywidgets"] = None
from lstm_lessons import explore
del sys.modules["ipywidgets"]
print(type(explore()).__name__)
"""


def test_a_control_works_once_what_it_needs_is_there():
    assert output_of(LATER) == "Control\n"


@pytest.mark.skipif(not hasattr(os, "RTLD_DEEPBIND"), reason="glibc's way to load a library")
@pytest.mark.parametrize(("beside", "loads"), [("tensorflow", 1), ("nothing", 0)])
def test_triton_is_loaded_apart_where_tensorflow_is_there(beside, loads, tmp_path, monkeypatch):
    """With a real triton: tests/test_alone.py."""
    (tmp_path / "libtriton.py").touch()
    loaded = []
    monkeypatch.setattr(frameworks.ctypes, "CDLL", lambda path, mode: loaded.append((path, mode)))
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    monkeypatch.setitem(sys.modules, beside, object())
    assert frameworks.TritonApart in sys.meta_path
    for name in ("triton", "triton._C.libtriton", "libtriton"):
        assert frameworks.TritonApart.find_spec(name, [str(tmp_path)]) is None
    assert frameworks.TritonApart.find_spec("triton._C.libtriton", []) is None
    mode = os.RTLD_NOW | os.RTLD_DEEPBIND
    assert loaded == loads * [(str(tmp_path / "libtriton.py"), mode)]


def own_imports(source, room=""):
    """Return what a module's source imports of the package, as (room, module) pairs.

    room: the folder that the module lies in, "" for the package itself.
    """
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level:
            for alias in node.names:
                where = [room] * (room != "" and node.level == 1)
                where += node.module.split(".") if node.module else [alias.name]
                found.add((where[0], where[1] if len(where) > 1 else ""))
    return found


def packages(source):
    """Return the top-level packages that a module's source imports.

    Also by a name that is given to a function, as import_module("torch.nn"); and those of this
    package's own doors, which import a framework at once: `from .frameworks import _torch`.
    """
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module.split(".")[0])
        elif isinstance(node, ast.ImportFrom):
            names = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
            found |= {name.split("_")[1] for name in names if re.match("_[a-z]", name)}
        elif isinstance(node, ast.Call) and called(node) in IMPORTS:
            given = [one.value for one in node.args[:1] if isinstance(one, ast.Constant)]
            found |= {name.split(".")[0] for name in given}
    return found


def called(node):
    """Return the last name of what a call calls."""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def loads_by_name(source):
    """Return whether a module's source loads modules by their names."""
    return bool(IMPORTS & names_in(source))


def names_in(source):
    """Return all names in a source: variables, attributes, and what is imported from elsewhere."""
    nodes = list(ast.walk(ast.parse(source)))
    found = {node.id for node in nodes if isinstance(node, ast.Name)}
    found |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return found | {node.name for node in nodes if isinstance(node, ast.alias)}


def asks_what_is_there(source):
    """Return whether a module's source looks into sys.modules, under whatever name."""
    tree = list(ast.walk(ast.parse(source)))
    direct = any(
        isinstance(node, ast.Attribute) and ast.unparse(node) == "sys.modules" for node in tree
    )
    renamed = [node for node in tree if isinstance(node, ast.alias) and node.name == "sys"]
    taken = [node for node in tree if isinstance(node, ast.ImportFrom) and node.module == "sys"]
    names = {alias.name for node in taken for alias in node.names}
    return direct or any(node.asname for node in renamed) or "modules" in names


def wrong_arrows(room, source, inside=False):
    """Return the rooms that a module's source imports from, and must not. inside: a folder."""
    floor = next(number for number, rooms in enumerate(FLOORS) if room in rooms)
    allowed = {room}.union(*FLOORS[:floor]) - {other for one, other in NEVER if one == room}
    return {other for other, _ in own_imports(source, room if inside else "")} - allowed


def modules(home):
    """Return (room, name, source) of each module of the package; name is "" outside of folders."""
    paths = [path.relative_to(home) for path in home.rglob("*.py") if path.parent != home]
    found = [(str(path.parent), path.stem, (home / path).read_text()) for path in sorted(paths)]
    outside = [path for path in home.glob("*.py") if path.stem != "__init__"]
    return found + [(path.stem, "", path.read_text()) for path in sorted(outside)]


def test_arrows_point_down(root):
    found = modules(root / "lstm_lessons")
    assert {room for room, *_ in found} == set().union(*FLOORS)
    wrong = {(room, name): wrong_arrows(room, source, bool(name)) for room, name, source in found}
    assert {where: rooms for where, rooms in wrong.items() if rooms} == {}


def test_no_module_comes_back_to_itself_within_a_room(root):
    graph = {}
    for room, name, source in modules(root / "lstm_lessons"):
        within = {other for other in own_imports(source, room) if name and other[0] == room}
        graph[room, name] = {(room, other or "__init__") for _, other in within}
    list(TopologicalSorter(graph).static_order())


def test_the_tests_of_arrows_can_fail():
    assert wrong_arrows("spec", "from .shapes import Returned") == {"shapes"}
    assert wrong_arrows("asking", "from .. import widgets", inside=True) == {"widgets"}
    assert wrong_arrows("asking", "from ..drawing import draw", inside=True) == {"drawing"}
    assert wrong_arrows("drawing", "from .asking.reading import read") == {"asking"}
    assert wrong_arrows("explaining", "from ..asking import reading", inside=True) == {"asking"}
    assert not wrong_arrows("explaining", "from .page import sized", inside=True)
    assert not wrong_arrows("widgets", "from .spec import Spec")
    assert own_imports("from . import uses\nfrom .page import a, b", "explaining") == {
        ("explaining", "uses"),
        ("explaining", "page"),
    }
    with pytest.raises(CycleError):
        list(TopologicalSorter({1: {2}, 2: {1}}).static_order())


def those(root, question):
    """Return the modules of the package of whose source something is true."""
    home = root / "lstm_lessons"
    paths = home.rglob("*.py")
    return {str(path.relative_to(home)) for path in paths if question(path.read_text())}


@pytest.mark.parametrize("package", DOORS)
def test_each_package_has_one_door(root, package):
    assert those(root, lambda source: package in packages(source)) == DOORS[package]


def test_few_ask_what_is_there_and_load_by_name(root):
    assert those(root, loads_by_name) == LOADS_BY_NAME
    assert those(root, asks_what_is_there) == ASKS_WHAT_IS_THERE


@pytest.mark.parametrize(
    "source",
    [
        "import torch.nn",
        "def late():\n    from torch.nn import functional",
        "importlib.import_module('torch')",
        "import_module('torch.nn.utils')",
        "__import__('torch')",
        "from .frameworks import _torch",
        "from .frameworks._torch import layer",
        "from . import _torch_layers",
    ],
)
def test_the_test_of_doors_can_fail(source):
    assert "torch" in packages(source)
    assert "torch" not in packages(source.replace("torch", "other"))


def test_the_test_of_what_is_there_can_fail():
    for source in (
        "import sys\nsys.modules['torch']",
        "import sys\nsys.modules.get(name)",
        "from sys import modules",
        "import sys as system\nsystem.modules",
    ):
        assert asks_what_is_there(source)
    assert not asks_what_is_there("import sys\nnetwork.modules()\nsys.argv")
    assert loads_by_name("import importlib as i\ni.import_module(name)")
    assert loads_by_name("from importlib import import_module as later")
    assert loads_by_name("__import__(name)")
    assert not loads_by_name("from .frameworks import load\nload('torch')")


def test_the_front_page_has_at_most_fifteen_names_and_all_are_there():
    assert len(lstm_lessons.__all__) <= 15
    assert all(callable(getattr(lstm_lessons, name)) for name in lstm_lessons.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'predict'"):
        getattr(lstm_lessons, "predict")  # noqa: B009


def test_a_module_of_more_than_300_lines_says_why(root):
    """As CONTRIBUTING has it; the questions in asked/ are lists."""
    places = ("lstm_lessons", "tools", "docs", "assignments")
    paths = [root / "course.py", *(path for one in places for path in root.glob(f"{one}/**/*.py"))]
    texts = {path: path.read_text("utf-8") for path in paths if path.parent.name != "asked"}
    long = {path: text for path, text in texts.items() if len(text.splitlines()) > 300}
    assert len(long) > 20
    says = re.compile(r"more than 300 lines|\bit is long\b", re.I)
    heads = {path: re.split(r"\n(?:import|from) ", text)[0] for path, text in long.items()}
    silent = {path for path, head in heads.items() if not says.search(" ".join(head.split()))}
    assert {path.name for path in silent} == set()
