"""What stands below a prediction, as HTML: the layer, the trays, and what comes over time."""

from collections.abc import Sequence
from dataclasses import replace

from . import replies
from .asking.echo import named, with_names
from .asking.questions import Question
from .asking.reading import read
from .asking.truth import truth_of
from .drawing import stages
from .frameworks import run
from .markup import Markup, joined
from .rule import dialect_of
from .shapes import Tensor
from .spec import Spec, gist

ONWARD = "Guess again; or press ▶, or move the slider, to see what comes."
COUNT = "The shape is not written here: read it off the squares."
Pages = list[Markup]  # of what comes, one after so many timesteps


def times(question: Spec | Question) -> list[int]:
    """Return the numbers of timesteps after which there is a page; [0] where time is not known."""
    if isinstance(question, Spec):
        return stages.stops(question)
    return stages.stops(question.padded.spec) if question.padded else [0]


def before(question: Spec | Question, framework: str) -> Markup:
    """Return the picture that keeps the answer to itself; nothing for other questions."""
    return (
        stages.before(question, framework).picture.html
        if isinstance(question, Spec)
        else Markup("")
    )


def given_in(answer: str, asked: Question) -> tuple[Tensor, ...]:
    """Return the shapes in an answer; () where it has none, or where no shapes are asked for."""
    try:
        return named(read(answer), asked) if asked.form == "shapes" else ()
    except ValueError:
        return ()


def ordered(question: Spec | Question, framework: str, given: Sequence[Tensor]) -> Markup:
    """Return the empty trays that an answer orders, which say nothing of what is right."""
    spec = question if isinstance(question, Spec) else None
    onward = [replies.status(ONWARD)] if len(times(question)) > 1 else []
    return joined([*onward, stages.ordered(given, spec, framework).picture.html])


def pages(
    question: Spec | Question,
    asked: Question,
    framework: str,
    given: Sequence[Tensor],
    sized: bool = True,
) -> tuple[Pages, Markup]:
    """Return what comes, and how it fits what was predicted, and what is to be said below it.

    Of a Spec, a page after each timestep that is drawn; of another question the end alone. Where
    nothing could run, the empty trays, and why.

    sized: whether the shapes of what comes are said.
    """
    below = Markup("") if sized else replies.status(COUNT)
    try:
        if isinstance(question, Spec):
            came = run(question, framework)
            return _of_layer(question, came, framework, given, sized), below
        return _of_shapes(truth_of(asked), asked, given, sized), below
    except Exception as error:
        return [ordered(question, framework, given)], _failed(framework, error)


def result(
    question: Spec | Question, asked: Question, framework: str, given: Sequence[Tensor]
) -> tuple[Pages, Markup]:
    """Return what comes as pages does, and what is told of it, or why nothing came."""
    if isinstance(question, Spec):
        return _run(question, framework, given)
    came, said = replies.outcome(asked)
    return _of_shapes(came, asked, given), said


def _run(spec, framework, given):
    """Return what result does, of a layer, which runs once."""
    try:
        came = run(spec, framework)
    except Exception as error:
        return [], _failed(framework, error)
    said = [replies.told(spec, came, framework), replies.lines(spec, framework)]
    return _of_layer(spec, came, framework, given), joined(said)


def _failed(framework, error):
    return replies.status(f"{dialect_of(framework).title} failed. {gist(error)}")


def _of_layer(spec, came, framework, given, sized=True):
    """Return a page for each number of timesteps after which a layer is drawn."""
    return [_page(stage) for stage in stages.over_time(given, spec, came, framework, sized)]


def _of_shapes(truth, asked, given, sized=True):
    """Return the page of trays that are filled, and of the layers that lead there, if any do.

    Of a layer that reads a padded batch, a page after each timestep.
    """
    came = with_names(truth, asked) if isinstance(truth, tuple) else ()
    if asked.padded and given:
        of = asked.padded
        over = stages.padded(given, came, of.spec, of.lengths, of.framework, of.row, sized)
        return [_page(stage) for stage in over]
    shown = []
    if given and not isinstance(truth, bool):
        shown.append(_page(stages.filled(given, came, sized)))
    if asked.chain and sized:
        each = [(named((shape,), asked)[0], written) for written, shape in asked.chain()]
        steps = [replace(tensor, expression=written) for tensor, written in each]
        shown.append(stages.chain(steps).html)
    return [joined(shown)] if shown else []


def _page(stage):
    return joined([replies.status(stage.words), stage.picture.html])
