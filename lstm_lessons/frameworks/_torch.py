"""The real PyTorch layers."""

import numpy as np
import torch

from ..weights import for_torch


def layer(spec):
    """Return the layer of a spec, with the course's weights."""
    lstm = torch.nn.LSTM(spec.features, spec.units, batch_first=True)
    lstm.load_state_dict({name: torch.tensor(w) for name, w in for_torch(spec).items()})
    return lstm


def call(network, *inputs):
    """Return what a network returns for its inputs: an array, or nested tuples of arrays."""
    with torch.inference_mode():
        return _arrays(network(*map(_tensor, inputs)))


def _tensor(value):
    return torch.tensor(value) if isinstance(value, np.ndarray) else value


def _arrays(value):
    if isinstance(value, (tuple, list)):
        return tuple(map(_arrays, value))
    return value.numpy() if isinstance(value, torch.Tensor) else value
