"""How people write shapes: a strategy, for the tests of reading and of judging."""

from hypothesis import strategies as st

from lstm_lessons.asking.grammar import AXES

JOINTS = (", ", ",", " ", "; ", " and ", ", and ", "\n")


def plain(size):
    """Return whether a size is a number or a word, and no product."""
    return not isinstance(size, str) or "·" not in size


@st.composite
def one(draw, shape, quiet=False):
    """Write a shape down, in one of the ways that read() knows.

    quiet: whether only in ways that stay apart from a neighbour without a sign between them.
    """
    words = [draw(word(size)) for size in shape]
    ways = [
        "({})",
        "[{}]",
        "({},)",
        "torch.Size([{}])",
        "shape ({})",
        "states = [{}]",
        "state: ({})",
    ]
    way, comma = draw(st.sampled_from(ways)), draw(st.sampled_from([", ", ",", " , "]))
    if len(shape) == 1 or draw(st.booleans()):
        if draw(st.booleans()) and all(map(plain, shape)):
            words = [f"'{one}'" if one[0] not in "-?N" else one for one in words]
        return way.format(comma.join(words))
    run = draw(st.sampled_from([" x ", "x", " × ", "×", " by "]))
    if all(isinstance(size, int) for size in shape) and not quiet and draw(st.booleans()):
        run = " "
    return run.join(words)


@st.composite
def word(draw, size):
    """Write a size down: a number, None, a name in one of its words, or a product."""
    if size is None:
        return draw(st.sampled_from(["None", "?", "-1"]))
    if isinstance(size, int):
        return str(size)
    times = draw(st.sampled_from(["·", " · "]))
    return times.join(
        part if part.isdigit() else draw(st.sampled_from(AXES[part])) for part in size.split("·")
    )


@st.composite
def several(draw, shapes):
    """Write several shapes down, each in its way."""
    joint = draw(st.sampled_from(JOINTS))
    quiet = not joint.strip()
    typed = joint.join(draw(one(shape, quiet)) for shape in shapes)
    return f"({typed})" if draw(st.booleans()) and len(shapes) > 1 else typed


NAMES = [*AXES, "directions·units", "layers·directions", "2·units"]
SIZES = st.one_of(st.integers(0, 999), st.none(), st.sampled_from(NAMES))


@st.composite
def answers(draw):
    """Return shapes, and the same written down."""
    shapes = draw(st.lists(st.lists(SIZES, min_size=1, max_size=4), min_size=1, max_size=5))
    return tuple(map(tuple, shapes)), draw(several(shapes))
