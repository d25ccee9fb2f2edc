"""Batches made one ahead of their use, in a thread of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Item = TypeVar("Item")

_END: Any = object()


def ahead(items: Iterable[Item]) -> Iterator[Item]:
    """Give items in order, each while the next one is made; what fails there is raised here.

    Who stops early need not close anything: the thread ends by itself, so that nothing is left to be done,
    and to be broken off, while an interruption passes.

    Example:
        >>> list(ahead("abc"))
        ['a', 'b', 'c']
    """
    iterator = iter(items)
    maker = ThreadPoolExecutor(1)
    coming = maker.submit(next, iterator, _END)
    while (item := coming.result()) is not _END:
        coming = maker.submit(next, iterator, _END)
        yield item
