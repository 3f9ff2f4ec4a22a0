"""How the answers that people type are read: whole, by a grammar, or not at all."""

import builtins
import re
import reprlib
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from math import prod

ERROR = "error"  # the answer "this raises"
EXAMPLE = "(10, 20) or (10, 20), (10, 40)"
LONGEST = 300  # characters of an answer in shapes
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
TENSORS = ("output", "h_n", "c_n", "h", "c")
SPELT = {"out": "output", "outputs": "output", "hn": "h_n", "cn": "c_n"}
LABELS = (*TENSORS, "state", "states", "shape", "torch.size", "tensorshape", "tf.tensorshape")
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


def is_blank(answer):
    """Return whether nothing was answered: an empty text, "...", "I don't know"."""
    if issubclass(type(answer), str):
        words = str.strip(answer, " .!").lower()
        return not words or bool(
            re.fullmatch(r"\?+|idk|dunno|no idea|i (don.?t|do not) know", words)
        )
    return answer is None or answer is ...


def read(answer):
    """Return an answer as a tuple of shapes, a truth value or "error".

    A size is a whole number, None (the batch axis, as Keras prints it), the name of an axis or a
    product of names and at most one number, "2·units". Nested shapes are flattened: how a framework
    nests its tensors may be written or left out. What was typed is read whole, by the grammar of
    `_Reader`, or not at all.

    answer: what a learner typed, such as "(3, 7)", "3x7", "(None, 7)", "batch, units" or
        "error"; or the thing itself: a tuple of sizes, nested tuples of them, a truth value.
    Raises ValueError, in one line with an example, for what can't be read, whatever it is.
    """
    try:
        return _read_text(answer) if issubclass(type(answer), str) else _read_value(answer)
    except Exception:  # an answer may be any object, also one that fails when it is looked at
        raise _unreadable(answer) from None


def _read_value(answer):
    if type(answer) is bool:
        return answer
    if type(answer) is int:
        answer = (answer,)
    if not isinstance(answer, (tuple, list)):
        raise SyntaxError
    return _bounded(_shapes(answer))


def _shapes(value, depth=1):
    """Yield the shapes in nested sequences of sizes, depth first: a list may contain itself."""
    items = _bounded(value)
    if depth > DEEPEST:
        raise SyntaxError
    nested = [isinstance(item, (tuple, list)) for item in items]
    if not any(nested):
        yield Shape(map(_size, items))
    elif all(nested):
        for item in items:
            yield from _shapes(item, depth + 1)
    else:
        raise SyntaxError


def _size(item):
    """Return a size: a whole number, None for -1 or None, an axis' name or a product."""
    if item is None or (type(item) is int and item == -1):
        return None
    if isinstance(item, str):
        return _size_in_words(item)
    if type(item) is int:
        return _product([item])
    raise SyntaxError


@lru_cache(1000)
def _size_in_words(words):
    reader = _Reader(words.lower())
    size = reader.product()
    reader.take("end")
    return size


def _product(factors):
    """Return numbers and names of axes as one size: a number, "units" or "2·units"."""
    number = prod(one for one in factors if isinstance(one, int))
    names = [one for one in factors if isinstance(one, str)]
    if number < 0 or number.bit_length() > 63:
        raise SyntaxError
    if not names:
        return number
    return "·".join(names if number == 1 else [str(number), *names])


def _bounded(items):
    """Return the items as a tuple, unless they are too many to be an answer."""
    items = tuple(islice(items, MOST + 1))
    if len(items) > MOST:
        raise SyntaxError
    return items


def _read_text(answer):
    words = str.strip(answer).lower().rstrip(".!")
    if re.fullmatch(r"([\"'`])[^\"'`]*\1", words):
        words = words[1:-1].strip()
    if words in ("true", "yes", "false", "no"):
        return words in ("true", "yes")
    if _SAYS_ERROR.fullmatch(words):
        return ERROR
    if len(words) > LONGEST:
        raise SyntaxError
    reader = _Reader(_SAYS_SHAPE.sub("", words))
    shapes = reader.shapes()
    reader.take("end")
    return _bounded(shapes)


# "error", and what is said with it: no word stands here that could take it back. A reason may be a
# clash of sizes, in words that are known here. What Python prints behind an exception's name is
# known by a phrase of theirs, and says nothing of raising or running.
_RAISED = "|".join(
    [name.lower() for name in dir(builtins) if name.endswith(("Error", "Exception"))]
    + ["invalidargumenterror", "outofmemoryerror", "shapeerror", "dimensionerror", "sizeerror"]
)
_THING = r"""(?:the|an?|of|and|its|two|both|with|to|number|x|h|c|h_n|c_n|shapes?|sizes?|dimensions?
    |dims?|ax[ie]s|batch(?:es)?|units|features|timesteps|layers?|directions|states?|inputs?
    |outputs?|tensors?|vectors?|encoder|decoder|first|second|last)(?:'s)?"""
_CLASH = r"""(?: differs? | clash(?:es)? | mismatch(?:es)? | (?:is|are)\s+(?:wrong|different)
    | (?:do|does|can|could)(?:n't|\s*not)\s+(?:match|fit|agree)
    | (?:is|are)(?:n't|\s+not)\s+(?:equal|(?:the\s+)?same)
    | ha(?:s|ve)\s+(?:the|an?)\s+(?:wrong|different|other) | !=
    | expects? | needs? | wants? ) \b"""
_REASON = rf"""(?: (?:(?:{_THING}|[0-9]+)\s+)+ (?:{_CLASH}|!=) (?:\s+(?:{_THING}|[0-9]+))*
    | (?:{_THING}\s+)* (?:mismatch|clash) | (?:wrong|different)(?:\s+{_THING})+ )"""
_PRINTED = r"""(?! .*\b(?:rais\w*|thrown?|happens?|occurs?|works?|runs?|fails?|none|nothing
    |no(?!\sattr)|never|without|false|nope|would\w*|won't|isn't|doesn't|don't|doubt|think)\b )
    (?=.*(?: expected\b.+\b(?:got|found|to|but) | expected\s\S+\s(?:channels|dim) | \bexpects\s
    | should\s(?:also\s)?be\b.+\bgot\b | must\s(?:be\sequal|match|have)\b | \bincompatible\b
    | could\snot\sbe\sbroadcast | cannot\sbe\smultiplied | not\senough\svalues | too\smany\s
    | object\s(?:is\snot|has\sno)\s | out\sof\s(?:range|bounds) ))"""
_SAYS_ERROR = re.compile(
    rf"""
    (?: i\s+(?:think|guess|believe|expect)\s+(?:that\s+)? | probably\s+ )?
    (?: (?:it|this|that|you|we|python|keras|pytorch|the\s+(?:call|code|layer|model|line|loss))\s+ )?
    (?: (?:will|would|must|should)\s+ )?
    (?:
        (?: (?:raise|throw|give|cause|return|get|(?:fail|crash|end)(?:e?s)?\s+(?:with|in))s?\s+
          | (?:there\s+)?(?:is|will\s+be|would\s+be|be)\s+ )?
        (?: an?\s+ | some\s+ )?
        (?: (?:value|runtime|type|index|shape|size|dimension|mismatch|python|keras)\s+ )*
        (?: errors?(?:\s+out)? | exceptions? | (?P<named>(?:\w+\.)*(?:{_RAISED})) )
        (?: \s+(?:is|will\s+be|would\s+be)\s+(?:raised|thrown) )?
      | raises? | throws? | fails? | crash(?:es)? | breaks?
    )
    (?: (?: ,?\s+(?:because|since)\s+ | \s*[:,-]\s* ) {_REASON}
      | \s*\( {_REASON} \)
      | (?(named) :\s*{_PRINTED} .* | (?!) ) )?
    \s*[!?]?
    """,
    re.VERBOSE | re.DOTALL,
)

_SAYS_SHAPE = re.compile(
    r"(?:it\s+(?:returns|is)|a\s+tensor\s+of\s+shape|the\s+shape\s+is)(?=\s*[(\[])"
)

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
        return _product([int(self.take("number"))])

    def product(self):
        factors = [self.factor()]
        while self.skip("·") or (self.next() == "*" and self.multiplies(factors[-1])):
            self.skip("*")
            factors.append(self.factor())
        return _product(factors)

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
    signs: set = frozenset()
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
        return _product([int(one) if one.isdecimal() else one for one in factors])


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


def shown(value):
    """Return any object in a few words, on one line, even one that fails when it is looked at."""
    try:
        return " ".join(reprlib.repr(value).split())[:60]
    except Exception:
        return f"a {type(value).__name__}"


def _unreadable(answer):
    says = type(answer) is str and re.search("error|exception|rais|fail", answer.lower())
    wanted, example = ("shapes or the word error", ERROR) if says else ("shapes", EXAMPLE)
    got = answer[:60] if type(answer) is str else shown(answer)
    return ValueError(f"An answer must be {wanted}, got {got!r}; try {example}")
