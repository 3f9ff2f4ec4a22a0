"""What is amiss, each with one line of advice."""

import sys

import pytest

from lstm_lessons import doctor


def by_name(findings):
    return {finding.what: finding for finding in findings}


def test_this_environment_is_fine():
    found = by_name(doctor.examine())
    assert set(found) - {"triton"} == {"Python", *doctor.PACKAGES}
    assert all(finding.fine for finding in found.values()), found


def test_another_python_is_amiss():
    found = by_name(doctor.examine(python=(3, 9, 1)))["Python"]
    assert (found.found, found.advice) == ("3.9.1", "Use Python 3.11, 3.12 or 3.13.")


def test_what_is_not_installed_is_amiss():
    found = doctor.examine(packages=("no-such-package",))[1]
    assert (found.found, found.advice) == ("not installed", "pip install no-such-package")


def test_only_opening_lessons_needs_jupyterlab(monkeypatch):
    def version(name):
        raise doctor.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(doctor.metadata, "version", version)
    found = by_name(doctor.examine())
    assert found["jupyterlab"].fine
    assert not found["ipywidgets"].fine


def test_what_is_too_old_is_amiss(monkeypatch):
    monkeypatch.setattr(doctor.metadata, "version", lambda name: "3.4.2+cpu")
    monkeypatch.setattr(doctor.metadata, "requires", lambda name: ["keras>=3.5; extra == 'course'"])
    found = by_name(doctor.examine(packages=("keras",)))["keras"]
    assert found.advice == "The course needs 3.5 or later: pip install 'keras>=3.5'"
    assert not doctor.untried(packages=("keras",))  # which speaks of what is newer alone


def test_a_course_that_is_beside_the_lessons_has_no_bounds(monkeypatch):
    def absent(name):
        raise doctor.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(doctor.metadata, "requires", absent)
    monkeypatch.setattr(doctor.metadata, "version", lambda name: "0.1")
    assert all(finding.fine for finding in doctor.examine(packages=("keras",)))


@pytest.mark.parametrize(
    ("keras", "torch", "says"),
    [
        ("3.15.9", "2.4.0+cpu", ""),
        ("4.0.0", "2.4.0", "Never tried with this course: keras 4.0.0 (up to 3.15 was)."),
        ("3.16.1", "2.100.0+cu1", "keras 3.16.1 (up to 3.15 was), torch 2.100.0+cu1 (up to"),
    ],
)
def test_what_is_newer_than_was_tried_is_named_in_one_line(keras, torch, says, monkeypatch):
    found = {"keras": keras, "torch": torch}
    monkeypatch.setattr(doctor.metadata, "version", found.__getitem__)
    said = doctor.untried(packages=("keras", "torch"))
    assert (says in said) if says else said == ""


def test_nothing_that_is_not_installed_was_never_tried(monkeypatch):
    def version(name):
        raise doctor.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(doctor.metadata, "version", version)
    assert doctor.untried() == ""


@pytest.mark.parametrize(
    ("triton", "tensorflow", "hook", "says"),
    [
        ("3.7.1", "2.21.0", True, "3.7.1, kept apart from TensorFlow by import lstm_lessons"),
        ("3.7.1", "2.21.0", False, "Import triton before TensorFlow, or Python may end."),
        ("3.10.0", "2.21.0", False, "Import triton before TensorFlow, or Python may end."),
        ("3.6.0", "2.21.0", False, None),
        ("3.7.1", None, False, None),
        (None, "2.21.0", False, None),
    ],
)
def test_triton_beside_tensorflow_is_told(triton, tensorflow, hook, says, monkeypatch):
    def version(name):
        found = {"triton": triton, "tensorflow": tensorflow}.get(name)
        if found is None:
            raise doctor.metadata.PackageNotFoundError(name)
        return found

    monkeypatch.setattr(doctor.metadata, "version", version)
    others = [one for one in sys.meta_path if one is not doctor.TritonApart]
    monkeypatch.setattr(sys, "meta_path", [doctor.TritonApart] * hook + others)
    monkeypatch.setattr(doctor.metadata, "requires", lambda name: [])
    found = doctor.examine(packages=())[1:]
    assert [one.found if one.fine else one.advice for one in found] == ([says] if says else [])


@pytest.mark.parametrize(("version", "numbers"), [("2.13.0+cpu", [2, 13, 0]), ("4.6.6", [4, 6, 6])])
def test_versions_are_compared_as_numbers(version, numbers):
    assert doctor._numbers(version) == numbers
    assert doctor._numbers("3.9") < doctor._numbers("3.15")
