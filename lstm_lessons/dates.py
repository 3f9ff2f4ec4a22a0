"""Dates written in many ways, and in ISO form: a small task for an encoder and a decoder."""

import random
from datetime import date

from .late import np
from .spec import HIGHEST, bounded, many, short, whole

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

    number: how many pairs, up to a million. seed: another seed, other pairs.
    Raises ValueError, in one line, for a number or a seed that is not a whole number.
    """
    number = whole("number", number, lowest=0, highest=10**6, advice=1000)
    chance = random.Random(whole("seed", seed, lowest=-HIGHEST, advice=0))
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
    Raises ValueError, in one line, for a text with other characters or with more than timesteps,
    and for more numbers than are computed at once.
    """
    timesteps = whole("timesteps", timesteps, advice=LONGEST)
    texts = _texts(texts, characters)
    bounded(
        {"batch": len(texts), "timesteps": timesteps, "characters": len(characters)},
        advice="fewer texts",
    )
    for text in texts:
        if others := sorted({*text} - {*characters}):
            raise ValueError(
                f"a text must be made of {short(characters)}, got {', '.join(map(short, others))} "
                f"in {short(text)}; try '3 Nov 1998'"
            )
        if len(text) > timesteps:
            raise ValueError(
                f"a text must have at most {many(timesteps, 'character')}, got {len(text)} in "
                f"{short(text)}; try timesteps={len(text)}"
            )
    x = np.zeros((len(texts), timesteps, len(characters)), "float32")
    for one, text in zip(x, texts, strict=True):
        one[range(len(text)), [characters.index(character) for character in text]] = 1
    return x


def _texts(texts, characters):
    """Return a list of texts; ValueError, in one line, for anything else."""
    kinds = (list, tuple)
    if not isinstance(texts, kinds) or not all(isinstance(text, str) for text in texts):
        raise ValueError(f"texts must be a list of texts, got {short(texts)}; try ['3 Nov 1998']")
    if not isinstance(characters, str):
        raise ValueError(f"characters must be a text, got {short(characters)}; try {WRITES!r}")
    return texts


def numbers(texts, characters=WRITES):
    """Return the number of each character in texts of one length, (batch, timesteps).

    Raises ValueError, in one line, for texts of several lengths or of other characters.
    """
    texts = _texts(texts, characters)
    if len({*map(len, texts)}) > 1 or set().union(*texts) - set(characters):
        raise ValueError(
            f"texts must be of one length and made of {short(characters)}, got {short(texts)}; "
            "try ['1998-11-03']"
        )
    return np.array([[characters.index(character) for character in text] for text in texts])


def spelled(chosen, characters=WRITES):
    """Return the texts that numbers of characters, (batch, timesteps), stand for: a list.

    Raises ValueError, in one line, for what is no number of a character.
    """
    try:
        return ["".join(characters[number] for number in row) for row in chosen]
    except (TypeError, IndexError, KeyError):
        raise ValueError(
            f"chosen must be rows of whole numbers below {len(characters)}, got {short(chosen)}; "
            "try numbers(['1998-11-03'])"
        ) from None
