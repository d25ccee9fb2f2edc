"""YAML text to plain data with the line of every value. Closes YAML's traps; knows no rules.

Plain scalars become integers, floats, null or text and nothing else: `no`, `true`, `1:30` and dates stay
the text they are. A key given twice is a fault, as is an alias or a tag.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from riskcli.errors import Fault, RuleFileError

Path = tuple[str | int, ...]

_INTEGER = re.compile(r"^[+-]?\d+$")
_FLOAT = re.compile(r"^[+-]?\d+\.\d+$")
_NULL = {"", "~", "null"}


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
    """Read one YAML document.

    Raises:
        RuleFileError: it is not YAML, or uses one of the traps this reader closes.
    Example:
        >>> document = read_document("a: no\\nb: [1, 2.5]", "x.yaml")
        >>> document.data, document.line(("b", 1))
        ({'a': 'no', 'b': [1, 2.5]}, 2)
    """
    try:
        root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        message = f"not YAML: {error.problem or error.context}"
        raise RuleFileError([Fault(file, line, message + _advice(text, line))]) from None
    except yaml.YAMLError as error:
        raise RuleFileError([Fault(file, 1, f"not YAML: {error}")]) from None
    builder = _Builder(file)
    data = builder.build(root, ()) if root is not None else None
    if builder.faults:
        raise RuleFileError(builder.faults)
    return Document(file, data, builder.lines)


def _advice(text: str, line: int) -> str:
    """Say what is usually meant by a line that YAML cannot read."""
    lines = text.splitlines()
    shown = lines[line - 1] if 0 < line <= len(lines) else ""
    return '; write bounds in quotes, as in ">=4"' if re.search(r"[:\[,]\s*[<>]", shown) else ""


class _Builder:
    """Turns composed nodes into data, noting lines and faults."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Path, int] = {}
        self.faults: list[Fault] = []
        self._open: set[int] = set()

    def build(self, node: yaml.Node, path: Path) -> Any:
        """Return the data of a node; a fault is noted and building goes on."""
        line = node.start_mark.line + 1
        self.lines[path] = line
        if id(node) in self._open:
            self.faults.append(Fault(self.file, line, "an alias is not allowed; write the value out"))
            return None
        self._open.add(id(node))
        if not node.tag.startswith("tag:yaml.org,2002:"):
            self.faults.append(Fault(self.file, line, f"the tag {node.tag} is not allowed"))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*path, i)) for i, item in enumerate(node.value)]
        return node.value if node.style else _scalar(node.value)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[Any, Any]:
        """Return a mapping, refusing a key given twice or one that is not plain."""
        data: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = self.build(key_node, (*path, "?"))
            if not isinstance(key, str | int | float):
                self.faults.append(Fault(self.file, line, "a key must be a word or a number"))
                continue
            if key in data:
                self.faults.append(Fault(self.file, line, f"the key {key} is given twice; keep one"))
                continue
            data[key] = self.build(value_node, (*path, key))
            self.lines[*path, key] = line
        return data


def _scalar(text: str) -> object:
    """Resolve a plain scalar to an integer, a float, null or text."""
    if text in _NULL:
        return None
    if _INTEGER.match(text):
        return int(text)
    return float(text) if _FLOAT.match(text) else text
