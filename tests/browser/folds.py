"""What of a lesson's answers is in sight while it is gone through, in my-lessons/."""

import pathlib

from lstm_lessons.giving import my_lessons

LESSONS = sorted((pathlib.Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
NAMES = [path.name for path in LESSONS]
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


def places(name):
    """Return where in my-lessons/ a lesson has its predictions, its folds, and what is in these."""
    cells = list(enumerate(my_lessons.given(LESSONS[NAMES.index(name)])["cells"]))
    asked = [place for place, one in cells if "".join(one["source"]).startswith("ask(")]
    folds = [place for place, one in cells if one["source"] == [my_lessons.AFTER]]
    return asked, folds, [place for place, one in cells if "after" in my_lessons.tags(one)]


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
