"""What the numbers of a recurrent layer must show: each timestep is read, in order, and kept."""

from ..late import np
from .results import arrays, close
from .verdict import ORDINALS


def changed(x):
    """Return the batch with its first timestep changed, with its last, and with those between in
    reversed order.
    """
    first, last, order = x.copy(), x.copy(), x.copy()
    first[:, 0] += 1
    last[:, -1] += 1
    order[:, 1:-1] = x[:, -2:0:-1]
    return first, last, order


def amiss(value, moved, spec):
    """Return what is wrong with numbers of the right shape, "" if nothing is to be seen.

    moved: what came of each batch that `changed` returns.
    """
    output, *states = arrays(value)
    if spec.return_sequences and spec.timesteps > 1 and close(output[:, 0], output[:, -1]):
        return "each timestep has the same result. Does the layer return every h?"
    if unread := _unread(value, moved, spec):
        return unread
    early = arrays(moved[1])[0][:, :-1]
    if spec.return_sequences and not spec.bidirectional and not close(output[:, :-1], early):
        return "earlier results move with the last timestep. Does each know those before it alone?"
    if states and not close(states[0], _last(output)):
        return "the second tensor is not the last h. Which of the states comes first?"
    if states and close(*states):
        return "the third tensor is h once more. Where is c?"
    return ""


def _unread(value, moved, spec):
    """Return which change of the timesteps leaves a tensor as it was, or ""."""
    kinds = ("first timestep", "last timestep", "order of the timesteps between")
    for which, other in zip(kinds[: 2 + (spec.timesteps > 3)], moved, strict=False):
        for place, pair in enumerate(zip(arrays(value), arrays(other), strict=True)):
            if np.allclose(*map(_last, pair), rtol=0, atol=1e-6 if "order" in which else 1e-9):
                of = f"{ORDINALS[place]} tensor" if place else "last result"
                return f"the {which} makes no difference to the {of}. Is it read?"
    return ""


def unlike(value, other, spec):
    """Return in which tensor a value differs from what a recurrent layer returned, or ""."""
    output, *states = arrays(other)
    output = output if spec.return_sequences else _last(output)
    states = [state[-1] if state.ndim == 3 else state for state in states]
    for place, (ours, theirs) in enumerate(zip(arrays(value), (output, *states), strict=False)):
        if not close(ours, theirs):
            return f"the numbers of the {ORDINALS[place]} tensor are not those of the given layer."
    return ""


def _last(output):
    """Return the last timestep of an output, (batch, units)."""
    return output[:, -1] if output.ndim == 3 else output
