"""ask(network, x): questions about somebody's own network, made of what one pass of it showed."""

import re
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import keras
import pytest
import torch
import zoo
from keras import layers
from test_widgets import Loop, parts
from torch import nn
from zoo import explained

from lstm_lessons import ask, practice, widgets
from lstm_lessons.asking.diagnosis import diagnose
from lstm_lessons.asking.misconceptions import MISCONCEPTIONS
from lstm_lessons.asking.truth import say, truth_of
from lstm_lessons.examining import exam
from lstm_lessons.examining.exam import MOST, exam_on
from lstm_lessons.examining.received import on_received

FEW = {"two_inputs", "projected", "greedy_decoder", "k_encoder_decoder", "k_own_cell", "k_cells"}
SOME = [name if name in FEW else pytest.param(name, marks=pytest.mark.more) for name in zoo.ALL]


def half_blind():
    """Two directions, of which the head reads the last timestep; and a batch."""
    torch.manual_seed(0)
    lstm = nn.LSTM(6, 7, batch_first=True, bidirectional=True)
    network = zoo.module(lambda self, x: self.fc(self.lstm(x)[0][:, -1]), lstm=lstm)
    network.fc = nn.Linear(14, 2)
    return network, zoo.floats(3, 5, 6)


def of_a_stack():
    lower, upper = layers.LSTM(9, return_sequences=True, name="lower"), layers.GRU(7, name="upper")
    head = layers.Dense(2, name="head")
    return keras.Sequential([keras.Input((5, 6)), lower, upper, head]), zoo.floats(3, 5, 6)


def written(question):
    """Return the right answer to a question as one types it."""
    (tensor, *others) = truth_of(question)
    if question.form == "name":
        return tensor.axes[0]
    return ", ".join(str(one.shape) for one in (tensor, *others))


@pytest.fixture
def examined(monkeypatch):
    """What makes the exam on a network of the zoo, with the pass that was made already."""

    def one(name):
        network, inputs, found = explained(name)
        monkeypatch.setattr(exam, "explain", lambda *_: found)
        return exam_on(network, *inputs)

    return one


@pytest.mark.parametrize("name", SOME)
def test_every_network_is_asked_about_in_the_order_of_its_pass(name, examined):
    exam = examined(name)
    assert 1 <= len(exam.asked) <= MOST
    orders = [asked.call.order for asked in exam.asked]
    assert orders == sorted(orders)
    texts = [asked.question.text for asked in exam.asked]
    assert len(set(texts)) == len(texts)
    for asked in exam.asked:
        assert diagnose(asked.question, written(asked.question)).status == "correct"
        for wrong in asked.question.wrong:
            assert wrong.belief in MISCONCEPTIONS


@pytest.mark.parametrize("name", SOME)
def test_what_is_right_is_what_the_pass_showed(name, examined):
    for asked in examined(name).asked:
        truth, call = truth_of(asked.question), asked.call
        shapes = [one.shape for one in truth]
        if asked.kind == "returned":
            assert {*shapes} <= {one.shape for one in call.returned.tensors}
        if asked.kind == "received":
            assert {*shapes} <= {use.shape for use in call.uses}
        if asked.kind == "axis":
            assert shapes == [call.returned.tensors[0].shape[-1:]]


@pytest.mark.parametrize("name", SOME)
def test_no_answer_is_in_sight_before_it_is_given(name, examined):
    told = {}
    for asked in examined(name).asked:
        own = told.setdefault(asked.call.order, asked.question.text.partition(" reads ")[0])
        truth = truth_of(asked.question)
        if asked.kind == "axis":
            assert truth[0].sized.strip("()") not in own
        if asked.kind == "returned":
            assert say(truth).replace("`", "") not in " ".join(told.values())
        if asked.kind == "equal":
            assert next(one.equals for one in asked.call.returned.tensors if one.equals) not in own
        told[asked.call.order] += " ".join(asked.text.split())


def kinds_of(exam):
    return [(asked.call.name, asked.kind) for asked in exam.asked]


def test_the_four_questions_of_the_course_come_in_turn():
    found = exam_on(*half_blind())
    assert kinds_of(found) == [("lstm", kind) for kind in ("axis", "returned", "equal", "received")]
    axis, returned, equal, received = (asked.question.text for asked in found.asked)
    assert axis == (
        "`lstm`: `LSTM(hidden_size=7, batch_first=True, bidirectional=True)` runs. What is the "
        "last axis of its `output`? Type its name, such as `batch`."
    )
    assert "reads (batch 3, timesteps 5, features 6). What comes back? Type the shape" in returned
    assert "which hold the same numbers? (1) `output[:, -1, :7]` and `h_n[-2]`; (2) " in equal
    assert received.startswith("What does `fc` (`Linear`) receive of what `lstm` returned? ")
    assert [asked.last for asked in found.asked] == [False, False, False, True]
    assert "What lstm returned\n[0]: output" in found.asked[-1].text
    assert found.asked[-1].told == ("`fc` (`Linear`) receives `output[:, -1]` (3, 14).",)


@pytest.mark.parametrize(
    ("kind", "answer", "belief"),
    [
        ("axis", "timesteps", "units_as_steps"),
        ("axis", "units", "directions_misplaced"),
        ("axis", "batch", "batch_in_shape"),
        ("returned", "(3, 5, 7), (2, 3, 7), (2, 3, 7)", "directions_misplaced"),
        ("returned", "(3, 5, 14)", "states_packaging"),
        ("equal", "2", "directions_misplaced"),
        ("equal", "(3)", "states_packaging"),
        ("received", "(3, 5, 14)", "time_axis_in_head"),
        ("received", "(3, 1, 14)", "time_axis_in_head"),
        ("received", "(3, 7)", "directions_misplaced"),
        ("received", "(14,)", "batch_in_shape"),
    ],
)
def test_a_wrong_answer_gets_the_belief_behind_it(kind, answer, belief):
    [asked] = [one for one in exam_on(*half_blind()).asked if one.kind == kind]
    verdict = diagnose(asked.question, answer)
    assert verdict.status == "wrong"
    assert belief in verdict.misconceptions, verdict


@pytest.mark.parametrize("name", ["k_stack", "states", "last", "whole"])
def test_beliefs_are_those_of_the_layers_own_spec(name):
    network, x = of_a_stack()
    found = exam_on(network, x)
    wanted = {
        "k_stack": ("lower", "returned", "(3, 9)", "sequence_by_default"),
        "states": ("upper", "returned", "(3, 5, 7)", "sequence_by_default"),
        "last": ("upper", "received", "(3, 5, 7)", "sequence_by_default"),
        "whole": ("lower", "received", "(3, 9)", "sequence_by_default"),
    }[name]
    layer, kind, answer, belief = wanted
    [asked] = [one for one in found.asked if (one.call.name, one.kind) == (layer, kind)]
    assert belief in diagnose(asked.question, answer).misconceptions


@pytest.mark.parametrize(
    ("form", "answer", "said"),
    [
        ("axis", "14", "This asks for the name of an axis, such as batch."),
        ("axis", "(batch, units)", "This asks for the name of an axis, such as batch."),
        ("axis", "error", "This asks for the name of an axis, such as batch."),
        ("axis", "the last one", "This asks for the name of an axis, such as batch."),
        ("equal", "5", "This asks for a number from the list, such as 1."),
        ("equal", "output", "This asks for a number from the list, such as 1."),
        ("equal", "1, 2", "This asks for a number from the list, such as 1."),
        ("equal", "True", "This asks for a number from the list, such as 1."),
    ],
)
def test_an_answer_of_another_form_is_not_counted(form, answer, said):
    [asked] = [one for one in exam_on(*half_blind()).asked if one.kind == form]
    verdict = diagnose(asked.question, answer)
    assert (verdict.status, verdict.message) == ("not readable", said)
    blank = diagnose(asked.question, "")
    assert (blank.status, blank.message) == (
        "not attempted",
        said.replace("This asks for", "Any guess will do:"),
    )


@pytest.mark.parametrize("answer", ["2*units", "directions·units", "units * directions"])
def test_a_product_is_a_name(answer):
    assert diagnose(exam_on(*half_blind()).asked[0].question, answer).status == "correct"


def test_layers_alike_are_asked_about_once():
    found = exam_on(*(lambda network, inputs, _: (network, *inputs))(*explained("residual_stack")))
    assert {asked.call.path for asked in found.asked} == {"layers.0"}
    network, inputs, _ = explained("siamese")
    assert len({asked.call.order for asked in exam_on(network, *inputs).asked}) == 1


def test_of_many_layers_the_first_of_each_kind_of_question_come():
    x = between = keras.Input((5, 6))
    for units in (7, 8, 9):
        between = layers.GRU(units, return_sequences=True, name=f"gru_of_{units}")(between)
    top = layers.LSTM(10, return_state=True, name="top")
    found = exam_on(keras.Model(x, top(between)), zoo.floats(3, 5, 6))
    asked = kinds_of(found)
    assert len(asked) == MOST
    kinds = [kind for _, kind in asked]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "axis": 3,
        "returned": 2,
        "received": 2,
        "equal": 1,
    }
    assert asked[-1] == ("top", "equal")


def test_without_a_spec_only_what_was_seen_is_asked():
    found = exam_on(zoo.k_own_cell(), zoo.floats(3, 5, 6))
    [asked] = found.asked
    assert asked.question.wrong == ()
    assert diagnose(asked.question, "(3, 5, 7)").status == "correct"
    verdict = diagnose(asked.question, "(3, 7)")
    assert verdict.message.startswith("You expect one vector for each sequence. ")


def test_of_a_packed_sequence_the_states_are_asked():
    network, inputs, _ = explained("packed_classifier")
    asked = exam_on(network, *inputs).asked[0]
    assert "Among what comes back are `h_n` and `c_n`. What shape?" in asked.question.text
    assert diagnose(asked.question, "(2, 3, 7), (2, 3, 7)").status == "correct"
    named = "(layers*directions, batch, units), (2, batch, units)"
    assert diagnose(asked.question, named).status == "correct"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            (nn.Linear(6, 2), zoo.floats(3, 6)),
            "network must call a recurrent layer that is seen, got a Linear, in which none is; "
            "try print(explain(network, x))",
        ),
        (
            (7,),
            "question must be a Spec, a Question or a network with a batch, got 7; try "
            "ask(Spec(units=7)) or ask(network, x)",
        ),
        (
            (..., ...),
            "network must be a Keras or PyTorch network, got nothing; try explain(network, x)",
        ),
        ((7, 8), "network must be a Keras or PyTorch network, got 7; try explain(model, x)"),
    ],
)
def test_what_cannot_be_asked_about_gets_one_line(given, said):
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        ask(*given)


def test_what_is_made_of_several_tensors_is_not_said_to_come_of_one():
    [call] = exam_on(*half_blind()).explanation.layers
    joined = SimpleNamespace(tensor=call.uses[0].tensor, expression="torch.cat([…, output], -1)")
    made = replace(call.uses[0], part=joined, shape=(3, 5, 20))
    [(_, asked)] = on_received(replace(call, uses=(made,)))
    assert asked.question.text.startswith(
        "`fc` (`Linear`) receives something made with what `lstm` returned. What shape? Type its"
    )
    assert diagnose(asked.question, "(3, 5, 20)").status == "correct"


def test_inputs_may_have_names_and_there_may_be_several():
    network, inputs, _ = explained("two_inputs")
    series, facts = inputs
    assert exam_on(network, series=series, facts=facts).asked


# The control.


@pytest.fixture
def page(monkeypatch):
    """The loop of a kernel; without one there is no page, and a terminal is asked."""
    loop = Loop()
    monkeypatch.setattr(widgets.loop, "home", lambda: loop)
    return loop


def test_a_control_asks_one_after_the_other_and_explains_at_the_end(page):
    network, x = half_blind()
    control = ask(network, x)
    heading, place, onward = control.children
    assert control.text.startswith("4 questions about your network. The first: lstm: LSTM(hidden")
    for number, asked in enumerate(exam_on(network, x).asked, 1):
        assert f"Question {number} of 4" in heading.value
        typed, _, reveal, verdict, shown = parts(place.children[0])
        assert reveal.description == "Show me"
        typed.value = "(98, 99)" if asked.question.form == "shapes" else "timesteps" * (number == 1)
        assert ("Your tray" in shown.value) == (asked.question.form == "shapes")
        typed.value = written(asked.question)
        assert "Correct." in verdict.value
        assert shown.value == asked.html
        assert ("<svg" in shown.value) == ("</table>" in shown.value) == (number == 4)
        onward.click()
    page.end_of_cell()
    assert onward.disabled
    said = place.children[-1].value  # below the last question, and so in view
    assert len(place.children) == 2
    assert "That was all. 1 of 4 questions answered rightly at the first try" in said
    assert "See again: 05 Layers and directions." in said
    assert "one forward pass" in said
    assert practice.mistakes() == {("05 Layers and directions", "torch"): 3}


def test_a_question_can_be_shown_and_does_not_come_again(page):
    _, place, onward = ask(*of_a_stack()).children
    *_, reveal, _, shown = parts(place.children[0])
    reveal.click()
    assert "The last axis of" in shown.value
    assert "chip" not in shown.value
    for _ in range(8):
        onward.click()
    page.end_of_cell()
    said = place.children[-1].value
    assert "1 after the answer was shown" in said or "not answered" in said


def test_the_framework_may_still_stand_second(page):
    from lstm_lessons import Spec

    assert "torch.nn.LSTM" in ask(Spec(), "torch").text
    assert "torch.nn.LSTM" in ask(Spec(), framework="torch").text
    with pytest.raises(TypeError):
        ask(Spec(), "torch", "keras")


# A terminal.

THREE_LINES = """
import torch
network, x = torch.nn.GRU(6, 7, batch_first=True), torch.rand(3, 5, 6)
{without}
from lstm_lessons import ask
print(type(ask(network, x)).__name__)
"""
WITHOUT = "import sys; sys.modules['ipywidgets'] = None"


@pytest.mark.parametrize("without", [pytest.param("", marks=pytest.mark.more), WITHOUT])
def test_three_lines_ask_in_a_terminal_with_ipywidgets_and_without(without):
    typed = "timesteps\nunits\nshow\n(5)\n1\n2\n"
    command = [sys.executable, "-c", THREE_LINES.format(without=without)]
    done = subprocess.run(command, input=typed, capture_output=True, text=True)
    said = " ".join(done.stdout.split())
    for words in (
        "Question 1 of 3 network: GRU(hidden_size=7, batch_first=True) runs. What is the last axis",
        "Your answer, or show: Not yet: You expect one number for each timestep.",
        "Your answer, or show: Correct: (units 7).",
        "The answer: output (batch 3, timesteps 5, units 7), h_n (layers 1, batch 3, units 7).",
        "Not readable: This asks for a number from the list, such as 1.",
        "On the numbers of this pass output[:, -1] == h_n[-1] holds. What network returned [0]:",
        "That was all. GRU (PyTorch): one forward pass in evaluation mode.",
        "NoneType",
    ):
        assert words in said, done.stdout + done.stderr


@pytest.mark.more
@pytest.mark.parametrize(
    ("without", "says"),
    [("", "Control"), (WITHOUT, "ipywidgets must be importable, got")],
)
def test_where_nobody_can_type_it_does_not_wait(without, says):
    command = [sys.executable, "-c", THREE_LINES.format(without=without)]
    done = subprocess.run(command, input="", capture_output=True, text=True)
    assert says in done.stdout + done.stderr
    assert "That was all." not in done.stdout


def test_two_wrong_answers_bring_the_right_one_in_a_terminal(monkeypatch, capsys):
    typed = iter(["(3, 9)", "(3, 9)", "(9, 3)"])
    network, x = of_a_stack()
    found = exam_on(network, x)
    only = replace(found, asked=found.asked[1:2])
    monkeypatch.setattr("builtins.input", lambda asks: next(typed))
    assert exam.in_words(only)
    said = " ".join(capsys.readouterr().out.split())
    assert said.count("Not yet:") == 3
    assert "The answer: (batch 3, timesteps 5, units 9). output (batch 3" in said
