"""What is right in `layers_and_padding`."""

import numpy as np
import tasks

from lstm_lessons.asking.checking import Task
from lstm_lessons.frameworks import load
from lstm_lessons.grading import predicted, worked
from lstm_lessons.spec import Spec

from . import late, tries


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

    def right(stack, x):
        _, (h_n, c_n) = stack(x)
        return merged(h_n[-2], h_n[-1]), h_n[-2], c_n[-2], h_n[-1], c_n[-1]

    def lower(stack, x):
        _, (h_n, c_n) = stack(x)
        return merged(h_n[0], h_n[1]), h_n[0], c_n[0], h_n[1], c_n[1]

    def backward(stack, x):
        _, (h_n, c_n) = stack(x)
        return merged(h_n[1], h_n[3]), h_n[1], c_n[1], h_n[3], c_n[3]

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
        (lower, "you took the lower layer's states. In which order do the rows of `h_n` come?"),
        (backward, "you took the rows of two layers. In which order do the rows of `h_n` come?"),
        (by_kind, "the states are ordered by kind. Keras finishes one direction first."),
        (backward_first, "the directions were exchanged in the states."),
        (at_the_end, "both halves of the output are those of the last timestep."),
        (beside, "the two h were laid side by side. What does your `merge_mode` make of them?"),
    )
    return worked(made, Task(right, _of(paper, tasks.stack, "torch"), wrong), of, "torch")


def after(paper, made, of):
    """Return the points for both directions' h after so many timesteps, in Keras."""
    names = tasks.order(paper)
    concatenate = load("keras").keras.ops.concatenate

    def halves(forward, backward, names=names):
        """Return a function that takes these two timesteps of the two directions."""

        def taken(both, x, read):
            every = both(x)
            units, steps = every.shape[-1] // 2, x.shape[1]
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
            "the backward direction has read everything, not `read` timesteps.",
        ),
    )
    inputs = tuple(
        (both, x, _apart(x.shape[1], number))
        for number, (both, x) in enumerate(_of(paper, tasks.both))
    )
    return worked(made, Task(halves(start, end), inputs, wrong), of)


def _apart(timesteps, number):
    """Return after how many timesteps the two directions stand at different ones."""
    every = [read for read in range(1, timesteps) if 2 * read != timesteps + 1]
    return every[(number + 1) % len(every)]


def mended(paper, made, of):
    """Return the points for reading a batch with a PyTorch layer that wants timesteps first."""
    state = tasks.state(paper)

    def reading(turn, back, name=state):
        """Return a function that turns the batch, and the output back."""

        def read(lstm, x):
            output, (h_n, c_n) = lstm(turn(x))
            return back(output), dict(h=h_n, c=c_n)[name][-1]

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
        (
            reading(exchanged, exchanged, "hc".replace(state, "")),
            "it is the other one of the two states.",
        ),
    )
    inputs = tuple(
        (lstm, x.swapaxes(0, 1).copy()) for lstm, x in _of(paper, tasks.trained, "torch")
    )
    return worked(made, Task(reading(exchanged, exchanged), inputs, wrong), of, "torch")


def pooled(paper, made, of):
    """Return the points for the largest or smallest outputs of valid timesteps, in Keras."""
    names = ("largest", "smallest")
    wished = names.index(tasks.extreme(paper))

    def picked(output, counts, which=wished):
        worst, best = ((-np.inf, np.max), (np.inf, np.min))[which]
        return best(np.where(counts[..., None], output, worst), axis=1)

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
        (
            lambda lstm, x, valid: picked(np.array(lstm(x, mask=valid)), valid, 1 - wished),
            f"you picked the {names[1 - wished]}, and your paper wishes another one.",
        ),
        (
            lambda lstm, x, valid: np.array(lstm(x, mask=valid))[:, -1],
            "it is the last valid output.",
        ),
    )
    inputs = tuple((lstm, x, _valid(paper, x)) for lstm, x in _of(paper, tasks.spec))
    return worked(made, Task(right, inputs, wrong), of)


def frozen(paper, made, of):
    """Return the points for what Keras returns behind a mask, made in PyTorch."""
    torch = load("torch").torch

    def right(lstm, x, valid):
        twin = Spec(features=lstm.input_size, units=lstm.hidden_size, return_sequences=True)
        return load("keras").layer(twin)(x.numpy(), mask=valid.numpy()).numpy()

    def keeping(keeps_h, keeps_c):
        """Return a function that reads step by step and keeps one state, where it should both."""

        def read(lstm, x, valid):
            h = c = torch.zeros(1, len(x), lstm.hidden_size)
            every = []
            for step in range(x.shape[1]):
                counts = valid[None, :, step, None]
                _, (new_h, new_c) = lstm(x[:, step : step + 1], (h, c))
                h = torch.where(counts | (not keeps_h), new_h, h)
                c = torch.where(counts | (not keeps_c), new_c, c)
                every.append(h[0])
            return torch.stack(every, dim=1)

        return read

    wrong = (
        (lambda lstm, x, valid: lstm(x)[0], "every timestep was read, valid or not."),
        (
            lambda lstm, x, valid: lstm(x * valid[..., None])[0],
            "the layer has read zeros where the timesteps are not valid. Zeros are input, too.",
        ),
        (
            lambda lstm, x, valid: right(lstm, x, valid) * valid[..., None].numpy(),
            "h is zeros where a timestep is not valid. It should stay as it was.",
        ),
        (
            lambda lstm, x, valid: lstm(x)[0] * valid[..., None],
            "every timestep was read, and h set to zeros afterwards.",
        ),
        (keeping(True, False), "h stays as it was, and c does not."),
        (keeping(False, True), "c stays as it was, and h does not."),
        (
            lambda lstm, x, valid: right(lstm, x, ~valid),
            "the layer passes over what is valid, and reads the rest.",
        ),
    )
    inputs = tuple((lstm, x, _valid(paper, x)) for lstm, x in _of(paper, tasks.spec, "torch"))
    return worked(made, Task(right, inputs, wrong), of, "torch")


def last_of_both(paper, made, of):
    """Return the points for the last h of both directions of a batch that is padded in front."""
    torch = load("torch").torch
    rnn = torch.nn.utils.rnn

    def right(both, x, lengths):
        twin = Spec(features=both.input_size, units=both.hidden_size, bidirectional=True)
        valid = np.arange(x.shape[1]) >= x.shape[1] - lengths.numpy()[:, None]
        return load("keras").layer(twin)(x.numpy(), mask=valid).numpy()

    def joined(h_n):
        return torch.cat([h_n[-2], h_n[-1]], dim=-1)

    def packed(x, lengths):
        return rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)

    def behind(x, lengths):
        pairs = zip(x, lengths.tolist(), strict=True)
        return torch.stack([one.roll(length, dims=0) for one, length in pairs])

    def at_the_end(both, x, lengths):
        output, _ = rnn.pad_packed_sequence(
            both(packed(behind(x, lengths), lengths))[0], batch_first=True
        )
        return output[torch.arange(len(x)), lengths - 1]

    def exchanged(both, x, lengths):
        h_n = both(packed(behind(x, lengths), lengths))[1][0]
        return torch.cat([h_n[-1], h_n[-2]], dim=-1)

    wrong = (
        (lambda both, x, lengths: joined(both(x)[1][0]), "the padding was read."),
        (
            lambda both, x, lengths: both(x)[0][:, -1],
            "the padding was read, and both halves are those of the last timestep.",
        ),
        (
            lambda both, x, lengths: joined(both(packed(x, lengths))[1][0]),
            "the batch was packed as it is. Which timesteps does packing take?",
        ),
        (
            lambda both, x, lengths: joined(both(behind(x, lengths))[1][0]),
            "the padding was moved behind, and then read.",
        ),
        (at_the_end, "both halves are those of the last timestep. Where does each direction end?"),
        (exchanged, "the backward half comes first."),
    )
    inputs = []
    for both, x in _of(paper, tasks.both, "torch"):
        lengths = tasks.lengths(late(paper), *x.shape[:2])
        inputs.append((both, tasks.padded_in_front(x, lengths), lengths))
    return worked(made, Task(right, tuple(inputs), wrong), of, "torch")


def _of(paper, which, framework="keras"):
    """Return pairs of a layer and a batch for it. which: the function of the paper's Spec."""
    return tries(paper, which(paper), framework)


def _valid(paper, x):
    return tasks.valid(late(paper), *x.shape[:2])


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
