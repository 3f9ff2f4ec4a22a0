"""Nested values: what they hold, the same kinds made anew, and numbers in lists as in an array."""

from collections import OrderedDict, namedtuple
from itertools import permutations

import numpy as np
import pytest
import torch

from lstm_lessons.nests import (
    close,
    deeper,
    has_nan,
    joined_at,
    leaves,
    listed,
    mapped,
    number_at,
    part_of,
    remade,
    shape_of,
    shaped,
    turned,
)

State = namedtuple("State", ["h", "c"])
NESTED = [
    (5, [5]),
    ((1, [2, (3,)]), [1, 2, 3]),
    ({"a": 1, "b": (2, 3)}, [1, 2, 3]),
    (OrderedDict(b=1, a=2), [1, 2]),
    (State(1, [2]), [1, 2]),
    ((), []),
    ("ab", ["ab"]),
]


@pytest.mark.parametrize(("value", "held"), NESTED)
def test_leaves_come_in_order(value, held):
    assert leaves(value) == held


@pytest.mark.parametrize(("value", "held"), NESTED)
def test_what_is_made_is_of_the_same_kinds(value, held):
    same, twice = mapped(lambda one: one, value), mapped(lambda one: 2 * one, value)
    assert (same, type(same)) == (value, type(value))
    assert leaves(twice) == [2 * one for one in held]


def test_what_is_said_to_be_a_leaf_is_one():
    value = {"shape": (None, 3), "rows": [(4, 5), [6]]}
    made = mapped(str, value, is_leaf=lambda one: isinstance(one, tuple))
    assert made == {"shape": "(None, 3)", "rows": ["(4, 5)", ["6"]]}


def test_a_dict_of_ones_own_is_another_one():
    value = {"a": 1}
    assert mapped(str, value) == {"a": "1"}
    assert value == {"a": 1}


def test_a_packed_sequence_stays_one():
    packed = torch.nn.utils.rnn.pack_sequence([torch.ones(3, 2), torch.ones(1, 2)])
    twice = mapped(lambda one: one if one is None else 2 * one, packed)
    assert isinstance(twice, torch.nn.utils.rnn.PackedSequence)
    assert (twice.data.tolist(), twice.batch_sizes.tolist()) == ([[2.0, 2.0]] * 4, [4, 2, 2])


def test_a_dict_takes_as_many_parts_as_it_has():
    with pytest.raises(ValueError, match="shorter"):
        remade({"a": 1, "b": 2}, [1])


ARRAY = np.arange(2.0 * 3 * 4).reshape(2, 3, 4)
LISTS = ARRAY.tolist()


def test_numbers_in_lists_have_the_shape_of_the_array():
    assert shape_of(LISTS) == shape_of(ARRAY) == (2, 3, 4)
    assert (shape_of(5.0), shape_of([]), shape_of([[], []])) == ((), (0,), (2, 0))
    assert listed(ARRAY) == listed(LISTS) == shaped(ARRAY.ravel(), (2, 3, 4)) == LISTS
    assert shaped([5, 6], ()) == 5
    with pytest.raises(ValueError, match="lists must be equally long, got others; try an array"):
        shape_of([[1, 2], [3]])


@pytest.mark.parametrize(
    "index", [(), (1,), (-1, slice(None)), (slice(None), -1), (slice(1), 2, slice(None, None, -2))]
)
def test_a_part_is_what_the_array_has_there(index):
    assert part_of(LISTS, index) == listed(part_of(ARRAY, index)) == listed(ARRAY[index])
    assert number_at(LISTS, (1, 2, 3)) == ARRAY[1, 2, 3]


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_axes_are_turned_as_those_of_an_array(order):
    assert turned(LISTS, order) == ARRAY.transpose(order).tolist()


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
def test_lists_are_joined_and_made_deeper_as_arrays(axis):
    other = (-ARRAY).tolist()
    assert joined_at([LISTS, other, LISTS], axis) == (
        np.concatenate([ARRAY, -ARRAY, ARRAY], axis).tolist()
    )
    assert ARRAY.tolist() == LISTS  # nothing of it was changed
    if axis >= 0:
        assert deeper(LISTS, axis) == np.expand_dims(ARRAY, axis).tolist()


def test_numbers_are_close_or_not_and_none_is_seen():
    near, far = (ARRAY + 1e-7).tolist(), (ARRAY + 1e-5).tolist()
    assert (close(LISTS, near, 1e-6), close(LISTS, far, 1e-6)) == (True, False)
    nan = float("nan")
    assert not close([nan], [nan], 1)
    assert close([float("inf")], [float("inf")], 1)
    assert (has_nan(LISTS), has_nan([[[1.0, None, nan]]]), has_nan([])) == (False, True, False)
