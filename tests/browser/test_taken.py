"""Answers are taken along and brought back, in a real JupyterLab."""

import pytest
from test_controls import IDLE, run
from test_lessons import ANSWER, accessible

CELLS = [
    "from lstm_lessons import Spec, ask\nfrom lstm_lessons.widgets import progress",
    "ask(Spec())",
    "progress()",
    "progress()",
]
NONE_YET = "No question is answered yet."
TOLD = "1 of 1 question (100%) answered rightly at the first try."


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_answers_are_taken_along_and_brought_back(lab, opened, tmp_path, app):
    lab.write("my-lessons/taken.ipynb", CELLS)
    file = lab.folder / "my-lessons" / ".answers.jsonl"
    page = opened("my-lessons/taken.ipynb", app=app)
    run(page, 0, 1)
    page.locator(ANSWER).fill("(3, 7)")
    page.locator(ANSWER).press("Enter")
    page.get_by_text("What Keras returned").wait_for(timeout=60_000)
    run(page, 2)
    said = page.locator(".lstm-lessons").nth(1)
    said.get_by_text(TOLD).wait_for()
    with page.expect_download(timeout=10_000) as coming:
        said.get_by_text("Take your answers along").click()
    kept = tmp_path / coming.value.suggested_filename
    coming.value.save_as(kept)
    assert (kept.name, kept.read_bytes()) == ("answers.jsonl", file.read_bytes())
    assert page.locator(IDLE).count() == 1  # the page is still there

    file.unlink()
    run(page, 3)
    later = page.locator(".lstm-lessons").nth(2)
    later.get_by_text(NONE_YET).wait_for()
    with page.expect_file_chooser() as choosing:
        later.get_by_role("button", name="Bring answers back").click()
    choosing.value.set_files(kept)
    later.get_by_text("1 answer came that was not here.").wait_for(timeout=10_000)
    later.get_by_text(TOLD).wait_for()
    assert later.get_by_text(NONE_YET).count() == 0
    assert file.read_bytes() == kept.read_bytes()
    accessible(page)
