"""A question about a call of a network's layer, and what is told once it is answered."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from ..asking.diagnosis import about
from ..asking.grammar import AXES
from ..asking.questions import Question, Wrong
from ..explaining.calls import Call
from ..explaining.page import folded
from ..markup import Markup, joined
from ..pictures import Picture, paragraph, plain, table
from ..rule import expected, sizes
from ..shapes import Returned, Tensor

SHAPES = "Type the shape of each tensor, in order, such as `(10, 20)` or `(10, 20), (10, 40)`."


@dataclass(frozen=True)
class Asked:
    """A question about a call of a network's layer, and what is told once it is answered.

    kind: what is asked: "axis", "returned", "equal" or "received".
    told: sentences.
    last: whether no other question about this call follows: then all that came back is shown, too.
    """

    kind: str
    question: Question
    call: Call
    told: tuple[str, ...]
    last: bool = False

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """Return the pictures that are shown then, the table last."""
        if not self.last:
            return ()
        drawn = self.call.picture
        found = table(self.call.returned.tensors, f"What `{self.call.path}` returned")
        return (drawn, found) if drawn else (found,)

    @property
    def html(self) -> Markup:
        """Return what is told and shown."""
        return joined([*map(paragraph, self.told), *(one.html for one in self.pictures)])

    @property
    def text(self) -> str:
        """Return the same as text."""
        return folded(
            "\n".join([*map(plain, self.told), *(one.text for one in self.pictures[-1:])])
        )


def ruled(call: Call) -> list[Tensor]:
    """Return those tensors that a call returned that are as the rule of its Spec says."""
    if call.spec is None:
        return []
    rule = {(one.name, one.shape) for one in expected(call.spec, call.framework).tensors}
    known = [one for one in call.returned.tensors if "?" not in one.axes]
    return [one for one in known if (one.name, one.shape) in rule]


def on_shapes(
    text: str,
    call: Call,
    tensors: Sequence[Tensor],
    pick: Callable[[Returned], Sequence[Tensor]] | None = None,
    wrong: Iterable[Wrong] = (),
) -> Question:
    """Return the Question whose answer is the shapes of tensors that were seen.

    pick: takes the same ones of what a call returned, so that the misconceptions can answer, too;
        None where it has not got them.
    wrong: further wrong answers.
    """
    seen, spec = tuple(map(_readable, tensors)), call.spec
    if spec is None:
        pairs = (zip(one.axes, one.shape, strict=True) for one in (call.input, *tensors))
        known = dict(pair for some in pairs for pair in some)
    else:
        known = sizes(spec)
    rules: tuple = ()
    if spec is not None and pick is not None:
        rules = about(text, spec, call.framework, lambda came: tuple(pick(came))).wrong
    return _known(text, seen, (*wrong, *rules), tuple(known.items()))


def _known(text, answer, wrong, sizes, form="shapes"):
    """Return the Question whose answer was seen already."""
    return Question(text, lambda: answer, wrong, sizes, lambda: answer, form=form)


def on_name(text: str, call: Call, seen: Tensor, wrong: Iterable[Wrong]) -> Question:
    """Return the Question whose answer is the name of the only axis of a tensor."""
    return _known(text, (seen,), tuple(wrong), tuple(sizes(call.spec).items()), "name")


def on_list(
    text: str, right: str, false: Sequence[tuple[str, str, str, str]], place: int
) -> Question:
    """Return the Question whose answer is the number of what is right in a list.

    false: what else is in it, each with the belief that leads there, what of it is mistaken, and a
        hint. place: where the right one stands; it may be more than there are.
    """
    items = [one for one, *_ in false]
    items.insert(at := place % (len(false) + 1), right)
    numbers = [number for number in range(1, len(items) + 1) if number != at + 1]
    wrong = (
        Wrong(belief, ((number,),), because, hint)
        for number, (_, belief, because, hint) in zip(numbers, false, strict=True)
    )
    listed = "; ".join(f"({number}) {one}" for number, one in enumerate(items, 1))
    return _known(f"{text} {listed}. Type its number.", ((at + 1,),), tuple(wrong), (), "number")


def _readable(tensor):
    """Return a tensor with "" for the axes that have no name which can be read."""
    axes = (axis if {*axis.split("·")} <= {*AXES} else "" for axis in tensor.axes)
    return replace(tensor, axes=tuple(axes))
