"""The rule, the real layers and the NumPy witness agree, over all cells, layers and directions."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_lessons import Spec, code, expected, run
from lstm_lessons.reference import merged, traces
from lstm_lessons.rule import Refused, size_of
from lstm_lessons.shapes import holds
from lstm_lessons.spec import CELLS, MERGES

TWO = (False, True)
FIELDS = {
    "keras": dict(
        layers=(1, 2, 3),
        bidirectional=TWO,
        merge_mode=MERGES,
        return_sequences=TWO,
        return_state=TWO,
    ),
    "torch": dict(
        layers=(1, 2, 3), bidirectional=TWO, batch_first=TWO, unbatched=TWO, proj_size=(0, 3, 9)
    ),
}
# How many specs the grid has for each framework and cell, and how many of them it runs.
SIZES = {
    ("keras", "lstm"): (72, 64),
    ("keras", "gru"): (72, 64),
    ("keras", "rnn"): (72, 64),
    ("torch", "lstm"): (72, 48),
    ("torch", "gru"): (72, 24),
    ("torch", "rnn"): (72, 24),
}


def grid(framework, cell):
    """Return every Spec of a cell that a framework's fields make; merging needs two directions."""
    fields = FIELDS[framework]
    specs = [
        Spec(cell=cell, **dict(zip(fields, values, strict=True)))
        for values in itertools.product(*fields.values())
    ]
    return [spec for spec in specs if spec.bidirectional or spec.merge_mode == "concat"]


def agree(spec, framework):
    """Assert that rule, run and witness agree, or refuse together; return whether it ran."""
    try:
        rule = expected(spec, framework)
    except Refused as reason:
        assert "\n" not in str(reason)
        assert "; try " in str(reason)
        with pytest.raises((ValueError, RuntimeError)):
            run(spec, framework)
        return False
    returned = run(spec, framework)
    assert returned == rule, spec
    assert [one.name for one in returned.tensors] == [one.name for one in rule.tensors]
    for tensor in returned.tensors:
        assert not tensor.equals or holds(tensor.equals, returned), (spec, tensor.equals)
    for tensor, values in zip(returned.tensors, witness(spec, framework), strict=True):
        np.testing.assert_allclose(tensor.values, values, rtol=0, atol=1e-6)
    return True


def witness(spec, framework):
    """Return what the NumPy layers say comes back, in the order of the return value."""
    layers = traces(spec)
    ends = [
        [
            [part[:, 0 if backward else -1] for part in (one.h, one.c) if part is not None]
            for backward, one in enumerate(layer)
        ]
        for layer in layers
    ]
    if framework == "torch":
        output = merged([one.h for one in layers[-1]], "concat")
        states = [
            np.stack(one) for one in zip(*(end for layer in ends for end in layer), strict=True)
        ]
        if spec.unbatched:
            return [output[0], *(state[:, 0] for state in states)]
        return [output if spec.batch_first else output.swapaxes(0, 1), *states]
    last = [one.h for one in layers[-1]] if spec.return_sequences else [end[0] for end in ends[-1]]
    output = merged(last, spec.merge_mode)
    outputs = output if isinstance(output, tuple) else (output,)
    return [*outputs, *(state for end in ends[-1] for state in end if spec.return_state)]


def test_rule_run_and_witness_agree_in_each_scenario(spec, framework):
    assert agree(spec, framework)


@pytest.mark.parametrize(
    "cell", [pytest.param(one, marks=[pytest.mark.more] * (one != "lstm")) for one in CELLS]
)
def test_rule_run_and_witness_agree_over_the_whole_grid(framework, cell):
    specs = grid(framework, cell)
    ran = [agree(spec, framework) for spec in specs]
    assert (len(specs), sum(ran)) == SIZES[framework, cell]


SHARED = dict(
    cell=st.sampled_from(CELLS),
    batch=st.integers(1, 4),
    timesteps=st.integers(1, 9),
    features=st.integers(1, 5),
    units=st.integers(1, 9),
    layers=st.integers(1, 3),
    bidirectional=st.booleans(),
    return_sequences=st.booleans(),
    return_state=st.booleans(),
)


@settings(max_examples=40, deadline=None)
@given(st.builds(Spec, merge_mode=st.sampled_from(MERGES), **SHARED))
def test_any_spec_of_keras(spec):
    agree(spec, "keras")


@settings(max_examples=100, deadline=None)
@given(
    st.builds(
        Spec,
        batch_first=st.booleans(),
        unbatched=st.booleans(),
        proj_size=st.integers(0, 9),
        **SHARED,
    )
)
def test_any_spec_of_pytorch(spec):
    agree(spec, "torch")


SOME = [
    *({"return_sequences": s, "return_state": t} for s, t in itertools.product(TWO, repeat=2)),
    dict(cell="gru"),
    dict(cell="rnn", return_state=True),
    dict(layers=3),
    dict(bidirectional=True),
    dict(layers=3, bidirectional=True, return_sequences=True, return_state=True),
    dict(cell="gru", layers=3, bidirectional=True),
]


def test_shapes_nest_as_the_framework_nests_them():
    assert expected(Spec()).shapes == (3, 7)
    assert expected(Spec(return_sequences=True)).shapes == (3, 5, 7)
    assert expected(Spec(return_state=True)).shapes == ((3, 7), (3, 7), (3, 7))
    both = Spec(return_sequences=True, return_state=True)
    assert expected(both).shapes == ((3, 5, 7), (3, 7), (3, 7))
    for spec in (Spec(), both):
        assert expected(spec, "torch").shapes == ((3, 5, 7), ((1, 3, 7), (1, 3, 7)))


def test_places_index_the_real_return_value():
    value = torch.nn.LSTM(6, 7, batch_first=True)(torch.zeros(3, 5, 6))
    for tensor in expected(Spec(), "torch").tensors:
        assert tuple(eval(f"value{tensor.place}", {"value": value}).shape) == tensor.shape


@pytest.mark.parametrize("axis", ["²", "①·units", "x", ""])
def test_what_is_no_number_and_no_name_has_no_size(axis):
    assert size_of(axis, {"units": 7}) is None
    assert size_of("2·units", {"units": 7}) == 14


def test_pytorch_keeps_what_keras_returns(spec):
    for kept, tensor in zip(run(spec, "torch").kept, run(spec).tensors, strict=True):
        values = kept.values[-1] if kept.axes[0] == "layers" else kept.values
        assert kept.name == tensor.name
        np.testing.assert_allclose(values, tensor.values, rtol=0, atol=1e-6)
    assert [one.shape for one in expected(spec, "torch").kept] == [
        one.shape for one in run(spec, "torch").kept
    ]
    if spec.return_state:
        h, c = run(spec)["h"].values, run(spec)["c"].values
        assert not np.allclose(h, c)


@pytest.mark.parametrize("fields", SOME, ids=str)
def test_both_frameworks_give_the_same_numbers(fields):
    spec = Spec(**fields)
    kept, returned = run(spec, "torch").kept[0], run(spec)["output"]
    np.testing.assert_allclose(kept.values, returned.values, rtol=0, atol=1e-6)


@pytest.mark.parametrize("axis", ["batch", "timesteps", "features", "units", "layers"])
@pytest.mark.parametrize("fields", SOME, ids=str)
def test_enlarging_a_size_changes_exactly_the_axes_of_its_name(fields, axis, framework):
    small = Spec(**fields)
    large = Spec(**{**fields, axis: getattr(small, axis) + 2})
    for old, new in zip(run(small, framework).tensors, run(large, framework).tensors, strict=True):
        assert [a != b for a, b in zip(old.shape, new.shape, strict=True)] == [
            axis in name.split("·") for name in expected(small, framework)[old.name].axes
        ]


@pytest.mark.parametrize("fields", SOME, ids=str)
def test_a_further_unit_layer_or_direction_leaves_the_earlier_numbers_as_they_were(fields):
    spec = Spec(**fields)
    before = traces(spec)
    for larger in (Spec(**{**fields, "units": 12}), Spec(**{**fields, "layers": 4})):
        for layer, wider in zip(before, traces(larger), strict=False):
            for one, other in zip(layer, wider, strict=True):
                np.testing.assert_allclose(other.h[..., : spec.units], one.h, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "fields",
    [*SOME, dict(merge_mode=None, bidirectional=True), dict(merge_mode="sum", bidirectional=True)],
    ids=str,
)
def test_pasted_code_returns_what_run_returns(fields, framework):
    spec = Spec(**fields)
    if framework == "torch" and "merge_mode" in fields:
        with pytest.raises(ValueError, match=r"^merge_mode must be 'concat' in PyTorch, which has"):
            code(spec, "torch")
        return
    names = pasted(spec, framework)
    returned = run(spec, framework)
    for tensor in returned.kept:
        assert tuple(eval(tensor.expression, {"concat": torch.cat, **names}).shape) == tensor.shape
    if "last" in names:
        assert tuple(names["last"].shape) == returned.kept[0].shape


def test_pasted_code_is_short_and_the_frameworks_own(spec, framework):
    lines = code(spec, framework).splitlines()
    assert len(lines) <= 8
    assert max(map(len, lines)) <= 88
    assert "lstm_lessons" not in code(spec, framework)


def pasted(spec, framework):
    """Return the names that pasted code leaves, each tensor under its own and in its place."""
    names = {}
    exec(code(spec, framework), names)
    for tensor in run(spec, framework).tensors:
        assert tuple(names[tensor.expression].shape) == tensor.shape
    return names


@pytest.mark.parametrize(
    "fields",
    [dict(batch_first=False), dict(unbatched=True), dict(proj_size=3), dict(layers=3, proj_size=3)],
    ids=str,
)
def test_what_only_pytorch_has(fields):
    spec = Spec(**fields)
    pasted(spec, "torch")
    name = next(iter(fields.keys() - {"layers"}))
    with pytest.raises(ValueError, match=f"^{name} must be .* in Keras, which has no such setting"):
        expected(spec)


def test_the_two_forms_of_a_gru_differ():
    """Keras' reset_after=True is PyTorch's form; with the other, the same weights say otherwise."""
    import keras

    from lstm_lessons.weights import for_keras, inputs

    spec = Spec(cell="gru")
    kernel, recurrent, bias = for_keras(spec)
    other = keras.layers.GRU(spec.units, reset_after=False)
    other.build((None, None, spec.features))
    other.set_weights([kernel, recurrent, bias[0]])
    returned = keras.ops.convert_to_numpy(other(inputs(spec)))
    assert not np.allclose(returned, run(spec)["output"].values, rtol=0, atol=1e-3)


def test_a_real_layer_with_one_weight_changed_is_seen():
    """So that the agreement above can fail."""
    from lstm_lessons.frameworks import load

    keras = load("keras")
    spec = Spec(layers=2, bidirectional=True, units=8)
    changed = [array.copy() for array in keras.layer(spec).get_weights()]
    keras.layer(spec).set_weights([changed[0] * 1.001, *changed[1:]])
    with pytest.raises(AssertionError):
        agree(spec, "keras")
    keras.layer(spec).set_weights(changed)
    assert agree(spec, "keras")
