"""A window that slides along a table of days: which days each window has, and what is asked of it.

A telephone has room for few days, so a few are drawn, and no others are left out.
"""

from __future__ import annotations

from typing import Any

from ..data import not_numbers, samples_of
from ..late import np
from ..markup import element
from ..nests import has_nan, mapped, shape_of
from ..pictures import ABOVE, Picture
from ..spec import many, short, whole
from .blocks import HIGH, WIDE, Panel, dimension, side_by_side
from .squares import square
from .strokes import INK, SOFT, box, chip, chip_width, text

LEFT, MOST = 62, (9, 6)  # where day 0 stands; so many days and features have room
GAP = 40  # between two windows


def sliding(series: Any, timesteps: int, ahead: int) -> Picture:
    """Return the Picture of a short series, (days, features), and of the windows cut from it.

    series: an array, or nested lists. timesteps, ahead: as `windows` takes them. Colours show each
        feature beside its own largest.
    Raises ValueError, in one line, for what `windows` refuses and for a series without room.
    """
    timesteps, ahead = whole("timesteps", timesteps, advice=5), whole("ahead", ahead, advice=5)
    rows = _rows(series)
    shape = shape_of(rows)
    number = samples_of(shape, sum(map(has_nan, rows)), timesteps, ahead)
    if shape[0] > MOST[0] or shape[1] > MOST[1]:
        raise ValueError(
            f"series must have at most {many(MOST[0], 'day')} and {many(MOST[1], 'feature')}, got "
            f"{short(shape)}; try series[:{MOST[0]}, :{MOST[1]}]"
        )
    words = _words(shape, number, timesteps, ahead)
    parts, y = _table(rows), 62 + HIGH * shape[1]
    for start in range(number + 1):
        parts += _window(rows, y, start, timesteps, ahead, start == number)
        y += HIGH * shape[1] + GAP
    panel = Panel(parts, LEFT + WIDE * (MOST[0] + 1) + 6, y - GAP + 22)
    return Picture(side_by_side([panel], words), words, folded=True)


def _rows(series):
    """Return a series as nested lists of floats; ValueError, in one line, for no numbers."""
    try:
        given = series if isinstance(series, list) else np.asarray(series).tolist()
        if shape_of(given):
            return mapped(float, given)
    except (TypeError, ValueError):
        pass
    raise not_numbers(series)


def _table(series):
    """Draw the table, with the number of each day above it."""
    days, features = shape_of(series)
    head = [text(4, 14, "series", 13, bold=True), chip(LEFT, 14, "days", days)]
    head.append(chip(LEFT + chip_width("days", days) + 4, 14, "features", features))
    ticks = [text(_at(day) + WIDE / 2, 36, str(day), 11, anchor="middle") for day in range(days)]
    return [*head, text(4, 36, "day", 11, SOFT), *ticks, *_squares(series, 42, 0, days, features)]


def _window(series, y, start, timesteps, ahead, beyond):
    """Draw a window below its days, and what follows it; beyond: one that the table ends before."""
    features, then = len(series[0]), start + timesteps
    last = then + ahead - 1
    parts = [_name(y, f"x[{start}]", beyond)]
    if beyond:
        empty = f"M{_at(start):g} {y:g}h{WIDE * timesteps:g}v{HIGH * features:g}"
        after = f"M{_at(then):g} {y:g}h{WIDE * ahead:g}v{HIGH}h-{WIDE * ahead:g}z"
        style = f"fill: none; stroke: {SOFT}; stroke-dasharray: 3 2"
        parts.append(element("path", d=f"{empty}h-{WIDE * timesteps:g}z{after}", style=style))
        said = f"No: day {last} is not there."
        return [*parts, text(_at(start), y + HIGH * features + 15, said, 11)]
    parts += _squares(series, y, start, then, features)
    parts += _squares(series, y, then, last + 1, 1)
    frame = box(_at(then), y, WIDE * ahead, HIGH, "none", ABOVE, 2)
    parts += [box(_at(start), y, WIDE * timesteps, HIGH * features, "none", INK, 1.5), frame]
    parts.append(_name(y + 13, f"y[{start}]", False, _at(then) + 2))
    return [*parts, *(_sized(y + HIGH * features, timesteps, ahead) if not start else [])]


def _sized(y, timesteps, ahead):
    """Draw how long the first window is, and what follows it."""
    parts, low = [], y + 5
    for axis, first, size in (("timesteps", 0, timesteps), ("ahead", timesteps, ahead)):
        parts += dimension([(_at(first) + 1, low), (_at(first + size) - 1, low)], axis)
        parts.append(chip(_at(first) + 1, low + 16, axis, size))
    return parts


def _name(y, words, faint, x=4.0):
    return text(x, y + 10, words, 11, SOFT if faint else INK, mono=True)


def _squares(series, y, first, end, features):
    """Return the squares of some days and of so many features."""
    largest = [max(map(abs, column)) for column in zip(*series, strict=True)]
    parts = []
    for day in range(first, end):
        for feature in range(features):
            value = series[day][feature]
            said, most = f"day {day}, feature {feature}", largest[feature] or 1
            parts.append(square(_at(day), y + HIGH * feature, WIDE, HIGH, value, said, most))
    return [element("g", *parts, stroke="#888", stroke_width=0.5)]


def _at(day):
    return LEFT + WIDE * day


def _words(shape, number, timesteps, ahead):
    """Return what the picture says."""
    days, features = shape
    each = [
        f"x[{start}] is {_days(start, timesteps)}, y[{start}] the first feature of "
        f"{_days(start + timesteps, ahead)}"
        for start in range(number)
    ]
    return (
        f"A table of {many(days, 'day')}, 0 to {days - 1}, with {many(features, 'feature')}, and a "
        f"window of {many(timesteps, 'day')} that slides along it by one day: {'; '.join(each)}. "
        f"There is no x[{number}]: it would have to forecast day {days}, which is not there."
    )


def _days(first, number):
    return f"day {first}" if number == 1 else f"days {first} to {first + number - 1}"
