"""One set of weights: the same numbers in Keras, PyTorch and NumPy, and they extend."""

from dataclasses import replace

import numpy as np
import pytest

from lstm_lessons import Spec, run, weights
from lstm_lessons.frameworks import load
from lstm_lessons.reference import trace
from lstm_lessons.weights import for_keras, inputs


@pytest.mark.parametrize("axis", ["batch", "timesteps", "units"])
@pytest.mark.parametrize("more", [1, 40])
def test_a_larger_size_leaves_the_earlier_numbers_as_they_were(axis, more):
    spec = Spec()
    larger = replace(spec, **{axis: getattr(spec, axis) + more})
    earlier = (slice(spec.batch), slice(spec.timesteps), slice(spec.units))
    for name in ("h", "c"):
        before, after = getattr(trace(spec), name), getattr(trace(larger), name)
        assert after.shape != before.shape
        np.testing.assert_array_equal(after[earlier].shape, before.shape)
        np.testing.assert_allclose(after[earlier], before, rtol=0, atol=1e-12)


def test_a_further_feature_leaves_the_input_and_the_weights_as_they_were():
    spec, wider = Spec(), Spec(features=9)
    np.testing.assert_array_equal(inputs(wider)[..., :6], inputs(spec))
    np.testing.assert_array_equal(for_keras(wider)[0][:6], for_keras(spec)[0])


def test_the_scale_is_one_over_the_root_of_units():
    kernel, _, bias = for_keras(Spec())
    assert np.std(kernel) == pytest.approx(1 / np.sqrt(7), rel=0.1)
    assert np.std(bias) == pytest.approx(1 / np.sqrt(7), rel=0.25)
    assert np.std(inputs(Spec(batch=50))) == pytest.approx(1, rel=0.05)


def test_different_indexes_give_different_numbers():
    x = inputs(Spec(batch=20, timesteps=20, features=20))
    assert len(np.unique(x)) > 0.999 * x.size  # float32 has few numbers
    assert abs(np.corrcoef(x[0].ravel(), x[1].ravel())[0, 1]) < 0.15


def test_no_number_of_the_running_example_is_at_an_edge_of_rounding():
    every = trace(Spec())
    hundredths = 100 * np.concatenate([every.h, every.c, inputs(Spec())], axis=None)
    to_the_edge = np.abs(hundredths - np.floor(hundredths) - 0.5)
    assert to_the_edge.min() > 100 * 1e-5
    assert not any(f"{number / 100:.2f}" == "-0.00" for number in hundredths)


@pytest.mark.parametrize("more", [1, 5])
def test_further_units_leave_a_projected_layer_as_it_was(more):
    spec = Spec(proj_size=3)
    before, after = trace(spec), trace(replace(spec, units=spec.units + more))
    wider = trace(replace(spec, proj_size=3 + more, units=spec.units + more))
    for larger, units in ((after, 7), (wider, 3)):  # further units listen to a further h
        np.testing.assert_allclose(larger.h[..., :3], before.h, rtol=0, atol=1e-12)
        np.testing.assert_allclose(larger.c[..., :units], before.c[..., :units], rtol=0, atol=1e-12)


def test_numbers_drawn_anew_are_others_and_agree_in_both_frameworks(framework):
    first, spec = inputs(Spec()), Spec(units=9, return_sequences=True)
    before = weights._SEED
    try:
        weights.draw_anew(2**40 - 1)
        assert not np.isclose(inputs(Spec()), first).any()
        assert np.abs(inputs(Spec())).max() <= np.sqrt(3)
        load("keras").forget()
        made = run(spec, framework)["output"].values
        np.testing.assert_allclose(made, trace(spec).h, rtol=0, atol=1e-6)
    finally:
        weights.draw_anew(before)
        load("keras").forget()
    assert (inputs(Spec()) == first).all()
