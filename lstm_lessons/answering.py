"""The control of one question: what is typed, the verdict, the trays, and what came back."""

from collections.abc import Callable, Sequence
from functools import partial

import ipywidgets

from . import keys, predicted, replies
from .asking.diagnosis import diagnose
from .asking.questions import Question
from .asking.verdict import Verdict
from .attempts import Attempts
from .controls import ALONE, FITS, IN_A_ROW, TOGGLES, Control, line
from .examining.asked import Asked
from .loop import one_at_a_time, where_cells_run
from .markup import Markup, joined
from .pictures import plain, sentences
from .remembered import recalled, record, trouble
from .spec import Spec


def prediction(
    question: Spec | Question,
    framework: str,
    told: Callable[[str], None],
    shows: Asked | None = None,
    again: bool = False,
) -> Control:
    """Return the control that ask returns.

    told: is told the status of each verdict, and "shown" when the answer is asked for.
    shows: what is shown in place of a run of the question's code.
    again: whether it begins with the answer that is remembered.
    """
    attempts, before = Attempts(question, framework), predicted.before(question, framework)
    asked = attempts.asked
    typed = line("Your answer:")
    submit = ipywidgets.Button(description="Check", button_style="primary", layout=FITS)
    reveal = ipywidgets.Button(
        description="Run it and show me" if shows is None else "Show me", layout=FITS
    )
    ways, waiting, choices = _ways(typed), ipywidgets.HTML(), ipywidgets.VBox()
    verdict, film, coming = ipywidgets.HTML(), _Film(before, question), object()

    @one_at_a_time
    def answered(_):
        answer = typed.value.strip()
        if asked.rule:
            judged(answer, diagnose(asked, answer))
        else:
            waiting.value = replies.running(framework)
            where_cells_run(partial(diagnose, asked, answer), partial(judged, answer))

    def judged(answer, found):
        told(found.status)
        waiting.value = ""
        attempt = attempts.count(answer, found)
        record(question, framework, answer, found.status, found.misconceptions, attempt)
        reply(answer, found)
        choices.children = _choices(found.choices, answer)
        drawn(answer, found.status)

    def reply(answer, found, known=True):
        said = attempts.reply(answer, found, known)
        verdict.value = joined([said, replies.noted(trouble())])

    def drawn(answer, status, at_once=True):
        """Show what is drawn of an answer.

        at_once: whether what comes may run; otherwise when somebody moves on.
        """
        nonlocal coming
        coming = object()  # what is still under way would belie it
        what = attempts.drawn(answer, status)
        if what == "result":
            show()
        elif what == "nothing":
            film.clear(before)
        elif what == "what comes" and at_once:
            fill()
        else:
            empty = predicted.ordered(question, framework, attempts.given)
            film.offer(empty, revealed if attempts.wrong < 2 else fill)

    def fill():
        sized = attempts.wrong > 2
        make = partial(predicted.pages, question, asked, framework, attempts.given, sized)
        fetch(make, lambda came: film.show(*came))

    @one_at_a_time
    def revealed(_=None):
        told("shown")
        record(question, framework, "", "shown")
        show()

    def show():
        if shows is not None:
            film.clear(shows.html)
            return
        make = partial(predicted.result, question, asked, framework, attempts.given)
        fetch(make, lambda came: film.show(*came))

    def fetch(make, then):
        """Show what is made where frameworks run; what is there stays until then."""
        nonlocal coming
        waiting.value, coming = replies.running(framework), (mine := object())

        def came(what):
            waiting.value = ""
            then(what)

        where_cells_run(make, came, lambda: coming is mine)

    def lit(html):
        nonlocal before
        if film.page.value == before:
            film.clear(html)
        before = html

    if was := recalled(question, framework) if again else None:
        typed.value = was.typed
        attempts.recall([] if was.solved else was.wrong)  # a solved one begins anew
        reply(was.typed, _judged_before(was, asked), known=bool(asked.rule))
        drawn(was.typed, was.status, at_once=bool(asked.rule))
    if asked.form == "index":  # what is lit is drawn as soon as its layer has run
        where_cells_run(partial(replies.squares, asked), lit)
    typed.observe(answered, "value")
    submit.on_click(answered)
    reveal.on_click(revealed)
    text = ipywidgets.HTML(joined([*map(sentences, asked.text.split("\n")), keys.wired()]))
    buttons = ipywidgets.HBox([submit, reveal, waiting], layout=IN_A_ROW)
    entry = [typed]
    if asked.is_truth:
        typed.layout.display = submit.layout.display = "none"
        entry.append(ways)
    parts = [text, *entry, buttons, verdict, choices, film.row, film.page]
    return Control(parts, plain(asked.text))


class _Film:
    """Pages over time: page shows one; row, a slider and a button, leads from one to another.

    Nothing moves before the button is pressed. Of one page, row is hidden.
    """

    def __init__(self, page: Markup, question: Spec | Question):
        names = ["start", *(str(t - 1) for t in predicted.times(question)[1:])]
        self.page = ipywidgets.HTML()
        self.asked_for: Callable[[], None] | None = None
        self.moved = False
        self.slider = ipywidgets.SelectionSlider(
            description="timestep",
            options=[(name, place) for place, name in enumerate(names)],
            style={"description_width": "initial"},
            layout={"width": "min(100% - 8px, 320px)"},
        )
        self.play = ipywidgets.Play(max=len(names) - 1, interval=900, show_repeat=False)
        self.play.add_class(keys.PLAYS)
        ipywidgets.jslink((self.play, "value"), (self.slider, "index"))
        names_ = ipywidgets.HTML(keys.named())
        self.row = ipywidgets.HBox([self.play, self.slider, names_], layout=IN_A_ROW)
        self.row.add_class(keys.TIME)
        self.clear(page)
        self.slider.observe(self._moved, "value")

    def clear(self, page: Markup):
        """Show a page that stands alone."""
        self._take([page], Markup(""), None, 0)

    def offer(self, page: Markup, asked_for: Callable[[], None]):
        """Show the first page; the others are asked for when somebody moves on."""
        self._take([page], Markup(""), asked_for, 0)

    def show(self, pages: Sequence[Markup], below: Markup):
        """Show pages, one for each time, with what stands below each; the last one first.

        Where somebody has moved on already, the one that stands there.
        """
        last = max(len(pages) - 1, 0)
        self._take(pages, below, None, min(self.slider.value, last) if self.moved else last)

    def _take(self, pages, below, asked_for, at):
        self.pages, self.below, self.asked_for, self.moved = pages, below, asked_for, False
        moves = len(self.slider.options) > 1 and (asked_for or len(pages) > 1)
        self.row.layout.display = None if moves else "none"
        self.play.value = self.slider.value = at
        self._turn()

    def _turn(self):
        self.page.value = joined([*self.pages[: self.slider.value + 1][-1:], self.below])

    @one_at_a_time
    def _moved(self, _):
        if self.asked_for and self.slider.value:
            asked_for, self.asked_for, self.moved = self.asked_for, None, True
            asked_for()
        else:
            self._turn()


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
