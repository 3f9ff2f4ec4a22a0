"""The questions as forms of a page say what the controls say, and never take text for HTML."""

import json
import re

import pytest
from bs4 import BeautifulSoup
from pages import ASKED, EVERY, NAMED, told
from test_without_numpy import without_numpy

from lstm_lessons import Spec, ask, paged
from lstm_lessons.asked import scenarios
from lstm_lessons.explaining.errors import explain_error
from lstm_lessons.finding import find
from lstm_lessons.picks import there
from lstm_lessons.recording import record_of
from lstm_lessons.replies import taken


def asked(question, framework):
    """Return what is answered in a browser, as it comes there."""
    if not isinstance(question, Spec):
        question = paged.recorded(question)
    return brought(paged.Asked(question, framework))


def brought(one):
    """Return something live as it comes to the browser."""
    return paged.unpacked(paged.packed(one))


def answered(one, **fields):
    """Return all parts that answering gives."""
    parts = {}
    for some in one.answer({"by": "answer", **fields}):
        parts |= some
    return parts


@pytest.mark.parametrize("name", ASKED)
def test_a_form_says_and_draws_what_the_control_does(name):
    question, framework, answers = ASKED[name]
    control, one = ask(question, framework=framework), asked(question, framework)
    _, typed, *_, verdict, choices, _, page = control.children
    for answer in answers.split("|"):
        typed.value = answer
        parts = answered(one, answer=answer)
        assert parts["reply"] == verdict.value
        assert NAMED.sub("lstm", parts["film"]) == NAMED.sub("lstm", page.value)
        labels = BeautifulSoup(parts["chosen"], "html.parser").select("button")
        assert [button.text for button in labels] == [
            button.description for button in choices.children[:-1]
        ]


def test_the_slider_over_time_brings_what_comes():
    one = asked(EVERY, "keras")
    parts = answered(one, answer="(3, 7)")
    slider = BeautifulSoup(parts["time"], "html.parser").input
    assert (slider["min"], slider["max"], slider["value"]) == ("0", "5", "0")
    films = [answered(one, by="step", step=str(step))["film"] for step in range(6)]
    assert len(set(films)) == 6
    assert "Guess again" in films[0]
    assert answered(one, by="step", step="5")["film"] == films[5]


def test_a_belief_that_is_pressed_is_spoken_to():
    one = asked(Spec(units=5), "keras")
    chosen = BeautifulSoup(answered(one, answer="(3, 5, 5)")["chosen"], "html.parser")
    said = [
        answered(one, by="belief", belief=button["value"])["chosen"] for button in chosen("button")
    ]
    assert len(set(said)) == len(said) != 1


def test_an_index_is_taken_and_words_are_looked_for():
    tensors = there(EVERY, "torch")
    one = brought(paged.Picked(tensors, "output[:, -1]", True))
    for index in ("output[0]", "output[9]", "<b>"):
        assert answered(one, index=index) == {"seen": taken(index, tensors, one.others, True)}
    sought = paged.Sought("Words:", 2)
    assert find("time steps").html in answered(sought, words="time steps")["seen"]
    message = 'ValueError: Input 0 of layer "lstm" is incompatible with the layer: expected '
    message += "ndim=3, found ndim=2. Full shape received: (None, 5)"
    assert explain_error(message).html in answered(sought, words=message)["seen"]
    assert answered(sought, words="  ") == {"seen": ""}
    bare = "mat1 and mat2 shapes cannot be multiplied (3x7 and 8x2)"
    clinic = paged.Sought("The message:", 8, error=True)
    assert explain_error(bare).html in answered(clinic, words=bare)["seen"]
    assert "It may be this" not in answered(sought, words=bare)["seen"]


def test_what_was_there_stays_however_often_a_setting_is_refused():
    one = paged.Explored(Spec(), "keras", False)
    good = {"by": "units", "framework": "keras", "units": "4"}
    seen = answered(one, **good)["seen"]
    assert "units 4" in seen
    assert [answered(one, **good | {"units": bad})["seen"] for bad in ("", "-1", "x")] == [seen] * 3


@pytest.mark.parametrize("typed", ["<img src=x onerror=alert(1)>", "</form><script>", "&lt;b&gt;"])
def test_what_is_typed_is_never_html(typed):
    for question, framework, _ in ASKED.values():
        for html in answered(asked(question, framework), answer=typed).values():
            assert not BeautifulSoup(html, "html.parser")(["img", "script", "form", "b&gt;"])
            assert typed not in html or "<" not in typed


def test_a_form_unfolds_to_the_answer_where_nothing_answers():
    for question, framework, _ in ASKED.values():
        page = BeautifulSoup(paged.block("k", asked(question, framework)), "html.parser")
        assert "hidden" in page.select_one("[data-entry]").attrs
        folded = page.select_one("section > details").extract()
        assert folded.text.startswith("Run it and show meThe answer: ")
        assert "The answer: " not in page.text


def test_without_numpy_and_frameworks_a_page_answers_the_same(tmp_path, monkeypatch):
    lives = {name: asked(*question[:2]) for name, question in ASKED.items()}
    lives["pick"] = paged.Picked(there(EVERY, "torch"), "output[:, -1]", True)
    lives["explore"] = paged.Explored(Spec(), "torch", True)
    specs = {spec for one in [*lives.values()][:-2] for spec in one.drawn()}
    kept, bare = tmp_path / "kept", tmp_path / "bare"
    for path, records in ((kept, (record_of(*specs),)), (bare, ())):
        path.write_bytes(paged.packed(paged.Kept(records, lives)))
    script = f"import json, pages; print(json.dumps(pages.told({str(kept)!r})))"
    status, out, err = without_numpy(script)
    assert (status, err) == (0, "")
    monkeypatch.setattr(paged, "LIVE", {})
    assert json.loads(out) == told(bare)


def test_links_lead_to_pages_of_the_book():
    html = '<a href="90_x.ipynb#Why">x</a> <a href="01_y.ipynb">y</a> 01_y.ipynb'
    linked = '<a href="../n/90_x.html#Why">x</a> <a href="../n/01_y.html">y</a> 01_y.ipynb'
    assert paged.in_book(html, "../n/") == linked


def test_what_was_recorded_answers_as_json(tmp_path, monkeypatch):
    monkeypatch.setattr(paged, "LIVE", {})
    path = tmp_path / "recorded"
    kept = paged.Kept((), {"k": asked(scenarios.shows_c(), "keras")})
    path.write_bytes(paged.packed(kept))
    answer = paged.begun(str(path))
    first, *_ = map(json.loads, answer("k", json.dumps({"by": "answer", "answer": "True"})))
    assert re.search("Not yet|Correct", first["reply"])
