"""The kinds of errors of PyTorch, as data. So it is long: each kind is an entry of its own."""

import ast
from dataclasses import replace
from functools import partial

from .known import (
    AXIS_TOO_MANY,
    OTHER_FEATURES,
    OUTPUT_FIRST,
    STATES,
    UNKNOWN_KEYWORD,
    Known,
    added_axis,
    keyword,
)
from .repeated import torch_layer, torch_loss, torch_output, torch_packing, torch_states
from .states import of_another_batch, of_another_size, of_no_tensor, of_other_axes
from .tracebacks import call_of_torch, given, in_layer, several, value, written

SETTINGS = ("input_size", "hidden_size", "num_layers", "batch_first", "bidirectional", "dropout")
HIDDEN = (
    r"^Expected hidden(?P<which>\[\d\])? size \((?P<wanted>\d{1,9}, \d{1,9}, \d{1,9})\), "
    r"got [\[(](?P<got>\d{1,9}, \d{1,9}, \d{1,9})[\])]"  # round in older releases
)
runtime = partial(Known, raised="RuntimeError")


def _not_two(found, error):
    """Return whether an LSTM was given one tensor as its states, or not two in a row."""
    states = given(error, "hx")
    pair = isinstance(states, (tuple, list)) and len(states) == 2
    return states is not None and not pair and in_layer(error, "LSTM")


def _is_pair(found, error):
    """Return whether it was a tuple of two states: two tensors of one shape, of three axes."""
    given_ = given(error, "input")
    shapes = [tuple(getattr(one, "shape", ())) for one in given_] if several(given_) else []
    return len(shapes) == 2 and shapes[0] == shapes[1] and len(shapes[0]) == 3


def _packed_index(found, error):
    """Return whether it was a PackedSequence that was indexed as a tensor."""
    nodes = written(error, ast.Subscript)
    return any(hasattr(value(node.value, frame), "batch_sizes") for node, frame in nodes)


def _packed(found, error):
    return in_layer(error, "RNNBase") and given(error, "batch_sizes") is not None


def _keyword(found, error):
    if not in_layer(error, "RNNBase"):
        return None
    layer = type(given(error, "self")).__name__
    return {"layer": layer, **keyword(found["word"], SETTINGS, f"torch.nn.{layer}")}


def _layer(found, error):
    """Return PyTorch's class of the recurrent layer that ran; LSTM where that is not seen."""
    kinds = [name for name in ("GRU", "RNN") if in_layer(error, name)]
    return {"layer": (kinds or ["LSTM"])[0]}


def _one_number(found, error):
    """Return the line for an x without features, unless it is seen to have three axes."""
    _, x, _ = call_of_torch(error) or (None, (), {})
    axes = len(x[0].shape) if x else 2
    one = "x[..., None]  # if x is (batch, timesteps), one number at each\n"
    return {"first": one * (axes == 2), **_layer(found, error)}


def _linear(found, error):
    """Return the line for a Linear layer that reads both directions, if there are twice as many."""
    got, wanted = int(found["got"]), int(found["wanted"])
    twice = f"torch.nn.Linear(2 * {wanted}, out_features)  # if a bidirectional layer of {wanted} "
    first = f"{twice}units stands below\n" * (got == 2 * wanted)
    return {"first": first} if in_layer(error, "Linear") else None


def _types(found, error):
    """Return which type x has, and which the weights; an older PyTorch names them the other way."""
    types = found["one"], found["other"]
    return dict(zip(("wanted", "got") if found["old"] else ("got", "wanted"), types, strict=True))


def _of_linear(found, error):
    """Return which type x has, and which the weights of a Linear layer or of a cell, if another."""
    x, layer = given(error, "input"), given(error, "self")
    if not in_layer(error, "Linear", "RNNCellBase") or not hasattr(x, "dtype"):
        return None
    weights = next(layer.parameters()).dtype
    return {"x": x.dtype, "weights": weights} if x.dtype != weights else None


KINDS = (
    # Axes and features.
    runtime(
        name="An axis is missing",
        read="Can I leave the batch out",
        message=r"^input must have 3 dimensions, got (?P<got>[12])\b",
        what="The layer reads three axes: batch, timesteps, features. It got {got:axis}.",
        why="An older PyTorch wants the batch always. One sequence is batch 1, one number at each "
        "timestep is features 1.",
        instead="x[None]  # if x is one sequence, (timesteps, features), with batch_first=True\n"
        "x[..., None]  # if x is (batch, timesteps)",
    ),
    replace(
        AXIS_TOO_MANY,
        message=r"^(?P<layer>LSTM|GRU|RNN): Expected input to be 2D or 3D, got (?P<got>[4-9]D)",
        rule=added_axis,
        general=True,
        again=torch_layer,
    ),
    replace(
        OTHER_FEATURES,
        message=r"^input\.size\(-1\) must be equal to input_size\. Expected "
        r"(?P<wanted>(?!1,)\d{1,9}), got (?P<got>\d{1,9})",
        rule=_layer,
        instead="torch.nn.{layer}({got}, hidden_size)  # if features {got} is right",
        again=torch_layer,
    ),
    replace(
        OTHER_FEATURES,
        read="How do I add the axis of features",
        message=r"^input\.size\(-1\) must be equal to input_size\. Expected (?P<wanted>1), "
        r"got (?P<got>\d{1,9})",
        rule=_one_number,
        instead="{first}torch.nn.{layer}({got}, hidden_size)  # if features {got} is right",
        again=torch_layer,
    ),
    replace(
        OTHER_FEATURES,
        message=r"^(?:mat1 and mat2 shapes cannot be multiplied \(|size mismatch, m1: \[)\d{1,9}"
        r" ?x ?(?P<got>\d{1,9})(?: and |\], m2: \[)(?P<wanted>\d{1,9}) ?x",
        rule=_linear,
        why="The last axis must be the features, as many as the layer was made for. A "
        "bidirectional layer returns twice its units: `torch.nn.Linear(2 * units, out_features)` "
        "reads them.",
        instead="{first}torch.nn.Linear({got}, out_features)  # if features {got} is right",
        again=torch_layer,
    ),
    # Something else where a tensor belongs.
    Known(
        name="A tuple where a tensor belongs",
        read="What comes back with return_state",
        raised="TypeError",
        message=r"^(?P<layer>\w{1,40})\(\): argument 'input' \(position 1\) must be Tensor, "
        "not tuple",
        when=lambda found, error: not _is_pair(found, error),
        what="`{layer}` reads one tensor. It got a tuple.",
        why="A recurrent layer of PyTorch returns its output and its states in a tuple, and "
        "`nn.Sequential` hands on all of it.",
        instead=OUTPUT_FIRST,
        again=torch_output,
    ),
    Known(
        name="A tuple where a tensor belongs",
        read="What comes back with return_state",
        raised="TypeError",
        message=r"^(?P<layer>\w{1,40})\(\) received an invalid combination of arguments - got "
        r"\(tuple, Parameter",
        what="`{layer}` reads one tensor. It got a tuple.",
        why="A recurrent layer of PyTorch returns its output and its states in a tuple, and "
        "`nn.Sequential` hands on all of it.",
        instead=OUTPUT_FIRST,
    ),
    Known(
        name="A pair of states where a tensor belongs",
        read="Does a GRU return the same",
        raised="TypeError",
        message=r"^(?P<layer>\w{1,40})\(\): argument 'input' \(position 1\) must be Tensor, "
        "not tuple",
        when=_is_pair,
        what="`{layer}` reads one tensor. It got two of one shape, in a tuple.",
        why="An LSTM of PyTorch has its two states in such a tuple: (h_n, c_n). h_n is "
        "(layers·directions, batch, units), and `h_n[-1]` is the last h of the top layer, of a "
        "bidirectional one that of its backward direction.",
        instead="output = states[0][-1]  # of one direction\n"
        "output = torch.cat([states[0][-2], states[0][-1]], -1)  # of both",
        again=torch_output,
    ),
    Known(
        name="A PackedSequence where a tensor belongs",
        read="What may follow a packed sequence",
        raised="TypeError",
        message="^tuple indices must be integers or slices, not tuple",
        when=_packed_index,
        what="What was indexed as a tensor is a PackedSequence.",
        why="In it the timesteps of all sequences lie in one row, without padding. Unpacked, the "
        "output ends in padding, and `output[:, -1]` would read that: h_n holds the last h of "
        "each sequence.",
        instead="output, lengths = "
        "torch.nn.utils.rnn.pad_packed_sequence(packed, batch_first=True)",
    ),
    Known(
        name="A PackedSequence where a tensor belongs",
        read="What may follow a packed sequence",
        raised="TypeError AttributeError",
        message="must be Tensor, not PackedSequence|^'PackedSequence' object has no attribute",
        what="A recurrent layer that reads a PackedSequence returns one.",
        why="In it the timesteps of all sequences lie in one row, without padding.",
        instead="output, lengths = "
        "torch.nn.utils.rnn.pad_packed_sequence(packed, batch_first=True)",
        again=torch_output,
    ),
    # States.
    Known(
        name="A tuple where a state belongs",
        read="Which shape must the first states have",
        raised="AttributeError",
        message="^'tuple' object has no attribute 'dim'",
        when=of_no_tensor,
        what="Where one state belongs, the layer was given a tuple.",
        why="A layer starts from what it returns after its output: the pair (h_n, c_n) of an LSTM, "
        "h_n alone of a GRU.",
        instead="output, states = layer(x)\nlayer(x, states)",
    ),
    Known(
        name="One state where two belong",
        read="Which shape must the first states have",
        raised="IndexError RuntimeError",
        message="index out of range|index 1 is out of bounds"
        "|hx and cx should|expects two hidden states",
        when=_not_two,
        what="An LSTM did not get two states in a tuple.",
        why="An LSTM has two states, h and c, of one shape. One tensor in their place is cut along "
        "its first axis.",
        instead="lstm(x, (h_0, c_0))",
    ),
    runtime(
        name="A state with an axis too few or too many",
        read="Which shape must the first states have",
        message="^For (?P<how>unbatched|batched) … "
        r"should also be (?P<wanted>\d)-D but got \(?(?P<got>\d)",
        what="With {how} input a state has {wanted:axis}. It has {got}.",
        why="A state is (layers·directions, batch, units), of one sequence without batch "
        "(layers·directions, units). The first axis stays, also with one layer.",
        rule=of_other_axes,
        instead="{lines}",
        general=True,
        again=torch_states,
    ),
    runtime(
        name="States of another batch",
        read="Which shape must the first states have",
        message=HIDDEN,
        rule=of_another_batch,
        what="The layer read batch {batch} from x. The state is {got}.",
        why="A layer reads the batch from axis 1 of x, with `batch_first=True` from axis 0. In a "
        "state it is axis 1 always: that of the x which the state was made from.",
        axes={"got": STATES},
        instead="{lines}",
        again=torch_states,
    ),
    runtime(
        name="A state of another size",
        read="Which shape must the first states have",
        message=HIDDEN,
        rule=of_another_size,
        what="A state must be {wanted}. It is {got}.",
        why="{why}",
        axes={"wanted": STATES, "got": STATES},
        instead="{lines}",
        general=True,
        again=torch_states,
    ),
    # Settings.
    replace(
        UNKNOWN_KEYWORD,
        message=r"^(?P<layer>\w{1,80})\.\w{1,80}\(\) got an unexpected keyword argument "
        r"'(?P<word>\w{1,80})'",
        rule=_keyword,
    ),
    Known(
        name="Another type of numbers",
        read="12. Explain your network",
        message=r"^(?:RNN input dtype \(|(?P<old>input must have the type ))(?P<one>[\w.]{1,40})"
        r"(?:\) does not match weight dtype \(|, got type )(?P<other>[\w.]{1,40})",
        rule=_types,
        what="x is `{got}`, the weights are `{wanted}`.",
        why="NumPy makes float64 and whole numbers int64, PyTorch's layers are float32.",
        instead="x.to({wanted})",
        again=torch_layer,
    ),
    runtime(
        name="Another type of numbers",
        read="12. Explain your network",
        message="^mat1 and mat2 must have the same dtype, but got (?P<one>[A-Z][A-Za-z]{1,12}) "
        "and (?P<other>[A-Z][A-Za-z]{1,12})",
        rule=_of_linear,
        what="x is `{x}`, the weights are `{weights}`.",
        why="NumPy makes float64 and whole numbers int64, PyTorch's layers are float32.",
        instead="x.to({weights})",
        again=torch_layer,
    ),
    # Packing.
    runtime(
        name="Not one length for each sequence",
        read="Which lengths does packing take",
        message=r"^Expected `len\(lengths\)` to be … "
        r"but got (?P<got>\d+) \(batch_size=(?P<wanted>\d+)\)",
        what="There are {got} lengths for batch {wanted}.",
        why="Packing reads the batch from axis 1 of x, with `batch_first=True` from axis 0.",
        instead="pack_padded_sequence(x, lengths, batch_first=True)  "
        "# if axis 0 of x is the batch\n"
        "len(lengths) == {wanted}  # if axis 1 of x is the batch",
        again=torch_packing,
    ),
    runtime(
        name="Lengths that are not sorted",
        read="Which lengths does packing take",
        message="^`lengths` array must be sorted in decreasing order",
        what="The lengths do not go from the longest to the shortest.",
        why="Packing wants them sorted, or sorts them itself if it is allowed to.",
        instead="pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)",
        again=torch_packing,
    ),
    runtime(
        name="A length beyond the timesteps",
        read="Which lengths does packing take",
        message=r"^start \(\d+\) \+ length \(\d+\) exceeds dimension size",
        when=_packed,
        what="A length is greater than the timesteps of x.",
        why="`pack_padded_sequence` does not compare them. The layer is the first to fail.",
        instead="lengths = [min(length, x.shape[1]) for length in lengths]  # if x has batch first",
    ),
    # Targets.
    runtime(
        name="A target with an axis too many",
        read="Which shape must the target have",
        message="^0D or 1D target tensor expected, multi-target not supported",
        what="The scores are (batch, classes). The target has more axes than (batch).",
        why="Cross-entropy compares one row of scores with the number of one class.",
        instead="target.squeeze(1)  # if the target is (batch, 1)\n"
        "scores = linear(output).transpose(1, 2)  # if each timestep has a class",
        again=torch_loss,
    ),
    runtime(
        name="Classes on the wrong axis",
        read="What is inside CrossEntropyLoss",
        message=r"^Expected target size \[(?P<wanted>\d+, \d+)\], got \[(?P<got>\d+, \d+)\]",
        what="With these scores the target must be `({wanted})`. It is `({got})`.",
        why="Cross-entropy reads the classes from axis 1: (batch, classes, timesteps).",
        instead="loss(scores.transpose(1, 2), target)  "
        "# if the scores are (batch, timesteps, classes)",
        general=True,
        again=torch_loss,
    ),
    runtime(
        name="A target with an axis too few",
        read="Which shape must the target have",
        message=r"^Expected target size \[(?P<wanted>\d+, \d+)\], got \[(?P<got>\d+)\]",
        what="With these scores the target must be `({wanted})`. It is `({got},)`.",
        why="With scores for each timestep goes a class for each timestep, with one class for each "
        "sequence one row of scores.",
        instead="loss(scores[:, -1], target)  # if the scores are (batch, timesteps, classes)",
        again=torch_loss,
    ),
    Known(
        name="Not one target for each row of scores",
        read="Which shape must the target have",
        message=r"^Expected input batch_size \((?P<got>\d+)\) to match target batch_size "
        r"\((?P<wanted>\d+)\)",
        what="There {got:is/are} {got:row} of scores and {wanted:target}.",
        why="One row of scores is compared with one class. Where timesteps became rows, the "
        "targets must too.",
        instead="loss(scores, target.flatten())  # if the target is (batch, timesteps)\n"
        "linear(output[:, -1])  # if each sequence has one class",
        general=True,
        again=torch_loss,
    ),
)
