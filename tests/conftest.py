"""What several test files share."""

import itertools
import os

import pytest

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
    ("test_notebooks.py", "played", "08_"),
    ("test_notebooks.py", "played", "09_"),
    ("test_threads.py", "", "take_turns[keras]"),
    ("test_rule.py", "", "keeps_what_keras_returns[5-200"),
    ("test_skips.py", "", "a_skip_elsewhere"),
    ("test_tries.py", "", "told_once_with_the_numbers"),  # one is in test_traps.py
)


def pytest_collection_modifyitems(items):
    """Mark the long rows as needing more time."""
    for item in items:
        for file, fixture, name in LONG:
            uses = not fixture or fixture in getattr(item, "fixturenames", ())
            if item.path.name == file and uses and name in item.name:
                item.add_marker(pytest.mark.more)


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
def chrome():
    """A Chromium, one for all tests of a process: Playwright wants no second one."""
    import browser

    if not browser.chromium() and not os.environ.get("CI"):
        pytest.skip("needs Chromium on the PATH")
    with browser.chrome() as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch):
    """No test knows what another has answered, nor what the learner has who runs them."""
    monkeypatch.delenv(remembered.ELSEWHERE, raising=False)
    monkeypatch.setattr(remembered, "_unwritten", [])
    monkeypatch.setattr(remembered, "_trouble", {})
