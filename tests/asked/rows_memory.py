"""The questions and tasks of lessons 08 and 09: the right answers."""

import keras
import numpy as np
import torch

from lstm_lessons.asked import memory

REFUSED = keras.__version__.startswith(("3.12.", "3.13."))  # a last batch of one, by predict
QUESTIONS = [
    (memory.masked, "(3, 5, 7)"),
    (memory.masked_steps, "False"),
    (memory.padded_in_front, "True"),
    (memory.mask_after_arithmetic, "False"),
    (memory.packed, "(9, 7)"),
    (memory.unpacked, "(3, 4, 7)"),
    (lambda: memory.unpacked(lengths=(7, 11, 3, 8, 9), timesteps=15, units=10), "(5, 11, 10)"),
    (memory.both_directions, "False"),
    (memory.forgets, "True"),
    (memory.two_of_the_batch, "error"),
    (memory.ten_in_threes, "error" if REFUSED else "(12, 7)"),
    (memory.handed_over, "error"),
    (memory.detached, "True"),
]


def last_valid(output, lengths):
    return output[range(len(lengths)), lengths - 1]


def mean_over_valid(output, lengths):
    valid = np.arange(output.shape[1]) < lengths[:, None]
    return (output * valid[..., None]).sum(axis=1) / lengths[:, None]


def read_in_chunks(recurrent, x, length=3, handed=lambda h, c: (h, c)):
    outputs, state = [], None
    for chunk in x.split(length, dim=1):
        output, state = recurrent(chunk, state)
        outputs.append(output)
        state = handed(*state)
    return torch.cat(outputs, dim=1)


TASKS = [
    (
        memory.last_valid,
        "torch",
        last_valid,
        {
            "the last of all": (lambda output, lengths: output[:, -1], "valid or not"),
            "one too far": (
                lambda output, lengths: output[range(len(lengths)), lengths],
                "first padded timestep",
            ),
            "a slice": (lambda output, lengths: output[:, lengths - 1], "from every sequence"),
        },
    ),
    (
        memory.mean_over_valid,
        "keras",
        mean_over_valid,
        {
            "of all": (lambda output, lengths: output.mean(axis=1), "went into the mean"),
            "the sum of all": (
                lambda output, lengths: output.sum(axis=1) / lengths[:, None],
                "need not be zeros",
            ),
            "divided by all": (
                lambda output, lengths: (
                    mean_over_valid(output, lengths) * lengths[:, None] / output.shape[1]
                ),
                "number of all timesteps",
            ),
        },
    ),
    (
        memory.read_in_chunks,
        "torch",
        read_in_chunks,
        {
            "at once": (lambda recurrent, x: recurrent(x)[0], "must be 1 to 3 timesteps, got 10"),
            "by fours": (lambda *given: read_in_chunks(*given, length=4), "got 4"),
            "nothing handed": (
                lambda *given: read_in_chunks(*given, handed=lambda h, c: None),
                "each chunk began with zeros",
            ),
            "no c": (
                lambda *given: read_in_chunks(*given, handed=lambda h, c: (h, 0 * c)),
                "c was not",
            ),
            "no h": (
                lambda *given: read_in_chunks(*given, handed=lambda h, c: (0 * h, c)),
                "h was not",
            ),
            "swapped": (
                lambda *given: read_in_chunks(*given, handed=lambda h, c: (c, h)),
                "changed places",
            ),
            "the last": (lambda *given: read_in_chunks(*given)[:, -1:], "Where are the others"),
            "a list": (
                lambda *given: list(read_in_chunks(*given).split(3, dim=1)),
                "in 4 pieces; `torch.cat(…, dim=1)` joins them",
            ),
            "a list, nothing handed": (
                lambda recurrent, x: [recurrent(chunk)[0] for chunk in x.split(3, dim=1)],
                "each chunk began with zeros",
            ),
            "with the states": (
                lambda recurrent, x: [recurrent(chunk) for chunk in x.split(3, dim=1)],
                "Another shape is wanted",
            ),
        },
    ),
    (
        memory.of_first,
        "torch",
        lambda h_n, c_n, number: [h_n[:, :number], c_n[:, :number]],
        {
            "layers": (lambda h, c, n: (h[:n], c[:n]), "first layers"),
            "units": (lambda h, c, n: (h[..., :n], c[..., :n]), "first units"),
            "the last": (lambda h, c, n: (h[:, -n:], c[:, -n:]), "last sequences"),
            "an index": (lambda h, c, n: (h[:, n], c[:, n]), "A slice keeps the axis"),
            "swapped": (lambda h, c, n: (c[:, :n], h[:, :n]), "changed places"),
            "h alone": (lambda h, c, n: h[:, :n], "c was left out"),
            "no c": (lambda h, c, n: (h[:, :n], 0 * c[:, :n]), "c begins with zeros"),
        },
    ),
]
