"""A network or function is judged by a Spec: what comes back, its axes, and what it depends on."""

from dataclasses import dataclass, replace

from ..rule import expected
from ..shapes import sized
from ..weights import inputs
from .diagnosis import diagnose
from .recurrence import amiss, changed, unlike
from .results import OTHER, agree, alike, arrays, came_back, no_tensor, shapes, strange, tupled
from .trial import Refuted, a_tensor, must_be_numbers, must_be_steady, ran, too_many
from .truth import say
from .verdict import Case, Verdict

PICKED = (
    "What ran has a batch axis, the first one. `[-1]` takes the last sequence; the last timestep "
    "of all of them is `[:, -1]`."
)


def fitted(made, spec, real, like):
    """Return the Verdict on what should return what the flags of a spec ask for."""
    more = replace(spec, batch=spec.batch + 2, timesteps=spec.timesteps + 3)
    specs = (spec, more, replace(more, batch=1))
    batches = [inputs(spec), inputs(more), inputs(more)[1:2]]
    given = [None if like is None else real.call(like, x.copy()) for x in batches[:2]]
    each = [_fitting(made, *pair, real) for pair in zip(batches, specs, strict=True)]
    cases = tuple(one.case for one in each)
    try:
        for one in each:
            one.must_be_right()
        cases = tuple(replace(one, fine=False, right=OTHER.format(one.right)) for one in cases)
        values = [one.value for one in each]
        for value, x, wanted, theirs in zip(values, batches, specs, given, strict=False):
            _must_read(made, value, x, wanted, theirs, real)
        if not agree(values[2], tupled(lambda array: array[1:2], values[1])):
            raise Refuted(
                "The shapes are right, but alone the second sequence gets other numbers than in "
                "its batch. Do sequences see each other?"
            )
    except Refuted as wrong:
        return replace(wrong.verdict, cases=cases)
    came = f"{_on(batches[1])} returned {shapes(values[1])}"
    return Verdict("correct", came=came, cases=tuple(one.case for one in each))


def _must_read(made, value, x, wanted, theirs, real):
    """Raise Refuted unless what came back depends on the timesteps as a recurrent layer's does."""
    moved = [ran(made, (other,), real, _on(x), runs=1)[0] for other in changed(x)]
    if not all(alike(value, other) for other in moved):
        raise Refuted(f"{_on(x)} returned other shapes when only numbers had changed.")
    other = theirs is not None and unlike(value, theirs, wanted)
    if seen := amiss(value, moved, wanted) or other:
        raise Refuted(f"The shapes are right, but {seen}")


@dataclass(frozen=True)
class _Tried:
    """What was made, tried on one input: what it returned, the Case, and why it is wrong if so."""

    value: object
    case: Case
    wrong: Refuted | None

    def must_be_right(self):
        """Raise why it is wrong."""
        if self.wrong:
            raise self.wrong


def _fitting(made, x, spec, real):
    """Return what comes of a batch, as _Tried; right is what a spec asks for but for numbers."""
    given = sized(("batch", "timesteps", "features"), x.shape)
    right, value, wrong = say(expected(spec).tensors), None, None
    try:
        value, again = ran(made, (x,), real, _on(x))
        _must_fit(value, again, x, spec, real)
    except Refuted as other:
        wrong = other
    fits = value is not None and shapes(value) == expected(spec).shapes
    returned = right if fits else (wrong.value or came_back(value, wrong.verdict.error))
    return _Tried(value, Case(given, returned, right, wrong is None), wrong)


def _must_fit(value, again, x, spec, real):
    """Raise Refuted for what a spec does not ask for."""
    if other := strange(value) or no_tensor(value):
        wanted = f"{a_tensor(real)} is wanted.{too_many(value)}"
        raise Refuted(f"{_on(x)} returned {other}; {wanted}")
    came = f"{_on(x)} returned {shapes(value)}"
    verdict = diagnose(spec, shapes(value))
    if verdict.status != "correct":
        raise Refuted(
            verdict.said,
            came,
            beliefs=tuple(map(_seen, verdict.beliefs)),
            together=verdict.together,
            differences=verdict.differences,
        )
    if shapes(value) != expected(spec).shapes:
        raise Refuted(
            "The shapes are right. Put them into one tuple, without another inside it.", came
        )
    for array in arrays(value):
        must_be_numbers(array, "f", came)
    must_be_steady(value, again)


def _seen(belief):
    """Return a belief as it is of what ran: what is declared leaves the batch out, not that."""
    return replace(belief, hint=PICKED) if belief.misconception == "batch_in_shape" else belief


def _on(x):
    return f"For a batch of shape {x.shape} it"
