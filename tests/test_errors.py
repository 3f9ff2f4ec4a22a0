"""What explain_error returns, of any error."""

# ruff: noqa: RUF059 (names that nothing reads are what the unpacking is about)

import re
import subprocess
import sys

import keras
import pytest
from clinic import (
    BACKEND,
    C0,
    GRU,
    H0,
    LSTM,
    LSTM_RETURNS,
    Fails,
    H,
    T,
    X,
    error_of,
    one_state_for_two,
    raises,
    stack,
)
from keras import layers
from torch import nn

from lstm_lessons.explaining.errors import UNKNOWN, _readable, explain_error
from lstm_lessons.explaining.explanation import explain


def test_the_text_says_all():
    text = str(explain_error(error_of(one_state_for_two)))
    assert re.sub(r"<typed \d+>", "<typed 0>", text) == (
        "ValueError: too many values to unpack (expected 2)\n\n"
        "It failed in line 1 of <typed 0>:\n\n"
        "    output, state = LSTM(7, return_state=True)(X)\n"
        "    # X: (3, 5, 6), float32, NumPy\n\n"
        "Unpacking what a layer returns. The line has 2 names. The layer returns "
        f"{LSTM_RETURNS}.\n"
        "Why: With return_state the states follow the output, one by one.\n"
        "Write instead:\n\n"
        "    output, h, c = layer(x)\n\n"
        "Read on: Into how many names may I unpack (90_questions_people_ask.ipynb); "
        "3. The last output and the states (03_last_output_and_states.ipynb); "
        "6. Other cells (06_other_cells.ipynb)."
    )


def test_an_unknown_error_shows_its_first_telling_line():
    coloured = (
        "Exception encountered when calling A.call().\n\n\x1b[1mIt is <broken>.\x1b[0m\n\nMore"
    )
    found = explain_error(ValueError(coloured))
    assert found.text == (
        "ValueError: It is <broken>.\n\n"
        "Not known here. Neither Keras nor PyTorch is in the traceback."
    )
    assert "It is &lt;broken&gt;." in found._repr_mimebundle_()["text/html"]
    assert explain_error(KeyError()).text.startswith("KeyError\n\n")


def test_the_numbers_of_an_array_are_left_out():
    message = explain_error(error_of(lambda: stack(LSTM(7))(X[0]))).message
    assert re.search(r"input \S{0,9}….{0,20}(?: with name|Expected shape)", message)
    assert _readable(message).endswith("but input has incompatible shape (5, 6)")


SAID = {
    "tensorflow": "InvalidArgumentError: Incompatible shapes: [3,7] vs.",
    "torch": "RuntimeError: The size of tensor a (3) must match",
    "jax": "TypeError: add got incompatible shapes for broadcasting: (3, 7), (2, 7).",
}


def test_in_html_axes_are_chips_and_lines_can_be_copied():
    bundle = explain_error(error_of(lambda: GRU(7)(X, initial_state=H[:2])))._repr_mimebundle_()
    assert "background: #5f6368" in bundle["text/html"]
    assert ">batch 3</span>" in bundle["text/html"]
    assert "<pre" in bundle["text/html"]
    assert max(map(len, re.findall(r"<pre[^>]*>([^<]*)", bundle["text/html"])[0].split("\n"))) <= 96
    assert bundle["text/plain"].startswith(SAID[BACKEND])


def test_no_shape_breaks_where_a_line_to_write_is_tried():
    error = error_of(lambda: nn.LSTM(6, 7)(T, (H0, C0)))
    shown = explain_error(error)
    assert "gives ((3, 5, 7), ((1, 3, 7)" in shown.text
    assert '<span style="white-space: nowrap">(3, 5, 7)</span>' in shown.html


@pytest.fixture
def nothing_raised(monkeypatch):
    for name in ("last_value", "last_exc"):
        monkeypatch.delattr(sys, name, raising=False)


def test_the_last_error_of_a_cell_is_taken(nothing_raised, monkeypatch):
    monkeypatch.setattr(sys, "last_exc", ValueError("older"), raising=False)
    assert explain_error().message == "ValueError: older"
    monkeypatch.setattr(sys, "last_value", ValueError("newer"), raising=False)
    assert explain_error().message == "ValueError: newer"


@pytest.mark.parametrize(("given", "got"), [((), "None"), ((7,), "7"), ((" ",), "' '")])
def test_without_an_error_there_is_one_line(nothing_raised, given, got):
    with pytest.raises(ValueError, match=r"error must be an exception, got") as raised:
        explain_error(*given)
    assert str(raised.value) == (
        f"error must be an exception, got {got}; "
        "try explain_error() in the cell after the one that failed, "
        "or explain_error(error) in an except block"
    )


def test_in_a_notebook_the_cell_before_is_explained():
    script = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "cells = InteractiveShell.instance()\n"
        "cells.showtraceback = lambda *a, **k: cells._get_exc_info()\n"
        "cells.run_cell('import torch; lstm = torch.nn.LSTM(6, 7)')\n"
        "cells.run_cell('%precision 2\\noutput, h, c = lstm(torch.ones(3, 5, 6))')\n"
        "cells.run_cell('from lstm_lessons.explaining.errors import explain_error')\n"
        "cells.run_cell('print(explain_error())')\n"
        "import sys; assert 'keras' not in sys.modules\n"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert (
        "The line has 3 names. The layer returns output (timesteps, batch, units)" in answer.stdout
    )


def test_no_framework_is_imported():
    script = (
        "import sys; from lstm_lessons.explaining.errors import explain_error\n"
        "explain_error(ValueError('too many values to unpack (expected 2)'))\n"
        "assert not {'keras', 'torch', 'tensorflow', 'IPython', 'ipywidgets'} & set(sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr


def test_of_an_unknown_error_under_explain_what_ran_is_said_instead():
    network = nn.Sequential(nn.GRU(6, 7), Fails())
    error = error_of(lambda: explain(network, T))
    error.add_note("my own note")
    found = explain_error(error)
    ran = "Before this error 0 (GRU) returned ((3, 5, 7), (1, 5, 7)). It came from 1 (Fails), "
    assert (found.name, found.instead) == (UNKNOWN, "")
    assert found.what == f"{ran}which was given ((3, 5, 7), (1, 5, 7))."
    assert found.text.startswith("KeyError: 'a'\n\nIt failed in line ")
    assert found.text.endswith(f'    return {{}}["a"]\n\n{UNKNOWN}. {found.what}')
    assert "which was given" in found._repr_mimebundle_()["text/html"]


class Tuple(keras.Model):
    def __init__(self):
        super().__init__()
        self.rnn, self.fc = layers.LSTM(7, return_state=True), layers.Dense(2)

    def call(self, x):
        return self.fc(self.rnn(x)[:, -1])


class Names(Tuple):
    def call(self, x):
        output, h = self.rnn(x)
        return self.fc(output)


class TorchNames(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(6, 7)

    def forward(self, x):
        output, h, c = self.rnn(x)
        return output


@pytest.mark.parametrize("make", [Tuple, Names, TorchNames])
def test_an_error_under_explain_is_known_as_without_it(make):
    x = T if make is TorchNames else X
    found = [
        explain_error(error_of(run)) for run in (lambda: make()(x), lambda: explain(make(), x))
    ]
    assert found[0] == found[1]
    assert found[0].name != UNKNOWN


class Odd(ValueError):
    """An error that makes trouble when it is read."""

    def __init__(self, message="", notes=()):
        super().__init__(message)
        self.message, self.__notes__ = message, notes

    def __str__(self):
        if callable(self.message):
            return self.message()
        return self.message


class Secret(ValueError):
    __notes__ = property(lambda self: [][1])

    def __getattribute__(self, name):
        return [][1] if name == "__traceback__" else super().__getattribute__(name)


SEVENS = "7" * 5000
ODD = [
    Odd(lambda: [][1]),
    Odd(lambda: raises(RecursionError)),
    Odd(lambda: 5),
    Odd("mine", notes=5),
    Odd("mine", notes=[5, None, b"Before this error", "mine"]),
    Secret("mine"),
    Odd("{value} {"),
    Odd("x" * 10**6),
    Odd("\n" * 10**5),
    Odd(f"too many values to unpack (expected {SEVENS})"),
    RuntimeError(f"Expected hidden[0] size (1, 3, {SEVENS}), got [1, 3, 7]"),
    RuntimeError(f"input.size(-1) must be equal to input_size. Expected {SEVENS}, got 7"),
    TypeError(f"A.__init__() got an unexpected keyword argument '{{{SEVENS}'"),
    ValueError("Unrecognized keyword arguments passed to LSTM: {'units': {'a': {"),
    ValueError(f"Unrecognized keyword arguments passed to LSTM: {{'batch_shape': {'(' * 290}"),
    ExceptionGroup("several", [ValueError("one"), ValueError("two")]),
    type("E" * 10**5, (ValueError,), {})("mine"),
]


@pytest.mark.parametrize("error", ODD, ids=range(len(ODD)))
def test_whatever_an_error_does_it_is_explained_or_unknown(error):
    found = explain_error(error)
    assert found.name == UNKNOWN or found.why
    assert found.message.startswith(("Odd", "Secret", "Runtime", "Type", "Value", "Exce", "EEE"))
    assert len(found.message) <= 240
    assert len(found.text) < 1000
    assert found._repr_mimebundle_()["text/html"]


def test_an_error_that_cannot_be_read_is_unknown(monkeypatch):
    monkeypatch.setattr("lstm_lessons.explaining.errors._telling", raises)
    found = explain_error(ValueError("mine"))
    assert (found.name, found.text) == (UNKNOWN, f"ValueError\n\n{UNKNOWN}. It cannot be read.")
