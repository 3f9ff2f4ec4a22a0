"""One press ahead: what is made before it is asked for, and what does not count any more."""

from types import SimpleNamespace

import pytest

from lstm_lessons import Spec, ahead
from lstm_lessons.ahead import Ahead, onward


@pytest.fixture
def later(monkeypatch):
    """What is to be done later, in its order."""
    waiting = []
    monkeypatch.setattr(ahead.loop, "later", lambda seconds, do: waiting.append(do))
    return waiting


@pytest.fixture
def made():
    """Of what something was made."""
    return []


@pytest.fixture
def pictures(made):
    return Ahead(lambda spec, framework, front: made.append(spec.timesteps) or spec.timesteps)


def press(pictures, *timesteps):
    return [pictures(Spec(timesteps=one), "keras", 0) for one in timesteps]


def test_one_more_step_is_made_once_nobody_asks_and_is_there_when_asked_for(pictures, made, later):
    assert press(pictures, 5, 6) == [5, 6]
    assert made == [5, 6]
    later.pop()()
    assert made == [5, 6, 7]
    assert press(pictures, 7) == [7]
    assert made == [5, 6, 7]


def test_who_goes_back_finds_what_was_there(pictures, made, later):
    assert press(pictures, 5, 6, 5) == [5, 6, 5]
    assert made == [5, 6]


def test_nothing_is_made_ahead_while_somebody_asks(pictures, made, later):
    press(pictures, 5, 6, 7)
    first, last = later
    first()
    assert made == [5, 6, 7]
    last()
    assert made == [5, 6, 7, 8]


def test_what_takes_long_is_not_made_ahead(pictures, made, later, monkeypatch):
    clock = iter(range(10))
    monkeypatch.setattr(ahead, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    press(pictures, 5, 6)
    later.pop()()
    assert made == [5, 6]


def test_once_a_cell_has_run_all_is_made_anew(pictures, made, later, monkeypatch):
    shell = SimpleNamespace(execution_count=1)
    monkeypatch.setattr(ahead, "get_ipython", lambda: shell)
    press(pictures, 5)
    shell.execution_count = 2
    press(pictures, 5)
    assert made == [5, 5]


def test_another_framework_and_another_sequence_in_front_are_something_else(later):
    pictures = Ahead(lambda *asked: asked[1:])
    asked = [("keras", 0), ("torch", 0), ("torch", 1)]
    assert [pictures(Spec(), *one) for one in asked] == asked


def test_few_are_kept(pictures, made, later):
    press(pictures, *range(1, 20), 19, 18)
    assert made == [*range(1, 20)]
    assert len(pictures._made) == ahead.KEPT


@pytest.mark.parametrize(
    ("now", "further"),
    [
        (Spec(timesteps=6), Spec(timesteps=7)),
        (Spec(units=6), Spec(units=5)),
        (Spec(layers=2), Spec(layers=3)),
        (Spec(), None),
        (Spec(timesteps=7), None),
        (Spec(timesteps=6, units=8), None),
        (Spec(timesteps=6, return_state=True), None),
        (Spec(return_sequences=True), None),
    ],
)
def test_a_step_is_one_size_changed_by_one(now, further):
    assert onward(Spec(), now) == further


def test_a_step_ends_where_sizes_do():
    assert onward(Spec(batch=2), Spec(batch=1)) is None
    assert onward(Spec(timesteps=199), Spec(timesteps=200)) is None
    assert onward(None, Spec()) is None
