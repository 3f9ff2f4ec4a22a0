"""What is right in `scenarios`."""

import tasks

from lstm_lessons.exercises import Task
from lstm_lessons.frameworks import load
from lstm_lessons.grading import predicted, worked

from . import student, tries

LAST, EVERY, STATES = (False, False), (True, False), (False, True)
FLAGS = dict(zip(tasks.JOBS, (LAST, LAST, EVERY, EVERY, STATES, STATES, (True, True)), strict=True))


def paper():
    """Return the Paper of the submission that is graded."""
    return tasks.paper(student())


def predictions(answers, of):
    """Return the points for shapes predicted in Keras."""
    return predicted(answers, tasks.asked(paper()), of)


def prediction(answer, of):
    """Return the points for shapes predicted in PyTorch."""
    return predicted([answer], tasks.asked_torch(paper()), of, "torch")


def flags(chosen, of):
    """Return the points for the flags chosen for the paper's jobs, a part for each."""
    jobs = tuple(enumerate(tasks.jobs(paper())))
    return worked(lambda number, job: chosen[number], Task(lambda _, job: FLAGS[job], jobs), of)


def collect(made, of):
    """Return the points for returning the tensors that the paper names, from a Keras layer."""

    def right(lstm, x):
        output, h, c = lstm(x)
        return _named(output, h, c)

    def exchanged(lstm, x):
        output, h, c = lstm(x)
        return _named(output, c, h)

    why = "h and c were exchanged. Which of the states does Keras return first?"
    return worked(made, Task(right, _keras(), ((exchanged, why),)), of)


def collect_torch(made, of):
    """Return the points for the same tensors, shaped as in Keras, from a PyTorch layer."""

    def right(lstm, x):
        output, (h_n, c_n) = lstm(x)
        return _named(output, h_n[0], c_n[0])

    def exchanged(lstm, x):
        output, (h_n, c_n) = lstm(x)
        return _named(output, c_n[0], h_n[0])

    def with_layers(lstm, x):
        output, (h_n, c_n) = lstm(x)
        return _named(output, h_n, c_n)

    wrong = (
        (exchanged, "h and c were exchanged. Which of the states does PyTorch return first?"),
        (with_layers, "the states keep their axis of layers. Keras' states have none."),
    )
    return worked(made, Task(right, _torch(), wrong), of, "torch")


def _named(output, h, c):
    """Return the tensors that the paper names, in its order."""
    returned = dict(output=output, h=h, c=c)
    return tuple(returned[name] for name in tasks.collection(paper()))


def two_heads(made, of):
    """Return the points for labels of timesteps and scores of sequences, in PyTorch."""
    nn = load("torch").torch.nn

    def right(lstm, tag, score, x):
        output, (h_n, _) = lstm(x)
        return tag(output), score(h_n[0])

    def first(lstm, tag, score, x):
        output, _ = lstm(x)
        return tag(output), score(output[:, 0])

    def of_c(lstm, tag, score, x):
        output, (_, c_n) = lstm(x)
        return tag(output), score(c_n[0])

    def with_layers(lstm, tag, score, x):
        output, (h_n, _) = lstm(x)
        return tag(output), score(h_n)

    def every(lstm, tag, score, x):
        output, _ = lstm(x)
        return tag(output), score(output)

    inputs = tuple(
        (lstm, nn.Linear(lstm.hidden_size, 5), nn.Linear(lstm.hidden_size, 1), x)
        for lstm, x in _torch()
    )
    wrong = (
        (first, "the score is made of the first output, which has read one timestep."),
        (of_c, "the score is made of c, which is memory; what the layer says is h."),
        (with_layers, "the score keeps the axis of layers that `h_n` has."),
        (every, "there is a score for each timestep. A sequence wants one."),
    )
    return worked(made, Task(right, inputs, wrong), of, "torch")


def forgetful(made, of):
    """Return the points for the last h of a Keras layer that forgets c after some timesteps."""

    def right(lstm, x, kept):
        _, h, c = lstm(x[:, :kept])
        return lstm(x[:, kept:], initial_state=[h, 0 * c])[1]

    def without_h(lstm, x, kept):
        _, h, c = lstm(x[:, :kept])
        return lstm(x[:, kept:], initial_state=[0 * h, c])[1]

    inputs = tuple((lstm, x, 1 + number % 2) for number, (lstm, x) in enumerate(_keras()))
    wrong = (
        (lambda lstm, x, kept: lstm(x)[1], "nothing was forgotten."),
        (lambda lstm, x, kept: lstm(x[:, kept:])[1], "h was forgotten, too."),
        (without_h, "h was forgotten and c was kept."),
    )
    return worked(made, Task(right, inputs, wrong), of)


def _keras():
    return tries(paper(), tasks.spec(paper()))


def _torch():
    return tries(paper(), tasks.spec(paper()), "torch")
