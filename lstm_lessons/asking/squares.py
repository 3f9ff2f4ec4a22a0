"""Type the index of the lit squares: how it is asked, and what an answer is worth.

Judged by the squares that an index takes, their order and the shape that it leaves, so that every
right spelling is right.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from ..indexes import NoIndex, take
from ..picks import equal, named, presses, there
from ..rule import batch_of, expected
from ..shapes import Tensor, sized
from ..snippets import call
from ..spec import Spec
from ..taken import GONE, NEW, Piece, Taken, as_tuple, noun, places_in_words
from .questions import Question, Wrong
from .reading import is_blank
from .truth import truth_of
from .verdict import Belief, Difference, Verdict

SLICED = "`[10, 20, 30][-1]` is a number, `[10, 20, 30][-1:]` a list. Which has an axis less?"
WANTED = "a name with an index, such as `x[0, 2]`"
STOPS = "`[10, 20, 30][0:2]` has two numbers. Where does a slice stop?"
COUNTS = "Python counts from 0. Which number has the first {one}, and which the one that is lit?"
ROWS = (
    "The rows go layer by layer from the lowest, and of each layer forward comes before backward. "
    "Which row is lit?"
)


def lit(index: str, spec: Spec, framework: str = "keras") -> Question:
    """Return the question which index takes some squares of what a layer returns.

    index: one that does.
    """
    tensors = named(spec, framework)
    taken = take(index, tensors)
    names = _as_returned(expected(spec, framework).tensors)
    text = (
        f"`{names} = {call(spec, framework)}(x)`, where `x` is {batch_of(spec)}. Which index takes "
        f"the lit squares and leaves {sized(taken.names, taken.shape)}? Type it with its name, "
        "such as `x[0, 2]`."
    )
    return Question(
        text=text,
        run=lambda: take(index, there(spec, framework)),
        there=lambda: there(spec, framework),
        wrong=tuple(_wrongs(taken, tensors)),
        rule=lambda: taken,
        form="index",
        clause=_also(taken, tensors),
        among=tensors,
    )


def _as_returned(tensors):
    """Return the names of tensors, nested as they come back: "output, (h_n, c_n)"."""
    first, *more = [one.expression for one in tensors]
    inner = ", ".join(more)
    nested = f"({inner})" if len(more) > 1 and len(tensors[-1].path) > 1 else inner
    return f"{first}, {nested}" if more else first


def _wrongs(taken, tensors):
    """Yield the Wrongs of who presses what is offered, or writes a slice for a number."""
    slices = [
        taken.written.replace("-1]", "-1:]"),
        taken.written.replace("-1", "0"),
        taken.written.replace(" 0]", " 1]"),
    ]
    for other in dict.fromkeys((*presses(tensors), *slices)):
        try:
            given = take(other, tensors)
        except NoIndex:
            continue
        for one in believed(given, taken, tensors) if given.gist != taken.gist else ():
            yield Wrong(one.misconception, other, one.because, one.hint)


def _also(taken, tensors):
    """Return what else holds the same numbers by the rule, in a clause, "" for nothing."""
    others = {other.written for other in equal(taken, tensors)}
    return f"the same numbers as {' and '.join(map('`{}`'.format, sorted(others)))}" * bool(others)


def judged(question: Question, answer: object) -> Verdict:
    """Return the Verdict on an index that was typed."""
    if is_blank(answer):
        return Verdict("not attempted", f"Any guess will do: {WANTED}.")
    if not isinstance(answer, str):
        return Verdict("not readable", f"This asks for {WANTED}.")
    try:
        given = take(answer, question.among)
    except NoIndex as error:
        return Verdict("not readable", f"{error.said[:1].upper()}{error.said[1:]}.")
    took = f"`{given.written}` takes {given.words}"
    truth: Any = truth_of(question)
    if given.gist == truth.gist:
        also = f", {question.clause}" if question.clause else ""
        return Verdict("correct", f"{took}: {sized(given.names, given.shape)}{also}.")
    return Verdict(
        "wrong",
        beliefs=tuple(believed(given, truth, question.among)),
        together=True,
        differences=(_difference(given, truth),),
        took=f"{took}: {as_tuple(given.shape)}.",
    )


def said(answer: str, question: Question) -> object:
    """Return what an answer says, however it is spelled."""
    try:
        return take(answer, question.among).gist
    except NoIndex:
        return answer


def _difference(given, truth):
    if {*given.squares} == {*truth.squares} and given.shape != truth.shape:
        return Difference("left", as_tuple(given.shape), right=sized(truth.names, truth.shape))
    if {*given.squares} == {*truth.squares}:
        return Difference("squares in order")
    return Difference("squares", right=truth.words)


def believed(given: Taken, truth: Taken, tensors: Sequence[Tensor]) -> Iterator[Belief]:
    """Yield what an index shows that somebody believes who takes its squares for the lit ones."""
    if given.joined is not None or truth.joined is not None:
        return
    [one], [lit] = given.pieces, truth.pieces
    if one.tensor.expression != lit.tensor.expression:
        yield _elsewhere(given, truth, tensors)
    elif one.takes_those_of(lit):
        yield from _axes(one, lit)
    else:
        yield from _places(one, lit)


def _elsewhere(given, truth, tensors):
    """Return the belief of who takes squares of another tensor."""
    name = given.pieces[0].tensor.expression
    same = any(one.gist == given.gist for one in equal(truth, tensors))
    why = ", which holds the same numbers," * same
    hint = "Under which name are the lit squares?"
    of_state = name.startswith("c") or name.endswith("_c")
    belief = "states_packaging" if of_state else "output_for_state"
    return Belief(belief, f"`{name}`{why} to be lit", hint)


def _axes(one: Piece, lit: Piece) -> Iterator[Belief]:
    """Yield the belief of who takes the right squares and leaves other axes."""
    mine, right = Counter(one.names), Counter(lit.names)
    more, fewer = [*(mine - right)], [*(right - mine)]
    if more == [NEW]:
        yield Belief("axis_of_one", "an axis of 1 that was not there before", "What makes it?")
    elif more and not one.parts:
        because = f"the axis of the {more[0]} to go by itself"
        hint = f"`{one.tensor.expression}` has an axis for them. What takes an axis away?"
        yield Belief("layers_forgotten", because, hint)
    elif more:
        yield Belief("index_and_axis", f"the {more[0]} axis to go where a slice stands", SLICED)
    elif fewer:
        yield Belief("index_and_axis", f"the {fewer[0]} axis to stay where a number stands", SLICED)


def _places(one: Piece, lit: Piece) -> Iterator[Belief]:
    """Yield the beliefs of who takes other squares of the right tensor."""
    sizes = list(zip(lit.tensor.axes, lit.tensor.shape, strict=True))
    pairs = [(set(one.along(at)), set(lit.along(at))) for at in range(len(sizes))]
    mine, right = _indexed(one), _indexed(lit)
    if len(mine - right) == len(right - mine) == 1:
        [at], [wanted] = mine - right, right - mine
        yield _wrong_axis(sizes[at], sizes[wanted], lit.tensor.expression)
        return
    for at, (taken, wanted) in enumerate(pairs):
        if taken != wanted:
            yield _other_places(sizes[at], one.along(at), lit.along(at))


def _indexed(piece):
    """Return the numbers of the axes of which not all is taken, or which are taken away."""
    return {
        at
        for at, (_, size, does) in enumerate(piece.before)
        if does == GONE or len({*piece.along(at)}) < size
    }


def _wrong_axis(at, wanted, name):
    """Return the belief of who indexes one axis at the place of another. Both: name and size."""
    because = f"a {noun(wanted[0])} to be picked where the {noun(at[0], 2)} are counted"
    hint = f"Each place in the brackets of `{name}` belongs to one axis, in order. "
    hint += f"At which place are the {noun(wanted[0], 2)}?"
    belief = "units_as_steps" if at[0].endswith("units") else "index_and_axis"
    if "layers" in at[0] + wanted[0]:
        belief = "layer_axis_misplaced"
    return Belief(belief, because, hint)


def _other_places(sized, taken, wanted):
    """Return the belief of who takes other places on an axis. sized: its name and size."""
    axis, size = sized
    because = f"{places_in_words(axis, size, taken, stays=False)} to be lit"
    one, many = noun(axis), noun(axis, 2)
    if {*taken} > {*wanted}:
        return Belief("index_and_axis", because, f"Are all these {many} lit? Which are faint?")
    if "directions" in axis:
        hint = ROWS if axis.startswith("layers") else "Forward comes first. Which half is lit?"
        return Belief("directions_misplaced", because, hint)
    if axis == "layers":
        hint = "The layers are counted from the lowest, from 0. Which one is lit?"
        return Belief("layer_axis_misplaced", because, hint)
    if {*taken} < {*wanted}:
        short = [*wanted[:-1]] == [*taken]
        hint = STOPS if short else f"Are there lit squares at other {many}?"
        return Belief("index_and_axis", because, hint)
    return Belief("index_and_axis", because, COUNTS.format(one=one))
