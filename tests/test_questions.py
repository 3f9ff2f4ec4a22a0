"""Reading what people type."""

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from writing import answers

from lstm_lessons.asking.reading import ERROR, read

THREE = ((3, 7), (3, 7), (3, 7))


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("(3, 7)", ((3, 7),)),
        ("3, 7", ((3, 7),)),
        ("3,7", ((3, 7),)),
        ("3x7", ((3, 7),)),
        ("3 × 7", ((3, 7),)),
        ("[3, 7]", ((3, 7),)),
        ("(3, 7,)", ((3, 7),)),
        (" (3,7). ", ((3, 7),)),
        ("7", ((7,),)),
        ("(7)", ((7,),)),
        ("3 7", ((3, 7),)),
        ("3 by 7", ((3, 7),)),
        ("(3, 7) (3, 7) (3, 7)", THREE),
        ("3 x (3, 7)", THREE),
        ("(3, 7) * 3", THREE),
        ("it raises an error", ERROR),
        ("(units), (3, 7)", (("units",), (3, 7))),
        ("()", ((),)),
        ("(3,7), (3,7), (3,7)", THREE),
        ("((3,7), (3,7), (3,7))", THREE),
        ("[(3, 7), (3, 7), (3, 7)]", THREE),
        ("[(3, 7), [(3, 7), (3, 7)]]", THREE),
        ("3x7, 3x7, 3x7", THREE),
        ("3, 7; 3, 7; 3, 7", THREE),
        ("(3, 7) and (3, 7) and (3, 7)", THREE),
        ("3, 7 and 3, 7 and 3, 7", THREE),
        ("output (3, 7), h (3, 7), c (3, 7)", THREE),
        ("output: (3, 7), h: (3, 7), c: (3, 7)", THREE),
        ("h_n=(1, 3, 7)", ((1, 3, 7),)),
        ("torch.Size([3, 7])", ((3, 7),)),
        ("(None, 7)", ((None, 7),)),
        ("(?, 7)", ((None, 7),)),
        ("(-1, 7)", ((None, 7),)),
        ("None x 7", ((None, 7),)),
        ("batch, units", (("batch", "units"),)),
        ("(samples, seq_len, hidden_size)", (("batch", "timesteps", "units"),)),
        ("(batch, units), (batch, units)", (("batch", "units"), ("batch", "units"))),
        ("batch x units", (("batch", "units"),)),
        ("batch * units", (("batch", "units"),)),
        ("batch, timesteps, 2*units", (("batch", "timesteps", "2·units"),)),
        ("(layers*directions, batch, hidden)", (("layers·directions", "batch", "units"),)),
        (
            "(layers · directions, n, directions·units)",
            (("layers·directions", "batch", "directions·units"),),
        ),
        ("(batch 3, units 7)", ((3, 7),)),
        ("batch=3, units=7", ((3, 7),)),
        ("(layers 1, batch 3, units 7)", ((1, 3, 7),)),
        ("error", ERROR),
        ("an error", ERROR),
        ("ValueError", ERROR),
        ("It raises", ERROR),
        ("True", True),
        ("no", False),
        ((3, 7), ((3, 7),)),
        (((3, 5, 7), ((1, 3, 7), (1, 3, 7))), ((3, 5, 7), (1, 3, 7), (1, 3, 7))),
        ([3, None], ((3, None),)),
        (True, True),
        ("[3, 5, 7] [batch, units]", ((3, 5, 7), ("batch", "units"))),
        ("batch x units 3 x 7", (("batch", "units"), (3, 7))),
        ("3 x units 3 x 7", ((3, "units"), (3, 7))),
        ("batch 3 x units 7", ((3, 7),)),
        ("batch 3 x 7", ((3, 7),)),
        ("3x7 3x7", ((3, 7), (3, 7))),
        ("('batch', 'units')", (("batch", "units"),)),
        ('("3", "7")', ((3, 7),)),
        ("('3', '7')", ((3, 7),)),
        (("3", "7"), ((3, 7),)),
        (("batch_size", "2*hidden"), (("batch", "2·units"),)),
        ("`(3, 7)`", ((3, 7),)),
        ("3 5 7, 1 3 7, 1 3 7", ((3, 5, 7), (1, 3, 7), (1, 3, 7))),
        ("[3 7]", ((3, 7),)),
        ("output (3,5,7), h_n (1,3,7), c_n (1,3,7)", ((3, 5, 7), (1, 3, 7), (1, 3, 7))),
        ("output 3x5x7, h_n 1x3x7", ((3, 5, 7), (1, 3, 7))),
        ("output: 3, 5, 7; h_n: 1, 3, 7", ((3, 5, 7), (1, 3, 7))),
        ("h: (3, 7) and c: (3, 7)", ((3, 7), (3, 7))),
        ("(3, 5, 7), (3, 7), and (3, 7)", ((3, 5, 7), (3, 7), (3, 7))),
        ("shape: torch.Size([3, 7])", ((3, 7),)),
        ("output.shape == (3, 7)", ((3, 7),)),
        ("output.shape (3, 5, 7), h_n.shape: (1, 3, 7)", ((3, 5, 7), (1, 3, 7))),
        ("out=(3, 5, 7), hn=(1, 3, 7), cn=(1, 3, 7)", ((3, 5, 7), (1, 3, 7), (1, 3, 7))),
        ("(3, 5, 7), (1, 3, 7) twice", ((3, 5, 7), (1, 3, 7), (1, 3, 7))),
        ("a tensor of shape (3, 7)", ((3, 7),)),
        ("The shape is (3, 7)", ((3, 7),)),
        ("It returns (3, 7)!", ((3, 7),)),
        ("(batch, timesteps, units*2)", (("batch", "timesteps", "2·units"),)),
        ("(batch, timesteps, 2 × units)", (("batch", "timesteps", "2·units"),)),
        ("(batch, units 2*7)", (("batch", 14),)),
        ("(3, 5, 2*7)", ((3, 5, 14),)),
        ("1*units", (("units",),)),
        ("Nonex7", ((None, 7),)),
        ("3x-1", ((3, None),)),
        ('"error"', ERROR),
        ("error.", ERROR),
        ("An exception is raised!", ERROR),
        ("I think it raises a ValueError", ERROR),
        ("it raises an error because the batches differ", ERROR),
        ("a shape mismatch error", ERROR),
        ("RuntimeError: Expected hidden[0] size (1, 8, 7), got [2, 8, 7]", ERROR),
        ("RuntimeError: Expected hidden[0] size (1, 8, 7)", ERROR),
        ("error: the shapes don't match", ERROR),
        ("it fails since h has the wrong shape", ERROR),
        ("ValueError because 3 != 7", ERROR),
        ("an error, because the state's batch is not the same", ERROR),
        ("error (shape mismatch)", ERROR),
        ("AttributeError: 'tuple' object has no attribute 'shape'", ERROR),
        ("IndexError: tuple index out of range", ERROR),
        ("ValueError: operands could not be broadcast together with shapes (3,) (4,)", ERROR),
        ("Error - wrong shape", ERROR),
        ("you get an error", ERROR),
        ("it errors out", ERROR),
        ("RuntimeError: mat1 and mat2 shapes cannot be multiplied (15x7 and 14x3)", ERROR),
        ("RuntimeError: Expected hidden[0] size (1, 8, 7), got [1, 3, 7]", ERROR),
        ("ValueError: not enough values to unpack (expected 2, got 1)", ERROR),
        ("RuntimeError: expected " + "long " * 500 + "got 7", ERROR),
    ],
)
def test_reads(typed, answer):
    assert read(typed) == answer


@pytest.mark.parametrize(
    "typed",
    [
        "seven",
        "not (3, 7)",
        "all (3, 7)",
        "(3, 7",
        "(3, 7), 5",
        "3.5, 7",
        "-3, 7",
        "(3, -7)",
        "import os",
        "((",
        "x" * 999,
        "(3, 'a')",
        "1e3",
        "{3: 7}",
        "__import__('os')",
        "3, True",
        "(" * 200 + ")" * 200,
        "(3, 7) # (3, 5, 7)",
        "(3, !7)",
        "!(3, 7)",
        "(3,7), 0x(3,5,7)",
        "(3,5,7) x 0 (3, 7)",
        "10 x (3, 7)",
        "2 x (3, 7) x 2",
        "9 x (9 x (3, 7))",
        "batch 3 x (3, 7)",
        "(3, 7] ",
        "(3, 7)) ",
        "(3 x 7, 5)",
        "(3*7)",
        "(batch * units)",
        "(batch*timesteps, directions*batch)",
        "3 x 7 5",
        "batch units",
        "3,,7",
        "(,)",
        "3, 7 and",
        "3 | 7",
        "0x10, 7",
        "1_000, 7",
        "(3 if True else 5, 7)",
        "batch3, 7",
        "(batch, hidden state)",
        "(batch=units, 7)",
        "('²', 7)",
        "('①', 7)",
        "(３, 7)",
        "(3, " + "9" * 200 + ")",
        "9 x (3, 7)" + ", 9 x (3, 7)" * 20,
    ],
)
def test_what_cannot_be_read_gets_one_line_with_an_example(typed):
    with pytest.raises(
        ValueError, match=r"^An answer must be shapes, got .*; try \(10, 20\)"
    ) as error:
        read(typed)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 200


@pytest.mark.parametrize(
    "typed",
    [
        "no error",
        "noerror",
        "no_error",
        "non-error",
        "never fails",
        "it never raises",
        "it runs without an error",
        "there is no exception",
        "not an error",
        "It does not raise an error",
        "it won't fail",
        "it doesn't raise",
        "error-free",
        "error: none",
        "error: it does not occur",
        "error: not at all",
        "error: cannot happen",
        "error: it runs fine",
        "error: 'no'",
        "error: - none",
        "error: absent",
        "error: keine",
        "error: hardly",
        "error: I doubt it",
        "error: we get none",
        "error: (3, 7)",
        "error: runs without one",
        "error because it does not raise",
        "error since it would not fail",
        "error, because it never happens",
        "fails because it works",
        "an exception: not here",
        "ValueError: would not be raised",
        "ValueError: 'none'",
        "ValueError: it runs",
        "ValueError: I don't think so",
        "ValueError: absent",
        "ValueError: cannot be",
        "ValueError: not expected",
        "ValueError: should not come",
        "ValueError: the shape is (3, 7)",
        "RuntimeError: the size matches",
        "ValueError because the shapes match",
        "error because the sizes are the same",
        "an error? no",
        "no, it fails to raise an error",
        "broadcast error",
        "neither error nor (3, 7)",
        "(3, 7), no error",
        "error, (3, 7)",
        "(3, 7) or error",
    ],
)
def test_what_denies_an_error_or_says_more_is_no_error(typed):
    with pytest.raises(ValueError, match=r"or the word error, got .*; try error$"):
        read(typed)


class Liar:
    """It says that it is text, and fails when it is looked at."""

    __class__ = property(lambda self: str)

    def __repr__(self):
        raise KeyError("\n")


class Endless(tuple):
    def __iter__(self):
        while True:
            yield 3


def nested(depth):
    return [nested(depth - 1)] if depth else (3, 7)


def itself(branches):
    made = []
    made += [made] * branches
    return made


@pytest.mark.parametrize(
    "answer",
    [
        Liar(),
        Endless((3, 7)),
        itself(1),
        itself(99),
        nested(50),
        (3, 10**5000),
        10**5000,
        ("²", 7),
        ("①", 7),
        ("units\n", "layers layers"),
        (True, 7),
        (3, 7.0),
        {3: 7},
        {3, 7},
        b"(3, 7)",
        float("nan"),
        object(),
        object,
        [[]] * 10**6,
        [3] * 10**6,
        range(10**9),
        lambda: (3, 7),
    ],
    ids=lambda answer: type(answer).__name__,
)
def test_any_object_is_read_or_refused_in_one_line(answer):
    with pytest.raises(ValueError, match=r"^An answer must be shapes, got .*; try \(10, ") as error:
        read(answer)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 200


MANY = pytest.mark.parametrize("number", [60, pytest.param(3000, marks=pytest.mark.more)])


@MANY
def test_shapes_are_read_however_they_are_written_and_whole(number):
    @given(answers(), st.integers(0, 99), st.sampled_from("#$%{}@\\"))
    @settings(max_examples=number, deadline=None)
    def holds(written, place, foreign):
        shapes, typed = written
        assert read(typed) == shapes, typed
        place %= len(typed) + 1
        with pytest.raises(ValueError, match="must be shapes"):
            read(f"{typed[:place]}{foreign}{typed[place:]}")

    holds()


def seconds(typed):
    """Return how long reading takes, and forget what came."""
    began = time.process_time()
    with contextlib.suppress(ValueError):
        read(typed)
    return time.process_time() - began


@MANY
def test_whatever_is_typed_is_read_fast_and_what_was_read_can_be_written(number):
    @given(st.text("0123456789(),[]x*·×;:=?-.# Nabcdefhilnoprstuy\n'\"", max_size=60))
    @settings(max_examples=number, deadline=None)
    def holds(typed):
        try:
            answer = read(typed)
        except ValueError as error:
            assert "\n" not in str(error)
        else:
            assert isinstance(answer, bool) or answer == ERROR or read(str(answer)) == answer
        assert any(seconds(typed) < 0.05 for _ in range(3))  # once, Python may tidy up meanwhile

    holds()


def test_a_label_is_the_same_however_it_is_spelt():
    labels = [shape.label for shape in read("out (3, 5, 7), hn.shape == (1, 3, 7), cn: (1, 3, 7)")]
    assert labels == ["output", "h_n", "c_n"]


@pytest.mark.parametrize("typed", ["twice (3, 7)", "(3, 7) twice twice", "3, 7 twice", "x.shape"])
def test_twice_counts_what_is_in_brackets_once(typed):
    with pytest.raises(ValueError, match=r"^An answer must be shapes"):
        read(typed)
