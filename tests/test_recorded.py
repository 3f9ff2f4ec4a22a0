"""Where neither NumPy nor a framework is, the numbers that real layers returned are answered."""

import json
import sys
from dataclasses import replace
from random import Random

import pytest
from test_without_numpy import without_numpy

from lstm_lessons import (
    Spec,
    expected,
    frameworks,
    recorded,
    recording,
    reference,
    replies,
    run,
    weights,
)
from lstm_lessons.explored import explored, typed
from lstm_lessons.frameworks import NotRun, load
from lstm_lessons.nests import leaves
from lstm_lessons.rule import DIALECTS
from lstm_lessons.spec import FLAGS, MERGES

CLOSE = 2e-6  # a sum of two numbers, each half a millionth off
SIZES = dict(batch=4, features=6, units=10)
FEW = (
    Spec("lstm", timesteps=6, **SIZES, layers=2),
    Spec("lstm", timesteps=4, **SIZES, layers=2, bidirectional=True),
    Spec("gru", timesteps=3, **SIZES, layers=2, bidirectional=True),
    Spec("rnn", batch=9, timesteps=12, features=8, units=12),
    Spec("lstm", timesteps=7, units=12, proj_size=3),
)


def drawn(record, number, seed=1):
    """Return specs that a record holds, each with a framework: sizes, flags and settings of all."""
    random = Random(seed)  # Keras takes its time, and has the fewer ones
    return [_drawn(random, random.choice([*record.stacks])) for _ in range(number)]


def _drawn(random, largest):
    def flip():
        return random.random() < 0.5

    framework = "torch" if largest.proj_size or random.random() < 0.7 else "keras"
    smaller = ["batch", "layers", *["units"] * (not largest.proj_size)]
    smaller += ["timesteps"] * (not largest.bidirectional)
    spec = replace(largest, **{name: random.randint(1, getattr(largest, name)) for name in smaller})
    if framework == "torch":
        return replace(spec, batch_first=flip(), unbatched=flip()), framework
    merge_mode = random.choice(MERGES) if spec.layers == 1 else "concat"
    return replace(spec, merge_mode=merge_mode, **{name: flip() for name in FLAGS}), framework


def answered(spec, framework):
    """Return a spec's input, every h and c, and what its layer returned, as nested lists."""
    pairs = [[[one.h, one.c] for one in layer] for layer in reference.traces(spec)]
    came = run(spec, framework)
    assert came == expected(spec, framework)
    return listed([weights.inputs(spec), pairs, [one.values for one in came.tensors + came.kept]])


def listed(value):
    """Return arrays, and what nests them, as nested lists."""
    if isinstance(value, (list, tuple)):
        return [listed(part) for part in value]
    return value.tolist() if hasattr(value, "tolist") else value


def apart(one, other):
    """Return how far the numbers of two nested lists are apart at most; they must nest alike."""
    if isinstance(one, list):
        assert len(one) == len(other)
        return max(apart(*pair) for pair in zip(one, other, strict=True))
    return 0 if one is other is None else abs(one - other)


ANSWERS = """
import json, pathlib, test_recorded as t
record = t.recorded.use(pathlib.Path({file!r}).read_bytes())
print(json.dumps([t.answered(*one) for one in t.drawn(record, {number})]))
"""


SHOWN = """
import json, pathlib, test_recorded as t
t.recorded.use(pathlib.Path({file!r}).read_bytes())
print(json.dumps(t.shown()))
"""


def shown():
    """Return what a page shows of settings, one after the other, of the record of a few."""
    every = dict(return_sequences=True, return_state=True)
    both = Spec(timesteps=4, bidirectional=True, **every)
    asked = [
        (Spec(units=9), "keras"),
        (Spec(**every), "keras"),
        (Spec(layers=2), "torch"),
        (both, "keras"),
        (replace(both, merge_mode="sum"), "keras"),
        (Spec("gru", timesteps=3, layers=2, bidirectional=True, batch_first=False), "torch"),
        (Spec("gru", timesteps=3, layers=2, bidirectional=True, merge_mode=None), "keras"),
    ]
    pages = [{**typed(*one), "front": "1"} for one in asked]
    return [explored(*pair) for pair in zip(pages, [None, *pages], strict=False)]


def far(data, number, tmp_path):
    """Return the specs whose numbers, answered from a record, are not those of the real run."""
    file = tmp_path / "record"
    file.write_bytes(data)
    status, out, err = without_numpy(ANSWERS.format(file=str(file), number=number))
    assert (status, err) == (0, "")
    asked = zip(drawn(recorded.read(data), number), json.loads(out), strict=True)
    return [one for one, answer in asked if not apart(answer, answered(*one)) <= CLOSE]


@pytest.fixture(scope="module")
def few():
    """The record of a few specs."""
    return recording.record_of(*FEW)


@pytest.fixture
def used(few):
    """A record that is in use; it is not, afterwards."""
    yield recorded.use(few)
    recorded.forget()


def test_what_is_answered_without_numpy_is_what_the_real_layers_returned(few, tmp_path):
    assert far(few, 50, tmp_path) == []


def test_a_page_shows_without_numpy_what_it_shows_with_the_real_layers(few, tmp_path):
    file = tmp_path / "record"
    file.write_bytes(few)
    status, out, err = without_numpy(SHOWN.format(file=str(file)))
    assert (status, err) == (0, "")
    real = shown()
    assert json.loads(out) == real
    assert all("<svg" in one["seen"] for one in real[:-1])
    assert "Keras refuses this" in real[-1]["returned"]


@pytest.mark.parametrize("number", [40, pytest.param(300, marks=pytest.mark.more)])
def test_whatever_is_set_is_shown_or_said_in_one_line(number, used):
    random, was, happened = Random(2), None, set()
    for _ in range(number):
        values = {name: random.choice(SET[name]) for name in SET if random.random() < 0.9}
        shown = explored(values, was)
        assert "failed" not in shown["returned"]
        assert shown["seen"] or "Keras refuses" in shown["returned"] or "role=" in shown["limit"]
        assert "<script" not in "".join(shown.values())
        was = random.choice((was, values))
        happened.add((bool(shown["seen"]), bool(shown["limit"]), bool(shown["lines"])))
    assert happened >= {(True, False, True), (False, True, False)}


SET = {
    "framework": ("keras", "torch"),
    "cell": ("lstm", "lstm", "gru"),
    "batch": ("1", "2", "4", " 3 ", "", "5"),
    "timesteps": ("4", "4", "3", "٣", "1e3"),
    "features": ("6",) * 7 + ("6\n", "+6", "None"),
    "units": ("1", "7", "10", "10", "11", "7.0"),
    "layers": ("1", "1", "2", "3"),
    "bidirectional": ("on",),
    "merge_mode": (*map(str, MERGES), "<script>"),
    "front": ("0", "1", "3"),
    "return_sequences": ("on", ""),
    "return_state": ("on",),
    "batch_first": ("on",),
}


@pytest.mark.more
def test_the_course_s_own_record_holds_all_within_its_sizes(tmp_path):
    data = recording.record()
    assert len(data) < 600_000
    assert recorded.read(data).size == 1_076_096
    assert far(data, 300, tmp_path) == []


def test_the_specs_that_are_drawn_meet_each_setting(few):
    asked = drawn(recorded.read(few), 50)
    for name in ("cell", "layers", "bidirectional", "merge_mode", "batch_first", "unbatched"):
        assert len({getattr(spec, name) for spec, _ in asked}) == {"cell": 3, "merge_mode": 5}.get(
            name, 2
        )
    assert {framework for _, framework in asked} == set(DIALECTS)
    assert {spec.proj_size for spec, _ in asked} == {0, 3}


def test_a_record_names_the_versions(few):
    versions = {"Keras": frameworks.keras.__version__, "PyTorch": frameworks.torch.__version__}
    assert recorded.read(few).versions == versions


def test_a_number_is_rounded_as_the_one_that_was_recorded():
    import numpy as np

    exact = np.array([0.1249999, 0.1250001, -0.0050001, -0.0049999, 0.9999999, -1.0, 8.1234567])
    read = recorded.read(recorded.packed({}, exact, {})).x.cut(len(exact))
    assert [f"{one:.2f}" for one in read] == [f"{one:.2f}" for one in exact]
    assert [f"{one:.5f}" for one in read] == [f"{one:.5f}" for one in exact]
    assert max(abs(read - exact)) <= 5e-7


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Spec(batch=5), "batch must be at most 4 here, got 5"),
        (Spec(timesteps=9), "timesteps must be at most 8 here, got 9"),
        (Spec(features=9), "features must be at most 7 here, got 9"),
        (Spec(units=1200), "units must be at most 10 here, got 1,200"),
        (Spec(layers=4), "layers must be at most 3 here, got 4"),
        (Spec(timesteps=7, proj_size=2), "proj_size must be 0 here, got 2"),
        (
            Spec(timesteps=4, layers=2, bidirectional=True, merge_mode="sum"),
            "merge_mode must be 'concat' here below another layer, got 'sum'",
        ),
        *[
            (one, f"spec must be one that was recorded here, got {one}")
            for one in (Spec(features=2), Spec(timesteps=3, bidirectional=True), Spec("gru"))
        ],
    ],
    ids=str,
)
def test_what_no_record_holds_is_refused_in_one_line(asked, said, used):
    with pytest.raises(NotRun) as refused:
        reference.traces(asked)
    assert str(refused.value) == f"{said}; in JupyterLab every size and setting runs"


def test_another_input_than_the_course_s_is_refused(used, framework):
    real, x = load(framework), weights.inputs(Spec())
    assert real.call(real.layer(Spec()), x)
    x[2][4][5] += 0.25
    with pytest.raises(NotRun, match=r"^x must be the course's own input here, got .*; try it"):
        real.call(real.layer(Spec()), x)


def test_nothing_has_to_load_where_a_record_answers(few, framework, monkeypatch):
    title = DIALECTS[framework].title
    monkeypatch.delitem(sys.modules, f"lstm_lessons.frameworks._{framework}", raising=False)
    first = f"Running. The first time, {title} takes some seconds to load."
    assert first in replies.running(framework)
    recorded.use(few)
    try:
        assert "Running.<" in replies.running(framework)
    finally:
        recorded.forget()


def test_an_input_is_there_up_to_the_largest_sizes(used):
    assert len(weights.inputs(Spec(batch=9, timesteps=12, features=8))[8][11]) == 8
    with pytest.raises(NotRun, match=r"^batch must be at most 4 here, got 10;"):
        weights.inputs(Spec(batch=10))


def test_no_framework_itself_comes_from_a_record(used, monkeypatch):
    monkeypatch.setitem(sys.modules, "lstm_lessons.frameworks._torch", None)
    with pytest.raises(NotRun, match=r"^PyTorch must be importable, got "):
        frameworks.torch  # noqa: B018


def test_once_no_record_is_in_use_the_real_layers_run(few):
    recorded.use(few)
    assert type(weights.inputs(Spec())) is list
    recorded.forget()
    assert type(weights.inputs(Spec())).__name__ == "ndarray"
    assert load("torch").__name__ == "lstm_lessons.frameworks._torch"


def test_frameworks_that_do_not_agree_are_not_recorded(framework, monkeypatch):
    real = load(framework)
    right = real.call
    monkeypatch.setattr(real, "call", lambda *given: _moved(right(*given)))
    title = DIALECTS[framework].title
    with pytest.raises(RuntimeError, match=rf"^{title} must agree with NumPy to 5e-06, got 2e-05"):
        recording.record_of(Spec())


def _moved(came):
    leaves(came)[-1].flat[-1] += 2e-5
    return came


def test_layers_on_merged_directions_are_not_recorded():
    with pytest.raises(
        ValueError, match=r"^merge_mode must be 'concat' where stacked layers are re"
    ):
        recording.record_of(Spec(layers=2, bidirectional=True, merge_mode="ave"))
