"""A right shape with a wrong meaning, as a record, and what the rules that find one share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .calls import Call
from .uses import Use


@dataclass(frozen=True)
class Warned:
    """A right shape with a wrong meaning.

    kind: the word for it.
    tell: makes sentences of it: a function of the Warned to (what was seen, why it matters).
    layers: the paths of the layers that it is about.
    uses: the uses that go wrong.
    facts: what else the sentences are made of, by name.
    instead: the line to write, or "" where none is known to be right.
    """

    kind: str
    tell: Callable[["Warned"], tuple[str, str]] = field(repr=False, compare=False)
    layers: tuple[str, ...] = ()
    uses: tuple[Use, ...] = ()
    facts: Mapping[str, object] = field(hash=False, default_factory=dict)
    instead: str = ""

    @property
    def seen(self) -> str:
        """Return what was seen, in words."""
        return self.tell(self)[0]

    @property
    def why(self) -> str:
        """Return why it matters, in words."""
        return self.tell(self)[1]

    @property
    def words(self) -> str:
        """Return it as sentences."""
        instead = f" Write instead: `{self.instead}`" if self.instead else ""
        return f"Warning: {self.seen} {self.why}{instead}"


def used(warned: Warned, more: str = "") -> str:
    """Return who uses what, in words: "`fc` (`Linear`) uses `output[:, -1]` of `gru`."."""
    names = list(dict.fromkeys(use.by for use in warned.uses))
    verb = "use" if len(names) > 1 else "uses"
    return (
        f"{' and '.join(names)} {verb} `{warned.uses[0].expression}` of `{warned.layers[0]}`{more}."
    )


def time_first(call: Call) -> bool:
    """Return whether a layer takes the first axis for timesteps, for want of batch_first=True."""
    spec = call.spec
    return call.flags.get("batch_first") is False and spec is not None and not spec.unbatched


def with_batch_first(call: Call) -> str:
    """Return the line that makes a layer take the first axis for the batch."""
    return f"{call.path} = nn.{call.kind}(…, batch_first=True)"
