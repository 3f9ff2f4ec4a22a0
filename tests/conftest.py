"""What several test files share."""

import asyncio
import collections
import functools
import http.server
import itertools
import os
import threading

import pytest
from booking import made
from filelock import FileLock

from lstm_lessons import Spec, remembered

FLAGS = [
    dict(return_sequences=s, return_state=t) for s, t in itertools.product([False, True], repeat=2)
]
SIZES = [
    {},
    dict(batch=1, timesteps=1, features=1, units=1),
    dict(batch=2, timesteps=9, features=3, units=11),
    dict(batch=5, timesteps=200, features=2, units=13),
]

# Rows of tests that take many seconds: what they show, shorter rows of the same test show, too, or
# nbval does, which runs every lesson. They are left to test-all.
LONG = (
    ("test_notebooks.py", "played", "10_"),
    ("test_notebooks.py", "played", "11_"),
    ("test_notebooks.py", "played", "90_"),
    ("test_threads.py", "", "take_turns[keras]"),
    ("test_rule.py", "", "keeps_what_keras_returns[5-200"),
    ("test_rule.py", "", "over_the_whole_grid[keras"),
    ("test_notebooks.py", "played", "12_"),
    ("test_asked.py", "", "each_task[stack-keras"),
    ("test_asked.py", "", "each_task[twin-keras"),
    ("test_asked.py", "", "each_task[in_two_parts-keras"),
    ("test_skips.py", "", "a_skip_"),
    ("test_backends.py", "", "keras_on_pytorch_is_keras"),
    ("test_watching.py", "", "beside_an_older_keras"),
    ("test_tries.py", "", "told_once_with_the_numbers"),  # one is in test_traps.py
    # Many inputs, drawn or made.
    ("test_rule.py", "", "any_spec_of_keras"),
    ("test_known.py", "", "patterns_own_words_hangs"),
    ("test_explain.py", "", "an_error_is_the_frameworks_own"),
    ("test_explain.py", "", "operations_of_compiled_code"),
    ("test_page.py", "", "page_would_get_too_large"),
    ("test_practice.py", "", "no_two_questions_of_a_review"),
    ("test_practice.py", "", "lean_towards_what_went_wrong"),
    ("test_practice.py", "", "index_that_is_asked_for_is_lit"),
    ("test_practice.py", "", "every_kind_up_to_a_lesson"),
    ("test_traps.py", "", "two_masked_directions"),
    ("test_attacks.py", "", "a_stack_hands_on_every_h"),
    ("test_flow.py", "", "stands_at_the_arrow_where_it_bites"),
    ("test_finding.py", "", "find_their_entry_among_the_first_three"),
    ("test_targets.py", "", "the_losses_themselves_broadcast"),
    ("test_examining.py", "", "beliefs_are_those_of_the_layers"),
    ("test_facts.py", "", "targets_of_the_wrong_shape"),
    # The appendix' questions, cell by cell: 120 answers.
    ("90_questions_people_ask.ipynb", "", ""),
    # A fresh Python each, which imports a framework.
    ("test_package.py", "", "has_one_door"),
    ("test_package.py", "", "load_by_name"),
    ("test_recorded.py", "", "what_the_real_layers_returned"),
    ("test_without_numpy.py", "", "the_same_is_said_of_every_answer"),
    ("test_package.py", "", "loaded_alone"),
    ("test_package.py", "", "backend_that_was_chosen"),
    ("test_package.py", "", "error_ended_says_nothing"),
    ("test_package.py", "", "control_works_once"),
    ("test_package.py", "", "keras_says_nothing"),
    ("test_explain.py", "", "needs_one_framework"),
    ("test_examining.py", "", "ask_in_a_terminal"),
    ("test_docs.py", "", "collected_where_no_builder"),
    ("test_without_numpy.py", "", "every_picture_is_the_same"),
)

# Of a test with more rows than FEW, `make test` runs the first, each fifth and the last, where a
# new one is written; test-all runs the others.
FEW, EACH = 3, 5

# Tests of test-all that are run before a release alone: those that show for one more lesson,
# drawing or backend what other rows of theirs show, which stay, by parts of their names; and those
# that draw more of what `make test` draws.
REPEATED = (
    ("test_lessons.py", "is_run_and_answered", ("00_", "12_")),
    ("test_lessons.py", "as_cloned", ("12_",)),
    ("test_folded.py", "opens_a_fold", ("[lab",)),
    ("test_live_book.py", "wrongly_and_rightly", ("00_", "05_", "12_")),
    ("test_live_book.py", "same_verdicts", ("[50]",)),
    ("test_notebooks.py", "restart_and_run_all", ("00_",)),
    ("test_notebooks.py", "correct_when_solved", ()),
    ("test_notebooks.py", "gives_its_answer_away", ()),
    ("test_notebooks.py", "printed_below_it", ()),
    ("test_plots.py", "far_from_an_edge", ()),
    ("test_controls.py", "shift_enter_and_escape", ("lab-",)),
    ("test_taken.py", "brought_back", ("[lab",)),
    ("test_shown.py", "formgrader_itself", ()),  # its pages are looked at one by one, too
    ("test_explain.py", "needs_one_framework", ("torch-absent0",)),
    ("test_pipeline_others.py", "private_variant", ()),
    ("test_pipeline_others.py", "get_their_points", ()),  # test_answers.py has the points
    ("test_answers.py", "earns_less_than_a_quarter", ("scenarios-any-0",)),
    ("test_answers.py", "solutions_earn_everything", ("ada",)),
    ("test_attacks.py", "no_attack_on_a_network", ("forecaster",)),
    ("test_backends.py", "", ()),
    ("test_one_framework.py", "runs_without", ("01_last_output-keras", "01_last_output-torch")),
    ("test_known.py", "no_message_hangs", ()),
    ("test_messages.py", "most_live_messages", ()),
    ("test_recorded.py", "own_record", ()),  # as the book makes it
    ("test_book.py", "page_is_accessible", ("docs/index", "12_explain")),
    ("test_book.py", "fits_a_narrow", ("docs/", "01_", "12_")),
    ("test_keeping.py", "keras_network_is_left", ()),
    ("test_explain.py", "merge_mode_of_keras", ("GRU",)),
    ("test_widgets.py", "survives_200_cells", ()),
    ("test_alone.py", "triton_beside", ()),
    ("test_controls.py", "in_view_once_it_was_run", ("ask",)),
    ("test_teaching.py", "course.py notebooks 02", ()),
    ("test_teaching.py", "make book", ()),  # the tests make a book of their own
    ("test_diagnose.py", "", ()),
    ("test_rule.py", "whole_grid", ("torch", "keras-lstm")),
    ("test_examining.py", "nobody_can_type", ("Control",)),
    ("test_examining.py", "ask_in_a_terminal", ("[]",)),
    ("test_indexes.py", "many_indexes", ()),
    ("test_questions.py", "", ()),
    ("test_spec.py", "one_line_often", ()),
    ("test_site.py", "with_an_address", ()),  # makes the whole book once more
)


def pytest_collection_modifyitems(items):
    """Mark the long and the many rows as needing more time, and what repeats as for a release."""
    for item in items:
        for file, fixture, name in LONG:
            uses = not fixture or fixture in getattr(item, "fixturenames", ())
            if item.path.name == file and uses and name in item.name:
                item.add_marker(pytest.mark.more)
        for file, test, kept in REPEATED if item.get_closest_marker("more") else ():
            stays = any(name in item.name for name in kept)
            if item.path.name == file and test in item.name and not stays:
                item.add_marker(pytest.mark.release)
    tests = collections.defaultdict(list)
    for item in items:
        if hasattr(item, "function") and not item.get_closest_marker("more"):
            tests[item.function].append(item)
    for rows in tests.values():
        for place, row in enumerate(rows[:-1] if len(rows) > FEW else ()):
            if place % EACH:
                row.add_marker(pytest.mark.more)
                row.add_marker(pytest.mark.rows)


def scenario(spec):
    return "+".join(name for name in ("return_sequences", "return_state") if getattr(spec, name))


def pytest_generate_tests(metafunc):
    """Run a test that takes `spec` over scenarios and sizes, one with `framework` over both."""
    if "spec" in metafunc.fixturenames:
        specs = [Spec(**sizes, **flags) for sizes in SIZES for flags in FLAGS]
        metafunc.parametrize("spec", specs, ids=lambda s: f"{s.batch}-{s.timesteps}-{scenario(s)}")
    if "framework" in metafunc.fixturenames:
        metafunc.parametrize("framework", ["keras", "torch"])


@pytest.fixture(scope="session")
def root(pytestconfig):
    """The top of the repository."""
    return pytestconfig.rootpath


@pytest.fixture(scope="session")
def book(tmp_path_factory, request):
    """The folder of the book, made once, however many processes test it."""
    folder = tmp_path_factory.getbasetemp()
    folder = folder.parent if hasattr(request.config, "workerinput") else folder
    with FileLock(folder / "book.lock"):
        done = folder / "dist/done"
        if not done.exists():
            made(folder / "dist/book")
            done.touch()
    return folder / "dist/book"


class Host(http.server.SimpleHTTPRequestHandler):
    """A static host as many are: the site lies under a path, 404.html is for what is not there."""

    def send_error(self, code, *said):
        page = (self.server.site / "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *said):
        """Say nothing."""


@pytest.fixture(scope="session")
def served(book):
    """The address of the book on this machine, with a path in front."""
    handler = functools.partial(Host, directory=book.parent)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.site = book
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{book.name}/"
        server.shutdown()


@pytest.fixture(scope="session")
def chrome():
    """A Chromium, one for all tests of a process: Playwright wants no second one."""
    import browser

    if not browser.chromium() and not os.environ.get("CI"):
        pytest.skip("needs Chromium on the PATH")
    with browser.chrome() as running:
        yield running


@pytest.fixture(autouse=True)
def no_loop(request):
    """Hide the loop that Playwright keeps running in this process from tests of no browser."""
    loop = None if "chrome" in request.fixturenames else asyncio._get_running_loop()
    if loop:
        asyncio._set_running_loop(None)
    yield
    if loop:
        asyncio._set_running_loop(loop)


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch):
    """No test knows what another has answered, nor what the learner has who runs them."""
    monkeypatch.delenv(remembered.ELSEWHERE, raising=False)
    monkeypatch.setattr(remembered, "_unwritten", [])
    monkeypatch.setattr(remembered, "_trouble", {})
