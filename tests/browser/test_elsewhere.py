"""Pages that know none of Jupyter's colours, as VS Code's: dark or light, words can be read."""

import pytest

from lstm_lessons import Spec, expected, run
from lstm_lessons.drawing import draw
from lstm_lessons.pictures import table

pytestmark = pytest.mark.more

# The contrast of every word with what lies behind it, as WCAG 2.2 defines it; the least of them.
LEAST = """() => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
    const light = colour => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        const parts = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map(one => one / 255);
        const [red, green, blue] = parts.map(
            one => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const page = light(getComputedStyle(document.body).backgroundColor);
    const inks = [...document.querySelectorAll('svg text, td, th, caption, summary')]
        .filter(one => !one.closest('body [style*="#fff"], [fill="#fff"]'))
        .filter(one => one.getClientRects().length)
        .map(one => getComputedStyle(one)[one.localName === 'text' ? 'fill' : 'color']);
    const paper = [...document.querySelectorAll('svg [fill="var(--paper)"]')]
        .map(one => light(getComputedStyle(one).fill));
    const contrast = (one, other) =>
        (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    const grounds = [page, ...paper];
    return [inks.length, paper.length,
            Math.min(...inks.flatMap(ink => grounds.map(ground => contrast(light(ink), ground))))];
}"""


@pytest.mark.parametrize(("paper", "ink"), [("#1e1e1e", "#d4d4d4"), ("#ffffff", "#333333")])
def test_words_are_read_on_a_page_that_knows_none_of_jupyters_colours(chrome, paper, ink):
    spec = Spec(return_sequences=True, return_state=True)
    shown = draw(spec, run(spec), "keras").html + table(expected(spec).tensors, "What came").html
    page = chrome.new_page()
    page.set_content(f"<body style='background: {paper}; color: {ink}'>{shown}")
    words, papers, least = page.evaluate(LEAST)
    page.close()
    assert words > 20
    assert papers
    assert least > 4.5
