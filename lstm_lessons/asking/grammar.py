"""The grammar of shapes as people type them: "(3, 7)", "3x7", "batch, 2*units; h: (3, 7)".

It has more than 300 lines since no part of a grammar can be read without the others.
"""

import re
from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from math import prod

MOST = 100  # shapes in an answer, and sizes in a shape
DEEPEST = 8  # brackets in brackets

# What people call an axis, and the course's word for it.
AXES = {
    "batch": ("batch", "batch_size", "batches", "samples", "sample", "n", "b"),
    "timesteps": ("timesteps", "timestep", "time", "steps", "seq", "seq_len", "sequence", "t", "l"),
    "features": ("features", "feature", "input_size", "f"),
    "units": ("units", "unit", "hidden", "hidden_size", "h", "u"),
    "layers": ("layers", "layer", "num_layers"),
    "directions": ("directions", "direction", "num_directions", "d"),
    "projection": ("projection", "proj_size"),
}
SPELT = {"out": "output", "outputs": "output", "hn": "h_n", "cn": "c_n"}
LABELS = {"output", "h_n", "c_n", "h", "c", "state", "states", "shape", "torch.size"}
LABELS |= {"tensorshape", "tf.tensorshape"}
MULTIPLIED = ("layers", "directions", "units", "projection")  # axes that are laid side by side
_WORDS = {word: axis for axis, words in AXES.items() for word in words}


class Shape(tuple):
    """A shape as it was read: its sizes, and which tensor it was said to be of ("" if none)."""

    label = ""

    def called(self, label):
        """Return the same sizes under a label."""
        named = Shape(self)
        named.label = label
        return named


@lru_cache(1000)
def size_in(words):
    """Return the size that a text says; SyntaxError for any other text."""
    return _whole(words.lower(), _Reader.product)


def shapes_in(words):
    """Return the shapes that a text in small letters says; SyntaxError for any other text."""
    return bounded(_whole(words, _Reader.shapes))


def _whole(words, rule):
    """Return what a rule of the grammar makes of a text, up to its end."""
    reader = _Reader(words)
    found = rule(reader)
    reader.take("end")
    return found


def product(factors):
    """Return numbers and names of axes as one size: a number, "units" or "2·units"."""
    number = prod(one for one in factors if isinstance(one, int))
    names = [one for one in factors if isinstance(one, str)]
    if number < 0 or number.bit_length() > 63:
        raise SyntaxError
    if not names:
        return number
    return "·".join(names if number == 1 else [str(number), *names])


def bounded(items):
    """Return the items as a tuple, unless they are too many to be an answer."""
    items = tuple(islice(items, MOST + 1))
    if len(items) > MOST:
        raise SyntaxError
    return items


# x is no letter here: it stands between sizes, and in no name of an axis.
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<open> none(?![a-wyz_0-9.]) | \? | (?<![a-wyz_0-9)\]])-1(?![a-wyz_0-9.]) )
    | (?P<number> (?<![a-wyz_0-9.])[0-9]+(?![a-wyz_0-9.]) )
    | (?P<word> (?<![0-9])[a-wyz_]+(?:\.[a-wyz_]+)* )
    | (?P<sign> [()\[\],;:=x×*·&'"] )
    )""",
    re.VERBOSE,
)
_SIGNS = {"×": "x", "by": "x", "and": ";", "&": ";"}
_CLOSING = {"(": ")", "[": "]"}
_BEFORE_SIZE = (":", "=", "number", "open")  # what stands behind a name in "units=7", "units 7"


class _Reader:
    """Reads shapes as people type them, by a grammar; what it does not know is a SyntaxError.

    shapes  = [ part { (";" | "and") part } ]
    part    = item { [","] item } [","]            sizes alone are one shape: "3, 7"
    item    = { label [":" | "=" | "=="] } ( group [ times count | "twice" ]
              | count times group | run )
    group   = "(" shapes ")" | "[" shapes "]"
    run     = size { times size } | number { number }               "3x7", "3 5 7"
    size    = [ name [":" | "="] ] ( product | open ) | quoted      "7", "units 7", "None"
    quoted  = "'" product "'" | '"' product '"'
    product = factor { ( "·" | "*" ) factor }                       "2*units"; no name before a name
    times   = "x" | "×" | "by" | "*"
    open    = "None" | "?" | "-1"
    factor  = number | name

    A name is a word of AXES, a label one of LABELS, a count a number from 1 to 9. Items without a
    comma between them are shapes, not sizes. In a run either the first size has a name before it,
    or none has without a sign: "batch x units 3 x 7" are two runs. "*" multiplies MULTIPLIED axes
    with each other and with numbers, and otherwise stands between sizes as "x" does; but a run of
    two among sizes is a product: "(3, 2*7)", "(batch, 2 x units)". "(3*7)" may be meant either way.
    """

    def __init__(self, words):
        self.tokens, place = [], 0
        while place < len(words):
            token = _TOKEN.match(words, place)
            if not token:
                raise SyntaxError
            text = _SIGNS.get(token[0].strip(), token[0].strip())
            sign = token.lastgroup == "sign" or text in _SIGNS.values()
            text = re.sub(r"(?<=[a-z])\.shape$", "", text)
            self.tokens.append((text if sign else token.lastgroup, SPELT.get(text, text)))
            place = token.end()
        self.tokens += [("end", "")] * 3
        self.place = self.depth = 0

    def next(self, ahead=0):
        """Return the kind of the next token; ahead: of a later one."""
        return self.tokens[self.place + ahead][0]

    def take(self, *kinds):
        """Return the text of the next token, which must be of these kinds, and go on behind it."""
        kind, text = self.tokens[self.place]
        if kind not in kinds:
            raise SyntaxError
        self.place += 1
        return text

    def skip(self, *kinds):
        """Go on behind the next token if it is of these kinds; return whether it was."""
        found = self.next() in kinds
        self.place += found
        return found

    def shapes(self):
        """Return the shapes up to a bracket that closes, or to the end."""
        if self.next() in (")", "]"):
            return (Shape(),)
        found = self.part()
        while self.skip(";"):
            found += self.part()
        return found

    def part(self):
        """Return the shapes of items; sizes alone are one shape."""
        items, commas = [self.item()], []
        while True:
            commas.append(self.skip(","))
            if self.next() in (")", "]", ";", "end"):
                return _joined(items, all(commas[:-1]), nested=self.depth > 0)
            items.append(self.item())

    def item(self):
        label = ""
        while self.at_label():
            label = self.take("word")
            self.skip(":", "=")
            self.skip("=")
        item = self.group() if self.next() in _CLOSING else self.run()
        if isinstance(item, _Shapes) and self.tokens[self.place][1] == "twice":
            self.take("word")
            item = item.times(2)
        return item.called(label) if label else item

    def at_label(self):
        """Return whether the next word says whose shape follows; "h" may also be an axis."""
        kind, word = self.tokens[self.place]
        if kind != "word" or word not in LABELS:
            return False
        behind = self.next(2 if self.next(1) in (":", "=") else 1)
        return word not in _WORDS or behind in _CLOSING

    def group(self, counted=False):
        """Return the shapes in brackets, several times if a count follows or has been read."""
        self.depth += 1
        closing = _CLOSING[self.take("(", "[")]
        if self.depth > DEEPEST:
            raise SyntaxError
        shapes = self.shapes()
        self.take(closing)
        self.depth -= 1
        if not counted and self.skip("x", "*"):
            return _Shapes(shapes).times(self.take("number"))
        return _Shapes(shapes)

    def run(self):
        numbers = self.next() == "number"
        if numbers and self.next(1) in ("x", "*") and self.next(2) in _CLOSING:
            count = self.take("number")
            self.take("x", "*")
            return self.group(counted=True).times(count)
        bare = self.next() != "word" or self.next(1) not in _BEFORE_SIZE
        sizes, signs = [self.size()], set()
        if numbers and self.next() == "number":
            while self.next() == "number":
                sizes.append(self.known())
            return _Run(tuple(sizes))
        while self.next() in ("x", "*"):
            signs.add(self.take("x", "*"))
            sizes.append(self.size(bare=bare))
        return _Run(tuple(sizes), signs)

    def size(self, bare=False):
        """Return a size. bare: whether "units 7" is not one size, but a name and what follows."""
        if self.next() in ("'", '"'):
            quote = self.take("'", '"')
            quoted = self.product()
            self.take(quote)
            return quoted
        if self.next() == "word" and self.next(1) in _BEFORE_SIZE[: 2 if bare else 4]:
            self.name()
            self.skip(":", "=")
            if self.next() == "word":
                raise SyntaxError
        return self.known() if self.next() == "open" else self.product()

    def known(self):
        """Return a number or None."""
        if self.skip("open"):
            return None
        return product([int(self.take("number"))])

    def product(self):
        factors = [self.factor()]
        while self.skip("·") or (self.next() == "*" and self.multiplies(factors[-1])):
            self.skip("*")
            factors.append(self.factor())
        return product(factors)

    def multiplies(self, left):
        """Return whether a "*" is a product: "2*units"; "3*7" and "batch*units" are shapes."""
        kind, text = self.tokens[self.place + 1]
        if kind == "number":
            return left in MULTIPLIED
        return (isinstance(left, int) or left in MULTIPLIED) and _WORDS.get(text) in MULTIPLIED

    def factor(self):
        return int(self.take("number")) if self.next() == "number" else self.name()

    def name(self):
        word = self.take("word")
        if word not in _WORDS:
            raise SyntaxError
        return _WORDS[word]


@dataclass(frozen=True)
class _Shapes:
    """Shapes in brackets."""

    shapes: tuple

    def called(self, label):
        if len(self.shapes) > 1:
            return self
        return _Shapes((self.shapes[0].called(label),))

    def times(self, count):
        """Return one shape several times."""
        if len(self.shapes) > 1 or not 1 <= int(count) <= 9:
            raise SyntaxError
        return _Shapes(self.shapes * int(count))


@dataclass(frozen=True)
class _Run:
    """Sizes side by side, and the signs between them; a single size has none."""

    sizes: tuple
    signs: Set[str] = frozenset()
    label: str = ""

    def called(self, label):
        return _Run(self.sizes, self.signs, label)

    @property
    def shapes(self):
        return (Shape(self.sizes).called(self.label),)

    @property
    def size(self):
        """Return these sizes as one size, a product, where they can be one."""
        named = any(isinstance(one, str) for one in self.sizes)
        if len(self.sizes) == 1:
            return self.sizes[0]
        if len(self.sizes) > 2 or None in self.sizes or not (self.signs == {"*"} or named):
            raise SyntaxError
        factors = [one for size in self.sizes for one in str(size).split("·")]
        return product([int(one) if one.isdecimal() else one for one in factors])


def _joined(items, commas, nested):
    """Return the shapes that items are.

    commas: whether there was one between any two. nested: whether they stand in brackets.
    """
    runs = [item for item in items if isinstance(item, _Run)]
    if all(len(run.sizes) > 1 for run in runs):
        if nested and any("*" in run.signs for run in runs):
            raise SyntaxError
        return tuple(shape for item in items for shape in item.shapes)
    if runs != items or not commas or any(item.label for item in items[1:]):
        raise SyntaxError
    return (Shape(item.size for item in items).called(items[0].label),)
