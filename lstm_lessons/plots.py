"""Figures of real values, drawn by matplotlib, as Pictures: the same bytes on every run."""

import io
import re
from html import escape

from .drawing import in_words
from .pictures import ABOVE, BELOW, COLOURS, MIDDLE, Picture
from .reference import trace

FIXED = {"svg.hashsalt": "lstm-lessons", "svg.fonttype": "path", "font.size": 9}


def heat_map(spec):
    """Return the Picture of every h and every c of the first sequence, over its timesteps.

    The values are those of the NumPy trace: no framework returns every c.
    """
    import matplotlib.ticker
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure

    run = trace(spec)
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
        written = io.StringIO()
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    ranges = "; ".join(
        f"{name} lies between {values.min():.2f} and {values.max():.2f}"
        for name, values in states.items()
    )
    words = (
        f"Two heat maps, h above c, of the first sequence: {spec.units} rows, one for each unit, "
        f"over {spec.timesteps} timesteps. Blue is below zero, brown above. {ranges}."
    )
    return Picture(f"{_svg(written.getvalue(), words)}{in_words(words)}", words)


def _svg(written, words):
    """Return matplotlib's SVG as an image with a text, without its rules for the whole page."""
    inner = re.search(r"<svg.*</svg>", written, re.S)[0]
    inner = re.sub(r"<style.*?</style>|<metadata>.*?</metadata>", "", inner, flags=re.S)
    width = re.search(r'viewBox="0 0 ([\d.]+)', inner)[1]
    inner = re.sub(r' (?:width|height)="[^"]*"', "", inner, count=2)  # the page decides
    style = f"width: 100%; max-width: {width}pt; height: auto; background: #fff"
    return inner.replace("<svg", f'<svg role="img" aria-label="{escape(words)}" style="{style}"', 1)
