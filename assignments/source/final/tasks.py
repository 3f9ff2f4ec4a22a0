"""What each student's paper asks. Keep this file beside the notebook; no answer is in it."""

from dataclasses import replace

import keras
import numpy as np
import torch

from lstm_lessons.asked import decoding
from lstm_lessons.asking.questions import Question, wrongs
from lstm_lessons.grading import Paper
from lstm_lessons.weights import inputs

SALT = PUBLISHED = "hazel"  # another SALT draws all papers anew, and makes the wishes others
FEATURES = ("temperature", "wind", "demand")
RANGES = ((0, 1), (-1, 1))
VALUES = {
    "value": "its value",
    "change": "how far its value lies above that of the window's last day",
    "step": "how far its value lies above that of the day before it",
}
BASELINES = ("the value of the window's last day", "the mean of the window's days")
OTHER_BASELINES = (
    "the median of the window's days",
    "the mean of the window's last two days",
    "the largest value of the window's days",
)
REMEMBERED = {
    "upper": "with what the *upper* layer of the encoder remembers",
    "lower": "with what the *lower* layer of the encoder remembers",
    "sum": "with the sum of what the two layers of the encoder remember",
}
MARKS = ("the first feature, in front of the characters", "the last feature, behind the characters")
WRITTEN = {
    "forward": "from the first character to the last one",
    "backward": "from the last character to the first one",
}
HEADS = ("the next value itself", "the change from the last value to the next one")
OTHER_HEADS = (
    "the change from today's value to the next one",
    "the number that the last value is multiplied by, to get the next one",
)
MEASURES = {
    "size": "the size of the axis",
    "numbers": "the size of the axis features, multiplied by that of the axis",
}
BEGUN = {
    "both": "with the encoder's h and c",
    "h": "with the encoder's h, and zeros for c",
    "c": "with the encoder's c, and zeros for h",
}
WISHES = {  # {what about: (the published wishes, those of any other SALT)}
    "ends": (
        (("smallest", "largest"),),
        (("smallest", "mean"), ("mean", "largest")),
    ),
    "value": (("value",), ("change", "step")),
    "baseline": (BASELINES, OTHER_BASELINES),
    "remembered": (("upper",), ("lower", "sum")),
    "written": (("forward",), ("backward",)),
    "head": (HEADS, OTHER_HEADS),
    "measure": (("size",), ("numbers",)),
    "begun": (("both",), ("h", "c")),
}
GIVEN = """def translate(encoder, decoder, attention, head, source, before):
    every, h, c = encoder(source)
    written = decoder(before, initial_state=[c, h])
    looked = attention([every, written])
    return head(keras.ops.concatenate([written, looked], axis=-1))"""


def paper(student):
    """Return the Paper of a student."""
    return Paper("final", student, SALT)


def asked(paper):
    """Return what to predict: a decoder, attention, and a Spec of PyTorch."""
    one, other = paper.spec("decoder"), paper.spec("attention")
    chance = paper.chance("stack")
    stack = dict(cell=chance.choice(("lstm", "gru")), layers=2, bidirectional=True)
    return [
        decoding.arrows(one.batch, one.timesteps + 10, one.timesteps, 8 * one.units, one.features),
        attended(other.batch, other.timesteps, other.features, other.units),
        paper.spec("stack", **stack),
    ]


def attended(batch, reads, writes, units):
    """Return the question what attention returns, and which weights it has used.

    reads, writes: how many timesteps the encoder and the decoder have returned.
    """

    def shapes():
        sizes = ((batch, writes, units), (batch, reads, units))
        outputs = [np.zeros(size, "float32") for size in sizes]
        looked = keras.layers.Attention()(outputs, return_attention_scores=True)
        return tuple(tuple(tensor.shape) for tensor in looked)

    whose = "Which sequence looks back, and over which one is each mean taken?"
    means, weights = (batch, writes, units), (batch, reads, writes)
    return Question(
        text=f"An encoder has returned `every`, (batch {batch}, timesteps {reads}, units {units}), "
        f"and a decoder `written`, (batch {batch}, timesteps {writes}, units {units}). `looked, "
        "weights = Attention()([written, every], return_attention_scores=True)` returns the "
        "weighted means, and the weights too. Give the two shapes.",
        run=shapes,
        wrong=wrongs(
            time_axis_in_head=[
                (((batch, reads, units), weights), "a mean for each timestep that was read", whose),
                ((means, weights), "the weights to be counted by the timesteps read first", whose),
                ((means, (batch, reads)), "one weight for each timestep that was read", whose),
                ((means, means), "a weight for each unit", whose),
            ]
        ),
        sizes=(("batch", batch), ("units", units)),
    )


def spec(paper):
    """Return the Spec of the layer that the functions are first tried on."""
    return paper.spec("code")


def further(spec):
    """Return the Spec of a decoder: as many sequences and units, other timesteps and features."""
    return replace(spec, timesteps=spec.timesteps + 2, features=spec.features + 3)


def wish(paper, about):
    """Return what is wished: of the published wishes, or with another SALT, of the others alone."""
    published, others = WISHES[about]
    return paper.chance(about).choice(published if paper.salt == PUBLISHED else others)


def ends(paper):
    """Return which two values of a feature become the ends of the range."""
    return wish(paper, "ends")


def scaled_to(paper):
    """Return the range, its lower and its upper end, that the training part is scaled to."""
    return paper.chance("range").choice(RANGES)


def target(paper):
    """Return the name of the feature to forecast."""
    return paper.chance("target").choice(FEATURES)


def skipped(paper):
    """Return how many days lie between a window and the first day to forecast."""
    return paper.chance("skipped").choice((1, 2, 3))


def value(paper):
    """Return the name of what is to be forecast of the feature."""
    return wish(paper, "value")


def table(days):
    """Return a table of three features, (days, features), that lie in different ranges."""
    numbers = np.random.default_rng(days).normal(size=(days, 3)).cumsum(axis=0)
    return numbers * [1, 2, 30] + [10, 20, 700]


def baseline(paper):
    """Return what the baseline says of every day ahead."""
    return wish(paper, "baseline")


def cell(paper):
    """Return the kind of the encoder and the decoder: "lstm" or "gru"."""
    return paper.chance("cell").choice(("lstm", "gru"))


def remembered(paper):
    """Return the name of what the decoder begins with."""
    return wish(paper, "remembered")


def mark(paper):
    """Return where the start mark stands among the features."""
    return paper.chance("mark").choice(MARKS)


def written(paper):
    """Return the name of the direction in which the decoder writes."""
    return wish(paper, "written")


def target_numbers(spec):
    """Return numbers of characters below `units`, (batch, timesteps), for a Spec of sizes."""
    return (1000 * abs(inputs(spec)[..., 0])).astype(int) % spec.units


def head(paper):
    """Return what the head of a forecaster gives."""
    return wish(paper, "head")


def axis(paper):
    """Return the name of the axis that is asked about: "batch" or "timesteps"."""
    return paper.chance("axis").choice(("batch", "timesteps"))


def measure(paper):
    """Return the name of what is wanted of the axis."""
    return wish(paper, "measure")


def begun(paper):
    """Return the name of what the decoder is to begin with."""
    return wish(paper, "begun")


class Tagger(torch.nn.Module):
    """A network of two recurrent layers; the flags are the layers' batch_first."""

    def __init__(self, features, units, lower_first, upper_first):
        super().__init__()
        self.settings = dict(features=features, units=units)
        self.settings |= dict(lower_first=lower_first, upper_first=upper_first)
        self.lower = torch.nn.LSTM(features, units, batch_first=lower_first)
        self.upper = torch.nn.GRU(units, 4, batch_first=upper_first)
        self.head = torch.nn.Linear(4, 2)

    def forward(self, x):
        """Return two scores for each timestep, (batch, timesteps, 2)."""
        every, _ = self.lower(x)
        return self.head(self.upper(every)[0])

    def __str__(self):
        return "a network"


def tagger(paper, spec, number=0):
    """Return a Tagger, in which one layer lacks batch_first, or both do. number: which one."""
    flags = [(True, False), (False, True), (False, False)]
    return Tagger(
        spec.features, spec.units, *flags[(paper.chance("tagger").randrange(3) + number) % 3]
    )
