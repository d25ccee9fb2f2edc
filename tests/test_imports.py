"""Who may import whom, and what is loaded for the commonest commands."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from riskcli.loader import load_rules

PACKAGE = Path(__file__).parent.parent / "riskcli"

LAYERS: tuple[frozenset[str], ...] = (
    # What can go wrong, where things are, and the version.
    frozenset({"errors", "packaged", "_version"}),
    # The algebra: conditions, cells, masks, boxes, diagrams. No YAML, no medicine.
    frozenset({"conditions", "cells", "diagram", "reach", "walk", "compiled"}),
    # What a rule file holds.
    frozenset({"tables", "slots"}),
    # Files to tables; a record to facts; the models of an answer.
    frozenset({"words", "yaml_source", "rule_files", "names", "compiling", "built", "headings", "loader"})
    | frozenset({"quantities", "values", "readers", "facts", "nodes", "scope", "unstated", "settling"})
    | frozenset({"case", "varied", "assessment"}),
    # Facts to an answer.
    frozenset({"statics", "moves", "evaluate"}),
    # What stands on answers and tables: proofs, comparisons, records, reports, questions. All other modules.
    frozenset(
        {"records", "interview", "report", "check", "findings", "proofs", "lints", "trials", "witness"}
    ),
    # The front doors.
    frozenset({"cli", "__init__", "__main__"}),
)
"""The modules of each layer, the lowest first; a package stands for all of its modules."""

OTHERWISE = 5
"""The layer of a module that is not named."""

NOT_IN_THE_PACKAGE = {"_build_hook"}


def modules() -> dict[str, Path]:
    """Return every module by its name inside the package."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)
        if name not in NOT_IN_THE_PACKAGE:
            found[name] = path
    return found


MODULES = modules()


def imports(name: str) -> Iterator[tuple[str, int]]:
    """Give the modules of this package that a module imports anywhere, with the line."""
    for node in ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}:{node.lineno}: imports are written out in full"
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            found = [
                item if item.removeprefix("riskcli.") in MODULES else str(node.module) for item in inside
            ]
        else:
            continue
        for item in dict.fromkeys(found):
            if item == "riskcli" or item.startswith("riskcli."):
                yield item.removeprefix("riskcli").removeprefix(".") or "__init__", node.lineno


def layer(name: str) -> int:
    """Return the layer of a module."""
    return next((n for n, names in enumerate(LAYERS) if name.split(".")[0] in names), OTHERWISE)


def test_no_module_has_two_layers() -> None:
    named = [name for names in LAYERS for name in names]
    assert len(named) == len(set(named))


@pytest.mark.parametrize("name", MODULES)
def test_a_module_imports_only_from_its_own_layer_and_those_below(name: str) -> None:
    upward = [
        f"{name}:{line} imports {target}" for target, line in imports(name) if layer(target) > layer(name)
    ]
    assert not upward


def test_no_module_imports_itself_through_others() -> None:
    graph = {name: {target for target, _ in imports(name)} for name in MODULES}
    assert list(TopologicalSorter(graph).static_order())


def test_only_the_command_line_knows_typer_and_only_colours_know_rich() -> None:
    users: dict[str, set[str]] = {"typer": set(), "rich": set(), "yaml": set(), "os": set()}
    for name, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            targets = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            targets += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            for target in targets:
                users.get(target.split(".")[0], set()).add(name)
    assert {name.split(".")[0] for name in users["typer"]} == {"cli"}
    assert users["rich"] == {"report.terminal"}
    assert users["yaml"] == {"yaml_source"}


def test_printing_is_done_in_one_place() -> None:
    for name, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id != "print", f"{name}:{node.lineno} prints"


# ---- what is loaded

HEAVY = {"rich", "yaml", "polars", "pandas", "numpy", "narwhals", "pyarrow", "duckdb", "jinja2", "pygments"}
HEAVY |= {"httpx", "requests", "urllib.request", "ssl", "http.client", "asyncio"}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables compiled as a build of the package compiles them."""
    directory = tmp_path_factory.mktemp("built")
    load_rules().build(directory)
    return directory


def loaded(built: Path, *args: str) -> set[str]:
    """Return the modules that a run of the program loads, with tables that were compiled before."""
    script = (
        "import sys, pathlib, riskcli.built as built\n"
        f"built.BUILT = pathlib.Path({str(built)!r})\n"
        "from riskcli.cli import main\n"
        f"code = main({list(args)!r})\n"
        "sys.stderr.write(' '.join(sys.modules))\n"
        "sys.exit(code)"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    return set(told.stderr.split())


CASE = ("assess", "breast", "--grade", "3", "--nodes-positive", "2", "--er", "positive")


@pytest.mark.parametrize("mode", [("--json",), (), ("--full",)], ids=["json", "report", "full"])
def test_an_answer_loads_nothing_heavy_and_no_network(mode: tuple[str, ...], compiled: Path) -> None:
    found = loaded(compiled, *CASE, *mode)
    assert not HEAVY & found
    assert "riskcli.evaluate" in found


def test_a_json_answer_is_made_without_any_model(compiled: Path) -> None:
    assert not {"pydantic.main", "pydantic.type_adapter"} & loaded(compiled, *CASE, "--json")


def test_an_answer_loads_only_what_it_needs_of_this_package(compiled: Path) -> None:
    found = {name for name in loaded(compiled, *CASE, "--json") if name.startswith("riskcli.")}
    for part in (
        "interview",
        "check",
        "proofs",
        "tables",
        "compiling",
        "rule_files",
        "report.outline",
        "report.patient",
        "plain_words",
        "cli.rules",
        "interop",
        "interop.readings",
        "interop.fhir_codes",
        "report.readings",
    ):
        assert f"riskcli.{part}" not in found


def test_importing_the_library_loads_almost_nothing() -> None:
    script = "import sys, riskcli; print(' '.join(sys.modules))"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    found = set(told.stdout.split())
    assert {name for name in found if name.startswith("riskcli")} == {
        "riskcli",
        "riskcli._version",
        "riskcli.errors",
    }
    assert not {"pydantic", "typer", *HEAVY} & found
