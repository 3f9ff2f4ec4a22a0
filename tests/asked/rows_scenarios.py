"""The questions of lessons 00 to 04: the right answers."""

from lstm_lessons.asked import scenarios
from lstm_lessons.frameworks import load

QUESTIONS = [
    (scenarios.one_sequence, "(5, 6)"),
    (scenarios.batch_second, "(3, 5, 7), (1, 5, 7), (1, 5, 7)"),
    (scenarios.longer, "False"),
    (scenarios.classifier, "(None, 4)"),
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
            "an axis of one": (lambda x: HEAD(every(x)[:, -1:]), "Another shape is wanted"),
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
]


def modules_anew():
    torch = load("torch").torch
    return torch.nn.LSTM(3, 16, batch_first=True), torch.nn.Linear(16, 2)


OTHER = modules_anew()
