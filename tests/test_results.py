"""What a function returned: compared by nesting, shapes and numbers, and named in few words."""

import numpy as np
import pytest

from lstm_lessons.asking.results import (
    agree,
    alike,
    close,
    copied,
    finite,
    joined,
    no_tensor,
    said,
    strange,
    words,
)

ONES = np.ones((2, 3))


@pytest.mark.parametrize(
    ("value", "other", "same"),
    [
        (ONES, ONES + 9e-6, True),
        (ONES, ONES + 2e-5, False),
        (1e6 * ONES, 1e6 * ONES + 1e-3, False),  # however large the numbers are
        (ONES, ONES[:1], False),
        (ONES, ONES[:1, :1], False),  # NumPy would stretch it
        (ONES + 1j, ONES, False),
        (np.full(3, "a"), np.zeros(3), False),
        (np.ones(3, bool), np.ones(3), True),
        (np.ones(3, int), np.ones(3), True),
        (np.ones(3, "uint8"), np.ones(3), True),
    ],
)
def test_numbers_are_close_or_they_are_not(value, other, same):
    assert close(value, other) is same
    assert agree(value, other) is same


@pytest.mark.parametrize(
    ("value", "other", "same"),
    [
        ("ab", "ab", True),
        ("ab", "ac", False),
        (3, 3, True),
        (3, 4, False),
        (3.000001, 3, False),  # a count is a count
        ((ONES, 3), (ONES, 3), True),
        ((ONES, 3), (ONES, 4), False),
        ((ONES, 4), (ONES + 1, 4), False),
        ([ONES, ONES], (ONES, ONES), True),
        ((ONES, (ONES, ONES)), (ONES, ONES, ONES), False),
        ((), 3, False),
        ((), (), True),
        (np.array([None, None]), np.array([None, None]), False),  # objects may claim anything
    ],
)
def test_results_agree_or_they_do_not(value, other, same):
    assert agree(value, other) is same


def test_an_empty_tuple_is_no_number():
    assert not alike((), 5)
    assert alike((5, ONES), (6.0, 2 * ONES))


def test_what_is_copied_is_no_longer_the_same():
    value = (ONES.copy(), [ONES.copy(), "text"])
    array, (inner, text) = copied(value)
    array += 1
    inner += 1
    assert (value[0] == 1).all()
    assert (value[1][0] == 1).all()
    assert text == "text"


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, complex(0, np.nan)])
def test_what_is_no_number_is_not_finite(number):
    assert finite(np.array([1, number])).tolist() == [True, False]


def test_whole_numbers_and_text_are_finite():
    assert finite(np.array([1, 2])).tolist() == [True, True]
    assert finite(np.array(["a", "b"])).tolist() == [True, True]


@pytest.mark.parametrize(
    ("value", "of"),
    [
        ((ONES, 3, "a", None, 2.5, True, 3j, np.float32(3)), ""),
        ([ONES, {"a": 1}], "an object of type dict"),
        (({"a": 1}, {2}, {"b": 1}), "an object of type dict and set"),
    ],
)
def test_what_is_no_plain_value_is_named(value, of):
    assert strange(value) == of


@pytest.mark.parametrize(
    ("value", "of"),
    [
        ((), "nothing, an empty tuple or list"),
        ([[], ()], "nothing, an empty tuple or list"),
        (3, "a plain number of Python"),
        ((3, 2.5), "a list of numbers"),
        ((ONES, np.float32(3)), ""),
        ((ONES, 3), "3 among other things"),
        ((ONES, 3, "a"), "3 among other things"),
        ("a", "'a' among other things"),
    ],
)
def test_what_is_no_tensor_is_named(value, of):
    assert no_tensor(value) == of


@pytest.mark.parametrize(
    ("value", "of"),
    [
        (ONES, "(2, 3)"),
        ((ONES, ONES[0]), "(2, 3), (3,)"),
        (2.0 / 3, "0.6667"),
        (np.float32(12345.6), "1.235e+04"),
        (7, "7"),
        ("two words", "two words"),
        ((), "()"),
        ((1, (2, 3)), "1, 2, 3"),
        (((ONES, (ONES[0], ONES[0])),) * 4, ", ".join(["(2, 3), (3,), (3,)"] * 4)),
    ],
)
def test_a_result_is_said_in_few_words(value, of):
    assert said(value) == of


@pytest.mark.parametrize(
    ("pieces", "axis"),
    [((ONES[:1], ONES[1:]), 0), ([ONES[:, :2], ONES[:, 2:]], 1), ((ONES, ONES), None)],
)
def test_pieces_of_the_right_array_are_joined(pieces, axis):
    whole, along = joined(pieces, ONES)
    assert along == axis
    assert (whole is None) == (axis is None)
    assert whole is None or agree(whole, ONES)


def test_what_is_in_one_piece_or_not_to_be_joined_is_not_joined():
    assert joined(ONES, ONES) == (None, None)
    assert joined((ONES[:1], 2), ONES) == (None, None)
    assert joined((1, 2), 3) == (None, None)


def test_a_long_result_is_cut_and_numbers_sooner():
    assert said(tuple(range(100))).endswith(" …")
    assert 50 < len(said(tuple(range(100)))) <= 60
    assert said((ONES,) * 100) == "100 times (2, 3)"
    assert 180 < len(said((ONES, ONES[0]) * 50)) <= 200


class Silent:
    """Something that shows itself to nobody."""

    def __repr__(self):
        raise RuntimeError("no")


def test_a_value_is_one_line_however_it_shows_itself():
    assert words("a" + "\n" + "b", str) == "a b"
    assert words("\x1b[1;31mred\x1b[0m", str) == "red"
    assert words(Silent()) == "an object of Silent"
    assert words(" ".join(["word"] * 99), str).endswith("word …")
    assert 70 < len(words(" ".join(["word"] * 99), str)) <= 80
