"""The four scenarios side by side, as HTML: the flags, the layer at work, and what comes back."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

from . import replies
from .drawing import scene_of, seen
from .drawing.blocks import side_by_side
from .drawing.tracks import layer
from .frameworks import run
from .markup import Markup, element
from .pictures import INK, MONO, sentences
from .rule import dialect_of
from .shapes import Tensor
from .spec import FLAGS, Spec


def scenarios(spec: Spec, framework: str, front: int = 0) -> Markup:
    """Return the four scenarios side by side: flags, the layer at work, and what comes back.

    Where there is no room for four, two stand below the other two.
    """
    made = seen(spec, front)
    cards = [_card(one, framework, front, made) for one in four_of(spec)]
    row = "display: flex; flex-wrap: wrap; align-items: flex-start; gap: 12px; max-width: 100%"
    pairs = [element("div", *pair, style=row) for pair in (cards[:2], cards[2:])]
    faint = (
        "What is faint was computed, and was not returned."
        if dialect_of(framework).flags
        else "PyTorch returns every h, and the last h and c, each time. What is faint is not taken."
    )
    return replies.announced(element("div", *pairs, style=row), sentences(faint))


def four_of(spec: Spec) -> list[Spec]:
    """Return a Spec for each of the four pairs of flags."""
    pairs = product([False, True], repeat=2)
    return [replace(spec, return_sequences=all_h, return_state=states) for states, all_h in pairs]


def _flags(spec, between=", "):
    return between.join(f"{name}={getattr(spec, name)}" for name in FLAGS)


def _card(spec, framework, front, made):
    """Return one scenario: its flags, what one goes on with, and the picture of it."""
    came = run(spec, framework)
    whole = scene_of(spec, came, made, framework, front)
    scene = replace(whole, tensors=came.kept, panels=False)
    flags = element("div", _flags(spec, "\n"), style=f"{MONO}; white-space: pre; line-height: 1.4")
    picture = side_by_side([layer(scene)], told(spec, came.kept))
    said = [sentences(f"`{one.expression}` {', '.join(_sized(one))}") for one in came.kept]
    return element(
        "div", flags, picture, *said, style=f"color: {INK}; width: 236px; max-width: 100%"
    )


def _sized(tensor):
    axes = zip(tensor.axes, tensor.shape, strict=True)
    return [f"{axis} {size}" for axis, size in axes]


def told(spec: Spec, kept: Sequence[Tensor]) -> str:
    """Return what a scenario's picture says."""
    tensors = ", ".join(f"{one.expression} {one.sized}" for one in kept)
    return f"{_flags(spec)}: {tensors}."
