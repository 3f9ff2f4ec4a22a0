"""What is right in `final`.

It has more than 300 lines: each task has its right function and its usual mistakes.
"""

from dataclasses import replace

import numpy as np
import tasks

from lstm_lessons import explain
from lstm_lessons.asking.checking import Task
from lstm_lessons.frameworks import load
from lstm_lessons.grading import predicted, worked
from lstm_lessons.weights import inputs

from . import late, others


def predictions(paper, answers, of):
    """Return the points for predicted shapes."""
    return predicted(answers, tasks.asked(paper), of, "torch")


def scale(paper, made, of):
    """Return the points for scaling two parts by what the first one says."""
    wished = tasks.scaled_to(paper)
    [other] = (one for one in tasks.RANGES if one != wished)
    values = dict(smallest=np.min, largest=np.max, mean=np.mean)
    ends = [values[name] for name in tasks.ends(paper)]

    def by(part, fitted, low_high=wished, axis=0):
        (low, high), (lower, upper) = low_high, [value(fitted, axis=axis) for value in ends]
        return low + (high - low) * (part - lower) / (upper - lower)

    def right(training, later):
        return by(training, training), by(later, training)

    def on_all(training, later):
        both = np.concatenate([training, later])
        return by(training, both), by(later, both)

    def standard(training, later):
        mean, std = training.mean(axis=0), training.std(axis=0)
        return (training - mean) / std, (later - mean) / std

    wrong = (
        (on_all, "the two values are those of both parts. That is a leak."),
        (
            lambda training, later: (by(training, training), by(later, later)),
            "each part is scaled by itself. Then one number means two things.",
        ),
        (
            lambda training, later: tuple(
                by(part, training, axis=None) for part in (training, later)
            ),
            "all features share the two values.",
        ),
        (
            lambda training, later: tuple(by(part, training, other) for part in (training, later)),
            f"you scaled to {other[0]} to {other[1]}.",
        ),
        (
            lambda training, later: tuple(
                np.clip(part, *wished) for part in right(training, later)
            ),
            "what lies outside of the range was cut off. Later days may lie outside.",
        ),
        (standard, "you used mean and standard deviation."),
    )
    parts = ((30, 20), (12, 17), (40, 8), (15, 15))
    tables = tuple(np.split(_table(first + rest), [first]) for first, rest in parts)
    return worked(made, Task(right, tuple(map(tuple, tables)), wrong), of)


def cut(paper, made, of):
    """Return the points for cutting a table into windows and what is to be forecast."""
    gap, column = tasks.skipped(paper), tasks.FEATURES.index(tasks.target(paper))
    wished = tasks.value(paper)

    def cutting(skipped=gap, column=column, fewer=0, value=wished):
        def cut(series, timesteps, ahead):
            first = timesteps + skipped
            starts = np.arange(len(series) - first - ahead + 1 - fewer)
            x = [series[start : start + timesteps] for start in starts]
            days = starts[:, None] + first + np.arange(ahead)
            before = dict(change=starts[:, None] + timesteps - 1, step=days - 1)
            y = series[days, column]
            return np.stack(x), y - series[before[value], column] if value in before else y

        return cut

    def apart(series, timesteps, ahead):
        x, y = cutting()(series, timesteps, ahead)
        return x[::timesteps], y[::timesteps]

    def transposed(series, timesteps, ahead):
        x, y = cutting()(series, timesteps, ahead)
        return x.swapaxes(1, 2), y

    wrong = (
        (cutting(skipped=0), "no day lies between a window and the days to forecast."),
        (cutting(skipped=-1), "y begins with the window's last day. That is a leak."),
        (cutting(skipped=gap - 1), "one day too few lies in between."),
        (cutting(skipped=gap + 1), "one day too many lies in between."),
        *((cutting(column=one), "y has another feature.") for one in range(3) if one != column),
        *(
            (cutting(value=one), f"y says of each day {tasks.VALUES[one]}.")
            for one in others(tasks, "value", wished)
        ),
        (cutting(column=slice(None)), "y has every feature. One is forecast."),
        (cutting(fewer=1), "the last window is missing."),
        (apart, "the windows lie end to end. The next one begins a day later."),
        (transposed, "the last two axes of x have changed places."),
    )
    sizes = ((30, 10, 5), (25, 7, 3), (24, 9, 6), (40, 5, 8))
    tables = tuple((_table(days), timesteps, ahead) for days, timesteps, ahead in sizes)
    return worked(made, Task(cutting(), tables, wrong), of)


def baseline_errors(paper, made, of):
    """Return the points for the baseline's mean absolute error on each day ahead."""
    wished = tasks.baseline(paper)
    forecasts = (
        lambda every: every[:, -1],
        lambda every: every.mean(axis=1),
        lambda every: np.median(every, axis=1),
        lambda every: every[:, -2:].mean(axis=1),
        lambda every: every.max(axis=1),
    )
    forecasts = dict(zip((*tasks.BASELINES, *tasks.OTHER_BASELINES), forecasts, strict=True))

    def said(x, name=wished, feature=0):
        return forecasts[name](x[..., feature])[:, None]

    def right(x, y):
        return abs(y - said(x)).mean(axis=0)

    wrong = (
        (lambda x, y: abs(y - said(x)).mean(axis=1), "there is an error for each window."),
        (lambda x, y: abs(y - said(x)).mean(), "there is one error for all days ahead."),
        (lambda x, y: (y - said(x)).mean(axis=0), "errors above and below have cancelled."),
        (lambda x, y: ((y - said(x)) ** 2).mean(axis=0), "the errors are squared."),
        *(
            (
                lambda x, y, other=other: abs(y - said(x, other)).mean(axis=0),
                "the forecast is not the one that your paper names.",
            )
            for other in others(tasks, "baseline", wished)
        ),
        (lambda x, y: abs(y - said(x, wished, -1)).mean(axis=0), "it is another feature's."),
        (
            lambda x, y: abs(y - x[:, :1, 0]).mean(axis=0),
            "the forecast is the value of the window's first day.",
        ),
    )
    batches = []
    for number, one in enumerate(_specs(paper)):
        long = inputs(replace(one, timesteps=one.timesteps + 3 + number))
        batches.append((long[:, : one.timesteps], long[:, one.timesteps :, 0]))
    return worked(made, Task(right, tuple(batches), wrong), of)


def across(paper, made, of):
    """Return the points for a Keras decoder that begins with a PyTorch encoder's memory."""
    torch, cell, wished = load("torch").torch, tasks.cell(paper), tasks.remembered(paper)
    layers = dict(upper=lambda one: one[-1], lower=lambda one: one[0], sum=lambda one: one.sum(0))
    words = dict(upper="the upper layer remembers", lower="the lower layer remembers")
    words["sum"] = "both layers remember, added"
    memory = layers[wished]

    def begun(pick):
        """Return a function that begins with the states that pick picks of h_n and c_n."""

        def decoded(encoder, decoder, x, before):
            with torch.no_grad():
                _, state = encoder(torch.tensor(x))
            states = pick(*state) if cell == "lstm" else pick(state, state)[:1]
            return decoder(before, initial_state=[one.numpy() for one in states])

        return decoded

    wrong = (
        *(
            (
                begun(lambda h, c, pick=layers[one]: [pick(h), pick(c)]),
                f"the decoder begins with what {words[one]}.",
            )
            for one in {"lower", *others(tasks, "remembered", wished)} - {wished}
        ),
        (lambda encoder, decoder, x, before: decoder(before), "the decoder begins with zeros."),
    )
    if cell == "lstm":
        wrong += (
            (begun(lambda h, c: [memory(c), memory(h)]), "h and c have changed places."),
            (begun(lambda h, c: [memory(h), memory(h)]), "c is h once more."),
            (begun(lambda h, c: [memory(h), 0 * memory(c)]), "c is lost."),
        )
    tried = []
    for one in _specs(paper):
        encoder = load("torch").layer(replace(one, cell=cell, layers=2))
        writes = replace(tasks.further(one), cell=cell, return_sequences=True)
        tried.append((encoder, load("keras").layer(writes), inputs(one), inputs(writes)))
    return worked(made, Task(begun(lambda h, c: [memory(h), memory(c)]), tuple(tried), wrong), of)


def one_late(paper, made, of):
    """Return the points for what a decoder reads in teacher forcing."""
    wished, back = tasks.MARKS.index(tasks.mark(paper)), tasks.written(paper) == "backward"

    def turned(target):
        """Return the characters in the order in which they are written."""
        return target[:, ::-1] if back else target

    def one_hot(numbers, characters, mark=wished):
        """Return vectors for numbers of characters, where -1 is the start mark."""
        numbers = numbers + 1 if mark == 0 else np.where(numbers < 0, characters, numbers)
        return np.eye(characters + 1)[numbers]

    def marked(target, *kept):
        kept = turned(target)[:, slice(*kept)]
        return np.concatenate([np.full((len(target), 1), -1), kept], axis=1)

    wrong = (
        (
            lambda target, characters: one_hot(turned(target), characters),
            "the decoder reads each character at the timestep that has to give it.",
        ),
        (
            lambda target, characters: one_hot(np.roll(turned(target), 1, axis=1), characters),
            "the last character stands where the start mark belongs.",
        ),
        (
            lambda target, characters: one_hot(marked(target, None, None), characters),
            "there is one timestep too many. Which character is never read?",
        ),
        (
            lambda target, characters: one_hot(marked(target, 1, None), characters),
            "the first character is left out. Which one is never read?",
        ),
        (
            lambda target, characters: one_hot(marked(target, -1), characters, 1 - wished),
            "the start mark is another feature than your paper says.",
        ),
        (
            lambda target, characters: one_hot(
                np.roll(marked(target, 1, None), -1, axis=1), characters
            ),
            "the characters come early, not late.",
        ),
        (
            lambda target, characters: np.concatenate(
                [
                    np.zeros((len(target), 1, characters + 1)),
                    one_hot(turned(target), characters)[:, :-1],
                ],
                axis=1,
            ),
            "zeros stand in the place of the start mark.",
        ),
    )
    texts = tuple((tasks.target_numbers(one), one.units) for one in _specs(paper))
    task = Task(lambda target, characters: one_hot(marked(target, -1), characters), texts, wrong)
    return worked(made, task, of)


def unroll(paper, made, of):
    """Return the points for a forecaster in PyTorch that reads its own forecasts."""
    torch = load("torch").torch
    wished = tasks.head(paper)
    values = (
        lambda given, value, today: given,
        lambda given, value, today: value + given,
        lambda given, value, today: today + given,
        lambda given, value, today: value * given,
    )
    values = dict(zip((*tasks.HEADS, *tasks.OTHER_HEADS), values, strict=True))

    def rolling(reads=True, keeps=True, swaps=False, means=wished):
        """Return a function that reads its forecasts, keeps its states, or not.

        means: what the head gives.
        """

        def unroll(decoder, head, h, c, today, days):
            value, pair, made = today, (c, h) if swaps else (h, c), []
            for _ in range(days):
                output, state = decoder(value if reads else today, pair)
                pair = state if keeps else pair
                value = values[means](head(output), value, today)
                made.append(value[:, 0])
            return torch.cat(made, dim=1)

        return unroll

    def beginning_with_today(*given):
        return torch.cat([given[4][:, 0], rolling()(*given)[:, :-1]], dim=1)

    wrong = (
        (rolling(keeps=False), "each day begins with the same h and c."),
        (rolling(reads=False), "the decoder reads today's value each day."),
        (rolling(reads=False, keeps=False), "the decoder reads the same on each day."),
        (rolling(swaps=True), "h and c have changed places."),
        *(
            (rolling(means=other), "what `head` gives is taken for something else.")
            for other in others(tasks, "head", wished)
        ),
        (beginning_with_today, "what comes back begins with today."),
        (lambda *given: rolling()(*given)[:, -1:], "only the last day came back."),
        (
            lambda *given: rolling()(*given)[..., None],
            "an axis of 1 is left at the end. Wanted are two axes.",
        ),
    )
    tried = []
    for number, one in enumerate(_specs(paper)):
        decoder = load("torch").layer(replace(one, features=1))
        states = inputs(replace(one, batch=2, timesteps=one.batch, features=one.units))[:, None]
        today = inputs(one)[:, :1, :1]
        tried.append((decoder, torch.nn.Linear(one.units, 1), *states, today, 5 + number))
    return worked(made, Task(rolling(), tuple(tried), wrong), of, "torch")


def read_by(paper, made, of):
    """Return the points for the size of an axis that each recurrent layer reads, or of two."""
    wished, times = tasks.axis(paper), tasks.measure(paper) == "numbers"

    def sized(network, x, name=wished):
        read = [call.input for call in explain(network, x).layers]
        return tuple(
            one.shape[one.axes.index(name)] * (one.shape[2] if times else 1) for one in read
        )

    def meant(network, x):
        size = x.shape[wished == "timesteps"]
        vectors = (x.shape[2], network.settings["units"]) if times else (1, 1)
        return tuple(size * long for long in vectors)

    [other] = {"batch", "timesteps"} - {wished}
    wrong = (
        (meant, "the sizes are those that you mean. What does each layer take the axes for?"),
        (lambda network, x: sized(network, x, other), f"it is the size of {other}."),
    )
    networks = tuple(
        (tasks.tagger(paper, one, number), inputs(one)) for number, one in enumerate(_specs(paper))
    )
    return worked(made, Task(sized, networks, wrong), of, "torch")


def translate(paper, made, of):
    """Return the points for mending a network that looks the wrong way."""
    keras, wished = load("keras").keras, tasks.begun(paper)

    def begin_with(h, c):
        return [0 * h if wished == "c" else h, 0 * c if wished == "h" else c]

    def exchanged(one, other):
        return [other, one]

    def translating(begin=begin_with, look=lambda written, every: [written, every]):
        def translated(encoder, decoder, attention, head, source, before):
            every, h, c = encoder(source)
            written = decoder(before, initial_state=begin(h, c))
            looked = attention(look(written, every))
            if looked.shape != written.shape:
                return looked  # the mistake raises an error here
            return head(keras.ops.concatenate([written, looked], axis=-1))

        return translated

    wrong = (
        (translating(exchanged, exchanged), "nothing has changed."),
        (translating(look=exchanged), "at each timestep the encoder looks at the decoder."),
        (translating(begin=lambda h, c: begin_with(h, c)[::-1]), "h and c have changed places."),
        (
            translating(look=lambda written, every: [written, written]),
            "the decoder looks at itself.",
        ),
    )
    if wished == "both":
        wrong += ((translating(begin=lambda h, c: [h, 0 * c]), "c is lost."),)
    tried = []
    for number, one in enumerate(_specs(paper)):
        states = dict(return_sequences=True, return_state=True)
        writes = tasks.further(one) if number else replace(one, features=one.features + 3)
        layers = [load("keras").layer(replace(one, **states))]
        layers.append(load("keras").layer(replace(writes, return_sequences=True)))
        layers += [keras.layers.Attention(), keras.layers.Dense(4)]
        layers[-1].build((None, None, 2 * one.units))
        tried.append((*layers, inputs(one), inputs(writes)))
    return worked(made, Task(translating(), tuple(tried), wrong), of)


def _specs(paper):
    """Return Specs of the sizes that the student saw, and of others."""
    drawn = late(paper)
    return [tasks.spec(paper), *(drawn.spec("tries", number) for number in range(3))]


def _table(days):
    """Return a table like those of `tasks`, of numbers that nobody knows beforehand."""
    return tasks.table(days) * np.random.default_rng().uniform(0.5, 2, size=3)


TESTS = {
    "test-predict": ("predictions", predictions),
    "test-scale": ("scale", scale),
    "test-cut": ("cut", cut),
    "test-baseline-errors": ("baseline_errors", baseline_errors),
    "test-across": ("across", across),
    "test-late": ("late", one_late),
    "test-unroll": ("unroll", unroll),
    "test-read-by": ("read_by", read_by),
    "test-translate": ("translate", translate),
}
