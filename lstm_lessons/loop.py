"""Where and when a control's events are handled: one at a time, and frameworks beside no cell."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from functools import wraps

_turn = threading.RLock()


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
) -> None:
    """Have a framework do something in the thread where cells run, and so never beside a cell.

    Handed to that thread's loop, it waits for the cell that runs; where there is no loop it is
    done at once. Frameworks are imported there, too: importing one beside another breaks both.

    work: what the framework does. then: is given what work returned, to show it.
    still: whether it is still wanted. Something newer may have been asked for in the meantime.
    """

    def do():
        with _turn:
            wanted = still()
        if wanted:
            result = work()
            with _turn:
                if still():
                    then(result)

    if loop := home():
        loop.call_soon_threadsafe(do)
    else:
        do()


_loop = None  # the event loop of the main thread, as it was when this thread was last here


def home() -> asyncio.AbstractEventLoop | None:
    """Return the event loop of the main thread, where a kernel runs cells; None if none runs.

    Asked for where a control is made, since its events may come in other threads.
    """
    global _loop
    if threading.current_thread() is threading.main_thread():
        _loop = None
        with contextlib.suppress(RuntimeError):
            _loop = asyncio.get_running_loop()
    return _loop if _loop and _loop.is_running() else None


def later(seconds: float, do: Callable[[], object]) -> None:
    """Do something some seconds from now, if there is an event loop to do it."""
    with contextlib.suppress(RuntimeError):
        asyncio.get_running_loop().call_later(seconds, do)
