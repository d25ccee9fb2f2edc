"""What the tests of the sentences share: where the code says which, and a second language that is marked."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any

from jinja2 import Environment, nodes

PACKAGE = Path(__file__).parent.parent / "riskcli"
SAYING = {"say", "say_many", "counted", "section"}
"""The functions of `riskcli.words` that take the key of a sentence."""
OPEN, CLOSE = "\u27e6", "\u27e7"
"""The signs between which every sentence of the marked language stands."""
_ANY = "\0"


@dataclass(frozen=True)
class Use:
    """One place in the code where sentences are said."""

    where: str
    function: str
    pattern: re.Pattern[str]
    """The keys that it may name."""
    names: frozenset[str]
    """What it puts into them."""

    def fits(self, key: str) -> bool:
        """Say whether it may name a key."""
        return bool(self.pattern.fullmatch(key))


def leaves(words: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Give every sentence of some words with its key."""
    for key, value in words.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", str(value)


def named(sentence: str) -> set[str]:
    """Return the names that a sentence has a place for."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


# ---- where sentences are said


def uses_in_code(path: Path) -> Iterator[Use]:
    """Give every use of `riskcli.words` in a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    known = _imported(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (function := known.get(ast.unparse(node.func))):
            where = f"{path.name}:{node.lineno}"
            names = {keyword.arg for keyword in node.keywords}
            assert None not in names, f"{where} hides the names that it puts in"
            for key in _keys(node.args[function == "counted"], where):
                yield _use(where, function, key, frozenset(map(str, names)))


def _imported(tree: ast.Module) -> dict[str, str]:
    """Return what stands in a module for which function of `riskcli.words`."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "riskcli.words":
            found |= {alias.asname or alias.name: alias.name for alias in node.names if alias.name in SAYING}
        elif isinstance(node, ast.ImportFrom) and node.module == "riskcli":
            for alias in node.names:
                if alias.name == "words":
                    found |= {f"{alias.asname or 'words'}.{name}": name for name in SAYING}
    return found


def _keys(node: ast.expr, where: str) -> Iterator[str]:
    """Give the keys that an argument may be; what is put into one stands for anything."""
    if isinstance(node, ast.IfExp):
        yield from _keys(node.body, where)
        yield from _keys(node.orelse, where)
    elif isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else _ANY for part in node.values)  # type: ignore[misc]
    else:
        assert isinstance(node, ast.Constant), f"{where} hides its key"
        yield str(node.value)


def uses_in_template(path: Path) -> Iterator[Use]:
    """Give every sentence that a template says."""
    for call in Environment().parse(path.read_text(encoding="utf-8")).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "say":
            (key,) = call.args
            assert isinstance(key, nodes.Const), f"{path.name}:{call.lineno} hides its key"
            names = frozenset(keyword.key for keyword in call.kwargs)
            yield _use(f"{path.name}:{call.lineno}", "say", key.value, names)


def _use(where: str, function: str, key: str, names: frozenset[str]) -> Use:
    """Return one use, with the forms of a pair and the thing that is counted spelled out."""
    end = (
        "[.](one|several)"
        if function in ("say_many", "counted")
        else "[.].+"
        if function == "section"
        else ""
    )
    start = r"counts[.]" if function == "counted" else ""
    parts = [re.escape(part) for part in key.split(_ANY)]
    return Use(where, function, re.compile(f"{start}{'[^.]+'.join(parts)}{end}"), names)


# ---- a second language


def marked(words: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same sentences in a second language, in which each stands between the signs."""
    return {
        key: marked(value) if isinstance(value, Mapping) else f"{OPEN}{value}{CLOSE}"
        for key, value in words.items()
    }


def outside(text: str) -> str:
    """Return what stands in a text outside the signs.

    Raises:
        AssertionError: a sign stands alone.
    """
    depth, found = 0, []
    for char in text:
        depth += (char == OPEN) - (char == CLOSE)
        assert depth >= 0, f"a sentence ends that did not begin: {text}"
        found.append(char if not depth and char != CLOSE else " ")
    assert depth == 0, f"a sentence does not end: {text}"
    return "".join(found)


def unmarked(text: str, data: str = "") -> list[str]:
    """Return the words of a text that are neither between the signs nor words of `data`."""
    known = set(re.findall(r"[^\W\d_]+", data.lower()))
    return [word for word in re.findall(r"[^\W\d_]+", outside(text)) if word.lower() not in known]
