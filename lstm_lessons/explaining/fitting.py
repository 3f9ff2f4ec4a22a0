"""The lines to write, made those of the failing call: its own names, and what its numbers rule out.

Each function takes the lines of a kind, the groups of the message and the error, and returns the
lines that fit; where the call does not tell, the lines as they were.
"""

import ast
import re

from .tracebacks import value, written


def of_lengths(lines: str, found, error) -> str:
    """Return what mends lengths: those lines whose fault the message names."""
    axes, device, kind = [*(found["got"] or "").split(), "", "", ""][:3]
    faults = {".cpu()": device != "cpu", ".long()": kind != "Long", ".flatten()": axes != "1D"}
    return _kept(lines, lambda line: any(faults[one] for one in faults if one in line))


def of_films(lines: str, found, error) -> str:
    """Return what adds an axis where one is missing, and what takes one where there are more."""
    fewer = int(found["count"]) < int(found["wanted"])
    return _kept(lines, lambda line: fewer == ("None" in line))


def of_cat(lines: str, found, error) -> str:
    """Return the lines with the learner's own names for output and the last h."""
    for node, frame in written(error, ast.List):
        axes = [len(getattr(value(one, frame), "shape", ())) for one in node.elts]
        if len(axes) == 2 and 3 in axes and {*axes} <= {0, 2, 3} and all(map(_is_plain, node.elts)):
            own = {"output": node.elts[axes.index(3)], "h_n[-1]": node.elts[1 - axes.index(3)]}
            return "\n".join(_renamed(line, own) for line in lines.splitlines())
    return lines


def _renamed(line, own):
    """Return a line with other names in its code."""
    code, sign, comment = line.partition("  #")
    names = "|".join(map(re.escape, own))
    return re.sub(names, lambda name: ast.unparse(own[name[0]]), code) + sign + comment


def _kept(lines, fits):
    """Return the lines that fit, or all where none does."""
    return "\n".join(filter(fits, lines.splitlines())) or lines


def _is_plain(node):
    """Return whether to write a node again runs nothing but an index of a name."""
    if isinstance(node, (ast.Attribute, ast.Subscript)):
        return _is_plain(node.value)
    return isinstance(node, ast.Name)
