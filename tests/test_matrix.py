"""Which versions are tried, how a run is counted, and the table that says so."""

import re
import sys
from importlib import metadata

import matrix
import pytest

from lstm_lessons import doctor

REPORT = """<testsuites><testsuite>
<testcase classname="tests.test_rule" name="test_a"/>
<testcase classname="tests.test_rule" name="test_b[3|5]"><failure>no</failure></testcase>
<testcase classname="tests.test_rule" name="test_c"><skipped/></testcase>
<testcase classname="notebooks.00_start_here.ipynb" name="ipynb::00::Cell 0"/>
<testcase classname="notebooks.00_start_here.ipynb" name="ipynb::00::Cell 1"/>
<testcase classname="" name="ipynb::00::Cell 2"><error>no</error></testcase>
</testsuite></testsuites>"""


def minor(version):
    return [int(part) for part in version.split(".")[:2]]


def test_the_oldest_are_the_bounds_and_every_set_has_what_the_course_needs():
    sets = matrix.sets()
    assert {"numpy==2.0", "keras==3.5", "torch==2.4"} < set(sets["lowest"])
    assert [one for one in sets["lowest"] if re.fullmatch("tensorflow-cpu==2.18; .*linux.*", one)]
    first = matrix.sets("3.13")["lowest"]
    assert {"numpy==2.1.0", "torch==2.5.0", "ipywidgets==7.7"} < set(first)
    assert [one for one in first if re.fullmatch("tensorflow-cpu==2.20.0; .*linux.*", one)]
    for name in ("lowest", "newest"):
        assert [re.match(r"[\w-]+", one)[0] for one in sets[name]] == list(matrix.needed())
    assert "torch" in sets["newest"]
    assert "keras==3.13.2" in sets["colab"]
    assert [one for one in sets["colab"] if one.startswith("tensorflow-cpu==2.20.0; (sys_")]
    assert not [one for one in sets["colab"] if one.startswith("jupyterlab")]


def test_the_bounds_let_colab_in():
    for name, (lowest, _) in matrix.needed().items():
        if name in matrix.COLAB:
            assert minor(lowest) <= minor(matrix.COLAB[name]) <= minor(doctor.TRIED[name])


def test_a_run_is_counted(tmp_path):
    first, again = tmp_path / "report.xml", tmp_path / "again.xml"
    first.write_text(REPORT)
    tests, cells, failed = "1 passed, 1 failed", "2 passed, 1 failed", ["test_b[3|5]"]
    assert matrix.counted(first, again) == (tests, cells, [*failed, "ipynb::00::Cell 2"])
    once_more = '<testcase classname="tests.test_rule" name="test_b[3|5]">{}</testcase>'
    again.write_text(once_more.format("<failure>no</failure>"))
    assert matrix.counted(first, again)[0] == tests
    again.write_text(once_more.format(""))
    assert matrix.counted(first, again) == ("2 passed", cells, ["ipynb::00::Cell 2"])


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.setattr(matrix, "TABLE", tmp_path / "VERSIONS.md")
    return matrix.TABLE


def test_a_row_is_put_in_its_place_and_the_others_stay(table):
    keys = [(name, version) for name in matrix.sets() for version in matrix.PYTHONS]
    one = [*keys[4], *"123456", "9 passed", "8 passed", "–"]
    two = [*keys[0], *"123456", "7 passed", "6 passed", "–"]
    matrix.write({keys[4]: one})
    matrix.write({keys[0]: two})
    there = matrix.rows(table.read_text())
    assert list(there) == keys
    assert (there[keys[4]], there[keys[0]]) == (one, two)
    assert there[keys[1]][8] == matrix.NOT_TRIED
    assert table.read_text().startswith(matrix.HEAD)


def test_an_environment_says_what_is_in_it():
    found = dict(zip(matrix.SHOWN, matrix.versions(sys.executable), strict=True))
    assert found["numpy"] == metadata.version("numpy")
    assert found["torch"] == metadata.version("torch")


def test_a_python_that_is_not_there_and_a_build_that_is_not_are_said(monkeypatch, tmp_path):
    monkeypatch.setattr(matrix, "python", lambda version: None)
    assert matrix.row("lowest", "3.12")[8] == "not tried: no Python 3.12 on this machine"
    failed = matrix.subprocess.CompletedProcess([], 1, "", "x\nERROR: No matching distribution\n")
    monkeypatch.setattr(matrix, "PLACE", tmp_path)
    monkeypatch.setattr(matrix, "python", lambda version: "python")
    monkeypatch.setattr(matrix.subprocess, "run", lambda *_, **__: failed)
    assert matrix.row("lowest", "3.12")[8] == "not tried: No matching distribution"


def test_what_is_named_is_a_set_or_a_python():
    with pytest.raises(SystemExit, match=r"must be one of lowest, .*, 3\.13, got 3\.9"):
        matrix.main("3.9")
