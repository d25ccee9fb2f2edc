"""A plain pathology report, with what its dataset requires and in a report's own words, gets one level."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import riskcli
from riskcli.loader import load_rules

FILE = Path(__file__).parent / "data" / "plain_reports.yaml"
REPORTS: dict[str, list[dict[str, Any]]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))


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
