"""From a wrong answer to the misconceptions that produce it.

Each misconception is a rule: a wrong model of the subject that computes its wrong answer for any
sizes. An answer accuses a misconception exactly if the rule would have given it. It has more than
300 lines since an answer is compared with right and wrong ones by the same few functions.
"""

import ast
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from math import prod

from ..frameworks import NotRun, run
from ..rule import Refused, batch_of, dialect_of, expected, sizes
from ..shapes import Returned, Tensor
from ..snippets import call
from ..spec import FLAGS, SIZES, Spec, short
from .echo import named
from .grammar import Shape
from .misconceptions import MISCONCEPTIONS
from .questions import Question, Wrong
from .reading import ERROR, EXAMPLE, is_blank, read
from .slips import slipped
from .squares import judged
from .truth import say, tensors_of, truth_of
from .verdict import Belief, Difference, Verdict

FORMS = {  # what is wanted of an answer that is no shape
    "name": "the name of an axis, such as batch",
    "number": "a number from the list, such as 1",
}
REFUSED = "Go through it step by step: does each part take what it is given?"
IN_A_ROW = "They come back in one row: none of them stands in brackets of its own with another."


def as_question(question: Spec | Question, framework: str = "keras") -> Question:
    """Return the Question that a Spec stands for: what does its layer return? A Question as it is.

    Raises ValueError, in one line, for anything else.
    """
    if isinstance(question, Question):
        return question
    if not isinstance(question, Spec):
        raise ValueError(
            f"question must be a Spec or a Question, got {short(question)}; try Spec(units=7)"
        )
    text = (
        f"`{call(question, framework)}` reads {batch_of(question)}. What does it return? "
        f"Type the shape of each tensor, in order, such as `(10, 20)` or `(10, 20), (10, 40)`."
    )
    whole = about(text, question, framework, lambda returned: returned.tensors)
    return replace(whole, clause=_clause(question, framework))


def about(
    text: str, spec: Spec, framework: str, pick: Callable[[Returned], tuple[Tensor, ...]]
) -> Question:
    """Return the Question about those tensors of a Returned that pick picks."""
    return Question(
        text=text,
        run=lambda: pick(run(spec, framework)),
        wrong=tuple(_wrong(spec, framework, pick)),
        sizes=tuple(sizes(spec).items()),
        rule=lambda: pick(expected(spec, framework)),
        raises=_raises(spec, framework),
        clause=_meant(spec, framework, pick),
    )


def _meant(spec, framework, pick):
    """Return what the tensors are that pick picks of a spec's Returned, "" if it is refused."""
    try:
        picked = pick(expected(spec, framework))
    except Refused:
        return ""
    each = (f"`{tensor.expression}` is {tensor.meaning}" for tensor in picked)
    return "; ".join(each) if len(picked) > 1 else picked[0].meaning


def _clause(spec, framework):
    """Return why a layer returns what it does, in a clause; "" where it is refused."""
    if _raises(spec, framework):
        return ""
    kept = "h and c" if spec.cell == "lstm" else "h"
    if not dialect_of(framework).flags:
        each = "each layer in each direction" if spec.bidirectional else "each layer"
        return f"PyTorch returns every h of the top layer, and beside it the last {kept} of {each}"
    flags = [f"`{name}=True`" for name in FLAGS if getattr(spec, name)]
    every = "an h for every timestep" if spec.return_sequences else "one h for each sequence"
    gone = "" if spec.return_sequences or spec.return_state else ", the timesteps gone"
    states = f", and behind it the last {kept}" if spec.return_state else ""
    two = " in each direction" if spec.bidirectional else ""
    return f"{' and '.join(flags) or 'no flag'}: {every}{gone}{states}{two}"


def _raises(spec, framework):
    """Return the names of the exceptions that running a spec must raise: that of a refusal."""
    try:
        expected(spec, framework)
    except Refused:
        return ("ValueError",)
    return ()


def _wrong(spec, framework, pick):
    """Yield the Wrongs that misconceptions give to what pick picks of a spec's Returned."""
    try:
        returned = expected(spec, framework)
    except Refused:
        return
    every, picked = returned.tensors, pick(returned)
    places = [every.index(one) for one in picked if one in every]
    whole = len(places) < len(picked) or len(places) == len(every)
    read_off = list(_read_off(picked, every))
    indexed = [one.answer for one in read_off if one.belief == "index_and_axis"]
    read_answers = [one.answer for one in read_off]
    said = [*read_answers]  # after these, "no batch axis" would say it once more in other words
    yield from read_off
    axes = tuple(one.axes for one in (picked if whole else every))
    right = tuple(one.axes for one in picked)
    no_states = not {one.name for one in picked} - {"output"}
    for name, misconception in MISCONCEPTIONS.items():
        if no_states and len(picked) < len(every) and misconception.about_states:
            continue
        for answer, *why in misconception.answers(axes, spec, dialect_of(framework)):
            if not whole and len(answer) != len(axes):
                continue
            given = answer if whole else tuple(answer[place] for place in places)
            again = given in (said if name == "batch_in_shape" else indexed)
            taken = name == "states_packaging" and given in read_answers
            if given != right and not again and not taken:
                said.append(given)
                yield Wrong(name, given, *why)


def _read_off(picked, every):
    """Yield the Wrongs of one tensor that is picked of several: another one, or another part."""
    if len(picked) != 1 or len(every) == 1:
        return
    [one] = picked
    for other in every:
        if other.axes != one.axes and other.name != one.name:
            because = f"the shape of `{other.expression}`"
            yield Wrong("output_for_state", (other.axes,), because)
    if one.expression.endswith("[:, -1]"):
        [base] = [whole for whole in every if one.expression.startswith(whole.expression)]
        name = f"`{one.expression}`"
        kept = (*base.axes[:1], 1, *base.axes[2:])
        hint = f"`[10, 20, 30][-1]` is a number, `[10, 20, 30][-1:]` a list. Which is like {name}?"
        yield Wrong("index_and_axis", (kept,), "the index to leave an axis of 1", hint)
        hint = f"Which axis of `{base.expression}` is the first, and at which one stands the `-1`?"
        because = f"`{base.expression}[-1]`, all of the last sequence"
        yield Wrong("index_and_axis", (base.axes[1:],), because, hint)


def diagnose(question: Spec | Question, answer: object, framework: str = "keras") -> Verdict:
    """Return the Verdict on an answer. The message on a wrong one does not contain the right one.

    question: a Spec, or a Question.
    answer: what was typed, or a shape or shapes as tuples; any other object is not readable.
    Raises ValueError, in one line, for a question or a framework that is neither, and for a Spec
    with a setting that the framework does not have.
    """
    question = as_question(question, framework)
    if question.form == "index":
        return judged(question, answer)
    try:
        truth = truth_of(question)
    except NotRun as error:
        return Verdict("could not run", f"{error}.")
    wanted = "True or False" if isinstance(truth, bool) else f"shapes, such as {EXAMPLE}"
    wanted = FORMS.get(question.form, wanted)
    if is_blank(answer):
        return Verdict("not attempted", f"Any guess will do: {wanted}.")
    try:
        given = read(answer)
    except ValueError as error:
        other = f"This asks for {wanted}" if question.form in FORMS else error
        return Verdict("not readable", f"{other}.")
    mixed = given != ERROR and isinstance(given, bool) != isinstance(truth, bool)
    if mixed or not _formed(given, truth, question):
        return Verdict("not readable", f"This asks for {wanted}.")
    found = _judged(given, truth, question)
    if found.status == "correct" and _is_nested(answer) and _stands_in_a_row(truth):
        return replace(found, said=f"{found.said} {IN_A_ROW}")
    return found


def _is_nested(answer):
    """Return whether in what was typed shapes stand in brackets of their own, among others."""
    try:
        typed = ast.literal_eval(answer.strip()) if isinstance(answer, str) else answer
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return False
    inside = [one for one in typed if isinstance(one, (tuple, list))] if _many(typed) else []
    return any(map(_many, (part for one in inside for part in one)))


def _many(value):
    return isinstance(value, (tuple, list))


def _stands_in_a_row(truth):
    """Return whether several tensors come back and none of them within another tuple."""
    return isinstance(truth, tuple) and len(truth) > 1 and all(len(one.path) == 1 for one in truth)


def _formed(given, truth, question):
    """Return whether an answer that was read has the form that is asked for."""
    if question.form not in FORMS:
        return True
    if question.form == "number":
        listed = (truth, *(wrong.answer for wrong in question.wrong))
        return any(_same(given, answer, question) for answer in listed)
    sizes = [size for shape in given for size in shape] if isinstance(given, tuple) else []
    return len(sizes) == 1 and isinstance(sizes[0], str)


def _judged(given, truth, question):
    """Return the Verdict on an answer that was read."""
    if question.batch_asked and isinstance(given, tuple) and any(None in shape for shape in given):
        return Verdict("not readable", "This asks for the batch: write a number for it.")
    if _same(given, truth, question):
        return Verdict("correct", f"{say(truth)}{question.clause and ': '}{question.clause}.")
    if axis := _of_one(given, truth, question):
        return Verdict("not readable", f"Of {axis} there is 1 here: leave it out of products.")
    read_back = named(given, question)
    if label := _misplaced(given, truth):
        return Verdict("wrong", differences=(Difference("place", label),), given=read_back)
    beliefs, together = _believed(given, truth, question)
    return Verdict(
        "wrong",
        "" if beliefs else question.hint,
        beliefs=beliefs,
        together=together,
        differences=tuple(_differences(given, truth, question)),
        given=read_back,
    )


def _believed(given, truth, question):
    """Return the Beliefs that lead to a wrong answer, and whether they act together.

    Where the question's own wrong answers do not, it may be that a number was written for an open
    batch; or a slip that any question can meet.
    """
    accused, together = _accused(given, truth, question)
    if not accused and isinstance(given, tuple):
        if ("batch", None) in question.sizes:
            opened = tuple(Shape((None, *shape[1:])) for shape in given)
            accused, together = _accused(opened, truth, question)
        if not accused and isinstance(truth, tuple):
            typed = tuple(one.shape for one in tensors_of(given, question))
            slip = slipped(typed, truth, dict(question.sizes))
            accused = {slip[0]: slip[1:]} if slip else {}
    if not accused and given == ERROR:
        accused = {"taken_or_refused": ["a part of the code to refuse what it is given"]}
    elif not accused and truth == ERROR:
        accused = {"taken_or_refused": ["it to run", question.hint or REFUSED]}
    return tuple(Belief(name, *why) for name, why in accused.items()), together


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
    answers = [
        (one.belief, one.answer, [one.because, one.hint] if one.hint else [one.because])
        for one in question.wrong
    ]
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
            fits = [one for one in answers if _fits_there(given, place, one[1], question)]
            if not fits:
                return {}, True
            # The words for an answer are about all that is wrong in it: best is what has no more.
            name, _, why = min(fits, key=lambda one: _wrong_places(one[1], truth, question))
            because, *own = why
            before, *_ = together.get(name, [because])
            joined = before if because in before else f"{before}, and {because}"
            together[name] = [joined, *own]
    return together, True


def _fits_there(given, place, answer, question):
    """Return whether the shape at a place is that of a wrong answer."""
    tensors = tensors_of(answer, question)
    one = len(tensors) == len(given) and not isinstance(tensors, str)
    return one and _fits(given[place], tensors[place], question)


def _wrong_places(answer, truth, question):
    """Return of how many tensors a wrong answer has a wrong shape."""
    pairs = zip(tensors_of(answer, question), truth, strict=True)
    return sum(one.shape != right.shape for one, right in pairs)


def _differences(given, truth, question):
    """Yield each Difference of an answer from the right one."""
    if given == ERROR:
        yield Difference("error")
    elif truth == ERROR:
        yield Difference("no error")
    elif isinstance(truth, bool):
        yield Difference("truth")
    elif len(given) != len(truth):
        yield Difference("tensors", len(given), right=len(truth))
    else:
        for place, (shape, tensor) in enumerate(zip(given, truth, strict=True)):
            if not _fits(shape, tensor, question):
                place = place if len(truth) > 1 else None
                yield from _in_a_shape(shape, tensor, place, question)


def _in_a_shape(shape, tensor, place, question):
    """Yield each Difference of a shape from that of the tensor at a place."""
    if len(shape) != len(tensor.shape):
        yield Difference("axes", len(shape), place, right=len(tensor.shape))
        return
    wrong = [axis for axis in range(len(shape)) if not _fits_at(axis, shape, tensor, question)]
    if sorted(map(str, shape)) == sorted(map(str, tensor.shape)):
        yield from (Difference("order", None, place, at, "", tensor.axes[at]) for at in wrong[:1])
    else:
        for at in wrong:
            whose = _whose(shape[at], question)
            yield Difference("size", shape[at], place, at, whose, tensor.axes[at])


def _fits_at(axis, shape, tensor, question):
    """Return whether a shape fits that of a tensor on one axis."""
    one = slice(axis, axis + 1)
    alone = replace(tensor, axes=tensor.axes[one], shape=tensor.shape[one])
    return _fits(shape[one], alone, question)


def _whose(size, question):
    """Return the name of the axis that has a size, "" if none or more than one has it."""
    axes = [name for name, known in question.sizes if known == size and name in SIZES]
    return axes[0] if len(axes) == 1 else ""
