"""The mutation script counts what it says it counts."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from riskcli.compiled import LEVELS
from riskcli.compiling import TableFaults
from riskcli.diff import compare

SCRIPT = Path(__file__).parent / "mutation" / "rules.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script, read as a module."""
    spec = importlib.util.spec_from_file_location("mutation_of_rules", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_every_row_is_deleted_narrowed_and_moved_and_every_criterion_deleted_and_narrowed(script) -> None:
    original = script.original("other_solid")
    table = original.table
    changes = [(mutant.row, mutant.change) for mutant in script.mutants(table)]
    for row in table.likelihood:
        mine = {change for name, change in changes if name == row.id}
        at = LEVELS.index(row.level)
        moved = {
            f"{row.level} made {level}" for level in (*LEVELS[max(at - 1, 0) : at], *LEVELS[at + 1 : at + 2])
        }
        assert mine == {"deleted", *moved, *(f"without {name}" for name in row.when)}
    for option in table.options:
        for criterion in option.any_of:
            mine = {change for name, change in changes if name == f"options {option.id}/{criterion.id}"}
            assert mine == {"deleted", *(f"without {name}" for name in criterion.when)}
    assert len(changes) == len(set(changes))


@pytest.mark.parametrize("name", ["other_solid", "testis_nonseminoma"])
def test_a_mutant_is_equivalent_exactly_when_the_comparison_finds_no_change(name: str, script) -> None:
    original = script.original(name)
    found = set()
    for mutant in script.mutants(original.table):
        try:
            compiled = original.compile(mutant.table)
        except TableFaults:
            continue
        same = script.same_answers(original.compiled, compiled)
        assert same == compare(original.compiled, compiled, 0).same, (mutant.row, mutant.change)
        found.add(same)
    assert found == {True, False}


def test_the_packaged_tables_pass_their_own_guards(script) -> None:
    for name in ("other_solid", "testis_nonseminoma"):
        original = script.original(name)
        assert original.findings == set()
        assert set(original.failing.values()) == {frozenset()}


def test_fewer_than_5_in_100_survive_in_the_smaller_tables(
    script, capsys: pytest.CaptureFixture[str]
) -> None:
    code = script.main(["--table", "other_solid", "--table", "testis_nonseminoma", "--jobs", "1"])
    out = capsys.readouterr().out
    assert code == 0
    assert "other_solid: " in out
    assert "survived 0 (0.0 %)" in out


def test_without_its_vignettes_and_examples_a_table_lets_mutants_through(script) -> None:
    original = script.Original("testis_nonseminoma")
    original.vignettes, original.unlisted = (), []
    bare = original.table.model_copy(update={"examples": ()})
    verdicts = []
    for mutant in list(script.mutants(bare))[::5]:
        original.table = bare
        verdicts.append(original.judge(mutant))
    assert script.share(verdicts) > script.MOST_SURVIVE
    assert "survived: " in script.summary("testis_nonseminoma", verdicts)
