"""The questions of lessons 00 to 04: the right answer, and wrong ones with their beliefs."""

from lstm_lessons.asked import scenarios

QUESTIONS = [
    (
        scenarios.one_sequence,
        "(5, 6)",
        {"(1, 5, 6)": "batch_in_shape", "(3, 6)": "batch_in_shape", "(3, 5)": "batch_in_shape"},
    ),
    (
        scenarios.batch_second,
        "(3, 5, 7), (1, 5, 7), (1, 5, 7)",
        {
            "(3, 5, 7), (1, 3, 7), (1, 3, 7)": "batch_always_first",
            "(3, 5, 7), (3, 7), (3, 7)": "batch_always_first",
        },
    ),
    (scenarios.longer, "False", {"True": "sequence_by_default"}),
    (
        scenarios.classifier,
        "(None, 4)",
        {
            "(5, 4)": "batch_in_shape",
            "(4,)": "batch_in_shape",
            "(None, 5, 4)": "sequence_by_default",
            "(None, 7, 4)": "units_as_steps",
        },
    ),
    (
        scenarios.tagger,
        "(None, 5, 4)",
        {"(None, 4)": "sequence_by_default", "(None, 20)": "sequence_by_default"},
    ),
    (scenarios.stack_by_default, "error", {"(None, 8)": "sequence_by_default"}),
    (scenarios.resumed, "True", {"False": "state_without_axes"}),
    (scenarios.resumed_without_c, "False", {"True": "state_without_axes"}),
    (
        scenarios.decoder,
        "(3, 9, 7)",
        {"(3, 5, 7)": "sequence_by_default", "(3, 9, 4)": "units_as_steps"},
    ),
    (scenarios.grade_essays, "(20, 32)", {"(20, 300, 32)": "sequence_by_default"}),
    (scenarios.tag_words, "(16, 25, 32)", {"(16, 32)": "sequence_by_default"}),
    (
        scenarios.start_decoder,
        "(10, 48), (10, 48), (10, 48)",
        {"(10, 48), (10, 48)": "states_only"},
    ),
]
