"""What is right in `scenarios`."""

import numpy as np
import tasks

from lstm_lessons.asking.checking import Task
from lstm_lessons.frameworks import load
from lstm_lessons.grading import predicted, worked

from . import tries

LAST, EVERY, STATES = (False, False), (True, False), (False, True)
RIGHT = (LAST, LAST, EVERY, EVERY, STATES, STATES, (True, True))
FLAGS = dict(zip((*tasks.JOBS, *tasks.OTHER_JOBS), 2 * RIGHT, strict=True))


def predictions(paper, answers, of):
    """Return the points for shapes predicted in Keras."""
    return predicted(answers, tasks.asked(paper), of)


def prediction(paper, answer, of):
    """Return the points for shapes predicted in PyTorch."""
    return predicted([answer], tasks.asked_torch(paper), of, "torch")


def flags(paper, chosen, of):
    """Return the points for the flags chosen for the paper's jobs, a part for each."""
    jobs = tuple(enumerate(tasks.jobs(paper)))
    return worked(lambda number, job: chosen[number], Task(lambda _, job: FLAGS[job], jobs), of)


def collect(paper, made, of):
    """Return the points for returning the tensors that the paper names, from a Keras layer."""

    def right(lstm, x):
        output, h, c = lstm(x)
        return _named(paper, output, h, c)

    def exchanged(lstm, x):
        output, h, c = lstm(x)
        return _named(paper, output, c, h)

    why = "h and c were exchanged. Which of the states does Keras return first?"
    return worked(made, Task(right, _keras(paper), ((exchanged, why),)), of)


def collect_torch(paper, made, of):
    """Return the points for the same tensors, shaped as in Keras, from a PyTorch layer."""

    def right(lstm, x):
        output, (h_n, c_n) = lstm(x)
        return _named(paper, output, h_n[0], c_n[0])

    def exchanged(lstm, x):
        output, (h_n, c_n) = lstm(x)
        return _named(paper, output, c_n[0], h_n[0])

    def with_layers(lstm, x):
        output, (h_n, c_n) = lstm(x)
        return _named(paper, output, h_n, c_n)

    wrong = (
        (exchanged, "h and c were exchanged. Which of the states does PyTorch return first?"),
        (with_layers, "the states keep their axis of layers. Keras' states have none."),
    )
    return worked(made, Task(right, _torch(paper), wrong), of, "torch")


def _named(paper, output, h, c):
    """Return the tensors that the paper names, in its order."""
    returned = dict(output=output, h=h, c=c, first=output[:, 0], before=output[:, -2])
    returned["largest"] = np.asarray(output).max(axis=1)
    return tuple(returned[name] for name in tasks.collection(paper))


def two_heads(paper, made, of):
    """Return the points for labels of timesteps and scores of sequences, in PyTorch."""
    nn, wished = load("torch").torch.nn, tasks.scored(paper)
    parts = {
        "last": (lambda output, c: output[:, -1], "of the last output"),
        "first": (
            lambda output, c: output[:, 0],
            "of the first output, after one timestep",
        ),
        "c": (lambda output, c: c, "of c, which is memory; what the layer says is h"),
        "mean": (lambda output, c: output.mean(dim=1), "of the mean of the outputs"),
    }

    def heads(part):
        def made(lstm, tag, score, x):
            output, (_, c_n) = lstm(x)
            return tag(output), score(part(output, c_n[0]))

        return made

    def with_layers(lstm, tag, score, x):
        output, (h_n, _) = lstm(x)
        return tag(output), score(h_n)

    def every(lstm, tag, score, x):
        output, _ = lstm(x)
        return tag(output), score(output)

    inputs = tuple(
        (lstm, nn.Linear(lstm.hidden_size, 5), nn.Linear(lstm.hidden_size, 1), x)
        for lstm, x in _torch(paper)
    )
    wrong = (
        *(
            (heads(part), f"the score is made {words}.")
            for name, (part, words) in parts.items()
            if name not in (wished, "last")
        ),
        (with_layers, "the score keeps the axis of layers that `h_n` has."),
        (every, "there is a score for each timestep. A sequence wants one."),
    )
    return worked(made, Task(heads(parts[wished][0]), inputs, wrong), of, "torch")


def forgetful(paper, made, of):
    """Return the points for the last h of a Keras layer that forgets after some timesteps."""
    wished = tasks.forgotten(paper)

    def forgetting(which):
        def read(lstm, x, kept):
            _, h, c = lstm(x[:, :kept])
            keeps_h, keeps_c = which == "c", which == "h"
            return lstm(x[:, kept:], initial_state=[keeps_h * h, keeps_c * c])[1]

        return read

    words = dict(c="only c was forgotten.", h="h was forgotten and c was kept.")
    words["both"] = "h and c were forgotten." if wished == "h" else "h was forgotten, too."
    inputs = tuple((lstm, x, 1 + number % 2) for number, (lstm, x) in enumerate(_keras(paper)))
    wrong = (
        (lambda lstm, x, kept: lstm(x)[1], "nothing was forgotten."),
        *((forgetting(one), words[one]) for one in ("both", "h") if one != wished),
    )
    return worked(made, Task(forgetting(wished), inputs, wrong), of)


def _keras(paper):
    return tries(paper, tasks.spec(paper))


def _torch(paper):
    return tries(paper, tasks.spec(paper), "torch")


TESTS = {
    "test-predict-keras": ("predictions", predictions),
    "test-predict-torch": ("prediction", prediction),
    "test-flags": ("flags", flags),
    "test-collect": ("collect", collect),
    "test-collect-torch": ("collect_torch", collect_torch),
    "test-two-heads": ("two_heads", two_heads),
    "test-forgetful": ("forgetful", forgetful),
}
