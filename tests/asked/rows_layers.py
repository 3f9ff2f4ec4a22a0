"""Lesson 05: the right answers, and the task."""

from lstm_lessons import Spec
from lstm_lessons.asked import layers
from lstm_lessons.weights import for_keras

QUESTIONS = [
    (layers.states_of_a_stack, "(3, 9, 12)"),
    (layers.output_of_a_stack, "(9, 20, 12)"),
    (layers.states_of_a_tower, "(6, 9, 12)"),
    (layers.state_of_a_gru, "(1, 8, 16)"),
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


TASKS = [
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
