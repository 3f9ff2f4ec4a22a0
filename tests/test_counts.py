"""A number of things in words: of one, the thing stands in the singular, wherever that is said."""

import ast
import re
from itertools import pairwise

import pytest
import torch
from torch import nn
from zoo import untried as explain

from lstm_lessons import Spec, explain_error
from lstm_lessons.drawing import draw
from lstm_lessons.explaining.known import Known
from lstm_lessons.plots import heat_map
from lstm_lessons.spec import many, plural

THINGS = [
    "timesteps",
    "sequences",
    "units",
    "features",
    "layers",
    "rows",
    "axes",
    "numbers",
    "tensors",
    "times",
    "places",
    "directions",
    "samples",
    "steps",
    "classes",
    "characters",
    "values",
    "days",
    "results",
    "targets",
    "questions",
    "trays",
    "frames",
    "states",
]
ONE = re.compile(rf"(?<![\w.,·/−:-])(?<!axis )1 (?:{'|'.join(THINGS)})\b")
BARE = re.compile(rf"^ (?:{'|'.join(THINGS)})\b")  # what stands behind a value in an f-string
IN_FORMAT = re.compile(rf"\{{\w+\}} (?:{'|'.join(THINGS)})\b")


def test_one_thing_and_more():
    assert many(1, "timestep") == many("1", "timestep") == "1 timestep"
    assert [many(n, "axis") for n in (0, 1, 3)] == ["0 axes", "1 axis", "3 axes"]
    assert (plural("new axis"), plural("class"), plural("row")) == ("new axes", "classes", "rows")


@pytest.mark.parametrize("layout", [dict(batch_first=True), {}])
@pytest.mark.parametrize("shape", [(3, 1, 6), (1, 5, 6), (1, 1, 1)])
def test_explain_says_one_thing_in_the_singular(shape, layout):
    layer = nn.LSTM(shape[-1], 1, **layout)
    assert not ONE.findall(explain(layer, torch.zeros(shape)).text)
    packed = nn.utils.rnn.pack_padded_sequence(
        torch.zeros(shape), [shape[1]] * shape[0], batch_first=True
    )
    assert not ONE.findall(explain(layer, packed).text)


def test_an_error_says_one_thing_in_the_singular():
    with pytest.raises(RuntimeError) as raised:
        torch.zeros(1).view(2, 3)
    assert "There is 1 number" in explain_error(raised.value).text
    with pytest.raises(RuntimeError) as raised:
        torch.zeros(5).permute(0, 1)
    assert "The tensor has 1 axis," in explain_error(raised.value).text


def test_a_picture_says_one_thing_in_the_singular():
    smallest = Spec(batch=1, timesteps=1, features=1, units=1)
    assert "the one timestep" in draw(smallest, None).text
    for picture in (draw(smallest, None), heat_map(smallest)):
        assert not ONE.findall(picture.text)


def bare(source):
    """Return what is counted in the f-strings of some code without a look at the number."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            for one, after in pairwise(node.values):
                more = after.value if isinstance(after, ast.Constant) else ""
                said = isinstance(one, ast.FormattedValue) and BARE.match(more)
                found += [ast.unparse(one.value) + said[0]] if said else []
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found += IN_FORMAT.findall(node.value)
    return found


# Where a number can't be 1: bounds, and the sizes that a question draws.
MORE_THAN_ONE = {
    "asked/forecasting.py": {
        "timesteps + ahead days",
        "timesteps + ahead + 1 days",
        "days days",
        "features features",
        "timesteps days",
        "ahead days",
    },
    "asked/memory.py": {"lengths[-1] timesteps"},
    "data.py": {"timesteps + ahead days"},
    "explaining/_keras.py": {"MOST numbers", "numbers numbers"},
    "explaining/keeping.py": {"MOST_NUMBERS numbers"},
    "indexes.py": {"LONGEST characters"},
    "spec.py": {"most numbers"},
    "weights.py": {"MOST_STEPS steps"},
}


def test_nothing_counts_without_a_look_at_the_number(root):
    folder = root / "lstm_lessons"
    found = {str(one.relative_to(folder)): {*bare(one.read_text())} for one in folder.rglob("*.py")}
    assert {path: said for path, said in found.items() if said} == MORE_THAN_ONE


def test_the_search_can_fail():
    assert bare('f"{spec.units} units of {size} rows"') == ["spec.units units", "size rows"]
    assert bare('what="{got} axes"') == ["{got} axes"]
    assert not bare('f"{many(size, noun)}; {size} rowsers; units {size}"; "{got:axis}"')
    assert ONE.findall("for 1 timesteps")
    assert not ONE.findall("11 timesteps, axis 1 units")


def test_a_kind_of_error_counts_what_its_message_says():
    kind = Known(
        name="?", read="", message=r"^has (?P<n>\d+)", what="It has {n:row}.", why="", instead=""
    )
    said = [kind.words(f"has {n}", ValueError())[0] for n in (1, 5)]
    assert said == ["It has 1 row.", "It has 5 rows."]
