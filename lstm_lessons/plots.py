"""Figures of real values as Pictures: the same bytes on every run, and none wider than its page.

The squares of a heat map stretch, its texts do not; matplotlib draws lines, once for a telephone's
width and once for more.
"""

import io
import re
from datetime import date
from typing import Any

from .late import np
from .markup import Markup, element, titled
from .pictures import ABOVE, BELOW, COLOURS, INK, SOFT, Picture
from .reference import trace
from .spec import Spec, a_spec, bounded, many, short

BLACK, GREY = "#222222", "#555555"  # in matplotlib's SVG
THEME = {BLACK: INK, GREY: SOFT}  # in the page
INKED = ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color")
CLEAR = {"figure.facecolor": "none", "axes.facecolor": "none"}  # the page's paper shows
FIXED: dict = {"svg.hashsalt": "lstm-lessons", "svg.fonttype": "none", "font.size": 9, **CLEAR}
FIXED |= {**dict.fromkeys(INKED, BLACK), "grid.color": GREY}
# Inches, and pixels from which a figure is seen: its text, of 9 points, is 11 pixels there or more.
WIDE, NARROW = (6, 530), (2.6, 0)
HIGH = {WIDE: 3, NARROW: 2.8}
TEXT = "font-size: 11px; line-height: 14px; white-space: nowrap"
TALL = 16  # pixels of a unit's row in a heat map, as long as they are not too many
SEEN = 100_000  # squares of a heat map at most: more make a file that no browser likes
STROKES = ((BLACK, "-"), (ABOVE, "--"), (BELOW, "-."), (GREY, ":"))


def heat_map(spec: Spec) -> Picture:
    """Return the Picture of every h and every c of sequence 0, over its timesteps.

    The values are those of the NumPy trace: no framework returns every c. A square says its index
    and its value; zero is the page's paper.
    Raises ValueError, in one line, for a layer without c, and for more numbers than can be seen.
    """
    if a_spec(spec).cell != "lstm":
        raise ValueError(f"cell must be 'lstm', which has c, got {spec.cell!r}; try cell='lstm'")
    bounded({"timesteps": spec.timesteps, "units": spec.units}, most=SEEN, advice="timesteps=5")
    run: Any = trace(spec)  # an LSTM has c
    states = {"h": run.h[0].round(2) + 0.0, "c": run.c[0].round(2) + 0.0}
    most = max(abs(values).max() for values in states.values()) or 1.0
    ranges = "; ".join(
        f"{name} lies between {values.min():.2f} and {values.max():.2f}"
        for name, values in states.items()
    )
    words = (
        f"Two heat maps, h above c, of sequence 0: {many(spec.units, 'row')}, one for each unit, "
        f"over {many(spec.timesteps, 'timestep')}, 0 to {spec.timesteps - 1}. Blue is below zero, "
        f"brown above. {ranges}."
    )
    maps = [part for name, values in states.items() for part in _map(name, values, most)]
    below = [element("div"), _across(spec.timesteps), element("div"), _scale(most)]
    style = f"display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 4px 8px; {TEXT}; "
    style += f"color: {INK}; max-width: {WIDE[0] * 96}px; padding-right: 14px"
    drawn = element("div", *maps, *below, role="img", aria_label=words, style=style)
    return Picture(drawn, words, folded=True)


def _map(name, values, most):
    """Return the four fields of a heat map: its name, its rows' axis and ticks, and its squares."""
    timesteps, units = values.shape
    tall = min(TALL, 256 / units)
    squares = [
        _square(f"{name}[0, {step}, {unit}]", step, unit, value, most)
        for step, numbers in enumerate(values.tolist())
        for unit, value in enumerate(numbers)
    ]
    edge = f"outline: 1px solid {SOFT}; display: block; width: 100%; height: {tall * units:g}px"
    size = {"viewBox": f"0 0 {timesteps} {units}", "preserveAspectRatio": "none"}
    drawn = element("svg", *squares, xmlns="http://www.w3.org/2000/svg", **size, style=edge)
    ticks = [
        _tick(str(unit), f"top: {(unit + 0.5) * tall - 7:g}px; right: 0") for unit in _ticks(units)
    ]
    beside = "position: relative; width: 74px"
    return [
        element("div"),
        element("div", f"every {name}", style="margin-top: 4px"),
        element("div", _chip("units", units), *ticks, style=beside),
        # where a page takes SVG away and leaves its titles, none is seen
        element("div", drawn, style="font-size: 0"),
    ]


def _square(index, step, unit, value, most):
    """Return the square of a number, stronger the farther it is from zero."""
    ink = f"{BELOW if value < 0 else ABOVE}{round(255 * abs(value) / most):02x}"
    said = f"{index} = {value:.2f}"
    return titled(f"M{step} {unit}h1v1h-1z", ink, said)


def _across(timesteps):
    """Return the ticks below the squares, and the axis."""
    ticks = [
        _tick(
            str(step), f"left: {100 * (step + 0.5) / timesteps:.4g}%; transform: translateX(-50%)"
        )
        for step in _ticks(timesteps)
    ]
    end = f"left: {100 - 50 / timesteps:.4g}%; top: 13px; transform: translateX(-50%)"
    axis = element("div", _chip("timesteps", timesteps), style="position: absolute; top: 16px")
    style = "position: relative; height: 34px"
    return element("div", *ticks, _tick("−1", end), axis, style=style)


def _tick(said, where):
    return element("span", said, style=f"position: absolute; {where}")


def _chip(axis, size):
    """Return the name of an axis and its size: white on its colour, as everywhere."""
    style = f"background: {COLOURS[axis]}; color: #ffffff; border-radius: 4px; padding: 0 4px"
    return element("span", f"{axis} {size}", style=style)


def _scale(most):
    """Return which colour stands for which number."""
    shades = f"linear-gradient(to right, {BELOW}, transparent, {ABOVE})"
    bar = element("span", style=f"width: 80px; height: 10px; background: {shades}")
    ends = [element("span", said) for said in (f"−{most:.2f}", f"{most:.2f}")]
    style = "display: flex; gap: 6px; align-items: center"
    return element("div", ends[0], bar, ends[1], style=style)


def _ticks(size, most=6):
    """Return where an axis of a size, counted from 0, has its ticks: the last place has one."""
    apart = next(one for one in _steps() if size <= one * most)
    return [*range(0, size - apart, apart), size - 1]


def _steps():
    """Yield how far ticks may stand apart: 1, 2, 5, 10, 20, …"""
    yield from (one * 10**zeros for zeros in range(10) for one in (1, 2, 5))


def lines(drawn: dict, across: str, up: str, digits: int = 2) -> Picture:
    """Return the Picture of up to four lines over a common axis.

    Values are rounded before they are drawn. So the last bits of a trained network, which differ
    from machine to machine, leave the picture as it is, unless a value lies at an edge of rounding.

    drawn: {name: (places, values)}, (points,) each; places are numbers or dates, and a nan among
        the values interrupts the line.
    across, up: what the two axes show, and in which unit.
    digits: how many places after the point are drawn and said.
    Raises ValueError, in one line, for no line and for more than there are strokes, and for what
    is no line of numbers.
    """
    if not isinstance(drawn, dict) or not drawn:
        raise ValueError(
            "drawn must be lines by name, {name: (places, values)}, "
            f"got {short(drawn)}; try {{'h': (range(5), h)}}"
        )
    if len(drawn) > len(STROKES):
        raise ValueError(
            f"drawn must be at most {len(STROKES)} lines, got {len(drawn)}; try two pictures"
        )
    rounded = {name: _points(name, line, digits) for name, line in drawn.items()}
    said = "; ".join(
        _said(name, places, values, digits) for name, (places, values) in rounded.items()
    )
    words = f"Lines: {up}, over {across}. {said}."
    figures = [_figure(rounded, across, up, size) for size in (NARROW, WIDE)]
    return Picture(element("div", *figures, role="img", aria_label=words), words, folded=True)


def _figure(rounded, across, up, size):
    """Return the SVG of lines at one of two sizes; of the two, one is seen at any width."""
    import matplotlib.dates
    import matplotlib.ticker
    from matplotlib.figure import Figure

    with matplotlib.rc_context(FIXED):
        figure = Figure(figsize=(size[0], HIGH[size]), layout="constrained")
        panel = figure.subplots()
        for (name, points), (colour, stroke) in zip(rounded.items(), STROKES, strict=False):
            panel.plot(*points, stroke, color=colour, label=name, linewidth=1.2)
        few = 4 if size == NARROW else 8
        if all(places.dtype.kind == "i" for places, _ in rounded.values()):
            panel.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(few, integer=True))
        elif size == NARROW and any(places.dtype.kind in "MO" for places, _ in rounded.values()):
            panel.xaxis.set_major_locator(
                matplotlib.dates.AutoDateLocator(minticks=2, maxticks=few)
            )
        panel.set_xlabel(across)
        panel.set_ylabel(up)
        panel.grid(alpha=0.3)
        columns = len(rounded) if size == WIDE else 1
        figure.legend(loc="outside upper center", ncols=columns, frameon=False)
        return _svg(_written(figure), size)


def _points(name, line, digits):
    """Return the places and the rounded values of a line; ValueError, in one line, for no line."""
    try:
        places, values = line
        places, values = np.asarray(places), np.round(np.asarray(values, float), digits) + 0.0
        if places.shape != values.shape or values.ndim != 1 or np.isnan(values).all():
            raise ValueError
        if places.dtype.kind not in "iufM" and not all(isinstance(place, date) for place in places):
            raise ValueError
    except (TypeError, ValueError):
        raise ValueError(
            f"a line must be (places, values), as many numbers of each, got {short(line)} for "
            f"{short(name)}; try (range(len(values)), values)"
        ) from None
    return places, values


def _said(name, places, values, digits):
    """Return in words where a line begins and ends, and between which values it lies."""
    there = np.flatnonzero(~np.isnan(values))
    first, last, least, most = (
        f"{value:.{digits}f}"
        for value in (*values[there[[0, -1]]], values[there].min(), values[there].max())
    )
    return (
        f"{name}: from {first} at {places[there[0]]} to {last} at {places[there[-1]]}, "
        f"between {least} and {most}"
    )


def _written(figure):
    """Return a figure as matplotlib's SVG. To be called within the rc_context of FIXED."""
    written = io.StringIO()
    figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    return written.getvalue()


def _svg(written, size):
    """Return matplotlib's SVG in the page's ink, without its rules for the whole page.

    size: WIDE is seen where there is room for it, NARROW elsewhere: a width that is beyond all
    bounds, or below zero, is held between none and all.
    """
    root, inside = re.search(r"<svg ([^>]*)>(.*)</svg>", written, re.S).groups()
    said = dict(re.findall(r'([\w:]+)="([^"]*)"', root))
    del said["width"], said["height"]  # the page decides
    inside = re.sub(r"<style.*?</style>|<metadata>.*?</metadata>", "", inside, flags=re.S)
    inside = re.sub(r"([ML]) ([\d.]+) ([\d.]+) \n", _shortly, inside)
    inside = re.sub(" font-family: [^;]*;", "", inside)  # the page's
    for ink, themed in THEME.items():
        inside = inside.replace(ink, themed)
    room = f"100% - {WIDE[1] - 1}px" if size == WIDE else f"{WIDE[1]}px - 100%"
    most = round(size[0] * 96 * (1 if size == WIDE else 1.15))
    style = f"display: block; height: auto; width: clamp(0px, ({room}) * 9999, min(100%, {most}px))"
    return element("svg", Markup(inside), aria_hidden="true", style=style, **said)


def _shortly(corner):
    """Return a corner of a path to a tenth of a point: half the bytes, and nobody sees it."""
    place = [f"{float(number):.1f}".removesuffix(".0") for number in corner.groups()[1:]]
    return corner[1] + " ".join(place)
