"""Daily prices of crude oil, and windows over a series. NumPy only.

wti.csv is the spot price of West Texas Intermediate crude oil at Cushing, Oklahoma, in US dollars
a barrel: 2 January 1986 to 3 January 2019, a row for each weekday, a lone "." on holidays. Source:
U.S. Energy Information Administration, a work of the U.S. government and so in the public domain,
as distributed by FRED, Federal Reserve Bank of St. Louis (series DCOILWTICO,
https://fred.stlouisfed.org/series/DCOILWTICO).
"""

import csv
from datetime import datetime
from pathlib import Path

from .late import np
from .spec import bounded, many, short, whole

MOST = 100_000_000  # numbers of all windows, 0.8 GB
WTI = Path(__file__).with_name("wti.csv")


def prices():
    """Return the dates, (days,), and the prices in US dollars a barrel, (days,), nan on holidays.

    Nothing is left out or filled in: what becomes of the holidays is for the caller to decide.
    """
    with WTI.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    dates = [datetime.strptime(row["Date"], "%m/%d/%Y") for row in rows]
    dollars = ["nan" if row["DCOILWTICO"] == "." else row["DCOILWTICO"] for row in rows]
    return np.array(dates, "datetime64[D]"), np.array(dollars, float)


def _of_numbers(series):
    """Return a series as an array; ValueError, in one line, for what has no numbers."""
    try:
        array = np.asarray(series if len(series) < MOST else None)
    except Exception:  # rows of different lengths, or anybody's __array__
        array = np.asarray(None)
    if array.dtype.kind not in "biuf":
        raise not_numbers(series)
    return array


def not_numbers(series):
    """Return the ValueError, of one line, of a series that has no numbers."""
    return ValueError(f"series must be numbers, got {short(series)}; try prices()[1]")


def samples_of(shape, empty, timesteps, ahead):
    """Return how many windows `windows` cuts of a series of a shape.

    empty: of how many of its days a number is missing (nan).
    Raises ValueError, in one line, for what `windows` refuses of these.
    """
    if len(shape) != 2:
        raise ValueError(
            f"series must be (days, features), got shape {shape}; "
            "try series.reshape(-1, 1) for one feature"
        )
    days, _ = shape
    if empty:
        raise ValueError(
            f"series must be numbers, got nan in {empty} of {many(days, 'day')}; "
            "try dropping these days"
        )
    if days < timesteps + ahead:
        raise ValueError(
            f"series must have at least timesteps + ahead = {timesteps + ahead} days, "
            f"got {days}; try fewer timesteps"
        )
    return days - timesteps - ahead + 1


def windows(series, timesteps, ahead):
    """Return the windows, (samples, timesteps, features), and what follows them, (samples, ahead).

    A window is so many days in a row, and the next one begins a day later. What follows is the
    first feature alone. samples = days - timesteps - ahead + 1.

    series: (days, features), the feature to forecast first.
    timesteps: days in a window.
    ahead: days to forecast after it.
    Raises ValueError, in one line, for a series of other axes, with a nan or too short, for a
    number of days that is not a whole number from 1, and for windows of more numbers than MOST.
    """
    timesteps = whole("timesteps", timesteps, advice=5)
    ahead = whole("ahead", ahead, advice=5)
    series = _of_numbers(series)
    empty = int(np.isnan(series).any(axis=-1).sum()) if series.ndim else 0
    samples = samples_of(series.shape, empty, timesteps, ahead)
    sizes = {"samples": samples, "days": timesteps + ahead, "features": series.shape[1]}
    bounded(sizes, most=MOST, advice="fewer timesteps")
    both = np.lib.stride_tricks.sliding_window_view(series, timesteps + ahead, axis=0)
    both = both.swapaxes(1, 2)  # the window was the last axis
    return both[:, :timesteps].copy(), both[:, timesteps:, 0].copy()
