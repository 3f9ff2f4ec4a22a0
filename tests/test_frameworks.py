"""The course's own door to the frameworks: what goes in and out, nested as it may be."""

from collections import namedtuple

import numpy as np
import pytest

from lstm_lessons.frameworks import load

Batch = namedtuple("Batch", ["series", "facts"])
X = np.arange(30, dtype="float32").reshape(5, 6)


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (Batch(X, X[:2]), lambda given: given.facts),
        ({"series": X, "facts": X[:2]}, lambda given: given["facts"]),
        ([X, {"facts": (X[:2],)}], lambda given: given[1]["facts"][0]),
    ],
    ids=["named", "dict", "nested"],
)
def test_a_network_is_given_tensors_and_gives_arrays_however_they_are_nested(
    framework, given, taken
):
    real, came = load(framework), []

    def network(batch):
        came.append(taken(batch))
        return {"whole": batch, "doubled": (real.layer, 2 * taken(batch))}

    found = real.call(network, given)
    if framework == "torch":
        assert type(came[0]).__module__ == "torch"
    assert type(found["whole"]) is type(given)
    for value in (taken(found["whole"]), found["doubled"][1] / 2):
        assert type(value) is np.ndarray
        assert value.tolist() == X[:2].tolist()
    assert found["doubled"][0] is real.layer


def test_pytorch_computes_a_lesson_on_one_thread_and_has_its_own_number_after_it():
    """Several wait for the busiest core: where a browser draws, 200 ms instead of 1."""
    import torch

    from lstm_lessons.frameworks import _torch

    before, inside = torch.get_num_threads(), []
    torch.set_num_threads(3)
    try:
        _torch.call(lambda: inside.append(torch.get_num_threads()))
        with pytest.raises(ZeroDivisionError):
            _torch.call(lambda: 1 / 0)
        assert (inside, torch.get_num_threads()) == ([1], 3)
    finally:
        torch.set_num_threads(before)
