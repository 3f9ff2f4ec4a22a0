"""Errors of lines that join, cut and reshape tensors, in the form of clinic.py."""

# ruff: noqa: B008 (defaults are what is wrong)

import copy
from functools import partial

import keras
import numpy as np
import torch
from clinic import LSTM, C, H, T, X, case, stack, typed
from keras import Input, layers
from torch import nn
from torch.nn.utils.rnn import pad_sequence

OUTPUT, (H_N, C_N) = nn.LSTM(6, 7, batch_first=True)(T)
LENGTHS = torch.tensor([5, 4, 2])

# Indexes.

beyond = partial(case, "An index beyond an axis", output=OUTPUT, h_n=H_N, lengths=LENGTHS)
beyond(
    lambda: torch.cat([H_N[-2], H_N[-1]], -1),
    "no index -2 on an axis of size 1",
    line="h_n[-1]",
    then="value.shape == (3, 7)",
)
beyond(
    lambda: OUTPUT[torch.arange(3), LENGTHS],
    "no index 5 on an axis of size 5",
    line="output[torch.arange(len(lengths)), lengths - 1]",
    then="value.shape == (3, 7)",
)


class BothDirections(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(6, 7, batch_first=True)

    def forward(self, x):
        h_n = self.lstm(x)[1][0]
        return torch.cat((h_n[-2], h_n[-1]), dim=1)


beyond(lambda: nn.Sequential(BothDirections())(T), "There is no index -2")
beyond(lambda: H_N[0][:, [0, 7]], "no index 7 on an axis of size 7")  # PyTorch says axis 0
index_type = partial(case, "Other numbers than an index has", index=LENGTHS / 1)
index_type(
    lambda: OUTPUT[torch.arange(3), LENGTHS / 2],
    line="index = index.long()",
    then="index.dtype == torch.int64",
)
index_type(lambda: OUTPUT.gather(1, torch.ones(3, 1, 7)), "not of whole numbers")
index_axes = partial(
    case,
    "An index with other axes than the tensor",
    lambda: OUTPUT.gather(1, LENGTHS - 1),
    output=OUTPUT,
    index=LENGTHS - 1,
)
for line in ("output[torch.arange(len(index)), index]", "output.gather("):
    index_axes(line=line, then="value.shape == (3, 7)")
no_axis = partial(case, "An axis that is not there", x=T[0])
no_axis(
    lambda: H_N[-1].transpose(1, 2),
    "has 2 axes. It has no axis 2",
    line="x[None]",
    then="value.shape == (1, 5, 6)",
)
no_axis(lambda: H_N[-1].softmax(dim=2), line="x[:, None]", then="value.shape == (5, 1, 6)")
no_axis(lambda: torch.ones(7).sum(1), "has 1 axis or none")
case(
    "A permute of other axes",
    lambda: OUTPUT[:, -1].permute(1, 0, 2),
    "has 2 axes, permute was given 3",
    line="x.transpose(0, 1)",
    then="value.shape == (6, 5)",
    x=T[0],
)
case(
    "Other axes than a Permute counts",
    lambda: layers.Permute((1, 0)),
    "It counts from 1",
    line="keras.layers.Permute((2, 1))",
    then="value(X).shape == (3, 6, 5)",
)

# Shapes.

reshaped = partial(case, "More or fewer numbers than a shape has")
reshaped(
    lambda: OUTPUT.reshape(4, -1),
    "There are 105 numbers. They do not make (4, -1)",
    line="x.reshape(x.shape[0], -1)",
    then="value.shape == (3, 30)",
    x=T,
)
reshaped(lambda: OUTPUT.contiguous().view(3, 5, 2, 7), "(3, 5, 2, 7)")
reshaped(
    lambda x=np.ones((12, 6)): x.reshape(12, 5, 6),
    "There are 72 numbers. They do not make (12,5,6)",
    line="x.ravel()[: x.size // 30 * 30].reshape(-1, 5, 6)",
    then="value.shape == (2, 5, 6)",
)
reshaped(
    lambda x=np.ones((12, 6)): x.reshape(12, 4, 6),
    line="np.lib.stride_tricks.sliding_window_view(x, 4, axis=0).transpose(0, 2, 1)",
    then="value.shape == (9, 4, 6)",
)
reshaped(
    lambda layer=layers.Reshape((5, 2)): layer(X),
    "make (5, 2) of (5, 6)",
    line="keras.layers.Reshape((1, -1))",
    gives=(3, 1, 30),
)

# What is joined.

unequal = partial(case, "Unequal sizes in a cat", output=OUTPUT, h_n=H_N)
unequal(
    lambda: torch.cat([OUTPUT, OUTPUT.transpose(0, 1)], -1),
    "along axis 2. On another axis size 3 met size 5",
    line="torch.cat([output, other.transpose(0, 1)], -1)",
    then="value.shape == (3, 5, 14)",
    other=OUTPUT.transpose(0, 1),
)
unequal(
    lambda: torch.cat((OUTPUT, H_N), dim=2),
    "size 3 met size 1",
    line="torch.cat([output, h_n[-1]",
    then="value.shape == (3, 5, 14)",
)
empty = partial(case, "An empty list of tensors", outputs=[], output=OUTPUT)
for join in (torch.stack, torch.cat):
    empty(lambda join=join: join([]), line="outputs.append(output)", then="outputs[0] is output")
case(
    "A list or an array among tensors",
    lambda: pad_sequence([np.ones(3), np.ones(2)]),
    "is numpy.ndarray",
    line="tensors = [torch.as_tensor(one) for one in tensors]",
    then="len(tensors) == 2",
    tensors=[np.ones(3), [1, 2]],
)
case("A list or an array among tensors", lambda: torch.stack([[1, 2], [3, 4]]), "is list")
TURNED = [torch.ones(6, 5), torch.ones(6, 4)]
case(
    "Sequences of unequal features",
    lambda: pad_sequence(TURNED, batch_first=True),
    "has (5,), another (4,)",
    line="sequences = [one.transpose(0, 1) for one in sequences]",
    then="pad_sequence(sequences).shape == (5, 2, 6)",
    sequences=TURNED,
    pad_sequence=pad_sequence,
)
product = partial(
    case,
    "A product of batches that does not fit",
    output=OUTPUT,
    query=H_N[-1],
    weights=torch.ones(3, 5),
)
product(
    lambda: torch.bmm(OUTPUT, OUTPUT),
    "must begin with 3, 7. It begins with 3, 5",
    line="scores = torch.bmm(output, query[:, :, None])[:, :, 0]",
    then="scores.shape == (3, 5)",
)
product(
    lambda: torch.bmm(torch.ones(3, 5), OUTPUT),
    "Tensor 1 of the two has not three axes",
    line="context = torch.bmm(weights[:, None], output)[:, 0]",
    then="context.shape == (3, 7)",
)
in_concatenate = partial(
    case,
    "Unequal sizes in a Concatenate",
    lambda: layers.concatenate([Input((5, 7)), Input((4, 7))]),
    "It got (None, 5, 7) and (None, 4, 7)",
    x=Input((5, 7)),
    other=Input((4, 7)),
)
in_concatenate(line="keras.layers.concatenate([x, ", then="value.shape == (None, 9, 7)")
in_concatenate(line="keras.layers.concatenate([x[:, -1]", then="value.shape == (None, 14)")
case(
    "Unequal shapes in a sum",
    lambda x=Input((5, 6)): layers.add([x, LSTM(7, return_sequences=True)(x)]),
    "got (5, 6) and (5, 7)",
    line="keras.layers.LSTM(6, return_sequences=True)",
    then="layers.add([X, value(X)]).shape == (3, 5, 6)",
    layers=layers,
)
for made in (lambda: layers.Add()(Input((5, 7))), lambda: layers.Concatenate()(Input((5, 7)))):
    case(
        "Tensors that are not in a list",
        made,
        "A layer that joins tensors got one",
        line="keras.layers.concatenate([x, other])",
        then="value.shape == (3, 14)",
        x=H,
        other=C,
    )
case(
    "Axes of a Dot that do not fit",
    lambda: layers.Dot(axes=(2, 1))([Input((5, 7)), Input((4, 7))]),
    "Axis 2 of the first has size 7, axis 1 of the second 4",
    line="keras.layers.Dot(axes=(2, 2))([output, query])",
    then="value.shape == (None, 5, 4)",
    output=Input((5, 7)),
    query=Input((4, 7)),
)
attention = partial(case, "Attention without its list", query=X, value=X)
attention(
    lambda: layers.AdditiveAttention()(X),
    "AdditiveAttention was not given a list",
    line="keras.layers.AdditiveAttention()([query, value])",
    then="value.shape == (3, 5, 6)",
)
attention(
    lambda: layers.MultiHeadAttention(2, 3)(X),
    "MultiHeadAttention was given one tensor",
    line="keras.layers.MultiHeadAttention(heads, units)(query, value)",
    then="value.shape == (3, 5, 6)",
    heads=2,
)

# Layers over timesteps.

no_timesteps = partial(case, "A layer over timesteps without timesteps")
no_timesteps(
    lambda layer=LSTM(7): layers.Conv1D(8, 2)(layer(X)),
    "It got (3, 7)",
    line="keras.layers.LSTM(units, return_sequences=True)",
    gives=(3, 4, 8),
)
no_timesteps(
    lambda x=X[..., 0]: layers.MaxPooling1D(2)(x), "It got (3, 5)", line="x[...", gives=(3, 2, 1)
)
too_long = partial(case, "A kernel longer than the sequence", kernel_size=8)
too_long(
    lambda layer=layers.Conv1D(7, 8): stack(layer, LSTM(7)),
    line="keras.layers.Conv1D(units, kernel_size, padding='same')",
    gives=(None, 7),
)
too_long(
    lambda: nn.Conv1d(5, 7, 8)(T),
    "reads 8 timesteps at once. It was given 6, padding included",
    line="torch.nn.Conv1d(features, units, kernel_size, padding='same')",
    then="value(T.transpose(1, 2)).shape == (3, 7, 5)",
)

# Numbers.

case(
    "Other numbers than one_hot reads",
    lambda: nn.functional.one_hot(T, 3),
    "was not given int64",
    line="x = x.long()",
    x=T,
)
one_hot = partial(case, "A number beyond one-hot's classes")
one_hot(
    lambda: nn.functional.one_hot(LENGTHS, 5),
    line="torch.nn.functional.one_hot(x, int(x.max()) + 1)",
    then="value.shape == (3, 6)",
    x=LENGTHS,
)
one_hot(
    lambda: keras.utils.to_categorical([1, 2, 9], 4),
    "One of the numbers is 9, and there are 4 classes",
    line="keras.utils.to_categorical(y, int(max(y)) + 1)",
    then="value.shape == (3, 10)",
    y=[1, 2, 9],
)
scalar = partial(case, "Several numbers where one belongs", loss=T, tensors=[H_N, C_N], output=T)
scalar(lambda: T.item(), line="loss.mean().item()", then="value == 1")
scalar(
    lambda: torch.tensor([H_N, C_N]),
    line="torch.stack(tensors)",
    then="len(value) == 2",
    otherwise={"torch": "what is said depends there on what ran before"},
)
scalar(lambda: float(T), line="output.tolist()", then="len(value) == 3")
condition = partial(case, "A tensor as a condition", h=H_N)
condition(lambda: H_N or None, line="h is not None", then="value is True")
condition(lambda: 1 if H_N != 0 else 2, line="(h != 0).any()", then="value.numel() == 1")
case(
    "A copy of a tensor with a graph",
    lambda: copy.deepcopy(H_N),
    line="h = h.detach().clone()",
    then="not h.requires_grad",
    h=H_N,
)
case(
    "A part of a tensor detached in place",
    lambda: H_N.unbind()[0].detach_(),
    line="h = h.detach()",
    then="not h.requires_grad",
    h=H_N,
)
case(
    "A number where the loss belongs",
    lambda: nn.MSELoss()(T, T).item().backward(),
    line="loss.backward()",
    loss=nn.Linear(6, 1)(T).sum(),
)
case(
    "States given to a Sequential",
    lambda: nn.Sequential(nn.LSTM(6, 7))(T, (H_N, C_N)),
    line="output, states = lstm(x, states)",
    then="output.shape == (3, 5, 7)",
    lstm=nn.LSTM(6, 7, batch_first=True),
    x=T,
    states=(H_N, C_N),
)

# Shapes that meet number by number, and masks.

MASK = torch.ones(3, 5)
unfit = partial(case, "Two shapes that do not fit")
unfit(
    lambda mask=MASK: OUTPUT * mask,
    "On axis 2 of what would come of it, size 7 met size 5",
    line="mask[..., None]",
    gives=(3, 5, 7),
)
unfit(
    lambda state=H_N[-1]: OUTPUT + state,
    "On axis 1 of what would come of it, size 5 met size 3",
    line="h_n[-1][:, None]",
    gives=(3, 5, 7),
    h_n=H_N,
)
case(
    "A mask of numbers",
    lambda mask=MASK.long(): MASK.masked_fill(mask, -1e9),
    "It is of long int",
    line="mask = mask.bool()",
    then="mask.all()",
)
product(
    lambda query=H_N[-1]: torch.bmm(torch.cat([OUTPUT, OUTPUT], -1), query[:, :, None]),
    "must begin with 3, 14. It begins with 3, 7",
    line="query = torch.cat([h_n[-2], h_n[-1]], -1)",
    then="query.shape == (3, 14)",
    h_n=torch.zeros(2, 3, 7),
)

# What a shape does not have.

LAST = OUTPUT[:, -1]
case(
    "Unpacking a shape",
    typed("batch, timesteps, features = last.shape", last=LAST),
    "The shape of last is (3, 7), 2 axes",
    line="size_0, size_1 = last.shape",
    then="(size_0, size_1) == (3, 7)",
    last=LAST,
)
case(
    "Unpacking a shape",
    typed("batch, features = output.size()", output=OUTPUT),
    "The shape of output is (3, 5, 7), 3 axes",
    line="size_0, size_1, size_2 = output.shape",
    then="(size_0, size_2) == (3, 7)",
    output=OUTPUT,
)
case(
    "An axis that a shape does not have",
    typed("hidden_size = last.shape[2]", last=LAST),
    "The shape of last is (3, 7), 2 axes: no axis 2",
    line="last.shape[-1]",
    then="value == 7",
    last=LAST,
)
