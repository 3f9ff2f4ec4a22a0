"""The drawings of lessons 10 and 11: encoder and decoder, and the window that slides."""

import re

import numpy as np
import pytest
from bs4 import BeautifulSoup

from lstm_lessons.asked import decoding
from lstm_lessons.asking.truth import truth_of
from lstm_lessons.data import windows
from lstm_lessons.drawing.coders import coders
from lstm_lessons.drawing.sliding import sliding

CHIP = re.compile(r"[a-z]+ \d+")
SERIES = np.arange(24.0).reshape(8, 3) - 11


def read(picture):
    """Return the texts of a picture's drawing, in order, and its SVG."""
    svg = BeautifulSoup(picture.drawn, "html.parser").svg
    return [text.get_text() for text in svg.find_all("text")], svg


def chips(picture):
    return [text for text in read(picture)[0] if CHIP.fullmatch(text)]


def test_encoder_and_decoder_have_the_shapes_that_the_layers_return():
    for sizes in ({}, dict(batch=8, reads=25, writes=6, units=48, characters=13)):
        every, scores = (one.shape for one in truth_of(decoding.arrows(**sizes)))
        words = coders(**sizes).text
        batch, timesteps, units = every
        assert f"every h (batch {batch}, timesteps {timesteps}, units {units})" in words
        assert f"(batch {batch}, timesteps {timesteps}, characters {scores[-1]})" in words
        assert f"h, c, each (batch {batch}, units {units})" in words


def test_each_arrow_has_a_chip_for_each_axis_and_the_words_say_the_same():
    picture = coders(batch=8, reads=25, writes=6, units=48, characters=13)
    said = CHIP.findall(picture.text)
    assert len(chips(picture)) == 4 * 3 + 2
    assert sorted(chips(picture)) == sorted(said)


def test_what_is_asked_is_in_neither_the_drawing_nor_the_words():
    picture = coders(asked=True)
    texts, _ = read(picture)
    assert texts.count("?") == 3
    assert "units 64" not in texts
    assert "units 64" not in picture.text
    assert "characters 11" not in picture.text
    assert picture.text.count("?") == 3
    assert len(chips(picture)) == 6  # of what is read


def test_a_window_stands_below_its_days_and_is_named():
    texts, svg = read(sliding(SERIES, timesteps=4, ahead=2))
    x, y = windows(SERIES, 4, 2)
    assert [one for one in texts if one.startswith("x[")] == ["x[0]", "x[1]", "x[2]", "x[3]"]
    assert [one for one in texts if one.startswith("y[")] == ["y[0]", "y[1]", "y[2]"]
    titles = [title.get_text() for title in svg.find_all("title")]
    shown = [float(title.partition("= ")[2]) for title in titles]
    assert len(shown) == SERIES.size + x.size + y.size
    window = SERIES.size + x[0].size + y[0].size
    start = SERIES.size + x[0].size
    assert shown[SERIES.size : start] == x[0].ravel().tolist()
    assert shown[start:window] == y[0].tolist()
    assert shown[window : window + x[1].size] == x[1].ravel().tolist()


def test_the_words_say_which_days_each_window_has_and_where_they_end():
    assert sliding(SERIES[:, :2], timesteps=5, ahead=1).text == (
        "A table of 8 days, 0 to 7, with 2 features, and a window of 5 days that slides along it "
        "by one day: x[0] is days 0 to 4, y[0] the first feature of day 5; x[1] is days 1 to 5, "
        "y[1] the first feature of day 6; x[2] is days 2 to 6, y[2] the first feature of day 7. "
        "There is no x[3]: it would have to forecast day 8, which is not there."
    )


@pytest.mark.parametrize(("days", "features"), [(9, 6), (4, 1)])
def test_both_have_room_on_a_telephone(days, features):
    series = np.zeros((days, features))
    for picture in (coders(), coders(asked=True), sliding(series, timesteps=2, ahead=1)):
        _, svg = read(picture)
        wide, high = map(float, svg["viewbox"].split()[2:])
        assert wide <= 338
        for box in svg.find_all(["rect", "text"]):
            assert 0 <= float(box["x"]) <= wide - float(box.get("width", 0))
            assert 0 <= float(box["y"]) <= high - float(box.get("height", 0))


def test_they_are_drawn_in_the_ink_of_the_page():
    for picture in (coders(), sliding(SERIES, 4, 2)):
        assert "var(--jp-ui-font-color1" in picture.html
        assert f'aria-label="{picture.text}"' in picture.html


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: coders(units=0), "units must be a whole number from 1, got 0; try units=3"),
        (
            lambda: sliding(np.zeros((10, 3)), 4, 2),
            "series must have at most 9 days and 6 features, got (10, 3); try series[:9, :6]",
        ),
        (
            lambda: sliding(np.zeros((9, 7)), 4, 2),
            "series must have at most 9 days and 6 features, got (9, 7); try series[:9, :6]",
        ),
        (
            lambda: sliding(np.zeros((5, 3)), 4, 2),
            "series must have at least timesteps + ahead = 6 days, got 5; try fewer timesteps",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_line(make, message):
    with pytest.raises(ValueError, match=re.escape(message) + "$"):
        make()
