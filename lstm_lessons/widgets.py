"""The controls. Each joins functions of the other modules; none of them knows about controls.

It has more than 300 lines: here is each control that the package offers, and nothing that two of
them share, which is in controls.py. What one question is made of is in answering.py.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import ipywidgets

from . import keys, loop, replies
from .ahead import Ahead
from .answering import prediction
from .asking.questions import Question
from .controls import ALONE, FITS, IN_A_ROW, Control, line
from .doctor import TRYING, browser_answers, examine, layer_runs, layer_tried, untried
from .examining.exam import Exam, exam_on, in_words
from .finding import Found
from .finding import find as found
from .indexes import take
from .loop import one_at_a_time, where_cells_run
from .markup import Markup, joined
from .offered import BEYOND, FIRST
from .picks import candidates, equal, named, presses, same_numbers, there
from .pictures import plain, sentences, table
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
from .remembered import brought, place, taken, trouble
from .rule import DIALECTS, dialect_of, expected
from .settings import Settings
from .shapes import Tensor
from .spec import Spec, many
from .taken import Taken


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
    return prediction(question, framework, told=lambda what: None, again=True)


def _examination(exam: Exam) -> Control:
    """Return the control that asks an exam's questions, and explains the network at the end."""
    of = exam.framework
    questions = [(of_lesson(one.question, one.call.spec), of) for one in exam.asked]
    happened: list[list[str]] = [[] for _ in questions]
    asks = [
        partial(prediction, question, of, events.append, asked)
        for (question, _), events, asked in zip(questions, happened, exam.asked, strict=True)
    ]

    def end():
        return joined([_summed(questions, happened), exam.explanation.html])

    first = plain(exam.asked[0].question.text)
    return _in_turn(
        asks, end, f"{many(len(asks), 'question')} about your network. The first: {first}"
    )


def explore(spec: Spec | None = None, framework: str = "keras", beyond: bool = False) -> Control:
    """Return a control in which sizes, flags and framework can be changed.

    For every setting the real layer of the framework shown runs (for the one that is likely to be
    next, before it is asked for); what it returned follows, and the code in both frameworks, and
    what is another since the last change is marked. While a framework
    loads, or a cell runs, what the rule expects is shown.

    spec: where to start; the running example if None.
    framework: "keras" or "torch".
    beyond: whether the cell, the layers and the directions can be changed too.
    """
    spec = spec or Spec()
    rule = expected(spec, framework)
    settings = Settings(spec, framework, (*FIRST, *BEYOND) if beyond else FIRST)
    seen, returned, lines = ipywidgets.HTML(), ipywidgets.HTML(), ipywidgets.HTML()
    last = spec, framework  # what is shown
    pictures = Ahead(replies.ran)

    @one_at_a_time
    def refresh():
        changed, name, front = settings.now()
        try:
            expected(changed, name)
        except ValueError as reason:
            seen.value, lines.value = "", ""
            title = dialect_of(name).title
            returned.value = replies.status(f"{title} refuses this: {reason}.")
            return
        before = expected(*last).tensors

        def show(came):  # in the order in which one looks, what is made at once
            seen.value, returns = came
            loop.sent()
            returned.value = returns(before)
            lines.value = replies.side_by_side(changed, name)

        def done(came):
            nonlocal last
            last = changed, name
            show(came)

        def wait():
            show(replies.meanwhile(changed, name, front))

        if not replies.is_loaded(name):
            wait()
        where_cells_run(
            partial(pictures, changed, name, front),
            done,
            still=lambda: settings.now() == (changed, name, front),
            late=wait,
            soon=replies.is_loaded(name),
        )

    settings.on_change(refresh)
    refresh()
    results = ipywidgets.VBox([settings.limit, seen, returned, lines])
    text = table(rule.tensors, f"What {dialect_of(framework).title} returns").text
    return Control(
        [ipywidgets.VBox([settings.row, results]), ipywidgets.HTML(keys.wired())],
        f"Controls for framework, {', '.join(settings.parts)}. To begin with:\n{text}",
    )


def pick(
    spec: Spec | None = None, framework: str = "keras", index: str = "", **arrays: Any
) -> Control:
    """Return a control in which an index is pressed or typed, and what it takes is shown.

    The real layer runs once. What an index takes is framed, said in words, and compared with what
    else there is.

    spec: the layer; the running example if None.
    framework: "keras" or "torch".
    index: what is taken to begin with; one of those to press if it is left out.
    arrays: in place of what the layer returns, arrays by their names, as `x=x`; nothing runs then.

    Raises ValueError, in one line, for a framework, a name or an index that is not known, and for
    an array with another number of axes than the layer's.
    """
    spec = spec or Spec()
    known = there(spec, framework, arrays) if arrays else named(spec, framework)
    pressed = presses(known)
    first = index or next((one for one in pressed if "[" in one), pressed[0])
    begin = take(first, known)
    typed = line("Index:", first, f"such as {first}")
    shown = ipywidgets.HTML(replies.running(framework))
    tensors: Sequence[Tensor] = ()
    others: Sequence[Taken] = ()

    @one_at_a_time
    def show(_=None):
        if tensors:
            backwards = bool(arrays) or framework != "torch"
            shown.value = replies.taken(typed.value, tensors, others, backwards)

    def came(found):
        nonlocal tensors, others
        tensors, others = found, candidates(found)
        show()

    def button(name):
        one = ipywidgets.Button(description=name, layout=FITS)
        one.on_click(lambda _: setattr(typed, "value", name))
        return one

    if arrays:
        came(known)
    else:
        where_cells_run(partial(there, spec, framework), came)
    typed.observe(show, "value")
    names = ipywidgets.HBox([button(name) for name in pressed], layout=IN_A_ROW)
    same = same_numbers(begin, others, known) if arrays else equal(begin, known)
    also = " and ".join(dict.fromkeys(one.written for one in same))
    more = f" The same numbers as {also}." if also else ""
    return Control(
        [names, typed, shown, ipywidgets.HTML(keys.wired())],
        f"Type an index, or press {', '.join(pressed)}. To begin with:\n"
        f"{first}: {begin.change}: {begin.words}.{more}",
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
    asks = [partial(prediction, one, of, events.append) for (one, of), events in pairs]
    fresh_ones = many(len(asks), "fresh question")
    return _in_turn(
        asks,
        lambda: _summed(questions, happened),
        f"A review: {fresh_ones}, and at the end which lessons to see again.",
    )


def _summed(questions: Sequence, happened: Sequence) -> Markup:
    """Return what stands at the end of these questions, in view."""
    said = replies.status(f"That was all. {summary(questions, happened)}")
    return joined([said, keys.seen()])


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
            number = brought(_first(bring.value)["content"])
            what = "answer came that was" if number == 1 else "answers came that were"
            line = f"{number} {what} not here."
        except ValueError as error:
            line = f"None came: {error}."
        if not isinstance(bring.value, dict):
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


def _first(files):
    """Return the first of the files that came: ipywidgets 7 has them by their names."""
    return next(iter(files.values() if isinstance(files, dict) else files))


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
        question = made()
        if number > 1:
            question.children[0].value += keys.focused()
        place.children = (question,)
        heading.value = sentences(f"Question {number} of {len(asks)}")
        if number == len(asks):
            onward.description = "To the end"

    def ended(said):  # below the last question, where the button is that was pressed
        place.children = (*place.children, ipywidgets.HTML(said))

    onward.on_click(proceed)
    proceed()
    return Control([heading, place, onward], text)


def find(words: str | None = None) -> Control | Found:
    """Return what fits best, of what people ask, of terms, lessons and beliefs: three places.

    words: a few words, a question, or the message of an error, also a whole traceback; without any
        a control comes back in which they are typed or pasted.

    Raises ValueError, in one line, for what is no text.
    """
    return _search() if words is None else found(words)


def _search():
    """Return the control that finds while one types."""
    typed = ipywidgets.Textarea(
        description="Find:",
        placeholder="words, a question, or a whole error message",
        rows=2,
        style={"description_width": "initial"},
        layout={"width": "min(100% - 4px, 640px)", "height": "auto"},
    )
    page = ipywidgets.HTML()

    @one_at_a_time
    def look(_):
        page.value = replies.announced(found(typed.value).html)

    typed.observe(look, "value")
    text = "A field: type words, a question or an error message; three places are shown."
    return Control([typed, page, ipywidgets.HTML(keys.wired())], f"{text} Or find('time steps').")


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
        known = all(row.found != TRYING for row in rows)
        page.value = replies.environment(rows, known, untried=untried())

    def note(name, finding):
        tried[name] = finding
        report()

    pulse.observe(report, "value")
    report()
    for name in DIALECTS:
        where_cells_run(partial(layer_runs, name), partial(note, name))
    playing = "playing" if pulse.has_trait("playing") else "_playing"  # ipywidgets 7
    loop.later(1, lambda: setattr(pulse, playing, True))
    return Control(
        [page, pulse, ipywidgets.HTML(keys.wired())],
        "A table: the versions of Python and of each package, whether each framework runs a layer, "
        "whether a browser answered; and advice for each thing amiss.",
    )
