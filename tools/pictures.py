"""Draw the pictures of the README: python tools/pictures.py (make pictures).

poster.svg shows the four scenarios, cheat-sheet.svg what to write for what one wants. With a
Chromium on the machine, a screenshot of a wrong prediction is made anew too.
"""

import pathlib
import shutil
import tempfile
from collections import Counter
from dataclasses import replace

import browser

import course
from lstm_lessons import Spec, run
from lstm_lessons.drawing import scene_of, tracks
from lstm_lessons.markup import element
from lstm_lessons.reference import traces

PICTURES = pathlib.Path(__file__).resolve().parent.parent / "pictures"
SANS = "system-ui, sans-serif"
FLAGS = [(False, False), (True, False), (False, True), (True, True)]

# What one wants of x, (batch, timesteps, features), what to write, and the axes that come back.
# `layer` and `lstm` are made in the first two rows; the test runs every line.
BATCH = ("batch", "units")
EVERY = ("batch", "timesteps", "units")
STATE = ("layers", "batch", "units")
RECIPES = [
    (
        "one vector for each sequence",
        "LSTM(7)(x)",
        "lstm(x)[0][:, -1]",
        [BATCH],
        [BATCH],
    ),
    (
        "a vector for each timestep",
        "LSTM(7, return_sequences=True)(x)",
        "lstm(x)[0]",
        [EVERY],
        [EVERY],
    ),
    (
        "the output, the last h and the last c",
        "LSTM(7, return_state=True)(x)",
        "(lstm(x)[0][:, -1], *lstm(x)[1])",
        [BATCH] * 3,
        [BATCH, STATE, STATE],
    ),
    (
        "every h, the last h and the last c",
        "LSTM(7, return_sequences=True, return_state=True)(x)",
        "lstm(x)",
        [EVERY, BATCH, BATCH],
        [EVERY, STATE, STATE],
    ),
    (
        "the last h as (batch, units)",
        "LSTM(7, return_state=True)(x)[1]",
        "lstm(x)[1][0][-1]",
        [BATCH],
        [BATCH],
    ),
    (
        "the last c as (batch, units)",
        "LSTM(7, return_state=True)(x)[2]",
        "lstm(x)[1][1][-1]",
        [BATCH],
        [BATCH],
    ),
    (
        "to go on from states h, c",
        "LSTM(7)(x, initial_state=[h, c])",
        "lstm(x, (h[None], c[None]))[0][:, -1]",
        [BATCH],
        [BATCH],
    ),
    (
        "a layer on top of a layer",
        "LSTM(7)(LSTM(7, return_sequences=True)(x))",
        "LSTM(6, 7, 2, batch_first=True)(x)[0][:, -1]",
        [BATCH],
        [BATCH],
    ),
    (
        "one number for each sequence",
        "Dense(1)(LSTM(7)(x))",
        "Linear(7, 1)(lstm(x)[0][:, -1])",
        [("batch", 1)],
        [("batch", 1)],
    ),
    (
        "one number for each timestep",
        "Dense(1)(LSTM(7, return_sequences=True)(x))",
        "Linear(7, 1)(lstm(x)[0])",
        [("batch", "timesteps", 1)],
        [("batch", "timesteps", 1)],
    ),
    (
        "to read a single sequence",
        "LSTM(7)(x[0][None])",
        "lstm(x[0][None])[0][:, -1]",
        [(1, "units")],
        [(1, "units")],
    ),
]
BOTH = "torch.cat([h_n[-2], h_n[-1]], dim=-1)"
NOTES = [
    "h and c are (batch, units). In PyTorch h_n and c_n have an axis for layers in front.",
    f"Two directions: [:, -1] is not the last h of both. In PyTorch that is {BOTH}.",
    "Padding behind: in PyTorch [:, -1] is not the last valid h. Pack the batch, and take h_n[-1].",
]


def text(x, y, words, size=13, family=SANS, weight="normal", fill="#222"):
    style = f"font-family: {family}; font-size: {size}px; font-weight: {weight}; fill: {fill}"
    return element("text", words, x=x, y=y, style=style)


def page(width, height, label, parts):
    """Return an SVG file on white paper."""
    size = {"width": width, "height": height}
    paper = element("rect", **size, fill="#fff")
    about = {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "aria_label": label}
    return element("svg", paper, *parts, **about, **size, viewBox=f"0 0 {width} {height}") + "\n"


def poster():
    """Return the four scenarios as one drawing with different parts lit, as an SVG file."""
    parts = [
        text(24, 40, "One LSTM layer, four scenarios, the same numbers", 24, weight="bold"),
        text(24, 64, "Keras, seven units. What comes back is strong; the rest is pale.", 14),
    ]
    words = []
    for place, (every, states) in enumerate(FLAGS):
        spec = Spec(return_sequences=every, return_state=states)
        scene = scene_of(spec, run(spec), traces(replace(spec, batch=1)))
        x, y = 24 + 830 * (place % 2), 100 + 400 * (place // 2)
        title = f"return_sequences={every}, return_state={states}"
        inside, height = tracks.drawn(scene)
        size = {"width": scene.width, "height": height, "viewBox": f"0 0 {scene.width} {height}"}
        parts.append(text(x, y, title, 15, "monospace", "bold"))
        parts.append(element("svg", *inside, x=x, y=y + 14, **size, style=f"font-family: {SANS}"))
        words.append(scene.words)
    return page(1680, 880, " ".join(words), parts)


def named(axes):
    """Return the axes in words: "(batch, units), 2 × (layers, batch, units)"."""
    alike = Counter(f"({', '.join(map(str, one))})" for one in axes)
    return ", ".join(f"{count} × {one}" if count > 1 else one for one, count in alike.items())


def cheat_sheet():
    """Return what to write for what one wants, a page to print, as an SVG file."""
    mono = "ui-monospace, monospace"
    parts = [
        text(40, 50, "What do I write for the output that I want?", 22, weight="bold"),
        text(
            40,
            78,
            "I have x, (batch, timesteps, features), here (3, 5, 6), without padding. Seven units, "
            "one direction.",
        ),
        text(40, 100, "Keras: from keras.layers import LSTM, Dense", 12, mono),
        text(40, 118, "PyTorch: from torch.nn import LSTM, Linear", 12, mono),
        text(105, 136, "lstm = LSTM(6, 7, batch_first=True)", 12, mono),
    ]
    y = 172
    for want, keras_code, torch_code, keras_axes, torch_axes in RECIPES:
        parts.append(element("line", x1=40, x2=754, y1=y - 20, y2=y - 20, stroke="#bbb"))
        parts.append(text(40, y, f"I want {want}", 14, weight="bold"))
        for line, (title, code, axes) in enumerate(
            [("Keras", keras_code, keras_axes), ("PyTorch", torch_code, torch_axes)], 1
        ):
            parts.append(text(40, y + 20 * line, title, 12, fill="#555"))
            parts.append(text(100, y + 20 * line, code, 12, mono))
            parts.append(text(490, y + 20 * line, named(axes), 11, fill="#00629b"))
        y += 78
    for line, words in enumerate(NOTES):
        parts.append(text(40, y + 20 * line, words, 12))
    label = "; ".join(f"{want}: Keras {k}, PyTorch {t}" for want, k, t, _, _ in RECIPES)
    return page(794, y + 20 * len(NOTES) + 10, " ".join([label, *NOTES]), parts)


def screenshot():
    """Photograph a wrong prediction and its diagnosis, in a real JupyterLab."""
    with tempfile.TemporaryDirectory() as scratch, browser.chrome() as chrome:
        folder = pathlib.Path(scratch, "course")
        shutil.copytree(course.HERE / "notebooks", folder / "notebooks")
        course.HERE = folder
        course.lessons()
        with browser.lab(chrome, folder, pathlib.Path(scratch, "settings")) as lab:
            page = lab.open("my-lessons/01_last_output.ipynb", width=1000)
            browser.run_all(page)
            field = page.locator("input[placeholder='type it and press Enter']").first
            field.fill("(3, 5)")
            field.press("Enter")
            page.get_by_text("Not yet.").wait_for()
            cell = page.locator(".jp-CodeCell").filter(has_text="ask(spec)").first
            cell.screenshot(path=PICTURES / "wrong-prediction.png")


def main():
    """Write all pictures."""
    PICTURES.mkdir(exist_ok=True)
    (PICTURES / "poster.svg").write_text(poster(), encoding="utf-8")
    (PICTURES / "cheat-sheet.svg").write_text(cheat_sheet(), encoding="utf-8")
    if browser.chromium():
        screenshot()


if __name__ == "__main__":
    main()
