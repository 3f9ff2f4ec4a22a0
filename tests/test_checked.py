"""What a check shows: marks with words, each case, the learner's line, hints in steps; the end."""

import re

import numpy as np
import pytest

from lstm_lessons import Question, Spec, check, exercises, finished, practice
from lstm_lessons.asked import decoding, explaining, forecasting, layers, meaning, scenarios
from lstm_lessons.asking import checking
from lstm_lessons.asking.checking import Task
from lstm_lessons.data import windows
from lstm_lessons.frameworks import NotRun, load

TWICE = Task(
    right=lambda x, days: 2 * x,
    inputs=((np.ones((5, 3)), 7), (np.ones((2, 3)), 6)),
    wrong=((lambda x, days: x, "nothing was doubled."),),
    axes={"x": ("batch", "units"), "returned": (("batch", "units"),)},
    hints=("First <b>hint</b>.", "Second hint."),
)


@pytest.fixture(autouse=True)
def _forgotten(monkeypatch):
    monkeypatch.setattr(exercises, "_attempts", {})


def shown(verdict):
    """Return a verdict's HTML, and its text without marks of code."""
    bundle = verdict._repr_mimebundle_()
    assert bundle["text/plain"] == str(verdict) == repr(verdict)
    assert "`" not in str(verdict)
    return bundle["text/html"], str(verdict)


def test_each_case_has_a_mark_with_a_word_and_its_axes():
    html, text = shown(check(lambda x, days: 2 * x if len(x) == 2 else x, TWICE))
    assert text == (
        "Not yet: Given x (batch 5, units 3) and days 7, yours returned (batch 5, units 3). It "
        "looks as if nothing was doubled.\n"
        "✗ wrong, given x (batch 5, units 3) and days 7: 1 at [0, 0]; right is 2 at [0, 0]\n"
        "✓ right, given x (batch 2, units 3) and days 6: (batch 2, units 3)"
    )
    assert [html.count(one) for one in ("✓ right", "✗ wrong", ">1 of 2 cases")] == [1, 1, 1]
    assert re.search(r"<span[^>]*>batch 5</span>", html)
    assert html.count('role="status"') == 1
    assert "yours returned" in html  # in view where the table is not
    for word in ("overflow-wrap: break-word", "overflow-x: auto", "<b>✗ Not yet.</b>"):
        assert word in html
    assert "break-all" not in html


def test_a_task_of_arrays_is_checked_where_keras_is_not(monkeypatch):
    def nothing(framework):
        raise NotRun(f"{framework} must be importable")

    monkeypatch.setattr(checking, "load", nothing)
    assert check(lambda x, days: 2 * x, TWICE).status == "correct"
    assert "nothing was doubled" in str(check(lambda x, days: x, TWICE))
    for wanted, framework in ((TWICE, "torch"), (Spec(), "keras")):
        with pytest.raises(NotRun, match=f"^{framework} must be importable$"):
            check(lambda *given: given, wanted, framework)


def test_what_is_still_to_be_made_says_so_as_before():
    html, text = shown(check(..., TWICE))
    assert text == "Not attempted: Put your code in place of the ... and run the cell."
    assert "<table" not in html
    assert "… Not attempted." in html


def test_what_is_right_says_so_in_all_cases():
    html, text = shown(check(lambda x, days: 2 * x, TWICE))
    assert text.startswith(
        "Correct: Given x (batch 2, units 3) and days 6, yours returned (batch 2"
    )
    assert ">2 of 2 cases are right<" in html


def test_hints_come_in_steps_and_what_is_unchanged_is_no_new_try():
    def made(number):
        return lambda x, days: number * x

    same = made(3)
    assert check(same, TWICE).hints == check(same, TWICE).hints == check(same, TWICE).hints == ()
    said = [(), *(check(made(number), TWICE).hints for number in (4, 5, 6))]
    assert said[1] == ("Hint 1. First <b>hint</b>.",)
    assert said[2] == (*said[1], "Hint 2. Second hint.")
    assert said[3] == (*said[2], "The solution is folded below.")
    assert check(made(2), TWICE).hints == ()
    assert check(made(8), Task(right=abs, inputs=((np.ones(2),),))).hints == ()
    html, text = shown(check(made(9), TWICE))
    assert "First &lt;b&gt;hint&lt;/b&gt;." in html
    assert "Hint 2. Second hint." in text.splitlines()


@pytest.mark.parametrize(
    ("framework_", "wanted", "how"),
    [
        ("keras", "`output` (batch, timesteps, units)", "set `return_sequences=True`"),
        ("torch", "`output` (batch, timesteps, units), `h` (batch, units)", "`h_n[-1]`, `c_n[-1]`"),
    ],
)
def test_a_spec_has_hints_of_its_own(framework_, wanted, how):
    spec = Spec(return_sequences=True, return_state=framework_ == "torch")
    for number in range(3):
        verdict = check(lambda x, n=number: x[:, :, :5] * n, spec, framework_)
    assert wanted in verdict.hints[0]
    assert how in verdict.hints[1]


def stacked_without_ahead(series, timesteps, ahead):
    starts = range(len(series) - timesteps + 1)
    y = [series[start + timesteps : start + timesteps + ahead, 0] for start in starts]
    return np.stack([series[start : start + timesteps] for start in starts]), np.stack(y)


def windows_without_ahead(series, timesteps, ahead):
    starts = range(len(series) - timesteps)
    y = [series[start + timesteps : start + timesteps + ahead, 0] for start in starts]
    return np.array([series[start : start + timesteps] for start in starts]), np.array(y)


def test_an_error_of_a_usual_mistake_shows_the_line_and_says_what_was_forgotten():
    html, text = shown(check(windows_without_ahead, forecasting.windowing()))
    assert "yours raised ValueError: setting an array element" in text
    assert "It looks as if ahead was forgotten" in text
    assert "It failed in line" in text
    assert "of test_checked.py, in windows_without_ahead:\n    return np.array(" in text
    assert "pad_sequences" not in text
    assert "raised <code" in html


def test_who_stacks_the_windows_and_forgot_ahead_is_told_so_too():
    verdict = check(stacked_without_ahead, forecasting.windowing())
    assert "all input arrays must have the same shape" in verdict.message
    assert "It looks as if `ahead` was forgotten" in verdict.message


def test_an_error_that_the_clinic_knows_is_read_by_it():
    torch = pytest.importorskip("torch")
    head = torch.nn.Linear(9, 3)
    html, text = shown(check(lambda x: head(x), Spec(), "torch"))
    for page in (html, text):
        assert "It failed in line" in page
        assert "Other features than the weights are for." in page
        assert "Write instead:" in page


def test_where_an_error_was_raised_stands_beside_it_and_the_hints_come_last():
    for number in (1, 2):
        html, text = shown(check(lambda x, days, _=number: x.missing, TWICE))
    for page in (html, text):
        places = [page.index(one) for one in ("AttributeError", "It failed in line", "Hint 1.")]
        assert places == sorted(places)
        assert page.index("Hint 1.") < page.index("✗ wrong")


def test_what_ran_has_a_batch_and_was_not_declared():
    verdict = check(lambda x: x[-1], Spec(batch=4, timesteps=10, features=3, units=3), "torch")
    assert "the last timestep of all of them is `[:, -1]`" in verdict.message
    assert "Declared shapes" not in verdict.message


def lists(series, timesteps, ahead):
    x, y = windows(series, timesteps, ahead)
    return list(x), list(y)


def both(output, h_n):
    return h_n[-2:].reshape(output.shape[0], -1)


SLIPS = {  # what readers of the lessons tried, and words of the reply
    "lists": (forecasting.windowing, "keras", lists, "in a list; `np.array(…)` makes"),
    "twelve shapes": (forecasting.windowing, "keras", lists, "yours returned 6 times (5, 3), 6"),
    "reshaped": (layers.final_of_both, "torch", both, "numbers of different sequences"),
    "item": (
        meaning.sequence_loss,
        "torch",
        lambda p, t: ((p[..., 0] - t) ** 2).mean().item(),
        "Is there an `.item()` too many?",
    ),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_has_a_reply_of_its_own(slip):
    task, framework, made, words = SLIPS[slip]
    assert words in check(made, task(), framework).message


def steps(torch):
    """Return a decoder, its head, and wrong steps with words of the replies."""
    decoder, head = torch.nn.LSTM(12, 7, batch_first=True), torch.nn.Linear(7, 11)

    def step(choose):
        def made(character, h, c):
            output, (h, c) = decoder(character, (h, c))
            return choose(head, output, h), h, c

        return made

    return (
        decoder,
        head,
        {
            "of the whole batch": step(lambda head, output, h: head(output).argmax()),
            "took the axis of the one": step(
                lambda head, output, h: head(output[:, -1]).argmax(-1)
            ),
            "with its axis of layers": step(lambda head, output, h: head(h).argmax(-1)),
        },
    )


def test_slips_with_one_character_have_replies():
    decoder, head, wrong = steps(pytest.importorskip("torch"))
    for words, made in wrong.items():
        assert words in check(made, decoding.next_character(decoder, head), "torch").message


def test_slips_with_the_ends_of_both_directions_have_replies():
    torch = pytest.importorskip("torch")
    lstm, head = (
        torch.nn.LSTM(8, 6, 2, batch_first=True, bidirectional=True),
        torch.nn.Linear(12, 5),
    )
    for words, taken in (
        ("`head` was handed one row of `h_n`", lambda o, h: h[-1]),
        ("numbers of different sequences", lambda o, h: h[-2:].reshape(len(o), 12)),
        ("every output of the last sequence", lambda o, h: o[-1]),
    ):

        def made(x, taken=taken):
            output, (h_n, _) = lstm(x)
            return head(taken(output, h_n))

        assert words in check(made, explaining.ends(lstm, head), "torch").message


TUPLES = {  # what was handed to the head, and words of the reply
    "the pair of the states": lambda head, came: head(came[1]),
    "all that the layer returned": lambda head, came: head(came),
    "the pair of the states, (h_n": lambda head, came: head(came[1].mean(1)),
    "all that the layer returned was": lambda head, came: head(came[:, -1]),
    "one number of Python": lambda head, came: head(came[0][:, -1]).item(),
    "leave it away": lambda head, came: head(float(came[0][:, -1])),
}


@pytest.mark.parametrize("words", TUPLES)
@pytest.mark.parametrize("task", [True, False])
def test_what_raises_in_a_usual_way_has_a_reply_of_its_own(words, task):
    torch = pytest.importorskip("torch")
    lstm, head = torch.nn.LSTM(3, 8, batch_first=True), torch.nn.Linear(8, 5)
    wanted = (
        scenarios.last_output(lstm, head)
        if task
        else Spec(batch=4, timesteps=10, features=3, units=5)
    )
    verdict = check(lambda x: TUPLES[words](head, lstm(x)), wanted, "torch")
    html, text = shown(verdict)
    assert f"It looks as if {verdict.mistake}" in verdict.message
    assert words in verdict.mistake
    assert "Write instead" not in text + html


def test_two_tensors_of_a_gru_are_no_pair_of_states():
    torch = pytest.importorskip("torch")
    gru, head = torch.nn.GRU(3, 8, batch_first=True), torch.nn.Linear(8, 5)
    verdict = check(lambda x: head(gru(x)), Spec(units=5, features=3), "torch")
    assert "all that the layer returned" in verdict.message


@pytest.mark.parametrize("wanted", [TWICE, Spec(features=3)])
def test_a_plain_number_is_asked_for_an_item_too_many(wanted):
    verdict = check(lambda x, *days: float(x.sum()), wanted)
    assert "a plain number of Python" in verdict.message
    assert "Is there an `.item()` too many?" in verdict.message


def test_nobody_is_told_to_have_returned_nan_who_did_not():
    keras = pytest.importorskip("keras")
    alone = keras.Sequential([keras.Input((14, 4)), keras.layers.LSTM(6)])
    verdict = check(alone, explaining.stack(alone))
    assert "it is no network of both layers" in verdict.message
    assert "nan" not in str(verdict)
    assert "yours returned (batch 11, units 6)" in verdict.message
    assert {case.right for case in verdict.cases} == {
        f"(batch {batch}, units 6), with other numbers" for batch in (11, 9, 1)
    }


def test_all_nine_networks_are_ticked():
    verdict = check(lambda network, x: True, meaning.leaks())
    assert len(verdict.cases) == 9
    assert [case.fine for case in verdict.cases].count(False) == 2
    assert "an LSTM behind `x + x[4]`" in verdict.cases[-1].given


def test_a_lesson_ends_with_what_is_done(monkeypatch):
    rows = [practice.Row("02 Every output", 5, 4, 3, 0, 0), practice.Row("03", 9, 9, 9, 0, 0)]
    monkeypatch.setattr(practice, "standing", lambda: rows)

    def twice(x, days):
        return 2 * x

    check(twice, TWICE)
    ended = finished(
        ("made it", twice),
        ("made <both>", twice, ...),
        ("saw `h`", np.bool_(True), check(twice, TWICE)),
        ("said it", Spec(batch=77)),
        lesson="02",
    )
    text = "✓ made it\n– made <both>\n✓ saw h\n– said it\n3 of 5 questions answered rightly at the"
    assert str(ended) == f"{text} first try"
    html = ended._repr_mimebundle_()["text/html"]
    assert "made &lt;both&gt;" in html
    assert [html.count(mark) for mark in ("✓ done", "– open", "2 of 4 done")] == [2, 2, 1]
    assert str(finished(("did it", True))) == "✓ did it"


def test_what_was_made_anew_and_not_checked_is_open():
    check(lambda x, days: 2 * x, TWICE)
    assert str(finished(("made it", lambda x, days: 2 * x), ("nothing", None))).count("–") == 2


def test_a_question_is_done_once_it_is_answered(monkeypatch):
    asked = Question("How?", lambda: True)
    monkeypatch.setattr(practice, "solved", lambda one, framework="keras": framework == "torch")
    assert str(finished(("said it", asked), ("and it", Spec()))) == "✓ said it\n– and it"


@pytest.mark.parametrize("one", ["words", ("words",), (True, "words")])
def test_what_is_no_tuple_of_words_and_evidence_is_refused(one):
    with pytest.raises(ValueError, match="done must be tuples of words and what shows it, got"):
        finished(one)


def test_a_case_with_the_right_shapes_and_other_numbers_is_not_right():
    layer = load("keras").layer(Spec(return_sequences=True, return_state=True))

    def forgets(x):
        return layer(x[:, 3:])[0][:, -1]

    verdict = check(forgets, Spec(), like=lambda x: layer(x)[0][:, -1])
    assert verdict.status == "wrong"
    assert "The shapes are right" in verdict.message
    assert not any(case.fine for case in verdict.cases)
    assert "(batch 3, units 7), with other numbers" in str(verdict)


@pytest.mark.more
@pytest.mark.parametrize(
    ("between", "after", "flags", "words"),
    [
        ("", "", dict(return_sequences=True), "`upper` returned every h"),
        ("", "", dict(return_state=True), "`upper` returned its states, too"),
        ("Permute", "", {}, "something between the layers changes what `lower` hands on"),
        ("", "Dense", {}, "something beside them changes what they return"),
        ("GRU", "", {}, "something between the layers"),
        ("LSTM", "", {}, "it is no network of both layers"),
    ],
)
def test_a_stack_that_is_not_mended_is_told_why(between, after, flags, words):
    keras = load("keras").keras
    kinds = {
        "": lambda: (),
        "Permute": lambda: (keras.layers.Permute((2, 1)),),
        "Dense": lambda: (keras.layers.Dense(6),),
        "GRU": lambda: (keras.layers.GRU(5, return_sequences=True),),
        "LSTM": lambda: (keras.layers.LSTM(8, return_sequences=True),),
    }
    lower = keras.layers.LSTM(8, return_sequences=True)
    upper = keras.layers.LSTM(6, **flags)
    layers = [keras.Input((14, 4)), lower, *kinds[between](), upper, *kinds[after]()]
    made = keras.Sequential(layers)
    assert words in str(checking.check(made, explaining.stack(made)).message)


def test_a_layer_that_was_watched_is_as_it_was():
    reader = load("keras").keras.layers.LSTM(8, return_state=True)
    own = reader.call
    shown = check(lambda x: reader(x)[0], scenarios.in_two_parts(reader))
    assert "all 10 timesteps in one call" in shown.message
    assert shown.about
    assert reader.call == own
    assert "call" not in vars(reader)
