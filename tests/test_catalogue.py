"""What a summary and an audit say of a table: counts, dates on either side, and what rests on what."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from catalogue_side import DUCT, INVENTED, edited

from riskcli.catalogue import CODES, Audit, Item, audit, citations, nodes_below, summary, year_before
from riskcli.compiled import LEVELS
from riskcli.loader import Rules, load_rules

TODAY = date(2026, 11, 25)
OLD_SOURCE = ("seen: abstract, on: 2026-11-22}\nfields", "seen: abstract, on: 2025-11-24}\nfields")


def audited(place: Path, as_of: date, *changes: tuple[str, str]) -> Audit:
    """Audit the invented duct table after changes."""
    return audit(Rules(edited(place, DUCT, *changes)), as_of, [DUCT])


def of_code(found: Audit, code: str) -> list[Item]:
    """Return the items of one kind."""
    return [item for item in found.items if item.code == code]


def line_of(item: Item) -> str:
    """Return the line of the file that an item points to."""
    return Path(item.file).read_text(encoding="utf-8").splitlines()[item.line - 1]


# ---- at a glance


def test_a_summary_counts_what_the_table_holds() -> None:
    found = summary(Rules(INVENTED), DUCT, TODAY)
    assert (found.title, found.status, found.edition) == ("Carcinoma of the example duct", "draft", "2026.1")
    assert (found.evidence_checked, found.review_by) == (date(2026, 11, 24), date(2027, 11, 24))
    assert found.rows == 10
    assert found.by_basis == {"direct": 1, "converted": 0, "judgement": 9}
    assert found.by_level == {"low": 2, "intermediate": 3, "high": 3, "very_high": 2}
    assert (found.options, found.not_supported, found.examples) == (3, 2, 14)
    assert found.by_seen == {"full_text": 0, "abstract": 2, "secondary": 0, "not_seen": 1}
    assert found.sources == 3
    assert found.origin == str(INVENTED / f"{DUCT}.yaml")
    assert len(found.digest) == 64


@pytest.mark.parametrize("name", load_rules().names)
def test_the_parts_of_a_summary_add_up_for_every_table(name: str) -> None:
    found = summary(load_rules(), name, TODAY)
    assert sum(found.by_basis.values()) == sum(found.by_level.values()) == found.rows
    assert sum(found.by_seen.values()) == found.sources
    assert tuple(found.by_level) == LEVELS
    assert 0 < found.level_states <= found.nodes
    assert (found.origin, found.digest) == ("packaged", load_rules().digest(name))


def test_the_nodes_of_a_diagram_are_those_that_it_reaches() -> None:
    compiled = Rules(INVENTED).get(DUCT)
    before = nodes_below(compiled.store, compiled.roots["level"])
    compiled.store.box({0: 0b001, 1: 0b10, 2: 0b01, 6: 0b1})  # nodes that no output needs
    assert nodes_below(compiled.store, compiled.roots["level"]) == before
    assert nodes_below(compiled.store, -1) == 0


@pytest.mark.parametrize(("day", "passed"), [(24, False), (25, True)])
def test_a_review_has_passed_the_day_after_it_was_due(day: int, passed: bool) -> None:
    assert summary(Rules(INVENTED), DUCT, date(2027, 11, day)).review_passed is passed


def test_a_summary_is_plain_data() -> None:
    data = summary(Rules(INVENTED), DUCT, TODAY).data()
    assert json.loads(json.dumps(data)) == data
    assert data["review_by"] == "2027-11-24"


# ---- what has aged


def test_nothing_of_a_table_checked_yesterday_has_aged() -> None:
    found = audit(Rules(INVENTED), TODAY, [DUCT])
    assert not found.overdue
    assert not [item for item in found.items if item.aged]


def test_a_review_that_is_due_ages_a_table_the_day_after(tmp_path: Path) -> None:
    assert not of_code(audited(tmp_path, date(2027, 11, 24)), "review-due")
    found = audited(tmp_path, date(2027, 11, 25))
    (item,) = of_code(found, "review-due")
    assert found.overdue
    assert item.aged
    assert item.message == "the table was due for review by 2027-11-24."
    assert line_of(item) == "review_by: 2027-11-24"


def test_evidence_ages_when_it_was_checked_over_a_year_before(tmp_path: Path) -> None:
    later = ("review_by: 2027-11-24", "review_by: 2030-01-01")
    assert not of_code(audited(tmp_path, date(2027, 11, 24), later), "evidence-old")
    (item,) = of_code(audited(tmp_path, date(2027, 11, 25), later), "evidence-old")
    assert item.aged
    assert line_of(item) == "evidence_checked: 2026-11-24"


@pytest.mark.parametrize(("day", "count"), [(date(2026, 11, 24), 0), (date(2026, 11, 25), 1)])
def test_a_source_ages_when_it_was_looked_at_over_a_year_before(
    day: date, count: int, tmp_path: Path
) -> None:
    found = audited(tmp_path, day, OLD_SOURCE)
    items = of_code(found, "source-old")
    assert len(items) == count
    assert found.overdue is bool(count)
    for item in items:
        assert item.row == "other"
        assert item.message == (
            "other was last looked at on 2025-11-24, over a year before; nodes-1-3, blocker-score, "
            "blocker-not-negative and 2 others rest on it."
        )
        assert item.rests == (
            "nodes-1-3",
            "blocker-score",
            "blocker-not-negative",
            "rubbing-light",
            'the site "bone"',
        )
        assert line_of(item).startswith("  other:")


def test_a_source_that_nobody_has_seen_is_named_with_what_rests_on_it_and_has_not_aged() -> None:
    (item,) = of_code(audit(Rules(INVENTED), TODAY, [DUCT]), "not-seen")
    assert item.row == "guide"
    assert not item.aged
    assert (
        item.message
        == "guide has not been seen; nodes-1-3, wash-level, blocker-nodes and 5 others rest on it."
    )
    assert {"the exception for grade", "stage-group", "nodes-1-3"} <= set(item.rests)


def test_a_source_that_nothing_rests_on_says_so(tmp_path: Path) -> None:
    spare = ("sources:\n", "sources:\n  spare: {title: S, year: 2001, kind: cohort, at: x, seen: not_seen}\n")
    item = of_code(audited(tmp_path, TODAY, spare), "not-seen")[0]
    assert item.message == "spare has not been seen; nothing rests on it."


def test_four_rows_are_all_named_and_one_rests_in_the_singular(tmp_path: Path) -> None:
    changes = (
        OLD_SOURCE,
        ("source: [cohort, other], disputed", "source: cohort, disputed"),
    )
    (item,) = of_code(audited(tmp_path, TODAY, *changes), "source-old")
    assert 'blocker-score, blocker-not-negative, rubbing-light and the site "bone" rest on it' in item.message
    changes = (OLD_SOURCE, ("source: other", "source: cohort"), ("source: [cohort, other]", "source: cohort"))
    (item,) = of_code(audited(tmp_path, TODAY, *changes), "source-old")
    assert item.message.endswith("; blocker-score rests on it.")


def test_the_oldest_source_behind_each_level_is_named_with_the_first_row_that_cites_it() -> None:
    items = of_code(audit(Rules(INVENTED), TODAY, [DUCT]), "oldest")
    assert [item.message for item in items] == [
        "the oldest source behind low is cohort (2001), in row genes-low.",
        "the oldest source behind intermediate is cohort (2001), in row stage-2.",
        "the oldest source behind high is cohort (2001), in row nodes-1-3.",
        "the oldest source behind very high is cohort (2001), in row nodes-4-or-more.",
    ]
    assert items[0].rests == ("genes-low", "nothing-adverse")
    assert all(item.row in line_of(item) for item in items)
    assert not any(item.aged for item in items)


def test_a_source_whose_year_was_not_seen_is_never_the_oldest(tmp_path: Path) -> None:
    found = audited(tmp_path, TODAY, ("year: 2001, ", ""))
    assert not [item for item in of_code(found, "oldest") if "is cohort" in item.message]


def test_a_level_without_rows_has_no_oldest_source(tmp_path: Path) -> None:
    found = audited(tmp_path, TODAY, ("level: very_high", "level: high"))
    assert {
        item.message.split(" is ")[0].removeprefix("the oldest source behind ")
        for item in of_code(found, "oldest")
    } == {"low", "intermediate", "high"}


def test_every_table_is_audited_when_none_is_named() -> None:
    rules = Rules(INVENTED)
    assert {item.cancer for item in audit(rules, TODAY).items} == set(rules.names)


def test_every_kind_of_item_is_explained_and_found(tmp_path: Path) -> None:
    found = audited(tmp_path, date(2029, 1, 1))
    assert {item.code for item in found.items} == set(CODES)


def test_an_item_is_one_line_that_an_editor_can_follow() -> None:
    item = Item("oldest", "duct", "rules/duct.yaml", 12, "row-1", "the oldest.", (), aged=False)
    assert str(item) == "rules/duct.yaml:12: oldest: the oldest."


def test_an_audit_is_plain_data() -> None:
    data = audit(Rules(INVENTED), TODAY, [DUCT]).data()
    assert json.loads(json.dumps(data)) == data
    assert (data["as_of"], data["overdue"]) == ("2026-11-25", False)


@pytest.mark.parametrize(
    ("day", "before"),
    [("2028-02-29", "2027-02-28"), ("2026-03-01", "2025-03-01"), ("2029-02-28", "2028-02-28")],
)
def test_a_year_before_keeps_the_day(day: str, before: str) -> None:
    assert year_before(date.fromisoformat(day)) == date.fromisoformat(before)


@pytest.mark.parametrize("name", load_rules().names)
def test_every_source_of_the_packaged_tables_has_rows_that_rest_on_it(name: str) -> None:
    _, table = load_rules().read(name)
    found = citations(table)
    assert set(found) == set(table.sources)
    assert all(found.values())
