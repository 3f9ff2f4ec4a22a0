"""The line that failed: which it is, and what is on it, with the names that are surely right."""

import keras
import numpy as np
import pytest
import torch
from clinic import H0, T, X, error_of, typed
from keras import layers
from torch import nn

from lstm_lessons.explaining.errors import NEITHER, explain_error
from lstm_lessons.explaining.failing import failing_line

CPU = ", float32, cpu"
OUTPUT = "(batch 3, timesteps 5, directions·units 14)"
STATE = "(layers·directions 2, batch 3, units 7)"


class Reads(nn.Module):
    """A network whose forward is typed as in a cell; its last line fails."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(6, 7, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(6, 2)
        self.memory = torch.zeros(2, 7)


def fails_in(*lines, **names):
    """Return the line that failed, of lines of a function with the network as self."""
    source = (
        "def forward(self, x):\n" + "".join(f"    {line}\n" for line in lines) + "forward(self, x)"
    )
    return failing_line(error_of(typed(source, self=Reads(), x=T, **names)))


def said(line):
    return {one.name: one.text for one in line.operands}


@pytest.mark.parametrize(
    ("lines", "operands"),
    [
        (["output, (h, c) = self.lstm(x)", "self.fc(output)"], {"output": OUTPUT + CPU}),
        (
            ["output, (h, c) = self.lstm(x)", "self.fc(output[:, -1])"],
            {"output[:, -1]": "(batch 3, directions·units 14)" + CPU},
        ),
        (
            ["output, (h, c) = self.lstm(x)", "torch.cat([output, h[-1]], 2)"],
            {"output": OUTPUT + CPU, "h[-1]": "(batch 3, units 7)" + CPU},
        ),
        (["returned = self.lstm(x)", "self.fc(returned[0])"], {"returned[0]": OUTPUT + CPU}),
        (
            ["output = nn.GRU(6, 9)(x)[0]", "self.fc(output)"],
            {"output": "(timesteps 3, batch 5, units 9)" + CPU},
        ),
        (["output = self.lstm(x)[0]", "self.fc(output)"], {"output": OUTPUT + CPU}),
        (["_, h = self.lstm(x)", "self.fc(h[0])"], {"h[0]": STATE + CPU}),
        (
            ["output, _ = self.lstm(x[0])", "self.fc(output)"],
            {"output": "(timesteps 5, directions·units 14)" + CPU},
        ),
        (
            ["output, _ = self.lstm(x)", "for i in (1,):", "    self.fc(output[1:, i])"],
            {"output[1:, i]": "(batch 2, directions·units 14)" + CPU},
        ),
        (["t, name = 1, 'x'", "self.fc(x[:, t, 1:])"], {"x[:, t, 1:]": "(3, 5)" + CPU}),
        (["self.fc(self.memory)"], {"self.memory": "(2, 7)" + CPU}),
        (["batch = {'x': x[:, :, 1:]}", "self.fc(batch['x'])"], {"batch['x']": "(3, 5, 5)" + CPU}),
        (["self.fc(x) @ H0"], {"x": "(3, 5, 6)" + CPU, "H0": "(1, 3, 7)" + CPU}),
    ],
)
def test_tensors_are_named_with_the_axes_that_a_layer_gave_them(lines, operands):
    assert said(fails_in(*lines)) == operands


@pytest.mark.parametrize(
    "lines",
    [
        ["output, _ = self.lstm(x)", "output = output * 2"],
        ["output, _ = self.lstm(x)", "output *= 2"],
        ["output, _ = self.lstm(x)", "output, h = output, 1"],
        ["if len(x) > 9:", "    output, _ = self.lstm(x)", "output = self.lstm(x)[0].sin()"],
        ["output, _ = self.lstm(x)", "if True:", "    output = output.sin()"],
        ["output, _ = self.lstm(x)", "for output in [output.sin()]: pass"],
        [*["output, _ = self.lstm(x)", "with self.fc as output: pass"][:1], "(output := x.sin())"],
        ["output = self.lstm(x)[0].sin()"],
        ["output = x"],
        ["other = output = self.lstm(x)[0]"],
        ["first = True", "output = nn.LSTM(6, 7, batch_first=first)(x)[0]"],
        ["output = nn.LSTM(6, 7, 1, True, True)(x)[0]"],
        ["output = nn.LSTM(6, 7, **{'batch_first': True})(x)[0]"],
    ],
)
def test_axes_are_not_guessed_at(lines):
    assert "batch" not in fails_in(*lines, "self.fc.weight @ output").text


def test_what_a_loop_may_have_changed_has_no_names():
    line = fails_in(
        "output, _ = self.lstm(x)",
        "for _ in range(2):",
        "    torch.cat([output, x[:, :, :1]][: 1 + _], 0)",
        "    output = output.transpose(0, 1)",
    )
    assert said(line)["output"] == "(5, 3, 14)" + CPU


def test_the_expression_that_failed_has_its_tensors_and_no_others():
    line = fails_in("h = self.fc(x) + self.memory.sum() + self.fc(self.memory)")
    assert said(line) == {"self.memory": "(2, 7)" + CPU}
    assert line.code == "h = self.fc(x) + self.memory.sum() + self.fc(self.memory)"


def test_it_stands_with_all_its_lines():
    line = fails_in("h = self.fc(", "    self.memory,", ")")
    assert line.code == "h = self.fc(\n    self.memory,\n)"
    assert line.where.startswith("line 2 of <typed ")
    assert line.where.endswith(", in `forward`")


def test_a_cell_of_a_notebook_has_no_file():
    made = compile("T @ H0", "/tmp/ipykernel_77/12345.py", "exec")
    import linecache

    linecache.cache["/tmp/ipykernel_77/12345.py"] = (6, None, ["T @ H0"], "")
    line = failing_line(error_of(lambda: exec(made, {"T": T, "H0": H0})))
    assert (line.where, set(said(line))) == ("line 1 of a cell", {"T", "H0"})


def test_in_keras_a_layers_output_has_names_and_numpy_is_called_so():
    rnn, head = layers.LSTM(7, return_sequences=True), layers.Dense(2)
    head(X)

    def run():
        output = rnn(X)
        return head(output)

    (output,) = failing_line(error_of(run)).operands
    assert output.axes == ("batch", "timesteps", "units")
    (given,) = failing_line(error_of(lambda: head(X[..., 1:]) + 1)).operands
    assert (given.name, given.text) == ("X[..., 1:]", "(3, 5, 5), float32, NumPy")


def test_beside_a_lambda_nothing_is_on_its_line():
    error = error_of(typed("for run in (lambda: [][1], lambda: T.sin(), X): run()", T=T))
    assert failing_line(error).operands == ()


def test_of_many_tensors_some_are_named():
    line = fails_in("many = [x] * 20", "torch.cat([*many, self.memory])")
    assert (len(line.operands), line.more) == (6, 15)
    assert line.text.endswith("# and 15 more")


def test_nothing_is_run_to_read_it():
    class Counts:
        asked = 0

        @property
        def tensor(self):
            Counts.asked += 1
            return H0

    error = error_of(typed("T @ counts.tensor", counts=Counts()))
    before = Counts.asked
    assert explain_error(error).line
    assert Counts.asked == before == 1


def test_a_line_that_cannot_be_read_claims_nothing():
    """Whether a framework had a part in it is then told by what lies in the frame."""
    error = error_of(lambda: exec(compile("T.expand(2, 2)", "<unseen>", "exec"), {"T": T}))
    found = explain_error(error)
    assert (found.line, found.what) == (None, "")
    nobody = error_of(lambda: exec(compile("[][1]", "<unseen>", "exec"), {}))
    assert (explain_error(nobody).line, explain_error(nobody).what) == (None, NEITHER)


def test_what_is_installed_is_not_the_learners():
    def fold():
        return np.vectorize(lambda one: [][int(one)])(np.ones(3))

    assert failing_line(error_of(fold)).where.endswith("test_failing.py")
    line = failing_line(error_of(lambda: np.concatenate([np.ones((2, 3)), np.ones(2)])))
    assert "np.concatenate" in line.code
    line = failing_line(error_of(lambda: keras.utils.pad_sequences([1, 2])))
    assert "keras.utils.pad_sequences" in line.code
