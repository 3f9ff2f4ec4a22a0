"""A link leads where it says, in a real JupyterLab."""

from test_controls import run

ENTRY = "What does units mean"
PLACE = """words => {
    const head = [...document.querySelectorAll('h3')].find(
        one => one.offsetHeight && one.textContent.startsWith(words));
    const pane = head.closest('.jp-WindowedPanel-outer').getBoundingClientRect();
    return [head.getBoundingClientRect().top - pane.top, pane.height];
}"""


def test_a_link_into_the_appendix_opens_at_its_entry_the_first_time(opened):
    page = opened("my-lessons/01_last_output.ipynb", height=900)
    run(page, 0, 1, 2)
    page.locator(".lstm-lessons").first.wait_for()
    page.get_by_role("link", name=ENTRY).last.click()
    page.locator("h3:visible", has_text=ENTRY).wait_for(timeout=60_000)
    page.wait_for_timeout(3000)
    top, height = page.evaluate(PLACE, ENTRY)
    assert -5 < top < height - 50
    page.mouse.move(600, 500)
    page.mouse.wheel(0, -400)  # somebody reads on, and is not taken back
    page.wait_for_timeout(1000)
    assert abs(page.evaluate(PLACE, ENTRY)[0] - top) > 200


def test_a_link_in_a_control_opens_beside_its_notebook_at_its_place(lab, opened):
    name = "my-lessons/found.ipynb"
    lab.write(name, ["from lstm_lessons import find", "find('which target belongs')", "find()"])
    page = opened(name, height=900)
    run(page, 0, 1, 2)
    page.locator(".lstm-lessons textarea").fill("what is meant by units and hidden_size")
    page.locator(".lstm-lessons").get_by_role("link", name=ENTRY).click()
    page.locator("h3:visible", has_text=ENTRY).wait_for(timeout=60_000)
    page.wait_for_timeout(3000)
    top, height = page.evaluate(PLACE, ENTRY)
    assert -5 < top < height - 50
