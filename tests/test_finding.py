"""What is looked for is found: in people's own words, in both frameworks' terms, or pasted."""

import json
import re
import subprocess
import sys
from functools import cache

import places as made
import pytest
from test_appendix import entries, opened, prose, sources

from lstm_lessons import explain_error, find, places
from lstm_lessons.asking.misconceptions import MISCONCEPTIONS
from lstm_lessons.explaining.errors import KNOWN, is_message
from lstm_lessons.places import FILE, place, read_on
from lstm_lessons.words import asked_as, tokens


def test_the_places_are_what_the_notebooks_say():
    assert FILE.read_text(encoding="utf-8") == made.written(), "run python tools/places.py"


def test_a_place_without_marks_and_addresses(tmp_path):
    cells = [
        {
            "cell_type": "markdown",
            "source": ["### Trap 1: `h_n`\n", "\n", "See [it](x.ipynb), *c*."],
        },
        {"cell_type": "code", "source": ["layer(x)"], "outputs": [{"text": "ValueError: no\n1"}]},
        {"cell_type": "markdown", "source": ["<details>the solution</details> Then `x`."]},
    ]
    path = tmp_path / "03_one.ipynb"
    path.write_text(json.dumps({"cells": cells}))
    (one,) = made.of_notebook(path)
    assert (one.title, one.text, one.shown) == (
        "Trap 1: h_n",
        "See it, c. Then `x`.",
        "ValueError: no",
    )
    assert one.address == "03_one.ipynb#Trap-1:-h_n"


def test_a_link_is_read_whatever_brackets_its_words_have():
    assert made.plain("The [`[:, -1]` of it](#there), *or* [it](a.ipynb).") == (
        "The `[:, -1]` of it, or it."
    )


def test_each_heading_of_a_cell_is_a_place(tmp_path):
    path = tmp_path / "03_one.ipynb"
    source = "## Run\n\n### Trap 2: `c`\n\nSee it.\n\n```\n# no heading\n```"
    path.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": [source]}]}))
    assert [(one.title, one.text) for one in made.of_notebook(path)] == [
        ("Run", ""),
        ("Trap 2: c", "See it."),
    ]


def test_what_is_read_on_is_there(root):
    for one in (*KNOWN, *MISCONCEPTIONS.values()):
        assert place(one.read).title == one.read
    for one in places.places():
        assert all((root / "notebooks" / file).exists() for file in (one.notebook, *one.taught))
        assert one.taught or one.kind != "entry", one.title


def test_a_title_that_is_nowhere_is_refused_in_a_line():
    with pytest.raises(
        ValueError, match=r"^title must be a heading of the course, got 'Nowhere'; "
    ):
        place("Nowhere")


def test_an_entry_is_read_with_its_lessons():
    found = read_on("Which states start which decoder layer")
    assert [one.notebook[:2] for one in found] == ["90", "03", "10"]
    assert places.in_words(found) == (
        "Read on: Which states start which decoder layer (90_questions_people_ask.ipynb); "
        "3. The last output and the states (03_last_output_and_states.ipynb); "
        "10. An encoder and a decoder (10_encoder_decoder.ipynb)."
    )
    link = '<a href="90_questions_people_ask.ipynb#Which-states-start-which-decoder-layer"'
    assert link in places.in_links(found)
    assert places.in_words(()) == places.in_links(()) == ""


# The score.


@pytest.fixture(scope="module")
def cited(root):
    """Return the title of the entry that each source is cited in, by its address."""
    questions = entries(opened(root, "90_questions_people_ask.ipynb")[0])
    return {
        address: title
        for title, cells in questions.items()
        for _, address in sources(prose(cells))
        if address
    }


@pytest.fixture(scope="module")
def searches(root, cited):
    """Return (list, words, the right entry) of each question that an entry answers."""
    asked = json.loads((root / "tests/searches.json").read_text(encoding="utf-8"))
    entry = [one.get("entry") or cited.get(one["asked"]) for one in asked]
    rows = zip(asked, entry, strict=True)
    return [(one["list"], one["words"], title) for one, title in rows if title]


def among_three(rows):
    """Return which share of the questions finds its entry among the first three.

    A message may also be told as an error of that name.
    """
    found = [title in titles(words) for _, words, title in rows]
    return sum(found) / len(found)


@cache
def titles(words):
    found = find(words)
    return {getattr(found.diagnosis, "name", ""), *(hit.place.title for hit in found.hits)}


def test_nine_of_ten_find_their_entry_among_the_first_three(searches):
    assert among_three(searches) >= 0.9


# Which share of a list finds its entry. The second, the fifth and the seventh were left alone when
# synonyms, wordings and weights were chosen. From the third on it is what people type: few words,
# titles, messages.
SHARES = {1: 0.95, 2: 0.9, 3: 0.95, 4: 0.9, 5: 0.75, 6: 0.9, 7: 0.85}


@pytest.mark.parametrize("number", SHARES)
def test_each_list_finds_its_entries_among_the_first_three(searches, number):
    rows = [row for row in searches if row[0] == number]
    assert len(rows) > 15
    assert among_three(rows) >= SHARES[number]


def test_the_plainest_words_find_the_plainest_entry_first():
    for words in ("LSTM input shape", "RNN input shape pytorch", "LSTM output shape"):
        assert find(words).hits[0].title == "Which shape goes in and which comes out", words


OF_ANOTHER = "What changed from Keras 2 to Keras 3", "Why can nothing follow an LSTM in Sequential"


def test_what_is_special_comes_only_where_it_is_named():
    special = "Does mixed precision change a shape"
    for words in ("change the shape of the output", "LSTM in Keras", "nothing changes"):
        assert not {special, *OF_ANOTHER} & {hit.title for hit in find(words).hits}, words
    assert find("GRU output shape with float16").hits[0].title == special


def test_each_wording_is_of_an_entry_or_a_term():
    assert {place(title).kind for title in asked_as()} == {"entry", "term"}
    entries_ = {one.title for one in places.places() if one.kind == "entry"}
    assert entries_ <= asked_as().keys()


def test_the_score_can_fail(searches):
    swapped = [(*one[:2], other[2]) for one, other in zip(searches, searches[7:], strict=False)]
    assert among_three(swapped) < 0.3


# Words.


@pytest.mark.parametrize(
    ("first", "second", "third"),
    [
        ("units", "hidden_size", "num units"),
        ("timesteps", "seq_len", "time step"),
        ("features", "input_size", "n_features"),
        ("layers", "num_layers", "layer"),
        ("padded", "zero-padded", "padding"),
        ("labels", "targets", "y_true"),
    ],
)
def test_a_thing_is_found_by_either_name(first, second, third):
    assert tokens(first)[-1] == tokens(second)[-1] == tokens(third)[-1]


def test_a_name_is_found_whole_and_in_parts():
    assert tokens("LSTMCell") == ["lstmcell", "lstm", "cell"]
    assert tokens("return_state") == ["returnstate", "return", "stat"]
    assert tokens("output[:, -1]")[-1] == tokens("the last one")[-1] == "last"
    assert tokens("What is it to you?") == []


@pytest.mark.parametrize(
    ("words", "same"),
    [
        ("timesteps=1", "a single time step"),
        ("a time_step of 1", "1 timestep"),
        ("only one time step", "timesteps = 1"),
        ("set the initial hidden state", "set h_0"),
        ("initial_state", "first state"),
        ("axis of batch norm", "axis of layer normalization"),
        ("many-to-one", "many to one"),
        ("convlstm", "ConvLSTM"),
    ],
)
def test_what_says_the_same_is_the_same(words, same):
    assert tokens(words)[-2:] == tokens(same)[-2:]


def test_what_looks_the_same_is_another_thing():
    assert "singl" not in tokens("timesteps=10") + tokens("one time step at a time")
    assert tokens("many units") == tokens("units")  # and yet many to many is asked for
    assert tokens("many to many") != tokens("many to one") != tokens("one to many")


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("hidden_size", "Units"),
        ("gate", "Gate"),
        ("teacher forcing", "Teacher forcing"),
        ("projection", "Projection"),
        ("my forecast looks good and is a day late", "A picture that looks marvellous"),
        ("outside the valid range", "Received a label value of … which is outside the valid range"),
        ("boxes drawn in a row", "An LSTM is drawn as a row of boxes"),
    ],
)
def test_terms_lessons_errors_and_beliefs_are_found(words, title):
    assert any(hit.title.startswith(title) for hit in find(words).hits)


def test_another_language_comes_up_where_it_is_named():
    words = "how do I arrange an array of three features at three time points"
    assert find(f"{words} in R").hits[0].title == "How do I do this in R"
    assert "How do I do this in R" not in [hit.title for hit in find(words).hits]


# Messages.

STATE = "RuntimeError: Expected hidden[0] size (2, 3, 7), got [1, 3, 7]"


def test_a_message_goes_to_the_clinic():
    found = find(STATE)
    assert found.diagnosis.text == explain_error(STATE).text
    assert found.diagnosis.name == "A state of another size"
    assert found.hits[0].title == "Which shape must the first states have"
    assert len(found.hits) == 3
    assert found.text.startswith(found.diagnosis.text)
    assert found.html.startswith(found.diagnosis.html)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (STATE, True),
        (STATE.partition(": ")[2], True),
        (f"In evaluation: {STATE}", True),
        ("what is the hidden size", False),
        ("expected ndim=3, found ndim=2", False),
        ("", False),
    ],
)
def test_a_message_is_told_from_words(text, expected):
    assert is_message(text) is expected


def test_a_piece_of_a_message_finds_the_entry_that_shows_it():
    for piece in ("expected ndim=3, found ndim=2", "expected ndim=3, found ndim=4"):
        assert piece in find(piece).hits[0].place.shown
    assert tokens("ndim=3") != tokens("ndim=4")


# What is shown.


def test_no_place_is_shown_twice():
    for words in ("detach", "hidden_size", "boxes drawn in a row", STATE):
        places_ = [hit.place for hit in find(words).hits]
        assert len(places_) == len(set(places_)) > 1, words


def test_three_places_are_shown_with_a_line_each():
    found = find("what is a gate")
    lines = found.text.splitlines()
    assert lines[0] == "1. Gate (glossary; 91_glossary.ipynb#Gate)"
    assert lines[1].startswith("   A vector of ")
    assert len(lines) == 6
    assert max(map(len, lines[1::2])) <= 163
    assert found.html.count("<li>") == found.html.count("<a ") == 3
    assert '<a href="91_glossary.ipynb#Gate"' in found.html
    assert ">Gate</a> (glossary)" in found.html
    assert found._repr_mimebundle_() == {"text/plain": found.text, "text/html": found.html}
    assert str(found) == repr(found) == found.text


@pytest.mark.parametrize("words", ["xyzzy", "<b>", "?"])
def test_what_is_not_there_is_said_so(words):
    nothing = "Nothing here has these words. Try others, or fewer, or paste a whole message."
    assert find(words).text == nothing
    assert nothing in find(words).html


def test_nothing_typed_shows_nothing():
    assert find(" ").text == find(" ").html == ""


def test_what_is_no_text_is_refused_in_a_line():
    with pytest.raises(ValueError, match=r"^what is looked for must be words, got 7; try find\("):
        find(7)


def test_the_control_finds_while_one_types():
    control = find()
    field, page, _ = control.children
    assert "type words" in control._repr_mimebundle_()["text/plain"]
    field.value = "what is a gate"
    assert find("what is a gate").html in page.value
    field.value = "<script>alert()</script>"
    assert "<script" not in page.value
    field.value = 'Traceback (most recent call last):\n  File "a.py", line 1\n' + STATE
    assert "A state of another size" in re.sub("<[^>]+>", "", page.value)
    field.value = ""
    assert "<li>" not in page.value


ALONE = """
import sys
for name in ("ipywidgets", "keras", "torch", "socket", "urllib.request"):
    sys.modules[name] = None
from lstm_lessons import find
print(find("gate").hits[0].title)
try:
    find()
except RuntimeError as error:
    print(error)
"""


def test_without_a_page_a_framework_and_a_network_it_finds_all_the_same():
    answer = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True)
    assert answer.stderr == ""
    gate, needed = answer.stdout.splitlines()
    assert gate == "Gate"
    assert needed.startswith("ipywidgets must be importable, got ModuleNotFoundError")
