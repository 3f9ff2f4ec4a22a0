"""Plausible wrong answers to every exercise: none is correct, and each reply is true.

Some are made of the right results, by what learners do to them; the others are of each exercise's
own. A reply is true if it names what was done, which the words beside each attack hold.
"""

from dataclasses import replace

import numpy as np
import pytest
from test_asked import TASKS

from lstm_lessons import check
from lstm_lessons.asked import explaining
from lstm_lessons.frameworks import load


def leaves(change):
    """Return what changes each array in nested tuples."""

    def changed(value):
        nested = isinstance(value, (tuple, list))
        return tuple(map(changed, value)) if nested else change(np.asarray(value))

    return changed


def whole(array):
    return array.astype(int) if array.dtype.kind == "f" else array.astype(float)


def flip(axis):
    return leaves(lambda array: np.flip(array, axis) if array.ndim > axis else array)


def first_of(value):
    return value[0] if isinstance(value, tuple) else value


def swapped(value):
    return value[::-1] if isinstance(value, tuple) else value


def raises(value):
    raise ZeroDivisionError("division by zero")


STEADY = "It gives other numbers each time"
ANY = ""
CHANGES = {
    "NaN": (leaves(lambda array: array * np.nan), ANY),
    "one NaN": (leaves(lambda array: np.where(np.arange(array.size) == 0, np.nan, 1.0)), ANY),
    "infinite": (leaves(lambda array: array + np.inf), ANY),
    "zeros": (leaves(np.zeros_like), ANY),
    "ones": (leaves(np.ones_like), ANY),
    "random": (leaves(lambda array: np.random.random(array.shape)), STEADY),
    "doubled": (leaves(lambda array: 2 * array), ANY),
    "negative": (leaves(lambda array: -1 * array), ANY),
    "a little off": (leaves(lambda array: array + 1e-3), ANY),
    "complex": (leaves(lambda array: array + 0j), "complex numbers in place of"),
    "whole or real": (leaves(whole), ANY),
    "text": (leaves(lambda array: array.astype(str)), "text in place of"),
    "objects": (leaves(lambda array: array.astype(object)), "values of type object in place of"),
    "lists": (leaves(lambda array: array.tolist()), ANY),
    "another sequence": (leaves(lambda array: np.roll(array, 1, 0) if array.ndim else array), ANY),
    "sequences reversed": (flip(0), ANY),
    "the second axis reversed": (flip(1), ANY),
    "the third axis reversed": (flip(2), ANY),
    "transposed": (leaves(np.transpose), ANY),
    "squeezed": (leaves(np.squeeze), ANY),
    "one more axis": (leaves(lambda array: array[..., None]), ANY),
    "the first sequence alone": (leaves(lambda array: array[:1] if array.ndim else array), ANY),
    "the first for all": (
        leaves(lambda array: array * 0 + array[:1] if array.ndim else array),
        ANY,
    ),
    "the mean for all": (leaves(lambda array: array * 0 + array.mean()), ANY),
    "a tuple around it": (lambda value: (value,), ANY),
    "twice": (lambda value: (value, value), ANY),
    "the first of several": (first_of, ANY),
    "the order reversed": (swapped, ANY),
    "an empty tuple": (lambda value: (), ANY),
    "a dictionary": (lambda value: {"result": value}, "an object of type dict"),
    "text in its place": (lambda value: "result", ANY),
    "None": (lambda value: None, "Is a `return` missing?"),
    "it raises": (raises, "it raised `ZeroDivisionError`: division by zero"),
}


def same(one, other):
    """Return whether two results are the same in nesting, kind, shape and numbers."""
    if isinstance(one, (tuple, list)) and isinstance(other, (tuple, list)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, (tuple, list, dict)) or isinstance(other, (tuple, list, dict)):
        return False
    one, other = np.asarray(one), np.asarray(other)
    if one.dtype.kind != other.dtype.kind or one.shape != other.shape:
        return False
    return bool(np.allclose(one, other) if one.dtype.kind in "fc" else (one == other).all())


def at(task, given):
    """Return the place of some arguments among a task's inputs."""
    for place, arguments in enumerate(task.inputs):
        pairs = zip(arguments, given, strict=True)
        if all(
            np.array_equal(one, other) if isinstance(one, np.ndarray) else one is other
            for one, other in pairs
        ):
            return place
    raise AssertionError("called on what is no input of the task")


def attacked(task, framework):
    """Return the task with its right results kept, and whatever wrong can be made of these."""
    results = [load(framework).call(task.right, *arguments) for arguments in task.inputs]

    def made(change):
        return lambda *given: change(results[at(task, given)])

    attacks = {"the input": (lambda *given: given[0], ANY)}
    attacks["the first result"] = (lambda *given: results[0], ANY)
    attacks["right at first"] = (
        lambda *given: results[0] if at(task, given) == 0 else results[0] + 1,
        ANY,
    )
    for name, (change, words) in CHANGES.items():
        if name in ("None", "it raises", "random") or not all(
            same(change(result), result) for result in results
        ):
            attacks[name] = (made(change), words)
    if any(np.asarray(leaf).dtype.kind != "f" for leaf in flat(results)):
        attacks["random"] = (attacks["random"][0], ANY)
    if not any(isinstance(leaf, np.ndarray) for leaf in flat(results)):
        attacks.pop("lists", None)  # of a plain value it makes the value
    return replace(task, right=made(lambda result: result), gradient=False), attacks


def flat(value):
    nested = isinstance(value, (tuple, list))
    return [leaf for one in value for leaf in flat(one)] if nested else [value]


EACH = {row[0].__name__: row[:2] for row in TASKS}


@pytest.mark.parametrize(("task", "framework_"), EACH.values(), ids=EACH)
def test_nothing_made_of_the_right_results_is_correct(task, framework_):
    known, attacks = attacked(task(), framework_)
    assert len(attacks) >= 10
    for name, (attack, words) in attacks.items():
        verdict = check(attack, known, framework_)
        assert verdict.status == "wrong", name
        assert "\n" not in verdict.message
        assert words in verdict.message, (name, verdict.message)


def layers(*units, **flags):
    import keras

    return [keras.layers.LSTM(number, return_sequences=every, **flags) for number, every in units]


STACKS = {
    "as it was meant": (lambda keras: layers((8, True), (6, False)), ""),
    "one layer": (lambda keras: layers((6, False)), "no network of both layers"),
    "a dense layer": (
        lambda keras: [*layers((8, False)), keras.layers.Dense(6)],
        "no network of both layers",
    ),
    "repeated": (
        lambda keras: [layers((8, False))[0], keras.layers.RepeatVector(14), *layers((6, False))],
        "`upper` received the last h of `lower` 14 times",
    ),
    "one timestep": (
        lambda keras: [*layers((8, False)), keras.layers.Reshape((1, 8)), *layers((6, False))],
        "`upper` received one timestep",
    ),
    "other units": (lambda keras: layers((7, True), (6, False)), "no network of both layers"),
    "the other order": (lambda keras: layers((6, True), (8, False)), "no network of both layers"),
    "every output": (lambda keras: layers((8, True), (6, True)), "Another shape is wanted"),
    "a layer more": (
        lambda keras: layers((8, True), (6, True), (6, False)),
        "no network of both layers",
    ),
    "backwards": (lambda keras: layers((8, True), (6, False), go_backwards=True), "are not"),
    "averaged": (
        lambda keras: [*layers((8, True), (6, True)), keras.layers.GlobalAveragePooling1D()],
        "the values are not",
    ),
    "GRUs": (
        lambda keras: [keras.layers.GRU(8, return_sequences=True), keras.layers.GRU(6)],
        "no network of both layers",
    ),
}


@pytest.mark.parametrize("name", STACKS)
def test_a_stack_hands_on_every_h(name):
    keras = load("keras").keras
    made, words = STACKS[name]
    network = keras.Sequential([keras.Input((14, 4)), *made(keras)])
    verdict = check(network, explaining.stack(network))
    assert verdict.status == ("wrong" if words else "correct"), verdict
    assert words in verdict.message


@pytest.mark.parametrize("made", [..., None])
def test_a_stack_that_is_still_to_be_made_is_not_attempted(made):
    assert check(made, explaining.stack(made)).status == "not attempted"
