"""The kinds of errors of Keras, as data. So it is long: each kind is an entry of its own.

What a layer's call raises, Keras says in other words on each of its backends.
"""

import ast
from dataclasses import replace

from ..rule import expected
from ..snippets import call
from ..spec import many
from .known import (
    AXIS_TOO_MANY,
    INPUT,
    OTHER_FEATURES,
    OUTPUT_FIRST,
    UNKNOWN_KEYWORD,
    Known,
    added_axis,
    keyword,
    lines,
    named,
    sizes,
)
from .known_lists import sequences_of
from .repeated import keras_below, keras_layer, keras_output
from .tracebacks import frames, given, home, made
from .watching import is_there, reader_of

SETTINGS = ("return_sequences", "return_state", "go_backwards", "stateful", "dropout", "unroll")
MANY = 10**5  # so many features are none of one timestep, but words and their vectors
TRAINING = ("fit", "evaluate", "train_on_batch", "test_on_batch")

# Pieces of messages.

TUPLED = r"(?P<{}>\([^()\n]{{0,99}}\))".format  # a written shape
OF_LAYER = r"layer ['\"](?P<layer>{})['\"] is incompatible with the layer: expected ndim=".format
NDIM = OF_LAYER(r"(?:(?!1d)[^'\"\n]){1,80}")
SHAPE = " … Full shape received: "
IN_CALL = r"calling (?:LSTM|GRU|SimpleRNN)(?:Cell)?\.call … "
INPUTS = r"(?:sequences|sequence|inputs)=[^\d\n]{0,60}\("
STATE = r"(?:initial_state|states)=[^\d\n]{0,60}"
PRODUCT = (
    r"calling (?P<cell>LSTM|GRU|SimpleRNN)(?:Cell)?\.call … "
    r"(?:In\[0\]: \[|shapes: \[|multiplied \(|the same shape, got \()(?:[\d?]{1,9}[,x] ?)?"
    r"(?P<got>\d{1,9})[\]),]{0,2}(?:,| and) (?:In\[1\]: )?[\[(]?(?P<wanted>\d{1,9})"
    rf"(?:[,x](?P<columns>\d{{1,9}}))? … {INPUTS}(?:\w{{1,9}}, ){{1,2}}(?P<x>\d{{1,9}})\) … "
    rf"(?:initial_state=None|{STATE}\(\w{{1,9}}, (?P<h>\d{{1,9}})\))"
)
RECEIVED = (
    r"^Layer ['\"](?P<layer>[^'\"\n]{1,80})['\"] expect(?:s 1 input\(s\), but it received"
    r"|ed 1 input\(s\)\. Received) (?P<got>\d{1,9}) (?:input tensors|instead)"  # Keras 3.3 to 3.9
)

# What Keras 2 says before a call. If no side is said, what has "input" in its name is an input.
CHECKED = (
    r"^(?:Error when checking (?:model )?(?P<side>input|target)?\s?: )?"
    r"expected (?P<layer>\w{1,80}) to have "
)
AXES_2 = CHECKED + r"(?P<wanted>\d) dimensions, but got array with shape " + TUPLED("got")
SHAPE_2 = CHECKED + f"shape {TUPLED('wanted')} but got array with shape {TUPLED('got')}"
TARGET_SHAPE = (
    r"^Arguments? … `output` must have … "
    rf"target\.shape={TUPLED('target')}, output\.shape={TUPLED('output')}"
)

# What the traceback shows.


def _of_input(found, error):
    """Return whether Keras 2 speaks of what goes in, and not of a target."""
    return "input" in (found["side"] or found["layer"])


def _of_target(found, error):
    return not _of_input(found, error)


def _missing(found):
    """Return whether what was got has fewer axes than are wanted."""
    return len(sizes(found["got"])) < int(found["wanted"])


def _of_lists(found, error):
    """Return whether axes of an input are missing, and the last that is there has size 1."""
    return _of_input(found, error) and _missing(found) and sizes(found["got"])[-1:] == (1,)


def _of_table(found, error):
    return _of_input(found, error) and _missing(found) and not _of_lists(found, error)


def _other_axes(found, error):
    """Return the lines for a target of other axes than the output has."""
    if _missing(found):
        return {"lines": lines(IF_LAST, "y = y[..., None]  # if y is (batch, timesteps)")}
    got = sizes(found["got"])
    fewer = ["y = y[..., 0]  # without the last axis, which has size 1"] * (got[-1] == 1)
    said = [*fewer, IF_EVERY] if got[1:2] == (1,) else [IF_EVERY, *fewer]
    return {"lines": lines(*said)}


def _met(found, error):
    """Return the lines for shapes that met in the loss: of two batches, or of other axes."""
    one, other = sizes(found["one"])[:1], sizes(found["other"])[:1]
    batches = int(found.get("axis") or 0) == 0 and one != other
    return {"lines": BATCHES if batches else lines(IF_LAST, IF_SIZE)}


def _of_target_shape(found, error):
    """Return the lines for a target of as many axes as the output, and of another size."""
    wanted, got = sizes(found["wanted"]), sizes(found["got"])
    if wanted[:-1] != got[:-1]:
        return {"lines": lines(IF_LAST, IF_SIZE)}
    said = [IF_HOT] * (wanted[-1:] == (1,)) + [IF_NUMBERS] * (got[-1:] == (1,))
    return {"lines": lines(*said, IF_SIZE)}


def _of_loss(found, error):
    """Return the words for a target of another shape than the output, by the loss if it is seen."""
    names = {one.f_code.co_name for one, _, framework in frames(error) if framework}
    if "binary_crossentropy" in names:
        one = "keras.layers.Dense(1, activation='sigmoid')  # as the last layer, if each sequence "
        said = lines(one + "has one answer, yes or no", IF_LAST, IF_EVERY)
        return {"why": f"{NUMBER_BY_NUMBER} {BY_TIMESTEP}", "lines": said}
    said = lines(IF_NUMBERS, IF_HOT, IF_LAST, IF_EVERY)
    return {"why": f"{ROW_BY_ROW} {BY_TIMESTEP}", "lines": said}


def _below(error):
    return reader_of("keras").source(given(error, "x")) if is_there("keras") else None


def _of_rows(found, error):
    """Return whether x has two axes, of which the last has the features that are wanted.

    x is not one whole sequence, which a batch of one is made of.
    """
    wanted, got = sizes(found["wanted"]), sizes(found["got"])
    return len(wanted) == 3 and len(got) == 2 and got[1] == wanted[2] and got != wanted[1:]


def _of_three_axes(found, error):
    """Return whether neither are sequences to be made of rows, nor the batch is missing."""
    return not _of_rows(found, error) and sizes(found["got"]) != sizes(found["wanted"])[1:]


def _of_shape(found, error):
    """Return the lines by which what was got comes to the shape that was declared."""
    wanted, got = sizes(found["wanted"]), sizes(found["got"])
    if len(got) == 2 < len(wanted):
        said = _windows(wanted[1]) if _of_rows(found, error) else _split(wanted, got)
    elif None not in wanted and len(got) == 3 and wanted[:2] == got[1:]:
        said = [
            f"keras.Input({got[1:]})  # without the batch, which x has in front of them",
            f"keras.Input(batch_shape={got})  # if a stateful layer needs the batch",
        ]
    else:
        swapped = (*got[:-2], *got[:-3:-1])
        said = [SWAPPED] * (_fits(swapped, wanted) and not _fits(got, wanted))
        said.append(f"keras.Input((None, {got[-1]}))  # in a new model, for any timesteps")
    return {"lines": lines(*said)}


def _fits(shape, wanted):
    """Return whether a shape has the sizes that are wanted, where they are not open."""
    pairs = zip(shape, wanted, strict=False)
    return len(shape) == len(wanted) and all(None in pair or len({*pair}) == 1 for pair in pairs)


def _split(wanted, got):
    """Return the line that makes the axis of features of a batch of rows."""
    _, timesteps, features = wanted[:3]
    if features == 1:
        return ["x[..., None]  # if x is (batch, timesteps), one number at each"]
    whole = timesteps and features and got[1] == timesteps * features
    row = f"x.reshape(-1, {timesteps}, {features})  # if a row is a sequence, timestep by timestep"
    any_ = f"keras.Input((None, {got[1]}))  # in a new model, of x with three axes"
    return [row if whole else any_]


def _windows(timesteps):
    """Return the lines that make sequences of rows. timesteps: how many, None for any."""
    if timesteps is None:
        return ["x[None]  # if x is one sequence, (timesteps, features)"]
    view = f"np.lib.stride_tricks.sliding_window_view(x, {timesteps}, axis=0).transpose(0, 2, 1)"
    return [
        f"{view}  # if a row is a timestep: a window of {many(timesteps, 'row')} from each row on",
        f"x[: len(x) // {timesteps} * {timesteps}].reshape(-1, {timesteps}, x.shape[-1])"
        f"  # if each sequence has {many(timesteps, 'row')} of its own",
    ]


def _of_embedding(found, error):
    """Return whether an Embedding stands below, or what was got is as large as one's result.

    That is where folding the last two axes would make more features than anybody has.
    """
    below = type(_below(error)).__name__
    words = (sizes(found["words"]) or (0,))[0] or 0
    large = words * int(found["features"]) >= MANY
    return below == "Embedding" or (large and below != "InputLayer")


def _stack(found, error):
    """Return the words for a layer below that has no return_sequences, where it is seen."""
    below = _below(error)
    layer = made(below)
    if not layer or layer[0].return_sequences:
        return None
    return {
        "shape": named(found["shape"], expected(layer[0]).tensors[0].axes),
        "below": below.name,
        "line": call(replace(layer[0], return_sequences=True)),
    }


def _several(found, error):
    """Return the shapes of several tensors, which the traceback has and the message has not."""
    shapes = [tuple(getattr(one, "shape", ())) for one in given(error, "inputs") or ()]
    if len(shapes) < 2 or len(shapes[1]) != 2:
        return None
    output, state = map(str, shapes[:2])
    return {"output": output, "state": state, "units": shapes[1][1]}


def _of_states(found, error):
    """Return whether several tensors are likely an output and its states: of the same sequences,
    and not two of one shape, unless a layer is seen that returns a state.
    """
    output, state = _pair(found, error)
    if sequences_of(error) is not None or (output and output[:1] != state[:1]):
        return False
    return output != state or int(found["got"]) > 2 or _returns_state(error)


def _alike(found, error):
    """Return the shape of two tensors of one shape, (batch, units), of which nothing says what they
    are.
    """
    output, other = _pair(found, error)
    if sequences_of(error) is not None or len(output) != 2 or int(found["got"]) > 2:
        return None
    return None if output != other or _returns_state(error) else {"output": str(output)}


def _pair(found, error):
    """Return the shapes of the first two tensors of several; ((), ()) if they are not seen."""
    if found.get("output"):
        return sizes(found["output"]), sizes(found["state"] or "")
    shapes = [tuple(getattr(one, "shape", ())) for one in given(error, "inputs") or ()]
    return (shapes[0], shapes[1]) if len(shapes) > 1 else ((), ())


def _returns_state(error):
    """Return whether the first of several tensors is seen to come from a layer with its state."""
    first = next(iter(given(error, "inputs") or ()), None)
    layer = made(reader_of("keras").source(first)) if is_there("keras") else None
    return bool(layer and layer[0].return_state)


def _of_state(found, error):
    """Return whether it was the state that did not fit a cell, and not the input."""
    if not found["h"]:
        return False
    got, wanted, columns, x, h = (
        int(found[one] or 0) for one in ("got", "wanted", "columns", "x", "h")
    )
    recurrent = columns == wanted * {"LSTM": 4, "GRU": 3, "SimpleRNN": 1}[found["cell"]]
    return h == got and (x != got or recurrent)


def _of_keras(found, error):
    return "keras" in map(home, type(getattr(error, "obj", 0)).__mro__)


def _keyword(found, error):
    """Return the words for a keyword that a layer does not have, with its value if it is short."""
    try:
        value = repr(ast.literal_eval(found["given"])[found["word"]])
    except (ValueError, SyntaxError):
        value = "value"
    return keyword(found["word"], SETTINGS, f"keras.layers.{found['layer']}", value)


def _in_training(found, error):
    """Return whether Keras trained or tested a model, and neither a layer nor the learner's code.

    What a layer raises, Keras says in other words.
    """
    for frame, _, framework in frames(error):
        if not framework:
            return False
        if getattr(frame.f_locals.get("fn"), "__name__", "") in TRAINING:
            return True
    return False


# Lines and kinds with more than one message.

LAYER_BELOW = (
    "keras.layers.LSTM({last}, return_sequences=True)  # if a recurrent layer stands below"
)
IF_LAST = "keras.layers.LSTM(units)  # without return_sequences, if each sequence has one target"
IF_SIZE = "keras.layers.Dense(y.shape[-1])  # as the last layer, if only the last sizes differ"
IF_NUMBERS = "loss = 'sparse_categorical_crossentropy'  # if the target holds numbers of classes"
IF_HOT = "loss = 'categorical_crossentropy'  # if the target is one-hot"
IF_EVERY = "keras.layers.LSTM(units, return_sequences=True)  # if each timestep has a target"
BATCHES = (
    "x, y = x[: len(x) // batch * batch], y[: len(x) // batch * batch]"
    "  # if a stateful layer needs whole batches"
)
SWAPPED = "x.swapaxes(1, 2)  # if timesteps and features have changed places"
STATEFUL = "A `stateful` layer keeps its states from call to call, one for each sequence."

NUMBER_BY_NUMBER = (
    "`binary_crossentropy` compares each number of the output with a target of its own."
)
BY_TIMESTEP = "With `return_sequences` there is an answer for each timestep."
ROW_BY_ROW = (
    "`categorical_crossentropy` compares a row with a row, the `sparse_` one a row with the number "
    "of a class."
)

AXIS_MISSING = Known(
    name="An axis is missing",
    read="How do I add the axis of features",
    what="`{layer}` reads three axes: batch, timesteps, features. It got {got}.",
)
SEVERAL_TENSORS = Known(
    name="Several tensors where one belongs",
    read="Why can nothing follow an LSTM in Sequential",
    what="`{layer}` reads one tensor. It got {got}: `{output}`, then states {state}.",
    why="A layer with `return_state` returns its output and its states, in one tuple.",
    axes={"state": ("batch", "units")},
    when=_of_states,
    instead=lines(
        OUTPUT_FIRST,
        "keras.layers.LSTM({units})  # inside a Sequential: without return_state",
        "lstm(x, initial_state=states)  # if the first is the input, the others its states",
    ),
)
ALIKE = replace(
    SEVERAL_TENSORS,
    when=None,
    rule=_alike,
    what="`{layer}` reads one tensor. It got two of one shape, `{output}`.",
    why="So come the two directions of a Bidirectional with `merge_mode=None`, two inputs in a "
    "list, and the output and the state of a GRU with `return_state` alone.",
    axes={},
    instead=lines(
        "keras.layers.concatenate([one, other])  # if both are to be read: side by side",
        "output, state = layer(x)  # if they are a GRU's output and state: go on with output",
    ),
)
OTHER_SHAPE = Known(
    name="Another shape than the model's Input",
    read="Does the shape include the batch",
    message=r"[Ee]xpected shape.\((?P<wanted>None[^()\n]{0,99})\),[^()\n]{0,99}"
    r"shape.\((?P<got>[^()\n]{0,99}?\d{1,9})\)",
    rule=_of_shape,
    what="The model was made for {wanted}. It got {got}.",
    why="`Input` fixes each size that it names. Only `None` is open.",
    axes={"wanted": INPUT, "got": INPUT},
    instead="{lines}",
    again=keras_layer,
)
SHAPE_OF_2 = replace(
    OTHER_SHAPE,
    message=SHAPE_2,
    what="`{layer}` was made for `{wanted}`. It got `{got}`.",
    axes={},
    again=None,
)
OTHER_BATCH = Known(
    name="States of another batch",
    read="Which shape must the first states have",
    what="x has batch {x}, the states have batch {h}.",
    why=f"{STATEFUL} States that are handed over have the batch of x.",
    instead="x = x[: len(x) // {h} * {h}]  # if stateful: whole batches of {h}\n"
    "lstm(x, initial_state=[h, c])  # if handed over: h and c of batch {x}",
)
TARGET = Known(
    name="A target that does not fit the output",
    read="Which shape must the target have",
    why="The target must have the shape of the output.",
)
MET = replace(TARGET, instead="{lines}")

KINDS = (
    # Axes.
    Known(
        name="A layer below without return_sequences",
        read="Why must the lower layer return sequences",
        message=f"{NDIM}3, found ndim=2{SHAPE}{TUPLED('shape')}",
        rule=_stack,
        what="`{layer}` reads (batch, timesteps, features). It got {shape}.",
        why="The layer below, `{below}`, has no `return_sequences`. It hands on its last output "
        "alone, without timesteps.",
        instead="{line}  # the layer below",
        again=keras_below,
    ),
    replace(
        AXIS_MISSING,
        message=rf"{NDIM}3, found ndim=2{SHAPE}(?P<got>\(None, (?P<last>\d+)\))",
        why="`Input` adds the batch; its own shape needs timesteps and features. And a layer "
        "without `return_sequences` leaves the timesteps out.",
        instead=lines(
            "keras.Input((None, {last}))  # if {last} are the features, for any timesteps",
            "keras.Input(({last}, 1))  # if {last} are the timesteps, one number at each",
            LAYER_BELOW,
        ),
        general=True,
        again=keras_layer,
    ),
    replace(
        AXIS_MISSING,
        message=rf"{NDIM}3, found ndim=[12]{SHAPE}"
        r"(?P<got>\((?!None)[^()\n]{0,99}?(?P<last>\d{1,9}),?\))",
        why="An axis of size 1 stays: one sequence is batch 1, one number at each timestep is "
        "features 1. And a layer without `return_sequences` leaves the timesteps out.",
        instead=lines(
            "x[None]  # if x is one sequence, (timesteps, features)",
            "x[..., None]  # if x is (batch, timesteps)",
            LAYER_BELOW,
        ),
        general=True,
        again=keras_layer,
    ),
    replace(
        AXIS_TOO_MANY,
        message=rf"{NDIM}3, found ndim=4{SHAPE}"
        r"(?P<got>\(None, (?P<size>\w+), (?P<own>\w+, \w+)\))",
        when=lambda found, error: type(_below(error)).__name__ == "InputLayer",
        why="`Input` adds the batch, as `None`. Its own shape is (timesteps, features).",
        instead="keras.Input(({own}))  # if {size} is the batch",
        again=keras_layer,
    ),
    replace(
        AXIS_TOO_MANY,
        read="Do my vectors need an Embedding",
        message=f"{NDIM}3, found ndim=4{SHAPE}"
        r"(?P<got>\(\w{1,9}, \w{1,9}, (?P<words>\w{1,9}), (?P<features>\d{1,9})\))",
        when=_of_embedding,
        why="An `Embedding` reads whole numbers, (batch, timesteps), and adds the axis of "
        "features. Vectors or one-hot words in front of it have that axis already.",
        instead=lines(
            "x = x.argmax(-1)  # in front of the Embedding, if x is one-hot: the numbers of words",
            "keras.layers.Dense({features})  # in place of the Embedding, if x is vectors",
        ),
    ),
    replace(
        AXIS_TOO_MANY,
        message=f"{NDIM}3, found ndim=[4-9]{SHAPE}{TUPLED('got')}",
        rule=added_axis,
        instead=lines(
            AXIS_TOO_MANY.instead,
            "keras.layers.TimeDistributed(keras.layers.Flatten())  # the same as a layer",
        ),
        general=True,
        again=keras_layer,
    ),
    # Keras 2.
    replace(
        AXIS_MISSING,
        message=r"^Input 0 (?:is incompatible with layer|of layer) (?P<layer>\w{1,80})"
        r"(?: is incompatible with the layer)?: expected ndim=3, found ndim=(?P<got>[12])\b",
        what="`{layer}` reads three axes: batch, timesteps, features. It got {got:axis}.",
        why="A layer without `return_sequences` leaves the timesteps out. And an axis of size 1 "
        "stays: one number at each timestep is features 1.",
        instead=lines(
            LAYER_BELOW.format(last="units"),
            "x[..., None]  # if x is (batch, timesteps)",
            "x[None]  # if x is one sequence, (timesteps, features)",
        ),
    ),
    replace(
        AXIS_TOO_MANY,
        message=r"^Input 0 (?:is incompatible with layer|of layer) (?P<layer>\w{1,80})"
        r"(?: is incompatible with the layer)?: expected ndim=3, found ndim=(?P<got>[4-9])\b",
        what="`{layer}` reads three axes: batch, timesteps, features. It got {got:axis}.",
        why="A shape that is given to a layer has no batch: (timesteps, features).",
        instead=lines(
            "keras.Input((timesteps, features))  # without the batch",
            "x.reshape(*x.shape[:2], -1)  # if all that follows the timesteps is features",
        ),
    ),
    replace(
        AXIS_MISSING,
        read="How do I batch sequences of different lengths",
        message=AXES_2,
        when=_of_lists,
        what="`{layer}` wants {wanted:axis}. It got `{got}`.",
        why="Keras 2 added the last axis to an array of one axis. So it may be an array of lists, "
        "one for each sequence, of unequal lengths.",
        instead=lines(
            "x = keras.utils.pad_sequences(sequences, padding='post', dtype='float32')  # if x was "
            "made of sequences of unequal lengths",
            "x[None]  # if x is one sequence, (timesteps, features)",
        ),
    ),
    replace(
        AXIS_MISSING,
        read="How do I make sequences of a table",
        message=AXES_2,
        when=_of_table,
        what="`{layer}` wants {wanted:axis}. It got `{got}`.",
        why="For a recurrent layer they are batch, timesteps, features.",
        instead=lines(
            "x[None]  # if x is one sequence, (timesteps, features)",
            "x[..., None]  # if x is (batch, timesteps)",
        ),
    ),
    replace(
        AXIS_TOO_MANY,
        message=AXES_2,
        when=lambda found, error: _of_input(found, error) and not _missing(found),
        what="`{layer}` wants {wanted:axis}. It got `{got}`.",
        rule=added_axis,
    ),
    replace(
        SHAPE_OF_2, when=lambda found, error: _of_input(found, error) and not _of_rows(found, error)
    ),
    replace(
        SHAPE_OF_2,
        read="How do I make sequences of a table",
        when=lambda found, error: _of_input(found, error) and _of_rows(found, error),
    ),
    replace(
        TARGET,
        read="Do I need a label for every timestep",
        message=AXES_2,
        when=_of_target,
        rule=_other_axes,
        what="The output `{layer}` has {wanted:axis}. The target is `{got}`.",
        instead="{lines}",
    ),
    replace(
        TARGET,
        message=SHAPE_2,
        when=_of_target,
        rule=_of_target_shape,
        what="The output `{layer}` is `{wanted}`. The target is `{got}`.",
        instead="{lines}",
    ),
    Known(
        name="A sequence where one vector belongs",
        read="How can the output have another length",
        message=OF_LAYER(r"repeat_vector\w{0,40}") + f"2, found ndim=3{SHAPE}{TUPLED('shape')}",
        what="`{layer}` repeats one vector for each sequence, (batch, units). It got {shape}.",
        why="A layer with `return_sequences` hands on every output. One is to be repeated.",
        axes={"shape": ("batch", "timesteps", "units")},
        instead="keras.layers.LSTM(units)  # the layer below, without return_sequences",
        again=keras_below,
    ),
    Known(
        name="The batch axis is missing",
        read="Does the shape include the batch",
        message=r"[Ee]xpected shape.\((?P<wanted>None, (?P<one>[^()\n]{0,99}))\),[^()\n]{0,99}"
        r"shape.\((?P=one)\)",
        what="The model reads {wanted}. It got `({one})`, the same without the batch.",
        why="A model always reads a batch. One sequence is batch 1.",
        axes={"wanted": INPUT},
        instead="x[None]",
        again=keras_layer,
    ),
    replace(OTHER_SHAPE, when=_of_three_axes),
    replace(OTHER_SHAPE, read="How do I make sequences of a table", when=_of_rows),
    # Features and units.
    replace(
        OTHER_FEATURES,
        raised="ValueError",
        message=r"expected axis -1 of input shape to have value (?P<wanted>\d+), but[^()\n]{0,99}"
        r"(?P<full>\((?:\w{1,9}, ){1,9}(?P<got>\d{1,9})\))",
        instead="keras.layers.Dense(units)  # a new layer, if features {got} is right",
        again=keras_layer,
    ),
    replace(
        OTHER_FEATURES,
        raised="InvalidArgumentError ValueError RuntimeError TypeError",
        message=PRODUCT,
        instead="keras.layers.{cell}(units)  # a new layer, if features {got} is right",
        again=keras_layer,
        general=True,
    ),
    Known(
        name="States of other units",
        read="Which shape must the first states have",
        raised="InvalidArgumentError ValueError RuntimeError TypeError",
        message=PRODUCT,
        when=_of_state,
        what="The states have units {h}. The layer has units {wanted}.",
        why="A state that a layer starts from is as long as its own, (batch, units).",
        instead="keras.layers.{cell}({h})  # a decoder with the units of its encoder",
        again=keras_layer,
    ),
    # Several tensors where one belongs.
    replace(
        SEVERAL_TENSORS,
        message=f"{RECEIVED} … shape={TUPLED('output')} … "
        r"shape=(?P<state>\(\w{1,9}, (?P<units>\d+)\))",
        again=keras_output,
    ),
    replace(SEVERAL_TENSORS, message=RECEIVED, rule=_several, again=keras_output, general=True),
    replace(ALIKE, message=f"{RECEIVED} … shape={TUPLED('output')} … shape={TUPLED('state')}"),
    replace(ALIKE, message=RECEIVED, general=True),
    # States.
    Known(
        # On PyTorch Keras says no more than that it could not unpack them.
        name="A state with an axis too many",
        read="Which shape must the first states have",
        raised="InvalidArgumentError ValueError RuntimeError",
        message=rf"{IN_CALL}{STATE}(?P<state>\(\w{{1,9}}, \w{{1,9}}, \w{{1,9}}\))",
        what="A state of Keras is (batch, units). It got `{state}`.",
        why="Keras keeps each layer's states apart. An axis for the layers is PyTorch's.",
        instead="lstm(x, initial_state=[h[0], c[0]])  "
        "# of (layers, batch, units), the first layer's",
        again=keras_layer,
    ),
    Known(
        name="One state where two belong",
        read="Which shape must the first states have",
        raised="IndexError",
        message=r"calling LSTM\.call … list index out of range … initial_state=(?!None)",
        what="An LSTM got one state.",
        why="An LSTM has two states, h and c, of one shape. A Bidirectional has two for each "
        "direction, and shares out what it gets.",
        instead="lstm(x, initial_state=[h, c])  # LSTM\n"
        "both(x, initial_state=[forward_h, forward_c, backward_h, backward_c])"
        "  # Bidirectional",
    ),
    Known(
        name="More states than the layer has",
        read="Which shape must the first states have",
        raised="ValueError TypeError",
        message=r"calling (?P<layer>\w{1,40})\.call … (?:Too few leaves|input carry|not pack) … "
        r"(?:expected: |length |Structure had )(?P<got>\d) … "
        r"(?:got: |length |flat_sequence had )(?P<own>\d)",
        what="`{layer}` has {own:state}. It was given {got}.",
        why="What a layer returns begins with its output, the states follow. A Bidirectional "
        "encoder has two for each direction; side by side they are those of a decoder of 2·units.",
        instead="output, *states = encoder(x)\n"
        "h = keras.layers.concatenate([forward_h, backward_h])  # c alike",
    ),
    replace(
        OTHER_BATCH,
        raised="RuntimeError TypeError",
        message=rf"{IN_CALL}(?:size of tensor a|incompatible shapes for broadcasting) … "
        rf"{INPUTS}(?P<x>\d{{1,9}}), … {STATE}\((?P<h>\d{{1,9}}), \d{{1,9}}\)",
        when=lambda found, error: found["x"] != found["h"],
    ),
    replace(
        OTHER_BATCH,
        raised="InvalidArgumentError",
        message=r"Incompatible shapes: \[(?P<x>\d{1,9}),\d{1,9}\] "
        r"vs\. \[(?P<h>\d{1,9}),\d{1,9}\] … "
        r"(?:\{node \S{0,200}(?:lstm|gru|simple_rnn)_cell|(?:LSTM|GRU|SimpleRNN)Cell\.call)",
    ),
    replace(  # of Keras 3.12 and 3.13
        OTHER_BATCH,
        raised="OperatorNotAllowedInGraphError",
        message=rf"{IN_CALL}symbolic `tf\.Tensor` as a Python `bool` … {INPUTS}None, … "
        r"initial_state=None",
        what="The layer is `stateful`. A batch came, most likely the last, that is not as large as "
        "its states.",
        why=STATEFUL,
        instead="x = x[: len(x) // batch * batch]  # whole batches, of the size in `Input`",
    ),
    # What a layer keeps.
    Known(
        name="Another batch than a stateful layer's",
        read="What does stateful need",
        message=r"If an RNN is stateful … Expected batch size: (?P<wanted>\d+) … "
        r"batch size: (?P<got>\d+)",
        what="The layer keeps states for batch {wanted}. It got batch {got}.",
        why=STATEFUL,
        instead="x = x[: len(x) // {wanted} * {wanted}]  # whole batches of {wanted}\n"
        "keras.Input(batch_shape=({got}, None, features))  # if the batch is always {got}",
    ),
    Known(
        name="A stateful layer without a batch size",
        read="What does stateful need",
        message=r"batch size must be static … Found dynamic batch size: … "
        r"\(None, (?P<rest>[^()\n]{0,99})\)",
        what="The layer is `stateful`, and `Input` leaves the batch open.",
        why=f"{STATEFUL} It must know the batch when it is built.",
        instead="keras.Input(batch_shape=(batch, {rest}))",
    ),
    Known(
        name="reset_states is gone",
        read="What changed from Keras 2 to Keras 3",
        raised="AttributeError",
        message=r"^'(?P<model>\w{1,80})' object has no attribute '(?P<method>reset_states?)'",
        when=_of_keras,
        what="`{model}` has no `{method}`.",
        why="In Keras 3 each layer resets its own states.",
        instead="for layer in model.layers:\n"
        "    if getattr(layer, 'stateful', False):\n"
        "        layer.reset_state()",
    ),
    # Settings.
    replace(
        UNKNOWN_KEYWORD,
        raised="ValueError",
        message=r"^Unrecognized keyword arguments passed to (?P<layer>\w{1,80}): "
        r"(?P<given>\{'(?P<word>\w{1,80})': [^\n]{0,300})",
        rule=_keyword,
    ),
    # Targets.
    replace(
        TARGET,
        message=TARGET_SHAPE,
        rule=_of_loss,
        general=True,
        what="The target is `{target}`, the output is `{output}`.",
        why="{why}",
        instead="{lines}",
    ),
    replace(
        TARGET,
        read="Which loss takes which target",
        message=rf"^Shapes {TUPLED('target')} and {TUPLED('output')} are incompatible",
        rule=_of_loss,
        what="The target is `{target}`, the output is `{output}`.",
        why="{why}",
        instead="{lines}",
    ),
    replace(
        TARGET,
        message=r"^`?logits`? and `?labels`? must have the same shape,?(?: received)? "
        rf"\({TUPLED('output')} vs {TUPLED('target')}\)",
        what="The target is `{target}`, the output is `{output}`.",
        why=f"{NUMBER_BY_NUMBER} {BY_TIMESTEP}",
        instead=lines(IF_LAST, IF_EVERY, IF_SIZE),
    ),
    replace(
        MET,
        raised="InvalidArgumentError",
        message=r"Incompatible shapes: \[(?P<one>[^\]\n]{0,99})\] "
        r"vs\. \[(?P<other>[^\]\n]{0,99})\] … "
        r"(?:node \S{0,200}(?:compile_loss|mean_squared_error|mean_absolute_error|crossentropy)"
        r"|Op:SquaredDifference\])",
        rule=_met,
        what="In the loss, `({one})` met `({other})`.",
    ),
    replace(
        MET,
        raised="TypeError ValueError",
        message=r"\A(?:\w{1,40} got i|I)ncompatible shapes for broadcasting: "
        r"(?:shapes=\[)?\((?P<one>[^()\n]{0,99})\), \((?P<other>[^()\n]{0,99})\)",
        when=_in_training,
        rule=_met,
        what="In the loss or a metric, `({one})` met `({other})`.",
    ),
    replace(
        MET,
        raised="RuntimeError",
        message=r"\AThe size of tensor a \((?P<one>\d{1,9})\) must match the size of tensor b "
        r"\((?P<other>\d{1,9})\) at non-singleton dimension (?P<axis>\d)",
        when=_in_training,
        rule=_met,
        what="In the loss or a metric, size {one} met size {other} on axis {axis}.",
    ),
)
