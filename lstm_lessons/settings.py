"""A row of settings: the fields of a Spec and the framework, each a control with a label."""

from collections.abc import Callable, Iterable
from typing import Any

import ipywidgets

from . import replies
from .controls import APART, IN_A_ROW, TOGGLES
from .offered import CHOICES, FRONT, chosen, in_front, no_more, not_there, only
from .rule import DIALECTS
from .spec import SIZES, Spec, default, whole

# What can be chosen at most.
MOST = {"batch": 64, "timesteps": 200, "features": 64, "units": 128, "layers": 4}


class Settings:
    """Controls for some fields of a Spec, for the framework, and for the sequence in front.

    parts: the control of each field, by its name. row: all of them. limit: what is said of sizes
    that can't be, or can't be larger. What is typed stays, whatever it is.
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
        self.most = {name: max(most, getattr(spec, name)) for name, most in MOST.items()}
        self.front = _number(FRONT, 0)
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
        """Return the spec, the framework and the sequence in front, as last they could be read."""
        return self._read

    def on_change(self, told: Callable[[], object]) -> None:
        """Have something told of each change that can be read; of Reset once, when all is back."""

        def change(_=None):
            if not self._resets and self._follow():
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
        """Grey what means nothing now, with the word why; return whether all could be read."""
        for name, part in self.parts.items():
            why = only(name, self.chosen.value, self._values())
            part.disabled = bool(why)
            part.description = f"{name} {why}".strip()
        try:
            spec, front = self._spec(), whole("sequence", self.front.value, lowest=0, advice=0)
        except ValueError as error:
            self.limit.value = replies.status(f"{error}. Below is what was there before.")
            return False
        last = in_front(spec)
        self.front.tooltip = f"0 to {last}"
        self._read = spec, self.chosen.value, min(front, last)
        full = [(name, most) for name, most in self._sizes() if self.parts[name].value == most]
        self.limit.value = f"{no_more(full)} {not_there(front, last)}".strip()
        return True

    def _spec(self):
        """Return the spec that is set. Raises ValueError, in one line, for a size that can't be."""
        for name, most in self._sizes():
            whole(name, self.parts[name].value, highest=most, advice=default(name))
        return chosen(self.spec, self.chosen.value, self._values())

    def _sizes(self):
        """Return the sizes that can be set, each with its most."""
        return [(name, most) for name, most in self.most.items() if name in self.parts]

    def _values(self):
        return {name: part.value for name, part in self.parts.items()}


def _part(name: str, value: Any) -> ipywidgets.Widget:
    """Return the control of a field."""
    if name in CHOICES:
        return _labelled(ipywidgets.Dropdown, name, value, "auto", options=CHOICES[name])
    if name in (*SIZES, "layers"):
        return _number(name, value, tooltip=f"1 to {max(MOST[name], value)}")
    return _labelled(ipywidgets.Checkbox, name, value, "auto", indent=False)


def _number(name, value, **more):
    return _labelled(ipywidgets.IntText, name, value, f"{8 * len(name) + 64}px", **more)


def _labelled(kind, name, value, width, **more):
    style, layout = {"description_width": "initial"}, APART | {"width": width}
    return kind(description=name, value=value, style=style, layout=layout, **more)
