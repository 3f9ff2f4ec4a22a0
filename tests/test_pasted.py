"""An error of which only the words are there is read, as Python, notebooks and people give them."""

import traceback

import clinic_attention  # noqa: F401
import clinic_given  # noqa: F401 (more cases)
import clinic_kept  # noqa: F401
import clinic_lists  # noqa: F401
import clinic_losses  # noqa: F401
import clinic_making  # noqa: F401
import clinic_states  # noqa: F401
import clinic_tensors  # noqa: F401
import clinic_timesteps  # noqa: F401
import clinic_training  # noqa: F401
import keras
import numpy as np
import pytest
import torch
from clinic import CASES, LSTM, T, error_of, stack
from torch import nn

from lstm_lessons import explain_error
from lstm_lessons.explaining.errors import MAY_BE, OR, UNKNOWN
from lstm_lessons.explaining.pasted import pasted

STATE = "Expected hidden[0] size (2, 3, 7), got [1, 3, 7]"
HERE = "Which shape must the first states have"

OF_PYTHON = f"""Traceback (most recent call last):
  File "/home/me/project/train.py", line 12, in step
    output, (h, c) = self.lstm(x, (h, c))
                     ^^^^^^^^^^^^^^^^^^^^
  File "/usr/lib/python3.11/site-packages/torch/nn/modules/module.py", line 1532, in _call_impl
    return forward_call(*args, **kwargs)
  File "/usr/lib/python3.11/site-packages/torch/nn/modules/rnn.py", line 263, in check_hidden_size
    raise RuntimeError(msg.format(expected_hidden_size, list(hx.size())))
RuntimeError: {STATE}
"""
OF_A_NOTEBOOK = f"""---------------------------------------------------------------------------
RuntimeError                              Traceback (most recent call last)
Cell In[7], line 3
      1 lstm = nn.LSTM(6, 7, num_layers=2)
      2 h = torch.zeros(1, 3, 7)
----> 3 output, states = lstm(x, (h, h))

File ~/venv/lib/python3.11/site-packages/torch/nn/modules/module.py:1532, in Module._call_impl(self)
   1531     return forward_call(*args, **kwargs)
-> 1532 try:

RuntimeError: {STATE}"""
LED_TO = f"""Traceback (most recent call last):
  File "a.py", line 1, in <module>
    {{}}["a"]
KeyError: 'a'

During handling of the above exception, another exception occurred:

{OF_PYTHON}"""
OF_WINDOWS = OF_PYTHON.replace("/home/me/project/", "C:\\\\me\\\\").replace("\n", "\r\n")
COLOURED = OF_A_NOTEBOOK.replace("RuntimeError", "\x1b[0;31mRuntimeError\x1b[0m")
INDENTED = "".join(f"E   {line}\n" for line in f"RuntimeError: {STATE}".splitlines())


@pytest.mark.parametrize(
    "text",
    [
        STATE,
        f"RuntimeError: {STATE}",
        f"I get this: RuntimeError: {STATE}",
        f"in evaluation: {STATE}",
        OF_PYTHON,
        OF_A_NOTEBOOK,
        LED_TO,
        OF_WINDOWS,
        COLOURED,
        INDENTED,
    ],
)
def test_a_message_is_found_however_it_was_copied(text):
    found = explain_error(text)
    assert found.name == "A state of another size"
    assert found.read[0].title == HERE
    assert f"Read on: {HERE} (90_questions_people_ask.ipynb); " in found.text
    assert f"#{HERE.replace(' ', '-')}" in found.html


def test_the_line_that_failed_is_that_of_ones_own_code():
    assert explain_error(OF_PYTHON).line.where == "line 12 of train.py, in step"
    assert explain_error(OF_PYTHON).line.text == "output, (h, c) = self.lstm(x, (h, c))"
    assert explain_error(OF_WINDOWS).line.where == "line 12 of train.py, in step"
    assert explain_error(OF_A_NOTEBOOK).line.where == "line 3 of cell 7"
    assert explain_error(OF_A_NOTEBOOK).line.text == "output, states = lstm(x, (h, h))"
    assert explain_error(STATE).line is None


def test_the_last_error_is_read_with_its_class():
    read = pasted(LED_TO)
    assert (read.kind, str(read)) == ("RuntimeError", STATE)
    assert read.frames[0][:2] == ("torch.nn.modules.rnn", "check_hidden_size")
    assert read.frames[-1] == ("", "step", "/home/me/project/train.py")


def test_another_class_is_another_error():
    assert explain_error(f"KeyError: {STATE}").name == UNKNOWN
    assert explain_error("ModuleNotFoundError: No module named 'keras'").name == UNKNOWN


INPUT_2 = "expected lstm_1_input to have 3 dimensions, but got array with shape "
TARGET_2 = "expected time_distributed_1 to have 3 dimensions, but got array with shape (1822, 1)"


@pytest.mark.parametrize(
    ("text", "name", "title", "line"),
    [
        (
            f"{INPUT_2}(2, 1)",
            "An axis is missing",
            "How do I batch sequences of different lengths",
            "keras.utils.pad_sequences(",
        ),
        (
            f"ValueError: Error when checking model input: {INPUT_2}(100, 24)",
            "An axis is missing",
            "How do I make sequences of a table",
            "x[None]",
        ),
        (
            f"Error when checking : {INPUT_2}(1, 3, 5, 6)",
            "An axis too many",
            "Does the shape include the batch",
            "x[0]",
        ),
        (
            "Error when checking input: expected lstm_input to have shape (None, 5, 6) but got "
            "array with shape (3, 6, 5)",
            "Another shape than the model's Input",
            "Does the shape include the batch",
            "x.swapaxes(1, 2)",
        ),
        (
            TARGET_2,
            "A target that does not fit the output",
            "Do I need a label for every timestep",
            "without return_sequences",
        ),
        (
            TARGET_2.replace("3 dim", "2 dim").replace("(1822, 1)", "(32, 20, 5)"),
            "A target that does not fit the output",
            "Do I need a label for every timestep",
            "return_sequences=True",
        ),
        (
            "Input 0 of layer lstm_1 is incompatible with the layer: expected ndim=3, found "
            "ndim=2. Full shape received: [None, 50]",
            "An axis is missing",
            "How do I add the axis of features",
            "return_sequences=True",
        ),
    ],
)
def test_what_keras_2_said_is_known(text, name, title, line):
    found = explain_error(text)
    assert (found.name, found.read[0].title) == (name, title)
    assert line in found.instead


FITS = "A target that does not fit the output"
TARGET_SHAPE = "Which shape must the target have"
AXES = "layer 'lstm' is incompatible with the layer: expected ndim=3, found ndim=4. Full shape "


@pytest.mark.parametrize(
    ("text", "name", "title", "line"),
    [
        (
            "Expected hidden[0] size (1, 70, 1150), got (1, 10, 1150)",
            "States of another batch",
            HERE,
            "h_0 = torch.zeros(1, 70, 1150)",
        ),
        (
            "Shapes (None, 1) and (None, 10) are incompatible",
            FITS,
            "Which loss takes which target",
            "loss = 'sparse_categorical_crossentropy'",
        ),
        (
            "logits and labels must have the same shape ((None,10,1) vs (None,1))",
            FITS,
            TARGET_SHAPE,
            "without return_sequences",
        ),
        (
            "Dimensions must be equal, but are 10 and 32 for '{{node mean_squared_error/Squared"
            "Difference}} = SquaredDifference[T=DT_FLOAT](a, b)' with input shapes: [?,5], [?,4].",
            FITS,
            TARGET_SHAPE,
            "without return_sequences",
        ),
        (
            "cannot reshape array of size 3000000 into shape (100000,5,30)",
            "More or fewer numbers than a shape has",
            "How do I make sequences of a table",
            "x.reshape(-1, 5, 30)",
        ),
        (
            "expected shape=(None,10,5), found shape=(None,5)",
            "Another shape than the model's Input",
            "How do I make sequences of a table",
            "sliding_window_view(x, 10, axis=0).transpose(0, 2, 1)",
        ),
        (
            "Error when checking input: expected lstm_1_input to have shape (173, 38, 1) but got "
            "array with shape (32, 173, 38)",
            "Another shape than the model's Input",
            "Does the shape include the batch",
            "keras.Input((173, 38))",
        ),
        (
            "input.size(-1) must be equal to input_size. Expected 1, got 60",
            "Other features than the weights are for",
            "How do I add the axis of features",
            "x[..., None]",
        ),
        (
            f"Input 0 of {AXES}received: (1, 72, 110907, 200)",
            "An axis too many",
            "Do my vectors need an Embedding",
            "keras.layers.Dense(200)",
        ),
        (
            "Error when checking target: expected dense_1 to have 2 dimensions, but got array with "
            "shape (1, 1, 1)",
            FITS,
            "Do I need a label for every timestep",
            "y = y[..., 0]",
        ),
        (
            "Data cardinality is ambiguous:\n  x sizes: 100\n  y sizes: 98\nMake sure all arrays",
            "Not one target for each sequence",
            "Which target belongs to a window",
            "y = y[x.shape[1] :]",
        ),
        (
            "input must have 3 dimensions, got 2",
            "An axis is missing",
            "Can I leave the batch out",
            "x[None]",
        ),
        (
            "expected dense_2 to have shape (1,) but got array with shape (10,)",
            FITS,
            TARGET_SHAPE,
            "loss = 'categorical_crossentropy'",
        ),
        (
            "expected dense_2 to have shape (25, 20) but got array with shape (25, 1)",
            FITS,
            TARGET_SHAPE,
            "loss = 'sparse_categorical_crossentropy'",
        ),
        (
            "Incompatible shapes: [32,10] vs. [32,7]\n\t [[node mean_squared_error/Squared"
            "Difference (defined at a.py:1) ]]",
            FITS,
            TARGET_SHAPE,
            "keras.layers.Dense(y.shape[-1])",
        ),
        (
            "UserWarning: RNN module weights are not part of single contiguous chunk of memory.",
            "Weights in several pieces of memory",
            "12. Explain your network",
            "lstm.flatten_parameters()",
        ),
        (
            "ValueError: You are passing a RNN mask that does not correspond to right-padded "
            "sequences, while using cuDNN, which is not supported.",
            "Padding in front, with cuDNN",
            "How do I batch sequences of different lengths",
            "padding='post'",
        ),
        (
            "WARNING:tensorflow:Layer lstm will not use cuDNN kernels since it doesn't meet the",
            "cuDNN where it cannot be",
            "What comes out at padded timesteps",
            "keras.layers.LSTM(units)",
        ),
        (
            "Specified a list with shape [32,9] from a tensor with shape [20,9]",
            "Another batch than a stateful layer's",
            "What does stateful need",
            "x, y = x[: len(x) // 32 * 32]",
        ),
    ],
)
def test_what_people_paste_most_is_known(text, name, title, line):
    found = explain_error(text)
    assert (found.name, found.read[0].title) == (name, title)
    assert line in found.instead


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("expected dense_1 to have shape (3,) but got array with shape (4,)", "LSTM(units)"),
        ("expected dense_1 to have shape (3,) but got array with shape (4,)", "stateful"),
        (
            "expected lstm_input to have shape (173, 38, 1) but got array with shape (32, 173, 38)",
            "swap",
        ),
        (
            "expected lstm_input to have shape (None, 10, 5) but got array with shape (32, 5)",
            "[..., None]",
        ),
        (f"Input 0 of {AXES}received: (1, 72, 110907, 200)", "reshape"),
    ],
)
def test_what_cannot_help_is_not_advised(text, wrong):
    assert explain_error(text).name != UNKNOWN
    assert wrong not in explain_error(text).text


@pytest.mark.parametrize(("got", "first"), [("(1, 1, 1)", "y[..., 0]"), ("(3, 5, 1)", "units")])
def test_a_target_with_one_timestep_drops_an_axis_and_one_with_more_wants_every_output(got, first):
    text = f"expected dense_1 to have 2 dimensions, but got array with shape {got}"
    assert first in explain_error(text).instead.splitlines()[0]


def test_both_directions_are_read_by_a_layer_twice_as_wide():
    for text in (
        "mat1 and mat2 shapes cannot be multiplied (64x256 and 128x10)",
        "size mismatch, m1: [64 x 256], m2: [128 x 10] at /pytorch/THTensorMath.cpp:752",
    ):
        assert "torch.nn.Linear(2 * units, out_features)" in explain_error(text).text


def test_several_kinds_that_it_may_be_give_their_lines():
    found = explain_error(
        "The size of tensor a (10) must match the size of tensor b (32) at "
        "non-singleton dimension 1"
    )
    assert found.name == UNKNOWN
    assert "Scores and targets of two shapes" in found.what
    assert "scores = linear(output[:, -1])  # if the scores have timesteps" in found.instead


@pytest.mark.parametrize(
    ("got", "wanted", "line"),
    [
        ("32, 6, 10", "None, 10, 6", "x.swapaxes(1, 2)"),
        ("32, 8, 6", "None, 10, 6", "keras.Input((None, 6))"),
        ("32, 10", "None, 10, 1", "x[..., None]"),
        ("32, 60", "None, 10, 6", "x.reshape(-1, 10, 6)"),
        ("32, 6", "None, None, 6", "x[None]"),
        ("32, 6", "None, 10, 6", "x[: len(x) // 10 * 10].reshape(-1, 10, x.shape[-1])"),
        ("32, 6", "None, 10, 6", "np.lib.stride_tricks.sliding_window_view(x, 10, axis=0)"),
    ],
)
def test_a_line_for_another_shape_makes_one_that_fits(got, wanted, line):
    found = explain_error(f"expected shape=({wanted}), found shape=({got})")
    written = next(one for one in found.instead.splitlines() if one.startswith(line))
    x = np.zeros([int(one) for one in got.split(", ")])
    made = eval(written, {"x": x, "np": np, "keras": keras, "len": len}).shape
    sizes = [None if one == "None" else int(one) for one in wanted.split(", ")]
    assert len(made) == 3
    assert all(None in (a, b) or a == b for a, b in zip(made, sizes, strict=True))


def test_where_words_are_not_enough_it_says_what_it_may_be():
    found = explain_error("TypeError: missing a required argument: 'value'")
    assert found.name == UNKNOWN
    assert found.what.startswith(MAY_BE.format("Attention without its list"))
    assert found.what.endswith("Write then:")
    assert found.read[0].title == "How do I put attention above an LSTM"
    both = explain_error("ValueError: too many values to unpack (expected 2)")
    assert both.name == "Unpacking"
    assert OR.format("Unpacking what a layer returns; or Unpacking a shape") in both.what


def test_where_it_may_be_two_kinds_both_their_entries_are_read():
    message = 'layer "lstm_1" is incompatible with the layer: expected ndim=3, found ndim=2. '
    found = explain_error(f"ValueError: Input 0 of {message}Full shape received: (None, 50)")
    assert found.name == "An axis is missing"
    assert [one.title for one in found.read[:2]] == [
        "How do I add the axis of features",
        "Why must the lower layer return sequences",
    ]


def test_a_frame_may_decide():
    """A loss of unequal types: its words are those of other errors, too."""
    bce = nn.functional.binary_cross_entropy
    error = error_of(lambda: bce(torch.sigmoid(T), torch.ones(3, 5, 6).double()))
    whole = "".join(traceback.format_exception(error))
    assert explain_error(whole).name == "A target of another type of numbers"
    assert explain_error(f"{type(error).__name__}: {error}").name == UNKNOWN


def test_what_is_not_known_says_where_more_can_be_read():
    found = explain_error("SomethingError: it <broke>")
    assert found.text == (
        "SomethingError: it <broke>\n\nNot known here. Where it was raised more can be read: "
        "try explain_error() in the cell after it."
    )
    assert "it &lt;broke&gt;" in found.html


FEW = [
    lambda: stack(LSTM(7), LSTM(8)),
    lambda: nn.LSTM(6, 7)(T, (torch.zeros(2, 3, 7),) * 2),
    lambda: nn.LSTM(6, 7)(T[..., :4]),
    lambda: nn.CrossEntropyLoss()(torch.zeros(3, 4), torch.full((3,), 9)),
]


# What only the values tell, which what is pasted has not: it is known as what its message says.
BY_VALUES = {
    "A mask that does not fit attention": "More or fewer numbers than a shape has",
    "A list of tensors where one belongs": "Several tensors where one belongs",
    "A pair of states where a tensor belongs": "A tuple where a tensor belongs",
}


def agrees(broken):
    """Return whether what is pasted of an error is known as it, or as what it may be."""
    error = error_of(broken)
    name = explain_error(error).name
    pieces = ["".join(traceback.format_exception(error)), f"{type(error).__name__}: {error}"]
    found = [explain_error(text) for text in [*pieces, str(error)]]
    names = name, BY_VALUES.get(name)
    return all(one.name in names or name in one.what for one in found)


def test_sequences_of_two_batches_are_no_output_with_its_states_when_pasted():
    said = (
        'Layer "lstm" expects 1 input(s), but it received 2 input tensors. Inputs received: '
        "[<tf.Tensor: shape=({}, 6), dtype=float32>, <tf.Tensor: shape=(4, 6), dtype=float32>]"
    )
    assert explain_error(said.format(4)).name == "Several tensors where one belongs"
    assert "It may be this" in explain_error(said.format(3)).what


@pytest.mark.parametrize("broken", FEW)
def test_a_pasted_error_is_known_as_it_was_live(broken):
    assert agrees(broken)


PREFIXED = {f"module.{name}": one for name, one in nn.LSTM(6, 7).state_dict().items()}


@pytest.mark.parametrize("before", ["RuntimeError: ", ""])
@pytest.mark.parametrize("ends", ["\n\t", " "])
def test_names_with_something_before_them_are_known_without_their_class(before, ends):
    said = str(error_of(lambda: nn.LSTM(6, 7).load_state_dict(PREFIXED))).replace("\n\t", ends)
    found = explain_error(before + said)
    assert found.name == "Names of weights with something before them"
    assert "removeprefix('module.')" in found.instead


@pytest.mark.more
def test_every_error_of_the_clinic_is_known_when_it_is_pasted():
    assert len(CASES) > 300
    assert [one.id for one in CASES if not agrees(one.broken)] == []


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (lambda: nn.LSTM(6, 8).load_state_dict(nn.LSTM(6, 7).state_dict()), "of another network"),
        (
            lambda: nn.LSTM(6, 7, 2).load_state_dict(nn.LSTM(6, 7).state_dict()),
            "of another network",
        ),
        (
            lambda: nn.LSTM(6, 7).load_state_dict(nn.LSTM(6, 7, 2).state_dict()),
            "of another network",
        ),
        (lambda: nn.Linear(6, 8).load_state_dict(nn.Linear(6, 7).state_dict()), "of other layers"),
        (lambda: nn.Linear(6, 8).load_state_dict({}), "of other layers"),
    ],
)
def test_a_line_of_what_load_state_dict_says_is_enough(made, name):
    for line in str(error_of(made)).splitlines()[1:]:
        assert name in explain_error(line.strip()).name, line
