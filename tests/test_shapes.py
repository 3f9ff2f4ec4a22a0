"""The rule against the real layers."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_lessons import Spec, expected, run
from lstm_lessons.rule import size_of
from lstm_lessons.shapes import Returned, Tensor, attach, holds

SPECS = st.builds(
    Spec,
    batch=st.integers(1, 6),
    timesteps=st.integers(1, 12),
    features=st.integers(1, 9),
    units=st.integers(1, 9),
    return_sequences=st.booleans(),
    return_state=st.booleans(),
)


def test_rule_equals_run(spec, framework):
    assert expected(spec, framework) == run(spec, framework)


@pytest.mark.parametrize("name", ["keras", "torch"])
@settings(max_examples=40, deadline=None)
@given(spec=SPECS)
def test_rule_equals_run_for_any_spec(name, spec):
    assert expected(spec, name) == run(spec, name)


def test_shapes_nest_as_the_framework_nests_them():
    assert expected(Spec()).shapes == (3, 7)
    assert expected(Spec(return_sequences=True)).shapes == (3, 5, 7)
    assert expected(Spec(return_state=True)).shapes == ((3, 7), (3, 7), (3, 7))
    both = Spec(return_sequences=True, return_state=True)
    assert expected(both).shapes == ((3, 5, 7), (3, 7), (3, 7))
    for spec in (Spec(), both):
        assert expected(spec, "torch").shapes == ((3, 5, 7), ((1, 3, 7), (1, 3, 7)))


def test_places_index_the_real_return_value():
    import torch

    value = torch.nn.LSTM(6, 7, batch_first=True)(torch.zeros(3, 5, 6))
    for tensor in expected(Spec(), "torch").tensors:
        assert tuple(eval(f"value{tensor.place}", {"value": value}).shape) == tensor.shape


@pytest.mark.parametrize("axis", ["batch", "timesteps", "features", "units"])
def test_enlarging_a_size_changes_exactly_the_axes_of_its_name(axis, framework):
    for flags in ({}, {"return_sequences": True}, {"return_state": True}):
        spec = Spec(**flags)
        before, after = (
            run(one, framework) for one in (spec, replace(spec, **{axis: getattr(spec, axis) + 4}))
        )
        for old, new in zip(before.tensors, after.tensors, strict=True):
            moved = [
                name for name, a, b in zip(old.axes, old.shape, new.shape, strict=True) if a != b
            ]
            assert moved == [name for name in old.axes if name == axis]


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


def test_every_stated_equality_holds_and_other_tensors_differ(spec, framework):
    returned = run(spec, framework)
    for tensor in returned.tensors:
        if tensor.equals:
            assert holds(tensor.equals, returned)
    if len(returned.tensors) > 1:
        assert not np.allclose(returned["h"].values, returned["c"].values)


def test_an_equality_that_does_not_hold_is_seen():
    returned = run(Spec(return_state=True))
    assert holds("output == h", returned)
    assert not holds("output == c", returned)
    assert not holds("output == h", run(Spec(return_sequences=True, return_state=True)))


def test_pytorch_keeps_what_keras_returns(spec):
    for kept, tensor in zip(run(spec, "torch").kept, run(spec).tensors, strict=True):
        values = kept.values[-1] if kept.axes[0] == "layers" else kept.values
        assert kept.name == tensor.name
        np.testing.assert_allclose(values, tensor.values, rtol=0, atol=1e-6)
    assert [one.shape for one in expected(spec, "torch").kept] == [
        one.shape for one in run(spec, "torch").kept
    ]


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


@pytest.mark.parametrize("sequences", [False, True])
def test_each_of_two_unmerged_directions_equals_its_own_state(sequences):
    returned = run(
        Spec(return_sequences=sequences, return_state=True, bidirectional=True, merge_mode=None)
    )
    first, last = ("[:, 0]", "[:, -1]") if sequences else ("", "")
    for which, end in (("forward", last), ("backward", first)):
        equality = f"{which}_output{end} == {which}_h"
        assert returned[f"{which}_output"].equals == returned[f"{which}_h"].equals == equality
        assert holds(equality, returned)


@pytest.mark.parametrize("axis", ["²", "①·units", "x", ""])
def test_what_is_no_number_and_no_name_has_no_size(axis):
    assert size_of(axis, {"units": 7}) is None
    assert size_of("2·units", {"units": 7}) == 14
