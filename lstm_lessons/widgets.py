"""The controls. Each joins functions of the other modules; none of them knows about controls."""

import ipywidgets

from .diagnose import TITLES, as_question, diagnose, say, tensors_of, truth_of
from .pictures import listing, paragraph, table
from .shapes import dialect_of
from .snippets import code
from .spec import Spec

FITS = {"width": "auto", "margin": "2px 8px 2px 0"}
BARS = {
    "correct": "#00704f",
    "wrong": "#9a4a00",
    "not attempted": "#5f6368",
    "not readable": "#5f6368",
}
MARKS = {"correct": "✓", "wrong": "✗", "not attempted": "…", "not readable": "?"}


class Control(ipywidgets.VBox):
    """A box of controls whose text form says what it asks."""

    def __init__(self, children, text):
        super().__init__(children, layout={"padding": "4px 0 8px 0"})
        self.text = text

    def _repr_mimebundle_(self, **options):
        bundle = super()._repr_mimebundle_(**options)
        return {**bundle, "text/plain": self.text}


def ask(question, framework="keras"):
    """Return a control that asks for an answer before it shows the real one.

    A wrong answer is diagnosed and what was typed stays. After a right one, or on request, the
    real layer runs and what it returned is shown. After a second wrong one the answer is given.

    question: a Spec (what does its layer return?) or a Question.
    framework: "keras" or "torch".
    """
    asked = as_question(question, framework)
    typed = ipywidgets.Text(
        description="Your answer:",
        placeholder="type it and press Enter",
        continuous_update=False,
        style={"description_width": "initial"},
        layout={"width": "min(100%, 480px)"},
    )
    submit = ipywidgets.Button(description="Check", button_style="primary", layout=FITS)
    reveal = ipywidgets.Button(description="Run it and show me", layout=FITS)
    verdict, shown = ipywidgets.HTML(), ipywidgets.HTML()
    wrong = set()

    def answered(_):
        judged = diagnose(asked, typed.value)
        message = judged.message
        if judged.status == "wrong":
            wrong.add(typed.value.strip())
            if len(wrong) > 1:
                message += f" The answer: {say(truth_of(asked))}."
        verdict.value = _verdict(judged.status, message)
        if judged.status == "correct":
            show(None)

    def show(_):
        title = dialect_of(framework).title
        shown.value = _status(f"Running. The first time, {title} takes some seconds to load.")
        shown.value = _result(question, asked, framework)

    typed.observe(answered, "value")
    submit.on_click(answered)
    reveal.on_click(show)
    return Control(
        [
            ipywidgets.HTML(paragraph(asked.text)),
            typed,
            ipywidgets.HBox([submit, reveal]),
            verdict,
            shown,
        ],
        asked.text.replace("`", ""),
    )


def _status(message):
    """Return a message as HTML that a screen reader announces."""
    return f'<div role="status">{paragraph(message)}</div>'


def _verdict(status, message):
    """Return what is said of an answer, as HTML."""
    said = f"<b>{MARKS[status]} {TITLES[status]}.</b> "
    style = f"border-left: 4px solid {BARS[status]}; padding: 2px 0 2px 10px; margin: 6px 0"
    text = paragraph(message).replace(">", ">" + said, 1)
    return f'<div role="status" style="{style}">{text}</div>'


def _result(question, asked, framework):
    """Return the HTML of what really came back, or of why nothing did."""
    try:
        result = asked.run()
    except Exception as error:
        first = (str(error).strip().splitlines() or [""])[0]
        return _status(f"It raised `{type(error).__name__}`: {first}")
    if isinstance(result, bool):
        return _status(f"It ran: {result}.")
    tensors = tensors_of(result, asked)
    html = table(tensors, f"What {dialect_of(framework).title} returned").html
    if isinstance(question, Spec):
        html += listing(code(question, framework))
    return html
