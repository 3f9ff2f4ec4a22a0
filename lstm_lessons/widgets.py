"""The controls. Each joins functions of the other modules; none of them knows about controls.

It has more than 300 lines since ipywidgets has one door.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import ipywidgets

from . import keys, loop, replies
from .asking.diagnosis import as_question, diagnose
from .asking.questions import Question
from .asking.reading import read
from .asking.truth import say, tensors_of, truth_of
from .asking.verdict import Verdict
from .doctor import TRYING, browser_answers, examine, layer_runs, layer_tried
from .drawing import draw
from .examining.asked import Asked
from .examining.exam import Exam, exam_on, in_words
from .loop import one_at_a_time, where_cells_run
from .markup import joined
from .pictures import findings, paragraph, plain, table
from .practice import (
    advice,
    came_back,
    fresh,
    known,
    mistakes,
    of_lesson,
    overdue,
    standing,
    summary,
)
from .remembered import brought, place, recalled, record, taken, trouble
from .rule import DIALECTS, dialect_of, expected
from .spec import CELLS, FLAGS, MERGES, SIZES, Spec, default

FITS = {"width": "auto", "margin": "2px 8px 2px 0"}
IN_A_ROW = {"flex_flow": "row wrap", "align_items": "center"}
APART = {"margin": "2px 16px 2px 0"}
ALONE = FITS | {"align_self": "flex-start"}  # of a button that has a line to itself
TOGGLES = {
    "style": {"button_width": "84px", "description_width": "initial"},
    "layout": APART | {"width": "max-content", "max_width": "100%"},
}
# What explore lets one choose at most.
MOST = {"batch": 64, "timesteps": 200, "features": 64, "units": 128, "layers": 4}


class Control(ipywidgets.VBox):
    """A box of controls whose text form says what they are for."""

    def __init__(self, children: list[ipywidgets.Widget], text: str):
        loop.home()
        super().__init__(children, layout={"padding": "4px 0 8px 0"})
        self.add_class(keys.HOME)
        self.text = text

    def _repr_mimebundle_(self, **options):
        bundle = super()._repr_mimebundle_(**options)
        return {**bundle, "text/plain": self.text}


def ask(question: Spec | Question | Any, *given: Any, **named: Any) -> Control | None:
    """Return a control that asks for an answer before it shows the real one.

    A wrong answer is diagnosed and what was typed stays. After a right one, or on request, the
    real layer runs and what it returned is shown. After a third wrong one the answer is given.

    Of a network it asks what its own layers return and receive, in the order of its pass. Where
    there is no page, in a terminal, that is asked there, and None comes back.

    question: a Spec (what does its layer return?), a Question, or a network.
    given, named: of a Spec or a Question, framework: "keras" or "torch", "keras" if it is left out.
        Of a network what it is called with, as explain takes it.

    Raises ValueError, in one line, for what is no question, and for what exam_on refuses.
    """
    if isinstance(question, (Spec, Question)):
        return _asked(question, *given, **named)
    exam = exam_on(question, *given, **named)
    return None if not loop.home() and in_words(exam) else _examination(exam)


def _asked(question, framework="keras"):
    return _prediction(question, framework, told=lambda what: None, again=True)


def _examination(exam: Exam) -> Control:
    """Return the control that asks an exam's questions, and explains the network at the end."""
    of = exam.framework
    questions = [(of_lesson(one.question, one.call.spec), of) for one in exam.asked]
    happened: list[list[str]] = [[] for _ in questions]
    asks = [
        partial(_prediction, question, of, events.append, asked)
        for (question, _), events, asked in zip(questions, happened, exam.asked, strict=True)
    ]

    def end():
        said = replies.status(f"That was all. {summary(questions, happened)}")
        return joined([said, exam.explanation.html])

    first = plain(exam.asked[0].question.text)
    return _in_turn(asks, end, f"{len(asks)} questions about your network. The first: {first}")


def _prediction(
    question,
    framework,
    told: Callable[[str], None],
    shows: Asked | None = None,
    again: bool = False,
) -> Control:
    """Return the control that ask returns.

    told: is told the status of each verdict, and "shown" when the answer is asked for.
    shows: what is shown in place of a run of the question's code.
    again: whether it begins with the answer that is remembered.
    """
    asked, before = as_question(question, framework), replies.before(question, framework)
    typed = ipywidgets.Text(
        description="Your answer:",
        placeholder="type it and press Enter",
        continuous_update=False,
        style={"description_width": "initial"},
        layout={"width": "min(100% - 4px, 480px)"},
    )
    submit = ipywidgets.Button(description="Check", button_style="primary", layout=FITS)
    reveal = ipywidgets.Button(
        description="Run it and show me" if shows is None else "Show me", layout=FITS
    )
    ways, waiting, choices = _ways(typed), ipywidgets.HTML(), ipywidgets.VBox()
    verdict, shown = ipywidgets.HTML(), ipywidgets.HTML(before)
    wrong, coming = set(), False

    @one_at_a_time
    def answered(_):
        answer = typed.value.strip()
        if asked.rule:
            judged(answer, diagnose(asked, answer))
        else:
            waiting.value = replies.running(framework)
            where_cells_run(partial(diagnose, asked, answer), partial(judged, answer))

    def judged(answer, found):
        nonlocal coming
        told(found.status)
        waiting.value = ""
        if found.status == "wrong":
            wrong.add(_said(answer, asked))
        attempt = len(wrong) + (found.status == "correct")
        record(question, framework, answer, found.status, found.misconceptions, attempt)
        reply(answer, found)
        choices.children = _choices(found.choices, answer)
        if found.status == "correct":
            show()
        else:  # what really came back would belie it
            shown.value, coming = before, False

    def reply(answer, found, known=True):
        due = known and found.status == "wrong" and len(wrong) > 2
        right = say(truth_of(asked)) if due else ""
        said = replies.verdict(found, answer, max(len(wrong), 1), right)
        verdict.value = joined([said, replies.noted(trouble())])

    @one_at_a_time
    def revealed(_):
        told("shown")
        record(question, framework, "", "shown")
        show()

    def show():
        nonlocal coming
        if shows is not None:
            shown.value = shows.html
            return
        waiting.value, coming = replies.running(framework), True  # what is there stays until then
        where_cells_run(partial(replies.result, question, asked, framework), came, lambda: coming)

    def came(html):
        nonlocal coming
        shown.value, waiting.value, coming = html, "", False

    if was := recalled(question, framework) if again else None:
        typed.value = was.typed
        wrong = {_said(one, asked) for one in was.wrong if not was.solved}  # else it begins anew
        reply(was.typed, _judged_before(was, asked), known=bool(asked.rule))
        if was.status == "correct":
            show()
    typed.observe(answered, "value")
    submit.on_click(answered)
    reveal.on_click(revealed)
    text = ipywidgets.HTML(joined([*map(paragraph, asked.text.split("\n")), keys.wired()]))
    buttons = ipywidgets.HBox([submit, reveal, waiting], layout=IN_A_ROW)
    entry = [typed]
    if asked.is_truth:
        typed.layout.display = submit.layout.display = "none"
        entry.append(ways)
    return Control([text, *entry, buttons, verdict, choices, shown], plain(asked.text))


def _ways(typed):
    """Return the two buttons of a question of truth; what is pressed is typed, and the reverse."""
    ways = ipywidgets.ToggleButtons(
        description="Your answer:",
        options=["True", "False"],
        value=None,
        **TOGGLES,
    )
    turned = (lambda said: said if said in ways.options else None, lambda way: way or typed.value)
    ipywidgets.link((typed, "value"), (ways, "value"), turned)
    return ways


def _choices(beliefs, answer):
    """Return a button for each belief, and what is said once one is pressed; () for none."""
    said = ipywidgets.HTML()

    def button(belief):
        one = ipywidgets.Button(description=belief.label, layout=ALONE)
        one.on_click(lambda _: setattr(said, "value", replies.chosen(belief, answer)))
        return one

    return (*map(button, beliefs), said) if beliefs else ()


def _judged_before(was, asked):
    """Return the Verdict on an answer that is remembered; no framework is run for it."""
    if asked.rule:
        return diagnose(asked, was.typed)
    press = "Press Run it and show me to see why" if asked.is_truth else "Press Check to hear more"
    more = "" if was.status == "correct" else f" {press}."
    return Verdict(was.status, f"You answered this on {was.day}.{more}")


def explore(spec: Spec | None = None, framework: str = "keras", beyond: bool = False) -> Control:
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
            "cell": _choice(
                "cell", zip(DIALECTS["keras"].cells.values(), CELLS, strict=True), spec.cell
            ),
            "layers": _number("layers", spec.layers),
            "bidirectional": _flag("bidirectional", spec.bidirectional),
            "merge_mode": _choice("merge_mode", [(str(m), m) for m in MERGES], spec.merge_mode),
            "batch_first": _flag("batch_first", spec.batch_first),
        }
    chosen = ipywidgets.ToggleButtons(
        description="framework",
        options=[(dialect.title, name) for name, dialect in DIALECTS.items()],
        value=framework,
        **TOGGLES,
    )
    seen, returned, lines = ipywidgets.HTML(), ipywidgets.HTML(), ipywidgets.HTML()

    def now():
        """Return the spec and the framework; what this framework does not have is left alone."""
        others = [dialect for name, dialect in DIALECTS.items() if name != chosen.value]
        foreign = {field for dialect in others for field in dialect.own}
        for name, part in parts.items():
            unmerged = name == "merge_mode" and not parts["bidirectional"].value
            unflagged = name in FLAGS and not DIALECTS[chosen.value].flags
            part.disabled = unmerged or unflagged or name in foreign
        set_ = {name: part for name, part in parts.items() if name in FLAGS or not part.disabled}
        values = {name: part.value for name, part in set_.items()}
        base = replace(spec, **{name: default(name) for name in foreign})
        return replace(base, **values), chosen.value

    @one_at_a_time
    def refresh(_=None):
        changed, name = now()
        title = dialect_of(name).title
        try:
            rule = expected(changed, name)
        except ValueError as reason:
            seen.value, lines.value = "", ""
            returned.value = replies.status(f"{title} refuses this: {reason}.")
            return
        lines.value = replies.lines(changed, name)
        if wait := replies.why_wait(name):
            seen.value = draw(changed, None, name).html
            will = table(rule.tensors, f"What {title} will return")
            returned.value = joined([replies.status(wait), replies.tabled(will)])
        where_cells_run(
            partial(replies.ran, changed, name), show, still=lambda: now() == (changed, name)
        )

    def show(came):
        seen.value, returned.value = came

    for part in (*parts.values(), chosen):
        part.observe(refresh, "value")
    refresh()
    settings = ipywidgets.HBox([chosen, *parts.values()], layout=IN_A_ROW)
    results = ipywidgets.VBox([seen, returned, lines])
    text = table(rule.tensors, f"What {dialect_of(framework).title} returns").text
    return Control(
        [ipywidgets.VBox([settings, results]), ipywidgets.HTML(keys.wired())],
        f"Controls for framework, {', '.join(parts)}. To begin with:\n{text}",
    )


def review(number: int = 6, seed: int = 1, through: int = 4) -> Control:
    """Return a control that asks fresh questions, one after the other.

    What went wrong on an earlier day comes first, and the rest leans towards what went wrong, in
    any lesson. None comes again that was answered rightly. The end says which lessons to see again.

    number: how many questions; fewer if there are not so many different ones.
    seed: another seed, other questions.
    through: the number of the last lesson to ask about.

    Raises ValueError, in one line, for a number or a lesson that there is not.
    """
    questions = fresh(number, seed, mistakes(), through, overdue(), known())
    happened: list[list[str]] = [[] for _ in questions]
    pairs = zip(questions, happened, strict=True)
    asks = [partial(_prediction, one, of, events.append) for (one, of), events in pairs]
    kind = "question" if len(questions) == 1 else "questions"
    return _in_turn(
        asks,
        lambda: replies.status(f"That was all. {summary(questions, happened)}"),
        f"A review: {len(asks)} fresh {kind}, and at the end which lessons to see again.",
    )


def progress() -> Control:
    """Return a control that says how the lessons go, from what was answered in all of them.

    The answers can be taken elsewhere with it, and brought back.
    """
    page, said = ipywidgets.HTML(), ipywidgets.HTML()
    bring = ipywidgets.FileUpload(
        description="Bring answers back", accept=".jsonl", multiple=False, layout=ALONE
    )

    def show():
        kept = replies.kept(place(), taken())
        told = replies.progress(standing(), came_back(), advice(mistakes()), kept)
        page.value = joined([told, keys.wired()])
        said.value = replies.noted(trouble())

    @one_at_a_time
    def come(_):
        if not bring.value:
            return
        try:
            number = brought(bring.value[0]["content"])
            what = "answer came that was" if number == 1 else "answers came that were"
            line = f"{number} {what} not here."
        except ValueError as error:
            line = f"None came: {error}."
        bring.value = ()  # so that the same file can be brought again
        show()
        said.value = replies.status(f"{line} {trouble()}".strip())

    show()
    bring.observe(come, "value")
    return Control(
        [page, bring, said],
        "How the lessons go: what you answered rightly in each, how often at the first try, what "
        "you believed more than once, and what to see again.",
    )


def _in_turn(asks: Sequence[Callable[[], Control]], end: Callable[[], str], text: str) -> Control:
    """Return a control that shows one question after the other, and at the end what end returns."""
    heading, place = ipywidgets.HTML(), ipywidgets.VBox()
    onward = ipywidgets.Button(description="Next question", layout=ALONE)
    coming = iter(enumerate(asks, 1))

    @one_at_a_time
    def proceed(_=None):
        number, made = next(coming, (None, None))
        if made is None:
            onward.disabled = True
            where_cells_run(end, ended)  # after the last verdict
            return
        heading.value = paragraph(f"Question {number} of {len(asks)}")
        question = made()
        if number > 1:
            question.children[0].value += keys.focused()
        place.children = (question,)
        if number == len(asks):
            onward.description = "To the end"

    def ended(said):  # below the last question, where the button is that was pressed
        place.children = (*place.children, ipywidgets.HTML(said))

    onward.on_click(proceed)
    proceed()
    return Control([heading, place, onward], text)


def doctor() -> Control:
    """Return a control that says whether the environment works, with advice for what is amiss."""
    found = examine()
    page = ipywidgets.HTML()
    tried = {name: layer_tried(name) for name in DIALECTS}
    # A browser that shows this and is told to play counts from 0 to 1, and so answers.
    pulse = ipywidgets.Play(min=0, max=1, interval=50, layout={"display": "none"})

    @one_at_a_time
    def report(_=None):
        busy = any(finding.found == TRYING for finding in tried.values())
        rows = [*found, *tried.values(), browser_answers(bool(pulse.value), busy)]
        page.value = replies.announced(findings(rows).html)

    def note(name, finding):
        tried[name] = finding
        report()

    pulse.observe(report, "value")
    report()
    for name in DIALECTS:
        where_cells_run(partial(layer_runs, name), partial(note, name))
    loop.later(1, lambda: setattr(pulse, "playing", True))
    return Control(
        [page, pulse],
        "A table: the versions of Python and of each package, whether each framework runs a layer, "
        "whether a browser answered; and advice for each thing amiss.",
    )


def _number(name, value):
    most = max(MOST[name], value)
    return _labelled(ipywidgets.BoundedIntText, name, value, "140px", min=1, max=most)


def _choice(name, options, value):
    return _labelled(ipywidgets.Dropdown, name, value, "auto", options=list(options))


def _labelled(kind, name, value, width, **more):
    style, layout = {"description_width": "initial"}, APART | {"width": width}
    return kind(description=name, value=value, style=style, layout=layout, **more)


def _flag(name, value):
    return ipywidgets.Checkbox(
        description=name, value=value, indent=False, layout=APART | {"width": "auto"}
    )


def _said(answer, asked):
    """Return what an answer says, however it is written: sizes, a truth value or "error"."""
    try:
        said = tensors_of(read(answer), asked)
    except ValueError:  # one that is remembered may be spoilt
        return answer
    if isinstance(said, (bool, str)):
        return said
    shapes = [zip(tensor.shape, tensor.axes, strict=True) for tensor in said]
    return tuple(tuple(axis if size is None else size for size, axis in one) for one in shapes)
