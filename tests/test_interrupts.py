"""Interruptions that are heard once, and only while somebody listens."""

from __future__ import annotations

import os
import signal
import sys
import threading

import pytest

from riskcli.cohort.interrupts import hear_in_python, heard_between

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are sent as on Unix")


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_is_heard_and_stays_heard_and_raises_nothing(told: signal.Signals) -> None:
    before = signal.getsignal(told)
    with heard_between() as interrupted:
        assert not interrupted()
        os.kill(os.getpid(), told)
        assert interrupted()
        assert interrupted()
    assert signal.getsignal(told) is before
    with heard_between() as interrupted:
        assert not interrupted()


def test_what_was_set_before_is_set_again_when_the_work_fails() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError, match="broken"), heard_between():
        raise ValueError("broken")
    assert signal.getsignal(signal.SIGINT) is before


def test_outside_of_the_main_thread_nothing_is_touched() -> None:
    found: list[bool] = []

    def listen() -> None:
        hear_in_python()
        with heard_between() as interrupted:
            found.append(interrupted())

    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()
    assert found == [False]


def test_python_hears_again_and_another_handler_is_let_be() -> None:
    before = signal.getsignal(signal.SIGINT)
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        hear_in_python()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        hear_in_python()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
