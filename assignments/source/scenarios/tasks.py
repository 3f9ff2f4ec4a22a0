"""What each student's paper asks. Keep this file beside the notebook; no answer is in it."""

from lstm_lessons.grading import Paper

SALT = PUBLISHED = "maple"  # another SALT draws all papers anew, and makes the wishes others
NAMES = {
    "output": "the output of every timestep",
    "h": "the last h",
    "c": "the last c",
    "first": "the output after the first timestep",
    "before": "the output after the timestep before the last",
    "largest": "the largest output of each unit, over the timesteps",
}
SCORED = {
    "last": "the output after the last timestep",
    "first": "the output after the first timestep",
    "c": "the last c",
    "mean": "the mean of its outputs, over the timesteps",
}
FORGOTTEN = {
    "c": "c is set to zeros, and h stays as it is",
    "h": "h is set to zeros, and c stays as it is",
    "both": "both h and c are set to zeros",
}
JOBS = (
    "A dense layer decides for each film review as a whole whether it is friendly.",
    "A dense layer forecasts one number from each window of prices.",
    "A dense layer names the part of speech of each word.",
    "A second LSTM reads what the first one made of each word.",
    "A decoder starts from the memory at the end and gets nothing else.",
    "The text goes on tomorrow: today's memory is kept for it, and nothing else.",
    "A decoder starts from the memory at the end and looks back at what was made of each word.",
)
OTHER_JOBS = (
    "A dense layer says once a day, from all that was measured, whether there is an alarm.",
    "A dense layer gives each patient's record one risk.",
    "A dense layer guesses after each note of a melody which one comes next.",
    "A dense layer labels each frame of a film.",
    "A second network writes a summary; it is handed the memory at the end and nothing else.",
    "A chat rests for a night: of what was read, only the memory at its end is stored.",
    "A translator is handed the memory at the end, and attends to what was made of each word.",
)
WISHES = {  # {what about: (the published wishes, those of any other SALT)}
    "collection": (
        (("c", "output"), ("output", "c"), ("c", "h", "output"), ("h", "output", "c")),
        (("first", "output"), ("c", "before"), ("largest", "c"), ("before", "h", "first")),
    ),
    "scored": (("last",), ("first", "c", "mean")),
    "forgotten": (("c",), ("h", "both")),
}


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


def wish(paper, about):
    """Return what is wished: of the published wishes, or with another SALT, of the others alone."""
    published, others = WISHES[about]
    return paper.chance(about).choice(published if paper.salt == PUBLISHED else others)


def collection(paper):
    """Return the names of the tensors that `collect` returns, in order."""
    return wish(paper, "collection")


def scored(paper):
    """Return the name of what the score of a sequence is made of."""
    return wish(paper, "scored")


def forgotten(paper):
    """Return the name of what is forgotten."""
    return wish(paper, "forgotten")


def shapes(spec, names):
    """Return the named axes of these tensors, with their sizes."""
    last = dict(batch=spec.batch, units=spec.units)
    every = dict(batch=spec.batch, timesteps=spec.timesteps, units=spec.units)
    return tuple(every if name == "output" else last for name in names)


def jobs(paper):
    """Return four jobs for an LSTM, in words."""
    return paper.chance("jobs").sample(JOBS if paper.salt == PUBLISHED else OTHER_JOBS, 4)
