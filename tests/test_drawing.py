"""The picture: what is strong, what is a ghost, what it says in words."""

import itertools
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from functools import cache, lru_cache
from html import escape

import pytest
from pages import through

import lstm_lessons
from lstm_lessons import Spec
from lstm_lessons.drawing import draw, scene_of
from lstm_lessons.drawing.strokes import arrow, shade
from lstm_lessons.pictures import ABOVE, BELOW, COLOURS, MIDDLE
from lstm_lessons.reference import traces
from lstm_lessons.weights import inputs

BOTH = Spec(return_sequences=True, return_state=True)
run = cache(lstm_lessons.run)  # one layer for all that is asked of its picture

SVG = "{http://www.w3.org/2000/svg}"


def page(drawn):
    return ET.fromstring(drawn.drawn)


def labels(drawn):
    return [element.text for element in page(drawn).iter(f"{SVG}text")]


def squares(drawn):
    """Return what each square of a number says, with its shade and whether it is faint."""
    faint = {id(one) for group in page_of(drawn, ".//*[@opacity]") for one in group.iter()}
    return {
        one.find(f"{SVG}title").text: (one.get("fill"), id(one) in faint)
        for one in page_of(drawn, f".//{SVG}path[{SVG}title]")
    }


@lru_cache
def tree(drawn):
    return ET.fromstring(drawn.drawn)


def page_of(drawn, found):
    """Return parts of a picture; called again, of the same tree, so that they can be compared."""
    return tree(drawn).findall(found)


def said(drawn, faint):
    """Return of which tensors squares are strong, or faint: what stands before the index."""
    names = [name for name, (_, is_faint) in squares(drawn).items() if is_faint is faint]
    return {re.split(r"\[| at ", name)[0] for name in names}


def details(words):
    style = "color: var(--jp-ui-font-color1, currentColor); font-size: 90%"
    summary = "<summary>The picture in words</summary>"
    return f'<details style="{style}">{summary}{escape(words)}</details>'


def test_it_is_an_image_with_its_words_and_only_inline_styles(spec, framework):
    drawn = draw(spec, run(spec, framework), framework)
    root = page(drawn)
    assert root.get("role") == "img"
    assert root.get("aria-label") == drawn.text
    assert drawn.html == f"{drawn.drawn}{details(drawn.text)}"
    assert "class=" not in drawn.html
    assert "<style" not in drawn.html


@pytest.mark.parametrize(
    ("flags", "strong", "faint"),
    [
        ({}, {"output"}, {"h", "c"}),
        ({"return_sequences": True}, {"output"}, {"c"}),
        ({"return_state": True}, {"output", "h", "c"}, {"h", "c"}),
        ({"return_sequences": True, "return_state": True}, {"output", "h", "c"}, {"c"}),
    ],
)
def test_four_scenarios_are_one_drawing_with_different_parts_lit(flags, strong, faint):
    drawn = draw(Spec(**flags), run(Spec(**flags)))
    assert said(drawn, faint=False) == strong | {"x"}
    assert said(drawn, faint=True) == faint
    assert "What is faint" in drawn.text


def test_every_number_that_is_seen_says_its_index_and_its_value(spec, framework):
    """All of the sequence in front; of those behind it the first row and the last timestep."""
    returned = run(spec, framework)
    said_ = squares(draw(spec, returned, framework))
    for tensor in returned.tensors:
        front = [name for name in said_ if name.startswith(f"{tensor.expression}[")]
        assert front, tensor.expression
        for name in front:
            at = tuple(map(int, re.search(r"\[(.*?)\]", name).group(1).split(", ")))
            assert name.endswith(f" = {tensor.values[at] + 0.0:.2f}")
            assert said_[name][0] == shade(tensor.values[at])
            said_words = [
                f"{axis.rstrip('s')} {n}" for axis, n in zip(tensor.axes, at, strict=True)
            ]
            words = ", ".join(said_words).replace("batch", "sequence")
            assert name.split(": ")[1].startswith(words)


def test_a_square_is_named_as_numpy_would():
    drawn = draw(BOTH, run(BOTH))
    values = run(BOTH)["output"].values
    name = f"output[0, 3, 2]: sequence 0, timestep 3, unit 2 = {values[0, 3, 2]:.2f}"
    assert squares(drawn)[name] == (shade(values[0, 3, 2]), False)


def test_any_sequence_can_be_in_front():
    returned = run(BOTH)
    for front in range(3):
        drawn = draw(BOTH, returned, front=front)
        inner = [
            name for name in squares(drawn) if name.startswith("output[") and ", 3, 2]" in name
        ]
        assert [name[:15] for name in inner] == [f"output[{front}, 3, 2]"]
        assert f"Sequence {front} of 3 is in front" in drawn.text
    large = Spec(batch=9)
    assert (
        "Sequence 7 of 9 is in front, 0 and 1 behind it." in draw(large, run(large), front=7).text
    )
    with pytest.raises(ValueError, match="front must be at most 2, got 3; try front=0"):
        draw(BOTH, returned, front=3)


def test_an_h_that_another_layer_reads_says_whose_it_is():
    stack = Spec(layers=2)
    for front in range(3):
        drawn = draw(stack, run(stack), front=front)
        handed = {one.split(",")[0] for one in squares(drawn) if one.startswith("h of layer 0")}
        assert handed == {f"h of layer 0 at {front}"}


def test_of_one_sequence_no_other_is_drawn():
    spec = Spec(unbatched=True)
    returned = run(spec, "torch")
    seen = squares(draw(spec, returned, "torch"))
    for name, values in (("x", inputs(spec)), ("output", returned["output"].values)):
        front = [one for one in seen if one.startswith(f"{name}[")]
        assert len(front) == values.size
        assert f"{name}[4, 3]: timestep 4, {('unit', 'feature')[name == 'x']} 3" in " ".join(front)
        for one in front:
            at = tuple(map(int, re.search(r"\[(.*?)\]", one).group(1).split(", ")))
            assert one.endswith(f" = {values[at] + 0.0:.2f}")
    with pytest.raises(ValueError, match="front must be at most 0, got 1; try front=0"):
        draw(spec, returned, "torch", front=1)


@pytest.mark.parametrize("front", ["a", 1.5, -1, True, None])
def test_what_is_no_sequence_cannot_be_in_front(front):
    with pytest.raises(
        ValueError, match=r"front must be a whole number from 0, got .*; try front=0"
    ):
        draw(BOTH, None, front=front)


def test_time_can_stop_on_its_way():
    spec = Spec(bidirectional=True, return_state=True)
    returned = run(spec)
    seen = [squares(draw(spec, returned, until=step)) for step in range(6)]
    assert not [name for name in seen[0] if name.startswith(("h", "c", "output", "backward"))]
    for step, now in enumerate(seen[:5]):
        assert {name.split(" =")[0] for name in now if name.startswith("c at 0, ")} == {
            f"c at 0, {read}, {unit}" for read in range(step) for unit in range(7)
        }
        back = {n.split(", ")[1] for n in now if n.startswith("backward c at 0, ")}
        assert back == {f"{4 - read}" for read in range(step)}
        assert f"So far {step} of 5 timesteps are read." in draw(spec, returned, until=step).text
    assert seen[5] == squares(draw(spec, returned))
    assert any(name.startswith("output[") for name in seen[5])
    with pytest.raises(ValueError, match="until must be at most 5, got 6; try until=None"):
        draw(spec, returned, until=6)


def test_pytorch_returns_everything_under_its_own_names():
    drawn = draw(Spec(), run(Spec(), "torch"), "torch")
    assert {"[0] output", "[1][0] h_n", "[1][1] c_n", "layers 1"} <= set(labels(drawn))
    assert said(drawn, faint=True) == {"c"}


def test_both_frameworks_have_the_same_picture_with_other_labels():
    keras, torch = (draw(BOTH, run(BOTH, name), name) for name in ("keras", "torch"))
    shades = [[fill for fill, _ in squares(drawn).values()] for drawn in (keras, torch)]
    assert shades[0] == shades[1]
    assert ("layers 1" in labels(keras), "layers 1" in labels(torch)) == (False, True)


def test_before_the_answer_nothing_is_lit_and_there_is_a_question_mark():
    asked = draw(BOTH, None)
    assert "?" in labels(asked)
    assert said(asked, faint=False) == {"x"}
    assert not any(label and label.startswith("[") for label in labels(asked))
    assert "Returned" not in asked.text


DEEP = [
    (
        dict(layers=2, bidirectional=True),
        "torch",
        {"[0] output", "layer 1", "backward ←", "layer 0 ←"},
        "Its rows, in order: layer 0 forward, layer 0 backward, layer 1 forward, layer 1 backward.",
    ),
    (
        dict(bidirectional=True),
        "keras",
        {"directions·", "units 14", "forward →"},
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
        {"output", "h in both directions,"},
        "h in both directions, added, after every timestep",
    ),
    (dict(layers=3, cell="gru"), "torch", {"GRU", "−3", "layer 2"}, "and makes a new h of 7"),
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


def test_the_backward_half_is_below_and_ends_at_the_first_timestep():
    spec = Spec(bidirectional=True)
    drawn = draw(spec, run(spec))
    strong = [name for name, (_, faint) in squares(drawn).items() if not faint]
    assert sum(name.startswith("output[0, ") for name in strong) == 14

    def corner(start):
        paths = page_of(drawn, f".//{SVG}path[{SVG}title]")
        (found,) = [one.get("d") for one in paths if one[0].text.startswith(start)]
        return tuple(map(float, re.match(r"M(\S+?) (\S+?)h", found).groups()))

    forward, backward = corner("output[0, 0]"), corner("output[0, 7]")
    first, last = (corner(f"x[0, {step}, 0]")[0] for step in (0, 4))
    assert (forward[0], backward[0]) == (last, first)
    assert backward[1] > forward[1] + 7 * 12


def test_every_shape_is_said_with_its_axes(spec, framework):
    returned = run(spec, framework)
    drawn = draw(spec, returned, framework)
    for tensor in returned.tensors:
        assert f"{tensor.expression} {tensor.sized}, {tensor.meaning}" in drawn.text
        assert f"({', '.join(map(str, tensor.shape))})" in labels(drawn)
        for axis, size in zip(tensor.axes, tensor.shape, strict=True):
            assert f"{axis} {size}" in labels(drawn)


def test_python_s_counting_is_below_every_row_of_timesteps():
    for found in (labels(draw(BOTH, run(BOTH))), labels(draw(BOTH, None))):
        ticks = " ".join(label for label in found if label and re.fullmatch(r"−?\d", label))
        assert ticks.count("0 1 2 3 4 −1") == 2


def test_equal_tensors_have_equal_shades_the_same_every_time():
    spec = Spec(return_state=True)
    drawn = draw(spec, run(spec))
    found = [
        [fill for name, (fill, _) in squares(drawn).items() if name.startswith(f"{which}[0, ")]
        for which in ("output", "h", "c")
    ]
    wanted = [[shade(value) for value in tensor.values[0]] for tensor in run(spec).tensors]
    assert found == wanted
    assert found[0] == found[1] != found[2]
    assert drawn == draw(spec, run(spec))


@pytest.mark.parametrize("way", [(0, -9), (0, 9), (9, 0), (-9, 0)])
def test_the_head_of_an_arrow_points_the_way_it_goes(way):
    across, down = way
    head = ET.fromstring(arrow((20, 20, 20 + across, 20 + down))).get("d").split("M")[2]
    x, y, *steps = map(float, re.findall(r"-?\d+", head))
    assert (x + steps[0], y + steps[1]) == (20 + across, 20 + down)  # its tip is the end
    assert steps[0] * across + steps[1] * down > 0 > steps[2] * across + steps[3] * down


def test_shades_go_from_paper_to_one_colour_for_each_side():
    shades = [shade(value) for value in (0, 0.004, 1, 9, -1, -9, float("nan"))]
    assert shades == [*["#fff"] * 2, *["#a51"] * 2, *["#26a"] * 2, "#000"]
    for side, ends in ((1, ABOVE), (-1, BELOW)):
        for value in range(101):
            seen = [int(digit, 16) * 17 for digit in shade(side * value / 100)[1:]]
            way = (value / 100) ** 0.7  # of the whole way, of red, of green and of blue
            for part, start, end in zip(
                seen, *map(bytes.fromhex, (MIDDLE[1:], ends[1:])), strict=True
            ):
                assert abs(part - (start + (end - start) * way)) < 28, value
            assert (seen[0] - seen[2]) * side >= 0


def test_a_trace_that_ends_elsewhere_is_refused():
    with pytest.raises(ValueError, match="run_traces must end in the values of output, got others"):
        scene_of(Spec(), run(Spec()), traces(Spec(timesteps=4)))


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ({"timesteps": 20}, "4 of 20 timesteps"),
        ({"units": 64}, "7 of 64 units"),
        ({"features": 30}, "7 of 30 features"),
        ({"batch": 32}, "Sequence 0 of 32 is in front, 1 and 2 behind it"),
        ({"batch": 1, "timesteps": 1, "features": 1, "units": 1}, "Sequence 0."),
    ],
)
def test_what_is_left_out_is_said(sizes, said):
    spec = replace(BOTH, **sizes)
    drawn = draw(spec, run(spec))
    assert said in drawn.text
    assert len(drawn.html) < 40_000
    inside(drawn)


@pytest.mark.parametrize("more", [{"layers": 2}, {"bidirectional": True}])
def test_two_layers_or_directions_weigh_less_than_40_kb(more, framework):
    """Each number has a title: in a picture of several rows it is its index and its value."""
    spec = replace(BOTH, **more)
    drawn = draw(spec, run(spec, framework), framework)
    assert len(drawn.html.encode()) < 40_000
    assert "<title>output[0, 4, 6] = " in drawn.html


def test_a_picture_is_small_enough_for_a_telephone(spec, framework):
    """Each panel is as wide as a page of 360 pixels has room for, and its text is not small."""
    for drawn in (draw(spec, run(spec, framework), framework), draw(spec, None, framework)):
        assert len(drawn.html) < 40_000
        for panel in page(drawn).iter(f"{SVG}svg"):
            assert float(panel.get("viewBox").split()[2]) <= 236
        fonts = re.findall(r"font-size(?:: |=\")(\d+)", drawn.drawn.replace("font-size: 0", ""))
        assert min(map(int, fonts)) >= 11


def inside(drawn):
    """Assert that every text and every square lies within its panel."""
    for root in page(drawn).iter(f"{SVG}svg"):
        width, height = map(float, root.get("viewBox").split()[2:])
        for text in root.iter(f"{SVG}text"):
            assert 0 <= float(text.get("x")) <= width
            assert 0 <= float(text.get("y")) <= height
        for path in root.iter(f"{SVG}path"):
            x, y = map(float, re.match(r"M(\S+?) (\S+?)[hvl]", path.get("d")).groups())
            assert 0 <= x < width
            assert 0 <= y < height


def places(root):
    """Return of a panel each text with its box, and each rectangle: (left, top, right, bottom)."""
    texts, boxes = [], []
    groups = {one: group for group in root.iter(f"{SVG}g") for one in group}
    for one in root.iter(f"{SVG}text"):
        look = {**groups.get(one, root).attrib, **one.attrib}
        size = float(look.get("font-size", 11))
        wide = {"font-weight", "font-family"} & {*look}
        width = (0.61 if wide else 0.555) * size * len(one.text)  # of the size, at most
        x, y = float(one.get("x")), float(one.get("y"))
        left = x - width * {"middle": 0.5, "end": 1}.get(look.get("text-anchor"), 0)
        texts.append((one.text, (left, y - 0.73 * size, left + width, y)))
    for one in root.iter(f"{SVG}rect"):
        x, y, width, height = (float(one.get(name)) for name in ("x", "y", "width", "height"))
        boxes.append((x, y, x + width, y + height))
    return texts, boxes


def lines_of(root):
    """Return of a panel the box of each straight part of its lines and arrows."""
    for path in root.iter(f"{SVG}path"):
        if path.get("stroke") and "z" not in path.get("d"):
            for points in through(path.get("d")):
                for (x0, y0), (x1, y1) in itertools.pairwise(points):
                    yield min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def over(one, other, apart=0.0):
    """Return whether two boxes have something in common, or are less than that apart."""
    return all(one[at] - apart < other[at + 2] and other[at] < one[at + 2] + apart for at in (0, 1))


def within(one, other):
    return all(one[at] >= other[at] and one[at + 2] <= other[at + 2] for at in (0, 1))


def crowded(drawn):
    """Return each text that is over another, over the edge of a box, over a line, or cut."""
    for root in page(drawn).iter(f"{SVG}svg"):
        texts, boxes = places(root)
        size = (0, 0, *map(float, root.get("viewBox").split()[2:]))
        for number, (words, at) in enumerate(texts):
            yield from (f"{words} | {other}" for other, its in texts[:number] if over(at, its))
            edges = [box for box in boxes if over(at, box) and not within(at, box)]
            edges = [] if words in "…⋮" else edges  # these stand in place of squares
            yield from (f"{words} on an edge of {box}" for box in edges)
            near = [line for line in lines_of(root) if over(at, line, 1.5)]
            yield from (f"{words} on {line}" for line in near)
            if not within(at, size):
                yield f"{words} is cut"


ONES = dict(timesteps=1, features=1, units=1)
ROOMY = [
    ({}, "keras"),
    (dict(return_sequences=True, return_state=True), "keras"),
    (dict(layers=2), "torch"),
    (dict(bidirectional=True, return_state=True), "keras"),
    (dict(bidirectional=True, merge_mode="sum"), "keras"),
    (dict(layers=2, bidirectional=True), "torch"),
    (dict(cell="gru", layers=2, bidirectional=True), "torch"),
    (dict(cell="rnn"), "torch"),
    (dict(batch=1, bidirectional=True), "torch"),
    (dict(unbatched=True, bidirectional=True), "torch"),
    (dict(units=64, features=30, timesteps=20), "torch"),
    (dict(batch=31, units=16, features=28, timesteps=29), "torch"),
    (dict(proj_size=3), "torch"),
    (ONES, "keras"),
    (ONES, "torch"),
    (dict(ONES, layers=2), "torch"),
    (dict(ONES, cell="gru", layers=2), "torch"),
]


@pytest.mark.parametrize(("fields", "framework_"), ROOMY, ids=range(len(ROOMY)))
def test_no_words_stand_on_others_on_an_edge_or_on_a_line(fields, framework_):
    spec = Spec(**fields)
    assert [*crowded(draw(spec, run(spec, framework_), framework_))] == []
    assert [*crowded(draw(spec, None, framework_))] == []


def below(drawn, upper, lower):
    """Return how often a text stands right below another."""
    found = 0
    for root in page(drawn).iter(f"{SVG}svg"):
        at = {}
        for one in root.iter(f"{SVG}text"):
            at.setdefault(one.text, []).append((float(one.get("x")), float(one.get("y"))))
        found += sum((x, y + 13) in at.get(lower, []) for x, y in at.get(upper, []))
    return found


def test_the_first_place_is_also_the_last_where_there_is_one():
    """Of timesteps and of an axis of layers alike, and of trays, too."""
    spec = Spec(**ONES)
    drawn = draw(spec, run(spec, "torch"), "torch")
    assert below(drawn, "0", "−1") == 4  # output and x, h_n and c_n
    assert not [label for label in labels(drawn) if "=" in label and "−" in label[:6]]
    spec = Spec(layers=2, bidirectional=True)
    drawn = draw(spec, run(spec, "torch"), "torch")
    assert [below(drawn, str(row), f"−{4 - row}") for row in range(4)] == [2] * 4


def test_units_and_features_are_counted_where_there_is_room():
    """The first and the last, of both directions each; and not where they would crowd."""
    spec = Spec(bidirectional=True)
    drawn = draw(spec, run(spec))
    assert {"0", "6", "7", "13", "5"} <= {*labels(drawn)}
    drawn = draw(spec, None)
    assert "13" not in labels(drawn)  # how many numbers come back is not told
    spec = Spec(units=3, timesteps=2, features=9)
    assert "2" not in labels(draw(spec, run(spec)))


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("axis", COLOURS)
def test_white_text_is_legible_on_every_axis_colour(axis):
    """By the contrast of WCAG 2.1, 4.5 to 1."""
    assert 1.05 / (luminance(COLOURS[axis]) + 0.05) >= 4.5


def test_a_number_becomes_a_square_in_one_place(root):
    """Of trays, of blocks and of cells: titled, and the empty ones, are written there alone."""
    homes = {
        path.name
        for path in (root / "lstm_lessons" / "drawing").glob("*.py")
        if re.search(r"titled\(|stroke_dasharray=\"2 2\"", path.read_text())
    }
    assert homes == {"squares.py"}
