"""Kinds of errors, as data: a mask that does not fit the attention that it is for.

Which mask it is and what it must be is read off the call; so it is long.
"""

import ast
import re
from dataclasses import replace
from typing import NamedTuple

from .known import Known, sizes
from .tracebacks import call_of_torch, of_torch, value, written

# What was given, in PyTorch.

PLACES = {"key_padding_mask": 3, "attn_mask": 5}  # among the arguments of MultiheadAttention
LOOKS = (
    "It says for each timestep of the query at which of the key it may not look. Which timesteps "
    "are padding says `key_padding_mask`, (batch, timesteps of the key)."
)
PADDING = "It says of each timestep of the key whether it is padding: True where it is."
BY_HEADS = "It is laid upon the scores, of which each head has its own: True where it looks."


class _Sizes(NamedTuple):
    """What attention reads: batch, None where there is none; timesteps of query and key; heads."""

    batch: int | None
    query: int
    key: int
    heads: int

    def fits(self, mask: str, shape: tuple) -> bool:
        """Return whether a mask of MultiheadAttention may have a shape."""
        if mask == "key_padding_mask":
            return shape == ((self.key,) if self.batch is None else (self.batch, self.key))
        whole = (self.heads * (self.batch or 1), self.query, self.key)
        return shape in (whole, whole[1:])

    def words(self, mask: str) -> str:
        """Return the shapes that a mask of MultiheadAttention may have, with their axes."""
        batch = "" if self.batch is None else f"batch {self.batch}, "
        if mask == "key_padding_mask":
            return f"({batch}timesteps of the key {self.key})"
        each = f"timesteps of the query {self.query}, timesteps of the key {self.key}"
        first = f"heads {self.heads}" if self.batch is None else "batch·heads "
        first += "" if self.batch is None else str(self.batch * self.heads)
        return f"({each}), or for each head its own, ({first}, {self.query}, {self.key})"


def _of_torch(found, error):
    """Return the words for a mask of MultiheadAttention; None where each fits."""
    call = call_of_torch(error)
    if not call or not of_torch(call[0], "MultiheadAttention"):
        return _unseen(found)
    layer, args, kwargs = call
    given = {**dict(enumerate(args)), **kwargs}
    query, key = (
        tuple(given.get(at, given.get(name)).shape) for at, name in ((0, "query"), (1, "key"))
    )
    first = layer.batch_first
    read = _Sizes(None, query[0], key[0], layer.num_heads)
    if len(query) == 3:
        read = _Sizes(query[1 - first], query[first], key[first], layer.num_heads)
    for mask, at in PLACES.items():
        shape = tuple(getattr(given.get(mask, given.get(at)), "shape", ()))
        if shape and not read.fits(mask, shape):
            return {
                "mask": mask,
                "wanted": read.words(mask),
                "got": f"`{shape}`",
                "why": PADDING if mask == "key_padding_mask" else LOOKS,
                "lines": "\n".join(_lines(mask, shape, read, layer)),
            }
    return None


def _unseen(found):
    """Return the words for a mask that is not seen, off its message; None if that is too little."""
    wanted, got = found.get("wanted"), found.get("got")
    if not (wanted and got and sizes(wanted)[1:]):
        return None
    read = _Sizes(None, *sizes(wanted)[-2:], 1)
    lines = _looking(read)
    return {
        "mask": "attn_mask",
        "wanted": f"`{wanted}`",
        "got": f"`{got}`",
        "why": LOOKS,
        "lines": lines,
    }


def _lines(mask, shape, read, layer):
    """Return the lines for a mask of MultiheadAttention that does not fit."""
    batch, query, key, heads = read
    instead = []
    if not layer.batch_first and batch is not None:  # it may have been forgotten
        other = _Sizes(query, batch, batch if key == query else key, heads)
        made = f"torch.nn.MultiheadAttention({layer.embed_dim}, {heads}, batch_first=True)"
        if other.fits(mask, shape) and key == query:
            instead += [f"{made}  # if axis 0 of the query is the batch"]
    if mask == "key_padding_mask":
        if read.fits("attn_mask", shape):
            instead += [
                "attention(query, key, value, attn_mask=mask)  # if it says who looks where"
            ]
        if shape == (key, batch):
            instead += ["mask = mask.T  # if it is (timesteps, batch)"]
        elif len(shape) == 3 and shape[:2] == (batch, key):
            instead += ["mask = mask[..., 0]  # if it is the same for each feature"]
        elif shape == (key,):
            instead += [f"mask = mask.expand({batch}, -1)  # if it is that of each sequence"]
        turned = "" if layer.batch_first or batch is None else ".T"
        made = f"mask = (key == 0).all(-1){turned}  # made of the key: True where it is padding"
        return [*instead, made]
    if shape == (batch, key):
        instead += [
            "attention(query, key, value, key_padding_mask=mask)  # if True stands at padding"
        ]
    if shape == (batch, query, key):
        instead += [f"mask = mask.repeat_interleave({heads}, 0)  # for each head the same"]
    if shape == (batch, heads, query, key):
        instead += ["mask = mask.flatten(0, 1)  # batch and heads are one axis"]
    if shape == (key, query) != (query, key):
        instead += ["mask = mask.T  # if it is (timesteps of the key, timesteps of the query)"]
    return [*instead, _looking(read)]


def _looking(read):
    """Return the line for a mask with as many timesteps as there are."""
    made = f"mask = torch.{{}}({read.query}, {read.key}, dtype=torch.bool){{}}  # True where {{}}"
    if read.query == read.key:
        return made.format("ones", ".triu(1)", "it may not look: at later timesteps")
    return made.format("zeros", "", "it may not look: nowhere yet")


def _of_function(found, error):
    """Return the words for a mask of scaled_dot_product_attention; None for what else failed."""
    for node, frame in written(error, ast.Call):
        if ast.unparse(node.func).rpartition(".")[2] != "scaled_dot_product_attention":
            continue
        given = dict(zip(("query", "key", "value", "attn_mask"), node.args, strict=False))
        given |= {word.arg: word.value for word in node.keywords}
        if "attn_mask" not in given:
            return None
        shapes = [_shape(given.get(name), frame) for name in ("query", "key", "attn_mask")]
        return _of_scores(found, *shapes)
    return None


def _shape(node, frame):
    return tuple(getattr(value(node, frame), "shape", ())) if node is not None else ()


def _of_scores(found, query, key, mask):
    """Return the words for a mask of scores; a shape is () where it is not seen."""
    causal = "mask = torch.ones(timesteps, timesteps, dtype=torch.bool).tril()"
    wanted, instead = "(…, timesteps of the query, timesteps of the key)", []
    if query and key:
        scores = (*query[:-1], key[-2])
        names = ("batch", "heads")[: len(scores) - 2] if len(scores) < 5 else ("…",)
        each = (*names, "timesteps of the query", "timesteps of the key")
        sized = zip(each, scores[-len(each) :], strict=True)
        wanted = f"({', '.join(f'{name} {size}' for name, size in sized)})"
        causal = f"mask = torch.ones({scores[-2]}, {scores[-1]}, dtype=torch.bool).tril()"
        if mask and _goes_with(mask, scores):
            return None
        if mask == (scores[0], scores[-1]) and len(scores) > 2:
            axes = "None, None" if len(scores) == 4 else "None"
            instead += [f"mask = mask[:, {axes}]  # if it says of each timestep whether to read it"]
        if len(scores) == 4 and mask == (scores[0], *scores[2:]):
            instead += ["mask = mask[:, None]  # for each head the same"]
        if mask == (scores[-1], scores[-2]):
            instead += ["mask = mask.T  # if it is (timesteps of the key, timesteps of the query)"]
    line = f"{causal}  # True where it may look: not at later timesteps"
    return {
        "mask": "attn_mask",
        "wanted": f"{wanted}, or of size 1 on an axis where it is the same",
        "got": f"`{mask}`" if mask else "of size {mask} where {scores} belongs".format(**found),
        "why": BY_HEADS,
        "lines": "\n".join([*instead, line]),
    }


def _goes_with(mask, scores):
    """Return whether a mask is laid upon scores as it is."""
    pairs = zip(mask[::-1], scores[::-1], strict=False)
    fits = (one in (1, size) or None in (one, size) for one, size in pairs)
    return len(mask) <= len(scores) and all(fits)


# What was given, in Keras: its message says it.

SHAPE = r"\([^()\n]{0,99}\)"


def _of_keras(found, error):
    """Return the words for the mask of MultiHeadAttention; None for one that fits."""
    query, key, mask = (sizes(found[name] or "") for name in ("query", "key", "shape"))
    if len(query) != 3 or len(key) != 3:
        return None
    (batch, steps, _), keys = query, key[1]
    scores = (batch, steps, keys)
    if _goes_with(mask, scores) or (len(mask) == 4 and _goes_with(mask[2:], scores[1:])):
        return None
    instead = []
    if mask == (batch, keys):
        instead += ["mask = mask[:, None]  # if it says of each timestep whether to read it"]
    if mask == (batch, keys, steps):
        instead += ["mask = keras.ops.swapaxes(mask, 1, 2)  # if the key's timesteps come first"]
    if mask == (keys, steps):
        instead += ["mask = keras.ops.transpose(mask)  # if the key's timesteps come first"]
    return {
        "mask": "attention_mask",
        "wanted": f"(batch {batch}, timesteps of the query {steps}, timesteps of the value {keys})",
        "got": f"`{mask}`",
        "why": "It says for each timestep of the query at which of the value it looks: True where "
        "it does.",
        "lines": "\n".join(
            [
                *instead,
                "mask = keras.ops.any(value != 0, axis=-1)[:, None]  # made of the value: True "
                "where a timestep is more than padding",
                *["attention(query, value, use_causal_mask=True)  # none looks at later timesteps"]
                * (steps == keys),
            ]
        ),
    }


def _of_pair(found, error):
    """Return the words for the masks of Attention, of the query and of the value; None where each
    fits.
    """
    shapes = [sizes(one) for one in re.findall(rf"None|\(shape=({SHAPE})", found["shapes"] or "")]
    read = [sizes(found[name] or "") for name in ("query", "key")]
    for place, (mask, x) in enumerate(zip(shapes, read, strict=False)):
        if mask and not (len(mask) == 2 and _goes_with(mask, x[:2])):
            return {"lines": "\n".join(_of_place(mask, place, read)), **_told(mask, place, x)}
    return None


def _told(mask, place, x):
    of = ("query", "value")[place]
    return {
        "mask": f"mask[{place}]",
        "wanted": f"that of the {of}: (batch {x[0]}, timesteps of the {of} {x[1]})",
        "got": f"`{mask}`",
        "why": "It says of each timestep whether it is read: True where it is.",
    }


def _of_place(mask, place, read):
    """Return the lines for one of the masks of Attention."""
    x, other = read[place], read[1 - place]
    of, its = ("query", "value")[:: 1 - 2 * place]
    pair = "[None, mask]" if place == 0 else "[mask, None]"
    instead = []
    if mask == other[:2]:
        instead += [f"attention([query, value], mask={pair})  # if it is that of the {its}"]
    if mask == x[1::-1]:
        instead += ["mask = keras.ops.transpose(mask)  # if it is (timesteps, batch)"]
    if len(mask) == 3 and mask[:2] == x[:2]:
        instead += ["mask = mask[..., 0]  # if it is the same for each feature"]
    made = (
        f"mask = keras.ops.any({of} != 0, axis=-1)  # made of the {of}: True where a timestep is "
    )
    return [*instead, f"{made}more than padding"]


A_MASK = Known(
    name="A mask that does not fit attention",
    read="How do I put attention above an LSTM",
    raised="RuntimeError AssertionError",
    what="`{mask}` must be {wanted}. It is {got}.",
    why="{why}",
    instead="{lines}",
)
KERAS = "InvalidArgumentError ValueError RuntimeError TypeError"

KINDS = (
    replace(
        A_MASK,
        message=rf"^The shape of the \dD attn_mask is (?P<got>{SHAPE}), but should be "
        rf"(?P<wanted>{SHAPE})",
        rule=_of_torch,
    ),
    replace(
        A_MASK,
        message=rf"^Expected `attn_mask` shape to be (?P<wanted>{SHAPE}) but got (?P<got>{SHAPE})",
        rule=_of_torch,
    ),
    replace(
        A_MASK,
        message=r"^(?:Expected key_padded_mask\.shape\[\d\] to be \d{1,9}, but got \d{1,9}"
        r"|For (?:un)?batched \(\d-D\) `query`, expected `(?:attn|key_padding)_mask` to be `None`"
        r"|For mask_type == \d mask shape should|expecting key_padding_mask shape of"
        r"|shape '\[1, 1, \d{1,9}, \d{1,9}\]' is invalid for input of size \d{1,19})",
        rule=_of_torch,
    ),
    replace(
        A_MASK,
        message=r"^The size of tensor a \((?P<scores>\d{1,9})\) must match the size of tensor b "
        r"\((?P<mask>\d{1,9})\)",
        rule=_of_function,
    ),
    replace(
        A_MASK,
        raised=KERAS,
        message=r"calling MultiHeadAttention\.call … query=[^(\n]{1,60}\(shape="
        rf"(?P<query>{SHAPE}) … value=[^(\n]{{1,60}}\(shape=(?P<key>{SHAPE}) … "
        rf"attention_mask=[^(\n]{{1,60}}\(shape=(?P<shape>{SHAPE})",
        rule=_of_keras,
    ),
    replace(
        A_MASK,
        raised=KERAS,
        message=r"calling (?:Additive)?Attention\.call … inputs=\[[^(\n]{1,60}\(shape="
        rf"(?P<query>{SHAPE}) … \(shape=(?P<key>{SHAPE}) … ^.{{0,9}}mask=\[(?P<shapes>.{{1,300}})",
        rule=_of_pair,
    ),
    replace(
        A_MASK,
        raised="ValueError",
        message=r"^(?P<layer>(?:Additive)?Attention) layer (?:mask must be a list|accepts mask "
        "list of length)",
        what="`{layer}` takes its masks as a pair, [query_mask, value_mask].",
        why="Each is (batch, timesteps), True where a timestep is read, or None.",
        instead="attention([query, value], mask=[None, mask])  # if it is that of the value",
    ),
)
