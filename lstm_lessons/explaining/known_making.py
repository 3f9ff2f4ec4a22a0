"""Kinds of errors, as data, of a network that is being made: settings, names, what holds what.

So it is long.
"""

from dataclasses import replace

from .known import Known, lines
from .known_given import NO_WHOLE_NUMBER, WRAPPED
from .tracebacks import frames, given, home, of_torch

# What the traceback shows.


def _of_rnn(found, error):
    """Return the class of the recurrent layer of PyTorch that is being made."""
    layer = given(error, "self")
    return {"layer": type(layer).__name__} if of_torch(layer, "RNNBase") else None


def _parameters(found, error):
    """Return whether an optimizer was given the method itself."""
    return getattr(given(error, "params"), "__name__", "") == "parameters"


def _in_init(found, error):
    return any(one.f_globals.get("__name__") == "torch.nn.init" for one, _, _ in frames(error))


def _of_loss(found, error):
    """Return the class of the loss of PyTorch that is being made."""
    loss = given(error, "self")
    making = any(one.f_code.co_name == "__init__" for one, _, framework in frames(error)[:3])
    if not making or not of_torch(loss, "_Loss"):
        return None
    name = type(loss).__name__
    return {"loss": name, "made": f"torch.nn.{name}" if home(type(loss)) == "torch" else name}


def _held(found, error):
    """Return the lines for what was called and has no forward."""
    if found["layer"] in ("ModuleList", "ModuleDict"):
        why = f"`{found['layer']}` holds layers and is none."
        line = "for layer in layers:  # of a ModuleDict: layers.values()\n    x = layer(x)"
    else:
        why = "It is called by this name, in the class itself: a slip in the name or too far in."
        line = "def forward(self, x): ...  # as far in as __init__"
    return {"why": why, "line": line}


def _identifier(found, error):
    """Return where Keras has what such a word may name."""
    homes = {"activation function": "activations", "loss": "losses"}
    kind = found["kind"]
    return {"home": homes.get(kind, f"{kind}s")} if kind in (*homes, *NAMED) else None


def _weight_of_torch(found, error):
    return of_torch(error.obj, "RNNBase")


def _weight_of_keras(found, error):
    """Return whether it is a recurrent layer of Keras, which keeps its weights in a cell."""
    of_keras = "keras" in map(home, type(error.obj).__mro__)
    return of_keras and "cell" in vars(error.obj)


NAMED = ("initializer", "optimizer", "regularizer", "constraint", "metric")

# Kinds with more than one message.

NOT_POSITIVE = Known(
    name="A size that is not positive",
    read="How many weights does an LSTM have",
    what="`{size}` is 0 or less.",
    why="A size counts from 1. A division that rounds down may give 0: 3 // 4 is 0.",
    instead="{size} = max(1, {size})  # if it comes of a division",
)
NO_SHARE = Known(
    name="A dropout that is no share",
    read="Where does dropout act",
    what="A dropout must be a number from 0 to 1.",
    why="It is the share of the numbers that are set to 0: 20 percent is 0.2.",
    instead="dropout = dropout / 100  # if it is in percent",
)
OTHER_NAME = Known(
    name="A weight of another name",
    read="Which way round are the weights in PyTorch",
    raised="AttributeError",
    what="`{layer}` has no `{word}`.",
)
OTHER_FRAMEWORK = Known(
    name="A layer of the other framework",
    read="What comes back with return_state",
    why="Layers of Keras and of PyTorch do not go into one network.",
)
DIRECTIONS = Known(
    name="Two directions that do not match",
    read="What does a backward layer return",
    why="`Bidirectional` runs two layers, one of them backwards. Their units may differ; "
    "`return_sequences`, `return_state` and `stateful` may not.",
    instead=lines(
        "keras.layers.Bidirectional(keras.layers.LSTM(units))  # makes the other by itself",
        "keras.layers.LSTM(units, go_backwards=True)  # as backward_layer, the three as the first",
    ),
)
OPTIMIZED = Known(
    name="Nothing for the optimizer",
    read="How many weights does an LSTM have",
    raised="ValueError TypeError",
)
NO_FORWARD = Known(
    name="A module without a forward",
    read="A stack in PyTorch",
    raised="NotImplementedError",
)

KINDS = (
    Known(
        name="An argument of forward is missing",
        read="12. Explain your network",
        raised="TypeError",
        message=r"^(?P<network>[\w.<>]{1,120})\.forward\(\) missing \d required positional "
        r"arguments?: '(?P<word>\w{1,40})'",
        what="`{network}` was called without `{word}`.",
        why="A network is called with all that its `forward` takes. `nn.Sequential` hands on one "
        "thing alone.",
        instead="network(x, {word})",
    ),
    # Settings.
    replace(NOT_POSITIVE, message="^(?P<size>hidden_size|num_layers) must be greater than zero"),
    replace(
        NOT_POSITIVE,
        message=r"^Received an invalid value for argument `(?P<size>units)`, expected a positive "
        r"integer, got -?\d",
    ),
    replace(
        NO_WHOLE_NUMBER,
        message=r"^Expected an integer value for `n`, got <class 'float'>",
        what="`n` of `RepeatVector` was not given a whole number.",
        instead="n = int(n)",
        raised="TypeError ValueError",
    ),
    replace(NO_SHARE, message=r"^dropout should be a number in range \[0, 1\]"),
    replace(NO_SHARE, message="^dropout probability has to be between 0 and 1"),
    replace(
        NO_SHARE,
        message="^Invalid value received for argument `rate`. Expected a float value between 0 "
        "and 1",
    ),
    Known(
        name="A nonlinearity that is none",
        read="One day ahead, in Keras",
        message=r"^Unknown nonlinearity '(?P<got>[^'\n]{1,40})'",
        what="`nn.RNN` has 'tanh' and 'relu'. It was given '{got}'.",
        why="A plain RNN of PyTorch has these two. A GRU and an LSTM have their own, fixed.",
        instead="torch.nn.RNN(features, hidden_size, nonlinearity='tanh')  # or 'relu'",
    ),
    Known(
        name="The hidden_size is missing",
        read="How many weights does an LSTM have",
        raised="TypeError",
        message=r"^\w{1,40}\.__init__\(\) missing \d required positional arguments?: "
        r"(?:'input_size' and )?'hidden_size'",
        rule=_of_rnn,
        what="`{layer}` was made without `hidden_size`.",
        why="PyTorch takes the features of x first, then the units. Keras takes the units alone.",
        instead="torch.nn.{layer}(features, hidden_size)",
    ),
    Known(
        name="A padding_idx without a row",
        read="Do my vectors need an Embedding",
        raised="AssertionError",
        message="^Padding_idx must be within num_embeddings",
        what="`padding_idx` is not the number of one of the embedding's rows.",
        why="Padding has a row of its own, 0 to num_embeddings - 1.",
        instead="torch.nn.Embedding(rows + 1, features, padding_idx=rows)  # a row more, the last",
    ),
    Known(
        name="Heads that do not divide the features",
        read="How do I put attention above an LSTM",
        raised="AssertionError",
        message="^embed_dim must be divisible by num_heads",
        what="The features of a `MultiheadAttention` do not part into its heads.",
        why="Each head reads as many of them.",
        instead="torch.nn.MultiheadAttention(features, 1)  # or another number that divides them",
    ),
    Known(
        name="A name that Keras does not know",
        read="What changed from Keras 2 to Keras 3",
        message=r"^Could not interpret (?P<kind>[a-z ]{1,40}) identifier: (?P<word>[^\n]{1,80})",
        rule=_identifier,
        what="Keras cannot read `{word}` as {kind}.",
        why="A word must be one of its names, spelled as it is.",
        instead="dir(keras.{home})  # what there is",
    ),
    Known(
        name="An unknown merge_mode",
        read="Which states go into a bidirectional layer",
        message=r"^Invalid merge mode\. Received: (?P<got>[^\n.]{1,40})",
        what="`Bidirectional` has no merge_mode `{got}`.",
        why="It has 'sum', 'mul', 'ave', 'concat' and None, which returns both apart.",
        instead="keras.layers.Bidirectional(keras.layers.LSTM(units), merge_mode='sum')",
    ),
    replace(
        DIRECTIONS,
        message="^Forward layer and backward layer are expected to have the same value for "
        r"attribute \"(?P<word>\w{1,40})\"",
        what="The two layers of a `Bidirectional` differ in `{word}`.",
    ),
    replace(
        DIRECTIONS,
        message="^Forward layer and backward layer should have different `go_backwards` value",
        what="Both layers of a `Bidirectional` run the same way.",
    ),
    # Input.
    Known(
        name="A shape that is no tuple",
        read="Does the shape include the batch",
        message=r"^Cannot convert '(?P<got>\d{1,9})' to a shape",
        what="A shape must be a tuple. It was the number {got}.",
        why="To Python `(6)` is the number 6, and `(6,)` is a tuple.",
        instead=lines(
            "keras.Input((None, {got}))  # if {got} are the features, for any timesteps",
            "keras.Input(({got}, 1))  # if {got} are the timesteps, one number at each",
        ),
    ),
    Known(
        name="An open size where weights need one",
        read="Does the shape include the batch",
        message=r"^Shapes used to initialize variables must be fully-defined … Received: shape="
        r"(?P<got>\([^()\n]{1,99}\))",
        what="A weight was to be made with an open size, `{got}`.",
        why="Weights are made for the last axis of what a layer reads. Timesteps may be open, "
        "`None`, features may not; behind `Flatten` both are one axis.",
        instead=lines(
            "keras.Input((None, features))  # the features as a number",
            "keras.layers.GlobalAveragePooling1D()  # in place of Flatten",
        ),
        general=True,
    ),
    Known(
        name="An Input that the model does not list",
        read="10. An encoder and a decoder",
        message=r"^Output with path `[^`\n]{0,80}` is not connected to `inputs`"
        "|^`inputs` not connected to `outputs`",
        what="What the model is to return does not come of the inputs that it lists.",
        why="Each `Input` that leads to an output is one of the model's: of a decoder, too.",
        instead="keras.Model([encoder_input, decoder_input], output)",
    ),
    Known(
        name="A model of something else than tensors",
        read="10. An encoder and a decoder",
        message="^All `(?P<word>inputs|outputs)` values must be KerasTensors",
        what="Among the `{word}` of a model is something else than a tensor of Keras without "
        "numbers.",
        why="A model goes from what `Input` returns to what a layer returns. Arrays and layers "
        "are neither.",
        instead="keras.Model(inputs, layer(inputs))  # inputs = keras.Input((timesteps, features))",
    ),
    # What holds layers.
    Known(
        name="A class where a layer belongs",
        read="One day ahead, in Keras",
        message=r"^Only instances of `keras\.Layer` can be added to a Sequential model\. Received: "
        r"<class 'keras\.[\w.]{0,80}\.(?P<layer>\w{1,40})'>",
        what="`Sequential` was given the class `{layer}`.",
        why="A layer comes of calling its class, with the parentheses.",
        instead="keras.layers.LSTM(units)  # in place of keras.layers.LSTM",
    ),
    replace(
        WRAPPED,
        message=r"^Only instances of `keras\.Layer` can be added to a Sequential model\. Received: "
        "<KerasTensor",
        what="`Sequential` holds layers. It got what a layer returns.",
        why="It calls its layers itself, one after the other.",
        instead="keras.Sequential([keras.Input((timesteps, features)), keras.layers.LSTM(units)])",
    ),
    replace(
        OTHER_FRAMEWORK,
        message=r"^Only instances of `keras\.Layer` can be added to a Sequential model … "
        r"\(of type <class 'torch\.nn\.[\w.]{0,80}?\.(?P<layer>\w{1,40})'>\)",
        what="Keras' `Sequential` was given PyTorch's `{layer}`.",
        instead="keras.layers.LSTM(units)",
    ),
    replace(
        OTHER_FRAMEWORK,
        raised="TypeError",
        message=r"^keras\.[\w.]{0,80}?\.(?P<layer>\w{1,40}) is not a Module subclass",
        what="PyTorch's `Sequential` was given Keras' `{layer}`.",
        instead="torch.nn.LSTM(features, hidden_size)",
    ),
    replace(
        NO_FORWARD,
        message=r"^Module \[(?P<layer>\w{1,80})\] is missing the required \"forward\" function",
        rule=_held,
        what="`{layer}` was called, and has no `forward`.",
        why="{why}",
        instead="{line}",
    ),
    replace(
        NO_FORWARD,
        name="A model without a call",
        read="10. An encoder and a decoder",
        message=r"Model (?P<layer>\w{1,80}) does not have a `call\(\)` method implemented",
        what="`{layer}` was called, and has no `call`.",
        why="It is called by this name, in the class itself. PyTorch's name is `forward`.",
        instead="def call(self, x): ...  # as far in as __init__",
    ),
    # Losses and optimizers.
    Known(
        name="A loss made of scores",
        read="Which shape must the target have",
        raised="RuntimeError",
        message="^Boolean value of Tensor with more than one value is ambiguous",
        rule=_of_loss,
        what="`{loss}` was given tensors where its settings belong.",
        why="A loss of PyTorch is made first, then called.",
        instead="{made}()(scores, target)",
    ),
    replace(
        OPTIMIZED,
        message="^optimizer got an empty parameter list",
        what="The optimizer was given no weights.",
        why="A network knows the layers that are its attributes. Those in a plain list, a plain "
        "dict or made in `forward` are not.",
        instead="layers = torch.nn.ModuleList(layers)  # in place of a plain list, in __init__",
    ),
    replace(
        OPTIMIZED,
        message="^'method' object is not iterable",
        when=_parameters,
        what="The optimizer was given the method `parameters` itself.",
        why="What it returns is wanted: the parentheses are missing.",
        instead="torch.optim.Adam(network.parameters())",
    ),
    Known(
        name="A keyword of optimizers that is gone",
        read="What changed from Keras 2 to Keras 3",
        message=r"^Argument\(s\) not recognized: \{'lr'",
        what="An optimizer of Keras does not know `lr`.",
        why="It is called `learning_rate`; `lr` is PyTorch's, and was Keras'.",
        instead="keras.optimizers.Adam(learning_rate=0.001)",
    ),
    Known(
        name="A model that is not compiled",
        read="One day ahead, in Keras",
        message=r"^You must call `compile\(\)` before",
        what="A model was to be trained or tested that has no loss yet.",
        why="`compile` sets the loss and the optimizer.",
        instead="model.compile(optimizer='adam', loss='mse')",
    ),
    # Weights by their names.
    replace(
        OTHER_NAME,
        message=r"^'(?P<layer>\w{1,40})' object has no attribute '(?P<word>(?:weight|bias|kernel)"
        r"\w{0,40})'",
        when=_weight_of_torch,
        why="PyTorch's names have the layer's number, `_l0` is the first, and `_reverse` in the "
        "backward direction.",
        instead="lstm.weight_ih_l0  # weight_hh_l0, bias_ih_l0, bias_hh_l0 alike",
    ),
    replace(
        OTHER_NAME,
        message=r"^'(?P<layer>LSTM|GRU|SimpleRNN)' object has no attribute '(?P<word>kernel|"
        "recurrent_kernel|bias)'",
        when=_weight_of_keras,
        why="In Keras 3 the weights are those of the layer's cell.",
        instead="layer.cell.{word}",
    ),
    Known(
        name="A tensor where a parameter belongs",
        read="Which way round are the weights in PyTorch",
        raised="TypeError",
        message=r"^cannot assign '[\w.]{1,80}' (?:object )?(?:as|to) parameter "
        r"'(?P<word>[\w.]{1,80})'",
        what="`{word}` is a parameter. It was given something else.",
        why="A parameter is a tensor that is trained.",
        instead="layer.{word} = torch.nn.Parameter(values)",
    ),
    Known(
        name="A bias among the weights to begin with",
        read="Which way round are the weights in PyTorch",
        message="^Only tensors with 2 or more dimensions are supported"
        "|^Fan in and fan out can not be computed for tensor with fewer than 2 dimensions",
        when=_in_init,
        what="A weight with fewer than two axes was to be initialised so.",
        why="This needs two axes or more. A bias has one.",
        instead="for name, one in layer.named_parameters():\n"
        "    if 'weight' in name:\n"
        "        torch.nn.init.xavier_uniform_(one)",
    ),
    Known(
        name="A weight written in place",
        read="Which way round are the weights in PyTorch",
        raised="RuntimeError",
        message="^a (?:view of a )?leaf Variable that requires grad is being used in an in-place "
        "operation",
        what="A weight, or another tensor that is trained, was changed in place.",
        why="What is written into a weight by hand is no part of a pass: without gradients it may "
        "be.",
        instead="with torch.no_grad():\n    layer.bias_ih_l0.fill_(1)  # or what else was written",
    ),
)
