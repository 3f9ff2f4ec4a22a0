"""The ways into the course: what is advised, the command, Colab and Binder."""

from lstm_lessons import frameworks

INDEXED = "lstm-lessons[course]"  # the course is on no index: pip finds nothing of this name


def test_nothing_advises_what_is_on_no_index(root):
    texts = [*root.glob("*.md"), *root.glob("docs/*.md"), *root.glob("notebooks/*.ipynb")]
    texts += [*root.glob("*.py"), *root.rglob("lstm_lessons/**/*.py"), *root.glob("binder/*")]
    assert len(texts) > 100
    assert [path.name for path in texts if INDEXED in path.read_text("utf-8")] == []


def test_each_framework_is_installed_by_its_own_names():
    assert frameworks.PACKAGES.keys() == {one.title for one in frameworks.DIALECTS.values()}
