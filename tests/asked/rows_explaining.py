"""Lesson 12: the right answers, and the task."""

import functools

import numpy as np

from lstm_lessons.asked import explaining

QUESTIONS = [
    (explaining.handed_on, "(9, 32), (9, 1)"),
    (explaining.last_of_a_stack, "(2, 10, 16), (10, 16)"),
    (explaining.two_inputs, "(6, 24, 20), (6, 17)"),
    (explaining.both_directions, "(7, 24), (4, 7, 12)"),
    (explaining.attended, "(5, 13, 16), (5, 7, 16), (5, 7, 11)"),
    (explaining.should_have_read, "(11, 14, 8)"),
    (explaining.in_the_tuple, "(8, 12, 18), (1, 8, 18), (1, 8, 18)"),
    (explaining.as_the_message_says, "False"),
]


def scores(*rows, step=None, head=True):
    """Return a solution with the lstm and the head of the task, made from rows of h_n."""

    def made(x):
        import torch

        lstm, linear = LAYERS
        output, (h_n, _) = lstm(x)
        joined = output[:, step] if step is not None else torch.cat([h_n[r] for r in rows], -1)
        return linear(joined) if head else joined

    return made


LAYERS = []


def ends():
    """Return the task for one pair of layers, which the solutions use, too."""
    import torch

    if not LAYERS:
        torch.manual_seed(0)
        LAYERS.extend(
            (
                torch.nn.LSTM(8, 12, 2, bidirectional=True, batch_first=True),
                torch.nn.Linear(24, 5),
            )
        )
    return explaining.ends(*LAYERS)


@functools.cache
def network():
    """Return the network that the stack of the clinic was meant to be."""
    import keras

    lower, upper = keras.layers.LSTM(8, return_sequences=True), keras.layers.LSTM(6)
    return keras.Sequential([keras.Input((None, 4)), lower, upper])


def stack():
    return explaining.stack(network())


def between(change):
    """Return a solution that changes what the lower layer hands to the upper one.

    change: (keras.ops, every h) → what is handed over.
    """

    def made(x):
        from keras import ops

        lower, upper = network().layers
        return upper(change(ops, lower(x)))

    return made


def repeated(ops, every):
    return ops.repeat(every[:, -1:], 14, axis=1)


def listed(x):
    from keras import ops

    return ops.convert_to_numpy(network()(x)).tolist()


TASKS = [
    (
        stack,
        "keras",
        lambda x: network()(x),
        {
            "repeated": (between(repeated), "the last h of `lower` 14 times"),
            "one timestep": (between(lambda ops, every: every[:, -1:]), "received one timestep"),
            "the first repeated": (
                between(lambda ops, every: ops.repeat(every[:, :1], 14, axis=1)),
                "the values are not",
            ),
            "turned": (between(lambda ops, every: ops.flip(every, axis=1)), "the values are not"),
            "the mean": (
                between(lambda ops, every: ops.mean(every, axis=1, keepdims=True)),
                "the values are not",
            ),
            "another sequence": (
                between(lambda ops, every: ops.flip(every, axis=0)),
                "the values are not",
            ),
            "the lower layer": (lambda x: network().layers[0](x)[:, -1, :6], "values are not"),
            "zeros": (lambda x: np.zeros((len(x), 6), "float32"), "the values are not"),
            "no batch": (lambda x: network()(x)[0], "Another shape is wanted"),
            "a list": (listed, "but in a list; `np.array(…)` makes"),
        },
    ),
    (
        ends,
        "torch",
        scores(-2, -1),
        {
            "the last timestep": (scores(step=-1), "Where does the backward one end"),
            "the first timestep": (scores(step=0), "Where does the forward one end"),
            "the lower layer": (scores(0, 1), "the lower layer's h"),
            "the other order": (scores(-1, -2), "the backward half comes first"),
            "the states": (scores(-2, -1, head=False), "What does `head` make of them"),
        },
    ),
]
