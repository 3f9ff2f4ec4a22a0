"""A page for each entry of the appendix "Questions people ask", which one can send to who asked.

The entry itself stands among the others; its own page has a title, a description and a card.
"""

import re
from textwrap import shorten

from lstm_lessons.pictures import sentences
from lstm_lessons.places import QUESTIONS, lesson, places

APPENDIX = f"notebooks/{QUESTIONS.removesuffix('.ipynb')}"
HEADING = re.compile(r'<span id="([^"]+)"></span><h3>(?:(?!</h3>).)+(?=</h3>)')

MOST = 200  # letters of a description: more are cut off where it is shown


def setup(app):
    """Let Sphinx write the pages, and each entry lead to its own."""
    app.connect("html-collect-pages", _pages)
    app.connect("html-page-context", _lead)
    return {"parallel_read_safe": True}


def _pages(app):
    for place in entries():
        told = {"title": place.title, "said": sentence(place.text.replace("`", ""))}
        told |= {"asked": sentences(place.asked), "answer": sentences(place.text)}
        told |= {"appendix": APPENDIX, "anchor": anchor(place.title)}
        told["taught"] = [
            (name.removesuffix(".ipynb"), lesson(name).title) for name in place.taught
        ]
        yield page_of(place.title), told, "entry.html"


def entries():
    """Return the Places that are entries, in their order."""
    return [place for place in places() if place.kind == "entry"]


def anchor(title):
    """Return how a heading is called in an address, as JupyterLab and conf.py make it."""
    return title.replace(" ", "-")


def page_of(title):
    """Return the name of the page of an entry."""
    return "entries/" + re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _lead(app, page, template, context, doctree):
    """Put a link to its own page behind the heading of each entry."""
    if page != APPENDIX:
        return
    names = {anchor(place.title): page_of(place.title) for place in entries()}

    def linked(found):
        if found[1] not in names:
            return found[0]
        href = context["pathto"](names[found[1]])
        return f'{found[0]} <a class="share" href="{href}">to share</a>'

    context["body"] = HEADING.sub(linked, context["body"])


def sentence(text):
    """Return the first sentence of a text, shortened where it has to be."""
    text = " ".join(text.split())
    first = re.match(r".{40,}?[.?!](?=\s|$)", text)
    return shorten(first[0] if first else text, MOST, placeholder=" …")
