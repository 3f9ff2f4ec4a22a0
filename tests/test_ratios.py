"""No answer of the course becomes slower by half without being noticed."""

import pathlib
import sys

import pytest

sys.path.append(str(pathlib.Path(__file__).parents[1] / "benchmarks"))
import ratios


def test_a_ratio_that_is_worse_by_more_than_half_is_told():
    bounds = {"a": 2.0, "b": 2.0, "c": 2.0}
    assert ratios.worse({"a": 3.0, "b": 3.01, "c": float("nan")}, bounds) == [
        "b must be at most 3.00, got 3.01",
        "c must be at most 3.00, got nan",
    ]


def test_only_what_is_late_is_measured_once_more(monkeypatch):
    calls = []

    def part(name, *ratios_in_turn):
        turns = iter(ratios_in_turn)
        return lambda: calls.append(name) or {name: next(turns)}

    monkeypatch.setattr(ratios, "bounds", lambda: {"a": 2.0, "b": 2.0})
    monkeypatch.setattr(ratios, "PARTS", (part("a", 2.5), part("b", 4.0, 2.9)))
    assert ratios.measured_with_patience() == {"a": 2.5, "b": 2.9}
    assert calls == ["a", "b", "b"]


@pytest.mark.more
def test_nothing_is_slower_than_its_bound_by_half():
    found, bounds = ratios.measured_with_patience(), ratios.bounds()
    assert found.keys() == bounds.keys()
    assert ratios.worse(found, bounds) == []
