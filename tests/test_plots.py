"""Figures: deterministic, with their words, without rules that leak into the page."""

import xml.etree.ElementTree as ET

from lstm_lessons import Spec
from lstm_lessons.plots import heat_map
from lstm_lessons.reference import trace

SPEC = Spec(timesteps=20)


def test_the_same_bytes_on_every_run():
    assert heat_map(SPEC) == heat_map(SPEC)
    assert heat_map(SPEC) != heat_map(Spec(timesteps=19))


def test_it_is_an_image_with_words_and_no_rules_for_the_page():
    drawn = heat_map(SPEC)
    root = ET.fromstring(drawn.html[: drawn.html.index("</svg>") + 6])
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
