"""An answer kept with its inputs, and what has changed since. Pure, no I/O.

The checksum tells an accidental change from none. It is no signature: who wants to change a record on purpose
can make a new one, so a file that has to prove something is to be signed outside.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from riskcli.errors import CaseError, Problem
from riskcli.words import all_of, any_of, say

FORMAT, FORMAT_VERSION = "riskcli saved answer", 1
_CHECKSUM = "checksum"


@dataclass(frozen=True)
class Saved:
    """A saved answer that was read back."""

    record: dict[str, Any]
    answer: dict[str, Any]
    saved_on: str


@dataclass(frozen=True)
class Change:
    """One thing that is different from what it was."""

    what: str
    before: str
    after: str


def seal(record: Mapping[str, Any], answer: Mapping[str, Any], saved_on: str) -> dict[str, Any]:
    """Return an answer with its inputs, ready to be written.

    Example:
        >>> sealed = seal({"cancer": "breast"}, {"title": "x"}, "2026-11-25")
        >>> unseal(sealed, "a.json").answer
        {'title': 'x'}
        >>> unseal({**sealed, "answer": {"title": "y"}}, "a.json")
        Traceback (most recent call last):
        riskcli.errors.CaseError: a.json was changed after it was saved: its checksum does not fit
    """
    content = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "saved_on": saved_on,
        "record": dict(record),
        "answer": dict(answer),
    }
    return {**content, _CHECKSUM: _sum(content)}


def _sum(content: Mapping[str, Any]) -> str:
    """Return the checksum of everything but the checksum."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def unseal(data: Mapping[str, Any], name: str) -> Saved:
    """Return what a file holds.

    Raises:
        CaseError: it is no saved answer, one of a later version, or was changed.
    """
    if data.get("format") != FORMAT:
        raise _refused(say("saved.not_saved", file=name))
    if data.get("version") != FORMAT_VERSION:
        raise _refused(say("saved.later", file=name))
    content = {key: value for key, value in data.items() if key != _CHECKSUM}
    if data.get(_CHECKSUM) != _sum(content):
        raise _refused(say("saved.changed", file=name))
    return Saved(data["record"], data["answer"], data["saved_on"])


def _refused(message: str) -> CaseError:
    """Return why a file is not read."""
    return CaseError([Problem(None, None, message)])


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """Give what is different for the patient: level, deciding rows, options and what is not supported.

    Example:
        >>> one = {"likelihood": {"levels": ["low"]}, "reasons": [], "options": [], "not_supported": []}
        >>> list(changes(one, {**one, "likelihood": {"levels": ["high"]}}))
        [Change(what='likelihood', before='low', after='high')]
    """
    yield from _changed(say("saved.likelihood"), _levels(before), _levels(after))
    yield from _changed(say("saved.decided_by"), _rows(before), _rows(after))
    options = [{item["id"]: item for item in answer["options"]} for answer in (before, after)]
    for name in dict.fromkeys([*options[0], *options[1]]):
        old, new = (items.get(name) for items in options)
        called = (old or new or {})["name"]
        statuses = [item["status"] if item else "none" for item in (old, new)]
        before_after = [say(f"saved.status.{status}") for status in statuses]
        yield from _changed(say("saved.option", name=called), *before_after)
        if old and new and statuses[0] == statuses[1]:
            by = say("saved.option_by", name=called)
            yield from _changed(by, all_of(old["rules"]), all_of(new["rules"]))
    ruled_out = [{item["id"]: item["name"] for item in answer["not_supported"]} for answer in (before, after)]
    for name in dict.fromkeys([*ruled_out[0], *ruled_out[1]]):
        words = [say("saved.not_supported" if name in items else "saved.not_listed") for items in ruled_out]
        yield from _changed({**ruled_out[1], **ruled_out[0]}[name], *words)


def _changed(what: str, before: str, after: str) -> Iterator[Change]:
    """Give a change where there is one."""
    if before != after:
        yield Change(what, before, after)


def _levels(answer: Mapping[str, Any]) -> str:
    """Return the levels of an answer in words."""
    return any_of([say(f"codes.levels.{level}") for level in answer["likelihood"]["levels"]])


def _rows(answer: Mapping[str, Any]) -> str:
    """Return the rows that decide, or may."""
    return any_of([reason["rule"] for reason in answer["reasons"]]) or say("saved.no_row")
