"""What four systems give is collected, whoever sent it and whatever is in it."""

import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile

import pytest
from handing import CLASS, ROOT, STUDENTS, notebook, packed, tool

collect, handed, classlist = tool("collect"), tool("handed"), tool("classlist")


def collected(source, tmp_path, name="scenarios"):
    """Return {student: path of the LMS} of what is taken, and the remarks."""
    if isinstance(source, dict):
        path = tmp_path / "given.zip"
        path.write_bytes(packed(source))
        source = path
    place = tmp_path / "kept"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    found = collect.collect(name, source, STUDENTS, place)
    for kind in ("new", "as before"):
        changes = list(collect.put(found.taken, name, tmp_path / "submitted"))
        assert changes == [kind] * len(found.taken)
    for student in found.taken:
        there = tmp_path / "submitted" / student / name / f"{name}.ipynb"
        assert collect.id_in(there.read_bytes()) == student
    return {student: one.file.path for student, one in found.taken.items()}, found.remarks


def test_canvas_is_collected(tmp_path):
    taken, remarks = collected(
        {
            "byronada_101_9001_scenarios.ipynb": notebook("ada"),
            "meyerruth_LATE_102_9002_scenarios.ipynb": notebook("ruth"),
            "meyerruth_102_9010_scenarios-2.ipynb": notebook("ruth", "x = 2"),
            "núñezjosé_103_9003_12_34_scenarios.zip": packed(
                {"s/scenarios.ipynb": notebook("jose")}
            ),
            "rossimia_LATE_104_9004_scenarios.ipynb": notebook("Kim "),
        },
        tmp_path,
    )
    assert taken == {
        "ada": "byronada_101_9001_scenarios.ipynb",
        "ruth": "meyerruth_102_9010_scenarios-2.ipynb",
        "jose": "núñezjosé_103_9003_12_34_scenarios.zip/s/scenarios.ipynb",
    }
    newest = "2 notebooks, the newest is taken: meyerruth_102_9010_scenarios-2.ipynb"
    assert remarks["double"] == [f"ruth: {newest}"]
    mia = "Kim : rossimia_LATE_104_9004_scenarios.ipynb; kim is in the list"
    assert remarks["unknown"] == [mia]
    assert remarks["missing"] == ["kim"]
    assert remarks["unreadable"] == []


def test_moodle_is_collected(tmp_path):
    """Folders of both kinds of names, files without folders, a ZIP within, what macOS adds."""
    taken, remarks = collected(
        {
            "Ada Byron_201_assignsubmission_file_/scenarios (1).ipynb": notebook("ada"),
            "Ada Byron_201_assignsubmission_file_/notes.ipynb": "no notebook",
            "Ruth Meyer_202_assignsubmission_file/work/scenarios.zip": packed(
                {"scenarios.ipynb": notebook("ruth"), "__MACOSX/._scenarios.ipynb": "x"}
            ),
            "José Núñez_203_assignsubmission_file_3_4_scenarios.ipynb": notebook("jose"),
            "Mia Rossi_204_assignsubmission_file_/scenarios.ipynb": notebook("..."),
        },
        tmp_path,
    )
    assert [*taken] == ["ada", "ruth", "jose"]
    assert remarks["unreadable"] == [
        "Mia Rossi_204_assignsubmission_file_/scenarios.ipynb: the id is not filled in"
    ]
    kept = json.loads((tmp_path / "submitted" / "scenarios.json").read_text())
    assert kept["ruth"] == "Ruth Meyer_202_assignsubmission_file"


def test_google_classroom_is_collected(tmp_path):
    """A folder of Drive, where the time of a file says which is the newest."""
    files = {
        "scenarios - Ruth Meyer.ipynb": "ruth",
        "scenarios (1).ipynb": "ada",
        "Copy of scenarios.ipynb": "ada",
        ".ipynb_checkpoints/scenarios.ipynb": "kim",
    }
    for number, (name, student) in enumerate(files.items()):
        path = tmp_path / "drive" / "Week 3" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(notebook(student))
        os.utime(path, (2e9 - number, 2e9 - number))
    taken, remarks = collected(tmp_path / "drive", tmp_path)
    assert taken == {
        "ruth": "Week 3/scenarios - Ruth Meyer.ipynb",
        "ada": "Week 3/scenarios (1).ipynb",
    }
    assert remarks["missing"] == ["jose", "kim"]
    assert len(remarks["double"]) == 1


def test_github_classroom_is_collected(tmp_path):
    place = tmp_path / "clones" / "layers-and-padding-submissions"
    for login, student in {"ada": "ada", "rmeyer": "ruth", "kim-x": "kim"}.items():
        folder = place / f"layers-and-padding-{login}" / "hw"
        folder.mkdir(parents=True)
        (folder / "layers_and_padding.ipynb").write_text(notebook(student))
        (folder / "scratch.ipynb").write_text(notebook("nobody"))
        (folder.parent / ".git").mkdir()
        (folder.parent / ".git" / "old.ipynb").write_text(notebook("nobody"))
    taken, remarks = collected(tmp_path / "clones", tmp_path, "layers_and_padding")
    assert [*taken] == ["ada", "kim", "ruth"]
    assert remarks == {"unreadable": [], "unknown": [], "double": [], "missing": ["jose"]}


def test_an_id_of_another_takes_nobodys_place(tmp_path):
    """Who is known by the class list wins; where nobody is, none is taken."""
    name = "{}_{}_assignsubmission_file_/scenarios.ipynb"
    mine, hers = name.format("Ruth Meyer", 202), name.format("Mallory Moe", 209)
    taken, remarks = collected({hers: notebook("ruth"), mine: notebook("ruth")}, tmp_path)
    assert taken == {"ruth": mine}
    assert remarks["double"] == [f"ruth: 2 people hand in this id, {mine} is taken"]
    by_ada = name.format("Ada Byron", 201)
    taken, remarks = collected({by_ada: notebook("ruth"), mine: notebook("kim")}, tmp_path)
    assert taken == {}
    assert remarks["unknown"] == [f"ruth: {by_ada} is of ada", f"kim: {mine} is of ruth"]
    both = {"x_7_1_scenarios.ipynb": notebook("kim"), "y_8_2_scenarios.ipynb": notebook("kim")}
    taken, remarks = collected(both, tmp_path)
    assert taken == {}
    assert remarks["double"][0].startswith("kim: 2 people hand in this id, none is taken: x_7_1")
    two = {"x_7_1_scenarios.ipynb": notebook("kim"), "x_7_2_scenarios.ipynb": notebook("ada")}
    taken, remarks = collected(two, tmp_path)
    assert taken == {"ada": "x_7_2_scenarios.ipynb"}
    assert remarks["double"] == [
        "kim: x_7_1_scenarios.ipynb is of who handed in x_7_2_scenarios.ipynb, as ada"
    ]


def test_a_name_that_two_have_is_nobodys(tmp_path, monkeypatch):
    monkeypatch.setitem(STUDENTS, "jose", ("Ruth Meyer",))
    name = "Ruth Meyer_202_assignsubmission_file_/scenarios.ipynb"
    assert collected({name: notebook("ruth")}, tmp_path)[0] == {"ruth": name}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('student = "ruth"', "ruth"),
        ('%time\nstudent: str = "ada"\nstudent = "ruth"', "ruth"),
        ("student = who()", None),
        ('def f():\n    student = "ruth"', None),
        ('student = "ru', None),
        ("student = " + "(" * 4000, None),
        ("student = " + "-" * 9000 + "1", None),
        ('student = "ruth"\0', None),
    ],
)
def test_an_id_is_read_and_no_line_of_it_is_run(source, found):
    content = json.dumps({"cells": [{"cell_type": "code", "source": source}]}).encode()
    if found:
        assert collect.id_in(content) == found
    else:
        with pytest.raises(ValueError, match=r"^there is no cell with student = "):
            collect.id_in(content)


def link(name):
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


def test_a_hostile_zip_costs_a_line_and_the_others_go_on(tmp_path, monkeypatch):
    monkeypatch.setattr(handed, "LARGEST", 40_000)
    monkeypatch.setattr(handed, "NESTED", 100_000)
    zeros = packed({f"{number}.ipynb": b"0" * 39_000 for number in range(9)})
    deep = packed({"a.zip": packed({"b.zip": packed({"c.ipynb": notebook("kim")})})})
    path = tmp_path / "given.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"../../{tmp_path.name}.ipynb", notebook("kim"))
        archive.writestr("/etc/scenarios.ipynb", notebook("kim"))
        archive.writestr("a\\..\\..\\scenarios.ipynb", notebook("kim"))
        archive.writestr("C:scenarios.ipynb", notebook("kim"))
        archive.writestr(link("link.ipynb"), "/etc/passwd")
        archive.writestr("bomb.ipynb", b"0" * 40_001)
        archive.writestr("bombs.zip", zeros)
        archive.writestr("deep.zip", deep)
        archive.writestr("torn.zip", zeros[:90])
        archive.writestr("text.ipynb", "hello")
        archive.writestr("list.ipynb", "[1, 2]")
        archive.writestr("brackets.ipynb", "[" * 30_000)
        archive.writestr("none.ipynb", '{"cells": [null, {"source": 3, "cell_type": "code"}]}')
        archive.writestr("scenarios.ipynb", notebook("ruth"))
        archive.writestr("packed.ipynb", notebook("kim"), zipfile.ZIP_LZMA)
    content = path.read_bytes().replace(b"packed.ipynb", b"locked.ipynb")
    path.write_bytes(content)
    before = sorted(tmp_path.parent.iterdir())
    taken, remarks = collected(path, tmp_path)
    assert taken == {"ruth": "scenarios.ipynb"}
    out, limit = "its name leads out of the ZIP", "must have at most 0 MB; clear its outputs"
    whole = "what it lies in unpacks to too much; the rest of that is not read"
    whole = f"bombs.zip/2.ipynb: {whole}"
    said = [one.split(": ", 1) for one in remarks["unreadable"] if "bombs.zip" not in one]
    assert [why for _, why in said] == [
        *[out] * 4,
        "a link, or no file of its own",
        limit,
        "a ZIP within 2 others",
        "no ZIP that can be read",
        *["no notebook"] * 4,
        "compressed in an unusual way",
    ]
    bombs = [one for one in remarks["unreadable"] if "bombs.zip" in one]
    assert bombs == ["bombs.zip/0.ipynb: no notebook", "bombs.zip/1.ipynb: no notebook", whole]
    assert sorted(tmp_path.parent.iterdir()) == before
    assert {one.name for one in (tmp_path / "submitted").iterdir()} == {"ruth", "scenarios.json"}


def test_a_size_that_a_zip_lies_about_is_not_believed(monkeypatch, tmp_path):
    monkeypatch.setattr(handed, "LARGEST", 1000)
    made = packed({"a.ipynb": b"0" * 5000, "b.ipynb": b"0" * 500})
    assert made.count((5000).to_bytes(4, "little")) == 2
    (tmp_path / "a.zip").write_bytes(made.replace((5000).to_bytes(4, "little"), b"\x10\0\0\0"))
    bad, good = handed.notebooks(tmp_path / "a.zip")
    assert (bad.content, bad.why) == (b"", "damaged")
    assert (good.content, good.why) == (b"0" * 500, "")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes, and seldom links")
def test_a_link_in_a_folder_is_not_followed(tmp_path):
    (tmp_path / "secret.ipynb").write_text(notebook("ada"))
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / "scenarios.ipynb").symlink_to(tmp_path / "secret.ipynb")
    (folder / "all").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.ipynb")
    assert {one.path: one.why for one in handed.notebooks(folder)} == dict.fromkeys(
        ("scenarios.ipynb", "all", "pipe.ipynb"), "a link, or no file of its own"
    )


def test_a_class_list_says_what_the_lms_calls_each(tmp_path):
    (tmp_path / "class.txt").write_text("\ufeff" + CLASS, encoding="utf-8")
    assert classlist.students(tmp_path / "class.txt") == STUDENTS


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must have a line for each student: the id; it is empty"),
        ("ada\n=1+1, x\n", r"line 2 of .* must begin with an id, .*, got '=1\+1'"),
        ("ada\nruth\nADA\n", "line 3 of .* must be another student, got 'ADA' again"),
        (None, "must be there, a line for each student: the id; got none"),
    ],
)
def test_a_class_list_that_is_none_is_refused_in_one_line(text, said, tmp_path):
    if text is not None:
        (tmp_path / "class.txt").write_text(text)
    with pytest.raises(ValueError, match=said):
        classlist.students(tmp_path / "class.txt")


def test_collect_says_what_it_did(tmp_path):
    """The command itself, in a folder of its own; what a name says can't steer a terminal."""
    (tmp_path / "class.txt").write_text(CLASS, encoding="utf-8")
    shutil.copytree(ROOT / "assignments", tmp_path / "a", ignore=shutil.ignore_patterns("submit*"))
    names = ("byron_1_2_scenarios.ipynb", "x_3_4_\x1b[2Jscenarios.ipynb")
    given = dict(zip(names, (notebook("ada"), "x"), strict=True))
    (tmp_path / "given.zip").write_bytes(packed(given))
    command = [sys.executable, tmp_path / "a" / "collect.py", "scenarios", tmp_path / "given.zip"]
    command += ["--class", tmp_path / "class.txt"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    ran = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert ran.stdout.splitlines() == [
        "  unreadable: x_3_4_?[2Jscenarios.ipynb: no notebook",
        "  missing: ruth jose kim",
        "1 taken (1 new), 1 unreadable, 0 unknown, 0 double, 3 missing",
    ]
    assert (ran.returncode, ran.stderr) == (1, "")
    assert (tmp_path / "a/submitted/ada/scenarios/scenarios.ipynb").read_text() == notebook("ada")
