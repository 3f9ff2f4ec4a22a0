"""How the answers that people type are read: whole, by a grammar, or not at all."""

import builtins
import re

from ..spec import short
from .grammar import DEEPEST, Shape, bounded, product, shapes_in, size_in

ERROR = "error"  # the answer "this raises"
EXAMPLE = "(10, 20) or (10, 20), (10, 40)"
LONGEST = 300  # characters of an answer in shapes


def is_blank(answer):
    """Return whether nothing was answered: an empty text, "...", "I don't know"."""
    if issubclass(type(answer), str):
        words = str.strip(answer, " .…!").lower()
        return not words or bool(
            re.fullmatch(r"\?+|idk|dunno|no idea|i (don.?t|do not) know", words)
        )
    return answer is None or answer is ...


def read(answer):
    """Return an answer as a tuple of shapes, a truth value or "error".

    A size is a whole number, None (the batch axis, as Keras prints it), the name of an axis or a
    product of names and at most one number, "2·units". Nested shapes are flattened: how a framework
    nests its tensors may be written or left out. What was typed is read whole, by the grammar in
    `grammar.py`, or not at all.

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
    return bounded(_shapes(answer))


def _shapes(value, depth=1):
    """Yield the shapes in nested sequences of sizes, depth first: a list may contain itself."""
    items = bounded(value)
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
        return size_in(item)
    if type(item) is int:
        return product([item])
    raise SyntaxError


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
    return shapes_in(_SAYS_SHAPE.sub("", words))


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
    (?=.*(?: expected\b.+\b(?:got|found|to|but) | expected\s\S+\s(?:channels|dim)
    | expected\shidden\[\d\]\ssize | \bexpects\s
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


def _unreadable(answer):
    says = type(answer) is str and re.search("error|exception|rais|fail", answer.lower())
    wanted, example = ("shapes or the word error", ERROR) if says else ("shapes", EXAMPLE)
    got = answer[:60] if type(answer) is str else short(answer)
    return ValueError(f"An answer must be {wanted}, got {got!r}; try {example}")
