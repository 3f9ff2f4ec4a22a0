"""What is right: for the judge alone, who hands no line of it to a submission.

A module for each assignment, with a function for each task: it is given the student's paper, what
was made, and the points there are, prints what is wrong, and returns the points for it. `TESTS`
says for each test cell which name of the notebook is judged, and by which function.
"""

import secrets
from dataclasses import replace

from lstm_lessons.frameworks import load
from lstm_lessons.spec import SIZES
from lstm_lessons.weights import inputs


def late(paper):
    """Return a Paper whose draws nobody knows before they are made."""
    return replace(paper, salt=secrets.token_hex(8))


def tries(paper, spec, framework="keras", number=4):
    """Return pairs of a real layer and a batch for it: of the sizes that the student saw, and of
    others, which are drawn late.
    """
    paper, specs = late(paper), [spec]
    for one in range(number - 1):
        drawn = paper.spec("tries", one)
        specs.append(replace(spec, **{name: getattr(drawn, name) for name in SIZES}))
    return tuple((load(framework).layer(one), inputs(one)) for one in specs)


def others(tasks, about, wished):
    """Return the other wishes of the same SALT: a published one is no mistake of a variant."""
    return [one for some in tasks.WISHES[about] if wished in some for one in some if one != wished]
