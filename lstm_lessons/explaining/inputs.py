"""What a network is called with: of a loader or a dataset, its first batch."""

from collections.abc import Callable
from inspect import Parameter, signature
from typing import Any

from .keeping import kept

LOADERS = {"torch": "DataLoader", "tensorflow": "DatasetV2", "keras": "PyDataset"}


def taken(inputs: tuple, named: dict[str, Any], call: Callable) -> tuple[tuple, dict, list[str]]:
    """Return the inputs of a call, those by keyword, and notes: of a loader, its first batch.

    A loader gives later what it would have given without.

    call: what the inputs are for; of a batch of several parts it gets as many as it must have.
    Raises ValueError, in one line, for an iterator, which can be read only once.
    """
    for value in inputs:
        if hasattr(value, "__next__"):
            raise ValueError(
                f"inputs must be a batch, got a {type(value).__name__}, which can be read only "
                "once; try explain(network, next(batches))"
            )
    if len(inputs) != 1 or not _is_loader(inputs[0]):
        return inputs, named, []
    loader = inputs[0]
    with kept([getattr(loader, "generator", None)]):
        batch = next(iter(loader)) if hasattr(loader, "__iter__") else loader[0]
    inputs, more, which = _parts(batch, signature(call).parameters.values())
    of = f"Of the `{type(loader).__name__}` the first batch was taken"
    return inputs, more | named, [f"{of}{which}."]


def _is_loader(value):
    """Return whether a value gives batches, and the same again if it is asked again."""
    kinds = [(kind.__module__.split(".")[0], kind.__name__) for kind in type(value).__mro__]
    return any(LOADERS.get(home) == name for home, name in kinds)


def _parts(batch, parameters):
    """Return what of a batch goes in, what does by keyword, and what that is, in words."""
    if isinstance(batch, dict):
        names = [one.name for one in parameters if one.name in batch]
        by_name = {name: batch[name] for name in names}
        which = f", and of its {len(batch)} parts {', '.join(names)}"
        return (() if names else (batch,)), by_name, which if names else ""
    if not isinstance(batch, (list, tuple)):
        return (batch,), {}, ""
    must = [one for one in parameters if one.default is Parameter.empty]
    number = max(1, sum(one.kind is Parameter.POSITIONAL_OR_KEYWORD for one in must))
    if number >= len(batch):
        return tuple(batch), {}, ""
    first = "the first" if number == 1 else f"the first {number}"
    return tuple(batch[:number]), {}, f", and of its {len(batch)} parts {first}"
