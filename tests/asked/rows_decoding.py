"""The questions and tasks of lesson 10: the right answers."""

import numpy as np

from lstm_lessons.asked import decoding

QUESTIONS = [
    (decoding.arrows, "(3, 10, 64), (3, 10, 11)"),
    (
        lambda: decoding.arrows(batch=8, reads=25, writes=6, units=48, characters=13),
        "(8, 6, 48), (8, 6, 13)",
    ),
    (decoding.sees_the_answer, "False"),
    (decoding.one_step, "(8, 1, 64), (8, 64), (8, 64)"),
    (decoding.torch_state, "(1, 3, 64)"),
    (decoding.repeated, "(3, 9, 8)"),
    (decoding.class_axis, "error"),
    (decoding.merged, "(3, 14), (3, 14)"),
]


def both(one, other):
    return np.concatenate([one, other], axis=-1)


DECODER, HEAD = decoding._small()


def step(character, h, c):
    output, (h, c) = DECODER(character, (h, c))
    return HEAD(output).argmax(dim=-1), h, c


def from_zeros(character, h, c):
    output, (h, c) = DECODER(character)
    return HEAD(output).argmax(dim=-1), h, c


def c_first(character, h, c):
    output, (h, c) = DECODER(character, (c, h))
    return HEAD(output).argmax(dim=-1), h, c


def old_states(character, h, c):
    return step(character, h, c)[0], h, c


def scores(character, h, c):
    output, (h, c) = DECODER(character, (h, c))
    return HEAD(output), h, c


def along_timesteps(character, h, c):
    output, (h, c) = DECODER(character, (h, c))
    return HEAD(output).argmax(dim=1), h, c


def a_pair(character, h, c):
    number, *pair = step(character, h, c)
    return number, tuple(pair)


def without_timesteps(character, h, c):
    number, h, c = step(character, h, c)
    return number[:, 0], h, c


TASKS = [
    (
        decoding.joined,
        "keras",
        lambda output, fh, fc, bh, bc: [both(fh, bh), both(fc, bc)],
        {
            "by direction": (
                lambda output, fh, fc, bh, bc: [both(fh, fc), both(bh, bc)],
                "h and c of one direction were joined",
            ),
            "c first": (
                lambda output, fh, fc, bh, bc: [both(fc, bc), both(fh, bh)],
                "c came first",
            ),
            "backward first": (
                lambda output, fh, fc, bh, bc: [both(bh, fh), both(bc, fc)],
                "the backward direction stands in front",
            ),
            "along the batch": (
                lambda output, fh, fc, bh, bc: [
                    np.concatenate([fh, bh], axis=0),
                    np.concatenate([fc, bc], axis=0),
                ],
                "along the batch",
            ),
            "added": (lambda output, fh, fc, bh, bc: [fh + bh, fc + bc], "they were added"),
            "the output as h": (
                lambda output, fh, fc, bh, bc: [output, both(fc, bc)],
                "the output was taken for h",
            ),
            "one direction": (
                lambda output, fh, fc, bh, bc: [fh, fc],
                "the backward direction was left out",
            ),
            "the two h": (
                lambda output, fh, fc, bh, bc: [fh, bh],
                "Where is c?",
            ),
            "stacked": (
                lambda output, fh, fc, bh, bc: [np.stack([fh, bh]), np.stack([fc, bc])],
                "they were stacked",
            ),
        },
    ),
    (
        decoding.next_character,
        "torch",
        step,
        {
            "from zeros": (from_zeros, "the decoder began with zeros"),
            "c first": (c_first, "c was handed over in the place of h"),
            "old states": (old_states, "h and c came back as they went in"),
            "scores": (scores, "a score for each character came back"),
            "along the timesteps": (along_timesteps, "looked for along the timesteps"),
            "a pair": (a_pair, "h and c came back as a pair"),
            "no timesteps": (without_timesteps, "took the axis of the one timestep away"),
        },
    ),
]
