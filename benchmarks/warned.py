"""What explain warns of, in networks that are wrong and right: what rules know, what tries find.

Writes benchmarks/WARNINGS.md. Nothing in it depends on the machine.
"""

import sys
from pathlib import Path

from lstm_lessons.explaining.explanation import explain

HERE = Path(__file__).parent
HEAD = """# What explain warns of

Written by `python benchmarks/warned.py`, of the networks in `tests/test_tries.py` and, step by
step, in `tests/test_forgotten.py`. A rule knows the cause, and says what to write. A try knows
none: it changes a sequence, a timestep or the padding, runs the network again and sees what moves.
The names of Keras' networks begin with `k_`.

| network | by rule | by try |
| --- | --- | --- |
"""


def rows():
    """Yield a network's name, the kinds of warnings of rules, and those of tries that failed."""
    sys.path.append(str(HERE.parent / "tests"))
    from test_forgotten import RIGHT, WRONG
    from test_tries import FOUND, SILENT

    wrong = [(f"wrong: {name}", make, (x,)) for name, (_, make, x) in FOUND.items()]
    right = [(f"right: {name}", make, inputs) for name, (make, inputs, _) in SILENT.items()]
    step = ": step by step, "
    wrong += [(f"wrong{step}{name}", make, inputs) for name, (make, inputs, _) in WRONG.items()]
    right += [(f"right{step}{name}", make, inputs) for name, (make, inputs) in RIGHT.items()]
    for name, make, inputs in (*wrong, *right):
        found = explain(make(), *inputs)
        plain = explain(make(), *inputs, tried=False)
        failed = [one.warned.kind for one in found.tried.tries if one.holds is False]
        yield name, [one.kind for one in plain.warnings], failed


def table():
    """Return the table as Markdown."""
    lines = [
        f"| {name} | {', '.join(by_rule) or '–'} | {', '.join(by_try) or '–'} |"
        for name, by_rule, by_try in rows()
    ]
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    (HERE / "WARNINGS.md").write_text(table())
