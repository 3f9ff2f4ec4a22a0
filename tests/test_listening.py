"""The numbers of the weights: a known hash of their indexes, and no unit listens to one above."""

import numpy as np
import pytest

from lstm_lessons import Spec
from lstm_lessons import weights as module
from lstm_lessons.weights import for_keras, for_torch, inputs, weights

MASK = 2**64 - 1


def mixed(state):
    """Return a whole number as SplitMix64 scrambles it, in whole numbers of Python."""
    state = state * 0x9E3779B97F4A7C15 & MASK
    state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & MASK
    state = (state ^ state >> 27) * 0x94D049BB133111EB & MASK
    return state ^ state >> 31


def number(block, *indexes):
    """Return the number of a block at some indexes."""
    state = 1000 * module._SEED + block
    for index in indexes:
        state = mixed(state + index + 1 & MASK)
    return 12**0.5 * ((state >> 11) / 2**53 - 0.5)


def test_each_number_is_the_hash_of_its_indexes():
    spec = Spec(layers=2, bidirectional=True)
    x = inputs(spec)
    (first, second), (third, _) = weights(spec)
    for i, j, k in ((0, 0, 0), (2, 4, 5), (1, 3, 2)):
        assert x[i, j, k] == np.float32(number(0, i, j, k))
        assert first.kernel[i, k % 4, j] == pytest.approx(number(1, i, k % 4, j) / 7**0.5)
        assert second.kernel[i, k % 4, j] == pytest.approx(number(4, i, k % 4, j) / 7**0.5)
        assert first.recurrent[0, k % 4, j] == pytest.approx(number(2, 0, k % 4, j) / 7**0.5)
        assert first.bias[k % 4, j] == pytest.approx(number(3, 0, k % 4, j) / 7**0.5)
        for side in (0, 1):
            below = number(7, side, 0, k % 4, j) / 7**0.5
            assert third.kernel[7 * side, k % 4, j] == pytest.approx(below)


def test_later_units_have_smaller_weights():
    [[layer]] = weights(Spec(units=9, proj_size=3))
    for unit in (0, 6, 7, 8):
        scale = max(unit + 1, 7) ** -0.5
        assert layer.bias[1, unit] == pytest.approx(number(3, 0, 1, unit) * scale)
        assert layer.kernel[2, 1, unit] == pytest.approx(number(1, 2, 1, unit) * scale)
        assert layer.recurrent[0, 1, unit] == pytest.approx(number(2, 0, 1, unit) * scale)
    assert layer.projection[2, 2] == pytest.approx(number(500, 2, 2) / 7**0.5)
    assert layer.projection[0, 2] == pytest.approx(number(500, 0, 2) / 7**0.5)
    [[_], [top]] = weights(Spec(units=9, proj_size=3, layers=2))
    assert top.projection[1, 1] == pytest.approx(number(506, 1, 1) / 7**0.5)


@pytest.mark.parametrize(
    "stack",
    [
        Spec(layers=2),
        Spec(layers=3, bidirectional=True, cell="gru"),
        Spec(layers=2, bidirectional=True, merge_mode="sum"),
        Spec(layers=2, proj_size=3),
    ],
)
def test_no_unit_listens_to_one_above_it(stack):
    heard = stack.proj_size or stack.units
    above = np.tri(heard, stack.units, -1, bool)
    sides = stack.directions if stack.merge_mode == "concat" else 1
    for number_, layer in enumerate(weights(stack)):
        for one in layer:
            assert (one.recurrent.transpose(1, 0, 2)[:, above] == 0).all()
            assert (one.recurrent.transpose(1, 0, 2)[:, ~above] != 0).all()
            if number_:
                kernel = one.kernel.reshape(sides, heard, -1, stack.units).swapaxes(1, 2)
                assert (kernel[:, :, above] == 0).all()
                assert (kernel[:, :, ~above] != 0).all()
            if stack.proj_size:
                heard_of = np.tri(
                    heard, stack.units, dtype=bool
                )  # h's number hears units up to its own
                assert ((one.projection.T != 0) == heard_of).all()


def test_the_forms_of_the_frameworks():
    [[layer]] = weights(Spec(cell="gru"))
    kernel, recurrent, bias = for_keras(Spec(cell="gru"))
    assert (kernel.shape, recurrent.shape, bias.shape) == ((6, 21), (7, 21), (2, 21))
    assert (bias[0] == np.float32(layer.bias.ravel())).all()
    assert (bias[1] == 0).all()
    named = for_torch(Spec(cell="gru", layers=2, bidirectional=True))
    assert list(named)[:4] == ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]
    assert list(named)[4] == "weight_ih_l0_reverse"
    assert list(named)[-1] == "bias_hh_l1_reverse"
    one = for_torch(Spec(cell="gru"))
    blocks = [one["weight_ih_l0"][7 * block : 7 * block + 7].T for block in (0, 1, 2)]
    for ours, theirs in zip(blocks, (1, 0, 2), strict=True):  # reset before update
        assert (ours == np.float32(layer.kernel[:, theirs])).all()
    assert (one["bias_hh_l0"] == 0).all()
    assert {array.dtype for array in (*named.values(), kernel, inputs(Spec()))} == {
        np.dtype("float32")
    }


def test_the_axes_of_the_input_are_swapped_or_the_batch_is_left_out():
    x = inputs(Spec())
    assert x.shape == (3, 5, 6)
    assert (inputs(Spec(batch_first=False)) == x.swapaxes(0, 1)).all()
    assert inputs(Spec(batch_first=False)).flags.c_contiguous
    assert (inputs(Spec(unbatched=True)) == x[0]).all()


def test_a_word_made_at_run_time_is_the_same_word():
    made = dict(cell="".join("lstm"), merge_mode="".join("concat"))
    stack = dict(layers=2, bidirectional=True)
    for ours, theirs in zip(
        for_keras(Spec(**stack, **made)), for_keras(Spec(**stack)), strict=True
    ):
        assert (ours == theirs).all()
