"""What a layer returns, as data: equality, places, names, and equalities that hold or do not."""

from dataclasses import replace

import numpy as np
import pytest

from lstm_lessons import Spec, expected, run
from lstm_lessons.shapes import Returned, Tensor, attach, holds


def test_unequal_returns_are_unequal():
    rule = expected(Spec(), "torch")
    assert rule != expected(Spec(units=8), "torch")
    flat = Returned(tuple(replace(one, path=(i,)) for i, one in enumerate(rule.tensors)))
    assert [one.shape for one in flat.tensors] == [one.shape for one in rule.tensors]
    assert flat != rule


def test_a_tensor_that_the_rule_does_not_know_is_kept_and_shows():
    value = (np.zeros((3, 7)), np.zeros((3, 7)))
    came = attach(expected(Spec()), value)
    assert came != expected(Spec())
    assert [one.name for one in came.tensors] == ["?", "?"]
    assert came.shapes == ((3, 7), (3, 7))


@pytest.mark.parametrize("layer", [Spec(), Spec(bidirectional=True), Spec(return_state=True)])
def test_numbers_in_nested_lists_are_attached_as_arrays_are(layer):
    rule, came = expected(layer, "torch"), run(layer, "torch")
    output, h, c = (tensor.values.tolist() for tensor in came.tensors)
    listed = attach(rule, (output, (h, c)))
    assert listed == came
    for one, other in zip(
        (*listed.tensors, *listed.kept), (*came.tensors, *came.kept), strict=True
    ):
        assert one == other
        assert one.values == other.values.tolist()
    assert attach(expected(Spec()), [[1, 2], [3, 4]]).tensors[0].shape == (2, 2)


def test_an_equality_that_does_not_hold_is_seen():
    returned = run(Spec(return_state=True))
    assert holds("output == h", returned)
    assert not holds("output == c", returned)
    assert not holds("output == h", run(Spec(return_sequences=True, return_state=True)))


def test_a_tensor_is_found_by_name_or_missed_in_one_line():
    assert run(Spec(return_state=True))["c"].place == "[2]"
    with pytest.raises(KeyError, match="name must be 'output', got 'c': it was not returned"):
        run(Spec())["c"]


def test_values_are_no_part_of_equality_or_repr():
    tensor = Tensor("h", "h", (), ("units",), (7,), values=np.zeros(7))
    assert tensor == replace(tensor, values=None)
    assert "values" not in repr(tensor)


def test_equality_looks_at_nesting_and_sizes_alone():
    tensor = Tensor("h", "h_n", (1, 0), ("layers", "units"), (1, 7))
    for other in (dict(name="c"), dict(expression="h"), dict(axes=("units", "layers"))):
        assert tensor == replace(tensor, **other)
    for other in (dict(meaning="it"), dict(equals="output == h")):
        assert tensor == replace(tensor, **other)
    for other in (dict(path=(1, 1)), dict(shape=(1, 8))):
        assert tensor != replace(tensor, **other)
