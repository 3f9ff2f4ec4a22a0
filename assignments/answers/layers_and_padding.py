"""What is right in `layers_and_padding`.

It has more than 300 lines: each task has its right function and its usual mistakes.
"""

import numpy as np
import tasks

from lstm_lessons.asking.checking import Task
from lstm_lessons.frameworks import load
from lstm_lessons.grading import predicted, worked

from . import late, others, tries


def predictions(paper, answers, of):
    """Return the points for shapes predicted in Keras."""
    return predicted(answers, tasks.asked(paper), of)


def predictions_torch(paper, answers, of):
    """Return the points for shapes predicted in PyTorch."""
    return predicted(answers, tasks.asked_torch(paper), of, "torch")


def as_keras(paper, made, of):
    """Return the points for what Keras would return, made of what PyTorch's stack returns."""
    torch = load("torch").torch
    merge = tasks.merge(paper)

    def merged(one, other):
        made = dict(sum=one + other, mul=one * other, ave=(one + other) / 2)
        return made[merge]

    upper = tasks.layer(paper) == "upper"

    def rows(one, other):
        """Return a function that makes the five tensors of two rows of `h_n` and `c_n`."""

        def made(stack, x):
            _, (h_n, c_n) = stack(x)
            return merged(h_n[one], h_n[other]), h_n[one], c_n[one], h_n[other], c_n[other]

        return made

    right = rows(2, 3) if upper else rows(0, 1)

    def by_kind(stack, x):
        output, forward_h, forward_c, backward_h, backward_c = right(stack, x)
        return output, forward_h, backward_h, forward_c, backward_c

    def backward_first(stack, x):
        output, forward_h, forward_c, backward_h, backward_c = right(stack, x)
        return output, backward_h, backward_c, forward_h, forward_c

    def at_the_end(stack, x):
        last = stack(x)[0][:, -1]
        return merged(*last.chunk(2, dim=-1)), *right(stack, x)[1:]

    def beside(stack, x):
        _, *states = right(stack, x)
        return torch.cat([states[0], states[2]], dim=-1), *states

    wrong = (
        (
            rows(1, 3) if upper else rows(0, 2),
            "you took the rows of two layers. In which order do the rows of `h_n` come?",
        ),
        (by_kind, "the states are ordered by kind. Keras finishes one direction first."),
        (backward_first, "the directions were exchanged in the states."),
        (beside, "the two h were laid side by side. What does your `merge_mode` make of them?"),
    )
    if upper:
        wrong += (
            (
                rows(0, 1),
                "you took the lower layer's states. In which order do the rows of `h_n` come?",
            ),
            (at_the_end, "both halves of the output are those of the last timestep."),
        )
    return worked(made, Task(right, _of(paper, tasks.stack, "torch"), wrong), of, "torch")


def after(paper, made, of):
    """Return the points for both directions' h at the moment that the paper names, in Keras."""
    names, left = tasks.order(paper), tasks.moment(paper) == "left"
    concatenate = load("keras").keras.ops.concatenate

    def halves(forward, backward, names=names):
        """Return a function that takes these two timesteps of the two directions."""

        def taken(both, x, read):
            every = both(x)
            units, steps = every.shape[-1] // 2, x.shape[1]
            read = steps - read if left else read
            half = dict(
                forward=every[:, min(forward(steps, read), steps - 1), :units],
                backward=every[:, max(backward(steps, read), 0), units:],
            )
            return concatenate([half[name] for name in names], axis=-1)

        return taken

    def start(steps, read):
        return read - 1

    def end(steps, read):
        return steps - read

    wrong = (
        (halves(start, start), "both halves are of one timestep. Where does each begin to read?"),
        (halves(end, end), "both halves are of one timestep. Where does each begin to read?"),
        (
            halves(start, start, names[::-1]),
            "both halves are of one timestep, and have changed places.",
        ),
        (
            halves(end, end, names[::-1]),
            "both halves are of one timestep, and have changed places.",
        ),
        (halves(start, end, names[::-1]), "the two halves have changed places."),
        (halves(end, start), "each direction begins where the other one does."),
        (
            halves(start, lambda steps, read: steps - read - 1),
            "the backward direction has read one timestep too many.",
        ),
        (
            halves(lambda steps, read: read, end),
            "the forward direction has read one timestep too many.",
        ),
        (
            halves(lambda steps, read: read, lambda steps, read: steps - read - 1),
            "each direction has read one timestep too many.",
        ),
        (
            halves(start, lambda steps, read: 0),
            "the backward direction has read everything.",
        ),
    )
    twice = [(both, np.concatenate([x, -x], axis=1)) for both, x in _of(paper, tasks.both)]
    inputs = tuple((*pair, _apart(pair[1].shape[1], number)) for number, pair in enumerate(twice))
    return worked(made, Task(halves(start, end), inputs, wrong), of)


def _apart(timesteps, number):
    """Return of how many timesteps, an even number, as many are read as are not left."""
    every = [read for read in range(1, timesteps) if 2 * read != timesteps]
    return every[number % len(every)]


def mended(paper, made, of):
    """Return the points for reading a batch with a PyTorch layer that wants timesteps first."""
    state = tasks.state(paper)

    def reading(turn, back, name=state):
        """Return a function that turns the batch, and the output back."""

        def read(lstm, x):
            output, (h_n, c_n) = lstm(turn(x))
            output = back(output)
            second = dict(h=h_n[-1], c=c_n[-1], first=output[:, 0], mean=output.mean(dim=1))
            return output, second[name]

        return read

    def exchanged(x):
        return x.transpose(0, 1)

    def cut(x):
        return x.reshape(x.shape[1], x.shape[0], -1)

    def same(x):
        return x

    cut_anew = "the numbers were cut anew where two axes should change places."
    wrong = (
        (reading(same, same), "nothing has changed: what does this layer take for the batch?"),
        (reading(cut, cut), cut_anew),
        (reading(exchanged, cut), f"of the output, {cut_anew}"),
        (reading(cut, exchanged), f"of the batch, {cut_anew}"),
        (reading(exchanged, same), "the output still lies as this layer returns it."),
    )
    if state in ("h", "c"):
        other = reading(exchanged, exchanged, "hc".replace(state, ""))
        wrong += ((other, "it is the other one of the two states."),)
    inputs = tuple(
        (lstm, x.swapaxes(0, 1).copy()) for lstm, x in _of(paper, tasks.trained, "torch")
    )
    return worked(made, Task(reading(exchanged, exchanged), inputs, wrong), of, "torch")


def pooled(paper, made, of):
    """Return the points for what the paper wishes of the valid outputs, in Keras."""
    picks = dict(
        largest=lambda every: every.max(axis=0),
        smallest=lambda every: every.min(axis=0),
        first=lambda every: every[0],
        mean=lambda every: every.mean(axis=0),
    )
    wished = tasks.extreme(paper)

    def picked(output, counts, which=wished):
        return np.stack([picks[which](every[of]) for every, of in zip(output, counts, strict=True)])

    def right(lstm, x, valid):
        return picked(np.array(lstm(x, mask=valid)), valid)

    wrong = (
        (
            lambda lstm, x, valid: picked(np.array(lstm(x)), valid),
            "the layer has read the timesteps that are not valid.",
        ),
        (
            lambda lstm, x, valid: picked(np.array(lstm(x, mask=valid)), valid | True),
            "all timesteps were picked from, also those that the layer passed over.",
        ),
        (
            lambda lstm, x, valid: picked(np.array(lstm(x)), valid | True),
            "the mask is not used at all.",
        ),
        (
            lambda lstm, x, valid: picked(
                np.array(lstm(x, mask=valid)) * valid[..., None], valid | True
            ),
            "zeros stand in the place of what is not valid, and were picked. An h may be negative.",
        ),
        (
            lambda lstm, x, valid: picked(np.array(lstm(x * valid[..., None])), valid),
            "the layer has read zeros where the timesteps are not valid. Zeros are input, too.",
        ),
        *(
            (
                lambda lstm, x, valid, other=other: picked(
                    np.array(lstm(x, mask=valid)), valid, other
                ),
                f"you made {tasks.PICKED[other]}, and your paper wishes another number.",
            )
            for other in others(tasks, "extreme", wished)
        ),
        (
            lambda lstm, x, valid: np.array(lstm(x, mask=valid))[:, -1],
            "it is the last valid output.",
        ),
    )
    inputs = tuple((lstm, x, _valid(paper, x)) for lstm, x in _of(paper, tasks.spec))
    return worked(made, Task(right, inputs, wrong), of)


def frozen(paper, made, of):
    """Return the points for h behind a mask that does what the paper wishes, in PyTorch."""
    torch = load("torch").torch
    rules = dict(both=("kept", "kept"), h=("kept", "zero"), c=("zero", "kept"))
    rules["neither"] = ("zero", "zero")
    wished = rules[tasks.masked(paper)]

    def masking(*rules):
        """Return a function that follows a rule for h and one for c where nothing is valid."""

        def read(lstm, x, valid):
            states = [torch.zeros(1, len(x), lstm.hidden_size)] * 2
            every = []
            for step in range(x.shape[1]):
                counts = valid[None, :, step, None]
                _, new = lstm(x[:, step : step + 1], tuple(states))
                for place, rule in enumerate(rules):
                    other = dict(kept=states[place], zero=0 * new[place], new=new[place])[rule]
                    states[place] = torch.where(counts, new[place], other)
                every.append(states[0][0])
            return torch.stack(every, dim=1)

        return read

    right = masking(*wished)
    wrong = (
        (lambda lstm, x, valid: lstm(x)[0], "every timestep was read, valid or not."),
        (
            lambda lstm, x, valid: lstm(x * valid[..., None])[0],
            "the layer has read zeros where the timesteps are not valid. Zeros are input, too.",
        ),
        (
            lambda lstm, x, valid: lstm(x)[0] * valid[..., None],
            "every timestep was read, and h set to zeros afterwards.",
        ),
        (masking(wished[0], "new"), "h does as is wished, and c reads on."),
        (masking("new", wished[1]), "c does as is wished, and h reads on."),
        (
            lambda lstm, x, valid: right(lstm, x, ~valid),
            "the layer passes over what is valid, and reads the rest.",
        ),
    )
    if wished == ("kept", "kept"):
        wrong += (
            (
                lambda lstm, x, valid: right(lstm, x, valid) * valid[..., None],
                "h is zeros where a timestep is not valid. It should stay as it was.",
            ),
        )
    inputs = tuple((lstm, x, _valid(paper, x)) for lstm, x in _of(paper, tasks.spec, "torch"))
    return worked(made, Task(right, inputs, wrong), of, "torch")


def last_of_both(paper, made, of):
    """Return the points for what is wished of both directions of a batch padded in front."""
    torch = load("torch").torch
    rnn, wished = torch.nn.utils.rnn, tasks.end(paper)

    def as_it_is(x, lengths):
        return x

    def behind(x, lengths):
        pairs = zip(x, lengths.tolist(), strict=True)
        return torch.stack([one.roll(length, dims=0) for one, length in pairs])

    def reading(turn, pack=True, name=wished, back=1):
        """Return a function that reads a batch turned so, packed or not, and takes this."""

        def read(both, x, lengths):
            x = turn(x, lengths)
            lengths = lengths if pack else torch.full_like(lengths, x.shape[1])
            packed = rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
            output, (h_n, c_n) = both(packed)
            output, _ = rnn.pad_packed_sequence(output, batch_first=True)
            begin, end = output[:, 0].chunk(2, dim=1), output[range(len(x)), lengths - 1]
            halves = dict(h=h_n[-2:], c=c_n[-2:], first=(begin[0], end.chunk(2, dim=1)[1]))
            halves |= dict(begin=begin, end=end.chunk(2, dim=1))
            return torch.cat(tuple(halves[name])[::back], dim=1)

        return read

    wrong = (
        (reading(as_it_is, pack=False), "the padding was read."),
        (
            reading(as_it_is),
            "the batch was packed as it is. Which timesteps does packing take?",
        ),
        (reading(behind, pack=False), "the padding was moved behind, and then read."),
        (reading(behind, back=-1), "the backward half comes first."),
    )
    if wished == "h":
        wrong += (
            (
                reading(as_it_is, pack=False, name="end"),
                "the padding was read, and both halves are those of the last timestep.",
            ),
            (
                reading(behind, name="end"),
                "both halves are those of the last timestep. Where does each direction end?",
            ),
        )
    if wished == "first":
        begin = reading(behind, name="begin")
        words = "both halves are those of the first timestep. Where does each direction begin?"
        wrong += ((begin, words),)
    inputs = []
    for both, x in _of(paper, tasks.both, "torch"):
        lengths = tasks.lengths(late(paper), *x.shape[:2])
        lengths[0] = x.shape[1] - 1  # the first is not the last timestep
        inputs.append((both, tasks.padded_in_front(x, lengths), lengths))
    return worked(made, Task(reading(behind), tuple(inputs), wrong), of, "torch")


def _of(paper, which, framework="keras"):
    """Return pairs of a layer and a batch for it. which: the function of the paper's Spec."""
    return tries(paper, which(paper), framework)


def _valid(paper, x):
    """Return a mask that is drawn late; it has a gap in front and one in between, at least."""
    mask = tasks.valid(late(paper), *x.shape[:2])
    places = np.arange(x.shape[1])
    mask[0], mask[1] = places > 0, places != 1
    return mask


TESTS = {
    "test-predict-keras": ("predictions", predictions),
    "test-predict-torch": ("predictions_torch", predictions_torch),
    "test-as-keras": ("as_keras", as_keras),
    "test-after": ("after", after),
    "test-mended": ("mended", mended),
    "test-pooled": ("pooled", pooled),
    "test-frozen": ("frozen", frozen),
    "test-last-of-both": ("last_of_both", last_of_both),
}
