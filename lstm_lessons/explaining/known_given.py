"""Kinds of errors, as data, of what layers are made of and given.

Cells, sizes that are no whole numbers, arrays, tensors without numbers, masks, layers in front of
and behind a recurrent one. So it is long.
"""

import ast
from dataclasses import replace

from ..nests import leaves
from .known import OTHER_FEATURES, OUTPUT_FIRST, Known, lines, sizes
from .repeated import keras_layer, torch_layer, torch_states
from .states import of_no_tensor, of_one_timestep
from .tracebacks import (
    RECURRENT,
    frames,
    function,
    given,
    in_framework,
    in_layer,
    learners,
    of_torch,
    over_timesteps,
    several,
    value,
    written,
)

CELLS = ("LSTMCell", "GRUCell", "RNNCell")
LAYER_FOR_CELL = Known(
    name="A layer where a cell belongs",
    read="What is the difference between a cell and a layer",
    what="`RNN` runs `{layer}` as its cell, and that is a layer.",
    why="`RNN` hands its cell one timestep, (batch, features). A layer has a cell inside and runs "
    "over the timesteps itself.",
    instead=lines(
        "keras.layers.LSTM(units)  # the layer alone, a GRU alike",
        "keras.layers.RNN(keras.layers.LSTMCell(units))  # or its cell in RNN",
    ),
)

# What the traceback shows.


def _cell(found, error):
    """Return the class of the cell of PyTorch that ran."""
    cell = given(error, "self")
    kind = type(cell).__name__
    return {"layer": kind} if in_layer(error, *CELLS) and kind in CELLS else None


def _pairs(found, error):
    """Return whether a list of tuples that no layer returned was to be joined: of pairs of a data
    set, such as (x, y).
    """
    if any(one.f_code.co_name == "pad_sequence" for one, _, there in frames(error) if there):
        return True
    calls = [(one.args[0], frame) for one, frame in written(error, ast.Call) if one.args]
    lists = [value(node, frame) for node, frame in calls]
    first = next((one[0] for one in lists if isinstance(one, (list, tuple)) and one), None)
    return isinstance(first, tuple) and not _returned(first)


def _returned(pair):
    """Return whether a tuple may be what a layer of PyTorch returns: its output and its states."""
    output, states = pair if len(pair) == 2 else (None, None)
    axes = len(getattr(output, "shape", ()))
    return axes > 1 and (isinstance(states, tuple) or len(getattr(states, "shape", ())) == axes)


def _read(found, error):
    """Return whether it was x of a recurrent layer or a cell, and not its state."""
    return in_layer(error, *RECURRENT["torch"]) and not of_no_tensor(found, error)


def _packed_states(found, error):
    """Return the batch of a packed x and that of its states, if they differ."""
    batches, states = given(error, "batch_sizes"), leaves(given(error, "hx"))
    if not in_layer(error, "RNNBase") or batches is None or not states:
        return None
    x, state = int(batches[0]), tuple(states[0].shape)
    if len(state) != 3 or state[1] == x:
        return None
    return {"x": x, "h": state[1], "zeros": str((state[0], x, state[2]))}


def _uncalled(found, error):
    """Return what is said of a layer that the learner's own line unpacks; None of another."""
    if not found["layer"] and in_framework(error) is not False:
        return None
    return {"called": found["layer"] or found["other"]}


def _packing(found, error):
    """Return whether it was pad_packed_sequence that failed."""
    frame, _ = learners(error)
    calls = [ast.unparse(node.func) for node, _ in written(error, ast.Call)] if frame else []
    return any(name.endswith("pad_packed_sequence") for name in calls)


def _of_states(found, error):
    """Return whether a tuple of states, of one shape, was used as a tensor."""
    states = getattr(error, "obj", None)
    return several(states) and len({tuple(one.shape) for one in leaves(states)}) == 1


def _squeezed(found, error):
    """Return whether squeeze() without an axis stands in the learner's function or cell."""
    frame, line = learners(error)
    tree = function(frame) if frame else None
    calls = [one for one in ast.walk(tree) if isinstance(one, ast.Call)] if tree else []
    return any(
        isinstance(one.func, ast.Attribute)
        and one.func.attr == "squeeze"
        and not one.args
        and not one.keywords
        and one.lineno <= line
        for one in calls
    )


def _of_list(lines, found, error):
    """Return the lines without what is for lists alone, unless such a one was given, not seen."""
    seen = found["got"] != "list" or given(error, "input") is not None
    return lines.rpartition("\n")[0] if seen else lines


def _indexed(found, error):
    """Return the indexes on the failing line; none if TimeDistributed took one of its own."""
    return not over_timesteps(error)[0] and written(error, ast.Subscript)


def _mask(found, error):
    """Return the lines for a mask whose axes are not the first two of x."""
    mask, x = sizes(found["mask"]), sizes(found["x"])
    if mask == x[:2] or len(x) != 3:
        return None
    made = "mask = (x != 0).any(-1)  # made of x: True where a timestep is more than padding"
    if mask == x:
        return {"lines": "mask = mask[..., 0]  # if it is the same for each feature"}
    if mask == x[1::-1]:
        return {"lines": lines("mask = mask.T  # if it is (timesteps, batch)", made)}
    return {"lines": made}


def _unjoined(found, error):
    """Return the two shapes of a Concatenate, if one has no timesteps."""
    (one, other) = found["one"], found["other"]
    return len(sizes(one)) != len(sizes(other))


def _float_input(found, error):
    """Return the name of the size if it is a recurrent layer that is being made (PyTorch 2.4)."""
    return {"size": "input_size"} if of_torch(given(error, "self"), "RNNBase") else None


def _float_size(found, error):
    """Return the names of what a size was to be, of a Linear layer that is being made."""
    return {"size": "size"} if of_torch(given(error, "self"), "Linear") else None


# Kinds with more than one message.

NO_WHOLE_NUMBER = Known(
    name="A size that is no whole number",
    read="How many weights does an LSTM have",
    raised="TypeError",
    what="`{size}` was not given a whole number.",
    why="A division makes a float, also where nothing is left over: 14 / 2 is 7.0, 14 // 2 is 7.",
    instead="{size} = int({size})",
)
NO_SIZE = r"^empty\(\)(?:: argument 'size'| received an invalid combination)"
AN_ARRAY = Known(
    name="An array or a list where a tensor belongs",
    read="12. Explain your network",
    raised="AttributeError TypeError",
    what="A layer of PyTorch got `{got}`.",
    why="It reads tensors alone.",
    instead=lines(
        "x = torch.as_tensor(x, dtype=torch.float32)  # if x holds measured numbers",
        "x = torch.as_tensor(x).long()  # if x holds the numbers of words",
        "x = torch.nn.utils.rnn.pad_sequence(x, batch_first=True)  # if x is a list of tensors",
    ),
    again=torch_layer,
)
SYMBOLIC = Known(
    name="A tensor without numbers",
    read="10. An encoder and a decoder",
    why="`Input`, and what a layer makes of it, stands for a batch that comes later. Layers and "
    "`keras.ops` take it.",
)
A_MASK = Known(
    name="A mask of another shape",
    read="What comes out at padded timesteps",
    rule=_mask,
    what="A mask is (batch, timesteps). It is `{mask}`, x is `{x}`.",
    why="A mask says of each timestep whether it is read: one bool, whatever the features.",
    instead="{lines}",
    again=keras_layer,
)
WRAPPED = Known(
    name="A tensor where a layer belongs",
    read="Which states go into a bidirectional layer",
    what="`{layer}` wraps a layer. It got what a layer returns.",
    why="First the layer is wrapped, then it is called.",
)
CHANNELS_FIRST = Known(
    name="Timesteps where channels belong",
    read="How does a convolution feed an LSTM",
    raised="RuntimeError",
    why="It reads (batch, channels, timesteps). A recurrent layer with `batch_first=True` reads "
    "and returns the features last.",
)
TOO_MANY_INDEXES = Known(
    name="An index for an axis that is not there",
    read="Trap 3: an index into h_n",
    what="The index names more axes than the tensor has, {axes}.",
)

CELLS_BATCH = Known(
    name="States of another batch",
    read="Which shape must the first states have",
    raised="RuntimeError",
    message=r"^Input batch size (?P<x>\d{1,9}) doesn't match hidden\d? batch size "
    r"(?P<h>\d{1,9})",
    when=lambda found, error: not of_one_timestep(found, error),
    rule=_cell,
    what="x has batch {x}, the state has batch {h}.",
    why="A cell goes on with the states of the very sequences that it reads: (batch, units).",
    instead="h_0 = torch.zeros({x}, units)  # if nothing is handed on; c_0 alike",
    again=torch_states,
)

KINDS = (
    # Cells.
    replace(
        OTHER_FEATURES,
        message=r"^input has inconsistent input_size: got (?P<got>\d{1,9}),? expected "
        r"(?P<wanted>\d{1,9})",
        rule=_cell,
        swap="",
        instead="torch.nn.{layer}({got}, units)  # if features {got} is right",
        again=torch_layer,
    ),
    CELLS_BATCH,
    replace(
        CELLS_BATCH,
        when=_cell,
        rule=of_one_timestep,
        instead="{lines}",
        again=None,
    ),
    Known(
        name="States of other units",
        read="Which shape must the first states have",
        raised="RuntimeError",
        message=r"^hidden\d? has inconsistent hidden_size: got (?P<got>\d{1,9}),? expected "
        r"(?P<wanted>\d{1,9})",
        rule=_cell,
        what="The state has units {got}. The cell has units {wanted}.",
        why="A state that a cell starts from is as long as its own, (batch, units).",
        instead="torch.nn.{layer}(features, {got})  # a cell with the units of the state",
        again=torch_states,
    ),
    Known(
        name="One state where two belong",
        read="Which shape must the first states have",
        raised="TypeError RuntimeError",
        message=r"^lstm_cell\(\): argument 'hx' \(position 2\) must be tuple of Tensors, not "
        "Tensor|^lstm_cell expects two hidden states",
        what="An LSTM cell did not get two states in a tuple.",
        why="An LSTM has two states, h and c, of one shape.",
        instead="cell(x, (h_0, c_0))",
    ),
    Known(
        name="One state where two belong",
        read="Which shape must the first states have",
        raised="IndexError",
        message=r"calling LSTMCell\.call … list index out of range … states=(?!None)",
        what="An LSTM cell got one state.",
        why="An LSTM has two states, h and c, of one shape.",
        instead="cell(x, [h, c])",
    ),
    Known(
        name="A state with an axis too many",
        read="Which shape must the first states have",
        raised="ValueError RuntimeError",
        message=r"^(?P<layer>LSTM|GRU|RNN)Cell: Expected (?:hidden|hx\[\d\]) to be 1-?D or 2-?D, "
        r"got (?P<got>3-?D)",
        rule=lambda found, error: {"also": "; c_0 alike" * (found["layer"] == "LSTM")},
        what="A state of `{layer}Cell` is (batch, units). It got {got}.",
        why="An axis for the layers is that of nn.{layer}'s states.",
        instead="h_0[0]  # of (layers, batch, units), the first layer's{also}",
        again=torch_states,
    ),
    Known(
        name="A sequence given to a cell",
        read="What is the difference between a cell and a layer",
        raised="InvalidArgumentError ValueError RuntimeError TypeError IndexError",
        message=r"calling (?P<layer>LSTM|GRU|SimpleRNN)Cell\.call … inputs=[^\d\n]{0,60}\("
        r"(?P<got>\w{1,9}, \w{1,9}, \w{1,9})\)",
        what="`{layer}Cell` reads one timestep, (batch, features). It got `({got})`.",
        why="A cell has no axis of timesteps. A layer runs over them, or a loop does.",
        instead=lines(
            "keras.layers.{layer}(units)(x)  # a layer of such cells",
            "keras.layers.RNN(cell)(x)  # a layer of this very cell",
        ),
        again=keras_layer,
    ),
    # States of a packed batch.
    Known(
        name="States of another batch",
        read="Which shape must the first states have",
        raised="RuntimeError",
        message=r"^The size of tensor a \(\d{1,9}\) must match the size of tensor b \(\d{1,9}\)",
        rule=_packed_states,
        what="The packed x has batch {x}, the states have batch {h}.",
        why="Packed or not, in a state axis 1 is the batch: (layers·directions, batch, units).",
        instead="h_0 = torch.zeros{zeros}  # if nothing is handed on; c_0 alike",
        again=torch_states,
    ),
    Known(
        name="A state with an axis too few or too many",
        read="Which shape must the first states have",
        raised="RuntimeError",
        message=r"^Expected hidden(?:\[\d\])? size \((?P<wanted>\d{1,9}, \d{1,9}, \d{1,9})\), "
        r"got \[(?P<got>\d{1,9}, \d{1,9})\]",
        what="A state must be `({wanted})`. It is `({got})`.",
        why="Also of a packed batch a state is (layers·directions, batch, units).",
        instead="h_0[None]  # if there is one layer, of one direction; c_0 alike",
        again=torch_states,
    ),
    # Sizes and settings.
    replace(
        NO_WHOLE_NUMBER,
        message=r"^(?P<size>hidden_size|input_size) should be of type int, got: (?P<got>\w{1,40})",
    ),
    replace(
        NO_WHOLE_NUMBER,
        message=NO_SIZE,
        rule=_float_size,
        what="A size of `Linear` was not given a whole number.",
    ),
    replace(NO_WHOLE_NUMBER, message=NO_SIZE, rule=_float_input),
    replace(
        NO_WHOLE_NUMBER,
        raised="ValueError",
        message=r"^Cannot convert '[^'\n]{0,99}' to a shape\. Found invalid (?:dimension|entry) "
        r"'[^'\n]{1,40}' of type '<class 'float'>'",
        what="A size, such as `units`, was not given a whole number.",
        instead="units = int(units)",
    ),
    Known(
        name="A projection that does not fit",
        read="What does proj_size change",
        message="^proj_size has to be smaller than hidden_size",
        what="`proj_size` must be smaller than `hidden_size`.",
        why="A projection makes h shorter than c.",
        instead=lines(
            "torch.nn.LSTM(features, hidden_size, proj_size=hidden_size // 2)  # for a shorter h",
            "torch.nn.LSTM(features, hidden_size)  # without a projection",
        ),
    ),
    Known(
        name="A projection that does not fit",
        read="What does proj_size change",
        message="^proj_size argument is only supported for LSTM",
        what="Only an LSTM of PyTorch has a `proj_size`.",
        why="In PyTorch a GRU or a plain RNN has no projection of its own.",
        instead="bridge = torch.nn.Linear(units, proj_size)  # behind the layer: bridge(output)",
    ),
    Known(
        name="The units are missing",
        read="How many weights does an LSTM have",
        raised="TypeError",
        message=r"^(?P<layer>LSTM|GRU|SimpleRNN|LSTMCell|GRUCell|SimpleRNNCell)\.__init__\(\) "
        "missing 1 required positional argument: 'units'",
        what="`{layer}` was made without `units`.",
        why="Keras calls them so since its version 2. Before, it was `output_dim`.",
        instead="keras.layers.{layer}(units)",
    ),
    Known(
        name="A layer where a cell belongs",
        read="What is the difference between a cell and a layer",
        message="^Argument `cell` should have a `call` method",
        what="`RNN` was not given a cell.",
        why="`RNN` runs a cell over the timesteps. The units are the cell's.",
        instead="keras.layers.RNN(keras.layers.LSTMCell(units))  # as keras.layers.LSTM(units)",
    ),
    replace(
        LAYER_FOR_CELL,
        message=r"calling RNN\.call … of layer ['\"](?P<layer>[^'\"\n]{1,80})['\"] … "
        "expected ndim=3, found ndim=2",
    ),
    replace(
        LAYER_FOR_CELL,
        message=r"^Shapes used to initialize variables must be fully-defined … "
        r"path='(?:[^'\n]{1,80}/)?rnn(?:_\d{1,9})?/(?P<layer>(?:lstm|gru|simple_rnn)(?:_\d{1,9})?)/"
        r"\w{1,20}_cell/",
    ),
    Known(
        name="cuDNN where it cannot be",
        read="What comes out at padded timesteps",
        message="^use_cudnn=True was specified, but cuDNN is not supported",
        what="`use_cudnn=True` was asked for, and this layer or this machine cannot.",
        why="cuDNN needs a GPU, the usual activations, `recurrent_dropout` 0, `unroll` False and "
        "`use_bias` True, and of a GRU `reset_after` True.",
        instead="keras.layers.{layer}(units)  # use_cudnn='auto' is usual: cuDNN where it can be",
        rule=lambda found, error: {"layer": _layer_of(error)},
        again=keras_layer,
    ),
    Known(
        name="cuDNN where it cannot be",
        read="What comes out at padded timesteps",
        raised="UserWarning",
        message=r"Layer (?P<layer>\w{1,80}) will not use cuDNN kernels since",
        what="`{layer}` runs without cuDNN. Its results are the same, but for rounding; on a GPU "
        "it is slower.",
        why="cuDNN needs the usual activations, `recurrent_dropout` 0, `unroll` False and "
        "`use_bias` True, and of a GRU `reset_after` True.",
        instead="keras.layers.LSTM(units)  # all of these are what it has if nothing is said",
    ),
    Known(
        name="Padding in front, with cuDNN",
        read="How do I batch sequences of different lengths",
        raised="ValueError InvalidArgumentError",
        message="^You are passing a RNN mask that does not correspond to right-padded sequences",
        what="A mask has padding in front of real timesteps, or between them.",
        why="cuDNN reads the real timesteps first, so padding must be behind.",
        instead=lines(
            "x = keras.utils.pad_sequences(sequences, padding='post', dtype='float32')  # behind",
            "keras.layers.LSTM(units, use_cudnn=False)  # if padding must be in front",
        ),
    ),
    Known(
        name="Another batch than a stateful layer's",
        read="What does stateful need",
        raised="InvalidArgumentError",
        message=r"Specified a list with shape \[(?P<wanted>\d{1,9}),(?P<rest>[\d,]{1,60})\] from a "
        r"tensor with shape \[(?P<got>\d{1,9}),(?P=rest)\]",
        what="A recurrent layer that was built for batch {wanted} got batch {got}.",
        why="A `batch_shape` fixes the batch, and the last one holds what is left over.",
        instead=lines(
            "x, y = x[: len(x) // {wanted} * {wanted}], y[: len(x) // {wanted} * {wanted}]"
            "  # whole batches of {wanted}",
            "keras.Input((None, features))  # in a new model, for any batch, if it is not stateful",
        ),
    ),
    # Arrays, lists, tensors without numbers.
    replace(
        AN_ARRAY,
        message=r"^'(?P<got>numpy\.ndarray|list)' object has no attribute 'dim'",
        when=_read,
        fitted=_of_list,
        general=True,  # of a list of tensors more is known
    ),
    replace(
        AN_ARRAY,
        message=r"^\w{1,40}\(\): argument '(?:input|indices)' \(position \d\) must be Tensor, not "
        r"(?P<got>numpy\.ndarray|list)",
        fitted=_of_list,
        general=True,
    ),
    replace(
        SYMBOLIC,
        message="^A KerasTensor cannot be used as input to a TensorFlow function",
        what="A function of TensorFlow was given a tensor of Keras that has no numbers.",
        instead=lines(
            "keras.ops.sum(output, axis=1)  # in place of tf.reduce_sum; others are called alike",
            "model = keras.Model(inputs, output)  # or first a model, then model(x) has numbers",
        ),
    ),
    replace(
        SYMBOLIC,
        message="^A KerasTensor is symbolic … You cannot convert it to a NumPy array",
        what="NumPy was given a tensor of Keras that has no numbers.",
        instead=lines(
            "keras.ops.mean(output)  # in place of np.mean; others are called alike",
            "model = keras.Model(inputs, output)  # or first a model, then model.predict(x)",
        ),
    ),
    replace(
        SYMBOLIC,
        raised="TypeError",
        message="^A symbolic KerasTensor cannot be used as a boolean",
        what="A condition was made of a tensor of Keras that has no numbers.",
        instead=lines(
            "output = output if output is not None else x  # if it asks whether there is one",
            "keras.ops.where(output > 0, output, 0)  # if it is about each number",
        ),
    ),
    # What wraps and what holds layers.
    replace(
        WRAPPED,
        message=r"^Please initialize `(?P<layer>Bidirectional)` layer with a "
        r"`keras\.layers\.Layer` instance",
        instead="keras.layers.Bidirectional(keras.layers.LSTM(units))(x)",
    ),
    replace(
        WRAPPED,
        message=r"^Please initialize `(?P<layer>TimeDistributed)` layer with a "
        r"`keras\.layers\.Layer` instance",
        instead="keras.layers.TimeDistributed(keras.layers.Dense(units))(x)",
    ),
    Known(
        name="Layers that are not in a list",
        read="What is the difference between a cell and a layer",
        raised="TypeError",
        message="^'(?P<layer>LSTM|GRU|SimpleRNN|Bidirectional|RNN)' object is not iterable",
        when=lambda found, error: in_framework(error),
        what="`{layer}` was given where a list of layers belongs.",
        why="`keras.Sequential` reads a list, also of one.",
        instead="keras.Sequential([layer])",
    ),
    Known(
        name="A layer that is not called",
        read="What comes back with return_state",
        raised="TypeError",
        message=r"^(?:cannot unpack non-iterable (?P<layer>LSTM|GRU|RNN|SimpleRNN|Bidirectional) "
        r"object|'(?P<other>LSTM|GRU|RNN|SimpleRNN|Bidirectional)' object is not iterable)",
        rule=_uncalled,
        what="`{called}` itself was to be unpacked, as if it were what it returns.",
        why="A layer returns something when it is called with an x.",
        instead="output, *states = layer(x)",
    ),
    Known(
        name="Layers in a list",
        read="A stack in PyTorch",
        raised="TypeError",
        message="^list is not a Module subclass",
        what="A list was given where a layer belongs.",
        why="`nn.Sequential` of PyTorch takes its layers one by one.",
        instead="torch.nn.Sequential(*layers)",
    ),
    Known(
        name="A network that is not begun",
        read="A stack in PyTorch",
        raised="AttributeError",
        message=r"^cannot assign module before Module\.__init__\(\) call",
        what="A layer was kept in a network of PyTorch before the network itself was made.",
        why="`nn.Module` must be made first, to know its layers.",
        instead="super().__init__()  # as the first line of __init__",
    ),
    Known(
        name="A layer that was never called",
        read="10. An encoder and a decoder",
        raised="AttributeError ValueError",  # Keras 3.5 raises the other one
        message=r"^The layer (?P<layer>[\w/.]{1,80}) has never been called and thus has no defined "
        "(?P<word>input|output)",
        what="`{layer}` has no `{word}` yet.",
        why="Tensors without numbers come into being when a layer is called on an `Input`.",
        instead=lines(
            "output = layer(keras.Input((timesteps, features)))  # then layer.{word} is there",
            "keras.Sequential([keras.Input((timesteps, features)), layer])  # as a model",
        ),
    ),
    # TorchScript.
    Known(
        name="A pair of states in TorchScript",
        read="Which shape must the first states have",
        raised="RuntimeError",
        message=r"Expected a value of type 'Optional\[Tuple\[Tensor, Tensor\]\]' for argument 'hx' "
        "but instead found type '(?P<got>[^'\\n]{1,80})",
        what="To TorchScript the states of an LSTM are a pair of tensors. They were `{got}`.",
        why="Where no type is written, TorchScript takes an argument for a Tensor.",
        instead="state: tuple[torch.Tensor, torch.Tensor] | None = None  # among the arguments of "
        "forward",
        tells=True,
    ),
    Known(
        name="A scripted layer called alone",
        read="12. Explain your network",
        raised="AttributeError",
        message="^'RecursiveScriptModule' object has no attribute 'forward'",
        what="An LSTM or a GRU that was scripted alone has no single `forward`.",
        why="It has two, for tensors and for packed ones. A module around it chooses.",
        instead="torch.jit.script(torch.nn.Sequential(lstm))(x)",
    ),
    # Packing.
    Known(
        name="What is not packed",
        read="What may follow a packed sequence",
        raised="AttributeError",
        message="^'(?P<got>Tensor|tuple)' object has no attribute 'batch_sizes'",
        when=_packing,
        what="`pad_packed_sequence` reads a PackedSequence. It got a {got}.",
        why="A recurrent layer returns one where it was given one, as the first of its tuple.",
        instead=lines(
            "output, states = layer(packed)  # packed by pack_padded_sequence",
            "output, lengths = torch.nn.utils.rnn.pad_packed_sequence(output, batch_first=True)"
            "  # then it is unpacked",
        ),
    ),
    # A tuple for a tensor.
    Known(
        name="A pair of states where a tensor belongs",
        read="Does a GRU return the same",
        raised="AttributeError",
        message="^'tuple' object has no attribute '(?P<word>detach|detach_|clone|cpu|cuda|to|"
        "half|float|double)'",
        when=_of_states,
        what="`{word}` is a tensor's. What it was called on is a tuple of states.",
        why="An LSTM of PyTorch has its two states in a tuple: (h_n, c_n).",
        instead="states = tuple(one.detach() for one in states)  # detach, or what else it was",
    ),
    Known(
        name="A tuple where a tensor belongs",
        read="What comes back with return_state",
        raised="TypeError",
        message=r"^expected Tensor as element \d{1,9} in argument 0, but got tuple",
        when=lambda found, error: not _pairs(found, error),
        what="Among the tensors that were to be joined is a tuple.",
        why="A recurrent layer of PyTorch returns its output and its states in a tuple.",
        instead=OUTPUT_FIRST,
    ),
    Known(
        name="A tuple where a tensor belongs",
        read="How do I batch sequences of different lengths",
        raised="TypeError",
        message=r"^expected Tensor as element \d{1,9} in argument 0, but got tuple",
        when=_pairs,
        what="Among the tensors that were to be joined is a tuple.",
        why="A data set gives tuples, such as (x, y), and `collate_fn` gets a list of them. Only "
        "tensors can be joined.",
        instead=lines(
            "sequences, targets = zip(*batch)  # of pairs, in collate_fn",
            "x = torch.nn.utils.rnn.pad_sequence(sequences, batch_first=True)",
        ),
    ),
    Known(
        name="Tensors that are not in a list",
        read="Why can nothing follow an LSTM in Sequential",
        raised="TypeError",
        message=r"^(?P<layer>cat|stack)\(\)(?:: argument 'tensors' \(position 1\) must be tuple of "
        r"Tensors, not Tensor| received an invalid combination of arguments - got \(Tensor\b)",
        what="`torch.{layer}` reads a list of tensors. It got one tensor.",
        why="What is joined stands in a list, the axis behind it.",
        instead="torch.cat([h_n[-2], h_n[-1]], -1)  # say, of two directions",
    ),
    # Axes.
    Known(
        name="Two axes are missing",
        read="How do I make sequences of a table",
        message="^(?P<layer>LSTM|GRU|RNN): Expected input to be 2D or 3D, got 1D",
        what="`{layer}` reads (timesteps, features), or three axes with the batch. It got one.",
        why="An axis of size 1 stays: one number at each timestep is features 1.",
        instead=lines(
            "x[:, None]  # if x is one sequence of single numbers",
            "x[None]  # if x is one timestep",
        ),
        again=torch_layer,
    ),
    Known(
        name="Two axes are missing",
        read="How do I make sequences of a table",
        message=r"layer ['\"](?P<layer>(?!conv)[^'\"\n]{1,80})['\"] is incompatible with the "
        r"layer: expected ndim=3, found ndim=1 … Full shape received: "
        r"(?P<got>\((?!None)\d{1,9},\))",
        what="`{layer}` reads three axes: batch, timesteps, features. It got `{got}`.",
        why="An axis of size 1 stays: one sequence is batch 1, one number at each timestep is "
        "features 1.",
        instead=lines(
            "x[None, :, None]  # if x is one sequence of single numbers",
            "x[None, None]  # if x is one timestep of one sequence",
        ),
        again=keras_layer,
    ),
    Known(
        name="A batch of 1 squeezed away",
        read="Why does a batch of one fail",
        raised="IndexError",
        message="^(?:Dimension out of range|too many indices for tensor of dimension)",
        when=_squeezed,
        what="A tensor has fewer axes than the line reads, and `squeeze()` stands before.",
        why="`squeeze()` drops each axis of size 1: a batch of 1, too.",
        instead="x.squeeze(-1)  # names the one axis that goes",
    ),
    replace(
        TOO_MANY_INDEXES,
        raised="IndexError",
        message=r"^too many indices for tensor of dimension (?P<axes>\d)",
        when=_indexed,
        why="What an index took away is gone: `output[:, -1]` and `h_n[-1]` are (batch, units).",
        instead="output[:, -1]  # of (batch, timesteps, units), once",
        general=True,
    ),
    replace(
        TOO_MANY_INDEXES,
        raised="InvalidArgumentError ValueError",
        message=r"Index out of range using input dim \d; input has only (?P<axes>\d) dims",
        when=_indexed,
        why="A recurrent layer of Keras without `return_sequences` returns (batch, units): its "
        "last output already.",
        instead=lines(
            "keras.layers.LSTM(units, return_sequences=True)(x)[:, -1]  # of all, the last",
            "keras.layers.LSTM(units)(x)  # the same at once",
        ),
    ),
    replace(
        A_MASK,
        raised="InvalidArgumentError OutOfRangeError IndexError ValueError RuntimeError TypeError",
        message=r"calling (?:LSTM|GRU|SimpleRNN)\.call … sequences=[^(\n]{1,60}\(shape="
        r"(?P<x>\([^()\n]{0,99}\)) … mask=[^(\n]{1,60}\(shape=(?P<mask>\([^()\n]{0,99}\))",
    ),
    Known(
        name="Unequal numbers of axes in a Concatenate",
        read="How are two inputs joined",
        message=r"^A `Concatenate` layer requires inputs with matching shapes … "
        r"input_shape=\[(?P<one>\([^()\n]{0,99}\)), (?P<other>\([^()\n]{0,99}\))\]",
        when=_unjoined,
        what="`Concatenate` joins tensors of equally many axes. It got `{one}` and `{other}`.",
        why="A recurrent layer of Keras returns (batch, timesteps, units) with "
        "`return_sequences`, a state is (batch, units).",
        instead=lines(
            "keras.layers.concatenate([output, keras.layers.RepeatVector(output.shape[1])(state)])"
            "  # if output and state are joined at each timestep",
            "keras.layers.concatenate([output[:, -1], state])  # if at the last one",
        ),
    ),
    # Layers beside a recurrent one.
    replace(
        CHANNELS_FIRST,
        message=r"^Given groups=\d{1,9}, weight of size \[\d{1,9}, (?P<wanted>\d{1,9}), \d{1,9}\], "
        r"expected input\[[\d, ]{1,40}\] to have \d{1,9} channels, but got (?P<got>\d{1,9}) ",
        when=lambda found, error: in_layer(error, "Conv1d"),
        what="`Conv1d` was made for {wanted} channels. What it got has {got} on axis 1.",
        instead="conv(x.transpose(1, 2)).transpose(1, 2)  # if x is (batch, timesteps, features)",
    ),
    replace(
        CHANNELS_FIRST,
        message=r"^running_mean should contain (?P<got>\d{1,9}) elements not (?P<wanted>\d{1,9})",
        when=lambda found, error: in_layer(error, "BatchNorm1d"),
        what="`BatchNorm1d` was made for {wanted} channels. What it got has {got} on axis 1.",
        instead="norm(x.transpose(1, 2)).transpose(1, 2)  # if x is (batch, timesteps, features)",
    ),
    replace(
        OTHER_FEATURES,
        message=r"^Given normalized_shape=\[(?P<wanted>\d{1,9})\], expected input with shape … "
        r"got input of size\[[\d, ]{0,40}?(?P<got>\d{1,9})\]",
        swap="",
        instead="torch.nn.LayerNorm({got})  # if features {got} is right",
    ),
    replace(
        OTHER_FEATURES,
        raised="AssertionError",
        message=r"^was expecting embedding dimension of (?P<wanted>\d{1,9}), but got "
        r"(?P<got>\d{1,9})",
        swap="",
        instead="torch.nn.MultiheadAttention({got}, 1)  # if features {got} is right: heads must "
        "divide it",
    ),
    Known(
        name="A number beyond an Embedding's rows",
        read="Do my vectors need an Embedding",
        raised="InvalidArgumentError",
        message=r"indices\[[\d,]{1,40}\] = (?P<got>-?\d{1,19}) is not in \[0, (?P<rows>\d{1,9})\)",
        when=lambda found, error: "embedding" in str(error).lower(),
        what="The embedding has {rows:row}, 0 to {rows} - 1. It got the number {got}.",
        why="Each number is that of a row in its table. Padding and unknown words need one too.",
        instead="keras.layers.Embedding(int(x.max()) + 1, features)  # if all words are in x",
        again=keras_layer,
        tells=True,
    ),
    Known(
        name="Sequences that are not in a list",
        read="How do I batch sequences of different lengths",
        message="^`sequences` must be a list of iterables",
        what="`pad_sequences` was given numbers where sequences belong.",
        why="It reads a list of sequences, also of one.",
        instead="keras.utils.pad_sequences([sequence])",
    ),
)


def _layer_of(error):
    """Return the class of the recurrent layer of Keras that was called, LSTM if it is not seen."""
    kind = type(next(iter(given(error, "args") or ()), None)).__name__
    return kind if kind in ("LSTM", "GRU", "SimpleRNN") else "LSTM"
