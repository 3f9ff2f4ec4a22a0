"""Four systems get the marks in files in their own formats, and nothing else in these changes."""

import csv
import datetime
import io
import os
import sys
import zipfile

import pytest
from handing import STUDENTS, tool
from hypothesis import example, given
from hypothesis import strategies as st

export, gradebooks, tables = tool("export"), tool("gradebooks"), tool("tables")

UNREAD = {"ada": "0", "ruth": "0", "jose": "1", "kim": ""}
SCORES = {"ada": "26.5", "ruth": "0.0", "jose": "20.0", "kim": "0.0"}


def marks(unread=False, **scores):
    rows = [
        dict(assignment="scenarios", student_id=one, score=score, max_score="27.0", unread=count)
        for (one, score), count in zip((SCORES | scores).items(), UNREAD.values(), strict=True)
    ]
    return export.marks_of(
        [*rows, dict(rows[0], assignment="final", score="1.0")], "scenarios", unread
    )


def test_what_nobody_has_read_is_no_mark():
    found = marks()
    assert found.of == {"ada": "26.5", "ruth": "0"}
    assert (found.most, found.remarks) == (
        27,
        ["1 marks are not whole, an explanation is unread: jose"],
    )
    assert marks(unread=True).of == {"ada": "26.5", "ruth": "0", "jose": "20"}
    assert marks(ada="nan").of == marks(ada="-1.0").of == marks(ada="=1+1").of == {"ruth": "0"}


def filled(system, text, title="scenarios", came=None, **changes):
    group = gradebooks.Class(STUDENTS, came or {})
    return gradebooks.SYSTEMS[system](text, title, marks(**changes), group)


CANVAS = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Scenarios (41),Scenarios bonus (42),"
    "Final (43),Final Score,Final Points\r\n"
    ",,,,,Manual Posting,,,,\r\n"
    "    Points Possible,,,,,27.00,5.00,35.00,(read only),(read only)\r\n"
    '"Byron, Ada",101,S1,ADA@uni.edu,"A, and ""B""",,1,,"50,0",\r\n'
    '"Meyer, Ruth",102,S2,somebody,A,3.00,,,,\r\n'
    '"Núñez, José",103,S3,jose,A,7.50,,,,\r\n'
    '"Student, Test",199,,x,A,,,,,\r\n'
)


def test_canvas_is_filled_and_nothing_else_changes():
    came = {"ruth": "meyerruth_LATE_102_9010_scenarios-2.ipynb"}
    found = filled("canvas", CANVAS, came=came)
    wanted = CANVAS.replace('B""",,1', 'B""",26.5,1').replace("A,3.00", "A,0")
    assert found.text == wanted
    assert found.remarks == ["2 rows have no mark yet: Núñez, José; Student, Test"]
    read = [*csv.reader(io.StringIO(found.text.lstrip("\ufeff")))]
    assert [row[5] for row in read] == [
        *("Scenarios (41)", "Manual Posting", "27.00", "26.5", "0", "7.50", "")
    ]


def test_canvas_keeps_who_is_excused_and_tells_of_other_points():
    text = CANVAS.replace('B""",,1', 'B""",EX,1').replace("27.00", "20").replace(",", ";")
    found = filled("canvas", text.replace("\r\n", "\n"))
    assert found.text == text.replace("\r\n", "\n")
    assert found.remarks == [
        "Canvas counts 20 points, here are 27",
        "1 have a mark and no row: ruth",
        "3 rows have no mark yet: Meyer; Ruth; Núñez; José; Student; Test",
        "1 have EX or N/A there, which stays: ada",
    ]


def test_a_column_of_canvas_is_found_by_its_beginning():
    headings = tables.read(CANVAS).headings
    assert headings[0] == "Student"
    assert gradebooks.canvas_column(["ID", "Final (43)", "Final Score (2026)"], "fin") == 1
    assert gradebooks.canvas_column(headings, "final") == 7
    assert gradebooks.canvas_column(headings, "Scenarios b") == 6
    assert gradebooks.canvas_column(["ID", "Layers and Padding (7)"], "layers_and_padding") == 1
    with pytest.raises(ValueError, match=r"'s', 2 do; try --column with one of: Scenarios, Scen"):
        gradebooks.canvas_column(headings, "s")
    with pytest.raises(ValueError, match="'layers', 0 do"):
        gradebooks.canvas_column(headings, "layers")


MOODLE = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed",'
    '"Last modified (submission)","Last modified (grade)","Feedback comments"\n'
    '"Participant 201","Ada Byron",ada@uni.edu,"Submitted for grading - ",,27.00,Yes,'
    '"Friday, 2 October 2026, 9:00 PM",-,"<p>Good,\n""very""</p>"\n'
    '"Participant 202","R. Meyer",r@x,"No submission - ",,27.00,Yes,-,-,\n'
    '"Participant 203","José Núñez",jose@uni.edu,"No submission - ",12.00,27.00,Yes,-,-,\n'
)


def test_moodle_is_filled_and_nothing_else_changes():
    came = {"ruth": "R. Meyer_202_assignsubmission_file_"}
    found = filled("moodle", MOODLE, came=came)
    wanted = MOODLE.replace('grading - ",,', 'grading - ",26.5,').replace('n - ",,', 'n - ",0,')
    assert found.text == wanted
    assert found.remarks == ["1 rows have no mark yet: José Núñez"]
    rows = [*csv.DictReader(io.StringIO(found.text))]
    assert [row["Grade"] for row in rows] == ["26.5", "0", "12.00"]
    assert rows[0]["Feedback comments"] == '<p>Good,\n"very"</p>'
    low = filled("moodle", MOODLE.replace("27.00,Yes", "20.00,Yes", 1), came=came)
    assert "ada: Moodle refuses 26.5 of at most 20" in low.remarks
    with pytest.raises(ValueError, match=r"got Nome; set Moodle to English first$"):
        filled("moodle", "Nome\nx\n")


def test_a_student_in_two_rows_is_in_none():
    """Moodle's number says Ruth's work came from Ada's folder, Ruth's address stands elsewhere."""
    text = MOODLE.replace("r@x", "ruth.meyer@uni.edu")
    found = filled("moodle", text, came={"ruth": "X_201_assignsubmission_file_"})
    assert found.text == text
    assert found.remarks[:2] == [
        "1 stand in several rows, or share one, left alone: ruth",
        "1 have a mark and no row: ada",
    ]


def test_a_name_that_two_have_is_nobodys(monkeypatch):
    text = MOODLE.replace("R. Meyer", "Ruth Meyer")
    monkeypatch.setitem(STUDENTS, "jose", ("Ruth Meyer",))
    found = filled("moodle", text)
    assert found.text == text.replace('grading - ",,', 'grading - ",26.5,')
    assert "1 have a mark and no row: ruth" in found.remarks


def test_google_classroom_gets_a_table():
    found = filled("google", "", came={"kim": "scenarios - Kim Ray.ipynb"})
    assert [*csv.reader(io.StringIO(found.text))] == [
        ["email", "name", "student", "grade"],
        ["ada@uni.edu", "Ada Byron", "ada", "26.5"],
        ["ruth.meyer@uni.edu", "Ruth Meyer", "ruth", "0"],
        ["jose@uni.edu", "José Núñez", "jose", ""],
        ["", "Kim Ray", "kim", ""],
    ]
    assert found.remarks[0] == "2 have no mark yet: jose; kim"
    assert found.remarks[1].startswith("Google Classroom imports no marks: ")


ROSTER = (
    '"identifier","github_username","github_id","name"\n'
    '"Ada Byron","countess","11","Ada"\n'
    '"=HYPERLINK(""x"")","ruth-m","12",""\n'
    '"Moe","m","13",""\n"kim","","",""\n'
)


def test_github_classroom_gets_a_table():
    """An account is the end of a repository's name; what a spreadsheet would compute is text."""
    found = filled("github", ROSTER, came={"ruth": "scenarios-ruth-m"})
    assert [*csv.reader(io.StringIO(found.text))] == [
        ["identifier", "github_username", "grade"],
        ["Ada Byron", "countess", "26.5"],
        ['\'=HYPERLINK("x")', "ruth-m", "0"],
        ["Moe", "m", ""],
        ["kim", "", ""],
    ]
    assert found.remarks[0] == "2 rows have no mark yet: Moe; kim"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", " =1"])
def test_a_formula_becomes_text_in_a_table_that_is_made(cell):
    made = [*csv.reader(io.StringIO(tables.made(("a", "b"), [(cell, "x=1")]), newline=""))]
    assert made == [["a", "b"], [f"'{cell}", "x=1"]]


@given(st.lists(st.lists(st.text('ab",; \n\r'), min_size=2, max_size=4), min_size=1))
@example([["a\r\nb", ""], ["", '"']])
def test_a_table_is_read_as_csv_reads_it_and_one_cell_is_changed(rows):
    rows = [["a", "b"], *rows]
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    table = tables.read(out.getvalue())
    assert table.values == rows
    assert table.changed({}) == out.getvalue()
    rows[-1][1] = "7"
    assert tables.read(table.changed({(len(rows) - 1, 1): "7"})).values == rows


def test_feedback_is_called_as_it_was_handed_in():
    def called(lms, top, **row):
        return export.feedback_name(lms, "scenarios", top, row)

    ruth = {"Identifier": "Participant 202", "Full name": "Ruth/Meyer_x"}
    assert called("moodle", "R M_202_assignsubmission_file_", **ruth) == (
        "R M_202_assignsubmission_file_/scenarios.html"
    )
    built = "Ruth Meyer x_202_assignsubmission_file/scenarios.html"
    assert called("moodle", "", **ruth) == built
    assert called("moodle", "R M_203_assignsubmission_file_", **ruth) == built
    assert called("moodle", "R M_202_assignsubmission_file_scenarios.ipynb", **ruth) == built
    top = "meyerruth_LATE_102_9010_scenarios-2.ipynb"
    assert called("canvas", top) == "meyerruth_LATE_102_9010_scenarios-2.html"
    assert called("canvas", "") == called("google", top) == called("github", "scenarios-x") == ""


def test_marks_and_feedback_are_written(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "HERE", tmp_path)
    for student in ("ruth", "jose"):
        page = tmp_path / "feedback" / student / "scenarios" / "scenarios.html"
        page.parent.mkdir(parents=True)
        page.write_text(student)
    came = {"ruth": "R. Meyer_202_assignsubmission_file_"}
    found = filled("moodle", MOODLE, came=came)
    written = export.write("moodle", "scenarios", found, gradebooks.Class(STUDENTS, came))
    assert written == ["exported/scenarios-moodle.csv", "exported/scenarios-moodle-feedback.zip"]
    assert (tmp_path / written[0]).read_bytes().decode() == found.text
    with zipfile.ZipFile(tmp_path / written[1]) as archive:
        assert archive.namelist() == ["R. Meyer_202_assignsubmission_file_/scenarios.html"]
        assert archive.read(archive.namelist()[0]) == b"ruth"


@pytest.mark.more
def test_marks_come_from_nbgraders_gradebook(tmp_path, monkeypatch):
    """A gradebook of three students: one is read, one waits, one has handed nothing in."""
    from nbgrader.api import Gradebook

    grade = tool("grade")
    monkeypatch.setattr(grade, "HERE", tmp_path)
    monkeypatch.setenv("PATH", os.path.dirname(sys.executable), os.pathsep)
    (tmp_path / "nbgrader_config.py").write_text("")
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db", "lstm-lessons") as book:
        book.add_assignment("scenarios")
        book.add_notebook("scenarios", "scenarios")
        for name, points in (("code", 22), ("explained", 5)):
            book.add_grade_cell(name, "scenarios", "scenarios", max_score=points, cell_type="code")
        for student in ("ada", "ruth", "kim"):
            book.add_student(student)
        for student, waits in (("ada", False), ("ruth", True)):
            book.add_submission("scenarios", student)
            for name, points in (("code", 20.5), ("explained", 4)):
                cell = book.find_grade(name, "scenarios", "scenarios", student)
                cell.manual_score, cell.needs_manual_grade = points, waits and name == "explained"
            (tmp_path / "autograded" / student / "scenarios").mkdir(parents=True)
            grade.mark_of(student, "scenarios").write_text("x")
            (tmp_path / "autograded" / student / "scenarios" / "scenarios.ipynb").write_text("x")
        book.db.commit()
    assert grade.table("scenarios") == 1
    found = export.marks_in(tmp_path / "grades.csv", "scenarios")
    assert (found.of, found.most) == ({"ada": "24.5"}, 27)
    assert found.remarks == ["1 marks are not whole, an explanation is unread: ruth"]
    later = datetime.datetime.now().timestamp() + 60
    os.utime(tmp_path / "gradebook.db", (later, later))
    found = export.marks_in(tmp_path / "grades.csv", "scenarios")
    assert found.remarks[0] == "points were given since; make grade ARGS=scenarios counts them"
