"""States that hang on the graph of the batch before: which names of the learner's keep them."""

import ast

from .tracebacks import frames, function, home, of_torch, value

USUAL = (
    "h, c = h.detach(), c.detach()  # if an LSTM's states are kept from batch to batch\n"
    "h = h.detach()  # if a GRU's state is kept"
)
KEPT = "  # if kept from batch to batch: behind backward, before the next batch"


def detached(error: BaseException) -> str:
    """Return the lines that cut kept states off their graph, in the learner's names where some name
    is handed to a call and made anew by it, and has a graph now; else in usual ones.
    """
    own = [one for one, _, framework in frames(error) if not framework]
    found: dict[tuple[int, ...], str] = {}  # the same state may have a name in several frames
    for line, held in (one for frame in own for one in [*_assigned(frame), *_held(frame)]):
        found.setdefault(tuple(map(id, held)), line + KEPT)
    return "\n".join(found.values()) or USUAL


def _assigned(frame):
    """Give (line, what it cuts off) of what each turn of a loop hands on and assigns anew."""
    tree = function(frame) or ast.Module([], [])
    for loop in (one for one in ast.walk(tree) if isinstance(one, (ast.For, ast.While))):
        seen = set()
        assigned = [one for one in ast.walk(loop) if isinstance(one, ast.Assign)]
        for one in sorted(assigned, key=lambda one: one.lineno):
            given = {ast.unparse(node) for node in ast.walk(one.value)} - seen
            for target in one.targets:
                yield from _kept(target, given, frame)
                seen |= {ast.unparse(node) for node in ast.walk(target)}


def _kept(target, given, frame):
    """Give (line, what it cuts off) of those parts of a target that were given and have a graph."""
    parts = getattr(target, "elts", [target])
    names, values = [*map(ast.unparse, parts)], [value(one, frame) for one in parts]
    if {*names} <= given and all(map(_hangs, values)):
        yield _line(names, values), values
    elif hasattr(target, "elts"):
        for part in parts:
            yield from _kept(part, given, frame)


def _held(frame):
    """Give (line, what it cuts off) of what a network among the variables holds as an attribute."""
    for name, network in frame.f_locals.items():
        if of_torch(network, "Module") and name != "self":
            for attribute, held in vars(network).items():
                if _hangs(held):
                    yield _line([f"{name}.{attribute}"], [held]), [held]


def _line(names, values):
    if len(names) > 1:
        return f"{', '.join(names)} = {', '.join(f'{one}.detach()' for one in names)}"
    several = isinstance(values[0], tuple)
    made = f"tuple(one.detach() for one in {names[0]})" if several else f"{names[0]}.detach()"
    return f"{names[0]} = {made}"


def _hangs(held):
    """Return whether a value is a tensor with a graph, or a tuple of some."""
    parts = held if isinstance(held, tuple) else [held]
    return bool(parts) and all(
        home(type(one)) == "torch" and getattr(one, "grad_fn", None) is not None for one in parts
    )
