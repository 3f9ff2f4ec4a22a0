"""The kinds of errors: each is provoked in the live frameworks, so that a new wording shows."""

import json
import re
import subprocess
import sys

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
import pytest
import torch
from clinic import (
    BACKEND,
    CASES,
    H0,
    Fails,
    T,
    X,
    called_twice,
    error_of,
    fit,
    functional,
    here,
    inside,
    of_today,
    older,
    raises,
    typed,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers
from keras.layers import LSTM, Dense
from torch import nn

from lstm_lessons.explaining.errors import (
    KNOWN,
    NEITHER,
    UNKNOWN,
    _plain,
    _readable,
    _words,
    explain_error,
)
from lstm_lessons.explaining.known import INPUT, named


@pytest.mark.parametrize("one", here(of_today(CASES)))
def test_a_live_error_is_explained(one):
    found = explain_error(error_of(one.broken))
    assert found.name == one.name
    for words in one.says:
        assert words in found.text.replace("\n", " ")
    assert "\x1b" not in found.text + found._repr_mimebundle_()["text/html"]
    compile(found.instead, "the line to write", "exec")


@pytest.mark.parametrize("one", here(one for one in of_today(CASES) if one.line))
def test_the_line_to_write_works(one):
    assert one.works(explain_error(error_of(one.broken)).instead)


def said(one):
    """Return the kind of the error that a case raises, "" if it raises none."""
    try:
        one.broken()
    except Exception as error:
        return explain_error(error).name
    return ""


def test_what_older_releases_do_is_noted():
    """In the newest there is no such case."""
    before = {one.id: one.before for one in CASES if one not in of_today(CASES)}
    assert {one.id: said(one) for one in CASES if one.id in before} == before


of_the_newest = pytest.mark.skipif(
    BACKEND != "tensorflow" or older("keras 3.15") or older("torch 2.13"),
    reason="holds for Keras 3.15 on TensorFlow and PyTorch 2.13; the words of others are recorded",
)


# What Keras says on another backend, in the words that were seen there.

ENDS = {
    "torch": "{}=torch.Tensor(shape=torch.Size([{}]), dtype=float32)",
    "jax": "{}=jnp.ndarray(shape=({}), dtype=float32)",
}


def elsewhere(kind, layer, words, backend, x, h):
    """Return an error of a layer's call on PyTorch or JAX. x, h: the sizes of what it was given."""
    given = "\n".join(ENDS[backend].format(*one) for one in (("sequences", x), ("states", h)))
    return kind(f"Exception encountered when calling {layer}.call().\n\n{words}\n\n{given}")


def of_layer(inputs=None):
    """Return what Dense says of several tensors. inputs: what its frame holds, if there is one."""
    error = ValueError(
        'Layer "dense" expects 1 input(s), but it received 3 input tensors. Inputs received: '
        "[Array([[0.3, 0.1]], dtype=float32), Array([[0.3, 0.1]], dtype=float32)]"
    )
    return inside([("keras.src.layers", {"inputs": inputs})], error) if inputs else error


def in_fit(*modules, error):
    """Return an error that came out of fit through code of these modules."""
    fitting = ("keras.src.utils", {"fn": fit})
    return inside([fitting, *((module, {"fn": None}) for module in modules)], error)


def of_function(name, error):
    """Return an error that a function of PyTorch of this name raised."""
    scope = {"__name__": "torch.nn.functional", "error": error}
    exec(f"def {name}(): raise error", scope)
    return error_of(scope[name])


def of_weight(wanted, got, path, asked=keras.Model.load_weights):
    """Return what Keras 3.5 says of a weight that does not fit. asked: what was called."""
    error = ValueError(
        "The shape of the target variable and the shape of the target value in "
        f"`variable.assign(value)` must match. variable.shape={wanted}, Received: "
        f"value.shape={got}. Target variable: <KerasVariable shape={wanted}, path={path}>"
    )
    return inside([("keras.src.utils", {"fn": asked})], error)


def test_a_weight_that_does_not_fit_is_of_a_file_only_where_one_is_loaded():
    assert explain_error(of_weight("(6, 28)", "(6, 32)", "kernel", asked=fit)).name == UNKNOWN


# What older releases say, in the words that were seen there.


def test_what_keras_3_3_says_of_several_tensors_is_known():
    error = ValueError("Layer 'dense_1' expected 1 input(s). Received 3 instead.")
    found = explain_error(inside([("keras.src.layers", {"inputs": [X, X[:, 0], X[:, 0]]})], error))
    assert found.name == "Several tensors where one belongs"
    told = "`dense_1` reads one tensor. It got 3: `(3, 5, 6)`, then states (batch 3, units 6)."
    assert found.what == told


def test_what_keras_3_3_says_of_more_states_is_known():
    error = ValueError(
        "Exception encountered when calling LSTM.call().\n\n\x1b[1mCould not pack sequence. "
        "Structure had 3 atoms, but flat_sequence had 2 items. Structure: [<tf.Tensor>]\x1b[0m"
    )
    found = explain_error(inside([("keras.src.layers", {"fn": None})], error))
    assert found.name == "More states than the layer has"
    assert found.what == "`LSTM` has 2 states. It was given 3."


def test_what_pytorch_2_3_says_of_another_type_is_known():
    message = "input must have the type torch.float32, got type torch.float64"
    found = explain_error(inside([("torch.nn.modules.rnn", {})], ValueError(message)))
    assert found.name == "Another type of numbers"
    assert found.what == "x is `torch.float64`, the weights are `torch.float32`."
    assert found.instead == "x.to(torch.float32)"


def test_what_pytorch_2_4_says_of_padding_is_known(monkeypatch):
    def fail(*args, **kwargs):
        words = "expecting key_padding_mask shape of (3, 5), but got torch.Size([5, 3])"
        raise AssertionError(words)

    monkeypatch.setattr(nn.functional, "multi_head_attention_forward", fail)
    attention, x = nn.MultiheadAttention(6, 2, batch_first=True), T
    error = error_of(lambda: attention(x, x, x, key_padding_mask=x[0, :, :3] == 0))
    told = "`key_padding_mask` must be (batch 3, timesteps of the key 5). It is `(5, 3)`."
    assert explain_error(error).what == told


def test_what_keras_3_5_says_of_a_layer_as_a_cell_is_known():
    error = ValueError(
        'Exception encountered when calling RNN.call().\n\n\x1b[1mInput 0 of layer "inner" is '
        "incompatible with the layer: expected ndim=3, found ndim=2. Full shape received: (3, 6)"
    )
    found = explain_error(inside([("keras.src.layers", {"fn": None})], error))
    assert found.name == "A layer where a cell belongs"
    assert found.what == "`RNN` runs `inner` as its cell, and that is a layer."


def on_a_line(line, error):
    """Return an error that Keras raised in fail, which the learner's line calls."""
    scope = {"__name__": "keras.src", "error": error}
    exec("def fail(): raise error", scope)
    return error_of(typed(line, fail=scope["fail"]))


SIZES = "The size of tensor a (3) must match the size of tensor b (2) at dimension 0"
ACROSS = (
    "The size of tensor a (7) must match the size of tensor b (21) at non-singleton dimension 2"
)
MAT = "mat1 and mat2 shapes cannot be multiplied (3x{} and {}x28)"
NOT_SPLIT = "not enough values to unpack (expected 4, got 3)"
JAX_SIZES = "add got incompatible shapes for broadcasting: (3, 7), (2, 7)."
DOT = "dot_general requires contracting dimensions to have the same shape, got ({},) and ({},)."
LOSS_SIZES = RuntimeError(
    "The size of tensor a (5) must match the size of tensor b (4) at non-singleton dimension 1"
)
LOSS_AXES = ValueError("Incompatible shapes for broadcasting: shapes=[(3, 4), (3, 5, 4)]")
LOSS_SHAPES = TypeError("sub got incompatible shapes for broadcasting: (3, 5), (3, 4).")
NO_INPUT_SIZE = (
    "empty(): argument 'size' failed to unpack the object at pos 2 with error \"type must be tuple "
    'of ints,but got float"'
)
OF_INPUT = "Error when checking input: expected i to have 3 dimensions, but got array with shape "
OF_TARGET = "Error when checking target: expected time_distributed_1 to have "
ELSEWHERE = {
    "States of another batch": [
        elsewhere(RuntimeError, "GRU", SIZES, "torch", "3, 5, 6", "2, 7"),
        elsewhere(TypeError, "GRU", JAX_SIZES, "jax", "3, 5, 6", "2, 7"),
        type("OperatorNotAllowedInGraphError", (TypeError,), {})(  # of Keras 3.12 and 3.13
            "Exception encountered when calling LSTM.call().\n\n\x1b[1mUsing a symbolic "
            "`tf.Tensor` as a Python `bool` is not allowed.\x1b[0m\n\nArguments received by "
            "LSTM.call():\n  • sequences=tf.Tensor(shape=(None, 5, 6), dtype=float32)\n"
            "  • initial_state=None"
        ),
    ],
    "Other features than the weights are for": [
        elsewhere(RuntimeError, "LSTMCell", MAT.format(4, 6), "torch", "3, 4", "3, 7"),
        elsewhere(TypeError, "LSTMCell", DOT.format(4, 6), "jax", "3, 4", "3, 7"),
    ],
    "States of other units": [
        elsewhere(RuntimeError, "LSTM", MAT.format(8, 7), "torch", "3, 5, 6", "3, 8"),
        elsewhere(TypeError, "LSTMCell", DOT.format(8, 7), "jax", "3, 6", "3, 8"),
        elsewhere(RuntimeError, "LSTM", MAT.format(8, 7), "torch", "3, 5, 8", "3, 8"),
    ],
    "A state with an axis too many": [
        elsewhere(ValueError, "LSTM", NOT_SPLIT, "torch", "3, 5, 6", "1, 3, 7"),
        elsewhere(RuntimeError, "GRU", ACROSS, "torch", "3, 5, 6", "2, 3, 7"),
        on_a_line(
            "output, h, c = STATES(fail())",
            elsewhere(ValueError, "LSTM", NOT_SPLIT, "torch", "3, 5, 6", "1, 3, 7"),
        ),
    ],
    "Several tensors where one belongs": [of_layer([H0[0]] * 3), of_layer([T, H0[0]])],
    "A target that does not fit the output": [
        in_fit("torch.functional", error=LOSS_SIZES),
        in_fit("jax._src.numpy", error=LOSS_SHAPES),
        in_fit("jax.numpy", error=LOSS_AXES),
        ValueError(f"{OF_TARGET}3 dimensions, but got array with shape (1822, 1)"),
        ValueError(f"{OF_TARGET}2 dimensions, but got array with shape (32, 20, 5)"),
        ValueError(f"{OF_TARGET}shape (1,) but got array with shape (5,)"),
    ],
    # What Keras 2 says.
    "An axis is missing": [
        ValueError(f"{OF_INPUT}(2, 1)"),
        ValueError(f"{OF_INPUT}(100, 24)"),
        ValueError("Input 0 is incompatible with layer lstm_2: expected ndim=3, found ndim=2"),
        RuntimeError("input must have 3 dimensions, got 2"),
    ],
    "An axis too many": [
        ValueError(f"{OF_INPUT}(12, 1, 5, 6)"),
        ValueError("Input 0 is incompatible with layer lstm_1: expected ndim=3, found ndim=4"),
    ],
    "Another shape than the model's Input": [
        ValueError(
            "Error when checking input: expected lstm_input to have shape (5, 6) but got array "
            "with shape (6, 5)"
        ),
        ValueError(
            "Error when checking input: expected lstm_input to have shape (None, 5, 6) but got "
            "array with shape (32, 6)"
        ),
    ],
    # What needs a GPU, an export or an older release.
    "cuDNN where it cannot be": [
        UserWarning("Layer lstm will not use cuDNN kernels since it doesn't meet the criteria.")
    ],
    "Padding in front, with cuDNN": [
        ValueError(
            "You are passing a RNN mask that does not correspond to right-padded sequences, while "
            "using cuDNN, which is not supported."
        )
    ],
    "Weights in several pieces of memory": [
        UserWarning("RNN module weights are not part of single contiguous chunk of memory.")
    ],
    "cuDNN's backward in evaluation mode": [
        RuntimeError("cudnn RNN backward can only be called in training mode")
    ],
    "Another batch than the exported one": [
        AssertionError("Guard failed: input.size()[0] == 3"),
        ValueError(
            "Cannot set tensor: Dimension mismatch. Got 3 but expected 1 for dimension 0 of input "
            "0."
        ),
    ],
    "A size that is no whole number": [
        inside([("torch.nn", {"self": nn.GRU(6, 7)})], TypeError(NO_INPUT_SIZE)),
        ValueError(
            "Cannot convert '(6, 30.0)' to a shape. Found invalid entry '30.0' of type "
            "'<class 'float'>'. "
        ),
    ],
    "A layer that was never called": [
        ValueError("The layer rnn has never been called and thus has no defined output.")
    ],
    "Tensors that are not in a list": [
        TypeError(
            "cat() received an invalid combination of arguments - got (Tensor, Tensor), but "
            "expected one of:\n * (tuple of Tensors tensors, int dim = 0, *, Tensor out = None)"
        )
    ],
    "A GRU with another reset_after": [of_weight("(2, 21)", "(21,)", "gru_cell/bias")],
    "A file of weights of other sizes": [of_weight("(6, 28)", "(6, 32)", "lstm_cell/kernel")],
    "A loss in a saved model": [
        TypeError(
            "Could not locate function 'mse'. Make sure custom classes are decorated with "
            "`@keras.saving.register_keras_serializable()`. Full object config: {'module': "
            "'keras.metrics', 'class_name': 'function', 'config': 'mse', 'registered_name': 'mse'}"
        )
    ],
    "A Lambda in a saved model": [
        ValueError(
            "The `{arg_name}` of this `Lambda` layer is a Python lambda. Deserializing it is "
            "unsafe. If you trust the source of the config artifact, you can override this error "
            "by passing `safe_mode=False` to `from_config()`"
        )
    ],
    "A kernel longer than the sequence": [
        ValueError(
            "Computed output size would be negative. Received `inputs shape=(None, 5, 6)`, "
            "`kernel shape=(8, 6, 7)`, `dilation_rate=[1]`."
        )
    ],
    "A target of another type of numbers": [
        of_function("cross_entropy", RuntimeError("expected scalar type Long but found Float"))
    ],
    UNKNOWN: [
        of_layer([T] * 3),
        of_layer(),
        in_fit("__main__", "torch", error=RuntimeError(*LOSS_SIZES.args)),
        in_fit("__main__", "jax._src", error=TypeError(*LOSS_SHAPES.args)),
        inside([("torch", {})], RuntimeError(*LOSS_SIZES.args)),
        RuntimeError(*LOSS_SIZES.args),
        elsewhere(RuntimeError, "GRU", SIZES, "torch", "3, 5, 6", "3, 7"),
        inside([("__main__", {"self": nn.LSTM(6, 7), "hx": H0})], IndexError("index out of range")),
        IndexError("tuple index out of range"),
        AttributeError("'tuple' object has no attribute 'dim'"),
    ],
    # Without a traceback only the message speaks.
    "A state of another size": [RuntimeError("Expected hidden[0] size (1, 3, 7), got [1, 3, 8]")],
    "Unpacking": [ValueError("too many values to unpack (expected 2)")],
}
RECORDED = [(name, error) for name, errors in ELSEWHERE.items() for error in errors]


@pytest.mark.parametrize(("name", "error"), RECORDED, ids=range(len(RECORDED)))
def test_what_keras_says_on_another_backend_is_known(name, error):
    assert explain_error(error).name == name


def test_the_shapes_of_several_tensors_are_taken_from_the_pass():
    found = explain_error(of_layer([T, H0[0]]))
    assert "(3, 5, 6), then states (batch 3, units 7)" in found.text


# Of one error one kind.


def fitting(error):
    """Return the kinds that an error fits."""
    message, raised = _readable(_plain(error)), {kind.__name__ for kind in type(error).__mro__}
    kinds = [known for known in KNOWN if raised.intersection(known.raised.split())]
    return [known for known in kinds if _words(known, message, error)]


@of_the_newest
def test_each_kind_is_provoked_and_their_order_means_nothing():
    """Two may fit one error only if one of them is general, and each general one has to be."""
    needed = []
    provoked = []
    for error in [*(error_of(one.broken) for one in CASES), *(error for _, error in RECORDED)]:
        kinds = fitting(error)
        general = [known for known in kinds if known.general]
        assert len(general) <= 1 >= len(kinds) - len(general), [known.name for known in kinds]
        needed += general * (len(kinds) == 2)
        provoked += kinds
    assert [known for known in KNOWN if known not in provoked] == []
    assert [known for known in KNOWN if known.general and known not in needed] == []


@of_the_newest
def test_so_many_kinds_are_provoked_live():
    """A kind counts if an error that the installed frameworks raise here is known as it."""
    live = [kind for one in CASES for kind in fitting(error_of(one.broken))]
    assert sum(known in live for known in KNOWN) >= 230
    assert len({kind.name for kind in live}) >= 150


def test_a_kind_is_known_by_something_and_says_all():
    for known in KNOWN:
        assert all((known.name, known.raised, known.message, known.what, known.why, known.instead))


def test_an_open_size_is_named_without_a_number():
    assert named("(None, 5, 6)", INPUT) == "(batch, timesteps 5, features 6)"
    assert named("None, 5", INPUT) == "`(None, 5)`"


# What must not be recognised.


class Mine:
    """Something of one's own with the names of a framework."""

    def __init__(self, units):
        self.units = units


def a_pair_of_arrays():
    pair = (X, X)
    return pair[:, -1]


def a_function_of_tensorflow():
    """It has a frame that is called as that of a layer of Keras."""
    import tensorflow as tf

    tf.function(lambda x: tf.matmul(x, tf.ones((7, 2))))(tf.ones((3, 6)))


LOOK_ALIKES = {  # by what is said of them
    NEITHER: [
        lambda: raises(ValueError, "my own"),
        lambda: raises(ValueError, "expected ndim=3, found ndim=2"),
        lambda: raises(RuntimeError, "too many values to unpack (expected 2)"),
        lambda: raises(RuntimeError, "Layer 'a' expects 1 input(s), but it received 3 input"),
        lambda: raises(IndexError, "index 1 is out of bounds for dimension 0 with size 1"),
        lambda: Mine(7, batch_input_shape=(3, 5, 6)),
        lambda: Mine(units=7, hidden_size=7),
        lambda: Mine(7).reset_states(),
        lambda: {}["a"],
        lambda: [][1],
        lambda: ("a", "b").shape,
        a_pair_of_arrays,
    ],
    "": [
        lambda: torch.zeros(3, 8) @ torch.zeros(7, 9),
        lambda: torch.cat([torch.zeros(2, 3), torch.zeros(3)]),
        lambda: T.flatten().index_select(0, torch.tensor([90])),
        lambda: T + T[:2],
        lambda: (dense := Dense(9)).build((None, 6)) or dense.set_weights([X]),
        lambda: torch.optim.SGD([T], -1),
        a_function_of_tensorflow,
    ],
    "explain(network, x)": [
        lambda: layers.Conv2D(7, 2)(X[0]),
        lambda: Dense(9)([X, X]),
        lambda: Fails()(T),
        lambda: nn.Bilinear(6, 6, 7)(T, T[:2]),
    ],
}


@pytest.mark.parametrize(
    ("broken", "said"), [(broken, said) for said, all_ in LOOK_ALIKES.items() for broken in all_]
)
def test_what_is_not_known_is_not_guessed_at(broken, said):
    """And explain is advised only where a network or a layer was called."""
    error = error_of(broken)
    found = explain_error(error)
    look = said if said.startswith("explain") else ""
    assert (found.name, found.why, found.instead) == (UNKNOWN, "", look)
    assert found.what == (NEITHER if said == NEITHER else "")
    assert found.text.startswith(f"{type(error).__name__}: ")
    _first, line, *more = found.text.split("\n\n")
    assert line.startswith("It failed in line ")
    assert len(more) == (3 if look else 2)
    assert found._repr_mimebundle_()["text/html"].count("<pre") == len(more)


@pytest.mark.parametrize(
    ("broken", "fits"),
    [
        (lambda: nn.LSTM(6, 7, batch_first=True)(T.swapaxes(1, 2)), True),
        (lambda: nn.LSTM(8, 7, batch_first=True)(T), False),
        (lambda: nn.LSTM(8, 7)(T[0]), False),
        (lambda: nn.Linear(5, 7)(T), True),
        (lambda: nn.Linear(8, 7)(T[0]), False),
        (lambda: called_twice(Dense(9), X, X.swapaxes(1, 2)), True),
        (lambda: called_twice(Dense(9), X, X[..., :4]), False),
        (lambda: called_twice(Dense(9), X[0], X[0, :, :4]), False),
        (lambda: functional(LSTM(7))(X.swapaxes(1, 2)), True),
        (lambda: functional(LSTM(7))(X[:, 0]), False),
    ],
)
def test_axes_are_swapped_only_where_that_fits(broken, fits):
    assert ("swapaxes" in explain_error(error_of(broken)).instead) == fits


# Nothing hangs.

HOSTILE = """
import json, sys
from lstm_lessons.explaining.errors import KNOWN, explain_error
for number, texts in json.load(sys.stdin):
    for text in texts:
        KNOWN[number].found(text * (10**6 // len(text)))  # what is quadratic takes minutes
        for kind in KNOWN[number].raised.split():
            explain_error(type(kind, (Exception,), {})(text * (10**5 // len(text))))
for text in ("[[", "[[1 ", "\\x1b[0;", "torch.Size([", "{{function ", "\\n", "7"):
    explain_error(ValueError(text * (10**5 // len(text))))
print("done")
"""


def literal(known):
    """Return what a kind's patterns look like as plain text, a text for each piece."""
    texts = []
    for piece in known.pieces:
        text = re.sub(r"\(\?P<\w+>|\(\?[:!]|\[\^[^\]]*\](\{[\d,]+\})?", "", piece.pattern)
        text = re.sub(r"\\[dw](\+|\{[\d,]+\})?", "7", text)
        texts.append(re.sub(r"(?<!\\)[\^$()|?*]|\\A|\\(?=\W)", "", text) or "a")
    return texts


def ends(texts):
    """Assert that explain_error comes to an end for each kind's texts, repeated.

    texts: pairs of a kind's number and texts.
    """
    done = subprocess.run(
        [sys.executable, "-c", HOSTILE],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.stdout == "done\n", done.stderr


def test_no_message_made_of_a_patterns_own_words_hangs():
    ends([(number, [" ".join(literal(known))]) for number, known in enumerate(KNOWN)])


@pytest.mark.more
@pytest.mark.parametrize("first", range(0, len(KNOWN), 24))
@settings(max_examples=8, deadline=None, derandomize=True)
@given(st.data())
def test_no_message_hangs(first, data):
    texts = []
    for number, known in list(enumerate(KNOWN))[first : first + 24]:
        found = [data.draw(st.from_regex(one)) for one in known.pieces]
        cut = [one[: data.draw(st.integers(1, len(one)))] for one in found if one]
        made = [*found, *cut, "".join(found), "".join([*found[:-1], *cut[-1:]])]
        texts.append((number, [text for text in made if text]))
    ends(texts)
