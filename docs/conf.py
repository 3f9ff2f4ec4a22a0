"""Sphinx's settings for the reading copy of the lessons: `make book` writes dist/book/.

The source folder is the repository's, so that links between documents and lessons are the same in
the book and outside it. The lessons are not run: the outputs are those stored in notebooks/.
"""

from operator import methodcaller

project = "LSTM Lessons"
author = "The LSTM Lessons authors"
copyright = f"{author}. Prose and pictures: CC BY 4.0, code: MIT"
language = "en"

extensions = ["myst_nb"]
root_doc = "docs/index"
include_patterns = ["docs/*.md", "deploy/*.md", "notebooks/*.ipynb"]
exclude_patterns = [".*", "dist", "my-lessons"]

nb_execution_mode = "off"
myst_heading_anchors = 3
myst_heading_slug_func = methodcaller("replace", " ", "-")  # as JupyterLab makes them

html_theme = "sphinx_book_theme"
html_title = project
html_extra_path = ["index.html"]
html_static_path = ["book.css"]
html_css_files = ["book.css"]
html_copy_source = False
html_show_search_summary = False  # a page opened as a file may not read another one
html_context = {"default_mode": "auto"}
html_theme_options = {
    "navbar_persistent": [],
    "home_page_in_toc": True,
    "use_download_button": False,
    "use_fullscreen_button": False,
    "search_bar_text": "Search the lessons",
}
