"""What is read of single FHIR statements, by which rule, and what is said of those that are not read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from fhir_made import (
    BREAST,
    CODES,
    COLON,
    MCODE,
    ONKO,
    PATHO,
    PROSTATE,
    RULES,
    cancer,
    concept,
    notes,
    number,
    operation,
    profile,
    read,
    record,
    refusal,
    said,
    seen,
)

from riskcli.case import case_reader
from riskcli.errors import CaseError
from riskcli.interop.fhir_codes import FhirCodes
from riskcli.values import ValueProblem

# ---- the codes


def all_codes(part: Any) -> Iterable[str]:
    """Give every code of the file."""
    if isinstance(part, str) and part.partition(" ")[0] in CODES.systems and " " in part:
        yield part
    elif isinstance(part, dict):
        for key, inner in part.items():
            yield from all_codes(key)
            yield from all_codes(inner)
    elif isinstance(part, list | tuple):
        for inner in part:
            yield from all_codes(inner)


def test_every_code_names_a_system_that_is_known() -> None:
    fields = {finding.field for finding in CODES.findings}
    assert len(set(all_codes(CODES.model_dump()))) > 250
    assert len(fields) > 15
    loose = {code for code in CODES.observed if " " not in code}
    assert loose == {"morphology", "operation", "outcome"}


def test_every_field_is_one_that_some_table_has() -> None:
    known = {name for table in RULES.names for name in case_reader(RULES.get(table)).readers}
    fields = {finding.field for finding in CODES.findings} | {node.field for node in CODES.nodes}
    assert fields | {CODES.age, CODES.before_surgery.field, *CODES.categories} <= known


@pytest.mark.parametrize("finding", CODES.findings, ids=lambda finding: finding.field)
def test_every_word_is_one_that_some_table_takes(finding: Any) -> None:
    def takes(word: object) -> bool:
        for name in RULES.names:
            try:
                return case_reader(RULES.get(name)).readers[finding.field].read(word).stated
            except (KeyError, ValueProblem):
                continue
        return False

    shared = CODES.answers[finding.answers] if finding.answers else {}
    words = {*finding.values, *shared, finding.yes, finding.no, finding.wins} - {None}
    words |= {word for way in finding.ways for word in way.bands.values()}
    unknown = {word for word in words if not takes(word)}
    assert unknown <= {"low", "intermediate", "high"}  # a grade that no table has


def test_every_cancer_has_a_table_or_a_sentence_of_its_own() -> None:
    named = {entry.cancer for entry in CODES.cancers if entry.cancer}
    named |= {kind.cancer for entry in CODES.cancers for kind in entry.kinds}
    named |= {kind.cancer for kind in CODES.elsewhere}
    for name in named - {*RULES.names}:
        error = RULES.no_table(name)
        assert "is not a cancer with a rule table" not in str(error), name


def test_no_code_stands_for_two_cancers() -> None:
    codes = [code for entry in CODES.cancers for code in entry.codes]
    assert len(codes) == len(set(codes))


def test_the_example_of_the_models_is_run() -> None:
    assert isinstance(CODES, FhirCodes)


# ---- which cancer


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (cancer("snomed 254837009"), "breast"),
        (cancer("http://hl7.org/fhir/sid/icd-10-cm C50.912"), "breast"),
        (cancer("http://hl7.org/fhir/sid/icd-10 C18.7", "snomed 1"), "colon"),
        (cancer("snomed 363346000", bodySite=[concept("snomed 80248007")]), "breast"),
        (cancer("icd10 C22.0"), "liver_hcc"),
        (cancer("icd10 C22.1"), "biliary"),
        (cancer("icd10 C49.A2"), "gist"),
        (cancer("icd10 C49.2"), "soft_tissue_sarcoma"),
        (cancer("icd10 C83.3"), "lymphoma"),
    ],
)
def test_a_condition_names_its_cancer(condition: dict[str, Any], expected: str) -> None:
    assert record(condition)["cancer"] == expected


def morphology(code: str) -> dict[str, Any]:
    """Return what states a morphology."""
    extension = {"url": MCODE + "mcode-histology-morphology-behavior", "valueCodeableConcept": concept(code)}
    return {"extension": [extension]}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("icdo3 8140/3", "lung_nsclc"),
        ("icdo3 80463/3", "lung_nsclc"),
        ("icdo3 8041/3", "small cell lung cancer"),
    ],
)
def test_the_morphology_settles_what_the_place_leaves_open(code: str, expected: str) -> None:
    assert record(cancer("icd10 C34.1", **morphology(code)))["cancer"] == expected
    assert record(cancer("icd10 C34.1"), seen("loinc 59847-4", said(code)))["cancer"] == expected


def test_a_place_alone_does_not_decide_between_kinds_of_cancer() -> None:
    assert "of which kind" in refusal(cancer("icd10 C34.1"))
    assert "(testis_seminoma or testis_nonseminoma)" in refusal(cancer("icd10 C62.9"))
    assert "(thyroid_differentiated)" in refusal(cancer("icd10 C73"))
    assert record(cancer("icd10 C73", **morphology("icdo3 8345/3")))["cancer"] != "thyroid_differentiated"
    reading = read(cancer("icd10 C62.9"), given="testis_seminoma")
    assert reading.record["cancer"] == "testis_seminoma"
    assert "was named on the command line" in reading.notes[0]


def test_a_morphology_of_another_cancer_is_not_read_as_that_of_the_place() -> None:
    assert record(cancer("icd10 C18.0", **morphology("icdo3 8240/3")))["cancer"] == "neuroendocrine tumour"


def test_several_cancers_are_refused_unless_one_is_named() -> None:
    both = cancer("icd10 C50.1", name="c1"), cancer("icd10 C18.7", name="c2")
    assert "several cancers are named: C50.1 (Condition/c1) and C18.7 (Condition/c2)" in refusal(*both)
    assert read(*both, given="colon").record["cancer"] == "colon"
    assert "several cancers" in refusal(*both, given="kidney")


def test_the_same_cancer_recorded_twice_is_one_and_on_two_sides_is_two() -> None:
    assert (
        record(cancer("icd10 C50.1", name="c1"), cancer("snomed 254837009", name="c2"))["cancer"] == "breast"
    )
    left = cancer("snomed 363346000", name="c1", bodySite=[concept("snomed 80248007")])
    right = cancer("snomed 363346000", name="c2", bodySite=[concept("snomed 73056007")])
    assert "cancers on two sides" in refusal(left, right)


def test_what_is_about_another_cancer_is_left_out() -> None:
    one, other = cancer("icd10 C50.1", name="c1"), cancer("icd10 C18.7", name="c2")
    grade = seen("loinc 33732-9", said("snomed 1155703007"), focus=[{"reference": "Condition/c2"}])
    assert "grade" not in read(one, other, grade, given="breast").record
    assert "is about another cancer and was not read" in read(one, other, grade, given="breast").notes[0]
    assert read(one, other, grade, given="colon").record["grade"] == 2


@pytest.mark.parametrize("status", ["refuted", "entered-in-error"])
def test_a_condition_that_is_not_so_is_no_cancer(status: str) -> None:
    withdrawn = cancer("icd10 C18.7", verificationStatus=concept(f"http://x.org {status}"))
    assert record(BREAST, withdrawn)["cancer"] == "breast"
    assert "no condition is a cancer" in refusal(withdrawn)


def test_a_condition_that_is_only_suspected_is_no_cancer_and_said() -> None:
    suspected = cancer("icd10 C18.7", name="s", verificationStatus=concept("http://x.org provisional"))
    assert "Condition/s (C18.7) is provisional" in notes(BREAST, suspected)


def test_a_cancer_of_an_unknown_code_is_taken_when_it_is_named() -> None:
    strange = cancer("snomed 999", **profile(MCODE + "mcode-primary-cancer-condition|4.0.0"))
    assert "is a cancer whose code is not known here" in refusal(strange)
    reading = read(strange, given="kidney")
    assert reading.refused is None
    assert "cancer" not in reading.record
    assert "kidney was named on the command line" in reading.notes[0]


def test_an_ordinary_condition_with_a_place_is_no_cancer() -> None:
    assert "no condition is a cancer" in refusal(cancer("snomed 1", bodySite=[concept("snomed 80248007")]))
    assert "no condition is a cancer" in refusal(cancer("http://x.org 1", bodySite=[concept("icdo3 C50")]))


def test_findings_without_any_condition_are_read_for_the_cancer_that_is_named() -> None:
    assert read(seen("loinc 44648-4", said("loinc LA27824-4")), given="breast").record == {"grade": 2}


# ---- spread and recurrence


@pytest.mark.parametrize(
    "sign",
    [
        cancer("snomed 94225005", name="s"),
        cancer("icd10 C79.5", name="s"),
        cancer("snomed 1", name="s", **profile(MCODE + "mcode-secondary-cancer-condition")),
        cancer("icd10 C34.1", name="s", **profile(MCODE + "mcode-secondary-cancer-condition")),
        {**cancer(name="s"), "code": {"text": "Metastatic malignant neoplasm of liver"}},
        seen("snomed 399387003", said(text="cM1")),
        seen("loinc 21907-1", said("https://www.uicc.org/resources/tnm M1b")),
        seen("snomed 1287652008", {"valueBoolean": True}),
        seen("snomed 1098951000119108", {}),
        seen("snomed 277208005", said("snomed 399409002")),
    ],
    ids=lambda sign: str(sign["code"])[:50],
)
def test_known_spread_is_present_whatever_else_is_stated(sign: dict[str, Any]) -> None:
    later = seen("snomed 371497001", said("snomed 1229901006"), "2024-01-01")
    assert record(BREAST, sign, later)["metastasis"] == "present"


def test_cm0_is_absent_and_what_is_not_applicable_is_not_stated() -> None:
    assert record(BREAST, seen("snomed 399387003", said("snomed 1229901006")))["metastasis"] == "absent"
    none = said("http://terminology.hl7.org/CodeSystem/data-absent-reason not-applicable")
    assert "metastasis" not in record(BREAST, seen("snomed 371497001", none))
    assert notes(BREAST, seen("snomed 371497001", none)) == ""


def test_cancer_in_lymph_nodes_is_not_read_as_distant_spread() -> None:
    nodes = cancer("icd10 C77.3", name="n")
    assert "metastasis" not in record(BREAST, nodes)
    assert "names lymph nodes" in notes(BREAST, nodes)


def test_a_recurrence_is_left_to_the_engine() -> None:
    again = cancer("icd10 C50.1", clinicalStatus=concept("http://x.org recurrence"))
    assert record(again)["disease"] == "recurrent"


# ---- lymph nodes

TOTAL, SENTINEL, REGIONAL = "loinc 92831-7", "loinc 92832-5", "loinc 21893-3"
MACRO, MICRO, CELLS = "loinc 85343-2", "loinc 85344-0", "loinc 85352-3"


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({TOTAL: 1, SENTINEL: 1, REGIONAL: 0}, 1),
        ({TOTAL: 0, REGIONAL: 5}, "0..5"),
        ({TOTAL: 0, SENTINEL: 2}, "0..2"),
        ({REGIONAL: 0, MACRO: 2}, ">=0"),
        ({SENTINEL: 0, MICRO: 1}, ">=0"),
        ({REGIONAL: 0, MACRO: 1, MICRO: 1}, "0..2"),
        ({TOTAL: 3, SENTINEL: 2, REGIONAL: 1, MACRO: 3}, 3),
        ({REGIONAL: 4}, 4),
        ({SENTINEL: 2}, 2),
        ({SENTINEL: 0, REGIONAL: 0}, 0),
        ({SENTINEL: 1, REGIONAL: 3}, "3..4"),
        ({SENTINEL: 2, REGIONAL: 1}, 3),
        ({MACRO: 1, MICRO: 2}, 3),
        ({MACRO: 2}, ">=2"),
        ({MACRO: 8.3879}, 8.3879),
        ({REGIONAL: 2, CELLS: 3}, 2),
    ],
)
def test_the_total_comes_before_what_it_is_made_of(counts: dict[str, float], expected: object) -> None:
    found = [seen(code, number(count)) for code, count in counts.items()]
    assert record(BREAST, *found)["nodes_positive"] == expected


@pytest.mark.parametrize(
    ("address", "expected"), [(ONKO + "mii-pr-onko-x|1", 3), (PATHO + "mii-pr-patho-finding", 4)]
)
def test_the_guide_says_whether_the_regional_count_holds_the_sentinel_nodes(
    address: str, expected: int
) -> None:
    found = seen(SENTINEL, number(1)), seen(REGIONAL, number(3), **profile(address))
    assert record(BREAST, *found)["nodes_positive"] == expected


def test_isolated_tumour_cells_count_only_where_a_single_cell_does() -> None:
    found = seen(REGIONAL, number(1)), seen(CELLS, number(2))
    assert "tumour cells alone were not counted" in notes(BREAST, *found)
    assert record(cancer("icd10 C43.5"), *found)["nodes_positive"] == 3


def test_a_category_stands_in_for_a_count() -> None:
    category = seen("snomed 371494008", said(text="pN1mi"))
    assert record(BREAST, category)["nodes_positive"] == "pN1mi"
    assert record(BREAST, category, seen(REGIONAL, number(2)))["nodes_positive"] == 2
    assert "nodes_positive" not in record(
        BREAST, operation("2024-01-01"), seen("loinc 21906-3", said(text="cN1"))
    )
    assert "nodes_positive" not in record(BREAST, seen("snomed 371494008", said(text="pNX")))


def test_a_sentinel_count_without_a_value_gives_only_its_component() -> None:
    examined = {"code": concept("loinc 92833-3"), **number(3, "1")}
    assert record(BREAST, seen(SENTINEL, {}, component=[examined])) == {
        "cancer": "breast",
        "nodes_examined": 3,
    }


# ---- categories


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (said(text="pT1c(2)"), "pT1c"),
        (said(text="ypT2"), "ypT2"),
        (said("snomed 1229859000"), "pT3"),
        (said("https://www.uicc.org/resources/tnm T4b"), "pT4b"),
        (said("http://cancerstaging.org pT1mi"), "pT1mi"),
        ({"valueString": "T2"}, "pT2"),
    ],
)
def test_a_pathological_category_is_read_as_it_is_printed(value: dict[str, Any], expected: str) -> None:
    assert record(BREAST, seen("snomed 384625004", value))["t_category"] == expected


def prefixed(letter: str, *modifiers: str) -> dict[str, Any]:
    """Return a category whose letters are extensions."""
    found = seen("snomed 78873005", said("https://www.uicc.org/resources/tnm T3"))
    method = {
        "url": ONKO + "mii-ex-onko-tnm-cp-praefix",
        "valueCodeableConcept": concept(f"http://x.org {letter}"),
    }
    found["code"] = {**found["code"], "extension": [method] if letter else []}
    found["modifierExtension"] = [{"url": ONKO + f"mii-ex-onko-tnm-{name}-praefix"} for name in modifiers]
    return found


def test_letters_that_are_extensions_are_read() -> None:
    assert record(BREAST, prefixed("p"))["t_category"] == "pT3"
    assert record(BREAST, prefixed("p", "y"))["t_category"] == "ypT3"
    assert "is clinical and was not read" in notes(BREAST, operation("2024-01-01"), prefixed("c"))
    assert "is clinical and was not read" in notes(BREAST, operation("2024-01-01"), prefixed("u"))
    assert "says neither p nor c" in notes(BREAST, prefixed(""))


def test_what_changes_the_meaning_in_an_unknown_way_is_not_read() -> None:
    strange = seen("loinc 44648-4", said("loinc LA27824-4"), modifierExtension=[{"url": "http://x.org/not"}])
    assert "grade" not in record(BREAST, strange)
    assert "carries a modifier that is not known here" in notes(BREAST, strange)


def test_a_clinical_stage_alone_is_no_case_after_surgery() -> None:
    stage = seen("loinc 21905-5", said("snomed 67673008")), seen("loinc 21906-3", said("snomed 53623008"))
    assert "only a clinical stage is stated" in refusal(BREAST, *stage)
    assert "riskcli answers after surgery" in refusal(BREAST, *stage)
    assert record(BREAST, *stage, operation("2024-01-01"))["cancer"] == "breast"
    assert record(BREAST, *stage, cancer("icd10 C78.0", name="s"))["metastasis"] == "present"


def test_a_category_that_a_table_lacks_is_left_to_the_engine() -> None:
    assert record(COLON, seen("snomed 384625004", said(text="pT1a")))["t_category"] == "pT1a"


# ---- grade, size, receptors


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (said("loinc LA27825-1"), 3),
        (said("snomed 1155701009"), 1),
        (said(text="G2"), 2),
        (number(6, "{score}"), 2),
        (number(3, "{score}"), 1),
        (number(9), 3),
        ({"valueInteger": 2}, 2),
    ],
)
def test_a_grade_or_the_score_behind_it_is_read(value: dict[str, Any], expected: int) -> None:
    assert record(BREAST, seen("loinc 44648-4", value))["grade"] == expected


def test_a_number_that_may_be_a_grade_or_a_score_is_not_read() -> None:
    found = seen("loinc 44648-4", {"valueInteger": 3})
    assert "grade" not in record(BREAST, found)
    assert notes(BREAST, found) == "grade: 3 may be a grade or a score and was not read."


@pytest.mark.parametrize("code", ["snomed 1155708003", "snomed 1286893008", "snomed 1155707008"])
def test_a_grade_in_three_words_is_not_turned_into_a_number(code: str) -> None:
    found = seen("ncit C18000", said(code))
    assert "grade" not in record(BREAST, found)
    assert "holds no value that the table takes" in notes(BREAST, found)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (number(2.5, "cm"), 25),
        (number(18, "mm"), 18),
        (number(5, "mm", ">="), ">=5"),
        (number(2, "cm", "<"), "<20"),
        ({"valueRange": {"low": {"value": 1, "code": "cm"}, "high": {"value": 1.5, "code": "cm"}}}, "10..15"),
        ({"valueString": "22 mm"}, "22 mm"),
    ],
)
def test_a_size_is_read_in_millimetres_with_its_bounds(value: dict[str, Any], expected: object) -> None:
    assert record(BREAST, seen("loinc 33728-7", value))["tumour_size_mm"] == expected


@pytest.mark.parametrize(
    ("value", "said_of_it"),
    [
        (number(2, "[in_i]"), "the unit [in_i] is not known; mm, cm, m and um are"),
        (number(2), "a number without a unit was not read"),
        ({"valueRatio": {}}, "valueRatio was not read"),
        (number(2, "cm", "ad"), "was not read"),
        ({"valueBoolean": True}, "true was not read"),
    ],
)
def test_a_size_that_cannot_be_read_is_said(value: dict[str, Any], said_of_it: str) -> None:
    found = seen("loinc 33728-7", value)
    assert "tumour_size_mm" not in record(BREAST, found)
    assert said_of_it in notes(BREAST, found)


def test_the_invasive_size_comes_before_the_whole_one() -> None:
    found = seen("loinc 33728-7", number(22, "mm")), seen("loinc 44635-1", number(18, "mm"))
    assert record(BREAST, *found)["tumour_size_mm"] == 18
    assert "not used: LOINC 33728-7: 22 mm" in notes(BREAST, *found)


def test_a_size_from_imaging_is_not_that_of_the_specimen() -> None:
    found = seen("loinc 33728-7", number(22, "mm"), category=[concept("http://x.org imaging")])
    assert "tumour_size_mm" not in record(BREAST, found)
    assert "comes from imaging" in notes(BREAST, found)


IHC, ISH, OVERALL = "loinc 85319-2", "loinc 85318-4", "loinc 48676-1"
POSITIVE, NEGATIVE, EQUIVOCAL = "snomed 10828004", "snomed 260385009", "snomed 42425007"


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ({IHC: EQUIVOCAL, ISH: POSITIVE}, "positive"),
        ({IHC: POSITIVE, ISH: NEGATIVE}, ["negative", "positive"]),
        ({OVERALL: NEGATIVE, IHC: POSITIVE, ISH: NEGATIVE}, "negative"),
        ({OVERALL: EQUIVOCAL, ISH: NEGATIVE, IHC: EQUIVOCAL}, "negative"),
        ({OVERALL: POSITIVE, IHC: EQUIVOCAL}, "positive"),
        ({IHC: EQUIVOCAL}, "unknown"),
    ],
)
def test_the_overall_result_decides_and_where_the_tests_differ_either_may_hold(
    results: dict[str, str], expected: object
) -> None:
    found = [seen(code, said(answer)) for code, answer in results.items()]
    assert record(BREAST, *found)["her2"] == expected


@pytest.mark.parametrize(
    ("percent", "er"),
    [(number(0, "%"), "negative"), (number(1, "%"), "positive"), (number(90, "%"), "positive")],
)
def test_a_share_of_cells_says_whether_a_receptor_is_there(percent: dict[str, Any], er: str) -> None:
    found = record(BREAST, seen("loinc 85329-1", percent))
    assert found["er"] == er
    assert found["er_percent"] == percent["valueQuantity"]["value"]


def test_an_open_share_of_cells_says_nothing_of_a_receptor() -> None:
    assert "er" not in record(BREAST, seen("loinc 85329-1", number(5, "%", "<")))


def test_an_interpretation_stands_in_for_a_value() -> None:
    found = seen("loinc 85337-4", {"interpretation": [concept("interpretation POS")]})
    assert record(BREAST, found)["er"] == "positive"


@pytest.mark.parametrize(
    ("vessels", "expected"),
    [
        ([("snomed 395715009", "L0"), ("snomed 371493002", "V0")], "L0 V0"),
        ([("snomed 395715009", "L1"), ("snomed 371493002", "V0")], "L1 V0"),
        ([("snomed 371493002", "V2")], "V2"),
    ],
)
def test_lymph_and_blood_vessels_are_read_together(vessels: list[tuple[str, str]], expected: str) -> None:
    found = [seen(code, said(f"https://www.uicc.org/resources/tnm {value}")) for code, value in vessels]
    assert record(COLON, *found)["vascular_invasion"] == expected


def test_invasion_of_an_unnamed_kind_is_not_vessel_invasion() -> None:
    assert "vascular_invasion" not in record(BREAST, seen("snomed 370052007", said(NEGATIVE)))


def test_cancer_left_behind_is_left_to_the_engine() -> None:
    left = operation("2024-01-01", outcome=concept("residual R2"))
    assert record(BREAST, left)["margins"] == "R2"


# ---- time

PSA = "loinc 2857-1"
PROSTATECTOMY = operation("2024-05-01", "snomed 26294005")


def test_a_marker_is_sorted_by_the_day_of_the_operation() -> None:
    values = {"2023-01-01": 5.0, "2024-05-01": 7.5, "2024-08-01": 0.2, "2024-12-01": 0.05}
    found = [seen(PSA, number(value, "ng/mL"), on) for on, value in values.items()]
    read_out = record(PROSTATE, PROSTATECTOMY, *found)
    assert read_out["preoperative_psa_ng_ml"] == 7.5
    assert read_out["psa_ng_ml"] == 0.05


def test_between_two_operations_a_marker_is_neither() -> None:
    found = seen(PSA, number(3, "ng/mL"), "2024-06-01")
    again = operation("2024-07-01", "snomed 26294005")
    assert record(PROSTATE, PROSTATECTOMY, again, found).keys() == {"cancer"}


@pytest.mark.parametrize("on", ["", "2024", "2024-05"])
def test_a_marker_of_an_unclear_day_is_not_read_and_said(on: str) -> None:
    found = seen(PSA, number(3, "ng/mL"), on)
    assert record(PROSTATE, PROSTATECTOMY, found).keys() == {"cancer"}
    assert "before or after the operation is not stated" in notes(PROSTATE, PROSTATECTOMY, found)
    elsewhere = operation("2024-05-01", "snomed 43075005")
    for other in ((), (elsewhere,)):
        assert record(PROSTATE, *other, found).keys() == {"cancer"}
        assert "no operation on this cancer is known" in notes(PROSTATE, *other, found)


def test_the_latest_finding_counts_and_the_others_are_said() -> None:
    old = seen("loinc 44648-4", said("loinc LA27824-4"), "2024-01-05")
    new = seen("loinc 44648-4", said("loinc LA27825-1"), "2024-02-05")
    assert record(BREAST, old, new)["grade"] == 3
    assert "the latest was taken" in notes(BREAST, old, new)


def test_of_two_findings_of_one_day_either_may_hold() -> None:
    one = seen("loinc 44648-4", said("loinc LA27824-4"), "2024-01-05")
    other = {**seen("loinc 44648-4", said("loinc LA27825-1"), "2024-01-05"), "id": "other"}
    assert record(BREAST, one, other)["grade"] == [2, 3]
    assert "any of which may hold" in notes(BREAST, one, other)


CHEMOTHERAPY = operation("2024-01-01", "snomed 367336001")


def test_treatment_before_the_operation_is_stated_and_outdates_what_was_found_before_it() -> None:
    old = seen("loinc 33728-7", number(40, "mm"), "2023-12-01")
    new = seen("loinc 33728-7", number(8, "mm"), "2024-06-03")
    read_out = record(BREAST, CHEMOTHERAPY, operation("2024-06-01"), old, new)
    assert read_out["neoadjuvant_therapy"] == "yes"
    assert read_out["tumour_size_mm"] == 8
    assert "tumour_size_mm" not in record(BREAST, CHEMOTHERAPY, operation("2024-06-01"), old)


def test_treatment_after_the_operation_is_not_treatment_before_it() -> None:
    assert "neoadjuvant_therapy" not in record(BREAST, CHEMOTHERAPY, operation("2023-06-01"))
    assert record(BREAST, CHEMOTHERAPY)["neoadjuvant_therapy"] == "unknown"


# ---- the person


def person(**more: Any) -> dict[str, Any]:
    """Return a patient."""
    return {"resourceType": "Patient", "id": "p", **more}


@pytest.mark.parametrize(
    ("born", "operated", "age"),
    [("1970-05-02", "2020-05-01", 49), ("1970-05-02", "2020-05-02", 50), ("1970", "2020-05-02", "49..50")],
)
def test_the_age_is_that_on_the_day_of_the_operation(born: str, operated: str, age: object) -> None:
    assert record(BREAST, person(birthDate=born), operation(operated))["age_years"] == age


def test_without_an_operation_the_age_is_that_at_diagnosis_and_said() -> None:
    found = cancer("icd10 C50", onsetDateTime="2020-06-01"), person(birthDate="1970-05-02")
    assert record(*found)["age_years"] == 50
    assert "at diagnosis" in notes(*found)


def test_the_sex_recorded_at_birth_comes_first() -> None:
    birth = {"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex", "valueCode": "F"}
    assert record(BREAST, person(gender="male", extension=[birth]))["sex"] == "female"
    assert record(BREAST, person(gender="male"))["sex"] == "male"
    assert "sex" not in record(BREAST, person(gender="other"))


# ---- what is no case


def test_a_status_that_is_not_final_is_not_read() -> None:
    draft = seen("loinc 44648-4", said("loinc LA27824-4"), status="preliminary")
    assert "grade" not in record(BREAST, draft)
    assert "is preliminary, not final" in notes(BREAST, draft)
    for status in ("entered-in-error", "cancelled"):
        assert notes(BREAST, {**draft, "status": status}) == ""
        assert "grade" not in record(BREAST, {**draft, "status": status})


@pytest.mark.parametrize(
    ("resource", "release"),
    [
        ({**BREAST, "patient": {"reference": "Patient/1"}}, "DSTU2"),
        ({**BREAST, "clinicalStatus": "active"}, "DSTU2 or STU3"),
        ({**BREAST, "assertedDate": "2017"}, "STU3"),
        ({"resourceType": "Procedure", "occurrenceDateTime": "2024"}, "R5"),
        ({"resourceType": "Observation", "triggeredBy": []}, "R5"),
    ],
)
def test_another_release_is_refused_by_name(resource: dict[str, Any], release: str) -> None:
    assert refusal(resource).startswith(f"this is FHIR {release} (")


def test_several_patients_are_refused() -> None:
    assert "holds 2 patients" in refusal(BREAST, person(), {**person(), "id": "q"})
    theirs = [{**seen(PSA, {}), "id": name, "subject": {"reference": f"Patient/{name}"}} for name in "ab"]
    assert "holds 2 patients" in refusal(BREAST, *theirs)


def test_what_was_found_stays_beside_a_refusal() -> None:
    reading = read(BREAST, seen("loinc 21905-5", said(text="cT2")))
    assert isinstance(reading.refused, CaseError)
    assert reading.record == {"cancer": "breast"}


def test_fields_that_a_table_does_not_use_are_left_out() -> None:
    assert "psa_ng_ml" not in record(
        BREAST, seen(PSA, number(3, "ng/mL"), "2024-06-01"), operation("2024-01-01")
    )
