"""Errors of a mask that does not fit the attention that it is for, in the form of clinic.py."""

# ruff: noqa: B008 (defaults are what is wrong)

from functools import partial

import numpy as np
import torch
from clinic import case
from keras import layers
from torch import nn
from torch.nn.functional import scaled_dot_product_attention

X, Y = torch.ones(3, 5, 8), torch.ones(3, 4, 8)  # batch, timesteps, features
HEADS = torch.ones(3, 2, 5, 4)
ATTENTION = nn.MultiheadAttention(8, 2, batch_first=True)
FIRST = nn.MultiheadAttention(8, 2)
QUICK = nn.MultiheadAttention(8, 2, batch_first=True).eval().requires_grad_(False)


def ones(*shape):
    return torch.zeros(shape, dtype=torch.bool)


a_mask = partial(case, "A mask that does not fit attention")
looking = dict(attention=ATTENTION, query=X, key=X, value=X)

# Who looks where, in PyTorch.

a_mask(
    lambda mask=ones(4, 4): ATTENTION(X, X, X, attn_mask=mask)[0],
    "attn_mask must be (timesteps of the query 5, timesteps of the key 5)",
    "(batch·heads 6, 5, 5). It is (4, 4).",
    line="mask = torch.ones(5, 5, dtype=torch.bool).triu(1)",
    gives=(3, 5, 8),
)
a_mask(
    lambda mask=ones(4, 5): ATTENTION(X, Y, Y, attn_mask=mask)[0],
    "timesteps of the key 4",
    line="mask = mask.T",
    gives=(3, 5, 8),
)
a_mask(
    lambda mask=ones(3, 4): ATTENTION(X, Y, Y, attn_mask=mask)[0],
    "It is (3, 4)",
    line="mask = torch.zeros(5, 4, dtype=torch.bool)",
    gives=(3, 5, 8),
)
a_mask(
    lambda mask=ones(3, 5): ATTENTION(X, X, X, attn_mask=mask),
    "Which timesteps are padding says key_padding_mask",
    line="attention(query, key, value, key_padding_mask=mask)",
    then="value[0].shape == (3, 5, 8)",
    **looking,
)
a_mask(
    lambda mask=ones(3, 5, 5): ATTENTION(X, X, X, attn_mask=mask)[0],
    "It is (3, 5, 5)",
    line="mask = mask.repeat_interleave(2, 0)",
    gives=(3, 5, 8),
)
a_mask(
    lambda mask=ones(3, 2, 5, 5): ATTENTION(X, X, X, attn_mask=mask)[0],
    "It is (3, 2, 5, 5)",
    line="mask = mask.flatten(0, 1)",
    gives=(3, 5, 8),
)
a_mask(
    lambda mask=ones(3, 5, 5): ATTENTION(X[0], X[0], X[0], attn_mask=mask)[0],
    "or for each head its own, (heads 2, 5, 5)",
    line="mask = torch.ones(5, 5",
    gives=(5, 8),
)
a_mask(
    lambda mask=ones(5, 5): FIRST(X, X, X, attn_mask=mask),
    "timesteps of the query 3",
    line="torch.nn.MultiheadAttention(8, 2, batch_first=True)",
    then="value(query, query, query, attn_mask=mask)[0].shape == (3, 5, 8)",
    query=X,
)
a_mask(
    lambda mask=ones(3, 5): QUICK(X, X, X, attn_mask=mask),
    "attn_mask must be (timesteps of the query 5",
    line="attention(query, key, value, key_padding_mask=mask)",
    then="value[0].shape == (3, 5, 8)",
    **looking,
)
a_mask(
    lambda mask=ones(4, 4): nn.TransformerEncoderLayer(8, 2, batch_first=True)(X, src_mask=mask),
    "It is (4, 4)",
    line="mask = torch.ones(5, 5",
    gives=(3, 5, 8),
)

# What is padding, in PyTorch.

a_mask(
    lambda mask=ones(5, 3): ATTENTION(X, X, X, key_padding_mask=mask)[0],
    "key_padding_mask must be (batch 3, timesteps of the key 5). It is (5, 3).",
    line="mask = mask.T",
    gives=(3, 5, 8),
)
a_mask(
    lambda mask=ones(3, 5): ATTENTION(X, Y, Y, key_padding_mask=mask)[0],
    "timesteps of the key 4",
    line="mask = (key == 0).all(-1)",
    gives=(3, 5, 8),
    key=Y,
)
a_mask(
    lambda mask=ones(5): ATTENTION(X, X, X, key_padding_mask=mask)[0],
    "It is (5,)",
    line="mask = mask.expand(3, -1)",
    gives=(3, 5, 8),
)
a_mask(
    lambda mask=ones(3, 5, 1): ATTENTION(X, X, X, key_padding_mask=mask)[0],
    "It is (3, 5, 1)",
    line="mask = mask[..., 0]",
    gives=(3, 5, 8),
)
a_mask(
    lambda mask=ones(5, 5): ATTENTION(X, X, X, key_padding_mask=mask),
    "It is (5, 5)",
    line="attention(query, key, value, attn_mask=mask)",
    then="value[0].shape == (3, 5, 8)",
    **looking,
)
a_mask(
    lambda mask=ones(3, 5): FIRST(X, X, X, key_padding_mask=mask)[0],
    "(batch 5, timesteps of the key 3)",
    line="mask = (key == 0).all(-1).T",
    gives=(3, 5, 8),
    key=X,
)
a_mask(
    lambda mask=ones(3, 4): QUICK(X, X, X, key_padding_mask=mask)[0],
    "(batch 3, timesteps of the key 5). It is (3, 4)",
    line="mask = (key == 0).all(-1)",
    gives=(3, 5, 8),
    key=X,
)

# On scores.

a_mask(
    lambda: scaled_dot_product_attention(HEADS, HEADS, HEADS, attn_mask=ones(3, 5)),
    "(batch 3, heads 2, timesteps of the query 5, timesteps of the key 5)",
    "It is of size 3 where 5 belongs",
    line="mask = torch.ones(5, 5, dtype=torch.bool).tril()",
    then="mask.shape == (5, 5)",
)


def attend(mask):
    query = HEADS
    return scaled_dot_product_attention(query, HEADS, HEADS, mask)


def attend_alone(mask):
    query = HEADS[:, 0]
    return scaled_dot_product_attention(query, query, query, attn_mask=mask)


a_mask(
    lambda mask=ones(3, 5): attend(mask),
    "It is (3, 5)",
    line="mask = mask[:, None, None]",
    gives=(3, 2, 5, 4),
)
a_mask(
    lambda mask=ones(3, 5, 5): attend(mask),
    "It is (3, 5, 5)",
    line="mask = mask[:, None]",
    gives=(3, 2, 5, 4),
)
a_mask(
    lambda mask=ones(3, 5): attend_alone(mask),
    "(batch 3, timesteps of the query 5, timesteps of the key 5)",
    line="mask = mask[:, None]",
    gives=(3, 5, 4),
)

# Keras.

K, V = np.ones((3, 5, 8), "float32"), np.ones((3, 4, 8), "float32")
HEADED = layers.MultiHeadAttention(2, 4)
since_3_7 = dict(since="keras 3.7", before="Not known here")  # a softmax inside raised it before
# Before, Keras refused every mask of values, right or wrong, but with use_causal_mask.
of_values = dict(since="keras 3.12", before="A mask that does not fit attention")
a_mask(
    lambda mask=np.ones((3, 4), bool): HEADED(K, V, attention_mask=mask),
    "attention_mask must be (batch 3, timesteps of the query 5, timesteps of the value 4)",
    "It is (3, 4)",
    line="mask = mask[:, None]",
    gives=(3, 5, 8),
    **since_3_7,
)
a_mask(
    lambda mask=np.ones((3, 4, 5), bool): HEADED(K, V, attention_mask=mask),
    "It is (3, 4, 5)",
    line="mask = keras.ops.swapaxes(mask, 1, 2)",
    gives=(3, 5, 8),
    **since_3_7,
)
a_mask(
    lambda mask=np.ones((4, 4), bool): HEADED(K, K, attention_mask=mask),
    "It is (4, 4)",
    line="attention(query, value, use_causal_mask=True)",
    then="value.shape == (3, 5, 8)",
    attention=HEADED,
    query=K,
    value=K,
    **since_3_7,
)
a_mask(
    lambda mask=np.ones((3, 5), bool): layers.Attention()([K, V], mask=[None, mask]),
    "mask[1] must be that of the value: (batch 3, timesteps of the value 4). It is (3, 5).",
    line="attention([query, value], mask=[mask, None])",
    then="value.shape == (3, 5, 8)",
    attention=layers.Attention(),
    query=K,
    value=V,
)
a_mask(
    lambda mask=np.ones((4, 3), bool): layers.AdditiveAttention()([K, V], mask=[None, mask]),
    "It is (4, 3)",
    line="mask = keras.ops.transpose(mask)",
    gives=(3, 5, 8),
    **of_values,
)
a_mask(
    lambda mask=np.ones((3, 4), bool): layers.Attention()([K, V], mask=[mask, None]),
    "mask[0] must be that of the query: (batch 3, timesteps of the query 5). It is (3, 4).",
    line="mask = keras.ops.any(query != 0, axis=-1)",
    gives=(3, 5, 8),
    query=K,
)
a_mask(
    lambda mask=np.ones((3, 4), bool): layers.Attention()([K, V], mask=mask),
    "Attention takes its masks as a pair, [query_mask, value_mask]",
    line="attention([query, value], mask=[None, mask])",
    then="value.shape == (3, 5, 8)",
    attention=layers.Attention(),
    query=K,
    value=V,
    **of_values,
)
