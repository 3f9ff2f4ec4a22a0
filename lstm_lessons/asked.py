"""The lessons' own questions: those that no Spec can put. Each is a function that returns one."""

from .frameworks import load, run
from .questions import Question
from .spec import Spec
from .weights import inputs

SIZES = (("batch", 3), ("timesteps", 5), ("features", 6), ("units", 7), ("layers", 1))
SYMBOLIC = (("batch", None), *SIZES[1:])


def one_sequence():
    """Return the question which shape the first sequence of a batch has."""
    return Question(
        text="`x` is a batch of shape (batch 3, timesteps 5, features 6). What is the shape of "
        "its first sequence, `x[0]`?",
        run=lambda: inputs(Spec())[0].shape,
        wrong=(
            (
                "batch_in_shape",
                lambda: [
                    (((1, 5, 6),), "a batch of one"),
                    (((3, 5),), "the features to go"),
                    (((3, 6),), "the timesteps to go"),
                ],
            ),
        ),
        sizes=SIZES,
    )


def batch_second():
    """Return the question what PyTorch makes of a batch that comes first, without batch_first."""

    def shapes():
        torch = load("torch").torch
        output, (h_n, c_n) = torch.nn.LSTM(6, 7)(torch.tensor(inputs(Spec())))
        return tuple(output.shape), (tuple(h_n.shape), tuple(c_n.shape))

    def batch_first():
        output, state = ("batch", "timesteps", "units"), ("layers", "batch", "units")
        yield (output, state, state), "PyTorch to find the batch on the first axis"
        yield (output, (3, 1, 7), (3, 1, 7)), "the batch as the first axis of every tensor"
        yield (output, ("batch", "units"), ("batch", "units")), "states of two axes"

    return Question(
        text="Now `lstm = torch.nn.LSTM(6, 7)`, without `batch_first`, reads the same `x` of shape "
        "(3, 5, 6). What are the shapes of `output`, `h_n` and `c_n`?",
        run=shapes,
        wrong=(("batch_always_first", batch_first),),
        sizes=SIZES,
    )


def longer():
    """Return the question whether ten times as many timesteps change the shape."""
    return Question(
        text="The same layer reads a batch with 50 timesteps instead of 5. "
        "True or False: the shape of what it returns is another one.",
        run=lambda: run(Spec(timesteps=50)).shapes != run(Spec()).shapes,
        wrong=(
            ("units_as_steps", lambda: [(True, "as many numbers as timesteps")]),
            ("sequence_by_default", lambda: [(True, "h after every timestep")]),
        ),
    )


def classifier():
    """Return the question which shape a network has that puts a sequence into one of 4 classes."""

    def batch_wrong():
        yield ((5, 4),), "the first number of `keras.Input` to be the batch"
        yield ((4,),), "no batch axis"

    return Question(
        text="`keras.Input((5, 6))`, then `LSTM(7)`, then `Dense(4)`. What is `output_shape`? "
        "Write the batch as Keras does, `None`.",
        run=lambda: _sequential("LSTM(7)", "Dense(4)"),
        wrong=(
            ("batch_in_shape", batch_wrong),
            (
                "sequence_by_default",
                lambda: [(((None, 5, 4),), "four numbers after every timestep")],
            ),
            ("units_as_steps", lambda: [(((None, 7, 4),), "four numbers for each unit")]),
        ),
        sizes=SYMBOLIC,
    )


def tagger():
    """Return the question which shape a dense layer makes of every output."""

    def collapsed():
        yield ((None, 4),), "one result for the whole sequence"
        yield ((None, 20),), "a dense layer that flattens the sequence"

    return Question(
        text="`keras.Input((5, 6))`, then `LSTM(7, return_sequences=True)`, then `Dense(4)`. "
        "What is `output_shape`? Write the batch as Keras does, `None`.",
        run=lambda: _sequential("LSTM(7, return_sequences=True)", "Dense(4)"),
        wrong=(
            ("sequence_by_default", collapsed),
            ("units_as_steps", lambda: [(((None, 7, 4),), "four numbers for each unit")]),
            ("batch_in_shape", lambda: [(((5, 4),), "no batch axis")]),
        ),
        sizes=SYMBOLIC,
    )


def stack_by_default():
    """Return the question what a stack of two LSTMs returns if no flag is set."""
    return Question(
        text="`keras.Input((5, 6))`, then `LSTM(7)`, then `LSTM(8)`: two layers with no flag set. "
        'What is `output_shape`? (If you think that it raises an error, type "error".)',
        run=lambda: _sequential("LSTM(7)", "LSTM(8)"),
        wrong=(
            (
                "sequence_by_default",
                lambda: [
                    (((None, 8),), "the second layer to receive a sequence"),
                    (((None, 5, 8),), "both layers to hand on sequences"),
                ],
            ),
        ),
        sizes=SYMBOLIC,
    )


def decoder():
    """Return the question what a decoder returns that begins with an encoder's states."""

    def output_shape():
        keras = load("keras").keras
        spec = Spec(batch=3, timesteps=9, features=4, units=7)
        states = [keras.ops.zeros((3, 7)), keras.ops.zeros((3, 7))]
        layer = keras.layers.LSTM(7, return_sequences=True)
        return tuple(layer(inputs(spec), initial_state=states).shape)

    def of_the_encoder():
        yield (("batch", 5, "units"),), "as many timesteps as the encoder read"
        yield (("batch", "units"),), "only the last h"

    return Question(
        text="`decoder = LSTM(7, return_sequences=True)` is called on a batch of shape (batch 3, "
        "timesteps 9, features 4) with `initial_state=[h, c]`, the last h and c of an encoder that "
        "read (batch 3, timesteps 5, features 6) with 7 units. What does it return?",
        run=output_shape,
        wrong=(
            ("sequence_by_default", of_the_encoder),
            ("units_as_steps", lambda: [((("batch", "units", 9),), "a step for each unit")]),
        ),
        sizes=(("batch", 3), ("timesteps", 9), ("features", 4), ("units", 7)),
    )


def _sequential(*layers):
    """Return the output shape of a Keras network on Input((5, 6))."""
    keras = load("keras").keras
    made = [eval(f"keras.layers.{layer}", {"keras": keras}) for layer in layers]
    return keras.Sequential([keras.Input((5, 6)), *made]).output_shape
