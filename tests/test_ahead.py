"""Batches made ahead of their use: the same ones, in order, and nothing left running."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from riskcli.cohort.ahead import ahead


def test_items_come_in_order_and_all_of_them() -> None:
    assert list(ahead(range(1000))) == list(range(1000))
    assert list(ahead([])) == []
    assert list(ahead([None, None])) == [None, None]


def test_only_so_many_are_made_before_they_are_used() -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for i in range(10):
            made.append(i)
            yield i

    found = ahead(items())
    assert next(found) == 0
    for wanted in range(1, 10):
        assert len(made) <= wanted + 2
        assert next(found) == wanted


def test_what_fails_there_fails_here_after_what_came_before() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("broken off")

    found = ahead(items())
    assert next(found) == 1
    with pytest.raises(ValueError, match="broken off"):
        next(found)


def test_who_stops_early_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    found = ahead(iter(range(10**9)))
    assert next(found) == 0
    found.close()  # type: ignore[attr-defined]
    until = time.monotonic() + 10
    while threading.active_count() > before and time.monotonic() < until:
        time.sleep(0.01)
    assert threading.active_count() == before
