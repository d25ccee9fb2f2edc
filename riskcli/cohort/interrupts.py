"""Interruptions (Ctrl-C) where a data frame library works: heard once, and soon.

Polars hears them itself and breaks off whatever its threads are at, so that one interruption is raised in
several places and leaves words of its own behind. Here only Python hears them.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def hear_in_python() -> None:
    """Let Python hear interruptions again, after Polars was loaded."""
    mine = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if mine and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def heard_between() -> Iterator[Callable[[], bool]]:
    """Give what says whether an interruption came, for work that does not come back to Python meanwhile.

    Outside of the main thread nothing is heard, as everywhere in Python; on Windows it is heard at the end.
    """
    if threading.current_thread() is not threading.main_thread() or sys.platform == "win32":
        yield lambda: False
        return
    heard, told = os.pipe()
    os.set_blocking(told, False)
    before = signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    handler = signal.signal(signal.SIGINT, lambda _, __: None)
    try:
        yield lambda: bool(select.select([heard], [], [], 0)[0])
    finally:
        signal.signal(signal.SIGINT, handler)
        signal.set_wakeup_fd(before)
        os.close(heard)
        os.close(told)
