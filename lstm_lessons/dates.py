"""Dates written in many ways, and in ISO form: a small task for an encoder and a decoder."""

import random
from datetime import date

import numpy as np

READS = " ,-./0123456789ADFJMNOSabceghilmnoprstuvy"  # every character of a written date
WRITES = "0123456789-"  # every character of an ISO date
LONGEST = 18  # characters of a written date: "September 30, 1998"

STYLES = (
    "{d} {month} {y}",
    "{d} {mon} {y}",
    "{month} {d}, {y}",
    "{mon} {d} {y}",
    "{d}-{mon}-{yy:02}",
    "{d:02}/{m:02}/{yy:02}",
    "{d}.{m}.{y}",
)
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
FIRST, LAST = date(1950, 1, 1).toordinal(), date(2049, 12, 31).toordinal()


def pairs(number, seed, *, unseen=False):
    """Return pairs of a date in one of the styles and the same in ISO form, as texts.

    The days lie between 1950 and 2049, so that two digits are enough for a year. Every tenth day
    is left out, 3 November 1998 among them, unless unseen asks for these and no others.

    number: how many pairs. seed: another seed, other pairs.
    """
    chance = random.Random(seed)
    found = []
    while len(found) < number:
        ordinal = chance.randint(FIRST, LAST)
        if (ordinal % 10 == date(1998, 11, 3).toordinal() % 10) == unseen:
            day = date.fromordinal(ordinal)
            found.append((written(day, style=chance.choice(STYLES)), day.isoformat()))
    return found


def written(day, style):
    """Return a day as a text in one of the STYLES: "3 Nov 1998". Months are English everywhere."""
    month = MONTHS[day.month - 1]
    return style.format(
        d=day.day, m=day.month, y=day.year, yy=day.year % 100, month=month, mon=month[:3]
    )


def one_hot(texts, characters, *, timesteps):
    """Return texts as (batch, timesteps, features), float32: for each character a 1 at its place.

    What is left of a shorter text is zeros.

    characters: all that may occur, one feature each, in this order.
    Raises ValueError, in one line, for a text with other characters or with more than timesteps.
    """
    for text in texts:
        if set(text) - set(characters):
            raise ValueError(
                f"a text must be made of {characters!r}, got {text!r}; try '3 Nov 1998'"
            )
        if len(text) > timesteps:
            raise ValueError(
                f"a text must have at most {timesteps} characters, got {len(text)} in {text!r}; "
                f"try timesteps={len(text)}"
            )
    x = np.zeros((len(texts), timesteps, len(characters)), "float32")
    for one, text in zip(x, texts, strict=True):
        one[range(len(text)), [characters.index(character) for character in text]] = 1
    return x


def numbers(texts, characters=WRITES):
    """Return the number of each character in texts of one length, (batch, timesteps)."""
    return np.array([[characters.index(character) for character in text] for text in texts])


def spelled(chosen, characters=WRITES):
    """Return the texts that numbers of characters, (batch, timesteps), stand for: a list."""
    return ["".join(characters[number] for number in row) for row in chosen]
