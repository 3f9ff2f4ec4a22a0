"""The table of errors is what the clinic knows, and its messages read as they are seen."""

import re

import messages
import pytest
from clinic import CASES, error_of
from test_pasted import FEW

from lstm_lessons.explaining.errors import KNOWN, _plain, _readable, explain_error
from lstm_lessons.explaining.known import Known
from lstm_lessons.explaining.messages import errors, markdown, seen
from lstm_lessons.places import ERRORS, place


def kind(message, **more):
    return Known(name="A kind", read="What does units mean", message=message, **more)


@pytest.mark.parametrize(
    ("message", "messages"),
    [
        ("^too many values", ("too many values",)),
        (r"^got (?P<got>\d{1,9}) of \[0, (?P<all>\d+)\)$", ("got … of [0, …)",)),
        ("^one way|^another", ("one way", "another")),
        ("^first … ^then|^or then", ("first … then", "first … or then")),
        (r"[Ee]xpected (?:a|an) (?:size )?of", ("Expected a of",)),
        (r"\A(?!not this)^(?:LSTM|GRU)(?:Cell)?: …", ("LSTM:",)),
        (r"[^\d\n]{0,60}shape(?:s){2}", ("shapess",)),
    ],
)
def test_a_message_is_written_as_it_is_seen(message, messages):
    assert seen(kind(message)) == messages


def test_every_kind_has_its_row():
    rows = errors()
    for known in KNOWN:
        at = [row for row in rows if row.name == known.name]
        assert set(seen(known)) <= {message for row in at for message in row.messages}, known.name
        assert place(known.read) in {row.read[0] for row in at}
    assert all(len(message) > 8 for row in rows for message in row.messages)
    assert not any("{" in row.cause for row in rows)


def shows(broken):
    """Return whether the table has the message of an error, with "…" for what varies."""
    error = error_of(broken)
    name, message = explain_error(error).name, _readable(_plain(error))
    rows = [row for row in errors() if row.name == name]
    return any(has(message, one) for row in rows for one in row.messages)


def has(message, written):
    return re.search(".*?".join(map(re.escape, re.split(" ?… ?", written))), message, re.S)


@pytest.mark.parametrize("broken", FEW)
def test_a_live_message_stands_in_the_table(broken):
    assert shows(broken)


@pytest.mark.more
def test_most_live_messages_stand_in_the_table():
    """Of a kind's inner alternatives only the first is written."""
    shown = [shows(one.broken) for one in CASES]
    assert sum(shown) / len(shown) > 0.7


def test_a_row_is_a_part_of_a_page():
    row = next(row for row in errors() if "Target … is out of bounds" in row.messages)
    assert row.name == "A label that is no class"
    assert row.cause.startswith("A label is ….")
    assert "torch.nn.Linear" not in row.line  # made of the error alone
    assert markdown([row]).startswith("`Target … is out of bounds`")
    assert "```" not in markdown([row])
    assert "\n\nRead on: [" in markdown([row])

    row = next(row for row in errors() if row.name == "A view of numbers that lie otherwise")
    assert "\n\n```python\nx.reshape(x.shape[0], -1)  # in place of view" in markdown([row])


def test_the_page_of_errors_is_what_is_known(root):
    """`python tools/messages.py` writes it."""
    page = (root / "notebooks" / ERRORS).read_text(encoding="utf-8")
    assert page == messages.written()
    assert [row.name.lower() for row in errors()] == sorted(row.name.lower() for row in errors())
    for row in errors():
        assert f"### {row.name}" in page


def test_what_is_no_whole_python_is_not_said_to_be():
    """A book that colours it as Python would stumble over "…"."""
    for row in errors():
        assert ("```python" in markdown([row])) == bool(row.line and "…" not in row.line)
        assert not [one for one in row.line.splitlines() if one.startswith("…  #")]
