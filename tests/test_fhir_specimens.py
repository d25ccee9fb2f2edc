"""Which of several statements counts, by the specimen they are of, and what groups say of their members."""

from __future__ import annotations

from typing import Any

import pytest
from fhir_made import (
    BREAST,
    CODES,
    COLON,
    cancer,
    concept,
    notes,
    number,
    operation,
    read,
    record,
    said,
    seen,
)

from riskcli.interop.fhir import read_bundle
from riskcli.interop.fhir_resources import resources_of
from riskcli.interop.fhir_setting import Settings

GRADE, SIZE, ER, VESSELS, MARGINS = (
    "loinc 33732-9",
    "loinc 33728-7",
    "loinc 85337-4",
    "loinc 59544-7",
    "loinc 44669-0",
)
POSITIVE, EXAMINED, SENTINEL = "loinc 21893-3", "loinc 21894-1", "loinc 92832-5"
T_CATEGORY = "snomed 78873005"
PRESENT, ABSENT = said("snomed 52101004"), said("snomed 2667000")


def taken(name: str, what: str = "", on: str = "", **more: Any) -> dict[str, Any]:
    """Return a specimen: a code or words say what it is."""
    kind = concept(what) if what.startswith("snomed ") else {"text": what}
    dated = {"collection": {"collectedDateTime": on}} if on else {}
    return {"resourceType": "Specimen", "id": name, **({"type": kind} if what else {}), **dated, **more}


def of(name: str) -> dict[str, Any]:
    """Return what refers to a specimen."""
    return {"specimen": {"reference": f"Specimen/{name}"}, "id": f"o-{name}"}


def group(*members: str, code: str = "loinc 77753-2", **more: Any) -> dict[str, Any]:
    """Return an observation that is a group of others."""
    listed = [{"reference": member} for member in members]
    return seen(code, {}, id="group", hasMember=listed, **more)


RESECTED = taken("resected", "snomed 397199005", "2024-03-20")
CORE = taken("core", "snomed 122548005", "2024-03-01")


# ---- which specimen counts


def test_the_specimen_of_the_operation_counts_before_a_biopsy_whatever_their_days() -> None:
    statements = (
        seen(GRADE, said(text="G3"), "2024-03-22", **of("resected")),
        seen(GRADE, said(text="G2"), "2024-04-30", **of("core")),
    )
    assert record(BREAST, *statements, RESECTED, CORE)["grade"] == 3
    told = notes(BREAST, *statements, RESECTED, CORE)
    assert "grade: the specimen of the operation was taken" in told
    assert "not used, of a biopsy: LOINC 33732-9: G2 (2024-04-30, 122548005)" in told
    assert record(BREAST, *statements)["grade"] == 2  # nothing says what the specimens are


def test_of_one_specimen_the_latest_statement_counts() -> None:
    first = seen(ER, said("snomed 260385009"), "2024-03-22", **of("resected"))
    later = seen(ER, said("snomed 10828004"), "2024-04-02", **{**of("resected"), "id": "addendum"})
    assert record(BREAST, first, later, RESECTED)["er"] == "positive"
    assert "er: the latest was taken" in notes(BREAST, first, later, RESECTED)


def test_specimens_of_two_operations_all_count_and_the_last_one_tells_the_margins() -> None:
    second = taken("again", "snomed 439479000", "2024-04-10")

    def of_both(code: str, one: dict[str, Any], other: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            seen(code, one, "2024-03-22", **of("resected")),
            seen(code, other, "2024-04-12", **of("again")),
            RESECTED,
            second,
        ]

    sizes = of_both(SIZE, number(24, "mm"), number(2, "mm"))
    assert record(BREAST, *sizes)["tumour_size_mm"] == 24
    assert "the largest was taken" in notes(BREAST, *sizes)
    grades = of_both(GRADE, said(text="G2"), said(text="G3"))
    assert record(BREAST, *grades)["grade"] == [2, 3]
    assert "several specimens give different values, any of which may hold" in notes(BREAST, *grades)
    positive, negative = said("snomed 10828004"), said("snomed 260385009")
    assert record(BREAST, *of_both(MARGINS, positive, negative))["margins"] == "negative"
    assert record(BREAST, *of_both(MARGINS, negative, positive))["margins"] == "positive"


@pytest.mark.parametrize(("one", "other"), [(PRESENT, ABSENT), (ABSENT, PRESENT)])
def test_vessel_invasion_in_one_specimen_is_vessel_invasion(one: Any, other: Any) -> None:
    second = taken("again", "snomed 439479000", "2024-04-10")
    statements = (
        seen(VESSELS, one, "2024-03-22", **of("resected")),
        seen(VESSELS, other, "2024-04-12", **of("again")),
    )
    assert record(BREAST, *statements, RESECTED, second)["vascular_invasion"] == "present"
    assert "another does not show it" in notes(BREAST, *statements, RESECTED, second)


@pytest.mark.parametrize("code", [SIZE, VESSELS])
def test_what_only_the_operation_finds_is_not_read_from_a_biopsy(code: str) -> None:
    value = number(9, "mm") if code == SIZE else ABSENT
    statement = seen(code, value, "2024-03-01", **of("core"))
    assert record(BREAST, statement, CORE) == {"cancer": "breast"}
    assert "is of a biopsy, not of the specimen of the operation" in notes(BREAST, statement, CORE)


@pytest.mark.parametrize(
    "what", ["snomed 397135002", "Axillary lymph node", "Lymphknoten", "Liver metastasis"]
)
def test_a_specimen_that_is_not_the_tumour_does_not_tell_of_it(what: str) -> None:
    statement = seen(ER, said("snomed 260385009"), "2024-03-22", **of("other"))
    assert "er" not in record(BREAST, statement, taken("other", what))
    assert "is of a specimen that is not the tumour itself" in notes(BREAST, statement, taken("other", what))
    assert record(BREAST, statement, taken("other", "Breast"))["er"] == "negative"


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        ("Mastectomy with axillary lymph nodes", "operation"),
        ("Breast, left, excisional biopsy", "operation"),
        ("Resektat", "operation"),
        ("Specimen from left axillary lymph node", "nodes"),
        ("Sentinel lymph node biopsy", "nodes"),
        ("Pelvic lymphadenectomy", "nodes"),
        ("Core needle biopsy of breast", "biopsy"),
        ("Stanzbiopsie", "biopsy"),
        ("Tissue", ""),
    ],
)
def test_what_a_specimen_is_stands_in_its_words(what: str, kind: str) -> None:
    assert kind_of(taken("s", what)) == kind


def kind_of(specimen: dict[str, Any], *operations: str) -> str:
    """Return what kind of specimen one is."""
    located = resources_of([seen(GRADE, {}, **of(specimen["id"])), specimen])
    sample = Settings(located, CODES, operations).of(located[0]).sample
    assert sample is not None
    return sample.kind


def test_a_specimen_that_was_taken_on_the_day_of_an_operation_is_of_it() -> None:
    unnamed = taken("s", "Tissue", "2024-03-20T09:30:00+01:00")
    assert kind_of(unnamed, "2024-03-20") == "operation"
    assert kind_of(unnamed, "2024-03-21") == ""
    assert kind_of(taken("s", "Biopsy", "2024-03-20"), "2024-03-20") == "biopsy"


def test_a_block_or_slide_is_the_specimen_that_it_was_made_of() -> None:
    block = taken("block", "Tissue block", "2024-03-05", parent=[{"reference": "Specimen/core"}])
    slide = taken("slide", "Tissue section", "2024-03-25", parent=[{"reference": "Specimen/block"}])
    one = seen(GRADE, said(text="G2"), "2024-03-25", **of("slide"))
    other = seen(GRADE, said(text="G3"), "2024-03-22", **of("resected"))
    assert kind_of({**CORE, "parent": [{"reference": "Specimen/core"}]}) == "biopsy"  # no endless way up
    assert record(BREAST, one, other, slide, block, CORE, RESECTED)["grade"] == 3


def test_a_contained_specimen_is_that_of_its_own_observation() -> None:
    statements = [
        {
            **seen(GRADE, said(text=grade), day),
            "contained": [taken("s", what)],
            "specimen": {"reference": "#s"},
        }
        for grade, day, what in [("G2", "2024-03-25", "Core biopsy"), ("G3", "2024-03-22", "Wide excision")]
    ]
    assert record(BREAST, *statements)["grade"] == 3


def test_a_specimen_that_only_has_a_name_is_known_by_it() -> None:
    statements = (
        seen(GRADE, said(text="G2"), "2024-03-25", specimen={"display": "Needle biopsy"}),
        seen(GRADE, said(text="G3"), "2024-03-22", specimen={"display": "Excision specimen"}),
    )
    assert record(BREAST, *statements)["grade"] == 3


def test_the_day_a_specimen_was_taken_tells_before_from_after_the_operation() -> None:
    before = seen("loinc 2039-6", number(7, "ng/mL"), "2024-03-21", **of("blood"))
    blood = taken("blood", "Blood", "2024-03-19")
    found = record(COLON, before, blood, operation("2024-03-20", "snomed 43075005"))
    assert found["preoperative_cea_ng_ml"] == 7
    assert "cea_ng_ml" not in found


def test_the_day_it_was_issued_stands_behind_the_day_its_specimen_was_taken() -> None:
    undated = seen(GRADE, said(text="G2"), issued="2024-04-30T00:00:00Z", **of("old"))
    other = seen(GRADE, said(text="G3"), "2024-03-22", id="other")
    assert record(BREAST, undated, other, taken("old", "Tissue", "2024-03-01"))["grade"] == 3
    assert record(BREAST, undated, other, taken("old", "Tissue"))["grade"] == 2


# ---- lymph nodes of several specimens


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("snomed 397135002", "snomed 397135002", 3),  # nodes alone: they add up
        ("Breast", "Axilla", "2..3"),  # one count may hold the other
        ("snomed 397199005", "snomed 439479000", "2..3"),
    ],
)
def test_counts_of_several_specimens_are_put_together(left: str, right: str, expected: object) -> None:
    counts = (
        seen(POSITIVE, number(1, "1"), "2024-03-20", **of("left")),
        seen(POSITIVE, number(2, "1"), "2024-03-20", **of("right")),
    )
    specimens = taken("left", left), taken("right", right)
    assert record(BREAST, *counts, *specimens)["nodes_positive"] == expected
    assert f"nodes_positive: {expected}" in notes(BREAST, *counts, *specimens)


def test_a_count_and_its_correction_are_not_added() -> None:
    first = seen(POSITIVE, number(1, "1"), "2024-03-20", **of("left"))
    later = seen(POSITIVE, number(2, "1"), "2024-03-28", **{**of("left"), "id": "addendum"})
    assert record(BREAST, first, later, taken("left", "snomed 397135002"))["nodes_positive"] == 2
    right = seen(POSITIVE, number(1, "1"), "2024-03-20", **of("right")), taken("right", "snomed 397135002")
    assert record(BREAST, first, later, taken("left", "snomed 397135002"), *right)["nodes_positive"] == 3


def test_where_one_count_names_no_specimen_the_day_tells() -> None:
    one = seen(POSITIVE, number(1, "1"), "2024-03-20", **of("left"))
    all_of_them = seen(POSITIVE, number(4, "1"), "2024-03-28")
    assert record(BREAST, one, all_of_them, taken("left", "snomed 397135002"))["nodes_positive"] == 4


def test_no_node_with_cancer_in_any_specimen_is_none() -> None:
    counts = [seen(POSITIVE, number(0, "1"), "2024-03-20", **of(name)) for name in ("left", "right")]
    assert record(BREAST, *counts, taken("left", "Breast"), taken("right", "Axilla"))["nodes_positive"] == 0


def test_two_sentinel_counts_of_one_day_leave_open_which_holds() -> None:
    counts = (
        seen(SENTINEL, number(1, "1"), "2024-03-20"),
        seen(SENTINEL, number(2, "1"), "2024-03-20", id="other"),
        seen(POSITIVE, number(4, "1"), "2024-03-20"),
    )
    assert record(BREAST, *counts)["nodes_positive"] == "4..6"


def test_isolated_tumour_cells_leave_a_count_that_is_not_exact_where_it_was() -> None:
    counts = (
        seen(POSITIVE, number(1, "1", ">="), "2024-03-20"),
        seen("loinc 85352-3", number(1, "1"), "2024-03-20"),
    )
    assert record(cancer("icd10 C43.5"), *counts)["nodes_positive"] == ">=2"


# ---- groups


def test_a_member_takes_from_its_group_what_it_does_not_say_itself() -> None:
    bare = seen(GRADE, said(text="G3"), id="bare")
    of_core = seen(GRADE, said(text="G2"), "2024-05-01", **of("core"))
    report = {**group("Observation/bare"), "specimen": {"reference": "Specimen/resected"}}
    assert record(BREAST, bare, of_core, report, RESECTED, CORE)["grade"] == 3
    assert record(BREAST, bare, of_core, RESECTED, CORE)["grade"] == [
        3,
        2,
    ]  # an undated one may be of any day
    void = {**report, "status": "entered-in-error"}
    assert record(BREAST, bare, of_core, void, RESECTED, CORE)["grade"] == [3, 2]


def test_a_report_and_a_group_within_it_tell_as_well() -> None:
    bare = seen(ER, said("snomed 10828004"), id="bare")
    report = {
        "resourceType": "DiagnosticReport",
        "status": "final",
        "effectiveDateTime": "2024-03-20",
        "result": [
            {"reference": "urn:uuid:group"},
            {"reference": "http://a.org/fhir/Observation/bare/_history/2"},
        ],
    }
    inner = {**group("Observation/bare"), "id": "inner"}
    later = seen(ER, said("snomed 260385009"), "2024-03-19", id="other")
    bundle = [{"fullUrl": "urn:uuid:group", "resource": {**group("Observation/inner")}}]
    bundle += [{"resource": one} for one in (BREAST, bare, report, inner, later)]
    reading = read_bundle({"resourceType": "Bundle", "type": "collection", "entry": bundle})
    assert reading.record["er"] == "positive"


@pytest.mark.parametrize(
    ("code", "expected"),
    [("snomed 399588009", "pT3"), ("snomed 399537006", None), ("snomed 399390009", None)],
)
def test_a_stage_group_says_how_its_categories_were_found(code: str, expected: object) -> None:
    category = seen(T_CATEGORY, said(text="T3"), "2024-03-20", id="t")
    nodes = seen(POSITIVE, number(0, "1"), "2024-03-20")
    assert record(BREAST, nodes, category, group("Observation/t", code=code)).get("t_category") == expected


def test_what_a_group_of_another_cancer_lists_is_not_read() -> None:
    other = cancer("icd10 C18.2", name="other")
    bare = seen(GRADE, said(text="G3"), id="bare")
    listed = group("Observation/bare", focus=[{"reference": "Condition/other"}])
    assert "grade" in read(BREAST, other, bare, given="breast").record
    assert "grade" not in read(BREAST, other, bare, listed, given="breast").record


def test_groups_that_list_each_other_end() -> None:
    one = {**group("Observation/two", "Observation/bare"), "id": "one"}
    two = {**group("Observation/one", "Observation/two"), "id": "two"}
    assert record(BREAST, one, two, seen(GRADE, said(text="G3"), id="bare"))["grade"] == 3


def test_what_is_listed_and_was_not_given_is_said() -> None:
    assert "1 result that a report or group lists (Observation/group)" in notes(
        BREAST, group("Observation/x")
    )
    assert "2 results that reports or groups list" in notes(BREAST, group("Observation/x", "Observation/y"))
    assert "was not given" not in notes(BREAST, group("Observation/x"), seen(GRADE, {}, id="x"))
