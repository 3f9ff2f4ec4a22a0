"""The question bank, read back from each format as its definition says."""

import csv
import html
import re
import zipfile
from xml.etree import ElementTree

import bank
import pytest

from lstm_lessons import diagnose
from lstm_lessons.spec import SIZES

NS = f"{{{bank.QTI}}}"


@pytest.fixture(scope="module")
def items():
    return bank.drawn()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("bank")
    bank.main(str(place))
    return place


def of_gift(text):
    """Return [(question, [(sign, answer, feedback)])]; https://docs.moodle.org/en/GIFT_format."""

    def plain(part):
        return re.sub(r"\\(.)", lambda one: "\n" if one[1] == "n" else one[1], part)

    parts = re.findall(r"((?:\\.|[^\\~=#{}:])+)|([~=#{}:])", text.replace("[plain]", ""))
    assert "".join(map("".join, parts)) == text.replace("[plain]", "")
    found = []
    for block in re.split(r"\n\n(?=::)", text.strip()):
        head = re.match(r"::((?:\\.|[^\\:])+)::\[plain\]((?:\\.|[^\\{}])+)\{", block)
        body = block[head.end() :]
        answers = re.findall(r"([=~])((?:\\.|[^\\~=#{}:])+)#((?:\\.|[^\\~=#{}:])+)", body)
        found.append(
            (plain(head[2]), [(s, plain(a).strip(), plain(f).strip()) for s, a, f in answers])
        )
    return found


def of_qti(text):
    """Return the same of QTI 1.2, as Canvas reads it (IMS QTI ASI 1.2: item, resprocessing)."""
    found = []
    for item in ElementTree.fromstring(text).iter(f"{NS}item"):
        said = {
            one.get("ident"): one.findtext(f".//{NS}mattext")
            for one in item.iter(f"{NS}itemfeedback")
        }
        signs, feedback = {}, {}
        for when in item.iter(f"{NS}respcondition"):
            name = when.findtext(f"{NS}conditionvar/{NS}varequal")
            signs[name] = "=" if when.findtext(f"{NS}setvar") == "100" else "~"
            feedback[name] = said[when.find(f"{NS}displayfeedback").get("linkrefid")]
        labels = item.findall(
            f"{NS}presentation/{NS}response_lid/{NS}render_choice/{NS}response_label"
        )
        page = item.findtext(f"{NS}presentation/{NS}material/{NS}mattext")
        parts = re.fullmatch(r"(?s)<p>(.*)</p><pre>(.*)</pre>", page).groups()
        asked = html.unescape("\n\n".join(parts))
        found.append(
            (
                asked,
                [
                    (
                        signs[one.get("ident")],
                        one.findtext(f".//{NS}mattext"),
                        feedback[one.get("ident")],
                    )
                    for one in labels
                ],
            )
        )
    return found


def meant(items):
    return [
        (
            f"{item.text}\n\n{item.code}",
            [("~" if one.belief else "=", one.text, one.feedback) for one in item.choices],
        )
        for item in items
    ]


def test_gift_says_what_is_meant(items, folder):
    assert of_gift((folder / "bank.gift.txt").read_text(encoding="utf-8")) == meant(items)


def test_qti_says_what_is_meant(items, folder):
    with zipfile.ZipFile(folder / "bank.qti.zip") as package:
        resource = ElementTree.fromstring(package.read("imsmanifest.xml")).find(
            f".//{{{bank.PACKAGE}}}resource"
        )
        assert resource.get("type") == "imsqti_xmlv1p2"
        assert of_qti(package.read(resource.get("href"))) == meant(items)


def test_the_table_says_what_is_meant(items, folder):
    with (folder / "bank.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(items)
    for row, item in zip(rows, items, strict=True):
        assert (row["question"], row["code"], row["right"]) == (
            item.text,
            item.code,
            item.right.text,
        )
        pairs = [(row[f"wrong{n}"], row[f"feedback{n}"]) for n in range(1, 5) if row[f"wrong{n}"]]
        assert pairs == [(one.text, one.feedback) for one in item.wrong]
        assert row["beliefs"].split() == [one.belief for one in item.wrong]


def test_each_wrong_answer_has_its_belief(items):
    assert len(items) == 200 == len({(item.text, item.code) for item in items})
    for item in items:
        texts = [one.text for one in item.choices]
        assert len(texts) == len(set(texts))
        assert 2 <= len(texts) <= 5
        assert len(item.wrong) == len(texts) - 1
        assert diagnose(item.asked, item.right.text).status == "correct"
        for one in item.wrong:
            verdict = diagnose(item.asked, one.text)
            assert (verdict.status, verdict.misconceptions) == ("wrong", (one.belief,))
            assert one.feedback == verdict.message.replace("`", "")


def test_no_size_is_taken_for_another(items):
    for item in items:
        known = dict(item.asked.sizes)
        own = [known[name] for name in SIZES]
        assert len(set(own)) == 4
        assert not {2 * size for size in own} & set(own)
        assert not {4 * size for size in own} & set(own)
