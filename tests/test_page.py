"""An explanation as a page: text, HTML and pictures."""

import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import torch
import zoo
from keras import layers
from torch import nn
from zoo import explained, torch_head
from zoo import untried as explain

from lstm_lessons.drawing.strokes import shade as _shade
from lstm_lessons.explaining import calls
from lstm_lessons.explaining.glance import WIDTH, Glance, rows
from lstm_lessons.explaining.page import NO_ROOM, Alert, Drawing, Paragraph, Section, Table

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", zoo.ALL)
def test_text_and_html_say_the_same(name):
    found = explained(name)[2]
    assert found._repr_mimebundle_() == {"text/html": found.html, "text/plain": str(found)}
    assert str(found) == repr(found)
    assert str(found).split() == found.text.split()
    page = "".join(ET.fromstring(found.html).itertext())
    for call in found.layers:
        assert str(call.returned.shapes) in found.text
        assert str(call.returned.shapes) in page
        for tensor in call.returned.tensors:
            for fact in (tensor.expression, tensor.meaning, tensor.equals, tensor.place):
                assert fact in found.text
                assert fact in page
    squeezed = "".join(page.split())
    for block in flat(found.blocks):
        for words in said_in(block):
            assert "".join(words.replace("`", "").split()) in squeezed, words


def flat(blocks):
    """Give blocks, and those in sections."""
    for block in blocks:
        yield block
        yield from flat(block.blocks) if isinstance(block, Section) else ()


def said_in(block):
    """Return what a block says: sentences, headings, cells."""
    if isinstance(block, Glance):
        return [cell for group in rows(block) for row in group for cell in row]
    if isinstance(block, Section):
        return [block.heading]
    return block.sentences if isinstance(block, Paragraph) else []


@pytest.mark.parametrize("name", zoo.ALL)
def test_no_sentence_is_said_twice(name):
    found = explained(name)[2]
    said = [words for block in flat(found.blocks) for words in said_in(block)[:9]]
    said = [words for words in said if words.endswith(".")]
    tables = [block for block in flat(found.blocks) if isinstance(block, Table)]
    printed = [str([vars(tensor) for tensor in one.tensors]) for one in tables]
    assert len(said) == len({*said}) > 3
    assert len(printed) == len({*printed}) > 0


def test_what_holds_for_several_layers_is_said_once_with_their_names():
    text = explained("encoder_decoder")[2].text
    assert text.count("c after the earlier timesteps is never returned") == 1
    section = text.split("\n\n")[2].splitlines()
    assert section[0] == "Alike in encoder.rnn and decoder.rnn"
    assert "   c after the earlier timesteps is never returned: a loop over the cell gives it." in (
        section
    )
    assert "Parameters: 420" not in "".join(section)
    alike = explained("residual_stack")[2].text
    assert "Alike in layers.0, layers.1 and layers.2\n   It reads (batch 3, timesteps 5" in alike
    assert alike.count("It returns") == 1
    assert "Alike in all recurrent layers\n" in explain(torch_chain(5), zoo.floats(5, 3, 6)).text


def test_layers_are_folded_but_the_only_one():
    def folds(found):
        tree = ET.fromstring(found.html)
        return [(one[0].text, one.get("open")) for one in tree.iter("details")]

    several = folds(explained("k_encoder_decoder")[2])
    assert [opened for _, opened in several] == [None] * 3
    assert [opened for _, opened in folds(explained("bidirectional_last_step")[2])] == ["open"]
    warned = ET.fromstring(explained("bidirectional_last_step")[2].html)
    inside = "".join(text for one in warned.iter("details") for text in one.itertext())
    assert "Warning: " in "".join(warned.itertext())
    assert "Warning: " not in inside


TABLE = """
layer                           reads      hands on                      to           parameters
1. encoder.embedding Embedding  (3, 5)     (3, 5, 6)                     encoder.rnn         120
2. encoder.rnn LSTM             (3, 5, 6)  h_n (1, 3, 7), c_n (1, 3, 7)  decoder.rnn         420
3. decoder.embedding Embedding  (3, 4)     (3, 4, 8)                     decoder.rnn         160
4. decoder.rnn LSTM             (3, 4, 8)  output (3, 4, 7)              decoder.out         476
5. decoder.out Linear           (3, 4, 7)  (3, 4, 20)                    result              160
in all                                                                                      1336
"""


def test_the_table_has_a_line_a_layer_and_a_total():
    network, _, found = explained("encoder_decoder")
    assert TABLE in found.text
    assert sum(one.numel() for one in network.parameters()) == 1336
    siamese, _, found = explained("siamese")
    assert sum(one.numel() for one in siamese.parameters()) == 540
    assert "2. lstm LSTM ×2 " in found.text
    assert re.search(r"^in all +540$", found.text, re.MULTILINE)


def test_a_shape_of_the_table_can_be_copied_and_does_not_break():
    html = explained("k_attention_on_top")[2].html
    assert ">(3, 5, 7)</span>" in html
    assert "\xa0" not in html


def test_a_decoder_says_what_it_begins_with():
    text = explained("encoder_decoder")[2].text
    begins = "It begins with h_0: h_n of encoder.rnn; c_0: c_n of encoder.rnn."
    assert begins in text.split("4. decoder.rnn: LSTM")[1]
    assert text.count("It begins with") == 1
    assert "decoder.rnn (LSTM) receives h_n (1, 3, 7) as h_0 and c_n (1, 3, 7) as c_0 in" in text
    loop = explained("greedy_decoder")[2].text
    assert "It begins with h_0: h_n of encoder or its own h_n, of the call before, " in loop


@pytest.mark.parametrize("name", ["greedy_decoder", "k_bidirectional_masked"])
def test_html_has_inline_styles_only_and_headed_tables(name):
    tree = ET.fromstring(explained(name)[2].html)
    tags = {one.tag.removeprefix(SVG) for one in tree.iter()}
    assert tags.isdisjoint({"style", "script", "h1", "h2"})
    assert all("class" not in one.attrib for one in tree.iter())
    assert all(one.attrib.get("scope") == "col" for one in tree.iter("th"))
    assert len(list(tree.iter("caption"))) == len(list(tree.iter("table"))) > 0


@pytest.mark.parametrize("name", zoo.ALL)
def test_what_is_printed_keeps_to_100_columns(name):
    found = explained(name)[2]
    assert [line for line in str(found).splitlines() if len(line) > WIDTH == 100] == []
    assert not any(line.endswith((" ==", "[:,")) for line in str(found).splitlines())


def squares(picture):
    """Return the shade of each number of a picture by what it says, without its value."""
    found = ET.fromstring(picture.html).iter(f"{SVG}path")
    return {one[0].text.split(" = ")[0]: one.get("fill") for one in found if len(one)}


def test_a_picture_shows_the_numbers_of_this_pass():
    lstm, x = nn.LSTM(6, 5, 2, bidirectional=True), torch.randn(4, 3, 6)
    y, (h, c) = lstm(x)
    seen = squares(explain(lstm, x).layers[0].picture)
    wanted = {
        f"{name}[{step}, 0, {number}]": value
        for name, tensor in (("x", x), ("output", y))
        for step, one in enumerate(tensor[:, 0].tolist())
        for number, value in enumerate(one)
    }
    for row in range(4):
        which, end = "backward " * (row % 2), 0 if row % 2 else 3
        at = f"at 0, {end}, 2"
        wanted[f"{which}c {at}, in c_n[{row}]"] = c[row, 0, 2].item()
        if row < 2:
            wanted[f"{which}h of layer 0 {at}"] = h[row, 0, 2].item()
    assert {name: seen[name] for name in wanted} == {n: _shade(v) for n, v in wanted.items()}


@pytest.mark.parametrize(
    ("every", "states", "known", "empty"),
    [(False, False, 1, 4), (True, False, 5, 0), (False, True, 1, 4), (True, True, 5, 0)],
)
def test_numbers_that_did_not_come_back_are_left_empty(every, states, known, empty):
    """Of the sequence in front: h at each timestep; an empty cell where c is not known."""
    layer = layers.LSTM(4, return_sequences=every, return_state=states)
    picture = explain(layer, zoo.floats(3, 5, 6)).layers[0].picture
    seen = [name for name in squares(picture) if re.match("output.0|c at 0", name)]
    assert len(seen) == 4 * (known + states)
    blank = ET.fromstring(picture.html).iterfind(".//*[@stroke-dasharray='2 2']")
    paths = [one.get("d") for one in blank if one.tag == f"{SVG}path"]
    assert sum(path.count("z") for path in paths) == empty, paths
    assert "what is empty is not known" in picture.text


def test_a_picture_is_an_image_with_its_words_and_stands_in_the_html_alone():
    found = explained("bidirectional_classifier")[2]
    picture = found.layers[0].picture
    image = ET.fromstring(picture.html)
    assert (image.get("role"), image.get("aria-label")) == ("img", picture.text)
    for tensor in found.layers[0].returned.tensors:
        assert f"{tensor.place} {tensor.expression} (" in picture.text
        assert tensor.meaning in picture.text
    assert picture.html in found.html
    assert picture.text not in found.text


@pytest.mark.parametrize(
    ("make", "fits"),
    [
        (lambda: nn.LSTM(6, 7, 4), True),
        (lambda: nn.LSTM(6, 7, 5), False),
        (lambda: nn.GRU(6, 7, 2, bidirectional=True), True),
        (lambda: nn.GRU(6, 7, 3, bidirectional=True), False),
        (lambda: nn.LSTM(6, 7, proj_size=2), True),
        (lambda: layers.GRU(7), True),
        (lambda: layers.GRU(7, go_backwards=True), False),
        (lambda: layers.Bidirectional(layers.GRU(7)), True),
        (lambda: layers.Bidirectional(layers.GRU(7), merge_mode=None), True),
        (lambda: layers.Bidirectional(layers.GRU(7), merge_mode="sum"), False),
        (lambda: layers.RNN([layers.GRUCell(7), layers.GRUCell(8)]), False),
        (lambda: nn.LSTMCell(6, 7), False),
    ],
)
@pytest.mark.filterwarnings("ignore:LSTM with projections")
def test_what_fits_in_a_picture(make, fits):
    network = make()
    x = zoo.floats(3, 6) if isinstance(network, nn.LSTMCell) else zoo.floats(3, 5, 6)
    found = explain(network, x)
    assert (found.layers[0].picture is not None) is fits
    assert found.html.count("<svg") == 1 + fits


def test_no_picture_where_the_layer_does_otherwise_than_the_rule():
    assert explained("packed_classifier")[2].layers[0].picture is None
    network, x = explained("bare_lstm")[0], zoo.floats(3, 5, 6)
    x[0, 2, 3] = np.nan
    assert explain(network, x).layers[0].picture is None  # h == output is not true of NaN


def test_what_is_no_number_and_what_is_large_is_drawn_too():
    x = zoo.floats(3, 5, 6)
    x[0, 0, :3] = np.nan, np.inf, -1e30
    picture = explain(layers.GRU(4), x).layers[0].picture
    seen = squares(picture)
    shades = [seen[f"x[0, 0, {n}]"] for n in range(3)]
    assert shades == ["#000", _shade(1), _shade(-1)]
    assert "Black is no number (NaN)." in picture.text


def torch_chain(depth, **settings):
    """Return a network of layers that follow one another."""

    def forward(self, x):
        for layer in self.all:
            x = layer(x)[0]
        return x

    return zoo.module(forward, all=nn.ModuleList(nn.LSTM(6, 6, **settings) for _ in range(depth)))


def test_pictures_end_where_a_page_would_get_too_large():
    found = explain(torch_chain(8), zoo.floats(5, 3, 6))
    drawn = found.html.count("<svg") - 1  # one is the flow
    assert 2 <= drawn < 8
    assert found.html.count(f"{NO_ROOM}; <code") == 1
    assert f".layers[{drawn}].picture</code> is this layer" in found.html
    assert 'role="img" aria-label="' in found.layers[drawn].picture.html
    assert NO_ROOM not in found.text
    assert NO_ROOM not in explain(torch_chain(2), zoo.floats(5, 3, 6)).html
    large = explain(torch_chain(3, num_layers=4), zoo.floats(500, 64, 6)).html
    assert large.count("<svg") == 1 + 3
    assert len(large) < 110_000


def test_nothing_is_drawn_before_html_is_asked_for(monkeypatch):
    found = explain(torch_chain(2), zoo.floats(5, 3, 6))

    def drawn(*_):
        raise AssertionError

    monkeypatch.setattr(calls, "of_pass", drawn)
    assert str(explain(torch_chain(2), zoo.floats(5, 3, 6)))
    with pytest.raises(AssertionError):
        found._repr_mimebundle_()


def test_a_page_is_a_row_of_blocks_and_a_heading_alone_stands_apart():
    network = torch_head(lambda y, h: y[-1], 7)
    network.add_module("0", nn.GRU(6, 7))  # a sentence that begins with a digit
    found = explain(network, zoo.floats(3, 5, 6), tried=True)
    kinds = [type(block) for block in found.blocks]
    assert kinds == [*[Paragraph] * 4, Alert, Glance, Section]
    assert [type(one) for one in found.blocks[-1].blocks][:3] == [Paragraph, Drawing, Table]
    assert found.text.splitlines()[1] == "0 was not called in this pass."
    assert found.text.count("\n\n") == 2
    assert found.text.splitlines()[4].startswith("⚠ 1. Warning: ")
    assert found.html.count("border-left: 4px") == len(found.warnings) == 1
