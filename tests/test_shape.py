"""What may not stand in the code or in the tree: medicine, this project's papers, anybody's machine."""

from __future__ import annotations

import ast
import re
import subprocess
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from riskcli.compiled import LEVELS
from riskcli.loader import load_rules
from riskcli.report.blocks import _EDGES

ROOT = Path(__file__).parent.parent
CODE = sorted((ROOT / "riskcli").rglob("*.py"))
RULES = load_rules()
TABLES = {name: RULES.get(name).table for name in RULES.names}
CANCERS = {*RULES.names, *RULES.planned}

HOW_TO_WRITE_ONE = '{"cancer": "breast"}'
"""Sentences may show how a record is written."""


def words_in(path: Path) -> Iterator[tuple[int, str]]:
    """Give the names, strings and comments of a module with their lines, docstrings left out."""
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type in (tokenize.NAME, tokenize.COMMENT):
                yield token.start[0], token.string
    tree = ast.parse(path.read_text(encoding="utf-8"))
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.lineno, node.value.replace(HOW_TO_WRITE_ONE, "")


def found_in_code(words: set[str]) -> list[str]:
    """Return where any of these words stands in the code, as a word of its own."""
    pattern = re.compile("|".join(rf"(?<![a-z]){re.escape(word)}(?![a-z])" for word in sorted(words)), re.I)
    return [
        f"{path.relative_to(ROOT)}:{line}: {match[0]}"
        for path in CODE
        for line, text in words_in(path)
        for match in pattern.finditer(text)
    ]


def test_enough_is_looked_for() -> None:
    assert len(CODE) > 30
    assert len(CANCERS) > 10
    assert len(agents()) > 20
    assert found_in_code({"micrometastases"})


def agents() -> set[str]:
    """Return every drug that a table names."""
    options = [
        option
        for table in TABLES.values()
        for key in ("options", "not_supported")
        for option in table.get(key, [])
    ]
    return {agent.lower() for option in options for agent in option.get("agents", ())}


def test_the_code_names_no_cancer() -> None:
    assert found_in_code({name.replace("_", joint) for name in CANCERS for joint in ("_", " ", "-")}) == []


def test_the_code_names_no_drug() -> None:
    assert found_in_code(agents()) == []


FIELDS_BUILT_IN = {
    "nodes_positive",
    "nodes_examined",
    "t_category",
    "n_category",
    "neoadjuvant_therapy",
    "metastasis",
    "disease",
    "local_treatment",
    "sex",
    "ref",
}
"""The fields whose meaning is part of the contract: the node rules, the scope gate, the TNM prefixes."""


def test_the_code_names_no_field_of_a_table_beyond_the_contract() -> None:
    fields = {name for table in TABLES.values() for name in table["fields"] if "_" in name}
    assert found_in_code(fields - FIELDS_BUILT_IN) == []


def thresholds() -> set[float]:
    """Return every number at which a table cuts a field."""
    cuts = set()
    for name in RULES.names:
        for cells in RULES.get(name).space.cells:
            for span in cells.spans[1:]:
                cuts.add(float(span.low[0]))
    return cuts


NOT_CLINICAL = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30, 40, 50, 60, 80, 100}
"""Small counts, widths and the edges of the bands: too common to tell apart from thresholds."""


ELSEWHERE = {("outcomes.py", 12)}
"""Numbers that are a threshold of some table and something else in a module: the months of a year."""


def numbers(path: Path) -> Iterator[tuple[int, float]]:
    """Give the numbers of a module with their lines; those that cut a text are left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    cutting = {id(part) for node in ast.walk(tree) if isinstance(node, ast.Slice) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float) and id(node) not in cutting:
            yield node.lineno, float(node.value)


def test_the_code_holds_no_clinical_threshold() -> None:
    clinical = thresholds() - NOT_CLINICAL
    assert len(clinical) > 5
    found = [
        f"{path.name}:{line}: {number:g}"
        for path in CODE
        for line, number in numbers(path)
        if number in clinical and (path.name, number) not in ELSEWHERE
    ]
    assert found == []


def test_the_bands_of_the_drawing_are_those_of_the_levels() -> None:
    bands = RULES.get("breast").common["levels"]
    assert tuple(level["id"] for level in bands) == LEVELS
    assert [0, *(level["below"] for level in bands)] == list(_EDGES)


# ---- the tree

GIVEN_AWAY = {
    "the machine": re.compile(r"(?<![a-z])/(?:work|opt|root|home)/[a-z]|\.\./\.[a-z]"),
    "papers that are not here": re.compile(r"design\.md|style\.md|\.\./shared"),
    "how the project is worked on": re.compile(
        r"\bissues? #?\d|\bsessions? [0-9a-f]{4}|\bthis session\b|seed page|seed\.txt", re.I
    ),
}


PACKED = ".gz"
"""Data of others, kept as they were published."""
AGREED = ROOT / "rules" / "vocabulary.yaml"
"""Kept word for word as it was agreed, with what it refers to."""


def tree() -> list[Path]:
    """Return the text files of the tree: what git knows or would take up."""
    told = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if told.returncode:
        pytest.skip("not a clone")
    paths = [ROOT / line for line in told.stdout.splitlines() if not line.endswith(PACKED)]
    return [path for path in paths if path.is_file() and path not in (Path(__file__), AGREED)]


@pytest.mark.parametrize("what", GIVEN_AWAY)
def test_the_tree_gives_nothing_away_about(what: str) -> None:
    found = []
    for path in tree():
        text = path.read_text(encoding="utf-8")
        for number, line in enumerate(text.splitlines(), 1):
            if match := GIVEN_AWAY[what].search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {match[0]}")
    assert found == []


def test_the_top_of_the_tree_holds_only_what_belongs_there() -> None:
    top = {path.relative_to(ROOT).parts[0] for path in tree()}
    assert top <= {
        *("riskcli", "rules", "tests", "pyproject.toml", "README.md", "LICENSE"),
        *(".ci", ".gitignore", ".gitattributes"),
    }


def test_every_text_ends_its_lines_as_unix_does() -> None:
    assert [str(path) for path in tree() if b"\r" in path.read_bytes()] == []


# ---- the code's own manners


def test_nothing_fails_silently() -> None:
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ExceptHandler):
                broad = node.type is None or (
                    isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")
                )
                empty = all(isinstance(part, ast.Pass) for part in node.body)
                assert not (broad and empty), f"{path}:{node.lineno}"
