"""A target beside what the network returns: what a loss would compare."""

import itertools

import keras
import numpy as np
import pytest
import torch
import zoo
from keras import layers
from torch import nn
from zoo import explained, kinds, torch_head
from zoo import untried as explain


def returns(*shape, side="torch"):
    """Return a network that returns a shape, with no recurrent layer in it, and an input."""
    return (nn.Identity() if side == "torch" else layers.Identity()), zoo.floats(*shape)


def refused(side, result, target):
    """Return whether the framework's own mse refuses the two shapes."""
    try:
        if side == "keras":
            keras.losses.mean_squared_error(np.zeros(target), np.zeros(result))
        else:
            torch.nn.functional.mse_loss(torch.zeros(result), torch.zeros(target))
    except Exception:
        return True
    return False


@pytest.mark.parametrize(
    ("side", "target", "speaks"),
    [
        ("torch", (3, 1), False),
        ("torch", (3,), True),
        ("torch", (1, 1), True),
        ("torch", (5, 3, 1), True),
        ("torch", (3, 5, 1), False),
        ("torch", (4, 1), False),
        ("keras", (3, 1), False),
        ("keras", (3,), False),  # Keras' losses add the axis
        ("keras", (1, 1), True),
        ("keras", (1, 1, 1), True),
    ],
)
@pytest.mark.filterwarnings("ignore:Using a target size")
def test_warns_of_a_target_that_broadcasts(side, target, speaks):
    network, inputs, _ = explained({"torch": "forecaster", "keras": "k_forecaster"}[side])
    found = explain(network, *inputs, target=np.zeros(target))
    no = refused(side, (3, 1), target)
    assert kinds(found) == ["broadcast"] * speaks + ["refused"] * no
    assert no is (target in ((4, 1), (3, 5, 1)))
    assert (f"The target fits: {target}." in found.notes) is not (speaks or no)


def test_a_target_for_each_timestep_against_one_for_each_sequence():
    network, inputs, _ = explained("k_autoencoder")
    assert not kinds(explain(network, *inputs, target=inputs[0]))
    assert kinds(explain(network, *inputs, target=inputs[0][:1])) == ["broadcast"]
    network, inputs, _ = explained("sentiment_classifier")
    assert not kinds(explain(network, *inputs, target=np.array([0, 1, 1])))  # labels


@pytest.mark.parametrize(
    ("side", "result", "target", "kind", "says"),
    [
        ("keras", (12, 4, 9), (4, 14), "refused", "them, and as labels they do not fit."),
        ("keras", (4, 14, 9), (4, 14), None, "The target fits as labels, (4, 14): the last axis"),
        ("keras", (4, 9), (4, 1), None, "The target fits as labels, (4, 1): the last axis"),
        ("torch", (4, 5, 5), (4, 5), "class_axis", "does not refuse timesteps there"),
        ("torch", (4, 5, 9), (4, 5), None, "`cross_entropy` takes the second one for them."),
        ("torch", (4, 9, 5), (4, 5), None, "The target fits as labels, (4, 5): the second axis"),
        ("torch", (4, 9), (4,), None, "The target fits as labels, (4,): the last axis"),
        ("torch", (4, 1), (4,), "broadcast", "it compares (4, 4)"),
        ("torch", (4, 1), (4, 1), None, "The target fits: (4, 1)."),
    ],
)
def test_whole_numbers_as_a_target_may_be_labels(side, result, target, kind, says):
    network, x = returns(*result, side=side)
    found = explain(network, x, target=np.ones(target, "int64"))
    assert kinds(found) == ([kind] if kind else [])
    said = found.warnings[0].words if kind else " ".join(found.notes)
    assert says in said
    if kind == "refused":
        assert found.warnings[0].instead == ""
        assert "Write instead" not in found.text


@pytest.mark.parametrize(
    ("result", "target", "instead"),
    [
        ((3, 1), (3,), "target.reshape(3, 1)"),
        ((4, 5, 1), (4, 5), "target.reshape(4, 5, 1)"),
        ((5, 3, 2), (3, 5, 2), ""),  # as many numbers, of other sequences
        ((3, 5), (3, 4), ""),
        ((3, 5, 2), (3, 2), ""),  # without a recurrent layer nobody knows which axis is time
    ],
)
def test_what_is_not_known_to_be_right_is_not_advised(result, target, instead):
    network, x = returns(*result)
    assert explain(network, x, target=np.zeros(target)).warnings[0].instead == instead


SHAPES = [(3,), (3, 1), (1, 3), (1, 1), (1, 3, 1), (3, 1, 1), (3, 5), (3, 5, 1), (3, 5, 2)]


@pytest.mark.parametrize("side", ["torch", "keras"])
@pytest.mark.filterwarnings("ignore:Using a target size")
def test_what_broadcasts_is_what_the_losses_themselves_broadcast(side):
    for result, target in itertools.product(SHAPES, SHAPES):
        network, x = returns(*result, side=side)
        found = kinds(explain(network, x, target=np.zeros(target, "float32")))
        told = {loss: compared(side, loss, result, target) for loss in LOSSES[side]}
        assert {*told.values()} == {found[0] if found else ""}, (result, target, told)


LOSSES = {
    "torch": ("mse_loss", "l1_loss", "huber_loss"),
    "keras": ("MeanSquaredError", "MeanAbsoluteError", "Huber"),
}


def compared(side, loss, result, target):
    """Return how a loss takes two shapes: "" for number by number, "broadcast" or "refused"."""
    numbers, others = zoo.floats(*result), zoo.floats(*target)[..., ::-1] * 2

    def mean(one, other):
        if side == "torch":
            return getattr(nn.functional, loss)(*map(torch.tensor, (one, other.copy()))).item()
        return float(getattr(keras.losses, loss)()(other, one))

    try:
        value = mean(numbers, others)
    except Exception:
        return "refused"
    alike = numbers.size == others.size
    alike = alike and np.isclose(value, mean(numbers.reshape(-1, 1), others.reshape(-1, 1)))
    return "" if alike else "broadcast"


@pytest.mark.parametrize("pick", [lambda y, h: h[-1], lambda y, h: y[-1], lambda y, h: y])
def test_a_batch_taken_for_timesteps_is_told_from_the_target(pick):
    network, x = torch_head(pick, 7, batch_first=False), zoo.floats(32, 15, 6)
    (warned,) = explain(network, x, target=np.ones((32, 2))).warnings
    assert warned.instead == "rnn = nn.LSTM(…, batch_first=True)"
    assert warned.why.endswith(" `rnn` takes the first axis, 32, for timesteps.")
    assert "batch_first" not in explain(network, x, target=np.ones((7, 2))).warnings[0].instead


@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_last_timestep_is_not_advised_of_two_directions(bidirectional):
    layer = layers.GRU(7, return_sequences=True)
    layer = layers.Bidirectional(layer, merge_mode="sum") if bidirectional else layer
    (warned,) = explain(layer, zoo.floats(3, 5, 6), target=np.zeros((3, 7))).warnings
    assert warned.instead.startswith("prediction[:, -1]") is not bidirectional


def test_a_target_that_is_compared_with_nothing_is_said():
    network, x = nn.GRU(6, 7), zoo.floats(5, 3, 6)
    found = explain(network, x, target=[np.zeros(3), np.zeros(4)])
    assert "The target is compared with nothing" in " ".join(found.notes)


@pytest.mark.parametrize(
    ("target", "got"),
    [([[1], [2, 3]], "[[1], [2, 3]]"), (["a", "b"], "dtype <U1"), ({"y": 1}, "dtype object")],
)
def test_a_target_that_is_no_array_is_refused_in_one_line(target, got):
    network, x = returns(3, 5)
    said = r"^target must be an array of numbers, got .*; try "
    with pytest.raises(ValueError, match=said) as error:
        explain(network, x, target=target)
    assert got in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("target", "kind"),
    [((3, 1), "broadcast"), ((3, 1, 1), "broadcast"), ((3, 5, 1), None), ((3, 5), None)],
)
def test_each_timestep_against_the_one_number_of_its_sequence(target, kind):
    rnn = layers.LSTM(7, return_sequences=True, name="rnn")
    network = zoo.stack(keras.Input((5, 6)), rnn, layers.Dense(1))
    found = explain(network, zoo.floats(3, 5, 6), target=np.zeros(target, "float32"))
    assert kinds(found) == [kind] * bool(kind)
    if kind:
        (warned,) = found.warnings
        assert "each timestep with the one number of its sequence." in warned.why
    if target == (3, 1):
        line, said = warned.instead.split("  # ")
        assert said.endswith("; or without return_sequences=True")
        last = zoo.model(lambda self, x: eval(line, {"prediction": self.whole(x)}), whole=network)
        assert not kinds(explain(last, zoo.floats(3, 5, 6), target=np.zeros(target, "float32")))


def test_timesteps_are_not_said_to_meet_their_sequence_where_they_meet_another():
    network = torch_head(lambda y, h: y, 7)
    network.fc = nn.Linear(7, 1)
    (warned,) = explain(network, zoo.floats(5, 5, 6), target=np.zeros((5, 1))).warnings
    assert "each number with others than its own." in warned.why
    (warned,) = explain(network, zoo.floats(3, 5, 6), target=np.zeros((3, 1, 1))).warnings
    assert "each timestep with the one number of its sequence." in warned.why


@pytest.mark.parametrize(
    ("target", "kind", "instead"),
    [
        (np.zeros((3, 2), "float32"), None, ""),  # each number with its own, whatever the axes
        (np.zeros(3, "int64"), "refused", "prediction[0]"),
        (np.zeros((1, 3, 2), "float32"), None, ""),
        (np.zeros((1, 2), "float32"), "broadcast", ""),
    ],
)
def test_states_with_their_first_axis_against_a_batch(target, kind, instead):
    network = torch_head(lambda y, h: h, 7)
    found = explain(network, zoo.floats(3, 5, 6), target=target)
    assert kinds(found) == [kind] * bool(kind)
    if kind:
        assert found.warnings[0].instead == instead
    if instead:
        whole = network.forward
        network.forward = lambda x: eval(instead, {"prediction": whole(x)})
        assert not kinds(explain(network, zoo.floats(3, 5, 6), target=target))


def test_classes_on_the_last_axis_are_told_how_cross_entropy_takes_them():
    network, x = returns(4, 5, 9)
    labels = np.ones((4, 5), "int64")
    assert (
        "Write `cross_entropy(prediction.transpose(1, 2), target)`."
        in explain(network, x, target=labels).notes[-1]
    )
    scores = torch.tensor(x)
    torch.nn.functional.cross_entropy(scores.transpose(1, 2), torch.tensor(labels))
    shares = np.eye(9, dtype="float32")[labels]
    note = explain(network, x, target=shares).notes[-1]
    assert note.endswith("`cross_entropy(prediction.transpose(1, 2), target.transpose(1, 2))`.")
    assert "cross_entropy" not in explain(network, x, target=x).text
