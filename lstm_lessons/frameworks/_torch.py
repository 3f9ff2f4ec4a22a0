"""The real PyTorch layers."""

import warnings

import numpy as np
import torch

from ..nests import mapped
from ..rule import DIALECTS
from ..weights import for_torch

# It says that a projected LSTM runs on another path, which changes no number.
warnings.filterwarnings("ignore", "LSTM with projections is not supported with oneDNN")


def layer(spec):
    """Return the layer of a spec, with the course's weights."""
    recurrent = getattr(torch.nn, DIALECTS["torch"].cells[spec.cell])
    options = {"proj_size": spec.proj_size} if spec.proj_size else {}
    made = recurrent(
        spec.features,
        spec.units,
        num_layers=spec.layers,
        bidirectional=spec.bidirectional,
        batch_first=spec.batch_first,
        **options,
    )
    made.load_state_dict({name: torch.tensor(w) for name, w in for_torch(spec).items()})
    return made


def call(network, *inputs):
    """Return what a network returns for its inputs: an array, or nested tuples of arrays."""
    with torch.inference_mode():
        return mapped(_array, network(*mapped(_tensor, inputs)))


def _tensor(value):
    return torch.tensor(value) if isinstance(value, np.ndarray) else value


def _array(value):
    return value.numpy() if isinstance(value, torch.Tensor) else value
