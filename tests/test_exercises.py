"""Checks of what learners make: right, wrong in typical ways, and not at all."""

import re
from collections import namedtuple

import numpy as np
import pytest

from lstm_lessons import Spec, check, diagnose
from lstm_lessons.asking.checking import Task
from lstm_lessons.weights import inputs

WANTED = Spec(batch=4, timesteps=10, features=3, units=1)


@pytest.fixture(scope="module")
def keras():
    import keras

    return keras


@pytest.fixture(scope="module")
def torch():
    import torch

    return torch


def stack(keras, *layers):
    return keras.Sequential([keras.Input((10, 3)), *layers])


def test_a_right_network_is_correct(keras):
    network = stack(keras, keras.layers.LSTM(8), keras.layers.Dense(1))
    assert str(check(network, WANTED)) == (
        "Correct: For a batch of shape (6, 13, 3) it returned (6, 1).\n"
        "✓ right, given (batch 4, timesteps 10, features 3): (batch 4, units 1)\n"
        "✓ right, given (batch 6, timesteps 13, features 3): (batch 6, units 1)\n"
        "✓ right, given (batch 1, timesteps 13, features 3): (batch 1, units 1)"
    )


def test_an_untouched_exercise_is_not_attempted():
    assert check(..., WANTED).status == "not attempted"
    assert check(None, WANTED).status == "not attempted"


def test_a_sequence_is_diagnosed(keras):
    network = stack(keras, keras.layers.LSTM(8, return_sequences=True), keras.layers.Dense(1))
    verdict = check(network, WANTED)
    assert verdict.misconceptions == ("sequence_by_default",)
    [belief] = verdict.beliefs
    assert verdict.came == "For a batch of shape (4, 10, 3) it returned (4, 10, 1)"
    assert verdict.message == f"{verdict.came}. {belief.words('That looks like', why=True)}"
    assert belief.words("You expect", why=True) == diagnose(WANTED, "(4, 10, 1)").message


def test_several_beliefs_are_diagnosed():
    def made(x):
        steps = np.zeros(x.shape[:2])
        return np.zeros((len(x), 7)), steps, steps

    verdict = check(made, Spec(return_sequences=True, return_state=True))
    assert verdict.misconceptions == ("sequence_by_default", "units_as_steps")
    assert "Several things are mixed here. (1) That looks like only the last h." in verdict.message


def test_a_network_that_is_wrong_in_a_typical_way_is_noticed(keras, torch):
    layers, lstm = keras.layers, torch.nn.LSTM(3, 1, batch_first=True)
    last = layers.Lambda(lambda x: x[:, -1])
    for framework, made, words in (
        ("keras", stack(keras, layers.LSTM(8)), "8 is not right on the second axis"),
        ("keras", stack(keras, last, layers.Dense(1)), "the first timestep makes no difference"),
        ("keras", stack(keras, layers.Flatten(), layers.Dense(1)), "shape (6, 13, 3) it raised"),
        ("torch", lambda x: lstm(x)[0][:, 0], "the last timestep makes no difference"),
        ("torch", lambda x: x.new_zeros(4, 1) + x[0].sum(), "(6, 13, 3) it returned (4, 1)"),
    ):
        verdict = check(made, WANTED, framework)
        assert verdict.status == "wrong"
        assert words in verdict.message


def test_what_raises_says_so_in_one_paragraph(keras):
    verdict = check(keras.Sequential([keras.Input((10, 5)), keras.layers.LSTM(1)]), WANTED)
    assert verdict.status == "wrong"
    kind, words = {
        "tensorflow": ("InvalidArgumentError", "In[0]: [4,3], In[1]: [5,4]"),
        "torch": ("RuntimeError", "shapes cannot be multiplied (40x3 and 5x4)"),
        "jax": ("TypeError", "dot_general requires contracting dimensions to have the same shape"),
    }[keras.backend.backend()]
    assert f"it raised `{kind}`: " in verdict.message
    assert words in verdict.message
    assert "\n" not in verdict.message


def test_pytorch_is_checked_too(torch):
    lstm, head = torch.nn.LSTM(3, 8, batch_first=True), torch.nn.Linear(8, 1)
    assert check(lambda x: head(lstm(x)[0][:, -1]), WANTED, "torch").status == "correct"
    assert check(lambda x: head(lstm(x)[1][0][-1]), WANTED, "torch").status == "correct"
    every = check(lambda x: head(lstm(x)[0]), WANTED, "torch")
    assert every.misconceptions == ("sequence_by_default",)
    assert check(lstm, WANTED, "torch").status == "wrong"


STATES = Spec(batch=4, timesteps=10, features=3, units=8, return_state=True)


@pytest.fixture(scope="module")
def lstm(torch):
    return torch.nn.LSTM(3, 8, batch_first=True)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (lambda o, h, c: (o[:, -1], c[-1], h[-1]), "Which of the states comes first?"),
        (lambda o, h, c: (o[:, -1], h[-1], h[-1]), "Where is c?"),
        (
            lambda o, h, c: (o[:, -1], h, c),
            "A layer of Keras is one layer, one of PyTorch may be a stack",
        ),
        (lambda o, h, c: (o[:, -1], (h[-1], c[-1])), "Put them into one tuple"),
        (lambda o, h, c: (o[:, -1], h[-1], 0 * c[-1]), "makes no difference to the third tensor"),
        (lambda o, h, c: None, "Is a `return` missing?"),
    ],
)
def test_states_in_wrong_places_are_noticed(lstm, wrong, why):
    def made(x):
        output, (h, c) = lstm(x)
        return wrong(output, h, c)

    verdict = check(made, STATES, "torch")
    assert verdict.status == "wrong"
    assert why in verdict.message


def test_the_numbers_of_a_given_layer_can_be_asked_for(keras, lstm):
    def three(x):
        output, (h, c) = lstm(x)
        return output[:, -1], h[-1], c[-1]

    assert check(three, STATES, "torch", like=lstm).status == "correct"
    reader = keras.layers.LSTM(8, return_state=True)
    last = Spec(batch=4, timesteps=10, features=3, units=8)
    assert check(lambda x: reader(x)[0], last, like=reader).status == "correct"

    def forgets_c(x):
        _, h, c = reader(x[:, :4])
        return reader(x[:, 4:], initial_state=[h, c * 0])[0]

    assert "the first tensor are not those" in check(forgets_c, last, like=reader).message


def test_the_same_row_at_every_timestep_is_noticed(torch, lstm):
    every = Spec(batch=4, timesteps=10, features=3, units=8, return_sequences=True)
    assert check(lambda x: lstm(x)[0], every, "torch").status == "correct"
    repeated = check(lambda x: lstm(x)[0][:, -1:].repeat(1, x.shape[1], 1), every, "torch")
    assert "each timestep has the same result" in repeated.message


DOUBLE = Task(
    right=lambda x: 2 * x,
    inputs=((inputs(Spec()),), (inputs(Spec(batch=8)),)),
    wrong=((lambda x: x**2, "each number was squared."),),
)


@pytest.mark.parametrize(
    ("made", "status", "words"),
    [
        (..., "not attempted", "in place of the `...`"),
        (lambda x: x + x, "correct", "Given `x` (8, 5, 6), yours returned (8, 5, 6)."),
        (lambda x: x**2, "wrong", "It looks as if each number was squared."),
        (lambda x: x, "wrong", "The shapes are right, the values are not."),
        (lambda x: x[0], "wrong", "yours returned (5, 6). Another shape is wanted."),
        (lambda x: None, "wrong", "Is a `return` missing?"),
        (lambda x: 1 / 0, "wrong", "yours raised `ZeroDivisionError`"),
    ],
)
def test_a_function_is_compared_with_the_right_results(made, status, words, framework):
    verdict = check(made, DOUBLE, framework)
    assert verdict.status == status
    assert words in verdict.message


def test_a_right_result_in_a_wrong_nest_is_told_so():
    task = Task(right=lambda x: (x, (x, x)), inputs=((inputs(Spec()),),))
    verdict = check(lambda x: (x, x, x), task)
    assert "The shapes are right, their nesting is not." in verdict.message


Pair = namedtuple("Pair", "h c")


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda x: {"y": x}, "returned an object of type dict"),
        (lambda x: [x, {"y": x}], "returned an object of type dict"),
        (lambda x: {}, "returned an object of type dict"),
        (lambda x: Pair(x, x), "returned {two}"),
        (lambda x: (row for row in x), "returned an object of type generator"),
        (
            lambda x: _packed(),
            "returned a packed sequence; `pad_packed_sequence` makes a tensor",
        ),
        (lambda x: (_packed(), (x, x)), "returned a packed sequence; `pad_packed_sequence`"),
    ],
)
def test_however_a_result_is_nested_the_reply_says_how(made, words, framework):
    for wanted, two in (
        (Spec(), "((3, 5, 6), (3, 5, 6))"),
        (DOUBLE, "(3, 5, 6), (3, 5, 6)"),
    ):
        verdict = check(made, wanted, framework)
        assert verdict.status == "wrong"
        assert words.format(two=two) in verdict.message
    pair = Task(lambda x: (x, x), DOUBLE.inputs)
    assert (check(made, pair, framework).status == "correct") is ("two" in words)


def _packed():
    from torch import ones
    from torch.nn.utils.rnn import pack_sequence

    return pack_sequence([ones(3, 7), ones(2, 7)])


@pytest.fixture(scope="module")
def reads(torch):
    """A right function for WANTED."""
    torch.manual_seed(3)  # one unit may forget the first timestep by chance
    lstm = torch.nn.LSTM(3, 1, batch_first=True)
    return lambda x: lstm(x)[0][:, -1]


STEADY = (
    "It gives other numbers each time, for the same input. Is a layer made anew at every call, is "
    "dropout on, or does it change its input?"
)


def fails():
    raise AssertionError


SPOILT = {
    "NaN": (lambda reads, x: reads(x) * float("nan"), "4 of 4 numbers are NaN or infinite"),
    "infinite": (lambda reads, x: reads(x) / 0, "4 of 4 numbers are NaN or infinite"),
    "complex": (lambda reads, x: reads(x) * 1j, "complex numbers in place of real numbers"),
    "whole": (lambda reads, x: (9 * reads(x)).int(), "whole numbers in place of real numbers"),
    "truths": (lambda reads, x: reads(x) > 0, "True or False in place of real numbers"),
    "objects": (lambda reads, x: reads(x).numpy().astype(object), "values of type object"),
    "random": (lambda reads, x: x.new_empty(len(x), 1).uniform_(), STEADY),
    "noise": (lambda reads, x: reads(x + x.new_empty(x.shape).normal_() / 100), STEADY),
    "changed": (lambda reads, x: reads(x.add_(1)), STEADY),
    "a list": (lambda reads, x: reads(x).tolist(), "it returned a list of numbers; a tensor is"),
    "a number": (lambda reads, x: reads(x).sum().item(), "a plain number of Python; a tensor is"),
    "a dict": (lambda reads, x: {"y": reads(x)}, "it returned an object of type dict; a tensor"),
    "text": (lambda reads, x: "y", "it returned 'y' among other things; a tensor is wanted"),
    "nothing": (lambda reads, x: (), "it returned nothing, an empty tuple or list; a tensor is"),
    "None inside": (lambda reads, x: (reads(x), None), "None among other things; a tensor is"),
    "no batch": (lambda reads, x: reads(x).squeeze(), "it returned (4,)"),
    "no batch of one": (
        lambda reads, x: reads(x) if len(x) > 1 else reads(x)[0],
        "For a batch of shape (1, 13, 3) it returned (1,)",
    ),
    "mixed": (
        lambda reads, x: reads(x - x.mean(0) / 2),
        "alone the second sequence gets other numbers than in its batch",
    ),
    "the mean": (
        lambda reads, x: x.mean(1)[:, :1],
        "the order of the timesteps between makes no difference to the last result",
    ),
    "both ends": (
        lambda reads, x: (x[:, 0] * x[:, -1])[:, :1],
        "the order of the timesteps between makes no difference to the last result",
    ),
    "shapes by numbers": (
        lambda reads, x: reads(x) if x[0, 0, 0] < -1 else reads(x)[:2],
        "it returned other shapes when only numbers had changed",
    ),
    "a failed assertion": (lambda reads, x: fails(), "it raised `AssertionError`."),
}


@pytest.mark.parametrize("name", SPOILT)
def test_what_is_spoilt_is_not_correct(reads, name):
    spoilt, words = SPOILT[name]
    assert check(reads, WANTED, "torch").status == "correct"
    verdict = check(lambda x: spoilt(reads, x), WANTED, "torch")
    assert verdict.status == "wrong"
    assert words in verdict.message
    assert "\n" not in verdict.message


@pytest.mark.parametrize("wrong", ["repeats", "knows what comes", "backwards"])
def test_each_result_is_of_its_own_timestep(torch, wrong):
    every = Spec(batch=4, timesteps=10, features=3, units=8, return_sequences=True)
    one = torch.nn.LSTM(3, 8, batch_first=True)
    two = torch.nn.LSTM(8, 8, batch_first=True)
    both = torch.nn.LSTM(3, 4, batch_first=True, bidirectional=True)
    made, words = {
        "repeats": (lambda x: two(one(x)[0][:, -1:].repeat(1, x.shape[1], 1))[0], "earlier"),
        "knows what comes": (lambda x: both(x)[0], "earlier results move with the last timestep"),
        "backwards": (lambda x: one(x)[0].flip(1), "the last timestep makes no difference"),
    }[wrong]
    assert words in check(made, every, "torch").message
    assert check(lambda x: one(x)[0], every, "torch").status == "correct"


@pytest.mark.parametrize(
    ("wanted", "got"),
    [("nonsense", "'nonsense'"), (None, "None"), (5, "5"), (dict(units=7), "{'units': 7}")],
)
def test_what_is_wanted_must_be_a_spec_or_a_task(wanted, got):
    said = f"wanted must be a Spec or a Task, got {got}; try Spec(units=7)"
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        check(lambda x: x, wanted)


def test_like_must_be_a_layer():
    said = r"^like must be a recurrent layer, got 5; try like=layer$"
    with pytest.raises(ValueError, match=said):
        check(lambda x: x, WANTED, like=5)


@pytest.mark.parametrize("wrong", [(), (inputs(Spec()),)])
def test_a_task_without_tuples_of_arguments_is_refused(wrong):
    with pytest.raises(ValueError, match=r"^inputs must be tuples of arguments, one at least, got"):
        check(lambda x: x, Task(lambda x: x, wrong))


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (7, "got 7; try a `Sequential`."),
        (True, "got True; try the function itself, not its name or what it returned."),
        (
            np.zeros(2),
            "got array([0., 0.]); try the function itself, not its name or what it returned.",
        ),
        ("made", "got 'made'; try the function itself, not its name or what it returned."),
        ([7], "got [7]; try a function."),
        (Spec, "got the class Spec; try `Spec(…)`."),
    ],
)
def test_what_is_no_function_is_told_what_fits(made, words):
    verdict = check(made, WANTED if "Sequential" in words else DOUBLE)
    assert verdict.status == "wrong"
    assert verdict.message == f"It must be a model, layer or function, {words}"


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda x: x.__imul__(0), "the values are not"),
        (lambda x: x.__imul__(2), STEADY),
        (lambda x: x * float("nan"), "240 of 240 numbers are NaN"),
        (lambda x: (2 * x).tolist(), "The numbers are right, but in a list; `"),
        (lambda x: [2 * x], "The shapes are right, their nesting is not."),
        (lambda x: 2.0, "That is a plain number of Python; a"),
    ],
)
def test_what_changes_its_input_or_returns_something_else_is_wrong(made, words, framework):
    task = Task(DOUBLE.right, DOUBLE.inputs[1:])
    verdict = check(made, task, framework)
    assert verdict.status == "wrong"
    assert words in verdict.message
    assert verdict.message.startswith("Given `x` (8, 5, 6), yours returned")
    assert check(lambda x: 2 * x, task, framework).status == "correct"


def test_what_hands_back_the_same_array_each_time_is_compared_as_it_was():
    kept = np.zeros((2, 3), "float32")

    def counts(x):
        kept[:] += 1
        return kept

    task = Task(lambda x: x * 0 + 2, ((np.ones((2, 3), "float32"),),))
    assert STEADY in check(counts, task).message


def test_a_loss_through_which_no_gradient_flows_is_noticed(torch):
    square = Task(lambda x: (x**2).sum(), ((inputs(Spec()),),), gradient=True)
    assert check(lambda x: (x * x).sum(), square, "torch").status == "correct"
    no_number = check(lambda x: (x * x).sum().item(), square, "torch").message
    assert "a plain number of Python; a tensor is wanted. Is there an `.item()`" in no_number
    assert check(lambda x: (x.unsqueeze_(-1) ** 2).sum(), square, "torch").status == "correct"
    for cut in (
        lambda x: (x * x).sum().detach(),
        lambda x: (x.detach() ** 2).sum(),
        lambda x: torch.tensor((x.numpy() ** 2).sum()),
    ):
        assert "no gradient flows through the result" in check(cut, square, "torch").message


def test_what_to_read_on_is_named_last():
    import keras

    found = check(keras.layers.LSTM(7), Spec(return_sequences=True))
    assert str(found).splitlines()[-1].startswith("Read on: What does return_sequences change (90_")
    assert ">What does return_sequences change</a>" in found.html
    assert "Read on" not in str(check(..., Spec()))
    assert "Read on" not in str(check(keras.layers.LSTM(7), Spec()))


def test_an_error_of_an_exercise_names_what_to_read_on():
    def broken(x):
        raise RuntimeError("Expected hidden[0] size (2, 3, 7), got [1, 3, 7]")

    said = str(check(broken, Spec()))
    assert "\nRead on: Which shape must the first states have (90_" in said
