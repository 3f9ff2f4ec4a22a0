"""What explain costs, side by side with a plain forward pass: ten networks of the tests' zoo, with
what is tried and without, and stacks of up to 100 layers, without.

Prints a table. Times vary with the machine; the ratios are what to look at. Each ratio is that of
the fastest of several runs, taken in turns, so that both meet the same machine.
"""

import statistics
import sys
import time
from itertools import pairwise
from pathlib import Path

from lstm_lessons.explaining.explanation import explain

DEPTHS = (1, 10, 50, 100)
SIZES = {
    "small": (8, 20, 16, 32),
    "large": (64, 100, 128, 256),
}  # batch, timesteps, features, units


ZOO = (
    "sentiment_classifier",
    "tagger",
    "encoder_decoder",
    "attention_on_top",
    "packed_classifier",
    "k_sentiment_classifier",
    "k_bidirectional_masked",
    "k_encoder_decoder",
    "k_attention_on_top",
    "k_cnn_lstm",
)


def torch_stack(depth, features, units):
    """Return a network of a number of LSTM layers that follow one another, and its plain call."""
    import torch
    from torch import nn

    class Stack(nn.Module):
        def __init__(self):
            super().__init__()
            sizes = [features, *[units] * depth]
            self.layers = nn.ModuleList(nn.LSTM(a, b, batch_first=True) for a, b in pairwise(sizes))

        def forward(self, x):
            for layer in self.layers:
                x, _ = layer(x)
            return x

    network = Stack().eval()

    def plain(x):
        with torch.no_grad():
            return network(x)

    return network, plain, torch.rand


def keras_stack(depth, features, units):
    """Return a network of a number of LSTM layers that follow one another, and its plain call."""
    import keras

    layers = [keras.layers.LSTM(units, return_sequences=True) for _ in range(depth)]
    network = keras.Sequential([keras.Input((None, features)), *layers])

    def plain(x):
        return network(x, training=False)

    return network, plain, lambda *shape: keras.random.normal(shape)


def seconds(work):
    """Return how long a function takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measured(make, depth, size, runs):
    """Return the seconds of a plain forward pass and of explain, the fastest of several runs."""
    batch, timesteps, features, units = size
    network, plain, random = make(depth, features, units)
    x = random(batch, timesteps, features)
    return fastest((lambda: plain(x), lambda: explain(network, x, tried=False)), runs)


def fastest(works, runs):
    """Return the seconds of each of some functions, the fastest of several runs, taken in turns."""
    for work in works:
        work()
    return [
        min(times) for times in zip(*([*map(seconds, works)] for _ in range(runs)), strict=True)
    ]


def zoo_rows(runs=5, names=ZOO):
    """Return rows: a network of the zoo, seconds plain, explained, and with what is tried."""
    sys.path.append(str(Path(__file__).parents[1] / "tests"))
    import torch
    import zoo

    threads, found = torch.get_num_threads(), []
    torch.set_num_threads(1)  # they are small
    for name in names:
        make, inputs = zoo.ALL[name]
        network, given = make(), inputs()
        if name in zoo.TORCH:
            network, given = network.eval(), tuple(map(torch.as_tensor, given))
        else:
            given = (list(given),) if len(given) > 1 else given

        def plain(network=network, given=given):
            with torch.no_grad():
                return network(*given)

        def told(tried, network=network, given=given):
            return explain(network, *given, tried=tried)

        works = (plain, lambda told=told: told(False), lambda told=told: told(True))
        found.append((name, *fastest(works, runs)))
    torch.set_num_threads(threads)
    return found


def zoo_table(found):
    """Return the rows of the zoo as a Markdown table."""
    lines = [
        "| network | plain, ms | explain, ms | ratio | with tries, ms | ratio |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, plain, explained, tried in found:
        lines.append(
            f"| {name} | {1000 * plain:.1f} | {1000 * explained:.1f} | {explained / plain:.1f} "
            f"| {1000 * tried:.1f} | {tried / plain:.1f} |"
        )
    return "\n".join(lines)


def rows(runs=3):
    """Return rows: framework, size, depth, seconds plain and explained, their ratio."""
    found = []
    for framework, make in (("torch", torch_stack), ("keras", keras_stack)):
        for name, size in SIZES.items():
            for depth in DEPTHS if name == "small" else (1, 5):
                plain, explained = measured(make, depth, size, runs)
                found.append((framework, name, depth, plain, explained, explained / plain))
    return found


def table(found):
    """Return the rows as a Markdown table, and what a further layer costs."""
    lines = [
        "| framework | size | layers | plain, ms | explain, ms | ratio | explain − plain, ms |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for framework, name, depth, plain, explained, ratio in found:
        lines.append(
            f"| {framework} | {name} | {depth} | {1000 * plain:.1f} | {1000 * explained:.1f} "
            f"| {ratio:.2f} | {1000 * (explained - plain):.1f} |"
        )
    for framework in ("torch", "keras"):
        small = [row for row in found if row[:2] == (framework, "small")]
        extra = [(row[4] - row[3]) / row[2] for row in small if row[2] > 1]
        lines.append(
            f"\n{framework}: a layer adds {1000 * statistics.median(extra):.2f} ms; at "
            f"{small[-1][2]} layers explain takes {small[-1][4] / small[1][4]:.1f} times as long "
            f"as at {small[1][2]}, the plain pass {small[-1][3] / small[1][3]:.1f} times."
        )
    return "\n".join(lines)


if __name__ == "__main__":
    print(zoo_table(zoo_rows()), table(rows()), sep="\n\n")
