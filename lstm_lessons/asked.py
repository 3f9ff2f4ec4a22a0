"""The lessons' own questions: those that no Spec can put."""

from .frameworks import load, run
from .questions import Question
from .spec import Spec


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

    def output_shape():
        keras = load("keras").keras
        layers = [keras.Input((5, 6)), keras.layers.LSTM(7), keras.layers.Dense(4)]
        return keras.Sequential(layers).output_shape

    def batch_wrong():
        yield ((5, 4),), "the first number of `keras.Input` to be the batch"
        yield ((4,),), "no batch axis"

    return Question(
        text="`keras.Input((5, 6))`, then `LSTM(7)`, then `Dense(4)`. What is `output_shape`? "
        "Write the batch as Keras does, `None`.",
        run=output_shape,
        wrong=(
            ("batch_in_shape", batch_wrong),
            (
                "sequence_by_default",
                lambda: [(((None, 5, 4),), "four numbers after every timestep")],
            ),
            ("units_as_steps", lambda: [(((None, 7, 4),), "four numbers for each unit")]),
        ),
        sizes=(("batch", None), ("timesteps", 5), ("features", 6), ("units", 7)),
    )
