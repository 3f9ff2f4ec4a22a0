"""What a prediction looks like: before it, its trays while they are empty, and over time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..markup import Markup, element
from ..pictures import Picture
from ..shapes import Returned, Tensor
from ..spec import Spec, many
from . import laying, scene_of, seen, tracks
from .blocks import MOST, Panel, side_by_side
from .moments import at, whole
from .packed import in_a_row
from .squares import shown
from .tray import reading, trays


@dataclass(frozen=True)
class Stage:
    """How things stand after so many timesteps.

    t: how many. words: what happens then, a sentence or more. said: all that the picture says.
    layer: its panel, None where no layer is drawn. beside: those of the trays.
    below: the lines below them.
    """

    t: int
    words: str
    said: str
    layer: Panel | None
    beside: Sequence[Panel]
    below: Sequence[str] = ()

    @property
    def picture(self) -> Picture:
        """Return the panels as one picture, the trays together beside the layer."""
        panels = [self.layer, _Group([], 0, 0, self.beside)] if self.layer else self.beside
        return Picture(side_by_side(panels, self.said, *self.below), self.said, folded=True)


@dataclass(frozen=True)
class _Group(Panel):
    """Panels that stand together beside the layer, or, where there is no room, below it."""

    panels: Sequence[Panel] = ()

    @property
    def svg(self) -> Markup:
        style = "display: flex; flex-wrap: wrap; align-items: flex-start; gap: 10px 20px; "
        style += "flex: 1 1 200px; min-width: 0"
        return element("div", *[panel.svg for panel in self.panels], style=style)


def before(spec: Spec, framework: str) -> Stage:
    """Return the Stage of a spec's layer before a prediction, with a place for the trays."""
    return _beside_layer([laying.awaited()], "", spec, framework, None, seen(spec))


def ordered(given: Sequence[Tensor], spec: Spec | None = None, framework: str = "keras") -> Stage:
    """Return the Stage with the empty trays that a prediction orders, beside a spec's layer.

    It depends on what was predicted alone. given: that, as Tensors.
    """
    laid = trays(given, given)
    number = many(len(laid), "tray")
    said = f"{number}: {'; '.join(map(reading, given))}."
    panels = laying.panels(laid)
    if spec is None:
        return Stage(0, said, said, None, panels)
    return _beside_layer(panels, said, spec, framework, None, seen(spec))


def filled(given: Sequence[Tensor], came: Sequence[Tensor], sized: bool = True) -> Stage:
    """Return the Stage at which all that comes has landed, where nothing is known of when.

    sized: whether the shapes of what comes are said.
    """
    laid = trays(given, came if sized else _without_shapes(came))
    end = whole(laid)
    return Stage(0, end.words, end.words, None, laying.panels(laid, end, sized))


def _without_shapes(tensors):
    """Return tensors of which those that have no name are not written as their shapes."""
    return [one if one.name else replace(one, expression="") for one in tensors]


def padded(
    given: Sequence[Tensor],
    came: Sequence[Tensor],
    spec: Spec,
    lengths: Sequence[int],
    framework: str = "keras",
    row: bool = False,
    sized: bool = True,
) -> Iterator[Stage]:
    """Yield the Stage of a prediction after each timestep of a padded batch.

    Its numbers are not known here. lengths: how many timesteps of each sequence are valid.
    framework: "keras", whose layer is masked, or "torch", whose batch is packed. row: whether what
    comes stays packed. sized: whether the shapes of what comes are said.
    """
    came = came if sized else _without_shapes(came)
    laid = trays(*map(in_a_row, (given, came))) if row else trays(given, came)
    for t in stops(spec):
        moment = at(t, laid, spec, framework, lengths)
        panels = laying.panels(laid, moment, sized)
        yield Stage(t, moment.words, moment.words, None, panels)


def chain(steps: Sequence[Tensor]) -> Picture:
    """Return the picture of a tensor on its way through layers: a block for each step.

    steps: as laying.chained takes them.
    """
    each = [f"{one.expression} makes {one.sized if one.shape else 'an error'}" for one in steps]
    said = f"{'; '.join(each)}."
    return Picture(side_by_side(laying.chained(steps), said), said, folded=True)


def over_time(
    given: Sequence[Tensor], spec: Spec, returned: Returned, framework: str, sized: bool = True
) -> Iterator[Stage]:
    """Yield the Stage of a spec's layer after each number of timesteps that is drawn.

    No layer runs: the values are those of returned, and of the traces, which are made once.
    given: what was predicted; () for nothing: then what came back stands in place of the trays.
    sized: whether the shapes of what came back are said.
    """
    made, laid = seen(spec), trays(given, returned.tensors)
    for t in stops(spec):
        moment = at(t, laid, spec, framework)
        panels = laying.panels(laid, moment, sized) if given else []
        yield _beside_layer(panels, moment.words, spec, framework, returned, made, t, sized)


def stops(spec: Spec) -> list[int]:
    """Return the numbers of timesteps after which a layer is drawn: 0, and one for each drawn."""
    return [0, *(step + 1 for step in shown(spec.timesteps, MOST[0]) if step is not None)]


def _beside_layer(panels, words, spec, framework, returned, made, t=None, sized=True):
    """Return the Stage of a layer after t timesteps, all for None, with panels beside it."""
    scene = scene_of(spec, returned, made, framework, 0, t)
    scene.alone, scene.sized = not panels, sized
    if not panels and scene.ended:
        panels = tracks.panels(scene)[1:]
    said = f"{scene.words} {words}".strip()
    return Stage(t or 0, words, said, tracks.layer(scene), panels, scene.caption)
