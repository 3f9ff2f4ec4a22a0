"""What a traceback shows, and which of its lines are the learner's."""

import linecache
import sys

import pytest
from clinic import STATES, Fails, T, X, error_of, typed
from keras.layers import LSTM

from lstm_lessons.explaining.errors import explain_error


def test_a_line_in_jax_is_not_the_learners():
    in_jax = typed("output, h = layer(x)", __name__="jax._src.numpy", layer=LSTM(7), x=X)
    assert explain_error(error_of(in_jax)).name == "Unpacking"


def deep(more):
    return deep(more - 1) if more else [][1]


def test_a_thousand_frames_are_no_trouble():
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(3000)
    with pytest.raises(IndexError) as raised:
        deep(1000)
    sys.setrecursionlimit(usual)
    assert explain_error(raised.value).text.endswith(
        "Neither Keras nor PyTorch is in the traceback."
    )


def test_of_a_learners_file_the_statement_alone_is_parsed(tmp_path, monkeypatch):
    for size, name in ((10**4, "Unpacking what a layer returns"), (10**7, "Unpacking")):
        file = tmp_path / f"{size}.py"
        file.write_text("output, h = layer(x)\n" + "a broken line\n" * (size // 14))
        code = compile("output, h = layer(x)", str(file), "exec")
        error = error_of(lambda code=code: exec(code, {"layer": LSTM(7), "x": X}))
        assert explain_error(error).name == name
        assert len(linecache.cache.get(str(file), ())[2:3]) == (size < 10**6)


def test_the_statement_below_the_failing_line_is_not_taken_for_it():
    def two(pair):
        len(pair), [one for one, other in pair]
        output, h = STATES(pair)  # noqa: RUF059

    assert explain_error(error_of(lambda: two("abc"))).name == "Unpacking"


def test_a_framework_in_the_traceback_of_the_cause_is_seen():
    def wrapped():
        try:
            Fails()(T)
        except KeyError as error:
            raise LookupError("mine") from error

    def hidden():
        try:
            Fails()(T)
        except KeyError:
            raise LookupError("mine") from None

    def grouped():
        raise ExceptionGroup("two", [LookupError("mine"), error_of(lambda: Fails()(T))])

    assert explain_error(error_of(wrapped)).instead == "explain(network, x)"
    assert explain_error(error_of(grouped)).instead == "explain(network, x)"
    assert explain_error(error_of(hidden)).text.endswith("PyTorch is in the traceback.")


def test_a_line_without_tensors_is_nobodys():
    numbers = [1, 2, 3]
    try:
        numbers[7]
    except IndexError as error:
        text = explain_error(error).text
    assert "Neither Keras nor PyTorch is in the traceback." in text
