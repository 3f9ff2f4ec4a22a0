"""Recurrent layers in NumPy: a witness for the frameworks, and every c, which neither returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from . import recorded
from .late import np
from .spec import Spec
from .weights import affordable, inputs, weights


@dataclass(frozen=True)
class Trace:
    """Every h and every c of one layer in one direction, each (batch, timesteps, units).

    They stand at the timestep that was read: a backward direction ends at timestep 0. c is None
    for a GRU and a simple RNN. h of a projected LSTM is (batch, timesteps, projection).
    """

    h: np.ndarray
    c: np.ndarray | None


Traces = Sequence[Sequence[Trace]]  # of each layer, in each direction


def trace(spec: Spec) -> Trace:
    """Return the Trace of a spec's top layer, reading forward, on its input."""
    return traces(spec)[-1][0]


def traces(spec: Spec) -> Traces:
    """Return the Trace of each layer, from the lowest, in each direction, forward first.

    Computed in float64 on the batch (batch, timesteps, features), however PyTorch is given it.
    Where a record is in use (recorded.py), nested lists of it stand in place of arrays.
    Raises ValueError, in one line, for sizes that are too much to run.
    """
    affordable(spec)
    if recorded.in_use():
        return tuple(tuple(Trace(h, c) for h, c in layer) for layer in recorded.traces(spec))
    x = inputs(replace(spec, batch_first=True, unbatched=False)).astype("float64")
    layers = []
    for directions in weights(spec):
        forward, *backward = directions
        layer = [_read(x, forward, spec.cell)]
        if backward:
            layer.append(_flipped(_read(x[:, ::-1], backward[0], spec.cell)))
        layers.append(tuple(layer))
        x = merged([trace.h for trace in layer], spec.merge_mode)  # the next layer reads this
    return tuple(layers)


def _flipped(trace):
    """Return a Trace with its timesteps the other way round."""
    return Trace(trace.h[:, ::-1], None if trace.c is None else trace.c[:, ::-1])


def merged(both: Sequence[np.ndarray], merge_mode: str | None):
    """Return what becomes of the outputs of one or two directions; of two unmerged, a tuple."""
    if len(both) == 1:
        return both[0]
    forward, backward = both
    return {
        "concat": lambda: np.concat(both, axis=-1),
        "sum": lambda: forward + backward,
        "mul": lambda: forward * backward,
        "ave": lambda: (forward + backward) / 2,
        None: lambda: tuple(both),
    }[merge_mode]()


def _read(x, part, cell):
    """Return the Trace of one layer with its Weights on (batch, timesteps, inputs)."""
    step = {"lstm": _lstm, "gru": _gru, "rnn": _rnn}[cell]
    h, c = np.zeros((len(x), len(part.recurrent))), np.zeros((len(x), part.kernel.shape[-1]))
    every_h, every_c = [], []
    for now in x.swapaxes(0, 1):
        given = np.einsum("bi,igu->gbu", now, part.kernel) + part.bias[:, None]
        remembered = np.einsum("bh,hgu->gbu", h, part.recurrent)
        h, c = step(given, remembered, h, c)
        if part.projection is not None:
            h = h @ part.projection
        every_h.append(h)
        every_c.append(c)
    every_c = np.stack(every_c, axis=1) if cell == "lstm" else None
    return Trace(np.stack(every_h, axis=1), every_c)


def _lstm(given, remembered, h, c):
    """Return the next h and c of an LSTM.

    i, f, o = σ(x·W + h·U + b), g = tanh(x·W + h·U + b); c = f·c + i·g; h = o·tanh(c): Hochreiter
    and Schmidhuber (1997) with the forget gate of Gers, Schmidhuber and Cummins (2000), as in the
    documentation of torch.nn.LSTM.
    """
    i, f, g, o = given + remembered
    c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
    return _sigmoid(o) * np.tanh(c), c


def _gru(given, remembered, h, c):
    """Return the next h of a GRU; c is handed through.

    z, r = σ(x·W + h·U + b); n = tanh(x·W + b + r·(h·U)); h = z·h + (1 − z)·n: the form of
    torch.nn.GRU and of Keras' reset_after=True. In Cho et al. (2014), r multiplies h before U does.
    """
    z, r = _sigmoid(given[:2] + remembered[:2])
    n = np.tanh(given[2] + r * remembered[2])
    return z * h + (1 - z) * n, c


def _rnn(given, remembered, h, c):
    """Return the next h of a simple RNN (Elman, 1990): tanh(x·W + h·U + b); c is handed through."""
    return np.tanh(given[0] + remembered[0]), c


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))
