import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_lessons import Spec, expected

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
