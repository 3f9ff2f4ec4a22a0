"""Right shape, wrong meaning: what can be seen of it in the calls of one forward pass."""

from collections.abc import Sequence
from functools import cache, partial
from itertools import chain

from .beginnings import kept_graphs, whole_sequences, wrong_places, wrong_states
from .calls import Call
from .loops import forgotten_states
from .losses import compiled_warning
from .orders import backwards, batch_first
from .padding import given_to, padded, unpacked
from .readings import last_of_both, layers_as_rows, mixed, one_direction, one_sequence, one_unit
from .warned import Warned
from .watching import Pass


def warnings_of(calls: Sequence[Call], seen: Pass) -> list[Warned]:
    """Return the Warned of a pass, each once.

    calls: the Calls. seen: the Pass.
    """
    alone = (last_of_both, mixed, layers_as_rows, one_sequence, one_direction, one_unit)
    between = (
        wrong_states,
        wrong_places,
        whole_sequences,
        kept_graphs,
        forgotten_states,
        backwards,
        unpacked,
    )
    given = cache(partial(given_to, seen))
    found = [rule(call, seen) for rule in alone for call in calls]
    found += [batch_first(calls), *(padded(call, seen, given) for call in calls)]
    found += chain.from_iterable(rule(calls, seen) for rule in between)
    found.append(compiled_warning(seen))
    return list({(one.kind, one.words): one for one in found if one}.values())
