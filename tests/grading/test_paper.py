"""The paper in class: everybody's own, its key apart from it; real layers agree with the key."""

import importlib
import pathlib
import re
import sys

import bank
import pytest

from lstm_lessons import diagnose
from lstm_lessons.grading import Paper
from lstm_lessons.pictures import plain
from lstm_lessons.spec import SIZES

HERE = pathlib.Path(__file__).resolve().parents[2] / "assignments"
FOURTH = {  # in PyTorch, the flags that Keras would have
    "What is the shape of output?": ("return_sequences",),
    "What are the shapes of output[:, -1], h_n, c_n, in this order?": ("return_state",),
    "What are the shapes of output, h_n, c_n, in this order?": ("return_sequences", "return_state"),
}
ADA, BOB = Paper("paper", "ada"), Paper("paper", "bob")


@pytest.fixture(scope="module")
def paper():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(HERE))
        yield importlib.import_module("paper")


def printed(paper, monkeypatch, folder, *options, known="ada\nbob, Bob Ross\n"):
    """Return the two pages that the command writes for a class."""
    (folder / "class.txt").write_text(known)
    monkeypatch.setattr(paper, "HERE", folder)
    line = ["paper.py", "--class", str(folder / "class.txt"), *options]
    monkeypatch.setattr(sys, "argv", line)
    paper.main()
    names = ("paper.html", "paper-key.html")
    return [(folder / name).read_text(encoding="utf-8") for name in names]


def test_the_same_id_gets_the_same_page_again(paper):
    again = Paper("paper", "ada")
    assert paper.sheet(ADA) == paper.sheet(again)
    assert paper.key(ADA) == paper.key(again)


def test_everybody_gets_other_sizes_and_a_salt_draws_anew(paper):
    codes = [
        [code for *_, code in paper.asked(one)] for one in (ADA, BOB, Paper("paper", "ada", "x"))
    ]
    assert len({code for one in codes for code in one}) == 18


@pytest.mark.parametrize("student", ["ada", "bob", "cyd", "dan"])
def test_the_four_scenarios_a_state_and_an_index_are_asked(paper, student):
    questions = paper.asked(Paper("paper", student))
    assert [framework for framework, *_ in questions] == ["keras"] * 3 + ["torch"] * 3
    words = [words for _, _, words, _ in questions]
    flags = [tuple(re.findall(r"return_\w+", code)) for *_, code in questions[:3]]
    flags.append(FOURTH[words[3]])
    assert {*flags} == {(), *FOURTH.values()}
    assert words[4:] == ["What is the shape of h_n?", "What is the shape of output[:, -1]?"]
    assert ("num_layers" in questions[4][3]) != ("bidirectional" in questions[4][3])


def test_no_size_is_taken_for_another(paper):
    for _, question, *_ in paper.asked(ADA):
        own = [dict(question.sizes)[name] for name in SIZES]
        assert len({*own}) == 4
        assert not {times * one for one in own for times in (2, 4)} & {*own}


def test_answers_stand_in_the_key_alone(paper, monkeypatch, tmp_path):
    sheets, keys = printed(paper, monkeypatch, tmp_path)
    assert sheets.count("<section>") == keys.count("<section>") == 2
    for one in (ADA, BOB):
        for _, question, *_ in paper.asked(one):
            right = bank.written(question.rule(), question)
            assert f">{right}<" in keys
            assert right not in sheets
    for belief in ("expects", "belief"):
        assert belief not in sheets
    assert "<script" not in sheets + keys
    assert "Ross" not in sheets + keys


def test_a_salt_is_not_printed(paper, monkeypatch, tmp_path):
    plain_pages = printed(paper, monkeypatch, tmp_path)
    salted = printed(paper, monkeypatch, tmp_path, "--salt", "quagga")
    assert plain_pages != salted
    assert "quagga" not in "".join(salted)


def test_each_wrong_answer_in_the_key_has_its_beliefs(paper):
    for framework, question, *_ in paper.asked(ADA):
        wrong = bank.usual(question, paper.WRONG)
        assert 5 <= len(wrong) <= paper.WRONG
        for text, why in wrong.items():
            verdict = diagnose(question, text, framework)
            assert verdict.status == "wrong"
            assert {*why} == {plain(one.because) for one in verdict.beliefs}, text


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ("", "must have a line for each student: the id; it is empty"),
        ("ada\nADA\n", "line 2 of"),
        ("../ada\n", "must begin with an id"),
    ],
)
def test_a_class_list_that_is_none_is_refused_in_a_line(paper, monkeypatch, tmp_path, known, said):
    with pytest.raises(SystemExit, match=said) as refused:
        printed(paper, monkeypatch, tmp_path, known=known)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "paper.html").exists()


def returned(code, words, framework):
    """Return the shapes that a question asks for, of what its code returns when it is run."""
    names = {}
    exec(code, names)
    if framework == "torch":
        these = [eval(one, names) for one in re.findall(r"output(?:\[:, -1\])?|h_n|c_n", words)]
    else:
        came = names["returned"]
        these = came if isinstance(came, (tuple, list)) else [came]
    return ", ".join(str(tuple(one.shape)) for one in these)


@pytest.mark.more
@pytest.mark.parametrize("student", ["ada", "bob", "cyd", "dan", "eve"])
def test_real_layers_return_what_the_key_says(paper, student):
    for framework, question, words, code in paper.asked(Paper("paper", student)):
        assert returned(code, words, framework) == bank.written(question.rule(), question)


@pytest.mark.more
@pytest.mark.parametrize("format", ["A4", "Letter"])
def test_a_student_has_one_page_of_paper(paper, chrome, monkeypatch, tmp_path, format):
    known = [f"student{number}" for number in range(39)] + ["d" * 60]
    printed(paper, monkeypatch, tmp_path, known="\n".join(known))
    page = chrome.new_page()
    for name in ("paper.html", "paper-key.html"):
        page.goto((tmp_path / name).as_uri())
        made = page.pdf(format=format)
        assert len(re.findall(rb"/Type\s*/Page\b", made)) == 40, name
    page.close()
