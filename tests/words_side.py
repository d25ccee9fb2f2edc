"""What the tests of words share: how code uses the sentences of `words.yaml`, and a second language."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, nodes

import riskcli
from riskcli import words

PACKAGE = Path(riskcli.__file__).parent
SAYING = ("say", "say_many", "section", "counted")
"""The functions whose first text is a key; of `counted` it is the second, within the section `counts`."""
LEFT, RIGHT = "\u27e6", "\u27e7"


def modules(*names: str) -> list[Path]:
    """Return the files of modules and packages, by their names inside the package."""
    found: list[Path] = []
    for name in names:
        path = PACKAGE / name
        found += sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    return found


# ---- the sentences


def leaves(data: Mapping[str, Any] | str, key: str = "") -> Iterator[tuple[str, str]]:
    """Give every sentence under a key, with its own key."""
    if isinstance(data, str):
        yield key, data
        return
    for name, inner in data.items():
        yield from leaves(inner, f"{key}.{name}" if key else str(name))


def names_in(sentence: str) -> set[str]:
    """Return the names that a sentence has for values."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


# ---- how code uses them


@dataclass(frozen=True)
class Use:
    """One call that says something."""

    where: str
    says: str
    """The function: `say`, `say_many`, `section` or `counted`."""
    keys: tuple[str, ...]
    """The keys it may be called with; none where the code alone does not tell."""
    names: frozenset[str] | None
    """The names it gives values for; None where the code alone does not tell."""


def uses(paths: Iterable[Path]) -> Iterator[Use]:
    """Give every call that says something in some modules."""
    for path in paths:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        known = _imported(tree)
        for scope in _scopes(tree):
            for node in _own(scope):
                says = _says(node, known)
                if says and isinstance(node, ast.Call):
                    where = f"{path.relative_to(PACKAGE)}:{node.lineno}"
                    yield Use(where, says, tuple(_keys(node, says, scope)), _names(node, scope))


def uses_in_template(path: Path) -> Iterator[Use]:
    """Give every sentence that a template says."""
    for call in Environment().parse(path.read_text(encoding="utf-8")).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "say":
            (key,) = call.args
            assert isinstance(key, nodes.Const), f"{path.name}:{call.lineno} hides its key"
            names = frozenset(keyword.key for keyword in call.kwargs)
            yield Use(f"{path.name}:{call.lineno}", "say", (key.value,), names)


def constants(paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Give every text in some modules that may be a key, with its place."""
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", node.value


def _imported(tree: ast.Module) -> dict[str, str]:
    """Return the functions of `riskcli.words` that a module calls, by the name it has for them."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "riskcli.words":
            found |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "riskcli":
            for alias in node.names:
                if alias.name == "words":
                    found |= {f"{alias.asname or 'words'}.{name}": name for name in SAYING}
    return {name: says for name, says in found.items() if says in SAYING}


def _says(node: ast.AST, known: Mapping[str, str]) -> str | None:
    """Return which of the functions a node calls, or None."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
        return None
    return known.get(ast.unparse(node.func))


def _scopes(tree: ast.Module) -> Iterator[ast.AST]:
    """Give a module and every function in it."""
    yield tree
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield node


def _own(scope: ast.AST) -> Iterator[ast.AST]:
    """Give the nodes of a scope, without those of functions inside it."""
    queue = list(ast.iter_child_nodes(scope))
    while queue:
        node = queue.pop()
        yield node
        if not isinstance(node, ast.FunctionDef):
            queue += ast.iter_child_nodes(node)


def _given(scope: ast.AST, name: str) -> list[ast.expr]:
    """Return what a name is given in a scope."""
    return [
        node.value
        for node in _own(scope)
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
    ]


def _keys(call: ast.Call, says: str, scope: ast.AST) -> Iterator[str]:
    """Give the keys that a call may have."""
    place, before = (1, "counts.") if says == "counted" else (0, "")
    if len(call.args) > place:
        yield from (before + key for key in _texts(call.args[place], scope))


def _texts(value: ast.expr, scope: ast.AST) -> Iterator[str]:
    """Give the texts that an expression may come to, as far as the code alone tells."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.IfExp):
        yield from _texts(value.body, scope)
        yield from _texts(value.orelse, scope)
    elif isinstance(value, ast.Name):
        for given in _given(scope, value.id):
            yield from _texts(given, scope)


def _names(call: ast.Call, scope: ast.AST) -> frozenset[str] | None:
    """Return the names that a call gives values for; None where a dictionary of them is made elsewhere."""
    found = set()
    for keyword in call.keywords:
        if keyword.arg is not None:
            found.add(keyword.arg)
            continue
        given = _given(scope, keyword.value.id) if isinstance(keyword.value, ast.Name) else []
        made = {_dict_keys(value) for value in given}
        if len(made) != 1 or None in made:
            return None
        found |= made.pop() or set()
    return frozenset(found)


def _dict_keys(value: ast.expr) -> frozenset[str] | None:
    """Return the keys of a dictionary that is written out; None for anything else."""
    if not isinstance(value, ast.Dict):
        return None
    return frozenset(str(key.value) for key in value.keys if isinstance(key, ast.Constant))


# ---- what is wrong with a use


def wrong_uses(found: Iterable[Use]) -> list[str]:
    """Return what is wrong with calls: a key that is not there, or other names than its sentence has."""
    sentences = dict(leaves(words._sentences()))
    sections = {key.rpartition(".")[0] for key in sentences} | {key.partition(".")[0] for key in sentences}
    faults = []
    for use in found:
        for key in use.keys:
            if use.says == "section":
                if key not in sections:
                    faults.append(f"{use.where}: there is no section {key}")
                continue
            pair = use.says != "say"
            own = [f"{key}.one", f"{key}.several"] if pair else [key]
            missing = [one for one in own if one not in sentences]
            if missing:
                faults.append(f"{use.where}: there is no sentence {missing[0]}")
                continue
            if use.names is None or use.says == "counted":
                continue
            wanted = set().union(*(names_in(sentences[one]) for one in own))
            given = use.names | ({"number"} & wanted if pair else frozenset())
            if wanted != given:
                faults.append(f"{use.where}: {key} wants {sorted(wanted)} but gets {sorted(given)}")
    return faults


def used_keys(paths: Iterable[Path]) -> set[str]:
    """Return the keys of every sentence that some modules may say."""
    paths = list(paths)
    sentences = dict(leaves(words._sentences()))
    texts = {text for _, text in constants(paths)}
    whole = {key for use in uses(paths) if use.says != "say" for key in use.keys}
    made = [pattern for path in paths for pattern in _made_keys(path)]
    return {
        key
        for key in sentences
        if key in texts
        or any(key == one or key.startswith(f"{one}.") for one in whole)
        or any(pattern.fullmatch(key) for pattern in made)
    }


def _made_keys(path: Path) -> Iterator[re.Pattern[str]]:
    """Give the keys into which a module puts a part, each with anything in its place."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    known = _imported(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (says := _says(node, known)):
            start = r"counts\." if says == "counted" else ""
            for key in (part for arg in node.args for part in ast.walk(arg)):
                if isinstance(key, ast.JoinedStr) and isinstance(key.values[0], ast.Constant):
                    parts = [
                        re.escape(part.value) if isinstance(part, ast.Constant) else "[^.]+"  # type: ignore[arg-type]
                        for part in key.values
                    ]
                    yield re.compile(f"{start}{''.join(parts)}(\\..+)?")


# ---- a second language


def marked(data: Any) -> Any:
    """Return sentences with a mark around each: a language that can be told from the first."""
    if isinstance(data, dict):
        return {key: marked(inner) for key, inner in data.items()}
    return f"{LEFT}{data}{RIGHT}"


def outside(text: str) -> str:
    """Return a text with blanks in place of what stands between the signs.

    Raises:
        AssertionError: a sign stands alone.
    Example:
        >>> outside("grade: \u27e6\u27e61 row\u27e7\u27e7.")
        'grade:          .'
    """
    depth, found = 0, []
    for char in text:
        depth += {LEFT: 1, RIGHT: -1}.get(char, 0)
        assert depth >= 0, f"a sentence ends that did not begin: {text}"
        found.append(" " if depth or char == RIGHT else char)
    assert depth == 0, f"a sentence does not end: {text}"
    return "".join(found)


def unmarked(text: str) -> str:
    """Return what of a text stands outside of every mark, joined.

    Example:
        >>> unmarked("grade: \u27e6\u27e61 row\u27e7 is wrong\u27e7.")
        'grade: .'
    """
    outside(text)
    return re.sub(f"{LEFT}[^{LEFT}{RIGHT}]*{RIGHT}", "", _inside_out(text))


def _inside_out(text: str) -> str:
    """Return a text without the sentences that stand inside another one."""
    while (plain := re.sub(f"({LEFT}[^{LEFT}{RIGHT}]*){LEFT}[^{LEFT}{RIGHT}]*{RIGHT}", r"\1", text)) != text:
        text = plain
    return text


def stray_words(text: str, data: str = "") -> list[str]:
    """Return the words of a text that are neither between the signs nor words of `data`."""
    known = set(re.findall(r"[^\W\d_]+", data.lower()))
    return [word for word in re.findall(r"[^\W\d_]+", outside(text)) if word.lower() not in known]


# ---- sentences that stand in code

_SENTENCE = re.compile(r"[A-Za-z]{2,}[,;:]? [A-Za-z]{2,}[,;:]? [A-Za-z]{2,}")


def sentences_in(path: Path, besides: Iterable[str] = ()) -> Iterator[tuple[str, str]]:
    """Give the texts of a module that look like sentences, with their places.

    Left out are docstrings, and what is given to one of the functions or names `besides`.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if _is_one_of(node, besides):
            skipped |= {id(part) for part in ast.walk(node)}
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and id(node) not in skipped and _SENTENCE.search(text):
            yield f"{path.relative_to(PACKAGE)}:{node.lineno}", text


def _is_one_of(node: ast.AST, names: Iterable[str]) -> bool:
    """Say whether a node calls, defines or gives a value to one of some names."""
    if isinstance(node, ast.Call):
        return ast.unparse(node.func) in names
    if isinstance(node, ast.Assign):
        return any(ast.unparse(target) in names for target in node.targets)
    return isinstance(node, ast.FunctionDef) and node.name in names
