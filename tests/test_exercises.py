"""Checks of what learners make: right, wrong in typical ways, and not at all."""

import pytest

from lstm_lessons import Spec, check
from lstm_lessons.exercises import Task
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
        "Correct: For a batch of shape (6, 13, 3) it returned (6, 1)."
    )


def test_an_untouched_exercise_is_not_attempted():
    assert check(..., WANTED).status == "not attempted"
    assert check(None, WANTED).status == "not attempted"


def test_a_sequence_is_diagnosed(keras):
    network = stack(keras, keras.layers.LSTM(8, return_sequences=True), keras.layers.Dense(1))
    verdict = check(network, WANTED)
    assert verdict.misconceptions == ("sequence_by_default",)
    assert verdict.message.startswith(
        "For a batch of shape (4, 10, 3) it returned (4, 10, 1). That looks like h"
    )


def test_the_width_is_compared(keras):
    verdict = check(stack(keras, keras.layers.LSTM(8)), WANTED)
    assert verdict.status == "wrong"
    assert "8 is not right on the second axis" in verdict.message


def test_a_network_that_does_not_read_the_sequence_is_noticed(keras):
    layers = keras.layers
    network = stack(keras, layers.Lambda(lambda x: x[:, -1]), layers.Dense(1))
    assert "the first timestep makes no difference" in check(network, WANTED).message


def test_another_timestep_than_the_last_is_noticed(torch):
    lstm = torch.nn.LSTM(3, 1, batch_first=True)
    verdict = check(lambda x: lstm(x)[0][:, 0], WANTED, "torch")
    assert "the last timestep makes no difference" in verdict.message


def test_a_network_for_one_length_only_is_noticed(keras):
    network = stack(keras, keras.layers.Flatten(), keras.layers.Dense(1))
    verdict = check(network, WANTED)
    assert verdict.status == "wrong"
    assert "For a batch of shape (6, 13, 3) it raised" in verdict.message


def test_a_fixed_batch_is_noticed(torch):
    verdict = check(lambda x: x.new_zeros(4, 1) + x[0].sum(), WANTED, "torch")
    assert verdict.status == "wrong"
    assert "(6, 13, 3) it returned (4, 1)" in verdict.message


def test_what_raises_says_so_in_one_paragraph(keras):
    verdict = check(keras.Sequential([keras.Input((10, 5)), keras.layers.LSTM(1)]), WANTED)
    assert verdict.status == "wrong"
    assert "it raised `InvalidArgumentError`" in verdict.message
    assert "In[0]: [4,3], In[1]: [5,4]" in verdict.message
    assert "\n" not in verdict.message


def test_what_cannot_be_called_says_what_must_be():
    assert check(7, WANTED).message == (
        "It must be a model, layer or function, got 7; try a `Sequential`."
    )


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
        (lambda o, h, c: (o[:, -1], (h[-1], c[-1])), "Put them into one tuple"),
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
        (lambda x: x + x, "correct", "For shape (8, 5, 6) it returned shape (8, 5, 6)."),
        (lambda x: x**2, "wrong", "It looks as if each number was squared."),
        (lambda x: x, "wrong", "The shapes are right, the values are not."),
        (lambda x: x[0], "wrong", "it returned shape (5, 6). Another shape is wanted."),
        (lambda x: None, "wrong", "Is a `return` missing?"),
        (lambda x: 1 / 0, "wrong", "it raised `ZeroDivisionError`"),
        (7, "wrong", "It must be a model, layer or function, got 7"),
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
