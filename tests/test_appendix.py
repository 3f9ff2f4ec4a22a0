"""The appendix: questions that are answered by what runs, and words that are there."""

import inspect
import re

import nbformat
import pytest

from lstm_lessons.frameworks import load

SOURCE = re.compile(r"\[([^\]]+)\]\((https?://[^)\s]+)\)|(a question-and-answer thread)")
LESSON = re.compile(r"\]\(0\d_\w+\.ipynb\)")
ANSWERED = re.compile(r"\[([^\]]+)\]\(#")
WORDS = re.compile(
    r"\*\*Keras\*\* (.+) · \*\*PyTorch\*\* (.+) · \[lesson \d\d\]\(0\d_\w+\.ipynb\)$"
)
ASKED, WITHOUT_ADDRESS = 95, 4


def opened(root, name):
    """Return the cells of a notebook, without those at its top, and these."""
    cells = nbformat.read(root / "notebooks" / name, as_version=4).cells
    first = next(number for number, cell in enumerate(cells) if cell.source.startswith("### "))
    return cells[first:], cells[:first]


def entries(cells):
    """Return the cells below each heading of level 3, by its title."""
    found, title = {}, None
    for cell in cells:
        heading = cell.cell_type == "markdown" and re.match(r"(#+) (.+)", cell.source)
        if heading:
            title = heading[2] if heading[1] == "###" else None
        if title:
            found.setdefault(title, []).append(cell)
    return found


def prose(cells):
    return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def shown(cells):
    """Return the text of the stored outputs of these cells."""
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return "".join(output.get("text", "") for output in outputs)


def sources(text):
    """Return the label and the address of each source, None and None where it has none."""
    return [(label or None, address or None) for label, address, _ in SOURCE.findall(text)]


def faults(title, cells):
    """Return what is wrong with an entry of the questions."""
    code = [cell for cell in cells if cell.cell_type == "code"]
    rules = {
        "its title breaks links": not re.fullmatch(r"[\w -]+", title),
        "it must have one cell of code": len(code) != 1,
        "its code must have two to five lines": any(
            not 2 <= len(cell.source.splitlines()) <= 5 for cell in code
        ),
        "its code must show something": not shown(code),
        "it must say where it is taught": not LESSON.search(prose(cells)),
        "it must say where it was asked": not sources(prose(cells)),
    }
    return [fault for fault, holds in rules.items() if holds]


@pytest.fixture
def questions(root):
    return entries(opened(root, "90_questions_people_ask.ipynb")[0])


@pytest.fixture
def terms(root):
    return entries(opened(root, "91_glossary.ipynb")[0])


def test_every_entry_is_one_that_teaches_and_proves(questions):
    assert {title: faults(title, cells) for title, cells in questions.items()} == {
        title: [] for title in questions
    }


@pytest.mark.parametrize(
    ("fault", "change"),
    [
        ("its title breaks links", lambda title, cells: (f"{title}?", cells)),
        ("it must have one cell of code", lambda title, cells: (title, cells + cells)),
        ("its code must have two to five lines", lambda title, cells: (title, longer(cells))),
        ("its code must show something", lambda title, cells: (title, changed(cells, outputs=[]))),
        ("it must say where it is taught", lambda title, cells: (title, without(cells, LESSON))),
        ("it must say where it was asked", lambda title, cells: (title, without(cells, SOURCE))),
    ],
)
def test_the_test_of_entries_can_fail(questions, fault, change):
    title, cells = next(iter(questions.items()))
    assert faults(*change(title, cells)) == [fault]


def changed(cells, **what):
    return [nbformat.from_dict(cell | what) if cell.cell_type == "code" else cell for cell in cells]


def longer(cells):
    return changed(cells, source="\n" * 6)


def without(cells, pattern):
    return [nbformat.from_dict(cell | {"source": pattern.sub("", cell.source)}) for cell in cells]


def test_every_question_is_cited_once(root, questions):
    cited = [source for cells in questions.values() for source in sources(prose(cells))]
    addresses = [address for _, address in cited if address]
    assert len(cited) == ASKED
    assert len(set(addresses)) == len(addresses) == ASKED - WITHOUT_ADDRESS
    assert 25 <= len(questions) <= 35
    opening = prose(opened(root, "90_questions_people_ask.ipynb")[1])
    assert f"{ASKED} questions" in opening
    assert f"{len(questions)} entries" in opening


def test_a_label_says_where_it_leads(questions):
    for cells in questions.values():
        for label, address in sources(prose(cells)):
            if address and "github.com" in address:
                assert re.fullmatch(r"[\w.-]+/[\w.-]+#\d+", label)
                place, number = label.split("#")
                assert re.fullmatch(
                    rf"https://github\.com/{re.escape(place)}/(issues|pull)/{number}", address
                ), label


def test_every_message_is_one_that_an_entry_shows(root, questions):
    table = prose(opened(root, "90_questions_people_ask.ipynb")[1])
    rows = re.findall(r"^\| (.+?) \| (.*\]\(#.+) \|$", table, re.M)
    assert len(rows) > 10
    for message, places in rows:
        assert any(message in shown(questions[title]) for title in ANSWERED.findall(places)), (
            message
        )


def test_every_term_has_its_words_and_a_lesson(root, terms):
    for title, cells in terms.items():
        assert WORDS.search(prose(cells)), title
    index = ANSWERED.findall(prose(opened(root, "91_glossary.ipynb")[1]))
    assert index == sorted(terms, key=str.casefold)


def test_the_words_that_can_be_typed_are_there(terms):
    keras, torch = load("keras").keras, load("torch").torch
    for title, cells in terms.items():
        ours, theirs = WORDS.search(prose(cells)).groups()
        for word in re.findall(r"`(.+?)`", ours):
            assert is_there(word, keras_homes(keras)), f"{title}: {word} in Keras"
        for word in re.findall(r"`(.+?)`", theirs):
            assert is_there(word, torch_homes(torch)), f"{title}: {word} in PyTorch"


def keras_homes(keras):
    parameters = [keras.layers.LSTM.call, keras.losses.Loss.call]
    modules = [keras.layers, keras, keras.utils, keras.ops, keras.losses, keras.layers.LSTM]
    return modules, {name for call in parameters for name in inspect.signature(call).parameters}


def torch_homes(torch):
    said = set(re.findall(r"\w+", torch.nn.LSTM.__doc__))
    return [torch, torch.nn.utils.rnn, torch.nn.LSTM], said & {"h_n", "c_n", "h_0", "c_0", "output"}


def is_there(word, homes):
    """Return whether a word is a name in these homes and, like LSTM(units=…), a parameter."""
    modules, names = homes
    path, parameter = re.match(r"([\w.]+)(?:\((\w+)=…\))?", word).groups()
    found = [thing for thing in (within(module, path) for module in modules) if thing is not None]
    if parameter is None:
        return bool(found) or path in names
    return bool(found) and parameter in parameters_of(found[0])


def within(module, path):
    for name in path.split("."):
        module = getattr(module, name, None)
    return module


def parameters_of(thing):
    """Return the names of what a function or a layer takes; nn.LSTM takes it through its base."""
    names = set(inspect.signature(thing).parameters)
    return names if names != {"args", "kwargs"} else parameters_of(thing.__base__)


@pytest.mark.parametrize("word", ["LSTM(hidden_size=…)", "LTSM(units=…)", "LTSM", "h_n"])
def test_the_test_of_words_can_fail(word):
    assert not is_there(word, keras_homes(load("keras").keras))


@pytest.mark.parametrize("word", ["nn.LSTM(units=…)", "nn.GRU(proj=…)", "nn.Dense", "h_t"])
def test_the_test_of_words_can_fail_for_pytorch(word):
    assert not is_there(word, torch_homes(load("torch").torch))
