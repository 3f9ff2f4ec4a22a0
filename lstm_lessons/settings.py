"""A row of settings: the fields of a Spec and the framework, each a control with a label."""

from collections.abc import Callable, Iterable
from typing import Any

import ipywidgets

from .controls import APART, IN_A_ROW, TOGGLES
from .offered import CHOICES, FRONT, chosen, in_front, no_more, only
from .rule import DIALECTS
from .spec import SIZES, Spec

# What can be chosen at most.
MOST = {"batch": 64, "timesteps": 200, "features": 64, "units": 128, "layers": 4}


class Settings:
    """Controls for some fields of a Spec, for the framework, and for the sequence in front.

    parts: the control of each field, by its name. row: all of them. limit: what is said of sizes
    that can't be larger.
    """

    def __init__(self, spec: Spec, framework: str, fields: Iterable[str]):
        self.spec = spec
        self.parts = {name: _part(name, getattr(spec, name)) for name in fields}
        self.chosen = ipywidgets.ToggleButtons(
            description="framework",
            options=[(dialect.title, name) for name, dialect in DIALECTS.items()],
            value=framework,
            **TOGGLES,
        )
        self.front = _number(FRONT, 0, 0, 0)
        self.back = ipywidgets.Button(
            description="Reset", tooltip="As it was at first", layout=APART | {"width": "auto"}
        )
        self.limit = ipywidgets.HTML()
        every = [self.chosen, *self.parts.values(), self.front, self.back]
        self.row = ipywidgets.HBox(every, layout=IN_A_ROW)
        self._first = {part: part.value for part in (self.chosen, *self.parts.values())}
        self._resets = False
        self._follow()

    def now(self) -> tuple[Spec, str, int]:
        """Return the spec, the framework and the sequence in front."""
        framework = self.chosen.value
        return chosen(self.spec, framework, self._values()), framework, self.front.value

    def on_change(self, told: Callable[[], object]) -> None:
        """Have something told of each change; of Reset once, when all is as it was."""

        def change(_=None):
            if not self._resets:
                self._follow()
                told()

        def reset(_):
            self._resets = True
            for part, value in self._first.items():
                part.value = value
            self.front.value, self._resets = 0, False
            change()

        for part in (*self.parts.values(), self.chosen, self.front):
            part.observe(change, "value")
        self.back.on_click(reset)

    def _follow(self):
        """Grey what means nothing now, with the word why; offer the sequences that there are."""
        for name, part in self.parts.items():
            why = only(name, self.chosen.value, self._values())
            part.disabled = bool(why)
            part.description = f"{name} {why}".strip()
        last = in_front(self.now()[0])
        resets, self._resets = self._resets, True  # a smaller batch may bring another to the front
        self.front.max, self.front.tooltip = last, f"0 to {last}"
        self._resets = resets
        full = [(name, part.max) for name, part in self.parts.items() if _is_full(part)]
        self.limit.value = no_more(full)

    def _values(self):
        return {name: part.value for name, part in self.parts.items()}


def _is_full(part):
    return isinstance(part, ipywidgets.BoundedIntText) and part.value == part.max


def _part(name: str, value: Any) -> ipywidgets.Widget:
    """Return the control of a field."""
    if name in CHOICES:
        return _labelled(ipywidgets.Dropdown, name, value, "auto", options=CHOICES[name])
    if name in (*SIZES, "layers"):
        return _number(name, value, 1, max(MOST[name], value))
    return _labelled(ipywidgets.Checkbox, name, value, "auto", indent=False)


def _number(name, value, least, most):
    ends = {"min": least, "max": most, "tooltip": f"{least} to {most}"}
    return _labelled(ipywidgets.BoundedIntText, name, value, f"{8 * len(name) + 64}px", **ends)


def _labelled(kind, name, value, width, **more):
    style, layout = {"description_width": "initial"}, APART | {"width": width}
    return kind(description=name, value=value, style=style, layout=layout, **more)
