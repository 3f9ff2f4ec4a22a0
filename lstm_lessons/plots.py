"""Figures of real values, drawn by matplotlib, as Pictures: the same bytes on every run."""

import io
import re
from datetime import date
from typing import Any

import numpy as np

from .markup import Markup, element
from .pictures import ABOVE, BELOW, COLOURS, MIDDLE, Picture
from .reference import trace
from .spec import Spec, a_spec, bounded, short

FIXED: dict = {"svg.hashsalt": "lstm-lessons", "svg.fonttype": "path", "font.size": 9}
SEEN = 100_000  # squares of a heat map at most: more make a file that no browser likes
STROKES = (("#222222", "-"), (ABOVE, "--"), (BELOW, "-."), ("#5f6368", ":"))


def heat_map(spec: Spec) -> Picture:
    """Return the Picture of every h and every c of the first sequence, over its timesteps.

    The values are those of the NumPy trace: no framework returns every c.
    Raises ValueError, in one line, for a layer without c, and for more numbers than can be seen.
    """
    import matplotlib.ticker
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure

    if a_spec(spec).cell != "lstm":
        raise ValueError(f"cell must be 'lstm', which has c, got {spec.cell!r}; try cell='lstm'")
    bounded({"timesteps": spec.timesteps, "units": spec.units}, most=SEEN, advice="timesteps=5")
    run: Any = trace(spec)  # an LSTM has c
    states = {"h": run.h[0].T.round(2), "c": run.c[0].T.round(2)}
    most = max(abs(values).max() for values in states.values())
    shades = LinearSegmentedColormap.from_list("shades", [BELOW, MIDDLE, ABOVE])
    with matplotlib.rc_context(FIXED):
        figure = Figure(figsize=(7, 3.4), layout="constrained")
        panels = figure.subplots(2, 1, sharex=True)
        for panel, (name, values) in zip(panels, states.items(), strict=True):
            edges = [0.5 + step for step in range(spec.timesteps + 1)]
            rows = range(spec.units + 1)
            drawn = panel.pcolormesh(edges, rows, values, cmap=shades, vmin=-most, vmax=most)
            panel.invert_yaxis()
            panel.set_ylabel(f"{name}, units {spec.units}", color=COLOURS["units"])
            panel.set_yticks([])
        panels[-1].set_xlabel(f"timesteps {spec.timesteps}", color=COLOURS["timesteps"])
        panels[-1].xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(integer=True))
        figure.colorbar(drawn, ax=panels)
        written = _written(figure)
    ranges = "; ".join(
        f"{name} lies between {values.min():.2f} and {values.max():.2f}"
        for name, values in states.items()
    )
    words = (
        f"Two heat maps, h above c, of the first sequence: {spec.units} rows, one for each unit, "
        f"over {spec.timesteps} timesteps. Blue is below zero, brown above. {ranges}."
    )
    return _picture(written, words)


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
    import matplotlib.ticker
    from matplotlib.figure import Figure

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
    with matplotlib.rc_context(FIXED):
        figure = Figure(figsize=(7, 3), layout="constrained")
        panel = figure.subplots()
        for (name, points), (colour, stroke) in zip(rounded.items(), STROKES, strict=False):
            panel.plot(*points, stroke, color=colour, label=name, linewidth=1.2)
        if all(places.dtype.kind == "i" for places, _ in rounded.values()):
            panel.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(integer=True))
        panel.set_xlabel(across)
        panel.set_ylabel(up)
        panel.grid(alpha=0.3)
        figure.legend(loc="outside upper center", ncols=len(rounded), frameon=False)
        written = _written(figure)
    said = "; ".join(
        _said(name, places, values, digits) for name, (places, values) in rounded.items()
    )
    return _picture(written, f"Lines: {up}, over {across}. {said}.")


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


def _picture(written, words):
    """Return the Picture of matplotlib's SVG and its words."""
    return Picture(_svg(written, words), words, folded=True)


def _svg(written, words):
    """Return matplotlib's SVG as an image with a text, without its rules for the whole page."""
    root, inside = re.search(r"<svg ([^>]*)>(.*)</svg>", written, re.S).groups()
    said = dict(re.findall(r'([\w:]+)="([^"]*)"', root))
    width, _ = said.pop("width"), said.pop("height")  # the page decides
    inside = re.sub(r"<style.*?</style>|<metadata>.*?</metadata>", "", inside, flags=re.S)
    style = f"width: 100%; max-width: {width}; height: auto; background: #fff"
    return element("svg", Markup(inside), role="img", aria_label=words, style=style, **said)
