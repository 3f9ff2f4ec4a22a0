"""Sphinx's settings for the reading copy of the lessons: `make book` writes dist/book/.

The source folder is the repository's, so that links between documents and lessons are the same in
the book and outside it. The lessons are not run: the outputs are those stored in notebooks/.
"""

import re
import sys
import tomllib
from operator import methodcaller
from pathlib import Path

HERE = Path(__file__).parent
URLS = tomllib.loads((HERE.parent / "pyproject.toml").read_text("utf-8"))["project"]["urls"]
sys.path[:0] = [str(HERE), str(HERE.parent / "tools")]  # the extensions beside this file

project = "LSTM Lessons"
author = "The LSTM Lessons authors"
copyright = f"{author}. Prose and pictures: CC BY 4.0, code: MIT"
language = "en"

extensions = ["myst_nb", "reading", "front", "live", "sharing", "entries", "shipping"]
root_doc = "docs/index"
include_patterns = ["docs/*.md", "deploy/*.md", "notebooks/*.ipynb"]
exclude_patterns = [".*", "dist", "my-lessons"]

nb_execution_mode = "off"
myst_heading_anchors = 3
myst_heading_slug_func = methodcaller("replace", " ", "-")  # as JupyterLab makes them

html_theme = "sphinx_book_theme"
html_title = project
html_sidebars = {page: [] for page in ("index", "404", "entries/*")}  # without the theme
html_favicon = "icon.svg"
html_baseurl = URLS.get("Documentation", URLS.get("Homepage", "")).rstrip("/") + "/"
html_baseurl = html_baseurl.removeprefix("/")  # none, as long as no address is known
html_additional_pages = {"index": "index.html", "404": "404.html"}
html_extra_path = ["../pictures/tray.svg", "../pictures/cheat-sheet.svg"]
html_static_path = ["book.css", "front.css", "live/live.js", "live/live.css"]
templates_path = ["."]
html_use_index = False
html_css_files = ["book.css"]
html_copy_source = False
html_show_search_summary = False  # a page opened as a file may not read another one
html_context = {"default_mode": "auto", "urls": URLS}
html_theme_options = {
    "navbar_persistent": [],
    "home_page_in_toc": True,
    "use_download_button": False,
    "use_fullscreen_button": False,
    "search_bar_text": "Search the lessons",
}

LINK = re.compile(r'(href="[\w.-]+)\.ipynb(?=["#])')  # to a lesson beside this one


def setup(app):
    """Let links in stored outputs lead to pages of the book, as those in the prose do."""
    app.connect("html-page-context", _to_pages)


def _to_pages(app, page, template, context, doctree):
    if "body" in context:
        context["body"] = LINK.sub(r"\1.html", context["body"])
