"""What each student's paper asks. Keep this file beside the notebook; no answer is in it."""

from lstm_lessons.grading import Paper

SALT = "maple"  # another word draws all papers anew
COLLECTIONS = (("c", "output"), ("output", "c"), ("c", "h", "output"), ("h", "output", "c"))
JOBS = (
    "A dense layer decides for each film review as a whole whether it is friendly.",
    "A dense layer forecasts one number from each window of prices.",
    "A dense layer names the part of speech of each word.",
    "A second LSTM reads what the first one made of each word.",
    "A decoder starts from the memory at the end and gets nothing else.",
    "The text goes on tomorrow: today's memory is kept for it, and nothing else.",
    "A decoder starts from the memory at the end and looks back at what was made of each word.",
)


def paper(student):
    """Return the Paper of a student."""
    return Paper("scenarios", student, SALT)


def asked(paper):
    """Return the three Specs to predict in Keras; their scenarios differ."""
    flags = [dict(return_sequences=s, return_state=t) for s in (False, True) for t in (False, True)]
    drawn = paper.chance("asked").sample(flags, 3)
    return [paper.spec("asked", number, **one) for number, one in enumerate(drawn)]


def asked_torch(paper):
    """Return the Specs to predict in PyTorch: one."""
    return [paper.spec("asked in PyTorch")]


def spec(paper):
    """Return the Spec of the layer that the functions are first tried on."""
    return paper.spec("code", return_sequences=True, return_state=True)


def collection(paper):
    """Return the names of the tensors that `collect` returns, in order."""
    return paper.chance("collection").choice(COLLECTIONS)


def shapes(spec, names):
    """Return the named axes of these tensors, with their sizes."""
    last = dict(batch=spec.batch, units=spec.units)
    every = dict(batch=spec.batch, timesteps=spec.timesteps, units=spec.units)
    return tuple(every if name == "output" else last for name in names)


def jobs(paper):
    """Return four jobs for an LSTM, in words."""
    return paper.chance("jobs").sample(JOBS, 4)
