"""How the package is put together: a light import, and arrows that point one way."""

import ast
import os
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter

import pytest

import lstm_lessons
from lstm_lessons import frameworks

# Floors of rooms: a module imports from floors below its own, and in its own room from any module
# that does not come back to it. So explaining knows nothing of asking, nor does a picture.
FLOORS = [
    {"spec", "nests"},
    {"shapes"},
    {"rule", "data", "dates"},
    {"weights"},
    {"snippets", "reference", "frameworks"},
    {"pictures"},
    {"drawing", "asking"},
    {"plots", "asked", "explaining"},
    {"grading", "practice", "doctor"},
    {"widgets"},
]
NEVER = {("explaining", "asking"), ("explaining", "frameworks"), ("asking", "pictures")}
HEAVY = {"keras", "tensorflow", "torch", "matplotlib", "ipywidgets", "IPython"}
DOORS = {
    "keras": ["frameworks/_keras.py"],
    "tensorflow": [],
    "torch": ["frameworks/_torch.py"],
    "matplotlib": ["plots.py"],
    "ipywidgets": ["widgets.py"],
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


def test_a_framework_is_loaded_alone():
    assert loaded_by("import lstm_lessons as l; l.run(l.Spec(), 'torch')") == {"torch"}


def output_of(script):
    """Return what a fresh interpreter prints; whatever reaches stderr fails."""
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (answer.returncode, answer.stderr) == (0, "")
    return answer.stdout


def test_keras_says_nothing():
    assert output_of("import lstm_lessons as l; l.run(l.Spec())") == ""


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
for control in (ask, explore, review):
    try:
        control()
    except RuntimeError as error:
        print(error)
"""


def test_numpy_alone_is_enough_and_a_control_says_what_it_needs():
    said = output_of(BARE.format(absent=sorted(HEAVY))).splitlines()
    assert said == 3 * [
        "ipywidgets must be importable, got ModuleNotFoundError: import of ipywidgets halted; "
        "None in sys.modules; try pip install 'lstm-lessons[course]'"
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
    """Return the top-level packages that a module's source imports."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module.split(".")[0])
    return found


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


def test_each_package_has_one_door(root):
    home = root / "lstm_lessons"
    for package, doors in DOORS.items():
        importers = [
            str(path.relative_to(home))
            for path in sorted(home.rglob("*.py"))
            if package in packages(path.read_text())
        ]
        assert importers == doors, package


def test_the_front_page_has_at_most_twelve_names_and_all_are_there():
    assert len(lstm_lessons.__all__) <= 12
    assert all(callable(getattr(lstm_lessons, name)) for name in lstm_lessons.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'predict'"):
        getattr(lstm_lessons, "predict")  # noqa: B009
