"""A submission is a web page: what of it is taken, and what of it is shown to a person.

nbgrader puts a notebook into Formgrader, on the instructor's own origin, and into feedback. So
`Taken` builds the notebook anew of the texts of its cells, and `Shown` lets no mark-up through but
a few plain tags, before the code runs and after it.
"""

import html
import pathlib
import re

import bleach
import nbformat
from bleach.css_sanitizer import CSSSanitizer
from nbconvert.filters import markdown2html
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import compute_checksum

HERE = pathlib.Path(__file__).resolve().parent
TAGS = {
    *("a", "b", "blockquote", "br", "caption", "code", "dd", "del", "details", "div", "dl", "dt"),
    *("em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "li", "ol", "p", "pre", "s", "span"),
    *("strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr"),
    *("u", "ul"),
}
ATTRIBUTES = {"a": ["href", "title"], "td": ["colspan", "rowspan"], "th": ["colspan", "rowspan"]}
STYLES = ["background-color", "color", "font-weight", "text-align", "white-space"]  # no url() in it
PICTURES = ("image/png", "image/jpeg")
MOST = {"text": 20_000, "picture": 2_000_000}  # characters of an output
ACTIVE = re.compile(  # what no answer needs: code, or an address that is fetched
    r"<\s*(script|iframe|object|embed|svg|math|meta|link|style|base|form|img|video|audio)\b"
    r"|\bon\w+\s*=|javascript:|vbscript:|data:text|url\s*\(|\\href|!\[",
    re.I,
)


class Taken(NbGraderPreprocessor):
    """Keep of a notebook what counts: the kind, text and place of each cell.

    Outputs, attachments, ids and metadata go; what nbgrader has to know of a cell is that of the
    students' version, which is found by the cell's grade_id, or its id where that was lost.
    """

    def preprocess(self, nb, resources):
        known = released(resources["nbgrader"]["assignment"])
        make = {
            "code": nbformat.v4.new_code_cell,
            "markdown": nbformat.v4.new_markdown_cell,
            "raw": nbformat.v4.new_markdown_cell,
        }
        cells = []
        for number, cell in enumerate(nb.cells):
            about = cell.metadata.get("nbgrader", {})
            name = about.get("grade_id") if isinstance(about, dict) else None
            metadata = known.get(name if isinstance(name, str) else cell.get("id"))
            cell = make[cell.cell_type](str(cell.source), id=f"cell-{number}")
            if metadata:
                cell.metadata["nbgrader"] = nbformat.from_dict(metadata)
            cells.append(cell)
        language = dict(name="python")
        kernel = dict(name="python3", display_name="Python 3", language="python")
        made = nbformat.v4.new_notebook(cells=cells)
        made.metadata = nbformat.from_dict(dict(kernelspec=kernel, language_info=language))
        made.metadata["remarks"] = [
            f"{where} has mark-up that would run or fetch something" for where in active(made)
        ]
        return made, resources


class Shown(NbGraderPreprocessor):
    """Let through, of prose and outputs, what is plain text, a picture, or harmless mark-up."""

    def preprocess_cell(self, cell, resources, index):
        if cell.cell_type == "markdown" and not as_given(cell):
            cell.source = prose(cell.source)
        if cell.cell_type == "code":
            cell.outputs = [plain for one in cell.outputs if (plain := output(one))]
        return cell, resources


def released(name):
    """Return what nbgrader says of each cell of the students' version, by grade_id and by id."""
    path = HERE / "release" / name / f"{name}.ipynb"
    if not path.exists():
        raise FileNotFoundError(f"release/{name} must be there, got none; try make assignments")
    known = {}
    for cell in nbformat.read(path, as_version=4).cells:
        about = cell.metadata.get("nbgrader")
        if about:
            known |= {about["grade_id"]: about, cell.id: about}
    return known


def as_given(cell):
    """Return whether a cell is as it was given out; nobody's text but ours is in it."""
    about = cell.metadata.get("nbgrader", {})
    return bool(about.get("grade_id")) and about.get("checksum") == compute_checksum(cell)


def prose(markdown):
    """Return Markdown as harmless HTML, which Markdown passes on as it is."""
    return clean(markdown2html(markdown))


def clean(mark_up):
    """Return HTML, on one line, with a few tags left and all else shown as the text that it is.

    Formulas stay text, too: the page's MathJax, which can make links and load code, passes it over.
    """
    made = bleach.clean(
        mark_up,
        tags=TAGS,
        attributes=ATTRIBUTES | {"*": ["style"]},
        protocols=["http", "https", "mailto"],
        css_sanitizer=CSSSanitizer(allowed_css_properties=STYLES),
    )
    one_line = made.strip().replace("\n", "&#10;")
    return f'<div class="tex2jax_ignore mathjax_ignore">{one_line}</div>'


def output(one):
    """Return an output of a code cell that is safe to show, None if nothing of it is."""
    kind = one.get("output_type")
    if kind == "stream":
        return nbformat.v4.new_output("stream", name="stdout", text=short(one.get("text", "")))
    if kind == "error":
        said = {name: short(one.get(name, "")) for name in ("ename", "evalue")}
        lines = one.get("traceback")
        lines = [short(line) for line in lines[:50]] if isinstance(lines, list) else []
        return nbformat.v4.new_output("error", **said, traceback=lines)
    if kind not in ("display_data", "execute_result"):
        return None
    came, data = one.get("data"), {}
    if not isinstance(came, dict):
        return None
    if "text/plain" in came:
        data["text/plain"] = short(came["text/plain"])
    if isinstance(came.get("text/html"), str) and len(came["text/html"]) <= MOST["text"]:
        data["text/html"] = clean(came["text/html"])
    for mime in PICTURES:
        picture = str(came.get(mime, ""))
        if len(picture) <= MOST["picture"] and re.fullmatch(r"[A-Za-z0-9+/=\s]+", picture):
            data[mime] = picture
    count = {"execution_count": None} if kind == "execute_result" else {}
    return nbformat.v4.new_output(kind, data=data, **count) if data else None


def short(text):
    """Return a text, or its beginning."""
    text = "".join(map(str, text)) if isinstance(text, list) else str(text)
    return text if len(text) <= MOST["text"] else text[: MOST["text"]] + "\n… and more"


POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'\">"
)


def guarded(page):
    """Return a page of HTML that a browser takes as text and pictures alone: no scripts in it."""
    return page.replace("<head>", f"<head>\n{POLICY}", 1)


def active(notebook):
    """Yield the names of cells with mark-up that would run code or fetch something."""
    for number, cell in enumerate(notebook.cells, start=1):
        text = html.unescape(cell.source)
        if cell.cell_type != "code" and not as_given(cell) and ACTIVE.search(text):
            yield cell.metadata.get("nbgrader", {}).get("grade_id") or f"cell {number}"
