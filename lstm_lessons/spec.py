"""Which layer is run on which batch: the fact that everything else is computed from."""

from dataclasses import dataclass

CELLS = ("lstm",)
SIZES = ("batch", "timesteps", "features", "units")
FLAGS = ("return_sequences", "return_state")


@dataclass(frozen=True)
class Spec:
    """One recurrent layer and the batch that it reads.

    The default sizes differ from each other and from 1, 2 and 4 (layers, directions and pairs have
    those), so that no axis can be mistaken for another.

    cell: "lstm".
    batch, timesteps, features: the sizes of the input, (batch, timesteps, features).
    units: the length of h and of c.
    return_sequences: whether Keras returns h after every timestep or only after the last.
    return_state: whether Keras also returns the last h and the last c.

    Raises ValueError, in one line, for a size that is not a whole number from 1, a flag that is
    not a truth value, or a cell that is not known.
    """

    cell: str = "lstm"
    batch: int = 3
    timesteps: int = 5
    features: int = 6
    units: int = 7
    return_sequences: bool = False
    return_state: bool = False

    def __post_init__(self):
        if self.cell not in CELLS:
            raise ValueError(f"cell must be {one_of(CELLS)}, got {self.cell!r}; try cell='lstm'")
        for name in SIZES:
            size = getattr(self, name)
            if type(size) is not int or size < 1:
                default = type(self).__dataclass_fields__[name].default
                raise ValueError(
                    f"{name} must be a whole number from 1, got {size!r}; try {name}={default}"
                )
        for name in FLAGS:
            flag = getattr(self, name)
            if type(flag) is not bool:
                raise ValueError(f"{name} must be True or False, got {flag!r}; try {name}=True")


def one_of(names):
    """Return the names as a reader wants them in an error: 'a', 'b' or 'c'."""
    *most, last = map(repr, names)
    return f"{', '.join(most)} or {last}" if most else last
