"""The visual language, and the pictures of the README."""

import re
import xml.etree.ElementTree as ET

import pytest

import pictures
from lstm_lessons import Spec, expected, run
from lstm_lessons.doctor import Finding
from lstm_lessons.pictures import COLOURS, findings, inline, listing, paragraph, sentences, table
from lstm_lessons.shapes import Tensor


def test_text_is_text():
    assert inline("<b>&</b>") == "&lt;b&gt;&amp;&lt;/b&gt;"
    assert inline("`a < b`").endswith(">a &lt; b</code>")
    assert "<script" not in listing("<script>")


def test_an_axis_has_one_colour_and_its_name_beside_it():
    for axis, colour in COLOURS.items():
        assert re.search(rf"background: {colour};[^>]*>{axis} 3<", inline(f"({axis} 3)"))
    assert inline("`batch 3`").count("background") == 0


def test_a_range_of_places_is_no_size():
    assert "background" not in inline("At timestep 3 it has read timesteps 0 to 13 of it.")
    assert inline("timesteps 0 to 13, units 7").count("background") == 1


def test_a_shape_is_whole_where_it_is_said():
    whole = 'style="white-space: nowrap">{}</span>'.format
    shown = sentences("Given (10, 20), `f(x, (None, 5))` is (7,) of (batch 3, units 7).")
    for shape in ("(10, 20)", "(None, 5)", "(7,)"):
        assert whole(shape) in shown
    assert f'">f(x, <span {whole("(None, 5)")})</code>' in shown
    assert shown.count("<span") == 5
    long = inline("`lstm(torch.zeros(3, 5, 6))[0].reshape((15, 7))`")
    assert long.startswith('<code style="font-family: var(--jp-code-font-family, monospace)">')
    assert f"reshape(<span {whole('(15, 7)')})" in long  # breaks, though not within a shape
    assert "nowrap" in inline("`return_sequences=True`").split(">")[0]
    assert whole("(3, 5, 7)") in findings([Finding("a", "made (3, 5, 7)")]).html
    assert "<span" not in paragraph("Given (10, 20), `f(x, (None, 5))` is (7,).")


def test_the_book_makes_no_picture_larger_than_it_is_drawn(root):
    """Of a panel of 160 pixels every other width makes a poster."""
    rules = re.findall(r"([^{}]+)\{([^{}]+)\}", (root / "docs" / "book.css").read_text())
    assert len(rules) > 10
    assert not [names for names, looks in rules if "svg" in names and "width" in looks]


def test_a_table_and_its_text_say_the_same(spec, framework):
    shown = table(expected(spec, framework).tensors, "What came")
    for tensor in expected(spec, framework).tensors:
        for said in (tensor.expression, tensor.meaning, tensor.place, tensor.equals):
            assert said in shown.text
            assert said in shown.html
    assert shown._repr_mimebundle_() == {"text/html": shown.html, "text/plain": shown.text}
    assert shown.html.count("<tr>") == 1 + len(expected(spec, framework).tensors)


def test_findings_are_marked_by_more_than_colour():
    shown = findings([Finding("a", "1"), Finding("b", "2", "do this")])
    assert shown.text.splitlines() == ["✓ a: 1.", "✗ b: 2. do this"]
    assert "✗" in shown.html


def sizes(axes):
    known = {"batch": 3, "timesteps": 5, "units": 7, "layers": 1}
    return [tuple(known.get(axis, axis) for axis in one) for one in axes]


def shapes(value):
    if isinstance(value, (tuple, list)):
        return [shape for one in value for shape in shapes(one)]
    return [tuple(value.shape)]


@pytest.mark.parametrize("recipe", pictures.RECIPES, ids=lambda recipe: recipe[0])
def test_every_line_of_the_cheat_sheet_runs(recipe):
    import keras
    import torch

    _, keras_code, torch_code, keras_axes, torch_axes = recipe
    x, h, c = (keras.random.normal(size) for size in ((3, 5, 6), (3, 7), (3, 7)))
    names = {"LSTM": keras.layers.LSTM, "Dense": keras.layers.Dense, "x": x, "h": h, "c": c}
    assert shapes(eval(keras_code, names)) == sizes(keras_axes)
    x, h, c = torch.rand(3, 5, 6), torch.rand(3, 7), torch.rand(3, 7)
    names = {"LSTM": torch.nn.LSTM, "Linear": torch.nn.Linear, "x": x, "h": h, "c": c}
    names["lstm"] = torch.nn.LSTM(6, 7, batch_first=True)
    assert shapes(eval(torch_code, names)) == sizes(torch_axes)


def test_the_notes_of_the_cheat_sheet_are_true():
    import torch
    from torch.nn.utils.rnn import pack_padded_sequence

    x = torch.rand(3, 5, 6)
    output, (h_n, c_n) = torch.nn.LSTM(6, 7, 2, bidirectional=True, batch_first=True)(x)
    both = eval(pictures.BOTH, {"torch": torch, "h_n": h_n})
    assert not torch.allclose(output[:, -1], both, atol=1e-3)
    assert torch.allclose(output[:, -1, :7], both[:, :7])
    assert torch.allclose(output[:, 0, 7:], both[:, 7:])
    lstm = torch.nn.LSTM(6, 7, batch_first=True)
    valid = pack_padded_sequence(x, [5, 4, 2], batch_first=True)
    assert torch.allclose(lstm(valid)[1][0][-1, 2], lstm(x[2:, :2])[0][0, -1], atol=1e-6)
    assert not torch.allclose(lstm(x)[0][2, -1], lstm(x)[0][2, 1], atol=1e-3)
    assert h_n.dim() == c_n.dim() == 3
    shown = " ".join(ET.fromstring(pictures.cheat_sheet()).itertext())
    assert all(said in shown for said in ("without padding", "one direction", *pictures.NOTES))


@pytest.mark.parametrize("name", ["tray", "poster", "cheat_sheet"])
def test_the_stored_pictures_are_those_that_are_drawn(name, root):
    drawn = getattr(pictures, name)()
    stored = root / "pictures" / f"{name.replace('_', '-')}.svg"
    assert stored.read_text(encoding="utf-8") == drawn
    assert ET.fromstring(drawn).get("aria-label")


def test_the_poster_shows_all_four_scenarios():
    words = ET.fromstring(pictures.poster()).get("aria-label")
    for every, states in pictures.FLAGS:
        spec = Spec(return_sequences=every, return_state=states)
        for tensor in run(spec).tensors:
            assert f"Returned: {tensor.place} {tensor.expression}".replace(":  ", ": ") in words


def test_the_tray_plays_for_six_seconds_and_rests_in_its_last_state(root):
    """So does a reader that plays nothing, and who wants reduced motion."""
    page = ET.fromstring(pictures.tray())
    places = {"svg": "http://www.w3.org/2000/svg"}
    frames = [one for one in page.iterfind("svg:g", places) if one.get("class")]
    assert [one.get("style") for one in frames] == ["opacity: 0"] * 5 + ["opacity: 1"]
    assert "4 places stay empty" in "".join(frames[-1].itertext())
    moving = page.find("svg:style", places).text
    assert moving.startswith("@media (prefers-reduced-motion: no-preference) {")
    assert {*re.findall(r"(\S+)s step-end", moving)} == {"6"}
    assert page.get("aria-label").startswith("Before the first timestep h and c are zero.")


def test_of_tensors_and_axes_without_a_name_none_is_taken_for_another():
    tensors = [
        Tensor("?", "?", (number,), ("batch", "?", "?"), (3, 5, size))
        for number, size in enumerate((6, 7))
    ]
    assert "was" not in table(tensors, "What came").text
