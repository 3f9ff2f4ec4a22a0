"""Kinds of errors, as data, of what is kept: weights of another network, saved models and files.

So it is long.
"""

import re
from dataclasses import replace

from .known import Known, lines, sizes
from .tracebacks import frames, given, home, made

# What the traceback shows.


def _of_recurrent(found, error):
    """Return whether a recurrent layer of Keras was given the weights, and has some."""
    return made(given(error, "self")) and found.get("wanted") != "0" and not _resets(found, error)


def _resets(found, error):
    """Return the words for a GRU whose bias has another number of axes than the one given."""
    wanted, got = sizes(found["wanted"] or ""), sizes(found["got"] or "")
    rows = {len(one): one[0] for one in (wanted, got) if one}
    if set(rows) != {1, 2} or rows[2] != 2 or wanted[-1] != got[-1] or not _of_bias(error):
        return None
    return {"after": len(got) == 2}


def _of_bias(error):
    """Return whether it is a GRU's bias that does not fit: of two features a kernel is as large."""
    kernel = getattr(getattr(given(error, "self"), "cell", None), "kernel", None)
    told = "bias" in str(error) or (kernel is not None and kernel.shape[0] != 2)
    return told and "gru" in str(error).lower()


def _other_sizes(found, error):
    return not _resets(found, error)


def _resets_in_file(found, error):
    """Return what _resets does, if weights were being loaded; before Keras 3.13 no word says so."""
    return _resets(found, error) if _loading(error) else None


def _other_sizes_in_file(found, error):
    return _loading(error) and _other_sizes(found, error)


def _loading(error):
    """Return whether Keras was asked to load: it hides its frames but for the one that asks."""
    asked = [frame.f_locals.get("fn") for frame, _, framework in frames(error) if framework]
    return any(getattr(fn, "__name__", "").startswith("load_") for fn in asked)


def _prefix(found, error):
    """Return what stands before each name of the saved weights, or of those that are wanted."""
    missing, there = found["missing"], found["there"]
    longer, shorter = (there, missing) if len(there) > len(missing) else (missing, there)
    if not longer.endswith(f".{shorter}"):
        return None
    before = longer.removesuffix(shorter)
    names = [_listed(kind, str(error)) for kind in ("Missing", "Unexpected")]
    those, others = names[::-1] if longer == there else names
    if those != {before + name for name in others}:
        return None
    saved, wanted = (
        ("name.removeprefix(%r)", "the saved names begin")
        if longer == there
        else ("%r + name", "the network's names begin")
    )
    return {"before": before, "name": saved % before, "whose": wanted}


def _listed(kind, message):
    """Return the names that stand behind such a word in a message, the first time that it comes.

    Of a message that was pasted without its class parts come again.
    """
    found = re.search(rf'{kind} key\(s\) in state_dict: ((?:"[\w.]+"(?:,\s)?)*)', message)
    return set(re.findall(r'"([\w.]+)"', found[1])) if found else set()


def _of_other_names(found, error):
    """Return whether it is not but what stands before the names."""
    names = KEYS.found(str(error))
    return names is None or not _prefix(names, error)


def _in(*functions):
    """Return a test of whether PyTorch's function of one of these names was running."""

    def test(found, error):
        there = [one for one, _, framework in frames(error) if framework]
        names = [one.f_code.co_name for one in there if home(one.f_globals["__name__"]) == "torch"]
        return any(name in functions for name in names)

    return test


# Kinds with more than one message.

SET_WEIGHTS = Known(
    name="Weights that do not fit a Keras layer",
    read="How do I move weights between the frameworks",
    raised="ValueError",
    when=_of_recurrent,
    why="A recurrent layer of Keras has `kernel` (features, blocks·units), `recurrent_kernel` "
    "(units, blocks·units) and, with `use_bias`, `bias`, in this order: a block for each gate and "
    "one for the candidate. PyTorch has both kernels "
    "transposed and two biases. Of a bidirectional layer each direction has its own.",
    instead=lines(
        "layer.set_weights([w_ih.T, w_hh.T, b_ih + b_hh])  # if w_ih, … are those of nn.LSTM: "
        "transpose the kernels, add each bias",
        "[one.shape for one in layer.get_weights()]  # the shapes that it wants",
    ),
)
# The first line, or one of those below it that was copied alone.
LOADING = (
    r"(?:Error\(s\) in loading state_dict for|size mismatch for"
    r"|(?:Missing|Unexpected) key\(s\) in state_dict:)"
)
KEYS = Known(
    name="Names of weights with something before them",
    read="Which way round are the weights in PyTorch",
    raised="RuntimeError",
    message=r"^Error\(s\) in loading state_dict for … Missing key\(s\) in state_dict: "
    r"\"(?P<missing>[\w.]{1,200})\" … Unexpected key\(s\) in state_dict: "
    r"\"(?P<there>[\w.]{1,200})\"",
    rule=_prefix,
    what="The weights are the same but for `{before}`, with which {whose}.",
    why="`nn.DataParallel` and a network around the network put their name before each.",
    instead="state_dict = {{{name}: one for name, one in state_dict.items()}}",
)
RESET = Known(
    name="A GRU with another reset_after",
    read="How many weights does an LSTM have",
    rule=_resets,
    what="A bias of the GRU is `{wanted}`, the one that it was given is `{got}`.",
    why="With `reset_after=True` a GRU of Keras has two rows of biases, (2, 3·units), without it "
    "one, (3·units,).",
    instead="keras.layers.GRU(units, reset_after={after})  # as the one that the weights are of",
)
OTHER_SIZES = Known(
    name="A file of weights of other sizes",
    read="12. Explain your network",
    when=_other_sizes,
    what="A weight of the network is `{wanted}`, the one in the file is `{got}`.",
    why="The features, the units and the cell decide the sizes. They must be those of the network "
    "which saved the weights.",
    instead="network.summary()  # must be that of the network which saved the weights",
)
FILE = r"objects could not be loaded … ^"
ASSIGNED = (
    r"The shape of the target variable and the shape of the target value in "
    r"`variable\.assign\(value\)` must match\. variable\.shape=(?P<wanted>\([^()\n]{1,99}\)), "
    r"Received: value\.shape=(?P<got>\([^()\n]{1,99}\))"
)
OF_H5 = (
    r"^Shape mismatch in layer #\d{1,9} … Weight expects shape (?P<wanted>\([^()\n]{1,99}\))\. "
    r"Received saved weight with shape (?P<got>\([^()\n]{1,99}\))"
)
SHAPED = (
    r"^Layer \S{0,80} ?weight shape (?P<wanted>\([^()\n]{0,99}\)) is not compatible "
    r"with provided weight shape (?P<got>\([^()\n]{0,99}\))"
)
ENDING = Known(
    name="A file's ending that Keras does not take",
    read="12. Explain your network",
    why="Keras 3 knows by the ending what to write.",
    instead=lines(
        "model.save('lstm.keras')  # the whole model",
        "model.save_weights('lstm.weights.h5')  # its weights alone",
    ),
)
NO_FILE = Known(
    name="A file that is not there",
    read="12. Explain your network",
    raised="FileNotFoundError ValueError",
    what="There is no such file where Python looks.",
    why="A path that does not begin at the root begins where Python was started, in a notebook at "
    "the notebook's folder.",
    instead="import os\nos.path.abspath(path)  # where it looks",
)
UNSEEN = Known(
    name="A class that a saved model needs",
    read="12. Explain your network",
    raised="TypeError ValueError",
    what="The saved model has `{word}`, which Keras does not find.",
    why="A file holds the name of what is the learner's own, and not its code.",
    instead="model = keras.models.load_model(path, custom_objects={{'{word}': {word}}})",
    tells=True,
)
OF_KERAS = r"'module': 'keras\.(?:metrics|losses)'"
NAMED_LOSS = Known(
    name="A loss in a saved model",
    read="12. Explain your network",
    what="The saved model's `{word}` is not found.",
    why="In a file of the old format a loss is a name, which does not always lead back.",
    instead="model = keras.models.load_model(path, compile=False)  # then model.compile(...)",
    tells=True,
)
UNBUILT = Known(
    name="A network without weights yet",
    read="How many weights does an LSTM have",
    why="A layer of Keras makes its weights when it sees the features: by an `Input`, or by a "
    "first call.",
    instead="model.build((None, timesteps, features))",
)

KINDS = (
    # Weights that are handed over.
    Known(
        name="A state_dict of another network",
        read="Which way round are the weights in PyTorch",
        raised="RuntimeError",
        message=rf"^{LOADING} … (?:weight|bias)_[ih]h_l\d",
        what="The names or shapes of the weights are not those of the network that loads them.",
        why="`_reverse` in a name belongs to `bidirectional=True`, `_l1` to a second of "
        "`num_layers`, `bias` to `bias=True`. The second axis of `weight_ih_l0` is `input_size`, "
        "the first of `weight_hh_l0` is hidden_size, times 4 in an LSTM, 3 in a GRU.",
        instead=lines(
            "torch.nn.LSTM(input_size, hidden_size, num_layers)"
            "  # all settings as they were when the weights were saved",
            "{{name: tuple(one.shape) for name, one in state_dict.items()}}  # what was saved",
        ),
        tells=True,
        when=_of_other_names,
    ),
    replace(
        SET_WEIGHTS,
        message=r"^You called `set_weights\(weights\)` on layer '[^'\n]{1,80}' with a weight list "
        r"of length (?P<got>\d{1,9}), but the layer was expecting (?P<wanted>\d{1,9}) weights",
        what="The layer has {wanted} arrays of weights. It was given {got}.",
    ),
    replace(
        SET_WEIGHTS,
        message=SHAPED,
        what="A weight of the layer is `{wanted}`. It was given `{got}`.",
    ),
    Known(
        name="A file of another network's weights",
        read="12. Explain your network",
        raised="ValueError",
        message=r"objects could not be loaded … ^Layer '[^'\n]{1,80}' expected "
        r"(?P<wanted>\d{1,9}) variables, but received (?P<got>\d{1,9}) variables during loading\. "
        r"Expected: \[[^\]\n]{0,60}'recurrent_kernel'",
        what="A recurrent layer has {wanted} weights. The file has {got} in its place.",
        why="Weights are found by the place of their layer in the network. The file is of a "
        "network with other layers, or with other settings.",
        instead=lines(
            "network.summary()  # must be that of the network which saved the weights",
            "network.set_weights(saved.get_weights())  # if that network is still there, and its "
            "weights have the same shapes",
        ),
        tells=True,
    ),
    KEYS,
    Known(
        name="Weights of other layers",
        read="Which way round are the weights in PyTorch",
        raised="RuntimeError",
        message=rf"^{LOADING}",
        when=_of_other_names,
        what="The names or shapes of the weights are not those of the network that loads them.",
        why="The layers, their names and their sizes must be those of the network which saved "
        "them.",
        instead="{{name: tuple(one.shape) for name, one in state_dict.items()}}  # what was saved",
        tells=False,
        general=True,
    ),
    Known(
        name="Something else than a state_dict",
        read="Which way round are the weights in PyTorch",
        raised="TypeError",
        message=r"^Expected state_dict to be dict-like, got <class '(?P<got>[\w.]{1,80})'>",
        what="`load_state_dict` was given `{got}`.",
        why="It reads the weights by their names, a dict; it opens no file.",
        instead=lines(
            "network.load_state_dict(torch.load(path))  # if it was the path of a file",
            "network.load_state_dict(saved.state_dict())  # if it was a network",
        ),
    ),
    Known(
        name="A whole network in a file",
        read="12. Explain your network",
        raised="UnpicklingError",
        message="^Weights only load failed",
        what="The file holds more than tensors, and `torch.load` reads no more since version 2.6.",
        why="`torch.save(network, path)` keeps the network itself. To load it runs what the file "
        "says.",
        instead=lines(
            "network = torch.load(path, weights_only=False)  # if you trust where it is from",
            "torch.save(network.state_dict(), path)  # the next time: the weights alone",
        ),
    ),
    Known(
        name="The class of a network in a file",
        read="12. Explain your network",
        raised="AttributeError",
        message=r"^Can't get attribute '(?P<word>\w{1,80})' on <module",
        when=_in("load", "_load"),
        what="The file holds a `{word}`, and the class of this name is not there.",
        why="A file of a whole network holds the name of its class, and not its code.",
        instead="class {word}(torch.nn.Module): ...  # the very class, before torch.load",
    ),
    Known(
        name="A file from a GPU",
        read="12. Explain your network",
        raised="RuntimeError",
        message=r"^Attempting to deserialize object on a CUDA device but torch\.cuda\.is_available"
        r"\(\) is False",
        what="The weights were saved on a GPU, and PyTorch sees none here.",
        why="A tensor goes back to the device that it was saved on, if nothing is said.",
        instead="state_dict = torch.load(path, map_location='cpu')",
    ),
    # Keras.
    replace(RESET, message=SHAPED),
    replace(RESET, message=FILE + ASSIGNED, tells=True),
    replace(RESET, message=rf"\A{ASSIGNED}", rule=_resets_in_file),
    replace(RESET, message=OF_H5),
    replace(OTHER_SIZES, message=FILE + ASSIGNED, tells=True),
    replace(OTHER_SIZES, message=rf"\A{ASSIGNED}", when=_other_sizes_in_file),
    replace(OTHER_SIZES, message=OF_H5),
    Known(
        name="A file of another network's weights",
        read="12. Explain your network",
        message=r"^Layer count mismatch when loading weights from file\. Model expected "
        r"(?P<wanted>\d{1,9}) layers, found (?P<got>\d{1,9}) saved layers",
        what="{wanted:layer} of the network {wanted:has/have} weights. The file has weights for "
        "{got}.",
        why="Weights are found by the place of their layer in the network.",
        instead="network.summary()  # must be that of the network which saved the weights",
    ),
    replace(
        UNBUILT,
        message=r"^You tried to call `count_params` on layer '(?P<layer>[^'\n]{1,80})', but the "
        "layer isn't built",
        what="`{layer}` has no weights to be counted.",
    ),
    replace(
        UNBUILT,
        message="^You are (?P<how>saving|loading weights into) a model that has not yet been built",
        what="The model has no weights yet.",
    ),
    replace(
        UNBUILT,
        message=r"^You called `set_weights\(weights\)` on layer '(?P<layer>[^'\n]{1,80})' with a "
        r"weight list of length [1-9]\d{0,8}, but the layer was expecting 0 weights",
        when=lambda found, error: getattr(given(error, "self"), "built", True) is False,
        what="`{layer}` has no weights yet.",
    ),
    replace(
        ENDING,
        message=r"^The filename must end in `\.weights\.h5`",
        what="A file of weights must end in `.weights.h5`.",
    ),
    replace(
        ENDING,
        message="^Invalid filepath extension for saving",
        what="A file of a model must end in `.keras`, or `.h5` as of old.",
    ),
    replace(
        ENDING,
        message=r"the filepath provided must end in `(?P<ending>[\w.]{1,20})`"
        r"|^The filepath provided must end in `(?P<other>[\w.]{1,20})`",
        what="The file of a `ModelCheckpoint` must end in `.keras`, with `save_weights_only` in "
        "`.weights.h5`.",
    ),
    Known(
        name="A file's format that is gone",
        read="What changed from Keras 2 to Keras 3",
        message=r"^File format not supported: filepath=(?P<got>[^\n]{1,200})\. Keras 3 only",
        what="Keras 3 does not load `{got}` so.",
        why="It loads `.keras` and `.h5`. A SavedModel, which is a folder, becomes a layer, and "
        "from files of Keras 2 without an ending nothing is read.",
        instead=lines(
            "layer = keras.layers.TFSMLayer(path, call_endpoint='serving_default')"
            "  # of a SavedModel",
            "model.save('lstm.keras')  # in the version that saved it",
        ),
    ),
    replace(
        NO_FILE,
        message="^File not found: filepath=",
    ),
    replace(
        NO_FILE,
        message=r"^\[Errno 2\] (?:Unable to (?:synchronously )?open file|No such file or "
        r"directory: '[^'\n]{0,200}\.(?:pth?|ckpt|keras|h5|hdf5)'$)",
    ),
    replace(
        UNSEEN,
        message=r"Could not locate (?:class|function) '(?P<word>[^\W\d]\w{0,80})'"
        rf"(?![^\n]{{0,300}}{OF_KERAS})",
    ),
    replace(
        UNSEEN,
        message=r"^Unknown (?:layer|loss function|metric function|object|\w{1,20}): "
        r"'(?P<word>[^\W\d]\w{0,80})'\. Please ensure you are using a "
        r"`keras\.utils\.custom_object_scope`",
    ),
    replace(
        NAMED_LOSS,
        message=r"^Could not deserialize 'keras\.(?:metrics|losses)\.(?P<word>\w{1,40})'",
    ),
    replace(  # Keras 3.5
        NAMED_LOSS,
        raised="TypeError",
        message=rf"^Could not locate function '(?P<word>\w{{1,40}})' … {OF_KERAS}",
    ),
    Known(
        name="A Lambda in a saved model",
        read="12. Explain your network",
        message="Requested the deserialization of a `Lambda` layer"
        "|of this `Lambda` layer is a Python lambda",  # Keras 3.5
        what="The saved model has a `Lambda`, and Keras does not run its code unasked.",
        why="To load it runs what the file says.",
        instead="model = keras.models.load_model(path, safe_mode=False)"
        "  # if you trust where it is from",
        tells=True,
    ),
    Known(
        name="A class without a get_config",
        read="12. Explain your network",
        raised="NotImplementedError",
        message=r"^Object (?P<word>\w{1,80}) was created by passing$ … ^non-serializable argument "
        "values",
        what="`{word}` cannot be saved: Keras does not know what it was made with.",
        why="Numbers and texts it notes itself. Of a layer or a cell it must be told.",
        instead="def get_config(self):  # in the class\n"
        "    return {{**super().get_config(), 'units': self.units}}  # what __init__ takes",
    ),
)
