"""The questions of lessons 00 to 04 that no Spec can put, and their tasks. Each function returns
one.
"""

from dataclasses import replace
from functools import partial

from .. import frameworks
from ..asking.checking import Task
from ..asking.diagnosis import about, as_question
from ..asking.misconceptions import MISCONCEPTIONS
from ..asking.questions import Seen, question, seen_alike, wrongs
from ..frameworks import load, run
from ..late import np
from ..reference import trace
from ..rule import batch_of, expected
from ..snippets import call
from ..spec import Spec, many
from ..weights import inputs
from ._chains import through

SIZES = (("batch", 3), ("timesteps", 5), ("features", 6), ("units", 7), ("layers", 1))
LAYERS = MISCONCEPTIONS["layers_forgotten"].hint
SYMBOLIC = (("batch", None), *SIZES[1:])


def kept(spec):
    """Return the question which shapes one goes on with, of all that PyTorch returns."""
    kept = [f"`{tensor.expression}`" for tensor in expected(spec, "torch").kept]
    which = "What is its shape?" if len(kept) == 1 else "What is the shape of each?"
    text = (
        f"`lstm = {call(spec, 'torch')}` reads {batch_of(spec)}: `output, (h_n, c_n) = lstm(x)`. "
        f"You go on with {', '.join(kept)}. {which}"
    )
    return about(text, spec, "torch", lambda returned: returned.kept)


def one_sequence():
    """Return the question which shape the first sequence of a batch has."""
    return question(
        text="`x` is a batch of shape (batch 3, timesteps 5, features 6). What is the shape of "
        "its first sequence, `x[0]`?",
        run=lambda: inputs(Spec())[0].shape,
        hint="An index takes away the axis that it picks from. Which one does `x[0]` pick from?",
        index_and_axis=[
            (((1, 5, 6),), "a batch of one"),
            (((3, 5, 6),), "the index to take nothing away"),
            (((6,),), "the index to take two axes away"),
            (((3, 5),), "the last axis to go"),
            (((3, 6),), "the middle axis to go"),
        ],
        sizes=SIZES,
        clause="an index takes its axis away, here the batch",
    )


def batch_second():
    """Return the question which h_n comes of a batch that comes first, without batch_first."""

    def shape():
        _, (h_n, _) = frameworks.torch.nn.LSTM(6, 7)(frameworks.torch.tensor(inputs(Spec())))
        return tuple(h_n.shape)

    hint = (
        "Without `batch_first` the layer takes the first axis for the timesteps and the second "
        "for the batch, whatever you meant. How many sequences does it see?"
    )
    last = "`h_n` is the last h of each layer. Which of your numbers counts the layers?"
    return question(
        text="Now `lstm = torch.nn.LSTM(6, 7)`, without `batch_first`, reads the same `x` of shape "
        "(3, 5, 6). It has one layer, and 7 units. `h_n` is (layers, batch, units). Which shape "
        "is that here?",
        run=shape,
        hint=hint,
        batch_always_first=[
            (((1, 3, 7),), "the batch to be found on the first axis"),
            (((3, 1, 7),), "the batch as the first axis of a state"),
        ],
        layers_forgotten=[
            (((3, 7),), "a state without an axis for the layers", LAYERS),
            (((5, 7),), "a state without an axis for the layers", LAYERS),
        ],
        output_for_state=[
            (((3, 5, 7),), "`h_n` to have every timestep", last),
            (((5, 3, 7),), "`h_n` to have every timestep", last),
        ],
        batch_asked=True,
        clause="the first axis is taken for the timesteps, so it reads 5 sequences of 3 timesteps",
    )


def longer():
    """Return the question whether ten times as many timesteps and features change the shape."""

    def changed():
        one, other = run(Spec()).shapes, run(Spec(timesteps=50, features=60)).shapes
        return Seen(one != other, f"of 5 timesteps came {one}, of 50 with 60 features {other}")

    hint = "With no flag set, how many of the h come back, and how long is one?"
    return question(
        text="`LSTM(7)` reads 50 timesteps instead of 5, with 60 features instead of 6. "
        "True or False: the shape of what it returns is another one.",
        run=changed,
        sequence_by_default=[(True, "h after every timestep", hint)],
        units_as_steps=[(True, "as many numbers as timesteps or features", hint)],
        clause="one h comes back for each sequence, and its length is the units",
    )


def shows_c():
    """Return the question whether what Keras returns is c."""

    def is_c():
        name = _named(run(Spec())["output"].values)
        return Seen(name == "c", f"it is the last {name}")

    return question(
        text="`LSTM(7)`, no flag set. True or False: what it returns is its cell state, the last "
        "c.",
        run=is_c,
        hint="Of h and c, which one does a layer show, and which one does it keep to itself?",
        output_for_state=[(True, "c to be what the layer shows")],
        clause="the output is h, and without `return_state` no c comes back",
    )


def flag_of_torch():
    """Return the question what PyTorch makes of Keras' flag."""

    def shape():
        lstm = frameworks.torch.nn.LSTM(6, 7, batch_first=True, return_sequences=True)
        return tuple(lstm(frameworks.torch.tensor(inputs(Spec())))[0].shape)

    return question(
        text="`output, _ = torch.nn.LSTM(6, 7, batch_first=True, return_sequences=True)(x)` reads "
        "(batch 3, timesteps 5, features 6). What is the shape of `output`? If you think that it "
        'raises an error, type "error".',
        run=shape,
        hint="Whose flag is this? And has PyTorch any need of one?",
        sequence_by_default=[
            (((3, 5, 7),), "PyTorch to know the flag"),
            (((3, 7),), "PyTorch to return only the last h"),
        ],
        sizes=SIZES,
        raises=("TypeError",),
        clause="`return_sequences` is a flag of Keras, and PyTorch returns every h anyway",
    )


def every_c_too():
    """Return the question whether c comes back for every timestep, beside h."""

    def came():
        returned = run(Spec(return_sequences=True))
        [output] = returned.tensors
        c = np.allclose(output.values, trace(Spec()).c, rtol=0, atol=1e-6)
        return Seen(c, f"one tensor came, and it holds every {'c' if c else 'h'}")

    return question(
        text="True or False: with `return_sequences=True`, every c comes back as well as every h.",
        run=came,
        hint="How many tensors came back when this flag was set, and which of the two was in it?",
        states_packaging=[(True, "c to come with every h")],
        clause="the flag is about the output, which is h",
    )


def unpacked_in_two():
    """Return the question what comes of two names for what Keras returns with return_state."""

    def shapes():
        hidden, cell = load("keras").layer(Spec(return_state=True))(inputs(Spec()))
        return tuple(hidden.shape), tuple(cell.shape)

    return question(
        text="`hidden, cell = LSTM(7, return_state=True)(x)`, where `x` is (batch 3, timesteps 5, "
        "features 6). What are the shapes of the two? If you think that it raises an error, type "
        '"error".',
        run=shapes,
        hint="How many tensors does the layer return, and how many names stand at the left?",
        states_only=[(((3, 7), (3, 7)), "the states to come without the output before them")],
        sequence_by_default=[(((3, 5, 7), (3, 7)), "every h, and one state")],
        sizes=SIZES,
        raises=("ValueError",),
        clause="three tensors come back, and two names can't take them",
    )


def second_is_c():
    """Return the question whether c stands behind the output."""

    def is_c():
        second = run(Spec(return_state=True)).tensors[1].values
        name = _named(second)
        return Seen(name == "c", f"`returned[1]` holds the last {name}")

    return question(
        text="`returned = LSTM(7, return_state=True)(x)`. True or False: `returned[1]` is the cell "
        "state, c.",
        run=is_c,
        hint="Count from 0. What stands at `returned[0]`, and which of the states comes next?",
        states_only=[(True, "h to be at place 0, as the first of two states")],
        clause="the places are output, h, c",
    )


def goes_on():
    """Return the question whether a layer with return_state begins where its last call ended."""

    def differs():
        layer, x = load("keras").layer(Spec(return_state=True)), inputs(Spec())
        numbers = frameworks.keras.ops.convert_to_numpy
        same = seen_alike("the results of both calls", *(numbers(layer(x)[0]) for _ in range(2)))
        return replace(same, truth=not same.truth)

    return question(
        text="`layer = LSTM(7, return_state=True)` is called twice on the same `x`. True or False: "
        "the second result is another one, since the layer goes on from its state.",
        run=differs,
        hint="Which h and c does a call begin with, if nobody hands it any?",
        states_packaging=[(True, "what is handed back to be kept, too")],
        clause="the states are handed back, and the next call begins at zeros",
    )


def second_of_torch():
    """Return the question whether c stands behind PyTorch's output."""

    def is_c():
        layer = load("torch")
        returned = layer.call(layer.layer(Spec()), inputs(Spec()))
        alone = not isinstance(returned[1], tuple)
        return Seen(alone, f"`returned[1]` is a {type(returned[1]).__name__} of {len(returned[1])}")

    return question(
        text="`returned = torch.nn.LSTM(6, 7, batch_first=True)(x)`. True or False: `returned[1]` "
        "is c.",
        run=is_c,
        hint="Unpack it in your head, `output, (h_n, c_n) = returned`. What stands at place 1?",
        states_packaging=[(True, "c to stand alone behind the output")],
        clause="`returned[1]` is the pair of `h_n` and `c_n`, and c is `returned[1][1]`",
    )


def classifier():
    """Return the question which shape a network has that puts a sequence into one of 4 classes."""

    every = "four numbers after every timestep", "Which h does `LSTM(7)` hand to the dense layer?"
    return question(
        text="`keras.Input((5, 6))`, then `LSTM(7)`, then `Dense(4)`. What is `output_shape`? "
        "Write the batch as Keras does, `None`.",
        **through((5, 6), lambda layers: [layers.LSTM(7), layers.Dense(4)]),
        batch_in_shape=[
            (((5, 4),), "the first number of `keras.Input` to be the batch"),
            (((4,),), "no batch axis"),
        ],
        sequence_by_default=[(((None, 5, 4),), *every)],
        units_as_steps=[(((None, 7, 4),), "four numbers for each unit")],
        sizes=SYMBOLIC,
        clause="one h for each sequence reaches the dense layer, and it makes 4 numbers of each",
    )


def tagger():
    """Return the question which shape a dense layer makes of every output."""
    hint = "A dense layer works on the last axis. What becomes of the others?"

    return question(
        text="`keras.Input((5, 6))`, then `LSTM(7, return_sequences=True)`, then `Dense(4)`. "
        "What is `output_shape`? Write the batch as Keras does, `None`.",
        **through((5, 6), lambda layers: [layers.LSTM(7, return_sequences=True), layers.Dense(4)]),
        sequence_by_default=[
            (((None, 4),), "one result for the whole sequence", hint),
            (((None, 20),), "a dense layer that lines all timesteps up", hint),
        ],
        units_as_steps=[(((None, 7, 4),), "four numbers for each unit")],
        batch_in_shape=[(((5, 4),), "no batch axis")],
        sizes=SYMBOLIC,
        clause="the dense layer changes the last axis alone, so every timestep keeps a place",
    )


def stack_by_default():
    """Return the question what a stack of two LSTMs returns if no flag is set."""
    return question(
        text="`keras.Input((5, 6))`, then `LSTM(7)`, then `LSTM(8)`, no flag set. What is "
        '`output_shape`? Here and elsewhere, if you think that it raises an error, type "error".',
        **through((5, 6), lambda layers: [layers.LSTM(7), layers.LSTM(8)]),
        hint="What does the first layer hand to the second: has it a timesteps axis to read along?",
        sequence_by_default=[
            (((None, 8),), "the second layer to receive a sequence"),
            (((None, 5, 8),), "both layers to hand on sequences"),
            (((None, 7, 8),), "the second layer to read the first one's units one by one"),
        ],
        sizes=SYMBOLIC,
        raises=("ValueError",),
        clause="the first layer hands on one h for each sequence, and the second wants timesteps",
    )


def resumed():
    """Return the question whether h and c are all that a layer remembers."""
    return question(
        text="The layer reads three timesteps. Then it reads the other two, beginning with the h "
        "and c that it returned. True or False: the last h is the same as if it had read all five "
        "at once.",
        run=lambda: _resumed(forget_c=False),
        hint="What else than h and c does a timestep get from those before it?",
        state_without_axes=[(False, "something else to be remembered")],
        clause="h and c are all that the layer hands from one timestep to the next",
    )


def resumed_without_c():
    """Return the question whether h alone is a layer's memory."""
    return question(
        text="The same with zeros in place of c, and the right h. True or False: the last h is "
        "the same as if it had read all five at once.",
        run=lambda: _resumed(forget_c=True),
        hint="h is made of c at every timestep. Where would the next c begin?",
        state_without_axes=[(True, "h to be all of the memory")],
        clause="c is a part of what the layer remembers",
    )


def decoder():
    """Return the question what a decoder returns that begins with an encoder's states."""
    hint = (
        "A decoder reads a sequence of its own, and of the encoder it gets h and c. Do these say "
        "how long the encoder's sequence was?"
    )

    def output_shape():
        keras = frameworks.keras
        states = [keras.ops.zeros((3, 7)), keras.ops.zeros((3, 7))]
        layer = keras.layers.LSTM(7, return_sequences=True)
        return tuple(layer(inputs(Spec(timesteps=9, features=4)), initial_state=states).shape)

    own = "Features are what is read. Which number in `decoder = LSTM(…)` says how long an h is?"
    wide, theirs = "an output as wide as the input", "an output as wide as the encoder's input"
    flag = "Which flag of `decoder` would ask for states?"
    agree = (
        "Of the encoder the decoder gets h and c, and nothing else. In what must the two layers "
        "agree then: in timesteps, in features or in units?"
    )
    return question(
        text="`decoder = LSTM(7, return_sequences=True)` is called on a batch of shape (batch 3, "
        "timesteps 9, features 4) with `initial_state=[h, c]`, the last h and c of an encoder that "
        "read (batch 3, timesteps 5, features 6) with 7 units. What does it return?",
        run=output_shape,
        sequence_by_default=[
            ((("batch", 5, "units"),), "as many timesteps as the encoder read", hint),
            ((("batch", "units"),), "only the last h", "What does the decoder's flag ask for?"),
            ((("batch", 14, "units"),), "the timesteps of both, one after the other", hint),
            ((("batch", 5, "features"),), "as many timesteps as the encoder read", hint),
            ((("batch", 5, 6),), "what the encoder read to come back", hint),
        ],
        units_as_steps=[
            ((("batch", "timesteps", "features"),), wide, own),
            ((("batch", "timesteps", 6),), theirs, own),
            ((("batch", "timesteps", 10),), "the features of both layers to be added", own),
            ((("batch", "features"),), "only the last timestep, as wide as the input", own),
            ((("batch", 6),), "only the last timestep, as wide as the encoder's input", own),
        ],
        states_packaging=[
            (
                (("batch", "timesteps", "units"), *(("batch", "units"),) * 2),
                "the states to come back, too",
                flag,
            ),
            ((("batch", "units"),) * 2, "the states to come back that it was given", flag),
        ],
        directions_misplaced=[
            ((("2·batch", "timesteps", "units"),), "both layers' sequences in one batch", agree)
        ],
        taken_or_refused=[
            ("error", "layers that read unequal timesteps or features not to go together", agree)
        ],
        sizes=(("batch", 3), ("timesteps", 9), ("features", 4), ("units", 7)),
        clause="the timesteps are those that the decoder reads itself",
    )


def grade_essays():
    """Return a task that wants one result for a sequence."""
    return _task(
        "You grade essays: 20 of them, 300 words each, a word given as 50 numbers. An LSTM of 32 "
        "units reads them, and a dense layer makes one mark for each essay of what it returns.",
        Spec(batch=20, timesteps=300, features=50, units=32),
        "The dense layer makes one mark of one vector. How many vectors does an essay need?",
        "the marks",
    )


def tag_words():
    """Return a task that wants a result for each timestep."""
    return _task(
        "You tell nouns from verbs: 16 sentences of 25 words, a word given as 50 numbers. An LSTM "
        "of 32 units reads them, and a dense layer makes a tag for each word.",
        Spec(batch=16, timesteps=25, features=50, units=32, return_sequences=True),
        "The dense layer makes one tag of one vector. How many vectors does a sentence need?",
        "the tags",
    )


def start_decoder():
    """Return a task that wants the states."""
    return _task(
        "You translate: an LSTM of 48 units reads 10 sentences of 15 words, a word given as 40 "
        "numbers. A second LSTM of 48 units goes on with its memory, and looks at nothing else.",
        Spec(batch=10, timesteps=15, features=40, units=48, return_state=True),
        "The memory is h and c, as they are in the end. Which flag returns them, and beside what?",
    )


def last_output(lstm, head):
    """Return the task to hand a head the last output of an LSTM.

    lstm: the torch.nn.LSTM to be used, of one layer, with batch_first; head: the torch.nn.Linear.
    """
    return Task(
        right=lambda x: head(lstm(x)[0][:, -1]),
        inputs=_batches(lstm),
        wrong=(
            (lambda x: head(lstm(x)[0]), "every output was handed to it, not the last one."),
            (
                lambda x: head(lstm(x)[0].mean(dim=1)),
                "the mean of all outputs was handed to it, not the last one.",
            ),
            (
                lambda x: head(lstm(x)[0][:, 0]),
                "the first output was handed to it. It has read one timestep.",
            ),
            (
                lambda x: head(lstm(x)[0][-1]),
                "`output[-1]` was handed to it: every output of the last sequence. The batch comes "
                "first, so the last timestep is `output[:, -1]`.",
            ),
            (
                lambda x: head(lstm(x)[0][:, -1:]),
                "`output[:, -1:]` was handed to it. The colon leaves an axis of one timestep; "
                "without it, that axis goes.",
            ),
            (
                lambda x: head(lstm(x)[1][1][-1]),
                "c was handed to it, the memory. What the layer says is h.",
            ),
            (lambda x: head(lstm(x)[1][0]), "`h_n` was handed to it with its axis of layers."),
            (
                lambda x: head(lstm(x)[0][:, -1].squeeze()),
                "every axis of 1 is gone, the batch too where there is one sequence only.",
            ),
            (lambda x: lstm(x)[0][:, -1], "the last output was handed back. Where is the head?"),
            (
                lambda x: head(lstm(x)[0]).mean(dim=1),
                "the mean of all results was taken, not the last output's.",
            ),
        ),
        axes=dict(x=("batch", "timesteps", "features"), returned=(("batch", ""),)),
        hints=(
            "`lstm(x)` is a tuple. Which part of it has an axis for the timesteps, and at which "
            "place in the shape?",
            "The output is the first part, (batch, timesteps, units). An index for each axis: all "
            "sequences, then the last timestep.",
        ),
        gradient=True,
    )


def every_output(lstm, head):
    """Return the task to hand a head every output of an LSTM.

    lstm: the torch.nn.LSTM to be used, of one layer, with batch_first; head: the torch.nn.Linear.
    """

    def again(x, row):
        """Return the same row of the output at every timestep."""
        return head(lstm(x)[0][:, row : row + 1 or None].expand(-1, x.shape[1], -1))

    return Task(
        right=lambda x: head(lstm(x)[0]),
        inputs=_batches(lstm),
        wrong=(
            (
                lambda x: head(lstm(x)[0][:, -1]),
                "the last output alone was handed to it. Every timestep wants a result.",
            ),
            (lambda x: head(lstm(x)[1][0]), "`h_n` was handed to it, the last h."),
            (lambda x: again(x, -1), "the last output was handed to it for every timestep."),
            (
                lambda x: head(lstm(x.flip(1))[0]),
                "the timesteps were read from the last to the first.",
            ),
            (
                lambda x: head(lstm(x.transpose(0, 1))[0].transpose(0, 1)),
                "the batch was read as if it were the time.",
            ),
            (lambda x: lstm(x)[0], "the output was handed back. Where is the head?"),
        ),
        axes=dict(x=("batch", "timesteps", "features"), returned=(("batch", "timesteps", ""),)),
        hints=(
            "`lstm(x)` is a tuple. Which part of it has an axis for the timesteps?",
            "A linear layer changes the last axis and leaves the others as they are. What does it "
            "make of the first part, (batch, timesteps, units)?",
        ),
        gradient=True,
    )


def in_two_parts(reader):
    """Return the task to read four timesteps, then go on with the others: the last output.

    reader: the Keras LSTM to be used, with return_state.
    """

    def resumed(handed=lambda h, c: [h, c], begins=4, result=0):
        def read(x):
            _, h, c = reader(x[:, :4])
            return reader(x[:, begins:], initial_state=handed(h, c))[result]

        return read

    return Task(
        right=lambda x: reader(x)[0],
        inputs=tuple(
            (inputs(Spec(batch=batch, timesteps=timesteps, features=3)),)
            for batch, timesteps in ((4, 10), (6, 13), (1, 9))
        ),
        wrong=(
            (
                lambda x: reader(x[:, 4:])[0],
                "the second part began with zeros. What did the first part leave behind?",
            ),
            (lambda x: reader(x[:, :4])[0], "the first part was read alone."),
            (resumed(lambda h, c: [c, h]), "h and c changed places. Which comes first?"),
            (
                resumed(lambda h, c: [h, 0 * c]),
                "h was handed over and c was not. h alone is not the memory.",
            ),
            (resumed(lambda h, c: [0 * h, c]), "c was handed over and h was not."),
            (resumed(lambda h, c: [h, h]), "h was handed over twice. Where is c?"),
            (resumed(lambda h, c: [c, c]), "c was handed over twice. Where is h?"),
            (
                resumed(result=slice(None)),
                "all that `reader` returns came back: the output, h and c. The last output alone "
                "is wanted.",
            ),
            (
                resumed(result=slice(1, None)),
                "the states came back, without the output before them. The output is wanted.",
            ),
            (
                lambda x: tuple(reader(x)),
                "all that `reader` returns came back: the output, h and c. The last output alone "
                "is wanted.",
            ),
            (resumed(result=2), "c came back, the memory. What the layer says is h."),
            (
                lambda x: reader(x[:, :4])[0] + reader(x[:, 4:])[0],
                "the results of both parts were added up. The second part is to go on from the "
                "first one's states.",
            ),
            *(
                (resumed(begins=begins), said)
                for begins, said in (
                    (0, "the second part began at the first timestep again."),
                    (3, "timestep 3 was read twice. Python counts from 0: `x[:, :4]` ends with 3."),
                    (5, "timestep 4 was left out. Python counts from 0: `x[:, :4]` ends with 3."),
                )
            ),
        ),
        axes=dict(x=("batch", "timesteps", "features"), returned=(("batch", "units"),)),
        hints=(
            "`reader` returns three tensors. Which of them are its memory after the first part, "
            "and what takes them in the second call?",
            "`_, h, c = reader(x[:, :4])`, and `reader(…, initial_state=[h, c])` goes on from "
            "there. Which timesteps does it read, and which of its three tensors is wanted?",
        ),
        how=partial(_in_parts, reader),
    )


def _in_parts(reader, made):
    """Return what is wrong with the parts that a layer read when a function ran, or "".

    It is wrong if the layer read everything in one call, or not four timesteps in the first one.
    """
    read, call = [], reader.call

    def noting(sequences, *more, **named):
        read.append(sequences.shape[1])
        return call(sequences, *more, **named)

    reader.call = noting
    try:
        load("keras").call(made, inputs(Spec(batch=4, timesteps=10, features=3)))
    finally:
        del reader.call  # the layer's own is there again
    if 10 in read:
        return (
            "The numbers are right, but `reader` read all 10 timesteps in one call. Read the first "
            "four, then the others from where it stopped."
        )
    if read and read[0] != 4:
        return f"The numbers are right, but the first part had {many(read[0], 'timestep')}, not 4."
    return ""


def _named(values):
    """Return which state of the running example's last timestep has these values: "h" or "c"."""
    ends = {"h": trace(Spec()).h[:, -1], "c": trace(Spec()).c[:, -1]}
    return min(ends, key=lambda name: np.abs(values - ends[name]).max())


def _batches(lstm):
    """Return batches of different sizes for a PyTorch LSTM, the last one of a single sequence."""
    sizes = ((4, 10), (6, 13), (1, 7))
    return tuple((inputs(Spec(batch=b, timesteps=t, features=lstm.input_size)),) for b, t in sizes)


ABOUT_FLAGS = ("sequence_by_default", "states_only", "states_packaging")


def _task(text, spec, need, made=""):
    """Return the question which shapes the LSTM that reads must return, in Keras, for a task.

    need: what the task needs, said to whoever chooses other flags.
    made: what a dense layer makes of what the LSTM returns, one number or two of each vector.
    """
    usual = as_question(spec)
    hint = "The dense layer makes them. What does it get from the LSTM?"
    of_each = (
        *(("batch", number) for number in (1, 2)),
        *(("batch", "timesteps", number) for number in (1, 2)),
        ("batch",),
        ("batch", "timesteps"),
    )
    heads = [((axes,), made, hint) for axes in of_each[: None if spec.return_sequences else 5]]
    wrong = (
        *wrongs(time_axis_in_head=heads if made else ()),
        *(
            replace(one, hint=need if one.belief in ABOUT_FLAGS else one.hint)
            for one in usual.wrong
        ),
    )

    return replace(
        usual,
        text=f"{text} Choose the flags of the LSTM that reads the words, with no more than the "
        "task needs. Which shapes does it then return in Keras?",
        wrong=wrong,
    )


def _resumed(forget_c):
    """Return whether reading three timesteps and then two ends as reading five does."""
    layer = load("keras").layer(Spec(return_state=True))
    x = inputs(Spec())
    _, h, c = layer(x[:, :3])
    in_parts, _, _ = layer(x[:, 3:], initial_state=[h, c * 0 if forget_c else c])
    numbers = frameworks.keras.ops.convert_to_numpy
    what = "the last h of both ways to read"
    return seen_alike(what, numbers(in_parts), numbers(layer(x)[0]))
