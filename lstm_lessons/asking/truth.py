"""The right answer to a question, which its code gives, and the words for it."""

from ..frameworks import NotRun
from ..rule import size_of
from ..shapes import Returned, Tensor, sized
from ..spec import gist
from ..taken import Taken
from .questions import Question, Seen
from .reading import ERROR, read

Truth = tuple[Tensor, ...] | bool | str | Taken


def truth_of(question: Question) -> Truth:
    """Return the right answer: a tuple of Tensors, a truth value, "error", or a Taken.

    "error" if the code raises what the question says that it must. Raises NotRun, in one line, if
    it raises anything else, if it raises nothing though it must, and if what it returns is no
    answer: then nobody knows what is right.
    """
    try:
        truth = tensors_of((question.rule or question.run)(), question)
    except NotRun:
        raise
    except Exception as error:
        if is_expected(error, question):
            return ERROR
        raise NotRun(f"{type(error).__name__}: {gist(error)}".removesuffix(": ")) from error
    if question.raises:
        raise NotRun(missed(question, truth))
    return truth


def is_expected(error: BaseException, question: Question) -> bool:
    """Return whether an exception is what a question's code must raise."""
    names = {kind.__name__ for kind in type(error).__mro__}
    return not isinstance(error, NotRun) and not names.isdisjoint(question.raises)


def missed(question: Question, truth: Truth) -> str:
    """Return in one line that an error which a question's code must raise has not come."""
    return (
        f"{' or '.join(question.raises)} must come, got {say(truth)}; "
        "try the versions that the course was tested with"
    )


def say(truth: Truth) -> str:
    """Return a right answer in words: "(batch 3, units 7)"."""
    if isinstance(truth, str):
        return "It raises an error"
    if isinstance(truth, bool):
        return str(truth)
    if isinstance(truth, Taken):
        return f"`{truth.written}` {sized(truth.names, truth.shape)}"
    named = len(truth) > 1 and all(one.expression for one in truth)
    return ", ".join(f"`{one.expression}` {one.sized}" if named else one.sized for one in truth)


def tensors_of(answer, question):
    """Return an answer with its shapes as Tensors; a truth value, "error" or a Taken as it is.

    answer: a Returned, Tensors, or shapes whose sizes may be names of axes.
    """
    if isinstance(answer, Returned):
        return answer.tensors
    if isinstance(answer, Seen):
        return answer.truth
    if isinstance(answer, (bool, Taken)) or answer == ERROR:
        return answer
    if isinstance(answer, (tuple, list)) and all(isinstance(one, Tensor) for one in answer):
        return answer
    known = dict(question.sizes)
    return tuple(
        Tensor(
            name="",
            expression="",
            path=(),
            axes=tuple(one if isinstance(one, str) else "" for one in shape),
            shape=tuple(size_of(one, known) if isinstance(one, str) else one for one in shape),
        )
        for shape in read(answer)
    )
