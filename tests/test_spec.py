import dataclasses
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_lessons import Spec, code, expected, explain_error, run
from lstm_lessons.data import windows
from lstm_lessons.dates import READS, numbers, one_hot, pairs, spelled
from lstm_lessons.drawing import draw, scene_of
from lstm_lessons.plots import heat_map, lines
from lstm_lessons.reference import trace
from lstm_lessons.snippets import call
from lstm_lessons.spec import short
from lstm_lessons.weights import affordable, for_keras, for_torch, inputs, weights

NOT_A_SIZE = st.one_of(
    st.integers(max_value=0), st.floats(), st.text(), st.none(), st.booleans(), st.tuples()
)


def test_is_a_frozen_hashable_fact():
    assert {Spec(): 1}[Spec(units=7)] == 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        Spec().units = 8


def test_default_sizes_cannot_be_mistaken_for_each_other():
    sizes = (Spec().batch, Spec().timesteps, Spec().features, Spec().units)
    assert len({*sizes, 1, 2, 4}) == len(sizes) + 3


@given(st.sampled_from(["batch", "timesteps", "features", "units"]), NOT_A_SIZE)
def test_a_wrong_size_gets_one_line(name, size):
    with pytest.raises(ValueError, match=f"^{name} must be a whole number from 1, got ") as error:
        Spec(**{name: size})
    assert "\n" not in str(error.value)
    assert str(error.value).endswith(f"; try {name}={getattr(Spec(), name)}")


@pytest.mark.parametrize("flag", [1, 0, None, "True", "yes"])
@pytest.mark.parametrize("name", ["return_sequences", "return_state", "bidirectional", "unbatched"])
def test_a_wrong_flag_gets_one_line(name, flag):
    with pytest.raises(ValueError, match=f"^{name} must be True or False, got {flag!r}; try "):
        Spec(**{name: flag})


def test_a_wrong_cell_gets_one_line():
    with pytest.raises(ValueError, match=r"^cell must be 'lstm', 'gru' or 'rnn', got 'LSTM'; try "):
        Spec(cell="LSTM")


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        (dict(merge_mode="add"), r"merge_mode must be 'concat', .* or None, got 'add'; try"),
        (dict(proj_size=-1), r"proj_size must be a whole number from 0, got -1; try proj_size=0"),
        (dict(layers=0), r"layers must be a whole number from 1, got 0; try layers=1"),
    ],
)
def test_a_wrong_field_gets_one_line(fields, line):
    with pytest.raises(ValueError, match=f"^{line}"):
        Spec(**fields)


def test_wrong_arguments_of_expected_get_one_line():
    with pytest.raises(ValueError, match=r"^framework must be 'keras' or 'torch', got 'jax'; try"):
        expected(Spec(), "jax")
    with pytest.raises(
        ValueError, match=r"^spec must be a Spec, got \(3, 7\); try Spec\(units=7\)$"
    ):
        expected((3, 7))


@pytest.mark.parametrize("name", ["batch", "timesteps", "features", "units", "layers"])
def test_a_whole_number_of_numpy_is_a_size(name):
    spec = Spec(**{name: np.int64(9)})
    assert (spec, type(getattr(spec, name))) == (Spec(**{name: 9}), int)


class Hostile:
    """Something that shows itself to nobody."""

    def __repr__(self):
        raise RuntimeError("no")


NONSENSE = [
    *(None, True, -1, 0, 10**5000, -(10**5000), float("nan"), 2.5, 3j, "x" * 9999, b"x", "jax"),
    *(np.zeros((2, 2)), np.array(["a", None]), np.float32(3), np.bool_(True), [[3, [7]]] * 999),
    *({}, {"a": {1}}, ((3, 7),), [[1], [2, 3]], Hostile(), [Hostile()], Spec, len, range(10**9)),
    ((None, b""), (None, 0)),
]
CALLS = {
    **{
        f"Spec({name})": lambda value, name=name: Spec(**{name: value})
        for name in Spec.__dataclass_fields__
    },
    "expected": expected,
    "expected in": lambda value: expected(Spec(), value),
    "run": run,
    "run in": lambda value: run(Spec(), value),
    "code": code,
    "code in": lambda value: code(Spec(), value),
    "call in": lambda value: call(Spec(), value),
    "inputs": inputs,
    "weights": weights,
    "for_keras": for_keras,
    "for_torch": for_torch,
    "affordable": affordable,
    "trace": trace,
    "draw": lambda value: draw(value, None),
    "draw of": lambda value: draw(Spec(), [value]),
    "draw in": lambda value: draw(Spec(), None, value),
    "picture of": lambda value: scene_of(Spec(), None, value),
    "heat_map": heat_map,
    "lines": lambda value: lines(value, "days", "dollars"),
    "a line": lambda value: lines({"h": value}, "days", "dollars"),
    "windows": lambda value: windows(value, 5, 1),
    "windows of": lambda value: windows(np.zeros((20, 1)), value, 1),
    "windows ahead": lambda value: windows(np.zeros((20, 1)), 5, value),
    "pairs": lambda value: pairs(value, 0),
    "one_hot": lambda value: one_hot([value], READS, timesteps=18),
    "one_hot in": lambda value: one_hot(["3 Nov 1998"], value, timesteps=18),
    "one_hot over": lambda value: one_hot(["3 Nov 1998"], READS, timesteps=value),
    "numbers": lambda value: numbers([value]),
    "spelled": lambda value: spelled([value, 5]),
    "explain_error": explain_error,
}
HOUSE = re.compile(r"(an? )?[\w\s·()+]+ must .+, got .+; try .+")


def refuses(name, value):
    """Assert that a function takes a value, or refuses it in one line of the house's form."""
    try:
        CALLS[name](value)
    except ValueError as error:
        assert HOUSE.fullmatch(str(error)), f"{name}: {error}"
        assert len(str(error)) < 300


@pytest.mark.parametrize("name", CALLS)
def test_nonsense_gets_one_line(name):
    for value in NONSENSE:
        refuses(name, value)


ANYTHING = st.recursive(
    st.one_of(
        *(st.none(), st.booleans(), st.integers(), st.floats(), st.complex_numbers(), st.binary()),
        *(st.text(), st.builds(Hostile), st.just(np.zeros((2, 0, 3)))),
    ),
    lambda inner: st.one_of(
        *(st.lists(inner), st.tuples(inner, inner), st.dictionaries(st.text(), inner)),
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.sampled_from(sorted(CALLS)), ANYTHING)
def test_anything_at_all_gets_one_line(name, value):
    refuses(name, value)


@pytest.mark.more
@settings(max_examples=6000, deadline=None)
@given(st.sampled_from(sorted(CALLS)), ANYTHING)
def test_anything_at_all_gets_one_line_often(name, value):
    refuses(name, value)


def test_what_came_is_shown_short_and_whatever_its_repr_does():
    assert short((3, 7)) == "(3, 7)"
    assert short("three") == "'three'"
    assert short(np.zeros((2, 2))) == "array([[0., 0.], [0., 0.]])"
    assert short(10**5000) == "<int that cannot be shown>"
    for value in NONSENSE:
        assert len(short(value)) <= 60
        assert "\n" not in short(value)


BIG = {
    "batch · timesteps · features must be at most 20,000,000 numbers, got "
    "1,000,000,000 · 5 · 6 = 30,000,000,000 (240.0 GB); try batch=3": Spec(batch=10**9),
    "batch · timesteps · features must be at most 20,000,000 numbers, got "
    "40,000 · 5,000 · 6 = 1,200,000,000 (9.6 GB); try batch=3": Spec(batch=40000, timesteps=5000),
    "layers · directions · blocks · units · (inputs + units) must be at most 20,000,000 numbers, "
    "got 1 · 1 · 4 · 30,000 · 30,006 = 3,600,720,000 (28.8 GB); try units=7": Spec(units=30000),
    "layers must be at most 200, got 100000; try layers=1": Spec(layers=10**5),
    "layers · directions · timesteps must be at most 10,000 steps, got 1 · 2 · 5,001 = 10,002; "
    "try timesteps=5": Spec(timesteps=5001, bidirectional=True),
    "layers · directions · batch · timesteps · units must be at most 20,000,000 numbers, got "
    "3 · 1 · 9,000 · 100 · 20 = 54,000,000 (0.4 GB); try batch=3": Spec(
        batch=9000, timesteps=100, units=20, layers=3
    ),
}


@pytest.mark.parametrize("line", BIG)
def test_sizes_that_exhaust_memory_are_refused_before_anything_is_made(
    line, framework, monkeypatch
):
    made = []
    for module in ("weights._numbers", "frameworks._keras._one", "frameworks._torch.torch.zeros"):
        monkeypatch.setattr(f"lstm_lessons.{module}", lambda *_, **__: made.append(1))
    for work in (run, lambda spec, _: trace(spec), lambda spec, _: affordable(spec)):
        with pytest.raises(ValueError) as refused:  # noqa: PT011
            work(BIG[line], framework)
        assert str(refused.value) == line
    assert not made
    assert expected(BIG[line], framework)


@pytest.mark.parametrize("big", [Spec(timesteps=10**7), Spec(layers=10**6), Spec(units=10**6)])
def test_what_cannot_be_drawn_is_refused_and_a_large_batch_is_drawn(big):
    with pytest.raises(ValueError, match=r"must be at most .*, got .*; try "):
        draw(big, None)
    assert "Sequence 0 of 1000000000 is in front" in draw(Spec(batch=10**9), None).text


def test_numbers_are_refused_where_they_are_made_too():
    for work, spec in ((inputs, Spec(batch=10**9)), (weights, Spec(units=30000))):
        with pytest.raises(ValueError, match=r"must be at most 20,000,000 numbers, got .* = "):
            work(spec)
    assert inputs(Spec(units=10**9)).shape == (3, 5, 6)
    assert inputs(Spec(batch=10**9, unbatched=True)).shape == (5, 6)
    with pytest.raises(ValueError, match="layers must be at most 200, got 1000000; try layers=1"):
        code(Spec(layers=10**6))
    with pytest.raises(ValueError, match=r"samples · days · features must be at most 100,000,000"):
        windows(np.zeros((30_000, 1)), 10_000, 1)
