"""The questions of lessons 00 to 04: the right answers."""

from lstm_lessons.asked import scenarios
from lstm_lessons.frameworks import load

QUESTIONS = [
    (scenarios.one_sequence, "(5, 6)"),
    (scenarios.batch_second, "(1, 5, 7)"),
    (scenarios.longer, "False"),
    (scenarios.classifier, "(None, 4)"),
    (scenarios.shows_c, "False"),
    (scenarios.flag_of_torch, "error"),
    (scenarios.every_c_too, "False"),
    (scenarios.unpacked_in_two, "error"),
    (scenarios.second_is_c, "False"),
    (scenarios.goes_on, "False"),
    (scenarios.second_of_torch, "False"),
    (scenarios.tagger, "(None, 5, 4)"),
    (scenarios.stack_by_default, "error"),
    (scenarios.resumed, "True"),
    (scenarios.resumed_without_c, "False"),
    (scenarios.decoder, "(3, 9, 7)"),
    (scenarios.grade_essays, "(20, 32)"),
    (scenarios.tag_words, "(16, 25, 32)"),
    (scenarios.start_decoder, "(10, 48), (10, 48), (10, 48)"),
]


def modules():
    """Return an LSTM of PyTorch and a head, with fixed weights."""
    torch = load("torch").torch
    torch.manual_seed(0)
    return torch.nn.LSTM(3, 16, batch_first=True), torch.nn.Linear(16, 2)


LSTM, HEAD = modules()


def h(x):
    return LSTM(x)[1][0]


def c(x):
    return LSTM(x)[1][1]


def every(x):
    return LSTM(x)[0]


def rows(x, row):
    """Return one row of the output for every timestep."""
    return every(x)[:, [row]].expand(-1, x.shape[1], -1)


READER = load("keras").keras.layers.LSTM(8, return_state=True)


def resumed(state=lambda h, c: [h, c], cut=4, begins=4, result=0):
    """Return a function that reads some timesteps with READER, then goes on with the others."""

    def read(x):
        _, h, c = READER(x[:, :cut])
        return READER(x[:, begins:], initial_state=state(h, c))[result]

    return read


def in_two_parts():
    return scenarios.in_two_parts(READER)


def last_output():
    return scenarios.last_output(LSTM, HEAD)


def every_output():
    return scenarios.every_output(LSTM, HEAD)


TASKS = [
    (
        last_output,
        "torch",
        lambda x: HEAD(h(x)[-1]),
        {
            "every output": (lambda x: HEAD(every(x)), "every output was handed to it"),
            "the mean": (lambda x: HEAD(every(x).mean(1)), "the mean of all outputs"),
            "the mean of the results": (lambda x: HEAD(every(x)).mean(1), "the mean of all"),
            "the largest": (lambda x: HEAD(every(x).amax(1)), "the values are not"),
            "the first output": (lambda x: HEAD(every(x)[:, 0]), "the first output was handed"),
            "the last sequence": (lambda x: HEAD(every(x)[-1]), "output[-1]` was handed to it"),
            "c": (lambda x: HEAD(c(x)[-1]), "c was handed to it, the memory"),
            "the layers": (lambda x: HEAD(h(x)), "with its axis of layers"),
            "squeezed": (lambda x: HEAD(h(x).squeeze()), "the batch too where there is one"),
            "an axis of one": (lambda x: HEAD(every(x)[:, -1:]), "The colon leaves an axis of one"),
            "no head": (lambda x: every(x)[:, -1], "Where is the head?"),
            "backwards": (lambda x: HEAD(h(x.flip(1))[-1]), "the values are not"),
            "another sequence": (lambda x: HEAD(h(x)[-1].roll(1, 0)), "the values are not"),
            "the batch as time": (
                lambda x: HEAD(LSTM(x.transpose(0, 1))[0].transpose(0, 1)[:, -1]),
                "the values are not",
            ),
            "the sequences mixed": (lambda x: HEAD(h(x - x.mean(0))[-1]), "the values are not"),
            "new layers": (lambda x: modules_anew()[1](h(x)[-1]), "gives other numbers each time"),
            "others of their own": (lambda x: OTHER[1](OTHER[0](x)[1][0][-1]), "values are not"),
            "a number": (lambda x: HEAD(h(x)[-1]).sum().item(), "a plain number of Python"),
            "a list": (lambda x: HEAD(h(x)[-1]).tolist(), "but in a list; `torch.tensor(…)` makes"),
            "cut off": (lambda x: HEAD(h(x)[-1]).detach(), "no gradient flows through the result"),
        },
    ),
    (
        every_output,
        "torch",
        lambda x: HEAD(every(x)),
        {
            "the last output": (lambda x: HEAD(every(x)[:, -1]), "the last output alone"),
            "h_n": (lambda x: HEAD(h(x)), "`h_n` was handed to it"),
            "repeated": (lambda x: HEAD(rows(x, -1)), "for every timestep"),
            "the first repeated": (lambda x: HEAD(rows(x, 0)), "the values are not"),
            "backwards": (lambda x: HEAD(every(x.flip(1))), "from the last to the first"),
            "turned": (lambda x: HEAD(every(x)).flip(1), "the values are not"),
            "the batch as time": (
                lambda x: HEAD(every(x.transpose(0, 1)).transpose(0, 1)),
                "the batch was read as if it were the time",
            ),
            "no head": (every, "Where is the head?"),
            "a running mean": (lambda x: HEAD(every(x).cumsum(1)), "the values are not"),
            "another sequence": (lambda x: HEAD(every(x)).roll(1, 0), "the values are not"),
            "squeezed": (lambda x: HEAD(every(x)).squeeze(0), "Another shape is wanted"),
            "as probabilities": (lambda x: HEAD(every(x)).softmax(-1), "the values are not"),
            "new layers": (lambda x: modules_anew()[1](every(x)), "other numbers each time"),
            "cut off": (lambda x: HEAD(every(x)).detach(), "no gradient flows through the result"),
        },
    ),
    (
        in_two_parts,
        "keras",
        resumed(),
        {
            "one part": (lambda x: READER(x)[0], "all 10 timesteps in one call"),
            "five first": (resumed(cut=5, begins=5), "the first part had 5 timesteps, not 4"),
            "swapped": (resumed(lambda h, c: [c, h]), "h and c changed places"),
            "no c": (resumed(lambda h, c: [h, 0 * c]), "c was not"),
            "no h": (resumed(lambda h, c: [0 * h, c]), "h was not"),
            "no states": (resumed(lambda h, c: None), "the second part began with zeros"),
            "all three": (resumed(result=slice(None)), "all that `reader` returns came back"),
        },
    ),
]


IN_TWO_PARTS = {  # mistakes that take some seconds to try
    "h twice": (resumed(lambda h, c: [h, h]), "h was handed over twice"),
    "c twice": (resumed(lambda h, c: [c, c]), "c was handed over twice"),
    "all at once": (lambda x: READER(x), "all that `reader` returns came back"),
    "a list": (lambda x: list(READER(x)), "all that `reader` returns came back"),
    "the states": (resumed(result=slice(1, None)), "without the output before them"),
    "c": (resumed(result=2), "c came back, the memory"),
    "the first part": (lambda x: READER(x[:, :4])[0], "the first part was read alone"),
    "added": (
        lambda x: READER(x[:, :4])[0] + READER(x[:, 4:])[0],
        "the results of both parts were added up",
    ),
    "one left out": (resumed(begins=5), "timestep 4 was left out"),
    "one twice": (resumed(begins=3), "timestep 3 was read twice"),
    "from the beginning": (resumed(begins=0), "at the first timestep again"),
    "the end": (resumed(begins=-4), "the values are not"),
}


def modules_anew():
    torch = load("torch").torch
    return torch.nn.LSTM(3, 16, batch_first=True), torch.nn.Linear(16, 2)


OTHER = modules_anew()
