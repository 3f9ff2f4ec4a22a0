"""What a class asks of a hub, and so of a machine: python benchmarks/hub.py.

    --learners 1 2 4   how many at once; 1, 2, 4, 8 and 12 if not given
    --lessons 01 07    which lessons; if not given, all for the first number of learners, and for
                       the others the lightest, the middle and the heaviest of them

The first number is measured twice: with kernels that share what is loaded, as the hub has them, and
with kernels that each load their own, as on Kubernetes.

Writes deploy/RESULTS.md. Needs what `make test-hub` needs, and PYTHONPATH=tools.
"""

import argparse
import collections
import contextlib
import math
import os
import pathlib
import platform
import sys
import threading
import time
from importlib import metadata

import classroom
import nbformat
import psutil
from classroom import Learner

ROOT = pathlib.Path(__file__).resolve().parent.parent
MB, GB = 2**20, 2**30
WAIT = 180  # seconds after which all who run the heaviest lesson at one moment have their answers
CORES, MACHINE = 16, 64  # cores and GB of memory of one machine of a larger hub
FREE = 0.1  # the part of its memory that is left free


class Meter(threading.Thread):
    """Watches the processes of Unix users, while it is entered, once in half a second.

    peaks: bytes, each user's highest proportional set size (PSS: a page that n processes share
    counts 1/n in each). total: bytes, the highest sum of them. spent: processor seconds of all.
    """

    def __init__(self, names):
        super().__init__(daemon=True)
        self.names, self.ended = set(names), threading.Event()
        self.peaks, self.total, self.seconds = collections.Counter(), 0, {}

    def __enter__(self):
        self.look()
        self.before = sum(self.seconds.values())
        self.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join()
        self.look()
        self.spent = sum(self.seconds.values()) - self.before

    def run(self):
        """Look until the end."""
        while not self.ended.wait(0.5):
            self.look()

    def look(self):
        """Take one look at every process."""
        now = collections.Counter()
        for process in psutil.process_iter(["username"]):
            if process.info["username"] in self.names:
                with contextlib.suppress(psutil.NoSuchProcess):
                    now[process.info["username"]] += process.memory_full_info().pss
                    self.seconds[process.pid] = sum(process.cpu_times()[:2])
        self.peaks |= now
        self.total = max(self.total, now.total())


def attempt(learner, lesson):
    """Return what kept a learner from running a lesson whole, or None, and the seconds it took."""
    path, start = f"my-lessons/{lesson}.ipynb", time.perf_counter()
    try:
        errors = classroom.errors(learner.run(path))
    except (classroom.Lost, OSError) as error:  # OSError: the server does not answer
        return str(error), time.perf_counter() - start
    took = time.perf_counter() - start
    cells = nbformat.read(learner.home / path, as_version=4).cells
    if not all(cell.execution_count for cell in cells if cell.cell_type == "code"):
        errors.append("the saved notebook lacks answers")
    return str(errors[0]) if errors else None, took


def measure(number, lessons, shared=True):
    """Return how so many learners start, {what: value}, and a row for each lesson they run.

    shared: whether kernels share what is loaded.
    """
    with classroom.unix_users(number) as users, classroom.hub(ROOT, shared=shared) as url:
        learners = [Learner(url, *user) for user in users.items()]
        for learner in learners:
            learner.log_in()
        start = time.perf_counter()
        with Meter(users) as meter:
            classroom.together(learners, Learner.start)
        first = {
            "learners": number,
            "start": time.perf_counter() - start,
            "start_cpu": meter.spent / number,
            "server": max(meter.peaks.values()),
        }
        rows = [run(learners, lesson, shared) for lesson in lessons]
        others = psutil.Process().children(recursive=True)
        hub = [process for process in others if process.username() not in users]
        first["hub"] = sum(process.memory_full_info().pss for process in hub)
        files = [path for path in learners[0].home.rglob("*") if path.is_file()]
        first["disk"] = sum(path.lstat().st_blocks * 512 for path in files)
        classroom.together(learners, Learner.stop)
    return first, rows


def run(learners, lesson, shared):
    """Return the row of a lesson: learners run it all at once, and their kernels are ended."""
    with Meter(learner.name for learner in learners) as meter:
        answers = classroom.together(learners, lambda learner: attempt(learner, lesson))
    classroom.together(learners, Learner.close)
    row = {
        "learners": len(learners),
        "lesson": lesson,
        "kernels": "shared" if shared else "own",
        "whole": sum(problem is None for problem, _ in answers),
        "seconds": max(took for _, took in answers),
        "cpu": meter.spent / len(learners),
        "peak": max(meter.peaks.values()),
        "total": meter.total,
    }
    print(lesson_row(row), *{problem for problem, _ in answers if problem}, flush=True)
    return row


def representative(rows):
    """Return the lightest, the middle and the heaviest lesson of these rows, by processor time."""
    ranked = sorted(rows, key=lambda row: row["cpu"])
    return [ranked[place]["lesson"] for place in (0, len(ranked) // 2, -1)]


def main():
    """Measure, and write RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--learners", type=int, nargs="+", default=[1, 2, 4, 8, 12])
    parser.add_argument("--lessons", nargs="+")
    asked = parser.parse_args()
    if line := classroom.missing():
        sys.exit(line)
    names = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
    lessons = [name for name in names if not asked.lessons or name[:2] in asked.lessons]
    firsts, rows = [], []
    for number in asked.learners:
        first, more = measure(number, lessons)
        firsts.append(first)
        rows += more
        if not asked.lessons:
            lessons = representative(rows[: len(names)])
    rows += measure(asked.learners[0], lessons, shared=False)[1]
    (ROOT / "deploy/RESULTS.md").write_text(report(firsts, rows))


def report(firsts, rows):
    """Return the text of RESULTS.md."""
    shared = [row for row in rows if row["kernels"] == "shared"]
    class_of = max(row["learners"] for row in shared)
    whole = max(row["total"] for row in shared if row["learners"] == class_of)
    each, cpu = whole / class_of / GB, max(row["cpu"] for row in shared)
    own = max(row["peak"] for row in rows) / GB
    own_cpu = max(row["cpu"] for row in rows)
    hub, start = max(one["hub"] for one in firsts) / GB, max(one["start_cpu"] for one in firsts)
    disk = max(one["disk"] for one in firsts) / MB
    sizes = []
    for number in (30, 120, 300):
        memory, cores = (number * each + hub) / (1 - FREE), math.ceil(number * cpu / WAIT)
        many, more = number * own / (1 - FREE), number * own_cpu / WAIT
        machines = math.ceil(max(many / MACHINE, more / CORES))
        sizes.append(
            f"| {number:,} | {math.ceil(memory):,} | {cores:,} | {number * start / cores:.0f} "
            f"| {math.ceil(many):,} | {math.ceil(more):,} | {machines:,} |"
        )
    names = ("jupyterhub", "jupyterlab", "keras", "torch")
    machine = [f"{platform.system()} on {platform.machine()}", f"{os.cpu_count()} cores"]
    machine += [f"{psutil.virtual_memory().total / GB:.0f} GB"]
    machine += [f"Python {platform.python_version()}"]
    machine += [f"{name} {metadata.version(name)}" for name in names]
    return REPORT.format(
        machine=", ".join(machine),
        servers="\n".join(map(server_row, firsts)),
        lessons="\n".join(map(lesson_row, rows)),
        sizes="\n".join(sizes),
        **{"each": each, "cpu": cpu, "hub": hub, "start": start, "disk": disk},
        **{"class_of": class_of, "own": own, "own_cpu": own_cpu},
        **{"WAIT": WAIT, "CORES": CORES, "MACHINE": MACHINE, "FREE": FREE, "USED": 1 - FREE},
    )


def server_row(first):
    return (
        f"| {first['learners']} | {first['start']:.0f} | {first['start_cpu']:.1f} "
        f"| {first['server'] / MB:.0f} | {first['hub'] / MB:.0f} |"
    )


def lesson_row(row):
    return (
        f"| {row['learners']} | {row['lesson']} | {row['kernels']} "
        f"| {row['whole']} of {row['learners']} | {row['seconds']:.0f} | {row['cpu']:.1f} "
        f"| {row['peak'] / MB:.0f} | {row['total'] / MB:.0f} |"
    )


REPORT = """\
# A class on a hub, measured

Written by `python benchmarks/hub.py`, with the hub of `jupyterhub_config.py`. Learners are Unix
users. All at the same moment, they start their servers; then each opens a lesson and runs all of
it, through the hub and a websocket.
{machine}.

## Servers

Seconds until the last server is ready; processor seconds and memory of each server without a
kernel; memory of the hub itself, and in it of the process that has the frameworks loaded.

| learners | seconds | processor seconds each | MB each, at most | MB, hub |
| --- | --- | --- | --- | --- |
{servers}

## Lessons

Kernels: shared, forked from one process that has the frameworks loaded, as the hub has them; or
own, each with what it loaded itself, as in a container. Whole: every cell ran without an error, and
the saved notebook has all answers. Seconds are those of the slowest learner. Memory is that of the
learner's server and kernel, as proportional set size: a page that n processes share counts 1/n in
each.

| learners | lesson | kernels | whole | seconds | cpu seconds each | MB each, at most | MB, all |
| --- | --- | --- | --- | --- | --- | --- | --- |
{lessons}

## What a class needs

For learners who are there at the same time, each with one server and one kernel. On one machine,
with this hub:

- memory: ({each:.2f} GB × learners + {hub:.2f} GB for the hub) / {USED:.1f}, so that {FREE:.0%}
  stays free; a learner's share is that of {class_of} learners in the lesson that takes most;
- cores, a run at one moment: {cpu:.1f} processor seconds × learners / {WAIT} seconds, so that all
  who run the heaviest lesson at one moment have their answers after {WAIT} seconds;
- log in: {start:.1f} processor seconds × learners / cores, until all servers are ready;
- disk: {disk:.1f} MB × learners, what one learner's home held after these lessons.

With kernels of their own, on Kubernetes or on a hub that shares nothing:

- memory: {own:.2f} GB × learners / {USED:.1f}; cores: {own_cpu:.1f} processor seconds × learners /
  {WAIT} seconds;
- machines of {CORES} cores and {MACHINE} GB: as many as memory or cores need.

Processor time is that of this machine. A class that reads and predicts between its runs gets by
with fewer cores; a learner who opens a second lesson takes another kernel.

| learners | memory, GB | cores | log in, seconds | own kernels: memory, GB | cores | machines |
| --- | --- | --- | --- | --- | --- | --- |
{sizes}
"""


if __name__ == "__main__":
    main()
