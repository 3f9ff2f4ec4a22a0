"""Draw the pictures of the README: python tools/pictures.py (make pictures).

tray.svg shows how what comes fills what was predicted, poster.svg the four scenarios,
cheat-sheet.svg what to write for what one wants.
"""

import pathlib
import re
from collections import Counter
from textwrap import wrap

from lstm_lessons import Spec, run
from lstm_lessons.asking.diagnosis import as_question
from lstm_lessons.drawing import scene_of, seen, tracks
from lstm_lessons.drawing.stages import over_time
from lstm_lessons.drawing.strokes import WORDS
from lstm_lessons.markup import Markup, element
from lstm_lessons.predicted import given_in
from lstm_lessons.snippets import call
from lstm_lessons.weights import inputs

PICTURES = pathlib.Path(__file__).resolve().parent.parent / "pictures"
SANS = "system-ui, sans-serif"
LOOK = f"{WORDS}; font-family: {SANS}"
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
    about |= size | {"viewBox": f"0 0 {width} {height}", "style": LOOK}
    return element("svg", paper, *parts, **about) + "\n"


PREDICTED, TURN, LAST = "(3, 5, 7)", 0.8, 2.0  # seconds for each timestep, and for the last one
TITLES = re.compile("<title>.*?</title>")  # an image says nothing to a mouse


def tray():
    """Return a wrong prediction and how what comes fills it, six seconds, as an SVG file.

    It plays three times, and not where reduced motion is wanted; the last picture stays.
    """
    spec, framework = Spec(), "keras"
    given = given_in(PREDICTED, as_question(spec, framework))
    stages = list(over_time(given, spec, run(spec, framework), framework))
    length = TURN * (len(stages) - 1) + LAST
    heading = f"{call(spec, framework)} reads {inputs(spec).shape}. You said {PREDICTED}."
    drawn = [_placed(stage) for stage in stages]
    still = [part for part in drawn[0] if all(part in others for others in drawn)]
    parts, rules = [text(24, 34, heading, 15, weight="bold"), *still], []
    for number in range(len(stages)):
        begin, last = 100 * TURN * number / length, number == len(stages) - 1
        end = 100 if last else 100 * TURN * (number + 1) / length
        seen = f"{begin:.2f}%, {end - 0.01:.2f}% {{ opacity: 1 }}"
        edges = "" if last else f"{end:.2f}%, 100% {{ opacity: 0 }}"
        dark = f"0%, {begin - 0.01:.2f}% {{ opacity: 0 }}" if number else ""
        rules.append(f"@keyframes at{number} {{ {dark} {seen} {edges} }}")
        rules.append(f".at{number} {{ animation: at{number} {length:g}s step-end 3 }}")
        moved = [part for part in drawn[number] if part not in still]
        look = f"opacity: {int(last)}"
        parts.append(element("g", *moved, **{"class": f"at{number}"}, style=look))
    moving = f"@media (prefers-reduced-motion: no-preference) {{ {' '.join(rules)} }}"
    style = element("style", Markup(moving))
    return page(640, 492, " ".join(stage.words for stage in stages), [style, *parts])


def _placed(stage):
    """Return the parts of a stage of the tray, each at its place."""
    x, parts = 24, []
    for panel in (stage.layer, *stage.beside):
        at = f"translate({x:g} 56)"
        parts += [element("g", Markup(TITLES.sub("", part)), transform=at) for part in panel.parts]
        x += panel.width + 40
    lines = wrap(stage.words, 90)
    return parts + [text(24, 464 + 18 * line, words) for line, words in enumerate(lines)]


def poster():
    """Return the four scenarios as one drawing with different parts lit, as an SVG file."""
    parts = [
        text(24, 40, "One LSTM layer, four scenarios, the same numbers", 24, weight="bold"),
        text(24, 64, "Keras, seven units. What comes back is strong; the rest is faint.", 14),
    ]
    words = []
    for place, (every, states) in enumerate(FLAGS):
        spec = Spec(return_sequences=every, return_state=states)
        scene = scene_of(spec, run(spec), seen(spec))
        x, y = 24 + 570 * (place % 2), 100 + 430 * (place // 2)
        title = f"return_sequences={every}, return_state={states}"
        parts.append(text(x, y, title, 15, "monospace", "bold"))
        for panel in tracks.panels(scene):
            size = {"width": panel.width, "height": panel.height}
            inside = {"viewBox": f"0 0 {panel.width:g} {panel.height:g}", **size}
            parts.append(element("svg", *panel.parts, x=x, y=y + 14, **inside))
            x += panel.width + 14
        words.append(scene.words)
    return page(1160, 960, " ".join(words), parts)


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


def main():
    """Write all pictures."""
    PICTURES.mkdir(exist_ok=True)
    (PICTURES / "tray.svg").write_text(tray(), encoding="utf-8")
    (PICTURES / "poster.svg").write_text(poster(), encoding="utf-8")
    (PICTURES / "cheat-sheet.svg").write_text(cheat_sheet(), encoding="utf-8")


if __name__ == "__main__":
    main()
