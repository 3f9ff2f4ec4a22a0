"""The questions and tasks of lesson 05, layers and directions, and of lesson 06, other cells."""

from dataclasses import replace

from .. import frameworks
from ..asking.checking import Task
from ..asking.diagnosis import about
from ..asking.questions import Wrong, question, seen_alike
from ..frameworks import load, run
from ..late import np
from ..rule import batch_of, expected, sizes
from ..snippets import call
from ..spec import Spec
from ..weights import inputs

STACK = Spec(batch=9, timesteps=20, features=5, units=12, layers=3)
TOWER = Spec(layers=2, bidirectional=True)


def states_of_a_stack():
    """Return the question which shape h_n of three layers has."""
    return _one(STACK, "h")


def output_of_a_stack():
    """Return the question which shape the output of three layers has."""
    return _one(STACK, "output")


def states_of_a_tower():
    """Return the question which shape h_n of three layers in two directions has."""
    return _one(
        Spec(batch=9, timesteps=20, features=5, units=12, layers=3, bidirectional=True), "h"
    )


def state_of_a_gru():
    """Return the question what stands beside the output of PyTorch's GRU."""
    usual = _one(Spec(cell="gru", batch=8, timesteps=20, features=3, units=16), "h", "state")
    pair = (("layers", "batch", "units"),) * 2
    as_lstm = "a pair of states, as of an LSTM"
    beside = ("batch", "timesteps", "units"), pair[0]
    more = (
        (pair, as_lstm),
        ((("batch", "units"),) * 2, f"{as_lstm}, without an axis for the layers"),
        (beside, "the output beside the state"),
    )
    wrong = (Wrong("states_packaging", *one) for one in more)
    return replace(usual, wrong=(*wrong, *usual.wrong))


def unpacked_as_lstm():
    """Return the question what a GRU's state of two layers makes of two names, h_n and c_n."""
    spec = Spec(cell="gru", batch=8, timesteps=20, features=3, units=16, layers=2)
    hint = "The state is one tensor. Along which axis does Python take a tensor apart?"

    def second():
        torch = frameworks.torch
        _, (_, c_n) = load("torch").layer(spec)(torch.tensor(inputs(spec)))
        return tuple(c_n.shape)

    return question(
        text=f"`output, (h_n, c_n) = {call(spec, 'torch')}(x)`, where `x` is {batch_of(spec)}: a "
        "GRU is unpacked as one unpacks an LSTM. What is the shape of `c_n`? If you think that it "
        'raises an error, type "error".',
        run=second,
        hint=hint,
        states_packaging=[
            ((("layers", "batch", "units"),), "a c of both layers, as of an LSTM"),
            ("error", "a state that does not go into two names"),
            (((1, "batch", "units"),), "an axis of 1 left of the layers"),
            ((("batch", "timesteps", "units"),), "the output once more"),
        ],
        sizes=tuple(sizes(spec).items()),
        rule=lambda: (("batch", "units"),),
        clause="the state (2, 8, 16) goes into two names, a layer in each",
    )


def weights_of_a_gru():
    """Return the question which shape the weights have by which a GRU reads the features."""
    hint = (
        "PyTorch lays the blocks of weights below each other, a row for each number that is made "
        "and a column for each that is read. How many blocks has a GRU, and how many rows has one?"
    )
    return question(
        text="`gru = torch.nn.GRU(5, 12)` reads 5 features and makes an h of 12 units. What is the "
        "shape of `gru.weight_ih_l0`, the weights that it has for the features?",
        run=lambda: tuple(frameworks.torch.nn.GRU(5, 12).weight_ih_l0.shape),
        hint=hint,
        parts_side_by_side=[
            (((48, 5),), "four blocks, as of an LSTM"),
            (((24, 5),), "the two gates, and no candidate"),
            (((12, 5),), "one block, as of a simple RNN"),
            (((3, 12, 5),), "an axis of their own for the blocks"),
            (((36, 17),), "one array for the features and for h"),
            (((12, 17),), "one block, for the features and for h"),
            (((48, 17),), "four blocks, for the features and for h"),
            (((3, 5, 12),), "an axis of their own for the blocks"),
            (((60, 5),), "a row for each pair of a unit and a feature"),
        ],
        axes_exchanged=[
            (((5, 36),), "the blocks side by side, as in Keras"),
            (((5, 12),), "one block, with a row for each feature, as in Keras"),
            (((5, 24),), "the gates side by side, as in Keras, and no candidate"),
            (((5, 48),), "four blocks side by side, as of an LSTM in Keras"),
            (((17, 36),), "one array for the features and for h, the blocks side by side"),
        ],
        output_for_state=[
            (((36, 12),), "the weights for h"),
            (((12, 36),), "the weights for h, the blocks side by side, as in Keras"),
            (((12, 12),), "the weights for h, of one block"),
            (((48, 12),), "the weights for h, of four blocks, as of an LSTM"),
            (((24, 12),), "the weights for h, of the two gates"),
            (((36,),), "the bias, a number for each row"),
            (((12,),), "the bias of one block"),
        ],
        sizes=(("features", 5), ("units", 12)),
        rule=lambda: ((3 * 12, 5),),
        clause="two gates and a candidate: three blocks of 12 rows",
    )


def _one(spec, name, called="h_n"):
    """Return the question which shape one tensor has of those that PyTorch returns."""
    names = "output, state" if called == "state" else "output, (h_n, c_n)"
    called = "output" if name == "output" else called
    text = (
        f"`{names} = {call(spec, 'torch')}(x)`, where `x` is {batch_of(spec)}. "
        f"What is the shape of `{called}`?"
    )
    return about(text, spec, "torch", lambda returned: (returned[name],))


def initial_states():
    """Return the question which shape h_0 of two layers in two directions must have."""
    spec = Spec(batch=8, timesteps=15, features=3, units=10, layers=2, bidirectional=True)
    hint = "How many layers begin with a state, in how many directions, for how many sequences?"

    def shape():
        h_0 = frameworks.torch.zeros(4, 8, 10)
        load("torch").layer(spec)(frameworks.torch.tensor(inputs(spec)), (h_0, h_0))
        return tuple(h_0.shape)

    return question(
        text=f"`lstm = {call(spec, 'torch')}` is to begin with states of yours: "
        f"`lstm(x, (h_0, c_0))`, where `x` is {batch_of(spec)}. Which shape must `h_0` have?",
        run=shape,
        state_without_axes=[
            ((("batch", "units"),), "no axis for layers and directions", hint),
            (((1, "batch", "units"),), "the state of one layer in one direction", hint),
            ((("layers", "batch", "units"),), "the states of one direction", hint),
            ((("layers·directions", "units"),), "no batch axis", hint),
            ((("units",),), "one vector for everything", hint),
            ((("batch", "directions·units"),), "the directions side by side, once", hint),
            (((1, "batch", "directions·units"),), "the directions side by side, once", hint),
        ],
        directions_misplaced=[
            (
                (("layers", "batch", "directions·units"),),
                "the directions side by side in the states",
            ),
            ((("layers·directions", "batch", "directions·units"),), "the states doubled twice"),
            (
                (("layers", "directions", "batch", "units"),),
                "an axis for the layers and one for the directions",
            ),
        ],
        batch_always_first=[
            ((("batch", "layers·directions", "units"),), "the batch first in a state")
        ],
        sizes=tuple(sizes(spec).items()),
        rule=lambda: (expected(spec, "torch")["h"],),
        clause="a state for each of 2 layers in each of 2 directions",
    )


def last_of_both():
    """Return the question whether output[:, -1] is the final state of both directions."""

    def equal():
        returned = run(Spec(bidirectional=True), "torch")
        both = np.concat([returned["h"].values[-2], returned["h"].values[-1]], axis=-1)
        last = returned["output"].values[:, -1]
        return seen_alike("`output[:, -1]` and the two last h side by side", last, both)

    return question(
        text="Of the layer above, `output[:, -1]` is as wide as the last h of both directions side "
        "by side. True or False: it is the last h of both directions, `h_n[-2]` and `h_n[-1]`.",
        run=equal,
        hint="Which timestep does the backward direction read first, and which last?",
        directions_misplaced=[(True, "both directions to end at the last timestep")],
        clause="at the last timestep the backward direction has only begun",
    )


def rows_of_states():
    """Return the question in which order the rows of h_n come."""

    def top():
        every = run(TOWER, "torch")
        rows, output = every["h"].values, every["output"].values
        what = "`h_n[1]` and the upper layer's last h of the forward direction"
        return seen_alike(what, rows[1], output[:, -1, :7])

    return question(
        text=f"`{call(TOWER, 'torch')}` returns an `h_n` of 4 rows. True or False: `h_n[1]` is "
        "what the upper layer holds after it has read forward.",
        run=top,
        hint="PyTorch finishes a layer in both directions before the next. Whose is row 1?",
        layer_axis_misplaced=[(True, "the forward directions of both layers to come first")],
        clause="the rows go layer by layer, so `h_n[1]` is the lower layer, backward",
    )


def reversed_output():
    """Return the question where a layer with go_backwards puts its last h."""

    def first():
        real = load("keras")
        lstm = real.keras.layers.LSTM
        layer = lstm(7, go_backwards=True, return_sequences=True, return_state=True)
        output, h, _ = real.call(layer, inputs(Spec()))
        return seen_alike("`output[:, 0]` and the last h", output[:, 0], h)

    return question(
        text="`LSTM(7, go_backwards=True, return_sequences=True)` reads from the last timestep to "
        "the first. True or False: its last h, made at the input's first timestep, stands at "
        "`output[:, 0]`.",
        run=first,
        hint="Nothing turns the result round again. Of which timestep is the h that it makes "
        "first?",
        directions_misplaced=[(True, "the outputs in the order of the input")],
        clause="what is made first stands first, so the last h stands at the end",
    )


def final_of_both():
    """Return the task to take the last h of the top layer in both directions."""
    sizes = ((2, 6, 9), (3, 5, 7), (1, 1, 6))  # layers, batch, timesteps
    returned = [
        run(Spec(layers=n, batch=b, timesteps=t, units=8, bidirectional=True), "torch")
        for n, b, t in sizes
    ]

    def both(rows):
        return frameworks.torch.concat(rows, dim=-1)

    return Task(
        right=lambda output, h_n: both([h_n[-2], h_n[-1]]),
        inputs=tuple((every["output"].values, every["h"].values) for every in returned),
        wrong=(
            (
                lambda output, h_n: output[:, -1],
                "the last timestep was taken for both directions. Where does the backward one end?",
            ),
            (
                lambda output, h_n: output[:, 0],
                "the first timestep was taken for both directions. Where does the forward one end?",
            ),
            (
                lambda output, h_n: both([h_n[0], h_n[1]]),
                "it is the lowest layer's. Which rows are the top layer's?",
            ),
            (
                lambda output, h_n: both([*h_n[1::2]]),
                "it is the backward direction of both layers. In which order do the rows come?",
            ),
            (
                lambda output, h_n: both([h_n[-1], h_n[-2]]),
                "the backward half comes first. `output` has the forward half first.",
            ),
            (
                lambda output, h_n: h_n[-1],
                "`h_n[-1]` was taken, the backward direction alone. Where is the forward one?",
            ),
            (
                lambda output, h_n: h_n[-2],
                "`h_n[-2]` was taken, the forward direction alone. Where is the backward one?",
            ),
            (
                lambda output, h_n: h_n[-2:].reshape(h_n.shape[1], -1),
                "the two rows were reshaped. That puts numbers of different sequences into one "
                "row, since the first axis is that of the directions. Join them: `torch.cat`.",
            ),
            (
                lambda output, h_n: h_n[-2:],
                "the two rows came back as they are, on an axis of their own. Join them along the "
                "last one.",
            ),
            (
                lambda output, h_n: frameworks.torch.concat([h_n[-2], h_n[-1]]),
                "they were joined along the batch. `dim=-1` joins them along the units.",
            ),
            *(
                (change, "the two directions were mixed into one. They are to stand side by side.")
                for change in (
                    lambda output, h_n: h_n[-2:].mean(dim=0),
                    lambda output, h_n: h_n[-2:].sum(dim=0),
                )
            ),
            (
                lambda output, h_n: output.mean(dim=1),
                "it was the mean over the timesteps. The last h is wanted.",
            ),
        ),
        axes={
            "output": ("batch", "timesteps", "directions·units"),
            "h_n": ("layers·directions", "batch", "units"),
            "returned": (("batch", "directions·units"),),
        },
        hints=(
            "`h_n` has the last h of each layer in each direction, a row for each: the lowest "
            "layer forward, the lowest backward, and so on. Which two rows are the top layer's?",
            "They are `h_n[-2]` and `h_n[-1]`. `torch.cat` joins two tensors; along which `dim` is "
            "each row 8 and both together 16?",
        ),
    )


def twin():
    """Return the task to make in Keras what PyTorch's stack in two directions returns."""

    def right(x):  # PyTorch's numbers, from the course's layers in Keras
        return load("keras").layer(replace(TOWER, return_sequences=True))(x)

    sizes = (TOWER, Spec(batch=8, timesteps=12), Spec(batch=1))
    return Task(
        right=right,
        inputs=tuple((inputs(one),) for one in sizes),
        axes={
            "x": ("batch", "timesteps", "features"),
            "returned": (("batch", "timesteps", "directions·units"),),
        },
        hints=(
            "How many layers and directions has the stack in PyTorch? In Keras each layer in two "
            "directions is a `Bidirectional` of its own.",
            "Two `Bidirectional(LSTM(7, …))`, one on the other. Which of them must return every h, "
            "since `output` has them all?",
        ),
    )


def last_h():
    """Return the task to take the last h of every layer from an LSTM, a GRU or an RNN alike."""
    specs = [
        Spec("lstm", batch=6, timesteps=9, features=3, units=8, layers=3),
        Spec("gru", batch=3, timesteps=5, features=6, units=7, layers=2),
        Spec("rnn", batch=5, timesteps=7, features=3, units=9),
        Spec("gru", batch=1, timesteps=6, features=5, units=8, layers=3),
    ]
    first_row = (
        "the state was taken apart without a look at what it is. Of an LSTM that gives h_n; of a "
        "tensor it gives the first row, the lowest layer's h."
    )

    def state_of(recurrent, x):
        return recurrent(x)[1]

    def unpacked(recurrent, x):
        _, (h_n, _) = recurrent(x)
        return h_n

    def right(recurrent, x):
        state = state_of(recurrent, x)
        return state[0] if isinstance(state, tuple) else state

    return Task(
        right=right,
        inputs=tuple((load("torch").layer(spec), inputs(spec)) for spec in specs),
        wrong=(
            (unpacked, first_row),
            (lambda recurrent, x: state_of(recurrent, x)[0], first_row),
            (
                lambda recurrent, x: state_of(recurrent, x)[-1],
                "the last part of the state was taken. Of an LSTM that is c_n.",
            ),
            (
                state_of,
                "the state came back as it is. Of an LSTM it is a pair, of which only h_n is "
                "wanted.",
            ),
            (
                lambda recurrent, x: recurrent(x)[0][:, -1],
                "the top layer's h came back alone, which `output[:, -1]` and `h_n[-1]` hold. "
                "Every layer's is wanted.",
            ),
            (lambda recurrent, x: recurrent(x)[0], "the output came back. The last h are wanted."),
        ),
        axes={
            "x": ("batch", "timesteps", "features"),
            "returned": (("layers", "batch", "units"),),
        },
        hints=(
            "Each of the three returns an output and a state: `output, state = recurrent(x)`. Of "
            "which of them is the state a tuple?",
            "`isinstance(state, tuple)` is True of an LSTM's alone. Then h_n is its first part; "
            "else the state is h_n.",
        ),
    )


def read_by_cell():
    """Return the task to read a batch with a cell, timestep by timestep: every h."""
    sizes = ((8, 5, 6, 7), (3, 9, 4, 8), (1, 7, 3, 9))  # batch, timesteps, features, units

    def read(cell, x, keep=True):
        h = None
        for now in x.unbind(dim=1):
            h = cell(now, h if keep else None)
            yield h

    def stacked(cell, x, dim=1):
        return frameworks.torch.stack([*read(cell, x)], dim=dim)

    def cell(features, units):
        return frameworks.torch.nn.GRUCell(features, units)

    return Task(
        right=lambda cell, x: stacked(cell, x),
        inputs=tuple((cell(f, u), inputs(Spec("gru", b, t, f, u))) for b, t, f, u in sizes),
        wrong=(
            (
                lambda cell, x: frameworks.torch.stack([*read(cell, x, keep=False)], dim=1),
                "each timestep began with zeros. What did the one before leave behind?",
            ),
            (
                lambda cell, x: stacked(cell, x, dim=0),
                "the timesteps came first. `dim=1` puts them behind the batch.",
            ),
            (
                lambda cell, x: stacked(cell, x)[:, -1],
                "the last h came back alone. Every timestep's is wanted.",
            ),
            (
                lambda cell, x: frameworks.torch.cat([*read(cell, x)], dim=1),
                "they were laid side by side, `torch.cat`. `torch.stack` makes a new axis of them.",
            ),
            (
                lambda cell, x: stacked(cell, x.flip(1)),
                "the sequence was read from its end.",
            ),
        ),
        axes={
            "x": ("batch", "timesteps", "features"),
            "returned": (("batch", "timesteps", "units"),),
        },
        hints=(
            "`cell(x[:, step], h)` returns the new h. With which h does the next timestep begin? "
            "And the first: `None` stands for zeros.",
            "Keep each h in a list. `torch.stack(every, dim=1)` makes one tensor of them.",
        ),
    )
