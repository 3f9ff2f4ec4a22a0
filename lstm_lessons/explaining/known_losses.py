"""Kinds of errors, as data, of what comes behind a network: losses, labels, backward and export.

So it is long.
"""

from dataclasses import replace
from math import prod

from .known import Known, lines, sizes
from .known_keras import IF_EVERY, IF_LAST, IF_SIZE, TARGET
from .repeated import torch_loss
from .tracebacks import frames, given, home

# What the traceback shows.


def _inside(*functions):
    """Return a test of whether PyTorch's function of one of these names was running."""

    def test(found, error):
        names = [
            one.f_code.co_name
            for one, _, framework in frames(error)
            if framework and home(one.f_globals.get("__name__")) == "torch"
        ]
        return any(name in functions for name in names)

    return test


def _of_unequal_size(found, error):
    """Return the words for scores and targets of two shapes."""
    target, scores = found["target"], found["scores"]
    if not sizes(scores) and sizes(target):
        line = "scores = linear(output[:, -1]).squeeze(-1)  # not squeeze(): a batch of 1 stays"
    elif prod(map(int, sizes(target))) == prod(map(int, sizes(scores))):
        line = "target = target.reshape(scores.shape)  # if they are in the order of the scores"
    else:
        line = "scores = linear(output[:, -1]).squeeze(-1)  # if each sequence has one target"
    return {"line": line}


def _label(found, error):
    """Return the lines for a label that is no class; below 0 it may stand for padding."""
    number = int(found["label"])
    more = "torch.nn.Linear(units, int(target.max()) + 1)  # if each of them is a class"
    ignored = (
        f"torch.nn.CrossEntropyLoss(ignore_index={number})(scores, target)"
        "  # if it stands for what is not compared"
    )
    classes = tuple(getattr(given(error, "input"), "shape", ()))[1]
    return {"classes": classes, "lines": ignored if number < 0 else lines(more, ignored)}


# Kinds with more than one message.

LABEL = Known(
    name="A label that is no class",
    read="Which loss takes which target",
    what="A label is {label}. The network has scores for the classes 0 to {classes} - 1.",
    why="A label is the number of a class, and the first one is 0.",
)
SIZE = Known(
    name="Scores and targets of two shapes",
    read="Which shape must the target have",
    rule=_of_unequal_size,
    what="The target is `{target}`, the scores are `{scores}`.",
    why="This loss compares each score with a target of its own, as binary cross-entropy and the "
    "mean squared error do.",
    instead="{line}",
    again=torch_loss,
)
TARGET_TYPE = Known(
    name="A target of another type of numbers",
    read="Which loss takes which target",
    raised="RuntimeError",
    what="The target is `{got}`.",
)
LENGTHS = Known(
    name="Lengths that CTC cannot take",
    read="Which shape must the target have",
    raised="RuntimeError",
    why="CTC reads log_probs as (timesteps, batch, classes). `input_lengths` counts timesteps of "
    "it, `target_lengths` labels of the targets, a number for each sequence.",
)

TOGETHER = lines(
    "x, y = x[: min(len(x), len(y))], y[: min(len(x), len(y))]"
    "  # if they belong together from the first on, which windows and the series do not",
    "y = y[x.shape[1] :]  # if x is windows over a series and y the series: the next value of each",
    "x = x[: len(y)]  # then, too: the last window has no next value",
)

KINDS = (
    # Keras: what fit is given.
    replace(
        TARGET,
        message=r"^Dimensions must be equal, but are \d{1,9} and \d{1,9} for '\{\{node \S{0,60}"
        r"(?:compile_loss|mean_squared_error|mean_absolute_error|huber_loss)/\S{0,200} … input "
        r"shapes: \[(?P<one>[^\]\n]{0,99})\], "
        r"\[(?P<other>[^\]\n]{0,99})\]",
        what="In the loss, `({one})` met `({other})`; ? is the open batch.",
        instead=lines(IF_SIZE, IF_LAST, IF_EVERY),
    ),
    Known(
        name="Not one target for each sequence",
        read="Which target belongs to a window",
        message=r"^Data cardinality is ambiguous … \bx'? sizes: (?P<x>\d{1,9})(?:\s|\\n){1,9}"
        r"'?y'? sizes: (?P<y>\d{1,9})",
        when=lambda found, error: found["x"] != found["y"],
        what="x has {x:sequence}, y has {y:target}.",
        why="Axis 0 of both is the batch. Windows over a series are fewer than its values.",
        instead=TOGETHER,
    ),
    Known(
        name="Not one target for each sequence",
        read="Which target belongs to a window",
        raised="AssertionError",
        message="^Size mismatch between tensors",
        what="The tensors of a data set have unequal sizes on axis 0.",
        why="Axis 0 of each is the batch. Windows over a series are fewer than its values.",
        instead=TOGETHER,
    ),
    replace(
        LABEL,
        raised="InvalidArgumentError",
        message=r"^Received a label value of (?P<label>-?\d{1,9}) which is outside the valid range "
        r"of \[0, (?P<classes>\d{1,9})\)",
        instead=lines(
            "keras.layers.Dense(int(y.max()) + 1, activation='softmax')  # as the last layer, if "
            "each of them is a class",
            "y = y - y.min()  # if the labels begin at another number than 0",
        ),
        tells=True,
    ),
    # PyTorch: labels and targets.
    replace(
        LABEL,
        raised="IndexError RuntimeError",
        message=r"^Target (?P<label>-?\d{1,9}) is out of bounds",
        rule=_label,
        instead="{lines}",
        again=torch_loss,
    ),
    replace(
        SIZE,
        message=r"^Using a target size \((?P<target>\([^()\n]{0,99}\))\) that is different to the "
        r"input size \((?P<scores>\([^()\n]{0,99}\))\)",
    ),
    replace(
        SIZE,
        message=r"^Target size \((?P<target>\([^()\n]{0,99}\))\) must be the same as input size "
        r"\((?P<scores>\([^()\n]{0,99}\))\)",
    ),
    replace(
        SIZE,
        raised="RuntimeError",
        message=r"^The size of tensor a \((?P<one>\d{1,9})\) must match the size of tensor b "
        r"\((?P<other>\d{1,9})\) at non-singleton dimension (?P<axis>\d)",
        when=_inside("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"),
        rule=None,
        what="On axis {axis} the scores have size {one}, the target {other}.",
        instead=lines(
            "scores = linear(output[:, -1])  # if the scores have timesteps, and each sequence has "
            "one target",
            "torch.nn.Linear(units, target.shape[-1])  # as the last layer, if only the last sizes "
            "differ",
        ),
        again=None,
    ),
    replace(
        TARGET_TYPE,
        message=r"^expected target dtype to be Long or Byte, but got (?P<got>\w{1,20})",
        why="Cross-entropy reads the numbers of classes, which are int64.",
        instead="target = target.long()",
        again=torch_loss,
    ),
    replace(
        TARGET_TYPE,
        message=r"^expected scalar type Long but found (?P<got>\w{1,20})",
        when=_inside("cross_entropy", "nll_loss"),
        why="Cross-entropy reads the numbers of classes, which are int64.",
        instead="target = target.long()",
        again=torch_loss,
    ),
    replace(
        TARGET_TYPE,
        message="^Expected floating point type for target with class probabilities, got "
        r"(?P<got>\w{1,20})",
        what="The target has the axes of the scores, and is `{got}`.",
        why="With as many axes as the scores it holds a probability for each class; with one axis "
        "less, the number of a class.",
        instead=lines(
            "target = target.float()  # if it is one-hot",
            "target = target.argmax(1)  # the same as numbers of classes, which are axis 1",
        ),
        again=torch_loss,
    ),
    replace(
        TARGET_TYPE,
        message=r"^Found dtype (?P<got>\w{1,20}) but expected (?P<wanted>\w{1,20})",
        when=_inside("binary_cross_entropy"),
        why="Binary cross-entropy reckons with scores and targets of one type.",
        instead="target = target.to(scores.dtype)",
        again=torch_loss,
    ),
    replace(
        TARGET_TYPE,
        message=r"^result type \w{1,20} can't be cast to the desired output type (?P<got>\w{1,20})",
        when=_inside("binary_cross_entropy_with_logits"),
        why="Binary cross-entropy reckons with scores and targets of one type.",
        instead="target = target.to(scores.dtype)",
        again=torch_loss,
    ),
    Known(
        name="Scores where probabilities belong",
        read="What is inside CrossEntropyLoss",
        raised="RuntimeError",
        message="^all elements of input should be between 0 and 1",
        when=_inside("binary_cross_entropy"),
        what="`BCELoss` reads probabilities. A score lies outside of 0 to 1, or is nan.",
        why="A linear layer's scores can be any number.",
        instead=lines(
            "torch.nn.BCEWithLogitsLoss()(scores, target)  # takes the sigmoid itself",
            "scores = torch.sigmoid(scores)  # or before BCELoss",
        ),
        again=torch_loss,
    ),
    replace(
        LENGTHS,
        message=r"^Expected input_lengths to have value at most (?P<timesteps>\d{1,9}), but got "
        r"value (?P<got>\d{1,9})",
        what="log_probs has {timesteps:timestep}. An input length is {got}.",
        instead=lines(
            "log_probs = log_probs.transpose(0, 1)  # if it is (batch, timesteps, classes)",
            "input_lengths = input_lengths.clamp(max=log_probs.shape[0])  # if they are too long",
        ),
    ),
    replace(
        LENGTHS,
        message=r"^Expected tensor to have size at least (?P<got>\d{1,9}) at dimension 1, but got "
        r"size (?P<labels>\d{1,9}) for argument #2 'targets' \(while checking arguments for ctc",
        what="The targets have {labels} labels. A target length is {got}.",
        instead="target_lengths = target_lengths.clamp(max=targets.shape[1])",
    ),
    replace(
        LENGTHS,
        message="^(?P<which>input|target)_lengths must be of size batch_size",
        what="`{which}_lengths` has not one number for each sequence of log_probs.",
        instead="log_probs = log_probs.transpose(0, 1)  # if it is (batch, timesteps, classes)",
    ),
    # Backward.
    Known(
        name="A backward from several numbers",
        read="Which shape must the target have",
        raised="RuntimeError",
        message="^grad can be implicitly created only for scalar outputs",
        what="`backward` was called on a tensor of several numbers.",
        why="It begins at one number, the loss. An output is none, nor is a loss with "
        "`reduction='none'`.",
        instead=lines("loss.mean().backward()  # if it is a loss of each sequence or timestep"),
    ),
    Known(
        name="A backward without a graph",
        read="In PyTorch",
        raised="RuntimeError",
        message="^element 0 of tensors does not require grad and does not have a grad_fn",
        what="`backward` was called on a tensor that no weight has a part in.",
        why="`detach()`, `torch.no_grad()`, `numpy()` and `argmax` cut it off, and so does "
        "`torch.tensor(loss)`. Of states from batch to batch, only they are to be cut off.",
        instead="with torch.enable_grad():  # or outside of no_grad\n"
        "    loss = criterion(linear(output), target)  # of an output that is not detached",
    ),
    Known(
        name="A tensor with a graph where NumPy is wanted",
        read="In PyTorch",
        raised="RuntimeError",
        message=r"^Can't call numpy\(\) on Tensor that requires grad",
        what="A tensor that has gradients was to be an array of NumPy.",
        why="NumPy knows no gradients.",
        instead="output.detach().cpu().numpy()",
    ),
    Known(
        name="cuDNN's backward in evaluation mode",
        read="In PyTorch",
        raised="RuntimeError",
        message="^cudnn RNN backward can only be called in training mode",
        what="A recurrent layer on a GPU ran in evaluation mode, then `backward` came to it.",
        why="In evaluation mode cuDNN keeps nothing for `backward`.",
        instead="network.train()  # before the pass whose loss goes backward",
    ),
    # Export.
    Known(
        name="Another batch than the exported one",
        read="How do I export it for any batch",
        raised="AssertionError",
        message=r"^Guard failed: \S{1,40}\.size\(\)\[(?P<axis>\d)\] == (?P<wanted>\d{1,9})",
        what="The exported network takes size {wanted} on axis {axis}, and no other.",
        why="What is exported keeps the sizes of the example, but for those that are said to be "
        "open.",
        instead="torch.export.export(network, (x,), dynamic_shapes=[{{{axis}: "
        "torch.export.Dim('batch')}}])  # if axis {axis} is the batch",
    ),
    Known(
        name="Another batch than the exported one",
        read="How do I export it for any batch",
        raised="ValueError",
        message=r"^Cannot set tensor: Dimension mismatch\. Got (?P<got>\d{1,9}) but expected "
        r"(?P<wanted>\d{1,9}) for dimension (?P<axis>\d) of input \d",
        what="The TFLite model takes size {wanted} on axis {axis}. It got {got}.",
        why="What is exported keeps the sizes of its `Input`; an open batch becomes 1.",
        instead="interpreter.resize_tensor_input(interpreter.get_input_details()[0]['index'], "
        "x.shape)  # then interpreter.allocate_tensors()",
    ),
)
