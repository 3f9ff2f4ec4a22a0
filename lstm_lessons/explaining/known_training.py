"""Kinds of errors, as data, of training and of what goes in.

Of both frameworks: the graph of backward, types and devices, sequences of unequal lengths, cells,
embeddings, and what Keras 3 has no more. So it is long.
"""

import ast
from dataclasses import replace

from ..nests import leaves
from .fitting import of_cat, of_films, of_lengths
from .graphs import USUAL, detached
from .known import Known, lines
from .repeated import keras_below, keras_cell, keras_layer, torch_layer, torch_packing, torch_states
from .tracebacks import RECURRENT, given, home, in_layer, written

OPERATIONS = (  # of Keras 2's backend, those that keras.ops calls alike
    *("abs", "argmax", "argmin", "cast", "concatenate", "exp", "expand_dims", "log", "max"),
    *("maximum", "mean", "min", "minimum", "not_equal", "ones", "ones_like", "reshape"),
    *("shape", "sigmoid", "softmax", "sqrt", "square", "squeeze", "stack", "sum", "tanh", "tile"),
    *("transpose", "zeros", "zeros_like"),
)
CONV = {"1": ("columns",), "2": ("rows", "columns"), "3": ("depth", "rows", "columns")}

# What the traceback shows.


def _state(error):
    """Return the input of a recurrent layer of PyTorch and its states, or None if none ran."""
    x, states = given(error, "input"), leaves(given(error, "hx"))
    tensors = [one for one in states if hasattr(one, "dtype")]
    return (x, tensors) if in_layer(error, *RECURRENT["torch"]) and hasattr(x, "dtype") else None


def _gone(found, error):
    """Return the words for what Keras 3 has no more; None for what it never had, or others have."""
    path = found["path"] or found["home"] or found["module"] or ""
    owners = type(error.obj).__mro__ if found["method"] else [path.removeprefix("tensorflow.")]
    if "keras" not in map(home, owners):
        return None
    last = found["method"] or found["word"] or found["name"]
    steps = [one for one in (*path.split("."), last) if one]
    known = next((one for one in steps if one in GONE), "")
    if known:
        why, line = GONE[known]
    elif "backend" in steps and last in OPERATIONS:
        why, line = "Its place is `keras.ops`.", f"keras.ops.{last}(x)  # and the rest as it was"
    else:
        return None
    return {"gone": ".".join(steps), "why": why, "line": line}


def _of_other_type(found, error):
    """Return the types of x and of a state of another type; None if the weights are not of x's."""
    x, states = _state(error) or (None, [])
    if states and x.dtype not in {one.dtype for one in given(error, "self").parameters()}:
        return None
    other = [one for one in states if one.dtype != x.dtype]
    return {"x": x.dtype, "got": other[0].dtype} if other else None


def _in_embedding(found, error):
    """Return how many rows an embedding has, and the numbers that it was given."""
    layer, x = given(error, "self"), given(error, "input")
    if not in_layer(error, "Embedding"):
        return None
    return {"rows": layer.num_embeddings, "least": int(x.min()), "most": int(x.max())}


def _keras_cell(found, error):
    """Return how the states of a Keras cell are written, if it was one that was called."""
    cell = next(iter(given(error, "args") or ()), None)
    kind = type(cell).__name__
    if home(type(cell)) != "keras" or kind not in ("LSTMCell", "GRUCell", "SimpleRNNCell"):
        return None
    return {"cell": kind, "states": "[h, c]" if kind == "LSTMCell" else "[h]"}


def _image(found, error):
    """Return whether what a layer got has four axes, the second of size 1."""
    shape = tuple(given(error, "input").shape)
    return len(shape) == 4 and shape[1] == 1


def _films(found, error):
    """Return the axes that a ConvLSTM of so many dimensions reads."""
    return {"axes": ", ".join(("batch", "timesteps", *CONV[found["dims"]], "channels"))}


def _retained(lines, found, error):
    """Return the lines with what cuts states off first, where retain_graph keeps their graph."""
    words = [word.arg for node, _ in written(error, ast.Call) for word in node.keywords]
    if "retain_graph" not in words:
        return lines
    return f"{detached(error)}; then without retain_graph\n{lines}"


# Kinds with more than one message.

GENERATOR = "`fit`, `evaluate` and `predict` read generators and data sets themselves."
GONE = {  # what Keras 3 has no more: why, and the line to write
    "predict_classes": (
        "A class is the place of the largest score.",
        "model.predict(x).argmax(-1)  # of one sigmoid: model.predict(x) > 0.5",
    ),
    "predict_proba": ("`predict` returns what the last layer does.", "model.predict(x)"),
    "fit_generator": (GENERATOR, "model.fit(generator)"),
    "evaluate_generator": (GENERATOR, "model.evaluate(generator)"),
    "predict_generator": (GENERATOR, "model.predict(generator)"),
    "output_shape": (
        "A layer may have several outputs, and each tensor knows its own shape.",
        "layer.output.shape",
    ),
    "input_shape": (
        "A layer may have several inputs, and each tensor knows its own shape.",
        "layer.input.shape",
    ),
    "TimeseriesGenerator": (
        "A data set of windows takes its place. Target i goes with the window that begins at i.",
        "keras.utils.timeseries_dataset_from_array(x[:-length], y[length:], length)",
    ),
    "text": (
        "A layer takes the place of Tokenizer.",
        "keras.layers.TextVectorization(output_sequence_length=timesteps)",
    ),
    "Tokenizer": (
        "A layer takes its place.",
        "keras.layers.TextVectorization(output_sequence_length=timesteps)",
    ),
    **dict.fromkeys(
        ("recurrent", "embeddings", "core", "merge", "convolutional", "wrappers"),
        ("All layers stand in `keras.layers` itself.", "from keras.layers import LSTM, Dense"),
    ),
    "vis_utils": ("Its functions stand in `keras.utils`.", "keras.utils.plot_model(model)"),
    "np_utils": ("Its functions stand in `keras.utils`.", "keras.utils.to_categorical(y)"),
}
CUDNN = Known(
    name="CuDNN layers are gone",
    read="What changed from Keras 2 to Keras 3",
    what="This Keras has no `CuDNN{layer}`.",
    why="`{layer}` takes its place. It uses cuDNN by itself, where its settings allow that.",
    instead="keras.layers.{layer}(units)",
)
RAGGED = Known(
    name="Sequences of unequal lengths",
    read="How do I batch sequences of different lengths",
    raised="ValueError TypeError",
    what="Lists or arrays of unequal lengths were to be one array.",
    why="An array has one size on each axis.",
    instead=(
        "x = keras.utils.pad_sequences(sequences, padding='post', dtype='float32')"
        "  # if the sequences have unequal lengths: Masking or mask_zero hides the padding"
    ),
)
OBJECTS = replace(
    RAGGED,
    name="An array of objects",
    read="How do I batch sequences of different lengths",
    what="An array of Python's objects was to be a tensor of numbers.",
    why="Sequences of unequal lengths become one where NumPy is told `dtype=object`, and an array "
    "with None or texts in it is one.",
    instead=lines(RAGGED.instead, "x = x.astype('float32')  # if each object is a number"),
)
UNEQUAL_TENSORS = replace(
    RAGGED,
    raised="RuntimeError ValueError",
    what="Sequences of unequal lengths, {one} and {other}, were to be one tensor.",
    why="A tensor has one size on each axis. In a `DataLoader` the place for it is `collate_fn`.",
    instead=(
        "x = torch.nn.utils.rnn.pad_sequence([torch.as_tensor(one) for one in sequences], "
        "batch_first=True)  # if the timesteps are axis 0 of each"
    ),
)

KINDS = (
    # The graph of backward.
    Known(
        name="A second backward through one graph",
        read="How do I carry states from batch to batch",
        raised="RuntimeError",
        message="^Trying to backward through the graph a second time",
        what="`backward` came to a part of the graph that an earlier `backward` had freed.",
        why="A state that is kept from batch to batch may still hang on the graph of the batch "
        "before, two losses may share a part of the graph, or one loss goes backward twice.",
        fitted=lambda lines, found, error: lines.replace(USUAL, detached(error)),
        instead=lines(
            USUAL,
            "(loss + other_loss).backward()  # if two losses share a part: backward once",
        ),
    ),
    Known(
        name="A tensor changed in place",
        read="In PyTorch",
        raised="RuntimeError",
        message="^one of the variables needed for gradient computation has been modified by an "
        "inplace operation",
        what="A tensor that `backward` needs was changed in place after it was used.",
        fitted=_retained,
        why="Writing into a buffer does that, as `states[t] = h` does, and so does `h += 1`. An "
        "optimizer's step changes the weights in place, and with `retain_graph=True` backward goes "
        "on into the batch before the step.",
        instead=lines(
            "states.append(h)  # if states are written in a loop: states = [h_0] before it, or [] "
            "if it reads none; torch.stack(states) behind it",
            "h = h + 1  # if it is h += 1",
            "loss.backward()  # if optimizer.step() ran between the pass and backward: before it",
        ),
    ),
    Known(
        name="Weights in several pieces of memory",
        read="12. Explain your network",
        raised="UserWarning",
        message="^RNN module weights are not part of single contiguous chunk of memory",
        what="The weights of a recurrent layer do not lie in one piece on the GPU.",
        why="cuDNN wants them so, and copies them at each call. `DataParallel`, copies of a "
        "network and changed weights leave them in pieces. The results are the same.",
        instead="lstm.flatten_parameters()  # at the beginning of forward; self.lstm in a module",
    ),
    # Types and devices.
    Known(
        name="A state of another type of numbers",
        read="Which shape must the first states have",
        raised="RuntimeError ValueError",
        message="must have the same dtype|^Input and hidden tensors are not the same dtype"
        "|^expected (?:m1 and m2|scalar type)|^get_mkldnn_dtype: unsupported data type"
        "|^could not create a primitive descriptor for (?:the|an)",
        rule=_of_other_type,
        what="x has dtype `{x}`, a state has dtype `{got}`.",
        why="A layer reckons in one dtype: x, the weights and the states must have the same. "
        "`torch.zeros` makes float32.",
        instead="h_0 = h_0.to(x.dtype)  # c_0 alike",
        again=torch_states,
    ),
    Known(
        name="A state on another device",
        read="Which shape must the first states have",
        raised="RuntimeError",
        message="^Input and hidden tensors are not at the same device, found input tensor at "
        r"(?P<x>[\w:]{1,40}) and hidden tensor at (?P<got>[\w:]{1,40})",
        what="x is on `{x}`, a state is on `{got}`.",
        why="A tensor that is made without `device` is on the CPU.",
        instead="h_0 = h_0.to(x.device)  # c_0 alike",
    ),
    Known(
        name="x on another device than the weights",
        read="12. Explain your network",
        raised="RuntimeError",
        message="^Input and parameter tensors are not at the same device, found input tensor at "
        r"(?P<x>[\w:]{1,40}) and parameter tensor at (?P<got>[\w:]{1,40})",
        what="x is on `{x}`, the weights are on `{got}`.",
        why="A layer does not move what it reads.",
        instead=lines("x = x.to('{got}')", "layer.to('{x}')  # if the layer is on the wrong one"),
    ),
    Known(
        name="Tensors on two devices",
        read="12. Explain your network",
        raised="RuntimeError",
        message="^Expected all tensors to be on the same device|^Tensor on device "
        r"[\w:]{1,40} is not on the expected device [\w:]{1,40}!",
        what="The tensors of one operation are on different devices.",
        why="Nothing is moved by itself: neither x, nor targets, nor what is made in `forward`.",
        instead=lines(
            "x = x.to(next(network.parameters()).device)  # if x is elsewhere; targets alike",
            "network.to(x.device)  # if it is the network",
        ),
    ),
    Known(
        name="A GPU that is not there",
        read="12. Explain your network",
        raised="AssertionError RuntimeError",
        message="^Torch not compiled with CUDA enabled|^Found no NVIDIA driver on your system"
        "|^No CUDA GPUs are available",
        what="A tensor or a network was to go to a GPU, and PyTorch sees none.",
        why="It needs a GPU, its driver, and a PyTorch that was built for it.",
        instead="device = 'cuda' if torch.cuda.is_available() else 'cpu'",
    ),
    Known(
        name="Lengths of another type or device",
        read="Which lengths does packing take",
        raised="RuntimeError",
        message=r"^'lengths' argument should be a 1D CPU int64 tensor, but got (?P<got>[^\n]{1,60})"
        " tensor",
        what="Packing reads its lengths from a 1D int64 tensor on the CPU. It got {got}.",
        why="`lengths` stays on the CPU, also where x is on a GPU.",
        instead=lines(
            "lengths = lengths.cpu()  # if it is on a device",
            "lengths = lengths.long()  # if it is of another type",
            "lengths = lengths.flatten()  # if it has another number of axes",
        ),
        fitted=of_lengths,
        again=torch_packing,
    ),
    Known(
        name="A length of 0",
        read="Which lengths does packing take",
        raised="RuntimeError",
        message="^Length of all samples has to be greater than 0",
        what="A length is 0 or less.",
        why="Packing has no place for a sequence without timesteps.",
        instead=lines(
            "x, lengths = x[lengths > 0], lengths[lengths > 0]"
            "  # without the empty ones, if x has batch first",
            "lengths = lengths.clamp(min=1)  # or reads a timestep of padding",
        ),
        again=torch_packing,
    ),
    # Cells.
    Known(
        name="A sequence given to a cell",
        read="What is the difference between a cell and a layer",
        raised="ValueError RuntimeError",
        message=r"^(?P<layer>LSTM|GRU|RNN)Cell: Expected input to be 1-?D or 2-?D,? "
        r"(?:but )?got (?P<got>\d-?D)",
        what="`{layer}Cell` reads one timestep, (batch, features). It got {got}.",
        why="A cell has no axis of timesteps. A layer runs over them, or a loop does.",
        instead=lines(
            "torch.nn.{layer}(features, units, batch_first=True)(x)  # nn.{layer}(…) reads all "
            "timesteps: if x is (batch, timesteps, features)",
            "state = cell(x[:, 0], state)  # in a loop over the timesteps: 0, 1, …",
        ),
        again=torch_layer,
    ),
    Known(
        name="A cell without states",
        read="What is the difference between a cell and a layer",
        raised="TypeError",
        message="^missing a required argument: 'states'|missing 1 required positional argument: "
        "'states'",
        rule=_keras_cell,
        what="`{cell}` was called without `states`.",
        why="A cell of Keras runs one timestep and keeps nothing. It takes the states as a list "
        "`{states}`, and returns the new ones behind its output.",
        instead=lines(
            "output, states = cell(x, cell.get_initial_state(batch_size=x.shape[0]))  # at first",
            "output, states = cell(x, states)  # then; states is {states}",
        ),
        again=keras_cell,
    ),
    # Embeddings.
    Known(
        name="Other numbers than an Embedding reads",
        read="Do my vectors need an Embedding",
        raised="RuntimeError",
        message=r"^Expected tensor for argument #1 'indices' to have \S{0,40} ?(?:one of the "
        r"following scalar types: )?Long, Int; but got (?P<got>[\w.]{1,60}) instead "
        r"\(while checking arguments for embedding",
        what="An embedding reads whole numbers. It got `{got}`.",
        why="Each number is that of a row in its table.",
        instead=lines(
            "x = x.long()  # if x holds the numbers of words",
            "torch.nn.Linear(features, units)  # if x holds measured numbers, in place of it",
        ),
        again=torch_layer,
    ),
    Known(
        name="A number beyond an Embedding's rows",
        read="Do my vectors need an Embedding",
        raised="IndexError",
        message="^index out of range in self",
        rule=_in_embedding,
        what="The embedding has {rows:row}, 0 to {rows} - 1. It got numbers from {least} to "
        "{most}.",
        why="Each number is that of a row in its table. Padding and unknown words need one too.",
        instead="torch.nn.Embedding(int(x.max()) + 1, features)  # if all words are in x",
        again=torch_layer,
    ),
    # Sequences of unequal lengths.
    replace(
        RAGGED,
        message="The requested array has an inhomogeneous shape|^Can't convert non-rectangular",
    ),
    replace(OBJECTS, message="^Invalid dtype: object"),
    replace(
        OBJECTS,
        message=r"^Failed to convert a NumPy array to a Tensor \(Unsupported object type "
        r"(?:list|numpy\.ndarray)",
    ),
    replace(OBJECTS, message=r"^can't convert np\.ndarray of type numpy\.object_"),
    replace(
        UNEQUAL_TENSORS,
        message=r"^stack expects each tensor to be equal size, but got \[(?P<one>[\d, ]{1,99})\] "
        r"at entry \d{1,9} and \[(?P<other>[\d, ]{1,99})\]",
        what="Tensors of unequal sizes, `({one})` and `({other})`, were to be stacked.",
        name="Tensors of unequal sizes in a stack",
        read="How do I batch sequences of different lengths",
    ),
    replace(
        UNEQUAL_TENSORS,
        message=r"^expected sequence of length (?P<one>\d{1,9}) at dim \d{1,9} "
        r"\(got (?P<other>\d{1,9})\)",
    ),
    # Axes.
    Known(
        name="A view of numbers that lie otherwise",
        read="Which axis is the batch in PyTorch",
        raised="RuntimeError",
        message="^view size is not compatible with input tensor's size and stride",
        what="`view` copies nothing, and these numbers do not lie in memory as the axes do.",
        why="A transposed tensor is one of that kind, and so may be what a layer with "
        "`batch_first=True` returns.",
        instead=lines(
            "x.reshape(x.shape[0], -1)  # in place of view, if the first axis stays: it copies, as "
            "x.contiguous() does",
            "x.transpose(0, 1).reshape(x.shape[1], -1)  # if the second axis is the batch: reshape "
            "and view swap no axes",
        ),
    ),
    Known(
        name="Unequal numbers of axes in a cat",
        read="How are two inputs joined",
        raised="RuntimeError",
        message="^Tensors must have same number of dimensions: got "
        "(?P<one>[23]) and (?P<other>[23])$",
        what="`torch.cat` joins tensors of equally many axes. It got {one} and {other}.",
        why="Of what a recurrent layer returns for a batch, `output` has three axes and so has "
        "`h_n`. `h_n[-1]` has two: (batch, units).",
        instead=lines(
            "torch.cat([output, h_n[-1].unsqueeze(1).expand(-1, output.shape[1], -1)], -1)"
            "  # if output and state are joined at each timestep, with batch_first=True",
            "torch.cat([output[:, -1], h_n[-1]], -1)  # if at the last one",
        ),
        fitted=of_cat,
    ),
    Known(
        name="An axis of size 1 too many",
        read="What if a timestep has axes of its own",
        raised="ValueError",
        message=r"^(?P<layer>LSTM|GRU|RNN): Expected input to be 2D or 3D, got (?P<got>4D)",
        when=_image,
        what="`{layer}` reads three axes: batch, timesteps, features. It got {got}, and axis 1 has "
        "size 1.",
        why="An image in grey has such an axis, its channel: (batch, 1, rows, columns).",
        instead=(
            "x.squeeze(1)  # if it is an image: its rows are the timesteps, its columns the "
            "features; with batch_first=True"
        ),
        again=torch_layer,
    ),
    Known(
        name="TimeDistributed without timesteps",
        read="Why must the lower layer return sequences",
        raised="ValueError",
        message="^`TimeDistributed` Layer should be passed an `input_shape` with at least 3 "
        r"dimensions, received: (?P<got>\([^()\n]{0,99}\))",
        what="`TimeDistributed` runs a layer at each timestep. It got `{got}`, which has none.",
        why="A recurrent layer without `return_sequences` returns (batch, units).",
        instead=lines(
            "keras.layers.LSTM(units, return_sequences=True)  # below, if each timestep has a "
            "result",
            "keras.layers.Dense(units)  # without TimeDistributed, if each sequence has one",
        ),
        again=keras_below,
    ),
    Known(
        name="Other axes than a ConvLSTM reads",
        read="What goes into ConvLSTM2D",
        raised="ValueError",
        message=r"layer ['\"]conv_lstm(?P<dims>[123])d\w{0,40}['\"] is incompatible with the "
        r"layer: expected ndim=(?P<wanted>[456]), found ndim=(?P<count>\d) … Full shape received: "
        r"(?P<got>\([^()\n]{0,99}\))",
        rule=_films,
        general=True,  # of a ConvLSTM below more is known
        what="`ConvLSTM{dims}D` reads {wanted:axis}: {axes}. It got `{got}`.",
        why="It reads sequences of images. So timesteps stand between the batch and the images; "
        "with `data_format='channels_first'` the channels stand behind the timesteps.",
        instead=lines(
            "x[:, None]  # if timesteps is missing: each sequence is one image",
            "x[None]  # if batch is missing: x is one sequence",
            "x[..., None]  # if channels is missing",
            "x[0]  # if a first axis of size 1 was added",
            "keras.Input(x.shape[1:])  # if Input was given the batch, too",
        ),
        fitted=of_films,
        again=keras_layer,
    ),
    Known(
        name="A batch of one sequence is normalised",
        read="Why does a batch of one fail",
        message=r"^Expected more than 1 value per channel when training, got input size "
        r"(?P<got>\([^()\n]{1,99}\))",
        what="`BatchNorm` in training mode takes a mean over the batch, and got `{got}`: one "
        "number for each feature.",
        why="The last batch holds what is left over, often one sequence.",
        instead=lines(
            "torch.utils.data.DataLoader(data, batch_size, drop_last=True)  # in training",
            "model.eval()  # to use the network: it then takes the means kept from training",
        ),
    ),
    # What a data set or fit is given.
    Known(
        name="What does not go into a batch",
        read="How do I batch sequences of different lengths",
        raised="TypeError",
        message=r"^default_collate: batch must contain tensors, numpy arrays, numbers, dicts or "
        r"lists; found (?:<class '(?P<kind>[\w.]{1,80})'>|(?P<type>[\w.<>]{1,20}))",
        rule=lambda found, error: {"got": found["kind"] or f"an array of {found['type']}"},
        what="An item of the data set holds {got}. A batch is made of tensors, arrays and numbers.",
        why="A `DataLoader` stacks what the items hold. Its `collate_fn` can make something else.",
        instead=lines(
            "x = torch.as_tensor(np.asarray(x, dtype='float32'))  # in __getitem__, of numbers",
            "torch.utils.data.DataLoader(data, batch_size, collate_fn=list)"
            "  # the items as they are, in a list",
        ),
    ),
    Known(
        name="Lists where arrays belong",
        read="12. Explain your network",
        message=r"^Unrecognized data type: x= … \(of type <class 'list'>\)",
        what="`fit` was given a list of numbers, or of lists of them.",
        why="To Keras a list holds the arrays of several inputs. Numbers of one input are an "
        "array, and so are the targets.",
        instead="x, y = np.array(x, dtype='float32'), np.array(y)  # if all have equal lengths",
    ),
    Known(
        name="A part for validation of what cannot be cut",
        read="12. Explain your network",
        message=r"^Argument `validation_split` is only supported for tensors or NumPy arrays",
        what="`validation_split` takes the last part of an array. Here is none.",
        why="A data set that gives batches has no end that Keras would know of.",
        instead=lines(
            "validation_data = dataset.take(10)  # of a tf.data.Dataset: its first 10 batches",
            "training_data = dataset.skip(10)",
        ),
    ),
    Known(
        name="No gradient reaches a weight",
        read="12. Explain your network",
        message="^No gradients provided for any variable",
        what="The optimizer got no gradient for any weight.",
        why="The loss was reckoned outside of the tape, or through NumPy, argmax or whole numbers, "
        "which have no gradients.",
        instead=lines(
            "with tf.GradientTape() as tape:",
            "    loss = keras.losses.mse(y, model(x, training=True))  # all of it in the tape",
        ),
    ),
    # What Keras has no more.
    Known(
        name="Gone from Keras",
        read="What changed from Keras 2 to Keras 3",
        raised="AttributeError ImportError ModuleNotFoundError",
        message=r"^(?:'(?P<model>\w{1,80})' object has no attribute '(?P<method>\w{1,40})'"
        r"|module '(?P<module>[\w.]{1,80})' has no attribute '(?P<word>\w{1,40})'"
        r"|cannot import name '(?P<name>\w{1,40})' from '(?P<home>[\w.]{1,80})'"
        r"|No module named '(?P<path>(?:tensorflow\.)?keras[\w.]{1,80})')",
        rule=_gone,
        what="This Keras has no `{gone}`.",
        why="{why}",
        instead="{line}",
    ),
    replace(
        CUDNN,
        raised="AttributeError",
        message=r"^module '[\w.]{0,80}' has no attribute 'CuDNN(?P<layer>LSTM|GRU)'",
    ),
    replace(
        CUDNN,
        raised="ImportError",
        message=r"^cannot import name 'CuDNN(?P<layer>LSTM|GRU)' from '[\w.]{0,80}'",
    ),
)
