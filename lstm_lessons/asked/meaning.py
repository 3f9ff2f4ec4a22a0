"""The questions and tasks of lesson 07: shapes agree, and the numbers betray."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from .. import frameworks
from ..asking.checking import Task
from ..asking.questions import Seen, question, seen_alike
from ..asking.reading import ERROR
from ..frameworks import load
from ..late import np
from ..spec import Spec
from ..weights import for_torch, inputs

SQUARE = Spec(batch=5, return_sequences=True)  # as many sequences as timesteps, on purpose


AXES = ("batch", "timesteps", "features")


def row_moves():
    """Return the question whether other rows move, too, if batch and time are swapped."""

    def elsewhere():
        x = inputs(SQUARE)
        before = _read(x, batch_first=False)[0]
        x[3, 1] += 1
        moved = abs(_read(x, batch_first=False)[0] - before).amax(dim=(1, 2)) > 1e-6
        rows = moved.nonzero().flatten().tolist()
        return Seen(rows != [3], f"numbers have moved in `output[i]` for i of {rows}")

    return question(
        text="The layer without `batch_first` reads `x`. You change sequence 3 at timestep 1, "
        "`x[3, 1] += 1`, and it reads `x` again. True or False: something outside `output[3]` has "
        "changed.",
        run=elsewhere,
        hint="Sequences do not see each other, that is so. But which axis does this layer take "
        "for the sequences, and along which does it read?",
        batch_always_first=[(False, "the sequences to lie along the first axis")],
        clause="the layer takes the first axis for time, so other rows are later timesteps",
    )


def table():
    """Return the question what PyTorch makes of a table of samples and features."""
    hint = (
        "Of two axes `nn.LSTM` takes the first for the timesteps, whatever `batch_first` says. How "
        "many sequences does it see, and what has no batch axis then?"
    )

    def shapes():
        layer = frameworks.torch.nn.LSTM(6, 7, batch_first=True)
        output, (h_n, _) = layer(frameworks.torch.tensor(inputs(Spec(batch=9))[:, 0]))
        return tuple(output.shape), tuple(h_n.shape)

    gone = "Its batch axis is gone. What stood before the batch?"
    long = "Which number in `nn.LSTM(6, 7)` says how long an h is?"

    return question(
        text="`table` holds 9 patients, a row of 6 measurements for each: shape (9, 6). "
        "`torch.nn.LSTM(6, 7, batch_first=True)` reads it. What are the shapes of `output` and "
        "`h_n`?",
        run=shapes,
        table_as_batch=[
            (((9, 7), (1, 9, 7)), "an h for each patient", hint),
            (((9, 6, 7), (1, 9, 7)), "each measurement to be a timestep of a patient", hint),
            (((6, 9, 7), (1, 9, 7)), "each measurement to be a timestep of a patient", hint),
            (((9, 7), (9, 7)), "an h for each patient", hint),
            (((9, 1, 7), (1, 9, 7)), "nine sequences of one timestep", hint),
            (((1, 9, 7), (1, 1, 7)), "a batch axis to be added", hint),
            ((("batch", "units"), ("layers", "units")), "a row for each sequence", hint),
            ((("batch", "units"), ("layers", "batch", "units")), "an h for each patient", hint),
            (ERROR, "the layer to miss an axis", "What does `nn.LSTM` take two axes for?"),
        ],
        units_as_steps=[(((9, 6), (1, 9, 6)), "an output as wide as the input", long)],
        state_without_axes=[(((9, 7), (7,)), "one bare vector in `h_n`", gone)],
        sizes=(("timesteps", 9), ("features", 6), ("units", 7), ("layers", 1)),
        batch_asked=True,
        clause="two axes are one sequence, here of 9 timesteps, and no batch",
    )


def series():
    """Return the question what a Keras model makes of one series without a batch axis."""
    hint = (
        "The model adds an axis of 1 at the end. Which of the three sizes that there are then is "
        "the batch, which the timesteps, which the features?"
    )
    lenient = f"The 60 that was declared is not enforced. {hint}"

    def shape():
        keras = frameworks.keras
        model = keras.Sequential([keras.Input((60, 1)), keras.layers.LSTM(4)])
        return tuple(model(np.zeros((60, 1), "float32")).shape)

    return question(
        text="A Keras model consists of `keras.Input((60, 1))` and `LSTM(4)`. You call it on one "
        "series of 60 measurements, an array of shape (60, 1). What is the shape of the result?",
        run=shape,
        table_as_batch=[
            (((1, 4),), "the model to see one series in it", hint),
            (((4,),), "the model to see one series in it, without a batch axis", hint),
            (((60, 1, 4),), "h after every measurement", hint),
            (((1, 60, 4),), "one series, and h after every measurement", hint),
            (((60, 60, 4),), "60 series of 60 measurements", hint),
            (((1, 1, 4),), "one series of one timestep", hint),
            (((1, 60),), "one series, and a number for each measurement", hint),
            (((1,),), "a single number for the series", hint),
            (ERROR, "the model to refuse what does not fit its `Input`", lenient),
        ],
        sizes=(("batch", 60), ("timesteps", 1), ("features", 1), ("units", 4)),
        batch_asked=True,
        clause="the first axis counts as the batch, 60 sequences of one timestep",
    )


def last_of_h_n():
    """Return the question whether `h_n[-1]` is the last timestep of output."""

    def equal():
        torch = frameworks.torch
        layer = torch.nn.LSTM(6, 7, num_layers=3, batch_first=True)
        output, (h_n, _) = layer(torch.tensor(inputs(Spec())))
        last, top = output[:, -1].detach().numpy(), h_n[-1].detach().numpy()
        return seen_alike("`h_n[-1]` and `output[:, -1]`", top, last)

    return question(
        text="`torch.nn.LSTM(6, 7, num_layers=3, batch_first=True)` reads 3 sequences, so that "
        "`h_n` has the shape (3, 3, 7). True or False: `h_n[-1]` and `output[:, -1]` hold the same "
        "numbers.",
        run=equal,
        hint="Which axis comes first in `h_n`? And which layer's h does `output` hold?",
        batch_always_first=[(False, "the batch on the first axis of `h_n`")],
        clause="both are the top layer after the last timestep",
    )


def two_names():
    """Return the question what is unpacked from every output of two sequences."""
    packed = (
        "Without `return_state` one tensor comes back. Python takes it apart: along which axis?"
    )
    index = "Has what Python takes out along an axis still that axis?"

    def shapes():
        layer = frameworks.keras.layers.LSTM(7, return_sequences=True)
        a, b = layer(inputs(Spec(batch=2)))
        return tuple(a.shape), tuple(b.shape)

    return question(
        text="`a, b = LSTM(7, return_sequences=True)(x)` in Keras, where `x` has the shape (batch "
        "2, timesteps 5, features 6). What are the shapes of `a` and `b`?",
        run=shapes,
        states_packaging=[
            (((2, 5, 7), (2, 7)), "an output and a state", packed),
            (((2, 5, 7), (2, 5, 7)), "two tensors of every h", packed),
            (((2, 5, 7), (2, 7), (2, 7)), "an output and both states", packed),
            (((2, 5, 7), (1, 2, 7)), "an output and a state, as in PyTorch", packed),
            (((2, 5, 7), (2, 2, 7)), "an output, and h and c in one tensor", packed),
            (((2, 5, 3), (2, 5, 4)), "the units to be shared out between the two names", packed),
            (((5, 7),), "one tensor", "Two names stand there. Which shape has each?"),
            (
                ERROR,
                "an error, since one tensor is not two",
                "Python asks for two parts. How many has a tensor whose first axis is 2 long?",
            ),
        ],
        states_only=[(((2, 7), (2, 7)), "a tensor to hold a row for each sequence", packed)],
        batch_in_shape=[(((1, 5, 7), (1, 5, 7)), "two batches of one sequence", index)],
        sizes=(("batch", 2), ("timesteps", 5), ("features", 6), ("units", 7)),
        clause="Python takes a tensor apart along its first axis, the batch",
    )


def difference():
    """Return the question which shape a prediction minus a target of fewer axes has."""
    hint = (
        "Write (3, 1) and (3,) below each other so that they end alike. What stands on each axis, "
        "and which of the two is repeated there?"
    )

    sums = f"A loss would add up, or take a mean. A minus does neither. {hint}"
    beside = "`cat` lays tensors beside each other. What does a minus do with two numbers?"

    def shape():
        return tuple((frameworks.torch.zeros(3, 1) - frameworks.torch.zeros(3)).shape)

    return question(
        text="`prediction` has the shape (3, 1), one number for each sequence; `target` has the "
        "shape (3,). What is the shape of `prediction - target`?",
        run=shape,
        time_axis_in_head=[
            (((3, 1),), "each prediction to meet its own target", hint),
            (((3,),), "each prediction to meet its own target, and the axis of 1 to go", hint),
            (((3, 1), (3,)), "two tensors", f"A difference is one. {hint}"),
            (((9,),), "all pairs of a prediction and a target in one row", hint),
            (((9, 1),), "all pairs of a prediction and a target in one column", hint),
            (((1, 3),), "the target's axis alone to be kept", hint),
            *(((one,), "one number for everything", sums) for one in ((), (1,), (1, 1))),
            (((6,),), "the predictions and the targets one after the other", beside),
            (((3, 2),), "the prediction and the target side by side", beside),
            (ERROR, "two and one axes not to fit", hint),
        ],
        sizes=(("batch", 3),),
        batch_asked=True,
        clause="each of 3 predictions meets each of 3 targets",
    )


def mean_is_dearer():
    """Return the question whether a loss that broadcasts prefers what is right to the mean."""

    def dearer():
        target = frameworks.torch.tensor([0.0, 3, 9])
        right, mean = (
            _squares(one - target) for one in (target[:, None], target.mean().expand(3, 1))
        )
        return Seen(bool(mean > right), f"the mean costs {mean:.0f}, the right ones {right:.0f}")

    return question(
        text="The loss of trap 5: `((prediction - target) ** 2).mean()`, where `prediction` has "
        "the shape (3, 1) and `target`, of 0, 3 and 9, the shape (3,). You predict their mean, 4, "
        "three times. True or False: this loss is larger than for the three right predictions.",
        run=dearer,
        hint="Each prediction meets all three targets. To which number is the mean of the squares "
        "to all three smallest?",
        time_axis_in_head=[(True, "each prediction to meet its own target, so right ones cost 0")],
        clause="a prediction that meets every target does best in their middle",
    )


def reshaped_states():
    """Return the question whether reshaping h_n mixes the sequences."""

    def mixed():
        torch = frameworks.torch
        layer = torch.nn.LSTM(6, 7, num_layers=2, batch_first=True)
        _, (h_n, _) = layer(torch.tensor(inputs(Spec())))
        first, two = h_n.reshape(3, 14)[0].detach(), torch.cat([h_n[0, 0], h_n[0, 1]]).detach()
        what = "the first row, and h of the first and of the second sequence side by side,"
        return seen_alike(what, first.numpy(), two.numpy())

    return question(
        text="Two layers read 3 sequences: `h_n` has the shape (layers 2, batch 3, units 7). "
        "`h_n.reshape(3, 14)` has a row for each sequence. True or False: the first row holds "
        "numbers of two sequences.",
        run=mixed,
        hint="`reshape` goes through the numbers in the order in which they lie and fills row "
        "after row. Whose h are the first 14 numbers of `h_n`?",
        batch_always_first=[(False, "the rows to be cut sequence by sequence")],
        clause="in `h_n` the sequences of one layer lie next to each other",
    )


def leaks():
    """Return the Task: does one sequence's result depend on another sequence of the batch?"""
    real = load("torch")  # which answers a small batch some ten times as fast as Keras
    layer = real.layer(SQUARE)
    x = inputs(SQUARE)

    def read(x):
        return real.call(layer, np.ascontiguousarray(x, "float32"))[0]

    def swapped(x):
        return read(x.swapaxes(0, 1)).swapaxes(0, 1)

    def added(place, x):  # a batch that is too short for it has another sequence there
        return read(x + x[place % len(x)])

    networks = (
        _Network("an LSTM", read),
        _Network("an LSTM that reads along the batch", swapped),
        _Network("an LSTM's last h", lambda x: read(x)[:, -1]),
        _Network("an LSTM behind `x - x.mean(axis=0)`", lambda x: read(x - x.mean(axis=0))),
        *(
            _Network(f"an LSTM behind `x + x[{place}]`", partial(added, place))
            for place in range(5)
        ),
    )
    return Task(
        right=_depends_on_others,
        inputs=tuple((network, x) for network in networks),
        wrong=(
            (
                _not_permuted_alike,
                "you permute the batch, and no more. What treats all sequences alike passes that, "
                "though it may mix them.",
            ),
            *(
                (
                    lambda network, x, one=one: _moves_others(network, x, one % len(x)),
                    "you try one sequence, and the leak comes from another one.",
                )
                for one in range(-1, SQUARE.batch)
            ),
            *(
                (
                    lambda network, x, one=one: _differs_alone(network, x, one % len(x)),
                    "you compare one sequence alone, and the leak reaches another one.",
                )
                for one in range(-1, SQUARE.batch)
            ),
            *(
                (
                    lambda network, x, leaky=leaky: False if network is leaky else None,
                    "you say of what mixes its sequences that it keeps them apart. A leak may come "
                    "from any of them, and reach any other. Which do you try, and at which do you "
                    "look?",
                )
                for leaky in networks
                if _depends_on_others(leaky, x)
            ),
            (
                lambda network, x: np.array(
                    [_differs_alone(network, x, place) for place in range(len(x))]
                ),
                "you say it of each sequence. One answer is wanted: does any of them depend on "
                "another?",
            ),
            (
                lambda network, x: None if _depends_on_others(network, x) else True,
                "you say of what keeps its sequences apart that it leaks. Have the two things that "
                "you compare the same shape, or do they broadcast? Is there room for the last "
                "digits? Are True and False the right way round?",
            ),
        ),
        axes=dict(x=AXES),
        hints=(
            "What would be the same for each sequence, if nothing of the others reached it, and "
            "may differ if something does? Run the network twice, on different batches.",
            "Run it on the whole batch, and on each sequence alone: `x[place : place + 1]` keeps "
            "the batch axis. `np.allclose` compares two arrays of one shape.",
        ),
    )


def sequence_loss():
    """Return the Task: a mean squared error whose prediction has an axis of 1 at the end."""
    sizes = (Spec(batch=5), Spec(), Spec(timesteps=1), Spec(batch=1))
    return Task(
        right=lambda prediction, target: _squares(prediction.squeeze(-1) - target),
        inputs=tuple((inputs(size)[..., :1], inputs(size)[..., 5]) for size in sizes),
        wrong=(
            (
                lambda prediction, target: _squares(prediction.squeeze() - target),
                "every axis of 1 is gone, the timesteps too where there is only one.",
            ),
            (
                lambda prediction, target: _squares(prediction - target),
                "each prediction still meets other targets than its own.",
            ),
            (
                lambda prediction, target: _squares(prediction - target.unsqueeze(1)),
                "the target has got its axis of 1, and not at the end.",
            ),
            (
                lambda prediction, target: _errors(prediction, target).square().sum(),
                "the squares were added up. Their mean is wanted.",
            ),
            (
                lambda prediction, target: _squares(_errors(prediction, target)).sqrt(),
                "the root was taken at the end. The mean of the squares is wanted.",
            ),
            (
                lambda prediction, target: _errors(prediction, target).abs().mean(),
                "the errors were not squared: it is their mean absolute.",
            ),
            (
                lambda prediction, target: _errors(prediction, target).mean(),
                "the errors were not squared, so that they cancel.",
            ),
            (
                lambda prediction, target: _squares(_errors(prediction, target)[:, -1]),
                "the last timestep was compared alone. Every timestep has a target.",
            ),
            (
                lambda prediction, target: _errors(prediction, target).square().mean(dim=1),
                "there was a loss for each sequence. One number is wanted, the mean of all.",
            ),
        ),
        axes=dict(prediction=("batch", "timesteps", ""), target=("batch", "timesteps")),
        hints=(
            "What shape has `prediction - target`, and what shape should it have? Print it.",
            "`prediction` has an axis of 1 at the end, `target` has none. `squeeze(-1)` takes that "
            "one away and no other.",
        ),
        gradient=True,
    )


@dataclass(frozen=True)
class _Network:
    """A function with a name, for the reply to a learner."""

    name: str
    function: Callable

    def __call__(self, x):
        return self.function(x)

    def __str__(self):
        return self.name


def _depends_on_others(network, x):
    """Return whether a sequence gets another result in the batch than alone."""
    alone = np.concatenate([network(x[place : place + 1]) for place in range(len(x))])
    return not _close(network(x), alone)


def _not_permuted_alike(network, x):
    return not _close(network(np.roll(x, 1, axis=0)), np.roll(network(x), 1, axis=0))


def _moves_others(network, x, place):
    """Return whether the results of others move with one sequence."""
    other = x.copy()
    other[place] += 1
    return not _close(*(np.delete(network(batch), place, axis=0) for batch in (x, other)))


def _differs_alone(network, x, place):
    """Return whether one sequence gets another result in the batch than alone."""
    return not _close(network(x)[place], network(x[place : place + 1])[0])


def _close(one, other):
    return np.allclose(one, other, rtol=0, atol=1e-6)


def _errors(prediction, target):
    return prediction.squeeze(-1) - target


def _squares(difference):
    return (difference**2).mean()


def _read(x, batch_first):
    """Return what a PyTorch LSTM with the course's weights returns, its batch first or not."""
    torch = frameworks.torch
    layer = torch.nn.LSTM(6, 7, batch_first=batch_first)
    layer.load_state_dict({name: torch.tensor(w) for name, w in for_torch(Spec()).items()})
    with torch.inference_mode():
        return layer(torch.tensor(x))
