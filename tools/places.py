"""Take the places of the course from its notebooks: python tools/places.py writes them down.

So what find looks through, and where links lead, is what the notebooks say.
`tools/notebooks.py` does this too, once it has stored outputs.
"""

import itertools
import json
import pathlib
import re
from dataclasses import asdict

from lstm_lessons.places import ERRORS, FILE, GLOSSARY, QUESTIONS, Place

NOTEBOOKS = pathlib.Path(__file__).resolve().parent.parent / "notebooks"
HEADING = re.compile(r"(#+) (.+)")
FENCED = re.compile(r"```.*?```", re.S)  # solutions, drawings
LESSON = re.compile(r"\((\d\d_\w+\.ipynb)\)")
ERROR = re.compile(r"^\w*(?:Error|Exception): .+", re.M)
LEFT_OUT = re.compile(
    r"<details>.*?</details>"  # solutions
    r"|^\|[- |]+\|$"  # the rule of a table
    r"|^ *(?:-|\d+\.) "  # the mark of a point in a list
    r"|<[^>\n]+>"  # tags
    r"|\*{2}|(?<!\w)\*(?=\S)|(?<=\S)\*(?!\w)",  # bold, italics
    re.S | re.M,
)


def written(folder=NOTEBOOKS):
    """Return the places of the notebooks in a folder, as they stand in places.json."""
    paths = [path for path in sorted(folder.glob("*.ipynb")) if path.name != ERRORS]
    found = [one for path in paths for one in of_notebook(path)]
    return json.dumps(list(map(asdict, found)), indent=0, ensure_ascii=False) + "\n"


def of_notebook(path):
    """Return the places of a notebook: of the appendix its entries, of a lesson all headings."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    sections = []
    for cell, source in itertools.chain(*map(parts, cells)):
        heading = HEADING.match(source) if cell["cell_type"] == "markdown" else None
        if heading:
            sections.append((heading[1], heading[2], []))
        if sections:
            sections[-1][2].append((cell, source.partition("\n")[2] if heading else source))
    appended = path.name in (QUESTIONS, GLOSSARY)
    return [
        place(path.name, title, inside)
        for level, title, inside in sections
        if level == "###" or not appended
    ]


def parts(cell):
    """Return (cell, source) pairs of a cell: of prose each part begins at a heading."""
    source = "".join(cell["source"])
    if cell["cell_type"] != "markdown":
        return [(cell, source)]
    found = re.split(r"^(?=#+ )", FENCED.sub("", source), flags=re.M)
    return [(cell, part) for part in found if part]


def place(notebook, title, cells):
    """Return the place of a heading. cells: (cell, source) pairs of what stands under it."""
    prose = "\n\n".join(source for cell, source in cells if cell["cell_type"] == "markdown")
    paragraphs = [one.strip() for one in prose.split("\n\n") if one.strip()]
    asked, taught = "", ()
    if notebook == QUESTIONS:
        asked, *paragraphs, sources = paragraphs
        taught = tuple(LESSON.findall(sources))
    if notebook == GLOSSARY:
        *paragraphs, asked = paragraphs
        taught = tuple(LESSON.findall(asked))
    text, shown = plain("\n\n".join(paragraphs)), " ".join(messages(cells))
    return Place(notebook, title.strip().replace("`", ""), plain(asked), text, shown, taught)


def plain(text):
    """Return prose in a line, without marks and addresses; code keeps its backticks."""
    text = re.sub(r"\[((?:`[^`\n]*`|[^\]\n])+)\]\([^)\s]+\)", r"\1", text)
    return " ".join(LEFT_OUT.sub("", text).replace("|", " ").split())


def messages(cells):
    """Return the messages of errors that cells show, each once."""
    shown = "".join(
        "".join(output.get("text", "")) for cell, _ in cells for output in cell.get("outputs", [])
    )
    return list(dict.fromkeys(ERROR.findall(shown)))


def write():
    """Write the places of the course down."""
    FILE.write_text(written(), encoding="utf-8")


if __name__ == "__main__":
    write()
