"""The real PyTorch layers."""

import warnings
from contextlib import contextmanager

import torch

from ..late import np
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
    with torch.inference_mode(), one_thread():
        return mapped(_array, network(*mapped(_tensor, inputs)))


@contextmanager
def one_thread():
    """Have PyTorch use one thread: layers of a lesson's sizes are too small to share.

    With more, a call waits for the busiest core: where a browser draws, for a fifth of a second.
    """
    number = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(number)


def _tensor(value):
    return torch.tensor(value) if isinstance(value, np.ndarray) else value


def _array(value):
    return value.numpy() if isinstance(value, torch.Tensor) else value
