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
