"""The code that is offered for pasting, pasted."""

from lstm_lessons import code, run


def test_pasted_code_returns_what_run_returns(spec, framework):
    names = {}
    exec(code(spec, framework), names)
    returned = run(spec, framework)
    for tensor in returned.tensors:
        assert tuple(names[tensor.expression].shape) == tensor.shape
    for tensor in returned.kept:
        assert tuple(eval(tensor.expression, names).shape) == tensor.shape


def test_pasted_code_is_short_and_the_frameworks_own(spec, framework):
    lines = code(spec, framework).splitlines()
    assert len(lines) <= 8
    assert max(map(len, lines)) <= 88
    assert "lstm_lessons" not in code(spec, framework)
