"""Runs a submission inside of the box, and answers what the judge asks. No answer is here.

Reads a request a line, as JSON, and writes a reply a line. Cells are run as in a notebook. Then the
functions that they made are called on what the judge sends, and what they return goes back as data.
"""

import contextlib
import json
import os
import signal
import sys
import traceback

from lstm_lessons.frameworks import load

MOST = 4_000_000  # characters of a reply
LINES = 200  # of text that one cell may show


class TimeOut(BaseException):
    """The code was not done in time. No subclass of Exception, so that few catch it."""


def main():
    """Answer requests until there are none."""
    requests, replies = os.fdopen(os.dup(0), encoding="utf-8"), os.fdopen(os.dup(1), "w")
    nothing = os.open(os.devnull, os.O_RDWR)
    for place in (0, 1, 2):  # what writes past Python reaches nobody, and nothing is to be read
        os.dup2(nothing, place)
    mine = os.getpid()
    load_all()
    shell = made_shell()
    answering = {"play": play, "value": value, "call": call}
    replies.write('{"to": "ready"}\n')
    replies.flush()
    for line in requests:
        request = json.loads(line)
        try:
            with at_most(request["seconds"]):
                answer = answering[request["do"]](shell, request)
        except TimeOut:
            answer = {"error": ["TimeOut", f"not done after {request['seconds']} seconds"]}
        except BaseException as error:
            answer = {"error": [type(error).__name__, said(error)]}
        if os.getpid() != mine:
            os._exit(0)  # a copy of this process that the submission has made
        text = json.dumps({"to": request["to"], **answer})
        if len(text) > MOST:
            answer = {"error": ["ValueError", "what came back is too large"]}
            text = json.dumps({"to": request["to"], **answer})
        replies.write(text + "\n")
        replies.flush()


def load_all():
    """Import what every submission needs, so that it is there already, if this was done before."""
    for framework in ("keras", "torch"):
        load(framework)
    import IPython.core.interactiveshell
    import IPython.utils.capture  # noqa: F401


def made_shell():
    """Return IPython as a notebook has it, without a kernel around it."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Shell(InteractiveShell):
        def enable_gui(self, gui=None):
            """Have no window: %matplotlib inline asks for none."""

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = Shell.instance(config=config)
    shell.showtraceback = shell.showsyntaxerror = lambda *_, **__: None  # `play` says it
    return shell


@contextlib.contextmanager
def at_most(seconds):
    """Raise TimeOut in the code within, again and again, when so many seconds are over."""

    def late(*_):
        raise TimeOut

    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def play(shell, request):
    """Return what a cell shows: printed text, what it displays, and its error."""
    from IPython.utils.capture import capture_output

    with capture_output() as captured:
        result = shell.run_cell(request["source"], store_history=True)
    outputs = []
    if captured.stdout:
        lines = captured.stdout.splitlines(keepends=True)
        text = "".join(lines[:LINES])[:20_000]
        outputs.append(dict(output_type="stream", name="stdout", text=text))
    for one in captured.outputs[:50]:
        outputs.append(dict(output_type="display_data", data=one.data))
    error = result.error_before_exec or result.error_in_exec
    if error is not None:
        kind = "CellTimeoutError" if isinstance(error, TimeOut) else type(error).__name__
        where = [f"line {number}: {line}" for number, line in lines_of(error)]
        text = [*where, f"{kind}: {said(error)}"]
        about = dict(ename=kind, evalue=said(error), traceback=text)
        outputs.append(dict(output_type="error", **about))
    return {"outputs": outputs}


def lines_of(error):
    """Yield the lines of cells, not of libraries, that an error came through."""
    if isinstance(error, SyntaxError):
        yield error.lineno, (error.text or "").strip()
    for frame in traceback.extract_tb(error.__traceback__):
        if "ipython-input" in frame.filename or "ipykernel" in frame.filename:
            yield frame.lineno, frame.line


def said(error):
    """Return what an error says, in few words; an error may fail to say it."""
    try:
        return str(error)[:2000]
    except Exception:
        return ""


def value(shell, request):
    """Return a variable of the notebook as data, or that it can be called, or is missing."""
    import plain

    if request["name"] not in shell.user_ns:
        return {"missing": True}
    found = shell.user_ns[request["name"]]
    return {"callable": True} if callable(found) else {"value": plain.packed(found)}


def call(shell, request):
    """Return what a function of the notebook returns for what the judge has sent, as data."""
    import plain

    function = shell.user_ns[request["name"]]
    arguments = [plain.rebuilt(one) for one in request["arguments"]]
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        made = load(request["framework"]).call(function, *arguments)
    return {"value": plain.packed(made)}


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    main()
