"""Every code of NAACCR that is read: what it stands for, on both sides of every boundary."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

import riskcli
from riskcli.case import case_reader
from riskcli.errors import OutOfScope
from riskcli.interop.codes import Codes
from riskcli.interop.crosswalk import read_crosswalk
from riskcli.interop.readings import Reading
from tests.registry_side import DATA, NAACCR, PLACES, READER, RULES, read, reading

STAGE_GROUPS = (
    "ajccTnmPathStageGroup",
    "ajccTnmPostTherapyStageGroup",
    "ajccTnmClinStageGroup",
    "derivedEod2018StageGroup",
)

MEANINGS: list[tuple[str, str, str, dict[str, Any]]] = [
    (
        "breast",
        "regionalNodesPositive",
        "nodes_positive",
        {"00": 0, "01": 1, "1": 1, "89": 89, "90": ">=90", "91": None, "94": None, "95": ">=1", "96": None}
        | {"97": ">=1", "98": None, "99": None},
    ),
    (
        "breast",
        "regionalNodesExamined",
        "nodes_examined",
        {"00": 0, "01": 1, "89": 89, "90": ">=90", "91": None, "95": None, "96": ">=1", "98": ">=1"}
        | {"99": None},
    ),
    ("breast", "tnmPathM", "metastasis", {"1": "present", "p1": "present", "0": None, "X": None, "88": None}),
    ("breast", "tnmClinM", "metastasis", {"1": "present", "1A": "present", "0": None}),
    *(
        (cancer, item, "metastasis", codes)
        for item in STAGE_GROUPS
        for cancer, codes in (
            ("breast", {"4": "present", "4A": "present", "3C": None, "88": None, "99": None}),
            ("penile", {"4": None, "3": None}),
        )
    ),
    ("breast", "summaryStage2018", "metastasis", {"1": None, "7": None, "9": None}),
    (
        "melanoma",
        "sentinelLymphNodesPositive",
        "nodes_positive",
        {"00": 0, "89": 89, "90": ">=90", "95": ">=1", "97": ">=1", "98": None, "99": None},
    ),
    (
        "melanoma",
        "sentinelLymphNodesExamined",
        "nodes_examined",
        {"00": 0, "89": 89, "90": ">=90", "95": None, "98": ">=1", "99": None},
    ),
    (
        "breast",
        "tumorSizePathologic",
        "tumour_size_mm",
        {"000": None, "001": "<=1", "002": 2, "400": 400, "988": 988, "989": None, "990": None, "998": None}
        | {"999": None},
    ),
    ("gist", "tumorSizeSummary", "tumour_size_mm", {"001": "<=1", "002": 2, "989": None, "999": None}),
    (
        "breast",
        "lymphVascularInvasion",
        "vascular_invasion",
        {"0": "absent", **dict.fromkeys("1234", "present")},
    ),
    ("breast", "lymphVascularInvasion", "vascular_invasion", dict.fromkeys("5789")),
    ("kidney", "lymphVascularInvasion", "vascular_invasion", {"2": "present", "3": None, "4": "present"}),
    ("liver_hcc", "lymphVascularInvasion", "vascular_invasion", {"2": "present", "3": None, "4": "present"}),
    (
        "thyroid_differentiated",
        "lymphVascularInvasion",
        "vascular_invasion",
        {"0": "absent", "1": None, "2": "absent", "3": "present", "4": "present", "9": None},
    ),
    (
        "kidney",
        "majorVeinInvolvement",
        "venous_thrombus",
        {"0": "absent", "1": "present", "4": "present", "8": None},
    ),
    (
        "breast",
        "rxSummSurgicalMargins",
        "margins",
        {"0": "negative", "1": "positive", "2": "positive", "7": None},
    ),
    ("breast", "rxSummSurgicalMargins", "margins", {"9": None, "6": None}),
    (
        "rectum",
        "circumferentialResectionMargin",
        "margins",
        {"0.0": "positive", "0.1": "positive", "1.0": "positive", "1.1": "negative", "99.9": "negative"}
        | {"XX.0": "negative", "XX.1": "negative", "XX.2": None, "XX.3": None, "XX.4": "negative"}
        | {"XX.6": "negative", "XX.7": None, "XX.9": None},
    ),
    ("colon", "circumferentialResectionMargin", "margins", {"0.0": "positive", "0.1": None, "XX.1": None}),
    (
        "breast",
        "gradePathological",
        "grade",
        {"1": 1, "2": 2, "3": 3, "A": 1, "B": 2, "C": 3, "D": 3, "9": None},
    ),
    ("breast", "gradePathological", "grade", {"L": None, "M": None, "H": None, "4": None, "8": None}),
    ("colon", "gradePathological", "grade", {"1": 1, "3": 3, "4": 3, "5": None, "9": None, "A": None}),
    ("lung_nsclc", "gradePathological", "grade", {"4": 3, "B": None, "9": None}),
    ("head_and_neck", "gradePathological", "grade", {"3": 3, "4": 3, "A": 1, "D": 3, "9": None}),
    ("liver_hcc", "gradePathological", "grade", {"3": 3, "4": 4, "5": None, "A": None}),
    ("kidney", "gradePathological", "grade", {"1": 1, "4": 4, "A": None, "D": None, "9": None}),
    (
        "upper_tract_urothelial",
        "gradePathological",
        "grade",
        {"1": 1, "3": 3, "L": "1..2", "H": "2..3", "4": None},
    ),
    ("endometrium", "gradePathological", "grade", {"1": 1, "3": 3, "4": None, "9": None}),
    ("ovary", "gradePathological", "grade", {"3": 3, "B": None, "L": None, "H": None}),
    (
        "soft_tissue_sarcoma",
        "gradePathological",
        "grade",
        {"3": 3, "H": "2..3", "A": None, "D": None, "4": None},
    ),
    (
        "prostate",
        "gradePathological",
        "grade_group",
        {"1": 1, "5": 5, "6": None, "E": "2..3", "A": None, "9": None},
    ),
    (
        "prostate",
        "gleasonPatternsPathological",
        "grade_group",
        {"11": 1, "33": 1, "14": None, "51": None, "34": 2, "43": 3, "25": "2..3", "35": 4, "44": 4, "53": 4}
        | {"45": 5, "54": 5, "55": 5, "39": None, "X6": None, "X9": None, "66": None},
    ),
    (
        "prostate",
        "gleasonScorePathological",
        "grade_group",
        {"01": None, "02": 1, "06": 1, "07": "2..3", "08": 4, "09": 5, "10": 5, "11": None, "X7": None},
    ),
    (
        "gist",
        "gradePathological",
        "mitoses_per_5mm2",
        {"L": "<=5", "H": ">5", "A": None, "9": None, "1": None},
    ),
    (
        "breast",
        "estrogenReceptorSummary",
        "er",
        {"0": "negative", "1": "positive", "7": None, "9": None, "2": None},
    ),
    ("breast", "progesteroneRecepSummary", "pr", {"0": "negative", "1": "positive", "7": None, "9": None}),
    (
        "breast",
        "estrogenReceptorPercntPosOrRange",
        "er_percent",
        {"000": "<1", "001": 1, "100": 100, "101": None, "R10": "1..10", "R99": "91..100", "XX7": None},
    ),
    ("breast", "her2OverallSummary", "her2", {"0": None, "1": "positive", "7": None, "9": None}),
    ("breast", "her2IshSummary", "her2", {"0": "negative", "2": None, "3": "positive", "9": None}),
    (
        "breast",
        "her2IhcSummary",
        "her2",
        {"0": "negative", "1": "negative", "2": None, "3": "positive", "4": "negative", "9": None},
    ),
    ("stomach", "her2OverallSummary", "her2", {"0": None, "1": "positive", "8": None}),
    (
        "breast",
        "ki67",
        "ki67_percent",
        {"0.0": 0, "0.1": 0.1, "100.0": 100, "100.1": None, "XXX.7": None, "XXX.9": None},
    ),
    (
        "breast",
        "oncotypeDxRecurrenceScoreInvasiv",
        "recurrence_score",
        {"000": 0, "100": 100, "101": None, "XX4": "<11", "XX5": ">=11", "XX6": None, "XX9": None},
    ),
    (
        "colon",
        "microsatelliteInstability",
        "mmr",
        {"0": "proficient", "1": "proficient", "2": "deficient", "8": None, "9": None},
    ),
    (
        "colon",
        "perineuralInvasion",
        "perineural_invasion",
        {"0": "absent", "1": "present", "8": None, "9": None},
    ),
    (
        "colon",
        "tumorDeposits",
        "tumour_deposits",
        {
            "00": "absent",
            "01": "present",
            "99": "present",
            "X1": "present",
            "X2": "present",
            "X8": None,
            "X9": None,
        },
    ),
    (
        "colon",
        "ceaPretreatmentLabValue",
        "preoperative_cea_ng_ml",
        {"0.0": 0, "0.1": 0.1, "9999.9": 9999.9, "XXXX.1": ">=10000", "XXXX.7": None, "XXXX.9": None},
    ),
    (
        "prostate",
        "psaLabValue",
        "preoperative_psa_ng_ml",
        {
            "0.0": None,
            "0.1": "<=0.1",
            "0.2": 0.2,
            "999.9": 999.9,
            "XXX.1": ">=1000",
            "XXX.2": None,
            "XXX.9": None,
        },
    ),
    (
        "liver_hcc",
        "afpPretreatmentLabValue",
        "afp_ng_ml",
        {"0.0": 0, "9999.9": 9999.9, "XXXX.1": ">=10000", "XXXX.8": None},
    ),
    (
        "testis_seminoma",
        "sCategoryPathological",
        "postoperative_markers",
        {"0": "normal", "1": "elevated", "3": "elevated", "4": None, "5": "normal", "9": None},
    ),
    (
        "testis_nonseminoma",
        "hcgPostOrchiectomyRange",
        "postoperative_markers",
        {"0": None, "1": "elevated", "4": "elevated", "5": None, "9": None},
    ),
    (
        "testis_nonseminoma",
        "afpPostOrchiectomyRange",
        "postoperative_markers",
        {"0": None, "1": "elevated", "4": "elevated", "5": None, "6": None, "9": None},
    ),
    ("testis_seminoma", "afpPostOrchiectomyRange", "postoperative_markers", {"0": None, "1": None}),
    (
        "testis_nonseminoma",
        "ldhPostOrchiectomyRange",
        "postoperative_markers",
        {"0": None, "1": None, "2": "elevated", "4": "elevated", "5": None},
    ),
    (
        "melanoma",
        "breslowTumorThickness",
        "breslow_mm",
        {
            "0.0": None,
            "0.1": "<=0.1",
            "0.2": 0.2,
            "99.9": 99.9,
            "XX.1": ">=100",
            "A0.1": ">=0.1",
            "A9.9": ">=9.9",
        }
        | {"AX.0": ">9.9", "XX.8": None, "XX.9": None, "A0.0": None},
    ),
    ("melanoma", "ulceration", "ulceration", {"0": "absent", "1": "present", "8": None, "9": None}),
    (
        "lung_nsclc",
        "visceralParietalPleuralInvasion",
        "visceral_pleural_invasion",
        {"0": "absent", "4": "present", "5": "present", "6": None, "8": None, "9": None},
    ),
    (
        "lung_nsclc",
        "egfrMutationalAnalysis",
        "egfr",
        {"0": "wild_type", "1": None, "2": None, "4": None, "9": None},
    ),
    ("lung_nsclc", "alkRearrangement", "alk", {"0": "negative", "1": "positive", "4": "positive", "7": None}),
    (
        "lung_nsclc",
        "pdl1",
        "pd_l1_percent",
        {"0.0": 0, "100.0": 100, "XXX.2": None, "XXX.4": None, "XXX.9": None},
    ),
    (
        "kidney",
        "sarcomatoidFeatures",
        "sarcomatoid",
        {"000": "absent", "001": "present", "100": "present", "R01": "present", "XX5": None, "XX6": "present"}
        | {"XX7": None, "XX9": None},
    ),
    (
        "head_and_neck",
        "extranodalExtensionHeadNeckPath",
        "extranodal_extension",
        {
            "0.0": "absent",
            "0.1": "present",
            "9.9": "present",
            "X.1": "present",
            "X.4": "present",
            "X.7": None,
            "X.9": None,
        },
    ),
    (
        "penile",
        "extranodalExtensionPath",
        "extranodal_extension",
        {"0": "absent", "1": "present", "7": None, "9": None},
    ),
    (
        "ovary",
        "residualTumVolPostCytoreduction",
        "residual_disease",
        {"00": "absent", "50": "present", "70": "present"},
    ),
    ("ovary", "residualTumVolPostCytoreduction", "residual_disease", {"80": None, "97": None, "99": None}),
    ("vulva", "p16", "p16", {"0": "negative", "1": "positive", "8": None}),
    (
        "merkel_cell",
        "profoundImmuneSuppression",
        "immunosuppression",
        {"0": "no", "1": "yes", "6": "yes", "7": None, "9": None},
    ),
    (
        "ovary",
        "figoStage",
        "t_category",
        {
            "1A": "T1a",
            "1C": ["T1c1", "T1c2", "T1c3"],
            "1C3": "T1c3",
            "2B": "T2b",
            "3A1": None,
            "3A2": "T3a",
            "3C": "T3c",
        }
        | {"3": None, "98": None, "99": None},
    ),
    (
        "endometrium",
        "figoStage",
        "t_category",
        {
            "1": ["T1a", "T1b"],
            "1A": "T1a",
            "1B": "T1b",
            "2": "T2",
            "3B": "T3b",
            "3C1": None,
            "4A": "T4",
            "99": None,
        },
    ),
    ("vulva", "figoStage", "t_category", {"1A": "T1a", "1B": "T1b", "2": "T2", "3": None, "99": None}),
    (
        "breast",
        "ajccTnmPathT",
        "t_category",
        {"pT1c": "pT1c", "pT4d": "pT4d", "pTX": None, "88": None, "pT9": None, "pT1mi": "pT1mi"},
    ),
    (
        "lung_nsclc",
        "ajccTnmPathN",
        "n_category",
        {"pN0": "pN0", "pN2b": "pN2b", "pN3": None, "pNX": None, "88": None},
    ),
    ("bladder", "derivedEod2018N", "n_category", {"N0": "N0", "N3": "N3", "NX": None, "88": None}),
    ("breast", "derivedEod2018T", "t_category", {"T1c": "T1c", "TX": None, "88": None}),
    (
        "kidney",
        "regionalNodesPositive",
        "n_category",
        {"00": "N0", "01": "N1", "90": "N1", "97": "N1", "98": None},
    ),
    (
        "bladder",
        "regionalNodesPositive",
        "n_category",
        {"00": "N0", "01": ["N1", "N2", "N3"], "98": None, "99": None},
    ),
    ("lung_nsclc", "regionalNodesPositive", "n_category", {"00": "N0", "01": ["N1", "N2"], "98": None}),
    (
        "merkel_cell",
        "regionalNodesPositive",
        "n_category",
        {"00": "N0", "95": ["N1a", "N1b", "N3"], "99": None},
    ),
    (
        "breast",
        "sex",
        "sex",
        {"1": "male", "2": "female", "3": None, "4": None, "5": "male", "6": "female", "9": None},
    ),
    ("breast", "sexAssignedAtBirth", "sex", {"1": "male", "2": "female", "9": None}),
    ("breast", "ageAtDiagnosis", "age_years", {"000": 0, "071": 71, "120": 120, "121": None, "999": None}),
    (
        "breast",
        "neoadjuvantTherapy",
        "neoadjuvant_therapy",
        {"0": "no", "1": "yes", "2": "yes", "3": "no", "4": None, "9": None},
    ),
    (
        "breast",
        "rxSummSystemicSurSeq",
        "neoadjuvant_therapy",
        {"0": None, "2": "yes", "3": None, "4": "yes", "7": None},
    ),
    (
        "rectum",
        "rxSummSurgRadSeq",
        "neoadjuvant_therapy",
        {"0": None, "2": "yes", "3": None, "4": "yes", "9": None},
    ),
    (
        "breast",
        "eodMets",
        "metastasis",
        {"00": None, "05": None, "10": "present", "70": "present", "99": None},
    ),
    (
        "breast",
        "ajccTnmPathM",
        "metastasis",
        {"pM1": "present", "cM1": "present", "pM1a": "present", "cM0": None},
    ),
    (
        "breast",
        "ajccTnmClinM",
        "metastasis",
        {"cM1": "present", "cM0": "absent", "cM0(i+)": "absent", "88": None},
    ),
    ("breast", "derivedEod2018M", "metastasis", {"M1": "present", "M1c": "present", "M0": None, "88": None}),
    ("breast", "metsAtDxBone", "metastasis", {"0": None, "1": "present", "8": None, "9": None}),
    ("ovary", "figoStage", "metastasis", {"3C": None, "4": "present", "4A": "present", "4B": "present"}),
    ("cervix", "figoStage", "metastasis", {"4A": None, "4B": "present"}),
    (
        "stomach",
        "histologicTypeIcdO3",
        "histology",
        {"8144": "intestinal", "8145": "diffuse", "8140": None, "8255": "mixed"},
    ),
    (
        "soft_tissue_sarcoma",
        "histologicTypeIcdO3",
        "histology",
        {
            "8851": "well_differentiated_liposarcoma",
            "8800": None,
            "8804": "other",
            "9043": "synovial_sarcoma",
        },
    ),
]


@pytest.mark.parametrize(
    ("cancer", "item", "field", "codes"), MEANINGS, ids=[f"{m[0]}:{m[1]}" for m in MEANINGS]
)
def test_a_code_stands_for(cancer: str, item: str, field: str, codes: dict[str, Any]) -> None:
    assert {code: read(cancer, field, **{item: code}) for code in codes} == codes


@pytest.mark.parametrize("item", ["ajccTnmPathStageGroup", "derivedEod2018StageGroup", "summaryStage2018"])
def test_a_stage_that_may_mean_distant_spread_is_said(item: str) -> None:
    code = "7" if item == "summaryStage2018" else "4"
    assert any("the answer holds only where" in note for note in reading("penile", **{item: code}).notes)


@pytest.mark.parametrize(
    ("cancer", "items", "field", "value"),
    [
        ("breast", {"regionalNodesPositive": "00", "ajccTnmPathN": "pN2a"}, "nodes_positive", [0, "pN2a"]),
        ("breast", {"regionalNodesPositive": "05", "ajccTnmPathN": "pN0"}, "nodes_positive", [5, "pN0"]),
        ("breast", {"regionalNodesPositive": "05", "ajccTnmPathN": "pN2a"}, "nodes_positive", 5),
        ("breast", {"regionalNodesPositive": "05", "ajccTnmPathN": "pNX"}, "nodes_positive", 5),
        (
            "breast",
            {"regionalNodesPositive": "00", "sentinelLymphNodesPositive": "02"},
            "nodes_positive",
            [0, ">=2"],
        ),
        ("breast", {"regionalNodesPositive": "03", "sentinelLymphNodesPositive": "02"}, "nodes_positive", 3),
        (
            "breast",
            {"regionalNodesPositive": "97", "sentinelLymphNodesPositive": "02"},
            "nodes_positive",
            ">=1",
        ),
        ("breast", {"regionalNodesPositive": "00", "ajccTnmPathN": "ypN1a"}, "nodes_positive", [0, "pN1a"]),
        ("cervix", {"regionalNodesPositive": "00", "figoStage": "3C1"}, "nodes_positive", [0, ">=1"]),
        ("colon", {"regionalNodesPositive": "00", "ajccTnmPathN": "pN1c"}, "tumour_deposits", "present"),
        ("lung_nsclc", {"ajccTnmPathN": "pN0", "regionalNodesPositive": "03"}, "n_category", ["pN0", "N+"]),
        ("lung_nsclc", {"ajccTnmPathN": "pN1", "regionalNodesPositive": "00"}, "n_category", ["pN1", "N0"]),
        ("lung_nsclc", {"ajccTnmPathN": "pN1", "regionalNodesPositive": "98"}, "n_category", "pN1"),
    ],
)
def test_what_does_not_fit_may_hold_as_well_and_is_said(
    cancer: str, items: dict[str, str], field: str, value: object
) -> None:
    found = reading(cancer, **items)
    assert found.record[field] == value
    said = any("do not fit together" in note for note in found.notes)
    assert said is isinstance(value, list)


def test_every_step_has_codes_on_trial() -> None:
    tried = {(item, field) for _, item, field, _ in MEANINGS}
    same = {"metsAtDxBrain", "metsAtDxDistantLn", "metsAtDxLiver", "metsAtDxLung", "metsAtDxOther"}
    yp = {
        "ajccTnmPostTherapyT",
        "ajccTnmPostTherapyN",
        "ajccTnmPostTherapyM",
        "gradePostTherapy",
        "gradeClinical",
        "residualCancerBurdenClass",
        "neoadjuvTherapyTreatmentEffect",
    }
    left = {(step.item, step.field) for step in NAACCR.steps if step.item not in same | yp} - tried
    assert left == set()


# ---- the code tables of the staging library as a foreign oracle

EOD: dict[str, list[tuple[str, list[str]]]] = json.loads(
    (DATA / "eod_codes.json").read_text(encoding="utf-8")
)
UNKNOWN_CODE = "this is no code of the item"


def ends(codes: str) -> list[str]:
    """Return the single codes, and both ends of each range."""
    return [end for part in codes.split(", ") for end in re.split(r"(?<=[0-9])-(?=[A-Z]?[0-9])", part)]


@pytest.mark.parametrize("item", EOD)
def test_every_code_of_the_staging_library_is_known(item: str) -> None:
    checked = 0
    for codes, cancers in EOD[item]:
        for cancer in cancers:
            for code in ends(codes):
                found = reading(
                    cancer,
                    **{item: code, "neoadjuvantTherapy": "1"}
                    if item != "neoadjuvantTherapy"
                    else {item: code},
                )
                assert not [note for note in found.notes if UNKNOWN_CODE in note], (cancer, item, code)
                checked += 1
    assert checked


@pytest.mark.parametrize("item", EOD)
def test_no_code_is_read_that_the_staging_library_has_not(item: str) -> None:
    known: dict[str, list[Codes]] = {}
    for codes, cancers in EOD[item]:
        for cancer in cancers:
            known.setdefault(cancer, []).append(Codes(codes))
    checked, invented = 0, set()
    for step in (step for step in NAACCR.steps if step.item == item):
        for cancer in (cancer for cancer in known if step.applies(cancer)):
            for code in (end for codes in NAACCR.codes_of(step, cancer) for end in Codes(codes).ends()):
                checked += 1
                if not any(code in codes for codes in known[cancer]):
                    invented.add((cancer, code))
    assert checked
    assert invented == set()


@pytest.mark.parametrize(
    ("cancer", "code"), [("colon", "A"), ("rectum", "D"), ("lung_nsclc", "B"), ("breast", "8")]
)
def test_a_grade_of_another_organ_is_named_and_states_nothing(cancer: str, code: str) -> None:
    found = reading(cancer, gradePathological=code)
    assert "grade" not in found.record
    assert UNKNOWN_CODE in found.notes[-1]


def test_a_code_that_the_item_has_not_is_named_and_states_nothing() -> None:
    found = reading("breast", lymphVascularInvasion="7", regionalNodesPositive="9x")
    assert "vascular_invasion" not in found.record
    assert "nodes_positive" not in found.record
    assert sorted(found.notes) == [
        "item 1182 lymphVascularInvasion: 7: this is no code of the item for this cancer; left unknown",
        "item 820 regionalNodesPositive: 9x: this is no code of the item for this cancer; left unknown",
    ]


# ---- every value fits the table


@pytest.mark.parametrize("cancer", PLACES)
def test_every_value_of_every_code_is_read_by_the_table(cancer: str) -> None:
    reader = case_reader(RULES.get(cancer))
    checked = 0
    for step in NAACCR.steps:
        if not step.applies(cancer) or step.field not in reader.used:
            continue
        for codes, meaning in NAACCR.codes_of(step, cancer).items():
            for field, value in {step.field: meaning.value, **meaning.also}.items():
                if value is None or "{" in str(value) or field not in reader.used or codes == "989":
                    continue
                reader.readers[field].read(list(value) if isinstance(value, tuple) else value)
                checked += 1
    for kind in NAACCR.kinds:
        for field, value in kind.sets.items() if kind.cancer == cancer else ():
            if field in reader.used:
                reader.readers[field].read(list(value) if isinstance(value, tuple) else value)
    assert checked > 5


def test_every_cancer_of_the_tables_is_reached_but_the_one_for_no_cancer() -> None:
    assert {*PLACES} == {*RULES.names} - {"other_solid"}
    for cancer in PLACES:
        assert reading(cancer).record["cancer"] == cancer


def test_no_field_is_filled_that_the_cancer_has_not() -> None:
    everything = {item: "1" for item in NAACCR.items if item not in ("primarySite", "histologicTypeIcdO3")}
    for cancer, place in PLACES.items():
        found = READER.read({**everything, "behaviorCodeIcdO3": "3", **place, "rxSummSurgPrimSite": "50"})
        used = case_reader(RULES.get(cancer)).used | {"cancer", "ref"}
        assert {*found.record} <= used
        warnings = (
            riskcli.assess({**found.record, "metastasis": None, "nodes_examined": None}).warnings
            if _sound(found)
            else ()
        )
        assert not [warning for warning in warnings if "is not used" in warning]


def _sound(found: Reading) -> bool:
    record = {**found.record, "metastasis": None, "nodes_examined": None}
    try:
        riskcli.assess(record)
    except riskcli.CaseError:
        return False
    return found.refused is None


# ---- order: which of several items decides


def test_the_specimen_is_graded_before_the_biopsy_and_the_note_says_which() -> None:
    both = reading("breast", gradePathological="2", gradeClinical="3")
    assert (both.record["grade"], [note for note in both.notes if "grade" in note]) == (2, [])
    biopsy = reading("breast", gradePathological="9", gradeClinical="3")
    assert biopsy.record["grade"] == 3
    assert biopsy.notes == (
        "item 3843 gradeClinical: 3: the grade of the biopsy, because the specimen has none",
    )


def test_the_grade_after_treatment_counts_only_after_treatment() -> None:
    items = {"gradePathological": "9", "gradePostTherapy": "1", "gradeClinical": "3"}
    assert read("breast", "grade", **items, neoadjuvantTherapy="1") == 1
    assert read("breast", "grade", **items, rxSummSystemicSurSeq="2") == 1
    assert read("breast", "grade", **items, neoadjuvantTherapy="0") == 3
    assert read("breast", "grade", **items) == 3
    assert read("breast", "grade", gradePathological="2", gradePostTherapy="1", neoadjuvantTherapy="1") == 2


@pytest.mark.parametrize(
    ("cancer", "item", "codes"),
    [
        (
            "breast",
            "residualCancerBurdenClass",
            {"0": "complete", "1": "residual", "3": "residual", "7": None, "9": None, "4": None},
        ),
        (
            "breast",
            "neoadjuvTherapyTreatmentEffect",
            {"0": None, "1": None, "2": None, "3": "residual", "4": "residual", "6": None, "9": None},
        ),
        (
            "stomach",
            "neoadjuvTherapyTreatmentEffect",
            {"1": None, "2": "residual", "3": "residual", "4": "residual", "7": None},
        ),
        ("oesophagus", "neoadjuvTherapyTreatmentEffect", {"1": None, "2": "residual", "6": None}),
    ],
)
def test_the_response_to_treatment_is_read_only_after_treatment(
    cancer: str, item: str, codes: dict[str, str | None]
) -> None:
    treated = {
        code: read(cancer, "pathological_response", neoadjuvantTherapy="1", **{item: code}) for code in codes
    }
    assert treated == codes
    assert {read(cancer, "pathological_response", **{item: code}) for code in codes} == {None}


def test_an_organ_without_cancer_is_no_complete_response_while_the_nodes_are_open() -> None:
    found = reading("stomach", neoadjuvantTherapy="1", neoadjuvTherapyTreatmentEffect="1")
    assert "says nothing of the nodes" in found.notes[-1]


def test_the_grade_group_is_taken_from_the_gleason_items_only_where_the_grade_states_none() -> None:
    items = {"gleasonPatternsPathological": "43", "gleasonScorePathological": "09"}
    assert read("prostate", "grade_group", gradePathological="2", **items) == 2
    found = reading("prostate", gradePathological="9", **items)
    assert found.record["grade_group"] == 3
    assert "from the Gleason patterns" in found.notes[-1]
    assert (
        read("prostate", "grade_group", gleasonPatternsPathological="X6", gleasonScorePathological="08") == 4
    )


def test_a_biopsy_says_nothing_of_the_grade_group_of_the_specimen() -> None:
    assert read("prostate", "grade_group", gradePathological="9", gradeClinical="4") is None


def test_categories_after_treatment_come_first_after_treatment() -> None:
    items = {"ajccTnmPathT": "pT2", "ajccTnmPostTherapyT": "ypT1c", "derivedEod2018T": "T3"}
    assert read("breast", "t_category", **items) == "pT2"
    assert read("breast", "t_category", **items, neoadjuvantTherapy="1") == "ypT1c"
    assert read("breast", "t_category", **{**items, "ajccTnmPathT": "88"}) == "T3"


def test_all_nodes_come_before_sentinel_nodes() -> None:
    assert read("breast", "nodes_positive", regionalNodesPositive="03", sentinelLymphNodesPositive="01") == 3
    found = reading("breast", regionalNodesPositive="99", sentinelLymphNodesPositive="01")
    assert found.record["nodes_positive"] == 1
    assert "sentinel nodes only" in found.notes[0]
    assert reading("colon", sentinelLymphNodesPositive="01").record.get("nodes_positive") is None


def test_no_nodes_examined_is_unknown_not_negative() -> None:
    found = reading("breast", regionalNodesPositive="98", regionalNodesExamined="00")
    assert "nodes_positive" not in found.record
    assert found.record["nodes_examined"] == 0
    open_answer = riskcli.assess({"cancer": "breast", "grade": 2, "tumour_size_mm": 18})
    assert (
        riskcli.assess({**found.record, "grade": 2, "tumour_size_mm": 18}).likelihood
        == open_answer.likelihood
    )


def test_a_size_that_no_table_holds_is_left_and_an_exact_one_is_refused_by_the_engine() -> None:
    found = reading("breast", tumorSizePathologic="989")
    assert "tumour_size_mm" not in found.record
    assert "tumour_size_mm here cannot hold >=989; left unknown" in found.notes[-1]
    with pytest.raises(riskcli.CaseError, match="above 400"):
        riskcli.assess(reading("breast", tumorSizePathologic="432").record)


def test_her2_zero_is_resolved_by_the_tests_behind_it() -> None:
    assert read("breast", "her2", her2OverallSummary="0", her2IhcSummary="1") == "negative"
    assert (
        read("breast", "her2", her2OverallSummary="0", her2IhcSummary="2", her2IshSummary="0") == "negative"
    )
    assert read("breast", "her2", her2OverallSummary="0", her2IhcSummary="2") is None
    assert "negative or equivocal" in reading("breast", her2OverallSummary="0").notes[0]
    assert "negative or equivocal" in reading("stomach", her2OverallSummary="0").notes[0]
    assert reading("breast", her2OverallSummary="0", her2IhcSummary="1").notes == ()
    assert reading("breast", her2OverallSummary="0", her2IhcSummary="2", her2IshSummary="0").notes == ()
    assert "left unknown" in reading("breast", her2OverallSummary="0", her2IhcSummary="2").notes[0]


def test_macroscopic_residual_tumour_is_incomplete_treatment() -> None:
    found = reading("breast", rxSummSurgicalMargins="3")
    assert (found.record["margins"], found.record["local_treatment"]) == ("positive", "incomplete")


def test_any_item_that_states_metastasis_decides_over_one_that_states_none() -> None:
    found = reading("breast", ajccTnmClinM="cM0", metsAtDxLiver="1")
    assert found.record["metastasis"] == "present"
    with pytest.raises(OutOfScope):
        riskcli.assess(found.record)


def test_p16_of_the_oropharynx_is_its_hpv_state() -> None:
    place = {"primarySite": "C099", "histologicTypeIcdO3": "8070", "behaviorCodeIcdO3": "3"}
    found = {code: READER.read({**place, "schemaDiscriminator2": code}).record.get("hpv") for code in "129"}
    assert found == {"1": "negative", "2": "positive", "9": None}


# ---- what is no case


@pytest.mark.parametrize(
    ("items", "why"),
    [
        ({"behaviorCodeIcdO3": "2"}, "item 523 behaviorCodeIcdO3: 2: only in situ"),
        ({"behaviorCodeIcdO3": "1"}, "benign or of uncertain behaviour"),
        ({"behaviorCodeIcdO3": "6"}, "not an invasive primary tumour"),
        ({"rxSummSurgicalMargins": "8"}, "item 1320 rxSummSurgicalMargins: 8: no surgery"),
        ({"rxSummSurgPrimSite": "00"}, "no surgery"),
        ({"rxSummSurgPrimSite2023": "B000"}, "no surgery"),
    ],
)
def test_a_record_that_is_no_case_says_why(items: dict[str, str], why: str) -> None:
    found = reading("breast", patientIdNumber="7", **items)
    assert isinstance(found.refused, OutOfScope)
    assert why in str(found.refused)
    assert found.record["ref"] == "7"


@pytest.mark.parametrize(
    ("cancer", "code", "is_case"),
    [
        ("bladder", code, ok)
        for code, ok in {"27": False, "30": False, "50": True, "71": True, "99": True}.items()
    ]
    + [("bladder", "A270", False), ("bladder", "A500", True)]
    + [("prostate", code, ok) for code, ok in {"22": False, "30": False, "50": True, "70": True}.items()]
    + [("prostate", "A210", False), ("prostate", "A500", True), ("breast", "22", True)],
)
def test_an_organ_that_was_not_removed_as_a_whole_is_no_case(cancer: str, code: str, is_case: bool) -> None:
    item = "rxSummSurgPrimSite2023" if code.startswith("A") else "rxSummSurgPrimSite"
    assert (reading(cancer, **{item: code}).refused is None) is is_case


def test_codes_are_read_whatever_their_case_blanks_and_zeros() -> None:
    assert read("breast", "ki67_percent", ki67=" 7.5 ") == 7.5
    assert read("prostate", "preoperative_psa_ng_ml", psaLabValue="xxx.1") == ">=1000"
    assert read("breast", "nodes_positive", regionalNodesPositive="3") == 3
    assert read("breast", "nodes_positive", regionalNodesPositive="3.5") is None
    assert reading("breast", regionalNodesPositive="  ").notes == ()


def test_the_ends_of_codes_are_inside_them_and_their_neighbours_are_not() -> None:
    codes = Codes("01-89, A0.1-A9.9, cM1*")
    assert [code in codes for code in ("00", "01", "89", "90", "A0.1", "A9.9", "B0.1", "cM1b", "cM0")] == [
        *(False, True, True, False, True, True, False, True, False)
    ]
    assert list(codes.ends()) == ["01", "89", "A0.1", "A9.9"]


@pytest.mark.parametrize("name", ["naaccr", "cosd"])
def test_what_may_be_said_besides_is_a_field_of_the_crosswalk(name: str) -> None:
    crosswalk = read_crosswalk(name, RULES)
    besides = {field for step in crosswalk.fits for field in step.besides}
    assert besides
    assert besides <= {*crosswalk.fields}
