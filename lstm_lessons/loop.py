"""Where and when a control's events are handled: one at a time, and frameworks beside no cell."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from functools import wraps

_turn = threading.RLock()
MOMENT = 0.1  # seconds that nobody takes for waiting


def one_at_a_time(handler: Callable) -> Callable:
    """Return the handler of a control's event, kept from running beside another one.

    JupyterLab may hand the events of controls to a thread of their own (subshells).
    """

    @wraps(handler)
    def waits(*event):
        with _turn:
            return handler(*event)

    return waits


def where_cells_run(
    work: Callable[[], object],
    then: Callable[[object], object],
    still: Callable[[], bool] = lambda: True,
    late: Callable[[], object] = lambda: None,
    soon: bool = False,
) -> None:
    """Have a framework do something in the thread where cells run, and so never beside a cell.

    Handed to that thread's loop, it waits for the cell that runs; where there is no loop it is
    done at once. Frameworks are imported there, too: importing one beside another breaks both.

    work: what the framework does. then: is given what work returned, to show it.
    still: whether it is still wanted. Something newer may have been asked for in the meantime.
    late: says that it waits, if an event that came beside the cells waits for longer than a moment.
    soon: whether it is done at once, if this is that thread and nothing was done a moment ago: the
        page shows it before it hears that the kernel is idle. Of events that come fast, those that
        wait are left out once something newer is asked for.
    """
    begun = False

    def do():
        global _done
        nonlocal begun
        with _turn:
            begun, wanted = True, still()
        if wanted:
            result = work()
            with _turn:
                if still():
                    then(result)
            _done = time.monotonic()

    @one_at_a_time
    def tell():
        if not begun and still():
            late()

    loop = home()
    if not loop or (soon and _here() and time.monotonic() - _done > MOMENT):
        do()
        return
    loop.call_soon_threadsafe(do)
    if not _here():
        _beside(MOMENT, tell)


def _beside(seconds, do):
    """Do something in some seconds beside the cells: in this thread if it has a loop."""
    try:
        asyncio.get_running_loop().call_later(seconds, do)
    except RuntimeError:
        threading.Timer(seconds, do).start()


def sent() -> None:
    """Let the thread that sends to the page have its turn, before more is made for it."""
    time.sleep(0.001)


_done = 0.0  # when a framework had last done something for a control, by the monotonic clock
_loop = None  # the event loop of the main thread, as it was when this thread was last here


def home() -> asyncio.AbstractEventLoop | None:
    """Return the event loop of the main thread, where a kernel runs cells; None if none runs.

    Asked for where a control is made, since its events may come in other threads.
    """
    global _loop
    if _here():
        _loop = None
        with contextlib.suppress(RuntimeError):
            _loop = asyncio.get_running_loop()
    return _loop if _loop and _loop.is_running() else None


def _here():
    """Return whether this is the main thread."""
    return threading.current_thread() is threading.main_thread()


def later(seconds: float, do: Callable[[], object]) -> None:
    """Do something some seconds from now, if there is an event loop to do it."""
    with contextlib.suppress(RuntimeError):
        asyncio.get_running_loop().call_later(seconds, do)
