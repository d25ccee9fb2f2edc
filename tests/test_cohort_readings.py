"""Readings of other systems as a cohort: one row each, refused or not, and how each was read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import riskcli.cohort.readings as module
from riskcli.cohort.columns import Naming
from riskcli.cohort.gaps import count_gaps, details_of
from riskcli.cohort.reading import Cohort
from riskcli.cohort.readings import NOTES, SOURCES, readings_source
from riskcli.cohort.rows import Rowwise
from riskcli.cohort.whole import whole_answers, write_pages
from riskcli.errors import CaseError, OutOfScope, Problem
from riskcli.interop.readings import Found, Reading
from riskcli.loader import load_rules

RULES = load_rules()
FIELDS = ["grade", "nodes_positive", "nodes_examined", "n_category", "sex"]


def reading(notes: tuple[str, ...] = (), refused: CaseError | None = None, **record: Any) -> Reading:
    """Return a reading whose values say which item they stood in."""
    found = tuple(Found(name, value, f"item of {name}") for name, value in record.items())
    return Reading("a registry", found, notes, refused, {"place": "north"})


def no_case(message: str, kind: type[CaseError] = CaseError) -> CaseError:
    """Return a reason why there is no case."""
    return kind([Problem(None, None, message)])


READINGS = [
    reading(cancer="breast", grade=3, nodes_positive=12, nodes_examined=20, ref="a"),
    reading(("in situ only",), no_case("only in situ", OutOfScope), cancer="breast", ref="b"),
    reading(cancer="breast", grade=7, ref="c"),
    reading((), no_case('item "8x" is no code'), cancer="kidney", ref="d"),
    reading(("more than one", "said"), cancer="kidney", n_category=["N0", "N1"], nodes_positive=">=1"),
]


def cohort(readings: Iterable[Reading] = READINGS, besides: Any = None, **more: Any) -> Cohort:
    """Return readings as a cohort."""
    source = readings_source("registry", readings, FIELDS, **more)
    rowwise = Rowwise(RULES)
    return Cohort(source, rowwise, Naming(), besides) if besides else Cohort(source, rowwise, Naming())


def answered(found: Cohort) -> list[dict[str, Any]]:
    """Return the rows of a cohort with their answers."""
    return pl.concat(found.answered()).to_dicts()


def test_every_reading_has_one_row_in_its_place() -> None:
    rows = answered(cohort())
    assert [row["ref"] for row in rows] == ["a", "b", "c", "d", None]
    assert rows[0]["likelihood_highest"] == "very_high"
    assert rows[1]["out_of_scope"] == "only in situ"
    assert str(rows[2]["error"]).startswith("grade: 7 is not allowed")
    assert rows[3]["error"] == 'item "8x" is no code'
    assert (rows[4]["n_category"], rows[4]["nodes_positive"]) == ("N0|N1", ">=1")
    assert rows[4]["table"] == "kidney"


def test_the_answers_are_those_of_the_records_alone() -> None:
    rowwise = Rowwise(RULES)
    for row, one in zip(answered(cohort()), READINGS, strict=True):
        if one.refused is None and row["error"] is None:
            assert {name: row[name] for name in rowwise.answer(one.record)._fields} == rowwise.answer(
                one.record
            )._asdict()


def test_the_reading_itself_is_never_written() -> None:
    rows = answered(cohort())
    assert module.READING not in rows[0]
    assert not any(isinstance(value, Reading) for row in rows for value in row.values())


def test_notes_and_sources_stand_in_columns_that_are_not_read() -> None:
    found = cohort(show_sources=True, carried=("place",))
    rows = answered(found)
    assert [row[NOTES] for row in rows] == [None, "in situ only", None, None, "more than one | said"]
    assert rows[2][SOURCES] == "cancer: item of cancer | grade: item of grade | ref: item of ref"
    assert {row["place"] for row in rows} == {"north"}
    assert found.summary.columns.passed_through == ["place", NOTES, SOURCES]
    assert SOURCES not in answered(cohort())[0]


def test_a_carried_column_is_not_read_though_it_has_the_name_of_a_field() -> None:
    one = Reading("a registry", (Found("grade", 2, ""), Found("cancer", "breast", "")), context={"er": "zzz"})
    row = answered(cohort([one], carried=("er",)))[0]
    assert (row["er"], row["error"]) == ("zzz", None)


def test_what_is_refused_is_counted_by_its_kind_and_without_values() -> None:
    found = cohort()
    list(found.answered())
    assert found.summary.kinds["out of scope"] == 1
    assert found.summary.wrong == 2
    assert "item (…) is no code" in found.summary.sentences


def test_all_refused_or_none_at_all() -> None:
    rows = answered(cohort([READINGS[1], READINGS[3], READINGS[1]]))
    assert [bool(row["out_of_scope"]) for row in rows] == [True, False, True]
    assert answered(cohort([])) == []


def test_the_whole_answer_says_how_it_was_read() -> None:
    answers = list(whole_answers(cohort()))
    assert [answer["row"] for answer in answers] == [1, 2, 3, 4, 5]
    assert answers[0]["reading"]["values"][1] == {"field": "grade", "value": 3, "from": "item of grade"}
    assert answers[1]["error"] == "out_of_scope"
    assert answers[1]["problems"][0]["message"] == "only in situ"
    assert answers[1]["reading"]["notes"] == ["in situ only"]
    assert answers[4]["reading"]["values"][1]["value"] == ["N0", "N1"]


def test_every_reading_gets_a_page(tmp_path: Path) -> None:
    assert write_pages(cohort(), str(tmp_path)) == len(READINGS)
    refused, read = (tmp_path / "b.txt").read_text().split("\n\n")
    assert refused == "only in situ"
    assert " ".join(read.split()) == "Reading Read as a registry: - in situ only"
    assert "Reading" not in (tmp_path / "a.txt").read_text()  # nothing was resolved or left out


def test_gaps_count_what_is_refused_apart() -> None:
    gaps = count_gaps(cohort(besides=details_of))
    assert (gaps.wrong, gaps.out_of_scope) == (2, 1)


def test_readings_are_taken_in_bounded_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FEW", 10)
    taken = 0

    def many() -> Iterator[Reading]:
        nonlocal taken
        for _ in range(95):
            taken += 1
            yield READINGS[0]

    batches = readings_source("registry", many(), FIELDS).batches()
    assert (next(batches).height, taken) == (10, 10)
    assert sum(batch.height for batch in batches) == 85


def test_a_field_that_was_not_announced_is_our_bug() -> None:
    with pytest.raises(AssertionError, match="ulceration"):
        answered(cohort([reading(ulceration="present")]))


def test_left_out_the_fields_are_those_of_the_vocabulary() -> None:
    headers = readings_source("registry", READINGS).headers
    assert {"ref", "cancer", "breslow_mm", "her2", NOTES} <= {*headers}
    assert headers[:2] == ["ref", "cancer"]


def test_an_ordinary_cohort_has_no_readings() -> None:
    batch = pl.DataFrame({"grade": [1]})
    assert module.refused_in(batch) == {}
    assert module.readings_of(batch) == [None]
    assert module.without_readings(batch) is batch
