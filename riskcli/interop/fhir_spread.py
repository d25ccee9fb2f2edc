"""Known distant spread and recurrence, wherever FHIR says so, for the engine to turn away."""

from __future__ import annotations

import re
from collections.abc import Iterator

from riskcli.interop.fhir_condition import Condition, Conditions
from riskcli.interop.fhir_findings import Findings
from riskcli.interop.fhir_resources import objects, sayings, short

METASTASIS, DISEASE = "metastasis", "disease"
_PRESENT, _RECURRENT = "present", "recurrent"
_FOUR = re.compile(r"\bIV[A-C]?[0-9]?\b|\b(?i:stage) ?4[A-Ca-c]?\b")
_M1 = re.compile(r"(?<![A-Za-z])[acpry]*M1[a-d]?(?![A-Za-z0-9])")


def read_spread(findings: Findings, conditions: Conditions, chosen: Condition | None) -> None:
    """State distant spread and recurrence that conditions and stage groups name."""
    for condition in conditions.secondary[:1]:
        findings.add(METASTASIS, _PRESENT, condition.shown or condition.name, condition.name)
    if chosen and chosen.spread and not findings.has(METASTASIS):
        findings.add(METASTASIS, _PRESENT, chosen.shown, chosen.name)
    for stage, name in _stages(findings, chosen):
        _read_stage(findings, stage, name)
    for condition in (*conditions.recurrences, *([chosen] if chosen and chosen.recurrent else [])):
        if not findings.has(DISEASE):
            source = condition.shown if condition in conditions.recurrences else "clinicalStatus"
            findings.add(DISEASE, _RECURRENT, source, condition.name)


def _stages(findings: Findings, chosen: Condition | None) -> Iterator[tuple[str, str]]:
    """Give every stage that the condition or a stage group states, and where."""
    for stage in objects(chosen.resource, "stage") if chosen else ():
        for said in sayings(stage.get("summary")):
            if chosen:
                yield short(said), chosen.name
    for _, datum in findings.all_of(findings.codes.stage_groups.all):
        for said in datum.answer.texts if datum.answer else ():
            yield short(said), datum.reference


def _read_stage(findings: Findings, stage: str, name: str) -> None:
    """State spread where a stage means it; warn where it may mean it."""
    four = _FOUR.search(stage)
    if _M1.search(stage) or (four and findings.cancer in findings.codes.four_is_spread):
        if not findings.has(METASTASIS):
            findings.add(METASTASIS, _PRESENT, stage, name)
    elif four:
        findings.note("stage_four", stage=stage, name=name)
