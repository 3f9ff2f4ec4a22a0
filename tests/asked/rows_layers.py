"""Lessons 05 and 06: the right answers, and the tasks."""

from lstm_lessons import Spec
from lstm_lessons.asked import layers
from lstm_lessons.weights import for_keras

QUESTIONS = [
    (layers.states_of_a_stack, "(3, 9, 12)"),
    (layers.output_of_a_stack, "(9, 20, 12)"),
    (layers.states_of_a_tower, "(6, 9, 12)"),
    (layers.state_of_a_gru, "(1, 8, 16)"),
    (layers.unpacked_as_lstm, "(8, 16)"),
    (layers.weights_of_a_gru, "(36, 5)"),
    (layers.initial_states, "(4, 8, 10)"),
    (layers.last_of_both, "False"),
    (layers.rows_of_states, "False"),
    (layers.reversed_output, "False"),
]


def both(rows):
    import torch

    return torch.concat(rows, dim=-1)


def twin(return_sequences=True, merge_mode="concat", own=True):
    """Return a maker of a Keras network that is called like the network itself."""

    def network(x):
        import keras

        layers = keras.layers
        first = layers.Bidirectional(layers.LSTM(7, return_sequences=True))
        second = layers.LSTM(7, return_sequences=return_sequences)
        top = layers.Bidirectional(second, merge_mode=merge_mode)
        made = keras.Sequential([keras.Input((None, 6)), first, top])
        if own:
            made.set_weights(for_keras(Spec(layers=2, bidirectional=True)))
        return made(x)

    return network


def last_h(recurrent, x):
    _, state = recurrent(x)
    return state[0] if isinstance(state, tuple) else state


def unpacked(recurrent, x):
    _, (h_n, _) = recurrent(x)
    return h_n


def read_by_cell(cell, x, dim=1, keep=True):
    import torch

    h, every = torch.zeros(len(x), cell.hidden_size), []
    for step in range(x.shape[1]):
        new = cell(x[:, step], h)
        every.append(new)
        h = new if keep else h
    return torch.stack(every, dim=dim)


TASKS = [
    (
        layers.last_h,
        "torch",
        last_h,
        {
            "unpacked as an LSTM's": (unpacked, "without a look at what it is"),
            "the first of it": (lambda r, x: r(x)[1][0], "the lowest layer's h"),
            "the last of it": (lambda r, x: r(x)[1][-1], "Of an LSTM that is c_n"),
            "the state": (lambda r, x: r(x)[1], "a pair, of which only h_n"),
            "the last output": (lambda r, x: r(x)[0][:, -1], "the top layer's h came back alone"),
            "the top layer": (lambda r, x: last_h(r, x)[-1], "the top layer's h came back alone"),
            "every output": (lambda r, x: r(x)[0], "the output came back"),
        },
    ),
    (
        layers.read_by_cell,
        "torch",
        read_by_cell,
        {
            "no memory": (lambda *given: read_by_cell(*given, keep=False), "began with zeros"),
            "time first": (lambda *given: read_by_cell(*given, dim=0), "the timesteps came first"),
            "the last h": (lambda *given: read_by_cell(*given)[:, -1], "the last h came back"),
            "from the end": (lambda c, x: read_by_cell(c, x.flip(1)), "read from its end"),
            "in one row": (lambda *given: read_by_cell(*given).flatten(1), "laid side by side"),
        },
    ),
    (
        layers.final_of_both,
        "torch",
        lambda output, h_n: both([h_n[-2], h_n[-1]]),
        {
            "the last timestep": (lambda output, h_n: output[:, -1], "Where does the backward one"),
            "the first timestep": (lambda output, h_n: output[:, 0], "Where does the forward one"),
            "the lowest layer": (lambda output, h_n: both([h_n[0], h_n[1]]), "the lowest layer's"),
            "the wrong order": (lambda output, h_n: both([h_n[-1], h_n[-2]]), "comes first"),
            "one kind of row": (lambda output, h_n: both([h_n[1], h_n[3]]), "In which order"),
            "one direction": (lambda output, h_n: h_n[-1], "the backward direction alone"),
            "the wrong axis": (lambda output, h_n: both([h_n[-2], h_n[-2]]), "the values are not"),
        },
    ),
    (
        layers.twin,
        "keras",
        twin(return_sequences=True, merge_mode="concat"),
        {
            "only the last h": (twin(return_sequences=False), "Another shape is wanted"),
            "added": (twin(merge_mode="sum"), "Another shape is wanted"),
            "other weights": (twin(own=False), "the values are not"),
        },
    ),
]
