"""The slides: the plan's minutes, real pictures with words, no answer in a poll, none cut off."""

import pathlib
import re
import subprocess

import pytest
import slides
from test_teaching import minutes, rows

from lstm_lessons import Spec, run
from lstm_lessons.markup import Markup

ONE = [slides.Slide("A <b>", (Markup("<p>shown</p>"),), "said", 5)]


@pytest.fixture(scope="module")
def made():
    return slides.slides()


def of(made, title):
    """Return what a slide shows, as HTML."""
    return "".join(next(one for one in made if one.title == title).shown)


def test_the_minutes_are_those_of_the_plan(made):
    plan = [minutes(row[2]) for row in rows("A class of 50 minutes")[:-1]]
    assert sorted(one.minutes for one in made if one.minutes) == sorted(filter(None, plan))
    assert sum(one.minutes for one in made) == 50


def test_each_poll_has_its_answer_behind_it_and_not_in_it(made):
    titles = [one.title for one in made]
    for poll, flags in ((1, {}), (2, {"return_sequences": True}), (3, {"return_state": True})):
        shapes = run(Spec(**flags)).shapes
        right = ", ".join(map(str, shapes)) if isinstance(shapes[0], tuple) else str(shapes)
        asked, answer = titles.index(f"Poll {poll}"), titles.index(f"{right}: right")
        assert answer == asked + (3 if poll == 1 else 1)  # first they work, then a wrong tray comes
        assert "(3, 7)" not in of(made, f"Poll {poll}")
        assert "(3, 5, 7)" not in of(made, f"Poll {poll}")
        assert "fits" in of(made, f"{right}: right")
    assert "4 places stay empty" in of(made, "(3, 5, 7): not yet")


def test_each_picture_says_its_words(made):
    pictures = [one for one in made if "<svg" in "".join(one.shown)]
    assert len(pictures) == 10
    for one in pictures:
        words = re.findall(r'role="img" aria-label="([^"]*)"', "".join(one.shown))
        assert words
        assert all(len(each) > 20 for each in words), one.title
    assert len(re.findall('role="img"', of(made, "Four scenarios"))) == 4


def test_numbers_in_a_picture_are_those_of_a_run(made):
    value = run(Spec()).tensors[0].values[0, 3]
    assert f"<title>output[0, 3] = {value:.2f}<" in of(made, "(3, 7): right")


def test_what_is_no_markup_is_escaped():
    page = slides.page(ONE, "there")
    assert "A &lt;b&gt;" in page
    assert "5 minutes. said" in page
    assert 'src="there/dist/reveal.js"' in page


def npm(monkeypatch, status):
    """Put an npm in place of the real one; return the folders that it was called for."""
    asked = []

    def ran(command):
        asked.append(command[-1])
        place = pathlib.Path(command[command.index("--prefix") + 1])
        for name in slides.FILES:
            path = place / "node_modules/reveal.js" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        return subprocess.CompletedProcess(command, status)

    monkeypatch.setattr(slides.shutil, "which", lambda name: name)
    monkeypatch.setattr(slides.subprocess, "run", ran)
    monkeypatch.setattr(slides, "slides", lambda: ONE)
    return asked


def test_reveal_is_brought_once(monkeypatch, tmp_path, capsys):
    asked = npm(monkeypatch, 0)
    slides.main(tmp_path)
    slides.main(tmp_path)
    assert asked == [slides.REVEAL]
    assert "no network is needed" in capsys.readouterr().out
    page = (tmp_path / "index.html").read_text()
    for where in re.findall(r'(?:src|href)="([^"]+)"', page):
        assert (tmp_path / where).exists()


def test_without_npm_the_page_says_where_it_loads_reveal_from(monkeypatch, tmp_path, capsys):
    npm(monkeypatch, 1)
    slides.main(tmp_path)
    monkeypatch.setattr(slides.shutil, "which", lambda name: None)
    monkeypatch.setattr(slides.importlib.util, "find_spec", lambda name: None)
    slides.main(tmp_path)
    assert capsys.readouterr().out.count(f"so it loads {slides.CDN}") == 2
    assert f'src="{slides.CDN}/dist/reveal.js"' in (tmp_path / "index.html").read_text()


@pytest.mark.more
def test_every_slide_fits_its_screen_without_a_network(made, chrome, tmp_path):
    slides.main(tmp_path)
    page = chrome.new_page(viewport={"width": 1200, "height": 700})
    amiss = []
    page.on("pageerror", lambda error: amiss.append(str(error)))
    page.on("requestfailed", lambda request: amiss.append(request.url))
    page.context.set_offline(True)
    page.goto((tmp_path / "index.html").as_uri())
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    assert page.evaluate("Reveal.getTotalSlides()") == len(made)
    inside = """() => [...Reveal.getCurrentSlide().querySelectorAll("h2, p, td, li, pre, svg")]
        .map(one => one.getBoundingClientRect())
        .every(one => one.left >= 0 && one.right <= 1200 && one.bottom <= 700 && one.width > 0)"""
    for number, one in enumerate(made):
        page.evaluate(f"Reveal.slide({number})")
        assert page.evaluate(inside), one.title
    assert amiss == []
    page.close()
