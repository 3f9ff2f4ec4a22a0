"""The flow of a network: who hands what to whom, and the names of axes on the way."""

import inspect
import re
from xml.etree import ElementTree as ET

import keras
import numpy as np
import pytest
import torch
import zoo
from keras import layers
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from zoo import explained, model, module
from zoo import untried as explain

from lstm_lessons.drawing.chart import Arrow, Box, chart, lanes
from lstm_lessons.explaining.axes import KEPT, axes_of
from lstm_lessons.explaining.glance import arrows, columns, glance_of, picture_of, rows
from lstm_lessons.explaining.parts import Part
from lstm_lessons.explaining.uses import Use
from lstm_lessons.shapes import Tensor

NOT_SEEN = "not seen"
MADE = "what is made of its own h"


def lines(found):
    """Return the arrows of an Explanation, without marks."""
    return [line.replace("`", "") for line in arrows(glance_of(found))]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "encoder_decoder",
            [
                "input 0 → encoder.embedding: (batch 3, timesteps 5)",
                "encoder.embedding → encoder.rnn: (batch 3, timesteps 5, features 6)",
                "input 1 → decoder.embedding: (batch 3, timesteps 4)",
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
                "input 0 → embedding: (batch 3, timesteps 5)",
                "input 1 → embedding: (batch 3, timesteps 4)",
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
                "input 0 → simple_rnn: (batch 3, timesteps 5, features 6)",
                "simple_rnn → concatenate: output (batch 3, units 7)",
                "input 1 → concatenate: (3, 2)",
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
    if name.startswith("k_"):
        keras.utils.clear_session()
    make, inputs = zoo.ALL[name]
    assert lines(explain(make(), *inputs())) == expected


@pytest.mark.parametrize("name", zoo.ALL)
def test_each_layer_that_ran_is_a_node_and_each_arrow_has_the_sizes(name):
    found = explained(name)[2]
    nodes = [part for node in found.flow.nodes for part in (node, *node.inner)]
    assert {one.path for one in (*found.layers, *found.others)} <= {node.path for node in nodes}
    uses = [use for call in found.layers for use in call.uses if use.role != "kept"]
    received = {(use.who, use.shape) for use in uses if use.who}
    drawn = {link.shape for link in found.flow.links if link.use}
    assert {shape for _, shape in received} <= drawn
    assert all(len(link.axes) in (0, len(link.shape)) for link in found.flow.links)


@pytest.mark.parametrize("name", zoo.ALL)
def test_the_table_adds_up_to_what_the_network_has(name):
    network, _, found = explained(name)
    numbers = [int(row[-1] or 0) for group in rows(glance_of(found)) for row in group]
    known = (
        network.count_params()
        if isinstance(network, keras.Layer)
        else sum(one.numel() for one in network.parameters())
    )
    assert sum(numbers[:-1]) == numbers[-1] == known


def test_weights_that_two_layers_share_or_that_are_in_none_have_a_line_of_their_own():
    tied = rows(glance_of(explained("language_model_time_major")[2]))
    assert tied[-2] == [("the rest, less what is shared or not registered", "", "", "", "-140")]
    network = zoo.torch_head(lambda y, h: h[-1] * network.scale, 7)
    network.scale = nn.Parameter(torch.ones(7))
    assert rows(glance_of(explain(network, zoo.floats(3, 5, 6))))[-2][0][-1] == "7"
    assert len(rows(glance_of(explained("encoder_decoder")[2]))) == 5 + 1


def test_a_layer_that_makes_something_of_what_those_in_it_return_is_one_box():
    found = explained("attention_on_top")[2]
    (attention,) = [node for node in found.flow.nodes if node.path == "attention"]
    assert (attention.reads, attention.returned) == (((3, 5, 14),), ((3, 14),))
    assert [(node.path, node.weights) for node in attention.inner] == [("attention.score", 15)]
    assert attention.weights == 0
    assert "   in it, attention.score Linear  (3, 5, 14)  (3, 5, 1) " in found.text


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


def test_inputs_stand_in_their_order_before_who_reads_them_first():
    names = [node.path for node in explained("siamese")[2].flow.nodes]
    assert names == ["input 0", "input 1", "embedding", "lstm", "result"]
    names = [node.path for node in explained("encoder_decoder")[2].flow.nodes]
    assert names.index("input 1") == names.index("decoder.embedding") - 1


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


SVG = "{http://www.w3.org/2000/svg}"


def drawn(found):
    """Return the picture of an Explanation's flow as a tree, and its texts."""
    tree = ET.fromstring(picture_of(glance_of(found)).drawn)
    return tree, list(tree.iter(f"{SVG}text"))


@pytest.mark.parametrize("name", zoo.ALL)
def test_the_flow_is_drawn_with_all_that_the_text_says(name):
    found = explained(name)[2]
    tree, texts = drawn(found)
    said = [one.text for one in texts]
    assert tree.get("role") == "img"
    assert all(line in tree.get("aria-label") for line in lines(found))
    for link in found.flow.links:
        pairs = zip(link.axes, link.shape, strict=True) if link.source != link.target else ()
        assert {f"{axis} {size}".strip() for axis, size in pairs} <= {*said}
    for node in found.flow.nodes:
        assert node.path.replace(" ", "") in "".join(said).replace(" ", "")  # in lines, if long
    assert found.html.count(tree.get("aria-label").split(":")[0]) >= 1


@pytest.mark.parametrize("name", zoo.ALL)
def test_the_flow_can_be_read_and_fits_a_telephone(name):
    tree, texts = drawn(explained(name)[2])
    width, look = float(tree.get("width")), tree.get("style")
    assert width <= 236  # as a page of 360 pixels has room for
    assert tree.get("viewBox").split()[2:] == [tree.get("width"), tree.get("height")]
    for one in texts:
        size = one.get("font-size") or re.search(r"font-size: (\d+)px", look)[1]
        assert float(size) >= 11
        letter = 6.7 if one.get("font-family") else 6.2
        half = 2 if one.get("text-anchor") == "middle" else 1
        assert 0 <= float(one.get("x")) + letter * len(one.text or "") / half <= width + 2
    assert "#9a4a00" not in "".join(one.get("style") for one in tree.iter(f"{SVG}polyline")) or (
        any("⚠" in (one.text or "") for one in texts)
    )


def test_what_passes_by_other_boxes_has_a_lane_of_its_own():
    found = lanes({(0, 1), (0, 4), (1, 3), (5, 9), (7, 6), (None, 2), (3, None), (2, 2)})
    assert found == {(7, 6): 0, (1, 3): 0, (5, 9): 1, (0, 4): 1}


def test_a_network_of_any_width_keeps_its_right_end():
    """Long names stand in lines; where there is no room for a lane, the words say it alone."""
    path = "encoder.inner_layers.0.bidirectional_recurrence"
    boxes = [Box("input", bare=True), *[Box(f"{path}_{n}", "SomeLongLayer") for n in range(20)]]
    long = "directions·projection"
    pairs = [(a, b) for a in range(20) for b in range(a + 1, 21)]
    arrows = [Arrow(*pair, "output.permute(1, 0, 2)", (long,), (1024,)) for pair in pairs]
    tree = ET.fromstring(chart(boxes, arrows, "words").drawn)
    width, words = float(tree.get("width")), ""
    assert width == 236
    for one in tree.iter(f"{SVG}text"):
        letter = 6.7 if "monospace" in (one.get("style") or "") else 6.1
        half = 2 if one.get("text-anchor") == "middle" else 1
        assert float(one.get("x")) + letter * len(one.text or "") / half <= width + 2
        words += one.text or ""
    assert f"{path}_19" in words
    assert words.count(f"from {path}_0") == 18
    lines = [one.get("points").split() for one in tree.iter(f"{SVG}polyline")]
    across = {point.split(",")[0] for line in lines for point in line}
    assert all(0 <= float(x) <= width for x in across)


def test_of_a_long_network_layers_are_put_together():
    network = nn.Sequential(*(nn.Linear(6, 6) for _ in range(40)), nn.GRU(6, 7))
    found = explain(network, zoo.floats(3, 5, 6))
    assert lines(found) == [
        "input → 0 … 39: (timesteps 3, batch 5, 6)",
        "0 … 39 → 40: (timesteps 3, batch 5, features 6)",
        "40 → result: output (timesteps 3, batch 5, units 7); h_n (layers 1, batch 5, units 7)",
    ]
    assert [one.text for one in drawn(found)[1]].count("40 layers") == 1
    assert found.text.count("Linear") == 40

    def forward(self, x):
        for gru in self.all:
            x = gru(x)[0]
        return x

    deep = module(forward, all=nn.ModuleList(nn.GRU(6, 6) for _ in range(60)))
    said = lines(explain(deep, zoo.floats(3, 5, 6)))
    assert len(said) < 25
    assert said[11].startswith("all.10 → all.11 … all.52: output ")
    assert said[12].startswith("all.11 … all.52 → all.53: output ")
    assert said[-1].startswith("all.59 → result: ")


def test_short_networks_are_drawn_layer_by_layer():
    for name in ("cnn_lstm", "k_cnn_lstm"):
        assert "…" not in "".join(lines(explained(name)[2]))


def test_names_of_layers_are_text():
    hostile = "<script>alert(1)</script>&\"'"
    network = nn.Sequential()
    network.add_module(hostile.replace(".", ""), nn.GRU(6, 7))
    network.add_module("x" * 90, type("<b>K", (nn.Linear,), {})(7, 2))
    network.forward = lambda x: network[1](network[0](x)[0])
    found = explain(network, zoo.floats(3, 5, 6))
    assert "<script" not in found.html
    assert "<b>" not in found.html
    assert hostile in found.text
    ET.fromstring(found.html)
    assert max(map(len, str(found).splitlines())) <= 100


def test_an_index_of_what_a_layer_returned_comes_from_that_layer():
    keras.utils.clear_session()
    x = keras.Input((5, 6))
    every = layers.Dense(7)(layers.LSTM(8, return_sequences=True)(x))
    found = explain(keras.Model(x, layers.Dense(2)(every[:, -1])), (3, 5, 6))
    assert "dense → dense_1: (3, 7)" in lines(found)


def test_of_inputs_with_the_same_numbers_it_is_not_known_which():
    a, b = keras.Input((5, 6)), keras.Input((5, 6))
    keras.utils.clear_session()
    both = layers.Subtract()([layers.GRU(7)(a), layers.LSTM(7)(b)])
    alike = explain(keras.Model([a, b], both), (3, 5, 6), (3, 5, 6))
    assert "input 0 or input 1 → lstm: (batch 3, timesteps 5, features 6)" in lines(alike)
    unlike = explain(keras.Model([a, b], both), zoo.floats(3, 5, 6), 2 * zoo.floats(3, 5, 6))
    assert "input 1 → lstm: (batch 3, timesteps 5, features 6)" in lines(unlike)


def test_a_layer_that_reads_what_it_returned_hands_it_to_itself():
    network = module(
        lambda self, x: self.rnn(self.fc(self.fc(x)))[1],
        fc=nn.Linear(6, 6),
        rnn=nn.GRU(6, 7, batch_first=True),
    )
    found = explain(network, zoo.floats(3, 5, 6))
    assert "fc → fc: (batch 3, timesteps 5, 6)" in lines(found)
    assert "↻ (batch 3, timesteps 5, 6)" in [one.text for one in drawn(found)[1]]
    assert "1. fc Linear ×2  (3, 5, 6)  (3, 5, 6) " in found.text


@pytest.mark.parametrize(
    "read",
    [
        lambda y, h: (h[-1], h[-1].flip(0)),  # what is made of it may be anything
        lambda y, h: (h[-1], y[0]),  # (batch 3, …) and (timesteps 3, …)
    ],
)
def test_a_shape_alone_gives_no_names(read):
    def forward(self, x):
        output, h = self.gru(x)
        return [self.fc(one) for one in read(output, h)]

    network = module(forward, gru=nn.GRU(6, 7, batch_first=True), fc=nn.Linear(7, 2))
    said = lines(explain(network, zoo.floats(3, 3, 6)))
    assert [line for line in said if line.startswith("fc → result: ")] == ["fc → result: (3, 2)"]


def test_the_axes_of_a_part_follow_its_steps():
    output = Tensor("output", "output", (), ("batch", "timesteps", "units"), (3, 5, 7))
    whole = Part(output)
    for part, shape, axes in (
        (whole, (3, 5, 7), ("batch", "timesteps", "units")),
        (whole.then("index", (None, None), -1), (3, 7), ("batch", "units")),
        (whole.then("index", 0).then("index", (1, None)), (4, 7), ("timesteps", "units")),
        (whole.then("transpose", 0, 1), (5, 3, 7), ("timesteps", "batch", "units")),
        (whole.then("reshape", -1, 7), (15, 7), ("", "")),
        (whole.then("ends"), (5, 14), ("timesteps", "")),
        (whole.then("index", "mask"), (4, 7), ("", "")),
    ):
        assert axes_of(Use("fc", "Linear", part, shape)) == axes


def test_what_is_not_seen_inside_of_layers_that_are_put_together_is_left_out():
    def forward(self, x):
        for layer in self.all:
            x = x + layer(x)
        return self.gru(x)[1]

    stack = nn.ModuleList(nn.Linear(6, 6) for _ in range(14))
    network = module(forward, all=stack, gru=nn.GRU(6, 7, batch_first=True))
    assert lines(explain(network, zoo.floats(3, 5, 6))) == [
        "input → all.0 … all.13: (3, 5, 6)",
        "not seen → gru: (batch 3, timesteps 5, features 6)",
        "gru → result: h_n (layers 1, batch 3, units 7)",
        "all.0 … all.13 → not seen: (3, 5, 6)",
    ]


ONE = {"units": 7, "in_features": 6, "out_features": 7, "normalized_shape": 6, "num_features": 5}
ONE |= {"embed_dim": 6, "num_heads": 2, "key_dim": 3, "n": 4, "rate": 0.5, "stddev": 0.1, "dim": -1}
ONE |= {"activation": "tanh", "layer": layers.Dense(7), "input_dim": 20, "output_dim": 7}
ONE |= {"num_embeddings": 20, "embedding_dim": 7}


@pytest.mark.parametrize("kind", KEPT)
def test_the_axes_that_a_layer_keeps_are_really_kept(kind):
    """Turned round along such an axis, what goes in comes out turned round alike."""
    homes = [home for home in (nn, layers) if hasattr(home, kind)]
    assert homes
    for home in homes:
        needs = inspect.signature(getattr(home, kind)).parameters.values()
        needs = [one for one in needs if one.default is one.empty and one.name in ONE]
        layer = getattr(home, kind)(**{one.name: ONE[one.name] for one in needs})
        words = kind == "Embedding"
        x = (
            zoo.words(3, 5)
            if words
            else zoo.floats(*((3, 6) if kind == "RepeatVector" else (3, 5, 6)))
        )
        result = called(layer, x)
        kept = range(x.ndim)[: KEPT[kind]]
        assert result.shape[: len(kept)] == x.shape[: len(kept)]
        for axis in kept:
            turned = called(layer, np.flip(x, axis).copy())
            assert np.allclose(turned, np.flip(result, axis), atol=1e-5), axis


def called(layer, x):
    """Return what a layer makes of an array, or of two or three alike, as an array."""
    if isinstance(layer, nn.Module):
        x = torch.as_tensor(x)
        many = 3 if isinstance(layer, nn.MultiheadAttention) else 1
        value = layer.eval()(*[x] * many)
        return (value[0] if isinstance(value, tuple) else value).detach().numpy()
    if isinstance(layer, layers.MultiHeadAttention):
        return np.asarray(layer(x, x))
    merges = (layers.Add, layers.Concatenate, layers.Attention, layers.AdditiveAttention)
    merges += (layers.Average, layers.Maximum, layers.Minimum, layers.Multiply, layers.Subtract)
    return np.asarray(layer([x, x] if isinstance(layer, merges) else x))


def test_an_input_that_the_network_casts_is_still_that_input():
    one, other = keras.Input((5, 6)), keras.Input((4,))
    joined = layers.Concatenate()([layers.LSTM(7, name="lstm")(one), other])
    wide = np.random.default_rng(1).random
    said = lines(explain(keras.Model([one, other], joined), [wide((3, 5, 6)), wide((3, 4))]))
    assert said[0] == "input 0 → lstm: (batch 3, timesteps 5, features 6)"
    assert not any(NOT_SEEN in line for line in said)


class Lengthy(nn.LSTM):
    """A layer that is given lengths where others are given states."""

    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        output, states = super().forward(packed)
        return pad_packed_sequence(output, batch_first=True)[0], states


def test_whole_numbers_beside_what_a_layer_reads_are_no_state():
    network = module(
        lambda self, x, lengths: self.rnn(x, lengths), rnn=Lengthy(6, 7, batch_first=True)
    )
    found = explain(network, zoo.floats(3, 5, 6), torch.tensor([5, 2, 3]))
    assert "input 1 → rnn: (3,)" in lines(found)
    assert "begins with" not in found.text


def test_a_state_that_comes_from_nowhere_seen_is_said_to():
    scripted = torch.jit.script(nn.Sequential(nn.LSTM(6, 7, batch_first=True)))
    assert "It begins with h_0 and c_0: made where it is not seen." in (
        explain(scripted, zoo.floats(3, 5, 6)).text
    )


def test_the_total_names_layers_that_are_not_registered():
    network = module(lambda self, x: self.rnns[0](x)[0], rnns=[nn.GRU(6, 7)])
    last = rows(glance_of(explain(network, zoo.floats(5, 3, 6))))[-2:]
    assert [row[0][0] for row in last] == [
        "the rest, less what is shared or not registered",
        "in all",
    ]
    assert [row[0][-1] for row in last] == ["-315", "0"]


class Attend(nn.Module):
    """Makes something of what the layer in it returns."""

    def __init__(self):
        super().__init__()
        self.score = nn.Linear(7, 1)

    def forward(self, y):
        return (self.score(y).softmax(1) * y).sum(1)


class Stack(nn.Module):
    """Makes one tensor of what two layers return."""

    def __init__(self):
        super().__init__()
        self.one, self.two = nn.GRU(6, 7, batch_first=True), nn.GRU(7, 7, batch_first=True)

    def forward(self, x):
        y, _ = self.one(x)
        return torch.cat([y, self.two(y)[0]], 2)


def test_what_a_use_tells_of_is_not_said_to_come_from_nowhere_as_well():
    parts = {"rnn": nn.GRU(6, 7, batch_first=True), "attend": Attend(), "head": nn.Linear(7, 2)}
    network = module(lambda self, x: self.head(self.attend(self.rnn(x)[0] * 2)), **parts)
    said = lines(explain(network, zoo.floats(3, 5, 6)))
    assert "rnn → attend: output * 2 (batch 3, timesteps 5, units 7)" in said
    assert not any(line.startswith(NOT_SEEN) for line in said)
    network = module(lambda self, x: self.head(self.stack(x)), stack=Stack(), head=nn.Linear(14, 2))
    said = lines(explain(network, zoo.floats(3, 5, 6)))
    assert len([line for line in said if "→ head" in line]) == 2
    assert not any(line.startswith(NOT_SEEN) for line in said)


def test_what_is_packed_or_cast_or_a_view_of_something_comes_from_there():
    def packs(self, x, lengths):
        y = pack_padded_sequence(self.embed(x), lengths, batch_first=True, enforce_sorted=False)
        return self.rnn(y)[1]

    parts = {"embed": nn.Embedding(20, 6), "rnn": nn.GRU(6, 7)}
    lengths = torch.tensor([2, 5, 3])
    said = lines(explain(module(packs, **parts), zoo.words(3, 5), lengths))
    assert "embed → rnn: packed (steps 10, features 6)" in said
    network = module(lambda self, x: self.rnn(self.embed(x).view(5, 1, 6))[1], **parts)
    assert "embed → rnn: a view (timesteps 5, batch 1, features 6)" in (
        lines(explain(network, zoo.words(5)))
    )
    network = module(lambda self, x: self.rnn(x.bfloat16())[1], rnn=nn.GRU(6, 7).bfloat16())
    assert "input → rnn: (timesteps 5, batch 3, features 6)" in (
        lines(explain(network, torch.tensor(zoo.floats(5, 3, 6))))
    )


def test_of_several_calls_not_the_first_alone_is_told():
    def forward(self, x):
        states = None
        for step in range(3):
            y, states = self.rnn(x[:, step : step + 1], states)
        return self.head(y[:, -1]), states[1]

    network = module(forward, rnn=nn.LSTM(6, 7, batch_first=True), head=nn.Linear(7, 2))
    text = " ".join(explain(network, zoo.floats(3, 5, 6)).text.replace("`", "").split())
    assert "All calls but the last: rnn (LSTM) receives h_n (1, 3, 7) as h_0 and c_n" in text
    assert "All calls but the last: output: dropped." in text
    assert "The last call: head (Linear) receives output[:, -1] (3, 7)" in text
    assert "The last call: The network returns c_n (1, 3, 7). The last call: h_n: dropped." in text


def test_a_layer_that_hands_on_what_it_reads_is_not_the_one_that_made_it():
    """Nor is what it hands on, turned round, read by itself."""

    def forward(self, x):
        x = self.drop(self.conv(x.transpose(1, 2)).relu())
        return self.drop(self.rnn(x.permute(2, 0, 1).contiguous())[1][0])

    parts = dict(conv=nn.Conv1d(6, 4, 2), rnn=nn.LSTM(4, 7), drop=nn.Dropout())
    said = lines(explain(module(forward, **parts), zoo.floats(3, 5, 6)))
    assert "not seen → drop: (3, 4, 4)" in said
    assert not [line for line in said if line.startswith("drop → drop")]


class Steps(nn.Module):
    """A loop over a cell whose states begin with a picture, and of which fewer and fewer go on."""

    def __init__(self):
        super().__init__()
        self.cell, self.to_h, self.norm = nn.LSTMCell(6, 7), nn.Linear(4, 7), nn.LayerNorm(7)

    def forward(self, x, picture):
        h, c = self.to_h(picture), x.new_zeros(len(x), 7)
        for step, many in enumerate((3, 2, 1)):
            h, c = self.cell(x[:many, step] + 0, (h[:many], c[:many]))
        return h


def test_a_state_comes_from_another_layer_first_and_then_from_its_own_calls():
    found = explain(Steps(), zoo.floats(3, 5, 6), zoo.floats(3, 4))
    assert "to_h → cell: a view (batch 3, units 7) as h_0" in lines(found)
    own = "of the call before, from the second call on"
    assert (
        f"It begins with h_0: a view of to_h or its own h[:2] or h[:1], {own}; c_0: " in found.text
    )
    assert f"; c_0: its own c[:2] or c[:1], {own}." in found.text


def test_what_a_cell_reads_from_nowhere_seen_is_said_beside_a_state_of_the_same_size():
    def forward(self, x):
        h = x.new_zeros(len(x), 7)
        for step in x.transpose(0, 1):
            h = self.cell(self.fc(step) * 2, h)
        return h

    network = module(forward, cell=nn.GRUCell(7, 7), fc=nn.Linear(6, 7))
    said = lines(explain(network, zoo.floats(3, 5, 6)))
    assert "not seen → cell: (batch 3, features 7)" in " ".join(said)


@pytest.mark.parametrize(
    ("then", "own"),
    [
        (lambda h, step: h * 2, "its own h * 2"),
        (lambda h, step: h[: 4 - step], MADE),
        (lambda h, step: h * 0.123456789 + h.var() * 0.987654321 + h.abs().max() * 1.23456, MADE),
    ],
)
def test_what_is_made_of_its_own_state_is_said_in_one_sentence(then, own):
    def forward(self, x):
        h = x.new_zeros(5, 7)
        for step in range(5):
            h = then(self.cell(x[: len(h), step] + 0, h), step)
        return h

    found = explain(module(forward, cell=nn.GRUCell(6, 7)), zoo.floats(5, 5, 6))
    assert f" {own}, of the call before, from the second call on." in found.text


def test_of_two_calls_it_is_said_of_the_first_and_of_the_last():
    def forward(self, x):
        _, h = self.rnn(x[:, :2])
        return self.rnn(x[:, 2:4], h)[0]

    network = module(forward, rnn=nn.GRU(6, 7, batch_first=True))
    text = explain(network, zoo.floats(3, 5, 6)).text
    assert "The first call: rnn (GRU) receives h_n (1, 3, 7) as h_0" in text
    assert "The last call: h_n: dropped." in text
    assert "All calls but" not in text


def test_what_a_layer_of_several_receives_in_two_lines_is_told_once():
    class Gated(nn.Module):
        def __init__(self):
            super().__init__()
            self.gate, self.fc = nn.Linear(7, 7), nn.Linear(7, 7)

        def forward(self, x):
            gate = self.gate(x)
            return gate * self.fc(x)

    parts = dict(rnn=nn.GRU(6, 7, batch_first=True), gated=Gated(), head=nn.Linear(7, 2))
    network = module(lambda self, x: self.head(self.gated(self.rnn(x)[0] * 2)), **parts)
    said = lines(explain(network, zoo.floats(3, 5, 6)))
    assert "rnn → gated: output * 2 (batch 3, timesteps 5, units 7)" in said


class OwnCell(nn.Module):
    """A cell that makes its output and its state of what a layer in it returns."""

    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(6, 14)

    def forward(self, x, c):
        new, gate = self.lin(x).chunk(2, -1)
        c = gate.sigmoid() * new + (1 - gate.sigmoid()) * c
        return c.tanh(), c


def test_a_layer_in_a_cell_is_in_it_in_each_call_also_where_nobody_reads_the_cell_s_result():
    def forward(self, x):
        c, said = x.new_zeros(len(x), 7), []
        for t in range(x.size(1)):
            h, c = self.cell(x[:, t], c)
            said.append(h)
        return self.out(torch.stack(said, 1)[:, -1])

    network = module(forward, cell=OwnCell(), out=nn.Linear(7, 2))
    table = rows(glance_of(explain(network, zoo.floats(3, 5, 6))))
    names = [row[0].strip().replace("`", "") for group in table for row in group]
    assert names == ["1. cell OwnCell ×5", "in it, cell.lin Linear ×5", "2. out Linear", "in all"]
    assert [row[-1] for group in table for row in group] == ["0", "98", "16", "114"]


def test_a_state_that_a_layer_joined_is_not_the_output_with_the_same_numbers():
    x, y = keras.Input((5, 6)), keras.Input((4, 6))
    both = layers.Bidirectional(layers.LSTM(7, return_state=True), name="enc")
    _, h, c, back_h, back_c = both(x)
    states = [layers.Concatenate(name=n)(s) for n, s in (("h", [h, back_h]), ("c", [c, back_c]))]
    d = layers.LSTM(14, name="dec")(y, initial_state=states)
    found = explain(keras.Model([x, y], d), [zoo.floats(3, 5, 6), zoo.floats(3, 4, 6)])
    assert "It begins with h_0: what comes from h; c_0: what comes from c." in found.text
    assert "the numbers of" not in found.text


def test_a_copy_that_a_layer_made_comes_through_it():
    x = keras.Input((5, 6))
    last = layers.Lambda(lambda y: y[:, -1], name="last")(
        layers.GRU(7, return_sequences=True, name="gru")(x)
    )
    found = explain(keras.Model(x, layers.Dense(2, name="fc")(last)), zoo.floats(3, 5, 6))
    assert "last → fc: the numbers of output[:, -1] (batch 3, units 7)" in lines(found)
    assert not any(line.startswith("gru → fc") for line in lines(found))


def test_a_state_made_of_two_layers_is_of_both_and_of_two_calls_of_either():
    def forward(self, x):
        joined = torch.cat([self.one(x)[1], self.two(x)[1]], 2)
        for _ in range(2):
            _, joined = self.dec(x, joined)
        return joined

    parts = {name: nn.GRU(6, 7, batch_first=True) for name in ("one", "two")}
    network = module(forward, **parts, dec=nn.GRU(6, 14, batch_first=True))
    assert (
        "It begins with h_0: torch.cat([h_n, …], 2) of one and torch.cat([…, h_n], 2) of two or "
        "its own h_n, of the call before, from the second call on."
    ) in explain(network, zoo.floats(3, 5, 6)).text


def test_none_in_a_dict_that_is_returned_has_no_shape():
    network = module(
        lambda self, x: {"y": self.rnn(x)[0], "aux": None}, rnn=nn.GRU(6, 7, batch_first=True)
    )
    assert "The network returns {'y': (3, 5, 7)}." in explain(network, zoo.floats(3, 5, 6)).text


def stacked_cells(stack):
    """Return a forward of two cells whose states are kept in one tensor, a row for each."""

    def forward(self, x):
        states = [stack([x[:, 0, :3] * 0] * 2)] * 2
        for t in range(x.shape[1]):
            y, rows = x[:, t], []
            for place, cell in enumerate((self.lower, self.upper)):
                y, new = self.run(cell, y, [one[place] for one in states])
                rows.append(new)
            states = [stack([*those]) for those in zip(*rows, strict=True)]
        return y

    return forward


def test_a_row_of_a_stack_is_of_the_tensor_that_was_put_there():
    def run(self, cell, y, states):
        h, c = cell(y, tuple(states))
        return h, (h, c)

    network = module(stacked_cells(torch.stack), lower=nn.LSTMCell(6, 3), upper=nn.LSTMCell(3, 3))
    type(network).run = run
    stack = lambda those: keras.ops.stack(those)  # noqa: E731 (looked up when it runs)
    own = model(stacked_cells(stack), lower=layers.LSTMCell(3), upper=layers.LSTMCell(3))
    type(own).run = lambda self, cell, y, states: cell(y, states)
    for one, path in ((network, "lower → upper"), (own, "lstm_cell")):
        found = explain(one, zoo.floats(4, 5, 6))
        assert "stack" not in found.text
        assert found.text.count("its own h, of the call before, from the second call on; c_0") == 1
        assert any(line.startswith(path) for line in lines(found))


def test_a_state_of_a_layer_that_ran_first_after_it_comes_from_the_second_call_on():
    def forward(self, x):
        h = x.new_ones(len(x), 7)
        for t in range(x.size(1)):
            h = self.two(x[:, t], self.one(x[:, t], h))
        return h

    network = module(forward, one=nn.GRUCell(6, 7), two=nn.GRUCell(6, 7))
    text = explain(network, zoo.floats(3, 5, 6)).text
    assert "It begins with h_0: h of two, from the second call on." in text
    assert "It begins with h_0: h of one." in text
