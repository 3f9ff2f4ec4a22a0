"""What `explore` shows, for a page: its settings as fields of a form, and an answer to these.

What is set comes as text, by the names of the fields; a box that is not ticked is missing.
"""

from collections.abc import Mapping

from . import recorded, replies
from .markup import Markup, element
from .offered import BEYOND, CHOICES, FIRST, FRONT, chosen, in_front, no_more, not_there, only
from .recorded import MOST, NotRun
from .rule import DIALECTS, dialect_of, expected
from .spec import FLAGS, Spec, default, whole
from .weights import affordable

Values = Mapping[str, str]
PARTS = ("limit", "seen", "returned", "lines")
EVERY = (*FIRST, *BEYOND, "proj_size", "unbatched")  # what a form tells, in view or not
BOXES = (*FLAGS, "bidirectional", "batch_first", "unbatched")
ROW = "display: flex; flex-wrap: wrap; gap: 6px 16px; align-items: center"
PLAIN = "display: flex; gap: 12px; border: 0; margin: 0; padding: 0"
BESIDE = "float: left; padding: 0; font-size: inherit"


def fields(
    spec: Spec, framework: str = "keras", beyond: bool = False, key: str = "explore"
) -> Markup:
    """Return the settings as fields of a form, each in its label, with a button to reset them.

    Where alone a field means something is a part of its label, "why-merge_mode".

    spec, framework: what is set to begin with. beyond: as of explore.
    key: the ids of the fields begin with it.
    """
    values, shown = typed(spec, framework), (*FIRST, *BEYOND) if beyond else FIRST
    given = {name: getattr(spec, name) for name in shown}
    frameworks = [
        element(
            "label", _ticked("radio", "framework", name, name == framework, key), " ", one.title
        )
        for name, one in DIALECTS.items()
    ]
    parts = [_setting(name, only(name, framework, given), values, key) for name in shown]
    front = _number("front", 0, MOST["batch"] - 1, values["front"], key)
    hidden = [
        element("input", type="hidden", name=name, value=values[name])
        for name in EVERY
        if name in values and name not in shown
    ]
    return element(
        "div",
        element("fieldset", element("legend", "framework", style=BESIDE), *frameworks, style=PLAIN),
        *parts,
        element("label", FRONT, " ", front),
        element("button", "Reset", type="reset"),
        *hidden,
        style=ROW,
    )


def typed(spec: Spec, framework: str = "keras") -> dict[str, str]:
    """Return what the fields tell to begin with."""
    named = {name: getattr(spec, name) for name in EVERY}
    texts = {name: "on" if name in BOXES else str(value) for name, value in named.items()}
    told = {name: text for name, text in texts.items() if name not in BOXES or named[name]}
    return {"framework": framework, **told, "front": "0"}


def explored(values: Values, was: Values | None = None) -> dict[str, Markup]:
    """Return what `explore` shows of what is set, by the parts of the page: PARTS, and each "why".

    Where it can't be read, or no record has it, "limit" says so and the others are as before.

    was: what was set when it last ran; what is another since then is marked.
    """
    try:
        return _explored(values, was)
    except (ValueError, NotRun) as error:
        before = explored(was) if was is not None and was != values else {}
        below = "Below is what was there before." if before.get("returned") else ""
        limit = replies.status(f"{error}. {below}".strip())
        return {**dict.fromkeys(PARTS, Markup("")), **before, "limit": limit}


def _explored(values, was):
    given, spec, framework, front = _read(values)
    limit = _limit(given, front, in_front(spec))
    whys = {f"why-{name}": Markup(only(name, framework, given)) for name in (*FIRST, *BEYOND)}
    try:
        own = expected(spec, framework).tensors
    except ValueError as reason:
        refused = replies.status(f"{dialect_of(framework).title} refuses this: {reason}.")
        return {
            **whys,
            "limit": limit,
            "seen": Markup(""),
            "returned": refused,
            "lines": Markup(""),
        }
    if recorded.in_use():
        recorded.traces(spec)
    affordable(spec)
    seen, returns = replies.ran(spec, framework, min(front, in_front(spec)))
    returned, lines = returns(_since(was) or own), replies.side_by_side(spec, framework)
    return {**whys, "limit": limit, "seen": Markup(seen), "returned": returned, "lines": lines}


def _read(values):
    """Return the value of each field, the spec of them, the framework, and the sequence in front.

    Raises ValueError, in one line, for text that is no such value.
    """
    framework = values.get("framework", "keras")
    dialect_of(framework)
    given = {name: _value(name, values) for name in EVERY}
    front = _whole("sequence", values.get("front", "0"), 0, 0)
    return given, chosen(Spec(), framework, given), framework, front


def _value(name, values):
    """Return the value of a field from its text."""
    if name in BOXES:
        return name in values
    text = values.get(name, str(default(name)))
    if name in CHOICES:
        return {str(value): value for _, value in CHOICES[name]}.get(text, text)
    return _whole(name, text, int(name != "proj_size"), default(name))


def _whole(name, text, lowest, advice):
    """Return a whole number from its text; ValueError, in one line, for any other."""
    plain = isinstance(text, str) and text.strip().isdecimal() and len(text) < 40
    return whole(name, int(text) if plain else text, lowest=lowest, advice=advice)


def _since(was):
    """Return the tensors that there were before, or None."""
    if was is None:
        return None
    try:
        _, spec, framework, _ = _read(was)
        return expected(spec, framework).tensors
    except ValueError:
        return None


def _limit(given, front, last):
    """Return what is said of sizes that can't be larger, and of a sequence that there is not."""
    full = [(name, most) for name, most in MOST.items() if given[name] >= most]
    said = f"{no_more(full)} {not_there(front, last)}".strip()
    return replies.status(said) if said else Markup("")


def _field(name, values, key):
    """Return the field of a setting."""
    if name in BOXES:
        return _ticked("checkbox", name, "on", name in values, key)
    if name in CHOICES:
        options = [
            element("option", text, value=str(value), **_if("selected", str(value) == values[name]))
            for text, value in CHOICES[name]
        ]
        return element("select", *options, name=name, id=f"{key}-{name}", autocomplete="off")
    return _number(name, 1, max(MOST[name], int(values[name])), values[name], key)


def _number(name, least, most, value, key):
    ends = {"min": str(least), "max": str(most), "inputmode": "numeric", "autocomplete": "off"}
    return element(
        "input",
        type="number",
        name=name,
        id=f"{key}-{name}",
        value=value,
        **ends,
        style="width: 4em",
    )


def _ticked(kind, name, value, on, key):
    """Return a box, or one of several round ones."""
    which = name if kind == "checkbox" else f"{name}-{value}"
    more = {"autocomplete": "off", **_if("checked", on)}
    return element("input", type=kind, name=name, value=value, id=f"{key}-{which}", **more)


def _if(name, true):
    return {name: name} if true else {}


def _setting(name, why, values, key):
    """Return a setting's field in its label, a box before its words. why: what is said of it."""
    words = [name, " ", element("span", why, data_part=f"why-{name}")]
    field = _field(name, values, key)
    return element("label", *([field, " ", *words] if name in BOXES else [*words, " ", field]))
