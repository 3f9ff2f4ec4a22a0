"""The questions and tasks of lessons 08 and 09: padding, memory. Each function returns one."""

from importlib import metadata

from .. import frameworks
from ..asking.checking import Task
from ..asking.questions import Padded, Seen, question, seen_alike
from ..asking.reading import ERROR
from ..frameworks import load
from ..late import np
from ..spec import Spec
from ..weights import inputs

LENGTHS = (2, 4, 3)  # none is the number of timesteps: the longest is shorter than the batch
SIZES = (("batch", 3), ("timesteps", 5), ("features", 6), ("units", 7), ("layers", 1))


STATE_AXES = ("layers", "batch", "units")
OF_OUTPUTS = dict(output=("batch", "timesteps", "units"), returned=(("batch", "units"),))


def masked():
    """Return the question whether a mask changes the shape of what comes back."""
    beside = (
        "Padding is to be ignored, so one expects it to disappear. But a mask is a second array, "
        "beside the batch. Which axis of the batch could it shorten?"
    )
    flag = "Which flag is set, and what has a mask to do with it?"
    rectangle = (
        "A tensor is a rectangle, as the batch is: all its sequences have one length. Does a mask "
        "change that of the batch?"
    )
    beside_it = "What comes back is what the flags ask for. Which flag asks for a mask?"

    ragged = tuple((length, 7) for length in LENGTHS)

    return question(
        text="`LSTM(7, return_sequences=True)` stands behind `Masking()` and reads the batch "
        "above, (batch 3, timesteps 5, features 6), of which 2, 4 and 3 timesteps are valid. "
        "What does it return?",
        run=lambda: tuple(_read(_masked(_padded(LENGTHS))).shape),
        padding_changes_length=[
            (((3, 4, 7),), "the timesteps that nobody needs to be cut off", beside),
            (((9, 7),), "the valid timesteps alone, in one row", beside),
            (((3, 7),), "the mask to leave one output for each sequence", flag),
            (ragged, "a tensor for each sequence, as long as it is", rectangle),
            *(
                ((axes,), "an axis that is as long as each sequence is", rectangle)
                for axes in ((3, None, 7), (None, None, 7))
            ),
            (tuple((1, *one) for one in ragged), "a batch for each sequence", rectangle),
            (((3, 9, 7),), "all valid timesteps of the batch for each sequence", beside),
            (((3, 2, 7),), "every sequence to be cut to the shortest", beside),
            (((3, 4, 6),), "the timesteps that nobody needs to be cut off", beside),
            (((9, 6),), "the valid timesteps alone, in one row", beside),
            (((3, 4),), "one number for each timestep that somebody needs", beside),
            (((3, 5, 7), (3, 5)), "the mask to come back beside the output", beside_it),
        ],
        sizes=SIZES,
        clause="a mask stands beside the batch and shortens no axis",
        padded=Padded(Spec(return_sequences=True), LENGTHS),
    )


def masked_steps():
    """Return the question whether a masked layer puts zeros at padded timesteps."""
    return question(
        text="The output of this masked layer has a place for every timestep. True or False: at "
        "the padded timesteps it holds zeros.",
        run=_zeros_at_padding,
        hint="At a padded timestep the layer computes nothing, and must put something there all "
        "the same. What does it hold when it comes to that timestep?",
        padding_changes_length=[
            (True, "padding to become zero in what comes back, as it is in what goes in")
        ],
        clause="the layer repeats the h that it held before",
    )


def padded_in_front():
    """Return the question whether padding in front moves the last output."""
    return question(
        text="Padding may also come first: then the same batch begins with 3, 1 and 2 timesteps of "
        "zeros, and all three sequences end at the last timestep. The same masked layer reads it. "
        "True or False: the last column, `output[:, -1]`, is what it was with padding behind.",
        run=_same_padded_in_front,
        hint="Where the mask is False the layer keeps its h and c. What are they before the first "
        "valid timestep, and what would they be without any padding?",
        padding_changes_length=[(False, "padding to count when it comes before everything else")],
        clause="at the padding in front, h and c stay as they began",
    )


def mask_after_arithmetic():
    """Return the question whether a mask outlasts arithmetic."""
    return question(
        text="The numbers of `masked * 1` are those of `masked`. True or False: an LSTM that reads "
        "`masked * 1` passes over the padded timesteps.",
        run=_same_after_arithmetic,
        hint="Numbers and mask are two things. Which layer made the tensor that the LSTM now gets?",
        padding_changes_length=[(True, "the mask to go wherever the numbers go")],
        clause="a mask belongs to a tensor, and arithmetic has made another one",
    )


def packed():
    """Return the question how the output of a packed sequence is laid out."""
    rows = (
        "In `.data` the sequences are no longer one below the other. How many vectors are there "
        "to lay in one row?"
    )
    padding = "Packing leaves something out. What?"
    data = "That comes back at a place of its own. What does `.data` hold?"
    width = "How long is an h, packed or not?"

    return question(
        text="`packed` holds the valid timesteps of the three sequences, 2, 4 and 3 of them, and "
        "`torch.nn.LSTM(6, 7, batch_first=True)` reads it: `packed_output, (h_n, c_n) = "
        "lstm(packed)`. What is the shape of `packed_output.data`?",
        run=lambda: tuple(_packed_output(_padded(LENGTHS), LENGTHS, units=7).data.shape),
        padding_changes_length=[
            (((3, 4, 7),), "it to be padded again already", rows),
            (((3, 5, 7),), "packing to keep the axes of the batch", rows),
            (((15, 7),), "the padded timesteps to be laid in the row, too", padding),
            (tuple((length, 7) for length in LENGTHS), "a tensor for each sequence", rows),
            (((3, None, 7),), "a row for each sequence, as long as it is", rows),
            (((3, 9, 7),), "the valid timesteps of all for each sequence", rows),
            (((4, 3, 7),), "an axis for the timesteps, and one for the sequences", rows),
            (((12, 7),), "as many timesteps of each sequence as the longest has", padding),
            (((4, 7),), "as many vectors as the longest sequence has timesteps", rows),
            (((3, 2, 7),), "every sequence to be cut to the shortest", rows),
            (((9, 7), (4,)), "the batch sizes beside it", data),
        ],
        output_for_state=[
            (((9, 7), (1, 3, 7)), "`h_n` beside it", data),
            (((1, 3, 7),), "the shape of `h_n`", data),
            (((3, 7),), "the last h of each sequence", data),
        ],
        units_as_steps=[(((9, 6),), "an output as wide as the input", width)],
        sizes=SIZES,
        clause="2 + 4 + 3 valid timesteps lie in one row",
        padded=Padded(Spec(), LENGTHS, "torch", row=True),
    )


def unpacked(lengths=LENGTHS, timesteps=5, units=7):
    """Return the question which shape comes back when a packed output is unpacked.

    lengths: how many timesteps of each sequence are valid, (batch,).
    timesteps: how many the batch was padded to.
    """
    batch = len(lengths)
    known = (
        "Unpacking sounds like undoing. But does a packed sequence know what was left out of it? "
        "Look at `batch_sizes`: for how many timesteps is there a number in it?"
    )
    axes = "Unpacking lays the sequences one below the other again. How many axes does that take?"
    valid = "Packing leaves padding out. What becomes of what is valid?"
    other = "They do come. Which of the names in front of the `=` is asked about?"
    rectangle = "A tensor is a rectangle: all its sequences have one length. Which one here?"

    def shape():
        x = _padded(lengths, timesteps)
        utils = frameworks.torch.nn.utils.rnn
        output, _ = utils.pad_packed_sequence(_packed_output(x, lengths, units), batch_first=True)
        return tuple(output.shape)

    return question(
        text=f"A batch of (batch {batch}, timesteps {timesteps}, features 6), of which "
        f"{', '.join(map(str, lengths[:-1]))} and {lengths[-1]} timesteps are valid, is packed, "
        f"and `torch.nn.LSTM(6, {units}, batch_first=True)` reads it. Then `output, _ = "
        "pad_packed_sequence(packed_output, batch_first=True)`. What is the shape of `output`?",
        run=shape,
        padding_changes_length=[
            (((batch, timesteps, units),), "the length from before packing to come back", known),
            (((sum(lengths), units),), "it to stay one row of valid timesteps", axes),
            (((batch, min(lengths), units),), "every sequence to be cut to the shortest", valid),
            (tuple((length, units) for length in lengths), "a tensor for each sequence", axes),
            (((batch, None, units),), "an axis that is as long as each sequence is", rectangle),
            (((batch, sum(lengths), units),), "all valid timesteps for each sequence", valid),
            (((batch * timesteps, units),), "one row of all timesteps", axes),
            (((timesteps, batch, units),), "the timesteps first, and as many as before", known),
            (((batch, timesteps, 6),), "what went in to come back", known),
            (((1, batch, units),), "the shape of `h_n`", other),
            *(
                (((batch, length, units), (batch,)), "the lengths beside it", other)
                for length in (max(lengths), timesteps)
            ),
        ],
        sizes=(("batch", batch), ("features", 6), ("units", units)),
        clause="the longest valid length counts",
        padded=Padded(Spec("lstm", batch, timesteps, 6, units), lengths, "torch"),
    )


def both_directions():
    """Return the question whether padding behind the last valid timestep is harmless."""
    return question(
        text="A bidirectional LSTM of PyTorch reads the padded batch as it is, and once more "
        "packed. Both times you take `output[rows, lengths - 1]`, the last valid timestep of each "
        "sequence. True or False: both times you get the same numbers.",
        run=_same_in_both_directions,
        hint="For the forward direction it does. Where does the other direction begin to read?",
        padding_changes_length=[
            (True, "the padding to come after everything that was read so far")
        ],
        clause="the backward direction begins in the padding, unless it is packed away",
    )


def forgets():
    """Return the question whether a layer forgets what an earlier call has read."""

    def alike():
        layer, first, second = (
            load("keras").layer(Spec()),
            inputs(Spec()),
            inputs(Spec(timesteps=9)),
        )
        fresh = np.asarray(layer(second[:, 4:]))
        layer(first)
        what = "what it returns for the second chunk, and what a layer that read no first one does,"
        return seen_alike(what, np.asarray(layer(second[:, 4:])), fresh)

    return question(
        text="`layer` reads `chunks[0]`, and in a second call `chunks[1]`, which goes on with the "
        "same three series. No state is handed over. True or False: for `chunks[1]` it returns "
        "what it would return if it had never read `chunks[0]`.",
        run=alike,
        hint="h and c go from timestep to timestep. Who takes them from the end of a call to the "
        "next one's beginning?",
        state_without_axes=[(False, "the layer to go on from where its last call ended")],
        clause="each call begins with zeros for h and c, unless it is given others",
    )


def two_of_the_batch():
    """Return the question what a stateful layer does with a batch of another size."""
    which = (
        "The layer holds an h and a c for each of three sequences. Does it know which of them go "
        "with these two?"
    )
    third = "Two sequences are to be read. Of what would the third row be?"

    def called():
        keras = frameworks.keras
        layers = [keras.Input(batch_shape=(3, None, 6)), keras.layers.LSTM(7, stateful=True)]
        stateful = keras.Sequential(layers)
        stateful(inputs(Spec()))
        return tuple(stateful(inputs(Spec(batch=2))).shape)

    return question(
        text="`stateful` has read chunks of three sequences. The third has ended. Now you call "
        "`stateful(chunks[1][:2])` with more of the first two, a batch of shape (batch 2, "
        "timesteps 5, features 6). What comes back? If you think that it raises an error, type "
        '"error".',
        run=called,
        state_without_axes=[
            ((("batch", "units"),), "the memory of three sequences to serve two", which),
            (((3, 7),), "as many results as there are states", third),
        ],
        hint=which,
        sizes=(("batch", 2), *SIZES[1:]),
        raises=("ValueError", "InvalidArgumentError"),  # the second before Keras 3.12
        clause="the layer holds states for three sequences, and two come",
    )


def handed_over():
    """Return the question whether the states of one batch fit another batch."""
    left = "Eight sequences are to be read. What would become of the other five?"
    begin = "Each sequence begins with an h and a c. For how many sequences does `state` hold them?"
    apart = (
        "`y` is another batch, not more of the first. How many sequences are in it, and for how "
        "many does `state` hold an h and a c?"
    )

    def called():
        lstm = load("torch").layer(Spec())
        _, state = load("torch").call(lstm, inputs(Spec()))
        tensors = tuple(map(frameworks.torch.tensor, state))
        output, _ = load("torch").call(lstm, inputs(Spec(batch=8)), tensors)
        return output.shape

    return question(
        text="In PyTorch, `_, state = lstm(x)` reads (batch 3, timesteps 5, features 6). Then "
        "`output, _ = lstm(y, state)` reads (batch 8, timesteps 5, features 6). What is the shape "
        'of `output`? If you think that it raises an error, type "error".',
        run=called,
        state_without_axes=[
            ((("batch", "timesteps", "units"),), "the states to fit any batch", begin),
            ((("batch", "units"),), "the states to fit, and one output a sequence", begin),
            (((3, 5, 7),), "as many results as there are states", left),
            (((3, 7),), "as many results as there are states", left),
            (((11, 5, 7),), "the two batches to become one", apart),
        ],
        hint=begin,
        sizes=(("batch", 8), *SIZES[1:]),
        raises=("RuntimeError",),
        clause="`state` holds h and c of 3 sequences, and 8 come",
    )


def _refuses_the_last_batch():
    """Return whether the installed Keras is one whose predict refuses a last batch of one, too."""
    installed = metadata.distributions(name="keras")
    return any(one.version.startswith(("3.12.", "3.13.")) for one in installed)


def ten_in_threes():
    """Return the question what predict makes of a last batch of one, if the layer is stateful."""
    refused = (
        "A last batch of two would be refused, as a call refuses it. `predict` does not look as "
        "closely at a batch of one. To what may an axis of 1 be stretched?"
    )
    axis = "`predict` joins what came of each batch. Along which axis?"
    last = "`predict` joins what came of each batch. How many rows come of each?"
    every = "Which flag of the layer would ask for every h?"
    rows = "The layer holds states for three. How many rows does it return for each batch?"

    one_of_one = ERROR, "the last batch to be refused, as a call refuses it", refused
    says = dict(hint=rows, clause="the one sequence of the last batch is stretched to three")
    if _refuses_the_last_batch():
        here = "The Keras here is 3.12 or 3.13. To it, does a batch of one fit states for three?"
        one_of_one = ((12, 7),), "one sequence to be stretched to three, as elsewhere", here
        says = dict(hint=here, clause="the layer holds states for three sequences, and one comes")
        says["raises"] = ("TypeError",)  # OperatorNotAllowedInGraphError is one

    def shape():
        keras = frameworks.keras
        layers = [keras.Input(batch_shape=(3, None, 6)), keras.layers.LSTM(7, stateful=True)]
        found = keras.Sequential(layers).predict(inputs(Spec(batch=10)), batch_size=3, verbose=0)
        return tuple(found.shape)

    return question(
        text="`ten` holds ten other sequences, (batch 10, timesteps 5, features 6), and "
        "`stateful.predict(ten, batch_size=3)` reads them in batches of 3, 3, 3 and 1. What is the "
        'shape of the result? If you think that it raises an error, type "error".',
        run=shape,
        state_without_axes=[
            (((10, 7),), "a row for each sequence that went in", rows),
            (((9, 7),), "what does not fill a batch to be left out", rows),
            (((1, 7),), "the last batch alone", last),
            (((3, 7),), "the last batch alone", last),
            (((4, 7),), "a row for each of the four batches", rows),
            (((10, 6),), "a row for each sequence that went in, as wide as it was", rows),
            (((10, 5),), "a row for each sequence that went in, as long as it was", rows),
            (((30, 7),), "each sequence to be read with each of the three states", rows),
            *((((n, 3, 7),), "an axis for the sequences of a batch", axis) for n in (3, 4, 10)),
            one_of_one,
        ],
        sequence_by_default=[(((n, 5, 7),), "h after every timestep", every) for n in (9, 10, 12)],
        sizes=(("batch", 10), *SIZES[1:]),
        batch_asked=True,
        **says,
    )


def detached():
    """Return the question whether detach changes what the next chunk makes of a state."""

    def alike():
        torch = frameworks.torch
        lstm = torch.nn.LSTM(6, 7, batch_first=True)
        first, second = torch.tensor(inputs(Spec(timesteps=9))).split(5, dim=1)
        _, state = lstm(first)
        kept, _ = lstm(second, state)
        cut, _ = lstm(second, tuple(one.detach() for one in state))
        what = "the outputs with and without `detach`"
        return seen_alike(what, cut.detach().numpy(), kept.detach().numpy())

    return question(
        text="`state` is what an LSTM of PyTorch returned for one chunk. The next chunk begins "
        "with `tuple(one.detach() for one in state)`. True or False: its output has the same "
        "numbers as if it had begun with `state`.",
        run=alike,
        hint="What does `detach` drop, a tensor's numbers or the record of how they were made?",
        state_without_axes=[(False, "what was remembered to be dropped with the record")],
        clause="`detach` keeps the numbers and drops the record of how they were made",
    )


def last_valid():
    """Return the task to take each sequence's last valid output, (batch, units)."""

    def right(output, lengths):
        return output[range(len(lengths)), lengths - 1]

    return Task(
        right=right,
        inputs=_outputs(),
        wrong=(
            (
                lambda output, lengths: output[:, -1],
                "the last timestep was taken, valid or not. Where do `lengths` come in?",
            ),
            (
                lambda output, lengths: output[range(len(lengths)), lengths],
                "the first padded timestep was taken. At which index is the first timestep?",
            ),
            (
                lambda output, lengths: output[:, lengths - 1],
                "each of these timesteps was taken from every sequence. A slice and an index "
                "combine all with all; two indexes of one length go in pairs.",
            ),
            (
                lambda output, lengths: output[:, max(lengths) - 1],
                "the last timestep of the longest sequence was taken from all. Each has its own.",
            ),
            (
                lambda output, lengths: output[range(len(lengths)), lengths - 2],
                "the timestep before the last valid one was taken. Of 3, the last has index 2.",
            ),
            (
                lambda output, lengths: output.mean(1),
                "it was the mean over all timesteps. The last valid one is wanted.",
            ),
        ),
        axes=OF_OUTPUTS,
        hints=(
            "A sequence of length 3 ends at index 2. At which index does each of the batch end?",
            "Two indexes of one length go in pairs: `range(len(lengths))` for the sequences, and "
            "for each the index at which it ends.",
        ),
    )


def mean_over_valid():
    """Return the task to take the mean of each sequence's valid outputs, (batch, units)."""

    def right(output, lengths):
        return _sum_of_valid(output, lengths) / lengths[:, None]

    return Task(
        right=right,
        inputs=_outputs(),
        wrong=(
            (
                lambda output, lengths: output.mean(axis=1),
                "the padded timesteps went into the mean, too.",
            ),
            (
                lambda output, lengths: output.sum(axis=1) / lengths[:, None],
                "the padded timesteps were added up, too. They need not be zeros.",
            ),
            (
                lambda output, lengths: _sum_of_valid(output, lengths) / output.shape[1],
                "the sum of the valid timesteps was divided by the number of all timesteps.",
            ),
            (_sum_of_valid, "the valid timesteps were added up, and nothing was divided."),
            (
                lambda output, lengths: output[range(len(lengths)), lengths - 1],
                "the last valid output was taken. The mean of all valid ones is wanted.",
            ),
            (
                lambda output, lengths: _sum_of_valid(output, lengths) / max(lengths),
                "the sum was divided by the longest length. Each sequence has its own.",
            ),
        ),
        axes=OF_OUTPUTS,
        hints=(
            "Which timesteps are valid? `np.arange(timesteps) < lengths[:, None]` has a row for "
            "each sequence.",
            "Multiply the outputs by it, with an axis for the units, `[..., None]`; add up along "
            "the timesteps; divide each sequence by its own length.",
        ),
    )


def read_in_chunks():
    """Return the task to read a batch in chunks of three timesteps, (batch, timesteps, units)."""
    lstm = load("torch").layer(Spec(features=3, units=8))
    lstm.register_forward_hook(_refuse_long_chunks)
    concat = frameworks.torch.concat

    def read(recurrent, x, handed=lambda h, c: (h, c)):
        state = None
        for chunk in x.split(3, dim=1):
            output, state = recurrent(chunk, state)
            state = handed(*state)
            yield output

    def reading(handed):
        return lambda *given: concat([*read(*given, handed)], dim=1)

    return Task(
        right=lambda recurrent, x: concat([*read(recurrent, x)], dim=1),
        inputs=tuple(
            (lstm, inputs(Spec(batch=batch, timesteps=timesteps, features=3)))
            for batch, timesteps in ((5, 10), (3, 17), (1, 8))
        ),
        wrong=(
            (
                reading(lambda h, c: None),
                "each chunk began with zeros. What did the chunk before leave behind?",
            ),
            (
                reading(lambda h, c: (h, c * 0)),
                "h was handed over and c was not. h alone is not the memory.",
            ),
            (reading(lambda h, c: (h * 0, c)), "c was handed over and h was not."),
            (reading(lambda h, c: (c, h)), "h and c changed places. Which comes first?"),
            (
                lambda *given: [*read(*given)][-1],
                "only the last chunk's output was kept. Where are the others?",
            ),
            (
                lambda *given: concat([*read(*given)], dim=1)[:, -1],
                "the last output came back alone. Every timestep's is wanted.",
            ),
        ),
        axes=dict(
            x=("batch", "timesteps", "features"), returned=(("batch", "timesteps", "units"),)
        ),
        hints=(
            "`recurrent(chunk, state)` returns the output and the new state, (h, c). What does the "
            "next chunk begin with? And the first one: `None` stands for zeros.",
            "Keep each chunk's output in a list. `torch.cat(outputs, dim=1)` joins them along the "
            "timesteps; the last chunk may be shorter.",
        ),
    )


def of_first():
    """Return the task to take the states of the first sequences: h_n and c_n, of fewer."""

    def right(h_n, c_n, number):
        return h_n[:, :number], c_n[:, :number]

    def states(layers, batch, units):
        both = inputs(Spec(batch=layers, timesteps=batch, features=2 * units))
        return both[..., :units].copy(), both[..., units:].copy()

    return Task(
        right=right,
        inputs=((*states(2, 5, 7), 3), (*states(1, 8, 6), 5), (*states(3, 3, 7), 2)),
        wrong=(
            (
                lambda h_n, c_n, number: (h_n[:number], c_n[:number]),
                "the first layers were taken. Which axis of a state counts the sequences?",
            ),
            (
                lambda h_n, c_n, number: (h_n[..., :number], c_n[..., :number]),
                "the first units were taken. Which axis of a state counts the sequences?",
            ),
            (
                lambda h_n, c_n, number: (h_n[:, -number:], c_n[:, -number:]),
                "the last sequences were taken.",
            ),
            (
                lambda h_n, c_n, number: (h_n[:, number], c_n[:, number]),
                "one sequence was taken, and its axis is gone. A slice keeps the axis.",
            ),
            (
                lambda h_n, c_n, number: (c_n[:, :number], h_n[:, :number]),
                "h and c changed places.",
            ),
            (lambda h_n, c_n, number: h_n[:, :number], "c was left out. It is memory, too."),
            (
                lambda h_n, c_n, number: (h_n[:, :number], c_n[:, :number] * 0),
                "c begins with zeros. It is memory, too.",
            ),
        ),
        axes=dict(h_n=STATE_AXES, c_n=STATE_AXES, returned=(STATE_AXES, STATE_AXES)),
        hints=(
            "Name the axes of `h_n`. Which of them counts the sequences?",
            "`h_n[:, :number]` keeps all layers, and the first sequences of each.",
        ),
    )


def _refuse_long_chunks(_, arguments, returned):
    """Raise ValueError if an LSTM has read more than three timesteps at a time."""
    if (timesteps := returned[0].shape[-2]) > 3:
        raise ValueError(
            f"a chunk must be 1 to 3 timesteps, got {timesteps}; try x.split(3, dim=1)"
        )


def _outputs():
    """Return what stands for outputs, (batch, timesteps, units), and their lengths, (batch,)."""
    return (
        (inputs(Spec(features=7)), np.array(LENGTHS)),
        (inputs(Spec(batch=5, timesteps=8, features=3)), np.array([6, 1, 8, 3, 5])),
        (inputs(Spec(batch=1, timesteps=7, features=3)), np.array([4])),
    )


def _sum_of_valid(output, lengths):
    return (output * _valid(lengths, output.shape[1])[..., None]).sum(axis=1)


def _valid(lengths, timesteps):
    """Return which timesteps are valid, (batch, timesteps)."""
    return np.arange(timesteps) < np.asarray(lengths)[:, None]


def _padded(lengths, timesteps=5):
    """Return the course's input with zeros at the padded timesteps, (batch, timesteps, 6)."""
    x = inputs(Spec(batch=len(lengths), timesteps=timesteps))
    x[~_valid(lengths, timesteps)] = 0
    return x


def _masked(x):
    """Return a batch with the mask that Masking makes of its zeros."""
    return frameworks.keras.layers.Masking()(x)


def _read(x):
    """Return what a Keras LSTM with return_sequences makes of a batch, masked or not."""
    layer = load("keras").layer(Spec(return_sequences=True))
    return frameworks.keras.ops.convert_to_numpy(layer(x))


def _zeros_at_padding():
    """Return whether a masked layer's output is zero at the padded timesteps."""
    padding = _read(_masked(_padded(LENGTHS)))[~_valid(LENGTHS, 5)]
    largest = abs(padding).max()
    return Seen(bool(largest == 0), f"at the padded timesteps stand numbers up to {largest:.2g}")


def _same_padded_in_front():
    """Return whether the last output behind a mask is the same when the padding comes first."""
    x = _padded(LENGTHS)
    front = [np.roll(one, 5 - length, axis=0) for one, length in zip(x, LENGTHS, strict=True)]
    behind, in_front = (_read(_masked(one))[:, -1] for one in (x, np.stack(front)))
    what = "the last columns, padded behind and padded in front,"
    return seen_alike(what, behind, in_front)


def _same_after_arithmetic():
    """Return whether a layer reads a masked batch as before when it was multiplied by 1."""
    masked = _masked(_padded(LENGTHS))
    what = "what the layer returns for `masked` and for `masked * 1`: the two"
    return seen_alike(what, _read(masked * 1), _read(masked))


def _pack(x, lengths):
    return frameworks.torch.nn.utils.rnn.pack_padded_sequence(
        frameworks.torch.tensor(x), list(lengths), batch_first=True, enforce_sorted=False
    )


def _packed_output(x, lengths, units):
    """Return the packed output of an LSTM that reads a packed batch."""
    torch = frameworks.torch
    packed_output, _ = torch.nn.LSTM(x.shape[-1], units, batch_first=True)(_pack(x, lengths))
    return packed_output


def _same_in_both_directions():
    """Return whether packing makes no difference to the last valid timestep of two directions."""
    torch = frameworks.torch
    lstm = torch.nn.LSTM(6, 7, batch_first=True, bidirectional=True)
    x, at = _padded(LENGTHS), (range(len(LENGTHS)), np.array(LENGTHS) - 1)
    with torch.inference_mode():
        raw, _ = lstm(torch.tensor(x))
        output, _ = torch.nn.utils.rnn.pad_packed_sequence(
            lstm(_pack(x, LENGTHS))[0], batch_first=True
        )
    what = "the last valid outputs, read padded and read packed,"
    return seen_alike(what, raw[at].numpy(), output[at].numpy())
