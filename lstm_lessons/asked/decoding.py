"""The questions and tasks of lesson 10, on encoder and decoder. Each function returns one."""

from dataclasses import replace

from .. import frameworks
from ..asking.checking import Task
from ..asking.diagnosis import as_question
from ..asking.questions import Seen, question, wrongs
from ..frameworks import load
from ..late import np
from ..spec import Spec
from ..weights import inputs

AS_WIDE = "Features are what is read. Which number in the code says how long each h is?"
OWN_LENGTH = (
    "Of the encoder the decoder gets h and c. Do these say how many timesteps the encoder read?"
)


def arrows(batch=3, reads=18, writes=10, units=64, characters=11):
    """Return the question which shapes a decoder and the dense layer on top of it return.

    reads, writes: how many timesteps the encoder and the decoder read.
    characters: how many there are to choose from; the decoder also reads a start mark.
    """
    every, scores = (batch, writes, units), (batch, writes, characters)

    def shapes():
        layers = frameworks.keras.layers
        states = layers.LSTM(units, return_state=True)(_zeros(batch, reads, 41))[1:]
        decoder = layers.LSTM(units, return_sequences=True, return_state=True)
        output, _, _ = decoder(_zeros(batch, writes, characters + 1), initial_state=list(states))
        return tuple(output.shape), tuple(layers.Dense(characters)(output).shape)

    flat = "the dense layer to lay all timesteps in one row"
    alone = "a dense layer to leave the last axis as it is"
    mark = "the start mark to be among the characters to choose from"
    read = "The decoder reads it. May it write it?"
    states = "the decoder's states to be asked for"
    first = "They do come back. Which of the tensors does `head` get?"
    other = "as many timesteps as the encoder read"
    longer = tuple((batch, reads, size) for size in (units, characters))

    last = ((batch, units), (batch, characters))
    flag = "only the last h to come back", "What does the first flag of `decoder` ask for?"
    narrow = ((batch, writes, characters + 1), scores), "an output as wide as the input", AS_WIDE
    encoders = "an output as wide as what the encoder read"
    says = "the decoder itself to choose among the characters"
    head_first = "Who does that: `decoder`, or `head`? How long is an h of `decoder`?"
    return question(
        text=f"`encoder = LSTM({units}, return_state=True)` has read (batch {batch}, timesteps "
        f"{reads}, features 41). `decoder = LSTM({units}, return_sequences=True, "
        f"return_state=True)` begins with its h and c and reads (batch {batch}, timesteps "
        f"{writes}, features {characters + 1}). `head = Dense({characters})` gets the first tensor "
        "that `decoder` returns. Give two shapes: of that tensor, and of what `head` returns.",
        run=shapes,
        time_axis_in_head=[
            ((every, (batch, characters)), "the dense layer to leave one result for a sequence"),
            ((every, (batch, writes * characters)), flat),
            ((every, every), alone, "Lesson 02 put one on a sequence. What became of that axis?"),
            ((every, (batch, writes, characters + 1)), mark, read),
            ((every, *((batch, units),) * 2), states, first),
            ((every, *((batch, units),) * 2, scores), states, first),
            (longer, other, OWN_LENGTH),
        ],
        sequence_by_default=[(last, *flag)],
        units_as_steps=[
            narrow,
            (((batch, writes, 41), scores), encoders, AS_WIDE),
            ((scores, scores), says, head_first),
            ((scores, every), "`head` to come before `decoder`", head_first),
        ],
        sizes=(("batch", batch), ("timesteps", writes), ("units", units)),
        clause="an h for each timestep of the decoder, and the dense layer changes the last axis",
    )


def sees_the_answer():
    """Return the question whether a decoder that reads the right sequence can copy from it."""
    hint = (
        "The right sequence is one timestep late. A forward layer has read, at timestep 3, "
        "timesteps 0 to 3 of what it is given. Is timestep 4 among them?"
    )

    def unmoved():
        layers = frameworks.keras.layers
        decoder, head = layers.LSTM(7, return_sequences=True), layers.Dense(11)
        read = inputs(Spec(timesteps=10, features=12))
        other = read.copy()
        other[:, 4] += 1
        before, after = (load("keras").call(lambda x: head(decoder(x)), x) for x in (read, other))
        at_3, at_4 = abs(before - after).max(axis=(0, 2))[3:5]
        moved = (
            f"the distribution at timestep 3 moved by {at_3:.2g}, that at timestep 4 by {at_4:.2g}"
        )
        return Seen(bool(at_3 > 1e-6), moved)

    seen = True, "all that is read to reach every timestep", hint
    return question(
        text="The decoder reads `*1998-11-0` and must give `1998-11-03`: at timestep 3 the 8 that "
        "it reads at timestep 4, `previous[:, 4]`. You put another character there. True or False: "
        "the distribution that comes out at timestep 3 changes.",
        run=unmoved,
        time_axis_in_head=[seen],
        clause="a forward layer has no output that knows of later timesteps",
    )


def one_step():
    """Return the question what a decoder returns when it reads a single character."""
    step = Spec(batch=8, timesteps=1, features=12, units=64)
    usual = as_question(replace(step, return_sequences=True, return_state=True))
    whole = (
        ((8, 10, 64), (8, 64), (8, 64)),
        "as many timesteps as in training",
        "The layer is the same, what it reads is not. How many timesteps are in this call?",
    )
    gone = (
        ((8, 64), (8, 64), (8, 64)),
        "the timesteps to disappear because there is only one",
        "A flag decides whether there is an axis for timesteps. Is it set here?",
    )
    scores = (
        "what the dense layer makes of it",
        "That layer is not in this call. What does the LSTM return by itself?",
    )
    states = (8, 64), (8, 64)

    return replace(
        usual,
        text="In use, `decoder`, still `LSTM(64, return_sequences=True, return_state=True)`, is "
        "given one character of each sequence, here (batch 8, timesteps 1, features 12), and "
        "`initial_state=[h, c]`. What does it return?",
        wrong=(
            *wrongs(
                time_axis_in_head=[
                    whole,
                    (((8, 1, 11),), *scores),
                    (((8, 1, 11), *states), *scores),
                ],
                units_as_steps=[
                    *(
                        (((8, 1, 12), *others), "an output as wide as the input", AS_WIDE)
                        for others in (states, ((8, 12),) * 2, ((8, 1, 12),) * 2)
                    )
                ],
                sequence_by_default=[gone],
            ),
            *usual.wrong,
        ),
    )


def torch_state():
    """Return the question which shape Keras' h must have to begin a PyTorch decoder with."""
    layers = "PyTorch can stack layers in one `nn.LSTM`. Where is the axis that counts them?"

    def accepted():
        torch = frameworks.torch
        state = torch.zeros(1, 3, 64)
        _, (h_n, _) = torch.nn.LSTM(12, 64, batch_first=True)(torch.zeros(3, 10, 12), (state,) * 2)
        return tuple(h_n.shape)

    return question(
        text="A PyTorch decoder, `torch.nn.LSTM(12, 64, batch_first=True)`, is to begin with the h "
        "and c that Keras' encoder returned, (batch 3, units 64) each. Both must have the "
        "same shape when you hand them over. Which one?",
        run=accepted,
        batch_always_first=[(((3, 1, 64),), "the batch to come first in a state")],
        states_packaging=[
            (((3, 64),), "a state to look as it does in Keras", layers),
            (((3, 64),) * 2, "a state to look as it does in Keras", layers),
            (
                ((1, 3, 64),) * 2,
                "two shapes to be asked for",
                "What is the shape of one of them?",
            ),
            (
                ((3, 10, 64),),
                "a state for every timestep",
                "How many h begin a sequence?",
            ),
        ],
        state_without_axes=[(((1, 64),), "one state for all sequences")],
        sizes=(("batch", 3), ("timesteps", 10), ("features", 12), ("units", 64), ("layers", 1)),
        clause="PyTorch wants an axis for the layers, even for one",
    )


def repeated():
    """Return the question which shape a decoder returns that reads a repeated summary."""
    own = "How many timesteps does the second LSTM read? Look at the layer just before it."
    width = "Whose h is it that comes out at the end?"
    copies = "`RepeatVector` makes timesteps. How many sequences does the second LSTM read?"
    once = "What does the first LSTM hand on: every h, or one? Then count what is repeated."

    def shape():
        keras = frameworks.keras
        network = [keras.layers.LSTM(7), keras.layers.RepeatVector(9)]
        network += [keras.layers.LSTM(8, return_sequences=True)]
        return tuple(keras.Sequential(network)(inputs(Spec())).shape)

    last = ((3, 8),), "only the last h", "What does the flag of the second LSTM ask for?"
    return question(
        text="`RepeatVector(9)` makes nine equal timesteps of one vector. A batch of shape (batch "
        "3, timesteps 5, features 6) goes through `LSTM(7)`, then `RepeatVector(9)`, then "
        "`LSTM(8, return_sequences=True)`. What comes out?",
        run=shape,
        time_axis_in_head=[
            (((3, 5, 8),), "as many timesteps as went in", own),
            (((3, 9, 7),), "an output as wide as the first LSTM's", width),
            (((3, 45, 8),), "each of the five timesteps to be repeated", once),
            (((3, 9, 5, 8),), "nine copies of the whole sequence", once),
            (((3, 5, 9, 8),), "nine copies of each timestep", once),
            (((3, 14, 8),), "nine timesteps behind the five", once),
            (((27, 8),), "nine copies of each sequence in the batch", copies),
            *(
                (((n, 5, 8),), "nine copies in place of the batch's sequences", copies)
                for n in (9, 27)
            ),
            (((3, 9, 15),), "the h of both LSTMs side by side", width),
            (((3, 9, 56),), "the h of both LSTMs multiplied", width),
            (((3, 9, 63),), "the copies side by side", own),
            (((3, 63),), "the copies side by side", own),
            (((3, 7, 8),), "a timestep for each unit of the first LSTM", own),
            (((3, 5, 7),), "every h of the first LSTM", once),
        ],
        sequence_by_default=[last],
        sizes=(("batch", 3), ("features", 6)),
        clause="the second LSTM reads 9 timesteps and returns an h for each",
    )


def class_axis():
    """Return the question what PyTorch's cross-entropy makes of classes on the last axis."""
    hint = (
        "That is where Keras looks for them. PyTorch has a place of its own for the classes, in "
        "lesson 07. How many would it find there?"
    )
    each = "It is averaged over all of them. And where does PyTorch look for the classes?"

    def shape():
        torch = frameworks.torch
        target = torch.zeros(3, 10, dtype=torch.long)
        return tuple(torch.nn.CrossEntropyLoss()(torch.zeros(3, 10, 11), target).shape)

    return question(
        text="`scores` has shape (batch 3, timesteps 10, characters 11), `target` holds the number "
        "of the right character, (batch 3, timesteps 10). What is the shape of "
        "`torch.nn.CrossEntropyLoss()(scores, target)`? Write `()` for a single number, `error` "
        "if it raises one.",
        run=shape,
        time_axis_in_head=[
            (((),), "the classes to be looked for on the last axis", hint),
            (((3, 10),), "a loss for every character", each),
            (((3,),), "a loss for every sequence", each),
        ],
        hint="Where does PyTorch look for the classes?",
        sizes=(("batch", 3), ("timesteps", 10)),
        raises=("RuntimeError",),
        clause="PyTorch looks for the classes on the second axis",
    )


def merged():
    """Return the question which shapes the states have that a bidirectional encoder begins."""
    width = (
        "`merge_mode` is about the output. Each of the four states is as long as the units of one "
        "direction. How many numbers of h are there, then, for a sequence?"
    )
    two = "A decoder is one LSTM in one direction. How many states does it carry along?"
    half = "That is as much as one direction remembers. What became of the other?"
    rows = "Then a sequence would be two in the batch. How many of it are to go on?"
    axis = "How many directions does the decoder have, and which axis would count them?"
    output = "The output is what others read. What does a layer begin with?"
    ends = "A layer begins once. Of which timestep is what the encoder hands over?"

    def shapes():
        layers = frameworks.keras.layers
        both = layers.Bidirectional(layers.LSTM(7, return_state=True))
        _, *four = both(inputs(Spec()))
        states = [layers.Concatenate()(four[place::2]) for place in (0, 1)]
        _, h, c = layers.LSTM(14, return_state=True)(_zeros(3, 9, 4), initial_state=states)
        return tuple(h.shape), tuple(c.shape)

    return question(
        text="`Bidirectional(LSTM(7, return_state=True))` has read (batch 3, timesteps 5, features "
        "6) and returned `output, forward_h, forward_c, backward_h, backward_c`. A decoder, an "
        "LSTM in one direction, is to begin with all of that memory: nothing dropped, nothing "
        "added up. Give the shapes of all states that it is handed.",
        run=shapes,
        states_merged=[(((3, 28), (3, 28)), "states that are merged already", width)],
        states_packaging=[
            (((3, 7),) * 4, "four states to be handed over", two),
            (((3, 14),), "one state", two),
            (((3, 28),), "everything in one state", two),
            (((3, 14),) * 3, "the output to be handed over, too", output),
            (((3, 14), *((3, 7),) * 4), "the output to be handed over, too", output),
        ],
        directions_misplaced=[
            (((3, 7), (3, 7)), "states no longer than those of one direction", half),
            (((6, 7), (6, 7)), "the directions one below the other, along the batch", rows),
            (((2, 3, 7), (2, 3, 7)), "an axis for the directions, as in PyTorch", axis),
            (((3, 2, 7), (3, 2, 7)), "an axis for the directions", axis),
        ],
        state_without_axes=[
            (((3, steps, width),) * 2, "states of every timestep", ends)
            for steps in (5, 9)
            for width in (7, 14)
        ],
        units_as_steps=[
            (((3, 6),) * 2, "states as wide as what the encoder reads", width),
            (((3, 4),) * 2, "states of four numbers", width),
        ],
        sizes=(("batch", 3), ("units", 7), ("directions", 2)),
        rule=lambda: (("batch", "directions·units"),) * 2,
        clause="h beside h, and c beside c",
    )


BOTH = ("batch", "directions·units")


def joined():
    """Return the task to make the two states of a decoder of a bidirectional encoder's five."""

    def sides(*pairs, axis=-1):
        return [np.concatenate(pair, axis=axis) for pair in pairs]

    def stacked(axis):
        return lambda output, fh, fc, bh, bc: [np.stack(p, axis) for p in ((fh, bh), (fc, bc))]

    five = [
        (
            inputs(Spec(batch=batch, timesteps=1, features=2 * units))[:, 0],
            *inputs(Spec(batch=4, timesteps=batch, features=units)),
        )
        for batch, units in ((3, 7), (5, 8), (1, 6))
    ]
    return Task(
        right=lambda output, fh, fc, bh, bc: sides((fh, bh), (fc, bc)),
        inputs=tuple(five),
        wrong=(
            (
                lambda output, fh, fc, bh, bc: sides((fh, fc), (bh, bc)),
                "h and c of one direction were joined. A decoder begins with one h, made of the "
                "two h, and one c.",
            ),
            (
                lambda output, fh, fc, bh, bc: sides((fc, bc), (fh, bh)),
                "c came first. The order of `initial_state` is h, then c.",
            ),
            (
                lambda output, fh, fc, bh, bc: sides((bh, fh), (bc, fc)),
                "the backward direction stands in front of the forward one. A decoder could learn "
                "that, too; here, as in the output, forward comes first.",
            ),
            (
                lambda output, fh, fc, bh, bc: sides((fh, bh), (fc, bc), axis=0),
                "they were joined along the batch. Join them along the last axis.",
            ),
            *(
                (
                    stacked(axis),
                    "they were stacked, along an axis of their own. Join them along the last axis "
                    "that there is.",
                )
                for axis in (0, 1, -1)
            ),
            (
                lambda output, fh, fc, bh, bc: [fh, bh],
                "the two h were returned as they are. Where is c?",
            ),
            (lambda output, fh, fc, bh, bc: [fh, fc], "the backward direction was left out."),
            (
                lambda output, fh, fc, bh, bc: [fh + bh, fc + bc],
                "they were added. That can be done, for a decoder with the units of one "
                "direction; here they are to stand side by side.",
            ),
            (
                lambda output, fh, fc, bh, bc: [output, *sides((fc, bc))],
                "the output was taken for h. Without `return_sequences` it holds the same "
                "numbers, but with it, it has timesteps. Use the states.",
            ),
        ),
        axes=dict.fromkeys(("fh", "fc", "bh", "bc"), ("batch", "units"))
        | {"output": BOTH, "returned": (BOTH, BOTH)},
        hints=(
            "A decoder begins with one h and one c. Which two of the five are the h's?",
            "`Concatenate()` lays two tensors side by side, along the last axis: forward first. "
            "Once for h, once for c.",
        ),
    )


def next_character(decoder=None, head=None):
    """Return the task to choose one character with a PyTorch decoder and hand its states on.

    decoder, head: the torch.nn.LSTM(12, …) and torch.nn.Linear(…, 11) to be used; None for small
        ones with fixed weights.
    """
    if decoder is None:
        decoder, head = _small()
    units = decoder.hidden_size

    def chosen(output):
        return head(output).argmax(dim=-1)

    def right(character, h, c):
        output, (h, c) = decoder(character, (h, c))
        return chosen(output), h, c

    def forgets(character, h, c):
        output, (h, c) = decoder(character)
        return chosen(output), h, c

    def swaps(character, h, c):
        output, (h, c) = decoder(character, (c, h))
        return chosen(output), h, c

    def keeps(character, h, c):
        return chosen(decoder(character, (h, c))[0]), h, c

    def paired(character, h, c):
        output, pair = decoder(character, (h, c))
        return chosen(output), pair

    def scores(character, h, c):
        output, (h, c) = decoder(character, (h, c))
        return head(output), h, c

    def choosing(choose):
        def step(character, h, c):
            output, (h, c) = decoder(character, (h, c))
            return choose(output, h), h, c

        return step

    def along_time(character, h, c):
        output, (h, c) = decoder(character, (h, c))
        return head(output).argmax(dim=1), h, c

    return Task(
        right=right,
        inputs=tuple(
            (
                np.eye(12, dtype="float32")[range(batch), None],
                *inputs(Spec(batch=2, timesteps=batch, features=units))[:, None],
            )
            for batch in (3, 5, 1)
        ),
        wrong=(
            (forgets, "the decoder began with zeros. Hand it h and c, as a pair."),
            (swaps, "c was handed over in the place of h. The pair is (h, c)."),
            (
                keeps,
                "h and c came back as they went in. Then the next character would be chosen as if "
                "this one had not been read.",
            ),
            (paired, "h and c came back as a pair. Return three things, not two."),
            (scores, "a score for each character came back. Wanted is the number of the best."),
            (along_time, "the best was looked for along the timesteps, of which there is one."),
            (
                choosing(lambda output, h: head(output).argmax()),
                "the best of all scores was looked for, of the whole batch. Each sequence has its "
                "own: `dim=-1`.",
            ),
            (
                choosing(lambda output, h: chosen(output[:, -1])),
                "`output[:, -1]` took the axis of the one timestep away. It stays: (batch, 1).",
            ),
            (
                choosing(lambda output, h: chosen(h)),
                "h was handed to the linear layer, with its axis of layers first. `output` has the "
                "batch first.",
            ),
            (
                choosing(lambda output, h: chosen(h[-1])),
                "`h[-1]` was handed to the linear layer; it has no axis for the one timestep. "
                "`output` has it.",
            ),
            (
                choosing(lambda output, h: head(output).argmax(dim=-1, keepdim=True)),
                "the axis of the scores was kept, with size 1. Its place is that of the number.",
            ),
            (
                choosing(lambda output, h: head(output).argmin(dim=-1)),
                "the character with the lowest score was chosen. The highest is the best.",
            ),
        ),
        axes={
            "character": ("batch", "timesteps", "features"),
            **dict.fromkeys(("h", "c"), ("layers", "batch", "units")),
            "returned": (("batch", "timesteps"), *2 * (("layers", "batch", "units"),)),
        },
        hints=(
            "Three steps: the decoder reads `character`, beginning with the pair (h, c); the "
            "linear layer makes scores of its output; the best is chosen. What comes back?",
            "`output, (h, c) = writer(character, (h, c))` has the new states. Of the scores, "
            "(batch, 1, 11), the place of the best along the last axis is the character.",
        ),
    )


def _small():
    """Return a PyTorch decoder of 7 units and its head, with fixed weights."""
    torch = frameworks.torch
    head = torch.nn.Linear(7, 11)
    weight = inputs(Spec(batch=1, timesteps=11, features=7))[0]
    head.load_state_dict({"weight": torch.tensor(weight), "bias": torch.zeros(11)})
    return load("torch").layer(Spec(features=12)), head


def _zeros(*shape):
    return np.zeros(shape, "float32")
