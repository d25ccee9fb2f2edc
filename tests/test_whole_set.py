"""All packaged tables together: one spelling a drug, one meaning a field, none with two owners of a name."""

from __future__ import annotations

import difflib
from functools import cache
from pathlib import Path

import pytest

from riskcli.check import check_table
from riskcli.loader import load_rules
from riskcli.tables import Table

RULES = load_rules()
README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
_ALIKE = 0.8
_TWO_DRUGS = {
    frozenset(pair)
    for pair in (
        ("cemiplimab", "cetuximab"),
        ("ibandronic acid", "zoledronic acid"),
        ("clodronic acid", "zoledronic acid"),
        ("clodronic acid", "ibandronic acid"),
        ("clodronic acid", "folinic acid"),
        ("elacestrant", "imlunestrant"),
        ("elacestrant", "camizestrant"),
        ("giredestrant", "imlunestrant"),
        ("camizestrant", "imlunestrant"),
        ("palbociclib", "ribociclib"),
        ("palbociclib", "abemaciclib"),
        ("paclitaxel", "nab-paclitaxel"),
        ("trastuzumab deruxtecan", "datopotamab deruxtecan"),
        ("trastuzumab deruxtecan", "trastuzumab emtansine"),
        ("vinblastine", "vinorelbine"),
        ("apalutamide", "bicalutamide"),
        ("apalutamide", "darolutamide"),
        ("bicalutamide", "darolutamide"),
        ("alectinib", "axitinib"),
        ("dabrafenib", "vemurafenib"),
        ("erlotinib", "gefitinib"),
        ("erlotinib", "lapatinib"),
        ("pazopanib", "sorafenib"),
        ("lapatinib", "neratinib"),
        ("carboplatin", "cisplatin"),
        ("carboplatin", "oxaliplatin"),
        ("cisplatin", "oxaliplatin"),
        ("doxorubicin", "epirubicin"),
        ("docetaxel", "paclitaxel"),
    )
}
"""Names that are alike and are two drugs."""


@cache
def read(name: str) -> Table:
    """Return a table as it is written."""
    return RULES.read(name)[1]


def drugs() -> dict[str, set[str]]:
    """Return every drug that a table names, with the tables."""
    found: dict[str, set[str]] = {}
    for name in RULES.names:
        table = read(name)
        for option in (*table.options, *table.not_supported):
            for agent in option.agents:
                found.setdefault(agent, set()).add(name)
    return found


def test_every_cancer_of_the_vocabulary_has_a_table() -> None:
    assert set(RULES.vocabulary("breast")) - {"common"} == set(RULES.names)


@pytest.mark.parametrize("name", RULES.names)
def test_a_check_finds_nothing(name: str) -> None:
    assert check_table(RULES, name) == []


def test_a_drug_is_spelt_one_way() -> None:
    names = sorted(drugs())
    assert [name for name in names if name != name.strip().lower()] == []
    alike = {
        frozenset((one, other))
        for i, one in enumerate(names)
        for other in names[i + 1 :]
        if difflib.SequenceMatcher(None, one, other).ratio() > _ALIKE
    }
    assert {tuple(sorted(pair)) for pair in alike - _TWO_DRUGS} == set()


def test_a_field_is_the_same_kind_of_thing_in_every_table_and_has_one_unit() -> None:
    kinds: dict[str, set[tuple[str, str | None]]] = {}
    for name in RULES.names:
        for field, spec in read(name).fields.items():
            numeric = "word" if spec.type == "word" else "number"
            kinds.setdefault(field, set()).add((numeric, spec.unit))
    assert {field: found for field, found in kinds.items() if len(found) > 1} == {}


def test_the_readme_lists_every_table_with_the_names_people_use() -> None:
    listed = [line.split("|")[1:4] for line in README.splitlines() if line.startswith("| `")]
    rows = {cells[0].strip(" `"): (cells[1].strip(), cells[2].strip()) for cells in listed}
    assert list(rows) == list(RULES.names)
    for name, (title, names) in rows.items():
        table = read(name)
        assert title == table.title
        assert set(filter(None, names.split(", "))) <= set(table.also_called)
        assert names or not table.also_called


def test_no_two_tables_answer_to_one_name() -> None:
    owners: dict[str, set[str]] = {}
    for name in RULES.names:
        for said in (read(name).title, *read(name).also_called):
            owners.setdefault(said.lower(), set()).add(name)
    assert {said: found for said, found in owners.items() if len(found) > 1} == {}
