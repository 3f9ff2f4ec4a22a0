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


@pytest.mark.more
def test_nothing_is_slower_than_its_bound_by_half():
    found, bounds = ratios.measured(), ratios.bounds()
    assert found.keys() == bounds.keys()
    late = ratios.worse(found, bounds)
    assert late == [] or ratios.worse(ratios.measured(), bounds) == []  # once more, if busy
