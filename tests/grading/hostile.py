"""What a hostile student may hand in: {name: (code of a cell, what the instructor is told)}.

The code stands in a cell of its own in a blank notebook, behind the last task. COURSE is the path
of the instructor's folder; ZEROS makes functions that return zeros of the right shapes.
"""

FUNCTIONS = ("collect", "collect_torch", "two_heads", "forgetful")

ATTACKS = {
    # At what is right.
    "imports_answers": (
        """
from answers.scenarios import FLAGS
flags = [FLAGS[job] for job in tasks.jobs(paper)]
""",
        "uses answers",
    ),
    "replaces_answers": (
        """
import answers.scenarios as a
a.collect = lambda *_: 4.0
""",
        "uses answers",
    ),
    "replaces_modules": (
        """
import sys
class All:
    def __getattr__(self, name):
        return lambda *_, **__: 4.0
for name in list(sys.modules):
    if 'answers' in name or 'judge' in name:
        sys.modules[name] = All()
""",
        "uses sys",
    ),
    "reads_answers": (
        """
print(open('COURSE/answers/scenarios.py').read())
""",
        "uses open",
    ),
    "reads_the_solutions": (
        """
import json
text = open('COURSE/source/scenarios/scenarios.ipynb').read()
for cell in json.loads(text)['cells']:
    if cell['cell_type'] == 'code':
        exec(''.join(cell['source']))
""",
        "uses exec, open",
    ),
    "reads_another": (
        """
print(open('COURSE/submitted/ada/scenarios/scenarios.ipynb').read())
""",
        "uses open",
    ),
    "reads_the_gradebook": (
        """
print(open('COURSE/gradebook.db', 'rb').read()[:100])
""",
        "uses open",
    ),
    "lists_what_is_there": (
        """
import os
print([f for f in os.walk('/') if 'answers' in f[1] or 'gradebook.db' in f[2]])
print([open(f'/proc/{n}/cmdline').read() for n in os.listdir('/proc') if n.isdigit()])
""",
        "uses open",
    ),
    "looks_at_frames": (
        """
import sys
def collect(lstm, x):
    frame = sys._getframe()
    while frame:
        if 'task' in frame.f_locals:
            return frame.f_locals['task'].right(lstm, x)
        frame = frame.f_back
""",
        "uses _getframe, sys",
    ),
    "looks_at_garbage": (
        """
import gc
def collect(lstm, x):
    from lstm_lessons.asking.checking import Task
    return [t for t in gc.get_objects() if isinstance(t, Task)][0].right(lstm, x)
""",
        "uses gc",
    ),
    # At what compares.
    "patches_worked": (
        """
import lstm_lessons.grading
lstm_lessons.grading.worked = lambda *_, of, **__: float(of)
""",
        "in the place of lstm_lessons.grading.worked",
    ),
    "patches_by_name": (
        """
import lstm_lessons.grading as g
for name in ('worked', 'predicted', 'shaped', 'check'):
    setattr(g, name, lambda *_, of=1, **__: float(of))
""",
        "uses setattr",
    ),
    "patches_numpy": (
        """
ZEROS
import numpy as np
np.allclose = lambda *_, **__: True
np.round = np.allclose
""",
        "in the place of np.allclose",
    ),
    "patches_close": (
        """
ZEROS
from lstm_lessons.asking import checking
checking._close = lambda *_: True
""",
        "in the place of checking._close",
    ),
    "patches_testing": (
        """
ZEROS
import numpy.testing as t
t.assert_allclose = lambda *_, **__: None
""",
        "in the place of t.assert_allclose",
    ),
    "patches_in_a_thread": (
        """
import threading, time
def later():
    while True:
        import lstm_lessons.grading as g
        g.worked = lambda *_, of, **__: float(of)
        time.sleep(0.01)
threading.Thread(target=later, daemon=True).start()
""",
        "uses threading",
    ),
    "patches_hidden": (
        """
import base64
hidden = 'aW1wb3J0IGxzdG1fbGVzc29ucy5ncmFkaW5nIGFzIGcKZy53b3JrZWQ9bGFtYmRhICphLG9mPTEsKiprOm9m'
exec(base64.b64decode(hidden).decode())
""",
        "uses exec",
    ),
    "layers_of_zeros": (
        """
ZEROS
torch.nn.LSTM.forward = lambda self, x, *_: (
    torch.zeros(*x.shape[:2], self.hidden_size),
    (torch.zeros(1, len(x), self.hidden_size),) * 2,
)
torch.nn.Linear.forward = lambda self, x: torch.zeros(*x.shape[:-1], self.out_features)
""",
        "in the place of torch.nn.LSTM.forward",
    ),
    "asks_nothing": (
        """
tasks.asked = tasks.asked_torch = tasks.jobs = lambda paper: []
predictions = flags = []
""",
        "in the place of tasks.asked",
    ),
    # At how nbgrader reads points.
    "formats_a_word": (
        """
get_ipython().display_formatter.formatters['text/plain'].for_type(
    float, lambda *_: _[1].text('well'))
1.0
""",
        "uses get_ipython",
    ),
    "formats_a_number": (
        """
get_ipython().display_formatter.formatters['text/plain'].for_type(
    float, lambda *_: _[1].text('4.0'))
1.0
""",
        "uses get_ipython",
    ),
    "transforms_trees": (
        """
import ast
class To(ast.NodeTransformer):
    def visit_Name(self, node):
        return ast.Constant(4.0) if node.id == 'points' else node
get_ipython().ast_transformers.append(To())
""",
        "uses get_ipython",
    ),
    "hooks_the_display": (
        """
import sys
sys.displayhook = lambda value: None
""",
        "uses displayhook, sys",
    ),
    "prints_at_the_end": (
        """
import atexit
atexit.register(print, 4.0)
""",
        "uses atexit",
    ),
    # Values that claim to be others.
    "equal_to_all": (
        """
class Any:
    def __eq__(self, other):
        return True
    def __array__(self, *_, **__):
        return 1 / 0
def collect(lstm, x):
    return Any()
""",
        "uses __array__, __eq__",
    ),
    "of_another_class": (
        """
class Any:
    @property
    def __class__(self):
        return tuple
def collect(lstm, x):
    return Any()
""",
        "uses __class__",
    ),
    "numbers_of_its_own": (
        """
class Yes(int):
    def __eq__(self, other):
        return True
    __hash__ = int.__hash__
predictions = [(Yes(3), Yes(7))] * 3
prediction = 'x' * 10**7
flags = [Yes(1)] * 4
""",
        "uses __eq__",
    ),
    "unpickles_itself": (
        """
import os
class Any:
    def __reduce__(self):
        return os.system, ('touch COURSE/ran',)
import numpy
student = student
def collect(lstm, x):
    return Any()
predictions = numpy.array([Any()], dtype=object)
""",
        "uses __reduce__",
    ),
    "returns_too_much": (
        """
def collect(lstm, x):
    return torch.zeros(10**7)
""",
        "",
    ),
    "nested_without_end": (
        """
predictions = []
predictions.append(predictions)
""",
        "",
    ),
    # At the channel to the judge.
    "replies_itself": (
        r"""
import os
for place in range(3, 40):
    try:
        os.write(place, b'{\"to\": \"x\", \"value\": {\"is\": 1}}\n')
    except OSError:
        pass
""",
        "of its own",
    ),
    "floods_the_channel": (
        """
import os
for place in range(3, 40):
    try:
        os.write(place, b'x' * 10**7)
    except OSError:
        pass
""",
        "is no reply",
    ),
    "nests_in_the_channel": (
        r"""
import os
for place in range(3, 40):
    try:
        os.write(place, b'[' * 10**6 + b'\n')
    except OSError:
        pass
""",
        "is no reply",
    ),
    "lies_about_sizes": (
        """
import plain
plain.packed = lambda _: {'array': 'AAAA', 'dtype': 'float64', 'shape': [10**12, 5]}
def collect(lstm, x):
    return x
""",
        "in the place of plain.packed",
    ),
    "lies_about_kinds": (
        """
import plain
plain.packed = lambda _: {'torch': 'LSTM', 'settings': {}, 'weights': {}}
def collect(lstm, x):
    return x
""",
        "in the place of plain.packed",
    ),
    "breaks_json": (
        """
import json
json.dumps = None
""",
        "ended its own process",
    ),
    # At others, and at the machine.
    "overwrites_answers": (
        """
open('COURSE/answers/scenarios.py', 'w').write('TESTS = {}')
""",
        "uses open",
    ),
    "overwrites_another": (
        """
open('COURSE/submitted/ada/scenarios/scenarios.ipynb', 'w').write('{}')
""",
        "uses open",
    ),
    "overwrites_the_package": (
        """
import lstm_lessons
open(lstm_lessons.__file__, 'w').write('1 / 0')
""",
        "uses open",
    ),
    "outlives_its_time": (
        """
import os, time
if not os.fork():
    os.setsid()
    if not os.fork():
        while True:
            time.sleep(0.2)
            for path in ('COURSE/outlived', '/tmp/outlived'):
                try:
                    open(path, 'w').close()
                except OSError:
                    pass
    os._exit(0)
""",
        "uses _exit, fork, open",
    ),
    "kills_others": (
        """
import os, signal
for process in [os.getppid(), -1, *range(2, 40000)]:
    try:
        if process != os.getpid():
            os.kill(process, signal.SIGKILL)
    except OSError:
        pass
""",
        "uses kill, signal",
    ),
    "takes_the_network_back": (
        """
import ctypes, os, socket
for place in ('/proc/1/ns/net', f'/proc/{os.getppid()}/ns/net'):
    try:
        ctypes.CDLL(None).setns(os.open(place, os.O_RDONLY), 0)
    except OSError:
        pass
ctypes.CDLL(None).unshare(0x10000000)
try:
    socket.create_connection(('127.0.0.1', 1), 2)
except OSError as error:
    print('so:', error)
try:
    socket.create_connection(('192.0.2.1', 9), 2)
except OSError as error:
    print('so:', error)
""",
        "uses ctypes",
    ),
    "becomes_root": (
        """
import os, subprocess
for word in ('su -c id', 'sudo -n id', 'mount -t tmpfs x /mnt'):
    subprocess.run(word.split())
os.setuid(0)
""",
        "uses subprocess",
    ),
    "forks": (
        """
import os, time
for _ in range(100):
    if not os.fork():
        time.sleep(60)
time.sleep(60)
""",
        "had more than 40 processes",
    ),
    "takes_memory_in_parts": (
        """
import os, time
for _ in range(8):
    if not os.fork():
        taken = bytearray(900 * 2**20)
        time.sleep(60)
time.sleep(60)
""",
        "took more than 2 GB of memory",
    ),
    "fills_the_disk": (
        """
import os
for n in range(10**6):
    with open(os.path.expanduser(f'~/{n}'), 'wb') as file:
        file.write(bytes(2**24))
""",
        "uses open",
    ),
    "makes_a_sparse_file": (
        """
import os
with open(os.path.expanduser('~/a'), 'wb') as file:
    file.truncate(2**40)
""",
        "uses open",
    ),
    "does_not_stop": (
        """
import signal, time
signal.signal(signal.SIGALRM, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.SIG_IGN)
while True:
    time.sleep(1)
""",
        "did not stop after 10 seconds",
    ),
    "catches_all": (
        """
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
""",
        "did not stop after 10 seconds",
    ),
    "prints_much": (
        """
print('x' * 10**7)
for _ in range(200_000):
    print('y')
""",
        "",
    ),
    "leaves": (
        """
import sys
sys.exit()
""",
        "uses sys",
    ),
    "leaves_at_once": (
        """
import os
os._exit(0)
""",
        "ended its own process",
    ),
    "errors_of_mark_up": (
        r"""
kind = type('<script>window.ran=1</script>', (Exception,), {})
raise kind('<img src=x onerror=a()>\x1b[2J')
""",
        "",
    ),
}
