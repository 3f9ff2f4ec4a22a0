"""`explore` in a page: its settings as fields of a form, and the same that is shown for them."""

import re
from html.parser import HTMLParser

import pytest

from lstm_lessons import Spec, recorded, recording
from lstm_lessons.explored import PARTS, explored, fields, typed
from lstm_lessons.offered import BEYOND, FIRST
from lstm_lessons.settings import Settings
from lstm_lessons.widgets import explore

TOWER = Spec("gru", layers=2, bidirectional=True, batch_first=False)


class Form(HTMLParser):
    """A form as a browser reads it.

    sent: what it sends. seen: the attributes of each field in view. labels: their words, by name.
    """

    def __init__(self, html):
        super().__init__()
        self.sent, self.seen, self.labels, self.tags = {}, [], {}, []
        self.words, self.name, self.named = None, "", ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        one = dict(attributes)
        if tag == "label":
            self.words, self.named = [], ""
        if tag in ("input", "select"):
            self.name = one["name"]
            self.named = one["value"] if one.get("type") == "radio" else self.name
            if one.get("type") != "hidden":
                assert self.words is not None, f"no label around {one}"
                self.seen.append(one)
        on = one.get("type") not in ("radio", "checkbox") or "checked" in one
        if (tag == "input" and on) or (tag == "option" and "selected" in one):
            self.sent[self.name] = one["value"]
        assert not [name for name in one if name.startswith("on")]

    def handle_data(self, data):
        if self.words is not None and self.lasttag != "option":
            self.words.append(data)

    def handle_endtag(self, tag):
        if tag == "label":
            self.labels[self.named] = " ".join("".join(self.words).split())
            self.words = None


def described(spec, framework, names):
    """Return the labels of explore's own settings."""
    return {name: part.description for name, part in Settings(spec, framework, names).parts.items()}


@pytest.mark.parametrize("beyond", [False, True])
@pytest.mark.parametrize(
    ("asked", "of"),
    [
        (Spec(), "keras"),
        (Spec(return_state=True, bidirectional=True, merge_mode=None), "keras"),
        (TOWER, "torch"),
        (Spec(batch=9, unbatched=True, proj_size=3), "torch"),
    ],
)
def test_a_form_tells_the_settings_and_has_the_labels_of_explore(asked, of, beyond):
    form, names = Form(fields(asked, of, beyond, "a-1")), (*FIRST, *BEYOND) if beyond else FIRST
    assert form.sent == typed(asked, of)
    frameworks, front = {"keras": "Keras", "torch": "PyTorch"}, {"front": "in front: sequence"}
    assert form.labels == frameworks | described(asked, of, names) | front
    ids = [one["id"] for one in form.seen]
    assert len({*ids}) == len(ids) == len(names) + 3
    assert all(one.startswith("a-1-") for one in ids)
    assert "script" not in form.tags


def test_a_form_has_the_limits_of_what_was_recorded():
    form = Form(fields(Spec(units=12), beyond=True))
    numbers = [one for one in form.seen if one.get("type") == "number"]
    assert {one["name"]: (one["min"], one["max"]) for one in numbers} == {
        **{"batch": ("1", "4"), "timesteps": ("1", "8"), "features": ("1", "7")},
        **{"units": ("1", "12"), "layers": ("1", "3"), "front": ("0", "3")},
    }
    assert '<button type="reset">Reset</button>' in fields(Spec())


@pytest.mark.parametrize("of", ["keras", "torch"])
@pytest.mark.parametrize("both", [False, True])
def test_what_means_nothing_now_is_said_as_explore_says_it(of, both):
    said = explored(typed(Spec(bidirectional=both), of))
    words = {name: f"{name} {said[f'why-{name}']}".strip() for name in (*FIRST, *BEYOND)}
    assert words == described(Spec(bidirectional=both), of, (*FIRST, *BEYOND))


CHANGES = [  # a field, and what is set
    ("units", 4),
    ("return_state", True),
    ("framework", "keras"),
    ("in front: sequence", 2),
    ("bidirectional", True),
    ("merge_mode", "sum"),
    ("return_sequences", True),
    ("merge_mode", None),
    ("layers", 2),  # which Keras refuses
    ("framework", "torch"),
    ("cell", "gru"),
    ("batch_first", False),
    ("batch", 2),
]


def test_what_is_shown_is_what_explore_shows():
    row, results = explore(Spec(), "torch", beyond=True).children[0].children
    parts = {part.description.split(" (")[0]: part for part in row.children}
    values, was = typed(Spec(), "torch"), None
    for name, value in [("units", 7), *CHANGES]:
        parts[name].value = value
        values.pop(name, None)
        if value is not False:
            values[name.removesuffix(": sequence").removeprefix("in ")] = _text(value)
        shown = explored(values, was)
        _, *pieces = (piece.value for piece in results.children)
        assert [shown[part] for part in PARTS[1:]] == pieces, name
        if shown["seen"]:
            was = dict(values)
    assert "Sequence 1 is in front; there is no sequence 2." in shown["limit"]


def _text(value):
    return "on" if value is True else str(value)


def test_sizes_that_cannot_be_larger_are_said():
    said = explored(typed(Spec(batch=4, units=10)), None)["limit"]
    assert words(said) == "No more than 4 batch, 10 units here."


def words(html):
    return " ".join(re.sub("<[^>]+>", "", html).split())


BAD = [
    ("units", "", "units must be a whole number from 1, got ''; try units=7."),
    ("units", "3.5", "units must be a whole number from 1, got '3.5'; try units=7."),
    ("batch", "-1", "batch must be a whole number from 1, got '-1'; try batch=3."),
    ("batch", "0", "batch must be a whole number from 1, got 0; try batch=3."),
    ("layers", "<b>", "layers must be a whole number from 1, got '&lt;b&gt;'; try layers=1."),
    ("timesteps", "9" * 5000, "timesteps must be a whole number from 1, got '9"),
    ("features", "²", "features must be a whole number from 1, got '²'; try features=6."),
    ("units", "9" * 30, "units must be at most 1,000,000,000,000,000, got 9"),
    ("front", "x", "sequence must be a whole number from 0, got 'x'; try sequence=0."),
    ("framework", "<b>", "framework must be 'keras' or 'torch', got '&lt;b&gt;'; try f"),
    ("cell", "LSTM", "cell must be 'lstm', 'gru' or 'rnn', got 'LSTM'; try cell='lstm'."),
    ("merge_mode", "<b>", "merge_mode must be 'concat', 'sum', 'mul', 'ave' or None, got '&lt;b"),
    ("proj_size", "-1", "proj_size must be a whole number from 0, got '-1'; try proj_size=0."),
]


@pytest.mark.parametrize(("name", "text", "said"), BAD)
def test_what_cannot_be_read_is_said_in_one_line(name, text, said):
    values = {**typed(Spec(bidirectional=True), "keras"), name: text}
    if name == "proj_size":
        values["framework"] = "torch"
    shown = explored(values)
    assert words(shown.pop("limit")).replace("&#x27;", "'").startswith(said)
    assert shown == dict.fromkeys(PARTS[1:], "")
    assert "\n" not in said


def test_below_what_cannot_be_read_stands_what_was_there_before():
    was = typed(Spec(), "torch")
    shown, before = explored({**was, "units": ""}, was), explored(was)
    assert words(shown.pop("limit")).endswith("=7. Below is what was there before.")
    before.pop("limit")
    assert shown == before
    assert before["seen"]
    assert not explored({**was, "units": ""}, {**was, "units": ""})["seen"]


def test_what_is_missing_is_as_it_is_at_first_and_what_is_not_known_counts_for_nothing():
    typed_ = {"units": "9", "by": "units", "batch_first": "on"}
    assert explored(typed_) == explored(typed(Spec(units=9)))


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ({"units": "9999"}, "units must be at most 10 here, got 9,999;"),
        ({"batch": "5"}, "batch must be at most 4 here, got 5;"),
        ({"proj_size": "3"}, "proj_size must be 0 here, got 3;"),
        ({"batch": "2", "features": "1"}, "spec must be one that was recorded here, got Spec("),
    ],
)
def test_what_no_record_has_is_said_in_one_line(sizes, said):
    recorded.use(recording.record_of(Spec()))
    try:
        shown = explored({**typed(Spec(), "torch"), **sizes})
    finally:
        recorded.forget()
    line = words(shown["limit"]).replace("&#x27;", "'")
    assert line.startswith(said)
    assert line.endswith("; in JupyterLab every size and setting runs.")
    assert not shown["seen"]
