"""Known distant spread and recurrence, wherever FHIR says so, for the engine to turn away."""

from __future__ import annotations

import re
from collections.abc import Iterator

from riskcli.interop.fhir_condition import Condition, Conditions
from riskcli.interop.fhir_findings import Findings
from riskcli.interop.fhir_resources import name_of, objects, sayings, short

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
    if chosen and chosen.recurrent:
        findings.add(DISEASE, _RECURRENT, "clinicalStatus", chosen.name)
    for condition in conditions.recurrences:
        if not _of(condition, findings.cancer):
            findings.note("recurrence_of", name=condition.name, shown=condition.shown)
        elif not findings.has(DISEASE):
            findings.add(DISEASE, _RECURRENT, condition.shown, condition.name)


def _of(condition: Condition, cancer: str) -> bool:
    """Say whether a condition names the organ of a cancer, or says nothing in words."""
    said = " ; ".join(sayings(condition.resource.get("code"))).lower()
    return not said or any(word in said for word in cancer.split("_"))


def _stages(findings: Findings, chosen: Condition | None) -> Iterator[tuple[str, str]]:
    """Give every stage that the condition or a stage group states, and where."""
    for item in (chosen.found, *chosen.same) if chosen else ():
        for stage in objects(item.resource, "stage"):
            for said in sayings(stage.get("summary")):
                yield short(said), name_of(item.resource)
    for _, datum in findings.all_of(findings.codes.stage_groups.all):
        for said in datum.answer.texts if datum.answer else ():
            yield short(said), datum.reference


def _read_stage(findings: Findings, stage: str, name: str) -> None:
    """State spread where a stage means it; warn where it may mean it."""
    if re.search(findings.codes.denied_pattern, stage.lower()):
        return
    four = _FOUR.search(stage)
    if _M1.search(stage) or (four and findings.cancer in findings.codes.four_is_spread):
        if not findings.has(METASTASIS):
            findings.add(METASTASIS, _PRESENT, stage, name)
    elif four:
        findings.note("stage_four", stage=stage, name=name)
