"""What each student's paper asks. Keep this file beside the notebook; no answer is in it."""

from dataclasses import replace

import numpy as np

from lstm_lessons.asked import memory
from lstm_lessons.grading import Paper

SALT = PUBLISHED = "willow"  # another SALT draws all papers anew, and makes the wishes others
MERGES = {
    "sum": "the sum of the two",
    "mul": "their product",
    "ave": "their mean",
}
MOMENTS = {
    "read": "right after it has read `read` timesteps",
    "left": "when it has `read` timesteps left to read",
}
GIVEN = """def mended(lstm, x):
    output, (h_n, c_n) = lstm(x)
    return output, {second}"""
SECOND = {
    "h": ("h_n[-1]", "the last h"),
    "c": ("c_n[-1]", "the last c"),
    "first": ("output[:, 0]", "the output after the first timestep"),
    "mean": ("output.mean(dim=1)", "the mean of the outputs, over the timesteps"),
}
PICKED = {
    "largest": "the largest of them",
    "smallest": "the smallest of them",
    "first": "the first of them, after the first valid timestep",
    "mean": "the mean of them",
}
MASKED = {
    "both": "h and c stay as they are, as behind a mask in Keras",
    "h": "h stays as it is, and c becomes zeros",
    "c": "c stays as it is, and h becomes zeros",
    "neither": "h and c both become zeros",
}
ENDS = {
    "h": "the last h of each direction",
    "c": "the last c of each direction",
    "first": "the h of each direction after the first timestep that it reads",
}
WISHES = {  # {what about: (the published wishes, those of any other SALT)}
    "layer": (("upper",), ("lower",)),
    "moment": (("read",), ("left",)),
    "state": (("h", "c"), ("first", "mean")),
    "extreme": (("largest", "smallest"), ("first", "mean")),
    "masked": (("both",), ("h", "c", "neither")),
    "end": (("h",), ("c", "first")),
}


def paper(student):
    """Return the Paper of a student."""
    return Paper("layers_and_padding", student, SALT)


def asked(paper):
    """Return the two Specs to predict in Keras: two directions, and another cell in a stack."""
    chance = paper.chance("asked")
    flags = dict(return_state=True, return_sequences=chance.choice((True, False)))
    both = dict(bidirectional=True, merge_mode=chance.choice(("concat", "sum")))
    stack = dict(cell=chance.choice(("gru", "rnn")), layers=2, return_state=True)
    return [paper.spec("asked", 0, **flags, **both), paper.spec("asked", 1, **stack)]


def asked_torch(paper):
    """Return what to predict in PyTorch: the Spec of a stack, and a Question on packing."""
    chance = paper.chance("asked in PyTorch")
    stack = dict(layers=chance.choice((2, 3)), bidirectional=True)
    timesteps = chance.randint(10, 15)
    lengths = tuple(chance.sample(range(2, timesteps - 1), 3))
    units = chance.choice((5, 7, 8, 9))
    return [
        paper.spec("asked in PyTorch", cell=chance.choice(("lstm", "gru")), **stack),
        memory.unpacked(lengths, timesteps, units),
    ]


def spec(paper):
    """Return the Spec of the layer that the functions are first tried on."""
    return paper.spec("code", return_sequences=True)


def both(paper):
    """Return the Spec of the same layer with two directions."""
    return replace(spec(paper), bidirectional=True)


def stack(paper):
    """Return the Spec of two such layers with two directions."""
    return replace(both(paper), layers=2)


def trained(paper):
    """Return the Spec of a layer of PyTorch that was made without batch_first."""
    return replace(spec(paper), batch_first=False)


def wish(paper, about):
    """Return what is wished: of the published wishes, or with another SALT, of the others alone."""
    published, others = WISHES[about]
    return paper.chance(about).choice(published if paper.salt == PUBLISHED else others)


def layer(paper):
    """Return the name of the layer of a stack of two whose tensors are wished."""
    return wish(paper, "layer")


def merge(paper):
    """Return the merge_mode of Keras' layer, which PyTorch's outputs are to follow."""
    return paper.chance("merge").choice(tuple(MERGES))


def moment(paper):
    """Return the name of the moment at which the h of a direction is wished."""
    return wish(paper, "moment")


def order(paper):
    """Return the names of the two directions, in the order that is wished."""
    return paper.chance("order").choice((("forward", "backward"), ("backward", "forward")))


def state(paper):
    """Return the name of what is wished beside the output."""
    return wish(paper, "state")


def extreme(paper):
    """Return the name of what is wished of the valid outputs."""
    return wish(paper, "extreme")


def masked(paper):
    """Return the name of what stays as it is where a timestep is not valid."""
    return wish(paper, "masked")


def end(paper):
    """Return the name of what is wished of both directions."""
    return wish(paper, "end")


def lengths(paper, batch, timesteps):
    """Return how many timesteps of each sequence are valid, (batch,); no sequence is full."""
    return np.array(paper.chance("lengths").choices(range(1, timesteps), k=batch))


def valid(paper, batch, timesteps):
    """Return a mask with gaps, (batch, timesteps): in each sequence some timesteps are valid."""
    chance, mask = paper.chance("valid"), np.zeros((batch, timesteps), bool)
    for row in mask:
        row[chance.sample(range(timesteps), chance.randint(1, timesteps - 1))] = True
    return mask


def padded_in_front(x, lengths):
    """Return the batch with zeros in front of the last timesteps of each sequence."""
    places = np.arange(x.shape[1]) >= x.shape[1] - np.asarray(lengths)[:, None]
    return np.where(places[..., None], x, 0).astype(x.dtype)
