"""Write a paper of ten minutes for each student: python paper.py, or make paper.

Reads class.txt. Writes paper.html, a page for each student to print, and paper-key.html: the
answers, and the belief behind each usual wrong one. The same id gets the same page again; another
--salt draws all anew, and a secret one keeps students from drawing theirs beforehand.
"""

import argparse
import pathlib
import sys
from collections import Counter
from operator import attrgetter

import bank
from classlist import students

from lstm_lessons import Spec
from lstm_lessons.asking.truth import tensors_of
from lstm_lessons.drawing.tray import reading
from lstm_lessons.grading import Paper
from lstm_lessons.markup import Markup, element, joined
from lstm_lessons.rule import DIALECTS
from lstm_lessons.spec import SIZES

HERE = pathlib.Path(__file__).resolve().parent
WRONG = 7  # so many wrong answers to a question stand in the key
STYLE = """
@page { margin: 12mm }
:root { color-scheme: light }
body { font: 10pt/1.35 system-ui, sans-serif; color: #000; background: #fff; margin: 0 auto }
body { width: 184mm }
section { break-after: page; margin-bottom: 12mm }
section:last-child { break-after: auto }
header { display: flex; gap: 6mm; align-items: end; font-size: 11pt }
h1 { font-size: 11pt; margin: 0 }
h2, p { font-size: 10pt; margin: 0 }
pre { font: 9pt/1.3 ui-monospace, monospace; margin: 1mm 0 0; white-space: pre-wrap }
.line { border-bottom: 1px solid #000; flex: 1 }
@media print { section { margin: 0 } }
"""
SHEET = """
section { height: 250mm; display: flex; flex-direction: column; gap: 3mm }
article { flex: 1; display: flex; flex-direction: column; break-inside: avoid }
.fields { flex: 1; display: flex; gap: 4mm; padding-top: 1.5mm }
.shapes { flex: 1; display: flex; flex-direction: column }
@media print and (min-height: 285mm) { section { height: 270mm } }
.tray { width: 82mm; border: 1px solid #000; font-size: 8pt; padding: 0 1mm }
"""
KEY = """
article { break-inside: avoid; margin-top: 2mm; border-top: 1px solid #000; padding-top: 0.5mm }
table { border-collapse: collapse; width: 100%; font-size: 8.5pt; line-height: 1.2 }
td { padding: 0 3mm 0 0; vertical-align: top }
td:first-child { width: 66mm; white-space: nowrap; font-family: ui-monospace, monospace }
"""
LINE = element("span", **{"class": "line"})
HOW = (
    "Ten minutes, with nothing switched on. Write the shape of each tensor, in order, such as "
    "(10, 20) or (10, 20), (10, 40). Into the frame draw the tray that each of them fills: "
    "timesteps across, numbers down, sequences in depth."
)


def main():
    """Write what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--salt", default="", help="a word that draws all papers anew")
    parser.add_argument("--class", dest="list", default=HERE / "class.txt", help="the class list")
    options = parser.parse_args()
    try:
        papers = [Paper("paper", student, options.salt) for student in students(options.list)]
    except ValueError as error:
        sys.exit(str(error))
    for name, title, style, make in (
        ("paper.html", "A paper", STYLE + SHEET, sheet),
        ("paper-key.html", "The key of the paper", STYLE + KEY, key),
    ):
        text = page(title, style, map(make, papers))
        (HERE / name).write_text(text, encoding="utf-8")
    print(f"{len(papers)} papers in {HERE / 'paper.html'}, their key in paper-key.html beside it")


def asked(paper):
    """Return six questions, each a framework, a Question, its words and its code.

    Three are on Keras, and with one on PyTorch they cover the four scenarios; then come `h_n` of
    several layers or directions, and the last output of one layer or two.
    """
    chance = paper.chance()
    flags = [{"return_sequences": True}, {"return_state": True}]
    flags = chance.sample([*flags, flags[0] | flags[1]], 3)
    keras = chance.sample([{}, *flags[:2]], 3)
    several = chance.choice([{"layers": 2}, {"bidirectional": True}])
    ends = [
        (flags[2], attrgetter("kept")),
        (several, lambda returned: (returned["h"],)),
        ({"layers": chance.choice([1, 2])}, attrgetter("kept")),
    ]
    return [("keras", *bank.posed(_spec(chance, **fields), "keras")) for fields in keras] + [
        ("torch", *bank.posed(_spec(chance, **fields), "torch", pick)) for fields, pick in ends
    ]


def _spec(chance, **fields):
    return Spec(**dict(zip(SIZES, bank.sizes(chance), strict=True)), **fields)


def sheet(paper):
    """Return a student's page: six questions, each with room for an answer and for trays."""
    name = element("span", "Name", style="padding-left: 6mm")
    top = element("header", element("h1", paper.student), name, LINE)
    return element("section", top, element("p", HOW), *_each(paper, _fields))


def _fields(code, _):
    """Return what a question on a student's page has below its words."""
    lines = element(
        "div", "Shapes", *[element("span", **{"class": "line"})] * 2, **{"class": "shapes"}
    )
    tray = element("div", "Trays", **{"class": "tray"})
    return [element("pre", code), element("div", lines, tray, **{"class": "fields"})]


def key(paper):
    """Return the answers to a student's page."""
    top = element("header", element("h1", f"{paper.student}: the key"))
    return element("section", top, *_each(paper, _answers))


def _answers(_, question):
    """Return what is right, the trays that it fills, and usual wrong answers."""
    right = question.rule()
    alike = Counter(reading(one) for one in tensors_of(right, question))
    said = [f"{count} × {tray}" if count > 1 else tray for tray, count in alike.items()]
    rows = [(element("b", bank.written(right, question)), "; ".join(said))]
    wrong = bank.usual(question, WRONG)
    rows += [(text, f"expects {' or '.join(why)}") for text, why in wrong.items()]
    cells = ([element("td", one) for one in row] for row in rows)
    return [element("table", *[element("tr", *row) for row in cells])]


def _each(paper, make):
    """Yield each question of a paper; make: returns what stands below its words."""
    for number, (framework, question, words, code) in enumerate(asked(paper), 1):
        title = f"{number}. {DIALECTS[framework].title}. {words}"
        lines = [one for one in code.splitlines() if one and not one.startswith("import ")]
        yield element("article", element("h2", title), *make("\n".join(lines), question))


def page(title, style, sections):
    """Return a page, as text."""
    head = joined(
        [
            Markup('<meta charset="utf-8">'),
            element("title", title),
            element("style", Markup(style)),
        ]
    )
    whole = element("html", element("head", head), element("body", *sections), lang="en")
    return f"<!doctype html>\n{whole}\n"


if __name__ == "__main__":
    main()
