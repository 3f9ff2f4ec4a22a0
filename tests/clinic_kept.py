"""Errors of weights of another network, of saved models and of files, in the form of clinic.py."""

import collections
import os
import tempfile
from functools import partial
from io import BytesIO

import keras
import torch
from clinic import GRU, LSTM, Bidirectional, Dense, case, stack
from keras import layers
from torch import nn

FOLDER = tempfile.TemporaryDirectory()


def path(name):
    return os.path.join(FOLDER.name, name)


# Weights.

state_dict = partial(case, "A state_dict of another network")
SAVED = nn.LSTM(6, 7, 2, bidirectional=True).state_dict()
for other in (nn.LSTM(6, 7, 2), nn.LSTM(6, 7, bidirectional=True), nn.LSTM(6, 8), nn.GRU(6, 7)):
    state_dict(
        lambda other=other: other.load_state_dict(SAVED),
        "_reverse in a name belongs to bidirectional=True",
        line="{name: tuple(one.shape)",
        then="value['weight_ih_l0'] == (28, 6)",
        state_dict=SAVED,
    )


def built(layer):
    layer.build((None, 5, 6))
    return layer


THEIRS = [one.detach().numpy() for one in nn.LSTM(6, 7).parameters()]
weights = partial(
    case,
    "Weights that do not fit a Keras layer",
    line="layer.set_weights(",
    then="np.array_equal(layer.get_weights()[0], w_ih.T)",
    layer=built(LSTM(7)),
    **dict(zip(("w_ih", "w_hh", "b_ih", "b_hh"), THEIRS, strict=True)),
)
weights(lambda: built(LSTM(7)).set_weights(THEIRS), "has 3 arrays of weights. It was given 4")
weights(lambda: built(LSTM(7)).set_weights(THEIRS[:3]), "is (6, 28). It was given (28, 6)")
weights(lambda: built(Bidirectional(LSTM(7))).set_weights(THEIRS[:3]), "has 6 arrays of weights")


def load_other():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "dense.weights.h5")
        stack(Dense(7)).save_weights(path)
        stack(LSTM(7)).load_weights(path)


case(
    "A file of another network's weights",
    load_other,
    "has 3 weights. The file has 0",
    line="network.set_weights(",
    network=stack(LSTM(7)),
    saved=stack(LSTM(7)),
)
weights(
    lambda: built(LSTM(7)).set_weights([one.T for one in THEIRS[:2]] + [THEIRS[2][:7]]),
    "is (28,). It was given (7,)",
)
PREFIXED = {f"module.{name}": one for name, one in nn.LSTM(6, 7).state_dict().items()}
before = partial(case, "Names of weights with something before them")
before(
    lambda: nn.LSTM(6, 7).load_state_dict(PREFIXED),
    "the same but for module., with which the saved names begin",
    line="state_dict = {name.removeprefix('module.')",
    then="'weight_ih_l0' in state_dict",
    state_dict=PREFIXED,
)
before(
    lambda: nn.Sequential(nn.LSTM(6, 7)).load_state_dict(nn.LSTM(6, 7).state_dict()),
    "but for 0., with which the network's names begin",
    line="state_dict = {'0.' + name",
    then="'0.weight_ih_l0' in state_dict",
    state_dict=nn.LSTM(6, 7).state_dict(),
)
before(
    lambda: nn.Sequential(collections.OrderedDict(rnn=nn.GRU(6, 7))).load_state_dict(
        {f"module.rnn.{name}": one for name, one in nn.GRU(6, 7).state_dict().items()}
    ),
    "but for module.,",
)
case(
    "A state_dict of another network",
    lambda: nn.LSTM(6, 7, 2).load_state_dict(PREFIXED),
    "The names or shapes",
)
case(
    "Weights of other layers",
    lambda: nn.Linear(7, 2).load_state_dict(nn.Linear(7, 3).state_dict()),
    line="{name: tuple(one.shape)",
    then="value['weight'] == (3, 7)",
    state_dict=nn.Linear(7, 3).state_dict(),
)


def file_of(value):
    """Return a file that PyTorch wrote, to be read."""
    torch.save(value, file := BytesIO())
    file.seek(0)
    return file


not_dict = partial(case, "Something else than a state_dict", network=nn.GRU(6, 7))
not_dict(
    lambda: nn.GRU(6, 7).load_state_dict("gru.pt"),
    "was given str",
    line="network.load_state_dict(torch.load(path))",
    path=file_of(nn.GRU(6, 7).state_dict()),
)
not_dict(
    lambda: nn.GRU(6, 7).load_state_dict(nn.GRU(6, 7)),
    line="network.load_state_dict(saved.state_dict())",
    saved=nn.GRU(6, 7),
)
case(
    "A whole network in a file",
    lambda: torch.load(file_of(nn.LSTM(6, 7))),
    "holds more than tensors",
    line="network = torch.load(path, weights_only=False)",
    then="network(T)[0].shape == (3, 5, 7)",
    path=file_of(nn.LSTM(6, 7)),
    since="torch 2.6",
)


def class_gone():
    global Gone
    Gone = type("Gone", (nn.Module,), {"__module__": __name__})
    file = file_of(Gone())
    del Gone
    torch.load(file, weights_only=False)


case("The class of a network in a file", class_gone, "holds a Gone", line="class Gone(")
case(
    "A file from a GPU",
    lambda: torch.serialization.default_restore_location(torch.ones(1).untyped_storage(), "cuda"),
    line="state_dict = torch.load(path, map_location='cpu')",
    then="'weight_ih_l0' in state_dict",
    path=file_of(nn.GRU(6, 7).state_dict()),
)

# Keras.


def handed(saved, loading, name, whole=False):
    """Load the weights that one network saved into another."""
    network = stack(*saved)
    network.save(path(name)) if whole else network.save_weights(path(name))
    stack(*loading).load_weights(path(name))


OF = [GRU(7, reset_after=False)], [GRU(7)]
reset = partial(
    case,
    "A GRU with another reset_after",
    line="keras.layers.GRU(units, reset_after=False)",
    then="[one.shape for one in built(value).get_weights()][2] == (21,)",
    built=built,
)
reset(lambda: built(OF[1][0]).set_weights(built(OF[0][0]).get_weights()), "is (2, 21), the one")


def two_features(layer):
    layer.build((None, 5, 2))
    return layer


weights(  # the bias in the kernel's place
    lambda: two_features(GRU(7)).set_weights(
        two_features(GRU(7, reset_after=False)).get_weights()[::-1]
    ),
    "is (2, 21). It was given (21,)",
)
reset(lambda: handed(*OF, "reset.weights.h5"))
reset(lambda: handed(*OF, "reset.h5", whole=True))
other_sizes = partial(case, "A file of weights of other sizes", network=stack(LSTM(7)))
other_sizes(
    lambda: handed([LSTM(8)], [LSTM(7)], "sizes.weights.h5"),
    "is (6, 28), the one in the file is (6, 32)",
    line="network.summary()",
)
other_sizes(lambda: handed([LSTM(8)], [LSTM(7)], "sizes.h5", whole=True), "(6, 32)")
case(
    "A file of another network's weights",
    lambda: handed([LSTM(8), Dense(2)], [LSTM(8)], "count.h5", whole=True),
    "1 layer of the network has weights. The file has weights for 2",
    line="network.summary()",
    network=stack(LSTM(7)),
)
LATER = "keras 3.13"
unbuilt = partial(
    case,
    "A network without weights yet",
    line="model.build((None, timesteps, features))",
    then="len(model.get_weights()) == 3",
    timesteps=5,
    model=keras.Sequential([LSTM(7)]),
)
unbuilt(lambda: LSTM(7, name="rnn").count_params(), "rnn has no weights to be counted")
unbuilt(lambda: keras.Sequential([LSTM(7)]).save_weights(path("none.weights.h5")), since=LATER)
unbuilt(lambda: LSTM(7, name="rnn").set_weights(THEIRS), "rnn has no weights yet")
ending = partial(case, "A file's ending that Keras does not take", model=stack(LSTM(7)))
ending(lambda: stack(LSTM(7)).save_weights(path("a.h5")), "in .weights.h5")
ending(lambda: stack(LSTM(7)).save(path("a")), "in .keras")
ending(lambda: keras.callbacks.ModelCheckpoint("best.hdf5"), "ModelCheckpoint")
ending(lambda: keras.callbacks.ModelCheckpoint("best.keras", save_weights_only=True))
case(
    "A file's format that is gone",
    lambda: keras.models.load_model(FOLDER.name),
    "which is a folder",
)
no_file = partial(case, "A file that is not there", path="no.keras", line="os.path.abspath(path)")
no_file(lambda: keras.models.load_model("no.keras"), os=os)
no_file(lambda: stack(LSTM(7)).load_weights("no.weights.h5"), os=os)
no_file(lambda: torch.load("no.pt"), os=os)


class Mine(LSTM):
    pass


def loss_of_mine(target, output):
    return (target - output) ** 2


def again(model, name):
    """Save a model and load it."""
    model.save(path(name))
    return keras.models.load_model(path(name))


def compiled(loss):
    model = stack(LSTM(7))
    model.compile(loss=loss)
    return model


stack(Mine(7)).save(path("mine.keras"))
unseen = partial(case, "A class that a saved model needs")
unseen(
    lambda: keras.models.load_model(path("mine.keras")),
    "has Mine, which Keras does not find",
    line="model = keras.models.load_model(path, custom_objects={'Mine': Mine})",
    then="model(X).shape == (3, 7)",
    path=path("mine.keras"),
    Mine=Mine,
    since=LATER,
)
unseen(lambda: again(stack(Mine(7)), "mine.h5"), "has Mine")
unseen(lambda: again(compiled(loss_of_mine), "loss.keras"), "has loss_of_mine")
case(
    "A loss in a saved model",
    lambda: again(compiled("mse"), "mse.h5"),
    "The saved model's mse",
    line="model = keras.models.load_model(path, compile=False)",
    then="model(X).shape == (3, 7)",
    path=path("mse.h5"),
)
case(
    "A Lambda in a saved model",
    lambda: again(stack(LSTM(7), layers.Lambda(lambda x: x * 2)), "lambda.keras"),
    line="model = keras.models.load_model(path, safe_mode=False)",
    then="model(X).shape == (3, 7)",
    path=path("lambda.keras"),
)


class WithCell(layers.Layer):
    def __init__(self, cell):
        super().__init__()
        self.rnn = layers.RNN(cell)

    def call(self, x):
        return self.rnn(x)


case(
    "A class without a get_config",
    lambda: stack(WithCell(layers.LSTMCell(7))).save(path("config.keras")),
    "WithCell cannot be saved",
    line="def get_config(self):",
)
