"""`riskcli cohort gaps`: the counts against single answers, and how they are shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import riskcli

pl = pytest.importorskip("polars")

ROWS: list[dict[str, Any]] = [
    {"grade": 3, "nodes_positive": 2, "vascular_invasion": "present"},
    {"grade": 3, "nodes_positive": None, "vascular_invasion": "absent"},
    {"grade": 2, "nodes_positive": 0, "vascular_invasion": None},
    {"grade": 2, "nodes_positive": 0, "vascular_invasion": None},
    {"grade": None, "nodes_positive": 0, "vascular_invasion": "absent"},
    {"grade": 9, "nodes_positive": 0, "vascular_invasion": "absent"},
]


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    """A cohort with things missing, one row of which is wrong."""
    path = tmp_path / "cohort.csv"
    pl.DataFrame(ROWS).write_csv(path)
    return path


def single(row: dict[str, Any]) -> Any:
    """Return the answer to a row as a single case."""
    stated = {name: value for name, value in row.items() if value is not None}
    return riskcli.assess({"cancer": "other_solid", **stated})


def test_counts_are_those_of_single_answers(run: Any, cohort: Path) -> None:
    told = run("cohort", "gaps", cohort, "--cancer", "other_solid", "--json")
    assert (told.code, told.err) == (0, "")
    found = told.json["tables"]["other_solid"]
    answers = [single(row) for row in ROWS[:5]]
    assert told.json["wrong"] == 1
    assert found["patients"] == 5
    assert found["undecided"] == sum(answer.likelihood.level is None for answer in answers)
    for field in ("grade", "nodes_positive", "vascular_invasion"):
        deciding = [
            item
            for answer in answers
            for item in answer.unknown
            if item.field == field and "likelihood" in item.decides
        ]
        shown = next((item for item in found["fields"] if item["field"] == field), None)
        counts = (
            len(deciding),
            sum(item.settles == "always" for item in deciding),
            sum(item.settles == "sometimes" for item in deciding),
        )
        assert counts == ((shown["undecided"], shown["settled"], shown["perhaps"]) if shown else (0, 0, 0))
    for option in found["options"]:
        statuses = [
            item.status for answer in answers for item in answer.options if item.id == option["option"]
        ]
        assert (option["matches"], option["depends"]) == (
            statuses.count("matches"),
            statuses.count("depends"),
        )


def test_a_missing_finding_is_told_with_how_many_it_would_settle(run: Any, cohort: Path) -> None:
    told = run("cohort", "gaps", cohort, "--cancer", "other_solid")
    answers = [single(row) for row in ROWS[:5]]
    undecided = sum(answer.likelihood.level is None for answer in answers)
    shown = " ".join(told.out.split())
    assert f"{undecided} undecided" in shown
    assert f"vascular_invasion: 2 of {undecided} undecided turn on it; 2 settled by it alone" in shown
    assert "1 row could not be assessed" in shown


def test_nothing_missing_is_told_without_empty_headings(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "whole.csv"
    pl.DataFrame(ROWS[:1]).write_csv(path)
    told = run("cohort", "gaps", path, "--cancer", "other_solid")
    assert single(ROWS[0]).likelihood.level is not None
    assert "turn on it" not in told.out
    assert "0 undecided" in told.out


def test_the_same_cohort_is_told_in_the_same_words_every_time(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "mixed.csv"
    rows = [{**row, "cancer": cancer} for cancer in ("colon", "other_solid", "breast") for row in ROWS[:5]]
    pl.DataFrame(rows).write_csv(path)
    told = [run("cohort", "gaps", path).out for _ in range(6)]
    assert len(set(told)) == 1
    assert told[0].index("Invasive breast") < told[0].index("of the colon") < told[0].index("Other solid")
