"""Write the page of error messages, made of the kinds of errors: python tools/messages.py."""

import itertools
import pathlib
import re

import nbformat

from lstm_lessons.explaining.messages import errors, markdown
from lstm_lessons.places import ERRORS

PAGE = pathlib.Path(__file__).resolve().parent.parent / "notebooks" / ERRORS
HEAD = """# C. Error messages

Each message stands as it is seen; what varies is “…”. Below it: what happened and why, the line to
write, and where to read on. Search this page (Ctrl+F) for words of your message. Two ways are
shorter. After a cell that failed, `explain_error()` looks at the call itself and names your sizes;
a message from elsewhere can be pasted, `explain_error("…")`, or given to
[`find`](90_questions_people_ask.ipynb#Find-it). [Lesson 12](12_explain_your_network.ipynb) teaches
how to read one. This page is there to look things up."""


def made():
    """Return the page as a notebook: under each letter the kinds, each in a cell of its own."""
    kinds = [
        f"### {name}\n\n{markdown(list(rows))}"
        for name, rows in itertools.groupby(errors(), key=lambda row: row.name)
    ]
    cells = [HEAD]
    for letter, some in itertools.groupby(kinds, key=lambda kind: kind[4].upper()):
        cells += [f"## {letter}", *some]
    return nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell(source, id=_slug(source.partition("\n")[0]))
            for source in cells
        ],
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
    )


def _slug(heading):
    return re.sub(r"\W+", "-", heading.lower()).strip("-")[:60]


def written():
    """Return the text of the page's file."""
    return nbformat.writes(made()) + "\n"


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
