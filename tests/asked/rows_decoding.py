"""The questions and tasks of lesson 08: the right answer, and wrong ones with their beliefs."""

import numpy as np

from lstm_lessons.asked import decoding

QUESTIONS = [
    (
        decoding.arrows,
        "(3, 10, 64), (3, 10, 11)",
        {
            "(3, 10, 64), (3, 11)": "time_axis_in_head",
            "(3, 10, 64), (3, 110)": "time_axis_in_head",
            "(3, 10, 64), (3, 10, 64)": "time_axis_in_head",
            "(3, 10, 64), (3, 10, 12)": "time_axis_in_head",
            "(3, 10, 64), (3, 64), (3, 64)": "time_axis_in_head",
            "(3, 18, 64), (3, 18, 11)": "time_axis_in_head",
            "(3, 64), (3, 11)": "sequence_by_default",
            "(3, 10, 12), (3, 10, 11)": "units_as_steps",
        },
    ),
    (
        lambda: decoding.arrows(batch=8, reads=25, writes=6, units=48, characters=13),
        "(8, 6, 48), (8, 6, 13)",
        {
            "(8, 25, 48), (8, 25, 13)": "time_axis_in_head",
            "(8, 6, 48), (8, 78)": "time_axis_in_head",
            "(8, 48), (8, 13)": "sequence_by_default",
        },
    ),
    (decoding.sees_the_answer, "False", {"True": "time_axis_in_head"}),
    (
        decoding.one_step,
        "(8, 1, 64), (8, 64), (8, 64)",
        {
            "(8, 10, 64), (8, 64), (8, 64)": "time_axis_in_head",
            "(8, 1, 11)": "time_axis_in_head",
            "(8, 1, 12), (8, 64), (8, 64)": "units_as_steps",
            "(8, 64), (8, 64), (8, 64)": "sequence_by_default",
            "(8, 64), (8, 64)": "states_only",
            "(8, 1, 64), (8, 1, 64), (8, 1, 64)": "states_packaging",
            "(8, 1, 64), (8, 64)": "states_packaging",
        },
    ),
    (
        decoding.torch_state,
        "(1, 3, 64)",
        {
            "(3, 64)": "states_packaging",
            "(3, 64), (3, 64)": "states_packaging",
            "(3, 10, 64)": "states_packaging",
            "(3, 1, 64)": "batch_always_first",
            "(1, 64)": "state_without_axes",
        },
    ),
    (
        decoding.repeated,
        "(3, 9, 8)",
        {
            "(3, 5, 8)": "time_axis_in_head",
            "(3, 9, 7)": "time_axis_in_head",
            "(3, 45, 8)": "time_axis_in_head",
            "(3, 8)": "sequence_by_default",
        },
    ),
    (
        decoding.class_axis,
        "error",
        {"()": "time_axis_in_head", "(3, 10)": "time_axis_in_head"},
    ),
    (
        decoding.merged,
        "(3, 14), (3, 14)",
        {
            "(3, 28), (3, 28)": "states_merged",
            "(3, 7), (3, 7), (3, 7), (3, 7)": "states_packaging",
            "(3, 14)": "states_packaging",
            "(3, 14), (3, 14), (3, 14)": "states_packaging",
            "(3, 14), (3, 7), (3, 7), (3, 7), (3, 7)": "states_packaging",
            "(3, 7), (3, 7)": "directions_misplaced",
            "(6, 7), (6, 7)": "directions_misplaced",
        },
    ),
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
            "no timesteps": (without_timesteps, "Another shape is wanted"),
        },
    ),
]
