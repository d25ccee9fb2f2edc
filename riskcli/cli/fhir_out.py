"""`riskcli assess --fhir-out FILE`: the answer as a FHIR R4 RiskAssessment as well."""

from __future__ import annotations

from datetime import date

from riskcli.cli.output import json_text, write_whole
from riskcli.errors import CaseError, Problem
from riskcli.evaluate import assess_facts
from riskcli.facts import Facts
from riskcli.interop.readings import Reading
from riskcli.interop.risk_assessment import risk_assessment
from riskcli.records import STDIN
from riskcli.report.blocks import report_words
from riskcli.words import say as word


def check_fhir_out(path: str | None) -> str | None:
    """Return where the resource goes.

    Raises:
        CaseError: to where the answer goes already.
    """
    if path == STDIN:
        raise CaseError([Problem(None, None, word("fhir_out.not_standard_output"))])
    return path


def write_risk_assessment(path: str, facts: Facts, today: date, reading: Reading | None = None) -> str:
    """Write the answer to a case, whole or not at all, and return what is to be said of it.

    Raises:
        CaseError: it cannot be written.
    """
    made = risk_assessment(assess_facts(facts, today), report_words(facts.table), today, reading)
    write_whole(path, json_text(made))
    return word("fhir_out.written", path=path)
