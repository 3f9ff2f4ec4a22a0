"""From a wrong answer to the misconceptions that produce it.

Each misconception is a rule: a wrong model of the subject that computes its wrong answer for any
sizes. An answer accuses a misconception exactly if the rule would have given it.
"""

from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from math import prod

from ..frameworks import NotRun, run
from ..rule import Refused, batch_of, dialect_of, expected, size_of, sizes
from ..shapes import Returned, Tensor
from ..snippets import call
from ..spec import SIZES, Spec, gist
from .misconceptions import MISCONCEPTIONS
from .questions import Question
from .reading import ERROR, EXAMPLE, is_blank, read, shown


@dataclass(frozen=True)
class Verdict:
    """What an answer is worth.

    status: "correct", "wrong", "not attempted", "not readable", or "could not run" where nobody
        can judge, since the question's own code failed; the last three count neither way.
    misconceptions: the ids of those that produce the answer, most likely first.
    message: one paragraph for the learner; code stands in backticks.
    right_shapes: whether the shapes of a wrong result are right, and only its values are not.
    """

    status: str
    misconceptions: tuple = ()
    message: str = ""
    right_shapes: bool = False

    def __str__(self):
        return f"{TITLES[self.status]}: {self.message.replace('`', '')}"

    __repr__ = __str__


TITLES = {
    "correct": "Correct",
    "wrong": "Not yet",
    "not attempted": "Not attempted",
    "not readable": "Not readable",
    "could not run": "Could not run",
}


ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


def as_question(question, framework="keras"):
    """Return the Question that a Spec stands for: what does its layer return? A Question as it is.

    Raises ValueError, in one line, for anything else.
    """
    if isinstance(question, Question):
        return question
    if not isinstance(question, Spec):
        raise ValueError(
            f"question must be a Spec or a Question, got {shown(question)}; try Spec(units=7)"
        )
    text = (
        f"`{call(question, framework)}` reads {batch_of(question)}. What does it return? "
        f"Type the shape of each tensor, in order, such as `(10, 20)` or `(10, 20), (10, 40)`."
    )
    return about(text, question, framework, lambda returned: returned.tensors)


def about(text, spec, framework, pick):
    """Return the Question about those tensors of a Returned that pick picks."""
    return Question(
        text=text,
        run=lambda: pick(run(spec, framework)),
        wrong=tuple(
            (name, partial(_wrong, name, spec, framework, pick)) for name in MISCONCEPTIONS
        ),
        sizes=tuple(sizes(spec).items()),
        rule=lambda: pick(expected(spec, framework)),
        raises=_raises(spec, framework),
    )


def _raises(spec, framework):
    """Return the names of the exceptions that running a spec must raise: that of a refusal."""
    try:
        expected(spec, framework)
    except Refused:
        return ("ValueError",)
    return ()


def _wrong(name, spec, framework, pick):
    """Yield the answers that a misconception gives to what pick picks of a spec's Returned."""
    try:
        returned = expected(spec, framework)
    except Refused:
        return
    picked, answers = pick(returned), MISCONCEPTIONS[name].answers
    places = [returned.tensors.index(one) for one in picked if one in returned.tensors]
    if len(places) < len(picked) or len(places) == len(returned.tensors):
        yield from answers(tuple(one.axes for one in picked), spec, dialect_of(framework))
        return
    every = tuple(one.axes for one in returned.tensors)
    for answer, *why in answers(every, spec, dialect_of(framework)):
        if len(answer) == len(every):
            yield tuple(answer[place] for place in places), *why


def diagnose(question, answer, framework="keras"):
    """Return the Verdict on an answer. The message on a wrong one does not contain the right one.

    question: a Spec, or a Question.
    answer: what was typed, or a shape or shapes as tuples; any other object is not readable.
    Raises ValueError, in one line, for a question or a framework that is neither, and for a Spec
    with a setting that the framework does not have.
    """
    question = as_question(question, framework)
    try:
        truth = truth_of(question)
    except NotRun as error:
        return Verdict("could not run", (), f"{error}.")
    wanted = "True or False" if isinstance(truth, bool) else f"shapes, such as {EXAMPLE}"
    if is_blank(answer):
        return Verdict("not attempted", (), f"Any guess will do: {wanted}.")
    try:
        given = read(answer)
    except ValueError as error:
        return Verdict("not readable", (), f"{error}.")
    if given != ERROR and isinstance(given, bool) != isinstance(truth, bool):
        return Verdict("not readable", (), f"This asks for {wanted}.")
    if question.batch_asked and isinstance(given, tuple) and any(None in one for one in given):
        return Verdict("not readable", (), "This asks for the batch: write a number for it.")
    if _same(given, truth, question):
        return Verdict("correct", (), f"{say(truth)}.")
    if one := _of_one(given, truth, question):
        return Verdict("not readable", (), f"Of {one} there is 1 here: leave it out of products.")
    if label := _misplaced(given, truth):
        return Verdict("wrong", (), f"`{label}` comes back at another place.")
    beliefs, together = _accused(given, truth, question)
    if not beliefs:
        return Verdict("wrong", (), _compare(given, truth, question))
    return Verdict("wrong", tuple(beliefs), _explain(beliefs, together))


def truth_of(question):
    """Return the right answer: a tuple of Tensors, a truth value or "error".

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


def is_expected(error, question):
    """Return whether an exception is what a question's code must raise."""
    names = {one.__name__ for one in type(error).__mro__}
    return not isinstance(error, NotRun) and not names.isdisjoint(question.raises)


def missed(question, truth):
    """Return in one line that an error which a question's code must raise has not come."""
    return (
        f"{' or '.join(question.raises)} must come, got {say(truth)}; "
        "try the versions that the course was tested with"
    )


def say(truth):
    """Return a right answer in words: "(batch 3, units 7)"."""
    if isinstance(truth, bool):
        return str(truth)
    if truth == ERROR:
        return "It raises an error"
    named = len(truth) > 1 and all(one.expression for one in truth)
    return ", ".join(f"`{one.expression}` {_axes(one)}" if named else _axes(one) for one in truth)


def _axes(tensor):
    """Return a tensor's shape with its names: "(batch 3, units 7)"."""
    sizes = zip(tensor.axes, tensor.shape, strict=True)
    return f"({', '.join(f'{axis} {size}'.strip() for axis, size in sizes)})"


def tensors_of(answer, question):
    """Return an answer with its shapes as Tensors; a truth value or "error" as it is.

    answer: a Returned, Tensors, or shapes whose sizes may be names of axes.
    """
    if isinstance(answer, Returned):
        return answer.tensors
    if isinstance(answer, bool) or answer == ERROR:
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


def _same(given, answer, question):
    """Return whether what was read says the same as an answer, right or wrong."""
    tensors = tensors_of(answer, question)
    if isinstance(given, (bool, str)) or isinstance(tensors, (bool, str)):
        return given == tensors
    if len(given) != len(tensors) or _misplaced(given, tensors):
        return False
    return all(_fits(shape, tensor, question) for shape, tensor in zip(given, tensors, strict=True))


def _misplaced(given, tensors):
    """Return the label that was written before the shape of another tensor, "" if there is none."""
    if not isinstance(given, tuple) or not isinstance(tensors, tuple) or len(given) != len(tensors):
        return ""
    names = [(tensor.name, tensor.expression) for tensor in tensors]
    for shape, own in zip(given, names, strict=True):
        if shape.label not in own and any(shape.label in other for other in names):
            return shape.label
    return ""


def _fits(shape, tensor, question):
    """Return whether a shape that was read is that of a tensor."""
    known = dict(question.sizes)

    def agrees(given, axis, size):
        if given is None:
            return size is None or axis == "batch" or (not axis and size == known.get("batch"))
        return _names(given, axis, size, known) if isinstance(given, str) else given == size

    return len(shape) == len(tensor.shape) and all(map(agrees, shape, tensor.axes, tensor.shape))


def _names(given, axis, size, known):
    """Return whether names of axes that were typed say what an axis is.

    Names are compared as factors, in any order; of what is left, a number must be the size. Where
    no name is known for the axis, a single name stands for the size that it has here.
    """
    number, names = _factors(given)
    if not axis:
        [name, *more] = names.elements()
        fits = name in known and known[name] is not None and number * known[name] == size
        return not more and (fits or (given == "batch" and size is None))
    own, wanted = _factors(axis)
    left = [known.get(name) for name in (wanted - names).elements()]
    return not names - wanted and None not in left and number == own * prod(left)


def _factors(axis):
    """Return the number in a product of axes, 1 if there is none, and the names, as a Counter."""
    parts = axis.split("·")
    return prod(int(one) for one in parts if one.isdigit()), Counter(
        one for one in parts if not one.isdigit()
    )


def _of_one(given, truth, question):
    """Return the name of an axis of size 1 that was multiplied with others, or "".

    "directions·units" of one direction is no mistake, and no right answer: PyTorch's documentation
    writes it, and a layer of one direction has no such axis.
    """
    if not isinstance(given, tuple) or not isinstance(truth, tuple):
        return ""
    known, own = dict(question.sizes), [_factors(axis) for one in truth for axis in one.axes]
    sizes = [one for shape in given for one in shape if isinstance(one, str) and "·" in one]
    products = [names for number, names in map(_factors, sizes) if (number, names) not in own]
    ones = (name for names in products for name in names if name in ("layers", "directions"))
    return next((name for name in ones if known.get(name) == 1), "")


def _accused(given, truth, question):
    """Return {misconception: what of the answer is mistaken}, and whether they act together.

    Either each alone leads to the whole answer, or (together) each wrong tensor of it comes from
    one of them.
    """
    answers = [(name, wrong, why) for name, rule in question.wrong for wrong, *why in rule()]
    alone = {}
    for name, answer, why in answers:
        if _same(given, answer, question):
            alone.setdefault(name, why)
    if alone or not isinstance(given, tuple) or not isinstance(truth, tuple):
        return alone, False
    together = {}
    if len(given) == len(truth):
        wrong = [i for i, one in enumerate(truth) if not _fits(given[i], one, question)]
        for place in wrong:
            for name, answer, why in answers:
                tensors = tensors_of(answer, question)
                if len(tensors) == len(given) and _fits(given[place], tensors[place], question):
                    because, *own = why
                    before, *_ = together.get(name, [because])
                    joined = before if because in before else f"{before}, and {because}"
                    together[name] = [joined, *own]
                    break
            else:
                return {}, True
    return together, True


def _explain(beliefs, together):
    """Return the message that names what is mistaken; of several explanations it asks which."""
    if len(beliefs) == 1:
        [(name, (because, *own))] = beliefs.items()
        one = MISCONCEPTIONS[name]
        return f"You expect {because}. {own[0] if own else f'{one.why} {one.hint}'}"
    intro = "Several things are mixed here." if together else "Which of these did you have in mind?"
    said = [
        f"({number}) You expect {because}. {own[0] if own else MISCONCEPTIONS[name].hint}"
        for number, (name, (because, *own)) in enumerate(beliefs.items(), 1)
    ]
    return " ".join([intro, *said])


def _compare(given, truth, question):
    """Return, for an answer that no misconception explains, what of it is wrong, axis by axis."""
    if given == ERROR:
        return "It runs without an error."
    if truth == ERROR:
        return "Go through it step by step: does each part take what it is given?"
    if isinstance(truth, bool):
        return "It is the other way round."
    if len(given) != len(truth):
        return (
            f"You gave {len(given)} tensor{'' if len(given) == 1 else 's'}; another number is "
            "right. Count the outputs first, then the states, if any come."
        )
    notes = []
    for number, (shape, tensor) in enumerate(zip(given, truth, strict=True)):
        of = f" of the {ORDINALS[number]} tensor" if len(truth) > 1 else ""
        if _fits(shape, tensor, question):
            continue
        if len(shape) != len(tensor.shape):
            notes.append(f"The number of axes{of} is not {len(shape)}.")
        elif sorted(map(str, shape)) == sorted(map(str, tensor.shape)):
            notes.append(f"The sizes{of} are right, their order is not.")
        else:
            notes += [
                f"{size} is not right on the {ORDINALS[axis]} axis{of}{_whose(size, question)}."
                for axis, size in enumerate(shape)
                if not _fits((size,), _one_axis(tensor, axis), question)
            ]
    return " ".join(notes)


def _one_axis(tensor, axis):
    return replace(tensor, axes=tensor.axes[axis : axis + 1], shape=tensor.shape[axis : axis + 1])


def _whose(size, question):
    """Return whose size a wrong one is: "; 5 is the number of timesteps", or nothing."""
    axes = [name for name, known in question.sizes if known == size and name in SIZES]
    return f"; {size} is the size of {axes[0]}" if len(axes) == 1 else ""
