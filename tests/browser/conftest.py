"""A JupyterLab with a fresh copy of the lessons, in Chromium."""

import os
import shutil

import browser
import pytest

import course


def pytest_collection_modifyitems(items):
    """Mark what is here as needing more; without a browser, skip it, but fail where it must run."""
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.more)
            if not browser.chromium() and not os.environ.get("CI"):
                item.add_marker(pytest.mark.skip(reason="needs Chromium on the PATH"))


def start(chrome, tmp_path_factory, theme="light"):
    folder = tmp_path_factory.mktemp("course")
    shutil.copytree(course.HERE / "notebooks", folder / "notebooks")
    here, course.HERE = course.HERE, folder
    course.lessons()
    course.HERE = here
    return browser.lab(chrome, folder, tmp_path_factory.mktemp("settings"), theme)


@pytest.fixture(scope="session")
def lab(chrome, tmp_path_factory):
    with start(chrome, tmp_path_factory) as running:
        yield running


@pytest.fixture(scope="session")
def dark_lab(chrome, tmp_path_factory):
    with start(chrome, tmp_path_factory, theme="dark") as running:
        yield running


def forget(lab):
    """Forget what was answered, and what a browser complained of."""
    (lab.folder / "my-lessons" / ".answers.jsonl").unlink(missing_ok=True)
    lab.complaints.clear()


@pytest.fixture
def opened(lab):
    """Return what opens a lesson; of other tests' answers nothing is remembered."""
    forget(lab)
    pages = []

    def open_one(name, **options):
        lab.complaints.clear()
        pages.append(lab.open(name, **options))
        return pages[-1]

    yield open_one
    for page in pages:
        page.close()
    lab.end_kernels(kept=DESK)


DESK = "my-lessons/desk.ipynb"
PUT = """cells => jupyterapp.shell.currentWidget.content.model.fromJSON({
    cells: cells.map(source => ({cell_type: "code", source, metadata: {}, outputs: []})),
    metadata: {}, nbformat: 4, nbformat_minor: 4,
})"""


@pytest.fixture(scope="module")
def desk(lab):
    """A notebook that stays open, with its kernel, for all tests of a file."""
    lab.write(DESK, [""])
    page = lab.open(DESK)
    yield page
    page.close()
    lab.end_kernels()
    (lab.folder / DESK).unlink()


@pytest.fixture
def put(lab, desk):
    """Return what puts cells into the notebook that stays open, in place of those there."""
    forget(lab)

    def put_in(*sources, width=1100, height=1400):
        desk.set_viewport_size({"width": width, "height": height})
        desk.evaluate(PUT, sources)
        return desk

    yield put_in
    desk.emulate_media(reduced_motion="no-preference")
