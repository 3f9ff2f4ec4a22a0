"""No answer in sight: what follows a prediction, in a lesson as it is opened, at 1200×900."""

import json

import my_lessons
import pytest
from playwright.sync_api import expect
from test_lessons import LESSONS, NAMES

CELLS = "[...document.querySelectorAll('.jp-Notebook .jp-Cell')]"
IN_SIGHT = f"""([asked, after]) => {{
    const cells = {CELLS}, frame = document.querySelector('.jp-Notebook').getBoundingClientRect();
    cells[asked].scrollIntoView({{block: 'center'}});
    return after.filter(place => {{
        const box = cells[place].getBoundingClientRect();
        return box.height > 0 && box.top < frame.bottom && box.bottom > frame.top;
    }});
}}"""
OPEN = f"place => {CELLS}[place].querySelector('.jp-showHiddenCellsButton').click()"


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


def places(name):
    """Return where in my-lessons/ a lesson has its predictions, its folds, and what is in these."""
    cells = json.loads(LESSONS[NAMES.index(name)].read_text(encoding="utf-8"))["cells"]
    cells = list(enumerate(my_lessons.folded(cells)))
    asked = [place for place, one in cells if "".join(one["source"]).startswith("ask(")]
    folds = [place for place, one in cells if one["source"] == [my_lessons.AFTER]]
    return asked, folds, [place for place, one in cells if "after" in tags(one)]


def tags(cell):
    return cell["metadata"].get("tags", ())


def spoiled(page, name, by_folds=True):
    """Return the predictions with an answer in sight, once all folds above them are open."""
    asked, folds, after = places(name)
    assert min(map(len, (asked, folds, after)))
    found = []
    for place in asked:
        while by_folds and folds and folds[0] < place:
            page.evaluate(OPEN, folds.pop(0))
            page.wait_for_timeout(100)
        if page.evaluate(IN_SIGHT, [place, [one for one in after if one > place]]):
            found.append(place)
    return found


@pytest.mark.parametrize("name", [name for name in NAMES if name < "9"])
def test_no_answer_is_in_sight_before_its_prediction(opened, name):
    assert spoiled(opened(name), name) == []


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
