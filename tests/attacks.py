"""Plausible wrong answers to any question, made from its right one; and a question asked once."""

import builtins
from dataclasses import replace
from math import prod

from lstm_lessons.asking.reading import ERROR
from lstm_lessons.asking.truth import truth_of
from lstm_lessons.taken import Taken

DENIALS = (
    "no error",
    "never fails",
    "It runs without an error",
    "there is no exception",
    "not an error",
    "It does not raise an error",
    "error: none",
)


def settled(question):
    """Return the question with its truth worked out once, and no code to run again."""
    truth = truth_of(question)

    def again():
        if isinstance(truth, str):
            raise getattr(builtins, question.raises[0])("as before")
        return truth

    return replace(question, rule=again)


def _indexes(right, name):
    """Return what is no right index, or none at all."""
    more = (
        f"{right}{end}" for end in ("[0]", "[None]", "[:1]", "[::-1]", ".T", "]", ", x", " == x")
    )
    return (name, *more, right[:-1], f"print({right})", "(3, 7)", "True", ERROR, (3, 7))


def attacks(truth):
    """Return wrong answers, texts and tuples, to a question whose right answer is truth."""
    if truth == ERROR:
        return (*DENIALS, "broadcast error", "(3, 7)", "()", "True", "no", "None", (3, 7))
    if isinstance(truth, bool):
        texts = (
            str(not truth),
            "no" if truth else "yes",
            f"not {truth}",
            f"{truth} and {not truth}",
        )
        return (*texts, not truth, ERROR, "(3, 7)", "maybe", "1", "0", f"{truth}, {truth}")
    if isinstance(truth, Taken):
        return _indexes(truth.written, truth.pieces[0].tensor.expression)
    shapes = tuple(one.shape for one in truth)
    wrong = [one for one in _others(shapes) if one != shapes]
    texts = [", ".join(f"({', '.join(map(str, s))})" for s in one) for one in wrong]
    return (
        *wrong,
        *texts,
        *_named(truth),
        *_labelled(truth),
        ERROR,
        *DENIALS,
        "True",
        "False",
        f"{texts[0]} # right",
    )


def _others(shapes):
    """Yield shapes that differ from the right ones in one plausible way."""
    first, *rest = shapes
    yield tuple(_off(shape, 0) for shape in shapes)
    for axis in range(len(first)):
        yield (_off(first, axis), *rest)
        yield (first[:axis] + first[axis + 1 :], *rest)
        yield (*rest, (*first[:axis], 1, *first[axis:]))
    yield ((*first[:-1], None), *rest)
    yield tuple(shape[1:] for shape in shapes)
    yield tuple((1, *shape) for shape in shapes)
    yield tuple(shape[::-1] for shape in shapes)
    yield ((prod(size or 1 for size in first),), *rest)
    yield ((prod(size or 1 for size in first[:2]), *first[2:]), *rest)
    yield (*shapes, shapes[-1])
    yield shapes[:-1]
    yield shapes[::-1]
    yield ()


def _off(shape, axis):
    return (*shape[:axis], (shape[axis] or 0) + 1, *shape[axis + 1 :])


def _labelled(truth):
    """Yield the right shapes under each other's names."""
    if len(truth) > 1 and all(one.name for one in truth):
        labels = [one.expression for one in (*truth[1:], truth[0])]
        yield ", ".join(f"{of} {one.shape}" for of, one in zip(labels, truth, strict=True))


def _named(truth):
    """Yield texts in names: swapped, multiplied with an axis that only happens to be there."""
    axes = [one.axes for one in truth]
    if not all(map(all, axes)):
        return
    for change in (
        lambda one: one[::-1],
        lambda one: (*one[:-1], f"layers*{one[-1]}"),
        lambda one: (*one[:-1], f"directions*{one[-1]}"),
        lambda one: (*one[:-1], f"{one[-1]}*{one[-1]}"),
        lambda one: (*one[:-1], "features"),
        lambda one: ("*".join(one),),
        lambda one: one[1:],
        lambda one: ("layers*layers", *one[1:]),
    ):
        changed = [change(one) for one in axes]
        if changed != axes:
            yield ", ".join(f"({', '.join(one)})" for one in changed)
