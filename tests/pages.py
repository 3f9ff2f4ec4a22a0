"""Questions of pages, and answers to them; without numbers and browsers."""

import json
import re

from lstm_lessons import Spec, paged
from lstm_lessons.asked import indexed, layers, memory, scenarios

EVERY = Spec(return_sequences=True)
ASKED = {
    "a layer": (EVERY, "keras", "(3, 7)|(3, 5, 7|(3, 7)|(5, 3, 7)|(7, 5, 3)|(3, 5, 7)"),
    "of PyTorch": (Spec(), "torch", "(3, 7)|(3, 5, 7), (3, 7), (3, 7)|error"),
    "a truth": (scenarios.shows_c(), "keras", "True|False"),
    "an index": (indexed.last_timestep(), "torch", "output[-1]|output[:, 4:]|output[:, 4]"),
    "shapes": (scenarios.tagger(), "keras", "(3, 7)|(3, 5, 7)"),
    "an error": (scenarios.stack_by_default(), "keras", "(3, 7)|error"),
    "padded": (memory.packed(), "torch", "(3, 5, 7)|(3, 7)|(9, 7)"),
    "a chain": (layers.last_of_both(), "torch", "(3, 7)|(3, 14)"),
}
NAMED = re.compile(r"lstm_\d+")  # Keras counts its layers


def told(kept):
    """Return what forms say and draw of all answers, and of a few settings, in one process."""
    answer, said = paged.begun(str(kept)), []
    for name, (*_, answers) in ASKED.items():
        for typed in answers.split("|"):
            said += answer(name, json.dumps({"by": "answer", "answer": typed}))
    for index in ("output[0]", "output[:, -1]", "x[0]"):
        said += answer("pick", json.dumps({"by": "index", "index": index}))
    for units in ("2", "7", "x"):
        said += answer("explore", json.dumps({"by": "units", "framework": "torch", "units": units}))
    return [NAMED.sub("lstm", parts) for parts in said]


def through(path):
    """Return the points of each line of a path, as pictures write it: "M1 2h3v4l5 6"."""
    lines = []
    for way, ends in re.findall(r"([Mhvl])([^Mhvlz]+)", path):
        to = [*map(float, ends.split())]
        if way == "M":
            lines.append([tuple(to)])
        else:
            x, y = lines[-1][-1]
            lines[-1].append((x + to[0] * (way != "v"), y + to[-1] * (way != "h")))
    return lines
