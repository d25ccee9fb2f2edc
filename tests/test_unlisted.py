"""What is called unsupported has evidence for the case at hand, and not for a neighbouring one."""

from __future__ import annotations

import pytest
from unlisted import Unlisted, read_unlisted, wrongly_listed

from riskcli.loader import Rules

RULES = Rules()
CASES = [
    pytest.param(name, case, id=f"{name}:{case.id}")
    for name, cases in read_unlisted().items()
    for case in cases
]


@pytest.mark.parametrize(("name", "case"), CASES)
def test_nothing_is_called_unsupported_beyond_its_evidence(name: str, case: Unlisted) -> None:
    assert list(wrongly_listed(RULES.get(name), case)) == [], case.why


@pytest.mark.parametrize(("name", "case"), CASES)
def test_every_id_is_an_entry_of_the_table(name: str, case: Unlisted) -> None:
    entries = {item["id"] for item in RULES.get(name).table["not_supported"]}
    assert set(case.unlisted) <= entries


def test_the_ids_of_the_cases_are_unique() -> None:
    for cases in read_unlisted().values():
        ids = [case.id for case in cases]
        assert len(ids) == len(set(ids))
