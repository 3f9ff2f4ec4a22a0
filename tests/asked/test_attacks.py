"""Plausible wrong answers to every exercise: none is correct, and each reply is true.

Some are made of the right results, by what learners do to them; the others are of each exercise's
own. A reply is true if it names what was done, which the words beside each attack hold.
"""

from dataclasses import replace

import numpy as np
import pytest
from test_asked import TASKS

from lstm_lessons import Spec, check
from lstm_lessons.asked import decoding, explaining, forecasting, layers, meaning, memory
from lstm_lessons.frameworks import load
from lstm_lessons.weights import inputs


def leaves(change):
    """Return what changes each array in nested tuples."""

    def changed(value):
        nested = isinstance(value, (tuple, list))
        return tuple(map(changed, value)) if nested else change(np.asarray(value))

    return changed


def whole(array):
    return array.astype(int) if array.dtype.kind == "f" else array.astype(float)


def flip(axis):
    return leaves(lambda array: np.flip(array, axis) if array.ndim > axis else array)


def first_of(value):
    return value[0] if isinstance(value, tuple) else value


def swapped(value):
    return value[::-1] if isinstance(value, tuple) else value


def raises(value):
    raise ZeroDivisionError("division by zero")


STEADY = "It gives other numbers each time"
ANY = ""
CHANGES = {
    "NaN": (leaves(lambda array: array * np.nan), ANY),
    "one NaN": (leaves(lambda array: np.where(np.arange(array.size) == 0, np.nan, 1.0)), ANY),
    "infinite": (leaves(lambda array: array + np.inf), ANY),
    "zeros": (leaves(np.zeros_like), ANY),
    "ones": (leaves(np.ones_like), ANY),
    "random": (leaves(lambda array: np.random.random(array.shape)), STEADY),
    "doubled": (leaves(lambda array: 2 * array), ANY),
    "negative": (leaves(lambda array: -1 * array), ANY),
    "a little off": (leaves(lambda array: array + 1e-3), ANY),
    "complex": (leaves(lambda array: array + 0j), "complex numbers in place of"),
    "whole or real": (leaves(whole), ANY),
    "text": (leaves(lambda array: array.astype(str)), "text in place of"),
    "objects": (leaves(lambda array: array.astype(object)), "values of type object in place of"),
    "lists": (leaves(lambda array: array.tolist()), ANY),
    "another sequence": (leaves(lambda array: np.roll(array, 1, 0) if array.ndim else array), ANY),
    "sequences reversed": (flip(0), ANY),
    "the second axis reversed": (flip(1), ANY),
    "the third axis reversed": (flip(2), ANY),
    "transposed": (leaves(np.transpose), ANY),
    "squeezed": (leaves(np.squeeze), ANY),
    "one more axis": (leaves(lambda array: array[..., None]), ANY),
    "the first sequence alone": (leaves(lambda array: array[:1] if array.ndim else array), ANY),
    "the first for all": (
        leaves(lambda array: array * 0 + array[:1] if array.ndim else array),
        ANY,
    ),
    "the mean for all": (leaves(lambda array: array * 0 + array.mean()), ANY),
    "a tuple around it": (lambda value: (value,), ANY),
    "twice": (lambda value: (value, value), ANY),
    "the first of several": (first_of, ANY),
    "the order reversed": (swapped, ANY),
    "an empty tuple": (lambda value: (), ANY),
    "a dictionary": (lambda value: {"result": value}, "an object of type dict"),
    "text in its place": (lambda value: "result", ANY),
    "None": (lambda value: None, "Is a `return` missing?"),
    "it raises": (raises, " raised `ZeroDivisionError`: division by zero"),
}


def same(one, other):
    """Return whether two results are the same in nesting, kind, shape and numbers."""
    if isinstance(one, (tuple, list)) and isinstance(other, (tuple, list)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, (tuple, list, dict)) or isinstance(other, (tuple, list, dict)):
        return False
    one, other = np.asarray(one), np.asarray(other)
    if one.dtype.kind != other.dtype.kind or one.shape != other.shape:
        return False
    return bool(np.allclose(one, other) if one.dtype.kind in "fc" else (one == other).all())


def at(task, given):
    """Return the place of some arguments among a task's inputs."""
    for place, arguments in enumerate(task.inputs):
        pairs = zip(arguments, given, strict=True)
        if all(
            np.array_equal(one, other) if isinstance(one, np.ndarray) else one is other
            for one, other in pairs
        ):
            return place
    raise AssertionError("called on what is no input of the task")


def attacked(task, framework):
    """Return the task with its right results kept, and whatever wrong can be made of these."""
    results = [load(framework).call(task.right, *arguments) for arguments in task.inputs]

    def made(change):
        return lambda *given: change(results[at(task, given)])

    attacks = {"the input": (lambda *given: given[0], ANY)}
    attacks["the first result"] = (lambda *given: results[0], ANY)
    attacks["right at first"] = (
        lambda *given: results[0] if at(task, given) == 0 else results[0] + 1,
        ANY,
    )
    for name, (change, words) in CHANGES.items():
        if name in ("None", "it raises", "random") or not all(
            same(change(result), result) for result in results
        ):
            attacks[name] = (made(change), words)
    if any(np.asarray(leaf).dtype.kind != "f" for leaf in flat(results)):
        attacks["random"] = (attacks["random"][0], ANY)
    if not any(isinstance(leaf, np.ndarray) for leaf in flat(results)):
        attacks.pop("lists", None)  # of a plain value it makes the value
    return replace(task, right=made(lambda result: result), wrong=(), gradient=False), attacks


def flat(value):
    nested = isinstance(value, (tuple, list))
    return [leaf for one in value for leaf in flat(one)] if nested else [value]


EACH = {row[0].__name__: row[:2] for row in TASKS}


@pytest.mark.parametrize(("task", "framework_"), EACH.values(), ids=EACH)
def test_nothing_made_of_the_right_results_is_correct(task, framework_):
    known, attacks = attacked(task(), framework_)
    assert len(attacks) >= 10
    for name, (attack, words) in attacks.items():
        verdict = check(attack, known, framework_)
        assert verdict.status == "wrong", name
        assert "\n" not in verdict.message
        assert words in verdict.message, (name, verdict.message)


def lstms(*units, **flags):
    import keras

    return [keras.layers.LSTM(number, return_sequences=every, **flags) for number, every in units]


STACKS = {
    "as it was meant": (lambda keras: lstms((8, True), (6, False)), ""),
    "one layer": (lambda keras: lstms((6, False)), "no network of both layers"),
    "a dense layer": (
        lambda keras: [*lstms((8, False)), keras.layers.Dense(6)],
        "no network of both layers",
    ),
    "repeated": (
        lambda keras: [lstms((8, False))[0], keras.layers.RepeatVector(14), *lstms((6, False))],
        "`upper` received the last h of `lower` 14 times",
    ),
    "one timestep": (
        lambda keras: [*lstms((8, False)), keras.layers.Reshape((1, 8)), *lstms((6, False))],
        "`upper` received one timestep",
    ),
    "other units": (lambda keras: lstms((7, True), (6, False)), "no network of both layers"),
    "the other order": (lambda keras: lstms((6, True), (8, False)), "no network of both layers"),
    "every output": (lambda keras: lstms((8, True), (6, True)), "`upper` returned every h"),
    "a layer more": (
        lambda keras: lstms((8, True), (6, True), (6, False)),
        "no network of both layers",
    ),
    "backwards": (
        lambda keras: lstms((8, True), (6, False), go_backwards=True),
        "both layers are there, and something beside them",
    ),
    "averaged": (
        lambda keras: [*lstms((8, True), (6, True)), keras.layers.GlobalAveragePooling1D()],
        "`upper` returned every h",
    ),
    "GRUs": (
        lambda keras: [keras.layers.GRU(8, return_sequences=True), keras.layers.GRU(6)],
        "no network of both layers",
    ),
}


QUICK = ("as it was meant", "one layer", "repeated", "one timestep")


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=() if one in QUICK else pytest.mark.more) for one in STACKS]
)
def test_a_stack_hands_on_every_h(name):
    keras = load("keras").keras
    made, words = STACKS[name]
    network = keras.Sequential([keras.Input((14, 4)), *made(keras)])
    verdict = check(network, explaining.stack(network))
    assert verdict.status == ("wrong" if words else "correct"), verdict
    assert words in verdict.message


@pytest.mark.parametrize("made", [..., None])
def test_a_stack_that_is_still_to_be_made_is_not_attempted(made):
    assert check(made, explaining.stack(made)).status == "not attempted"


WINDOW = Spec(batch=4, timesteps=10, features=3, units=1)
MINUTES = Spec(batch=4, timesteps=10, features=3, units=2, return_sequences=True)
EIGHT = Spec(batch=4, timesteps=10, features=3, units=8)
THREE = replace(EIGHT, return_state=True)
ALL = replace(THREE, return_sequences=True)


def made_in_keras():
    """Return what the attacks in Keras are made of: operations, layers and short functions."""
    keras = load("keras").keras
    keras.utils.set_random_seed(1)
    layers, ops = keras.layers, keras.ops

    def turned(x):
        return ops.transpose(x, (1, 0, 2))

    last, every = layers.LSTM(16), layers.LSTM(16, return_sequences=True)
    return layers, ops, turned, last, every


def forecaster():
    """Lesson 01: one number for each window, of an LSTM's last h."""
    layers, ops, turned, last, every = made_in_keras()
    one, decoy, pair = layers.Dense(1), layers.Dense(1), layers.LSTM(1, return_state=True)
    return (
        (WINDOW, "keras", None),
        lambda x: one(last(x)),
        {
            "every h": (lambda x: one(every(x)), "That looks like h"),
            "the first h": (lambda x: one(every(x)[:, 0]), "the last timestep makes no difference"),
            "the mean day": (lambda x: decoy(ops.mean(x, 1)), "the order of the timesteps between"),
            "the largest": (lambda x: decoy(ops.max(x, 1)), "makes no difference"),
            "the last day": (lambda x: decoy(x[:, -1]), "the first timestep makes no difference"),
            "one length": (lambda x: layers.Flatten()(x)[:, 29:30], "makes no difference"),
            "no head": (last, "16 is not right on the second axis"),
            "the batch as time": (
                lambda x: one(turned(every(turned(x)))[:, -1]),
                "the first timestep makes no difference",
            ),
            "mixed": (lambda x: one(last(x - ops.mean(x, 0) / 2)), "Do sequences see each other?"),
            "no last axis": (lambda x: one(last(x))[:, 0], "it returned (4,)"),
            "new layers": (lambda x: layers.LSTM(1)(x), STEADY),
            "dropout": (lambda x: layers.Dropout(0.5)(one(last(x)), training=True), STEADY),
            "the states": (pair, "it returned ((4, 1), (4, 1), (4, 1))"),
        },
    )


def monitor():
    """Lesson 02: two scores for each minute, of what has come so far."""
    layers, ops, turned, last, every = made_in_keras()
    two, plain, decoder = layers.Dense(2), layers.Dense(2), layers.LSTM(16, return_sequences=True)
    both = layers.Bidirectional(layers.LSTM(8, return_sequences=True))

    def repeated(x):
        return ops.repeat(last(x)[:, None], x.shape[1], axis=1)

    return (
        (MINUTES, "keras", None),
        lambda x: two(every(x)),
        {
            "the last": (lambda x: two(last(x)), "That looks like"),
            "repeated": (lambda x: two(repeated(x)), "each timestep has the same result"),
            "written anew": (lambda x: two(decoder(repeated(x))), "earlier results move"),
            "both directions": (lambda x: two(both(x)), "earlier results move"),
            "turned": (lambda x: two(every(x))[:, ::-1], "the last timestep makes no difference"),
            "each minute alone": (plain, "the first timestep makes no difference"),
            "the sum so far": (lambda x: plain(ops.cumsum(x, 1)), "the order of the timesteps"),
            "the batch as time": (
                lambda x: two(turned(every(turned(x)))),
                "the first timestep makes no difference",
            ),
            "mixed": (lambda x: two(every(x - ops.mean(x, 0) / 2)), "Do sequences see each other?"),
            "no head": (every, "16 is not right on the third axis"),
            "the last eight": (lambda x: two(every(x))[:, -8:], "8 is not right on the second"),
            "axes changed": (lambda x: ops.transpose(two(every(x)), (0, 2, 1)), ANY),
            "new layers": (lambda x: layers.LSTM(2, return_sequences=True)(x), STEADY),
        },
    )


def in_two_parts():
    """Lesson 03: the last output of a layer that stops after four timesteps and goes on."""
    layers, ops, *_ = made_in_keras()
    reader = layers.LSTM(8, return_state=True)

    def resumed(state=lambda h, c: [h, c], cut=4, skip=0, result=0):
        def made(x):
            _, h, c = reader(x[:, :cut])
            return reader(x[:, cut + skip :], initial_state=state(h, c))[result]

        return made

    return (
        (EIGHT, "keras", reader),
        resumed(),
        {
            "forgets": (lambda x: reader(x[:, 4:])[0], "the first timestep makes no difference"),
            "forgets c": (resumed(lambda h, c: [h, 0 * c]), "are not those of the given layer"),
            "forgets h": (resumed(lambda h, c: [0 * h, c]), "are not those of the given layer"),
            "c for h": (resumed(lambda h, c: [c, h]), "are not those of the given layer"),
            "h twice": (resumed(lambda h, c: [h, h]), "are not those of the given layer"),
            "c comes back": (resumed(result=2), "are not those of the given layer"),
            "one left out": (resumed(skip=1), "are not those of the given layer"),
            "the first part": (lambda x: reader(x[:, :4])[0], "the last timestep makes no"),
            "the parts added": (lambda x: reader(x[:, :4])[0] + reader(x[:, 4:])[0], "are not"),
            "all three": (lambda x: tuple(reader(x)), "it returned ((4, 8), (4, 8), (4, 8))"),
            "the parts exchanged": (
                lambda x: reader(ops.concatenate([x[:, 4:], x[:, :4]], 1))[0],
                "are not those of the given layer",
            ),
            "another sequence": (lambda x: resumed()(x)[::-1], "are not those of the given layer"),
        },
    )


def states_in_torch(every):
    """Return an LSTM and what makes attacks of its output, h_n and c_n."""
    torch = load("torch").torch
    torch.manual_seed(2)
    lstm = torch.nn.LSTM(3, 8, batch_first=True)

    def of(change):
        def made(x):
            output, (h_n, c_n) = lstm(x)
            return change(output if every else output[:, -1], h_n, c_n, output)

        return made

    return lstm, of


def in_torch(spec, every):
    """Lessons 03 and 04: what Keras returns with return_state=True, of what PyTorch returns."""
    lstm, of = states_in_torch(every)
    given = "are not those of the given layer"
    return (
        (spec, "torch", lstm),
        of(lambda output, h, c, _: (output, h[-1], c[-1])),
        {
            "c first": (of(lambda output, h, c, _: (output, c[-1], h[-1])), "comes first?"),
            "h twice": (of(lambda output, h, c, _: (output, h[-1], h[-1])), "Where is c?"),
            "c twice": (of(lambda output, h, c, _: (output, c[-1], c[-1])), "comes first?"),
            "zeros for c": (of(lambda output, h, c, _: (output, h[-1], 0 * c[-1])), "third tensor"),
            "an axis too many": (of(lambda output, h, c, _: (output, h, c)), ANY),
            "a pair inside": (of(lambda o, h, c, _: (o, (h[-1], c[-1]))), "into one tuple"),
            "as it comes": (lstm, ANY),
            "the states alone": (of(lambda output, h, c, _: (h[-1], c[-1])), ANY),
            "squeezed": (of(lambda o, h, c, _: (o, h.squeeze(), c.squeeze())), "(1, 13, 3)"),
            "the last sequence": (of(lambda o, h, c, all_: (all_[-1], h[-1], c[-1])), ANY),
            "the first output": (of(lambda o, h, c, all_: (all_[:, 0], h[-1], c[-1])), ANY),
            "another sequence": (
                of(lambda o, h, c, _: tuple(one.flip(0) for one in (o, h[-1], c[-1]))),
                given,
            ),
            "backwards": (
                lambda x: of(lambda o, h, c, _: (o, h[-1], c[-1]))(x.flip(1)),
                "earlier results move" if every else given,
            ),
            "a sum for c": (of(lambda o, h, c, _: (o, h[-1], h[-1] + c[-1])), given),
        },
    )


def three():
    return in_torch(THREE, every=False)


def encode():
    return in_torch(ALL, every=True)


def encoder():
    """Lesson 04: every h, the last h and the last c, of a Keras layer of one's own."""
    layers, *_ = made_in_keras()
    layer = layers.LSTM(8, return_sequences=True, return_state=True)
    last = layers.LSTM(8, return_state=True)
    both = layers.Bidirectional(layers.LSTM(8, return_sequences=True, return_state=True))

    def of(change):
        return lambda x: change(*layer(x))

    return (
        (ALL, "keras", None),
        layer,
        {
            "c first": (of(lambda every, h, c: (every, c, h)), "Which of the states comes first?"),
            "h twice": (of(lambda every, h, c: (every, h, h)), "Where is c?"),
            "c twice": (of(lambda every, h, c: (every, c, c)), "Which of the states comes first?"),
            "zeros for c": (of(lambda every, h, c: (every, h, 0 * c)), "the third tensor"),
            "zeros for h": (of(lambda every, h, c: (every, 0 * h, c)), "the second tensor"),
            "no states": (layers.LSTM(8, return_sequences=True), ANY),
            "no sequence": (last, ANY),
            "both directions": (both, ANY),
            "the first h": (of(lambda every, h, c: (every, every[:, 0], c)), "the second tensor"),
            "turned": (of(lambda every, h, c: (every[:, ::-1], h, c)), "the last timestep makes"),
            "the states alone": (of(lambda every, h, c: (h, c)), ANY),
            "a pair inside": (of(lambda every, h, c: (every, (h, c))), "Put them into one tuple"),
            "another sequence": (of(lambda *all_: tuple(one[::-1] for one in all_)), "each other"),
        },
    )


EXERCISES = (
    three,
    encode,
    *(pytest.param(one, marks=pytest.mark.more) for one in (forecaster, monitor, encoder)),
    pytest.param(in_two_parts, marks=pytest.mark.more),
)
OF_ANY_NETWORK = (  # without `like` these may come of another network, which would be as right
    *("doubled", "negative", "a little off", "the third axis reversed"),
    *("the second axis reversed", "the order reversed"),
)


def outcomes(exercise):
    """Yield the name of each attack on an exercise, its verdict, and words of the reply."""
    (spec, framework, like), right, attacks = exercise()
    verdict = check(right, spec, framework, like)
    assert verdict.status == "correct", verdict
    call = load(framework).call
    known = [call(right, inputs(one)) for one in (spec, replace(spec, batch=1))]
    for name, (change, words) in CHANGES.items():
        told = name in ("None", "it raises", "random", "a dictionary", "complex")
        kept = not told and all(same(change(one), one) for one in known)
        if not kept and (like is not None or name not in OF_ANY_NETWORK):
            attacks[f"{name}, of what is right"] = (
                lambda x, change=change: change(call(lambda: right(x))),
                words if told else ANY,
            )
    assert len(attacks) >= 30
    for name, (attack, words) in attacks.items():
        yield name, check(attack, spec, framework, like), words


@pytest.mark.parametrize("exercise", EXERCISES)
def test_no_attack_on_a_network_is_correct(exercise):
    for name, verdict, words in outcomes(exercise):
        assert verdict.status == "wrong", name
        assert words in verdict.message, (name, verdict.message)
        assert "\n" not in verdict.message


def cat(*rows):
    return load("torch").torch.cat(rows, dim=-1)


def at_lengths(output, at):
    return output[range(len(at)), at]


def state_of(recurrent, x, part=0):
    """Return h_n of any recurrent layer, or another part of an LSTM's pair."""
    _, state = recurrent(x)
    return state[part] if isinstance(state, tuple) else state


def chunks(recurrent, x, length=3, keep=slice(None), turned=False):
    """Return the outputs of chunks that are read one after the other."""
    torch = load("torch").torch
    outputs, state = [], None
    parts = x.split(length, dim=1)
    for part in parts[::-1] if turned else parts:
        output, state = recurrent(part, state)
        outputs.append(output)
    return torch.cat(outputs[keep], dim=1)


def stepped(choose=lambda scores: scores.argmax(dim=-1), states=lambda old, new: new):
    def step(character, *old):
        decoder, head = decoding._small()
        output, new = decoder(character, old)
        return choose(head(output)), *states(old, new)

    return step


def cut(first=0, target=0, ahead=None, reverse=False):
    """Return a function that cuts windows and makes one mistake."""

    def made(series, timesteps, days):
        starts = range(len(series) - timesteps - days + 1)
        x = [series[at + first : at + first + timesteps] for at in starts]
        x = x[::-1] if reverse else x
        y = [series[at + timesteps : at + timesteps + (ahead or days), target] for at in starts]
        return np.stack(x), np.stack(y)

    return made


def loss(change):
    return lambda prediction, target: change(prediction[..., 0], target)


def mean_of(output, valid, by=None):
    by = valid.sum(axis=1, keepdims=True) if by is None else by
    return (output * valid[..., None]).sum(axis=1) / by


def until(output, lengths):
    return np.arange(output.shape[1]) < lengths[:, None]


MEANINGS = {
    meaning.leaks: {
        "compared with itself": lambda network, x: not np.array_equal(network(x), network(x)),
        "the first alone": lambda n, x: not np.allclose(n(x)[:1], n(x[:1]), atol=1e-6),
        "the last alone": lambda n, x: not np.allclose(n(x)[-1:], n(x[-1:]), atol=1e-6),
        "halves": lambda n, x: not np.allclose(n(x)[:3], n(x[:3]), atol=1e-6),
        "the shapes": lambda n, x: n(x).shape[0] != len(x),
        "one number": lambda n, x: not np.isclose(n(x).mean(), n(x[::-1]).mean(), atol=1e-6),
        "not rounded": lambda n, x: not np.array_equal(n(x), np.concatenate([n(x), n(x)])[:5]),
        "for each": lambda n, x: [False] * len(x),
        "0 for False": lambda n, x: 0,
        "in words": lambda n, x: "True",
    },
    meaning.sequence_loss: {
        "absolute": loss(lambda p, t: (p - t).abs().mean()),
        "its root": loss(lambda p, t: ((p - t) ** 2).mean().sqrt()),
        "the sum": loss(lambda p, t: ((p - t) ** 2).sum()),
        "of each sequence": loss(lambda p, t: ((p - t) ** 2).mean(dim=1)),
        "summed in time": loss(lambda p, t: ((p - t) ** 2).sum(dim=1).mean()),
        "no square": loss(lambda p, t: (p - t).mean()),
        "the means compared": loss(lambda p, t: (p.mean() - t.mean()) ** 2),
        "the last timestep": loss(lambda p, t: ((p[:, -1] - t[:, -1]) ** 2).mean()),
        "a number": loss(lambda p, t: ((p - t) ** 2).mean().item()),
        "cut off": loss(lambda p, t: ((p - t) ** 2).mean().detach()),
        "the target turned": lambda p, t: ((p - t.unsqueeze(0)) ** 2).mean(),
        "first axis": lambda p, t: ((p.squeeze(0) - t) ** 2).mean(),
    },
    memory.last_valid: {
        "the mean": lambda output, lengths: output.mean(1),
        "the first": lambda output, lengths: output[:, 0],
        "one too early": lambda output, lengths: at_lengths(output, lengths - 2),
        "the same place": lambda output, lengths: output[:, lengths[0] - 1],
        "the longest": lambda output, lengths: output[:, max(lengths) - 1],
        "by sequence": lambda output, lengths: output[lengths - 1 - lengths],
        "an axis left": lambda output, lengths: at_lengths(output, lengths - 1)[:, None],
        "as in the lesson": lambda output, lengths: at_lengths(output[:3], [1, 3, 2]),
        "from the end": lambda output, lengths: at_lengths(output, -lengths),
        "another sequence": lambda output, lengths: at_lengths(output, lengths - 1).flip(0),
    },
    memory.mean_over_valid: {
        "one too many": lambda o, n: mean_of(o, np.arange(o.shape[1]) <= n[:, None]),
        "one too few": lambda o, n: mean_of(o, np.arange(o.shape[1]) < n[:, None] - 1, n[:, None]),
        "the longest": lambda o, n: mean_of(o, until(o, n), max(n)),
        "the mean length": lambda o, n: mean_of(o, until(o, n), n.mean()),
        "the padding": lambda o, n: mean_of(o, ~until(o, n), n[:, None]),
        "the sum": lambda o, n: mean_of(o, until(o, n), 1),
        "the last": lambda o, n: o[range(len(n)), n - 1],
        "of all sequences": lambda o, n: mean_of(o, until(o, n)) * 0 + o[until(o, n)].mean(0),
        "cut to the shortest": lambda o, n: o[:, : min(n)].mean(1),
        "an axis left": lambda o, n: mean_of(o, until(o, n))[:, None],
    },
    memory.read_in_chunks: {
        "the first": lambda lstm, x: chunks(lstm, x, keep=slice(1)),
        "all but the last": lambda lstm, x: chunks(lstm, x, keep=slice(-1)),
        "whole chunks only": lambda lstm, x: chunks(lstm, x[:, : x.shape[1] // 3 * 3]),
        "from the end": lambda lstm, x: chunks(lstm, x, turned=True),
        "too long": lambda lstm, x: chunks(lstm, x, length=5),
        "backwards": lambda lstm, x: chunks(lstm, x.flip(1)),
        "the last h": lambda lstm, x: chunks(lstm, x)[:, -1],
        "turned": lambda lstm, x: chunks(lstm, x).flip(1),
        "another sequence": lambda lstm, x: chunks(lstm, x).flip(0) + 1e-3 * (len(x) == 1),
        "in a list": lambda lstm, x: [chunks(lstm, x)],
    },
    layers.final_of_both: {
        "cut anew": lambda output, h_n: h_n[-2:].reshape(h_n.shape[1], -1),
        "the mean": lambda output, h_n: h_n[-2:].mean(0),
        "of two layers": lambda output, h_n: cat(h_n[2], h_n[3]),
        "forward twice": lambda output, h_n: cat(h_n[-2], h_n[-2]),
        "ends exchanged": lambda output, h_n: cat(output[:, 0, :8], output[:, -1, 8:]),
        "along the batch": lambda output, h_n: h_n[-2:].flatten(0, 1),
        "stacked": lambda output, h_n: h_n[-2:],
        "the mean in time": lambda output, h_n: output.mean(1),
        "one direction": lambda output, h_n: h_n[-1],
        "another sequence": lambda output, h_n: cat(h_n[-2], h_n[-1].flip(0)),
    },
    layers.last_h: {
        "the first part of two": lambda recurrent, x: recurrent(x)[1][0][:1],
        "of a tuple alone": lambda recurrent, x: recurrent(x)[1][:1][0],
        "another order": lambda recurrent, x: state_of(recurrent, x).flip(0) + 0.01,
        "the batch first": lambda recurrent, x: state_of(recurrent, x).transpose(0, 1),
        "c of an LSTM": lambda recurrent, x: state_of(recurrent, x, 1),
        "the mean": lambda recurrent, x: state_of(recurrent, x).mean(0, keepdim=True),
        "the last output": lambda recurrent, x: recurrent(x)[0][:, -1],
        "an axis of 1": lambda recurrent, x: recurrent(x)[0][:, -1:].transpose(0, 1),
        "in a list": lambda recurrent, x: [*state_of(recurrent, x)],
        "read backwards": lambda recurrent, x: state_of(recurrent, x.flip(1)),
    },
    decoding.next_character: {
        "the worst": stepped(lambda scores: scores.argmin(dim=-1)),
        "of all": stepped(lambda scores: scores.argmax()),
        "the score": stepped(lambda scores: scores.amax(dim=-1)),
        "probabilities": stepped(lambda scores: scores.softmax(dim=-1)),
        "as a real number": stepped(lambda scores: scores.argmax(dim=-1).float()),
        "an axis left": stepped(lambda scores: scores.argmax(dim=-1, keepdim=True)),
        "h stays": stepped(states=lambda old, new: (old[0], new[1])),
        "c stays": stepped(states=lambda old, new: (new[0], old[1])),
        "states exchanged": stepped(states=lambda old, new: new[::-1]),
        "states without layers": stepped(states=lambda old, new: (new[0][0], new[1][0])),
        "one-hot": stepped(lambda scores: (scores == scores.amax(-1, keepdim=True)).float()),
    },
    forecasting.windowing: {
        "a day late": cut(first=1),
        "the last feature": cut(target=-1),
        "every feature": cut(target=slice(None)),
        "one day": cut(ahead=1),
        "the other way": cut(reverse=True),
        "x alone": lambda *given: cut()(*given)[0],
        "y first": lambda *given: cut()(*given)[::-1],
        "exchanged": lambda series, timesteps, days: cut()(series, days, timesteps),
        "lists": lambda *given: tuple(part.tolist() for part in cut()(*given)),
        "scaled": lambda series, *given: cut()(series / 2, *given),
    },
    forecasting.scaling: {
        "smallest and largest": lambda s, n: (s - s[:n].min(0)) / (s[:n].max(0) - s[:n].min(0)),
        "the variance": lambda s, n: (s - s[:n].mean(0)) / s[:n].var(0),
        "not centred": lambda s, n: s / s[:n].std(0),
        "the last days": lambda s, n: (s - s[-n:].mean(0)) / s[-n:].std(0),
        "along the features": lambda s, n: (s - s.mean(1, keepdims=True)) / s.std(1, keepdims=True),
        "the median": lambda s, n: (s - np.median(s[:n], 0)) / s[:n].std(0),
        "one day more": lambda s, n: (s - s[: n + 1].mean(0)) / s[: n + 1].std(0),
        "as it was": lambda s, n: s,
        "the other days": lambda s, n: ((s - s[:n].mean(0)) / s[:n].std(0))[n:],
        "a list": lambda s, n: ((s - s[:n].mean(0)) / s[:n].std(0)).tolist(),
        "changed in place": lambda s, n: s.__isub__(s[:n].mean(0)),
    },
    forecasting.naive: {
        "the mean as forecast": lambda price, ahead: abs(price - price.mean()).mean(),
        "the median": lambda price, ahead: np.median(abs(price[ahead:] - price[:-ahead])),
        "the root": lambda p, ahead: ((p[ahead:] - p[:-ahead]) ** 2).mean() ** 0.5,
        "the sum": lambda price, ahead: abs(price[ahead:] - price[:-ahead]).sum(),
        "by all days": lambda p, ahead: abs(p[ahead:] - p[:-ahead]).sum() / len(p),
        "a day too far": lambda p, ahead: abs(p[ahead + 1 :] - p[: -ahead - 1]).mean(),
        "each day": lambda price, ahead: abs(np.diff(price)).mean() * ahead,
        "in per cent": lambda p, ahead: (abs(p[ahead:] - p[:-ahead]) / p[ahead:]).mean(),
        "nothing": lambda price, ahead: 0.0,
        "the last": lambda price, ahead: abs(price[-1] - price[-1 - ahead]),
        "in a list": lambda p, ahead: [abs(p[ahead:] - p[:-ahead]).mean()],
    },
}


# The usual mistakes, which are named; of a few what is said is not quite what was done, but true.
NAMED = {
    meaning.leaks: {
        "the first alone": "you compare one sequence alone",
        "the last alone": "you compare one sequence alone",
        **dict.fromkeys(
            ("compared with itself", "halves", "the shapes", "one number", "not rounded"),
            "you say of what mixes its sequences that it keeps them apart",
        ),
    },
    meaning.sequence_loss: {
        "absolute": "the errors were not squared: it is their mean absolute",
        "its root": "the root was taken at the end",
        "the sum": "the squares were added up",
        "of each sequence": "there was a loss for each sequence",
        "no square": "the errors were not squared, so that they cancel",
        "the last timestep": "the last timestep was compared alone",
        "the target turned": "each prediction still meets other targets than its own",
        "first axis": "each prediction still meets other targets than its own",
    },
    memory.last_valid: {
        "the mean": "it was the mean over all timesteps",
        "one too early": "the timestep before the last valid one was taken",
        "the longest": "the last timestep of the longest sequence was taken from all",
    },
    memory.mean_over_valid: {
        "the longest": "the sum was divided by the longest length",
        "the sum": "the valid timesteps were added up, and nothing was divided",
        "the last": "the last valid output was taken",
    },
    memory.read_in_chunks: {"the last h": "the last output came back alone"},
    layers.final_of_both: {
        "cut anew": "the two rows were reshaped",
        "the mean": "the two directions were mixed into one",
        "along the batch": "they were joined along the batch",
        "stacked": "the two rows came back as they are",
        "the mean in time": "it was the mean over the timesteps",
        "one direction": "`h_n[-1]` was taken, the backward direction alone",
    },
    layers.last_h: {
        "of a tuple alone": "taken apart without a look at what it is",
        "c of an LSTM": "Of an LSTM that is c_n",
        "the last output": "the top layer's h came back alone",
    },
    decoding.next_character: {
        "the worst": "the character with the lowest score was chosen",
        "of all": "the best of all scores was looked for, of the whole batch",
        "an axis left": "the axis of the scores was kept",
    },
    forecasting.windowing: {
        "every feature": "y had every feature",
        "one day": "y had only the first day",
        "x alone": "x came back alone",
        "y first": "y came first",
    },
    forecasting.scaling: {
        "smallest and largest": "the smallest became 0 and the largest 1",
        "the variance": "it was divided by the variance",
        "not centred": "it was divided, and the mean was not taken off",
        "changed in place": "the mean was taken off, and nothing was divided",
    },
    forecasting.naive: {
        "the mean as forecast": "the forecast was the mean of all days",
        "the median": "it was the median",
        "the root": "it was the root of the squared errors",
        "the sum": "the errors were added up",
        "by all days": "it was divided by the number of all days",
    },
}


SLOW = (meaning.leaks, memory.read_in_chunks)


@pytest.mark.parametrize(
    "task",
    [
        pytest.param(one, marks=pytest.mark.more if one in SLOW else (), id=one.__name__)
        for one in MEANINGS
    ],
)
def test_no_attack_on_the_meaning_is_correct(task):
    framework, solution = next(row[1:3] for row in TASKS if row[0] == task)
    made = task()
    assert check(solution, made, framework).status == "correct"
    for name, attack in MEANINGS[task].items():
        verdict = check(attack, made, framework)
        assert verdict.status == "wrong", name
        assert "\n" not in verdict.message
        words = NAMED.get(task, {}).get(name)
        assert bool(words) == ("It looks as if" in verdict.message), (name, verdict.message)
        assert (words or "") in verdict.message, (name, verdict.message)
