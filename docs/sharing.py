"""What a page says of itself to who shares it: a title, a description, and a card, a picture.

Whole addresses, and what needs one (the card, the map of the site), are written only where
`[project.urls]` in pyproject.toml gives the site's address.
"""

from functools import cache
from html import escape
from io import BytesIO
from pathlib import Path
from textwrap import fill
from urllib.parse import quote

from docutils import nodes
from entries import sentence
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from PIL import Image

from lstm_lessons import Spec
from lstm_lessons.pictures import ABOVE, BELOW, MIDDLE
from lstm_lessons.reference import trace

UNSHARED = {"404", "search"}
SHOWN = "Squares: every h of three sequences, blue below zero, brown above."  # on a card
SIZE, INCH = (1200, 630), 100  # pixels of a card, which who shows it asks for


def setup(app):
    """Let each page get its tags, and the site its map, when Sphinx writes them."""
    app.connect("html-page-context", _tag)
    app.connect("build-finished", _map, priority=950)  # when all pages are there
    return {"parallel_read_safe": True}


def _tag(app, page, template, context, doctree):
    name = app.config.project
    title = app.env.titles[page].astext() if doctree else context.get("title", "")
    said = described(doctree) if doctree else context.get("said", "")
    tags = {"description": said, "og:type": "website", "og:site_name": name}
    tags |= {"og:title": title or name, "og:description": said, "twitter:card": "summary"}
    context["pageurl"] = None
    if app.config.html_baseurl and page not in UNSHARED:
        context["pageurl"] = address(app, page)
        picture = f"cards/{page.replace('/', '-')}.png"
        _write(Path(app.outdir, picture), card(title or name))
        tags |= {"og:url": address(app, page), "og:image": app.config.html_baseurl + picture}
        tags |= {"og:image:alt": SHOWN, "twitter:card": "summary_large_image"}
        tags |= dict(zip(("og:image:width", "og:image:height"), map(str, SIZE), strict=True))
    context["metatags"] = "".join(_meta(*tag) for tag in tags.items() if tag[1])


def _meta(name, content):
    key = "property" if name.startswith("og:") else "name"
    return f'\n    <meta {key}="{name}" content="{escape(content)}" />'


def address(app, page):
    """Return the whole address of a page; the site's own is that of its first page."""
    return app.config.html_baseurl + (quote(f"{page}.html") if page != "index" else "")


def described(doctree):
    """Return the first sentence of a page; what ends in a list goes on with its first point."""
    first = next(doctree.findall(nodes.paragraph), None)
    if first is None:
        return ""
    text, after = first.astext(), first.next_node(siblings=True, descend=False)
    if isinstance(after, nodes.bullet_list):
        text = f"{text.rstrip(':')} {after[0].astext().rstrip(';.')}."
    return sentence(text)


@cache
def card(title):
    """Return a card as PNG: a title, and squares of the course's numbers."""
    figure = Figure([pixels / INCH for pixels in SIZE], dpi=INCH, facecolor=MIDDLE)
    figure.text(0.05, 0.84, "LSTM Lessons", size=22, color=BELOW, weight="bold")
    figure.text(0.05, 0.72, fill(title, 19), size=42, color="#222", weight="bold", va="top")
    axes = figure.add_axes((0.64, 0.1, 0.33, 0.8))
    axes.set_axis_off()
    h = trace(Spec()).h  # (batch, timesteps, units)
    colours = LinearSegmentedColormap.from_list("numbers", [BELOW, MIDDLE, ABOVE])
    most = abs(h).max()
    for back in reversed(range(len(h))):
        across, up = ([at + back * 0.55 for at in range(size + 1)] for size in h[back].shape)
        drawn = {"cmap": colours, "vmin": -most, "vmax": most, "edgecolors": "#777"}
        axes.pcolormesh(across, up, h[back].T[::-1], **drawn)
    axes.set_aspect("equal")
    return _png(figure)


def _png(figure):
    """Return a figure as PNG of few colours, so that it is small."""
    drawn, small = BytesIO(), BytesIO()
    figure.savefig(drawn, format="png")
    Image.open(drawn).convert("RGB").quantize(32).save(small, "PNG", optimize=True)
    return small.getvalue()


def _write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _map(app, exception):
    """Write what a search engine asks for: where it may look, and, with an address, at what."""
    out, site = Path(app.outdir), app.config.html_baseurl
    if exception or app.builder.name != "html":
        return
    robots = "User-agent: *\nAllow: /\n"
    if site:
        robots += f"Sitemap: {site}sitemap.xml\n"
        found = {path.relative_to(out).with_suffix("").as_posix() for path in out.rglob("*.html")}
        urls = (f"<url><loc>{address(app, page)}</loc></url>" for page in sorted(found - UNSHARED))
        start = '<?xml version="1.0" encoding="UTF-8"?>'
        start += '\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        _write(out / "sitemap.xml", "\n".join([start, *urls, "</urlset>\n"]).encode())
    _write(out / "robots.txt", robots.encode())
