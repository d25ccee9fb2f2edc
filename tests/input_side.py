"""What the tests of the input side share: the invented rules, and short ways to read a record for them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from riskcli.case import case_reader, read_case
from riskcli.compiled import Compiled
from riskcli.errors import CaseError, OutOfScope
from riskcli.facts import Facts
from riskcli.loader import Rules
from riskcli.values import Reading, ValueProblem

INPUT_RULES = Path(__file__).parent / "data" / "input_rules"
GLAND, SKIN, PLAIN = "example_gland", "example_skin", "example_plain"


@cache
def rules() -> Rules:
    """Return the packaged rules with the invented ones."""
    return Rules(INPUT_RULES)


def table(name: str = GLAND) -> Compiled:
    """Return an invented table, or a packaged one."""
    return rules().get(name)


def facts(record: dict[Any, Any], name: str = GLAND) -> Facts:
    """Read a record for a table."""
    return read_case(record, table(name))


def allowed(found: Facts) -> dict[str, set[str]]:
    """Return the cells each field may be in, in words, over all boxes."""
    return {
        cells.field: {cells.names[i] for i in range(cells.count) for box in found.boxes if box[n] >> i & 1}
        for n, cells in enumerate(found.table.space.cells)
    }


def cells_of(record: dict[Any, Any], field: str, name: str = GLAND) -> set[str]:
    """Return the cells in which a record leaves one field, in words."""
    return allowed(facts(record, name))[field]


def known(found: Facts) -> set[str]:
    """Return the names of the fields that are known."""
    return {found.table.space.cells[place].field for place in found.known}


def assumed(found: Facts) -> dict[str, Any]:
    """Return what was assumed, by field."""
    return {item["field"]: item["value"] for item in found.assumed}


def refusals(record: Any, name: str = GLAND) -> list[str]:
    """Return the sentences with which a record is refused."""
    with pytest.raises(CaseError) as caught:
        facts(record, name)
    assert not isinstance(caught.value, OutOfScope), "turned away, not refused"
    return str(caught.value).split("\n")


def turned_away(record: dict[Any, Any], name: str = GLAND) -> list[str]:
    """Return the sentences with which a sound record is turned away."""
    with pytest.raises(OutOfScope) as caught:
        facts(record, name)
    return [problem.message for problem in caught.value.problems]


def read(field: str, raw: Any, name: str = GLAND) -> Reading:
    """Read one value of one field."""
    return case_reader(table(name)).readers[field].read(raw)


def refusal(field: str, raw: Any, name: str = GLAND) -> str:
    """Return the sentence with which one value is refused."""
    with pytest.raises(ValueProblem) as caught:
        read(field, raw, name)
    return str(caught.value)
