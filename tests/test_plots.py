"""Figures: deterministic, with their words, without rules that leak into the page."""

import xml.etree.ElementTree as ET

import nbformat
import numpy as np
import pytest

from lstm_lessons import Spec, plots
from lstm_lessons.plots import heat_map, lines
from lstm_lessons.reference import trace
from notebooks import forget_settings

SPEC = Spec(timesteps=20)
DAYS = np.array(["2018-12-24", "2018-12-26", "2018-12-27", "2018-12-28"], "datetime64[D]")
DRAWN = {"price": (DAYS, [44.5, 46.0, 44.8, 45.1]), "forecast": (DAYS, [44.1, 44.6, np.nan, 44.9])}
LABELS = dict(across="day", up="US dollars a barrel")


def test_the_same_bytes_on_every_run():
    assert heat_map(SPEC) == heat_map(SPEC)
    assert heat_map(SPEC) != heat_map(Spec(timesteps=19))


@pytest.mark.parametrize("drawn", [heat_map(SPEC), lines(DRAWN, **LABELS)])
def test_it_is_an_image_with_words_and_no_rules_for_the_page(drawn):
    root = ET.fromstring(drawn.drawn)
    assert root.get("role") == "img"
    assert root.get("aria-label") == drawn.text
    assert root.get("width") is None
    assert "<style" not in drawn.html
    assert len(drawn.html) < 90_000


def test_its_words_give_the_ranges_of_the_trace():
    run = trace(SPEC)
    for name in ("h", "c"):
        values = getattr(run, name)[0].round(2)
        said = f"{name} lies between {values.min():.2f} and {values.max():.2f}"
        assert said in heat_map(SPEC).text


def test_lines_say_what_they_show():
    assert lines(DRAWN, **LABELS).text == (
        "Lines: US dollars a barrel, over day. "
        "price: from 44.50 at 2018-12-24 to 45.10 at 2018-12-28, between 44.50 and 46.00; "
        "forecast: from 44.10 at 2018-12-24 to 44.90 at 2018-12-28, between 44.10 and 44.90."
    )


def test_last_bits_leave_lines_as_they_are():
    moved = {name: (places, np.array(values) + 1e-6) for name, (places, values) in DRAWN.items()}
    assert lines(moved, **LABELS) == lines(DRAWN, **LABELS)
    assert lines(moved, **LABELS, digits=6) != lines(DRAWN, **LABELS, digits=6)
    nothing = {"loss": ([1, 2], [-1e-9, 1e-9])}
    assert "from 0.00 at 1 to 0.00 at 2" in lines(nothing, across="epoch", up="loss").text


def test_a_fifth_line_is_refused():
    five = dict.fromkeys("abcde", ([1, 2], [0.5, 0.7]))
    with pytest.raises(
        ValueError, match=r"^drawn must be at most 4 lines, got 5; try two pictures$"
    ):
        lines(five, **LABELS)


def from_an_edge(values, digits):
    """Return how far the nearest of some numbers lies from an edge of rounding."""
    scaled = np.ravel(values) * 10**digits
    scaled = scaled[~np.isnan(scaled)]
    return abs(scaled - np.floor(scaled) - 0.5).min() / 10**digits


def test_the_distance_from_an_edge():
    assert from_an_edge([1.0, 0.504, np.nan], 2) == pytest.approx(0.001)
    assert from_an_edge([-2.125], 2) == 0


@pytest.mark.more  # trains for half a minute
def test_what_lesson_09_shows_of_training_is_far_from_an_edge_of_rounding(root, monkeypatch):
    """The lesson is trained anew. From machine to machine it differs by less than 1e-10."""
    shown = []

    def recorded(drawn, across, up, digits=2):
        shown.extend((values, digits) for _, values in drawn.values())

    monkeypatch.setattr(plots, "lines", recorded)
    lesson = nbformat.read(root / "notebooks" / "09_forecast_oil_prices.ipynb", as_version=4)
    known = {"display": lambda shown: None}
    for cell in lesson.cells:
        if cell.cell_type == "code" and not cell.source.startswith(("ask(", "check(", "tasks =")):
            exec(cell.source, known)
    forget_settings()
    errors = [abs(row[0] - other).mean() for row in known["rows"].values() for other in row[1:]]
    shown.append((errors, 2))
    assert len(shown) == 1 + 4 + 2 + 2 + 1
    for values, digits in shown:
        assert from_an_edge(values, digits) > 1e-6
