"""What happens when several threads explain one network at the same time."""

import sys
import threading

import numpy as np
from zoo import untried as explain

THREADS, TIMES = 6, 8


def keras_network():
    """A network with a mask, two directions and Dropout, and an array for it."""
    import keras

    layers = [
        keras.layers.Masking(),
        keras.layers.Bidirectional(keras.layers.LSTM(7, return_sequences=True)),
        keras.layers.Dropout(0.5),
        keras.layers.GRU(11, stateful=False),
        keras.layers.Dense(3),
    ]
    return keras.Sequential([keras.Input((5, 6)), *layers])


def torch_network():
    """A network with modes, a running mean and two directions, in training."""
    import torch

    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.lower = torch.nn.LSTM(6, 7, batch_first=True, bidirectional=True)
            self.norm = torch.nn.BatchNorm1d(5)
            self.upper = torch.nn.GRU(14, 11, batch_first=True, dropout=0.0)
            self.head = torch.nn.Linear(11, 3)

        def forward(self, x):
            output, _ = self.lower(x)
            _, h_n = self.upper(self.norm(output))
            return self.head(h_n[-1])

    network = Network()
    network.norm.eval()  # its parts need not be in one mode
    return network


def state_of_keras(network):
    """What a pass may leave behind: what hangs on each layer, and its numbers."""
    import keras

    marks = [sorted(vars(layer)) for layer in network._flatten_layers()]
    return marks, [*map(keras.ops.convert_to_numpy, network.variables)]


def state_of_torch(network):
    modules = list(network.modules())
    hooks = [(*one._forward_hooks, *one._forward_pre_hooks) for one in modules]
    modes = [one.training for one in modules]
    return [hooks, modes], [one.numpy().copy() for one in network.state_dict().values()]


NETWORKS = {
    "keras": (keras_network, state_of_keras),
    "torch": (torch_network, state_of_torch),
}


def in_threads(work, threads=THREADS, times=TIMES):
    """Return what all threads returned, and what they raised; they switch as often as they can."""
    returned, raised = [], []

    def repeat():
        try:
            for _ in range(times):
                returned.append(work())
        except Exception as error:
            raised.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        started = [threading.Thread(target=repeat) for _ in range(threads)]
        for one in started:
            one.start()
        for one in started:
            one.join()
    finally:
        sys.setswitchinterval(interval)
    return returned, raised


def test_threads_that_explain_one_network_take_turns(framework):
    made, state_of = NETWORKS[framework]
    network, x = made(), np.ones((3, 5, 6), "float32")
    alone = str(explain(network, x))
    marks, numbers = state_of(network)
    said, raised = in_threads(lambda: str(explain(network, x)))
    assert raised == []
    assert len(said) == THREADS * TIMES
    assert set(said) == {alone}
    after, numbers_after = state_of(network)
    assert after == marks
    assert all(map(np.array_equal, numbers, numbers_after))


def test_a_layer_may_explain_another_network_in_its_own_call(framework):
    """It does not wait for itself."""
    made, _ = NETWORKS[framework]
    inner, x = made(), np.ones((3, 5, 6), "float32")
    alone, inside = str(explain(inner, x)), []
    outer = curious(framework, lambda: inside.append(str(explain(inner, x))))
    done = threading.Thread(target=explain, args=(outer, x), daemon=True)
    done.start()
    done.join(20)
    assert not done.is_alive()
    assert set(inside) == {alone}


def curious(framework, look):
    """A network that looks at something in each of its calls."""
    if framework == "keras":
        import keras

        class Curious(keras.layers.Layer):
            def call(self, x):
                look()
                return x

        return Curious()
    import torch

    class Curious(torch.nn.Module):
        def forward(self, x):
            look()
            return x

    return Curious()
