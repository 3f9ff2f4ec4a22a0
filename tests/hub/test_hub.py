"""A class on the hub of deploy/: real logins, servers, kernels and Unix users."""

import concurrent.futures
import json
import os
import pathlib
import pwd
import re
import subprocess

import classroom
import nbformat
import pytest
import requests
import websocket
from classroom import Learner, Lost

from conftest import git

SHORT = "my-lessons/01_last_output.ipynb"
LONG = "my-lessons/08_padding.ipynb"


def stored(learner, path=SHORT):
    """Return a learner's notebook as it lies on the disk, whole and valid."""
    notebook = nbformat.read(learner.home / path, as_version=4)
    nbformat.validate(notebook)
    return notebook


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def answered(notebook):
    """Return how many cells of a notebook have run."""
    return sum(cell.execution_count is not None for cell in code(notebook))


def process(learner, word):
    """Return the one process of a learner with this word in its command."""
    (found,) = [p for p in classroom.processes(learner.name) if word in " ".join(p.cmdline())]
    return found


def server(learner):
    return process(learner, "jupyterhub-singleuser")


def kernel(learner):
    """Return the stand-in of a learner's kernel, which the server knows."""
    return process(learner, "preloaded.py -f")


def forked(learner):
    """Return the process that is a learner's kernel."""
    found = classroom.processes(learner.name)
    (found,) = [p for p in found if " ".join(p.cmdline()).endswith("preloaded.py")]
    return found


def value(learner, source):
    """Return what a learner's own kernel answers: a value's text, an error's name, or None."""
    with learner.kernel(learner.open(SHORT)) as execute:
        outputs, _ = execute(source)
    for output in outputs:
        return output.ename if output.output_type == "error" else output.data["text/plain"]


def get_under_way(learner, lesson):
    """Return once five cells of a lesson have run; raise its own error if it ends before."""
    classroom.until(lambda: lesson.done() or learner.done >= 5)
    if lesson.done():
        lesson.result()


def test_learners_at_once_each_run_a_whole_lesson(learners):
    paths = dict(zip(learners, [SHORT, LONG], strict=True))
    classroom.together(learners, lambda learner: learner.run(paths[learner]))
    for learner, path in paths.items():
        notebook = stored(learner, path)
        assert classroom.errors(notebook) == []
        assert answered(notebook) == len(code(notebook)) > 15


def test_my_lessons_are_there_at_the_first_start_and_are_the_learners(learners, clone):
    names = {path.name for path in (clone / "notebooks").glob("*.ipynb")}
    for learner in learners:
        mine = list((learner.home / "my-lessons").glob("*.ipynb"))
        assert {path.name for path in mine} == names
        assert {path.owner() for path in mine} == {learner.name}


def test_only_learners_with_their_password_get_in(hub, users):
    name, password = next(iter(users.items()))
    assert Learner(hub, name, "guess").log_in().status_code == 403
    with classroom.unix_users(1, group="others") as others:
        ((other, right),) = others.items()
        assert Learner(hub, other, right).log_in().status_code == 403
    assert Learner(hub, name, password).log_in().status_code == 200


def test_a_killed_kernel_and_a_killed_server_harm_nobody_else_and_the_lesson_goes_on(learners):
    one, other = learners
    other.open(LONG)
    untouched = kernel(other).pid, server(other).pid
    with concurrent.futures.ThreadPoolExecutor() as pool:
        others_lesson = pool.submit(other.run, LONG)
        for victim in (kernel, server):
            one.done = 0
            lesson = pool.submit(one.run, SHORT)
            get_under_way(one, lesson)
            victim(one).kill()
            with pytest.raises(Lost):
                lesson.result()
            if victim is server:
                classroom.until(lambda: not classroom.processes(one.name))  # its kernel, too
                one.start()
            assert 5 <= answered(stored(one)) < len(code(stored(one)))
        assert classroom.errors(others_lesson.result()) == []
    assert (kernel(other).pid, server(other).pid) == untouched
    notebook = one.run(SHORT)
    assert classroom.errors(notebook) == []
    assert answered(notebook) == len(code(notebook))


def test_what_was_asked_of_a_kernel_that_had_died_does_not_spoil_the_next_run(learners):
    one, _ = learners
    with one.kernel(one.open(SHORT)) as execute:
        execute("1")
        gone = forked(one)
        kernel(one).kill()
        gone.wait(20)
        with pytest.raises(Lost):
            execute("import time; time.sleep(2); not_defined")
    assert value(one, "6 * 7") == "42"


def test_a_learner_cannot_read_answers_or_anothers_files_and_processes(learners, clone):
    one, other = learners
    assert value(one, f"__import__('os').listdir({str(clone / '.git')!r})") == "PermissionError"
    other.open(SHORT)
    theirs = other.home / SHORT
    assert theirs.owner() == other.name
    for source in (
        f"open({str(theirs)!r}).read()",
        f"import os; os.listdir({str(other.home)!r})",
        f"open('/proc/{server(other).pid}/environ').read()",
        f"import os; os.kill({kernel(other).pid}, 0)",
    ):
        assert value(one, source) == "PermissionError", source
        assert value(other, source) != "PermissionError", source
    (connection,) = (other.home / ".run").glob("kernel-*.json")
    assert json.loads(connection.read_text())["transport"] == "ipc"


def test_a_learner_holds_no_file_that_the_hub_has_open(learners):
    one, _ = learners
    assert value(one, "6 * 7") == "42"
    hub, *theirs = [server(one).ppid(), *(each.pid for each in classroom.processes(one.name))]
    assert len(theirs) >= 3  # server, stand-in, kernel
    hubs = {os.readlink(file) for file in pathlib.Path(f"/proc/{hub}/fd").iterdir()}
    for number in theirs:
        files = {os.readlink(file) for file in pathlib.Path(f"/proc/{number}/fd").iterdir()}
        assert {file for file in files & hubs if file[0] == "/"} <= {"/dev/null"}


def test_a_learner_cannot_use_anothers_server(learners, hub):
    one, other = learners
    theirs, mine = f"{hub}/user/{other.name}/api", f"{hub}/user/{one.name}/api"
    number = other.open(SHORT)
    address = f"/kernels/{number}/channels"
    one.browser.get(f"{hub}/user/{one.name}/lab")
    stolen = one.browser.cookies.get(f"jupyterhub-user-{one.name}", path=f"/user/{one.name}/")
    cookie = {"Cookie": f"jupyterhub-user-{other.name}={stolen}"}
    own_cookie = {"Cookie": f"jupyterhub-user-{one.name}={stolen}"}
    assert requests.get(f"{mine}/contents", headers=own_cookie).status_code == 200
    assert requests.get(f"{mine}/contents", headers=one.key).status_code == 200
    ports = [c.laddr.port for c in server(other).net_connections() if c.status == "LISTEN"]
    places = [theirs] + [f"http://127.0.0.1:{port}/user/{other.name}/api" for port in ports]
    for place in places:
        for key in ({}, one.key, cookie):
            answer = requests.get(f"{place}/contents/{SHORT}", headers=key)
            assert answer.status_code == 403, (place, key)
            with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
                websocket.create_connection(place.replace("http", "ws", 1) + address, header=key)
    assert one.browser.get(f"{theirs}/contents/{SHORT}").status_code in (403, 404)
    for method, path in (("GET", ""), ("DELETE", "/server"), ("POST", "/tokens")):
        where = f"{hub}/hub/api/users/{other.name}{path}"
        assert requests.request(method, where, headers=one.key).status_code in (403, 404)
    assert other.running()


def test_a_kernel_that_takes_too_much_memory_gets_an_error_and_the_others_live(learners):
    one, other = learners
    others = other.open(SHORT)
    assert value(one, "[bytearray(2**28) for block in range(16)]") == "MemoryError"
    assert value(one, "6 * 7") == "42"
    assert other.open(SHORT) == others
    assert value(other, "6 * 7") == "42"


def test_a_kernel_is_the_learners_alone_and_shares_what_is_loaded(learners):
    one, _ = learners
    drawn = [value(learner, "import numpy as np; np.random.rand()") for learner in learners]
    assert len(set(drawn)) == 2
    user = pwd.getpwnam(one.name)
    for name, number in (("uid", user.pw_uid), ("gid", user.pw_gid)):
        assert value(one, f"import os; os.getres{name}()") == str((number,) * 3)
    groups = sorted(os.getgrouplist(one.name, user.pw_gid))
    assert value(one, "sorted(os.getgroups())") == str(groups)
    assert value(one, "b'TOKEN' in open('/proc/self/environ', 'rb').read()") == "False"
    assert value(one, "import signal; signal.getsignal(signal.SIGCHLD) == signal.SIG_DFL") == "True"
    assert value(one, "import subprocess; subprocess.run(['false']).returncode") == "1"
    completed = "jedi.Interpreter('import decimal; decimal.DecimalT', [{}]).complete()[0].name"
    assert value(one, f"import jedi; {completed}") == "'DecimalTuple'"
    compiled = "import os, lstm_lessons.ahead as ahead; os.path.exists(ahead.__cached__)"
    assert value(one, compiled) == "True"
    one.close()
    one.run(SHORT)
    rollup = "[line for line in open('/proc/self/smaps_rollup') if 'Private_Dirty' in line]"
    assert int(value(one, f"int({rollup}[0].split()[1])")) < 150_000  # kB; else 350,000


def test_a_kernel_computes_with_one_thread(learners):
    one, _ = learners
    layer = "import keras, numpy as np; _ = keras.layers.LSTM(7)(np.zeros((3, 5, 6)))"
    threads = "[open(one).read() for one in glob.glob('/proc/self/task/*/comm')]"
    assert value(one, f"{layer}; import glob; {threads}.count('tf_Compute\\n')") == "1"


def test_a_run_is_interrupted_and_a_kernel_that_ends_is_noticed(learners):
    one, _ = learners
    name = one.open(SHORT)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        endless = pool.submit(value, one, "while True: pass")
        classroom.until(lambda: one.ask("GET", f"kernels/{name}")["execution_state"] == "busy")
        one.ask("POST", f"kernels/{name}/interrupt")
        assert endless.result() == "KeyboardInterrupt"
    with pytest.raises(Lost):
        value(one, "import os; os._exit(1)")
    classroom.until(lambda: one.ask("GET", f"kernels/{name}")["execution_state"] == "idle")


LIMITS = {
    "import subprocess; [subprocess.Popen(['sleep', '60']) for _ in range(600)]": "BlockingIOError",
    "open('large', 'wb').truncate(2**30 + 1)": "OSError",
}


def test_limits_of_processes_files_and_processor_seconds_bite_or_are_set(learners):
    one, other = learners
    for source, error in LIMITS.items():
        assert value(one, source) == error
        assert value(other, "import subprocess; subprocess.run(['true']).returncode") == "0"
        one.close()
        classroom.until(lambda: len(classroom.processes(one.name)) == 1)
    for limits in (
        value(one, "open('/proc/self/limits').read()").replace("\\n", "\n"),
        pathlib.Path(f"/proc/{server(one).pid}/limits").read_text(),
    ):
        assert re.search(r"^Max cpu time +7200 +7200 ", limits, re.M)
        assert re.search(r"^Max processes +500 +500 ", limits, re.M)
    assert server(one).nice() == int(value(one, "import os; os.nice(0)")) == 5


def test_an_instructor_sees_and_stops_servers_and_a_learner_does_not(learners, hub, instructor):
    one, other = learners
    admin = Learner(hub, *instructor)
    assert admin.log_in().status_code == 200
    assert admin.browser.get(f"{hub}/hub/admin").status_code == 200
    assert one.browser.get(f"{hub}/hub/admin").status_code == 403
    seen = requests.get(f"{hub}/hub/api/users", headers=admin.key).json()
    assert {learner.name for learner in learners} <= {user["name"] for user in seen}
    assert requests.get(f"{hub}/hub/api/users", headers=one.key).status_code == 403
    where = f"{hub}/hub/api/users/{one.name}/server"
    assert requests.delete(where, headers=admin.key).ok
    classroom.until(lambda: not one.running())
    assert other.running()
    one.start()


def test_through_tls_a_learner_logs_in_and_runs_a_cell(learners, users, tls):
    secure, plain = tls
    learner = Learner(secure, *next(iter(users.items())))
    assert learner.log_in().status_code == 200
    assert learner.browser.get(f"{secure}/user/{learner.name}/lab").status_code == 200
    cookies = learner.browser.cookies
    assert len({cookie.name for cookie in cookies if cookie.secure}) >= 3
    # JupyterHub's own choice for the one against forged requests, which logs nobody in
    assert {cookie.name for cookie in cookies if not cookie.secure} <= {"_xsrf"}
    assert value(learner, "6 * 7") == "42"
    assert requests.get(plain, allow_redirects=False).headers["Location"].startswith("https://")


def test_an_assignment_is_handed_out_and_collected_as_the_guide_says(learners, root, tmp_path):
    guide = (root / "docs/hub.md").read_text()
    blocks = re.findall(r"^```console\n(.*?)^```", guide, re.M | re.S)
    hand_out, collect = [block for block in blocks if "runuser" in block]
    one, other = learners
    (tmp_path / "class.txt").write_text(f"{one.name}\n{other.name}\n")
    given = tmp_path / "release/scenarios/scenarios.ipynb"
    given.parent.mkdir(parents=True)
    given.write_text("as given")

    def run(block):
        script = block.replace("/home/", f"{one.home.parent}/")
        subprocess.run(["bash", "-c", script], cwd=tmp_path, check=True)

    run(hand_out)
    mine, theirs = (each.home / "my-lessons/scenarios/scenarios.ipynb" for each in learners)
    assert (mine.read_text(), mine.owner()) == ("as given", one.name)
    mine.write_text("done")
    run(hand_out)
    assert mine.read_text() == "done"
    theirs.unlink()
    theirs.symlink_to(mine)
    with pytest.raises(subprocess.CalledProcessError):
        run(collect)
    collected = [tmp_path / f"submitted/{each.name}/scenarios/scenarios.ipynb" for each in learners]
    assert [path.read_text() for path in collected] == ["done", ""]


def test_an_update_of_the_course_keeps_what_learners_wrote(learners, upstream, clone):
    one, _ = learners
    edited = one.read(LONG)
    edited.cells.append(nbformat.v4.new_markdown_cell("What I noticed"))
    one.save(LONG, edited)
    for name in ("08_padding.ipynb", "12_new.ipynb"):
        lesson = json.loads((upstream / "notebooks" / "08_padding.ipynb").read_text())
        lesson["cells"][0]["source"] = ["# Better words"]
        (upstream / "notebooks" / name).write_text(json.dumps(lesson))
    git(upstream, "add", "--all")
    git(upstream, "commit", "--quiet", "--message", "Better words, and a new lesson")
    assert git(clone, "status", "--porcelain") == ""
    git(clone, "pull", "--quiet")
    one.stop()
    one.start()
    mine = stored(one, LONG)
    assert mine.cells[-1].source == "What I noticed"
    assert mine.cells[0].source != "# Better words"
    beside = stored(one, "my-lessons/08_padding (new).ipynb")
    assert beside.cells[0].source == "# Better words"
    assert stored(one, "my-lessons/12_new.ipynb").cells[0].source == "# Better words"


HURRY = """
c.JupyterHub.last_activity_interval = 1
c.JupyterHub.services[0]["command"][-1:] = ["--timeout=8", "--cull-every=1"]
c.Spawner.environment = {"JUPYTERHUB_ACTIVITY_INTERVAL": "1"}
c.Spawner.args[0] = "--MappingKernelManager.cull_idle_timeout=4"
c.Spawner.args.append("--MappingKernelManager.cull_interval=1")
"""


def test_idle_kernels_and_idle_servers_end_and_a_server_in_use_does_not(clone):
    with classroom.unix_users(2) as users, classroom.hub(clone, HURRY) as url:
        used, idle = pair = [Learner(url, *user) for user in users.items()]
        for learner in pair:
            learner.log_in()
        classroom.together(pair, Learner.start)
        with used.kernel(used.open(SHORT)) as execute:  # a tab left open
            execute("1")
            classroom.until(lambda: used.ask("GET", "kernels") == [])
            classroom.until(
                lambda: used.ask("GET", "status") and not classroom.processes(idle.name)
            )
        assert used.running()
        classroom.until(lambda: not used.running())
        idle.start()
        assert value(idle, "6 * 7") == "42"
