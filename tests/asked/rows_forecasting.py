"""The questions and tasks of lesson 11: right answers and solutions, and wrong ones."""

import numpy as np

from lstm_lessons.asked import forecasting
from lstm_lessons.data import windows


def beats_naive():
    return forecasting.beats_naive(forecaster=0.78, naive=0.76)


def beats_mean():
    return forecasting.beats_mean(network=0.521, mean=0.519)


QUESTIONS = [
    (forecasting.cut, "(236, 10, 3), (236, 5)"),
    (forecasting.five_days, "(None, 5)"),
    (forecasting.scaled_before_split, "False"),
    (forecasting.naive_looks, "True"),
    (beats_naive, "False"),
    (beats_mean, "False"),
]


def leaking(series, timesteps, ahead):
    x, y = windows(series, timesteps, ahead)
    return x, np.concatenate([x[:, -1:, 0], y[:, :-1]], axis=1)


def every_feature(series, timesteps, ahead):
    x, y = windows(series, timesteps, ahead)
    return x, np.stack([series[timesteps + first :][:ahead] for first in range(len(y))])


def scaled(series, part, axis=0):
    return (series - part.mean(axis)) / part.std(axis)


TASKS = [
    (
        forecasting.windowing,
        "keras",
        windows,
        {
            "the window's last day": (leaking, "a leak"),
            "features first": (
                lambda *given: (windows(*given)[0].swapaxes(1, 2), windows(*given)[1]),
                "swapaxes",
            ),
            "the last window": (
                lambda series, *given: windows(series[:-1], *given),
                "the last window was left out",
            ),
            "end to end": (
                lambda series, timesteps, ahead: tuple(
                    part[::timesteps] for part in windows(series, timesteps, ahead)
                ),
                "laid end to end",
            ),
            "every feature": (every_feature, "y had every feature"),
        },
    ),
    (
        forecasting.scaling,
        "keras",
        lambda series, days: scaled(series, series[:days]),
        {
            "all days": (lambda series, days: scaled(series, series), "leak into the training"),
            "one mean": (
                lambda series, days: scaled(series, series[:days], axis=None),
                "Each has its own",
            ),
            "the other days": (
                lambda series, days: scaled(series, series[days:]),
                "from the days after the first",
            ),
            "one part": (
                lambda series, days: scaled(series[:days], series[:days]),
                "All days are scaled",
            ),
        },
    ),
    (
        forecasting.naive,
        "keras",
        lambda price, ahead: abs(price[ahead:] - price[:-ahead]).mean(),
        {
            "np.roll": (
                lambda price, ahead: abs(price - np.roll(price, ahead)).mean(),
                "goes round",
            ),
            "no abs": (
                lambda price, ahead: (price[ahead:] - price[:-ahead]).mean(),
                "had cancelled",
            ),
            "one day": (lambda price, ahead: abs(np.diff(price)).mean(), "always one day ahead"),
            "squares": (
                lambda price, ahead: ((price[ahead:] - price[:-ahead]) ** 2).mean(),
                "were squared",
            ),
            "no mean": (lambda price, ahead: abs(price[ahead:] - price[:-ahead]), "Their mean"),
        },
    ),
]
