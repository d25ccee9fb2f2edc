"""The slots (`{name}`) of the sentences in rule files: none may ask for what is never filled in. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from string import Formatter
from typing import Any

from riskcli.errors import listed

Slot = tuple[str, str, str | None]
"""A name with its format and its conversion, which are most often empty."""
Place = tuple[str | int, ...]


def slots_of(text: str) -> set[Slot]:
    """Return the slots of a sentence.

    Raises:
        ValueError: its brackets do not pair; the message says what would be right.
    Example:
        >>> slots_of("in {band} within {years} years") == {("band", "", None), ("years", "", None)}
        True
    """
    try:
        return {(name, form or "", how) for _, name, form, how in Formatter().parse(text) if name is not None}
    except ValueError:
        raise ValueError("has brackets { } that do not pair; double those that are meant") from None


def with_only(*names: str) -> Callable[[str], str]:
    """Return what refuses a sentence that has other slots than these.

    Example:
        >>> with_only("band")("in {band}")
        'in {band}'
    """
    allowed: set[Slot] = {(name, "", None) for name in names}

    def checked(text: str) -> str:
        if wrong := unfilled(text, allowed):
            raise ValueError(wrong)
        return text

    return checked


def unfilled(text: str, allowed: set[Slot]) -> str:
    """Say which slot of a sentence would never be filled in; nothing when all is well."""
    try:
        foreign = slots_of(text) - allowed
    except ValueError as error:
        return str(error)
    if not foreign:
        return ""
    names = [f"{{{name}}}" for name, *_ in sorted(allowed, key=str)]
    instead = f"use {listed(names)}" if names else "it may have none"
    return f"has the slot {_shown(min(foreign, key=str))}, which is never filled in; {instead}"


def _shown(slot: Slot) -> str:
    """Return a slot as it is written."""
    name, form, how = slot
    return f"{{{name}{f'!{how}' if how else ''}{f':{form}' if form else ''}}}"


def foreign_slots(data: Any, packaged: Any, path: Place = ()) -> Iterator[tuple[Place, str]]:
    """Give the places at which sentences have slots that those of the packaged file do not have."""
    if isinstance(data, Mapping) and isinstance(packaged, Mapping):
        for key, item in data.items():
            if key in packaged:
                yield from foreign_slots(item, packaged[key], (*path, key))
    elif isinstance(data, list | tuple) and isinstance(packaged, list | tuple):
        for number, (one, other) in enumerate(zip(data, packaged, strict=False)):
            yield from foreign_slots(one, other, (*path, number))
    elif isinstance(data, str) and isinstance(packaged, str):
        allowed = slots_of(packaged) if "{" in packaged else set()
        if allowed and (wrong := unfilled(data, allowed)):
            yield path, wrong
