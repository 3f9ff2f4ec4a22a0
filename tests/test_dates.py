"""The dates that lesson 10 learns: right, the same everywhere, and none of the kept ones shown."""

from datetime import date

import numpy as np
import pytest

from lstm_lessons.dates import (
    FIRST,
    LAST,
    LONGEST,
    READS,
    STYLES,
    WRITES,
    numbers,
    one_hot,
    pairs,
    spelled,
    written,
)

DAYS = [date.fromordinal(ordinal) for ordinal in range(FIRST, LAST + 1)]


def test_the_styles_are_those_that_the_lesson_names():
    assert [written(date(1998, 9, 30), style) for style in STYLES] == [
        "30 September 1998",
        "30 Sep 1998",
        "September 30, 1998",
        "Sep 30 1998",
        "30-Sep-98",
        "30/09/98",
        "30.9.1998",
    ]
    assert written(date(2003, 4, 5), "{d:02}/{m:02}/{yy:02}") == "05/04/03"


def test_a_written_date_means_one_day():
    for style in STYLES:
        assert len({written(day, style) for day in DAYS}) == len(DAYS)


def test_the_characters_are_those_that_occur_and_no_others():
    texts = [written(day, style) for day in DAYS for style in STYLES]
    assert "".join(sorted(set("".join(texts)))) == READS
    assert max(map(len, texts)) == LONGEST
    assert set("".join(day.isoformat() for day in DAYS)) == set(WRITES)
    assert "*" not in WRITES + READS  # the start mark


def test_pairs_are_the_same_every_time_and_others_for_another_seed():
    assert pairs(3, seed=1) == [
        ("9-Feb-74", "1974-02-09"),
        ("April 28, 1961", "1961-04-28"),
        ("Feb 27 1971", "1971-02-27"),
    ]
    assert pairs(30, seed=1)[:3] == pairs(3, seed=1) != pairs(3, seed=2)


def test_a_day_is_for_training_or_unseen_in_every_style():
    seen = {iso for _, iso in pairs(8000, seed=1)}
    unseen = {iso for _, iso in pairs(1000, seed=2, unseen=True)}
    assert not seen & unseen
    assert "1998-11-03" not in {iso for _, iso in pairs(100_000, seed=3)}
    assert "1998-11-03" in {iso for _, iso in pairs(20_000, seed=3, unseen=True)}


def test_one_hot_has_a_one_for_each_character_and_zeros_behind():
    x = one_hot(["3 Nov 1998", "03/11/98", ""], READS, timesteps=LONGEST)
    assert (x.shape, x.dtype) == ((3, 18, 41), np.float32)
    assert x.sum(axis=(1, 2)).tolist() == [10, 8, 0]
    assert (x.sum(axis=-1)[1] == [1] * 8 + [0] * 10).all()
    assert spelled(x[1:2, :8].argmax(-1), READS) == ["03/11/98"]


def test_numbers_and_spelled_undo_each_other():
    texts = ["1998-11-03", "2049-12-31"]
    assert numbers(texts).shape == (2, 10)
    assert spelled(numbers(texts)) == texts


def test_what_does_not_fit_is_refused_in_one_line():
    met = r"a text must be made of '0123456789-', got ' ', 'N', 'o', 'v' in '3 Nov'; try '3 Nov"
    with pytest.raises(ValueError, match=met):
        one_hot(["3 Nov"], WRITES, timesteps=10)
    with pytest.raises(ValueError, match="got 'd', 'f' in '3rd of May 2011'; try"):
        one_hot(["3 May 2011", "3rd of May 2011"], READS, timesteps=18)
    with pytest.raises(ValueError, match="at most 5 characters, got 10 in '3 Nov 1998'; try times"):
        one_hot(["3 Nov 1998"], READS, timesteps=5)
