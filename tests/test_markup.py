"""HTML and SVG are written in one place, which escapes."""

import ast
import re

from lstm_lessons.markup import Markup, element, joined


def test_whatever_is_not_markup_is_escaped():
    inner = element("b", "<i> & 'so'", title='"<&>"')
    assert inner == '<b title="&quot;&lt;&amp;&gt;&quot;">&lt;i&gt; &amp; &#x27;so&#x27;</b>'
    assert element("p", inner, "<br>") == f"<p>{inner}&lt;br&gt;</p>"
    assert joined(["<", Markup("<hr>")]) == "&lt;<hr>"
    assert element("p", inner + "<br>").count("<") == 2  # what was added made it plain text


def test_attributes_keep_their_order_and_numbers_are_short():
    drawn = element("rect", y=2.0, x=1 / 3, stroke_width=0.5, viewBox="0 0 1 1")
    assert drawn == '<rect y="2" x="0.333333" stroke-width="0.5" viewBox="0 0 1 1"/>'
    assert element("p") == "<p></p>"


def by_hand(source):
    """Return the strings of a source that hold a tag."""
    constants = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    return [node.value for node in constants if re.search(r"</?[a-z]", str(node.value))]


def test_what_draws_and_what_shows_writes_no_tag_by_hand(root):
    home = root / "lstm_lessons"
    shown = ("pictures", "replies", "predicted", "places", "finding", "exercises")
    names = (*shown, "answering", "controls", "settings", "widgets", "live", "drawing/*")
    sources = [path.read_text() for name in names for path in home.glob(f"{name}.py")]
    assert len(sources) >= 7
    assert [by_hand(source) for source in sources] == [[]] * len(sources)
    assert by_hand("x = f'<div style=\"{style}\">{inner}</div>'\ny = s.replace('</b', '')")
