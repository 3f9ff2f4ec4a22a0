"""Controls for one thing each: the four scenarios at once, what an h depends on, which h came, and
what a function makes of a line.

Each is right or wrong, or moves, by the values of real runs.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import ipywidgets

from . import keys, replies
from .abreast import four_of, scenarios, told
from .ahead import Ahead
from .controls import TOGGLES, Control, line
from .drawing.blocks import panel, side_by_side
from .frameworks import load, run
from .late import np
from .loop import one_at_a_time, where_cells_run
from .markup import Markup, joined
from .pictures import plain, sentences
from .reference import traces
from .rule import dialect_of, expected
from .settings import Settings
from .shapes import Tensor
from .spec import SIZES, Spec, gist
from .weights import inputs

CLOSE = 1e-6  # numbers that differ by less are the same


def all_four(spec: Spec | None = None, framework: str = "keras") -> Control:
    """Return a control with the four scenarios side by side, and one row of settings for all.

    The real layers run for every setting: for the one that is likely to be next, before it is asked
    for.

    spec: the sizes to begin with; those of the running example if None.
    framework: "keras" or "torch".
    """
    settings = Settings(spec or Spec(), framework, SIZES)
    page, start = ipywidgets.HTML(), settings.now()
    pictures = Ahead(lambda *now: _real(now[1], partial(scenarios, *now)))

    @one_at_a_time
    def refresh():
        now = settings.now()
        where_cells_run(
            partial(pictures, *now),
            partial(setattr, page, "value"),
            still=lambda: settings.now() == now,
            soon=replies.is_loaded(now[1]),
        )

    settings.on_change(refresh)
    refresh()
    shapes = [told(one, expected(one, framework).kept) for one in four_of(start[0])]
    return Control(
        [settings.row, settings.limit, page, ipywidgets.HTML(keys.wired())],
        "\n".join(["The four scenarios side by side, under one row of settings.", *shapes]),
    )


def _real(framework, make):
    """Return what a framework makes, or why it made nothing."""
    try:
        return make()
    except Exception as error:
        return replies.status(f"{dialect_of(framework).title} failed. {gist(error)}")


def moves(framework: str = "keras") -> Control:
    """Return a control in which a timestep of x is pressed, and each h that moves is framed.

    The layer reads the batch as it is, and once more with 1 added to that timestep of the first
    sequence; what moved is found by comparing the two.

    framework: "keras" or "torch".
    """
    spec = Spec(return_sequences=True)
    text = "Press a timestep of x, and see each h that moves."
    return _pressed("change timestep", text, spec, framework, moved)


def which_h(framework: str = "keras") -> Control:
    """Return a control in which one finds, among every h, the one that a layer returned.

    A timestep is pressed and judged by its numbers.

    framework: "keras" or "torch".
    """
    spec, title = Spec(), dialect_of(framework).title
    text = f"Press the timestep after which h was what {title} returned for the first sequence."
    return _pressed("it is timestep", text, spec, framework, found)


def _pressed(
    what: str,
    text: str,
    spec: Spec,
    framework: str,
    make: Callable[[Spec, str, int | None], Markup],
) -> Control:
    """Return a control with a button for each timestep. make: returns what is shown of one."""
    page = ipywidgets.HTML()
    buttons = ipywidgets.ToggleButtons(
        description=what,
        options=range(spec.timesteps),
        value=None,
        style={"button_width": "40px", "description_width": "initial"},
        layout=TOGGLES["layout"],
    )

    @one_at_a_time
    def refresh(_=None):
        step = buttons.value
        shown = partial(_real, framework, partial(make, spec, framework, step))
        where_cells_run(
            shown,
            partial(setattr, page, "value"),
            still=lambda: buttons.value == step,
            soon=replies.is_loaded(framework),
        )

    buttons.observe(refresh, "value")
    refresh()
    head = ipywidgets.HTML(joined([sentences(text), keys.wired()]))
    return Control([head, buttons, page], f"{text} Buttons: {what} 0 to {spec.timesteps - 1}.")


def moved(spec: Spec, framework: str, step: int | None) -> Markup:
    """Return x and every h; those framed that move with a timestep of the first sequence."""
    x, real = inputs(spec), load(framework)
    before = _every_h(real, spec, x)
    if step is None:
        return _shown("x, and every h.", panel(_tensor("x", x)), panel(_tensor("h", before)))
    other, changed = x.copy(), np.zeros(x.shape, bool)
    other[0, step] += 1
    changed[0, step] = True
    which = ~np.isclose(_every_h(real, spec, other), before, rtol=0, atol=CLOSE).all(axis=-1)
    lit = np.broadcast_to(which[..., None], before.shape)
    return _shown(
        _which(step, which),
        panel(_tensor("x", x), changed, more="framed: changed"),
        panel(_tensor("h", before), lit, more="framed: moved"),
    )


def _every_h(real, spec, x):
    """Return h of the top layer after every timestep, (batch, timesteps, units), of a real run."""
    came = real.call(real.layer(spec), x)
    return came[0] if isinstance(came, tuple) else came


def _which(step, which):
    """Return in words which h moved. which: (batch, timesteps)."""
    steps = _listed(np.flatnonzero(which[0]), "timestep")
    last = "the last h moved, too" if which[0, -1] else "the last h did not move"
    others = [at for at in np.flatnonzero(which.any(axis=1)) if at]
    rest = f"in {_listed(others, 'sequence')}, too" if others else "in no other sequence"
    return (
        f"Changed: timestep {step} of sequence 0. Moved: h of sequence 0 after {steps}; "
        f"{rest}; {last}."
    )


def _listed(numbers, of):
    """Return which of something, in words: "these timesteps: 3 and 4"."""
    if not len(numbers):
        return f"no {of}"
    *most, last = map(str, numbers)
    return f"these {of}s: {', '.join(most)} and {last}" if most else f"{of} {last}"


def found(spec: Spec, framework: str, step: int | None) -> Markup:
    """Return every h of the first sequence and the one that came, and whether a timestep has it."""
    every = traces(replace(spec, batch=1))[-1][0].h[0]
    came = run(spec, framework).kept[0].values[0]
    title = dialect_of(framework).title
    said, lit = f"Every h of sequence 0, and what {title} returned for it.", None
    if step is not None:
        said = _judged(step, every[step], came, title)
        lit = np.zeros(every.shape, bool)
        lit[step] = True
    returned = replace(_tensor("returned", came), axes=("units",))
    return _shown(said, panel(_tensor("h", every), lit), panel(returned))


def _judged(step, h, came, title):
    """Return whether an h has the numbers that came, and if not where it differs most."""
    apart = np.abs(h - came)
    if np.all(apart < CLOSE):
        return f"✓ Right: after timestep {step} h has the numbers that {title} returned."
    unit = int(apart.argmax())
    return (
        f"✗ Not this one: after timestep {step}, unit {unit} of h is {h[unit]:.2f}; "
        f"{title} returned {came[unit]:.2f} there."
    )


def _tensor(name, values):
    """Return numbers as a Tensor, (batch, timesteps, the last axis), or without the first axes."""
    axes = ("batch", "timesteps", "features" if name == "x" else "units")
    return Tensor(name, name, (), axes[-values.ndim :], values.shape, values=values)


def _shown(said, *panels):
    """Return what is said, announced, and panels that it is said of."""
    return replies.announced(sentences(said), side_by_side(panels, said))


def typed(answer: Callable[[str], str], first: str, name: str) -> Control:
    """Return a control in which a text is typed, and what a function makes of it shown at once.

    An error of the function is shown as its line.

    answer: the function, such as one that hands a text to a network. first: the text to begin with.
    name: what stands in front of the field.
    """
    field, page = line(name, first), ipywidgets.HTML()

    def shown(text):
        try:
            return f"`{answer(text)}`"
        except Exception as error:
            return gist(error).removesuffix(".")

    def show(said):
        page.value = replies.status(said)

    @one_at_a_time
    def refresh(_):
        text = field.value
        if text:
            where_cells_run(partial(shown, text), show, lambda: field.value == text)
        else:
            show("")

    begun = shown(first)
    show(begun)
    field.observe(refresh, "value")
    text = f"{name} {first} → {plain(begun)}. Type another and press Enter."
    return Control([field, page, ipywidgets.HTML(keys.wired())], text)
