"""Figures: deterministic, with their words, without rules that leak into the page."""

import re
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
    (root,) = ET.fromstring(f"<div>{drawn.drawn}</div>")
    assert root.get("role") == "img"
    assert root.get("aria-label") == drawn.text
    assert root.get("width") is None
    assert "<style" not in drawn.html
    assert len(drawn.html) < 70_000


def texts(element):
    """Give the texts of a figure that are seen without a pointer, in their order."""
    if element.tag.endswith("title"):
        return
    if element.text and not element.tag.endswith("metadata"):
        yield element.text
    for one in element:
        yield from texts(one)


def titles(drawn):
    """Return what the squares of a figure say, in their order."""
    return [one.text for one in ET.fromstring(drawn.drawn).iter() if one.tag.endswith("title")]


def test_a_heat_map_at_the_sizes_of_the_course_is_light():
    assert len(heat_map(Spec()).html) < 15_000
    assert len(heat_map(SPEC).html) < 40_000


def test_each_square_of_a_heat_map_says_its_index_and_its_value():
    run = trace(SPEC)
    said = titles(heat_map(SPEC))
    assert len(said) == 2 * 20 * 7
    for name, value in (("h[0, 3, 2]", run.h[0, 3, 2]), ("c[0, 19, 6]", run.c[0, 19, 6])):
        assert said.count(f"{name} = {value.round(2) + 0:.2f}") == 1
    squares = re.findall(
        r'd="M(\d+) (\d+)h1v1h-1z"[^>]*><title>h\[0, (\d+), (\d+)\]', heat_map(SPEC).drawn
    )
    assert len(squares) == 20 * 7
    assert all((across, down) == (step, unit) for across, down, step, unit in squares)


def test_a_square_is_the_stronger_the_farther_it_is_from_zero():
    run = trace(SPEC)
    most = max(abs(run.h[0].round(2)).max(), abs(run.c[0].round(2)).max())
    value = run.h[0, 3, 2].round(2)
    ink = plots.BELOW if value < 0 else plots.ABOVE
    strong = f'fill="{ink}{round(255 * abs(value) / most):02x}"'
    assert f"{strong}><title>h[0, 3, 2] =" in heat_map(SPEC).drawn


@pytest.mark.parametrize(
    ("timesteps", "ticks"),
    [
        (1, "0 −1"),
        (5, "0 1 2 3 4 −1"),
        (20, "0 5 10 19 −1"),
        (200, "0 50 100 199 −1"),
    ],
)
def test_timesteps_and_units_count_from_0_and_the_last_is_minus_1(timesteps, ticks):
    drawn = heat_map(Spec(timesteps=timesteps))
    said = [*texts(ET.fromstring(drawn.drawn))]
    assert said[:6] == ["every h", "units 7", "0", "2", "4", "6"]
    assert said[12 : said.index(f"timesteps {timesteps}")] == ticks.split()
    assert f", 0 to {timesteps - 1}." in drawn.text


def test_each_column_has_its_tick_in_its_middle():
    drawn = heat_map(Spec()).drawn
    ticks = re.findall(r"left: ([\d.]+)%; transform: translateX\(-50%\)\">(\d)<", drawn)
    assert [(float(left), int(step)) for left, step in ticks] == [
        (10, 0), (30, 1), (50, 2), (70, 3), (90, 4)
    ]  # fmt: skip


def shade(ink):
    """Return the relative luminance of a colour, as WCAG 2 defines it."""
    parts = [int(ink[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [((part + 0.055) / 1.055) ** 2.4 if part > 0.04 else part / 12.92 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted([shade(one) + 0.05, shade(other) + 0.05], reverse=True)
    return light / dark


FOUR = {name: ([0, 1, 2], [0.5, 0.7, 0.1]) for name in "abcd"}


@pytest.mark.parametrize("drawn", [heat_map(SPEC), lines(FOUR, **LABELS)])
def test_its_ink_and_its_paper_are_the_themes(drawn):
    """What has a colour of its own is seen on the paper of either theme; chips bring theirs."""
    assert "var(--jp-ui-font-color1, currentColor)" in drawn.drawn
    own = set(re.findall(r"(?:fill|stroke|background)(?:: |=\")(#\w{6})", drawn.drawn))
    assert own >= {plots.ABOVE, plots.BELOW}
    assert not own & {plots.BLACK, plots.GREY}
    for colour in own - {"#ffffff", *plots.COLOURS.values()}:
        assert min(contrast(colour, "#ffffff"), contrast(colour, "#111111")) > 3
    whites = re.findall(r"<[^<]*#ffffff[^<]*<", drawn.drawn)
    assert all(white.startswith(("<text", "<span")) for white in whites)


def test_texts_of_lines_are_not_smaller_than_11_pixels():
    """At the least width that each of the two figures is shown at: of one 530 pixels, of the other
    those that a telephone of 360 leaves for an output.
    """
    figures = [*ET.fromstring(lines(FOUR, **LABELS).drawn)]
    assert len(figures) == 2
    for figure, least in zip(figures, (236, 530), strict=True):
        sizes = re.findall(r"font(?:-size)?: ([\d.]+)px", ET.tostring(figure, "unicode"))
        assert sizes
        assert min(map(float, sizes)) * least / float(figure.get("viewBox").split()[2]) >= 11


MEASURED = """() => {
    const seen = [...document.querySelectorAll('svg')].filter(one => one.clientWidth > 1);
    const texts = [...document.querySelectorAll('span'), ...seen.flatMap(one =>
        [...one.querySelectorAll('text')])].filter(one => one.textContent);
    const size = one => parseFloat(getComputedStyle(one).fontSize) * (one.ownerSVGElement
        ? one.ownerSVGElement.clientWidth / one.ownerSVGElement.viewBox.baseVal.width : 1);
    return [document.documentElement.scrollWidth, seen.length, Math.min(...texts.map(size))];
}"""


@pytest.mark.more  # opens a browser
@pytest.mark.parametrize("width", [252, 360, 545, 546, 800, 1200])
def test_no_figure_is_wider_than_its_page_and_no_text_too_small(chrome, width):
    drawn = [heat_map(SPEC), heat_map(Spec(timesteps=200)), lines(FOUR, **LABELS)]
    html = "".join(one.html for one in drawn)
    page = chrome.new_page(viewport={"width": width, "height": 900})
    page.set_content(f'<body style="margin: 8px">{html}')
    wide, figures, least = page.evaluate(MEASURED)
    page.close()
    assert (wide, figures) == (width, 5)  # each heat map has two, of the lines one is seen
    assert least >= 11


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
def test_what_lesson_11_shows_of_training_is_far_from_an_edge_of_rounding(root, monkeypatch):
    """The lesson is trained anew. From machine to machine it differs by less than 1e-10."""
    shown = []

    def recorded(drawn, across, up, digits=2):
        shown.extend((values, digits) for _, values in drawn.values())

    monkeypatch.setattr(plots, "lines", recorded)
    lesson = nbformat.read(root / "notebooks" / "11_forecast_oil_prices.ipynb", as_version=4)
    known: dict = {}
    for cell in lesson.cells:
        asks = cell.source.startswith(("ask(", "check(", "review("))
        if cell.cell_type == "code" and not asks and "colab" not in cell.metadata.get("tags", ()):
            exec(cell.source, known)
        if cell.id == "mean":
            kept = known["squared"], known["naive"], known["y"]
    forget_settings()
    told, came, today = (known[name] for name in ("told", "came", "today"))
    shown.append(([abs(told - came).mean(), abs(today - came).mean()], 2))
    shown.append(([np.corrcoef(came, told)[0, 1], np.corrcoef(came, today)[0, 1]], 3))
    squared, naive, y = kept
    shown.append(([squared / naive, (y**2).mean() / naive], 3))
    assert len(shown) == 2 + 3 + 2 + 3
    for values, digits in shown:
        assert from_an_edge(values, digits) > 1e-6
