"""An LSTM in NumPy: a witness for the frameworks, and every h and c, which neither returns."""

from dataclasses import dataclass

import numpy as np

from .weights import for_keras, inputs


@dataclass(frozen=True)
class Trace:
    """Every h and every c of a run, each (batch, timesteps, units)."""

    h: np.ndarray
    c: np.ndarray


def trace(spec):
    """Return every h and every c of the spec's layer on its input, as a Trace.

    i, f, o = σ(x·W + h·U + b), g = tanh(x·W + h·U + b); c = f·c + i·g; h = o·tanh(c): the LSTM of
    Hochreiter and Schmidhuber (1997) with the forget gate of Gers, Schmidhuber and Cummins (2000),
    as in the documentation of torch.nn.LSTM. Computed in float64.
    """
    x = inputs(spec).astype("float64")
    kernel, recurrent, bias = (part.astype("float64") for part in for_keras(spec))
    h = c = np.zeros((spec.batch, spec.units))
    every_h, every_c = [], []
    for step in range(spec.timesteps):
        i, f, g, o = np.split(x[:, step] @ kernel + h @ recurrent + bias, 4, axis=1)
        c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
        h = _sigmoid(o) * np.tanh(c)
        every_h.append(h)
        every_c.append(c)
    return Trace(np.stack(every_h, axis=1), np.stack(every_c, axis=1))


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))
