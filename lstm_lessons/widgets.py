"""The controls. Each joins functions of the other modules; none of them knows about controls."""

import asyncio
import contextlib
import sys
import threading
from dataclasses import replace
from functools import partial, wraps

import ipywidgets

from .asking.diagnosis import as_question, diagnose
from .asking.reading import read
from .asking.truth import is_expected, missed, say, tensors_of, truth_of
from .asking.verdict import TITLES
from .doctor import Finding, examine
from .drawing import draw
from .frameworks import run
from .markup import Markup
from .pictures import findings, listing, paragraph, table
from .practice import fresh, mistakes, remember, summary
from .rule import DIALECTS, dialect_of, expected
from .snippets import KERAS, code
from .spec import CELLS, FLAGS, MERGES, SIZES, Spec, default, gist

FITS = {"width": "auto", "margin": "2px 8px 2px 0"}
BARS = {
    "correct": "#00704f",
    "wrong": "#9a4a00",
    "not attempted": "#5f6368",
    "not readable": "#5f6368",
    "could not run": "#5f6368",
}
MARKS = {
    "correct": "✓",
    "wrong": "✗",
    "not attempted": "…",
    "not readable": "?",
    "could not run": "!",
}
MOST = {
    "batch": 64,
    "timesteps": 200,
    "features": 64,
    "units": 128,
    "layers": 4,
}  # what explore lets one choose


_turn = threading.RLock()


def _one_at_a_time(handler):
    """Return the handler of a control's event, kept from running beside another one.

    JupyterLab may hand the events of controls to a thread of their own (subshells).
    """

    @wraps(handler)
    def waits(*event):
        with _turn:
            return handler(*event)

    return waits


def _where_cells_run(work, then, still=lambda: True):
    """Have a framework do something in the thread where cells run, and so never beside a cell.

    Handed to that thread's loop, it waits for the cell that runs; where there is no loop it is
    done at once. Frameworks are imported there, too: importing one beside another breaks both.

    work: what the framework does. then: is given what work returned, to show it.
    still: whether it is still wanted. Something newer may have been asked for in the meantime.
    """

    def do():
        with _turn:
            wanted = still()
        if wanted:
            result = work()
            with _turn:
                if still():
                    then(result)

    if home := _home():
        home.call_soon_threadsafe(do)
    else:
        do()


_loop = None  # the event loop of the main thread, as it was when this thread was last here


def _home():
    """Return the event loop of the main thread, where a kernel runs cells; None if none runs.

    Asked for where a control is made, since its events may come in other threads.
    """
    global _loop
    if threading.current_thread() is threading.main_thread():
        _loop = None
        with contextlib.suppress(RuntimeError):
            _loop = asyncio.get_running_loop()
    return _loop if _loop and _loop.is_running() else None


class Control(ipywidgets.VBox):
    """A box of controls whose text form says what they are for."""

    def __init__(self, children, text):
        _home()
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
    return _prediction(question, framework, told=lambda what: None)


def _prediction(question, framework, told):
    """Return the control that ask returns.

    told: is told the status of each verdict, and "shown" when the answer is asked for.
    """
    asked, before = as_question(question, framework), _before(question, framework)
    typed = ipywidgets.Text(
        description="Your answer:",
        placeholder="type it and press Enter",
        continuous_update=False,
        style={"description_width": "initial"},
        layout={"width": "min(100%, 480px)"},
    )
    submit = ipywidgets.Button(description="Check", button_style="primary", layout=FITS)
    reveal = ipywidgets.Button(description="Run it and show me", layout=FITS)
    verdict, shown = ipywidgets.HTML(), ipywidgets.HTML(before)
    wrong, coming = set(), False

    @_one_at_a_time
    def answered(_):
        answer = typed.value.strip()
        if asked.rule:
            judged(answer, diagnose(asked, answer))
        else:
            verdict.value = _running(framework)
            _where_cells_run(partial(diagnose, asked, answer), partial(judged, answer))

    def judged(answer, found):
        nonlocal coming
        told(found.status)
        message = found.message
        if found.status == "wrong":
            if _said(answer, asked) not in wrong:
                remember(question, framework, right=False)
            wrong.add(_said(answer, asked))
            if len(wrong) > 1:
                message += f" The answer: {say(truth_of(asked))}."
        verdict.value = _verdict(found.status, message)
        if found.status == "correct":
            remember(question, framework, right=True)
            show()
        else:  # what really came back would belie it
            shown.value, coming = before, False

    @_one_at_a_time
    def revealed(_):
        told("shown")
        show()

    def show():
        nonlocal coming
        if not coming:
            shown.value += _running(framework)
        coming = True
        _where_cells_run(partial(_result, question, asked, framework), came, lambda: coming)

    def came(html):
        nonlocal coming
        shown.value, coming = html, False

    typed.observe(answered, "value")
    submit.on_click(answered)
    reveal.on_click(revealed)
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


def explore(spec=None, framework="keras", beyond=False):
    """Return a control in which sizes, flags and framework can be changed.

    At every change the real layer of the framework shown runs; what it returned and the code
    follow. While a framework loads, what the rule expects is shown.

    spec: where to start; the running example if None.
    framework: "keras" or "torch".
    beyond: whether the cell, the layers and the directions can be changed too.
    """
    spec = spec or Spec()
    rule = expected(spec, framework)
    parts = {name: _number(name, getattr(spec, name)) for name in SIZES}
    parts |= {name: _flag(name, getattr(spec, name)) for name in FLAGS}
    if beyond:
        parts |= {
            "cell": _choice("cell", zip(KERAS.values(), CELLS, strict=True), spec.cell),
            "layers": _number("layers", spec.layers),
            "bidirectional": _flag("bidirectional", spec.bidirectional),
            "merge_mode": _choice("merge_mode", [(str(m), m) for m in MERGES], spec.merge_mode),
            "batch_first": _flag("batch_first", spec.batch_first),
        }
    chosen = ipywidgets.ToggleButtons(
        description="framework",
        options=[(dialect.title, name) for name, dialect in DIALECTS.items()],
        value=framework,
        style={"button_width": "84px", "description_width": "initial"},
    )
    seen, returned, lines = ipywidgets.HTML(), ipywidgets.HTML(), ipywidgets.HTML()

    def now():
        """Return the spec and the framework; what this framework does not have is left alone."""
        foreign = {
            field
            for name, dialect in DIALECTS.items()
            if name != chosen.value
            for field in dialect.own
        }
        for name, part in parts.items():
            part.disabled = name in foreign or (
                name == "merge_mode" and not parts["bidirectional"].value
            )
        values = {name: part.value for name, part in parts.items() if not part.disabled}
        base = replace(spec, **{name: default(name) for name in foreign})
        return replace(base, **values), chosen.value

    @_one_at_a_time
    def refresh(_=None):
        one, name = now()
        try:
            rule = expected(one, name)
        except ValueError as reason:
            title = dialect_of(name).title
            seen.value, lines.value = "", ""
            returned.value = _status(f"{title} refuses this: {reason}.")
            return
        lines.value = listing(code(one, name))
        if wait := _wait_for(name):
            seen.value = draw(one, None, name).html
            title = f"What {dialect_of(name).title} will return"
            returned.value = _status(wait) + table(rule.tensors, title).html
        _where_cells_run(partial(_ran, one, name), show, still=lambda: now() == (one, name))

    def show(came):
        seen.value, returned.value = came

    for part in (*parts.values(), chosen):
        part.observe(refresh, "value")
    refresh()
    settings = ipywidgets.VBox(
        [chosen, *parts.values()],
        layout={"width": "190px", "flex": "0 0 auto", "overflow": "visible"},
    )
    results = ipywidgets.VBox(
        [seen, returned, lines], layout={"flex": "1 1 580px", "min_width": "0"}
    )
    text = table(rule.tensors, f"What {dialect_of(framework).title} returns").text
    return Control(
        [ipywidgets.HBox([settings, results], layout={"flex_flow": "row wrap"})],
        f"Controls for framework, {', '.join(parts)}. To begin with:\n{text}",
    )


def review(number=6, seed=1, through=4):
    """Return a control that asks fresh questions, one after the other.

    They lean towards what went wrong so far in this kernel, and end in which lessons to see again.

    number: how many questions; fewer if there are not so many different ones.
    seed: another seed, other questions.
    through: the number of the last lesson to ask about.

    Raises ValueError, in one line, for a number or a lesson that there is not.
    """
    questions = fresh(number, seed, mistakes(), through)
    number, kind = len(questions), "question" if len(questions) == 1 else "questions"
    happened = [[] for _ in questions]
    heading, place = ipywidgets.HTML(), ipywidgets.VBox()
    onward = ipywidgets.Button(description="Next question", layout=FITS)
    asked = iter(enumerate(zip(questions, happened, strict=True), 1))

    @_one_at_a_time
    def proceed(_=None):
        place_in_row, (question, events) = next(asked, (None, (None, None)))
        if question is None:
            onward.disabled = True
            _where_cells_run(partial(summary, questions, happened), end)  # after the last verdict
            return
        heading.value = paragraph(f"Question {place_in_row} of {number}")
        place.children = (_prediction(*question, events.append),)
        if place_in_row == number:
            onward.description = "To the end"

    def end(how):
        place.children = ()
        heading.value = _status(f"That was all. {how}")

    onward.on_click(proceed)
    proceed()
    return Control(
        [heading, place, onward],
        f"A review: {number} fresh {kind}, and at the end which lessons to see again.",
    )


def doctor():
    """Return a control that says whether the environment works, with advice for what is amiss."""
    found = examine()
    page = ipywidgets.HTML()
    tried = dict.fromkeys(DIALECTS)
    # A browser that shows this and is told to play counts from 0 to 1, and so answers.
    pulse = ipywidgets.Play(min=0, max=1, interval=50, layout={"display": "none"})

    @_one_at_a_time
    def report(_=None):
        rows = [
            *found,
            *(_layer_runs(name, tried[name]) for name in DIALECTS),
            _browser(pulse.value, None in tried.values()),
        ]
        page.value = f'<div role="status">{findings(rows).html}</div>'

    def note(name, outcome):
        tried[name] = outcome
        report()

    pulse.observe(report, "value")
    report()
    for name in DIALECTS:
        _where_cells_run(partial(_attempt, name), partial(note, name))
    _later(1, lambda: setattr(pulse, "playing", True))
    return Control(
        [page, pulse],
        "A table: the versions of Python and of each package, whether each framework runs a layer, "
        "whether a browser answered; and advice for each thing amiss.",
    )


def _number(name, value):
    return ipywidgets.BoundedIntText(
        description=name,
        value=value,
        min=1,
        max=max(MOST[name], value),
        style={"description_width": "76px"},
        layout={"width": "170px"},
    )


def _flag(name, value):
    return ipywidgets.Checkbox(
        description=name, value=value, indent=False, layout={"width": "auto"}
    )


def _choice(name, options, value):
    return ipywidgets.Dropdown(
        description=name,
        options=list(options),
        value=value,
        style={"description_width": "76px"},
        layout={"width": "190px"},
    )


def _is_loaded(framework):
    """Return whether a framework has been imported, or is known to fail; not while it loads."""
    name = f"{__package__}.frameworks._{framework}"
    return name in sys.modules and (sys.modules[name] is None or hasattr(sys.modules[name], "call"))


def _later(seconds, do):
    """Do something some seconds from now, if there is an event loop to do it."""
    with contextlib.suppress(RuntimeError):
        asyncio.get_running_loop().call_later(seconds, do)


def _wait_for(framework):
    """Return why a framework does not answer at once, "" if it does."""
    title = dialect_of(framework).title
    if not _is_loaded(framework):
        return f"{title} is loading. Meanwhile, by the rule:"
    if threading.current_thread() is not threading.main_thread():  # it may be busy with a cell
        return f"{title} runs as soon as no cell does. Meanwhile, by the rule:"
    return ""


def _running(framework):
    """Return as HTML that a framework is at work, and that this takes long the first time."""
    title = dialect_of(framework).title
    first = "" if _is_loaded(framework) else f"The first time, {title} takes some seconds to load."
    return _status(f"Running. {first}".strip())


def _before(question, framework):
    """Return the HTML of the picture that keeps the answer to itself; "" for other questions."""
    return draw(question, None, framework).html if isinstance(question, Spec) else ""


def _ran(spec, framework):
    """Return the HTML of the picture, and of what the real layer returned and what is kept."""
    title = dialect_of(framework).title
    try:
        came = run(spec, framework)
    except Exception as error:
        return "", _status(f"{title} failed. {gist(error)}")
    html = table(came.tensors, f"What {title} returned").html
    if came != expected(spec, framework):
        html += _status(f"The rule expected {say(expected(spec, framework).tensors)}.")
    if came.kept != came.tensors:
        kept = " and ".join(f"`{one.expression}`, {say([one])}" for one in came.kept)
        html += paragraph(f"Of these you keep, for the task that the flags serve: {kept}.")
    return draw(spec, came, framework).html, f'<div role="status">{html}</div>'


def _attempt(framework):
    """Return "yes" if a framework's layer returns what the rule says, or what is wrong."""
    try:
        return "yes" if run(Spec(), framework) == expected(Spec(), framework) else "no"
    except Exception as error:
        return f"{type(error).__name__}: {error}".splitlines()[0]


def _layer_runs(framework, outcome):
    what = f"{dialect_of(framework).title} runs a layer"
    if outcome is None:
        return Finding(what, "trying …")
    if outcome == "yes":
        return Finding(what, "yes")
    return Finding(what, outcome, "Install the course anew: make lab, or see the README.")


def _browser(answered, busy):
    if answered:
        return Finding("A browser answers", "yes")
    if busy:  # with the frameworks, and hears nothing
        return Finding("A browser answers", "trying …")
    return Finding("A browser answers", "not yet", "Run this in JupyterLab; reload the page.")


def _status(message):
    """Return a message as HTML that a screen reader announces."""
    return f'<div role="status">{paragraph(message)}</div>'


def _verdict(status, message):
    """Return what is said of an answer, as HTML."""
    said = f"<b>{MARKS[status]} {TITLES[status]}.</b> "
    style = f"border-left: 4px solid {BARS[status]}; padding: 2px 0 2px 10px; margin: 6px 0"
    text = paragraph(message, Markup(said))
    return f'<div role="status" style="{style}">{text}</div>'


def _said(answer, asked):
    """Return what an answer says, however it is written: sizes, a truth value or "error"."""
    said = tensors_of(read(answer), asked)
    if isinstance(said, (bool, str)):
        return said
    axes = [zip(one.shape, one.axes, strict=True) for one in said]
    return tuple(tuple(name if size is None else size for size, name in one) for one in axes)


def _result(question, asked, framework):
    """Return the HTML of what really came back, or of why nothing did."""
    if isinstance(question, Spec):
        return "".join(_ran(question, framework)) + listing(code(question, framework))
    try:
        came = tensors_of(asked.run(), asked)
    except Exception as error:
        said = f"`{type(error).__name__}`: {gist(error)}"
        raised = is_expected(error, asked)
        return _status(f"It raised {said}" if raised else f"It could not run. {said}")
    if asked.raises:
        return _status(f"It ran, though {missed(asked, came)}.")
    return _status(f"It ran: {say(came)}.")
