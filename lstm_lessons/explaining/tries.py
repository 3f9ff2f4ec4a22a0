"""What was tried on a network, as data: one thing changed, what moved, and whether that must be.

Where it is not known which axis is whose, it is said what was seen, and not that it is wrong.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from ..spec import many
from .calls import Call, listed
from .warned import Warned

KINDS = ("sequence", "timestep", "padding", "call", "nothing")  # as they are told
ROWS = 6  # so many rows are named
MEANT = (
    "What is returned for a sequence depends on who else is in its batch: an error that no shape "
    "shows, unless it is meant."
)
COUNTED = (
    "Something counts the padding all the same: a softmax, a mean or a layer over all timesteps, "
    "without the lengths or a mask."
)
UNPACKED = ("unpacked_first", "unpacked_last", "unpacked_order")
# By the kind of a try that failed: the rules' warnings that know its cause.
CAUSES: dict[str, set[str]] = {
    "leaks": {"mixed", "batch_first", "one_sequence", *UNPACKED},
    "unreached": {"mixed", "batch_first", "one_sequence", *UNPACKED},
    "half_blind": {"last_of_both"},
    "reads_padding": {"padded", "last_of_both"},
    "remembers": {"kept_graph"},
    "unsorted": set(),
}


@dataclass(frozen=True)
class Try:
    """One thing that was changed, and what of the result moved.

    kind: what was changed: "sequence", "timestep", "padding"; "call", what was called before;
        "nothing", where the result moves by itself.
    tell: makes words of it: a function of the Try.
    facts: what they are made of, by name.
    holds: whether it is as it must be; None where nothing must be.
    warned: what is warned of where it does not hold, or None.
    """

    kind: str
    tell: Callable[["Try"], str] = field(repr=False, compare=False)
    facts: Mapping[str, Any] = field(hash=False, default_factory=dict)
    holds: bool | None = True
    warned: Warned | None = None

    @property
    def words(self) -> str:
        """Return what was changed and what moved, in words: "changing timestep 0 changes it"."""
        return self.tell(self)


@dataclass(frozen=True)
class Tried:
    """What further passes showed.

    calls: the Calls, with the names of axes that other sizes showed.
    axes: of each tensor of the result, the names of its axes; "" for one that is not known.
    tries: a Try for each change of which something can be said, in the order of KINDS.
    passes: how many further passes there were. why_not: why there was none, as a sentence.
    """

    calls: tuple[Call, ...] = ()
    axes: tuple[tuple[str, ...], ...] = ()
    tries: tuple[Try, ...] = ()
    passes: int = 0
    why_not: str = ""

    @property
    def warned(self) -> tuple[Warned, ...]:
        """Return the Warned of each Try that does not hold."""
        return tuple(one.warned for one in self.tries if one.warned)

    @property
    def words(self) -> str:
        """Return what was tried and what it cost, as sentences; "" where there is nothing."""
        said = [one.words for one in self.tries if one.holds is not False]
        cost = f"It took {self.passes} further pass{'es' * (self.passes > 1)}."
        return f"Tried: {'; '.join(said)}. {cost}" if said else self.why_not


def joined(rules: Sequence[Warned], found: Sequence[Warned]) -> tuple[Warned, ...]:
    """Return the Warned of rules and of tries; of one cause the rule's alone, with the numbers."""
    together = [*rules]
    for one in found:
        kinds = CAUSES[one.kind]
        places = [at for at, rule in enumerate(rules) if rule.kind in kinds]
        if not places:
            together.append(one)
        for at in places[:1]:
            tell = partial(_tell_both, together[at].tell, one)
            together[at] = replace(together[at], tell=tell)
    return tuple(together)


def _tell_both(tell, by_try, warned):
    (seen, why), found = tell(warned), by_try.seen
    return seen, f"{why} Tried: {found[0].lower()}{found[1:]}"


def span(name: str, places: Sequence[int], at: str = "") -> str:
    """Return places by their name: "timestep 0", "timesteps 0 to 3"; at: how one indexes them."""
    first, last = places[0], places[-1]
    many = f"{name}s {first} to {last}" if last > first else f"{name} {first}"
    return f"{many} (`{at}` of the input)" if at else many


def rows_in_words(rows: Sequence[int], of: int) -> str:
    """Return which rows of so many: "results 0 and 2", "all 5 results", "40 of 64 results"."""
    if len(rows) == of > 1:
        return "both results" if of == 2 else f"all {many(of, 'result')}"
    if len(rows) > ROWS:
        return f"{len(rows)} of {many(of, 'result')}"
    return f"{'result' if len(rows) == 1 else 'results'} {listed(map(str, rows))}"


def failed(kind: str, warned: Warned) -> Try:
    """Return the Try that does not hold, of what is warned of."""
    return Try(kind, tell_failed, warned.facts, False, warned)


# What a Try says.


def tell_failed(one: Try) -> str:
    return one.warned.seen if one.warned else ""


def tell_random(one: Try) -> str:
    return (
        "run again on the same batch, with all put back, the network returns something else, "
        f"{up_to(one)}: what a change moves cannot be told"
    )


def tell_alone(one: Try) -> str:
    facts = one.facts
    if not facts:
        return "a second sequence in the batch does not change the result of the first"
    own = "its own results" if facts["several"] else f"result {facts['place']}"
    if facts["rows"] > 1:
        own = f"its own {many(facts['rows'], 'row')}"
    besides = ", and what has no axis of the sequences" * facts["of_all"]
    return f"changing {facts['what']} changes {own} alone{besides}"


def tell_elsewhere(one: Try) -> str:
    facts = one.facts
    return f"changing {facts['what']} changes {facts['rows']} alone, in the order {facts['order']}"


def tell_no_axis(one: Try) -> str:
    what, last = one.facts["what"], one.facts["last"]
    if not one.facts["moves"]:
        nor = f"nor does changing {last}"
        return f"changing {what} changes nothing of the result, {nor}{_too_little(one)}"
    return f"changing {what} changes the result, as {last} does: no axis of it is the sequences'"


def tell_timestep(one: Try) -> str:
    rows = one.facts["rows"] or f"nothing of the result{_too_little(one)}"
    return f"changing {one.facts['what']} changes {rows}"


def _too_little(one):
    """Return what a change that is not seen may be instead; "" in full precision."""
    return f", or too little for {one.facts['by']} to show" * bool(one.facts["by"])


def tell_padding(one: Try) -> str:
    return f"{added(one)} changes nothing ({one.facts['by']})"


def tell_call(one: Try) -> str:
    if not one.facts:
        return "after another call it returns the same"
    who = [f"`{path}`" for path in one.facts["stateful"]]
    why = f"stateful=True of {listed(who)}" if who else "random numbers, or what it keeps"
    return f"after another call it returns something else, by {why}"


# What is warned of.


def up_to(one: Try | Warned) -> str:
    """Return by how much something moved, in words."""
    return f"by up to {one.facts['most']:.2g}"


def added(one: Try | Warned) -> str:
    """Return in words what was done to padding."""
    steps = one.facts["steps"]
    return f"adding {many(steps, 'timestep')} of padding" if steps else "other numbers as padding"


def tell_leaks(warned: Warned) -> tuple[str, str]:
    facts: Any = warned.facts
    where = ""
    if facts["where"]:
        path, kind, reads = facts["where"]
        mixed = "is mixed already" if reads else "is not mixed yet, what it returns is"
        where = f" What `{path}` (`{kind}`) reads {mixed}."
    others = f"others than its own {up_to(warned)}"
    return f"Changing {facts['what']} changes {facts['rows']}, {others}.{where}", MEANT


def tell_unsorted(warned: Warned) -> tuple[str, str]:
    facts = warned.facts
    return (
        f"Changing {facts['what']} changes {facts['rows']} {up_to(warned)}{facts['of']}, and not "
        f"{facts['own']}.",
        "What is returned stands in another order than the sequences, and the order is not "
        "returned: a target would be compared with the result of another sequence. What was sorted "
        "by `x[order]` comes back in its own order by `y[order.argsort()]`.",
    )


def tell_beside(warned: Warned) -> tuple[str, str]:
    return f"A second sequence changes the result of the first {up_to(warned)}.", MEANT


def tell_pooled(warned: Warned) -> tuple[str, str]:
    facts = warned.facts
    return (
        f"Changing {facts['what']} changes the whole result {up_to(warned)}, and so does changing "
        f"{facts['last']}. The result, {facts['shape']}, has an axis of timesteps, and none of the "
        f"{many(facts['count'], 'sequence')}.",
        "Unless the sequences of a batch are meant to be taken together, two axes are mistaken for "
        "each other.",
    )


def tell_unreached(warned: Warned) -> tuple[str, str]:
    facts = warned.facts
    still, moves = facts["what"], facts["last"]
    if facts["first"]:
        still, moves = moves, still
    return (
        f"Changing {still} changes nothing of {facts['of']}; changing {moves} changes it "
        f"{up_to(warned)}.",
        f"Of the {many(facts['count'], 'sequence')} not all have a part in it.",
    )


def tell_half_blind(warned: Warned) -> tuple[str, str]:
    facts: Any = warned.facts
    return (
        f"Of the {many(facts['of'], 'number')} of a sequence that {facts['by']}, {facts['still']} "
        f"{'does' if facts['still'] == 1 else 'do'} not move when {facts['what']} "
        f"change{'s' * facts['one']}: those of the backward direction of `{warned.layers[0]}`. "
        f"Others move {up_to(warned)}.",
        "At the last timestep the backward direction has read that one alone.",
    )


def tell_reads_padding(warned: Warned) -> tuple[str, str]:
    facts: Any = warned.facts
    what = added(warned)
    by = {
        "a mask": "A mask is given.",
        "packing": "The sequences are packed.",
        "zeros": "Some sequences end in zeros, as padded ones do.",
    }[facts["by"]]
    why = (
        "What is returned for a sequence depends on how long the longest one of its batch is."
        if facts["steps"]
        else "What stands behind the end of a sequence has a part in what is returned for it."
    )
    return (
        f"{by} {what[0].upper()}{what[1:]} changes {facts['rows']} {up_to(warned)}.",
        why if facts["by"] == "zeros" else f"{why} {COUNTED}",
    )


def tell_remembers(warned: Warned) -> tuple[str, str]:
    return (
        "Called with the same batch again, after another one, the network returns something else, "
        f"{up_to(warned)}; with all put back it returns the same.",
        "It keeps something from call to call: unless each batch goes on where the one before "
        "ended, it begins with what other sequences left.",
    )
