"""The lessons as files, as programs and as something to learn from."""

import functools
import itertools
import math
import re
import subprocess
import sys
import time

import nbformat
import pytest
from bs4 import BeautifulSoup
from IPython.core.interactiveshell import InteractiveShell
from nbclient.exceptions import DeadKernelError
from nbval.kernel import RunningKernel

import lstm_lessons
from lstm_lessons import Question, Spec
from lstm_lessons.asking.diagnosis import as_question
from lstm_lessons.asking.truth import say, truth_of
from lstm_lessons.asking.verdict import Verdict
from lstm_lessons.examining.exam import exam_on
from notebooks import executed, forget_settings

ROOT = __import__("pathlib").Path(__file__).parent.parent
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
TO_WORK_THROUGH = [one for one in LESSONS if one.stem < "90"]  # the rest is to look things up
PRIMM = ["Predict", "Run", "Investigate", "Modify", "Make", "What you did"]
HEADING = re.compile(r"^(#+) (.+)$", re.M)
LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.fixture(params=LESSONS, ids=lambda path: path.stem, scope="module")
def path(request):
    return request.param


@pytest.fixture(scope="module")
def lesson(path):
    return nbformat.read(path, as_version=4)


def code(lesson):
    return [cell for cell in lesson.cells if cell.cell_type == "code"]


def asks(cell):
    """Return whether a cell asks for a prediction."""
    return bool(re.match(r"ask\(", cell.source))


def prose(lesson):
    return "\n\n".join(cell.source for cell in lesson.cells if cell.cell_type == "markdown")


def without_code(text):
    return re.sub(r"```.*?```", "", text, flags=re.S)


def texts(cell):
    """Return every text that a cell's stored outputs show."""
    for output in cell.get("outputs", []):
        yield output.get("text", "")
        yield from (str(text) for text in output.get("data", {}).values())


def machines(cell):
    """Return whether a cell shows numbers that differ by machine: nbval does not compare them."""
    return "nbval-ignore-output" in cell.metadata.get("tags", [])


def test_a_cell_that_is_not_compared_says_so(lesson):
    for before, cell in itertools.pairwise(lesson.cells):
        if machines(cell):
            assert "from machine to machine" in before.source, cell.source


def test_there_are_lessons():
    assert LESSONS


def test_every_code_cell_was_run_in_order(lesson):
    cells = code(lesson)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))


def test_cells_are_short(lesson):
    for cell in code(lesson):
        assert len(cell.source.splitlines()) <= 8, cell.source


def test_a_cell_has_a_sentence_before_it(lesson):
    for before, cell in zip([None, *lesson.cells], lesson.cells, strict=False):
        if before is not None and cell.cell_type == before.cell_type == "code":
            assert (
                before.get("outputs")
                or "exercise" in before.metadata.get("tags", [])
                or asks(before)
            ), f"two cells of code in a row: {cell.source}"


def test_outputs_are_clean(lesson):
    assert "widgets" not in lesson.metadata
    for cell in code(lesson):
        for output in cell.outputs:
            assert output.output_type != "error", cell.source
            kinds = set(output.get("data", {}))
            assert kinds <= {"text/plain", "text/html"}, kinds
            assert "text/plain" in kinds or "text" in output
        assert sum(map(len, texts(cell))) < 100_000


def test_pictures_have_a_text_and_only_inline_styles(lesson):
    for cell in code(lesson):
        for output in cell.outputs:
            html = output.get("data", {}).get("text/html", "")
            assert "<style" not in html
            assert "class=" not in html
            for svg in BeautifulSoup(html, "html.parser").select("svg"):
                image = svg if svg.get("role") == "img" else svg.find_parent(role="img")
                assert image["aria-label"]


def test_what_prose_quotes_of_a_picture_stands_in_it(lesson):
    """Such as “= output”, under a name."""
    for at, cell in enumerate(lesson.cells):
        for words in re.findall("“(= [^”]+)”", cell.source):
            below = next(one for one in lesson.cells[at:] if one.cell_type == "code")
            assert f">{words}<" in str(below.outputs)


def test_headings_are_in_order(lesson):
    levels = [len(marks) for marks, _ in HEADING.findall(without_code(prose(lesson)))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


@pytest.mark.parametrize("path", TO_WORK_THROUGH[1:], ids=lambda path: path.stem)
def test_a_lesson_follows_primm(path):
    """Not 00, which says how a lesson goes."""
    lesson = nbformat.read(path, as_version=4)
    titles = [
        title for marks, title in HEADING.findall(without_code(prose(lesson))) if marks == "##"
    ]
    assert [title for title in titles if title in PRIMM] == PRIMM
    assert titles[-1] in ("What you did", "More")


@pytest.mark.parametrize("path", TO_WORK_THROUGH, ids=lambda path: path.stem)
def test_a_lesson_ends_with_ticks_of_its_own(path):
    cells = nbformat.read(path, as_version=4).cells
    [at] = [place for place, cell in enumerate(cells) if cell.source.startswith("## What you did")]
    assert re.search(rf'^finished\(.*lesson="{path.stem[:2]}"', cells[at + 1].source, re.M | re.S)


def test_each_column_of_a_table_has_a_heading(lesson):
    heads = re.findall(r"^(\|.*\|)\n\| ?-", prose(lesson), re.M)
    assert [head for head in heads if re.search(r"\|\s*\|", head)] == []


@functools.cache
def anchors(path):
    text = without_code(prose(nbformat.read(path, as_version=4)))
    return {title.strip().replace(" ", "-").replace("`", "") for _, title in HEADING.findall(text)}


def test_relative_links_resolve(path, lesson):
    for link in LINK.findall(without_code(prose(lesson))):
        if "://" not in link:
            name, _, anchor = link.partition("#")
            target = path.parent / name if name else path
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link
            assert target.parent == path.parent, f"{link} leads out of the learner's own folder"


def minutes(lesson):
    """Return the estimate of CONTRIBUTING.md, in minutes: nobody reads the cell for Colab."""
    cells = [cell for cell in code(lesson) if "colab" not in cell.metadata.get("tags", [])]
    reviews = [re.match(r"review\(number=(\d+)", cell.source) for cell in cells]
    questions = sum(map(asks, cells)) + sum(int(one[1]) for one in reviews if one)
    exercises = sum("exercise" in cell.metadata.get("tags", []) for cell in cells)
    words = len(without_code(prose(lesson)).split())
    planned = words / 150 + 0.5 * len(cells) + 1.5 * questions + 5 * exercises
    return 5 * math.ceil(1.3 * planned / 5)


def in_two(lesson):
    """Return a lesson up to "More", and what stands there."""
    titles = [cell.source.splitlines()[0] for cell in lesson.cells if cell.source]
    at = titles.index("## More") if "## More" in titles else len(lesson.cells)
    return [nbformat.v4.new_notebook(cells=some) for some in (lesson.cells[:at], lesson.cells[at:])]


# The minutes that a lesson says it takes, and those of what may be left out.
SAYS = re.compile(r"About (\d+) minutes(?:, and (\d+) for \*More\*)?")


@pytest.mark.parametrize("path", TO_WORK_THROUGH, ids=lambda path: path.stem)
def test_the_minutes_are_those_of_the_formula(path):
    lesson = nbformat.read(path, as_version=4)
    said = SAYS.search(prose(lesson))
    assert said, "a lesson says how long it takes"
    assert [int(one or 0) for one in said.groups()] == list(map(minutes, in_two(lesson)))
    assert int(said[1]) <= 45


@pytest.mark.more  # nbval compares every lesson in every run of the tests; this is the second time
def test_restart_and_run_all_gives_the_stored_result_and_no_complaint(path):
    fresh = executed(path)
    complaints = [
        output.text
        for cell in code(fresh)
        for output in cell.outputs
        if output.get("name") == "stderr"
    ]
    assert complaints == []
    assert compared(fresh) == compared(nbformat.read(path, as_version=4))


def compared(notebook):
    """Return a notebook as text, without what differs by machine."""
    for cell in filter(machines, notebook.cells):
        cell.outputs = []
    return nbformat.writes(notebook)


def notebook(path, source):
    """Write a notebook of one cell that was run."""
    cell = nbformat.v4.new_code_cell(source, execution_count=1)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=kernel), path)
    return path


KILL = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"


def test_a_kernel_that_dies_is_noticed_at_once():
    """See conftest.py; nbval alone would wait for as long as a cell may take."""
    kernel = RunningKernel("python3")
    asked = kernel.execute_cell_input(KILL)
    start = time.monotonic()
    with pytest.raises(RuntimeError, match="The kernel died in this cell"):
        kernel.await_reply(asked, timeout=60)
    assert time.monotonic() - start < 20


@pytest.mark.more
@pytest.mark.parametrize(
    ("source", "limit", "said"),
    [(KILL, 300, "The kernel died in this cell"), ("while True: pass", 3, "Timeout of 3 seconds")],
)
def test_a_cell_that_never_answers_fails_within_a_minute(source, limit, said, root, tmp_path):
    path = notebook(tmp_path / "dead.ipynb", source)
    settings = ["-c", root / "pyproject.toml", "-p", "conftest", f"--nbval-cell-timeout={limit}"]
    answer = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", "--nbval", path, *settings],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert answer.returncode == 1
    assert said in answer.stdout


@pytest.mark.more
def test_a_kernel_that_dies_is_noticed_where_outputs_are_stored(tmp_path):
    with pytest.raises(DeadKernelError):
        executed(notebook(tmp_path / "dead.ipynb", KILL))


def test_every_run_of_cells_has_a_limit(pytestconfig, root):
    assert pytestconfig.getoption("nbval_cell_timeout") == 300
    for name in ("tools/notebooks.py", "benchmarks/grading.py"):
        text = (root / name).read_text()
        assert re.search(r"NotebookClient\([^()]*timeout=(60|300),", text), name


def asked(question, *given, **named):
    """Return what ask asks: one question, or those of an exam."""
    if isinstance(question, (Spec, Question)):
        return [as_question(question, *given, **named)]
    return [one.question for one in exam_on(question, *given, **named).asked]


@pytest.fixture(scope="module")
def played(lesson):
    """The lesson run here with its solutions put in: the value of each cell, and the questions."""
    values, questions = [], []

    def recorded(*given, **named):
        questions.extend((len(values), one) for one in asked(*given, **named))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lstm_lessons, "ask", recorded, raising=False)
        shell = InteractiveShell()
        for number, cell in enumerate(lesson.cells):
            source = ""
            if cell.cell_type == "code":
                source = cell.source
                if "exercise" in cell.metadata.get("tags", []):
                    source = solution(lesson.cells[number:])
            result = shell.run_cell(source)
            result.raise_error()
            values.append(result.result)
    forget_settings()
    return values, questions


def solution(cells):
    """Return the code of the first folded solution in these cells."""
    for cell in cells:
        if "<details>" in cell.source:
            assert "<summary>One solution</summary>" in cell.source
            return re.search(r"```python\n(.*?)```", cell.source, re.S)[1]
    raise AssertionError("an exercise has no solution below it")


def test_exercises_are_not_attempted_as_they_stand_and_correct_when_solved(lesson, played):
    values, _ = played
    verdicts = [number for number, value in enumerate(values) if isinstance(value, Verdict)]
    exercises = [c for c in code(lesson) if "exercise" in c.metadata.get("tags", [])]
    assert len(verdicts) == len(exercises)
    for number in verdicts:
        assert values[number].status == "correct", values[number]
        assert "Not attempted: Put" in "".join(texts(lesson.cells[number]))


def after(cell):
    """Return whether what follows a prediction is in a cell: my-lessons/ has it folded."""
    return "after" in cell.metadata.get("tags", [])


def headed(cell):
    """Return whether a cell begins a section."""
    return cell.cell_type == "markdown" and cell.source.startswith("#")


def examines(cell):
    """Return whether a cell examines on a network: its end explains it, and no cell below."""
    return "ask(Listener()" in cell.source


def sections(cells):
    """Yield what follows each prediction, from the next cell that is no heading."""
    for number, cell in enumerate(cells):
        if asks(cell) and not examines(cell):
            below = list(itertools.dropwhile(headed, cells[number + 1 :]))
            places = (place for place in range(len(below)) if ends(*below[place : place + 2]))
            yield below[: next(places, None)]


def ends(cell, then=None):
    """Return whether a cell begins a section, or asks, or leads in to one that does."""
    leads_in = cell.cell_type == "markdown" and then is not None and asks(then)
    return headed(cell) or asks(cell) or leads_in


def test_what_follows_a_prediction_is_tagged_to_be_folded(path, lesson):
    """To the next heading or prediction; headings, predictions and exercises are never folded."""
    for section in sections(lesson.cells):
        assert [cell.source for cell in section if not after(cell)] == []
    for cell in filter(after, lesson.cells):
        assert not asks(cell)
        assert "exercise" not in cell.metadata.tags
        assert cell.cell_type == "code" or not HEADING.search(without_code(cell.source))


def printed(cell, truth):
    """Return whether a stored output shows an answer; Keras may leave the batch open."""
    shown = re.sub(r"\[([\d, ]+)\]", r"(\1)", "\n".join(texts(cell)))
    if not isinstance(truth, tuple):
        return bool(shown)
    shapes = [tensor.shape for tensor in truth]
    return any(
        all(str(shape) in shown for shape in row)
        for row in (shapes, [(None, *shape[1:]) for shape in shapes])
    )


def test_the_answer_to_every_prediction_is_printed_below_it_and_folded(path, lesson, played):
    asked = [pair for pair in played[1] if not examines(lesson.cells[pair[0]])]
    for number, question in asked:
        truth = truth_of(question)
        below = [cell for cell in lesson.cells[number + 1 :] if cell.cell_type == "code"]
        answers = [cell for cell in below if printed(cell, truth)]
        assert answers, f"{say(truth)} is nowhere printed"
        assert after(answers[0]), answers[0].source


def test_no_stored_output_at_or_above_a_question_gives_its_answer_away(lesson, played):
    _, questions = played
    assert len({number for number, _ in questions}) == sum(map(asks, code(lesson)))
    for number, question in questions:
        truth = truth_of(question)
        shown = "\n".join(text for cell in lesson.cells[: number + 1] for text in texts(cell))
        if isinstance(truth, tuple) and question.form != "number":
            assert say(truth) not in shown
            for tensor in truth:
                assert str(tensor.shape) not in shown, f"{tensor.shape} stands above its question"


def test_numbers_that_are_printed_are_of_the_running_example(lesson):
    """So that the test of rounding in test_weights covers them."""
    from lstm_lessons import Spec
    from lstm_lessons.reference import trace
    from lstm_lessons.weights import inputs

    every = trace(Spec())
    known = {f"{abs(n):.2f}" for a in (every.h, every.c, inputs(Spec())) for n in a.ravel()}
    for cell in code(lesson):
        for text in texts(cell):
            if "array(" in text:
                for number in re.findall(r"\d+\.\d*", text):
                    assert f"{float(number):.2f}" in known, f"{number} is not tested for rounding"
