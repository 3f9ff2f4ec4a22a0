"""The appendix: questions that are answered by what runs, and words that are there."""

import csv
import inspect
import re

import nbformat
import places
import pytest

from lstm_lessons.explaining.errors import explain_error
from lstm_lessons.frameworks import load

SOURCE = re.compile(r"\[([^\]]+)\]\((https?://[^)\s]+)\)|(a question-and-answer thread)")
LESSON = re.compile(r"\]\((?:0\d|1[0-2])_\w+\.ipynb\)")
ANSWERED = re.compile(r"\[([^\]]+)\]\(#")
WORDS = re.compile(
    r"\*\*Keras\*\* (.+) · \*\*PyTorch\*\* (.+) · "
    r"\[(?:lesson (\d\d)\]\(\3_\w+\.ipynb|.+\]\(90_questions_people_ask\.ipynb#.+)\)$"
)
ITALIC = re.compile(r"(?<![*\w])\*(?![*\s“])([^*\n]+?)\*(?![*\w])")
# Italics of one or two words are terms, but for these, which are stressed, or quoted from a page.
STRESSED = re.compile(
    r"\b(?:all|another|end|equals|every|far|first|is|its?|last|later|more|must|reads|second|should|single"
    r"|this|top|tried|whole|within)\b"
)
# Words that a lesson uses and does not explain, or explains later.
USED = """attention, axis, broadcasting, candidate, class, dense layer, detach, dropout, epoch,
evaluation mode, gate, head, kernel, loss, mean squared error, model, scores, shape, softmax,
tensor""".replace("\n", " ").split(", ")
EXPERIMENT = re.compile(r"`([^`]+)`")
# Told only in the cell after it: one says the layer's own name, one is Python's of any two values.
UNTOLD = r"'films' is incompatible|'<=' not supported"
THREAD = "a question-and-answer thread"  # a source without an address


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


def answer(cells):
    """Return the words of those who ask, and the answer: the first cell without its heading."""
    return cells[0].source.split("\n", 1)[1]


def table(cells, title):
    """Return the rows of the table under a heading of level 2, without its head."""
    text = next(cell.source for cell in cells if cell.source.startswith(f"## {title}\n"))
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")]
    return rows[2:]


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
        "it must have one cell of code or two": len(code) not in (1, 2),
        "its code must have two to eight lines": any(
            not 2 <= len(cell.source.splitlines()) <= 8 for cell in code
        ),
        "its code must show something": not shown(code),
        "it must have no more than 120 words": len(answer(cells).split()) > 120,
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
        ("it must have one cell of code or two", lambda title, cells: (title, cells * 3)),
        ("its code must have two to eight lines", lambda title, cells: (title, longer(cells))),
        ("it must have no more than 120 words", lambda title, cells: (title, wordy(cells))),
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
    return changed(cells, source="\n" * 9)


def wordy(cells):
    first, *others = cells
    return [nbformat.from_dict(first | {"source": first.source + " word" * 121}), *others]


def without(cells, pattern):
    return [nbformat.from_dict(cell | {"source": pattern.sub("", cell.source)}) for cell in cells]


@pytest.fixture(scope="module")
def asked(root):
    """Return the questions: source, what it asks, its entry, and what must be found there."""
    with open(root / "tests" / "questions.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def unanswered(asked, questions):
    """Return what is asked by those whose entry does not have the answer."""
    words = {title: prose(cells) + code(cells) + shown(cells) for title, cells in questions.items()}
    return [one["asks"] for one in asked if one["answer"] not in words[one["entry"]]]


def code(cells):
    return "\n".join(cell.source for cell in cells if cell.cell_type == "code")


def test_every_question_finds_its_answer_in_its_entry(asked, questions):
    assert unanswered(asked, questions) == []


def test_the_test_of_answers_can_fail(asked, questions):
    title = asked[0]["entry"]
    others = [one["asks"] for one in asked if one["entry"] == title]
    assert unanswered(asked, questions | {title: questions[title][-1:]}) == others


def test_every_question_is_cited_once_by_the_entry_that_answers_it(root, asked, questions):
    cited = [
        (title, address or THREAD)
        for title, cells in questions.items()
        for _, address in sources(prose(cells))
    ]
    assert sorted(cited) == sorted((one["entry"], one["source"]) for one in asked)
    addresses = [address for _, address in cited if address != THREAD]
    assert len(set(addresses)) == len(addresses)
    opening = prose(opened(root, "90_questions_people_ask.ipynb")[1])
    assert f"{len(asked)} questions" in opening
    assert f"{len(questions)} entries" in opening
    readme = (root / "README.md").read_text(encoding="utf-8")
    assert f"{len(asked)} questions, answered in {len(questions)} entries" in readme


def test_the_list_on_top_has_every_entry_in_its_section(root):
    path = root / "notebooks" / "90_questions_people_ask.ipynb"
    sections, heading = {}, re.compile(r"(##|###) (.+)")
    for cell in nbformat.read(path, as_version=4).cells:
        found = cell.cell_type == "markdown" and heading.match(cell.source)
        if found and found[1] == "##":
            sections[found[2]] = []
        elif found:
            sections[list(sections)[-1]].append(found[2])
    top = opened(root, path.name)[1]
    listed = next(cell.source for cell in top if cell.source.startswith("## All entries\n"))
    rows = re.findall(r"^- \*\*(.+)\.\*\* (.+)$", listed, re.M)
    assert {section: ANSWERED.findall(row) for section, row in rows} == {
        section: titles for section, titles in sections.items() if titles
    }


def test_a_label_says_where_it_leads(questions):
    for cells in questions.values():
        for label, address in sources(prose(cells)):
            if address and "github.com" in address:
                assert re.fullmatch(r"[\w.-]+/[\w.-]+#\d+", label)
                place, number = label.split("#")
                assert re.fullmatch(
                    rf"https://github\.com/{re.escape(place)}/(issues|pull)/{number}", address
                ), label


def test_every_message_that_an_entry_shows_is_told(questions):
    told = {one: explain_error(one).read for cells in questions.values() for one in messages(cells)}
    assert len(told) > 25
    assert [one for one, read in told.items() if not read and not re.search(UNTOLD, one)] == []


def messages(cells):
    """Return the messages of errors that cells of an entry show."""
    return places.messages([(cell, "") for cell in cells])


def not_run(rows, questions):
    """Return what a table of symptoms tells to try and no entry beside it runs."""
    return [
        tried
        for _, experiment, places in rows
        for tried in EXPERIMENT.findall(experiment) or [experiment]
        if not any(tried in code(questions[title]) for title in ANSWERED.findall(places))
    ]


def test_every_symptom_has_an_experiment_that_an_entry_runs(root, questions):
    rows = table(opened(root, "90_questions_people_ask.ipynb")[1], "If there is no message")
    assert len(rows) > 15
    assert not_run(rows, questions) == []


def test_the_test_of_symptoms_can_fail(questions):
    title = next(iter(questions))
    rows = [["a", "look hard", f"[{title}](#)"], ["b", "`print(1)`", f"[{title}](#)"]]
    assert not_run(rows, questions) == ["look hard", "print(1)"]


@pytest.fixture(scope="module")
def lessons(root):
    """Return the prose of the lessons, without blocks of code."""
    paths = sorted((root / "notebooks").glob("[01]*.ipynb"))
    text = "\n\n".join(prose(nbformat.read(path, as_version=4).cells) for path in paths)
    return re.sub(r"```.*?```", "", text, flags=re.S)


def in_italics(text):
    """Return the terms that a text sets in italics, without those that it only stresses."""
    italics = ITALIC.findall(re.sub(r"`[^`\n]*`", "", text))
    found = {" ".join(re.findall(r"[\w-]+", italic)).lower() for italic in italics}
    found = {term.removeprefix("with ").removeprefix("the ") for term in found}
    return {term for term in found if term.count(" ") < 2 and not STRESSED.search(term)}


def means(title, term):
    """Return whether a title is this term, be it plural, or packed for packing."""
    title, term = title.lower().split(), term.lower().split()
    stems = [re.sub(r"(?:ded|ing|ed|s)$", "", word) for word in term]
    return len(title) >= len(term) and all(
        word.startswith(stem) and len(word) <= len(stem) + 4
        for word, stem in zip(title, stems, strict=False)
    )


def missing(wanted, terms):
    return sorted(term for term in wanted if not any(means(title, term) for title in terms))


def test_every_term_in_italics_is_in_the_glossary(lessons, terms):
    wanted = in_italics(lessons)
    assert len(wanted) > 30
    assert missing(wanted, terms) == []


def test_every_word_that_a_lesson_uses_unexplained_is_in_the_glossary(lessons, terms):
    assert [word for word in USED if not re.search(rf"\b{word[:-1]}", lessons, re.I)] == []
    assert missing(USED, terms) == []


def test_the_test_of_terms_can_fail(terms):
    text = "A *grue* is not the *whole* of *with attention*, *scores*, *padded*; *all that is so*."
    assert in_italics(text) == {"grue", "attention", "scores", "padded"}
    assert missing(in_italics(text), terms) == ["grue"]


def test_every_term_has_its_words_and_a_lesson(root, terms):
    for title, cells in terms.items():
        assert WORDS.search(prose(cells)), title
    index = ANSWERED.findall(prose(opened(root, "91_glossary.ipynb")[1]))
    assert index == sorted(terms, key=str.casefold)


def test_the_words_that_can_be_typed_are_there(terms):
    keras, torch = load("keras").keras, load("torch").torch
    for title, cells in terms.items():
        ours, theirs, _ = WORDS.search(prose(cells)).groups()
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
