"""The questions and the task of lesson 12: whole networks, and messages of broken ones."""

from .. import frameworks
from ..asking.checking import Task
from ..asking.diagnosis import about
from ..asking.questions import Seen, question
from ..asking.reading import ERROR
from ..late import np
from ..rule import sizes
from ..spec import Spec
from ..weights import inputs

READER = Spec(batch=7, timesteps=15, features=8, units=12, layers=2, bidirectional=True)
BROKEN = Spec(batch=8, timesteps=12, features=4, units=18)


def handed_on():
    """Return the question what a Keras LSTM hands to a dense layer, and what that returns."""
    no_time = "Is there a `return_sequences`? It decides what the dense layer sees of the time."

    def shapes():
        lstm, head = frameworks.keras.layers.LSTM(32), frameworks.keras.layers.Dense(1)
        output = lstm(_zeros(9, 20, 3))
        return tuple(output.shape), tuple(head(output).shape)

    one = "`Dense(1)` gives the last axis size 1. Does an axis of size 1 go away?"

    return question(
        text="`forecaster` reads `windows`, (batch 9, timesteps 20, features 3). What are the "
        "shapes of what `lstm` hands to `head`, and of what `head` returns? Two shapes.",
        run=shapes,
        sequence_by_default=[
            (((9, 20, 32), (9, 20, 1)), "h after every timestep", no_time),
            (
                ((9, 20, 32), (9, 1)),
                "h after every timestep, and a dense layer that picks",
                no_time,
            ),
            (((9, 1, 32), (9, 1, 1)), "an axis of one timestep to be left", no_time),
        ],
        units_as_steps=[
            (((9, 20), (9, 1)), "one number for each timestep"),
            (((9, 32, 20), (9, 32, 1)), "one step for each unit"),
            (((9, 1), (9, 1)), "a single number as the last output"),
            (((9, 32), (9,)), "one number for each window, without an axis of its own", one),
        ],
        batch_in_shape=[
            (((32,), (1,)), "no batch axis"),
            (((20, 32), (20, 1)), "no batch axis, and the timesteps in its place"),
        ],
        sizes=(("batch", 9), ("timesteps", 20), ("features", 3), ("units", 32)),
        clause="no flag, so one h for each window; `Dense(1)` leaves an axis of 1",
    )


def last_of_a_stack():
    """Return the question which h_n two layers of PyTorch return, and what of it is read."""
    hint = "`num_layers=2`: how many layers have a last h, and where in `h_n` are they counted?"
    picked = "`[-1]` takes one of the first axis, and that axis is gone. What does it count?"
    which = "Each sequence of the batch ends in an h of its own. Where do they stand in your shape?"
    reaches = "Which tensor does `forward` take the `[-1]` of?"

    def shapes():
        torch = frameworks.torch
        _, (h_n, _) = torch.nn.LSTM(3, 16, 2, batch_first=True)(torch.zeros(10, 20, 3))
        return tuple(h_n.shape), tuple(h_n[-1].shape)

    return question(
        text="`rater` reads a batch of shape (batch 10, timesteps 20, features 3). What are the "
        "shapes of `h_n`, and of what `head` receives? Two shapes.",
        run=shapes,
        layer_axis_misplaced=[
            (((1, 10, 16), (10, 16)), "the state of one layer only", hint),
            (((10, 16), (16,)), "a state without an axis for the layers", hint),
            (((4, 10, 16), (10, 16)), "a row for h and one for c of each layer", hint),
            (((10, 32), (10, 32)), "the layers side by side", hint),
            (((10, 16), (10, 16)), "a state without an axis for the layers", hint),
        ],
        output_for_state=[
            (((10, 20, 16), (10, 16)), "the shape of `output`"),
            (((10, 20, 16), (20, 16)), "the shape of `output`, and all of its last sequence"),
            (((10, 20, 16), (10, 20, 16)), "the shape of `output`"),
            (((2, 10, 16), (10, 20, 16)), "`output` to reach the head", reaches),
        ],
        batch_always_first=[
            (((2, 20, 16), (20, 16)), "the timesteps where the states have the batch"),
            (((2, 10, 16), (20, 16)), "the timesteps where the states have the batch"),
            (((10, 2, 16), (2, 16)), "the batch as the first axis of the states"),
            (((10, 2, 16), (10, 16)), "the batch as the first axis of the states"),
        ],
        state_without_axes=[
            (((2, 10, 20, 16), (10, 20, 16)), "every timestep in the states of each layer", hint),
            (((2, 10, 20, 16), (10, 16)), "every timestep in the states of each layer", hint),
            (((2, 10, 16), (16,)), "`[-1]` to leave one vector for the whole batch", picked),
            (((2, 10, 16), (2, 10)), "`[-1]` to take the last axis away", picked),
            (((2, 16), (16,)), "no batch axis", which),
            (((2, 10, 16), (1, 10, 16)), "`[-1]` to keep the axis that it counts along", picked),
            (((2, 10, 16), (2, 10, 16)), "`head` to receive all of `h_n`", picked),
            (((2, 10, 16), (2, 16)), "`[-1]` to take the last sequence of the batch", picked),
        ],
        sizes=(("batch", 10), ("timesteps", 20), ("features", 3), ("units", 16), ("layers", 2)),
        clause="a state for each of 2 layers, and `[-1]` takes the axis of layers away",
    )


def two_inputs():
    """Return the question what a stack hands on, and what joins it with a table."""
    joined = "`Concatenate` lays what it is given side by side. How long is the last axis then?"

    def shapes():
        layers = frameworks.keras.layers
        below = layers.LSTM(20, return_sequences=True)(_zeros(6, 24, 3))
        summary = layers.GRU(12)(below)
        return tuple(below.shape), tuple(layers.Concatenate()([summary, _zeros(6, 5)]).shape)

    whose = "Which number in the code says how long an h of `lower` is?"
    only_last = "Which of the two layers has `return_sequences`, and what must `upper` read?"

    return question(
        text="`both` reads a series, (batch 6, timesteps 24, features 3), and a table, (6, 5). "
        "What are the shapes of what `lower` hands to `upper`, and of what `joined` hands to "
        "`head`? Two shapes.",
        run=shapes,
        sequence_by_default=[
            (((6, 20), (6, 17)), "only the last h of `lower`", only_last),
            (((6, 24, 20), (6, 24, 17)), "every h of `upper`", only_last),
            (((6, 20), (6, 24, 17)), "the flag to belong to the other layer", only_last),
        ],
        directions_misplaced=[
            (((6, 24, 20), (6, 60)), "the numbers to be multiplied", joined),
            (((6, 24, 20), (12, 17)), "the batch to be joined, too", joined),
            (((6, 24, 20), (2, 6, 12)), "an axis for the two inputs", joined),
            (((6, 24, 20), (6, 2, 12)), "an axis for the two inputs", joined),
            (((6, 24, 20), (6, 25)), "`lower` to be joined with the table", joined),
            (((6, 24, 20), (6, 12)), "the table to be left out", joined),
            (((6, 24, 20), (6, 20)), "`lower` alone to reach `head`", joined),
            (((6, 24, 20), (6, 5)), "the series to be left out", joined),
            (((6, 24, 20), (6, 8)), "the series itself to be joined with the table", joined),
            (((6, 24, 20), (6, 32)), "both layers to be joined, and not the table", joined),
            (((6, 24, 20), (6, 37)), "both layers and the table to be joined", joined),
            (((6, 24, 20), (6, 29)), "every timestep to be joined with the table", joined),
            (((6, 24, 20), (6, 24, 12)), "every h of `upper`, and no table", only_last),
        ],
        units_as_steps=[
            (((6, 24, 12), (6, 17)), "`lower` to be as wide as `upper`", whose),
            (((6, 24, 3), (6, 17)), "an output as wide as the input", whose),
        ],
        batch_in_shape=[(((24, 20), (17,)), "no batch axis")],
        sizes=(("batch", 6), ("timesteps", 24), ("features", 3)),
        clause="`lower` hands on every h, and the table stands beside the one h of `upper`",
    )


def both_directions():
    """Return the question what a head receives of two directions, and which h_n there is."""
    hint = "Two layers in two directions. What do directions double in `output`, what in `h_n`?"

    def shapes():
        lstm = frameworks.torch.nn.LSTM(8, 12, 2, batch_first=True, bidirectional=True)
        output, (h_n, _) = lstm(frameworks.torch.zeros(7, 15, 8))
        return tuple(output[:, -1].shape), tuple(h_n.shape)

    kept = "`[:, -1]` takes one timestep. Is its axis still there?"

    return question(
        text="`reader` reads a batch of shape (batch 7, timesteps 15, features 8). What are the "
        "shapes of what `head` receives, and of the `h_n` that nobody uses? Two shapes.",
        run=shapes,
        directions_misplaced=[
            (((7, 12), (4, 7, 12)), "an output of one direction only", hint),
            (((7, 24), (2, 7, 24)), "the directions side by side in the states", hint),
            (((7, 24), (2, 7, 12)), "the states of one direction, or of one layer, only", hint),
            (((7, 12), (2, 7, 12)), "an output and states of one direction only", hint),
            (((7, 24), (4, 7, 24)), "the states doubled twice", hint),
            (((7, 24), (7, 24)), "the directions side by side in the states", hint),
            (((7, 24), (1, 7, 24)), "the directions side by side in the states", hint),
            (((2, 7, 12), (4, 7, 12)), "an axis for the directions", hint),
        ],
        output_for_state=[(((7, 24), (7, 15, 24)), "the shape of `output`")],
        layer_axis_misplaced=[
            (((7, 48), (4, 7, 12)), "the layers side by side in the output"),
            (((7, 24), (2, 2, 7, 12)), "an axis for the layers and one for the directions", hint),
        ],
        sequence_by_default=[
            (((7, 15, 24), (4, 7, 12)), "every timestep to reach the head", kept),
            (((7, 1, 24), (4, 7, 12)), "an axis of one timestep to be left", kept),
        ],
        batch_always_first=[(((7, 24), (7, 4, 12)), "the batch as the first axis of the states")],
        sizes=tuple(sizes(READER).items()),
        rule=lambda: (("batch", "directions·units"), ("layers·directions", "batch", "units")),
        clause="directions double the last axis of `output`, and the first one of `h_n`",
    )


def attended():
    """Return the question what attention and a head return in an encoder-decoder network."""
    whose = (
        "For which sequence is a word to be chosen at each timestep: for the one that is read, or "
        "for the one that is written?"
    )

    def shapes():
        layers = frameworks.keras.layers
        every, h, c = layers.LSTM(16, return_sequences=True, return_state=True)(_zeros(5, 13, 9))
        decoder = layers.LSTM(16, return_sequences=True)
        written = decoder(_zeros(5, 7, 11), initial_state=[h, c])
        looked = layers.Attention()([written, every])
        head = layers.Dense(11)(layers.Concatenate()([written, looked]))
        return tuple(every.shape), tuple(looked.shape), tuple(head.shape)

    mean = "Over which timesteps is the mean taken, and how often?"
    flag = "What does the `return_sequences` of `encoder` ask for?"
    reads = "`every` comes from `encoder`. How many timesteps does it read?"

    units = "Which number in the code says how long an h of `encoder` is?"
    wide = "What does `Dense(11)` say about the last axis, however wide its input is?"
    beside = "`Concatenate` does that afterwards. How wide is a mean of the encoder's outputs?"

    return question(
        text="`translator` reads `source`, (batch 5, timesteps 13, features 9), and `before`, "
        "(batch 5, timesteps 7, features 11). What are the shapes of `every`, of `looked`, and of "
        "what `head` returns? Three shapes.",
        run=shapes,
        time_axis_in_head=[
            (((5, 13, 16), (5, 13, 16), (5, 13, 11)), "a mean for each timestep read", whose),
            (((5, 13, 16), (5, 13, 16), (5, 7, 11)), "a mean for each timestep read", whose),
            (((5, 13, 16), (5, 7, 13), (5, 7, 11)), "the weights instead of the mean", mean),
            (((5, 13, 16), (5, 16), (5, 7, 11)), "one mean for all timesteps", mean),
            (((5, 13, 16), (5, 16), (5, 11)), "one mean for all timesteps", mean),
            (((5, 13, 16), (5, 7, 13, 16), (5, 7, 11)), "no sum over the timesteps read", mean),
            (((5, 13, 16), (5, 7, 16), (5, 11)), "one result for the whole sequence"),
            (((5, 13, 16), (5, 7, 16), (5, 13, 11)), "a result for each timestep read", whose),
            (((5, 7, 16), (5, 7, 16), (5, 7, 11)), "an h for each timestep written", reads),
            (((5, 13, 16), (5, 20, 16), (5, 7, 11)), "the timesteps of both to be added", whose),
            (((5, 13, 16), (5, 13, 7), (5, 7, 11)), "the weights instead of the mean", mean),
        ],
        sequence_by_default=[
            (((5, 16), (5, 7, 16), (5, 7, 11)), "the last h of the encoder alone", flag)
        ],
        units_as_steps=[
            (((5, 13, 16), (5, 7, 16), (5, 7, 32)), "a result as wide as `joined`", wide),
            (((5, 13, 16), (5, 7, 32), (5, 7, 11)), "the mean and `written` side by side", beside),
            (((5, 13, 16), (5, 7, 11), (5, 7, 11)), "a mean as wide as the words", beside),
            (((5, 13, 9), (5, 7, 16), (5, 7, 11)), "an output as wide as the input", units),
        ],
        sizes=(("batch", 5), ("units", 16)),
        clause="an h for each timestep read, a mean of them and a result for each one written",
    )


def should_have_read():
    """Return the question what the upper layer of a Keras stack should have been handed."""
    whose = "It is asked what `lower` hands on. Which number says how long an h of `lower` is?"
    alone = "Which tensor does a layer on top read? And is a flag set that asks for states?"
    time = "It is right that an axis is missing. Of which axis did the upper layer want to read?"

    def shape():
        keras = frameworks.keras
        return tuple(keras.layers.LSTM(8, return_sequences=True)(_zeros(11, 14, 4)).shape)

    return question(
        text="For a batch of 11, (11, 14, 4), the message would say `(11, 8)`. Which shape should "
        "`lower` have handed to `upper`?",
        run=shape,
        sequence_by_default=[
            (((11, 1, 8),), "an axis of 1 to mend it", f"It would make three axes. {time}"),
            (((11, 8, 1),), "an axis of 1 to mend it", f"It would make three axes. {time}"),
            (((1, 11, 8),), "an axis of 1 to mend it", f"It would make three axes. {time}"),
            (((11, 8),), "what it got", "This has two axes. How many does the message want?"),
        ],
        units_as_steps=[
            (
                ((11, 14, 4),),
                "what `lower` reads to reach `upper`, too",
                "Between the two stands a layer. What does its `8` say?",
            ),
            (((11, 8, 14),), "one step for each unit"),
            (((11, 8, 6),), "one step for each unit, as wide as what `upper` returns"),
            *((((11, *more, 6),), "what `upper` returns", whose) for more in ((), (14,))),
        ],
        tensors_miscounted=[
            (((11, 14, 8), *((11, 8),) * 2), "the states to be handed on, too", alone)
        ],
        batch_in_shape=[(((14, 8),), "no batch axis")],
        sizes=(("batch", 11), ("timesteps", 14), ("features", 4), ("units", 8)),
        clause="a layer on top reads timesteps, so the one below must return every h",
    )


def in_the_tuple():
    """Return the question which tensors are in the tuple that a linear layer refused."""
    text = "A tuple, says the message. Which shapes have the tensors in it? Three shapes, in order."
    return about(text, BROKEN, "torch", lambda returned: returned.tensors)


def as_the_message_says():
    """Return the question whether states of the size that was expected mend the network."""
    hint = "Which axis of `x` has that size, and what does the layer then take the other one for?"

    def keeps_apart():
        torch = frameworks.torch
        lstm, states = torch.nn.LSTM(3, 16), (torch.zeros(1, 20, 16),) * 2
        x = torch.tensor(inputs(Spec(batch=8, timesteps=20, features=3)))
        before = lstm(x, states)[0]
        x[0] += 1
        moved = (lstm(x, states)[0] - before).abs().amax(dim=(1, 2)) > 1e-6
        rows = moved.nonzero().flatten().tolist()
        what = "with `x[0]` changed, numbers have moved in `output[i]`"
        return Seen(rows == [0], f"{what} for i of {rows}")

    return question(
        text="Say you write what the message asks for, `h_0 = torch.zeros(1, 20, 16)`, and `c_0` "
        "alike. It runs. True or False: the layer then reads 8 sequences, each for itself, along "
        "20 timesteps.",
        run=keeps_apart,
        batch_always_first=[
            (True, "the message to name the line that is wrong", hint),
            (ERROR, "it to raise again", "The sizes agree now. What do they say?"),
        ],
        clause="the layer still takes the first axis for time, here 8 timesteps of 20 sequences",
    )


def stack(network):
    """Return the task to let an LSTM of 8 units hand every h to one of 6.

    network: the Keras network that was made; what its own two layers make of x is right.
    """
    keras = frameworks.keras

    def of(between=lambda every: every):
        """Return a function that reads with the first layer, then with the second one."""

        def read(x):
            lower, upper = kept()
            every = keras.layers.RNN(lower.cell, return_sequences=True)(x)
            return keras.layers.RNN(upper.cell)(between(every))

        return read

    def kept():
        layers = getattr(network, "layers", ())
        return [layer for layer in layers if isinstance(layer, keras.layers.LSTM)]

    def are_there():
        return [layer.units for layer in kept()] == [8, 6]

    def fit():
        pairs = zip(kept(), (4, 8), strict=False)
        read = [layer.cell.kernel.shape[0] == size for layer, size in pairs if layer.cell.built]
        return are_there() and all(read)

    return Task(
        right=lambda x: of()(x) if fit() else np.full((len(x), 6), np.nan),
        inputs=tuple((inputs(Spec(batch=b, timesteps=14, features=4)),) for b in (11, 9, 1)),
        wrong=(
            (
                lambda x: None if are_there() else network(x),
                "it is no network of both layers, an LSTM of 8 units and then one of 6.",
            ),
            (
                lambda x: None if fit() else network(x),
                "something between the layers changes what `lower` hands on: `upper` was not made "
                "for its h, 8 numbers at each timestep.",
            ),
            (
                lambda x: network(x) if fit() and kept()[1].return_sequences else None,
                "`upper` returned every h. Who asks for 6 numbers of each sequence wants the last.",
            ),
            (
                lambda x: network(x) if fit() and kept()[1].return_state else None,
                "`upper` returned its states, too. The output alone is wanted.",
            ),
            (
                of(lambda every: keras.ops.repeat(every[:, -1:], 14, axis=1)),
                "`upper` received the last h of `lower` 14 times. It is to receive every h.",
            ),
            (
                of(lambda every: every[:, -1:]),
                "`upper` received one timestep, the last h of `lower`. It is to receive every h.",
            ),
            (
                lambda x: network(x),
                "both layers are there, and something beside them changes what they return. "
                "Nothing else is wanted.",
            ),
        ),
        axes=dict(x=("batch", "timesteps", "features"), returned=(("batch", "units"),)),
        hints=(
            "An LSTM reads (batch, timesteps, features). What does `lower` hand on, and which of "
            "these axes is missing?",
            "Which flag makes a Keras LSTM hand on h after every timestep? The upper one needs "
            "none.",
        ),
    )


def ends(lstm, head):
    """Return the task to hand a head the last h of the top layer in both directions.

    lstm, head: the torch.nn.LSTM(8, …, bidirectional=True) and the torch.nn.Linear to be used.
    """

    def of(*rows):
        return lambda x: head(frameworks.torch.cat([lstm(x)[1][0][row] for row in rows], dim=-1))

    return Task(
        right=of(-2, -1),
        inputs=tuple((inputs(Spec(batch=b, timesteps=15, features=8)),) for b in (7, 9, 1)),
        gradient=True,
        wrong=(
            (
                lambda x: head(lstm(x)[0][:, -1]),
                "the last timestep was taken for both directions. Where does the backward one end?",
            ),
            (
                lambda x: head(lstm(x)[0][:, 0]),
                "the first timestep was taken for both directions. Where does the forward one end?",
            ),
            (of(0, 1), "it is the lower layer's h. Which rows are the top layer's?"),
            (of(-1, -2), "the backward half comes first. In which order do `h_n`'s rows come?"),
            (
                lambda x: frameworks.torch.cat([lstm(x)[1][0][-2], lstm(x)[1][0][-1]], dim=-1),
                "the states were handed back. What does `head` make of them?",
            ),
            *(
                (
                    lambda x, row=row: head(lstm(x)[1][0][row]),
                    "`head` was handed one row of `h_n`, one direction. It is made for both, side "
                    "by side.",
                )
                for row in (-1, -2, 0, 1)
            ),
            (
                lambda x: head(lstm(x)[1][0][-2:].reshape(len(x), -1)),
                "the two rows were reshaped. That puts numbers of different sequences into one "
                "row, since the first axis is that of the directions. Join them: `torch.cat`.",
            ),
            (lambda x: head(lstm(x)[0]), "every output was handed to `head`, not the last h."),
            (
                lambda x: head(lstm(x)[0].mean(dim=1)),
                "the mean of all outputs was handed to `head`, not the last h.",
            ),
            (
                lambda x: head(lstm(x)[0][-1]),
                "`output[-1]` was handed to `head`: every output of the last sequence. The batch "
                "comes first.",
            ),
        ),
        axes=dict(x=("batch", "timesteps", "features"), returned=(("batch", ""),)),
        hints=(
            "Where does each direction end? `explain` names the rows of `h_n`: which two are the "
            "top layer's?",
            "`torch.cat([h_n[-2], h_n[-1]], dim=-1)` is both ends side by side, forward first. "
            "What is then `head`'s?",
        ),
    )


def _zeros(*shape):
    """Return a batch of this shape whose numbers do not matter."""
    return np.zeros(shape, "float32")
