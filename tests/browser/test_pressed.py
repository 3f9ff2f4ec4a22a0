"""What is pressed to see what moves: in a real JupyterLab, by keyboard, at every width."""

import pytest
from test_controls import HERE, PANE, TOO_WIDE, at_widths, run
from test_lessons import accessible

CELLS = (
    "from lstm_lessons.live import all_four, moves, which_h\nall_four()",
    "moves()",
    "which_h()",
    "explore(Spec())",
)


@pytest.fixture
def made(put):
    """Have these cells in a notebook, the first of which is run."""

    def make():
        page = put(*HERE, *CELLS, "1 + 1")
        run(page, 0)
        return page

    return make


def test_timesteps_are_pressed_by_keyboard_and_the_controls_fit_their_page(made):
    page = made()
    run(page, 1, 2, 3)
    page.get_by_text("What is faint was computed").wait_for(timeout=60_000)
    for place, key, said in (
        (1, "3", "Changed: timestep 3"),
        (2, "4", "✓ Right: after timestep 4"),
    ):
        control = page.locator(".lstm-lessons").nth(place)
        control.get_by_role("button", name=key, exact=True).focus()
        page.keyboard.press("Enter")
        control.get_by_text(said).wait_for(timeout=30_000)
    for width in at_widths(page):
        assert page.evaluate(TOO_WIDE) == [], width
        tops = page.evaluate("""() => [...document.querySelectorAll('.lstm-lessons')[0]
            .querySelectorAll('svg')].map(one => Math.round(one.getBoundingClientRect().top))""")
        assert len(set(tops)) == {360: 4, 800: 2, 1200: 1, 1600: 1}[width]  # in so many rows
        accessible(page)


def test_the_picture_of_explore_is_in_sight_once_its_cell_was_run(made):
    page = made()
    for width in at_widths(page, height=1000):
        run(page, 4)
        page.locator(".lstm-lessons svg").first.wait_for(timeout=60_000)
        page.wait_for_timeout(1500)
        top, bottom, above, below = page.evaluate(f"""() => {{
            const svg = document.querySelector('.lstm-lessons svg').getBoundingClientRect();
            const pane = document.querySelector('{PANE}').getBoundingClientRect();
            return [svg.top, svg.bottom, pane.top, pane.bottom];
        }}""")
        assert above < top < bottom < below + 1, width
