"""The flow of a network: who hands what to whom, and the names of axes on the way."""

import keras
import pytest
import torch
import zoo
from keras import layers
from torch import nn
from zoo import explained, module

from lstm_lessons.explaining.explanation import explain
from lstm_lessons.explaining.glance import arrows, columns, glance_of, rows

NOT_SEEN = "not seen"


def lines(found):
    """Return the arrows of an Explanation, without marks."""
    return [line.replace("`", "") for line in arrows(glance_of(found))]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "encoder_decoder",
            [
                "input 1 → encoder.embedding: (batch 3, timesteps 5)",
                "encoder.embedding → encoder.rnn: (batch 3, timesteps 5, features 6)",
                "input 2 → decoder.embedding: (batch 3, timesteps 4)",
                "encoder.rnn → decoder.rnn: h_n (layers 1, batch 3, units 7) as h_0; "
                "c_n (layers 1, batch 3, units 7) as c_0",
                "decoder.embedding → decoder.rnn: (batch 3, timesteps 4, features 8)",
                "decoder.rnn → decoder.out: output (batch 3, timesteps 4, units 7)",
                "decoder.out → result: (batch 3, timesteps 4, 20)",
            ],
        ),
        (
            "attention_on_top",
            [
                "input → embedding: (batch 3, timesteps 5)",
                "embedding → lstm: (batch 3, timesteps 5, features 6)",
                "lstm → attention: output (batch 3, timesteps 5, directions·units 14)",
                "attention → fc: (… * output).sum(1) (3, 14)",
                "fc → result: (3, 3)",
            ],
        ),
        (
            "siamese",
            [
                "input 1 → embedding: (batch 3, timesteps 5)",
                "input 2 → embedding: (batch 3, timesteps 4)",
                "embedding → lstm: (batch 3, timesteps 5, features 6); "
                "(batch 3, timesteps 4, features 6)",
                "lstm → result: (h_n[-1] - …).abs().sum(-1) (3,); (… - h_n[-1]).abs().sum(-1) (3,)",
            ],
        ),
        (
            "cell_loop",
            [
                "cell → cell: h (batch 3, units 7) as h_0; c (batch 3, units 7) as c_0",
                "input → cell: a view (batch 3, features 6)",
                "cell → gru: h (batch 3, units 7)",
                "gru → gru: h (batch 3, units 8) as h_0",
                "gru → result: h (batch 3, units 8)",
            ],
        ),
        (
            "forecaster",
            [
                "input → lstm: (batch 3, timesteps 8, features 1)",
                f"{NOT_SEEN} → lstm: (layers 2, batch 3, units 7) as h_0; "
                "(layers 2, batch 3, units 7) as c_0",
                "lstm → linear: output[:, -1] (batch 3, units 7)",
                "linear → result: (batch 3, 1)",
            ],
        ),
        (
            "sentiment_classifier",
            [
                "input → embedding: (batch 3, timesteps 5)",
                "embedding → lstm: (batch 3, timesteps 5, features 6)",
                "lstm → dropout: h_n[-1] (batch 3, units 7)",
                "dropout → fc: h_n[-1] (batch 3, units 7)",
                "fc → result: (batch 3, 2)",
            ],
        ),
        (
            "k_two_inputs",
            [
                "input 1 → simple_rnn: (batch 3, timesteps 5, features 6)",
                "simple_rnn → concatenate: output (batch 3, units 7)",
                "input 2 → concatenate: (3, 2)",
                "concatenate → dense: (batch 3, 9)",
                "dense → result: (batch 3, 1)",
            ],
        ),
        (
            "k_cnn_lstm",
            [
                "input → time_distributed: (batch 3, timesteps 5, 8, 8, 1)",
                "time_distributed → time_distributed_1: (batch 3, timesteps 5, 6, 6, 4)",
                "time_distributed_1 → lstm: (batch 3, timesteps 5, features 4)",
                "lstm → batch_normalization: output (batch 3, units 7)",
                "batch_normalization → dense: (batch 3, units 7)",
                "dense → result: (batch 3, 2)",
            ],
        ),
    ],
)
def test_who_hands_what_to_whom(name, expected):
    keras.utils.clear_session()
    make, inputs = zoo.ALL[name]
    assert lines(explain(make(), *inputs())) == expected


@pytest.mark.parametrize("name", zoo.ALL)
def test_each_layer_that_ran_is_a_node_and_each_arrow_has_the_sizes(name):
    found = explained(name)[2]
    nodes = [part for node in found.flow.nodes for part in (node, *node.inner)]
    assert {one.path for one in (*found.layers, *found.others)} <= {node.path for node in nodes}
    received = {(use.who, use.shape) for call in found.layers for use in call.uses if use.who}
    drawn = {link.shape for link in found.flow.links if link.use}
    assert {shape for _, shape in received} <= drawn
    assert all(len(link.axes) in (0, len(link.shape)) for link in found.flow.links)
    weights = {(one.path, one.kind): one.parameters for one in (*found.layers, *found.others)}
    assert int(rows(glance_of(found))[-1][0][-1]) == sum(weights.values())


def stack_of_two(first, second):
    def forward(self, x):
        return self.fc(self.second(self.first(self.embed(x))[0])[0])

    return module(
        forward,
        embed=nn.Linear(6, 8),
        first=nn.LSTM(8, 7, batch_first=first),
        second=nn.GRU(7, 9, batch_first=second),
        fc=nn.Linear(9, 2),
    )


def test_where_batch_and_time_change_places_is_seen():
    assert lines(explain(stack_of_two(True, False), zoo.floats(3, 5, 6))) == [
        "input → embed: (batch 3, timesteps 5, 6)",
        "embed → first: (batch 3, timesteps 5, features 8)",
        "first → second: output (batch 3, timesteps 5, units 7) taken for "
        "(timesteps 3, batch 5, features 7)",
        "second → fc: output (timesteps 3, batch 5, units 9)",
        "fc → result: (timesteps 3, batch 5, 2)",
    ]
    alike = lines(explain(stack_of_two(True, True), zoo.floats(3, 5, 6)))
    assert not any("taken for" in line for line in alike)
    assert alike[-1] == "fc → result: (batch 3, timesteps 5, 2)"


def test_what_is_batch_to_one_layer_and_timesteps_to_another_has_no_name():
    def forward(self, x):
        x = self.drop(x)
        return self.one(x)[1][-1], self.other(x)[1][-1]

    one, other = nn.GRU(6, 7, batch_first=True), nn.GRU(6, 8)
    network = module(forward, drop=nn.Dropout(), one=one, other=other)
    assert lines(explain(network, zoo.floats(3, 5, 6)))[:2] == [
        "input → drop: (? 3, ? 5, features 6)",
        "drop → one: (? 3, ? 5, features 6)",
    ]


@pytest.mark.parametrize(
    ("states", "slots"),
    [
        (lambda h, c: (h, c), ["h_n as h_0", "c_n as c_0"]),
        (lambda h, c: (c, h), ["h_n as c_0", "c_n as h_0"]),
        (lambda h, c: (h, h), ["h_n as h_0", "h_n as c_0"]),
        (lambda h, c: (h, torch.zeros_like(c)), ["h_n as h_0", "not seen as c_0"]),
        (lambda h, c: (h.clone(), c.clone()), ["h_n as h_0", "c_n as c_0"]),
    ],
)
def test_a_state_is_handed_on_as_h_0_or_as_c_0(states, slots):
    def forward(self, x):
        return self.b(x, states(*self.a(x)[1]))[0]

    network = module(forward, a=nn.LSTM(6, 7), b=nn.LSTM(6, 7))
    flow = explain(network, zoo.floats(5, 3, 6)).flow
    found = {
        f"{link.use.expression if link.use else NOT_SEEN} as {link.slot}"
        for link in flow.links
        if link.slot
    }
    assert found == {*slots}


def test_a_state_that_another_layer_makes_comes_from_there():
    def forward(self, x):
        return self.b(x, self.bridge(self.a(x)[1]))[0]

    network = module(forward, a=nn.GRU(6, 7), bridge=nn.Linear(7, 8), b=nn.GRU(6, 8))
    found = explain(network, zoo.floats(5, 3, 6))
    assert "bridge → b: (layers 1, batch 3, units 8) as h_0" in lines(found)
    assert "It begins with h_0: what comes from bridge." in found.text


def test_a_state_of_two_directions_is_named_by_its_direction():
    x = keras.Input((5, 6))
    both = [layers.Bidirectional(layers.GRU(7, return_state=True)) for _ in range(2)]
    _, *states = both[0](x)
    model = keras.Model(x, both[1](x, initial_state=states))
    slots = [link.slot for link in explain(model, (3, 5, 6)).flow.links if link.slot]
    assert slots == ["forward_h_0", "backward_h_0"]


def marked(found):
    """Return the arrows and the rows of layers that bear the sign of a warning."""
    glance = glance_of(found)
    names = [row[0] for group in rows(glance) for row in group]
    return [line for line in (*arrows(glance), *names) if "⚠" in line]


def test_a_warning_stands_at_the_arrow_where_it_bites():
    (line,) = marked(explained("bidirectional_last_step")[2])
    assert line == "`rnn` → `out`: `output[:, -1]` (batch 3, directions·units 14) ⚠ 1"
    for name in zoo.ALL:
        found = explained(name)[2]
        assert bool(marked(found)) is bool(found.warnings), name


def test_a_warning_of_no_arrow_stands_at_its_layers_or_at_the_result():
    found = explain(stack_of_two(True, False), zoo.floats(3, 5, 6))
    assert [warned.kind for warned in found.warnings] == ["batch_first"]
    assert [line.split("`")[1] for line in marked(found)] == ["first", "second"]
    head = zoo.torch_head(lambda y, h: h[-1], 7)
    found = explain(head, zoo.floats(3, 5, 6), target=zoo.floats(3))
    assert [warned.kind for warned in found.warnings] == ["refused"]
    assert len(marked(found)) == 1
    assert "fc" in marked(found)[0]
    assert marked(found)[0].endswith("result: (batch 3, 2) ⚠ 1")


def test_columns_keep_to_a_hundred_and_break_no_shape():
    long = "a.very.long.path" * 4, "((3, 5, 7), ((1, 3, 7), (1, 3, 7)))" * 2, "1"
    folded = columns([("layer", "reads", "parameters"), long])
    assert max(map(len, folded)) <= 100
    assert "".join("".join(folded[1:]).split()).count("(1,3,7)") == 4
    assert not any(line.rstrip().endswith(",") and "(1, 3" not in line for line in folded[:1])
