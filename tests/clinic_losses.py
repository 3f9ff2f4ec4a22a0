"""Errors of losses, labels, backward and export, in the form of clinic.py."""

# ruff: noqa: B008 (defaults are what is wrong)

from functools import partial

import numpy as np
import torch
from clinic import LSTM, Dense, T, X, case, stack
from torch import nn

ON_TENSORFLOW = dict.fromkeys(("torch", "jax"), "its words are others")
SCORES = torch.zeros(3, 4)
OUTPUT = torch.ones(3, 5, 7)
BCE, LOGITS, CROSS = nn.BCELoss(), nn.BCEWithLogitsLoss(), nn.CrossEntropyLoss()


def fit(target, *layers, loss="mse"):
    model = stack(*layers)
    model.compile(loss=loss)
    model.fit(X, target, verbose=0)


def tensorflow():
    import tensorflow

    return tensorflow


# What fit is given.

in_loss = partial(case, "A target that does not fit the output", otherwise=ON_TENSORFLOW)
in_loss(
    lambda last=LSTM(7): fit(np.zeros((3, 4)), last),
    "In the loss, (?,4) met (?,7); ? is the open batch",
    line="keras.layers.Dense(y.shape[-1])",
    then="fit(y, LSTM(7), value) is None",
    y=np.zeros((3, 4)),
    fit=fit,
)
in_loss(
    lambda: fit(np.zeros((3, 4, 7)), LSTM(7, return_sequences=True)),
    "In the loss, (?,4,7) met (?,5,7)",
)
case(
    "Not one target for each sequence",
    lambda: fit(np.zeros((4, 7)), LSTM(7)),
    "x has 3 sequences, y has 4 targets",
    line="x, y = x[: min(len(x), len(y))]",
    then="len(x) == len(y) == 3",
    x=X,
    y=np.zeros((4, 7)),
)
case(
    "Not one target for each sequence",
    lambda: torch.utils.data.TensorDataset(T, torch.ones(4)),
    line="x, y = x[: min(len(x), len(y))]",
    then="len(x) == len(y) == 3",
    x=T,
    y=torch.ones(4),
)
case(
    "Not one target for each sequence",
    lambda: fit(np.zeros((7, 7)), LSTM(7)),
    line="y = y[x.shape[1] :]",
    then="y.tolist() == [5, 6]",
    x=X,  # three windows of five over seven values
    y=np.arange(7),
)
label = partial(case, "A label that is no class")
label(
    lambda: fit(
        np.array([1, 2, 9]),
        LSTM(7),
        Dense(4, activation="softmax"),
        loss="sparse_categorical_crossentropy",
    ),
    "InvalidArgumentError: Received a label value of 9",
    "A label is 9. The network has scores for the classes 0 to 4 - 1",
    line="keras.layers.Dense(int(y.max()) + 1, activation='softmax')",
    then="fit(y, LSTM(7), value, loss='sparse_categorical_crossentropy') is None",
    y=np.array([1, 2, 9]),
    fit=fit,
    otherwise=dict.fromkeys(("torch", "jax"), "it says so otherwise, or not at all"),
)

# Of one target for each sequence, true or false, where an answer comes at each timestep.
in_loss(
    lambda: fit(
        np.zeros((3, 1)),
        LSTM(7, return_sequences=True),
        Dense(1, activation="sigmoid"),
        loss="binary_crossentropy",
    ),
    "The target is (None, 1), the output is (None, 5)",
    "binary_crossentropy compares each number",
    "With return_sequences there is an answer for each timestep.",
    line="keras.layers.LSTM(units)",
    then="fit(np.zeros((3, 1)), value, Dense(1, activation='sigmoid'), loss='binary_crossentropy') "
    "is None",
    fit=fit,
)
in_loss(
    lambda: tensorflow().nn.sigmoid_cross_entropy_with_logits(labels=X[:, :1], logits=X),
    "The target is (3, 1, 6), the output is (3, 5, 6)",
)
in_loss(
    lambda: tensorflow().TensorShape((None, 1)).assert_is_compatible_with((None, 4)),
    "The target is (None, 1), the output is (None, 4)",
    line="loss = 'sparse_categorical_crossentropy'",
    then="fit(np.zeros((3, 1)), LSTM(7), Dense(4, activation='softmax'), loss=loss) is None",
    fit=fit,
)


def in_a_graph(scores, target):
    """It has the names that Keras 2 gave its loss."""
    tf = tensorflow()
    with tf.Graph().as_default(), tf.name_scope("mean_squared_error"):
        tf.math.squared_difference(scores, target)


in_loss(
    lambda: in_a_graph(X, X[:, 0, :4]),
    "In the loss, (3,5,6) met (3,4)",
)
case(
    "Another batch than a stateful layer's",
    lambda: tensorflow().raw_ops.TensorListFromTensor(
        tensor=np.ones((5, 2, 9)), element_shape=[3, 9]
    ),
    "built for batch 3 got batch 2",
    line="x, y = x[: len(x) // 3 * 3]",
    then="len(x) == len(y) == 3",
    x=np.ones((5, 5, 6)),
    y=np.ones((5, 7)),
    otherwise=ON_TENSORFLOW,
)
case(
    "Scores and targets of two shapes",
    lambda: nn.functional.mse_loss(torch.ones(3, 5, 9), torch.ones(3, 9)),
    "On axis 1 the scores have size 5, the target 3",
    line="scores = linear(output[:, -1])",
    then="nn.functional.mse_loss(scores, torch.ones(3, 9)) >= 0",
    linear=nn.Linear(7, 9),
    output=OUTPUT,
)

# Labels and targets of PyTorch.

label(
    lambda: CROSS(SCORES, torch.tensor([1, 2, 9])),
    "A label is 9",
    line="torch.nn.Linear(units, int(target.max()) + 1)",
    then="value(OUTPUT).shape == (3, 5, 10)",
    target=torch.tensor([1, 2, 9]),
    OUTPUT=OUTPUT,
)
label(
    lambda: CROSS(SCORES, torch.tensor([1, 2, -1])),
    "A label is -1",
    line="torch.nn.CrossEntropyLoss(ignore_index=-1)(scores, target)",
    then="value > 0",
    scores=SCORES,
    target=torch.tensor([1, 2, -1]),
)
two_shapes = partial(case, "Scores and targets of two shapes")
for loss in (BCE, LOGITS):
    two_shapes(
        lambda target=torch.ones(3), loss=loss: loss(torch.ones(3, 1) / 2, target),
        "The target is (3,), the scores are (3, 1)",
        line="target = target.reshape(scores.shape)",
        then="target.shape == (3, 1)",
        scores=torch.ones(3, 1),
    )
two_shapes(
    lambda: LOGITS(nn.Linear(7, 1)(OUTPUT[:1, -1]).squeeze(), torch.ones(1)),
    "the scores are ()",
    "a batch of 1 stays",
    line="scores = linear(output[:, -1]).squeeze(-1)",
    then="scores.shape == (1,)",
    linear=nn.Linear(7, 1),
    output=OUTPUT[:1],
)
other_type = partial(case, "A target of another type of numbers", target=torch.zeros(3))
other_type(
    lambda: CROSS(SCORES, torch.zeros(3)),
    "The target is Float",
    line="target = target.long()",
    then="target.dtype == torch.int64",
)
other_type(
    lambda: CROSS(SCORES, torch.zeros(3, 4).long()),
    "has the axes of the scores, and is Long",
    line="target = target.float()",
)
for loss, scores in ((BCE, torch.ones(3) / 2), (LOGITS, torch.ones(3))):
    other_type(
        lambda loss=loss, scores=scores: loss(scores, torch.ones(3).long()),
        "The target is Long",
        line="target = target.to(scores.dtype)",
        then="target.dtype == torch.float32",
        scores=scores,
    )
case(
    "Scores where probabilities belong",
    lambda: BCE(torch.ones(3) * 2, torch.ones(3)),
    line="torch.nn.BCEWithLogitsLoss()(scores, target)",
    then="value > 0",
    scores=torch.ones(3) * 2,
    target=torch.ones(3),
)


def ctc(inputs, targets, log_probs=None):
    log_probs = torch.zeros(5, 3, 4).log_softmax(2) if log_probs is None else log_probs
    labels = torch.ones(3, 2).long()
    return nn.CTCLoss()(log_probs, labels, torch.as_tensor(inputs), torch.as_tensor(targets))


lengths = partial(case, "Lengths that CTC cannot take", ctc=ctc)
lengths(
    lambda: ctc([6, 5, 5], [2, 2, 2]),
    "log_probs has 5 timesteps. An input length is 6",
    line="input_lengths = input_lengths.clamp(",
    then="ctc(input_lengths, [2, 2, 2]) > 0",
    input_lengths=torch.tensor([6, 5, 5]),
    log_probs=torch.zeros(5, 3, 4),
)
lengths(
    lambda: ctc([5, 5, 5], [2, 2, 9]),
    "The targets have 2 labels. A target length is 9",
    line="target_lengths = target_lengths.clamp(",
    then="ctc([5, 5, 5], target_lengths) > 0",
    target_lengths=torch.tensor([2, 2, 9]),
    targets=torch.ones(3, 2),
)
lengths(
    lambda: ctc([5, 5, 5], [2, 2, 2], torch.zeros(3, 5, 4)),
    "input_lengths has not one number for each sequence",
    line="log_probs = log_probs.transpose(0, 1)",
    then="ctc([5, 5, 5], [2, 2, 2], log_probs) is not None",
    log_probs=torch.zeros(3, 5, 4),
)

# Backward.

case(
    "A backward from several numbers",
    lambda: nn.GRU(6, 7)(T)[0].backward(),
    line="loss.mean().backward()",
    loss=nn.Linear(6, 7)(T),
)
case(
    "A backward without a graph",
    lambda: nn.GRU(6, 7)(T)[0].detach().sum().backward(),
    line="with torch.enable_grad():",
    then="loss.requires_grad",
    criterion=nn.MSELoss(),
    linear=nn.Linear(7, 1),
    output=OUTPUT,
    target=torch.ones(3, 5, 1),
)
case(
    "A tensor with a graph where NumPy is wanted",
    lambda: nn.GRU(6, 7)(T)[0].numpy(),
    line="output.detach().cpu().numpy()",
    then="value.shape == (3, 5, 7)",
    output=nn.GRU(6, 7)(T)[0],
)
