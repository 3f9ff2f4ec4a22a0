"""The control in which an index is typed, its picture, and the question about lit squares."""

import re
import sys
import time

import numpy as np
import pytest

from lstm_lessons import Spec, ask, pick, remembered
from lstm_lessons.asking.squares import lit
from lstm_lessons.drawing import takes
from lstm_lessons.drawing.picked import lit_mask, picked
from lstm_lessons.indexes import take
from lstm_lessons.picks import candidates, same_numbers, there

TOWER = Spec(layers=2, bidirectional=True)


def parts(control):
    """The names to press, the line to type in, and what is shown."""
    names, typed, shown, _ = control.children
    return {one.description: one for one in names.children}, typed, shown


def words(html):
    """What HTML says, without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<title>.*?</title>|<[^>]+>", " ", html)).strip()


def test_it_begins_with_an_index_and_says_what_it_takes():
    control = pick(Spec(), "torch")
    names, typed, shown = parts(control)
    assert list(names) == [
        *("output", "output[:, -1]", "output[:, 0]", "output[-1]"),
        *("h_n", "h_n[-1]", "c_n", "c_n[-1]", "x", "x[0]"),
    ]
    assert typed.value == "output[:, -1]"
    said = words(shown.value)
    assert "All 3 sequences, the last timestep, all 7 units. The same numbers as h_n[-1]" in said
    assert control.text == (
        "Type an index, or press output, output[:, -1], output[:, 0], output[-1], h_n, h_n[-1], "
        "c_n, c_n[-1], x, x[0]. To begin with:\noutput[:, -1]: (3, 5̶, 7) → (3, 7): all 3 "
        "sequences, the last timestep, all 7 units. The same numbers as h_n[-1]."
    )


def test_a_name_is_pressed_an_index_typed_and_a_wrong_one_gets_its_line():
    names, typed, shown = parts(pick(Spec(return_sequences=True, return_state=True)))
    names["h"].click()
    assert typed.value == "h"
    assert "The same numbers as output[:, -1]" in words(shown.value)
    typed.value = "output[1, ::2, 3]"
    assert "Sequence 1, timesteps at 0, 2 and 4, unit 3" in words(shown.value)
    typed.value = "output[:, 9]"
    assert words(shown.value) == ("Timestep must be from -5 to 4 (of 5 timesteps), got 9; try -1.")
    typed.value = "<b>"
    assert "<b>" not in shown.value


def test_pytorch_alone_refuses_to_go_backwards():
    for framework, says in (("torch", "must be positive in PyTorch"), ("keras", "backwards")):
        _, typed, shown = parts(pick(Spec(return_sequences=True), framework))
        typed.value = "output[:, ::-1]"
        assert says in words(shown.value)


def test_arrays_of_ones_own_are_picked_without_a_run(monkeypatch):
    monkeypatch.setattr("lstm_lessons.picks.run", None)
    names, typed, shown = parts(pick(x=np.ones((4, 9, 3)), output=np.zeros((4, 9, 7))))
    assert list(names)[:2] == ["x", "x[0]"]
    typed.value = "x[1, 2]"
    assert "Sequence 1, timestep 2, all 3 features" in words(shown.value)
    with pytest.raises(ValueError, match="name must be 'output', 'h', 'c' or 'x', got 'y'"):
        pick(y=np.ones((3, 7)))


def test_it_begins_with_the_index_that_is_wanted_and_says_what_is_the_same():
    """As with the last valid timesteps of three sequences in lesson 08."""
    output = np.arange(105.0).reshape(3, 5, 7)
    last = output[[0, 1, 2], [1, 3, 2]]
    pairs = "output[[0, 1, 2], [1, 3, 2]]"
    control = pick(Spec(), "torch", index=pairs, output=output, h_n=last[None])
    assert parts(control)[1].value == pairs
    assert control.text.endswith(
        "timestep 2 of sequence 2, all 7 units. The same numbers as h_n[-1]."
    )
    with pytest.raises(ValueError, match="timestep must be from -5 to 4"):
        pick(Spec(), "torch", index="output[:, 5]")


def test_x_alone_is_picked_place_by_place():
    assert list(parts(pick(x=np.ones((4, 9, 5))))[0]) == ["x", "x[0]", "x[0, 4]", "x[0, 4, 2]"]
    assert list(parts(pick(x=np.ones((4, 1, 1))))[0])[-1] == "x[0, 0, 0]"


def test_what_an_index_takes_is_drawn_without_a_control():
    x = np.arange(40.0).reshape(2, 5, 4)
    drawn = takes("x[1, 3]", x=x)
    assert drawn.text == (
        "x[1, 3]: (2\u0336, 5\u0336, 4) → (4,)\nThe last sequence, timestep 3, all 4 features."
    )
    assert "<title>x[1, 3, 2]: sequence 1, timestep 3, feature 2 = 34.00<" in drawn.html
    with pytest.raises(ValueError, match="timestep must be from -5 to 4"):
        takes("x[1, 5]", x=x)
    with pytest.raises(ValueError, match="got 'y'; try x=x"):
        takes("y[0]", y=x)


def test_no_framework_is_loaded_for_x_alone(tmp_path):
    import subprocess

    script = (
        "import sys, numpy as np, lstm_lessons as l; l.pick(x=np.ones((3, 5, 6)));"
        "assert not {'torch', 'keras', 'tensorflow'} & {*sys.modules}"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_no_layer_runs_at_a_key_press(monkeypatch):
    _, typed, shown = parts(pick(Spec(), "torch"))
    monkeypatch.setattr("lstm_lessons.picks.run", None)
    begun = time.perf_counter()
    for step in range(10):
        typed.value = f"output[:, {step % 5}, :]" if step < 5 else f"output[{step % 3}]"
    assert "The first sequence, all 5 timesteps" in words(shown.value)
    assert time.perf_counter() - begun < 2


def test_each_part_stands_above_the_name_of_its_axis_and_what_is_gone_is_struck_out():
    tensors = there(Spec(), "torch")
    html = picked(take("output[:, -1]", tensors)).html
    assert words(html).startswith(
        "output[ : batch , -1 timesteps ] ( batch 3 , timesteps 5 , units 7 ) → ( batch 3 , units "
    )
    struck = re.findall(r"<s [^>]*><span[^>]*>([^<]*)</span></s>", html)
    assert struck == ["timesteps 5"]


def test_the_text_says_the_same():
    tensors = there(TOWER, "torch")
    taken = take("h_n[-2]", tensors)
    same = same_numbers(taken, candidates(tensors), tensors)
    assert picked(taken, same).text == (
        "h_n[-2]: (4̶, 3, 7) → (3, 7)\nRow 2 (layer 1 forward), all 3 sequences, all 7 units. The "
        "same numbers as output[:, -1, :7]."
    )
    number = picked(take("output[0, 3, 2]", there(Spec(), "torch")))
    assert number.text.endswith("The first sequence, timestep 3, unit 2: -0.08.")


@pytest.mark.parametrize(
    ("index", "number"), [("output[:, -1]", 21), ("output[[0, 2]]", 70), ("output[5:]", 0)]
)
def test_what_is_taken_is_lit_and_nothing_else(index, number):
    tensors = there(Spec(), "torch")
    mask = np.array(lit_mask(tensors[0], take(index, tensors)))
    assert mask.shape == (3, 5, 7)
    assert mask.sum() == number
    assert not np.any(lit_mask(tensors[1], take(index, tensors)))


def test_the_sequence_that_is_taken_stands_in_front():
    tensors = there(Spec(), "torch")
    assert "sequence 2 in front" in picked(take("output[-1]", tensors)).html
    assert "in front" not in picked(take("output[0]", tensors)).html


def asked(control):
    """The line, the button Check, the verdict and what is shown of a question."""
    _, typed, buttons, verdict, _, _, shown = control.children
    return typed, buttons.children[0], verdict, shown


def test_lit_squares_are_drawn_and_their_index_is_asked_for():
    question = lit("output[:, -1]", Spec(), "torch")
    typed, _, verdict, shown = asked(ask(question, framework="torch"))
    assert "In a frame: all 3 sequences, the last timestep, all 7 units; of output" in shown.value
    assert "output[:, -1]" not in shown.value
    before = shown.value
    for index, says in (
        ("output[-1]", "You expect a timestep to be picked where the sequences are counted."),
        ("output[:, 0]", "Lit are all 3 sequences, the last timestep, all 7 units."),
        ("output[:, 0, :]", "Lit are"),  # the same again
        ("h_n[-1]", "The answer: output[:, -1] ( batch 3 , units 7 )"),
    ):
        typed.value = index
        assert says in words(verdict.value), index
        assert shown.value == before
    typed.value = "output[..., 4, :]"
    assert "Correct" in words(verdict.value)
    assert "The same numbers as h_n[-1]" in words(shown.value)
    assert [one.status for one in remembered.answers()] == [*["wrong"] * 4, "correct"]


def test_an_answer_is_remembered():
    question = lit("h_n[-2]", TOWER, "torch")
    typed, *_ = asked(ask(question, framework="torch"))
    typed.value = "h_n[-1]"
    typed, _, verdict, shown = asked(ask(question, framework="torch"))
    assert typed.value == "h_n[-1]"
    assert "the last row (layer 1 backward)" in words(verdict.value)
    assert "In a frame" in shown.value
