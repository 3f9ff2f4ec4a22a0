"""The picture: what is strong, what is a ghost, what it says in words."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html import escape

import pytest

from lstm_lessons import Spec, run
from lstm_lessons.drawing import draw, picture
from lstm_lessons.drawing.strokes import GHOST, shade
from lstm_lessons.pictures import COLOURS
from lstm_lessons.reference import traces

BOTH = Spec(return_sequences=True, return_state=True)


def svg(drawn):
    return ET.fromstring(drawn.drawn)


def labels(drawn):
    return [element.text for element in svg(drawn).iter("{http://www.w3.org/2000/svg}text")]


def details(words):
    style = "color: var(--jp-ui-font-color1, #222); font-size: 90%"
    summary = "<summary>The picture in words</summary>"
    return f'<details style="{style}">{summary}{escape(words)}</details>'


def ghosts(drawn):
    return [e for e in svg(drawn).iter() if e.get("opacity") == str(GHOST)]


def test_it_is_an_image_with_its_words_and_only_inline_styles(spec, framework):
    drawn = draw(spec, run(spec, framework), framework)
    root = svg(drawn)
    assert root.get("role") == "img"
    assert root.get("aria-label") == drawn.text
    assert drawn.html == f"{drawn.drawn}{details(drawn.text)}"
    assert "class=" not in drawn.html
    assert "<style" not in drawn.html


@pytest.mark.parametrize(
    ("flags", "strong", "pale"),
    [
        ({}, {"output"}, 4 * 2 + 2),  # of four timesteps h and its arrow; the strips of h and c
        ({"return_sequences": True}, {"output"}, 2),
        ({"return_state": True}, {"[0] output", "[1] h", "[2] c"}, 4 * 2),
        ({"return_sequences": True, "return_state": True}, {"[0] output", "[1] h", "[2] c"}, 0),
    ],
)
def test_four_scenarios_are_one_drawing_with_different_parts_lit(flags, strong, pale):
    drawn = draw(Spec(**flags), run(Spec(**flags)))
    assert strong <= set(labels(drawn))
    assert len(ghosts(drawn)) == pale
    assert ("What is pale" in drawn.text) == (pale > 0)


def test_pytorch_returns_everything_under_its_own_names():
    drawn = draw(Spec(), run(Spec(), "torch"), "torch")
    assert {"[0] output", "[1][0] h_n", "[1][1] c_n", "layers 1"} <= set(labels(drawn))
    assert ghosts(drawn) == []


def test_before_the_answer_nothing_is_lit_and_there_is_a_question_mark():
    asked = draw(BOTH, None)
    assert "?" in labels(asked)
    assert len(ghosts(asked)) == 5 * 2 + 2
    assert not any(label and label.startswith("[") for label in labels(asked))
    assert "Returned" not in asked.text


DEEP = [
    (
        dict(layers=2, bidirectional=True),
        "torch",
        {"[0] output", "h_n[0]", "c_n[3]", "layer 2", "backward ←", "layer 1 ←"},
        "Its rows, in order: layer 1 forward, layer 1 backward, layer 2 forward, layer 2 backward.",
    ),
    (
        dict(bidirectional=True),
        "keras",
        {"output[:, :7]", "output[:, 7:]"},
        "backward, which ends at the first",
    ),
    (
        dict(bidirectional=True, merge_mode=None, return_state=True),
        "keras",
        {"[0] forward_output", "[1] backward_output", "[2] forward_h", "[5] backward_c"},
        "Returned: [5] backward_c (batch 3, units 7), the last backward c.",
    ),
    (
        dict(bidirectional=True, merge_mode="sum", return_sequences=True),
        "keras",
        {"output: sum of both"},
        "h in both directions, added, after every timestep",
    ),
    (dict(layers=3, cell="gru"), "torch", {"GRU", "h_n[2]", "layer 3"}, "and makes a new h of 7"),
    (dict(unbatched=True), "torch", {"timesteps 5"}, "reads one sequence of shape (timesteps 5"),
    (
        dict(proj_size=3),
        "torch",
        {"projection 3", "units 7"},
        "h_n (layers 1, batch 3, projection 3)",
    ),
]


@pytest.mark.parametrize(("fields", "framework_", "strong", "words"), DEEP, ids=range(len(DEEP)))
def test_stacks_and_directions(fields, framework_, strong, words):
    spec = Spec(**fields)
    drawn = draw(spec, run(spec, framework_), framework_)
    assert strong <= set(labels(drawn))
    assert words in drawn.text
    asked = labels(draw(spec, None, framework_))
    assert not [label for label in asked if re.search(r"output|_n|\[", label or "")]
    inside(drawn)


def test_the_backward_pass_ends_at_the_first_timestep():
    drawn = draw(Spec(bidirectional=True), run(Spec(bidirectional=True)))
    frames = [
        float(e.get("x"))
        for e in svg(drawn).iter("{http://www.w3.org/2000/svg}rect")
        if "fill: none" in e.get("style", "") and e.get("rx") == "4"
    ]
    numbers = {e.text: float(e.get("x")) for e in svg(drawn).iter() if e.text in ("1", "5")}
    assert [numbers["5"] - frames[0], numbers["1"] - frames[1]] == [9, 9]


def test_every_shape_is_said_with_its_axes(spec, framework):
    returned = run(spec, framework)
    drawn = draw(spec, returned, framework)
    for tensor in returned.tensors:
        assert f"{tensor.expression} {tensor.sized}, {tensor.meaning}" in drawn.text
        for axis, size in zip(tensor.axes, tensor.shape, strict=True):
            assert f"{axis} {size}" in labels(drawn)


def test_shades_are_the_values_of_the_run():
    """Each number of a block has its shade, and equal tensors share them; the same every time."""
    spec = Spec(return_state=True)
    drawn = draw(spec, run(spec))
    shades = [e.get("fill") for e in svg(drawn).iter() if e.get("fill")][-21:]
    wanted = [[shade(value) for value in tensor.values[0]] for tensor in run(spec).tensors]
    assert [shades[:7], shades[7:14], shades[14:]] == wanted
    assert shades[:7] == shades[7:14] != shades[14:]
    assert drawn == draw(spec, run(spec))


def test_shades_go_from_paper_to_one_colour_for_each_side():
    shades = [shade(value) for value in (0, 0.004, 1, 9, -1, -9, float("nan"))]
    assert shades == [*["#fafafa"] * 2, *["#a65614"] * 2, *["#2166ac"] * 2, "#000"]
    way = 0.5**0.7  # of the whole way from #fafafa, which is 250 of red, of green and of blue
    for value, ends in ((0.5, (166, 86, 20)), (-0.5, (33, 102, 172))):
        assert shade(value) == f"#{bytes(round(250 + (end - 250) * way) for end in ends).hex()}"


def test_a_trace_that_ends_elsewhere_is_refused():
    with pytest.raises(ValueError, match="run_traces must end in the values of output, got others"):
        picture(Spec(), run(Spec()), traces(Spec(timesteps=4)))


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ({"timesteps": 20}, "5 of 20 timesteps"),
        ({"units": 64}, "7 of 64 units"),
        ({"features": 30}, "7 of 30 features"),
        ({"batch": 32}, "Sequence 1 of 32 is in front, 2 behind it"),
        ({"batch": 1, "timesteps": 1, "features": 1, "units": 1}, "Sequence 1."),
    ],
)
def test_what_is_left_out_is_said(sizes, said):
    spec = replace(BOTH, **sizes)
    drawn = draw(spec, run(spec))
    assert said in drawn.text
    assert len(drawn.html) < 60_000
    inside(drawn)


def inside(drawn):
    """Assert that every text begins within the picture."""
    root = svg(drawn)
    width, height = map(float, root.get("viewBox").split()[2:])
    for text in root.iter("{http://www.w3.org/2000/svg}text"):
        assert 0 <= float(text.get("x")) <= width
        assert 0 <= float(text.get("y")) <= height


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("axis", COLOURS)
def test_white_text_is_legible_on_every_axis_colour(axis):
    """By the contrast of WCAG 2.1, 4.5 to 1."""
    assert 1.05 / (luminance(COLOURS[axis]) + 0.05) >= 4.5
