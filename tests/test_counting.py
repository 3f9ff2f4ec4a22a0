"""The course counts as Python does, which lesson 00 says: 0 is the first place, −1 the last."""

import re
from operator import itemgetter

import nbformat
import pytest

SIZES = dict(sequence="batch", timestep="timesteps", unit="units", layer="layers")
PLACE = re.compile(rf"\b({'|'.join(SIZES)}) (\d+)\b(?!\.\d)", re.I)
SIZE = re.compile(rf"[(,#] ?({'|'.join(SIZES.values())})[ =](\d+)\b")
ONE_MORE = re.compile(rf"\b(?:{'|'.join(SIZES)}) {{[^{{}}]*\+ 1}}", re.I)  # f"layer {row + 1}"
# An LSTM has three gates and a candidate, a GRU two and one: blocks of weights are no gates.
GATES = re.compile(r"\b(?:four|4) gates|\bgates ?·|\bGRU\b[^.]*\b(?:three|3) gates", re.I)
LESSONS = ("notebooks/*.ipynb", "assignments/source/*/*.ipynb")


def shown(output):
    """Return what an output shows, as text."""
    return output.get("text", "") or output.get("data", {}).get("text/plain", "")


def texts(notebook):
    """Give what is read in a notebook, in order: a cell's source, then each of its outputs."""
    for cell in notebook.cells:
        yield cell.source
        yield from map(shown, cell.get("outputs", []))


def places(text):
    """Return the places that a text names, by the name of what stands there."""
    named = [(name.lower(), int(number)) for name, number in PLACE.findall(text)]
    return {one: {place for name, place in named if name == one} for one, _ in named}


def counted_from_1(text):
    """Return of what a text names places in a row, 1 and 2, where nothing in it is at 0."""
    named = places(text)
    if any(0 in those for those in named.values()):
        return []
    return [name for name, those in named.items() if {1, 2} <= those]


def outside(read):
    """Return the places in texts that their axis does not have: the longest that the same text
    names, or else the first that was named, of the batch that a lesson is about.
    """
    first, found = {}, []
    for text in read:
        own = dict(sorted(((a, int(size)) for a, size in SIZE.findall(text)), key=itemgetter(1)))
        first = own | first
        for name, those in places(text).items():
            size = (first | own).get(SIZES[name])
            found += [f"{name} {one} of {size}" for one in those if size and one >= size]
    return found


def test_lessons_and_assignments_count_from_0(root):
    for path in [path for pattern in LESSONS for path in root.glob(pattern)]:
        read = texts(nbformat.read(path, as_version=4))
        assert [(path.name, text) for text in read if counted_from_1(text)] == []
        assert (path.name, outside(read)) == (path.name, [])


def test_the_package_and_the_documents_count_from_0(root):
    for path in sorted((root / "lstm_lessons").rglob("*.py")):
        source = path.read_text()
        assert (path.name, ONE_MORE.findall(source)) == (path.name, [])
        assert [(path.name, one) for one in source.split("\n\n") if counted_from_1(one)] == []
    for path in [*root.glob("*.md"), *root.glob("docs/*.md")]:
        if path.name != "CHANGELOG.md":
            assert (path.name, counted_from_1(path.read_text())) == (path.name, [])


def test_gates_are_counted_without_the_candidate(root):
    for path in [path for pattern in LESSONS for path in root.glob(pattern)]:
        read = "\n".join(texts(nbformat.read(path, as_version=4)))
        assert (path.name, GATES.findall(read)) == (path.name, [])
    for path in [*root.glob("lstm_lessons/**/*.py"), *root.glob("*.md"), *root.glob("docs/*.md")]:
        if path.name != "CHANGELOG.md":
            assert (path.name, GATES.findall(path.read_text())) == (path.name, [])


@pytest.mark.parametrize(
    "text", ["the four gates", "(4 gates · 7 units, 14)", "gates·units", "A GRU has three gates"]
)
def test_the_search_for_gates_can_fail(text):
    assert GATES.search(text)
    assert not GATES.search("An LSTM has three gates and a candidate. A GRU has two gates.")


def test_lesson_00_says_so(root):
    lesson = nbformat.read(root / "notebooks" / "00_start_here.ipynb", as_version=4)
    (said,) = [text for text in texts(lesson) if "The course counts as Python does" in text]
    assert "the timesteps 0 to 4, and −1 is the last" in said


@pytest.mark.parametrize(
    ("read", "found"),
    [
        (["(batch 3, timesteps 5)", "It ends at timestep 5."], ["timestep 5 of 5"]),
        (["Spec(batch=3)", "Sequence 3 moves."], ["sequence 3 of 3"]),
        (["(timesteps 5)", "# timesteps 20", "timestep 19"], ["timestep 19 of 5"]),
        (["(timesteps 5)", "(timesteps 20), (timesteps 3): timestep 19"], []),
        (["timestep 5"], []),  # of a size that is not known
    ],
)
def test_the_search_for_places_outside_can_fail(read, found):
    assert outside(read) == found


def test_the_search_for_counting_from_1_can_fail():
    assert counted_from_1("layer 1 forward, layer 2 forward") == ["layer"]
    assert counted_from_1("timestep 1   timestep 2") == ["timestep"]
    assert not counted_from_1("layer 0, layer 1, layer 2")
    assert not counted_from_1("layer 1 and timestep 2; lesson 1, lesson 2")
    assert ONE_MORE.findall('f"layer {row.layer + 1}"') == ["layer {row.layer + 1}"]
    assert not ONE_MORE.findall('f"layer {row}, line {line + 1}"')
