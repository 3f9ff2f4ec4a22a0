"""The prices as they were published, and windows that let nothing through from ahead."""

import re

import numpy as np
import pytest

from lstm_lessons.data import WTI, prices, windows


def test_the_prices_are_those_of_the_file():
    dates, dollars = prices()
    lines = WTI.read_text().splitlines()[1:]
    assert dates.shape == dollars.shape == (8611,) == (len(lines),)
    for place in (0, 1, -1, -3):
        month, day, year = lines[place].split(",")[0].split("/")
        assert str(dates[place]) == f"{year}-{month:0>2}-{day:0>2}"
    assert dollars[[0, 1, -2, -1]].tolist() == [25.56, 26.0, 46.31, 46.92]


def test_every_holiday_is_there_and_has_no_price():
    dates, dollars = prices()
    assert np.isnan(dollars).sum() == 290
    assert np.isnan(dollars[dates == np.datetime64("2018-12-25")]).all()
    assert (dollars[~np.isnan(dollars)] > 0).all()  # so that there are logarithms


def test_the_days_are_all_weekdays_in_order():
    dates, _ = prices()
    assert np.is_busday(dates).all()
    assert (np.diff(dates) > np.timedelta64(0)).all()
    assert len(dates) == np.busday_count(dates[0], dates[-1]) + 1


def table(days, features):
    """Numbers that tell the day (tens) and the feature (ones)."""
    return 10.0 * np.arange(days)[:, None] + np.arange(features)


@pytest.mark.parametrize(
    ("days", "features", "timesteps", "ahead"),
    [(17, 3, 5, 2), (17, 1, 5, 1), (7, 3, 5, 2), (30, 6, 1, 9)],
)
def test_windows_against_slices(days, features, timesteps, ahead):
    series = table(days, features)
    x, y = windows(series, timesteps, ahead)
    samples = days - timesteps - ahead + 1
    assert x.shape == (samples, timesteps, features)
    assert y.shape == (samples, ahead)
    for first in range(samples):
        last = first + timesteps
        assert (x[first] == series[first:last]).all()
        assert (y[first] == series[last : last + ahead, 0]).all()


def test_the_last_day_is_forecast_and_no_day_beyond_it():
    series = table(17, 3)
    assert windows(series, 5, 2)[1].max() == series[-1, 0]


def test_windows_are_copies():
    series = table(17, 3)
    x, y = windows(series, 5, 2)
    x[:], y[:] = -1, -1
    assert (series == table(17, 3)).all()
    assert (x == -1).all()


WITH_NAN = table(17, 3)
WITH_NAN[[4, 9], 0] = np.nan


@pytest.mark.parametrize(
    ("series", "timesteps", "ahead", "said"),
    [
        (
            np.arange(17.0),
            5,
            2,
            "series must be (days, features), got shape (17,); "
            "try series.reshape(-1, 1) for one feature",
        ),
        (
            WITH_NAN,
            5,
            2,
            "series must be numbers, got nan in 2 of 17 days; try dropping these days",
        ),
        (
            table(6, 3),
            5,
            2,
            "series must have at least timesteps + ahead = 7 days, got 6; try fewer timesteps",
        ),
        (table(17, 3), 0, 2, "timesteps must be a whole number from 1, got 0; try timesteps=5"),
        (table(17, 3), 5, 1.0, "ahead must be a whole number from 1, got 1.0; try ahead=5"),
        (table(17, 3), 5, True, "ahead must be a whole number from 1, got True; try ahead=5"),
    ],
)
def test_bad_input_is_told_in_one_line(series, timesteps, ahead, said):
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        windows(series, timesteps, ahead)
