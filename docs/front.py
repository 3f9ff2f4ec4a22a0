"""What the site's first page says that is known elsewhere: the lessons, the ways in."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import public

HERE = Path(__file__).parent.parent
NOTEBOOKS = HERE / "notebooks"
TRAY = HERE / "pictures/tray.svg"
FIRST = "01_last_output"
GROUPS = {  # what the lessons are called together, and how their files begin
    "The four scenarios": "0[0-4]*",
    "Real networks": "0[5-9]*",
    "Your own": "[1-8]*",
    "To look things up": "9*",
}
ABOUT = "Predict what a real layer returns, in Keras and in PyTorch, run it, and see why."


@dataclass(frozen=True)
class Lesson:
    """A lesson as its notebook tells of it.

    name: of its file, without its ending. number: as it stands before the title, or "".
    minutes: an estimate, "" where it is there to look things up. able: what one can do afterwards.
    """

    name: str
    number: str
    title: str
    minutes: str
    able: str


def setup(app):
    """Let the first page be made with what is gathered here, and others lead to it."""
    app.connect("html-page-context", _tell)
    return {"parallel_read_safe": True}


def _tell(app, page, template, context, doctree):
    context["theme_logo_link"] = context["pathto"]("index")
    if page == "index":
        context["title"] = "What are the output shapes of this LSTM network?"
        context["said"] = ABOUT
        context["groups"] = {title: lessons(files) for title, files in GROUPS.items()}
        (context["tray"],) = re.findall(r'aria-label="(.+?)"', TRAY.read_text("utf-8"))
        context |= ways(repository(app.config.html_context["urls"]))
    if page == "404":
        context["home"] = urlsplit(app.config.html_baseurl).path


def lessons(files="*"):
    """Return the Lessons whose files are named so, in their order."""
    return [lesson(path) for path in sorted(NOTEBOOKS.glob(f"{files}.ipynb"))]


def lesson(path):
    """Return the Lesson of a notebook."""
    cell = json.loads(path.read_text(encoding="utf-8"))["cells"][0]
    text = "".join(cell["source"])
    number, title = re.match(r"# (?:(\w+)\. )?(.+)", text).groups()
    minutes = re.search(r"About (\d+) minutes", text)
    able = re.search(r"^- (.+?)[;.]$", text, re.M)
    return Lesson(
        name=path.stem,
        number=number or "0" * bool(minutes),
        title=title,
        minutes=minutes[1] if minutes else "",
        able=able[1].replace("`", "") if able else "",
    )


def ways(repository):
    """Return where the course is run by others, and the repository's address: none, all are ""."""
    if not repository:
        return {}
    colab = public.colab(repository, f"{FIRST}.ipynb")
    return {"repository": repository, "binder": public.binder(repository), "colab": colab}


def repository(urls):
    """Return the address of the repository, or "" while nobody owns it."""
    address = urls.get("Repository", "")
    return "" if "/OWNER/" in address else address
