"""A lesson that was used in a real JupyterLab, saved there, and has changed in the course since."""

import nbformat
from test_controls import run
from test_lessons import ANSWER

from lstm_lessons.giving import my_lessons

NAME, BESIDE = "80_small.ipynb", "80_small (new).ipynb"
CELLS = ["from lstm_lessons import Spec, ask", "ask(Spec())", "# your answer\nmine = ..."]
TOLD = "What Keras returned"


def given(lab, *more):
    """Put a lesson of these cells, as the course has it now, into my-lessons/."""
    lab.write(f"notebooks/small/{NAME}", [*CELLS, *more])
    return my_lessons.brought(lab.folder / "notebooks/small", lab.folder / "my-lessons")


def saved(lab, page):
    """Save with JupyterLab's own key, and return the sources that are in the file then."""
    path = lab.folder / "my-lessons" / NAME
    before = path.stat().st_mtime_ns
    page.keyboard.press("Control+s")
    for _ in range(100):
        page.wait_for_timeout(100)
        if path.stat().st_mtime_ns != before and my_lessons.read(path):
            break
    return [cell.source for cell in nbformat.read(path, as_version=4).cells]


def test_what_was_typed_into_a_control_comes_back_and_what_was_written_stays(lab, opened):
    (lab.folder / "notebooks/small").mkdir()
    assert given(lab) == [NAME]
    answers = lab.folder / "my-lessons" / ".answers.jsonl"
    page = opened(f"my-lessons/{NAME}")
    run(page, 0, 1)
    page.locator(ANSWER).fill("(3, 7)")
    page.locator(ANSWER).press("Enter")
    page.get_by_text(TOLD).wait_for(timeout=60_000)
    page.locator(".jp-Notebook .jp-Cell .cm-content").nth(2).click()
    page.keyboard.press("Shift+Enter")
    assert saved(lab, page) == [*CELLS, ""]  # JupyterLab added a cell
    page.close()
    lab.end_kernels()

    typed = answers.read_bytes()
    given(lab, "# newer")
    sources = [cell.source for cell in nbformat.read(answers.with_name(NAME), as_version=4).cells]
    assert sources == [*CELLS, "# newer"]
    assert answers.read_bytes() == typed
    page = opened(f"my-lessons/{NAME}")
    run(page, 0, 1)
    page.get_by_text(TOLD).wait_for(timeout=60_000)
    page.locator(".jp-Notebook .jp-Cell .cm-content").nth(2).click()
    page.keyboard.press("Control+End")
    page.keyboard.type("  # (3, 7)")
    mine = saved(lab, page)
    assert mine[2] == f"{CELLS[2]}  # (3, 7)"

    given(lab, "# newest")
    path = lab.folder / "my-lessons" / NAME
    assert [cell.source for cell in nbformat.read(path, as_version=4).cells] == mine
    new = nbformat.read(path.with_name(BESIDE), as_version=4).cells
    assert new[-1].source == "# newest"
