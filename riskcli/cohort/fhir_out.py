"""The answers of a cohort as FHIR RiskAssessments, one a line, for every row that has an answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

from riskcli.cohort.reading import Cohort
from riskcli.cohort.sinks import write_records
from riskcli.cohort.whole import numbered_records
from riskcli.errors import CaseError
from riskcli.evaluate import assess_facts
from riskcli.interop.risk_assessment import risk_assessment
from riskcli.report.blocks import report_words


def write_risk_assessments(cohort: Cohort, path: str) -> int:
    """Write a resource for every row that has an answer, and return how many there are.

    Raises:
        CaseError: the cohort cannot be read on, or the file not be written.
    """
    count = 0

    def counted() -> Iterator[dict[str, Any]]:
        nonlocal count
        for resource in risk_assessments(cohort):
            count += 1
            yield resource

    write_records(counted(), path)
    return count


def risk_assessments(cohort: Cohort) -> Iterator[dict[str, Any]]:
    """Give a resource for every row that has an answer, in the order of the rows."""
    rowwise, words = cohort.rowwise, cache(report_words)
    today = rowwise.today or date.today()
    for _, record, reading in numbered_records(cohort):
        try:
            table = rowwise.rules.get(rowwise.name(record))
            answer = assess_facts(rowwise.facts(record, table), today)
            made = risk_assessment(answer, words(table), today, reading, rowwise.declared(record))
        except CaseError:  # the row's own answer says why
            continue
        yield made
