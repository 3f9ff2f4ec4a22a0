"""The controls for one thing each: what is pressed is judged by real numbers."""

import html
import math
import re

import numpy as np
import pytest
from test_widgets import Loop

from lstm_lessons import Spec, abreast, live, run, widgets


def words(page):
    """What one reads in a page, without its pictures."""
    return re.sub(r"<[^>]*>", " ", re.sub(r"<svg.*?</svg>", "", page))


def test_the_four_scenarios_stand_side_by_side_and_follow_one_row(framework):
    control = live.all_four(framework=framework)
    row, _, page, _ = control.children
    parts = {part.description: part for part in row.children}
    assert set(parts) == {"framework", *live.SIZES, "in front: sequence", "Reset"}
    assert page.value.count("return_sequences=") == page.value.count("<svg") * 2 == 8
    assert "flex-wrap: wrap" in page.value
    parts["units"].value = 11
    for flags in ({}, {"return_sequences": True}, {"return_state": True}):
        kept = run(Spec(units=11, **flags), framework).kept
        said = ", ".join(f"{one.expression} {one.sized}" for one in kept)
        assert f"return_state={flags.get('return_state', False)}: {said}." in page.value
    parts["in front: sequence"].value = 1
    assert "sequence 1" in page.value or "[1, " in page.value
    assert control.text.count("\n") == 4


def test_of_the_four_what_comes_back_is_strong_and_the_rest_pale():
    """Strong are, of 15 vectors of h, the 3 last or all; and c where it comes back."""
    page = live.scenarios(Spec(), "keras")
    one, two, three, four = re.findall(r"<svg.*?</svg>", page)
    strong = [re.sub(r"<g opacity.*?</g>", "", svg) for svg in (one, two, three, four)]
    counts = [svg.count("<title>output") for svg in strong]
    assert counts[0] == counts[2] < counts[1] == counts[3]
    assert [", in [2] c" in svg for svg in strong] == [False, False, True, True]


def test_a_framework_that_fails_says_so(framework, monkeypatch):
    def fails(*_):
        raise ValueError("expected 7")

    for module in (live, abreast):
        monkeypatch.setattr(module, "run", fails)
    title = {"keras": "Keras", "torch": "PyTorch"}[framework]
    for control in (live.all_four(framework=framework), live.which_h(framework)):
        assert f"{title} failed. expected 7" in control.children[2].value


def test_a_timestep_moves_every_h_from_it_on_and_no_other_sequence(framework):
    _, buttons, page = live.moves(framework).children
    assert buttons.value is None
    assert words(page.value).strip().startswith("x, and every h.")
    for step in range(5):
        buttons.value = step
        moved = [
            "these timesteps: 0, 1, 2, 3 and 4",
            "these timesteps: 1, 2, 3 and 4",
            "these timesteps: 2, 3 and 4",
        ]
        moved += ["these timesteps: 3 and 4", "timestep 4"]
        assert (
            f"Changed: timestep {step} of sequence 0. Moved: h of sequence 0 after {moved[step]}; "
            "in no other sequence; the last h moved, too." in words(page.value)
        )
        assert "framed: moved" in page.value


def test_what_moves_is_told_by_values():
    """A layer that forgets all but the last timestep, one that mixes sequences: so it is said."""
    which = np.zeros((3, 5), bool)
    assert "after no timestep; in no other sequence; the last h did not" in live._which(2, which)
    which[0, 2] = which[1, 2] = which[2, 2] = True
    assert "after timestep 2; in these sequences: 1 and 2, too; the last h did" in live._which(
        2, which
    )


def test_the_frames_are_around_what_moved(monkeypatch):
    framed = []
    monkeypatch.setattr(
        live, "panel", lambda tensor, lit=None, **_: framed.append((tensor.name, lit))
    )
    monkeypatch.setattr(live, "_shown", lambda said, *panels: said)
    live.moved(Spec(return_sequences=True), "torch", 3)
    (x, changed), (h, moved) = framed
    assert (x, h) == ("x", "h")
    assert changed.any(axis=2).tolist() == [[False] * 3 + [True, False], [False] * 5, [False] * 5]
    assert moved.all(axis=2).tolist() == [[False] * 3 + [True] * 2, [False] * 5, [False] * 5]


@pytest.mark.parametrize("step", range(5))
def test_the_h_that_came_is_found_by_its_numbers(framework, step):
    _, buttons, page = live.which_h(framework).children
    assert "Right" not in page.value
    buttons.value = step
    said = words(page.value)
    assert ("✓ Right: after timestep 4 h has the numbers" in said) == (step == 4)
    assert (f"✗ Not this one: after timestep {step}, unit" in said) == (step != 4)


def test_any_h_with_the_same_numbers_is_right():
    h = np.array([0.5, -0.25])
    assert live._judged(1, h, h + 1e-8, "Keras").startswith("✓ Right: after timestep 1")
    assert live._judged(1, h, np.array([0.5, 0.25]), "Keras") == (
        "✗ Not this one: after timestep 1, unit 1 of h is -0.25; Keras returned 0.25 there."
    )


@pytest.mark.parametrize("make", [live.all_four, live.moves, live.which_h])
def test_of_many_presses_the_last_is_shown(make, monkeypatch):
    loop = Loop()
    monkeypatch.setattr(widgets.loop, "home", lambda: loop)
    monkeypatch.setattr(widgets.loop, "MOMENT", math.inf)  # however slow this is, they come fast
    control = make()
    assert "<svg" not in control.children[2].value
    loop.end_of_cell()
    assert "<svg" in control.children[2].value
    assert control.text


def upper(text):
    if "7" in text:
        raise ValueError("a text must be made of letters, got '7'; try 'May'")
    return text.upper()


def test_what_is_typed_is_handed_to_a_function_and_its_answer_shown():
    control = live.typed(upper, "May", "Date:")
    field, page, _ = control.children
    assert (field.description, field.value) == ("Date:", "May")
    assert "<code" in page.value
    assert words(page.value).split() == ["MAY"]
    field.value = "June <b>"
    assert "JUNE &lt;B&gt;" in page.value
    assert control.text == "Date: May → MAY. Type another and press Enter."


def test_what_a_function_refuses_is_said_in_its_line():
    control = live.typed(upper, "May 7", "Date:")
    field, page, _ = control.children
    refused = "a text must be made of letters, got '7'; try 'May'"
    assert html.unescape(words(page.value)).strip() == refused
    assert control.text.startswith("Date: May 7 → a text must be made of letters")
    field.value = "May"
    assert words(page.value).split() == ["MAY"]
    field.value = ""
    assert words(page.value).split() == []


def test_any_other_error_is_said_too():
    control = live.typed(lambda text: 1 / 0, "May", "Date:")
    assert "division by zero" in control.children[1].value


def test_of_what_is_typed_beside_a_cell_the_last_is_answered(monkeypatch):
    loop, asked = Loop(), []
    monkeypatch.setattr(widgets.loop, "home", lambda: loop)
    control = live.typed(lambda text: asked.append(text) or text.upper(), "May", "Date:")
    loop.end_of_cell()
    for text in ("June", "July"):
        control.children[0].value = text
    loop.end_of_cell()
    assert asked == ["May", "July"]
    assert words(control.children[1].value).split() == ["JULY"]
