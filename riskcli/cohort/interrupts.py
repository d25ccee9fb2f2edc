"""Interruptions (Ctrl-C, or a request to end) where a data frame library works: heard once, and soon.

What is half written is then taken back, since a file is written whole or not at all. Polars hears Ctrl-C
itself and breaks off whatever its threads are at, so that one interruption is raised in several places and
leaves words of its own behind. Here only Python hears them.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_OURS = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
"""The signals that interrupt, and who hears them where nobody has said otherwise."""


def hear_in_python() -> None:
    """Let Python hear interruptions again, after Polars was loaded."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number, usual in _OURS.items():
        if signal.getsignal(number) is usual:
            signal.signal(number, signal.default_int_handler)


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
    handlers = {number: signal.signal(number, lambda _, __: None) for number in _OURS}
    try:
        yield lambda: bool(select.select([heard], [], [], 0)[0])
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(before)
        os.close(heard)
        os.close(told)
