"""Reading what people type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_lessons.questions import ERROR, read

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
    ],
)
def test_what_cannot_be_read_gets_one_line_with_an_example(typed):
    with pytest.raises(
        ValueError, match=r"^An answer must be shapes, got .*; try \(10, 20\)"
    ) as error:
        read(typed)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 200


@given(st.text(alphabet="0123456789(),[]x;?-. NonebatchuitsTrerd\n*'\"", max_size=40))
def test_whatever_is_typed_is_read_or_refused_in_one_line(typed):
    try:
        answer = read(typed)
    except ValueError as error:
        assert "\n" not in str(error)
    else:
        assert isinstance(answer, (bool, tuple)) or answer == ERROR


@given(st.lists(st.lists(st.integers(0, 999), min_size=1, max_size=4), min_size=1, max_size=5))
def test_any_shapes_survive_being_written_down(shapes):
    wanted = tuple(tuple(shape) for shape in shapes)
    assert read(str(wanted)) == wanted
    assert read(", ".join(f"({', '.join(map(str, s))})" for s in wanted)) == wanted
