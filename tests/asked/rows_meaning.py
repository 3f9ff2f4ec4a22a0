"""The questions and tasks of lesson 07: right answers."""

import numpy as np

from lstm_lessons.asked import meaning

QUESTIONS = [
    (meaning.row_moves, "True"),
    (meaning.table, "(9, 7), (1, 7)"),
    (meaning.table, "timesteps x units, layers x units"),
    (meaning.series, "batch x units"),
    (meaning.series, "(60, 4)"),
    (meaning.last_of_h_n, "True"),
    (meaning.two_names, "(5, 7), (5, 7)"),
    (meaning.difference, "(3, 3)"),
    (meaning.reshaped_states, "True"),
    (meaning.mean_is_dearer, "False"),
]


def alone(network, x):
    results = [network(x[place : place + 1]) for place in range(len(x))]
    return not np.allclose(network(x), np.concatenate(results), rtol=0, atol=1e-6)


def each_changed(network, x):
    """Another right solution than the task's own."""
    for place in range(len(x)):
        other = x.copy()
        other[place] += 1
        moved = ~np.isclose(network(other), network(x), rtol=0, atol=1e-6)
        if np.delete(moved, place, axis=0).any():
            return True
    return False


def changed(network, x, place):
    other = x.copy()
    other[place] += 1
    moved = ~np.isclose(network(other), network(x), rtol=0, atol=1e-6)
    return bool(np.delete(moved, place, axis=0).any())


def permuted(network, x):
    turned = np.roll(network(np.roll(x, 1, axis=0)), -1, axis=0)
    return not np.allclose(turned, network(x), rtol=0, atol=1e-6)


def uneven(network, x):
    """Compare with a list of batches of one, which broadcasts."""
    singles = [network(x[place : place + 1]) for place in range(len(x))]
    return not np.allclose(network(x), singles, rtol=0, atol=1e-6)


def squares(difference):
    return (difference**2).mean()


def apart(network, x, place):
    """Return whether one sequence gets another result in the batch than alone."""
    alone = network(x[place:][:1])
    return not np.allclose(network(x)[place], alone[0], rtol=0, atol=1e-6)


TASKS = [
    (
        meaning.leaks,
        "keras",
        alone,
        {
            "the other way round": (lambda n, x: not alone(n, x), "keeps its sequences apart"),
            "always": (lambda n, x: True, "keeps its sequences apart"),
            "permuted": (
                permuted,
                "behind `x - x.mean(axis=0)` and `x` (batch 5, timesteps 5, features 6), yours "
                "returned False",
            ),
            "permuted, in words": (permuted, "you permute the batch, and no more"),
            "not concatenated": (uneven, "do they broadcast?"),
            "the fourth": (lambda n, x: changed(n, x, 3), "behind `x + x[0]`"),
            "the first": (lambda n, x: changed(n, x, 0), "you try one sequence"),
            "the last": (lambda n, x: changed(n, x, -1), "you try one sequence"),
            **{
                f"{place}": (lambda n, x, one=place: changed(n, x, one), "you try one sequence")
                for place in (1, 2, 3)
            },
            **{
                f"{place} alone": (
                    lambda n, x, one=place: apart(n, x, one),
                    "you compare one sequence alone",
                )
                for place in (0, 1, 2, 3, -1)
            },
            "the first two": (
                lambda n, x: not np.allclose(n(x)[:2], n(x[:2]), rtol=0, atol=1e-6),
                "Which do you try, and at which do you look?",
            ),
            "never": (lambda n, x: False, "Which do you try, and at which do you look?"),
            "of each": (
                lambda n, x: np.array([apart(n, x, place) for place in range(len(x))]),
                "One answer is wanted",
            ),
        },
    ),
    (meaning.leaks, "keras", each_changed, {"never": (lambda n, x: False, "returned False")}),
    (
        meaning.sequence_loss,
        "torch",
        lambda prediction, target: squares(prediction[..., 0] - target),
        {
            "as it was": (lambda p, t: squares(p - t), "still meets other targets"),
            "the wrong place": (lambda p, t: squares(p - t.unsqueeze(1)), "not at the end"),
            "all axes": (lambda p, t: squares(p.squeeze() - t), "every axis of 1 is gone"),
            "a sum": (lambda p, t: ((p[..., 0] - t) ** 2).sum(), "the squares were added up"),
            "of one": (lambda p, t: ((p[0, 0, 0] - t) ** 2).mean(), "Another value is wanted"),
        },
    ),
    (
        meaning.sequence_loss,
        "torch",
        lambda prediction, target: squares(prediction - target.unsqueeze(-1)),
        {"none": (lambda p, t: None, "Is a `return` missing?")},
    ),
]
