"""HTML and SVG, written element by element; whatever is not markup already is escaped."""

from collections.abc import Iterable
from functools import lru_cache
from html import escape

EMPTY = {"rect", "line", "polyline", "path", "input"}  # elements that may be without content


class Markup(str):
    """HTML or SVG: text that is escaped already. Added to other text it is plain text again."""

    __slots__ = ()


def joined(parts: Iterable[str]) -> Markup:
    """Return parts in a row as Markup: Markup as it is, any other text escaped."""
    return Markup("".join([part if type(part) is Markup else escape(part) for part in parts]))


def element(tag: str, *content: str, **attributes: str | float) -> Markup:
    """Return an element of HTML or SVG as Markup.

    content: Markup is put in as it is, any other text is escaped.
    attributes: in the order given, text escaped; "_" in a name stands for "-".
    """
    start = f"<{tag}{''.join(map(_attribute, attributes, attributes.values()))}"
    return Markup(
        f"{start}/>" if tag in EMPTY and not content else f"{start}>{joined(content)}</{tag}>"
    )


def titled(path: str, fill: str, title: str) -> Markup:
    """Return a path of SVG that says its title.

    As element does, but quicker, since a picture has hundreds: all three are markup already.
    """
    return Markup(f'<path d="{path}" fill="{fill}"><title>{title}</title></path>')


@lru_cache(maxsize=4096)  # a picture has some 1400, and most are alike
def _attribute(name, value):
    said = escape(value) if isinstance(value, str) else f"{value:g}"
    return f' {name.replace("_", "-")}="{said}"'


def movable(content: str, label: str, style: str = "") -> Markup:
    """Return what can be moved sideways where there is no room for it, also from the keyboard."""
    style = f"overflow-x: auto{'; ' * bool(style)}{style}"
    return element("div", content, style=style, tabindex="0", role="group", aria_label=label)
