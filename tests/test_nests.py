"""Nested values: what they hold, and the same kinds made anew."""

from collections import OrderedDict, namedtuple

import pytest
import torch

from lstm_lessons.nests import leaves, mapped, remade

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
