"""Limits are where they are said to be: the last size that is taken, the first that is not."""

import re

import pytest

from lstm_lessons import Spec, code, expected
from lstm_lessons.rule import Refused
from lstm_lessons.snippets import call
from lstm_lessons.spec import bounded, default, gist, one_of, short, whole
from lstm_lessons.weights import affordable, inputs, weights


@pytest.mark.parametrize("name", ["batch", "timesteps", "features", "units", "layers", "proj_size"])
def test_the_highest_size_is_taken_and_one_more_is_not(name):
    assert getattr(Spec(**{name: 10**15}), name) == 10**15
    line = f"{name} must be at most 1,000,000,000,000,000, got 1000000000000001; try {name}="
    with pytest.raises(ValueError, match=f"^{re.escape(line)}{default(name)}$"):
        Spec(**{name: 10**15 + 1})


@pytest.mark.parametrize("name", ["batch", "timesteps", "features", "units", "layers"])
def test_one_is_the_lowest_size(name):
    assert getattr(Spec(**{name: 1}), name) == 1
    with pytest.raises(ValueError, match=f"^{name} must be a whole number from 1, got 0; try"):
        Spec(**{name: 0})


def test_a_whole_number_is_counted_from_one_unless_something_else_is_said():
    assert whole("seed", 1, advice=3) == 1
    assert whole("seed", 0, advice=3, lowest=0) == 0
    assert whole("seed", 5, advice=3, highest=5) == 5
    with pytest.raises(ValueError, match=r"^seed must be a whole number from 1, got 0; try seed=3"):
        whole("seed", 0, advice=3)
    with pytest.raises(ValueError, match=r"^seed must be at most 5, got 6; try seed=3$"):
        whole("seed", 6, advice=3, highest=5)


def test_the_most_numbers_are_taken_and_one_more_are_not():
    assert bounded({"rows": 4_000_000, "columns": 5}, advice="rows=3") == 20_000_000
    line = (
        r"^rows · columns must be at most 20,000,000 numbers, "
        r"got 20,000,001 · 1 = 20,000,001 \(0\.2 GB\); try rows=3$"
    )
    with pytest.raises(ValueError, match=line):
        bounded({"rows": 20_000_001, "columns": 1}, advice="rows=3")
    with pytest.raises(ValueError, match=r"got 250,000,000 = 250,000,000 \(2\.0 GB\); try n=1$"):
        bounded({"n": 250_000_000}, advice="n=1")
    assert bounded({"n": 30_000_000}, advice="n=1", most=30_000_000) == 30_000_000


@pytest.mark.parametrize("work", [affordable, weights, code, call])
def test_two_hundred_layers_are_taken_and_one_more_is_not(work):
    assert work(Spec(layers=200, timesteps=3, units=2))
    with pytest.raises(ValueError, match=r"^layers must be at most 200, got 201; try layers=1$"):
        work(Spec(layers=201, timesteps=3, units=2))


def test_ten_thousand_steps_are_taken_and_one_more_is_not():
    for fields in (
        dict(timesteps=10_000),
        dict(timesteps=5_000, bidirectional=True),
        dict(timesteps=100, layers=100),
    ):
        spec = Spec(batch=1, **fields)
        assert affordable(spec) is spec
        with pytest.raises(ValueError, match=r"^layers · directions · timesteps must be at most"):
            affordable(Spec(batch=1, **fields | {"timesteps": fields["timesteps"] + 1}))


@pytest.mark.parametrize(
    ("fields", "advice"),
    [
        (dict(layers=100, timesteps=101), "layers=1"),
        (dict(layers=60, timesteps=200), "layers=1"),  # it is 60 times its default, not 40 times
        (dict(layers=3, timesteps=9000), "timesteps=5"),
        (dict(timesteps=9000, layers=3, batch=10**9), "timesteps=5"),
    ],
)
def test_the_farthest_size_is_advised(fields, advice):
    with pytest.raises(ValueError, match=f" steps, got .*; try {advice}$"):
        affordable(Spec(**fields))


@pytest.mark.parametrize(
    ("fields", "arithmetic"),
    [
        (dict(units=2000), "1 · 1 · 4 · 2,000 · 2,006 = 16,048,000"),
        (dict(units=2500), "1 · 1 · 4 · 2,500 · 2,506 = 25,060,000"),
        (dict(units=2500, cell="gru"), "1 · 1 · 3 · 2,500 · 2,506 = 18,795,000"),
        (dict(units=1200, layers=3), "3 · 1 · 4 · 1,200 · 2,400 = 34,560,000"),
        (dict(units=1200, layers=3, bidirectional=True), "3 · 2 · 4 · 1,200 · 3,600 = 103,680,000"),
        (
            dict(units=1200, layers=3, bidirectional=True, merge_mode="sum"),
            "3 · 2 · 4 · 1,200 · 2,400 = 69,120,000",
        ),
        (dict(units=1200, proj_size=4000), "1 · 1 · 4 · 1,200 · 4,006 = 19,228,800"),
        (dict(units=1200, features=9000, layers=2), "2 · 1 · 4 · 1,200 · 10,200 = 97,920,000"),
        (dict(units=7, features=900_000), "1 · 1 · 4 · 7 · 900,007 = 25,200,196"),
    ],
)
def test_the_arithmetic_of_the_weights_is_shown(fields, arithmetic, monkeypatch):
    monkeypatch.setattr("lstm_lessons.weights._numbers", lambda *_: pytest.fail("made"))
    if int(arithmetic.split(" = ")[1].replace(",", "")) <= 20_000_000:
        assert affordable(Spec(batch=1, timesteps=1, **fields))
    else:
        with pytest.raises(ValueError, match=f", got {re.escape(arithmetic)} "):
            weights(Spec(**fields))


def test_one_sequence_is_counted_as_one():
    spec = Spec(batch=10**9, timesteps=4000, features=5000, unbatched=True)
    assert inputs(Spec(batch=10**9, unbatched=True)).shape == (5, 6)
    line = "batch · timesteps · features must be at most 20,000,000 numbers, got 1 · 4,000 · 5,001 "
    with pytest.raises(ValueError, match=f"^{line}"):
        inputs(Spec(**vars(spec) | {"features": 5001}))


def test_names_are_listed_as_a_reader_wants_them():
    assert one_of(["a"]) == "'a'"
    assert one_of(["a", "b"]) == "'a' or 'b'"
    assert one_of(["a", "b", None]) == "'a', 'b' or None"


def test_a_line_of_sixty_signs_is_cut_and_one_of_fifty_nine_is_not():
    assert short("x" * 57) == repr("x" * 57)
    assert short("x" * 58) == f"'{'x' * 56}..."
    assert len(short("x" * 58)) == 60
    assert short([[[["deep"]]]]) == "[[[['deep']]]]"


def test_the_gist_of_an_error_is_its_first_line_that_says_something():
    framed = ValueError(
        "\n\x1b[1mException encountered when calling LSTM.\x1b[0m\n\n  \n  no axis\nx"
    )
    assert gist(framed) == "  no axis"
    assert (
        gist(ValueError('Graph execution error:\n  File "a.py", line 3\nDetected at node\n3'))
        == "3"
    )
    assert gist(ValueError("\x1b[38;5;1mred\x1b[0m")) == "red"
    assert gist(ValueError("")) == ""

    class Silent(Exception):
        def __str__(self):
            raise RuntimeError

    assert gist(Silent()) == ""


def test_a_field_of_another_framework_is_refused_in_one_line():
    with pytest.raises(
        ValueError,
        match=r"^proj_size must be 0 in Keras, which has no such setting, got 3; try PyTorch$",
    ):
        expected(Spec(proj_size=3))
    with pytest.raises(ValueError, match=r"^merge_mode must be 'concat' in PyTorch, .* try Keras$"):
        expected(Spec(merge_mode="sum"), "torch")


def test_a_projection_is_shorter_than_h():
    assert expected(Spec(proj_size=6), "torch")["output"].shape == (3, 5, 6)
    with pytest.raises(Refused, match=r"^proj_size must be .*, got 7"):
        expected(Spec(proj_size=7), "torch")
