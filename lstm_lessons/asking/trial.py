"""What a learner made is run: what came, or why that can't be right."""

from ..late import np
from ..nests import leaves
from ..spec import many
from .results import KINDS, NUMBERS, agree, copied, finite, packed, shapes, words
from .verdict import Verdict

STEADY = (
    "It gives other numbers each time, for the same input. Is a layer made anew at every call, is "
    "dropout on, or does it change its input?"
)


class Refuted(Exception):
    """What is wrong with a result, as the Verdict on it. value: what came, in words, "" if seen."""

    def __init__(self, said="", came="", value="", **data):
        super().__init__(said)
        self.value = value
        self.verdict = Verdict("wrong", said, came, **data)


def ran(made, arguments, real, on, runs=2):
    """Return what a function returns in so many runs on the same arguments, which are copies.

    on: what it is called on, in words that "returned …" or "raised …" goes on from.
    """
    results = []

    def padded(value):
        if packed(value):
            raise Refuted(
                f"{on} returned a packed sequence; `pad_packed_sequence` makes a tensor of it.",
                value="a packed sequence",
            )
        return value

    def run(*given):
        for _ in range(runs):
            results.append(copied(real.call(lambda: padded(made(*given)))))
            shapes(results[-1])

    try:
        real.call(run, *copied(arguments))
    except Refuted:
        raise
    except Exception as error:
        raise Refuted(came=_raised(error, on), error=error) from error
    if results[0] is None:
        raise Refuted("It returned None. Is a `return` missing?")
    return results


def _raised(error, on):
    """Return what an exception says, in one paragraph. on: what it was called on."""
    what = words(error, str, 200)
    return f"{on} raised `{type(error).__name__}`{': ' * bool(what)}{what.rstrip('.')}"


def a_tensor(real):
    """Return what a framework calls its arrays."""
    return "a tensor" if hasattr(real, "torch") else "an array or tensor"


def too_many(value):
    """Return what to ask of a plain number of Python that came in place of a tensor, else ""."""
    return " Is there an `.item()` too many?" if type(value) in NUMBERS else ""


def must_be_like(value, right, came, real, same):
    """Raise Refuted for a result of the right shapes that is not of the right one's kind."""
    for leaf, other in zip(leaves(value), leaves(right), strict=True):
        if isinstance(other, np.ndarray) and type(leaf) in NUMBERS:
            raise Refuted(
                f"{came}, a plain number of Python; {a_tensor(real)} is wanted.{too_many(leaf)}"
            )
        wanted = np.asarray(other)
        kinds = {"f": "fiu", "i": "iu", "u": "iu"}.get(wanted.dtype.kind, wanted.dtype.kind)
        must_be_numbers(np.asarray(leaf), kinds, came, same, bounded=finite(wanted).all())


def must_be_numbers(array, kinds, came, same=False, bounded=True):
    """Raise Refuted for an array of another kind than the wanted ones, or with no finite numbers.

    kinds: letters of NumPy's kinds of dtypes; the first one is named.
    """
    if array.dtype.kind not in kinds:
        kind = KINDS.get(array.dtype.kind, f"values of type {array.dtype}")
        wanted = KINDS.get(kinds[0], "others")
        raise Refuted(f"{came}, {kind} in place of {wanted}.", right_shapes=same)
    if bounded and (bad := array.size - finite(array).sum()):
        raise Refuted(
            f"The shapes are right, but {bad} of {many(array.size, 'number')} "
            f"{'is' if bad == 1 else 'are'} NaN or infinite.",
            came,
            right_shapes=same,
        )


def must_be_steady(value, again, came="", same=False):
    """Raise Refuted if two runs gave different results."""
    if not agree(value, again):
        before = "The shapes are right, the values are not. " if same else ""
        raise Refuted(f"{before}{STEADY}", came, right_shapes=same)


def outcome(function, arguments, real):
    """Return (what a function makes of some input, the error it raises): one of the two is None."""
    try:
        return real.call(function, *copied(arguments)), None
    except Exception as error:
        return None, error


def learns(made, arguments, real):
    """Return whether a gradient flows from what a PyTorch function returns to its first input."""
    tensor = real.torch.tensor
    given = [tensor(one) if isinstance(one, np.ndarray) else one for one in arguments]
    try:
        with real.torch.enable_grad():
            value = made(1 * given[0].requires_grad_(), *given[1:])  # no leaf: it may be changed
    except Exception:  # it ran without a gradient
        return False
    return all(getattr(leaf, "requires_grad", False) for leaf in leaves(value))
