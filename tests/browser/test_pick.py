"""The control in which an index is typed, used by keyboard in a real JupyterLab, at every width."""

import pytest
from test_controls import ACTIVE, HERE, TOO_WIDE, at_widths, run
from test_lessons import ANSWER, accessible

CELLS = (
    'from lstm_lessons import pick\npick(Spec(), "torch")',
    'from lstm_lessons.asked import indexed\nask(indexed.row_of_states(), framework="torch")',
    "1 + 1",
)


@pytest.fixture
def made(put):
    """Have these cells in a notebook, the first of which is run."""

    def make():
        page = put(*HERE, *CELLS)
        run(page, 0)
        return page

    return make


def test_an_index_is_typed_and_pressed_by_keyboard(made):
    page = made()
    run(page, 1)
    field = page.get_by_label("Index:")
    assert field.input_value() == "output[:, -1]"
    page.get_by_text("The same numbers as").wait_for(timeout=60_000)
    field.fill("output[1, ::2]")
    page.keyboard.press("Enter")
    page.get_by_text("Sequence 1, timesteps at 0, 2 and 4, all 7 units.").wait_for()
    field.fill("output[:, 5]")
    page.keyboard.press("Enter")
    page.get_by_text("Timestep must be from -5 to 4 (of 5 timesteps), got 5; try -1.").wait_for()
    page.get_by_role("button", name="h_n[-1]", exact=True).focus()
    page.keyboard.press("Space")
    page.get_by_text("The one layer, all 3 sequences, all 7 units.").wait_for()
    assert field.input_value() == "h_n[-1]"
    field.focus()
    page.keyboard.press("Escape")
    assert page.evaluate(ACTIVE) == 1
    field.focus()
    page.keyboard.press("Shift+Enter")
    page.wait_for_function(f"({ACTIVE})() === 2", timeout=10_000)
    accessible(page)


def test_the_control_and_the_question_are_no_wider_than_the_page(made):
    page = made()
    run(page, 1, 2)
    page.locator(ANSWER).fill("h_n[:, 1]")
    page.locator(ANSWER).press("Enter")
    page.get_by_text("You expect a row to be picked").wait_for(timeout=60_000)
    for width in at_widths(page):
        assert page.evaluate(TOO_WIDE) == [], width
        small = page.evaluate("""() => [...document.querySelectorAll('.lstm-lessons svg')].filter(
            one => one.getBoundingClientRect().width < one.viewBox.baseVal.width - 1).length""")
        assert small == 0, width  # so no text is under its 11 px
