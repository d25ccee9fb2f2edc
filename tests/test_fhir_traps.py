"""What a server may send that looks like a case and is none, or that would be read as less than it is."""

from __future__ import annotations

from typing import Any

import pytest
from fhir_made import (
    BREAST,
    CODES,
    COLON,
    PROSTATE,
    RULES,
    cancer,
    concept,
    notes,
    number,
    operation,
    read,
    record,
    refusal,
    said,
    seen,
)

from riskcli.case import case_reader
from riskcli.cohort.fhir import fields_read
from riskcli.interop.category_counts import as_count
from riskcli.interop.crosswalk import read_crosswalk
from riskcli.interop.fhir import read_bundle

TOTAL, SENTINEL, REGIONAL = "loinc 92831-7", "loinc 92832-5", "loinc 21893-3"
EXAMINED, PN, PT = "loinc 21894-1", "snomed 371494008", "snomed 384625004"
SIZE = "loinc 33728-7"
KIDNEY, LUNG = cancer("icd10 C64"), cancer("snomed 254637007")


# ---- nodes


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"valueString": "2/3"}, 2),
        ({"valueString": "2 of 3"}, 2),
        (number(2, "{node}"), 2),
        (number(2, "{LN}"), 2),
        (said("snomed 10828004", text="Positive"), ">=1"),
        (said(text="Positive"), ">=1"),
        ({"valueBoolean": True}, ">=1"),
        (said("snomed 260385009"), 0),
        ({"valueBoolean": False}, 0),
    ],
)
def test_a_count_is_read_however_it_is_written(value: dict[str, Any], expected: object) -> None:
    assert record(BREAST, seen(SENTINEL, value))["nodes_positive"] == expected


def test_positive_sentinel_nodes_never_vanish_behind_clear_other_nodes() -> None:
    found = seen(SENTINEL, said("snomed 10828004")), seen(REGIONAL, number(0, "1"))
    assert record(BREAST, *found)["nodes_positive"] == ">=1"


def test_a_count_that_is_not_read_is_said() -> None:
    assert "was not read" in notes(BREAST, seen(SENTINEL, number(2, "mm")), seen(REGIONAL, number(0, "1")))


@pytest.mark.parametrize(
    ("count", "category", "fits"), [(0, "pN2a", False), (3, "pN0", False), (5, "pN2a", True)]
)
def test_a_category_that_does_not_fit_the_count_may_hold_as_well(
    count: int, category: str, fits: bool
) -> None:
    found = seen(REGIONAL, number(count, "1")), seen(PN, said(text=category))
    expected: object = count if fits else [count, category]
    assert record(COLON, *found)["nodes_positive"] == (count if category == "pN2a" and fits else expected)
    assert ("do not fit together" in notes(COLON, *found)) is not fits


@pytest.mark.parametrize(
    ("category", "expected"),
    [("pN1a(sn)", "pN1a"), ("pN0(i+)(sn)", "pN0(i+)"), ("pN1mi(sn)", "pN1mi"), ("pN0(sn) cM0", "pN0(sn)")],
)
def test_a_category_of_sentinel_nodes_stands_in_for_a_count(category: str, expected: str) -> None:
    assert record(BREAST, seen(PN, said(text=category)))["nodes_positive"] == expected


@pytest.mark.parametrize(
    ("of", "positive", "expected"),
    [(LUNG, 0, "N0"), (LUNG, 3, ["N1", "N2a", "N2b"]), (KIDNEY, 2, "N1"), (KIDNEY, 0, "N0")],
)
def test_where_a_table_has_no_count_it_leaves_categories(of: Any, positive: int, expected: object) -> None:
    counted = seen(REGIONAL, number(positive, "1"))
    assert record(of, counted)["n_category"] == expected
    assert "from the count" in notes(of, counted)
    assert record(of, counted, seen(PN, said(text="pN1")))["n_category"] == "pN1"
    if positive == 0:
        assert "n_category" not in record(of, counted, seen(EXAMINED, number(0, "1")))


# ---- spread and recurrence


@pytest.mark.parametrize(
    "sign",
    [
        cancer("snomed 1", name="x", code={"text": "Metastatic cancer to liver"}),
        cancer("snomed 1", name="x", code={"text": "Cancer metastasised to bone"}),
        {**BREAST, "code": concept("icd10 C50.4", text="Metastatic breast cancer")},
        cancer("snomed 94381002", name="x"),
        cancer("snomed 94391008", name="x"),
        seen("snomed 399387003", said("snomed 1229903009")),
        seen("loinc 21901-4", said("snomed 55440008")),
        {**BREAST, "stage": [{"summary": {"text": "Stage IV"}}]},
        {**BREAST, "stage": [{"summary": {"text": "pT2 pN1 M1 (liver)"}}]},
        seen("snomed 399588009", said(text="Stage IVB")),
    ],
)
def test_spread_that_is_said_in_words_or_by_a_stage_is_spread(sign: dict[str, Any]) -> None:
    with_sign = [sign] if sign.get("id") == "c" else [BREAST, sign]
    assert record(*with_sign)["metastasis"] == "present"


@pytest.mark.parametrize(
    "text",
    [
        "Non-metastatic breast cancer",
        "Breast cancer without metastasis",
        "Breast cancer metastatic to lymph node",
    ],
)
def test_words_that_deny_spread_or_mean_nodes_are_no_spread(text: str) -> None:
    assert "metastasis" not in record({**BREAST, "code": concept("icd10 C50.4", text=text)})


def test_a_stage_that_may_be_local_is_a_warning() -> None:
    penile = {**cancer("icd10 C60"), "stage": [{"summary": {"text": "Stage IV"}}]}
    assert "metastasis" not in record(penile)
    assert "which may mean distant spread" in notes(penile)
    assert notes({**BREAST, "stage": [{"summary": {"text": "Stage IIIC"}}]}) == ""


def test_a_recurrence_that_is_a_condition_of_its_own_is_one() -> None:
    again = cancer("snomed 1", name="again", code={"text": "Local recurrence of malignant tumor of breast"})
    assert record(BREAST, again)["disease"] == "recurrent"
    assert record(BREAST, cancer("snomed 314955001", name="again"))["disease"] == "recurrent"
    denied = cancer("snomed 1", name="again", code={"text": "Breast cancer, no recurrence"})
    assert "disease" not in record(BREAST, denied)


# ---- which cancer


@pytest.mark.parametrize(
    ("one", "other"), [("C50.911", "C50.912"), ("C64.1", "C64.2"), ("C34.11", "C34.12"), ("C56.1", "C56.2")]
)
def test_both_sides_of_icd_10_cm_are_two_cancers(one: str, other: str) -> None:
    both = cancer(f"icd10 {one}", name="a"), cancer(f"icd10 {other}", name="b")
    assert "on two sides" in refusal(*both, given="lung_nsclc" if one.startswith("C34") else None)


def of_morphology(site: str, code: str, **more: Any) -> list[dict[str, Any]]:
    """Return a condition and an observation of its morphology."""
    return [cancer(f"icd10 {site}"), seen("loinc 59847-4", said(f"icdo3 {code}"), **more)]


@pytest.mark.parametrize(
    ("site", "code", "why"),
    [
        ("C50.4", "8500/2", "only in situ"),
        ("C50.4", "9020/3", "no table covers"),
        ("C50.4", "9120/3", "no table covers"),
        ("C64", "8120/3", "no table covers"),
    ],
)
def test_a_morphology_that_no_table_covers_is_refused(site: str, code: str, why: str) -> None:
    refused = refusal(*of_morphology(site, code))
    assert why in refused
    assert code in refused
    assert "item" not in refused  # nobody asked about a registry


@pytest.mark.parametrize(
    ("site", "code", "expected"),
    [("C16.9", "8936/3", "gist"), ("C43.5", "8743/3", "melanoma"), ("C44.4", "8247/3", "merkel_cell")],
)
def test_site_and_morphology_together_say_which_cancer(site: str, code: str, expected: str) -> None:
    assert record(*of_morphology(site, code))["cancer"] == expected


def test_where_the_morphology_says_only_that_it_is_malignant_the_condition_says_more() -> None:
    assert record(*of_morphology("C43.5", "8000/3"))["cancer"] == "melanoma"


def test_what_follows_from_the_morphology_is_stated() -> None:
    assert record(*of_morphology("C16.9", "8936/3"))["primary_site"] == "stomach"
    assert record(*of_morphology("C34.1", "8070/3"))["histology"] == "squamous"


def test_cancer_in_situ_beside_invasive_cancer_does_not_count() -> None:
    both = [*of_morphology("C50.4", "8500/3"), seen("loinc 59847-4", said("icdo3 8500/2"), id="beside")]
    assert record(*both)["cancer"] == "breast"


def test_a_morphology_is_that_of_the_cancer_it_is_about() -> None:
    other = cancer("icd10 C18.2", name="other")
    about = {"focus": [{"reference": "https://a.org/fhir/Condition/other/_history/3"}]}
    found = [BREAST, other, seen("loinc 59847-4", said("icdo3 8140/3"), **about)]
    assert read(*found, given="breast").refused is None
    assert read(*found, given="colon").record["cancer"] == "colon"


@pytest.mark.parametrize(
    "reference", ["Condition/other/_history/2", "https://a.org/fhir/Condition/other", "Condition/other"]
)
def test_another_cancer_is_known_by_every_way_of_referring_to_it(reference: str) -> None:
    other = cancer("icd10 C18.2", name="other")
    size = seen(SIZE, number(70, "mm"), focus=[{"reference": reference}])
    assert "tumour_size_mm" not in read(BREAST, other, size, given="breast").record


# ---- the operation and what came before


@pytest.mark.parametrize("code", ["ops 5-399.5", "ops 5-144", "snomed 43075005"])
def test_another_operation_is_not_the_one_that_removed_the_cancer(code: str) -> None:
    chemotherapy = operation("2024-02-01", "snomed 367336001")
    port, removed = operation("2024-01-10", code), operation("2024-06-01")
    assert record(BREAST, port, chemotherapy, removed)["neoadjuvant_therapy"] == "yes"


def test_every_cancer_has_operations_and_every_one_of_them_a_table() -> None:
    told = {*CODES.surgery.codes} | {*CODES.surgery.words}
    assert told == {*RULES.names} - {"other_solid"}


@pytest.mark.parametrize(
    ("of", "said_of_it", "removes"),
    [
        (BREAST, "Left modified radical mastectomy", True),
        (BREAST, "Excisional biopsy of breast", False),
        (PROSTATE, "Laparoscopic radical prostatectomy, including robotic assistance", True),
        (PROSTATE, "Transurethral resection of prostate (TURP), prostatectomy", False),
        (cancer("icd10 C67"), "Radical cystectomy", True),
        (cancer("icd10 C67"), "Laparoscopic cholecystectomy", False),
        (LUNG, "Right upper lobectomy", True),
        (LUNG, "Lobectomy of thyroid", False),
    ],
)
def test_an_operation_without_a_known_code_is_known_by_its_words(
    of: dict[str, Any], said_of_it: str, removes: bool
) -> None:
    done = {**operation("2024-06-01"), "code": {"text": said_of_it}}
    before = operation("2024-02-01", "snomed 367336001")
    found = record(of, done, before, seen("loinc 2857-1", number(5, "ng/mL"), "2024-01-01"))
    assert (found.get("neoadjuvant_therapy") == "yes") is removes


@pytest.mark.parametrize("status", ["completed", "stopped", "in-progress"])
def test_treatment_that_was_begun_is_treatment(status: str) -> None:
    before = {**operation("2024-02-01", "snomed 367336001"), "status": status}
    assert record(BREAST, before, operation("2024-06-01"))["neoadjuvant_therapy"] == "yes"


@pytest.mark.parametrize("status", ["not-done", "entered-in-error", "preparation"])
def test_treatment_that_was_not_given_is_none(status: str) -> None:
    before = {**operation("2024-02-01", "snomed 367336001"), "status": status}
    assert "neoadjuvant_therapy" not in record(BREAST, before, operation("2024-06-01"))


@pytest.mark.parametrize(
    "drug",
    [
        {"medicationCodeableConcept": {"text": "Docetaxel 75 mg/m2 i.v."}},
        {
            "medicationReference": {"reference": "#m"},
            "contained": [{"resourceType": "Medication", "id": "m", "code": {"text": "pertuzumab"}}],
        },
        {"medicationReference": {"display": "Trastuzumab"}},
    ],
)
@pytest.mark.parametrize("kind", ["MedicationAdministration", "MedicationRequest", "MedicationStatement"])
def test_a_drug_of_the_table_s_options_is_treatment(kind: str, drug: dict[str, Any]) -> None:
    day = {"authoredOn" if kind == "MedicationRequest" else "effectiveDateTime": "2024-02-01"}
    given = {"resourceType": kind, "id": "d", "status": "completed", **drug, **day}
    done = operation("2024-06-01")
    assert record(BREAST, given, done)["neoadjuvant_therapy"] == "unknown"  # its name does not say what for
    for reason, expected in (("Breast cancer", "yes"), ("Rheumatoid arthritis", None)):
        of_it = {**given, "reasonCode": [{"text": reason}]}
        assert record(BREAST, of_it, done).get("neoadjuvant_therapy") == expected
    of_it = {**given, "reasonReference": [{"reference": "Condition/c"}]}
    assert record(BREAST, of_it, done)["neoadjuvant_therapy"] == "yes"
    for planned in ({"intent": "plan"}, {"doNotPerform": True}, {"status": "draft"}):
        assert "neoadjuvant_therapy" not in record(BREAST, {**given, **planned}, done)
    harmless = {**given, "medicationCodeableConcept": {"text": "Paracetamol"}}
    harmless.pop("medicationReference", None)
    assert "neoadjuvant_therapy" not in record(BREAST, harmless, operation("2024-06-01"))


def test_without_an_operation_what_pathology_found_says_when_it_was() -> None:
    chemotherapy = operation("2024-02-01", "snomed 367336001")
    counted = seen(REGIONAL, number(1, "1"), "2024-06-05")
    assert record(BREAST, chemotherapy, counted)["neoadjuvant_therapy"] == "yes"
    later = {**chemotherapy, "performedDateTime": "2024-08-01"}
    assert "neoadjuvant_therapy" not in record(BREAST, later, counted)
    undated = {key: value for key, value in chemotherapy.items() if key != "performedDateTime"}
    assert record(BREAST, undated, counted)["neoadjuvant_therapy"] == "unknown"
    assert "is left open" in notes(BREAST, undated, counted)


# ---- several values


def test_of_two_tumours_of_one_day_the_larger_is_measured() -> None:
    both = seen(SIZE, number(22, "mm"), "2024-06-05"), seen(SIZE, number(6, "mm"), "2024-06-05", id="other")
    assert record(BREAST, *both)["tumour_size_mm"] == 22
    assert "the largest was taken" in notes(BREAST, *both)


def test_what_is_left_after_the_first_operation_is_not_the_size_of_the_tumour() -> None:
    sizes = seen(SIZE, number(25, "mm"), "2024-06-05"), seen(SIZE, number(3, "mm"), "2024-06-25")
    operations = operation("2024-06-01"), operation("2024-06-20")
    assert record(BREAST, *sizes, *operations)["tumour_size_mm"] == 25
    assert record(BREAST, *sizes, operations[0])["tumour_size_mm"] == 25
    one = {"resourceType": "Specimen", "id": "s", "type": {"text": "Excision"}}
    corrected = [{**size, "specimen": {"reference": "Specimen/s"}} for size in sizes]
    assert record(BREAST, *corrected, one, operations[0])["tumour_size_mm"] == 3


def test_what_was_found_before_the_operation_is_not_what_it_found() -> None:
    examined = seen(SIZE, number(40, "mm"), "2024-05-01")
    assert "tumour_size_mm" not in record(BREAST, examined, operation("2024-06-01"))
    assert "was before the operation" in notes(BREAST, examined, operation("2024-06-01"))
    assert record(BREAST, examined)["tumour_size_mm"] == 40


@pytest.mark.parametrize("code", ["snomed 109889007", "icd10 D05.1"])
def test_cancer_in_situ_alone_is_refused_even_when_a_cancer_is_named(code: str) -> None:
    alone = cancer(code)
    assert "cancer in situ" in refusal(alone)
    assert "cancer in situ" in refusal(alone, given="breast")
    assert record(BREAST, {**alone, "id": "beside"})["cancer"] == "breast"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (number(1, "%", "<"), "negative"),
        (number(1, "%", ">="), "positive"),
        (number(10, "%", ">"), "positive"),
        (number(10, "%", "<"), None),
    ],
)
def test_an_open_share_of_cells_is_read_where_it_decides(value: dict[str, Any], expected: object) -> None:
    assert record(BREAST, seen("loinc 85329-1", value)).get("er") == expected


# ---- one person, all of what there is


def test_one_person_may_be_referred_to_in_several_ways() -> None:
    person = {"resourceType": "Patient", "id": "p1"}
    ways = ["Patient/p1", "Patient/p1/_history/2", "https://a.org/fhir/Patient/p1", "urn:uuid:p"]
    found = [
        {**seen(SIZE, number(20, "mm"), id=f"o{place}"), "subject": {"reference": way}}
        for place, way in enumerate(ways)
    ]
    entries = [{"resource": one} for one in (BREAST, *found)] + [
        {"fullUrl": "urn:uuid:p", "resource": person}
    ]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    assert read_bundle(bundle).record["tumour_size_mm"] == 20
    stranger = {"resource": {**found[0], "id": "x", "subject": {"reference": "Patient/p2"}}}
    assert "2 patients" in str(read_bundle({**bundle, "entry": [*entries, stranger]}).refused)


def test_a_page_of_several_is_said_to_be_one() -> None:
    page = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": PROSTATE}]}
    assert read_bundle(page).notes == ()
    first = {**page, "link": [{"relation": "next", "url": "https://a.org?page=2"}]}
    assert "one page of several" in read_bundle(first).notes[-1]


# ---- stains and the like


PROTEINS = ("loinc 81691-8", "loinc 81693-4", "loinc 81694-2")


def test_one_lost_repair_protein_is_deficiency_and_a_kept_one_says_nothing() -> None:
    lost, kept = said("snomed 260385009", text="Loss"), said("snomed 10828004", text="Intact")
    for code in PROTEINS:
        assert record(COLON, seen(code, lost))["mmr"] == "deficient"
        assert "mmr" not in record(COLON, seen(code, kept))
    stable = seen("loinc 81695-9", said("loinc LA14122-8"))
    assert record(COLON, stable, seen(PROTEINS[0], kept))["mmr"] == "proficient"
    assert record(COLON, stable, seen(PROTEINS[0], lost))["mmr"] == ["proficient", "deficient"]
    assert "tests differ" in notes(COLON, stable, seen(PROTEINS[0], lost))


def test_a_negative_stain_for_one_change_leaves_the_others_of_melanoma_open() -> None:
    stain, negative, positive = "loinc 85299-6", said("snomed 260385009"), said("snomed 10828004")
    melanoma = cancer("icd10 C43.5")
    assert record(melanoma, seen(stain, positive))["braf"] == "mutated"
    assert "braf" not in record(melanoma, seen(stain, negative))
    papillary = [cancer("icd10 C73"), seen("loinc 59847-4", said("icdo3 8260/3"))]
    assert record(*papillary, seen(stain, negative))["braf"] == "wild_type"


@pytest.mark.parametrize(
    ("of", "code", "value", "field", "expected"),
    [
        (cancer("icd10 C20"), "loinc 84885-3", said("snomed 10828004"), "margins", "positive"),
        (COLON, "loinc 84886-1", said("snomed 52101004"), "tumour_deposits", "present"),
        (LUNG, "loinc 83053-9", number(60, "%"), "pd_l1_percent", 60),
        (LUNG, "loinc 78205-2", said("snomed 10828004"), "alk", "positive"),
    ],
)
def test_findings_of_one_organ_are_read_there(
    of: Any, code: str, value: Any, field: str, expected: object
) -> None:
    assert record(of, seen(code, value))[field] == expected


# ---- what looks like more than it is


@pytest.mark.parametrize(
    "text",
    [
        "Breast cancer, no evidence of metastatic disease",
        "Ca breast, no known metastases",
        "Breast cancer - not metastatic",
        "Breast carcinoma, negative for metastases",
        "Suspected metastasis of breast cancer",
        "Metastasis ruled out, breast cancer",
        "Breast cancer without recurrence",
        "Fear of cancer recurrence",
        "Family history of metastatic breast cancer",
    ],
)
def test_what_is_denied_or_of_somebody_else_is_not_read_and_said_where_it_is_of_the_cancer(text: str) -> None:
    worded = {**BREAST, "code": concept("icd10 C50.4", text=text)}
    assert not {"metastasis", "disease"} & set(record(worded))
    assert "it was not read so" in notes(worded)
    beside = cancer("snomed 1", name="beside", code={"text": text})
    assert not {"metastasis", "disease"} & set(record(BREAST, beside))


def test_a_recurrence_of_another_cancer_is_said_and_not_stated() -> None:
    other = cancer("snomed 1", name="x", code={"text": "Recurrent basal cell carcinoma of nose"})
    assert "disease" not in record(BREAST, other)
    assert "names a recurrence, not whether of this cancer" in notes(BREAST, other)


def test_what_a_second_entry_of_the_same_cancer_says_holds() -> None:
    again = {**cancer("icd10 C50.9", name="again"), "stage": [{"summary": {"text": "Stage IV"}}]}
    assert record(BREAST, again)["metastasis"] == "present"
    came_back = cancer("icd10 C50.9", name="again")
    came_back["clinicalStatus"] = {"coding": [{"code": "recurrence"}]}
    assert record(BREAST, came_back)["disease"] == "recurrent"


def test_a_finding_that_says_why_it_has_no_value_asserts_nothing() -> None:
    asserted = seen("snomed 1098951000119108", {}, dataAbsentReason={"text": "not performed"})
    assert "metastasis" not in record(BREAST, asserted)
    assert record(BREAST, seen("snomed 1098951000119108", {}))["metastasis"] == "present"


def test_cancer_in_situ_elsewhere_does_not_stand_in_the_way_of_a_cancer_that_is_named() -> None:
    elsewhere = cancer("icd10 D06.9")
    assert "cancer in situ" in refusal(elsewhere)
    assert read(elsewhere, seen(SIZE, number(9, "mm")), given="breast").record == {
        "tumour_size_mm": 9,
    }


def test_what_is_about_another_condition_is_not_read() -> None:
    beside = cancer("icd10 D05.1", name="dcis")
    extent = seen(SIZE, number(60, "mm"), focus=[{"reference": "Condition/dcis"}])
    assert "tumour_size_mm" not in record(BREAST, beside, extent)


def test_a_morphology_of_another_tumour_gives_way_to_the_cancer_that_is_named() -> None:
    found = [BREAST, seen("loinc 59847-4", said("icdo3 8090/3"))]
    assert "if that is of another tumour, name the cancer" in refusal(*found)
    assert read(*found, given="breast").record["cancer"] == "breast"
    for benign in ("8211/0", "8500/6", "8720/6"):
        assert record(BREAST, seen("loinc 59847-4", said(f"icdo3 {benign}")))["cancer"] == "breast"
    node = {"resourceType": "Specimen", "id": "n", "type": {"text": "Lymph node"}}
    other = seen("loinc 59847-4", said("icdo3 9020/3"), specimen={"reference": "Specimen/n"})
    assert record(BREAST, other, node)["cancer"] == "breast"


@pytest.mark.parametrize(("code", "morphology"), [("C49.A2", "8936/3"), ("C22.9", "8170/3")])
def test_a_code_that_is_no_topography_of_icd_o_is_its_own_cancer(code: str, morphology: str) -> None:
    expected = {"C49.A2": "gist", "C22.9": "liver_hcc"}[code]
    assert record(*of_morphology(code, morphology))["cancer"] == expected


# ---- which operation


@pytest.mark.parametrize(
    "other",
    [
        {**operation("2010-01-01", "snomed 429400009")},
        {**operation("2010-01-01"), "code": {"text": "Excision of fibroadenoma of breast"}},
        {**operation("2023-12-01"), "code": {"text": "Risk-reducing mastectomy"}},
        {**operation("2023-12-01"), "code": {"text": "Right mastectomy"}},
        {**operation("2023-12-01"), "code": {"text": "Neoadjuvant chemotherapy prior to mastectomy"}},
        {**operation("2023-12-01"), "code": {"text": "Insertion of port catheter"}},
    ],
)
def test_an_operation_on_something_else_does_not_part_before_from_after(other: dict[str, Any]) -> None:
    left = cancer("icd10 C50.912")
    chemotherapy, removed = operation("2024-01-10", "snomed 367336001"), operation("2024-06-01")
    assert record(left, other, chemotherapy, removed)["neoadjuvant_therapy"] == "yes"


def test_an_operation_long_before_the_cancer_began_is_another_one() -> None:
    began = cancer("icd10 C50.4", onsetDateTime="2023-12-20")
    chemotherapy, removed = operation("2024-01-10", "snomed 367336001"), operation("2024-06-01")
    assert record(began, operation("2019-01-01"), chemotherapy, removed)["neoadjuvant_therapy"] == "yes"
    assert record(began, operation("2023-12-01"), chemotherapy, removed)["neoadjuvant_therapy"] == "unknown"


def test_a_lumpectomy_with_a_node_biopsy_is_an_operation() -> None:
    done = {**operation("2024-06-01"), "code": {"text": "Lumpectomy with sentinel lymph node biopsy"}}
    assert record(BREAST, operation("2024-01-10", "snomed 367336001"), done)["neoadjuvant_therapy"] == "yes"


def test_what_was_given_years_before_was_for_something_else() -> None:
    chemotherapy = operation("1995-01-10", "snomed 367336001")
    assert "neoadjuvant_therapy" not in record(BREAST, chemotherapy, operation("2024-06-01"))
    assert "was years before the operation" in notes(BREAST, chemotherapy, operation("2024-06-01"))


def test_the_same_day_in_another_time_zone_is_the_day_of_the_operation() -> None:
    size = seen(SIZE, number(22, "mm"), "2024-05-31T23:30:00Z")
    assert record(BREAST, size, operation("2024-06-01T09:00:00+11:00"))["tumour_size_mm"] == 22


# ---- counts again


@pytest.mark.parametrize("said_of_none", ["0/0", "0 of 0"])
def test_no_positive_node_of_none_examined_says_nothing(said_of_none: str) -> None:
    assert "nodes_positive" not in record(BREAST, seen(REGIONAL, {"valueString": said_of_none}))


def test_counts_of_two_days_may_be_of_two_operations_unless_one_corrects_the_other() -> None:
    first = seen(REGIONAL, number(2, "1"), "2024-03-22")
    second = seen(REGIONAL, number(3, "1"), "2024-04-08")
    assert record(BREAST, first, second)["nodes_positive"] == "3..5"
    assert record(BREAST, first, {**second, "status": "corrected"})["nodes_positive"] == 3
    assert record(BREAST, first, seen(REGIONAL, number(0, "1"), "2024-04-08"))["nodes_positive"] == 2
    assert (
        record(BREAST, first, {**first, "id": "again", "effectiveDateTime": "2024-04-08"})["nodes_positive"]
        == 2
    )


@pytest.mark.parametrize(
    ("of", "category", "field", "expected"),
    [
        (COLON, "pN1c", "tumour_deposits", "present"),
        (cancer("icd10 C43.5"), "pN1c", "in_transit_metastasis", "present"),
    ],
)
def test_what_a_category_says_beside_the_count_is_stated(
    of: Any, category: str, field: str, expected: str
) -> None:
    found = record(of, seen(REGIONAL, number(0, "1")), seen(PN, said(text=category)))
    assert (found["nodes_positive"], found[field]) == (0, expected)


@pytest.mark.parametrize(("category", "other"), [("ypN1a", "pN1a"), ("pN1b", ">=1"), ("pN2b", ">=1")])
def test_a_category_that_the_count_does_not_know_contradicts_no_positive_node(
    category: str, other: str
) -> None:
    found = seen(REGIONAL, number(0, "1")), seen(PN, said(text=category))
    assert record(BREAST, *found)["nodes_positive"] == [0, other]


def test_a_size_that_was_corrected_takes_the_place_of_the_first() -> None:
    sizes = seen(SIZE, number(25, "mm"), "2024-06-05"), seen(SIZE, number(15, "mm"), "2024-06-08")
    assert record(BREAST, *sizes)["tumour_size_mm"] == 25
    assert record(BREAST, sizes[0], {**sizes[1], "status": "amended"})["tumour_size_mm"] == 15


@pytest.mark.parametrize("said_of_it", ["2.5", "25"])
def test_a_number_in_words_without_a_unit_is_not_read(said_of_it: str) -> None:
    assert "tumour_size_mm" not in record(BREAST, seen(SIZE, {"valueString": said_of_it}))
    assert record(BREAST, seen(SIZE, {"valueString": "25 mm"}))["tumour_size_mm"] == "25 mm"


def test_groups_that_share_their_members_do_not_take_for_ever() -> None:
    levels = 40
    groups = [
        {
            **seen("loinc 77753-2", {}, id=f"{side}{level}"),
            "hasMember": [{"reference": f"Observation/{other}{level + 1}"} for other in "ab"],
        }
        for level in range(levels)
        for side in "ab"
    ]
    last = [seen(REGIONAL, number(2, "1"), id=f"{side}{levels}") for side in "ab"]
    assert record(BREAST, *groups, *last)["nodes_positive"] == 2


def test_every_field_that_a_reading_may_hold_has_its_column_in_a_cohort() -> None:
    columns = {*fields_read(CODES)}
    assert {name for kind in read_crosswalk("naaccr", RULES).kinds for name in kind.sets} <= columns
    letters = ["", "p", "yp", "rp"]
    categories = [f"N{digit}{more}" for digit in "0123" for more in ("", "a", "b", "c", "mi", "(i+)", "(i-)")]
    for cancer_name in RULES.names:
        readers = case_reader(RULES.get(cancer_name)).readers
        reader = readers.get("nodes_positive")
        for category in (f"{letter}{one}" for letter in letters for one in categories) if reader else ():
            value = as_count(reader, category)
            assert {*(reader.read(value).implied if value else ())} <= columns, (cancer_name, category)


def test_a_category_after_treatment_says_that_there_was_treatment() -> None:
    assert record(BREAST, seen(PN, said(text="ypN1a")))["neoadjuvant_therapy"] == "yes"
    assert "neoadjuvant_therapy" not in record(BREAST, seen(PN, said(text="pN1a")))
    undated = operation("", "snomed 367336001")
    assert record(BREAST, undated)["neoadjuvant_therapy"] == "unknown"
    assert record(BREAST, undated, seen(PN, said(text="ypN1a")))["neoadjuvant_therapy"] == "yes"
