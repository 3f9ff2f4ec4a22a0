"""The judge: gives the points for what a submission made, and never runs a line of it.

nbgrader calls `Judge` where else it would run the notebook. The cells run in a box. Afterwards the
judge draws weights and inputs, asks the box what the functions return for them, and compares. So
nothing in the process of a submission knows what is right, and nothing there is asked for a number.
"""

import ast
import contextlib
import importlib
import io
import pathlib
import secrets
import sys
import textwrap
import time

import nbformat
from box import Box, Ended
from inside.plain import Other, packed, unpacked
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution
from shown import output
from traitlets import Integer

from lstm_lessons import weights
from lstm_lessons.frameworks import load

HERE = pathlib.Path(__file__).resolve().parent
PLAIN = "text, numbers, arrays or tensors, in tuples or lists"


class Judge(NbGraderPreprocessor):
    """Fill the outputs of a notebook: those of its cells, and below each test its points."""

    timeout = Integer(60, help="seconds a cell").tag(config=True)
    call_timeout = Integer(20, help="seconds a call of a function").tag(config=True)
    most = Integer(300, help="seconds a submission").tag(config=True)
    memory = Integer(5, help="GB a submission, all its processes together").tag(config=True)

    def preprocess(self, nb, resources):
        about = resources["nbgrader"]
        sitting = Sitting(self, nb, about["assignment"])
        try:
            sitting.play()
            told = sitting.judge(about["student"])
        finally:
            sitting.end()
        nb.metadata["remarks"] = [*nb.metadata.get("remarks", []), *told, *unusual(nb)]
        return nb, resources


class Sitting:
    """A submission while it is judged: its notebook, and the box in which it runs."""

    def __init__(self, limits, nb, name):
        self.limits, self.nb, self.name = limits, nb, name
        self.until, self.box, self.told, self.again = time.monotonic() + limits.most, None, [], 2

    def play(self):
        """Run the cells in a fresh box; keep what they show."""
        self.end()
        self.box = Box(self.name, self.limits.memory)
        for number, cell in enumerate(self.nb.cells, start=1):
            if cell.cell_type == "code" and not _is_test(cell) and cell.source.strip():
                try:
                    reply = self.ask(self.limits.timeout, do="play", source=cell.source)
                    cell.outputs = [one for data in _outputs(reply) if (one := output(data))]
                except Ended as why:
                    self.tell(f"{_name(cell, number)} {why}; nothing after it was run")
                    return

    def judge(self, student):
        """Give each test cell its points, below what was wrong; return what is unusual."""
        answers, tests = answers_of(self.name), list(filter(_is_test, self.nb.cells))
        setup = [one for one in self.nb.cells if _name(one, 0) == "setup"]
        if self.box.over:
            for cell in tests:
                points(cell, f"Nothing can be judged: {'; '.join(self.told)}.", 0.0)
            return self.told
        typed = self.made("student")
        if typed != student:
            said = f"the id in the notebook is {_short(typed)}, the folder's is {student!r}"
            self.tell(f"{said}: it earns nothing")
            for cell in tests:
                points(cell, f"With another id than its folder's it earns nothing: {said}.", 0.0)
            return self.told
        for cell in setup:
            self.told += [_said(one) for one in cell.outputs if one.get("ename")]
        weights.draw_anew(secrets.randbelow(2**40))
        load("keras").forget()
        paper = answers.tasks.paper(student)
        for cell in tests:
            name, function = answers.TESTS[cell.metadata.nbgrader.grade_id]
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                earned = function(paper, self.made(name), of=float(cell.metadata.nbgrader.points))
            points(cell, said.getvalue(), earned)
        return self.told

    def made(self, name):
        """Return what the notebook calls by this name: a plain value, or a Function; else None."""
        try:
            reply = self.ask(self.limits.call_timeout, do="value", name=name)
        except Ended:
            return None
        if reply.get("callable"):
            return Function(self, name)
        try:
            value = unpacked(reply["value"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None
        return object() if isinstance(value, Other) else value

    def call(self, name, arguments):
        """Return the reply to a call; what ended the box is told, and a fresh one made."""
        tensors = [one for one in arguments if type(one).__name__ == "Tensor"]
        framework = "torch" if tensors else "keras"
        data = [packed(one) for one in arguments]
        about = dict(do="call", name=name, framework=framework, arguments=data)
        try:
            return self.ask(self.limits.call_timeout, **about)
        except Ended as why:
            self.tell(f"{name} {why}")
            if self.again and time.monotonic() < self.until:
                self.again -= 1
                self.play()
            return {"error": ["Ended", f"the code {why}"]}

    def ask(self, seconds, **request):
        """Return the box's reply, a dict, within what is left of the time for a submission."""
        if self.until < time.monotonic():
            self.box.end(f"took more than {self.limits.most} seconds in all")
        return self.box.ask(seconds, **request)

    def tell(self, remark):
        """Keep a remark for the instructor, once."""
        if remark not in self.told:
            self.told.append(remark)

    def end(self):
        """End the box."""
        if self.box:
            self.box.close()


class Function:
    """A function in the box, to be called with layers and arrays as if it were here."""

    def __init__(self, sitting, name):
        self.sitting, self.name, self.late = sitting, name, ""

    def __call__(self, *arguments):
        if self.late:
            raise _error("TimeOut", self.late)
        reply = self.sitting.call(self.name, arguments)
        if "error" in reply:
            kind, said = _error_in(reply)
            if kind in ("TimeOut", "Ended"):
                self.late = said  # once is enough
            if kind == "TimeOut":
                self.sitting.tell(f"{self.name} was ended: {said}")
            raise _error(kind, said)
        value = unpacked(reply["value"])
        for one in _leaves(value):
            if isinstance(one, Other):
                raise TypeError(f"must return {PLAIN}, got {one.kind}")
        return value

    def __repr__(self):
        return self.name


def answers_of(name):
    """Return the module of what is right in an assignment, with the `tasks` of its notebook."""
    source = str(HERE / "source" / name)
    sys.path[:] = [source, *(one for one in sys.path if "source" not in pathlib.Path(one).parts)]
    for module in ("tasks", f"answers.{name}"):
        sys.modules.pop(module, None)
    return importlib.import_module(f"answers.{name}")


def points(cell, said, earned):
    """Write below a test cell what was said, and its points, as nbgrader reads them."""
    text = dict(name="stdout", text=said)
    cell.outputs = [nbformat.v4.new_output("stream", **text)] if said else []
    result = dict(data={"text/plain": str(float(earned))}, execution_count=None)
    cell.outputs.append(nbformat.v4.new_output("execute_result", **result))


STRANGE = {  # modules, functions and attributes that no task needs
    *("answers", "atexit", "builtins", "ctypes", "gc", "importlib", "inspect", "multiprocessing"),
    *("nbgrader", "open", "pickle", "psutil", "requests", "resource", "shutil", "signal", "socket"),
    *("subprocess", "sys", "threading", "urllib", "_exit", "_getframe", "__import__", "abort"),
    *(
        "chdir",
        "displayhook",
        "fork",
        "get_ipython",
        "kill",
        "putenv",
        "setns",
        "symlink",
        "system",
    ),
    *("__array__", "__array_function__", "__class__", "__del__", "__eq__", "__globals__"),
    *("__reduce__", "__subclasses__"),
}
CALLED = {"compile", "eval", "exec", "globals", "locals", "setattr", "vars"}  # by their names alone


def unusual(nb):
    """Yield what of the code is worth a look: names that no task needs, and library parts replaced.

    It has no effect on the points, and a person who hides it is not found.
    """
    imported = set()
    for number, cell in enumerate(nb.cells, start=1):
        if cell.cell_type != "code" or cell.metadata.get("nbgrader", {}).get("locked"):
            continue
        lines = [line for line in cell.source.splitlines() if line.lstrip()[:1] not in ("%", "!")]
        try:
            nodes = list(ast.walk(ast.parse("\n".join(lines))))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        names = {one for node in nodes for one in _names(node)}
        for one in (one for node in nodes for one in getattr(node, "names", ())):
            if isinstance(one, ast.alias):
                imported.add(one.asname or one.name.partition(".")[0])
        strange = sorted(names & STRANGE | {one.id for one in nodes if _is_called(one)})
        if strange:
            yield f"{_name(cell, number)} uses {', '.join(strange[:6])}: worth a look"
        for node in nodes:
            target = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
            known = target.partition(".")[0] in imported | {"np", "torch", "keras", "tasks"}
            if target and known and isinstance(node.ctx, ast.Store):
                yield f"{_name(cell, number)} puts something in the place of {target[:60]}"


def _is_called(node):
    return isinstance(node, ast.Name) and node.id in CALLED


def _names(node):
    """Yield the names in a node: of modules, of variables, of attributes."""
    if isinstance(node, ast.Name):
        yield node.id
    if isinstance(node, ast.Attribute):
        yield node.attr
    if isinstance(node, ast.ImportFrom) and node.module:
        yield from node.module.split(".")
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        yield node.name
    for one in getattr(node, "names", ()):
        if isinstance(one, ast.alias):
            yield from one.name.split(".")


def _is_test(cell):
    return cell.cell_type == "code" and is_grade(cell) and not is_solution(cell)


def _name(cell, number):
    return cell.metadata.get("nbgrader", {}).get("grade_id") or f"cell {number}"


def _outputs(reply):
    """Return the outputs of a reply that are such, as far as can be told; `Shown` does the rest."""
    if "error" in reply:
        kind, said = _error_in(reply)
        return [dict(output_type="error", ename=kind, evalue=said, traceback=[f"{kind}: {said}"])]
    found = reply.get("outputs")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _error_in(reply):
    """Return the kind of an error and what it says, whatever the box made of it."""
    told = reply["error"] if isinstance(reply["error"], list) else []
    kind, said, *_ = [*map(str, told), "Error", ""]
    return kind, said


def _said(error):
    return _short(f"{error.get('ename', '')}: {error.get('evalue', '')}", plain=True)


def _short(value, plain=False):
    text = str(value) if plain else repr(value) if isinstance(value, str) else "none"
    return textwrap.shorten(text, 200, placeholder=" …")


def _leaves(value):
    return [leaf for one in value for leaf in _leaves(one)] if type(value) is tuple else [value]


def _error(kind, said):
    """Return an exception whose class has the name of the one in the box."""
    return type(kind if kind.isidentifier() else "Error", (Exception,), {})(said)
