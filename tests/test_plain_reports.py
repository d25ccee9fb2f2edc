"""A plain pathology report, with what its dataset requires and in a report's own words, gets one level."""

from __future__ import annotations

from typing import Any

import pytest

import riskcli
from riskcli.loader import load_rules

NO_NODES_INVASION = {"LVI": "not identified", "margins": "negative"}
REPORTS: dict[str, list[dict[str, Any]]] = {
    "bladder": [
        {"pT": "pT3", "pN category": "pN0", "nodes examined": 18, "neoadjuvant": "no", **NO_NODES_INVASION},
        {"pT": "ypT0", "pN category": "ypN0", "nodes examined": 22, **NO_NODES_INVASION},
    ],
    "breast": [
        {
            "grade": "G2",
            "invasive tumour size": "18 mm",
            "positive nodes": 0,
            "nodes examined": 3,
            "ER": "positive",
            "PR": "positive",
            "HER2": "1+",
            **NO_NODES_INVASION,
        },
    ],
    "colon": [
        {
            "pT": "pT3",
            "positive nodes": 0,
            "nodes examined": 19,
            "tumour deposits": "absent",
            "PNI": "absent",
            "grade": "moderately differentiated",
            **NO_NODES_INVASION,
        },
    ],
    "cutaneous_squamous": [
        {
            "tumour size": "25 mm",
            "grade": "well differentiated",
            "PNI": "not identified",
            "invasion beyond fat": "no",
            **NO_NODES_INVASION,
        },
    ],
    "head_and_neck": [
        {
            "tumour site": "lateral tongue",
            "pT": "pT2",
            "depth of invasion": "7 mm",
            "positive nodes": 1,
            "nodes examined": 28,
            "ENE": "not identified",
            "PNI": "absent",
            "grade": "moderately differentiated",
            **NO_NODES_INVASION,
        },
        {
            "tumour site": "tonsil",
            "HPV status": "p16 positive",
            "pT": "pT2",
            "positive nodes": 2,
            "nodes examined": 31,
            "extranodal extension": "not identified",
            **NO_NODES_INVASION,
        },
        {
            "tumour site": "piriform sinus",
            "pT": "pT3",
            "positive nodes": 3,
            "nodes examined": 40,
            "extracapsular spread": "present",
            "PNI": "present",
            "grade": "poorly differentiated",
            "margins": "clear",
            "LVI": "present",
        },
    ],
    "kidney": [
        {
            "histological type": "clear cell",
            "pT": "pT1b",
            "tumour size": "55 mm",
            "Fuhrman grade": 2,
            "coagulative necrosis": "absent",
            "sarcomatoid features": "absent",
            "pN category": "pNX",
            **NO_NODES_INVASION,
        },
    ],
    "lung_nsclc": [
        {
            "histological type": "squamous cell carcinoma",
            "pT": "pT2a",
            "tumour size": "34 mm",
            "pleural invasion": "PL0",
            "pN category": "pN0",
            **NO_NODES_INVASION,
        },
        {
            "histological type": "invasive non-mucinous adenocarcinoma",
            "IASLC grade": "G2",
            "pT": "pT1c",
            "invasive tumour size": "23 mm",
            "VPI": "not identified",
            "pN category": "pN0",
            **NO_NODES_INVASION,
        },
        {
            "histological type": "adenocarcinoma",
            "grade": 3,
            "pT": "pT3",
            "tumour size": "58 mm",
            "VPI": "PL2",
            "LVI": "present",
            "pN category": "pN2",
            "margins": "negative",
        },
    ],
    "melanoma": [
        {
            "Breslow depth": "1.4 mm",
            "ulceration": "absent",
            "positive sentinel nodes": 0,
            "nodes examined": 2,
        },
        {"Breslow thickness": "0.6 mm", "ulceration": "absent"},
    ],
    "merkel_cell": [{"tumour size": "15 mm", "pT": "pT1", "pN category": "pN0", **NO_NODES_INVASION}],
    "oesophagus": [
        {
            "histological type": "adenocarcinoma",
            "pT": "ypT3",
            "positive nodes": "ypN0",
            "nodes examined": 27,
            "PNI": "not identified",
            "response to neoadjuvant therapy": "residual tumour",
            "neoadjuvant treatment": "CROSS",
            **NO_NODES_INVASION,
        },
        {
            "histological type": "squamous cell carcinoma",
            "pT": "pT1b",
            "positive nodes": 0,
            "nodes examined": 31,
            "grade": "poorly differentiated",
            "neoadjuvant": "no",
            **NO_NODES_INVASION,
        },
    ],
    "other_solid": [
        {"grade": "poorly differentiated", "positive nodes": 0, "nodes examined": 9, "LVI": "absent"}
    ],
    "pancreas": [
        {
            "pT": "pT2",
            "tumour size": "28 mm",
            "positive nodes": 3,
            "nodes examined": 22,
            "grade": "moderately differentiated",
            "PNI": "present",
            **NO_NODES_INVASION,
        },
        {
            "pT": "pT1c",
            "tumour size": "15 mm",
            "positive nodes": 0,
            "nodes examined": 18,
            "grade": "G2",
            "PNI": "not identified",
            **NO_NODES_INVASION,
        },
        {
            "pT": "ypT2",
            "positive nodes": 0,
            "nodes examined": 16,
            "PNI": "present",
            "LVI": "not identified",
            "margins": "R1",
        },
    ],
    "penile": [{"pT": "pT2", "grade": "G2", "PNI": "absent", "pN category": "pN0", **NO_NODES_INVASION}],
    "prostate": [
        {
            "ISUP grade group": 2,
            "pT": "pT2",
            "positive nodes": 0,
            "nodes examined": 8,
            "preoperative PSA": "6.1 ng/ml",
            **NO_NODES_INVASION,
        },
    ],
    "rectum": [
        {
            "pT": "ypT3",
            "positive nodes": 0,
            "nodes examined": 14,
            "PNI": "absent",
            "tumour deposits": "absent",
            "CRM": "negative",
            "grade": "G2",
            "LVI": "not identified",
        },
    ],
    "testis_nonseminoma": [{"LVI": "not identified", "markers after orchidectomy": "normal"}],
    "testis_seminoma": [
        {
            "tumour size": "32 mm",
            "rete testis": "not involved",
            "LVI": "not identified",
            "markers after orchidectomy": "normal",
        },
    ],
    "upper_tract_urothelial": [
        {"pT": "pT3", "pN category": "pNX", "grade": "high grade", **NO_NODES_INVASION},
    ],
}


def test_every_cancer_with_a_table_has_a_report_here() -> None:
    assert sorted(REPORTS) == sorted(load_rules().names)


@pytest.mark.parametrize(
    ("cancer", "report"), [(name, report) for name, reports in REPORTS.items() for report in reports]
)
def test_a_plain_report_gets_one_level(cancer: str, report: dict[str, Any]) -> None:
    answer = riskcli.assess({"cancer": cancer, **report})
    assert answer.likelihood.level is not None, f"{answer.likelihood.levels}: {answer.to_settle}"
    assert not [text for text in answer.warnings if "do not fit" in text]
    assert answer.options
    assert len(answer.reasons) == 1
