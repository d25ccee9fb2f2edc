"""YAML text to plain data with the line of every value. Closes YAML's traps; knows no rules.

Plain scalars become integers, floats, null or text and nothing else: `no`, `true`, `1:30` and dates stay
the text they are. A key given twice is a fault, as is an anchor, an alias or a tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from riskcli.errors import Fault, RuleFileError

Path = tuple[str | int | float, ...]

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_FLOAT = re.compile(r"[+-]?[0-9]{1,18}\.[0-9]+")
_NULL = {"", "~", "null"}
_DEEPEST = 40
_KEY = "\0"
"""Stands in a path for a key while it is read."""
_CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BARE_BOUND = re.compile(r"(^|[:\[{,-])\s*[<>]=?\s*[0-9.]")
_FOLDED_BOUND = re.compile(r"[>|][0-9]")


@dataclass(frozen=True)
class Document:
    """The data of one YAML file and the line on which each part of it begins."""

    file: str
    data: Any
    lines: dict[Path, int]

    def line(self, path: Path) -> int:
        """Return the line of a path, or of its nearest parent that has one."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def fault(self, path: Path, message: str) -> Fault:
        """Word something wrong at a path."""
        return Fault(self.file, self.line(path), message)


def read_document(text: str, file: str) -> Document:
    r"""Read one YAML document.

    Raises:
        RuleFileError: it is not YAML, or uses one of the traps this reader closes.
    Example:
        >>> document = read_document("a: no\nb: [1, 2.5]", "x.yaml")
        >>> document.data, document.line(("b", 1))
        ({'a': 'no', 'b': [1, 2.5]}, 2)
    """
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise RuleFileError([Fault(file, line, "holds a control character; save the file as plain text")])
    builder = _Builder(file, text)
    try:
        data = builder.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        problem = error.problem or error.context or "it ends too early"
        message = f"this is not YAML ({problem}){_advice(text, line, problem)}"
        raise RuleFileError([*builder.faults, Fault(file, line, message)]) from None
    if builder.faults:
        raise RuleFileError(builder.faults)
    return Document(file, data, builder.lines)


def _advice(text: str, line: int, problem: str) -> str:
    """Say what is usually meant by a line that YAML cannot read."""
    lines = text.splitlines()
    shown = lines[line - 1] if 0 < line <= len(lines) else ""
    if _BARE_BOUND.search(shown):
        return '; write bounds in quotes, as in ">=4"'
    if "\t" in shown:
        return "; indent with spaces, not with tabs"
    if "mapping values" in problem:
        return '; put a text that holds ": " in quotes'
    return ""


class _Builder:
    """Turns the events of a YAML parser into data, noting lines and faults."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text.splitlines()
        self.lines: dict[Path, int] = {}
        self.faults: list[Fault] = []
        self.events: Iterator[Any] = yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))

    def document(self) -> Any:
        """Return the data of the one document; None when there is none."""
        data, number = None, 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                number += 1
                if number > 1:
                    self._fault(event, "a second document begins here (---); keep one to a file")
                data = self._value(next(self.events), ())
        return data

    def _fault(self, event: Any, message: str) -> None:
        """Note something wrong."""
        self.faults.append(Fault(self.file, event.start_mark.line + 1, message))

    def _value(self, event: Any, path: Path) -> Any:
        """Return the data that begins with an event; a fault is noted and building goes on."""
        if _KEY not in path:
            self.lines[path] = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            self._fault(event, f"the alias *{event.anchor} is not allowed; write the value out")
            return None
        if getattr(event, "anchor", None):
            self._fault(event, f"the anchor &{event.anchor} is not allowed; write each value out")
        if getattr(event, "tag", None):
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._fault(event, f"the tag {tag} is not allowed; write text in quotes and numbers without")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(event, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(event, path)
        return self._scalar(event)

    def _deep(self, event: Any, path: Path) -> bool:
        """Say whether a value is nested too deeply, and skip it."""
        if len(path) < _DEEPEST:
            return False
        self._fault(event, "is nested too deeply for a rule file")
        depth = 1
        while depth:
            inner = next(self.events)
            depth += isinstance(inner, yaml.CollectionStartEvent) - isinstance(inner, yaml.CollectionEndEvent)
        return True

    def _sequence(self, event: Any, path: Path) -> list[Any]:
        """Return a list."""
        items: list[Any] = []
        if self._deep(event, path):
            return items
        while not isinstance(inner := next(self.events), yaml.SequenceEndEvent):
            items.append(self._value(inner, (*path, len(items))))
        return items

    def _mapping(self, event: Any, path: Path) -> dict[Any, Any]:
        """Return a mapping, refusing a key given twice or one that is not plain."""
        data: dict[Any, Any] = {}
        if self._deep(event, path):
            return data
        while not isinstance(inner := next(self.events), yaml.MappingEndEvent):
            key = self._value(inner, (*path, _KEY))
            sound = self._is_new_key(inner, key, path, data)
            value = self._value(next(self.events), (*path, key if sound else _KEY))
            if sound:
                data[key] = value
                self.lines[*path, key] = inner.start_mark.line + 1
        return data

    def _is_new_key(self, event: Any, key: Any, path: Path, data: dict[Any, Any]) -> bool:
        """Say whether a key is plain and not given before; note it when it is not."""
        if not isinstance(key, str | int | float):
            self._fault(event, "a key must be a word or a number")
            return False
        if key in data:
            first = self.lines[*path, key]
            self._fault(event, f"the key {key} is given twice (first on line {first}); keep one")
            return False
        return True

    def _scalar(self, event: Any) -> object:
        """Return the value of a scalar: one in quotes is text."""
        line = event.start_mark.line
        if event.style in (">", "|") and _FOLDED_BOUND.match(self.text[line], event.start_mark.column):
            self._fault(event, 'this reads as a folded text; write bounds in quotes, as in ">4"')
        return event.value if event.style else _resolved(event.value)


def _resolved(text: str) -> object:
    """Resolve a plain scalar to an integer, a float, null or text."""
    if text in _NULL:
        return None
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
