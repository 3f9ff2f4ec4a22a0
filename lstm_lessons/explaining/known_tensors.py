"""Kinds of errors, as data, of lines that join, cut and reshape tensors.

What stands between the layers: indexes, gather, cat, views, products, merging layers. So it is
long.
"""

import ast
from dataclasses import replace

from ..spec import many
from .known import Known, lines, sizes
from .known_given import AN_ARRAY
from .known_keras import LAYER_BELOW
from .repeated import keras_layer
from .tracebacks import call_of_keras, frames, given, home, in_framework, in_layer, written

# What the traceback shows.


def _half(found, error):
    """Return the line for a query of one direction where the output has both, if it is half."""
    wanted, got = sizes(found["wanted"]), sizes(found["got"])
    both = "query = torch.cat([h_n[-2], h_n[-1]], -1)  # if output has both directions\n"
    return {"first": both * (wanted[0] == got[0] and wanted[1] == 2 * got[1])}


def _indexed(found, error):
    """Return whether an index stands on the learner's line, and no layer's own code failed."""
    return written(error, ast.Subscript) and not in_framework(error)


def _sequences(found, error):
    """Return the lines that make sequences of so many numbers, with the last sizes of a shape."""
    timesteps, features = [1, *sizes(found["shape"])][-2:]
    whole = int(found["count"]) % max(timesteps * features, 1) == 0
    cut = "" if whole else f"[: x.size // {timesteps * features} * {timesteps * features}]"
    flat = f"x.ravel(){cut}" if cut else "x"
    view = f"np.lib.stride_tricks.sliding_window_view(x, {timesteps}, axis=0).transpose(0, 2, 1)"
    return {
        "lines": lines(
            f"{flat}.reshape(-1, {timesteps}, {features})"
            "  # if the rows follow each other: as many sequences as there are",
            f"{view}  # if x is (rows, {features}), and a sequence begins at each row",
        )
    }


def _unequal(found, error):
    """Return the line for tensors that differ in the size of one axis, the timesteps."""
    one, other = sizes(found["one"]), sizes(found["other"])
    if len(one) != 3 or len(other) != 3 or one[::2] != other[::2]:
        return None
    return {"axis": 1}


def _axes(found, error):
    """Return how many axes there are; of none and of one PyTorch says the same."""
    return {"count": "1 axis or none" if found["axes"] == "1" else many(found["axes"], "axis")}


def _features(found, error):
    """Return the features of two sequences that pad_sequence was given."""
    whole = given(error, "sequences")
    if not any(one.f_code.co_name == "pad_sequence" for one, _, there in frames(error) if there):
        return None
    rest = list(dict.fromkeys(tuple(one.shape[1:]) for one in whole))
    return {"one": rest[0], "other": rest[1]} if len(rest) > 1 else None


def _attention(found, error):
    """Return whether a layer of attention of Keras was called with one tensor."""
    layer = (call_of_keras(error) or [None])[0]
    of_keras = home(type(layer)) == "keras"
    return of_keras and type(layer).__name__ == "MultiHeadAttention"


def _last(found, error):
    """Return the last size of the first of two shapes, if all others are equal."""
    one, other = sizes(found["one"]), sizes(found["other"])
    return {"units": one[-1]} if one[:-1] == other[:-1] and one else None


# Kinds with more than one message.

NO_INDEX = Known(
    name="An index beyond an axis",
    read="Which axis is the batch in PyTorch",
    what="There is no index {got} on an axis of size {size}.",
    why="An index counts from 0, a length from 1. On axis 0 `h_n` has layers·directions: "
    "`h_n[-2]` is there with `bidirectional=True`, or with a second layer.",
    instead=lines(
        "h_n[-1]  # of one layer and one direction",
        "output[torch.arange(len(lengths)), lengths - 1]  # the last of each, if axis 0 is the "
        "batch",
    ),
)
INDEX_TYPE = Known(
    name="Other numbers than an index has",
    read="Trap 3: an index into h_n",
    what="An index was not of whole numbers.",
    why="An index is a place on an axis. Lengths that were divided, or NumPy's floats, are none.",
    instead="index = index.long()",
)
RESHAPED = Known(
    name="More or fewer numbers than a shape has",
    read="How do I make sequences of a table",
    why="A shape's sizes multiplied are the count of the numbers. -1 stands for one of them.",
)
NUMBERED = Known(
    name="A number beyond one-hot's classes",
    read="Which loss takes which target",
    what="One of the numbers is not among the classes.",
    why="With n classes the numbers go from 0 to n - 1.",
)
PRODUCT = Known(
    name="A product of batches that does not fit",
    read="How do I put attention above an LSTM",
    raised="RuntimeError",
    why="A product of batches is (batch, n, m) by (batch, m, p). In attention a query of "
    "(batch, units) becomes (batch, units, 1), weights of (batch, timesteps) become "
    "(batch, 1, timesteps).",
    instead=lines(
        "scores = torch.bmm(output, query[:, :, None])[:, :, 0]  # if output has batch first",
        "context = torch.bmm(weights[:, None], output)[:, 0]",
    ),
)
NO_AXIS = Known(
    name="An axis that is not there",
    read="Can I leave the batch out",
    why="`output[:, -1]` and `h_n[-1]` have no axis of timesteps any more, and a sequence without "
    "batch has none of the batch.",
)
SCALAR = Known(
    name="Several numbers where one belongs",
    read="Which shape must the target have",
    raised="RuntimeError ValueError",
    what="A tensor of several numbers was to be one number of Python.",
    why="`item()`, `int()` and `float()` take one number alone.",
    instead=lines(
        "loss.mean().item()  # of a loss without reduction",
        "torch.stack(tensors)  # in place of torch.tensor, if it was a list of tensors",
        "output.tolist()  # all of them",
    ),
)
ATTENTION = Known(
    name="Attention without its list",
    read="How do I put attention above an LSTM",
    why="It compares two sequences: of the query, and of the value, which may be the same.",
)
TOO_LONG = Known(
    name="A kernel longer than the sequence",
    read="How does a convolution feed an LSTM",
    why="Without padding a convolution or a pool has a result only where all of its kernel lies "
    "within the sequence.",
)
NO_GRAPH_COPY = Known(
    name="A copy of a tensor with a graph", read="In PyTorch", raised="RuntimeError"
)

KINDS = (
    # Indexes.
    replace(
        NO_INDEX,
        raised="IndexError RuntimeError",
        message=r"^index (?P<got>-?\d{1,9}) is out of bounds for dimension \d with size "
        r"(?P<size>\d{1,9})",
        when=_indexed,
    ),
    replace(
        INDEX_TYPE,
        raised="IndexError",
        message="^tensors used as indices must be long, ",
    ),
    replace(
        INDEX_TYPE,
        raised="RuntimeError",
        message=r"^(?:gather|scatter|index_select)\(\): Expected dtype int",
    ),
    Known(
        name="An index with other axes than the tensor",
        read="Trap 3: an index into h_n",
        raised="RuntimeError",
        message="^Index tensor must have the same number of dimensions as input tensor",
        what="`gather` was given an index with another number of axes.",
        why="`gather` takes a number for each number that it returns.",
        instead=lines(
            "output[torch.arange(len(index)), index]  # a timestep of each, if axis 0 is the batch",
            "output.gather(1, index[:, None, None].expand(-1, 1, output.shape[2]))[:, 0]"
            "  # the same",
        ),
    ),
    replace(
        NO_AXIS,
        raised="IndexError",
        message=r"^Dimension out of range \(expected to be in range of \[-(?P<axes>\d), \d\], but "
        r"got (?P<got>-?\d{1,9})\)",
        rule=_axes,
        what="The tensor has {count}. It has no axis {got}.",
        instead=lines(
            "x[None]  # if batch is missing: x is one sequence",
            "x[:, None]  # if timesteps is missing: x is one of each sequence, batch first",
            "x.softmax(-1)  # or what else was called: -1 is the last axis, whatever its number",
        ),
        general=True,
    ),
    replace(
        NO_AXIS,
        name="A permute of other axes",
        read="Which axis is the batch in PyTorch",
        raised="RuntimeError",
        message=r"^permute\(sparse_coo\): number of dimensions … input\.dim\(\) = (?P<axes>\d) is "
        r"not equal to len\(dims\) = (?P<got>\d)",
        what="The tensor has {axes:axis}, `permute` was given {got}.",
        instead="x.transpose(0, 1)  # swaps two, and leaves the others where they are",
    ),
    Known(
        name="Other axes than a Permute counts",
        read="Trap 3: an index into h_n",
        message=r"^Invalid permutation argument `dims` for Permute Layer … Received dims="
        r"(?P<got>\([^()\n]{1,40}\))",
        what="`Permute` was given `{got}`.",
        why="It counts from 1, and leaves the batch out.",
        instead="keras.layers.Permute((2, 1))  # timesteps and features change places",
    ),
    # Shapes.
    replace(
        RESHAPED,
        message=r"^cannot reshape array of size (?P<count>\d{1,12}) into shape "
        r"(?P<shape>\([-\d, ]{1,99}\))",
        rule=_sequences,
        what="There {count:is/are} {count:number}. {count:It does/They do} not make `{shape}`.",
        instead="{lines}",
    ),
    replace(
        RESHAPED,
        raised="RuntimeError",
        message=r"^shape '\[(?P<shape>[-\d, ]{1,99})\]' is invalid for input of size "
        r"(?P<count>\d{1,12})",
        when=lambda found, error: not in_layer(error, "MultiheadAttention"),  # then it is a mask
        what="There {count:is/are} {count:number}. {count:It does/They do} not make `({shape})`.",
        instead=lines(
            "x.reshape(x.shape[0], -1)  # if axis 0 is the batch: each sequence in one row",
            "x.shape  # what it is",
        ),
    ),
    replace(
        RESHAPED,
        message=r"The total size of the tensor must be unchanged\. Received: input_shape="
        r"(?P<from>\([^()\n]{0,99}\)), target_shape=(?P<shape>\([^()\n]{1,99}\))",
        what="`Reshape` was to make `{shape}` of `{from}`, without the batch.",
        instead=lines(
            "keras.layers.Flatten()  # all numbers of a sequence in one row",
            "keras.layers.Reshape((1, -1))  # as features of one timestep",
        ),
        again=keras_layer,
    ),
    # What is joined.
    Known(
        name="Unequal sizes in a cat",
        read="How are two inputs joined",
        raised="RuntimeError",
        message=r"^Sizes of tensors must match except in dimension (?P<axis>\d)\. Expected size "
        r"(?P<one>\d{1,9}) but got size (?P<other>\d{1,9})",
        what="The tensors were to be joined along axis {axis}. On another axis size {one} met size "
        "{other}.",
        why="All axes but that one must be equal. Without `batch_first=True` an output has the "
        "batch on axis 1. `h_n` has layers·directions where an output has timesteps or batch.",
        instead=lines(
            "torch.cat([output, other.transpose(0, 1)], -1)  # if batch and timesteps have changed "
            "places",
            "torch.cat([output, h_n[-1][:, None].expand(-1, output.shape[1], -1)], -1)"
            "  # if it was h_n, and batch is first",
        ),
    ),
    Known(
        name="An empty list of tensors",
        read="How do I batch sequences of different lengths",
        raised="RuntimeError ValueError",
        message=r"^stack expects a non-empty TensorList|^(?:torch\.cat\(\): )?expected a "
        "non-empty list of Tensors",
        what="The list of what was to be joined is empty.",
        why="A loop that never runs, or that appends nothing to it, leaves it so.",
        instead="outputs.append(output)  # in the loop, before they are joined",
    ),
    replace(
        AN_ARRAY,
        name="A list or an array among tensors",
        read="12. Explain your network",
        message=r"^expected Tensor as element \d{1,9} in argument 0, but got "
        r"(?P<got>list|numpy\.ndarray|int|float)",
        what="Among the tensors that were to be joined is `{got}`.",
        why="Tensors alone can be joined, as in `pad_sequence`, `stack` and `cat`.",
        instead="tensors = [torch.as_tensor(one) for one in tensors]",
        again=None,
    ),
    Known(
        name="Sequences of unequal features",
        read="How do I batch sequences of different lengths",
        raised="RuntimeError",
        message=r"^The size of tensor a \(\d{1,9}\) must match the size of tensor b \(\d{1,9}\)",
        rule=_features,
        what="Behind the timesteps a sequence has `{one}`, another `{other}`.",
        why="`pad_sequence` pads the first axis, the timesteps. All others must be equal.",
        instead="sequences = [one.transpose(0, 1) for one in sequences]"
        "  # if each is (features, timesteps)",
    ),
    Known(
        name="Two shapes that do not fit",
        read="How do I put attention above an LSTM",
        raised="RuntimeError",
        message=r"^The size of tensor a \((?P<one>\d{1,9})\) must match the size of tensor b "
        r"\((?P<other>\d{1,9})\) at non-singleton dimension (?P<axis>[1-9])",
        when=lambda found, error: in_framework(error) is False,
        general=True,
        what="Two tensors were reckoned with number by number. On axis {axis} of what would come "
        "of it, size {one} met size {other}.",
        why="Shapes are compared from the last axis to the first. Two sizes fit if they are equal "
        "or one is 1; an axis that is missing in front counts as 1.",
        instead=lines(
            "mask[..., None]  # if a mask or weights of (batch, timesteps) met an output",
            "h_n[-1][:, None]  # if a state of (batch, units) met an output with batch first",
        ),
    ),
    Known(
        name="A mask of numbers",
        read="How do I put attention above an LSTM",
        raised="RuntimeError",
        message=r"^masked_fill_? only supports boolean masks, but got mask with dtype "
        r"(?P<got>[\w ]{1,20})",
        what="A mask must be of bool. It is of {got}.",
        why="Where it is True, the number is replaced: for scores of attention, that is where the "
        "padding is.",
        instead=lines(
            "mask = mask.bool()  # if it is 1 where the padding is",
            "mask = mask == 0  # if it is 0 there",
        ),
    ),
    replace(
        PRODUCT,
        message=r"^Expected size for first two dimensions of batch2 tensor to be: "
        r"\[(?P<wanted>\d{1,9}, \d{1,9})\] but got: \[(?P<got>\d{1,9}, \d{1,9})\]",
        what="The second tensor must begin with {wanted}. It begins with {got}.",
        rule=_half,
        instead="{first}" + PRODUCT.instead,
    ),
    replace(
        PRODUCT,
        message=r"^batch(?P<which>[12]) must be a 3D tensor",
        what="Tensor {which} of the two has not three axes.",
    ),
    Known(
        name="Unequal sizes in a Concatenate",
        read="How are two inputs joined",
        message=r"^A `Concatenate` layer requires inputs with matching shapes … "
        r"input_shape=\[(?P<one>\([^()\n]{0,99}\)), (?P<other>\([^()\n]{0,99}\))\]",
        rule=_unequal,
        what="`Concatenate` joins on the last axis. It got `{one}` and `{other}`.",
        why="All other axes must be equal, and the timesteps are not.",
        instead=lines(
            "keras.layers.concatenate([x, other], axis=1)  # one behind the other in time",
            "keras.layers.concatenate([x[:, -1], other[:, -1]])  # the last timestep of each",
        ),
    ),
    Known(
        name="Unequal shapes in a sum",
        read="How are two inputs joined",
        message=r"^Inputs have incompatible shapes\. Received shapes (?P<one>\([^()\n]{0,99}\)) "
        r"and (?P<other>\([^()\n]{0,99}\))",
        rule=_last,
        what="Without the batch a layer like `Add` got `{one}` and `{other}`.",
        why="What goes around a recurrent layer must be as wide as what comes out of it.",
        instead=lines(
            "keras.layers.LSTM({units}, return_sequences=True)  # as wide as x, if x is the first",
            "keras.layers.Bidirectional(layer, merge_mode='sum')  # as wide as one direction",
        ),
    ),
    Known(
        name="Tensors that are not in a list",
        read="Why can nothing follow an LSTM in Sequential",
        message=r"^A (?:merge|`Concatenate`) layer should be called on a list",
        what="A layer that joins tensors got one tensor.",
        why="What is joined stands in a list.",
        instead="keras.layers.concatenate([x, other])",
    ),
    Known(
        name="Axes of a Dot that do not fit",
        read="How do I put attention above an LSTM",
        message=r"^Incompatible input shapes: axis values (?P<one>\w{1,9}) \(at axis "
        r"(?P<axis>\d)\) != (?P<other>\w{1,9}) \(at axis (?P<with>\d)\)",
        what="Axis {axis} of the first has size {one}, axis {with} of the second {other}.",
        why="`Dot` multiplies along one axis of each, and sums. In attention that is the units.",
        instead="keras.layers.Dot(axes=(2, 2))([output, query])  # of (batch, timesteps, units), "
        "both",
    ),
    replace(
        ATTENTION,
        message=r"^(?P<layer>\w{1,40}) layer must be called on a list of inputs, namely "
        r"\[query, value\]",
        what="`{layer}` was not given a list.",
        instead="keras.layers.{layer}()([query, value])",
    ),
    replace(
        ATTENTION,
        raised="TypeError",
        message="^missing a required argument: 'value'",
        when=_attention,
        what="`MultiHeadAttention` was given one tensor.",
        instead="keras.layers.MultiHeadAttention(heads, units)(query, value)",
    ),
    # Layers over timesteps.
    Known(
        name="A layer over timesteps without timesteps",
        read="Why must the lower layer return sequences",
        message=r"layer ['\"](?P<layer>[a-z_]{1,40}1d\w{0,20})['\"] is incompatible with the "
        r"layer: expected (?:min_)?ndim=3, found ndim=2 … Full shape received: "
        r"(?P<got>\([^()\n]{1,99}\))",
        what="`{layer}` reads (batch, timesteps, features). It got `{got}`.",
        why="A recurrent layer without `return_sequences` leaves the timesteps out. Single numbers "
        "are features 1.",
        instead=lines(
            LAYER_BELOW.format(last="units"),
            "x[..., None]  # if x is (batch, timesteps)",
            "x[None]  # if x is one sequence, (timesteps, features)",
        ),
        again=keras_layer,
    ),
    replace(
        TOO_LONG,
        message=r"^Computed output size would be (?:zero or negative|negative)\. "
        r"Received `inputs shape=\((?:\w{1,9}, ){2}\w{1,9}\)",
        what="A layer like `Conv1D` was given fewer timesteps than it reads at once.",
        instead="keras.layers.Conv1D(units, kernel_size, padding='same')",
    ),
    replace(
        TOO_LONG,
        raised="RuntimeError",
        message=r"^Calculated padded input size per channel: \((?P<there>\d{1,9})\)\. Kernel size: "
        r"\((?P<wanted>\d{1,9})\)",
        what="`Conv1d` reads {wanted:timestep} at once. It was given {there}, padding included.",
        instead=lines(
            "conv(x.transpose(1, 2))  # if x is (batch, timesteps, features), and has enough",
            "torch.nn.Conv1d(features, units, kernel_size, padding='same')",
        ),
    ),
    # Numbers.
    replace(
        INDEX_TYPE,
        name="Other numbers than one_hot reads",
        read="Which loss takes which target",
        raised="RuntimeError",
        message="^one_hot is only applicable to index tensor",
        what="`one_hot` was not given int64.",
        why="It makes a row of the number of a class.",
        instead="x = x.long()",
    ),
    replace(
        NUMBERED,
        raised="RuntimeError",
        message="^Class values must be smaller than num_classes",
        instead="torch.nn.functional.one_hot(x, int(x.max()) + 1)",
    ),
    replace(
        NUMBERED,
        raised="IndexError",
        message=r"^index (?P<got>\d{1,9}) is out of bounds for axis 1 with size (?P<size>\d{1,9})",
        when=lambda found, error: given(error, "num_classes") is not None,
        what="One of the numbers is {got}, and there {size:is/are} {size:class}.",
        instead="keras.utils.to_categorical(y, int(max(y)) + 1)",
    ),
    replace(
        SCALAR,
        message=r"^a Tensor with \d{1,12} elements cannot be converted to Scalar"
        "|^only one element tensors can be converted to Python scalars",
    ),
    Known(
        name="A tensor as a condition",
        read="10. An encoder and a decoder",
        raised="RuntimeError",
        message="^Boolean value of Tensor with more than one value is ambiguous",
        what="A tensor of several numbers was to be True or False.",
        why="`if`, `or` and `not` ask about one value.",
        instead=lines(
            "h is not None  # if it asks whether there is a state",
            "(h != 0).any()  # if it asks about its numbers",
        ),
        general=True,
    ),
    replace(
        NO_GRAPH_COPY,
        message=r"^Only Tensors created explicitly by the user \(graph leaves\) support the "
        "deepcopy",
        what="A tensor that gradients go through was to be copied by `deepcopy`.",
        why="What hangs on it cannot be copied with it.",
        instead="h = h.detach().clone()",
    ),
    replace(
        NO_GRAPH_COPY,
        name="A part of a tensor detached in place",
        read="In PyTorch",
        message="^Can't detach views in-place",
        what="`detach_()` was called on a part of another tensor.",
        why="`h_n[-1]`, `output[:, -1]` and what `unbind` returns are parts.",
        instead="h = h.detach()",
    ),
    Known(
        name="A number where the loss belongs",
        read="Which shape must the target have",
        raised="AttributeError",
        message="^'(?P<got>float|int|float32|float64)' object has no attribute 'backward'",
        what="`backward` was called on a number of Python or NumPy.",
        why="`item()` takes the number out of a loss, and leaves its graph behind.",
        instead="loss.backward()  # before loss.item()",
    ),
    # Layers that are called.
    Known(
        name="States given to a Sequential",
        read="Which shape must the first states have",
        raised="TypeError",
        message=r"^Sequential\.forward\(\) takes 2 positional arguments but \d were given",
        when=lambda found, error: in_layer(error, "Sequential"),
        what="`nn.Sequential` was given more than x.",
        why="It hands one thing from layer to layer. States go to the recurrent layer itself.",
        instead="output, states = lstm(x, states)  # outside of the Sequential",
    ),
)
