"""No answer in sight: what follows a prediction is folded. test_lessons.py looks at each lesson."""

import pytest
from folds import places, spoiled
from playwright.sync_api import expect


@pytest.fixture
def opened(lab):
    """Open a lesson of my-lessons/ in Lab or Notebook, and close it in the end."""
    pages = []

    def open_one(name, **options):
        pages.append(lab.open(f"my-lessons/{name}", width=1200, height=900, **options))
        return pages[-1]

    yield open_one
    for page in pages:
        page.close()
    lab.end_kernels()


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_shift_enter_opens_a_fold_and_so_does_its_button(opened, app):
    name = "01_last_output.ipynb"
    page, (_, folds, _) = opened(name, app=app), places(name)
    cells = page.locator(".jp-Notebook .jp-Cell")
    for place in folds[:2]:
        expect(cells.nth(place + 1)).to_be_hidden()
    cells.nth(folds[0]).click()
    page.keyboard.press("Shift+Enter")
    cells.nth(folds[1]).get_by_role("button", name="hidden").click()
    for place in folds[:2]:
        expect(cells.nth(place + 1)).to_be_visible()


def test_without_folds_answers_would_be_in_sight(opened):
    """So that the test above can fail."""
    name = "03_last_output_and_states.ipynb"
    page = opened(name)
    page.locator(".jp-MarkdownCell").first.click()
    page.keyboard.press("Control+Shift+ArrowRight")
    page.wait_for_timeout(500)
    assert len(spoiled(page, name, by_folds=False)) == len(places(name)[0])
