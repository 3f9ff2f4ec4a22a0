"""Write a bank of questions for Moodle, Canvas and a table: python tools/bank.py dist/bank.

Each wrong answer comes from a misconception, and its feedback is what the course says to it.
"""

import csv
import html
import pathlib
import random
import re
import sys
import zipfile
from collections import Counter
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from operator import attrgetter
from xml.etree import ElementTree

from lstm_lessons import Question, Spec, code, diagnose, expected
from lstm_lessons.asked.choices import drawn_sizes
from lstm_lessons.asking.diagnosis import about, as_question
from lstm_lessons.asking.truth import tensors_of
from lstm_lessons.pictures import plain
from lstm_lessons.spec import SIZES

NUMBER, SEED, MOST = 200, 1, 4
COLUMNS = ["id", "framework", "question", "code", "right"]
COLUMNS += [f"{part}{number}" for number in range(1, MOST + 1) for part in ("wrong", "feedback")]
COLUMNS += ["beliefs"]
QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
PACKAGE = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"
RIGHT = "Correct."


@dataclass(frozen=True)
class Choice:
    """An answer to choose; of a wrong one, its feedback and its misconception."""

    text: str
    feedback: str = RIGHT
    belief: str = ""


@dataclass(frozen=True)
class Item:
    """A question with its choices, shuffled; asked is what judges an answer to it."""

    id: str
    framework: str
    text: str
    code: str
    choices: tuple[Choice, ...]
    asked: Question

    @property
    def right(self) -> Choice:
        """Return the right choice."""
        return next(one for one in self.choices if not one.belief)

    @property
    def wrong(self) -> tuple[Choice, ...]:
        """Return the wrong choices."""
        return tuple(one for one in self.choices if one.belief)


@cache
def drawn(number: int = NUMBER, seed: int = SEED) -> tuple[Item, ...]:
    """Return so many items, the same for the same seed; no two ask the same."""
    chance, seen = random.Random(seed), set()
    items: list[Item] = []
    while len(items) < number:
        turn = len(items)
        framework = ("keras", "torch")[turn % 2]
        item = _item(f"lstm-{turn + 1:03}", _spec(chance, turn // 2), framework, chance)
        if item.wrong and (item.text, item.code) not in seen:
            seen.add((item.text, item.code))
            items.append(item)
    return tuple(items)


def _spec(chance, turn):
    """Return a Spec of the next scenario; every third has two layers or directions."""
    beyond = chance.choice([{"layers": 2}, {"bidirectional": True}]) if turn % 3 == 2 else {}
    flags = {"return_sequences": turn % 4 > 1, "return_state": turn % 2 == 1}
    return Spec(**dict(zip(SIZES, sizes(chance), strict=True)), **flags, **beyond)


def sizes(chance):
    """Return four sizes; none is twice or four times another, so no product is taken for one."""
    while True:
        found = drawn_sizes(chance, len(SIZES))
        if not {times * size for size in found for times in (2, 4)} & set(found):
            return found


def posed(spec, framework, pick=attrgetter("kept")):
    """Return the Question what a layer returns, and the words and the code in which it is asked.

    pick: which tensors of what PyTorch returned are asked for.
    """
    lines = [line for line in code(spec, framework).splitlines() if not line.startswith("last =")]
    if framework == "keras":
        lines[-1] = f"returned = {lines[-1].split(' = ')[1]}"
        text = "What does the last line return? Give the shape of each tensor, in order."
        return as_question(spec, framework), text, "\n".join(lines)
    names = [tensor.expression for tensor in pick(expected(spec, framework))]
    named = ", ".join(names).replace("concat", "torch.concat")
    text = f"What is the shape of {named}?"
    if len(names) > 1:
        text = f"What are the shapes of {named}, in this order?"
    return about("", spec, framework, pick), text, "\n".join(lines)


def _item(name, spec, framework, chance):
    asked, text, lines = posed(spec, framework)
    right = Choice(written(asked.rule(), asked))
    choices = [right, *_wrong(asked, right.text, chance)]
    chance.shuffle(choices)
    return Item(name, framework, text, lines, tuple(choices), asked)


def _wrong(asked, right, chance):
    """Return up to four wrong choices, of as many misconceptions as there are.

    An answer that several misconceptions lead to is left out: no one feedback would fit it.
    """
    candidates = {}
    for one, text in given(asked):
        candidates.setdefault(one.belief, []).append(text)
    those = [chance.sample(texts, len(texts)) for texts in candidates.values()]
    chance.shuffle(those)
    found, tried = [], {right}
    for text in (one for texts in zip_longest(*those) for one in texts if one):
        if len(found) == MOST:
            break
        if text not in tried:
            tried.add(text)
            verdict = diagnose(asked, text)
            if verdict.status == "wrong" and len(verdict.misconceptions) == 1:
                feedback = verdict.message.replace("`", "")
                found.append(Choice(text, feedback, verdict.misconceptions[0]))
    return found


def given(asked):
    """Yield the Wrongs of a Question with what is typed then, most likely first.

    Where the words name the tensors, only those of as many shapes.
    """
    number = len(asked.rule())
    for one in asked.wrong:
        if asked.text or len(one.answer) == number:
            yield one, written(one.answer, asked)


def usual(question, most):
    """Return {wrong answer: what is expected then}, so many at most.

    Several beliefs may lead to one. First come as many beliefs as there are, then more of each.
    """
    led, ranks, count = {}, {}, Counter()
    for one, text in given(question):
        led.setdefault(text, {}).setdefault(one.belief, plain(one.because))
    for text, (belief, *_) in led.items():
        ranks[text] = count[belief]
        count[belief] += 1
    chosen = sorted(ranks, key=ranks.get)[:most]
    return {text: tuple(led[text].values()) for text in led if text in chosen}


def written(answer, asked):
    """Return shapes as one types them: "(3, 5, 7), (3, 7)"."""
    return ", ".join(str(tensor.shape) for tensor in tensors_of(answer, asked))


def gift(items: tuple[Item, ...]) -> str:
    """Return the items in Moodle's format, https://docs.moodle.org/en/GIFT_format."""
    return "\n".join(map(_gift, items))


def _gift(item):
    asked = _escaped(f"{item.text}\n\n{item.code}").replace("\n", "\\n")
    answers = [
        f"{'~' if one.belief else '='}{_escaped(one.text)}#{_escaped(one.feedback)}"
        for one in item.choices
    ]
    return "\n".join([f"::{item.id}::[plain]{asked}{{", *answers, "}", ""])


def _escaped(text):
    return re.sub(r"([\\~=#{}:])", r"\\\1", text)


def table(items: tuple[Item, ...]) -> list[list[str]]:
    """Return the rows of the table, without its heading."""
    rows = []
    for item in items:
        pairs = [part for one in item.wrong for part in (one.text, one.feedback)]
        pairs += [""] * (2 * MOST - len(pairs))
        beliefs = " ".join(one.belief for one in item.wrong)
        first = [item.id, item.framework, item.text, item.code, item.right.text]
        rows.append([*first, *pairs, beliefs])
    return rows


def qti(items: tuple[Item, ...]) -> bytes:
    """Return the items as an assessment in QTI 1.2, as Canvas imports it."""
    root = ElementTree.Element("questestinterop", xmlns=QTI)
    test = ElementTree.SubElement(root, "assessment", ident="lstm_bank", title="LSTM Lessons")
    section = ElementTree.SubElement(test, "section", ident="root_section")
    for item in items:
        _add(section, item)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _add(section, item):
    """Add an item: what is asked, how it is judged, and the feedback on each choice."""
    new = ElementTree.SubElement
    one = new(section, "item", ident=item.id, title=item.id)
    fields = new(new(one, "itemmetadata"), "qtimetadata")
    field = new(fields, "qtimetadatafield")
    new(field, "fieldlabel").text = "question_type"
    new(field, "fieldentry").text = "multiple_choice_question"
    shown = new(one, "presentation")
    page = f"<p>{html.escape(item.text)}</p><pre>{html.escape(item.code)}</pre>"
    _text(shown, page, "text/html")  # a plain one would lose its lines
    given = new(shown, "response_lid", ident="response1", rcardinality="Single")
    listed = new(given, "render_choice")
    judged = new(one, "resprocessing")
    score = {"varname": "SCORE", "vartype": "Decimal", "minvalue": "0", "maxvalue": "100"}
    new(new(judged, "outcomes"), "decvar", score)
    for number, choice in enumerate(item.choices, 1):
        name = f"{item.id}-{number}"
        _text(new(listed, "response_label", ident=name), choice.text)
        when = new(judged, "respcondition", {"continue": "Yes" if choice.belief else "No"})
        new(new(when, "conditionvar"), "varequal", respident="response1").text = name
        if not choice.belief:
            new(when, "setvar", action="Set", varname="SCORE").text = "100"
        new(when, "displayfeedback", feedbacktype="Response", linkrefid=f"{name}_fb")
        _text(new(new(one, "itemfeedback", ident=f"{name}_fb"), "flow_mat"), choice.feedback)


def _text(parent, text, kind="text/plain"):
    material = ElementTree.SubElement(parent, "material")
    ElementTree.SubElement(material, "mattext", texttype=kind).text = text


def manifest() -> bytes:
    """Return the manifest of the package that holds bank.xml."""
    root = ElementTree.Element("manifest", identifier="lstm_lessons_bank", xmlns=PACKAGE)
    ElementTree.SubElement(root, "organizations")
    resources = ElementTree.SubElement(root, "resources")
    about_it = {"identifier": "lstm_bank", "type": "imsqti_xmlv1p2", "href": "bank.xml"}
    resource = ElementTree.SubElement(resources, "resource", about_it)
    ElementTree.SubElement(resource, "file", href="bank.xml")
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def main(folder: str = "dist/bank") -> None:
    """Write bank.gift.txt, bank.qti.zip and bank.csv into a folder."""
    place, items = pathlib.Path(folder), drawn()
    place.mkdir(parents=True, exist_ok=True)
    (place / "bank.gift.txt").write_text(gift(items), encoding="utf-8")
    with (place / "bank.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *table(items)])
    with zipfile.ZipFile(place / "bank.qti.zip", "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("imsmanifest.xml", manifest())
        package.writestr("bank.xml", qti(items))
    print(f"{len(items)} questions in {place}")


if __name__ == "__main__":
    main(*sys.argv[1:])
