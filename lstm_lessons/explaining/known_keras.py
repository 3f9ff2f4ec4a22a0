"""The kinds of errors of Keras, as data. So it is long: each kind is an entry of its own.

What a layer's call raises, Keras says in other words on each of its backends.
"""

import ast
from dataclasses import replace

from ..rule import expected
from ..snippets import call
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
)
from .repeated import keras_below, keras_layer, keras_output
from .tracebacks import frames, given, home, made
from .watching import is_there, reader_of

SETTINGS = ("return_sequences", "return_state", "go_backwards", "stateful", "dropout", "unroll")
TRAINING = ("fit", "evaluate", "train_on_batch", "test_on_batch")

# Pieces of messages.

TUPLED = r"(?P<{}>\([^()\n]{{0,99}}\))".format  # a written shape
OF_LAYER = r"layer ['\"](?P<layer>{})['\"] is incompatible with the layer: expected ndim=".format
NDIM = OF_LAYER(r"(?:(?!1d)[^'\"\n]){1,80}")
SHAPE = r"\. Full shape received: "
IN_CALL = r"calling (?:LSTM|GRU|SimpleRNN)(?:Cell)?\.call … "
INPUTS = r"(?:sequences|sequence|inputs)=[^\d\n]{0,60}\("
STATE = r"(?:initial_state|states)=[^\d\n]{0,60}"
PRODUCT = (
    r"calling (?P<cell>LSTM|GRU|SimpleRNN)(?:Cell)?\.call … "
    r"(?:In\[0\]: \[|shapes: \[|multiplied \(|the same shape, got \()(?:\d{1,9}[,x] ?)?"
    r"(?P<got>\d{1,9})[\]),]{0,2}(?:,| and) (?:In\[1\]: )?[\[(]?(?P<wanted>\d{1,9})"
    rf"(?:[,x](?P<columns>\d{{1,9}}))? … {INPUTS}(?:\w{{1,9}}, ){{1,2}}(?P<x>\d{{1,9}})\) … "
    rf"(?:initial_state=None|{STATE}\(\w{{1,9}}, (?P<h>\d{{1,9}})\))"
)
RECEIVED = (
    r"^Layer ['\"](?P<layer>[^'\"\n]{1,80})['\"] expect(?:s 1 input\(s\), but it received"
    r"|ed 1 input\(s\)\. Received) (?P<got>\d{1,9}) (?:input tensors|instead)"  # Keras 3.3 to 3.9
)

# What the traceback shows.


def _below(error):
    return reader_of("keras").source(given(error, "x")) if is_there("keras") else None


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
STATEFUL = "A `stateful` layer keeps its states from call to call, one for each sequence."

AXIS_MISSING = Known(
    name="An axis is missing",
    what="`{layer}` reads three axes: batch, timesteps, features. It got {got}.",
)
SEVERAL_TENSORS = Known(
    name="Several tensors where one belongs",
    what="`{layer}` reads one tensor. It got {got}: `{output}`, then states {state}.",
    why="A layer with `return_state` returns its output and its states, in one tuple.",
    axes={"state": ("batch", "units")},
    instead=lines(
        OUTPUT_FIRST,
        "keras.layers.LSTM({units})  # inside a Sequential: without return_state",
        "lstm(x, initial_state=states)  # if the first is the input, the others its states",
    ),
)
OTHER_BATCH = Known(
    name="States of another batch",
    what="x has batch {x}, the states have batch {h}.",
    why=f"{STATEFUL} States that are handed over have the batch of x.",
    instead="x = x[: len(x) // {h} * {h}]  # if stateful: whole batches of {h}\n"
    "lstm(x, initial_state=[h, c])  # if handed over: h and c of batch {x}",
)
TARGET = Known(
    name="A target that does not fit the output",
    why=f"The target must have the shape of the output. {STATEFUL}",
    instead=lines(
        IF_LAST, "x, y = x[: len(x) // batch * batch], y[: len(x) // batch * batch]  # if stateful"
    ),
)

KINDS = (
    # Axes.
    Known(
        name="A layer below without return_sequences",
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
        message=f"{NDIM}3, found ndim=[4-9]{SHAPE}{TUPLED('got')}",
        rule=added_axis,
        instead=lines(
            AXIS_TOO_MANY.instead,
            "keras.layers.TimeDistributed(keras.layers.Flatten())  # the same as a layer",
        ),
        general=True,
        again=keras_layer,
    ),
    Known(
        name="A sequence where one vector belongs",
        message=OF_LAYER(r"repeat_vector\w{0,40}") + f"2, found ndim=3{SHAPE}{TUPLED('shape')}",
        what="`{layer}` repeats one vector for each sequence, (batch, units). It got {shape}.",
        why="A layer with `return_sequences` hands on every output. One is to be repeated.",
        axes={"shape": ("batch", "timesteps", "units")},
        instead="keras.layers.LSTM(units)  # the layer below, without return_sequences",
        again=keras_below,
    ),
    Known(
        name="The batch axis is missing",
        message=r"[Ee]xpected shape.\((?P<wanted>None, (?P<one>[^()\n]{0,99}))\),[^()\n]{0,99}"
        r"shape.\((?P=one)\)",
        what="The model reads {wanted}. It got `({one})`, the same without the batch.",
        why="A model always reads a batch. One sequence is batch 1.",
        axes={"wanted": INPUT},
        instead="x[None]",
        again=keras_layer,
    ),
    Known(
        name="Another shape than the model's Input",
        message=r"[Ee]xpected shape.\((?P<wanted>None[^()\n]{0,99})\),[^()\n]{0,99}"
        r"shape.\((?P<got>[^()\n]{0,99}?(?P<last>\d{1,9}))\)",
        what="The model was made for {wanted}. It got {got}.",
        why="`Input` fixes each size that it names. Only `None` is open.",
        axes={"wanted": INPUT, "got": INPUT},
        swap="x.swapaxes(1, 2)  # if timesteps and features have changed places",
        instead="x[..., None]  # if x is (batch, timesteps)\n"
        "keras.Input((None, {last}))  # in a new model, for any number of timesteps",
        general=True,
        again=keras_layer,
    ),
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
    # States.
    Known(
        # On PyTorch Keras says no more than that it could not unpack them.
        name="A state with an axis too many",
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
        raised="ValueError TypeError",
        message=r"calling (?P<layer>\w{1,40})\.call … (?:Too few leaves|input carry|not pack) … "
        r"(?:expected: |length |Structure had )(?P<got>\d) … "
        r"(?:got: |length |flat_sequence had )(?P<own>\d)",
        what="`{layer}` has {own} states. It was given {got}.",
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
    # What a layer keeps.
    Known(
        name="Another batch than a stateful layer's",
        message=r"If an RNN is stateful … Expected batch size: (?P<wanted>\d+) … "
        r"batch size: (?P<got>\d+)",
        what="The layer keeps states for batch {wanted}. It got batch {got}.",
        why=STATEFUL,
        instead="x = x[: len(x) // {wanted} * {wanted}]  # whole batches of {wanted}\n"
        "keras.Input(batch_shape=({got}, None, features))  # if the batch is always {got}",
    ),
    Known(
        name="A stateful layer without a batch size",
        message=r"batch size must be static\. Found dynamic batch size: … "
        r"\(None, (?P<rest>[^()\n]{0,99})\)",
        what="The layer is `stateful`, and `Input` leaves the batch open.",
        why=f"{STATEFUL} It must know the batch when it is built.",
        instead="keras.Input(batch_shape=(batch, {rest}))",
    ),
    Known(
        name="reset_states is gone",
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
        message=r"^Arguments? … `output` must have … "
        rf"target\.shape={TUPLED('target')}, output\.shape={TUPLED('output')}",
        what="The target is `{target}`, the output is `{output}`.",
        why="`categorical_crossentropy` compares a row with a row, the `sparse_` one a row with "
        "the number of a class. With `return_sequences` there is a row for each timestep.",
        instead=lines(
            "loss = 'sparse_categorical_crossentropy'  # if the target holds numbers of classes",
            "loss = 'categorical_crossentropy'  # if the target is one-hot",
            IF_LAST,
            "keras.layers.LSTM(units, return_sequences=True)  # if each timestep has one",
        ),
    ),
    replace(
        TARGET,
        raised="InvalidArgumentError",
        message=r"Incompatible shapes: \[(?P<one>[^\]\n]{0,99})\] "
        r"vs\. \[(?P<other>[^\]\n]{0,99})\] … node \S{0,200}compile_loss",
        what="In the loss, `({one})` met `({other})`.",
    ),
    replace(
        TARGET,
        raised="TypeError ValueError",
        message=r"\A(?:\w{1,40} got i|I)ncompatible shapes for broadcasting: "
        r"(?:shapes=\[)?\((?P<one>[^()\n]{0,99})\), \((?P<other>[^()\n]{0,99})\)",
        when=_in_training,
        what="In the loss or a metric, `({one})` met `({other})`.",
    ),
    replace(
        TARGET,
        raised="RuntimeError",
        message=r"\AThe size of tensor a \((?P<one>\d{1,9})\) must match the size of tensor b "
        r"\((?P<other>\d{1,9})\) at non-singleton dimension (?P<axis>\d)",
        when=_in_training,
        what="In the loss or a metric, size {one} met size {other} on axis {axis}.",
    ),
)
